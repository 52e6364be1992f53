"""Ids for a session: what stands at a place in the traffic of the moment in, a number that it keeps and that only grows out."""

from __future__ import annotations

from dicomsniff.association.values import Association, Exchange, Traffic

Key = tuple[int, int, bool]
"""Direction, stream offset, and whether only a response was seen."""


def _key(exchange: Exchange) -> Key:
    """What tells an exchange from the others of its association, whichever of its halves were seen."""
    first = exchange.request or exchange.first_response
    return exchange.direction, -1 if first is None else first.start, exchange.request is None


class Ids:
    """Numbers associations and exchanges as they are met. Connections have such numbers already."""

    def __init__(self) -> None:
        self._associations: dict[tuple[int, int], int] = {}
        self._exchanges: dict[int, dict[Key, int]] = {}
        self._given = [0, 0]

    def name(self, traffic: Traffic, connections: list[int]) -> Names:
        """The ids of everything in this traffic; `connections` are those of its conversations, by place."""
        associations: list[int] = [0] * len(traffic.associations)
        for place, conversation in enumerate(traffic.conversations):
            for index, id in enumerate(conversation.associations):
                associations[id - 1] = self._association(connections[place], index)
        exchanges = [0] * len(traffic.exchanges)
        for association in traffic.associations:
            own = self._exchanges.setdefault(associations[association.id - 1], {})
            for exchange in association.exchanges:
                exchanges[exchange.id - 1] = self._exchange(own, exchange)
        return Names(connections, associations, exchanges)

    def connection_of(self, association: int) -> int | None:
        """The connection of an association that is not forgotten."""
        return next((connection for (connection, _), id in self._associations.items() if id == association), None)

    def forget(self, connection: int, associations: int) -> None:
        """A connection with so many associations will not be asked about again."""
        for index in range(associations):
            id = self._associations.pop((connection, index), None)
            if id is not None:
                self._exchanges.pop(id, None)

    def _association(self, connection: int, index: int) -> int:
        known = self._associations.get((connection, index))
        if known is None:
            self._given[0] += 1
            known = self._associations[connection, index] = self._given[0]
        return known

    def _exchange(self, own: dict[Key, int], exchange: Exchange) -> int:
        key = _key(exchange)
        known = own.get(key)
        if known is None:
            self._given[1] += 1
            known = own[key] = self._given[1]
        return known


class Names:
    """The ids of one traffic: for a place, from 1, the id; None stays None."""

    def __init__(self, connections: list[int], associations: list[int], exchanges: list[int]) -> None:
        self._connections, self._associations, self._exchanges = connections, associations, exchanges

    @property
    def connections(self) -> set[int]:
        """Those of all connections."""
        return set(self._connections)

    @property
    def associations(self) -> set[int]:
        """Those of all associations."""
        return set(self._associations)

    def connection(self, place: int | None) -> int | None:
        return None if place is None else self._connections[place - 1]

    def association(self, place: int | None) -> int | None:
        return None if place is None else self._associations[place - 1]

    def exchange(self, place: int | None) -> int | None:
        return None if place is None else self._exchanges[place - 1]

    def connection_place(self, id: int | None) -> int | None:
        """The way back: the place of what has this id, None where it is not there."""
        return _place(self._connections, id)

    def association_place(self, id: int | None) -> int | None:
        return _place(self._associations, id)

    def exchange_place(self, id: int | None) -> int | None:
        return _place(self._exchanges, id)

    def of(self, association: Association) -> int:
        return self._associations[association.id - 1]


def _place(ids: list[int], id: int | None) -> int | None:
    return ids.index(id) + 1 if id is not None and id in ids else None
