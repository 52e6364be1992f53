"""The network interfaces of this machine with their addresses."""

import socket

from dicomsniff.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface: the name to capture on, its IP addresses, and whether it is up."""

    name: str
    addresses: tuple[str, ...]
    up: bool


def interfaces() -> tuple[Interface, ...]:
    """All there are: those that are up and have addresses first, loopback last."""
    import psutil

    states = psutil.net_if_stats()
    found = []
    for name, addresses in psutil.net_if_addrs().items():
        own = [a.address.partition("%")[0] for a in addresses if a.family in (socket.AF_INET, socket.AF_INET6)]
        state = states.get(name)
        found.append(Interface(name, tuple(own), bool(state and state.isup)))
    return tuple(sorted(found, key=_rank))


def is_up(name: str) -> bool:
    """Whether an interface is up; one that is none of this machine's ("any") always is."""
    import psutil

    state = psutil.net_if_stats().get(name)
    return state is None or bool(state.isup)


def _rank(interface: Interface) -> tuple[bool, bool, bool, str]:
    loopback = any(address.startswith("127.") or address == "::1" for address in interface.addresses)
    return not interface.up, not interface.addresses, loopback, interface.name
