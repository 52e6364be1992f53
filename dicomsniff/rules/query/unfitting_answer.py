"""Matches of a query do not fit what was asked.

What it sees
A pending response whose identifier contradicts a single value of the request for a UID or a date, or is of another level
(0008,0052); and, as notes, contradictions in Patient ID or Accession Number, which servers normalise in ways of their own,
a final response with an identifier, and keys that were asked for and that no answer has at all.

Why it matters
The client shows studies that nobody asked for, in the worst case of another patient. Keys that are ignored make every
query broader than the user believes.

Likely causes
1. The server ignores matching keys that it does not support.
2. Its wildcard or list matching is wrong.
3. A proxy mixes the answers of several sources.

Fix
Look the supported matching keys up in the conformance statement of the server. Let the client filter what it gets.

Could be wrong when
Names may be compared without case or by sound, and optional keys may be ignored. Values with wildcards, ranges and lists
of other than UIDs are not compared; neither are IDs of a patient who has others too.

Reference
PS3.4 §C.4.1.1.3.2
PS3.4 §C.4.1.3
PS3.4 §C.2.2.1.3
PS3.7 §9.3.2.2
https://github.com/pydicom/pynetdicom/issues/163
https://github.com/DICOMcloud/DICOMcloud/issues/101
"""

from collections.abc import Iterator, Sequence

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core.patterns import pattern
from dicomsniff.dimse.dictionary import registered
from dicomsniff.dimse.identifier import identifier_values
from dicomsniff.dimse.payload import Payload
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, packets_of
from dicomsniff.rules.holes import Ranges
from dicomsniff.rules.naming import counted, listed, peer, performer, side
from dicomsniff.rules.query.keys import Key, Query, query_of
from dicomsniff.rules.rule import Rule, Thresholds

_IDS = frozenset({"PatientID", "AccessionNumber"})
_OTHER_IDS = (0x00101000, 0x00101002)  # Other Patient IDs: a merged patient is found by each of them
_LEVEL, _CHARACTER_SET = 0x00080052, 0x00080005
_DATE = pattern(r"\d{8}")
_QUERIES = 5000  # queries of a capture whose answers are read
_NOT_RETURNED = frozenset({_LEVEL, _CHARACTER_SET, 0x00080201, 0x00080053})


def subjects(traffic: Traffic) -> Sequence[Exchange]:
    """Queries with an answer."""
    return [e for e in traffic.index.of("C-FIND") if e.request and (e.answers or e.final_has_data)][:_QUERIES]


def check(exchange: Exchange, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive:
    association, query = traffic.association(exchange.association), query_of(exchange)
    if _of_another(exchange, association, traffic):
        return Inconclusive("the request that the answers belong to may be another, which was not captured")
    hits = []
    if exchange.final_has_data and exchange.status == 0:
        hits.append(_hit(exchange, association, query, "sent an identifier with its final response", Severity.NOTE))
    kept = exchange.answers[:-1] if exchange.final_has_data else exchange.answers
    answers = _read(kept, exchange.transfer_syntax)
    if not query.whole or not answers:
        return hits
    different = list({id(a): a for a in answers}.values())
    for key in filter(_comparable, query.keys):
        if all(_fits(key, a) for a in different):
            continue
        if wrong := [a for a in answers if not _fits(key, a)]:
            words = (
                f"returned {counted(len(wrong), 'record')} of {len(answers)} looked at that do not match {key.quoted}"
            )
            severity = Severity.NOTE if key.keyword in _IDS else Severity.WARNING
            hits.append(_hit(exchange, association, query, words, severity, key.keyword))
    if query.level and (level := next(_other_levels(query.level, different), None)):
        words = f"answered a query at level {query.level} with records of level {level}"
        hits.append(_hit(exchange, association, query, words, Severity.WARNING, "QueryRetrieveLevel"))
    if all(map(_whole, kept)) and (ignored := _never_returned(query, different)):
        words = f"returned no {listed(ignored)} although asked for"
        hits.append(_hit(exchange, association, query, words, Severity.NOTE, *ignored))
    return hits


def _of_another(exchange: Exchange, association: Association, traffic: Traffic) -> bool:
    """Whether a hole may hold another query of the same message ID."""
    gaps = traffic.conversation(association.connection).gaps
    last = exchange.final or exchange.last_response
    return (
        bool(gaps)
        and exchange.request is not None
        and last is not None
        and Ranges(gaps).another_request(exchange.request, last)
    )


def _read(answers: Sequence[Payload], transfer_syntax: str | None) -> list[dict[int, str]]:
    """The values of each answer that can be read; the same bytes are read once."""
    known: dict[str | None, dict[int, str]] = {}
    found = []
    for answer in answers:
        values = known.get(answer.sha256) if answer.sha256 else None
        if values is None:
            values = known[answer.sha256] = identifier_values(answer.head(), transfer_syntax)
        if values:
            found.append(values)
    return found


def _whole(answer: Payload) -> bool:
    """Whether all that the answer returned can be read: what was not captured may hold the keys that are missed."""
    return answer.complete and answer.head_length == answer.length


def _comparable(key: Key) -> bool:
    """Whether a record must have exactly this value."""
    if key.path != key.keyword:
        return False
    if key.vr == "UI":
        return "*" not in key.value
    if key.vr == "DA":
        return _DATE.fullmatch(key.value.strip()) is not None
    return key.keyword in _IDS and not any(mark in key.value for mark in "*?\\")


def _fits(key: Key, answer: dict[int, str]) -> bool:
    value = answer.get(key.tag, "")
    if not value or (key.keyword == "PatientID" and any(tag in answer for tag in _OTHER_IDS)):
        return True
    if key.vr == "UI":
        return not _uids(value).isdisjoint(_uids(key.value))  # a study of two SOP classes fits a query for one of them
    return _plain(value) == _plain(key.value) or not value.isascii()


def _uids(value: str) -> set[str]:
    return {one.strip("\0 ") for one in value.split("\\")}


def _plain(value: str) -> str:
    """Without what servers normalise: case, blanks, separators of dates, leading zeros."""
    return value.strip().replace(".", "").lstrip("0").casefold()


def _other_levels(level: str, answers: Sequence[dict[int, str]]) -> Iterator[str]:
    return (told for a in answers if (told := a.get(_LEVEL, "").strip()) and told != level)


def _never_returned(query: Query, answers: Sequence[dict[int, str]]) -> list[str]:
    """Standard keys of the request that no answer has, not even empty."""
    missing = set(query.asked).difference(_NOT_RETURNED, *(a.keys() for a in answers))
    return [entry[1] for tag in sorted(missing) if not tag >> 16 & 1 and (entry := registered(tag))]


def _hit(exchange: Exchange, association: Association, query: Query, words: str, severity: Severity, *keys: str) -> Hit:
    role = performer(exchange)
    what = "worklist query" if query.worklist else f"query at level {query.level}" if query.level else "query"
    return Hit(
        f"{peer(association, role)} {words} ({what}).",
        packets_of(exchange.request, exchange.first_response, exchange.last_response),
        exchange.first_response.first_ns if exchange.first_response else None,
        severity,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(role),
        actor=peer(association, role),
        key=f"{association.acceptor}|{query.level}|{severity}|{keys}",
        facts={
            "level": query.level or None,
            "keys": query.facts,
            "attributes": list(keys),
            "matches": exchange.pending,
            "sop_class": exchange.sop_class,
        },
    )


RULE = Rule(
    id="DS-FIND-004",
    name="responses-do-not-fit-request",
    severity=Severity.WARNING,
    title="Matches that do not fit the query",
    subjects=subjects,
    check=check,
    page=__doc__,
)
