"""DS-PC-008: objects that were compressed and are sent uncompressed."""

from dicomsniff.association.values import Traffic
from dicomsniff.rules.contexts.compressed_fallback import RULE
from dicomsniff.rules.finding import Severity, Side
from tests.forge.traffic import (
    CT,
    EXPLICIT,
    IMPLICIT,
    JPEG_BASELINE,
    JPEG_LOSSLESS,
    ContextSpec,
    TrafficForge,
    data_set,
)
from tests.rules.judging import found, only

ONE: tuple[ContextSpec, ...] = ((CT, (JPEG_LOSSLESS, IMPLICIT), 0, IMPLICIT),)
APART: tuple[ContextSpec, ...] = ((CT, (JPEG_BASELINE,), 4), (CT, (EXPLICIT,), 0))


def sent(contexts: tuple[ContextSpec, ...], context_id: int = 1, lossy: str = "", compressed: int = 0) -> Traffic:
    """One object under the given context; before it, one of `compressed` bytes as JPEG to another server's context."""
    forge = TrafficForge()
    if compressed:
        before = forge.association(contexts=[(CT, (JPEG_LOSSLESS,), 0)])
        forge.exchange(before, "C-STORE", dataset_bytes=compressed, status=0)
    association = forge.association(contexts=contexts)
    data = data_set(context_id == 1, Modality="CT", Rows=512, LossyImageCompression=lossy, PatientID="1")
    forge.exchange(association, "C-STORE", context_id=context_id, data=data, dataset_bytes=10_000_000, status=0)
    return forge.traffic()


def test_fires() -> None:
    finding = only(RULE, sent(ONE, compressed=200_000))
    assert "CT Image Storage" in finding.message and "JPEG Lossless" in finding.message
    assert "in the same context; elsewhere it sends such objects compressed, in 200000 bytes" in finding.message
    assert (finding.severity, finding.act, finding.fix) == (
        Severity.NOTE,
        Side.UNKNOWN,
        "Propose one context for each transfer syntax.",
    )


def test_an_object_that_says_it_was_compressed_is_proof_enough() -> None:
    finding = only(RULE, sent(APART, context_id=3, lossy="01"))
    assert "refused the contexts with compression" in finding.message and finding.fix.startswith("Enable JPEG Baseline")


def test_is_quiet() -> None:
    assert found(RULE, sent(ONE)) == ()  # nothing shows that it was compressed
    assert found(RULE, sent(ONE, compressed=9_000_000)) == ()
    assert found(RULE, sent(ONE, lossy="00")) == ()
    assert found(RULE, sent(((CT, (IMPLICIT,), 0),), lossy="01")) == ()  # no compression was offered
    both: tuple[ContextSpec, ...] = ((CT, (IMPLICIT,), 0), (CT, (JPEG_LOSSLESS,), 0))
    assert found(RULE, sent(both, lossy="01", compressed=200_000)) == ()  # the sender chose
