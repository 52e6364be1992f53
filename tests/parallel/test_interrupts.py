"""Who interrupts the analysis interrupts one process, and is told once."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dicomsniff.parallel.interrupts import held_back, uninterrupted
from tests.association.dialogue import Dialogue


def _interrupted(here: int) -> None:
    assert os.getpid() != here
    signal.raise_signal(signal.SIGINT)


@pytest.mark.skipif(os.name != "posix", reason="this system sends no signals")
def test_a_task_does_not_hear_an_interrupt() -> None:
    process = multiprocessing.get_context("fork").Process(target=uninterrupted, args=(_interrupted, os.getpid()))
    process.start()
    process.join()
    assert process.exitcode == 0


@pytest.mark.skipif(os.name != "posix", reason="this system sends no signals")
def test_a_signal_in_the_middle_of_a_start_waits_for_its_end_and_is_not_lost() -> None:
    steps = []
    with pytest.raises(KeyboardInterrupt), held_back():
        os.kill(os.getpid(), signal.SIGINT)
        steps.append("started")
    assert steps == ["started"]


def _deaf_to_nothing_else(_: int) -> None:
    signal.raise_signal(signal.SIGTERM)


@pytest.mark.skipif(os.name != "posix", reason="this system sends no signals")
def test_other_signals_end_a_task_without_a_word_though_held_back_where_it_was_started() -> None:
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        process = multiprocessing.get_context("fork").Process(target=uninterrupted, args=(_deaf_to_nothing_else, 0))
        with held_back():
            process.start()
        process.join(20)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert process.exitcode == -signal.SIGTERM


@pytest.mark.skipif(os.name != "posix", reason="this system sends no signals")
def test_an_analysis_by_several_processes_that_is_interrupted_says_nothing(tmp_path: Path) -> None:
    capture = Dialogue().open().store("1.2.3.4", b"").release().save(tmp_path / "field.pcap")
    script = tmp_path / "slow.py"
    script.write_text(
        "import sys, time\n"
        "from dicomsniff import api\n"
        "from dicomsniff.cli import run\n"
        "from dicomsniff.pipeline import Follower\n"
        "api.WORTH_SHARING = 0\n"
        "api._worth_sharing = lambda *_: True\n"
        "def finish(self):\n"
        "    sys.stdout.write('.'); sys.stdout.flush()\n"
        "    time.sleep(60)\n"
        "Follower.finish = finish\n"
        "if __name__ == '__main__':\n"
        f"    sys.exit(run(['analyze', {str(capture)!r}, '-q', '--jobs', '2', '--no-progress']))\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.read(2) == b".."
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said.strip()) == (130, b"")


@pytest.mark.skipif(os.name != "posix", reason="this system sends no signals")
def test_helpers_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(
        "import multiprocessing, os, signal, time\n"
        "from dicomsniff.parallel.interrupts import uninterrupted\n"
        "context = multiprocessing.get_context('fork')\n"
        "helpers = [context.Process(target=uninterrupted, args=(time.sleep, 600), daemon=True) for _ in range(4)]\n"
        "for helper in helpers:\n"
        "    helper.start()\n"
        "print(*(helper.pid for helper in helpers), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 4 and done.returncode == -signal.SIGKILL
    for _ in range(600):  # they are nobody's children now, so that nothing can wait for them
        alive = [pid for pid in pids if _runs(pid)]
        if not alive:
            break
        time.sleep(0.05)
    assert not alive


def _runs(pid: int) -> bool:
    """In a container without an init process what has ended may stay behind as a name."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")
