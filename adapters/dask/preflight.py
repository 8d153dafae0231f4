"""Preflight: checks that every worker can read a part, because one that cannot lets a fit wait for ever."""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module

from distributed import Client

from adapters.dask import task
from adapters.dask.inquiry import (
    ANSWER_SECONDS,
    ask_scheduler,
    ask_workers,
    connected_workers,
    import_on_workers,
    silent_workers,
)
from adapters.dask.release import release_digest
from domain.errors import ClusterUnavailable, format_names

MIB = 1024 * 1024
# Dask pauses a worker at 80 % of its limit: below this one, the package and the blocks of a part do not fit.
MIN_MEMORY_BYTES = 512 * MIB
ONE_IMAGE = "start scheduler, workers and client from one image of this release"


def check_workers(client: Client, place: str) -> None:
    """Raise `ClusterUnavailable` if the scheduler or a worker cannot do its part.

    The message names the addresses of workers that do not answer, and else of all that lack the package, have another
    release, or have too little memory.
    """
    if silent := silent_workers(client):
        why = on_workers(f"no question is answered within {ANSWER_SECONDS:.0f} s", silent)
        raise ClusterUnavailable(place, why, "end or restart them")
    try:
        ask_scheduler(client, import_module, task.__name__)
    except ImportError as error:
        raise ClusterUnavailable(place, "the scheduler lacks the package", ONE_IMAGE) from error
    found = [(on_workers(why, addresses), remedy) for why, addresses, remedy in _faults(client) if addresses]
    if found:
        faults, remedies = zip(*found, strict=True)
        raise ClusterUnavailable(place, "; ".join(faults), "; ".join(dict.fromkeys(remedies)))


def _faults(client: Client) -> Iterator[tuple[str, list[str], str]]:
    """Yield each kind of fault with the addresses of the workers that have it, and the remedy."""
    without = sorted(import_on_workers(client, task.__name__))
    yield "the package is missing", without, ONE_IMAGE
    releases = ask_workers(client, release_digest)
    yield "another release is installed", sorted({*_others(releases)} - {*without}), ONE_IMAGE
    least = f"give each worker at least {MIN_MEMORY_BYTES // MIB} MiB"
    yield f"the memory limit is below {MIN_MEMORY_BYTES // MIB} MiB", [*_small(client)], least


def _others(releases: Mapping[str, object]) -> Iterator[str]:
    ours = release_digest()
    yield from (address for address, theirs in releases.items() if theirs != ours)


def _small(client: Client) -> Iterator[str]:
    for address, worker in sorted(connected_workers(client).items()):
        # 0 is no limit.
        if 0 < worker["memory_limit"] < MIN_MEMORY_BYTES:
            yield f"{address} ({worker['memory_limit'] // MIB} MiB)"


def on_workers(why: str, addresses: Sequence[str]) -> str:
    """Return the fault of the workers with these addresses in words."""
    workers = "one worker" if len(addresses) == 1 else f"{len(addresses)} workers"
    return f"on {workers} {why}: {format_names(addresses)}"
