"""A connection that speaks TLS in; its handshake out and, with the keys to it, what is said beneath as of any other
connection; without keys, estimates of who waited for whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from dicomsniff.association.values import Association, Conversation, Kind
from dicomsniff.core.records import replace
from dicomsniff.tcp.events import Chunk, Connection, Gap
from dicomsniff.tls.keylog import Keys
from dicomsniff.tls.reader import HandshakeReader
from dicomsniff.tls.session import Session
from dicomsniff.tls.turns import PORTS, Turns
from dicomsniff.tls.values import Handshake


class Follows(Protocol):
    """What follows one connection from its stream bytes to its associations."""

    foreign: bool

    def feed(self, events: Sequence[Chunk | Gap], /) -> None: ...

    def finish(self, tcp: Connection, /) -> tuple[Conversation, tuple[Association, ...]]: ...


class SecuredLine:
    """Opens the records, and hands what they hold to `line`."""

    def __init__(self, connection: int, keys: Keys, line: Follows) -> None:
        self._session, self._line = Session(connection, keys), line

    @property
    def done(self) -> bool:
        """Whether nothing more is wanted of this connection: no key fits, or what is said beneath is not DICOM."""
        return self._session.failed or self._line.foreign

    def feed(self, events: Sequence[Chunk | Gap]) -> None:
        self._line.feed(self._session.feed(events))

    def finish(self, tcp: Connection, sealed: Conversation) -> tuple[Conversation, tuple[Association, ...]]:
        """`sealed` is the conversation as it is without keys."""
        self._line.feed(self._session.close())
        return self._told(sealed, lambda: self._line.finish(self._session.translated(tcp)))

    def _told(
        self, sealed: Conversation, finish: Callable[[], tuple[Conversation, tuple[Association, ...]]]
    ) -> tuple[Conversation, tuple[Association, ...]]:
        """`finish` gives what is known of what the records hold."""
        handshake = sealed.tls or Handshake()
        told = self._session.decryption()
        if not told.opened:
            return replace(sealed, tls=replace(handshake, decryption=told)), ()
        clear = tuple(alert for alert in handshake.alerts if alert.description is not None)
        alerts = tuple(sorted({*clear, *self._session.alerts}, key=lambda alert: alert.packet))
        beneath, associations = finish()
        dicom = beneath.kind is Kind.DICOM
        kind = Kind.DICOM_TLS if dicom else sealed.kind
        conversation = replace(
            beneath if dicom else sealed,
            kind=kind,
            protocols=sealed.protocols,
            first_bytes=sealed.first_bytes,
            preamble=sealed.preamble or beneath.preamble,
            tls=replace(handshake, alerts=alerts, decryption=told),
        )
        return conversation, associations


class TlsStream:
    """One connection, event by event and block by block. `beneath` makes what follows the applications' streams; `secured`
    opens the records, None where there are no keys."""

    def __init__(self, tcp: Connection, keys: Keys, beneath: Callable[[], Follows]) -> None:
        self._reader = HandshakeReader()
        self.secured = SecuredLine(tcp.id, keys, beneath()) if keys else None
        self._turns = Turns() if not keys and tcp.responder.port in PORTS else None
        self._events: list[Chunk | Gap] = []  # of this block

    @property
    def encrypted(self) -> bool:
        """Whether there are no keys to it."""
        return self.secured is None

    def take(self, event: Chunk | Gap) -> None:
        """The next event of its direction."""
        self._reader.feed(event)
        if self.secured is not None or self._turns is not None:
            self._events.append(event)

    def settle(self) -> bool:
        """The block is over; whether nothing more is wanted of this connection."""
        events, self._events = self._events, []
        if self.secured is not None:
            self.secured.feed(events)
            return self.secured.done and self._reader.done
        if self._turns is not None:
            self._turns.feed(events)
            return False
        return self._reader.done

    def handshake(self) -> Handshake:
        """What was seen by now."""
        handshake = self._reader.handshake()
        if self._turns is None or handshake.finish is None:
            return handshake
        return replace(handshake, waits=self._turns.waits(handshake.finish.time_ns))

    def finish(
        self, tcp: Connection, conversation: Conversation, associations: tuple[Association, ...]
    ) -> tuple[Conversation, tuple[Association, ...]]:
        """The connection has ended; what is known of it otherwise, with what TLS adds."""
        self.settle()
        conversation = replace(conversation, tls=self.handshake())
        return (conversation, associations) if self.secured is None else self.secured.finish(tcp, conversation)
