"""Any loss and any order of a capture, by hypothesis: objects are right or marked, and nobody is accused of what the
capture made."""

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dicomsniff.api import analyze
from dicomsniff.association.values import Traffic
from dicomsniff.capture import open_captures
from dicomsniff.rules.clock import last_lapse
from dicomsniff.rules.finding import Finding, Severity, Side, Verdict
from tests.captures import real
from tests.captures.test_field_conditions import payload_hashes
from tests.forge import pdus
from tests.forge.capture_files import Packet, pcap
from tests.forge.dialogue import Dialogue, data_set
from tests.forge.traffic import CT, IMPLICIT, WORKLIST
from tests.forge.wire import BACK, Wire

CASES = int(os.environ.get("DICOMSNIFF_LOSSY_CASES", "100"))
"""How many losses are tried: thousands before a release."""
SOURCES = (
    "echo_ok", "find_failure_and_cancel", "find_manufacturer", "no_release", "print_film", "reject_called_ae",
    "sc_not_supported", "store_warning_b000", "user_identity", "jpeg_not_accepted", "dcmjs_store",
    "refused_and_silent", "workflow_mwl_mpps_commit", "store_failures", "edge/e01_ct", "edge/e02_fail", "edge/e06_jpeg",
    "edge/e07_hdr6", "edge/e08_find_frag", "edge/e10_zero_last", "edge/e13_ooo", "edge/e16_rqonly", "edge/e18_values",
    "edge/e24b_use_rejected", "edge/e27_two_assoc", "edge/e34_odd", "edge/e35_rst",
    "lossy_network", "sample slow_network", "sample slow_associations", "sample path_trouble",
    "sample aborted_associations", "sample retrieves", "sample dimse_violations", "sample commitment",
)  # fmt: skip
SAMPLES = Path(__file__).parents[2] / "sample_captures"
SAME = {
    "DS-ASSOC-008": {"DS-ASSOC-007", "DS-ASSOC-009"},  # the abort is there; whether anything was said before it, is not
    "DS-ASSOC-009": {"DS-ASSOC-007", "DS-PC-001"},
    "DS-DIMSE-008": {
        "DS-PRN-001",
        "DS-MWL-003",
        "DS-MWL-005",
        "DS-SC-003",
    },  # the status is there; what job failed, is not
}
"""What a rule says of an event that was seen, where other rules say more of the same event on the whole capture."""
SIDES = {"DS-ASSOC-001": Side.REQUESTOR}
"""Whom the other side itself accuses, on the wire, where what would contradict it may not have been captured."""
SILENT = frozenset({"DS-TCP-003", "DS-TCP-010", "DS-ASSOC-006", "DS-ASSOC-014", "DS-DIMSE-001"})
"""Rules that argue from silence to the end of the capture. A burst that takes all the rest of some connections, and of no
other a single byte, leaves nothing behind that tells it from silence."""
Loss = Callable[[list[Packet], Random], list[Packet]]


class Accused(NamedTuple):
    """A rule, where it found fault (who opened the connection) and which side must act."""

    rule: str
    where: str | None
    act: Side


class Answer(NamedTuple):
    """The objects that are said to be complete, the rules that find fault with more than the capture and whom they accuse,
    and the statuses of exchanges that came to their end: service, message ID and status."""

    objects: frozenset[str]
    accusations: frozenset[str]
    messages: tuple[str, ...]
    accused: frozenset[Accused] = frozenset()
    statuses: frozenset[tuple[str, int | None, int]] = frozenset()
    lapse: bool = False  # something shows that packets are missing in a stretch


def _dropped(packets: list[Packet], rng: Random) -> list[Packet]:
    rate = rng.choice((0.02, 0.05, 0.1, 0.3, 0.6))
    return [p for p in packets if rng.random() >= rate]


def _data_dropped(packets: list[Packet], rng: Random) -> list[Packet]:
    """Only what carries data: acknowledgements tell of it."""
    rate = rng.choice((0.05, 0.2, 0.5))
    return [p for p in packets if len(p.data) < 80 or rng.random() >= rate]


def _burst(packets: list[Packet], rng: Random) -> list[Packet]:
    start = rng.randrange(len(packets))
    return packets[:start] + packets[start + rng.randrange(1, max(2, len(packets) // 4)) :]


def _late(packets: list[Packet], rng: Random) -> list[Packet]:
    return packets[rng.randrange(len(packets)) :]


def _short(packets: list[Packet], rng: Random) -> list[Packet]:
    return packets[: rng.randrange(1, len(packets) + 1)]


def _snapped(packets: list[Packet], rng: Random) -> list[Packet]:
    snap = rng.choice((54, 60, 66, 74, 96, 128, 200, 400, 1000))
    return [p._replace(data=p.data[:snap], wire=p.wire_length) for p in packets]


def _one_way(packets: list[Packet], rng: Random) -> list[Packet]:
    up = rng.random() < 0.5
    return [p for p in packets if (_ports(p.data)[:2] < _ports(p.data)[2:]) == up]


def _ports(frame: bytes) -> bytes:
    at = 34 if frame[12:14] == b"\x08\0" else 54
    return frame[at : at + 4]


def _doubled(packets: list[Packet], rng: Random) -> list[Packet]:
    again = [p._replace(time_ns=p.time_ns + 3_000) for p in packets if rng.random() < 0.2]
    return sorted([*packets, *again], key=lambda p: p.time_ns)


_HELD_NS = 100_000_000


def _exchanged(packets: list[Packet], rng: Random) -> list[Packet]:
    """Neighbours in any order, the times in theirs: packets of several queues that are stamped as they are read. No queue
    holds a packet for longer than `_HELD_NS`."""
    frames, width = list(packets), rng.choice((2, 3, 4, 8))
    start = rng.randrange(width)
    while start < len(frames):
        end = start + 1
        while end < min(len(frames), start + width) and abs(packets[end].time_ns - packets[start].time_ns) < _HELD_NS:
            end += 1
        window = frames[start:end]
        rng.shuffle(window)
        frames[start:end], start = window, end
    return [frame._replace(time_ns=packet.time_ns) for packet, frame in zip(packets, frames, strict=True)]


def _delayed(packets: list[Packet], rng: Random) -> list[Packet]:
    """Some packets written a few places later than they came, with their own times."""
    rate = rng.choice((0.05, 0.2))
    places = [(at + rng.randrange(1, 8) * (rng.random() < rate), at) for at in range(len(packets))]
    return [packets[at] for _, at in sorted(places)]


LOSSES: dict[str, Loss] = {
    "loss": _dropped, "loss of data": _data_dropped, "a burst": _burst, "cut start": _late, "cut end": _short,
    "snap length": _snapped, "one direction": _one_way, "copies": _doubled,
    "order": _exchanged, "order with times": _delayed,
}  # fmt: skip


@cache
def packets(name: str) -> tuple[int, tuple[Packet, ...]]:
    """The link type and the packets of a capture."""
    found: list[Packet] = []
    path = SAMPLES / f"{name.removeprefix('sample ')}.pcap" if name.startswith("sample ") else real.capture(name)
    with open_captures([path]) as source:
        for block in source.blocks():
            columns = block.time_ns, block.offset, block.captured, block.wire
            rows = zip(*(column.tolist() for column in columns), strict=True)
            found += [Packet(t, block.data[at : at + length].tobytes(), wire) for t, at, length, wire in rows]
        [link_type] = source.facts()[0].link_types
    return link_type, tuple(found)


def answer(kept: Sequence[Packet], link_type: int) -> Answer:
    """What is said of these packets."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "capture.pcap")
        path.write_bytes(pcap(kept, magic=0xA1B23C4D, link_type=link_type))
        with closing(analyze(path)) as analysis:
            assert not [note for c in analysis.captures for note in c.notes if "could not be analysed" in note]
            assert not [check for check in analysis.checks if check.verdict is Verdict.ERROR]
            found = [f for f in real.flat(analysis.findings) if f.severity is not Severity.INFO]
            found = [f for f in found if not f.rule.startswith("DS-CAP-")]
            objects = frozenset(payload_hashes(analysis.traffic))
            return Answer(
                objects,
                frozenset(f.rule for f in found),
                tuple(f"{f.rule} {f.message}" for f in found),
                frozenset(Accused(f.rule, _where(f, analysis.traffic), f.act) for f in found),
                frozenset(
                    (e.service, e.message_id, e.status) for e in analysis.exchanges if e.final and e.status is not None
                ),
                bool(last_lapse(analysis.traffic)),
            )


def _where(finding: Finding, traffic: Traffic) -> str | None:
    return None if finding.connection is None else str(traffic.conversation(finding.connection).tcp.initiator)


@cache
def clean(name: str) -> Answer:
    link_type, whole = packets(name)
    return answer(whole, link_type)


def _never_wrong(found: Answer, whole: Answer, losses: Sequence[str] = ()) -> None:
    assert found.objects <= whole.objects
    excused = SILENT if "a burst" in losses and not found.lapse else frozenset()
    for rule in found.accusations - whole.accusations - excused:
        assert SAME.get(rule, set()) & whole.accusations, found.messages
    for one in found.accused:
        if one.rule in excused:
            continue
        assert one.act in (Side.UNKNOWN, SIDES.get(one.rule), *_sides(one, whole)), (one, whole.accused, found.messages)
    assert found.statuses <= whole.statuses


def _sides(one: Accused, whole: Answer) -> set[Side]:
    """Who is accused of it where all is seen: on this connection, or else (it may be told of the first of several, or of
    a connection whose beginning was not captured) anywhere."""
    rules = {one.rule} if one.rule in whole.accusations else SAME[one.rule]
    told = [other for other in whole.accused if other.rule in rules]
    here = {other.act for other in told if other.where == one.where}
    return here or {other.act for other in told}


def lossy(whole: Sequence[Packet], losses: Sequence[str], seed: int) -> list[Packet]:
    kept, rng = list(whole), Random(seed)
    for loss in losses:
        kept = LOSSES[loss](kept, rng) if kept else kept
    return kept


_losses = st.lists(st.sampled_from(sorted(LOSSES)), min_size=1, max_size=3)
_seeds = st.integers(0, 1 << 20)
_thorough = settings(max_examples=CASES, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])


PINNED = (
    ("edge/e27_two_assoc", {2, 8, 10}, "a hole held the requests up, and the answers went to the association before"),
    ("edge/e27_two_assoc", {5}, "a hole held the answers up, and they went to the association behind"),
    ("edge/e27_two_assoc", {13, 14, 15}, "a hole held a release and the request of another association"),
    ("edge/e34_odd", {1, 2, 3, 5, 12, 15}, "no SYN was seen, and nothing of a direction but its last bytes"),
    ("edge/e01_ct", {1, 2, 3, 4, 5, 7, 9, 11, 12, 19}, "the same, where the capture began late"),
    ("edge/e24b_use_rejected", {6}, "what was said before the abort is in a hole"),
    ("no_release", {1, 4, 5, 10, 11, 13}, "only the number of a FIN says that an answer was sent before it"),
    ("workflow_mwl_mpps_commit", {17, 19, 36, 39, 121, 132}, "a release whose answer was not captured is no cut"),
)
"""Captures, the packets left out and why that once led to a false accusation."""


@real.here
@pytest.mark.parametrize(("name", "lost", "why"), PINNED)
def test_what_once_was_a_false_accusation_is_none(name: str, lost: set[int], why: str) -> None:
    link_type, whole = packets(name)
    found = answer([p for number, p in enumerate(whole, 1) if number not in lost], link_type)
    _never_wrong(found, clean(name))
    assert clean(name).accusations, why


DRAWN = (
    ("refused_and_silent", ("a burst", "order with times"), 0, "the second FIN was captured before the first"),
    ("edge/e35_rst", ("a burst", "loss of data", "one direction"), 5, "only a reset says that there were bytes"),
    ("forged healthy", ("order", "cut end"), 26417, "the capture ended between a response and its request behind it"),
    (
        "edge/e07_hdr6",
        ("order", "cut start", "cut end"),
        31498,
        "a request captured late shows bytes before the first ones",
    ),
    (
        "user_identity",
        ("loss", "cut start", "order"),
        7025,
        "a FIN confirmed what was not captured, an older packet less",
    ),
    ("workflow_mwl_mpps_commit", ("copies", "cut end"), 22576, "the capture ended behind the SYN of a call-back"),
    ("forged abort", ("order", "loss", "loss"), 122, "of one side neither SYN nor first bytes were seen"),
    (
        "sample slow_network",
        ("order",),
        297224,
        "packets captured up to 100 ms late filled holes, and nothing tells why",
    ),
    ("sample aborted_associations", ("loss",), 822059, "what the aborting side had waited for was not captured"),
    ("sample dimse_violations", ("copies", "loss"), 846539, "the same"),
    (
        "edge/e24b_use_rejected",
        ("a burst", "cut start", "cut end"),
        658288,
        "which contexts were accepted, is not known",
    ),
    (
        "sample slow_network",
        ("copies", "order"),
        37460,
        "copies far from their originals looked like segments sent again",
    ),
    (
        "sample slow_associations",
        ("copies", "order", "copies"),
        1032774,
        "the same, on a connection where none stood near",
    ),
    ("sample retrieves", ("order", "order"), 2458, "a wait of 30 s looked like 29.9 s"),
    (
        "sample retrieves",
        ("order", "cut start"),
        7525,
        "data confirmed before they were captured: no round trip of 10 s",
    ),
    ("query_retrieve", ("loss of data",), 202552, "objects of a retrieve whose request was not captured"),
)
"""Captures, losses and draws, and why they once led to a false accusation."""


@real.here
@pytest.mark.parametrize(("name", "losses", "seed", "why"), DRAWN)
def test_no_draw_that_once_led_to_a_false_accusation_does(name: str, losses: list[str], seed: int, why: str) -> None:
    kind = name.removeprefix("forged ")
    link_type, whole = (1, forged(kind)) if kind != name else packets(name)
    _never_wrong(
        answer(lossy(whole, losses, seed), link_type), clean(name) if kind == name else forged_clean(kind), losses
    )
    assert why


@real.here
@_thorough
@given(st.sampled_from(SOURCES), _losses, _seeds)
def test_no_loss_gives_a_wrong_object_or_a_false_accusation(name: str, losses: list[str], seed: int) -> None:
    link_type, whole = packets(name)
    if kept := lossy(whole, losses, seed):
        _never_wrong(answer(kept, link_type), clean(name), losses)


@cache
def forged(kind: str) -> tuple[Packet, ...]:
    """A dialogue of an echo, a query and objects: healthy, or with one fault."""
    offers = (pdus.VERIFICATION, (IMPLICIT,), 0), (CT, (IMPLICIT,), 0), (WORKLIST, (IMPLICIT,), 0)
    talk = Dialogue(Wire(), "CT01", "PACS", *offers).request().accept().echo()
    talk.find(WORKLIST, data_set(PatientName="A*", PatientID=""), [data_set(PatientName="A^B", PatientID="1")])
    for number in range(4):
        body = data_set(SOPClassUID=CT, SOPInstanceUID=f"1.2.3.{number}", PatientID="1", ImageComments="x" * 4000)
        refused = kind == "refused object" and number == 2
        talk.store(CT, f"1.2.3.{number}", body, status=0xA700 if refused else 0)
    if kind == "abort":
        talk.abort(BACK, 2, 1)
    elif kind == "cut":
        talk.wire.close(BACK)
    else:
        talk.release()
    return tuple(Packet(time_ns, frame) for time_ns, frame in talk.wire.frames)


@cache
def forged_clean(kind: str) -> Answer:
    return answer(forged(kind), 1)


@_thorough
@given(st.sampled_from(["healthy", "refused object", "abort", "cut"]), _losses, _seeds)
def test_no_loss_accuses_the_sides_of_a_forged_dialogue(kind: str, losses: list[str], seed: int) -> None:
    if kept := lossy(forged(kind), losses, seed):
        _never_wrong(answer(kept, 1), forged_clean(kind), losses)
