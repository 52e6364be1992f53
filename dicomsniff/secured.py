"""A connection that speaks TLS and the keys to it in; what is said beneath, as of any other connection, out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from dicomsniff.association.values import Association, Conversation, Kind
from dicomsniff.core.records import replace
from dicomsniff.tcp.events import Chunk, Connection, Gap
from dicomsniff.tls.keylog import Keys
from dicomsniff.tls.session import Session
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
            tls=replace(handshake, alerts=alerts, decryption=told),
        )
        return conversation, associations
