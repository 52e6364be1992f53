"""An exchange in, what its data sets say out: decoded only when somebody asks, from the head that was kept."""

from dicomsniff.association.values import Exchange
from dicomsniff.dimse.dataset import DataSet, read_dataset
from dicomsniff.dimse.object_head import ObjectHead, read_object_head


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
    return head
