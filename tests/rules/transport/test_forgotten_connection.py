"""Connections that did not survive a silence."""

from dataclasses import replace

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.runner import judge
from dicomsniff.rules.transport import closed_association
from dicomsniff.rules.transport.forgotten_connection import RULE
from dicomsniff.tcp.events import Gap, GapCause
from tests.forge.messages import command_bytes
from tests.forge.pdus import VERIFICATION, p_data, pdv
from tests.forge.reading import traffic_of
from tests.forge.wire import ACK, BACK, FIN, OUT, PSH, RST, Wire
from tests.rules.judging import check, found, only, verdict
from tests.rules.transport.hanging import hang, other_association, talk

COMMAND = command_bytes(AffectedSOPClassUID=VERIFICATION, CommandField=0x30, MessageID=2, CommandDataSetType=0x0101)
ECHO = p_data(pdv(COMMAND, 1, command=True))


def silent(seconds: float = 900) -> Wire:
    wire = Wire()
    talk(wire)
    return wire.wait(seconds)


def reset(ttl: int, flags: int = RST | ACK, seconds: float = 900) -> Wire:
    wire = silent(seconds)
    wire.packet(OUT, ACK | PSH, ECHO)
    wire.packet(BACK, flags, ttl=ttl)
    return wire


def unanswered() -> Wire:
    wire = silent()
    hang(wire, ECHO)
    return wire


def test_fires() -> None:
    assert verdict(RULE, traffic_of(reset(63).frames)) is Verdict.FINDING


def test_is_quiet() -> None:
    wire = Wire()
    talk(wire).release()
    assert verdict(RULE, traffic_of(wire.frames)) is Verdict.NOT_APPLICABLE
    assert verdict(RULE, traffic_of(reset(63, seconds=20).frames)) is Verdict.CLEAR


def test_is_inconclusive() -> None:
    made = check(RULE, traffic_of(unanswered().frames))
    assert made.verdict is Verdict.INCONCLUSIVE
    assert "it may have failed" in made.reasons[0]


def test_a_reset_from_a_box_in_between_is_told_by_its_ttl() -> None:
    finding = only(RULE, traffic_of(reset(63).frames))
    assert finding.severity is Severity.ERROR
    assert finding.message == (
        "After 15 min of silence the connection 10.0.0.1 -> 10.0.0.2:104 no longer passed: a reset answered whose TTL (63) is"
        " not that of the host's other packets (64): a device in between sent it. A stateful device forgot it."
    )
    assert (finding.act, finding.facts["silence_round_s"]) == (Side.NETWORK, 900)


def test_a_host_that_knows_nothing_of_the_connection_may_have_been_restarted() -> None:
    finding = only(RULE, traffic_of(reset(64, RST).frames))
    assert "from one who no longer knew the connection" in finding.message
    assert finding.message.endswith("A stateful device forgot it, or the peer did.")
    assert finding.act is Side.UNKNOWN


def test_a_program_that_resets_a_connection_it_knows_has_not_forgotten_it() -> None:
    assert not found(RULE, traffic_of(reset(64, RST | ACK).frames))


def test_silence_from_a_host_that_is_heard_elsewhere_is_a_forgotten_connection() -> None:
    finding = only(RULE, traffic_of(unanswered().frames, other_association(905)))
    assert "was repeated 5 times without an answer, while 10.0.0.2 was heard on connection 2" in finding.message
    assert verdict(RULE, traffic_of(unanswered().frames, other_association(800))) is Verdict.INCONCLUSIVE


def test_an_end_by_the_idle_timer_of_the_peer_is_another_matter() -> None:
    wire = silent()
    wire.packet(BACK, FIN | ACK)
    wire.seq[BACK] += 1
    wire.wait(30).packet(OUT, ACK | PSH, ECHO)
    wire.packet(BACK, RST)
    assert not found(RULE, traffic_of(wire.frames))


def test_a_connection_that_is_used_again_with_success_is_fine() -> None:
    wire = Wire()
    dialogue = talk(wire)
    wire.wait(3000)
    dialogue.echo().release()
    assert verdict(RULE, traffic_of(wire.frames)) is Verdict.CLEAR


def test_what_follows_from_it_is_told_below_it() -> None:
    findings = judge(traffic_of(reset(63).frames)).findings
    assert [f.rule for f in findings if f.severity is Severity.ERROR] == ["DS-TCP-009"]


def kept_alive(answered: int, asked: int = 9, last: int = RST) -> Wire:
    """Keep-alives every 11 s after a minute of silence, of which the first are answered; then a reset of their sender."""
    wire = silent(60)
    for number in range(asked):
        wire.packet(OUT, ACK, seq=wire.seq[OUT] - 1)
        if number < answered:
            wire.packet(BACK, ACK)
        wire.wait(11)
    wire.packet(OUT, last)
    return wire


def test_who_gives_up_after_keep_alives_without_an_answer_has_not_cut_the_connection() -> None:
    judgement = judge(traffic_of(kept_alive(1).frames), fence=False, rules=(RULE, closed_association.RULE))
    (finding,) = judgement.findings
    assert (finding.rule, finding.act, [child.rule for child in finding.children]) == (
        "DS-TCP-009", Side.UNKNOWN, ["DS-TCP-005"],
    )  # fmt: skip
    assert "the keep-alives of 10.0.0.1 got no answer for 88 s; 10.0.0.2 was not heard any more" in finding.message
    assert finding.fix.startswith("See whether 10.0.0.2 was up")
    alive = traffic_of(kept_alive(1).frames, other_association(200))
    assert "though 10.0.0.2 was heard on connection 2" in only(RULE, alive).message


def test_who_resets_after_keep_alives_that_were_answered_is_not_excused() -> None:
    assert not found(RULE, traffic_of(kept_alive(9).frames))


def holed(traffic: Traffic) -> Traffic:
    """The same, with packets of the connection missing."""
    [conversation] = traffic.conversations
    gap = Gap(1, OUT, 5, 10, GapCause.LOST, 9, 0)
    return replace(traffic, conversations=(replace(conversation, gaps=(gap,)),))


def test_is_inconclusive_where_packets_are_missing_or_the_clock_was_set() -> None:
    for wire in (reset(63), kept_alive(0)):
        traffic = traffic_of(wire.frames)
        [capture] = traffic.captures
        broken = replace(traffic, captures=(replace(capture, clock_breaks=((1, 1 << 40),)),))
        assert found(RULE, traffic)
        assert verdict(RULE, holed(traffic)) is verdict(RULE, broken) is Verdict.INCONCLUSIVE


def test_a_connection_that_was_closed_before_the_silence_was_not_forgotten() -> None:
    wire = Wire()
    talk(wire)
    wire.packet(OUT, FIN | ACK)
    wire.seq[OUT] += 1
    wire.wait(900)
    wire.packet(OUT, ACK | PSH, ECHO)
    wire.packet(BACK, RST, ttl=63)
    assert found(RULE, traffic_of(wire.frames)) == ()
