"""Real toolkits on loopback in a network namespace while `dicomsniff live` watches: what it says, when, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pydicom.data
import pytest

from dicomsniff.api import analyze
from tests.live.namespace import Namespace, needs, wait_for

CT = str(pydicom.data.get_testdata_file("CT_small.dcm"))
SLOW_SCP = """
import sys, time
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification, CTImageStorage
def store(event):
    return 0xA700
def echo(event):
    time.sleep(float(sys.argv[2]))
    return 0
ae = AE(ae_title="SLOWPACS")
ae.add_supported_context(Verification); ae.add_supported_context(CTImageStorage)
ae.start_server(("127.0.0.1", int(sys.argv[1])), evt_handlers=[(evt.EVT_C_ECHO, echo), (evt.EVT_C_STORE, store)])
"""


@needs("tcpdump", "storescp", "storescu", "echoscu", "ss")
@pytest.mark.parametrize("program", ["tcpdump", "dumpcap", "scapy"])
def test_findings_live_are_those_of_the_file_and_come_within_two_seconds(program: str, tmp_path: Path) -> None:
    reference = tmp_path / "reference.pcap"
    with Namespace() as space:
        space.begin("storescp", "-aet", "PACS", "-od", str(tmp_path), "11112", stderr=subprocess.DEVNULL)
        recording = space.begin(
            "tcpdump", "-i", "lo", "-U", "--immediate-mode", "-Z", "root", "-w", str(reference), "tcp",
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        watching = space.watch(
            tmp_path, "-p", "11112,11113", "--capture-with", program, "--json", str(tmp_path / "r.json"), "--no-redact"
        )
        space.listens(11112)
        space.run("echoscu", "-aec", "PACS", "127.0.0.1", "11112")
        space.run("echoscu", "-aec", "PACS", "127.0.0.1", "11113")
        refused = time.time()
        wait_for(lambda: watching.told("DS-TCP-001"))
        late = time.time() - refused
        idle = os.getloadavg()[0] < (os.cpu_count() or 1)  # else the machine of the tests is busy with others
        space.run("storescu", "-aec", "PACS", "127.0.0.1", "11112", CT)
        wait_for(lambda: sum(event["event"] == "association_closed" for event in watching.events()) == 2)
        time.sleep(0.5)
        assert watching.end() == 0, watching.said()
        recording.send_signal(signal.SIGINT)
        recording.wait(10)
    report = json.loads((tmp_path / "r.json").read_text())
    known = analyze(reference, ports=(11112, 11113))
    ours = {(f["rule"], f["severity"]) for f in report["findings"]}
    assert ours - {("DS-CAP-005", "note")} == {(f.rule, str(f.severity)) for f in known.findings}  # scapy sees lo twice
    assert {event["rule"] for event in watching.events() if event["event"] == "finding"} >= {rule for rule, _ in ours}
    assert [(a["calling_ae"], a["outcome"]) for a in report["associations"]] == [
        (a.calling_ae, a.outcome) for a in known.associations
    ]
    assert report["captures"][0]["dropped"] == (None if program == "scapy" else 0)
    assert late < (2 if idle else 15)


@needs("tcpdump", "ss")
def test_pynetdicom_is_watched_too_and_an_error_ends_it(tmp_path: Path) -> None:
    with Namespace() as space:
        space.begin(sys.executable, "-c", SLOW_SCP, "11114", "0.2", stderr=subprocess.DEVNULL)
        space.listens(11114)
        watching = space.watch(tmp_path, "-p", "11114", "--exit-on", "error")
        space.run("storescu", "-aec", "SLOWPACS", "127.0.0.1", "11114", CT)
        assert watching.program.wait(30) == 1
        assert watching.told("DS-STORE-001")


SECURE_PEERS = """
import ssl, sys
from pynetdicom import AE
from pynetdicom.sop_class import Verification
from tests.tls.handshaking import Setup, contexts
client, server = contexts(Setup(server="rsa", checks=False, version=ssl.TLSVersion.TLSv1_3))
log = sys.argv[1]
client.keylog_filename = log
ae = AE(ae_title="SAFEPACS")
ae.add_supported_context(Verification)
ae.add_requested_context(Verification)
ae.start_server(("127.0.0.1", 2762), block=False, ssl_context=server)
association = ae.associate("127.0.0.1", 2762, ae_title="SAFEPACS", tls_args=(client, None))
assert association.is_established
for _ in range(3):
    association.send_c_echo()
sys.stdin.readline()
association.send_c_echo()
association.release()
ae.shutdown()
"""


@needs("tcpdump")
def test_encrypted_associations_open_when_their_keys_arrive(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    written, given = tmp_path / "written.log", tmp_path / "given.log"
    with Namespace() as space:
        watching = space.watch(tmp_path, "-p", "2762", "--keylog", str(given))
        peers = space.begin(
            sys.executable, "-c", SECURE_PEERS, str(written), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        wait_for(lambda: written.exists() and b"TRAFFIC_SECRET_0" in written.read_bytes())
        time.sleep(1.0)
        assert {e["event"] for e in watching.events()} <= {"finding"}, "all that is known is that it is encrypted"
        given.write_bytes(written.read_bytes())
        [opened] = wait_for(lambda: [e for e in watching.events() if e["event"] == "association_opened"])
        assert (opened["called_ae"], opened["outcome"]) == ("SAFEPACS", "open")
        assert peers.stdin is not None
        peers.stdin.write(b"\n")
        peers.stdin.close()
        [closed] = wait_for(lambda: [e for e in watching.events() if e["event"] == "association_closed"])
        assert closed["outcome"] == "released" and len(closed["exchanges"]) == 4
        assert watching.end() == 0


@needs("tcpdump", "echoscu", "ss")
def test_no_answer_is_said_while_it_is_still_true(tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text("[thresholds]\ndimse_wait = 2.0\n")
    with Namespace() as space:
        space.begin(sys.executable, "-c", SLOW_SCP, "11115", "25", stderr=subprocess.DEVNULL)
        space.listens(11115)
        watching = space.watch(tmp_path, "-p", "11115", "--config", str(config))
        asking = space.begin("echoscu", "-aec", "SLOWPACS", "127.0.0.1", "11115", stderr=subprocess.DEVNULL)
        wait_for(lambda: watching.told("DS-DIMSE-001"))
        assert asking.poll() is None, "it still waits"
        assert watching.end() == 0


@needs("tcpdump", "echoscu")
@pytest.mark.parametrize("program", ["tcpdump", "dumpcap"])
def test_a_capture_program_that_is_killed_costs_nothing_that_was_analysed(program: str, tmp_path: Path) -> None:
    with Namespace() as space:
        watching = space.watch(tmp_path, "-p", "11116", "--capture-with", program, "--json", str(tmp_path / "r.json"))
        space.run("echoscu", "127.0.0.1", "11116")
        wait_for(lambda: watching.told("DS-TCP-001"))
        [child] = _children(watching.program.pid)
        os.kill(child, signal.SIGKILL)
        assert watching.program.wait(30) == 2
        assert (
            f"the capture ended: {program} was killed by signal 9; what was captured before was analysed"
            in watching.said()
        )
        assert "Traceback" not in watching.said()
    assert json.loads((tmp_path / "r.json").read_text())["findings"][0]["rule"] == "DS-TCP-001"


@needs("tcpdump", "echoscu", "ss")
def test_what_is_open_when_the_capture_program_dies_is_told_as_open(tmp_path: Path) -> None:
    with Namespace() as space:
        space.begin(sys.executable, "-c", SLOW_SCP, "11118", "25", stderr=subprocess.DEVNULL)
        space.listens(11118)
        watching = space.watch(
            tmp_path, "-p", "11118", "--json", str(tmp_path / "r.json"), "--html", str(tmp_path / "r.html")
        )
        space.begin("echoscu", "-aec", "SLOWPACS", "127.0.0.1", "11118", stderr=subprocess.DEVNULL)
        wait_for(lambda: [e for e in watching.events() if e["event"] == "association_opened"])
        [child] = _children(watching.program.pid)
        os.kill(child, signal.SIGKILL)
        assert watching.program.wait(30) == 2
    [closed] = [e for e in watching.events() if e["event"] == "association_closed"]
    assert closed["outcome"] == "open" and "Traceback" not in watching.said()
    assert json.loads((tmp_path / "r.json").read_text())["summary"]["open"] == 1
    assert "SLOWPACS" in (tmp_path / "r.html").read_text()


@needs("tcpdump", "echoscu")
def test_an_interface_that_goes_down_and_comes_up_again_is_told(tmp_path: Path) -> None:
    with Namespace() as space:
        watching = space.watch(tmp_path, "-p", "11117", "--json", str(tmp_path / "r.json"))
        space.run("echoscu", "127.0.0.1", "11117")
        wait_for(lambda: watching.told("DS-TCP-001"))
        space.run("ip", "link", "set", "lo", "down")
        wait_for(
            lambda: any("is down" in event["message"] for event in watching.events() if event["event"] == "notice")
        )
        space.run("ip", "link", "set", "lo", "up")
        wait_for(
            lambda: any("up again" in event["message"] for event in watching.events() if event["event"] == "notice")
        )
        space.run("echoscu", "127.0.0.1", "11117")
        assert watching.end() == 0
    assert json.loads((tmp_path / "r.json").read_text())["summary"]["connections"] == 2


@needs("tcpdump", "echoscu")
def test_an_interface_that_disappears_ends_it_with_a_line(tmp_path: Path) -> None:
    with Namespace() as space:
        space.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1")
        for name in ("v0", "v1"):
            space.run("ip", "link", "set", name, "up")
        watching = space.watch(tmp_path, "-i", "v0", "-p", "11117")
        space.run("ip", "link", "del", "v0")
        assert watching.program.wait(30) == 2
        assert "the capture ended: tcpdump" in watching.said() and "disappeared" in watching.said()


@needs("tcpdump")
def test_an_interface_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with Namespace() as space:
        for program in ("tcpdump", "dumpcap"):
            done = space.run(sys.executable, "-m", "dicomsniff", "live", "-i", "eth77", "--capture-with", program)
            assert (done.returncode, done.stdout) == (2, b"")
            assert done.stderr.decode().startswith("dicomsniff: eth77: no such interface"), done.stderr


@needs("tcpdump", "setpriv")
@pytest.mark.parametrize("program", ["tcpdump", "scapy"])
def test_without_the_right_to_capture_it_says_what_to_grant(program: str, tmp_path: Path) -> None:
    with Namespace() as space:
        line = [sys.executable, "-m", "dicomsniff", "live", "-i", "lo", "--capture-with", program]
        done = space.run("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw", *line)
        assert done.returncode == 2 and done.stderr.count(b"\n") == 1, done.stderr
        assert b"no permission to capture" in done.stderr and b"setcap cap_net_raw" in done.stderr


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
