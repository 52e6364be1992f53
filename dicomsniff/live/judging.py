"""What a site asks for in, how a moment is judged out; and the reports of the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from dicomsniff import __version__
from dicomsniff.api import judged
from dicomsniff.live.reach import others
from dicomsniff.live.watch import Ending
from dicomsniff.live.window import Moment
from dicomsniff.report import Report, build_report, write_json
from dicomsniff.report.whole_file import whole_file
from dicomsniff.rules.known_aes import known_aes as table_of
from dicomsniff.rules.runner import Judgement

if TYPE_CHECKING:
    from dicomsniff.rules.configuration import Configuration
    from dicomsniff.rules.known_aes import KnownAe


def judging(
    select: Iterable[str],
    ignore: Iterable[str],
    configuration: Configuration | None = None,
    known_aes: Iterable[KnownAe] = (),
) -> Callable[[Moment], Judgement]:
    """As `analyze` judges files. Raises ValueError for an unknown rule."""
    table = table_of((*configuration.known_aes, *known_aes) if configuration else known_aes)
    chosen, left_out = tuple(select), tuple(ignore)
    in_part = (*left_out, *others())

    def judge(moment: Moment) -> Judgement:
        return judged(moment.traffic, chosen, left_out if moment.whole else in_part, configuration, table)

    return judge


def final_report(ending: Ending, redact: bool) -> Report:
    """The report of what the window holds at the end."""
    judgement = ending.judgement
    return build_report(ending.moment.traffic, judgement.findings, judgement.checks, redact=redact, version=__version__)


def write_reports(ending: Ending, json_file: str | None, html_file: str | None, redact: bool) -> None:
    """Raises OSError as the file system does."""
    report = final_report(ending, redact)
    if json_file:
        with whole_file(json_file) as stream:
            write_json(report, stream)
    if html_file:
        from dicomsniff.report.html import write_html

        with whole_file(html_file) as stream:
            write_html(report, stream)
