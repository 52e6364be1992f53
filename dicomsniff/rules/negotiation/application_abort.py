"""An application aborted an established association.

What it sees
A first A-ABORT with source 0 (service-user) on an established association, what the association was doing, and how long
it had been silent. After a long silence with nothing left to answer, and where a requestor only leaves so upon
a failure status, it is a warning.

Why it matters
The operation in progress is lost, and the standard lets an application abort without a reason: what it was doing at that
moment is the best hint there is.

Likely causes
1. A time-out while waiting for a response: the silence before it is then a round 25, 30, 60, 180 or 300 seconds.
2. An exception while parsing or storing what had just been received.
3. The user pressed cancel.
4. A response it does not accept: a missing element, an unknown status.
5. The acceptor takes the association, but does not let this AE title use this service: it then aborts within
   milliseconds of the first request (Orthanc, where the title is not among DicomModalities, or AllowEcho, AllowStore and
   the like are off for it).
6. A C-STORE of a C-GET that came after the final response of that C-GET.

Fix
After a round silence, raise the DIMSE time-out and find out why the other side was slow. After a particular object,
look into the log of the side that aborted, and at that object. After the first request, within milliseconds: see in
its log whether the acceptor lets the calling AE title use this service.

Could be wrong when
The abort ends an association that had been idle: some programs always end so. Who aborted after a long silence in the middle of
a request, as the acceptor of an idle association, or waiting for a C-MOVE, may have been held up by the other side, the way
or what was not captured: nobody is named then.

Reference
PS3.8 §7.3
PS3.8 §9.3.8
https://github.com/fo-dicom/fo-dicom/issues/1467
https://github.com/pydicom/pynetdicom/issues/769
"""

from typing import Any

from dicomsniff.association.index import once
from dicomsniff.association.values import Association, Blind, Exchange, Traffic
from dicomsniff.core import Direction, Endpoint, Evidence
from dicomsniff.pdu.values import Abort
from dicomsniff.rules.belated import belated
from dicomsniff.rules.clock import clock, elapsed, milliseconds, on_the_way_ns
from dicomsniff.rules.endings import (
    deaf,
    doubtful,
    heard_before,
    let_down,
    let_down_ns,
    must_act,
    request_name,
    request_number,
    timer,
    unanswered,
)
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.leaving import doubt
from dicomsniff.rules.naming import SECOND, listed, peer, seconds, side
from dicomsniff.rules.negotiation.aborted_negotiation import in_negotiation
from dicomsniff.rules.rule import Rule, Thresholds, associations


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    abort = association.abort
    if abort is None or abort.source != 0 or association.reject or in_negotiation(association, traffic):
        return None
    if association.accept is None and not association.exchanges:
        return None
    last = _since(association, heard_before(association, abort.evidence))
    return _hit(association, abort, last, traffic, thresholds)


def _since(association: Association, last: Evidence | None) -> Evidence | None:
    """What the silence before the abort is counted from: to cancel a request is no answer to it."""
    cancelled = next((e for e in association.exchanges if e.cancel is not None and e.cancel == last), None)
    return last if cancelled is None or cancelled.final is not None else cancelled.last_response or cancelled.request


def _hit(
    association: Association, abort: Abort, last: Evidence | None, traffic: Traffic, thresholds: Thresholds
) -> Hit:
    ender = association.role(abort.evidence.direction)
    at = abort.evidence
    silence_ns = elapsed(traffic, last, at.first_packet, at.first_ns) if last else 0
    pending = unanswered(association, at)
    idle = not pending and not doubtful(association) and (silence_ns or 0) >= thresholds.idle_min * SECOND
    round_s = timer(silence_ns)
    acting = _acting(association, at, silence_ns, traffic, thresholds)
    before = {e.id for e in pending}
    behind = [e for e in unanswered(association) if e.id not in before]
    release_ns = None if pending or doubtful(association) else let_down_ns(association, traffic, at.direction)
    parts = [
        f"The application of {peer(association, ender)} aborted {_moment(association, abort, last, silence_ns, pending)}."
    ]
    if round_s:
        parts.append(f" {round_s} s looks like a time-out.")
    if behind:
        parts.append(f" Of what came behind the abort nothing came: {listed((request_name(e) for e in behind), 3)}.")
    lost = (*pending, *behind)
    return Hit(
        "".join(parts),
        packets=packets_of(last, *(e.request for e in pending[:4]), abort.evidence),
        time_ns=abort.evidence.first_ns,
        severity=Severity.WARNING if idle or release_ns is not None or _done(association, ender, lost) else None,
        connection=association.connection,
        association=association.id,
        exchange=pending[-1].id if pending else behind[0].id if behind else None,
        tells_of=tuple(e.id for e in lost),
        act=side(acting),
        actor=peer(association, acting) if acting else None,
        **_remedy(association, silence_ns, pending, release_ns, traffic),
        facts={
            "aborted_by": ender,
            "source": abort.source,
            "silence_ms": milliseconds(silence_ns),
            "unanswered": [e.id for e in pending[:100]],
        },
    )


def _done(association: Association, ender: str, lost: tuple[Exchange, ...]) -> bool:
    """Whether a requestor had its answers, the last of them a failure, and only left as one should not upon that. After a success
    there may have been more to send."""
    if ender != "requestor" or lost or doubtful(association) or not association.exchanges:
        return False
    return association.exchanges[-1].status_class == "failure"


def _acting(
    association: Association, at: Evidence, silence_ns: int | None, traffic: Traffic, thresholds: Thresholds
) -> str | None:
    """Who must act upon the abort `at`."""
    ender = association.role(at.direction)
    if any(e.id in belated(traffic) and e.requested_by != ender and e.final is None for e in association.exchanges):
        return association.other(ender)  # it may have aborted upon what may not come any more
    release_ns = let_down_ns(association, traffic, at.direction)
    if release_ns is not None:  # it had waited for the answer to its release
        release = association.release_request
        if release is not None:
            release_ns -= on_the_way_ns(release.evidence, traffic.conversation(association.connection).tcp)
        return association.other(ender) if release_ns >= thresholds.release_wait * SECOND else None
    acting = must_act(ender, association, traffic, silence_ns, at)
    unsure = acting == ender and (
        deaf(association, at.direction, at.heard, traffic) or doubt(association, traffic) is not None
    )
    return None if unsure else acting


def _remedy(
    association: Association,
    silence_ns: int | None,
    pending: tuple[Exchange, ...],
    release_ns: int | None,
    traffic: Traffic,
) -> dict[str, Any]:
    """Causes, gist, remedy and kind, where this capture tells more than the page of the rule."""
    abort = association.abort
    ender = association.role(abort.evidence.direction) if abort else "acceptor"
    if release_ns is not None:
        return {**let_down(association, ender, release_ns, "aborted")}
    if _at_once(association, ender, silence_ns, pending, traffic):
        return _unpermitted(association, pending[0])
    if abort is not None and silence_ns is not None and silence_ns < SECOND:
        when = clock(abort.evidence.first_ns)
        return {"fix": f"Look into the log of {peer(association, ender)} at {when}: only it says why."}
    waited = [e.request for e in pending if e.requested_by == ender and e.request_finished and e.request]
    if waited and timer(silence_ns):
        other, since = peer(association, association.other(ender)), clock(waited[-1].last_ns)
        return {
            "fix": f"Look into the log of {other} from {since} on for what took so long; or raise the DIMSE time-out of "
            f"{peer(association, ender)}, which seems to be {timer(silence_ns)} s."
        }
    return {}


_AT_ONCE_NS = SECOND // 2
_MAYBE_UNPERMITTED = (
    "The acceptor takes the association, but does not let this AE title use this service (Orthanc, where the title is not "
    "among DicomModalities, or AllowEcho, AllowStore and the like are off for it).",
    "An exception while parsing or storing what had just been received.",
)


def _unpermitted(association: Association, refused: Exchange) -> dict[str, Any]:
    """Causes, remedy and kind of an abort at once; who asks again is told once."""
    who, service = association.calling_ae or "the calling AE title", refused.service
    when = clock(refused.request.last_ns) if refused.request else "an unknown time"
    return {
        "causes": _MAYBE_UNPERMITTED,
        "fix": f"Look into the log of {peer(association, 'acceptor')} from {when} on: only it says why. If it does not let {who} "
        f"({association.requestor.ip}) use {service}, register that title there and permit it.",
        "key": f"unpermitted|{association.acceptor}|{who}|{association.requestor.ip}|{service}",
    }


def _at_once(
    association: Association, ender: str, silence_ns: int | None, pending: tuple[Exchange, ...], traffic: Traffic
) -> bool:
    """Whether the acceptor aborted upon the first request, without a moment's work for it, and is not seen to do the same
    service for the same title elsewhere in the capture."""
    first = ender == "acceptor" and len(pending) == len(association.exchanges) == 1
    at_once = first and silence_ns is not None and silence_ns < _AT_ONCE_NS
    return at_once and (*_ends(association), pending[0].service) not in _permitted(traffic)


def _ends(association: Association) -> tuple[str | None, str, Endpoint]:
    return association.calling_ae, association.requestor.ip, association.acceptor


@once
def _permitted(traffic: Traffic) -> frozenset[tuple[object, ...]]:
    """Which services each acceptor answered, other than with a refusal, to each title and address."""
    answered = (e for e in traffic.exchanges if e.final is not None and e.requested_by == "requestor")
    return frozenset(
        (*_ends(traffic.association(e.association)), e.service) for e in answered if e.status_class != "failure"
    )


def _moment(
    association: Association, abort: Abort, last: Evidence | None, silence_ns: int | None, pending: tuple[Exchange, ...]
) -> str:
    half = [e for e in pending if not e.request_finished]
    words = f"{seconds(silence_ns)} after {_event(association, last)}"
    if half:
        data = half[0].payload.length if half[0].payload else 0
        words += f", in the middle of {request_name(half[0])} after {data} data set bytes"
        if half[0].requested_by == association.role(abort.evidence.direction):
            words += " that it was sending itself"
    waiting = [e for e in pending if e.request_finished]
    if waiting:
        words += f", with no answer yet to {listed((request_name(e) for e in waiting), 3)}"
        words += " although it was cancelled" if waiting[-1].cancel is not None else ""
        words += _afterwards(association, waiting)
    joined_late = Blind.REQUEST in association.blind
    unsure = doubtful(association) or joined_late or any(map(association.blind_towards, Direction))
    if pending or unsure:
        return words
    return f"{words}, with {_LEFT if _release_open(association) else 'nothing left to answer'}"


_LEFT = "no answer yet to A-RELEASE-RQ"


def _release_open(association: Association) -> bool:
    """Whether the side that aborted had asked for the release and had no answer."""
    release, abort = association.release_request, association.abort
    if release is None or abort is None or association.release_response is not None:
        return False
    return release.evidence.direction is abort.evidence.direction and abort.evidence.after(release.evidence)


def _afterwards(association: Association, waiting: list[Exchange]) -> str:
    """What became of the last of them all the same."""
    abort, final = association.abort, waiting[-1].final
    if abort is None or final is None or final.first_ns < abort.evidence.last_ns:
        return ""
    return f"; the answer came {seconds(final.first_ns - abort.evidence.last_ns)} after the abort"


def _event(association: Association, last: Evidence | None) -> str:
    """What the last bytes before the abort were."""
    if last is None:
        return "an unknown event"
    if association.accept is not None and last == association.accept.evidence:
        return "the acceptance"
    if association.release_request is not None and last == association.release_request.evidence:
        return "A-RELEASE-RQ"
    for exchange in reversed(association.exchanges):
        if last in (exchange.final, exchange.last_response, exchange.first_response):
            return f"the response to {request_number(exchange)}"
        if last == exchange.request:
            return f"{'the request' if exchange.request_finished else 'the last bytes of'} {request_number(exchange)}"
    return "the last bytes that were heard"


RULE = Rule(
    id="DS-ASSOC-008",
    name="aborted-by-application",
    severity=Severity.ERROR,
    title="Aborted by the application",
    subjects=associations,
    check=check,
    page=__doc__ or "",
    hides=("DS-DIMSE-001", "DS-STORE-006"),
)
