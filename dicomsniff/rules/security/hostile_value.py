"""A value looks like an attack, or like a broken device.

What it sees
A UID in a command that holds a path separator, a control character or shell and markup characters, or is longer than 256
bytes; an AE title or move destination with a path (../), a format string, a percent escape or shell syntax in it; an
association request with more than a thousand presentation contexts; and, as the first object of an association, a
whole file sent as data set whose preamble begins like a program or an archive (MZ, ELF, PK).

Why it matters
Receivers build file names, database queries and log lines of such values. What is harmless in one product takes over
another.

Likely causes
1. A broken or misconfigured device.
2. A scanner or a fuzzer.
3. An attack.

Fix
Find the sender by its address, and isolate it until that is explained; make sure that the receiver checks UIDs before it
builds file names of them.

Could be wrong when
Letters in a UID, dots in the wrong place, or some digits too many are only errors and told elsewhere. AE titles may hold most characters, so
only those without an honest use are told.

Reference
PS3.5 §9.1
PS3.5 §6.2
https://github.com/fo-dicom/fo-dicom/issues/1160
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core import Evidence
from dicomsniff.core.patterns import pattern
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import peer, side
from dicomsniff.rules.rule import Rule, Thresholds

_LONGEST_UID = 64
_OVERFLOWING = 256  # what is longer than any field that somebody may have made for a UID; a mere mistake is not
_CONTEXTS = 1000  # 128 have room; a broken counter makes hundreds
_PREAMBLES = 1  # objects of an association that are looked into
_HOSTILE_UID = pattern(r"[/\\%\x00-\x1f;|&$`'\"<>(){}*?]")
_HOSTILE_TITLE = pattern(
    r"\.\.[/\\]|%[0-9a-f]{2}|%[snx]\b|\$[({]|`|['\"]\s*(?:or\b|;|--)|;\s*(?:drop|rm|cat|wget|curl)\b|<\s*(?:script|img|svg)|\|\||&&|\x00",
    re.IGNORECASE,
)
_MAGIC = {
    b"MZ": "a Windows program (MZ)",
    b"\x7fELF": "a program (ELF)",
    b"PK\x03\x04": "a ZIP archive (PK)",
    b"#!": "a script (#!)",
}
_SHOWN = 80
_SYNTAX = "a value with characters of a path, a script or a query"


class _Value(NamedTuple):
    """A suspicious value: what it is, what is wrong with it, who sent it and in which bytes."""

    name: str
    value: str
    wrong: str
    role: str
    evidence: Evidence | None
    exchange: int | None


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    return [_hit(association, value) for value in (*_of_request(association), *_of_exchanges(association))][:20]


def _of_request(association: Association) -> Iterator[_Value]:
    request = association.request
    if request is None:
        return
    for name, title in (("called AE title", request.called_ae), ("calling AE title", request.calling_ae)):
        if _hostile(title):
            yield _Value(name, title, _SYNTAX, "requestor", request.evidence, None)
    if len(request.contexts) > _CONTEXTS:
        yield _Value(
            "proposal", "", f"{len(request.contexts)} presentation contexts", "requestor", request.evidence, None
        )
    for role, pdu in (("requestor", request), ("acceptor", association.accept)):
        version = pdu.user_information.implementation_version if pdu else None
        if pdu and version and _hostile(version):
            yield _Value("implementation version name", version, _SYNTAX, role, pdu.evidence, None)


def _of_exchanges(association: Association) -> Iterator[_Value]:
    stores = 0
    for e in association.exchanges:
        if e.sop_instance and (wrong := _wrong_uid(e.sop_instance)):
            yield _Value("SOP Instance UID", e.sop_instance, wrong, e.requested_by, e.request, e.id)
        if e.sop_class and (wrong := _wrong_class(e.sop_class)):
            yield _Value("SOP Class UID", e.sop_class, wrong, e.requested_by, e.request, e.id)
        if e.move_destination and _hostile(e.move_destination):
            yield _Value("Move Destination", e.move_destination, _SYNTAX, e.requested_by, e.request, e.id)
        if e.service == "C-STORE" and stores < _PREAMBLES:
            stores += 1
            if program := _program(e):
                yield _Value(
                    "data set", "", f"a file whose preamble begins like {program}", e.requested_by, e.request, e.id
                )


@lru_cache(maxsize=1024)  # the same devices, classes and titles all day long
def _hostile(title: str) -> bool:
    return _HOSTILE_TITLE.search(title) is not None


def _wrong_uid(uid: str) -> str | None:
    if len(uid) > _OVERFLOWING:
        return f"{len(uid)} characters where a UID has at most {_LONGEST_UID}"
    return "a value with characters that no UID may hold" if _HOSTILE_UID.search(uid) else None


_wrong_class = lru_cache(maxsize=1024)(_wrong_uid)


def _program(exchange: Exchange) -> str | None:
    """What the preamble of a whole file (PS3.10 §7.1), sent where a data set belongs, begins like."""
    head = exchange.payload.head() if exchange.payload else b""
    if head[128:132] != b"DICM":
        return None
    return next((what for magic, what in _MAGIC.items() if head.startswith(magic)), None)


def _hit(association: Association, found: _Value) -> Hit:
    sender = peer(association, found.role)
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in found.value[:_SHOWN])
    quoted = f" ('{shown}')" if shown else ""
    return Hit(
        f"{sender} sends {found.wrong} as {found.name}{quoted}: an attack, a scanner, or a broken device.",
        packets_of(found.evidence),
        found.evidence.first_ns if found.evidence else association.first_ns,
        connection=association.connection,
        association=association.id,
        exchange=found.exchange,
        act=side(found.role),
        actor=sender,
        key=f"{association.requestor.ip}|{association.acceptor}|{found.role}|{found.name}|{found.wrong}",
        facts={
            "what": found.name,
            "value": shown,
            "hex": found.value[:_SHOWN].encode("utf-8", "replace").hex(),
            "wrong": found.wrong,
        },
    )


def subjects(traffic: Traffic) -> Iterator[Association]:
    return (a for a in traffic.associations if a.request is not None or a.exchanges)


RULE = Rule(
    id="DS-SEC-006",
    name="hostile-or-odd-values",
    severity=Severity.WARNING,
    title="Hostile or odd values",
    subjects=subjects,
    check=check,
    page=__doc__ or "",
    hides=("DS-DATA-002",),
)
