"""The choice among rules, whatever is known of them but id and name."""

import pytest

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.choice import choose, one_called


class Named(NamedTuple):
    id: str
    name: str


RULES = (Named("DS-TCP-001", "refused"), Named("DS-TCP-002", "silent"), Named("DS-CAP-001", "cut"))


def test_ids_prefixes_and_names_choose_in_the_order_of_the_rules() -> None:
    assert choose(["cut", "DS-TCP"], ["ds-tcp-002"], RULES) == (RULES[0], RULES[2])
    assert choose((), ("cut",), RULES) == RULES[:2]
    assert one_called("Silent", RULES) is RULES[1]


@pytest.mark.parametrize("term", ["DS-TC", "silenz", ""])
def test_a_word_that_means_nothing_is_refused_with_the_nearest(term: str) -> None:
    for refuse in (lambda: choose([term], (), RULES), lambda: one_called(term, RULES)):
        with pytest.raises(ValueError, match="no rule is called"):
            refuse()
