"""Chunks and gaps of both directions of a TLS connection in, its handshake out. What is kept is bounded: of encrypted
records only that they were there."""

from __future__ import annotations

from bisect import bisect_right
from struct import unpack_from

from dicomsniff.core import Direction
from dicomsniff.tcp.events import Chunk, Gap
from dicomsniff.tls.messages import RETRY, certificates, client_hello, is_tls13, server_hello
from dicomsniff.tls.values import Alert, Chain, ClientHello, Handshake, Sealed, ServerHello

CHANGE_CIPHER, ALERT, HANDSHAKE, APPLICATION = 20, 21, 22, 23
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, CERTIFICATE_REQUEST = 1, 2, 11, 13
PRE_SHARED_KEY = 41
HEADER = 5
LONGEST_RECORD = (1 << 14) + 2048  # RFC 5246 §6.2.3
LONGEST_MESSAGE = 128 << 10
"""Longest handshake message read: chains of certificates are below 20 KiB."""
KEPT = 16
"""Alerts, and encrypted records of each direction, that are kept."""
ENOUGH = 32 << 10
"""Bytes of encrypted data after which nothing new about the handshake can come."""


class _Side:
    """One direction: what of its bytes waits for the rest of a record or of a handshake message."""

    __slots__ = ("buffer", "lost", "message", "place", "sealed_bytes", "skip")

    def __init__(self) -> None:
        self.buffer, self.message = bytearray(), bytearray()
        self.place = (0, 0)  # packet and time of the byte at the front of the buffer
        self.skip = self.sealed_bytes = 0
        self.lost = False


class HandshakeReader:
    """Follows the records of one connection, both directions in any order."""

    def __init__(self) -> None:
        self._sides = (_Side(), _Side())
        self._client: ClientHello | None = None
        self._server: ServerHello | None = None
        self._chains: dict[Direction, Chain] = {}
        self._server_way = Direction.TO_INITIATOR
        self._request: int | None = None
        self._alerts: list[Alert] = []
        self._sealed: list[Sealed] = []
        self._counts = [0, 0]
        self._changed: set[Direction] = set()

    @property
    def done(self) -> bool:
        """Whether nothing more about the handshake can come: to be asked when both directions have been read equally far."""
        return all(side.lost or side.sealed_bytes > ENOUGH for side in self._sides) or (
            sum(side.sealed_bytes for side in self._sides) > 4 * ENOUGH
        )

    def feed(self, event: Chunk | Gap) -> None:
        """The next event of its direction. After a gap a direction says no more: records cannot be found again."""
        side = self._sides[event.direction]
        if side.sealed_bytes > ENOUGH:
            return
        if isinstance(event, Gap):
            side.lost = True
            side.buffer.clear()
        if side.lost or isinstance(event, Gap):
            return
        at = 0
        while at < len(event.data) and not side.lost:
            if side.skip:
                step = min(side.skip, len(event.data) - at)
                side.skip, at = side.skip - step, at + step
                continue
            if not side.buffer:
                side.place = _place(event, event.start + at)
            at = self._fill(event, side, at)

    def _fill(self, event: Chunk, side: _Side, at: int) -> int:
        """Take bytes up to the end of the present record, or its header; deal with it when it is whole."""
        wanted = HEADER if len(side.buffer) < HEADER else HEADER + unpack_from(">H", side.buffer, 3)[0]
        step = min(wanted - len(side.buffer), len(event.data) - at)
        side.buffer += event.data[at : at + step]
        if len(side.buffer) < HEADER:
            return at + step
        kind, length = side.buffer[0], unpack_from(">H", side.buffer, 3)[0]
        if not (CHANGE_CIPHER <= kind <= APPLICATION and side.buffer[1] == 3 and length <= LONGEST_RECORD):
            side.lost = True
            side.buffer.clear()
        elif kind == APPLICATION:
            self._seal(event.direction, side, kind, length)
            side.skip = length - (len(side.buffer) - HEADER)
            side.buffer.clear()
        elif len(side.buffer) == HEADER + length:
            self._record(event.direction, side, kind, bytes(side.buffer[HEADER:]))
            side.buffer.clear()
        return at + step

    def _seal(self, direction: Direction, side: _Side, kind: int, length: int) -> None:
        side.sealed_bytes += length
        if kind == ALERT and len(self._alerts) < KEPT:
            self._alerts.append(Alert(direction, *side.place, None, None))
        if self._counts[direction] < KEPT:
            self._counts[direction] += 1
            self._sealed.append(Sealed(direction, *side.place, length))

    def _record(self, direction: Direction, side: _Side, kind: int, body: bytes) -> None:
        if kind == CHANGE_CIPHER:
            self._changed.add(direction)
        elif direction in self._changed and not _clear(kind, body):
            self._seal(direction, side, kind, len(body))
        elif kind == ALERT and len(self._alerts) < KEPT:
            known = (body[0], body[1]) if len(body) == 2 else (None, None)
            self._alerts.append(Alert(direction, *side.place, *known))
        elif kind == HANDSHAKE:
            side.message += body
            self._messages(direction, side)

    def _messages(self, direction: Direction, side: _Side) -> None:
        while len(side.message) >= 4:
            length = int.from_bytes(side.message[1:4], "big")
            if length > LONGEST_MESSAGE:
                side.lost = True
            if side.lost or len(side.message) < 4 + length:
                return
            self._message(direction, side, side.message[0], bytes(side.message[4 : 4 + length]))
            del side.message[: 4 + length]

    def _message(self, direction: Direction, side: _Side, kind: int, body: bytes) -> None:
        if kind == CLIENT_HELLO and self._client is None:
            self._client, self._server_way = client_hello(body, *side.place), direction.opposite
        elif kind == SERVER_HELLO:
            self._server_way = direction
            hello = server_hello(body, *side.place)
            if hello is not None and hello.random != RETRY:
                self._server = hello
        elif kind == CERTIFICATE:
            chain = certificates(body)
            if chain is not None:
                self._chains.setdefault(direction, Chain(side.place[0], chain))
        elif kind == CERTIFICATE_REQUEST:
            self._request = side.place[0]

    def _resumed(self, back: Direction) -> bool:
        """TLS 1.3: the server took a pre-shared key (RFC 8446 §4.2.11); before, it changed its keys without a certificate."""
        if self._server is None:
            return False
        if is_tls13(self._server):
            return PRE_SHARED_KEY in self._server.extensions
        return back in self._changed and back not in self._chains

    def handshake(self) -> Handshake:
        """What was seen by now."""
        back = self._server_way
        return Handshake(
            client=self._client,
            server=self._server,
            server_chain=self._chains.get(back),
            client_chain=self._chains.get(back.opposite),
            certificate_request=self._request,
            alerts=tuple(self._alerts),
            sealed=tuple(self._sealed),
            changed=frozenset(self._changed),
            resumed=self._resumed(back),
            whole=not any(side.lost for side in self._sides),
        )


def _clear(kind: int, body: bytes) -> bool:
    """Whether a record after a ChangeCipherSpec is not encrypted: in TLS 1.3 that message means nothing, and hellos and
    alerts may follow (RFC 8446 §D.4); an encrypted record is longer than an alert and looks like no hello."""
    if kind == ALERT:
        return len(body) == 2
    hello = body[:1] in (bytes([CLIENT_HELLO]), bytes([SERVER_HELLO]))
    return hello and int.from_bytes(body[1:4], "big") == len(body) - 4


def _place(event: Chunk, offset: int) -> tuple[int, int]:
    """Packet and time of the segment that carried the byte at this stream offset."""
    at = max(0, bisect_right(event.starts, offset) - 1)
    return event.numbers[at], event.times[at]
