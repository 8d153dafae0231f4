"""Names of this project's tags and aliases in MLflow's registry, and validation of those that MLflow gives."""

import re

CHAMPION = "champion"
PREVIOUS = "previous"
CHALLENGER = "challenger"
"""For people who look at MLflow's pages; no program reads it."""

DIGEST_TAG = "endeavour.digest"
"""On a version: the digest of the model's names and weights, equal for models that predict alike."""
FILE_TAG = "endeavour.sha256"
"""On a version: the sha256 of its weights file, so that access to the artifacts alone is not enough to change it."""
FEATURE_CHANGE_APPROVED_TAG, APPROVED = "endeavour.feature_change_approved", "true"
"""On the champion's version: the operator's approval to serve other features than before."""
ROLLOUT_TAG = "endeavour.rollout"
"""On the champion's version: the state of a rollout, which its controller writes."""
ROLLOUT_REQUEST_TAG = "endeavour.rollout_request"
"""On the champion's version: the last request of a person to that controller."""
REJECTED_TAG = "endeavour.rejected"
"""On a version: why a rollout of it was aborted."""
LINEAGE_TAG = "endeavour.lineage"
HISTORY_TAG = "endeavour.history"
"""On the registered model: the changes of champion, as many as fit."""
LEDGER_TAG = "endeavour.ledger."
"""On the version that an entry of the ledger is about: the line, under this prefix and the number of the entry."""
LEDGER_HEAD_TAG = "endeavour.ledger_head"
"""On the registered model and on the champion's version: number and hash of the last entry."""
MAX_MODEL_TAG_CHARACTERS = 5_000
"""Characters of a registered model's tag, at most: MLflow takes more, but its columns do not, except on SQLite."""
FOLDER_TAG = "endeavour.folder"
"""On an experiment of the default database: the folder of its artifacts, as all addresses in the database begin."""

WEIGHTS_PATH = "artifacts/weights.json"
"""Inside a model's artifacts."""

_VERSION = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)
_MAX_VERSION = 2**31 - 1  # an INTEGER column
_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)

MAX_QUOTED_CHARACTERS = 300


def quoted(answer: object) -> str:
    """Return the text that a registry answered, for a message; a long one is not cut, because half a secret is one."""
    if not isinstance(answer, str):
        return "something that is no text" if answer else "nothing"
    return repr(answer) if len(answer) <= MAX_QUOTED_CHARACTERS else f"a text of {len(answer)} characters"


def is_version(name: object) -> bool:
    """Return whether `name` is a text that MLflow could have given to a version."""
    return isinstance(name, str) and bool(_VERSION.fullmatch(name)) and int(name) <= _MAX_VERSION


def validated_model_name(name: str) -> str:
    """Return `name`, or raise `ValueError` if it would need quoting in a filter, a URI or a URL."""
    if not _MODEL_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not usable as a registered model's name: letters, digits, _ and - are")
    return name
