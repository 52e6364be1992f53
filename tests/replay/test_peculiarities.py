"""What a replay does not repeat."""

import pytest

from dicomsniff.pdu.values import ProposedContext
from dicomsniff.replay.peculiarities import peculiarities
from tests.forge.traffic import CT, IMPLICIT, TrafficForge

PADDED = {"called_ae_raw": b"PACS".ljust(16, b"\0"), "calling_ae_raw": b"CT01".ljust(16)}


def contexts(*ids: int) -> dict[str, object]:
    return {"contexts": tuple(ProposedContext(id, CT, (IMPLICIT,)) for id in ids)}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, []),
        (PADDED, ["AE titles that are padded with NUL"]),
        (contexts(), ["a request that proposes no presentation context"]),
        (contexts(1, 2), ["presentation context IDs that are even"]),
        (contexts(1, 1), ["presentation context IDs that stand twice"]),
    ],
)
def test_what_no_toolkit_would_say_again_is_named(fields: dict[str, object], told: list[str]) -> None:
    forge = TrafficForge()
    forge.association(request_fields=fields)
    assert list(peculiarities(forge.traffic().association(1))) == told
