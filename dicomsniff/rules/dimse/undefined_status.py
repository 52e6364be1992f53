"""A response carries a status that its service does not define.

What it sees
A status that neither the tables of the service (PS3.4) nor the general ones (PS3.7 Annex C) list. What it means is taken
from the class that the convention gives to its number: Bxxx warning, Axxx and Cxxx failure, FF0x pending.

Why it matters
A requestor that compares codes instead of classes may take such an answer for a success or for a failure.

Likely causes
1. A code of the vendor's own.
2. A wrong constant in the performing software.

Fix
Look the code up in the vendor's conformance statement. Where the requestor stumbles over it, let it judge by class.

Could be wrong when
Implementations may assign codes of their own in the ranges Axxx, Bxxx and Cxxx; that is why this is never more than a
note.

Reference
PS3.7 Annex C
https://www.manualsdir.com/manuals/38950/agfa-he_001132.html?page=15
"""

from collections.abc import Iterator

from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.dimse.status import describe_status
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import details, peer, performer, side
from dicomsniff.rules.rule import Rule, Thresholds

_ORDINARY = frozenset({None, 0x0000})
_CANCELLED, _MAY_BE_CANCELLED = 0xFE00, frozenset({"C-FIND", "C-GET", "C-MOVE"})


def subjects(traffic: Traffic) -> Iterator[Exchange]:
    """Requests that were answered with anything but success, or cancel where there is one."""
    return (
        e
        for e in traffic.exchanges
        if e.status not in _ORDINARY and (e.status != _CANCELLED or e.service not in _MAY_BE_CANCELLED)
    )


def check(exchange: Exchange, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    status = exchange.status
    if status is None or exchange.service.startswith("0x"):
        return None
    meaning = describe_status(exchange.service, status, exchange.sop_class)
    general = not meaning.text.endswith(f"not defined for {exchange.service}")
    if meaning.defined or (general and status != _CANCELLED):
        return None
    association = traffic.association(exchange.association)
    role, said = performer(exchange), details(exchange)
    return Hit(
        f"{peer(association, role)} returned 0x{status:04X}, which is not defined for {exchange.service}; by its number it "
        f"is of the class {meaning.status_class}{': ' + said if said else ''}.",
        packets_of(exchange.last_response),
        exchange.last_response.first_ns if exchange.last_response else None,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(role),
        actor=peer(association, role),
        key=f"{association.end(role).ip}|{association.called_ae}|{exchange.service}|{status:04X}",
        facts={
            "status": f"0x{status:04X}",
            "status_class": meaning.status_class,
            "service": exchange.service,
            "sop_class": exchange.sop_class,
            "error_comment": exchange.error_comment,
        },
    )


RULE = Rule(
    id="DS-DIMSE-009",
    name="status-not-defined",
    severity=Severity.NOTE,
    title="Status that the service does not define",
    subjects=subjects,
    check=check,
    page=__doc__,
)
