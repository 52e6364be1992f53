"""The negotiations of two associations in, how they differ out: contexts, syntaxes and their order, roles, sizes, user items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from dicomsniff.association.values import Association, Context, ContextResult
from dicomsniff.compare.naming import listed, short_uid
from dicomsniff.compare.values import Difference, Pair
from dicomsniff.core import Evidence
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.values import UserInformation

_UNUSED = 30  # less weight for what nobody used
_WORDS = {
    ContextResult.ACCEPTED: "accepted",
    ContextResult.USER_REJECTION: "refused by the user",
    ContextResult.NO_REASON: "refused without a reason",
    ContextResult.ABSTRACT_SYNTAX: "abstract syntax not supported",
    ContextResult.TRANSFER_SYNTAXES: "transfer syntaxes not supported",
    ContextResult.UNANSWERED: "not answered",
}


class _Class(NamedTuple):
    """What was proposed for one abstract syntax in all its contexts, and what was accepted of it. `sets` are the proposed
    syntaxes context by context, `refusals` the words of the refusals."""

    sets: tuple[tuple[str, ...], ...]
    proposed: frozenset[str]
    accepted: frozenset[str]
    refusals: frozenset[str]
    used: bool

    def refused(self, syntax: str) -> bool:
        return syntax in self.proposed and syntax not in self.accepted


def compare_negotiation(pair: Pair) -> Iterator[Difference]:
    """Requests against requests, answers against answers; nothing of what was not captured."""
    good, bad = pair
    make = partial(
        Difference,
        area="negotiation",
        good_packets=_packets(good),
        bad_packets=_packets(bad),
        good_association=good.id,
        bad_association=bad.id,
    )
    if good.request is not None and bad.request is not None:
        yield from _titles(pair, make)
        yield from _user_items("requestor", good.request.user_information, bad.request.user_information, make)
        yield from _classes(pair, make)
        if good.request.application_context != bad.request.application_context:
            values = good.request.application_context or "none", bad.request.application_context or "none"
            sentence = f"the application context is {values[0]} in GOOD, {values[1]} in BAD"
            yield make(75, sentence=sentence, good=values[0], bad=values[1])
    if good.accept is not None and bad.accept is not None:
        yield from _user_items("acceptor", good.accept.user_information, bad.accept.user_information, make)


def _packets(association: Association) -> tuple[int, ...]:
    """Those of request and answer."""
    answer = association.accept or association.reject
    seen: list[Evidence] = [said.evidence for said in (association.request, answer) if said is not None]
    return tuple(evidence.last_packet for evidence in seen)


def _titles(pair: Pair, make: Callable[..., Difference]) -> Iterator[Difference]:
    good, bad = pair
    refused = (good.reject is None) != (bad.reject is None)
    for name, one, other in (
        ("called", good.called_ae, bad.called_ae),
        ("calling", good.calling_ae, bad.calling_ae),
    ):
        if one != other:
            sentence = f"the {name} AE title is '{one}' in GOOD, '{other}' in BAD"
            yield make(98 if refused else 45, sentence=sentence, good=one, bad=other)


def _classes(pair: Pair, make: Callable[..., Difference]) -> Iterator[Difference]:
    good, bad = _gathered(pair.good), _gathered(pair.bad)
    answered = all(a.accept is not None for a in pair)
    used = {name for side in (good, bad) for name, own in side.items() if own.used}
    for side, here, there in (("GOOD", good, bad), ("BAD", bad, good)):
        only = [name for name in here if name not in there]
        for group, weight in (([n for n in only if n in used], 88), ([n for n in only if n not in used], 25)):
            if group:
                names = listed([short_uid(name) for name in group])
                shown = {side.lower(): names}
                yield make(weight, sentence=f"only {side} proposes {names}", **shown)
    for name in good:
        if name in bad:
            least = 0 if name in used or len(good) < 3 else _UNUSED
            yield from _syntaxes(name, good[name], bad[name], answered, least, make)


def _syntaxes(
    name: str, good: _Class, bad: _Class, answered: bool, less: int, make: Callable[..., Difference]
) -> Iterator[Difference]:
    what = short_uid(name)
    told = False
    if answered:
        for side, other, here, there in (("BAD", "GOOD", bad, good), ("GOOD", "BAD", good, bad)):
            lost = [syntax for syntax in _order(there) if here.refused(syntax) and syntax in there.accepted]
            if lost and not (here.accepted and not here.refusals):  # else another of its syntaxes was chosen
                why = ", ".join(sorted(here.refusals)) or "another was chosen"
                names = listed([short_uid(syntax) for syntax in lost])
                sentence = f"in {side} the acceptor does not take {names} for {what} ({why}); in {other} it does"
                has = {"good": "accepted", "bad": why} if side == "BAD" else {"good": why, "bad": "accepted"}
                yield make((97 if side == "BAD" else 90) - less, sentence=sentence, **has)
                told = True
        if not told and good.accepted and bad.accepted and good.accepted != bad.accepted:
            both = [listed([short_uid(s) for s in sorted(side.accepted)]) for side in (good, bad)]
            if good.proposed == bad.proposed:
                sentence = f"for {what} the acceptor chose {both[0]} in GOOD, {both[1]} in BAD"
                yield make(72 - less, sentence=sentence, good=both[0], bad=both[1])
        if good.refusals != bad.refusals and not good.accepted and not bad.accepted:
            words = [", ".join(sorted(side.refusals)) or "nothing" for side in (good, bad)]
            sentence = f"{what} is refused in both, in GOOD with {words[0]}, in BAD with {words[1]}"
            yield make(60 - less, sentence=sentence, good=words[0], bad=words[1])
    for side, here, there in (("BAD", bad, good), ("GOOD", good, bad)):
        lacking = [syntax for syntax in _order(there) if syntax not in here.proposed]
        if lacking:
            names = listed([short_uid(syntax) for syntax in lacking])
            weight = 85 if set(lacking) & there.accepted and there.used else 50
            sentence = f"{side} does not propose {names} for {what}"
            yield make(weight - less, sentence=sentence, **{"good" if side == "BAD" else "bad": names})
    if good.proposed == bad.proposed and good.sets != bad.sets:
        shown = ["; ".join(", ".join(map(short_uid, s)) for s in side.sets[:4]) for side in (good, bad)]
        sentence = f"the transfer syntaxes for {what} are proposed in another order, or in other contexts"
        yield make(35 - less // 3, sentence=sentence, good=shown[0], bad=shown[1])


def _gathered(association: Association) -> dict[str, _Class]:
    found: dict[str, list[Context]] = {}
    for context in association.contexts:
        if context.abstract_syntax:
            found.setdefault(context.abstract_syntax, []).append(context)
    return {name: _class(contexts) for name, contexts in found.items()}


def _class(contexts: list[Context]) -> _Class:
    return _Class(
        tuple(context.proposed for context in contexts),
        frozenset(syntax for context in contexts for syntax in context.proposed),
        frozenset(c.transfer_syntax for c in contexts if c.accepted and c.transfer_syntax),
        frozenset(_WORDS[c.result] for c in contexts if not c.accepted),
        any(context.exchanges for context in contexts),
    )


def _order(of: _Class) -> list[str]:
    return list(dict.fromkeys(syntax for context in of.sets for syntax in context))


def _user_items(
    role: str, good: UserInformation, bad: UserInformation, make: Callable[..., Difference]
) -> Iterator[Difference]:
    identities = [None if s.user_identity is None else f"type {s.user_identity.kind}" for s in (good, bad)]
    items: tuple[tuple[int, str, object, object], ...] = (
        (32, "the largest PDU it receives", good.maximum_length, bad.maximum_length),
        (28, "its implementation class UID", good.implementation_class_uid, bad.implementation_class_uid),
        (27, "its implementation version", good.implementation_version, bad.implementation_version),
        (55, "its user identity", identities[0], identities[1]),
        (40, "its asynchronous operations window", good.async_window, bad.async_window),
        (66, "its roles", _roles(good), _roles(bad)),
        (48, "its extended negotiation", _extended(good), _extended(bad)),
    )
    for weight, name, one, other in items:
        if one != other:
            values = ["none" if value in (None, "") else str(value) for value in (one, other)]
            if name.endswith("window"):
                values = [_window(side) for side in (good, bad)]
            sentence = f"the {role} says of {name}: {values[0]} in GOOD, {values[1]} in BAD"
            yield make(weight, sentence=sentence, good=values[0], bad=values[1])


def _window(side: UserInformation) -> str:
    window = side.async_window
    return "none" if window is None else f"{window.invoked} invoked, {window.performed} performed"


def _roles(side: UserInformation) -> str:
    return listed([f"{short_uid(r.sop_class)} SCU {r.scu} SCP {r.scp}" for r in sorted(side.roles)])


def _extended(side: UserInformation) -> str:
    items = [f"{short_uid(e.sop_class)} {e.information[:16].hex()}" for e in sorted(side.extended)]
    return listed([*items, *(f"{short_uid(c.sop_class)} common" for c in sorted(side.common_extended))])
