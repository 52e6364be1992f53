"""Exchanges in, files of what is no object out: identifiers, N-service data sets, command sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.dimse.command import message_name
from dicomsniff.dimse.payload import Payload
from dicomsniff.export.file_meta import part10_header
from dicomsniff.export.files import Files
from dicomsniff.export.wishes import ExportWish

_NO_CLASS = "1.2.840.10008.1.20.1"  # a file must name a class


def write_data_sets(traffic: Traffic, files: Files, version: str, wish: ExportWish) -> Iterator[dict[str, Any]]:
    """The data sets of everything but C-STORE requests, each a row of the manifest."""
    for exchange in traffic.without_views().exchanges:
        service = exchange.service.lower()
        if exchange.payload is not None and exchange.service != "C-STORE":
            yield _write(exchange, exchange.payload, f"{service}-rq", files, version, wish)
        for number, answer in enumerate(exchange.answers, 1):
            yield _write(exchange, answer, f"{service}-rsp_{number}", files, version, wish)


def _write(
    exchange: Exchange, payload: Payload, what: str, files: Files, version: str, wish: ExportWish
) -> dict[str, Any]:
    """One data set, whole or not at all."""
    row: dict[str, Any] = {
        "file": None,
        "reason": None,
        "exchange": exchange.id,
        "association": exchange.association,
        "message": what.upper().partition("_")[0],
        "transfer_syntax": exchange.transfer_syntax,
        "dataset_bytes": payload.length,
        "sha256": payload.sha256,
    }
    if not payload.complete or not payload.kept:
        return row | {"reason": "it was not captured whole"}
    if payload.length < wish.min_bytes:
        return row | {"reason": f"smaller than {wish.min_bytes} bytes"}
    if exchange.transfer_syntax is None:
        return row | {"reason": "the transfer syntax is unknown"}
    header = b""
    if wish.file_meta:
        instance = exchange.sop_instance or f"2.25.{exchange.id}"
        sop_class = exchange.sop_class or _NO_CLASS
        header = part10_header(sop_class, instance, exchange.transfer_syntax, None, None, version)
    name = f"exchange_{exchange.id}_{what}.dcm"
    files.put(name, header, payload)
    return row | {"file": name}


def write_commands(traffic: Traffic, files: Files) -> Iterator[dict[str, Any]]:
    """Every command set as it was sent (Implicit VR Little Endian), each a row of the manifest."""
    for association in traffic.without_views().associations:
        if association.transcript is None:
            continue
        for number, message in enumerate(association.transcript.messages(), 1):
            name = message_name(message.command.command_field)
            file = f"association_{association.id}_message_{number}_{name.lower()}.command"
            files.write(file, iter([message.text]))
            yield {"file": file, "association": association.id, "message": name, "bytes": len(message.text)}
