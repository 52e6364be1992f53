"""A line that carries 90 kB a second, and is the limit. `python -m sample_captures.slow_network` rebuilds it."""

from pathlib import Path

from sample_captures.slow_associations import in_pieces, narrow
from tests.forge.hospital import Hospital
from tests.forge.wire import Frame, write_pcap

HERE = Path(__file__).parent


def frames() -> list[Frame]:
    """Every packet in the order of time: three images of 25 full segments, 16 ms apart."""
    hospital = Hospital()
    in_pieces(hospital, 1, 25, 3, lambda wire, place: narrow(wire, 0.016))
    return hospital.frames


if __name__ == "__main__":
    write_pcap(HERE / "slow_network.pcap", frames())
