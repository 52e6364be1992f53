"""DS-RET-003: objects that go to another address than that of the one who asked."""

from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.retrieve.wrong_callback_address import RULE
from dicomsniff.rules.runner import judge
from tests.forge.retrieve import Move, delivered
from tests.forge.traffic import TrafficForge
from tests.rules.applying import is_quiet, only
from tests.rules.retrieve.real_retrieves import root, rules

ELSEWHERE = Endpoint("10.0.0.44", 11112)


def test_warns_when_the_objects_were_taken_elsewhere() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.store(move.callback(ELSEWHERE))
    move.done(0, (None, 1, 0, 0))
    hit = only(RULE, forge.traffic())
    assert hit.message.startswith("'WS1' asked from 10.0.0.1 for delivery to itself, but PACS (10.0.0.2:104) sends to")
    assert "10.0.0.44:11112: 1 object went there" in hit.message
    assert (hit.severity, hit.act, hit.facts["host"]) == (Severity.WARNING, Side.UNKNOWN, "10.0.0.44")


def test_is_an_error_when_the_delivery_failed_there_and_its_rejection_goes_below() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.rejected(1, 1, 7, to=ELSEWHERE)
    move.done(0xA702)
    [finding] = [f for f in judge(forge.traffic()).findings if f.severity is Severity.ERROR]
    assert finding.rule == "DS-RET-003"
    assert {c.rule for c in finding.children} >= {"DS-RET-004", "DS-RET-006"}


def test_a_refused_connection_elsewhere_is_said_to_be_a_weak_sign() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.refused(ELSEWHERE)
    move.done(0xA702)
    hit = only(RULE, forge.traffic())
    assert "it is refused there" in hit.message and "address and time alone" in hit.message
    assert hit.act is Side.UNKNOWN


def test_names_the_other_station_of_that_title() -> None:
    forge = TrafficForge()
    forge.association(forge.connection(initiator=Endpoint("10.0.0.44", 5)), calling="WS1")
    move = Move(forge)
    move.store(move.callback(ELSEWHERE))
    move.done(0, (None, 1, 0, 0))
    assert "10.0.0.44 uses the title 'WS1' as well" in only(RULE, forge.traffic()).message


def test_is_quiet_when_the_requestor_named_another_destination_or_got_it() -> None:
    forge = TrafficForge()
    move = Move(forge, "GATE")
    move.store(move.callback(ELSEWHERE))
    move.done(0, (None, 1, 0, 0))
    delivered(forge, study="1.2.5")
    assert is_quiet(RULE, forge.traffic())


def test_is_quiet_where_one_host_speaks_two_kinds_of_address() -> None:
    forge = TrafficForge()
    move = Move(forge, client="fd00::1")
    move.store(move.callback(ELSEWHERE))
    move.done(0, (None, 1, 0, 0))
    assert is_quiet(RULE, forge.traffic())


def test_fires_on_real_captures() -> None:
    assert rules("elsewhere") == rules("elsewhere_rejected") == rules("silent") == ["DS-RET-003"]
    assert "3 objects went there" in root("elsewhere", "DS-RET-003").message
    assert [c.rule for c in root("silent", "DS-RET-003").children] == ["DS-RET-002"]


def test_the_archive_must_act_where_the_objects_were_not_taken_there() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.store(move.callback(ELSEWHERE), status=0xC000)
    move.done(0xA702, (None, 0, 1, 0))
    hit = only(RULE, forge.traffic())
    assert (hit.severity, hit.act) == (Severity.ERROR, Side.ACCEPTOR)


def test_is_quiet_where_a_part_came_to_the_right_place() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.store(move.callback(ELSEWHERE), 1)
    move.store(move.callback(), 2)
    move.done(0, (None, 2, 0, 0))
    assert is_quiet(RULE, forge.traffic())


def test_is_quiet_about_a_host_that_speaks_to_itself() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.store(move.callback(Endpoint("127.0.0.1", 11112)))
    move.done(0, (None, 1, 0, 0))
    assert is_quiet(RULE, forge.traffic())
