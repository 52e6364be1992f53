"""Films that are not printed. `python -m sample_captures.printing` rebuilds it.

WS09 sends an image to the printer, which reports that its supply is empty and then that it has no place for the job.
"""

from pathlib import Path

from tests.forge.dialogue import N_ACTION, N_CREATE, N_GET, N_SET, data_set
from tests.forge.hospital import PRINTER, ROOT, WS09, Hospital
from tests.forge.wire import Frame, write_pcap
from tests.forge.workflow import item

HERE = Path(__file__).parent
META = "1.2.840.10008.5.1.1.9"
SESSION, FILM, BOX, STATE = (f"1.2.840.10008.5.1.1.{tail}" for tail in ("1", "2", "4", "16"))
PRINTER_INSTANCE = "1.2.840.10008.5.1.1.17"


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    talk = hospital.talk(WS09, PRINTER, 0, META)
    talk.ask(N_GET, STATE, on=META, RequestedSOPInstanceUID=PRINTER_INSTANCE)
    state = data_set(PrinterStatus="WARNING", PrinterStatusInfo="SUPPLY EMPTY")
    talk.answer(N_GET, STATE, 0, state, on=META, AffectedSOPInstanceUID=PRINTER_INSTANCE)
    session, film, box = ({"AffectedSOPInstanceUID": f"{ROOT}.60.{number}"} for number in (1, 2, 3))
    talk.ask(N_CREATE, SESSION, data_set(NumberOfCopies=1), on=META, **session)
    talk.answer(N_CREATE, SESSION, 0, on=META, **session)
    inside = item(ReferencedSOPClassUID=SESSION, ReferencedSOPInstanceUID=f"{ROOT}.60.1")
    body = data_set(ImageDisplayFormat="STANDARD\\1,1", ReferencedFilmSessionSequence=[inside])
    talk.ask(N_CREATE, FILM, body, on=META, **film)
    boxes = [item(ReferencedSOPClassUID=BOX, ReferencedSOPInstanceUID=f"{ROOT}.60.3")]
    talk.answer(N_CREATE, FILM, 0, data_set(ReferencedImageBoxSequence=boxes), on=META, **film)
    talk.ask(N_SET, BOX, picture(), on=META, RequestedSOPInstanceUID=f"{ROOT}.60.3")
    talk.answer(N_SET, BOX, 0, on=META, **box)
    talk.ask(N_ACTION, FILM, on=META, RequestedSOPInstanceUID=f"{ROOT}.60.2", ActionTypeID=1)
    talk.answer(N_ACTION, FILM, 0xC602, on=META, ActionTypeID=1, ErrorComment="queue full", **film)
    talk.release()
    return hospital.frames


def picture() -> bytes:
    """What is to be on the film."""
    pixels = item(
        SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2", Rows=16, Columns=16, BitsAllocated=8, BitsStored=8,
        HighBit=7, PixelRepresentation=0, PixelData=bytes(256),
    )  # fmt: skip
    return data_set(ImageBoxPosition=1, BasicGrayscaleImageSequence=[pixels])


if __name__ == "__main__":
    write_pcap(HERE / "printing.pcap", frames())
