"""What speaks on a connection, and the numbers of associations and exchanges over the whole capture."""

from pathlib import Path

import pytest

from dicomsniff.association.conversation import kind_of, number
from dicomsniff.association.values import Kind, Outcome, Traffic
from tests.association.dialogue import Dialogue, read
from tests.forge import pdus
from tests.forge.reading import traffic_of
from tests.forge.traffic import EXPLICIT, IMPLICIT, VERIFICATION, TrafficForge
from tests.forge.wire import BACK, OUT, Wire

START = 1_700_000_000_000_000_000
HELLO = bytes.fromhex("16030100ba010000b60303") + bytes(180)


def wire(port: int = 40000, server_port: int = 104, start_s: float = 0.0) -> Wire:
    return Wire(("10.0.0.1", port), ("10.0.0.2", server_port), start_ns=START + int(start_s * 1e9))


def said(wire: Wire, out: bytes, back: bytes = b"") -> Wire:
    wire.connect()
    for direction, data in ((OUT, out), (BACK, back)):
        if data:
            wire.send(direction, data)
    return wire.close()


def kind(tmp_path: Path, wire: Wire) -> Kind:
    return read(tmp_path / "c.pcap", wire).conversations[0].kind


@pytest.mark.parametrize(
    ("port", "out", "back", "kind_"),
    [
        (104, pdus.request(), pdus.rejection(), Kind.DICOM),
        (2762, pdus.request(), bytes.fromhex("15030300020246"), Kind.DICOM),
        (443, HELLO, HELLO, Kind.TLS),
        (2762, HELLO, HELLO, Kind.DICOM_TLS),
        (104, b"GET / HTTP/1.1\r\nHost: pacs\r\n\r\n", b"", Kind.OTHER),
        (104, b"", b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n", Kind.OTHER),
        (104, b"", b"", Kind.EMPTY),
    ],
)
def test_the_kind_follows_from_what_was_said(port: int, out: bytes, back: bytes, kind_: Kind, tmp_path: Path) -> None:
    assert kind(tmp_path, said(wire(server_port=port), out, back)) is kind_


def test_refused_and_probed_connections_are_empty(tmp_path: Path) -> None:
    probe = wire()
    probe.connect().reset(OUT)
    traffic = read(tmp_path / "c.pcap", probe)
    assert (traffic.conversations[0].kind, traffic.associations) == (Kind.EMPTY, ())


def test_the_answer_of_a_tls_port_is_not_read_as_dicom(tmp_path: Path) -> None:
    traffic = read(
        tmp_path / "c.pcap", said(wire(server_port=2762), pdus.request(), bytes.fromhex("15030300020246") * 9)
    )
    [association] = traffic.associations
    assert traffic.conversations[0].protocols == ("dicom", "tls")
    assert (association.broken, association.anomalies) == ((), ())
    assert traffic.conversations[0].first_bytes[1].startswith(b"\x15\x03\x03")


def test_dicom_is_found_on_any_port(tmp_path: Path) -> None:
    dialogue = Dialogue(wire(server_port=8080)).open().echo().release()
    assert read(tmp_path / "c.pcap", dialogue).conversations[0].kind is Kind.DICOM


def two(tmp_path: Path) -> Traffic:
    """The connection that opened first begins its association last."""
    slow, quick = Dialogue(wire(40001)), Dialogue(wire(40002, start_s=1.0))
    slow.wire.connect().wait(5)
    slow.negotiate(calling=b"SLOW").echo().echo(2).release()
    quick.open(calling=b"QUICK").echo().release()
    return read(tmp_path / "c.pcap", slow, quick)


def test_associations_are_numbered_by_their_first_packets(tmp_path: Path) -> None:
    traffic = two(tmp_path)
    assert [(a.id, a.calling_ae, a.connection) for a in traffic.associations] == [(1, "QUICK", 2), (2, "SLOW", 1)]
    assert [c.associations for c in traffic.conversations] == [(2,), (1,)]


def test_ids_are_places_in_the_traffic(tmp_path: Path) -> None:
    traffic = two(tmp_path)
    assert all(traffic.association(a.id) is a for a in traffic.associations)
    assert all(traffic.exchange(e.id) is e for e in traffic.exchanges)
    assert all(traffic.conversation(c.id) is c for c in traffic.conversations)
    assert [(e.id, e.association) for e in traffic.exchanges] == [(1, 1), (2, 2), (3, 2)]
    assert traffic.associations[1].exchanges == traffic.exchanges[1:]


def test_two_associations_of_one_connection_are_numbered_in_order(tmp_path: Path) -> None:
    dialogue = Dialogue().open().echo().say(pdus.release_request()).say(pdus.release_response(), BACK)
    traffic = read(tmp_path / "c.pcap", dialogue.negotiate().echo().release())
    assert [(a.id, a.connection) for a in traffic.associations] == [(1, 1), (2, 1)]
    assert traffic.conversations[0].associations == (1, 2)


def test_nothing_is_traffic_too() -> None:
    traffic = number((), [])
    assert (traffic.conversations, traffic.associations, traffic.exchanges, traffic.last_ns) == ((), (), (), 0)


def test_a_connection_with_associations_is_dicom_whatever_its_protocols_say() -> None:
    forge = TrafficForge()
    forge.association()
    traffic = forge.traffic()
    assert kind_of(traffic.conversations[0].tcp, ("", ""), traffic.associations) is Kind.DICOM


def test_what_is_encrypted_on_a_port_that_was_said_to_be_dicoms_is_dicom(tmp_path: Path) -> None:
    tcp = read(tmp_path / "c.pcap", said(wire(server_port=8443), HELLO, HELLO)).conversations[0].tcp
    assert kind_of(tcp, ("tls", "tls"), ()) is Kind.TLS
    assert kind_of(tcp, ("tls", "tls"), (), (8443,)) is Kind.DICOM_TLS


def test_an_abort_before_the_request_was_whole_ends_that_association() -> None:
    """As acceptors with a small buffer do that see the length of a large request."""
    contexts = (pdus.proposed_context(id, VERIFICATION, IMPLICIT, EXPLICIT) for id in range(1, 256, 2))
    request, talk = pdus.request(*contexts), wire()
    talk.connect().send(OUT, request[:1448]).send(BACK, pdus.abort(2)).send(OUT, request[1448:]).send(
        BACK, pdus.abort(2)
    )
    (association,) = traffic_of(talk.close().frames).associations
    assert (association.outcome, association.called_ae, len(association.aborts)) == (Outcome.ABORTED, "ARCHIVE", 2)
    assert association.abort is not None and association.abort.evidence.start == 0


def test_a_request_behind_the_abort_of_an_association_that_was_joined_late_is_another() -> None:
    talk = wire()
    talk.connect().send(BACK, pdus.abort(2)).send(OUT, pdus.request(pdus.proposed_context(1, VERIFICATION, IMPLICIT)))
    assert len(traffic_of(talk.frames).associations) == 2
