"""Throughput as outlines: to scale, up what the requestor sent and down what it got, and none of what tells nothing."""

from typing import Any

from dicomsniff.api import analyze
from dicomsniff.report.html import render_html
from dicomsniff.report.html.curves import HALF, throughput
from tests.captures import real


def curve(*counts: int, begin: str = "2026-01-01T00:00:00.000000000Z", step: float = 10.0) -> dict[str, Any]:
    return {"begin": begin, "step_ms": step, "bytes": list(counts)}


def test_the_outline_steps_to_each_rate_and_ends_on_the_line() -> None:
    row = {
        "throughput": {"to_responder": curve(100_000, 50_000, 50_000, 0, 0, 0, 0, 0, 0, 100_000), "to_initiator": None}
    }
    made = throughput(row, True)
    assert made is not None
    assert made.up == f"M0 {HALF}H0V0H100V25H300V50H900V0H1000V50H1000Z"
    assert (made.down, made.peak_up, made.peak_down) == ("", "10.0 MB/s", "")
    assert (made.step, made.length) == ("10.0 ms", "100 ms")


def test_the_other_way_round_where_the_acceptor_opened_the_connection() -> None:
    row = {"throughput": {"to_responder": curve(*[100_000] * 8), "to_initiator": curve(*[50_000] * 8)}}
    made = throughput(row, False)
    assert made is not None
    assert made.up.startswith("M0 50H0V25") and made.down.startswith("M0 50H0V100")


def test_both_are_drawn_over_the_same_time() -> None:
    late = "2026-01-01T00:00:00.080000000Z"
    row = {"throughput": {"to_responder": curve(*[100_000] * 8), "to_initiator": curve(9, begin=late)}}
    made = throughput(row, True)
    assert made is not None and made.length == "90.0 ms" and made.down.startswith("M889 50")


def test_too_little_makes_no_curve() -> None:
    assert throughput({"throughput": None}, True) is None
    assert throughput({"throughput": {"to_responder": curve(*[100] * 20), "to_initiator": None}}, True) is None
    assert throughput({"throughput": {"to_responder": curve(900_000, 1), "to_initiator": None}}, True) is None


@real.here
def test_a_real_transfer_has_its_curve_with_the_peak_of_its_bytes() -> None:
    report = analyze(real.capture("lossy_network")).report()
    given = report.connections[0]["throughput"]["to_responder"]
    made = throughput(report.connections[0], True)
    assert made is not None
    peak = max(given["bytes"]) / given["step_ms"] * 1000
    assert made.peak_up == f"{peak / 1e6:.1f} MB/s"
    assert made.up in render_html(report)
