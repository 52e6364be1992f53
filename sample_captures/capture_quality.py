"""What a capture does not show, or shows as it never was. `python -m sample_captures.capture_quality` rebuilds it.

The capture begins in the middle of an association of MR02. It misses a packet of CT01 that the archive received. It holds
only what US01 sends. A port mirrored twice doubles a conversation of WS09.
"""

from pathlib import Path

from tests.forge.field import sealed, twice
from tests.forge.hospital import ARCHIVE, CT, CT01, MR, MR02, US, US01, WS09, Device, Hospital, image, uid
from tests.forge.pdus import VERIFICATION
from tests.forge.wire import Frame, write_pcap

HERE = Path(__file__).parent


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    running = spoken(hospital, MR02, 0, MR, 1)
    hospital.add(running[7:])
    lost = spoken(hospital, CT01, 10, CT, 11)
    [first, *_] = [place for place, (_, frame) in enumerate(lost) if len(frame) > 1_000]
    hospital.add(lost[: first + 1] + lost[first + 2 :])
    hospital.add([frame for frame in spoken(hospital, US01, 20, US, 21) if sender(frame) == US01.ip])
    doubled = hospital.talk(WS09, ARCHIVE, 30, VERIFICATION, emit=None).echo().release().wire.frames
    hospital.add(twice(sealed(doubled)))
    return hospital.frames


def spoken(hospital: Hospital, client: Device, second: float, sop_class: str, number: int) -> list[Frame]:
    """Two images, the second large enough for several packets."""
    talk = hospital.talk(client, ARCHIVE, second, sop_class, emit=None).store(
        sop_class, uid(number), image(sop_class, number)
    )
    large = image(sop_class, number + 1, Rows=64, Columns=64, PixelData=bytes(64 * 64))
    return talk.store(sop_class, uid(number + 1), large).release().wire.frames


def sender(frame: Frame) -> str:
    return ".".join(str(byte) for byte in frame[1][26:30])


if __name__ == "__main__":
    write_pcap(HERE / "capture_quality.pcap", frames())
