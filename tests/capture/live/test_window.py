"""The window of a live stream: a block closes in time, but never before what is wanted is there."""

import os
import threading
import time

from dicomsniff.capture.live.streams import PipeStream
from dicomsniff.capture.live.window import PromptWindow


def test_a_block_closes_although_it_is_not_full() -> None:
    reading, writing = os.pipe()
    window = PromptWindow(PipeStream(reading), 1 << 20)
    os.write(writing, b"abc")
    assert window.advance(0, 1) and bytes(window.content) == b"abc"
    os.write(writing, b"de")
    assert window.advance(2, 2) and bytes(window.content) == b"cde"
    os.close(writing)
    assert not window.advance(3, 1)


def test_what_is_wanted_is_waited_for_and_a_stream_that_ends_gives_less() -> None:
    reading, writing = os.pipe()
    window = PromptWindow(PipeStream(reading), 1 << 20)

    def write() -> None:
        for piece in (b"ab", b"cd", b"ef"):
            os.write(writing, piece)
            time.sleep(0.06)  # longer than a block gathers
        os.close(writing)

    threading.Thread(target=write).start()
    assert window.advance(0, 6) and bytes(window.content) == b"abcdef"
    assert not window.advance(0, 10)
