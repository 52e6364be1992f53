"""An association in, the address of who asked for it out: behind a load balancer that tells it, not the load balancer's."""

from dicomsniff.association.values import Association, Traffic
from dicomsniff.core import Direction


def client_ip(association: Association, traffic: Traffic) -> str | None:
    """None where a load balancer passes something on and does not say for whom."""
    preamble = traffic.conversation(association.connection).preamble
    if preamble is None or preamble.local or association.to_acceptor is Direction.TO_INITIATOR:
        return association.requestor.ip
    return preamble.source.ip if preamble.source is not None else None


def passed_on(association: Association, traffic: Traffic) -> bool:
    """Whether a load balancer says that it passes it on."""
    preamble = traffic.conversation(association.connection).preamble
    return preamble is not None and not preamble.local
