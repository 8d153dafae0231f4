"""Whether the environment asks for traces, in the variables that OpenTelemetry defines."""

from collections.abc import Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

from entrypoints.settings import WrongSetting

# For traces alone, and for all that a program exports; the first that is set counts.
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
DISABLED, EXPORTERS = "OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER"
SPOKEN = "http/protobuf"
NEEDED = "opentelemetry.exporter.otlp.proto.http"


def traces_are_asked_for(environment: Mapping[str, str]) -> bool:
    """Tell whether spans are to be sent, or raise `WrongSetting` if they are and cannot be.

    They are if there is an endpoint, the SDK is not disabled, and no other exporter than OTLP is named. No message
    repeats what a variable holds: an address may have a password in it.
    """
    endpoint = first_set(environment, ENDPOINTS)
    exporters = [word.strip() for word in (environment.get(EXPORTERS) or "otlp").split(",")]
    if endpoint is None or "otlp" not in exporters or environment.get(DISABLED, "").strip().lower() == "true":
        return False
    if not _is_installed():
        raise WrongSetting(f"{endpoint} asks for traces, and OpenTelemetry is not installed: add the extra otel")
    protocol = first_set(environment, PROTOCOLS)
    if protocol and environment[protocol].strip() != SPOKEN:
        raise WrongSetting(f"{protocol} invalid: Must be {SPOKEN}, of the protocols of OTLP.")
    if not _is_address(environment[endpoint]):
        raise WrongSetting(f"{endpoint} invalid: Must be http(s)://HOST:PORT of a collector.")
    return True


def first_set(environment: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    """Return which of the variables counts; one that is empty counts as unset."""
    return next((name for name in names if environment.get(name)), None)


def _is_installed() -> bool:
    try:
        return find_spec(NEEDED) is not None
    except ModuleNotFoundError:
        return False


def _is_address(endpoint: str) -> bool:
    try:
        parts = urlsplit(endpoint)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
