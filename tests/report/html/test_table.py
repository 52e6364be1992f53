"""The table of all associations: every one, compact, and nothing in it ends its block."""

import json

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.association.values import Outcome
from dicomsniff.report.html.table import PAGE, embedded
from dicomsniff.report.html.view import page
from tests.forge.traffic import TrafficForge
from tests.report.forged import finding, report_of


def forged(number: int) -> TrafficForge:
    forge = TrafficForge()
    for place in range(number):
        rejected = place == number - 1
        forge.exchange(
            forge.association(calling=f"CT{place % 7}", outcome=Outcome.REJECTED if rejected else Outcome.RELEASED),
            "C-STORE",
            status=0xA700 if place == 3 else 0,
        )
    return forge


def test_few_associations_need_no_table() -> None:
    assert page(report_of(forged(200).traffic())).table is None


def test_every_association_has_its_row_and_names_stand_once() -> None:
    shown = page(report_of(forged(230).traffic(), [finding(association=4)]))
    assert shown.table is not None
    data = json.loads(shown.table.data)
    assert [row[0] for row in data["rows"]] == list(range(1, 231))
    assert sorted(data["names"]) == sorted(set(data["names"]))
    fourth, last = data["rows"][3], data["rows"][-1]
    names, severities = data["names"], data["severities"]
    assert (names[fourth[3]], names[fourth[4]], fourth[8], fourth[9]) == ("CT3", "PACS", 1, 1)
    assert (severities[fourth[10]], severities[last[10]], names[last[7]]) == ("error", "", "rejected")
    assert fourth[11] == last[11] == 1  # with faults: in detail on the page
    assert len(shown.table.lines) == PAGE
    assert fourth[15] and set(fourth[15]) <= {number for number, _ in shown.facets.statuses.choices()}


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_no_text_ends_the_block_and_all_of_it_comes_back(value: object) -> None:
    text = embedded(value)
    assert "<" not in text and ">" not in text and "&" not in text and text.isascii()
    assert json.loads(text) == value
