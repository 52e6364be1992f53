"""A whole capture of several conversations, spoiled, from packets to the rendered reports.

Layout of the bytes: which seed, block size, then changes of four bytes and more: what, where (two bytes, a packet of
what is there by then), how much; see `CHANGES`.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dicomsniff import __version__
from dicomsniff.association.values import Traffic
from dicomsniff.capture import CaptureFacts, PacketBlock
from dicomsniff.dimse import PayloadStore
from dicomsniff.pipeline import Options, Pipeline
from dicomsniff.report import build_report, summary_lines, write_json
from dicomsniff.report.html import write_html
from dicomsniff.rules.runner import judge
from fuzz.choices import Choices
from fuzz.engine import run
from fuzz.seeds import seeds
from tests.forge.wire import Frame
from tests.tcp.assembling import blocks

MOST_CHANGES = 64
HEADERS = 54
"""Ethernet, IPv4 and TCP without options: what lies behind is payload."""


@dataclass
class Spoiled:
    """Packets as they will be read; `forged` once bytes are there that nobody sent."""

    frames: list[Frame]
    forged: bool = False


def _drop(capture: Spoiled, at: int, much: int, choices: Choices) -> None:
    del capture.frames[at : at + 1 + much % 8]


def _double(capture: Spoiled, at: int, much: int, choices: Choices) -> None:
    capture.frames.insert(min(at + much % 16, len(capture.frames)), capture.frames[at])


def _swap(capture: Spoiled, at: int, much: int, choices: Choices) -> None:
    """The packets change places, the times do not."""
    other = (at + 1 + much % 16) % len(capture.frames)
    (first_ns, first), (second_ns, second) = capture.frames[at], capture.frames[other]
    capture.frames[at], capture.frames[other] = (first_ns, second), (second_ns, first)


def _cut(capture: Spoiled, at: int, much: int, choices: Choices) -> None:
    """The capture ends or begins here."""
    capture.frames = capture.frames[:at] if much & 1 else capture.frames[at:]


def _step(capture: Spoiled, at: int, much: int, choices: Choices) -> None:
    """The clock jumps."""
    by = (-3_600_000_000_000, -1_000_000, 1_000_000_000, 200_000_000_000)[much % 4]
    capture.frames[at:] = [(time + by, data) for time, data in capture.frames[at:]]


def _one_way(capture: Spoiled, at: int, much: int, choices: Choices) -> None:
    """Only the packets of one host were captured."""
    host = capture.frames[at][1][:6]
    capture.frames = [frame for frame in capture.frames if frame[1][:6] == host]


def _damage(capture: Spoiled, at: int, much: int, choices: Choices) -> None:
    """Bytes of a packet are others: headers and payload alike."""
    time_ns, data = capture.frames[at]
    place = (choices.byte() + (much & 1) * HEADERS) % max(1, len(data))
    patch = choices.take(1 + (much >> 1) % 8)
    capture.frames[at] = (time_ns, data[:place] + patch + data[place + len(patch) :])
    capture.forged = True


def _say(capture: Spoiled, at: int, much: int, choices: Choices) -> None:
    """The payload of a packet is another of the same length, as far as the fuzzer's bytes reach."""
    time_ns, data = capture.frames[at]
    room = len(data) - HEADERS
    if room > 0:
        text = choices.take(min(choices.byte(), room))
        place = HEADERS + (room - len(text)) * (much & 1)
        capture.frames[at] = (time_ns, data[:place] + text + data[place + len(text) :])
        capture.forged = True


CHANGES: tuple[Callable[[Spoiled, int, int, Choices], None], ...] = (
    _drop,
    _double,
    _swap,
    _cut,
    _step,
    _one_way,
    _damage,
    _say,
)


@dataclass
class _Source:
    """Packets in memory as a PacketSource."""

    frames: list[Frame]
    size: int
    snap: int | None

    def blocks(self) -> Iterator[PacketBlock]:
        yield from (block for block in blocks(self.frames, self.size, snap=self.snap) if len(block))

    def facts(self) -> tuple[CaptureFacts, ...]:
        times = [time for time, _ in self.frames]
        short = sum(self.snap is not None and len(data) > self.snap for _, data in self.frames)
        first, last = min(times, default=None), max(times, default=None)
        count, total = len(times), sum(len(data) for _, data in self.frames)
        return (
            CaptureFacts("fuzz", "pcap", count, total, 1, first, last, short, self.snap, (1,), None, False, (), ()),
        )


def spoil(choices: Choices) -> tuple[Spoiled, frozenset[str]]:
    """The capture, and the hash of every data set that was sent in it."""
    seed = seeds()[choices.byte() % len(seeds())]
    capture = Spoiled(list(seed.frames))
    for _ in range(MOST_CHANGES):
        if not choices or not capture.frames:
            break
        change, at, much = choices.byte(), choices.word(), choices.byte()
        CHANGES[change % len(CHANGES)](capture, at % len(capture.frames), much, choices)
    return capture, seed.sent


def invariant(data: bytes) -> None:
    """No capture breaks any room; a data set called complete was sent, and the answer fits the size of the capture."""
    choices = Choices(data)
    size, snap = 1 + choices.byte(), choices.byte()
    capture, sent = spoil(choices)
    source = _Source(capture.frames, size, HEADERS + 4 * snap if snap else None)
    with PayloadStore(keep=True) as store:
        traffic = Pipeline(source, store, Options(keep_payloads=True, fence=False)).run()
        if not capture.forged:
            _only_what_was_sent(traffic, sent)
        assert len(traffic.conversations) <= len(capture.frames)
        assert _rendered(traffic) <= 500_000 + 10_000 * len(capture.frames)


def _only_what_was_sent(traffic: Traffic, sent: frozenset[str]) -> None:
    for exchange in traffic.exchanges:
        for payload in (exchange.payload, *exchange.answers):
            if payload is not None and payload.complete:
                assert payload.sha256 in sent
                assert not payload.missing


def _rendered(traffic: Traffic) -> int:
    """Length of the JSON and HTML reports; the lines for a terminal must hold no control character."""
    judgement = judge(traffic, fence=False)
    report = build_report(traffic, judgement.findings, judgement.checks, redact=True, version=__version__)
    document, page = io.StringIO(), io.StringIO()
    write_json(report, document)
    write_html(report, page)
    for line in summary_lines(report):
        text = "".join(segment.text for segment in line)
        assert not any(character < " " or "\x7f" <= character < "\xa0" for character in text), repr(text)
    return len(document.getvalue()) + len(page.getvalue())


if __name__ == "__main__":
    run("fuzz.fuzz_pipeline")
