"""The fixed PDUs: their codes, and what a wrong length leaves of them."""

import pytest

from dicomsniff.core import AnomalyCode
from dicomsniff.pdu.tables import NOT_SENT
from dicomsniff.pdu.values import Abort, AssociateRj, ReleaseRp, ReleaseRq
from tests.forge import pdus as forge
from tests.pdu.streams import codes, pdus, read


def test_a_rejection_keeps_its_three_codes() -> None:
    (rejection,) = pdus(read(forge.rejection(2, 3, 99)))
    assert isinstance(rejection, AssociateRj)
    assert (rejection.result, rejection.source, rejection.reason) == (2, 3, 99)


def test_an_abort_keeps_source_and_reason() -> None:
    (abort,) = pdus(read(forge.abort(2, 6)))
    assert isinstance(abort, Abort)
    assert (abort.source, abort.reason) == (2, 6)


def test_reserved_bytes_are_not_tested() -> None:
    assert codes(read(b"\x05\xff\0\0\0\x04\xff\xff\xff\xff")) == []


@pytest.mark.parametrize(("kind", "value"), [(3, AssociateRj), (5, ReleaseRq), (6, ReleaseRp), (7, Abort)])
@pytest.mark.parametrize("length", [0, 1, 3, 5, 12])
def test_a_wrong_length_is_reported_and_framing_goes_on(kind: int, value: type, length: int) -> None:
    result = read(forge.pdu(kind, b"\x01" * length) + forge.release_request())
    assert [type(p) for p in pdus(result)] == [value, ReleaseRq]
    assert codes(result) == [AnomalyCode.PDU_BAD_LENGTH]


def test_codes_that_were_left_out_are_not_invented() -> None:
    (rejection,) = pdus(read(forge.pdu(3, b"\x00\x01")))
    assert isinstance(rejection, AssociateRj)
    assert (rejection.result, rejection.source, rejection.reason) == (1, NOT_SENT, NOT_SENT)
