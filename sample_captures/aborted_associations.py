"""Aborts. `python -m sample_captures.aborted_associations` rebuilds it.

The archive aborts instead of answering a request of US01. It aborts while CT01 is in the middle of an image. Its protocol layer
aborts when a gateway sends a PDU of a type that does not exist. MR02 runs out of patience after thirty seconds.
"""

from pathlib import Path

from tests.forge import pdus
from tests.forge.dialogue import STORE, fragments
from tests.forge.hospital import ARCHIVE, CT, CT01, MR, MR02, US, US01, Device, Hospital, image, uid
from tests.forge.messages import store_rq
from tests.forge.wire import BACK, OUT, Frame, write_pcap

HERE = Path(__file__).parent
GATEWAY = Device("GATEWAY", "192.168.10.17")


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    hospital.call(US01, ARCHIVE, 0, US).request().abort(BACK)
    cut = hospital.talk(CT01, ARCHIVE, 10, CT).store(CT, uid(1), image(CT, 1))
    large = image(CT, 2, Rows=128, Columns=128, PixelData=bytes(128 * 128))
    cut.wire.send(OUT, pdus.p_data(pdus.pdv(store_rq(2, uid(2)), command=True)))
    cut.wire.send(OUT, fragments(1, large)[:8_000]).acknowledge(OUT)
    cut.abort(BACK)
    odd = hospital.talk(GATEWAY, ARCHIVE, 20, pdus.VERIFICATION).echo()
    odd.wire.send(OUT, pdus.pdu(0x0C, bytes(16)))
    odd.abort(BACK, 2, 1)
    waiting = hospital.talk(MR02, ARCHIVE, 30, MR).ask(STORE, MR, image(MR, 3), AffectedSOPInstanceUID=uid(3))
    waiting.wire.acknowledge(OUT).wait(30)
    waiting.abort(OUT)
    return hospital.frames


if __name__ == "__main__":
    write_pcap(HERE / "aborted_associations.pcap", frames())
