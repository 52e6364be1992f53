"""The only place where patient data are masked: marked values, query keys, user names and caret-joined person names.

Rules mark a patient's value inside a message as ⟦value⟧. Masked, it becomes •••; unmasked, the brackets go. UIDs and AE
titles stay: without them no fault can be followed.
"""

import re
from typing import Any

from dicomsniff.core.records import dataclass

MASK = "•••"
OPEN, CLOSE = "⟦", "⟧"

_MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
_PERSON_NAME = re.compile(r"[^\s^\"'“”‘’()\[\]{}<>=:,;]+\^[^\s\"'“”‘’()\[\]{}<>=:,;]*")
_TAG = re.compile(r"\(?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})\)?")

# Query keys whose values say nothing about a person; every other key's value is masked.
_HARMLESS_KEYS = frozenset(
    {
        "QueryRetrieveLevel",
        "SpecificCharacterSet",
        "Modality",
        "ModalitiesInStudy",
        "RetrieveAETitle",
        "ScheduledStationAETitle",
        "PerformedStationAETitle",
        "InstanceAvailability",
        "TimezoneOffsetFromUTC",
        "ScheduledProcedureStepStatus",
        "PerformedProcedureStepStatus",
        "BodyPartExamined",
        "InstanceNumber",
        "SeriesNumber",
    }
)
_HARMLESS_TAGS = frozenset(
    {"00080005", "00080016", "00080018", "00080052", "00080054", "00080060", "00080061", "0020000D", "0020000E"}
)
_KEY_FACTS = ("keys", "key", "identifier")


@dataclass(frozen=True, slots=True)
class Redaction:
    """How patient data leave the report: masked when `masked`, otherwise as they were."""

    masked: bool

    def text(self, text: str) -> str:
        """A message: marked values and person names masked, or only the marks removed."""
        if not self.masked:
            return text.replace(OPEN, "").replace(CLOSE, "")
        return _PERSON_NAME.sub(MASK, _without_marked(text))

    def optional(self, text: str | None) -> str | None:
        return None if text is None else self.text(text)

    def user_name(self, name: str) -> str | None:
        """The name in a User Identity item; None where the item holds none."""
        if not name:
            return None
        return MASK if self.masked else name

    def identifier(self, value: str | None) -> str | None:
        """A number or name by which a person or an order is known, alone; None and "" stay."""
        return MASK if self.masked and value else value

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
        """A finding's facts (JSON values): the values of query keys are masked unless the key is known as harmless."""
        return {
            name: self._keys(item) if self.masked and name in _KEY_FACTS else self.value(item)
            for name, item in facts.items()
        }

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
        if isinstance(value, dict | list):
            return self._keys_below(key, value)
        if value is None or not str(value).strip("*? ") or _is_harmless(key):
            return self.value(value)
        return MASK

    def _keys_below(self, key: str, value: Any) -> Any:
        """Values of a key with several, or the keys of a sequence."""
        if isinstance(value, dict):
            return {self.text(inner): self._key_value(inner, item) for inner, item in value.items()}
        return [self._key_value(key, item) for item in value]


def _is_harmless(key: str) -> bool:
    name = key.rsplit(".", 1)[-1].strip()
    if name in _HARMLESS_KEYS or name.endswith("UID"):
        return True
    tag = _TAG.search(name)
    return tag is not None and (tag[1] + tag[2]).upper() in _HARMLESS_TAGS


def _without_marked(text: str) -> str:
    """Marked values masked. Where the brackets do not pair up (a value may hold one itself), everything from the first
    to the last is masked: rather too much than a name."""
    if OPEN not in text and CLOSE not in text:
        return text
    masked = _MARKED.sub(MASK, text)
    if OPEN not in masked and CLOSE not in masked:
        return masked
    opened, closed = text.find(OPEN), text.find(CLOSE)
    start = opened if 0 <= opened < closed or closed < 0 else 0
    open_ended = text.rfind(OPEN) > text.rfind(CLOSE) or text.count(OPEN) > text.count(CLOSE)
    end = len(text) if open_ended else text.rfind(CLOSE) + 1
    return text[:start] + MASK + text[end:]
