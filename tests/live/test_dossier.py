"""The report of one association: its facts, what it alone shows, and what all others taught of it."""

from pathlib import Path

import pytest

from dicomsniff.api import analyze
from dicomsniff.live.judging import judging
from dicomsniff.live.looks import Look
from dicomsniff.live.watch import Watch
from dicomsniff.pipeline import Options
from dicomsniff.report import Report
from tests.live.replaying import ENDLESS, flat, piped

SAMPLES = Path(__file__).parents[2] / "sample_captures"


def after(path: Path) -> Watch:
    """A watch that has seen it all and not ended."""
    source = piped(path.read_bytes(), 1 << 20)
    watch = Watch(source, Options(fence=False), judging((), ()), bounds=ENDLESS)
    while not source.ended:
        if (block := source.take(0.1)) is not None:
            watch._take(block)
    watch._follower.finish()
    watch._look(Look.WHOLE)
    return watch


def rules(report: Report) -> set[str]:
    def below(rows: list[dict[str, object]]) -> set[str]:
        return {str(row["rule"]) for row in rows} | {r for row in rows for r in below(row["children"])}  # type: ignore[arg-type]

    return below(list(report.findings))


@pytest.mark.parametrize("name", ["retrieves", "rejected_associations", "troubled_morning"])
def test_each_association_has_a_report_with_all_that_was_found_on_it(name: str) -> None:
    path = SAMPLES / f"{name}.pcap"
    known, watch = analyze(path, merge_views=False), after(path)
    for association in known.associations:
        report = watch._report_on(association.id)
        assert report is not None
        on = {f.rule for f in flat(known.findings) if f.association == association.id}
        assert rules(report) >= on, "of this association nothing is missing"
        assert rules(report) <= {f.rule for f in flat(known.findings)}, "and nothing is said that all together deny"
        assert association.called_ae in {row["called_ae"] for row in report.associations}
        assert len(report.connections) == 1


def test_looking_at_one_changes_nothing_of_the_others() -> None:
    path = SAMPLES / "retrieves.pcap"
    watch = after(path)
    first = [f.message for f in watch._look(Look.WHOLE)[1].findings]
    for id in range(1, 5):
        watch._report_on(id)
    assert [f.message for f in watch._look(Look.WHOLE)[1].findings] == first
    assert watch._report_on(10_000) is None
