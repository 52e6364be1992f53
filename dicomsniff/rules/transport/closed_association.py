"""The TCP connection was closed under an association that was neither released nor aborted.

What it sees
A FIN or RST while the association was being negotiated or was established, with no A-RELEASE-RP and no A-ABORT in either
direction; and the moment: before an answer, directly after the acceptance, in the middle of a message, with a request
unanswered, or idle.

Why it matters
The other side learns of it only as a lost connection, and what was being sent or asked for is lost. Closed while idle
(a warning) it is untidy: some archives treat the study as incomplete.

Likely causes
1. The process that closed has crashed or stopped on an exception.
2. A read or write time-out that simply closes the socket.
3. The host or its network interface failed.
4. A firewall or load balancer reset the connection.

Fix
Look into the log of the side that closed, at the time given.

Could be wrong when
A release or abort was not captured. A reset may come from a box in between: its TTL then differs from that of the
host's other packets, or both sides were reset. A proxy may only have passed on what happened on its other side. Where any of
this leaves open who cut the association, nobody is accused; nor where it was cut after a long silence in the middle of a request,
where an acceptor had waited for the next one, or where what the side that cut it had received was not captured. After a release, a rejection or an abort, FIN and RST are normal and not reported here.

Reference
PS3.8 §7.2
PS3.8 §7.3
PS3.8 §9.1.4
PS3.8 §9.2
"""

from typing import Any

from dicomsniff.association.values import Association, Blind, Exchange, Outcome, Traffic
from dicomsniff.core import AnomalyCode, Direction
from dicomsniff.core.records import dataclass
from dicomsniff.pdu.values import BrokenPdu
from dicomsniff.rules.clock import clock, elapsed, milliseconds, watched
from dicomsniff.rules.endings import (
    GAVE_UP,
    closer_unseen,
    closing,
    deaf,
    doubtful,
    had_data,
    in_vain,
    last_heard,
    let_down,
    let_down_ns,
    must_act,
    request_name,
    tail_unseen,
    timer,
    unanswered,
    unconfirmed_ns,
)
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.leaving import doubt, foreign_reset
from dicomsniff.rules.naming import SECOND, counted, listed, peer, seconds, side
from dicomsniff.rules.rule import Rule, Thresholds, associations
from dicomsniff.tcp.events import Closing
from dicomsniff.tcp.segment_facts import Reset


@dataclass(frozen=True, slots=True)
class _Moment:
    """When in its life the association was cut: the letter of the case and the words for it."""

    case: str
    words: str
    causes: tuple[str, ...] | None = None


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    if association.outcome not in (Outcome.CLOSED, Outcome.UNANSWERED) or association.aborts or association.reject:
        return None
    cut = closing(association, traffic)
    if cut is None or association.release_response:
        return None
    if (unconfirmed_ns(association, traffic) or 0) >= thresholds.release_wait * SECOND:
        return None  # the answer to the release was waited for in vain: DS-ASSOC-014
    if tail_unseen(association, traffic):
        return Inconclusive("bytes before the end of the connection were not captured: a release may be among them")
    if _unheard(association, traffic):
        return Inconclusive("nothing that one side said was captured: it may have ended the association before")
    if closer_unseen(association, traffic):
        return Inconclusive(
            "both sides closed the connection, but one FIN was not captured: who did so first is unknown"
        )
    ender = association.role(cut.direction)
    if association.accept is None and Blind.REQUEST not in association.blind and not association.exchanges:
        if Blind.ANSWER in association.blind:
            return Inconclusive("the answer to the association request was not captured")
        if association.request and not watched(traffic, association.request.evidence.last_packet, cut.packet):
            return Inconclusive("the capture does not tell how long the answer had been waited for")
        if _left_to_no_answer(association, cut, ender, thresholds):
            return None
    return _hit(association, cut, ender, traffic)


def _unheard(association: Association, traffic: Traffic) -> bool:
    """Whether the capture began in the middle and holds no byte of one side."""
    tcp = traffic.conversation(association.connection).tcp
    return Blind.REQUEST in association.blind and not all(tcp.facts(way).data_packets for way in Direction)


def _left_to_no_answer(association: Association, cut: Closing, ender: str, thresholds: Thresholds) -> bool:
    """Whether the missing answer is the fault and the closing only its end (DS-ASSOC-006)."""
    if association.request is None:
        return False
    waited_ns = cut.time_ns - association.request.evidence.last_ns
    return waited_ns >= (GAVE_UP if ender == "requestor" else thresholds.assoc_wait_warning * SECOND)


def _hit(association: Association, cut: Closing, ender: str, traffic: Traffic) -> Hit:
    pending = tuple(e for e in unanswered(association) if e.request and e.request.first_packet < cut.packet)
    forged, unsure_who = foreign_reset(association, traffic), doubt(association, traffic)
    moment = _moment(association, cut, None if unsure_who else ender, pending)
    last = last_heard(association, cut.time_ns)
    silence_ns = elapsed(traffic, last, cut.packet, cut.time_ns) if last else 0
    other = "acceptor" if ender == "requestor" else "requestor"
    who, whom = peer(association, ender), peer(association, other)
    parts = [
        f"The association of {who} with {whom} was cut"
        if unsure_who
        else f"{'A device that answers for ' if forged else ''}{who} cut the association with {whom}",
        f" {moment.words} ({cut.kind.upper()} in packet {cut.packet}, {seconds(silence_ns)} after the last message)",
    ]
    if pending:
        parts.append(f"; {counted(len(pending), 'request')} unanswered: {listed(request_name(e) for e in pending)}")
    if unsure := doubtful(association):
        parts.append(
            f"; whether {counted(unsure, 'more request' if pending else 'request')} got an answer was not captured"
        )
    round_s = timer(silence_ns) if pending else None
    parts.append(f". {round_s} s looks like a time-out." if round_s else ".")
    if forged:
        parts.append(_forged(forged))
    if not forged and ender == "acceptor" and (silence_ns or 0) < SECOND and len(association.exchanges) <= 1:
        parts.append(_unusual(association))
    if not forged and not unsure_who and in_vain(association, traffic, ender):
        parts.append(f" What {who} had sent was sent again and not confirmed: the way, or {whom}, had failed.")
    parts += [f" By whom is open: {unsure_who}."] if unsure_who else []
    release_ns = let_down_ns(association, traffic, cut.direction) if moment.case == "a" and not unsure_who else None
    acting = None if unsure_who or release_ns is not None else _acting(association, cut, traffic, silence_ns)
    look = None if acting is None else _look(association, cut, acting, moment, pending)
    return Hit(
        "".join(parts),
        packets=tuple(sorted({*packets_of(last, *(e.request for e in pending[:4])), cut.packet})),
        time_ns=cut.time_ns,
        severity=Severity.WARNING if moment.case == "a" else None,
        connection=association.connection,
        association=association.id,
        exchange=pending[0].id if pending else None,
        tells_of=tuple(e.id for e in pending),
        act=Side.NETWORK if forged else side(acting),
        actor=None if forged or not acting else peer(association, acting),
        **{"fix": look, **_remedy(association, ender, moment, forged is not None, release_ns)},
        key=None if pending or moment.case == "c" else _kind(association, moment, ender),
        facts=_facts(association, cut, moment, pending)
        | {"closed_by": ender, "silence_ms": milliseconds(silence_ns), "foreign_reset": forged is not None},
    )


def _acting(association: Association, cut: Closing, traffic: Traffic, silence_ns: int | None) -> str | None:
    """Who must act; nobody where it may have been cut upon what was not captured."""
    ender = association.role(cut.direction)
    acting = must_act(ender, association, traffic, silence_ns)
    return None if acting == ender and deaf(association, cut.direction, cut.heard, traffic) else acting


def _forged(reset: Reset) -> str:
    return (
        f" The TTL of the reset ({reset.header.ttl}) is not that of the host's other packets ({reset.other_ttls[0]}): a firewall or "
        "load balancer in between sent it."
    )


def _remedy(
    association: Association, ender: str, moment: _Moment, forged: bool, release_ns: int | None
) -> dict[str, Any]:
    """Causes, gist and remedy as far as they are not the rule's own."""
    if forged:
        return {"causes": _BOX, "fix": _BOX_FIX}
    if release_ns is not None:
        return {**let_down(association, ender, release_ns, "closed the connection")}
    return {"causes": moment.causes}


def _look(association: Association, cut: Closing, acting: str, moment: _Moment, pending: tuple[Exchange, ...]) -> str:
    """Into whose log, and when."""
    ender = association.role(cut.direction)
    if acting != ender:
        asked = max((e.request.last_ns for e in pending if e.request), default=cut.time_ns)
        log = f"the log of {peer(association, acting)} from {clock(asked)} on"
        return f"Look into {log}: {peer(association, ender)} had waited for its answer."
    who, at = peer(association, ender), clock(cut.time_ns)
    if moment.case == "a":
        return f"Let {who} release the association before it closes; its log at {at} may say why it did not."
    return f"Look into the log of {who} at {at}: only it says why it closed."


_BOX_FIX = (
    "Look at the firewalls and load balancers between the two: their rules, limits and time-outs for DICOM connections."
)
_BOX = (
    "A firewall or load balancer ended the connection by a rule, a limit or its own time-out, and reset both sides.",
    "A device that inspects traffic took exception to the contents.",
)


def _kind(association: Association, moment: _Moment, ender: str) -> str:
    """What makes two endings without a loss the same."""
    accepted = sum(c.accepted for c in association.contexts)
    titles = f"{association.calling_ae}|{association.called_ae}"
    return f"{moment.case}|{ender}|{titles}|{association.requestor.ip}|{association.acceptor}|{accepted}"


def _moment(association: Association, cut: Closing, ender: str | None, pending: tuple[Exchange, ...]) -> _Moment:
    """`ender` is None where it is open who cut it."""
    torn = next((b for b in association.broken if b.reason == "cut"), None)
    half = [e for e in pending if not e.request_finished]
    if association.accept is None and not association.exchanges and association.request is not None:
        before, instead = "before its request was answered", "instead of answering the request"
        return _Moment("negotiating", instead if ender == "acceptor" else before)
    if torn is not None and ender is not None and not half and not pending and _begun_after(torn, cut):
        return _Moment("c", f"without A-RELEASE when {peer(association, association.other(ender))} had more to send")
    if half or torn is not None:
        return _Moment("c", f"in the middle of {_half_sent(half, torn)}")
    if pending:
        owing, leaving = "while it owed an answer", "without waiting further"
        known = owing if pending[0].requested_by != ender else leaving
        return _Moment("b", known if ender else "before all requests were answered")
    if association.accept is not None and not had_data(association):
        return _Moment(
            "d", f"directly after the acceptance ({_granted(association)}), before any message", _AFTER_ACCEPT
        )
    if association.release_request is not None:
        return _Moment("a", "after A-RELEASE-RQ but without A-RELEASE-RP", _UNTIDY)
    unsure = (
        doubtful(association) or Blind.REQUEST in association.blind or any(map(association.blind_towards, Direction))
    )
    late = next((e for e in association.exchanges if e.final is not None and e.final.first_packet > cut.packet), None)
    left = (
        f", and {request_name(late)} was answered after that"
        if late
        else ""
        if unsure
        else ", with nothing left to answer"
    )
    return _Moment("a", f"without A-RELEASE{left}", _UNTIDY)


def _unusual(association: Association) -> str:
    """What optional items the request carried, of which some acceptors close upon the first request or before it."""
    if association.request is None:
        return ""
    info, found = association.request.user_information, []
    if info.async_window is not None and info.async_window != (1, 1):  # which is what all do without it
        found.append(f"an asynchronous operations window ({info.async_window.invoked}/{info.async_window.performed})")
    if info.user_identity is not None:
        found.append("a user identity")
    return f" The A-ASSOCIATE-RQ carried {listed(found)}; some acceptors close upon such items." if found else ""


def _begun_after(torn: BrokenPdu, cut: Closing) -> bool:
    """Whether the other side began a PDU only after this closing, of which it did not know yet."""
    return torn.evidence.direction is not cut.direction and torn.evidence.first_packet > cut.packet


_AFTER_ACCEPT = (
    "The requestor found no presentation context that fits what it wanted to do, and just left.",
    "The peer cannot cope with an optional user item of the request, such as an asynchronous operations window.",
    "The listener accepted the AE titles, the application behind it refused them.",
)
_UNTIDY = ("The program ends, or drops its association object, without releasing the association.",)


def _half_sent(half: list[Exchange], torn: BrokenPdu | None) -> str:
    sent = ""
    if torn is not None and torn.length is not None:
        sent = f"a PDU of which {torn.evidence.length} of {torn.length + 6} bytes were sent"
    if not half:
        return sent or "a PDU"
    data = half[0].payload.length if half[0].payload else 0
    return f"{request_name(half[0])} after {data} data set bytes" + (f", in {sent}" if sent else "")


def _granted(association: Association) -> str:
    accepted = sum(c.accepted for c in association.contexts)
    return f"{accepted} of {counted(len(association.contexts), 'context')} accepted"


def _facts(association: Association, cut: Closing, moment: _Moment, pending: tuple[Exchange, ...]) -> dict[str, Any]:
    return {
        "case": moment.case,
        "closing": cut.kind,
        "closing_packet": cut.packet,
        "unanswered": [e.id for e in pending[:100]],
        "contexts": len(association.contexts),
        "accepted_contexts": sum(c.accepted for c in association.contexts),
    }


RULE = Rule(
    id="DS-TCP-005",
    name="closed-without-release",
    severity=Severity.ERROR,
    title="Connection closed without release",
    subjects=associations,
    check=check,
    page=__doc__ or "",
    absence=True,
    claims=frozenset({AnomalyCode.PDU_TRUNCATED}),
    hides=("DS-DIMSE-001", "DS-STORE-006"),
)
