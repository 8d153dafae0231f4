"""Errors of stored models, of rows to predict, and of tables to score."""

from collections.abc import Sequence

from domain.data.errors import InvalidCell
from domain.errors import BackendUnavailable, EndeavourError, StoreRefusal, format_names


class InvalidRow(EndeavourError):
    """A row to predict does not fit the model. Rows count from 0, as in the request's list."""

    def __init__(self, row: int, field: str | None, why: str) -> None:
        super().__init__(f"row {row}{f', feature {field!r}' if field else ''}: {why}")
        self.row, self.field, self.why = row, field, why


class MissingFeature(InvalidRow):
    """The row has no value for a feature of the model."""

    def __init__(self, row: int, field: str) -> None:
        super().__init__(row, field, "missing")


class UnknownFeature(InvalidRow):
    """The row names a feature that the model does not take."""

    field: str

    def __init__(self, row: int, field: str, known: Sequence[str]) -> None:
        super().__init__(row, field, f"not a feature of the model, which takes {format_names(known)}")


class WrongKind(InvalidRow):
    """Values of a feature, in some of the `rows`, are of another kind than the model's column."""

    field: str

    def __init__(self, rows: Sequence[int], field: str, expected: str) -> None:
        super().__init__(rows[0], field, f"must be {expected}")
        self.rows, self.expected = rows, expected


class UnknownLevel(InvalidRow):
    """A category's text is none of those that the model has learned from."""

    def __init__(self, row: int, field: str) -> None:
        super().__init__(row, field, "not one of the texts in the training rows")


class FeatureNotFinite(InvalidRow):
    """A value is NaN or infinite."""

    def __init__(self, row: int, field: str) -> None:
        super().__init__(row, field, "not a finite number")


class FeatureOutOfRange(InvalidRow):
    """A value is finite, but too large to predict from."""

    def __init__(self, row: int, field: str, largest: float) -> None:
        super().__init__(row, field, f"larger than {largest:g} in magnitude")


class PredictionNotFinite(InvalidRow):
    """The prediction overflows."""

    def __init__(self, row: int) -> None:
        super().__init__(row, None, "the prediction overflows; the features are too large")


class IntervalNotFinite(InvalidRow):
    """An end of the prediction interval overflows."""

    def __init__(self, row: int) -> None:
        super().__init__(row, None, "the prediction interval overflows; the features are too large")


class IntervalUnavailable(EndeavourError):
    """A version has no prediction intervals, or none at the level that was asked for."""

    def __init__(self, version: str, why: str) -> None:
        super().__init__(f"version {version!r} has no such prediction interval: {why}")
        self.version, self.why = version, why


class ModelNotFound(StoreRefusal):
    """The store has no version of this name; `known` are the names that it has."""

    def __init__(self, version: str, known: Sequence[str]) -> None:
        super().__init__(f"no model version {version!r}; the versions are {format_names(known)}")
        self.version, self.known = version, known


class CorruptModel(StoreRefusal):
    """A version is unreadable, incomplete, or differs from its digest."""

    def __init__(self, version: str, why: str) -> None:
        super().__init__(f"model version {version!r} is broken: {why}")
        self.version, self.why = version, why


class VersionNotAtHand(StoreRefusal):
    """A version is listed, but this host cannot read it now."""

    def __init__(self, version: str, why: str) -> None:
        super().__init__(f"version {version!r} cannot be shown here: {why}")
        self.version, self.why = version, why


class UnpredictableCell(InvalidCell):
    """A cell of a table to score is empty, infinite or too large, so that its row has no prediction."""


class WrongCell(InvalidCell):
    """A cell of a table to score is of another kind than the model's column."""


class OutputRefused(EndeavourError):
    """The folder for scored files holds something that must not be replaced."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"cannot write to {place}: {why}")
        self.place, self.why = place, why


class OutputUnavailable(BackendUnavailable):
    """The place of scored files cannot be written or read."""
