"""The first encrypted records of a connection and the bytes of both directions in; whether they look like DICOM, a guess.

An association begins with one message of some hundred bytes, which is answered by another not much longer; a storing
client then sends far more than it receives, and what it receives are short responses (PS3.8 §7.1, PS3.7 §9.1.1).
"""

from __future__ import annotations

from dicomsniff.core import Direction
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.tls.values import TLS13, Handshake, Sealed

REQUEST = range(150, 40_000)
"""Bytes of an A-ASSOCIATE-RQ: a fixed part of 74, an application context of 25, one presentation context or 128 of them."""
ANSWER_LEAST = 100
RESPONSE_AT_MOST = 1500
"""Bytes of a response: a command set, rarely with an error comment or a list of attributes."""
BULK, TIMES = 100_000, 20
"""Bytes at least, and so many times those of the other direction, that make a transfer."""
_TICKET = range(150, 400)
"""Bytes of what a server of TLS 1.3 may send of itself: a NewSessionTicket."""


class Likeness(NamedTuple):
    """What was the request and the answer by their places and sizes (bytes of records), and the bytes of the transfer."""

    request_bytes: int
    answer_bytes: int
    transfer_bytes: int


def likeness(handshake: Handshake, to_responder: int, to_initiator: int) -> Likeness | None:
    """None where it does not look like a client that stores."""
    last = handshake.finish
    if last is None or not handshake.whole or handshake.client is None or handshake.client.protocols:
        return None  # whoever names a protocol (ALPN) is no DICOM
    if to_responder < BULK or to_responder < TIMES * to_initiator:
        return None
    asked = [each for each in handshake.sealed_by(Direction.TO_RESPONDER) if each.packet > last.packet]
    answers = _answers(handshake, asked)
    if not asked or not answers:
        return None
    request = sum(each.length for each in asked if each.time_ns <= answers[0].time_ns)
    fits = request in REQUEST and ANSWER_LEAST <= answers[0].length <= request + RESPONSE_AT_MOST
    short = all(each.length <= RESPONSE_AT_MOST for each in answers[1:])
    return Likeness(request, answers[0].length, to_responder - request) if fits and short else None


def _answers(handshake: Handshake, asked: list[Sealed]) -> list[Sealed]:
    """The server's records behind the client's first; of TLS 1.3 without tickets, which come in pairs of one size."""
    if not asked or handshake.server is None:
        return []
    theirs = [each for each in handshake.sealed_by(Direction.TO_INITIATOR) if each.time_ns > asked[0].time_ns]
    if handshake.server.version < TLS13:
        return theirs
    sizes = [each.length for each in theirs]
    return [
        each for each in theirs if not (each.length in _TICKET and sizes.count(each.length) == 2 and each in theirs[:2])
    ]
