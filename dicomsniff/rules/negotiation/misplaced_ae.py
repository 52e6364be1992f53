"""An AE title is not where the site's own table says it is.

What it sees
With a table of AE titles (--known-ae, the settings file, a dcmqrscp.cfg or an Orthanc configuration): a title that calls
from another address than its row's, or is called at another address or port; an address and port of the table that is
called by another title; and, as a note, a title that is in no row.

Why it matters
Either the table or a device is wrong: a move to the title goes to the wrong place, and permissions miss.

Likely causes
1. The configuration is stale: a device has moved or was replaced.
2. The wrong device answers, or one goes by another's title.

Fix
Correct the row, or the device: title, host and port of both are named here.

Could be wrong when
The source port of a caller means nothing, so only hosts are compared for callers. Rows with host names are not compared:
what the name stood for at the time is not known. An address translation between the two shows another address.

Reference
PS3.8 §7.1.1.3
PS3.8 §7.1.1.4
"""

from dicomsniff.association.values import Association, Traffic
from dicomsniff.core import Endpoint
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.finding import Hit, Inconclusive, Severity, Side, packets_of
from dicomsniff.rules.harm import came_to_grief
from dicomsniff.rules.known_aes import KnownAe, KnownAes
from dicomsniff.rules.naming import counted, listed
from dicomsniff.rules.rule import Rule, Thresholds


class Use(NamedTuple):
    """A title as it was used by one side at one place, and every association that did so. The port of a caller is 0."""

    title: str
    role: str
    place: Endpoint
    associations: list[Association]


def uses(traffic: Traffic) -> list[Use]:
    found: dict[tuple[str, str, Endpoint], list[Association]] = {}
    for a in traffic.associations:
        if a.request is not None:
            found.setdefault((a.request.calling_ae, "requestor", Endpoint(a.requestor.ip, 0)), []).append(a)
            found.setdefault((a.request.called_ae, "acceptor", a.acceptor), []).append(a)
    return [Use(*key, associations) for key, associations in found.items() if key[0]]


def check(use: Use, traffic: Traffic, thresholds: Thresholds) -> Hit | Inconclusive | None:
    known = thresholds.known_aes
    if not known:
        return None
    rows = known.of(use.title)
    if not rows:
        return _unknown(use, known)
    comparable = [row for row in rows if row.ip is not None and (":" in row.ip) == (":" in use.place.ip)]
    if any(_fits(use, row) for row in comparable):
        return None
    if len(comparable) < len(rows):
        return Inconclusive(f"'{use.title}' is configured by host name, or with an address of another kind")
    return _hit(use, rows)


def _fits(use: Use, row: KnownAe) -> bool:
    return row.ip == use.place.ip and (use.role == "requestor" or row.port in (None, use.place.port))


def _unknown(use: Use, known: KnownAes) -> Hit:
    others = known.titles_at(*use.place) if use.role == "acceptor" else []
    where = "called from" if use.role == "requestor" else "was called at"
    place = use.place.ip if use.role == "requestor" else str(use.place)
    table = f"; the table has {listed(others)} there" if others else ""
    return _made(
        use,
        f"{use.title} is in no row of the table of known AEs, but {where} {place}{table}",
        Severity.WARNING if others else Severity.NOTE,
        [],
    )


def _hit(use: Use, rows: list[KnownAe]) -> Hit:
    what = f"calling from {use.place.ip}" if use.role == "requestor" else f"called at {use.place}"
    failed = any(came_to_grief(a) for a in use.associations)
    return _made(
        use,
        f"{use.title} is configured as {listed(map(str, rows))} but was {what}",
        None if failed else Severity.WARNING,
        rows,
    )


def _made(use: Use, message: str, severity: Severity | None, rows: list[KnownAe]) -> Hit:
    shown = next((a for a in use.associations if came_to_grief(a)), use.associations[0])
    times = f" ({counted(len(use.associations), 'association')})" if len(use.associations) > 1 else ""
    return Hit(
        f"{message}{times}.",
        packets_of(*(a.request.evidence for a in (shown, *use.associations[:5]) if a.request)),
        shown.first_ns,
        severity,
        connection=shown.connection,
        association=shown.id,
        act=Side.UNKNOWN,
        facts={
            "title": use.title,
            "used_as": "calling" if use.role == "requestor" else "called",
            "host": use.place.ip,
            "port": use.place.port or None,
            "configured": [{"host": row.host, "port": row.port} for row in rows],
            "associations": [a.id for a in use.associations[:100]],
        },
    )


RULE = Rule(
    id="DS-ASSOC-020",
    name="ae-not-as-configured",
    severity=Severity.ERROR,
    title="AE title not where it is configured",
    subjects=uses,
    check=check,
    page=__doc__ or "",
)
