"""What speaks on a connection, from the first bytes of both directions, with holes, late joining and strange answers."""

from dataclasses import replace

import pytest

from dicomsniff.association.recognition import MOST_WAITING, Recognition
from dicomsniff.core import LIMITS, Direction
from dicomsniff.tcp.events import Chunk, Gap, GapCause
from tests.association.dialogue import p_data
from tests.forge import pdus
from tests.forge.messages import echo_rq

OUT, BACK = Direction.TO_RESPONDER, Direction.TO_INITIATOR
CLIENT_HELLO = bytes.fromhex("16030100ba010000b60303") + bytes(180)
ALERT = bytes.fromhex("15030300020246")
RECORD = bytes.fromhex("1703030400") + bytes(range(256)) * 4
HTTP = b"HTTP/1.1 400 Bad Request\r\n\r\n"
ECHO = p_data(1, echo_rq())
SMALL = replace(LIMITS, detect_bytes=4096)


class Stream:
    """Feeds a recognition, keeping account of the offsets."""

    def __init__(self, late: bool = False) -> None:
        self.recognition = Recognition(late, SMALL)
        self.offsets = [0, 0]

    def say(self, data: bytes, side: Direction = OUT) -> "Stream":
        start = self.offsets[side]
        self.recognition.add(Chunk(1, side, start, data, [start], [1], [0]))
        self.offsets[side] += len(data)
        return self

    def lose(self, length: int, side: Direction = OUT) -> "Stream":
        self.recognition.add(Gap(1, side, self.offsets[side], length, GapCause.LOST, 1, 0))
        self.offsets[side] += length
        return self

    def settle(self) -> list[str]:
        self.recognition.settle()
        return self.recognition.protocols


@pytest.mark.parametrize(
    ("data", "protocol"),
    [
        (pdus.request(), "dicom"),
        (CLIENT_HELLO, "tls"),
        (b"GET / HTTP/1.1\r\n\r\n", "http"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "ssh"),
        (b"\x0bMSH|^~\\&|ADT|", "hl7"),
        (b"quite something else, and long enough to say so", "unknown"),
    ],
)
def test_the_first_bytes_of_the_initiator_decide(data: bytes, protocol: str) -> None:
    stream = Stream().say(data)
    assert stream.recognition.protocols == [protocol, ""]
    assert stream.recognition.decided and stream.recognition.dicom == (protocol == "dicom")


@pytest.mark.parametrize("size", [1, 2, 5, 7])
def test_it_does_not_matter_how_the_first_bytes_are_cut(size: int) -> None:
    stream, data = Stream(), pdus.request()
    for start in range(0, 60, size):
        stream.say(data[start : start + size])
    assert stream.recognition.protocols[0] == "dicom"


def test_all_that_came_before_the_decision_is_kept_for_the_framers() -> None:
    data = pdus.request()
    stream = Stream().say(data[:3]).say(b"", BACK).say(data[3:])
    assert b"".join(e.data for e in stream.recognition.waiting if isinstance(e, Chunk)) == data


def test_nothing_said_is_nothing_known() -> None:
    assert Stream().settle() == ["", ""]


def test_too_few_bytes_for_any_protocol_are_unknown_at_the_end_and_not_before() -> None:
    stream = Stream().say(b"\x01\x00\x00")
    assert not stream.recognition.decided
    assert stream.settle() == ["unknown", ""]


@pytest.mark.parametrize(("answer", "protocol"), [(ALERT, "tls"), (HTTP, "http"), (b"?" * 40, "unknown")])
def test_an_answer_in_another_protocol_is_told_apart(answer: bytes, protocol: str) -> None:
    stream = Stream().say(pdus.request()).say(answer, BACK)
    assert stream.recognition.protocols == ["dicom", protocol]


@pytest.mark.parametrize(
    "answer", [pdus.rejection(1, 0, 9), pdus.rejection(9, 9, 9), pdus.abort(7, 99), pdus.acceptance()[:6] + b"\0\2" + pdus.acceptance()[8:]]
)  # fmt: skip
def test_an_answer_with_undefined_codes_is_dicom_all_the_same(answer: bytes) -> None:
    stream = Stream().say(pdus.request()).say(answer, BACK)
    assert stream.recognition.protocols == ["dicom", "dicom"]


def test_undefined_codes_are_not_dicom_where_nobody_speaks_dicom() -> None:
    stream = Stream().say(pdus.rejection(9, 9, 9) + bytes(40), BACK)
    assert stream.settle()[1] == "unknown"


def test_a_stream_joined_late_is_dicom_once_a_pdu_boundary_is_proved() -> None:
    stream = Stream(late=True).say(b"pixels" * 100)
    assert not stream.recognition.decided
    stream.say(ECHO).say(ECHO).say(ECHO)
    assert stream.settle()[0] == "dicom"


def test_a_stream_joined_late_in_the_middle_of_tls_is_unknown_and_at_a_record_tls() -> None:
    assert Stream(late=True).say(RECORD[100:]).settle() == ["unknown", ""]
    assert Stream(late=True).say(RECORD).recognition.protocols == ["tls", ""]


def test_a_late_stream_is_searched_only_so_far() -> None:
    stream = Stream(late=True)
    while not stream.recognition.decided:
        stream.say(b"pixels" * 50)
    assert stream.recognition.protocols[0] == "unknown"
    assert stream.offsets[0] <= SMALL.detect_bytes + 300


def test_first_bytes_before_a_hole_are_not_joined_with_those_behind_it() -> None:
    stream = Stream().say(pdus.request()[:6]).lose(1400).say(b"other").lose(1400).say(b"bytes" * 20)
    assert stream.settle() == ["", ""], "what cannot be recognised may be the fault of the hole"
    assert stream.recognition.first_bytes[0] == pdus.request()[:6]


def test_what_only_looks_like_a_protocol_across_a_hole_is_none() -> None:
    assert Stream().say(b"GE").lose(700).say(b"T / HTTP/1.1 and so on, and more of it").settle() == ["", ""]


def test_dicom_behind_a_hole_is_found() -> None:
    stream = Stream().lose(5000).say(b"pixels" * 10 + ECHO * 3)
    assert stream.settle() == ["dicom", ""]
    assert stream.recognition.late


def test_a_hole_after_the_decision_does_not_make_a_stream_late() -> None:
    stream = Stream().say(pdus.request()).lose(100)
    assert not stream.recognition.late and stream.recognition.protocols[0] == "dicom"


def test_the_responder_decides_where_only_it_was_captured() -> None:
    stream = Stream().say(pdus.acceptance(), BACK)
    assert stream.recognition.decided and stream.recognition.dicom


def test_a_banner_of_the_responder_does_not_decide_before_the_initiator_speaks() -> None:
    assert not Stream().say(b"SSH-2.0-OpenSSH\r\n", BACK).recognition.decided


@pytest.mark.parametrize("first", [b"SSH-2.0-OpenSSH\r\n", b"%PDF and more of that", b"pixels"])
def test_endless_bytes_of_one_side_alone_do_not_wait_for_ever(first: bytes) -> None:
    stream = Stream(late=True).say(first, BACK)
    while not stream.recognition.decided:
        stream.say(bytes(1000), BACK)
        assert stream.offsets[1] < 4 * SMALL.detect_bytes
    assert not stream.recognition.dicom


def test_endless_holes_do_not_wait_for_ever() -> None:
    stream = Stream()
    for _ in range(3 * MOST_WAITING):
        stream.lose(10)
    assert len(stream.recognition.waiting) == 1, "holes that touch are one"
    for _ in range(3 * MOST_WAITING):
        if stream.recognition.decided:
            break
        stream.lose(10).lose(10, BACK)
    assert stream.recognition.decided and not stream.recognition.dicom
