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
from dicomsniff.rules.data_sets.blame import followed, refused_for
from dicomsniff.rules.data_sets.telling import CONSEQUENCES, group_hit, named, quoted, repeated, subject
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import counted, listed, peer, side
from dicomsniff.rules.rule import Among, Rule, Thresholds

_UIDS = frozenset({0x0020000D, 0x0020000E})
Lacking = list[Missing]  # what objects of one class on one association lack, as far as it weighs the same
Subject = Group | Lacking | tuple[bytes, Study]


def subjects(traffic: Traffic) -> Among[Subject]:
    """Faulty values, missing attributes, and studies that say more than one thing of their patient."""
    made = contents(traffic)
    studies = [(uid, s) for uid, s in made.studies.items() if len(s.patients) > 1 or len(s.accessions) > 1]
    lacking: dict[tuple[object, ...], Lacking] = {}
    for missing in made.missing.values():
        kind = missing.association, missing.exchange.sop_class, _severity(missing, traffic)
        lacking.setdefault(kind, []).append(missing)
    return Among(made.objects, [*made.of(Fault.FORMAT), *lacking.values(), *studies])


def check(one: Subject, traffic: Traffic, thresholds: Thresholds) -> Hit | list[Hit]:
    if isinstance(one, Group):
        return _format(one, traffic)
    if isinstance(one, list):
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


def _missing(lacking: Lacking, traffic: Traffic) -> Hit:
    first = min(lacking, key=lambda missing: missing.exchange.id)
    association, exchange = traffic.association(first.association), first.exchange
    role, count = exchange.requested_by, max(missing.count for missing in lacking)
    more = f" and {count - 1} more objects of this association" if count > 1 else ""
    verb = "have" if count > 1 else "has"
    consequences = tuple(dict.fromkeys(id for missing in lacking for id in followed(traffic, missing)))
    return Hit(
        f"{subject(exchange, 'object')}{more}, sent by {peer(association, role)}, {verb} {_what(lacking)}.",
        packets_of(exchange.request, exchange.final),
        exchange.request.first_ns if exchange.request else None,
        _severity(first, traffic),
        connection=association.connection,
        association=association.id,
        exchange=exchange.id,
        tells_of=tuple(dict.fromkeys((exchange.id, *consequences))),
        explained=consequences,
        act=side(role),
        actor=peer(association, role),
        key=f"{association.end(role).ip}|{[(m.tag, m.empty) for m in lacking]}|{_severity(first, traffic)}",
        facts={
            "missing": [
                {"tag": f"{m.tag:08X}", "keyword": _keyword(m), "empty": m.empty, "count": m.count} for m in lacking
            ],
            "count": count,
            "failed": max(missing.failed for missing in lacking),
            "instances": first.instances,
            "sop_class": exchange.sop_class,
        },
    )


def _what(lacking: Lacking) -> str:
    """ "no PatientID (0010,0020) and an empty SeriesInstanceUID (0020,000E)"; how many lack each, where that differs."""
    differ = len({missing.count for missing in lacking}) > 1

    def said(missing: Missing) -> str:
        own = f" (in {counted(missing.count, 'object')})" if differ else ""
        return f"{'an empty' if missing.empty else 'no'} {named(missing.tag, _keyword(missing))}{own}"

    return listed(map(said, lacking), len(lacking))


def _keyword(missing: Missing) -> str:
    return (registered(missing.tag) or ("", ""))[1]


def _severity(missing: Missing, traffic: Traffic) -> Severity:
    return Severity.ERROR if missing.tag in _UIDS and refused_for(traffic, missing) else Severity.NOTE


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
    explains=CONSEQUENCES,
)
