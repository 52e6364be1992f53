"""Addresses and ports as small integers: columns carry an id, the book knows the endpoint behind it."""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from dicomsniff.core import Endpoint
from dicomsniff.tcp.segments import I64, U8

_V6 = 1 << 32
"""An IPv4 address is its own id, so that a flood from forged ones needs no memory; others are numbered from here."""


class EndpointBook:
    """Gives every (address, port) an id from 0. Ids are `address id << 16 | port`."""

    def __init__(self) -> None:
        self._ids: dict[bytes, int] = {}
        self._addresses: list[bytes] = []

    def address_id(self, address: bytes) -> int:
        """The id of a packed IPv4 or IPv6 address."""
        if len(address) == 4:
            return int.from_bytes(address, "big")
        known = self._ids.get(address)
        if known is None:
            known = self._ids[address] = _V6 + len(self._addresses)
            self._addresses.append(address)
        return known

    @staticmethod
    def text(address: bytes) -> str:
        """A packed address as people write it."""
        return str(ipaddress.ip_address(address))

    def numbered(self, count: int) -> list[bytes]:
        """The addresses that were numbered after the first `count`, for another book to learn."""
        return self._addresses[count:]

    def learn(self, addresses: Iterable[bytes]) -> None:
        """Number addresses as the book they come from did."""
        for address in addresses:
            self.address_id(address)

    def address_ids(self, addresses: U8) -> I64:
        """Ids of packed addresses, uint8 of shape (n, 4) or (n, 16), as int64 of shape (n,)."""
        if not len(addresses):
            return np.empty(0, np.int64)
        if addresses.shape[1] == 4:
            return np.asarray(addresses.view(">u4")[:, 0].astype(np.int64))
        packed = np.ascontiguousarray(addresses)
        distinct, inverse = np.unique(packed.view(np.dtype((np.void, 16))).ravel(), return_inverse=True)
        ids = np.fromiter((self.address_id(d.tobytes()) for d in distinct), np.int64, len(distinct))
        return ids[inverse]

    def endpoint(self, id: int) -> Endpoint:
        address = id >> 16
        packed = address.to_bytes(4, "big") if address < _V6 else self._addresses[address - _V6]
        return Endpoint(_text(packed), id & 0xFFFF)

    def find(self, address: bytes, port: int) -> int | None:
        """The id of an endpoint, None for an IPv6 address that has not been met."""
        known = self.address_id(address) if len(address) == 4 else self._ids.get(address)
        return None if known is None else known << 16 | port


@lru_cache(1 << 14)
def _text(address: bytes) -> str:
    return EndpointBook.text(address)
