"""A-ASSOCIATE, A-RELEASE and A-ABORT in, lines in the manner of DCMTK and pynetdicom out."""

from __future__ import annotations

from collections.abc import Iterator

from dicomsniff.association.values import Association
from dicomsniff.dimse.uids import uid_name
from dicomsniff.pdu.tables import (
    ABORT_REASONS,
    ABORT_SOURCES,
    REJECT_REASONS,
    REJECT_RESULTS,
    REJECT_SOURCES,
    pdu_name,
)
from dicomsniff.pdu.values import (
    Abort,
    AssociateAc,
    AssociateRj,
    AssociateRq,
    BrokenPdu,
    ReleaseRp,
    ReleaseRq,
    RoleSelection,
    UserInformation,
)
from dicomsniff.report.log.events import Control
from dicomsniff.report.redaction import Redaction

_RESULTS = {
    0: "Accepted",
    1: "User Rejected",
    2: "No Reason",
    3: "Abstract Syntax Not Supported",
    4: "Transfer Syntaxes Not Supported",
}
_IDENTITIES = {1: "Username", 2: "Username/Password", 3: "Kerberos", 4: "SAML", 5: "JSON Web Token"}
_WIDTH = 32


def control_lines(association: Association, said: Control, redaction: Redaction) -> Iterator[str]:
    """What a PDU other than P-DATA says."""
    match said:
        case AssociateRq():
            yield from _request(said, redaction)
        case AssociateAc():
            yield from _acceptance(association, said)
        case AssociateRj():
            yield f"Result: {REJECT_RESULTS.get(said.result, 'undefined')} ({said.result})"
            yield f"Source: {REJECT_SOURCES.get(said.source, 'undefined')} ({said.source})"
            yield f"Reason: {REJECT_REASONS.get((said.source, said.reason), 'undefined')} ({said.reason})"
        case Abort():
            yield f"Abort Source: {ABORT_SOURCES.get(said.source, 'undefined')} ({said.source})"
            reason = ABORT_REASONS.get(said.reason, "undefined") if said.source == 2 else "not significant"
            yield f"Abort Reason: {reason} ({said.reason})"
        case BrokenPdu():
            yield f"{said.evidence.length:,} bytes that cannot be read as PDUs: {_broken(said)}"


def control_name(said: Control) -> str:
    """ "A-ASSOCIATE-RQ"."""
    if isinstance(said, BrokenPdu):
        return "unreadable bytes" if said.type is None else f"unreadable {pdu_name(said.type)}"
    return _NAMES[type(said)]


_NAMES = {
    AssociateRq: "A-ASSOCIATE-RQ",
    AssociateAc: "A-ASSOCIATE-AC",
    AssociateRj: "A-ASSOCIATE-RJ",
    ReleaseRq: "A-RELEASE-RQ",
    ReleaseRp: "A-RELEASE-RP",
    Abort: "A-ABORT",
}


def named_uid(uid: str | None) -> str:
    """ "=CT Image Storage (1.2.840.10008.5.1.4.1.1.2)"; a UID that nobody registered alone."""
    if not uid:
        return "(none)"
    name = uid_name(uid)
    return f"={uid}" if name == uid else f"={name} ({uid})"


def _request(said: AssociateRq, redaction: Redaction) -> Iterator[str]:
    information = said.user_information
    yield from _side(information, said.application_context)
    yield _field("Calling Application Name", said.calling_ae)
    yield _field("Called Application Name", said.called_ae)
    yield _field("Max PDU Receive Size", information.maximum_length)
    yield "Presentation Contexts:" if said.contexts else "Presentation Contexts: none"
    roles = {role.sop_class: role for role in information.roles}
    for context in said.contexts:
        yield f"  Context ID:      {context.context_id:>3} (Proposed)"
        yield f"    Abstract Syntax: {named_uid(context.abstract_syntax)}"
        yield f"    Proposed SCP/SCU Role: {_role(roles.get(context.abstract_syntax))}"
        yield "    Proposed Transfer Syntax(es):"
        yield from (f"      {named_uid(syntax)}" for syntax in context.transfer_syntaxes)
    yield from _extended("Requested", information)
    yield from _identity(information, redaction)


def _acceptance(association: Association, said: AssociateAc) -> Iterator[str]:
    information = said.user_information
    request = association.request
    proposed = {c.context_id: c for c in request.contexts} if request else {}
    asked = {role.sop_class: role for role in request.user_information.roles} if request else {}
    roles = {role.sop_class: role for role in information.roles}
    yield from _side(information, said.application_context)
    yield _field("Calling Application Name", said.calling_ae)
    yield _field("Called Application Name", said.called_ae)
    yield _field("Max PDU Receive Size", information.maximum_length)
    yield "Presentation Contexts:" if said.contexts else "Presentation Contexts: none"
    for context in said.contexts:
        result = _RESULTS.get(context.result, f"undefined result {context.result}")
        yield f"  Context ID:      {context.context_id:>3} ({result})"
        known = proposed.get(context.context_id)
        abstract = known.abstract_syntax if known else None
        yield f"    Abstract Syntax: {named_uid(abstract) if known else '(was not proposed, or not captured)'}"
        if abstract:
            yield f"    Proposed SCP/SCU Role: {_role(asked.get(abstract))}"
            yield f"    Accepted SCP/SCU Role: {_role(roles.get(abstract))}"
        if context.result == 0:
            yield f"    Accepted Transfer Syntax: {named_uid(context.transfer_syntax)}"
    answered = {context.context_id for context in said.contexts}
    for known in proposed.values():
        if known.context_id not in answered:
            yield f"  Context ID:      {known.context_id:>3} (Not Answered)"
            yield f"    Abstract Syntax: {named_uid(known.abstract_syntax)}"
    yield from _extended("Accepted", information)
    response = information.user_identity_response
    yield "User Identity Negotiation Response: " + (f"{response.length} bytes" if response else "none")


def _side(information: UserInformation, application_context: str | None) -> Iterator[str]:
    yield _field("Implementation Class UID", information.implementation_class_uid)
    yield _field("Implementation Version Name", information.implementation_version)
    yield _field("Application Context Name", application_context)


def _field(name: str, value: object) -> str:
    return f"{name + ':':<{_WIDTH}}{'(none)' if value is None else value}"


def _role(role: RoleSelection | None) -> str:
    if role is None:
        return "Default"
    return {(1, 0): "SCU", (0, 1): "SCP", (1, 1): "SCP/SCU", (0, 0): "None"}.get(
        (role.scu, role.scp), f"SCU {role.scu}, SCP {role.scp}"
    )


def _extended(who: str, information: UserInformation) -> Iterator[str]:
    yield f"{who} Extended Negotiation:" + ("" if information.extended else " none")
    for item in information.extended:
        yield f"  SOP Class: {named_uid(item.sop_class)}"
        yield f"    {item.information[:64].hex(' ', 1).replace(' ', '  ')}"
    if who == "Requested":
        yield "Requested Common Extended Negotiation:" + ("" if information.common_extended else " none")
    for common in information.common_extended:
        yield f"  SOP Class: {named_uid(common.sop_class)}"
        yield f"    Service Class: {named_uid(common.service_class)}"
        related = common.related_general_sop_classes
        yield "    Related General SOP Classes:" + ("" if related else " None")
        yield from (f"      {named_uid(uid)}" for uid in related)
    window = information.async_window
    yield f"{who} Asynchronous Operations Window Negotiation:" + ("" if window else " none")
    if window:
        yield f"  Maximum Invoked Operations:     {window.invoked or 'unlimited'}"
        yield f"  Maximum Performed Operations:   {window.performed or 'unlimited'}"
    for unknown in information.unknown:
        yield f"{who} item of unknown type {unknown.type:02X}H, {len(unknown.data)} bytes"


def _identity(information: UserInformation, redaction: Redaction) -> Iterator[str]:
    """Never a secret: only how long it was."""
    identity = information.user_identity
    yield "Requested User Identity Negotiation:" + ("" if identity else " none")
    if identity is None:
        return
    yield f"  Authentication Mode: {identity.kind} - {_IDENTITIES.get(identity.kind, 'unknown')}"
    if identity.kind in (1, 2):
        yield f"  Username: [{redaction.user_name(identity.primary) or ''}]"
    else:
        yield f"  Credential: not shown, {identity.primary_length} bytes"
    if identity.secondary_length:
        yield f"  Password: not shown, {identity.secondary_length} bytes"
    yield f"  Positive Response Requested: {'Yes' if identity.response_requested else 'No'}"


def _broken(said: BrokenPdu) -> str:
    return {"lost": "the capture does not hold them all", "cut": "the stream ends inside a PDU"}.get(
        said.reason, said.reason
    )
