"""Bars: request, waiting and response side by side, to scale, never outside."""

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.report.html.bars import WIDTH, Part, longest, parts
from dicomsniff.report.values import Row

times = st.none() | st.floats(-1e6, 1e9)


def row(transfer: float | None, first: float | None, total: float | None, queue: float | None = None) -> Row:
    return {"time": {"transfer": transfer, "queue": queue}, "first_response_ms": first, "duration_ms": total}


def test_parts_are_to_scale() -> None:
    exchange = row(100.0, 200.0, 400.0)
    assert longest([exchange, row(1.0, 2.0, 3.0)]) == 400.0
    assert parts(exchange, 400.0) == [
        Part("request", 0.0, 40.0),
        Part("wait", 40.0, 80.0),
        Part("response", 120.0, 40.0),
    ]


def test_the_way_beyond_the_capture_point_is_no_waiting_for_the_peer() -> None:
    assert parts(row(100.0, 200.0, 400.0, 150.0), 400.0)[1:3] == [Part("way", 40.0, 60.0), Part("wait", 100.0, 20.0)]
    assert [part.name for part in parts(row(100.0, 200.0, 300.0, 500.0), 400.0)] == ["request", "way"]


def test_an_unanswered_request_shows_only_its_own_way() -> None:
    assert parts(row(50.0, None, None), 100.0) == [Part("request", 0.0, 80.0)]


def test_nothing_known_draws_nothing() -> None:
    assert parts(row(None, None, None), 0.0) == []


@given(times, times, times, times, st.floats(0, 1e9))
def test_a_bar_never_leaves_its_track(
    transfer: float | None, first: float | None, total: float | None, queue: float | None, scale: float
) -> None:
    drawn = parts(row(transfer, first, total, queue), scale)
    assert all(part.width > 0 and part.x >= 0 for part in drawn)
    assert all(part.x + part.width <= WIDTH + 0.02 for part in drawn)


def test_what_is_left_of_the_track_may_be_nothing() -> None:
    drawn = parts(row(999656155.0, 1.0, None), 999656316.0)
    assert [part.name for part in drawn] == ["request"]
