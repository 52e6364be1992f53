"""What is played: each scenario slows one thing down by an amount that is known."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.attribution.hosts import ADDRESS, PLAIN, Hosts
from bench.attribution.path import CLIENT, SERVER, Leg, Way

PORT, BACK = 11112, 11113
PEERS = f"{sys.executable} -u -m bench.attribution.peers"
TO = f"{ADDRESS[SERVER]} {PORT}"
QUICK = {"TCP_NODELAY": "1"}


@dataclass(frozen=True, slots=True)
class Scenario:
    """`play` gives the injected ms where these are known by themselves; otherwise they are the time that the transfer took
    longer than that of `baseline`. `expected` are the components they must appear in."""

    name: str
    what: str
    baseline: str | None
    expected: tuple[str, ...]
    play: Callable[[Hosts, Path], float | None]
    way: Way = field(default_factory=Way)
    receive_buffer: tuple[int, int, int] | None = None
    rules: tuple[str, ...] = ()


def make_objects(folder: Path, length: float = 1) -> None:
    """CT images whose pixels compress well: `ct` 6 of 525 kB, `small` 30 of 8 kB, `twelve` 12 of 33 kB, or `length` times that."""
    import pydicom

    for name, count, usual in (("ct", 6, 512), ("small", 30, 64), ("twelve", 12, 128)):
        size = round(usual * length**0.5)
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            image = pydicom.Dataset()
            image.SOPClassUID, image.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"1.2.3.4.{size}.{number + 1}"
            image.PatientName, image.PatientID, image.Modality, image.StudyID = "Lab^Time", "T1", "CT", "1"
            image.StudyDate, image.AccessionNumber, image.InstanceNumber = "20260101", "A1", number + 1
            image.StudyInstanceUID, image.SeriesInstanceUID = f"1.2.3.4.{size}", f"1.2.3.4.{size}.0"
            image.Rows = image.Columns = size
            image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 0
            image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
            image.PixelData = bytes(size * size * 2)
            image.file_meta = pydicom.dataset.FileMetaDataset()
            image.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
            image.save_as(folder / name / f"ct{number:02}.dcm", enforce_file_format=True)


def _store(hosts: Hosts, data: Path, folder: str = "ct", server: str = "", nodelay: bool = True) -> None:
    """DCMTK sends a folder to DCMTK."""
    hosts.serve(SERVER, f"storescp --ignore {server} {PORT}", PORT, QUICK if nodelay else PLAIN)
    hosts.run(CLIENT, f"storescu +sd {TO} {data / folder}", QUICK)


def plain(hosts: Hosts, data: Path) -> None:
    _store(hosts, data)


def plain_line(hosts: Hosts, data: Path) -> None:
    _store(hosts, data)


def plain_small(hosts: Hosts, data: Path) -> None:
    _store(hosts, data, "small")


def small_far_away(hosts: Hosts, data: Path) -> float:
    _store(hosts, data, "small")
    return 33 * 60 * hosts.distance  # each object, the handshake, the request for an association and its release


def _to_peer(hosts: Hosts, data: Path, delay: float) -> None:
    hosts.serve(SERVER, f"{PEERS} scp port={PORT} delay={delay * hosts.slowness}", PORT)
    hosts.run(CLIENT, f"storescu +sd -aec ARCHIVE {TO} {data / 'ct'}", QUICK)


def plain_server(hosts: Hosts, data: Path) -> None:
    _to_peer(hosts, data, 0)


def slow_server(hosts: Hosts, data: Path) -> float:
    _to_peer(hosts, data, 0.25)
    return 6 * 250 * hosts.slowness


def _from_peer(hosts: Hosts, data: Path, options: str, server: str = "", folder: str = "ct") -> None:
    hosts.serve(SERVER, f"storescp --ignore {server} {PORT}", PORT, QUICK)
    hosts.run(CLIENT, f"{PEERS} store to={ADDRESS[SERVER]}:{PORT} folder={data / folder} {options}")


def plain_client(hosts: Hosts, data: Path) -> None:
    _from_peer(hosts, data, "")


def slow_client(hosts: Hosts, data: Path) -> float:
    _from_peer(hosts, data, f"think={0.25 * hosts.slowness}")
    return 6 * 250 * hosts.slowness


def stalling_client(hosts: Hosts, data: Path) -> float:
    _from_peer(hosts, data, f"stall={0.25 * hosts.slowness}")
    return 6 * 250 * hosts.slowness


def _at_once(hosts: Hosts, data: Path, delay: float) -> None:
    hosts.serve(SERVER, f"{PEERS} scp port={PORT} delay={delay * hosts.slowness}", PORT)
    hosts.run(CLIENT, f"{PEERS} store to={ADDRESS[SERVER]}:{PORT} folder={data / 'twelve'} at_once=4")


def plain_at_once(hosts: Hosts, data: Path) -> None:
    _at_once(hosts, data, 0)


def slow_at_once(hosts: Hosts, data: Path) -> float:
    _at_once(hosts, data, 0.25)
    return 12 * 250 * hosts.slowness


def lockstep(hosts: Hosts, data: Path) -> None:
    _from_peer(hosts, data, "lockstep=yes", "-pdu 4096", "twelve")


def not_lockstep(hosts: Hosts, data: Path) -> None:
    _from_peer(hosts, data, "", "-pdu 4096", "twelve")


def small_pdus(hosts: Hosts, data: Path) -> None:
    _store(hosts, data, server="-pdu 4096")


def _stopped(hosts: Hosts, data: Path, seconds: float, folder: str) -> None:
    server = hosts.serve(SERVER, f"storescp --ignore {PORT}", PORT, QUICK)
    client = hosts.start(CLIENT, f"storescu +sd {TO} {data / folder}", QUICK, wait=0.6)
    hosts.stop(server, seconds * hosts.slowness)  # for the sender it is shorter: until the receive buffer is full
    client.wait(300)


def stopped_short(hosts: Hosts, data: Path) -> None:
    _stopped(hosts, data, 0.6, "ct")


def stopped_long(hosts: Hosts, data: Path) -> None:
    _stopped(hosts, data, 6.0, "ct")


def nagle(hosts: Hosts, data: Path) -> None:
    _store(hosts, data, "small", nodelay=False)


def single_objects(hosts: Hosts, data: Path) -> None:
    hosts.serve(SERVER, f"storescp --ignore {PORT}", PORT, QUICK)
    for path in sorted((data / "twelve").glob("*.dcm")):
        hosts.run(CLIENT, f"storescu -R {TO} {path}", QUICK)


def plain_twelve(hosts: Hosts, data: Path) -> None:
    _store(hosts, data, "twelve")


def _find(hosts: Hosts, server: str) -> None:
    hosts.serve(SERVER, f"{PEERS} scp port={PORT} {server}", PORT)
    hosts.run(CLIENT, f"{PEERS} find to={ADDRESS[SERVER]}:{PORT}")


def plain_find(hosts: Hosts, data: Path) -> None:
    _find(hosts, "matches=10")


def slow_find(hosts: Hosts, data: Path) -> float:
    _find(hosts, f"matches=10 first={3.5 * hosts.slowness}")
    return 3500 * hosts.slowness


def slow_matches(hosts: Hosts, data: Path) -> float:
    _find(hosts, f"matches=10 gap={0.2 * hosts.slowness}")
    return 9 * 200 * hosts.slowness


def _move(hosts: Hosts, data: Path, server: str, delay: float = 0) -> None:
    archive = f"scp port={PORT} folder={data / 'ct'} moves={ADDRESS[CLIENT]}:{BACK} {server}"
    hosts.serve(SERVER, f"{PEERS} {archive}", PORT)
    hosts.serve(CLIENT, f"{PEERS} scp port={BACK} delay={delay * hosts.slowness}", BACK)
    hosts.run(CLIENT, f"{PEERS} move to={ADDRESS[SERVER]}:{PORT}")


def plain_move(hosts: Hosts, data: Path) -> None:
    _move(hosts, data, "")


def slow_recall(hosts: Hosts, data: Path) -> float:
    first = min(11 * hosts.slowness, 25)  # then pynetdicom gives up
    _move(hosts, data, f"first={first}")
    return 1000 * first


def slow_fetch(hosts: Hosts, data: Path) -> float:
    _move(hosts, data, f"gap={0.5 * hosts.slowness}")
    return 5 * 500 * hosts.slowness


def slow_destination(hosts: Hosts, data: Path) -> float:
    _move(hosts, data, "", 0.5)
    return 6 * 500 * hosts.slowness


def _get(hosts: Hosts, data: Path, server: str, client: str = "") -> None:
    hosts.serve(SERVER, f"{PEERS} scp port={PORT} folder={data / 'ct'} {server}", PORT)
    hosts.run(CLIENT, f"{PEERS} get to={ADDRESS[SERVER]}:{PORT} {client}")


def plain_get(hosts: Hosts, data: Path) -> None:
    _get(hosts, data, "")


def slow_get(hosts: Hosts, data: Path) -> float:
    _get(hosts, data, f"gap={0.5 * hosts.slowness}")
    return 5 * 500 * hosts.slowness


def slow_getter(hosts: Hosts, data: Path) -> float:
    _get(hosts, data, "", f"delay={0.5 * hosts.slowness}")
    return 6 * 500 * hosts.slowness


LONG = Way(Leg(0.01), Leg(0.03))
KNOWN = Way(known=True)
NARROW = (4096, 32768, 32768)
MODEST, LINE = (4096, 1 << 18, 1 << 18), Way(Leg(0.002, rate=2.5e6))
SCENARIOS = (
    Scenario("plain", "DCMTK to DCMTK, 6 CT images, round trip 20 ms", None, (), plain),
    Scenario("slow_server", "server waits 250 ms before each answer", "plain_server", ("server",), slow_server, KNOWN, rules=("DS-PERF-001",)),
    Scenario("plain_server", "the same without the wait", None, (), plain_server, KNOWN),
    Scenario("slow_client", "client waits 250 ms before each object", "plain_client", ("think",), slow_client, KNOWN, rules=("DS-PERF-002",)),
    Scenario("stalling_client", "client stops for 250 ms inside each object", "plain_client", ("sender",), stalling_client, KNOWN, rules=("DS-PERF-011",)),
    Scenario("plain_client", "the same without the waits", None, (), plain_client, KNOWN),
    Scenario("loss_near", "0.5 % loss between client and middle", "plain_known", ("loss",), plain, Way(Leg(0.002, 0.005), known=True), rules=("DS-PERF-005",)),
    Scenario("loss_far", "0.5 % loss between middle and server", "plain_known", ("loss",), plain, Way(far=Leg(0.008, 0.005), known=True), rules=("DS-PERF-005",)),
    Scenario("small_window", "receive buffer of 32 kB at the server", "plain_known", ("receive_window",), plain, KNOWN, receive_buffer=NARROW, rules=("DS-PERF-003",)),
    Scenario("plain_known", "the same without loss and with the usual buffer", None, (), plain, KNOWN),
    Scenario("rate_near", "20 Mbit/s between client and middle", "plain", ("network",), plain, Way(Leg(0.002, rate=2.5e6)), rules=("DS-PERF-010",)),
    Scenario("rate_far", "20 Mbit/s between middle and server", "plain", ("network",), plain, Way(far=Leg(0.008, rate=2.5e6)), rules=("DS-PERF-010",)),
    Scenario("stopped_short", "server stands still for 0.6 s behind a line of 20 Mbit/s", "plain_line", ("zero_window",), stopped_short, LINE, receive_buffer=MODEST, rules=("DS-PERF-004",)),
    Scenario("stopped_long", "the same for 6 s", "plain_line", ("zero_window",), stopped_long, LINE, receive_buffer=MODEST, rules=("DS-PERF-004",)),
    Scenario("plain_line", "the same without standing still", None, (), plain_line, LINE, receive_buffer=MODEST),
    Scenario("nagle", "server writes responses in two pieces (DCMTK without TCP_NODELAY), 30 objects of 8 kB", "plain_small", ("nagle",), nagle, rules=("DS-PERF-007",)),
    Scenario("plain_small", "the same with TCP_NODELAY", None, (), plain_small),
    Scenario("single_objects", "12 objects of 33 kB on 12 associations", "plain_twelve", ("setup", "network"), single_objects, rules=("DS-PERF-009",)),
    Scenario("plain_twelve", "the same on one association", None, (), plain_twelve),
    Scenario("small_pdus", "server asks for PDUs of 4 KiB, sent without waiting", "plain_known", (), small_pdus, KNOWN),
    Scenario("lockstep", "PDUs of 4 KiB, each sent when the one before was acknowledged, 12 objects of 33 kB", "not_lockstep", ("congestion", "nagle"), lockstep, rules=("DS-PERF-008",)),
    Scenario("not_lockstep", "the same without waiting", None, (), not_lockstep),
    Scenario("slow_at_once", "server waits 250 ms before each answer, four requests under way at once, 12 objects of 33 kB", "plain_at_once", ("server",), slow_at_once, rules=("DS-PERF-001",)),
    Scenario("plain_at_once", "the same without the wait", None, (), plain_at_once),
    Scenario("far_away", "round trip 80 ms, 30 objects of 8 kB", "plain_small", ("round_trip", "setup"), small_far_away, LONG, rules=("DS-PERF-006",)),
    Scenario("slow_find", "first match of a C-FIND after 3.5 s", "plain_find", ("server",), slow_find, KNOWN, rules=("DS-PERF-001",)),
    Scenario("slow_matches", "200 ms before each of 9 further matches", "plain_find", ("sender",), slow_matches, KNOWN, rules=("DS-PERF-011",)),
    Scenario("plain_find", "the same without the waits", None, (), plain_find, KNOWN),
    Scenario("slow_recall", "C-MOVE whose first object takes 11 s", "plain_move", ("retrieve",), slow_recall, KNOWN, rules=("DS-PERF-012",)),
    Scenario("slow_fetch", "C-MOVE with 500 ms before each further object", "plain_move", ("think",), slow_fetch, KNOWN, rules=("DS-PERF-012",)),
    Scenario("slow_destination", "C-MOVE to a destination that needs 500 ms for each object", "plain_move", ("server",), slow_destination, KNOWN, rules=("DS-PERF-001",)),
    Scenario("plain_move", "the same without the waits", None, (), plain_move, KNOWN),
    Scenario("slow_get", "C-GET with 500 ms before each further object", "plain_get", ("think",), slow_get, KNOWN, rules=("DS-PERF-012",)),
    Scenario("slow_getter", "C-GET whose requestor needs 500 ms for each object", "plain_get", ("server",), slow_getter, KNOWN, rules=("DS-PERF-001",)),
    Scenario("plain_get", "the same without the waits", None, (), plain_get, KNOWN),
)  # fmt: skip
