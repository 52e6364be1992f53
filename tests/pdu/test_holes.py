"""Holes in a stream: what stays, what is marked, where framing resumes, and where a stream joined late begins."""

import random
from dataclasses import replace

from dicomsniff.core import LIMITS
from dicomsniff.pdu import Framer
from dicomsniff.pdu.values import AssociateRj, BrokenPdu, PData, ReleaseRq
from tests.forge import pdus as forge
from tests.pdu.streams import TO, broken, chunk, codes, comparable, pdus, read, run, with_holes

NOISE = random.Random(11).randbytes(4000)
DATA = forge.p_data(forge.pdv(NOISE))
ECHO = forge.echo_request()
END = forge.release_request()


def test_a_hole_inside_one_value_is_a_missing_piece_and_framing_goes_on() -> None:
    result = run(with_holes(DATA + END, [(100, 300)]))
    (data, release) = comparable(result)
    assert isinstance(data, PData) and isinstance(release, ReleaseRq)
    assert [(len(p.data), p.missing, p.more) for p in data.pdvs] == [(88, 0, True), (0, 200, True), (3712, 0, False)]
    assert bytes(data.pdvs[2].data) == NOISE[288:]
    assert data.begins and data.ends


def test_a_hole_that_ends_with_the_value_leaves_it_finished() -> None:
    result = comparable(run(with_holes(DATA + ECHO, [(2000, len(DATA))])))
    assert [type(p) for p in result] == [PData, PData]
    assert isinstance(result[0], PData)
    assert result[0].ends
    assert result[0].pdvs[-1].missing == len(DATA) - 2000
    assert not result[0].pdvs[-1].more


def test_a_hole_over_a_pdv_boundary_loses_the_rest_of_the_pdu_only() -> None:
    two = forge.p_data(forge.pdv(b"a" * 50, last=False), forge.pdv(b"b" * 50))
    result = run(with_holes(two + ECHO, [(40, 65)]))
    assert [type(p) for p in pdus(result)] == [PData, BrokenPdu, PData]
    assert broken(result) == [("lost", 40, len(two))]
    assert isinstance(result[0], PData)
    assert (bytes(result[0].pdvs[0].data), result[0].pdvs[0].more, result[0].ends) == (b"a" * 28, True, False)


def test_a_hole_that_takes_the_first_item_header_loses_the_whole_pdu() -> None:
    result = run(with_holes(DATA + ECHO, [(8, 20)]))
    assert [type(p) for p in pdus(result)] == [BrokenPdu, PData]
    assert broken(result) == [("lost", 0, len(DATA))]


def test_a_hole_over_the_end_of_a_pdu_loses_the_framing_until_it_is_proved() -> None:
    stream = DATA + DATA + ECHO + END
    result = run(with_holes(stream, [(3000, 5000)]))
    assert [type(p) for p in pdus(result)] == [PData, BrokenPdu, PData, ReleaseRq]
    assert broken(result) == [("lost", 3000, 2 * len(DATA))]
    lost = next(p for p in result if isinstance(p, BrokenPdu))
    assert (lost.type, lost.length) == (4, len(DATA) - 6)


def test_a_hole_inside_another_pdu_loses_that_pdu_only() -> None:
    request = forge.request()
    result = run(with_holes(request + ECHO, [(80, 100)]))
    assert [type(p) for p in pdus(result)] == [BrokenPdu, PData]
    lost = next(p for p in result if isinstance(p, BrokenPdu))
    assert (lost.reason, lost.type, lost.length, lost.evidence.end) == ("lost", 1, len(request) - 6, len(request))


def test_a_hole_between_two_pdus_resumes_at_a_chain() -> None:
    result = run(with_holes(END + DATA + ECHO + DATA + DATA, [(10, 10 + len(DATA))]))
    assert broken(result) == [("lost", 10, 10 + len(DATA))]
    assert [type(p) for p in pdus(result)] == [ReleaseRq, BrokenPdu, PData, PData, PData]


def test_behind_a_hole_at_a_boundary_noise_is_not_a_pdu() -> None:
    result = run(with_holes(END + bytes(10) + NOISE, [(10, 20)]))
    assert [type(p) for p in pdus(result)] == [ReleaseRq, BrokenPdu]
    assert codes(result) == []


def test_a_hole_in_a_header_loses_the_framing() -> None:
    result = run(with_holes(ECHO + DATA + ECHO + ECHO, [(len(ECHO) + 3, len(ECHO) + 5)]))
    assert [type(p) for p in pdus(result)] == [PData, BrokenPdu, PData, PData]
    assert broken(result) == [("lost", len(ECHO), len(ECHO) + len(DATA))]


def test_two_holes_in_one_value_are_two_missing_pieces() -> None:
    (data, _) = comparable(run(with_holes(DATA + END, [(100, 300), (1000, 1001)])))
    assert isinstance(data, PData)
    assert [p.missing for p in data.pdvs] == [0, 200, 0, 1, 0]


def test_a_second_hole_while_the_rest_is_skipped_keeps_the_known_end() -> None:
    result = run(with_holes(DATA + ECHO, [(8, 20), (900, 1000)]))
    assert broken(result) == [("lost", 0, len(DATA))]
    assert isinstance(result[-1], PData)


def test_a_header_behind_a_hole_that_cannot_be_one_is_lost_framing_and_no_accusation() -> None:
    result = run(with_holes(DATA + b"\xee" * 50 + ECHO, [(100, 300)]))
    assert [type(p) for p in comparable(result)] == [PData, BrokenPdu, PData]
    assert broken(result) == [("lost", len(DATA), len(DATA) + 50)]
    assert codes(result) == []


def test_evidence_of_lost_bytes_names_the_packet_behind_the_hole() -> None:
    result = run(with_holes(DATA + DATA + ECHO, [(3000, 5000)]))
    lost = next(p for p in result if isinstance(p, BrokenPdu))
    assert (lost.evidence.first_packet, lost.evidence.last_packet) == (4, 6)


def test_a_stream_joined_late_begins_at_the_first_chain() -> None:
    result = read(NOISE[:777] + DATA + DATA + DATA, joined_late=True)
    assert broken(result) == [("lost", 0, 777)]
    assert [type(p) for p in pdus(result)] == [BrokenPdu, PData, PData, PData]


def test_a_stream_joined_late_at_a_boundary_loses_nothing() -> None:
    assert [type(p) for p in read(forge.request() + ECHO + END, joined_late=True)][1:] == [PData, ReleaseRq]


def test_a_stream_joined_late_that_is_one_rejection_is_read_at_its_end() -> None:
    framer = Framer(TO, joined_late=True)
    assert framer.feed(chunk(forge.rejection())) == []
    assert [type(p) for p in framer.close()] == [AssociateRj]


def test_a_stream_joined_late_without_pdus_is_one_lost_range() -> None:
    assert broken(read(NOISE, joined_late=True)) == [("lost", 0, len(NOISE))]


def test_what_is_kept_while_searching_is_bounded() -> None:
    limits = replace(LIMITS, detect_bytes=2000)
    stream = NOISE + DATA * 4
    result = read(stream, joined_late=True, limits=limits)
    # The proof, the third header, lies further from the first than may be kept: reading begins with the third.
    assert broken(result) == [("lost", 0, len(NOISE) + 2 * len(DATA))]
    assert [type(p) for p in pdus(result)] == [BrokenPdu, PData, PData]


def test_an_item_that_cannot_be_behind_a_hole_is_lost_and_no_accusation() -> None:
    bad = forge.p_data(forge.pdv(b"a" * 50), forge.pdv(b"b" * 50, length=900))
    result = run(with_holes(bad + ECHO, [(20, 30)]))
    assert broken(result) == [("lost", 6 + 56, len(bad))]
    assert isinstance(result[-1], PData)
    assert codes(result) == []
