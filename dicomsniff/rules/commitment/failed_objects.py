"""An archive does not commit to objects.

What it sees
An N-EVENT-REPORT whose Failed SOP Sequence (0008,1198) names objects, with the Failure Reason (0008,1197) of each in
words. For every object the capture is asked whether it was stored there, refused, or not sent at all. Objects that the
archive committed to in a later result are left out.

Why it matters
These objects are not safe in the archive. Who deletes them at the modality may lose them.

Likely causes
1. 0112 (no such object instance): not stored yet when the request came, stored in another archive, or filed under
   another UID than the one it was sent with.
2. 0119 (class/instance conflict): the class in the request is not that of the object, as stored.
3. 0122 (referenced SOP class not supported): the archive does not commit to objects of this class.
4. 0110 or 0213: trouble inside the archive, or its storage is full.
5. 0131: the Transaction UID was used before.

Fix
Do not delete these objects at the modality. Send them again, then ask for commitment again, once the last C-STORE has
been answered.

Could be wrong when
The request was sent before the last C-STORE had finished: asked again, the archive may commit.

Reference
PS3.4 §J.3.3
PS3.3 §C.14.1.1
https://github.com/dcm4che/dcm4che/issues/148
"""

from collections import Counter
from collections.abc import Sequence

from dicomsniff.association.commitment import Commitment, Reference, Result, commitments
from dicomsniff.association.parties import asking
from dicomsniff.association.values import Association, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.status import failure_reason
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import brief, counted, listed, peer, performer, side
from dicomsniff.rules.rule import Among, Rule, Thresholds

_REQUESTER = frozenset({0x0119, 0x0131})
STORED, REFUSED, PENDING, UNSENT = "stored with success", "refused or not answered", "still being sent", "never sent"
AFTERWARDS = "sent only after the request"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A result and the objects that it refuses for good; the request where the capture holds it."""

    result: Result
    request: Commitment | None
    failed: tuple[Reference, ...]


def subjects(traffic: Traffic) -> Among[Refusal]:
    """Every result; those that refuse objects are looked at."""
    requests, strays = commitments(traffic)
    every = [(result, one) for one in requests for result in one.results]
    loose: list[tuple[Result, Commitment | None]] = [*every, *((result, None) for result in strays)]
    return Among(len(loose), [Refusal(result, one, _for_good(result, one)) for result, one in loose if result.failed])


def _for_good(result: Result, one: Commitment | None) -> tuple[Reference, ...]:
    committed = one.committed if one else frozenset(r.sop_instance for r in result.committed)
    return tuple(reference for reference in result.failed if reference.sop_instance not in committed)


def check(refusal: Refusal, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    failed, result = refusal.failed, refusal.result
    if not failed:
        return None
    exchange = result.exchange
    association = traffic.association(exchange.association)
    archive = asking(exchange, association).ip
    fates = {one.sop_instance: _fate(one, archive, refusal, traffic) for one in failed}
    counts = Counter(fates.values())
    total = len({r.sop_instance for r in (*result.committed, *result.failed)})
    message = (
        f"{peer(association, exchange.requested_by)} does not commit to {len(fates)} of {counted(total, 'object')}: "
        f"{_reasons(failed)}. In this capture {listed(_told(n, fate) for fate, n in counts.items())}."
    )
    if counts[PENDING]:
        message += " The request came before their C-STORE had been answered."
    act = _act(failed, counts, refusal)
    return Hit(
        message,
        packets_of(exchange.request, refusal.request.request.request if refusal.request else None),
        exchange.request.first_ns if exchange.request else None,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=act,
        actor=None if act is Side.UNKNOWN else _actor(act, association),
        key=f"{result.transaction}|{archive}|{sorted(fates)[:3]}|{len(fates)}",
        facts=_facts(refusal, association, fates),
    )


def _told(number: int, fate: str) -> str:
    return f"{number} of them {'was' if number == 1 else 'were'} {fate}"


def _fate(one: Reference, archive: str, refusal: Refusal, traffic: Traffic) -> str:
    """What became of an object on its way to this archive, before commitment was asked for."""
    sent = [
        store
        for store in traffic.index.stores_of.get(one.sop_instance, ())
        if store.request and traffic.association(store.association).end(performer(store)).ip == archive
    ]
    if not sent:
        return UNSENT
    asked = (
        refusal.request.request if refusal.request else refusal.result.exchange
    )  # before that, if it was not captured
    request = asked.request
    arrived = [s for s in sent if s.final is not None and s.status_class in ("success", "warning")]
    if not arrived:
        return REFUSED
    if request is None or any(s.final.first_ns <= request.last_ns for s in arrived if s.final):
        return STORED
    return AFTERWARDS if all(s.request and s.request.first_ns > request.last_ns for s in sent) else PENDING


def _reasons(failed: Sequence[Reference]) -> str:
    counts = Counter(one.reason for one in failed)
    words = ((None, "no reason given") if code is None else (code, failure_reason(code)) for code in counts)
    return listed(f"{counts[code]} × {text if code is None else f'0x{code:04X} ({text})'}" for code, text in words)


def _act(failed: Sequence[Reference], counts: Counter[str], refusal: Refusal) -> Side:
    """The archive where it had taken every object when it was asked; the requester where its request is at fault; else
    unknown."""
    exchange = refusal.result.exchange
    early = counts[PENDING] + counts[AFTERWARDS]
    if all(one.reason in _REQUESTER for one in failed) or early == sum(counts.values()):
        return side(performer(exchange))
    stored = refusal.request is not None and counts[STORED] == sum(counts.values())
    return side(exchange.requested_by) if stored else Side.UNKNOWN


def _actor(act: Side, association: Association) -> str:
    return peer(association, "requestor" if act is Side.REQUESTOR else "acceptor")


def _facts(refusal: Refusal, association: Association, fates: dict[str, str]) -> dict[str, object]:
    codes = {one.sop_instance: one.reason for one in refusal.failed}
    return {
        "transaction_uid": refusal.result.transaction,
        "failed": len(fates),
        "committed": len(refusal.result.committed),
        "instances": [
            {"instance": uid, "reason": None if codes[uid] is None else f"0x{codes[uid]:04X}", "fate": fate}
            for uid, fate in list(fates.items())[:100]
        ],
        "sop_classes": sorted({one.sop_class for one in refusal.failed if one.sop_class}),
        "sop_class_names": sorted({brief(one.sop_class) for one in refusal.failed if one.sop_class}),
        "called_ae": association.called_ae,
        "calling_ae": association.calling_ae,
    }


RULE = Rule(
    id="DS-SC-002",
    name="commitment-failed-for-objects",
    severity=Severity.ERROR,
    title="Objects not committed",
    subjects=subjects,
    check=check,
    page=__doc__,
)
