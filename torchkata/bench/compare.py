"""Two runs side by side: what really changed, and what is only noise.

Each benchmark was timed in turn with the calibration, a fixed piece of work; what is compared is its time in units of
that work. So a slower machine is not a regression. A change counts when the quartiles of the two runs do not overlap
and it is larger than what the same code shows against itself.
"""

from dataclasses import dataclass

from torchkata.bench.figures import Spread, quantile
from torchkata.bench.runs import Row, Run

LEAST_NOISE = 0.03  # no method sees less on a machine that others use
SAME, FASTER, SLOWER = "no difference", "faster", "slower"


@dataclass(frozen=True)
class Change:
    """One benchmark in two runs; `ratio` is new over old, in units of the calibration."""

    row: Row
    old: Spread
    new: Spread
    noise: float

    @property
    def ratio(self) -> float:
        return self.new.median / self.old.median

    @property
    def quartiles(self) -> tuple[float, float]:
        """From the best to the worst that the quartiles of both runs allow."""
        return self.new.q1 / self.old.q3, self.new.q3 / self.old.q1

    @property
    def verdict(self) -> str:
        low, high = self.quartiles
        if low > 1 and self.ratio > 1 + self.noise:
            return SLOWER
        if high < 1 and self.ratio < 1 / (1 + self.noise):
            return FASTER
        return SAME


def noise_of(run: Run) -> float:
    """How far the control rows of a run are off: nine of ten are within it."""
    off = sorted(abs(control.median - 1) for row in run.rows if (control := row.spread("control")))
    return max(LEAST_NOISE, quantile(off, 0.9)) if off else LEAST_NOISE


def changes(old: Run, new: Run) -> list[Change]:
    """The benchmarks of both runs that were calibrated, the most slowed down first."""
    before = {row.name: row.calibrated for row in old.rows}
    noise = max(noise_of(old), noise_of(new))
    found = []
    for row in new.rows:
        then, now = before.get(row.name), row.calibrated
        if then and now:
            found.append(Change(row, then, now, noise))
    return sorted(found, key=lambda change: -change.ratio)


def comparable(old: Run, new: Run) -> str:
    """Why two runs should not be compared, "" if they can be."""
    for key, what in (("mode", "one is a --fast run"), ("threads", "they used different numbers of threads")):
        if old.machine.get(key) != new.machine.get(key):
            return what
    return ""


def regressions(found: list[Change], limit: float) -> list[Change]:
    """What became slower by more than the factor `limit`, beyond the noise."""
    return [change for change in found if change.verdict == SLOWER and change.ratio > limit]
