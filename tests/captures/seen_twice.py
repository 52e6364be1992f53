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
    twice,
    with_header,
)  # fmt: skip
from tests.forge.wire import Frame

HEADER = b"PROXY TCP4 192.168.1.5 203.0.113.9 40000 104\r\n"
FAR = 3_123_456_789, 987_654_321
Seen = Callable[[list[Frame]], list[Frame]]


def _renumbered(frames: list[Frame]) -> list[Frame]:
    once = counted(frames)
    return merged(once, drawn_anew(once, *FAR, 4_000))


def _renumbered_one_way(frames: list[Frame]) -> list[Frame]:
    """And without identifications, as many senders leave them 0 where a packet must not be cut."""
    once = sealed(frames, None)
    return merged(once, drawn_anew(once, FAR[0], 0, 4_000))


def _syn_proxy(frames: list[Frame]) -> list[Frame]:
    return through_syn_proxy(counted(frames), FAR[1])


def _two_paths(frames: list[Frame]) -> list[Frame]:
    return merged(*over_two_paths(frames, ("172.16.0.9", 51000), GATE))


def _translated(frames: list[Frame]) -> list[Frame]:
    once = counted(frames)
    return merged(once, translated(once, BEHIND))


def _balanced(frames: list[Frame]) -> list[Frame]:
    return sealed(merged(frames, relayed(frames, BEHIND)))


def _announced(frames: list[Frame]) -> list[Frame]:
    return sealed(merged(frames, with_header(relayed(frames, BEHIND), HEADER)))


def _announced_inside(frames: list[Frame]) -> list[Frame]:
    """Only what the server saw."""
    return sealed(with_header(relayed(frames, BEHIND), HEADER))


def _bonded(frames: list[Frame]) -> list[Frame]:
    """Two mirror ports: each packet twice, the ports' queues not in step."""
    return twice(counted(frames), 40_000)


def _bonded_blind(frames: list[Frame]) -> list[Frame]:
    """The same of senders that do not count their packets."""
    return twice(sealed(frames, None))


def _routed_between(frames: list[Frame]) -> list[Frame]:
    once = counted(frames)
    return merged(once, behind_router(once, vlan=12))


def _tagged_twice(frames: list[Frame]) -> list[Frame]:
    once = counted(frames)
    return merged(once, tagged(once, (0x88A8, 100), (0x8100, 12)))


WAYS: dict[str, Seen] = {
    "renumbered": _renumbered, "renumbered one way": _renumbered_one_way, "syn proxy": _syn_proxy,
    "two paths": _two_paths, "translated": _translated, "balanced": _balanced, "announced": _announced,
    "announced inside": _announced_inside, "bonded": _bonded, "bonded blind": _bonded_blind,
    "routed between": _routed_between, "tagged twice": _tagged_twice,
}  # fmt: skip
KINDS = "healthy", "refused object", "abort", "cut", "reset"
"""Dialogues of which each is seen so."""
SEEN = tuple(f"{way}, {kind}" for way in WAYS for kind in KINDS)


@cache
def seen(name: str) -> tuple[Packet, ...]:
    """The packets of a capture that holds this dialogue so."""
    way, kind = name.split(", ")
    return tuple(Packet(*frame) for frame in WAYS[way](_outside(kind)))


def _outside(kind: str) -> list[Frame]:
    """A forged dialogue between the client and the gate."""
    frames = [(packet.time_ns, packet.data) for packet in forged(kind)]
    ends = {("10.0.0.1", 40000): CLIENT, ("10.0.0.2", 104): GATE}
    return [(time, frame) for time, frame in translated(frames, ends, 0)]
