"""One value in, what is wrong with it in one clause out: UIDs (PS3.5 §9.1), text (§6.1) and formats (§6.2)."""

import re
from functools import lru_cache

from dicomsniff.core.patterns import pattern
from dicomsniff.core.tuples import NamedTuple

DEFAULT = ""
_UID = pattern(rb"[012](?:\.(?:0|[1-9]\d*))*")
_UID_LENGTH = 64
_PLAIN_UID = pattern(rb"[012](?:\.(?:0|[1-9]\d*))*\0?")
_UTF8, _LATIN1 = "ISO_IR 192", "ISO_IR 100"
_DEFINED = frozenset(
    (
        *("", "ISO_IR 6", "ISO_IR 192", "GB18030", "GBK"),
        *(f"ISO_IR {n}" for n in (13, 100, 101, 109, 110, 126, 127, 138, 144, 148, 166, 203)),
        *(f"ISO 2022 IR {n}" for n in (6, 13, 58, 87, 100, 101, 109, 110, 126, 127, 138, 144, 148, 149, 159, 166, 203)),
    )
)  # PS3.3 Tables C.12-2 to C.12-5
_LIMITS = {"AE": 16, "CS": 16, "LO": 64, "SH": 16, "DS": 16, "IS": 12}
_NAME_GROUP = 64
_FORMATS = {
    "DA": pattern(r"\d{8}|\d{4}\.\d{2}\.\d{2}|"),  # the second was ACR-NEMA's
    "TM": pattern(r"\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?|\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?|"),
    "DT": pattern(r"\d{4}(?:\d{2}){0,5}(?:\.\d{1,6})?(?:[+-]\d{4})?|"),
    "DS": pattern(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|"),
    "IS": pattern(r"[+-]?\d+|"),
}


class TextFault(NamedTuple):
    """What is wrong with the bytes of a text for its declared character set, and what they look like."""

    fault: str
    guess: str


def is_plain_uid(raw: bytes) -> bool:
    """Whether this is one UID beyond doubt, padded as it should be."""
    return len(raw) <= _UID_LENGTH and _PLAIN_UID.fullmatch(raw) is not None


@lru_cache(maxsize=4096)
def uid_fault(raw: bytes) -> str | None:
    """Why a UI value, with its padding, is no UID; None where it is one, is empty or is a list of them."""
    for part in (raw[:-1] if raw[-1:] == b"\0" else raw).split(b"\\"):
        if not part or (len(part) <= _UID_LENGTH and _UID.fullmatch(part)):
            continue
        return _uid_words(part)
    return None


def _uid_words(part: bytes) -> str | None:
    bare = part.strip(b" \0")
    if not bare:
        return None
    components = bare.split(b".")
    if not re.fullmatch(rb"[\d.]+", bare):
        return "it has characters other than digits and dots"
    if b"" in components:
        return "it has an empty component"
    if any(c[:1] == b"0" and len(c) > 1 for c in components):
        return "a component begins with 0"
    if len(bare) > _UID_LENGTH:
        return f"it is {len(bare)} characters long, {_UID_LENGTH} are allowed"
    if components[0] not in (b"0", b"1", b"2"):
        return f"its first component is {components[0].decode()}, not 0, 1 or 2"
    return "it is padded with a space instead of a NUL" if b" " in part else "it is padded with more than one NUL"


def undefined_terms(character_set: str) -> list[str]:
    """The values of Specific Character Set (0008,0005) that PS3.3 §C.12.1.1.2 does not define."""
    return [term for term in map(str.strip, character_set.split("\\")) if term not in _DEFINED]


@lru_cache(maxsize=4096)
def text_fault(raw: bytes, character_set: str) -> TextFault | None:
    """What is wrong with a text of bytes beyond ASCII, or with escape sequences, under what (0008,0005) says. Code
    extensions that are declared are not judged; unknown terms are a fault of their own."""
    terms = [term.strip() for term in character_set.split("\\")]
    if len(terms) > 1 or terms[0].startswith("ISO 2022") or undefined_terms(character_set):
        return None
    if terms[0] == _UTF8:
        return None if _decodes(raw, "utf-8") else TextFault("bytes that are not UTF-8", _single_byte(raw))
    if b"\x1b" in raw:
        return TextFault("escape sequences", "code extensions (ISO 2022)")
    if raw.isascii():
        return None
    if terms[0] in ("", "ISO_IR 6"):
        return TextFault("bytes beyond ASCII", _UTF8 if _decodes(raw, "utf-8") else _single_byte(raw))
    if terms[0] == _LATIN1:
        if _decodes(raw, "utf-8"):
            return TextFault("bytes that are UTF-8", _UTF8)
        if any(0x80 <= byte <= 0x9F for byte in raw):
            return TextFault("bytes 80H-9FH, which are control characters there", "Windows-1252")
    if terms[0] in ("GB18030", "GBK"):
        encoding = terms[0].lower()
        return None if _decodes(raw, encoding) else TextFault(f"bytes that are not {terms[0]}", "another set")
    return None


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _single_byte(raw: bytes) -> str:
    return "Windows-1252" if any(0x80 <= byte <= 0x9F for byte in raw) else f"{_LATIN1} or another set of single bytes"


@lru_cache(maxsize=8192)
def value_fault(value: str, vr: str) -> str | None:
    """Why a value, decoded and without trailing padding, is not of its VR; lengths count characters (PS3.5 §6.2)."""
    if vr == "PN":
        groups = (group for name in value.split("\\") for group in name.split("="))
        longest = max(map(len, groups), default=0)
        return f"has a group of {longest} characters, {_NAME_GROUP} are allowed" if longest > _NAME_GROUP else None
    limit, form = _LIMITS.get(vr), _FORMATS.get(vr)
    for part in value.split("\\"):
        one = part.strip(" \0")
        if limit is not None and len(one) > limit:
            return f"has {len(one)} characters, {vr} allows {limit}"
        if form is not None and not form.fullmatch(one):
            return f"is not a legal {vr}"
    return None
