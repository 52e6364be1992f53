"""Headers between the MAC addresses and IP; that each leads to its segment is tested with the wrappings."""

import pytest

from dicomsniff.tcp.shims import BRIDGED, IPV4, IPV6, SHIMS, by_version, llc, mpls, ppp, shimmed

IP4, IP6 = b"\x45" + bytes(39), b"\x60" + bytes(39)


def _after(ether: int, data: bytes) -> tuple[int, int] | None:
    return shimmed(memoryview(data), ether, 0, len(data))


def test_a_macsec_tag_before_encrypted_data_leads_nowhere() -> None:
    tag = bytes.fromhex("00 00 00000001 0800")
    assert _after(0x88E5, tag + IP4) == (IPV4, 8)
    for bits in (0x08, 0x04, 0x0C):
        assert _after(0x88E5, bytes([bits]) + tag[1:] + IP4) is None


def test_other_ethertypes_lead_nowhere() -> None:
    for ether in (0x0806, 0x88CC, 0x9000, 0xFFFF):
        assert ether not in SHIMS
        assert _after(ether, IP4) is None


def test_only_unnumbered_frames_of_one_service_hold_a_packet() -> None:
    assert llc(memoryview(b"\xaa\xaa\x03\0\0\0\x08\0" + IP4), 0) == (IPV4, 8)
    assert llc(memoryview(b"\x06\x06\x03" + IP4), 0) == (IPV4, 3)
    for head in (b"\x42\x42\x03", b"\xaa\xaa\x01", b"\xaa\xab\x03"):
        assert llc(memoryview(head + b"\0\0\0\x08\0" + IP4), 0) is None


def test_an_organisation_of_its_own_is_left_alone() -> None:
    assert llc(memoryview(b"\xaa\xaa\x03\0\0\x0c\x20\0" + IP4), 0) is None


def test_ppp_of_another_protocol_leads_nowhere() -> None:
    assert ppp(memoryview(b"\xff\x03\x00\x57" + IP6), 0) == (IPV6, 4)
    assert ppp(memoryview(b"\xff\x03\xc0\x21" + IP6), 0) is None
    assert ppp(memoryview(b"\x3d" + IP6), 0) is None


@pytest.mark.parametrize("first", ["00", "02"])
def test_a_frame_behind_labels_is_found_with_its_control_word_and_without(first: str) -> None:
    label, frame = b"\0\1\1\x40", bytes.fromhex(first) + bytes(11) + b"\x08\0" + IP4
    for word in (b"", bytes(4)):
        data = memoryview(label + word + frame)
        assert mpls(data, 0, len(data)) == (BRIDGED, 4 + len(word))


def test_what_is_neither_version_4_nor_6_is_no_ip() -> None:
    assert [by_version(memoryview(bytes([first])), 0) for first in (0x45, 0x60, 0x00, 0x50)] == [
        (IPV4, 0),
        (IPV6, 0),
        None,
        None,
    ]
