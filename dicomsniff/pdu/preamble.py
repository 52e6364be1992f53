"""The first bytes of a connection in; what a load balancer says there before the stream proper, and how long that is, out.

The PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt; nginx, Traefik, AWS and Azure speak it): a header that
names the client whose connection is passed on. What follows it is what that client says.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from struct import unpack_from
from typing import Final

from dicomsniff.core import Endpoint
from dicomsniff.core.patterns import pattern
from dicomsniff.core.tuples import NamedTuple

SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
STARTS: Final = (b"PROXY ", SIGNATURE)
_LONGEST_LINE: Final = 107  # version 1, with its end
_LINE = pattern(rb"PROXY (UNKNOWN(?: [^\r\n]*)?|TCP[46] (\S+) (\S+) (\d{1,5}) (\d{1,5}))\r\n")
_FIXED: Final = 16
_WIDTHS: Final = {1: 4, 2: 16}  # of an address, by family; the others hold no IP addresses
_LOCAL, _SSL, _SSL_VERSION = 0, 0x20, 0x21


class Preamble(NamedTuple):
    """`length` bytes of a header; `source` is the client's end of the connection that is passed on and `target` where the
    client had opened it to, None where the header does not say. `local`: the proxy speaks for itself, as to ask whether the
    server is well. `tls` is the version that the client spoke to it, where it says so."""

    protocol: str  # "PROXY v1" | "PROXY v2"
    length: int
    source: Endpoint | None = None
    target: Endpoint | None = None
    local: bool = False
    tls: str = ""


def preamble_of(first: bytes) -> Preamble | bool:
    """The header that a stream begins with; False where these bytes are none, True where too few to tell."""
    if first.startswith(SIGNATURE):
        return _binary(first)
    if first.startswith(STARTS[0]):
        return _line(first)
    return any(start.startswith(first) for start in STARTS)


def _line(first: bytes) -> Preamble | bool:
    found = _LINE.match(first[:_LONGEST_LINE])
    if found is None:
        return b"\n" not in first and len(first) < _LONGEST_LINE
    if found[2] is None:
        return Preamble("PROXY v1", found.end())
    try:
        ends = [_endpoint(found[2], found[4]), _endpoint(found[3], found[5])]
    except ValueError:
        return False
    return Preamble("PROXY v1", found.end(), ends[0], ends[1])


def _endpoint(address: bytes, port: bytes) -> Endpoint:
    if int(port) > 0xFFFF:
        raise ValueError(port)
    return Endpoint(str(ip_address(address.decode("ascii"))), int(port))


def _binary(first: bytes) -> Preamble | bool:
    if len(first) < _FIXED:
        return True
    command, family = first[12], first[13] >> 4
    length = _FIXED + unpack_from(">H", first, 14)[0]
    if command >> 4 != 2 or command & 15 > 1 or family > 3:
        return False
    if len(first) < length:
        return True
    width = _WIDTHS.get(family, 0)
    tail = _FIXED + (2 * width + 4 if width else 216 if family else 0)
    if length < tail and command & 15 != _LOCAL:
        return False
    if command & 15 == _LOCAL:  # what it says of addresses must be passed over
        return Preamble("PROXY v2", length, local=True)
    tls = _tls_version(first[tail:length])
    if not width:
        return Preamble("PROXY v2", length, tls=tls)
    source, target = _ends(first, width)
    return Preamble("PROXY v2", length, source, target, tls=tls)


def _ends(first: bytes, width: int) -> tuple[Endpoint, Endpoint]:
    at = _FIXED + 2 * width
    source, target = unpack_from(">HH", first, at)
    addresses = (first[_FIXED : _FIXED + width], first[_FIXED + width : at])
    one, other = (str(ip_address(address)) for address in addresses)
    return Endpoint(one, source), Endpoint(other, target)


def _tls_version(values: bytes) -> str:
    """What the client spoke to the proxy: a value within the value about TLS."""
    inside = _value(values, _SSL)
    version = _value(inside[5:], _SSL_VERSION)
    return version.decode("ascii", "replace") if re.fullmatch(rb"[\w.]{1,16}", version) else ""


def _value(values: bytes, wanted: int) -> bytes:
    """One of several values, each behind its type and its length; empty where it is not there."""
    at = 0
    while at + 3 <= len(values):
        kind, length = unpack_from(">BH", values, at)
        if kind == wanted:
            return values[at + 3 : at + 3 + length]
        at += 3 + length
    return b""
