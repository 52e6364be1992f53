"""What is known only of the whole capture is said in its notes, whoever followed the connections."""

from pathlib import Path

import pytest

from dicomsniff.api import analyze
from tests.forge.wire import write_pcap
from tests.tcp import wrappings

DATA = bytes(range(200)) * 6


@pytest.mark.parametrize("jobs", [1, 2])
def test_fragments_that_contradict_each_other_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr("dicomsniff.api.WORTH_SHARING", 0)
    pieces = wrappings.fragments(wrappings.v4(DATA), 400)
    forged = pieces[1][:-1] + b"?"
    for frames, told in ((pieces, False), ([pieces[0], forged, *pieces[1:]], True)):
        path = write_pcap(tmp_path / "fragments.pcap", [(number * 1000, piece) for number, piece in enumerate(frames)])
        [capture] = analyze(path, jobs=jobs).captures
        assert any("do not agree, which no ordinary host sends: 1;" in note for note in capture.notes) is told
