"""Proposed and answered presentation contexts in, one list joined by context ID out (PS3.8 §7.1.1.13, §7.1.1.14)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from dicomsniff.association.values import Context, ContextResult
from dicomsniff.pdu.values import AnsweredContext, AssociateAc, AssociateRq, ProposedContext

RESULTS = {
    0: ContextResult.ACCEPTED,
    1: ContextResult.USER_REJECTION,
    2: ContextResult.NO_REASON,
    3: ContextResult.ABSTRACT_SYNTAX,
    4: ContextResult.TRANSFER_SYNTAXES,
}


def join_contexts(
    request: AssociateRq | None, accept: AssociateAc | None, used: Mapping[int, tuple[int, str | None]]
) -> tuple[Context, ...]:
    """`used` maps context IDs to the number of exchanges on them and the SOP class of the first.

    The order is that of the request; contexts answered but never proposed, and those known only from messages, follow.
    """
    return _joined(request.contexts if request else (), accept.contexts if accept else (), tuple(used.items()))


@lru_cache(maxsize=512)
def _joined(
    asked: tuple[ProposedContext, ...],
    agreed: tuple[AnsweredContext, ...],
    uses: tuple[tuple[int, tuple[int, str | None]], ...],
) -> tuple[Context, ...]:
    """A device negotiates and does the same all day long: what is the same is the same value."""
    proposed = {c.context_id: c for c in asked}
    answered = {c.context_id: c for c in agreed}
    used = dict(uses)
    ids = list(proposed) + [i for i in answered if i not in proposed]
    ids += [i for i in sorted(used) if i not in proposed and i not in answered]
    return tuple(_join(i, proposed.get(i), answered.get(i), *used.get(i, (0, None))) for i in ids)


def _join(
    id: int, proposed: ProposedContext | None, answered: AnsweredContext | None, exchanges: int, sop_class: str | None
) -> Context:
    accepted = answered is not None and answered.result == 0
    return Context(
        id=id,
        abstract_syntax=proposed.abstract_syntax if proposed else sop_class,
        proposed=proposed.transfer_syntaxes if proposed else (),
        result=RESULTS.get(answered.result, ContextResult.NO_REASON) if answered else ContextResult.UNANSWERED,
        result_code=answered.result if answered else None,
        transfer_syntax=(answered.transfer_syntax or None) if answered and accepted else None,
        exchanges=exchanges,
        inferred=proposed is None,
    )
