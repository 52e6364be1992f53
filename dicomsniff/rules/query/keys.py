"""A C-FIND in, the keys it matches on out: flat, named, and quoted so that patients' values can be masked."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from dicomsniff.association.values import Association, Exchange
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.dataset import DataSet, read_dataset
from dicomsniff.dimse.uids import service_class_of
from dicomsniff.rules.naming import listed

# Values that say nothing about a person; every other value is marked as a patient's.
_HARMLESS = frozenset(
    {
        "QueryRetrieveLevel",
        "Modality",
        "ModalitiesInStudy",
        "RetrieveAETitle",
        "ScheduledStationAETitle",
        "InstanceAvailability",
        "ScheduledProcedureStepStatus",
        "BodyPartExamined",
        "SeriesNumber",
        "InstanceNumber",
    }
)
_NO_KEYS = frozenset({"SpecificCharacterSet", "QueryRetrieveLevel", "TimezoneOffsetFromUTC"})
_HIERARCHICAL = "1.2.840.10008.5.1.4.1.2."  # the query/retrieve models, all of them
_REMEMBERED = 4096  # bytes of an identifier; longer ones are no everyday query
_DEPTH = 3  # worklist keys lie one sequence deep, code sequences inside it two


class Key(NamedTuple):
    """One key with a value. `path` is the keyword, behind those of the sequences it lies in; `length` that on the
    wire, with padding."""

    tag: int
    path: str
    keyword: str
    vr: str
    value: str
    length: int

    @property
    def quoted(self) -> str:
        """ "PatientID='⟦123⟧'": a value between ⟦ and ⟧ is a patient's."""
        value = self.value.replace("⟦", "").replace("⟧", "")
        return f"{self.path}='{value}'" if _is_harmless(self.keyword) else f"{self.path}='⟦{value}⟧'"


class Query(NamedTuple):
    """What a C-FIND asked for. `level` is "" where (0008,0052) is absent; `whole`: the identifier was read to its end.
    `asked` are the tags of its top level, those without a value too: they ask for it in the answers. `hierarchical`: it
    is one of the models that have levels (PS3.4 §C.6), not one of hanging protocols, say, or of relevant patients."""

    keys: tuple[Key, ...]
    level: str
    worklist: bool
    character_set: str | None
    whole: bool
    asked: tuple[int, ...] = ()
    hierarchical: bool = False

    def value(self, keyword: str) -> str:
        """The value of the top-level key, "" where it is absent or empty."""
        return next((key.value for key in self.keys if key.path == keyword), "")

    @property
    def words(self) -> str:
        """ "Query at level STUDY (PatientID='⟦1⟧')"."""
        what = "Worklist query" if self.worklist else f"Query at level {self.level}" if self.level else "Query"
        return f"{what} ({listed(key.quoted for key in self.keys) if self.keys else 'no matching keys'})"

    @property
    def facts(self) -> dict[str, str]:
        """Keys and values as they were; the report masks what it must."""
        return {key.path: key.value for key in self.keys}


def query_of(exchange: Exchange) -> Query:
    """The query of a C-FIND request; without keys where its identifier was not seen."""
    worklist = service_class_of(exchange.sop_class or "") == "worklist"
    payload = exchange.payload
    head = payload.head() if payload is not None else b""
    if not head or payload is None:
        return Query((), "", worklist, None, False)
    read = _query if len(head) <= _REMEMBERED else _query.__wrapped__
    hierarchical = (exchange.sop_class or "").startswith(_HIERARCHICAL)
    return read(head, exchange.transfer_syntax, payload.complete, worklist, hierarchical)


def hierarchical(association: Association, sop_class: str | None) -> bool:
    """Whether queries of this class surely have to name what lies above: the negotiation was seen, and the two did not agree on
    relational queries in the first byte of the extended negotiation (PS3.4 §C.5.1.1)."""
    pdus = (association.request, association.accept)
    if any(pdu is None for pdu in pdus):
        return False
    return not all(
        any(e.sop_class == sop_class and e.information[:1] == b"\x01" for e in pdu.user_information.extended)
        for pdu in pdus
        if pdu is not None
    )


@lru_cache(maxsize=4096)
def _query(head: bytes, transfer_syntax: str | None, complete: bool, worklist: bool, hierarchical: bool) -> Query:
    """Clients ask the same again and again, and several rules want to know what."""
    data = read_dataset(head, transfer_syntax, total_length=len(head) if complete else None)
    level = (data.get("QueryRetrieveLevel") or "").strip()
    whole = complete and not data.truncated and data.error is None
    asked = tuple(e.tag for e in data.elements if e.tag & 0xFFFF)
    keys, characters = tuple(_keys(data, (), _DEPTH)), data.get("SpecificCharacterSet")
    return Query(keys, level, worklist, characters, whole, asked, hierarchical)


def _keys(data: DataSet, path: Sequence[str], depth: int) -> Iterator[Key]:
    """Keys with values in the order of the identifier; an empty one asks for the value and matches everything."""
    for element in data.elements:
        name = element.keyword or f"({element.tag >> 16:04X},{element.tag & 0xFFFF:04X})"
        if element.items and depth:
            for item in element.items:
                yield from _keys(item, (*path, name), depth - 1)
        elif element.value and element.tag & 0xFFFF and name not in _NO_KEYS and not _matches_all(element.value):
            yield Key(element.tag, ".".join((*path, name)), name, element.vr, element.value, element.length)


def _matches_all(value: str) -> bool:
    return re.fullmatch(r"[* ]+", value) is not None


def _is_harmless(keyword: str) -> bool:
    return keyword in _HARMLESS or (keyword.endswith("UID") and not keyword.startswith("Patient"))
