"""Rejections without a reason."""

import pytest

from dicomsniff.association.values import Outcome, Traffic
from dicomsniff.pdu.values import UserIdentityRequest, UserInformation
from dicomsniff.rules.finding import Verdict
from dicomsniff.rules.negotiation.unexplained_rejection import RULE
from tests.forge.traffic import CT, EXPLICIT, IMPLICIT, MR, TrafficForge
from tests.rules.judging import only, verdict


def rejected(reject: tuple[int, int, int] = (1, 1, 1)) -> TrafficForge:
    forge = TrafficForge()
    forge.association(
        outcome=Outcome.REJECTED, reject=reject, contexts=((CT, (IMPLICIT,), None), (MR, (IMPLICIT,), None))
    )
    return forge


def healthy() -> Traffic:
    return rejected((1, 1, 7)).traffic()


def test_fires() -> None:
    assert verdict(RULE, rejected().traffic()) is Verdict.FINDING


def test_is_quiet() -> None:
    assert verdict(RULE, healthy()) is Verdict.CLEAR


@pytest.mark.parametrize(
    ("reject", "words"), [((1, 1, 1), "permanently"), ((2, 2, 1), "for now"), ((9, 1, 1), "undefined")]
)
def test_permanent_or_transient_is_told(reject: tuple[int, int, int], words: str) -> None:
    assert words in only(RULE, rejected(reject).traffic()).message


def test_the_difference_to_what_was_accepted_is_told() -> None:
    forge = rejected()
    forge.association(calling="CT02", contexts=((CT, (IMPLICIT,), 0),))
    forge.association(contexts=((CT, (IMPLICIT,), 0),))
    message = only(RULE, forge.traffic()).message
    assert "it proposes MR Image Storage in addition" in message
    assert "calling AE title" not in message


def test_a_like_request_that_was_accepted_is_told() -> None:
    forge = rejected()
    forge.association(contexts=((CT, (IMPLICIT,), 0), (MR, (IMPLICIT,), 0)))
    assert "A request like it was accepted elsewhere" in only(RULE, forge.traffic()).message


def test_other_transfer_syntaxes_and_fewer_classes_are_differences() -> None:
    forge = rejected()
    forge.association(contexts=((CT, (EXPLICIT,), 0), (MR, (IMPLICIT,), 0)))
    assert "other transfer syntaxes are proposed" in only(RULE, forge.traffic()).message


def test_a_user_identity_in_the_request_is_the_first_suspect() -> None:
    identity = UserIdentityRequest(2, True, "jdoe", 4, 6)
    forge = TrafficForge()
    fields = {"user_information": UserInformation(user_identity=identity)}
    forge.association(outcome=Outcome.REJECTED, reject=(1, 1, 1), request_fields=fields)
    assert only(RULE, forge.traffic()).causes[0] == "The user identity in the request was not accepted."
