"""An AE title is malformed.

What it sees
The 16 bytes of the called or calling AE title in an A-ASSOCIATE-RQ: all blank; padded with NUL instead of spaces; with a
control character, a backslash or a byte outside ASCII. The same, and more than 16 characters, of the Move Destination and
the Move Originator AE title of DIMSE commands.

Why it matters
Servers that compare titles byte by byte refuse them, or abort; others take them and write unreadable titles to their logs
and configurations.

Likely causes
1. The title was never configured.
2. A fixed buffer is padded with NUL.
3. A tab, a line end or a letter outside ASCII was pasted into the configuration.

Fix
An AE title has 1 to 16 characters of ISO 646 without control characters and backslash, padded with spaces: set it anew.

Could be wrong when
Leading and trailing spaces are legal and not significant. NUL padding that was accepted harms nobody and is a note.

Reference
PS3.8 §9.3.2, Table 9-11
PS3.5 §6.2
https://github.com/pydicom/pynetdicom/issues/646
https://github.com/pydicom/pynetdicom/issues/921
"""

from collections.abc import Iterator
from functools import lru_cache

from dicomsniff.association.index import once
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.values import AssociateRq
from dicomsniff.rules.finding import About, Hit, Severity, packets_of
from dicomsniff.rules.harm import failed_at_request
from dicomsniff.rules.naming import peer, side
from dicomsniff.rules.rule import Rule, Thresholds

_LONGEST = 16
_BLAME = frozenset({(1, 1), (1, 3), (1, 7), (2, 1)})  # rejections that can be about a title


class _Flawed(NamedTuple):
    """A title that is wrong: which of the two, its bytes, what is wrong with them."""

    which: str
    raw: bytes
    what: str


def asked(traffic: Traffic) -> Iterator[Association]:
    return (a for a in traffic.associations if a.request is not None)


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    request = association.request
    if request is None:
        return []
    fields = (("Called", request.called_ae_raw), ("Calling", request.calling_ae_raw))
    wrong = [_Flawed(which, raw, what) for which, raw in fields if (what := flaw(raw))]
    alike = len(wrong) == 2 and wrong[0].what == wrong[1].what  # one habit of one library
    told = [wrong] if alike else [[each] for each in wrong]
    hits = [_of_request(association, request, each, traffic) for each in told]
    return hits + [
        hit
        for e in association.exchanges
        if e.move_destination or e.move_originator_ae
        for hit in _of_command(association, e)
    ]


@lru_cache(maxsize=4096)
def flaw(raw: bytes) -> str | None:
    """What is wrong with the bytes of a title; None where nothing is."""
    title = raw.strip(b"\0 ")
    if not title:
        return "blank"
    if any(byte < 0x20 or byte == 0x7F for byte in title):
        return "with a control character inside"
    if b"\\" in title:
        return "with a backslash"
    if any(byte > 0x7E for byte in title):
        return "with a character outside ASCII"
    if len(title) > _LONGEST:
        return f"too long ({len(title)} characters)"
    return "NUL padded" if b"\0" in raw else None


@once
def _borne(traffic: Traffic) -> frozenset[tuple[Endpoint, str]]:
    """Which flaws each acceptor bore with somewhere in the capture."""
    found: set[tuple[Endpoint, str]] = set()
    for association in traffic.associations:
        if association.accept is not None and association.request is not None:
            raws = association.request.called_ae_raw, association.request.calling_ae_raw
            found.update((association.acceptor, what) for raw in raws if (what := flaw(raw)))
    return frozenset(found)


def _is_bad(association: Association, what: str, traffic: Traffic) -> bool:
    """Whether the request came to nothing in a way that may be the title's fault."""
    reject = association.reject
    bad = failed_at_request(association) or (reject is not None and (reject.source, reject.reason) in _BLAME)
    return bad and (association.acceptor, what) not in _borne(traffic)


def _left_waiting(association: Association) -> bool:
    """Whether nobody but the requestor ended it: silence has many reasons."""
    enders = [association.closed_by, *(abort.evidence.direction for abort in association.aborts[:1])]
    return association.reject is None and association.to_acceptor.opposite not in enders


def _of_request(association: Association, request: AssociateRq, wrong: list[_Flawed], traffic: Traffic) -> Hit:
    first, which = wrong[0], " and ".join(each.which for each in wrong)
    client = peer(association, "requestor") if first.which == "Called" else association.requestor.ip
    bad = _is_bad(association, first.what, traffic)
    silent = bad and _left_waiting(association)
    mild = first.what == "NUL padded" and (association.acceptor, first.what) in _borne(traffic)
    then = "" if not bad else " It went unanswered." if silent else " It was refused."
    pdus = (request, association.reject, association.abort if bad else None)
    verb = (
        f"title of {client} in packet {request.evidence.first_packet} is"
        if len(wrong) == 1
        else f"titles of {client} in packet {request.evidence.first_packet} are"
    )
    return Hit(
        f"{which} AE {verb} illegal: {first.what} ({' and '.join(map(_shown, wrong))}).{then}",
        packets_of(*(pdu.evidence for pdu in pdus if pdu is not None)),
        request.evidence.first_ns,
        Severity.WARNING if silent else Severity.ERROR if bad else Severity.NOTE if mild else None,
        connection=association.connection,
        association=association.id,
        act=side("requestor"),
        actor=client,
        key=f"{which}|{'|'.join(each.raw.hex() for each in wrong)}|{association.requestor.ip}|{association.acceptor}|{bad}",
        about=None if bad and not silent else About(),
        facts={
            "which": first.which.lower(),
            "hex": first.raw.hex(),
            "flaw": first.what,
            "calling_ae": association.calling_ae,
            "called_ae": association.called_ae,
            "host": association.acceptor.ip,
            "port": association.acceptor.port,
        },
    )


def _shown(wrong: _Flawed) -> str:
    text = "".join(chr(b) if 0x20 <= b < 0x7F else "·" for b in wrong.raw)
    return f"'{text}', {wrong.raw.hex(' ')}"


def _of_command(association: Association, exchange: Exchange) -> Iterator[Hit]:
    fields = (("Move Destination", exchange.move_destination), ("Move Originator", exchange.move_originator_ae))
    for which, title in fields:
        what = flaw(title.encode("latin-1", "replace")) if title else None
        if what is None or title is None:
            continue
        sender = peer(association, exchange.requested_by)
        yield Hit(
            f"{which} of {exchange.service} {exchange.message_id} from {sender} is an illegal AE title: {what} ('{title}').",
            packets_of(exchange.request),
            exchange.request.first_ns if exchange.request else None,
            connection=association.connection,
            association=association.id,
            exchange=exchange.id,
            act=side(exchange.requested_by),
            actor=sender,
            key=f"{which}|{title}|{association.requestor.ip}|{association.acceptor}",
            facts={"which": which.lower(), "title": title, "flaw": what},
        )


RULE = Rule(
    id="DS-ASSOC-011",
    name="ae-title-malformed",
    severity=Severity.WARNING,
    title="Malformed AE title",
    subjects=asked,
    check=check,
    page=__doc__ or "",
    hides=("DS-ASSOC-001", "DS-ASSOC-002", "DS-ASSOC-003", "DS-ASSOC-007", "DS-TCP-005"),
)
