"""Facts of a file as they grow: drop counters, renumbering, snap lengths."""

import numpy as np

from dicomsniff.capture.tally import Tally


def test_the_smallest_snap_length_that_is_a_limit_is_reported() -> None:
    tally = Tally("field.pcapng")
    for snap_length in (0, 262144, 96, 1500, 0):
        tally.limit_snap_length(snap_length)
    assert tally.facts().snap_length == 96


def test_drops_are_the_larger_account_of_each_interface() -> None:
    tally = Tally("field.pcapng", reported_drops={0: 5, 1: 1}, counted_drops={1: 4, 2: 0})
    assert tally.facts().dropped == 5 + 4 + 0
    assert Tally("field.pcap").facts().dropped is None


def test_comments_on_packets_are_renumbered_and_those_on_the_file_are_not() -> None:
    tally = Tally("field.pcapng")
    tally.comment(0, "file")
    tally.comment(2, "packet")
    tally.renumber(np.array([1, 2, 3]), np.array([10, 12, 13]))
    assert tally.facts().comments == ((0, "file"), (12, "packet"))
    assert tally.facts().first_packet == 10


def test_an_unread_file_is_not_called_empty() -> None:
    tally = Tally("field.pcap")
    assert tally.facts().notes == ()
    tally.finished = True
    assert "no packets" in tally.facts().notes[0]
