"""Credentials were sent in the clear with an association request.

What it sees
A User Identity item in an A-ASSOCIATE-RQ that was not encrypted: user name with passcode, SAML assertion or JSON Web
Token (a user name alone is a note); and a server that was asked to confirm the identity and did not (a note). The secret
itself is never kept or shown, only its length.

Why it matters
Whoever can see the network can take over the identity, as this capture shows.

Likely causes
1. Identity negotiation was switched on without TLS.
2. TLS ends at a proxy, and the capture was taken behind it.

Fix
Use TLS for this connection, and change the passcode or revoke the token that was seen.

Could be wrong when
The network itself is encrypted (VPN) and the capture was taken at its end.

Reference
PS3.7 §D.3.3.7
PS3.15 §B.12
https://github.com/fo-dicom/fo-dicom/issues/1546
"""

from enum import IntEnum

from dicomsniff.association.values import Association, Kind, Traffic
from dicomsniff.pdu.values import AssociateRq, UserIdentityRequest
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import peer
from dicomsniff.rules.rule import Rule, Thresholds


class _Kind(IntEnum):
    """PS3.7 §D.3.3.7.1; a Kerberos ticket (3) is encrypted by itself."""

    NAME = 1
    PASSCODE = 2
    SAML = 4
    JWT = 5


def asked(traffic: Traffic) -> list[Association]:
    return [a for a in traffic.associations if a.request is not None]


def check(association: Association, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    request = association.request
    identity = request.user_information.user_identity if request else None
    if request is None or identity is None:
        return []
    clear = traffic.conversation(association.connection).kind is not Kind.DICOM_TLS
    told = _sent(association, identity) if clear else None
    found = [] if told is None else [_clear(association, request, identity, told)]
    return found + _unconfirmed(association, request, identity)


def _sent(association: Association, identity: UserIdentityRequest) -> str | None:
    """The message; None for kinds that give no secret away. The user's name is marked so that reports can mask it."""
    server = peer(association, "acceptor")
    match identity.kind:
        case _Kind.NAME:
            return f"User name '⟦{identity.primary}⟧' sent in clear to {server}."
        case _Kind.PASSCODE:
            return f"User '⟦{identity.primary}⟧' and passcode ({identity.secondary_length} bytes) sent in clear to {server}."
        case _Kind.SAML:
            return f"SAML assertion ({identity.primary_length} bytes) sent in clear to {server}."
        case _Kind.JWT:
            return f"JSON Web Token ({identity.primary_length} bytes) sent in clear to {server}."
        case _:
            return None


def _clear(association: Association, request: AssociateRq, identity: UserIdentityRequest, told: str) -> Hit:
    return Hit(
        told,
        packets=packets_of(request.evidence),
        time_ns=request.evidence.first_ns,
        severity=Severity.NOTE if identity.kind == _Kind.NAME else None,
        connection=association.connection,
        association=association.id,
        act=Side.REQUESTOR,
        actor=peer(association, "requestor"),
        key=f"clear|{identity.kind}|{identity.primary}|{association.requestor.ip}|{association.acceptor}",
        facts={
            "kind": identity.kind,
            "user": f"⟦{identity.primary}⟧" if identity.primary else None,
            "secret_bytes": identity.secondary_length if identity.kind == _Kind.PASSCODE else identity.primary_length,
            "rejected": association.reject is not None,
        },
    )


def _unconfirmed(association: Association, request: AssociateRq, identity: UserIdentityRequest) -> list[Hit]:
    """A positive response was asked for, the association accepted, and no response given (PS3.7 §D.3.3.7.2)."""
    accept = association.accept
    if not identity.response_requested or accept is None or accept.user_information.user_identity_response is not None:
        return []
    server = peer(association, "acceptor")
    return [
        Hit(
            f"{server} accepted the association without confirming the identity of the user, although it was asked to: it "
            "probably ignores user identity.",
            packets=packets_of(request.evidence, accept.evidence),
            time_ns=accept.evidence.first_ns,
            severity=Severity.NOTE,
            connection=association.connection,
            association=association.id,
            act=Side.ACCEPTOR,
            actor=server,
            causes=("The server does not support user identity negotiation, and so ignores the item.",),
            fix="If access is to depend on the user, use a server that checks and confirms the identity.",
            key=f"unconfirmed|{association.acceptor}",
            facts={"kind": identity.kind, "confirmed": False},
        )
    ]


RULE = Rule(
    id="DS-SEC-002",
    name="credentials-in-clear",
    severity=Severity.WARNING,
    title="Credentials in clear",
    subjects=asked,
    check=check,
    page=__doc__ or "",
)
