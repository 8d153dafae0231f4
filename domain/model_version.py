"""A model that is kept: its name, its weights, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.golden_rows import GoldenRows
from domain.linear_model import LinearModel
from domain.moments import Moments
from domain.scores import Scores

Setting = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a model came from, enough to train it again and get the same bits.

    Parameters
    ----------
    run_id : str
        The tracked run that made it.
    scores : Scores
        On the held-out rows.
    target : str
        The column it predicts.
    data_fingerprint : str
        sha256 of the table before the split.
    settings : mapping of str to str, int, float, bool or None
        Of the learner, the data and the split.
    code_revision : str
        The commit of the program, with `+dirty` if files differed from it.
    created_at : datetime
        UTC.
    """

    run_id: str
    scores: Scores
    target: str
    data_fingerprint: str
    settings: Mapping[str, Setting] = field(hash=False)
    code_revision: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A model under a name that is never reused; old versions have neither golden rows nor moments."""

    name: str
    model: LinearModel
    lineage: Lineage
    golden: GoldenRows | None = None
    moments: Moments | None = field(default=None, compare=False)
