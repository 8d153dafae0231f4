"""Rate limit: admits requests by the generic cell rate algorithm."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateLimitPolicy:
    """A steady rate and a burst: a token bucket that keeps one number for each client.

    Parameters
    ----------
    per_second : float
        Requests per second in the long run; more than 0.
    burst : int
        Requests at once after a pause; at least 1.

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

    def admit(self, tat: float, now: float) -> tuple[float, float]:
        """Return the next theoretical arrival time, and the seconds by which this request is too early.

        A request that is too early is not counted.

        Parameters
        ----------
        tat : float
            Theoretical arrival time of the client's request; 0 for a client without one.
        now : float
            Time of the request, in seconds of the same clock.

        Examples
        --------
        >>> RateLimitPolicy(per_second=10, burst=2).admit(tat=0.0, now=5.0)
        (5.1, 0.0)
        """
        next_tat = max(tat, now) + self.interval
        early = next_tat - now - self.burst * self.interval
        # Sums of the same seconds differ by rounding, which is far below a microsecond.
        return (tat, early) if early > 1e-6 else (next_tat, 0.0)  # noqa: PLR2004  # see above


REFUSED_KEYS = RateLimitPolicy(per_second=10 / 60, burst=10)
"""Keys of one address that a console refuses: 10 at once, and 10 a minute."""
