"""What of a PDU must not be shown."""

from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.pdu.private_parts import private_parts
from tests.forge import pdus

SECRET = b"hunter2-hunter2"


def shown(data: bytes) -> bytes:
    """The PDU without its private parts."""
    out = bytearray(data)
    for start, end, _ in private_parts(data):
        out[start:end] = b"\0" * (end - start)
    return bytes(out)


def test_a_passcode_is_private_and_the_rest_of_the_request_is_not() -> None:
    data = pdus.request(sub_items=(pdus.user_identity(2, b"jdoe", SECRET), pdus.role(pdus.VERIFICATION, 1, 1)))
    left = shown(data)
    assert SECRET not in left and b"jdoe" not in left
    assert pdus.VERIFICATION.encode() in left and left.count(b"1.2.840.10008.1.1") == 2
    assert all(part.secret for part in private_parts(data))


@given(st.integers(0, 400))
def test_no_length_of_the_excerpt_shows_a_passcode(length: int) -> None:
    data = pdus.request(sub_items=(pdus.user_identity(2, b"jdoe", SECRET),))
    assert b"hunt" not in shown(data[:length])


@given(st.integers(0, 0xFFFF), st.booleans())
def test_no_item_that_does_not_fit_shows_a_passcode(outer: int, honest: bool) -> None:
    identity = pdus.user_identity(2, b"jdoe", SECRET)
    inner = pdus.item(0x52, b"1.2", 3 if honest else 0xFFFF)
    item = pdus.item(0x50, inner + identity, outer if honest else 7 + len(identity))
    assert SECRET not in shown(pdus.associate(1, pdus.uid(0x10, pdus.APPLICATION_CONTEXT), item))


def test_an_answer_to_an_identity_is_private() -> None:
    data = pdus.acceptance(sub_items=(pdus.item(0x59, pdus.counted(SECRET)),))
    assert SECRET not in shown(data)


def test_data_fragments_are_private_and_command_fragments_are_not() -> None:
    data = pdus.p_data(pdus.pdv(b"COMMAND!", 1, command=True), pdus.pdv(b"DOE^JOHN", 1))
    assert b"COMMAND!" in shown(data) and b"DOE" not in shown(data)
    assert [part.secret for part in private_parts(data)] == [False]


def test_what_is_no_pdu_is_private_whole() -> None:
    assert shown(b"GET / HTTP/1.1\r\n") == bytes(16)
    assert private_parts(b"") == [] and shown(b"\1\0") == bytes(2)


def test_short_pdus_have_nothing_to_hide() -> None:
    assert private_parts(pdus.rejection()) == private_parts(pdus.release_request()) == []


@given(st.binary(max_size=200))
def test_ranges_lie_within_the_data_for_any_bytes(data: bytes) -> None:
    for first in (b"", b"\1\0\0\0\0\xc2", b"\4\0\0\0\0\xc2"):
        for start, end, _ in private_parts(first + data):
            assert 0 <= start <= end <= len(first + data)
