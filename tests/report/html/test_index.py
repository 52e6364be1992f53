"""The index of many reports: ordered by what is worst, safe whatever the captures are called."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.report.html.index import Entry, entry, file_name, unread, write_index
from tests.report.forged import finding, healthy_traffic, report_of, rich_traffic


def page(*entries: Entry) -> str:
    stream = io.StringIO()
    write_index(entries, "1.2.3", stream)
    return stream.getvalue()


def test_the_worst_capture_stands_first_and_what_could_not_be_read_before_what_is_well() -> None:
    well = entry("well.pcap", "well.html", report_of(healthy_traffic(), checks=()))
    bad = entry("bad.pcap", "bad.html", report_of(rich_traffic(), [finding("PACS refused")]))
    made = page(well, unread("odd.pcap", "odd.pcap is no capture"), bad)
    assert made.index("bad.pcap") < made.index("odd.pcap is no capture") < made.index("well.pcap")
    assert 'href="bad.html"' in made and 'href="odd' not in made
    assert "1 error ·" in made


def test_an_index_of_reports_with_patient_data_says_so() -> None:
    report = report_of(rich_traffic(), [finding("for ⟦Doe⟧")], redact=False)
    assert "as you would patient records" in page(entry("a.pcap", "a.html", report))


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>.pcap", '"><img src=x onerror=alert(1)>', "\u202epacp.exe"])
def test_the_name_of_a_capture_cannot_run_or_turn_the_page(evil: str) -> None:
    made = page(unread(evil, f"{evil} is no capture"))
    assert "<script>alert" not in made and "<img" not in made and "\u202e" not in made


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/field/day 1.pcapng", "day_1.html"),
        ("ring_00001.pcap.gz", "ring_00001.html"),
        ("index.pcap", "index-2.html"),
        ("..", "capture.html"),
        ("C:\\field\\PACS.CAP", "PACS.html"),
        ("ä/ö.pcap", "capture.html"),
    ],
)
def test_a_report_is_named_after_its_capture(path: str, name: str) -> None:
    assert file_name(path, ()) == name


def test_names_are_told_apart_where_a_file_system_would_not() -> None:
    assert file_name("Capture.pcap", ["capture.html"]) == "Capture-2.html"


@given(st.lists(st.text(max_size=200), max_size=6))
def test_every_name_is_a_plain_file_name_of_its_own(paths: list[str]) -> None:
    taken: list[str] = []
    for path in paths:
        name = file_name(path, taken)
        assert (
            len(name) < 120
            and name.isascii()
            and not set(name) & set('/\\:*?"<>| \n')
            and not name.startswith((".", "-"))
        )
        assert name.lower() not in taken
        taken.append(name.lower())
