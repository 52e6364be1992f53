"""Parts of the traffic get the numbers of the whole."""

from pathlib import Path

from dicomsniff.dimse.payload import PayloadStore
from dicomsniff.parallel.part import TOGETHER, Numbers, Outline, dump, load, numbers, pieces
from tests.forge.traffic import TrafficForge


def test_numbers_follow_the_first_packets_of_all() -> None:
    one = Outline({1: 10, 2: 30}, [10, 30, 31], 0, [])
    other = Outline({1: 20}, [20], 0, [])
    assert numbers([one, other]) == [
        Numbers({1: 1, 2: 3}, {0: 0, 1: 2, 2: 3}),
        Numbers({1: 2}, {0: 1}),
    ]


def test_connections_of_unwanted_ports_have_a_stream_and_no_id() -> None:
    assert numbers([Outline({1: 20}, [10, 20], 0, [])]) == [Numbers({1: 1}, {0: 0, 1: 1})]


def test_a_part_is_renumbered_all_through() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-ECHO", status=0)
    traffic = forge.traffic()
    [conversation] = traffic.conversations
    part = dump([(conversation, traffic.associations)], Numbers({1: 7}, {conversation.tcp.tcp_stream: 9}))
    [(moved, [association])] = load(part, PayloadStore())
    assert (moved.id, moved.tcp.tcp_stream, association.connection) == (7, 9, 7)
    assert association.request is not None
    before = traffic.associations[0].request
    assert before is not None
    assert association.request.evidence == before.evidence._replace(connection=7)


def test_payloads_are_found_in_the_store_that_took_the_log(tmp_path: Path) -> None:
    store, main = PayloadStore(keep=True, path=str(tmp_path / "log")), PayloadStore(keep=True)
    writer = store.writer(4)
    writer.write(b"a data set")
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0, payload=writer.finish(True))
    traffic = forge.traffic()
    part = dump([(traffic.conversations[0], traffic.associations)], Numbers({1: 1}, {0: 0, 1: 1}))
    store.leave()
    [(_, [association])] = load(part, main.adopt(str(tmp_path / "log")))
    moved = association.exchanges[0].payload
    assert moved is not None
    assert (moved.head(), b"".join(moved.pieces())) == (b"a da", b"a data set")
    assert not (tmp_path / "log").exists()
    main.close()


def test_pieces_together_are_the_part() -> None:
    forge = TrafficForge()
    for _ in range(2 * TOGETHER + 1):
        forge.exchange(forge.association(), "C-ECHO", status=0)
    traffic = forge.traffic()
    done = list(zip(traffic.conversations, ((each,) for each in traffic.associations), strict=True))
    ids, streams = ({each: each for each in range(len(done) + 1)} for _ in range(2))
    made = list(pieces(done, Numbers(ids, streams)))
    assert len(made) == 3
    together = [each for piece in made for each in load(piece, PayloadStore())]
    assert [conversation for conversation, _ in together] == [conversation for conversation, _ in done]
    assert [own[0].exchanges[0].request for _, own in together] == [own[0].exchanges[0].request for _, own in done]


def test_an_empty_part_has_no_pieces() -> None:
    assert list(pieces([], Numbers({}, {}))) == []
