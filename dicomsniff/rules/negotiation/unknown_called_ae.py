"""The server does not answer to the AE title it was called by.

What it sees
An A-ASSOCIATE-RJ with source 1 (service-user) and reason 7 (called-AE-title-not-recognized), and which titles the same
server accepted on other associations of the capture.

Why it matters
Nothing can be sent to the server until sender and server agree on its title.

Likely causes
1. The called AE title is typed wrong on the sender.
2. Case or blanks differ: AE titles are case-sensitive.
3. The title is right, but host or port belong to another server.
4. The server's AE title was changed.

Fix
Set the called AE title on the sender to the server's exact title, letter by letter.

Could be wrong when
The server uses this reason for an unknown calling title, or for a pair of titles that is not configured. Where the same
called title was accepted from another sender, that is said and ranked first.

Reference
PS3.8 §9.3.4, Table 9-21
PS3.8 §7.1.1.4
PS3.8 §C.2
https://github.com/dicoogle/dicoogle/issues/402
"""

from dicomsniff.association.values import Association, Traffic
from dicomsniff.pdu.values import AssociateRj
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import peer
from dicomsniff.rules.negotiation.malformed_ae import flaw
from dicomsniff.rules.negotiation.rejections import nearest, quoted, rejection
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.servers import Server, servers


def check(server: Server, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    accepted = server.examples
    return [_hit(a, a.reject, accepted) for a in server.rejected(1, 7) if a.reject]


def _hit(association: Association, reject: AssociateRj, accepted: tuple[Association, ...]) -> Hit:
    called, calling = association.called_ae or "", association.calling_ae or ""
    others = {a.calling_ae or "" for a in accepted if a.called_ae == called}
    wrong = flaw(association.request.called_ae_raw) if association.request else None
    if others and wrong:
        return _malformed(association, reject, wrong)
    if others - {calling}:
        return _caller_unknown(association, reject, others - {calling})
    if others:
        return _now_and_then(association, reject)
    known = nearest(called, (a.called_ae for a in accepted))
    hint = f" It accepted {quoted(known)} elsewhere in this capture." if known else ""
    return rejection(
        association,
        reject,
        f"{association.acceptor} does not know itself as '{called}' (asked by '{calling}' from "
        f"{association.requestor.ip}).{hint}",
        Side.REQUESTOR,
        peer(association, "requestor"),
        fix=f"Set the called AE title on the sender to {quoted(known)}, letter by letter." if len(known) == 1 else None,
        facts={"accepted_called_aes": list(known[:20])},
    )


def _malformed(association: Association, reject: AssociateRj, wrong: str) -> Hit:
    called, calling = association.called_ae, association.calling_ae
    return rejection(
        association,
        reject,
        f"{association.acceptor} refused '{called}' as called AE title to '{calling}' from {association.requestor.ip}, yet "
        f"accepted it where it was written properly: here its 16 bytes are not legal ({wrong}).",
        Side.REQUESTOR,
        peer(association, "requestor"),
        causes=("The sender writes the title wrongly into the request; DS-ASSOC-011 shows the bytes.",),
        fix="Have the sender pad the title with spaces, without any other byte.",
        facts={"accepted_called_aes": [called]},
    )


def _caller_unknown(association: Association, reject: AssociateRj, others: set[str]) -> Hit:
    called, calling = association.called_ae, association.calling_ae or ""
    known = nearest(calling, others)
    return rejection(
        association,
        reject,
        f"{association.acceptor} refused '{called}' as called AE title to '{calling}' from {association.requestor.ip}, "
        f"yet accepted the same title from {quoted(known)}: it is probably the calling AE title that it does not know.",
        Side.UNKNOWN,
        None,
        causes=(
            f"The calling AE title '{calling}' is not configured on the server, or not for this called title.",
            f"The sender's own AE title is set wrong: {quoted(known)} would be accepted.",
            "The server was reconfigured in between.",
        ),
        fix=f"Register '{calling}' with its address on {association.acceptor}, or give the sender its registered title.",
        facts={"accepted_called_aes": [called], "accepted_calling_aes": list(known[:20])},
    )


def _now_and_then(association: Association, reject: AssociateRj) -> Hit:
    called, calling = association.called_ae, association.calling_ae
    return rejection(
        association,
        reject,
        f"{association.acceptor} refused '{called}' asked by '{calling}' from {association.requestor.ip}, yet accepted the "
        f"same two titles on another association of this capture.",
        Side.ACCEPTOR,
        str(association.acceptor),
        causes=(
            "The server was starting, or its configuration was changed, in between.",
            "The server decides by address as well, and the two associations came from different ones.",
        ),
        facts={"accepted_called_aes": [called]},
    )


RULE = Rule(
    id="DS-ASSOC-001",
    name="called-ae-not-recognized",
    severity=Severity.ERROR,
    title="Called AE title not recognized",
    subjects=servers,
    check=check,
    page=__doc__ or "",
    hides=("DS-ASSOC-012",),
)
