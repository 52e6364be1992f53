"""An association in, whether it came to grief out: what weighs an oddity that nobody may have minded."""

from dicomsniff.association.values import Association, Outcome

_GOOD = frozenset({Outcome.RELEASED, Outcome.OPEN})


def came_to_grief(association: Association) -> bool:
    """Whether it was not released (or left open by the end of the capture)."""
    return association.outcome not in _GOOD


def failed_at_request(association: Association) -> bool:
    """Whether the request got no answer but an abort or silence: no reason that an answer could have named."""
    return association.accept is None and association.reject is None and came_to_grief(association)


def ended_by_protocol(association: Association) -> bool:
    """Whether the protocol layer of one side aborted it (PS3.8 §7.4)."""
    return association.abort is not None and association.abort.source == 2
