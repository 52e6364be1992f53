"""A storage commitment was accepted, and its result was not seen.

What it sees
An N-ACTION that asked for storage commitment and was answered with success, and no N-EVENT-REPORT with its Transaction
UID for the rest of the capture, on whatever association. The message says how long that was, whether the requester
ended the association within a second (so that the result had to come on another), and which connections from the
archive to the requester failed meanwhile.

Why it matters
The requester may delete its objects only when they are committed. Without a result its disk fills up, or somebody
deletes them by hand.

Likely causes
1. The archive does not know the address and port of the requester's AE title.
2. The requester does not listen, or listens on another port.
3. A firewall lets no connection from the archive through.
4. The archive commits only after its nightly backup.
5. The requester did not propose the role that the archive needs to answer on the same association.

Fix
Register the requester on the archive with AE title, address and port; open the way back in the firewall. Then look into
the archive's log for this Transaction UID.

Could be wrong when
The result comes after the capture, or over a way that it does not show: hours, even days are legal. Below an hour this
is only a remark; where the capture is blind between the two, nothing is claimed.

Reference
PS3.4 §J.3.2
PS3.4 §J.3.3
https://github.com/GoogleCloudPlatform/healthcare-dicom-dicomweb-adapter/issues/20
https://github.com/dcm4che/dcm4chee-arc-light/issues/688
https://github.com/fo-dicom/fo-dicom/issues/955
"""

from dicomsniff.association.commitment import Commitment, commitments
from dicomsniff.association.values import Association, Conversation, Outcome, Traffic
from dicomsniff.core import Evidence
from dicomsniff.rules.clock import CAPTURE_END, milliseconds, watched
from dicomsniff.rules.commitment.call_backs import between, first_instances, pair_of, refused_call_backs
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.leaving import left_by, left_ns
from dicomsniff.rules.naming import SECOND, counted, listed, peer, performer, seconds
from dicomsniff.rules.rule import Among, Rule, Thresholds


def subjects(traffic: Traffic) -> Among[Commitment]:
    """Requests that were accepted; those without a result are looked at."""
    requests = commitments(traffic).requests
    accepted = [one for one in requests if one.request.status_class in ("success", "warning")]
    resolved = {one.transaction for one in requests if one.results and one.transaction}
    return Among(len(accepted), [one for one in accepted if not one.results and one.transaction not in resolved])


def check(one: Commitment, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    request = one.request
    if request.final is None:
        return None
    association, pair = traffic.association(request.association), pair_of(request, traffic)
    known = between(traffic)[pair]
    if any(ends == pair and when >= request.final.last_ns for ends, when in refused_call_backs(traffic)):
        return None  # why it did not come is told of the call-back
    if one.transaction is None:
        return Inconclusive("the Transaction UID of a commitment request could not be read")
    if known.doubt is not None:
        return Inconclusive(known.doubt)
    if any(capture.dropped_since for capture in traffic.captures):
        return Inconclusive("the capture dropped packets: a result may be among them")
    if not watched(traffic, request.final.last_packet, CAPTURE_END):
        return Inconclusive("the capture does not tell how long the result was waited for")
    waited_ns = max(0, traffic.last_ns - request.final.last_ns)
    asked = request.request or request.final  # some call back before they have answered, as Orthanc does
    tried = [c for c in known.failed if c.tcp.first_ns >= asked.last_ns]
    return _hit(one, request.final, association, traffic, waited_ns, tried, thresholds)


def _hit(
    one: Commitment,
    final: Evidence,
    association: Association,
    traffic: Traffic,
    waited_ns: int,
    tried: list[Conversation],
    thresholds: Thresholds,
) -> Hit:
    request, archive = one.request, performer(one.request)
    server, client = peer(association, archive), peer(association, request.requested_by)
    long = waited_ns >= thresholds.commitment_wait * SECOND
    number = counted(len(one.references), "object") if one.whole else "some objects"
    message = (
        f"{server} accepted the commitment request {one.transaction} ({number}), but no result reached {client} in the "
        f"{seconds(waited_ns)} that the capture shows of it{_left(association, final, traffic)}{_tried(tried)}."
    )
    if not tried:
        message += " It may still come: an archive may take hours or days."
    return Hit(
        message,
        packets_of(request.request, final) + tuple(c.tcp.first_packet for c in tried[:4]),
        final.last_ns,
        Severity.WARNING if long or tried else Severity.INFO,
        connection=association.connection,
        association=association.id,
        exchange=request.id,
        act=Side.UNKNOWN,
        actor=None,
        key=f"{server}|{client}|{long}|{bool(tried)}",
        facts={
            "transaction_uid": one.transaction,
            "objects": len(one.references),
            "instances": first_instances(one),
            "waited_ms": milliseconds(waited_ns),
            "called_ae": association.called_ae,
            "calling_ae": association.calling_ae,
            "host": association.end(request.requested_by).ip,
            "port": tried[0].tcp.responder.port if tried else None,
            "failed_call_backs": [str(c.tcp.responder) for c in tried[:10]],
            "connections": [association.connection, *(c.id for c in tried[:10])],
        },
    )


def _left(association: Association, final: Evidence, traffic: Traffic) -> str:
    """That the requester was gone before an answer could come on the same association."""
    if association.outcome is Outcome.OPEN or left_by(association) != "requestor":
        return ""
    after = left_ns(association, traffic) - final.last_ns
    return f"; it ended the association {seconds(max(0, after))} after the answer" if after < SECOND else ""


def _tried(tried: list[Conversation]) -> str:
    ends = {f"{c.tcp.responder} ({'refused' if c.tcp.opened == 'refused' else 'no answer'})" for c in tried}
    return f"; since then the archive could not connect to {listed(sorted(ends))}" if tried else ""


RULE = Rule(
    id="DS-SC-001",
    name="commitment-result-missing",
    severity=Severity.WARNING,
    title="No result of a storage commitment",
    subjects=subjects,
    check=check,
    page=__doc__,
    absence=True,
)
