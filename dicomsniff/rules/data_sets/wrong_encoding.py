"""A data set is not encoded as it was negotiated, or cannot be read on.

What it sees
The first elements of a data set do not read under the transfer syntax of their presentation context but do under another,
or under none; or the reading breaks off at an element whose length, VR or delimiters cannot be right. Several elements
must agree before anything is said. Where the operation succeeded nevertheless it is a warning.

Why it matters
The receiver reads garbage: it rejects the object, aborts, or files it with wrong values.

Likely causes
1. A stored file was sent as it is, without conversion to the negotiated transfer syntax.
2. The object is damaged in the archive that sends it.

Fix
Let the sender convert to what was negotiated, or propose the syntax in which the file is stored. Compare the file at its
source with what was sent.

Could be wrong when
Bytes of the data set were not captured: nothing behind a hole is judged. A private transfer syntax may be encoded in a way
of its own.

Reference
PS3.5 §7.1
PS3.5 §10
PS3.8 §7.6
https://github.com/fo-dicom/fo-dicom/issues/581
https://github.com/mercure-imaging/mercure/issues/50
https://github.com/pydicom/pynetdicom/issues/205
"""

from dicomsniff.association.objects import Group, contents
from dicomsniff.association.values import Traffic
from dicomsniff.dimse.inspection import Fault
from dicomsniff.dimse.uids import uid_name
from dicomsniff.rules.data_sets.blame import refused_for
from dicomsniff.rules.data_sets.telling import CONSEQUENCES, group_hit, groups, repeated, subject
from dicomsniff.rules.finding import Hit, Severity
from dicomsniff.rules.holes import another_answer, maybe_renegotiated
from dicomsniff.rules.naming import peer
from dicomsniff.rules.rule import Among, Rule, Thresholds

_STANDARD = "1.2.840.10008."


def subjects(traffic: Traffic) -> Among[Group]:
    return groups(traffic, Fault.ENCODING)


def check(group: Group, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    exchange = group.exchange
    syntax = exchange.transfer_syntax or ""
    if not syntax.startswith(_STANDARD):
        return None
    association = traffic.association(group.association)
    abstract = next((c.abstract_syntax for c in association.contexts if c.id == exchange.context_id), None)
    if exchange.sop_class not in (None, abstract) and maybe_renegotiated(exchange, association, traffic):
        return None
    if another_answer(association, traffic):
        return None
    sender = peer(association, group.role)
    unfinished = exchange.final is None and exchange.service == "C-STORE"
    return group_hit(
        traffic,
        group,
        f"{sender} negotiated {uid_name(syntax)}, but {subject(exchange, group.where)} is {_words(group.fault.detail)}"
        f"{repeated(group, contents(traffic))}.",
        Severity.ERROR if refused_for(traffic, group) or unfinished else Severity.WARNING,
        detail=group.fault.detail,
        first_bytes=group.fault.value,
    )


def _words(detail: str) -> str:
    return detail if detail.startswith("not ") else f"not readable to its end: {detail}"


RULE = Rule(
    id="DS-DATA-001",
    name="data-set-not-in-negotiated-syntax",
    severity=Severity.ERROR,
    title="Data set not in the negotiated transfer syntax",
    subjects=subjects,
    check=check,
    page=__doc__,
    explains=(*CONSEQUENCES, "DS-DIMSE-008", "DS-FIND-001"),
)
