"""Handshake messages of both sides in; with the keys that were given, what opens the records of each, out."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import new

from dicomsniff.core import Direction
from dicomsniff.tls.keylog import EARLY, HANDSHAKE, MASTER, PREMASTER, TRAFFIC, Keys
from dicomsniff.tls.messages import RETRY, client_hello, server_hello
from dicomsniff.tls.protection import Aead, Cbc, Opener, Tls13
from dicomsniff.tls.schedule import key_block, prf
from dicomsniff.tls.suites import Suite, suite_of
from dicomsniff.tls.values import TLS12, TLS13, ClientHello, ServerHello

HELLO_REQUEST, CLIENT_HELLO, SERVER_HELLO, SERVER_DONE, CLIENT_KEY, NEW_TICKET = 0, 1, 2, 14, 16, 4
ENCRYPT_THEN_MAC, EXTENDED_MASTER = 22, 23
LONGEST_TRANSCRIPT = 256 << 10


class Agreement:
    """One handshake, and after it perhaps another (renegotiation, up to TLS 1.2)."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._client: ClientHello | None = None
        self._server: ServerHello | None = None
        self._client_way = Direction.TO_RESPONDER
        self._suite: Suite | None = None
        self._openers: tuple[tuple[Opener, ...], tuple[Opener, ...]] | None = None
        self._messages: tuple[bytearray, bytearray] = (bytearray(), bytearray())  # by direction, for the session hash
        self._client_key = b""
        self._done = [False, False]  # all that the session hash covers was heard
        self._early: ServerHello | None = None  # of the next handshake: its ClientHello is still to come

    @property
    def reached(self) -> bool:
        """Whether both hellos were heard."""
        return self._client is not None and self._server is not None

    @property
    def tls13(self) -> bool:
        return self._server is not None and self._server.version >= TLS13

    @property
    def changes_keys(self) -> bool:
        """Whether a ChangeCipherSpec means anything: in TLS 1.3 it does not (RFC 8446 §D.4)."""
        return self.reached and not self.tls13

    @property
    def hopeless(self) -> bool:
        """Both hellos are there, and no key will come."""
        if not self.reached or self._server is None or self._client is None:
            return False
        if self._suite is None:
            return True
        known = self._keys.of(self._client.random)
        if self.tls13:
            return not any(label in known for label in TRAFFIC)
        return MASTER not in known and PREMASTER not in known and not (self._keys.server_keys and self._suite.rsa)

    @property
    def may_be_strange(self) -> bool:
        """Whether the first records need not open though the keys fit: those of a handshake of TLS 1.3 whose own secrets
        were not logged, and early data that the server did not accept."""
        return self.tls13

    def hear(self, direction: Direction, message: bytes) -> None:
        """One whole handshake message, with its header."""
        kind, body = message[0], message[4:]
        if kind == CLIENT_HELLO:
            self._begin(client_hello(body, 0, 0), direction)
        elif kind == SERVER_HELLO:
            hello = server_hello(body, 0, 0)
            if hello is not None and hello.random != RETRY:
                self._answer(hello)
        elif kind == CLIENT_KEY:
            self._client_key = body
        if kind not in (HELLO_REQUEST, NEW_TICKET) and not self._done[direction]:
            spoken = self._messages[direction]
            if len(spoken) + len(message) <= LONGEST_TRANSCRIPT:
                spoken += message
        self._done[direction] = self._done[direction] or kind in (CLIENT_KEY, SERVER_DONE)

    @property
    def unsettled(self) -> bool:
        """Whether a further handshake has begun of which the keys are not known yet."""
        return self._early is not None or not self.reached or self.openers(self._client_way) is None

    def _answer(self, hello: ServerHello) -> None:
        if self._server is not None:
            self._early = hello
            return
        self._server, self._suite = hello, suite_of(hello.cipher_suite)
        self._openers = None

    def _begin(self, hello: ClientHello | None, direction: Direction) -> None:
        if hello is None or (self._client is not None and self._client.random == hello.random):
            return  # the answer to a HelloRetryRequest
        self._client, self._server, self._client_way = hello, None, direction
        early, self._early = self._early, None
        self._openers, self._client_key, self._done = None, b"", [False, False]
        for spoken in self._messages:
            spoken.clear()
        if early is not None:
            self._answer(early)

    def openers(self, direction: Direction) -> Sequence[Opener] | None:
        """What opens the records of this direction from the change of keys on, one after the other; None while that is
        not known, or where no key fits."""
        if self._openers is None and self.reached and self._suite is not None:
            self._openers = self._of_tls13(self._suite) if self.tls13 else self._of_tls12(self._suite)
        if self._openers is None:
            return None
        return self._openers[0 if direction is self._client_way else 1]

    def _of_tls13(self, suite: Suite) -> tuple[tuple[Opener, ...], tuple[Opener, ...]] | None:
        assert self._client is not None
        known = self._keys.of(self._client.random)
        if not any(label in known for label in TRAFFIC):
            return None
        labels = ((EARLY, HANDSHAKE[0], TRAFFIC[0]), (HANDSHAKE[1], TRAFFIC[1]))
        one, other = (tuple(Tls13(suite, known[label]) for label in own if label in known) for own in labels)
        return one, other

    def _of_tls12(self, suite: Suite) -> tuple[tuple[Opener, ...], tuple[Opener, ...]] | None:
        master = self._master(suite)
        if master is None or self._client is None or self._server is None:
            return None
        version = self._server.version
        block = key_block(version, suite, master, self._client.random, self._server.random)
        if suite.cipher != "cbc":
            return (Aead(suite, block[2], block[4]),), (Aead(suite, block[3], block[5]),)
        later = ENCRYPT_THEN_MAC in self._server.extensions
        return (
            (Cbc(suite, version, block[0], block[2], block[4], later),),
            (Cbc(suite, version, block[1], block[3], block[5], later),),
        )

    def _master(self, suite: Suite) -> bytes | None:
        assert self._client is not None and self._server is not None
        known = self._keys.of(self._client.random)
        if MASTER in known:
            return known[MASTER]
        premaster = known.get(PREMASTER) or self._decrypted(suite)
        if premaster is None or not all(self._done):
            return None
        version, seed = self._server.version, self._client.random + self._server.random
        if EXTENDED_MASTER not in self._server.extensions:
            return prf(version, suite.hash, premaster, b"master secret", seed, 48)
        return prf(version, suite.hash, premaster, b"extended master secret", self._session_hash(suite), 48)

    def _session_hash(self, suite: Suite) -> bytes:
        """RFC 7627 §4: of all messages up to the ClientKeyExchange. The client's hello comes first, then all that the
        server says, then the rest of the client's."""
        client, server = self._messages[self._client_way], self._messages[self._client_way.opposite]
        hello = 4 + int.from_bytes(client[1:4], "big")
        spoken = bytes(client[:hello] + server + client[hello:])
        if self._server is not None and self._server.version >= TLS12:
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
