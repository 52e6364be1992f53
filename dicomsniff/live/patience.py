"""A connection that speaks TLS in, what is said beneath it out once its keys have come; until then its bytes wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dicomsniff.association.gathering import Done
from dicomsniff.association.values import Conversation
from dicomsniff.live.keys import GrowingKeys
from dicomsniff.secured import Follows, SecuredLine
from dicomsniff.tcp.events import Chunk, Connection, Gap

MOST_WAITING = 8 << 20
"""Bytes of one connection that wait for keys; beyond them it is not opened any more."""
IN_ALL = 64 << 20
"""Bytes of all connections."""


class PatientLine(SecuredLine):
    """Opens the records from the first one, as soon as the keys are there."""

    def __init__(self, connection: int, keys: GrowingKeys, line: Follows, random: Callable[[], bytes | None]) -> None:
        """`random`: that of the client, once its hello was read."""
        super().__init__(connection, keys, line)
        self._keys, self._random = keys, random
        self._held: list[Chunk | Gap] | None = []
        self._bytes = 0

    @property
    def done(self) -> bool:
        return self._held is None and super().done

    def feed(self, events: Sequence[Chunk | Gap]) -> None:
        if self._held is None:
            super().feed(events)
            return
        self._held += events
        added = sum(len(event.data) for event in events if isinstance(event, Chunk))
        self._bytes += added
        self._keys.waiting += added
        if self._known() or self._bytes > MOST_WAITING or self._keys.waiting > IN_ALL:
            self._let_go()

    @property
    def waits(self) -> bool:
        """Whether its keys have not come."""
        return self._held is not None

    def finish(self, tcp: Connection, sealed: Conversation) -> Done:
        self._known()
        self._let_go()
        return super().finish(tcp, sealed)

    def so_far(self, tcp: Connection, sealed: Conversation, beneath: Callable[[Connection], Done]) -> Done:
        """What `finish` would say by now; `beneath` what is known of the opened streams."""
        return self._told(sealed, lambda: beneath(self._session.translated(tcp)))

    def _known(self) -> bool:
        """Whether its keys are there, if need be written a moment ago."""
        random = self._random()
        return random is not None and (
            self._keys.enough(random) or bool(self._keys.refresh() and self._keys.enough(random))
        )

    def _let_go(self) -> None:
        """Nothing is waited for any longer."""
        if self._held is not None:
            held, self._held = self._held, None
            self._keys.waiting -= self._bytes
            super().feed(held)
