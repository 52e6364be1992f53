"""What rests on time is not said where the clock of the capture broke."""

from dataclasses import replace
from typing import Any

import pytest

from dicomsniff.association.values import Kind, Outcome, Traffic
from dicomsniff.core import Direction, Endpoint
from dicomsniff.rules.clock import CAPTURE_END, clock, clock_holds, elapsed, on_the_way_ns, watched
from dicomsniff.rules.dimse.unanswered_request import RULE as UNANSWERED_MESSAGE
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.negotiation.aborted_negotiation import RULE as ABORTED_NEGOTIATION
from dicomsniff.rules.negotiation.application_abort import RULE as APPLICATION_ABORT
from dicomsniff.rules.negotiation.protocol_abort import RULE as PROTOCOL_ABORT
from dicomsniff.rules.negotiation.unanswered_request import RULE as UNANSWERED_ASSOCIATION
from dicomsniff.rules.negotiation.untimely_release import RULE as UNTIMELY_RELEASE
from dicomsniff.rules.rule import Rule
from dicomsniff.rules.transport.closed_association import RULE as CLOSED_ASSOCIATION
from dicomsniff.rules.transport.empty_connection import RULE as EMPTY_CONNECTION
from dicomsniff.rules.transport.lingering_connection import RULE as LINGERING_CONNECTION
from dicomsniff.rules.transport.silent_host import RULE as SILENT_HOST
from dicomsniff.tcp.events import DirectionFacts, Gap, GapCause
from tests.forge import dialogue, pdus
from tests.forge.dialogue import Dialogue
from tests.forge.reading import traffic_of
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.forge.wire import ACK, BACK, FIN, OUT, SYN, Frame, Wire
from tests.rules.judging import found, only, verdict
from tests.rules.transport.hanging import LateWire, talk

EVERYWHERE = ((1, CAPTURE_END),)


def broken(traffic: Traffic, breaks: tuple[tuple[int, int], ...] = EVERYWHERE) -> Traffic:
    """The same with a capture whose clock broke there."""
    return replace(traffic, captures=(replace(traffic.captures[0], clock_breaks=breaks),))


def never_accepted(seconds: float) -> Traffic:
    forge = TrafficForge()
    contexts = ((CT, (IMPLICIT,), None),)
    forge.association(contexts=contexts, outcome=Outcome.UNANSWERED, closed_by="requestor", end_after=seconds)
    return forge.traffic()


def late() -> Traffic:
    forge = TrafficForge()
    forge.association(answer_after=20)
    return forge.traffic()


def silent() -> Traffic:
    forge = TrafficForge()
    forge.connection(opened="unanswered", kind=Kind.EMPTY, syns=2, syn_gap=1, to_initiator=DirectionFacts())
    forge.wait(10).tick()
    return forge.traffic()


def left(seconds: float, outcome: Outcome) -> Traffic:
    forge = TrafficForge()
    forge.exchange(forge.association(end_after=seconds, outcome=outcome), "C-STORE")
    return forge.traffic()


@pytest.mark.parametrize(
    ("rule", "traffic"),
    [
        (UNANSWERED_ASSOCIATION, never_accepted(40)),
        (UNANSWERED_ASSOCIATION, late()),
        (CLOSED_ASSOCIATION, never_accepted(0.1)),
        (SILENT_HOST, silent()),
    ],
)
def test_nobody_is_accused_of_what_only_the_clock_says(rule: object, traffic: Traffic) -> None:
    assert verdict(rule, traffic) is Verdict.FINDING  # type: ignore[arg-type]
    assert verdict(rule, broken(traffic)) is Verdict.INCONCLUSIVE  # type: ignore[arg-type]
    assert verdict(rule, broken(traffic, ((1, 1),))) is Verdict.FINDING  # type: ignore[arg-type]  # before its first packet


def test_a_request_open_at_the_end_is_not_overdue_by_a_clock_that_leapt() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(outcome=Outcome.OPEN), "C-ECHO")
    forge.wait(7200).tick()
    traffic = forge.traffic()
    assert verdict(UNANSWERED_MESSAGE, traffic) is Verdict.FINDING
    assert verdict(UNANSWERED_MESSAGE, broken(traffic)) is Verdict.INCONCLUSIVE


def test_how_long_the_sender_was_patient_is_then_unknown() -> None:
    traffic = left(7200, Outcome.ABORTED)
    assert only(UNANSWERED_MESSAGE, traffic).act is Side.ACCEPTOR
    finding = only(UNANSWERED_MESSAGE, broken(traffic))
    assert (finding.act, finding.actor, finding.severity) == (Side.UNKNOWN, None, Severity.WARNING)
    assert "after an unknown time" in finding.message and finding.facts["waited_ms"] is None


@pytest.mark.parametrize(
    ("rule", "outcome"), [(CLOSED_ASSOCIATION, Outcome.CLOSED), (APPLICATION_ABORT, Outcome.ABORTED)]
)
def test_an_ending_is_told_without_how_long_it_was_silent_before(rule: object, outcome: Outcome) -> None:
    finding = only(rule, broken(left(30, outcome)))  # type: ignore[arg-type]
    assert "an unknown time after" in finding.message and "time-out" not in finding.message
    assert (finding.facts["silence_ms"], finding.act, finding.actor) == (None, Side.UNKNOWN, None)
    assert "30 s looks like a time-out" in only(rule, left(30, outcome)).message  # type: ignore[arg-type]


def test_an_abort_before_the_answer_is_a_choice_only_if_it_came_at_once() -> None:
    forge = TrafficForge()
    contexts = ((CT, (IMPLICIT,), None),)
    forge.association(contexts=contexts, outcome=Outcome.ABORTED, aborts=[("requestor", 0, 0)], end_after=0.1)
    traffic = forge.traffic()
    assert verdict(ABORTED_NEGOTIATION, traffic) is Verdict.FINDING
    assert verdict(ABORTED_NEGOTIATION, broken(traffic)) is Verdict.INCONCLUSIVE
    assert found(UNANSWERED_ASSOCIATION, broken(traffic)) == ()


def test_a_break_counts_between_the_packets_on_both_sides_of_it() -> None:
    traffic = broken(late(), ((5, 5), (8, 10)))
    spans = [(3, 4), (4, 5), (5, 7), (5, 8), (9, 9), (10, 12), (1, 20)]
    assert [clock_holds(traffic, *span) for span in spans] == [True, False, True, False, False, True, False]
    turned = [clock_holds(traffic, until, since) for since, until in spans]  # what was captured first was sent last
    assert turned == [True, False, True, False, False, True, False]


def test_elapsed_is_never_negative_and_unknown_times_have_no_time_of_day() -> None:
    traffic = late()
    request = traffic.associations[0].request
    assert request is not None
    assert elapsed(traffic, request.evidence, 9, request.evidence.last_ns - 5) == 0
    assert elapsed(traffic, request.evidence, 9, request.evidence.last_ns + 5) == 5
    assert elapsed(traffic, request.evidence, request.evidence.last_packet - 1, request.evidence.last_ns) is None
    assert clock(-1) == "an unknown time"


def unanswered(*lines: dict[str, Any], kind: Kind = Kind.DICOM) -> Traffic:
    """A request that stays open to the end, two hours later; meanwhile these connections."""
    forge = TrafficForge()
    forge.exchange(forge.association(outcome=Outcome.OPEN), "C-ECHO")
    forge.wait(60)
    for line in lines:
        forge.association(forge.connection(kind=kind, initiator=Endpoint("10.0.0.77", 40000), **line))
    forge.wait(7200).tick()
    return forge.traffic()


def hole(length: int) -> Gap:
    return Gap(2, Direction.TO_RESPONDER, 500, length, GapCause.LOST, 1000, 0)


@pytest.mark.parametrize(
    "line",
    [
        {"opened": "midstream"},
        {"gaps": [hole(20_000)], "to_responder": {"bytes": 100_000_000}},
        {"gaps": [hole(500)], "to_responder": {"bytes": 5_000}},
    ],
    ids=["the middle of a connection", "a long hole", "many holes"],
)
def test_silence_to_the_end_proves_nothing_where_a_stretch_of_the_capture_is_missing(line: dict[str, Any]) -> None:
    traffic = unanswered(line)
    assert verdict(UNANSWERED_MESSAGE, traffic) is Verdict.INCONCLUSIVE
    assert not watched(traffic, 1, CAPTURE_END) and watched(traffic, 1, traffic.captures[0].packets)


def test_silence_counts_beside_single_lost_packets_and_connections_of_others() -> None:
    few = {"gaps": [hole(500)], "to_responder": {"bytes": 100_000_000}}
    assert verdict(UNANSWERED_MESSAGE, unanswered({}, few)) is Verdict.FINDING
    assert verdict(UNANSWERED_MESSAGE, unanswered({"opened": "midstream"}, kind=Kind.OTHER)) is Verdict.FINDING


def test_what_was_missing_before_does_not_matter() -> None:
    forge = TrafficForge()
    forge.association(forge.connection(opened="midstream"))
    forge.exchange(forge.association(outcome=Outcome.OPEN), "C-ECHO")
    forge.wait(7200).tick()
    assert verdict(UNANSWERED_MESSAGE, forge.traffic()) is Verdict.FINDING


LONG = 1500  # a clock that goes on by more than an hour at once was set
ECHO = (pdus.VERIFICATION, (IMPLICIT,), 0)


def begun(what: str) -> Wire:
    """A connection on which something is waited for that never comes."""
    wire = Wire()
    if what == "host":
        wire.packet(OUT, SYN)
    elif what == "association":
        wire.connect()
    else:
        talk = Dialogue(wire, "CT01", "PACS", ECHO).request()
        if what != "acceptance":
            talk.accept()
    if what == "answer":
        talk.ask(0x30, pdus.VERIFICATION)
    elif what == "confirmation":
        wire.send(OUT, pdus.release_request())
    elif what == "close":
        wire.send(OUT, pdus.release_request()).send(BACK, pdus.release_response())
    return wire.acknowledge(OUT) if what not in ("host", "association") else wire


def alive(wire: Wire, what: str = "both") -> None:
    """A keep-alive and its answer, or one of them; an answer is a SYN where there is no connection yet."""
    if wire.seq[BACK] == Wire().seq[BACK]:
        wire.packet(OUT, SYN)
        return
    if what in ("both", "request"):
        wire.packet(OUT, ACK, seq=wire.seq[OUT] - 1)
    if what in ("both", "answer"):
        wire.packet(BACK, ACK)


def middle(at: Wire) -> list[Frame]:
    """Another association, of which the capture begins in the middle, and a later one in which all is well."""
    wire = Wire(("10.0.0.7", 40007), start_ns=at.now)
    talk = Dialogue(wire, "CT07", "PACS", ECHO).request().accept()
    before = len(wire.frames)
    talk.echo().release()
    wire.wait(LONG)
    later = Wire(("10.0.0.8", 40008), start_ns=wire.now)
    Dialogue(later, "CT08", "PACS", ECHO).request().accept().echo().release()
    return wire.frames[before:] + later.frames


WAITING: dict[str, Rule[Any]] = {
    "host": SILENT_HOST,
    "association": EMPTY_CONNECTION,
    "acceptance": UNANSWERED_ASSOCIATION,
    "answer": UNANSWERED_MESSAGE,
    "confirmation": UNTIMELY_RELEASE,
    "close": LINGERING_CONNECTION,
}


def said(what: str, *when: str, how: str = "both") -> Verdict:
    """What is said of it where signs of life came at these times: before what is missing, behind it."""
    wire = begun(what)
    rule = WAITING[what]
    for time in ("before", "behind"):
        wire.wait(LONG)
        if time == "behind":
            others = middle(wire)
            wire.wait(LONG)
        if time in when:
            alive(wire, how)
    return verdict(rule, traffic_of(wire.frames, others))


@pytest.mark.parametrize("what", WAITING)
def test_a_connection_that_was_heard_behind_a_missing_stretch_was_watched_across_it(what: str) -> None:
    assert said(what, "before", "behind") is said(what, "behind") is Verdict.FINDING


@pytest.mark.parametrize("what", WAITING)
def test_one_that_was_heard_only_before_it_may_have_gone_on_in_it(what: str) -> None:
    assert said(what) is not Verdict.FINDING and said(what, "before") is not Verdict.FINDING


@pytest.mark.parametrize("how", ["request", "answer"])
def test_one_side_alone_does_not_show_what_the_other_had_said(how: str) -> None:
    assert said("answer", "behind", how=how) is said("close", "behind", how=how) is Verdict.INCONCLUSIVE


def test_what_went_on_in_the_missing_stretch_shows_in_the_numbers_behind_it() -> None:
    wire = begun("answer")
    others = middle(wire.wait(LONG))
    unseen = len(wire.frames)
    wire.send(BACK, bytes(142)).acknowledge(BACK)
    del wire.frames[unseen:]
    alive(wire.wait(LONG))
    assert verdict(UNANSWERED_MESSAGE, traffic_of(wire.frames, others)) is Verdict.INCONCLUSIVE


def test_a_close_in_the_missing_stretch_shows_in_the_numbers_behind_it() -> None:
    wire = begun("close")
    others = middle(wire.wait(LONG))
    unseen = len(wire.frames)
    wire.packet(BACK, FIN | ACK)
    del wire.frames[unseen:]
    wire.seq[BACK] += 1
    alive(wire.wait(LONG))
    assert verdict(LINGERING_CONNECTION, traffic_of(wire.frames, others)) is Verdict.INCONCLUSIVE


def sent_again(what: str, wait: float, end: str, tries: int = 6) -> Traffic:
    """A request that is sent again for 18.9 s before it gets through, and that is not answered in `wait` s after that."""
    wire = LateWire()
    if what == "association":
        wire.connect()
        wire.tries = tries
        Dialogue(wire, "CT01", "PACS", (pdus.VERIFICATION, (IMPLICIT,), 0)).request(connect=False)
    else:
        said = talk(wire)
        wire.tries = tries
        if what == "echo":
            said.ask(dialogue.ECHO, pdus.VERIFICATION)
        else:
            wire.send(OUT, pdus.release_request())
    wire.tries = 0
    wire.wait(wait)
    if end == "accept":
        Dialogue(wire, "CT01", "PACS", (pdus.VERIFICATION, (IMPLICIT,), 0)).accept().release()
    elif end == "abort":
        wire.send(OUT, pdus.abort())
    elif end == "abort of the protocol layer":
        wire.send(OUT, pdus.abort(2, 0))
    if end != "accept":
        wire.close()
    return traffic_of(wire.frames)


LATE: list[tuple[Rule[Any], str, str]] = [
    (UNANSWERED_ASSOCIATION, "association", "accept"),
    (UNANSWERED_ASSOCIATION, "association", "abort"),
    (UNANSWERED_ASSOCIATION, "association", "close"),
    (UNANSWERED_MESSAGE, "echo", "close"),
    (CLOSED_ASSOCIATION, "echo", "close"),
    (APPLICATION_ABORT, "echo", "abort"),
    (PROTOCOL_ABORT, "echo", "abort of the protocol layer"),
    (UNTIMELY_RELEASE, "release", "close"),
    (APPLICATION_ABORT, "release", "abort"),
]


@pytest.mark.parametrize(("rule", "what", "end"), LATE)
def test_who_got_a_request_late_had_only_the_rest_of_the_time_to_answer(rule: Rule[Any], what: str, end: str) -> None:
    assert Side.ACCEPTOR not in {finding.act for finding in found(rule, sent_again(what, 0.5, end))}
    assert only(rule, sent_again(what, 31, end)).act is Side.ACCEPTOR


def test_what_was_sent_once_was_not_long_on_the_way() -> None:
    for tries, least, most in ((6, 18e9, 19e9), (0, 0, 0)):
        traffic = sent_again("association", 1, "accept", tries)
        request = traffic.associations[0].request
        assert request is not None
        assert least <= on_the_way_ns(request.evidence, traffic.conversations[0].tcp) <= most


@pytest.mark.parametrize("end", ["abort", "close"])
def test_an_association_that_the_way_prevented_is_told_and_nobody_accused(end: str) -> None:
    finding = only(UNANSWERED_ASSOCIATION, sent_again("association", 0.5, end))
    assert (finding.severity, finding.act) == (Severity.ERROR, Side.UNKNOWN)
    assert "It had taken 18.9 s and several tries to get there" in finding.message
