"""Associations and connections that end as they should not. `python -m sample_captures.careless_endings` rebuilds it.

US01 closes TCP without a release. MR02 releases and leaves the connection open. The archive drops each association of a
viewer that was silent for a minute. CT01 asks for a second association on the connection of the first, and the archive takes
it. CT01 releases while its last image is still unanswered.
"""

from pathlib import Path

from tests.forge.dialogue import STORE, Dialogue
from tests.forge.hospital import (
    ARCHIVE,
    CT,
    CT01,
    MR,
    MR02,
    STUDY_FIND,
    US,
    US01,
    WS09,
    Hospital,
    image,
    proposals,
    uid,
)
from tests.forge.pdus import VERIFICATION, release_request, release_response
from tests.forge.wire import BACK, OUT, Frame, write_pcap

HERE = Path(__file__).parent


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    hospital.talk(US01, ARCHIVE, 0, US).store(US, uid(1), image(US, 1)).wire.wait(2).close()
    lingering = hospital.talk(MR02, ARCHIVE, 10, MR).store(MR, uid(2), image(MR, 2)).wire
    lingering.send(OUT, release_request()).send(BACK, release_response()).acknowledge(BACK)
    for second in (20, 120, 220):
        viewer = hospital.talk(WS09, ARCHIVE, second, VERIFICATION, STUDY_FIND).echo()
        viewer.wire.wait(60)
        viewer.abort(BACK)
    _second(hospital)
    _too_early(hospital)
    return hospital.frames


def _second(hospital: Hospital) -> None:
    first = hospital.talk(CT01, ARCHIVE, 300, CT).store(CT, uid(3), image(CT, 3))
    wire = first.wire.send(OUT, release_request()).send(BACK, release_response()).wait(0.1)
    Dialogue(wire, "CT01", "ARCHIVE", *proposals(CT)).request(connect=False).accept().store(
        CT, uid(4), image(CT, 4)
    ).release()


def _too_early(hospital: Hospital) -> None:
    last = hospital.talk(CT01, ARCHIVE, 310, CT).ask(STORE, CT, image(CT, 5), AffectedSOPInstanceUID=uid(5))
    last.wire.acknowledge(OUT).wait(0.2)
    last.release()


if __name__ == "__main__":
    write_pcap(HERE / "careless_endings.pcap", frames())
