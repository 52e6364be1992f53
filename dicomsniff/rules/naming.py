"""Facts in, words out: how findings name peers, classes, syntaxes, statuses and elements to a reader."""

from collections.abc import Iterable, Sequence

from dicomsniff.association.values import Association, Exchange
from dicomsniff.dimse.dictionary import registered
from dicomsniff.dimse.uids import uid_name
from dicomsniff.rules.finding import Side

SECOND = 1_000_000_000
_MARKS = str.maketrans("", "", "⟦⟧⟪⟫")


def peer(association: Association, role: str) -> str:
    """ "PACS (10.1.1.5:104)" for the acceptor, "CT01 (10.1.1.9)" for the requestor, whose port means nothing."""
    if role == "requestor":
        where, title = association.requestor.ip, association.calling_ae
    else:
        where, title = str(association.acceptor), association.called_ae
    return f"{title} ({where})" if title else where


def side(role: str | None) -> Side:
    """The side that plays this role, "requestor" or "acceptor"; None: not known."""
    if role is None:
        return Side.UNKNOWN
    return Side.REQUESTOR if role == "requestor" else Side.ACCEPTOR


def performer(exchange: Exchange) -> str:
    """The role that had to answer the request."""
    return "acceptor" if exchange.requested_by == "requestor" else "requestor"


def called(uid: str | None) -> str:
    """ "CT Image Storage (1.2.840.10008.5.1.4.1.1.2)", or the bare UID where it has no name."""
    if not uid:
        return "an unknown SOP class"
    name = uid_name(uid)
    return f"{name} ({uid})" if name and name != uid else uid


def brief(uid: str | None) -> str:
    """The name of a UID, or the UID where it has none."""
    return (uid_name(uid) or uid) if uid else "unknown"


def listed(words: Iterable[str], limit: int = 5) -> str:
    """ "a, b and c", or "a, b, c, d, e and 7 more"."""
    every = list(words)
    shown = every if len(every) <= limit else [*every[:limit], f"{len(every) - limit} more"]
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1] if shown else "none"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """ "1 object", "3 objects"."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def how_often(number: int) -> str:
    """ "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def status_words(exchange: Exchange) -> str:
    """ "0xA700 (Refused: out of resources)"."""
    if exchange.status is None:
        return "no status"
    code = f"0x{exchange.status:04X}"
    return f"{code} ({exchange.status_text})" if exchange.status_text else code


def tags(elements: Sequence[int]) -> str:
    """ "PatientID (0010,0020) and StudyInstanceUID (0020,000D)"; the tag alone where the standard has no such element."""
    return listed(f"{keyword(element)} ({element >> 16:04X},{element & 0xFFFF:04X})".lstrip() for element in elements)


def keyword(element: int) -> str:
    """ "PatientID", "" where the standard has no such element."""
    known = registered(element)
    return known[1] if known else ""


def comment(exchange: Exchange, lead: str = "comment") -> str:
    """ "⟪comment 'disk full'⟫": a peer's words in quotes, in which a report masks what they say of a patient."""
    return f"⟪{lead} '{(exchange.error_comment or '').translate(_MARKS)}'⟫"


def details(exchange: Exchange) -> str:
    """What the performer added to a status: its comment, the elements it named, its error ID; "" where nothing."""
    said = []
    if exchange.error_comment:
        said.append(comment(exchange))
    if exchange.offending_elements:
        said.append(f"offending element {tags(exchange.offending_elements)}")
    if exchange.attribute_identifiers:
        said.append(f"attributes {tags(exchange.attribute_identifiers)}")
    if exchange.error_id is not None:
        said.append(f"error ID 0x{exchange.error_id:04X}")
    return ", ".join(said)


def seconds(duration_ns: int | None) -> str:
    """ "under 1 ms", "40 ms", "1.5 s", "30 s", "3 min 20 s", "2 h 5 min": as a person would say it."""
    if duration_ns is None:
        return "an unknown time"
    if duration_ns < 0:
        return f"−{seconds(-duration_ns)}"
    milli = duration_ns / 1_000_000
    if milli < 1:
        return "under 1 ms"
    if milli < 999.5:
        return f"{milli:.0f} ms"
    value = f"{duration_ns / SECOND:.1f}".removesuffix(".0")
    return f"{value} s" if float(value) < 100 else _minutes(round(duration_ns / SECOND))


def _minutes(whole: int) -> str:
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
