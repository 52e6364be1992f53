"""A fuzzer's bytes in, the small decisions a harness asks for out; where they are used up every answer is zero."""


class Choices:
    """Reads from the front; decisions cost few bytes, so that mutations of the bytes are mutations of the decisions."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        """Whether anything is left."""
        return self._at < len(self._data)

    def byte(self) -> int:
        """0 to 255."""
        return int.from_bytes(self.take(1), "little")

    def word(self) -> int:
        """0 to 65535."""
        return int.from_bytes(self.take(2), "little")

    def take(self, length: int) -> bytes:
        """The next bytes, fewer where fewer are left."""
        start, self._at = self._at, min(self._at + length, len(self._data))
        return self._data[start : self._at]

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._data))
