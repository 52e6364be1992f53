"""What an export writes beside whole objects, under which names, and what it never overwrites."""

import json
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicomsniff.api import analyze
from dicomsniff.association.values import Exchange
from dicomsniff.core import Direction
from dicomsniff.export import ExportWish
from dicomsniff.export.wishes import free_name
from tests.association.dialogue import Dialogue
from tests.captures import real
from tests.cli.running import OBJECT, Shell, dialogue
from tests.compare.spoken import FIND, find, identifier, talk
from tests.forge.traffic import data_set


def exported(path: Path, target: Path, **wish: Any) -> dict[str, Any]:
    """The manifest of an export."""
    analyze(path, rules=False).export(target, wish=ExportWish(**wish))
    made: dict[str, Any] = json.loads((target / "manifest.json").read_text())
    return made


def test_small_objects_are_left_out_where_wanted(tmp_path: Path) -> None:
    made = exported(dialogue(0).save(tmp_path / "c.pcap"), tmp_path / "out", min_bytes=100_000)
    assert [row["reason"] for row in made["objects"]] == ["its data set is smaller than 100000 bytes"]


def test_without_file_meta_a_file_is_the_data_set_alone(tmp_path: Path) -> None:
    path = dialogue(0).save(tmp_path / "c.pcap")
    sent = data_set(False, **OBJECT, SOPInstanceUID="1.2.1")
    exported(path, tmp_path / "plain", file_meta=False)
    exported(path, tmp_path / "part10")
    assert (tmp_path / "plain" / "1.2.1.dcm").read_bytes() == sent
    assert (tmp_path / "part10" / "1.2.1.dcm").read_bytes().endswith(sent)


@real.here
def test_identifiers_and_service_data_sets_are_written_whole(tmp_path: Path) -> None:
    made = exported(real.capture("workflow_mwl_mpps_commit"), tmp_path, data_sets=True, commands=True)
    files = {row["file"]: row for row in made["data_sets"]}
    assert {row["message"] for row in files.values()} >= {
        "C-FIND-RQ",
        "C-FIND-RSP",
        "N-CREATE-RQ",
        "N-SET-RQ",
        "N-ACTION-RQ",
    }
    for name, row in files.items():
        read = pydicom.dcmread(tmp_path / name)
        assert read.file_meta.TransferSyntaxUID == row["transfer_syntax"] and len(read) > 0
    [query] = [name for name in files if "c-find-rq" in name]
    assert pydicom.dcmread(tmp_path / query).ScheduledProcedureStepSequence[0].Modality == "CT"
    read_again = analyze(real.capture("workflow_mwl_mpps_commit"), rules=False)
    assert len(made["commands"]) == sum(1 + e.responses for e in read_again.exchanges)
    for row in made["commands"]:
        assert (tmp_path / row["file"]).read_bytes()[:8] == b"\0\0\0\0\4\0\0\0"


@real.here
@pytest.mark.parametrize("name_by, levels", [("sop", 1), ("frame", 1), ("study", 3)])
def test_names_say_what_they_are_asked_to(tmp_path: Path, name_by: str, levels: int) -> None:
    made = exported(real.capture("store_series"), tmp_path, name_by=name_by)
    for row in made["objects"]:
        assert row["file"] and (tmp_path / row["file"]).is_file()
        parts = row["file"].split("/")
        assert len(parts) == levels and row["sop_instance"] in parts[-1]
        read = pydicom.dcmread(tmp_path / row["file"], stop_before_pixels=True)
        if name_by == "study":
            assert parts[:2] == [read.StudyInstanceUID, read.SeriesInstanceUID]
    if name_by == "frame":
        begun = {e.id: e.request for e in real.analysis("store_series").exchanges}
        once = {row["file"]: row["exchange"] for row in reversed(made["objects"])}  # sent again, it is one file
        for name, exchange in once.items():
            request = begun[exchange]
            assert request is not None and int(name[:8]) == request.first_packet


def test_nothing_is_overwritten_unasked(tmp_path: Path, shell: Shell) -> None:
    path, target = dialogue(0).save(tmp_path / "c.pcap"), tmp_path / "out"
    assert shell("export", path, "-o", target).code == 0
    assert shell("export", path, "-o", target).code == 0  # the same once more takes nothing away
    (target / "1.2.1.dcm").write_bytes(b"mine")
    assert "1.2.1.dcm: it is there with other contents; --force overwrites it" in shell.refused(
        "export", path, "-o", target
    )
    assert (target / "1.2.1.dcm").read_bytes() == b"mine" and not list(target.glob("*.part"))
    assert shell("export", path, "-o", target, "--force").code == 0
    assert (target / "1.2.1.dcm").stat().st_size > 100


def test_other_bytes_under_one_uid_get_a_number(tmp_path: Path) -> None:
    made = Dialogue().open()
    for name in ("A", "B"):
        made.store("1.2.1", data_set(False, **OBJECT | {"PatientName": name}, SOPInstanceUID="1.2.1"))
    rows = exported(made.release().save(tmp_path / "c.pcap"), tmp_path / "out", name_by="study")["objects"]
    assert [row["file"] for row in rows] == ["1.3/1.4/1.2.1.dcm", "1.3/1.4/1.2.1_2.dcm"]


@given(st.text(max_size=80), st.booleans())
@example("0..0", False)
def test_any_name_is_safe_on_any_system(uid: str, complete: bool) -> None:
    exchange = Exchange(1, 1, 1, Direction.TO_RESPONDER, "C-STORE", 1, "requestor")
    name = free_name(exchange, uid, set(), complete)
    assert set(name) <= set("0123456789._abcdefghijklmnopqrstuvwxyz") and len(name) < 120
    assert not name.startswith(".") and name.endswith(".dcm") and ".." not in name


def test_every_option_is_one_of_the_command(shell: Shell, tmp_path: Path) -> None:
    path = dialogue(0).save(tmp_path / "c.pcap")
    done = shell(
        "export", path, "-o", tmp_path / "out", "--min-bytes", "10", "--no-file-meta", "--all-data-sets", "--commands",
        "--name-by", "frame",
    )  # fmt: skip
    assert done.code == 0 and "1 object written" in done.out
    made = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert len(made["commands"]) == 2 and made["data_sets"] == []


def many_matches(path: Path, count: int) -> Path:
    return talk(path, find(identifier(PatientID="1"), matches=count), abstract=FIND)


@pytest.mark.parametrize("kept", [False, True])
def test_all_answers_of_a_query_are_written(tmp_path: Path, kept: bool) -> None:
    read = analyze(many_matches(tmp_path / "c.pcap", 130), rules=False, keep_payloads=kept)
    assert len(read.exchanges[0].answers) == 100
    read.export(tmp_path / "out", wish=ExportWish(data_sets=True))
    assert len(list((tmp_path / "out").glob("*c-find-rsp_*.dcm"))) == 130
    read.close()


def test_the_command_writes_all_answers_too(shell: Shell, tmp_path: Path) -> None:
    path = many_matches(tmp_path / "c.pcap", 101)
    assert shell("export", path, "-o", tmp_path / "out", "--all-data-sets").code == 0
    assert len(list((tmp_path / "out").glob("*c-find-rsp_*.dcm"))) == 101
