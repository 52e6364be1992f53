"""Objects of forged traffic as files: whole bytes, safe names, one file for the same bytes, reasons for the rest."""

import hashlib
import json
import os
import zlib
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames

from dicomsniff.export import ExportedObject, export_objects
from tests.association.dialogue import CT, EXPLICIT, Dialogue, read
from tests.forge import messages, pdus
from tests.forge.messages import encode
from tests.forge.wire import BACK, OUT, Wire

IMPLICIT, BIG_ENDIAN, DEFLATED = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
Row = ExportedObject


def ct(instance: str = "1.2.3.4", **elements: object) -> Dataset:
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = CT, instance
    made.PatientName, made.Rows, made.Columns = "Doe^Jane", 2, 2
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def data(instance: str = "1.2.3.4", **elements: object) -> bytes:
    return encode(ct(instance, **elements), implicit=False)


def export(tmp_path: Path, *dialogues: Dialogue) -> tuple[ExportedObject, ...]:
    traffic = read(tmp_path / "capture.pcap", *dialogues, keep=True)
    return export_objects(traffic, tmp_path / "out", "0.1.0")


def body(path: Path) -> bytes:
    """What stands behind the file meta."""
    raw = path.read_bytes()
    return raw[144 + int.from_bytes(raw[140:144], "little") :]


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "out").iterdir())


def test_a_stored_object_becomes_a_file_named_by_its_instance(tmp_path: Path) -> None:
    sent = data()
    [row] = export(tmp_path, Dialogue().open().store("1.2.3.4", sent).release())
    assert files(tmp_path) == ["1.2.3.4.dcm", "manifest.json"]
    assert body(tmp_path / "out" / "1.2.3.4.dcm") == sent
    assert (row.file, row.reason, row.complete, row.missing, row.notes) == ("1.2.3.4.dcm", None, True, (), ())
    assert (row.sending_ae, row.receiving_ae, row.status) == ("MODALITY", "ARCHIVE", "0x0000")
    assert (row.sender, row.receiver) == ("10.0.0.1:40000", "10.0.0.2:104")
    assert row.sha256 == hashlib.sha256(sent).hexdigest()


def test_the_manifest_holds_every_row(tmp_path: Path) -> None:
    rows = export(
        tmp_path, Dialogue().open().store("1.2.3.4", data()).store("1.2.3.5", data("1.2.3.5"), 0xA700).release()
    )
    document = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (document["schema"], document["schema_version"]) == ("dicomsniff-manifest", 1)
    assert [(o["file"], o["status"], o["exchange"]) for o in document["objects"]] == [
        (row.file, row.status, row.exchange) for row in rows
    ]
    assert [row.status for row in rows] == ["0x0000", "0xA700"]


def test_the_same_object_twice_is_one_file(tmp_path: Path) -> None:
    rows = export(tmp_path, Dialogue().open().store("1.2.3.4", data()).store("1.2.3.4", data()).release())
    assert [row.file for row in rows] == ["1.2.3.4.dcm"] * 2
    assert files(tmp_path) == ["1.2.3.4.dcm", "manifest.json"]


def test_other_bytes_under_the_same_uid_get_a_second_name(tmp_path: Path) -> None:
    first, second = data(PatientID="1"), data(PatientID="2")
    rows = export(
        tmp_path, Dialogue().open().store("1.2.3.4", first).store("1.2.3.4", second).store("1.2.3.4", first).release()
    )
    assert [row.file for row in rows] == ["1.2.3.4.dcm", "1.2.3.4_2.dcm", "1.2.3.4.dcm"]
    assert body(tmp_path / "out" / "1.2.3.4.dcm") == first
    assert body(tmp_path / "out" / "1.2.3.4_2.dcm") == second


def test_the_acceptor_of_an_association_can_be_the_sender(tmp_path: Path) -> None:
    [row] = export(tmp_path, Dialogue().open().store("1.2.3.4", data(), direction=BACK).release())
    assert (row.sending_ae, row.receiving_ae) == ("ARCHIVE", "MODALITY")
    assert (row.sender, row.receiver) == ("10.0.0.2:104", "10.0.0.1:40000")
    meta = pydicom.dcmread(tmp_path / "out" / "1.2.3.4.dcm").file_meta
    assert (meta.SendingApplicationEntityTitle, meta.ReceivingApplicationEntityTitle) == ("ARCHIVE", "MODALITY")


@pytest.mark.parametrize(
    ("syntax", "sent"),
    [
        (IMPLICIT, encode(ct())),
        (EXPLICIT, encode(ct(), implicit=False)),
        (BIG_ENDIAN, encode(ct(), implicit=False, little=False)),
        (DEFLATED, zlib.compress(encode(ct(), implicit=False), wbits=-15)),
    ],
)
def test_every_encoding_of_a_data_set_can_be_read_from_its_file(syntax: str, sent: bytes, tmp_path: Path) -> None:
    [row] = export(tmp_path, Dialogue().open(transfer=syntax).store("1.2.3.4", sent).release())
    assert row.file and body(tmp_path / "out" / row.file) == sent
    found = pydicom.dcmread(tmp_path / "out" / row.file)
    assert found.file_meta.TransferSyntaxUID == syntax
    assert (found.PatientName, found.Rows, found.SOPInstanceUID) == ("Doe^Jane", 2, "1.2.3.4")


def test_encapsulated_frames_come_out_as_they_went_in(tmp_path: Path) -> None:
    frames = [b"\xff\xd8" + bytes(range(200)) + b"\xff\xd9", b"\xff\xd8\xfe\xff\x00\xe0\xff\xd9"]
    made = ct(PixelData=encapsulate(frames), BitsAllocated=8, NumberOfFrames=2)
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    sent = encode(made, implicit=False)
    [row] = export(tmp_path, Dialogue().open(transfer=JPEG_LOSSLESS).store("1.2.3.4", sent).release())
    assert row.file and body(tmp_path / "out" / row.file) == sent
    found = pydicom.dcmread(tmp_path / "out" / row.file)
    assert list(generate_frames(found.PixelData, number_of_frames=2)) == frames


def test_an_object_of_many_fragments_is_whole(tmp_path: Path) -> None:
    sent = data(PixelData=os.urandom(100_000), BitsAllocated=8)
    [row] = export(tmp_path, Dialogue().open().store("1.2.3.4", sent).release())
    assert row.file and body(tmp_path / "out" / row.file) == sent


@pytest.mark.parametrize(
    "uid",
    [
        "../../etc/passwd",
        "..",
        "/tmp/x",
        "1.2.3/../../x",
        "a\\b",
        "con",
        "1.2\x00.3",
        "1.2.3\n",
        "",
        "-rf",
        "1" * 65,
        ".",
        "~",
    ],
)
def test_a_hostile_uid_never_leaves_the_directory(uid: str, tmp_path: Path) -> None:
    made = ct()
    del made.SOPInstanceUID
    before = set(tmp_path.rglob("*"))
    [row] = export(tmp_path, Dialogue().open().store(uid, encode(made, implicit=False)).release())
    new = set(tmp_path.rglob("*")) - before - {tmp_path / "capture.pcap", tmp_path / "out"}
    assert all(path.parent == tmp_path / "out" for path in new)
    assert row.file is None or (tmp_path / "out" / row.file).is_file()
    assert row.file is not None or "UID" in (row.reason or "")


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        ("1..2", "uid_1.2.dcm"),
        ("1.02.3", "uid_1.02.3.dcm"),
        ("12.", "uid_12.dcm"),
        ("7", "uid_7.dcm"),
        ("1.2." + "3" * 70, f"uid_1.2.{'3' * 60}.dcm"),
    ],
)
def test_an_odd_uid_makes_a_name_that_says_so(uid: str, name: str, tmp_path: Path) -> None:
    made = ct()
    del made.SOPInstanceUID
    [row] = export(tmp_path, Dialogue().open().store(uid, encode(made, implicit=False)).release())
    assert row.file == name and (tmp_path / "out" / name).is_file()


def test_hostile_uids_inside_the_data_set_are_not_used(tmp_path: Path) -> None:
    sent = encode(ct("1.2.3.4"), implicit=False).replace(b"1.2.3.4\0", b"../../x\0")
    [row] = export(tmp_path, Dialogue().open().store("1.2.9.9", sent).release())
    assert row.file == "1.2.9.9.dcm"


def test_where_command_and_data_set_differ_the_file_follows_the_data_set_and_the_manifest_says_so(
    tmp_path: Path,
) -> None:
    [row] = export(tmp_path, Dialogue().open().store("1.2.9.9", data("1.2.3.4")).release())
    assert (row.sop_instance, row.file) == ("1.2.3.4", "1.2.3.4.dcm")
    [note] = row.notes
    assert "1.2.9.9" in note and "1.2.3.4" in note
    assert pydicom.dcmread(tmp_path / "out" / "1.2.3.4.dcm").file_meta.MediaStorageSOPInstanceUID == "1.2.3.4"


def test_a_data_set_that_cannot_be_read_is_exported_under_what_was_announced(tmp_path: Path) -> None:
    [row] = export(tmp_path, Dialogue().open().store("1.2.9.9", b"\xff" * 1000).release())
    assert row.file == "1.2.9.9.dcm" and body(tmp_path / "out" / row.file) == b"\xff" * 1000


def test_an_object_that_was_cut_off_is_listed_with_the_reason_and_not_written(tmp_path: Path) -> None:
    dialogue = Dialogue().open().store("1.2.3.4", data(PixelData=bytes(40_000), BitsAllocated=8), status=None)
    frames = dialogue.wire.frames
    del frames[-4:]
    [row] = export(tmp_path, dialogue)
    assert (row.file, row.complete, row.sha256, row.status) == (None, False, None, None)
    assert row.reason is not None and "to its end" in row.reason
    assert files(tmp_path) == ["manifest.json"]


def test_missing_ranges_are_those_that_were_not_captured(tmp_path: Path) -> None:
    sent = data(PixelData=bytes(40_000), BitsAllocated=8)
    dialogue = Dialogue().open().store("1.2.3.4", sent)
    frames = dialogue.release().wire.frames
    full = [place for place, (_, frame) in enumerate(frames) if len(frame) > 1400]
    del frames[full[10]]
    [row] = export(tmp_path, dialogue)
    [(start, end)] = row.missing
    assert row.dataset_bytes == len(sent) and end - start in (
        1448,
        1436,
    )  # one segment, perhaps with PDU and PDV headers
    assert row.reason == f"{end - start} bytes were not captured" and row.file is None


def test_an_object_on_a_refused_context_has_no_transfer_syntax_and_is_not_written(tmp_path: Path) -> None:
    [row] = export(tmp_path, Dialogue().open(result=3).store("1.2.3.4", data(), status=None).release())
    assert row.file is None and row.reason is not None and "transfer syntax" in row.reason


def test_a_store_without_data_set_is_listed(tmp_path: Path) -> None:
    [row] = export(tmp_path, Dialogue().open().store("1.2.3.4", b"").release())
    assert (row.file, row.reason, row.dataset_bytes) == (None, "no data set was seen", 0)


def test_no_objects_make_an_empty_manifest(tmp_path: Path) -> None:
    assert export(tmp_path, Dialogue().open().echo().release()) == ()
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["objects"] == []


def test_files_of_an_earlier_export_are_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "1.2.3.4.dcm").write_bytes(b"old")
    export(tmp_path, Dialogue().open().store("1.2.3.4", data()).release())
    assert body(tmp_path / "out" / "1.2.3.4.dcm") == data()
    assert not list((tmp_path / "out").glob("*.part"))


def test_a_directory_that_cannot_be_made_raises_as_the_file_system_does(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OSError, match="out"):
        export(tmp_path, Dialogue().open().store("1.2.3.4", data()).release())


def holed(sent: bytes, *, tail: bool = True) -> Dialogue:
    """A store of which one packet inside the data set was acknowledged but not captured, or that breaks off there."""
    dialogue = Dialogue().open()
    dialogue.say(pdus.p_data(pdus.pdv(messages.store_rq(1, "1.2.3.4"), command=True)))
    begin = len(dialogue.wire.frames)
    dialogue.say(pdus.p_data(pdus.pdv(sent)))
    dialogue.wire.acknowledge(OUT)
    big = [place for place in range(begin, len(dialogue.wire.frames)) if len(dialogue.wire.frames[place][1]) > 1000]
    del dialogue.wire.frames[big[2] : big[2] + 1 if tail else None]
    return dialogue


def export_incomplete(tmp_path: Path, *dialogues: Dialogue) -> tuple[ExportedObject, ...]:
    traffic = read(tmp_path / "capture.pcap", *dialogues, keep=True)
    return export_objects(traffic, tmp_path / "out", "0.1.0", incomplete=True)


def test_an_object_with_a_hole_is_not_written_unless_asked_for(tmp_path: Path) -> None:
    [row] = export(tmp_path, holed(data(PixelData=os.urandom(6000), BitsAllocated=8)))
    assert (row.file, row.complete) == (None, False) and "not captured" in (row.reason or "")
    assert files(tmp_path) == ["manifest.json"]


def test_asked_for_it_is_written_under_a_name_that_says_so_with_zeros_for_what_is_missing(tmp_path: Path) -> None:
    sent = data(PixelData=os.urandom(6000), BitsAllocated=8)
    [row] = export_incomplete(tmp_path, holed(sent))
    [(start, end)] = row.missing
    assert row.file == "1.2.3.4.incomplete.dcm" and files(tmp_path) == [row.file, "manifest.json"]
    assert 2000 < start < end < 5000 and row.missing_after is None
    assert body(tmp_path / "out" / row.file) == sent[:start] + bytes(end - start) + sent[end:]
    [listed] = json.loads((tmp_path / "out" / "manifest.json").read_text())["objects"]
    assert (listed["missing"], listed["complete"], listed["sha256"]) == ([[start, end]], False, None)


def test_an_object_that_breaks_off_is_written_up_to_there_and_the_manifest_says_where(tmp_path: Path) -> None:
    sent = data(PixelData=os.urandom(6000), BitsAllocated=8)
    [row] = export_incomplete(tmp_path, holed(sent, tail=False))
    assert (row.file, row.missing) == ("1.2.3.4.incomplete.dcm", ())
    assert row.missing_after is not None and 2000 < row.missing_after < 3000
    assert row.file and body(tmp_path / "out" / row.file) == sent[: row.missing_after]


def test_whole_objects_keep_their_names_beside_incomplete_ones(tmp_path: Path) -> None:
    sent = data(PixelData=os.urandom(6000), BitsAllocated=8)
    other = Dialogue(Wire(client=("10.0.0.9", 40009))).open().store("1.2.3.4", sent).release()
    rows = export_incomplete(tmp_path, holed(sent), other)
    assert sorted(row.file or "" for row in rows) == ["1.2.3.4.dcm", "1.2.3.4.incomplete.dcm"]


def late(tmp_path: Path, sent: bytes) -> ExportedObject:
    dialogue = Dialogue()
    for number in range(3):
        dialogue.store("1.2.3.4", sent if number == 1 else data())
    return export(tmp_path, dialogue)[1]


def test_a_syntax_that_is_sure_is_written_and_the_manifest_says_it_was_inferred(tmp_path: Path) -> None:
    sent = data(PixelData=bytes(400), BitsAllocated=8)
    row = late(tmp_path, sent)
    assert (row.transfer_syntax, row.transfer_syntax_inferred, row.sending_ae) == (EXPLICIT, "high", None)
    assert row.file and body(tmp_path / "out" / row.file) == sent


def test_a_syntax_that_is_not_sure_is_not_written_and_the_manifest_says_why(tmp_path: Path) -> None:
    row = late(tmp_path, data())
    assert (row.file, row.transfer_syntax_inferred) == (None, "low")
    assert "not negotiated in the capture" in (row.reason or "") and EXPLICIT in (row.reason or "")


def test_a_negotiated_syntax_is_not_called_inferred(tmp_path: Path) -> None:
    [row] = export(tmp_path, Dialogue().open().store("1.2.3.4", data()).release())
    assert row.transfer_syntax_inferred is None


def test_a_few_seen_bytes_do_not_fill_a_disk_with_zeros(tmp_path: Path) -> None:
    dialogue = Dialogue().open()
    dialogue.say(pdus.p_data(pdus.pdv(messages.store_rq(1, "1.2.3.4"), command=True)))
    whole = pdus.p_data(pdus.pdv(data(PixelData=bytes(90_000), BitsAllocated=8)))
    dialogue.say(whole[:40])
    dialogue.wire.seq[0] += len(whole) - 40
    dialogue.wire.acknowledge(OUT)
    dialogue.say(pdus.release_request())
    [row] = export_incomplete(tmp_path, dialogue)
    assert row.file is None and "bytes were captured" in (row.reason or "")
