"""What stands behind a GRE header; that each form leads to its segment is tested with the wrappings."""

import pytest

from dicomsniff.tcp.gre import gre
from dicomsniff.tcp.shims import BRIDGED, IPV4

IP4 = b"\x45" + bytes(39)


def _read(data: str, inner: bytes = IP4) -> tuple[int, int] | None:
    whole = bytes.fromhex(data) + inner
    return gre(memoryview(whole), 0, len(whole))


def test_the_length_follows_from_the_flags() -> None:
    assert _read("0000 0800") == (IPV4, 4)
    assert _read("b000 0800 00000000 00000001 00000002") == (IPV4, 16)
    assert _read("0000 88be", bytes(60)) == (BRIDGED, 4)
    assert _read("1000 88be 00000001", bytes(60)) == (BRIDGED, 16)


def test_version_1_holds_ppp_only() -> None:
    assert _read("3001 880b 0000 0000 00000005 ff030021") == (IPV4, 16)
    assert _read("3001 0800 0000 0000 00000005") is None


def test_a_header_cut_short_says_so() -> None:
    with pytest.raises(IndexError):
        gre(memoryview(b"\x30\1\x88\x0b"), 0)
    with pytest.raises(IndexError):
        gre(memoryview(b"\x20"), 0)
