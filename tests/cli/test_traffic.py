"""The commands that read captures: analyze, report, export."""

import json
import os
import resource
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.association.dialogue import Dialogue
from tests.cli.running import ROOT, Shell, dialogue, process, web
from tests.forge import pdus
from tests.forge.wire import write_pcap


def test_analyze_says_the_verdict_first_and_then_findings_and_associations(shell: Shell, failing: Path) -> None:
    done = shell("analyze", failing)
    assert (done.code, done.err) == (0, "")
    first = done.out.splitlines()[0]
    assert "1 of 2" in first and "failed" in first
    assert done.out.index("0xA700") < done.out.index("1 association")


def test_a_healthy_capture_is_called_healthy(shell: Shell, healthy: Path) -> None:
    done = shell("analyze", healthy, "--fail-on", "warning")
    assert done.code == 0
    assert "failed" not in done.out.splitlines()[0] or "Nothing failed" in done.out.splitlines()[0]


@pytest.mark.parametrize(("capture", "codes"), [("healthy", (0, 0, 0)), ("warned", (0, 0, 1)), ("failing", (0, 1, 1))])
def test_fail_on_sets_the_exit_code(
    shell: Shell, capture: str, codes: tuple[int, ...], request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(capture)
    assert (
        tuple(shell("analyze", path, "-q", "--fail-on", level).code for level in ("never", "error", "warning")) == codes
    )
    assert shell("analyze", path, "-q").code == 0


def test_json_on_standard_output_is_nothing_but_json(shell: Shell, failing: Path) -> None:
    done = shell("analyze", failing, "--json", "-", "--fail-on", "error")
    document = json.loads(done.out)
    assert (done.code, done.err, document["schema"]) == (1, "", "dicomsniff-report")
    assert document["summary"]["findings"]["error"] == 1


@pytest.mark.parametrize("capture", ["healthy", "warned", "failing"])
def test_json_is_valid_by_the_schema_that_dicomsniff_prints(
    shell: Shell, capture: str, request: pytest.FixtureRequest
) -> None:
    schema = json.loads(shell("schema").out)
    document = json.loads(shell("analyze", request.getfixturevalue(capture), "--json", "-").out)
    Draft202012Validator.check_schema(schema)
    assert list(Draft202012Validator(schema).iter_errors(document)) == []


def test_json_html_and_objects_can_be_written_in_one_run(shell: Shell, failing: Path, tmp_path: Path) -> None:
    targets = tmp_path / "r.json", tmp_path / "r.html", tmp_path / "objects"
    done = shell("analyze", failing, "--json", targets[0], "--html", targets[1], "--export", targets[2])
    assert done.code == 0 and "2 objects written to" in done.out and "0xA700" in done.out
    assert json.loads(targets[0].read_text("utf-8"))["schema_version"] == 1
    assert targets[1].read_text("utf-8").startswith("<!doctype html>")
    assert sorted(path.name for path in targets[2].iterdir()) == ["1.2.1.dcm", "1.2.2.dcm", "manifest.json"]


def test_json_on_standard_output_stays_pure_while_objects_are_written(
    shell: Shell, failing: Path, tmp_path: Path
) -> None:
    done = shell("analyze", failing, "--json", "-", "--export", tmp_path / "objects")
    assert json.loads(done.out) and (tmp_path / "objects" / "manifest.json").is_file()


def test_report_writes_a_page_and_says_where(shell: Shell, failing: Path, tmp_path: Path) -> None:
    done = shell("report", failing, "-o", tmp_path / "r.html")
    assert done.code == 0 and str(tmp_path / "r.html") in done.out and "failed" in done.out
    assert "0xA700" in (tmp_path / "r.html").read_text("utf-8")


def test_report_to_standard_output_is_nothing_but_the_page(shell: Shell, failing: Path) -> None:
    done = shell("report", failing, "-o", "-")
    assert done.code == 0 and done.err == ""
    assert done.out.startswith("<!doctype html>") and done.out.rstrip().endswith("</html>")
    HTMLParser().feed(done.out)


def test_documents_on_standard_output_are_utf8_wherever_they_go(failing: Path) -> None:
    narrow = process("report", failing, "-o", "-", PYTHONIOENCODING="ascii", LC_ALL="C")
    wide = process("report", failing, "-o", "-", PYTHONIOENCODING="utf-8")
    assert narrow.returncode == 0 and narrow.stderr == b""
    assert narrow.stdout.decode("utf-8").count("\n") == wide.stdout.decode("utf-8").count("\n")
    assert "?" * 3 not in narrow.stdout.decode("utf-8")
    json.loads(process("analyze", failing, "--json", "-", PYTHONIOENCODING="ascii").stdout)


def test_export_writes_objects_and_lists_what_it_cannot_write(shell: Shell, tmp_path: Path) -> None:
    dialogue = Dialogue().open().store("1.2.3", b"data set").store("1.2.4", bytes(9000), status=None)
    del dialogue.wire.frames[-2:]
    done = shell("export", dialogue.save(tmp_path / "c.pcap"), "-o", tmp_path / "out")
    assert done.code == 0
    assert done.out.splitlines()[0] == f"1 object written to {tmp_path / 'out'}"
    assert "not written: 1.2.4: the data set was not sent (or seen) to its end" in done.out


@pytest.mark.parametrize("command", [("export", "-o"), ("analyze", "--export")])
def test_a_full_disk_is_one_line_and_leaves_nothing_half_made(
    command: tuple[str, str], shell: Shell, tmp_path: Path
) -> None:
    sent = Dialogue().open().store("1.2.3", bytes(9_000)).store("1.2.4", bytes(90_000)).release()
    capture, out = sent.save(tmp_path / "c.pcap"), tmp_path / "out"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        why = shell.refused(command[0], capture, command[1], out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert why == f"{out}: File too large"
    assert list(out.iterdir()) == []


def test_files_of_other_contents_stay_and_nothing_half_made_with_them(shell: Shell, tmp_path: Path) -> None:
    capture, out = dialogue(0, 0).save(tmp_path / "c.pcap"), tmp_path / "out"
    out.mkdir()
    (out / "1.2.2.dcm").write_bytes(b"mine")
    assert "other contents" in shell.refused("export", capture, "-o", out)
    assert (out / "1.2.2.dcm").read_bytes() == b"mine"
    assert not [path for path in out.iterdir() if path.name.startswith(".")]
    assert shell("export", capture, "-o", out, "--force").code == 0
    before = (out / "1.2.2.dcm").read_bytes()
    assert shell("export", capture, "-o", out).code == 0 and (out / "1.2.2.dcm").read_bytes() == before


def test_who_is_told_to_end_leaves_nothing_half_made(tmp_path: Path) -> None:
    """The capture is a pipe that goes on, so that the export is in the middle of it."""
    capture, out, pipe = dialogue(0).save(tmp_path / "c.pcap"), tmp_path / "out", tmp_path / "pipe"
    os.mkfifo(pipe)
    line = [sys.executable, "-m", "dicomsniff", "export", str(pipe), "-o", str(out)]
    with subprocess.Popen(line, cwd=ROOT) as process, pipe.open("wb", buffering=0) as stream:
        stream.write(capture.read_bytes()[:-200])
        for _ in range(200):
            if out.exists() or process.poll() is not None:
                break
            time.sleep(0.05)
        process.terminate()
        process.wait(20)
    assert not out.exists() or list(out.iterdir()) == []


def test_a_capture_without_packets_is_said_to_have_none(shell: Shell, tmp_path: Path) -> None:
    done = shell("analyze", write_pcap(tmp_path / "c.pcap", []))
    assert (done.code, done.err) == (0, "") and "no packets" in done.out.splitlines()[0]
    assert "--immediate-mode" in done.out and "from –" not in done.out


def test_a_capture_without_dicom_is_said_to_have_none_and_what_to_try(shell: Shell, tmp_path: Path) -> None:
    done = shell("analyze", web(tmp_path / "c.pcap"), "--fail-on", "warning")
    assert (done.code, done.err) == (0, "") and "No DICOM" in done.out.splitlines()[0]
    assert "none of which carries DICOM" in done.out
    assert json.loads(shell("analyze", tmp_path / "c.pcap", "--json", "-").out)["associations"] == []
    assert shell("export", tmp_path / "c.pcap", "-o", tmp_path / "out").out.startswith("0 objects")


def test_a_capture_that_is_cut_off_is_read_up_to_the_cut(shell: Shell, healthy: Path) -> None:
    raw = healthy.read_bytes()
    healthy.write_bytes(raw[:-7])
    done = shell("analyze", healthy, "--json", "-")
    document = json.loads(done.out)
    assert done.code == 0 and document["summary"]["exchanges"] == 2
    assert any("cut" in note or "middle" in note or "ends" in note for note in document["captures"][0]["notes"])


def test_patient_data_is_masked_unless_told_otherwise(shell: Shell, tmp_path: Path) -> None:
    identity = pdus.user_identity(2, b"jdoe", b"hunter2")
    wire = Dialogue().wire.connect()
    dialogue = Dialogue(wire).say(pdus.request(sub_items=(identity,)))
    path = dialogue.save(tmp_path / "c.pcap")
    commands: list[list[str | Path]] = [
        ["analyze", path],
        ["analyze", path, "--json", "-"],
        ["report", path, "-o", "-"],
    ]
    for command in commands:
        masked, told = shell(*command).out, shell(*command, "--no-redact").out
        assert "jdoe" not in masked and "jdoe" in told
        assert "hunter2" not in masked + told and "⟦" not in told


def test_control_characters_from_the_wire_never_reach_the_terminal(shell: Shell, tmp_path: Path) -> None:
    dialogue = Dialogue().open(calling=b"EVIL\x1b[31m\x07").store("1.2\x1b]0;x\x07.3", b"data", 0xA700)
    out = shell("analyze", dialogue.release().save(tmp_path / "c.pcap")).out
    assert not [char for char in out if ord(char) < 32 and char != "\n"] and "\x9b" not in out


def test_several_captures_are_one(shell: Shell, healthy: Path, failing: Path) -> None:
    document = json.loads(shell("analyze", healthy, failing, "--json", "-").out)
    assert len(document["captures"]) == 2


def broken_off(path: Path) -> Path:
    """Two stores, the second of which the capture shows only in part."""
    dialogue = Dialogue().open().store("1.2.3", b"data set").store("1.2.4", bytes(90_000), status=None)
    del dialogue.wire.frames[-20:]
    return dialogue.save(path)


def test_incomplete_objects_are_written_only_when_asked_for_and_named(shell: Shell, tmp_path: Path) -> None:
    path = broken_off(tmp_path / "c.pcap")
    shell("export", path, "-o", tmp_path / "without")
    done = shell("export", path, "-o", tmp_path / "out", "--incomplete")
    assert sorted(p.name for p in (tmp_path / "without").iterdir()) == ["1.2.3.dcm", "manifest.json"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "1.2.3.dcm",
        "1.2.4.incomplete.dcm",
        "manifest.json",
    ]
    assert "incomplete: 1.2.4.incomplete.dcm: " in done.out and "its end was not seen" in done.out


def test_analyze_exports_incomplete_objects_too(shell: Shell, tmp_path: Path) -> None:
    path = broken_off(tmp_path / "c.pcap")
    done = shell("analyze", path, "--export", tmp_path / "out", "--incomplete")
    assert done.code == 0 and (tmp_path / "out" / "1.2.4.incomplete.dcm").is_file()


def test_incomplete_without_export_is_refused_in_one_line(shell: Shell, tmp_path: Path) -> None:
    done = shell("analyze", broken_off(tmp_path / "c.pcap"), "--incomplete")
    assert done.code == 2 and "--export" in done.err and done.err.count("\n") == 1


def test_previews_without_what_draws_them_are_one_line_of_how_to_get_it(
    shell: Shell, healthy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dicomsniff.dimse.preview.available", lambda: False)
    done = shell("report", healthy, "--previews", "-o", tmp_path / "x.html")
    assert (done.code, done.err.count("\n")) == (2, 1) and "pip install 'dicomsniff[pixels]'" in done.err
    assert not (tmp_path / "x.html").exists()
