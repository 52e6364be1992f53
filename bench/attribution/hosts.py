"""Two hosts as network namespaces, programs on them, and captures at both of them and between them."""

from __future__ import annotations

import multiprocessing
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from bench.attribution.path import CLIENT, SERVER, Carrier, Way, open_tap

NETWORK = "10.78.0.0/24"
ADDRESS = {CLIENT: "10.78.0.1", SERVER: "10.78.0.2"}
PLAIN: Mapping[str, str] = {}
POINTS = ("client", "middle", "server")


@dataclass(frozen=True, slots=True)
class Constants:
    """By what the waits of programs, the delays of the way and the lengths of objects are multiplied; the MTU of both hosts, and
    how their kernels avoid congestion."""

    slowness: float = 1.0
    distance: float = 1.0
    length: float = 1.0
    mtu: int = 1500
    congestion: str = "reno"


CONSTANTS = Constants()
WIDE_SEGMENTS = 1000
"""What a host may send over a way that is known before it has heard anything: more than any object here has."""
WIDE_BUFFER = 1 << 22


def _sh(command: str, check: bool = True) -> None:
    subprocess.run(shlex.split(command), check=check, capture_output=True)


def _set(host: str, name: str, *values: object) -> None:
    _sh(f"ip netns exec {host} sysctl -qw 'net.ipv4.{name}={' '.join(map(str, values))}'")


class Hosts:
    """Both hosts, joined by a way. Files go to `out`: NAME_client.pcap, NAME_middle.pcap, NAME_server.pcap, NAME.log."""

    def __init__(
        self,
        out: Path,
        name: str,
        way: Way,
        receive_buffer: tuple[int, int, int] | None = None,
        constants: Constants = CONSTANTS,
    ) -> None:
        self._out, self._name, self._buffer = out, name, receive_buffer
        self._way, self._mtu = way.longer(constants.distance), constants.mtu
        self.slowness, self.distance, self._congestion = constants.slowness, constants.distance, constants.congestion
        self._programs: list[subprocess.Popen[bytes]] = []
        self._captures: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Hosts:
        self._log = (self._out / f"{self._name}.log").open("wb")
        hosts = (CLIENT, SERVER)
        for host in hosts:
            _sh(f"ip netns del {host}", check=False)
            _sh(f"ip netns add {host}")
        self._taps = open_tap("attap0"), open_tap("attap1")
        for host, tap in zip(hosts, ("attap0", "attap1"), strict=True):
            _sh(f"ip link set {tap} netns {host}")
            _sh(f"ip -n {host} link set {tap} name eth0")
            _sh(f"ip netns exec {host} ethtool -K eth0 tso off gso off gro off tx off", check=False)
            _sh(f"ip -n {host} addr add {ADDRESS[host]}/24 dev eth0")
            _sh(f"ip -n {host} link set lo up")
            _sh(f"ip -n {host} link set eth0 up txqueuelen 10000 mtu {self._mtu}")
        for host in hosts:
            _set(host, "tcp_congestion_control", self._congestion)
            _set(host, "tcp_slow_start_after_idle", 0)  # a pause makes nothing else slower
            if self._way.known:
                self._widen(host)
        if self._buffer:
            _set(SERVER, "tcp_rmem", *self._buffer)
        carrier = Carrier(self._way, self._taps, self._path("middle"))
        self._carrier = multiprocessing.get_context("fork").Process(target=carrier.run)
        self._carrier.start()
        for host, point in ((CLIENT, "client"), (SERVER, "server")):
            command = f"tcpdump -Z root -q -U --immediate-mode -B 65536 -i eth0 --time-stamp-precision=nano -w {self._path(point)} tcp"
            self._captures.append(self.start(host, command, wait=0.0))
        time.sleep(1.0)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        time.sleep(0.8)
        for program in reversed(self._programs):
            end(program, signal.SIGINT if program in self._captures else signal.SIGTERM)
        self._carrier.terminate()
        self._carrier.join()
        for tap in self._taps:
            os.close(tap)
        for host in (CLIENT, SERVER):
            _sh(f"ip netns del {host}", check=False)
        self._log.close()

    def _widen(self, host: str) -> None:
        """Let this host send and take whole objects from the beginning."""
        for memory in ("tcp_rmem", "tcp_wmem"):
            _set(host, memory, 4096, WIDE_BUFFER, 2 * WIDE_BUFFER)
        route = f"{NETWORK} dev eth0 proto kernel scope link src {ADDRESS[host]}"
        _sh(f"ip -n {host} route change {route} initcwnd {WIDE_SEGMENTS} initrwnd {WIDE_SEGMENTS}")

    def _path(self, point: str) -> Path:
        return self._out / f"{self._name}_{point}.pcap"

    def start(
        self, host: str, command: str, environment: Mapping[str, str] = PLAIN, wait: float = 1.0
    ) -> subprocess.Popen[bytes]:
        """Run a program on a host beside everything else."""
        words = ["chrt", "-f", "10", "ip", "netns", "exec", host, *shlex.split(command)]
        program = subprocess.Popen(
            words, stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, **environment},
        )  # fmt: skip
        self._programs.append(program)
        time.sleep(wait)
        return program

    def serve(
        self, host: str, command: str, port: int, environment: Mapping[str, str] = PLAIN
    ) -> subprocess.Popen[bytes]:
        """Run a program on a host and wait until it listens."""
        program = self.start(host, command, environment, wait=0.2)
        for _ in range(100):
            listing = ["ip", "netns", "exec", host, "ss", "-Hltn", f"sport = :{port}"]
            if subprocess.run(listing, capture_output=True, check=True).stdout:
                return program
            time.sleep(0.1)
        raise RuntimeError(f"nobody listens on port {port}: {command}")

    def run(self, host: str, command: str, environment: Mapping[str, str] = PLAIN) -> None:
        """Run a program on a host to its end."""
        program = self.start(host, command, environment, wait=0.0)
        program.wait(300)

    def stop(self, program: subprocess.Popen[bytes], seconds: float) -> None:
        """Let a program stand still for so long."""
        os.killpg(program.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.killpg(program.pid, signal.SIGCONT)


def end(program: subprocess.Popen[bytes], how: signal.Signals) -> None:
    if program.poll() is None:
        os.killpg(program.pid, how)
        try:
            program.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()
