"""The front door of the room: a file in, a configuration out, and nothing loaded for it where there is no file."""

import subprocess
import sys
from pathlib import Path

import pytest

from dicomsniff.rules.configuration import ConfigurationError, read


def test_a_settings_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "dicomsniff.toml"
    path.write_text("[thresholds]\ndimse_wait = 5\n")
    assert read(path).thresholds.dimse_wait == 5
    path.write_text("[threshold]\n")
    with pytest.raises(ConfigurationError, match="threshold"):
        read(path)


def test_what_reads_settings_is_not_loaded_for_nothing() -> None:
    program = (
        "import sys, dicomsniff.rules.configuration as c; print([m for m in sys.modules if m.startswith(c.__name__)])"
    )
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert "nearest" in loaded
    assert "settings_file" not in loaded
