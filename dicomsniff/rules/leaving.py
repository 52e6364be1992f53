"""An association in, who left it and how out: the first of abort, release request and close decides.

The packet that ended it need not come from the side that it names: something between the two may have sent it, a packet that the
capture missed may have come before it, or a proxy may only have passed on what happened on its other side.
"""

from dicomsniff.association.values import Association, Blind, Outcome, Traffic
from dicomsniff.core import Evidence
from dicomsniff.rules.endings import closer_unseen, closing, tail_unseen
from dicomsniff.rules.naming import peer
from dicomsniff.tcp.events import GapCause
from dicomsniff.tcp.segment_facts import Reset


def still_open(association: Association) -> bool:
    """Whether the capture ended before the association did."""
    return association.outcome is Outcome.OPEN or Blind.END in association.blind


def foreign_reset(association: Association, traffic: Traffic) -> Reset | None:
    """The reset that ended the association where another box than the host must have sent it."""
    cut = None if departures(association) else closing(association, traffic)
    if cut is None:
        return None
    resets = traffic.conversation(association.connection).tcp.path.resets
    return next((r for r in resets if r.packet == cut.packet and r.foreign), None)


def doubt(association: Association, traffic: Traffic) -> str | None:
    """What leaves open which of the two ended the association, as a clause; None where that is known or nobody did."""
    conversation, ender = traffic.conversation(association.connection), left_by(association)
    if conversation.relays is not None and ender == "requestor":
        return (
            f"{association.requestor.ip} may be a proxy that passed on, or did to both sides, what happened on connection "
            f"{conversation.relays}"
        )
    if ender is None or departures(association):
        return None
    if tail_unseen(association, traffic):
        return "bytes before its end were not captured, and an abort or a release may be among them"
    if closer_unseen(association, traffic):
        return "both sides closed the connection, but one FIN was not captured"
    return _doubt_of_reset(association, traffic)


def _doubt_of_reset(association: Association, traffic: Traffic) -> str | None:
    """A reset bears the address of one side whoever sent it (RFC 9293 §3.10.7)."""
    cut, conversation = closing(association, traffic), traffic.conversation(association.connection)
    if cut is None or cut.kind != "rst" or foreign_reset(association, traffic) is not None:
        return None
    told = next((r for r in conversation.tcp.path.resets if r.packet == cut.packet), None)
    if told is not None and told.header.ttl not in told.other_ttls:
        return "no other packet that was captured shows from how far away that side sends, so that a device in between may have reset it"
    if any(c.kind == "rst" and c.direction is not cut.direction for c in conversation.tcp.closings):
        return "both sides were reset in the other's name, as a device in between does"
    if any(gap.cause is GapCause.LOST for gap in conversation.gaps):
        return "packets of the connection were not captured, and a reset of the other side may be among them"
    return None


def who_left(association: Association, traffic: Traffic) -> str | None:
    """The role that ended the association, None where nobody did, the ending was not seen, or who did it is open."""
    if foreign_reset(association, traffic) is not None or doubt(association, traffic) is not None:
        return None
    return left_by(association)


def left_by(association: Association) -> str | None:
    """The role that seems to have ended the association, None where nobody did or the ending was not seen."""
    if association.abort:
        return association.role(association.abort.evidence.direction)
    if association.release_request:
        return association.role(association.release_request.evidence.direction)
    return None if association.closed_by is None else association.role(association.closed_by)


def left_ns(association: Association, traffic: Traffic) -> int:
    """When it was ended: by abort or release request, else by the first FIN or RST."""
    times = [e.first_ns for e in departures(association)]
    if not times and (last := closing(association, traffic)) is not None:
        return last.time_ns
    return min(times, default=association.last_ns)


def departures(association: Association) -> tuple[Evidence, ...]:
    """The bytes of abort and release request, as far as there are any."""
    ends = (association.abort, association.release_request)
    return tuple(end.evidence for end in ends if end)


def leaving(association: Association, traffic: Traffic) -> str:
    """ "PACS (10.1.1.5:104) aborted", as a clause."""
    seems = left_by(association)
    if still_open(association) or seems is None:
        return "the capture ended"
    if foreign_reset(association, traffic) is not None:
        return "a device in between reset the connection"
    who = who_left(association, traffic)
    if association.abort:
        return f"{peer(association, who)} aborted" if who else "the association was aborted"
    if association.release_request:
        return f"{peer(association, seems)} released"
    return f"{peer(association, who)} closed the connection" if who else "the connection was closed"


def rule_of_leaving(association: Association) -> str | None:
    """The rule that judges this ending; None where it was orderly (PS3.8 §7.3, §7.4)."""
    if association.outcome is Outcome.ABORTED and association.abort:
        return "DS-ASSOC-009" if association.abort.source == 2 else "DS-ASSOC-008"
    return "DS-TCP-005" if association.outcome is Outcome.CLOSED else None
