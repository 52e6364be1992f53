"""The server does not accept the AE title of the sender.

What it sees
An A-ASSOCIATE-RJ with source 1 (service-user) and reason 3 (calling-AE-title-not-recognized), and which calling titles
and addresses the same server accepted on other associations of the capture.

Why it matters
Nothing can be sent or asked until the server knows the sender.

Likely causes
1. The sender is not registered on the server.
2. It is registered with another address: the address has changed, or is translated on the way.
3. Case or blanks of the title differ.
4. The sender's own AE title was left at a default.

Fix
Register AE title, address and port of the sender on the server; C-MOVE to the sender needs the port too.

Could be wrong when
The server uses this reason for a called title it does not know. Where the same calling title was accepted with another
called title or from another address, that is said.

Reference
PS3.8 §9.3.4, Table 9-21
PS3.8 §7.1.1.3
https://github.com/pydicom/pynetdicom/issues/646
"""

from dicomsniff.association.values import Association, Traffic
from dicomsniff.pdu.values import AssociateRj
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import listed, peer
from dicomsniff.rules.negotiation.rejections import nearest, quoted, rejection
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.servers import Server, servers

_FIX = "Give the sender the title by which {server} knows its address, {own}, or register '{title}' there too."


def check(server: Server, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    accepted = server.examples
    return [_hit(a, a.reject, accepted) for a in server.rejected(1, 3) if a.reject]


def _hit(association: Association, reject: AssociateRj, accepted: tuple[Association, ...]) -> Hit:
    calling, ip = association.calling_ae or "", association.requestor.ip
    known = nearest(calling, (a.calling_ae for a in accepted))
    twins = [a for a in accepted if a.calling_ae == calling]
    server = peer(association, "acceptor")
    own = nearest(calling, (a.calling_ae for a in accepted if a.requestor.ip == ip))
    unsure = bool(twins or own)  # it may be the title of this host that is wrong
    return rejection(
        association,
        reject,
        f"{server} does not accept '{calling}' from {ip}.{_hint(association, twins, accepted, known)}",
        Side.UNKNOWN if unsure else Side.ACCEPTOR,
        None if unsure else server,
        fix=_FIX.format(own=quoted(own), title=calling, server=server) if own and not twins else None,
        facts={"accepted_calling_aes": list(known[:20])},
    )


def _hint(
    association: Association, twins: list[Association], accepted: tuple[Association, ...], known: tuple[str, ...]
) -> str:
    """What the server did accept that is nearest to this."""
    here = [a for a in twins if a.requestor.ip == association.requestor.ip]
    if any(a.called_ae == association.called_ae for a in here):
        return " It accepted the very same titles from this address on another association of this capture."
    if here:
        titles = nearest(association.called_ae or "", (a.called_ae for a in here))
        return f" It accepted this title from this address when called {quoted(titles)}."
    if twins:
        return f" It accepted this title from {listed(sorted({a.requestor.ip for a in twins}))}."
    if not known:
        return ""
    callers = {a.calling_ae or "": a.requestor.ip for a in accepted}
    return " It accepted " + listed(f"'{title}' from {callers[title]}" for title in known) + "."


RULE = Rule(
    id="DS-ASSOC-002",
    name="calling-ae-not-recognized",
    severity=Severity.ERROR,
    title="Calling AE title not recognized",
    subjects=servers,
    check=check,
    page=__doc__ or "",
    hides=("DS-ASSOC-012",),
)
