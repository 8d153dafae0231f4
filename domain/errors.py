"""Errors that the domain raises on purpose: each message says what to do; no transport, no exit code."""

from collections.abc import Sequence


def listed(names: Sequence[str], limit: int = 12) -> str:
    """Return names as a comma-separated list, of `limit` names at most."""
    shown = ", ".join(names[:limit])
    return f"{shown}, … ({len(names)} in all)" if len(names) > limit else shown or "none"


class EndeavourError(Exception):
    """Root of the tree."""


class BadSetting(EndeavourError):
    """A setting of the learner, the split, the policy or a key is outside its range."""

    def __init__(self, name: str, value: object, allowed: str) -> None:
        super().__init__(f"{name} is {value!r}, but must be {allowed}")
        self.name, self.value, self.allowed = name, value, allowed


class BadData(EndeavourError):
    """Nothing can be learned from a table; the message names the columns, the rows or the file."""


class UnreadableData(BadData):
    """No table is at the place, or its cells cannot be told apart."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"cannot read the data {place}: {why}")


class BadCell(BadData):
    """A cell holds no usable number. Rows count from 1 in the file `place`, without the header."""

    def __init__(self, row: int, column: str, why: str, place: str = "") -> None:
        super().__init__(f"{place}{', ' if place else ''}row {row}, column {column!r}: {why}")
        self.row, self.column, self.why, self.place = row, column, why, place


class Diverged(BadSetting):
    """The loss grew without bound at this learning rate."""

    def __init__(self, passes: int, learning_rate: float) -> None:
        why = f"smaller, or left out: the loss grew without bound by pass {passes}"
        super().__init__("learning_rate", learning_rate, why)


class BadRecord(EndeavourError):
    """A row to predict does not fit the model. Rows count from 0, as in the request's list."""

    def __init__(self, row: int, field: str | None, why: str) -> None:
        super().__init__(f"row {row}{f', feature {field!r}' if field else ''}: {why}")
        self.row, self.field, self.why = row, field, why


class MissingFeature(BadRecord):
    """A feature of the model has no value in the row."""

    def __init__(self, row: int, field: str) -> None:
        super().__init__(row, field, "missing")


class UnknownFeature(BadRecord):
    """The row names a feature that is not of the model."""

    field: str

    def __init__(self, row: int, field: str, known: Sequence[str]) -> None:
        super().__init__(row, field, f"not a feature of the model, which takes {listed(known)}")


class FeatureNotFinite(BadRecord):
    """A value is NaN or infinite."""

    def __init__(self, row: int, field: str) -> None:
        super().__init__(row, field, "not a finite number")


class FeatureOutOfRange(BadRecord):
    """A value is finite, but too large to predict from."""

    def __init__(self, row: int, field: str, largest: float) -> None:
        super().__init__(row, field, f"larger than {largest:g} in magnitude")


class ResultNotFinite(BadRecord):
    """The prediction overflows."""

    def __init__(self, row: int) -> None:
        super().__init__(row, None, "the prediction overflows; the features are too large")


class StoreRefusal(EndeavourError):
    """The store of models or keys cannot do what was asked, and waiting does not help."""


class NoModel(StoreRefusal):
    """There is nothing to predict with."""

    def __init__(
        self, why: str = "train and promote one with `endeavour train`; `endeavour doctor` finds faults"
    ) -> None:
        super().__init__(f"no model is loaded: {why}")
        self.why = why


class NothingInProduction(EndeavourError):
    """The registry has no champion."""

    def __init__(self) -> None:
        super().__init__("nothing is in production")


class ModelNotFound(StoreRefusal):
    """The store has no such version."""

    def __init__(self, version: str, known: Sequence[str]) -> None:
        super().__init__(f"no model version {version!r}; the versions are {listed(known)}")
        self.version = version


class BrokenModel(StoreRefusal):
    """A version is unreadable, incomplete, or not what its digest says."""

    def __init__(self, version: str, why: str) -> None:
        super().__init__(f"model version {version!r} is broken: {why}")
        self.version, self.why = version, why


class NothingToRollBackTo(StoreRefusal):
    """No version was in production before the present one."""

    def __init__(self, champion: str | None) -> None:
        super().__init__(
            f"nothing to roll back to: no version is recorded as in production before {champion!r}; "
            "`endeavour models` lists what `endeavour promote` can choose from"
            if champion
            else "nothing to roll back to: no version is in production"
        )


class PromotionConflict(StoreRefusal):
    """The champion is no longer the one that a version was compared with."""

    def __init__(self, expected: str | None, found: str | None) -> None:
        super().__init__(
            f"the champion is now {found or 'none'}, not {expected or 'none'} as when it was compared: try again"
        )
        self.expected, self.found = expected, found


class FeaturesChanged(StoreRefusal):
    """A version takes other features than the one before it, without an operator's consent."""

    def __init__(self, version: str, before: str, how: str) -> None:
        super().__init__(
            f"version {version} takes other features than version {before} ({how}), which breaks clients that do not "
            f"know; once they do: `endeavour promote {version} --features-may-change`"
        )
        self.version, self.before, self.how = version, before, how


class BackendUnavailable(EndeavourError):
    """What is behind a port does not answer, refuses, or cannot be written to.

    Parameters
    ----------
    place : str
    why : str
    remedy : str
        What an operator must do before it can be used; '' if waiting may be enough.
    """

    def __init__(self, place: str, why: str, remedy: str = "") -> None:
        super().__init__(f"{place} cannot be used: {why}; {remedy}" if remedy else f"{place} is not available: {why}")
        self.place, self.why, self.remedy = place, why, remedy


class StoreUnavailable(BackendUnavailable):
    """The model store does not answer."""


class BadAnswer(StoreUnavailable):
    """The model store answers, but not as a model store does."""


class AskedToWait(StoreUnavailable):
    """The model store asks for no request within some `seconds`."""

    def __init__(self, place: str, why: str, seconds: float) -> None:
        super().__init__(place, why)
        self.seconds = seconds


class TrackerUnavailable(BackendUnavailable):
    """The experiment tracker does not answer."""


class KeysUnavailable(BackendUnavailable):
    """The keys cannot be read or written."""


class BrokenKeys(StoreRefusal):
    """The file of the keys is not as it was written."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"the keys in {place} are broken: {why}; mend them, or remove the file and issue new ones")
