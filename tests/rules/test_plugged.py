"""Rules that installed packages bring."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from dicomsniff.rules import plugged
from dicomsniff.rules.catalogue import RULES, every_rule
from dicomsniff.rules.catalogue import rule as find
from dicomsniff.rules.finding import Verdict
from dicomsniff.rules.plugged import plugged_rules, with_plugged
from dicomsniff.rules.runner import judge
from tests.forge.traffic import TrafficForge
from tests.rules.made_up import rule

SOURCE = """
from tests.rules.made_up import rule
RULES = [rule("ACME-001", name="made-by-acme"), rule("ACME-002", name="also-by-acme")]
ONE = rule("ACME-003", name="third")
NONE = 3
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path into which distributions can be put."""
    (tmp_path / "acme_rules.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    plugged_rules.cache_clear()
    yield tmp_path
    plugged_rules.cache_clear()
    sys.modules.pop("acme_rules", None)


def distribute(folder: Path, points: str) -> None:
    info = folder / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{plugged.GROUP}]\n{points}\n")


def test_rules_of_an_installed_package_run_beside_our_own(installed: Path) -> None:
    distribute(installed, "one = acme_rules:ONE\nall = acme_rules:RULES")
    assert [r.id for r in every_rule()] == [*(r.id for r in RULES), "ACME-001", "ACME-002", "ACME-003"]
    assert find("made-by-acme").id == "ACME-001"
    forge = TrafficForge()
    forge.association()
    judged = judge(forge.traffic(), select=("ACME",))
    assert [f.rule for f in judged.findings] == ["ACME-001", "ACME-002", "ACME-003"]


@pytest.mark.parametrize("value", ["acme_rules:NONE", "acme_rules:MISSING", "no_such_module:RULES"])
def test_what_cannot_be_loaded_is_a_verdict_and_stops_nothing(installed: Path, value: str) -> None:
    distribute(installed, f"acme = {value}")
    judged = judge(TrafficForge().traffic())
    [check] = [c for c in judged.checks if c.rule == "acme"]
    assert check.verdict is Verdict.ERROR
    assert check.reasons
    assert sum(c.verdict is Verdict.ERROR for c in judged.checks) == 1


def test_without_plug_ins_the_catalogue_is_our_own(installed: Path) -> None:
    assert every_rule() == RULES


def test_an_id_that_is_taken_does_not_replace_its_owner() -> None:
    first = rule("DS-X-001", name="first")
    rules = with_plugged((first,), [rule("DS-X-001", name="second")])
    assert rules[0] is first
    assert [r.id for r in rules] == ["DS-X-001", "DS-X-001 again"]
    judged = judge(TrafficForge().traffic(), rules=rules)
    assert [c.verdict for c in judged.checks] == [Verdict.NOT_APPLICABLE, Verdict.ERROR]


def test_a_rule_whose_page_is_not_whole_is_not_loaded() -> None:
    class Point(EntryPoint):
        def load(self) -> object:
            return rule("ACME-009", page="Nothing.")

    [broken] = plugged.load(Point("acme", "acme:RULE", plugged.GROUP))
    assert (broken.id, broken.name) == ("acme", "acme-not-loaded")
