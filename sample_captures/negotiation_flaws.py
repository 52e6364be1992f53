"""Requests and acceptances that break the rules. `python -m sample_captures.negotiation_flaws` rebuilds it.

A gateway sends bytes that are no PDU. CT01 sends PDUs of 32 KiB to an archive that takes 16. A converter proposes 120 contexts
for one image, gives two of them the same ID and one an even one. An old archive accepts a context that was not proposed,
and another in a transfer syntax that was not offered.
"""

from pathlib import Path

from tests.forge import pdus
from tests.forge.dialogue import Dialogue
from tests.forge.hospital import ARCHIVE, CT, CT01, MR, MR02, Device, Hospital, image, proposals, uid
from tests.forge.messages import store_rq
from tests.forge.wire import BACK, OUT, Frame, Wire, write_pcap

HERE = Path(__file__).parent
GATEWAY = Device("GATEWAY", "192.168.10.17")
CONVERTER = Device("CONVERT", "192.168.10.19")
OLD_STUDIES = Device("OLDSTUDIES", "192.168.10.21")


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    odd = hospital.talk(GATEWAY, ARCHIVE, 0, pdus.VERIFICATION).echo()
    odd.wire.send(OUT, b"MSH|^~\\&|GATEWAY|HOSPITAL\r").close(BACK)
    _too_long(hospital)
    _too_many(hospital.wire(CONVERTER, ARCHIVE.listener, 20))
    _unasked(hospital.wire(MR02, OLD_STUDIES.listener, 30))
    return hospital.frames


def _too_long(hospital: Hospital) -> None:
    """An image of 128 x 128 in one PDU longer than what the archive announced."""
    talk = hospital.talk(CT01, ARCHIVE, 10, CT)
    large = image(CT, 1, Rows=128, Columns=192, PixelData=bytes(128 * 192))
    talk.wire.send(OUT, pdus.p_data(pdus.pdv(store_rq(1, uid(1)), command=True)))
    talk.wire.send(OUT, pdus.p_data(pdus.pdv(large))).acknowledge(OUT)
    talk.abort(BACK, 2, 6)


def _too_many(wire: Wire) -> None:
    """A request with 120 contexts of storage classes."""
    classes = [f"1.2.840.10008.5.1.4.1.1.{number}" for number in range(1, 121)]
    ids = [*range(1, 237, 2), 2, 1]
    contexts = [pdus.proposed_context(id, each, pdus.IMPLICIT_LITTLE) for id, each in zip(ids, classes, strict=True)]
    context = pdus.uid(0x10, pdus.APPLICATION_CONTEXT)
    wire.connect().send(OUT, pdus.associate(1, context, *contexts, pdus.user_information(), calling=b"CONVERT"))
    answers = [pdus.answered_context(id, 0, pdus.IMPLICIT_LITTLE) for id in ids[:-2]]
    wire.send(BACK, pdus.associate(2, context, *answers, pdus.user_information(), calling=b"CONVERT"))
    Dialogue(wire, "CONVERT", "ARCHIVE", *proposals(*classes)).store(CT, uid(2), image(CT, 2)).release()


def _unasked(wire: Wire) -> None:
    """An acceptance that does not fit its request."""
    context = pdus.uid(0x10, pdus.APPLICATION_CONTEXT)
    asked = pdus.proposed_context(1, MR, pdus.IMPLICIT_LITTLE)
    wire.connect().send(
        OUT, pdus.associate(1, context, asked, pdus.user_information(), called=b"OLDSTUDIES", calling=b"MR02")
    )
    answers = (pdus.answered_context(1, 0, pdus.EXPLICIT_LITTLE), pdus.answered_context(3, 0, pdus.IMPLICIT_LITTLE))
    wire.send(
        BACK, pdus.associate(2, context, *answers, pdus.user_information(), called=b"OLDSTUDIES", calling=b"MR02")
    )
    wire.send(OUT, pdus.release_request()).send(BACK, pdus.release_response()).close()


if __name__ == "__main__":
    write_pcap(HERE / "negotiation_flaws.pcap", frames())
