"""The PDUs and messages of one association in, the association as a value out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicomsniff.association.contexts import join_contexts
from dicomsniff.association.inference import infer, uses
from dicomsniff.association.lifecycle import LifeCycle, Phase
from dicomsniff.association.pairing import STORE, Pairing
from dicomsniff.association.values import Association, Blind, Context, Exchange, ExchangeOutcome, Outcome, Overlong
from dicomsniff.core import DIRECTIONS, LIMITS, Anomaly, AnomalyCode, Direction, Evidence, Limits
from dicomsniff.core.records import replace
from dicomsniff.dimse.message import Message
from dicomsniff.pdu.values import (
    Abort,
    AssociateAc,
    AssociateRj,
    AssociateRq,
    BrokenPdu,
    PData,
    Pdu,
    PduType,
    ReleaseRp,
    ReleaseRq,
)
from dicomsniff.tcp.events import Connection, Gap, GapCause
from dicomsniff.tcp.flows import SERVICE_PORTS

if TYPE_CHECKING:
    from dicomsniff.association.transcript import TranscriptWriter

PDU_TYPES: dict[type, PduType] = {
    AssociateRq: PduType.ASSOCIATE_RQ,
    AssociateAc: PduType.ASSOCIATE_AC,
    AssociateRj: PduType.ASSOCIATE_RJ,
    ReleaseRq: PduType.RELEASE_RQ,
    ReleaseRp: PduType.RELEASE_RP,
    Abort: PduType.ABORT,
}
_UNBOUNDED = 1 << 32
BY_ACCEPTOR = "N-EVENT-REPORT"
UNSEEN = {Blind.TO_ACCEPTOR, Blind.TO_REQUESTOR, Blind.HOLE_TO_ACCEPTOR, Blind.HOLE_TO_REQUESTOR}


class AssociationBuilder:
    """Gathers what belongs to one association; `build` once the connection has ended or the next one begins."""

    def __init__(
        self, limits: Limits = LIMITS, astray: Direction | None = None, writer: TranscriptWriter | None = None
    ) -> None:
        """`astray`: what was sent in this direction may have been taken for part of the association before. `writer` takes
        the transcript, where one is wanted."""
        self._writer = writer
        self.request: AssociateRq | None = None
        self._accept: AssociateAc | None = None
        self._reject: AssociateRj | None = None
        self._release_request: ReleaseRq | None = None
        self._release_response: ReleaseRp | None = None
        self._aborts: list[Abort] = []
        self._broken: list[BrokenPdu] = []
        self._anomalies: list[Anomaly] = []
        self.pairing = Pairing(limits)
        self._life = LifeCycle(limits)
        self._counts: dict[tuple[Direction, int], int] = {}  # of PDUs by direction and type
        self._data = [0, 0]  # of P-DATA-TF by direction
        self._first: Evidence | None = None
        self._last: Evidence | None = None
        self._to_acceptor: Direction | None = None
        self._round_trip_ns = 0
        self._overlong: dict[Direction, Overlong] = {}
        self._longest = [_UNBOUNDED, _UNBOUNDED]  # P-DATA-TF that each direction may carry, as its receiver announced
        self._second_release: Evidence | None = None
        self._limits = limits
        self._astray = astray

    @property
    def begun(self) -> bool:
        return self._first is not None

    @property
    def speaking(self) -> bool:
        """Whether any PDU has been read, so that a further A-ASSOCIATE-RQ begins another association."""
        return bool(self._counts) or any(self._data)

    def awaits_request(self, request: AssociateRq) -> bool:
        """Whether this A-ASSOCIATE-RQ belongs here though something was read: only its answer was, which the capture, or the
        order in which the two directions are read, put before it; or aborts upon what had come of it by then."""
        answer, at = self._accept or self._reject, request.evidence
        aborts = [a.evidence for a in self._aborts if a.evidence.first_packet > at.first_packet]
        early = aborts if answer is None else [answer.evidence]
        alone = self.request is None and len(early) == sum(self._counts.values()) + sum(self._data)
        return alone and all(evidence.direction is not at.direction for evidence in early)

    def outran(self, evidence: Evidence) -> bool:
        """Whether something was added that was captured after this."""
        return self._last is not None and self._last.first_packet > evidence.last_packet

    @property
    def ended(self) -> bool:
        """Whether a PDU has been seen after which nothing more may follow."""
        return bool(self._reject or self._release_response or self._aborts)

    def add_data(self, direction: Direction, pdu: PData, round_trip_ns: int) -> None:
        """One P-DATA-TF of either direction, or a piece of one; its messages go to `pairing`."""
        evidence = pdu.evidence
        if self._first is None or evidence.first_ns < self._first.first_ns:
            self._first = evidence
        if self._last is None or evidence.last_ns >= self._last.last_ns:
            self._last = evidence
        if self._writer is not None:
            self._writer.add_pdu(pdu)
        if not pdu.begins:
            return
        if pdu.length > self._longest[direction]:
            self._too_long(direction, pdu)
        self._data[direction] += pdu.pdus
        if not self._life.steady:
            self._step(direction, PduType.P_DATA_TF, evidence, round_trip_ns)

    def add_pdu(self, direction: Direction, pdu: Pdu, round_trip_ns: int) -> None:
        """One PDU of another kind."""
        evidence = pdu.evidence
        if self._first is None or evidence.first_ns < self._first.first_ns:
            self._first = evidence
        if self._last is None or evidence.last_ns >= self._last.last_ns:
            self._last = evidence
        if self._writer is not None:
            self._writer.add_pdu(pdu)
        if isinstance(pdu, BrokenPdu):
            self._broken.append(pdu)
            return
        self._keep(direction, pdu)
        type = PDU_TYPES.get(pdu.__class__)
        if type is None:
            return
        key = (direction, type)
        self._counts[key] = self._counts.get(key, 0) + 1
        self._step(direction, type, evidence, round_trip_ns)

    def add_message(self, message: Message) -> None:
        """One DIMSE message of either direction."""
        if self._writer is not None:
            self._writer.add_message(message)
        self.pairing.add(message)

    def add_anomaly(self, anomaly: Anomaly) -> None:
        if len(self._anomalies) < self._limits.anomalies:
            self._anomalies.append(anomaly)

    def _keep(self, direction: Direction, pdu: Pdu) -> None:
        match pdu:
            case AssociateRq():
                self.request, self._to_acceptor = pdu, direction
                self._limit()
            case AssociateAc():
                self._accept = self._accept or pdu
                self._to_acceptor = self._to_acceptor if self.request else direction.opposite
                self._limit()
            case AssociateRj():
                self._reject = self._reject or pdu
                self._to_acceptor = self._to_acceptor if self.request else direction.opposite
                self._limit()
            case ReleaseRq():
                if self._release_request and self._release_request.evidence.direction is not direction:
                    self._second_release = self._second_release or pdu.evidence
                self._release_request = self._release_request or pdu
            case ReleaseRp():
                self._release_response = self._release_response or pdu
            case Abort():
                self._aborts.append(pdu)

    def _limit(self) -> None:
        """How long the P-DATA-TF of each direction may be, by what is known now."""
        for way in DIRECTIONS:
            announced = self._accept if way is self._to_acceptor else self.request
            most = announced.user_information.maximum_length if announced else None
            self._longest[way] = most or _UNBOUNDED

    def _step(self, direction: Direction, type: PduType, evidence: Evidence, round_trip_ns: int) -> None:
        """Move through the life cycle; meaningless where its beginning was not seen or bytes are missing."""
        if self.request is None or self._broken:
            return
        role = "requestor" if direction is self._to_acceptor else "acceptor"
        self._life.step(role, type, evidence, round_trip_ns)
        answer = self._accept or self._reject
        if type is PduType.ASSOCIATE_RQ and answer is not None:  # read before its request: see awaits_request
            self._life.step("acceptor", PDU_TYPES[answer.__class__], answer.evidence, round_trip_ns)

    def _too_long(self, direction: Direction, pdu: PData) -> None:
        """P-DATA-TF above what its receiver announced (PS3.8 §D.1): counted, and once a direction an oddity."""
        most = self._longest[direction]
        known = self._overlong.get(direction)
        if known is None:
            evidence = pdu.first or pdu.evidence
            self._overlong[direction] = Overlong(evidence, most, pdu.length, pdu.length, pdu.pdus)
            detail = f"{pdu.length} bytes where the receiver announced at most {most}"
            self.add_anomaly(Anomaly(AnomalyCode.PDU_TOO_LONG, evidence, detail))
        else:
            self._overlong[direction] = replace(
                known,
                shortest=min(known.shortest, pdu.length),
                longest=max(known.longest, pdu.length),
                count=known.count + pdu.pdus,
            )

    def build(self, tcp: Connection, gaps: tuple[Gap, ...], last: bool) -> Association:
        """The association as it is known now; `last` says that the end of the connection is its own end.

        Ids are 0 until the whole traffic is numbered.
        """
        assert self._first is not None and self._last is not None
        self.pairing.finish()
        for odd in self.pairing.odd:
            self.add_anomaly(odd)
        to_acceptor = self._direction(tcp)
        blind = self._blind(tcp, gaps, to_acceptor, last)
        contexts = self._contexts(blind)
        self._finish_exchanges(contexts, to_acceptor, blind)
        requestor, acceptor = tcp.sender(to_acceptor), tcp.receiver(to_acceptor)
        return Association(
            id=0,
            connection=tcp.id,
            requestor=requestor,
            acceptor=acceptor,
            to_acceptor=to_acceptor,
            outcome=self._outcome(tcp, last, blind),
            first_ns=self._first.first_ns,
            last_ns=self._last.last_ns,
            first_packet=self._first.first_packet,
            last_packet=self._last.last_packet,
            request=self.request,
            accept=self._accept,
            reject=self._reject,
            release_request=self._release_request,
            release_response=self._release_response,
            aborts=tuple(sorted(self._aborts, key=lambda a: a.evidence.last_ns)),
            broken=tuple(self._broken),
            closed_by=tcp.closings[0].direction if tcp.closings and last else None,
            contexts=contexts,
            exchanges=tuple(self.pairing.exchanges),
            blind=blind,
            anomalies=self._provable(blind),
            pdu_counts=self._counts
            | {(d, PduType.P_DATA_TF): n for d, n in zip(DIRECTIONS, self._data, strict=True) if n},
            overlong=tuple(self._overlong[d] for d in sorted(self._overlong)),
            transcript=self._writer.transcript() if self._writer is not None else None,
        )

    def _contexts(self, blind: frozenset[Blind]) -> tuple[Context, ...]:
        """Negotiated contexts; what of the negotiation was not captured is concluded from the messages."""
        exchanges = self.pairing.exchanges
        contexts = join_contexts(self.request, self._accept, uses(exchanges))
        unseen = self.request is None or blind & {Blind.TO_REQUESTOR, Blind.HOLE_TO_REQUESTOR}
        answered = self._accept is not None or self._reject is not None or not unseen
        return contexts if answered and self.request else infer(contexts, exchanges, answered)

    def _provable(self, blind: frozenset[Blind]) -> tuple[Anomaly, ...]:
        """Oddities without those that only look odd because something was not captured."""
        self._life.finish()
        if not blind & UNSEEN:
            for code, evidence, detail in self._life.wrong:
                self.add_anomaly(Anomaly(code, evidence, detail))
            self._check_collision(blind)
        if Blind.END in blind:
            return tuple(a for a in self._anomalies if a.code is not AnomalyCode.PDU_TRUNCATED)
        return tuple(self._anomalies)

    def _check_collision(self, blind: frozenset[Blind]) -> None:
        """Both sides asked to release, and it ended with less than both answers (PS3.8 §7.2.2.7)."""
        if self._second_release is None:
            return
        asked = [self._counts.get((d, PduType.RELEASE_RQ), 0) for d in Direction]
        answered = sum(bool(self._counts.get((d, PduType.RELEASE_RP), 0)) for d in Direction)
        if all(asked) and answered < 2 and Blind.END not in blind:
            detail = f"both sides asked to release, {('neither was', 'one was', '')[answered]} answered"
            self.add_anomaly(Anomaly(AnomalyCode.RELEASE_COLLISION, self._second_release, detail))

    def _direction(self, tcp: Connection) -> Direction:
        """From requestor to acceptor: proved by the negotiation, else by who opened TCP, else by who asked for what only
        a requestor asks for, or began the release. C-STORE may be a sub-operation of a C-GET that was not seen: it proves
        less than a port where DICOM services listen."""
        if self._to_acceptor is not None:
            return self._to_acceptor
        if tcp.opened == "handshake":
            return Direction.TO_RESPONDER
        asked = [e for e in self.pairing.exchanges if e.service != BY_ACCEPTOR and e.parent is None]
        proof = [e.direction for e in asked if e.service != STORE]
        if self._release_request is not None:
            proof.append(self._release_request.evidence.direction)
        if tcp.responder.port not in SERVICE_PORTS or tcp.initiator.port in SERVICE_PORTS:
            proof += [e.direction for e in asked]
        return proof[0] if proof else Direction.TO_RESPONDER

    def _blind(self, tcp: Connection, gaps: tuple[Gap, ...], to_acceptor: Direction, last: bool) -> frozenset[Blind]:
        blind = set() if self.request else {Blind.REQUEST}
        sides = (
            (to_acceptor, Blind.TO_ACCEPTOR, Blind.HOLE_TO_ACCEPTOR),
            (to_acceptor.opposite, Blind.TO_REQUESTOR, Blind.HOLE_TO_REQUESTOR),
        )
        for direction, nothing, hole in sides:
            if not tcp.facts(direction).packets:
                blind.add(nothing)
            astray = direction is self._astray or tcp.segments[direction].begun_unseen or self._beyond(direction, tcp)
            if astray or ((gaps or self._broken) and self._holed(direction, gaps)):
                blind.add(hole)
        answered = self._accept or self._reject or self._aborts
        if self.request and not answered and blind & {Blind.TO_REQUESTOR, Blind.HOLE_TO_REQUESTOR}:
            blind.add(Blind.ANSWER)
        if last and tcp.closed == "open" and not self.ended:
            blind.add(Blind.END)
        return frozenset(blind)

    def _holed(self, direction: Direction, gaps: tuple[Gap, ...]) -> bool:
        """Whether bytes of this direction were not seen, or could not be read for that."""
        holes = any(g.direction is direction and g.cause is not GapCause.ONE_WAY for g in gaps)
        return holes or any(b.evidence.direction is direction and b.reason == "lost" for b in self._broken)

    def _beyond(self, direction: Direction, tcp: Connection) -> bool:
        """Whether a response without its request was sent when more of this direction had arrived than was captured."""
        facts = tcp.facts(direction)
        end = facts.bytes + facts.lost_bytes + facts.truncated_bytes
        if facts.disowned > end + 1:  # the one may be a FIN
            return True
        orphans = (e.last_response for e in self.pairing.exchanges if e.request is None and e.direction is direction)
        return any(answer is not None and answer.heard > end for answer in orphans)

    def _outcome(self, tcp: Connection, last: bool, blind: frozenset[Blind]) -> Outcome:
        if self._reject:
            return Outcome.REJECTED
        if self._release_response and not self._aborted_before(self._release_response.evidence):
            return Outcome.RELEASED
        if self._aborts:
            return Outcome.ABORTED
        if self._release_request and blind & UNSEEN:
            return Outcome.RELEASED
        if last and tcp.closed == "open":
            return Outcome.OPEN
        silent = self.request is not None and self._accept is None and Blind.ANSWER not in blind
        return Outcome.UNANSWERED if silent and self._life.phase is Phase.NEGOTIATING else Outcome.CLOSED

    def _aborted_before(self, evidence: Evidence) -> bool:
        return any(evidence.after(a.evidence) for a in self._aborts)

    def _finish_exchanges(self, contexts: tuple[Context, ...], to_acceptor: Direction, blind: frozenset[Blind]) -> None:
        """Name roles and syntaxes, now that both sides of the negotiation are known."""
        unseen = {
            True: {Blind.TO_ACCEPTOR, Blind.HOLE_TO_ACCEPTOR},
            False: {Blind.TO_REQUESTOR, Blind.HOLE_TO_REQUESTOR},
        }
        syntaxes: dict[int, str | None] = {c.id: c.transfer_syntax for c in contexts if c.transfer_syntax}
        if self._accept:
            syntaxes |= {c.context_id: c.transfer_syntax for c in self._accept.contexts if c.result == 0}
        refused: set[int] = set()
        for exchange in self.pairing.exchanges:
            exchange.unseen = _unseen(exchange, to_acceptor, blind)
            exchange.requested_by = "requestor" if exchange.direction is to_acceptor else "acceptor"
            exchange.transfer_syntax = syntaxes.get(exchange.context_id)
            if (
                self.request
                and self._accept
                and exchange.context_id not in syntaxes
                and exchange.context_id not in refused
            ):
                refused.add(exchange.context_id)
                self._not_accepted(exchange)
            absent = exchange.request is None and exchange.last_response is not None and self._is_own(exchange)
            if absent and exchange.last_response and not unseen[exchange.direction is to_acceptor] & blind:
                detail = f"{exchange.service} response to message ID {exchange.message_id}, which was not outstanding"
                self.add_anomaly(Anomaly(AnomalyCode.RESPONSE_WITHOUT_REQUEST, exchange.last_response, detail))

    def _is_own(self, exchange: Exchange) -> bool:
        """Whether a response came after the request of this association; a hole may bring it here from the one before."""
        answer = exchange.last_response
        begun = self.request.evidence.first_packet if self.request else None
        return begun is not None and answer is not None and answer.first_packet > begun

    def _not_accepted(self, exchange: Exchange) -> None:
        evidence = exchange.request or exchange.last_response
        if evidence is not None:
            detail = f"{exchange.service} on context {exchange.context_id}, which was not accepted"
            self.add_anomaly(Anomaly(AnomalyCode.CONTEXT_NOT_ACCEPTED, evidence, detail))


def _unseen(exchange: Exchange, to_acceptor: Direction, blind: frozenset[Blind]) -> bool:
    """Whether what the outcome lacks may have been sent without being captured."""
    match exchange.outcome:
        case ExchangeOutcome.UNANSWERED:
            lacking, late = exchange.direction.opposite, Blind.END
        case ExchangeOutcome.INCOMPLETE:
            lacking, late = exchange.direction, Blind.END
        case ExchangeOutcome.ORPHAN_RESPONSE:
            lacking, late = exchange.direction, Blind.REQUEST
        case _:
            return False
    there = {Blind.TO_ACCEPTOR, Blind.HOLE_TO_ACCEPTOR}
    back = {Blind.TO_REQUESTOR, Blind.HOLE_TO_REQUESTOR}
    return bool(blind & ((there if lacking is to_acceptor else back) | {late}))
