"""The interfaces of this machine."""

from collections import namedtuple
from socket import AF_INET, AF_INET6
from unittest.mock import patch

from dicomsniff.capture.live.interfaces import interfaces

Address = namedtuple("Address", "family address")
State = namedtuple("State", "isup")


def test_loopback_is_there_with_its_address() -> None:
    assert any("127.0.0.1" in each.addresses for each in interfaces())


def test_what_is_up_and_has_an_address_comes_first_and_loopback_last_of_those() -> None:
    found = {
        "lo": [Address(AF_INET, "127.0.0.1")],
        "eth1": [Address(-1, "00:11:22:33:44:55")],
        "eth0": [Address(AF_INET, "10.0.0.5"), Address(AF_INET6, "fe80::1%eth0")],
        "wlan0": [],
    }
    states = {name: State(name != "wlan0") for name in found}
    with patch("psutil.net_if_addrs", lambda: found), patch("psutil.net_if_stats", lambda: states):
        made = interfaces()
    assert [each.name for each in made] == ["eth0", "lo", "eth1", "wlan0"]
    assert made[0].addresses == ("10.0.0.5", "fe80::1") and not made[-1].up
