"""Tasks that run anywhere give what one process gives."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dicomsniff.capture import CaptureError, open_captures
from dicomsniff.core import LIMITS, Endpoint
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.scheduled import index, run, share_out
from dicomsniff.pipeline import Options, Pipeline
from tests.forge.field import sealed
from tests.forge.wire import OUT, SYN, Wire, write_pcap
from tests.parallel.test_crew import SAMPLES, SMALL, told

OPTIONS = Options(fence=False, limits=SMALL)
A, B, C, D = (Endpoint(f"10.0.0.{number}", 104) for number in range(4))


def alone(*paths: Path) -> str:
    with open_captures(paths, SMALL) as source, PayloadStore() as store:
        return told(Pipeline(source, store, OPTIONS).run())


def scheduled(*paths: Path, groups: int = 3, executor: Any = None) -> str:
    with PayloadStore() as store, executor or ThreadPoolExecutor(1) as pool:
        return told(run(pool, [str(path) for path in paths], store, OPTIONS, groups))


@pytest.mark.parametrize("groups", [1, 2, 5, 1000])
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_any_number_of_groups_gives_the_same_json(path: Path, groups: int) -> None:
    assert scheduled(path, groups=groups) == alone(path)


def test_a_connection_that_crosses_files_stays_one(tmp_path: Path) -> None:
    frames = Wire().connect().send(OUT, b"\x00" * 9000).close().frames
    paths = [write_pcap(tmp_path / f"{n}.pcap", frames[n * 4 : n * 4 + 4]) for n in range(len(frames) // 4 + 1)]
    assert scheduled(*paths) == alone(*paths)


class Unreliable(ThreadPoolExecutor):
    """An executor that loses the first tries of every task."""

    def __init__(self, losses: int, shown_as: Exception | None = None) -> None:
        super().__init__(1)
        self._losses, self._shown_as = losses, shown_as or BrokenExecutor("a worker died")
        self.lost: Counter[str] = Counter()

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        key = f"{task}{arguments}"
        self.lost[key] += 1
        if self.lost[key] <= self._losses:
            future: Future[Any] = Future()
            future.set_exception(self._shown_as)
            return future
        return super().submit(task, *arguments)


@pytest.mark.parametrize("shown_as", [None, ConnectionError(), CancelledError(), ValueError("2 values, not 3")])
def test_what_a_lost_worker_was_at_is_done_again(shown_as: Exception | None) -> None:
    assert scheduled(SAMPLES[0], executor=Unreliable(2, shown_as)) == alone(SAMPLES[0])


def test_a_task_that_is_lost_every_time_fails() -> None:
    with pytest.raises(BrokenExecutor):
        scheduled(SAMPLES[0], executor=Unreliable(3))


def test_a_file_that_is_no_capture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(b"nothing like it")
    with pytest.raises(CaptureError):
        scheduled(path)


def test_a_flood_is_followed_by_one(tmp_path: Path) -> None:
    frames = []
    for number in range(200):
        wire = Wire((f"10.0.{number}.9", 40000), ("10.0.0.2", 104))
        wire.packet(OUT, SYN, seq=1)
        frames += wire.frames
    path = write_pcap(tmp_path / "flood.pcap", frames)
    options = replace(OPTIONS, limits=replace(LIMITS, empty_connections=50))
    with PayloadStore() as store, ThreadPoolExecutor(1) as pool:
        traffic = run(pool, [str(path)], store, options, 2)
    assert any("not listed" in note for note in traffic.captures[0].notes)
    assert traffic.captures[0].unlisted > 0


@pytest.mark.parametrize("merge_views", [False, True])
def test_several_points_are_followed_by_one(merge_views: bool, tmp_path: Path) -> None:
    wire = Wire().connect()
    for number in range(20):
        wire.send(OUT, bytes([number]) * 500).acknowledge(OUT)
    frames = sealed(wire.close().frames)
    late = [(time + 3_600_000_000_000, frame) for time, frame in frames]
    paths = [write_pcap(tmp_path / "a.pcap", frames), write_pcap(tmp_path / "b.pcap", late)]
    options = replace(OPTIONS, merge_views=merge_views)
    with open_captures(paths, SMALL) as source, PayloadStore() as store:
        one = Pipeline(source, store, options).run()
    with PayloadStore() as store, ThreadPoolExecutor(1) as pool:
        shared = run(pool, [str(path) for path in paths], store, options, 3)
    assert told(shared) == told(one)
    assert [capture.point.number for capture in shared.captures] == [1, 2]
    assert len(shared.conversations) == (1 if merge_views else 2)


def test_packets_of_several_files_are_told_where_they_stand(tmp_path: Path) -> None:
    frames = Wire().connect().send(OUT, b"\x00" * 9000).close().frames
    paths = [str(write_pcap(tmp_path / f"{n}.pcap", frames[n * 6 : n * 6 + 6])) for n in range(2)]
    with PayloadStore() as store, ThreadPoolExecutor(1) as pool:
        places = run(pool, paths, store, OPTIONS, 3).places
    assert places is not None and places.find(2) == (1, 2) and places.find(8) == (2, 2)


def test_the_index_remembers_no_more_segments_of_a_file_than_asked_for(tmp_path: Path) -> None:
    wire = Wire().connect()
    for number in range(400):
        wire.send(OUT, bytes([number % 256]) * 50)
    path = write_pcap(tmp_path / "a.pcap", sealed(wire.frames))
    _, sample = index(str(path), 3, 100, OPTIONS)
    assert 10 < len(sample) <= 100 and set(sample.file.tolist()) == {3}


def test_the_index_weighs_both_directions_of_a_connection(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "a.pcap", Wire().connect().send(OUT, bytes(5000)).close().frames)
    weights, sample = index(str(path), 0, 0, OPTIONS)
    [(pair, weight)] = weights.items()
    assert not len(sample)
    assert [end.ip for end in pair] == ["10.0.0.1", "10.0.0.2"]
    assert weight > 5000


def test_the_heaviest_are_shared_out_first() -> None:
    weights = Counter({(A, B): 100, (A, C): 60, (A, D): 50, (B, C): 10})
    assert share_out(weights, 2) == [frozenset({(A, B), (B, C)}), frozenset({(A, C), (A, D)})]


def test_without_connections_there_is_one_empty_group() -> None:
    assert share_out(Counter(), 4) == [frozenset()]
