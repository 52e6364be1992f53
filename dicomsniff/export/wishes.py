"""What an export is to write, and under which names: options in, a name that is safe on any system out."""

from __future__ import annotations

import re

from dicomsniff.association.content import object_head
from dicomsniff.association.values import Exchange
from dicomsniff.core.patterns import pattern
from dicomsniff.core.records import dataclass

NAMES = ("sop", "frame", "study")
_UID = pattern(r"(?=.{1,64}$)(0|[1-9]\d*)(\.(0|[1-9]\d*))+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWish:
    """`min_bytes`: no object with a shorter data set. `file_meta`: with preamble and File Meta Information; without, the data
    set alone. `data_sets`: identifiers and N-service data sets too, `commands` command sets. `name_by`: the SOP instance, the
    frame (packet) that began it, or folders of study and series. `force`: other files of that name are overwritten."""

    incomplete: bool = False
    min_bytes: int = 0
    file_meta: bool = True
    data_sets: bool = False
    commands: bool = False
    name_by: str = "sop"
    force: bool = False


def free_name(exchange: Exchange, sop_instance: str, names: set[str], complete: bool, name_by: str = "sop") -> str:
    """A file name that this export has not used: other bytes under the same UID get a number. Digits, dots and letters of our
    own alone stand in it, and no part ends in a dot, so that Windows takes it too."""
    ending = "dcm" if complete else "incomplete.dcm"
    stem = _folder(exchange, name_by) + _part(sop_instance, "uid")
    if name_by == "frame" and exchange.request is not None:
        stem = f"{exchange.request.first_packet:08d}_{stem}"
    name, copy = f"{stem}.{ending}", 1
    while name in names:
        copy += 1
        name = f"{stem}_{copy}.{ending}"
    names.add(name)
    return name


def _folder(exchange: Exchange, name_by: str) -> str:
    if name_by != "study":
        return ""
    head = object_head(exchange)
    return f"{_part(head.study or '', 'study')}/{_part(head.series or '', 'series')}/"


def _part(uid: str, what: str) -> str:
    if _UID.fullmatch(uid):
        return uid
    digits = re.sub(r"\.+", ".", re.sub(r"[^0-9.]", "", uid))[:64].strip(".")
    return f"{what}_{digits or 'none'}"
