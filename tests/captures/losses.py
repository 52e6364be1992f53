"""Packets of a capture in, the same with some missing, cut short, twice or in another order out; and the captures to try it on."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from random import Random

from dicomsniff.capture import open_captures
from tests.captures import real
from tests.captures.forged_endings import FORGED, forged
from tests.captures.seen_twice import SEEN, seen
from tests.forge.capture_files import Packet
from tests.forge.field import each_drawn_anew

SAMPLES = Path(__file__).parents[2] / "sample_captures"
MOST_BYTES, MOST_PACKETS = 3_000_000, 6_000
"""Of a larger capture a hundred copies take too long."""
BOTH_SIDES = "store_failures", "workflow_mwl_mpps_commit", "abort_by_scp", "query_retrieve", "jpeg_accepted", "scp_dies"
"""Of these it is tried how they look on both sides at once of a firewall that draws sequence numbers anew."""
Loss = Callable[[list[Packet], Random], list[Packet]]


def _dropped(packets: list[Packet], rng: Random) -> list[Packet]:
    rate = rng.choice((0.02, 0.05, 0.1, 0.3, 0.6))
    return [p for p in packets if rng.random() >= rate]


def _data_dropped(packets: list[Packet], rng: Random) -> list[Packet]:
    """Only what carries data: acknowledgements tell of it."""
    rate = rng.choice((0.05, 0.2, 0.5))
    return [p for p in packets if len(p.data) < 80 or rng.random() >= rate]


def _burst(packets: list[Packet], rng: Random) -> list[Packet]:
    start = rng.randrange(len(packets))
    return packets[:start] + packets[start + rng.randrange(1, max(2, len(packets) // 4)) :]


def _late(packets: list[Packet], rng: Random) -> list[Packet]:
    return packets[rng.randrange(len(packets)) :]


def _short(packets: list[Packet], rng: Random) -> list[Packet]:
    return packets[: rng.randrange(1, len(packets) + 1)]


def _snapped(packets: list[Packet], rng: Random) -> list[Packet]:
    snap = rng.choice((54, 60, 66, 74, 96, 128, 200, 400, 1000))
    return [p._replace(data=p.data[:snap], wire=p.wire_length) for p in packets]


def _one_way(packets: list[Packet], rng: Random) -> list[Packet]:
    up = rng.random() < 0.5
    return [p for p in packets if (_ports(p.data)[:2] < _ports(p.data)[2:]) == up]


def _ports(frame: bytes) -> bytes:
    """Both port numbers, behind Ethernet, two VLAN tags or what `-i any` writes."""
    link = next((at for at in (14, 16, 2, 22) if frame[at - 2 : at] in (b"\x08\0", b"\x86\xdd")), 14)
    network = 20 if link == 2 else link  # LINKTYPE_LINUX_SLL2
    at = network + (20 if frame[network : network + 1] == b"\x45" else 40)
    return frame[at : at + 4]


def _doubled(packets: list[Packet], rng: Random) -> list[Packet]:
    again = [p._replace(time_ns=p.time_ns + 3_000) for p in packets if rng.random() < 0.2]
    return sorted([*packets, *again], key=lambda p: p.time_ns)


_HELD_NS = 100_000_000


def _exchanged(packets: list[Packet], rng: Random) -> list[Packet]:
    """Neighbours in any order, the times in theirs: packets of several queues that are stamped as they are read. No queue
    holds a packet for longer than `_HELD_NS`."""
    frames, width = list(packets), rng.choice((2, 3, 4, 8))
    start = rng.randrange(width)
    while start < len(frames):
        end = start + 1
        while end < min(len(frames), start + width) and abs(packets[end].time_ns - packets[start].time_ns) < _HELD_NS:
            end += 1
        window = frames[start:end]
        rng.shuffle(window)
        frames[start:end], start = window, end
    return [frame._replace(time_ns=packet.time_ns) for packet, frame in zip(packets, frames, strict=True)]


def _delayed(packets: list[Packet], rng: Random) -> list[Packet]:
    """Some packets written a few places later than they came, with their own times."""
    rate = rng.choice((0.05, 0.2))
    places = [(at + rng.randrange(1, 8) * (rng.random() < rate), at) for at in range(len(packets))]
    return [packets[at] for _, at in sorted(places)]


LOSSES: dict[str, Loss] = {
    "loss": _dropped, "loss of data": _data_dropped, "a burst": _burst, "cut start": _late, "cut end": _short,
    "snap length": _snapped, "one direction": _one_way, "copies": _doubled,
    "order": _exchanged, "order with times": _delayed,
}  # fmt: skip


@cache
def sources() -> tuple[str, ...]:
    """Every real capture, sample and forged dialogue that is small enough, by name."""
    small = [p for p in sorted(real.CAPTURES.rglob("*.pcap*")) if p.stat().st_size < MOST_BYTES]
    made = [f"sample {p.stem}" for p in sorted(SAMPLES.glob("*.pcap")) if p.stat().st_size < MOST_BYTES]
    names = [str(p.relative_to(real.CAPTURES)).split(".")[0].removesuffix("/capture") for p in small]
    twins = (f"both sides of {name}" for name in BOTH_SIDES if name in names)
    forgeries = (*twins, *(f"forged {kind}" for kind in FORGED), *(f"seen {name}" for name in SEEN))
    return (*(name for name in (*names, *made) if _usable(name)), *forgeries)


def _usable(name: str) -> bool:
    with open_captures([_path(name)]) as source:
        count = sum(len(block) for block in source.blocks())
        return 0 < count <= MOST_PACKETS and len(source.facts()[0].link_types) == 1


def _path(name: str) -> Path:
    return SAMPLES / f"{name.removeprefix('sample ')}.pcap" if name.startswith("sample ") else real.capture(name)


@cache
def packets(name: str) -> tuple[int, tuple[Packet, ...]]:
    """The link type and the packets of a capture."""
    if name.startswith("forged "):
        return 1, forged(name.removeprefix("forged "))
    if name.startswith("seen "):
        return 1, seen(name.removeprefix("seen "))
    if name.startswith("both sides of "):
        link_type, one = packets(name.removeprefix("both sides of "))
        return link_type, tuple(each_drawn_anew(one))
    found: list[Packet] = []
    with open_captures([_path(name)]) as source:
        for block in source.blocks():
            columns = block.time_ns, block.offset, block.captured, block.wire
            rows = zip(*(column.tolist() for column in columns), strict=True)
            found += [Packet(t, block.data[at : at + length].tobytes(), wire) for t, at, length, wire in rows]
        [link_type] = source.facts()[0].link_types
    return link_type, tuple(found)


def lossy(whole: Sequence[Packet], losses: Sequence[str], seed: int) -> list[Packet]:
    """These losses, one after the other."""
    kept, rng = list(whole), Random(seed)
    for loss in losses:
        kept = LOSSES[loss](kept, rng) if kept else kept
    return kept
