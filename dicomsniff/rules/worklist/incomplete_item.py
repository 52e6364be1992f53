"""Worklist items lack what a modality needs.

What it sees
Answers to worklist queries in which an attribute that the query asked for and that must have a value (return keys of
type 1) is absent or empty; whose step attributes lie at the top level instead of in the Scheduled Procedure Step
Sequence; or whose sequence has not exactly one item. Only what was asked for must come back.

Why it matters
Most modalities drop such items without a word: the patient is not on the list. Some give the whole list up.

Likely causes
1. The mapping of the RIS or its broker leaves the value out.
2. A worklist server written by hand.
3. The query asked with a sequence of length zero, and the server copied it as it was.

Fix
Supply the named attributes in the RIS or its broker; every one of them needs a value.

Could be wrong when
A modality may do without some of them. Items whose bytes were not captured whole are not judged.

Reference
PS3.4 §K.6.1.2.2
https://github.com/PantelisGeorgiadis/dcmjs-dimse/issues/32
https://github.com/fo-dicom/fo-dicom/issues/1056
https://github.com/PantelisGeorgiadis/dcmjs-dimse/issues/58
"""

from dicomsniff.association.values import Association, Outcome, Traffic
from dicomsniff.association.worklist import WORKLIST, worklist_queries
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.leaving import left_by
from dicomsniff.rules.naming import counted, peer, performer, side, tags
from dicomsniff.rules.rule import Among, Rule, Thresholds
from dicomsniff.rules.worklist.items import TAGS, Flawed, flawed_items


def subjects(traffic: Traffic) -> Among[Flawed]:
    """Queries that were given items; those with flawed ones are looked at."""
    return Among(sum(1 for query in worklist_queries(traffic) if query.items), flawed_items(traffic))


def check(flawed: Flawed, traffic: Traffic, thresholds: Thresholds) -> Hit:
    exchange = flawed.query.exchange
    association = traffic.association(exchange.association)
    role = performer(exchange)
    number = flawed.item.accession_number
    which = f" for accession number ⟦{number}⟧" if number else ""
    more = f" and {counted(flawed.items - 1, 'other')}" if flawed.items > 1 else ""
    wrong = [f"lacks {tags([TAGS[keyword] for keyword in flawed.lacking])}"] if flawed.lacking else []
    wrong += [flawed.odd] if flawed.odd else []
    aborted = _aborted(association)
    return Hit(
        f"Worklist item{which}{more} of {peer(association, role)}: {'; '.join(wrong)}. Modalities silently drop such items"
        f"{'; here the modality aborted afterwards' if aborted else ''}.",
        packets_of(exchange.request, exchange.last_response),
        exchange.request.first_ns if exchange.request else None,
        Severity.ERROR if aborted else Severity.WARNING,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(role),
        actor=peer(association, role),
        key=f"{association.end(role)}|{flawed.lacking}|{flawed.odd}",
        facts={
            "lacking": list(flawed.lacking),
            "tags": [f"({TAGS[k] >> 16:04X},{TAGS[k] & 0xFFFF:04X})" for k in flawed.lacking],
            "odd": flawed.odd,
            "items": flawed.items,
            "matches": flawed.query.matches,
            "sop_class": WORKLIST,
            "called_ae": association.called_ae,
            "calling_ae": association.calling_ae,
        },
    )


def _aborted(association: Association) -> bool:
    return association.outcome is Outcome.ABORTED and left_by(association) == "requestor"


RULE = Rule(
    id="DS-MWL-002",
    name="worklist-item-incomplete",
    severity=Severity.WARNING,
    title="Worklist item incomplete",
    subjects=subjects,
    check=check,
    page=__doc__,
    hides=("DS-MWL-003",),
)
