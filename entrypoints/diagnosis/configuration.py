"""Whether the environment says what it was meant to say."""

import dataclasses
import difflib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from entrypoints.diagnosis.finding import Finding, good, worth_knowing
from entrypoints.serving.prerequisites import INSTALL_TRAINING, OF_TRAINING
from entrypoints.settings import Settings

SUBJECT, PACKAGES = "settings", "packages"
PREFIX = "ENDEAVOUR_"
# Settings are called as their fields, but for three: two are MLflow's own, one had its name before its field.
FIELDS = {field.name for field in dataclasses.fields(Settings)} - {"tracking_uri", "mlflow_timeout", "model_name"}
VARIABLES = frozenset({f"{PREFIX}{name.upper()}" for name in FIELDS} | {f"{PREFIX}MODEL"})


def misspelt(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Say which variables look like settings and are none: a typing error is obeyed by nobody and noticed by nobody."""
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in VARIABLES:
            near = difflib.get_close_matches(name, VARIABLES, n=1)
            hint = f"{near[0]} was meant, perhaps" if near else "docs/settings.md has them all"
            yield worth_knowing(SUBJECT, f"{name} is not a setting and has no effect", hint)


def configuration(settings: Settings) -> Iterator[Finding]:
    """Say where the settings keep models and runs."""
    count = sum(1 for _ in dataclasses.fields(settings))
    yield good(SUBJECT, f"{count} read; models and runs are kept by {settings.store}")


def packages() -> Iterator[Finding]:
    """Yield which packages of the extra `train` are missing; servers of a registry over HTTP do without them."""
    if missing := ", ".join(package for package in OF_TRAINING if find_spec(package) is None):
        users = "`train` and the commands on models in MLflow"
        yield worth_knowing(PACKAGES, f"not installed: {missing}; {users} need them", INSTALL_TRAINING)
