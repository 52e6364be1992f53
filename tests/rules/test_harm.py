"""What came of an association."""

from dicomsniff.association.values import Association, Outcome
from dicomsniff.rules.harm import came_to_grief, ended_by_protocol, failed_at_request
from tests.forge.traffic import CT, IMPLICIT, TrafficForge


def association(outcome: Outcome, answered: bool = True, source: int = 0) -> Association:
    forge = TrafficForge()
    aborts = [("acceptor", source, 2)] if outcome is Outcome.ABORTED else []
    forge.association(outcome=outcome, aborts=aborts, contexts=[(CT, [IMPLICIT], 0 if answered else None)])
    return forge.traffic().associations[0]


def test_released_or_open_is_no_grief() -> None:
    good = {outcome for outcome in Outcome if not came_to_grief(association(outcome))}
    assert good == {Outcome.RELEASED, Outcome.OPEN}


def test_a_request_fails_by_abort_or_silence_and_not_by_an_answer() -> None:
    assert failed_at_request(association(Outcome.ABORTED, answered=False))
    assert not failed_at_request(association(Outcome.ABORTED))
    assert not failed_at_request(association(Outcome.REJECTED, answered=False))


def test_only_the_provider_aborts_for_the_protocol() -> None:
    assert ended_by_protocol(association(Outcome.ABORTED, source=2))
    assert not ended_by_protocol(association(Outcome.ABORTED))
    assert not ended_by_protocol(association(Outcome.RELEASED))
