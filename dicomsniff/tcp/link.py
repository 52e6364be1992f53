"""Link-layer headers in columns: where the IP header of each packet begins, and which rows need a closer look."""

from functools import reduce
from operator import or_

import numpy as np
import numpy.typing as npt

from dicomsniff.capture.window import gather
from dicomsniff.tcp.segments import I64, U8
from dicomsniff.tcp.shims import IPV4, IPV6, VLAN_TYPES

ETHERNET, RAW, NULL, LOOP, SLL, SLL2 = 1, 101, 0, 108, 113, 276
RAW_TYPES = (RAW, 12, 14, 228, 229)  # LINKTYPE_RAW, two BSD spellings of it, LINKTYPE_IPV4, LINKTYPE_IPV6
DEEPEST_VLAN = 4


def big_endian_16(data: U8, at: I64) -> I64:
    """The 16-bit numbers at these offsets; callers have checked that they lie inside the buffer."""
    return gather(data, at, 2).view(">u2").ravel().astype(np.int64)


def is_any_of(column: I64, values: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Which rows have one of a few values; `numpy.isin` takes five times as long."""
    return reduce(or_, [column == value for value in values])


def network_headers(link_type: int, data: U8, offset: I64, end: I64) -> tuple[I64, I64]:
    """For packets of one link type at `offset`..`end`: where the network header begins and its EtherType.

    Both int64 of shape (n,); an EtherType of 0 marks a row that is too short or of another kind.
    """
    match link_type:
        case 1:
            return _typed(data, offset + 12, offset + 14, end)
        case 113:
            return _typed(data, offset + 14, offset + 16, end)
        case 276:
            return _typed(data, offset, offset + 20, end)
        case 0 | 108:
            return _by_version(data, offset + 4, end)
        case raw if raw in RAW_TYPES:
            return _by_version(data, offset, end)
        case _:
            return offset, np.zeros(len(offset), np.int64)


def _typed(data: U8, type_at: I64, header: I64, end: I64) -> tuple[I64, I64]:
    fits = header < end
    if fits.all():
        ether = big_endian_16(data, type_at)
    else:
        ether = np.zeros(len(header), np.int64)
        ether[fits] = big_endian_16(data, type_at[fits])
    if len(ether) and ether[0] not in VLAN_TYPES and (ether == ether[0]).all():
        return header, ether
    for _ in range(DEEPEST_VLAN):
        tagged = np.flatnonzero(is_any_of(ether, VLAN_TYPES) & (header + 4 < end))
        if not len(tagged):
            break
        header = header.copy()
        ether[tagged] = big_endian_16(data, header[tagged] + 2)
        header[tagged] += 4
    return header, ether


def _by_version(data: U8, header: I64, end: I64) -> tuple[I64, I64]:
    fits = header < end
    version = np.zeros(len(header), np.int64)
    version[fits] = data[header[fits]] >> 4
    return header, np.where(version == 4, IPV4, np.where(version == 6, IPV6, 0))
