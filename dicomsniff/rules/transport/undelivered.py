"""A connection in, what the network itself said of packets that it could not deliver out: ICMP messages, in words."""

from dicomsniff.tcp.events import Connection, Unreachable
from dicomsniff.tcp.segment_facts import Undelivered

_UNREACHABLE = {
    0: "network unreachable",
    1: "host unreachable",
    2: "protocol unreachable",
    3: "port unreachable",
    5: "source route failed",
    6: "network unknown",
    7: "host unknown",
    9: "network administratively prohibited",
    10: "host administratively prohibited",
    13: "communication administratively prohibited",
}
_UNREACHABLE_V6 = {
    0: "no route to destination",
    1: "administratively prohibited",
    3: "address unreachable",
    4: "port unreachable",
    5: "source address failed policy",
    6: "route rejected",
}
_FINAL = (0, 1, 3, 9, 10, 13)


def in_words(said: Unreachable | Undelivered) -> str:
    """ "ICMP destination unreachable (host unreachable)"; RFC 792, RFC 1812 §5.2.7, RFC 4443 §3."""
    v6 = ":" in said.sender
    name = f"ICMP{' v6' if v6 else ''}"
    if _expired(said):
        return f"{name} time exceeded ({'in reassembly' if said.code else 'too many hops: a routing loop'})"
    codes = _UNREACHABLE_V6 if v6 else _UNREACHABLE
    return f"{name} destination unreachable ({codes.get(said.code, f'code {said.code}')})"


def is_final(said: Unreachable) -> bool:
    """Whether it ends an attempt to connect: of ICMP type 3 not fragmentation and the like; all of ICMPv6 type 1."""
    return not _expired(said) and (":" in said.sender or said.code in _FINAL)


def _expired(said: Unreachable | Undelivered) -> bool:
    return said.type == (3 if ":" in said.sender else 11)


def never_confirmed(tcp: Connection) -> Undelivered | None:
    """The first message about data of which nothing was confirmed to the end; None where all was, or nothing is known of that."""
    for said in tcp.path.undelivered:
        facts = tcp.facts(said.direction)
        sent = facts.bytes + facts.lost_bytes + facts.truncated_bytes
        if facts.acknowledged is not None and facts.acknowledged <= said.start < sent:
            return said
    return None
