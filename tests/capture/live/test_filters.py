"""The capture filter: what concerns the ports, and what libpcap makes of it."""

import shutil
import subprocess

import pytest

from dicomsniff.capture.live.filters import kernel_filter


def test_ports_icmp_and_fragments_are_in_it() -> None:
    text = kernel_filter((11112, 104))
    assert text.startswith("tcp port 104 or tcp port 11112 or icmp")
    assert kernel_filter(None).startswith("tcp or ")
    assert "vlan" not in text and "(vlan and (tcp port 104" in kernel_filter((104,), vlan=True)


@pytest.mark.skipif(not shutil.which("tcpdump"), reason="tcpdump is not installed")
@pytest.mark.parametrize("ports", [(104,), (104, 11112), None])
def test_tcpdump_takes_it(ports: tuple[int, ...] | None) -> None:
    for vlan in (False, True):
        line = ["tcpdump", "-d", "-y", "EN10MB", kernel_filter(ports, vlan)]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if "no suitable device" in done.stderr or "permission" in done.stderr.lower():
            pytest.skip("tcpdump compiles filters only where it may capture")
        assert done.returncode == 0, done.stderr
