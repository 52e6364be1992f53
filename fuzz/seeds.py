"""Whole conversations for the pipeline harness: frames out, made by the tests' forge, with what was sent in them."""

import hashlib
from functools import lru_cache
from typing import NamedTuple

from tests.forge import pdus
from tests.forge.dialogue import FIND, MOVE, Dialogue, data_set
from tests.forge.messages import CT
from tests.forge.wire import BACK, OUT, Frame, Wire

FIND_STUDY = "1.2.840.10008.5.1.4.1.2.2.1"
MOVE_STUDY = "1.2.840.10008.5.1.4.1.2.2.2"
SYNTAXES = (pdus.EXPLICIT_LITTLE, pdus.IMPLICIT_LITTLE)
IMPLICIT = (pdus.IMPLICIT_LITTLE,)


class Seed(NamedTuple):
    """`frames` by time, and the hash of every data set sent in them."""

    frames: tuple[Frame, ...]
    sent: frozenset[str]


class _Recorder:
    """Makes data sets and remembers them."""

    def __init__(self) -> None:
        self.sent: set[str] = set()

    def image(self, number: int, length: int) -> bytes:
        """An object whose bytes are nowhere alike; as many pixel bytes as told."""
        pixels = b"".join(hashlib.sha256(bytes([number, at & 255, at >> 8])).digest() for at in range(length // 32))
        return self.note(
            data_set(SOPClassUID=CT, SOPInstanceUID=f"1.2.3.{number}", PatientName="Forged^Seed", PatientID=f"{number}")
            + b"\xe0\x7f\x10\0"
            + len(pixels).to_bytes(4, "little")
            + pixels
        )

    def note(self, data: bytes) -> bytes:
        self.sent.add(hashlib.sha256(data).hexdigest())
        return data


def _storing(recorder: _Recorder, wire: Wire, count: int, length: int) -> Wire:
    dialogue = Dialogue(wire, "MODALITY", "ARCHIVE", (CT, IMPLICIT, 0), (pdus.VERIFICATION, SYNTAXES, 3))
    dialogue.request().accept()
    for number in range(1, count + 1):
        dialogue.store(CT, f"1.2.3.{number}", recorder.image(number, length), status=(0, 0xB000, 0xA700)[number % 3])
    dialogue.release()
    return wire


def _querying(recorder: _Recorder, wire: Wire) -> Wire:
    dialogue = Dialogue(wire, "VIEWER", "PACS", (FIND_STUDY, IMPLICIT, 0), (MOVE_STUDY, IMPLICIT, 0))
    keys = recorder.note(data_set(QueryRetrieveLevel="STUDY", PatientID="1*", StudyInstanceUID=""))
    matches = [recorder.note(data_set(PatientID=f"1{n}", StudyInstanceUID=f"1.2.9.{n}")) for n in range(3)]
    dialogue.request().accept().find(FIND_STUDY, keys, matches)
    dialogue.ask(MOVE, MOVE_STUDY, keys, MoveDestination="NOWHERE").answer(MOVE, MOVE_STUDY, 0xA801)
    dialogue.ask(FIND, FIND_STUDY, keys).abort(BACK, 2, 0)
    return wire


def _rejected(wire: Wire) -> Wire:
    Dialogue(wire, "STRANGER", "PACS", (pdus.VERIFICATION, IMPLICIT, 0)).request().reject(1, 1, 3)
    return wire


def _echoing(wire: Wire) -> Wire:
    dialogue = Dialogue(wire, "A", "B", (pdus.VERIFICATION, IMPLICIT, 0)).request().accept()
    dialogue.echo().echo().release()
    return wire


def _foreign(wire: Wire) -> Wire:
    request, answer = b"GET / HTTP/1.1\r\nHost: pacs\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    return wire.connect().send(OUT, request).send(BACK, answer).close()


def _refused(wire: Wire) -> Wire:
    wire.packet(OUT, 2)
    wire.reset(BACK)
    return wire


def _mixed(*wires: Wire) -> tuple[Frame, ...]:
    return tuple(sorted((frame for wire in wires for frame in wire.frames), key=lambda frame: frame[0]))


@lru_cache(maxsize=1)
def seeds() -> tuple[Seed, ...]:
    """Few and short, for each is read whole at every execution."""
    made = []
    for build in (_one_study, _many_at_once, _questions, _two_on_one_port):
        recorder = _Recorder()
        made.append(Seed(build(recorder), frozenset(recorder.sent)))
    return tuple(made)


def _one_study(recorder: _Recorder) -> tuple[Frame, ...]:
    return _mixed(_storing(recorder, Wire(), 3, 3200))


def _many_at_once(recorder: _Recorder) -> tuple[Frame, ...]:
    return _mixed(
        _storing(recorder, Wire(mss=536), 1, 1600),
        _echoing(Wire(("10.0.0.3", 40001), ("10.0.0.2", 104))),
        _rejected(Wire(("10.0.0.4", 40002), ("10.0.0.2", 104))),
        _foreign(Wire(("10.0.0.5", 40003), ("10.0.0.2", 80))),
        _refused(Wire(("10.0.0.6", 40004), ("10.0.0.2", 11112))),
    )


def _questions(recorder: _Recorder) -> tuple[Frame, ...]:
    return _mixed(_querying(recorder, Wire(("2001:db8::1", 40000), ("2001:db8::2", 104), isn=(2**32 - 200, 5))))


def _two_on_one_port(recorder: _Recorder) -> tuple[Frame, ...]:
    """The client's port is used again after a while."""
    first = _echoing(Wire())
    again = Wire(start_ns=first.now + 2 * 10**9, isn=(5_000_000, 9_000_000))
    return _mixed(first, _storing(recorder, again, 1, 1600))
