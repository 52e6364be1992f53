"""`python -m dicomsniff` and the console script: the exit code of the command line is that of the process."""

import os
import sys

import pytest

from dicomsniff import __main__


@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["nonsense"], 2)])
def test_the_process_ends_with_the_exit_code(
    arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["dicomsniff", *arguments])
    monkeypatch.setattr(os, "_exit", sys.exit)
    with pytest.raises(SystemExit) as left:
        __main__.main()
    assert left.value.code == code
    assert "dicomsniff" in "".join(capsys.readouterr())
