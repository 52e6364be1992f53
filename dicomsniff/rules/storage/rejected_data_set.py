"""The archive could not take an object, or may not.

What it sees
C-STORE responses with status A900-A9FF (data set does not match the class) or C000-CFFF (cannot understand), or with
one of the general failures 0105-0121; and, as "not permitted", with 0118, 0122, 0124 or 0210-0212 although the
presentation context was accepted. The object is compared with those that the same archive took.

Why it matters
The object is not in the archive, and sending it again unchanged will not help.

Likely causes
1. A mandatory attribute is missing or empty (Patient ID, the UIDs, SOP Class UID).
2. The data set is not encoded in the negotiated transfer syntax.
3. The content does not fit the SOP class.
4. An exception in the archive's handler (pynetdicom answers C210, C211 and the like).
5. Not permitted: the listener accepts the class, the application behind it refuses it, or the AE may not store.

Fix
Start from the Offending Element and the Error Comment, then compare the object with one that was accepted. For "not
permitted" check the AE's rights and the classes enabled in the application behind the listener.

Could be wrong when
The codes below A9xx and Cxxx are each vendor's own, and general codes are used freely: dcm4chee answers 0110 when it
cannot read or parse an object. The archive's log decides.

Reference
PS3.4 §B.2.3, Table B.2-1
PS3.7 §9.1.1.1.9
PS3.7 §C.5
https://github.com/nroduit/weasis-dicom-tools/issues/4
https://github.com/dcm4che/dcm4chee-arc-light/issues/1585
"""

from collections.abc import Iterator, Sequence

from dicomsniff.association.content import dataset_of
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.records import replace
from dicomsniff.dimse.dataset import DataSet
from dicomsniff.dimse.uids import uid_name
from dicomsniff.rules.clock import clock
from dicomsniff.rules.finding import Hit, Severity, Side, packets_of
from dicomsniff.rules.naming import called, counted, listed, side, status_words
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.storage.answered_stores import AnsweredStores, answered_stores

_NOT_PERMITTED = frozenset({0x0118, 0x0122, 0x0124, 0x0210, 0x0211, 0x0212})
_REJECTED = ((0xA900, 0xA9FF), (0xC000, 0xCFFF), (0x0105, 0x0121))
_WARNINGS = frozenset({0x0107, 0x0116})  # PS3.7 Annex C: no failures although they lie among them
_IDENTIFIERS = (
    (0x00080016, "SOPClassUID"),
    (0x00080018, "SOPInstanceUID"),
    (0x00100020, "PatientID"),
    (0x0020000D, "StudyInstanceUID"),
    (0x0020000E, "SeriesInstanceUID"),
)
_COMPARED = 3


def check(group: AnsweredStores, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    forbidden = group.status in _NOT_PERMITTED
    if not forbidden and not _is_rejection(group.status):
        return None
    first = group.stores[0]
    differences = list(_differences(group, first))
    unread = not forbidden and not _seen_whole(group)
    message = (
        f"{group.server} {'did not permit' if forbidden else 'could not take'} {_objects(group)}: "
        f"{status_words(first)}{group.comments}; {group.spread}."
        + (" It had accepted the presentation context." if forbidden and group.context_accepted else "")
        + (f" About the object: {listed(differences)}." if differences else "")
        + (" Not all of it was captured, so that it may be at fault itself." if unread else "")
    )
    return Hit(
        message,
        packets_of(first.request, first.final, group.stores[-1].final),
        first.final.first_ns if first.final else None,
        connection=group.association.connection,
        association=group.association.id,
        exchange=first.id,
        tells_of=tuple(e.id for e in group.stores),
        act=Side.UNKNOWN if unread else side(group.receiver),
        actor=None if unread else group.server,
        key=f"{group.key}|{unread}",
        causes=_FORBIDDEN_CAUSES if forbidden else None,
        fix=_remedy(group, first, forbidden),
        facts={**group.facts(), "differences": differences},
    )


def _seen_whole(group: AnsweredStores) -> bool:
    """Whether what was refused can be judged: every byte, and the transfer syntax that was agreed."""
    hole = any(group.association.blind_towards(e.direction) for e in group.stores if e.payload is None)
    return group.context_accepted and not hole and all(e.payload.complete for e in group.stores if e.payload)


_FORBIDDEN_CAUSES = (
    "The listener accepts the class, but the application behind it does not take it.",
    "The calling AE has no permission to store here.",
)


_DUPLICATE = (
    "Compare the object with the one of this instance UID that the archive holds already: if they are the same, nothing is lost "
    "and the sender may take this status for a success; if not, the new one needs a UID of its own."
)


def _remedy(group: AnsweredStores, first: Exchange, forbidden: bool) -> str | None:
    """None where the rule's own begins with what was said."""
    if group.status == 0x0111:
        return _DUPLICATE
    if forbidden:
        return _permission(group, first)
    return None if group.comments else _unexplained(group, first)


def _permission(group: AnsweredStores, first: Exchange) -> str:
    who = group.association.calling_ae or "the calling AE title"
    return (
        f"Enable {called(first.sop_class)} on {group.server} in the application behind the listener, and see whether "
        f"{who} may store there."
    )


def _unexplained(group: AnsweredStores, first: Exchange) -> str:
    """The archive said nothing but the status."""
    when = f" at {clock(first.final.first_ns)}" if first.final else ""
    return f"Look into the log of {group.server}{when}, then compare the object with one that was accepted."


def _is_rejection(status: int) -> bool:
    return status not in _WARNINGS and any(first <= status <= last for first, last in _REJECTED)


def _objects(group: AnsweredStores) -> str:
    first, number = group.stores[0], len(group.stores)
    one = f"{called(first.sop_class)} {first.sop_instance}"
    return one if number == 1 else f"{counted(number, 'object')}, the first {one}"


def _differences(group: AnsweredStores, refused: Exchange) -> Iterator[str]:
    """What the refused object has or lacks that the accepted ones do not."""
    data = _read(refused)
    if data is not None:
        yield from _faults(data, refused)
    accepted = [e for e in group.every if e.status == 0]
    alike = [e for e in accepted if e.sop_class == refused.sop_class]
    if accepted and not alike:
        yield f"no object of its class was accepted, though {counted(len(accepted), 'object')} of others"
    syntaxes = {syntax for e in alike if (syntax := _sure_syntax(group, e))}
    own = _sure_syntax(group, refused)
    if syntaxes and own and own not in syntaxes:
        yield f"it is encoded as {uid_name(own)}, accepted ones as {listed(map(uid_name, sorted(syntaxes)))}"
    if data is not None:
        yield from _absences(data, alike)


def _read(exchange: Exchange) -> DataSet | None:
    """Its data set, truncated where the head that was kept is not all of it, though it may end between two elements."""
    data, body = dataset_of(exchange), exchange.payload
    if data is None or body is None or (body.complete and body.head_length == body.length):
        return data
    return replace(data, truncated=True)


def _sure_syntax(group: AnsweredStores, exchange: Exchange) -> str | None:
    """The transfer syntax of an exchange, unless data sets only made it likely."""
    context = group.association.context(exchange.context_id)
    return None if context and context.confidence == "low" else exchange.transfer_syntax


def _faults(data: DataSet, refused: Exchange) -> Iterator[str]:
    """What is wrong with the object by itself."""
    if data.error:
        yield f"its data set cannot be read to the end ({data.error})"
    for tag, keyword in _IDENTIFIERS:
        if not data.get(tag) and _read_past(data, tag):
            yield f"{keyword} is {'empty' if data.element(tag) else 'missing'}"
    for keyword, told in (("SOPClassUID", refused.sop_class), ("SOPInstanceUID", refused.sop_instance)):
        value = data.get(keyword)
        if value and told and value != told:
            yield f"{keyword} in the data set differs from that in the command"


def _read_past(data: DataSet, tag: int) -> bool:
    """Whether the reading came beyond this tag, so that its absence is known: elements stand in ascending order."""
    return data.error is None and bool(data.elements) and (data.elements[-1].tag > tag or not data.truncated)


def _absences(data: DataSet, accepted: Sequence[Exchange]) -> Iterator[str]:
    """Attributes that every accepted object of the class has and this one has not."""
    others = [other for e in accepted[:_COMPARED] if (other := dataset_of(e)) is not None and not other.error]
    if not others:
        return
    shared = set.intersection(*({e.tag for e in other.elements if e.keyword} for other in others))
    missing = sorted(tag for tag in shared - {e.tag for e in data.elements} if _read_past(data, tag))
    names = {e.tag: e.keyword for e in others[0].elements}
    known = {tag for tag, _ in _IDENTIFIERS}
    if lacking := [names[tag] for tag in missing if tag not in known]:
        yield f"it lacks {listed(lacking)}, which accepted objects have"


RULE = Rule(
    id="DS-STORE-002",
    name="store-data-set-rejected",
    severity=Severity.ERROR,
    title="Object rejected by the archive",
    subjects=answered_stores,
    check=check,
    page=__doc__,
    hides=("DS-STORE-006", "DS-DIMSE-009"),
)
