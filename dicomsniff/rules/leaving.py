"""An association in, who left it and how out: the first of abort, release request and close decides."""

from dicomsniff.association.values import Association, Blind, Outcome, Traffic
from dicomsniff.core import Evidence
from dicomsniff.rules.endings import closing
from dicomsniff.rules.naming import peer


def still_open(association: Association) -> bool:
    """Whether the capture ended before the association did."""
    return association.outcome is Outcome.OPEN or Blind.END in association.blind


def left_by(association: Association) -> str | None:
    """The role that ended the association, None where nobody did or the ending was not seen."""
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


def leaving(association: Association) -> str:
    """ "PACS (10.1.1.5:104) aborted", as a clause."""
    who = left_by(association)
    if still_open(association) or who is None:
        return "the capture ended"
    verb = "aborted" if association.abort else "released" if association.release_request else "closed the connection"
    return f"{peer(association, who)} {verb}"


def rule_of_leaving(association: Association) -> str | None:
    """The rule that judges this ending; None where it was orderly (PS3.8 §7.3, §7.4)."""
    if association.outcome is Outcome.ABORTED and association.abort:
        return "DS-ASSOC-009" if association.abort.source == 2 else "DS-ASSOC-008"
    return "DS-TCP-005" if association.outcome is Outcome.CLOSED else None
