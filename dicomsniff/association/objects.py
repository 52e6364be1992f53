"""Traffic in, what its data sets contain that somebody should know out: one bounded look at the head of each.

The rules on data sets share this: faults joined by sender and kind, objects that are not what their command announced,
attributes that are missing, and what each study says of its patient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from dicomsniff.association.index import once
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.patterns import pattern
from dicomsniff.core.records import dataclass
from dicomsniff.dimse.inspection import DataFault, Fault, Inspected, Inspector
from dicomsniff.dimse.likeness import Likeness
from dicomsniff.dimse.payload import Payload
from dicomsniff.dimse.value_faults import is_plain_uid, uid_fault

SOP_CLASS, SOP_INSTANCE = 0x00080016, 0x00080018
STUDY, SERIES = 0x0020000D, 0x0020000E
PATIENT_ID, ACCESSION = 0x00100020, 0x00080050
_EXPECTED = (0x00080020, ACCESSION, 0x00100010, PATIENT_ID, STUDY, SERIES)
_UIDS = frozenset({STUDY, SERIES})
_IDENTIFIERS = ("C-FIND", "C-MOVE", "C-GET", "N-CREATE", "N-SET")
# Composite objects of a patient; procedure protocols, which share the root, have no study.
_COMPOSITE = pattern(r"1\.2\.840\.10008\.5\.1\.4\.1\.1\.(?!200\.)")
_DIGITS = pattern(r"\d+")
_REPEATED, _REMEMBERED = 1024, 1000
"""Bytes of an identifier that may come again as it is, and how many such are remembered."""
_DEEPLY = 300  # suspicious data sets of an association that are read with the slow reader, then one in …
_THEN = 32
_SHOWN = 20


@dataclass(slots=True)
class Group:
    """A fault that one side of an association made `count` times, and the first exchange with it; `failures` are the
    exchanges that failed, `unfinished` those without a final response. `where`: "object", "request", "response" or "command";
    `instances` are the first objects with it."""

    association: int
    role: str
    where: str
    fault: DataFault
    exchange: Exchange
    count: int = 0
    failures: list[int] = field(default_factory=list)
    unfinished: list[int] = field(default_factory=list)
    instances: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """So many of the operations did."""
        return len(self.failures)


@dataclass(slots=True)
class Differing:
    """Objects of one association whose SOP class or instance UID is not what the command announced. `told` is what the first
    of them says, None where the attribute is missing or empty."""

    association: int
    what: str  # "SOP class" | "SOP instance"
    exchange: Exchange
    announced: str
    told: str | None
    count: int = 0
    failures: list[int] = field(default_factory=list)
    unfinished: list[int] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """So many of the C-STOREs did."""
        return len(self.failures)


@dataclass(slots=True)
class Missing:
    """An attribute that objects of one sender do not have (`empty`: have without a value)."""

    association: int
    tag: int
    empty: bool
    exchange: Exchange
    count: int = 0
    failures: list[int] = field(default_factory=list)
    unfinished: list[int] = field(default_factory=list)
    instances: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """So many of the C-STOREs did."""
        return len(self.failures)


@dataclass(slots=True)
class Study:
    """What the objects of one study say: raw Patient IDs and Accession Numbers, each with the first exchange."""

    patients: dict[bytes, Exchange] = field(default_factory=dict)
    accessions: dict[bytes, Exchange] = field(default_factory=dict)


@dataclass(slots=True)
class Contents:
    """Everything there is to tell. `inspected` counts data sets; `hasty` those that were suspicious and not looked into."""

    groups: dict[tuple[object, ...], Group] = field(default_factory=dict)
    differing: dict[tuple[int, str], Differing] = field(default_factory=dict)
    missing: dict[tuple[int, int, bool], Missing] = field(default_factory=dict)
    studies: dict[bytes, Study] = field(default_factory=dict)
    inspected: int = 0
    objects: int = 0
    hasty: int = 0

    def of(self, *kinds: Fault) -> list[Group]:
        """The faults of these kinds, in the order they were met."""
        return [group for group in self.groups.values() if group.fault.kind in kinds]


@once
def contents(traffic: Traffic) -> Contents:
    """Looks at the data sets of the capture, each once."""
    reading = _Reading(traffic)
    for exchange in traffic.index.of("C-STORE"):
        if exchange.payload is not None and exchange.payload.length:
            reading.object(exchange, exchange.payload)
    reading.end_run()
    for exchange in traffic.index.of(*_IDENTIFIERS):
        for where, payload in _identifiers(exchange):
            reading.identifier(exchange, where, payload)
    return reading.made


class _Run:
    """Objects of one association that differ in nothing but their instance UID: what is noted of the first of them holds
    for all, and each costs a comparison."""

    __slots__ = ("_failures", "_first", "_length", "_like", "_missing", "_unfinished", "_version", "count")

    def __init__(self, first: Exchange, payload: Payload, like: Likeness, missing: list[Missing]) -> None:
        self._first, self._length, self._missing = first, payload.length, missing
        self._like, self._version = like, like.version
        self._failures: list[int] = []
        self._unfinished: list[int] = []
        self.count = 0

    def takes(self, exchange: Exchange, payload: Payload) -> bool:
        """Whether this object is one more of the run."""
        first, instance = self._first, exchange.sop_instance
        if exchange.association != first.association or exchange.context_id != first.context_id or not instance:
            return False
        if payload.length != self._length or not payload.complete or exchange.sop_class != first.sop_class:
            return False
        if exchange.status_class != first.status_class or self._like.version != self._version:
            return False
        raw = self._like.instance_of(payload.head())
        if raw is None or raw.rstrip(b"\0") != instance.encode("latin-1", "replace"):
            return False
        self.count += 1
        if self._missing:
            _note_end(exchange, self._failures, self._unfinished)
        return True

    def end(self) -> None:
        """Something else follows."""
        for missing in self._missing:
            missing.count += self.count
            missing.failures += self._failures
            missing.unfinished += self._unfinished


class _Reading:
    """One pass over the data sets."""

    def __init__(self, traffic: Traffic) -> None:
        self.made = Contents()
        self._traffic = traffic
        self._inspector = Inspector()
        self._deep: dict[int, int] = {}
        self._syntaxes: dict[int, dict[int, str]] = {}
        self._run: _Run | None = None
        self._sound: set[tuple[str | None, str]] = set()  # a device asks the same all day long

    def object(self, exchange: Exchange, payload: Payload) -> None:
        """The data set of one C-STORE."""
        if self._run is not None and self._run.takes(exchange, payload):
            return
        self.end_run()
        syntax = self._syntax(exchange)
        if syntax is None:
            return
        head, total = payload.head(), payload.length if payload.complete else None
        if not head:
            return
        self.made.objects += 1
        _check_command(self.made, exchange)
        seen = self._look(exchange, "object", head, total, syntax)
        if seen.values is None:
            return
        missing = _note_object(self.made, exchange, seen, seen.values)
        like = self._inspector.like(head, total, syntax)
        if like is not None and missing is not None and not seen.faults and like.uniform:
            self._run = _Run(exchange, payload, like, missing)

    def end_run(self) -> None:
        """Something else follows."""
        if self._run is not None:
            self.made.inspected += self._run.count
            self.made.objects += self._run.count
            self._run.end()
            self._run = None

    def identifier(self, exchange: Exchange, where: str, payload: Payload) -> None:
        """The identifier of a query or the attributes of an N-service."""
        syntax = self._syntax(exchange)
        if syntax is None or not payload.length:
            return
        if (payload.sha256, syntax) in self._sound:
            self.made.inspected += 1
            return
        if not (head := payload.head()):
            return
        seen = self._look(exchange, where, head, payload.length if payload.complete else None, syntax)
        if seen.values is not None and not seen.faults and payload.sha256 and len(self._sound) < _REMEMBERED:
            self._sound.add((payload.sha256, syntax))

    def _syntax(self, exchange: Exchange) -> str | None:
        """The transfer syntax that was negotiated; None where it was concluded from these very data sets."""
        own = self._syntaxes.get(exchange.association)
        if own is None:
            contexts = self._traffic.association(exchange.association).contexts
            own = self._syntaxes[exchange.association] = {
                c.id: c.transfer_syntax for c in contexts if c.transfer_syntax and c.accepted and not c.inferred
            }
        return own.get(exchange.context_id)

    def _look(self, exchange: Exchange, where: str, head: bytes, total: int | None, syntax: str) -> Inspected:
        """One data set. Where nearly all of an association are suspicious, a sample of them is looked into."""
        made = self.made
        made.inspected += 1
        done = self._deep.get(exchange.association, 0)
        deeply = done < _DEEPLY or not done % _THEN
        seen = self._inspector.inspect(head, total, syntax, where == "object", deeply)
        if seen.values is None or seen.faults:
            self._deep[exchange.association] = done + 1
            made.hasty += not deeply
            for fault in seen.faults:
                _note_fault(made, exchange, where, fault)
        return seen


def _identifiers(exchange: Exchange) -> Iterator[tuple[str, Payload]]:
    if exchange.payload is not None:
        yield "request", exchange.payload
    for answer in exchange.answers:
        yield "response", answer


def _check_command(made: Contents, exchange: Exchange) -> None:
    """The instance UID that a C-STORE announces; that of its data set is looked at with the others."""
    announced = (exchange.sop_instance or "").encode("latin-1", "replace")
    if not is_plain_uid(announced) and (wrong := uid_fault(announced)):
        fault = DataFault(Fault.UID, 0x00001000, "AffectedSOPInstanceUID", wrong, exchange.sop_instance)
        _note_fault(made, exchange, "command", fault)


def _note_fault(made: Contents, exchange: Exchange, where: str, fault: DataFault) -> None:
    role = exchange.requested_by
    if where == "response":
        role = "acceptor" if role == "requestor" else "requestor"
    key = (exchange.association, role, where, fault.kind, fault.tag, _DIGITS.sub("0", fault.detail))
    group = made.groups.get(key)
    if group is None:
        group = made.groups[key] = Group(exchange.association, role, where, fault, exchange)
    group.count += 1
    _note_end(exchange, group.failures, group.unfinished)
    if exchange.sop_instance and len(group.instances) < _SHOWN:
        group.instances.append(exchange.sop_instance)


def _note_end(exchange: Exchange, failures: list[int], unfinished: list[int]) -> None:
    """What became of one that has a fault."""
    if exchange.status_class == "failure":
        failures.append(exchange.id)
    elif exchange.final is None:
        unfinished.append(exchange.id)


def _note_object(made: Contents, exchange: Exchange, seen: Inspected, values: dict[int, bytes]) -> list[Missing] | None:
    """What identifies an object, against its command and its study; gives what it lacks, None where it is of
    another class than announced."""
    lacking: list[Missing] = []
    if (instance := exchange.sop_instance) and not _same(values.get(SOP_INSTANCE), instance, seen, SOP_INSTANCE):
        _note_differing(made, exchange, "SOP instance", instance, values.get(SOP_INSTANCE))
    sop_class = exchange.sop_class or ""
    if sop_class and not _same(values.get(SOP_CLASS), sop_class, seen, SOP_CLASS):
        _note_differing(made, exchange, "SOP class", sop_class, values.get(SOP_CLASS))
        return None
    if _COMPOSITE.match(sop_class):
        for tag in _EXPECTED:
            raw = values.get(tag)
            if not raw and (raw is None or tag in _UIDS) and (seen.whole or seen.past > tag):
                lacking.append(_note_missing(made, exchange, tag, raw is not None))
        if study := values.get(STUDY):
            _note_study(made, exchange, study, values)
    return lacking


def _same(raw: bytes | None, announced: str, seen: Inspected, tag: int) -> bool:
    """Whether the object says what the command does; what lies behind the head is not held against anybody."""
    if raw is None:
        return not (seen.whole or seen.past > tag)
    return raw.strip(b"\0 ") == announced.encode("latin-1", "replace")


def _note_differing(made: Contents, exchange: Exchange, what: str, announced: str, raw: bytes | None) -> None:
    key = (exchange.association, what)
    known = made.differing.get(key)
    if known is None:
        told = raw.strip(b"\0 ").decode("latin-1") if raw else None
        known = made.differing[key] = Differing(exchange.association, what, exchange, announced, told or None)
    known.count += 1
    _note_end(exchange, known.failures, known.unfinished)


def _note_missing(made: Contents, exchange: Exchange, tag: int, empty: bool) -> Missing:
    key = (exchange.association, tag, empty)
    known = made.missing.get(key)
    if known is None:
        known = made.missing[key] = Missing(exchange.association, tag, empty, exchange)
    known.count += 1
    _note_end(exchange, known.failures, known.unfinished)
    if exchange.sop_instance and len(known.instances) < _SHOWN:
        known.instances.append(exchange.sop_instance)
    return known


def _note_study(made: Contents, exchange: Exchange, study: bytes, values: dict[int, bytes]) -> None:
    known = made.studies.get(study)
    if known is None:
        known = made.studies[study] = Study()
    for tag, seen in ((PATIENT_ID, known.patients), (ACCESSION, known.accessions)):
        if (raw := values.get(tag)) and raw not in seen and (bare := raw.strip(b" \0")):
            seen.setdefault(bare, exchange)
