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

Encodings = tuple[str, ...]
DEFAULT_ENCODINGS: Encodings = ("latin-1",)


def value_text(value: bytes, vr: str, encodings: Encodings, little: bool) -> str | None:
    """The value as text, None for VRs that hold bulk bytes. `little`: numbers are little-endian."""
    if vr in _CHARSET_VRS:
        return _decoded(value[:_TEXT_BYTES], vr, encodings).rstrip("\0 ")
    if vr in _PLAIN_VRS:
        text = str(value[:_TEXT_BYTES], "latin-1").rstrip("\0 ")
        return text.lstrip(" ") if vr == "AE" else text
    if vr == "AT":
        return _tags(value, little)
    return _numbers(value, vr, little) if vr in _NUMBERS else None


@lru_cache(maxsize=256)
def encodings_of(character_set: str) -> Encodings:
    """Python's names for the values of Specific Character Set (0008,0005); unknown ones are read as Latin-1."""
    from pydicom.charset import convert_encodings, python_encoding

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = convert_encodings([term.strip() for term in character_set.split("\\")])
        except Exception:  # hostile terms meet pydicom's own settings here; no byte sequence may raise
            return DEFAULT_ENCODINGS
    defined = set(python_encoding.values())  # a term may be the name of any codec of Python, "undefined" or "punycode"
    return tuple(name if name in defined else DEFAULT_ENCODINGS[0] for name in found)


def _decoded(value: bytes, vr: str, encodings: Encodings) -> str:
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    if b"\x1b" in value and len(encodings) > 1:
        return _code_extensions(value, vr, encodings)
    try:
        return value.decode(encodings[0], "replace")
    except LookupError:
        return value.decode("latin-1")


def _code_extensions(value: bytes, vr: str, encodings: Encodings) -> str:
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
