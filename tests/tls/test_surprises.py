"""Real programs that expect something else of each other: plain DICOM and TLS, TLS and plain DICOM, HTTP and DICOM."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest
from pynetdicom import AE
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from dicomsniff.rules.finding import Finding, Severity, Side
from dicomsniff.rules.runner import judge
from tests.forge.reading import traffic_of
from tests.forge.wire import BACK, OUT, Wire
from tests.tls.conversing import Flight
from tests.tls.handshaking import Setup, contexts

HOST = "127.0.0.1"


@contextmanager
def archive() -> Iterator[int]:
    """A server of pynetdicom, in the clear; its port."""
    ae = AE(ae_title="ARCHIVE")
    ae.add_supported_context(Verification)
    ae.network_timeout = ae.acse_timeout = 2
    server = ae.start_server((HOST, 0), block=False)
    assert server is not None
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


@contextmanager
def secure_server() -> Iterator[int]:
    """A server of OpenSSL; its port."""
    listening = socket.create_server((HOST, 0))
    _, context = contexts(Setup(server="rsa", checks=False))

    def serve() -> None:
        with suppress(OSError):  # and the errors of TLS, which are such
            while True:
                raw, _ = listening.accept()
                with suppress(OSError), context.wrap_socket(raw, server_side=True) as secured:
                    secured.recv(1 << 16)

    threading.Thread(target=serve, daemon=True).start()
    with closing(listening):
        yield listening.getsockname()[1]


def overheard(port: int, client: Callable[[int], object]) -> list[Flight]:
    """What a client and the server at this port say to each other, in order."""
    flights, listening = list[Flight](), socket.create_server((HOST, 0))

    def carry(source: socket.socket, target: socket.socket, way: int) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                flights.append((BACK if way else OUT, data))
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def relay() -> None:
        near, _ = listening.accept()
        with closing(near), closing(socket.create_connection((HOST, port))) as far:
            back = threading.Thread(target=carry, args=(far, near, 1), daemon=True)
            back.start()
            carry(near, far, 0)
            back.join(5)

    thread = threading.Thread(target=relay, daemon=True)
    thread.start()
    with closing(listening), suppress(OSError, http.client.HTTPException):
        client(listening.getsockname()[1])
    thread.join(8)
    return flights


def dicom_client(port: int) -> None:
    ae = AE(ae_title="MODALITY")
    ae.add_requested_context(Verification)
    ae.acse_timeout = ae.network_timeout = 2
    ae.associate(HOST, port).abort()


def tls_client(port: int) -> None:
    context, _ = contexts(Setup(server="rsa", checks=False))
    raw = socket.create_connection((HOST, port), 3)
    with closing(raw), suppress(ssl.SSLError):
        context.wrap_socket(raw)


def web_client(port: int) -> None:
    connection = http.client.HTTPConnection(HOST, port, timeout=3)
    connection.request("GET", "/index.html")
    connection.getresponse()


def found(flights: list[Flight], port: int, *more: list[Flight]) -> Finding:
    """What DS-TCP-004 says of the first conversation, others having taken place at the same port."""
    frames = []
    for number, talk in enumerate((flights, *more)):
        wire = Wire(("10.0.0.1", 40_000 + number), ("10.0.0.2", port), start_ns=(1_700_000_000 + number) * 10**9)
        wire.connect()
        for way, data in talk:
            wire.send(way, data).acknowledge(way)
        frames += wire.close(BACK).frames
    [finding] = [f for f in judge(traffic_of(frames)).findings if f.rule == "DS-TCP-004"]
    assert finding.severity is Severity.ERROR
    return finding


@pytest.fixture(scope="module")
def echo() -> list[Flight]:
    """A conversation that goes well, in the clear."""
    with archive() as port:
        return overheard(port, dicom_client)


@pytest.fixture(scope="module")
def handshake() -> list[Flight]:
    with secure_server() as port:
        return overheard(port, tls_client)


def test_plain_dicom_to_a_port_of_tls_is_the_clients_to_change(handshake: list[Flight]) -> None:
    with secure_server() as port:
        flights = overheard(port, dicom_client)
    assert flights[0][1][0] == 1
    finding = found(flights, 2762, handshake)
    assert "expects TLS" in finding.message and "sent clear DICOM" in finding.message
    assert finding.act is Side.REQUESTOR and "Switch TLS on at" in (finding.fix or "")


def test_tls_to_a_port_of_plain_dicom_is_the_clients_to_change(echo: list[Flight]) -> None:
    with archive() as port:
        flights = overheard(port, tls_client)
    assert flights[0][1][0] == 22
    finding = found(flights, 11112, echo)
    assert "10.0.0.1 speaks TLS to the DICOM port 10.0.0.2:11112" in finding.message
    assert finding.act is Side.REQUESTOR and "Switch TLS off at 10.0.0.1" in (finding.fix or "")


def test_http_to_a_port_of_dicom_is_the_clients_to_change(echo: list[Flight]) -> None:
    with archive() as port:
        flights = overheard(port, web_client)
    finding = found(flights, 11112, echo)
    assert "10.0.0.1 speaks HTTP to the DICOM port 10.0.0.2:11112" in finding.message
    assert "GET /index.html" in finding.message and finding.act is Side.REQUESTOR
