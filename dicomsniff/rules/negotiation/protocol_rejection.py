"""The server rejected the association for its protocol: application context, protocol version, or a code without meaning.

What it sees
An A-ASSOCIATE-RJ with source 1 reason 2 (application-context-name-not-supported), source 2 reason 2
(protocol-version-not-supported), or a source and reason that the standard reserves or does not define; beside it the
application context name and the protocol version of the request.

Why it matters
A request that is right in these two fields is refused by no conforming server, so one of the two programs has a fault.

Likely causes
1. The request is malformed: padding or a NUL in the application context name.
2. The server is another kind of product (DICONDE, DICOS) with an application context of its own.
3. The server misuses the code, for instance for a limit on associations.

Fix
The application context name of DICOM is 1.2.840.10008.3.1.1.1 and bit 0 of the protocol version is set: correct the side
that differs. If the request is right, look into the server's log.

Could be wrong when
Documentation of some servers gives source 1 reason 2 as their local limit; where the request is right, that is possible.

Reference
PS3.8 §9.3.2
PS3.8 §9.3.4, Table 9-21
PS3.7 §A.2.1
https://github.com/dcm4che/dcm4che/issues/373
"""

from dicomsniff.association.values import Association, Traffic
from dicomsniff.core import AnomalyCode
from dicomsniff.pdu.tables import REJECT_REASONS
from dicomsniff.pdu.values import AssociateRj, AssociateRq
from dicomsniff.rules.finding import Hit, Severity
from dicomsniff.rules.naming import peer, side
from dicomsniff.rules.negotiation.rejections import rejection
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.servers import Server, servers

_DICOM = "1.2.840.10008.3.1.1.1"
_CONTEXT, _VERSION = (1, 2), (2, 2)


def check(server: Server, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    found = [(a, a.reject, a.request) for a in server.associations if a.reject]
    return [_hit(a, reject, request) for a, reject, request in found if request and _is_about_protocol(reject)]


def _is_about_protocol(reject: AssociateRj) -> bool:
    codes = (reject.source, reject.reason)
    return codes in (_CONTEXT, _VERSION) or REJECT_REASONS.get(codes, "reserved") == "reserved"


def _hit(association: Association, reject: AssociateRj, request: AssociateRq) -> Hit:
    what, right = _objection(association, reject, request)
    acting = "requestor" if right is False else "acceptor"
    doubt = " The request is right in this; some servers use this code for a limit." if right else ""
    return rejection(
        association,
        reject,
        f"{peer(association, 'acceptor')} rejected the association of {peer(association, 'requestor')} for {what}.{doubt}",
        side(acting),
        peer(association, acting),
        facts={"application_context": request.application_context, "protocol_version": request.protocol_version},
    )


def _objection(association: Association, reject: AssociateRj, request: AssociateRq) -> tuple[str, bool | None]:
    """What was objected to, and whether the request is right in it (None: the codes do not say what it is)."""
    codes = (reject.source, reject.reason)
    if codes == _CONTEXT:
        what = f"application context '{request.application_context}'"
        if flaw := _flaw(association):
            return f"{what}, which {flaw}", False
        return what, request.application_context == _DICOM
    if codes == _VERSION:
        return f"protocol version bits {request.protocol_version:016b}", bool(request.protocol_version & 1)
    return f"undefined code {reject.result}/{reject.source}/{reject.reason}", None


def _flaw(association: Association) -> str:
    """What is wrong with the bytes of the application context name, such as a padding that is not shown with it."""
    for anomaly in association.anomalies:
        ours = anomaly.code is AnomalyCode.PDU_UID_INVALID and anomaly.evidence.direction is association.to_acceptor
        _, named, flaw = anomaly.detail.partition("the application context name ")
        if ours and named:
            return flaw
    return ""


RULE = Rule(
    id="DS-ASSOC-004",
    name="association-rejected-protocol",
    severity=Severity.ERROR,
    title="Association rejected for its protocol",
    subjects=servers,
    check=check,
    page=__doc__ or "",
)
