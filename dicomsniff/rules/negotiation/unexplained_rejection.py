"""The server rejected the association and gave no reason.

What it sees
An A-ASSOCIATE-RJ with reason 1 (no-reason-given) from source 1 or 2, compared with the request, most like this one, that
the same server accepted elsewhere in the capture.

Why it matters
The code says nothing; only the server's log or a comparison tells what it disliked.

Likely causes
1. Access control by address, AE title or host name.
2. No acceptable presentation context: some servers reject instead of accepting with all contexts refused.
3. A licence or a limit, reported carelessly.
4. The service is starting or in maintenance.
5. The calling AE title is blank.

Fix
Look into the server's log at the time given, and try the request in the form that was accepted.

Could be wrong when
Transient rejection suggests a retry, but many implementations use permanent and transient loosely.

Reference
PS3.8 §9.3.4, Table 9-21
PS3.8 §7.1.1.7
PS3.8 §7.1.1.9
https://github.com/fo-dicom/fo-dicom/issues/1387
"""

from dicomsniff.association.values import Association, Traffic
from dicomsniff.pdu.values import AssociateRj, AssociateRq
from dicomsniff.rules.clock import clock
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import brief, listed, peer
from dicomsniff.rules.negotiation.rejections import rejection
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.servers import Server, servers

_COMPARED = 200  # accepted requests a rejected one is compared with; further ones repeat these


def check(server: Server, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    rejected = (*server.rejected(1, 1), *server.rejected(2, 1))
    accepted = server.examples[:_COMPARED] if rejected else ()
    return [_hit(a, a.reject, accepted) for a in rejected if a.reject]


def _hit(association: Association, reject: AssociateRj, accepted: tuple[Association, ...]) -> Hit:
    how = {1: "permanently", 2: "for now"}.get(reject.result, f"with the undefined result {reject.result}")
    found = [differences(association, other) for other in accepted]
    least = min(found, key=len, default=None)
    told = "" if least is None else _told(least)
    server = peer(association, "acceptor")
    return rejection(
        association,
        reject,
        f"{server} rejected '{association.calling_ae}' -> '{association.called_ae}' {how} and without a reason.{told}",
        Side.ACCEPTOR,
        server,
        causes=_causes(association),
        fix=f"Look into the log of {server} at {clock(reject.evidence.last_ns)}"
        + (", and try the request in the form that was accepted." if least else "."),
        facts={"differences": least or []},
    )


def _told(least: list[str]) -> str:
    if not least:
        return " A request like it was accepted elsewhere in this capture."
    return f" Differences to the request most like it that was accepted: {listed(least)}."


def differences(rejected: Association, accepted: Association) -> list[str]:
    """In what a rejected request differs from an accepted one, each a clause for a reader."""
    one, other = rejected.request, accepted.request
    if one is None or other is None:
        return []
    pairs = (
        ("calling AE title", one.calling_ae, other.calling_ae),
        ("called AE title", one.called_ae, other.called_ae),
        ("address", rejected.requestor.ip, accepted.requestor.ip),
        ("maximum PDU length", *(r.user_information.maximum_length for r in (one, other))),
        ("implementation", *(r.user_information.implementation_class_uid for r in (one, other))),
        ("asynchronous operations window", *(bool(r.user_information.async_window) for r in (one, other))),
        ("user identity", *(bool(r.user_information.user_identity) for r in (one, other))),
        ("role selection", *(bool(r.user_information.roles) for r in (one, other))),
        ("application context", one.application_context, other.application_context),
    )
    return [f"{what} {_shown(a)} instead of {_shown(b)}" for what, a, b in pairs if a != b] + _contexts(one, other)


def _shown(value: object) -> str:
    match value:
        case bool():
            return "present" if value else "absent"
        case None:
            return "none"
        case _:
            return f"'{value}'"


def _contexts(one: AssociateRq, other: AssociateRq) -> list[str]:
    """Differences of what is proposed."""
    classes, others = ({c.abstract_syntax for c in r.contexts} for r in (one, other))
    if classes != others:
        more = listed((brief(uid) for uid in sorted(classes - others)), 3)
        return [f"it proposes {more} in addition" if classes - others else "it proposes fewer SOP classes"]
    syntaxes, others = ({s for c in r.contexts for s in c.transfer_syntaxes} for r in (one, other))
    return ["other transfer syntaxes are proposed"] if syntaxes != others else []


def _causes(association: Association) -> tuple[str, ...] | None:
    """With a user identity in the request, its refusal is the likeliest cause."""
    request = association.request
    if request is None or request.user_information.user_identity is None:
        return None
    return (
        "The user identity in the request was not accepted.",
        "Access control by address, AE title or host name.",
        "No acceptable presentation context.",
        "The service is starting, in maintenance, or at a limit.",
    )


RULE = Rule(
    id="DS-ASSOC-003",
    name="association-rejected-no-reason",
    severity=Severity.ERROR,
    title="Association rejected without a reason",
    subjects=servers,
    check=check,
    page=__doc__ or "",
)
