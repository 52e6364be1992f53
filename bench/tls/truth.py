"""A capture and a key log in; the streams as tshark decrypts them, their PDUs and commands as pynetdicom reads them, out."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from pydicom.filereader import read_dataset

P_DATA, REQUEST = 4, 1


class Answer(NamedTuple):
    """What was made of a capture: associations, the exchanges by service, message ID and status, the hashes of objects."""

    associations: int
    exchanges: tuple[tuple[str, int, int], ...]
    objects: tuple[str, ...]


def _tshark(*arguments: str) -> list[str]:
    command = ["tshark", "-o", "tcp.reassemble_out_of_order:TRUE", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def answer_of_tshark(path: Path, preference: str) -> Answer:
    """`preference` gives the keys, as tshark's option `-o` takes it."""
    numbers = {int(line) for line in _tshark("-r", str(path), "-T", "fields", "-e", "tcp.stream") if line}
    associations, exchanges, objects = 0, list[tuple[str, int, int]](), list[str]()
    for number in sorted(numbers):
        lines = _tshark("-o", preference, "-r", str(path), "-q", "-z", f"follow,tls,raw,{number}")
        hexadecimal = [line for line in lines if line.strip() and set(line.strip()) <= set("0123456789abcdef")]
        sides = (
            b"".join(bytes.fromhex(line) for line in hexadecimal if not line.startswith("\t")),
            b"".join(bytes.fromhex(line.strip()) for line in hexadecimal if line.startswith("\t")),
        )
        associations += any(side[:1] == bytes([REQUEST]) for side in sides)  # which side is which tshark mixes up
        for side in sides:
            for kind, field, message_id, status, data in _messages(side):
                if kind == "response":
                    exchanges.append((f"{field:04x}", message_id, status))
                elif data:
                    objects.append(hashlib.sha256(data).hexdigest())
    return Answer(associations, tuple(sorted(exchanges)), tuple(sorted(objects)))


def _items(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Context, control byte and value of every item of the P-DATA-TF PDUs (PS3.8 §9.3.5)."""
    at = 0
    while at + 6 <= len(stream):
        end = at + 6 + int.from_bytes(stream[at + 2 : at + 6], "big")
        inner = at + 6
        while stream[at] == P_DATA and inner < end:
            length = int.from_bytes(stream[inner : inner + 4], "big")
            yield stream[inner + 4], stream[inner + 5], stream[inner + 6 : inner + 4 + length]
            inner += 4 + length
        at = end


def _messages(stream: bytes) -> Iterator[tuple[str, int, int, int, bytes]]:
    """ "request" or "response", command field, message ID, status, data set."""
    command, data, current = bytearray(), bytearray(), None
    for _, control, value in _items(stream):
        if control & 1:
            command += value
            if control & 2:
                read = read_dataset(BytesIO(bytes(command)), is_implicit_VR=True, is_little_endian=True)
                command.clear()
                field = read.CommandField
                if field & 0x8000:
                    yield "response", field & 0x7FFF, read.MessageIDBeingRespondedTo, read.Status, b""
                else:
                    current = (field, read.MessageID)
        else:
            data += value
            if control & 2 and current:
                yield "request", *current, 0, bytes(data)
                data.clear()
