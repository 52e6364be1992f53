"""Captures and connections: counts, openings, closings, holes, and what is unknown."""

from dicomsniff.core import Direction
from dicomsniff.report.connection_rows import capture_row, connection_row
from dicomsniff.report.redaction import Redaction
from dicomsniff.tcp.events import Gap, GapCause, Unreachable
from tests.forge.traffic import TrafficForge
from tests.report.forged import healthy_traffic, rich_traffic


def test_a_capture_tells_its_comments_with_names_masked() -> None:
    forge = TrafficForge().capture(
        comments=((0, "at the switch"), (7, "DOE^JOHN")), notes=("two sections",), link_types=(1, 999)
    )
    redaction = Redaction(True)
    row = capture_row(forge.traffic().captures[0], redaction)
    assert row["comments"] == [
        {"packet": None, "text": "at the switch"},
        {"packet": 7, "text": redaction.pseudonym("DOE^JOHN")},
    ]
    assert row["link_types"] == [1, 999]
    assert row["link_type_names"] == ["Ethernet", "link type 999"]
    assert row["dropped"] is None


def test_a_connection_tells_round_trip_counts_and_closings() -> None:
    row = connection_row(healthy_traffic().conversations[0])
    assert row["initiator"] == {"ip": "10.0.0.1", "port": 40000}
    assert (row["opened"], row["closed"], row["kind"]) == ("handshake", "fin", "dicom")
    assert row["rtt_ms"] == 2.0
    assert row["to_responder"]["bytes"] > 20_000
    assert [closing["by"] for closing in row["closings"]] == ["initiator", "responder"]
    assert row["associations"] == [1]


def test_a_refused_connection_tells_the_packets_and_knows_no_round_trip() -> None:
    row = connection_row(rich_traffic().conversations[3])
    assert (row["opened"], row["closed"], row["rtt_ms"]) == ("refused", "rst", None)
    assert len(row["opening"]["syn_packets"]) == 1
    assert row["opening"]["refused_packet"] == row["opening"]["syn_packets"][0] + 1
    assert row["protocols"] == {"to_responder": None, "to_initiator": None}


def test_the_message_of_a_router_is_told() -> None:
    forge = TrafficForge()
    forge.connection(opened="unanswered", unreachable=Unreachable("10.0.0.254", 3, 13, 4, 5))
    row = connection_row(forge.traffic().conversations[0])
    assert row["opening"]["unreachable"]["sender"] == "10.0.0.254"
    assert row["opening"]["unreachable"]["code"] == 13


def test_holes_are_listed_up_to_a_limit_and_counted_beyond() -> None:
    forge = TrafficForge()
    holes = [Gap(1, Direction.TO_INITIATOR, at, 5, GapCause.LOST, 9, 9) for at in range(250)]
    forge.connection(gaps=holes)
    row = connection_row(forge.traffic().conversations[0])
    assert (row["gap_count"], len(row["gaps"])) == (250, 100)
    assert row["gaps"][3] | {"time": None} == {
        "direction": "to_initiator",
        "start": 3,
        "length": 5,
        "cause": "lost",
        "packet": 9,
        "time": None,
    }
