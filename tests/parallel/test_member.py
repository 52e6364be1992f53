"""One follower, spoken to as the crew does."""

import threading
from multiprocessing import Pipe
from pathlib import Path

import pytest

from dicomsniff.capture import open_captures
from dicomsniff.core import LIMITS
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.member import Delivery, follow
from dicomsniff.parallel.part import Outline, load, numbers
from dicomsniff.parallel.shares import Shares
from dicomsniff.parallel.slots import Slots
from dicomsniff.pipeline import Options
from dicomsniff.tcp.sighting import Sighting

SAMPLE = Path(__file__).parents[2] / "sample_captures" / "healthy_study.pcap"


def test_slots_come_back_then_an_outline_then_the_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gc.disable", lambda: None)  # the follower has a process of its own
    own, other = Pipe()
    slots, sighting, shares = Slots.make(1, 1 << 22), Sighting(), Shares(1)
    log = tmp_path / "log"
    member = threading.Thread(target=follow, args=(other, slots.names, Options(fence=False), str(log)))
    member.start()
    with open_captures([SAMPLE], LIMITS) as source:
        for block in source.blocks():
            [parcel] = slots.pack(0, shares.of(sighting.sight(block)))
            own.send(Delivery(parcel, sighting.book.numbered(0)))
            assert own.recv() == 0
    own.send(None)
    outline = own.recv()
    assert isinstance(outline, Outline)
    own.send(numbers([outline])[0])
    done = load(own.recv_bytes(), PayloadStore().adopt(str(log)))
    member.join()
    slots.close(unlink=True)
    assert sorted(conversation.id for conversation, _ in done) == list(range(1, len(done) + 1))
    assert any(associations for _, associations in done)
