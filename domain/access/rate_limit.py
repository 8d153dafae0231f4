"""How often a client may ask."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateLimitPolicy:
    """A steady rate with room for a burst: the generic cell rate algorithm, a token bucket in one number a client.

    Parameters
    ----------
    per_second : float
        Requests a second in the long run; more than 0.
    burst : int
        Requests at once after a time of silence; at least 1.

    References
    ----------
    ITU-T Recommendation I.371, annex A.
    """

    per_second: float
    burst: int

    @property
    def interval(self) -> float:
        """Seconds between two requests at the steady rate."""
        return 1 / self.per_second

    def admit(self, due: float, now: float) -> tuple[float, float]:
        """Return when the client's next request is due, and the seconds that this one comes too early.

        A request that comes too early, by more than 0 s, is not counted.

        Parameters
        ----------
        due : float
            When the client's next request was due before this one; 0 for a client that never asked.
        now : float
            In seconds of the same clock.

        Examples
        --------
        >>> RateLimitPolicy(per_second=10, burst=2).admit(due=0.0, now=5.0)
        (5.1, 0.0)
        """
        next_due = max(due, now) + self.interval
        early = next_due - now - self.burst * self.interval
        # Two sums of the same seconds differ by rounding; a microsecond of a clock since the start is far above it.
        return (due, early) if early > 1e-6 else (next_due, 0.0)  # noqa: PLR2004  # said above
