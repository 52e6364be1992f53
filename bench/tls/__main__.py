"""Plays the scenarios into a folder and compares: `python -m bench.tls OUT [NAME …] [--table FILE]`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.tls.peers import KEY, TLS_PORT
from bench.tls.scenarios import SCENARIOS, Scenario
from bench.tls.truth import Answer, answer_of_tshark
from dicomsniff.api import Analysis, analyze
from dicomsniff.tls.names import suite_name, version_name

OWN_NETWORK = "DICOMSNIFF_OWN_NETWORK"
SERVICES = {"C-ECHO": "0030", "C-STORE": "0001"}
HEAD = "| conversation | agreed | records | associations | exchanges | objects | tshark says the same |\n|---|---|---|---|---|---|---|"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.tls", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--table", type=Path, help="put the table between the marks in this file")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    chosen = [each for each in SCENARIOS if not options.names or each.name in options.names]
    if OWN_NETWORK not in os.environ:  # loopback of its own, with packets as long as on a network
        os.environ[OWN_NETWORK] = "1"
        os.execvp("unshare", ["unshare", "-n", sys.executable, "-m", "bench.tls", *(arguments or sys.argv[1:])])
    for command in ("ip link set lo mtu 1500", "ip link set lo up", "ethtool -K lo tso off gso off gro off"):
        subprocess.run(command.split(), check=False, capture_output=True)
    lines = [HEAD]
    print(HEAD)
    for scenario in chosen:
        lines.append(_row(scenario, options.out))
        print(lines[-1], flush=True)
    if options.table:
        begin, end = "<!-- table -->\n", "\n<!-- end of table -->"
        text = options.table.read_text(encoding="utf-8")
        before, after = text.split(begin)[0], text.split(end)[1]
        options.table.write_text(before + begin + "\n".join(lines) + end + after, encoding="utf-8")


def _row(scenario: Scenario, out: Path) -> str:
    path, log = _played(scenario, out)
    if scenario.by_server_key:
        mine = analyze(path, tls_keys=[KEY])
        theirs = answer_of_tshark(path, f'uat:rsa_keys:"{KEY}",""')
    else:
        mine = analyze(path, keylog=log)
        theirs = answer_of_tshark(path, f"tls.keylog_file:{log}")
    ours = _answer(mine)
    told = [c.tls for c in mine.connections if c.tls and c.tls.server and c.tls.decryption]
    agreed = dict.fromkeys(
        f"{version_name(t.server.version)} {suite_name(t.server.cipher_suite)}" for t in told if t.server
    )
    records = sum(t.decryption.opened for t in told if t.decryption)
    counts = f"{ours.associations} | {len(ours.exchanges)} | {len(ours.objects)}"
    same = "yes" if ours == theirs else f"**no**: {theirs.associations}, {len(theirs.exchanges)}, {len(theirs.objects)}"
    return f"| {scenario.told} | {', '.join(agreed)} | {records:,} | {counts} | {same} |"


def _answer(analysis: Analysis) -> Answer:
    exchanges = [
        (SERVICES.get(e.service, e.service), e.message_id or 0, -1 if e.status is None else e.status)
        for e in analysis.exchanges
    ]
    hashes = [e.payload.sha256 for e in analysis.exchanges if e.payload and e.payload.sha256]
    return Answer(len(analysis.associations), tuple(sorted(exchanges)), tuple(sorted(hashes)))


def _played(scenario: Scenario, out: Path) -> tuple[Path, Path]:
    path, log = out / f"{scenario.name}.pcap", out / f"{scenario.name}.keys"
    log.unlink(missing_ok=True)
    command = [
        "tcpdump",
        "-Z",
        "root",
        "-U",
        "-B",
        "65536",
        "--immediate-mode",
        "-i",
        "lo",
        "-w",
        str(path),
        f"tcp port {TLS_PORT}",
    ]
    capturing = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    time.sleep(1)
    try:
        scenario.play(log)
    finally:
        time.sleep(0.7)
        capturing.send_signal(signal.SIGINT)
        capturing.wait()
    return path, log


if __name__ == "__main__":
    main()
