"""A message of a transcript in, the exchange that it belongs to out."""

from __future__ import annotations

from dicomsniff.association.values import Association, Exchange
from dicomsniff.core import Direction, Evidence
from dicomsniff.dimse.command import C_CANCEL_RQ
from dicomsniff.dimse.message import Message


class Exchanges:
    """The exchanges of one association, looked up message by message in the order of its transcript."""

    def __init__(self, association: Association) -> None:
        self._by_place: dict[tuple[Direction, int], Exchange] = {}
        for exchange in association.exchanges:
            for seen in (exchange.request, exchange.first_response, exchange.last_response, exchange.final):
                if seen is not None:
                    self._by_place[seen.direction, seen.start] = exchange
        self._asked: dict[tuple[Direction, int | None], Exchange] = {}

    def of(self, message: Message) -> Exchange | None:
        """None for what belongs to no exchange, a C-CANCEL for an unknown request say."""
        command = message.command
        found = self._by_place.get((message.direction, message.evidence.start))
        if command.command_field == C_CANCEL_RQ:
            return self._asked.get((message.direction, command.message_id_being_responded_to))
        if not command.is_response:
            if found is not None:
                self._asked[message.direction, command.message_id] = found
            return found
        return found or self._asked.get((message.direction.opposite, command.message_id_being_responded_to))


def answered_after_ns(exchange: Exchange | None, message: Message) -> int | None:
    """From the end of the request to the beginning of this response, as captured; None where either is unknown."""
    request: Evidence | None = exchange.request if exchange else None
    if request is None or not message.command.is_response or request.last_ns < 0:
        return None
    took = message.evidence.first_ns - request.last_ns
    return took if took >= 0 else None
