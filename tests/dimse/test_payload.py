"""Payloads come back as they were written, from memory and from the file, alone and side by side."""

import hashlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.core import Limits
from dicomsniff.dimse.payload import Payload, PayloadStore

TINY = Limits(payload_memory_bytes=40)


@pytest.fixture(params=[Limits(), TINY], ids=["memory", "file"])
def kept(request: pytest.FixtureRequest) -> Iterator[PayloadStore]:
    with PayloadStore(request.param, keep=True) as store:
        yield store


def test_the_length_of_the_head_is_told_without_reading_it() -> None:
    store = PayloadStore()
    writer = store.writer(4)
    writer.write(b"a data set")
    payload = writer.finish(True)
    store.close()
    assert (payload.head_length, payload.length) == (4, 10)


def test_hash_length_and_head_without_keeping_the_whole() -> None:
    with PayloadStore() as store:
        writer = store.writer(6)
        for part in (b"abcd", memoryview(b"efgh"), b"", b"ij"):
            writer.write(part)
        payload = writer.finish(True)
        assert (payload.length, payload.complete, payload.missing) == (10, True, ())
        assert payload.sha256 == hashlib.sha256(b"abcdefghij").hexdigest()
        assert payload.head() == b"abcdef" and not payload.kept
        with pytest.raises(LookupError):
            payload.pieces()


def test_an_empty_data_set_is_complete_and_has_the_hash_of_nothing() -> None:
    with PayloadStore() as store:
        payload = store.writer(10).finish(True)
        assert (payload.length, payload.complete, payload.head()) == (0, True, b"")
        assert payload.sha256 == hashlib.sha256(b"").hexdigest()


def test_a_hole_ends_the_head_and_takes_the_hash(kept: PayloadStore) -> None:
    writer = kept.writer(100)
    writer.write(b"abc")
    writer.skip(2)
    writer.skip(2)
    writer.write(b"xyz")
    payload = writer.finish(True)
    assert (payload.length, payload.missing, payload.missing_bytes) == (10, ((3, 7),), 4)
    assert payload.sha256 is None and not payload.complete
    assert payload.head() == b"abc"
    assert b"".join(payload.pieces()) == b"abc\0\0\0\0xyz"


def test_a_hole_first_leaves_no_head_in_either_mode() -> None:
    for keep in (False, True):
        with PayloadStore(keep=keep) as store:
            writer = store.writer(100)
            writer.skip(4)
            writer.write(b"abc")
            assert writer.finish(False).head() == b""


def test_an_unfinished_data_set_has_no_hash() -> None:
    with PayloadStore() as store:
        writer = store.writer(2)
        writer.write(b"abc")
        payload = writer.finish(False)
        assert not payload.complete and payload.sha256 is None


def test_heads_of_writers_side_by_side_do_not_mix(kept: PayloadStore) -> None:
    first, second = kept.writer(50), kept.writer(50)
    for i in range(20):
        first.write(b"aA%02d" % i)
        second.write(b"bB%02d" % i)
    one, two = first.finish(True), second.finish(True)
    assert one.head() == b"".join(b"aA%02d" % i for i in range(20))[:50]
    assert two.head() == b"".join(b"bB%02d" % i for i in range(20))[:50]
    assert b"".join(two.pieces()) == b"".join(b"bB%02d" % i for i in range(20))


def test_long_data_come_back_in_pieces_of_a_mebibyte(kept: PayloadStore) -> None:
    data = bytes(range(256)) * 5000
    writer = kept.writer(16)
    writer.write(data[:700_000])
    writer.write(data[700_000:])
    writer.skip(2_000_000)
    pieces = list(writer.finish(False).pieces())
    assert max(map(len, pieces)) <= 1 << 20
    assert b"".join(pieces) == data + bytes(2_000_000)


def test_reading_after_close_says_so() -> None:
    store = PayloadStore(TINY, keep=True)
    writer = store.writer(10)
    writer.write(bytes(100))
    payload = writer.finish(True)
    store.close()
    for read in (payload.head, payload.pieces, lambda: writer.write(b"x")):
        with pytest.raises(ValueError, match="closed"):
            read()


Part = tuple[int, bytes | int]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.binary(max_size=30) | st.integers(0, 30)), max_size=40),
    st.integers(0, 60),
    st.booleans(),
    st.sampled_from([TINY, Limits()]),
)
def test_whatever_is_written_in_turns_is_read_back(parts: list[Part], head: int, keep: bool, limits: Limits) -> None:
    with PayloadStore(limits, keep=keep) as store:
        writers = [store.writer(head) for _ in range(3)]
        wanted: list[list[bytes | None]] = [[], [], []]
        for who, part in parts:
            if isinstance(part, int):
                writers[who].skip(part)
                wanted[who] += [None] * part
            else:
                writers[who].write(memoryview(part))
                wanted[who] += [part[i : i + 1] for i in range(len(part))]
        for payload, bytes_of in zip([w.finish(True) for w in writers], wanted, strict=True):
            _check(payload, bytes_of, head)


def _check(payload: Payload, wanted: list[bytes | None], head: int) -> None:
    whole = b"".join(b or b"\0" for b in wanted)
    seen = wanted.index(None) if None in wanted else len(wanted)
    assert payload.length == len(wanted)
    assert [i for start, end in payload.missing for i in range(start, end)] == [
        i for i, b in enumerate(wanted) if b is None
    ]
    assert payload.head() == whole[: min(head, seen)]
    assert payload.sha256 == (None if None in wanted else hashlib.sha256(whole).hexdigest())
    assert payload.complete == (None not in wanted)
    if payload.kept:
        assert b"".join(payload.pieces()) == whole
