"""A data set is not built as the standard wants it.

What it sees
Elements of a command or of file meta information (groups 0000, 0002) in a data set, a whole file with its preamble, item
delimiters out of place, a VR that does not exist, elements out of order or twice; and as notes: values of odd length,
group lengths that do not count their group, private elements that no private creator reserves, and all of these in
identifiers.

Why it matters
Lenient receivers put up with it. Strict ones answer Cxxx or lose the rest of the data set, and elements that stand
twice are read differently by different products.

Likely causes
1. A file was sent with its file meta information instead of its data set.
2. An element was added or changed without sorting again.
3. A private writer that does not know the rules for private elements.

Fix
This is a fault of the sending software or of a router that edits objects: report it with tag and offset.

Could be wrong when
Group lengths are retired but legal to meet, and so is padding behind the pixel data.

Reference
PS3.5 §7.1
PS3.5 §7.1.1
PS3.5 §7.8
PS3.10 §7
https://github.com/pydicom/pynetdicom/issues/278
https://github.com/rexcardan/Evil-DICOM/issues/41
"""

from dicomsniff.association.objects import Group, contents
from dicomsniff.association.values import Traffic
from dicomsniff.dimse.inspection import Fault
from dicomsniff.rules.data_sets.blame import refused_for
from dicomsniff.rules.data_sets.telling import CONSEQUENCES, group_hit, groups, named, repeated, subject
from dicomsniff.rules.finding import Hit, Severity
from dicomsniff.rules.naming import peer
from dicomsniff.rules.rule import Among, Rule, Thresholds

_MINOR = ("has an odd length", "says that its group has", "is private, but", "left over")


def subjects(traffic: Traffic) -> Among[Group]:
    return groups(traffic, Fault.STRUCTURE)


def check(group: Group, traffic: Traffic, thresholds: Thresholds) -> Hit:
    fault = group.fault
    sender = peer(traffic.association(group.association), group.role)
    placed = fault.detail.startswith(("(", "a whole file")) or fault.tag is None or fault.value is not None
    detail = fault.detail if placed else f"{named(fault.tag, fault.keyword)} {fault.detail}"
    return group_hit(
        traffic,
        group,
        f"{subject(group.exchange, group.where)} of {sender}: {detail}{repeated(group, contents(traffic))}.",
        _severity(group, bool(refused_for(traffic, group))),
        detail=detail,
    )


def _severity(group: Group, harmed: bool) -> Severity:
    if any(words in group.fault.detail for words in _MINOR):
        return Severity.NOTE
    if group.where != "object":
        return Severity.WARNING if harmed else Severity.NOTE
    return Severity.ERROR if harmed else Severity.WARNING


RULE = Rule(
    id="DS-DATA-004",
    name="structure-invalid",
    severity=Severity.WARNING,
    title="Data set with an invalid structure",
    subjects=subjects,
    check=check,
    page=__doc__,
    explains=CONSEQUENCES,
)
