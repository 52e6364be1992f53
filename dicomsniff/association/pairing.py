"""Messages of both directions in, exchanges out: requests and responses paired by direction and message ID.

The halves may come in either order: a response whose request has not been met yet waits for it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import fields
from itertools import islice
from operator import attrgetter

from dicomsniff.association.values import Exchange, ExchangeOutcome, Progress
from dicomsniff.core import LIMITS, Anomaly, AnomalyCode, Direction, Evidence, Limits
from dicomsniff.dimse.command import CommandSet, service_name
from dicomsniff.dimse.message import Message, SubOperations
from dicomsniff.dimse.status import describe_status
from dicomsniff.dimse.uids import service_class_of, uid_name

CANCEL, RESPONSE = 0x0FFF, 0x8000
STORE, GET = "C-STORE", "C-GET"
CANCELLABLE = frozenset({"C-FIND", "C-GET", "C-MOVE"})
_COUNTERS = attrgetter(
    "remaining_suboperations", "completed_suboperations", "failed_suboperations", "warning_suboperations"
)
_UNCOUNTED = (None, None, None, None)
COUNTED = 10_000
"""Responses after a C-CANCEL of which the time is kept."""
LATEST = 8
"""C-GETs looked at for a sub-operation, requests with one message ID looked at for a response: more are never under
way at once."""
OUTCOMES = {
    "success": ExchangeOutcome.COMPLETED,
    "warning": ExchangeOutcome.WARNING,
    "failure": ExchangeOutcome.FAILED,
    "cancel": ExchangeOutcome.CANCELLED,
}


class Pairing:
    """The exchanges of one association, in the order of their requests."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.exchanges: list[Exchange] = []
        self._outstanding: dict[tuple[Direction, int | None], list[Exchange]] = {}
        self._early: dict[tuple[Direction, int | None], list[Message]] = {}
        self._latest: dict[tuple[Direction, int | None], Exchange] = {}
        self._pending: dict[int, tuple[array[int], array[int]]] = {}  # times, and what their sender had heard
        self.odd: list[Anomaly] = []
        self._limits = limits

    def add(self, message: Message) -> None:
        """One message of either direction."""
        field = message.command.command_field
        if field & RESPONSE:
            self._response(message)
        elif field == CANCEL:
            self._cancel(message)
        else:
            self._request(message)

    def outstanding(self) -> list[Exchange]:
        """Requests without a final response, in order."""
        return [e for waiting in self._outstanding.values() for e in waiting]

    def copy(self) -> Pairing:
        """The same exchanges as others, to be finished while more messages are added to this one."""
        made = Pairing(self._limits)
        made.exchanges = [_copied(exchange) for exchange in self.exchanges]
        made._early = {key: list(messages) for key, messages in self._early.items() if messages}
        for own, other in zip(self.exchanges, made.exchanges, strict=True):
            if own.cancel is not None and id(own) in self._pending:
                made._pending[id(other)] = self._pending[id(own)]
        made.odd = list(self.odd)
        return made

    def forget(self, most: int) -> bool:
        """Once there are twice as many, drop the oldest finished exchanges beyond `most`; whether there were any. For an
        association that never ends."""
        old = self.exchanges[:-most] if len(self.exchanges) > 2 * most else []
        gone = {id(exchange) for exchange in old if exchange.final is not None}
        if not gone:
            return False
        self.exchanges = [exchange for exchange in self.exchanges if id(exchange) not in gone]
        self._pending = {one: times for one, times in self._pending.items() if one not in gone}
        self._latest = {key: exchange for key, exchange in self._latest.items() if id(exchange) not in gone}
        self._outstanding = {key: waiting for key, waiting in self._outstanding.items() if waiting}
        self._early = {key: messages for key, messages in self._early.items() if messages}
        return True

    def finish(self) -> None:
        """No more messages: sub-operations find their C-GET, responses still waiting for a request have none."""
        self._join_suboperations()
        self._count_after_cancel()
        waiting = [(key, message) for key, messages in self._early.items() for message in messages]
        waiting.sort(key=lambda one: one[1].evidence.first_ns)
        orphans: dict[tuple[Direction, int | None], Exchange] = {}
        for key, message in waiting:
            orphan = orphans.get(key)
            if orphan is None or orphan.final is not None or not _fits(orphan, message):
                orphan = orphans[key] = self._new(message, key[0])
            self._answer(orphan, message)
            orphan.outcome = ExchangeOutcome.ORPHAN_RESPONSE
        self._early.clear()

    def _new(self, message: Message, direction: Direction) -> Exchange:
        command = message.command
        exchange = Exchange(
            id=0,
            association=0,
            context_id=message.context_id,
            direction=direction,
            service=service_name(command.command_field & 0x7FFF),
            message_id=command.message_id_being_responded_to if command.is_response else command.message_id,
            requested_by="",
            sop_class=command.sop_class_uid,
            sop_instance=command.sop_instance_uid,
        )
        self.exchanges.append(exchange)
        return exchange

    def _request(self, message: Message) -> None:
        command, exchange = message.command, self._new(message, message.direction)
        exchange.request = message.evidence
        exchange.request_complete, exchange.request_finished = message.complete, message.finished
        exchange.has_data_set, exchange.payload = command.has_data_set, message.payload
        exchange.move_destination = command.move_destination
        if (
            command.move_originator_ae or command.move_originator_message_id
        ):  # CTN fills in a blank title and 0 for none
            exchange.move_originator_ae = command.move_originator_ae
            exchange.move_originator_message_id = command.move_originator_message_id
        exchange.action_type_id, exchange.event_type_id = command.action_type_id, command.event_type_id
        if not message.finished:
            exchange.outcome = ExchangeOutcome.INCOMPLETE
        key = (message.direction, command.message_id)
        self._outstanding.setdefault(key, []).append(exchange)
        if exchange.service in CANCELLABLE:
            self._latest[key] = exchange
        self._answer_early(key, exchange)

    def _join_suboperations(self) -> None:
        """A C-STORE against the direction of an open C-GET is one of its sub-operations (PS3.7 §9.1.3).

        Parents and children are places in `exchanges` until the whole traffic is numbered.
        """
        begun = [
            (e.request.first_ns, place) for place, e in enumerate(self.exchanges) if e.service == GET and e.request
        ]
        if not begun:
            return
        begun.sort()
        for here, store in enumerate(self.exchanges):
            if store.service != STORE or store.request is None:
                continue
            before = bisect_right(begun, (store.request.last_ns, len(self.exchanges)))
            for _, place in reversed(begun[max(0, before - LATEST) : before + 1]):
                get = self.exchanges[place]
                if get.direction is not store.direction and _open_at(get, store):
                    get.children.append(here)
                    store.parent = place
                    break

    def _answer_early(self, key: tuple[Direction, int | None], exchange: Exchange) -> None:
        waiting = self._early.get(key)
        if not waiting or exchange.request is None:
            return
        request = exchange.request
        fitting = [m for m in waiting if not request.knew(m.evidence) and _fits(exchange, m)]
        for message in fitting:
            waiting.remove(message)
            self._answer(exchange, message)
            if exchange.final is not None:
                break

    def _response(self, message: Message) -> None:
        key = (message.direction.opposite, message.command.message_id_being_responded_to)
        exchange = _asked(message, self._outstanding.get(key, []))
        if exchange is None:
            self._early.setdefault(key, []).append(message)
        else:
            self._answer(exchange, message)

    def _answer(self, exchange: Exchange, message: Message) -> None:
        command = message.command
        exchange.responses += 1
        exchange.last_response = message.evidence
        if exchange.first_response is None:
            exchange.first_response = message.evidence
        if not exchange.sop_class:
            exchange.sop_class = command.sop_class_uid
        if not exchange.sop_instance:
            exchange.sop_instance = command.sop_instance_uid
        if message.payload is not None and len(exchange.answers) < self._limits.pending_payloads:
            exchange.answers.append(message.payload)
        if exchange.request is not None:
            self._compare(exchange, message)
        _status(exchange, command)
        if (counts := _counters(command)) is not None:
            exchange.suboperations = counts
            del exchange.progress[self._limits.progress - 1 :]  # the last is always kept
            exchange.progress.append(Progress(message.evidence, counts))
        if exchange.status_class == "pending":
            exchange.pending += 1
            exchange.pending_without_data += not command.has_data_set
            times, heard = self._pending.setdefault(id(exchange), (array("q"), array("q")))
            times.append(message.evidence.last_ns)
            heard.append(message.evidence.heard)
            return
        exchange.final = message.evidence
        exchange.final_has_data = command.has_data_set
        exchange.outcome = OUTCOMES.get(exchange.status_class or "", ExchangeOutcome.FAILED)
        if exchange.request is not None:
            _drop(exchange, self._outstanding.get((exchange.direction, exchange.message_id), []))

    def _cancel(self, message: Message) -> None:
        key = (message.direction, message.command.message_id_being_responded_to)
        waiting = self._outstanding.get(key, [])
        for exchange in waiting:
            exchange.cancel = exchange.cancel or message.evidence
        late = self._latest.get(key)  # its final response was read first, though it came later
        if late and not waiting and late.final and late.final.after(message.evidence):
            late.cancel = late.cancel or message.evidence

    def _count_after_cancel(self) -> None:
        for exchange in self.exchanges:
            if exchange.cancel is not None:
                exchange.pending_after_cancel_ns = self._since(exchange.cancel, exchange)

    def _since(self, cancel: Evidence, exchange: Exchange) -> tuple[int, ...]:
        """When pending responses came that were sent after a C-CANCEL had arrived, by what TCP had confirmed."""
        pending = zip(*self._pending.get(id(exchange), ((), ())), strict=True)
        after = (t for t, heard in pending if (heard >= cancel.end if heard >= 0 else t > cancel.last_ns))
        return tuple(islice(after, COUNTED))

    def _compare(self, exchange: Exchange, message: Message) -> None:
        """Whether the response came on the context of its request and names its class and, to a C-STORE, its instance."""
        told, asked = message.command.affected_sop_class_uid, exchange.sop_class
        if message.context_id != exchange.context_id:
            why = f"it came on context {message.context_id}, the request on context {exchange.context_id}"
        elif told and asked and told != asked and not _one_family(told, asked):
            why = f"it names {uid_name(told)} ({told}), the request {uid_name(asked)} ({asked})"
        elif exchange.service == STORE and _named_otherwise(exchange.sop_instance, message.command.sop_instance_uid):
            why = f"it names the instance {message.command.sop_instance_uid}, the request {exchange.sop_instance}"
        else:
            return
        if len(self.odd) < self._limits.anomalies:
            detail = f"the {exchange.service} response to message ID {exchange.message_id}: {why}"
            self.odd.append(Anomaly(AnomalyCode.RESPONSE_DIFFERS, message.evidence, detail))


def _named_otherwise(asked: str | None, told: str | None) -> bool:
    return bool(asked and told) and asked != told


_FIELDS = tuple(each.name for each in fields(Exchange) if each.name != "children")


def _copied(exchange: Exchange) -> Exchange:
    """Another exchange with the same contents, so far without children."""
    made: Exchange = Exchange.__new__(Exchange)
    for name in _FIELDS:
        setattr(made, name, getattr(exchange, name))
    made.children = []
    return made


def _asked(message: Message, waiting: list[Exchange]) -> Exchange | None:
    """Of the outstanding requests with its message ID, the latest that a response can have followed; those on its own
    context first. Message IDs are used again, and the response to an earlier request may be lost."""
    if len(waiting) < 2:
        return waiting[0] if waiting and _fits(waiting[0], message) else None
    if message.evidence.heard >= 0:
        place = bisect_right(waiting, message.evidence.heard, key=_asked_end)
    else:
        place = bisect_right(waiting, message.evidence.first_ns, key=_asked_ns)
    near = waiting[max(0, place - LATEST) : place][::-1] + waiting[place : place + LATEST]
    fitting = [e for e in near if _fits(e, message)]
    return next((e for e in fitting if e.context_id == message.context_id), fitting[0] if fitting else None)


def _drop(exchange: Exchange, waiting: list[Exchange]) -> None:
    """Take out a request that was answered: one of the latest, however many before it never were."""
    for place in range(len(waiting) - 1, -1, -1):
        if waiting[place] is exchange:
            del waiting[place]
            return


def _one_family(told: str, asked: str) -> bool:
    """Unified procedure steps are one object under several classes (PS3.4 §CC.2), print has meta classes."""
    family = service_class_of(asked)
    return family in ("ups", "print") and service_class_of(told) == family


def _asked_ns(exchange: Exchange) -> int:
    return exchange.request.last_ns if exchange.request else 0


def _asked_end(exchange: Exchange) -> int:
    return exchange.request.end if exchange.request else 0


def _fits(exchange: Exchange, message: Message) -> bool:
    return exchange.service == service_name(message.command.command_field & 0x7FFF)


def _open_at(get: Exchange, store: Exchange) -> bool:
    """Whether the C-GET was under way when the C-STORE began."""
    if get.request is None or store.request is None:
        return False
    if store.request.heard >= 0:
        begun = store.request.knew(get.request)
    else:
        begun = get.request.first_ns <= store.request.last_ns
    return begun and (get.final is None or not store.request.after(get.final))


def _status(exchange: Exchange, command: CommandSet) -> None:
    exchange.status = command.status
    if command.status is None:
        exchange.status_class, exchange.status_text = None, "the response carries no status"
    else:
        meaning = describe_status(exchange.service, command.status, exchange.sop_class)
        exchange.status_class, exchange.status_text = meaning.status_class, meaning.text
    if command.error_comment:
        exchange.error_comment = command.error_comment
    if command.error_id is not None:
        exchange.error_id = command.error_id
    if command.offending_elements:
        exchange.offending_elements = command.offending_elements
    if command.attribute_identifiers:
        exchange.attribute_identifiers = command.attribute_identifiers


def _counters(command: CommandSet) -> SubOperations | None:
    """What a response counts of the sub-operations (PS3.7 §9.3.4.2)."""
    counters = _COUNTERS(command)
    return None if counters == _UNCOUNTED else SubOperations(*counters)
