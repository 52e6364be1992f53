"""One side speaks DICOM, the other something else: TLS, HTTP, SSH, HL7 or bytes that are no protocol known here.

What it sees
The first bytes of each direction. Either the initiator's are not an A-ASSOCIATE-RQ although the port speaks DICOM (it
answers with a DICOM PDU, it speaks DICOM to others, or it is 104 or 11112 and closes without a byte); or the initiator
sends an A-ASSOCIATE-RQ and the answer is not DICOM, or there is none from a port that speaks TLS to others. Also a header
of the PROXY protocol, in which a load balancer names the client, before a request that is not answered; or a request without
one to a port that answers none but behind such a header.

Why it matters
Such a connection can never work, and the toolkits describe it badly: as an unknown PDU type, a PDU that is far too
large, a lost connection or a time-out.

Likely causes
1. TLS is switched on at one side only.
2. The ports of a web service and of DICOM are exchanged (8042 and 4242, 8080 and 11112).
3. A port scanner or a monitoring system.
4. The ports of HL7 and of DICOM are exchanged.
5. A load balancer and the server behind it do not agree on whether it sends headers of the PROXY protocol.

Fix
Set the same choice of TLS on both sides, or give the client the port that speaks its protocol.

Could be wrong when
The port serves several protocols by looking at the first bytes. How the other side reacts (reset, A-ABORT, silence)
differs by toolkit and says nothing about the cause. A request behind a header of the PROXY protocol may fail for another reason;
that the server had received nothing but the header, or answers requests without one, is said where it is so.

Reference
PS3.8 §9.3.1
PS3.15 §B.12
RFC 8446 §5.1
"""

from collections.abc import Iterable
from typing import Any

from dicomsniff.association.values import Association, Conversation, Kind, Traffic
from dicomsniff.core import LIMITS, Endpoint
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.endings import BLIND_SIDES
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import peer
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.transport.unexpected_header import Habits, answered_at_once, habits, missed_or_unexpected
from dicomsniff.tcp.events import Connection

_WORDS = {
    "tls": "TLS",
    "http": "HTTP",
    "ssh": "SSH",
    "hl7": "HL7 (MLLP)",
    "rdp": "RDP",
    "proxy": "the PROXY protocol",
    "dicom": "DICOM",
}
_PLAIN_PORTS = (104, 11112)
_TLS_PORT = 2762
_HANDSHAKE = 64  # bytes: more than an alert or an A-ABORT, less than any ServerHello


class Line(NamedTuple):
    """A connection on which something was said, and what its server port spoke on all connections; `habits`: how that port
    answers where headers of the PROXY protocol are sent to it."""

    conversation: Conversation
    spoken: frozenset[str]
    habits: Habits | None = None


def lines(traffic: Traffic) -> Iterable[Line]:
    spoken: dict[Endpoint, set[str]] = {}
    for conversation in traffic.conversations:
        spoken.setdefault(conversation.tcp.responder, set()).add(_spoken(conversation))
    known = habits(traffic)
    return (
        Line(c, frozenset(spoken[c.tcp.responder]), known.get(c.tcp.responder))
        for c in traffic.conversations
        if c.kind is not Kind.EMPTY
    )


def _spoken(conversation: Conversation) -> str:
    """What the server side speaks; a long answer to a TLS client is TLS whatever is known of its first bytes."""
    asked, answered = conversation.protocols
    return answered or ("tls" if asked == "tls" and conversation.tcp.to_initiator.bytes >= _HANDSHAKE else "")


def check(line: Line, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    conversation = line.conversation
    asked = conversation.protocols[0]
    if asked == "dicom":
        associations = [traffic.association(a) for a in conversation.associations]
        requests = [a for a in associations if a.request is not None]
        if not requests:
            return None
        header = missed_or_unexpected(conversation, associations, line.habits) if line.habits is not None else None
        return header or _clear_dicom(line, requests[0])
    return _foreign_client(line, [traffic.association(a) for a in conversation.associations]) if asked else None


def _from_the_start(conversation: Conversation) -> bool:
    """Whether the first bytes that were seen are the first that were sent."""
    tcp = conversation.tcp
    begun = tcp.opened == "handshake" and bool(tcp.syn_packets) and tcp.syn_ack_packet is not None
    return begun and not any(gap.start < LIMITS.first_bytes for gap in conversation.gaps)


def _foreign_client(line: Line, associations: list[Association]) -> Hit | Inconclusive | None:
    """The initiator is the one that does not speak DICOM."""
    conversation, tcp = line.conversation, line.conversation.tcp
    asked, answered = conversation.protocols[0], _spoken(conversation)
    if answered not in ("", "dicom") or not _from_the_start(conversation):
        return None
    proven = "dicom" in line.spoken
    if line.habits is not None and conversation.preamble is not None:
        if asked == "proxy" and (line.habits.behind or not answered_at_once(conversation, associations)):
            return None  # as to ask whether the server is well
        proven = bool(line.habits.plain)  # else it may be the header that was in the way
    elif not proven and (tcp.responder.port not in _PLAIN_PORTS or tcp.closed == "open"):
        return None
    if not answered and tcp.to_initiator.packets == 0:
        return Inconclusive(f"what {tcp.responder} answered was not captured")
    spoken = _WORDS.get(asked, "something that is not DICOM")
    message = f"{tcp.initiator.ip} speaks {spoken} to the DICOM port {tcp.responder}."
    if asked == "unknown":
        message = f"{tcp.initiator.ip} sends {spoken} to the DICOM port {tcp.responder}."
    return Hit(
        f"{message} {_opening(conversation, 0)}",
        packets=_packets(conversation),
        time_ns=tcp.first_ns,
        connection=conversation.id,
        association=conversation.associations[0] if conversation.associations else None,
        act=Side.REQUESTOR if proven else Side.UNKNOWN,
        actor=tcp.initiator.ip if proven else None,
        fix=_advice(asked, tcp),
        key=f"{tcp.initiator.ip} {asked} {tcp.responder}",
        facts=_facts(conversation),
    )


def _advice(asked: str, tcp: Connection) -> str | None:
    if asked == "tls":
        return f"Switch TLS off at {tcp.initiator.ip} for {tcp.responder}, or give it the server's TLS port."
    if asked == "proxy":
        return f"Switch the PROXY protocol off at the load balancer {tcp.initiator.ip} for {tcp.responder} (HAProxy: send-proxy)."
    return None if asked == "unknown" else f"Give {tcp.initiator.ip} the port that speaks {_WORDS[asked]}."


def _clear_dicom(line: Line, association: Association) -> Hit | Inconclusive | None:
    """The initiator asks for an association in the clear; the answer is not DICOM, or missing where TLS is spoken."""
    conversation, tcp = line.conversation, line.conversation.tcp
    answered = conversation.protocols[1]
    if association.accept or association.reject or answered == "dicom" or conversation.kind is Kind.DICOM_TLS:
        return None
    expects = answered or ("tls" if _tls_port(line) else "")
    if not expects:
        return None
    if not answered and (association.blind & BLIND_SIDES or conversation.gaps):
        return Inconclusive(f"what {tcp.responder} answered was not captured")
    if answered and not _from_the_start(conversation):
        return Inconclusive(f"the first bytes of {tcp.responder} were not captured")
    return _clear_dicom_hit(line, association, expects)


def _tls_port(line: Line) -> bool:
    """The port speaks TLS to others and DICOM to nobody, or is the one registered for DICOM over TLS."""
    port = line.conversation.tcp.responder.port
    return "dicom" not in line.spoken and ("tls" in line.spoken or port == _TLS_PORT)


def _clear_dicom_hit(line: Line, association: Association, expects: str) -> Hit:
    conversation, tcp = line.conversation, line.conversation.tcp
    answered = conversation.protocols[1]
    requestor = peer(association, "requestor")
    if expects == "unknown":
        message = f"{tcp.responder} answers the association request of {requestor} with something that is not DICOM."
    elif answered or "tls" in line.spoken:
        message = f"{tcp.responder} expects {_WORDS[expects]}, {requestor} sent clear DICOM."
    else:
        message = f"{requestor} sent clear DICOM to {tcp.responder}, the port registered for DICOM over TLS."
    how = _opening(conversation, 1) if answered else "It got no byte of answer." + _elsewhere(line)
    proof = set(association.request.evidence.packets if association.request else ()) | set(_packets(conversation)[1:])
    certain = expects not in ("tls", "unknown") or (expects == "tls" and "tls" in line.spoken)
    return Hit(
        f"{message} {how}",
        packets=tuple(sorted(proof)),
        time_ns=association.first_ns,
        connection=conversation.id,
        association=association.id,
        act=Side.REQUESTOR if certain else Side.UNKNOWN,
        actor=requestor if certain else None,
        fix=_remedy(expects, requestor, tcp),
        key=f"{tcp.initiator.ip} dicom {tcp.responder}",
        facts=_facts(conversation) | {"expects": expects},
    )


def _remedy(expects: str, requestor: str, tcp: Connection) -> str | None:
    if expects == "tls":
        return f"Switch TLS on at {requestor} for {tcp.responder}, or give it the server's port for clear DICOM."
    if expects == "unknown":
        return None
    return f"Give {requestor} the DICOM port of {tcp.responder.ip}; {tcp.responder.port} speaks {_WORDS[expects]}."


def _elsewhere(line: Line) -> str:
    return " The same port speaks TLS on other connections of this capture." if "tls" in line.spoken else ""


def _opening(conversation: Conversation, way: int) -> str:
    """The first bytes of one direction; as text where they are a line of a text protocol."""
    seen = conversation.first_bytes[way]
    line = seen.split(b"\r\n")[0].split(b"\n")[0]
    if line and all(0x20 <= byte < 0x7F for byte in line):
        return f"It began with '{line.decode('ascii')}'."
    return f"It began with the bytes {seen[:16].hex(' ')}." if seen else ""


def _packets(conversation: Conversation) -> tuple[int, ...]:
    tcp = conversation.tcp
    return tuple(sorted({tcp.first_packet, *(c.packet for c in tcp.closings[:1])}))


def _facts(conversation: Conversation) -> dict[str, Any]:
    client, server = conversation.first_bytes
    return {"protocols": list(conversation.protocols), "first_bytes": [client.hex(), server.hex()]}


RULE = Rule(
    id="DS-TCP-004",
    name="foreign-protocol-on-dicom-port",
    severity=Severity.ERROR,
    title="Two protocols on one connection",
    subjects=lines,
    check=check,
    page=__doc__ or "",
    absence=True,
    hides=("DS-TCP-005", "DS-ASSOC-006", "DS-ASSOC-007", "DS-ASSOC-008", "DS-ASSOC-009", "DS-SEC-005"),
)
