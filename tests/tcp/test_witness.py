"""What two files have in common is found whatever their clocks, addresses and order; a repetition is no common packet."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from dicomsniff.capture.block import ORIGIN
from dicomsniff.tcp import witness as module
from dicomsniff.tcp.decode import Decoder
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.witness import Common, Witness
from tests.forge.field import behind_router, sealed, translated, twice
from tests.forge.wire import BACK, OUT, Frame, Wire
from tests.tcp.assembling import block

CLIENT, SERVER = ("10.0.0.1", 40000), ("10.0.0.2", 104)


def _talk(identification: int | None = 1) -> list[Frame]:
    wire = Wire(CLIENT, SERVER).connect().send(OUT, bytes(range(250)) * 40).acknowledge(OUT)
    return sealed(wire.send(BACK, b"answer" * 9).acknowledge(BACK).close().frames, identification)


def _common(*files: Sequence[Frame], witness: Witness | None = None) -> Common:
    witness, decoder = witness or Witness(), Decoder(EndpointBook())
    count = 0
    for place, frames in enumerate(files):
        own = block(list(frames))
        number = count + np.arange(1, len(own) + 1)
        count += len(own)
        of_file = replace(own, number=number, origin=place << ORIGIN | own.number)
        witness.see(decoder.decode(of_file), of_file)
    return witness.common()


def _later(frames: Sequence[Frame], ns: int) -> list[Frame]:
    return [(time + ns, frame) for time, frame in frames]


def test_every_packet_is_found_again_with_both_times() -> None:
    frames = _talk()
    common = _common(frames, behind_router(frames, 3_600_000_000_000))
    assert len(common) == len(frames)
    assert set((common.other_ns - common.one_ns).tolist()) == {3_600_000_000_000}
    assert set(common.one.tolist()) == {0} and set(common.other.tolist()) == {1}


def test_behind_an_address_translation_they_are_the_same_packets() -> None:
    frames = _talk()
    assert len(_common(frames, translated(frames, {CLIENT: ("203.0.113.1", 61000)}))) == len(frames)


def test_files_that_follow_one_another_have_nothing_in_common() -> None:
    frames = _talk()
    assert not len(_common(frames[:9], frames[9:]))
    assert not len(_common(frames))


def test_a_segment_sent_again_in_the_next_file_is_another_packet() -> None:
    frames = [(time, frame) for time, frame in _talk() if len(frame) > 300]
    again = sealed(_later(frames, 300_000_000), 900)
    assert not len(_common(frames, again))


def test_without_identification_what_came_twice_in_one_file_tells_nothing() -> None:
    frames = _talk(None)
    assert not len(_common([*frames, *_later(frames, 300_000_000)], frames))
    assert not _common(frames, frames).telling.any()


def test_mirrored_packets_are_compared_by_their_first_copy() -> None:
    frames = _talk()
    common = _common(twice(frames), _later(twice(frames), 50_000))
    assert set((common.other_ns - common.one_ns).tolist()) == {50_000}
    assert len(common) == len(frames)


def test_a_thinned_sample_is_thinned_alike_in_every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SAMPLE", 20)
    witness = Witness()
    frames = _talk()
    common = _common(frames, _later(frames, 1_000_000), witness=witness)
    assert 0 < len(common) <= 10
    assert len(witness.common()) == len(common)


def test_files_without_a_segment_have_nothing_in_common() -> None:
    assert not len(Witness().common())
