"""What a TLS handshake showed: hellos, certificates, alerts (RFC 5246, RFC 8446)."""

from __future__ import annotations

from itertools import pairwise

from dicomsniff.core import Direction
from dicomsniff.core.records import dataclass
from dicomsniff.core.tuples import NamedTuple

SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0300, 0x0301, 0x0302, 0x0303, 0x0304
_FINISHED = 37
"""Bytes of an encrypted record of TLS 1.3 that holds a Finished message; one with an alert is shorter."""


class ClientHello(NamedTuple):
    """What the client offers: `versions` from the best on, cipher suites in its order of preference, the server's name
    and the application protocols, where it says them. `random` names the session in a key log."""

    packet: int
    time_ns: int
    random: bytes
    versions: tuple[int, ...]
    cipher_suites: tuple[int, ...]
    server_name: str | None = None
    protocols: tuple[str, ...] = ()
    extensions: frozenset[int] = frozenset()


class ServerHello(NamedTuple):
    """What the server chose."""

    packet: int
    time_ns: int
    random: bytes
    version: int
    cipher_suite: int
    extensions: frozenset[int] = frozenset()


class Certificate(NamedTuple):
    """The fields of an X.509 certificate (RFC 5280) that people compare; None and () where they cannot be read. Times
    are seconds since 1970."""

    subject: str | None = None
    issuer: str | None = None
    not_before: int | None = None
    not_after: int | None = None
    names: tuple[str, ...] = ()
    key: str | None = None  # "RSA 2048", "EC P-256"

    @property
    def self_signed(self) -> bool:
        return self.subject is not None and self.subject == self.issuer


class Chain(NamedTuple):
    """One Certificate message: from the sender's own certificate up; empty where it has none to show."""

    packet: int
    certificates: tuple[Certificate, ...]

    @property
    def in_order(self) -> bool | None:
        """Whether each certificate was issued by the one that follows (RFC 5246 §7.4.2); None where that cannot be read."""
        if any(each.subject is None for each in self.certificates):
            return None
        return all(one.issuer == other.subject for one, other in pairwise(self.certificates))


class Alert(NamedTuple):
    """One alert, travelling in `direction`. `level` (1 warning, 2 fatal) and `description` are None where it is
    encrypted."""

    direction: Direction
    packet: int
    time_ns: int
    level: int | None
    description: int | None


class Decryption(NamedTuple):
    """What keys made of a connection: the records that they opened, those that they did not, and the first packets of
    the latter. `opened` is 0 where no key fits."""

    opened: int
    unreadable: int = 0
    packets: tuple[int, ...] = ()


class Sealed(NamedTuple):
    """An encrypted record: what is seen of it."""

    direction: Direction
    packet: int
    time_ns: int
    length: int


class Wait(NamedTuple):
    """What one side let the other wait: how often, the sum of it, its median and the longest, in ns."""

    times: int
    total_ns: int
    median_ns: int
    longest_ns: int


class Waits(NamedTuple):
    """`for_responder`: the initiator's waits for the responder; `for_initiator`: the reverse. All estimates, and at most
    what the side itself took: the way between it and the point of capture is in them, there and back (`rtt_ns`)."""

    for_responder: Wait
    for_initiator: Wait


@dataclass(frozen=True, slots=True)
class Handshake:
    """One connection's handshake. Where the version is TLS 1.3, certificates and all that follows are `sealed`, of
    which the first records of each direction are kept. `client_chain` is None where no Certificate message of the
    client was seen. `changed`: the directions in which ChangeCipherSpec was seen. `whole`: nothing up to here is
    missing in the capture or could not be read. `decryption` is None where no keys were given, `waits` where they were or
    the port is not one of DICOM's."""

    client: ClientHello | None = None
    server: ServerHello | None = None
    server_chain: Chain | None = None
    client_chain: Chain | None = None
    certificate_request: int | None = None  # the packet in which the server asked for a certificate
    alerts: tuple[Alert, ...] = ()
    sealed: tuple[Sealed, ...] = ()
    changed: frozenset[Direction] = frozenset()
    resumed: bool = False
    whole: bool = True
    decryption: Decryption | None = None
    waits: Waits | None = None

    def sealed_by(self, direction: Direction) -> list[Sealed]:
        return [record for record in self.sealed if record.direction is direction]

    @property
    def finish(self) -> Sealed | None:
        """The client's last word in the handshake, None where it did not come to that (RFC 8446 §2, RFC 5246 §7.3)."""
        if self.server is None:
            return None
        ours = self.sealed_by(Direction.TO_RESPONDER)
        if self.server.version >= TLS13:
            return next((record for record in ours if record.length >= _FINISHED), None)
        both = self.changed.issuperset(Direction) and self.sealed_by(Direction.TO_INITIATOR)
        return ours[0] if both and ours else None

    @property
    def duration_ns(self) -> int | None:
        """From the ClientHello until both sides had finished, None where one of these was not seen."""
        ends = [record for record in (self.finish, self._answered) if record is not None]
        if self.client is None or self.finish is None or not ends:
            return None
        return max(max(record.time_ns for record in ends) - self.client.time_ns, 0)

    @property
    def _answered(self) -> Sealed | None:
        """The server's last word in the handshake, up to TLS 1.2."""
        theirs = self.sealed_by(Direction.TO_INITIATOR)
        return theirs[0] if theirs and self.server is not None and self.server.version < TLS13 else None
