"""The server: where it listens, what it says when it ends, and that slow or many clients hold nobody up."""

import socket
import threading
import time
from unittest.mock import patch

import pytest

pytest.importorskip("uvicorn")

from dicomsniff.live.board import Board
from dicomsniff.live.desk import Desk
from dicomsniff.live.web import server as module
from dicomsniff.live.web.server import WebServer
from tests.live.web.served import closed, found, next_event, request, serving, status


def test_the_page_is_there_with_everything_on_it() -> None:
    with serving() as served:
        served.board.happened([closed(), found()], status())
        answer = served.get("/")
    assert answer.status == 200 and "PACS refused the object." in answer.text and "CT01 → PACS" in answer.text
    assert 'href="associations/3"' in answer.text and "1,234" in answer.text


def test_an_address_that_is_taken_is_an_error_at_once() -> None:
    with serving() as served, pytest.raises(OSError):
        WebServer(Board("x"), Desk(str), served.address)


def test_where_others_can_reach_it_there_is_a_token_in_the_address_to_open() -> None:
    with serving(host="0.0.0.0") as served:
        assert served.server.token and f"?token={served.server.token}" in served.server.url
        assert (
            served.get("/").status == 401
            and served.get("/", Authorization=f"Bearer {served.server.token}").status == 200
        )
    with serving() as served:
        assert served.server.token is None and served.server.url == f"http://127.0.0.1:{served.server.port}/"


def test_at_the_end_browsers_are_told_and_nobody_is_waited_for() -> None:
    with serving() as served:
        line = served.events()
        next_event(line)
        stuck = socket.create_connection(served.address, 10)
        begun = time.monotonic()
    assert time.monotonic() - begun < 10
    assert next_event(line, "over") == {}
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("uvicorn")]
    line.close()
    stuck.close()


def test_connections_that_ask_nothing_are_ended() -> None:
    with patch.object(module, "REQUEST_SECONDS", 0.3), serving() as served:
        silent = socket.create_connection(served.address, 10)
        slow = socket.create_connection(served.address, 10)
        slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        reading = served.events()
        next_event(reading)
        assert silent.recv(1) == b""
        with pytest.raises(OSError):
            assert slow.recv(1) == b""
            raise ConnectionResetError
        served.board.happened([found()], status())
        assert "findings" in next_event(reading), "who reads events is not idle"


def test_more_connections_than_there_is_room_for_are_refused() -> None:
    with patch.object(module, "CONNECTIONS", 5), serving() as served:
        held = [socket.create_connection(served.address, 10) for _ in range(8)]
        time.sleep(0.2)
        assert served.get("/").status == 503
        for each in held:
            each.close()
        time.sleep(0.2)
        assert served.get("/").status == 200


def test_what_is_no_request_is_refused() -> None:
    with serving() as served:
        assert served.send(b"\x16\x03\x01\x02\x00nonsense\r\n\r\n").status == 400
        with socket.create_connection(served.address, 10) as line:
            line.sendall(request("/", Host="localhost", X="y" * 50_000)[:-4])
            assert b" 400 " in line.recv(4096)
        assert served.get("/").status == 200
