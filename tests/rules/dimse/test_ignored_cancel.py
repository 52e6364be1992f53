"""DS-DIMSE-010: what came of a C-CANCEL."""

from dicomsniff.association.values import Traffic
from dicomsniff.rules.dimse.ignored_cancel import RULE
from tests.captures import real
from tests.forge.traffic import IMPLICIT, SECOND, STUDY_FIND, TrafficForge
from tests.rules.applying import is_quiet, only


def _cancelled(after: float, responses: int = 0, status: int | None = 0xFE00) -> Traffic:
    forge = TrafficForge()
    association = forge.association(contexts=[(STUDY_FIND, [IMPLICIT], 0)])
    forge.exchange(association, "C-FIND", status=status, cancelled_after=1.0, after=after, pending=responses)
    exchange = forge.traffic().exchange(1)
    assert exchange.cancel is not None
    cancelled_ns = exchange.cancel.last_ns
    exchange.pending_after_cancel_ns = tuple(cancelled_ns + (i + 1) * SECOND // 10 for i in range(responses))
    return forge.traffic()


def test_fires_for_responses_that_went_on() -> None:
    hit = only(RULE, _cancelled(2.0, 20))
    assert "went on for 20 responses" in hit.message and hit.severity == "note" and hit.act == "acceptor"


def test_fires_for_a_long_wait() -> None:
    assert "went on for 0 responses and 9" in only(RULE, _cancelled(9.0, status=0)).message


def test_is_quiet_about_an_honoured_cancel_but_for_saying_so() -> None:
    hit = only(RULE, _cancelled(0.2, 3))
    assert hit.severity == "info" and hit.act == "requestor" and "cancelled the C-FIND after 3 responses" in hit.message


def test_is_quiet_about_what_was_not_cancelled_or_never_ended() -> None:
    assert is_quiet(RULE, _cancelled(9.0, 20, status=None))


@real.here
def test_a_real_cancel_is_told() -> None:
    hit = only(RULE, real.analysis("find_failure_and_cancel").traffic)
    assert hit.severity == "info" and "PYSCU" in hit.message and "0xFE00" in hit.message
