"""The live follower: connections as they stand, without ending them, and nothing kept of what is over."""

from pathlib import Path

import pytest

from dicomsniff.association.gathering import Done
from dicomsniff.association.values import Kind
from dicomsniff.capture import open_captures
from dicomsniff.core import LIMITS
from dicomsniff.live import follower as module
from dicomsniff.live.follower import Generations, LiveFollower
from dicomsniff.pipeline import Options
from dicomsniff.tcp import ageing
from dicomsniff.tcp.ageing import OVER_NS
from dicomsniff.tcp.sighting import Sighting
from tests.association.dialogue import Dialogue
from tests.forge import pdus
from tests.forge.wire import BACK, OUT, Wire, write_pcap


def following(tmp_path: Path, *wires: Wire) -> LiveFollower:
    """A follower that has seen all of these."""
    sighting = Sighting(LIMITS)
    follower = LiveFollower(Generations(LIMITS), Options(fence=False), sighting.book)
    frames = [frame for wire in wires for frame in wire.frames]
    with open_captures([write_pcap(tmp_path / "c.pcap", frames)]) as source:
        for block in source.blocks():
            follower.follow(sighting.sight(block))
    return follower


def only(follower: LiveFollower) -> Done:
    [(done, _)] = follower.open()
    return done


def test_looking_at_an_open_connection_changes_nothing(tmp_path: Path) -> None:
    wire = Wire()
    Dialogue(wire).open().store("1.2.3", bytes(5000)).echo(2, None)
    follower = following(tmp_path, wire)
    first, second = only(follower), only(follower)
    for conversation, associations in (first, second):
        assert conversation.kind is Kind.DICOM and conversation.tcp.closed == "open"
        assert [(e.service, e.outcome) for e in associations[0].exchanges] == [
            ("C-STORE", "completed"), ("C-ECHO", "unanswered"),
        ]  # fmt: skip
    follower.finish()
    [(_, ended)] = follower.ended()
    assert [e.outcome for e in ended[0].exchanges] == [e.outcome for e in first[1][0].exchanges]
    assert first[1][0].exchanges[0] is not second[1][0].exchanges[0]
    assert follower.ended() == []


def test_a_message_of_which_only_a_part_came_is_seen_as_such(tmp_path: Path) -> None:
    wire = Wire()
    dialogue = Dialogue(wire).open()
    before = len(wire.frames)
    dialogue.store("1.2.3", bytes(60_000), None)
    del wire.frames[before + 30 :]
    _, associations = only(following(tmp_path, wire))
    assert [e.outcome for e in associations[0].exchanges] == ["incomplete"] and associations[0].exchanges[0].unseen


def test_an_answer_that_was_confirmed_but_not_captured_makes_the_association_blind(tmp_path: Path) -> None:
    wire = Wire()
    dialogue = Dialogue(wire).open()
    dialogue.echo(1, None)
    hidden = len(wire.frames)
    wire.send(BACK, b"an answer that nobody saw").acknowledge(BACK)
    del wire.frames[hidden]
    _, associations = only(following(tmp_path, wire))
    assert "hole-to-requestor" in associations[0].blind and associations[0].exchanges[0].unseen


def test_a_connection_that_said_too_little_is_left_out_one_that_said_nothing_is_empty(tmp_path: Path) -> None:
    little = Wire(("10.0.0.1", 41000)).connect().send(OUT, b"\x01\x00\x00")
    silent = Wire(("10.0.0.1", 42000)).connect()
    [(done, _)] = following(tmp_path, little, silent).open()
    assert done[0].kind is Kind.EMPTY and done[0].tcp.initiator.port == 42000


def test_of_an_association_that_does_not_end_the_oldest_exchanges_go(tmp_path: Path, monkeypatch: object) -> None:
    wire = Wire()
    dialogue = Dialogue(wire).open()
    for number in range(1, 50):
        dialogue.echo(number)
    follower = following(tmp_path, wire)
    module.EXCHANGES, kept = 10, module.EXCHANGES
    try:
        [(done, forgot)] = follower.open()
        assert forgot and [e.message_id for e in done[1][0].exchanges] == list(range(40, 50))
        follower.finish()
        assert [follower.forgot(one[0].id) for one in follower.ended()] == [True]
        assert not follower.forgot(1)
    finally:
        module.EXCHANGES = kept


def test_only_what_something_came_of_is_looked_at_and_that_twice(tmp_path: Path) -> None:
    wire = Wire()
    Dialogue(wire).open().echo()
    follower = following(tmp_path, wire)
    assert [len(list(follower.open(stirred=True))) for _ in range(3)] == [1, 1, 0]
    assert len(list(follower.open())) == 1


def test_data_sets_that_nobody_refers_to_any_more_are_gone() -> None:
    store = Generations(LIMITS)
    old = store.writer(100)
    old.write(b"head")
    payload = old.finish(True)
    first = store._current
    first._memory += bytes(module.GENERATION)
    store.writer(100)
    assert store._current is not first and payload.head() == b"head"


def test_where_it_is_crowded_connections_end_of_which_only_the_closing_was_not_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ageing, "CROWDED", 1)
    wires = released, _, aborted = tuple(Wire(("10.0.0.1", 50_000 + n)) for n in range(3))
    for wire in wires:
        Dialogue(wire).open().store("1.2.3", bytes(50))
    Dialogue(released).say(pdus.release_request()).say(pdus.release_response(), BACK)
    Dialogue(aborted).say(pdus.abort())
    follower = following(tmp_path, *wires)
    last = max(wire.frames[-1][0] for wire in wires)
    follower.age(last + OVER_NS - 10**9)
    assert not follower.ended()
    follower.age(last + OVER_NS + 10**9)
    assert sorted(done[0].tcp.initiator.port for done in follower.ended()) == [50_000, 50_002]
