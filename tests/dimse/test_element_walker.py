"""Headers: both encodings, every kind of length, and the bounds on nesting and number."""

import struct

from dicomsniff.core import Limits
from dicomsniff.dimse.element import UNDEFINED_LENGTH, DataSet
from dicomsniff.dimse.element_walker import BIG_ENDIAN, EXPLICIT, IMPLICIT, Syntax, walk
from tests.forge.messages import element

ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
STEPS, NAME = 0x00400100, 0x00100010


def read(data: bytes, syntax: Syntax = IMPLICIT, total: int | None = None, limits: Limits | None = None) -> DataSet:
    return walk(data, syntax, limits or Limits(), total, None)


def explicit(tag: int, vr: str, value: bytes, length: int | None = None) -> bytes:
    size = len(value) if length is None else length
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
    long = vr in ("OB", "OW", "SQ", "UN", "UT", "UC", "OV", "SV", "UV")
    return head + (struct.pack("<HI", 0, size) if long else struct.pack("<H", size)) + value


def nested(depth: int, undefined: bool) -> bytes:
    data = element(NAME, b"Doe ")
    for _ in range(depth):
        if undefined:
            data = element(ITEM, data, UNDEFINED_LENGTH) + element(ITEM_END, b"")
            data = element(STEPS, data, UNDEFINED_LENGTH) + element(SEQUENCE_END, b"")
        else:
            data = element(STEPS, element(ITEM, data))
    return data


def test_sequences_of_defined_and_undefined_length_read_alike() -> None:
    for undefined in (False, True):
        found = read(nested(3, undefined))
        assert found.error is None and not found.truncated
        for _ in range(3):
            [found] = found.items(STEPS)
        assert found.get(NAME) == "Doe"


def test_nesting_is_bounded_and_what_was_read_is_kept() -> None:
    found = read(nested(5000, False), limits=Limits(dataset_depth=8))
    assert found.error == "sequences nested deeper than 8"
    for _ in range(7):
        [found] = found.items(STEPS)
    assert read(nested(8, True), limits=Limits(dataset_depth=8)).error is None


def test_the_number_of_elements_is_bounded() -> None:
    found = read(nested(0, False) * 100, limits=Limits(dataset_elements=10))
    assert len(found.elements) == 10 and found.truncated
    empty_items = element(STEPS, element(ITEM, b"") * 100)
    assert len(read(empty_items, limits=Limits(dataset_elements=10)).items(STEPS)) == 10
    fragments = explicit(0x00091010, "OB", element(ITEM, b"") * 100 + element(SEQUENCE_END, b""), UNDEFINED_LENGTH)
    assert read(fragments, EXPLICIT, limits=Limits(dataset_elements=10)).truncated
    assert not read(fragments, EXPLICIT).truncated


def test_pixel_data_end_the_reading_unless_they_are_an_icon() -> None:
    pixels = element(0x7FE00010, bytes(8))
    icon = element(0x00880200, element(ITEM, pixels))
    found = read(icon + pixels + b"\xff" * 20)
    assert [e.tag for e in found.elements] == [0x00880200, 0x7FE00010] and found.error is None
    assert found.items(0x00880200)[0].element(0x7FE00010) is not None


def test_encapsulated_fragments_inside_an_item_are_passed_over() -> None:
    # A fragment may hold bytes that look like tags; only its length counts.
    inside = element(ITEM, b"") + element(ITEM, struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)) + element(SEQUENCE_END, b"")
    icon = explicit(0x7FE00010, "OB", inside, UNDEFINED_LENGTH)
    data = explicit(0x00880200, "SQ", element(ITEM, icon)) + explicit(0x00880904, "LO", b"ok")
    found = read(data, EXPLICIT)
    assert found.error is None and found.get(0x00880904) == "ok"


def test_un_of_undefined_length_is_an_implicit_sequence() -> None:
    inside = element(ITEM, element(NAME, b"Doe ")) + element(SEQUENCE_END, b"")
    found = read(explicit(0x00091010, "UN", inside, UNDEFINED_LENGTH) + explicit(NAME, "PN", b"Roe "), EXPLICIT)
    assert found.items(0x00091010)[0].get(NAME) == "Doe" and found.get(NAME) == "Roe"


def test_un_of_a_known_element_has_the_value_representation_of_the_dictionary() -> None:
    found = read(explicit(NAME, "UN", b"Doe ") + explicit(STEPS, "UN", element(ITEM, element(NAME, b"Roe "))), EXPLICIT)
    assert found.get(NAME) == "Doe" and found.items(STEPS)[0].get(NAME) == "Roe"


def test_64_bit_values_have_the_long_header() -> None:
    found = read(explicit(0x7FE00001, "OV", bytes(16)) + explicit(0x7FE00002, "UV", struct.pack("<Q", 5)), EXPLICIT)
    assert [(e.vr, e.value) for e in found.elements] == [("OV", None), ("UV", "5")]


def test_pixel_representation_decides_us_or_ss() -> None:
    smallest = element(0x00280106, b"\xff\xff")
    assert read(element(0x00280103, b"\x01\0") + smallest).get(0x00280106) == "-1"
    assert read(element(0x00280103, b"\0\0") + smallest).get(0x00280106) == "65535"


def test_an_item_inherits_the_character_set_and_may_have_its_own() -> None:
    name = element(NAME, "Müller".encode())
    own = element(0x00080005, b"ISO_IR 100") + element(NAME, "Möller".encode("latin-1"))
    data = element(0x00080005, b"ISO_IR 192") + element(STEPS, element(ITEM, name) + element(ITEM, own))
    assert [i.get(NAME) for i in read(data).items(STEPS)] == ["Müller", "Möller"]


def test_lengths_that_do_not_nest_are_errors() -> None:
    cases = {
        "runs past its sequence": element(STEPS, element(ITEM, b"", 100)) + bytes(200),
        "runs past what holds it": element(STEPS, element(ITEM, element(NAME, b"Doe ", 60))) + bytes(200),
        "where an item had to begin": element(STEPS, element(NAME, b"Doe ")),
        "out of place": element(NAME, b"Doe ") + element(ITEM_END, b""),
        "left over": element(STEPS, element(ITEM, b"123")),
        "undefined length": element(NAME, b"Doe ", UNDEFINED_LENGTH),
        "not in the dictionary": element(NAME, b"Doe ") + element(0x00280999, b"", 9999),
        "impossible length": element(0x00080005, bytes(70_000)),
        "belongs to a command": element(0x00000002, b"1.2\0"),
        "not an element that a data set begins with": element(0x08000500, b""),
    }
    for said, data in cases.items():
        found = read(data)
        assert found.error is not None and said in found.error, (said, found)


def test_beyond_the_known_length_is_an_error_and_beyond_the_head_a_cut() -> None:
    data = element(0x00080005, b"ISO_IR 100") + element(NAME, b"Doe ", 60)
    head = read(data, total=200)
    assert head.truncated and head.error is None and head.elements[-1].value is None
    assert read(data, total=len(data)).error is not None


def test_an_element_without_a_known_vr_ends_explicit_reading() -> None:
    found = read(explicit(NAME, "PN", b"Doe ") + explicit(0x00100020, "??", b"1"), EXPLICIT)
    assert found.get(NAME) == "Doe" and found.error == "(0010,0020) at offset 12 has no known VR"


def test_big_endian_headers() -> None:
    data = struct.pack(">HH2sHH", 0x0028, 0x0010, b"US", 2, 512)
    found = read(data, BIG_ENDIAN)
    assert found.get("Rows") == "512" and found.encoding == "Explicit VR Big Endian"
