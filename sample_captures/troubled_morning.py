"""A morning of a radiology network in which six things go wrong. `python -m sample_captures.troubled_morning` rebuilds it.

CT01 first calls the archive by a wrong title, then sends a study: one image is refused for lack of space, one is stored
with a warning. MR02 offers only JPEG Lossless and nothing is accepted. A workstation queries and finds nothing for a
date written the wrong way. The archive aborts an ultrasound transfer in the middle. A viewer finds the port closed.
"""

from pathlib import Path

from tests.forge.dialogue import STORE, Dialogue, data_set, fragments
from tests.forge.messages import command_bytes
from tests.forge.pdus import IMPLICIT_LITTLE, VERIFICATION, p_data, pdv
from tests.forge.wire import ACK, BACK, OUT, RST, SYN, Frame, Wire, write_pcap

HERE = Path(__file__).parent
CT, MR, US = (f"1.2.840.10008.5.1.4.1.1.{tail}" for tail in ("2", "4", "6.1"))
STUDY_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
ROOT = "1.2.826.0.1.3680043.10.1"
ARCHIVE = ("192.168.10.20", 11112)
EIGHT = 1_767_686_400_000_000_000  # 2026-01-06 08:00 UTC
MINUTE = 60_000_000_000


def image(sop_class: str, number: int, pixels: int) -> bytes:
    """An invented image of an invented patient, large enough to span several PDUs."""
    head = data_set(
        SOPClassUID=sop_class,
        SOPInstanceUID=f"{ROOT}.{number}",
        PatientName="SAMPLE^PATIENT",
        PatientID="S0001",
        StudyInstanceUID=f"{ROOT}.900",
        SeriesInstanceUID=f"{ROOT}.901",
        InstanceNumber=number,
    )
    return head + b"\xe0\x7f\x10\x00" + pixels.to_bytes(4, "little") + bytes(i * 7 % 251 for i in range(pixels))


def frames() -> list[Frame]:
    """Every packet of the morning in the order of time."""
    everything: list[Frame] = []

    def host(address: str, port: int, minute: float) -> Wire:
        start = EIGHT + int(minute * MINUTE)
        return Wire((address, port), ARCHIVE, start_ns=start, emit=everything.append)

    wrong = Dialogue(host("192.168.10.5", 50001, 0), "CT01", "ARCHIV", (VERIFICATION, (IMPLICIT_LITTLE,), 0))
    wrong.request().reject(1, 1, 7)
    study = Dialogue(host("192.168.10.5", 50002, 1), "CT01", "ARCHIVE", (CT, (IMPLICIT_LITTLE,), 0)).request().accept()
    study.store(CT, f"{ROOT}.1", image(CT, 1, 40_000))
    study.store(CT, f"{ROOT}.2", image(CT, 2, 40_000), 0xB000, ErrorComment="Patient ID coerced to S-0001")
    study.store(CT, f"{ROOT}.3", image(CT, 3, 40_000), 0xA700, ErrorComment="quota of pool CT exceeded")
    study.release()
    lossless = (MR, (JPEG_LOSSLESS,), 4)
    Dialogue(host("192.168.10.6", 50003, 2), "MR02", "ARCHIVE", lossless).request().accept().release()
    keys = data_set(QueryRetrieveLevel="STUDY", StudyDate="2026-01-05", PatientID="", StudyInstanceUID="")
    query = Dialogue(host("192.168.10.9", 50004, 3), "WS09", "ARCHIVE", (STUDY_FIND, (IMPLICIT_LITTLE,), 0))
    query.request().accept().find(STUDY_FIND, keys, []).release()
    _aborted(Dialogue(host("192.168.10.7", 50005, 4), "US01", "ARCHIVE", (US, (IMPLICIT_LITTLE,), 0)))
    viewer = Wire(("192.168.10.9", 50006), (ARCHIVE[0], 104), start_ns=EIGHT + 5 * MINUTE, emit=everything.append)
    viewer.packet(OUT, SYN)
    viewer.seq[OUT] += 1
    viewer.packet(BACK, RST | ACK, seq=0)
    return everything


def _aborted(dialogue: Dialogue) -> None:
    """The acceptor aborts after half of the object."""
    dialogue.request().accept()
    command = command_bytes(
        CommandField=STORE, AffectedSOPClassUID=US, AffectedSOPInstanceUID=f"{ROOT}.4", MessageID=1, Priority=0,
        CommandDataSetType=1,
    )  # fmt: skip
    dialogue.wire.send(OUT, p_data(pdv(command, command=True)))
    dialogue.wire.send(OUT, fragments(1, image(US, 4, 60_000))[: 2 * 16384 + 12])
    dialogue.wire.acknowledge(OUT)
    dialogue.abort(BACK)


if __name__ == "__main__":
    write_pcap(HERE / "troubled_morning.pcap", frames())
