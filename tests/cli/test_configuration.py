"""A site's own settings on the command line."""

import json
from pathlib import Path

import pytest

from tests.cli.running import Shell


def severities(shell: Shell, *arguments: str | Path) -> dict[str, str]:
    found = json.loads(shell("analyze", *arguments, "--json", "-").out)["findings"]
    return {finding["rule"]: finding["severity"] for finding in found}


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text('[severity]\n"DS-STORE" = "note"\n')
    return path


def test_a_severity_of_the_site_replaces_that_of_the_rule(shell: Shell, failing: Path, settings: Path) -> None:
    assert severities(shell, failing)["DS-STORE-001"] == "error"
    assert severities(shell, failing, "--config", settings)["DS-STORE-001"] == "note"
    assert shell("analyze", failing, "-q", "--config", settings, "--fail-on", "error").code == 0


def test_the_settings_file_is_found_upwards(
    shell: Shell, failing: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = settings.parent / "a" / "b"
    below.mkdir(parents=True)
    settings.rename(settings.parent / "dicomsniff.toml")
    monkeypatch.chdir(below)
    assert severities(shell, failing)["DS-STORE-001"] == "note"


def test_rules_that_the_site_ignores_are_not_run_and_a_selection_asked_for_counts(
    shell: Shell, failing: Path, settings: Path
) -> None:
    settings.write_text('select = ["DS-ASSOC"]\nignore = ["DS-STORE"]\n')
    assert severities(shell, failing, "--config", settings) == {}
    assert severities(shell, failing, "--config", settings, "--select", "DS-STORE") == {}


def test_a_wrong_key_is_refused_in_one_line_with_the_nearest(shell: Shell, failing: Path, settings: Path) -> None:
    settings.write_text("[thresholds]\ndimse_wate = 1\n")
    said = shell.refused("analyze", failing, "--config", settings)
    assert said.endswith("site.toml: there is no key thresholds.dimse_wate; did you mean thresholds.dimse_wait?")


def test_a_settings_file_that_is_not_there_is_refused(shell: Shell, failing: Path) -> None:
    assert "none.toml" in shell.refused("report", failing, "-o", "-", "--config", "none.toml")


def test_a_known_ae_elsewhere_is_told_whether_typed_or_from_the_settings(
    shell: Shell, failing: Path, settings: Path
) -> None:
    assert "DS-ASSOC-020" not in severities(shell, failing)
    assert "DS-ASSOC-020" not in severities(
        shell, failing, "--known-ae", "ARCHIVE=10.0.0.2:104", "--known-ae", "MODALITY=10.0.0.1"
    )
    caller = ("--known-ae", "MODALITY=10.0.0.1")
    assert severities(shell, failing, *caller, "--known-ae", "ARCHIVE=10.0.0.9:104")["DS-ASSOC-020"] == "warning"
    settings.write_text('[[ae]]\ntitle = "ARCHIVE"\nhost = "10.0.0.9"\nport = 104\n')
    assert severities(shell, failing, *caller, "--config", settings)["DS-ASSOC-020"] == "warning"


def test_a_known_ae_that_is_none_is_refused_in_one_line(shell: Shell, failing: Path) -> None:
    assert "'ARCHIVE' is not TITLE=HOST:PORT" in shell.refused("analyze", failing, "--known-ae", "ARCHIVE")
