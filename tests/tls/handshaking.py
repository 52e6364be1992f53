"""Settings of a TLS client and server in, what OpenSSL makes them say to each other out, as frames of one connection."""

import ssl
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from dicomsniff.core import Direction
from tests.forge.wire import BACK, OUT, Frame, Wire

DATA = Path(__file__).parent / "data"
Version = ssl.TLSVersion
START_NS = 1_700_000_000_000_000_000  # in November 2023


@dataclass(frozen=True)
class Setup:
    """How both sides are set up; certificates are names in `data`."""

    version: ssl.TLSVersion = Version.TLSv1_2
    server_version: ssl.TLSVersion | None = None
    server: str = "server"
    client: str | None = None
    trusted: str = "ca"
    asks_client: bool = False
    client_ciphers: str = "ALL:@SECLEVEL=0"
    server_ciphers: str = "ALL:@SECLEVEL=0"
    name: str | None = "pacs.example.org"
    checks: bool = True
    checks_name: bool = False
    curve: str | None = None  # the only one that the server accepts
    said: bytes = b"A-ASSOCIATE-RQ" * 20


@dataclass
class Talk:
    """What was said, flight by flight, and the error of each side."""

    flights: list[tuple[Direction, bytes]] = field(default_factory=list)
    errors: dict[Direction, str] = field(default_factory=dict)

    def frames(self, closer: Direction | None = None, port: int = 2762) -> list[Frame]:
        """The flights as a TCP connection; `closer` closes, by default the one who saw an error, or the server."""
        wire = Wire(("10.0.0.1", 40_000), ("10.0.0.2", port), start_ns=START_NS).connect()
        for direction, data in self.flights:
            wire.send(direction, data).acknowledge(direction)
        first = closer if closer is not None else next(iter(self.errors), BACK)
        return wire.close(first).frames


def contexts(setup: Setup) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for context, version, ciphers in (
        (client, setup.version, setup.client_ciphers),
        (server, setup.server_version or setup.version, setup.server_ciphers),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old versions are tried on purpose
            context.minimum_version = context.maximum_version = version
        context.set_ciphers(ciphers)
    server.load_cert_chain(DATA / f"{setup.server}.pem", DATA / f"{setup.server}.key")
    if setup.curve:
        server.set_ecdh_curve(setup.curve)
    client.check_hostname = False
    if setup.checks:
        client.check_hostname = setup.checks_name
        client.load_verify_locations(DATA / f"{setup.trusted}.pem")
    else:
        client.verify_mode = ssl.CERT_NONE
    if setup.client:
        client.load_cert_chain(DATA / f"{setup.client}.pem", DATA / f"{setup.client}.key")
    if setup.asks_client:
        server.verify_mode = ssl.CERT_REQUIRED
        server.load_verify_locations(DATA / "ca.pem")
    return client, server


def talk(setup: Setup) -> Talk:
    """Shake hands; where that succeeds the client says something and the server answers as much."""
    both = contexts(setup)
    pipes = {OUT: ssl.MemoryBIO(), BACK: ssl.MemoryBIO()}
    sides = {
        OUT: both[0].wrap_bio(pipes[BACK], pipes[OUT], server_hostname=setup.name),
        BACK: both[1].wrap_bio(pipes[OUT], pipes[BACK], server_side=True),
    }
    made, ready = Talk(), set[Direction]()
    for _ in range(8):
        for way, side in sides.items():
            if way not in made.errors:
                _step(side, way, setup, made, ready)
            if said := pipes[way].read():  # seen on its way, and passed on
                made.flights.append((way, said))
                pipes[way].write(said)
    return made


def _step(side: ssl.SSLObject, way: Direction, setup: Setup, made: Talk, ready: set[Direction]) -> None:
    """Whatever this side can do now."""
    try:
        if way not in ready:
            side.do_handshake()
            ready.add(way)
            if way is OUT:
                side.write(setup.said)
        elif side.read(65536) and way is BACK:
            side.write(setup.said)
    except ssl.SSLWantReadError:
        pass
    except ssl.SSLError as error:
        made.errors[way] = str(error.reason)
