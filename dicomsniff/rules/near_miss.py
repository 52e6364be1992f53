"""Two AE titles in, how they nearly agree out: by case, by blanks and the like, or in one character."""

import re
from collections.abc import Iterable, Iterator

_SHORTEST = 4  # below this, titles one character apart are simply two titles


def fold(title: str) -> str:
    """The title without what people get wrong: case, blanks, underscores, hyphens."""
    return re.sub(r"[\s_\-]", "", title).upper()


def near_miss(one: str, other: str) -> str | None:
    """In what the two titles differ ("case", "blank, underscore or hyphen", "1 character", "1 digit") where that is
    little, None where they are equal or simply different. Both are compared trimmed of spaces and NULs."""
    one, other = one.strip(" \0"), other.strip(" \0")
    if one == other or not one or not other:
        return None
    if one.upper() == other.upper():
        return "case"
    if fold(one) == fold(other):
        return "blank, underscore or hyphen"
    if min(len(one), len(other)) < _SHORTEST or not _one_apart(one, other):
        return None
    return "1 digit" if _apart_in_digits(one, other) else "1 character"


class Titles:
    """AE titles among which the near ones are found without asking each."""

    def __init__(self, titles: Iterable[str]) -> None:
        self._by_form: dict[str, list[str]] = {}
        for title in dict.fromkeys(titles):
            for form in _forms(title):
                self._by_form.setdefault(form, []).append(title)

    def near(self, other: str) -> Iterator[tuple[str, str]]:
        """Those that nearly agree with another one, each with how."""
        maybe = dict.fromkeys(title for form in _forms(other) for title in self._by_form.get(form, ()))
        yield from ((title, how) for title in maybe if (how := near_miss(other, title)))


def _forms(title: str) -> set[str]:
    """Two titles that nearly agree have one of these in common: folded, or with one character left out at most."""
    title = title.strip(" \0")
    return {fold(title), title, *(title[:at] + title[at + 1 :] for at in range(len(title)))}


def _one_apart(one: str, other: str) -> bool:
    """Whether one insertion, deletion or replacement turns one into the other."""
    short, long = sorted((one, other), key=len)
    at = _first_difference(short, long)
    return short[at:] == long[at + 1 :] or (len(short) == len(long) and short[at + 1 :] == long[at + 1 :])


def _apart_in_digits(one: str, other: str) -> bool:
    """Whether all that differs are digits, as in CT1 and CT2, or PACS and PACS2: numbered stations are neighbours."""
    short, long = sorted((one, other), key=len)
    at = _first_difference(short, long)
    return long[at].isdigit() and (len(short) < len(long) or short[at].isdigit())


def _first_difference(short: str, long: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
