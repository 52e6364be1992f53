"""A TLS handshake in, its row out."""

from __future__ import annotations

from dicomsniff.core import Direction
from dicomsniff.report.convert import iso_time
from dicomsniff.report.values import Row
from dicomsniff.tls.names import alert_name, suite_name, version_name
from dicomsniff.tls.values import Alert, Certificate, Chain, Handshake, Waits

_SUITES = 64
NS = 1_000_000_000


def tls_row(handshake: Handshake) -> Row:
    """What was seen of a handshake, as `connections[].tls`. `decrypted` is None where no keys were given."""
    client, server, told = handshake.client, handshake.server, handshake.decryption
    return {
        "offered_versions": [version_name(v) for v in client.versions] if client else [],
        "offered_cipher_suites": [suite_name(s) for s in client.cipher_suites[:_SUITES]] if client else [],
        "server_name": client.server_name if client else None,
        "application_protocols": list(client.protocols) if client else [],
        "version": version_name(server.version) if server else None,
        "cipher_suite": suite_name(server.cipher_suite) if server else None,
        "begun": iso_time(client.time_ns) if client else None,
        "handshake_ms": None if handshake.duration_ns is None else handshake.duration_ns / 1e6,
        "resumed": handshake.resumed,
        "server_certificates": _chain(handshake.server_chain),
        "server_chain_in_order": handshake.server_chain.in_order if handshake.server_chain else None,
        "client_certificates": _chain(handshake.client_chain),
        "client_certificate_requested_packet": handshake.certificate_request,
        "alerts": [_alert(alert) for alert in handshake.alerts],
        "waits": _waits(handshake.waits),
        "decrypted": None if told is None else told.opened > 0,
        "records_opened": None if told is None else told.opened,
        "records_unreadable": None if told is None else told.unreadable,
    }


def _waits(waits: Waits | None) -> Row | None:
    """Who waited for whom, by times alone: estimates, and at most what the side itself took."""
    if waits is None:
        return None
    sides = {"for_responder": waits.for_responder, "for_initiator": waits.for_initiator}
    rows = {
        name: {
            "count": wait.times,
            "total_ms": wait.total_ns / 1e6,
            "median_ms": wait.median_ns / 1e6,
            "longest_ms": wait.longest_ns / 1e6,
        }
        for name, wait in sides.items()
    }
    return {"estimated": True, **rows}


def _chain(chain: Chain | None) -> list[Row] | None:
    """None where no Certificate message was seen: TLS 1.3 encrypts it."""
    return None if chain is None else [_certificate(each) for each in chain.certificates]


def _certificate(own: Certificate) -> Row:
    return {
        "subject": own.subject,
        "issuer": own.issuer,
        "not_before": None if own.not_before is None else iso_time(own.not_before * NS),
        "not_after": None if own.not_after is None else iso_time(own.not_after * NS),
        "names": list(own.names),
        "key": own.key,
    }


def _alert(alert: Alert) -> Row:
    return {
        "by": "initiator" if alert.direction is Direction.TO_RESPONDER else "responder",
        "packet": alert.packet,
        "time": iso_time(alert.time_ns),
        "level": alert.level,
        "description": alert.description,
        "text": alert_name(alert.description),
    }
