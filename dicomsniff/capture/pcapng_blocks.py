"""The rare blocks of pcapng, one at a time: block bytes in, interfaces, statistics, secrets and comments out."""

from collections.abc import Iterator
from struct import Struct

from dicomsniff.core.tuples import NamedTuple

COMMENT = 1
IF_TSRESOL = 9
IF_TSOFFSET = 14
ISB_IFDROP = 5
ISB_OSDROP = 7
EPB_DROPCOUNT = 4

TLS_KEY_LOG = 0x544C534B
MICROSECONDS = 6
"""if_tsresol of an interface that states none: ten to the power of minus six."""
OFFSET_LIMIT = 1 << 40
"""Largest believable if_tsoffset in seconds; beyond it lies no date, only an overflow."""


class Interface(NamedTuple):
    """An Interface Description Block: link type, snap length (0 for none), if_tsresol as coded, if_tsoffset in seconds."""

    link_type: int
    snap_length: int
    resolution: int
    offset: int
    comments: tuple[str, ...]


def options(body: memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    """Code and value of each option in `body`; a list that does not fit ends where it stops making sense."""
    header = Struct(order + "HH").unpack_from
    position = 0
    while position + 4 <= len(body):
        code, length = header(body, position)
        if code == 0 or position + 4 + length > len(body):
            return
        yield code, body[position + 4 : position + 4 + length]
        position += 4 + (length + 3 & ~3)


def comments(body: memoryview, order: str) -> tuple[str, ...]:
    """Every opt_comment among the options of a block."""
    return tuple(text(value) for code, value in options(body, order) if code == COMMENT)


def text(value: memoryview) -> str:
    """A comment as text; bytes that are no UTF-8 are marked, not fatal."""
    return bytes(value).decode("utf-8", "replace").rstrip("\0")


def interface(body: memoryview, order: str) -> Interface:
    """An Interface Description Block without its frame of type and lengths; `body` has at least its 8 fixed bytes."""
    link_type, _, snap_length = Struct(order + "HHI").unpack_from(body)
    resolution, offset = MICROSECONDS, 0
    for code, value in options(body[8:], order):
        if code == IF_TSRESOL and len(value) >= 1:
            resolution = value[0]
        elif code == IF_TSOFFSET and len(value) >= 8:
            offset = Struct(order + "q").unpack_from(value)[0]
    offset = max(-OFFSET_LIMIT, min(offset, OFFSET_LIMIT))
    return Interface(link_type, snap_length, resolution, offset, comments(body[8:], order))


def drops(body: memoryview, order: str) -> tuple[int, int] | None:
    """Interface and packets dropped (by it and by the system) of an Interface Statistics Block; None if it counts none."""
    if len(body) < 12:
        return None
    unpack = Struct(order + "Q").unpack_from
    counts = [
        unpack(value)[0]
        for code, value in options(body[12:], order)
        if code in (ISB_IFDROP, ISB_OSDROP) and len(value) >= 8
    ]
    return (Struct(order + "I").unpack_from(body)[0], sum(counts)) if counts else None


def key_log(body: memoryview, order: str) -> bytes:
    """The TLS key log in a Decryption Secrets Block, ending in a newline; empty for other kinds of secrets."""
    if len(body) < 8:
        return b""
    kind, length = Struct(order + "II").unpack_from(body)
    if kind != TLS_KEY_LOG:
        return b""
    lines = bytes(body[8 : 8 + length])
    return lines if lines.endswith(b"\n") else lines + b"\n"
