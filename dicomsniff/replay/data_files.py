"""The data sets that a replay sends in, files that its commands name out."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from dicomsniff.association.values import Association, Exchange
from dicomsniff.export.file_meta import part10_header
from dicomsniff.export.files import Files

_NOBODYS_CLASS = "1.2.840.10008.1.20.1"  # a file must name a class; what has none gets that of storage commitment


class DataFiles:
    """Writes data sets byte for byte as they crossed the wire, each as a Part 10 file; names alone without a directory.

    Patient data are not masked: a replay with other values would be another one."""

    def __init__(self, directory: Path | None, version: str) -> None:
        self.directory = directory
        self._version = version
        self.written: list[str] = []
        self.left_out: list[str] = []

    def name(self, association: Association, exchange: Exchange) -> str:
        """The file of the request's data set: association_3_c-find_1.dcm; written once a directory is known."""
        number = 1 + sum(e.service == exchange.service and e.id < exchange.id for e in association.exchanges)
        name = f"association_{association.id}_{exchange.service.lower()}_{number}.dcm"
        if self.directory is not None and name not in self.written:
            self._write(name, exchange)
        return name

    def _write(self, name: str, exchange: Exchange) -> None:
        """Raises OSError as the file system does."""
        payload = exchange.payload
        assert self.directory is not None
        if payload is None or not payload.complete or exchange.transfer_syntax is None:
            self.left_out.append(name)
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        instance = exchange.sop_instance or f"2.25.{exchange.id}"
        sop_class = exchange.sop_class or _NOBODYS_CLASS
        header = part10_header(sop_class, instance, exchange.transfer_syntax, None, None, self._version)
        with Files(self.directory) as files:
            files.write(name, chain((header,), payload.pieces()))
        self.written.append(name)
