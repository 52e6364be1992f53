"""A value in, the name it has in one report out: always the same one, and no way back.

The names are keyed hashes. The key is made of the packets themselves (see `CaptureFacts.fingerprint`): of sequence numbers,
addresses and contents that no report shows. Whoever has only the report cannot try all patient IDs; whoever has the capture
need not. Every output of one capture thus uses the same names, and those of two captures have nothing in common.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from dicomsniff.core.digests import blake2b

MASK = "•••"

_LETTERS = "abcdefghjkmnpqrstvwxyz0123456789"  # none that are taken for each other
_LENGTH = 7  # 35 bits: among 1,000 patients the chance that two share a name is 1 in 70,000
_SHORT = 2
_PATTERN = "*?"  # a query's wildcards at the ends of a value are no part of it


def key_of(fingerprints: Iterable[str]) -> bytes:
    """The key for captures with these fingerprints; one that nobody can repeat where they have none."""
    known = "".join(fingerprints).encode()
    return blake2b(known, digest_size=32).digest() if known else os.urandom(32)


def pseudonym(value: str, key: bytes) -> str:
    """ "•••k3v9q2x"; wildcards at its ends stay, "" or nothing but wildcards is no value, and of a letter or two (a sex)
    it is not said which are equal."""
    core = value.strip(" \0^" + _PATTERN)
    if not core:
        return value
    if len(core) <= _SHORT:
        return MASK
    lead, tail = value[: value.find(core)], value[value.find(core) + len(core) :]
    number = int.from_bytes(blake2b(core.encode("utf-8", "replace"), key=key, digest_size=8).digest())
    name = "".join(_LETTERS[number >> 5 * place & 31] for place in range(_LENGTH))
    return f"{_wildcards(lead)}{MASK}{name}{_wildcards(tail)}"


def _wildcards(text: str) -> str:
    return "".join(character for character in text if character in _PATTERN)
