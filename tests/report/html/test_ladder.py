"""The sequence diagram: in order, to scale, stalls where nobody sent, no letters over others."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.core import Evidence
from dicomsniff.report.html.ladder import ROW, Ladder, ladder
from tests.captures.real import analysis, here
from tests.forge.traffic import TrafficForge
from tests.report.forged import healthy_traffic


def of(name: str, number: int = 1) -> Ladder:
    traffic = analysis(name).traffic
    association = traffic.association(number)
    report = analysis(name).report()
    queues = {one["id"]: one["time"]["queue"] or 0.0 for one in report.exchanges}
    shown = [exchange.id for exchange in association.exchanges]
    return ladder(association, traffic.conversation(association.connection), shown, queues)


@here
def test_a_slow_server_is_three_stalls_on_its_side() -> None:
    made = of("slow_server")
    assert [stall.text for stall in made.stalls] == ["1.50 s until PYPACS answered"] * 3
    assert [stall.requestor for stall in made.stalls] == [False] * 3
    heights = [stall.height for stall in made.stalls]
    assert max(heights) - min(heights) < 1 < min(heights)


@here
def test_a_slow_sender_is_told_as_such() -> None:
    stalls = of("slow_client").stalls
    told = [stall.text for stall in stalls if stall.requestor]
    assert told == ["1.21 s until PYSCU went on"] * len(told) and len(told) >= 3


@here
def test_a_wait_on_the_network_is_on_neither_side() -> None:
    assert [(stall.text, stall.requestor) for stall in of("lossy_network").stalls] == [
        ("127 ms until PYPACS answered", None),  # packets were lost: whether one of the negotiation was is not known
        ("186 ms until PYPACS answered, 183 ms of it on the network", None),
    ]


@here
def test_a_quick_echo_has_no_stall() -> None:
    assert of("echo_ok").stalls == []


@here
def test_letters_never_lie_over_others() -> None:
    for name in ("query_retrieve", "store_series", "abort_by_scu"):
        places = [arrow.y for arrow in of(name).arrows]
        assert all(later - earlier >= ROW - 0.2 for earlier, later in pairwise(places))


def test_what_is_left_out_is_counted() -> None:
    traffic = healthy_traffic()
    made = ladder(traffic.associations[0], traffic.conversations[0], [1])
    assert made.left == 1 and [omission.count for omission in made.omissions] == [1]


@given(st.lists(st.tuples(st.integers(-1, 10**18), st.integers(-1, 10**18)), min_size=2, max_size=2))
def test_no_clock_turns_the_drawing_upside_down(times: list[tuple[int, int]]) -> None:
    forge = TrafficForge()
    number = forge.association()
    for _ in times:
        forge.exchange(number, "C-STORE", status=0)
    traffic = forge.traffic()
    for exchange, (first, last) in zip(traffic.exchanges, times, strict=True):
        assert isinstance(exchange.request, Evidence)
        exchange.request = exchange.request._replace(first_ns=first, last_ns=last)
    made = ladder(replace(traffic.associations[0]), traffic.conversations[0], [1, 2])
    assert all(0 <= arrow.y <= arrow.end <= made.height for arrow in made.arrows)
    assert all(stall.height >= 0 for stall in made.stalls)
