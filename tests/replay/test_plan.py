"""Commands that say it again, run against a fresh DCMTK archive and a fresh pynetdicom server."""

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from dicomsniff.api import analyze
from dicomsniff.replay import DataFiles, replay_lines
from dicomsniff.report.redaction import redaction_of
from tests.association.dialogue import Dialogue
from tests.captures import real
from tests.compare.spoken import FIND, explicit, find, identifier, talk
from tests.forge import pdus
from tests.forge.wire import BACK, OUT, Wire, write_pcap

PROGRAMS = ("dcmqrscp", "storescu", "findscu", "movescu", "getscu", "echoscu")
with_dcmtk = pytest.mark.skipif(
    any(shutil.which(program) is None for program in PROGRAMS), reason="DCMTK is not installed"
)


def printed(path: Path, directory: Path | None = None, *, masked: bool = False, only: int | None = None) -> str:
    """What is printed for a capture, with the files written into the directory."""
    read = analyze(path, rules=False, keep_payloads=directory is not None)
    try:
        chosen = [a for a in read.associations if only in (None, a.id)]
        files, redaction = DataFiles(directory, "0"), redaction_of(read.traffic, masked)
        lines = replay_lines(read.traffic, chosen, files, redaction, "localhost", 11112, only is not None)
        return "\n".join(lines) + "\n"
    finally:
        read.close()


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def archive(folder: Path, callback: int) -> Iterator[int]:
    """A fresh dcmqrscp as the lab sets it up; ACME1 is here on this port, nobody listens for ACME2."""
    port, store = free_port(), folder / "db"
    store.mkdir(parents=True)
    (folder / "dcmqrscp.cfg").write_text(
        f"NetworkTCPPort = {port}\nMaxPDUSize = 16384\nMaxAssociations = 16\nHostTable BEGIN\n"
        f"acme1 = (ACME1, localhost, {callback})\nacme2 = (ACME2, localhost, {free_port()})\n"
        "acmeCTcompany = acme1, acme2\nHostTable END\n"
        'VendorTable BEGIN\n"Acme CT Company" = acmeCTcompany\nVendorTable END\n'
        f"AETable BEGIN\nACME_STORE {store} RW (100, 1024mb) acmeCTcompany\nAETable END\n"
    )
    with subprocess.Popen(["dcmqrscp", "-c", str(folder / "dcmqrscp.cfg")], stderr=subprocess.DEVNULL) as running:
        try:
            _wait(port)
            yield port
        finally:
            running.terminate()


def _wait(port: int) -> None:
    for _ in range(100):
        with closing(socket.socket()) as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the server does not listen")


def told(text: str) -> list[str]:
    """What DCMTK's -v says of final answers."""
    return re.findall(r"Received (?:Final )?((?:Store|Find|Move|C-GET) Response \((?!Pending)[^)]*\))", text)


@real.here
@with_dcmtk
@pytest.mark.parametrize("with_files", [True, False])
def test_the_replay_of_query_retrieve_has_the_same_answers_as_the_original(tmp_path: Path, with_files: bool) -> None:
    path, here = real.capture("query_retrieve"), tmp_path / "run"
    here.mkdir()
    text = printed(path, here)
    if not with_files:  # queries by their keys alone, masked; only the objects are files
        lines = printed(path, None, masked=True).splitlines()
        assert any("=MASKED" in line for line in lines) and not any("find_1.dcm" in line for line in lines)
        text = "\n".join(lines) + "\n"
    callback = free_port()
    text = text.replace("+P 1234", f"+P {callback}")
    with archive(tmp_path / "archive", callback) as port:
        script = here / "replay.sh"
        script.write_text(text)
        done = subprocess.run(
            ["sh", str(script)], cwd=here, env={"PORT": str(port), "PATH": "/usr/bin:/bin"}, timeout=60,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    original = told((real.CAPTURES / "query_retrieve" / "client.log").read_text())
    assert told(done.stdout + done.stderr) == original
    assert len(original) == 9 and "Move Response (Refused: MoveDestinationUnknown)" in original


@real.here
def test_a_script_says_what_dcmtk_cannot(tmp_path: Path) -> None:
    """MPPS and storage commitment against a fresh server; `tell` prints each status as it was."""
    pytest.importorskip("pynetdicom")
    text = printed(real.capture("workflow_mwl_mpps_commit"), tmp_path, only=2)
    assert "DCMTK cannot say it (several services)" in text and 'python3 replay_2.py "$HOST" "$PORT"' in text
    server = tmp_path / "server.py"
    server.write_text(_SERVER)
    port = free_port()
    with subprocess.Popen([sys.executable, str(server), str(port)], stdout=subprocess.PIPE, text=True) as running:
        try:
            _wait(port)
            done = subprocess.run(
                [sys.executable, "replay_2.py", "localhost", str(port)], cwd=tmp_path, capture_output=True,
                text=True, timeout=60, check=False,
            )  # fmt: skip
        finally:
            running.terminate()
        assert running.stdout is not None
        heard = running.stdout.read().splitlines()
    assert done.stdout.splitlines() == ["N-CREATE 0x0000", "N-SET 0x0000"], done.stderr
    assert "IN PROGRESS MPPS^TEST" in heard[-2] and "COMPLETED" in heard[-1]


_SERVER = """
import sys
from pynetdicom import AE, evt
from pynetdicom.sop_class import ModalityPerformedProcedureStep as MPPS

def create(event):
    data = event.attribute_list
    print(data.PerformedProcedureStepStatus, data.PatientName, flush=True)
    return 0, data

def change(event):
    data = event.modification_list
    print(data.PerformedProcedureStepStatus, flush=True)
    return 0, data

ae = AE("PYPACS")
ae.add_supported_context(MPPS)
ae.start_server(("127.0.0.1", int(sys.argv[1])), evt_handlers=[(evt.EVT_N_CREATE, create), (evt.EVT_N_SET, change)])
"""


def test_files_hold_the_data_sets_byte_for_byte(tmp_path: Path) -> None:
    data = explicit(0x00080052, b"CS", b"STUDY ") + explicit(0x00100010, b"PN", b"SMITH   ")
    path = talk(tmp_path / "c.pcap", find(data), abstract=FIND)
    text = printed(path, tmp_path / "out")
    assert "findscu -v -aet MODALITY -aec ARCHIVE -S " in text and "association_1_c-find_1.dcm" in text
    assert (tmp_path / "out" / "association_1_c-find_1.dcm").read_bytes().endswith(data)
    assert not (tmp_path / "out" / "replay_1.py").exists()


def test_keys_are_said_in_the_line_and_masked_unless_told_otherwise(tmp_path: Path) -> None:
    data = identifier(QueryRetrieveLevel="STUDY", PatientName="DOE^J*", PatientBirthDate="19700101", PatientID="")
    path = talk(tmp_path / "c.pcap", find(data), abstract=FIND)
    assert "-k '0010,0010=DOE^J*' -k 0010,0020 -k 0010,0030=19700101" in printed(path)
    masked = printed(path, masked=True)
    assert "DOE" not in masked and "1970" not in masked
    assert "-k 0010,0010=MASKED" in masked and "2 of its keys are masked" in masked


def test_what_a_line_cannot_say_is_left_to_a_file(tmp_path: Path) -> None:
    data = identifier(SpecificCharacterSet="ISO_IR 100", PatientName="MÜLLER")
    text = printed(talk(tmp_path / "c.pcap", find(data), abstract=FIND))
    assert "association_1_c-find_1.dcm" in text and "-k" not in text.split("findscu")[1]


def test_hostile_titles_cannot_leave_their_word(tmp_path: Path) -> None:
    for calling in (b"$(reboot)", b"a'; rm -rf /", b"x\n`id`", b"\x1b[2J"):
        text = printed(talk(tmp_path / "c.pcap", lambda d: d.echo(), abstract=pdus.VERIFICATION, calling=calling))
        [line] = [line for line in text.splitlines() if line.startswith("echoscu")]
        words = subprocess.run(
            ["sh", "-c", f"set -- {line}; printf '%s|' \"$@\""], env={"HOST": "h", "PORT": "1"}, capture_output=True,
            text=True, check=True,
        ).stdout.split("|")  # fmt: skip
        title = "".join(c if c.isprintable() else "?" for c in calling.decode())
        assert words == ["echoscu", "-v", "-aet", title, "-aec", "ARCHIVE", "h", "1", ""]


def test_a_passcode_is_never_printed(tmp_path: Path) -> None:
    request = pdus.request(sub_items=(pdus.user_identity(2, b"jdoe", b"hunter2"),))
    made = Dialogue()
    made.wire.connect()
    path = made.say(request).say(pdus.acceptance(), BACK).echo().release().save(tmp_path / "c.pcap")
    for directory in (None, tmp_path / "out"):
        text = printed(path, directory)
        files = list((tmp_path / "out").glob("*")) if directory else []
        assert "hunter2" not in text + "".join(f.read_text(errors="replace") for f in files)
        assert "secrets are not kept" in text


def test_every_capture_is_printed(tmp_path: Path) -> None:
    if not real.CAPTURES.is_dir():
        pytest.skip("the real captures are not beside this checkout")
    for name in real.names():
        text = printed(real.capture(name), masked=True)
        assert subprocess.run(["sh", "-n"], input=text, text=True, check=False).returncode == 0, name
        for script in re.findall(r"<<'END_OF_SCRIPT'\n(.*?)\nEND_OF_SCRIPT", text, re.DOTALL):
            compile(script, name, "exec")


def test_what_is_not_repeated_is_said(tmp_path: Path) -> None:
    wire = Wire()
    wire.connect().send(
        OUT, pdus.associate(1, pdus.uid(0x10, pdus.APPLICATION_CONTEXT), called=b"PACS".ljust(16, b"\0"))
    )
    text = printed(write_pcap(tmp_path / "c.pcap", wire.close(BACK).frames))
    assert "# (not repeated, and it may matter: AE titles that are padded with NUL; a request that proposes no" in text
    assert "# there is nothing to say again" in text
