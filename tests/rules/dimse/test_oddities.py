"""What a receiver that leaves upon an oddity is told under."""

from collections.abc import Callable
from typing import Any

import pytest

from dicomsniff.rules.finding import Side
from dicomsniff.rules.runner import judge
from tests.forge.dialogue import ECHO, STORE, Dialogue, data_set
from tests.forge.wire import BACK, OUT
from tests.rules.spoken import ALL, CT, traffic_of

NAMED = data_set(PatientName="A")
EXPLICIT = b"\x08\0\x16\0UI\x1a\0" + CT.encode() + b"\0"


def unannounced(d: Dialogue) -> None:
    fields: dict[str, Any] = {"CommandField": STORE, "MessageID": 1, "Priority": 0, "CommandDataSetType": 0x101}
    d.message(OUT, CT, NAMED, AffectedSOPInstanceUID="1.2.3", **fields)


def odd(d: Dialogue) -> None:
    d.ask(STORE, CT, NAMED + b"x", AffectedSOPInstanceUID="1.2.3")


def lacking(d: Dialogue) -> None:
    d.message(OUT, ALL[0], None, CommandField=ECHO)


def twice(d: Dialogue) -> None:
    d.echo().answer(ECHO, ALL[0], 0)


def garbage(d: Dialogue) -> None:
    d.echo().wire.send(OUT, bytes([9, 0, 0, 0, 0, 4]) + b"abcd")


def elsewhere(d: Dialogue) -> None:
    d._contexts["1.2.3"] = 99
    d.ask(STORE, "1.2.3", NAMED, AffectedSOPInstanceUID="1.2.3")


def misread(d: Dialogue) -> None:
    d.ask(STORE, CT, EXPLICIT, AffectedSOPInstanceUID="1.2.3")


@pytest.mark.parametrize("leave", ["DS-ASSOC-008", "DS-TCP-005"])
@pytest.mark.parametrize(
    ("talk", "rule", "sender"),
    [
        (unannounced, "DS-DIMSE-004", OUT),
        (odd, "DS-DIMSE-006", OUT),
        (lacking, "DS-DIMSE-003", OUT),
        (twice, "DS-DIMSE-002", BACK),
        (garbage, "DS-ASSOC-015", OUT),
        (elsewhere, "DS-PC-007", OUT),
        (misread, "DS-DATA-001", OUT),
    ],
)
def test_who_leaves_soon_after_is_told_under_it_and_not_accused(
    talk: Callable[[Dialogue], None], rule: str, sender: Any, leave: str
) -> None:
    def left(d: Dialogue) -> None:
        talk(d)
        if leave == "DS-ASSOC-008":
            d.abort(sender.opposite)
        else:
            d.wire.close(sender.opposite)

    judged = judge(traffic_of(left, CT, ALL[0], end=""), fence=False).findings
    told = {f.rule: [(c.rule, c.act) for c in f.children] for f in judged}
    below = [child for own in told.values() for child in own]
    assert leave not in told and (leave, Side.REQUESTOR if sender is OUT else Side.ACCEPTOR) in below
    assert rule in told


@pytest.mark.parametrize("leave", ["DS-ASSOC-008", "DS-TCP-005"])
def test_who_went_on_after_it_or_waited_long_did_not_leave_for_it(leave: str) -> None:
    def go(d: Dialogue) -> None:
        if leave == "DS-ASSOC-008":
            d.abort(OUT)
        else:
            d.wire.close(OUT)

    def went_on(d: Dialogue) -> None:
        twice(d)
        go(d.echo())

    def waited(d: Dialogue) -> None:
        twice(d)
        d.wire.wait(60)
        go(d)

    for talk in (went_on, waited):
        judged = judge(traffic_of(talk, end=""), fence=False).findings
        assert {"DS-DIMSE-002", leave} <= {f.rule for f in judged}
