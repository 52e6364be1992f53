"""Captures in, their traffic out, by tasks that an executor runs wherever it likes: other processes, other machines.

Two steps: every file is indexed (which 4-tuples carry how much), then groups of 4-tuples of about the same size are
analysed, each by reading the captures again. Tasks share nothing but the files, so one that was lost can be run again.
What must be done by one, as several points of capture or a flood of connections, is done by the process that asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from dicomsniff.association.gathering import joined
from dicomsniff.association.layout import Layout
from dicomsniff.association.values import Traffic
from dicomsniff.capture import CaptureError, CaptureFacts, open_captures
from dicomsniff.capture.block import ORIGIN
from dicomsniff.capture.places import Places
from dicomsniff.core import Endpoint
from dicomsniff.core.records import replace
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.part import Outline, dump, load, numbers
from dicomsniff.parallel.shares import PACKET
from dicomsniff.pipeline import Follower, Options, Pipeline
from dicomsniff.tcp.backlog import pairs
from dicomsniff.tcp.endpoints import EndpointBook
from dicomsniff.tcp.points import several_points
from dicomsniff.tcp.segments import I64, Segments
from dicomsniff.tcp.sighting import Odd, Sighted, Sighting
from dicomsniff.tcp.witness import SAMPLE, Sample, Witness

Pair = tuple[Endpoint, Endpoint]
TRIES = 3
"""How often a task is given to the executor before its failure counts: machines go, and others take their place."""


class Executor(Protocol):
    """The part of `concurrent.futures.Executor` that is used."""

    def submit(self, task: Any, /, *arguments: Any) -> Future[Any]: ...


class Answer(NamedTuple):
    """What one task found: facts of the captures, what only the whole shows, and its part of the traffic. `places` is
    empty but where they were asked for."""

    captures: tuple[CaptureFacts, ...]
    odd: Odd
    copies: int
    places: Places
    outline: Outline
    part: bytes
    log: bytes


def run(executor: Executor, paths: Sequence[str], store: PayloadStore, options: Options, groups: int) -> Traffic:
    """The traffic of the captures, as `Pipeline` gives it. `paths` must mean the same files wherever tasks run. Payloads
    are not kept. Raises as `open_captures`; what a task raised `TRIES` times is raised."""
    options = replace(options, keep_payloads=False)
    weights: Counter[Pair] = Counter()
    witness, most = Witness(), SAMPLE // len(paths) if len(paths) > 1 else 0
    for found, sample in _every(executor, index, [(path, place, most, options) for place, path in enumerate(paths)]):
        weights.update(found)
        witness.add(sample)
    if several_points(witness.common(), paths):
        return _alone(paths, store, options)
    shares = share_out(weights, groups)
    calls = [(tuple(paths), share, options, place == 0) for place, share in enumerate(shares)]
    answers: list[Answer] = list(_every(executor, analyse, calls))
    outlines = [answer.outline for answer in answers]
    if sum(outline.empty for outline in outlines) > options.limits.empty_connections:
        return _alone(paths, store, options)
    done, faults = [], []
    for answer, own in zip(answers, numbers(outlines), strict=True):
        done += load(answer.part, store.adopt_bytes(answer.log), own)
        faults += [(own.ids[id], what) for id, what in answer.outline.faults]
    whole, copies = answers[0], sum(answer.copies for answer in answers)
    return joined(whole.captures, whole.odd, copies, done, faults, 0, Layout(whole.places))


def _alone(paths: Sequence[str], store: PayloadStore, options: Options) -> Traffic:
    with open_captures(paths, options.limits) as source:
        return Pipeline(source, store, options).run()


def _every(executor: Executor, task: Any, calls: Sequence[tuple[Any, ...]]) -> Iterable[Any]:
    """The results of all calls, in their order."""
    futures = [executor.submit(task, *arguments) for arguments in calls]
    for arguments, future in zip(calls, futures, strict=True):
        yield _result(executor, task, arguments, future)


def _result(executor: Executor, task: Any, arguments: tuple[Any, ...], future: Future[Any]) -> Any:
    """What a call gave, which is made again where it failed for another reason than its captures: a worker that dies while
    its answer is fetched shows itself in many ways, and a call does the same each time."""
    for _ in range(TRIES - 1):
        try:
            return future.result()
        except CaptureError:
            raise
        except Exception:
            future = executor.submit(task, *arguments)
    return future.result()


def index(path: str, file: int, most: int, options: Options) -> tuple[Counter[Pair], Sample]:
    """What each 4-tuple of a file weighs, both directions together; and by which segments, at most so many, file
    number `file` is compared with others."""
    sighting, weights = Sighting(options.limits), Counter[Pair]()
    witness = Witness()
    if most:
        sighting.witness = witness
    with open_captures([path], options.limits) as source:
        for block in source.blocks():
            seen = sighting.sight(replace(block, origin=file << ORIGIN | block.number))
            if witness.due:
                witness.sample(most)
            for segments in (seen.segments, seen.copies):
                distinct, place, first = _pairs(segments)
                totals = np.bincount(place, segments.length + PACKET, len(distinct)).tolist()
                for row, weight in zip(first.tolist(), totals, strict=True):
                    weights[_pair(sighting.book, segments, row)] += int(weight)
    return weights, witness.sample(most)


def share_out(weights: Counter[Pair], groups: int) -> list[frozenset[Pair]]:
    """At most so many groups of about equal weight, the heaviest 4-tuples first; at least one, be it empty."""
    shares: list[set[Pair]] = [set() for _ in range(max(1, min(groups, len(weights))))]
    loads = [0] * len(shares)
    for pair, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0])):
        least = loads.index(min(loads))
        shares[least].add(pair)
        loads[least] += weight
    return [frozenset(share) for share in shares]


def analyse(paths: tuple[str, ...], group: frozenset[Pair], options: Options, places_too: bool = False) -> Answer:
    """Follow the connections of some 4-tuples through all captures; with `places_too` tell where each packet stands."""
    sighting, own, places = Sighting(options.limits), Group(group), Places()
    store = PayloadStore(options.limits)
    follower = Follower(store, options, sighting.book)
    empty = learnt = 0
    with open_captures(paths, options.limits) as source:
        for block in source.blocks():
            if places_too and block.origin is not None:
                places.add(block.number, block.origin)
            before, begun = follower.empty, len(follower.begins)
            if (secrets := source.secrets) and len(secrets) != learnt:
                learnt = len(secrets)
                follower.learn(secrets)
            follower.follow(own.of(sighting.sight(block), sighting.book))
            empty = max(empty, before + len(follower.begins) - begun)
        follower.finish()
        firsts = {conversation.id: conversation.tcp.first_packet for conversation, _ in follower.done}
        outline = Outline(firsts, follower.begins, empty, follower.faults)
        part, log = dump(follower.done), store.log()
        return Answer(source.facts(), sighting.odd, own.copies, places, outline, part, log)


class Group:
    """Picks the segments of some 4-tuples; counts the copies among them."""

    def __init__(self, pairs: frozenset[Pair]) -> None:
        self._pairs = pairs
        self._known: dict[int, bool] = {}
        self.copies = 0

    def of(self, seen: Sighted, book: EndpointBook) -> Sighted:
        copies = self._rows(seen.copies, book)
        self.copies += len(copies)
        return seen.take(self._rows(seen.segments, book), copies)

    def _rows(self, segments: Segments, book: EndpointBook) -> I64:
        distinct, place, first = _pairs(segments)
        own = np.zeros(len(distinct), bool)
        for at, (pair, row) in enumerate(zip(distinct.tolist(), first.tolist(), strict=True)):
            if pair not in self._known:
                self._known[pair] = _pair(book, segments, row) in self._pairs
            own[at] = self._known[pair]
        return np.flatnonzero(own[place])


def _pairs(segments: Segments) -> tuple[I64, I64, I64]:
    """A number for each 4-tuple, each row's place among them, and a row of each."""
    distinct, first, place = np.unique(pairs(segments), return_index=True, return_inverse=True)
    return distinct, place, first


def _pair(book: EndpointBook, segments: Segments, row: int) -> Pair:
    one, other = (book.endpoint(int(column[row])) for column in (segments.source, segments.target))
    return (one, other) if one < other else (other, one)


def files(paths: Sequence[str | Path]) -> list[str]:
    """Absolute names of all captures that are meant, for other machines. Raises as `open_captures`."""
    from dicomsniff.capture.paths import expand

    return [str(Path(name).absolute()) for name in expand(paths)]
