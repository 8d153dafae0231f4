"""Cluster: connects to a Dask cluster, or starts one on this machine, and checks its workers."""

import logging
import signal
import socket
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import resource_tracker
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import dask
from distributed import Client, LocalCluster, Security

from adapters.dask.file_runner import DaskFileRunner
from adapters.dask.inquiry import ask_scheduler, connected_workers, shows_dashboard
from adapters.dask.preflight import check_workers
from adapters.dask.rounds import DaskRounds
from adapters.dask.tls import TlsFiles
from domain.errors import ClusterUnavailable

CONNECT_SECONDS = 10.0
LOCAL = "local:"
# Pages of a cluster on this machine need no password, so that it has none.
NO_PAGES: dict[str, list[str]] = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}
# They log tracebacks of a lost connection, which the error that ends the command names in a sentence.
LOGGERS = ("asyncio", "distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application")


class DaskCluster:
    """A cluster that is connected to when it is first needed, inside a `with` statement that ends the connection.

    Parameters
    ----------
    place : str
        ``local:N`` starts N workers of one thread on this machine, which end with the statement and which no other
        user can reach. ``tcp://HOST:PORT`` or ``tls://HOST:PORT`` is a scheduler's address.
    tls : TlsFiles, optional
        What ``tls://`` needs.
    on_dashboard : callable, optional
        Called after connecting with the address of the dashboard, None if the scheduler has none.
    """

    def __init__(
        self, place: str, tls: TlsFiles | None = None, on_dashboard: Callable[[str | None], None] | None = None
    ) -> None:
        self.place, self._tls, self._on_dashboard = place, tls, on_dashboard
        self._opened = ExitStack()
        self._client: Client | None = None

    def __enter__(self) -> Self:
        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client = None
        self._opened.close()

    def rounds(self) -> DaskRounds:
        """Return what runs rounds on the cluster.

        Raises
        ------
        ClusterUnavailable
            If no scheduler answers within 10 s, has no worker after 10 s, or has one that cannot read the rows.
        """
        return DaskRounds(self._connection(), self.place)

    def file_runner(self) -> DaskFileRunner:
        """Return what scores files on the cluster, or raise `ClusterUnavailable` as `rounds` does."""
        return DaskFileRunner(self._connection(), self.place)

    def _connection(self) -> Client:
        if self._client is None:
            with ExitStack() as opened:
                client = opened.enter_context(self._connected(opened))
                self._require_workers(client)
                if self._on_dashboard:
                    self._on_dashboard(client.dashboard_link if ask_scheduler(client, shows_dashboard) else None)
                self._opened = opened.pop_all()
            self._client = client
        return self._client

    def _connected(self, opened: ExitStack) -> Client:
        """Return a client; a local cluster is closed after it."""
        try:
            if self.place.startswith(LOCAL):
                return _client(opened.enter_context(_local_cluster(int(self.place.removeprefix(LOCAL)))))
            return _client(self.place, self._tls.security() if self._tls else None)
        except (OSError, ImportError, RuntimeError) as error:
            raise ClusterUnavailable(self.place, *self._why()) from error

    def _why(self) -> tuple[str, str]:
        if self.place.startswith(LOCAL):
            return "its workers do not start", ""
        if not _is_known(self.place):
            return "its host name is not known", ""
        why = f"no scheduler answers there within {CONNECT_SECONDS:.0f} s"
        if self._tls:
            return f"{why}, or it refuses the certificate", "check ENDEAVOUR_DASK_TLS_CA, _CERT and _KEY"
        return f"{why}, or it takes encrypted connections only", ""

    def _require_workers(self, client: Client) -> None:
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
            check_workers(client, self.place)
        except OSError as error:
            raise ClusterUnavailable(self.place, _fault(client), "start workers, then try again") from error


def _is_known(place: str) -> bool:
    """Return whether the host in an address has a number."""
    try:
        socket.getaddrinfo(urlsplit(place).hostname, None)
    except OSError:
        return False
    return True


def _fault(client: Client) -> str:
    try:
        return "a worker does not answer" if connected_workers(client) else "the scheduler has no worker"
    except OSError:
        return "the scheduler does not answer"


def _client(cluster: str | LocalCluster, security: Security | None = None) -> Client:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other versions: the preflight compares releases
        return Client(cluster, timeout=CONNECT_SECONDS, security=security, set_as_default=False)


def _local_cluster(workers: int) -> LocalCluster:
    with dask.config.set(NO_PAGES), _blocked_signals():
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # any free port
            protocol="tls://",
            security=Security.temporary(),
            silence_logs=logging.CRITICAL,
        )


@contextmanager
def _blocked_signals() -> Iterator[None]:
    """Start processes that Ctrl-C in the terminal does not end; it raises here when the context ends."""
    # Of itself, it would unblock signals in the thread that starts the first process.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGHUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
