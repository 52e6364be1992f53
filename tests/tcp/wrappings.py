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
    return made | envelopes()


def envelopes() -> dict[str, tuple[int, bytes]]:
    """What few captures have, written down from the formats' descriptions; tshark reads each alike."""
    ether = bytes(ethernet())[:12]
    ip, ip6, frame = bytes(v4()), bytes(v6()), bytes(ethernet() / v4())
    snap = bytes.fromhex("aaaa03 000000 0800") + ip
    radio = bytes(Dot11(type=2, subtype=0, addr1="02:00:00:00:00:01", FCfield=1))
    swapped = radio[1::-1] + radio[2:]
    nflog = bytes.fromhex("0200 0005 0800 0100 08000103 0700 0a00 66770000")  # a header, a prefix of an odd length
    pktap = struct.pack("<III", 108, 1, 1) + bytes(96)
    return {
        "LLC": (1, ether + struct.pack(">H", len(snap)) + snap + bytes(3)),
        "LLC behind a VLAN tag": (1, ether + b"\x81\0\0\x0a" + struct.pack(">H", len(snap)) + snap),
        "MACsec": (1, ether + bytes.fromhex("88e5 2000 00000001 0200000000010001 0800") + ip + bytes(16)),
        "MACsec without channel": (1, ether + bytes.fromhex("88e5 0000 00000001 0800") + ip + bytes(16)),
        "VN-Tag": (1, ether + bytes.fromhex("8926 80010002 8100000a 0800") + ip),
        "backbone": (1, ether + bytes.fromhex("88a80001 88e7 00000042") + frame),
        "FabricPath": (1, ether + bytes.fromhex("8903 0060") + frame),
        "TrustSec": (1, ether + bytes.fromhex("8909 01010001 0007 0800") + ip),
        "HSR": (1, ether + bytes.fromhex("892f 0034 0001 0800") + ip),
        "TRILL": (1, ether + bytes.fromhex("22f3 0008 0001 0002") + frame),
        "TRILL with options": (1, ether + bytes.fromhex("22f3 0048 0001 0002 00000000") + frame),
        "service chain": (1, ether + bytes.fromhex("894f 0fc6 0103 000001ff") + bytes(16) + frame),
        "time stamp": (1, ether + bytes.fromhex("d28b 0001 0010 0102030405060708 0800") + ip),
        "short time stamp": (1, ether + bytes.fromhex("d28b 0001 0020 010203040506 0800") + ip),
        "MPLS frame without control word": (1, ether + bytes.fromhex("8847 00010140") + frame),
        "PPPoE compressed": (1, ether + struct.pack(">HBBHHB", 0x8864, 0x11, 0, 1, len(ip) + 1, 0x21) + ip),
        "PPTP": (1, _in_ip(47, bytes.fromhex("3081 880b 0000 0001 00000005 00000003 ff030021") + ip)),
        "WCCP": (1, _in_ip(47, bytes.fromhex("0000 883e 01000000") + ip)),
        "authentication": (1, _in_ip(51, bytes.fromhex("0404 0000 00000001 00000001") + bytes(12) + ip)),
        "authenticated TCP": (
            1,
            _in_ip(51, bytes.fromhex("0604 0000 00000001 00000001") + bytes(12) + ip[20:], inner=True),
        ),
        "EtherIP": (1, _in_ip(97, b"\x30\0" + frame)),
        "MPLS in IP": (1, _in_ip(137, bytes.fromhex("00010140") + ip)),
        "MPLS in UDP": (1, _in_udp(6635, bytes.fromhex("00010140") + ip)),
        "VXLAN-GPE 6": (1, _in_udp(4790, bytes.fromhex("0c000002 00002a00") + ip6)),
        "VXLAN-GPE frame": (1, _in_udp(4790, bytes.fromhex("0c000003 00002a00") + frame)),
        "VXLAN-GPE service chain": (1, _in_udp(4790, bytes.fromhex("0c000004 00002a00 0fc20201 000001ff") + ip)),
        "LISP": (1, _in_udp(4341, bytes.fromhex("c0000001 00000001") + ip)),
        "Teredo 6": (1, _in_udp(3544, bytes.fromhex("0001 00 00 0102030405060708 00 0000 1234 0a000001") + ip6)),
        "L2TP": (
            1,
            _in_udp(1701, bytes.fromhex("4002") + struct.pack(">HHH", len(ip) + 12, 1, 2) + b"\xff\3\0\x21" + ip),
        ),
        "L2TP numbered": (1, _in_udp(1701, bytes.fromhex("0a02 0001 0002 0001 0000 0002 0000 0021") + ip)),
        "CAPWAP": (1, _in_udp(5247, bytes.fromhex("00 100000 00000000") + frame)),
        "CAPWAP radio": (1, _in_udp(5247, bytes.fromhex("00 100300 00000000") + radio + snap)),
        "CAPWAP radio swapped": (1, _in_udp(5247, bytes.fromhex("00 100300 00000000") + swapped + snap)),
        "TZSP": (1, _in_udp(37008, bytes.fromhex("01 00 0001 00 0a0133 01") + frame)),
        "Prism": (119, struct.pack("<II", 0x44, 144) + bytes(136) + radio + snap),
        "Prism with AVS": (119, bytes.fromhex("80211001 00000040") + bytes(56) + radio + snap),
        "AVS": (163, bytes.fromhex("80211001 00000040") + bytes(56) + radio + snap),
        "802.11 padded": (105, _quality(radio, 0) + bytes(2) + snap),
        "802.11 aggregated": (105, _quality(radio, 0x80) + ether + struct.pack(">H", len(snap)) + snap),
        "token ring": (6, b"\x10\x40" + ether + snap),
        "token ring routed": (
            6,
            b"\x10\x40" + ether[:6] + b"\x82" + ether[7:] + bytes.fromhex("0630 0011 0020") + snap,
        ),
        "FDDI": (10, b"\x51" + ether + snap),
        "cells": (100, snap),
        "cells of bridges": (100, bytes.fromhex("aaaa03 0080c2 0007 0000") + frame),
        "cells of one protocol": (100, ip),
        "SunATM": (123, bytes.fromhex("02 00 0021") + snap),
        "HDLC": (104, bytes.fromhex("0f00 0800") + ip),
        "HDLC PPP": (104, bytes.fromhex("ff03 0021") + ip),
        "HDLC with direction": (205, b"\x01" + bytes.fromhex("0f00 0800") + ip),
        "frame relay": (107, bytes.fromhex("1841 03 cc") + ip),
        "frame relay SNAP": (107, bytes.fromhex("1841 03 00 80 000000 0800") + ip),
        "frame relay Cisco": (107, bytes.fromhex("1841 0800") + ip),
        "frame relay with direction": (206, bytes.fromhex("01 1841 03 cc") + ip),
        "enc": (109, bytes(12) + ip),
        "pflog": (117, bytes.fromhex("3d 02 00 00") + bytes(60) + ip),
        "pppd": (166, bytes.fromhex("01 03 0021") + ip),
        "PPP with direction": (204, bytes.fromhex("01 ff03 0021") + ip),
        "PPPoE session": (51, struct.pack(">BBHHH", 0x11, 0, 1, len(ip) + 2, 0x21) + ip),
        "Juniper": (178, bytes.fromhex("4d4743 81 0006 030104 030104") + frame),
        "PPI": (192, struct.pack("<BBHI", 0, 0, 12, 105) + bytes(4) + radio + snap),
        "PPI of Ethernet": (192, struct.pack("<BBHI", 0, 0, 8, 1) + frame),
        "ERF": (197, struct.pack("<Q", 1) + bytes.fromhex("02 04 0100 0000 0100 0000") + frame),
        "ERF extended": (
            197,
            struct.pack("<Q", 1) + bytes.fromhex("82 04 0100 0000 0100") + b"\x10" + bytes(7) + b"\0\0" + frame,
        ),
        "ipnet": (226, bytes.fromhex("01 02 0004 00000100") + bytes(16) + ip),
        "NFLOG": (239, nflog + struct.pack("<HH", len(ip) + 4, 9) + ip),
        "NFLOG of the other kind": (239, bytes.fromhex("02000005") + struct.pack(">HH", len(ip) + 4, 9) + ip),
        "netANALYZER": (240, bytes(4) + frame),
        "netANALYZER transparent": (241, bytes(4) + b"\x55" * 7 + b"\xd5" + frame),
        "PKTAP": (258, pktap + frame),
        "preamble": (274, b"\x55" * 7 + b"\xd5" + frame),
        "Broadcom tag": (281, frame[:12] + b"\x40\0\0\3" + frame[12:]),
        "Broadcom tag before": (282, b"\x40\0\0\3" + frame),
        "DSA": (284, frame[:12] + b"\xc0\x08\0\0" + frame[12:]),
        "EDSA": (285, frame[:12] + bytes.fromhex("dada0000 c0080000") + frame[12:]),
    } | rarities(ip, ip6, frame, snap, radio)


def rarities(ip: bytes, ip6: bytes, frame: bytes, snap: bytes, radio: bytes) -> dict[str, tuple[int, bytes]]:
    """What next to no capture has; of this, tshark reads only what the test that compares with it names."""
    ether, sealed = frame[:12], bytes([radio[0], radio[1] | 0x40]) + radio[2:]
    segment, session = ip[20:], bytes.fromhex("00001234")
    firewall = bytes.fromhex("01020304 0000")
    return {
        "802.11 decrypted": (105, sealed + bytes.fromhex("0100002000000000") + snap),
        "802.11 decrypted, WEP": (105, sealed + bytes.fromhex("01020300") + snap),
        "SLIP": (8, b"\x01\x40" + bytes(14) + ip),
        "SLIP 6": (102, b"\x00\x40" + bytes(14) + ip6),
        "ARCNET": (7, bytes.fromhex("01 02 d4 00 0001") + ip),
        "ARCNET of Linux": (129, bytes.fromhex("01 02 0000 d4 00 0001") + ip),
        "ARCNET of an odd length": (7, bytes.fromhex("01 02 d4 ff ffffff 00 0001") + ip),
        "ARCNET, older": (7, bytes.fromhex("01 02 f0") + ip),
        "classical IP": (106, snap),
        "classical IP, bare": (19, ip),
        "cells, older": (11, snap),
        "firewall 2": (99, firewall + b"\x08\0" + bytes(36) + ip),
        "firewall 3": (99, firewall + bytes(4) + b"\x08\0" + bytes(44) + ip),
        "fibre channel": (122, b"\x10\0" + ether[:6] + b"\x10\0" + ether[6:] + snap),
        "FireWire": (138, bytes(8) + bytes(range(8)) + b"\x08\0" + ip),
        "cable": (143, b"\0\0" + struct.pack(">H", len(frame) + 4) + bytes(2) + frame + bytes(4)),
        "cable, extended": (143, b"\1\4" + struct.pack(">H", len(frame) + 8) + bytes(6) + frame + bytes(4)),
        "Juniper PPP": (179, bytes.fromhex("4d4743 01 ff03 0021") + ip),
        "Juniper frame relay": (180, bytes.fromhex("4d4743 01 1841 03cc") + ip),
        "Juniper HDLC": (181, bytes.fromhex("4d4743 01 0f00 0800") + ip),
        "Juniper without link layer": (178, bytes.fromhex("4d4743 02 02000000") + ip),
        "InfiniBand": (242, bytes(40) + bytes.fromhex("0800 0000") + ip),
        "exported": (252, struct.pack(">HH", 12, 4) + b"ip\0\0" + bytes(4) + ip),
        "exported 6": (252, struct.pack(">HH", 12, 4) + b"ipv6" + struct.pack(">HH", 25, 4) + bytes(8) + ip6),
        "exported frame": (252, struct.pack(">HH", 12, 16) + b"eth_withoutfcs\0\0" + bytes(4) + frame),
        "optical network": (259, b"\x55\x55\xd5\x55\x55\0\1\x77" + frame),
        "ERF of several channels": (
            197,
            struct.pack("<Q", 1) + bytes.fromhex("05 04 0100 0000 0100 00000001 0f00 0800") + ip,
        ),
        "802.1CB": (1, ether + bytes.fromhex("f1c1 0000 0007 0800") + ip),
        "frame in IPv6": (1, bytes(outer6() / Raw(frame)).replace(b"\x3b", bytes([143]), 1)),
        "GRE in UDP": (1, _in_udp(4754, bytes.fromhex("0000 0800") + ip)),
        "L2TPv3": (1, _in_ip(115, session + frame)),
        "L2TPv3 with a cookie": (1, _in_ip(115, session + bytes(range(8)) + frame)),
        "L2TPv3 with a sublayer": (1, _in_ip(115, session + bytes.fromhex("40000001") + frame)),
        "L2TPv3 VLAN": (1, _in_ip(115, session + bytes(12) + ether + b"\x81\0\0\x07\x08\0" + ip)),
        "L2TPv3 PPP": (1, _in_ip(115, session + bytes.fromhex("ff03 0021") + ip)),
        "L2TPv3 6": (1, _in_ip(115, session + bytes(4) + ip6)),
        "L2TPv3 in UDP": (1, _in_udp(1701, bytes.fromhex("0003 0000") + session + bytes(4) + frame)),
        "ESP without encryption": (1, _in_ip(50, esp(segment, 6), inner=True)),
        "ESP without encryption or check": (1, _in_ip(50, esp(segment, 6, b""), inner=True)),
        "ESP tunnel": (1, _in_ip(50, esp(ip, 4))),
        "ESP tunnel, GMAC": (1, _in_ip(50, esp(bytes(8) + ip, 4, b"\x77" * 16))),
        "ESP tunnel, SHA-512": (1, _in_ip(50, esp(ip, 4, bytes(range(32))))),
        "ESP tunnel 6": (1, _in_ip(50, esp(ip6, 41))),
        "ESP over IPv6 6": (
            1,
            bytes(ethernet() / IPv6(src=CLIENT6, dst=SERVER6, nh=50) / Raw(esp(ip6[40:], 6, bytes(range(16))))),
        ),
    }


def esp(payload: bytes, kind: int, check: bytes = b"\xa5" * 12) -> bytes:
    """A packet that nothing encrypts (RFC 4303 §2): padded to four bytes with 1, 2, 3 …, and its check value."""
    padding = bytes(range(1, -(len(payload) + 2) % 4 + 1))
    return bytes.fromhex("00001001 00000007") + payload + padding + bytes([len(padding), kind]) + check


def _in_ip(protocol: int, payload: bytes, inner: bool = False) -> bytes:
    """Behind an outer IPv4 header; `inner`: behind that of the segment itself."""
    client, server = (CLIENT, SERVER) if inner else ("192.168.1.1", "192.168.1.2")
    return bytes(ethernet() / IP(proto=protocol, src=client, dst=server) / Raw(payload))


def _in_udp(port: int, payload: bytes) -> bytes:
    return bytes(outer() / UDP(sport=33333, dport=port) / Raw(payload))


def _quality(radio: bytes, field: int) -> bytes:
    """A data frame's header with a field of quality of service."""
    return bytes([radio[0] | 0x80]) + radio[1:] + bytes([field, 0])


def _with_length(frame: bytes, at: int, length: int) -> bytes:
    return frame[:at] + struct.pack(">H", length) + frame[at + 2 :]
