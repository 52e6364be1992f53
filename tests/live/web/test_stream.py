"""Events: what changed, to each browser that reads; the others cost nothing."""

import socket
from unittest.mock import patch

import pytest

pytest.importorskip("starlette")

from dicomsniff.live.web import stream as module
from tests.live.web.served import closed, found, next_event, opened, serving, status


def test_a_browser_gets_everything_and_then_what_changed() -> None:
    with serving() as served:
        line = served.events()
        assert set(next_event(line)) >= {"state", "findings", "open", "ended"}
        served.board.happened([found("The disk of PACS is full.")], status(opened()))
        news = next_event(line)
        assert "The disk of PACS is full." in news["findings"] and "C-STORE" in news["open"] and "ended" not in news
        served.board.happened([closed()], status())
        assert "CT01 → PACS" in next_event(line)["ended"]
        line.close()


def test_there_is_room_for_so_many_and_who_leaves_makes_room() -> None:
    with patch.object(module, "READERS", 2), serving() as served:
        lines = [served.events() for _ in range(2)]
        for line in lines:
            next_event(line)
        assert served.get("/events").status == 503
        assert served.get("/").status == 200
        lines.pop().close()
        for _ in range(50):
            again = served.events()
            if b"200" in again.recv(64):
                break
            again.close()
        else:
            raise AssertionError("nobody is let in")
        lines[0].close()
        again.close()


def test_one_that_never_reads_holds_nobody_up_and_is_left() -> None:
    with patch.object(module, "PATIENCE_SECONDS", 0.5), patch.object(module, "PAUSE_SECONDS", 0.0), serving() as served:
        stuck = socket.socket()
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        stuck.connect(served.address)
        stuck.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        reading = served.events()
        next_event(reading)
        for number in range(300):
            served.board.happened([found(f"{number} " + "x" * 20_000)], status())
            news = next_event(reading)
            assert f"{number} xxx" in news["findings"]
            if len(served.server._readers._news) == 1:
                break
        else:
            raise AssertionError("it is still served")
        stuck.close()
        reading.close()


def test_silence_is_broken_now_and_then() -> None:
    with patch.object(module, "SILENCE_SECONDS", 0.1), serving() as served:
        line = served.events()
        next_event(line)
        text = b""
        while b": nothing new" not in text:
            text += line.recv(4096)
        line.close()
