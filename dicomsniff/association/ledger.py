"""Traffic in, the ledger of every study out: what was scheduled, begun, sent, how it was answered, and what was committed."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import field
from itertools import chain
from operator import attrgetter

from dicomsniff.association.commitment import Commitment, Result, commitments
from dicomsniff.association.delivery import Delivery, Stored, deliveries, stored
from dicomsniff.association.index import once
from dicomsniff.association.numbering import Numbering, numbering
from dicomsniff.association.parties import Party
from dicomsniff.association.procedure_steps import ProcedureStep, procedure_steps
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.association.worklist import WorklistItem, WorklistQuery, worklist_queries
from dicomsniff.core.records import dataclass

BY_STUDY, BY_ACCESSION, BY_INSTANCES = "study", "accession number", "instances"
BY_TIME = "station and time"
"""How something was joined to a study; the last is a guess that nothing contradicts but that names no identifier."""


_instance = attrgetter("sop_instance")
_accession, _patient, _number = map(attrgetter, ("accession_number", "patient_id", "instance_number"))


@dataclass(slots=True)
class Series:
    """One series of a study as far as it was sent, over all receivers."""

    uid: str | None
    modality: str | None
    instances: int
    numbers: Numbering


@dataclass(slots=True)
class Study:
    """Everything of one study; `uid` is None for what names no study. `joined` items are (how, what); `instances` are
    the different SOP instances that were sent, `unsent` those that a commitment or a procedure step names and the
    capture does not hold."""

    uid: str | None
    accession_numbers: dict[str, None] = field(default_factory=dict)
    patient_ids: dict[str, None] = field(default_factory=dict)
    modalities: dict[str, None] = field(default_factory=dict)
    first_ns: int | None = None
    last_ns: int | None = None
    deliveries: list[Delivery] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    instances: frozenset[str] = frozenset()
    worklist: list[tuple[str, WorklistQuery, WorklistItem | None]] = field(default_factory=list)
    steps: list[tuple[str, ProcedureStep]] = field(default_factory=list)
    commitments: list[Commitment] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)  # those whose request is not in the capture
    unsent: tuple[str, ...] = ()

    @property
    def committed(self) -> frozenset[str]:
        """Instances of this study that an archive committed to."""
        named = [c.committed for c in self.commitments]
        named += [frozenset(r.sop_instance for r in result.committed) for result in self.results]
        return self._own(frozenset().union(*named))

    @property
    def not_committed(self) -> frozenset[str]:
        """Instances of this study whose commitment was refused and not given later."""
        named = [c.failed for c in self.commitments]
        named += [frozenset(r.sop_instance for r in result.failed) for result in self.results]
        return self._own(frozenset().union(*named)) - self.committed

    def _own(self, named: frozenset[str]) -> frozenset[str]:
        return named & (self.instances | frozenset(self.unsent)) if self.instances else named

    def reaches(self, first_ns: int, last_ns: int) -> None:
        self.first_ns = first_ns if self.first_ns is None else min(self.first_ns, first_ns)
        self.last_ns = last_ns if self.last_ns is None else max(self.last_ns, last_ns)


@once
def studies(traffic: Traffic) -> tuple[Study, ...]:
    """The ledger, in the order in which the studies appear. Objects that name no study are one entry; so is every
    procedure step and every commitment that cannot be joined to a study of the capture."""
    made: dict[str | None, Study] = {}
    _add_objects(made, traffic)
    loose = [*_join_steps(made, traffic), *_join_commitments(made, traffic)]
    _join_worklist(made, traffic)
    every = [*made.values(), *loose]
    for study in every:
        _note_unsent(study)
    return tuple(sorted(every, key=lambda s: (s.first_ns is None, s.first_ns or 0)))


def _add_objects(made: dict[str | None, Study], traffic: Traffic) -> None:
    own: dict[str | None, list[Stored]] = {}
    for group in stored(traffic):
        own.setdefault(group.study, []).append(group)
    for uid, parts in own.items():
        study = made[uid] = Study(uid, deliveries=deliveries(parts, traffic), series=_series(parts, traffic))
        study.instances = frozenset(uid for part in parts for uid in map(_instance, part.exchanges) if uid)
        for part in parts:
            study.reaches(part.first_ns, part.last_ns)
            _learn(study.accession_numbers, map(_accession, part.heads))
            _learn(study.patient_ids, map(_patient, part.heads))
        _learn(study.modalities, (series.modality for series in study.series))


def _learn(known: dict[str, None], values: Iterable[str | None]) -> None:
    known.update(dict.fromkeys(value for value in dict.fromkeys(values) if value))


def _series(parts: list[Stored], traffic: Traffic) -> list[Series]:
    by_uid: dict[str | None, list[Stored]] = {}
    for part in parts:
        by_uid.setdefault(part.series, []).append(part)
    return [_one_series(uid, own, traffic) for uid, own in by_uid.items()]


def _one_series(uid: str | None, parts: list[Stored], traffic: Traffic) -> Series:
    instances = set(chain.from_iterable(map(_instance, part.exchanges) for part in parts))
    heads = [head for part in parts for head in part.heads]
    numbers = numbering(set(map(_number, heads)), len(instances))
    holes = any(traffic.association(id).blind for part in parts for id in part.associations)
    if numbers.missing and (holes or not all(head.whole for head in heads)):
        numbers = numbers._replace(missing=(), unclear="the capture does not show everything that was sent")
    return Series(uid, next((head.modality for head in heads if head.modality), None), len(instances), numbers)


def _join_steps(made: dict[str | None, Study], traffic: Traffic) -> list[Study]:
    """Each procedure step to the studies it names, else to the one that was sent while it ran; the rest is loose."""
    steps = procedure_steps(traffic)
    home = _homes(made) if steps else {}
    accessions = _accessions(made)
    waiting = []
    for step in steps:
        named = step.values("StudyInstanceUID")
        for uid in named:
            _take_step(made.setdefault(uid, Study(uid)), BY_STUDY, step)
        if named:
            continue
        how, found = BY_ACCESSION, [s for n in step.values("AccessionNumber") for s in accessions.get(n, ())]
        if not found:
            how, found = BY_INSTANCES, _at_home((r.sop_instance for u in step.updates for r in u.performed), home)
        for study in found:
            _take_step(study, how, step)
        if not found:
            waiting.append(step)
    return _join_by_time(waiting, made)


def _join_by_time(steps: Sequence[ProcedureStep], made: dict[str | None, Study]) -> list[Study]:
    """Steps that name no study: to the only study that their station sent after they began, where the station has no
    other such step."""
    stations = Counter(step.station for step in steps)
    sent: dict[Party, list[Study]] = {}
    for study in made.values() if steps else ():
        if study.uid and not study.steps:
            for sender in {delivery.sender for delivery in study.deliveries}:
                sent.setdefault(sender, []).append(study)
    loose = []
    for step in steps:
        candidates, first = sent.get(step.station, []), step.updates[0].exchange.request
        alone = bool(step.creates) and stations[step.station] == 1 == len(candidates)
        if alone and first is not None and (candidates[0].first_ns or 0) >= first.first_ns:
            _take_step(candidates[0], BY_TIME, step)
        else:
            loose.append(Study(None))
            _take_step(loose[-1], "", step)
    return loose


def _take_step(study: Study, how: str, step: ProcedureStep) -> None:
    study.steps.append((how, step))
    if how != BY_TIME:
        for keyword, known in (
            ("AccessionNumber", study.accession_numbers),
            ("PatientID", study.patient_ids),
            ("Modality", study.modalities),
        ):
            _learn(known, step.values(keyword))
    for update in step.updates:
        _reach(study, update.exchange)


def _join_commitments(made: dict[str | None, Study], traffic: Traffic) -> list[Study]:
    """Each commitment to the studies of the objects it names; those of objects that were never sent here are loose."""
    requests, strays = commitments(traffic)
    home = _homes(made) if requests or strays else {}
    loose: list[Study] = []
    for request in requests:
        for study in _at_home((r.sop_instance for r in request.references), home) or _loose(loose):
            study.commitments.append(request)
            for exchange in (request.request, *(result.exchange for result in request.results)):
                _reach(study, exchange)
    for stray in strays:
        for study in _at_home((r.sop_instance for r in (*stray.committed, *stray.failed)), home) or _loose(loose):
            study.results.append(stray)
            _reach(study, stray.exchange)
    return loose


def _loose(loose: list[Study]) -> list[Study]:
    loose.append(Study(None))
    return loose[-1:]


def _reach(study: Study, exchange: Exchange) -> None:
    if exchange.request is not None:
        study.reaches(exchange.request.first_ns, exchange.request.last_ns)


def _homes(made: dict[str | None, Study]) -> dict[str, Study]:
    """Which study each instance was sent in."""
    return {uid: study for study in made.values() for uid in study.instances}


def _at_home(instances: Iterable[str], home: dict[str, Study]) -> list[Study]:
    """The studies of these instances, each once."""
    return list({id(study): study for uid in instances if (study := home.get(uid)) is not None}.values())


def _accessions(made: dict[str | None, Study]) -> dict[str, list[Study]]:
    found: dict[str, list[Study]] = {}
    for study in made.values():
        for number in study.accession_numbers:
            found.setdefault(number, []).append(study)
    return found


def _join_worklist(made: dict[str | None, Study], traffic: Traffic) -> None:
    """The scheduled steps that name the study, or its accession number where no other study has it, each once."""
    queries = worklist_queries(traffic) if made else ()
    by_accession = {number: own[0] for number, own in _accessions(made).items() if len(own) == 1}
    for query in queries:
        for item in query.items:
            study, how = made.get(item.study) if item.study else None, BY_STUDY
            if study is None and item.accession_number:
                study, how = by_accession.get(item.accession_number), BY_ACCESSION
            if study is not None and not any(k and k.data == item.data for _, _, k in study.worklist[-8:]):
                study.worklist.append((how, query, item))
    _join_query_by_time(made, queries)


def _join_query_by_time(made: dict[str | None, Study], queries: Sequence[WorklistQuery]) -> None:
    """The last query of the station before a study that no item could be joined to: neither side names an identifier."""
    stations: dict[Party, list[WorklistQuery]] = {}
    for query in queries:
        if query.items and not any(item.study for item in query.items):
            stations.setdefault(query.station, []).append(query)
    for study in made.values() if stations else ():
        if study.uid and study.first_ns and not study.worklist and not study.accession_numbers:
            for sender in dict.fromkeys(delivery.sender for delivery in study.deliveries if not delivery.retrieved):
                own = stations.get(sender, [])
                place = bisect_left(own, study.first_ns, key=_asked_ns)
                study.worklist += [(BY_TIME, query, None) for query in own[max(0, place - 1) : place]]


def _asked_ns(query: WorklistQuery) -> int:
    return query.exchange.request.first_ns if query.exchange.request else 0


def _note_unsent(study: Study) -> None:
    if study.uid is None and not study.instances:
        return
    named = {r.sop_instance for c in study.commitments for r in c.references}
    named |= {r.sop_instance for how, step in study.steps for u in step.updates for r in u.performed if how != BY_TIME}
    study.unsent = tuple(sorted(named - study.instances))
