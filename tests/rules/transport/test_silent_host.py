"""Connection attempts that nobody answered."""

from collections.abc import Iterator
from dataclasses import replace

from dicomsniff.association.values import Conversation, Kind, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.transport.silent_host import RULE
from dicomsniff.tcp.events import DirectionFacts, Unreachable
from tests.forge.traffic import TrafficForge
from tests.rules.judging import found, only, verdict

NEVER_HEARD = DirectionFacts()


def silent(syns: int = 4) -> Traffic:
    forge = TrafficForge()
    forge.connection(opened="unanswered", kind=Kind.EMPTY, syns=syns, to_initiator=NEVER_HEARD)
    return forge.traffic()


def healthy() -> Traffic:
    forge = TrafficForge()
    forge.association()
    return forge.traffic()


def half_captured() -> Traffic:
    forge = TrafficForge()
    forge.connection(opened="unanswered", kind=Kind.EMPTY, syns=4, to_initiator=NEVER_HEARD)
    forge.connection(kind=Kind.DICOM, to_responder={"data_packets": 5}, to_initiator={"packets": 0})
    return forge.traffic()


def test_fires() -> None:
    assert verdict(RULE, silent()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, healthy()) is Verdict.CLEAR


def test_is_inconclusive() -> None:
    assert verdict(RULE, half_captured()) is Verdict.INCONCLUSIVE


def test_every_syn_is_shown_and_the_unseen_host_is_said_so() -> None:
    finding = only(RULE, silent())
    assert "4 SYNs in 3 s" in finding.message
    assert "10.0.0.2 itself was never seen" in finding.message
    assert len(finding.packets) == 4


def test_a_host_may_have_spoken_on_connections_that_were_only_counted() -> None:
    traffic = silent()
    [capture] = traffic.captures
    finding = only(RULE, replace(traffic, captures=(replace(capture, unlisted=1),)))
    assert "never seen" not in finding.message


def test_one_syn_right_before_the_end_of_the_capture_proves_nothing() -> None:
    assert verdict(RULE, silent(syns=1)) is Verdict.CLEAR


def test_a_syn_that_was_not_sent_again_was_probably_answered_unseen() -> None:
    forge = TrafficForge()
    forge.connection(opened="unanswered", kind=Kind.EMPTY, syns=1, to_initiator=NEVER_HEARD)
    forge.wait(60).tick()
    assert verdict(RULE, forge.traffic()) is Verdict.INCONCLUSIVE


def test_copies_of_one_syn_are_not_three_tries() -> None:
    forge = TrafficForge()
    forge.connection(opened="unanswered", kind=Kind.EMPTY, syns=3, syn_gap=0.001, to_initiator=NEVER_HEARD)
    assert found(RULE, forge.traffic()) == ()


def test_an_icmp_message_names_the_box_that_refused() -> None:
    forge = TrafficForge()
    icmp = Unreachable("10.0.0.254", 3, 13, 2, forge.now_ns)
    forge.connection(opened="unanswered", kind=Kind.EMPTY, unreachable=icmp, to_initiator=NEVER_HEARD)
    finding = only(RULE, forge.traffic())
    assert (finding.act, finding.actor) == (Side.NETWORK, "10.0.0.254")
    assert "administratively prohibited" in finding.message


def test_a_client_that_went_on_was_answered_outside_the_capture() -> None:
    forge = TrafficForge()
    forge.connection(
        opened="unanswered", kind=Kind.EMPTY, syns=4, to_responder={"data_packets": 3}, to_initiator=NEVER_HEARD
    )
    assert verdict(RULE, forge.traffic()) is Verdict.INCONCLUSIVE


def test_silence_of_another_service_is_not_reported() -> None:
    forge = TrafficForge()
    forge.association()
    forge.connection(
        opened="unanswered", kind=Kind.EMPTY, syns=4, responder=Endpoint("10.0.0.9", 443), to_initiator=NEVER_HEARD
    )
    assert found(RULE, forge.traffic()) == ()


def test_a_scan_of_many_hosts_is_judged_without_comparing_each_with_all() -> None:
    """Work in proportion to the connections: a quadratic rule would look at 250,000 pairs."""
    forge = TrafficForge()
    for host in range(500):
        end = Endpoint(f"10.9.{host >> 8}.{host & 255}", 104)
        forge.connection(responder=end, opened="unanswered", kind=Kind.EMPTY, syns=4, to_initiator=NEVER_HEARD)
    traffic = forge.traffic()
    looks = 0

    class Counted(tuple[Conversation, ...]):
        def __iter__(self) -> Iterator[Conversation]:
            nonlocal looks
            for conversation in super().__iter__():
                looks += 1
                yield conversation

    assert len(found(RULE, replace(traffic, conversations=Counted(traffic.conversations)))) == 500
    assert looks <= 10 * 500


def test_a_scan_of_ports_that_do_not_answer_is_one_note() -> None:
    forge = TrafficForge()
    forge.association()
    for port in (104, 11112, 11113, 4242, 5678, 2762):
        end = Endpoint("10.0.0.9", port)
        forge.connection(opened="unanswered", kind=Kind.EMPTY, syns=4, to_initiator=NEVER_HEARD, responder=end)
    finding = only(RULE, forge.traffic())
    assert (finding.severity, finding.count) == (Severity.NOTE, 6)
    assert "6 ports of this host gave this client no answer" in finding.message


def test_a_hundred_clients_of_one_silent_port_are_one_finding() -> None:
    forge = TrafficForge()
    for number in range(120):
        client = Endpoint(f"10.9.0.{number}", 50_000)
        forge.connection(opened="unanswered", kind=Kind.EMPTY, syns=4, to_initiator=NEVER_HEARD, initiator=client)
    finding = only(RULE, forge.traffic())
    assert (finding.severity, finding.count) == (Severity.ERROR, 120)
    assert "120 clients got no answer from this port" in finding.message
