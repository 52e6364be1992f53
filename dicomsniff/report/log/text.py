"""The events of an association in, lines for a reader of debug logs out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dicomsniff.association.transcript import PduFacts
from dicomsniff.association.values import Association, Outcome, Traffic
from dicomsniff.core import Evidence
from dicomsniff.dimse.message import Message
from dicomsniff.pdu.tables import abort_text, pdu_name, reject_text
from dicomsniff.pdu.values import ReleaseRp, ReleaseRq
from dicomsniff.report.connection_rows import preamble_row
from dicomsniff.report.convert import iso_time
from dicomsniff.report.hexadecimal import hex_lines
from dicomsniff.report.log.elements import flat_lines, tree_lines
from dicomsniff.report.log.events import Control, Event, events, sender
from dicomsniff.report.log.exchange_of import answered_after_ns
from dicomsniff.report.log.messages import command_lines, data_set_rows, data_set_title, short_name
from dicomsniff.report.log.negotiation import control_lines, control_name
from dicomsniff.report.log.wishes import LogWish
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.wording import BLIND_SPOTS, OUTCOMES, duration, joined, packets, passed_on
from dicomsniff.tcp.excerpts import Excerpts

_WIDTH = 72
_DUMPED = 512


class TextLog:
    """Writes associations as text."""

    def __init__(self, traffic: Traffic, wish: LogWish, redaction: Redaction, excerpts: Excerpts | None) -> None:
        self._traffic, self._wish, self._redaction, self._excerpts = traffic, wish, redaction, excerpts

    def lines(self, association: Association) -> Iterator[str]:
        """One association from its request to its end."""
        yield from self._head(association)
        for event in events(association, self._wish):
            yield from self._event(association, event)
        yield from self._tail(association)

    def _head(self, association: Association) -> Iterator[str]:
        conversation = self._traffic.conversation(association.connection)
        stream = conversation.tcp.tcp_stream
        titles = f"{association.calling_ae or '?'} → {association.called_ae or '?'}"
        yield "#" * _WIDTH
        yield f"# Association {association.id}: {titles}, {OUTCOMES[association.outcome]}"
        yield f"# {association.requestor} → {association.acceptor}, tcp.stream eq {stream}"
        took = duration((association.last_ns - association.first_ns) / 1e6)
        yield f"# {_moment(association.first_ns)}, {took}, packets {association.first_packet}–{association.last_packet}"
        if (row := preamble_row(conversation.preamble)) is not None:
            yield f"# {passed_on(row)}"
        if association.view_of:
            yield f"# This is association {association.view_of}, captured a second time"
        if association.blind:
            yield f"# Not captured: {joined([BLIND_SPOTS[blind] for blind in sorted(association.blind)])}"
        yield "#" * _WIDTH

    def _event(self, association: Association, event: Event) -> Iterator[str]:
        if event.pdu is not None and event.said is None:
            yield self._pdu(association, event.pdu)
            yield from self._bytes(association, event.evidence)
        elif isinstance(event.said, Message):
            yield from self._message(association, event, event.said)
        elif isinstance(event.said, ReleaseRq | ReleaseRp):
            yield f"{self._stamp(association, event.evidence)}: {control_name(event.said)}"
            yield from self._bytes(association, event.evidence)
        elif event.said is not None:
            yield from self._control(association, event, event.said)

    def _control(self, association: Association, event: Event, said: Control) -> Iterator[str]:
        name = control_name(said)
        yield ""
        yield self._stamp(association, event.evidence)
        yield f" BEGIN {name} ".center(_WIDTH, "=")
        yield from control_lines(association, said, self._redaction)
        yield from self._bytes(association, event.evidence)
        yield f" END {name} ".center(_WIDTH, "=")

    def _message(self, association: Association, event: Event, message: Message) -> Iterator[str]:
        yield ""
        yield self._stamp(association, message.evidence)
        yield f" {short_name(message)}, {sender(association, message.direction)} ".center(_WIDTH, "=")
        yield from command_lines(association, message, self._redaction)
        yield from self._elapsed(event, message)
        rows = data_set_rows(association, message)
        if rows is not None:
            yield f"# {data_set_title(association, message, rows)}"
            yield from (flat_lines if self._wish.flat else tree_lines)(rows, self._redaction)
        elif message.command.has_data_set:
            yield "# nothing of the data set was seen"
        yield " END DIMSE MESSAGE ".center(_WIDTH, "=")

    def _elapsed(self, event: Event, message: Message) -> Iterator[str]:
        evidence = message.evidence
        after = answered_after_ns(event.exchange, message)
        if after is not None:
            yield f"{'Answered After':<30}: {duration(after / 1e6)}"
        if evidence.last_ns > evidence.first_ns >= 0:
            yield f"{'Time On The Wire':<30}: {duration((evidence.last_ns - evidence.first_ns) / 1e6)}"
        if event.exchange is not None:
            yield f"{'Exchange':<30}: {event.exchange.id}"

    def _pdu(self, association: Association, pdu: PduFacts) -> str:
        name = "unreadable bytes" if pdu.type is None else pdu_name(pdu.type)
        length = f"{pdu.evidence.length:,} bytes" if pdu.length is None else f"{pdu.length:,} + 6 bytes"
        part = "" if pdu.begins and pdu.ends else ", a piece of it"
        values = "".join(
            f"; PDV context {v.context_id} {'command' if v.is_command else 'data'}{' last' if v.is_last else ''}, "
            + (f"{v.missing:,} bytes not captured" if v.missing else f"{v.length:,} bytes")
            for v in pdu.pdvs
        )
        return f"{self._stamp(association, pdu.evidence)}: {name}, {length}{part}{values}{f', {pdu.broken}' if pdu.broken else ''}"

    def _bytes(self, association: Association, evidence: Evidence) -> Iterator[str]:
        if self._excerpts is None:
            return
        excerpt = self._excerpts.of(association.connection, evidence)
        for line in hex_lines(excerpt, self._redaction):
            yield f"  {line.offset:06x}  {' '.join(line.cells):<47}  {line.text}"
        if evidence.length > excerpt.end - excerpt.start:
            yield f"  … {evidence.length - (excerpt.end - excerpt.start):,} more bytes"

    def _tail(self, association: Association) -> Iterator[str]:
        yield ""
        for service, told in self._sums(association).items():
            yield f"{service}: {told}"
        if association.transcript is not None and association.transcript.left_off:
            yield f"({association.transcript.left_off:,} more entries were not kept)"
        yield f"Association {association.id}: {ending(association)}"
        yield ""

    @staticmethod
    def _sums(association: Association) -> dict[str, str]:
        """How often each service was asked for and how it was answered."""
        counts: dict[str, Counter[str]] = {}
        for exchange in association.exchanges:
            answer = exchange.status_class or OUTCOMES[exchange.outcome]
            counts.setdefault(exchange.service, Counter())[answer] += 1
        return {
            service: ", ".join(f"{count:,} {answer}" for answer, count in own.items())
            for service, own in counts.items()
        }

    def _stamp(self, association: Association, evidence: Evidence) -> str:
        since = (evidence.first_ns - association.first_ns) / 1e9
        when = f"+{since:.6f} s" if self._wish.relative else _moment(evidence.first_ns)
        seen = range(evidence.first_packet, evidence.last_packet + 1)
        where = packets([seen[0]]) if len(seen) < 2 else f"packets {evidence.first_packet}–{evidence.last_packet}"
        return f"{when} {where}, {sender(association, evidence.direction)}"


def ending(association: Association) -> str:
    """How it ended, in words."""
    reject, abort = association.reject, association.abort
    if reject is not None:
        return reject_text(reject.result, reject.source, reject.reason)
    if abort is not None:
        by = association.role(abort.evidence.direction)
        text = abort_text(abort.source, abort.reason).removeprefix("aborted by ")
        return (
            OUTCOMES[association.outcome]
            + f"{'' if association.outcome is Outcome.ABORTED else '; then aborted'} by the {by}: {text}"
        )
    closed = (
        f", TCP closed by the {association.role(association.closed_by)}" if association.closed_by is not None else ""
    )
    return OUTCOMES[association.outcome] + closed


def _moment(time_ns: int) -> str:
    time = iso_time(time_ns)
    return "time unknown" if time is None else f"{time[:10]} {time[11:26]} UTC"
