"""Which AE titles a site says live where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownAe:
    """One row of a site's own table: a title, the host (name or address) it lives on and, where that is known, the port
    it listens on. A title with several rows is a cluster."""

    title: str
    host: str
    port: int | None = None
