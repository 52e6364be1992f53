"""What is known of the files is told with the traffic: places of packets, points of capture, views."""

from dataclasses import replace

from dicomsniff.association.layout import Layout
from dicomsniff.capture.places import Places
from dicomsniff.tcp.points import find_points
from tests.report.forged import healthy_traffic
from tests.tcp.test_points import HOUR, shared


def test_one_point_adds_places_and_says_nothing() -> None:
    traffic, places = healthy_traffic(), Places()
    marked = Layout(places).mark(traffic)
    assert marked.places is places and not marked.joined
    assert Layout().notes(traffic) == []


def test_several_points_are_told_and_whether_they_were_joined() -> None:
    [capture] = healthy_traffic().captures
    groups = tuple(find_points(shared(0, 1, HOUR), ["a", "b"], [0, 1]))
    traffic = replace(healthy_traffic(), captures=(capture, replace(capture, point=groups[1].point)))
    apart, joined = Layout(Places(), groups), Layout(Places(), groups, merged=True)
    assert not apart.mark(traffic).joined and joined.mark(traffic).joined
    assert "--merge-views" in apart.notes(traffic)[-1]
    assert "joined" in joined.notes(traffic)[-1]


def test_views_are_counted() -> None:
    traffic = healthy_traffic()
    first, *rest = traffic.conversations
    seen = replace(traffic, conversations=(replace(first, view_of=1), *rest))
    assert Layout().notes(seen) == [
        "conversations captured again behind a proxy or an address translation, judged once: 1"
    ]
