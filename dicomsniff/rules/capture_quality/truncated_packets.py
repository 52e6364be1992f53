"""The capture holds only the beginning of its packets.

What it sees
Packets that carry DICOM, or that may carry it, of which fewer bytes were captured than crossed the wire.

Why it matters
Data sets cannot be decoded or exported, and PDUs can be followed only where their headers survive. Times, windows and
many statuses can still be judged.

Likely causes
1. A snap length of 64, 96 or 128 bytes, the default of old capture tools.
2. A snap length of 1500 on a network with jumbo frames or segmentation offload.

Fix
Capture again with whole packets (`-s 0` in tcpdump and dumpcap).

Could be wrong when
Nothing: the capture itself states both lengths.

Reference
draft-ietf-opsawg-pcap §5
draft-ietf-opsawg-pcapng §4.3
"""

from collections.abc import Sequence

from dicomsniff.association.values import Conversation, Kind, Traffic
from dicomsniff.rules.capture_quality.whole import whole
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import counted
from dicomsniff.rules.rule import DICOM_KINDS, Rule, Thresholds
from dicomsniff.tcp.events import GapCause

_MAYBE = (*DICOM_KINDS, Kind.EMPTY)


def _everything(traffic: Traffic) -> list[tuple[Conversation, ...]]:
    """All conversations as one subject, also where short packets left none."""
    return [traffic.conversations] if any(c.truncated_packets for c in traffic.captures) else whole(traffic)


def check(seen: Sequence[Conversation], traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    cut = [c for c in seen if c.kind in _MAYBE and _truncated(c)]
    if not cut:
        return None if seen else _headless(traffic)
    missing = sum(_truncated(c) for c in cut)
    whole_bytes = missing + sum(c.tcp.to_responder.bytes + c.tcp.to_initiator.bytes for c in cut)
    lengths = {f.snap_length for f in traffic.captures if f.truncated_packets and f.snap_length}
    length = f" at {min(lengths)} bytes" if lengths else ""
    share = 100 * missing / max(1, whole_bytes)
    gaps = [g for c in cut for g in c.gaps if g.cause is GapCause.SNAPLEN][:12]
    return Hit(
        f"Packets cut{length}: {missing} bytes ({share:.0f} %) of {counted(len(cut), 'connection')} are not in the capture. "
        "PDU framing can be followed only where headers survive; data sets are not decodable.",
        packets=tuple(sorted({g.packet for g in gaps})),
        time_ns=min(c.tcp.first_ns for c in cut),
        connection=cut[0].id,
        act=Side.CAPTURE,
        facts={
            "truncated_bytes": missing,
            "share_percent": round(share, 1),
            "snap_lengths": sorted(lengths),
            "connections": [c.id for c in cut[:100]],
        },
    )


def _headless(traffic: Traffic) -> Hit | None:
    """Packets so short that not even a TCP header is whole."""
    packets = sum(c.packets for c in traffic.captures)
    truncated = sum(c.truncated_packets for c in traffic.captures)
    if not truncated:
        return None
    return Hit(
        f"{truncated} of {counted(packets, 'packet')} were cut so short that no TCP header is whole: nothing can be followed.",
        act=Side.CAPTURE,
        facts={"truncated_packets": truncated, "packets": packets},
    )


def _truncated(conversation: Conversation) -> int:
    return conversation.tcp.to_responder.truncated_bytes + conversation.tcp.to_initiator.truncated_bytes


RULE = Rule(
    id="DS-CAP-001",
    name="packets-truncated",
    severity=Severity.WARNING,
    title="Packets cut short by the capture",
    subjects=_everything,
    check=check,
    page=__doc__ or "",
)
