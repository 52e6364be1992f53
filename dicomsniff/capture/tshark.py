"""A small capture in, what Wireshark says of its DICOM PDUs out, as lines of JSON: the program of a child process.

`python -m dicomsniff.capture.tshark FILE PORT` prints one line for each PDU. It is a process of its own because a dissector
that hangs, or that hostile bytes bring down, must take nothing with it. This is the only door to pyshark.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from dicomsniff.core.patterns import pattern

_ELEMENT = pattern(r"^\(0000,(0100|0110|0120|0900)\)\s+\d+ \D+?\s{2,}(.*)$")
_STATUS = pattern(r"\(0x([0-9a-fA-F]+)\)$")


def main(arguments: list[str]) -> int:
    """Exit code 0; 3 where pyshark or tshark is missing, with one line on standard error."""
    try:
        import pyshark
        from pyshark.tshark.tshark import TSharkNotFoundException
    except ImportError:
        sys.stderr.write("pyshark is not installed: pip install 'dicomsniff[wireshark]'\n")
        return 3
    path, port = arguments
    try:
        capture = pyshark.FileCapture(
            path,
            display_filter="dicom",
            keep_packets=False,
            decode_as={f"tcp.port=={int(port)}": "dicom"},
            custom_parameters=["-n", "-o", "tcp.reassemble_out_of_order:TRUE"],
        )
    except TSharkNotFoundException:
        sys.stderr.write("tshark is not installed\n")
        return 3
    for packet in capture:
        for layer in packet.get_multiple_layers("dicom"):
            for row in _rows(packet, layer):
                sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()
    return 0


def _rows(packet: Any, layer: Any) -> Iterator[dict[str, Any]]:
    """One PDU of a packet; a layer without a PDU type is an export of Wireshark's own."""
    types, lengths = _numbers(layer, "pdu_type"), _numbers(layer, "pdu_len")
    if not types:
        return
    texts = [str(field.show) for field in layer.get_field("").all_fields] if "" in layer.field_names else []
    values = zip(_numbers(layer, "pdv_len"), _numbers(layer, "pdv_ctx"), _numbers(layer, "pdv_flags"), strict=False)
    yield {
        "packet": int(packet.number),
        "source": f"{_address(packet)}|{packet.tcp.srcport}",
        "type": types[0],
        "length": lengths[0] if lengths else None,
        "values": [list(value) for value in values],
        "messages": list(_messages(texts)),
    }


def _messages(texts: list[str]) -> Iterator[list[Any]]:
    """Name, message ID and status of each command set, as its elements say them."""
    message: list[Any] | None = None
    for found in filter(None, map(_ELEMENT.match, texts)):
        element, value = found.groups()
        if element == "0100":
            if message is not None:
                yield message
            message = [value.strip(), None, None]
        elif message is not None and element in ("0110", "0120"):
            message[1] = int(value)
        elif message is not None and (status := _STATUS.search(value.strip())) is not None:
            message[2] = int(status[1], 16)
    if message is not None:
        yield message


def _address(packet: Any) -> str:
    layer = packet.ip if "IP" in packet else packet.ipv6
    return str(layer.src)


def _numbers(layer: Any, name: str) -> list[int]:
    if name not in layer.field_names:
        return []
    return [int(str(field.show), 0) for field in layer.get_field(name).all_fields]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
