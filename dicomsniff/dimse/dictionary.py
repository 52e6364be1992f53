"""A tag in, its VR and keyword out, or the other way round: the data dictionary (PS3.6) as pydicom ships it."""

from functools import cache

from dicomsniff.dimse.pydicom_table import table


def registered(tag: int) -> tuple[str, str] | None:
    """VR and keyword of an element of the standard, retired and repeating ones (60xx,3000) among them; else None."""
    entry = table("_dicom_dict").DicomDictionary.get(tag)
    if entry is None:
        entry = next((repeated for value, bits, repeated in _repeaters() if tag & bits == value), None)
    if entry is None:
        return None
    return str(entry[0]), str(entry[4])


@cache
def keywords() -> dict[str, tuple[int, str]]:
    """Tag and VR by keyword."""
    return {entry[4]: (tag, str(entry[0])) for tag, entry in table("_dicom_dict").DicomDictionary.items() if entry[4]}


@cache
def _repeaters() -> tuple[tuple[int, int, tuple[str, ...]], ...]:
    """Value, mask and entry of the elements with an x in their tag."""
    made = []
    for pattern, entry in table("_dicom_dict").RepeatersDictionary.items():
        bits = int("".join("0" if digit == "x" else "f" for digit in pattern.lower()), 16)
        made.append((int(pattern.lower().replace("x", "0"), 16), bits, entry))
    return tuple(made)
