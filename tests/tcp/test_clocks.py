"""The difference of two clocks is told to within the journey between them, their drift where it can be seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomsniff.tcp.clocks import difference, passing
from dicomsniff.tcp.segments import I64

START, SECOND = 1_700_000_000 * 10**9, 10**9


def _talk(
    ahead_ns: int, delay_ns: int, back_ns: int, *, drift: float = 0, seconds: int = 60, jitter_ns: int = 0
) -> tuple[I64, I64, I64]:
    """200 packets each way: times at both points, and 1 for those that passed the first point first."""
    chance = np.random.default_rng(3)
    forward = np.tile([1, -1], 200)
    one = START + np.sort(chance.integers(0, seconds * SECOND, 400))
    late = np.where(forward > 0, delay_ns, -back_ns) + forward * chance.integers(0, jitter_ns + 1, 400)
    at = one + late
    return one, at + ahead_ns + np.rint(drift * (at - START)).astype(np.int64), forward


@given(
    ahead_ns=st.integers(-3 * 3600 * SECOND, 3 * 3600 * SECOND),
    delay_ns=st.integers(0, 200_000_000),
    back_ns=st.integers(0, 200_000_000),
    jitter_ns=st.sampled_from([0, 1_000, 5_000_000]),
)
@settings(max_examples=60, deadline=None)
def test_the_true_difference_lies_within_what_is_said(
    ahead_ns: int, delay_ns: int, back_ns: int, jitter_ns: int
) -> None:
    found = difference(*_talk(ahead_ns, delay_ns, back_ns, jitter_ns=jitter_ns))
    assert found.delay_ns is not None
    slip = abs(found.drift) * 60 * SECOND  # a drift that is none may be seen in chance; it must stay small
    assert slip <= jitter_ns
    assert abs(found.ahead_ns - ahead_ns) <= found.delay_ns + slip + 2
    assert found.delay_ns <= (delay_ns + back_ns) / 2 + jitter_ns + slip + 2


def test_equal_journeys_give_the_very_difference() -> None:
    found = difference(*_talk(7_000_000, 2_000_000, 2_000_000))
    assert (found.ahead_ns, found.delay_ns, found.drift, found.packets) == (7_000_000, 2_000_000, 0.0, 400)


@pytest.mark.parametrize("drift", [20e-6, -100e-6, 3e-6])
def test_a_drift_is_measured_where_it_stands_out(drift: float) -> None:
    one, other, forward = _talk(-SECOND, 2_000_000, 2_000_000, drift=drift, seconds=3600, jitter_ns=200_000)
    found = difference(one, other, forward)
    assert found.drift == pytest.approx(drift, abs=2e-7)
    assert found.delay_ns is not None and abs(found.delay_ns - 2_000_000) < 700_000


def test_one_direction_alone_does_not_show_the_journey() -> None:
    one, other, forward = _talk(5_000_000, 2_000_000, 2_000_000)
    found = difference(one[forward > 0], other[forward > 0], forward[forward > 0])
    assert (found.ahead_ns, found.delay_ns) == (7_000_000, None)


@pytest.mark.parametrize("drift", [0.0, 50e-6])
def test_which_way_leads_from_the_first_point_shows_in_spite_of_drift(drift: float) -> None:
    one, other, forward = _talk(0, 300_000, 300_000, drift=drift, seconds=60)
    assert passing(one, other, forward) == 1
    assert passing(one, other, -forward) == -1
    assert passing(one[:1], other[:1], forward[:1]) == 1
