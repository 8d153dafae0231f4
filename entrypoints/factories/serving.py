"""Serving: the models, keys and limits of a server."""

import json
import os
from collections.abc import Callable
from importlib import resources

from adapters.files.feedback_keys import read_feedback_keys
from adapters.shared_memory.rate_limit import HostRateLimit, RateLimitTable
from application.serving.current_model import CurrentModel
from domain.access.rate_limit import RateLimitPolicy
from domain.delivery.feedback_keys import SECRET_BYTES, FeedbackKey, FeedbackKeys
from domain.delivery.served_model import ServedModels
from domain.model.model_version import ModelVersion
from domain.model.serialization import from_record
from entrypoints.settings import DECLARED, ConfigurationError, Settings


def bundled_model(settings: Settings) -> ModelVersion | None:
    """Return the bundled version, None if this host must not answer with it."""
    if not settings.may_answer_bundled:
        return None
    record = json.loads(resources.files("entrypoints").joinpath("bundled.json").read_bytes())
    return from_record(record, "bundled")


def current_models(current: CurrentModel) -> Callable[[], ServedModels]:
    """Return the function that returns the served models, or raises `NoModelLoaded`."""
    return lambda: current.models


def current_champion(current: CurrentModel) -> Callable[[], ModelVersion]:
    """Return the function that returns the served champion, or raises `NoModelLoaded`."""
    return lambda: current.models.champion.version


def feedback_keys(settings: Settings) -> FeedbackKeys:
    """Return the keys in the file that the settings name, a random one if they name none.

    Raises
    ------
    ConfigurationError
        If the file cannot be read, or its lines are no keys.
    """
    path = settings.feedback_keys
    if path is None:
        return FeedbackKeys((FeedbackKey(0, os.urandom(SECRET_BYTES)),))
    named = f"{DECLARED['feedback_keys'].variable} names {path}"
    try:
        return read_feedback_keys(path)
    except OSError as error:
        raise ConfigurationError(f"{named}, which cannot be read: {(error.strerror or 'failure').lower()}") from error
    except ValueError as error:
        form = "one or two lines NUMBER:SECRET, with different numbers from 0 to 255 and 64 hexadecimal digits"
        raise ConfigurationError(f"{named}, which must hold {form}") from error


def rate_limit(settings: Settings, table: RateLimitTable) -> HostRateLimit | None:
    """Return the rate limit that the workers of this host share in `table`, None if the settings have none."""
    return (
        HostRateLimit(RateLimitPolicy(settings.rate_limit_per_second, settings.rate_limit_burst), table)
        if settings.rate_limit_per_second
        else None
    )
