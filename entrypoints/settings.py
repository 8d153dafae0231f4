"""Every setting of the program, read once from the environment, typed and checked."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, Self, TypeVar

from environs import Env, EnvError
from marshmallow import ValidationError
from marshmallow.validate import OneOf, Range, Regexp

from domain.errors import EndeavourError
from entrypoints.environment import strip_settings, validate_access, validate_tracking_uri

Value = TypeVar("Value")
MIB = 1024 * 1024
MAX_PORT = 65535
KEYS, DEFAULT_MODEL = "keys.json", "endeavour"
# MLflow and SQLAlchemy take addresses in UTF-8: there, ? begins a query and % before two digits is another character.
NO_ADDRESS = re.compile(r"\?|%[0-9A-Fa-f]{2}|[\ud800-\udfff]")
NAME = r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z"


class ConfigurationError(EndeavourError):
    """An environment variable holds what it cannot hold."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; docs/settings.md has what each is for.

    `poll_seconds` and `mlflow_timeout` are in seconds, `memory_budget` and `max_body` in bytes, `rate` in requests of
    one client a second (0 is no limit). `published` is empty where clients reach the server at its own address, and
    `metrics` None where no port is for metrics alone.
    """

    host: str
    port: int
    advertised_address: str
    workers: int
    store: str
    data_dir: Path
    tracking_uri: str = field(repr=False)  # may hold a password
    model_name: str
    serve_bundled_model: bool
    registry_poll_seconds: float
    mlflow_timeout: int
    min_r2: float
    max_r2_drop: float
    memory_budget_bytes: int
    max_body_bytes: int
    rate_limit_per_second: float
    rate_limit_burst: int
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    metrics_address: tuple[str, int] | None
    api_keys_file: Path
    allow_anonymous: bool
    log_level: str
    code_revision: str

    @property
    def keys_are_named(self) -> bool:
        """Whether the file of keys is another than the default one."""
        return self.api_keys_file != self.data_dir / KEYS

    @property
    def may_answer_bundled(self) -> bool:
        """Whether the bundled model may answer, which is the wrong model under another name."""
        return self.serve_bundled_model and self.model_name == DEFAULT_MODEL

    @classmethod
    def from_environment(cls) -> Self:
        """Return the settings from the stripped environment, or raise `ConfigurationError` that names the variable.

        An empty variable counts as unset.
        """
        env = Env()
        try:
            strip_settings(os.environ)
            settings = cls._read(env)
            if settings.store == "mlflow":
                validate_access(settings.tracking_uri, os.environ)
        except EnvError as error:
            raise ConfigurationError(_in_words(error)) from error
        return settings

    @classmethod
    def _read(cls, env: Env) -> Self:
        data_dir = _read(env.path, "ENDEAVOUR_DATA_DIR", Path("artifacts")).absolute()
        settings = cls(
            host=_read(env.str, "ENDEAVOUR_HOST", "127.0.0.1"),
            port=_read(env.int, "ENDEAVOUR_PORT", 8000, Range(1, MAX_PORT)),
            advertised_address=_read(env.str, "ENDEAVOUR_ADVERTISED_ADDRESS", "", _address).strip("[]"),
            workers=_read(env.int, "ENDEAVOUR_WORKERS", 2, Range(1, 64)),
            store=_read(env.str, "ENDEAVOUR_STORE", "mlflow", OneOf(("mlflow", "csv", "pickle"))),
            data_dir=data_dir,
            tracking_uri=_read(
                env.str, "MLFLOW_TRACKING_URI", f"sqlite:///{data_dir}/mlflow.db", validate_tracking_uri
            ),
            model_name=_read(
                env.str,
                "ENDEAVOUR_MODEL_NAME",
                DEFAULT_MODEL,
                Regexp(NAME, error="Must be a name of letters, digits, _ and -, 64 at most."),
            ),
            serve_bundled_model=_read(env.bool, "ENDEAVOUR_SERVE_BUNDLED_MODEL", default=True),
            registry_poll_seconds=_read(env.float, "ENDEAVOUR_REGISTRY_POLL_SECONDS", 2.0, Range(0.1, 3600)),
            mlflow_timeout=_read(env.int, "MLFLOW_HTTP_REQUEST_TIMEOUT", 10, Range(1, 600)),
            min_r2=_read(env.float, "ENDEAVOUR_MIN_R2", 0.4, Range(max=1)),
            max_r2_drop=_read(env.float, "ENDEAVOUR_MAX_R2_DROP", 0.01, Range(min=0)),
            memory_budget_bytes=_read(env.int, "ENDEAVOUR_MEMORY_BUDGET_BYTES", 1024 * MIB, Range(min=0)),
            max_body_bytes=_read(env.int, "ENDEAVOUR_MAX_BODY_BYTES", 4 * MIB, Range(1024, 1024 * MIB)),
            rate_limit_per_second=_read(env.float, "ENDEAVOUR_RATE_LIMIT_PER_SECOND", 0.0, Range(0, 1e6)),
            rate_limit_burst=_read(env.int, "ENDEAVOUR_RATE_LIMIT_BURST", 20, Range(1, 1_000_000)),
            trusted_proxies=_networks("ENDEAVOUR_TRUSTED_PROXIES"),
            metrics_address=_host_and_port("ENDEAVOUR_METRICS_ADDRESS"),
            api_keys_file=_read(env.path, "ENDEAVOUR_API_KEYS_FILE", data_dir / KEYS).absolute(),
            allow_anonymous=_read(env.bool, "ENDEAVOUR_ALLOW_ANONYMOUS", default=False),
            log_level=_read(env.str, "ENDEAVOUR_LOG_LEVEL", "INFO", OneOf(("DEBUG", "INFO", "WARNING", "ERROR"))),
            code_revision=_read(env.str, "ENDEAVOUR_CODE_REVISION", ""),
        )
        if settings.metrics_address and settings.metrics_address[1] == settings.port:
            raise ConfigurationError("ENDEAVOUR_METRICS_ADDRESS must have another port than ENDEAVOUR_PORT")
        if settings.store == "mlflow" and not settings.tracking_uri.startswith("http"):
            _require_address(settings.data_dir)
        return settings


PREFIX = "ENDEAVOUR_"
# Settings are called as their fields, but for two, which are MLflow's own.
FIELDS = {each.name for each in fields(Settings)} - {"tracking_uri", "mlflow_timeout"}
VARIABLES = frozenset(f"{PREFIX}{name.upper()}" for name in FIELDS)


def unknown_settings(environment: Iterable[str]) -> list[str]:
    """Return the variables that look like settings and are none, such as misspelled ones, which have no effect."""
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in VARIABLES)


def _require_address(folder: Path) -> None:
    """Raise `ConfigurationError` if MLflow could not keep files in the absolute `folder`."""
    if found := NO_ADDRESS.search(str(folder)):
        raise ConfigurationError(
            f"MLflow cannot keep files in {folder}, because of {found[0]!r} in its name: "
            "set ENDEAVOUR_DATA_DIR to another folder, or rename that one"
        )


def _read(parse: Callable[..., Value], name: str, default: Value, *rules: Callable[[Any], Any]) -> Value:
    return parse(name, validate=list(rules)) if os.environ.get(name) else default


def _networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(word.strip()) for word in os.environ.get(name, "").split(",") if word.strip())
    except ValueError as error:
        raise ConfigurationError(
            f"{name} invalid: Must be addresses or networks such as 10.0.0.0/8, parted by commas."
        ) from error


def _host_and_port(name: str) -> tuple[str, int] | None:
    host, _, port = os.environ.get(name, "").rpartition(":")
    if not host and not port:
        return None
    if not host or not (port.isascii() and port.isdecimal() and 1 <= int(port) <= MAX_PORT):
        raise ConfigurationError(f"{name} invalid: Must be HOST:PORT such as 127.0.0.1:9100.")
    return host.strip("[]"), int(port)


def _address(text: str) -> None:
    try:
        ip_address(text.strip("[]"))
    except ValueError as error:
        raise ValidationError("Must be an address such as 127.0.0.1 or 0.0.0.0.") from error


def _in_words(error: EnvError) -> str:
    """Return the library's message as one plain line: `['a.', 'b.']` becomes `a. b.`."""
    messages: Sequence[str] = getattr(error, "error_messages", [])
    text = str(error)
    return f"{text.partition(' invalid: ')[0]} invalid: {' '.join(messages)}" if messages else text
