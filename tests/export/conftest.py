"""What the tests of the command line share: a shell and captures to look at."""

from pathlib import Path

import pytest

from tests.cli.running import Shell, dialogue


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def healthy(tmp_path: Path) -> Path:
    """Two objects stored."""
    return dialogue(0, 0).save(tmp_path / "healthy.pcap")


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """An object stored, one refused."""
    return dialogue(0, 0xA700).save(tmp_path / "failing.pcap")


@pytest.fixture
def warned(tmp_path: Path) -> Path:
    """An object stored with a warning."""
    return dialogue(0xB000).save(tmp_path / "warned.pcap")
