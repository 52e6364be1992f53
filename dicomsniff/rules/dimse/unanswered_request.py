"""A request arrived whole and was never answered.

What it sees
A request whose last fragment was seen and acknowledged by the receiver's TCP, and no final response (a status other
than pending) before the association ended, or within the waiting time before the capture ended. The message says who
ended the association and when. Where the requestor gave up before the waiting time was over, that is said as a warning:
the other side had little time to answer.

Why it matters
The requestor does not know whether the operation was done. An object may have been stored, or not; most senders will
send it again, or report an error.

Likely causes
1. An exception in the handler of the performing side.
2. It is still storing or indexing and slower than its peer is patient.
3. It waits for more data: the last-fragment bit is missing, or the command announces a data set that does not follow.
4. Both ends are single-threaded and wait for each other.

Fix
Look into the log of the performing side at the time of the request. Compare the requestor's time-out with the time that
comparable requests take.

Could be wrong when
The response was sent but not captured; where the capture has holes in that direction nothing is claimed. A request that
TCP did not acknowledge to its end is a matter of the network and is not judged here. An archive that is silent about a
C-MOVE may be sending all the while, on connections that were not captured: nobody is named then.

Reference
PS3.7 §9.3
PS3.7 §10.3
PS3.8 §E.2
https://github.com/fo-dicom/fo-dicom/issues/792
https://github.com/fo-dicom/fo-dicom/issues/1282
"""

from dicomsniff.association.points import end_ns
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core import Evidence
from dicomsniff.rules.belated import behind_release, belated
from dicomsniff.rules.clock import CAPTURE_END, clock, milliseconds, on_the_way_ns, watched
from dicomsniff.rules.endings import closing, meant_perhaps
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, packets_of
from dicomsniff.rules.leaving import departures, leaving, left_by, left_ns, still_open, who_left
from dicomsniff.rules.naming import SECOND, brief, peer, performer, seconds, side
from dicomsniff.rules.rule import Among, Rule, Thresholds

_TIMER_NS = SECOND // 2
"""A timer of that many seconds may seem shorter here by as much."""


def subjects(traffic: Traffic) -> Among[Exchange]:
    """Requests that want an answer and came to their end."""
    return Among(len(traffic.index.asked), traffic.index.unanswered)


def check(exchange: Exchange, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    request = exchange.request
    if exchange.final is not None or request is None:
        return None
    association = traffic.association(exchange.association)
    if exchange.id in belated(traffic) or behind_release(exchange, association):
        return None  # whoever sends a request when none may come any more can expect no answer
    waited_ns = _waited_ns(exchange.last_response or request, association, traffic)
    doubt = _doubt(exchange, request, association, traffic, _had_ns(exchange, waited_ns, traffic), thresholds)
    return Inconclusive(doubt) if doubt else _hit(exchange, request, association, traffic, waited_ns, thresholds)


def _doubt(
    exchange: Exchange,
    request: Evidence,
    association: Association,
    traffic: Traffic,
    waited_ns: int | None,
    thresholds: Thresholds,
) -> str | None:
    """Why the missing answer proves nothing; None where it does."""
    if association.blind_towards(exchange.direction.opposite):
        return "an answer may have been sent in a stretch that was not captured"
    if meant_perhaps(exchange, traffic):
        return "a response with another message ID may have been meant for it"
    if not exchange.request_complete:
        return "parts of the request were not captured"
    acknowledged = traffic.conversation(association.connection).tcp.facts(exchange.direction).acknowledged
    if acknowledged is None or acknowledged < request.end:
        return "TCP did not acknowledge the whole request: it may never have arrived (network)"
    if still_open(association) and waited_ns is None:
        return "the capture does not tell how long the answer was waited for"
    if still_open(association) and (waited_ns or 0) < thresholds.dimse_wait * SECOND:
        return "the capture ended before an answer could be expected"
    if left_by(association) is None and (waited_ns or 0) < thresholds.dimse_wait * SECOND:
        return "who ended the association before an answer could be expected was not captured"
    return None


def _waited_ns(since: Evidence, association: Association, traffic: Traffic) -> int | None:
    """How long the answer was waited for, up to the end of the association or else of the capture; None where the
    capture does not tell."""
    is_open = still_open(association)
    tcp = traffic.conversation(association.connection).tcp
    if not watched(traffic, since.last_packet, CAPTURE_END if is_open else association.last_packet, tcp):
        return None
    if is_open:
        return max(0, end_ns(traffic, association.connection) - since.last_ns)
    end = closing(association, traffic)
    ends = [e.first_packet for e in departures(association)] or ([end.packet] if end else [])
    if any(packet < since.last_packet for packet in ends):
        return None  # captured before what it came after
    until_ns = left_ns(association, traffic)
    return until_ns - since.last_ns if until_ns >= since.last_ns else None


def _had_ns(exchange: Exchange, waited_ns: int | None, traffic: Traffic) -> int | None:
    """How much of the time waited the performer had: none of that in which the request was sent again, lost on its way."""
    if waited_ns is None or exchange.request is None or exchange.last_response is not None:
        return waited_ns
    tcp = traffic.conversation(traffic.association(exchange.association).connection).tcp
    return max(0, waited_ns - on_the_way_ns(exchange.request, tcp))


def _hit(
    exchange: Exchange,
    request: Evidence,
    association: Association,
    traffic: Traffic,
    waited_ns: int | None,
    limits: Thresholds,
) -> Hit:
    answering, asking = performer(exchange), exchange.requested_by
    open_who = left_by(association) is not None and who_left(association, traffic) is None
    had_ns = _had_ns(exchange, waited_ns, traffic)
    patient = (had_ns or 0) >= limits.dimse_wait * SECOND - _TIMER_NS
    impatient = not patient and (open_who or left_by(association) == asking)
    open_who = open_who or waited_ns is None or had_ns is None or waited_ns - had_ns >= SECOND  # the way took that
    acting = answering if not impatient else None if open_who else asking
    if acting == answering and exchange.service == "C-MOVE":
        acting = None  # it may have been at work, on connections that were not captured
    server, after = peer(association, answering), f"{leaving(association, traffic)} after {seconds(waited_ns)}"
    pending = f" beyond {exchange.pending} pending response(s)" if exchange.pending else ""
    cancelled = " although it was cancelled" if exchange.cancel else ""
    message = (
        f"{server} received {exchange.service} {exchange.message_id} ({brief(exchange.sop_class)}) completely and "
        f"never answered{pending}{cancelled}; {after}."
    )
    if impatient:
        message += " That may be less time than it needed."
    end = closing(association, traffic)
    proof = packets_of(request, exchange.last_response, exchange.cancel, *departures(association))
    return Hit(
        message,
        proof if end is None or departures(association) else (*proof, end.packet),
        request.last_ns,
        Severity.WARNING if impatient else Severity.ERROR,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(acting),
        actor=peer(association, acting) if acting else None,
        fix=_fix(association, request, answering, impatient),
        key=f"{association.id}|{exchange.service}|{answering}|{impatient}",
        facts={
            "service": exchange.service,
            "message_id": exchange.message_id,
            "sop_instance": exchange.sop_instance,
            "pending": exchange.pending,
            "waited_ms": milliseconds(waited_ns),
            "ended_by": left_by(association),
        },
    )


def _fix(association: Association, request: Evidence, answering: str, impatient: bool) -> str:
    """Where to look; who was given too little time has nothing to explain yet."""
    server, client = peer(association, answering), peer(association, association.other(answering))
    if impatient:
        return f"Find out why {client} did not wait for the answer, and compare its time-out with what comparable requests take."
    return (
        f"Look into the log of {server} from {clock(request.last_ns)} on. Compare the time-out of {client} with the time that "
        "comparable requests take."
    )


RULE = Rule(
    id="DS-DIMSE-001",
    name="request-without-response",
    severity=Severity.ERROR,
    title="Request received and never answered",
    subjects=subjects,
    check=check,
    page=__doc__,
    absence=True,
    explains=("DS-STORE-006",),
)
