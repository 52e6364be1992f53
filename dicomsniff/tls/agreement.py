"""Handshake messages of both sides in; with the keys that were given, what opens the records of each, out."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import new

from dicomsniff.core import Direction
from dicomsniff.tls.keylog import EARLY, HANDSHAKE, MASTER, PREMASTER, TRAFFIC, Keys
from dicomsniff.tls.protection import Aead, Cbc, Opener, Tls13
from dicomsniff.tls.schedule import key_block, prf
from dicomsniff.tls.suites import Suite, suite_of
from dicomsniff.tls.values import TLS12, TLS13, ClientHello, ServerHello

HELLO_REQUEST, SERVER_DONE, CLIENT_KEY, NEW_TICKET = 0, 14, 16, 4
ENCRYPT_THEN_MAC, EXTENDED_MASTER = 22, 23
LONGEST_TRANSCRIPT = 256 << 10


class Agreement:
    """One handshake: `client` and `server` are its hellos, once they were heard."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self.client: ClientHello | None = None
        self.server: ServerHello | None = None
        self._client_way = Direction.TO_RESPONDER
        self._suite: Suite | None = None
        self._openers: tuple[tuple[Opener, ...], tuple[Opener, ...]] | None = None
        self._messages: tuple[bytearray, bytearray] = (bytearray(), bytearray())  # by direction, for the session hash
        self._client_key = b""
        self._done = [False, False]  # all that the session hash covers was heard
        self._brief = False  # an earlier session is resumed: nothing is encrypted for the server's key

    @property
    def reached(self) -> bool:
        """Whether both hellos were heard."""
        return self.client is not None and self.server is not None

    @property
    def tls13(self) -> bool:
        return self.server is not None and self.server.version >= TLS13

    @property
    def changes_keys(self) -> bool:
        """Whether a ChangeCipherSpec means anything: in TLS 1.3 it does not (RFC 8446 §D.4)."""
        return self.reached and not self.tls13

    @property
    def hopeless(self) -> bool:
        """Both hellos are there, and no key will come."""
        if self.server is None or self.client is None:
            return False
        if self._suite is None:
            return True
        known = self._keys.of(self.client.random)
        if self.tls13:
            return not any(label in known for label in TRAFFIC)
        by_server_key = self._keys.server_keys and self._suite.rsa and not self._brief
        return MASTER not in known and PREMASTER not in known and not by_server_key

    @property
    def open_question(self) -> bool:
        """Whether the keys are not known yet and may still become so."""
        return not self.hopeless and self.openers(self._client_way) is None

    def begin(self, hello: ClientHello, direction: Direction) -> None:
        self.client, self._client_way = hello, direction

    def answer(self, hello: ServerHello) -> None:
        self.server, self._suite = hello, suite_of(hello.cipher_suite)

    def hear(self, direction: Direction, message: bytes) -> None:
        """One whole handshake message, with its header."""
        kind = message[0]
        if kind == CLIENT_KEY:
            self._client_key = message[4:]
        if kind not in (HELLO_REQUEST, NEW_TICKET) and not self._done[direction]:
            spoken = self._messages[direction]
            if len(spoken) + len(message) <= LONGEST_TRANSCRIPT:
                spoken += message
        self._done[direction] = self._done[direction] or kind in (CLIENT_KEY, SERVER_DONE)

    def changes(self, direction: Direction) -> None:
        """A ChangeCipherSpec of this direction."""
        if self.reached and direction is not self._client_way and not self._done[direction]:
            self._brief = True

    def openers(self, direction: Direction) -> Sequence[Opener] | None:
        """What opens the records of this direction from the change of keys on, one after the other; None while that is
        not known, or where no key fits."""
        if self._openers is None and self.reached and self._suite is not None:
            self._openers = self._of_tls13(self._suite) if self.tls13 else self._of_tls12(self._suite)
        if self._openers is None:
            return None
        return self._openers[0 if direction is self._client_way else 1]

    def _of_tls13(self, suite: Suite) -> tuple[tuple[Opener, ...], tuple[Opener, ...]] | None:
        assert self.client is not None
        known = self._keys.of(self.client.random)
        if not any(label in known for label in TRAFFIC):
            return None
        labels = ((EARLY, HANDSHAKE[0], TRAFFIC[0]), (HANDSHAKE[1], TRAFFIC[1]))
        one, other = (tuple(Tls13(suite, known[label]) for label in own if label in known) for own in labels)
        return one, other

    def _of_tls12(self, suite: Suite) -> tuple[tuple[Opener, ...], tuple[Opener, ...]] | None:
        master = self._master(suite)
        if master is None or self.client is None or self.server is None:
            return None
        version = self.server.version
        block = key_block(version, suite, master, self.client.random, self.server.random)
        if suite.cipher != "cbc":
            return (Aead(suite, block[2], block[4]),), (Aead(suite, block[3], block[5]),)
        later = ENCRYPT_THEN_MAC in self.server.extensions
        return (
            (Cbc(suite, version, block[0], block[2], block[4], later),),
            (Cbc(suite, version, block[1], block[3], block[5], later),),
        )

    def _master(self, suite: Suite) -> bytes | None:
        assert self.client is not None and self.server is not None
        known = self._keys.of(self.client.random)
        if MASTER in known:
            return known[MASTER]
        premaster = known.get(PREMASTER) or self._decrypted(suite)
        if premaster is None or not all(self._done):
            return None
        version, seed = self.server.version, self.client.random + self.server.random
        if EXTENDED_MASTER not in self.server.extensions:
            return prf(version, suite.hash, premaster, b"master secret", seed, 48)
        return prf(version, suite.hash, premaster, b"extended master secret", self._session_hash(suite), 48)

    def _session_hash(self, suite: Suite) -> bytes:
        """RFC 7627 §4: of all messages up to the ClientKeyExchange. The client's hello comes first, then all that the
        server says, then the rest of the client's."""
        client, server = self._messages[self._client_way], self._messages[self._client_way.opposite]
        hello = 4 + int.from_bytes(client[1:4], "big")
        spoken = bytes(client[:hello] + server + client[hello:])
        if self.server is not None and self.server.version >= TLS12:
            return new(suite.hash, spoken).digest()
        return new("md5", spoken).digest() + new("sha1", spoken).digest()

    def _decrypted(self, suite: Suite) -> bytes | None:
        """The premaster secret that the client encrypted for the server's key (RFC 5246 §7.4.7.1)."""
        if not (suite.rsa and self._client_key and self._keys.server_keys):
            return None
        from dicomsniff.tls.library import padding, rsa, serialization

        sealed = self._client_key[2:]
        for der in self._keys.server_keys:
            key = serialization.load_der_private_key(der, None)
            if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != 8 * len(sealed):
                continue
            try:
                secret = key.decrypt(sealed, padding.PKCS1v15())
            except ValueError:
                continue
            if len(secret) == 48 and secret[0] == 3:
                return secret
        return None
