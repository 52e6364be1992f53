"""Tables of AE titles that other programs keep in, known AEs out: DCMTK's HostTable and Orthanc's DicomModalities."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from dicomsniff.core.patterns import pattern
from dicomsniff.rules.configuration.values import ConfigurationError
from dicomsniff.rules.known_aes import KnownAe

_TABLE = pattern(r"^\s*HostTable\s+BEGIN\s*$(.*?)^\s*HostTable\s+END\s*$", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_TRIPLE = pattern(r"\(\s*\"?([^\",()]+?)\"?\s*,\s*\"?([^\",()]+?)\"?\s*,\s*(\d+)\s*\)")
_STRING_OR_COMMENT = pattern(r'"(?:[^"\\]|\\.)*"|//[^\r\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA = pattern(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)


def ae_table(text: str) -> tuple[KnownAe, ...]:
    """The AEs of a dcmqrscp.cfg or of an Orthanc configuration (comments allowed; the whole file, its DicomModalities
    section, or the value of it), told apart by content. Raises ConfigurationError for anything else."""
    if _TABLE.search(text):
        return tuple(_host_table(text))
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "/", '"DicomModalities"')):
        return tuple(_modalities(_json(text)))
    raise ConfigurationError("it is neither a dcmqrscp.cfg with a HostTable nor an Orthanc configuration")


def _host_table(text: str) -> Iterator[KnownAe]:
    """Rows of `name = (AE title, host, port), …`; a row of names only groups others and adds nothing."""
    for table in _TABLE.findall(text):
        for line in table.splitlines():
            for title, host, port in _TRIPLE.findall(line.partition("#")[0]):
                yield _known(title, host, port)


def _json(text: str) -> Any:
    """JSON with comments and trailing commas, as Orthanc reads it."""
    bare = _STRING_OR_COMMENT.sub(lambda m: m[0] if m[0].startswith('"') else " ", text.lstrip("\ufeff"))
    bare = _TRAILING_COMMA.sub(lambda m: m[1] or "", bare).strip()
    if bare.startswith('"'):
        bare = "{" + bare + "}"
    try:
        return json.loads(bare)
    except ValueError as error:
        raise ConfigurationError(f"it is no JSON, even with comments allowed: {error}") from None


def _modalities(document: Any) -> Iterator[KnownAe]:
    modalities = document.get("DicomModalities", document) if isinstance(document, dict) else None
    if not isinstance(modalities, dict):
        raise ConfigurationError("its DicomModalities are no object")
    if modalities is document and "DicomAet" in document:
        return  # an Orthanc configuration without any modality
    for name, row in modalities.items():
        match row:
            case [str(title), str(host), int(port), *_]:
                yield _known(title, host, port)
            case {"AET": str(title), "Host": str(host), "Port": int(port)}:
                yield _known(title, host, port)
            case _:
                raise ConfigurationError(f"its modality {name!r} is no row of AE title, host and port")


def _known(title: str, host: str, port: str | int) -> KnownAe:
    if not 0 < int(port) < 65536:
        raise ConfigurationError(f"the port {port} of {title.strip()} is no TCP port")
    return KnownAe(title.strip(), host.strip(), int(port))
