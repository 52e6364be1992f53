"""Traffic in, what lies between archive and requester of commitments out: call-backs, failed ones, blind stretches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from dicomsniff.association.commitment import PUSH_MODEL, Commitment, commitments
from dicomsniff.association.index import once
from dicomsniff.association.parties import asking, performing
from dicomsniff.association.values import Association, Conversation, Exchange, Kind, Outcome, Traffic
from dicomsniff.core.records import dataclass
from dicomsniff.rules.rule import Among

Pair = tuple[str, str]  # addresses of archive and requester
_ANSWER_WAIT_NS = 3_000_000_000
"""An attempt that the capture shows for less is under way: a lost SYN is sent again after one second, and after two more."""
_SEEN_WHOLE = frozenset({"end"})


@dataclass(slots=True)
class Between:
    """What the capture shows between an archive and a requester: connections that the archive tried in vain, and why a
    result may have passed unseen (None where nothing speaks for it)."""

    failed: list[Conversation] = field(default_factory=list)
    doubt: str | None = None


def pair_of(request: Exchange, traffic: Traffic) -> Pair:
    association = traffic.association(request.association)
    return performing(request, association).ip, asking(request, association).ip


@once
def between(traffic: Traffic) -> dict[Pair, Between]:
    """For every pair of hosts that had to do with a commitment."""
    requests, strays = commitments(traffic)
    found: dict[Pair, Between] = {pair_of(one.request, traffic): Between() for one in requests}
    if not found:
        return found
    for conversation in traffic.conversations:
        _note_conversation(found, conversation, traffic.last_ns)
    for association in traffic.associations:
        ends = association.requestor.ip, association.acceptor.ip
        if association.blind and {str(b) for b in association.blind} - _SEEN_WHOLE:
            _doubt(found, ends, "a result may have passed in a stretch that was not captured")
    for stray in strays:
        if stray.transaction is None:
            association = traffic.association(stray.exchange.association)
            ends = association.requestor.ip, association.acceptor.ip
            _doubt(found, ends, "a result was seen whose Transaction UID could not be read")
    return found


def _note_conversation(found: dict[Pair, Between], conversation: Conversation, end_ns: int) -> None:
    tcp = conversation.tcp
    ends = tcp.initiator.ip, tcp.responder.ip
    if tcp.opened in ("refused", "unanswered"):
        if ends in found and (tcp.opened == "refused" or end_ns - tcp.first_ns >= _ANSWER_WAIT_NS):
            found[ends].failed.append(conversation)
    elif conversation.kind in (Kind.TLS, Kind.DICOM_TLS):
        _doubt(found, ends, "a result may have passed on an encrypted connection")
    elif conversation.gaps:
        _doubt(found, ends, "a result may have passed in a stretch that was not captured")


def _doubt(found: dict[Pair, Between], ends: Pair, why: str) -> None:
    for pair in (ends, ends[::-1]):
        if pair in found and found[pair].doubt is None:
            found[pair].doubt = why


@once
def call_backs(traffic: Traffic) -> Among[Association]:
    """Associations that an archive opened to hand over results: it is known as the archive of the acceptor's request, or
    it proposed the role of the provider for the class (PS3.7 §D.3.3.4). Suspects are those on which it could not begin."""
    pairs = between(traffic)
    found = [a for a in traffic.associations if a.request and _is_call_back(a, pairs)]
    return Among(len(found), [a for a in found if a.outcome is Outcome.REJECTED or not _usable(a)])


@once
def refused_call_backs(traffic: Traffic) -> tuple[tuple[Pair, int], ...]:
    """The last call-back of each pair that could not begin, and when."""
    return tuple({(a.requestor.ip, a.acceptor.ip): a.first_ns for a in call_backs(traffic).suspects}.items())


def _is_call_back(association: Association, pairs: dict[Pair, Between]) -> bool:
    proposed = any(context.abstract_syntax == PUSH_MODEL for context in association.contexts)
    if not proposed or association.request is None:
        return False
    if any(exchange.service == "N-ACTION" for exchange in association.exchanges):
        return False
    roles = association.request.user_information.roles
    provider = any(role.sop_class == PUSH_MODEL and role.scp and not role.scu for role in roles)
    ends = association.requestor.ip, association.acceptor.ip
    return provider or (ends in pairs and ends[::-1] not in pairs)


def _usable(association: Association) -> bool:
    """Whether the context was accepted, or the answer was not seen."""
    own = [context for context in association.contexts if context.abstract_syntax == PUSH_MODEL]
    return association.accept is None or any(context.accepted for context in own)


def delivered_after(time_ns: int, pair: Pair, traffic: Traffic) -> bool:
    """Whether the archive handed any result to the requester after this time."""
    return any(when > time_ns for when in _deliveries(traffic).get(pair, ()))


@once
def _deliveries(traffic: Traffic) -> dict[Pair, Sequence[int]]:
    requests, strays = commitments(traffic)
    made: dict[Pair, list[int]] = {}
    for result in (*(r for one in requests for r in one.results), *strays):
        exchange = result.exchange
        if result.delivered and exchange.request is not None:
            association = traffic.association(exchange.association)
            pair = asking(exchange, association).ip, performing(exchange, association).ip
            made.setdefault(pair, []).append(exchange.request.first_ns)
    return {pair: (max(times),) for pair, times in made.items()}


def first_instances(one: Commitment) -> list[str]:
    return [reference.sop_instance for reference in one.references[:20]]
