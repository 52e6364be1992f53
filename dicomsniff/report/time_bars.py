"""Where the time of an association went as one line of text: a bar of blocks and the names of what took most."""

from __future__ import annotations

from dicomsniff.report.values import Row
from dicomsniff.report.wording import duration

LEAST_MS = 500.0  # nobody asks where less than that went
NAMED_MS = 200.0  # nor who took less
BLOCKS, REST = "█▓▒", "░"
WIDTH = 20
NAMES = {
    "setup": "set-up and release",
    "think": "sender's pauses",
    "server": "answers",
    "queue": "queues",
    "round_trip": "round trips",
    "wire": "line",
    "loss": "loss",
    "zero_window": "receiver not reading",
    "receive_window": "receive window",
    "nagle": "delayed acknowledgements",
    "congestion": "waiting for acknowledgements",
    "sender": "sender without data",
    "other": "other",
}


def time_bar(time: Row | None) -> str | None:
    """ "█████████████████▓▓░ 4.6 s: █ answers 97 %, ▓ line 2 %"; None where the time is short or not known."""
    if time is None or time["total"] < LEAST_MS:
        return None
    total = time["total"]
    shares = sorted(((time[name] / total, name) for name in NAMES if time[name] > 0), reverse=True)
    largest = [(share, name) for share, name in shares if share >= 0.02 and share * total >= NAMED_MS][: len(BLOCKS)]
    bar = "".join(block * round(share * WIDTH) for block, (share, _) in zip(BLOCKS, largest, strict=False))[:WIDTH]
    words = [
        f"{block} {NAMES[name]} {100 * share:.0f} %" for block, (share, name) in zip(BLOCKS, largest, strict=False)
    ]
    return f"{bar.ljust(WIDTH, REST)} {duration(total)}: {', '.join(words)}" if words else None
