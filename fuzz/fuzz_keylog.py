"""Lines of a key log through its reader, beside a plain reading of the same lines."""

import re

from dicomsniff.tls.keylog import Keys
from fuzz.engine import run

_TRAFFIC = rb"CLIENT_EARLY_TRAFFIC_SECRET|(?:CLIENT|SERVER)_(?:HANDSHAKE_TRAFFIC_SECRET|TRAFFIC_SECRET_0)"
_SPACE, _BYTE = rb"[ \t\v\f]", rb"(?:[0-9a-fA-F]{2})"
_LINES = [
    re.compile(rb"%s*(%s)%s+(%s{32})%s+(%s)%s*" % (_SPACE, label, _SPACE, _BYTE, _SPACE, secret, _SPACE))
    for label, secret in (
        (rb"CLIENT_RANDOM", _BYTE + rb"{48}"),
        (rb"PMS_CLIENT_RANDOM", _BYTE + rb"{32,1024}"),
        (_TRAFFIC, _BYTE + rb"{32}" + _BYTE + rb"{16}|" + _BYTE + rb"{32}"),
    )
]


def plain(lines: bytes) -> tuple[dict[bytes, dict[str, bytes]], int]:
    """What the lines that are a label, 32 bytes and a secret in hexadecimal say, and how many these are."""
    found: dict[bytes, dict[str, bytes]] = {}
    every = [line.fullmatch(each) for each in re.split(rb"[\r\n]", lines) for line in _LINES]
    matches = [match for match in every if match]
    for label, random, secret in (match.groups() for match in matches):
        found.setdefault(bytes.fromhex(random.decode()), {})[label.decode()] = bytes.fromhex(secret.decode())
    return found, len(matches)


def invariant(data: bytes) -> None:
    """Never raises; just the sound lines are learned, however they come, and what is learned never shows."""
    keys = Keys()
    wanted, count = plain(data)
    assert keys.learn(data) == count
    assert keys.secrets == wanted
    assert bool(keys) == bool(wanted)
    in_two, half = Keys(), data.find(b"\n", len(data) // 2) + 1
    assert in_two.learn(data[:half]) + in_two.learn(data[half:]) == count
    assert in_two.secrets == wanted
    shown = f"{keys!r} {keys} {in_two!r}"
    for random, own in wanted.items():
        assert keys.of(random) == own
        assert not any(secret.hex() in shown or repr(secret)[2:-1] in shown for secret in own.values())


if __name__ == "__main__":
    run("fuzz.fuzz_keylog")
