"""Value bytes to text: numbers of both byte orders, padding, character sets, and whatever else comes."""

import struct
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.dimse.value_text import DEFAULT_SET, value_text


def plain(value: bytes, vr: str, little: bool = True) -> str | None:
    return value_text(value, vr, DEFAULT_SET, little)


def test_numbers_in_both_byte_orders() -> None:
    for little, order in ((True, "<"), (False, ">")):
        assert plain(struct.pack(order + "3H", 1, 2, 65535), "US", little) == "1\\2\\65535"
        assert plain(struct.pack(order + "i", -7), "SL", little) == "-7"
        assert plain(struct.pack(order + "d", 0.1), "FD", little) == "0.1"
        assert plain(struct.pack(order + "Q", 1 << 60), "UV", little) == str(1 << 60)
        assert plain(struct.pack(order + "2H", 0x0010, 0x0020), "AT", little) == "(0010,0020)"


def test_only_the_first_sixteen_numbers_are_told() -> None:
    assert plain(bytes(2000), "US") == "\\".join(["0"] * 16)
    assert plain(bytes(2000), "AT") == "\\".join(["(0000,0000)"] * 16)


def test_padding_goes_and_leading_blanks_stay_where_they_may_matter() -> None:
    assert plain(b"1.2.3\0", "UI") == "1.2.3"
    assert plain(b" ARCHIVE  ", "AE") == "ARCHIVE"
    assert plain(b" smith ", "LO") == " smith"
    assert plain(b"", "US") == "" and plain(b"", "PN") == ""


def test_bulk_bytes_are_not_text() -> None:
    assert [plain(b"abcd", vr) for vr in ("OB", "OW", "UN", "SQ", "??")] == [None] * 5


@pytest.mark.parametrize(
    ("terms", "value", "text"),
    [
        ("ISO_IR 100", "Müller".encode("latin-1"), "Müller"),
        ("ISO_IR 192", "Müller 王".encode(), "Müller 王"),
        ("ISO_IR 144", "Люкceмбypг".encode("iso8859_5"), "Люкceмбypг"),
        ("\\ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "Yamada^Tarou=山田^太郎"),
        ("no such set", b"M\xfcller", "Müller"),
    ],
)
def test_character_sets_are_those_the_data_set_declares(terms: str, value: bytes, text: str) -> None:
    assert value_text(value, "PN", terms, True) == text


def test_bytes_that_the_declared_set_does_not_have_are_replaced() -> None:
    assert value_text(b"M\xfcller", "PN", "ISO_IR 192", True) == "M\ufffdller"


@given(st.text(max_size=30), st.binary(max_size=60), st.sampled_from(["PN", "LO", "UT", "AE", "US", "FD", "AT", "OB"]))
def test_no_bytes_and_no_character_set_raise(terms: str, value: bytes, vr: str) -> None:
    assert isinstance(value_text(value, vr, terms, True), str | None)
    japanese = "ISO 2022 IR 13\\ISO 2022 IR 87"
    assert isinstance(value_text(b"\x1b$B" + value, vr, japanese, False), str | None)


@pytest.mark.parametrize("name", ["undefined", "punycode", "idna", "unicode_escape", "hex"])
def test_a_codec_of_python_that_dicom_does_not_know_is_read_as_latin_1(name: str) -> None:
    assert value_text(b"\xd6-\\x41", "LO", name, True) == "Ö-\\x41"


def test_pydicom_is_imported_only_for_character_sets_that_are_rare() -> None:
    program = (
        "import sys\n"
        "from dicomsniff.dimse.value_text import value_text\n"
        "assert value_text(b'SMITH', 'PN', 'ISO_IR 144', True) == 'SMITH'\n"
        "assert value_text('Müller'.encode('latin-1'), 'PN', 'ISO_IR 100', True) == 'Müller'\n"
        "assert value_text('Müller'.encode(), 'PN', 'ISO_IR 192 ', True) == 'Müller'\n"
        "assert 'pydicom' not in sys.modules\n"
        "assert value_text('Люк'.encode('iso8859_5'), 'PN', 'ISO_IR 144', True) == 'Люк'\n"
        "assert 'pydicom' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
