"""Encrypted associations: opened from their first byte when their keys come, while they are open and after they ended."""

from pathlib import Path
from unittest.mock import patch

import pytest

pytest.importorskip("cryptography")

from dicomsniff.api import analyze
from dicomsniff.association.values import Association, Kind
from dicomsniff.capture import open_captures
from dicomsniff.core import LIMITS
from dicomsniff.live import patience as module
from dicomsniff.live.follower import Generations, LiveFollower
from dicomsniff.live.keys import GrowingKeys
from dicomsniff.pipeline import Options
from dicomsniff.tcp.sighting import Sighting
from tests.forge.wire import OUT, write_pcap
from tests.test_secured import capture, secret


class Following:
    """A follower of a capture that comes packet by packet."""

    def __init__(self, path: Path, log: Path) -> None:
        sighting = Sighting(LIMITS)
        self.keys = GrowingKeys(log)
        self.follower = LiveFollower(Generations(LIMITS), Options(fence=False, keys=self.keys), sighting.book)
        with open_captures([path]) as source:
            for block in source.blocks():
                self.follower.follow(sighting.sight(block))

    def open(self) -> tuple[Kind, tuple[Association, ...]]:
        [((conversation, associations), _)] = self.follower.open()
        return conversation.kind, associations

    def ended(self) -> tuple[Association, ...]:
        self.follower.finish()
        [(_, associations)] = self.follower.ended()
        return associations


def unfinished(tmp_path: Path, new: bool) -> tuple[Path, Path, int]:
    """A capture that ends in the middle of the conversation, the log of its keys, and how many operations it shows."""
    _, log = capture(tmp_path, secret(new))
    frames = secret(new).talk().frames(OUT)
    half = write_pcap(tmp_path / "half.pcap", frames[: len(frames) * 2 // 3])
    known = analyze(half, keylog=log).associations
    return half, log, len(known[0].exchanges)


@pytest.mark.parametrize("new", [False, True])
def test_an_open_association_is_seen_from_its_beginning_when_the_keys_come_late(tmp_path: Path, new: bool) -> None:
    half, log, operations = unfinished(tmp_path, new)
    keys = log.read_bytes()
    log.unlink()
    following = Following(half, log)
    assert following.open()[1] == () and following.keys.waiting > 0
    log.write_bytes(keys)
    following.follower.learn_keys()
    kind, [association] = following.open()
    assert kind is Kind.DICOM_TLS and association.calling_ae == "CT" and len(association.exchanges) == operations > 1
    assert following.keys.waiting == 0


@pytest.mark.parametrize("new", [False, True])
def test_keys_that_are_written_as_the_connection_ends_are_in_time(tmp_path: Path, new: bool) -> None:
    path, log = capture(tmp_path, secret(new))
    keys = log.read_bytes()
    log.unlink()
    following = Following(path, log)
    log.write_bytes(keys)
    [association] = following.ended()
    assert [e.outcome for e in association.exchanges] == ["completed"] * 4


def test_one_without_keys_is_a_tls_connection_and_waits_within_bounds(tmp_path: Path) -> None:
    half, _, _ = unfinished(tmp_path, True)
    with patch.object(module, "MOST_WAITING", 1000):
        following = Following(half, tmp_path / "none.log")
    assert following.keys.waiting == 0 and following.open()[1] == () and following.ended() == ()
    with patch.object(module, "IN_ALL", 1000):
        assert Following(half, tmp_path / "none.log").keys.waiting == 0
