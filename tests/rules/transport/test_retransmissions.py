"""Loss: on which side of the capture point, what is not loss, and when it is an error."""

import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.packet import Raw

from dicomsniff.api import analyze
from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.negotiation import application_abort, protocol_abort
from dicomsniff.rules.rule import Rule
from dicomsniff.rules.runner import judge
from dicomsniff.rules.storage import interrupted_transfer
from dicomsniff.rules.transport import closed_association
from dicomsniff.rules.transport.retransmissions import RULE
from dicomsniff.rules.transport.undelivered import in_words, is_final
from dicomsniff.tcp.events import Unreachable
from dicomsniff.tcp.segment_facts import Resent, SegmentFacts
from tests.captures import real
from tests.forge import pdus
from tests.forge.dialogue import Dialogue
from tests.forge.messages import command_bytes
from tests.forge.reading import traffic_of
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.forge.wire import ACK, BACK, OUT, Wire, write_pcap
from tests.rules.judging import found, only, shape, verdict
from tests.rules.transport.hanging import LONG, hang, talk
from tests.tcp import wrappings

MS = 1_000_000
ECHO = pdus.p_data(
    pdus.pdv(
        command_bytes(AffectedSOPClassUID=pdus.VERIFICATION, CommandField=0x30, MessageID=2, CommandDataSetType=0x0101),
        command=True,
    )
)


def lossy(
    twice: int = 0,
    holes: int = 0,
    data: int = 1000,
    hole_ns: int = 100 * MS,
    outcome: Outcome = Outcome.RELEASED,
    lines: int = 1,
    early: int = 0,
    acknowledged: int | None = 1_448_000,
    proved: int = 0,
    unclear: int = 0,
    copies: tuple[int, ...] = (),
    duplicates: int = 0,
    overtaken: int = 0,
) -> Traffic:
    forge = TrafficForge()
    times = ((hole_ns.bit_length(), holes),) if holes else ()
    resent = (Resent(0, 1448, 7, 0, 5, bool(holes)),)
    facts = SegmentFacts(seen_twice=twice, filled_holes=holes + proved, hole_times=times, unclear=unclear)
    facts = facts._replace(recovery_ns=300 * MS, resent=resent, copies=copies)
    for _ in range(lines):
        line = forge.connection(
            to_responder={
                "data_packets": data,
                "early": early,
                "acknowledged": acknowledged,
                "duplicates": duplicates,
                "out_of_order": overtaken,
            },
            segments=(facts, SegmentFacts()),
            rtt_initiator_ns=20 * MS,
            rtt_responder_ns=20 * MS,
        )
        forge.association(line, outcome=outcome, closed_by="acceptor" if outcome is Outcome.CLOSED else None)
    return forge.traffic()


def dead(tries: int, heard: bool = False) -> Traffic:
    """A connection on which a segment is repeated with a doubling timer, short enough for every path."""
    wire = Wire()
    talk(wire)
    hang(wire, LONG[:300], tries)
    if heard:
        wire.seq[OUT] -= 300
        wire.packet(BACK, ACK)
    return traffic_of(wire.frames)


def test_a_connection_that_is_confirmed_nothing_any_more_has_died() -> None:
    finding = only(RULE, dead(6))
    assert "10.0.0.1 repeated a segment 6 times in 18.9 s, and 10.0.0.2 was not heard any more" in finding.message
    assert (finding.severity, finding.act, finding.connection) == (Severity.ERROR, Side.UNKNOWN, 1)
    assert only(RULE, dead(4)).severity is Severity.WARNING
    assert "was still heard, but confirmed nothing" in only(RULE, dead(6, heard=True)).message
    assert not found(RULE, dead(2)) and not found(RULE, dead(3))


def test_who_gives_up_a_connection_that_has_died_is_not_the_one_who_cut_it() -> None:
    wire = Wire()
    talk(wire)
    hang(wire, LONG[:300], 6)
    wire.reset(OUT)
    [(root, below)] = shape(traffic_of(wire.frames), RULE, closed_association.RULE, application_abort.RULE)
    assert root == RULE.id and "DS-TCP-005" in below


@pytest.mark.parametrize(
    ("rule", "end"),
    [
        (closed_association.RULE, b""),
        (application_abort.RULE, pdus.abort()),
        (protocol_abort.RULE, pdus.abort(2, 0)),
        (interrupted_transfer.RULE, b""),
    ],
)
@pytest.mark.parametrize("tries", [0, 2])
def test_who_leaves_as_nothing_of_what_it_sends_gets_through_is_not_the_one_to_act(
    rule: Rule[Any], end: bytes, tries: int
) -> None:
    wire = Wire()
    talk(wire)
    hang(wire, ECHO if end else LONG[:300], tries)
    if end:
        wire.send(OUT, end)
    wire.reset(OUT)
    assert only(rule, analysed(wire)).act is (Side.UNKNOWN if tries else Side.REQUESTOR)


def analysed(wire: Wire) -> Traffic:
    """With the data sets to be read."""
    with tempfile.TemporaryDirectory() as folder:
        return analyze(write_pcap(Path(folder, "c.pcap"), wire.frames), rules=False).traffic


def test_what_was_sent_in_vain_after_the_end_is_not_the_reason_for_it() -> None:
    wire = Wire()
    talk(wire)
    wire.send(BACK, pdus.abort()).acknowledge(BACK)
    hang(wire, LONG[:300], 6)
    assert "DS-ASSOC-008" in [
        root for root, _ in shape(traffic_of(wire.frames), RULE, closed_association.RULE, application_abort.RULE)
    ]


def test_fires() -> None:
    assert verdict(RULE, lossy(twice=20)) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, lossy(twice=9)) is Verdict.CLEAR
    assert verdict(RULE, lossy(twice=20, data=5000)) is Verdict.CLEAR
    assert verdict(RULE, lossy(twice=3, lines=2)) is Verdict.CLEAR


def test_loss_behind_the_capture_point_is_told_from_loss_before_it() -> None:
    behind, before, both = (only(RULE, lossy(*counts)) for counts in ((20, 0), (0, 20), (20, 20)))
    assert "lost between the capture point and 10.0.0.2" in behind.message
    assert "lost between 10.0.0.1 and the capture point" in before.message
    assert "on both sides" in both.message
    assert [f.facts["where"] for f in (behind, before, both)] == ["behind", "before", "both"]
    assert behind.message.startswith("2.0 % of the data from 10.0.0.1 to 10.0.0.2 was sent again (20 of 1000 segments)")
    assert "300 ms" in behind.message
    assert behind.act is Side.NETWORK


def test_loss_is_a_warning_and_an_error_where_associations_broke() -> None:
    assert only(RULE, lossy(30)).severity is Severity.WARNING
    assert only(RULE, lossy(30, outcome=Outcome.CLOSED)).severity is Severity.ERROR
    assert only(RULE, lossy(11, outcome=Outcome.CLOSED)).severity is Severity.WARNING


def test_holes_filled_sooner_than_a_sender_can_know_of_them_are_reordering() -> None:
    assert not found(RULE, lossy(holes=200, hole_ns=4 * MS))


def test_where_the_capture_is_out_of_order_a_late_hole_is_no_loss() -> None:
    assert verdict(RULE, lossy(holes=200, early=1)) is Verdict.INCONCLUSIVE
    assert verdict(RULE, lossy(holes=2, early=1)) is Verdict.CLEAR
    assert found(RULE, lossy(twice=200, early=1))


def test_where_the_capture_makes_copies_and_is_out_of_order_what_is_seen_twice_may_be_a_copy() -> None:
    assert verdict(RULE, lossy(twice=200, early=1, copies=(5,))) is Verdict.INCONCLUSIVE
    assert verdict(RULE, lossy(twice=200, acknowledged=None, copies=(5,))) is Verdict.INCONCLUSIVE
    assert found(RULE, lossy(twice=200, copies=(5,)))
    assert verdict(RULE, lossy(twice=200, copies=(5,), duplicates=150, overtaken=1)) is Verdict.INCONCLUSIVE
    assert found(RULE, lossy(twice=200, copies=(5,), duplicates=150))
    assert found(RULE, lossy(twice=200, copies=(5,), duplicates=50, overtaken=1))
    assert only(RULE, lossy(twice=200, proved=20, copies=(5,), duplicates=150, overtaken=1)).facts["resent"] == 220


def test_holes_filled_by_what_its_sender_shows_to_be_new_count_whatever_the_order_and_the_time() -> None:
    assert only(RULE, lossy(proved=20, early=1, hole_ns=MS)).facts["resent"] == 20
    assert found(RULE, lossy(proved=20, acknowledged=None))


def test_holes_of_which_nothing_tells_how_they_were_filled_are_no_accusation() -> None:
    assert verdict(RULE, lossy(unclear=200)) is Verdict.INCONCLUSIVE
    assert verdict(RULE, lossy(unclear=2)) is Verdict.CLEAR
    assert only(RULE, lossy(twice=20, unclear=200)).facts["resent"] == 20


def test_where_the_receiver_was_not_heard_a_late_hole_may_be_the_order_of_the_capture() -> None:
    assert verdict(RULE, lossy(holes=200, acknowledged=None)) is Verdict.INCONCLUSIVE
    assert found(RULE, lossy(twice=200, acknowledged=None))


def test_small_losses_on_many_connections_of_two_hosts_add_up() -> None:
    finding = only(RULE, lossy(twice=3, data=100, lines=5))
    assert (finding.facts["resent"], finding.facts["segments"], len(finding.facts["connections"])) == (15, 500, 5)


def _repeated(gap_ns: int, identification: bytes) -> Traffic:
    """A C-STORE of which every tenth segment comes again after some time."""
    wire = Wire()
    talk = Dialogue(wire, "CT01", "PACS", (CT, (IMPLICIT,), 0)).request().accept()
    talk.store(CT, "1.2.3", random.Random(1).randbytes(600_000)).release()
    long = [frame for frame in wire.frames if len(frame[1]) > 1400]
    again = [(time + gap_ns, data[:18] + identification + data[20:]) for time, data in long[5::10]]
    return traffic_of(wire.frames, again)


def test_segments_sent_again_are_counted_and_copies_made_by_the_capture_are_not() -> None:
    assert only(RULE, _repeated(30 * MS, b"\0\x07")).facts["seen_twice"] > 30
    assert not found(RULE, _repeated(MS // 2, b"\0\x01"))


@real.here
def test_the_real_lossy_network_is_told_without_its_reordering() -> None:
    finding = only(RULE, real.analysis("lossy_network").traffic)
    assert (finding.facts["resent"], finding.facts["filled_holes"], finding.facts["where"]) == (43, 41, "before")
    assert finding.severity is Severity.WARNING


def _said(message: object, at: int = 1000, tries: int = 2, wait: float = 4) -> Traffic:
    """A connection that its sender gives up; of its last segment the network says something."""
    wire = Wire()
    talk(wire)
    time, data = wire.now, wire.frame(OUT, ACK, LONG[:300])
    hang(wire, LONG[:300], tries)
    wire.wait(wait).reset(OUT)
    packet = wrappings.ethernet() / IP(src="10.0.0.254", dst="10.0.0.1") / message / Raw(data[14:42])
    return traffic_of(wire.frames, [(time + at, bytes(packet))])


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (ICMP(type=3, code=1), "ICMP destination unreachable (host unreachable)"),
        (ICMP(type=3, code=13), "ICMP destination unreachable (communication administratively prohibited)"),
        (ICMP(type=3, code=3), "ICMP destination unreachable (port unreachable)"),
        (ICMP(type=11, code=0), "ICMP time exceeded (too many hops: a routing loop)"),
    ],
)
def test_where_the_network_says_why_nothing_comes_through_it_is_named(message: object, words: str) -> None:
    traffic = _said(message)
    finding = only(RULE, traffic)
    assert f"what 10.0.0.1 sent did not arrive, {words} says 10.0.0.254" in finding.message
    assert (finding.act, finding.actor, finding.severity) == (Side.NETWORK, "10.0.0.254", Severity.ERROR)
    number = next(n for n, c in enumerate(traffic.conversations) if c.tcp.path.undelivered)
    [said] = traffic.conversations[number].tcp.path.undelivered
    assert said.packet in finding.packets


def test_what_follows_from_that_is_told_below_it() -> None:
    """Nobody is blamed for the end of a connection that the network refused to carry."""
    top = [f for f in judge(_said(ICMP(type=3, code=1))).findings if f.severity is not Severity.INFO]
    assert {(f.rule, f.act) for f in top} == {("DS-TCP-006", Side.NETWORK)}


def test_what_was_confirmed_later_did_arrive() -> None:
    wire = Wire()
    talk(wire)
    time, data = wire.now, wire.frame(OUT, ACK, LONG[:300])
    wire.send(OUT, LONG[:300]).acknowledge(OUT).wait(9).close()
    packet = wrappings.ethernet() / IP(src="10.0.0.254", dst="10.0.0.1") / ICMP(type=3, code=1) / Raw(data[14:42])
    assert not found(RULE, traffic_of(wire.frames, [(time + 1000, bytes(packet))]))


def test_a_capture_that_ends_right_behind_the_message_proves_nothing() -> None:
    wire = Wire()
    talk(wire)
    time, data = wire.now, wire.frame(OUT, ACK, LONG[:300])
    wire.send(OUT, LONG[:300])
    packet = wrappings.ethernet() / IP(src="10.0.0.254", dst="10.0.0.1") / ICMP(type=3, code=1) / Raw(data[14:42])
    assert not found(RULE, traffic_of(wire.frames, [(time + 1000, bytes(packet))]))


def test_what_messages_say_is_told_in_their_versions_words() -> None:
    def words(sender: str, type: int, code: int) -> str:
        return in_words(Unreachable(sender, type, code, 1, 0))

    assert words("2001:db8::fe", 1, 3) == "ICMP v6 destination unreachable (address unreachable)"
    assert words("2001:db8::fe", 3, 0) == "ICMP v6 time exceeded (too many hops: a routing loop)"
    assert words("10.0.0.254", 3, 0) == "ICMP destination unreachable (network unreachable)"
    assert words("10.0.0.254", 3, 99) == "ICMP destination unreachable (code 99)"
    assert is_final(Unreachable("10.0.0.254", 3, 13, 1, 0)) and is_final(Unreachable("2001:db8::fe", 1, 0, 1, 0))
    assert not is_final(Unreachable("2001:db8::fe", 3, 0, 1, 0)) and not is_final(
        Unreachable("10.0.0.254", 11, 0, 1, 0)
    )
