"""Several processes give what one gives."""

import io
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from dicomsniff import api
from dicomsniff.api import analyze
from dicomsniff.association.values import Traffic
from dicomsniff.capture import open_captures
from dicomsniff.core import LIMITS, Limits
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.crew import Crew
from dicomsniff.parallel.helper import CrewLostError, Helper
from dicomsniff.parallel.member import Orders, follow
from dicomsniff.pipeline import Options, Pipeline
from dicomsniff.report import build_report, write_json
from dicomsniff.rules.runner import judge
from tests.captures import real
from tests.forge.wire import OUT, SYN, Wire, write_pcap

SAMPLES = sorted((Path(__file__).parents[2] / "sample_captures").glob("*.pcap"))
SMALL = replace(LIMITS, block_bytes=20_000)


def told(traffic: Traffic) -> str:
    judged = judge(traffic, fence=False)
    out = io.StringIO()
    write_json(build_report(traffic, judged.findings, judged.checks, redact=True, version="0"), out)
    return out.getvalue()


def alone(path: Path, limits: Limits = SMALL) -> str:
    with open_captures([path], limits) as source, PayloadStore(limits) as store:
        return told(Pipeline(source, store, Options(fence=False, limits=limits)).run())


def together(path: Path, followers: int, limits: Limits = SMALL) -> str:
    options = Options(fence=False, limits=limits)
    with PayloadStore(limits) as store, Crew(followers, [str(path)], store, options) as one:
        return told(one.run())


@pytest.mark.parametrize("followers", [1, 2, 3])
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_any_number_of_processes_gives_the_same_json(path: Path, followers: int) -> None:
    assert together(path, followers) == alone(path)


@real.here
@pytest.mark.parametrize(
    "name", ["query_retrieve", "lossy_network", "ipv6_any_interface", "refused_and_silent", "scp_dies", "tls"]
)
def test_real_captures_give_the_same_json(name: str) -> None:
    path = real.capture(name)
    assert together(path, 2) == alone(path)


def test_objects_kept_by_other_processes_are_exported_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "WORTH_SHARING", 0)
    files = []
    for jobs in (1, 2):
        made = analyze(SAMPLES[0], keep_payloads=True, jobs=jobs)
        made.export(tmp_path / str(jobs))
        made.close()
        files.append({path.name: path.read_bytes() for path in (tmp_path / str(jobs)).iterdir()})
    assert files[0] == files[1]
    assert len(files[0]) > 1


def _exported(folder: Path, jobs: int) -> dict[str, bytes]:
    made = analyze(SAMPLES[0], keep_payloads=True, export_to=folder, jobs=jobs)
    made.export(folder)
    made.close()
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("jobs", [2, 3])
def test_objects_that_all_put_where_they_belong_are_exported_whole(
    jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "WORTH_SHARING", 0)
    alone = _exported(tmp_path / "alone", 1)
    assert len(alone) > 1
    assert _exported(tmp_path / "together", jobs) == alone


def test_an_export_by_a_crew_that_is_lost_leaves_nothing_else_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "WORTH_SHARING", 0)
    alone = _exported(tmp_path / "alone", 1)
    monkeypatch.setattr("dicomsniff.parallel.helper.follow", _killed_in_the_middle)
    assert _exported(tmp_path / "together", 2) == alone


def _killed(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _killed_in_the_middle(door: Connection, orders: Orders, options: Options) -> None:
    class Door:
        said = 0

        def send(self, answer: int) -> None:
            door.send(answer)
            self.said += 1
            if self.said == 2:
                _killed()

    follow(Door(), orders, options)  # type: ignore[arg-type]


@pytest.mark.parametrize("task", [_killed, _killed_in_the_middle])
def test_a_process_that_dies_is_noticed_and_one_process_does_it_again(
    task: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dicomsniff.parallel.helper.follow", task)
    with pytest.raises(CrewLostError, match="ended before"):
        together(SAMPLES[0], 2)
    monkeypatch.setattr(api, "WORTH_SHARING", 0)
    told: list[int] = []
    found = []
    for jobs in (1, 2):
        made = analyze(SAMPLES[0], keep_payloads=True, jobs=jobs, progress=told.append if jobs == 2 else None)
        made.export(tmp_path / str(jobs))
        made.close()
        found.append({path.name: path.read_bytes() for path in (tmp_path / str(jobs)).iterdir()})
    assert found[0] == found[1]
    assert told[0] > 0 > min(told)
    assert sum(told) == told[0]


def test_where_no_process_can_be_started_one_does_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Helper] = []

    def second(orders: Orders, options: Options) -> Helper:
        if started:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        started.append(Helper(orders, options))
        return started[0]

    monkeypatch.setattr("dicomsniff.parallel.crew.Helper", second)
    with pytest.raises(CrewLostError, match="temporarily unavailable"):
        together(SAMPLES[0], 3)
    assert not started[0].process.is_alive()
    started.clear()
    monkeypatch.setattr(api, "WORTH_SHARING", 0)
    assert analyze(SAMPLES[0], jobs=3).exchanges


def test_a_flood_is_left_to_one_process(tmp_path: Path) -> None:
    limits = replace(SMALL, empty_connections=50)
    frames = []
    for number in range(200):
        wire = Wire((f"10.0.{number}.9", 40000), ("10.0.0.2", 104))
        wire.packet(OUT, SYN, seq=1)
        frames += wire.frames
    path = write_pcap(tmp_path / "flood.pcap", frames)
    with pytest.raises(CrewLostError, match="counted"):
        together(path, 2, limits)


def test_a_bug_in_one_connection_is_told_of_that_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("dicomsniff.pipeline.Line.finish", broken)
    options = Options(limits=SMALL)
    with open_captures([SAMPLES[0]], SMALL) as source, PayloadStore() as store:
        notes = Pipeline(source, store, options).run().captures[0].notes
    with PayloadStore() as store, Crew(2, [str(SAMPLES[0])], store, options) as one:
        assert one.run().captures[0].notes == notes
    assert any("a bug" in note for note in notes)


def test_captures_of_several_points_are_left_to_one_process(tmp_path: Path) -> None:
    """The same conversations, captured a moment later elsewhere."""
    wires = [Wire(("10.0.0.9", 40_000 + number), ("10.0.0.2", 104)) for number in range(3)]
    for wire in wires:
        wire.connect().send(OUT, bytes(range(256)) * 400).close()
    frames = [frame for wire in wires for frame in wire.frames]
    here, there = write_pcap(tmp_path / "here.pcap", frames), tmp_path / "there.pcap"
    write_pcap(there, [(time + 50_000_000, packet) for time, packet in frames])
    with (
        PayloadStore() as store,
        Crew(2, [str(here), str(there)], store, Options(fence=False)) as one,
        pytest.raises(CrewLostError, match="several points"),
    ):
        one.run()


def test_progress_is_told_once_for_each_block() -> None:
    sizes: list[int] = []
    with PayloadStore(SMALL) as store, Crew(2, [str(SAMPLES[0])], store, Options(limits=SMALL)) as one:
        one.run(sizes.append)
    with open_captures([SAMPLES[0]], SMALL) as source:
        assert sizes == [block.data.nbytes for block in source.blocks()]


def test_a_pipe_is_read_by_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "WORTH_SHARING", 0)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(SAMPLES[0].read_bytes(),))
    writer.start()
    assert analyze(pipe, jobs=2).exchanges
    writer.join()
