"""A capture whose beginning is one conversation is told from one of several."""

from pathlib import Path

import pytest

from dicomsniff.core import LIMITS
from dicomsniff.parallel.lone import one_conversation
from tests.forge.dialogue import Dialogue, data_set
from tests.forge.pdus import IMPLICIT_LITTLE
from tests.forge.wire import Frame, Wire, pcap_head, pcap_record

CT = "1.2.840.10008.5.1.4.1.1.2"


def written(path: Path, *sizes: int) -> str:
    """A capture of associations, one after the other, each with an object of so many bytes."""
    frames: list[Frame] = []
    for number, size in enumerate(sizes):
        wire = Wire(("10.0.0.1", 40_000 + number), ("10.0.0.2", 104), emit=frames.append)
        dialogue = Dialogue(wire, "A", "B", (CT, (IMPLICIT_LITTLE,), 0)).request().accept()
        dialogue.store(CT, f"1.2.{number + 1}", data_set(PatientName="A^B", TextValue="x" * size)).release()
    path.write_bytes(pcap_head() + b"".join(map(pcap_record, frames)))
    return str(path)


@pytest.mark.parametrize(
    ("sizes", "one"),
    [((100_000,), True), ((1_000_000, 1_000), True), ((100_000, 100_000), False), ((1000,) * 20, False)],
)
def test_one_conversation_that_is_nearly_everything_is_found(sizes: tuple[int, ...], one: bool, tmp_path: Path) -> None:
    assert one_conversation(written(tmp_path / "a.pcap", *sizes), LIMITS) is one


def test_a_capture_without_packets_is_no_conversation(tmp_path: Path) -> None:
    (tmp_path / "a.pcap").write_bytes(pcap_head())
    assert not one_conversation(str(tmp_path / "a.pcap"), LIMITS)
