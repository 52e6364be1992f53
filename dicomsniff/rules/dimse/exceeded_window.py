"""One side has more requests outstanding than were agreed, or uses a message ID twice at the same time.

What it sees
The requests of one side that were under way at the same moment, each from its first byte to the first byte of its final
response, against the Asynchronous Operations Window of the negotiation (1 where either side did not ask for one; 0 is
unlimited); and a Message ID that is used again before it was answered. Only requests that were answered count. Where
all of them succeeded it is a warning.

Why it matters
A performer that reads one request at a time loses the second, mixes the answers up or aborts.

Likely causes
1. The sender pipelines requests without negotiating a window.
2. Several threads of the sender share one association.

Fix
Negotiate an asynchronous window on both sides, or configure the sender to wait for each response.

Could be wrong when
Responses were not captured; then nothing is claimed. C-CANCEL, and the C-STOREs of a C-GET against the C-GET itself, are
not counted.

Reference
PS3.7 §D.3.3.3
PS3.7 §9.1.1.1.1
https://github.com/fo-dicom/fo-dicom/issues/356
https://github.com/fo-dicom/fo-dicom/issues/1597
"""

from collections.abc import Sequence
from heapq import heappop, heappush

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core import DIRECTIONS, Direction, Evidence
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import counted, peer, side
from dicomsniff.rules.rule import Among, Rule, Thresholds


def subjects(traffic: Traffic) -> Among[Association]:
    """Associations with several requests, of which the negotiation and both directions were seen; among them those where
    one request began before the one before it was answered."""
    seen = [
        a
        for a in traffic.associations
        if len(a.exchanges) > 1 and a.request and a.accept and not (a.blind and any(map(a.blind_towards, DIRECTIONS)))
    ]
    return Among(len(seen), [a for a in seen if _overlap(a.exchanges)])


def _overlap(exchanges: Sequence[Exchange]) -> bool:
    before: dict[Direction, Evidence] = {}
    for exchange in exchanges:
        request, final = exchange.request, exchange.final
        if request is not None and final is not None:
            answered = before.get(request.direction)
            if answered is not None and not _waited(request, answered):
                return True
            before[request.direction] = final
    return False


def _waited(request: Evidence, final: Evidence) -> bool:
    """Whether a request was sent only when the final response to one before had begun to arrive, by what TCP had confirmed,
    by the packets or by their times: clocks may be coarse, and captures swap packets."""
    confirmed = request.heard > final.start
    return confirmed or request.first_packet >= final.first_packet or request.first_ns > final.first_ns


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    window = _window(association)
    hits = []
    for role in ("requestor", "acceptor"):
        own = [e for e in association.exchanges if e.requested_by == role and e.request and e.final]
        most = _crowd(own)
        if window and len(most) > window:
            hits.append(_exceeded(association, role, most, window))
        elif (twice := _repeated(own)) is not None:
            hits.append(_reused(association, role, *twice))
    return hits


def _window(association: Association) -> int:
    """How many requests may be outstanding, 0 for any number. The larger of the two numbers of the item is taken: one is
    for each side, and products exchange them."""
    asked = association.request.user_information.async_window if association.request else None
    agreed = association.accept.user_information.async_window if association.accept else None
    if asked is None or agreed is None:
        return 1
    return 0 if 0 in agreed else max(1, *agreed)


def _crowd(exchanges: list[Exchange]) -> list[Exchange]:
    """The largest number of these that were under way at once, at the first moment it was reached."""
    under_way: list[tuple[int, int, Evidence, Exchange]] = []
    most: list[Exchange] = []
    for exchange in exchanges:
        request, final = exchange.request, exchange.final
        if request is None or final is None:
            continue
        while under_way and _waited(request, under_way[0][2]):
            heappop(under_way)
        heappush(under_way, (final.start, exchange.id, final, exchange))
        if len(under_way) > len(most):
            most = sorted((e for *_, e in under_way), key=lambda e: e.id)
    return most


def _repeated(exchanges: list[Exchange]) -> tuple[Exchange, Exchange] | None:
    """The first two requests with one message ID that were under way at once."""
    latest: dict[int | None, Exchange] = {}
    for exchange in exchanges:
        before = latest.get(exchange.message_id)
        if before and before.final and exchange.request and not _waited(exchange.request, before.final):
            return before, exchange
        latest[exchange.message_id] = exchange
    return None


def _exceeded(association: Association, role: str, most: list[Exchange], window: int) -> Hit:
    kinds = sorted({e.service for e in most})
    message = (
        f"{peer(association, role)} has {counted(len(most), 'request')} ({', '.join(kinds)}) outstanding at once; only "
        f"{window} {'was' if window == 1 else 'were'} negotiated."
    )
    return _hit(association, role, most, message, {"outstanding": len(most), "window": window})


def _reused(association: Association, role: str, first: Exchange, second: Exchange) -> Hit:
    message = (
        f"{peer(association, role)} used message ID {second.message_id} for a {second.service} while the "
        f"{first.service} with the same ID was not answered yet."
    )
    return _hit(association, role, [first, second], message, {"message_id": second.message_id})


def _hit(association: Association, role: str, most: list[Exchange], message: str, facts: dict[str, object]) -> Hit:
    harmed = bool(association.aborts) or any(e.status_class == "failure" for e in most)
    first = most[0]
    return Hit(
        message,
        packets_of(
            association.accept.evidence if association.accept else None,
            *(e.request for e in most[:6]),
            most[0].final,
        ),
        first.request.first_ns if first.request else None,
        Severity.ERROR if harmed else Severity.WARNING,
        connection=association.connection,
        association=association.id,
        exchange=first.id,
        tells_of=tuple(e.id for e in most),
        act=side(role),
        actor=peer(association, role),
        key=f"{association.end(role).ip}|{association.acceptor}|{sorted(facts)}",
        facts={
            **facts,
            "message_ids": [e.message_id for e in most[:20]],
            "calling_ae": association.calling_ae,
            "called_ae": association.called_ae,
        },
    )


RULE = Rule(
    id="DS-DIMSE-007",
    name="async-window-exceeded",
    severity=Severity.ERROR,
    title="More requests outstanding than negotiated",
    subjects=subjects,
    check=check,
    page=__doc__,
)
