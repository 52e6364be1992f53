"""One TCP segment in every wrapping that a capture may hold, encoded by scapy: always found, always whole."""

import pytest

from dicomsniff.core import Endpoint
from dicomsniff.tcp.shims import IPV4
from dicomsniff.tcp.tunnels import DEEPEST, Inner, peel, peel_payload
from tests.tcp import wrappings
from tests.tcp.assembling import decode, payloads

PACKETS = wrappings.packets()


@pytest.mark.parametrize("name", PACKETS)
def test_the_segment_is_found_in_every_wrapping(name: str) -> None:
    link_type, packet = PACKETS[name]
    decoded, book = decode([(5, packet)], link_type)
    segments = decoded.segments
    client, server = wrappings.ADDRESSES[name.endswith(" 6")]
    assert decoded.not_decoded == 0
    assert payloads(decoded) == [wrappings.DATA]
    assert book.endpoint(int(segments.source[0])) == Endpoint(client, 40000)
    assert book.endpoint(int(segments.target[0])) == Endpoint(server, 104)
    columns = segments.seq, segments.ack, segments.flags, segments.window, segments.length
    assert [column.tolist() for column in columns] == [[4_000_000_000], [77], [0x18], [501], [200]]
    assert (segments.option_end - segments.option).tolist() == [4]


@pytest.mark.parametrize("name", PACKETS)
def test_a_wrapping_cut_anywhere_gives_the_beginning_of_the_segment_or_nothing(name: str) -> None:
    link_type, packet = PACKETS[name]
    headers = len(packet) - len(wrappings.DATA)
    for length in (*range(headers), *range(headers, len(packet), 17)):
        decoded, _ = decode([(5, packet), (6, packet)], link_type, snap=length)
        assert all(wrappings.DATA.startswith(piece) for piece in payloads(decoded))
        assert decoded.segments.number.tolist() in ([], [1, 2])


@pytest.mark.parametrize("name", PACKETS)
def test_what_a_packet_gives_does_not_depend_on_its_neighbours(name: str) -> None:
    link_type, packet = PACKETS[name]
    for length in (*range(14, len(packet) - len(wrappings.DATA), 3), *range(14, len(packet), 29)):
        alone, _ = decode([(5, packet[:length])], link_type)
        beside, _ = decode([(5, packet[:length]), (6, b"\x45" * 80)], link_type)
        assert payloads(alone) == payloads(beside)[: len(alone.segments)]
        assert alone.segments.number.tolist() == [n for n in beside.segments.number.tolist() if n == 1]


def test_tunnels_inside_tunnels_end_somewhere() -> None:
    inner = bytes(wrappings.v4())
    for depth in range(3 * DEEPEST):
        packet = memoryview(inner)
        found = peel(packet, IPV4, 0, len(packet))
        assert (found is not None) == (depth < DEEPEST)
        inner = b"\x45\0" + (20 + len(inner)).to_bytes(2, "big") + b"\0\0\0\0\x40\x04\0\0" + bytes(8) + inner


def test_a_payload_that_is_no_tunnel_leads_nowhere() -> None:
    assert peel_payload(memoryview(bytes(40)), 89) is None
    for protocol in (4, 17, 41, 47, 60):
        assert peel_payload(memoryview(b""), protocol) is None


def test_a_payload_joined_from_fragments_is_followed_into_its_tunnel() -> None:
    vxlan = PACKETS["VXLAN"][1]
    found = peel_payload(memoryview(vxlan[34:]), 17)
    assert found == Inner(4, 30, 50, 30 + 20 + 24 + 200, 6)
