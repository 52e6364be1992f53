"""A stream that takes work to read in, the same bytes out, the next block of them inflated while the last is looked at.

zlib leaves the interpreter free while it inflates, so on a second core it costs little time.
"""

from threading import Thread

from dicomsniff.capture.compressed import ByteStream

SMALLEST = 256 << 10
"""Who asks for less looks at the beginning of a file and may never come back."""


class AheadStream:
    """Reads one block ahead in a thread, once it is asked for whole blocks."""

    def __init__(self, stream: ByteStream) -> None:
        self.compression = stream.compression
        self._stream = stream
        self._thread: Thread | None = None
        self._buffers = [bytearray(), bytearray()]  # one is filled while the other is read
        self._filled = 0
        self._ready = memoryview(b"")
        self._error: BaseException | None = None

    @property
    def cut(self) -> bool:
        return self._stream.cut

    @property
    def notes(self) -> list[str]:
        return self._stream.notes

    def readinto(self, target: memoryview) -> int:
        if not self._ready and self._thread is not None:
            self._take()
        if self._ready:
            length = min(len(self._ready), len(target))
            target[:length] = self._ready[:length]
            self._ready = self._ready[length:]
        else:
            length = self._stream.readinto(target)
        if length and self._thread is None and len(target) >= SMALLEST:
            self._begin(len(target))
        return length

    def close(self) -> None:
        if self._thread is not None:
            self._thread.join()
        self._stream.close()

    def _begin(self, size: int) -> None:
        self._buffers.reverse()
        if len(self._buffers[0]) != size:
            self._buffers[0] = bytearray(size)
        self._thread = Thread(target=self._fill, args=(memoryview(self._buffers[0]),), daemon=True)
        self._thread.start()

    def _take(self) -> None:
        """Wait for the block that was begun. Raises what reading it raised."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._error is not None:
            raise self._error
        self._ready = memoryview(self._buffers[0])[: self._filled]

    def _fill(self, target: memoryview) -> None:
        done = 0
        try:
            while done < len(target) and (count := self._stream.readinto(target[done:])):
                done += count
        except BaseException as error:  # for the reader, who is in another thread
            self._error = error
        self._filled = done
