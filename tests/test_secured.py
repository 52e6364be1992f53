"""Associations beneath TLS: with keys the same as in the clear, without them nothing but the handshake."""

import base64
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import dicomsniff
from dicomsniff.api import Analysis
from dicomsniff.association.values import Kind
from dicomsniff.core import Direction, Endpoint
from dicomsniff.tls.keylog import KeyFileError
from tests.captures import real
from tests.forge import capture_files, pdus
from tests.forge.dialogue import Dialogue
from tests.forge.field import with_header
from tests.forge.hospital import image
from tests.forge.wire import OUT, Frame, Wire, write_pcap
from tests.pdu.test_preamble import binary
from tests.tls.conversing import Flight, Secret, converse
from tests.tls.handshaking import DATA, Setup, Version

CT, PLAIN = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2"
OLD = Setup(server="rsa", checks=False, client_ciphers="AES256-GCM-SHA384:@SECLEVEL=0")
NEW = Setup(server="rsa", checks=False, version=Version.TLSv1_3)


class Speech(Wire):
    """What a dialogue says, without TCP."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[Flight] = []

    def send(self, direction: Direction, data: bytes) -> "Speech":
        self.said.append((direction, data))
        return self


def an_echo_and_three_images() -> list[Flight]:
    speech = Speech()
    made = Dialogue(speech, "CT", "PACS", (CT, (PLAIN,), 0), (pdus.VERIFICATION, (PLAIN,), 0)).request().accept()
    made.echo()
    for number in range(3):
        instance = f"1.2.3.{number}"
        pixels = bytes([number]) * 40_000
        made.store(CT, instance, image(CT, number, SOPInstanceUID=instance, Rows=200, Columns=200, PixelData=pixels))
    made.release()
    return speech.said


@cache
def secret(new: bool = False) -> Secret:
    return converse(an_echo_and_three_images(), NEW if new else OLD)


def capture(folder: Path, secret: Secret, lost: range = range(0)) -> tuple[Path, Path]:
    """The capture, without some of its packets, and its key log."""
    frames: list[Frame] = [f for at, f in enumerate(secret.talk().frames(OUT), 1) if at not in lost]
    log = folder / "keys.log"
    log.write_bytes(secret.keys)
    return write_pcap(folder / "tls.pcap", frames), log


def told(analysis: Analysis) -> list[object]:
    """What matters of the objects."""
    return [(row["sop_instance"], row["complete"], row["sha256"]) for row in analysis.report().objects]


@pytest.mark.parametrize("new", [False, True])
def test_with_keys_all_is_as_in_the_clear(tmp_path: Path, new: bool) -> None:
    path, log = capture(tmp_path, secret(new))
    clear = Wire().connect()
    for way, data in an_echo_and_three_images():
        clear.send(way, data)
    plain = dicomsniff.analyze(write_pcap(tmp_path / "plain.pcap", clear.close().frames))
    opened = dicomsniff.analyze(path, keylog=log)
    assert told(opened) == told(plain) and len(told(opened)) == 3
    assert [(e.service, e.status) for e in opened.exchanges] == [(e.service, e.status) for e in plain.exchanges]
    [conversation], [association] = opened.connections, opened.associations
    assert (conversation.kind, conversation.protocols) == (Kind.DICOM_TLS, ("tls", "tls"))
    assert association.calling_ae == "CT" and association.outcome == "released" and not association.blind
    assert not {"DS-CAP-006", "DS-SEC-001", "DS-SEC-002"} & {f.rule for f in opened.findings}


def test_behind_a_header_of_a_load_balancer_it_is_the_same(tmp_path: Path) -> None:
    path, log = capture(tmp_path, secret(True))
    header = binary(Endpoint("203.0.113.9", 51000), Endpoint("198.51.100.1", 2762))
    behind = write_pcap(tmp_path / "behind.pcap", with_header(secret(True).talk().frames(OUT), header))
    plain, opened = dicomsniff.analyze(path, keylog=log), dicomsniff.analyze(behind, keylog=log)
    assert told(opened) == told(plain) and len(told(opened)) == 3
    (conversation,) = opened.connections
    assert conversation.kind is Kind.DICOM_TLS and conversation.preamble is not None
    assert conversation.preamble.source == Endpoint("203.0.113.9", 51000)
    assert {f.rule for f in opened.findings} == {f.rule for f in plain.findings}


def test_without_keys_only_the_handshake_is_told(tmp_path: Path) -> None:
    path, _ = capture(tmp_path, secret())
    analysis = dicomsniff.analyze(path)
    assert not analysis.associations and {f.rule for f in analysis.findings} >= {"DS-CAP-006"}
    [row] = analysis.report().connections
    assert row["tls"]["version"] == "TLS 1.2" and row["tls"]["decrypted"] is None


def test_a_lost_packet_costs_one_object_and_the_others_are_whole(tmp_path: Path) -> None:
    full = [at for at, (_, data) in enumerate(secret(True).talk().frames(OUT), 1) if len(data) > 1400]
    path, log = capture(tmp_path, secret(True), range(full[35], full[35] + 1))
    analysis = dicomsniff.analyze(path, keylog=log)
    every = told(dicomsniff.analyze(capture(tmp_path, secret(True))[0], keylog=log))
    mine = told(analysis)
    assert len(mine) == 3 and sum(row in every for row in mine) == 2
    assert [f.rule for f in analysis.findings if f.severity in ("error", "warning")] == ["DS-CAP-002"]


def test_keys_that_do_not_fit_are_said_not_to(tmp_path: Path) -> None:
    path, _ = capture(tmp_path, secret())
    other = tmp_path / "other.log"
    other.write_bytes(secret(True).keys)
    analysis = dicomsniff.analyze(path, keylog=other)
    [finding] = [f for f in analysis.findings if f.rule == "DS-CAP-006"]
    assert "No key that was given fits." in finding.message and not analysis.associations


def test_keys_for_a_connection_that_had_begun_before_are_of_no_use(tmp_path: Path) -> None:
    path, log = capture(tmp_path, secret(), range(1, 12))
    analysis = dicomsniff.analyze(path, keylog=log)
    assert not analysis.exchanges and "fits" not in " ".join(f.message for f in analysis.findings)


def test_a_damaged_record_is_told_and_costs_one_object(tmp_path: Path) -> None:
    _, data = next(f for f in secret().flights if len(f[1]) > 20_000)
    damaged = [(w, d[:9000] + bytes([d[9000] ^ 1]) + d[9001:] if d is data else d) for w, d in secret().flights]
    path, log = capture(tmp_path, Secret(damaged, secret().keys))
    analysis = dicomsniff.analyze(path, keylog=log)
    [finding] = [f for f in analysis.findings if f.rule == "DS-CAP-006"]
    assert finding.message.startswith("1 TLS record between 10.0.0.1 and 10.0.0.2:2762 could not be decrypted")
    assert sum(row["complete"] for row in analysis.report().objects) == 2
    assert not [f for f in analysis.findings if f.severity == "error"]


def test_the_keys_may_lie_in_the_capture_itself_and_for_every_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packets = [capture_files.Packet(time_ns, data) for time_ns, data in secret(True).talk().frames(OUT)]
    with_keys = tmp_path / "keys.pcapng"
    whole = capture_files.pcapng(packets)
    head = capture_files.section() + capture_files.interface()
    assert whole.startswith(head[:28])
    with_keys.write_bytes(whole[:28] + capture_files.secrets(secret(True).keys) + whole[28:])
    monkeypatch.setattr("dicomsniff.api.WORTH_SHARING", 1)
    one, two = (dicomsniff.analyze(with_keys, jobs=jobs) for jobs in (1, 2))
    assert told(one) == told(two) and len(told(one)) == 3


def test_the_private_key_of_the_server_serves_as_well(tmp_path: Path) -> None:
    path, _ = capture(tmp_path, secret())
    assert len(told(dicomsniff.analyze(path, tls_keys=[DATA / "rsa.key"]))) == 3


def test_objects_are_exported(tmp_path: Path) -> None:
    path, log = capture(tmp_path, secret(True))
    rows = dicomsniff.analyze(path, keylog=log).export(tmp_path / "out")
    assert len([row for row in rows if row.file and row.complete]) == 3


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    command = [sys.executable, "-m", "dicomsniff", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)


def test_on_the_command_line_keys_come_from_a_file_or_from_the_environment(tmp_path: Path) -> None:
    path, log = capture(tmp_path, secret())
    for done in (run("analyze", path, "--keylog", log), run("analyze", path, SSLKEYLOGFILE=str(log))):
        assert done.returncode == 0 and "CT → PACS" in done.stdout
    assert "CT → PACS" not in run("analyze", path, SSLKEYLOGFILE=str(tmp_path / "none.log")).stdout


@pytest.mark.parametrize("content", [b"", b"no keys at all", bytes(100)], ids=["empty", "text", "zeros"])
def test_a_key_log_without_a_key_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path, log = capture(tmp_path, secret())
    log.write_bytes(content)
    done = run("analyze", path, "--keylog", log)
    assert (done.returncode, done.stdout) == (2, "") and re.fullmatch(
        r"dicomsniff: .* is no TLS key log.*\n", done.stderr
    )
    with pytest.raises(KeyFileError):
        dicomsniff.analyze(path, keylog=log)


def test_no_output_shows_a_secret(tmp_path: Path) -> None:
    path, log = capture(tmp_path, secret(True))
    secrets = {
        line.split()[-1].decode() for line in secret(True).keys.splitlines() if line and not line.startswith(b"#")
    }
    analysis = dicomsniff.analyze(path, keylog=log)
    analysis.to_json(tmp_path / "r.json", redact=False)
    analysis.to_html(tmp_path / "r.html", redact=False)
    shown = (tmp_path / "r.json").read_text() + (tmp_path / "r.html").read_text() + repr(analysis._options)
    assert not [value for value in secrets if value in shown.lower()]


def test_no_command_shows_a_secret_in_any_form(tmp_path: Path) -> None:
    """Neither those of a key log nor those that the capture itself carries."""
    secrets = [bytes.fromhex(line.split()[2].decode()) for line in secret(True).keys.splitlines() if b"SECRET" in line]
    packets = [capture_files.Packet(time_ns, data) for time_ns, data in secret(True).talk().frames(OUT)]
    whole, path, log, out = capture_files.pcapng(packets), tmp_path / "k.pcapng", tmp_path / "keys", tmp_path / "out"
    path.write_bytes(whole[:28] + capture_files.secrets(secret(True).keys) + whole[28:])
    log.write_bytes(secret(True).keys)
    out.mkdir()
    shown = b""
    for command in (
        ("analyze", path, "-v", "--no-redact", "--json", out / "a.json", "--html", out / "a.html"),
        ("report", path, "--no-redact", "-o", out / "r.html"),
        ("export", path, "-o", out / "objects"),
        ("log", path, "--no-redact"),
        ("tables", path, "-o", out / "tables"),
        ("query", path),
        *(("dump", path, "--stage", stage) for stage in ("packets", "streams", "pdus", "messages", "associations")),
    ):
        done = run(*command, "--keylog", log)
        assert "Traceback" not in done.stderr
        if command[0] in ("analyze", "report", "export", "log"):
            assert done.returncode == 0 and (done.stdout or command[0] == "report" or done.stderr is not None)
        shown += (done.stdout + done.stderr).encode()
    files = [each for each in out.rglob("*") if each.is_file()]
    assert len(files) >= 6  # two pages, a report, three objects
    shown += b"".join(each.read_bytes() for each in files)
    assert len(secrets) >= 4 and b"CT" in shown
    for value in secrets:
        assert value.hex().encode() not in shown.lower() and value not in shown
        assert base64.b64encode(value)[:40] not in shown


def no_fit(analysis: Analysis) -> bool:
    """One line says that no key fits, nothing was opened, and the handshake is told all the same."""
    said = [f for f in analysis.findings if "No key that was given fits" in f.message]
    [row] = analysis.report().connections
    facts = row["tls"]
    shown = facts["version"] and facts["cipher_suite"] and facts["offered_cipher_suites"] and facts["handshake_ms"]
    return len(said) == 1 and not analysis.associations and facts["decrypted"] is False and bool(shown)


@pytest.mark.parametrize("new", [False, True])
def test_wrong_cut_and_foreign_key_logs_leave_the_handshake_and_one_line(tmp_path: Path, new: bool) -> None:
    path, log = capture(tmp_path, secret(new))
    lines = [line for line in secret(new).keys.splitlines() if line and not line.startswith(b"#")]
    other = converse(an_echo_and_three_images()[:2], NEW if new else OLD).keys
    wrong = b"\n".join(b" ".join([*line.split()[:2], line.split()[2][::-1]]) for line in lines)
    cut = b"\n".join(line[:-20] for line in lines)
    for content in (other, wrong, other + wrong, other + cut):
        log.write_bytes(content)
        assert no_fit(dicomsniff.analyze(path, keylog=log)), content
        done = run("analyze", path, "--keylog", log)
        assert done.returncode == 0 and " ".join(done.stdout.split()).count("No key that was given fits") == 1
    if new:  # cut off behind the secrets of the handshake
        log.write_bytes(b"\n".join(line for line in lines if b"HANDSHAKE" in line) + b"\nCLIENT_TRAFFIC_SEC")
        assert no_fit(dicomsniff.analyze(path, keylog=log))


def test_a_key_log_that_ends_in_the_middle_of_the_next_session_serves_for_the_one_before(tmp_path: Path) -> None:
    path, log = capture(tmp_path, secret())
    log.write_bytes(secret().keys + b"\n" + converse([], OLD).keys[:-70])
    assert len(told(dicomsniff.analyze(path, keylog=log))) == 3


@real.here
def test_the_real_capture_is_decrypted_as_by_wireshark() -> None:
    analysis = dicomsniff.analyze(real.capture("tls"), keylog=real.CAPTURES / "tls" / "keylog.txt")
    [facts] = [each for each in real.facts("tls") if each.get("calling") == "PYSCU"]
    stores = [m for m in facts["messages"][1] if m["command"] == "C-STORE-RQ"]
    assert [(o["sop_instance"], o["dataset_bytes"], o["sha256"]) for o in analysis.report().objects] == [
        (m["sop_instance"], m["dataset_bytes"], m["dataset_sha256"]) for m in stores
    ]
    assert {"DS-SEC-005", "DS-TCP-004"} <= {f.rule for f in analysis.findings}


def test_keys_that_fit_no_connection_at_all_are_said_not_to_on_any_port(tmp_path: Path) -> None:
    path, log = write_pcap(tmp_path / "web.pcap", secret(True).talk().frames(OUT, 9443)), tmp_path / "other.log"
    log.write_bytes(secret().keys)
    done = run("analyze", path, "--keylog", log)
    assert " ".join(done.stdout.split()).count("No key that was given fits 1 TLS connection (10.0.0.2:9443).") == 1
    assert "No key" not in run("analyze", path).stdout
    log.write_bytes(secret(True).keys)
    assert "No key" not in run("analyze", path, "--keylog", log).stdout
