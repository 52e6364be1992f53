"""Which headers are believed, and that every known type has its decoder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.core import LIMITS, Evidence
from dicomsniff.pdu.decode import decode_pdu, is_plausible, longest_length
from dicomsniff.pdu.tables import PDU_NAMES
from tests.forge import pdus as forge
from tests.pdu.streams import TO

SEEN = Evidence(TO, 0, 10, 1, 1, 0, 0)


@pytest.mark.parametrize(
    ("kind", "length", "plausible"),
    [
        (1, 300, True),
        (1, 1 << 21, False),
        (4, 1 << 21, True),
        (4, (1 << 30) + 1, False),
        (5, 4, True),
        (5, 5, False),
        (8, 4, False),
        (0, 4, False),
    ],
)
def test_headers_that_may_be_real(kind: int, length: int, plausible: bool) -> None:
    assert is_plausible(kind, length, LIMITS) is plausible


def test_only_data_may_be_longer_than_an_association_request() -> None:
    assert {kind for kind in PDU_NAMES if longest_length(kind, LIMITS) > LIMITS.associate_bytes} == {4}


@given(st.sampled_from([1, 2, 3, 5, 6, 7]), st.binary(max_size=200))
def test_no_body_raises_and_flaws_lie_inside(kind: int, body: bytes) -> None:
    value, flaws = decode_pdu(forge.pdu(kind, body), SEEN)
    assert value.evidence == SEEN
    assert all(0 <= flaw.start <= flaw.end <= len(body) + 6 for flaw in flaws)
