"""A service and a failure status in, whether a rule of that service speaks of it out, for every failure is told once; and whose
fault it says that it is."""

from dicomsniff.dimse.uids import service_class_of

_CLAIMED = {
    "C-STORE": (
        (0xA700, 0xA7FF),  # out of resources
        (0xA900, 0xA9FF),  # data set does not match SOP class
        (0xC000, 0xCFFF),  # cannot understand
        (0x0105, 0x0122),  # general failures, SOP class not supported
        (0x0124, 0x0124),  # not authorized
        (0x0210, 0x0212),  # duplicate invocation, unrecognized operation, mistyped argument
    ),
    "C-FIND": ((0x0001, 0xFFFF),),
    "C-MOVE": ((0xA801, 0xA801),),  # move destination unknown
}


_CLAIMED_CLASSES = {
    "mpps": frozenset({"N-CREATE", "N-SET"}),
    "commitment": frozenset({"N-ACTION", "N-EVENT-REPORT"}),
    "print": frozenset({"N-CREATE", "N-SET", "N-GET", "N-ACTION", "N-DELETE", "N-EVENT-REPORT"}),
}


_OF_THE_REQUEST = frozenset(
    {0x0105, 0x0106, 0x0112, 0x0113, 0x0114, 0x0115, 0x0117, 0x0118, 0x0119, 0x0120, 0x0121, 0x0123, 0x0210, 0x0212}
)


def finds_fault_with_request(status: int | None) -> bool:
    """Whether the performer says with this failure that what it was asked for is wrong: it or the asking side may be mistaken
    (PS3.7 §C.5, PS3.4 §C.4.1.1.4)."""
    return status is not None and (0xA900 <= status <= 0xA9FF or status in _OF_THE_REQUEST)


def told_by_service(service: str, status: int, sop_class: str | None = None) -> bool:
    """Whether a rule on storage, query, retrieve, worklist, commitment or print explains this failure of its service better than
    the general rule."""
    if service.startswith("N-") and service in _CLAIMED_CLASSES.get(service_class_of(sop_class or ""), ()):
        return True
    return any(first <= status <= last for first, last in _CLAIMED.get(service, ()))
