"""Each object of a study was sent on an association of its own.

What it sees
Ten or more associations of one sender to one receiver, each with exactly one C-STORE of the same study, of whose time much
is setting up and releasing them.

Why it matters
Each association costs two round trips and the work of both sides before the first byte of data, and TCP begins slowly anew.

Likely causes
1. The sending program opens an association for each file.
2. A router passes on each object as it comes.
3. Something tries each object again by itself.

Fix
Let the sender use one association for a study or a job.

Could be wrong when
The objects came into being one by one, so that there was nothing else to send.

Reference
PS3.8 §7.1
https://github.com/pydicom/pynetdicom/issues/701
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dicomsniff.association.content import object_head
from dicomsniff.association.time_sums import setup_ns
from dicomsniff.association.timing import timing
from dicomsniff.association.values import Association, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.rules.finding import Hit, Severity, Side
from dicomsniff.rules.naming import counted, peer, seconds
from dicomsniff.rules.rule import Among, Rule, Thresholds

WITHIN_NS = 600_000_000_000


@dataclass(frozen=True, slots=True)
class Group:
    """Associations with one object each, of one sender to one receiver, none of them ten minutes after the one before."""

    associations: Sequence[Association]


def groups(traffic: Traffic) -> Among[Group]:
    made: dict[tuple[str, object, str | None], list[Association]] = {}
    for association in traffic.associations:
        if len(association.exchanges) == 1 and association.exchanges[0].service == "C-STORE" and association.accept:
            made.setdefault((association.requestor.ip, association.acceptor, association.calling_ae), []).append(
                association
            )
    return Among(len(made), [Group(part) for own in made.values() for part in _parts(own)])


def _dense(own: Sequence[Association], count: int) -> bool:
    """Whether so many of them lie within ten minutes: who sends each image as it is made has reason to."""
    return any(b.first_ns - a.first_ns <= WITHIN_NS for a, b in zip(own, own[count - 1 :], strict=False))


def _parts(own: list[Association]) -> Iterable[list[Association]]:
    part: list[Association] = []
    for association in own:
        if part and association.first_ns - part[-1].last_ns > WITHIN_NS:
            yield part
            part = []
        part.append(association)
    yield part


def check(group: Group, traffic: Traffic, thresholds: Thresholds) -> Hit | None:
    if len(group.associations) < thresholds.single_count:
        return None
    by_study: dict[str | None, list[Association]] = {}
    for association in group.associations:
        by_study.setdefault(object_head(association.exchanges[0]).study, []).append(association)
    study, own = max(by_study.items(), key=lambda one: len(one[1]))
    if study is None or not _dense(own, thresholds.single_count):
        return None
    clockwork = timing(traffic)
    setup = sum(setup_ns(a, clockwork) for a in own)
    total = sum(a.last_ns - a.first_ns for a in own)
    if setup < max(thresholds.single_time * 1e9, thresholds.single_share * total):
        return None
    first = own[0]
    message = (
        f"{peer(first, 'requestor')} opened {counted(len(own), 'association')} to {peer(first, 'acceptor')} for "
        f"{counted(len(own), 'object')} of study {study}: setting up and releasing them took {seconds(setup)} of "
        f"{seconds(total)} ({100 * setup / total:.0f} %). Without that they would take {seconds(total - setup)}."
    )
    packets = [a.request.evidence.first_packet for a in own if a.request]
    return Hit(
        message,
        packets=tuple(sorted(packets))[:12],
        time_ns=first.first_ns,
        connection=first.connection,
        association=first.id,
        act=Side.REQUESTOR,
        actor=peer(first, "requestor"),
        facts={
            "associations": [a.id for a in own[:100]],
            "count": len(own),
            "setup_ms": setup / 1e6,
            "total_ms": total / 1e6,
            "share_percent": round(100 * setup / total, 1),
            "study": study,
        },
    )


RULE = Rule(
    id="DS-PERF-009",
    name="one-association-per-object",
    severity=Severity.WARNING,
    title="Each object had an association of its own",
    subjects=groups,
    check=check,
    page=__doc__ or "",
)
