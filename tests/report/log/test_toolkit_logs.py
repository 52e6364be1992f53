"""Our log beside the toolkits' own of the same conversations: every fact that they print is in ours."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dicomsniff.api import analyze
from dicomsniff.report.log import LogWish, log_lines
from dicomsniff.report.redaction import Redaction
from tests.captures import real
from tests.report.log.toolkits import Block, own_blocks, toolkit_blocks

LOGS = [
    f"{folder.parent.name}/{folder.name}"
    for folder in sorted((*real.CAPTURES.glob("*/client.log"), *real.CAPTURES.glob("*/server.log")))
    if folder.parent.name not in ("tls", "refused_and_silent")
]
NOT_SAID = ("Their", "Our")
each_log = pytest.mark.parametrize("log", [pytest.param(log, marks=real.here) for log in LOGS or ["none"]])


@cache
def ours(name: str, level: str = "message") -> str:
    captures = sorted(path for path in (real.CAPTURES / name).glob("capture*.pcap*"))
    read = analyze(*captures, transcribe="pdus", rules=False)
    try:
        return "\n".join(log_lines(read.traffic, LogWish(level=level), Redaction(False)))
    finally:
        read.close()


def said(log: str) -> str:
    return Path(real.CAPTURES, log).read_text(errors="replace")


def holds(own: Block, theirs: Block) -> bool:
    """Whether all facts of theirs are in this one of ours. What a toolkit says of itself, or does not know yet, is no fact of
    the wire: an empty value, the maximum of the side that did not speak, a name that was not told yet."""
    if own.kind != theirs.kind and theirs.kind != "dump":
        return False
    return not lacking(own, theirs)


def lacking(own: Block, theirs: Block) -> set[Any]:
    if theirs.kind == "dump":
        comments = {("0000,0902", "LO", value) for name, value in own.facts if name == "Error Comment"}
        return set(theirs.elements) - set(own.elements) - comments
    wanted = {fact for fact in theirs.facts if fact[1]}
    if theirs.kind == "A-ASSOCIATE-AC":
        return {fact for fact in wanted - own.facts if not _of_the_other_side(fact)}
    return {fact for fact in wanted - own.facts if fact[0] not in ("Max PDU",) or fact[1] != "0"}


def _of_the_other_side(fact: tuple[str, str]) -> bool:
    """DCMTK's block on the acceptance repeats the requestor's parameters as "ours", and its rejected contexts carry a role."""
    return fact[0] in ("Implementation Class UID", "Implementation Version Name", "Max PDU") or fact[0].endswith("Role")


@each_log
def test_every_block_of_a_toolkits_log_is_in_ours(log: str) -> None:
    own = list(own_blocks(ours(log.split("/")[0])))
    for theirs in toolkit_blocks(said(log)):
        if not any(holds(block, theirs) for block in own):
            kind = "DIMSE MESSAGE" if theirs.kind == "dump" else theirs.kind
            nearest = min((lacking(b, theirs) for b in own if b.kind == kind), key=len, default=set())
            pytest.fail(f"{log}: the nearest of our blocks lacks {nearest} of {theirs}")


@real.here
def test_the_logs_hold_enough_to_prove_something() -> None:
    every = [block for log in LOGS for block in toolkit_blocks(said(log))]
    kinds = {kind: sum(block.kind == kind for block in every) for kind in {block.kind for block in every}}
    assert kinds["A-ASSOCIATE-RQ"] > 40 and kinds["A-ASSOCIATE-AC"] > 40 and kinds["DIMSE MESSAGE"] > 80
    assert kinds["dump"] > 20 and kinds["A-ABORT"] >= 3
    assert sum(len(block.facts) + len(block.elements) for block in every) > 5_000


@each_log
def test_every_status_rejection_and_message_id_is_in_ours(log: str) -> None:
    """The lines of -v: "Received Store Response (Success)", "Sending Find Request (MsgID 1)", "Reason: …"."""
    own = re.sub(r"[^a-z0-9]", "", ours(log.split("/")[0]).lower())
    text = ours(log.split("/")[0])
    for line in said(log).splitlines():
        if sent := re.match(r"I: (?:Sending|Received) (\w[\w-]*) Request:? \(?MsgID (\d+)", line):
            service = sent[1].upper().removeprefix("C-").removeprefix("N-")
            pattern = rf"Message Type +: [CN]-{service} RQ\nMessage ID +: {sent[2]}\b"
            assert re.search(pattern, text), line
        elif refused := re.match(r"F: Reason: (.*)", line):
            assert re.sub(r"[^a-z0-9]", "", refused[1].lower()) in own, line
        elif refused := re.match(r"F: Result: (.*), Source: (.*)", line):
            assert all(re.sub(r"[^a-z0-9]", "", part.lower()) in own for part in refused.groups()), line


@real.here
def test_the_bytes_of_the_pdus_that_dcmtk_dumps_are_in_ours() -> None:
    log = said("echo_ok/client.log")
    [dump] = re.findall(r"PDU header\n((?:D: (?:  [0-9a-f]{2})+\n)+)", log)
    theirs = bytes.fromhex(re.sub(r"D:", "", dump))
    read = analyze(real.capture("echo_ok"), transcribe="messages", rules=False)
    association = read.associations[0]
    accept = association.accept
    assert accept is not None
    excerpts = read.stream_bytes([(association.connection, accept.evidence)], 512)
    lines = list(log_lines(read.traffic, LogWish(hexadecimal=True), Redaction(True), excerpts))
    cells = [line[10:57] for line in lines if re.match(r"  [0-9a-f]{6}  [0-9a-f]{2} ", line)]
    assert theirs == bytes.fromhex("".join(cells))
    read.close()
