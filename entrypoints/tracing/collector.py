"""The collector that spans are sent to, and what is said of it in the log."""

import logging
import os
from collections.abc import Sequence
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from requests import RequestException, Response, Session
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from entrypoints.tracing.asked_for import ENDPOINTS, first_set

log = logging.getLogger(__name__)

NOT_ASKED = "no request could be made"


class Remembering(HTTPAdapter):
    """Sends as `requests` does, and remembers what came of it in words that hold no secret."""

    outcome = NOT_ASKED

    def send(self, *args: Any, **kwargs: Any) -> Response:
        """Send a request and return the answer, or raise `RequestException`."""
        try:
            answer = super().send(*args, **kwargs)
        except RequestException as error:
            self.outcome = type(error).__name__
            raise
        self.outcome = f"answered {answer.status_code}"
        return answer


class Collector(SpanExporter):
    """An exporter around another that logs when spans no longer arrive, and when they do again: a line a change."""

    def __init__(self, exporter: SpanExporter, sent: Remembering) -> None:
        self._exporter, self._sent = exporter, sent
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send `spans`; those that do not arrive are lost."""
        result = self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            if not self._lost:
                log.warning("collector_lost", extra={"why": self._sent.outcome})
            self._lost += len(spans)
        elif self._lost:
            log.info("collector_found", extra={"spans_lost": self._lost})
            self._lost = 0
        return result

    def shutdown(self) -> None:
        """Send nothing more."""
        self._exporter.shutdown()


def collector() -> Collector:
    """Return the collector that the environment names, with the proxies that it names; it is not read again."""
    sent, session = Remembering(), Session()
    session.mount("http://", sent)
    session.mount("https://", sent)
    session.proxies.update(get_environ_proxies(os.environ[str(first_set(os.environ, ENDPOINTS))]))
    # What else the library would look up for each request: variables that are gone by then, and passwords in ~/.netrc.
    session.trust_env = False
    return Collector(OTLPSpanExporter(session=session), sent)
