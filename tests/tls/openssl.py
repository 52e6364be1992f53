"""Two ends of OpenSSL's own library in, driven by calls that Python's `ssl` does not have: what they say to each other out.

Renegotiation, key updates, and what is switched off in the handshake: reached through `ctypes`, over memory.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from ctypes.util import find_library
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pytest

from dicomsniff.core import Direction
from tests.forge.wire import BACK, OUT
from tests.tls.conversing import Flight, Secret
from tests.tls.handshaking import DATA

NO_EXTENDED_MASTER_SECRET, NO_ENCRYPT_THEN_MAC, NO_TICKET = 1 << 0, 1 << 19, 1 << 14
_CLIENT_MAY_RENEGOTIATE = 1 << 8
_MIN_VERSION, _MAX_VERSION, _SECURITY_LEVEL_0 = 123, 124, "@SECLEVEL=0"
TLS12, TLS13 = 0x0303, 0x0304
Turn = Literal["renegotiates", "renegotiates briefly", "updates keys", "updates both keys"]
Step = tuple[Direction, bytes | Turn]

here = pytest.mark.skipif(find_library("ssl") is None, reason="OpenSSL's library is not installed")


@dataclass(frozen=True)
class Ends:
    """How both ends are set up; `off` are the options that switch something off at the client."""

    version: int = TLS12
    ciphers: str = "ECDHE-RSA-AES128-GCM-SHA256"
    suites: str = "TLS_AES_128_GCM_SHA256"
    off: int = 0


@cache
def _memory() -> Any:
    """The library of buffers in memory."""
    return ctypes.CDLL(find_library("crypto"))


@cache
def _library() -> Any:
    library, crypto = ctypes.CDLL(find_library("ssl")), _memory()
    for owner, names in (
        (library, ("SSL_CTX_new", "SSL_new", "TLS_client_method", "TLS_server_method")),
        (crypto, ("BIO_new", "BIO_s_mem")),
    ):
        for name in names:
            getattr(owner, name).restype = ctypes.c_void_p
    library.SSL_CTX_set_options.argtypes = [ctypes.c_void_p, ctypes.c_uint64]
    library.SSL_CTX_ctrl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
    return library


_Log = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)


class _End:
    """One end, and the two pipes in memory that it reads and writes."""

    def __init__(self, ends: Ends, way: Direction, log: Any) -> None:
        lib, self.way = _library(), way
        method = lib.TLS_client_method() if way is OUT else lib.TLS_server_method()
        context = ctypes.c_void_p(lib.SSL_CTX_new(ctypes.c_void_p(method)))
        for limit in (_MIN_VERSION, _MAX_VERSION):
            lib.SSL_CTX_ctrl(context, limit, ends.version, None)
        assert lib.SSL_CTX_set_cipher_list(context, f"{ends.ciphers}:{_SECURITY_LEVEL_0}".encode())
        assert lib.SSL_CTX_set_ciphersuites(context, ends.suites.encode())
        lib.SSL_CTX_set_options(context, ends.off if way is OUT else _CLIENT_MAY_RENEGOTIATE)
        if way is OUT:
            lib.SSL_CTX_set_keylog_callback(context, log)
        else:
            assert lib.SSL_CTX_use_certificate_chain_file(context, str(DATA / "rsa.pem").encode()) == 1
            assert lib.SSL_CTX_use_PrivateKey_file(context, str(DATA / "rsa.key").encode(), 1) == 1
        self.ssl = ctypes.c_void_p(lib.SSL_new(context))
        memory = ctypes.c_void_p(_memory().BIO_s_mem())
        self._in, self._out = (ctypes.c_void_p(_memory().BIO_new(memory)) for _ in range(2))
        lib.SSL_set_bio(self.ssl, self._in, self._out)
        (lib.SSL_set_connect_state if way is OUT else lib.SSL_set_accept_state)(self.ssl)
        self.context = context

    def shake(self) -> None:
        _library().SSL_do_handshake(self.ssl)

    def turn(self, turn: Turn) -> None:
        lib = _library()
        if turn.startswith("renegotiates"):
            begin = lib.SSL_renegotiate_abbreviated if turn.endswith("briefly") else lib.SSL_renegotiate
            assert begin(self.ssl) == 1
        else:
            assert lib.SSL_key_update(self.ssl, int("both" in turn)) == 1
        self.shake()

    def say(self, data: bytes) -> None:
        assert _library().SSL_write(self.ssl, data, len(data)) == len(data)

    def hear(self, sealed: bytes) -> bytes:
        """What these bytes make this end hear."""
        lib, room = _library(), ctypes.create_string_buffer(1 << 15)
        _memory().BIO_write(self._in, sealed, len(sealed))
        heard = b""
        while (count := lib.SSL_read(self.ssl, room, len(room))) > 0:
            heard += room.raw[:count]
        return heard

    def pending(self) -> bytes:
        out = b""
        room = ctypes.create_string_buffer(1 << 15)
        while (count := _memory().BIO_read(self._out, room, len(room))) > 0:
            out += room.raw[:count]
        return out

    def close(self) -> None:
        _library().SSL_shutdown(self.ssl)

    def free(self) -> None:
        _library().SSL_free(self.ssl)
        _library().SSL_CTX_free(self.context)


def converse_in_steps(steps: Iterable[Step], ends: Ends = Ends()) -> Secret:
    """Shake hands, go through these steps, part. What was heard at either end is what was said, or it fails."""
    lines = list[bytes]()
    log = _Log(lambda _, line: lines.append(line))
    sides = {way: _End(ends, way, log) for way in Direction}
    flights, told = list[Flight](), dict.fromkeys(Direction, b"")

    def carry() -> None:
        moved = True
        while moved:
            moved = False
            for way, side in sides.items():
                if data := side.pending():
                    flights.append((way, data))
                    told[way] += sides[way.opposite].hear(data)
                    moved = True

    steps = list(steps)
    sides[OUT].shake()
    carry()
    for way, step in steps:
        sides[way].say(step) if isinstance(step, bytes) else sides[way].turn(step)
        carry()
    for way in (OUT, BACK):
        sides[way].close()
        carry()
    for way, side in sides.items():
        side.free()
        assert told[way] == b"".join(step for by, step in steps if by is way and isinstance(step, bytes))
    return Secret(flights, b"\n".join(lines))
