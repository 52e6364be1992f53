"""What an association says in, the traffic that the whole pipeline makes of its packets out."""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dicomsniff
from dicomsniff.association.values import Traffic
from tests.forge.dialogue import Dialogue, Proposal
from tests.forge.wire import Frame, Wire, pcap_head, pcap_record

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
VERIFICATION = "1.2.840.10008.1.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
STUDY_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
ALL = (VERIFICATION, CT, STUDY_FIND)


def traffic_of(
    talk: Callable[[Dialogue], Any], *classes: str, syntax: str = IMPLICIT, end: str = "release", called: str = "PACS"
) -> Traffic:
    """The traffic of one association in which `talk` spoke; `end`: "release", "" (it stays open)."""
    stream = io.BytesIO(pcap_head())
    stream.seek(0, io.SEEK_END)

    def write(frame: Frame) -> None:
        stream.write(pcap_record(frame))

    wire = Wire(("10.0.0.1", 40000), ("10.0.0.2", 104), start_ns=1_700_000_000_000_000_000, emit=write)
    proposals: list[Proposal] = [(abstract, (syntax,), 0) for abstract in classes or ALL]
    dialogue = Dialogue(wire, "CT01", called, *proposals).request().accept()
    talk(dialogue)
    if end == "release":
        dialogue.release()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "c.pcap")
        path.write_bytes(stream.getvalue())
        return dicomsniff.analyze(path, rules=False).traffic
