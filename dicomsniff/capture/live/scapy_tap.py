# SPDX-License-Identifier: GPL-2.0-only
"""Packets of an interface through scapy, for machines without dumpcap and tcpdump; the only module that imports scapy.

What scapy's socket gives is written to a pipe as a pcap stream, so that everything behind it is as with the programs.
"""

import os
import select
import struct
import threading
import time
from collections.abc import Collection
from typing import Any

from dicomsniff.capture.live.filters import kernel_filter
from dicomsniff.capture.live.interfaces import is_up
from dicomsniff.capture.live.refusals import RefusedError
from dicomsniff.capture.live.streams import PipeStream

MAGIC_NS = 0xA1B23C4D
SNAP_LENGTH = 262_144
_WAIT_SECONDS = 0.2


class ScapyTap:
    """A socket of scapy, read in a thread. Drops are not counted, as scapy does not tell them."""

    prompt = True
    dropped = None

    def __init__(self, interface: str, socket: Any) -> None:
        self.name = f"{interface} (scapy)"
        self._interface = interface
        self._socket = socket
        self._stopping = False
        self._fault = ""
        read, self._write = os.pipe()
        self._read = read
        self.stream = PipeStream(read)
        link = _link_type(socket) if getattr(socket, "LL", None) else 1
        os.write(self._write, struct.pack("<IHHiIII", MAGIC_NS, 2, 4, 0, 0, SNAP_LENGTH, link))
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    @property
    def up(self) -> bool:
        return is_up(self._interface)

    def stop(self) -> None:
        self._stopping = True

    def complaint(self) -> str:
        return self._fault

    def close(self) -> None:
        self._stopping = True
        self._thread.join(2)
        self.stream.close()
        os.close(self._read)

    def _copy(self) -> None:
        try:
            while not self._stopping:
                if not select.select([self._socket], [], [], _WAIT_SECONDS)[0]:
                    continue
                _, data, seconds = self._socket.recv_raw(SNAP_LENGTH)
                if data:
                    os.write(self._write, _record(data, seconds))
        except OSError as error:
            self._fault = "" if self._stopping else f"scapy: {error.strerror or error}"
        finally:
            os.close(self._write)
            self._socket.close()


def _record(data: bytes, seconds: Any) -> bytes:
    time_ns = time.time_ns() if seconds is None else int(float(seconds) * 1_000_000) * 1000
    whole, rest = divmod(time_ns, 1_000_000_000)
    return struct.pack("<IIII", whole, rest, len(data), len(data)) + data


def _link_type(socket: Any) -> int:
    from scapy.config import conf

    return int(conf.l2types.layer2num.get(socket.LL, 1))


def open_scapy(interface: str, ports: Collection[int] | None) -> ScapyTap:
    """Raises ImportError without scapy, RefusedError where it may not capture or knows no such interface."""
    from scapy.all import conf

    conf.verb = 0
    try:
        try:
            socket = conf.L2listen(iface=interface, filter=kernel_filter(ports))
        except (ValueError, OSError) as error:
            if isinstance(error, PermissionError) or "interface" in str(error).lower():
                raise
            socket = conf.L2listen(iface=interface)  # no libpcap to compile a filter: the ports are looked at here
    except Exception as error:  # scapy raises what the system, libpcap and itself raise
        raise RefusedError("scapy", [str(error)]) from error
    return ScapyTap(interface, socket)
