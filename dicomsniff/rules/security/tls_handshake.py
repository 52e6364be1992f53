"""A TLS handshake failed, or what it agreed on is weak.

What it sees
On a port of DICOM: fatal alerts, in words, with their sender; a ClientHello that was not answered; a connection closed
during the handshake or with an encrypted alert directly after it. And of handshakes that succeeded: versions before TLS
1.2, cipher suites without encryption or authentication or with RC4, DES or export keys, certificates out of their time (up
to TLS 1.2, which shows them), and as notes: a server that asks for no client certificate, a certificate for another name,
what BCP 195, and with it the profiles of PS3.15 §B.12 and §B.13, advises against (RSA key transport, short RSA keys).

Why it matters
Without a handshake no association can begin, and the DICOM side of both programs logs only a lost connection. A weak one
does not protect the patient's data although it looks as if it did.

Likely causes
1. The CA of the certificate is not trusted by the other side, or the certificate has expired.
2. The client has no certificate, or the wrong one, and the server asks for it.
3. No protocol version or cipher suite in common: a profile of BCP 195 against an old modality.
4. One side speaks plain DICOM.

Fix
Do what the alert says: install the CA or renew the certificate, give the client a certificate, or allow the same versions
and cipher suites on both sides.

Could be wrong when
In TLS 1.3 certificates and most alerts are encrypted: without a key log only their size and moment tell. Which profile of
PS3.15 Annex B a site has chosen nobody says on the wire: a note tells only what was agreed on, not what a product can do.

Reference
PS3.15 §B.12
PS3.15 §B.13
RFC 8446 §6.2
RFC 9325 §3.1
RFC 9325 §4.1
https://github.com/PantelisGeorgiadis/dcmjs-dimse/issues/59
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from dicomsniff.association.values import Traffic
from dicomsniff.core import Direction
from dicomsniff.rules.clock import CAPTURE_END, watched
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side
from dicomsniff.rules.naming import SECOND, listed, seconds
from dicomsniff.rules.rule import Answer, Rule, Thresholds
from dicomsniff.rules.security.tls_lines import ALERT_AT_MOST, TlsLine, tls_lines
from dicomsniff.rules.security.tls_words import (
    OTHERS_CERTIFICATE,
    Meaning,
    certificate_name,
    meaning,
    offered,
    unmet_profile,
)
from dicomsniff.tcp.events import Closing
from dicomsniff.tls.names import alert_name, suite_name, version_name, weakness
from dicomsniff.tls.values import TLS12, TLS13, Alert, Chain

_HARMLESS = (0, 90, 100)  # close_notify, user_canceled, no_renegotiation
_GAVE_UP = SECOND  # a client that leaves sooner was not waiting for the answer


def check(line: TlsLine, traffic: Traffic, thresholds: Thresholds) -> Answer:
    handshake = line.handshake
    if handshake.client is None:
        return None
    fatal = next((a for a in handshake.alerts if a.level == 2 and a.description not in _HARMLESS), None)
    if fatal is not None:
        return _failed_by(line, fatal)
    if handshake.finish is None:
        return _unfinished(line, traffic, thresholds)
    refused = _refused_afterwards(line)
    return refused or list(_weak(line))


def _failed_by(line: TlsLine, alert: Alert) -> Hit:
    sender, other = _name(line, alert.direction), _name(line, alert.direction.opposite)
    what = meaning(alert, line.handshake, sender, other)
    why = f": {what.why}" if what.why else ""
    dated = "".join(f" {words}." for _, words, _ in _out_of_time(line))
    if alert.description in OTHERS_CERTIFICATE and alert.direction is Direction.TO_RESPONDER:
        dated += f" {named[0].upper()}{named[1:]}." if (named := _other_name(line)) else ""
    return _hit(
        line,
        f"{sender} sent {alert_name(alert.description)}{why}.{dated}",
        f"alert {alert.description}",
        what,
        (alert.packet,),
        alert.time_ns,
        {"alert": alert.description, "alert_name": alert_name(alert.description), "alert_by": sender},
    )


def _unfinished(line: TlsLine, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    """No alert that can be read, and no end of the handshake."""
    conversation, handshake = line
    tcp, client = conversation.tcp, handshake.client
    if client is None or (conversation.protocols[1] not in ("", "tls")):
        return None
    if conversation.gaps or not handshake.whole or not tcp.to_initiator.packets:
        return Inconclusive("the handshake was not captured whole")
    closing = tcp.closings[0] if tcp.closings else None
    if not watched(traffic, client.packet, closing.packet if closing else CAPTURE_END):
        return Inconclusive("the capture does not tell how long an answer was waited for")
    waited_ns = (closing.time_ns if closing else traffic.last_ns) - client.time_ns
    if closing is None and waited_ns < thresholds.artim * SECOND:
        return Inconclusive("the capture ended during the handshake")
    if handshake.server is None:
        return _not_answered(line, closing, waited_ns)
    if closing is None:
        return Inconclusive("the handshake stands still, and it is not seen whose turn it is")
    return _closed_within(line, closing)


def _not_answered(line: TlsLine, closing: Closing | None, waited_ns: int) -> Hit | None:
    server = _name(line, Direction.TO_INITIATOR)
    by_server = closing is not None and closing.direction is Direction.TO_INITIATOR
    if not by_server and waited_ns < _GAVE_UP:
        return None
    how = (
        f"{server} closed the connection without answering the ClientHello"
        if by_server
        else f"{server} did not answer the ClientHello for {seconds(waited_ns)}"
    )
    fix = f"Look into the log of {server}: does this port speak TLS, and is its certificate set up?"
    packets = (closing.packet,) if closing else ()
    told = {"answered": False, "waited_ms": waited_ns / 1e6}
    return _hit(line, f"{how}.", "no answer", Meaning("", Direction.TO_INITIATOR, fix), packets, None, told)


def _closed_within(line: TlsLine, closing: Closing) -> Hit:
    closer = _name(line, closing.direction)
    records = line.handshake.sealed_by(closing.direction)
    sealed = bool(records) and records[-1].length <= ALERT_AT_MOST and line.handshake.server is not None
    how = " with an encrypted alert" if sealed else " without an alert"
    asked = "" if line.handshake.certificate_request is None else " The server asks for a client certificate."
    fix = (
        f"Look into the log of {closer}; a key log would show what it sent."
        if sealed
        else f"Look into the log of {closer}."
    )
    return _hit(
        line,
        f"{closer} closed the connection during the handshake{how}.{asked}",
        f"closed {closing.direction}",
        Meaning("", None, fix),
        (closing.packet,),
        closing.time_ns,
        {"closed_by": closer, "encrypted_alert": sealed},
    )


def _refused_afterwards(line: TlsLine) -> Hit | None:
    """The server's first words after a TLS 1.3 handshake are an encrypted alert, and it closes."""
    handshake, tcp = line.handshake, line.conversation.tcp
    last = handshake.finish
    if last is None or handshake.server is None or handshake.server.version < TLS13 or not tcp.closings:
        return None
    after = [r for r in handshake.sealed_by(Direction.TO_INITIATOR) if r.packet > last.packet]
    asked = [r for r in handshake.sealed_by(Direction.TO_RESPONDER) if not after or r.packet < after[0].packet]
    leaving = bool(asked) and asked[-1].length <= ALERT_AT_MOST  # the client said good-bye before
    short = bool(after) and all(record.length <= ALERT_AT_MOST for record in after)
    if not short or leaving or tcp.closings[0].direction is not Direction.TO_INITIATOR:
        return None
    server = _name(line, Direction.TO_INITIATOR)
    fix = (
        f"Look into the log of {server}. Usually the client has no certificate, or one that the server does not trust."
    )
    return _hit(
        line,
        f"{server} answered the end of the handshake with an encrypted alert and closed: usually the client's certificate is "
        "missing or not trusted.",
        "refused afterwards",
        Meaning("", None, fix),
        (after[0].packet, tcp.closings[0].packet),
        after[0].time_ns,
        {"encrypted_alert": True},
    )


def _hit(
    line: TlsLine,
    how: str,
    kind: str,
    what: Meaning,
    packets: tuple[int, ...],
    time_ns: int | None,
    told: dict[str, Any],
) -> Hit:
    tcp, client = line.conversation.tcp, line.handshake.client
    hello = (client.packet,) if client else ()
    return Hit(
        f"TLS between {tcp.initiator.ip} and {tcp.responder} failed: {how} {offered(line.handshake)}",
        packets=tuple(sorted({*hello, *packets})),
        time_ns=time_ns if time_ns is not None else client.time_ns if client else tcp.first_ns,
        connection=line.conversation.id,
        act=_side(what.act),
        actor=None if what.act is None else _name(line, what.act),
        fix=what.fix,
        key=f"{tcp.initiator.ip} {tcp.responder} {kind}",
        facts=_facts(line) | told,
    )


def _weak(line: TlsLine) -> Iterator[Hit]:
    """What a handshake that succeeded should not have agreed on."""
    handshake, tcp = line.handshake, line.conversation.tcp
    client, server = handshake.client, handshake.server
    if client is None or server is None:
        return
    if server.version < TLS12:
        old = bool(client.versions) and client.versions[0] < TLS12
        side = Direction.TO_RESPONDER if old else Direction.TO_INITIATOR
        said = f"they agreed on {version_name(server.version)}, which is no longer safe; PS3.15 §B.12 asks for TLS 1.2 or later"
        yield _concern(line, "version", said, side, (client.packet, server.packet))
    if flaw := weakness(server.cipher_suite):
        said = f"they agreed on {suite_name(server.cipher_suite)}: {flaw}"
        yield _concern(line, "cipher", said, Direction.TO_INITIATOR, (client.packet, server.packet))
    for side, words, chain in _out_of_time(line):
        yield _concern(line, f"time {side}", words[0].lower() + words[1:], side, (chain.packet,))
    if server.version < TLS13 and not handshake.resumed and handshake.certificate_request is None:
        said = f"{tcp.responder} asks for no client certificate: anybody may connect"
        yield _concern(line, "anybody", said, Direction.TO_INITIATOR, (server.packet,), Severity.NOTE)
    if (another := _other_name(line)) and handshake.server_chain:
        yield _concern(line, "name", another, None, (client.packet, handshake.server_chain.packet), Severity.NOTE)
    for said in unmet_profile(handshake):
        yield _concern(line, "profile", said, None, (client.packet, server.packet), Severity.NOTE)


def _other_name(line: TlsLine) -> str | None:
    """That the server's certificate is not for the name that the client asked for."""
    client, chain = line.handshake.client, line.handshake.server_chain
    if client is None or not client.server_name or chain is None or not chain.certificates:
        return None
    names = chain.certificates[0].names
    if not names or any(_matches(client.server_name, name) for name in names):
        return None
    return f"the client asked for '{client.server_name}', and the certificate is for {listed(names)}"


def _concern(
    line: TlsLine,
    kind: str,
    said: str,
    act: Direction | None,
    packets: tuple[int, ...],
    severity: Severity = Severity.WARNING,
) -> Hit:
    tcp = line.conversation.tcp
    return Hit(
        f"TLS between {tcp.initiator.ip} and {tcp.responder} is weak: {said}.",
        packets=tuple(sorted(set(packets))),
        time_ns=tcp.first_ns,
        severity=severity,
        connection=line.conversation.id,
        act=_side(act),
        actor=None if act is None else _name(line, act),
        key=f"{tcp.initiator.ip} {tcp.responder} {kind}",
        facts=_facts(line) | {"weak": kind},
    )


def _out_of_time(line: TlsLine) -> Iterator[tuple[Direction, str, Chain]]:
    """The ends whose certificate was not valid when it was shown, and a sentence on each."""
    handshake, client = line.handshake, line.handshake.client
    shown = ((Direction.TO_INITIATOR, handshake.server_chain), (Direction.TO_RESPONDER, handshake.client_chain))
    for side, chain in shown:
        if client is None or chain is None or not chain.certificates or client.time_ns <= 0:
            continue
        own, now = chain.certificates[0], client.time_ns // SECOND
        if own.not_after is not None and now > own.not_after:
            yield (
                side,
                f"The certificate of {_name(line, side)}, {certificate_name(own)}, expired on {_day(own.not_after)}",
                chain,
            )
        elif own.not_before is not None and now < own.not_before:
            yield (
                side,
                f"The certificate of {_name(line, side)}, {certificate_name(own)}, is valid only from {_day(own.not_before)}",
                chain,
            )


def _day(time: int) -> str:
    try:
        return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}"
    except (OverflowError, OSError, ValueError):
        return "an impossible date"


def _matches(name: str, pattern: str) -> bool:
    """RFC 6125 §6.4.3: a wildcard stands for one whole label."""
    name, pattern = name.casefold().rstrip("."), pattern.casefold().rstrip(".")
    return name == pattern or (pattern.startswith("*.") and name.partition(".")[2] == pattern[2:])


def _name(line: TlsLine, sender: Direction) -> str:
    """The end that sends in this direction; a client's port means nothing."""
    tcp = line.conversation.tcp
    return tcp.initiator.ip if sender is Direction.TO_RESPONDER else str(tcp.responder)


def _side(act: Direction | None) -> Side:
    return Side.UNKNOWN if act is None else Side.REQUESTOR if act is Direction.TO_RESPONDER else Side.ACCEPTOR


def _facts(line: TlsLine) -> dict[str, Any]:
    handshake, tcp = line.handshake, line.conversation.tcp
    client, server, chain = handshake.client, handshake.server, handshake.server_chain
    own = chain.certificates[0] if chain and chain.certificates else None
    return {
        "host": tcp.responder.ip,
        "port": tcp.responder.port,
        "client": tcp.initiator.ip,
        "offered_versions": [version_name(v) for v in client.versions] if client else [],
        "offered_cipher_suites": [suite_name(s) for s in client.cipher_suites[:40]] if client else [],
        "server_name": client.server_name if client else None,
        "version": version_name(server.version) if server else None,
        "cipher_suite": suite_name(server.cipher_suite) if server else None,
        "certificate": own and {"subject": own.subject, "issuer": own.issuer, "names": list(own.names),
                                "not_before": own.not_before, "not_after": own.not_after, "key": own.key},
        "client_certificate_requested": handshake.certificate_request is not None
        if server and server.version < TLS13
        else None,
    }  # fmt: skip


RULE = Rule(
    id="DS-SEC-005",
    name="tls-handshake-failed-or-weak",
    severity=Severity.ERROR,
    title="TLS failed or is weak",
    subjects=tls_lines,
    check=check,
    page=__doc__ or "",
    absence=True,
)
