"""What both sides negotiated beside the contexts, as rows: roles, extended negotiation, user identity, window."""

from collections.abc import Iterator

from dicomsniff.dimse.uids import uid_name
from dicomsniff.pdu.values import AsyncWindow, RoleSelection, UserInformation
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.values import Row

_INFORMATION_SHOWN = 64  # bytes of service-class information quoted; the standard's own are below 16

_IDENTITY_KINDS = {  # PS3.7 §D.3.3.7.1
    1: "user name",
    2: "user name and passcode",
    3: "Kerberos service ticket",
    4: "SAML assertion",
    5: "JSON web token",
}


def role_rows(request: UserInformation | None, accept: UserInformation | None) -> list[Row]:
    """One row a SOP class with the proposed and the answered roles (PS3.7 §D.3.3.4)."""
    proposed = {role.sop_class: role for role in request.roles} if request else {}
    answered = {role.sop_class: role for role in accept.roles} if accept else {}
    return [
        {
            "sop_class": uid,
            "sop_class_name": uid_name(uid),
            "proposed": _role_row(proposed.get(uid)),
            "answered": _role_row(answered.get(uid)),
        }
        for uid in dict.fromkeys([*proposed, *answered])
    ]


def _role_row(role: RoleSelection | None) -> Row | None:
    return None if role is None else {"scu": role.scu, "scp": role.scp}


def extended_rows(request: UserInformation | None, accept: UserInformation | None) -> list[Row]:
    """Extended and common extended negotiation of both sides (PS3.7 §D.3.3.5, §D.3.3.6)."""
    return [*_extended("requestor", request), *_extended("acceptor", accept)]


def _extended(by: str, information: UserInformation | None) -> Iterator[Row]:
    if information is None:
        return
    for item in information.extended:
        yield {
            "by": by,
            "kind": "extended",
            "sop_class": item.sop_class,
            "sop_class_name": uid_name(item.sop_class),
            "length": len(item.information),
            "information": item.information[:_INFORMATION_SHOWN].hex(),
        }
    for common in information.common_extended:
        yield {
            "by": by,
            "kind": "common",
            "sop_class": common.sop_class,
            "sop_class_name": uid_name(common.sop_class),
            "service_class": common.service_class,
            "related_general_sop_classes": list(common.related_general_sop_classes),
        }


def user_identity_row(
    request: UserInformation | None, accept: UserInformation | None, redaction: Redaction
) -> Row | None:
    """The kind of identity in words, the user's name, and lengths; never a secret (PS3.7 §D.3.3.7)."""
    identity = request.user_identity if request else None
    response = accept.user_identity_response if accept else None
    if identity is None:
        return None
    return {
        "kind": _IDENTITY_KINDS.get(identity.kind, f"type {identity.kind}"),
        "type": identity.kind,
        "user_name": redaction.user_name(identity.primary),
        "response_requested": identity.response_requested,
        "primary_length": identity.primary_length,
        "secondary_length": identity.secondary_length,
        "response_length": response.length if response else None,
    }


def async_window_row(request: UserInformation | None, accept: UserInformation | None) -> Row | None:
    """Operations that may be outstanding (PS3.7 §D.3.3.3); None where neither side spoke of it."""
    proposed = request.async_window if request else None
    answered = accept.async_window if accept else None
    if proposed is None and answered is None:
        return None
    return {"proposed": _window_row(proposed), "answered": _window_row(answered)}


def _window_row(window: AsyncWindow | None) -> Row | None:
    return None if window is None else {"invoked": window.invoked, "performed": window.performed}
