"""Files, pipes and interfaces in, blocks of packets out; the only room that reads packets."""

from dicomsniff.capture.block import CaptureError, CaptureFacts, PacketBlock
from dicomsniff.capture.source import CaptureSource, PacketSource, open_captures

__all__ = ["CaptureError", "CaptureFacts", "CaptureSource", "PacketBlock", "PacketSource", "open_captures"]
