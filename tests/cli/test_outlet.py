"""Standard output of a watch: readers that are slow, stop reading, or leave."""

import io
import os
import threading

from dicomsniff.cli import outlet as module
from dicomsniff.cli.outlet import Outlet


class Slow(io.StringIO):
    """Takes a line only once it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.open = threading.Event()

    def write(self, text: str) -> int:
        self.open.wait(10)
        return super().write(text)


def test_lines_are_written_in_order() -> None:
    stream = io.StringIO()
    outlet = Outlet(stream, lambda: None, as_json=False)
    for number in range(1000):
        outlet.put(str(number))
    outlet.close()
    assert stream.getvalue().splitlines() == [str(number) for number in range(1000)]
    assert not outlet.lost and not outlet.gone


def test_a_reader_who_is_too_slow_misses_lines_and_is_told_how_many(monkeypatch: object) -> None:
    stream, kept = Slow(), module.MOST_LINES
    module.MOST_LINES = 5
    try:
        for as_json, words in ((False, "lines are missing here"), (True, '"lines_lost"')):
            stream = Slow()
            outlet = Outlet(stream, lambda: None, as_json=as_json)
            for number in range(50):
                outlet.put(f"line {number}")
            assert outlet.lost >= 40 and "were not written" in outlet.complaint()
            stream.open.set()
            while not outlet._lines.empty():
                outlet._thread.join(0.01)
            outlet.put("the last")
            outlet.close()
            lines = stream.getvalue().splitlines()
            assert lines[-1] == "the last" and words in lines[-2]
    finally:
        module.MOST_LINES = kept


def test_a_reader_who_leaves_is_noticed() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    left = threading.Event()
    with os.fdopen(writing, "w", buffering=1) as stream:
        outlet = Outlet(stream, left.set, as_json=False)
        outlet.put("hello")
        assert left.wait(5) and outlet.gone
        outlet.put("nobody hears this")
        outlet.close()
        assert "nobody reads" in outlet.complaint()
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)


def test_a_reader_who_stopped_does_not_hold_up_the_end(monkeypatch: object) -> None:
    kept, module.PARTING_SECONDS = module.PARTING_SECONDS, 0.2
    try:
        stream = Slow()
        outlet = Outlet(stream, lambda: None, as_json=False)
        for number in range(10):
            outlet.put(str(number))
        outlet.close()
        assert outlet.lost >= 9
        stream.open.set()
    finally:
        module.PARTING_SECONDS = kept
