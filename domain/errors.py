"""Errors of the program: they hold facts, and no command, exit code or status.

The tree; each class is in the `errors` module of its package:

    EndeavourError
        InvalidParameter
            Diverged
        InvalidData
            UnreadableData
            UnusableColumns
            TooFewRows
            InvalidCell
                UnpredictableCell
                WrongCell
        InvalidRow
            MissingFeature
            UnknownFeature
            WrongKind
            UnknownLevel
            FeatureNotFinite
            FeatureOutOfRange
            PredictionNotFinite
            IntervalNotFinite
        IntervalUnavailable
        OutputRefused
        NoChampion
        InvalidFeedbackToken
        StoreRefusal
            ModelNotFound
            CorruptModel
            NoModelLoaded
            NoPreviousVersion
            PromotionConflict
            FeatureChangeNotApproved
            RolloutConflict
            NoRollout
            RolloutRefused
            OrderOutdated
            OrderRefused
            NoDistributions
            VersionNotAtHand
            UnknownKey
            CorruptKeyFile
        BackendUnavailable
            StoreUnavailable
                InvalidRegistryResponse
                RegistryThrottled
            TrackerUnavailable
            KeysUnavailable
            ReplicasUnavailable
            FiguresUnavailable
            OutputUnavailable
        ClusterUnavailable
"""

from collections.abc import Sequence

# Names that a message repeats, at most.
MAX_SHOWN_NAMES = 12


def format_names(names: Sequence[str]) -> str:
    """Return names as a comma-separated list; a list of more than 12 ends in their number."""
    shown = ", ".join(names[:MAX_SHOWN_NAMES])
    return f"{shown}, … ({len(names)} in all)" if len(names) > MAX_SHOWN_NAMES else shown or "none"


class EndeavourError(Exception):
    """Root of the tree."""

    def __reduce__(self) -> tuple[object, ...]:
        """Travel to another process with message and attributes; pickle would call the class with the message alone."""
        return _arrived, (type(self), self.args, self.__dict__)


def _arrived(kind: type[EndeavourError], args: tuple[object, ...], attributes: dict[str, object]) -> EndeavourError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(attributes)
    return error


class InvalidParameter(EndeavourError):
    """A parameter of the learner, the split, the policy or a key is outside its range."""

    def __init__(self, name: str, value: object, allowed: str) -> None:
        super().__init__(f"{name} is {value!r}, but must be {allowed}")
        self.name, self.value, self.allowed = name, value, allowed


class StoreRefusal(EndeavourError):
    """The store of models or keys refuses a request, and a retry does not help."""


class BackendUnavailable(EndeavourError):
    """A service or a disk behind a port does not answer, refuses, or cannot be written to.

    Parameters
    ----------
    place : str
    why : str
    remedy : str
        Action that an operator must take before a retry; '' if waiting may be enough.
    """

    def __init__(self, place: str, why: str, remedy: str = "") -> None:
        super().__init__(f"{place} cannot be used: {why}; {remedy}" if remedy else f"{place} is not available: {why}")
        self.place, self.why, self.remedy = place, why, remedy


class StoreUnavailable(BackendUnavailable):
    """The model store does not answer."""


class TrackerUnavailable(BackendUnavailable):
    """The experiment tracker does not answer."""


class ClusterUnavailable(EndeavourError):
    """A cluster that reads the rows cannot be reached, was lost, or has workers that cannot read them.

    It is no `BackendUnavailable`: without the cluster there is no fit that could be kept elsewhere.

    Parameters
    ----------
    place : str
        Address of the cluster.
    why : str
    remedy : str
        Action that an operator must take before a retry; '' if waiting may be enough.
    """

    def __init__(self, place: str, why: str, remedy: str = "") -> None:
        message = f"the cluster at {place} cannot be used: {why}"
        super().__init__(f"{message}; {remedy}" if remedy else message)
        self.place, self.why, self.remedy = place, why, remedy
