"""An event that a signal handler may set while the thread it interrupts is waiting for it."""

from queue import SimpleQueue


class SignalSafeEvent:
    """`threading.Event`, of which granian's workers need `wait` and `set`, without a lock of its own.

    granian's main thread waits for a `threading.Event`, and its signal handler, which runs in that same thread, sets
    it. If the signal comes while the thread holds the event's lock, on the way into the wait or out of it, then `set`
    waits for its own caller for ever and the worker never ends: on a busy machine one in a hundred did. Putting
    something into a `SimpleQueue` is documented to be safe at any such moment.
    """

    def __init__(self) -> None:
        self._sets: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Let the waiting thread go on; setting it again changes nothing."""
        self._sets.put(None)

    def wait(self) -> None:
        """Return when it has been set."""
        self._sets.get()
