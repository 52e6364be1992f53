"""The archive stored objects, but not as they were sent, or with a doubt.

What it sees
C-STORE responses of the warning class: B000 (coercion of data elements), B006 (elements discarded), B007 (data set does
not match SOP class), any other Bxxx, and 0001, 0107, 0116. The elements and the comment that the archive gave are
quoted.

Why it matters
The object is in the archive, but it may differ from the one at its source: demographics replaced, private elements
dropped. Some senders take a warning for a failure and send the object again and again.

Likely causes
1. The archive corrected demographics from the order (coercion).
2. It keeps only standard elements (storage level 0 or 1) and dropped the private ones.
3. The sender's object does not conform to its class.

Fix
Look at the stored object before the original is deleted at its source. Where the archive is meant to change these elements,
nothing has to be done.

Could be wrong when
Other readers of the same capture may exchange B006 and B007; PS3.4 says B006 is elements discarded, B007 is a data set
that does not match.

Reference
PS3.4 §B.2.3, Table B.2-1
PS3.7 §9.1.1.1.9
https://github.com/nroduit/weasis-dicom-tools/issues/4
"""

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import counted, side, status_words, tags
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.storage.answered_stores import AnsweredStores, answered_stores

_DIFFERS = 0xB007
_DOINGS = {0xB000: "changed", 0xB006: "discarded"}
_FIXES = {
    0xB000: "Where the archive is meant to change these elements, nothing has to be done; else find the rule of the archive that"
    " changed them. Look at the stored object before the original is deleted at its source.",
}


def check(group: AnsweredStores, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    first = group.stores[0]
    if first.status_class != "warning":
        return None
    message = (
        f"{group.server} stored {counted(len(group.stores), 'object')} but {_doubt(group)}: "
        f"{status_words(first)}{group.comments}; {group.instances}."
    )
    return Hit(
        message,
        packets_of(first.request, first.final, group.stores[-1].final),
        first.final.first_ns if first.final else None,
        connection=group.association.connection,
        association=group.association.id,
        exchange=first.id,
        act=Side.UNKNOWN if group.status == _DIFFERS else side(group.receiver),  # then it is the sender that it accuses
        actor=None if group.status == _DIFFERS else group.server,
        key=group.key,
        fix=_FIXES.get(group.status),
        facts=group.facts(),
    )


def _doubt(group: AnsweredStores) -> str:
    elements = sorted({tag for e in group.stores for tag in e.offending_elements})
    if group.status == _DIFFERS:
        return "says that the data set does not match the SOP class"
    if group.status in _DOINGS:
        return f"{_DOINGS[group.status]} elements{' ' + tags(elements) if elements else ''}"
    return "with a warning"


RULE = Rule(
    id="DS-STORE-003",
    name="stored-with-warning",
    severity=Severity.WARNING,
    title="Stored with a warning",
    subjects=answered_stores,
    check=check,
    page=__doc__,
    hides=("DS-DIMSE-009",),
)
