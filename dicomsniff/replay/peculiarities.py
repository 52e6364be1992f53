"""An association in, what its request had that neither DCMTK nor pynetdicom would say again out."""

from collections.abc import Iterator

from dicomsniff.association.values import Association


def peculiarities(association: Association) -> Iterator[str]:
    """Each as a clause: it may be why the request came to nothing, and a replay does not show it."""
    request = association.request
    if request is None:
        return
    if b"\0" in request.called_ae_raw + request.calling_ae_raw:
        yield "AE titles that are padded with NUL"
    if not request.contexts:
        yield "a request that proposes no presentation context"
    ids = [context.context_id for context in request.contexts]
    if any(id % 2 == 0 for id in ids):
        yield "presentation context IDs that are even"
    if len(set(ids)) < len(ids):
        yield "presentation context IDs that stand twice"
