"""The lines that toolkits log outside of blocks: requests and answers with their status, ends, names, lengths, values."""

import re
from collections import Counter
from pathlib import Path

import pytest

from dicomsniff.api import analyze
from dicomsniff.report.log import LogWish, log_lines
from dicomsniff.report.redaction import Redaction
from tests.captures import real
from tests.report.log.test_toolkit_logs import each_log, ours, said

_SENT = re.compile(r"I: (?:Sending|Received) ([\w-]+) (?:SCP )?(Request|RQ):? ?\(?MsgID (\d+)")
_ANSWERED = re.compile(
    r"[IW]: (?:Sending|Received)(?: Final)? ([\w-]+)(?: SCP)? Response(?: \d+)? ?\((?:Status: )?([^)]*?)\)?$"
)
_FOUND = re.compile(r"I: Find SCP Response:? (\d+)(?: -|:) 0x([0-9A-Fa-f]{4}) \((\w+)\)")
_REPORTED = re.compile(r"STORE [\d.]+ \(0000,0900\) Status\s+US: (\d+)")
_VALUE = re.compile(r"^(?:\w+ \d+ )? *\(([0-9a-f]{4}), ?([0-9a-f]{4})\) .*?([A-Z]{2}): '([^']+)'$", re.IGNORECASE)
_OWN_TYPE = re.compile(
    r"Message Type +: [CN]-([A-Z-]+?) (RQ|RSP)\n(?:.*\n){0,4}?Message ID(?: Being Responded To)? *: (\d+)"
)
_OWN_STATUS = re.compile(r"Message Type +: [CN]-([A-Z-]+) RSP\n(?:(?!=).*\n)*?DIMSE Status +: 0x([0-9a-f]{4})")
_WORDS = {"ECHO", "STORE", "FIND", "MOVE", "GET", "CREATE", "SET", "ACTION", "DELETE", "EVENT-REPORT"}
_STATUSES = {  # DCMTK's words for a status (dimse.h) where they are not those of its class
    "Refused: OutOfResources": {"a700"}, "Error: DataSetDoesNotMatchSOPClass": {"a900"}, "Error: CannotUnderstand": {"c000"},
    "Refused: SOPClassNotSupported": {"0122"}, "Warning: DataSetDoesNotMatchSOPClass": {"b007"},
    "Refused: MoveDestinationUnknown": {"a801"}, "Refused: OutOfResourcesSubOperations": {"a702"},
}  # fmt: skip
ENDS = {
    r"I: Association Release(?:d)?$": "released",
    r"I: Association Aborted(?! \(A-P-ABORT\))": "aborted",  # that is what a toolkit makes of a closed connection
    r"F: Association Rejected:$": "rejected",
    r"I: Refusing Association \(\w+\)$": "rejected",
}


def service(word: str) -> str:
    return word.upper().removeprefix("C-").removeprefix("N-").replace("EVENT REPORT", "EVENT-REPORT")


def statuses(words: str) -> set[str] | None:
    """The statuses that a toolkit's words may mean, None for words that tell none."""
    if number := re.search(r"0x([0-9a-fA-F]{1,4})", words):
        return {f"{int(number[1], 16):04x}"}
    if words in _STATUSES:
        return _STATUSES[words]
    return {"Success": {"0000"}, "Pending": {"ff00", "ff01"}}.get(words.split(":")[0].strip())


@each_log
def test_every_answer_has_the_status_that_the_toolkit_names(log: str) -> None:
    own = Counter(_OWN_STATUS.findall(ours(log.split("/")[0])))
    theirs: Counter[tuple[str, str, frozenset[str]]] = (
        Counter()
    )  # by who prints it: a program tells what its toolkit told
    for line in said(log).splitlines():
        if (found := _ANSWERED.match(line)) and service(found[1]) in _WORDS:
            meant = statuses(found[2])
            assert meant, line
            theirs["toolkit", service(found[1]), frozenset(meant)] += 1
        elif found := _FOUND.match(line):
            theirs["find", "FIND", frozenset({found[2].lower()})] += 1
        elif found := _REPORTED.match(line):
            theirs["program", "STORE", frozenset({f"{int(found[1]):04x}"})] += 1
    for (_, name, meant_), count in theirs.items():
        assert sum(own[name, status] for status in meant_) >= count, (name, meant_, count, own)


@each_log
def test_every_request_with_its_number_is_there_as_often(log: str) -> None:
    own = Counter(_OWN_TYPE.findall(ours(log.split("/")[0])))
    theirs = Counter(
        (service(found[1]), "RQ", found[3])
        for line in said(log).splitlines()
        if (found := _SENT.match(line)) and service(found[1]) in _WORDS
    )
    assert not theirs - own


@each_log
def test_every_end_of_an_association_is_there_as_often(log: str) -> None:
    own = re.findall(r"^# Association \d+: .*, (released|aborted|rejected)", ours(log.split("/")[0]), re.MULTILINE)
    lines = said(log).splitlines()
    for pattern, how in ENDS.items():
        assert sum(bool(re.match(pattern, line)) for line in lines) <= own.count(how), (pattern, how)


@each_log
def test_titles_and_maximum_lengths_on_single_lines_are_there(log: str) -> None:
    text = ours(log.split("/")[0])
    announced = {int(n) for n in re.findall(r"Max PDU Receive Size: +(\d+)", text)}
    pairs = set(re.findall(r"^# Association \d+: (\S+) → (\S+),", text, re.MULTILINE))
    for line in said(log).splitlines():
        if found := re.search(r"\(Max Send PDV: (\d+)\)", line):
            assert int(found[1]) + 12 in announced, line  # two headers of 6 bytes each go off
        elif found := re.match(r"I: Association Received \(([\d.]+):(\S+) -> (\S+)\)", line):
            assert (found[2], found[3]) in pairs and found[1] in text, line
        elif found := re.match(r"D: Responding Application Name: (\S+)$", line):
            assert found[1] in {called for _, called in pairs}, line


@each_log
def test_every_value_that_pydicom_prints_is_there(log: str) -> None:
    """(0010, 0020) Patient ID   LO: 'P1'."""
    text = ours(log.split("/")[0])
    for line in said(log).splitlines():
        if found := _VALUE.match(re.sub(r"^[DI]: ?", "", line.rstrip())):
            wanted = rf"\({found[1]},{found[2]}\) {found[3]} \[{re.escape(found[4])} ?\0?\]"
            assert re.search(wanted, text, re.IGNORECASE), line


@each_log
def test_what_was_not_negotiated_is_said_not_to_have_been(log: str) -> None:
    text = ours(log.split("/")[0]).lower()
    for line in said(log).splitlines():
        if found := re.match(
            r"D: ((?:Requested|Accepted|User Identity)[\w ]*Negotiation(?: Response)?): +none$", line, re.I
        ):
            assert f"{found[1].lower()}: none" in text, line


@each_log
def test_every_pdu_that_dcmtk_dumps_has_its_length_and_bytes(log: str) -> None:
    """ "PDU Type: Associate Accept, PDU Length: 184 + 6 bytes PDU header", then its first 512 bytes."""
    text = said(log)
    dumps = re.findall(
        r"PDU Type: Associate (\w+), PDU Length: (\d+) \+ 6 bytes PDU header\n(?:D: Only dumping \d+ bytes\.\n)?"
        r"((?:D: (?:  [0-9a-f]{2})+\n)*)", text,
    )  # fmt: skip
    if not dumps:
        return
    names = sorted((real.CAPTURES / log.split("/")[0]).glob("capture*.pcap*"))
    read = analyze(*names, transcribe="pdus", rules=False)
    sent = [(a.connection, pdu.evidence) for a in read.associations for pdu in (a.request, a.accept) if pdu is not None]
    excerpts = read.stream_bytes(sent, 1 << 17)
    own = [excerpts.of(*each).data or b"" for each in sent]
    for kind, length, dump in dumps:
        theirs = bytes.fromhex(re.sub(r"D:", "", dump))
        wanted = {"Request": 1, "Accept": 2}[kind]
        assert any(
            each[0] == wanted and len(each) == int(length) + 6 and each.startswith(theirs) for each in own if each
        ), (kind, length)
    read.close()


@real.here
def test_the_lines_hold_enough_to_prove_something() -> None:
    logs = [path.read_text(errors="replace") for path in real.CAPTURES.glob("*/*.log")]
    lines = [line for text in logs for line in text.splitlines()]
    for pattern, least in ((_SENT, 100), (_ANSWERED, 80), (_FOUND, 10), (_REPORTED, 8)):
        assert sum(bool(pattern.match(line)) for line in lines) >= least, pattern.pattern
    values = [line for line in lines if _VALUE.match(re.sub(r"^[DI]: ?", "", line.rstrip()))]
    assert len(values) >= 10 and sum("PDU Length:" in line for line in lines) >= 15


@real.here
@pytest.mark.parametrize("name", ["query_retrieve", "echo_ok"])
def test_a_log_that_claimed_another_status_would_be_noticed(name: str, tmp_path: Path) -> None:
    """The patterns read our log: without it nothing would be found."""
    read = analyze(real.capture(name), transcribe="messages", rules=False)
    text = "\n".join(log_lines(read.traffic, LogWish(), Redaction(False)))
    read.close()
    assert len(_OWN_STATUS.findall(text)) == sum(e.responses for e in read.exchanges)
    assert len([row for row in _OWN_TYPE.findall(text) if row[1] == "RQ"]) >= len(read.exchanges)
