"""DS-PC-007: messages on contexts that do not exist."""

from dicomsniff.association.values import Blind, Traffic
from dicomsniff.core import AnomalyCode, Evidence
from dicomsniff.rules.contexts.unaccepted_context import RULE
from dicomsniff.rules.finding import Side
from tests.forge.traffic import CT, IMPLICIT, MR, TrafficForge
from tests.rules.applying import doubts, hits, is_quiet, only


def _traffic(blind: list[Blind] | None = None, **fields: object) -> Traffic:
    """A C-STORE on context 3, which was refused."""
    forge = TrafficForge()
    association = forge.association(contexts=[(CT, [IMPLICIT], 0), (MR, [IMPLICIT], 3)], blind=blind or [], **fields)  # type: ignore[arg-type]
    forge.exchange(association, "C-STORE", context_id=3)
    traffic = forge.traffic()
    request = traffic.exchange(1).request
    assert request is not None
    return _with_anomaly(forge, association, request)


def _with_anomaly(forge: TrafficForge, association: int, request: Evidence) -> Traffic:
    forge.anomaly(association, AnomalyCode.CONTEXT_NOT_ACCEPTED, "a command on context 3", evidence=request)
    return forge.traffic()


def test_fires_for_a_message_on_a_refused_context() -> None:
    hit = only(RULE, _traffic())
    assert "sends C-STORE of MR Image Storage on context 3" in hit.message
    assert "refused (result 3" in hit.message
    assert hit.act is Side.REQUESTOR and hit.exchange == 1


def test_fires_for_a_context_that_was_never_proposed() -> None:
    forge = TrafficForge()
    association = forge.association()
    forge.anomaly(association, AnomalyCode.CONTEXT_NOT_ACCEPTED, "a fragment on context 99")
    assert "context 99, which was never proposed" in only(RULE, forge.traffic()).message


def test_fires_once_for_each_side() -> None:
    forge = TrafficForge()
    association = forge.association()
    for role in ("requestor", "acceptor", "requestor"):
        forge.anomaly(association, AnomalyCode.CONTEXT_NOT_ACCEPTED, "a fragment on context 99", role=role)
    assert [hit.act for hit in hits(RULE, forge.traffic())] == [Side.REQUESTOR, Side.ACCEPTOR]


def test_fires_for_a_message_split_over_two_contexts() -> None:
    forge = TrafficForge()
    detail = "a data fragment on context 3 inside a C-STORE-RQ on context 1"
    forge.anomaly(forge.association(), AnomalyCode.PDV_UNEXPECTED_FRAGMENT, detail)
    assert "one message on two contexts" in only(RULE, forge.traffic()).message


def test_is_quiet_on_accepted_contexts() -> None:
    forge = TrafficForge()
    association = forge.association()
    forge.exchange(association, "C-STORE", status=0)
    forge.anomaly(association, AnomalyCode.PDV_UNEXPECTED_FRAGMENT, "a data fragment without a command on context 1")
    assert is_quiet(RULE, forge.traffic())


def test_is_inconclusive_when_the_negotiation_was_not_captured() -> None:
    traffic = _traffic(blind=[Blind.ANSWER])
    assert doubts(RULE, traffic) and not hits(RULE, traffic)
