"""What is concluded about a capture under field conditions is what the clean capture negotiated, and no object is wrong."""

from functools import cache
from pathlib import Path

import pytest

from dicomsniff.association.values import Traffic
from dicomsniff.capture import CaptureError
from dicomsniff.core import Endpoint
from tests.captures import real

pytestmark = pytest.mark.skipif(not real.MUTATE.is_file(), reason="the laboratory is not beside this checkout")

CONDITIONS = (
    "midstream:.01",
    "midstream:.1",
    "midstream:.3",
    "midstream:.6",
    "head:.6",
    "snap:200",
    "snap:1000",
    "drop:.1",
)
Ends = frozenset[Endpoint]


@cache
def negotiated(name: str) -> dict[tuple[Ends, int], set[str]]:
    """By the ends of the connection and context ID, the transfer syntaxes that were accepted."""
    found: dict[tuple[Ends, int], set[str]] = {}
    for association in real.analysis(name).associations:
        for context in association.contexts:
            if context.transfer_syntax:
                key = frozenset((association.requestor, association.acceptor)), context.id
                found.setdefault(key, set()).add(context.transfer_syntax)
    return found


def conditions(name: str) -> list[str]:
    """The conditions, and each direction alone by the server's ports."""
    ports = sorted({c.tcp.responder.port for c in real.analysis(name).connections})
    return [*CONDITIONS, *(f"{kind}:{port}" for port in ports for kind in ("oneway", "onewayserver"))]


def under(name: str, directory: Path) -> list[tuple[str, Traffic]]:
    found = []
    for condition in conditions(name):
        kind, _, argument = condition.partition(":")
        try:
            real.mutate(kind, real.capture(name), directory / "capture.pcap", argument)
            found.append((condition, real.read([directory / "capture.pcap"])))
        except (CaptureError, ValueError):  # nothing is left of it, or the laboratory cannot read pcapng sections
            continue
    return found


@pytest.mark.parametrize("name", real.names() if real.MUTATE.is_file() else [])
def test_what_is_sure_was_negotiated_and_no_object_is_wrong(name: str, tmp_path: Path) -> None:
    sent = {
        m["dataset_sha256"] for c in real.facts(name) for side in c["messages"] for m in side if "dataset_sha256" in m
    }
    requestors = {frozenset((a.requestor, a.acceptor)): a.requestor for a in real.analysis(name).associations}
    for condition, traffic in under(name, tmp_path):
        for association in traffic.associations:
            ends = frozenset((association.requestor, association.acceptor))
            assert requestors[ends] == association.requestor, condition
            for context in association.contexts:
                if context.confidence == "high":
                    assert context.transfer_syntax in negotiated(name)[ends, context.id], (condition, context)
        for exchange in traffic.exchanges:
            for payload in (exchange.payload, *exchange.answers):
                assert payload is None or not payload.complete or payload.sha256 in sent, condition


@pytest.mark.parametrize(
    ("name", "condition"),
    [("slow_server", "midstream:.3"), ("slow_nagle", "midstream:.3"), ("slow_server", "oneway:104")],
)
def test_what_can_be_proved_is(name: str, condition: str, tmp_path: Path) -> None:
    kind, _, argument = condition.partition(":")
    port = str(real.analysis(name).connections[0].tcp.responder.port)
    real.mutate(kind, real.capture(name), tmp_path / "c.pcap", port if kind == "oneway" else argument)
    [association] = real.read([tmp_path / "c.pcap"]).associations
    stored = {e.context_id for e in association.exchanges if e.payload and e.payload.complete}
    assert stored and "high" in {c.confidence for c in association.contexts if c.id in stored}
