"""Framing: whole, byte by byte, with bytes trailing, with evidence, and what a wrong header does."""

from dataclasses import replace

import pytest

from dicomsniff.core import LIMITS, Anomaly, AnomalyCode, Limits
from dicomsniff.pdu import Framer
from dicomsniff.pdu.values import (
    Abort,
    AssociateAc,
    AssociateRj,
    AssociateRq,
    BrokenPdu,
    PData,
    ReleaseRp,
    ReleaseRq,
    UnknownPdu,
)
from dicomsniff.tcp.events import Chunk
from tests.forge import pdus as forge
from tests.pdu.streams import SEGMENT, TO, broken, bytewise, chunk, codes, comparable, gap, pdus, read, run, split

EXAMPLES = [
    (forge.request(), AssociateRq),
    (forge.acceptance(), AssociateAc),
    (forge.rejection(), AssociateRj),
    (forge.echo_request(), PData),
    (forge.p_data(forge.pdv(b"ab", command=True), forge.pdv(b"cd"), forge.pdv(b"")), PData),
    (forge.release_request(), ReleaseRq),
    (forge.release_response(), ReleaseRp),
    (forge.abort(2, 1), Abort),
]
STREAM = b"".join(data for data, _ in EXAMPLES)
SMALL = replace(LIMITS, pdu_buffer_bytes=64)


@pytest.mark.parametrize(("data", "kind"), EXAMPLES)
def test_each_pdu_is_read_whole(data: bytes, kind: type) -> None:
    (value,) = read(data)
    assert type(value) is kind
    assert (pdus([value])[0].evidence.start, pdus([value])[0].evidence.end) == (0, len(data))


@pytest.mark.parametrize(("data", "kind"), EXAMPLES)
def test_each_pdu_is_the_same_byte_by_byte(data: bytes, kind: type) -> None:
    assert comparable(bytewise(data)) == comparable(read(data))


@pytest.mark.parametrize(("data", "kind"), EXAMPLES)
def test_bytes_of_the_next_pdu_change_nothing(data: bytes, kind: type) -> None:
    framer = Framer(TO)
    first = framer.feed(chunk(data + b"\x05\x00\x00"))
    assert comparable(first) == comparable(read(data))
    assert type(first[0]) is kind


@pytest.mark.parametrize(("data", "kind"), EXAMPLES)
def test_a_pdu_that_is_cut_says_so(data: bytes, kind: type) -> None:
    result = read(data[:-1])
    assert broken(result) == [("cut", 0, len(data) - 1)]
    assert codes(result) == [AnomalyCode.PDU_TRUNCATED]
    (cut,) = [p for p in result if isinstance(p, BrokenPdu)]
    assert (cut.type, cut.length) == (data[0], len(data) - 6)


def test_pdus_are_counted_by_type() -> None:
    framer = Framer(TO)
    framer.feed(chunk(STREAM))
    assert framer.pdu_counts == {1: 1, 2: 1, 3: 1, 4: 2, 5: 1, 6: 1, 7: 1}


def test_a_pdu_in_pieces_is_counted_once_and_only_at_its_end() -> None:
    data = forge.p_data(forge.pdv(bytes(500)))
    framer = Framer(TO, limits=SMALL)
    for event in split(data, range(0, len(data) - 1, 50)):
        framer.feed(event)
    assert framer.pdu_counts == {4: 1}
    cut = Framer(TO, limits=SMALL)
    cut.feed(chunk(data[:-1]))
    cut.close()
    assert cut.pdu_counts == {}


def test_data_are_views_into_the_chunk() -> None:
    data = forge.p_data(forge.pdv(b"pixels"))
    (value,) = read(data)
    assert isinstance(value, PData)
    assert isinstance(value.pdvs[0].data, memoryview)
    assert memoryview(value.pdvs[0].data.obj).nbytes == len(data)


def test_evidence_names_the_packets_of_the_pdu() -> None:
    first, second = forge.p_data(forge.pdv(bytes(2 * SEGMENT))), forge.p_data(forge.pdv(bytes(10)))
    a, b = (p.evidence for p in pdus(read(first + second)))
    assert (a.first_packet, a.last_packet, a.first_ns, a.last_ns) == (1, 3, 1000, 3000)
    assert (b.first_packet, b.last_packet, b.start, b.end) == (3, 3, len(first), len(first + second))


def test_evidence_is_the_same_however_the_chunks_were_cut() -> None:
    data = forge.request() + forge.p_data(forge.pdv(bytes(20_000))) + forge.release_request()
    whole = [p.evidence for p in pdus(read(data))]
    assert [p.evidence for p in pdus(run(split(data, range(0, len(data), 777))))] == whole


def test_the_packet_that_completed_a_pdu_may_be_an_earlier_segment() -> None:
    data = forge.p_data(forge.pdv(bytes(288)))
    event = Chunk(1, TO, 0, data, [0, 100, 200], [1, 9, 2], [10, 90, 20])
    (value,) = pdus(run([event]))
    assert (value.evidence.first_packet, value.evidence.last_packet, value.evidence.last_ns) == (1, 9, 90)


def test_a_very_long_pdu_is_passed_on_in_pieces() -> None:
    data = forge.p_data(forge.pdv(bytes(range(200)), last=False), forge.pdv(b"end"))
    result = pdus(run(split(data, [50, 100, 215]), limits=SMALL))
    pieces = [p for p in result if isinstance(p, PData)]
    assert len(pieces) == 4
    assert [p.begins for p in pieces] == [True, False, False, False]
    assert [p.ends for p in pieces] == [False, False, False, True]
    assert comparable(list(pieces)) == comparable(read(data)[:1])
    assert [pdv.more for p in pieces for pdv in p.pdvs] == [True, True, False, False]


def test_no_byte_of_a_very_long_pdu_waits_for_its_end() -> None:
    framer = Framer(TO, limits=SMALL)
    (piece,) = framer.feed(chunk(forge.p_data(forge.pdv(bytes(1000)))[:500]))
    assert isinstance(piece, PData)
    assert (piece.evidence.end, piece.length, len(piece.pdvs[0].data)) == (500, 1006, 488)


def test_an_unknown_type_is_reported_once_and_the_framing_found_again() -> None:
    bad = forge.pdu(0x4F, b"\xff" * 30)
    result = read(forge.request() + bad + forge.echo_request() + forge.release_request())
    assert [type(p) for p in pdus(result)] == [AssociateRq, UnknownPdu, BrokenPdu, PData, ReleaseRq]
    assert codes(result) == [AnomalyCode.PDU_UNKNOWN_TYPE]
    start = len(forge.request())
    assert broken(result) == [("malformed", start + 6, start + len(bad))]


def test_a_length_two_bytes_short_costs_no_other_pdu() -> None:
    request = forge.request()
    wrong = request[:2] + (len(request) - 8).to_bytes(4, "big") + request[6:]
    result = read(wrong + forge.echo_request() + forge.release_request())
    assert [type(p) for p in pdus(result)] == [AssociateRq, UnknownPdu, PData, ReleaseRq]


def test_garbage_is_one_unknown_pdu_and_one_broken() -> None:
    result = read(b"\xee" * 5000)
    assert [type(p) for p in pdus(result)] == [UnknownPdu, BrokenPdu]
    assert broken(result) == [("malformed", 6, 5000)]


def test_a_length_beyond_belief_is_lost_framing_not_a_promise() -> None:
    bad = forge.pdu(1, b"", length=1 << 21)
    result = read(bad + forge.echo_request() + forge.release_request())
    assert [type(p) for p in pdus(result)] == [BrokenPdu, PData, ReleaseRq]
    assert broken(result) == [("malformed", 0, 6)]
    assert codes(result) == [AnomalyCode.PDU_BAD_LENGTH]


def test_an_association_request_too_short_for_its_fixed_part_is_malformed_and_framing_goes_on() -> None:
    result = read(forge.pdu(1, bytes(67)) + forge.release_request())
    assert [type(p) for p in pdus(result)] == [BrokenPdu, ReleaseRq]
    assert broken(result) == [("malformed", 0, 73)]
    assert codes(result) == [AnomalyCode.PDU_BAD_LENGTH]


def test_synchronised_only_once_a_boundary_is_proved() -> None:
    framer = Framer(TO, joined_late=True)
    assert not framer.synchronised
    framer.feed(chunk(b"tail of a data set"))
    assert not framer.synchronised
    framer.feed(chunk(forge.echo_request(), 18))
    assert framer.synchronised


def test_a_chunk_that_overlaps_what_was_read_adds_only_its_news() -> None:
    data = forge.echo_request() * 2
    assert comparable(run([chunk(data[:30]), chunk(data[10:], 10)])) == comparable(read(data))


def test_a_chunk_behind_a_silent_hole_is_not_taken_for_what_follows() -> None:
    data = forge.echo_request() * 2
    size = len(data) // 2
    assert [type(p) for p in pdus(run([chunk(data[:size]), chunk(data[size + 3 :], size + 3)]))] == [PData, BrokenPdu]


def test_an_empty_stream_gives_nothing() -> None:
    assert read(b"") == []
    assert Framer(TO).close() == []


def test_closing_behind_a_boundary_gives_nothing() -> None:
    framer = Framer(TO)
    framer.feed(chunk(STREAM))
    assert framer.close() == []


def test_a_cut_header_has_no_length() -> None:
    result = read(b"\x04\x00\x00")
    assert next(p for p in result if isinstance(p, BrokenPdu)).length is None
    assert codes(result) == [AnomalyCode.PDU_TRUNCATED]


def test_content_of_a_cut_pdu_is_passed_on() -> None:
    data = forge.p_data(forge.pdv(b"seen, then unseen!"))
    piece, cut, anomaly = read(data[: 12 + 4])
    assert isinstance(piece, PData) and isinstance(cut, BrokenPdu) and isinstance(anomaly, Anomaly)
    assert (bytes(piece.pdvs[0].data), piece.pdvs[0].more, piece.begins, piece.ends) == (b"seen", True, True, False)
    assert (cut.reason, cut.length, cut.evidence.length) == ("cut", len(data) - 6, 16)


def test_a_pdu_cut_by_the_end_of_the_capture_is_not_the_senders_fault() -> None:
    data = forge.p_data(forge.pdv(bytes(100)))
    result = run([chunk(data[:50]), gap(50, 60)])
    assert codes(result) == []
    assert broken(result) == [("lost", 0, 60)]


def test_pdus_longer_than_the_default_buffer_survive() -> None:
    limits = Limits()
    data = forge.p_data(forge.pdv(bytes(limits.pdu_buffer_bytes + 10))) + forge.release_request()
    result = pdus(run(split(data, range(0, len(data), 300_001))))
    assert isinstance(result[-1], ReleaseRq)
    assert sum(len(pdv.data) for p in result if isinstance(p, PData) for pdv in p.pdvs) == limits.pdu_buffer_bytes + 10
