"""A UID in, what it is out: its name, its service class, whether it stores, whether it compresses (PS3.6 Annex A)."""

from functools import cache, lru_cache

from dicomsniff.dimse.pydicom_table import table
from dicomsniff.dimse.table import rows

_COMPRESSED = ("1.2.840.10008.1.2.4.", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.8.")


def uid_name(uid: str) -> str:
    """ "CT Image Storage"; a UID that the standard does not register is its own name."""
    return _names().get(uid) or uid


@cache
def _names() -> dict[str, str]:
    return {uid: row[0] for uid, row in table("_uid_dict").UID_dictionary.items()}


def is_storage_class(uid: str) -> bool:
    """Whether C-STORE of this SOP class makes sense: PS3.4 §B.5 and the non-patient objects of §GG.3."""
    return service_class_of(uid) == "store"


def is_compressed(transfer_syntax: str) -> bool:
    """Whether pixel data are encapsulated and compressed under this syntax (PS3.5 §A.4); deflated is not meant."""
    return transfer_syntax.startswith(_COMPRESSED)


@lru_cache(maxsize=4096)
def service_class_of(sop_class: str) -> str:
    """verification, store, query, retrieve-move, retrieve-get, worklist, mpps, commitment, print, ups or other."""
    exact, families = _services()
    known = exact.get(sop_class)
    if known is None:
        known = next((service for prefix, service in families if sop_class.startswith(prefix)), "other")
    return known


@cache
def _services() -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Services by exact UID, and by the prefix of a family."""
    exact: dict[str, str] = {}
    families: list[tuple[str, str]] = []
    for row in rows("sop_classes"):
        if row["uid"].endswith("*"):
            families.append((row["uid"][:-1], row["service"]))
        else:
            exact[row["uid"]] = row["service"]
    return exact, tuple(families)
