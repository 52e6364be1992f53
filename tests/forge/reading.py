"""Forged frames in, the traffic that dicomsniff makes of them out, through every room on the way."""

import tempfile
from collections.abc import Iterable
from operator import itemgetter
from pathlib import Path

from dicomsniff.association.values import Traffic
from dicomsniff.capture import open_captures
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.pipeline import Options, Pipeline
from tests.forge.wire import Frame, pcap_head, pcap_record


def traffic_of(*frames: Iterable[Frame]) -> Traffic:
    """The traffic of these connections, their packets in the order of time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "forged.pcap"
        ordered = sorted((frame for some in frames for frame in some), key=itemgetter(0))
        path.write_bytes(pcap_head() + b"".join(pcap_record(frame) for frame in ordered))
        with PayloadStore() as store, open_captures([path]) as source:
            return Pipeline(source, store, Options(fence=False)).run()
