"""Real captures: the PDUs of each direction are those that an independent decoding counted."""

import json
from collections import defaultdict
from pathlib import Path

import dpkt
import pytest

from dicomsniff.core import Direction
from dicomsniff.pdu import Framer, pdu_name, protocol_of
from dicomsniff.pdu.values import AssociateAc, AssociateRq, BrokenPdu, PData
from dicomsniff.tcp.events import Chunk
from tests.pdu.streams import CAPTURES, TO, codes, comparable, pdus, run, split

IN_ORDER = [
    "echo_ok/capture",
    "query_retrieve/capture",
    "huge_association_request/capture",
    "user_identity/capture",
    "abort_by_scp/capture",
    "reject_called_ae/capture",
    "workflow_mwl_mpps_commit/capture",
    "edge/e10_zero_last",
    "edge/e27_two_assoc",
    "edge/e34_odd",
]

Segments = list[tuple[int, int, int, bytes]]  # sequence number, packet number, time, payload


def streams(name: str) -> dict[tuple[str, str], Segments]:
    """The payloads of every direction of an Ethernet capture, keyed by "ip:port" of sender and receiver."""
    path = CAPTURES / f"{name}.pcap"
    if not path.exists():
        pytest.skip("the real captures are not here")
    found: dict[tuple[str, str], Segments] = defaultdict(list)
    with path.open("rb") as file:
        for number, (time, frame) in enumerate(dpkt.pcap.Reader(file), 1):
            ip = dpkt.ethernet.Ethernet(frame).data
            tcp = getattr(ip, "data", None)
            if isinstance(tcp, dpkt.tcp.TCP) and tcp.data:
                ends = [f"{dpkt.utils.inet_to_str(a)}:{p}" for a, p in ((ip.src, tcp.sport), (ip.dst, tcp.dport))]
                found[ends[0], ends[1]].append((tcp.seq, number, int(time * 1_000_000_000), bytes(tcp.data)))
    return found


def as_chunk(segments: Segments) -> Chunk:
    data, starts, numbers, times = b"", [], [], []
    expected = segments[0][0]
    for sequence, number, time, payload in sorted(segments, key=lambda segment: segment[0]):
        if sequence == expected:
            starts.append(len(data))
            numbers.append(number)
            times.append(time)
            data += payload
            expected += len(payload)
    return Chunk(1, Direction.TO_RESPONDER, 0, data, starts, numbers, times)


def facts(name: str) -> list[dict[str, list[object]]]:
    loaded: list[dict[str, list[object]]] = json.loads(Path(CAPTURES / f"{name}.facts.json").read_text())
    return loaded


@pytest.mark.parametrize("name", IN_ORDER)
def test_pdus_are_those_the_facts_count(name: str) -> None:
    found = streams(name)
    for connection in facts(name):
        nodes = [str(node) for node in connection["nodes"]]
        for ends, wanted in zip((nodes, nodes[::-1]), connection["pdus"], strict=True):
            segments = found.get((ends[0], ends[1]))
            framer = Framer(TO)
            result = [*framer.feed(as_chunk(segments)), *framer.close()] if segments else []
            assert {pdu_name(kind): count for kind, count in framer.pdu_counts.items()} == wanted
            assert not [value for value in result if isinstance(value, BrokenPdu)]


@pytest.mark.parametrize("name", IN_ORDER)
def test_every_direction_is_dicom_and_reads_the_same_in_small_pieces(name: str) -> None:
    for segments in streams(name).values():
        whole = as_chunk(segments)
        assert protocol_of(whole.data[:32]) == "dicom"
        pieces = [
            event._replace(starts=[event.start], numbers=[1], times=[1])
            for event in split(whole.data, range(0, len(whole.data), 977))
        ]
        one = whole._replace(starts=[0], numbers=[1], times=[1])
        assert comparable(run(pieces)) == comparable(run([one]))


def test_the_odd_fragments_of_the_edge_capture_are_reported_and_delivered() -> None:
    results = [run([as_chunk(segments)]) for segments in streams("edge/e34_odd").values()]
    assert "pdv-odd-length" in [code for result in results for code in codes(result)]
    assert all(p.pdvs for result in results for p in pdus(result) if isinstance(p, PData))


def test_identity_window_and_extended_negotiation_of_a_real_request() -> None:
    results = [pdus(run([as_chunk(segments)]))[0] for segments in streams("user_identity/capture").values()]
    (request,) = [value for value in results if isinstance(value, AssociateRq)]
    information = request.user_information
    assert information.user_identity is not None and information.user_identity.kind == 2
    assert information.user_identity.secondary_length > 0
    assert information.async_window is not None
    assert information.extended or information.common_extended


def test_the_huge_request_has_every_context_and_syntax() -> None:
    results = [pdus(run([as_chunk(segments)])) for segments in streams("huge_association_request/capture").values()]
    requests = [p for result in results for p in result if isinstance(p, AssociateRq)]
    acceptances = [p for result in results for p in result if isinstance(p, AssociateAc)]
    assert max(len(request.contexts) for request in requests) == 128
    assert max(request.length for request in requests) > 100_000
    assert acceptances
