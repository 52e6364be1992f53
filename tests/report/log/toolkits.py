"""A debug log of DCMTK or pynetdicom, or our own log, in; the facts that it prints, block by block, out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from pydicom._uid_dict import UID_dictionary

_ALIASES = {
    "JPEGLossless:Non-hierarchical-1stOrderPrediction": "1.2.840.10008.1.2.4.70",
    "JPEG XL Lossless": "1.2.840.10008.1.2.4.110",
    "JPEG XL JPEG Recompression": "1.2.840.10008.1.2.4.111",
    "JPEG XL": "1.2.840.10008.1.2.4.112",
    "Deflated Image Frame Compression": "1.2.840.10008.1.2.8.1",
}
_UID = re.compile(r"[\d.]+")
_OWN_UID = re.compile(r"=?(?:.* \()?([\d.]+)\)?$")
_ELEMENT = re.compile(r"\(([0-9a-fA-F]{4}),([0-9a-fA-F]{4})\) (\w\w) (.*?)\s*#\s+(?:(?:u/l|\d+), )?\d+ \w+$")
_LINE = re.compile(r"^[DIWEF]: ?")
_BEGIN = re.compile(r"=+ (?:BEGIN|INCOMING|OUTGOING) (A-ASSOCIATE-(?:RQ|AC)|A-ABORT|DIMSE MESSAGE)(?: PDU)? =+$")
_OWN_BEGIN = re.compile(r"=+ (?:BEGIN (A-ASSOCIATE-(?:RQ|AC|RJ)|A-ABORT)|(.*(?:RQ|RSP|0x\w{4})), \w+ → \w+) =+$")
_END = re.compile(r"=+ END .* =+$")
_DUMP = re.compile(r"^#? ?#? ?(Dicom-Data-Set|DICOM Dataset|Request Identifier|Response Identifier)")
_KEPT_FIELDS = {
    "Calling Application Name", "Called Application Name", "Application Context Name", "Message Type", "Message ID",
    "Message ID Being Responded To", "Affected SOP Instance UID", "Requested SOP Instance UID", "Presentation Context ID",
    "Move Destination", "Action Type ID", "Event Type ID", "Action Type", "Event Type", "Move Originator AE Title",
    "Remaining Sub-operations", "Completed Sub-operations", "Failed Sub-operations", "Warning Sub-operations",
    "Number of Remaining Suboperations", "Error Comment", "Username", "Positive Response Requested",
    "Maximum Invoked Operations", "Maximum Performed Operations", "Proposed SCP/SCU Role", "Accepted SCP/SCU Role",
}  # fmt: skip
_RENAMED = {"Action Type": "Action Type ID", "Event Type": "Event Type ID"}


@dataclass
class Block:
    """What one block says. `facts` are (name, value); `elements` those of the dump that belongs to it."""

    kind: str
    facts: set[tuple[str, str]] = field(default_factory=set)
    elements: list[tuple[str, str, str]] = field(default_factory=list)


def toolkit_blocks(text: str) -> Iterator[Block]:
    """The blocks that were logged whole, and each dump of a data set as a block "dump"."""
    block: Block | None = None
    dump: Block | None = None
    section = ""
    for raw in text.splitlines():
        line = _LINE.sub("", raw.rstrip())
        if begin := _BEGIN.search(line):
            if dump is not None and dump.elements:
                yield dump
            block, dump, section = Block(begin[1]), None, ""
        elif _END.search(line):
            if block is not None:
                yield block
            block = None
        elif block is not None:
            section = _read(block, line, section)
        elif _DUMP.match(line):
            if dump is not None and dump.elements:
                yield dump
            dump = Block("dump")
        elif dump is not None and (element := _ELEMENT.search(line)):
            dump.elements.append(_of(element))
        elif dump is not None and line and not line.strip().startswith(("#", "(Sequence item")):
            if dump.elements:
                yield dump
            dump = None
    if dump is not None and dump.elements:
        yield dump


def own_blocks(text: str) -> Iterator[Block]:
    """The blocks of our log; the data set of a message stands in its block."""
    block: Block | None = None
    section = ""
    for line in text.splitlines():
        if begin := _OWN_BEGIN.search(line):
            block, section = Block(begin[1] or "DIMSE MESSAGE"), ""
        elif _END.search(line):
            if block is not None:
                yield block
            block = None
        elif block is not None:
            if (element := _ELEMENT.search(line)) is not None:
                block.elements.append(_of(element))
            else:
                section = _read(block, line, section)


def _of(element: re.Match[str]) -> tuple[str, str, str]:
    value = element[4].strip()
    if value.startswith("[") and value.endswith("]"):
        value = value[1:-1].rstrip(" \0")
    value = re.sub(r"^\(Sequence with (?:explicit|undefined) length #=(\d+)\)$", r"(Sequence with \1)", value)
    value = re.sub(r"^\(Sequence with (\d+) items?\)$", r"(Sequence with \1)", value)
    return f"{element[1]},{element[2]}".lower(), element[3], value


def _read(block: Block, line: str, section: str) -> str:
    """One line of a block; returns the heading under which the next lines stand."""
    text = line.strip()
    name, colon, value = (part.strip() for part in text.partition(":"))
    if name == "Context ID":
        id, _, result = value.partition(" ")
        block.facts.add(("context", f"{id} {result.lower().replace('(rejected - ', '(')}"))
        return f"context {id}"
    if text.startswith("=") or (name in ("Abstract Syntax", "Accepted Transfer Syntax", "SOP Class", "Service Class")):
        for uid in uids(value if colon and not text.startswith("=") else text):
            block.facts.add((f"{section} {name if colon and not text.startswith('=') else 'transfer'}", uid))
        return section
    if name in ("Affected SOP Class UID", "Requested SOP Class UID"):
        block.facts |= {(name, uid) for uid in uids(value)}
    elif name.endswith(("Implementation Class UID", "Implementation Version Name")):
        block.facts.add((name.split(" ", 1)[1] if name.startswith(("Our", "Their")) else name, value))
    elif name.endswith("Max PDU Receive Size"):
        block.facts.add(("Max PDU", value))
    elif name in ("Data Set", "Identifier", "Attribute List", "Modification List", "Action Information",
                  "Event Information", "Action Reply", "Event Reply"):  # fmt: skip
        block.facts.add(("data", value.lower().split()[0]))
    elif name == "Priority":
        block.facts.add((name, value.lower()))
    elif name in ("Status", "DIMSE Status"):
        block.facts.add(("status", value[:6].lower()))
    elif name == "Abort Source" or (name == "Abort Reason" and value != "(no value available)"):
        block.facts.add((name, re.sub(r"^DICOM UL | \(\d+\)$|^DUL ", "", value)))
    elif re.fullmatch(r"[0-9a-f]{2}(  [0-9a-f]{2})*", text):
        block.facts.add(("information", text))
    elif name in _KEPT_FIELDS:
        if name.startswith(("Proposed", "Accepted")):
            name = f"{section} {name}"
        if name == "Presentation Context ID":
            value = value.split()[0]
        block.facts.add((_RENAMED.get(name, name), value.strip("[]")))
    return section


def uids(shown: str) -> set[str]:
    """The UIDs that "=CTImageStorage", "CT Image Storage" or our "=CT Image Storage (1.2.840…)" may stand for."""
    name = shown.removeprefix("=").strip()
    if name in _ALIASES:
        return {_ALIASES[name]}
    if _UID.fullmatch(name):
        return {name}
    if (own := _OWN_UID.match(shown)) is not None and "(" in shown:
        return {own[1]}
    return {_names().get(_squeezed(name), f"unknown name {name}")}


def _squeezed(name: str) -> str:
    """Letters in any order: toolkits write FINDPatientRoot…, the standard PatientRoot…Find."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return "".join(sorted(plain.replace("sopclass", "").replace("vr", "")))


@cache
def _names() -> dict[str, str]:
    made: dict[str, str] = {}
    for uid, row in sorted(UID_dictionary.items(), key=lambda one: bool(one[1][3])):  # retired ones last
        for name in (row[0], row[4]):
            made.setdefault(_squeezed(name.replace(" (Retired)", "")), uid)
    return made
