"""DS-SC-001: results that were not seen are an accusation of nobody, and none at all where the capture is blind."""

import pytest
from pydicom.dataset import Dataset

from dicomsniff.association.values import Blind, Kind
from dicomsniff.core import Endpoint
from dicomsniff.rules.commitment.missing_result import RULE
from dicomsniff.rules.finding import Severity, Side
from tests.captures import real
from tests.forge.dialogue import N_ACTION, Dialogue, data_set
from tests.forge.reading import traffic_of
from tests.forge.traffic import ARCHIVE, CT, IMPLICIT, MODALITY
from tests.forge.wire import ACK, BACK, OUT, RST, SYN, Wire
from tests.forge.workflow import COMMITMENT, Day
from tests.rules.applying import doubts, is_quiet, only


def _asked(seconds: float) -> Day:
    day = Day()
    day.stores("1.1", "1.2")
    day.request("1.1", "1.2")
    day.stores("1.3")
    day.wait(seconds)
    day.stores("1.4")
    return day


def test_fires_as_a_warning_after_an_hour_and_blames_nobody() -> None:
    hit = only(RULE, _asked(4000).traffic())
    assert hit.severity is Severity.WARNING and hit.act is Side.UNKNOWN
    assert "PACS (10.0.0.2:104) accepted the commitment request 9.1 (2 objects)" in hit.message
    assert "CT01 (10.0.0.1)" in hit.message and "1 h 6 min" in hit.message and "may still come" in hit.message
    assert "it ended the association 1 ms after the answer" in hit.message


def test_fires_as_a_mere_remark_before() -> None:
    assert only(RULE, _asked(60).traffic()).severity is Severity.INFO


def test_fires_as_a_warning_where_the_archive_could_not_connect() -> None:
    day = _asked(60)
    day.forge.connection(opened="refused", initiator=Endpoint(ARCHIVE.ip, 5), responder=Endpoint(MODALITY.ip, 11112))
    hit = only(RULE, day.traffic())
    assert hit.severity is Severity.WARNING and "could not connect to 10.0.0.1:11112 (refused)" in hit.message
    assert hit.facts["port"] == 11112


def test_an_archive_may_call_back_before_it_has_answered() -> None:
    """As Orthanc does."""
    asking, push = Wire(), "1.2.840.10008.1.20.1"
    talk = Dialogue(asking, "CT01", "PACS", (push, (IMPLICIT,), 0)).request().accept()
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CT, "1.2.3.4"
    wanted = data_set(TransactionUID="1.2.9", ReferencedSOPSequence=[item])
    talk.ask(N_ACTION, push, wanted, RequestedSOPInstanceUID=f"{push}.1", ActionTypeID=1)
    calling = Wire(("10.0.0.2", 50000), ("10.0.0.1", 11112), start_ns=asking.now + 1_000_000)
    calling.packet(OUT, SYN)
    calling.seq[OUT] += 1
    calling.packet(BACK, RST | ACK, seq=0)
    talk.answer(N_ACTION, push, 0, after=0.01).release()
    asking.wait(2).packet(BACK, ACK)
    hit = only(RULE, traffic_of(asking.frames, calling.frames))
    assert hit.severity is Severity.WARNING and "could not connect to 10.0.0.1:11112 (refused)" in hit.message


def test_is_quiet_where_the_result_came_on_any_way() -> None:
    for own in (False, True):
        day = _asked(4000)
        day.result(["1.1", "1.2"], association=day.associate(COMMITMENT) if own else None)
        assert is_quiet(RULE, day.traffic())


def test_is_quiet_where_the_request_was_refused() -> None:
    day = Day()
    day.request("1.1", status=0x0112)
    assert is_quiet(RULE, day.wait(9000).traffic())


def test_is_quiet_where_the_same_request_was_sent_again_and_answered() -> None:
    day = _asked(10)
    day.request("1.1", "1.2")
    day.result(["1.1", "1.2"])
    assert is_quiet(RULE, day.wait(9000).traffic())


@real.here
def test_is_quiet_in_the_real_workflow() -> None:
    assert is_quiet(RULE, real.analysis("workflow_mwl_mpps_commit").traffic)


def test_is_inconclusive_over_a_blind_stretch_between_the_two() -> None:
    day = _asked(4000)
    day.stores("1.4")
    day.call_back(blind=[Blind.HOLE_TO_ACCEPTOR])
    assert doubts(RULE, day.traffic()) == ["a result may have passed in a stretch that was not captured"]


def test_is_inconclusive_where_something_encrypted_passed() -> None:
    day = _asked(4000)
    day.forge.connection(kind=Kind.TLS, initiator=Endpoint(ARCHIVE.ip, 6), responder=Endpoint(MODALITY.ip, 2762))
    assert doubts(RULE, day.traffic()) == ["a result may have passed on an encrypted connection"]


def test_is_inconclusive_where_packets_were_dropped() -> None:
    day = _asked(4000)
    day.forge.capture(dropped=3)
    assert "dropped packets" in doubts(RULE, day.traffic())[0]


@pytest.mark.parametrize("body", [b"", b"\xff" * 40])
def test_is_inconclusive_where_the_request_could_not_be_read(body: bytes) -> None:
    day = Day()
    day.request(body=body)
    assert "could not be read" in doubts(RULE, day.wait(9000).traffic())[0]
