"""Never wrong: any split gives the same PDUs, no loss makes a PDU that was not sent, no bytes raise."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from dicomsniff.core import LIMITS, Anomaly, Limits
from dicomsniff.pdu import Framer
from dicomsniff.pdu.values import BrokenPdu, PData
from tests.forge import pdus as forge
from tests.pdu.streams import TO, Result, comparable, read, run, split, with_holes

SMALL = replace(LIMITS, pdu_buffer_bytes=100, detect_bytes=600)

values = st.binary(max_size=120)
data_pdus = st.lists(
    st.builds(forge.pdv, values, st.sampled_from([1, 3, 255]), command=st.booleans(), last=st.booleans()), max_size=4
).map(lambda items: forge.p_data(*items))
pdus = st.one_of(
    data_pdus,
    data_pdus,
    st.builds(forge.echo_request),
    st.builds(forge.request),
    st.builds(forge.acceptance),
    st.builds(forge.rejection),
    st.builds(forge.release_request),
    st.builds(forge.release_response),
    st.builds(forge.abort),
)
streams = st.lists(pdus, min_size=1, max_size=12)
odd_streams = st.lists(st.one_of(pdus, values), min_size=1, max_size=12).map(b"".join)
offsets = st.integers(0, 1500)
holes = (
    st.lists(offsets, max_size=8, unique=True)
    .map(sorted)
    .map(lambda edges: list(zip(edges[::2], edges[1::2], strict=False)))
)


def within(ranges: list[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    return [(start, min(end, length)) for start, end in ranges if start < length]


@given(odd_streams, st.lists(offsets), st.booleans())
def test_any_split_gives_the_same_pdus(data: bytes, cuts: list[int], late: bool) -> None:
    assert comparable(run(split(data, cuts), joined_late=late)) == comparable(read(data, joined_late=late))


@given(odd_streams, st.lists(offsets), holes)
def test_any_split_gives_the_same_pdus_around_holes(
    data: bytes, cuts: list[int], ranges: list[tuple[int, int]]
) -> None:
    lost = within(ranges, len(data))
    assert comparable(run(with_holes(data, lost, cuts))) == comparable(run(with_holes(data, lost)))


@given(streams, st.lists(offsets), holes)
def test_pieces_carry_what_the_whole_pdus_carry(
    parts: list[bytes], cuts: list[int], ranges: list[tuple[int, int]]
) -> None:
    data = b"".join(parts)
    lost = within(ranges, len(data))
    in_pieces = run(with_holes(data, lost, cuts), limits=replace(LIMITS, pdu_buffer_bytes=0))
    assert comparable(in_pieces) == comparable(run(with_holes(data, lost)))


@settings(max_examples=300)
@given(streams, holes, st.lists(offsets), st.booleans())
def test_no_loss_makes_a_pdu_that_was_not_sent(
    parts: list[bytes], ranges: list[tuple[int, int]], cuts: list[int], late: bool
) -> None:
    data = b"".join(parts)
    sent = {
        value.evidence.start: value for value in comparable(read(data)) if not isinstance(value, Anomaly | BrokenPdu)
    }
    result = run(with_holes(data, within(ranges, len(data)), cuts), joined_late=late)
    for value in comparable(result):
        if isinstance(value, PData):
            assert_part_of(value, sent[value.evidence.start])
        elif not isinstance(value, Anomaly | BrokenPdu):
            start = value.evidence.start
            assert type(value) is type(sent[start])


def assert_part_of(got: PData, whole: object) -> None:
    """Every value byte that came out was sent there; what is missing is counted."""
    assert isinstance(whole, PData)
    wanted = [(p.context_id, p.is_command, byte) for p in whole.pdvs for byte in p.data]
    at = 0
    for pdv in got.pdvs:
        for offset, byte in enumerate(pdv.data):
            assert wanted[at + offset] == (pdv.context_id, pdv.is_command, byte)
        at += len(pdv.data) + pdv.missing
    assert not got.ends or at == len(wanted)


@settings(max_examples=300)
@given(odd_streams, holes, st.lists(offsets), st.booleans(), st.sampled_from([LIMITS, SMALL]))
def test_no_bytes_raise_and_all_are_accounted_for(
    data: bytes, ranges: list[tuple[int, int]], cuts: list[int], late: bool, limits: Limits
) -> None:
    result = run(with_holes(data, within(ranges, len(data)), cuts), joined_late=late, limits=limits)
    assert covered(result) == len(data)


def covered(result: Result) -> int:
    """Bytes from the start of the stream that the results cover without a break."""
    reached = 0
    for value in result:
        if not isinstance(value, Anomaly):
            assert value.evidence.start <= reached
            reached = max(reached, value.evidence.end)
    return reached


@given(st.binary(max_size=400), st.lists(offsets), st.booleans())
def test_noise_never_raises_and_splits_alike(data: bytes, cuts: list[int], late: bool) -> None:
    assert comparable(run(split(data, cuts), joined_late=late)) == comparable(read(data, joined_late=late))


middles = st.builds(
    lambda size, context, times: forge.p_data(forge.pdv(bytes(size), context, last=False)) * times,
    st.sampled_from([2, 3, 200]),
    st.sampled_from([1, 3]),
    st.integers(1, 9),
)


@given(st.lists(st.one_of(middles, pdus, values), min_size=1, max_size=12).map(b"".join), st.lists(offsets), holes)
def test_pdus_that_are_one_value_say_what_each_of_them_says(
    data: bytes, cuts: list[int], ranges: list[tuple[int, int]]
) -> None:
    events = with_holes(data, within(ranges, len(data)), cuts)
    apart, together = Framer(TO), Framer(TO, together=True)
    singles = [value for event in events for value in apart.feed(event)] + apart.close()
    joined = [value for event in events for value in together.feed(event)] + together.close()
    assert apart.pdu_counts == together.pdu_counts
    for value in joined:
        if not isinstance(value, PData) or value.pdus == 1:
            assert value == singles.pop(0)
            continue
        own, singles = singles[: value.pdus], singles[value.pdus :]
        assert all(isinstance(one, PData) and one.length == value.length for one in own)
        assert value.pdvs == tuple(pdv for one in own if isinstance(one, PData) for pdv in one.pdvs)
        assert not any(pdv.is_command or pdv.is_last for pdv in value.pdvs)
        assert value.first == own[0].evidence
        assert value.evidence == own[0].evidence.through(own[-1].evidence)
    assert singles == []
