"""Numbers about numbers: medians, quartiles, intervals, and how time grows with size. Nothing here imports torch."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Spread:
    """Where values lie: the median, its 95 % interval (low, high), the quartiles, and how many values there are."""

    median: float
    low: float
    high: float
    q1: float
    q3: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value."""
        ordered = sorted(values)
        low, high = (ordered[index] for index in interval_of_median(len(ordered)))
        q1, q3 = quantile(ordered, 0.25), quantile(ordered, 0.75)
        return cls(statistics.median(ordered), low, high, q1, q3, len(ordered))

    def inverse(self) -> "Spread":
        """The spread of 1 / value: "3 times as fast" for "a third of the time"."""
        return Spread(1 / self.median, 1 / self.high, 1 / self.low, 1 / self.q3, 1 / self.q1, self.count)

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def interval_of_median(count: int) -> tuple[int, int]:
    """The indices of the two sorted values that hold the median between them with 95 %, whatever the distribution.

    Each value is above the median with probability 1/2, so the number below it is binomial. Fewer than six values
    cannot give 95 %: then it is the smallest and the largest.
    """
    outside = 0.0
    low = 0
    for below in range(count // 2):
        outside += 2 * math.comb(count, below) / 2**count  # both ends
        if outside > 0.05:
            break
        low = below
    return low, count - 1 - low


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value at a share (0 to 1) of sorted values, on a straight line between neighbours."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The p of the best fit seconds = c · sizeᵖ: the slope of a straight line through the logarithms."""
    x, y = ([math.log(value) for value in values] for values in (sizes, seconds))
    return statistics.linear_regression(x, y).slope
