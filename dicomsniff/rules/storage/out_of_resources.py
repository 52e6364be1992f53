"""The archive refused objects for want of resources.

What it sees
C-STORE responses with a status of A700-A7FF, "refused: out of resources", with the archive's comment where it gave one.

Why it matters
These objects are not in the archive. If the cause lasts, nothing that comes after them will be stored either.

Likely causes
1. A disk or a quota is full.
2. A database or indexing error that the archive reports with this general code.
3. The object is too large for the memory of the receiver.
4. A licence or volume limit is reached.
5. The sender may not store here and the product says so with this code.

Fix
Where every object from some moment on is refused, look at space, quota and database of the archive. Where the same
objects are refused again and again and others pass, look at those objects. Send the refused objects again afterwards.

Could be wrong when
Many products use A700 for any failure at all; the comment and the archive's log say more than the code.

Reference
PS3.4 §B.2.3, Table B.2-1
PS3.7 §9.1.1.1.9
https://github.com/pydicom/pynetdicom/issues/691
https://github.com/dcm4che/dcm4chee-arc-light/issues/184
"""

from dicomsniff.association.values import Traffic
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import counted, side, status_words
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.storage.answered_stores import AnsweredStores, answered_stores


def check(group: AnsweredStores, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    if not 0xA700 <= group.status <= 0xA7FF:
        return None
    first = group.stores[0]
    message = (
        f"{group.server} refused {counted(len(group.stores), 'object')} with {status_words(first)}{group.comments}; "
        f"{group.spread}: {group.instances}."
    )
    return Hit(
        message,
        packets_of(first.request, first.final, group.stores[-1].final),
        first.final.first_ns if first.final else None,
        connection=group.association.connection,
        association=group.association.id,
        exchange=first.id,
        act=side(group.receiver),
        actor=group.server,
        key=group.key,
        fix=_fix(group),
        facts=group.facts(),
        tells_of=tuple(e.id for e in group.stores),
        gist=f"{group.server} answered {status_words(first)}{group.comments}",
    )


def _fix(group: AnsweredStores) -> str | None:
    """Where the pattern tells resource from object; a single refusal at the end may be either."""
    if len(group.stores) == len(group.every) or (group.to_the_end and len(group.stores) == 1):
        return None
    if group.to_the_end:
        return "It took objects until then: look at disk space, quota and database of the archive at that time."
    return "It took other objects in the same association: look at what is special about the refused ones."


RULE = Rule(
    id="DS-STORE-001",
    name="store-out-of-resources",
    severity=Severity.ERROR,
    title="Objects refused: out of resources",
    subjects=answered_stores,
    check=check,
    page=__doc__,
    hides=("DS-STORE-006", "DS-DIMSE-009"),
)
