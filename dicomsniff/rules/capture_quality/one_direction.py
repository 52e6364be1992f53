"""Only one direction of a connection was captured.

What it sees
A DICOM connection with data in one direction and not a single packet of the other.

Why it matters
No response, no negotiation and no time can be judged: a missing answer proves nothing here. Rules that argue from what
was not seen answer "could not tell".

Likely causes
1. The mirror port copies only what is received, or only one of two ports.
2. The route is asymmetric, or a link aggregate spreads the directions over two cables.
3. A capture filter with a source or destination address only.

Fix
Mirror both directions of all ports concerned, and filter by host without direction.

Could be wrong when
The capture was cut into files by direction: give both files together.

Reference
RFC 9293 §3.4
"""

from dicomsniff.association.values import Conversation, Traffic
from dicomsniff.core import DIRECTIONS
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import counted
from dicomsniff.rules.rule import DICOM_KINDS, Rule, Thresholds


def dicom(traffic: Traffic) -> list[Conversation]:
    return [c for c in traffic.conversations if c.kind in DICOM_KINDS]


def check(conversation: Conversation, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    tcp = conversation.tcp
    for seen in DIRECTIONS:
        facts = tcp.facts(seen)
        if facts.data_packets and not tcp.facts(seen.opposite).packets:
            sender, receiver = tcp.sender(seen), tcp.receiver(seen)
            return Hit(
                f"Only {sender.ip} -> {receiver.ip} was captured ({counted(facts.packets, 'packet')} of connection "
                f"{sender} -> {receiver}, none back): no response, timing or negotiation rule can run.",
                packets=tuple(sorted({tcp.first_packet, tcp.last_packet})),
                time_ns=tcp.first_ns,
                connection=conversation.id,
                act=Side.CAPTURE,
                key=f"{sender.ip} {receiver.ip}",
                facts={"from": sender.ip, "to": receiver.ip, "packets": facts.packets},
            )
    return None


RULE = Rule(
    id="DS-CAP-003",
    name="one-direction-only",
    severity=Severity.WARNING,
    title="One direction only",
    subjects=dicom,
    check=check,
    page=__doc__ or "",
)
