"""Stored payloads in, Part 10 files and a manifest out."""

from dicomsniff.export.objects import ExportedObject, export_objects
from dicomsniff.export.wishes import ExportWish

__all__ = ["ExportWish", "ExportedObject", "export_objects"]
