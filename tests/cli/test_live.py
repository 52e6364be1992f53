"""dicomsniff live and interfaces: what is refused, what is written, how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from bench.live.soak import association
from dicomsniff.api import analyze
from dicomsniff.capture import CaptureError
from tests.cli.running import ROOT, Shell
from tests.forge.wire import Frame, write_pcap


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say where the packets come from"),
        (("-", "-i", "eth0"), "say where the packets come from"),
        (("--follow", "-"), "--follow goes with a FILE"),
        (("-i", "eth0", "--any-port", "-p", "104"), "contradict"),
        (("-", "--duration", "0"), "0"),
        (("-", "-p", "dicom"), "not a list of port numbers"),
        (("-", "--select", "DS-NOPE"), "no rule is called"),
        (("none.pcap",), "No such file"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(shell: Shell, arguments: tuple[str, ...], words: str) -> None:
    assert words in shell.refused("live", *arguments)


def test_an_interface_that_may_not_be_captured_on_is_one_line(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise CaptureError("eth0: no permission to capture with dumpcap; run it with sudo")

    monkeypatch.setattr("dicomsniff.capture.live.open_interface", refuse)
    assert "run it with sudo" in shell.refused("live", "-i", "eth0")


def test_a_file_is_replayed_and_reports_are_written(shell: Shell, failing: Path, tmp_path: Path) -> None:
    done = shell("live", failing, "--json", tmp_path / "r.json", "--html", tmp_path / "r.html")
    assert done.code == 0 and "✖ error DS-STORE-001" in done.out and "watching" in done.err
    report = json.loads((tmp_path / "r.json").read_text())
    assert [f["rule"] for f in report["findings"]] == [f.rule for f in analyze(failing).findings]
    assert "DS-STORE-001" in (tmp_path / "r.html").read_text()


def test_a_severe_finding_ends_it_with_one(shell: Shell, failing: Path, healthy: Path) -> None:
    assert shell("live", failing, "-q", "--exit-on", "error").code == 1
    assert shell("live", healthy, "-q", "--exit-on", "error") == (0, "", "")


def test_what_is_no_capture_is_refused_after_all(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"hello, this is no capture at all, it is a text")
    assert "is not a pcap or pcapng capture" in shell.refused("live", "-q", tmp_path / "text")


def test_interfaces_are_listed_with_addresses(shell: Shell) -> None:
    done = shell("interfaces")
    assert done.code == 0 and any("127.0.0.1" in line for line in done.out.splitlines())


def begun(*arguments: str | Path, stdin: int | None = subprocess.PIPE) -> "subprocess.Popen[bytes]":
    line = [sys.executable, "-m", "dicomsniff", "live", *map(str, arguments)]
    return subprocess.Popen(line, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_everything_written(way: int, failing: Path, tmp_path: Path) -> None:
    data = failing.read_bytes()
    program = begun("-", "--json-lines", "--json", tmp_path / "r.json")
    assert program.stdin is not None and program.stdout is not None and program.stderr is not None
    program.stdin.write(data[:1800])
    program.stdin.flush()
    assert b"watching" in program.stderr.readline()
    first = json.loads(program.stdout.readline())
    assert first["event"] == "association_opened"
    program.send_signal(way)
    out, err = program.communicate(timeout=30)
    assert (program.returncode, err) == (0, b"")
    last = [json.loads(line) for line in out.splitlines()]
    assert [row["outcome"] for row in last if row["event"] == "association_closed"] == ["open"]
    assert json.loads((tmp_path / "r.json").read_text())["summary"]["open"] == 1


def test_a_growing_file_is_followed_until_a_signal(failing: Path, tmp_path: Path) -> None:
    data, path = failing.read_bytes(), tmp_path / "growing.pcap"
    path.write_bytes(data[:1000])
    program = begun(path, "--follow", "--json-lines", stdin=None)
    assert program.stdout is not None
    assert json.loads(program.stdout.readline())["event"] == "association_opened"
    with path.open("ab") as file:
        file.write(data[1000:])
    for line in program.stdout:
        if json.loads(line).get("rule") == "DS-STORE-001":
            break
    program.send_signal(signal.SIGINT)
    assert program.wait(30) == 0
    program.communicate()


def test_a_reader_who_leaves_ends_it_with_a_line_and_the_reports(failing: Path, tmp_path: Path) -> None:
    program = begun("-", "--json-lines", "--json", tmp_path / "r.json")
    assert program.stdin is not None and program.stdout is not None and program.stderr is not None
    program.stdout.close()
    program.stdin.write(failing.read_bytes())
    program.stdin.flush()
    err = program.stderr.read()
    assert program.wait(30) == 0
    assert b"nobody reads standard output any more" in err and b"Traceback" not in err
    assert json.loads((tmp_path / "r.json").read_text())["summary"]["associations"] == 1


def test_a_reader_who_stops_reading_holds_nobody_up(failing: Path, tmp_path: Path) -> None:
    """The pipe is full from the first: what is analysed is written all the same."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, bytes(4096))
    except BlockingIOError:
        os.set_blocking(writing, True)
    line = [
        sys.executable,
        "-m",
        "dicomsniff",
        "live",
        str(failing),
        "--json-lines",
        "--json",
        str(tmp_path / "r.json"),
    ]
    begun_at = time.monotonic()
    done = subprocess.run(line, stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0 and b"were not written" in done.stderr and time.monotonic() - begun_at < 60
    assert json.loads((tmp_path / "r.json").read_text())["summary"]["associations"] == 1
    os.close(reading)
    os.close(writing)


def test_a_watch_records_keeps_incidents_and_runs_a_command(shell: Shell, failing: Path, tmp_path: Path) -> None:
    got = tmp_path / "got"
    command = f"{sys.executable} -c \"import sys; open('{got}', 'ab').write(sys.stdin.buffer.read())\""
    done = shell("live", failing, "--record", tmp_path / "r", "--ring", "3x1MB", "--notify", command)
    assert done.code == 0 and "incident kept as" in done.err and "with its report" in done.err
    [ring] = (tmp_path / "r").glob("*.pcapng")
    [incident] = (tmp_path / "r" / "incidents").glob("*.pcapng")
    assert (
        analyze(ring).captures[0].packets
        == analyze(incident).captures[0].packets
        == analyze(failing).captures[0].packets
    )
    assert json.loads(got.read_text())["incident"] == str(incident)


def recorded(folder: Path) -> list[Path]:
    return sorted(folder.glob("dicomsniff-*.pcapng"))


def test_nothing_is_lost_where_one_file_of_the_ring_follows_another(tmp_path: Path) -> None:
    frames: list[Frame] = []
    for number in range(60):
        association(number, 1_700_000_000_000_000_000 + number * 20_000_000, frames)
    whole = write_pcap(tmp_path / "whole.pcap", sorted(frames, key=lambda frame: frame[0]))
    program, data = begun("-", "--record", tmp_path / "r", "--ring", "1000x2kB"), whole.read_bytes()
    assert program.stdin is not None and program.stderr is not None
    assert b"watching" in program.stderr.readline()
    for start in range(0, len(data), len(data) // 20):
        program.stdin.write(data[start : start + len(data) // 20])
        program.stdin.flush()
        time.sleep(0.05)  # each piece makes a block, and a block is never divided
    program.communicate(timeout=60)
    ring = analyze(*recorded(tmp_path / "r"))
    assert program.returncode == 0 and len(recorded(tmp_path / "r")) > 5
    assert sum(capture.packets for capture in ring.captures) == analyze(whole).captures[0].packets


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to mount a small file system")
def test_a_disk_that_is_full_is_said_and_costs_nothing_that_was_analysed(
    shell: Shell, failing: Path, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(small)], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        (small / "other").write_bytes(bytes(8 << 10))
        line = ("--record", small / "r", "--json", tmp_path / "r.json", "--html", tmp_path / "r.html")
        done = shell("live", ROOT / "sample_captures" / "troubled_morning.pcap", *line)
    finally:
        subprocess.run(["umount", str(small)], check=True)
    said = done.out + done.err
    assert done.code == 0 and "No space left on device: packets are not recorded; the watch goes on" in said
    assert "Traceback" not in said and "DS-STORE-001" in done.out
    known = analyze(ROOT / "sample_captures" / "troubled_morning.pcap")
    assert [f["rule"] for f in json.loads((tmp_path / "r.json").read_text())["findings"]] == [
        f.rule for f in known.findings
    ]
    assert (tmp_path / "r.html").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--record", "{tmp}/r", "--ring", "10"), "is no ring"),
        (("--record", "{tmp}/r", "--trigger", "sunday"), "is not one of"),
        (("--notify", "'open"), "No closing quotation"),
        (("--metrics", "9104"), "write HOST:PORT"),
        (("--web", "8104"), "write HOST:PORT"),
        (("--web", "127.0.0.1:0", "--web-token", "short"), "16 characters or more"),
        (("--web", "192.0.2.1:8104"), "--web 192.0.2.1:8104: Cannot assign requested address"),
        (("--metrics", "127.0.0.1:99999"), "write HOST:PORT"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_one_line(
    shell: Shell, arguments: tuple[str, ...], words: str, failing: Path, tmp_path: Path
) -> None:
    line = [word.format(tmp=tmp_path) for word in arguments]
    assert words in shell.refused("live", "-q", failing, *line)


def test_a_port_that_is_taken_is_one_line(shell: Shell, failing: Path) -> None:
    pytest.importorskip("prometheus_client")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "in use" in shell.refused("live", "-q", failing, "--metrics", f"127.0.0.1:{port}")


def test_a_live_page_is_served_until_a_signal(failing: Path, tmp_path: Path) -> None:
    pytest.importorskip("starlette")
    program = begun("-", "--web", "127.0.0.1:0", "--json", tmp_path / "r.json")
    assert program.stdin is not None and program.stderr is not None
    program.stdin.write(failing.read_bytes())
    program.stdin.flush()
    lines = [program.stderr.readline().decode() for _ in range(2)]
    [url] = [line.split()[-1] for line in lines if "open http" in line]
    for _ in range(100):
        with urlopen(url, timeout=10) as answer:
            text = answer.read().decode()
        if "DS-STORE-001" in text:
            break
        time.sleep(0.1)
    else:
        raise AssertionError("the finding is not shown")
    with urlopen(f"{url}associations/1", timeout=30) as answer:
        assert "DS-STORE-001" in answer.read().decode()
    with urlopen(f"{url}events", timeout=10):
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=30)
    assert (program.returncode, err) == (0, b"")
    assert json.loads((tmp_path / "r.json").read_text())["summary"]["associations"] == 1


def test_without_the_libraries_for_a_page_it_says_what_to_install(
    shell: Shell, failing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dicomsniff.live.web.server", None)
    assert "pip install 'dicomsniff[web]'" in shell.refused("live", "-q", failing, "--web", "127.0.0.1:0")


def test_who_records_goes_on_when_the_reader_leaves(failing: Path, tmp_path: Path) -> None:
    program = begun("-", "--json-lines", "--record", tmp_path / "r")
    assert program.stdin is not None and program.stdout is not None and program.stderr is not None
    program.stdout.close()
    data = failing.read_bytes()
    program.stdin.write(data[:1500])
    program.stdin.flush()
    time.sleep(1.5)
    program.stdin.write(data[1500:])
    program.stdin.close()
    err = program.stderr.read()
    assert program.wait(60) == 0 and b"went on without" in err
    [ring] = (tmp_path / "r").glob("*.pcapng")
    assert analyze(ring).captures[0].packets == analyze(failing).captures[0].packets
