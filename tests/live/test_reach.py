"""Rules that judge one association alone find of it what they find of it among all others, and nothing else."""

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from dicomsniff.association.gathering import Done, joined
from dicomsniff.association.layout import Layout
from dicomsniff.association.values import Association, Conversation, Traffic
from dicomsniff.capture import open_captures
from dicomsniff.core import LIMITS
from dicomsniff.core.records import replace
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.live.reach import ALONE, others
from dicomsniff.pipeline import Options, Pipeline
from dicomsniff.rules.catalogue import every_rule
from dicomsniff.rules.finding import Hit, Inconclusive
from dicomsniff.rules.rule import Among, Answer, Thresholds
from dicomsniff.tcp.sighting import Odd
from tests.captures import real

SAMPLES = sorted((Path(__file__).parents[2] / "sample_captures").glob("*.pcap"))
REAL = sorted(real.CAPTURES.glob("*/capture.pcap*"))
Found = tuple[str, int | None, bool, str]
"""Rule, connection, whether it is about an exchange, severity."""


def found(traffic: Traffic, connection: int | None = None) -> Iterator[Found]:
    """What the lone rules hit, with the id of the only connection where it is one alone."""
    for rule in (rule for rule in every_rule() if rule.id in ALONE):
        subjects = rule.subjects(traffic)
        for subject in subjects.suspects if isinstance(subjects, Among) else subjects:
            for hit in _hits(rule.check(subject, traffic, Thresholds())):
                on = hit.connection or (traffic.association(hit.association).connection if hit.association else None)
                yield rule.id, connection or on, hit.exchange is not None, str(hit.severity or rule.severity)


def _hits(answer: Answer) -> Sequence[Hit]:
    if answer is None or isinstance(answer, Inconclusive):
        return ()
    return (answer,) if isinstance(answer, Hit) else answer


def alone(conversation: Conversation, traffic: Traffic) -> Traffic:
    """The traffic of one connection."""
    associations = tuple(_apart(traffic.association(id)) for id in conversation.associations)
    done: Done = replace(conversation, tcp=replace(conversation.tcp, id=1)), associations
    return joined(traffic.captures, Odd(), 0, [done], [], 0, Layout())


def _apart(association: Association) -> Association:
    """As it was before anybody knew of others."""
    exchanges, place = [], {exchange.id: at for at, exchange in enumerate(association.exchanges)}
    for exchange in map(copy.copy, association.exchanges):
        exchange.parent = None if exchange.parent is None else place.get(exchange.parent)
        exchange.children = [place[child] for child in exchange.children if child in place]
        exchanges.append(exchange)
    return replace(association, connection=1, exchanges=tuple(exchanges))


@pytest.mark.parametrize("path", [*SAMPLES, *REAL], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_is_found_alone_is_found_among_others(path: Path) -> None:
    store = PayloadStore(LIMITS)
    with open_captures([path]) as source:
        traffic = Pipeline(source, store, Options()).run()
    once = traffic.without_views()
    whole = set(found(once))
    for conversation in once.conversations[:200]:
        assert set(found(alone(conversation, traffic), conversation.id)) <= whole


def test_every_lone_rule_exists_and_no_other_is_among_them() -> None:
    ids = {rule.id for rule in every_rule()}
    assert ids >= ALONE and ids - ALONE == set(others())
