"""The commands about dicomsniff itself: rules, explain, schema."""

import json

import pytest
from jsonschema import Draft202012Validator

from dicomsniff.rules.catalogue import RULES
from tests.cli.running import Shell


def test_rules_lists_every_rule_in_a_line_of_its_own(shell: Shell) -> None:
    done = shell("rules")
    assert done.code == 0
    for rule, line in zip(RULES, done.out.splitlines(), strict=True):
        assert line.split()[:3] == [rule.id, str(rule.severity), rule.name] and line.endswith(rule.title)


def test_rules_as_json_are_the_same(shell: Shell) -> None:
    rows = json.loads(shell("rules", "--json").out)
    assert [row["id"] for row in rows] == [rule.id for rule in RULES]
    for row, rule in zip(rows, RULES, strict=True):
        assert row == {
            "id": rule.id,
            "name": rule.name,
            "severity": str(rule.severity),
            "title": rule.title,
            "family": rule.id[:-4],
            "absence": rule.absence,
            "hides": list(rule.hides),
        }


@pytest.mark.parametrize("term", ["DS-TCP-001", "ds-tcp-001", "connection-refused", "Connection-Refused"])
def test_explain_shows_one_rule_by_id_or_name(shell: Shell, term: str) -> None:
    done = shell("explain", term)
    assert done.code == 0 and "DS-TCP-001" in done.out
    headings = ("What it sees", "Why it matters", "Likely causes", "Fix", "Could be wrong when", "Reference")
    assert [done.out.index(heading) for heading in headings] == sorted(done.out.index(h) for h in headings)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_can_be_explained(shell: Shell, rule: object) -> None:
    name = rule.id  # type: ignore[attr-defined]
    assert shell("explain", name).out.count(name) >= 1


def test_schema_is_a_json_schema(shell: Shell) -> None:
    done = shell("schema")
    Draft202012Validator.check_schema(json.loads(done.out))
    assert done.out.endswith("}\n")
