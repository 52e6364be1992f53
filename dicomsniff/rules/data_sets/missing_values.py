"""Objects lack attributes that they must have, have values that are too long or illegal, or contradict each other.

What it sees
Stored objects without, or with an empty, Study or Series Instance UID (an error where they were refused); without Patient
ID, Patient's Name, Study Date or Accession Number, which must be there though they may be empty; values longer than their
VR allows or not of its form; and studies whose objects name different Patient IDs (a warning where they came over several
associations or were not all taken with plain success) or Accession Numbers.

Why it matters
Archives put such objects aside ("exceptions") until somebody corrects them by hand. Two Patient IDs in one study put
images into the wrong patient's folder.

Likely causes
1. The patient was entered by hand, without a worklist.
2. A converter, a report or a secondary capture program that fills in the minimum.
3. The patient was merged or corrected in the middle of the examination.

Fix
Correct it at the source: use the worklist, complete the configuration of the converter, and send corrected objects again.

Could be wrong when
Empty values are legal for attributes of type 2 and not told. Only what lies before the pixel data, in the first kilobytes,
is seen. Lengths are counted in characters, for names in each component group.

Reference
PS3.3 Annex C
PS3.5 §6.2
PS3.5 §7.4
https://github.com/fo-dicom/fo-dicom/issues/1282
https://github.com/pydicom/pynetdicom/issues/919
https://github.com/horosproject/horos/issues/170
"""

from dicomsniff.association.objects import Group, Missing, Study, contents
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.dimse.dictionary import registered
from dicomsniff.dimse.inspection import Fault
from dicomsniff.rules.data_sets.telling import group_hit, named, quoted, repeated, subject
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import counted, listed, peer, side
from dicomsniff.rules.rule import Among, Rule, Thresholds

_UIDS = frozenset({0x0020000D, 0x0020000E})
Subject = Group | Missing | tuple[bytes, Study]


def subjects(traffic: Traffic) -> Among[Subject]:
    """Faulty values, missing attributes, and studies that say more than one thing of their patient."""
    made = contents(traffic)
    studies = [(uid, s) for uid, s in made.studies.items() if len(s.patients) > 1 or len(s.accessions) > 1]
    return Among(made.objects, [*made.of(Fault.FORMAT), *made.missing.values(), *studies])


def check(one: Subject, traffic: Traffic, thresholds: Thresholds) -> Hit | list[Hit]:
    if isinstance(one, Group):
        return _format(one, traffic)
    if isinstance(one, Missing):
        return _missing(one, traffic)
    return _study(one[0].strip(b"\0 ").decode("latin-1"), one[1], traffic)


def _format(group: Group, traffic: Traffic) -> Hit:
    fault = group.fault
    sender = peer(traffic.association(group.association), group.role)
    return group_hit(
        traffic,
        group,
        f"{named(fault.tag, fault.keyword)} {quoted(fault)} in {subject(group.exchange, group.where)} of {sender} "
        f"{fault.detail}{repeated(group, contents(traffic))}.",
        Severity.NOTE,
        detail=fault.detail,
    )


def _missing(missing: Missing, traffic: Traffic) -> Hit:
    association, exchange = traffic.association(missing.association), missing.exchange
    role = exchange.requested_by
    keyword = (registered(missing.tag) or ("", ""))[1]
    more = f" and {missing.count - 1} more objects of this association" if missing.count > 1 else ""
    severity = Severity.NOTE
    if missing.tag in _UIDS:
        severity = Severity.ERROR if missing.failed else Severity.NOTE
    has = "an empty" if missing.empty else "no"
    verb = "have" if missing.count > 1 else "has"
    return Hit(
        f"{subject(exchange, 'object')}{more}, sent by {peer(association, role)}, {verb} {has} {named(missing.tag, keyword)}.",
        packets_of(exchange.request, exchange.final),
        exchange.request.first_ns if exchange.request else None,
        severity,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        act=side(role),
        actor=peer(association, role),
        key=f"{association.end(role).ip}|{missing.tag}|{missing.empty}|{severity}",
        facts={
            "tag": f"{missing.tag:08X}",
            "keyword": keyword,
            "empty": missing.empty,
            "count": missing.count,
            "failed": missing.failed,
            "instances": missing.instances,
            "sop_class": exchange.sop_class,
        },
    )


def _study(uid: str, study: Study, traffic: Traffic) -> list[Hit]:
    hits = []
    if len(study.patients) > 1:
        stores = study.patients.values()
        apart = len({e.association for e in stores}) > 1 or any(e.status for e in stores)
        severity = Severity.WARNING if apart else Severity.NOTE
        hits.append(_torn(uid, "Patient IDs", study.patients, traffic, severity))
    if len(study.accessions) > 1:
        hits.append(_torn(uid, "Accession Numbers", study.accessions, traffic, Severity.NOTE))
    return hits


def _torn(uid: str, what: str, values: dict[bytes, Exchange], traffic: Traffic, severity: Severity) -> Hit:
    exchanges = list(values.values())
    last = exchanges[-1]
    association = traffic.association(last.association)
    shown = listed(f"'⟦{value.decode('latin-1')}⟧'" for value in values)
    return Hit(
        f"Study {uid} carries {counted(len(values), what, what)}: {shown}.",
        packets_of(*(e.request for e in exchanges[:4])),
        last.request.first_ns if last.request else None,
        severity,
        connection=association.connection,
        association=association.id,
        exchange=last.id,
        act=side(last.requested_by),
        actor=peer(association, last.requested_by),
        facts={
            "study": uid,
            "different": len(values),
            "what": what,
            "instances": [e.sop_instance for e in exchanges[:20]],
            "connections": sorted({traffic.association(e.association).connection for e in exchanges[:20]}),
        },
    )


RULE = Rule(
    id="DS-DATA-006",
    name="mandatory-or-oversized-values",
    severity=Severity.NOTE,
    title="Values missing, too long, illegal or contradictory",
    subjects=subjects,
    check=check,
    page=__doc__,
)
