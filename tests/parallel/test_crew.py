"""Several processes give what one gives."""

import io
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from dicomsniff import api
from dicomsniff.api import analyze
from dicomsniff.association.values import Traffic
from dicomsniff.capture import open_captures
from dicomsniff.core import LIMITS, Limits
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel import Crew, CrewLostError
from dicomsniff.parallel.slots import Slots
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
    with open_captures([path], limits) as source, PayloadStore(limits) as store, Crew(followers, store, options) as one:
        return told(one.run(source))


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


def test_a_block_that_fits_no_slot_goes_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = replace(LIMITS, block_bytes=1 << 20)
    make = Slots.make
    monkeypatch.setattr(Slots, "make", lambda count, size: make(count, 4096))
    assert together(SAMPLES[0], 2, whole) == alone(SAMPLES[0], whole)


def test_a_process_that_dies_is_noticed_and_one_process_does_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = Crew._share

    def murderous(self: Crew, block: object, secrets: bytes) -> None:
        os.kill(self._processes[0].pid, signal.SIGKILL)
        begun(self, block, secrets)

    monkeypatch.setattr(Crew, "_share", murderous)
    with pytest.raises(CrewLostError, match="ended before"):
        together(SAMPLES[0], 2)
    monkeypatch.setattr(api, "WORTH_SHARING", 0)
    assert analyze(SAMPLES[0], jobs=2).exchanges


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
    with open_captures([SAMPLES[0]], SMALL) as source, PayloadStore() as store, Crew(2, store, options) as one:
        assert one.run(source).captures[0].notes == notes
    assert any("a bug" in note for note in notes)
