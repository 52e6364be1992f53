"""What an analysis does grows with the traffic, not with its square: counted in lines, which are the same at every run."""

import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import dicomsniff
from dicomsniff.api import analyze
from tests.forge.dialogue import ECHO, FIND, GET, MOVE, RESPONSE, STORE, Dialogue, data_set
from tests.forge.pdus import IMPLICIT_LITTLE, VERIFICATION
from tests.forge.wire import BACK, OUT, SYN, Frame, Wire, write_pcap

CT = "1.2.840.10008.5.1.4.1.1.2"
STUDY_FIND, STUDY_MOVE, STUDY_GET = (f"1.2.840.10008.5.1.4.1.2.2.{end}" for end in (1, 2, 3))
CLASSES = (VERIFICATION, CT, STUDY_FIND, STUDY_MOVE, STUDY_GET)
KEYS = data_set(QueryRetrieveLevel="STUDY", PatientID="P1", StudyInstanceUID="")
OBJECT = data_set(SOPClassUID=CT, SOPInstanceUID="1.2.3.4", PatientID="P1", StudyInstanceUID="1.2.3")
PROJECT = str(Path(dicomsniff.__file__).parent)
START_NS, APART_NS = 1_700_000_000_000_000_000, 200_000_000
FEW = 20
"""Times that something happens in one capture; in the other four times as often."""
SPARE = 1000
"""Lines that a function may carry out beyond its share: caches that are full, blocks that are not."""
ONCE = ("_init",)
"""Done once for each class, when it has proved to have many values."""

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


def retrieved(dialogue: Dialogue, number: int) -> Dialogue:
    """A C-GET and its one sub-operation."""
    named: Any = {"AffectedSOPInstanceUID": f"1.2.{number}"}
    dialogue.ask(GET, STUDY_GET, KEYS)
    dialogue.message(BACK, CT, OBJECT, CommandField=STORE, MessageID=number + 1, Priority=0, **named)
    dialogue.message(OUT, CT, CommandField=STORE | RESPONSE, MessageIDBeingRespondedTo=number + 1, Status=0, **named)
    return dialogue.answer(GET, STUDY_GET, 0, NumberOfCompletedSuboperations=1)


def failed_store(dialogue: Dialogue, number: int) -> Dialogue:
    return dialogue.store(CT, f"1.2.{number}", OBJECT, 0xA700)


def answered_wrongly(dialogue: Dialogue, number: int) -> Dialogue:
    dialogue.ask(ECHO, VERIFICATION)
    return dialogue.answer(ECHO, VERIFICATION, 0, MessageIDBeingRespondedTo=30_000 + number)


SITUATIONS: dict[str, Callable[[int], list[Frame]]] = {
    "requests without an answer, aborted": within(never_answered, lambda d, _: d.abort(BACK)),
    "requests without an answer, some of it lost": some_lost(within(never_answered, lambda d, _: d.wire.reset(BACK))),
    "queries without an answer, closed": within(
        lambda d, _: d.ask(FIND, STUDY_FIND, KEYS), lambda d, _: d.wire.close()
    ),
    "failed stores, some of it lost": some_lost(within(failed_store, lambda d, _: d.release())),
    "retrievals to unknown places": within(refused_move, lambda d, _: d.release()),
    "responses to other messages": within(answered_wrongly, lambda d, _: d.release()),
    "retrievals by C-GET": within(retrieved, lambda d, _: d.release()),
    "rejections of many servers": crowd(lambda d, _: d.reject(1, 1, 7), servers=True),
    "hosts that retrieve to unknown places": crowd(lambda d, n: refused_move(d.accept(), n).release()),
    "hosts that abort": crowd(lambda d, n: failed_store(d.accept(), n).abort(OUT)),
    "hosts that nobody answers": crowd(lambda d, _: d.wire.packet(OUT, SYN, seq=1)),
}


def lines(path: Path) -> Counter[CodeType]:
    """How many lines of each function of the project are carried out, each round of a comprehension counting as one."""
    counted: Counter[CodeType] = Counter()

    def enter(frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if PROJECT not in code.co_filename or code.co_name in ONCE:
            return None

        def step(_frame: FrameType, event: str, _: Any) -> Any:
            counted[code] += event == "line"
            return step

        return step

    sys.settrace(enter)
    try:
        with closing(analyze(path, jobs=1)) as analysis:
            analysis.to_json(path.with_suffix(".json"))
    finally:
        sys.settrace(None)
    return counted


@pytest.mark.parametrize("situation", SITUATIONS)
def test_four_times_the_trouble_is_four_times_the_work(situation: str, tmp_path: Path) -> None:
    captures = [write_pcap(tmp_path / f"{n}.pcap", SITUATIONS[situation](n * FEW)) for n in (4, 1, 4)]
    _, few, four_times = map(lines, captures)  # caches are filled, and modules loaded, at the first
    more = {code: (few[code], n) for code, n in four_times.items() if n > 1.25 * 4 * few[code] + SPARE}
    assert not {f"{code.co_filename}: {code.co_qualname}": counts for code, counts in more.items()}
