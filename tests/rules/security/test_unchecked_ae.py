"""Servers that take any title, and titles that are in two places at once."""

from dataclasses import replace

from dicomsniff.association.values import Blind, Outcome, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Severity, Side
from dicomsniff.rules.known_aes import known_aes
from dicomsniff.rules.runner import judge
from dicomsniff.rules.security.unchecked_ae import RULE
from tests.forge.traffic import TrafficForge
from tests.rules.applying import doubts
from tests.rules.judging import found, only


def talks(*titles: tuple[str, str], rejected: tuple[int, int, int] | None = None) -> Traffic:
    """Accepted associations as (calling, called), and one rejected."""
    forge = TrafficForge()
    for calling, called in titles:
        forge.association(calling=calling, called=called)
    if rejected:
        forge.association(called="WRONG", outcome=Outcome.REJECTED, reject=rejected)
    return forge.traffic()


def test_fires() -> None:
    finding = only(RULE, talks(("CT01", "PACS"), ("CT01", "ARCHIVE")))
    assert finding.message == (
        "10.0.0.2:104 answers to several called AE titles, so it has them all or checks none: 'PACS' and 'ARCHIVE'."
    )
    assert (finding.severity, finding.act) == (Severity.NOTE, Side.ACCEPTOR)


def test_fires_for_any_scp_and_for_many_callers_from_one_address() -> None:
    assert "'ANY-SCP'" in only(RULE, talks(("CT01", "ANY-SCP"))).message
    callers = talks(*((f"CT{n}", "PACS") for n in range(5)))
    assert "accepted 5 calling AE titles from 10.0.0.1 alone" in only(RULE, callers).message


def test_is_quiet() -> None:
    assert found(RULE, talks(("CT01", "PACS"), ("CT02", "PACS"))) == ()
    assert found(RULE, talks(("CT01", "PACS"), ("CT01", "ARCHIVE"), rejected=(1, 1, 7))) == ()  # it does check
    assert found(RULE, talks(("CT01", "PACS"), ("CT01", "ARCHIVE"), rejected=(2, 3, 1))) != ()


def test_titles_that_the_site_gives_to_the_server_are_not_counted() -> None:
    table = known_aes(["PACS=10.0.0.2:104", "ARCHIVE=10.0.0.2:104"])
    traffic = talks(("CT01", "PACS"), ("CT01", "ARCHIVE"))
    assert judge(traffic, fence=False, rules=(RULE,), known_aes=table).findings == ()


def test_one_title_from_two_hosts_at_the_same_time_is_a_warning() -> None:
    def used(overlapping: bool, server: str = "10.0.0.2") -> Traffic:
        forge = TrafficForge()
        first = forge.connection(initiator=Endpoint("10.0.0.1", 40000), responder=Endpoint(server, 104))
        second = forge.connection(initiator=Endpoint("10.0.0.7", 40001))
        one = forge.association(first, last_ns=forge.now_ns + (10**10 if overlapping else 10**6))
        forge.exchange(one, "C-ECHO", status=0)
        forge.wait(1)
        forge.association(second)
        return forge.traffic()

    finding = only(RULE, used(True))
    assert "AE 'CT01' is used from 10.0.0.1 and 10.0.0.7 at the same time" in finding.message
    assert finding.severity is Severity.WARNING
    assert found(RULE, used(False)) == ()
    assert not [f for f in found(RULE, used(True, "10.0.0.7")) if "at the same time" in f.message]  # a proxy
    for early_ns, known in (
        (1_000_000_000, True),
        (60_000_000_000, False),
    ):  # by so much packets were captured too late
        traffic = used(True)
        first, *others = traffic.conversations
        late = replace(first.tcp, to_responder=replace(first.tcp.to_responder, early=1, early_ns=early_ns))
        doubtful = replace(traffic, conversations=(replace(first, tcp=late), *others))
        assert bool(found(RULE, doubtful)) is known


def test_is_inconclusive_where_a_rejection_may_not_have_been_captured() -> None:
    forge = TrafficForge()
    for n in range(5):
        forge.association(calling=f"CT{n}")
    forge.association(calling="CT9", outcome=Outcome.CLOSED, accept=None, blind=[Blind.ANSWER])
    assert doubts(RULE, forge.traffic()) == ["a rejection may not have been captured"]
