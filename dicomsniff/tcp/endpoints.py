"""Addresses and ports as small integers: columns carry an id, the book knows the endpoint behind it."""

import ipaddress

import numpy as np

from dicomsniff.core import Endpoint
from dicomsniff.tcp.segments import I64, U8


class EndpointBook:
    """Gives every (address, port) an id from 0. Ids are `address id << 16 | port`, addresses numbered as they come."""

    def __init__(self) -> None:
        self._ids: dict[bytes, int] = {}
        self._texts: list[str] = []

    def address_id(self, address: bytes) -> int:
        """The id of a packed IPv4 or IPv6 address."""
        known = self._ids.get(address)
        if known is None:
            known = self._ids[address] = len(self._texts)
            self._texts.append(self.text(address))
        return known

    @staticmethod
    def text(address: bytes) -> str:
        """A packed address as people write it."""
        return str(ipaddress.ip_address(address))

    def address_ids(self, addresses: U8) -> I64:
        """Ids of packed addresses, uint8 of shape (n, 4) or (n, 16), as int64 of shape (n,)."""
        if not len(addresses):
            return np.empty(0, np.int64)
        packed = np.ascontiguousarray(addresses).view(np.dtype((np.void, addresses.shape[1]))).ravel()
        if packed.dtype.itemsize == 4:
            distinct, inverse = np.unique(packed.view(np.uint32), return_inverse=True)
        else:
            distinct, inverse = np.unique(packed, return_inverse=True)
        ids = np.fromiter((self.address_id(d.tobytes()) for d in distinct), np.int64, len(distinct))
        return ids[inverse]

    def endpoint(self, id: int) -> Endpoint:
        return Endpoint(self._texts[id >> 16], id & 0xFFFF)

    def find(self, address: bytes, port: int) -> int | None:
        """The id of an endpoint whose address has been met, None otherwise."""
        known = self._ids.get(address)
        return None if known is None else known << 16 | port
