"""Associations by the server they were asked of."""

from dicomsniff.association.values import Outcome
from dicomsniff.core import Endpoint
from dicomsniff.rules.servers import servers
from tests.forge.traffic import ARCHIVE, TrafficForge


def test_associations_are_gathered_by_address_and_port() -> None:
    forge = TrafficForge()
    forge.association()
    forge.association(forge.connection(responder=Endpoint(ARCHIVE.ip, 11112)))
    forge.association(outcome=Outcome.REJECTED, reject=(1, 1, 7))
    made = servers(forge.traffic())
    assert [(s.endpoint.port, [a.id for a in s.associations]) for s in made] == [(104, [1, 3]), (11112, [2])]
    assert [a.id for a in made[0].accepted] == [1]
    assert [a.id for a in made[0].rejected(1, 7)] == [3]
    assert made[0].rejected(1, 3) == ()


def test_examples_hold_each_caller_once() -> None:
    forge = TrafficForge()
    for calling in ("A", "B", "A"):
        forge.association(calling=calling)
    assert [a.id for a in servers(forge.traffic())[0].examples] == [1, 2]


def test_an_association_whose_request_was_not_seen_belongs_to_none() -> None:
    forge = TrafficForge()
    forge.association(request=None)
    assert servers(forge.traffic()) == []
