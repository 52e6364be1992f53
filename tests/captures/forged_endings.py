"""Names in, a dialogue of an echo, a query and objects out: healthy, or with one fault or one ending that leaves doubt."""

from functools import cache

from tests.forge import pdus
from tests.forge.capture_files import Packet
from tests.forge.dialogue import STORE, Dialogue, data_set, fragments
from tests.forge.field import End, merged, relayed, sealed
from tests.forge.messages import command_bytes
from tests.forge.traffic import CT, IMPLICIT, WORKLIST
from tests.forge.wire import ACK, BACK, OUT, RST, Frame, Wire

GATE, SERVER = ("203.0.113.9", 104), ("10.1.1.7", 104)
CLIENT: End = ("192.168.1.5", 40000)
BEHIND = {CLIENT: ("203.0.113.9", 52000), GATE: SERVER}
FORGED = (
    "healthy", "refused object", "abort", "cut", "reset", "box", "box in an object",
    "proxy resets both", "proxy resets both in an object", "proxy passes a reset on", "proxy passes a reset back",
    "proxy passes a close on", "undelivered",
)  # fmt: skip
"""Of "box at the same distance" no loss is tried: of its two resets one may be all that was captured, and a reset of one side
alone, from as far away as its other packets and with nothing missing before it, is that side's own as far as anything shows."""


@cache
def forged(kind: str) -> tuple[Packet, ...]:
    if not kind.startswith(("box", "proxy")):
        frames = _direct(kind)
    else:
        frames = sealed(_box(kind) if kind.startswith("box") else _proxied(kind))
    return tuple(Packet(time_ns, frame) for time_ns, frame in frames)


def _talk(wire: Wire, refused: bool = False) -> Dialogue:
    offers = (pdus.VERIFICATION, (IMPLICIT,), 0), (CT, (IMPLICIT,), 0), (WORKLIST, (IMPLICIT,), 0)
    talk = Dialogue(wire, "CT01", "PACS", *offers).request().accept().echo()
    talk.find(WORKLIST, data_set(PatientName="A*", PatientID=""), [data_set(PatientName="A^B", PatientID="1")])
    for number in range(4):
        talk.store(CT, f"1.2.3.{number}", _object(number), status=0xA700 if refused and number == 2 else 0)
    return talk


def _object(number: int) -> bytes:
    return data_set(SOPClassUID=CT, SOPInstanceUID=f"1.2.3.{number}", PatientID="1", ImageComments="x" * 4000)


def _half_an_object(talk: Dialogue) -> None:
    command = command_bytes(
        AffectedSOPClassUID=CT, CommandField=STORE, MessageID=9, Priority=0, CommandDataSetType=1,
        AffectedSOPInstanceUID="1.2.3.9",
    )  # fmt: skip
    talk.wire.send(OUT, pdus.p_data(pdus.pdv(command, 3, command=True)))
    talk.wire.send(OUT, fragments(3, _object(9))[:2500]).acknowledge(OUT)


def _refused_on_the_way(talk: Dialogue) -> None:
    """Half an object that a router can no longer pass on; its sender gives up after a while."""
    command = command_bytes(
        AffectedSOPClassUID=CT, CommandField=STORE, MessageID=9, Priority=0, CommandDataSetType=1,
        AffectedSOPInstanceUID="1.2.3.9",
    )  # fmt: skip
    wire, data = talk.wire, pdus.p_data(pdus.pdv(command, 3, command=True))
    for wait in (0.3, 0.6, 1.2, 2.4, 4.8):
        quoted = wire.frame(OUT, ACK, data)
        wire.packet(OUT, ACK, data)
        head = bytes.fromhex("45000038000000004001 0000 0a0000fe 0a000001") + b"\3\1\0\0" + bytes(4)
        wire.frames.append((wire.now, quoted[:14] + head + quoted[14:42]))
        wire.wait(wait)
    wire.seq[OUT] += len(data)
    wire.reset(OUT)


def _direct(kind: str) -> list[Frame]:
    talk = _talk(Wire(), kind == "refused object")
    if kind == "abort":
        talk.abort(BACK, 2, 1)
    elif kind == "cut":
        talk.wire.close(BACK)
    elif kind == "undelivered":
        _refused_on_the_way(talk)
    elif kind == "reset":
        _half_an_object(talk)
        talk.wire.reset(BACK)
    else:
        talk.release()
    return talk.wire.frames


def _box(kind: str) -> list[Frame]:
    """Something between the two resets both of them, in the other's name."""
    talk = _talk(Wire())
    if "object" in kind:
        _half_an_object(talk)
    ttl = 64 if "distance" in kind else 61
    for direction in (BACK, OUT):
        talk.wire.packet(direction, RST | ACK, ttl=ttl)
    return talk.wire.frames


def _proxied(kind: str) -> list[Frame]:
    """Both connections of a proxy that ends the conversation itself, or passes on that one of its sides did."""
    talk = _talk(Wire(CLIENT, GATE))
    if "object" in kind:
        _half_an_object(talk)
    wire = talk.wire.wait(0.0001)
    if "close" in kind:
        return merged(wire.close(OUT).frames, relayed(wire.frames, BEHIND))
    from_client, from_server = ((wire.now, wire.frame(way, RST | ACK)) for way in (OUT, BACK))
    front = from_client if kind.endswith("on") else from_server
    behind = from_server if kind.endswith("back") else from_client
    return merged([*wire.frames, front], relayed([*wire.frames, behind], BEHIND))
