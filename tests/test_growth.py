"""What an analysis does grows with the traffic, not with its square: counted in calls, which are the same at every run."""

import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from dicomsniff.api import analyze
from tests.forge.dialogue import FIND, MOVE, STORE, Dialogue, data_set
from tests.forge.pdus import IMPLICIT_LITTLE
from tests.forge.wire import BACK, OUT, SYN, Frame, Wire, write_pcap

CT, STUDY_FIND, STUDY_MOVE = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.2"
CLASSES = (CT, STUDY_FIND, STUDY_MOVE)
KEYS = data_set(QueryRetrieveLevel="STUDY", PatientID="P1", StudyInstanceUID="")
OBJECT = data_set(SOPClassUID=CT, SOPInstanceUID="1.2.3.4", PatientID="P1", StudyInstanceUID="1.2.3")
START_NS, APART_NS = 1_700_000_000_000_000_000, 200_000_000
FEW = 25
"""Times that something happens in one capture; in the other four times as often."""
SPARE = 1000
"""Calls that a function may make beyond its share: caches that are full, blocks that are not."""

Act = Callable[[Dialogue, int], object]


def associate(wire: Wire, number: int = 0) -> Dialogue:
    proposals = [(uid, (IMPLICIT_LITTLE,), 0) for uid in CLASSES]
    return Dialogue(wire, f"ASKS{number}", f"ANSWERS{number}", *proposals).request()


def within(act: Act, end: Act) -> Callable[[int], list[Frame]]:
    """One association in which something happens so many times."""

    def make(times: int) -> list[Frame]:
        wire = Wire()
        dialogue = associate(wire).accept()
        for number in range(times):
            act(dialogue, number)
        end(dialogue, times)
        return wire.frames

    return make


def crowd(act: Act, servers: bool = False) -> Callable[[int], list[Frame]]:
    """So many associations, each of another host, with one server or with one server each."""

    def make(times: int) -> list[Frame]:
        frames: list[Frame] = []
        for number in range(times):
            client, server = (f"10.1.0.{number}", 40_000), (f"10.2.0.{number if servers else 0}", 104)
            wire = Wire(client, server, start_ns=START_NS + number * APART_NS)
            act(associate(wire, number), number)
            frames += wire.frames
        return frames

    return make


def some_lost(make: Callable[[int], list[Frame]]) -> Callable[[int], list[Frame]]:
    return lambda times: [frame for at, frame in enumerate(make(times)) if at < 12 or at % 7]


def never_answered(dialogue: Dialogue, number: int) -> Dialogue:
    return dialogue.ask(STORE, CT, OBJECT, AffectedSOPInstanceUID=f"1.2.{number}")


def refused_move(dialogue: Dialogue, number: int) -> Dialogue:
    return dialogue.ask(MOVE, STUDY_MOVE, KEYS, MoveDestination=f"PLACE{number}").answer(MOVE, STUDY_MOVE, 0xA801)


def failed_store(dialogue: Dialogue, number: int) -> Dialogue:
    return dialogue.store(CT, f"1.2.{number}", OBJECT, 0xA700)


SITUATIONS: dict[str, Callable[[int], list[Frame]]] = {
    "requests without an answer, aborted": within(never_answered, lambda d, _: d.abort(BACK)),
    "requests without an answer, some of it lost": some_lost(within(never_answered, lambda d, _: d.wire.reset(BACK))),
    "queries without an answer, closed": within(
        lambda d, _: d.ask(FIND, STUDY_FIND, KEYS), lambda d, _: d.wire.close()
    ),
    "failed stores, some of it lost": some_lost(within(failed_store, lambda d, _: d.release())),
    "retrievals to unknown places": within(refused_move, lambda d, _: d.release()),
    "rejections of many servers": crowd(lambda d, _: d.reject(1, 1, 7), servers=True),
    "hosts that retrieve to unknown places": crowd(lambda d, n: refused_move(d.accept(), n).release()),
    "hosts that abort": crowd(lambda d, n: failed_store(d.accept(), n).abort(OUT)),
    "hosts that nobody answers": crowd(lambda d, _: d.wire.packet(OUT, SYN, seq=1)),
}


def calls(path: Path) -> Counter[tuple[str, str, int]]:
    """How often each function of the project is entered, or one of its generators goes on."""
    counted: Counter[tuple[str, str, int]] = Counter()

    def count(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            code = frame.f_code
            counted[code.co_filename, code.co_qualname, code.co_firstlineno] += 1

    sys.setprofile(count)
    try:
        with closing(analyze(path, jobs=1)) as analysis:
            analysis.to_json(path.with_suffix(".json"))
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize("situation", SITUATIONS)
def test_four_times_the_trouble_is_four_times_the_work(situation: str, tmp_path: Path) -> None:
    captures = [write_pcap(tmp_path / f"{n}.pcap", SITUATIONS[situation](n * FEW)) for n in (4, 1, 4)]
    _, few, four_times = map(calls, captures)  # caches are filled, and modules loaded, at the first
    assert not {f: (few[f], n) for f, n in four_times.items() if n > 1.2 * 4 * few[f] + SPARE}
