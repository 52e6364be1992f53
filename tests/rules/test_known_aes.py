"""Rows of a site's own table, as typed on a command line, and what is looked up in them."""

import pytest

from dicomsniff.rules.known_aes import KnownAe, KnownAes, known_aes, parse


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("PACS=10.0.0.2:104", KnownAe("PACS", "10.0.0.2", 104)),
        (" MY PACS = pacs.example.org:11112 ", KnownAe("MY PACS", "pacs.example.org", 11112)),
        ("CT=10.0.0.7", KnownAe("CT", "10.0.0.7")),
        ("A=B=1:2", None),
        ("V6=[fd00::1]:104", KnownAe("V6", "fd00::1", 104)),
        ("V6=[fd00::1]", KnownAe("V6", "fd00::1")),
        ("V6=fd00::1", KnownAe("V6", "fd00::1")),
    ],
)
def test_a_row_is_title_host_and_port(text: str, row: KnownAe | None) -> None:
    assert parse(text) == (row or KnownAe("A", "B=1", 2))


@pytest.mark.parametrize("text", ["PACS", "=1.2.3.4:1", "PACS=", "PACS=:104", "PACS=h:0", "PACS=h:65536", "PACS=h:x", "A\\B=h:1", "SEVENTEENLETTERSX=h:1", "P=a b:1"])  # fmt: skip
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        parse(text)


def test_titles_are_found_by_name_and_by_address() -> None:
    table = known_aes(["PACS=10.0.0.2:104", KnownAe("PACS", "10.0.0.3", 104), "WORKLIST=10.0.0.2:105", "X=name:104"])
    assert [row.host for row in table.of("PACS")] == ["10.0.0.2", "10.0.0.3"]
    assert table.titles_at("10.0.0.2", 105) == ["WORKLIST"]
    assert table.of("pacs") == [] and table.titles_at("10.0.0.9", 104) == []
    assert table.covers("PACS", {"10.0.0.2", "10.0.0.3"}) and not table.covers("PACS", {"10.0.0.2", "10.0.0.4"})
    assert table and not KnownAes()


def test_a_host_name_is_not_an_address() -> None:
    assert KnownAe("X", "localhost", 1).ip is None
    assert KnownAe("X", "FD00:0::1", 1).ip == "fd00::1"
    assert [str(KnownAe("X", host, 1)) for host in ("h", "fd00::1", "10.0.0.1")] == ["h:1", "[fd00::1]:1", "10.0.0.1:1"]
