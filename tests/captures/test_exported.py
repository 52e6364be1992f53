"""Objects of the real captures as files: they open, they pass a validator, and their bytes are those that were sent."""

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest

from dicomsniff.api import analyze
from tests.captures import real

pytestmark = real.here
META_OFFSET = 132
ABOUT_META = re.compile(r"MediaStorage|Group 0x0*2\b|\(0x0002,|\bMeta|ImplementationClass|ApplicationEntityTitle")
STORING = (
    "store_series",
    "jpeg_accepted",
    "query_retrieve",
    "workflow_mwl_mpps_commit",
    "lossy_network",
    "ipv6_any_interface",
    "edge/e06_jpeg",
    "edge/e18_values",
    "edge/e10_zero_last",
    "edge/e27_two_assoc",
    "dcmjs_store",
)
dciodvfy = pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not installed")


def stores(name: str) -> Iterator[dict[str, Any]]:
    """Every C-STORE-RQ that was sent to its end."""
    for connection in real.facts(name):
        for messages in connection["messages"]:
            for message in messages:
                if message["command"] == "C-STORE-RQ" and "dataset_sha256" in message:
                    yield message


def data_set_of(path: Path) -> bytes:
    """Everything behind the file meta (PS3.10 §7.1: group 0002 as long as (0002,0000) says)."""
    data = path.read_bytes()
    assert data[128:132] == b"DICM" and data[132:140] == b"\x02\0\0\0UL\x04\0"
    return data[META_OFFSET + 12 + int.from_bytes(data[140:144], "little") :]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """A directory of exported files for each capture that stores."""
    made = {}
    for name in STORING:
        made[name] = tmp_path_factory.mktemp("exported")
        analyze(real.capture(name)).export(made[name])
    yield made


@pytest.mark.parametrize("name", STORING)
def test_the_data_set_of_each_file_is_byte_for_byte_the_one_sent(name: str, exported: dict[str, Path]) -> None:
    wanted = {m["dataset_sha256"] for m in stores(name)}
    files = list(exported[name].glob("*.dcm"))
    assert {hashlib.sha256(data_set_of(path)).hexdigest() for path in files} == wanted
    assert len(files) == len({(m["sop_instance"], m["dataset_sha256"]) for m in stores(name)}) >= 1


@pytest.mark.parametrize("name", STORING)
def test_files_open_and_say_where_they_come_from(name: str, exported: dict[str, Path]) -> None:
    titles = {(a.calling_ae, a.called_ae) for a in real.analysis(name).associations}
    accepted = {c.transfer_syntax for a in real.analysis(name).associations for c in a.contexts if c.accepted}
    for path in exported[name].glob("*.dcm"):
        found = pydicom.dcmread(path)
        meta = found.file_meta
        assert path.stem == meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID
        assert meta.MediaStorageSOPClassUID == found.SOPClassUID
        assert meta.TransferSyntaxUID in accepted
        assert meta.SourceApplicationEntityTitle == meta.SendingApplicationEntityTitle
        assert (meta.SendingApplicationEntityTitle, meta.ReceivingApplicationEntityTitle) in titles


def test_pixels_decode(exported: dict[str, Path]) -> None:
    for path in exported["store_series"].glob("*.dcm"):
        found = pydicom.dcmread(path)
        if "PixelData" in found:
            assert (
                found.pixel_array.size
                == found.Rows * found.Columns * found.get("NumberOfFrames", 1) * found.SamplesPerPixel
            )


def meta_complaints(path: Path) -> list[str]:
    """What the validator says against the file meta: wrong lengths of group 0002 are only a warning to it."""
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, errors="replace", check=False)
    assert done.stderr, "the validator says something of every file"
    return [line for line in done.stderr.splitlines() if ABOUT_META.search(line)]


@dciodvfy
@pytest.mark.parametrize("name", STORING)
def test_a_validator_finds_no_error_in_the_file_meta(name: str, exported: dict[str, Path]) -> None:
    for path in exported[name].glob("*.dcm"):
        assert meta_complaints(path) == []


@dciodvfy
def test_the_validator_would_see_errors_in_the_file_meta(exported: dict[str, Path], tmp_path: Path) -> None:
    data = next(exported["jpeg_accepted"].glob("*.dcm")).read_bytes()
    shorter = tmp_path / "shorter.dcm"
    shorter.write_bytes(data[:140] + (data[140] - 8).to_bytes(1, "little") + data[141:])
    other = tmp_path / "other.dcm"
    uid = data.index(b"\x02\0\x03\0UI") + 8
    other.write_bytes(data[:uid] + b"2.9" + data[uid + 3 :])
    assert meta_complaints(shorter) and meta_complaints(other)


def test_the_manifest_lists_every_object_with_its_status(exported: dict[str, Path]) -> None:
    document = json.loads((exported["query_retrieve"] / "manifest.json").read_text())
    rows = document["objects"]
    assert [row["sha256"] for row in rows] == [
        e.payload.sha256 for e in real.analysis("query_retrieve").exchanges if e.service == "C-STORE" and e.payload
    ]
    assert {row["status"] for row in rows} == {"0x0000"}
    assert {(row["sending_ae"], row["receiving_ae"]) for row in rows} == {
        ("ACME1", "ACME_STORE"),
        ("ACME_STORE", "ACME1"),
    }
    assert len(rows) == 9 and len({row["file"] for row in rows}) == 3  # each object crossed three times


@pytest.mark.parametrize("name", ["edge/e35_rst", "abort_by_scp", "store_failures"])
def test_objects_that_did_not_arrive_are_in_the_manifest_as_what_they_are(name: str, tmp_path: Path) -> None:
    rows = analyze(real.capture(name)).export(tmp_path)
    for row in rows:
        assert (row.file is not None) == row.complete
        assert row.complete or (row.reason is not None and row.sha256 is None)
    assert sum(row.complete for row in rows) == len(list(stores(name)))


def test_an_object_with_a_hole_is_not_written_and_its_missing_ranges_are_listed(tmp_path: Path) -> None:
    if not real.MUTATE.is_file():
        pytest.skip("the laboratory is not beside this checkout")
    holed = tmp_path / "holed.pcap"
    real.mutate("drop", real.capture("slow_server"), holed, ".01")
    rows = analyze(holed).export(tmp_path / "out")
    assert [row.complete for row in rows] == [False, True, False]
    for row in rows:
        assert bool(row.missing) == (not row.complete)
        assert sum(end - start for start, end in row.missing) == 0 or "bytes were not captured" in (row.reason or "")
    assert len(list((tmp_path / "out").glob("*.dcm"))) == 1
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["objects"][0]["missing"] == [
        list(span) for span in rows[0].missing
    ]
