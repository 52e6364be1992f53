"""Nanoseconds since 1970 in, the time of day as a log shows it out."""

from datetime import UTC, datetime


def clock(time_ns: int) -> str:
    """ "15:56:51.753 UTC": to be looked up in a log."""
    whole, rest = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(whole, UTC):%H:%M:%S}.{rest // 1_000_000:03d} UTC"
