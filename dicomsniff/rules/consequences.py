"""Findings in, the same out, of which those that follow from another name who must act for that one.

Whoever aborts after a malformed PDU, or answers an unreadable object with a failure, did what it had to: told by itself
it would be accused beside the side that is at fault. What is only remarked below a fault keeps its own side, and what
names nobody goes on naming nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dicomsniff.core.records import replace
from dicomsniff.rules.finding import Finding, Severity, Side

if TYPE_CHECKING:
    from dicomsniff.association.values import Traffic

_FAULTS = (Severity.ERROR, Severity.WARNING)
_CLUES = frozenset({"DS-ASSOC-012", "DS-FIND-002", *(f"DS-PC-{number:03}" for number in range(1, 5))})
"""Rules that tell what may have led to the fault above them, not what came of it."""


def with_causes_side(findings: Sequence[Finding], traffic: Traffic) -> tuple[Finding, ...]:
    """The same findings; sides of consequences are those of their own associations."""
    return tuple(_below(finding, traffic) for finding in findings)


def _below(cause: Finding, traffic: Traffic) -> Finding:
    if not cause.children:
        return cause
    return replace(cause, children=tuple(_below(_led(child, cause, traffic), traffic) for child in cause.children))


def _led(child: Finding, cause: Finding, traffic: Traffic) -> Finding:
    """A finding below its cause."""
    if child.act is Side.UNKNOWN or child.severity not in _FAULTS or child.rule in _CLUES:
        return child
    if child.actor is not None and child.actor == cause.actor:
        return child  # in the terms of its own association
    act = _part(child, cause, traffic) if cause.act in (Side.REQUESTOR, Side.ACCEPTOR) else cause.act
    return replace(child, act=act, actor=cause.actor)


def _part(child: Finding, cause: Finding, traffic: Traffic) -> Side:
    """The part that who must act for the cause plays where the child was met; unknown where that is none."""
    if child.association == cause.association and child.connection == cause.connection:
        return cause.act
    requestor, acceptor = _ends(cause, traffic)
    ip = requestor if cause.act is Side.REQUESTOR else acceptor
    here = _ends(child, traffic)
    if ip is None or here.count(ip) != 1:
        return Side.UNKNOWN
    return Side.REQUESTOR if ip == here[0] else Side.ACCEPTOR


def _ends(finding: Finding, traffic: Traffic) -> tuple[str | None, str | None]:
    """The addresses of requestor and acceptor, as far as the finding is about one association or connection."""
    if finding.association is not None:
        association = traffic.association(finding.association)
        return association.requestor.ip, association.acceptor.ip
    if finding.connection is not None:
        tcp = traffic.conversation(finding.connection).tcp
        return tcp.initiator.ip, tcp.responder.ip
    return None, None
