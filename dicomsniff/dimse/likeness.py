"""A sound data set in, a `Likeness` of it out, which knows others that are built the same without walking through them.

Objects that follow each other are mostly built alike: the same elements of the same lengths at the same places. Where all
headers are the same, only the values that changed need a look, and of these mostly one does, the instance UID.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

from dicomsniff.dimse.element import UNDEFINED_LENGTH
from dicomsniff.dimse.soundness import SOP_INSTANCE, Ask, Sound, Span, value_is_sound
from dicomsniff.dimse.value_faults import is_plain_uid

_LONGEST = 600  # elements; a longer head is not worth keeping
_CHANGEABLE = frozenset({Ask.TEXT, Ask.UID, Ask.FORMAT})
_KEPT = 6  # per syntax and length: what one sender mixes
_TRIES = 64  # likenesses made under one key without any use; its data sets differ too much then


class Likeness:
    """What a data set looked like. `sound` is how it was read; `values` those that it shares with what is like it."""

    __slots__ = ("_expected", "_headers", "_instance", "_rest", "_spans", "_template", "sound", "version")

    def __init__(self, data: bytes, sound: Sound, spans: Sequence[Span]) -> None:
        self.sound = sound
        self.version = 0  # counts what it was compared with
        self._spans = [
            s for s in spans if s.ask and s.tag != SOP_INSTANCE and s.end > s.start
        ]  # one for each in `_rest`
        self._instance = next(((s.start, s.end) for s in spans if s.tag == SOP_INSTANCE and not s.depth), (0, 0))
        headers = Struct(_form(((s.at, s.start) for s in spans), sound.end))
        self._headers, self._expected = headers.unpack_from, headers.unpack_from(data)
        rest = Struct(_form(((s.start, s.end) for s in self._spans), None))
        self._rest, self._template = rest.unpack_from, rest.unpack_from(data)

    @property
    def uniform(self) -> bool:
        """Whether what is alike is sound too without another look: pixel data in fragments want one each."""
        return self.sound.pixels is None or self.sound.pixels[1] != UNDEFINED_LENGTH

    def knows(self, data: bytes) -> bool:
        """Whether a data set has the same headers at the same places."""
        return len(data) >= self.sound.end and self._headers(data) == self._expected

    def instance(self, data: bytes) -> bytes | None:
        """The instance UID, with padding, of a data set that `knows` and that differs in nothing else that counts."""
        if self._rest(data) != self._template:
            return None
        start, end = self._instance
        raw = data[start:end]
        return raw if is_plain_uid(raw) else None

    def instance_of(self, data: bytes) -> bytes | None:
        """The same of any data set; None where it does not know it."""
        return self.instance(data) if self.knows(data) else None

    def read(self, data: bytes, is_object: bool) -> Sound | None:
        """As `sound` reads a data set that `knows`; None where a value needs more than a look. What comes next is compared
        with this one."""
        values = dict(self.sound.values)
        got = self._rest(data)
        for place, (new, old) in enumerate(zip(got, self._template, strict=True)):
            if new == old:
                continue
            span = self._spans[place]
            if span.ask not in _CHANGEABLE or not value_is_sound(new, span, is_object):
                return None
            if not span.depth and span.tag in values:
                values[span.tag] = new
        start, end = self._instance
        if end:
            values[SOP_INSTANCE] = data[start:end]
            if is_object and not is_plain_uid(values[SOP_INSTANCE]):
                return None
        self._template = got
        self.version += 1
        self.sound = self.sound._replace(values=values)
        return self.sound


class Likenesses:
    """The likenesses of one capture, by how a data set was encoded and how long it is."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], list[Likeness]] = {}
        self._made: dict[tuple[object, ...], int] = {}

    def find(self, key: tuple[object, ...], data: bytes) -> Likeness | None:
        """The likeness that knows these bytes, the latest first."""
        known = self._known.get(key)
        if known is None:
            return None
        for place, one in enumerate(known):
            if one.knows(data):
                if place:
                    known.insert(0, known.pop(place))
                self._made[key] = 0
                return one
        return None

    def add(self, key: tuple[object, ...], data: bytes, sound: Sound, spans: Sequence[Span]) -> None:
        """Remember a data set that was walked through."""
        made = self._made[key] = self._made.get(key, 0) + 1
        if made <= _TRIES and len(spans) <= _LONGEST and sound.end <= len(data):
            known = self._known.setdefault(key, [])
            known.insert(0, Likeness(data, sound, spans))
            del known[_KEPT:]


def _form(pieces: object, end: int | None) -> str:
    """The format that takes out these stretches of bytes, in order, and skips the others."""
    form, position = ["="], 0
    for start, stop in pieces:  # type: ignore[attr-defined]
        if start > position:
            form.append(f"{start - position}x")
        if stop > start:
            form.append(f"{stop - start}s")
        position = stop
    if end is not None and end > position:
        form.append(f"{end - position}s")
    return "".join(form)
