"""Reading ahead gives the bytes of the stream, however it is asked, and raises what the stream raises."""

import random

import pytest

from dicomsniff.capture.ahead import SMALLEST, AheadStream


class Source:
    """Bytes in pieces of any size; an error instead of the end where one is given."""

    compression, cut = "gz", False

    def __init__(self, data: bytes, error: Exception | None = None) -> None:
        self.notes: list[str] = []
        self.closed = False
        self._data, self._error, self._rng = memoryview(data), error, random.Random(1)

    def readinto(self, target: memoryview) -> int:
        if not self._data and self._error:
            raise self._error
        length = min(len(target), len(self._data), self._rng.randrange(1, 300_000))
        target[:length] = self._data[:length]
        self._data = self._data[length:]
        return length

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("size", [7_000, SMALLEST, SMALLEST + 1, 3 * SMALLEST])
def test_every_byte_comes_once_and_in_order(size: int) -> None:
    data = random.Random(2).randbytes(2_000_003)
    stream, found = AheadStream(Source(data)), b""
    while True:
        target = bytearray(size)
        count = stream.readinto(memoryview(target))
        if not count:
            break
        found += target[:count]
    assert found == data
    assert stream.readinto(memoryview(bytearray(9))) == 0


def test_questions_of_different_sizes_do_not_disturb_the_order() -> None:
    data = random.Random(3).randbytes(1_500_000)
    stream, found, rng = AheadStream(Source(data)), b"", random.Random(4)
    while count := stream.readinto(memoryview(target := bytearray(rng.choice((10, SMALLEST, 2 * SMALLEST))))):
        found += target[:count]
    assert found == data


def test_an_error_is_raised_where_its_block_is_read() -> None:
    stream = AheadStream(Source(bytes(SMALLEST), OSError("gone")))
    with pytest.raises(OSError, match="gone"):
        while stream.readinto(memoryview(bytearray(SMALLEST))):
            pass


def test_closing_waits_for_the_block_under_way() -> None:
    source = Source(bytes(10 * SMALLEST))
    stream = AheadStream(source)
    stream.readinto(memoryview(bytearray(4 * SMALLEST)))
    stream.close()
    assert source.closed
