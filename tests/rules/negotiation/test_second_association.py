"""Two associations on one TCP connection."""

from dataclasses import replace
from pathlib import Path

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.core import Direction
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.negotiation.second_association import RULE
from dicomsniff.rules.transport import closed_association
from dicomsniff.tcp.events import Closing, Gap, GapCause
from tests.association.dialogue import Dialogue, read
from tests.forge import pdus
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.forge.wire import BACK, OUT, Wire
from tests.rules.judging import found, only, shape, verdict


def twice(second: Outcome = Outcome.RELEASED, gap: bool = False) -> Traffic:
    forge = TrafficForge()
    gaps = [Gap(1, Direction.TO_RESPONDER, 280, 10, GapCause.LOST, 9, 0)] if gap else []
    connection = forge.connection(gaps=gaps)
    forge.association(connection, end_after=0)
    answered = [(CT, [IMPLICIT], 0 if second is Outcome.RELEASED else None)]
    forge.association(connection, outcome=second, contexts=answered)
    traffic = forge.traffic()
    # the forge closes the connection after each association; on the wire it was closed once, at the end
    tcp = traffic.conversations[0].tcp
    last = traffic.associations[-1].last_packet
    kept = tuple(c for c in tcp.closings if c.packet >= last)
    whole = replace(traffic.conversations[0], tcp=replace(tcp, closings=kept))
    return replace(traffic, conversations=(whole,))


def test_fires() -> None:
    finding = only(RULE, twice(Outcome.CLOSED))
    assert "reuses one TCP connection to 10.0.0.2:104 for 2 associations" in finding.message
    assert (finding.severity, finding.act) == (Severity.ERROR, Side.REQUESTOR)


def test_fires_more_quietly_where_the_acceptor_bore_with_it() -> None:
    assert only(RULE, twice()).severity is Severity.WARNING


def test_a_closing_counts_where_it_stands_in_the_stream_and_not_where_it_was_captured() -> None:
    traffic = twice()
    second = traffic.associations[1].request
    assert second is not None
    for offset, verdict_ in ((second.evidence.end, Verdict.FINDING), (second.evidence.start, Verdict.INCONCLUSIVE)):
        early = Closing(Direction.TO_RESPONDER, "fin", 1, 0, offset)
        [conversation] = traffic.conversations
        closed = replace(conversation, tcp=replace(conversation.tcp, closings=(early,)))
        assert verdict(RULE, replace(traffic, conversations=(closed,))) is verdict_


def test_is_quiet_on_two_connections() -> None:
    forge = TrafficForge()
    forge.association()
    forge.association()
    assert verdict(RULE, forge.traffic()) is Verdict.NOT_APPLICABLE


def test_is_inconclusive_where_the_connection_may_have_been_another() -> None:
    assert verdict(RULE, twice(gap=True)) is Verdict.INCONCLUSIVE


def test_the_same_ports_used_again_are_two_connections(tmp_path: Path) -> None:
    one = Dialogue(Wire()).open(abstract=pdus.VERIFICATION).echo().release()
    other = (
        Dialogue(Wire(start_ns=one.wire.now + 10**9, isn=(777_000, 888_000)))
        .open(abstract=pdus.VERIFICATION)
        .echo()
        .release()
    )
    assert found(RULE, read(tmp_path / "again.pcap", one, other)) == ()


def test_an_abort_that_answers_the_second_request_is_its_consequence(tmp_path: Path) -> None:
    talk = Dialogue().open(abstract=pdus.VERIFICATION).echo()
    talk.say(pdus.release_request()).say(pdus.release_response(), BACK).say(pdus.request())
    talk.wire.send(BACK, pdus.abort(2, 2)).close(BACK)
    finding = only(RULE, read(tmp_path / "aborted.pcap", talk))
    assert "It came to nothing: aborted" in finding.message and finding.association == 2


def test_that_the_second_came_to_nothing_follows_from_it(tmp_path: Path) -> None:
    talk = Dialogue().open().say(pdus.release_request()).say(pdus.release_response(), BACK)
    talk.say(pdus.associate(1, pdus.uid(0x10, pdus.APPLICATION_CONTEXT), pdus.user_information()))
    talk.wire.acknowledge(OUT).wait(0.5).close(BACK)
    rules = (RULE, closed_association.RULE)
    assert shape(read(tmp_path / "twice.pcap", talk), *rules) == [(RULE.id, ["DS-TCP-005"])]
