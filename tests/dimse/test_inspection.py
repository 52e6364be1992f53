"""Data sets inspected: quickly, by likeness, or with the reader that names what it meets; always the same answer."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomsniff.dimse.inspection import Fault, Inspected, Inspector, inspect
from dicomsniff.dimse.payload import Payload, PayloadStore
from tests.captures import real
from tests.forge.messages import element
from tests.rules.data_sets.stored import ct, pixels

IMPLICIT, EXPLICIT, BIG, DEFLATED = (
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
)


def payload(data: bytes) -> Payload:
    writer = PayloadStore().writer(16 << 10)
    writer.write(data)
    return writer.finish(True)


def kinds(seen: Inspected) -> list[Fault]:
    return [fault.kind for fault in seen.faults]


@given(st.binary(max_size=200), st.sampled_from([IMPLICIT, EXPLICIT, BIG, DEFLATED]), st.booleans())
def test_no_bytes_make_it_raise(data: bytes, syntax: str, is_object: bool) -> None:
    inspect(payload(data), syntax, is_object)


@given(st.integers(0, 400), st.integers(0, 255))
@settings(max_examples=60)
def test_a_changed_byte_is_never_an_error_of_ours(place: int, byte: int) -> None:
    data = bytearray(ct() + pixels(128))
    data[place % len(data)] = byte
    inspect(payload(bytes(data)), IMPLICIT)


VARIANTS = (
    ct() + pixels(128),
    ct(SOPInstanceUID="1.2.3.5") + pixels(128),
    ct(PatientID="P2") + pixels(128),
    ct(SOPInstanceUID="1.2.03") + pixels(128),
    ct(PatientName="D??E^JOE") + pixels(128),
    ct() + pixels(100),
    ct(StudyDate="20241301") + pixels(128),
    ct(StudyDate="2024-1-1") + pixels(128),
    ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.4") + pixels(128),
)


@given(st.lists(st.sampled_from(VARIANTS), min_size=1, max_size=12))
@settings(max_examples=60)
def test_a_likeness_changes_no_answer(objects: Sequence[bytes]) -> None:
    inspector = Inspector()
    for data in objects:
        assert inspector.inspect(data, len(data), IMPLICIT) == inspect(payload(data), IMPLICIT)


def test_what_an_empty_element_stands_before_is_not_taken_for_its_neighbour() -> None:
    empty = {"AccessionNumber": "", "ReferringPhysicianName": "", "PatientBirthDate": ""}
    first, second = (ct(StudyInstanceUID=f"1.2.3.{last}", **empty) for last in (7, 8))
    inspector = Inspector()
    for data in (first, second, first):
        assert inspector.inspect(data, len(data), IMPLICIT) == inspect(payload(data), IMPLICIT)


def test_of_what_is_built_alike_only_the_instance_is_looked_at() -> None:
    inspector, (first, second, other) = Inspector(), VARIANTS[:3]
    inspector.inspect(first, len(first), IMPLICIT)
    like = inspector.like(second, len(second), IMPLICIT)
    assert like is not None and like.uniform and like.instance(second) == b"1.2.3.5\0"
    assert like.instance(other) is None
    assert inspector.like(second, len(second), EXPLICIT) is None
    assert inspector.like(second[:60], 60, IMPLICIT) is None


def test_what_is_suspicious_is_left_alone_where_nobody_wants_to_know() -> None:
    assert inspect(payload(VARIANTS[3]), IMPLICIT).faults
    assert Inspector().inspect(VARIANTS[3], None, IMPLICIT, deeply=False) == Inspected((), None)


def test_undefined_lengths_nesting_and_private_sequences_are_beyond_suspicion() -> None:
    item, close, end = b"\xfe\xff\x00\xe0\xff\xff\xff\xff", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"
    inner = element(0x00081150, b"1.2\0") + element(0x00081155, b"1.3\0")
    endless = element(0x00081140, b"", length=0xFFFFFFFF) + item + inner + close + end
    private = element(0x00290010, b"ACME") + element(0x00291010, b"", length=0xFFFFFFFF) + item + close + end
    head = element(0x00080016, b"1.2\0") + element(0x00080018, b"1.3\0")
    assert inspect(payload(head + endless + private), IMPLICIT).faults == ()
    wrong = endless.replace(b"1.3\0", b"1.03")
    assert kinds(inspect(payload(head + wrong), IMPLICIT)) == [Fault.UID]


def test_what_is_cut_by_the_head_or_the_capture_is_not_wrong() -> None:
    data = ct() + pixels(128)
    for end in range(len(data)):
        writer = PayloadStore().writer(16 << 10)
        writer.write(data[:end])
        writer.skip(len(data) - end)
        assert inspect(writer.finish(True), IMPLICIT).faults == (), end
        short = PayloadStore().writer(end)
        short.write(data)
        assert inspect(short.finish(True), IMPLICIT).faults == (), end


@real.here
@pytest.mark.parametrize("name", real.HEALTHY)
def test_real_data_sets_are_sound_but_for_references_and_lengths(name: str) -> None:
    for exchange in real.analysis(name).exchanges:
        if exchange.payload and exchange.transfer_syntax and exchange.service == "C-STORE":
            assert set(kinds(inspect(exchange.payload, exchange.transfer_syntax))) <= {Fault.UID, Fault.FORMAT}
