"""Options of packet blocks: where each packet's options lie in, comments and drop counts to the file's tally out."""

import numpy as np

from dicomsniff.capture import pcapng_blocks
from dicomsniff.capture.block import I64
from dicomsniff.capture.distinct import distinct
from dicomsniff.capture.tally import Tally
from dicomsniff.capture.ticks import U64
from dicomsniff.capture.window import Window, gather

OPTIONS = 64
"""Options read per packet; Wireshark knows nine kinds, only comments may be repeated."""
UNKNOWN_DROPS = 0xFFFF
"""drops_count of an obsolete Packet Block whose writer did not know."""


def read_packet_options(window: Window, order: str, rows: I64, tally: Tally) -> None:
    """Reads the options that lie in [start, end) of the window for each row.

    `rows` has shape (5, n): start, end, packet number, interface (counted across sections), 1 for an Enhanced Packet
    Block. All packets take a step together, so that a writer who gives every packet its flags costs no time.
    """
    for _ in range(OPTIONS):
        rows = rows[:, rows[0] + 4 <= rows[1]]
        if not rows.shape[1]:
            return
        code, length = gather(window.padded, rows[0], 4).view(order + "u2").T.astype(np.int64)
        fits = (code != 0) & (rows[0] + 4 + length <= rows[1])
        rows, code, length = rows[:, fits], code[fits], length[fits]
        _comments(window, rows[:, code == pcapng_blocks.COMMENT], length[code == pcapng_blocks.COMMENT], tally)
        counted = (code == pcapng_blocks.EPB_DROPCOUNT) & (length >= 8) & (rows[4] == 1)
        if counted.any():
            lost = gather(window.padded, rows[0, counted] + 4, 8).view(order + "u8")[:, 0]
            count_drops(tally, rows[3, counted], lost.astype(np.uint64))
        rows = rows.copy()
        rows[0] += 4 + (length + 3 & ~3)


def count_drops(tally: Tally, interfaces: I64, lost: I64 | U64) -> None:
    """Adds `lost` packets to each interface (both shape (n,)); a count of none is known to be none."""
    for interface in distinct(interfaces).tolist():
        tally.counted_drops.setdefault(interface, 0)
    some = lost > 0
    for interface, count in zip(interfaces[some].tolist(), lost[some].tolist(), strict=True):
        tally.counted_drops[interface] += count


def _comments(window: Window, rows: I64, lengths: I64, tally: Tally) -> None:
    for start, number, length in zip(rows[0].tolist(), rows[2].tolist(), lengths.tolist(), strict=True):
        tally.comment(number, pcapng_blocks.text(window.view[start + 4 : start + 4 + length]))
