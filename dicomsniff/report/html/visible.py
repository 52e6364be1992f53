"""Text of any origin in, text that a page can show out: nothing unseen, nothing endless, nothing that turns its neighbours."""

import re
import unicodedata

from dicomsniff.core.patterns import pattern

LONGEST = 2000
"""Characters of one text shown; what standards allow is shorter, what a hostile peer sends may be a megabyte."""

# Controls, bidi overrides and zero widths, surrogates, private use, line and paragraph separators: shown by their numbers.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NAMED = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_RIGHT_TO_LEFT = pattern("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]+")
_MARK = "\u200e"  # LEFT-TO-RIGHT MARK: what follows a right-to-left word is not drawn before it
_PILED = 4  # combining marks on one letter that are drawn; more would cover the lines around it


def visible(text: str, most: int = LONGEST) -> str:
    """One line: what would not be seen as `\\x1B` or `\\u202E`, a text longer than `most` cut with the number left out."""
    if len(text) > most:
        return f"{visible(text[:most], most)}… ({len(text) - most:,} more characters)"
    if text.isascii() and text.isprintable():
        return text
    return _RIGHT_TO_LEFT.sub(_with_mark, "".join(_shown(text)))


def _with_mark(found: re.Match[str]) -> str:
    return found[0] + _MARK


def _shown(text: str) -> list[str]:
    made, piled = [], 0
    for character in text:
        category = unicodedata.category(character)
        piled = piled + 1 if category in ("Mn", "Me") else 0
        made.append(_escape(character) if category in _UNSEEN or piled > _PILED else character)
    return made


def _escape(character: str) -> str:
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
