"""The address of a Dask scheduler in, an executor over its workers out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dicomsniff.capture import CaptureError
from dicomsniff.parallel.scheduled import Executor

PATIENCE = "10s"


@contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """An executor that retries what a lost worker was at, and how many threads its workers have. Raises CaptureError with one
    line where Dask is not installed, nobody answers there, or no worker has come."""
    try:
        from distributed import Client
    except ImportError:
        raise CaptureError("--scheduler needs Dask: pip install 'dicomsniff[cluster]'") from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise CaptureError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        workers = sum(client.nthreads().values())
        if not workers:
            raise CaptureError(f"the Dask scheduler at {address} has no workers")
        with client.get_executor(retries=2, pure=False) as executor:
            yield executor, workers
