"""An exchange in, what its data sets say out: decoded only when somebody asks, from the head that was kept."""

from dicomsniff.association.values import Exchange
from dicomsniff.core.tuples import NamedTuple
from dicomsniff.dimse.dataset import DataSet, read_dataset
from dicomsniff.dimse.object_head import ObjectHead, read_object_head

_LAST_UID = 0x0020000E


class Uids(NamedTuple):
    """What a retrieve asks for: the values of the unique key of each level, deepest first (PS3.4 §C.6)."""

    instances: frozenset[str] = frozenset()
    series: frozenset[str] = frozenset()
    studies: frozenset[str] = frozenset()
    patients: frozenset[str] = frozenset()


def dataset_of(exchange: Exchange) -> DataSet | None:
    """The data set of the request, headers only; None where there was none or none of it was seen."""
    if exchange.payload is None:
        return None
    head = exchange.payload.head()
    return read_dataset(head, exchange.transfer_syntax) if head else None


def answers_of(exchange: Exchange) -> tuple[DataSet, ...]:
    """The data sets of the responses that were kept, in the order they came."""
    return tuple(read_dataset(payload.head(), exchange.transfer_syntax) for payload in exchange.answers)


_UNSEEN = ObjectHead()


def object_head(exchange: Exchange) -> ObjectHead:
    """What identifies the object of a C-STORE, as its data set says: read once, however many ask. All None where
    nothing of it was seen. Raises ValueError where it is asked for first when the payload store is closed."""
    head = exchange.head
    if head is None:
        payload = exchange.payload
        head = read_object_head(payload, exchange.transfer_syntax) if payload is not None else _UNSEEN
        exchange.head = head
        if (exchange.sop_class, exchange.sop_instance) == head[:2]:  # one text of each where there are many exchanges
            exchange.sop_class, exchange.sop_instance = head.sop_class, head.sop_instance
    return head


def uids_of(exchange: Exchange) -> Uids:
    """The unique keys in the identifier of a retrieve; each may be a list."""
    head = exchange.payload.head() if exchange.payload else b""
    data = read_dataset(head, exchange.transfer_syntax, until=_LAST_UID) if head else DataSet(())
    levels = map(data.get, ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "PatientID"))
    return Uids(*(frozenset(one.strip() for one in (text or "").split("\\")) - {"", "*"} for text in levels))


def failed_instances(exchange: Exchange) -> tuple[str, ...]:
    """The Failed SOP Instance UID List (0008,0058) of a retrieve's responses (PS3.4 §C.4.2.1.4), in order."""
    lists = (answer.get("FailedSOPInstanceUIDList") for answer in answers_of(exchange))
    return tuple(uid for text in lists for one in (text or "").split("\\") if (uid := one.strip("\0 ")))
