"""P-DATA-TF PDUs of one direction in, whole DIMSE messages out (PS3.7 §6.3, PS3.8 Annex E); what is odd comes along."""

from collections.abc import Callable

from dicomsniff.core import LIMITS, Anomaly, AnomalyCode, Direction, Evidence, Limits
from dicomsniff.core.patterns import pattern
from dicomsniff.dimse.command import (
    C_STORE_RQ,
    CommandSet,
    decode_command,
    is_known_field,
    message_name,
    starts_command,
)
from dicomsniff.dimse.message import Message
from dicomsniff.dimse.payload import PayloadStore, PayloadWriter
from dicomsniff.pdu.values import BrokenPdu, PData, Pdv

Outcome = list[Message | Anomaly]
_DIGITS = pattern(r"\b\d+\b")
Room = Callable[[Direction, int, CommandSet], int | None]
_ODDITIES = 64  # kinds of odd commands told per direction


class _Draft:
    """The message being put together. There is at most one per direction: messages do not interleave (PS3.8 §E.1).

    `command` and `writer` are None until the command's last fragment. `begun`: a data fragment was seen. `doubtful`:
    it began right after a loss, so that its first bytes need not be the start of a command set. `lost`: bytes of the
    command were not seen or are too many, nothing can come of it. `tainted`: data of it came before its command was
    complete. `told`: fragments out of place were reported.
    """

    __slots__ = (
        "begun",
        "command",
        "context_id",
        "doubtful",
        "first",
        "last",
        "lost",
        "odd",
        "tainted",
        "text",
        "told",
        "writer",
    )

    def __init__(self, context_id: int, evidence: Evidence, doubtful: bool) -> None:
        self.context_id = context_id
        self.first = evidence
        self.last = evidence
        self.doubtful = doubtful
        self.text: bytes | bytearray = b""
        self.lost = False
        self.tainted = False
        self.told = False
        self.command: CommandSet | None = None
        self.odd: str | None = None
        self.writer: PayloadWriter | None = None
        self.begun = False


class MessageAssembler:
    """Puts the messages of one direction of one association together.

    `midstream`: the first PDU need not be the start of a message, as after a loss. Loss never looks like a fault of
    the sender: what it cut off is given as unfinished or not at all, and what it left over is dropped without a word.
    `room` says by direction, context and command how many bytes an export will write in front of an object.
    """

    def __init__(
        self,
        direction: Direction,
        store: PayloadStore,
        limits: Limits = LIMITS,
        *,
        midstream: bool = False,
        room: Room | None = None,
    ) -> None:
        self._direction = direction
        self._store = store
        self._room = room
        self._limits = limits
        self._draft: _Draft | None = None
        self._doubtful = midstream  # the next command fragment may be the middle of a command
        self._explained = midstream  # why data comes without a command is known already
        self._without_data: int | None = None  # context of the last message, if it announced no data set
        self._odd: set[str] = set()  # oddities of commands that were told: a sender repeats its own

    def feed(self, pdu: PData | BrokenPdu) -> Outcome:
        """The messages that this PDU completes or breaks off, and its oddities, in the order of the stream."""
        if not isinstance(pdu, PData):
            return self._break_off()
        if self._draft is None and not self._doubtful and len(pdu.pdvs) == 1:
            message = self._ordinary(pdu.pdvs[0], pdu.evidence)
            if message is not None:
                return message
        return self._data_pdu(pdu)

    def unfinished(self) -> Message | None:
        """What `close` would give now; nothing changes."""
        draft = self._draft
        if draft is None or draft.command is None:
            return None
        return self._message(draft, draft.command, draft.last, finished=False)

    def close(self) -> Outcome:
        """The association ends here: the unfinished message, if there is one. What is fed next belongs to another."""
        out = self._break_off()
        self._doubtful = self._explained = False
        return out

    def _ordinary(self, pdv: Pdv, evidence: Evidence) -> Outcome | None:
        """What most PDUs are between two messages: a whole command in which nothing is odd. None where it is not that."""
        context_id, is_command, is_last, data, missing, more = pdv
        if not (is_command and is_last) or missing or more or len(data) > self._limits.command_bytes:
            return None
        text = bytes(data)
        command, odd = decode_command(text)
        if command is None or odd is not None or not is_known_field(command.command_field):
            return None
        self._explained = False
        if not command.has_data_set:
            self._without_data = context_id
            return [Message(self._direction, context_id, command, None, evidence, True, True, None, text)]
        self._without_data = None
        self._draft = draft = _Draft(context_id, evidence, False)
        draft.text = text
        self._expect_data(draft, command)
        return []

    def _data_pdu(self, pdu: PData) -> Outcome:
        out: Outcome = []
        evidence = pdu.evidence
        draft = self._draft
        for pdv in pdu.pdvs:
            context_id, is_command, is_last, data, missing, more = pdv
            if not is_command and draft is not None and draft.writer is not None and context_id == draft.context_id:
                draft.begun = True
                draft.last = evidence
                if missing:
                    draft.writer.skip(missing)
                else:
                    draft.writer.write(data)
                if is_last and not more:
                    out.append(self._message(draft, draft.command, evidence, finished=True))
                    self._draft = draft = None
            else:
                if is_command:
                    self._command_fragment(pdv, evidence, out)
                else:
                    self._stray_data(context_id, pdu.first or evidence, out)
                draft = self._draft
        return out

    def _command_fragment(self, pdv: Pdv, evidence: Evidence, out: Outcome) -> None:
        draft = self._draft
        if draft is not None and (draft.command is not None or draft.context_id != pdv.context_id):
            self._interrupt(draft, pdv.context_id, evidence, out)
            draft = None
        if draft is None:
            draft = self._draft = _Draft(pdv.context_id, evidence, self._doubtful)
            self._doubtful = self._explained = False
            self._without_data = None
        draft.last = evidence
        if pdv.missing:
            draft.lost = True
        elif not draft.lost:
            self._gather(draft, pdv.data, evidence, out)
        if pdv.is_last and not pdv.more:
            self._draft = None
            self._command_complete(draft, evidence, out)

    def _gather(self, draft: _Draft, data: memoryview | bytes, evidence: Evidence, out: Outcome) -> None:
        """Most commands are one fragment: only a second one makes a buffer."""
        if not draft.text:
            draft.text = bytes(data)
        else:
            if isinstance(draft.text, bytes):
                draft.text = bytearray(draft.text)
            draft.text += data
        if len(draft.text) > self._limits.command_bytes:
            draft.lost, draft.text = True, b""
            if not draft.doubtful:
                detail = f"a command set of more than {self._limits.command_bytes} bytes"
                out.append(Anomaly(AnomalyCode.COMMAND_UNDECODABLE, draft.first.through(evidence), detail))

    def _command_complete(self, draft: _Draft, evidence: Evidence, out: Outcome) -> None:
        """The command's last fragment was seen: a message without data set is done, one with a data set goes on."""
        text = bytes(draft.text)
        if draft.lost or (draft.doubtful and not starts_command(text)):
            self._explained = True
            return
        command, odd = decode_command(text)
        if command is None:
            self._explained = True
            out.append(Anomaly(AnomalyCode.COMMAND_UNDECODABLE, draft.first.through(evidence), odd or ""))
            return
        draft.odd, draft.text = odd, text
        if odd is not None:
            self._tell_odd(command, odd, draft.first.through(evidence), out)
        if not is_known_field(command.command_field):
            detail = f"Command Field (0000,0100) is {command.command_field:04X}H"
            out.append(Anomaly(AnomalyCode.COMMAND_UNKNOWN_FIELD, draft.first.through(evidence), detail))
        if command.has_data_set:
            self._draft = draft
            self._expect_data(draft, command)
        else:
            self._without_data = draft.context_id
            out.append(self._message(draft, command, evidence, finished=True))

    def _expect_data(self, draft: _Draft, command: CommandSet) -> None:
        stored = command.command_field == C_STORE_RQ
        head = self._limits.payload_head_bytes if stored else self._limits.identifier_bytes
        room = self._room(self._direction, draft.context_id, command) if stored and self._room else None
        draft.command, draft.writer = command, self._store.writer(head, room)

    def _tell_odd(self, command: CommandSet, odd: str, evidence: Evidence, out: Outcome) -> None:
        """Each oddity of each kind of message once: a sender makes the same mistake in every command."""
        name = message_name(command.command_field)
        detail = odd if odd.startswith(name) else f"{name}: {odd}"
        kind = _DIGITS.sub("", detail)
        if kind not in self._odd and len(self._odd) < _ODDITIES:
            self._odd.add(kind)
            out.append(Anomaly(AnomalyCode.COMMAND_ODD, evidence, detail))

    def _stray_data(self, context_id: int, evidence: Evidence, out: Outcome) -> None:
        """A data fragment where none can be: said once for a run of them, and not at all where a loss explains it."""
        draft = self._draft
        if draft is not None:
            quiet, draft.told = draft.told or draft.lost or draft.doubtful, True
            draft.tainted |= context_id == draft.context_id
            code, detail = AnomalyCode.PDV_UNEXPECTED_FRAGMENT, _out_of_place(draft, context_id)
        else:
            quiet, self._explained = self._explained, True
            if context_id == self._without_data:
                code = AnomalyCode.DATASET_UNANNOUNCED
                detail = "data fragments follow a command whose (0000,0800) announces none"
            else:
                code = AnomalyCode.PDV_UNEXPECTED_FRAGMENT
                detail = f"a data fragment without a command on context {context_id}"
        if not quiet:
            out.append(Anomaly(code, evidence, detail))

    def _interrupt(self, draft: _Draft, context_id: int, evidence: Evidence, out: Outcome) -> None:
        """A new command begins although the message before is not finished."""
        command = draft.command
        if command is None:
            if not (draft.lost or draft.doubtful):
                detail = f"a command on context {context_id} begins inside one on context {draft.context_id}"
                out.append(Anomaly(AnomalyCode.PDV_UNEXPECTED_FRAGMENT, evidence, detail))
            return
        out.append(self._message(draft, command, draft.last, finished=False))
        name = message_name(command.command_field)
        if not draft.begun and context_id == draft.context_id:
            detail = f"{name} announced a data set and none followed"
            out.append(Anomaly(AnomalyCode.DATASET_NEVER_SENT, draft.first.through(draft.last), detail))
        else:
            detail = f"a command on context {context_id} begins inside a {name} on context {draft.context_id}"
            out.append(Anomaly(AnomalyCode.PDV_UNEXPECTED_FRAGMENT, evidence, detail))

    def _break_off(self) -> Outcome:
        """Past a loss nothing continues what was in progress."""
        draft, self._draft = self._draft, None
        self._doubtful = self._explained = True
        self._without_data = None
        if draft is None or draft.command is None:
            return []
        return [self._message(draft, draft.command, draft.last, finished=False)]

    def _message(self, draft: _Draft, command: CommandSet | None, last: Evidence, finished: bool) -> Message:
        assert command is not None
        evidence = draft.first if last is draft.first else draft.first.through(last)
        whole = finished and not draft.tainted
        payload = draft.writer.finish(whole) if draft.writer is not None and (draft.begun or finished) else None
        complete = whole and (payload is None or payload.complete)
        direction, context_id, text = self._direction, draft.context_id, bytes(draft.text)
        return Message(direction, context_id, command, payload, evidence, complete, finished, draft.odd, text)


def _out_of_place(draft: _Draft, context_id: int) -> str:
    if draft.command is None:
        return f"a data fragment on context {context_id} inside a command on context {draft.context_id}"
    name = message_name(draft.command.command_field)
    return f"a data fragment on context {context_id} inside a {name} on context {draft.context_id}"
