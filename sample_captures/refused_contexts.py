"""Associations that are accepted and presentation contexts that are not. `python -m sample_captures.refused_contexts` rebuilds it.

CT01 offers CT images to the worklist server. US01 asks the archive for a class that it does not support. MR02 offers nothing but
JPEG Lossless, which the archive does not take. A dose server is refused without a reason. A gateway sends an object on a
context that was refused. An angiography device must send uncompressed what it holds compressed. A viewer fetches with C-GET and
forgot to negotiate that it can receive.
"""

from pathlib import Path

from tests.forge.dialogue import GET, data_set
from tests.forge.hospital import (
    ARCHIVE,
    CT,
    CT01,
    JPEG_BASELINE,
    JPEG_LOSSLESS,
    MR,
    MR02,
    RIS,
    ROOT,
    SC,
    STUDY_GET,
    US,
    US01,
    WS09,
    Device,
    Hospital,
    image,
    uid,
)  # fmt: skip
from tests.forge.pdus import IMPLICIT_LITTLE, VERIFICATION
from tests.forge.wire import BACK, Frame, write_pcap

HERE = Path(__file__).parent
IMPLICIT = (IMPLICIT_LITTLE,)
ANGIOGRAPHY = "1.2.840.10008.5.1.4.1.1.12.1"
DOSE_REPORT = "1.2.840.10008.5.1.4.1.1.88.67"
ENHANCED_US = "1.2.840.10008.5.1.4.1.1.6.2"
GATEWAY = Device("GATEWAY", "192.168.10.17")
DOSE = Device("DOSE", "192.168.10.18")
XA03 = Device("XA03", "192.168.10.8")


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    hospital.talk(CT01, RIS, 0, (CT, IMPLICIT, 3), (SC, IMPLICIT, 3)).release()
    hospital.talk(US01, ARCHIVE, 10, US, (ENHANCED_US, IMPLICIT, 3)).release()
    hospital.talk(MR02, ARCHIVE, 20, VERIFICATION, (MR, (JPEG_LOSSLESS,), 4)).release()
    hospital.talk(DOSE, ARCHIVE, 30, VERIFICATION, (DOSE_REPORT, IMPLICIT, 2)).echo().release()
    wrong = hospital.talk(GATEWAY, ARCHIVE, 40, CT, (MR, IMPLICIT, 3)).store(CT, uid(1), image(CT, 1))
    wrong.ask(1, MR, image(MR, 2), AffectedSOPInstanceUID=uid(2))
    wrong.abort(BACK, 2, 2)
    lossy = {"LossyImageCompression": "01", "Modality": "XA"}
    angiography = hospital.talk(XA03, ARCHIVE, 50, (ANGIOGRAPHY, (JPEG_BASELINE,), 4), ANGIOGRAPHY)
    angiography.store(ANGIOGRAPHY, uid(3), image(ANGIOGRAPHY, 3, **lossy)).release()
    fetch = hospital.talk(WS09, ARCHIVE, 60, STUDY_GET, CT)
    fetch.ask(GET, STUDY_GET, data_set(QueryRetrieveLevel="STUDY", StudyInstanceUID=f"{ROOT}.900"))
    counts = {"Completed": 0, "Failed": 2, "Warning": 0}
    fetch.answer(GET, STUDY_GET, 0xA702, **{f"NumberOf{name}Suboperations": count for name, count in counts.items()})
    fetch.release()
    return hospital.frames


if __name__ == "__main__":
    write_pcap(HERE / "refused_contexts.pcap", frames())
