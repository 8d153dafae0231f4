"""OpenTelemetry's SDK as one worker runs it."""

import logging
import threading
from importlib.metadata import version

from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from entrypoints.tracing.collector import collector

NAME = "endeavour"
# Of the ten that a worker has to end in; what a collector has not taken by then is lost.
LONGEST_END = 2.0
LIBRARY = "opentelemetry"
# It logs header lines that it does not understand, and they may hold a key.
READS_HEADERS = "opentelemetry.util.re"


def provider() -> TracerProvider:
    """Return a provider as the environment describes it, which sends batches from a thread of its own."""
    logging.getLogger(READS_HEADERS).setLevel(logging.CRITICAL)
    made = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    made.add_span_processor(BatchSpanProcessor(collector()))
    # From here on the library would log each batch and each span that it loses; `Collector` says what changes.
    logging.getLogger(LIBRARY).setLevel(logging.CRITICAL)
    return made


def _resource() -> Resource:
    """Return what all spans of this worker have in common; the environment may say otherwise."""
    own = {"service.name": NAME, "service.version": version(NAME)}
    return Resource.create({**own, **OTELResourceDetector().detect().attributes})


class Ending:
    """The end of a provider, in limited time: the SDK's own waits for half a minute.

    Its thread is started early, since none can be when Python ends.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._begun, self._done = threading.Event(), threading.Event()
        threading.Thread(target=self._shut_down, name="traces", daemon=True).start()

    def __call__(self) -> None:
        """Send what is left, and return when it has been sent or has had its time."""
        self._begun.set()
        self._done.wait(LONGEST_END)

    def _shut_down(self) -> None:
        self._begun.wait()
        self._provider.shutdown()
        self._done.set()
