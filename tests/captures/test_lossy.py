"""Any loss and any order of a capture, by hypothesis: objects are right or marked, and nobody is accused of what the
capture made."""

import os
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.captures import real
from tests.captures.losses import LOSSES, lossy, packets, sources
from tests.captures.never_wrong import Answer, answer, clean, deviations, draw
from tests.captures.seen_twice import without_parts

CASES = int(os.environ.get("DICOMSNIFF_LOSSY_CASES", "150"))
"""How many losses are tried: thousands before a release, as `python -m tests.captures.never_wrong` does too."""


DRAWS = CASES // 25
"""The same, of each capture."""


def _never_wrong(found: Answer, whole: Answer, losses: Sequence[str] = ()) -> None:
    assert not list(deviations(found, whole, losses))


_losses = st.lists(st.sampled_from(sorted(LOSSES)), min_size=1, max_size=3)
_seeds = st.integers(0, 1 << 20)
_thorough = settings(max_examples=CASES, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])


PINNED = (
    ("edge/e27_two_assoc", {2, 8, 10}, "a hole held the requests up, and the answers went to the association before"),
    ("edge/e27_two_assoc", {5}, "a hole held the answers up, and they went to the association behind"),
    ("edge/e27_two_assoc", {13, 14, 15}, "a hole held a release and the request of another association"),
    ("edge/e34_odd", {1, 2, 3, 5, 12, 15}, "no SYN was seen, and nothing of a direction but its last bytes"),
    ("edge/e01_ct", {1, 2, 3, 4, 5, 7, 9, 11, 12, 19}, "the same, where the capture began late"),
    ("edge/e24b_use_rejected", {6}, "what was said before the abort is in a hole"),
    ("no_release", {1, 4, 5, 10, 11, 13}, "only the number of a FIN says that an answer was sent before it"),
    ("workflow_mwl_mpps_commit", {17, 19, 36, 39, 121, 132}, "a release whose answer was not captured is no cut"),
)
"""Captures, the packets left out and why that once led to a false accusation."""


@real.here
@pytest.mark.parametrize(("name", "lost", "why"), PINNED)
def test_what_once_was_a_false_accusation_is_none(name: str, lost: set[int], why: str) -> None:
    link_type, whole = packets(name)
    found = answer([p for number, p in enumerate(whole, 1) if number not in lost], link_type)
    _never_wrong(found, clean(name))
    assert clean(name).accusations, why


DRAWN = (
    ("refused_and_silent", ("a burst", "order with times"), 0, "the second FIN was captured before the first"),
    ("edge/e35_rst", ("a burst", "loss of data", "one direction"), 5, "only a reset says that there were bytes"),
    ("forged healthy", ("order", "cut end"), 26417, "the capture ended between a response and its request behind it"),
    (
        "edge/e07_hdr6",
        ("order", "cut start", "cut end"),
        31498,
        "a request captured late shows bytes before the first ones",
    ),
    (
        "user_identity",
        ("loss", "cut start", "order"),
        7025,
        "a FIN confirmed what was not captured, an older packet less",
    ),
    ("workflow_mwl_mpps_commit", ("copies", "cut end"), 22576, "the capture ended behind the SYN of a call-back"),
    ("forged abort", ("order", "loss", "loss"), 122, "of one side neither SYN nor first bytes were seen"),
    (
        "sample slow_network",
        ("order",),
        297224,
        "packets captured up to 100 ms late filled holes, and nothing tells why",
    ),
    ("sample aborted_associations", ("loss",), 822059, "what the aborting side had waited for was not captured"),
    ("sample dimse_violations", ("copies", "loss"), 846539, "the same"),
    (
        "edge/e24b_use_rejected",
        ("a burst", "cut start", "cut end"),
        658288,
        "which contexts were accepted, is not known",
    ),
    (
        "sample slow_network",
        ("copies", "order"),
        37460,
        "copies far from their originals looked like segments sent again",
    ),
    (
        "sample slow_associations",
        ("copies", "order", "copies"),
        1032774,
        "the same, on a connection where none stood near",
    ),
    ("sample slow_network", ("copies", "order"), 482278, "the same, where nothing proves the order wrong"),
    ("sample retrieves", ("order", "order"), 2458, "a wait of 30 s looked like 29.9 s"),
    (
        "sample retrieves",
        ("order", "cut start"),
        7525,
        "data confirmed before they were captured: no round trip of 10 s",
    ),
    ("query_retrieve", ("loss of data",), 202552, "objects of a retrieve whose request was not captured"),
    ("forged proxy resets both in an object", ("order",), 36019, "a proxy's other side, not proved to be one"),
    ("forged proxy passes a reset back", ("a burst",), 731898, "the numbers of a reset told of more that was said"),
    ("forged box in an object", ("order",), 576111, "a reset that a box sent in the other's name"),
    ("sample unreachable_services", ("loss", "copies", "cut start"), 193158, "so did those of an acknowledgement"),
    ("sample object_content", ("loss", "copies", "cut end"), 842238, "refused, as its syntax was not the agreed one"),
    ("sample careless_endings", ("loss",), 61641, "an answer to another request of the same number, behind a hole"),
    ("edge/e27_two_assoc", ("cut start", "loss of data", "loss"), 174737, "the acceptance of another request"),
    (
        "sample dimse_violations",
        ("cut end", "order", "order with times"),
        710863,
        "a wait that looked like none at all",
    ),
    ("sample worklist", ("loss",), 612865, "an abort in a hole before the connection was closed"),
    (
        "sample ae_titles",
        ("loss", "cut end"),
        437941,
        "nobody had confirmed the last PDU, and nobody sent it again",
    ),
    (
        "no_release",
        ("copies", "loss", "order with times"),
        339834,
        "the FIN of the other side, which an older acknowledgement captured later seemed to deny",
    ),
    (
        "seen renumbered one way, reset",
        ("order with times", "cut start", "a burst"),
        96739,
        "requests of other numbers than the responses confirmed",
    ),
    ("sample careless_endings", ("order with times",), 865688, "a round trip of 60 s"),
    ("sample dimse_violations", ("order with times",), 261517, "an answer under another message ID, not told as wrong"),
    ("sample dimse_violations", ("loss of data", "loss"), 841454, "the same, where the capture has holes"),
)
"""Captures, losses and draws, and why they once led to a false accusation."""


@pytest.mark.parametrize(("name", "losses", "seed", "why"), DRAWN)
def test_no_draw_that_once_led_to_a_false_accusation_does(name: str, losses: list[str], seed: int, why: str) -> None:
    if name not in sources() and not real.CAPTURES.is_dir():
        pytest.skip("the real captures are not beside this checkout")
    link_type, whole = packets(name)
    _never_wrong(answer(lossy(whole, losses, seed), link_type), clean(name), losses)
    assert why


@pytest.mark.parametrize("name", sources())
def test_no_loss_of_any_capture_gives_a_wrong_object_status_or_accusation(name: str) -> None:
    (link_type, whole), rng, wrong = packets(name), Random(name), []
    for losses, seed in (draw(rng) for _ in range(DRAWS)):
        if kept := lossy(whole, losses, seed):
            wrong += [(losses, seed, each) for each in deviations(answer(kept, link_type), clean(name), losses)]
    assert not wrong


@_thorough
@given(st.sampled_from(sources()), _losses, _seeds)
def test_no_loss_gives_a_wrong_object_or_a_false_accusation(name: str, losses: list[str], seed: int) -> None:
    link_type, whole = packets(name)
    if kept := lossy(whole, losses, seed):
        _never_wrong(answer(kept, link_type), clean(name), losses)


@pytest.mark.parametrize("name", [name for name in sources() if name.startswith(("seen ", "both sides"))])
def test_what_was_captured_at_two_points_is_told_as_what_one_saw(name: str) -> None:
    link_type, whole = packets(name)
    one = clean(name) if name.startswith("both sides") else clean(f"forged {name.split(', ')[1]}")
    found = answer(whole, link_type)
    assert found.statuses <= one.statuses and found.objects <= one.objects
    assert {(each.rule, each.act) for each in found.accused} <= {(each.rule, each.act) for each in one.accused}
    if name == without_parts(name):
        assert (found.objects, found.statuses, found.accusations) == (one.objects, one.statuses, one.accusations)
