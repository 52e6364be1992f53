"""Command sets: Implicit VR Little Endian bytes of group 0000 in, a typed value out (PS3.7 §6.3.1, §E.1)."""

from functools import lru_cache
from struct import Struct

from dicomsniff.core.tuples import NamedTuple


class CommandSet(NamedTuple):
    """The elements of PS3.7 §E.1 that were present; None where absent. UIDs and AE titles are stripped of padding."""

    command_field: int
    affected_sop_class_uid: str | None = None
    requested_sop_class_uid: str | None = None
    message_id: int | None = None
    message_id_being_responded_to: int | None = None
    move_destination: str | None = None
    priority: int | None = None
    data_set_type: int | None = None
    status: int | None = None
    offending_elements: tuple[int, ...] = ()
    error_comment: str | None = None
    error_id: int | None = None
    affected_sop_instance_uid: str | None = None
    requested_sop_instance_uid: str | None = None
    event_type_id: int | None = None
    attribute_identifiers: tuple[int, ...] = ()
    action_type_id: int | None = None
    remaining_suboperations: int | None = None
    completed_suboperations: int | None = None
    failed_suboperations: int | None = None
    warning_suboperations: int | None = None
    move_originator_ae: str | None = None
    move_originator_message_id: int | None = None
    unknown: tuple[tuple[int, bytes], ...] = ()

    @property
    def is_response(self) -> bool:
        return bool(self.command_field & 0x8000)

    @property
    def has_data_set(self) -> bool:
        """Only 0101H in (0000,0800) means that none follows (PS3.7 §E.1)."""
        return self.data_set_type is not None and self.data_set_type != 0x0101

    @property
    def sop_class_uid(self) -> str | None:
        return self.affected_sop_class_uid or self.requested_sop_class_uid

    @property
    def sop_instance_uid(self) -> str | None:
        return self.affected_sop_instance_uid or self.requested_sop_instance_uid


C_STORE_RQ = 0x0001
C_CANCEL_RQ = 0x0FFF

_SERVICES = {
    0x0001: "C-STORE",
    0x0010: "C-GET",
    0x0020: "C-FIND",
    0x0021: "C-MOVE",
    0x0030: "C-ECHO",
    0x0100: "N-EVENT-REPORT",
    0x0110: "N-GET",
    0x0120: "N-SET",
    0x0130: "N-ACTION",
    0x0140: "N-CREATE",
    0x0150: "N-DELETE",
}
_MESSAGES = (
    {field: f"{name}-RQ" for field, name in _SERVICES.items()}
    | {field | 0x8000: f"{name}-RSP" for field, name in _SERVICES.items()}
    | {C_CANCEL_RQ: "C-CANCEL-RQ"}
)

# How a value is read: a number of two bytes, a UID, an AE title, free text, a list of tags.
_NUMBER, _UID, _TITLE, _TEXT, _TAGS = range(5)

# Element number -> (name in CommandSet, kind). The group is 0000 for all of them (PS3.7 §E.1).
_ELEMENTS = {
    0x0002: ("affected_sop_class_uid", _UID),
    0x0003: ("requested_sop_class_uid", _UID),
    0x0100: ("command_field", _NUMBER),
    0x0110: ("message_id", _NUMBER),
    0x0120: ("message_id_being_responded_to", _NUMBER),
    0x0600: ("move_destination", _TITLE),
    0x0700: ("priority", _NUMBER),
    0x0800: ("data_set_type", _NUMBER),
    0x0900: ("status", _NUMBER),
    0x0901: ("offending_elements", _TAGS),
    0x0902: ("error_comment", _TEXT),
    0x0903: ("error_id", _NUMBER),
    0x1000: ("affected_sop_instance_uid", _UID),
    0x1001: ("requested_sop_instance_uid", _UID),
    0x1002: ("event_type_id", _NUMBER),
    0x1005: ("attribute_identifiers", _TAGS),
    0x1008: ("action_type_id", _NUMBER),
    0x1020: ("remaining_suboperations", _NUMBER),
    0x1021: ("completed_suboperations", _NUMBER),
    0x1022: ("failed_suboperations", _NUMBER),
    0x1023: ("warning_suboperations", _NUMBER),
    0x1030: ("move_originator_ae", _TITLE),
    0x1031: ("move_originator_message_id", _NUMBER),
}
# Keyed by the first four bytes of an element as one little-endian number, so that a header is one unpack, one lookup.
_SLOTS = {element << 16: (CommandSet._fields.index(name), kind) for element, (name, kind) in _ELEMENTS.items()}
_ABSENT = [None if name == "command_field" else CommandSet._field_defaults[name] for name in CommandSet._fields]
_UNKNOWN = CommandSet._fields.index("unknown")
# What each message must hold beyond its Command Field (PS3.7 §9.3, §10.3); all responses alike.
_MANDATORY = {
    0x0001: ("affected_sop_class_uid", "message_id", "priority", "data_set_type", "affected_sop_instance_uid"),
    0x0010: ("affected_sop_class_uid", "message_id", "priority", "data_set_type"),
    0x0020: ("affected_sop_class_uid", "message_id", "priority", "data_set_type"),
    0x0021: ("affected_sop_class_uid", "message_id", "move_destination", "priority", "data_set_type"),
    0x0030: ("affected_sop_class_uid", "message_id", "data_set_type"),
    0x0100: (
        "affected_sop_class_uid",
        "message_id",
        "data_set_type",
        "affected_sop_instance_uid",
        "event_type_id",
    ),
    0x0110: ("requested_sop_class_uid", "message_id", "data_set_type", "requested_sop_instance_uid"),
    0x0120: ("requested_sop_class_uid", "message_id", "data_set_type", "requested_sop_instance_uid"),
    0x0130: (
        "requested_sop_class_uid",
        "message_id",
        "data_set_type",
        "requested_sop_instance_uid",
        "action_type_id",
    ),
    0x0140: ("affected_sop_class_uid", "message_id", "data_set_type"),
    0x0150: ("requested_sop_class_uid", "message_id", "data_set_type", "requested_sop_instance_uid"),
    C_CANCEL_RQ: ("message_id_being_responded_to", "data_set_type"),
}
_OF_RESPONSE = ("message_id_being_responded_to", "data_set_type", "status")
_MUST = {
    field: tuple(CommandSet._fields.index(name) for name in names)
    for field, names in (_MANDATORY | {field | 0x8000: _OF_RESPONSE for field in _SERVICES}).items()
}
_TAG_OF = {CommandSet._fields.index(name): element for element, (name, _) in _ELEMENTS.items()}
_CACHED_BYTES = 1024  # longer command sets are rare and not worth the memory

_header = Struct("<II").unpack_from
_u16 = Struct("<H").unpack_from
_u32 = Struct("<I").unpack_from


def message_name(command_field: int) -> str:
    """ "C-STORE-RQ" for 0001H; a field that PS3.7 §E.1 does not define is its number, "0x1234"."""
    return _MESSAGES.get(command_field) or f"0x{command_field:04X}"


def service_name(command_field: int) -> str:
    """ "C-STORE" for request and response alike, "C-CANCEL" for 0FFFH; an unknown field is the number of its request."""
    if command_field == C_CANCEL_RQ:
        return "C-CANCEL"
    return _SERVICES.get(command_field & 0x7FFF) or f"0x{command_field & 0x7FFF:04X}"


def is_known_field(command_field: int) -> bool:
    """Whether PS3.7 §E.1 defines this Command Field."""
    return command_field in _MESSAGES


def decode_command(data: bytes) -> tuple[CommandSet | None, str | None]:
    """The command set in `data`, and what is odd about it in one clause (None where nothing is).

    What can be read is read: elements out of order, of other groups or of odd length are reported and tolerated
    (PS3.7 §6.3.1). The value is None only where no Command Field (0000,0100) was found. Never raises.
    """
    return _decode_cached(data) if len(data) <= _CACHED_BYTES else _decode(data)


def _decode(data: bytes) -> tuple[CommandSet | None, str | None]:
    values: list[object] = _ABSENT.copy()
    unknown: list[tuple[int, bytes]] = []
    odd = None if data[:4] == b"\0\0\0\0" else "no group length (0000,0000)"
    previous, position, end = -1, 0, len(data)
    while position + 8 <= end:
        tag, length = _header(data, position)
        position += 8
        stop = position + length
        if stop > end:
            claim = f"{_shown(tag)} claims {length} bytes where {end - position} are left"
            odd = claim if values[0] is None else odd or claim
            position = end
            break
        slot = _SLOTS.get(tag)
        if slot is None or tag <= previous or length & 1:
            odd = odd or _oddity(tag, length, previous, data, position)
        if slot is not None:
            index, kind = slot
            if kind == _NUMBER and length == 2:
                values[index] = _u16(data, position)[0]
            elif kind == _UID:
                values[index] = str(data[position:stop].rstrip(b"\0 "), "latin-1")
            else:
                odd = _read_value(values, index, kind, data[position:stop], tag) or odd
        elif tag:
            unknown.append((_number(tag), data[position:stop]))
        previous = tag
        position = stop
    if position < end:
        odd = odd or f"{end - position} bytes after the last element"
    if values[0] is None:
        return None, odd or "no Command Field (0000,0100)"
    if unknown:
        values[_UNKNOWN] = tuple(unknown)
    if odd is None:
        for index in _MUST.get(values[0], ()):  # type: ignore[call-overload]
            if values[index] is None or values[index] == "":
                odd = _lacking(values[0], index)  # type: ignore[arg-type]
                break
    return tuple.__new__(CommandSet, values), odd


_decode_cached = lru_cache(maxsize=2048)(_decode)


def _read_value(values: list[object], index: int, kind: int, value: bytes, tag: int) -> str | None:
    """Store the rarer kinds of value; returns what is odd."""
    if kind == _TITLE:
        values[index] = str(value.strip(b"\0 "), "latin-1")
    elif kind == _TEXT:
        values[index] = _text(value)
    elif kind == _TAGS:
        values[index] = tuple(_tag_at(value, i) for i in range(0, len(value) - 3, 4))
        return f"{_shown(tag)} has {len(value)} bytes, not a multiple of 4" if len(value) % 4 else None
    else:
        values[index] = _u16(value)[0] if len(value) >= 2 else None
        return f"{_shown(tag)} has {len(value)} bytes, not 2"
    return None


def _oddity(tag: int, length: int, previous: int, data: bytes, position: int) -> str | None:
    """What is odd about an element that is not an ordinary command element in its place."""
    if tag & 0xFFFF:
        return f"{_shown(tag)} is not of group 0000"
    if tag <= previous:
        return f"{_shown(tag)} comes after {_shown(previous)}"
    if length & 1:
        return f"{_shown(tag)} has an odd length of {length}"
    if tag == 0:  # (0000,0000) counts the bytes after it (PS3.7 §9.3)
        if length != 4:
            return f"{_shown(tag)} has {length} bytes, not 4"
        promised, left = _u32(data, position)[0], len(data) - position - 4
        return f"group length {promised} where {left} bytes follow" if promised != left else None
    return None


def _lacking(command_field: int, index: int) -> str:
    return f"{message_name(command_field)} without the mandatory (0000,{_TAG_OF[index]:04X})"


def _text(value: bytes) -> str:
    """Error comments should be of the default repertoire; toolkits write what their platform speaks."""
    value = value.strip(b"\0 ")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _tag_at(value: bytes, offset: int) -> int:
    return _number(_u32(value, offset)[0])


def _number(tag: int) -> int:
    """Little-endian group and element to the usual 0xGGGGEEEE."""
    return (tag & 0xFFFF) << 16 | tag >> 16


def _shown(tag: int) -> str:
    return f"({tag & 0xFFFF:04X},{tag >> 16:04X})"


def starts_command(data: bytes) -> bool:
    """Whether `data` is a whole command set beyond doubt: a group length that counts the rest exactly (PS3.7 §9.3)."""
    return data[:8] == b"\0\0\0\0\4\0\0\0" and len(data) >= 12 and _u32(data, 8)[0] == len(data) - 12
