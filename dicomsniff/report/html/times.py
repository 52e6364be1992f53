"""Times of the report's rows (ISO 8601 text) in, numbers to reckon with out."""

from datetime import UTC, datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_ns(text: str | None) -> int | None:
    """Nanoseconds since 1970; None for an unknown time."""
    if text is None:
        return None
    whole = datetime.fromisoformat(text[:19] + "+00:00") - _EPOCH
    return (whole.days * 86_400 + whole.seconds) * 1_000_000_000 + int(text[20:29])


def apart(first: str | None, last: str | None) -> float | None:
    """Milliseconds from one time to another, None where either is unknown."""
    begin, end = time_ns(first), time_ns(last)
    return None if begin is None or end is None else (end - begin) / 1e6
