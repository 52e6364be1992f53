"""What proves a boundary and what does not, and that the answer does not depend on how the bytes came."""

import itertools
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.core import LIMITS, Limits
from dicomsniff.pdu.search import BoundarySearch
from tests.forge import pdus as forge

NOISE = random.Random(3).randbytes(500)
DATA = forge.p_data(forge.pdv(NOISE[:200]))
RELEASE = forge.release_request()


def found(data: bytes, *cuts: int, limits: Limits = LIMITS) -> int | None:
    search = BoundarySearch(0, limits)
    edges = [0, *sorted(cut for cut in cuts if 0 < cut < len(data)), len(data)]
    for start, end in itertools.pairwise(edges):
        boundary = search.feed(memoryview(data[start:end]))
        if boundary is not None:
            return boundary
    return search.finish()


@pytest.mark.parametrize(
    "proof",
    [
        DATA * 3,
        DATA + DATA + RELEASE,
        forge.echo_request(),
        forge.request(),
        forge.acceptance(),
        DATA + RELEASE,
        RELEASE,
        forge.abort(2, 1),
        forge.rejection(),
        forge.p_data(forge.pdv(b"ab"), forge.pdv(b"cd"), forge.pdv(b"ef")) * 3,
    ],
)
def test_a_proof_behind_noise_is_found_where_it_begins(proof: bytes) -> None:
    assert found(NOISE + proof) == len(NOISE)


@pytest.mark.parametrize(
    "no_proof",
    [
        b"",
        NOISE,
        DATA,
        DATA + DATA,
        DATA + DATA + b"\x08" + bytes(20),
        RELEASE + NOISE,
        b"\x05\0\0\0\0\x04\0\0\0\x01",
        b"\x05\0\0\0\0\x05\0\0\0\0\0",
        b"\x05\x01\0\0\0\x04\0\0\0\0",
        forge.abort(9, 1),
        forge.p_data(forge.pdv(b"ab", 2)) * 3,
        forge.p_data(forge.pdv(b"ab"), b"\0\0\0") * 3,
        forge.p_data() * 3,
    ],
)
def test_what_is_no_proof_is_not_taken_for_one(no_proof: bytes) -> None:
    assert found(NOISE + no_proof) is None


def test_a_chain_over_a_hole_still_proves_what_follows() -> None:
    search = BoundarySearch(0, LIMITS)
    assert search.feed(memoryview(DATA[:50])) is None
    search.hole(len(DATA) - 5)
    assert search.feed(memoryview(DATA[-5:] + DATA)) is None
    assert search.feed(memoryview(DATA[:20])) == len(DATA)


def test_a_false_header_does_not_hide_a_true_chain() -> None:
    false = b"\x04\x00\x00\x00\x40\x00\x00\x00\x3f\xfc\x01\x00"
    assert found(NOISE + false + DATA * 3) == len(NOISE) + len(false)


def test_many_false_headers_do_not_crowd_out_a_true_chain() -> None:
    false = b"".join(b"\x04\x00\x01\x00" + n.to_bytes(2, "big") + b"\x00\xff\xff\x00\x01\x00" for n in range(256, 4000))
    assert found(false + DATA * 3) == len(false)


def test_no_more_is_kept_than_allowed() -> None:
    search = BoundarySearch(0, replace(LIMITS, detect_bytes=1000))
    for _ in range(50):
        assert search.feed(memoryview(NOISE)) is None
    assert 24_000 - 20 <= search.start <= 24_000


def test_rest_gives_all_bytes_from_the_boundary() -> None:
    search = BoundarySearch(100, LIMITS)
    boundary = search.feed(memoryview(b"noise" + DATA * 3))
    assert boundary == 105
    assert search.rest(boundary) == DATA * 3


bits = st.sampled_from(
    [DATA, RELEASE, forge.echo_request(), NOISE[:30], b"\x04\0\0\0", b"\x02\0\0\x01\0\x44\0\x01", bytes(9)]
)


@given(st.lists(bits, max_size=8).map(b"".join), st.lists(st.integers(0, 900), max_size=10))
def test_the_answer_does_not_depend_on_the_cuts(data: bytes, cuts: list[int]) -> None:
    assert found(data, *cuts) == found(data)


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=10))
def test_no_bytes_raise(data: bytes, cuts: list[int]) -> None:
    assert found(data, *cuts) == found(data)
