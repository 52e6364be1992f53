"""Real captures in every wrapping, container and clock: the answer is the clean capture's, or what is missing is marked."""

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from dicomsniff.api import Analysis, analyze
from dicomsniff.association.values import Association
from dicomsniff.capture import open_captures
from dicomsniff.rules.finding import Severity, Verdict
from tests.captures import real
from tests.captures.test_field_conditions import exchange_row, payload_hashes
from tests.forge import conditions
from tests.forge.capture_files import Packet

pytestmark = real.here

SOURCES = ("query_retrieve", "workflow_mwl_mpps_commit", "store_failures")
SMALL = SOURCES[1:]
STORY = (Severity.ERROR, Severity.WARNING)


class Answer(NamedTuple):
    """What is said of a capture: its associations with their exchanges, the objects, the findings, and the checks that
    could not tell."""

    associations: list[tuple[object, ...]]
    objects: list[str]
    findings: list[tuple[str, Severity]]
    undecided: set[str]


@cache
def packets(name: str) -> tuple[Packet, ...]:
    """The frames of a clean capture, which is all Ethernet and IPv4."""
    found = []
    with open_captures([real.capture(name)]) as source:
        for block in source.blocks():
            rows = zip(block.time_ns.tolist(), block.offset.tolist(), block.captured.tolist(), strict=True)
            found += [Packet(t, block.data[at : at + length].tobytes()) for t, at, length in rows]
    return tuple(p for p in found if p.data[12:14] == b"\x08\0")


def _association(association: Association) -> tuple[object, ...]:
    contexts = [(c.id, c.abstract_syntax, c.result, c.transfer_syntax, c.exchanges) for c in association.contexts]
    return (
        *(association.calling_ae, association.called_ae, association.outcome, association.blind, contexts),
        dict(association.pdu_counts),
        [exchange_row(e) for e in association.exchanges],
    )


def _answer(analysis: Analysis) -> Answer:
    checks = analysis.checks
    assert not [check for check in checks if check.verdict is Verdict.ERROR]
    return Answer(
        [_association(a) for a in analysis.associations],
        sorted(payload_hashes(analysis.traffic)),
        sorted((f.rule, f.severity) for f in real.flat(analysis.findings)),
        {check.rule for check in checks if check.verdict is Verdict.INCONCLUSIVE},
    )


@cache
def clean(name: str) -> Answer:
    return _answer(real.analysis(name))


def under(directory: Path, files: Sequence[bytes]) -> tuple[Answer, list[str]]:
    """The answer to these files, given together, and the notes on them."""
    paths = [directory / f"{at}.pcap" for at in range(len(files))]
    for path, content in zip(paths, files, strict=True):
        path.write_bytes(content)
    with closing(analyze(*paths)) as analysis:
        return _answer(analysis), [note for c in analysis.captures for note in c.notes]


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("link", conditions.LINKS)
def test_the_link_layer_changes_nothing(link: str, name: str, tmp_path: Path) -> None:
    link_type, wrap = conditions.LINKS[link]
    found, notes = under(tmp_path, conditions.wrapped(packets(name), wrap, link_type))
    assert found == clean(name)
    assert notes == []


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("tunnel", conditions.TUNNELS)
def test_no_tunnel_changes_anything(tunnel: str, name: str, tmp_path: Path) -> None:
    found, notes = under(tmp_path, conditions.wrapped(packets(name), conditions.TUNNELS[tunnel]))
    assert found == clean(name)
    assert notes == []


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("condition", conditions.HARMLESS)
def test_what_loses_nothing_changes_nothing(condition: str, name: str, tmp_path: Path) -> None:
    found, notes = under(tmp_path, conditions.HARMLESS[condition](packets(name)))
    assert found == clean(name)
    told = ["do not agree" in note for note in notes]
    assert told == ([True] if condition == "ipv4 fragments that contradict" else [])


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("condition", conditions.TIMES)
def test_a_bad_clock_changes_only_what_rests_on_it(condition: str, name: str, tmp_path: Path) -> None:
    whole = clean(name)
    found, notes = under(tmp_path, conditions.TIMES[condition](packets(name)))
    assert (found.associations, found.objects) == (whole.associations, whole.objects)
    assert {finding for finding in found.findings if finding[1] in STORY} <= set(whole.findings)
    assert {rule for rule, _ in whole.findings} <= {rule for rule, _ in found.findings} | found.undecided
    assert bool(notes) == (condition != "from zero")


@pytest.mark.parametrize("wrap", ["radiotap", "sll2"])
def test_a_lossy_network_is_seen_alike_through_every_link(wrap: str, tmp_path: Path) -> None:
    link_type, make = conditions.LINKS[wrap]
    found, _ = under(tmp_path, conditions.wrapped(packets("lossy_network"), make, link_type))
    assert found == clean("lossy_network")


@pytest.mark.parametrize("condition", ["ipv4 fragments backwards", "two interfaces", "files in reverse"])
def test_a_lossy_network_is_seen_alike_in_every_container(condition: str, tmp_path: Path) -> None:
    found, _ = under(tmp_path, conditions.HARMLESS[condition](packets("lossy_network")))
    assert found == clean("lossy_network")


Lossy = Callable[[Sequence[Packet]], list[bytes]]
HOLES: dict[str, Callable[[int], bool]] = {
    "one in fifty": lambda at: at % 50 != 49,
    "a stretch": lambda at: not 40 <= at < 46,
    "the beginning": lambda at: at >= 25,
}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("holes", HOLES)
@pytest.mark.parametrize("wrap", ["geneve", "erspan III", "ipv6", "vlan in mpls"])
def test_what_is_lost_inside_a_tunnel_is_lost_as_outside_it(wrap: str, holes: str, name: str, tmp_path: Path) -> None:
    """Loss means the same in every wrapping, and no object is wrong, no fault anybody's that was not one before."""
    kept = [p for at, p in enumerate(packets(name)) if HOLES[holes](at)]
    (tmp_path / "bare").mkdir()
    bare, _ = under(tmp_path / "bare", conditions.wrapped(kept, lambda frame, _: frame))
    found, _ = under(tmp_path, conditions.wrapped(kept, conditions.TUNNELS[wrap]))
    assert found == bare
    assert set(found.objects) <= set(clean(name).objects)
    accused = {rule for rule, severity in found.findings if severity in STORY and not rule.startswith("DS-CAP-")}
    assert accused <= {rule for rule, _ in clean(name).findings}
