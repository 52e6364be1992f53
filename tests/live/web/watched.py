"""A capture in, a watch of it that goes on until it is left, and its page, out."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dicomsniff.capture.live import LiveSource
from dicomsniff.capture.live.streams import PipeStream
from dicomsniff.capture.live.taps import StreamTap
from dicomsniff.live.board import Board
from dicomsniff.live.desk import Desk
from dicomsniff.live.judging import judging
from dicomsniff.live.watch import Watch
from dicomsniff.live.web.server import WebServer
from dicomsniff.pipeline import Options
from dicomsniff.report.html import render_html


@contextmanager
def watched(capture: Path) -> Iterator[WebServer]:
    reading, writing = os.pipe()
    os.write(writing, capture.read_bytes())
    source = LiveSource(StreamTap("a pipe", PipeStream(reading)))
    board, desk = Board("a pipe"), Desk(render_html)
    server = WebServer(board, desk, ("127.0.0.1", 0))
    watch = Watch(source, Options(fence=False), judging((), ()), [board], desk=desk)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        os.close(writing)
        thread.join(20)
        server.close()
        source.close()
