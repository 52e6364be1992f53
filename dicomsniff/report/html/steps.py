"""One association in, everything that either side sent as steps in the order of time out: PDUs, messages, TCP's ends."""

from collections.abc import Iterator

from dicomsniff.association.values import Association, Conversation, Exchange, ExchangeOutcome
from dicomsniff.core import Direction, Evidence
from dicomsniff.core.records import dataclass, replace
from dicomsniff.dimse.uids import uid_name
from dicomsniff.report.wording import count, size

_BAD = frozenset({ExchangeOutcome.FAILED, ExchangeOutcome.UNANSWERED, ExchangeOutcome.INCOMPLETE})
_CLOSING = {"fin": "TCP FIN", "rst": "TCP RST"}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that one side sent: its first byte passed at `start_ns`, its last at `end_ns`. `target` is the id on the
    page that tells more, `length` the bytes of it, `answers` that the other side waited for it. Before it, `skipped` operations that took
    `skipped_ns` are left out."""

    start_ns: int
    end_ns: int
    from_requestor: bool
    name: str
    detail: str
    packets: tuple[int, ...]
    tone: str = ""
    kind: str = "message"  # or "pdu", "tcp"
    target: str = ""
    answers: bool = False
    length: int = 0
    evidence: Evidence | None = None
    skipped: int = 0
    skipped_ns: int = 0


def steps_of(association: Association, conversation: Conversation, shown: frozenset[int]) -> list[Step]:
    """`shown`: the ids of the operations wanted; how many between them are left out is noted on what comes next."""
    made = [*_setup(association, conversation), *_end(association, conversation)]
    skipped: list[Exchange] = []
    notes: list[tuple[Step, int]] = []
    for exchange in association.exchanges:
        if exchange.id not in shown:
            skipped.append(exchange)
            continue
        own = list(_exchange(association, exchange))
        if own and skipped:
            notes.append((own[0], len(skipped)))
            skipped = []
        made += own
    if skipped:
        after = [step for step in made if step.start_ns >= _begun(skipped[-1])]
        if after:
            notes.append((min(after, key=lambda step: step.start_ns), len(skipped)))
    return _noted(sorted(made, key=lambda step: (step.start_ns, step.packets)), notes)


def _noted(steps: list[Step], notes: list[tuple[Step, int]]) -> list[Step]:
    left = {id(step): number for step, number in notes}
    made: list[Step] = []
    for step in steps:
        if id(step) in left:
            before = max((one.end_ns for one in made), default=step.start_ns)
            step = replace(step, skipped=left[id(step)], skipped_ns=max(0, step.start_ns - before))
        made.append(step)
    return made


def _begun(exchange: Exchange) -> int:
    evidence = exchange.request or exchange.final
    return evidence.first_ns if evidence else 0


def _step(association: Association, evidence: Evidence, name: str, detail: str = "", **more: str | bool) -> Step:
    return Step(
        evidence.first_ns,
        max(evidence.first_ns, evidence.last_ns),
        evidence.direction is association.to_acceptor,
        name,
        detail,
        evidence.packets,
        tone=str(more.get("tone", "")),
        kind=str(more.get("kind", "message")),
        target=str(more.get("target", "")),
        answers=bool(more.get("answers", False)),
        length=evidence.length,
        evidence=evidence,
    )


def _setup(association: Association, conversation: Conversation) -> Iterator[Step]:
    tcp = conversation.tcp
    own = f"pdus-{association.id}"
    if tcp.syn_packets and conversation.associations and conversation.associations[0] == association.id:
        sender = association.to_acceptor is Direction.TO_RESPONDER
        yield Step(tcp.first_ns, tcp.first_ns, sender, "TCP SYN", "", (tcp.syn_packets[0],), kind="tcp")
    if (request := association.request) is not None:
        detail = f"{count(len(request.contexts), 'context')} proposed"
        yield _step(association, request.evidence, "A-ASSOCIATE-RQ", detail, kind="pdu", target=own)
    if (accept := association.accept) is not None:
        accepted = sum(context.result == 0 for context in accept.contexts)
        detail, tone = f"{accepted} of {len(accept.contexts)} accepted", "" if accepted else "error"
        yield _step(
            association, accept.evidence, "A-ASSOCIATE-AC", detail, kind="pdu", target=own, answers=True, tone=tone
        )
    if (reject := association.reject) is not None:
        detail = f"{reject.result}/{reject.source}/{reject.reason}"
        yield _step(
            association, reject.evidence, "A-ASSOCIATE-RJ", detail, kind="pdu", target=own, tone="error", answers=True
        )


def _end(association: Association, conversation: Conversation) -> Iterator[Step]:
    own = f"pdus-{association.id}"
    if association.release_request is not None:
        yield _step(association, association.release_request.evidence, "A-RELEASE-RQ", kind="pdu", target=own)
    if association.release_response is not None:
        evidence = association.release_response.evidence
        yield _step(association, evidence, "A-RELEASE-RP", kind="pdu", target=own, answers=True)
    for abort in association.aborts[:4]:
        detail = f"{abort.source}/{abort.reason}"
        yield _step(association, abort.evidence, "A-ABORT", detail, kind="pdu", target=own, tone="error")
    if conversation.associations and conversation.associations[-1] == association.id:
        for closing in conversation.tcp.closings[:4]:
            name = _CLOSING.get(closing.kind, closing.kind)
            sender = closing.direction is association.to_acceptor
            yield Step(closing.time_ns, closing.time_ns, sender, name, "", (closing.packet,), kind="tcp")


def _exchange(association: Association, exchange: Exchange) -> Iterator[Step]:
    """Request, answers on the way, cancel and final answer of one operation."""
    target = f"exchange-{exchange.id}"
    bad = exchange.outcome in _BAD and not exchange.unseen
    if exchange.request is not None:
        tone = "error" if bad and exchange.final is None else ""
        detail = _request_detail(exchange)
        yield _step(association, exchange.request, f"{exchange.service}-RQ", detail, target=target, tone=tone)
    if exchange.cancel is not None:
        yield _step(association, exchange.cancel, "C-CANCEL-RQ", target=target, tone="note")
    first, final = exchange.first_response, exchange.final
    if exchange.pending and first is not None:
        last = exchange.last_response if final is None else None
        until = final.first_ns if final is not None else (last or first).last_ns
        between = _step(
            association, first, f"{exchange.service}-RSP", count(exchange.pending, "pending answer"), target=target,
            answers=True,
        )  # fmt: skip
        yield replace(between, end_ns=max(between.start_ns, until - 1))
    if final is not None:
        tone = "error" if bad else "warning" if exchange.outcome is ExchangeOutcome.WARNING else ""
        yield _step(
            association, final, f"{exchange.service}-RSP", _status(exchange), target=target, tone=tone, answers=True
        )


def _request_detail(exchange: Exchange) -> str:
    parts = [uid_name(exchange.sop_class)] if exchange.sop_class else []
    if exchange.payload is not None:
        parts.append(size(exchange.payload.length))
    if exchange.move_destination:
        parts.append(f"to {exchange.move_destination}")
    return " · ".join(parts)


def _status(exchange: Exchange) -> str:
    if exchange.status is None:
        return ""
    return f"0x{exchange.status:04X} {exchange.status_class or ''}".strip()
