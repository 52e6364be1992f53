"""Names in, a conversation as two points would have captured it, or as it went over several paths, out."""

from collections.abc import Callable
from functools import cache

from tests.captures.forged_endings import BEHIND, CLIENT, GATE, forged
from tests.forge.capture_files import Packet
from tests.forge.field import (
    behind_router,
    counted,
    drawn_anew,
    merged,
    over_two_paths,
    relayed,
    sealed,
    tagged,
    through_syn_proxy,
    translated,
    with_header,
)  # fmt: skip
from tests.forge.wire import Frame

HEADER = b"PROXY TCP4 192.168.1.5 203.0.113.9 40000 104\r\n"
FAR = 3_123_456_789, 987_654_321
Views = tuple[list[Frame], list[Frame]]
"""What each of two points captured."""


def _renumbered(frames: list[Frame]) -> Views:
    once = counted(frames)
    return once, drawn_anew(once, *FAR, 4_000)


def _renumbered_one_way(frames: list[Frame]) -> Views:
    """And without identifications, as many senders leave them 0 where a packet must not be cut."""
    once = sealed(frames, None)
    return once, drawn_anew(once, FAR[0], 0, 4_000)


def _syn_proxy(frames: list[Frame]) -> Views:
    return through_syn_proxy(counted(frames), FAR[1]), []


def _two_paths(frames: list[Frame]) -> Views:
    return over_two_paths(frames, ("172.16.0.9", 51000), GATE)


def _translated(frames: list[Frame]) -> Views:
    once = counted(frames)
    return once, translated(once, BEHIND)


def _balanced(frames: list[Frame]) -> Views:
    return frames, relayed(frames, BEHIND)


def _announced(frames: list[Frame]) -> Views:
    return frames, with_header(relayed(frames, BEHIND), HEADER)


def _announced_inside(frames: list[Frame]) -> Views:
    """Only what the server saw."""
    return [], with_header(relayed(frames, BEHIND), HEADER)


def _bonded(frames: list[Frame]) -> Views:
    """Two mirror ports: each packet twice, the ports' queues not in step."""
    once = counted(frames)
    return once, [(time + 40_000, frame) for time, frame in once]


def _bonded_blind(frames: list[Frame]) -> Views:
    """The same of senders that do not count their packets."""
    once = sealed(frames, None)
    return once, [(time + 40_000, frame) for time, frame in once]


def _routed_between(frames: list[Frame]) -> Views:
    once = counted(frames)
    return once, behind_router(once, vlan=12)


def _tagged_twice(frames: list[Frame]) -> Views:
    once = counted(frames)
    return once, tagged(once, (0x88A8, 100), (0x8100, 12))


WAYS: dict[str, Callable[[list[Frame]], Views]] = {
    "renumbered": _renumbered, "renumbered one way": _renumbered_one_way, "syn proxy": _syn_proxy,
    "two paths": _two_paths, "translated": _translated, "balanced": _balanced, "announced": _announced,
    "announced inside": _announced_inside, "bonded": _bonded, "bonded blind": _bonded_blind,
    "routed between": _routed_between, "tagged twice": _tagged_twice,
}  # fmt: skip
KINDS = "healthy", "refused object", "abort", "cut", "reset"
"""Dialogues of which each is seen so."""
PARTS: dict[str, Callable[[list[Frame], list[Frame]], Views]] = {
    "first ends": lambda one, other: (one[: len(one) // 2], other),
    "second ends": lambda one, other: (one, other[: len(other) // 2]),
    "first begins late": lambda one, other: (one[len(one) // 2 :], other),
    "second begins late": lambda one, other: (one, other[len(other) // 2 :]),
}
"""One of the points was captured for a while only; a dialogue that nothing is wrong with, and with the least loss."""
WHOLE = "syn proxy", "two paths", "announced inside"
"""Of these one point alone does not show everything."""
SEEN = (
    *(f"{way}, {kind}" for way in WAYS for kind in KINDS),
    *(f"{way}, healthy, {part}" for way in WAYS if way not in WHOLE for part in PARTS),
)


@cache
def seen(name: str) -> tuple[Packet, ...]:
    """The packets of a capture that holds this dialogue so."""
    way, kind, *part = name.split(", ")
    views = WAYS[way](_outside(kind))
    if part:
        views = PARTS[part[0]](*views)
    frames = merged(*views)
    if way in ("balanced", "announced", "announced inside"):  # whose connections are two
        frames = sealed(frames)
    return tuple(Packet(*frame) for frame in frames)


def without_parts(name: str) -> str:
    """The same, both points captured from the beginning to the end."""
    return ", ".join(name.split(", ")[:2])


def _outside(kind: str) -> list[Frame]:
    """A forged dialogue between the client and the gate."""
    frames = [(packet.time_ns, packet.data) for packet in forged(kind)]
    ends = {("10.0.0.1", 40000): CLIENT, ("10.0.0.2", 104): GATE}
    return translated(frames, ends, 0)
