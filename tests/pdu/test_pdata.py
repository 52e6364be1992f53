"""PDV items: flags, several in one PDU, lengths that cannot be, odd fragments."""

import pytest

from dicomsniff.core import AnomalyCode
from dicomsniff.pdu.pdata import PdvStream
from dicomsniff.pdu.values import BrokenPdu, PData, ReleaseRq
from tests.forge import pdus as forge
from tests.pdu.streams import broken, bytewise, codes, comparable, pdus, read

BAD_ITEMS = [
    forge.pdv(b"", length=1),
    forge.pdv(b"ab", length=0),
    forge.pdv(b"ab", length=5),
    forge.pdv(b"ab", length=1 << 31),
]


@pytest.mark.parametrize("command", [True, False])
@pytest.mark.parametrize("last", [True, False])
def test_only_bits_0_and_1_of_the_control_header_count(command: bool, last: bool) -> None:
    data = bytearray(forge.p_data(forge.pdv(b"ab", 7, command=command, last=last)))
    data[11] |= 0xFC
    (value,) = read(bytes(data))
    assert isinstance(value, PData)
    assert [(p.context_id, p.is_command, p.is_last) for p in value.pdvs] == [(7, command, last)]


def test_command_and_data_in_one_pdu() -> None:
    (value,) = comparable(
        read(forge.p_data(forge.pdv(b"cmd1", command=True), forge.pdv(b"data", 3), forge.pdv(b"", 3)))
    )
    assert isinstance(value, PData)
    assert [(p.context_id, bytes(p.data), p.more) for p in value.pdvs] == [
        (1, b"cmd1", False),
        (3, b"data", False),
        (3, b"", False),
    ]


def test_an_odd_fragment_is_delivered_and_reported_where_its_item_stands() -> None:
    result = read(forge.p_data(forge.pdv(b"ab"), forge.pdv(b"odd")))
    value, anomaly = result
    assert isinstance(value, PData) and [bytes(p.data) for p in value.pdvs] == [b"ab", b"odd"]
    assert codes(result) == [AnomalyCode.PDV_ODD_LENGTH]
    assert (anomaly.evidence.start, anomaly.evidence.end) == (14, 20)


@pytest.mark.parametrize("bad", BAD_ITEMS)
def test_a_length_that_cannot_be_drops_the_rest_of_its_pdu_only(bad: bytes) -> None:
    good = forge.pdv(b"good")
    data = forge.p_data(good, bad)
    result = read(data + forge.release_request())
    assert [type(p) for p in pdus(result)] == [PData, BrokenPdu, ReleaseRq]
    assert broken(result) == [("malformed", 6 + len(good), len(data))]
    assert codes(result) == [AnomalyCode.PDV_BAD_LENGTH]
    assert comparable(bytewise(data + forge.release_request())) == comparable(result)


@pytest.mark.parametrize("bad", BAD_ITEMS)
def test_a_bad_first_item_makes_the_whole_pdu_malformed(bad: bytes) -> None:
    result = read(forge.p_data(bad) + forge.release_request())
    assert broken(result) == [("malformed", 0, 6 + len(bad))]
    assert [type(p) for p in pdus(result)] == [BrokenPdu, ReleaseRq]


@pytest.mark.parametrize("size", range(1, 6))
def test_a_few_bytes_too_many_are_a_bad_item(size: int) -> None:
    data = forge.p_data(forge.pdv(b"good"), bytes(size))
    result = read(data)
    assert broken(result) == [("malformed", len(data) - size, len(data))]
    assert codes(result) == [AnomalyCode.PDV_BAD_LENGTH]


def test_a_pdu_without_items_is_reported() -> None:
    result = read(forge.p_data() + forge.release_request())
    assert [type(p) for p in pdus(result)] == [PData, ReleaseRq]
    assert codes(result) == [AnomalyCode.PDV_BAD_LENGTH]


def test_a_hole_is_only_read_over_inside_a_value() -> None:
    item = forge.pdv(b"x" * 20)
    stream = PdvStream(0, len(item) * 2)
    assert stream.hole(2) is None
    stream.feed(memoryview(item[:10]))
    assert stream.hole(17) is None
    pdv = stream.hole(16)
    assert pdv is not None and (pdv.missing, pdv.more) == (16, False)
    assert stream.hole(1) is None
