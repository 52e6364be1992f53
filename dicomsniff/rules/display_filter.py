"""Connections and packet numbers in, a Wireshark display filter out."""

from collections.abc import Collection, Sequence


def display_filter(tcp_streams: Collection[int], packets: Sequence[int]) -> str:
    """A filter that shows exactly the packets of a finding: `tcp.stream eq 3 and frame.number in {18, 21}`.

    Packets of several connections are named by number alone; "" where there is nothing to name.
    """
    frames = _frames(packets)
    if len(tcp_streams) != 1:
        return frames
    (stream,) = tcp_streams
    return f"tcp.stream eq {stream} and {frames}" if frames else f"tcp.stream eq {stream}"


def _frames(packets: Sequence[int]) -> str:
    if not packets:
        return ""
    return (
        f"frame.number eq {packets[0]}" if len(packets) == 1 else f"frame.number in {{{', '.join(map(str, packets))}}}"
    )
