"""DS-PC-009: classes offered without Implicit VR Little Endian."""

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.rules.contexts.missing_default_syntax import RULE
from dicomsniff.rules.finding import Severity, Side
from tests.forge.traffic import BIG_ENDIAN, CT, EXPLICIT, IMPLICIT, JPEG_BASELINE, JPEG_LOSSLESS, TrafficForge
from tests.rules.judging import found, only

MPEG = "1.2.840.10008.1.2.4.102"


def offered(*contexts: tuple[tuple[str, ...], int]) -> Traffic:
    forge = TrafficForge()
    forge.association(contexts=[(CT, syntaxes, code) for syntaxes, code in contexts])
    return forge.traffic()


def test_fires() -> None:
    finding = only(RULE, offered(((EXPLICIT,), 4), ((JPEG_LOSSLESS,), 4)))
    assert "CT01 (10.0.0.1) offers CT Image Storage without Implicit VR Little Endian, and PACS" in finding.message
    assert (finding.severity, finding.act) == (Severity.NOTE, Side.REQUESTOR)


def test_what_was_accepted_is_a_fact_and_a_retired_syntax_is_named() -> None:
    assert only(RULE, offered(((EXPLICIT,), 0))).severity is Severity.INFO
    assert "Explicit VR Big Endian" in only(RULE, offered(((BIG_ENDIAN, EXPLICIT), 0))).message


@pytest.mark.parametrize(
    "traffic",
    [offered(((EXPLICIT,), 4), ((IMPLICIT,), 0)), offered(((JPEG_BASELINE,), 4)), offered(((MPEG,), 4))],
    ids=["in another context", "only the lossy form", "video"],
)
def test_is_quiet(traffic: Traffic) -> None:
    assert found(RULE, traffic) == ()
