"""A UID breaks the rules for UIDs.

What it sees
A UI value of a data set or the instance UID of a command that is longer than 64 characters, has characters other than
digits and dots, an empty component, a component that begins with 0, a first component above 2, or a space as padding;
and objects whose study, series and instance have the same UID. It is an error where the operation was refused, unless the
status names another reason or the same receiver took the like elsewhere; in references to other objects and in identifiers
it is a note.

Why it matters
Strict receivers answer Cxxx or abort. Others file the object under a UID that a third product will not accept.

Likely causes
1. A generator of the sender's own: dates with leading zeros, no registered root.
2. De-identification that hashes without cutting to the allowed length.
3. Padding with a space instead of a NUL.

Fix
Let the source generate UIDs below a registered root or below 2.25. What is stored already keeps its UIDs unless it is
converted with all references.

Could be wrong when
One trailing NUL that makes the length even is right in data sets and commands. Queries with lists and empty values are
not judged.

Reference
PS3.5 §9.1
PS3.5 §6.2
https://github.com/fo-dicom/fo-dicom/issues/1160
https://github.com/pydicom/pynetdicom/issues/88
https://github.com/pydicom/pynetdicom/issues/549
"""

from dicomsniff.association.objects import Group, contents
from dicomsniff.association.values import Traffic
from dicomsniff.dimse.inspection import Fault
from dicomsniff.rules.data_sets.blame import refused_for
from dicomsniff.rules.data_sets.telling import CONSEQUENCES, group_hit, groups, named, quoted, repeated, subject
from dicomsniff.rules.finding import Hit, Severity
from dicomsniff.rules.naming import peer
from dicomsniff.rules.rule import Among, Rule, Thresholds

_OWN = frozenset({0x00001000, 0x00080016, 0x00080018, 0x0020000D, 0x0020000E, 0x00200052})
"""UIDs of the object itself, in command and data set: class, instance, study, series, frame of reference."""


def subjects(traffic: Traffic) -> Among[Group]:
    return groups(traffic, Fault.UID)


def check(group: Group, traffic: Traffic, thresholds: Thresholds) -> Hit:
    fault = group.fault
    sender = peer(traffic.association(group.association), group.role)
    return group_hit(
        traffic,
        group,
        f"{named(fault.tag, fault.keyword)} {quoted(fault)} in {subject(group.exchange, group.where)} of {sender} is not a "
        f"valid UID: {fault.detail}{repeated(group, contents(traffic))}.",
        _severity(group, bool(refused_for(traffic, group))),
        uid=fault.value,
        why=fault.detail,
    )


def _severity(group: Group, harmed: bool) -> Severity:
    if group.where in ("request", "response"):
        return Severity.NOTE
    if group.fault.tag not in _OWN:  # a reference that leads nowhere hurts nobody until it is followed
        return Severity.WARNING if harmed else Severity.NOTE
    return Severity.ERROR if harmed else Severity.WARNING


RULE = Rule(
    id="DS-DATA-002",
    name="uid-invalid",
    severity=Severity.WARNING,
    title="Invalid UID",
    subjects=subjects,
    check=check,
    page=__doc__,
    explains=CONSEQUENCES,
)
