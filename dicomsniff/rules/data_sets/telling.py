"""A fault in data sets in, how a finding tells it out: where it lies, how often, who sent it, who must act."""

from dicomsniff.association.objects import Contents, Group, contents
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.dimse.inspection import DataFault, Fault
from dicomsniff.rules.data_sets.blame import followed
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import brief, counted, peer, side
from dicomsniff.rules.rule import Among

CONSEQUENCES = ("DS-STORE-002", "DS-ASSOC-008", "DS-ASSOC-009", "DS-ASSOC-014", "DS-TCP-005", "DS-RET-006")
"""What may follow from a fault of an object: its receiver refuses it or leaves, and the retrieve that it was for fails."""
_HARMLESS_TAGS = frozenset({0x00080005})


def groups(traffic: Traffic, *kinds: Fault) -> Among[Group]:
    """The faults of these kinds among all data sets that were looked at."""
    made = contents(traffic)
    return Among(made.inspected, made.of(*kinds))


def named(tag: int | None, keyword: str) -> str:
    """ "PatientName (0010,0010)"."""
    if tag is None:
        return "the data set"
    shown = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
    return f"{keyword} {shown}" if keyword else shown


def quoted(fault: DataFault) -> str:
    """The value, marked as a patient's unless it is a UID or says nothing about a person."""
    value = (fault.value or "").replace("⟦", "").replace("⟧", "")
    return f"'{value}'" if fault.kind is Fault.UID or fault.tag in _HARMLESS_TAGS else f"'⟦{value}⟧'"


def subject(exchange: Exchange, where: str) -> str:
    """What holds the fault, for a reader."""
    if where == "object":
        return f"{brief(exchange.sop_class)} {exchange.sop_instance or 'without instance UID'}"
    if where == "command":
        return f"the command of {exchange.service} {exchange.message_id}"
    return f"a {exchange.service} {where}"


def repeated(group: Group, made: Contents) -> str:
    """ " (in 12 objects of this association)"."""
    if group.count < 2:
        return ""
    noun = "object" if group.where == "object" else group.where if group.where != "command" else "command"
    least = "at least " if made.hasty else ""
    return f" ({least}{counted(group.count, noun)} of this association)"


def group_hit(traffic: Traffic, group: Group, message: str, severity: Severity, **facts: object) -> Hit:
    """A finding on one group: the side that sent the data set must act."""
    association, exchange, fault = traffic.association(group.association), group.exchange, group.fault
    seen = exchange.first_response if group.where == "response" else exchange.request
    consequences = followed(traffic, group)
    return Hit(
        message,
        packets_of(seen, exchange.final if group.where != "response" else None),
        seen.first_ns if seen else None,
        severity,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        tells_of=tuple(dict.fromkeys((exchange.id, *consequences))),
        explained=consequences,
        act=side(group.role),
        actor=peer(association, group.role),
        key=f"{association.end(group.role).ip}|{group.where}|{fault.tag}|{fault.kind}|{severity}",
        facts={
            "tag": None if fault.tag is None else f"{fault.tag:08X}",
            "keyword": fault.keyword or None,
            "offset": fault.offset,
            "in": group.where,
            "count": group.count,
            "failed": group.failed,
            "sop_class": exchange.sop_class,
            "instances": group.instances,
            "transfer_syntax": exchange.transfer_syntax,
            "calling_ae": association.calling_ae,
            "called_ae": association.called_ae,
            "host": association.end(group.role).ip,
        }
        | facts,
    )
