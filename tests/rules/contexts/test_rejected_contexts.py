"""DS-PC-001: an association without a single accepted context."""

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.rules.contexts.rejected_contexts import RULE
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.negotiation import application_abort, protocol_abort
from dicomsniff.rules.runner import judge
from tests.forge.traffic import (
    CT,
    EXPLICIT,
    IMPLICIT,
    JPEG_LOSSLESS,
    SC,
    VERIFICATION,
    WORKLIST,
    ContextSpec,
    TrafficForge,
)
from tests.rules.applying import hits, is_quiet, only


def _traffic(*contexts: ContextSpec, outcome: Outcome = Outcome.CLOSED) -> Traffic:
    forge = TrafficForge()
    forge.association(contexts=contexts, outcome=outcome)
    return forge.traffic()


def test_fires_when_every_context_was_refused() -> None:
    hit = only(RULE, _traffic((SC, [EXPLICIT], 3), (SC, [IMPLICIT], 3)))
    assert "none of the 2 proposed contexts" in hit.message
    assert "Secondary Capture Image Storage" in hit.message
    assert "right service and port" in hit.message
    assert hit.act is Side.ACCEPTOR and RULE.severity is Severity.ERROR


def test_fires_naming_what_the_server_takes_from_others() -> None:
    forge = TrafficForge()
    forge.association(contexts=[(WORKLIST, [IMPLICIT], 0)])
    forge.association(contexts=[(SC, [IMPLICIT], 3)], outcome=Outcome.CLOSED)
    hit = only(RULE, forge.traffic())
    assert "Elsewhere in this capture it accepted Modality Worklist" in hit.message
    assert hit.causes is not None and "wrong service" in hit.causes[0]


def test_fires_for_encodings_alone_and_names_them() -> None:
    assert "JPEG Lossless" in only(RULE, _traffic((CT, [JPEG_LOSSLESS], 4))).message


def test_fires_with_results_of_several_kinds() -> None:
    hit = only(RULE, _traffic((CT, [IMPLICIT], 1), (SC, [IMPLICIT], 3), (SC, [EXPLICIT], 9)))
    assert "1 × user-rejection" in hit.message and "unknown result 9" in hit.message


def test_is_quiet_when_one_context_was_accepted() -> None:
    assert is_quiet(RULE, _traffic((VERIFICATION, [IMPLICIT], 0), (SC, [IMPLICIT], 3)))


def test_is_quiet_when_the_answer_was_not_seen() -> None:
    assert is_quiet(RULE, _traffic((SC, [IMPLICIT], None), outcome=Outcome.UNANSWERED))


def test_hides_the_endings_that_follow_from_it() -> None:
    assert {"DS-PC-002", "DS-ASSOC-007", "DS-TCP-005"} <= set(RULE.hides)
    assert len(hits(RULE, _traffic((SC, [IMPLICIT], 3), outcome=Outcome.ABORTED))) == 1


def test_the_fix_names_the_setting_and_both_sides() -> None:
    encodings = only(RULE, _traffic((CT, [JPEG_LOSSLESS], 4))).fix or ""
    assert encodings.startswith("Enable JPEG Lossless") and "Implicit VR Little Endian" in encodings
    classes = only(RULE, _traffic((SC, [IMPLICIT], 3))).fix or ""
    assert "Enable Secondary Capture Image Storage for 'CT01' on" in classes and "point CT01" in classes
    assert only(RULE, _traffic((SC, [IMPLICIT], 1))).fix is None


def test_who_then_aborts_does_so_because_of_it() -> None:
    """At once or later, as application or as protocol layer."""
    for source in (0, 2):
        forge = TrafficForge()
        contexts = [(CT, [IMPLICIT], 3)]
        forge.association(contexts=contexts, outcome=Outcome.ABORTED, aborts=[("requestor", source, 0)], end_after=0.5)
        rules = (RULE, application_abort.RULE, protocol_abort.RULE)
        (root,) = judge(forge.traffic(), fence=False, rules=rules).findings
        assert root.rule == "DS-PC-001" and len(root.children) == 1


def test_a_catalogue_is_counted_in_the_headline_and_not_enabled_class_by_class() -> None:
    classes = ["1.2.840.10008.5.1.4.1.1." + number for number in ("2", "4", "7", "20", "128", "6.1")]
    hit = only(RULE, _traffic(*((uid, [IMPLICIT], 3) for uid in classes)))
    assert hit.gist is not None and hit.gist.endswith("so nothing can be done on it with any of 6 SOP classes")
    assert hit.fix is not None and hit.fix.startswith("Enable the classes that are wanted for 'CT01' on PACS")
    assert only(RULE, _traffic((SC, [EXPLICIT], 3))).gist is None
