"""A query found nothing, and the way its keys are written may be the reason.

What it sees
A C-FIND that ended in success without a single match, with a key that is written as people often get it wrong: blanks
around the value, small letters, a person name without caret or wildcard, letters outside ASCII without a character set
(or with another than the archive uses), a date with separators, Modality asked at the STUDY level. Also a key that, in
another spelling, had matches in another query of the capture.

Why it matters
The user concludes that the patient or the study is not in the archive.

Likely causes
1. There is no such data: this is usually right.
2. Upper and lower case, or wildcards: only person names may be compared without case.
3. The character set of the key differs from that of the stored values.
4. The format of the value.

Fix
Repeat the query as the hint says: with a wildcard, in capitals, with the date as YYYYMMDD, with Specific Character Set,
with Modalities in Study (0008,0061) at the STUDY level.

Could be wrong when
Nothing matches because nothing is there. That is why this is never more than a note.

Reference
PS3.4 §C.2.2.2.1
PS3.4 §C.2.2.2.4
PS3.4 §C.2.2.2.5
https://github.com/nroduit/Weasis/issues/428
https://github.com/fo-dicom/fo-dicom/issues/938
"""

from collections.abc import Iterator

from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.patterns import pattern
from dicomsniff.core.records import dataclass
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.naming import peer
from dicomsniff.rules.query.keys import Key, Query, query_of
from dicomsniff.rules.query.spellings import Spellings
from dicomsniff.rules.rule import Rule, Thresholds

_TEXT = frozenset({"LO", "PN", "SH"})
_WILD = pattern(r"[*?]")
_SEPARATED_DATE = pattern(r"(?<!\d)(\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})(?!\d)")


@dataclass(frozen=True, slots=True)
class EmptyAnswer:
    """A C-FIND without matches, and what other queries of the capture found."""

    exchange: Exchange
    spellings: Spellings


def subjects(traffic: Traffic) -> Iterator[EmptyAnswer]:
    """Queries that ended in success without a match."""
    spellings = Spellings(traffic)
    for exchange in traffic.index.of("C-FIND"):
        if exchange.final and exchange.status == 0 and not exchange.pending:
            yield EmptyAnswer(exchange, spellings)


def check(empty: EmptyAnswer, traffic: Traffic, thresholds: Thresholds) -> list[Hit] | Inconclusive:
    exchange = empty.exchange
    association, query = traffic.association(exchange.association), query_of(exchange)
    server = peer(association, "acceptor")
    hints = [(key, hint) for key in query.keys for hint in _hints(key, query, empty)]
    if hints and association.blind_towards(exchange.direction.opposite):
        return Inconclusive("matches may have been sent in a stretch that was not captured")
    told: dict[str, list[str]] = {}
    for key, hint in hints:
        told.setdefault(key.quoted, []).append(hint)
    return [
        Hit(
            f"Query for {quoted} at {server} found nothing. Check: {'; '.join(words)}.",
            packets_of(exchange.request, exchange.final),
            exchange.final.first_ns if exchange.final else None,
            connection=association.connection,
            association=association.id,
            exchange=exchange.id,
            act=Side.REQUESTOR,
            actor=peer(association, exchange.requested_by),
            key=f"{association.acceptor}|{quoted.partition('=')[0]}|{'; '.join(words)}",
            facts={"level": query.level or None, "keys": query.facts, "hints": words},
        )
        for quoted, words in told.items()
    ]


def _hints(key: Key, query: Query, empty: EmptyAnswer) -> Iterator[str]:
    """Everything about one key that may explain an empty answer."""
    yield from _text_hints(key)
    if key.vr in ("DA", "DT") and (_SEPARATED_DATE.search(key.value) or " " in key.value.strip()):
        yield "a date is written YYYYMMDD and a range YYYYMMDD-YYYYMMDD, without blanks or separators"
    if key.path == "Modality" and query.level == "STUDY":
        yield "at the STUDY level the key is Modalities in Study (0008,0061), not Modality (0008,0060)"
    if not key.value.isascii():
        yield from _character_set_hints(query, empty)
    if other := empty.spellings.other(empty.exchange, key):
        yield f"written {other.quoted}, it had matches in another query of this capture"


def _text_hints(key: Key) -> Iterator[str]:
    if key.vr not in _TEXT:
        return
    wild = _WILD.search(key.value) is not None
    if key.value != key.value.strip() or _blank_behind(key):
        yield "the value has blanks before or behind it"
    if not wild and any(letter.islower() for letter in key.value):
        yield "small letters: many archives compare case by case, only person names may be compared without it"
    if key.vr == "PN" and not wild and "^" not in key.value:
        yield "a person name without '^' between its parts matches whole names only; try a '*' behind it"


def _blank_behind(key: Key) -> bool:
    """More trailing blanks than the one that makes the length even (PS3.5 §6.2)."""
    length = len(key.value)
    return key.value.isascii() and key.length > length + length % 2


def _character_set_hints(query: Query, empty: EmptyAnswer) -> Iterator[str]:
    if not query.character_set:
        yield "letters outside ASCII, but no Specific Character Set (0008,0005) in the identifier"
        return
    theirs = empty.spellings.character_sets(empty.exchange)
    if theirs and query.character_set not in theirs:
        yield f"its character set is {query.character_set}, the archive answers in {', '.join(sorted(theirs))}"


RULE = Rule(
    id="DS-FIND-003",
    name="no-matches",
    severity=Severity.NOTE,
    title="Query without matches",
    subjects=subjects,
    check=check,
    page=__doc__,
    absence=True,
)
