"""Contexts whose negotiation was not captured and the messages on them in, the same contexts with what is concluded out.

Nothing that was negotiated is touched, and what cannot be told apart stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from dicomsniff.association.trial import Trial, try_payload
from dicomsniff.association.values import Context, Exchange
from dicomsniff.core.records import replace
from dicomsniff.dimse.payload import Payload
from dicomsniff.dimse.uids import service_class_of

HIGH, LOW = "high", "low"
_TRIED: Final = 8  # data sets of one context that are tried: they share one syntax, a few prove it
_WEIGHED: Final = 64  # data sets of one context that are looked at for these
_CLASSES_SHOWN: Final = 8
# Normalized services whose SOP class is the abstract syntax. Print uses meta classes, UPS one class under several.
_OWN_CLASS = {
    "mpps": frozenset({"N-CREATE", "N-SET"}),
    "commitment": frozenset({"N-ACTION", "N-EVENT-REPORT"}),
}


def uses(exchanges: Sequence[Exchange]) -> dict[int, tuple[int, str | None]]:
    """How often each context was used and the abstract syntax that its messages show."""
    used: dict[int, list[Exchange]] = {}
    for exchange in exchanges:
        used.setdefault(exchange.context_id, []).append(exchange)
    return {id: (len(own), abstract_syntax_of(own)) for id, own in used.items()}


def abstract_syntax_of(exchanges: Sequence[Exchange]) -> str | None:
    """The abstract syntax of a context as the messages on it show it; None where they leave it open.

    A composite service names it as its affected SOP class; an instance of a normalized service may belong to a meta
    SOP class instead (PS3.4 §H.3.2), which no message names.
    """
    classes = {e.sop_class for e in exchanges if e.sop_class}
    if len(classes) != 1:
        return None
    [sop_class] = classes
    normalized = {e.service for e in exchanges if e.service.startswith("N-")}
    return sop_class if normalized <= _OWN_CLASS.get(service_class_of(sop_class), frozenset()) else None


def infer(contexts: Sequence[Context], exchanges: Sequence[Exchange], answered: bool) -> tuple[Context, ...]:
    """Contexts with the SOP classes used where the request was not seen and, unless the acceptance was (`answered`),
    with the transfer syntax that their data sets show and how sure that is."""
    used: dict[int, list[Exchange]] = {}
    for exchange in exchanges:
        used.setdefault(exchange.context_id, []).append(exchange)
    return tuple(_infer(context, used.get(context.id, []), answered) for context in contexts)


def _infer(context: Context, exchanges: list[Exchange], answered: bool) -> Context:
    if context.abstract_syntax is None and exchanges:
        classes = dict.fromkeys(e.sop_class for e in exchanges if e.sop_class)
        context = replace(context, seen_classes=tuple(classes)[:_CLASSES_SHOWN])
    if answered or context.result_code is not None:
        return context
    syntax, confidence = _syntax(exchanges, context.proposed)
    if syntax is None:
        return context
    return replace(context, transfer_syntax=syntax, confidence=confidence, inferred=True)


def _syntax(exchanges: list[Exchange], proposed: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The one syntax that every readable data set allows, and the confidence in it."""
    answers: list[tuple[Trial, str | None, str]] = []
    unread = 0
    for payload, sop_class in _payloads(exchanges):
        trial = try_payload(payload)
        if trial is None:
            unread += 1
        else:
            answers.append((trial, *_answer(trial, proposed, sop_class)))
        if len(answers) + unread >= _TRIED:
            break
    found = {syntax for _, syntax, _ in answers if syntax}
    if len(found) != 1:
        return None, None
    [syntax] = found
    if not all(trial.allows(syntax) for trial, _, _ in answers):
        return None, None
    sure = not unread and any(s == syntax and confidence == HIGH for _, s, confidence in answers)
    return syntax, HIGH if sure else LOW


def _answer(trial: Trial, proposed: tuple[str, ...], sop_class: str | None) -> tuple[str | None, str]:
    """What one data set says. It proves its syntax if it is in order and of the class that its command announced."""
    if proposed:
        fitting = [syntax for syntax in dict.fromkeys(proposed) if trial.allows(syntax)]
        syntax, only = (fitting[0], True) if len(fitting) == 1 else (None, False)
    else:
        syntax, only = trial.alone()
    sound = trial.ordered and trial.elements > 2 and sop_class is not None and trial.sop_class == sop_class
    return syntax, HIGH if only and sound else LOW


def _payloads(exchanges: list[Exchange]) -> Iterator[tuple[Payload, str | None]]:
    """Data sets on a context, whole ones of requests first; with the class of an object, None for other data sets."""
    requests = [e for e in exchanges if e.payload is not None][:_WEIGHED]
    for exchange in sorted(requests, key=lambda e: not (e.payload and e.payload.complete)):
        if exchange.payload is not None and exchange.payload.length:
            yield exchange.payload, exchange.sop_class if exchange.service == "C-STORE" else None
    for exchange in exchanges[:_WEIGHED]:
        for answer in exchange.answers[:_TRIED]:
            if answer.length:
                yield answer, None
