"""The library's front door: what an analysis holds, how it is written, what it raises."""

import io
import json
import os
from pathlib import Path

import pytest

import dicomsniff
from dicomsniff import analyze, api
from dicomsniff.capture import CaptureError
from dicomsniff.export import ExportWish
from dicomsniff.report.redaction import Masking
from dicomsniff.rules.catalogue import RULES
from tests.association.dialogue import Dialogue
from tests.captures import real
from tests.cli.running import OBJECT
from tests.forge.traffic import data_set

DATA = data_set(False, **(OBJECT | {"SOPInstanceUID": "1.2.3.4", "PatientName": "Doe^Jane"}))


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Three objects, of which one was refused."""
    dialogue = Dialogue().open().store("1.2.3.4", DATA).store("1.2.3.4", DATA, 0xA700).store("1.2.3.4", DATA)
    return dialogue.release().save(tmp_path / "field.pcap")


def test_an_analysis_holds_captures_connections_associations_exchanges_findings_and_checks(capture: Path) -> None:
    analysis = dicomsniff.analyze(capture)
    assert [c.path for c in analysis.captures] == [str(capture)]
    assert (len(analysis.connections), len(analysis.associations), len(analysis.exchanges)) == (1, 1, 3)
    assert [f.rule for f in analysis.findings if f.severity != "info"] == ["DS-STORE-001", "DS-STORE-005"]
    assert [c.rule for c in analysis.checks] == [r.id for r in RULES]
    association = analysis.associations[0]
    assert (association.calling_ae, association.called_ae, str(association.outcome)) == (
        "MODALITY",
        "ARCHIVE",
        "released",
    )


def test_the_package_loads_its_front_door_when_it_is_used() -> None:
    assert dicomsniff.Analysis is dicomsniff.api.Analysis
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        dicomsniff.nonsense  # noqa: B018


def test_rules_can_be_chosen_or_left_out_altogether(capture: Path) -> None:
    assert [c.rule for c in dicomsniff.analyze(capture, select=["DS-STORE-001"]).checks] == ["DS-STORE-001"]
    assert dicomsniff.analyze(capture, ignore=["DS-STORE", "DS-PC", "DS-SEC"]).findings == ()
    without = dicomsniff.analyze(capture, rules=False)
    assert (without.findings, without.checks, len(without.exchanges)) == ((), (), 3)


def test_ports_are_those_of_either_end(capture: Path) -> None:
    assert len(dicomsniff.analyze(capture, ports=[104]).associations) == 1
    assert len(dicomsniff.analyze(capture, ports=[40000, 5]).associations) == 1
    assert len(dicomsniff.analyze(capture, ports={11112}).associations) == 0


def test_several_files_are_one_timeline(tmp_path: Path) -> None:
    dialogue = Dialogue().open().store("1.2.3.4", DATA).release()
    frames, paths = dialogue.wire.frames, [tmp_path / "a.pcap", tmp_path / "b.pcap"]
    dialogue.wire.frames = frames[: len(frames) // 2]
    dialogue.save(paths[0])
    dialogue.wire.frames = frames[len(frames) // 2 :]
    dialogue.save(paths[1])
    for order in (paths, paths[::-1], [tmp_path], [str(tmp_path / "*.pcap")]):
        analysis = dicomsniff.analyze(*order)
        assert [str(a.outcome) for a in analysis.associations] == ["released"]
        assert len(analysis.captures) == 2


def test_json_and_html_are_written_whole(capture: Path, tmp_path: Path) -> None:
    analysis = dicomsniff.analyze(capture)
    analysis.to_json(tmp_path / "r.json")
    analysis.to_html(str(tmp_path / "r.html"))
    document = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert (document["schema"], document["schema_version"]) == ("dicomsniff-report", 1)
    assert (tmp_path / "r.html").read_text("utf-8").rstrip().endswith("</html>")
    assert not list(tmp_path.glob("*.part"))


def test_a_report_that_fails_half_way_leaves_the_old_one(
    capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(report: object, stream: io.TextIOBase) -> None:
        stream.write("{")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dicomsniff.api.write_json", fail)
    (tmp_path / "r.json").write_text("old")
    with pytest.raises(OSError, match="No space"):
        dicomsniff.analyze(capture).to_json(tmp_path / "r.json")
    assert (tmp_path / "r.json").read_text() == "old" and not list(tmp_path.glob("*.part"))


def test_an_output_that_cannot_be_opened_is_named_as_the_user_named_it(capture: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        dicomsniff.analyze(capture).to_json(tmp_path / "no" / "r.json")
    assert caught.value.filename == str(tmp_path / "no" / "r.json")


def test_devices_are_written_to_as_they_are(capture: Path) -> None:
    dicomsniff.analyze(capture).to_json(os.devnull)
    assert not Path(os.devnull + ".part").exists() and not Path(os.devnull).is_file()


def test_export_reads_the_captures_again_or_uses_what_was_kept(capture: Path, tmp_path: Path) -> None:
    again = dicomsniff.analyze(capture).export(tmp_path / "again")
    kept = dicomsniff.analyze(capture, keep_payloads=True)
    rows = kept.export(str(tmp_path / "kept"))
    kept.close()
    assert again == rows
    names = [sorted(p.name for p in (tmp_path / d).iterdir()) for d in ("again", "kept")]
    assert names[0] == names[1] == ["1.2.3.4.dcm", "manifest.json"]


def contents(directory: Path) -> dict[str, bytes]:
    return {str(p.relative_to(directory)): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


@real.here
@pytest.mark.parametrize(
    "name", ["store_series", "query_retrieve", "lossy_network", "scp_dies", "workflow_mwl_mpps_commit"]
)
@pytest.mark.parametrize("by", ["sop", "study"])
def test_objects_written_once_are_those_written_twice(name: str, by: str, tmp_path: Path) -> None:
    wish = ExportWish(incomplete=True, data_sets=True, name_by=by)
    once = dicomsniff.analyze(
        real.capture(name), keep_payloads=True, all_answers=True, export_to=tmp_path / "once", rules=False
    )
    rows = once.export(tmp_path / "once", wish=wish)
    again = once.export(tmp_path / "again", wish=wish)
    once.close()
    kept = dicomsniff.analyze(real.capture(name), keep_payloads=True, all_answers=True, rules=False)
    assert kept.export(tmp_path / "kept", wish=wish) == rows == again
    kept.close()
    written = contents(tmp_path / "kept")
    assert contents(tmp_path / "once") == contents(tmp_path / "again") == written
    assert any(row.file for row in rows)


def test_what_is_exported_elsewhere_than_was_said_is_the_same(capture: Path, tmp_path: Path) -> None:
    analysis = dicomsniff.analyze(capture, keep_payloads=True, export_to=tmp_path / "said")
    analysis.export(tmp_path / "elsewhere")
    analysis.close()
    dicomsniff.analyze(capture).export(tmp_path / "plain")
    assert contents(tmp_path / "elsewhere") == contents(tmp_path / "plain")
    assert list((tmp_path / "said").iterdir()) == []


def test_export_of_chosen_ports_writes_only_theirs(capture: Path, tmp_path: Path) -> None:
    assert dicomsniff.analyze(capture, ports=[11112]).export(tmp_path / "out") == ()


def test_patient_data_is_masked_unless_asked_for(tmp_path: Path) -> None:
    path = Dialogue().open().store("1.2.3.4", DATA, 0xC000).release().save(tmp_path / "c.pcap")
    analysis = dicomsniff.analyze(path)
    assert analysis.report().redacted and not analysis.report(redact=False).redacted


def test_progress_is_called_with_bytes(capture: Path) -> None:
    counts: list[int] = []
    dicomsniff.analyze(capture, progress=counts.append)
    assert sum(counts) > 1000


def test_facts_outlive_the_data_sets(capture: Path) -> None:
    analysis = dicomsniff.analyze(capture)
    analysis.close()
    assert analysis.findings and analysis.exchanges[0].payload is not None
    with pytest.raises(ValueError, match="closed"):
        analysis.exchanges[0].payload.head()


def test_what_cannot_be_done_is_raised(capture: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no capture")
    with pytest.raises(CaptureError, match="not a pcap"):
        dicomsniff.analyze(text)
    with pytest.raises(FileNotFoundError):
        dicomsniff.analyze(tmp_path / "none.pcap")
    with pytest.raises(ValueError, match="at least one"):
        dicomsniff.analyze()
    with pytest.raises(ValueError, match="no rule is called"):
        dicomsniff.analyze(capture, select=["DS-NOPE"])


def test_the_collector_is_left_as_it_was(capture: Path) -> None:
    import gc

    gc.enable()  # whatever ran in this process before
    dicomsniff.analyze(capture)
    assert gc.isenabled()
    gc.disable()
    try:
        dicomsniff.analyze(capture)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_ledger_of_studies_outlasts_the_data_sets(capture: Path) -> None:
    analysis = dicomsniff.analyze(capture)
    analysis.close()
    [study] = analysis.studies
    assert study.uid == "1.3" and study.instances == {"1.2.3.4"} and list(study.patient_ids) == ["4711"]
    assert study.deliveries[0].retried == 1


@pytest.mark.parametrize("redact", [True, False, "uids"])
@pytest.mark.parametrize("name", ["troubled_morning", "healthy_retrieve", "healthy_study"])
def test_rows_that_were_made_ahead_are_those_that_are_written_at_last(
    name: str, redact: Masking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "WORTH_COPYING", 0)
    samples = Path(__file__).parents[1] / "sample_captures"
    alone, shared = analyze(samples / f"{name}.pcap"), analyze(samples / f"{name}.pcap", jobs=3, ahead=redact)
    alone.to_json(tmp_path / "alone", redact)
    for again in ("first", "again"):
        shared.to_json(tmp_path / again, redact)
        assert (tmp_path / again).read_bytes() == (tmp_path / "alone").read_bytes()


def test_rows_that_were_made_ahead_with_patient_data_are_never_written_in_a_masked_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "WORTH_COPYING", 0)
    sample = Path(__file__).parents[1] / "sample_captures" / "troubled_morning.pcap"
    analyze(sample).to_json(tmp_path / "alone")
    analyze(sample, jobs=2, ahead=False).to_json(tmp_path / "shared")
    assert (tmp_path / "shared").read_bytes() == (tmp_path / "alone").read_bytes()
