"""One AE title on several hosts."""

from collections.abc import Sequence

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.core import Endpoint
from dicomsniff.rules.finding import Severity
from dicomsniff.rules.known_aes import known_aes
from dicomsniff.rules.negotiation.shared_ae import RULE
from dicomsniff.rules.runner import judge
from tests.forge.traffic import CT, IMPLICIT, STUDY_FIND, VERIFICATION, TrafficForge
from tests.rules.judging import found, only


def calls(
    *ips: str, calling: str = "CT01", server: Sequence[str] = ("10.0.0.2",), classes: Sequence[str] = (CT,)
) -> Traffic:
    forge = TrafficForge()
    for n, ip in enumerate(ips):
        connection = forge.connection(
            initiator=Endpoint(ip, 40000 + n), responder=Endpoint(server[n % len(server)], 104)
        )
        forge.association(connection, calling=calling, contexts=[(classes[n % len(classes)], [IMPLICIT], 0)])
    return forge.traffic()


def test_fires() -> None:
    finding = only(RULE, calls("10.0.0.1", "10.0.0.1", "10.0.0.7"))
    assert (
        finding.message
        == "AE title CT01 is used by 10.0.0.1 and 10.0.0.7. A C-MOVE to CT01 can only reach one of them."
    )
    assert finding.severity is Severity.WARNING and finding.facts["hosts"] == ["10.0.0.1", "10.0.0.7"]


def test_fires_for_a_called_title_at_two_addresses_of_one_service() -> None:
    same = calls("10.0.0.1", "10.0.0.1", server=("10.0.0.2", "10.0.0.3"))
    assert "AE title PACS answers at 10.0.0.2 and 10.0.0.3" in only(RULE, same).message
    other = calls("10.0.0.1", "10.0.0.1", server=("10.0.0.2", "10.0.0.3"), classes=(CT, STUDY_FIND))
    assert found(RULE, other) == ()
    assert found(RULE, calls("10.0.0.1", "10.0.0.1", server=("10.0.0.2", "10.0.0.3"), classes=(VERIFICATION,))) == ()


@pytest.mark.parametrize(
    "pair", [("10.0.0.1", "fd00::1"), ("10.0.0.1", "127.0.0.1"), ("::1", "fd00::1"), ("10.0.0.1", "10.0.0.1")]
)
def test_is_quiet_for_two_addresses_of_what_may_be_one_host(pair: tuple[str, str]) -> None:
    assert found(RULE, calls(*pair)) == ()


def test_the_default_title_of_a_toolkit_is_a_note() -> None:
    assert only(RULE, calls("10.0.0.1", "10.0.0.7", calling="STORESCU")).severity is Severity.NOTE


def test_a_cluster_that_the_site_has_told_of_is_none() -> None:
    table = known_aes(["CT01=10.0.0.1:104", "CT01=10.0.0.7:104"])
    assert judge(calls("10.0.0.1", "10.0.0.7"), fence=False, rules=(RULE,), known_aes=table).findings == ()
    more = calls("10.0.0.1", "10.0.0.7", "10.0.0.8")
    assert len(judge(more, fence=False, rules=(RULE,), known_aes=table).findings) == 1


def test_a_proxy_that_passes_on_under_the_title_of_the_sender_is_not_a_second_host() -> None:
    assert found(RULE, calls("10.0.0.1", "10.0.0.2", server=("10.0.0.2", "10.0.0.3"))) == ()
    assert found(RULE, calls("10.0.0.1", "10.0.0.7", server=("10.0.0.2", "10.0.0.3")))
