"""A finding and the traffic in, the settings that would mend it out, where the side that must act says which product it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dicomsniff.association.values import Association, Traffic
from dicomsniff.core.records import replace
from dicomsniff.pdu.values import UserInformation
from dicomsniff.rules.finding import Finding, Setting, Severity, Side
from dicomsniff.rules.remedies.products import Product, product_of
from dicomsniff.rules.remedies.settings import REMEDIES, words

LISTED = 4
"""UIDs named in one setting: enough to type, the finding's facts hold all."""


def with_settings(findings: Sequence[Finding], traffic: Traffic) -> tuple[Finding, ...]:
    """The same findings; those of errors and warnings that a setting would mend carry it."""
    speakers = Speakers(traffic)
    return tuple(_with(finding, traffic, speakers) for finding in findings)


class Speakers:
    """How the ends of the traffic name themselves. A rejection carries no names, so an end is also known by what it
    said in its other associations; one that named itself differently there is not known."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self._known: dict[object, set[Product | None]] | None = None

    def product(self, association: Association, side: Side) -> Product | None:
        pdu = association.request if side is Side.REQUESTOR else association.accept
        own = _product(pdu.user_information if pdu else None)
        if own is not None or side is not Side.ACCEPTOR:
            return own
        said = self._elsewhere().get(association.acceptor, set())
        return next(iter(said)) if len(said) == 1 else None

    def _elsewhere(self) -> Mapping[object, set[Product | None]]:
        if self._known is None:
            self._known = {}
            for association in self._traffic.associations:
                if association.accept is not None:
                    product = _product(association.accept.user_information)
                    self._known.setdefault(association.acceptor, set()).add(product)
        return self._known


def _product(said: UserInformation | None) -> Product | None:
    return product_of(said.implementation_class_uid, said.implementation_version) if said else None


def _with(finding: Finding, traffic: Traffic, speakers: Speakers) -> Finding:
    children = tuple(_with(child, traffic, speakers) for child in finding.children)
    settings = _settings(finding, traffic, speakers)
    return replace(finding, settings=settings, children=children) if settings or children else finding


def _settings(finding: Finding, traffic: Traffic, speakers: Speakers) -> tuple[Setting, ...]:
    remedy = REMEDIES.get((finding.rule, finding.act))
    if remedy is None or finding.association is None:
        return ()
    if finding.severity not in (Severity.ERROR, Severity.WARNING):
        return ()
    association = traffic.association(finding.association)
    product = speakers.product(association, finding.act)
    if product is None:
        return ()
    values = _values(finding, association)
    texts = ((name, words(name, remedy, values)) for name in (product.name, *product.kin))
    return tuple(Setting(name, text) for name, text in texts if text)


def _values(finding: Finding, association: Association) -> dict[str, str]:
    """What a reader would type, from the finding's facts and its association; "" where unknown."""
    facts = finding.facts
    destination = str(facts.get("destination") or "")
    to_requestor = bool(destination) and destination == association.calling_ae
    caller = "" if destination and not to_requestor else association.requestor.ip
    return {
        "transfer_syntaxes": _uids(facts, "transfer_syntaxes", "refused_transfer_syntaxes", "transfer_syntax"),
        "sop_classes": _uids(facts, "sop_classes", "classes", "sop_class"),
        "called_ae": str(facts.get("called_ae") or association.called_ae or ""),
        "accepted_ae": next(iter(facts.get("accepted_called_aes", ())), ""),
        "called_host": association.acceptor.ip,
        "called_port": str(association.acceptor.port),
        "calling_ae": str(facts.get("calling_ae") or association.calling_ae or ""),
        "destination": destination,
        "host": str(facts.get("host") or caller),
        "port": str(facts.get("port") or ""),
    }


def _uids(facts: Mapping[str, object], *names: str) -> str:
    for name in names:
        value = facts.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, Iterable):
            every = [str(uid) for uid in value]
            more = f" and {len(every) - LISTED} more" if len(every) > LISTED else ""
            return ", ".join(every[:LISTED]) + more
    return ""
