"""The distinct values of a column are those that numpy finds."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.capture.distinct import changes, distinct

SAMPLE = Path(__file__).parents[2] / "sample_captures" / "troubled_morning.pcap"


@given(st.lists(st.integers(-3, 3) | st.integers(-(2**62), 2**62)))
def test_every_value_comes_once_and_in_order(values: list[int]) -> None:
    assert distinct(np.array(values, np.int64)).tolist() == sorted(set(values))


def test_one_value_throughout_is_one_value() -> None:
    assert distinct(np.full(5, 7)).tolist() == [7]


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample captures are not here")
def test_masked_arrays_are_not_imported_to_analyse_a_capture() -> None:
    program = f"import sys, dicomsniff; dicomsniff.analyze({str(SAMPLE)!r}); sys.exit('numpy.ma' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_a_row_that_differs_from_the_one_before_is_a_change_and_the_first_is_one() -> None:
    assert changes(np.array([3, 3, 5, 5, 3])).tolist() == [True, False, True, False, True]
    assert changes(np.array([True, True])).tolist() == [True, False]
    assert changes(np.array([], np.int64)).tolist() == []
