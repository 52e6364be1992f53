"""A DICOM association that stores images, over TLS of any kind, in; what dicomsniff makes of it with some packets missing, out."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from dicomsniff.association.values import Traffic
from dicomsniff.core import Direction
from dicomsniff.dimse import PayloadStore
from dicomsniff.pipeline import Options, Pipeline
from dicomsniff.tls.keylog import Keys
from tests.forge import pdus
from tests.forge.dialogue import Dialogue
from tests.forge.hospital import image
from tests.forge.wire import OUT, Frame, Wire
from tests.fuzz.test_hostile import Memory
from tests.tcp.assembling import block
from tests.tls.conversing import Flight, Secret
from tests.tls.openssl import Ends, Step, Turn, converse_in_steps

CT, PLAIN = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2"
OBJECTS = 4
HEADERS, FULL = 54, 1448


class Speech(Wire):
    """What a dialogue says, without TCP."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[Flight] = []

    def send(self, direction: Direction, data: bytes) -> Speech:
        self.said.append((direction, data))
        return self


@cache
def data_sets() -> dict[str, bytes]:
    """By SOP instance UID; their lengths differ, so that the padding of records does."""
    made = {}
    for number in range(OBJECTS):
        pixels = random.Random(number).randbytes(80_000 + 786 * number)
        made[f"1.2.3.{number}"] = image(CT, number, SOPInstanceUID=f"1.2.3.{number}", Rows=9, PixelData=pixels)
    return made


def stores() -> list[Flight]:
    """An echo and the images."""
    speech = Speech()
    made = Dialogue(speech, "CT", "PACS", (CT, (PLAIN,), 0), (pdus.VERIFICATION, (PLAIN,), 0)).request().accept()
    made.echo()
    for instance, data in data_sets().items():
        made.store(CT, instance, data)
    made.release()
    return speech.said


def as_written(said: list[Flight]) -> list[Flight]:
    """As DCMTK hands it to TLS: of each P-DATA-TF PDU first the headers of it and of its item, then the value."""
    made = []
    for way, data in said:
        at = 0
        while at < len(data):
            end = at + 6 + int.from_bytes(data[at + 2 : at + 6], "big")
            cut = at + 12 if data[at] == 4 else end
            made += [(way, data[at:cut]), (way, data[cut:end])]
            at = end
    return [(way, data) for way, data in made if data]


def secret(ends: Ends, *turns: tuple[Direction, Turn]) -> Secret:
    """The stores over TLS; in the middle the `turns`."""
    steps: list[Step] = list(as_written(stores()))
    middle = len(steps) // 2
    steps[middle:middle] = turns
    return converse_in_steps(steps, ends)


@dataclass
class Seen:
    """What was made of a capture: by SOP instance UID the data sets as far as they are there, and where they are not."""

    traffic: Traffic
    whole: dict[str, bytes]
    holed: dict[str, tuple[bytes, tuple[tuple[int, int], ...]]]


def seen(frames: list[Frame], keys: Keys, lost: Collection[int] = ()) -> Seen:
    """`lost` are places in `frames`."""
    kept = [frame for at, frame in enumerate(frames) if at not in lost]
    with PayloadStore(keep=True) as store:
        traffic = Pipeline(Memory(block(kept)), store, Options(keep_payloads=True, fence=False, keys=keys)).run()
        found = Seen(traffic, {}, {})
        for exchange in traffic.exchanges:
            payload = exchange.payload
            if exchange.sop_instance is None or payload is None or not payload.kept:
                continue
            data = b"".join(payload.pieces())
            if payload.complete:
                found.whole[exchange.sop_instance] = data
            else:
                found.holed[exchange.sop_instance] = data, payload.missing
    return found


def frames_of(secret: Secret) -> tuple[list[Frame], Keys]:
    keys = Keys()
    keys.learn(secret.keys)
    return secret.talk().frames(OUT), keys


def full_packets(frames: list[Frame]) -> list[int]:
    """Places of those in the middle of a transfer."""
    return [at for at, (_, data) in enumerate(frames) if len(data) == HEADERS + FULL]
