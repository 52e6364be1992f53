"""Handshake messages of both directions in, each direction's in order; the handshake that a direction is in, out.

Up to TLS 1.2 there may be several (renegotiation, RFC 5246 §7.4.1): the first hello of the one side belongs to the first
of the other, the second to the second, in whatever order the directions are read.
"""

from __future__ import annotations

from dicomsniff.core import Direction
from dicomsniff.tls.agreement import Agreement
from dicomsniff.tls.keylog import Keys
from dicomsniff.tls.messages import RETRY, client_hello, server_hello

CLIENT_HELLO, SERVER_HELLO = 1, 2
FARTHEST = 64
"""Handshakes that one direction may be ahead of the other; who begins more is not answered."""


class Handshakes:
    """All handshakes of a connection; those that both directions have left are forgotten."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._all: dict[int, Agreement] = {}
        self._at = [-1, -1]
        self._none = Agreement(keys)

    def of(self, direction: Direction) -> Agreement:
        """The handshake that this direction is in, an empty one before its first hello."""
        return self._all.get(self._at[direction], self._none)

    def begun(self, direction: Direction) -> bool:
        """Whether a hello of this direction was heard; a HelloRetryRequest is none."""
        return self._at[direction] >= 0

    def hear(self, direction: Direction, message: bytes) -> None:
        """One whole handshake message, with its header."""
        if message[0] == CLIENT_HELLO:
            hello = client_hello(message[4:], 0, 0)
            if hello is None:
                return
            before = self.of(direction).client
            if before is None or before.random != hello.random:  # otherwise the answer to a HelloRetryRequest
                self._step(direction).begin(hello, direction)
        elif message[0] == SERVER_HELLO:
            answer = server_hello(message[4:], 0, 0)
            if answer is None or answer.random == RETRY:
                return
            self._step(direction).answer(answer)
        if self._at[direction] >= 0:
            self.of(direction).hear(direction, message)

    def _step(self, direction: Direction) -> Agreement:
        """The next handshake of this direction."""
        if self._at[direction] - self._at[direction.opposite] < FARTHEST:
            self._at[direction] += 1
        at = self._at[direction]
        for old in [number for number in self._all if number < min(self._at)]:
            del self._all[old]
        return self._all.setdefault(at, Agreement(self._keys))
