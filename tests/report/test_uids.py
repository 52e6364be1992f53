"""UIDs of instances are others in every output where that is asked for, the same everywhere; those of the standard stay."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import dicomsniff
import sample_captures
from dicomsniff.association.content import answers_of, dataset_of
from dicomsniff.cli import cli
from dicomsniff.dimse.element import DataSet
from dicomsniff.report import summary_lines, write_json
from dicomsniff.report.uids import UidNames, kept_uids
from tests.captures import real

SAMPLES = Path(sample_captures.__file__).parent
UID = "1.2.826.0.1.3680043.8.498.64722538263466965400903722662350704700"


def names() -> UidNames:
    return UidNames(b"key", {"1.2.276.0.7230010.3.0.3.6.7"})


def test_an_instance_uid_becomes_another_valid_one_and_always_the_same() -> None:
    made = names().name(UID)
    assert re.fullmatch(r"2\.25\.[1-9]\d{20,38}", made) and len(made) <= 64
    assert made == names().name(UID) != names().name(UID + "1") != UidNames(b"other").name(UID + "1")


@pytest.mark.parametrize("text", ["1.2.840.10008.5.1.4.1.1.2", "1.2.276.0.7230010.3.0.3.6.7", "10.77.0.2:104", "192.168.1.1", "1.2.3", "2.25", "0.1 %"])  # fmt: skip
def test_what_is_no_instance_uid_stays(text: str) -> None:
    assert names().text(f"of {text}, sent") == f"of {text}, sent"


def test_they_are_found_wherever_they_stand_in_a_text() -> None:
    one = names()
    other = one.name(UID)
    assert one.text(f"SOP{UID}\\{UID}.dcm <{UID}>=") == f"SOP{other}\\{other}.dcm <{other}>="
    assert one.name("2.25.123456789012345678901234567890") in one.text("'2.25.123456789012345678901234567890'")


def test_what_was_replaced_is_not_replaced_again() -> None:
    one = names()
    assert one.text(one.text(UID)) == one.text(UID)
    assert one.value({UID: [UID, {"a": UID}, 3, None]}) == {
        one.name(UID): [one.name(UID), {"a": one.name(UID)}, 3, None]
    }


def originals(analysis: dicomsniff.Analysis) -> set[str]:
    """Every UID of an instance in commands and data sets."""
    kept = set(kept_uids(analysis.traffic))
    found: set[str] = set()
    for exchange in analysis.exchanges:
        request = dataset_of(exchange)
        for data in (*((request,) if request else ()), *answers_of(exchange)):
            found.update(_uids(data))
        found.add(exchange.sop_instance or "")
    return {
        uid for uid in found
        if not uid.startswith("1.2.840.10008.") and uid not in kept and re.fullmatch(r"[0-2](\.\d+){4,}|2\.25\.\d{6,}", uid)
    }  # fmt: skip


def _uids(data: DataSet) -> Iterator[str]:
    for element in data.elements:
        for item in element.items:
            yield from _uids(item)
        if element.vr == "UI" and element.value:
            yield from (value.strip(" \0") for value in element.value.split("\\"))


def outputs(path: Path, folder: Path) -> dict[str, str]:
    """Everything that the options of commands lead to, and the library's."""
    analysis = dicomsniff.analyze(path)
    report, stream = analysis.report("uids"), io.StringIO()
    write_json(report, stream)
    analysis.to_html(folder / "page.html", "uids")
    run = CliRunner()
    told = {
        "json": json.dumps(json.loads(stream.getvalue())),
        "text": "\n".join("".join(s.text for s in line) for line in summary_lines(report, 10_000, verbose=True)),
        "html": html.unescape((folder / "page.html").read_text(encoding="utf-8")),
        "analyze": run.invoke(cli, ["analyze", str(path), "-v", "--redact-uids"]).output,
    }
    for form in ("text", "json-lines", "dcmdump"):
        told[f"log {form}"] = run.invoke(
            cli, ["log", str(path), "--level", "pdu", "--hex", "--format", form, "--redact-uids"]
        ).output
    for table in ("exchanges", "objects"):
        told[table] = run.invoke(cli, ["tables", str(path), f"--{table}", "-", "--redact-uids"]).output
    return told


CASES = [SAMPLES / f"{name}.pcap" for name in ("healthy_study", "failed_stores", "retrieves", "worklist", "object_content", "commitment")]  # fmt: skip


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_no_output_of_a_sample_holds_an_original(path: Path, tmp_path: Path) -> None:
    _check(path, tmp_path)


@real.here
@pytest.mark.parametrize("name", ["query_retrieve", "store_series", "workflow_mwl_mpps_commit", "store_failures"])
def test_no_output_of_a_real_capture_holds_an_original(name: str, tmp_path: Path) -> None:
    _check(real.capture(name), tmp_path)


def _check(path: Path, folder: Path) -> None:
    values = originals(dicomsniff.analyze(path, keep_payloads=True))
    assert values
    for name, text in outputs(path, folder).items():
        assert len(text) > 100, name
        assert [uid for uid in values if re.search(rf"(?<![\d.]){re.escape(uid)}(?!\.?\d)", text)] == [], name
        assert [uid for uid in values if len(uid) > 40 and uid[-20:] in text] == [], name
        for uid in values:  # in bytes
            assert uid[-16:].encode().hex(" ") not in text or len(uid) < 20, name


def test_one_uid_has_one_name_in_all_of_them(tmp_path: Path) -> None:
    path = SAMPLES / "healthy_study.pcap"
    study = next(iter(dicomsniff.analyze(path).report().studies))["study_instance_uid"]
    masked = next(iter(dicomsniff.analyze(path).report("uids").studies))["study_instance_uid"]
    assert masked != study and masked.startswith("2.25.")
    told = outputs(path, tmp_path)
    assert all(masked in told[name] for name in ("json", "html", "log text"))


def test_they_stay_where_it_is_not_asked_for_and_where_nothing_is_masked() -> None:
    path = str(SAMPLES / "healthy_study.pcap")
    study = next(iter(dicomsniff.analyze(path).report().studies))["study_instance_uid"]
    for options in ([], ["--no-redact", "--redact-uids"]):
        assert study in CliRunner().invoke(cli, ["analyze", path, "--json", "-", *options]).output
