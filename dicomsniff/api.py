"""The library's front door: captures in, an analysis out that can be read, written and exported."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from dicomsniff import __version__
from dicomsniff.association.ledger import studies
from dicomsniff.capture import CaptureError, open_captures
from dicomsniff.capture.paths import expand
from dicomsniff.core import LIMITS, Limits
from dicomsniff.core.records import replace
from dicomsniff.dimse import PayloadStore
from dicomsniff.pipeline import Options, Pipeline
from dicomsniff.report import Report, build_report, write_json
from dicomsniff.report.whole_file import whole_file
from dicomsniff.rules.known_aes import KnownAe, KnownAes
from dicomsniff.rules.known_aes import known_aes as _table
from dicomsniff.rules.runner import Judgement, judge
from dicomsniff.tls.keylog import Keys, read_key_log, read_server_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dicomsniff.association.ledger import Study
    from dicomsniff.association.values import Association, Conversation, Exchange, Traffic
    from dicomsniff.capture import CaptureFacts, CaptureSource
    from dicomsniff.dimse.shelf import Shelf
    from dicomsniff.export import ExportedObject, ExportWish
    from dicomsniff.export.room import HeaderRoom
    from dicomsniff.report.json_ahead import RowsAhead
    from dicomsniff.report.redaction import Masking
    from dicomsniff.rules.configuration import Configuration
    from dicomsniff.rules.finding import Check, Finding
    from dicomsniff.tcp.excerpts import Excerpts, Wanted


WORTH_SHARING = 8 << 20
"""Bytes of captures from which on several processes are faster than one: starting them takes as long as reading this."""
WORTH_COPYING = 1_000
"""Associations from which on a copy of the process pays that makes their rows; those of exchanges cost less than the copy."""
ALL_ANSWERS = 1 << 31
"""Data sets kept of the responses to one query where all are wanted."""
SHOWN_HEAD = 64 << 10
"""Leading bytes kept of a stored data set where it is to be shown: private elements may lie before the pixels."""


class Analysis:
    """Facts and opinions about one or several captures.

    Findings quote patients' values between ⟦ and ⟧ and peers' comments between ⟪ and ⟫; reports mask what they must, and take
    the marks away.
    """

    def __init__(
        self,
        paths: Sequence[str | Path],
        traffic: Traffic,
        judgement: Judgement,
        store: PayloadStore,
        options: Options,
        jobs: int = 1,
        ahead: tuple[Masking, RowsAhead] | None = None,
    ) -> None:
        self.traffic = traffic
        self._ahead = ahead
        self._paths, self._judgement, self._store, self._options, self._jobs = paths, judgement, store, options, jobs

    @property
    def captures(self) -> tuple[CaptureFacts, ...]:
        return self.traffic.captures

    @property
    def connections(self) -> tuple[Conversation, ...]:
        return self.traffic.conversations

    @property
    def associations(self) -> tuple[Association, ...]:
        return self.traffic.associations

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return self.traffic.exchanges

    @property
    def studies(self) -> tuple[Study, ...]:
        """The ledger: of every study what was scheduled, begun, sent, how it was answered, and what was committed."""
        return studies(self.traffic.without_views())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """By severity, then time."""
        return self._judgement.findings

    @property
    def checks(self) -> tuple[Check, ...]:
        """The verdict of every rule."""
        return self._judgement.checks

    def report(self, redact: Masking = True) -> Report:
        """The plain rows that every output is made of; `redact` masks patient data, "uids" the UIDs of instances too."""
        only = self._options.ports or ()
        return build_report(self.traffic, self.findings, self.checks, redact=redact, version=__version__, ports=only)

    def to_json(self, path: str | Path, redact: Masking = True) -> None:
        """Write the JSON report. Raises OSError as the file system does."""
        with whole_file(path) as stream:
            self.write_json(stream, redact)

    def write_json(self, stream: IO[str], redact: Masking = True) -> None:
        """Write the JSON report to an open text stream. Raises OSError as the stream does."""
        ahead, self._ahead = self._ahead, None
        with _collector_paused():
            if ahead is not None and ahead[0] == redact:
                ahead[1].write(self.report(redact), stream)
            else:
                write_json(self.report(redact), stream)

    def to_html(self, path: str | Path, redact: Masking = True, previews: bool = False) -> None:
        """Write the HTML report, one self-contained file; arguments as for `write_html`. Raises OSError as the file system does."""
        with whole_file(path) as stream:
            self.write_html(stream, redact, previews)

    def write_html(self, stream: IO[str], redact: Masking = True, previews: bool = False) -> None:
        """Write the HTML report to an open text stream; for the bytes of PDUs the captures are read again, where they can
        be. `previews`: with small pictures of the images, which may show a patient; needs `keep_payloads` and the extra
        `[pixels]`. Raises OSError as the stream does."""
        from dicomsniff.report.html import write_html

        with _collector_paused():
            write_html(self.report(redact), stream, self._read_again, previews)

    def _read_again(self, wanted: list[Wanted], most: int) -> Excerpts | None:
        try:
            return self.stream_bytes(wanted, most) if wanted else None
        except (CaptureError, OSError):  # a pipe, or moved since: the page does without
            return None

    def export(
        self, directory: str | Path, incomplete: bool = False, wish: ExportWish | None = None
    ) -> tuple[ExportedObject, ...]:
        """Write the complete objects as Part 10 files and `manifest.json`; with `incomplete` also those of which bytes
        are missing, as NAME.incomplete.dcm; `wish` says all of it, and then nothing is overwritten unasked. Reads the captures again unless the payloads were kept.
        Raises FileExistsError where other contents would be overwritten unasked, OSError as the file system does."""
        from dicomsniff.export import export_objects

        told = bool(self._options.transcribe) or not (wish and wish.commands)
        every = bool(wish and wish.data_sets)
        if self._store.whole and told and (not every or self._options.limits.pending_payloads >= ALL_ANSWERS):
            return export_objects(self.traffic, Path(directory), __version__, incomplete, wish)
        options = replace(self._options, keep_payloads=True, room=None)
        if every:
            options = replace(options, limits=replace(options.limits, pending_payloads=ALL_ANSWERS))
        if not told:
            options = replace(options, transcribe="messages")
        with PayloadStore(keep=True) as store, _collector_paused():
            traffic = _read(self._paths, store, options, self._jobs, None)
            return export_objects(traffic, Path(directory), __version__, incomplete, wish)

    def stream_bytes(self, wanted: Iterable[Wanted], most: int = 4096) -> Excerpts:
        """The first `most` bytes of each of these ranges, with its connection's id, as they crossed the wire; the captures are
        read again.

        Raises CaptureError where one is a pipe, OSError as the file system does."""
        from dicomsniff.tcp.excerpts import Excerpts

        excerpts = Excerpts(wanted, most)
        options = replace(self._options, excerpts=excerpts, keep_payloads=False, transcribe="", room=None)
        self._check_readable_again()
        with PayloadStore() as store, open_captures(self._paths) as source, _collector_paused():
            Pipeline(source, store, options).run()
        return excerpts

    def cut_out(
        self, connections: Collection[int], path: str | Path, comments: Mapping[int, Sequence[str]] | None = None
    ) -> dict[int, int]:
        """Write a pcapng of the packets of these connections, byte for byte, with comments by packet number; gives the new
        packet numbers by the old. Reads the captures again. Raises CaptureError where that cannot be, OSError."""
        from dicomsniff.capture.pcapng_writer import PcapngWriter
        from dicomsniff.tcp.cutting import chosen_packets, copy_packets

        self._check_readable_again()
        if self.traffic.joined:
            raise CaptureError("packets of several points were joined and have no one order: do not merge views to cut")
        with self._reopened() as source:
            chosen = chosen_packets(source.blocks(), [self.traffic.conversation(id).tcp for id in sorted(connections)])
        part = Path(f"{path}.part")
        try:
            with part.open("wb") as stream, self._reopened() as source:
                writer = PcapngWriter(stream, f"cut out by dicomsniff {__version__}")
                numbers = copy_packets(source.blocks(), chosen, writer, comments or {})
            os.replace(part, path)
        except BaseException as error:
            part.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno is not None and error.filename in (None, str(part)):
                error.filename = str(path)  # the name that the user knows
            raise
        return numbers

    def _reopened(self) -> CaptureSource:
        """The same packets with the same numbers: files of several points of capture one point after the other."""
        source = open_captures(self._paths)
        points = {capture.point.number: capture.point for capture in self.traffic.captures}
        if len(points) > 1:
            of = {capture.path: capture.point.number for capture in self.traffic.captures}
            groups = {number: list[int]() for number in sorted(points)}
            for place, file in enumerate(source.files):
                groups[of[file.path]].append(place)
            source.regroup([(points[number], places) for number, places in groups.items()])
        return source

    def _check_readable_again(self) -> None:
        if pipes := [path for path in expand(self._paths) if not Path(path).is_file()]:
            raise CaptureError(f"{pipes[0]} is a pipe and cannot be read again: save it to a file first")

    def close(self) -> None:
        """Forget the data sets that were kept; facts and findings stay."""
        if self._ahead is not None:
            self._ahead[1].close()
            self._ahead = None
        self._store.close()


def analyze(
    *paths: str | Path,
    ports: Collection[int] | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    keep_payloads: bool = False,
    export_to: str | Path | None = None,
    all_answers: bool = False,
    merge_views: bool = False,
    rules: bool = True,
    transcribe: Literal["", "messages", "pdus"] = "",
    configuration: Configuration | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    known_aes: Iterable[KnownAe | str] = (),
    progress: Callable[[int], None] | None = None,
    keylog: str | Path | None = None,
    tls_keys: Iterable[str | Path] = (),
    ahead: Masking | None = None,
) -> Analysis:
    """Analyse captures (files, directories, globs) as one timeline; what was captured at several points, point by point.

    `ports`: only connections with an end on one of them. `select`, `ignore`: rules by id, prefix or name.
    `keep_payloads`: keep whole data sets, so that `export` need not read the captures again; `export_to`: where to, so
    that each is written only once. `all_answers`: keep those of all responses to a query, not of the first hundred. `merge_views`: join
    what was captured at several points, their clocks set right: each packet counts once, and what one missed another supplies.
    `rules`: judge the traffic; without, only the facts are there. `transcribe`: keep what was said on each association ("messages", or "pdus" too) as its `transcript`.
    `configuration`: a site's own thresholds, severities and AEs, as `dicomsniff.rules.configuration.read` gives it. `known_aes`: more AEs, each as TITLE=HOST:PORT. `jobs`:
    processes that share the work, where the captures are large enough for that to pay. `scheduler`: address of a Dask
    scheduler whose workers do it instead; they must find the captures under the same names. `progress` is called with the
    bytes of each block read, with a negative number where blocks are read again. `keylog`: a TLS key log
    (SSLKEYLOGFILE), `tls_keys`: private RSA keys of servers, to open TLS connections with. `ahead`: the mask of the JSON
    report that will be written: with `jobs` its rows are made while the traffic is judged. Raises CaptureError for what is no capture or no scheduler, ValueError for an unknown rule, a row that is none or a file without keys, OSError as the file system does.
    """
    if not paths:
        raise ValueError("name at least one capture")
    keys, limits = _keys(keylog, tls_keys), _limits(transcribe, all_answers)
    only, room = frozenset(ports) if ports else None, _room_for_headers() if export_to else None
    options = Options(only, keep_payloads, merge_views, transcribe, room=room, limits=limits, keys=keys)
    table = _table((*configuration.known_aes, *known_aes) if configuration else known_aes)
    store = PayloadStore(keep=keep_payloads, shelf=_shelf(export_to) if export_to else None)
    with ExitStack() as held, _collector_paused():
        held.callback(store.close)
        traffic = _read(paths, store, options, jobs, progress, scheduler)
        under_way = _rows_ahead(traffic, ahead, jobs, held)
        judgement = judged(traffic, select, ignore, configuration, table) if rules else Judgement((), ())
        held.pop_all()  # the analysis has them now
    return Analysis(paths, traffic, judgement, store, options, jobs, under_way)


def _room_for_headers() -> Callable[[], HeaderRoom]:
    from dicomsniff.export.room import HeaderRoom

    return partial(HeaderRoom, __version__)


def _shelf(directory: str | Path) -> Shelf:
    from dicomsniff.dimse.shelf import Shelf

    return Shelf(Path(directory))


def _limits(transcribe: str, all_answers: bool) -> Limits:
    """More of each data set is kept where it is to be shown, and more data sets where all are wanted."""
    limits = replace(LIMITS, payload_head_bytes=SHOWN_HEAD) if transcribe else LIMITS
    return replace(limits, pending_payloads=ALL_ANSWERS) if all_answers else limits


def _keys(keylog: str | Path | None, tls_keys: Iterable[str | Path]) -> Keys:
    keys = Keys(server_keys=tuple(map(read_server_key, tls_keys)))
    if keylog is not None:
        keys.learn(read_key_log(keylog))
    if keys:
        import dicomsniff.tls.library  # noqa: F401 - that it is missing is said before a large capture is read
    return keys


def judged(
    traffic: Traffic,
    select: Iterable[str],
    ignore: Iterable[str],
    configuration: Configuration | None,
    known_aes: KnownAes,
) -> Judgement:
    """What the caller selects counts in place of the site's selection, what either ignores is ignored."""
    if configuration is None:
        return judge(traffic, select=select, ignore=ignore, known_aes=known_aes)
    return judge(
        traffic,
        select=tuple(select) or configuration.select,
        ignore=(*ignore, *configuration.ignore),
        thresholds=configuration.thresholds,
        severities=configuration.severities,
        known_aes=known_aes,
    )


def _read(
    paths: Sequence[str | Path], store: PayloadStore, options: Options, jobs: int,
    progress: Callable[[int], None] | None, scheduler: str | None = None,
) -> Traffic:  # fmt: skip
    """The traffic of the captures; by several processes where the captures are large enough, or by those of a cluster."""
    if scheduler:
        return _read_by_cluster(scheduler, paths, store, options)
    with open_captures(paths, options.limits) as source:
        if jobs < 2 or not _worth_sharing(source, options):
            return Pipeline(source, store, options).run(progress)
        names = [file.path for file in source.files]
    from dicomsniff.parallel.crew import Crew
    from dicomsniff.parallel.helper import CrewLostError

    try:
        with Crew(jobs, names, store, options) as crew:
            return crew.run(progress)
    except CrewLostError:
        pass  # alone, then
    with open_captures(paths, options.limits) as source:
        return Pipeline(source, store, options).run(progress)


def _worth_sharing(source: CaptureSource, options: Options) -> bool:
    """Whether several processes are faster than one: there is much to read, and more than one conversation in it."""
    if source.size < WORTH_SHARING or not all(file.repeatable for file in source.files):
        return False
    from dicomsniff.parallel.lone import one_conversation

    return not one_conversation(source.files[0].path, options.limits)


def _rows_ahead(
    traffic: Traffic, ahead: Masking | None, jobs: int, held: ExitStack
) -> tuple[Masking, RowsAhead] | None:
    """The rows of the JSON report, masked so, under way in other processes, where there are many."""
    if ahead is None or jobs < 2 or len(traffic.associations) < WORTH_COPYING:
        return None
    from dicomsniff.parallel.forks import POSSIBLE, Fork
    from dicomsniff.report.json_ahead import RowsAhead

    if not POSSIBLE:
        return None
    report = build_report(traffic, (), (), redact=ahead, version=__version__)
    try:
        rows = RowsAhead(report, jobs, Fork)
    except OSError:  # no room, or no more processes
        return None
    held.callback(rows.close)
    return ahead, rows


def _read_by_cluster(scheduler: str, paths: Sequence[str | Path], store: PayloadStore, options: Options) -> Traffic:
    from dicomsniff.parallel.cluster import cluster
    from dicomsniff.parallel.scheduled import files, run

    store.keep = False  # what the workers keep is theirs
    names = files(paths)
    with cluster(scheduler) as (executor, workers):
        return run(executor, names, store, options, 2 * workers)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Facts hold no cycles, yet the cyclic collector would walk all of them over and over while they grow: measured,
    it took two thirds of the time of a capture of 20,000 exchanges."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
