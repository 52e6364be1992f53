"""Connections on which nothing was said."""

from dicomsniff.association.values import Kind, Outcome, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.rules.transport.empty_connection import RULE
from tests.forge.reading import traffic_of
from tests.forge.traffic import ARCHIVE, TrafficForge
from tests.forge.wire import BACK, OUT, RST, Wire
from tests.rules.judging import found, only, verdict

SECOND = 1_000_000_000


def visit(number: int, open_s: float = 0.1, port: int = 104, data: bytes = b"", closed: bool = True) -> Wire:
    start = 1_700_000_000 * SECOND + number * 5 * SECOND
    wire = Wire(("10.0.0.7", 50_000 + number), ("10.0.0.2", port), start_ns=start).connect().wait(open_s)
    if data:
        wire.send(OUT, data).acknowledge(OUT)
    return wire.close() if closed else wire


def checks(times: int = 4, **visits: float) -> Traffic:
    return traffic_of(*(visit(n, **visits).frames for n in range(times)))  # type: ignore[arg-type]


def test_fires() -> None:
    assert verdict(RULE, checks()) is Verdict.FINDING


def test_is_quiet() -> None:
    forge = TrafficForge()
    forge.association()
    assert verdict(RULE, forge.traffic()) is Verdict.NOT_APPLICABLE
    assert verdict(RULE, traffic_of(visit(0, port=8080).frames)) is Verdict.NOT_APPLICABLE
    assert not found(RULE, traffic_of(visit(0, data=b"\x01").frames))


def test_checks_of_one_client_are_one_note_with_their_interval() -> None:
    finding = only(RULE, checks())
    assert finding.severity is Severity.NOTE
    assert finding.message == (
        "10.0.0.7 connects to 10.0.0.2:104 every 5 s without asking for an association (4 times): a health check, a port "
        "probe or a sender that gave up."
    )
    assert (finding.facts["times"], finding.facts["silent"], finding.facts["interval_ms"]) == (4, 0, 5000)
    assert finding.act is Side.UNKNOWN


def test_a_reset_behind_a_handshake_that_was_not_seen_is_no_visit() -> None:
    frames = Wire(("10.0.0.7", 50_000)).connect().reset(BACK).frames
    assert not found(RULE, traffic_of([frames[0], frames[3]]))
    assert found(RULE, traffic_of([frames[0], *frames[2:]]))


def test_a_client_that_stays_silent_is_asked_why() -> None:
    late = traffic_of(visit(0, 15, closed=False).frames, visit(9).frames[:1])
    finding = only(RULE, late)
    assert "(once); in 1 case it said nothing for" in finding.message
    assert (finding.act, finding.actor) == (Side.REQUESTOR, "10.0.0.7")


def test_a_connection_that_closes_neither_at_once_nor_after_long_is_not_judged() -> None:
    assert not found(RULE, checks(1, open_s=5.0))


def test_bytes_that_were_not_captured_are_bytes() -> None:
    frames = visit(0, data=b"a" * 300).frames
    assert not found(RULE, traffic_of([frame for frame in frames if len(frame[1]) < 300]))


def test_checks_that_take_the_place_of_associations_are_a_warning() -> None:
    def crowded(reason: int) -> Traffic:
        forge = TrafficForge()
        forge.connection(kind=Kind.EMPTY, closed="open", responder=ARCHIVE, initiator=Endpoint("10.0.0.7", 50_000))
        forge.association(outcome=Outcome.REJECTED, reject=(2, 3, reason))
        forge.wait(20).tick()
        return forge.traffic()

    assert only(RULE, crowded(2)).severity is Severity.WARNING
    assert "refused 1 association because it had too many open" in only(RULE, crowded(2)).message
    assert only(RULE, crowded(0)).severity is Severity.NOTE


def test_an_end_that_is_missing_among_checks_that_close_at_once_may_have_been_missed() -> None:
    visits = [visit(n, closed=n != 1).frames for n in range(4)]
    finding = only(RULE, traffic_of(*visits, visit(9).frames))
    assert "said nothing for" not in finding.message and finding.act is Side.UNKNOWN


def test_a_server_that_closes_at_once_turns_the_client_away() -> None:
    away = [Wire(("10.0.0.7", 50_000 + n), start_ns=(1_700_000_000 + n) * SECOND).connect() for n in range(3)]
    traffic = traffic_of(away[0].reset(BACK).frames, away[1].close(BACK).frames, away[2].wait(1).close(BACK).frames)
    turned, left = found(RULE, traffic)
    assert (turned.severity, turned.act, turned.actor) == (Severity.WARNING, Side.ACCEPTOR, "10.0.0.2:104")
    assert "10.0.0.2:104 closes connections of 10.0.0.7 as soon as they are open" in turned.message
    assert (turned.facts["times"], left.facts["times"], left.severity) == (2, 1, Severity.NOTE)


def test_a_server_that_confirms_a_close_which_was_not_captured_turns_nobody_away() -> None:
    frames = Wire(("10.0.0.7", 50_000)).connect().close(OUT).frames
    assert not found(RULE, traffic_of([*frames[:3], *frames[4:]]))


def test_a_reset_that_a_device_in_between_sent_is_not_the_servers() -> None:
    wire = Wire(("10.0.0.7", 50_000)).connect()
    wire.packet(BACK, RST, ttl=251)
    finding = only(RULE, traffic_of(wire.frames))
    assert (finding.act, finding.actor) == (Side.NETWORK, None)
    assert "A device in between" in finding.message
