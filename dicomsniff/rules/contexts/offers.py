"""An association in, what it offered and was granted out: presentation contexts gathered by SOP class."""

from collections.abc import Sequence

from dicomsniff.association.values import Association, Blind, Context, ContextResult, Outcome
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.uids import uid_name

VERIFICATION = "1.2.840.10008.1.1"
CATALOGUE = 4
"""More classes than this in one request are a catalogue of what a product can do, not of what it wants to do now."""


@dataclass(frozen=True, slots=True)
class Offer:
    """All contexts of one abstract syntax in one association."""

    sop_class: str
    contexts: tuple[Context, ...]

    @property
    def accepted(self) -> bool:
        return any(c.accepted for c in self.contexts)

    @property
    def results(self) -> frozenset[ContextResult]:
        return frozenset(c.result for c in self.contexts)

    @property
    def proposed(self) -> tuple[str, ...]:
        """Every transfer syntax offered for the class, in order, once."""
        return tuple(dict.fromkeys(syntax for c in self.contexts for syntax in c.proposed))

    @property
    def private(self) -> bool:
        """Whether the class is not of the DICOM standard; refusing such a class is ordinary."""
        return not self.sop_class.startswith("1.2.840.10008.")


def offers(association: Association) -> tuple[Offer, ...]:
    """The contexts of an association by abstract syntax, in the order of first mention."""
    grouped: dict[str, list[Context]] = {}
    for context in association.contexts:
        if context.abstract_syntax and not context.inferred:
            grouped.setdefault(context.abstract_syntax, []).append(context)
    return tuple(Offer(sop_class, tuple(contexts)) for sop_class, contexts in grouped.items())


def ended_idle(association: Association) -> bool:
    """Whether the requestor ended the association without asking for anything (releasing, aborting or just closing)."""
    if association.exchanges or association.outcome not in (Outcome.RELEASED, Outcome.ABORTED, Outcome.CLOSED):
        return False
    match association.outcome:
        case Outcome.ABORTED:
            first = association.abort
            return first is not None and first.evidence.direction is association.to_acceptor
        case Outcome.CLOSED:
            return association.closed_by is association.to_acceptor
        case _:
            release = association.release_request
            return release is not None and release.evidence.direction is association.to_acceptor


def unseen(association: Association) -> bool:
    """Whether an operation of the requestor may have escaped the capture."""
    return association.blind_towards(association.to_acceptor) or Blind.END in association.blind


def ending(association: Association) -> str:
    """What the requestor did instead of sending, as a verb."""
    return {Outcome.ABORTED: "aborted", Outcome.CLOSED: "closed the connection"}.get(association.outcome, "released")


def syntax_names(syntaxes: Sequence[str]) -> list[str]:
    """Transfer syntaxes by name."""
    return [uid_name(syntax) or syntax for syntax in syntaxes]
