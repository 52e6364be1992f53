"""What was asked of `dicomsniff live` in, everybody who listens to a watch out; and how signals end it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dicomsniff.core.records import dataclass

if TYPE_CHECKING:
    from dicomsniff.capture.live import LiveSource
    from dicomsniff.live.board import Board
    from dicomsniff.live.desk import Desk
    from dicomsniff.live.events import Event
    from dicomsniff.live.metrics import Metrics
    from dicomsniff.live.recorder import Recorder
    from dicomsniff.live.watch import Listener, Watch

RING = "10x100MB"
SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the options of `live` were set to."""

    source: str | None
    interface: str | None
    ports: tuple[int, ...] | None
    any_port: bool
    follow: bool
    capture_with: str | None
    as_json_lines: bool
    json_file: str | None
    html_file: str | None
    exit_on: str
    duration: float | None
    quiet: bool
    verbose: bool
    redact: bool
    folder: str | None
    ring: str
    trigger: str
    command: str | None
    metrics: tuple[str, int] | None
    web: tuple[str, int] | None
    web_token: str | None
    keylog: str | None
    tls_keys: tuple[str, ...]

    @property
    def goes_on(self) -> bool:
        """Whether there is something to do although nobody reads standard output."""
        return bool(self.folder or self.command or self.metrics or self.web)


@contextmanager
def listening(wish: Wish, source: LiveSource) -> Iterator[tuple[list[Listener], list[Event], Desk | None]]:
    """Everybody who is told of events, where they put what they have to say, and where they ask. At the end each finishes its
    work."""
    with ExitStack() as stack:
        remarks: list[Event] = []
        listeners: list[Listener] = []
        desk: Desk | None = None
        if wish.web is not None:
            board, desk = stack.enter_context(_web(wish, wish.web, source.name))
            listeners.append(board)
        if wish.metrics is not None:
            listeners.append(stack.enter_context(_metrics(*wish.metrics)))
        if wish.folder or wish.command:
            listeners.append(stack.enter_context(_recorder(wish, remarks)))
        listeners += stack.enter_context(_view(wish, source))
        yield listeners, remarks, desk


@contextmanager
def _recorder(wish: Wish, remarks: list[Event]) -> Iterator[Recorder]:
    from dicomsniff.live.notifying import Notifier
    from dicomsniff.live.recorder import Recorder
    from dicomsniff.live.ring import Ring, sizes

    try:
        notifier = Notifier(wish.command) if wish.command else None
        ring = Ring(Path(wish.folder), sizes(wish.ring)) if wish.folder else None
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    recorder = Recorder(ring, notifier, wish.trigger, wish.redact, remarks.append)
    yield recorder
    recorder.close()
    for event in remarks:
        click.echo(f"dicomsniff: {event.row['message']}", err=True)


@contextmanager
def _web(wish: Wish, address: tuple[str, int], name: str) -> Iterator[tuple[Board, Desk]]:
    from dicomsniff.live.board import Board
    from dicomsniff.live.desk import Desk
    from dicomsniff.report.html import render_html

    try:
        from dicomsniff.live.web.server import WebServer
    except ImportError:
        raise click.ClickException("--web needs starlette and uvicorn: pip install 'dicomsniff[web]'") from None
    if wish.web_token is not None and len(wish.web_token) < SHORTEST_TOKEN:
        raise click.UsageError(f"a --web-token has {SHORTEST_TOKEN} characters or more, or it is soon guessed")
    board, desk = Board(name), Desk(render_html)
    try:
        server = WebServer(board, desk, address, wish.web_token)
    except OSError as error:
        raise click.ClickException(f"--web {address[0]}:{address[1]}: {error.strerror}") from error
    click.echo(f"dicomsniff: open {server.url}", err=True)
    try:
        yield board, desk
    finally:
        server.close()


@contextmanager
def _metrics(host: str, port: int) -> Iterator[Metrics]:
    from dicomsniff.live.metrics import Metrics, MetricsServer

    metrics = Metrics()
    try:
        server = MetricsServer(metrics.registry, host, port)
    except OSError as error:
        raise click.ClickException(f"--metrics {host}:{port}: {error.strerror}") from error
    try:
        yield metrics
    finally:
        server.close()


@contextmanager
def _view(wish: Wish, source: LiveSource) -> Iterator[list[Listener]]:
    """Who is told of events: the lines, or the picture on a terminal."""
    from dicomsniff.cli.live_lines import json_lines, plain_lines
    from dicomsniff.cli.outlet import Outlet

    if wish.quiet and not wish.as_json_lines:
        yield []
        return
    if sys.stdout.isatty() and not wish.as_json_lines:
        from dicomsniff.cli.live_view import live_view

        with live_view(source.name) as view:
            yield [view]
        return
    leave = (lambda: None) if wish.goes_on else source.stop
    outlet = Outlet(sys.stdout, leave, as_json=wish.as_json_lines, goes_on=wish.goes_on)
    try:
        yield [json_lines(outlet) if wish.as_json_lines else plain_lines(outlet, wish.verbose)]
    finally:
        outlet.close()
        if outlet.gone or outlet.lost:
            click.echo(f"dicomsniff: {outlet.complaint()}", err=True)


@contextmanager
def stopped_by_signals(watch: Watch) -> Iterator[None]:
    """The first SIGINT or SIGTERM, or the terminal's going, ends the watch, the second one everything."""
    ways = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup sets it
        ways.append(signal.SIGHUP)
    before: dict[signal.Signals, Any] = {}

    def stop(number: int, _frame: Any) -> None:
        for way in ways:
            signal.signal(way, before[way])
        watch.stop()

    try:
        for way in ways:
            before[way] = signal.signal(way, stop)
    except ValueError:  # not the main thread: nobody can send us any
        ways = []
    try:
        yield
    finally:
        for way in ways:
            signal.signal(way, before[way])
