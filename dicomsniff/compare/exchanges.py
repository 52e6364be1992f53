"""The exchanges of two associations in, how they differ out: their sequence, statuses, commands, data sets and times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

from dicomsniff.association.values import Association, Exchange
from dicomsniff.compare.aligning import Step, align_exchanges, step_of
from dicomsniff.compare.data_sets import compare_rows
from dicomsniff.compare.naming import short_uid
from dicomsniff.compare.values import Difference, Pair
from dicomsniff.core import Evidence
from dicomsniff.dimse.element_rows import ElementRow, ElementRows, command_rows, payload_rows
from dicomsniff.dimse.message import Message
from dicomsniff.dimse.payload import Payload
from dicomsniff.report.log.exchange_of import Exchanges
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.wording import OUTCOMES, duration

_SLOWER, _WORTH_MS = 3, 300
"""A response that took so many times as long, and so much longer, is told: two runs of the same never differ so."""
_WEIGHTS = {
    "padding": 80, "absent": 78, "value": 76, "vr": 76, "empty": 74, "added": 70, "filled": 70, "items": 70, "unreadable": 84,
}  # fmt: skip
_NOISE = frozenset({0x00000000, 0x00000110, 0x00000120, 0x00001000, 0x00001001, 0x00001031, 0x00000902})
_COMMANDS = {0x00000600: 83, 0x00000700: 30, 0x00000800: 60}
_STRUCTURES = 12  # differences of stored objects that are told of one pair of associations


def compare_exchanges(pair: Pair, redaction: Redaction) -> Iterator[Difference]:
    """Step by step; steps that only one side has are told together, a service at a time."""
    steps = align_exchanges(pair.good.exchanges, pair.bad.exchanges)
    requests = _requests(pair.good), _requests(pair.bad)
    yield from _missing(pair, steps)
    yield from _order(pair, steps)
    told: Counter[tuple[str, str]] = Counter()
    for good, bad in steps:
        if good is None or bad is None:
            continue
        make = partial(
            Difference,
            good_packets=_packets(good),
            bad_packets=_packets(bad),
            good_association=pair.good.id,
            bad_association=pair.bad.id,
        )
        yield from _status(good, bad, redaction, make)
        yield from _once(_commands(good, bad, requests, redaction, make), told)
        yield from _once(_data_sets(good, bad, redaction, make), told)
        yield from _times(good, bad, make)


def _once(found: Iterator[Difference], told: Counter[tuple[str, str]]) -> Iterator[Difference]:
    """Of what many objects of one association show alike only the first."""
    for difference in found:
        key = difference.area, difference.sentence.partition(" is ")[0] if difference.noise else difference.sentence
        told[key] += 1
        if told[key] == 1:
            yield difference


def _missing(pair: Pair, steps: list[tuple[Exchange | None, Exchange | None]]) -> Iterator[Difference]:
    lacking: Counter[tuple[str, str, str | None]] = Counter()
    seen: dict[tuple[str, str, str | None], list[Exchange]] = {}
    for good, bad in steps:
        own = good or bad
        assert own is not None
        if good is None or bad is None:
            key = "BAD" if bad is None else "GOOD", own.service, own.sop_class
            lacking[key] += 1
            seen.setdefault(key, []).append(own)
    for (side, service, sop_class), count in lacking.items():
        have = sum(
            e.service == service and e.sop_class == sop_class for e in pair[(side == "BAD" and 1) or 0].exchanges
        )
        other = "GOOD" if side == "BAD" else "BAD"
        what = f"{service} of {short_uid(sop_class)}"
        times = f"{count} {'time' if count == 1 else 'times'}"
        whole = f"{side} has no {what}, which {other} has {times}"
        sentence = whole if not have else f"{other} has {what} {times} more than {side}"
        proof = tuple(p for e in seen[side, service, sop_class][:4] for p in _packets(e)[:1])
        yield Difference(
            68,
            "sequence",
            sentence,
            good=f"{have + count if other == 'GOOD' else have} × {service}",
            bad=f"{have + count if other == 'BAD' else have} × {service}",
            good_packets=proof if other == "GOOD" else (),
            bad_packets=proof if other == "BAD" else (),
            good_association=pair.good.id,
            bad_association=pair.bad.id,
        )


def _order(pair: Pair, steps: list[tuple[Exchange | None, Exchange | None]]) -> Iterator[Difference]:
    """Of steps that both have, the first two kinds that come the other way round: of one service, its classes may follow the
    order of files, which matters less."""
    both = [(good, bad) for good, bad in steps if good is not None and bad is not None]
    firsts: dict[Step, tuple[Exchange, Exchange]] = {}
    for good, bad in both:
        firsts.setdefault(step_of(good), (good, bad))
    place = {exchange.id: at for at, exchange in enumerate(pair.bad.exchanges)}
    found = [(one, other) for one, other in pairwise(firsts.values()) if place[one[1].id] > place[other[1].id]]
    if not found:
        return
    apart = [(one, other) for one, other in found if one[0].service != other[0].service]
    one, other = (apart or found)[0]
    words = [f"{each[0].service} of {short_uid(each[0].sop_class)}" for each in (one, other)]
    yield Difference(
        62 if apart else 32,
        "sequence",
        f"{words[0]} comes before {words[1]} in GOOD, after it in BAD",
        good=f"{words[0]}, {words[1]}",
        bad=f"{words[1]}, {words[0]}",
        good_packets=_packets(one[0])[:1] + _packets(other[0])[:1],
        bad_packets=_packets(other[1])[:1] + _packets(one[1])[:1],
        good_association=pair.good.id,
        bad_association=pair.bad.id,
    )


def _packets(exchange: Exchange) -> tuple[int, ...]:
    seen = [evidence for evidence in (exchange.request, exchange.final) if evidence is not None]
    return tuple(evidence.last_packet for evidence in seen)


def _status(
    good: Exchange, bad: Exchange, redaction: Redaction, make: Callable[..., Difference]
) -> Iterator[Difference]:
    what = f"{good.service} of {short_uid(good.sop_class)}"
    if good.unseen or bad.unseen:
        return
    words = _answer(good, redaction), _answer(bad, redaction)
    if (good.status, good.outcome) != (bad.status, bad.outcome):
        sentence = f"{what} is answered {words[0]} in GOOD, {words[1]} in BAD"
        yield make(92, "status", sentence, good=words[0], bad=words[1])
    elif good.service == "C-FIND" and good.pending != bad.pending:
        counts = f"{good.pending} matches", f"{bad.pending} matches"
        yield make(73, "status", f"{what} finds {counts[0]} in GOOD, {counts[1]} in BAD", good=counts[0], bad=counts[1])
    elif good.suboperations != bad.suboperations:
        sums = [
            "none" if s is None else f"{s.completed} completed, {s.failed} failed, {s.warning} with warning"
            for s in (good.suboperations, bad.suboperations)
        ]
        if sums[0] != sums[1]:
            sentence = f"{what} ends with {sums[0]} sub-operations in GOOD, {sums[1]} in BAD"
            yield make(73, "status", sentence, good=sums[0], bad=sums[1])


def _answer(exchange: Exchange, redaction: Redaction) -> str:
    if exchange.status is None:
        return f"not at all ({OUTCOMES[exchange.outcome]})"
    comment = redaction.optional_comment(exchange.error_comment)
    return f"0x{exchange.status:04X} ({exchange.status_text})" + (f" '{comment}'" if comment else "")


def _requests(association: Association) -> dict[int, Message]:
    """The request message of each exchange."""
    made: dict[int, Message] = {}
    if association.transcript is not None:
        exchanges = Exchanges(association)
        for message in association.transcript.messages():
            exchange = exchanges.of(message)
            if exchange is not None and not message.command.is_response:
                made.setdefault(exchange.id, message)
    return made


def _commands(
    good: Exchange,
    bad: Exchange,
    requests: tuple[dict[int, Message], dict[int, Message]],
    redaction: Redaction,
    make: Callable[..., Difference],
) -> Iterator[Difference]:
    one, other = requests[0].get(good.id), requests[1].get(bad.id)
    if one is None or other is None or one.text == other.text:
        return
    rows = command_rows(one.text), command_rows(other.text)
    for odds in compare_rows(_without_noise(rows[0]), _without_noise(rows[1]), redaction, values=True):
        sentence = f"{good.service} request: {odds.sentence}"
        weight = _COMMANDS.get(odds.tag, 50)
        yield make(weight, "command", sentence, good=odds.good, bad=odds.bad, noise=odds.noise)
    for row, twin in zip(_noise(rows[0]), _noise(rows[1]), strict=False):
        if row.tag == twin.tag and row.text != twin.text and row.tag:
            sentence = f"{good.service} request: {row.keyword} is {row.text} in GOOD, {twin.text} in BAD"
            yield make(1, "command", sentence, good=row.text, bad=twin.text, noise=True)


def _without_noise(rows: ElementRows) -> ElementRows:
    kept = tuple(row for row in rows.rows if row.tag not in _NOISE)
    return ElementRows(kept, rows.length, rows.encoding, rows.cut, rows.error)


def _noise(rows: ElementRows) -> list[ElementRow]:
    return [row for row in rows.rows if row.tag in _NOISE]


def _data_sets(
    good: Exchange, bad: Exchange, redaction: Redaction, make: Callable[..., Difference]
) -> Iterator[Difference]:
    """Those of the requests, and for queries the structure of the first answers."""
    stored = good.service == "C-STORE"
    area = "object" if stored else "identifier"
    what = f"{good.service} of {short_uid(good.sop_class)}"
    yield from _payloads(good.payload, bad.payload, (good, bad), (area, what, not stored), redaction, make)
    if good.answers and bad.answers:
        told = ("answer", f"first answer to the {what}", False)
        yield from _payloads(good.answers[0], bad.answers[0], (good, bad), told, redaction, make)


def _payloads(
    good: Payload | None,
    bad: Payload | None,
    of: tuple[Exchange, Exchange],
    told: tuple[str, str, bool],
    redaction: Redaction,
    make: Callable[..., Difference],
) -> Iterator[Difference]:
    area, what, values = told
    if good is None or bad is None or (good.sha256 is not None and good.sha256 == bad.sha256):
        return
    rows = payload_rows(good, of[0].transfer_syntax), payload_rows(bad, of[1].transfer_syntax)
    less = 0 if area == "identifier" else 25
    for count, odds in enumerate(compare_rows(*rows, redaction, values=values)):
        if count >= _STRUCTURES * (1 if area == "object" else 8):
            return
        weight = _WEIGHTS.get(odds.kind, 50) - less
        sentence = f"{what}: {odds.sentence}"
        yield make(weight, area, sentence, good=odds.good, bad=odds.bad, noise=odds.noise)


def _times(good: Exchange, bad: Exchange, make: Callable[..., Difference]) -> Iterator[Difference]:
    one, other = _took_ms(good), _took_ms(bad)
    if one is None or other is None:
        return
    slow, fast = max(one, other), min(one, other)
    if slow > _SLOWER * fast and slow - fast > _WORTH_MS:
        words = duration(one), duration(other)
        sentence = f"{good.service} is answered after {words[0]} in GOOD, after {words[1]} in BAD"
        yield make(36, "timing", sentence, good=words[0], bad=words[1])


def _took_ms(exchange: Exchange) -> float | None:
    """From the last byte of the request to the first of the answer."""
    request: Evidence | None = exchange.request
    if request is None or exchange.first_response is None or not exchange.request_finished:
        return None
    took = exchange.first_response.first_ns - request.last_ns
    return took / 1e6 if took >= 0 else None
