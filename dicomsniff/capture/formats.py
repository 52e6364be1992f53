"""What is this file? Its first bytes in, the name of a capture format or an error that says what it is instead out."""

import struct
from collections.abc import Sequence

from dicomsniff.capture.block import CaptureError
from dicomsniff.core.tuples import NamedTuple

HEAD_LENGTH = 4096
"""Bytes of a file that are enough to say what it is."""

SECTION_HEADER = 0x0A0D0D0A
BYTE_ORDER_MAGIC = 0x1A2B3C4D


class Flavour(NamedTuple):
    """How a pcap file is written: byte order ('<' or '>'), nanoseconds per fraction unit, length of a record header."""

    order: str
    fraction_ns: int
    record_header: int


PCAP_FLAVOURS = {
    bytes.fromhex("d4c3b2a1"): Flavour("<", 1000, 16),
    bytes.fromhex("a1b2c3d4"): Flavour(">", 1000, 16),
    bytes.fromhex("4d3cb2a1"): Flavour("<", 1, 16),
    bytes.fromhex("a1b23c4d"): Flavour(">", 1, 16),
    # Alexey Kuznetsov's patched libpcap of the 1990s, still written by some appliances: eight more bytes a record.
    bytes.fromhex("34cdb2a1"): Flavour("<", 1000, 24),
    bytes.fromhex("a1b2cd34"): Flavour(">", 1000, 24),
}

_UNPACK = "unpack it and give the capture inside"
_SAVE = "save packets with 'tcpdump -w field.pcap' or Wireshark's Save As and give that file"


class Foreign(NamedTuple):
    """A capture format that only other programs read: its short name, what to call such a file, and whether its link
    layer must be stated to a converter, as pcapng has no room for what stands before the frames."""

    name: str
    what: str
    as_ethernet: bool = False


_FOREIGN: tuple[tuple[bytes, Foreign], ...] = (
    (b"snoop\0\0\0", Foreign("snoop", "a Solaris snoop capture")),
    (b"btsnoop\0", Foreign("btsnoop", "a Bluetooth btsnoop capture")),
    (b"GMBU", Foreign("netmon 2", "a Microsoft Network Monitor 2 capture")),
    (b"RTSS", Foreign("netmon 1", "a Microsoft Network Monitor 1 capture")),
    (b"TRSNIFF data    \x1a", Foreign("sniffer", "a DOS Sniffer capture")),
    (b"XCP\0", Foreign("netxray", "a Windows Sniffer (NetXRay) capture")),
    (b"\x05VNF", Foreign("visual", "a Visual Networks capture")),
    (b"\x7fver", Foreign("peek", "a Savvius/WildPackets capture")),
    (b"ver\0", Foreign("peek", "a WildPackets Omnipeek capture")),
    (b"ObserverPktBuffe", Foreign("observer", "a Network Instruments Observer capture")),
    (b"iptrace ", Foreign("iptrace", "an AIX iptrace capture")),
    (b"TR\0d\0", Foreign("nettl", "an HP-UX nettl capture", True)),
    (b"\0\0\0\1\0\0\0\0\0\7\xd0\0", Foreign("nettl", "an HP-UX 9 nettl capture", True)),
    (b"\xaa\xaa\xaa\xaa", Foreign("5views", "an InfoVista 5View capture")),
    (b"\1\x10\x4c\0\1\5Trace Display", Foreign("lanalyzer", "a Novell LANalyzer capture")),
    (b"\x1c\x00\x01\xac", Foreign("ixia", "an Ixia capture")),
    (b"\xac\x01\x00\x1c", Foreign("ixia", "an Ixia capture")),
    (b"\x1c\x00\x01\xab", Foreign("ixia", "an Ixia capture")),
    (b"\xab\x01\x00\x1c", Foreign("ixia", "an Ixia capture")),
)
_ERF = Foreign("erf", "what seems to be an Endace ERF capture")

_MAGICS: tuple[tuple[int, bytes, str, str], ...] = (
    (128, b"DICM", "a DICOM Part 10 file, an object and not the traffic that carried it", _SAVE),
    (257, b"ustar", "a tar archive", _UNPACK),
    (0, b"PK\x03\x04", "a zip archive", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (0, b"Rar!", "a rar archive", _UNPACK),
    (0, b"\xfd7zXZ\0", "xz-compressed", "unpack it with 'xz -dk FILE' and give the result"),
    (0, b"BZh", "bzip2-compressed", "unpack it with 'bzip2 -dk FILE' and give the result"),
    (0, b"\x04\x22\x4d\x18", "lz4-compressed", "unpack it with 'lz4 -d FILE' and give the result"),
    (0, b"\x1f\x8b", "a gzip file inside a compressed file", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a zstd file inside a compressed file", _UNPACK),
    (0, b"%PDF-", "a PDF document", _SAVE),
    (0, b"\x89PNG", "a PNG picture", _SAVE),
    (0, b"\xff\xd8\xff", "a JPEG picture", _SAVE),
    (0, b"\x7fELF", "a program", _SAVE),
    (0, b"MZ", "a Windows program", _SAVE),
)


def identify(head: bytes) -> str | None:
    """The capture format of a file that starts with `head`: "pcap", "pcapng", or None; names play no part."""
    if head[:4] in PCAP_FLAVOURS:
        return "pcap"
    if head[:4] == SECTION_HEADER.to_bytes(4, "big") and byte_order(head[8:12]) != "":
        return "pcapng"
    return None


def foreign(head: bytes) -> Foreign | None:
    """The format of other tools that a file which starts with `head` is in; None where it is in none that is known."""
    for magic, found in _FOREIGN:
        if head.startswith(magic):
            return found
    return _ERF if _is_erf(head) else None


def byte_order(magic: bytes) -> str | None:
    """Byte order that a pcapng byte-order magic states: '<' or '>'; None if the file ends before it, '' if it is none."""
    if len(magic) < 4:
        return None
    for order in "<>":
        if struct.unpack(order + "I", magic)[0] == BYTE_ORDER_MAGIC:
            return order
    return ""


def refusal(path: str, head: bytes, notes: Sequence[str] = ()) -> CaptureError:
    """The error for a file that is no capture this package reads: what it is, as far as `head` shows, and what to do.

    `notes` say what hindered reading further.
    """
    if len(head) < 4 and notes:
        return CaptureError(f"{path} cannot be read: {notes[0]}; copy it again from where it was captured")
    if not head:
        return CaptureError(f"{path} is empty; capture again, and end tcpdump or dumpcap with Ctrl-C, not with kill -9")
    what, advice = _look(head)
    return CaptureError(f"{path} is not a pcap or pcapng capture but {what}; {advice}")


def _look(head: bytes) -> tuple[str, str]:
    for offset, magic, what, advice in _MAGICS:
        if head.startswith(magic, offset):
            return what, advice
    if not any(head):
        return "zeros, as a full disk or a broken copy leaves them", "copy it again from where it was captured"
    if len(head) < 4:
        return f"{len(head)} bytes, too few to tell", _SAVE
    if text := _look_at_text(head):
        return text
    return "something unknown", _SAVE


def _look_at_text(head: bytes) -> tuple[str, str] | None:
    start = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page, perhaps the error page of a download", "download the capture again"
    if start.startswith(b"<?xml"):
        return ("a Wireshark XML export" if b"pdml" in head or b"psml" in head else "an XML document"), _SAVE
    odd = any((byte < 32 and byte not in b"\t\r\n\f\x1b") or byte == 127 for byte in head)
    return None if odd else ("text, perhaps a log or what tcpdump prints", _SAVE)


def _is_erf(head: bytes) -> bool:
    """ERF has no magic: two records in a row with a time since 1995, a known type and a believable length make one likely."""
    position = 0
    for _ in range(2):
        if position + 16 > len(head):
            return False
        seconds, kind = struct.unpack_from("<4xIB", head, position)
        length, _, wire = struct.unpack_from(">HHH", head, position + 10)
        if not (0x2F000000 < seconds < 0x90000000 and 1 <= kind & 0x7F <= 48 and 24 <= length <= wire + 64):
            return False
        position += length
    return True
