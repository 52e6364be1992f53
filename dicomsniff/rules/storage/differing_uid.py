"""A C-STORE announces another object than it brings.

What it sees
The Affected SOP Class or Instance UID of the command differs from SOP Class UID (0008,0016) or SOP Instance UID
(0008,0018) of the data set, or the data set lacks them. Padding is not counted. It is an error where the object was refused.

Why it matters
Archives file the object under one of the two, and disagree which. Storage commitment, later retrieves and the detection of
duplicates will go wrong.

Likely causes
1. De-identification or re-identification changed one of the two.
2. A router coerces UIDs in the data set only.
3. A file without SOP Class UID was sent.

Fix
Repair the sender or router that changes objects; let it take both from one place.

Could be wrong when
The attributes lie beyond the part of the data set that was seen; then nothing is claimed.

Reference
PS3.7 §9.1.1.1.3
PS3.7 §9.1.1.1.4
PS3.4 §B.2
https://github.com/horosproject/horos/issues/170
"""

from dicomsniff.association.objects import Differing, contents
from dicomsniff.association.values import Traffic
from dicomsniff.rules.data_sets.blame import followed, refused_for
from dicomsniff.rules.data_sets.telling import CONSEQUENCES
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import brief, peer, side
from dicomsniff.rules.rule import Among, Rule, Thresholds

_TAGS = {"SOP class": "SOP Class UID (0008,0016)", "SOP instance": "SOP Instance UID (0008,0018)"}


def subjects(traffic: Traffic) -> Among[Differing]:
    """Objects whose data set was read."""
    made = contents(traffic)
    return Among(made.objects, made.differing.values())


def check(one: Differing, traffic: Traffic, thresholds: Thresholds) -> Hit:
    association, exchange = traffic.association(one.association), one.exchange
    sender, consequences = exchange.requested_by, followed(traffic, one)
    named = f"{one.announced} ({brief(one.announced)})" if one.what == "SOP class" else one.announced
    says = f"the object says {one.told} ({one.what})" if one.told else f"the object has no {_TAGS[one.what]}"
    more = f"; the same in {one.count - 1} more of this association" if one.count > 1 else ""
    return Hit(
        f"C-STORE of {peer(association, sender)} announces {named}, but {says}{more}.",
        packets_of(exchange.request, exchange.final),
        exchange.request.first_ns if exchange.request else None,
        Severity.ERROR if refused_for(traffic, one) else Severity.WARNING,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        tells_of=tuple(dict.fromkeys((exchange.id, *consequences))),
        explained=consequences,
        act=side(sender),
        actor=peer(association, sender),
        key=f"{association.end(sender).ip}|{association.called_ae}|{one.what}|{one.told is None}",
        facts={
            "what": one.what,
            "announced": one.announced,
            "told": one.told,
            "count": one.count,
            "failed": one.failed,
            "sop_class": exchange.sop_class,
            "sop_instance": exchange.sop_instance,
        },
    )


RULE = Rule(
    id="DS-STORE-004",
    name="command-and-data-set-uid-differ",
    severity=Severity.WARNING,
    title="Command and data set name different objects",
    subjects=subjects,
    check=check,
    page=__doc__,
    explains=CONSEQUENCES,
)
