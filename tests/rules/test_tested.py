"""Every rule is tested where it fires and where it is quiet; one that argues from absence also where it cannot tell."""

import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.rules.test_catalogue import rule_modules

HERE = Path(__file__).parent
QUIET = re.compile(
    r"== \[\]|== \(\)|== \{\}|== set\(\)|\bnot |is None|\.CLEAR|NOT_APPLICABLE|clear|quiet|silent|nothing|\bno_|harmless|healthy|"
    r"fine|ordinary|allowed|legal|judged|same|said_once"
)
EVERY = pytest.mark.parametrize("module", rule_modules().values(), ids=lambda module: module.RULE.id)


def source(module: ModuleType) -> str:
    """The tests of this rule's file."""
    *family, name = module.__name__.split(".")[2:]
    return HERE.joinpath(*family, f"test_{name}.py").read_text(encoding="utf-8")


def bodies(text: str) -> list[str]:
    return re.split(r"^def (?=test_)", text, flags=re.MULTILINE)[1:]


@EVERY
def test_a_rule_has_a_test_where_it_fires_and_one_where_it_is_quiet(module: ModuleType) -> None:
    text = source(module)
    assert len(bodies(text)) >= 2
    assert QUIET.search(text), f"no test shows {module.RULE.id} quiet"


@EVERY
def test_a_rule_that_can_be_inconclusive_is_tested_where_it_is(module: ModuleType) -> None:
    can = "Inconclusive(" in inspect.getsource(module)
    assert can or not module.RULE.absence or "inconclusive" in source(module).casefold()
    if can:
        assert re.search("inconclusive|doubt", source(module), re.IGNORECASE), f"no test of {module.RULE.id} in doubt"
