"""A script of calls in, a `Traffic` value out: facts for rule tests, with packet numbers, times and evidence made up in order."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pydicom
from pydicom.filewriter import write_dataset

from dicomsniff.association.retrieval import join_retrievals
from dicomsniff.association.values import (
    Association,
    Blind,
    Context,
    ContextResult,
    Conversation,
    Exchange,
    ExchangeOutcome,
    Kind,
    Outcome,
    Progress,
    Traffic,
)
from dicomsniff.capture.block import CaptureFacts
from dicomsniff.core import Anomaly, AnomalyCode, Direction, Endpoint, Evidence
from dicomsniff.dimse.message import SubOperations
from dicomsniff.dimse.payload import Payload, PayloadStore
from dicomsniff.dimse.status import describe_status
from dicomsniff.pdu.values import (
    Abort,
    AnsweredContext,
    AssociateAc,
    AssociateRj,
    AssociateRq,
    BrokenPdu,
    ProposedContext,
    ReleaseRp,
    ReleaseRq,
    UserInformation,
)
from dicomsniff.tcp.events import Closing, Connection, DirectionFacts, Gap

SECOND = 1_000_000_000
START_NS = 1_700_000_000 * SECOND
STEP_NS = 1_000_000
MODALITY = Endpoint("10.0.0.1", 40000)
ARCHIVE = Endpoint("10.0.0.2", 104)
VERIFICATION = "1.2.840.10008.1.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
SC = "1.2.840.10008.5.1.4.1.1.7"
STUDY_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
WORKLIST = "1.2.840.10008.5.1.4.31"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"

# (abstract syntax, proposed transfer syntaxes, result code or None for no answer[, accepted transfer syntax])
ContextSpec = tuple[str, Sequence[str], int | None] | tuple[str, Sequence[str], int | None, str] | Context

_RESULTS = {
    0: ContextResult.ACCEPTED,
    1: ContextResult.USER_REJECTION,
    2: ContextResult.NO_REASON,
    3: ContextResult.ABSTRACT_SYNTAX,
    4: ContextResult.TRANSFER_SYNTAXES,
}


@dataclass(frozen=True, slots=True)
class ForgedPayload(Payload):
    """A data set that lies in memory."""

    data: bytes = b""

    def head(self) -> bytes:
        return self.data

    def pieces(self) -> Iterable[bytes]:  # type: ignore[override]
        return iter((self.data,))


def payload(
    data: bytes, length: int | None = None, missing: Sequence[tuple[int, int]] = (), complete: bool = True
) -> Payload:
    """A payload of `length` bytes (default: as long as `data`) whose head is `data`."""
    size = len(data) if length is None else length
    whole = complete and not missing
    digest = hashlib.sha256(data + bytes(max(0, size - len(data)))).hexdigest() if whole else None
    return ForgedPayload(size, tuple(missing), whole, digest, PayloadStore(), (0, len(data)), None, data=data)


def data_set(implicit: bool = True, **elements: Any) -> bytes:
    """The bytes of a little-endian data set with these elements, by keyword: data_set(PatientID="1", Modality="CT")."""
    made = pydicom.Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    out = pydicom.filebase.DicomFileLike(io.BytesIO())
    out.is_little_endian = True
    out.is_implicit_VR = implicit
    write_dataset(out, made)
    raw: bytes = out.parent.getvalue()  # type: ignore[union-attr]
    return raw


def status_class(status: int | None) -> str | None:
    """PS3.7 Annex C in one line each."""
    if status is None:
        return None
    if status == 0:
        return "success"
    if status in (0xFF00, 0xFF01):
        return "pending"
    if status == 0xFE00:
        return "cancel"
    return "warning" if status in (0x0001, 0x0107, 0x0116) or 0xB000 <= status <= 0xBFFF else "failure"


_OUTCOMES = {
    None: ExchangeOutcome.UNANSWERED,
    "success": ExchangeOutcome.COMPLETED,
    "pending": ExchangeOutcome.UNANSWERED,
    "cancel": ExchangeOutcome.CANCELLED,
    "warning": ExchangeOutcome.WARNING,
    "failure": ExchangeOutcome.FAILED,
}


@dataclass
class _Line:
    """A connection in the making."""

    fields: dict[str, Any]
    conversation: dict[str, Any]
    offsets: list[int] = field(default_factory=lambda: [0, 0])
    packets: list[int] = field(default_factory=lambda: [0, 0])
    overrides: dict[str, Any] = field(default_factory=dict)
    associations: list[int] = field(default_factory=list)


@dataclass
class _Talk:
    """An association in the making; its end is written when something else begins."""

    fields: dict[str, Any]
    end: dict[str, Any]
    exchanges: list[Exchange] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)
    ended: bool = False


class TrafficForge:
    """Builds one `Traffic`. Calls are in the order of time; everything a call makes up can be overridden by field name.

    `connection`, `association` and `exchange` return ids as in `Traffic`. An association's end (release, abort, close)
    is placed after its last exchange. `wait` moves the clock.
    """

    def __init__(self, start_ns: int = START_NS) -> None:
        self.now_ns = start_ns
        self.packet = 0
        self._start_ns = start_ns
        self._lines: list[_Line] = []
        self._talks: list[_Talk] = []
        self._exchanges: list[Exchange] = []
        self._captures: list[dict[str, Any]] = []

    def wait(self, seconds: float) -> TrafficForge:
        """Lets time pass without a packet."""
        self.now_ns += int(seconds * SECOND)
        return self

    def tick(self, packets: int = 1) -> tuple[int, int]:
        """The number and time of the next packet (the last of `packets`)."""
        self.packet += packets
        self.now_ns += packets * STEP_NS
        return self.packet, self.now_ns

    def evidence(self, connection: int, direction: Direction, length: int) -> Evidence:
        """The next `length` stream bytes of a direction, in as many packets as MTU 1500 needs."""
        line = self._lines[connection - 1]
        start = line.offsets[direction]
        count = max(1, -(-length // 1448))
        first, first_ns = self.tick()
        last, last_ns = (first, first_ns) if count == 1 else self.tick(count - 1)
        line.offsets[direction] += length
        line.packets[direction] += count
        return Evidence(direction, start, start + length, first, last, first_ns, last_ns)

    def capture(self, **fields: Any) -> TrafficForge:
        """Overrides facts of the capture file (dropped=3, cut=True …); a second call adds a second file."""
        self._captures.append(fields)
        return self

    def connection(
        self,
        *,
        opened: str = "handshake",
        closed: str | None = None,
        initiator: Endpoint = MODALITY,
        responder: Endpoint = ARCHIVE,
        kind: Kind = Kind.DICOM,
        protocols: tuple[str, str] | None = None,
        first_bytes: tuple[bytes, bytes] = (b"", b""),
        gaps: Sequence[Gap] = (),
        syns: int = 1,
        syn_gap: float = 1.0,
        **tcp: Any,
    ) -> int:
        """A TCP connection. `tcp` overrides fields of `Connection`; `to_responder` and `to_initiator` may be a dict of
        single `DirectionFacts` fields. `closed` is fin (open where it never opened) unless given."""
        self._settle()
        fields: dict[str, Any] = {"initiator": initiator, "responder": responder, "opened": opened}
        spot = self.tick()
        fields["first_packet"], fields["first_ns"] = spot
        fields |= self._opening(opened, spot, syns, syn_gap)
        fields["closed"] = closed or {"refused": "rst", "unanswered": "open"}.get(opened, "fin")
        if protocols is None:
            protocols = {Kind.DICOM: ("dicom", "dicom"), Kind.DICOM_TLS: ("tls", "tls"), Kind.TLS: ("tls", "tls")}.get(
                kind, ("", "") if kind is Kind.EMPTY else ("unknown", "unknown")
            )
        talk = {"kind": kind, "protocols": protocols, "first_bytes": first_bytes, "gaps": tuple(gaps)}
        self._lines.append(_Line(fields, talk, overrides=tcp))
        return len(self._lines)

    def _opening(self, opened: str, spot: tuple[int, int], syns: int, syn_gap: float) -> dict[str, Any]:
        made: dict[str, Any] = dict.fromkeys(
            ("syn_ack_packet", "refused_packet", "refused_ns", "unreachable", "rtt_initiator_ns", "rtt_responder_ns")
        )
        made |= {"syn_packets": (), "syn_times": (), "closings": ()}
        if opened == "midstream":
            return made
        sent = [spot]
        for _ in range(syns - 1):
            self.wait(syn_gap)
            sent.append(self.tick())
        made["syn_packets"], made["syn_times"] = tuple(p for p, _ in sent), tuple(t for _, t in sent)
        if opened == "handshake":
            made["syn_ack_packet"] = self.tick()[0]
            made["rtt_responder_ns"] = made["rtt_initiator_ns"] = STEP_NS
            self.tick()
        elif opened == "refused":
            made["refused_packet"], made["refused_ns"] = self.tick()
            made["closings"] = (
                Closing(Direction.TO_INITIATOR, "rst", made["refused_packet"], made["refused_ns"], None),
            )
        return made

    def association(
        self,
        connection: int | None = None,
        *,
        calling: str = "CT01",
        called: str = "PACS",
        contexts: Iterable[ContextSpec] = ((CT, (IMPLICIT,), 0),),
        outcome: Outcome = Outcome.RELEASED,
        reject: tuple[int, int, int] | None = None,
        aborts: Sequence[tuple[str, int, int]] = (),
        closed_by: str | None = None,
        to_acceptor: Direction = Direction.TO_RESPONDER,
        blind: Iterable[Blind] = (),
        answer_after: float = 0.0,
        end_after: float = 0.0,
        request_fields: dict[str, Any] | None = None,
        accept_fields: dict[str, Any] | None = None,
        **fields: Any,
    ) -> int:
        """An association on a connection (a new one unless given).

        `reject` is (result, source, reason), needed with Outcome.REJECTED; `aborts` are (role of the sender, source,
        reason); `closed_by` is the role that closed TCP first. `request_fields` and `accept_fields` override fields of
        the two PDUs, `fields` those of `Association` (request=None forgets the request).
        """
        self._settle()
        connection = self.connection() if connection is None else connection
        joined = tuple(_context(2 * i + 1, spec) for i, spec in enumerate(contexts))
        made: dict[str, Any] = {
            "id": len(self._talks) + 1,
            "connection": connection,
            "to_acceptor": to_acceptor,
            "outcome": outcome,
            "contexts": joined,
            "blind": frozenset(blind),
            "reject": None,
            "accept": None,
            "broken": (),
        }
        made["request"] = self._request(connection, to_acceptor, calling, called, joined, request_fields or {})
        self.wait(answer_after)
        if outcome is Outcome.REJECTED:
            seen = self.evidence(connection, to_acceptor.opposite, 10)
            made["reject"] = AssociateRj(seen, *(reject or (1, 1, 1)))
        elif any(c.result_code is not None for c in joined):
            made["accept"] = self._accept(
                connection, to_acceptor.opposite, calling, called, joined, accept_fields or {}
            )
        talk = _Talk(made, {"aborts": aborts, "closed_by": closed_by, "after": end_after, "fields": fields})
        self._talks.append(talk)
        self._lines[connection - 1].associations.append(len(self._talks))
        return len(self._talks)

    def _request(
        self,
        connection: int,
        way: Direction,
        calling: str,
        called: str,
        contexts: tuple[Context, ...],
        fields: dict[str, Any],
    ) -> AssociateRq:
        made: dict[str, Any] = {
            "length": 200 + 60 * len(contexts),
            "protocol_version": 1,
            "called_ae": called,
            "calling_ae": calling,
            "called_ae_raw": called.encode("latin-1", "replace").ljust(16),
            "calling_ae_raw": calling.encode("latin-1", "replace").ljust(16),
            "application_context": APPLICATION_CONTEXT,
            "contexts": tuple(ProposedContext(c.id, c.abstract_syntax or "", c.proposed) for c in contexts),
            "user_information": UserInformation(maximum_length=16384, implementation_class_uid="1.2.3"),
        } | fields
        return AssociateRq(
            evidence=made.pop("evidence", None) or self.evidence(connection, way, made["length"] + 6), **made
        )

    def _accept(
        self,
        connection: int,
        way: Direction,
        calling: str,
        called: str,
        contexts: tuple[Context, ...],
        fields: dict[str, Any],
    ) -> AssociateAc:
        made: dict[str, Any] = {
            "length": 200 + 30 * len(contexts),
            "protocol_version": 1,
            "called_ae": called,
            "calling_ae": calling,
            "application_context": APPLICATION_CONTEXT,
            "contexts": tuple(
                AnsweredContext(c.id, c.result_code, c.transfer_syntax) for c in contexts if c.result_code is not None
            ),
            "user_information": UserInformation(maximum_length=16384, implementation_class_uid="1.2.4"),
        } | fields
        return AssociateAc(
            evidence=made.pop("evidence", None) or self.evidence(connection, way, made["length"] + 6), **made
        )

    def exchange(
        self,
        association: int,
        service: str,
        *,
        status: int | None = None,
        context_id: int = 1,
        requested_by: str = "requestor",
        dataset_bytes: int | None = None,
        data: bytes | None = None,
        answers: Sequence[bytes] = (),
        pending: int = 0,
        after: float = 0.0,
        cancelled_after: float | None = None,
        sent_bytes: int | None = None,
        suboperations: tuple[int | None, int | None, int | None, int | None] | None = None,
        **fields: Any,
    ) -> int:
        """A request and, where `status` is given, its final response `after` seconds.

        `data` is the request's data set (see `data_set`); `dataset_bytes` its length where only that matters;
        `sent_bytes` how much of it was sent where the request was cut off. `answers` are the data sets of the pending
        responses (which they also count, unless `pending` is given). `fields` override those of `Exchange`.
        """
        talk = self._talks[association - 1]
        talk.ended = False
        connection = talk.fields["connection"]
        way = talk.fields["to_acceptor"] if requested_by == "requestor" else talk.fields["to_acceptor"].opposite
        context = next((c for c in talk.fields["contexts"] if c.id == context_id), None)
        body, length = _body(service, data, dataset_bytes, sent_bytes)
        whole = sent_bytes is None
        request = self.evidence(connection, way, 120 + length)
        made: dict[str, Any] = {
            "direction": way,
            "message_id": len(talk.exchanges) + 1,
            "sop_class": context.abstract_syntax if context else None,
            "sop_instance": f"1.2.826.0.1.{len(self._exchanges) + 1}"
            if service == "C-STORE" or service[:1] == "N"
            else None,
            "transfer_syntax": context.transfer_syntax if context else None,
            "request": request,
            "request_complete": whole,
            "request_finished": whole,
            "has_data_set": body is not None,
            "payload": body,
        }
        cancel = None
        if cancelled_after is not None:
            self.wait(cancelled_after)
            cancel = self.evidence(connection, way, 80)
        self.wait(after)
        held = [payload(one) for one in answers]
        made |= {"cancel": cancel, "answers": held} | self._responses(
            connection, way.opposite, status, pending or len(held)
        )
        if not whole and status is None:
            made["outcome"] = ExchangeOutcome.INCOMPLETE
        if suboperations is not None:
            made["suboperations"] = SubOperations(*suboperations)
        if made["status"] is not None:
            made["status_text"] = describe_status(service, made["status"], made["sop_class"]).text
        made |= fields
        one = Exchange(
            len(self._exchanges) + 1, association, context_id, service=service, requested_by=requested_by, **made
        )
        self._exchanges.append(one)
        talk.exchanges.append(one)
        if one.parent is not None:
            self._exchanges[one.parent - 1].children.append(one.id)
        return one.id

    def answer(
        self,
        exchange: int,
        status: int,
        *,
        data: bytes | None = None,
        suboperations: tuple[int | None, int | None, int | None, int | None] | None = None,
    ) -> None:
        """A response, now, to a request made earlier without one."""
        one = self._exchanges[exchange - 1]
        talk = self._talks[one.association - 1]
        talk.ended = False
        seen = self.evidence(talk.fields["connection"], one.direction.opposite, 130)
        one.first_response, one.last_response = one.first_response or seen, seen
        one.responses += 1
        one.status, one.status_class = status, status_class(status)
        one.status_text = describe_status(one.service, status, one.sop_class).text
        if suboperations is not None:
            one.suboperations = SubOperations(*suboperations)
            one.progress.append(Progress(seen, one.suboperations))
        if data is not None:
            one.answers.append(payload(data))
        if one.status_class == "pending":
            one.pending += 1
        else:
            one.final, one.outcome = seen, _OUTCOMES[one.status_class]

    def _responses(self, connection: int, way: Direction, status: int | None, pending: int) -> dict[str, Any]:
        seen = [self.evidence(connection, way, 130) for _ in range(pending)]
        made: dict[str, Any] = {"pending": pending, "status": 0xFF00 if pending and status is None else status}
        final = None if status is None else self.evidence(connection, way, 130)
        if final is not None:
            seen.append(final)
        made |= {
            "final": final,
            "first_response": seen[0] if seen else None,
            "last_response": seen[-1] if seen else None,
        }
        made |= {"responses": len(seen), "status_class": status_class(made["status"])}
        return made | {"outcome": _OUTCOMES[made["status_class"]]}

    def anomaly(
        self,
        association: int,
        code: AnomalyCode,
        detail: str = "",
        role: str = "requestor",
        length: int = 10,
        evidence: Evidence | None = None,
    ) -> Anomaly:
        """An oddity on an association, in `length` new bytes sent by `role`, or in the bytes of `evidence`."""
        talk = self._talks[association - 1]
        way = talk.fields["to_acceptor"] if role == "requestor" else talk.fields["to_acceptor"].opposite
        made = Anomaly(code, evidence or self.evidence(talk.fields["connection"], way, length), detail)
        talk.anomalies.append(made)
        return made

    def broken(self, association: int, reason: str = "cut", role: str = "requestor", **fields: Any) -> BrokenPdu:
        """An unreadable stretch of an association; `fields` override those of `BrokenPdu`."""
        talk = self._talks[association - 1]
        way = talk.fields["to_acceptor"] if role == "requestor" else talk.fields["to_acceptor"].opposite
        seen = fields.pop("evidence", None) or self.evidence(talk.fields["connection"], way, fields.pop("seen", 100))
        made = BrokenPdu(seen, reason, **fields)
        talk.fields["broken"] += (made,)
        return made

    def _settle(self) -> None:
        for talk in self._talks:
            if not talk.ended:
                self._end(talk)

    def _end(self, talk: _Talk) -> None:
        """Writes the end of an association where its outcome wants one."""
        talk.ended = True
        self.wait(talk.end["after"])
        made, way = talk.fields, talk.fields["to_acceptor"]
        connection = made["connection"]
        made["release_request"] = made["release_response"] = None
        if made["outcome"] is Outcome.RELEASED:
            made["release_request"] = ReleaseRq(self.evidence(connection, way, 10))
            made["release_response"] = ReleaseRp(self.evidence(connection, way.opposite, 10))
        aborts = talk.end["aborts"] or ([("requestor", 0, 0)] if made["outcome"] is Outcome.ABORTED else [])
        made["aborts"] = tuple(
            Abort(self.evidence(connection, way if role == "requestor" else way.opposite, 10), source, reason)
            for role, source, reason in aborts
        )
        self._close(talk, connection, way)
        made["last_packet"], made["last_ns"] = self.packet, self.now_ns

    def _close(self, talk: _Talk, connection: int, way: Direction) -> None:
        line, made = self._lines[connection - 1], talk.fields
        role = talk.end["closed_by"]
        if role is None and made["outcome"] in (Outcome.OPEN, Outcome.UNANSWERED):
            made["closed_by"] = None
            line.fields["closed"] = "open"
            return
        first = way if role != "acceptor" else way.opposite
        made["closed_by"] = first
        both = (first, first.opposite) if line.fields["closed"] == "fin" else (first,)
        line.fields["closings"] = tuple(
            Closing(d, line.fields["closed"], *self.tick(), line.offsets[d])
            for d in both
            if line.fields["closed"] != "open"
        )

    def traffic(self) -> Traffic:
        """Everything said so far, with its ends."""
        self._settle()
        conversations = tuple(self._conversation(i + 1) for i in range(len(self._lines)))
        associations = tuple(self._association(talk) for talk in self._talks)
        return join_retrievals(Traffic(self._capture_facts(), conversations, associations, tuple(self._exchanges)))

    def _association(self, talk: _Talk) -> Association:
        made = dict(talk.fields)
        line = self._lines[made["connection"] - 1].fields
        ends = (line["initiator"], line["responder"])
        forward = made["to_acceptor"] is Direction.TO_RESPONDER
        made["requestor"], made["acceptor"] = ends if forward else ends[::-1]
        first = made["request"].evidence
        made |= {"first_packet": first.first_packet, "first_ns": first.first_ns}
        uses = [e.context_id for e in talk.exchanges]
        made["contexts"] = tuple(dataclasses.replace(c, exchanges=uses.count(c.id)) for c in made["contexts"])
        made |= {"exchanges": tuple(talk.exchanges), "anomalies": tuple(talk.anomalies), "pdu_counts": {}}
        return Association(**(made | talk.end["fields"]))

    def _conversation(self, id: int) -> Conversation:
        line = self._lines[id - 1]
        talks = [self._talks[a - 1].fields for a in line.associations]
        made: dict[str, Any] = {"id": id, "tcp_stream": id - 1} | line.fields
        own = (*made["syn_packets"], made.get("refused_packet") or 0, *(end.packet for end in made["closings"]))
        made["last_packet"] = max([made["first_packet"], *own, *(t["last_packet"] for t in talks)])
        made["last_ns"] = max([made["first_ns"], *made["syn_times"], *(t["last_ns"] for t in talks)])
        overrides = dict(line.overrides)
        for name, way in (("to_responder", Direction.TO_RESPONDER), ("to_initiator", Direction.TO_INITIATOR)):
            size, count = line.offsets[way], line.packets[way]
            heard = made["opened"] in ("handshake", "midstream")
            control = _control_packets(made, way)
            facts = DirectionFacts(count + control, count, size, acknowledged=size if heard else None)
            given = overrides.pop(name, {})
            made[name] = given if isinstance(given, DirectionFacts) else dataclasses.replace(facts, **given)
        made |= overrides
        return Conversation(Connection(**made), associations=tuple(line.associations), **line.conversation)

    def _capture_facts(self) -> tuple[CaptureFacts, ...]:
        default: dict[str, Any] = {
            "path": "forged.pcap",
            "format": "pcap",
            "packets": self.packet,
            "bytes": self.packet * 1000,
            "first_packet": 1,
            "first_ns": self._start_ns,
            "last_ns": self.now_ns,
            "truncated_packets": 0,
            "snap_length": 262144,
            "link_types": (1,),
            "dropped": None,
            "cut": False,
            "notes": (),
            "comments": (),
        }
        return tuple(CaptureFacts(**(default | given)) for given in self._captures or [{}])


def _control_packets(connection: dict[str, Any], way: Direction) -> int:
    """Packets without data: SYNs, their answers, the ACK of the handshake, FINs and RSTs."""
    closings = sum(closing.direction is way for closing in connection["closings"])
    if way is Direction.TO_INITIATOR:
        return closings + (connection["syn_ack_packet"] is not None)
    return closings + len(connection["syn_packets"]) + (connection["syn_ack_packet"] is not None)


def _context(context_id: int, spec: ContextSpec) -> Context:
    if isinstance(spec, Context):
        return spec
    abstract, proposed, code = spec[:3]
    chosen = spec[3] if len(spec) == 4 else proposed[0] if proposed else None
    result = ContextResult.UNANSWERED if code is None else _RESULTS.get(code, ContextResult.NO_REASON)
    return Context(context_id, abstract, tuple(proposed), result, code, chosen if code == 0 else None)


def _body(service: str, data: bytes | None, length: int | None, sent: int | None) -> tuple[Payload | None, int]:
    """The payload of a request and the stream bytes it took."""
    if data is None and length is None:
        length = {"C-STORE": 10_000, "C-FIND": 100, "C-MOVE": 100, "C-GET": 100}.get(service, 0)
        if length == 0:
            return None, 0
    size = (len(data) if data is not None else 0) if length is None else length
    seen = size if sent is None else sent
    return payload(data or b"", seen, complete=sent is None), seen
