"""A service and a failure status in, whether a rule of that service speaks of it out: every failure is told once."""

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


def told_by_service(service: str, status: int, sop_class: str | None = None) -> bool:
    """Whether a rule on storage, query, retrieve, worklist, commitment or print explains this failure of its service better than
    the general rule."""
    if service.startswith("N-") and service in _CLAIMED_CLASSES.get(service_class_of(sop_class or ""), ()):
        return True
    return any(first <= status <= last for first, last in _CLAIMED.get(service, ()))
