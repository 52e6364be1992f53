"""Traffic in, the connections that speak TLS where DICOM is at home out."""

from dicomsniff.association.attempts import OTHER_SERVICES
from dicomsniff.association.values import Conversation, Kind, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.transport.attempts import DICOM_PORTS
from dicomsniff.tls.values import Handshake

ALERT_AT_MOST = 24
"""Bytes of an encrypted record that holds an alert."""


class TlsLine(NamedTuple):
    """A connection and its handshake."""

    conversation: Conversation
    handshake: Handshake


def tls_lines(traffic: Traffic) -> list[TlsLine]:
    """TLS on a port that is registered for DICOM, was said to be DICOM's or spoke it, or between two hosts that speak DICOM to somebody."""
    lines = [TlsLine(c, c.tls) for c in traffic.conversations if c.tls is not None]
    if not lines:
        return []
    spoken = [c.tcp for c in traffic.conversations if c.kind is Kind.DICOM]
    servers = {tcp.responder for tcp in spoken}
    hosts = {end.ip for tcp in spoken for end in (tcp.initiator, tcp.responder)}
    return [line for line in lines if _at_home(line.conversation, servers, hosts)]


def _at_home(conversation: Conversation, servers: set[Endpoint], hosts: set[str]) -> bool:
    tcp = conversation.tcp
    if conversation.kind is Kind.DICOM_TLS or tcp.responder.port in DICOM_PORTS or tcp.responder in servers:
        return True
    known = {tcp.initiator.ip, tcp.responder.ip} <= hosts
    return known and tcp.responder.port not in OTHER_SERVICES
