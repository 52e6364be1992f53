"""A retrieve did not bring all objects: sub-operations failed.

What it sees
A C-MOVE or C-GET that ended with status A702, A701 or B000 or counts failed sub-operations, or C-STOREs of its delivery that
were refused, cut off or never answered. What became of each failed object is read off its own C-STORE; of an
object that is listed as failed and was never sent, the archive is to be asked.

Why it matters
The study is incomplete at the destination; the requestor is told a number at most.

Likely causes
1. The destination refused objects: the statuses of its C-STORE responses say why.
2. The association of the delivery broke in the middle.
3. The archive could not read the objects, has them off-line, or could not send them in a syntax that the destination takes.

Fix
Where no C-STORE was sent for a failed object, look into the archive's log; where one was, look at the destination.

Could be wrong when
The delivery was not captured whole: then the message says that the reason was not seen. Some archives report objects as
failed that they never meant to send, and some report success although all failed.

Reference
PS3.4 §C.4.2.1.5
PS3.4 §C.4.3.1.4
https://github.com/pydicom/pynetdicom/issues/926
https://github.com/pydicom/pynetdicom/issues/577
https://github.com/dcm4che/dcm4chee-arc-light/issues/3052
"""

from collections import Counter
from collections.abc import Iterator

from dicomsniff.association.values import Blind, Exchange, ExchangeOutcome, Strength, Traffic
from dicomsniff.core.records import replace
from dicomsniff.rules.belated import behind_release
from dicomsniff.rules.finding import About, Hit, Severity, Side, packets_of
from dicomsniff.rules.leaving import leaving, left_by, left_ns
from dicomsniff.rules.naming import comment, counted, details, listed, peer, performer, side, status_words
from dicomsniff.rules.retrieve.retrieves import Retrieve, doubt, hit, retrieves
from dicomsniff.rules.rule import Among, Rule, Thresholds

STATUSES = frozenset({0xA701, 0xA702, 0xB000})
_PATIENCE_NS = 10_000_000_000  # who waits so long has reason to go
_LOST = (ExchangeOutcome.FAILED, ExchangeOutcome.UNANSWERED, ExchangeOutcome.INCOMPLETE)


def subjects(traffic: Traffic) -> Among[Retrieve]:
    """Retrieves; suspects are those that say that something failed, or whose C-STOREs did."""
    every = retrieves(traffic)
    return Among(len(every), (one for one in every if _suspect(one)))


def _suspect(one: Retrieve) -> bool:
    return one.exchange.status in STATUSES or bool(one.counts.failed) or bool(_refused(one))


def _refused(one: Retrieve) -> list[Exchange]:
    """The C-STOREs that failed. One without a response counts only where the archive does not say that all were
    answered: it knows better than a capture whose packets are in the wrong order."""
    lost = [store for store in one.stores if store.outcome in _LOST and not store.unseen]
    all_answered = one.exchange.status == 0 and (one.counts.completed or 0) >= len(one.stores)
    return [store for store in lost if store.outcome is ExchangeOutcome.FAILED] if all_answered else lost


def check(one: Retrieve, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    refused = _refused(one)
    unsent = set(one.failed) - {store.sop_instance for store in one.stores}
    failed = one.counts.failed
    number = max(failed or 0, len(refused), len(one.failed))
    warned = [store for store in one.stores if store.outcome is ExchangeOutcome.WARNING]
    if not number and not _whole_failure(one):
        return _warned(one, warned)
    completed, total = _completed(one), _total(one, number)
    come = f"{completed} of {counted(total, 'object')} retrieved" if total else "No object was retrieved"
    role, actor, fix = _remedy(one, refused, bool(unsent) and _seen_whole(one))
    made = hit(
        one,
        f"{come} from {one.archive} for '{one.destination}', {number or 'an unknown number'} failed: "
        f"{listed(_reasons(one, refused, len(unsent), number))}; {one.result}{_said(one.exchange)}."
        f"{doubt(*one.retrieval.deliveries) if refused else ''}",
        one.retrieval.deliveries,
        *packets_of(*(evidence for store in refused[:3] for evidence in (store.request, store.final))),
        act=role,
        actor=actor,
        severity=Severity.ERROR if number or one.exchange.status_class == "failure" else Severity.WARNING,
        key=f"{one.association.id}|{one.exchange.status}|{one.destination}|{listed(_kinds(one, refused))}",
        fix=fix,
        total=total or None,
        statuses=dict(Counter(status_words(store) for store in refused)),
        not_sent=len(unsent),
        failed_instances=list(one.failed[:100]) or [store.sop_instance for store in refused[:100]],
        error_comment=one.exchange.error_comment,
    )
    return replace(made, about=_about(one, refused))


def _about(one: Retrieve, refused: list[Exchange]) -> About:
    """The C-STOREs that failed, and the ends of the associations that broke under them."""
    broken = {store.association for store in refused if store.outcome is not ExchangeOutcome.FAILED}
    return About(tuple(store.id for store in refused), tuple(sorted(broken - {one.association.id})))


def _whole_failure(one: Retrieve) -> bool:
    return one.exchange.status in STATUSES and not one.counts.warning


def _warned(one: Retrieve, warned: list[Exchange]) -> Hit | None:
    """All came, some with a warning: B000 is used for that as well."""
    number = one.counts.warning or len(warned)
    if one.exchange.status not in STATUSES or not number:
        return None
    reasons = f": {listed(dict.fromkeys(map(status_words, warned)))}" if warned else ""
    return hit(
        one,
        f"All objects were retrieved from {one.archive} for '{one.destination}', {number} with a warning{reasons}; "
        f"{one.result}.",
        (),
        *packets_of(*(store.final for store in warned[:4])),
        act=Side.UNKNOWN,
        actor=None,
        severity=Severity.WARNING,
        key=f"{one.association.id}|warned|{one.destination}",
        fix="Look at the warnings of the C-STORE responses: attributes of the objects may have been changed.",
    )


def _completed(one: Retrieve) -> int:
    """What the archive counts, or what was seen to arrive."""
    arrived = sum(store.status_class in ("success", "warning") for store in one.stores)
    counted_ = one.counts.completed
    return arrived if counted_ is None else counted_ + (one.counts.warning or 0)


def _total(one: Retrieve, failed: int) -> int:
    return _completed(one) + failed + (one.counts.remaining or 0)


def _reasons(one: Retrieve, refused: list[Exchange], unsent: int, number: int) -> Iterator[str]:
    """Why objects failed, each reason with its count."""
    yield from (f"{times} × {kind}" for kind, times in Counter(_kinds(one, refused)).most_common())
    rest = max(number - len(refused), 0)
    if rest and _seen_whole(one):
        yield f"{rest} never sent (no C-STORE was seen for {'it' if rest == 1 else 'them'})"
    elif (rest or not refused) and _in_vain(one):
        yield f"{'they' if not refused else f'{rest} more'} could not be delivered: an attempt at it failed"
    elif rest or not refused:
        yield f"{'the reason' if not refused else f'of {rest} more the reason'} does not show in this capture"


def _in_vain(one: Retrieve) -> bool:
    """Whether the archive was seen to try and to bring nothing through."""
    return any(not delivery.stores for delivery in one.retrieval.deliveries)


def _kinds(one: Retrieve, refused: list[Exchange]) -> list[str]:
    return [_kind(store, one.traffic) for store in refused]


def _kind(store: Exchange, traffic: Traffic) -> str:
    if store.outcome is ExchangeOutcome.FAILED:
        said = details(store)
        return f"{status_words(store)}{f', {said}' if said else ''}"
    how = "never answered" if store.outcome is ExchangeOutcome.UNANSWERED else "cut off in the middle"
    association = traffic.association(store.association)
    return how if left_by(association) is None else f"{how} ({leaving(association, traffic)})"


def _seen_whole(one: Retrieve) -> bool:
    """Whether the capture shows all of the delivery: then what it does not show was not sent."""
    deliveries = one.retrieval.deliveries
    if not one.retrieval.stores or any(d.strength is Strength.WEAK for d in deliveries):
        return False
    associations = [one.traffic.association(d.association) for d in deliveries if d.association is not None]
    return all(not association.blind - {Blind.END} for association in associations)


def _said(exchange: Exchange) -> str:
    return f", {comment(exchange)}" if exchange.error_comment else ""


def _left(one: Retrieve, store: Exchange) -> bool:
    """Whether the archive went without giving the destination time to answer."""
    association = one.traffic.association(store.association)
    if behind_release(store, association):
        return True
    if store.outcome is ExchangeOutcome.FAILED or left_by(association) != store.requested_by or store.request is None:
        return False
    return left_ns(association, one.traffic) - store.request.last_ns < _PATIENCE_NS


def _remedy(one: Retrieve, refused: list[Exchange], unsent: bool) -> tuple[Side, str | None, str | None]:
    """Who must act on it, and how: the destination where it refused, the archive where it sent nothing or left."""
    if refused and not unsent:
        store = refused[0]
        association = one.traffic.association(store.association)
        receiver = peer(association, performer(store))
        if _left(one, store):
            fix = f"Look into the log of {one.archive}: it left the delivery before {receiver} had answered."
            return Side.ACCEPTOR, one.archive, fix
        if one.exchange.service == "C-GET":
            role = side(performer(store))
        else:
            role = Side.REQUESTOR if association.acceptor.ip == one.association.requestor.ip else Side.UNKNOWN
        return (
            role,
            receiver,
            f"Look at {receiver}, which did not take the objects: {listed(dict.fromkeys(_kinds(one, refused)))}.",
        )
    if unsent and not refused:
        return Side.ACCEPTOR, one.archive, f"Look into the log of {one.archive}: it did not send the failed objects."
    return Side.UNKNOWN, None, None


RULE = Rule(
    id="DS-RET-006",
    name="sub-operations-failed",
    severity=Severity.ERROR,
    title="Retrieve incomplete",
    subjects=subjects,
    check=check,
    page=__doc__,
    hides=(
        "DS-DIMSE-008",
        "DS-STORE-001",
        "DS-STORE-002",
        "DS-STORE-006",
        "DS-ASSOC-008",
        "DS-ASSOC-009",
        "DS-TCP-005",
        "DS-ASSOC-014",
        "DS-DIMSE-001",
    ),
)
