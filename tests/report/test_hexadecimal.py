"""Bytes of a PDU as lines."""

from dicomsniff.report.hexadecimal import hex_lines
from dicomsniff.report.redaction import Redaction
from dicomsniff.tcp.excerpts import Excerpt
from tests.forge import pdus


def text(excerpt: Excerpt, masked: bool = True) -> str:
    return "".join(line.text for line in hex_lines(excerpt, Redaction(masked)))


def test_sixteen_bytes_make_a_line_with_their_offset() -> None:
    data = pdus.request()
    lines = list(hex_lines(Excerpt(100, 100 + len(data), ((100, data),)), Redaction(True)))
    assert [line.offset for line in lines] == list(range(0, len(data), 16))
    assert lines[0].cells[:2] == ("01", "00") and lines[0].text.endswith("ARCHIV")
    assert bytes.fromhex("".join("".join(line.cells) for line in lines)) == data


def test_a_passcode_is_never_shown_and_a_data_set_only_unmasked() -> None:
    data = pdus.request(sub_items=(pdus.user_identity(2, b"jdoe", b"hunter2"),))
    for masked in (True, False):
        assert "hunter" not in text(Excerpt(0, len(data), ((0, data),)), masked)
    fragment = pdus.p_data(pdus.pdv(b"DOE^JOHN", 1))
    excerpt = Excerpt(0, len(fragment), ((0, fragment),))
    assert "DOE" not in text(excerpt) and "DOE^JOHN" in text(excerpt, masked=False)


def test_lost_bytes_are_shown_as_lost_and_what_follows_them_is_hidden() -> None:
    data = pdus.request()
    lines = list(hex_lines(Excerpt(0, 60, ((0, data[:20]), (40, data[40:60]))), Redaction(False)))
    cells = [cell for line in lines for cell in line.cells]
    assert cells[20:40] == ["??"] * 20 and cells[40:] == ["··"] * 20
    assert [c for line in hex_lines(Excerpt(0, 8, ((4, b"abcd"),)), Redaction(False)) for c in line.cells] == [
        *["??"] * 4,
        *["··"] * 4,
    ]
