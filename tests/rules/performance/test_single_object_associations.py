"""An association for each object."""

import tempfile
from pathlib import Path

from dicomsniff.api import analyze
from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Side
from dicomsniff.rules.performance.single_object_associations import RULE
from tests.captures import real
from tests.forge.dialogue import Dialogue, data_set
from tests.forge.traffic import CT, IMPLICIT, TrafficForge
from tests.forge.wire import Wire, write_pcap
from tests.rules.applying import hits, is_quiet


@real.here
def test_fires_on_twelve_associations_for_twelve_images() -> None:
    [told] = hits(RULE, real.analysis("association_per_image").traffic)
    assert told.act is Side.REQUESTOR and told.facts["count"] == 12
    assert "12 objects of study" in told.message


def test_is_quiet_where_few_associations_carry_one_object_and_where_one_carries_many() -> None:
    forge = TrafficForge()
    for _ in range(4):
        forge.exchange(forge.association(), "C-STORE", status=0)
    many = forge.association()
    for _ in range(20):
        forge.exchange(many, "C-STORE", status=0)
    assert is_quiet(RULE, forge.traffic())


def spread(pause: float) -> Traffic:
    """Twelve associations for twelve objects of a study, so far apart."""
    wires = []
    for number in range(12):
        start_ns = 1_700_000_000_000_000_000 + int(number * pause * 1e9)
        wire = Wire(("10.0.0.1", 40000 + number), start_ns=start_ns, round_trip_ns=50_000_000)
        body = data_set(SOPInstanceUID=f"1.2.3.{number}", StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.4")
        talk = Dialogue(wire, "CT01", "PACS", (CT, (IMPLICIT,), 0)).request().accept(0.05)
        talk.store(CT, f"1.2.3.{number}", body).release()
        wires.append(wire)
    return traffic_of(*wires)


def traffic_of(*wires: Wire) -> Traffic:
    with tempfile.TemporaryDirectory() as folder:
        frames = sorted(frame for wire in wires for frame in wire.frames)
        return analyze(write_pcap(Path(folder, "c.pcap"), frames), rules=False).traffic


def test_who_sends_each_image_as_it_is_made_has_reason_to() -> None:
    assert hits(RULE, spread(2)) and is_quiet(RULE, spread(120))
