"""Ports in, the capture filter for the kernel out: TCP on these ports, and the ICMP messages that refuse it."""

from collections.abc import Collection

REFUSALS = "icmp[0] == 3 or icmp[0] == 11 or (icmp6 and ip6[40] <= 3)"
"""Destination unreachable, time exceeded, and packet too big."""
FRAGMENTS = "ip[6:2] & 0x1fff != 0"
"""Later fragments of IP datagrams, which carry no ports."""


def kernel_filter(ports: Collection[int] | None, vlan: bool = False) -> str:
    """A pcap-filter(7) expression. `ports` None: all TCP. `vlan`: tagged frames too, where the link layer can have them;
    that comes last, as `vlan` moves what all behind it looks at."""
    tcp = " or ".join(f"tcp port {port}" for port in sorted(ports)) if ports else "tcp"
    plain = f"{tcp} or {REFUSALS} or ({FRAGMENTS})"
    return f"{plain} or (vlan and ({plain}))" if vlan else plain
