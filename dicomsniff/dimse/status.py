"""A service and a status code in; its class and its meaning in the words of that service out (PS3.4, PS3.7 Annex C)."""

from functools import cache, lru_cache

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.table import rows
from dicomsniff.dimse.uids import service_class_of

_SERVICE_TABLES = frozenset(
    {
        "C-ECHO",
        "C-STORE",
        "C-FIND",
        "C-MOVE",
        "C-GET",
        "N-EVENT-REPORT",
        "N-GET",
        "N-SET",
        "N-ACTION",
        "N-CREATE",
        "N-DELETE",
    }
)
# What an implementation calls itself: parts of its version name or the root of its class UID.
_IMPLEMENTATION_MARKS = {
    "pynetdicom": ("pynetdicom", "1.2.826.0.1.3680043.9.3811"),
    "dcm4chee-arc": ("dcm4che", "1.2.40.0.13.1"),
    "Agfa HE/001132": ("agfa",),
}


class Status(NamedTuple):
    """A DIMSE status. `status_class` is success, pending, warning, failure or cancel. `defined`: the tables of the
    service (for this SOP class) list the code; otherwise the class is that of PS3.7 Annex C and the text says so."""

    code: int
    status_class: str
    text: str
    defined: bool


class _Range(NamedTuple):
    first: int
    last: int
    status_class: str
    text: str


@lru_cache(maxsize=4096)
def describe_status(
    service: str, status: int, sop_class: str | None = None, implementation: str | None = None
) -> Status:
    """The meaning of (0000,0900) in a response of `service` ("C-STORE", "N-SET"...).

    `sop_class` is the affected SOP class: worklist, print, MPPS and UPS give codes meanings of their own.
    `implementation` is the responder's implementation version name or class UID: where it is known what a product
    means by a code, the text adds that.
    """
    meant = _of_sop_class(service, status, sop_class) or _of_service(service, status, sop_class)
    if meant is None:
        status_class = _class_by_convention(status)
        general = _general().get(status)
        if general is not None and general.status_class == status_class:
            meant = Status(status, status_class, general.text, False)
        else:
            meant = Status(status, status_class, f"{status_class.capitalize()} status not defined for {service}", False)
    vendor = _of_implementation(service, status, implementation) if implementation else None
    return meant._replace(text=f"{meant.text} ({vendor})") if vendor else meant


@cache
def failure_reason(code: int) -> str:
    """The meaning of Failure Reason (0008,1197) in a storage commitment result (PS3.3 §C.14.1.1)."""
    for row in rows("commitment"):
        if row["where"].startswith("Failure Reason") and int(row["code"], 16) == code:
            return row["meaning"]
    return f"failure reason {code:04X}H"


def _of_sop_class(service: str, status: int, sop_class: str | None) -> Status | None:
    """What a SOP class says beyond the service: MPPS (PS3.4 §F.7.2), print (PS3.4 §H.4), UPS (PS3.4 §CC.2)."""
    if sop_class is None or not service.startswith("N-"):
        return None
    service_class = service_class_of(sop_class)
    if service_class == "mpps":
        return _mpps(service, status)
    if service_class in ("print", "ups"):
        for row in rows(service_class):
            if int(row["code"], 16) == status:
                defined = service in row.get("operation", service).split()
                return Status(status, row["class"], row["meaning"], defined)
    return None


def _mpps(service: str, status: int) -> Status | None:
    """MPPS gives general codes a meaning of its own: both are told, as a peer may mean either."""
    for row in rows("mpps"):
        code = row["code"]
        if len(code) == 4 and int(code, 16) == status and row["operation"].split()[0] == service:
            general = _general()[status].text
            same = general.lower() == row["meaning"].lower()
            text = general if same else f"{general} (in MPPS: {row['meaning']})"
            return Status(status, row["class"], text, True)
    return None


def _of_service(service: str, status: int, sop_class: str | None) -> Status | None:
    if service not in _SERVICE_TABLES:
        return None
    table = _query_table(sop_class or "") if service == "C-FIND" else service.lower().replace("-", "_")
    for entry in _ranges(table):
        if entry.first <= status <= entry.last:
            return Status(status, entry.status_class, entry.text, True)
    return None


def _query_table(sop_class: str) -> str:
    """What C-FIND's codes mean is for the model to say: PS3.4 §C.4.1.1.4, §K.4.1.1.4, §Q.4.1.1.4."""
    if sop_class.startswith("1.2.840.10008.5.1.4.37."):
        return "relevant_patient"
    return "worklist" if service_class_of(sop_class) == "worklist" else "c_find"


def _of_implementation(service: str, status: int, implementation: str) -> str | None:
    told = implementation.lower()
    for row in rows("implementation"):
        if int(row["code"], 16) == status and row["service"] in ("any", service):
            marks = _IMPLEMENTATION_MARKS.get(row["implementation"], (row["implementation"].lower(),))
            if any(mark in told for mark in marks):
                return f"{row['implementation']}: {row['meaning']}"
    return None


@cache
def _ranges(table: str) -> tuple[_Range, ...]:
    return tuple(_Range(int(r["first"], 16), int(r["last"], 16), r["class"], r["meaning"]) for r in rows(table))


@cache
def _general() -> dict[int, _Range]:
    return {(code := int(r["code"], 16)): _Range(code, code, r["class"], r["meaning"]) for r in rows("general")}


@cache
def _class_ranges() -> tuple[tuple[int, int, str], ...]:
    """Single codes before ranges, so that 0107 and 0116 are found before 0100-01FF."""
    out: list[tuple[int, int, str]] = []
    for row in rows("class"):
        first, _, last = row["codes"].split()[0].partition("-")
        out.append((int(first, 16), int(last or first, 16), row["class"].split()[0]))
    return tuple(sorted(out, key=lambda r: r[1] - r[0]))


def _class_by_convention(status: int) -> str:
    """PS3.7 Annex C; a code outside it is no success, so it is read as a failure."""
    return next((name for first, last, name in _class_ranges() if first <= status <= last), "failure")
