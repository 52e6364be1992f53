"""Stored payloads in, Part 10 files and a manifest out."""

from dicomsniff.export.objects import ExportedObject, export_objects

__all__ = ["ExportedObject", "export_objects"]
