"""A dicomsniff.toml in, the site's configuration out; a key that does not exist is refused with the nearest that does."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from dicomsniff.core.records import replace
from dicomsniff.rules.choice import choose
from dicomsniff.rules.configuration.ae_tables import ae_table
from dicomsniff.rules.configuration.values import Configuration, ConfigurationError
from dicomsniff.rules.finding import Severity
from dicomsniff.rules.known_aes import KnownAe
from dicomsniff.rules.listing import listed
from dicomsniff.rules.rule import Thresholds

KEYS = ("thresholds", "severity", "select", "ignore", "ae", "ae_tables")
AE_KEYS = ("title", "host", "hosts", "port")


def read(path: Path) -> Configuration:
    """The configuration in a file; AE tables that it names are looked for beside it. Raises ConfigurationError with one
    line that names file and key, OSError as the file system does."""
    import tomllib  # here, as most sites have no settings

    try:
        return parse(tomllib.loads(path.read_text("utf-8-sig")), path.parent)
    except (ConfigurationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from None


def parse(document: Mapping[str, Any], folder: Path) -> Configuration:
    """The configuration of a parsed document. Raises ConfigurationError as `read`, without the file's name."""
    _known_keys(document, KEYS, "")
    select, ignore = (_texts(document, key) for key in ("select", "ignore"))
    try:
        choose(select, ignore, listed())
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    rows = [ae for row in _tables(document, "ae") for ae in _aes(row)]
    rows += [ae for name in _texts(document, "ae_tables") for ae in read_ae_table(folder / name)]
    thresholds = _thresholds(_table(document, "thresholds"))
    return Configuration(thresholds, _severities(_table(document, "severity")), select, ignore, tuple(rows))


def read_ae_table(path: Path) -> tuple[KnownAe, ...]:
    """The AEs in a dcmqrscp.cfg or an Orthanc configuration. Raises as `read`."""
    try:
        return ae_table(path.read_text("utf-8-sig", errors="replace"))
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from None


def _thresholds(table: Mapping[str, Any]) -> Thresholds:
    defaults = {each.name: each.default for each in fields(Thresholds) if isinstance(each.default, int | float)}
    _known_keys(table, defaults, "thresholds.")
    return replace(Thresholds(), **{key: _number(key, value, type(defaults[key])) for key, value in table.items()})


def _number(key: str, value: Any, kind: Any) -> Any:
    """A threshold's value as the int or float that it is."""
    numbers = int if kind is int else (int, float)
    if isinstance(value, bool) or not isinstance(value, numbers) or not 0 <= value < math.inf:
        raise ConfigurationError(f"thresholds.{key} must be a {'whole ' if kind is int else ''}number of 0 or more")
    return kind(value)


def _severities(table: Mapping[str, Any]) -> Mapping[str, Severity]:
    found = {}
    for term, word in table.items():
        try:
            rules = choose((term,), (), listed())
        except ValueError as error:
            raise ConfigurationError(f"severity: {error}") from None
        if word not in list(Severity):
            raise ConfigurationError(f"severity.{term} is {word!r}{_hint(str(word), Severity)}")
        found.update({rule.id: Severity(word) for rule in rules})
    return found


def _aes(row: Mapping[str, Any]) -> Iterator[KnownAe]:
    """One [[ae]]: a title with its host, or with the hosts of a cluster, and its port."""
    _known_keys(row, AE_KEYS, "ae.")
    title, port = row.get("title"), row.get("port")
    if not isinstance(title, str) or not 0 < len(title.strip()) <= 16:
        raise ConfigurationError("each [[ae]] needs a title of 1 to 16 characters")
    if port is not None and (isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536):
        raise ConfigurationError(f"ae.port of {title} is no TCP port")
    hosts = [row["host"]] if "host" in row else row.get("hosts", [])
    if not isinstance(hosts, list) or not hosts or not all(isinstance(h, str) and h.strip() for h in hosts):
        raise ConfigurationError(f'[[ae]] {title} needs host = "…" or hosts = ["…", …]')
    yield from (KnownAe(title.strip(), host.strip(), port) for host in hosts)


def _table(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise ConfigurationError(f"{key} must be a table: [{key}]")
    return value


def _tables(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = document.get(key, [])
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ConfigurationError(f"{key} must be a list of tables: [[{key}]]")
    return value


def _texts(document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = document.get(key, [])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ConfigurationError(f"{key} must be a list of strings")
    return tuple(value)


def _known_keys(table: Mapping[str, Any], known: Iterable[str], prefix: str) -> None:
    for key in table:
        if key not in known:
            raise ConfigurationError(f"there is no key {prefix}{key}{_hint(key, known, prefix)}")


def _hint(word: str, known: Iterable[str], prefix: str = "") -> str:
    every = [str(each) for each in known]
    from difflib import get_close_matches  # only where a word is unknown

    near = get_close_matches(word.casefold(), every, n=1, cutoff=0.4)
    return f"; did you mean {prefix}{near[0]}?" if near else f"; there are {', '.join(every)}"
