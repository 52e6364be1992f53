"""Who listens to a watch, and how signals end it."""

import os
import signal
from pathlib import Path
from unittest.mock import Mock

import pytest

from dicomsniff.cli.live_lines import Lines
from dicomsniff.cli.watching import Wish, listening, stopped_by_signals


def wish(**wanted: object) -> Wish:
    nothing = dict.fromkeys(Wish.__slots__)
    return Wish(**nothing | {"ring": "2x1MB", "trigger": "error", "exit_on": "never", "redact": True, **wanted})  # type: ignore[arg-type]


def test_nobody_listens_where_nothing_is_asked_for() -> None:
    with listening(wish(quiet=True), Mock()) as (listeners, remarks, desk):
        assert listeners == [] == remarks and desk is None


def test_lines_are_written_where_there_is_no_terminal(tmp_path: Path) -> None:
    with listening(wish(), Mock()) as (listeners, _, _desk):
        assert [type(each) for each in listeners] == [Lines]
    with listening(wish(folder=str(tmp_path / "r"), command="true"), Mock()) as (listeners, _, _desk):
        assert len(listeners) == 2 and wish(folder="r").goes_on and not wish().goes_on


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_ends_the_watch_the_second_everything(way: signal.Signals) -> None:
    watch, second = Mock(), Mock()
    before = signal.signal(way, lambda *_: second())
    try:
        with stopped_by_signals(watch):
            os.kill(os.getpid(), way)
            watch.stop.assert_called_once()
            os.kill(os.getpid(), way)
            second.assert_called_once()
    finally:
        signal.signal(way, before)
