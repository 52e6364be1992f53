"""The same TCP segment in every wrapping: scapy as the independent encoder, bytes from the link layer on out."""

import struct
from typing import Any

from scapy.contrib.erspan import ERSPAN_II, ERSPAN_III, ERSPAN_PlatformSpecific
from scapy.contrib.geneve import GENEVE
from scapy.contrib.gtp import GTP_U_Header, GTPPDUSessionContainer
from scapy.contrib.mpls import MPLS, EoMCW
from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap
from scapy.layers.inet import IP, TCP, UDP, IPOption_NOP, IPOption_Router_Alert, fragment
from scapy.layers.inet6 import (
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    fragment6,
)
from scapy.layers.ipsec import AH
from scapy.layers.l2 import GRE, LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether, Loopback
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
CLIENT6, SERVER6 = "2001:db8::1", "2001:db8::2"
ADDRESSES = {False: (CLIENT, SERVER), True: (CLIENT6, SERVER6)}  # by whether they are IPv6
DATA = bytes(range(200))
FLAGS = 0x18


def tcp(data: bytes = DATA) -> Any:
    """The segment that every wrapping holds."""
    return TCP(
        sport=40000, dport=104, seq=4_000_000_000, ack=77, flags=FLAGS, window=501, options=[("NOP", None)] * 4
    ) / Raw(data)


def v4(data: bytes = DATA, **fields: Any) -> Any:
    return IP(src=CLIENT, dst=SERVER, id=7, **fields) / tcp(data)


def v6(*headers: Any) -> Any:
    packet = IPv6(src=CLIENT6, dst=SERVER6)
    for header in headers:
        packet = packet / header
    return packet / tcp()


def ethernet() -> Any:
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")


def outer(**fields: Any) -> Any:
    """Ethernet and IPv4 between two tunnel ends."""
    return ethernet() / IP(src="192.168.1.1", dst="192.168.1.2", **fields)


def outer6() -> Any:
    return ethernet() / IPv6(src="fd00::1", dst="fd00::2")


def _udp(port: int) -> Any:
    return UDP(sport=33333, dport=port)


def fragments(packet: Any, size: int) -> list[bytes]:
    """An IP packet as Ethernet frames with IP fragments of at most `size` bytes."""
    cut: Any = fragment6 if IPv6ExtHdrFragment in packet else fragment
    return [bytes(ethernet() / piece) for piece in cut(packet, size)]


def packets() -> dict[str, tuple[int, bytes]]:
    """Link type and bytes by name; a name that ends in " 6" says that the segment is inside IPv6."""
    ether, inner = ethernet(), ethernet() / v4()
    session = GTPPDUSessionContainer(type=0, QFI=9)
    radio = Dot11(type=2, subtype=0, addr1="02:00:00:00:00:01", FCfield=1)
    snap = LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP()
    wrapped = {
        "ethernet": (1, ether / v4()),
        "ethernet 6": (1, ether / v6()),
        "802.1Q": (1, ether / Dot1Q(vlan=10) / v4()),
        "QinQ": (1, ether / Dot1AD(vlan=100) / Dot1Q(vlan=10) / v4()),
        "QinQ 6": (1, ether / Dot1Q(vlan=100) / Dot1Q(vlan=10) / v6()),
        "SLL": (113, CookedLinux(proto=0x800) / v4()),
        "SLL 6": (113, CookedLinux(proto=0x86DD) / v6()),
        "SLL2": (276, CookedLinuxV2(proto=0x800) / v4()),
        "raw": (101, v4()),
        "raw 6": (101, v6()),
        "null": (0, Loopback(type=2) / v4()),
        "loop 6": (108, Loopback(type=30) / v6()),
        "PPP": (9, PPP() / v4()),
        "PPP 6": (9, PPP() / v6()),
        "802.11": (105, radio / snap / v4()),
        "802.11 QoS": (105, Dot11(type=2, subtype=8, FCfield=2) / Dot11QoS() / snap / v4()),
        "802.11 bridge": (105, Dot11(type=2, subtype=0, FCfield=3, addr4="02:00:00:00:00:04") / snap / v4()),
        "radiotap 6": (127, RadioTap() / radio / snap / v6()),
        "IPv4 options": (1, ether / v4(options=[IPOption_Router_Alert(), IPOption_NOP()])),
        "hop by hop 6": (1, ether / v6(IPv6ExtHdrHopByHop())),
        "many headers 6": (1, ether / v6(IPv6ExtHdrHopByHop(), IPv6ExtHdrDestOpt(), IPv6ExtHdrRouting())),
        "authentication 6": (1, ether / v6(AH(nh=6, icv=b"\0" * 12, payloadlen=4))),
        "atomic fragment 6": (1, ether / v6(IPv6ExtHdrFragment(id=5))),
        "MPLS": (1, ether / MPLS(label=16, s=1) / v4()),
        "MPLS stack": (1, ether / MPLS(label=16, s=0) / MPLS(label=17, s=1) / v4()),
        "MPLS 6": (1, ether / MPLS(label=16, s=1) / v6()),
        "MPLS pseudowire": (1, ether / MPLS(label=16, s=1) / EoMCW() / inner),
        "VLAN MPLS": (1, ether / Dot1Q(vlan=3) / MPLS(label=16, s=1) / v4()),
        "PPPoE": (1, ether / PPPoE(sessionid=1) / PPP() / v4()),
        "VLAN PPPoE 6": (1, ether / Dot1Q(vlan=7) / PPPoE(sessionid=1) / PPP() / v6()),
        "GRE": (1, outer() / GRE() / v4()),
        "GRE 6": (1, outer6() / GRE() / v6()),
        "GRE everything": (1, outer() / GRE(chksum_present=1, key_present=1, seqnum_present=1) / v4()),
        "GRE bridged": (1, outer() / GRE(proto=0x6558) / inner),
        "GRE MPLS": (1, outer() / GRE() / MPLS(label=16, s=1) / v4()),
        "ERSPAN I": (1, outer() / GRE(proto=0x88BE) / Raw(bytes(inner))),
        "ERSPAN II": (1, outer() / GRE(seqnum_present=1, proto=0x88BE) / ERSPAN_II() / inner),
        "ERSPAN III": (1, outer() / GRE(seqnum_present=1, proto=0x22EB) / ERSPAN_III() / inner),
        "ERSPAN III platform": (
            1,
            outer() / GRE(seqnum_present=1, proto=0x22EB) / ERSPAN_III(o=1) / ERSPAN_PlatformSpecific() / inner,
        ),
        "VXLAN": (1, outer() / _udp(4789) / VXLAN(vni=42, flags=8) / inner),
        "VXLAN VLAN over IPv6": (1, outer6() / _udp(4789) / VXLAN(vni=42, flags=8) / ether / Dot1Q(vlan=5) / v4()),
        "VXLAN old port": (1, outer() / _udp(8472) / VXLAN(vni=42, flags=8) / inner),
        "GENEVE": (1, outer() / _udp(6081) / GENEVE(vni=42, proto=0x6558) / inner),
        "GENEVE options 6": (1, outer() / _udp(6081) / GENEVE(proto=0x86DD, optionlen=2, options=bytes(8)) / v6()),
        "GTP-U": (1, outer() / _udp(2152) / GTP_U_Header(teid=1) / v4()),
        "GTP-U numbered 6": (1, outer() / _udp(2152) / GTP_U_Header(teid=1, S=1, seq=3) / v6()),
        "GTP-U session": (1, outer() / _udp(2152) / GTP_U_Header(teid=1, E=1, next_ex=0x85) / session / v4()),
        "IP in IP": (1, outer() / v4()),
        "6in4 6": (1, outer() / v6()),
        "4in6": (1, outer6() / v4()),
        "VXLAN in GRE": (1, outer() / GRE() / IP() / _udp(4789) / VXLAN(vni=42, flags=8) / inner),
    }
    made = {name: (link, bytes(packet)) for name, (link, packet) in wrapped.items()}
    made["ethernet padding"] = (1, bytes(ether / v4()) + bytes(9))
    made["ethernet padding 6"] = (1, bytes(ether / v6()) + b"\xff" * 9)
    made["PPP in HDLC framing"] = (50, b"\xff\x03" + bytes(PPP() / v4()))
    made["IP length 0"] = (1, _with_length(bytes(ether / v4()), 16, 0))
    made["IP length 0 6"] = (1, _with_length(bytes(ether / v6()), 18, 0))
    return made


def _with_length(frame: bytes, at: int, length: int) -> bytes:
    return frame[:at] + struct.pack(">H", length) + frame[at + 2 :]
