"""Ratios against the raw limit of the same machine, never a bare time: a busy or a small machine slows
both alike.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """``ours`` and ``limit`` are the best seconds of the rounds for ``count`` things."""

    what: str
    limit_is: str
    count: int
    ours: float
    limit: float

    def __str__(self) -> str:
        return (
            f"{self.what:<34} {self.count:>7,} {self.ours:>8.3f} s {self.count / self.ours:>11,.0f}/s"
            f" {self.ours / self.limit:>8.1f} x  {self.limit_is} ({self.limit:.3f} s)"
        )


HEAD = f"{'what':<34} {'count':>7} {'seconds':>10} {'per second':>13} {'ratio':>10}  limit"


def best(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The fastest of ``rounds``: the least disturbed by whatever else the machine does."""
    seconds = []
    for _round in range(rounds):
        begun = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)
