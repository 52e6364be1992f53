"""What may be a proxy's other side is told where a proof is wanting, and only there."""

from pathlib import Path

import pytest

from dicomsniff.api import Analysis, analyze
from dicomsniff.association.relays import joined
from tests.captures.forged_endings import BEHIND, CLIENT, GATE, SERVER
from tests.forge import pdus
from tests.forge.dialogue import Dialogue, data_set
from tests.forge.field import End, merged, relayed, sealed
from tests.forge.wire import Frame, Wire, write_pcap

CT = "1.2.840.10008.5.1.4.1.1.2"
PROPOSALS = ((pdus.VERIFICATION, (pdus.IMPLICIT_LITTLE,), 0), (CT, (pdus.IMPLICIT_LITTLE,), 0))
IMAGE = data_set(SOPClassUID=CT, SOPInstanceUID="1.2.3", ImageComments="text" * 900)
BACK_OF_GATE = BEHIND[CLIENT]


def _stored(
    client: End = CLIENT, server: End = GATE, *, calling: str = "CT1", status: int = 0, start_s: float = 0
) -> list[Frame]:
    wire = Wire(client, server, start_ns=1_700_000_000_000_000_000 + int(start_s * 1e9))
    dialogue = Dialogue(wire, calling, "PACS", *PROPOSALS).request().accept().echo()
    return dialogue.store(CT, "1.2.3", IMAGE, status).release().wire.frames


def _without(frames: list[Frame], *places: int) -> list[Frame]:
    return [frame for place, frame in enumerate(frames) if place not in places]


def _analysis(directory: Path, *captures: list[Frame]) -> Analysis:
    return analyze(write_pcap(directory / "c.pcap", sealed(merged(*captures))))


def _relays(analysis: Analysis) -> list[tuple[int, int]]:
    return [(c.id, c.relays) for c in analysis.connections if c.relays is not None]


def test_a_proxys_other_side_with_a_hole_may_be_one(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, _stored(), _without(relayed(_stored(), BEHIND), 16))
    assert _relays(analysis) == [(2, 1)]
    assert {c.view_of for c in analysis.connections} == {None}


def test_it_may_be_one_where_neither_beginning_was_captured(tmp_path: Path) -> None:
    late = merged(_stored(), relayed(_stored(), BEHIND))[14:]
    [(inner, _)] = _relays(analysis := _analysis(tmp_path, late))
    assert analysis.connections[inner - 1].tcp.responder.ip == SERVER[0]


def test_it_may_be_one_where_all_that_both_show_of_it_is_in_holes(tmp_path: Path) -> None:
    first, second = _stored(), relayed(_stored(), BEHIND)
    assert _relays(_analysis(tmp_path, first[:12] + first[-3:], second[14:])) == [(2, 1)]


def test_what_is_proved_is_not_only_suspected(tmp_path: Path) -> None:
    analysis = _analysis(tmp_path, _stored(), relayed(_stored(), BEHIND))
    assert [(c.id, c.view_of, c.relays) for c in analysis.connections] == [(1, None, None), (2, 1, None)]


OTHERS = {
    "another title": _stored(BACK_OF_GATE, SERVER, calling="GATE", start_s=0.001),
    "another status": _without(relayed(_stored(status=0xA700), BEHIND), 16),
    "another host": _without(relayed(_stored(), {CLIENT: ("10.9.9.9", 5), GATE: SERVER}), 16),
    "the very same server": _without(relayed(_stored(), {CLIENT: ("203.0.113.9", 52000)}), 16),
    "afterwards": _without(_stored(BACK_OF_GATE, SERVER, start_s=5), 16),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_differs_in_anything_seen_is_none(name: str, tmp_path: Path) -> None:
    assert _relays(_analysis(tmp_path, _stored(), OTHERS[name])) == []


def test_many_conversations_at_once_each_find_their_own(tmp_path: Path) -> None:
    captures = []
    for number in range(20):
        client, back = ("192.168.1.5", 40000 + number), ("203.0.113.9", 52000 + number)
        frames = _stored(client, calling=f"CT{number}", start_s=number * 0.0001)
        captures += [frames, _without(relayed(frames, {client: back, GATE: SERVER}), 16)]
    analysis = _analysis(tmp_path, *captures)
    pairs = [(analysis.connections[a - 1].tcp, analysis.connections[b - 1].tcp) for a, b in _relays(analysis)]
    assert len(pairs) == 20
    assert all(a.initiator.port - b.initiator.port == 12000 for a, b in pairs)


def test_a_proxy_may_be_reached_from_elsewhere_and_send_to_its_own_host() -> None:
    assert joined("10.0.0.1", "10.0.0.1") and joined("10.0.0.1", "127.0.0.1") and joined("::1", "fd00::1")
    assert not joined("10.0.0.1", "10.0.0.2") and not joined("127.0.0.1", "127.0.0.2")
