"""What a load balancer puts in front of a stream: both versions of its header, whole, cut anywhere, and not quite one."""

import struct
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.core import Endpoint
from dicomsniff.pdu.preamble import SIGNATURE, Preamble, preamble_of

CLIENT, FRONT = Endpoint("203.0.113.9", 51000), Endpoint("198.51.100.1", 104)
CLIENT6, FRONT6 = Endpoint("2001:db8::9", 51000), Endpoint("2001:db8::1", 104)
LINE = b"PROXY TCP4 203.0.113.9 198.51.100.1 51000 104\r\n"
LINE6 = b"PROXY TCP6 2001:db8::9 2001:db8::1 51000 104\r\n"


def binary(source: Endpoint, target: Endpoint, values: bytes = b"", command: int = 0x21) -> bytes:
    """Version 2, as its description lays it out."""
    one, other = (ip_address(end.ip).packed for end in (source, target))
    body = one + other + struct.pack(">HH", source.port, target.port) + values
    return SIGNATURE + struct.pack(">BBH", command, 0x11 if len(one) == 4 else 0x21, len(body)) + body


def value(kind: int, content: bytes) -> bytes:
    return struct.pack(">BH", kind, len(content)) + content


SSL = value(0x20, b"\x05" + bytes(4) + value(0x21, b"TLSv1.3") + value(0x22, b"modality.example"))
AWS = value(0xEA, b"\x01vpce-08d2bf15fac5001c9") + value(0x04, bytes(5)) + value(0x03, bytes(4))
HEADERS = {
    "line": (LINE, CLIENT, FRONT),
    "line of IPv6": (LINE6, CLIENT6, FRONT6),
    "binary": (binary(CLIENT, FRONT), CLIENT, FRONT),
    "binary of IPv6": (binary(CLIENT6, FRONT6), CLIENT6, FRONT6),
    "binary with values": (binary(CLIENT, FRONT, AWS), CLIENT, FRONT),
}


@pytest.mark.parametrize("name", HEADERS)
def test_the_client_is_named(name: str) -> None:
    header, source, target = HEADERS[name]
    for behind in (b"", b"\x01\0\0\0\0\xcc", b"\r\n" * 200):
        found = preamble_of(header + behind)
        assert isinstance(found, Preamble)
        assert (found.length, found.source, found.target, found.local) == (len(header), source, target, False)


@pytest.mark.parametrize("name", HEADERS)
def test_a_part_of_a_header_is_not_yet_one(name: str) -> None:
    header = HEADERS[name][0]
    assert all(preamble_of(header[:length]) is True for length in range(1, len(header)))


def test_what_the_client_spoke_to_the_load_balancer_is_told() -> None:
    found = preamble_of(binary(CLIENT, FRONT, AWS + SSL))
    assert isinstance(found, Preamble)
    assert found.tls == "TLSv1.3"


def test_a_load_balancer_may_speak_for_itself_or_not_say_for_whom() -> None:
    assert preamble_of(SIGNATURE + b"\x20\0\0\0") == Preamble("PROXY v2", 16, local=True)
    assert preamble_of(binary(CLIENT, FRONT, command=0x20)) == Preamble("PROXY v2", 28, local=True)
    assert preamble_of(SIGNATURE + b"\x21\0\0\0") == Preamble("PROXY v2", 16)
    assert preamble_of(SIGNATURE + b"\x21\x31\0\xd8" + bytes(216)) == Preamble("PROXY v2", 232)
    assert preamble_of(b"PROXY UNKNOWN\r\n") == Preamble("PROXY v1", 15)
    assert preamble_of(b"PROXY UNKNOWN ffff:f 1 2 3\r\n\1") == Preamble("PROXY v1", 28)


@pytest.mark.parametrize(
    "data",
    [
        b"\x01\0\0\0\0\xcc\0\1",
        b"PROXYTCP4 1.2.3.4 1.2.3.4 1 2\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.400 1 2\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 1 70000\r\n",
        b"PROXY TCP4 \xff\xfe 1.2.3.4 1 2\r\n",
        b"PROXY TCP4 1.2.3.4 1.2.3.4 1\n",
        b"PROXY " + bytes(200),
        SIGNATURE + b"\x11\x11\0\x0c" + bytes(12),
        SIGNATURE + b"\x22\x11\0\x0c" + bytes(12),
        SIGNATURE + b"\x21\x11\0\x0b" + bytes(12),
        SIGNATURE + b"\x21\x51\0\x0c" + bytes(12),
        SIGNATURE + b"\x21\x31\0\x0c" + bytes(12),
    ],
)
def test_what_is_not_quite_a_header_is_none(data: bytes) -> None:
    assert preamble_of(data) is False


@given(st.sampled_from((b"PROXY TCP4 ", b"PROXY ", SIGNATURE, SIGNATURE + b"\x21\x11", b"")), st.binary(max_size=300))
def test_no_bytes_raise_and_no_header_is_longer_than_what_was_seen(start: bytes, rest: bytes) -> None:
    found = preamble_of(start + rest)
    if isinstance(found, Preamble):
        assert 15 <= found.length <= len(start + rest)
