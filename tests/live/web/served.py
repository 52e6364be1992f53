"""A server with a board to put events on, and requests to it over a plain socket: what is sent is seen byte by byte."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import Mock

from dicomsniff.live.board import Board
from dicomsniff.live.desk import Desk
from dicomsniff.live.events import CLOSED, FINDING, Event
from dicomsniff.live.open_now import OpenAssociation
from dicomsniff.live.web.server import WebServer

EVIL = "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'>\u202e\x1b[31m"


def status(*opened: OpenAssociation, seconds: float = 5.0) -> Any:
    """How a watch stands."""
    made = Mock(seconds=seconds, dropped=0, open=opened)
    made.facts.packets, made.facts.bytes = 1234, 56789
    return made


def opened(calling: str = "CT01") -> OpenAssociation:
    return OpenAssociation(7, calling, "PACS", "10.0.0.5", "10.0.0.2:104", 0, 3, "C-STORE completed", 5000, 2500.0)


def closed(calling: str = "CT01", id: int = 3) -> Event:
    """An association that ended."""
    end = {"ip": "10.0.0.5", "port": 40000}
    row = {
        "id": id, "calling_ae": calling, "called_ae": "PACS", "outcome": "released", "last_time": "2024-01-01T08:00:00.5Z",
        "requestor": end, "acceptor": end, "exchanges": [1, 2], "failed_exchanges": [2], "duration_ms": 120.5,
    }  # fmt: skip
    return Event(CLOSED, row)


def found(message: str = "PACS refused the object.", severity: str = "error") -> Event:
    row = {
        "severity": severity, "rule": "DS-STORE-001", "title": "Out of resources", "message": message, "fix": "Free some.",
        "time": "2024-01-01T08:00:00.5Z", "packets": [5, 6], "display_filter": "tcp.stream eq 1", "actor": "PACS",
        "act": "acceptor", "association": 3, "exchange": 2, "settings": [], "causes": ["Its disk is full."], "children": [],
    }  # fmt: skip
    return Event(FINDING, row)


@dataclass
class Served:
    """A server at work."""

    board: Board
    desk: Desk
    server: WebServer

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.server.port

    def get(self, path: str = "/", **headers: str) -> Answer:
        """The answer to a request; `Host` is right unless it is given."""
        return self.send(request(path, **({"Host": f"127.0.0.1:{self.server.port}"} | headers)))

    def send(self, text: bytes) -> Answer:
        with socket.create_connection(self.address, 10) as line:
            line.sendall(text)
            return Answer.read(line)

    def events(self, **headers: str) -> socket.socket:
        """A connection on which events come."""
        line = socket.create_connection(self.address, 10)
        line.sendall(request("/events", Host="localhost", **headers))
        return line


@dataclass
class Answer:
    """Status, headers in lower case, and the body as text."""

    status: int
    headers: dict[str, str]
    text: str

    @classmethod
    def read(cls, line: socket.socket) -> Answer:
        data = b""
        while piece := line.recv(65536):
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        pairs = (each.split(": ", 1) for each in rest)
        return cls(int(first.split(" ")[1]), {name.lower(): value for name, value in pairs}, body.decode())


def request(path: str, method: str = "GET", **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def next_event(line: socket.socket, kind: str = "parts") -> dict[str, str]:
    """The data of the next event of this kind."""
    text = b""
    while True:
        piece = line.recv(65536)
        assert piece, f"the stream ended: {text[-200:]!r}"
        text += piece
        for block in text.replace(b"\r\n", b"\n").split(b"\n\n")[:-1]:
            at = block.find(b"event: " + kind.encode())
            if at >= 0:
                data = block[at:].split(b"data: ", 1)[1].split(b"\n", 1)[0]
                try:
                    made: dict[str, str] = json.loads(data)
                except ValueError:
                    continue  # a chunk of the transfer ends within it: more comes
                return made


@contextmanager
def serving(token: str | None = None, host: str = "127.0.0.1", render: Any = None) -> Iterator[Served]:
    board, desk = Board("eth0 (tcpdump)"), Desk(render or (lambda report: f"report of {report}"))
    server = WebServer(board, desk, (host, 0), token)
    try:
        yield Served(board, desk, server)
    finally:
        server.close()
