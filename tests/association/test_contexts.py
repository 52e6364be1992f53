"""Proposals and answers joined by context ID, with what is missing on either side."""

from dicomsniff.association.contexts import join_contexts
from dicomsniff.association.values import Context, ContextResult
from dicomsniff.core import Direction, Evidence
from dicomsniff.pdu.values import AnsweredContext, AssociateAc, AssociateRq, ProposedContext, UserInformation

CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
SEEN = Evidence(Direction.TO_RESPONDER, 0, 100, 1, 1, 0, 0)
Used = dict[int, tuple[int, str | None]]


def request(*contexts: tuple[int, str]) -> AssociateRq:
    proposed = tuple(ProposedContext(id, abstract, (IMPLICIT, EXPLICIT)) for id, abstract in contexts)
    return AssociateRq(SEEN, 94, 1, "PACS", "CT01", b"PACS", b"CT01", None, proposed, UserInformation())


def accept(*contexts: tuple[int, int, str | None]) -> AssociateAc:
    answered = tuple(AnsweredContext(*context) for context in contexts)
    return AssociateAc(SEEN, 94, 1, "PACS", "CT01", None, answered, UserInformation())


def one(used: Used | None = None, *answers: tuple[int, int, str | None]) -> Context:
    [context] = join_contexts(request((1, CT)), accept(*answers) if answers else None, used or {})
    return context


def test_an_accepted_context_has_its_proposal_its_answer_and_its_use() -> None:
    context = one({1: (3, CT)}, (1, 0, EXPLICIT))
    assert context == Context(1, CT, (IMPLICIT, EXPLICIT), ContextResult.ACCEPTED, 0, EXPLICIT, 3, False)
    assert context.accepted


def test_a_refusal_has_no_transfer_syntax_whatever_stands_in_its_item() -> None:
    context = one(None, (1, 3, EXPLICIT))
    assert (context.result, context.result_code, context.transfer_syntax) == (ContextResult.ABSTRACT_SYNTAX, 3, None)


def test_every_result_of_the_standard_has_its_name_and_others_keep_their_number() -> None:
    results = [one(None, (1, code, None)) for code in (0, 1, 2, 3, 4, 77)]
    assert [str(c.result) for c in results] == [
        "accepted", "user-rejection", "no-reason", "abstract-syntax-not-supported", "transfer-syntaxes-not-supported", "no-reason",
    ]  # fmt: skip
    assert results[5].result_code == 77


def test_a_context_nobody_answered_is_unanswered() -> None:
    context = one()
    assert (context.result, context.result_code, context.accepted) == (ContextResult.UNANSWERED, None, False)


def test_the_order_is_that_of_the_request_and_strangers_follow() -> None:
    answer = accept((9, 0, IMPLICIT), (3, 0, IMPLICIT), (5, 3, None))
    joined = join_contexts(request((5, MR), (3, CT)), answer, {11: (1, "1.2.3"), 7: (2, None)})
    assert [c.id for c in joined] == [5, 3, 9, 7, 11]
    assert [c.inferred for c in joined] == [False, False, True, True, True]


def test_without_a_request_the_class_is_that_of_the_first_message() -> None:
    [context] = join_contexts(None, accept((1, 0, EXPLICIT)), {1: (4, CT)})
    assert (context.abstract_syntax, context.proposed, context.transfer_syntax) == (CT, (), EXPLICIT)
    assert context.inferred and context.accepted


def test_an_empty_transfer_syntax_is_none() -> None:
    assert one(None, (1, 0, "")).transfer_syntax is None


def test_nothing_gives_nothing() -> None:
    assert join_contexts(None, None, {}) == ()
