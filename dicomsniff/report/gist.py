"""A finding's message or fix in, what a headline can hold of it out: one clause, addresses and long names left to the rest."""

from functools import cache

from dicomsniff.core.patterns import pattern
from dicomsniff.dimse.uids import uid_name

LONGEST = 240

_SENTENCE_END = pattern(r"(?<=[a-z0-9)'\"][.!?])\s+(?=[A-Z])|(?<=UTC\.)\s+")
_UID = pattern(r"\d+(?:\.\d+){4,}")
_LONG = 32  # well-known UIDs are shorter
_ADDRESS = pattern(r" \((?:\[[0-9A-Fa-f:.%]+\]|\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)(?::\d+)?\)")
_BRACKETED_UID = pattern(r" \(\d+(?:\.\d+){4,}\)")
_LEAST = 30  # characters of a clause that can stand alone

# What people call them; the names of the registry (PS3.6 Table A-1) are lines long.
_SHORT = {
    "1.2.840.10008.1.2.4.50": "JPEG Baseline",
    "1.2.840.10008.1.2.4.51": "JPEG Extended",
    "1.2.840.10008.1.2.4.57": "JPEG Lossless (Process 14)",
    "1.2.840.10008.1.2.4.70": "JPEG Lossless",
    "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
    "1.2.840.10008.1.2.4.81": "JPEG-LS Near-lossless",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 Lossless",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
}


def first_sentence(text: str) -> str:
    return _SENTENCE_END.split(text, maxsplit=1)[0]


def brief(text: str) -> str:
    """Long instance UIDs as their beginning and end: two lines of digits would hide what happened; the finding has them."""
    return _UID.sub(lambda found: found[0] if len(found[0]) <= _LONG else f"{found[0][:12]}…{found[0][-8:]}", text)


def cause(message: str) -> str:
    """The first clause of a message: "PACS refuses JPEG Lossless for CT Image Storage"."""
    text = _BRACKETED_UID.sub("", _named(first_sentence(message)))
    return _cut(brief(_first_clause(text)).rstrip("."))


def _first_clause(text: str) -> str:
    """Up to a semicolon that stands outside parentheses, where what is before it can stand alone."""
    at = text.find("; ")
    while at >= 0:
        if at >= _LEAST and text.count("(", 0, at) <= text.count(")", 0, at):
            return text[:at]
        at = text.find("; ", at + 1)
    return text


def action(fix: str) -> str:
    """The first sentence of a fix: "Enable JPEG Lossless (1.2.840.10008.1.2.4.70) on PACS, or let …"."""
    text = _cut(brief(_named(first_sentence(fix))))
    return text if not text or text.endswith((".", "!", "?", "…")) else text + "."


def _named(text: str) -> str:
    return plainly(_ADDRESS.sub("", text))


def plainly(text: str) -> str:
    """With the names of encodings that people use."""
    if ", " not in text and "Image Compression" not in text:
        return text
    for long, short in _names():
        text = text.replace(long, short)
    return text


@cache
def _names() -> tuple[tuple[str, str], ...]:
    """The longest first: one name begins another."""
    return tuple(sorted(((uid_name(uid), short) for uid, short in _SHORT.items()), key=lambda pair: -len(pair[0])))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + "…"
