"""Traffic in, the keys that had matches out: looked up in another spelling when a query finds nothing."""

from dicomsniff.association.content import answers_of
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.patterns import pattern
from dicomsniff.rules.query.keys import Key, query_of

_QUERIES = 2000  # queries with matches that are looked into
_IGNORED = pattern(r"[\s^*?=,.'_\-]")
_COMPARED = frozenset({"LO", "PN", "SH", "CS", "DA", "IS"})


class Spellings:
    """Keys with matches by archive, attribute and folded value, read on the first question."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self._keys: dict[tuple[Endpoint, str, str], list[Key]] = {}
        self._character_sets: dict[Endpoint, set[str]] = {}
        self._read = False

    def other(self, exchange: Exchange, key: Key) -> Key | None:
        """The same key, spelled differently, that had matches at the same archive."""
        if key.vr not in _COMPARED or not fold(key.value):
            return None
        self._learn()
        same = self._keys.get((self._archive(exchange), key.path, fold(key.value)), ())
        if any(found.value == key.value for found in same):
            return None  # it did match as written: other keys made the answer empty
        return next(iter(same), None)

    def character_sets(self, exchange: Exchange) -> set[str]:
        """The character sets this archive answered in."""
        self._learn()
        return self._character_sets.get(self._archive(exchange), set())

    def _archive(self, exchange: Exchange) -> Endpoint:
        return self._traffic.association(exchange.association).acceptor

    def _learn(self) -> None:
        if self._read:
            return
        self._read = True
        matched = [e for e in self._traffic.index.of("C-FIND") if e.pending]
        for exchange in matched[:_QUERIES]:
            archive = self._archive(exchange)
            for key in query_of(exchange).keys:
                self._keys.setdefault((archive, key.path, fold(key.value)), []).append(key)
            for answer in answers_of(exchange)[:1]:
                if character_set := answer.get("SpecificCharacterSet"):
                    self._character_sets.setdefault(archive, set()).add(character_set)


def fold(value: str) -> str:
    """The value without what people write differently: case, blanks, carets, wildcards, separators."""
    return _IGNORED.sub("", value).casefold()
