"""Text in, the same text with other instance UIDs out: 2.25.…, always the same one for the same UID, and no way back.

UIDs of the standard stay, and those that were negotiated or name an implementation: without them nothing can be understood.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from dicomsniff.association.values import Traffic
from dicomsniff.core.digests import blake2b
from dicomsniff.core.patterns import pattern

_UID = pattern(r"(?<![\d.])(?:[0-2](?:\.\d+){4,}|2\.25\.\d{6,})")
_STANDARD = "1.2.840.10008."
_LENGTH = 16  # bytes: a UUID's, of which 2.25 makes a UID (PS3.5 §B.2)


class UidNames:
    """`kept`: UIDs that stay as they are."""

    def __init__(self, key: bytes, kept: Iterable[str] = ()) -> None:
        self._key, self._kept = key, frozenset(kept)
        self._names: dict[str, str] = {}
        self._given: set[str] = set()

    def name(self, uid: str) -> str:
        """What stands for it."""
        if uid.startswith(_STANDARD) or uid in self._kept or uid in self._given:
            return uid
        name = self._names.get(uid)
        if name is None:
            digest = blake2b(uid.encode("utf-8", "replace"), key=self._key, digest_size=_LENGTH).digest()
            name = self._names[uid] = f"2.25.{int.from_bytes(digest)}"
            self._given.add(name)
        return name

    def text(self, text: str) -> str:
        return _UID.sub(lambda found: self.name(found[0]), text) if "." in text else text

    def value(self, value: Any) -> Any:
        """A JSON value, every text in it."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(key): self.value(each) for key, each in value.items()}
            case list():
                return [self.value(each) for each in value]
            case _:
                return value


def kept_uids(traffic: Traffic) -> Iterator[str]:
    """Classes, transfer syntaxes and implementations that were named in negotiations."""
    for association in traffic.associations:
        for side in (association.request, association.accept):
            if side is not None and side.user_information.implementation_class_uid:
                yield side.user_information.implementation_class_uid
        for context in association.contexts:
            yield from (context.abstract_syntax or "", context.transfer_syntax or "", *context.proposed)
