"""A real Dask scheduler with two workers."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomsniff.api import analyze
from tests.cli.running import Shell, process
from tests.parallel.test_crew import SAMPLES

pytest.importorskip("distributed", reason="Dask is not installed")
ROOT = Path(__file__).parents[2]


def dask(*arguments: str) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-m", "dask", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler whose two workers have come."""
    from distributed import Client

    found = tmp_path_factory.mktemp("dask") / "scheduler.json"
    own = dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(found))
    workers = [
        dask(
            "worker",
            "--scheduler-file",
            str(found),
            "--no-dashboard",
            "--no-nanny",
            "--nthreads",
            "1",
            "--name",
            str(n),
        )
        for n in range(2)
    ]
    try:
        while not found.exists():
            time.sleep(0.1)
            assert own.poll() is None
        with Client(scheduler_file=str(found), set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            address: str = client.scheduler.address
        yield address
    finally:
        for each in (*workers, own):
            each.kill()
        for each in (*workers, own):
            each.wait(10)


def test_the_json_is_that_of_one_process(scheduler: str, tmp_path: Path) -> None:
    captures = [str(path) for path in SAMPLES]
    ours, theirs = tmp_path / "1.json", tmp_path / "2.json"
    assert process("analyze", *captures, "-q", "--jobs", "1", "--json", ours).returncode == 0
    done = process("analyze", *captures, "-q", "--scheduler", scheduler, "--json", theirs)
    assert (done.returncode, done.stderr) == (0, b"")
    assert theirs.read_text() == ours.read_text()


def test_a_worker_that_dies_does_not_change_the_answer(scheduler: str) -> None:
    from distributed import Client

    with Client(scheduler, set_as_default=False) as client:
        [pid, *_] = client.run(os.getpid).values()
    killer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
    killer.start()
    try:
        for _ in range(5):
            assert len(analyze(*SAMPLES, scheduler=scheduler).exchanges) == len(analyze(*SAMPLES).exchanges)
    finally:
        killer.join()


def test_an_address_where_nobody_answers_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dicomsniff.parallel.cluster.PATIENCE", "300ms")
    said = Shell(capsys).refused("analyze", SAMPLES[0], "--scheduler", "tcp://127.0.0.1:1")
    assert said.startswith("no Dask scheduler answers at tcp://127.0.0.1:1")
