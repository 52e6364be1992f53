"""The release of an association was out of order: too early, never confirmed, colliding, or followed by data.

What it sees
An A-RELEASE-RQ although a request of the same side had no final response; an A-RELEASE-RQ that was acknowledged by TCP
and not answered within 10 s; two crossing A-RELEASE-RQs of which not both were answered; a P-DATA-TF that a side sent
behind its own A-RELEASE-RQ.

Why it matters
The result of the unanswered request is lost to the one who asked for it, and servers that still work on it may hang.

Likely causes
1. The requestor gives up early, for it follows the operation by other means (a C-MOVE by what arrives).
2. The peer is busy in a handler and does not read the release.
3. A library does not know release collisions.

Fix
Wait for the final response before releasing, or send C-CANCEL first; answer every A-RELEASE-RQ.

Could be wrong when
Data that come after the other side's A-RELEASE-RQ are in order and not reported. Where the answer may have been missed by
the capture, nothing is claimed.

Reference
PS3.8 §7.2.2
PS3.8 §9.2
https://github.com/dcm4che/dcm4chee-arc-light/issues/1790
https://github.com/pydicom/pynetdicom/issues/269
"""

from dicomsniff.association.lifecycle import REORDERED_NS
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core import Anomaly, AnomalyCode, Evidence
from dicomsniff.pdu.values import ReleaseRq
from dicomsniff.rules.clock import elapsed, milliseconds, on_the_way_ns
from dicomsniff.rules.endings import meant_perhaps, request_name, unconfirmed_ns
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, packets_of
from dicomsniff.rules.naming import SECOND, counted, listed, peer, seconds, side
from dicomsniff.rules.rule import Rule, Thresholds

_CODES = frozenset({AnomalyCode.DATA_AFTER_RELEASE, AnomalyCode.RELEASE_COLLISION})


def released(traffic: Traffic) -> list[Association]:
    return [a for a in traffic.associations if a.release_request is not None]


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Hit | Inconclusive | None:
    release = association.release_request
    if release is None:
        return None
    hits = [_odd(association, release, a) for a in association.anomalies if a.code in _CODES][:2]
    early = _outstanding(association, release, traffic, thresholds)
    if early:
        return [_early(association, release, early, traffic), *hits]
    if hits or association.release_response is not None:
        return hits
    return _unconfirmed(association, release, traffic, thresholds)


def _outstanding(
    association: Association, release: ReleaseRq, traffic: Traffic, thresholds: Thresholds
) -> list[Exchange]:
    """Requests of the releasing side whose final response it had not received, and for which it had not waited long."""
    way, at = release.evidence.direction, release.evidence.first_ns
    closings = traffic.conversation(association.connection).tcp.closings
    if any(
        c.direction is not way and association.first_packet <= c.packet < release.evidence.first_packet
        for c in closings
    ):
        return []  # no answer could come any more
    found = []
    for e in association.exchanges:
        if e.direction is not way or e.request is None or not e.request_finished or e.unseen:
            continue
        if not release.evidence.after(e.request) or (e.final is not None and not _too_late(e.final, release.evidence)):
            continue
        if e.final is None and meant_perhaps(e, traffic):
            continue
        if e.final is not None and association.blind_towards(way.opposite):
            continue  # its answer may be in a hole, and this be that to another request of the same number
        waited = elapsed(traffic, e.last_response or e.request, release.evidence.first_packet, at)
        if e.final is None and (waited is None or waited >= thresholds.dimse_wait * SECOND):
            continue  # the missing answer is the fault then: DS-DIMSE-001
        found.append(e)
    return found


def _too_late(final: Evidence, release: Evidence) -> bool:
    """Whether a response came after the release beyond what the capture may have exchanged."""
    return not release.knew(final) and final.first_ns > release.first_ns + REORDERED_NS


def _early(association: Association, release: ReleaseRq, early: list[Exchange], traffic: Traffic) -> Hit:
    role = association.role(release.evidence.direction)
    sender, first = peer(association, role), early[0]
    late = [e for e in early if e.final is not None]
    waited = (
        elapsed(traffic, first.request, release.evidence.first_packet, release.evidence.first_ns)
        if first.request
        else None
    )
    rest = f" {counted(len(late), 'answer')} came all the same, too late." if late else ""
    return Hit(
        f"{sender} asked to release with {counted(len(early), 'request')} unanswered: "
        f"{listed((request_name(e) for e in early), 3)}, {seconds(waited)} after it was sent.{rest}",
        packets_of(*(e.request for e in early[:4]), release.evidence, *(e.final for e in late[:4])),
        release.evidence.first_ns,
        connection=association.connection,
        association=association.id,
        exchange=first.id,
        act=side(role),
        actor=sender,
        key=f"early|{_pair(association)}|{first.service}",
        facts={
            "released_by": role,
            "unanswered": [e.id for e in early[:100]],
            "waited_ms": milliseconds(waited),
            "cancelled": any(e.cancel for e in early),
        },
    )


def _unconfirmed(
    association: Association, release: ReleaseRq, traffic: Traffic, thresholds: Thresholds
) -> Hit | Inconclusive | None:
    way, role = release.evidence.direction, association.role(release.evidence.direction)
    waited = unconfirmed_ns(association, traffic)
    if waited is None:
        return Inconclusive("the capture does not tell how long the answer to the release was waited for")
    if waited < thresholds.release_wait * SECOND:
        return None
    tcp = traffic.conversation(association.connection).tcp
    if waited - on_the_way_ns(release.evidence, tcp) < thresholds.release_wait * SECOND:
        return Inconclusive("the A-RELEASE-RQ was sent again and again: when it arrived is not known")
    if association.blind_towards(way.opposite) or (tcp.facts(way).acknowledged or 0) < release.evidence.end:
        return Inconclusive("the answer to the release may not have been captured, or the release never arrived")
    other = association.other(role)
    return Hit(
        f"{peer(association, other)} never confirmed the release that {peer(association, role)} asked for: no A-RELEASE-RP "
        f"in {seconds(waited)}, although TCP acknowledged the A-RELEASE-RQ.",
        packets_of(release.evidence),
        release.evidence.first_ns,
        connection=association.connection,
        association=association.id,
        act=side(other),
        actor=peer(association, other),
        key=f"unconfirmed|{_pair(association)}",
        facts={"released_by": role, "waited_ms": milliseconds(waited)},
    )


def _odd(association: Association, release: ReleaseRq, anomaly: Anomaly) -> Hit:
    role = association.role(anomaly.evidence.direction)
    sender = peer(association, role)
    if anomaly.code is AnomalyCode.RELEASE_COLLISION:
        message = f"{peer(association, 'requestor')} and {peer(association, 'acceptor')} asked to release at the same time and did not resolve it: {anomaly.detail}. The requestor has to answer first, then the acceptor."
        acting = "acceptor" if _answered_by_requestor(association) else "requestor"
    else:
        message = f"{sender} sent data after its own A-RELEASE-RQ (packet {anomaly.evidence.first_packet}); the association was over for it."
        acting = role
    untidy = anomaly.code is AnomalyCode.RELEASE_COLLISION and association.release_response is not None
    return Hit(
        message,
        packets_of(release.evidence, anomaly.evidence),
        anomaly.evidence.first_ns,
        Severity.NOTE if untidy else None,
        connection=association.connection,
        association=association.id,
        act=side(acting),
        actor=peer(association, acting),
        key=f"{anomaly.code}|{role}|{_pair(association)}",
        facts={"released_by": association.role(release.evidence.direction), "anomaly": str(anomaly.code)},
    )


def _answered_by_requestor(association: Association) -> bool:
    answer = association.release_response
    return answer is not None and association.role(answer.evidence.direction) == "requestor"


def _pair(association: Association) -> str:
    return f"{association.requestor.ip}|{association.calling_ae}|{association.acceptor}|{association.called_ae}"


RULE = Rule(
    id="DS-ASSOC-014",
    name="release-out-of-order",
    severity=Severity.WARNING,
    title="Release out of order",
    subjects=released,
    check=check,
    page=__doc__ or "",
    absence=True,
    claims=_CODES,
    hides=("DS-DIMSE-001", "DS-ASSOC-008", "DS-ASSOC-009", "DS-STORE-006"),
)
