"""C-MOVEs that go wrong, each at another workstation. `python -m sample_captures.retrieves` rebuilds it.

The archive does not know a destination; cannot reach one; delivers to the address that a workstation had before; is rejected by
one; is refused the contexts by one; runs into a full disk at one. One asks for nothing, one is told counters that do not add
up, one gives up after thirty seconds while images still come, and one is answered before anything was delivered.
"""

from pathlib import Path

from tests.forge.dialogue import MOVE, Dialogue, data_set
from tests.forge.hospital import ARCHIVE, CT, ROOT, STUDY_MOVE, Device, Hospital, image, uid
from tests.forge.pdus import IMPLICIT_LITTLE
from tests.forge.wire import OUT, Frame, write_pcap

HERE = Path(__file__).parent
IMPLICIT = (IMPLICIT_LITTLE,)
COUNTERS = ("Remaining", "Completed", "Failed", "Warning")


class Retrieve:
    """A study that a workstation asks for at a second of its own."""

    def __init__(self, hospital: Hospital, number: int, destination: str = "") -> None:
        self.hospital, self.number, self.second = hospital, number, 100 * number
        self.station = Device(f"WS{number + 10}", f"192.168.11.{number + 10}")
        self.talk = hospital.talk(self.station, ARCHIVE, self.second, STUDY_MOVE)
        keys = data_set(QueryRetrieveLevel="STUDY", StudyInstanceUID=f"{ROOT}.{number}")
        self.talk.ask(MOVE, STUDY_MOVE, keys, MoveDestination=destination or self.station.title)

    def deliver(self, after: float, *classes: tuple[str, tuple[str, ...], int] | str, ip: str = "") -> Dialogue:
        """The association that the archive is about to request."""
        target = self.station._replace(ip=ip or self.station.ip)
        return self.hospital.call(ARCHIVE, target, self.second + after, *(classes or (CT,)))

    def send(self, delivery: Dialogue, place: int, status: int = 0, wait: float = 0.0) -> None:
        """One image of the study."""
        instance = 100 * self.number + place
        study = {"StudyInstanceUID": f"{ROOT}.{self.number}", "SeriesInstanceUID": f"{ROOT}.{self.number}.1"}
        delivery.wire.wait(wait)
        delivery.store(CT, uid(instance), image(CT, instance, **study), status, origin=(self.station.title, 1))

    def answer(self, status: int, after: float, *counts: int | None, data: bytes | None = None) -> Dialogue:
        """A response with its counters."""
        named = zip(COUNTERS, counts, strict=False)
        counters = {f"NumberOf{name}Suboperations": count for name, count in named if count is not None}
        return self.talk.answer(MOVE, STUDY_MOVE, status, data, after, **counters)


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    Retrieve(hospital, 0, "WS_10").answer(0xA801, 0.01).release()
    unreachable = Retrieve(hospital, 1)
    hospital.refused(ARCHIVE, unreachable.station.listener, 100.1)
    unreachable.answer(0xA702, 0.5, None, 0, 2, 0).release()
    _elsewhere(Retrieve(hospital, 2))
    rejected = Retrieve(hospital, 3)
    rejected.deliver(0.1).request().reject(1, 1, 3)
    rejected.answer(0xA702, 0.5, None, 0, 2, 0).release()
    refused = Retrieve(hospital, 4)
    refused.deliver(0.1, (CT, IMPLICIT, 3)).request().accept().release()
    refused.answer(0xA702, 0.5, None, 0, 2, 0).release()
    _incomplete(Retrieve(hospital, 5))
    Retrieve(hospital, 6).answer(0, 0.01, None, 0, 0, 0).release()
    _miscounted(Retrieve(hospital, 7))
    _given_up(Retrieve(hospital, 8))
    _early(Retrieve(hospital, 9))
    return hospital.frames


def _elsewhere(retrieve: Retrieve) -> None:
    """The archive's table still has the workstation's old address, where another one takes the images."""
    delivery = retrieve.deliver(0.1, ip="192.168.11.99").request().accept()
    retrieve.send(delivery, 1)
    delivery.release()
    retrieve.answer(0, 0.5, None, 1, 0, 0).release()


def _incomplete(retrieve: Retrieve) -> None:
    """The second image does not fit on the workstation's disk."""
    delivery = retrieve.deliver(0.1).request().accept()
    retrieve.send(delivery, 1)
    retrieve.send(delivery, 2, 0xA700)
    delivery.release()
    failed = data_set(FailedSOPInstanceUIDList=[uid(502)])
    retrieve.answer(0xB000, 0.5, None, 1, 1, 0, data=failed).release()


def _miscounted(retrieve: Retrieve) -> None:
    """Of two images the archive counts three."""
    delivery = retrieve.deliver(0.1).request().accept()
    retrieve.send(delivery, 1)
    retrieve.send(delivery, 2)
    delivery.release()
    retrieve.answer(0xFF00, 0.15, 1, 1, 0, 0)
    retrieve.answer(0, 0.3, None, 3, 0, 0).release()


def _given_up(retrieve: Retrieve) -> None:
    """Four images, ten seconds apart."""
    delivery = retrieve.deliver(0.1).request().accept()
    for place in range(1, 5):
        retrieve.send(delivery, place, wait=10)
    delivery.release()
    retrieve.talk.wire.acknowledge(OUT).wait(30)
    retrieve.talk.abort(OUT)


def _early(retrieve: Retrieve) -> None:
    """The images come three seconds after the answer."""
    retrieve.answer(0, 0.01, None, 2, 0, 0).release()
    delivery = retrieve.deliver(3).request().accept()
    retrieve.send(delivery, 1)
    retrieve.send(delivery, 2)
    delivery.release()


if __name__ == "__main__":
    write_pcap(HERE / "retrieves.pcap", frames())
