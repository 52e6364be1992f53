"""Packets and the connection that they should lie on in, whether no other connection can hold one of them out."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from dicomsniff.association.index import once
from dicomsniff.association.values import Traffic

_Latest = tuple[int, int, int]
"""The connection that ends last of some, its last packet, and the last packet of all the others."""


def alone_on(traffic: Traffic, connection: int, packets: Sequence[int]) -> bool:
    """Whether all lie between the first and the last packet of the connection and of no other one: then they are its own. In
    a capture of many connections at once that cannot be told."""
    tcp = traffic.conversation(connection).tcp
    if not packets or packets[0] < tcp.first_packet or packets[-1] > tcp.last_packet:
        return not packets
    begins, latest = _spans(traffic)
    for packet in packets:
        id, last, of_others = latest[bisect_right(begins, packet) - 1]
        if packet <= (of_others if id == connection else last):
            return False
    return True


@once
def _spans(traffic: Traffic) -> tuple[list[int], list[_Latest]]:
    """First packets in order, and beside each what ends last of all connections that had begun."""
    every = sorted((c.tcp.first_packet, c.tcp.last_packet, c.id) for c in traffic.conversations)
    latest = accumulate(((id, last, -1) for _, last, id in every), _later)
    return [first for first, _, _ in every], list(latest)


def _later(known: _Latest, one: _Latest) -> _Latest:
    (id, last, others), (new, ends, _) = known, one
    return (new, ends, max(last, others)) if ends > last else (id, last, max(others, ends))
