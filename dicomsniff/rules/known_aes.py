"""Which AE titles a site says live where: rows of its own tables, or TITLE=HOST:PORT, in; a table to look titles up out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from ipaddress import ip_address

from dicomsniff.core.records import dataclass

_LONGEST = 16


@dataclass(frozen=True, slots=True)
class KnownAe:
    """One row of a site's own table: a title, the host (name or address) it lives on and, where that is known, the port
    it listens on. A title with several rows is a cluster."""

    title: str
    host: str
    port: int | None = None

    @property
    def ip(self) -> str | None:
        """The address; None for a host name, which is not looked up: what it stood for at the time is not known."""
        try:
            return str(ip_address(self.host.strip("[]")))
        except ValueError:
            return None

    def __str__(self) -> str:
        host = f"[{self.ip}]" if self.ip and ":" in self.ip else self.host
        return f"{host}:{self.port}" if self.port else self.host


@dataclass(frozen=True, slots=True)
class KnownAes:
    """The site's whole table, looked up by title or by address."""

    rows: tuple[KnownAe, ...] = ()
    _by_title: dict[str, list[KnownAe]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _at: dict[tuple[str, int], list[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for row in self.rows:
            self._by_title.setdefault(row.title, []).append(row)
            if row.port and row.ip:
                self._at.setdefault((row.ip, row.port), []).append(row.title)

    def __bool__(self) -> bool:
        return bool(self.rows)

    def of(self, title: str | None) -> list[KnownAe]:
        """The rows of a title, [] where it is not in the table."""
        return self._by_title.get(title or "", [])

    def titles_at(self, ip: str, port: int) -> list[str]:
        """The titles that the table gives to this address and port."""
        return self._at.get((ip, port), [])

    def covers(self, title: str | None, ips: Iterable[str]) -> bool:
        """Whether the table gives this title to all of these addresses: a cluster, and known as one."""
        return set(ips) <= {row.ip for row in self.of(title)}


NONE_KNOWN = KnownAes()


def parse(text: str) -> KnownAe:
    """TITLE=HOST:PORT, or TITLE=HOST for a device that only calls; an IPv6 address with a port stands in brackets. Raises
    ValueError with what is wrong."""
    title, equals, where = (part.strip() for part in text.partition("="))
    if not equals or not title or not where:
        raise ValueError(f"'{text}' is not TITLE=HOST:PORT")
    if len(title) > _LONGEST or not title.isascii() or not title.isprintable() or "\\" in title:
        raise ValueError(f"'{title}' is no AE title: 1 to 16 ASCII characters without backslash")
    host, colon, port = where.rpartition(":")
    if not colon or where.endswith("]") or (":" in host and not host.startswith("[")):
        host, port = where, ""  # no port: a name, an address, or an IPv6 address without brackets
    host = host.removeprefix("[").removesuffix("]")
    if colon and host != where and port and not (port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(f"'{port}' in '{text}' is no TCP port")
    if not host or any(c.isspace() for c in host):
        raise ValueError(f"'{text}' names no host")
    return KnownAe(title, host, int(port) if port else None)


def known_aes(rows: Iterable[KnownAe | str]) -> KnownAes:
    """The table of these rows, each a value or TITLE=HOST:PORT. Raises ValueError as `parse`."""
    return KnownAes(tuple(parse(row) if isinstance(row, str) else row for row in rows))
