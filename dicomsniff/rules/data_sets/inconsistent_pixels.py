"""Pixel data do not fit the attributes that describe them, or the transfer syntax.

What it sees
Uncompressed pixel data of another length than rows, columns, samples, frames and bits imply; compressed (encapsulated)
pixel data under an uncompressed transfer syntax and the reverse; fragments of odd length, without end, or fewer than
frames; a first frame that does not begin as its codec wants. Only headers and the first bytes are read.

Why it matters
The receiver cannot show the image, shows noise, or crashes in a decoder long after the transfer.

Likely causes
1. Compressed bytes were sent under an uncompressed syntax.
2. Number of Frames or the bits are wrong.
3. Odd pixel data were not padded, or the pixels were dropped by a library without the codec.

Fix
Look at the file at its source and at the conversion in the sender or in a router before it.

Could be wrong when
One byte of padding, subsampled colour, segmentations of one bit and frames that begin on a byte of their own are allowed
for. Private attributes may change the meaning of the standard ones.

Reference
PS3.5 §8.1.1
PS3.5 §8.2
PS3.5 §A.4
PS3.3 §C.7.6.3
https://github.com/pydicom/pynetdicom/issues/704
https://github.com/pydicom/pynetdicom/issues/205
https://github.com/fo-dicom/fo-dicom/issues/538
"""

from dicomsniff.association.objects import Group, contents
from dicomsniff.association.values import Traffic
from dicomsniff.dimse.inspection import Fault
from dicomsniff.rules.data_sets.blame import refused_for
from dicomsniff.rules.data_sets.telling import CONSEQUENCES, group_hit, groups, repeated, subject
from dicomsniff.rules.finding import Hit, Severity
from dicomsniff.rules.naming import peer
from dicomsniff.rules.rule import Among, Rule, Thresholds


def subjects(traffic: Traffic) -> Among[Group]:
    return groups(traffic, Fault.PIXELS)


def check(group: Group, traffic: Traffic, thresholds: Thresholds) -> Hit:
    sender = peer(traffic.association(group.association), group.role)
    return group_hit(
        traffic,
        group,
        f"{subject(group.exchange, group.where)} of {sender}: {group.fault.detail}{repeated(group, contents(traffic))}.",
        Severity.ERROR if refused_for(traffic, group) else Severity.WARNING,
        detail=group.fault.detail,
    )


RULE = Rule(
    id="DS-DATA-003",
    name="pixel-data-inconsistent",
    severity=Severity.WARNING,
    title="Pixel data that do not fit",
    subjects=subjects,
    check=check,
    page=__doc__,
    explains=CONSEQUENCES,
)
