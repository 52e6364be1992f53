"""Addresses and ports as small integers: columns carry an id, the book knows the endpoint behind it."""

import ipaddress
from functools import lru_cache
from itertools import chain

import numpy as np

from dicomsniff.core import LIMITS, Endpoint, Limits
from dicomsniff.tcp.segments import I64, U8

_V6 = 1 << 32
"""An IPv4 address is its own id, so that a flood from forged ones needs no memory; others are numbered from here."""


class EndpointBook:
    """Gives every (address, port) an id from 0. Ids are `address id << 16 | port`.

    Of IPv6 addresses it remembers those that were asked for by their id, for a connection of theirs is followed, and the
    latest of the others (`Limits.idle_addresses`): one that is met again later has another id.
    """

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._most = limits.idle_addresses
        self._asked: dict[bytes, int] = {}
        self._recent: dict[bytes, int] = {}
        self._older: dict[bytes, int] = {}
        self._addresses: dict[int, bytes] = {}  # of those asked for, by id; of the others when one is asked for
        self._next = _V6

    @property
    def crowded(self) -> bool:
        """Whether addresses have been forgotten."""
        return self._next - _V6 > self._most

    def turn(self) -> None:
        """A block begins."""
        if len(self._recent) > self._most:
            self._older, self._recent = self._recent, {}
            self._addresses = {id: address for address, id in self._asked.items()}

    def address_id(self, address: bytes) -> int:
        """The id of a packed IPv4 or IPv6 address."""
        if len(address) == 4:
            return int.from_bytes(address, "big")
        known = self._recent.get(address)
        if known is None:
            known = self._known(address)
            if known is None:
                known, self._next = self._next, self._next + 1
            self._recent[address] = known
        return known

    @staticmethod
    def text(address: bytes) -> str:
        """A packed address as people write it."""
        return str(ipaddress.ip_address(address))

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
        return Endpoint(_text(address.to_bytes(4, "big") if address < _V6 else self._packed(address)), id & 0xFFFF)

    def _packed(self, id: int) -> bytes:
        if id not in self._addresses:
            self._addresses = {id: address for address, id in chain(self._older.items(), self._recent.items())}
            self._addresses |= {id: address for address, id in self._asked.items()}
        address = self._addresses[id]
        self._asked[address] = id
        return address

    def _known(self, address: bytes) -> int | None:
        return self._recent.get(address) or self._asked.get(address) or self._older.get(address)

    def find(self, address: bytes, port: int) -> int | None:
        """The id of an endpoint, None for an IPv6 address that has not been met."""
        known = self.address_id(address) if len(address) == 4 else self._known(address)
        return None if known is None else known << 16 | port


@lru_cache(1 << 14)
def _text(address: bytes) -> str:
    return EndpointBook.text(address)
