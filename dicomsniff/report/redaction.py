"""The only place where patient data are masked, for every output: text, JSON, HTML, log and dump.

What goes in is a value and what is known of it: a data element, a query key, a peer's comment, a rule's message. Rules mark
a patient's value inside a message as ⟦value⟧ and a peer's comment as ⟪comment 'disk full'⟫; the marks never leave. UIDs and AE titles
stay; with "uids" instance UIDs become others on their way out (`outgoing`, `row`). Secrets (a passcode, a ticket, a token) are not here at all: the reader of PDUs keeps their lengths alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Literal

from dicomsniff.association.content import object_head
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.patterns import pattern
from dicomsniff.report.comments import Comments
from dicomsniff.report.profile import FOLLOWED, is_protected, is_protected_keyword
from dicomsniff.report.pseudonyms import MASK, key_of, pseudonym
from dicomsniff.report.uids import UidNames, kept_uids

__all__ = ["MASK", "Masking", "Redaction", "identifiers", "redaction_of"]

Masking = bool | Literal["uids"]
"""Whether patient data are masked; "uids": and instance UIDs too."""

_MARKS = str.maketrans("", "", "⟦⟧⟪⟫")
_COMMENT = pattern(r"⟪([^⟪⟫']*')?([^⟪⟫]*?)('?)⟫")
_MARKED = pattern(r"⟦([^⟦⟧]*)⟧")
_PERSON_NAME = pattern(r"[^\s^\"'“”‘’()\[\]{}<>=:,;]+\^[^\s\"'“”‘’()\[\]{}<>=:,;]*")
_TAG = pattern(r"\(?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})\)?$")

_KEY_FACTS = ("keys", "key", "identifier")
_COMMENT_FACTS = ("error_comment", "comments")


class Redaction:
    """How patient data leave the report: masked when `masked`, otherwise as they were. Values that were equal have the same
    pseudonym, made with `key`; `comments` gives what is known of the error comments, once one is to be shown."""

    def __init__(
        self,
        masked: bool,
        key: bytes = b"",
        comments: Callable[[Redaction], Comments] | None = None,
        uids: UidNames | None = None,
    ) -> None:
        self.masked, self.uids = masked, uids
        self._key = key or key_of(())
        self._learn = comments
        self._comments: Comments | None = None

    def outgoing(self, text: str) -> str:
        """What is written at last: with other UIDs where that is asked for."""
        return text if self.uids is None else self.uids.text(text)

    def row(self, row: Any) -> Any:
        """A JSON value that is written at last."""
        return row if self.uids is None else self.uids.value(row)

    def pseudonym(self, value: str) -> str:
        """What stands for a value that is somebody's."""
        return pseudonym(value, self._key)

    def element(self, tag: int, vr: str, value: str, inside: bool = False) -> str:
        """The value of a data element as text, values separated by a backslash. `inside`: in a sequence that is protected
        itself (see `protects`)."""
        if not self.masked:
            return value
        if self.protects(tag, vr, inside):
            return "\\".join(self.pseudonym(one) for one in value.split("\\"))
        return value if vr in FOLLOWED else _PERSON_NAME.sub(self._person, value)

    def protects(self, tag: int, vr: str, inside: bool = False) -> bool:
        """Whether the value of this element is masked; of a sequence, whether everything in its items is."""
        return self.masked and (is_protected(tag, vr) or (inside and vr not in FOLLOWED))

    def text(self, text: str) -> str:
        """A message: marked values, comments and person names masked, or only the marks removed."""
        if not self.masked:
            return text.translate(_MARKS)
        if not text.isascii():
            text = _COMMENT.sub(self._quoted, text)
            text = _MARKED.sub(lambda found: self.pseudonym(found[1]), text)
            text = _without_unpaired(text)
        return _PERSON_NAME.sub(self._person, text) if "^" in text else text

    def comment(self, comment: str) -> str:
        """The Error Comment of a response, what it says of a patient masked."""
        if self.masked and self._learn is not None:
            if self._comments is None:
                self._comments = self._learn(self)
            comment = self._comments.masked(comment)
        return self.text(comment.translate(_MARKS))

    def optional_comment(self, comment: str | None) -> str | None:
        return None if comment is None else self.comment(comment)

    def optional(self, text: str | None) -> str | None:
        return None if text is None else self.text(text)

    def user_name(self, name: str) -> str | None:
        """The name in a User Identity item; None where the item holds none."""
        return self.identifier(name) or None

    def identifier(self, value: str | None) -> str | None:
        """A number or name by which a person or an order is known, alone; None and "" stay."""
        return self.pseudonym(value) if self.masked and value else value

    def value(self, value: Any) -> Any:
        """A JSON value with every text in it treated as a message."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(key): self.value(item) for key, item in value.items()}
            case list():
                return [self.value(item) for item in value]
            case _:
                return value

    def facts(self, facts: dict[str, Any]) -> dict[str, Any]:
        """A finding's facts (JSON values): query keys that the profile lists and comments are masked by what they are."""
        return {name: self._fact(name, item) if self.masked else self.value(item) for name, item in facts.items()}

    def _fact(self, name: str, item: Any) -> Any:
        if name in _KEY_FACTS:
            return self._keys(item)
        if name in _COMMENT_FACTS:
            return [self.comment(one) for one in item] if isinstance(item, list) else self.optional_comment(item)
        return self.value(item)

    def _keys(self, keys: Any) -> Any:
        match keys:
            case dict():
                return {self.text(key): self._key_value(key, item) for key, item in keys.items()}
            case list():
                return [self._keys(item) if isinstance(item, dict | list) else self._key_text(item) for item in keys]
            case _:
                return self._key_text(keys)

    def _key_text(self, item: Any) -> Any:
        """A key written as "Keyword=value" or "Keyword"; the value is masked."""
        if not isinstance(item, str):
            return item
        key, equals, value = item.partition("=")
        return f"{self.text(key)}={self._key_value(key.strip(), value)}" if equals else self.text(item)

    def _key_value(self, key: str, value: Any) -> Any:
        match value:
            case dict():
                return {self.text(inner): self._key_value(inner, item) for inner, item in value.items()}
            case list():
                return [self._key_value(key, item) for item in value]
            case None:
                return None
            case _ if not _is_protected_key(key):
                return self.value(value)
        return "\\".join(self.pseudonym(one) for one in str(value).translate(_MARKS).split("\\"))

    def _quoted(self, found: re.Match[str]) -> str:
        lead, comment, end = found[1] or "", found[2], found[3]
        return f"{lead}{self.comment(comment).translate(_MARKS)}{end}"

    def _person(self, found: re.Match[str]) -> str:
        return self.pseudonym(found[0])


def redaction_of(traffic: Traffic, masked: Masking, known: Callable[[], Iterable[str]] = tuple) -> Redaction:
    """The redaction of everything that is written about this traffic: the same values have the same pseudonyms everywhere.
    `known`: the identifiers of patients who are in other traffic."""
    key = key_of(capture.fingerprint for capture in traffic.captures)
    return Redaction(
        bool(masked),
        key,
        lambda made: Comments(traffic, {*identifiers(traffic.index.of("C-STORE")), *known()}, made.pseudonym),
        UidNames(key, kept_uids(traffic)) if masked == "uids" else None,
    )


def identifiers(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """Patient IDs and accession numbers of the objects among these, as far as their data sets are still there."""
    with suppress(ValueError):
        for exchange in (one for one in exchanges if one.service == "C-STORE"):
            head = object_head(exchange)
            yield from (value for value in (head.patient_id, head.accession_number) if value)


def _is_protected_key(key: str) -> bool:
    """By the keyword or the tag of the key, the last of those that its path names."""
    name = key.rsplit(".", 1)[-1].strip()
    tag = _TAG.match(name)
    return is_protected(int(tag[1] + tag[2], 16)) if tag else is_protected_keyword(name)


def _without_unpaired(text: str) -> str:
    """Where the marks do not pair up (a value may hold one itself), everything from the first to the last is masked, or to
    the end that lacks one: rather too much than a name."""
    found = [place for place, character in enumerate(text) if character in "⟦⟧⟪⟫"]
    if not found:
        return text
    start = found[0] if text[found[0]] in "⟦⟪" else 0
    opened = sum(text[place] in "⟦⟪" for place in found)
    end = len(text) if text[found[-1]] in "⟦⟪" or 2 * opened > len(found) else found[-1] + 1
    return text[:start] + MASK + text[end:]
