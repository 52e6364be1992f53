"""The log as text and as dcmdump writes it: what no format may get wrong."""

import json
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicomsniff.report.log import FORMATS
from tests.association.dialogue import Dialogue
from tests.captures import real
from tests.forge import messages, pdus
from tests.report.log.logged import log_of


def nasty() -> Dataset:
    """Values that would harm a terminal, in a sequence and outside."""
    made, step = Dataset(), Dataset()
    step.ScheduledProcedureStepDescription = "a\x1b[2Jb\u202ec"
    made.SpecificCharacterSet = "ISO_IR 192"
    made.PatientName = "EVIL\x1b]0;title\x07^NAME"
    made.PatientComments = "line one\r\nline two"
    made.ScheduledProcedureStepSequence = Sequence([step, step])
    return made


def stored(tmp_path: Path, data: Dataset) -> Path:
    encoded = messages.encode(data, implicit=False)
    return Dialogue().open().store("1.2.3", encoded).release().save(tmp_path / "c.pcap")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("flat", [True, False])
def test_no_control_character_reaches_a_line(tmp_path: Path, form: str, flat: bool) -> None:
    lines = log_of(stored(tmp_path, nasty()), format=form, flat=flat)
    assert any("line one" in line for line in lines)
    for line in lines:
        assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cf")], line


@pytest.mark.parametrize("form", FORMATS)
def test_patient_data_are_masked_wherever_they_stand(tmp_path: Path, form: str) -> None:
    data = nasty()
    data.PatientName, data.PatientID = "MUSTERFRAU^ERIKA", "4711-0815"
    path = stored(tmp_path, data)
    text = "\n".join(log_of(path, masked=True, format=form))
    assert "MUSTERFRAU" not in text and "4711-0815" not in text
    assert "MUSTERFRAU" in "\n".join(log_of(path, format=form))


def test_a_passcode_is_in_no_log(tmp_path: Path) -> None:
    request = pdus.request(sub_items=(pdus.user_identity(2, b"jdoe", b"hunter2"),))
    talk = Dialogue()
    talk.wire.connect()
    path = talk.say(request).release().save(tmp_path / "c.pcap")
    for form in FORMATS:
        for level in ("message", "pdu"):
            assert "hunter2" not in "\n".join(log_of(path, format=form, level=level))
    text = "\n".join(log_of(path))
    assert "Authentication Mode: 2 - Username/Password" in text and "Password: not shown, 7 bytes" in text


def test_flat_names_the_way_to_every_element(tmp_path: Path) -> None:
    text = "\n".join(log_of(stored(tmp_path, nasty()), flat=True))
    assert "(0040,0100)[1].(0040,0007) LO [" in text and "(0040,0100)[2].(0040,0007) LO [" in text


def test_times_are_those_since_the_association_began_where_wanted(tmp_path: Path) -> None:
    path = stored(tmp_path, nasty())
    assert any(line.startswith("+0.000000 s packet") for line in log_of(path, relative=True))
    assert not any(line.startswith("+0.") for line in log_of(path))


def test_pixel_data_are_summed_up(tmp_path: Path) -> None:
    data = Dataset()
    data.Rows = 100
    data.add_new(0x7FE00010, "OW", b"\xab" * 20_000)
    text = "\n".join(log_of(stored(tmp_path, data)))
    assert "(7fe0,0010) OW (pixel data, 20,000 bytes, not shown)" in text and "# 20000, 1 PixelData" in text


@real.here
def test_every_pdu_has_its_line_at_that_level() -> None:
    lines = log_of(real.capture("echo_ok"), level="pdu")
    assert sum("P-DATA-TF, " in line for line in lines) == 2
    assert any("PDV context 1 command last, 68 bytes" in line for line in lines)


@real.here
def test_connections_without_an_association_are_told() -> None:
    folder = real.CAPTURES / "refused_and_silent"
    text = "\n".join(line for path in folder.glob("*.pcap*") for line in log_of(path))
    assert "Connection refused" in text and "The host did not answer" in text


@real.here
@pytest.mark.skipif(shutil.which("dump2dcm") is None, reason="dump2dcm is not installed")
@pytest.mark.parametrize("name", ["find_manufacturer", "workflow_mwl_mpps_commit"])
def test_what_is_written_like_dcmdump_is_read_by_dump2dcm(tmp_path: Path, name: str) -> None:
    """Every data set, read back, is the one that was sent: the elements of the JSON lines are the judge."""
    lines = log_of(real.capture(name), format="dcmdump")
    sent = [
        value["data_set"]["elements"]
        for value in map(json.loads, log_of(real.capture(name), format="json-lines"))
        if value.get("data_set") and value["data_set"]["cut"] is None
    ]
    dumps: list[list[str]] = []
    for line in lines:
        if line == "# Dicom-Data-Set":
            dumps.append([])
        elif line.startswith("# Dicom-Command-Set"):
            dumps.append([])  # not a data set: dropped below
        elif dumps:
            dumps[-1].append(line)
    data_sets = [d for d in dumps if not any(line.startswith("(0000,") for line in d)]
    read = 0
    for number, dump in enumerate(data_sets):
        if any("not shown" in line for line in dump):
            continue
        source, target = tmp_path / f"{number}.txt", tmp_path / f"{number}.dcm"
        source.write_text("\n".join(dump) + "\n", encoding="utf-8")
        subprocess.run(["dump2dcm", "-F", str(source), str(target)], check=True, capture_output=True)
        found = pydicom.dcmread(target, force=True)
        wanted = next(elements for elements in sent if [e["tag"] for e in elements] == [
            f"({e.tag.group:04X},{e.tag.element:04X})" for e in found
        ] and all(_same(e, found) for e in elements))  # fmt: skip
        assert wanted
        read += 1
    assert read >= 2


def _same(element: dict[str, object], found: Dataset) -> bool:
    own = found[str(element["tag"]).strip("()").replace(",", "")]
    if "items" in element:
        items = element["items"]
        return isinstance(items, list) and len(own.value) == len(items)
    value = own.value if isinstance(own.value, list | pydicom.multival.MultiValue) else [own.value]
    shown = "\\".join("" if one is None else str(one) for one in value)
    return shown.strip() == str(element["value"]).strip(" \0")
