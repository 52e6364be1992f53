"""pcapng timestamps in every resolution, without loss and without overflow."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicomsniff.capture.ticks import LAST_SECOND, SECOND, nanoseconds
from tests.capture.reading import read
from tests.forge.capture_files import NS, Packet, enhanced, interface, option, section

ONE = Packet(0, b"x")
AT = 1_700_000_000


@pytest.mark.parametrize(
    ("resolution", "ticks"), [(0, AT), (3, AT * 10**3), (6, AT * 10**6), (9, AT * 10**9), (0x80, AT)]
)
def test_whole_seconds_are_the_same_in_every_resolution(resolution: int, ticks: int) -> None:
    assert nanoseconds(np.array([ticks], np.uint64), resolution, np.array([0]))[0] == AT * NS


@given(st.integers(0, 2**64 - 1), st.integers(0, 255), st.integers(-(1 << 40), 1 << 40))
@example(2**64 - 1, 0, 1 << 40)
@example(2**64 - 1, 0xA2, 0)
@example(2**64 - 1, 28, -1)
def test_time_is_right_to_a_nanosecond_or_none(ticks: int, resolution: int, offset: int) -> None:
    unit = Fraction(1, 2 ** (resolution & 0x7F)) if resolution & 0x80 else Fraction(1, 10**resolution)
    exact = (ticks * unit + offset) * SECOND
    found = int(nanoseconds(np.array([ticks], np.uint64), resolution, np.array([offset]))[0])
    if 0 <= exact < LAST_SECOND * SECOND:
        assert 0 <= exact - found < 2
    else:
        assert (
            found == 0
            or (0 > exact > -SECOND and found < SECOND)
            or (found >= LAST_SECOND * SECOND and exact - found < 2)
        )


def test_interfaces_of_one_file_may_count_differently(tmp_path: Path) -> None:
    resolutions = [option(9, bytes([9])), option(9, bytes([0x80 | 20])), b"", option(14, (3600).to_bytes(8, "little"))]
    ticks = [AT * 10**9 + 1, (AT << 20) + (1 << 19), AT * 10**6 + 2, AT * 10**6]
    data = section() + b"".join(interface(options=o) for o in resolutions)
    data += b"".join(enhanced(ONE, i, t) for i, t in enumerate(ticks))
    found, _ = read(tmp_path, data)
    assert [row.time_ns - AT * NS for row in found] == [1, NS // 2, 2000, 3600 * NS]


def test_an_offset_may_be_negative(tmp_path: Path) -> None:
    back = option(14, (-60).to_bytes(8, "little", signed=True))
    found, _ = read(tmp_path, section() + interface(options=back) + enhanced(ONE, ticks=AT * 10**6))
    assert found[0].time_ns == (AT - 60) * NS
