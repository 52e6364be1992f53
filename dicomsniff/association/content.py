"""An exchange in, what its data sets say out: decoded only when somebody asks, from the head that was kept."""

from dicomsniff.association.values import Exchange
from dicomsniff.dimse.dataset import DataSet, read_dataset


def dataset_of(exchange: Exchange) -> DataSet | None:
    """The data set of the request, headers only; None where there was none or none of it was seen."""
    if exchange.payload is None:
        return None
    head = exchange.payload.head()
    return read_dataset(head, exchange.transfer_syntax) if head else None


def answers_of(exchange: Exchange) -> tuple[DataSet, ...]:
    """The data sets of the responses that were kept, in the order they came."""
    return tuple(read_dataset(payload.head(), exchange.transfer_syntax) for payload in exchange.answers)
