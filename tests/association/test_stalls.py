"""The times in which the transfer of a real exchange stood still."""

from dicomsniff.association.stalls import stalls
from dicomsniff.association.timing import timing
from tests.captures import real

MS = 1_000_000


@real.here
def test_the_delayed_acknowledgement_in_each_response_is_shown_where_it_was() -> None:
    traffic = real.analysis("slow_nagle").traffic
    for exchange in traffic.exchanges:
        (stall,) = stalls(exchange, timing(traffic))
        first, final = exchange.first_response, exchange.final
        assert first is not None and final is not None
        assert stall.kind == "nagle" and stall.direction is exchange.direction.opposite
        assert first.first_ns <= stall.begin_ns < stall.end_ns <= final.last_ns and stall.duration_ns > 30 * MS


@real.here
def test_a_server_that_takes_its_time_stalls_no_transfer() -> None:
    traffic = real.analysis("slow_server").traffic
    assert not any(stalls(exchange, timing(traffic)) for exchange in traffic.exchanges)


@real.here
def test_only_so_many_are_kept_the_longest_in_order_of_time() -> None:
    traffic = real.analysis("lossy_network").traffic
    every = stalls(traffic.exchanges[0], timing(traffic))
    few = stalls(traffic.exchanges[0], timing(traffic), most=3)
    assert len(every) > len(few) == 3 and few == sorted(few, key=lambda stall: stall.begin_ns)
    assert {stall.duration_ns for stall in few} == set(sorted(stall.duration_ns for stall in every)[-3:])
