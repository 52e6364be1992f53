"""DS-DATA-005: text in another character set than declared."""

import pytest

from dicomsniff.rules.data_sets.wrong_character_set import RULE
from tests.forge.messages import element
from tests.rules.applying import is_quiet, only
from tests.rules.data_sets.stored import ct, found, stored


def named(name: bytes, declared: bytes | None = None) -> bytes:
    """An object with this patient's name, raw."""
    first = b"" if declared is None else element(0x00080005, declared + b" " * (len(declared) % 2))
    before = ct(PatientName=None, PatientID=None, StudyInstanceUID=None, SeriesInstanceUID=None)
    after = ct(SOPClassUID=None, SOPInstanceUID=None, StudyDate=None, AccessionNumber=None, PatientName=None)
    return first + before + element(0x00100010, name + b" " * (len(name) % 2)) + after


MUELLER, LATIN = "Müller^Jörg".encode(), "Müller^Jörg".encode("latin-1")


@pytest.mark.parametrize(
    ("name", "declared", "words", "severity"),
    [
        (LATIN, None, "bytes beyond ASCII, declared is no character set; it looks like ISO_IR 100", "warning"),
        (MUELLER, None, "it looks like ISO_IR 192", "warning"),
        (MUELLER, b"ISO_IR 100", "bytes that are UTF-8, declared is 'ISO_IR 100'", "warning"),
        (LATIN, b"ISO_IR 192", "bytes that are not UTF-8", "warning"),
        (b"M\x81ller^A", b"ISO_IR 100", "Windows-1252", "note"),
        (b"\x1b$B;3ED\x1b(B^A", b"ISO_IR 6", "escape sequences", "warning"),
        (b"M??LLER^A", b"ISO_IR 100", "letters were lost", "note"),
    ],
)
def test_fires_for_each_kind_and_masks_the_name(name: bytes, declared: bytes | None, words: str, severity: str) -> None:
    hit = only(RULE, stored(named(name, declared)))
    assert words in hit.message and hit.severity == severity
    assert "PatientName (0010,0010) '⟦" in hit.message and "⟧'" in hit.message


def test_fires_for_a_term_that_is_not_defined() -> None:
    assert "declares 'UTF-8', which is not a defined term" in only(RULE, stored(named(MUELLER, b"UTF-8"))).message


def test_fires_for_an_answer_but_hardly_for_a_question() -> None:
    hit = only(RULE, found(named(b"A*"), named(LATIN)))
    assert (hit.severity, hit.act, hit.facts["in"]) == ("warning", "acceptor", "response")
    hit = only(RULE, found(named(LATIN)))
    assert (hit.severity, hit.act, hit.facts["in"]) == ("note", "requestor", "request")


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        (b"MUELLER^JOERG", None),
        (LATIN, b"ISO_IR 100"),
        (MUELLER, b"ISO_IR 192"),
        ("Иванов".encode("iso8859-5"), b"ISO_IR 144"),
        (b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", b"\\ISO 2022 IR 87"),
        ("王^小东".encode("gb18030"), b"GB18030"),
    ],
)
def test_is_quiet_about_text_that_is_what_it_says(name: bytes, declared: bytes | None) -> None:
    assert is_quiet(RULE, stored(named(name, declared)))


def test_is_quiet_about_wildcards_in_a_question() -> None:
    assert is_quiet(RULE, found(named(b"MUE??ER^*")))
