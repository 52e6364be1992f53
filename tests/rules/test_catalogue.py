"""The catalogue as a whole: what every rule must bring, and the choice among them."""

import importlib
import pkgutil
import re
from functools import cache
from types import ModuleType
from typing import Any

import pytest

import dicomsniff.rules
from dicomsniff.core import AnomalyCode
from dicomsniff.rules.catalogue import RULES, choose, rule
from dicomsniff.rules.page import page_of, render_markdown
from dicomsniff.rules.rule import Rule

LATER: dict[AnomalyCode, str] = {}
"""Oddities that no rule explains yet, with the rule of the plan that will."""


def modules(package: ModuleType) -> list[ModuleType]:
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(one.name) for one in found]


@cache
def rule_modules() -> dict[str, ModuleType]:
    return {m.RULE.id: m for m in modules(dicomsniff.rules) if isinstance(getattr(m, "RULE", None), Rule)}


EVERY = pytest.mark.parametrize("one", RULES, ids=lambda one: one.id)


def test_every_file_with_a_rule_is_in_the_catalogue_once() -> None:
    assert sorted(one.id for one in RULES) == sorted(rule_modules())


def test_ids_and_names_are_unique_and_well_formed() -> None:
    assert len({one.id for one in RULES}) == len({one.name for one in RULES}) == len(RULES)
    assert all(re.fullmatch(r"DS-[A-Z]+-\d{3}", one.id) for one in RULES)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one.name) for one in RULES)


@EVERY
def test_every_rule_has_a_whole_page(one: Rule[Any]) -> None:
    page = page_of(one)
    assert page.causes and page.references
    assert one.page == rule_modules()[one.id].__doc__
    assert render_markdown(one).startswith(f"# {one.id} ")


@EVERY
def test_every_rule_has_traffic_where_it_fires_is_quiet_and_cannot_tell(one: Rule[Any]) -> None:
    home = rule_modules()[one.id].__name__
    family, name = home.split(".")[-2:]
    tests_of = importlib.import_module(f"tests.rules.{family}.test_{name}")
    assert tests_of.RULE is one
    wanted = ["test_fires", "test_is_quiet", *(["test_is_inconclusive"] if one.absence else [])]
    for start in wanted:
        assert any(each.startswith(start) for each in vars(tests_of)), f"{tests_of.__name__} has no {start}…"


def test_every_oddity_is_claimed_by_a_rule_or_planned_for_one() -> None:
    claimed = {code for one in RULES for code in one.claims}
    assert set(AnomalyCode) - claimed == set(LATER)


def test_a_planned_rule_that_exists_claims_its_oddity() -> None:
    existing = {one.id for one in RULES}
    assert not [code for code, id in LATER.items() if id in existing]


def test_what_rules_hide_exists_or_is_planned_and_never_in_a_circle() -> None:
    hides = {one.id: set(one.hides) for one in RULES}
    left = dict(hides)
    while left:
        ends = [id for id, hidden in left.items() if not hidden & set(left)]
        assert ends, f"these hide each other: {sorted(left)}"
        for id in ends:
            del left[id]


def test_rules_are_chosen_by_id_prefix_and_name_in_any_case() -> None:
    assert [one.id for one in choose(["ds-tcp-001"])] == ["DS-TCP-001"]
    assert [one.id for one in choose(["connection-refused"])] == ["DS-TCP-001"]
    assert {one.id.rpartition("-")[0] for one in choose(["DS-TCP", "DS-CAP-"])} == {"DS-TCP", "DS-CAP"}
    assert not [one for one in choose(ignore=["DS-TCP"]) if one.id.startswith("DS-TCP")]
    assert choose() == RULES
    assert choose(["DS"]) == RULES


@pytest.mark.parametrize("term", ["DS-TCP-0", "DS-T", "tcp", "", "DS-TCP-999", "DS-TCPX"])
def test_a_term_that_names_nothing_is_refused(term: str) -> None:
    with pytest.raises(ValueError, match="no rule is called"):
        choose([term])


def test_the_nearest_right_term_is_offered() -> None:
    with pytest.raises(ValueError, match="did you mean connection-refused"):
        choose(["conection-refused"])
    with pytest.raises(ValueError, match="did you mean DS-TCP-001"):
        choose(ignore=["DS-TCP-0011"])


def test_one_rule_is_found_by_id_or_name() -> None:
    assert rule("ds-assoc-001") is rule("Called-AE-Not-Recognized")
    with pytest.raises(ValueError, match="did you mean called-ae-not-recognized"):
        rule("called-ae-not-recognised")
