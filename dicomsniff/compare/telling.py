"""A comparison in, lines for a terminal, a JSON value or an HTML page out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import IO, Any

from dicomsniff.compare.values import Comparison, Difference
from dicomsniff.report.wording import clean, count, packets

SCHEMA, SCHEMA_VERSION = "dicomsniff-diff", 1
_LIKELY = 60  # weight from which on a difference most likely matters


def shown(comparison: Comparison, everything: bool) -> list[Difference]:
    """Those to tell: all, or those that are no noise."""
    return [one for one in comparison.differences if everything or not one.noise]


def diff_lines(comparison: Comparison, names: tuple[str, str], everything: bool) -> Iterator[str]:
    """What most likely matters first; nothing where nothing differs."""
    told = shown(comparison, everything)
    for place, one in enumerate(told):
        if one.noise and not (place and told[place - 1].noise):
            yield "Differs at every run:"
        yield clean(f"{one.area}: {one.sentence}")
        if proof := _proof(one):
            yield clean(f"  {proof}")
    if told:
        yield clean(f"{count(len(told), 'difference')} between {names[0]} (GOOD) and {names[1]} (BAD)")


def diff_value(comparison: Comparison, names: tuple[str, str], everything: bool) -> dict[str, Any]:
    """As one JSON value."""
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "good": names[0],
        "bad": names[1],
        "equal": comparison.equal,
        "pairs": [{"good": good, "bad": bad} for good, bad in comparison.pairs],
        "differences": [_row(one) for one in shown(comparison, everything)],
    }


def write_diff_json(comparison: Comparison, names: tuple[str, str], everything: bool, stream: IO[str]) -> None:
    json.dump(diff_value(comparison, names, everything), stream, indent=1)
    stream.write("\n")


def write_diff_html(comparison: Comparison, names: tuple[str, str], everything: bool, stream: IO[str]) -> None:
    """A page in the style of the report, one self-contained file."""
    from markupsafe import Markup

    from dicomsniff.report.html.render import environment, joined, policy

    style = joined(("page.css", "parts.css", "print.css"))
    told = shown(comparison, everything)
    page = (
        environment()
        .get_template("difference.html")
        .render(
            style=Markup(style),
            policy=policy(style),
            names=names,
            headline=headline(comparison),
            likely=[one for one in told if not one.noise and one.weight >= _LIKELY],
            others=[one for one in told if not one.noise and one.weight < _LIKELY],
            noise=[one for one in told if one.noise],
            pairs=len(comparison.pairs),
        )
    )
    stream.write(page)


def headline(comparison: Comparison) -> str:
    """The first thing to know, as a sentence."""
    if comparison.equal:
        return "Nothing differs but what differs at every run."
    first = comparison.differences[0].sentence
    return f"{first[:1].upper()}{first[1:]}."


def _row(one: Difference) -> dict[str, Any]:
    return {
        "area": one.area,
        "sentence": one.sentence,
        "weight": one.weight,
        "noise": one.noise,
        "good": {"value": one.good, "association": one.good_association, "packets": list(one.good_packets)},
        "bad": {"value": one.bad, "association": one.bad_association, "packets": list(one.bad_packets)},
    }


def _proof(one: Difference) -> str:
    sides = (
        ("GOOD", one.good_association, one.good_packets),
        ("BAD", one.bad_association, one.bad_packets),
    )
    return "; ".join(
        f"{name} association {association}{_at(numbers)}"
        for name, association, numbers in sides
        if association is not None
    )


def _at(numbers: Sequence[int]) -> str:
    return f", {packets(sorted(set(numbers)))}" if numbers else ""
