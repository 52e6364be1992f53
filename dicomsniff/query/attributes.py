"""An exchange in, the value of any name out: of the exchange, its association, its command, its data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches

from dicomsniff.association.content import answers_of, dataset_of
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.dimse.dictionary import keywords
from dicomsniff.dimse.element import DataSet
from dicomsniff.dimse.element_rows import command_rows
from dicomsniff.dimse.message import Message
from dicomsniff.dimse.uids import uid_name
from dicomsniff.query.language import ExpressionError, Value
from dicomsniff.report.convert import between, iso_time
from dicomsniff.report.log.exchange_of import Exchanges
from dicomsniff.report.redaction import Redaction

Read = Callable[[Exchange, Association], Value]


def _duration(exchange: Exchange, _: Association) -> Value:
    request, final = exchange.request, exchange.final
    return between(request.first_ns, final.last_ns) if request and final else None


def _first_response(exchange: Exchange, _: Association) -> Value:
    request, first = exchange.request, exchange.first_response
    return between(request.last_ns, first.first_ns) if request and first else None


ATTRIBUTES: dict[str, Read] = {
    "exchange": lambda e, a: e.id,
    "association": lambda e, a: e.association,
    "connection": lambda e, a: a.connection,
    "context": lambda e, a: e.context_id,
    "service": lambda e, a: e.service,
    "message_id": lambda e, a: e.message_id,
    "requested_by": lambda e, a: e.requested_by,
    "sop_class": lambda e, a: e.sop_class,
    "sop_class_name": lambda e, a: uid_name(e.sop_class) if e.sop_class else None,
    "sop_instance": lambda e, a: e.sop_instance,
    "transfer_syntax": lambda e, a: e.transfer_syntax,
    "transfer_syntax_name": lambda e, a: uid_name(e.transfer_syntax) if e.transfer_syntax else None,
    "status": lambda e, a: e.status,
    "status_class": lambda e, a: e.status_class,
    "status_text": lambda e, a: e.status_text,
    "error_comment": lambda e, a: e.error_comment,
    "outcome": lambda e, a: str(e.outcome),
    "responses": lambda e, a: e.responses,
    "matches": lambda e, a: e.pending if e.service == "C-FIND" else None,
    "dataset_bytes": lambda e, a: e.payload.length if e.payload else 0,
    "missing_bytes": lambda e, a: e.payload.missing_bytes if e.payload else 0,
    "duration_ms": _duration,
    "first_response_ms": _first_response,
    "packet": lambda e, a: seen.first_packet if (seen := e.request or e.last_response) else None,
    "time": lambda e, a: iso_time(seen.first_ns) if (seen := e.request or e.last_response) else None,
    "move_destination": lambda e, a: e.move_destination,
    "calling_ae": lambda e, a: a.calling_ae,
    "called_ae": lambda e, a: a.called_ae,
    "requestor": lambda e, a: str(a.requestor),
    "requestor_ip": lambda e, a: a.requestor.ip,
    "acceptor": lambda e, a: str(a.acceptor),
    "acceptor_ip": lambda e, a: a.acceptor.ip,
    "acceptor_port": lambda e, a: a.acceptor.port,
    "association_outcome": lambda e, a: str(a.outcome),
    "calling_implementation": lambda e, a: a.request.user_information.implementation_version if a.request else None,
    "called_implementation": lambda e, a: a.accept.user_information.implementation_version if a.accept else None,
}  # fmt: skip
"""Names that are no keywords of DICOM, and how they are read."""
COMMAND = 0x0000


def check_names(names: Iterator[str] | frozenset[str]) -> None:
    """Raises ExpressionError for a name that nothing has, with the nearest that there is."""
    for name in sorted(names):
        for part in name.split(".") if name not in ATTRIBUTES else ():
            if part not in keywords() and not (name == part and part in ATTRIBUTES):
                near = get_close_matches(part, [*ATTRIBUTES, *keywords()], 1, 0.6)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ExpressionError(f"nothing has the name {part}{hint}")


def needs_commands(names: frozenset[str]) -> bool:
    """Whether command elements are asked for, which only a transcript has."""
    return any(keywords().get(name, (1 << 31, ""))[0] >> 16 == COMMAND for name in names if name not in ATTRIBUTES)


class Attributes:
    """Looks names up, exchange by exchange; data sets are decoded when a keyword is asked for, and then once."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self._exchange: Exchange | None = None
        self._association: Association | None = None
        self._data: list[DataSet] | None = None
        self._said: tuple[int, dict[int, list[Message]]] = (0, {})

    def of(self, exchange: Exchange) -> Callable[[str], Value]:
        """The lookup for this exchange, good until the next is asked for."""
        self._exchange, self._data = exchange, None
        if self._association is None or self._association.id != exchange.association:
            self._association = self._traffic.association(exchange.association)
        return self._value

    def _value(self, name: str) -> Value:
        assert self._exchange is not None and self._association is not None
        read = ATTRIBUTES.get(name)
        if read is not None:
            return read(self._exchange, self._association)
        if keywords().get(name, (1 << 31, ""))[0] >> 16 == COMMAND:
            return _joined(self._command(name))
        if self._data is None:
            own = dataset_of(self._exchange)
            self._data = [*((own,) if own else ()), *answers_of(self._exchange)]
        return _joined([value for data in self._data for value in _found(data, name.split("."))])

    def _command(self, name: str) -> list[str]:
        assert self._exchange is not None and self._association is not None
        association = self._association
        if association.transcript is None:
            return []
        if self._said[0] != association.id:
            exchanges, said = Exchanges(association), dict[int, list[Message]]()
            for message in association.transcript.messages():
                if (exchange := exchanges.of(message)) is not None:
                    said.setdefault(exchange.id, []).append(message)
            self._said = association.id, said
        messages = self._said[1].get(self._exchange.id, [])
        rows = (row for message in messages for row in command_rows(message.text).rows)
        return [row.text for row in rows if row.keyword == name and row.text is not None]


def shown(name: str, value: Value, redaction: Redaction) -> Value:
    """A value as it may be shown."""
    if name == "error_comment":
        return redaction.comment(value) if isinstance(value, str) else value
    known = None if name in ATTRIBUTES else keywords().get(name.rpartition(".")[2])
    if known is None or value is None:
        return value
    if isinstance(value, tuple):
        return tuple(shown(name, each, redaction) for each in value)
    way = [keywords()[part][0] for part in name.split(".")[:-1]]
    inside = any(redaction.protects(tag, "SQ") for tag in way)
    return redaction.element(*known, str(value), inside)


def _found(data: DataSet, path: list[str]) -> Iterator[str]:
    first, *rest = path
    if not rest:
        value = data.get(first)
        if value is not None:
            yield from value.split("\\")
        return
    for item in data.items(first):
        yield from _found(item, rest)


def _joined(values: list[str]) -> Value:
    """Each once, in order; None for none."""
    once: tuple[Value, ...] = tuple(dict.fromkeys(values))
    return once if len(once) > 1 else once[0] if once else None
