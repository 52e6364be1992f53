"""Value bytes of one element in, text out: character sets (PS3.5 §6.1) and numbers (PS3.5 §6.2); never raises."""

import warnings
from functools import lru_cache
from struct import Struct

_NUMBERS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
NUMBER_SIZES = {vr: Struct("<" + code).size for vr, code in _NUMBERS.items()} | {"AT": 4}
_CHARSET_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_PLAIN_VRS = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"})
_TEXT_BYTES = 64 << 10  # of one value; longer ones are reports and base64, not something to search or show
_VALUES = 16

DEFAULT_SET = ""
"""The Specific Character Set (0008,0005) of a data set that names none."""
_FREQUENT = {"": ("latin-1",), "ISO_IR 100": ("latin-1",), "ISO_IR 192": ("utf-8",)}


def value_text(value: bytes, vr: str, character_set: str, little: bool) -> str | None:
    """The value as text, None for VRs that hold bulk bytes. `character_set`: the value of Specific Character Set (0008,0005),
    unknown ones are read as Latin-1; `little`: numbers are little-endian."""
    if vr in _CHARSET_VRS:
        return _decoded(value[:_TEXT_BYTES], vr, character_set).rstrip("\0 ")
    if vr in _PLAIN_VRS:
        text = str(value[:_TEXT_BYTES], "latin-1").rstrip("\0 ")
        return text.lstrip(" ") if vr == "AE" else text
    if vr == "AT":
        return _tags(value, little)
    return _numbers(value, vr, little) if vr in _NUMBERS else None


@lru_cache(maxsize=256)
def _encodings_of(character_set: str) -> tuple[str, ...]:
    """Python's names for them. pydicom, which takes a fifth of a second to import, is asked for the less frequent."""
    if (known := _FREQUENT.get(character_set.strip())) is not None:
        return known
    from pydicom.charset import convert_encodings, python_encoding

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = convert_encodings([term.strip() for term in character_set.split("\\")])
        except Exception:  # hostile terms meet pydicom's own settings here; no byte sequence may raise
            return _FREQUENT[DEFAULT_SET]
    defined = set(python_encoding.values())  # a term may be the name of any codec of Python, "undefined" or "punycode"
    return tuple(name if name in defined else "latin-1" for name in found)


def _decoded(value: bytes, vr: str, character_set: str) -> str:
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    encodings = _encodings_of(character_set)
    if b"\x1b" in value and len(encodings) > 1:
        return _code_extensions(value, vr, encodings)
    try:
        return value.decode(encodings[0], "replace")
    except LookupError:
        return value.decode("latin-1")


def _code_extensions(value: bytes, vr: str, encodings: tuple[str, ...]) -> str:
    """ISO 2022 escape sequences, which fall back to the first set at delimiters (PS3.5 §6.1.2.5.3)."""
    from pydicom.charset import decode_bytes
    from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

    delimiters = PN_DELIMS | {0x3D} if vr == "PN" else TEXT_VR_DELIMS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return decode_bytes(value, list(encodings), delimiters)
        except Exception:  # as above
            return value.decode("latin-1")


def _numbers(value: bytes, vr: str, little: bool) -> str:
    size = NUMBER_SIZES[vr]
    count = min(len(value) // size, _VALUES)
    found = _struct(f"{'<' if little else '>'}{count}{_NUMBERS[vr]}").unpack_from(value)
    return "\\".join(map(str, found))


def _tags(value: bytes, little: bool) -> str:
    count = min(len(value) // 4, _VALUES) * 2
    halves = _struct(f"{'<' if little else '>'}{count}H").unpack_from(value)
    return "\\".join(f"({g:04X},{e:04X})" for g, e in zip(halves[::2], halves[1::2], strict=True))


@lru_cache(maxsize=512)
def _struct(form: str) -> Struct:
    return Struct(form)
