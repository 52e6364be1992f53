"""Parts of the traffic get the numbers of the whole."""

import pickle
from pathlib import Path

import pytest

from dicomsniff.association.conversation import number
from dicomsniff.association.gathering import Done
from dicomsniff.capture import open_captures
from dicomsniff.core import Direction
from dicomsniff.core.records import replace
from dicomsniff.dimse.payload import Payload, PayloadStore, PayloadWriter
from dicomsniff.dimse.shelf import Shelf
from dicomsniff.parallel.part import TOGETHER, Numbers, Outline, dump, load, numbers, pieces, renumbered
from dicomsniff.pipeline import Options, Pipeline
from dicomsniff.tcp.events import Gap, GapCause
from tests.captures import real
from tests.forge.traffic import TrafficForge

NOTHING = Outline({}, [], 0, [])


def test_numbers_follow_the_first_packets_of_all() -> None:
    one = Outline({1: 10, 2: 30}, [10, 30, 31], 0, [])
    other = Outline({1: 20}, [20], 0, [])
    assert numbers([one, other]) == [
        Numbers({1: 1, 2: 3}, {0: 0, 1: 2, 2: 3}),
        Numbers({1: 2}, {0: 1}),
    ]


def test_connections_of_unwanted_ports_have_a_stream_and_no_id() -> None:
    assert numbers([Outline({1: 20}, [10, 20], 0, [])]) == [Numbers({1: 1}, {0: 0, 1: 1})]


def echo() -> Done:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-ECHO", status=0)
    traffic = forge.traffic()
    [conversation] = traffic.conversations
    return conversation, traffic.associations


def test_a_part_is_renumbered_all_through() -> None:
    conversation, associations = echo()
    gap = Gap(1, Direction.TO_RESPONDER, 5, 5, GapCause.LOST, 2, 0)
    numbers = Numbers({1: 7}, {conversation.tcp.tcp_stream: 9})
    part = dump([(replace(conversation, gaps=(gap,)), associations)])
    [(moved, [association])] = done = load(part, PayloadStore(), numbers)
    assert (moved.id, moved.tcp.tcp_stream, moved.gaps) == (7, 9, (gap._replace(connection=7),))
    assert moved.tcp == replace(conversation.tcp, id=7, tcp_stream=9)
    assert (association.request, association.accept) == (associations[0].request, associations[0].accept)
    assert number((), done).associations[0].connection == 7


def _named(value: object, seen: set[int]) -> set[str]:
    """Where in a value something is called a connection or a stream."""
    if id(value) in seen or value is None or isinstance(value, str | bytes | int | PayloadStore):
        return set()
    seen.add(id(value))
    names = [*getattr(value, "_fields", ()), *getattr(type(value), "__dataclass_fields__", ())]
    found = {f"{type(value).__name__}.{name}" for name in names if name in ("id", "connection", "tcp_stream")}
    within = [getattr(value, name) for name in names]
    within += list(value) if isinstance(value, tuple | list | frozenset) else []
    within += [*value.keys(), *value.values()] if isinstance(value, dict) else []
    return found.union(*(_named(each, seen) for each in within))


@real.here
@pytest.mark.parametrize("name", ["query_retrieve", "lossy_network", "scp_dies", "tls", "refused_and_silent"])
def test_nothing_else_in_the_facts_of_a_connection_knows_its_number(name: str) -> None:
    with open_captures([real.capture(name)]) as source, PayloadStore() as store:
        traffic = Pipeline(source, store, Options(fence=False, transcribe="pdus")).run()
    known = {"Connection.id", "Connection.tcp_stream", "Gap.connection"}
    given_when_joined = {"Association.id", "Association.connection", "Exchange.id"}
    of_contexts = {"Context.id"}
    facts = [(c, *(traffic.association(id) for id in c.associations)) for c in traffic.conversations]
    assert _named(facts, set()) <= known | given_when_joined | of_contexts


def _handed_over(store: PayloadStore, writer: PayloadWriter, main: PayloadStore, log: Path) -> Payload:
    """A data set that one process wrote, as the other has it."""
    writer.write(b"a data set")
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0, payload=writer.finish(True))
    traffic = forge.traffic()
    part = dump([(traffic.conversations[0], traffic.associations)])
    store.leave()
    [(_, [association])] = load(part, main.adopt(str(log)), Numbers({1: 1}, {0: 0, 1: 1}))
    moved = association.exchanges[0].payload
    assert moved is not None
    assert (moved.head(), b"".join(moved.pieces())) == (b"a da", b"a data set")
    return moved


def test_payloads_are_found_in_the_store_that_took_the_log(tmp_path: Path) -> None:
    store, main = PayloadStore(keep=True, path=str(tmp_path / "log")), PayloadStore(keep=True)
    _handed_over(store, store.writer(4), main, tmp_path / "log")
    assert not (tmp_path / "log").exists()
    main.close()


def test_data_sets_on_the_shelf_are_found_there(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "out")
    store = PayloadStore(keep=True, path=str(tmp_path / "log"), shelf=shelf.branch("1-"))
    main = PayloadStore(keep=True, shelf=shelf)
    moved = _handed_over(store, store.writer(4, room=4), main, tmp_path / "log")
    taken = moved.take(b"HEAD")
    assert taken is not None and taken.read_bytes() == b"HEADa data set"
    assert shelf.taken and not main.whole
    main.close()
    assert not taken.exists()


def test_pieces_together_are_the_outline_and_the_part() -> None:
    forge = TrafficForge()
    for _ in range(2 * TOGETHER + 1):
        forge.exchange(forge.association(), "C-ECHO", status=0)
    traffic = forge.traffic()
    done = list(zip(traffic.conversations, ((each,) for each in traffic.associations), strict=True))
    ids, streams = ({each: each for each in range(len(done) + 1)} for _ in range(2))
    outline, *made = pieces(NOTHING, done)
    assert pickle.loads(outline) == NOTHING
    assert len(made) == 3
    together = [each for piece in made for each in load(piece, PayloadStore(), Numbers(ids, streams))]
    assert [conversation for conversation, _ in together] == [conversation for conversation, _ in done]
    assert [own[0].exchanges[0].request for _, own in together] == [own[0].exchanges[0].request for _, own in done]


def test_an_empty_part_is_an_outline() -> None:
    assert len(list(pieces(NOTHING, []))) == 1


def test_what_is_renumbered_to_the_same_stays_as_it_is() -> None:
    conversation, associations = echo()
    numbers = Numbers({1: 1}, {conversation.tcp.tcp_stream: conversation.tcp.tcp_stream})
    assert renumbered((conversation, associations), numbers) == (conversation, associations)
