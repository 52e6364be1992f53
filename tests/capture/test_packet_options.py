"""Drop counts of packets: added up per interface, without overflow."""

import numpy as np

from dicomsniff.capture.packet_options import count_drops
from dicomsniff.capture.tally import Tally


def test_drops_add_up_per_interface() -> None:
    tally = Tally("field.pcapng", counted_drops={3: 1})
    count_drops(tally, np.array([3, 0, 3, 7]), np.array([2, 5, 4, 0]))
    assert tally.counted_drops == {0: 5, 3: 7, 7: 0}


def test_absurd_counts_do_not_overflow() -> None:
    tally = Tally("field.pcapng")
    count_drops(tally, np.array([0, 0]), np.array([2**64 - 1, 2**64 - 1], np.uint64))
    assert tally.counted_drops == {0: 2**65 - 2}
