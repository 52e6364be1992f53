"""The package's door: what it names, what it says, and that it says it without loading anything."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import dicomsniff

ROOT = Path(__file__).resolve().parents[1]


def test_it_offers_what_it_names() -> None:
    assert [name for name in dicomsniff.__all__ if not hasattr(dicomsniff, name)] == []


def test_what_it_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'dicomsniff' has no attribute 'analyse'"):
        dicomsniff.analyse  # noqa: B018


def test_the_version_is_one() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", dicomsniff.__version__)


def test_a_newcomer_finds_every_room_in_the_order_packets_walk_through_them() -> None:
    text = dicomsniff.__doc__ or ""
    rooms = re.findall(r"^- `(\w+)`", text, re.MULTILINE)
    assert rooms == ["capture", "tcp", "pdu", "dimse", "association", "rules", "report", "export"]
    beside = "core tls secured pipeline parallel live compare query replay crosscheck stages api cli"
    named = set(rooms) | set(beside.split())
    there = {path.stem for path in (ROOT / "dicomsniff").iterdir() if not path.name.startswith(("_", "."))}
    assert there - {"py"} == named and all(f"`{room}`" in text for room in named)


def test_the_library_is_loaded_when_it_is_first_used() -> None:
    code = "import sys, dicomsniff; print('dicomsniff.api' in sys.modules); dicomsniff.analyze; print('dicomsniff.api' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == ["False", "True"]
