"""A refused AE title is nearly one that the same server accepts.

What it sees
A title refused by A-ASSOCIATE-RJ (called or calling AE title not recognized) or as the destination of a C-MOVE (0xA801),
and a title accepted by the same server that differs from it only in case, in blanks, underscores or hyphens, or in one
character of at least four.

Why it matters
It is probably the most common error made when two systems are joined, and hard to see on a screen.

Likely causes
1. Upper and lower case: AE titles are case-sensitive.
2. Underscore, hyphen or space exchanged.
3. O and 0, or I and 1 exchanged.

Fix
Copy the accepted title exactly.

Could be wrong when
Numbered stations (CT1, CT2) are neighbours by intent: such a difference is a note, and none if both titles are accepted.

Reference
PS3.8 §9.3.2, Table 9-11
PS3.5 §6.2
https://github.com/dicoogle/dicoogle/issues/402
"""

from collections.abc import Iterable, Iterator

from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import peer, side
from dicomsniff.rules.near_miss import near_miss
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.servers import Server, servers

_UNKNOWN_DESTINATION = 0xA801
_RECOGNITION = ((1, 3), (1, 7))


class _Refused(NamedTuple):
    """A refused title: what it was, where, and the titles of that kind which the server took, with an example each."""

    title: str
    kind: str
    association: Association
    exchange: Exchange | None
    accepted: dict[str, Association]


def check(server: Server, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    known = _known(traffic.associations) if any(_refuses(a) for a in server.associations) else frozenset()
    return [hit for refused in _refused(server) if (hit := _judge(refused, known)) is not None]


def _refuses(association: Association) -> bool:
    return association.reject is not None or any(e.status == _UNKNOWN_DESTINATION for e in association.exchanges)


def _known(associations: Iterable[Association]) -> frozenset[str]:
    """Every title that any server of the capture accepted, as called or calling."""
    return frozenset(t for a in associations if a.accept for t in (a.called_ae, a.calling_ae) if t)


def _refused(server: Server) -> Iterator[_Refused]:
    called = {a.called_ae: a for a in reversed(server.examples) if a.called_ae}
    calling = {a.calling_ae: a for a in reversed(server.examples) if a.calling_ae}
    for association in server.associations:
        reject = association.reject
        if reject is not None and (reject.source, reject.reason) in _RECOGNITION:
            yield _Refused(association.called_ae or "", "called", association, None, called)
            yield _Refused(association.calling_ae or "", "calling", association, None, calling)
        for exchange in association.exchanges:
            if exchange.status == _UNKNOWN_DESTINATION and exchange.move_destination:
                yield _Refused(exchange.move_destination, "destination", association, exchange, calling)


def _judge(refused: _Refused, known: frozenset[str]) -> Hit | None:
    if refused.title in refused.accepted:
        return None
    near = [(how, title) for title in refused.accepted if (how := near_miss(refused.title, title))]
    near = [(how, title) for how, title in near if how != "1 digit" or refused.title not in known]
    if not near:
        return None
    how, title = min(near, key=lambda pair: (_ORDER.index(pair[0]), pair[1]))
    return _hit(refused, title, how)


_ORDER = ("case", "blank, underscore or hyphen", "1 character", "1 digit")


def _hit(refused: _Refused, title: str, how: str) -> Hit:
    association, exchange, other = refused.association, refused.exchange, refused.accepted[title]
    what = {"called": "called AE title", "calling": "calling AE title", "destination": "move destination"}[refused.kind]
    guess = (
        "another station of the same series, or the same AE misspelt"
        if how == "1 digit"
        else "probably the same AE misspelt"
    )
    shown = exchange.final if exchange else association.reject.evidence if association.reject else None
    requests = [a.request.evidence for a in (association, other) if a.request]
    return Hit(
        f"'{refused.title}' was refused as {what}, '{title}' is accepted by {association.acceptor}: {guess} "
        f"(differs in {how}).",
        packets=packets_of(*requests, shown),
        time_ns=shown.last_ns if shown else association.first_ns,
        severity=Severity.NOTE if how == "1 digit" else None,
        connection=association.connection,
        association=association.id,
        exchange=exchange.id if exchange else None,
        act=side("requestor"),
        actor=peer(association, "requestor"),
        fix=f"Set the {what} to '{title}', exactly so." if how != "1 digit" else None,
        key=f"{refused.kind}|{refused.title}|{title}|{association.acceptor}",
        facts={"refused": refused.title, "accepted": title, "kind": refused.kind, "difference": how},
    )


RULE = Rule(
    id="DS-ASSOC-012",
    name="ae-title-near-miss",
    severity=Severity.WARNING,
    title="AE title nearly right",
    subjects=servers,
    check=check,
    page=__doc__ or "",
)
