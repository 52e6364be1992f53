"""The value of a User Information item in; what the two sides negotiate beside contexts, out (PS3.7 Annex D)."""

from functools import lru_cache
from struct import Struct

from dicomsniff.core.tuples import NamedTuple
from dicomsniff.pdu.items import (
    Flaw,
    Item,
    inner_does_not_fit,
    missing,
    split_items,
    too_short,
    twice,
    uid_flaw,
    uid_text,
)
from dicomsniff.pdu.values import (
    AsyncWindow,
    CommonExtendedNegotiation,
    ExtendedNegotiation,
    RoleSelection,
    UnknownItem,
    UserIdentityRequest,
    UserIdentityResponse,
    UserInformation,
)

_SHORT = Struct(">H")
_LONG = Struct(">I")
_TWO_SHORTS = Struct(">HH")
_IDENTITY_KINDS_WITH_NAME = (1, 2)
_LONGEST_CACHED = 4096


class DecodedUserInformation(NamedTuple):
    """What was decoded, and flaws with offsets from the start of the item's value."""

    information: UserInformation
    flaws: tuple[Flaw, ...]


def decode_user_information(value: bytes) -> DecodedUserInformation:
    """Every sub-item of PS3.8 §D.1 and PS3.7 §D.3.3; identical values without user identity are decoded once."""
    # A cache keeps the bytes it was asked about, and those of a user identity hold secrets: 58H is "X", 59H is "Y".
    if len(value) > _LONGEST_CACHED or b"\x58" in value or b"\x59" in value:
        return _decode(value)
    return _decode_cached(value)


def _decode(value: bytes) -> DecodedUserInformation:
    reading = _Reading()
    items, flaws = split_items(value)
    for item in items:
        reading.take(item)
    if reading.maximum_length is None:
        reading.flaws.append(missing(0, len(value), "Maximum Length item (51H)"))
    return DecodedUserInformation(reading.result(), (*reading.flaws, *flaws))


@lru_cache(maxsize=512)
def _decode_cached(value: bytes) -> DecodedUserInformation:
    return _decode(value)


class _Reading:
    """Collects sub-items; of those that may stand once the first counts."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []
        self.maximum_length: int | None = None
        self.implementation_class_uid: str | None = None
        self.implementation_version: str | None = None
        self.async_window: AsyncWindow | None = None
        self.roles: list[RoleSelection] = []
        self.extended: list[ExtendedNegotiation] = []
        self.common_extended: list[CommonExtendedNegotiation] = []
        self.user_identity: UserIdentityRequest | None = None
        self.user_identity_response: UserIdentityResponse | None = None
        self.unknown: list[UnknownItem] = []
        self._seen: set[int] = set()

    def take(self, item: Item) -> None:
        if item.type in _ONCE:
            if item.type in self._seen:
                self.flaws.append(twice(item))
                return
            self._seen.add(item.type)
            _ONCE[item.type](self, item)
        elif item.type in _OFTEN:
            _OFTEN[item.type](self, item)
        else:
            self.unknown.append(UnknownItem(item.type, item.value))

    def result(self) -> UserInformation:
        return UserInformation(
            self.maximum_length,
            self.implementation_class_uid,
            self.implementation_version,
            self.async_window,
            tuple(self.roles),
            tuple(self.extended),
            tuple(self.common_extended),
            self.user_identity,
            self.user_identity_response,
            tuple(self.unknown),
        )

    def has(self, item: Item, length: int) -> bool:
        if len(item.value) >= length:
            return True
        self.flaws.append(too_short(item, length))
        return False

    def take_maximum_length(self, item: Item) -> None:
        """PS3.8 §D.1.1."""
        if self.has(item, 4):
            self.maximum_length = _LONG.unpack_from(item.value)[0]

    def take_class_uid(self, item: Item) -> None:
        """PS3.7 §D.3.3.2.1."""
        self.flaws.extend(uid_flaw(item.value, item.value_start, "the implementation class UID"))
        self.implementation_class_uid = uid_text(item.value)

    def take_version(self, item: Item) -> None:
        """PS3.7 §D.3.3.2.3."""
        self.implementation_version = item.value.strip(b"\0 ").decode("latin-1")

    def take_window(self, item: Item) -> None:
        """PS3.7 §D.3.3.3.1."""
        if self.has(item, 4):
            self.async_window = AsyncWindow(*_TWO_SHORTS.unpack_from(item.value))

    def take_role(self, item: Item) -> None:
        """PS3.7 §D.3.3.4.1."""
        uid, rest = self._counted(item, 0, "the SOP Class UID")
        if uid is None:
            return
        if rest + 2 > len(item.value):
            self.flaws.append(too_short(item, rest + 2))
            return
        self.roles.append(RoleSelection(uid_text(uid), item.value[rest], item.value[rest + 1]))

    def take_extended(self, item: Item) -> None:
        """PS3.7 §D.3.3.5.1."""
        uid, rest = self._counted(item, 0, "the SOP Class UID")
        if uid is not None:
            self.extended.append(ExtendedNegotiation(uid_text(uid), item.value[rest:]))

    def take_common_extended(self, item: Item) -> None:
        """PS3.7 §D.3.3.6.1; the second byte of this item is its version."""
        sop_class, rest = self._counted(item, 0, "the SOP Class UID")
        if sop_class is None:
            return
        service_class, rest = self._counted(item, rest, "the Service Class UID")
        related: list[str] = []
        if service_class is not None:
            listed, _ = self._counted(item, rest, "the list of related general SOP classes")
            related = self._uids(item, rest + 2, rest + 2 + len(listed)) if listed is not None else []
        self.common_extended.append(
            CommonExtendedNegotiation(item.second, uid_text(sop_class), uid_text(service_class or b""), tuple(related))
        )

    def take_identity(self, item: Item) -> None:
        """PS3.7 §D.3.3.7.1; the name is UTF-8. A primary field that does not fit may have swallowed the secret."""
        if not self.has(item, 4):
            return
        kind, response_requested = item.value[0], item.value[1] == 1
        primary_length = _SHORT.unpack_from(item.value, 2)[0]
        primary, rest = self._counted(item, 2, "the primary field")
        name, secondary_length = "", 0
        if primary is not None:
            if kind in _IDENTITY_KINDS_WITH_NAME:
                name = primary.decode("utf-8", "replace")
            secondary_length = self._secondary_length(item, rest)
        self.user_identity = UserIdentityRequest(kind, response_requested, name, primary_length, secondary_length)

    def take_identity_response(self, item: Item) -> None:
        """PS3.7 §D.3.3.7.2."""
        if self.has(item, 2):
            self._counted(item, 0, "the server response")
            self.user_identity_response = UserIdentityResponse(_SHORT.unpack_from(item.value)[0])

    def _secondary_length(self, item: Item, at: int) -> int:
        if len(item.value) < at + 2:
            self.flaws.append(too_short(item, at + 2))
            return 0
        self._counted(item, at, "the secondary field")
        length: int = _SHORT.unpack_from(item.value, at)[0]
        return length

    def _counted(self, item: Item, at: int, what: str) -> tuple[bytes | None, int]:
        """The field behind a two-byte length at `at`, and where the next field starts; None where it does not fit."""
        value = item.value
        if at + 2 > len(value):
            self.flaws.append(too_short(item, at + 2))
            return None, at
        stop = at + 2 + _SHORT.unpack_from(value, at)[0]
        if stop > len(value):
            self.flaws.append(inner_does_not_fit(item, what))
            return None, at
        return value[at + 2 : stop], stop

    def _uids(self, item: Item, at: int, end: int) -> list[str]:
        uids: list[str] = []
        while at < end:
            uid, after = self._counted(item, at, "a related general SOP class")
            if uid is None or after > end:
                break
            uids.append(uid_text(uid))
            at = after
        return uids


_ONCE = {
    0x51: _Reading.take_maximum_length,
    0x52: _Reading.take_class_uid,
    0x53: _Reading.take_window,
    0x55: _Reading.take_version,
    0x58: _Reading.take_identity,
    0x59: _Reading.take_identity_response,
}
_OFTEN = {
    0x54: _Reading.take_role,
    0x56: _Reading.take_extended,
    0x57: _Reading.take_common_extended,
}
