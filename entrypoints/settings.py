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


class WrongSetting(EndeavourError):
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
    published: str
    workers: int
    store: str
    artifacts: Path
    tracking_uri: str = field(repr=False)  # may hold a password
    model_name: str
    bundled: bool
    poll_seconds: float
    mlflow_timeout: int
    min_r2: float
    max_r2_loss: float
    memory_budget: int
    max_body: int
    rate: float
    burst: int
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    metrics: tuple[str, int] | None
    keys: Path
    allow_anonymous: bool
    log_level: str
    revision: str

    @property
    def keys_are_named(self) -> bool:
        """Whether the file of keys is another than the default one."""
        return self.keys != self.artifacts / KEYS

    @property
    def may_answer_bundled(self) -> bool:
        """Whether the bundled model may answer, which is the wrong model under another name."""
        return self.bundled and self.model_name == DEFAULT_MODEL

    @classmethod
    def from_environment(cls) -> Self:
        """Return the settings from the environment, which is stripped, or raise `WrongSetting` naming the variable.

        An empty variable counts as unset.
        """
        env = Env()
        try:
            strip_settings(os.environ)
            settings = cls._read(env)
            if settings.store == "mlflow":
                validate_access(settings.tracking_uri, os.environ)
        except EnvError as error:
            raise WrongSetting(_in_words(error)) from error
        return settings

    @classmethod
    def _read(cls, env: Env) -> Self:
        artifacts = _read(env.path, "ENDEAVOUR_ARTIFACTS", Path("artifacts")).absolute()
        settings = cls(
            host=_read(env.str, "ENDEAVOUR_HOST", "127.0.0.1"),
            port=_read(env.int, "ENDEAVOUR_PORT", 8000, Range(1, MAX_PORT)),
            published=_read(env.str, "ENDEAVOUR_PUBLISHED", "", _address).strip("[]"),
            workers=_read(env.int, "ENDEAVOUR_WORKERS", 2, Range(1, 64)),
            store=_read(env.str, "ENDEAVOUR_STORE", "mlflow", OneOf(("mlflow", "csv", "pickle"))),
            artifacts=artifacts,
            tracking_uri=_read(
                env.str, "MLFLOW_TRACKING_URI", f"sqlite:///{artifacts}/mlflow.db", validate_tracking_uri
            ),
            model_name=_read(
                env.str,
                "ENDEAVOUR_MODEL",
                DEFAULT_MODEL,
                Regexp(NAME, error="Must be a name of letters, digits, _ and -, 64 at most."),
            ),
            bundled=_read(env.bool, "ENDEAVOUR_BUNDLED", default=True),
            poll_seconds=_read(env.float, "ENDEAVOUR_POLL_SECONDS", 2.0, Range(0.1, 3600)),
            mlflow_timeout=_read(env.int, "MLFLOW_HTTP_REQUEST_TIMEOUT", 10, Range(1, 600)),
            min_r2=_read(env.float, "ENDEAVOUR_MIN_R2", 0.4, Range(max=1)),
            max_r2_loss=_read(env.float, "ENDEAVOUR_MAX_R2_LOSS", 0.01, Range(min=0)),
            memory_budget=_read(env.int, "ENDEAVOUR_MEMORY_BUDGET", 1024 * MIB, Range(min=0)),
            max_body=_read(env.int, "ENDEAVOUR_MAX_BODY", 4 * MIB, Range(1024, 1024 * MIB)),
            rate=_read(env.float, "ENDEAVOUR_RATE", 0.0, Range(0, 1e6)),
            burst=_read(env.int, "ENDEAVOUR_BURST", 20, Range(1, 1_000_000)),
            trusted_proxies=_networks("ENDEAVOUR_TRUSTED_PROXIES"),
            metrics=_host_and_port("ENDEAVOUR_METRICS"),
            keys=_read(env.path, "ENDEAVOUR_KEYS", artifacts / KEYS).absolute(),
            allow_anonymous=_read(env.bool, "ENDEAVOUR_ALLOW_ANONYMOUS", default=False),
            log_level=_read(env.str, "ENDEAVOUR_LOG_LEVEL", "INFO", OneOf(("DEBUG", "INFO", "WARNING", "ERROR"))),
            revision=_read(env.str, "ENDEAVOUR_REVISION", ""),
        )
        if settings.metrics and settings.metrics[1] == settings.port:
            raise WrongSetting("ENDEAVOUR_METRICS must have another port than ENDEAVOUR_PORT")
        if settings.store == "mlflow" and not settings.tracking_uri.startswith("http"):
            _require_address(settings.artifacts)
        return settings


PREFIX = "ENDEAVOUR_"
# Settings are called as their fields, but for three: two are MLflow's own, one has a shorter name.
FIELDS = {each.name for each in fields(Settings)} - {"tracking_uri", "mlflow_timeout", "model_name"} | {"model"}
VARIABLES = frozenset(f"{PREFIX}{name.upper()}" for name in FIELDS)


def unknown_settings(environment: Iterable[str]) -> list[str]:
    """Return the variables that look like settings and are none, such as misspelled ones, which have no effect."""
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in VARIABLES)


def _require_address(folder: Path) -> None:
    """Raise `WrongSetting` if MLflow could not keep files in the absolute `folder`, which may be the default one."""
    if found := NO_ADDRESS.search(str(folder)):
        raise WrongSetting(
            f"MLflow cannot keep files in {folder}, because of {found[0]!r} in its name: "
            "set ENDEAVOUR_ARTIFACTS to another folder, or rename that one"
        )


def _read(parse: Callable[..., Value], name: str, default: Value, *rules: Callable[[Any], Any]) -> Value:
    return parse(name, validate=list(rules)) if os.environ.get(name) else default


def _networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(word.strip()) for word in os.environ.get(name, "").split(",") if word.strip())
    except ValueError as error:
        raise WrongSetting(
            f"{name} invalid: Must be addresses or networks such as 10.0.0.0/8, parted by commas."
        ) from error


def _host_and_port(name: str) -> tuple[str, int] | None:
    host, _, port = os.environ.get(name, "").rpartition(":")
    if not host and not port:
        return None
    if not host or not (port.isascii() and port.isdecimal() and 1 <= int(port) <= MAX_PORT):
        raise WrongSetting(f"{name} invalid: Must be HOST:PORT such as 127.0.0.1:9100.")
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
