"""Long segments that vanish, and what only looks like it."""

from dataclasses import replace

from scapy.layers.inet import ICMP, IP
from scapy.packet import Raw

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.runner import judge
from dicomsniff.rules.transport.mtu_black_hole import RULE
from dicomsniff.tcp.events import Gap, GapCause
from tests.forge.reading import traffic_of
from tests.forge.wire import ACK, BACK, OUT, RST, Frame, Wire
from tests.rules.judging import check, found, only, verdict
from tests.rules.transport.hanging import LONG, hang, other_association, talk
from tests.tcp import wrappings


def stuck(*, heard: bool = True, tries: int = 5, data: bytes = LONG, pause: float = 0.0) -> Wire:
    wire = Wire()
    talk(wire)
    wire.wait(pause)
    hang(wire, data, tries)
    if heard:
        wire.seq[OUT] -= len(data)
        wire.packet(BACK, ACK)
    wire.packet(OUT, RST)
    return wire


def test_fires() -> None:
    assert verdict(RULE, traffic_of(stuck().frames)) is Verdict.FINDING


def test_is_quiet() -> None:
    wire = Wire()
    talk(wire).release()
    assert verdict(RULE, traffic_of(wire.frames)) is Verdict.NOT_APPLICABLE
    assert verdict(RULE, traffic_of(stuck(tries=2).frames)) is Verdict.NOT_APPLICABLE
    assert verdict(RULE, traffic_of(stuck(data=LONG[:300]).frames)) is Verdict.NOT_APPLICABLE


def test_is_inconclusive() -> None:
    assert verdict(RULE, traffic_of(stuck(heard=False).frames)) is Verdict.INCONCLUSIVE
    assert "it may have failed" in check(RULE, traffic_of(stuck(heard=False).frames)).reasons[0]


def test_the_sizes_the_tries_and_the_proof_of_life_are_named() -> None:
    finding = only(RULE, traffic_of(stuck().frames))
    assert finding.severity is Severity.ERROR
    assert finding.message.startswith(
        "Segments of 1448 bytes from 10.0.0.1 to 10.0.0.2 vanish while segments that are shorter arrive: a path MTU black hole."
        " One was sent 6 times in 9.3 s and never acknowledged; 10.0.0.2 went on sending short packets here."
    )
    assert finding.act is Side.NETWORK
    assert (finding.facts["segment_bytes"], finding.facts["tries"], finding.facts["dont_fragment"]) == (1448, 6, True)


def test_another_connection_that_works_proves_that_the_host_lives() -> None:
    traffic = traffic_of(stuck(heard=False).frames, other_association(8.0))
    assert "10.0.0.2 was heard meanwhile on connection 2" in only(RULE, traffic).message
    early = traffic_of(stuck(heard=False).frames, other_association(0.001))
    assert verdict(RULE, early) is Verdict.INCONCLUSIVE


def test_a_host_that_took_segments_as_long_before_is_no_black_hole() -> None:
    wire = Wire()
    talk(wire)
    wire.packet(OUT, ACK, LONG)
    wire.seq[OUT] += len(LONG)
    wire.packet(BACK, ACK)
    hang(wire, LONG)
    assert not found(RULE, traffic_of(wire.frames))


def test_a_receiver_that_had_no_room_is_not_accused_of_its_path() -> None:
    wire = Wire()
    talk(wire)
    wire.packet(BACK, ACK, window=0)
    wire.wait(1)
    hang(wire, LONG)
    wire.seq[OUT] -= len(LONG)
    wire.packet(BACK, ACK)
    assert verdict(RULE, traffic_of(wire.frames)) is Verdict.INCONCLUSIVE


def test_what_was_sent_after_a_long_silence_is_judged_by_another_rule() -> None:
    assert not found(RULE, traffic_of(stuck(pause=300).frames))


def _quoted() -> Traffic:
    wire = stuck(heard=False)
    number = next(n for n, (_, data) in enumerate(wire.frames) if len(data) > 1400)
    time, data = wire.frames[number]
    message = IP(src="10.0.0.254", dst="10.0.0.1") / ICMP(type=3, code=4, nexthopmtu=1400) / Raw(data[14:42])
    icmp: list[Frame] = [(time + 1000, bytes(wrappings.ethernet() / message))]
    return traffic_of(wire.frames, icmp)


def test_an_icmp_message_that_the_sender_did_not_heed_proves_it_too() -> None:
    finding = only(RULE, _quoted())
    assert "10.0.0.254 said by ICMP that the packet was too big (packets of up to 1400 bytes fit)" in finding.message
    assert finding.actor == "10.0.0.254"


def test_what_follows_from_it_is_told_below_it() -> None:
    rules = [
        finding.rule for finding in judge(traffic_of(stuck().frames)).findings if finding.severity is Severity.ERROR
    ]
    assert rules == ["DS-TCP-007"]


def holed(traffic: Traffic) -> Traffic:
    """The same, with packets of the connection missing."""
    [conversation] = traffic.conversations
    gap = Gap(1, OUT, 5, 10, GapCause.LOST, 9, 0)
    return replace(traffic, conversations=(replace(conversation, gaps=(gap,)),))


def test_is_inconclusive_where_segments_were_not_captured() -> None:
    traffic = traffic_of(stuck().frames)
    assert found(RULE, traffic) and verdict(RULE, holed(traffic)) is Verdict.INCONCLUSIVE


def test_is_inconclusive_where_the_clock_does_not_tell_for_how_long() -> None:
    traffic = traffic_of(stuck().frames)
    [capture] = traffic.captures
    broken = replace(traffic, captures=(replace(capture, clock_breaks=((1, 1 << 40),)),))
    assert verdict(RULE, broken) is Verdict.INCONCLUSIVE
    assert verdict(RULE, traffic_of(stuck(tries=3).frames)) is Verdict.INCONCLUSIVE  # 2 s may be any interruption
