"""A fatal alert in, what it means, who must act and what to do out; as far as the handshake tells."""

from collections.abc import Iterator

from dicomsniff.core import Direction
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.naming import listed
from dicomsniff.tls.names import keeps_no_secrets, suite_name, version_name
from dicomsniff.tls.values import TLS12, TLS13, Alert, Certificate, Handshake

OTHERS_CERTIFICATE = {42: "is not sound", 43: "is of a kind it does not support", 44: "was revoked", 45: "has expired",
                      46: "is not accepted", 48: "was issued by a CA that it does not trust"}  # fmt: skip

SHORTEST_RSA = 2048


class Meaning(NamedTuple):
    """A clause on why, the direction whose sender must act (None where it is not known), and the fix."""

    why: str
    act: Direction | None
    fix: str | None


def meaning(alert: Alert, handshake: Handshake, sender: str, other: str) -> Meaning:
    """What an alert says beyond its name (RFC 8446 §6.2)."""
    code, own, theirs = alert.description, alert.direction, alert.direction.opposite
    if code in OTHERS_CERTIFICATE:
        return _certificate(code, own, theirs, sender, other)
    if code in (41, 116) or (code == 40 and client_certificate_missing(handshake) and own is Direction.TO_INITIATOR):
        fix = f"Give {other} a certificate with its key, issued by a CA that {sender} trusts."
        return Meaning(f"{sender} asks for a client certificate and got none", Direction.TO_RESPONDER, fix)
    if code in (70, 71, 86):
        fix = "Enable TLS 1.2 or later on both sides (BCP 195), or update the older one."
        return Meaning("the two sides have no protocol version in common", _older(handshake, own), fix)
    if code in (40, 47):
        fix = "Compare the cipher suites and versions that both sides allow; old modalities lack those of BCP 195."
        return Meaning("the two sides have no cipher suite, version or key exchange in common", None, fix)
    if code == 112:
        name = handshake.client.server_name if handshake.client else None
        return Meaning(
            f"it does not answer to the name '{name}'", None, f"Use the host name that {sender} has a certificate for."
        )
    return Meaning("", None, None)


def _certificate(code: int, own: Direction, theirs: Direction, sender: str, other: str) -> Meaning:
    why = f"the certificate of {other} {OTHERS_CERTIFICATE[code]}"
    if code in (44, 45):
        return Meaning(why, theirs, f"Give {other} a new certificate.")
    fix = f"Install the CA that issued the certificate of {other} in the trust store of {sender}, or give {other} a certificate of a CA that it trusts."
    return Meaning(why, own if code == 48 else None, fix)


def client_certificate_missing(handshake: Handshake) -> bool:
    """The server asked for a certificate and the client showed none (RFC 5246 §7.4.6)."""
    chain = handshake.client_chain
    return handshake.certificate_request is not None and chain is not None and not chain.certificates


def _older(handshake: Handshake, sender: Direction) -> Direction | None:
    """The side that cannot do TLS 1.2."""
    if handshake.client and handshake.client.versions and handshake.client.versions[0] < TLS12:
        return Direction.TO_RESPONDER
    if sender is Direction.TO_RESPONDER and handshake.server and handshake.server.version < TLS12:
        return Direction.TO_INITIATOR
    return None


def unmet_profile(handshake: Handshake) -> Iterator[str]:
    """What was agreed on that BCP 195, and with it the profiles of PS3.15 §B.12 and §B.13, advises against; as far as the
    handshake shows it and beyond what is weak by itself."""
    server, chain = handshake.server, handshake.server_chain
    if server is None:
        return
    if TLS12 <= server.version < TLS13 and keeps_no_secrets(server.cipher_suite):
        yield (
            f"{suite_name(server.cipher_suite)} has no forward secrecy; BCP 195, on which PS3.15 §B.12 and §B.13 rest, advises "
            "against it (RFC 9325 §4.1)"
        )
    key = chain.certificates[0].key if chain and chain.certificates else None
    if key and key.startswith("RSA ") and int(key[4:]) < SHORTEST_RSA:
        yield f"the server's key is {key}; BCP 195, on which PS3.15 §B.12 and §B.13 rest, asks for {SHORTEST_RSA} bits (RFC 9325 §4.5)"


def offered(handshake: Handshake) -> str:
    """What both sides said of versions and cipher suites, as a sentence."""
    client, server = handshake.client, handshake.server
    if client is None:
        return ""
    name = f", for '{client.server_name}'" if client.server_name else ""
    said = (
        f"The client offered {listed(version_name(v) for v in client.versions)} and {len(client.cipher_suites)} cipher suites"
        f"{name}"
    )
    if server is None:
        return f"{said}."
    return f"{said}; the server chose {version_name(server.version)} with {suite_name(server.cipher_suite)}."


def certificate_name(certificate: Certificate) -> str:
    """ "'CN=pacs' issued by 'CN=Clinic CA'"."""
    if certificate.subject is None:
        return "(unreadable)"
    return f"'{certificate.subject}'" + ("" if certificate.self_signed else f" issued by '{certificate.issuer}'")
