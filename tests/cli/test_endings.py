"""Who is told to end ends as after Ctrl-C: nothing half made stays, and the exit code says what ended it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dicomsniff.cli.endings import orderly_end
from tests.cli.running import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="this system sends no signals")
WAYS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]
WRITING = """
import sys, time
from dicomsniff.cli import run
from dicomsniff import api
def slow(report, stream):
    stream.write("{")
    stream.flush()
    sys.stdout.write(".")
    sys.stdout.flush()
    time.sleep(60)
api.write_json = slow
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.parametrize("way", WAYS[:2])
def test_a_signal_is_an_interrupt_with_an_exit_code_of_its_own(way: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), orderly_end() as told:
        signal.raise_signal(way)
    assert told.code == 128 + way
    assert signal.getsignal(way) is signal.SIG_DFL


def test_what_the_program_is_deaf_to_stays_unheard() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with orderly_end():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("way", WAYS)
def test_a_document_in_the_making_goes_with_its_process(way: signal.Signals, healthy: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    line = [sys.executable, "-c", WRITING, "analyze", str(healthy), "--json", str(target)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.read(1) == b"."
        assert [path.name for path in tmp_path.iterdir() if path != healthy] == ["report.json.part"]
        time.sleep(0.1)
        process.send_signal(way)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said.strip()) == (128 + way, b"")
    assert [path for path in tmp_path.iterdir() if path != healthy] == []
