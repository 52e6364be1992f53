"""Connections that are encrypted, that nobody could identify, or that speak DICOM where it is not expected.

What it sees
TLS on a port of DICOM, or between two hosts that speak DICOM: how many connections, the version and cipher suite, the
server's name. TLS on other ports whose sizes look like a client that stores images (a guess, and called one). Connections to
a DICOM port in which nothing was recognised. And DICOM found by its content on a port that is
not usual for it.

Why it matters
Of an encrypted association only times, sizes and ends can be judged, and who waited for whom can only be estimated: that no fault is told does not mean that there is
none. An analyser that goes by port numbers does not see DICOM elsewhere at all.

Likely causes
1. TLS is in use, as it should be.
2. The capture began in the middle of the connection.
3. The site or the vendor chose a port of its own.

Fix
Give the key log of one of the programs (SSLKEYLOGFILE) with --keylog, or capture behind the device that ends TLS.

Could be wrong when
What is not recognised may be another protocol on a port of DICOM.

Reference
PS3.15 §B.12
PS3.8 §9.1.1
https://github.com/pydicom/pynetdicom/issues/429
"""

from collections.abc import Iterator

from dicomsniff.association.attempts import OTHER_SERVICES
from dicomsniff.association.values import Conversation, Kind, Traffic
from dicomsniff.core import DIRECTIONS, Endpoint
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import counted, listed, seconds
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.security.tls_lines import TlsLine, tls_lines
from dicomsniff.rules.transport.attempts import DICOM_PORTS
from dicomsniff.tls.likeness import Likeness, likeness
from dicomsniff.tls.names import suite_name, version_name

_USUAL = DICOM_PORTS | {106, 2104, 3333, 4006, 4242, 5104, 5678, 8104, 10104}
_SHOWN = 6
_TELLING_NS = 100_000_000


def captured(traffic: Traffic) -> list[Traffic]:
    return [traffic] if traffic.conversations else []


def check(subject: Traffic, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    lines = tls_lines(traffic)
    vain = [] if lines else _in_vain(traffic)
    return [
        *_encrypted(lines),
        *_guessed(traffic, lines),
        *vain,
        *_unreadable(lines),
        *_unidentified(traffic),
        *_elsewhere(traffic),
    ]


def _encrypted(lines: list[TlsLine]) -> Iterator[Hit]:
    """One hit a server, of the connections on which something encrypted was said."""
    servers: dict[Endpoint, list[TlsLine]] = {}
    for line in lines:
        opened = line.handshake.decryption is not None and line.handshake.decryption.opened
        if line.handshake.sealed and not opened:
            servers.setdefault(line.conversation.tcp.responder, []).append(line)
    for server, those in servers.items():
        first = those[0].conversation.tcp
        agreed = dict.fromkeys(_agreed(line) for line in those)
        names = dict.fromkeys(h.client.server_name for _, h in those if h.client and h.client.server_name)
        told = f" ({listed(a for a in agreed if a)})" if any(agreed) else ""
        asked = f" for {listed(names)}" if names else ""
        yield Hit(
            f"{counted(len(those), 'connection')} to {server} {'is' if len(those) == 1 else 'are'} encrypted{told}{asked}: only "
            f"handshake, times, sizes and end events can be judged.{_waits(those)}{_keys(those)}",
            packets=tuple(line.conversation.tcp.first_packet for line in those[:_SHOWN]),
            time_ns=first.first_ns,
            severity=Severity.NOTE if _keys(those) else None,
            connection=those[0].conversation.id,
            act=Side.CAPTURE,
            facts={
                "kind": "encrypted",
                "host": server.ip,
                "port": server.port,
                "agreed": [a for a in agreed if a],
                "server_names": list(names),
                "connections": [line.conversation.id for line in those[:100]],
            },
        )


def _waits(lines: list[TlsLine]) -> str:
    """Who waited for whom by times alone, of all connections; nothing where that could not be measured."""
    known = [line.handshake.waits for line in lines if line.handshake.waits is not None]
    if not known:
        return ""
    by_server, by_client = (wait for wait in zip(*known, strict=True))
    server, client = (sum(wait.total_ns for wait in side) for side in (by_server, by_client))
    if server + client < _TELLING_NS:
        return ""
    longest = max(wait.longest_ns for wait in by_server)
    return (
        f" By times alone, which is an estimate: the server took at most {seconds(server)} for "
        f"{counted(sum(wait.times for wait in by_server), 'answer')} (the longest {seconds(longest)}), the client at most "
        f"{seconds(client)} between them; the way there and back is in both."
    )


def _keys(lines: list[TlsLine]) -> str:
    """Why the keys that were given did not help; nothing where none were."""
    tried = [h for _, h in lines if h.decryption is not None]
    if not tried:
        return ""
    if all(h.client is None or h.server is None for h in tried):
        return " Keys are of no use here: the handshake was not captured whole."
    return " No key that was given fits."


def _guessed(traffic: Traffic, lines: list[TlsLine]) -> Iterator[Hit]:
    """TLS on other ports whose sizes look like a client that stores: one hit a server, and no more than a guess."""
    found: dict[Endpoint, list[tuple[TlsLine, Likeness]]] = {}
    known = {line.conversation.id for line in lines}
    for c in traffic.conversations:
        if c.tls is None or c.id in known or c.tcp.responder.port in OTHER_SERVICES:
            continue
        if c.kind is not Kind.DICOM_TLS and not (c.tls.decryption and c.tls.decryption.opened):
            like = likeness(c.tls, c.tcp.to_responder.bytes, c.tcp.to_initiator.bytes)
            if like is not None:
                found.setdefault(c.tcp.responder, []).append((TlsLine(c, c.tls), like))
    for server, those in found.items():
        (line, like), tcp = those[0], those[0][0].conversation.tcp
        yield Hit(
            f"By its sizes and times alone, what {counted(len(those), 'TLS connection')} to {server} ({_agreed(line)}) "
            f"{'carries' if len(those) == 1 else 'carry'} may be DICOM, which is a guess: about {like.request_bytes} bytes were "
            f"answered with {like.answer_bytes}, then {like.transfer_bytes / 1e6:.1f} MB went one way, with short answers.",
            packets=tuple(each.conversation.tcp.first_packet for each, _ in those[:_SHOWN]),
            time_ns=tcp.first_ns,
            connection=line.conversation.id,
            act=Side.CAPTURE,
            causes=("DICOM over TLS on a port of the site's own choice.", "Another protocol that uploads."),
            facts={
                "kind": "guess",
                "estimated": True,
                "host": server.ip,
                "port": server.port,
                "agreed": [_agreed(line)],
                "connections": [each.conversation.id for each, _ in those[:100]],
            },
        )


def _in_vain(traffic: Traffic) -> Iterator[Hit]:
    """Keys were given for a capture in which TLS is spoken on other ports only, and open none of it."""
    tried = [c for c in traffic.conversations if c.tls is not None and c.tls.decryption is not None]
    if not tried or any(c.tls and c.tls.decryption and c.tls.decryption.opened for c in tried):
        return
    servers = dict.fromkeys(str(c.tcp.responder) for c in tried)
    yield Hit(
        f"No key that was given fits {counted(len(tried), 'TLS connection')} ({listed(servers, _SHOWN)}).",
        packets=tuple(c.tcp.first_packet for c in tried[:_SHOWN]),
        time_ns=tried[0].tcp.first_ns,
        severity=Severity.NOTE,
        connection=tried[0].id,
        act=Side.CAPTURE,
        facts={"kind": "keys", "connections": [c.id for c in tried[:100]]},
    )


def _unreadable(lines: list[TlsLine]) -> Iterator[Hit]:
    """Records of a connection that keys opened, which do not authenticate: they were damaged or forged."""
    for conversation, handshake in lines:
        told = handshake.decryption
        if told is None or not (told.opened and told.unreadable):
            continue
        tcp = conversation.tcp
        yield Hit(
            f"{counted(told.unreadable, 'TLS record')} between {tcp.initiator.ip} and {tcp.responder} could not be decrypted though "
            f"{told.opened} others were: what they held is missing here, and nothing is concluded from that.",
            packets=told.packets,
            time_ns=tcp.first_ns,
            severity=Severity.WARNING,
            connection=conversation.id,
            act=Side.CAPTURE,
            causes=("The capture holds bytes that the receiver did not get like this.", "The key log ends too early."),
            fix="Capture again with a whole key log; if it is the same, look for what changes bytes on the way.",
            facts={"kind": "unreadable", "records": told.unreadable, "opened": told.opened},
        )


def _agreed(line: TlsLine) -> str:
    server = line.handshake.server
    return f"{version_name(server.version)}, {suite_name(server.cipher_suite)}" if server else ""


def _unidentified(traffic: Traffic) -> Iterator[Hit]:
    """Bytes on a port of DICOM that are nothing known."""
    found: dict[Endpoint, list[Conversation]] = {}
    for c in traffic.conversations:
        if c.kind is Kind.OTHER and c.tcp.responder.port in DICOM_PORTS and set(c.protocols) <= {"unknown", ""}:
            found.setdefault(c.tcp.responder, []).append(c)
    for server, those in found.items():
        late = sum(c.tcp.opened == "midstream" for c in those)
        began = f"; {late} had begun before the capture" if late else ""
        yield Hit(
            f"In {counted(len(those), 'connection')} to {server} nothing was recognised{began}: not judged.",
            packets=tuple(c.tcp.first_packet for c in those[:_SHOWN]),
            time_ns=those[0].tcp.first_ns,
            connection=those[0].id,
            act=Side.CAPTURE,
            causes=("The capture began in the middle of the connection.", "Another protocol uses the port."),
            fix="Capture from the beginning of the connection, or look at the first bytes in Wireshark.",
            facts={
                "kind": "unidentified",
                "host": server.ip,
                "port": server.port,
                "bytes": sum(c.tcp.facts(way).bytes for c in those for way in DIRECTIONS),
                "connections": [c.id for c in those[:100]],
            },
        )


def _elsewhere(traffic: Traffic) -> Iterator[Hit]:
    """DICOM on ports where nobody would look, host by host."""
    found: dict[str, list[Conversation]] = {}
    for c in traffic.conversations:
        if c.kind is Kind.DICOM and c.tcp.responder.port not in _USUAL and c.tcp.opened == "handshake":
            found.setdefault(c.tcp.responder.ip, []).append(c)
    for host, those in found.items():
        ports = sorted({c.tcp.responder.port for c in those})
        many = f"ports {listed(map(str, ports))}" if len(ports) > 1 else f"port {ports[0]}"
        yield Hit(
            f"DICOM on {many} of {host}, found by its content ({counted(len(those), 'connection')}).",
            packets=tuple(c.tcp.first_packet for c in those[:_SHOWN]),
            time_ns=those[0].tcp.first_ns,
            connection=those[0].id,
            causes=("The site or the vendor chose this port.", "A service was started on a port for tests."),
            fix="None is needed; in Wireshark use Decode As, and in firewall rules name this port.",
            facts={
                "kind": "port",
                "host": host,
                "port": ports[0],
                "ports": ports[:100],
                "connections": [c.id for c in those[:100]],
            },
        )


RULE = Rule(
    id="DS-CAP-006",
    name="encrypted-or-unidentified",
    severity=Severity.INFO,
    title="Encrypted, unidentified, or on another port",
    subjects=captured,
    check=check,
    page=__doc__ or "",
)
