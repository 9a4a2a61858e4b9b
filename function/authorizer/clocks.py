"""Ages that hold on Lambda, which freezes an environment between two requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from time import time as wall_time

Clock = Callable[[], float]

CLOCKS: Sequence[Clock] = (monotonic, wall_time)
"""Two, since one may stand still while Lambda has the environment frozen, and the other may be set back."""


class Moment:
    """A moment in the past; nothing is younger than the clock says that has gone furthest, or has gone back."""

    def __init__(self, clocks: Sequence[Clock]) -> None:
        self._clocks = clocks
        self._then = [clock() for clock in clocks]

    def is_within(self, seconds: float) -> bool:
        """Whether less than `seconds` have gone by since."""
        return all(0 <= clock() - then < seconds for clock, then in zip(self._clocks, self._then, strict=True))
