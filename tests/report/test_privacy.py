"""Nothing that the data sets of a capture say of a patient stands in any output of it, unless that was asked for."""

from __future__ import annotations

import html
import io
import json
import re
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pydicom
import pytest
from click.testing import CliRunner
from pydicom.filereader import read_dataset

import dicomsniff
import sample_captures
from dicomsniff.api import Analysis
from dicomsniff.cli import cli
from dicomsniff.report import summary_lines, write_json
from dicomsniff.report.html import render_html
from tests.captures import real

SAMPLES = sorted(Path(sample_captures.__file__).parent.glob("*.pcap*"))
REAL = sorted(path for path in real.CAPTURES.glob("*/*.pcap*") if "e22_" not in path.name)
WITH_PATIENTS = {"healthy_study", "troubled_morning", "worklist", "failed_stores", "queries"}
TOLD = ("UI", "AE")  # UIDs and AE titles are told, as the documentation says
BULK = ("OB", "OW", "UN", "OF", "OD", "OL", "OV")
IMPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"


@cache
def profile() -> frozenset[int]:
    """The attributes of PS3.15 Table E.1-1, read from the file the package ships, which is compared elsewhere."""
    lines = (Path(dicomsniff.__file__).parent / "report" / "profile.csv").read_text(encoding="utf-8").splitlines()
    tags = (line.split(",")[0] for line in lines if re.match(r"[0-9A-F]{8},", line))
    return frozenset(int(tag, 16) for tag in tags)


def originals(analysis: Analysis) -> set[str]:
    """Every value of these attributes, and of private ones, in every data set of the capture, as pydicom reads it. What
    has no letter in it and fewer than five digits stands in a report for other reasons, and so does
    what an element says too that is no patient's."""
    found: set[str] = set()
    told = {str(title) for each in analysis.associations for title in (each.calling_ae, each.called_ae)}
    for exchange in analysis.exchanges:
        syntax = exchange.transfer_syntax or IMPLICIT
        for payload in (*((exchange.payload,) if exchange.payload else ()), *exchange.answers):
            raw = io.BytesIO(b"".join(payload.pieces()))
            try:
                data = read_dataset(
                    raw, syntax == IMPLICIT, syntax != BIG_ENDIAN, stop_when=lambda tag, *_: tag > 0x7FE00000
                )
                for protected, value in _values(data, False):
                    (found if protected else told).add(value)
            except Exception:  # a data set that nobody can read, which is what some captures are about
                continue
    return {value for value in found - told if len(value) > 2 and (re.search(r"[^\W\d]", value) or len(value) > 4)}


def _values(data: pydicom.Dataset, inside: bool) -> Iterator[tuple[bool, str]]:
    for element in data:
        if element.tag.is_private_creator:
            continue  # the name of a vendor's dictionary
        protected = inside or int(element.tag) in profile() or element.tag.is_private
        if element.VR == "SQ":
            for item in element.value or []:
                yield from _values(item, protected)
        elif element.VR not in BULK and element.value is not None:
            values = element.value if isinstance(element.value, list | pydicom.multival.MultiValue) else [element.value]
            yield from ((protected and element.VR not in TOLD, str(value).strip()) for value in values)


def outputs(analysis: Analysis, redact: bool = True) -> dict[str, str]:
    """Everything that is written about the capture, as a reader finally sees it."""
    report, stream = analysis.report(redact), io.StringIO()
    write_json(report, stream)
    lines = ("".join(segment.text for segment in line) for line in summary_lines(report, 10_000, verbose=True))
    return {
        "json": json.dumps(json.loads(stream.getvalue()), ensure_ascii=False),
        "text": "\n".join(lines),
        "html": html.unescape(render_html(report)),
    }


def leaks(values: set[str], text: str) -> list[str]:
    words = set(re.findall(r"[\w^.*-]+", text))
    words |= {word.strip(".-*") for word in words}
    return [
        value for value in sorted(values) if (value in words if re.fullmatch(r"[\w^.-]+", value) else value in text)
    ]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_output_of_a_sample_says_who_the_patients_are(path: Path) -> None:
    _check(path)


@real.here
@pytest.mark.parametrize("path", REAL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_output_of_a_real_capture_says_who_the_patients_are(path: Path) -> None:
    _check(path)


@pytest.mark.parametrize("name", ["worklist", "failed_stores", "security"])
def test_no_log_and_no_page_with_data_sets_of_a_sample_says_it(name: str, tmp_path: Path) -> None:
    _check_all_that_was_said(SAMPLES[0].with_name(f"{name}.pcap"), tmp_path)


@real.here
@pytest.mark.parametrize("name", ["workflow_mwl_mpps_commit", "query_retrieve", "user_identity"])
def test_no_log_and_no_page_with_data_sets_of_a_real_capture_says_it(name: str, tmp_path: Path) -> None:
    _check_all_that_was_said(real.capture(name), tmp_path)


def _check_all_that_was_said(path: Path, folder: Path) -> None:
    """Every element of every data set, and the bytes of every PDU. Numbers that are a patient's in a vendor's element
    stand in others too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        analysis = dicomsniff.analyze(path, keep_payloads=True)
        values = {value for value in originals(analysis) if not re.fullmatch(r"-?[\d.]+", value)}
    page = folder / "page.html"
    assert CliRunner().invoke(cli, ["report", str(path), "-q", "-o", str(page)]).exception is None
    told = CliRunner().invoke(cli, ["log", str(path), "--level", "pdu", "--hex"]).output
    assert len(told) > 1000
    assert leaks(values, told) == leaks(values, html.unescape(page.read_text(encoding="utf-8"))) == []


def _check(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        analysis = dicomsniff.analyze(path, keep_payloads=True)
        values = originals(analysis)
    assert values or path.stem not in WITH_PATIENTS
    for name, text in outputs(analysis).items():
        assert leaks(values, text) == [], name


def test_they_are_told_when_that_is_asked_for() -> None:
    analysis = dicomsniff.analyze(next(path for path in SAMPLES if path.stem == "queries"), keep_payloads=True)
    values = originals(analysis)
    assert all(leaks(values, text) for text in outputs(analysis, redact=False).values())


def test_the_names_are_the_same_in_every_output_and_at_every_run() -> None:
    path = next(path for path in SAMPLES if path.stem == "worklist")
    runs = [outputs(dicomsniff.analyze(path)) for _ in range(2)]
    assert runs[0] == runs[1]
    names = [set(re.findall(r"•••[a-z0-9]{7}", text)) for text in runs[0].values()]
    assert names[0] & names[1] & names[2]


@pytest.mark.parametrize("redact", ["--redact", "--no-redact"])
def test_a_passcode_is_never_told(redact: str, tmp_path: Path) -> None:
    path = next(path for path in SAMPLES if path.stem == "security")
    secret = passcode(path)
    written = {option: tmp_path / option.strip("-") for option in ("--json", "--html")}
    arguments = [part for option, file in written.items() for part in (option, str(file))]
    told = CliRunner().invoke(cli, ["analyze", str(path), "-v", redact, *arguments]).output
    for text in (told, *(file.read_text(encoding="utf-8") for file in written.values())):
        assert secret not in text and secret.encode().hex() not in text


def passcode(path: Path) -> str:
    """The secondary field of the User Identity item (58H, PS3.7 §D.3.3.7) in the capture's bytes."""
    raw = path.read_bytes()
    at = re.search(rb"\x58\x00..\x02[\x00\x01]", raw, re.DOTALL)
    assert at is not None
    start = at.end()
    name = int.from_bytes(raw[start : start + 2])
    start += 2 + name
    return raw[start + 2 : start + 2 + int.from_bytes(raw[start : start + 2])].decode()


def test_the_names_of_exported_files_say_nothing_of_a_patient(tmp_path: Path) -> None:
    analysis = dicomsniff.analyze(next(path for path in SAMPLES if path.stem == "failed_stores"), keep_payloads=True)
    names = " ".join(row.file or "" for row in analysis.export(tmp_path))
    assert names and leaks(originals(analysis), names.replace(".", " ")) == []
