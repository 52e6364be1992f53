"""A fault of data sets in, what came to nothing because of it out: a fault that the same receiver bore with elsewhere is no
reason, and what a status gives another reason for does not follow from it."""

from dicomsniff.association.index import once
from dicomsniff.association.objects import Differing, Group, Missing, contents
from dicomsniff.association.values import Exchange, ExchangeOutcome, Traffic
from dicomsniff.core.patterns import pattern
from dicomsniff.dimse.inspection import Fault
from dicomsniff.rules.leaving import left_by

Faulty = Group | Differing | Missing
_DIGITS = pattern(r"\d+")
_NOT_OF_THE_DATA = frozenset({0x0111, 0x0118, 0x0122, 0x0124, 0x0210, 0x0211, 0x0212, 0x0213})
"""There is one of this UID already; the class, the caller or the operation is not permitted; no room (PS3.7 §C.5)."""
_FAILED = frozenset({ExchangeOutcome.FAILED, ExchangeOutcome.UNANSWERED, ExchangeOutcome.INCOMPLETE})


def of_the_data(status: int | None) -> bool:
    """Whether a failure with this status may lie in the data set; out of resources (A7xx, PS3.4 §B.2.3) is another matter."""
    return status is not None and status not in _NOT_OF_THE_DATA and not 0xA700 <= status <= 0xA7FF


def refused_for(traffic: Traffic, one: Faulty) -> tuple[int, ...]:
    """The operations that were refused, as far as is known because of this fault."""
    if _kind(traffic, one) in _borne(traffic):
        return ()
    return tuple(id for id in one.failures if of_the_data(traffic.exchange(id).status))


def followed(traffic: Traffic, one: Faulty) -> tuple[int, ...]:
    """All exchanges that came to nothing because of it: those refused, the retrieves that failed by them alone, and the
    first with the fault where its receiver left upon it."""
    if _kind(traffic, one) in _borne(traffic):
        return ()
    refused = refused_for(traffic, one)
    left = [one.exchange.id] if one.exchange.id in one.unfinished and _receiver_left(traffic, one) else []
    return (*refused, *left, *_failed_retrieves(traffic, {*refused, *one.unfinished}))


def _receiver_left(traffic: Traffic, one: Faulty) -> bool:
    association = traffic.association(one.association)
    return left_by(association) == association.other(_sender(one))


def _sender(one: Faulty) -> str:
    return one.role if isinstance(one, Group) else one.exchange.requested_by


def _failed_retrieves(traffic: Traffic, faulty: set[int]) -> list[int]:
    """The C-GETs and C-MOVEs that failed by these objects alone."""
    parents = {traffic.exchange(id).parent for id in faulty} - {None}
    return sorted(id for id in parents if id is not None and _lost(traffic, traffic.exchange(id)) <= faulty)


def _lost(traffic: Traffic, retrieve: Exchange) -> set[int]:
    """The C-STOREs of a retrieve that came to nothing."""
    stores = map(traffic.exchange, retrieve.children)
    return {store.id for store in stores if store.outcome in _FAILED}


def _kind(traffic: Traffic, one: Faulty) -> tuple[object, ...]:
    """What receiver got what fault."""
    association = traffic.association(one.association)
    receiver = association.end(association.other(_sender(one))).ip
    match one:
        case Group():
            return receiver, one.where, one.fault.kind, one.fault.tag, _DIGITS.sub("0", one.fault.detail)
        case Differing():
            return receiver, one.what, one.told is None
        case Missing():
            return receiver, one.tag, one.empty


@once
def _borne(traffic: Traffic) -> frozenset[tuple[object, ...]]:
    """The faults that a receiver took without complaint at least once."""
    made = contents(traffic)
    every: list[Faulty] = [*made.groups.values(), *made.differing.values(), *made.missing.values()]
    return frozenset(_kind(traffic, one) for one in every if not _unreadable(one) and _taken(one))


def _taken(one: Faulty) -> bool:
    return one.count > len(one.failures) + len(one.unfinished)


def _unreadable(one: Faulty) -> bool:
    """Who takes something unreadable did not read it, and may well read the next."""
    return isinstance(one, Group) and one.fault.kind is Fault.ENCODING
