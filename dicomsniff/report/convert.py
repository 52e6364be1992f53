"""Facts to JSON values: nanoseconds to ISO 8601 and milliseconds, anything else to what JSON knows."""

import math
from collections.abc import Mapping, Set
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from dicomsniff.core import Endpoint, Evidence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DEEPEST = 8  # a rule's facts are flat; deeper nesting is a mistake that must not become a recursion


@lru_cache(maxsize=256)
def _whole_second(seconds: int) -> str | None:
    try:
        return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    except OverflowError:
        return None


def iso_time(time_ns: int | None) -> str | None:
    """Nanoseconds since 1970 UTC as "2026-01-02T03:04:05.123456789Z"; None where the time is unknown (None or -1)."""
    if time_ns is None or time_ns < 0:
        return None
    seconds, rest = divmod(time_ns, 1_000_000_000)
    text = _whole_second(seconds)
    return None if text is None else f"{text}.{rest:09d}Z"


def milliseconds(duration_ns: int | None) -> float | None:
    """A duration in ms, exact to the nanosecond: the quotient is the number nearest to that decimal."""
    return None if duration_ns is None else duration_ns / 1e6


def between(first_ns: int | None, last_ns: int | None) -> float | None:
    """The duration from one time to another in ms; None where either is unknown or the clock ran backwards."""
    if first_ns is None or last_ns is None or not 0 <= first_ns <= last_ns:
        return None
    return (last_ns - first_ns) / 1e6


def endpoint_row(endpoint: Endpoint) -> dict[str, Any]:
    return {"ip": endpoint.ip, "port": endpoint.port}


def packet_range(evidence: Evidence | None) -> list[int] | None:
    """First and last packet number of a byte range, always two numbers."""
    return None if evidence is None else [evidence.first_packet, evidence.last_packet]


def plain(value: Any, depth: int = 0) -> Any:
    """Any value as JSON values: bytes as hexadecimal text, mappings with text keys, everything unknown as its text."""
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case int():
            return int(value)
        case float():
            return value if math.isfinite(value) else None
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case _ if depth >= _DEEPEST:
            return str(value)
        case Endpoint():
            return endpoint_row(value)
        case Mapping():
            return {str(key): plain(item, depth + 1) for key, item in value.items()}
        case Set():
            return sorted((plain(item, depth + 1) for item in value), key=str)
        case list() | tuple():
            return [plain(item, depth + 1) for item in value]
        case _:
            return str(value)
