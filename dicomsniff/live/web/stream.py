"""Snapshots in, server-sent events out: to each browser the parts that changed since it was served last.

Nothing is queued for a browser: one that reads slowly gets the newest state when it is ready, one that reads nothing is left.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

from starlette.types import Receive, Scope, Send

from dicomsniff.live.board import Snapshot
from dicomsniff.live.web.page import changed, parts

PAUSE_SECONDS = 0.5
"""Between two events at least."""
SILENCE_SECONDS = 15.0
"""After so long without news a comment is sent, which tells who left."""
PATIENCE_SECONDS = 30.0
"""How long a browser may take to read one event."""
READERS = 20
"""Browsers served at once."""
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]


class Readers:
    """Everybody who is served, and the state of the moment rendered once for all of them. `wake` and `end` are called in the
    thread of the server."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot
        self._news: set[asyncio.Event] = set()
        self._rendered: tuple[int, dict[str, str]] = (-1, {})
        self._ended = False

    @property
    def full(self) -> bool:
        return len(self._news) >= READERS

    def wake(self) -> None:
        """Something is new."""
        for each in self._news:
            each.set()

    def end(self) -> None:
        """Tell everybody that it is over."""
        self._ended = True
        self.wake()

    async def serve(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """One browser, until it leaves or everything ends."""
        news = asyncio.Event()
        news.set()
        self._news.add(news)
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await self._tell(news, leaving, send)
        except (TimeoutError, OSError):
            pass  # it reads no more
        finally:
            self._news.discard(news)
            leaving.cancel()

    async def _tell(self, news: asyncio.Event, leaving: asyncio.Future[None], send: Send) -> None:
        served: dict[str, str] = {}
        over = False
        while not (over or leaving.done()):
            waiting = asyncio.ensure_future(news.wait())
            await asyncio.wait((waiting, leaving), timeout=SILENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            news.clear()
            over = self._ended
            state = self._state()
            await asyncio.wait_for(_send(send, changed(served, state), over=over), PATIENCE_SECONDS)
            served = state
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(leaving), PAUSE_SECONDS if not over else 0.0)

    def _state(self) -> dict[str, str]:
        now = self._snapshot()
        if now.version != self._rendered[0]:
            self._rendered = now.version, parts(now)
        return self._rendered[1]


async def _left(receive: Receive) -> None:
    """Ends when the browser has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, news: dict[str, str], *, over: bool) -> None:
    text = f"event: parts\ndata: {json.dumps(news)}\n\n" if news else ": nothing new\n\n"
    if over:
        text += "event: over\ndata: {}\n\n"
    await send({"type": "http.response.body", "body": text.encode("utf-8", "replace"), "more_body": not over})
