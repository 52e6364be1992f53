"""Text is not in the character set that its data set declares.

What it sees
Bytes beyond ASCII, or escape sequences, in a text without Specific Character Set (0008,0005) or under one that does not
have them; a character set that is not a defined term ("UTF-8" instead of ISO_IR 192); and as notes: characters of
Windows-1252 under ISO_IR 100, question marks where letters of a name were lost, and what a requestor writes in its
queries.

Why it matters
Names appear as "MÃ¼ller" or "M?ller", two products show the same patient differently, and searches by name fail.

Likely causes
1. The information system or a broker in front of the worklist leaves the character set out.
2. A database or an interface uses another encoding than the one that is declared.
3. The requestor does not ask for the character set: some servers send it only then.

Fix
Set the character set of the sending server to the one it really writes. In a query, include an empty Specific Character
Set (0008,0005) as a return key.

Could be wrong when
Sequence items may declare a set of their own, which is taken into account. Sets with code extensions (ISO 2022) are not
judged. What the bytes look like is a guess.

Reference
PS3.5 §6.1
PS3.3 §C.12.1.1.2
PS3.4 §C.4.1.1.3.2
https://github.com/fo-dicom/fo-dicom/issues/659
https://github.com/nroduit/Weasis/issues/627
https://github.com/dcm4che/dcm4che/issues/95
"""

from dicomsniff.association.objects import Group, contents
from dicomsniff.association.values import Traffic
from dicomsniff.dimse.inspection import Fault
from dicomsniff.rules.data_sets.telling import group_hit, groups, named, quoted, repeated, subject
from dicomsniff.rules.finding import Hit, Severity
from dicomsniff.rules.naming import peer
from dicomsniff.rules.rule import Among, Rule, Thresholds

_MINOR = ("Windows-1252", "'??'")
_CHARACTER_SET = 0x00080005


def subjects(traffic: Traffic) -> Among[Group]:
    return groups(traffic, Fault.CHARACTERS)


def check(group: Group, traffic: Traffic, thresholds: Thresholds) -> Hit:
    fault = group.fault
    sender = peer(traffic.association(group.association), group.role)
    value = "" if fault.tag == _CHARACTER_SET else f" {quoted(fault)}"
    return group_hit(
        traffic,
        group,
        f"{named(fault.tag, fault.keyword)}{value} in {subject(group.exchange, group.where)} of {sender} {fault.detail}"
        f"{repeated(group, contents(traffic))}.",
        _severity(group),
        detail=fault.detail,
    )


def _severity(group: Group) -> Severity:
    minor = group.where == "request" or any(words in group.fault.detail for words in _MINOR)
    return Severity.NOTE if minor else Severity.WARNING


RULE = Rule(
    id="DS-DATA-005",
    name="character-set-problem",
    severity=Severity.WARNING,
    title="Text in another character set than declared",
    subjects=subjects,
    check=check,
    page=__doc__,
)
