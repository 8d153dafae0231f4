"""Settings: each variable of the program, declared once with its type, default, bounds and help."""

import logging
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Self, get_type_hints
from urllib.parse import urlsplit

from environs import Env, EnvError
from marshmallow.validate import OneOf, Range, Regexp

from domain.errors import EndeavourError
from entrypoints.environment import MAX_PORT, PARSERS, PREFIX, TRACKING_URI, strip_settings, validate_access

log = logging.getLogger(__name__)

MIB = 1024 * 1024
STORES = ("mlflow", "csv", "pickle")
UNSEEN_LEVELS = ("accept", "reject")
PROMOTIONS = ("direct", "rollout")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
KEYS, SESSION_SECRET, DEFAULT_MODEL = "keys.json", "console.secret", "endeavour"
MLFLOW_TIMEOUT = "MLFLOW_HTTP_REQUEST_TIMEOUT"
NAME = Regexp(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z", error="Must be a name of letters, digits, _ and -, 64 at most.")
Network = IPv4Network | IPv6Network
# MLflow and SQLAlchemy take addresses in UTF-8: there, ? begins a query and % before two digits is another character.
NO_ADDRESS = re.compile(r"\?|%[0-9A-Fa-f]{2}|[\ud800-\udfff]")


class ConfigurationError(EndeavourError):
    """A value of an environment variable is not allowed."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Setting:
    """Declaration of a setting: its section in docs/settings.md, its help, and how its text is read.

    `default` is a value, or a function of the data folder. `rule` is marshmallow's validator of the parsed value.
    `parse` is a name in `PARSERS`, or else that of the type, and `variable` is derived from the field's name.
    """

    section: str
    help: str
    default: Any
    rule: Callable[[Any], Any] | None = None
    parse: str = ""
    variable: str = ""

    def completed(self, name: str, kind: Any) -> Self:
        """Return the declaration with the parser and the variable of the field `name` of the type `kind`."""
        parse, variable = self.parse or kind.__name__, self.variable or f"{PREFIX}{name.upper()}"
        return replace(self, parse=parse, variable=variable)

    def default_in(self, folder: Path) -> Any:
        """Return the default value where `folder` holds what the program writes."""
        return self.default(folder) if callable(self.default) else self.default

    def read(self, env: Env, folder: Path) -> Any:
        """Return the value of the variable, or the default if it is not set or empty."""
        if not os.environ.get(self.variable):
            return self.default_in(folder)
        # environs passes options on to its own methods only.
        options = {"validate": self.rule} if self.rule else {}
        return getattr(env, self.parse)(self.variable, **options)


MODELS, SERVER, TRAINING, ROLLOUTS = "models", "server", "training", "rollouts"


@dataclass(frozen=True, slots=True)
class Settings:
    """The values of all settings; units are in their names or in their help."""

    data_dir: Annotated[
        Path, Setting(MODELS, "folder of all files", lambda folder: folder / "artifacts", None, "folder")
    ]
    store: Annotated[str, Setting(MODELS, "where models are kept", "mlflow", OneOf(STORES))]
    tracking_uri: Annotated[
        str,
        Setting(
            MODELS,
            "MLflow server or database",
            lambda folder: f"sqlite:///{folder}/mlflow.db",
            None,
            "tracking_uri",
            TRACKING_URI,
        ),
    ] = field(repr=False)  # it may hold a password
    model_name: Annotated[str, Setting(MODELS, "registered model, experiment, and model of `/v2`", DEFAULT_MODEL, NAME)]
    host: Annotated[str, Setting(SERVER, "name or address where the server listens", "127.0.0.1")]
    port: Annotated[int, Setting(SERVER, "port of the server", 8000, Range(1, MAX_PORT))]
    workers: Annotated[int, Setting(SERVER, "worker processes", 2, Range(1, 64))]
    advertised_address: Annotated[
        str, Setting(SERVER, "where clients reach the server behind a proxy or in a container", "", None, "address")
    ]
    mlflow_page: Annotated[
        str,
        Setting(
            SERVER,
            "where browsers reach MLflow's pages, for links to runs; unset, the address of `MLFLOW_TRACKING_URI`",
            "",
            None,
            "page",
        ),
    ]
    metrics_address: Annotated[
        tuple[str, int] | None,
        Setting(SERVER, "where Prometheus reads `/metrics` without a key", None, None, "endpoint"),
    ]
    trusted_proxies: Annotated[
        tuple[Network, ...], Setting(SERVER, "proxies whose `X-Forwarded-For` names the client", (), None, "networks")
    ]
    api_keys_file: Annotated[
        Path,
        Setting(
            SERVER, "keys of clients; with it, each request needs one", lambda folder: folder / KEYS, None, "folder"
        ),
    ]
    allow_anonymous: Annotated[bool, Setting(SERVER, "serve every client where there are no keys", False)]
    feedback_keys: Annotated[
        Path | None,
        Setting(
            SERVER,
            "file of the keys that sign feedback tokens; unset, a key of this host until its server restarts",
            None,
            None,
            "folder",
        ),
    ]
    serve_bundled_model: Annotated[
        bool, Setting(SERVER, "whether the bundled model answers before a champion is known on this host", True)
    ]
    registry_poll_seconds: Annotated[
        float, Setting(SERVER, "seconds between two polls of the registry", 2.0, Range(0.1, 3600))
    ]
    max_body_bytes: Annotated[int, Setting(SERVER, "bytes per request body, at most", 4 * MIB, Range(1024, 1024 * MIB))]
    rate_limit_per_second: Annotated[
        float, Setting(SERVER, "requests of one client per second in the long run; 0 is no limit", 0.0, Range(0, 1e6))
    ]
    rate_limit_burst: Annotated[
        int, Setting(SERVER, "requests of one client at once after a time of silence", 20, Range(1, 1_000_000))
    ]
    unseen_levels: Annotated[
        str,
        Setting(
            SERVER, "whether texts that the training rows did not have are accepted", "accept", OneOf(UNSEEN_LEVELS)
        ),
    ]
    log_level: Annotated[str, Setting(SERVER, "least severe level that is logged", "INFO", OneOf(LEVELS))]
    memory_budget_bytes: Annotated[
        int, Setting(TRAINING, "bytes of a table that is loaded; a larger one is streamed", 1024 * MIB, Range(min=0))
    ]
    dask: Annotated[
        str,
        Setting(
            TRAINING,
            "Dask cluster that reads the files of `train` and `predict --data`; unset, the command itself does",
            "",
            None,
            "cluster",
        ),
    ]
    dask_tls_ca: Annotated[
        Path | None, Setting(TRAINING, "certificate of the authority of a `tls://` cluster", None, None, "folder")
    ]
    dask_tls_cert: Annotated[
        Path | None, Setting(TRAINING, "certificate of this client of a `tls://` cluster", None, None, "folder")
    ]
    dask_tls_key: Annotated[
        Path | None, Setting(TRAINING, "key of that certificate, which may be in the same file", None, None, "folder")
    ]
    mlflow_timeout: Annotated[
        int, Setting(TRAINING, "seconds to wait for one answer of MLflow", 10, Range(1, 600), variable=MLFLOW_TIMEOUT)
    ]
    min_r2: Annotated[float, Setting(TRAINING, "hold-out R² of a champion, at least", 0.4, Range(max=1))]
    max_r2_drop: Annotated[
        float, Setting(TRAINING, "how far below the champion's R² a challenger may be", 0.01, Range(min=0))
    ]
    min_holdout_rows: Annotated[
        int, Setting(TRAINING, "held-out rows that a promotion rests on, at least", 20, Range(min=2))
    ]
    code_revision: Annotated[
        str, Setting(TRAINING, "code revision of lineages; unset, the commit or the release of the program", "")
    ]

    promotion: Annotated[
        str,
        Setting(
            ROLLOUTS, "whether a training promotes its model, or starts a rollout of it", "direct", OneOf(PROMOTIONS)
        ),
    ]
    replicas: Annotated[
        tuple[str, ...],
        Setting(
            ROLLOUTS,
            "where a rollout and a server read the metrics of each replica; unset, on this host",
            (),
            None,
            "replicas",
        ),
    ]

    @property
    def keys_are_named(self) -> bool:
        """Whether the file of keys is another than the default one."""
        return self.api_keys_file != self.data_dir / KEYS

    @property
    def session_secret_file(self) -> Path:
        """Where the secret of the console's sessions is kept: beside the keys."""
        return self.api_keys_file.parent / SESSION_SECRET

    @property
    def run_pages(self) -> str:
        """Where browsers reach MLflow's pages; empty if MLflow is a database, which has none."""
        parts = urlsplit(self.tracking_uri)
        is_server = self.store == "mlflow" and parts.scheme in ("http", "https")
        own = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/") if is_server else ""
        return self.mlflow_page or own

    @property
    def may_answer_bundled(self) -> bool:
        """Whether the bundled model may answer, which is the wrong model under another name."""
        return self.serve_bundled_model and self.model_name == DEFAULT_MODEL

    @property
    def rejects_unseen_levels(self) -> bool:
        """Whether a request with a text that the training rows did not have is refused."""
        return self.unseen_levels == "reject"

    @classmethod
    def from_environment(cls) -> Self:
        """Return the settings from the stripped environment, or raise `ConfigurationError` that names the variable."""
        try:
            strip_settings(os.environ)
            settings = cls._read()
            if settings.store == "mlflow":
                validate_access(settings.tracking_uri, os.environ)
        except EnvError as error:
            raise ConfigurationError(_plain(error)) from error
        settings._validate()
        return settings

    @classmethod
    def _read(cls) -> Self:
        env, folder = Env(), Path().absolute()
        for name, parser in PARSERS.items():
            env.add_parser(name, parser)
        values: dict[str, Any] = {}
        for name, setting in DECLARED.items():
            values[name] = setting.read(env, values.get("data_dir", folder))
        return cls(**values)

    def _validate(self) -> None:
        if self.metrics_address and self.metrics_address[1] == self.port:
            raise ConfigurationError("ENDEAVOUR_METRICS_ADDRESS must have another port than ENDEAVOUR_PORT")
        if self.store != "mlflow" or self.tracking_uri.startswith("http"):
            return
        if found := NO_ADDRESS.search(str(self.data_dir)):
            raise ConfigurationError(
                f"MLflow cannot keep files in {self.data_dir}, because of {found[0]!r} in its name: "
                "set ENDEAVOUR_DATA_DIR to another folder, or rename that one"
            )


DECLARED: Mapping[str, Setting] = {
    name: hint.__metadata__[0].completed(name, hint.__origin__)
    for name, hint in get_type_hints(Settings, include_extras=True).items()
}
"""The declaration of each field of `Settings`."""
VARIABLES = frozenset(setting.variable for setting in DECLARED.values())


def unknown_settings(environment: Iterable[str]) -> list[str]:
    """Return the variables with the prefix of settings that are none, such as misspelled ones; they have no effect."""
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in VARIABLES)


def log_unknown_settings(environment: Iterable[str]) -> None:
    """Log a warning for each of `unknown_settings`."""
    for name in unknown_settings(environment):
        log.warning("unknown_setting", extra={"variable": name, "why": "it is not in docs/settings.md: no effect"})


def _plain(error: EnvError) -> str:
    """Return the library's message as one plain line: `['a.', 'b.']` becomes `a. b.`."""
    messages: Sequence[str] = getattr(error, "error_messages", [])
    text = str(error)
    return f"{text.partition(' invalid: ')[0]} invalid: {' '.join(messages)}" if messages else text
