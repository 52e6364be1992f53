"""Byte streams by magic number: a path in, its bytes (inflated where gzip or zstd) out, with a word on how they ended."""

import os
import stat
import zlib
from collections.abc import Callable
from contextlib import suppress
from errno import EINVAL
from io import FileIO
from typing import Protocol

from dicomsniff.capture.block import CaptureError

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"

_GZIP_PIECE = 64 << 10
"""Compressed bytes read at once."""
_GZIP_MOST = 1 << 20
"""Bytes that come of them at once: deflate may grow 1,032 times, ordinary captures hardly reach this."""
_ZSTD_PIECE = 4 << 10
_ZSTD_STEP = 256
"""The same for zstd, whose library cannot bound what comes of one call: four bytes can stand for a block of 128 KiB, so
that a step gives 8 MiB at worst."""

_CUT = "the compressed file ends in the middle; what it holds was read"


class ByteStream(Protocol):
    """The bytes of one file. `compression` is '', 'gz' or 'zst'; `cut` and `notes` say how it ended, once it has."""

    compression: str

    @property
    def cut(self) -> bool: ...
    @property
    def notes(self) -> list[str]: ...

    def readinto(self, target: memoryview) -> int:
        """Fills `target` from its start; fewer bytes than asked for are no end, 0 is."""
        ...

    def close(self) -> None: ...


class Inflater(Protocol):
    """What zlib and zstandard offer for one gzip member or zstd frame."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def open_stream(path: str) -> ByteStream:
    """Opens a file or named pipe. Raises OSError, also for a device, and CaptureError where zstandard is missing."""
    mode = os.stat(path).st_mode
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        raise OSError(EINVAL, "is a device, not a capture file", path)
    file = FileIO(path, "r")
    try:
        head = _exactly(file, 4)
        if head.startswith(GZIP):
            return CompressedStream(file, head, "gz", (GZIP,), _GzipMember, _GZIP_PIECE)
        if head == ZSTD:
            return CompressedStream(file, head, "zst", _ZSTD_STARTS, _zstd_frames(path), _ZSTD_PIECE)
        return PlainStream(file, head)
    except BaseException:
        file.close()
        raise


def _exactly(file: FileIO, length: int) -> bytes:
    """`length` bytes, fewer only at the end of the file: a pipe hands out what it has."""
    data = b""
    while len(data) < length and (more := file.read(length - len(data))):
        data += more
    return data


class PlainStream:
    """A file as it is; `head` is what was already read of it."""

    compression = ""
    cut = False

    def __init__(self, file: FileIO, head: bytes) -> None:
        self.notes: list[str] = []
        self._file = file
        self._head = head

    def readinto(self, target: memoryview) -> int:
        if self._head:
            length = min(len(self._head), len(target))
            target[:length] = self._head[:length]
            self._head = self._head[length:]
            return length
        return self._file.readinto(target) or 0

    def close(self) -> None:
        self._file.close()


class CompressedStream:
    """A gzip or zstd file inflated piece by piece; members or frames that follow one another are one stream."""

    def __init__(
        self,
        file: FileIO,
        head: bytes,
        compression: str,
        starts: tuple[bytes, ...],
        new: Callable[[], Inflater],
        piece: int,
    ) -> None:
        self.compression = compression
        self.cut = False
        self.notes: list[str] = []
        self._file = file
        self._input = head
        self._starts = starts
        self._new = new
        self._piece = piece
        self._inflater = new()
        self._output = memoryview(b"")
        self._ended = False

    def readinto(self, target: memoryview) -> int:
        while not self._output and not self._ended:
            self._output = memoryview(self._inflate())
        length = min(len(self._output), len(target))
        target[:length] = self._output[:length]
        self._output = self._output[length:]
        return length

    def close(self) -> None:
        self._file.close()

    def _inflate(self) -> bytes:
        if self._inflater.eof:
            self._next_member()
        elif not self._input:
            self._input = self._file.read(self._piece)
            if not self._input:
                held = self._inflater.decompress(b"")
                if held:
                    return held
                self._stop(_CUT)
        if self._ended or not self._input:
            return b""
        data, self._input = self._input, b""
        before = _copy(self._inflater)
        try:
            inflated = self._inflater.decompress(data)
        except Exception as error:  # zlib.error or zstandard.ZstdError, which may only be imported where it is used
            self._stop(f"the compressed file is damaged ({error}); what came before was read")
            return _salvage(before, data)
        self._input = self._inflater.unused_data if self._inflater.eof else _rest(self._inflater)
        return inflated

    def _next_member(self) -> None:
        self._input += _exactly(self._file, max(0, 4 - len(self._input)))
        if self._input.startswith(self._starts):
            self._inflater = self._new()
            return
        self._ended = True
        if self._input and any(start.startswith(self._input) for start in self._starts):
            self._stop(_CUT)
        elif self._input.strip(b"\0"):  # tapes and some copies pad with zeros
            self.notes.append("bytes after the end of the compressed data were left out")

    def _stop(self, note: str) -> None:
        self._ended = True
        self.cut = True
        self.notes.append(note)


class _GzipMember:
    """A gzip member that gives `_GZIP_MOST` bytes at a time; `rest` is what it could not take in for that."""

    def __init__(self, state: "zlib._Decompress | None" = None) -> None:
        self._state = state or zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._state.eof

    @property
    def unused_data(self) -> bytes:
        return self._state.unused_data

    @property
    def rest(self) -> bytes:
        return self._state.unconsumed_tail

    def decompress(self, data: bytes, /) -> bytes:
        return self._state.decompress(data, _GZIP_MOST)

    def copy(self) -> "_GzipMember":
        return _GzipMember(self._state.copy())


class _ZstdFrame:
    """A zstd frame that stops at `_GZIP_MOST` bytes or one step later; `rest` is what it did not take in for that."""

    def __init__(self, state: Inflater) -> None:
        self._state = state
        self._error: Exception | None = None
        self.rest = b""

    @property
    def eof(self) -> bool:
        return self._state.eof

    @property
    def unused_data(self) -> bytes:
        return self._state.unused_data + self.rest

    def decompress(self, data: bytes, /) -> bytes:
        if self._error is not None:
            raise self._error
        found: list[bytes] = []
        size = at = 0
        while at < len(data) and size < _GZIP_MOST and not self._state.eof:
            try:
                found.append(self._state.decompress(data[at : at + _ZSTD_STEP]))
            except Exception as error:  # zstandard.ZstdError; what came before the damage is given first
                if not found:
                    raise
                self._error = error
                break
            size += len(found[-1])
            at += _ZSTD_STEP
        self.rest = data[at:]
        return b"".join(found)


def _rest(inflater: Inflater) -> bytes:
    """Input that was not taken in."""
    return inflater.rest if isinstance(inflater, _GzipMember | _ZstdFrame) else b""


def _copy(inflater: Inflater) -> Inflater | None:
    """The state before a piece, where the library can keep it (zlib does, for microseconds; zstandard does not)."""
    copy: Callable[[], Inflater] | None = getattr(inflater, "copy", None)
    return copy() if copy else None


def _salvage(inflater: Inflater | None, data: bytes) -> bytes:
    """What the bytes before the damage in `data` stand for: they were lost with the call that met the damage."""
    found: list[bytes] = []
    if inflater is not None:
        with suppress(zlib.error):
            for position in range(len(data)):
                found.append(inflater.decompress(data[position : position + 1]))
    return b"".join(found)


_ZSTD_STARTS = (ZSTD, *(bytes((low, 0x2A, 0x4D, 0x18)) for low in range(0x50, 0x60)))
"""A frame or a skippable frame, RFC 8878 §3.1."""


def _zstd_frames(path: str) -> Callable[[], Inflater]:
    try:
        import zstandard
    except ImportError:
        raise CaptureError(
            f"{path} is zstd-compressed; pip install 'dicomsniff[compress]' or unpack it with 'zstd -d'"
        ) from None

    def frame() -> Inflater:
        return _ZstdFrame(zstandard.ZstdDecompressor().decompressobj())

    return frame
