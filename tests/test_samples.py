"""Sample captures: what lies there is what the script beside it makes, and tells what its docstring says."""

import importlib
import re
from pathlib import Path

import pytest

import dicomsniff
import sample_captures
from dicomsniff.rules.catalogue import RULES
from docs.rule_pages import examples
from tests.forge.wire import SNAP_LENGTH, write_pcap

HERE = Path(sample_captures.__file__).parent
SAMPLES = sorted(path.stem for path in HERE.glob("*.pcap"))


def test_every_sample_has_its_script_and_every_script_its_sample() -> None:
    scripts = sorted(path.stem for path in HERE.glob("*.py") if path.stem != "__init__")
    assert scripts == SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_the_script_rebuilds_the_capture_byte_for_byte(name: str, tmp_path: Path) -> None:
    module = importlib.import_module(f"sample_captures.{name}")
    snap_length = getattr(module, "SNAP_LENGTH", SNAP_LENGTH)
    again = write_pcap(tmp_path / "again.pcap", module.frames(), snap_length=snap_length)
    assert again.read_bytes() == (HERE / f"{name}.pcap").read_bytes()


def test_every_sample_is_small_and_has_a_row_in_the_list() -> None:
    listed = re.findall(r"^\| \[(\w+)\]\(\1\.py\) \|", (HERE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == SAMPLES
    assert [name for name in SAMPLES if (HERE / f"{name}.pcap").stat().st_size > 300_000] == []


def test_every_rule_of_the_catalogue_finds_something_in_a_sample() -> None:
    assert [rule.id for rule in RULES if rule.id not in examples()] == [], "make a sample in which the rule fires"


def test_the_healthy_study_is_healthy() -> None:
    analysis = dicomsniff.analyze(HERE / "healthy_study.pcap")
    assert [f.rule for f in analysis.findings if f.severity in ("error", "warning")] == []
    assert len(analysis.exchanges) == 5


def test_the_troubled_morning_tells_its_six_troubles() -> None:
    found = {f.rule for f in dicomsniff.analyze(HERE / "troubled_morning.pcap").findings}
    assert found >= {
        "DS-ASSOC-001",
        "DS-STORE-001",
        "DS-STORE-003",
        "DS-PC-001",
        "DS-FIND-003",
        "DS-ASSOC-008",
        "DS-TCP-001",
    }
