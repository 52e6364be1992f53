"""Single values: UIDs, text and formats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.dimse.value_faults import is_plain_uid, text_fault, uid_fault, undefined_terms, value_fault


@pytest.mark.parametrize(
    "raw", [b"", b"1.2\0", b"1.2.840", b"2.25.329800735698586629295641978511506172918", b"0.1", b"1.2\\1.3"]
)
def test_uids_that_are_uids(raw: bytes) -> None:
    assert uid_fault(raw) is None


@pytest.mark.parametrize("raw", [b"1.2 ", b"1.2\0\0", b"1.02", b"1..2", b"a", b"3.1", b"1.2\\x", b"1." + b"2" * 63])
def test_uids_that_are_none(raw: bytes) -> None:
    assert uid_fault(raw) and not is_plain_uid(raw)


@given(st.binary(max_size=80))
def test_what_is_plainly_a_uid_has_no_fault(raw: bytes) -> None:
    assert not is_plain_uid(raw) or uid_fault(raw) is None


@pytest.mark.parametrize(
    ("value", "vr", "sound"),
    [
        ("20240101", "DA", True),
        ("2024.01.01", "DA", True),
        ("20240101-20240131", "DA", False),
        ("123059.123456", "TM", True),
        ("12:30", "TM", True),
        ("1230591", "TM", False),
        ("-1.5E+3", "DS", True),
        ("1,5", "DS", False),
        ("0.12345678901234567", "DS", False),
        (" 12 \\13", "IS", True),
        ("1.0", "IS", False),
        ("20240101120000.000000+0100", "DT", True),
        ("ORIGINAL\\PRIMARY", "CS", True),
        ("A" * 17, "CS", False),
        ("x" * 64, "LO", True),
        ("x" * 65, "LO", False),
        ("=".join(["x" * 64] * 3), "PN", True),
        ("x" * 65, "PN", False),
    ],
)
def test_formats(value: str, vr: str, sound: bool) -> None:
    assert (value_fault(value, vr) is None) == sound


def test_defined_terms() -> None:
    assert undefined_terms("\\ISO 2022 IR 87") == undefined_terms("ISO_IR 192") == undefined_terms("ISO_IR 100 ") == []
    assert undefined_terms("UTF-8\\ISO_IR_100") == ["UTF-8", "ISO_IR_100"]


@given(st.binary(max_size=40), st.sampled_from(["", "ISO_IR 192", "ISO_IR 100", "GB18030", "\\ISO 2022 IR 87", "odd"]))
def test_text_is_judged_whatever_its_bytes_and_ascii_is_never_wrong(raw: bytes, declared: str) -> None:
    fault = text_fault(raw, declared)
    assert fault is None or not raw.isascii() or b"\x1b" in raw
