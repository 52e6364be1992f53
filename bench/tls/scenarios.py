"""What is played: which programs, which kind of TLS, what happens in the middle; and the keys that were kept of it."""

from __future__ import annotations

import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.tls import peers
from bench.tls.peers import CERTIFICATE, HOST, INNER_PORT, KEY, PLAIN_PORT, TLS_PORT, archive, context, store

CLIENT, SERVER = ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER
NEW, OLD = ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2
Play = Callable[[Path], None]
"""The argument is the key log to write."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """`by_server_key`: the keys are the server's private key alone."""

    name: str
    told: str
    play: Play
    by_server_key: bool = False


def _pynetdicom(version: ssl.TLSVersion, ciphers: str | None = None) -> Play:
    def play(log: Path) -> None:
        server = archive(TLS_PORT, context(SERVER, version, ciphers, None))
        store(TLS_PORT, context(CLIENT, version, ciphers, log))
        server.shutdown()

    return play


def _resumed(version: ssl.TLSVersion) -> Play:
    def play(log: Path) -> None:
        server = archive(TLS_PORT, context(SERVER, version, None, None))
        between = peers.Resuming(PLAIN_PORT, TLS_PORT, context(CLIENT, version, None, log))
        for _ in range(2):
            store(PLAIN_PORT)
            time.sleep(0.5)
        between.close()
        server.shutdown()
        assert between.resumed == 1, "the session was not resumed"

    return play


def _openssl(kind: str, letter: str, *more: str) -> Play:
    """`openssl` on both sides, DICOM through its pipes; `letter` is the client's command for a change of keys (the server
    tells of its own on the standard output)."""

    def play(log: Path) -> None:
        inner = archive(INNER_PORT)
        command = [
            "openssl",
            "s_server",
            "-brief",
            "-accept",
            str(TLS_PORT),
            "-cert",
            str(CERTIFICATE),
            "-key",
            str(KEY),
        ]
        to_archive = socket.create_connection((HOST, INNER_PORT))
        peers.Pipe([*command, "-naccept", "1", "-client_renegotiation", kind, *more], to_archive)
        time.sleep(0.5)
        listening = socket.create_server((HOST, PLAIN_PORT))
        pipes: list[peers.Pipe] = []

        def accept() -> None:
            plain, _ = listening.accept()
            command = ["openssl", "s_client", "-brief", "-connect", f"{HOST}:{TLS_PORT}", "-keylogfile", str(log)]
            pipes.append(peers.Pipe([*command, kind, *more], plain))

        threading.Thread(target=accept, daemon=True).start()

        store(PLAIN_PORT, between=lambda: pipes[0].command(letter))
        time.sleep(0.8)
        listening.close()
        inner.shutdown()

    return play


@contextmanager
def _files() -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for number in range(len(peers.SIZES)):
            names.append(f"{folder}/{number}.dcm")
            peers.image(number).save_as(names[-1], enforce_file_format=True)
        yield names


def _storescu(profile: str, version: ssl.TLSVersion, ciphers: str | None = None) -> Play:
    """DCMTK stores, pynetdicom keeps the keys."""

    def play(log: Path) -> None:
        server = archive(TLS_PORT, context(SERVER, version, ciphers, log))
        with _files() as names:
            tls = ["+tls", str(KEY), str(CERTIFICATE), "-ic", profile]
            subprocess.run(["storescu", *tls, "-aec", "ARCHIVE", HOST, str(TLS_PORT), *names], check=True)
        server.shutdown()

    return play


def _storescp(log: Path) -> None:
    """pynetdicom stores, DCMTK receives."""
    with tempfile.TemporaryDirectory() as folder:
        tls = ["+tls", str(KEY), str(CERTIFICATE), "-ic", "+px"]
        server = subprocess.Popen(["storescp", *tls, "-od", folder, str(TLS_PORT)])
        time.sleep(1)
        try:
            store(TLS_PORT, context(CLIENT, NEW, None, log))
        finally:
            server.terminate()
            server.wait()


SCENARIOS = (
    Scenario("new", "pynetdicom, TLS 1.3", _pynetdicom(NEW)),
    Scenario("gcm", "pynetdicom, TLS 1.2, AES-GCM", _pynetdicom(OLD, "ECDHE-RSA-AES128-GCM-SHA256")),
    Scenario("chacha", "pynetdicom, TLS 1.2, ChaCha20-Poly1305", _pynetdicom(OLD, "ECDHE-RSA-CHACHA20-POLY1305")),
    Scenario("cbc", "pynetdicom, TLS 1.2, AES-CBC with SHA-384", _pynetdicom(OLD, "ECDHE-RSA-AES256-SHA384")),
    Scenario("cbc_rsa", "pynetdicom, TLS 1.2, AES-CBC, the server's key", _pynetdicom(OLD, "AES128-SHA"), True),
    Scenario("gcm_rsa", "pynetdicom, TLS 1.2, AES-GCM, the server's key", _pynetdicom(OLD, "AES256-GCM-SHA384"), True),
    Scenario("old", "pynetdicom, TLS 1.0, AES-CBC", _pynetdicom(ssl.TLSVersion.TLSv1, "AES256-SHA")),
    Scenario("tickets", "pynetdicom, TLS 1.2, resumed by ticket", _resumed(OLD)),
    Scenario("psk", "pynetdicom, TLS 1.3, resumed (PSK)", _resumed(NEW)),
    Scenario("renegotiated", "openssl, TLS 1.2, renegotiated by the client", _openssl("-tls1_2", "R")),
    Scenario(
        "renegotiated_cbc",
        "openssl, TLS 1.2, AES-CBC, renegotiated by the client",
        _openssl("-tls1_2", "R", "-cipher", "ECDHE-RSA-AES128-SHA256"),
    ),
    Scenario("updated", "openssl, TLS 1.3, keys updated by the client", _openssl("-tls1_3", "K")),
    Scenario(
        "updated_chacha",
        "openssl, TLS 1.3, ChaCha20-Poly1305, keys updated by the client",
        _openssl("-tls1_3", "K", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"),
    ),
    Scenario("dcmtk", "DCMTK storescu, profile +py, TLS 1.2", _storescu("+py", OLD)),
    Scenario("dcmtk_new", "DCMTK storescu, profile +px, TLS 1.3", _storescu("+px", NEW)),
    Scenario("dcmtk_aes", "DCMTK storescu, profile +pa, AES-CBC", _storescu("+pa", OLD, "AES128-SHA")),
    Scenario("dcmtk_server", "pynetdicom to DCMTK storescp, TLS 1.3", _storescp),
)
