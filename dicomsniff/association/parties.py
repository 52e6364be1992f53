"""An exchange in, who asked whom out: the ends of an association in the roles of one exchange."""

from __future__ import annotations

from dicomsniff.association.values import Association, Exchange
from dicomsniff.core.tuples import NamedTuple


class Party(NamedTuple):
    """A host and the AE title it went by in one association, None where that was not seen. Ports of requestors mean nothing."""

    ip: str
    ae_title: str | None


def asking(exchange: Exchange, association: Association) -> Party:
    """Who sent the request."""
    return _party(association, exchange.requested_by == "requestor")


def performing(exchange: Exchange, association: Association) -> Party:
    """Who had to answer it."""
    return _party(association, exchange.requested_by != "requestor")


def _party(association: Association, requestor: bool) -> Party:
    if requestor:
        return Party(association.requestor.ip, association.calling_ae)
    return Party(association.acceptor.ip, association.called_ae)
