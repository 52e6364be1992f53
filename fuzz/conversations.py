"""Stored conversations of OpenSSL in; what either side said, the packets that carried it, and the keys, out.

`python -m fuzz.conversations` makes them anew, with other keys each time.
"""

from __future__ import annotations

import base64
import json
import random
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dicomsniff.core import Direction

if TYPE_CHECKING:
    from tests.tls.openssl import Ends, Step, Turn

STORED = Path(__file__).parent / "conversations.json"
LENGTHS = (300, 40, 1, 900, 130, 17)


class Talk(NamedTuple):
    """`flights` as they were sent; `said` by either side beneath TLS; `keys` are the lines of the client's key log."""

    flights: tuple[tuple[Direction, bytes], ...]
    said: tuple[bytes, bytes]
    keys: bytes


@cache
def conversations() -> tuple[Talk, ...]:
    """All that are stored, always in the same order."""
    return tuple(
        Talk(
            tuple((Direction(way), base64.b64decode(data)) for way, data in talk["flights"]),
            (said(name, Direction.TO_RESPONDER), said(name, Direction.TO_INITIATOR)),
            talk["keys"].encode(),
        )
        for name, talk in sorted(json.loads(STORED.read_text()).items())
    )


def said(name: str, way: Direction) -> bytes:
    """What one side says: no eight bytes of it come twice."""
    return random.Random(f"{name} {way:d}").randbytes(sum(LENGTHS))


def _steps(name: str, turns: tuple[tuple[Direction, Turn], ...]) -> list[Step]:
    """Both sides in turn, what is to be turned in the middle."""
    words = [said(name, way) for way in Direction]
    made: list[Step] = []
    at = 0
    for number, length in enumerate(LENGTHS):
        made += turns if number == 2 else ()
        made += [(way, words[way][at : at + length]) for way in Direction]
        at += length
    return made


def _kinds() -> dict[str, tuple[Ends, tuple[tuple[Direction, Turn], ...]]]:
    from tests.tls.openssl import NO_ENCRYPT_THEN_MAC, NO_EXTENDED_MASTER_SECRET, TLS13, Ends

    out, back = Direction
    return {
        "1.2 AES-GCM": (Ends(off=NO_EXTENDED_MASTER_SECRET), ()),
        "1.2 ChaCha20 renegotiated": (Ends(ciphers="ECDHE-RSA-CHACHA20-POLY1305"), ((out, "renegotiates"),)),
        "1.2 AES-CBC": (Ends(ciphers="AES128-SHA256", off=NO_ENCRYPT_THEN_MAC), ()),
        "1.2 AES-CBC renegotiated": (Ends(ciphers="AES256-SHA"), ((back, "renegotiates briefly"),)),
        "1.2 AES-CCM": (Ends(ciphers="AES128-CCM8"), ()),
        "1.0 AES-CBC": (Ends(version=0x0301, ciphers="AES128-SHA"), ()),
        "1.3": (Ends(version=TLS13), ()),
        "1.3 with new keys": (
            Ends(version=TLS13, suites="TLS_CHACHA20_POLY1305_SHA256"),
            ((out, "updates both keys"), (back, "updates keys")),
        ),
    }


def write() -> None:
    from tests.tls.openssl import converse_in_steps

    stored = {}
    for name, (ends, turns) in _kinds().items():
        secret = converse_in_steps(_steps(name, turns), ends)
        flights = [(int(way), base64.b64encode(data).decode()) for way, data in secret.flights]
        stored[name] = {"flights": flights, "keys": secret.keys.decode()}
    STORED.write_text(json.dumps(stored, indent=0) + "\n")


if __name__ == "__main__":
    write()
