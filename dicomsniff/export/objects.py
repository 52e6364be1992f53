"""The objects of the traffic in, one Part 10 file each and a manifest of all out.

A file holds the data set byte for byte as it crossed the wire. An object with a hole is written only when asked for, as
NAME.incomplete.dcm with zeros for what was not seen; the manifest says which bytes are missing.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from dicomsniff.association.content import dataset_of, object_head
from dicomsniff.association.inference import LOW
from dicomsniff.association.values import Exchange, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.export.file_meta import LOOSE_UID, part10_header
from dicomsniff.export.files import Files
from dicomsniff.export.manifest import manifest
from dicomsniff.export.others import write_commands, write_data_sets
from dicomsniff.export.wishes import ExportWish, free_name

MANIFEST = "manifest.json"
MOST_UNSEEN = 100
"""Unseen bytes of an incomplete object for each seen one: what a snap length of 96 leaves, but no disk full of zeros."""


@dataclass(frozen=True, slots=True)
class ExportedObject:
    """One row of the manifest. `file` is None where nothing was written; then `reason` says why. `missing` lists the
    unseen ranges (start, end) of the data set; `missing_after` is where it breaks off when its end was never seen, None
    otherwise. `transfer_syntax_inferred` is how sure the transfer syntax is ("high", "low") where it was concluded from
    data sets, None where it was negotiated. `notes` name what does not fit together, such as a UID of the command set
    that is not the one in the data set."""

    file: str | None
    reason: str | None
    exchange: int
    association: int
    sender: str
    receiver: str
    sending_ae: str | None
    receiving_ae: str | None
    sop_class: str | None
    sop_instance: str | None
    transfer_syntax: str | None
    transfer_syntax_inferred: str | None
    status: str | None
    dataset_bytes: int
    sha256: str | None
    complete: bool
    missing: tuple[tuple[int, int], ...]
    missing_after: int | None
    notes: tuple[str, ...]


_COLUMNS = tuple(field.name for field in fields(ExportedObject))


def export_objects(
    traffic: Traffic, directory: Path, version: str, incomplete: bool = False, wish: ExportWish | None = None
) -> tuple[ExportedObject, ...]:
    """Write every complete object and the manifest into `directory`, which is made if need be; with `incomplete` also
    those of which only a part was seen. `wish` says what else, and how; without one, files of
    the same names are replaced.

    The payloads must have been kept, for command sets transcripts too. Raises FileExistsError where other contents would be
    overwritten unasked, OSError as the file system does.
    """
    wish = wish or ExportWish(incomplete=incomplete, force=True)
    more: dict[str, list[dict[str, Any]]] = {}
    directory.mkdir(parents=True, exist_ok=True)
    written: dict[str, str] = {}
    names: set[str] = set()
    rows = []
    with Files(directory, wish.force) as files:
        for exchange in traffic.without_views().exchanges:
            if exchange.service == "C-STORE" and exchange.request is not None:
                rows.append(_export(traffic, exchange, files, version, wish, written, names))
        if wish.data_sets:
            more["data_sets"] = list(write_data_sets(traffic, files, version, wish))
        if wish.commands:
            more["commands"] = list(write_commands(traffic, files))
    with Files(directory, wish.force) as files:  # last: what it names is there
        files.write(MANIFEST, manifest({"objects": map(_values, rows), **more}))
    return tuple(rows)


def _values(row: ExportedObject) -> dict[str, Any]:
    """As a row of the manifest; a tenth of the time of `asdict`, which copies every text."""
    return {name: getattr(row, name) for name in _COLUMNS}


def _export(
    traffic: Traffic,
    exchange: Exchange,
    files: Files,
    version: str,
    wish: ExportWish,
    written: dict[str, str],
    names: set[str],
) -> ExportedObject:
    association = traffic.association(exchange.association)
    from_requestor = exchange.requested_by == "requestor"
    titles = (association.calling_ae, association.called_ae)
    sending, receiving = titles if from_requestor else titles[::-1]
    sop_class, sop_instance, notes = _identity(exchange)
    context = association.context(exchange.context_id)
    confidence = context.confidence if context else None
    reason = _gap(exchange, wish) or _obstacle(exchange, sop_class, sop_instance, confidence)
    payload, file = exchange.payload, None
    if reason is None and payload is not None and sop_class and sop_instance and exchange.transfer_syntax:
        told = (sop_class, sop_instance, exchange.transfer_syntax, sending, receiving, version)
        header = part10_header(*told) if wish.file_meta else b""
        same = f"{payload.sha256 or exchange.id} {exchange.transfer_syntax} {sop_instance}"
        file = written.get(same)
        if file is None:
            file = written[same] = free_name(exchange, sop_instance, names, payload.complete, wish.name_by)
            files.put(file, header, payload)
    sender = association.end(exchange.requested_by)
    receiver = association.acceptor if from_requestor else association.requestor
    return ExportedObject(
        file=file,
        reason=reason,
        exchange=exchange.id,
        association=exchange.association,
        sender=str(sender),
        receiver=str(receiver),
        sending_ae=sending,
        receiving_ae=receiving,
        sop_class=sop_class,
        sop_instance=sop_instance,
        transfer_syntax=exchange.transfer_syntax,
        transfer_syntax_inferred=confidence,
        status=None if exchange.status is None else f"0x{exchange.status:04X}",
        dataset_bytes=payload.length if payload else 0,
        sha256=payload.sha256 if payload and payload.complete else None,
        complete=bool(payload and payload.complete),
        missing=payload.missing if payload else (),
        missing_after=payload.length if payload and not exchange.request_finished else None,
        notes=notes,
    )


def _identity(exchange: Exchange) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Class and instance as the data set has them (PS3.10 §7.1 wants them in the file meta), else as announced."""
    head = object_head(exchange)
    if head.sop_class and head.sop_instance and head[:2] == (exchange.sop_class, exchange.sop_instance):
        return head.sop_class, head.sop_instance, ()
    dataset = dataset_of(exchange)
    notes = []
    chosen = []
    for name, announced, keyword in (
        ("SOP class", exchange.sop_class, "SOPClassUID"),
        ("SOP instance", exchange.sop_instance, "SOPInstanceUID"),
    ):
        inside = dataset.get(keyword) if dataset is not None and not dataset.error else None
        inside = inside if inside and LOOSE_UID.fullmatch(inside) else None
        if inside and announced and inside != announced:
            notes.append(f"the command announced {name} {announced}, the data set says {inside}")
        chosen.append(inside or announced)
    return chosen[0], chosen[1], tuple(notes)


def _gap(exchange: Exchange, wish: ExportWish) -> str | None:
    """Why too much of the data set is missing to write it, None if what there is will do."""
    payload = exchange.payload
    if payload is None or not payload.length:
        return "no data set was seen"
    if payload.length < wish.min_bytes:
        return f"its data set is smaller than {wish.min_bytes} bytes"
    if payload.complete:
        return None
    lost, seen = payload.missing_bytes, payload.length - payload.missing_bytes
    if not wish.incomplete:
        return f"{lost} bytes were not captured" if lost else "the data set was not sent (or seen) to its end"
    if not lost and exchange.request_finished:
        return "its fragments did not come in order: where the bytes belong is not known"
    return f"only {seen} of {payload.length} bytes were captured" if lost > MOST_UNSEEN * seen else None


def _obstacle(
    exchange: Exchange, sop_class: str | None, sop_instance: str | None, confidence: str | None
) -> str | None:
    """Why an object cannot be written although its bytes are there, None if it can."""
    if exchange.transfer_syntax is None:
        return "the transfer syntax is unknown: the negotiation is not in the capture, or the context was not accepted"
    if confidence == LOW:
        return (
            f"the transfer syntax was not negotiated in the capture; the data set reads as {exchange.transfer_syntax}, but "
            "that is not certain"
        )
    for name, uid in (
        ("SOP class", sop_class),
        ("SOP instance", sop_instance),
        ("transfer syntax", exchange.transfer_syntax),
    ):
        if not uid or not LOOSE_UID.fullmatch(uid):
            return f"the {name} UID is missing or not a UID"
    return None
