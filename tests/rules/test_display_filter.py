"""Wireshark display filters."""

from dicomsniff.rules.display_filter import display_filter


def test_one_connection_is_named_with_its_packets() -> None:
    assert display_filter({3}, (18, 21)) == "tcp.stream eq 3 and frame.number in {18, 21}"
    assert display_filter({3}, (18,)) == "tcp.stream eq 3 and frame.number eq 18"


def test_packets_of_several_connections_are_named_alone() -> None:
    assert display_filter({3, 4}, (18, 21)) == "frame.number in {18, 21}"
    assert display_filter(set(), (18,)) == "frame.number eq 18"


def test_nothing_to_name_is_an_empty_filter() -> None:
    assert display_filter({3}, ()) == "tcp.stream eq 3"
    assert display_filter(set(), ()) == ""
