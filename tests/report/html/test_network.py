"""The map of the network: who called whom, how often, with what outcome; bounded, and nothing drawn outside its box."""

from dicomsniff.association.values import ExchangeOutcome, Kind, Outcome
from dicomsniff.report.html.facets import Facets
from dicomsniff.report.html.network import DRAWN, NetworkMap, network_map
from tests.captures.real import analysis, here
from tests.forge.traffic import TrafficForge
from tests.report.forged import report_of, rich_traffic


def drawn(forge: TrafficForge) -> NetworkMap:
    return network_map(report_of(forge.traffic()), Facets())


def test_calls_of_one_pair_are_one_line_with_their_outcome() -> None:
    forge = TrafficForge()
    for outcome in (Outcome.RELEASED, Outcome.RELEASED, Outcome.ABORTED):
        forge.exchange(forge.association(calling="CT", called="PACS", outcome=outcome), "C-STORE", status=0)
    [pair] = drawn(forge).pairs
    assert (pair.caller[0], pair.called[0], pair.associations, pair.bad_associations) == ("CT", "PACS", 3, 1)
    assert (pair.line, pair.outcome) == ("3 associations", "1 not established or aborted; 3 operations")
    assert pair.tone == "error"


def test_a_healthy_pair_is_not_called_bad() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", status=0)
    assert drawn(forge).pairs[0].tone == "ok"


def test_what_the_capture_did_not_show_is_no_failure() -> None:
    forge = TrafficForge()
    forge.exchange(forge.association(), "C-STORE", sent_bytes=400)
    traffic = forge.traffic()
    traffic.exchanges[0].unseen = True
    assert traffic.exchanges[0].outcome is ExchangeOutcome.INCOMPLETE
    assert network_map(report_of(traffic), Facets()).pairs[0].tone == "ok"


def test_refused_and_encrypted_connections_have_lines_of_their_own() -> None:
    pairs = network_map(report_of(rich_traffic()), Facets()).pairs
    assert sum(pair.refused for pair in pairs) == 1 and sum(pair.encrypted for pair in pairs) == 1


def test_connections_that_carry_no_dicom_are_not_on_the_map() -> None:
    forge = TrafficForge()
    forge.connection(kind=Kind.OTHER, protocols=("http", "http"))
    assert drawn(forge).pairs == []


def test_a_large_network_is_drawn_in_part_and_listed_with_the_rest_counted() -> None:
    forge = TrafficForge()
    for number in range(300):
        forge.association(calling=f"AE{number}", outcome=Outcome.REJECTED if number == 299 else Outcome.RELEASED)
    made = drawn(forge)
    assert (len(made.lines), len(made.pairs), made.left) == (DRAWN, 200, 100)
    assert made.pairs[0].caller[0] == "AE299"


def test_lines_end_inside_their_boxes() -> None:
    forge = TrafficForge()
    for calling, called in (("A", "X"), ("A", "Y"), ("B", "X"), ("C", "X")):
        forge.association(calling=calling, called=called)
    made = drawn(forge)
    boxes = {box.who: box for box in made.called}
    for line in made.lines:
        box = boxes[line.pair.called]
        assert box.y < line.end < box.y + box.height <= made.height
    assert len({line.end for line in made.lines}) == 4


@here
def test_the_real_retrieve_shows_the_callback_and_the_refused_connection() -> None:
    pairs = network_map(analysis("query_retrieve").report(), Facets()).pairs
    told = {(pair.caller[0], pair.called): (pair.line, pair.outcome) for pair in pairs}
    assert told["ACME1", ("ACME_STORE", "10.77.0.2:11112")] == ("7 associations", "12 operations, 2 failed")
    assert told["ACME_STORE", ("ACME1", "10.77.0.1:1234")] == ("1 association", "3 operations")
    assert told["", ("", "10.77.0.1:5678")] == ("1 refused", "")
