"""DS-PC-005: answers that do not fit what was proposed."""

from dataclasses import replace
from pathlib import Path

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.rules.contexts.inconsistent_acceptance import RULE
from dicomsniff.rules.finding import Severity, Side, Verdict
from dicomsniff.tcp.events import Gap, GapCause
from tests.association.dialogue import Dialogue, read
from tests.forge import messages, pdus
from tests.forge.traffic import TrafficForge
from tests.forge.wire import BACK
from tests.rules.judging import found, only, verdict

CT, MR = messages.CT, "1.2.840.10008.5.1.4.1.1.4"
IMPLICIT, EXPLICIT = pdus.IMPLICIT_LITTLE, pdus.EXPLICIT_LITTLE


def answered(path: Path, *answers: bytes, store: bool = False) -> Traffic:
    """CT and MR proposed as contexts 1 and 3, in Implicit VR; the answers as given."""
    talk = Dialogue()
    talk.wire.connect()
    talk.say(pdus.request(pdus.proposed_context(1, CT, IMPLICIT), pdus.proposed_context(3, MR, IMPLICIT)))
    talk.say(pdus.acceptance(*answers), BACK)
    if store:
        talk.store("1.2.3", bytes(100))
    return read(path / "answered.pcap", talk.release())


def accepted(id: int, syntax: str | None = IMPLICIT) -> bytes:
    return pdus.answered_context(id, 0, syntax)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ((accepted(1), accepted(3), accepted(5)), "context 5 is answered, but was not proposed"),
        ((accepted(1),), "context 3 (MR Image Storage) got no answer"),
        (
            (accepted(1, EXPLICIT), accepted(3)),
            "context 1 is accepted with Explicit VR Little Endian, where Implicit VR",
        ),
        ((accepted(1), accepted(3), accepted(3)), "context 3 is answered 2 times"),
        ((accepted(1, None), accepted(3)), "context 1 is accepted without a transfer syntax"),
    ],
)
def test_fires(tmp_path: Path, answers: tuple[bytes, ...], words: str) -> None:
    finding = only(RULE, answered(tmp_path, *answers))
    assert words in finding.message and "ARCHIVE (10.0.0.2:104)" in finding.message
    assert (finding.severity, finding.act) == (Severity.WARNING, Side.ACCEPTOR)


def test_a_wrong_syntax_that_is_used_is_an_error(tmp_path: Path) -> None:
    finding = only(RULE, answered(tmp_path, accepted(1, EXPLICIT), accepted(3), store=True))
    assert finding.severity is Severity.ERROR and "Messages were sent on context 1" in finding.message


def test_is_quiet(tmp_path: Path) -> None:
    refused = pdus.answered_context(3, 3, "1.2.3.4.5")  # not significant there
    assert found(RULE, answered(tmp_path, refused, accepted(1))) == ()
    forge = TrafficForge()
    forge.association()
    assert found(RULE, forge.traffic()) == ()


def test_one_id_proposed_twice_and_answered_twice_is_the_requestors_fault(tmp_path: Path) -> None:
    talk = Dialogue()
    talk.wire.connect()
    talk.say(pdus.request(pdus.proposed_context(1, CT, IMPLICIT), pdus.proposed_context(1, MR, IMPLICIT)))
    talk.say(pdus.acceptance(accepted(1), accepted(1)), BACK).release()
    assert found(RULE, read(tmp_path / "twice.pcap", talk)) == ()


def test_an_even_id_that_is_left_unanswered_is_the_requestors_fault(tmp_path: Path) -> None:
    talk = Dialogue()
    talk.wire.connect()
    talk.say(pdus.request(pdus.proposed_context(1, CT, IMPLICIT), pdus.proposed_context(2, MR, IMPLICIT)))
    talk.say(pdus.acceptance(accepted(1)), BACK).release()
    assert found(RULE, read(tmp_path / "even.pcap", talk)) == ()


def test_a_padded_syntax_is_a_note(tmp_path: Path) -> None:
    finding = only(RULE, answered(tmp_path, accepted(1, IMPLICIT + "\0"), accepted(3)))
    assert "the transfer syntax of context 1 is padded with a NUL" in finding.message
    assert finding.severity is Severity.NOTE


def test_an_acceptance_behind_a_hole_may_answer_another_request_and_is_inconclusive(tmp_path: Path) -> None:
    clean = answered(tmp_path, accepted(1, EXPLICIT), accepted(3))
    assert verdict(RULE, clean) is Verdict.FINDING
    [conversation], [association] = clean.conversations, clean.associations
    assert association.accept is not None
    hole = Gap(1, association.to_acceptor.opposite, 0, 10, GapCause.LOST, 1, 0)
    late = replace(association.accept, evidence=association.accept.evidence._replace(start=10))
    holed = replace(
        clean,
        conversations=(replace(conversation, gaps=(hole,)),),
        associations=(replace(association, accept=late),),
    )
    assert verdict(RULE, holed) is Verdict.INCONCLUSIVE
