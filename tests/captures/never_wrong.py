"""What is said of a capture and of the same with losses in, what the second is accused of and the first is not out.

`python -m tests.captures.never_wrong SEED SECONDS [NAME]` draws as many cases as there is time for, of the captures whose names
begin so, and prints every deviation."""

import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from dicomsniff.api import analyze
from dicomsniff.association.values import Traffic
from dicomsniff.rules.clock import last_lapse
from dicomsniff.rules.finding import Finding, Severity, Side, Verdict
from tests.captures import real
from tests.captures.losses import LOSSES, lossy, packets, sources
from tests.captures.seen_twice import without_parts
from tests.captures.test_field_conditions import payload_hashes
from tests.forge.capture_files import Packet, pcap

SAME = {
    "DS-ASSOC-008": {"DS-ASSOC-007", "DS-ASSOC-009"},  # the abort is there; whether anything was said before it, is not
    "DS-ASSOC-009": {"DS-ASSOC-007", "DS-PC-001"},
    "DS-PERF-002": {"DS-PERF-012"},  # the pauses between objects are there, not that a C-MOVE asked for them
    # the status is there, not what job failed
    "DS-DIMSE-008": {"DS-PRN-001", "DS-MWL-003", "DS-MWL-004", "DS-MWL-005", "DS-SC-003", "DS-SC-004"},
}
"""What a rule says of an event that was seen, where other rules say more of the same event on the whole capture."""
SIDES = {"DS-ASSOC-001": Side.REQUESTOR, "DS-ASSOC-002": Side.ACCEPTOR, "DS-RET-001": Side.ACCEPTOR}
"""Whom the other side itself accuses, on the wire, or who has to make a title known that it says it does not know, where what would
contradict it, as a title that is nearly the same and accepted, may not have been captured."""
SILENT = frozenset(
    {"DS-TCP-003", "DS-TCP-010", "DS-ASSOC-006", "DS-ASSOC-014", "DS-DIMSE-001", "DS-SEC-005", "DS-SC-001"}
)
"""Rules that argue from silence to the end of the capture. A burst that takes all the rest of some connections, and of no
other a single byte, leaves nothing behind that tells it from silence."""

SUMS = frozenset({"DS-PERF-002", "DS-PERF-009", "DS-MWL-001", "DS-SEC-003", "DS-SEC-004"})
"""Rules that sum up what one host did: which of its connections they begin with is another where some were not captured."""

OPEN = frozenset({"DS-PERF-001"})
"""Rules that may leave open, and then name nobody, whether it was a host or the way to it; how long that is, a handshake tells."""


class Accused(NamedTuple):
    """A rule, where it found fault (who opened the connections), which side must act and at what address that is; the last
    packet that proves it."""

    rule: str
    where: frozenset[str]
    act: Side
    host: str | None
    last_packet: int


class Answer(NamedTuple):
    """The objects that are said to be complete, the rules that find fault with more than the capture and whom they accuse,
    and the statuses of exchanges that came to their end: service, message ID and status."""

    objects: frozenset[str]
    messages: tuple[str, ...]
    accused: frozenset[Accused]
    statuses: frozenset[tuple[str, int | None, int]]
    lapse: int  # the last packet before which something shows that packets are missing in a stretch

    @property
    def accusations(self) -> frozenset[str]:
        return frozenset(one.rule for one in self.accused)


def answer(kept: Sequence[Packet], link_type: int, all_answers: bool = False) -> Answer:
    """What is said of these packets, of the first hundred answers to a query or of all."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "capture.pcap")
        path.write_bytes(pcap(kept, magic=0xA1B23C4D, link_type=link_type))
        with closing(analyze(path, all_answers=all_answers)) as analysis:
            assert not [note for c in analysis.captures for note in c.notes if "could not be analysed" in note]
            assert not [check for check in analysis.checks if check.verdict is Verdict.ERROR]
            found = [f for f in real.flat(analysis.findings) if f.severity is not Severity.INFO]
            found = [f for f in found if not f.rule.startswith("DS-CAP-")]
            statuses = ((e.service, e.message_id, e.status) for e in analysis.exchanges if e.final)
            return Answer(
                frozenset(payload_hashes(analysis.traffic)),
                tuple(f"{f.rule} [{f.act}] {f.message}" for f in found),
                frozenset(
                    Accused(f.rule, _where(f, analysis.traffic), f.act, _host(f), max(f.packets, default=0))
                    for f in found
                ),
                frozenset((service, id, status) for service, id, status in statuses if status is not None),
                last_lapse(analysis.traffic),
            )


def _where(finding: Finding, traffic: Traffic) -> frozenset[str]:
    """Also where the same was captured again."""
    met = {finding.connection, *finding.connections}
    return frozenset(str(c.tcp.initiator) for c in traffic.conversations if {c.id, c.view_of} & met - {None})


def _host(finding: Finding) -> str | None:
    """The address in "PACS (10.0.0.2:104)"."""
    named = (finding.actor or "").rpartition("(")[2].rstrip(")")
    address = re.fullmatch(r"\[(.*)\]:[0-9]+|([0-9.]+):[0-9]+|(.*)", named)
    return None if address is None else next(filter(None, address.groups()), None)


@cache
def clean(name: str) -> Answer:
    if name.startswith("seen ") and name != without_parts(name):
        return clean(without_parts(name))
    if name.startswith("both sides of "):
        return clean(name.removeprefix("both sides of "))
    link_type, whole = packets(name)
    every = answer(whole, link_type, all_answers=True).objects if "queries" in name else frozenset()
    said = answer(whole, link_type)
    return said._replace(objects=said.objects | every)


def deviations(found: Answer, whole: Answer, losses: Sequence[str] = ()) -> Iterator[str]:
    """What may not be said of a capture with these losses, as `whole` is what is said without any."""
    if wrong := found.objects - whole.objects:
        yield f"OBJECT {sorted(wrong)}"
    if statuses := found.statuses - whole.statuses:
        yield f"STATUS {sorted(statuses, key=str)}"
    told = [one for one in found.accused if not ("a burst" in losses and _silent(one, found.lapse))]
    new = {one.rule for one in told if not {one.rule, *SAME.get(one.rule, ())} & whole.accusations}
    for rule in sorted(new):
        yield f"RULE {rule} {_words(found, rule)}"
    for one in sorted(told, key=str):
        if one.rule not in new:
            told_of = _told_of(one, whole)
            sides = _sides(one, told_of)
            known = one.host is not None and any(one.host == other.host for other in told_of)  # on whatever side
            if not known and one.act not in (Side.UNKNOWN, SIDES.get(one.rule), *sides):
                yield f"SIDE {one.rule} {one.act} of {sorted(one.where)}, not {sorted(sides)} {_words(found, one.rule)}"
            elif one.rule in OPEN and one.act is Side.UNKNOWN:
                continue
            elif one.rule not in SUMS and (elsewhere := one.where - _places(one, whole)):
                yield f"PLACE {one.rule} {sorted(elsewhere)} {_words(found, one.rule)}"


def _silent(one: Accused, lapse: int) -> bool:
    """Whether it is concluded from silence behind all that shows a loss."""
    return one.rule in SILENT and one.last_packet >= lapse


def _words(found: Answer, rule: str) -> list[str]:
    return [message for message in found.messages if message.startswith(rule)]


def _told_of(one: Accused, whole: Answer) -> list[Accused]:
    """Who is accused of the same where all is seen."""
    rules = {one.rule} if one.rule in whole.accusations else SAME[one.rule]
    return [other for other in whole.accused if other.rule in rules]


def _places(one: Accused, whole: Answer) -> frozenset[str]:
    rules = {one.rule, *SAME.get(one.rule, ())}
    return frozenset(place for other in whole.accused if other.rule in rules for place in other.where)


def _sides(one: Accused, told: list[Accused]) -> set[Side]:
    """Which sides those are: on this connection, or else (it may be told of the first of several, or of a connection whose
    beginning was not captured) anywhere."""
    return {other.act for other in told if other.where & one.where} or {other.act for other in told}


def draw(rng: Random) -> tuple[list[str], int]:
    """Up to three losses and the seed of their chances."""
    return [rng.choice(sorted(LOSSES)) for _ in range(rng.randint(1, 3))], rng.randrange(1 << 20)


def _run(seed: int, duration_s: float, kind: str = "") -> None:
    """Of the captures whose name begins so."""
    names = [name for name in sources() if name.startswith(kind)]
    rng, end, cases = Random(seed), time.monotonic() + duration_s, 0
    counts: Counter[str] = Counter()
    while time.monotonic() < end:
        name, (losses, draws) = rng.choice(names), draw(rng)
        link_type, whole = packets(name)
        if not (kept := lossy(whole, losses, draws)):
            continue
        cases += 1
        try:
            found = list(deviations(answer(kept, link_type), clean(name), losses))
        except Exception as error:  # a bug is one more deviation
            found = [f"EXCEPTION {error!r}"]
        for each in found:
            counts[" ".join(each.split()[:2])] += 1
            print((name, losses, draws), each, flush=True)
    print(f"seed {seed}: {cases} cases, {sum(counts.values())} deviations", dict(counts))


if __name__ == "__main__":
    _run(int(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:4])
