"""Copies of builders: built again and again, they change nothing of what they were copied from."""

from pathlib import Path

from dicomsniff.association.builder import AssociationBuilder
from dicomsniff.association.copying import copied
from dicomsniff.association.values import Association
from dicomsniff.core import Direction
from tests.association.dialogue import Dialogue, read


def test_building_a_copy_leaves_the_original_as_it_was(tmp_path: Path) -> None:
    """Every association of a conversation is built from a copy first, twice, then from the original."""
    built: list[list[Association]] = []
    original = AssociationBuilder.build

    def build(self: AssociationBuilder, *arguments: object) -> Association:
        made = [original(copied(self), *arguments), original(copied(self), *arguments), original(self, *arguments)]  # type: ignore[arg-type]
        built.append(made)
        return made[-1]

    AssociationBuilder.build = build  # type: ignore[method-assign, assignment]
    try:
        dialogue = Dialogue().open().store("1.2.3", bytes(100)).echo(2, None)
        dialogue.say(b"\x09\x00\x00\x00\x00\x00", Direction.TO_INITIATOR)
        read(tmp_path / "c.pcap", dialogue.release())
    finally:
        AssociationBuilder.build = original  # type: ignore[method-assign]
    assert len(built) == 1
    first, second, last = built[0]
    assert [e.outcome for e in first.exchanges] == [e.outcome for e in last.exchanges] == ["completed", "unanswered"]
    assert first.anomalies == second.anomalies == last.anomalies and first.contexts == last.contexts
    assert all(a is not b for a, b in zip(first.exchanges, last.exchanges, strict=True))
