"""The command that is told of findings: what it gets, and what becomes of its faults."""

import json
import sys
from pathlib import Path

import pytest

from dicomsniff.live import notifying as module
from dicomsniff.live.notifying import Notifier


def test_it_gets_each_row_as_json_on_standard_input(tmp_path: Path) -> None:
    out = tmp_path / "got"
    script = f"import sys; open({str(out)!r}, 'ab').write(sys.stdin.buffer.read() + b'\\n')"
    notifier = Notifier(f'"{sys.executable}" -c "{script}"')
    notifier.notify({"rule": "DS-STORE-001", "message": "größer; $(rm -rf /)"})
    notifier.notify({"rule": "DS-STORE-002"})
    notifier.close()
    assert [json.loads(line)["rule"] for line in out.read_text().splitlines()] == ["DS-STORE-001", "DS-STORE-002"]
    assert notifier.troubles() == []


def test_its_faults_are_said_once(tmp_path: Path) -> None:
    for command, words in (("false", "ended with code 1"), (str(tmp_path / "none"), "cannot be run: No such file")):
        notifier = Notifier(command)
        notifier.notify({})
        notifier.notify({})
        notifier.close()
        [said] = notifier.troubles()
        assert words in said and notifier.troubles() == []


def test_one_that_hangs_is_ended_and_too_many_rows_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.2)
    monkeypatch.setattr(module, "WAITING", 1)
    notifier = Notifier("sleep 5")
    for _ in range(5):
        notifier.notify({})
    notifier._thread.join(0.5)
    said = notifier.troubles()
    assert any("too slow" in one for one in said) and any("was ended after" in one for one in said)


@pytest.mark.parametrize("command", ["", "   ", "'open"])
def test_what_is_no_command_is_refused(command: str) -> None:
    with pytest.raises(ValueError):
        Notifier(command)
