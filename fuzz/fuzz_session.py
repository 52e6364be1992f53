"""Real encrypted conversations, spoiled, through the session that has the keys to them.

Layout of the bytes: which conversation, how many events come at once, how long a packet is, then changes of four bytes
and more: what, where (two bytes, a packet of what is there by then), how much; see `CHANGES`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from dicomsniff.core import Direction
from dicomsniff.tcp.events import Chunk, Gap, GapCause
from dicomsniff.tls.keylog import Keys
from dicomsniff.tls.session import Session
from fuzz.choices import Choices
from fuzz.conversations import conversations
from fuzz.engine import run

MOST_CHANGES = 32
MOST_PACKETS = 600


@dataclass
class Packet:
    """`lost`: it was not captured."""

    way: Direction
    data: bytes
    lost: bool = False


Change = Callable[[list[Packet], int, int, Choices], None]


def _lose(packets: list[Packet], at: int, much: int, choices: Choices) -> None:
    for packet in packets[at : at + 1 + much % 8]:
        packet.lost = True


def _damage(packets: list[Packet], at: int, much: int, choices: Choices) -> None:
    data, place = packets[at].data, much % max(1, len(packets[at].data))
    patch = choices.take(1 + much % 5)
    packets[at].data = data[:place] + patch + data[place + len(patch) :]


def _remove(packets: list[Packet], at: int, much: int, choices: Choices) -> None:
    """Bytes, or a whole packet, are not there and nothing tells."""
    place, data = choices.byte(), packets[at].data
    packets[at].data = data[:place] + data[place + 1 + much :]


def _say(packets: list[Packet], at: int, much: int, choices: Choices) -> None:
    """Something else is said between packets: any bytes, or a record around them."""
    data = choices.take(much)
    if choices.byte() & 1:
        data = bytes([20 + much % 4, 3, 3]) + len(data).to_bytes(2, "big") + data
    packets.insert(at, Packet(packets[at].way, data))


def _repeat(packets: list[Packet], at: int, much: int, choices: Choices) -> None:
    again = [Packet(packet.way, packet.data, packet.lost) for packet in packets[at : at + 1 + much % 16]]
    packets[at + len(again) : at + len(again)] = again


def _swap(packets: list[Packet], at: int, much: int, choices: Choices) -> None:
    other = (at + 1 + much) % len(packets)
    packets[at], packets[other] = packets[other], packets[at]


def _cut(packets: list[Packet], at: int, much: int, choices: Choices) -> None:
    """The conversation ends or begins here, or only one side was captured."""
    way = packets[at].way
    kept = (packets[:at], packets[at:], [packet for packet in packets if packet.way is way])
    packets[:] = kept[much % 3]


def _splice(packets: list[Packet], at: int, much: int, choices: Choices) -> None:
    """Packets of another conversation, to which there are no keys."""
    flights = conversations()[much % len(conversations())].flights
    first = choices.byte() % len(flights)
    packets[at:at] = [Packet(way, data) for way, data in flights[first : first + 1 + choices.byte() % 4]]


CHANGES: tuple[Change, ...] = (_lose, _damage, _remove, _say, _repeat, _swap, _cut, _splice)


def _packets(choices: Choices, flights: tuple[tuple[Direction, bytes], ...]) -> list[Packet]:
    size = 16 + 4 * choices.byte()
    packets = [Packet(way, data[begin : begin + size]) for way, data in flights for begin in range(0, len(data), size)]
    for _ in range(MOST_CHANGES):
        if not choices or not packets:
            break
        change, at, much = choices.byte(), choices.word(), choices.byte()
        CHANGES[change % len(CHANGES)](packets, at % len(packets), much, choices)
    return packets[:MOST_PACKETS]


def events(packets: list[Packet]) -> list[Chunk | Gap]:
    """As the TCP room would tell of them."""
    at, made = [0, 0], list[Chunk | Gap]()
    for number, packet in enumerate(packets, 1):
        way, start, length = packet.way, at[packet.way], len(packet.data)
        if not length:
            continue
        at[way] += length
        if packet.lost:
            made.append(Gap(1, way, start, length, GapCause.LOST, number, number))
        else:
            made.append(Chunk(1, way, start, packet.data, [start], [number], [number], [at[way.opposite]]))
    return made


def opened(told: list[Chunk | Gap], keys: Keys, size: int) -> tuple[list[bytes], list[bytes]]:
    """What either side is heard to say, in the pieces that the gaps leave."""
    session, out = Session(1, keys), list[Chunk | Gap]()
    for at in range(0, len(told), size):
        out += session.feed(told[at : at + size])
    out += session.close()
    pieces: tuple[list[bytes], list[bytes]] = [b""], [b""]
    length = [0, 0]
    for event in out:
        own = pieces[event.direction]
        assert event.start == length[event.direction]
        if isinstance(event, Gap):
            assert event.length > 0
            own.append(b"")
            length[event.direction] += event.length
        else:
            assert event.data and event.starts == sorted(set(event.starts))
            own[-1] += event.data
            length[event.direction] += len(event.data)
    told_records = session.decryption()
    assert told_records.opened or not any(map(any, pieces))
    return pieces


def invariant(data: bytes) -> None:
    """Whatever becomes of an encrypted conversation, only what was said in it comes out, in its order, with gaps between."""
    choices = Choices(data)
    talk = conversations()[choices.byte() % len(conversations())]
    size = 1 + choices.byte()
    told = events(_packets(choices, talk.flights))
    keys = Keys()
    keys.learn(talk.keys)
    for pieces, said in zip(opened(told, keys, size), talk.said, strict=True):
        at = 0
        for piece in pieces:
            found = said.find(piece, at)
            assert found >= 0, "bytes that were not said, or not here"
            at = found + len(piece)


if __name__ == "__main__":
    run("fuzz.fuzz_session")
