"""What is known of requests that were answered, entered into metrics and log beside the answering."""

import logging
import threading
import time
from collections import deque

from application.live_model import LiveModel
from entrypoints.lines import Lines
from entrypoints.metrics.ledger import Ledger
from entrypoints.metrics.tally import tally
from entrypoints.web.access_log import write
from entrypoints.web.facts import Facts

log = logging.getLogger(__name__)

# Often enough for whoever watches; what a killed worker has not entered by then is lost.
ENTER_EVERY = 0.1
# More than arrive until the next time: only while nobody enters anything are the oldest given up.
MOST = 50_000


class Books:
    """One entry a request, made by appending to a list; what costs more is done by a thread, for many at once.

    Counting and logging in the request itself took a third of its time.

    Parameters
    ----------
    ledger : Ledger
    live : LiveModel
        Which this process answers with.
    lines : Lines, optional
        Where the access log goes; without it, it goes through `logging`, slowly and as that is configured.
    """

    def __init__(self, ledger: Ledger, live: LiveModel, lines: Lines | None = None) -> None:
        self._ledger, self._live, self._lines = ledger, live, lines
        self._under_way: set[Facts] = set()
        self._answered: deque[Facts] = deque(maxlen=MOST)
        self._entering = threading.Lock()
        self._dropped = 0
        # These three are the steps of C that a request costs, and no other thread sees half of one.
        self.open = self._under_way.add
        self._leave, self._answer = self._under_way.discard, self._answered.append

    def close(self, facts: Facts) -> None:
        """Note that the request has been answered."""
        self._leave(facts)
        self._answer(facts)

    def enter(self) -> None:
        """Count and log what has been answered since the last time."""
        with self._entering:
            requests = [self._answered.popleft() for _ in range(len(self._answered))]
            amounts = tally(requests)
            if self._lines:
                amounts["log_lines_dropped",] = self._lines.dropped - self._dropped
                self._dropped = self._lines.dropped
            self._ledger.add(amounts)
            self._tell()
            write(requests, self._lines)

    def keep(self) -> None:
        """Enter again and again, from a thread of its own."""
        threading.Thread(target=self._keep, name="books", daemon=True).start()

    def _keep(self) -> None:
        while True:
            time.sleep(ENTER_EVERY)
            try:
                self.enter()
            except Exception:
                log.exception("books_not_kept")

    def _tell(self) -> None:
        model: dict[str, str] = {}
        if self._live.is_loaded:
            snapshot = self._live.snapshot
            model = {"version": snapshot.version.name, "source": str(snapshot.source)}
        self._ledger.tell(in_flight=len(self._under_way), **model)
