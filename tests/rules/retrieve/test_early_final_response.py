"""DS-RET-010: answers before the delivery, deliveries without origin."""

from dataclasses import replace

from dicomsniff.rules.finding import Severity
from dicomsniff.rules.retrieve.early_final_response import RULE
from tests.forge.retrieve import Move, delivered
from tests.forge.traffic import TrafficForge
from tests.rules.applying import hits, is_quiet, only
from tests.rules.retrieve.real_retrieves import root


def test_fires_when_all_objects_come_after_the_final_response() -> None:
    forge = TrafficForge()
    move = Move(forge).done(0)
    forge.wait(5)
    callback = move.callback()
    move.store(callback, 1)
    move.store(callback, 2)
    hit = only(RULE, forge.traffic())
    assert "PACS (10.0.0.2:104) answers C-MOVE before delivering: 2 objects for 'WS1' came after it" in hit.message
    assert hit.facts["objects_after"] == 2 and hit.severity is None


def test_tells_apart_what_goes_on_behind_it() -> None:
    forge = TrafficForge()
    move = Move(forge)
    callback = move.callback()
    move.store(callback, 1)
    move.done(0, (None, 2, 0, 0))
    forge.wait(1)
    move.store(callback, 2)
    assert "goes on delivering after its final response: 1 object" in only(RULE, forge.traffic()).message


def test_messages_that_pass_each_other_are_no_fault() -> None:
    forge = TrafficForge()
    move = Move(forge)
    callback = move.callback()
    move.done(0, (None, 1, 0, 0))
    move.store(callback, 1)
    assert is_quiet(RULE, forge.traffic())


def test_a_capture_that_is_out_of_order_by_more_proves_nothing() -> None:
    forge = TrafficForge()
    move = Move(forge).done(0)
    forge.wait(5)
    move.store(move.callback(), 1)
    traffic = forge.traffic()
    for early_ns, quiet in ((1_000_000_000, False), (60_000_000_000, True)):
        first, *others = traffic.conversations
        facts = replace(first.tcp.to_responder, early=1, early_ns=early_ns)
        disordered = replace(first, tcp=replace(first.tcp, to_responder=facts))
        assert is_quiet(RULE, replace(traffic, conversations=(disordered, *others))) is quiet


def test_deliveries_without_origin_are_a_fact() -> None:
    for origin, said in (((None, None), "name no origin"), (("PACS", 1), "name 'PACS' and message ID 1")):
        forge = TrafficForge()
        move = Move(forge)
        move.store(move.callback(), origin=origin)
        move.done(0, (None, 1, 0, 0))
        [hit] = hits(RULE, forge.traffic())
        assert said in hit.message and "by their objects" in hit.message and hit.severity is Severity.INFO


def test_is_quiet_about_a_sound_delivery_and_about_none() -> None:
    forge = TrafficForge()
    delivered(forge)
    Move(forge, study="1.2.5").done(0xA702)
    assert is_quiet(RULE, forge.traffic())


def test_fires_on_a_real_capture() -> None:
    assert "3 objects for 'WS1' came after it, the first 1.5 s later" in root("early", "DS-RET-010").message
