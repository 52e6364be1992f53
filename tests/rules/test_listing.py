"""What is known of rules without loading them, and that those which are not loaded have nothing to judge."""

import subprocess
import sys

import pytest

import dicomsniff
from dicomsniff.association.values import Traffic
from dicomsniff.rules.catalogue import RULES
from dicomsniff.rules.finding import Verdict
from dicomsniff.rules.listing import IDLE, INDEX, Listed, listed
from dicomsniff.rules.runner import judge
from docs.rule_pages import index
from tests.captures import real
from tests.test_samples import HERE, SAMPLES


def own() -> list[Listed]:
    return [one for one in listed() if isinstance(one, Listed)]


def idle_rules_judge_nothing(traffic: Traffic) -> bool:
    """Judges with every rule there is, and looks at those that would not have been loaded."""
    idle = {one.id for one in own() if one.idle(traffic.without_views())}
    checks = judge(traffic, rules=RULES).checks
    return all(c.verdict is Verdict.NOT_APPLICABLE and not c.count for c in checks if c.rule in idle)


def test_the_index_is_current() -> None:
    assert INDEX.read_text(encoding="ascii") == index(), "run `python -m docs.rule_pages` and commit what it writes"


def test_a_listed_rule_is_loaded_as_the_catalogue_has_it() -> None:
    assert tuple(one.load() for one in own()) == RULES
    assert [(one.id, one.name) for one in own()] == [(rule.id, rule.name) for rule in RULES]


def test_families_that_may_be_idle_exist() -> None:
    assert IDLE.keys() <= {one.family for one in own()}


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_not_loaded_for_a_sample_has_nothing_to_judge(name: str) -> None:
    assert idle_rules_judge_nothing(dicomsniff.analyze(HERE / f"{name}.pcap", rules=False).traffic)


@real.here
@pytest.mark.parametrize("name", real.names())
def test_nor_has_what_is_not_loaded_for_a_real_capture(name: str) -> None:
    assert idle_rules_judge_nothing(real.analysis(name).traffic)


def test_a_family_without_anything_to_judge_is_not_loaded() -> None:
    program = (
        "import sys, dicomsniff; analysis = dicomsniff.analyze(sys.argv[1]);"
        "print(len(analysis.checks), *(name for name in sys.modules if name.startswith('dicomsniff.rules.')))"
    )
    path = str(HERE / "unreachable_services.pcap")
    done = subprocess.run([sys.executable, "-c", program, path], check=True, capture_output=True, text=True).stdout
    count, *loaded = done.split()
    assert int(count) == len(RULES)
    assert "dicomsniff.rules.transport" in loaded
    for family in ("query", "retrieve", "worklist", "printing", "storage"):
        assert f"dicomsniff.rules.{family}" not in loaded
