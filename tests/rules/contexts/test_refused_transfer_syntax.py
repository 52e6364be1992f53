"""DS-PC-003: a SOP class that is taken, but not in the encodings on offer."""

import pytest

from dicomsniff.association.values import Blind, Outcome
from dicomsniff.rules.contexts.refused_transfer_syntax import RULE
from dicomsniff.rules.finding import Severity, Side
from tests.forge.traffic import CT, EXPLICIT, IMPLICIT, JPEG_BASELINE, JPEG_LOSSLESS, MR, ContextSpec, TrafficForge
from tests.rules.applying import doubts, hits, is_quiet, only

PARTLY: list[ContextSpec] = [(CT, [JPEG_LOSSLESS], 4), (CT, [EXPLICIT, IMPLICIT], 0)]


def test_fires_when_no_offered_encoding_of_a_needed_class_was_taken() -> None:
    forge = TrafficForge()
    forge.association(contexts=[(CT, [JPEG_LOSSLESS], 4), (CT, [JPEG_BASELINE], 4)])
    hit = only(RULE, forge.traffic())
    assert hit.severity is Severity.ERROR and hit.act is Side.ACCEPTOR
    assert "JPEG Lossless" in hit.message and "JPEG Baseline" in hit.message
    assert hit.fix is not None and "decompress" in hit.fix


def test_fires_naming_what_the_server_took_elsewhere() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(contexts=[(CT, [EXPLICIT], 0)], calling="CT02"), "C-STORE", status=0)
    forge.association(contexts=[(CT, [JPEG_LOSSLESS], 4)])
    assert "Elsewhere in this capture it accepted Explicit VR Little Endian" in only(RULE, forge.traffic()).message


def test_fires_as_a_warning_when_only_the_compressed_context_was_refused_and_nothing_was_sent() -> None:
    forge = TrafficForge()
    forge.association(contexts=PARTLY, outcome=Outcome.ABORTED)
    hit = only(RULE, forge.traffic())
    assert hit.severity is Severity.WARNING
    assert "then aborted without sending anything" in hit.message and "Explicit VR Little Endian" in hit.message
    assert hit.facts["refused_transfer_syntaxes"] == [JPEG_LOSSLESS]


@pytest.mark.parametrize("code", [1, 2, 3])
def test_fires_when_the_compressed_context_was_refused_by_another_number_though_the_class_is_taken(code: int) -> None:
    forge = TrafficForge()
    forge.association(contexts=[(CT, [JPEG_LOSSLESS], code), (CT, [EXPLICIT], 0)])
    assert f"result {code}" in only(RULE, forge.traffic()).message


def test_tells_that_the_requestor_had_tried_without_the_compressed_syntax() -> None:
    forge = TrafficForge()
    forge.association(contexts=[(CT, [EXPLICIT], 0)], outcome=Outcome.ABORTED)
    forge.association(contexts=PARTLY, outcome=Outcome.ABORTED)
    assert "In association 1 it had offered Explicit VR" in only(RULE, forge.traffic()).message


def test_is_quiet_when_objects_were_sent_in_the_uncompressed_context() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(contexts=PARTLY), "C-STORE", status=0, context_id=3)
    assert is_quiet(RULE, forge.traffic())


def test_is_quiet_when_a_context_with_the_syntax_was_accepted_in_another_one_of_its_list() -> None:
    forge = TrafficForge()
    forge.association(contexts=[(CT, [JPEG_LOSSLESS, EXPLICIT], 0, EXPLICIT)])
    assert is_quiet(RULE, forge.traffic())


def test_is_quiet_about_a_class_of_a_catalogue_but_for_a_fact() -> None:
    forge = TrafficForge()
    used: list[ContextSpec] = [(f"1.2.840.10008.5.1.4.1.1.{n}", [IMPLICIT], 0) for n in range(30, 60)]
    forge.exchange(forge.association(contexts=[*used, (MR, [JPEG_LOSSLESS], 4)]), "C-STORE", status=0)
    assert [hit.severity for hit in hits(RULE, forge.traffic())] == [Severity.INFO]


def test_is_inconclusive_when_what_was_sent_may_have_escaped_the_capture() -> None:
    forge = TrafficForge()
    forge.association(contexts=PARTLY, outcome=Outcome.OPEN, blind=[Blind.END])
    assert doubts(RULE, forge.traffic()) and not hits(RULE, forge.traffic())


def test_is_quiet_about_a_class_that_was_offered_in_no_encoding_at_all() -> None:
    forge = TrafficForge()
    forge.association(contexts=[(CT, [], 4)])
    assert is_quiet(RULE, forge.traffic())


def test_is_inconclusive_where_something_may_have_been_sent_unseen() -> None:
    forge = TrafficForge()
    forge.association(contexts=PARTLY, outcome=Outcome.ABORTED, blind=[Blind.HOLE_TO_ACCEPTOR])
    assert doubts(RULE, forge.traffic()) and not hits(RULE, forge.traffic())


def test_a_class_of_a_catalogue_that_was_mostly_taken_weighs_less() -> None:
    forge = TrafficForge()
    catalogue: list[ContextSpec] = [(f"1.2.840.10008.5.1.4.1.1.{n}", [IMPLICIT], 0) for n in range(30, 60)]
    forge.association(contexts=[*catalogue, (MR, [JPEG_LOSSLESS], 4)])
    assert only(RULE, forge.traffic()).severity is Severity.WARNING
