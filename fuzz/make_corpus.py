"""The seeds of every harness, made by the tests' forge; `python -m fuzz.make_corpus` writes them to `corpus/`.

The same code gives the same bytes. Inputs that once broke an invariant are kept beside them, as `found_…`.
"""

import base64
import gzip
import hashlib
import json
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from dicomsniff.core import Direction
from dicomsniff.tls.messages import RETRY
from fuzz import fuzz_decode, fuzz_tls
from fuzz.conversations import STORED
from fuzz.engine import CORPUS
from fuzz.fuzz_dataset import BIG, DEFLATED, EXPLICIT, IMPLICIT, SYNTAXES
from tests.forge import capture_files as files
from tests.forge import pdus
from tests.forge.dialogue import data_set
from tests.forge.field import counted, drawn_anew, merged, over_two_paths
from tests.forge.messages import CT, command_bytes, element, encode
from tests.forge.wire import BACK, OUT, Frame, Wire
from tests.tcp import wrappings

Seeds = Iterator[tuple[str, bytes]]


def capture() -> Seeds:
    few, odd = files.packets(3), files.Packet(1_700_000_000 * files.NS, b"x" * 21)
    rich = (
        files.section(files.comment("file"))
        + files.interface(113, 40, files.comment("port"))
        + files.enhanced(odd, options=files.comment("here") + files.option(4, bytes(8)))
        + files.secrets(b"CLIENT_RANDOM")
        + files.simple(odd)
        + files.obsolete(odd, drops=2)
        + files.statistics(0, files.option(5, b"\7" + bytes(7)))
        + files.section(order=">")
        + files.interface(order=">", options=files.option(9, b"\x8a", ">") + files.option(14, bytes(8), ">"))
        + files.enhanced(odd, order=">", options=files.comment("there", ">"))
    )
    made = {
        "pcap": files.pcap(few),
        "pcap_nano_big": files.pcap(few, ">", 0xA1B23C4D),
        "pcap_modified": files.pcap(few, ">", 0xA1B2CD34, 113),
        "pcapng": files.pcapng(few),
        "pcapng_big": files.pcapng(few, ">", 101),
        "pcapng_rich": rich,
        "gzip": gzip.compress(files.pcap(few), mtime=0),
        "snoop": b"snoop\0\0\0" + bytes(40),
    }
    for number, (name, content) in enumerate(made.items()):
        yield name, bytes([number % 4, 16 * number]) + struct.pack("<H", 100 + 10 * number) + content


def decode() -> Seeds:
    for number, (name, (link_type, packet)) in enumerate(sorted(wrappings.packets().items())):
        yield name.replace(" ", "_"), fuzz_decode.raw(link_type, packet, packet, size=number % 5, snap=0)
    syn, ack, data, fin, rst = (bytes([flags]) for flags in (2, 18, 24, 17, 4))
    next_, far, back = b"\0", b"\x07", b"\x02"

    def segment(which: int, flags: bytes, place: bytes, length: int, wait: int = 0) -> bytes:
        return bytes([0x80 | wait, which]) + flags + place + bytes([length])

    opened = segment(0, syn, next_, 0) + segment(1, ack, next_, 0) + segment(0, b"\x10", next_, 0)
    said = opened + segment(0, data, next_, 100) + segment(1, data, next_, 80) + segment(1, b"\x10", next_, 0)
    yield "script_orderly", b"\0\0\0" + said + segment(0, fin, next_, 0) + segment(1, fin, next_, 0)
    yield "script_reset", b"\0\3\0" + said + segment(0, rst, next_, 0) + opened
    yield "script_hole", b"\0\1\0" + said + segment(0, data, b"\3", 100) + segment(1, b"\x10", b"\x30", 0)
    yield "script_again", b"\0\1\0" + said + segment(0, data, back, 50) + segment(0, syn, far, 0, 5) + said
    yield "script_wrap", b"\0\5\0" + said.replace(b"\x80\0", b"\x80\2").replace(b"\x80\1", b"\x80\3") * 3
    for name, frames in _on_two_ways():
        yield name, fuzz_decode.raw(1, *(frame for _, frame in frames[:40]), size=5)
    yield "script_snap", b"\0\2\x50" + said + segment(4, data, next_, 90) * 3 + segment(5, data, next_, 10)


def _on_two_ways() -> Iterator[tuple[str, list[Frame]]]:
    """Conversations that are there twice, or in two parts."""
    talk = Wire().connect().send(OUT, b"question" * 30).send(BACK, b"answer" * 20).close().frames
    yield "paths", merged(*over_two_paths(talk * 2, ("172.16.0.9", 51000), ("10.0.0.2", 104), 2))
    yield "drawn_anew", merged(counted(talk), drawn_anew(counted(talk), 1 << 31, 1 << 30))


def framer() -> Seeds:
    image = bytes(range(256)) * 2
    store = pdus.p_data(pdus.pdv(command_bytes(CommandField=1, MessageID=7), command=True)) + pdus.p_data(
        pdus.pdv(image, last=False), pdus.pdv(image[:100])
    )
    whole = pdus.request() + store + pdus.echo_request() + pdus.release_request()
    yield "whole", b"\0\0" + whole
    yield "cut", b"\0\3" + b"\x05\0\0\x40\0\0\x05\1\0" + whole
    yield "holed", b"\0\2" + b"\x80\0\x20\x80\1\x10" + whole
    yield "late", b"\1\1" + b"\x20\0\0" + whole[30:]
    yield "small", b"\2\2" + b"\x20\0\0\x20\1\x08" + whole
    yield "answers", b"\0\0" + pdus.acceptance() + pdus.rejection() + pdus.release_response() + pdus.abort(2, 6)
    yield "rich_request", b"\0\0" + pdus.scapy_request()
    yield "lies", b"\0\0" + pdus.pdu(4, b"", 2**32 - 1) + pdus.pdu(1, bytes(80), 70) + pdus.pdu(9, b"?")
    yield "item_lies", b"\0\0" + pdus.p_data(pdus.pdv(b"x", length=2**32 - 1), pdus.pdv(b"", length=0)) + whole


def command() -> Seeds:
    common = {"AffectedSOPClassUID": CT, "MessageID": 3, "CommandDataSetType": 1}
    yield "store", command_bytes(CommandField=1, Priority=0, AffectedSOPInstanceUID="1.2.3", **common)
    yield "move", command_bytes(CommandField=0x21, Priority=2, MoveDestination="ELSEWHERE", **common)
    counts = {f"NumberOf{kind}Suboperations": 4 for kind in ("Remaining", "Completed", "Failed", "Warning")}
    yield "move_response", command_bytes(CommandField=0x8021, MessageIDBeingRespondedTo=3, Status=0xFF00, **counts)
    failure = {"Status": 0x0110, "ErrorComment": "no space", "OffendingElement": [0x00100010], "ErrorID": 9}
    yield "failure", command_bytes(CommandField=0x8140, MessageIDBeingRespondedTo=3, **failure)
    yield "action", command_bytes(CommandField=0x130, ActionTypeID=1, RequestedSOPInstanceUID="1.2", MessageID=1)
    yield "no_group_length", command_bytes(CommandField=0x30)[12:]
    yield "length_lies", element(0, struct.pack("<I", 99)) + element(0x00000100, b"\x30\0", 2**32 - 1)
    yield "other_group", element(0, struct.pack("<I", 20)) + element(0x00000100, b"\1\0") + element(0x00100010, b"A ")


def dataset() -> Seeds:
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    inner, middle, whole = Dataset(), Dataset(), Dataset()
    inner.CodeValue, inner.CodeMeaning = "T1", "Größe"
    middle.ConceptNameCodeSequence = Sequence([inner, inner])
    whole.SpecificCharacterSet, whole.PatientName = "ISO_IR 100", "Forged^Größe"
    whole.SOPClassUID, whole.SOPInstanceUID, whole.StudyInstanceUID = CT, "1.2.3", "1.2"
    whole.ContentSequence = Sequence([middle])
    whole.Rows, whole.Columns, whole.PixelRepresentation = 4, 4, 1
    whole.add_new(0x00091001, "LO", "private")
    forms = {IMPLICIT: (True, True), EXPLICIT: (False, True), BIG: (False, False)}
    for syntax, (implicit, little) in forms.items():
        content = encode(whole, implicit=implicit, little=little)
        head = bytes([SYNTAXES.index(syntax)])
        name = f"syntax_{SYNTAXES.index(syntax)}"
        yield name, head + b"\1\x64\0" + content
        yield f"{name}_small", head + b"\7\xf0\0" + content
        yield f"{name}_guessed", b"\4\0\x32\0" + content
        if syntax == EXPLICIT:
            deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            packed = deflate.compress(content) + deflate.flush()
            yield "deflated", bytes([SYNTAXES.index(DEFLATED)]) + b"\1\x20\0" + packed
            yield "to_deflate", bytes([SYNTAXES.index(DEFLATED)]) + b"\1\x20\0" + content
    undefined = b"\x40\0\x30\xa7SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\0\xe0\xff\xff\xff\xff" * 2
    yield "undefined_nesting", b"\1\5\0\0" + undefined * 3
    fragments = b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff" + b"\xfe\xff\0\xe0\4\0\0\0abcd" + b"\xfe\xff\xdd\xe0\0\0\0\0"
    yield "encapsulated", b"\5\1\0\0" + encode(whole, implicit=False) + fragments
    yield "matching_keys", b"\0\1\0\0" + data_set(QueryRetrieveLevel="STUDY", PatientID="*")


def dimse() -> Seeds:
    data, last = bytes([4]) + b"\4abcd", bytes([2]) + b"\2ef"
    yield "store", b"\1" + b"\x08\0" + bytes([0]) + b"\4abcd" + last
    yield "store_in_pieces", b"\1" + b"\x08\0" + data + last + b"\x08\1"
    yield "missing", b"\1" + b"\x08\0" + b"\0\4abcd" + b"\x0c\7" + last + b"\x08\1\x08\2"
    yield "broken", b"\3" + b"\x08\0" + b"\0\4abcd" + b"\x0e" + last + b"\x08\3" + last
    yield "closed", b"\0" + b"\x08\0" + b"\0\4abcd" + b"\x0f" + last + b"\x08\1"
    yield "two_contexts", b"\1" + b"\x08\0" + b"\x10\2xx" + b"\x18\3" + b"\x12\2yy" + last
    text = command_bytes(CommandField=0x8001, MessageIDBeingRespondedTo=1, Status=0, CommandDataSetType=0x0101)
    half = len(text) // 2
    yield "command_in_two", b"\0" + bytes([1, half]) + text[:half] + bytes([3, len(text) - half]) + text[half:]
    yield "empty", b"\0" + b"\x02\0\x03\0\x00\0" * 5


def pipeline() -> Seeds:
    rng = random.Random("pipeline")
    for seed in range(4):
        yield f"clean_{seed}", bytes([seed * 50, 0, seed])
        for change in range(8):
            changes = [bytes([change]) + struct.pack("<HB", rng.randrange(200), rng.randrange(256)) for _ in range(2)]
            behind = bytes([rng.randrange(256)]) + rng.randbytes(8) if change > 5 else b""
            yield f"change_{change}_{seed}", bytes([rng.randrange(256), 0, seed]) + behind.join([*changes, b""])
    yield "snapped", bytes([9, 8, 0])
    yield "mixed", bytes([30, 0, 1]) + b"".join(struct.pack("<BHB", change, 7 * change, 3) for change in (0, 1, 2, 4))


def tls() -> Seeds:
    def record(kind: int, body: bytes) -> bytes:
        return bytes([kind, 3, 3]) + len(body).to_bytes(2, "big") + body

    def message(kind: int, body: bytes) -> bytes:
        return record(22, bytes([kind]) + len(body).to_bytes(3, "big") + body)

    def extension(kind: int, body: bytes) -> bytes:
        return struct.pack(">HH", kind, len(body)) + body

    host = b"pacs.example.org"
    offered = extension(0, struct.pack(">HBH", len(host) + 3, 0, len(host)) + host)
    offered += extension(16, b"\0\6\5dicom") + extension(43, b"\4\3\4\3\3")
    suites = struct.pack(">HHHHH", 8, 0x1301, 0xC02F, 0x0035, 0x00FF)
    hello = b"\3\3" + bytes(32) + b"\0" + suites + b"\1\0" + struct.pack(">H", len(offered)) + offered
    chosen = b"\3\3" + bytes(range(32)) + b"\0\xc0\x2f\0"
    newer = extension(43, b"\3\4")
    newest = b"\3\3" + bytes(range(32)) + b"\0\x13\1\0" + struct.pack(">H", len(newer)) + newer
    retry = b"\3\3" + RETRY + b"\0\x13\1\0" + struct.pack(">H", len(newer)) + newer
    pem = (Path(__file__).parents[1] / "tests/tls/data/server.pem").read_text().split("-----")[2]
    der = base64.b64decode(pem)
    chain = (len(der) + 3).to_bytes(3, "big") + len(der).to_bytes(3, "big") + der
    out, back = (partial(fuzz_tls.raw, direction) for direction in Direction)
    yield "whole_1_2", out(message(1, hello)) + back(message(2, chosen) + message(11, chain) + message(14, b""))
    yield (
        "client_certificate",
        out(message(1, hello))
        + back(message(2, chosen) + message(13, bytes(8)))
        + out(message(11, chain) + record(20, b"\1") + record(22, bytes(40)))
        + back(record(21, b"\2\x2a")),
    )
    yield "whole_1_3", out(message(1, hello)) + back(message(2, newest) + record(20, b"\1") + record(23, bytes(600)))
    yield "retry", out(message(1, hello)) + back(message(2, retry)) + out(message(1, hello)) + back(message(2, newest))
    yield "refused", out(message(1, hello)) + back(record(21, b"\2\x28"))
    yield "no_certificate_to_show", back(message(2, chosen) + message(13, bytes(8))) + out(message(11, bytes(3)))
    yield "not_tls", out(b"GET / HTTP/1.1\r\n\r\n") + back(bytes([1, 0]) + bytes(70))
    yield "two_messages_in_a_record", back(record(22, message(2, chosen)[5:] + message(11, chain)[5:]))


def keylog() -> Seeds:
    def line(label: str, length: int = 48, number: int = 0) -> bytes:
        secret = hashlib.sha512(f"{label}{number}".encode()).hexdigest()[: 2 * length]
        return f"{label} {bytes([number]).hex() * 32} {secret}\n".encode()

    yield "master", line("CLIENT_RANDOM")
    yield "premaster", line("PMS_CLIENT_RANDOM")
    sides = [
        f"{side}_{what}" for what in ("HANDSHAKE_TRAFFIC_SECRET", "TRAFFIC_SECRET_0") for side in ("CLIENT", "SERVER")
    ]
    newer = b"".join(line(label, 32) for label in ("CLIENT_EARLY_TRAFFIC_SECRET", *sides, "EXPORTER_SECRET"))
    yield "newer", newer
    yield "long_secrets", b"# SSL/TLS secrets log file, generated by NSS\n" + b"".join(line(each) for each in sides)
    yield "other_line_ends", newer.replace(b"\n", b"\r\n") + newer.replace(b"\n", b"\r")
    yield "cut", (newer + line("CLIENT_RANDOM"))[:-70]
    yield "two_sessions", line("CLIENT_RANDOM") + line("CLIENT_RANDOM", number=1) + line("CLIENT_RANDOM", 32)
    yield "other_kinds", b"RSA 0011223344556677 " + b"ab" * 48 + b"\nRSA Session-ID:00 Master-Key:11\n\n" + b"\xff" * 30


def session() -> Seeds:
    names = sorted(json.loads(STORED.read_text()))
    rng = random.Random("session")
    for number, name in enumerate(names):
        words = "_".join(name.replace(".", "_").split())
        yield f"clean_{words}", bytes([number, 40, 255])
        for change in range(8):
            where, much = rng.randrange(4, 40), rng.randrange(256)
            yield (
                f"change_{change}_{words}",
                bytes([number, rng.randrange(60), 20, change]) + struct.pack("<HB", where, much) + rng.randbytes(9),
            )


HARNESSES: dict[str, Callable[[], Seeds]] = {
    made.__name__: made for made in (capture, decode, framer, command, dataset, dimse, pipeline, tls, keylog, session)
}


def write(directory: Path = CORPUS) -> None:
    """Every seed as a file of its own in the harness's folder."""
    for harness, seeds in HARNESSES.items():
        (directory / harness).mkdir(parents=True, exist_ok=True)
        for name, content in seeds():
            (directory / harness / name).write_bytes(content)


if __name__ == "__main__":
    write()
