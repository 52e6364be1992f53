"""Packets as they pass: interfaces, pipes and growing files in, one live source of packet blocks out."""

from dicomsniff.capture.live.filters import kernel_filter
from dicomsniff.capture.live.source import LiveSource
from dicomsniff.capture.live.taps import Tap, open_file, open_interface, open_standard_input

__all__ = ["LiveSource", "Tap", "kernel_filter", "open_file", "open_interface", "open_standard_input"]
