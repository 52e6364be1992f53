"""Rows to words: durations, sizes, counts, packets and times as a person reads them, for HTML and terminal alike."""

from collections.abc import Sequence
from typing import Any

_UNSAFE = frozenset(
    {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
)  # controls, bidi overrides and zero widths, surrogates, separators

SIDES = {
    "requestor": "the calling side",
    "acceptor": "the called side",
    "network": "the network",
    "capture": "whoever made the capture",
}

OUTCOMES = {
    "released": "released",
    "rejected": "rejected",
    "aborted": "aborted",
    "closed": "closed without release",
    "unanswered": "never answered",
    "open": "still open at the end",
    "completed": "completed",
    "warning": "completed with warning",
    "failed": "failed",
    "cancelled": "cancelled",
    "incomplete": "not sent to its end",
    "orphan-response": "response without request",
}

BLIND_SPOTS = {
    "request": "its beginning",
    "answer": "the answer to its request",
    "to-acceptor": "anything the calling side sent",
    "to-requestor": "anything the called side sent",
    "hole-to-acceptor": "some bytes from the calling side",
    "hole-to-requestor": "some bytes from the called side",
    "end": "its end",
}


def clean(text: str) -> str:
    """One harmless line: control characters, bidi overrides and the like become a space or go away."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_harmless(character) for character in text)


def _harmless(character: str) -> str:
    from unicodedata import category  # few texts hold such characters

    if category(character) not in _UNSAFE:
        return character
    return " " if character in "\t\n\r\x0b\x0c\x85\u2028\u2029" else ""


def count(number: int, noun: str, nouns: str | None = None) -> str:
    """ "1 packet", "12,345 packets"."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def size(number: int | None) -> str:
    """Bytes in decimal units: "512 B", "1.3 MB"."""
    if number is None:
        return "–"
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 99.5 else f"{value:.1f} {unit}"
        value /= 1000
    return ""


def duration(milliseconds: float | None) -> str:
    """A duration with the digits that matter: "0.42 ms", "12 ms", "1.51 s", "3 min 20 s"."""
    if milliseconds is None:
        return "–"
    if milliseconds < 0:
        return "−" + duration(-milliseconds)
    if milliseconds < 999.5:
        digits = 0 if milliseconds >= 99.5 else 1 if milliseconds >= 9.95 else 2
        return f"{milliseconds:.{digits}f} ms"
    seconds = milliseconds / 1000
    if seconds < 99.5:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    return _long_duration(round(seconds))


def _long_duration(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def moment(time: str | None) -> str:
    """An ISO time of the report as "2026-01-02 03:04:05.123 UTC"."""
    return "–" if time is None else f"{time[:10]} {time[11:23]} UTC"


def clock(time: str | None) -> str:
    """Only the time of day of an ISO time: "03:04:05.123"."""
    return "–" if time is None else time[11:23]


def packets(numbers: Sequence[int]) -> str:
    """ "packet 4", "packets 4, 6, 9"."""
    if not numbers:
        return ""
    return ("packet " if len(numbers) == 1 else "packets ") + ", ".join(map(str, numbers))


def endpoint(row: dict[str, Any]) -> str:
    ip, port = row["ip"], row["port"]
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def actor(finding: dict[str, Any]) -> str:
    """Who must act on a finding: by name where the rule knows it, otherwise by side; empty where nobody knows."""
    return str(finding["actor"] or SIDES.get(finding["act"], ""))


def joined(parts: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def association_name(row: dict[str, Any]) -> str:
    """ "MODALITY → PACS"; an unknown title is a question mark."""
    return f"{row['calling_ae'] or '?'} → {row['called_ae'] or '?'}"


def ending(row: dict[str, Any]) -> str:
    """How an association ended, with the text of its reject or abort."""
    reject, abort = row["reject"], row["abort"]
    if row["outcome"] == "rejected" and reject:
        return str(reject["text"])
    if row["outcome"] == "aborted" and abort:
        return f"aborted by the {abort['by']} ({abort['text'].removeprefix('aborted by ')})"
    return OUTCOMES.get(row["outcome"], str(row["outcome"]))


def short_ending(row: dict[str, Any]) -> str:
    """The same in a few words: the outcome and the reason alone."""
    reject, abort = row["reject"], row["abort"]
    if row["outcome"] == "rejected" and reject:
        return f"rejected: {reject['text'].rpartition(': ')[2]}"
    if row["outcome"] == "aborted" and abort:
        reason = abort["text"].partition(": ")[2]
        return f"aborted by {abort['by']}" + (f": {reason}" if reason else "")
    return OUTCOMES.get(row["outcome"], str(row["outcome"]))


def status(row: dict[str, Any]) -> str:
    """Status of an exchange in words with its code; its outcome where no status was seen."""
    if row["status"] is None:
        return OUTCOMES.get(row["outcome"], str(row["outcome"]))
    return f"{row['status_text'] or row['status_class'] or 'status'} ({row['status']})"


def party(row: Any) -> str:
    """ "PACS (10.1.1.5)"."""
    return f"{row['ae_title']} ({row['ip']})" if row["ae_title"] else str(row["ip"])


def study_name(row: Any) -> str:
    """ "Study 1.2.3", or what an entry without a study is about."""
    if row["study_instance_uid"]:
        return f"Study {row['study_instance_uid']}"
    if row["deliveries"]:
        return "Objects that name no study"
    return "Procedure step of an unknown study" if row["procedure_steps"] else "Commitment of objects not sent here"


def study_trouble(row: Any) -> bool:
    """Whether something of the study did not arrive, or was not committed."""
    return bool(row["failure"] or row["nothing"] or row["not_committed"])


def study_words(row: Any) -> str:
    """ "3 objects sent: 2 stored, 1 not answered; 2 committed"."""
    stored = [f"{row['success'] + row['warning']:,} stored"] if row["success"] or row["warning"] else []
    stored += _nonzero(row, failure="refused", nothing="not answered", unknown="of unknown outcome")
    sent = [f"{count(row['sent'], 'object')} sent: {', '.join(stored)}"] if row["sent"] else ["no object sent"]
    rest = _nonzero(
        row,
        retried="sent more than once",
        committed="committed",
        not_committed="not committed",
        commitment_pending="without a commitment result",
    )
    return "; ".join(sent + rest)


def _nonzero(row: Any, **words: str) -> list[str]:
    return [f"{row[name]:,} {word}" for name, word in words.items() if row[name]]


def passed_on(preamble: dict[str, Any]) -> str:
    """What a load balancer says in front of a connection, as a sentence without its full stop."""
    if preamble["local"]:
        return f"A load balancer speaks for itself here, not for a client ({preamble['protocol']})"
    if preamble["source"] is None:
        return f"A load balancer passes this on and does not say for whom ({preamble['protocol']})"
    source, target = (f"{_bracketed(end['ip'])}:{end['port']}" for end in (preamble["source"], preamble["target"]))
    tls = f", over {preamble['tls']}" if preamble["tls"] else ""
    return f"A load balancer passes on what {source} says to {target}{tls}, as it says itself ({preamble['protocol']})"


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip
