"""A second association was requested on a TCP connection that had carried one already.

What it sees
Another A-ASSOCIATE-RQ on one TCP connection, with no new SYN and no FIN or RST before it.

Why it matters
The standard allows one association per connection. Some servers bear with it; others abort, or never answer.

Likely causes
1. The requestor's library reuses its socket.
2. A proxy or connection pool between the two keeps connections open.

Fix
Let the requestor open a new TCP connection for each association, and close it after the release.

Could be wrong when
The same port numbers are used again for a new connection whose handshake was not captured: where bytes between the two
are missing, or TCP was closed, nothing is claimed.

Reference
PS3.8 §9.1.1
https://github.com/fo-dicom/fo-dicom/issues/896
"""

from collections.abc import Iterator

from dicomsniff.association.values import Association, Conversation, Traffic
from dicomsniff.core import Evidence
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, packets_of
from dicomsniff.rules.harm import came_to_grief
from dicomsniff.rules.naming import counted, peer, side
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.tcp.events import Closing, GapCause


def reused(traffic: Traffic) -> Iterator[Conversation]:
    """Connections that carried more than one association."""
    return (c for c in traffic.conversations if len(c.associations) > 1)


def check(conversation: Conversation, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    made = [traffic.association(id) for id in conversation.associations]
    later = [a for a in made[1:] if a.request is not None]
    if not later:
        return None
    first, request = made[0], later[0].request
    if request is None or _parted(conversation, first, request.evidence):
        return Inconclusive("the connection may have been closed and opened again where the capture has a hole")
    return _hit(conversation, first, later)


def _parted(conversation: Conversation, first: Association, request: Evidence) -> bool:
    """Whether the two may lie on different connections between the same ports."""
    if any(_closed_before(c, request) for c in conversation.tcp.closings):
        return True
    since = first.request.evidence.end if first.request else 0
    return any(
        gap.direction is request.direction and gap.cause is not GapCause.SNAPLEN and since <= gap.start < request.end
        for gap in conversation.gaps
    )


def _closed_before(closing: Closing, request: Evidence) -> bool:
    """Whether this side closed the connection before the request was sent: by their places in one stream, by what TCP
    had confirmed, or by the order of the packets."""
    if closing.direction is request.direction and closing.offset is not None:
        return closing.offset <= request.start
    confirmed = closing.offset is not None and request.heard > closing.offset
    return confirmed or closing.packet < request.first_packet


def _hit(conversation: Conversation, first: Association, later: list[Association]) -> Hit:
    second = later[0]
    bad = [a for a in later if came_to_grief(a)]
    shown = bad[0] if bad else second
    ends = (first.release_response, first.reject, first.accept)
    before = next((pdu.evidence for pdu in ends if pdu is not None), None)
    came = f"It came to nothing: {shown.outcome}." if bad else "The acceptor bore with it."
    sender = peer(second, "requestor")
    return Hit(
        f"{sender} reuses one TCP connection to {second.acceptor} for {counted(len(later) + 1, 'association')}; the "
        f"standard allows one per connection. {came}",
        packets_of(
            first.request.evidence if first.request else None, before, *(a.request.evidence for a in later if a.request)
        ),
        second.first_ns,
        None if bad else Severity.WARNING,
        connection=conversation.id,
        association=shown.id,
        act=side("requestor"),
        actor=sender,
        key=f"{second.requestor.ip}|{second.acceptor}|{second.calling_ae}|{shown.outcome if bad else ''}",
        facts={
            "associations": [first.id, *(a.id for a in later)][:100],
            "calling_ae": second.calling_ae,
            "called_ae": second.called_ae,
            "host": second.acceptor.ip,
            "port": second.acceptor.port,
        },
    )


RULE = Rule(
    id="DS-ASSOC-013",
    name="second-association-on-connection",
    severity=Severity.ERROR,
    title="Second association on one TCP connection",
    subjects=reused,
    check=check,
    page=__doc__ or "",
    hides=("DS-ASSOC-006", "DS-ASSOC-007", "DS-ASSOC-009", "DS-TCP-005"),
)
