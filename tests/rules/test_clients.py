"""Who asked for an association, with and without a load balancer that says for whom it speaks."""

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.records import replace
from dicomsniff.pdu.preamble import Preamble
from dicomsniff.rules.clients import client_ip, passed_on
from tests.forge.traffic import TrafficForge

CLIENT, FRONT = Endpoint("203.0.113.9", 51000), Endpoint("198.51.100.1", 104)


def _behind(preamble: Preamble | None) -> Traffic:
    forge = TrafficForge()
    forge.association()
    traffic = forge.traffic()
    (conversation,) = traffic.conversations
    return replace(traffic, conversations=(replace(conversation, preamble=preamble),))


@pytest.mark.parametrize(
    ("preamble", "ip", "other"),
    [
        (None, "10.0.0.1", False),
        (Preamble("PROXY v2", 28, CLIENT, FRONT), CLIENT.ip, True),
        (Preamble("PROXY v2", 16, local=True), "10.0.0.1", False),
        (Preamble("PROXY v1", 15), None, True),
    ],
)
def test_the_load_balancer_is_not_the_client(preamble: Preamble | None, ip: str | None, other: bool) -> None:
    traffic = _behind(preamble)
    assert client_ip(traffic.associations[0], traffic) == ip
    assert passed_on(traffic.associations[0], traffic) is other
