"""Captures that the tests of the live pipeline share."""

from pathlib import Path

import pytest

from tests.cli.running import dialogue


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """An object stored, one refused."""
    return dialogue(0, 0xA700).save(tmp_path / "failing.pcap")


@pytest.fixture
def warned(tmp_path: Path) -> Path:
    """An object stored with a warning."""
    return dialogue(0xB000).save(tmp_path / "warned.pcap")
