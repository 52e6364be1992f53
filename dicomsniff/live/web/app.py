"""A board, a desk and whom to let in, in; the application that answers requests out."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dicomsniff.live.board import Board
from dicomsniff.live.desk import Desk
from dicomsniff.live.web.door import Door, said
from dicomsniff.live.web.page import page
from dicomsniff.live.web.stream import Readers

ANSWER_SECONDS = 30.0
GONE = "Nothing is kept of this association any more, or it has not ended: the latest 2,000 connections are kept."
REPORT_POLICY = "frame-ancestors 'none'"
"""Beside the policy that the report itself carries: it loads nothing and runs its own script only."""


def application(board: Board, desk: Desk, readers: Readers, named: Callable[[str], bool], token: str | None) -> ASGIApp:
    """Routes: the page, its events, and the report of an association that ended."""

    async def live(_request: Request) -> Response:
        return HTMLResponse(page(board.snapshot()))

    async def events(scope: Scope, receive: Receive, send: Send) -> None:
        if readers.full:
            busy = said(503, "Too many watch already", "Close another page that shows this.", {"Retry-After": "30"})
            await busy(scope, receive, send)
        else:
            await readers.serve(scope, receive, send)

    async def report(request: Request) -> Response:
        return await _report(desk, request.path_params["id"])

    async def missing(_request: Request, _error: Exception) -> Response:
        return said(404, "There is no such page", "Go back to the live page.")

    routes = [
        Route("/", live),
        Route("/events", _Plain(events)),
        Route("/associations/{id:int}", report),
    ]
    return Door(Starlette(routes=routes, exception_handlers={404: missing}), named, token)


async def _report(desk: Desk, association: int) -> Response:
    try:
        text = await asyncio.wait_for(asyncio.wrap_future(desk.ask(association)), ANSWER_SECONDS)
    except (queue.Full, TimeoutError):
        return said(503, "Busy", "The watch has no time for this now: try again.", {"Retry-After": "5"})
    if text is None:
        return said(404, "No report", GONE)
    return HTMLResponse(text, headers={"Content-Security-Policy": REPORT_POLICY})


class _Plain:
    """An application of its own on a route (a function would be taken for one that is given a request)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
