"""Storage commitments that go wrong. `python -m sample_captures.commitment` rebuilds it.

The archive does not commit to an image that CT01 never sent. MR02 rejects the association on which the archive brings the result.
US01 waits for its result for more than an hour. The archive refuses a request of XA03.
"""

from pathlib import Path
from typing import Any

from tests.forge.dialogue import N_ACTION, N_REPORT, Dialogue, data_set
from tests.forge.hospital import (
    ARCHIVE,
    COMMITMENT,
    COMMITMENT_INSTANCE,
    CT,
    CT01,
    HOUR,
    MR,
    MR02,
    ROOT,
    US,
    US01,
    Device,
    Hospital,
    image,
    uid,
)  # fmt: skip
from tests.forge.pdus import VERIFICATION, role
from tests.forge.wire import Frame, write_pcap
from tests.forge.workflow import item

HERE = Path(__file__).parent
XA03 = Device("XA03", "192.168.10.8")
ANGIOGRAPHY = "1.2.840.10008.5.1.4.1.1.12.1"


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    hospital.talk(CT01, ARCHIVE, 0, CT).store(CT, uid(1), image(CT, 1)).release()
    ask(hospital.talk(CT01, ARCHIVE, 10, COMMITMENT), CT, 1, 2).release()
    _brought(hospital)
    hospital.talk(MR02, ARCHIVE, 100, MR).store(MR, uid(11), image(MR, 11)).release()
    ask(hospital.talk(MR02, ARCHIVE, 110, COMMITMENT), MR, 11).release()
    hospital.call(ARCHIVE, MR02, 120, COMMITMENT).request(role(COMMITMENT, 0, 1)).reject(1, 1, 3)
    hospital.talk(US01, ARCHIVE, 200, US).store(US, uid(21), image(US, 21)).release()
    ask(hospital.talk(US01, ARCHIVE, 210, COMMITMENT), US, 21).release()
    angiography = hospital.talk(XA03, ARCHIVE, 300, COMMITMENT)
    ask(angiography, ANGIOGRAPHY, 31, status=0x0110, ErrorComment="no queue for XA03").release()
    hospital.talk(US01, ARCHIVE, 300 + HOUR, VERIFICATION).echo().release()
    return hospital.frames


def ask(talk: Dialogue, sop_class: str, *numbers: int, status: int = 0, **answered: Any) -> Dialogue:
    """The N-ACTION for these images; its transaction is numbered by the first."""
    body = data_set(TransactionUID=f"{ROOT}.70.{numbers[0]}", ReferencedSOPSequence=named(sop_class, *numbers))
    talk.ask(N_ACTION, COMMITMENT, body, RequestedSOPInstanceUID=COMMITMENT_INSTANCE, ActionTypeID=1)
    return talk.answer(
        N_ACTION, COMMITMENT, status, AffectedSOPInstanceUID=COMMITMENT_INSTANCE, ActionTypeID=1, **answered
    )


def named(sop_class: str, *numbers: int, **elements: int) -> list[Any]:
    return [item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=uid(each), **elements) for each in numbers]


def _brought(hospital: Hospital) -> None:
    """The archive brings CT01 its result: one image is there, one is not."""
    back = (
        hospital.call(ARCHIVE, CT01, 20, COMMITMENT)
        .request(role(COMMITMENT, 0, 1))
        .accept(0.0005, role(COMMITMENT, 0, 1))
    )
    body = data_set(
        TransactionUID=f"{ROOT}.70.1",
        ReferencedSOPSequence=named(CT, 1),
        FailedSOPSequence=named(CT, 2, FailureReason=0x0112),
    )
    instance = {"AffectedSOPInstanceUID": COMMITMENT_INSTANCE, "EventTypeID": 2}
    back.ask(N_REPORT, COMMITMENT, body, **instance).answer(N_REPORT, COMMITMENT, 0, **instance).release()


if __name__ == "__main__":
    write_pcap(HERE / "commitment.pcap", frames())
