"""What was found, beside what was asked for."""

from dataclasses import dataclass
from enum import Enum


class Unit(Enum):
    """How a number is written."""

    TIMES = "{:.3g} ×"
    SHARE = "{:.0e}"
    MILLISECONDS = "{:.3g} ms"
    SECONDS = "{:.3g} s"
    MEGABYTES = "{:.3g} MB"
    COUNT = "{:.0f}"

    def write(self, value: float) -> str:
        """Return the number with its unit."""
        return self.value.format(value)


@dataclass(frozen=True, slots=True)
class Bar:
    """The least and the most that a number may be."""

    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool:
        """Tell whether the number is within the bar."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def write(self, unit: Unit) -> str:
        """Return the bar in words."""
        if self.least is not None and self.most is not None:
            return f"{unit.write(self.least)} to {unit.write(self.most)}"
        if self.least is not None:
            return f"≥ {unit.write(self.least)}"
        return f"≤ {unit.write(self.most or 0.0)}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One number.

    Parameters
    ----------
    work : str
        What was done, to which data.
    measure : str
        What the number is.
    value : float
    bar : Bar, optional
        None where nothing was asked for.
    unit : Unit
    rounds : str
        How often each side was measured.
    """

    work: str
    measure: str
    value: float
    bar: Bar | None = None
    unit: Unit = Unit.TIMES
    rounds: str = ""

    @property
    def missed(self) -> bool:
        """Whether less was found than asked for."""
        return self.bar is not None and not self.bar.met(self.value)
