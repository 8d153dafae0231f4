"""Sending: what all tasks of a run have in common reaches the workers once if it is large."""

import warnings

from distributed import Client, Future

from adapters.dask.task import held

# A larger content is sent once, and not with each task.
MAX_REPEATED_BYTES = 100_000


def sent_once(client: Client, content: bytes) -> bytes | Future:
    """Return an argument for tasks that is `content` on a worker."""
    if len(content) <= MAX_REPEATED_BYTES:
        return content
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Dask advises against contents of more than 10 MB
        return client.submit(held, content, pure=False)
