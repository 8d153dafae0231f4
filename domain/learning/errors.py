"""Errors of a fit."""

from domain.errors import InvalidParameter


class Diverged(InvalidParameter):
    """The loss grew without bound at this learning rate."""

    def __init__(self, passes: int, learning_rate: float) -> None:
        why = f"smaller, or left out: the loss grew without bound by pass {passes}"
        super().__init__("learning_rate", learning_rate, why)
