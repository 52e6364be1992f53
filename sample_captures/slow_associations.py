"""Associations that are slow, each for a reason of its own. `python -m sample_captures.slow_associations` rebuilds it.

An archive that takes long, a sender that pauses, a small window, a shut window, a long way, writes in pieces that wait for delayed
acknowledgements, small PDUs that are waited for, an association for each object, a narrow line, a sender without data in the
middle of a message, and a retrieve that waits for the archive.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sample_captures.retrieves import Retrieve
from tests.forge import pdus
from tests.forge.dialogue import STORE, Dialogue
from tests.forge.hospital import ARCHIVE, CT, Device, Hospital, image, uid
from tests.forge.messages import command_bytes
from tests.forge.pdus import VERIFICATION, p_data, pdv
from tests.forge.wire import ACK, BACK, OUT, Direction, Frame, Wire, write_pcap

HERE = Path(__file__).parent
SIZES = (b"\x02\x04\x05\xb4", b"\x02\x04\x05\xb4")  # maximum segment sizes of 1460
PIECE = 1448
Between = Callable[[Wire, int], None]


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    _slow_server(hospital)
    _slow_client(hospital)
    in_pieces(hospital, 3, 5, 3, _full_window, window=2048, round_trip_ns=150_000_000)
    in_pieces(hospital, 4, 3, 3, _shut_window)
    _far(hospital)
    _delayed_acknowledgements(hospital)
    _small_pdus(hospital)
    for number in range(12):
        talk = hospital.call(_device(8), ARCHIVE, 800 + number, CT).request().accept(0.06)
        talk.store(CT, uid(800 + number), image(CT, 800 + number)).release()
    in_pieces(hospital, 9, 25, 3, lambda wire, place: narrow(wire, 0.016))
    in_pieces(hospital, 10, 3, 3, _no_data)
    retrieve = Retrieve(hospital, 12)
    delivery = retrieve.deliver(15.0)
    delivery.request().accept()
    retrieve.send(delivery, 1)
    delivery.release()
    retrieve.answer(0x0000, 15.5, None, 1, 0, 0).release()
    return hospital.frames


def _device(number: int) -> Device:
    return Device(f"SLOW{number:02}", f"192.168.20.{number}")


def _talk(hospital: Hospital, number: int, *classes: str, **options: Any) -> Dialogue:
    return hospital.talk(_device(number), ARCHIVE, 100 * number, *classes, options=SIZES, **options)


def narrow(wire: Wire, seconds: float) -> None:
    wire.wait(seconds)


def _slow_server(hospital: Hospital) -> None:
    talk = _talk(hospital, 1, CT)
    for number in range(3):
        instance = 100 + number
        talk.ask(STORE, CT, image(CT, instance), AffectedSOPInstanceUID=uid(instance))
        talk.wire.acknowledge(OUT)
        talk.answer(STORE, CT, 0, after=1.5, AffectedSOPInstanceUID=uid(instance))
    talk.release()


def _slow_client(hospital: Hospital) -> None:
    talk = _talk(hospital, 2, CT)
    for number in range(4):
        talk.wire.acknowledge(BACK)
        talk.wire.wait(1.2)
        talk.store(CT, uid(200 + number), image(CT, 200 + number))
    talk.release()


def _far(hospital: Hospital) -> None:
    talk = _talk(hospital, 5, VERIFICATION, round_trip_ns=60_000_000)
    for _ in range(25):
        talk.ask(0x30, VERIFICATION).answer(0x30, VERIFICATION, 0, after=0.06)
    talk.release()


def _command(field: int, **elements: Any) -> bytes:
    return command_bytes(AffectedSOPClassUID=CT, CommandField=field, **elements)


def in_pieces(
    hospital: Hospital,
    number: int,
    pieces: int,
    objects: int,
    between: Between,
    window: int = 65535,
    **options: Any,
) -> None:
    """Objects of so many full segments, with something between one and the next; the acceptor offers this window."""
    talk = _talk(hospital, number, CT, **options)
    for place in range(1, objects + 1):
        _object(talk, place, pieces, between, window)
    talk.release()


def _object(
    talk: Dialogue, place: int, pieces: int, between: Between, window: int = 65535, size: int | None = None
) -> None:
    number = talk.wire.ends[0][1] * 10 + place
    wire, instance = talk.wire, uid(number)
    command = _command(STORE, MessageID=place, Priority=0, CommandDataSetType=1, AffectedSOPInstanceUID=instance)
    head = p_data(pdv(command, 1, command=True))
    pixels = (pieces * PIECE - len(head) - 700) // 2 * 2
    data = image(CT, number, Rows=1, Columns=pixels, PixelData=random.Random(place).randbytes(pixels))
    step = size or 16378
    bodies = [data[at : at + step] for at in range(0, len(data), step)]
    message = head + b"".join(p_data(pdv(body, 1, last=body is bodies[-1])) for body in bodies)
    cuts = range(0, len(message), PIECE)
    for at in cuts:
        wire.packet(OUT, ACK, message[at : at + PIECE])
        wire.seq[OUT] += len(message[at : at + PIECE])
        if at != cuts[-1]:
            between(wire, window)
    wire.packet(BACK, ACK, window=window)
    _answer(wire, place, instance)


def _answer(wire: Wire, place: int, instance: str) -> None:
    wire.wait(0.002)
    said = _command(
        STORE | 0x8000,
        MessageIDBeingRespondedTo=place,
        Status=0,
        CommandDataSetType=0x0101,
        AffectedSOPInstanceUID=instance,
    )
    wire.send(BACK, p_data(pdv(said, 1, command=True))).acknowledge(BACK)


def _full_window(wire: Wire, window: int) -> None:
    wire.wait(0.15)
    wire.packet(BACK, ACK, window=window)


def _shut_window(wire: Wire, window: int) -> None:
    wire.packet(BACK, ACK, window=0)
    wire.wait(0.7)
    wire.packet(BACK, ACK, window=window)


def _no_data(wire: Wire, window: int) -> None:
    wire.packet(BACK, ACK, window=window)
    wire.wait(0.7)


def _delayed_acknowledgements(hospital: Hospital) -> None:
    talk = _talk(hospital, 6, CT)
    wire = talk.wire
    for place in range(1, 21):
        instance = 600 + place
        talk.ask(STORE, CT, image(CT, instance), AffectedSOPInstanceUID=uid(instance))
        said = _command(
            0x8001,
            MessageIDBeingRespondedTo=place,
            Status=0,
            CommandDataSetType=0x0101,
            AffectedSOPInstanceUID=uid(instance),
        )
        message = p_data(pdv(said, 1, command=True))
        wire.wait(0.001)
        _piece(wire, BACK, message[:12])
        wire.wait(0.04)
        wire.packet(OUT, ACK)
        wire.wait(0.001)
        _piece(wire, BACK, message[12:])
        wire.acknowledge(BACK)
    talk.release()


def _piece(wire: Wire, direction: Direction, data: bytes) -> None:
    wire.packet(direction, ACK, data)
    wire.seq[direction] += len(data)


def _small_pdus(hospital: Hospital) -> None:
    """The acceptor announces a maximum length of 2048 bytes."""
    wire = hospital.wire(_device(7), ARCHIVE.listener, 700, options=SIZES)
    talk = Dialogue(wire, "SLOW07", ARCHIVE.title, (CT, (pdus.IMPLICIT_LITTLE,), 0)).request()
    items = (pdus.uid(0x10, pdus.APPLICATION_CONTEXT), pdus.answered_context(1, 0, pdus.IMPLICIT_LITTLE))
    identity = pdus.item(0x52, b"1.2.826.0.1.3680043.10.2")
    answer = pdus.associate(
        2, *items, pdus.user_information(identity, maximum=2048), called=ARCHIVE.title.encode(), calling=b"SLOW07"
    )
    wire.wait(0.0005).send(BACK, answer)
    for place in (1, 2):
        _object(talk, place, 14, lambda wire, window: _full_window(wire, 65535), size=2042)
    talk.release()


if __name__ == "__main__":
    write_pcap(HERE / "slow_associations.pcap", frames())
