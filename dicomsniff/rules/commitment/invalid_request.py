"""A storage commitment request was refused, or it cannot be answered as it is; or a result does not fit its request.

What it sees
An N-ACTION of storage commitment that was answered with a failure status. Also requests that no archive can answer: an
Action Type other than 1, another SOP instance than the well-known one, no Transaction UID (0008,1195), no object in the
Referenced SOP Sequence (0008,1199), a Transaction UID that is still in use for other objects. And results that name
objects that were not asked for, or that come under another Transaction UID than the request for the same objects.

Why it matters
Nothing is committed, and the requester may wait for a result that can never be matched to its request.

Likely causes
1. A fault in the program of the requester; for results, in that of the archive.
2. 0124 or 0110: the archive does not know the requester's AE title.
3. 0122 or 0112: the archive has no storage commitment service at this title.
4. 0131 or a used Transaction UID: the requester repeats its UIDs.

Fix
Correct the named element in the requester (or archive); register the requester's AE title on the archive.

Could be wrong when
A request that was sent again unchanged because its answer was lost uses its Transaction UID twice, rightly: that is not
told. Results for requests before the capture cannot be compared and are left alone.

Reference
PS3.4 §J.3.2
PS3.4 §J.3.3
https://github.com/dcm4che/dcm4chee-arc-light/issues/3660
"""

from collections.abc import Iterator

from dicomsniff.association.commitment import PUSH_INSTANCE, PUSH_MODEL, Commitment, Result, commitments
from dicomsniff.association.index import once
from dicomsniff.association.values import Blind, Exchange, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.rules.clock import last_lapse
from dicomsniff.rules.commitment.call_backs import first_instances
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import counted, details, peer, performer, side, status_words
from dicomsniff.rules.rule import Rule, Thresholds


@dataclass(frozen=True, slots=True)
class Message:
    """A request, or a result with the request that it answers or, by its objects, should answer."""

    request: Commitment | None
    result: Result | None = None


@once
def _messages(traffic: Traffic) -> tuple[Message, ...]:
    requests, strays = commitments(traffic)
    waiting = {r.sop_instance: one for one in requests if not one.results and one.transaction for r in one.references}
    made = [Message(one) for one in requests]
    made += [Message(one, result) for one in requests for result in one.results]
    for stray in strays:
        named = [r.sop_instance for r in (*stray.committed, *stray.failed)]
        made.append(Message(next((waiting[uid] for uid in named if uid in waiting), None), stray))
    return tuple(made)


def check(message: Message, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | None:
    if message.result is not None:
        return list(_of_result(message.request, message.result, traffic))
    assert message.request is not None
    request = message.request.request
    wrong = list(_wrong(message.request, traffic))
    refused = request.final is not None and request.status_class == "failure"
    if not refused and not wrong:
        return None
    association = traffic.association(request.association)
    said = details(request)
    told = [f"answered {status_words(request)}{': ' + said if said else ''}"] if refused else []
    verb = "refused" if refused else "invalid"
    act = side(request.requested_by) if wrong else Side.UNKNOWN
    name = message.request.transaction or "without Transaction UID"
    return [
        Hit(
            f"Commitment request {name} of {peer(association, request.requested_by)} to "
            f"{peer(association, performer(request))} {verb}: {'; '.join((*told, *wrong))}.",
            packets_of(request.request, request.final),
            request.request.first_ns if request.request else None,
            Severity.ERROR if refused or not _accepted(request) else Severity.WARNING,
            connection=association.connection,
            association=association.id,
            exchange=request.id,
            act=act,
            actor=peer(association, request.requested_by) if wrong else None,
            key=f"{association.acceptor}|{association.calling_ae}|{request.status}|{wrong}",
            facts={
                "transaction_uid": message.request.transaction,
                "status": None if request.status is None else f"0x{request.status:04X}",
                "error_comment": request.error_comment,
                "wrong": wrong,
                "instances": first_instances(message.request),
                "sop_class": PUSH_MODEL,
                "called_ae": association.called_ae,
                "calling_ae": association.calling_ae,
            },
        )
    ]


def _accepted(request: Exchange) -> bool:
    return request.status_class in ("success", "warning")


def _wrong(one: Commitment, traffic: Traffic) -> Iterator[str]:
    """What no archive can answer, as the request says it."""
    request = one.request
    if request.sop_class == PUSH_MODEL and request.action_type_id not in (None, 1):
        yield f"its Action Type is {request.action_type_id}, not 1"
    if request.sop_class == PUSH_MODEL and request.sop_instance not in (None, PUSH_INSTANCE):
        yield f"it names the SOP instance {request.sop_instance}, not {PUSH_INSTANCE}"
    if not one.whole:
        return
    if one.transaction is None:
        yield "it has no Transaction UID (0008,1195)"
    if not one.references:
        yield "its Referenced SOP Sequence (0008,1199) names no object"
    if other := _still_open(one, traffic):
        yield f"its Transaction UID is still in use for other objects (operation {other})"


def _still_open(one: Commitment, traffic: Traffic) -> int | None:
    """An earlier request with the same Transaction UID for other objects, accepted and without a result before this."""
    every = _by_transaction(traffic).get(one.transaction or "", ()) if one.again else ()
    if any(_before(result.exchange, one.request) for each in every for result in each.results):
        return None
    asked = {r.sop_instance for r in one.references}
    for earlier in every:
        other = earlier.request
        if other.id >= one.request.id:
            return None
        if earlier.whole and other.status_class == "success" and {r.sop_instance for r in earlier.references} != asked:
            return other.id
    return None


@once
def _by_transaction(traffic: Traffic) -> dict[str, list[Commitment]]:
    made: dict[str, list[Commitment]] = {}
    for one in commitments(traffic).requests:
        if one.transaction and len(own := made.setdefault(one.transaction, [])) < 50:
            own.append(one)
    return made


def _before(first: Exchange, second: Exchange) -> bool:
    return bool(first.request and second.request and first.request.first_ns <= second.request.first_ns)


def _another_missed(one: Commitment, traffic: Traffic) -> bool:
    """Whether the requester may have asked once more without that being captured."""
    request = one.request
    ip = traffic.association(request.association).end(request.requested_by).ip
    holey = (a for a in traffic.index.blind if a.blind != {Blind.END})
    return bool(last_lapse(traffic)) or any(ip in (a.requestor.ip, a.acceptor.ip) for a in holey)


def _of_result(one: Commitment | None, result: Result, traffic: Traffic) -> Iterator[Hit]:
    """What of a result does not fit its request."""
    if one is None or not one.whole:
        return
    named = {r.sop_instance for r in (*result.committed, *result.failed)}
    beside = sorted(named - {r.sop_instance for r in one.references})
    if result.way is None and not beside and result.transaction and not _another_missed(one, traffic):
        why = f"the request for the same objects has {one.transaction}"
    elif result.way is not None and beside:
        why = f"it names {counted(len(beside), 'object')} that the request does not: {beside[0]}"
    else:
        return
    exchange = result.exchange
    association = traffic.association(exchange.association)
    yield Hit(
        f"The commitment result {result.transaction} of {peer(association, exchange.requested_by)} does not fit: {why}.",
        packets_of(one.request.request, exchange.request),
        exchange.request.first_ns if exchange.request else None,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(exchange.requested_by),
        actor=peer(association, exchange.requested_by),
        key=f"{association.end(exchange.requested_by).ip}|{bool(beside)}",
        facts={
            "transaction_uid": result.transaction,
            "requested_transaction_uid": one.transaction,
            "request": one.request.id,
            "instances": beside[:20],
            "called_ae": association.called_ae,
            "calling_ae": association.calling_ae,
        },
    )


RULE = Rule(
    id="DS-SC-004",
    name="commitment-request-invalid",
    severity=Severity.ERROR,
    title="Commitment request or result invalid",
    subjects=_messages,
    check=check,
    page=__doc__,
    hides=("DS-DIMSE-008",),
)
