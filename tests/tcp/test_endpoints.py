"""Endpoints by number: the same address is always the same number."""

from dataclasses import replace
from ipaddress import ip_address

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.core import LIMITS, Endpoint
from dicomsniff.tcp.endpoints import EndpointBook


def _packed(*texts: str) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.array([list(ip_address(text).packed) for text in texts], np.uint8)


def test_ids_lead_back_to_address_and_port() -> None:
    book = EndpointBook()
    ids = book.address_ids(_packed("10.0.0.2", "10.0.0.1", "10.0.0.2"))
    assert [book.endpoint(id << 16 | 104) for id in ids.tolist()] == [
        Endpoint("10.0.0.2", 104),
        Endpoint("10.0.0.1", 104),
        Endpoint("10.0.0.2", 104),
    ]


def test_an_address_keeps_its_id_from_block_to_block() -> None:
    book = EndpointBook()
    [first] = book.address_ids(_packed("2001:db8::1")).tolist()
    book.address_ids(_packed("::1", "2001:db8::2"))
    assert book.address_ids(_packed("2001:db8::1")).tolist() == [first]


def test_ipv4_and_ipv6_addresses_of_equal_bits_are_different() -> None:
    book = EndpointBook()
    ids = [*book.address_ids(_packed("0.0.0.1")).tolist(), *book.address_ids(_packed("::1")).tolist()]
    assert [book.endpoint(id << 16).ip for id in ids] == ["0.0.0.1", "::1"]


def test_only_ipv6_addresses_that_were_met_are_found() -> None:
    book = EndpointBook()
    for text in ("10.0.0.1", "2001:db8::1"):
        [id] = book.address_ids(_packed(text)).tolist()
        assert book.find(ip_address(text).packed, 104) == id << 16 | 104
    assert book.find(ip_address("2001:db8::9").packed, 104) is None


def test_no_rows_give_no_ids() -> None:
    assert EndpointBook().address_ids(np.empty((0, 16), np.uint8)).tolist() == []


@given(st.lists(st.binary(min_size=16, max_size=16), min_size=1))
def test_every_address_reads_back(addresses: list[bytes]) -> None:
    book = EndpointBook()
    ids = book.address_ids(np.array([list(address) for address in addresses], np.uint8))
    assert [ip_address(book.endpoint(id << 16).ip).packed for id in ids.tolist()] == addresses


def _numbered(first: int, count: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.array([list((1 << 125 | number).to_bytes(16, "big")) for number in range(first, first + count)], np.uint8)


def test_of_a_flood_of_addresses_only_the_latest_and_those_asked_for_are_remembered() -> None:
    book = EndpointBook(replace(LIMITS, idle_addresses=50))
    [asked, forgotten] = book.address_ids(_numbered(0, 2)).tolist()
    assert book.endpoint(asked << 16 | 104) == Endpoint("2000::", 104)
    for block in range(40):
        book.turn()
        ids = book.address_ids(_numbered(100 * block + 2, 100)).tolist()
        assert book.endpoint(ids[-1] << 16).ip == f"2000::{100 * block + 101:x}"
        assert sum(map(len, (book._recent, book._older))) <= 202
    assert book.crowded
    assert book.address_ids(_numbered(0, 1)).tolist() == [asked]
    assert book.find((1 << 125).to_bytes(16, "big"), 104) == asked << 16 | 104
    [again] = book.address_ids(_numbered(1, 1)).tolist()
    assert again != forgotten and book.endpoint(again << 16).ip == "2000::1"
