"""What a receiver that aborts upon an oddity is told under."""

from collections.abc import Callable
from typing import Any

import pytest

from dicomsniff.rules.finding import Side
from dicomsniff.rules.runner import judge
from tests.forge.dialogue import ECHO, STORE, Dialogue, data_set
from tests.forge.wire import BACK, OUT
from tests.rules.spoken import ALL, CT, traffic_of

NAMED = data_set(PatientName="A")


def unannounced(d: Dialogue, after: float) -> None:
    fields: dict[str, Any] = {"CommandField": STORE, "MessageID": 1, "Priority": 0, "CommandDataSetType": 0x101}
    d.message(OUT, CT, NAMED, AffectedSOPInstanceUID="1.2.3", **fields).wire.wait(after)
    d.abort(BACK)


def odd(d: Dialogue, after: float) -> None:
    d.ask(STORE, CT, NAMED + b"x", AffectedSOPInstanceUID="1.2.3").wire.wait(after)
    d.abort(BACK)


def lacking(d: Dialogue, after: float) -> None:
    d.message(OUT, ALL[0], None, CommandField=ECHO).wire.wait(after)
    d.abort(BACK)


def twice(d: Dialogue, after: float) -> None:
    d.echo().answer(ECHO, ALL[0], 0).wire.wait(after)
    d.abort(OUT)


@pytest.mark.parametrize(
    ("talk", "rule", "act"),
    [
        (unannounced, "DS-DIMSE-004", Side.REQUESTOR),
        (odd, "DS-DIMSE-006", Side.REQUESTOR),
        (lacking, "DS-DIMSE-003", Side.REQUESTOR),
        (twice, "DS-DIMSE-002", Side.ACCEPTOR),
    ],
)
def test_an_abort_soon_after_is_told_under_it_and_not_held_against_who_aborted(
    talk: Callable[[Dialogue, float], None], rule: str, act: Side
) -> None:
    def told(after: float) -> dict[str, list[tuple[str, Side]]]:
        traffic = traffic_of(lambda d: talk(d, after), CT, ALL[0], end="")
        return {f.rule: [(c.rule, c.act) for c in f.children] for f in judge(traffic, fence=False).findings}

    assert ("DS-ASSOC-008", act) in told(0.001)[rule]
    assert ("DS-ASSOC-008", act) not in told(60)[rule]
