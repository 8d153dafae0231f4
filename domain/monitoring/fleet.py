"""Fleet: the hosts of the service together, as one of them has read them."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.monitoring.facts import Replica
from domain.monitoring.traffic import Traffic
from domain.monitoring.wording import plural, seconds_text

# Three looks at the other hosts.
MAX_AGE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """Figures of all hosts.

    Parameters
    ----------
    replicas : sequence of Replica
        The host of these figures first.
    recent : Traffic
        Of the last minutes; all versions together.
    per_second : float
        Requests a second, in the last minute.
    """

    replicas: Sequence[Replica]
    recent: Traffic
    per_second: float

    @property
    def silent(self) -> tuple[str, ...]:
        """Names of the hosts whose figures are missing."""
        return tuple(each.name for each in self.replicas if each.silent_seconds > MAX_AGE_SECONDS)

    @property
    def reporting(self) -> str:
        """How many hosts these figures are of, in words."""
        return f"{len(self.replicas) - len(self.silent)} of {plural(len(self.replicas), 'host')}"

    @property
    def age_seconds(self) -> float:
        """Time since the counted hosts were read, at most."""
        return max(each.silent_seconds for each in self.replicas if each.name not in self.silent)

    @property
    def sentence(self) -> str:
        """How many hosts these figures are of, when they were read, and which are missing."""
        host = self.replicas[0].name
        if len(self.replicas) == 1:
            return f"{host} only: other hosts of the service have figures of their own"
        missing = f"; without {', '.join(self.silent)}" if self.silent else ""
        return f"figures of {self.reporting}, read up to {seconds_text(self.age_seconds)} ago{missing}"
