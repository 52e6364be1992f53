"""Traffic made to exhaust the reader: what it costs is bounded by the limits, not by what the bytes promise."""

import gzip
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.capture import CaptureFacts, PacketBlock
from dicomsniff.core import LIMITS, Anomaly, Direction
from dicomsniff.dimse import MessageAssembler, PayloadStore, read_dataset
from dicomsniff.dimse.command import decode_command
from dicomsniff.pdu import Framer
from dicomsniff.pdu.values import BrokenPdu, PData
from dicomsniff.pipeline import Options, Pipeline
from dicomsniff.rules.runner import judge
from dicomsniff.tcp.assembler import Assembler
from dicomsniff.tcp.events import End
from tests.capture.reading import read
from tests.forge import capture_files as files
from tests.forge import pdus
from tests.forge.messages import element
from tests.forge.wire import ACK, BACK, OUT, SYN, Wire
from tests.pdu.streams import chunk, run, split
from tests.pdu.streams import pdus as pdus_of
from tests.tcp.assembling import block

IMPLICIT, EXPLICIT, BIG, DEFLATED = (f"1.2.840.10008.1.2{end}" for end in ("", ".1", ".2", ".1.99"))
MOST = 2**32 - 1
MB = 1 << 20


def peak(work: Callable[[], object]) -> int:
    """Bytes that this work held at most, beyond what was there before."""
    work()  # once for what is loaded or cached at the first use
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Memory:
    """Frames of a wire as a PacketSource."""

    def __init__(self, *blocks: PacketBlock) -> None:
        self._blocks = blocks

    def blocks(self) -> Iterator[PacketBlock]:
        yield from self._blocks

    def facts(self) -> tuple[CaptureFacts, ...]:
        return ()


def said(out: bytes, back: bytes = b"") -> Traffic:
    """The traffic of one connection in which each side says this, judged without a fence."""
    wire = Wire(mss=60_000).connect().send(OUT, out).send(BACK, back).close()
    with PayloadStore() as store:
        traffic = Pipeline(Memory(block(wire.frames)), store, Options(fence=False)).run()
        judge(traffic, fence=False)
        return traffic


def deflated(data: Iterator[bytes]) -> bytes:
    bomb = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    return b"".join(map(bomb.compress, data)) + bomb.flush()


def test_a_deflate_bomb_costs_no_more_than_the_limit() -> None:
    value = b"\x09\0\1\x10UN\0\0" + struct.pack("<I", 128 * MB)
    bomb = deflated(iter([b"\x08\0\x05\0CS\x0a\0ISO_IR 100", value, *[bytes(MB)] * 128]))
    assert len(bomb) < MB
    found = read_dataset(bomb, DEFLATED)
    assert found.get("SpecificCharacterSet") == "ISO_IR 100" and found.truncated
    assert peak(lambda: read_dataset(bomb, DEFLATED)) < 3 * LIMITS.inflate_bytes


def test_a_capture_that_inflates_to_much_is_inflated_piece_by_piece(tmp_path: Path) -> None:
    statistics = files.block(5, bytes(MB))
    bomb = gzip.compress(files.section() + files.interface() + statistics * 64, 6)
    assert len(bomb) < MB
    found, facts = read(tmp_path, bomb)
    assert (found, facts.cut) == ([], False)
    assert peak(lambda: read(tmp_path, bomb)) < 6 * LIMITS.block_bytes


def test_a_zstd_bomb_is_inflated_step_by_step(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    plain = files.section() + files.interface() + files.block(5, bytes(MB)) * 128
    bomb = zstandard.ZstdCompressor().compress(plain)
    assert len(bomb) < MB
    found, facts = read(tmp_path, bomb)
    assert (found, facts.cut) == ([], False)
    assert peak(lambda: read(tmp_path, bomb)) < 8 * LIMITS.block_bytes


def nested(depth: int, syntax: str, *, defined: bool) -> bytes:
    """Sequences in one another, of undefined length or of lengths that fit exactly."""
    order = ">" if syntax == BIG else "<"
    tag, item = struct.pack(f"{order}HH", 0x0040, 0xA730), struct.pack(f"{order}HH", 0xFFFE, 0xE000)
    sequence = tag if syntax == IMPLICIT else tag + b"SQ\0\0"
    step = len(sequence) + 12
    lengths = ((step * left - len(sequence) - 4, step * (left - 1)) for left in range(depth, 0, -1))
    pairs = lengths if defined else ((MOST, MOST) for _ in range(depth))
    whole = (
        sequence + struct.pack(f"{order}I", outer) + item + struct.pack(f"{order}I", inner) for outer, inner in pairs
    )
    return b"".join(whole)


@pytest.mark.parametrize("defined", [False, True])
@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG, DEFLATED])
def test_sequences_10_000_deep_are_read_to_the_limit(syntax: str, defined: bool) -> None:
    data = nested(10_000, syntax, defined=defined)
    found = read_dataset(deflated(iter([data])) if syntax == DEFLATED else data, syntax, total_length=None)
    assert "nested deeper" in (found.error or "")
    depth, inside = 0, found
    while inside.elements:
        depth, inside = depth + 1, inside.elements[0].items[0] if inside.elements[0].items else type(found)(())
    assert depth == LIMITS.dataset_depth


@pytest.mark.parametrize("kind", (*range(12), 0x20, 0x50, 0x7F, 0x80, 0xFE, 0xFF))
def test_a_pdu_that_promises_4_gib_is_no_reason_to_wait_for_them(kind: int) -> None:
    stream = pdus.pdu(kind, b"", MOST) + bytes(50) + pdus.request() + pdus.echo_request() + pdus.release_request()
    found = pdus_of(run(split(stream, range(0, len(stream), 37))))
    assert [type(p).__name__ for p in found[-3:]] == ["AssociateRq", "PData", "ReleaseRq"]


def test_what_lies_behind_a_promise_of_4_gib_is_not_gathered() -> None:
    def follow() -> None:
        for kind in (1, 4, 9):
            framer = Framer(OUT)
            framer.feed(chunk(pdus.pdu(kind, b"", MOST)))
            for number in range(100):
                framer.feed(chunk(noise, 6 + number * len(noise)))

    noise = b"\xaa" * 60_000
    assert peak(follow) < 3 * LIMITS.detect_bytes


def test_a_p_data_of_a_gibibyte_is_passed_on_in_pieces() -> None:
    def follow() -> None:
        framer = Framer(OUT)
        head = pdus.pdu(4, pdus.pdv(b"", length=LIMITS.pdu_length - 4), LIMITS.pdu_length)
        framer.feed(chunk(head))
        for number in range(200):
            (piece,) = framer.feed(chunk(noise, len(head) + number * len(noise)))
            assert isinstance(piece, PData) and not piece.ends

    noise = bytes(60_000)
    assert peak(follow) < 3 * LIMITS.pdu_buffer_bytes


@pytest.mark.parametrize("length", [MOST, MOST - 1, 2**31, 0, 1])
@pytest.mark.parametrize("command", [True, False])
def test_pdv_lengths_beyond_their_pdu_drop_that_pdu_only(length: int, command: bool) -> None:
    lie = pdus.p_data(pdus.pdv(b"abcd", command=command, length=length))
    found = pdus_of(run([chunk(pdus.request() + lie + pdus.echo_request())]))
    assert isinstance(found[1], BrokenPdu) and found[1].reason == "malformed"
    assert isinstance(found[2], PData)


@pytest.mark.parametrize("kind", [0x10, 0x20, 0x50])
def test_items_of_65535_bytes_that_are_not_there_stay_in_their_pdu(kind: int) -> None:
    lying = pdus.associate(1, pdus.item(kind, b"1.2.3", 0xFFFF))
    sub_items = b"".join(pdus.item(sub, b"\xff" * 4, 0xFFFF) for sub in (0x30, 0x40, 0x51, 0x54, 0x56, 0x57, 0x58))
    inner = pdus.associate(1, pdus.item(kind, bytes([1, 0, 0, 0]) + sub_items))
    found = pdus_of(run([chunk(lying + inner + pdus.release_request())]))
    assert type(found[-1]).__name__ == "ReleaseRq" and len(found) == 3


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG])
def test_elements_of_4_gib_are_errors_or_cuts(syntax: str) -> None:
    order = ">" if syntax == BIG else "<"
    for length in (MOST, MOST - 1):
        for vr in (b"OB\0\0", b"UN\0\0", b"UT\0\0", b"SQ\0\0") if syntax != IMPLICIT else (b"",):
            data = struct.pack(f"{order}HH", 0x0009, 0x1001) + vr + struct.pack(f"{order}I", length) + bytes(100)
            for total in (None, len(data)):
                found = read_dataset(data, syntax, total_length=total)
                assert found.error or found.truncated
                assert not any(e.value for e in found.elements)


def test_command_elements_of_4_gib_are_odd() -> None:
    for tag in (0x00000000, 0x00000002, 0x00000100, 0x00000901, 0x00000902, 0x00001000):
        command, odd = decode_command(element(0x00000100, b"\1\0") + element(tag, b"xx", MOST))
        assert command is not None and command.command_field == 1
        assert odd


def test_records_and_blocks_of_4_gib_end_the_capture(tmp_path: Path) -> None:
    one = files.packets(1)
    record = struct.pack("<IIII", 1_700_000_000, 0, MOST, MOST)
    tails = {files.pcap(one): record + bytes(500), files.pcapng(one): struct.pack("<II", 6, MOST) + bytes(500)}
    for head, tail in tails.items():
        found, facts = read(tmp_path, head + tail)
        assert (len(found), facts.cut) == (1, True)
    claims = files.block(6, struct.pack("<IIIII", 0, 0, 0, MOST, MOST) + bytes(60))
    lying = files.section(struct.pack("<HH", 1, 0xFFFF)) + files.interface() + files.enhanced(one[0]) + claims
    found, facts = read(tmp_path, lying + files.enhanced(one[0]))
    assert ([row.data for row in found], facts.cut) == ([one[0].data], True)
    assert peak(lambda: read(tmp_path, lying)) < 4 * LIMITS.block_bytes


def test_a_million_empty_fragments_are_one_oddity_and_no_message() -> None:
    count, held = 1_000_000, []
    empty = pdus.pdv(b"", last=False)
    framer, store = Framer(OUT), PayloadStore()
    assembler = MessageAssembler(Direction.TO_RESPONDER, store)
    framer.feed(chunk(struct.pack(">BxI", 4, count * len(empty))))
    said = []
    for at in range(0, count * len(empty), 60_000):
        for piece in framer.feed(chunk(empty * 10_000, 6 + at)):
            assert isinstance(piece, PData)
            held.append(len(piece.pdvs))
            said += assembler.feed(piece)
    assert sum(held) == count and max(held) <= 10_001
    assert [type(value) for value in said] == [Anomaly] and assembler.close() == []


def test_empty_command_fragments_without_end_hold_nothing() -> None:
    fragment = pdus.p_data(pdus.pdv(b"", command=True, last=False))
    (association,) = said(pdus.request() + fragment * 20_000, pdus.acceptance()).associations
    assert association.exchanges == () and len(association.anomalies) <= LIMITS.anomalies


@pytest.mark.parametrize("count", [2, 20_000])
def test_contexts_with_the_same_id_are_told_and_are_one(count: int) -> None:
    proposed = [pdus.proposed_context(1, f"1.2.{number}", pdus.IMPLICIT_LITTLE) for number in range(count)]
    answered = [pdus.answered_context(1, 0, pdus.IMPLICIT_LITTLE)] * count
    traffic = said(pdus.request(*proposed) + pdus.echo_request(), pdus.acceptance(*answered))
    (association,) = traffic.associations
    assert [context.id for context in association.contexts] == [1]
    assert len(association.exchanges) == 1


def test_100_000_contexts_in_one_request_are_at_most_256() -> None:
    proposed = b"".join(pdus.item(0x20, bytes([number % 256, 0, 0, 0])) for number in range(100_000))
    request = pdus.associate(1, pdus.uid(0x10, pdus.APPLICATION_CONTEXT), proposed, pdus.user_information())
    (association,) = said(request, pdus.acceptance()).associations
    assert len(request) < LIMITS.associate_bytes
    assert len(association.contexts) == 256 and len(association.anomalies) <= LIMITS.anomalies


@pytest.mark.parametrize(
    "pdu",
    [pdus.abort(), pdus.release_request(), pdus.rejection(), pdus.pdu(9, b""), pdus.p_data(), pdus.echo_request()],
    ids=("abort", "release", "rejection", "unknown", "nothing", "echo"),
)
def test_the_same_pdu_ten_thousand_times_is_counted_not_collected(pdu: bytes) -> None:
    traffic = said(pdus.request() + pdu * 10_000, pdus.acceptance())
    assert len(traffic.associations) == 1
    (association,) = traffic.associations
    assert len(association.anomalies) <= LIMITS.anomalies
    assert len(association.broken) <= LIMITS.anomalies


def syns(count: int) -> PacketBlock:
    """A SYN of each of so many hosts, and nothing else of them."""
    frame = np.frombuffer(Wire().frame(OUT, SYN, seq=1), np.uint8)
    data, number = np.tile(frame, (count, 1)), np.arange(count)
    data[:, 27], data[:, 28], data[:, 29] = number >> 16, number >> 8 & 255, number & 255
    length = np.full(count, len(frame))
    start_ns = 1_700_000_000_000_000_000
    return PacketBlock(data.ravel(), number + 1, start_ns + number, number * len(frame), length, length, length * 0 + 1)


def half_open(count: int) -> None:
    assembler = Assembler()
    events = assembler.feed(syns(count)) + assembler.finish()
    assert len(events) == count
    assert all(isinstance(event, End) and event.facts.opened == "unanswered" for event in events)


def test_half_open_connections_cost_a_few_kilobytes_each() -> None:
    """Measured: 5 kB each, at 2,000 as at 200,000."""
    few, many = (peak(lambda count=count: half_open(count)) for count in (500, 2_000))  # type: ignore[misc]
    assert many < min(2_000 * 7_500, 4.5 * few)


def test_a_4_tuple_opened_again_and_again_in_one_block_is_as_many_connections() -> None:
    wire = Wire(step_ns=3_000_000_000)
    for number in range(2_000):
        wire.packet(OUT, SYN, seq=number * 100_000)
        wire.packet(OUT, ACK, b"x", seq=number * 100_000 + 1)
    assembler = Assembler()
    events = assembler.feed(block(wire.frames)) + assembler.finish()
    ends = [event.facts for event in events if isinstance(event, End)]
    assert [facts.to_responder.bytes for facts in ends] == [1] * 2_000
