"""Keys and matches in, the traffic of a query out."""

from typing import Any

from dicomsniff.association.values import Traffic
from tests.forge.dialogue import data_set
from tests.forge.traffic import IMPLICIT, TrafficForge

PATIENT_ROOT, STUDY_ROOT = "1.2.840.10008.5.1.4.1.2.1.1", "1.2.840.10008.5.1.4.1.2.2.1"
WORKLIST = "1.2.840.10008.5.1.4.31"


def asked(
    keys: dict[str, Any], *matches: dict[str, Any], model: str = STUDY_ROOT, status: int | None = 0, **fields: Any
) -> Traffic:
    """One C-FIND with these keys and matches."""
    forge = TrafficForge()
    association = forge.association(contexts=[(model, [IMPLICIT], 0)], **fields.pop("association", {}))
    answers = [data_set(**one) for one in matches]
    forge.exchange(association, "C-FIND", data=data_set(**keys), answers=answers, status=status, **fields)
    return forge.traffic()
