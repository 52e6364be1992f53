"""The associations of two captures in, everything that differs out, ranked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dicomsniff.association.values import Association, Blind, Outcome, Traffic
from dicomsniff.compare.aligning import align
from dicomsniff.compare.exchanges import compare_exchanges
from dicomsniff.compare.naming import listed, short_uid
from dicomsniff.compare.negotiation import compare_negotiation
from dicomsniff.compare.values import Comparison, Difference, Pair
from dicomsniff.core import Evidence
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.tables import abort_text, reject_text
from dicomsniff.report.redaction import Redaction
from dicomsniff.report.wording import OUTCOMES

_SURE = frozenset({Outcome.RELEASED, Outcome.REJECTED, Outcome.ABORTED})
_REFUSED = frozenset({Outcome.REJECTED, Outcome.UNANSWERED})


class Side(NamedTuple):
    """One of the captures: its traffic with transcripts, and the one association that is meant (None: all)."""

    traffic: Traffic
    association: int | None = None

    @property
    def associations(self) -> Sequence[Association]:
        if self.association is not None:
            return [self.traffic.association(self.association)]
        return self.traffic.without_views().associations


def compare(good: Side, bad: Side, redaction: Redaction) -> Comparison:
    """Everything that differs. The payload stores must be open."""
    if good.association is not None and bad.association is not None:
        pairs = [Pair(good.associations[0], bad.associations[0])]  # whoever names both wants them compared
        only_good: list[Association] = []
        only_bad: list[Association] = []
    else:
        pairs, only_good, only_bad = align(good.associations, bad.associations)
        only_good = [] if bad.association is not None else only_good
        only_bad = [] if good.association is not None else only_bad
    found: list[Difference] = []
    for pair in pairs:
        found += compare_negotiation(pair)
        found += _endings(pair)
        found += compare_exchanges(pair, redaction)
        found += _noise(pair)
    found += _unpaired(only_good, "GOOD")
    found += _unpaired(only_bad, "BAD")
    found = _together(found)
    found.sort(key=lambda one: (one.noise, -one.weight))
    return Comparison(tuple(found), tuple((pair.good.id, pair.bad.id) for pair in pairs))


def _together(found: list[Difference]) -> list[Difference]:
    """What several pairs show in the same words is told once, by the first."""
    once: dict[tuple[str, str], Difference] = {}
    for difference in found:
        once.setdefault((difference.area, difference.sentence), difference)
    return list(once.values())


def _endings(pair: Pair) -> Iterator[Difference]:
    good, bad = pair
    unsure = [a for a in pair if a.outcome not in _SURE and Blind.END in a.blind]
    words = _ending(good), _ending(bad)
    if words[0] == words[1] or unsure:
        return
    refused = (good.outcome in _REFUSED) != (bad.outcome in _REFUSED)
    sentence = f"the association is {words[0]} in GOOD, {words[1]} in BAD"
    yield Difference(
        96 if refused else 64,
        "ending",
        sentence,
        words[0],
        words[1],
        _end_packets(good),
        _end_packets(bad),
        good.id,
        bad.id,
    )


def _ending(association: Association) -> str:
    reject, abort = association.reject, association.abort
    if association.outcome is Outcome.REJECTED and reject is not None:
        return reject_text(reject.result, reject.source, reject.reason)
    if association.outcome is Outcome.ABORTED and abort is not None:
        text = abort_text(abort.source, abort.reason).removeprefix("aborted by ")
        return f"aborted by the {association.role(abort.evidence.direction)} ({text})"
    return OUTCOMES[association.outcome]


def _end_packets(association: Association) -> tuple[int, ...]:
    said = association.reject or association.abort or association.release_request
    evidence: Evidence | None = said.evidence if said else None
    return (evidence.last_packet,) if evidence else ()


def _unpaired(associations: Sequence[Association], side: str) -> Iterator[Difference]:
    """What only one capture has, a kind at a time."""
    groups: dict[tuple[str, str], list[Association]] = {}
    for association in associations:
        classes = sorted({e.sop_class for e in association.exchanges if e.sop_class})
        classes = classes or sorted({c.abstract_syntax for c in association.contexts if c.abstract_syntax})
        about = listed([short_uid(uid) for uid in classes]) or "no presentation context"
        groups.setdefault((about, _ending(association)), []).append(association)
    for (about, ending), own in groups.items():
        first = own[0]
        which = f"association {first.id}" if len(own) == 1 else f"{len(own)} associations (the first is {first.id})"
        yield Difference(
            58,
            "sequence",
            f"only {side} has {which} about {about}: {ending}",
            good=which if side == "GOOD" else None,
            bad=which if side == "BAD" else None,
            good_packets=(first.first_packet,) if side == "GOOD" else (),
            bad_packets=(first.first_packet,) if side == "BAD" else (),
            good_association=first.id if side == "GOOD" else None,
            bad_association=first.id if side == "BAD" else None,
        )


def _noise(pair: Pair) -> Iterator[Difference]:
    """What differs at every run, for whoever asks for all."""
    good, bad = pair
    for name, one, other in (
        ("requestor", str(good.requestor), str(bad.requestor)),
        ("acceptor", str(good.acceptor), str(bad.acceptor)),
    ):
        if one != other:
            sentence = f"the {name} is {one} in GOOD, {other} in BAD"
            yield Difference(2, "address", sentence, one, other, (), (), good.id, bad.id, True)
