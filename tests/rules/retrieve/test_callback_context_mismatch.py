"""DS-RET-005: deliveries that were let in, but not with these objects."""

from dicomsniff.association.values import Outcome
from dicomsniff.rules.finding import Severity
from dicomsniff.rules.retrieve.callback_context_mismatch import RULE
from dicomsniff.rules.runner import judge
from tests.forge.retrieve import Move, delivered
from tests.forge.traffic import CT, IMPLICIT, JPEG_LOSSLESS, MR, SC, TrafficForge
from tests.rules.applying import is_quiet, only
from tests.rules.retrieve.real_retrieves import root, rules


def test_fires_when_no_class_was_accepted() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.callback(contexts=[(CT, [IMPLICIT], 3)], outcome=Outcome.ABORTED)
    move.done(0xA702, (None, 0, 3, 0))
    hit = only(RULE, forge.traffic())
    assert hit.message.startswith(
        "3 objects could not be delivered to WS1 (10.0.0.1:11112): it does not accept CT Image"
    )
    assert hit.facts["sop_classes"] == [CT]
    [finding] = [f for f in judge(forge.traffic()).findings if f.severity is Severity.ERROR]
    assert {c.rule for c in finding.children} >= {"DS-PC-001", "DS-RET-006"}


def test_names_the_syntax_where_the_class_is_known_there() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.callback(contexts=[(CT, [JPEG_LOSSLESS], 4)])
    move.done(0xA702, (None, 0, 2, 0))
    hit = only(RULE, forge.traffic())
    assert "in JPEG Lossless" in hit.message and hit.facts["transfer_syntaxes"] == [JPEG_LOSSLESS]
    assert "convert for it" in (hit.fix or "")


def test_fires_when_failed_objects_are_known_to_be_of_a_refused_class() -> None:
    forge = TrafficForge()
    earlier = forge.association(contexts=[(SC, [IMPLICIT], 0)])
    forge.exchange(earlier, "C-STORE", status=0, sop_instance="1.2.3.9")
    move = Move(forge)
    many = [(f"1.2.840.10008.5.1.4.1.1.{n}", [IMPLICIT], 3) for n in (4, 20, 128, 7)]
    callback = move.callback(contexts=[(CT, [IMPLICIT], 0), *many])
    move.store(callback, 1)
    move.done(0xB000, (None, 1, 1, 0), failed=["1.2.3.9"])
    hit = only(RULE, forge.traffic())
    assert hit.message.startswith("1 object could not be delivered") and hit.facts["sop_classes"] == [SC]


def test_only_suspects_one_of_few_refused_classes_and_says_probably() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.store(move.callback(contexts=[(CT, [IMPLICIT], 0), (MR, [IMPLICIT], 3)]), 1)
    move.done(0xB000, (None, 1, 1, 0), failed=["1.2.3.7"])
    hit = only(RULE, forge.traffic())
    assert "probably could not" in hit.message and hit.severity is Severity.WARNING


def test_is_quiet_when_refused_classes_were_mere_offers() -> None:
    forge = TrafficForge()
    for status, counts in ((0, (None, 1, 0, 0)), (0xB000, (None, 1, 1, 0))):
        move = Move(forge, study=f"1.2.{status}")
        many = [(f"1.2.840.10008.5.1.4.1.1.{n}", [IMPLICIT], 3) for n in (4, 20, 128, 7)]
        callback = move.callback(contexts=[(CT, [IMPLICIT], 0), *many])
        move.store(callback, 1)
        if counts[2]:
            move.store(callback, 2, status=0xA700)
        move.done(status, counts)
    delivered(forge)
    assert is_quiet(RULE, forge.traffic())


def test_is_quiet_about_rejections() -> None:
    forge = TrafficForge()
    move = Move(forge)
    move.rejected(1, 1, 3)
    move.done(0xA702)
    assert is_quiet(RULE, forge.traffic())


def test_fires_on_a_real_capture() -> None:
    assert rules("no_context") == ["DS-RET-005"]
    found = root("no_context", "DS-RET-005")
    assert "Secondary Capture" in found.message and [c.rule for c in found.children] == ["DS-PC-001"]
