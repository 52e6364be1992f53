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

from collections.abc import Iterator, Mapping

from dicomsniff.association.index import once
from dicomsniff.association.values import Association, Exchange, Traffic
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.rules.finding import Hit, Severity, packets_of
from dicomsniff.rules.naming import peer, side
from dicomsniff.rules.near_miss import Titles
from dicomsniff.rules.rule import Rule, Thresholds
from dicomsniff.rules.servers import Server, servers

_UNKNOWN_DESTINATION = 0xA801
_RECOGNITION = ((1, 3), (1, 7))


class _Accepted:
    """The titles of a kind which a server took, with an example each."""

    def __init__(self, examples: Mapping[str, Association]) -> None:
        self.examples, self.titles = examples, Titles(examples)


class _Refused(NamedTuple):
    """A refused title: what it was, where, and those of that kind which the server took."""

    title: str
    kind: str
    association: Association
    exchange: Exchange | None
    accepted: _Accepted


def check(server: Server, traffic: Traffic, thresholds: Thresholds) -> list[Hit]:
    refusals = list(_refused(server)) if any(_refuses(a) for a in server.associations) else []
    titles = {each[:2]: each for each in refusals}  # few, often asked for
    near = {title: _near(each, traffic) for title, each in titles.items()}
    return [_hit(refused, *found) for refused in refusals if (found := near[refused[:2]]) is not None]


def _refuses(association: Association) -> bool:
    return association.reject is not None or any(e.status == _UNKNOWN_DESTINATION for e in association.exchanges)


@once
def _known(traffic: Traffic) -> frozenset[str]:
    """Every title that any server of the capture accepted, as called or calling."""
    return frozenset(t for a in traffic.associations if a.accept for t in (a.called_ae, a.calling_ae) if t)


def _refused(server: Server) -> Iterator[_Refused]:
    called = _Accepted({a.called_ae: a for a in reversed(server.examples) if a.called_ae})
    calling = _Accepted({a.calling_ae: a for a in reversed(server.examples) if a.calling_ae})
    for association in server.associations:
        reject = association.reject
        if reject is not None and (reject.source, reject.reason) in _RECOGNITION:
            yield _Refused(association.called_ae or "", "called", association, None, called)
            yield _Refused(association.calling_ae or "", "calling", association, None, calling)
        for exchange in association.exchanges:
            if exchange.status == _UNKNOWN_DESTINATION and exchange.move_destination:
                yield _Refused(exchange.move_destination, "destination", association, exchange, calling)


def _near(refused: _Refused, traffic: Traffic) -> tuple[str, str] | None:
    """The accepted title that is meant, and how it differs; None where none is near, or what was refused is one itself."""
    if refused.title in refused.accepted.examples:
        return None
    titles = refused.accepted.titles.near(refused.title)
    near = [(title, how) for title, how in titles if how != "1 digit" or refused.title not in _known(traffic)]
    return min(near, key=lambda pair: (_ORDER.index(pair[1]), pair[0]), default=None)


_ORDER = ("case", "blank, underscore or hyphen", "1 character", "1 digit")


def _hit(refused: _Refused, title: str, how: str) -> Hit:
    association, exchange, other = refused.association, refused.exchange, refused.accepted.examples[title]
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
