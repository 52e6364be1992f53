"""An application in, a server on one address in a thread of its own out; slow and idle connections are bounded."""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import uvicorn

from dicomsniff.live.board import Board
from dicomsniff.live.desk import Desk
from dicomsniff.live.web.app import application
from dicomsniff.live.web.door import is_loopback, names_of
from dicomsniff.live.web.stream import Readers

CONNECTIONS = 100
"""Open at once; beyond them the answer is 503."""
REQUEST_SECONDS = 10
"""How long a connection may take to say what it wants, and may stay open afterwards."""
PARTING_SECONDS = 2
LONGEST_HEAD = 16 << 10


class WebServer:
    """Serves a board until it is closed. Raises OSError where nobody may listen there."""

    def __init__(self, board: Board, desk: Desk, address: tuple[str, int], token: str | None = None) -> None:
        """On an address that others can reach there is a token, made here if none is given."""
        self._board, self._desk = board, desk
        self.token = token if token or is_loopback(address[0]) else secrets.token_urlsafe(24)
        self._socket = _listening(*address)
        self._host, self.port = address[0], int(self._socket.getsockname()[1])
        self._readers = Readers(board.snapshot)
        own = frozenset({socket.gethostname().lower(), socket.getfqdn().lower()})
        app = application(board, desk, self._readers, names_of(address[0], own), self.token)
        self._server = _Server(uvicorn.Config(app, **_settings()))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._begun.wait(REQUEST_SECONDS)

    @property
    def url(self) -> str:
        """What to open in a browser."""
        host = socket.gethostname() if self._host in ("0.0.0.0", "::", "") else self._host
        there = f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"
        return f"{there}?token={self.token}" if self.token else there

    def close(self) -> None:
        """Tell browsers that it is over, and end."""
        self._board.close()
        self._desk.close()
        self._board.changed.clear()
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._readers.end)
        self._server.should_exit = True
        self._thread.join(2 * PARTING_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            self._board.changed.append(self._wake)
            self._begun.set()
            runner.run(self._server.serve([self._socket]))

    def _wake(self) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._readers.wake)


class _Server(uvicorn.Server):
    """One that ends connections on which nothing is asked for, or nothing of the answer is taken."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._idle: dict[Any, int] = {}  # connections and what they have still to take
        self._ticks = 0

    async def on_tick(self, counter: int) -> bool:
        self._ticks += 1
        if self._ticks % (10 * REQUEST_SECONDS) == 0:  # there are ten in a second
            self._end_idle()
        return await super().on_tick(counter)

    def _end_idle(self) -> None:
        idle = {each: each.transport.get_write_buffer_size() for each in _idle(self.server_state.connections)}
        for each, left in idle.items():
            if self._idle.get(each) == left:
                each.transport.abort()
        self._idle = idle


def _idle(connections: Iterable[Any]) -> list[Any]:
    """Those without a request that is being answered."""
    return [each for each in connections if each.transport and (each.cycle is None or each.cycle.response_complete)]


def _settings() -> dict[str, Any]:
    return {
        "http": "h11",
        "ws": "none",
        "lifespan": "off",
        "loop": "asyncio",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "limit_concurrency": CONNECTIONS,
        "timeout_keep_alive": REQUEST_SECONDS,
        "timeout_graceful_shutdown": PARTING_SECONDS,
        "h11_max_incomplete_event_size": LONGEST_HEAD,
        "backlog": 32,
    }


def _listening(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(32)
    except OSError:
        made.close()
        raise
    return made
