"""The server took the association request and did not answer it, or answered very late.

What it sees
A complete A-ASSOCIATE-RQ, acknowledged by the server's TCP, and no A-ASSOCIATE-AC, A-ASSOCIATE-RJ or A-ABORT of the
acceptor until the requestor gave up, or for 10 seconds (warning) or 30 seconds (error); or an answer that took longer
than 10 seconds (warning). Also a request of which only the beginning was ever sent.

Why it matters
The requestor waits, then gives up and usually tries again, which adds to the load of a server that is already slow.

Likely causes
1. The server's threads or its database are blocked.
2. The server looks up the client's name: a constant delay of 5, 10 or 20 seconds, then an answer.
3. The port expects TLS and waits for a handshake.
4. The request is incomplete: its length says more bytes than were sent, so each side waits for the other.

Fix
Look into the server's log at the time of the request. With a constant delay, check the server's DNS or directory look-up
of the client's address. With an incomplete request, look at the requestor and at the path between.

Could be wrong when
A proxy or load balancer acknowledged the request although the server behind it never got it. The requestor may have given
up sooner than a patient one would.

Reference
PS3.8 §7.1.2
PS3.8 §9.1.4
PS3.8 §9.1.5
https://github.com/fo-dicom/fo-dicom/issues/933
"""

from dicomsniff.association.points import end_ns
from dicomsniff.association.values import Association, Blind, Traffic
from dicomsniff.core import Evidence
from dicomsniff.core.median import median
from dicomsniff.core.records import replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.values import AssociateAc, AssociateRj, AssociateRq, PduType
from dicomsniff.rules.clock import CAPTURE_END, clock, elapsed, on_the_way_ns, watched
from dicomsniff.rules.endings import closing, must_act
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.leaving import who_left
from dicomsniff.rules.naming import SECOND, peer, seconds, side
from dicomsniff.rules.rule import Answer, Rule, Thresholds
from dicomsniff.rules.servers import servers
from dicomsniff.tcp.events import Closing

_GAVE_UP = SECOND  # a requestor that leaves sooner was not waiting for the answer
_PATH = "Look at the path between the two first: cables, switches, firewalls and VPNs."
_UNTIMED = "the capture does not tell how long the server had to answer"
_NO_ANSWER = frozenset({Blind.TO_REQUESTOR, Blind.HOLE_TO_REQUESTOR, Blind.ANSWER})


class Asked(NamedTuple):
    """An association and how long its server usually takes to answer a request (ns, None where it never did)."""

    association: Association
    usual_ns: int | None


def asked(traffic: Traffic) -> list[Asked]:
    found = []
    for server in servers(traffic):
        waits = [wait for a in server.associations if (wait := _answer_ns(a, traffic)) is not None]
        usual = int(median(waits)) if waits else None
        found += [Asked(a, usual) for a in server.associations]
    halves = [a for a in traffic.associations if a.request is None and any(_torn(a))]
    return found + [Asked(a, None) for a in halves]


def check(subject: Asked, traffic: Traffic, thresholds: Thresholds) -> Answer:
    association = subject.association
    request = association.request
    answer: AssociateAc | AssociateRj | None = association.accept or association.reject
    if request is None:
        return _incomplete(association, traffic)
    if answer is not None:
        return _late(subject, request, answer, traffic, thresholds)
    if _answered_otherwise(association):
        return None
    if association.blind & _NO_ANSWER:
        return Inconclusive("the direction in which the answer had to come was not captured whole")
    tcp = traffic.conversation(association.connection).tcp
    acknowledged = tcp.facts(association.to_acceptor).acknowledged
    if acknowledged is None or acknowledged < request.evidence.end:
        return Inconclusive("the request was not acknowledged: the server may not have received it")
    if not watched(traffic, request.evidence.last_packet, _waited_until(association, traffic), tcp):
        return Inconclusive(_UNTIMED)
    return _unanswered(subject, request, traffic, thresholds)


def _waited_until(association: Association, traffic: Traffic) -> int:
    """The packet with which waiting for the answer was over."""
    if association.abort is not None:
        return association.abort.evidence.first_packet
    cut = closing(association, traffic)
    return CAPTURE_END if cut is None else cut.packet


def _answer_ns(association: Association, traffic: Traffic) -> int | None:
    answer: AssociateAc | AssociateRj | None = association.accept or association.reject
    if association.request is None or answer is None:
        return None
    return elapsed(traffic, association.request.evidence, answer.evidence.first_packet, answer.evidence.first_ns)


def _answered_otherwise(association: Association) -> bool:
    """The acceptor aborted, or went on as if it had accepted, or the requestor aborted before it could be answered."""
    first = association.abort
    if association.exchanges or (first and association.role(first.evidence.direction) == "acceptor"):
        return True
    if first is None or association.request is None:
        return False
    return first.evidence.first_ns - association.request.evidence.last_ns < _GAVE_UP


def _late(
    subject: Asked, request: AssociateRq, answer: AssociateAc | AssociateRj, traffic: Traffic, thresholds: Thresholds
) -> Hit | Inconclusive | None:
    association = subject.association
    tcp = traffic.conversation(association.connection).tcp
    waited_ns = answer.evidence.first_ns - request.evidence.last_ns - on_the_way_ns(request.evidence, tcp)
    if waited_ns < thresholds.assoc_wait_warning * SECOND or association.blind & _NO_ANSWER:
        return None
    if elapsed(traffic, request.evidence, answer.evidence.first_packet, answer.evidence.first_ns) is None:
        return Inconclusive(_UNTIMED)
    end = f"then {'accepted' if association.accept else 'rejected'} it"
    return _hit(subject, request, waited_ns, end, Severity.WARNING, answer.evidence, None)


def _unanswered(subject: Asked, request: AssociateRq, traffic: Traffic, thresholds: Thresholds) -> Answer:
    association = subject.association
    cut, abort = closing(association, traffic), association.abort
    late_ns = on_the_way_ns(request.evidence, traffic.conversation(association.connection).tcp)
    asked_ns = request.evidence.last_ns + late_ns
    if abort is not None:
        waited_ns = abort.evidence.first_ns - asked_ns
        made = _hit(subject, request, waited_ns, "then the requestor aborted", None, abort.evidence, None, late_ns)
        return _belated(made, late_ns) if late_ns and waited_ns < thresholds.assoc_wait_warning * SECOND else made
    if cut is None:
        waited_ns = end_ns(traffic, association.connection) - asked_ns
        severity = _open_severity(waited_ns, thresholds)
        if severity is None:
            return None
        return _hit(subject, request, waited_ns, "until the capture ended", severity, None, None)
    waited_ns, by = cut.time_ns - asked_ns, association.role(cut.direction)
    unsure = who_left(association, traffic) is None
    patience_ns = _GAVE_UP if by == "requestor" or unsure else thresholds.assoc_wait_warning * SECOND
    if waited_ns + (late_ns if by == "requestor" else 0) < patience_ns:
        return None
    end = "then the requestor gave up" if by == "requestor" else "then closed the connection"
    if unsure:
        end = "then the connection was closed"
    made = _hit(subject, request, waited_ns, end, None, None, cut, late_ns)
    return _belated(made, late_ns) if late_ns and waited_ns < thresholds.assoc_wait_warning * SECOND else made


def _belated(hit: Hit, late_ns: int) -> Hit:
    """The request had been lost on its way again and again: the server had only the rest of the time."""
    message = (
        f"{hit.message} It had taken {seconds(late_ns)} and several tries to get there: packets are lost on the way."
    )
    return replace(hit, message=message, act=Side.UNKNOWN, actor=None, key=None, fix=_PATH)


def _open_severity(waited_ns: int, thresholds: Thresholds) -> Severity | None:
    if waited_ns >= thresholds.assoc_wait_error * SECOND:
        return Severity.ERROR
    return Severity.WARNING if waited_ns >= thresholds.assoc_wait_warning * SECOND else None


def _hit(
    subject: Asked,
    request: AssociateRq,
    waited_ns: int,
    end: str,
    severity: Severity | None,
    shown: Evidence | None,
    cut: Closing | None,
    late_ns: int = 0,
) -> Hit:
    association = subject.association
    server = peer(association, "acceptor")
    usual = ""
    if subject.usual_ns is not None and not (association.accept or association.reject):
        usual = f" It answers other requests in {seconds(subject.usual_ns)}."
    proof = {*packets_of(request.evidence, shown), *([cut.packet] if cut else [])}
    return Hit(
        f"{server} received the association request of {peer(association, 'requestor')} at "
        f"{clock(request.evidence.last_ns + late_ns)} but did not answer for {seconds(waited_ns)} ({end}).{usual}",
        packets=tuple(sorted(proof)),
        time_ns=request.evidence.last_ns,
        severity=severity,
        connection=association.connection,
        association=association.id,
        act=Side.ACCEPTOR,
        actor=server,
        fix=f"Look into the log of {server} at {clock(request.evidence.last_ns)}. With a constant delay, check its DNS or directory "
        "look-up of the client's address.",
        key=f"{end}|{severity}|{association.calling_ae}|{association.requestor.ip}|{server}",
        facts={
            "waited_ms": waited_ns / 1e6,
            "end": end,
            "usual_answer_ms": None if subject.usual_ns is None else subject.usual_ns / 1e6,
        },
    )


def _torn(association: Association) -> list[tuple[Evidence, int]]:
    """Requests of which the stream held only the beginning, with the length their PDU header promised."""
    return [
        (b.evidence, b.length + 6)
        for b in association.broken
        if b.type == PduType.ASSOCIATE_RQ and b.reason == "cut" and b.length is not None
    ]


def _incomplete(association: Association, traffic: Traffic) -> Answer:
    evidence, whole = _torn(association)[0]
    if association.accept or association.reject or association.exchanges:
        return None
    if association.blind & {*_NO_ANSWER, Blind.HOLE_TO_ACCEPTOR, Blind.TO_ACCEPTOR}:
        return Inconclusive("the connection was not captured whole: the rest of the request may be missing only here")
    cut = closing(association, traffic)
    if cut is None:
        return Inconclusive("the capture ended in the middle of the association request")
    silence_ns = elapsed(traffic, evidence, cut.packet, cut.time_ns)
    sender, first = association.role(evidence.direction), association.role(cut.direction)
    acting = must_act(first, association, traffic, silence_ns)
    if first != sender and silence_ns is None:
        return Inconclusive(_UNTIMED)
    if acting not in (None, sender):
        return None  # who does not let the other finish: DS-TCP-005
    return Hit(
        f"The association request of {association.requestor.ip} to {association.acceptor} stopped after {evidence.length} of "
        f"{whole} bytes; nothing more came for {seconds(silence_ns)}, so there was nothing to answer.",
        packets=tuple(sorted({*evidence.packets, cut.packet})),
        time_ns=evidence.last_ns,
        connection=association.connection,
        association=association.id,
        hides=("DS-TCP-005",),
        act=side(acting),
        actor=str(association.end(sender)) if acting else None,
        fix=f"Look at {association.end(sender)}, and at the path between: the rest of the request never came.",
        facts={"sent_bytes": evidence.length, "promised_bytes": whole},
    )


RULE = Rule(
    id="DS-ASSOC-006",
    name="no-answer-to-association-request",
    severity=Severity.ERROR,
    title="Association request not answered",
    subjects=asked,
    check=check,
    page=__doc__ or "",
    absence=True,
)
