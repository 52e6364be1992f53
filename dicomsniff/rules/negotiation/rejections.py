"""A rejected association in, what every finding about it says out: who asked whom, with which codes, in which packets."""

from collections.abc import Iterable
from typing import Any

from dicomsniff.association.values import Association
from dicomsniff.pdu.tables import reject_text
from dicomsniff.pdu.values import AssociateRj
from dicomsniff.rules.finding import Hit, Side, packets_of
from dicomsniff.rules.naming import listed


def codes(reject: AssociateRj) -> str:
    """ "rejected-permanent by DICOM UL service-user: called-AE-title-not-recognized (1/1/7)"."""
    numbers = f"{reject.result}/{reject.source}/{reject.reason}"
    return f"{reject_text(reject.result, reject.source, reject.reason)} ({numbers})"


def rejection(
    association: Association,
    reject: AssociateRj,
    message: str,
    act: Side,
    actor: str | None,
    causes: tuple[str, ...] | None = None,
    fix: str | None = None,
    facts: dict[str, Any] | None = None,
) -> Hit:
    """The Hit of one rejection; those of the same titles, host, server and codes are joined."""
    request = association.request
    numbers = f"{reject.result}/{reject.source}/{reject.reason}"
    return Hit(
        f"{message} It answered: {codes(reject)}.",
        packets=packets_of(request.evidence if request else None, reject.evidence),
        time_ns=reject.evidence.last_ns,
        connection=association.connection,
        association=association.id,
        act=act,
        actor=actor,
        causes=causes,
        fix=fix,
        key=f"{association.calling_ae}|{association.called_ae}|{association.requestor.ip}|{association.acceptor}|{numbers}",
        facts={
            "result": reject.result,
            "source": reject.source,
            "reason": reject.reason,
            "text": reject_text(reject.result, reject.source, reject.reason),
            "calling_ae": association.calling_ae,
            "called_ae": association.called_ae,
            "calling_ae_hex": request.calling_ae_raw.hex() if request else None,
            "called_ae_hex": request.called_ae_raw.hex() if request else None,
        }
        | (facts or {}),
    )


def nearest(title: str, others: Iterable[str | None]) -> tuple[str, ...]:
    """The other titles, each once, the one most like `title` first."""
    distinct = {other for other in others if other}
    return tuple(sorted(distinct, key=lambda other: (-_likeness(title, other), other)))


def quoted(titles: Iterable[str]) -> str:
    """ "'A', 'B' and 'C'"."""
    return listed([f"'{title}'" for title in titles])


def _likeness(one: str, other: str) -> float:
    from difflib import SequenceMatcher  # only where titles are compared

    return SequenceMatcher(None, one.upper(), other.upper()).ratio()
