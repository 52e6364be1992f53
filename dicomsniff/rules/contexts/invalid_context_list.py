"""The list of proposed presentation contexts is not valid, or was cut off at its longest.

What it sees
In an A-ASSOCIATE-RQ: a context ID that is even or 0; one ID twice; more than 128 contexts; an abstract or transfer syntax
that is padded or no UID; and a list of 127 or 128 contexts that lacks the class of a request on it, or that the requestor left
unused although it stores objects of a class that is not in it elsewhere: the library cut the list off.

Why it matters
Acceptors answer by ID: with IDs twice or even they abort, or answer the wrong context. A class that fell off the end of
the list cannot be used, and nothing says why.

Likely causes
1. The requestor proposes every storage class with every transfer syntax, as some do for C-GET.
2. A counter in its library goes wrong (adds 1 instead of 2, or runs over 255).
3. UIDs are padded to even length, as they are in data sets.

Fix
Propose only what is to be sent or fetched; for C-GET, the classes that a C-FIND has named.

Could be wrong when
126 to 128 contexts alone are legal, and only told as such.

Reference
PS3.8 §9.3.2.2
PS3.8 §F.1
https://github.com/fo-dicom/fo-dicom/issues/1350
https://github.com/pydicom/pynetdicom/issues/118
"""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from dicomsniff.association.values import Association, Traffic
from dicomsniff.core import AnomalyCode, Endpoint
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.uids import is_storage_class
from dicomsniff.pdu.values import AssociateRq
from dicomsniff.rules.contexts.offers import ended_idle
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.harm import came_to_grief
from dicomsniff.rules.naming import brief, counted, listed, peer
from dicomsniff.rules.rule import Among, Rule, Thresholds

_MOST = 128
_FULL = 127  # some libraries stop one short of it


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A request, and the classes that its requestor used on other associations with the same server."""

    association: Association
    request: AssociateRq
    used: dict[str, int]


def proposals(traffic: Traffic) -> Among[_Proposal]:
    """Every request; among them those with a list that is long or wrong, or in which something was odd."""
    count = sum(a.request is not None for a in traffic.associations)
    return Among(count, _suspects(traffic))


def _suspects(traffic: Traffic) -> Iterator[_Proposal]:
    used: dict[tuple[str, str | None, Endpoint], dict[str, int]] | None = None
    for association in traffic.associations:
        request = association.request
        if request is None:
            continue
        long = len(request.contexts) >= _FULL - 1
        if not (long or association.anomalies or _faults(tuple(c.context_id for c in request.contexts))):
            continue
        if long and used is None:
            used = _used(traffic)
        caller = (association.requestor.ip, association.calling_ae, association.acceptor)
        yield _Proposal(association, request, used.get(caller, {}) if used else {})


def _used(traffic: Traffic) -> dict[tuple[str, str | None, Endpoint], dict[str, int]]:
    found: dict[tuple[str, str | None, Endpoint], dict[str, int]] = {}
    for a in traffic.associations:
        for e in a.exchanges:
            if e.sop_class and e.requested_by == "requestor":
                found.setdefault((a.requestor.ip, a.calling_ae, a.acceptor), {}).setdefault(e.sop_class, a.id)
    return found


def check(proposal: _Proposal, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    association, request = proposal.association, proposal.request
    faults = _faults(tuple(c.context_id for c in request.contexts))
    padded = [
        a.detail.partition(": ")[2] or a.detail
        for a in association.anomalies
        if _of_requestor(a.code, a.evidence.direction, association)
    ]
    cut = _cut_off(proposal)
    if faults or cut:
        return _hit(association, request, [*faults, *cut, *padded[:2]], None)
    if padded:
        refused = not any(c.accepted for c in association.contexts) and came_to_grief(association)
        return _hit(association, request, padded, None if refused else Severity.NOTE)
    if len(request.contexts) >= _FULL - 1:
        return _hit(association, request, ["that is legal, and no more can be proposed"], Severity.INFO)
    return None


def _of_requestor(code: AnomalyCode, direction: object, association: Association) -> bool:
    return code is AnomalyCode.CONTEXT_UID_INVALID and direction is association.to_acceptor


@lru_cache(maxsize=1024)
def _faults(ids: tuple[int, ...]) -> tuple[str, ...]:
    """What is wrong with the IDs of a proposal; devices propose the same all day long."""
    return tuple(_told(ids))


def _told(ids: tuple[int, ...]) -> Iterator[str]:
    if len(ids) > _MOST:
        yield f"more than the {_MOST} that odd IDs from 1 to 255 allow"
    even = [id for id in dict.fromkeys(ids) if id % 2 == 0]
    if even:
        yield f"{'ID' if len(even) == 1 else 'IDs'} {listed(map(str, even), 4)} even"
    if len(set(ids)) < len(ids):
        twice = [str(id) for id, times in Counter(ids).items() if times > 1]
        yield f"{'ID' if len(twice) == 1 else 'IDs'} {listed(twice, 4)} more than once"


def _cut_off(proposal: _Proposal) -> list[str]:
    """The class that fell off a full list."""
    if not _FULL <= len(proposal.request.contexts) <= _MOST:
        return []
    offered = {c.abstract_syntax for c in proposal.request.contexts}
    missing = []
    if ended_idle(proposal.association):  # it found nothing in the list for what it had to do
        missing = [uid for uid in proposal.used if uid not in offered and is_storage_class(uid)]
    own = [
        e.sop_class
        for e in proposal.association.exchanges
        if e.sop_class and e.sop_class not in offered and e.requested_by == "requestor"
    ]
    missing += [uid for uid in dict.fromkeys(own) if uid not in missing]
    if not missing:
        return []
    return [
        f"and not {listed((brief(uid) for uid in missing), 3)}, which the requestor uses: the list was probably cut off there"
    ]


def _hit(association: Association, request: AssociateRq, faults: list[str], severity: Severity | None) -> Hit:
    client = peer(association, "requestor")
    return Hit(
        f"{client} proposes {counted(len(request.contexts), 'presentation context')} to {peer(association, 'acceptor')}: "
        f"{'; '.join(faults[:4])}.",
        packets_of(request.evidence),
        request.evidence.last_ns,
        severity,
        connection=association.connection,
        association=association.id,
        act=Side.REQUESTOR,
        actor=client,
        key=f"{association.requestor.ip}|{association.calling_ae}|{association.acceptor}|{severity}|{faults[:4]}",
        facts={
            "contexts": len(request.contexts),
            "context_ids": [c.context_id for c in request.contexts][:300],
            "sop_classes": list(dict.fromkeys(c.abstract_syntax for c in request.contexts))[:300],
            "details": faults[:20],
        },
    )


RULE = Rule(
    id="DS-PC-006",
    name="context-list-invalid",
    severity=Severity.WARNING,
    title="Invalid list of presentation contexts",
    subjects=proposals,
    check=check,
    page=__doc__,
    claims=frozenset({AnomalyCode.CONTEXT_UID_INVALID}),
    hides=("DS-ASSOC-007",),
)
