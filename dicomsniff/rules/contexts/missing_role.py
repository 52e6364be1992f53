"""The role that an operation needs was not negotiated.

What it sees
A C-GET on an association where the requestor did not propose, or the acceptor did not confirm, that the requestor may be
SCP of the storage classes; a storage commitment result sent by an association's requestor without the SCP role; and an
acceptance that grants a role which was not proposed.

Why it matters
By default the requestor is SCU and the acceptor SCP. In a C-GET the objects come the other way, so without the role the
archive has no context to send them on, and nothing is delivered.

Likely causes
1. The requestor forgot the role selection items, or some of the classes.
2. The acceptor does not support role selection.
3. The role item is there, but no context for the class.

Fix
Add an SCP/SCU Role Selection item with SCP role 1 for each storage class to be fetched; or use C-MOVE.

Could be wrong when
Some acceptors send without a returned role item, and some requestors of commitment results rely on the default: if it
worked, it is a note.

Reference
PS3.7 §D.3.3.4
https://github.com/pydicom/pynetdicom/issues/812
https://github.com/dcm4che/dcm4che/issues/663
"""

from collections.abc import Iterator

from dicomsniff.association.values import Association, Exchange, ExchangeOutcome, Traffic
from dicomsniff.core.records import replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.uids import is_storage_class
from dicomsniff.pdu.values import AssociateAc, AssociateRq, RoleSelection
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import brief, listed, peer, side
from dicomsniff.rules.negotiation.offence import left_upon
from dicomsniff.rules.rule import Rule, Thresholds

_COMMITMENT = "1.2.840.10008.1.20.1"
_PROPOSE = (
    "Let the sender of the result propose the SCP role for Storage Commitment Push Model (an SCP/SCU Role Selection item with "
    "SCP role 1) when it opens the association."
)
_FAILED_RETRIEVE = ("DS-RET-006",)
_REFUSALS = ("DS-PC-002", "DS-PC-003", "DS-PC-004")
_CONFIRM = "Let the receiver of the result answer the proposed SCP role for Storage Commitment Push Model with 1."
_GRANT = "Let the acceptor answer only the roles that were proposed."


def negotiated(traffic: Traffic) -> Iterator[Association]:
    """Associations with both PDUs on which roles count: with a C-GET or an event report, or with role items in the answer."""
    wanted = {e.association for e in traffic.index.of("C-GET", "N-EVENT-REPORT")}
    for a in traffic.associations:
        if a.request is not None and a.accept is not None and (a.id in wanted or a.accept.user_information.roles):
            yield a


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    request, accept = association.request, association.accept
    if request is None or accept is None:
        return []
    gets = [e for e in association.exchanges if e.service == "C-GET"]
    ways = _ways_back(association, request, accept) if gets else None
    hits = [hit for e in gets if ways and (hit := _get(association, e, ways))]
    hits += [
        hit
        for e in association.exchanges
        if e.service == "N-EVENT-REPORT" and (hit := _report(association, e, request, accept, traffic))
    ]
    return hits + _ungranted(association, request, accept)


def _asked(request: AssociateRq) -> dict[str, RoleSelection]:
    return {role.sop_class: role for role in request.user_information.roles}


def _granted(accept: AssociateAc) -> dict[str, RoleSelection]:
    return {role.sop_class: role for role in accept.user_information.roles}


class _Ways(NamedTuple):
    """The storage classes of the accepted contexts and those of which every context was refused; of the accepted those whose
    objects have no way back, because the SCP role was not proposed or not confirmed; and the classes that came all the same."""

    classes: list[str]
    denied: list[str]
    unasked: list[str]
    refused: list[str]
    came: set[str | None]


def _ways_back(association: Association, request: AssociateRq, accept: AssociateAc) -> _Ways:
    asked, granted = _asked(request), _granted(accept)
    own = [(c.abstract_syntax, c.accepted) for c in association.contexts if is_storage_class(c.abstract_syntax or "")]
    classes = list(dict.fromkeys(uid for uid, taken in own if uid and taken))
    denied = list(dict.fromkeys(uid for uid, _ in own if uid and uid not in classes))
    unasked = [uid for uid in classes if uid not in asked or asked[uid].scp != 1]
    refused = [uid for uid in classes if uid not in unasked and (uid not in granted or granted[uid].scp != 1)]
    stores = (e for e in association.exchanges if e.service == "C-STORE" and e.requested_by == "acceptor")
    return _Ways(classes, denied, unasked, refused, {e.sop_class for e in stores})


def _get(association: Association, get: Exchange, ways: _Ways) -> Hit | None:
    """The storage classes whose objects had no way back, weighed by what came of the C-GET."""
    classes, denied, unasked, refused, came = ways
    lacking = {*unasked, *refused}
    if classes and not lacking:
        return None
    if _failed(get, bool(came)) and not came & lacking:
        severity = Severity.ERROR if lacking == set(classes) and _tried(get) else Severity.WARNING
        if not classes and denied:
            return _denied(association, get, denied, severity)
        return _undelivered(association, get, unasked, refused, severity)
    if came & lacking:
        words = f"{listed(brief(uid) for uid in sorted(filter(None, came & lacking)))} was delivered by {get.service} although the SCP role was not negotiated for it"
        return _hit(association, get, words, Severity.NOTE, "requestor", unasked, refused)
    return None


def _failed(get: Exchange, came: bool) -> bool:
    """Whether something that was to be delivered was not."""
    if get.suboperations is not None and get.suboperations.failed:
        return True
    return get.outcome in (ExchangeOutcome.FAILED, ExchangeOutcome.WARNING) and not came


def _tried(get: Exchange) -> bool:
    """Whether the archive came so far as to send something: another failure may have reasons of its own."""
    counted = get.suboperations is not None and bool(get.suboperations.failed)
    return counted or get.status is None or get.status in (0xA701, 0xA702, 0xB000)


def _denied(association: Association, get: Exchange, denied: list[str], severity: Severity) -> Hit:
    """The requestor would have taken objects, and the acceptor let it not."""
    client, server = peer(association, "requestor"), peer(association, "acceptor")
    classes = listed((brief(uid) for uid in denied), 3)
    words = f"C-GET cannot deliver anything: {server} refused every context of a storage class that {client} proposed ({classes})"
    hit = _hit(association, get, words, severity, "acceptor", [], denied)
    fix = f"Enable {classes} for '{association.calling_ae}' on {server}, for sending by C-GET, or use C-MOVE."
    return replace(hit, fix=fix, hides=None)


def _undelivered(
    association: Association, get: Exchange, unasked: list[str], refused: list[str], severity: Severity
) -> Hit:
    client, server = peer(association, "requestor"), peer(association, "acceptor")
    if not unasked and not refused:
        words = f"C-GET cannot deliver anything: {client} has no accepted context of a storage class"
        return _hit(association, get, words, severity, "requestor", [], [])
    told = [(unasked, f"not proposed by {client}"), (refused, f"not confirmed by {server}")]
    parts = [
        f"{listed((brief(uid) for uid in classes), 3)} (the SCP role was {why})" for classes, why in told if classes
    ]
    return _hit(
        association,
        get,
        f"C-GET cannot deliver {' and '.join(parts)}",
        severity,
        "requestor" if unasked else "acceptor",
        unasked,
        refused,
    )


def _report(
    association: Association, report: Exchange, request: AssociateRq, accept: AssociateAc, traffic: Traffic
) -> Hit | None:
    """A result of storage commitment that the requestor of the association sends: it is SCP there."""
    if report.requested_by != "requestor" or report.sop_class not in (_COMMITMENT, None):
        return None
    asked, granted = _asked(request).get(_COMMITMENT), _granted(accept).get(_COMMITMENT)
    if asked is not None and asked.scp == 1 and granted is not None and granted.scp == 1:
        return None
    unasked = asked is None or asked.scp != 1
    who = (
        f"not proposed by {peer(association, 'requestor')}"
        if unasked
        else f"not confirmed by {peer(association, 'acceptor')}"
    )
    worked = report.outcome is ExchangeOutcome.COMPLETED
    words = f"A storage commitment result was sent in a role that was {who}" + (
        "; it was taken all the same" if worked else ""
    )
    severity = Severity.NOTE if worked else Severity.ERROR
    role = "requestor" if unasked else "acceptor"
    hit = _hit(association, report, words, severity, role, [_COMMITMENT] * unasked, [_COMMITMENT] * (not unasked))
    left = left_upon(association, report.request, traffic) if report.request is not None else ()
    return replace(hit, fix=_PROPOSE if unasked else _CONFIRM, hides=("DS-ASSOC-009", *left))


def _ungranted(association: Association, request: AssociateRq, accept: AssociateAc) -> list[Hit]:
    """Roles that the acceptance grants without their having been proposed."""
    asked = _asked(request)
    wrong = [
        role.sop_class
        for role in accept.user_information.roles
        if (role.scp == 1 and (role.sop_class not in asked or asked[role.sop_class].scp != 1))
        or (role.scu == 1 and role.sop_class in asked and asked[role.sop_class].scu != 1)
    ]
    if not wrong:
        return []
    words = f"{peer(association, 'acceptor')} grants a role for {listed((brief(uid) for uid in wrong), 3)} that was not proposed"
    return [replace(_hit(association, None, words, Severity.WARNING, "acceptor", [], wrong), fix=_GRANT)]


def _hit(
    association: Association,
    exchange: Exchange | None,
    words: str,
    severity: Severity,
    acting: str,
    unasked: list[str],
    refused: list[str],
) -> Hit:
    request, accept = association.request, association.accept
    return Hit(
        f"{words}.",
        packets_of(
            request.evidence if request else None,
            accept.evidence if accept else None,
            *((exchange.request, exchange.final) if exchange else ()),
        ),
        accept.evidence.last_ns if accept else None,
        severity,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id if exchange else None,
        act=side(acting),
        actor=peer(association, acting),
        explained=(exchange.id,) if exchange is not None and (exchange.service != "C-GET" or _tried(exchange)) else (),
        hides=_FAILED_RETRIEVE,
        key=f"{association.requestor.ip}|{association.acceptor}|{severity}|{words}",
        facts={
            "sop_classes": list(dict.fromkeys([*unasked, *refused])),
            "not_proposed": unasked,
            "not_confirmed": refused,
            "called_ae": association.called_ae,
            "calling_ae": association.calling_ae,
        },
    )


RULE = Rule(
    id="DS-PC-010",
    name="role-selection-missing-or-refused",
    severity=Severity.ERROR,
    title="Role not negotiated",
    subjects=negotiated,
    check=check,
    page=__doc__,
    hides=(*_FAILED_RETRIEVE, *_REFUSALS),
    explains=("DS-SC-003", "DS-DIMSE-008"),
)
