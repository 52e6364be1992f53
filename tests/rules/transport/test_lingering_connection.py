"""Connections that stay open after the end of their association."""

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.core import Direction
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.transport.lingering_connection import RULE
from dicomsniff.tcp.events import Closing
from tests.forge.dialogue import Dialogue
from tests.forge.reading import traffic_of
from tests.forge.traffic import IMPLICIT, VERIFICATION, TrafficForge
from tests.forge.wire import FIN, Wire
from tests.rules.judging import found, only, verdict


def lingering(
    *,
    outcome: Outcome = Outcome.RELEASED,
    then: Outcome | None = None,
    times: int = 1,
    open_s: float = 20,
    closes: bool = False,
    blind: tuple[Blind, ...] = (),
    dropped: int | None = None,
) -> Traffic:
    forge = TrafficForge().capture(dropped=dropped)
    for how in (*[outcome] * times, *([then] if then else [])):
        line = forge.connection(closed="open")
        abort = (("requestor", 0, 0),) if how is Outcome.ABORTED else ()
        made = forge.association(line, outcome=how, aborts=abort, blind=blind)
        if how is not Outcome.REJECTED:
            forge.exchange(made, "C-ECHO", status=0)
        forge.association(forge.connection())  # the end of the one before is written here
    forge.wait(open_s).tick()
    if closes:
        last = Closing(Direction.TO_RESPONDER, "fin", forge.packet, forge.now_ns, None)
        forge._lines[0].fields["closings"] = (last,)
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, lingering()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert not found(RULE, lingering(open_s=5))
    forge = TrafficForge()
    forge.association(closed_by="requestor")
    assert verdict(RULE, forge.traffic()) is Verdict.NOT_APPLICABLE


def test_is_inconclusive() -> None:
    assert verdict(RULE, lingering(dropped=7)) is Verdict.INCONCLUSIVE
    assert verdict(RULE, lingering(blind=(Blind.TO_REQUESTOR,))) is Verdict.INCONCLUSIVE


def test_the_receiver_of_the_last_pdu_had_to_close() -> None:
    released, rejected, aborted = (
        only(RULE, lingering(outcome=o)) for o in (Outcome.RELEASED, Outcome.REJECTED, Outcome.ABORTED)
    )
    assert [f.act for f in (released, rejected, aborted)] == [Side.REQUESTOR, Side.REQUESTOR, Side.ACCEPTOR]
    assert released.severity is Severity.WARNING
    assert "CT01 (10.0.0.1) received the last PDU and had to close it." in released.message
    assert "stayed open (for 20 s, to the end of the capture)" in released.message


def test_where_now_the_one_and_now_the_other_had_to_close_nobody_is_named() -> None:
    finding = only(RULE, lingering(then=Outcome.ABORTED))
    assert finding.act is Side.UNKNOWN and "now the one, now the other" in finding.message
    assert only(RULE, lingering(times=2)).message.endswith("received the last PDU and had to close them.")


def test_a_connection_that_is_closed_late_counts_until_then() -> None:
    assert "to the end" not in only(RULE, lingering(closes=True)).message
    assert not found(RULE, lingering(closes=True, open_s=8))


def test_a_crowd_counts_before_ten_seconds_have_passed() -> None:
    assert not found(RULE, lingering(times=4, open_s=3))
    finding = only(RULE, lingering(times=6, open_s=3))
    assert finding.message.startswith(
        "6 associations ended but their TCP connections to 10.0.0.2:104 stayed open at once (the oldest for 3."
    )
    assert (finding.facts["lingering"], finding.facts["at_once"]) == (6, True)


def test_a_closing_of_which_only_the_acknowledgement_was_captured_is_one() -> None:
    echo = (VERIFICATION, (IMPLICIT,), 0)

    def judged(*missing: int) -> Verdict:
        talk = Dialogue(Wire(), "CT01", "PACS", echo).request().accept().echo().release()
        other = Wire(("10.0.0.3", 40001), start_ns=talk.wire.now + 20_000_000_000)
        Dialogue(other, "CT03", "PACS", echo).request().accept().echo().release()
        frames = talk.wire.frames
        fins = [place for place, (_, frame) in enumerate(frames) if frame[47] & FIN]
        gone = set(fins) | {place + fins[-1] for place in missing}
        return verdict(RULE, traffic_of([f for at, f in enumerate(frames) if at not in gone], other.frames))

    assert judged() is Verdict.INCONCLUSIVE
    assert judged(1) is Verdict.FINDING  # nothing tells of a closing
