"""What a run left behind: the JSON file of pytest-benchmark, with what `benchmarks/conftest.py` adds to it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torchkata.bench.figures import Spread

CALIBRATION = "calibration"
Facts = dict[str, Any]


class BadRun(Exception):
    """A file that is not the JSON of a run."""


@dataclass(frozen=True)
class Row:
    """One benchmark."""

    name: str  # file::test[case]
    facts: Facts
    stats: Facts

    @property
    def test(self) -> str:
        return self.name.rpartition("::")[2].partition("[")[0]

    @property
    def way(self) -> str:
        """What was measured, in words."""
        return str(self.facts.get("way", self.name.rpartition("::")[2]))

    @property
    def device(self) -> str:
        return str(self.facts.get("device", "cpu"))

    @property
    def seconds(self) -> float:
        """The median of the absolute times."""
        return float(self.stats["median"])

    @property
    def command(self) -> str:
        """What repeats this benchmark alone."""
        return f'pytest "benchmarks/{self.name}"'

    def ratio(self, to: str) -> Spread | None:
        """How many times longer it takes than `to`."""
        return _spread(self.facts.get("ratios", {}).get(to))

    def spread(self, name: str) -> Spread | None:
        """One of the facts that is a spread: "control", "peak_share", "exponent"."""
        return _spread(self.facts.get(name))

    @property
    def calibrated(self) -> Spread | None:
        return self.ratio(CALIBRATION)


@dataclass(frozen=True)
class Run:
    """All benchmarks of one run, and the machine."""

    label: str
    when: str
    rows: list[Row]
    machine: Facts

    @classmethod
    def read(cls, path: Path) -> "Run":
        """Read a file; raises BadRun if it is none of pytest-benchmark."""
        try:
            data = json.loads(path.read_text("utf-8"))
            rows = [Row(each["fullname"], each["extra_info"], each["stats"]) for each in data["benchmarks"]]
            return cls(path.stem, data["datetime"][:16].replace("T", " "), rows, data.get("torchkata", {}))
        except OSError as error:
            raise BadRun(f"{path} can't be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise BadRun(f"{path} is not a file that `pytest benchmarks --benchmark-json={path}` wrote") from error

    def of(self, *tests: str) -> list[Row]:
        """The rows of some test functions."""
        return [row for row in self.rows if row.test in tests]

    def row(self, test: str, way: str, device: str = "cpu", **facts: Any) -> Row | None:
        """The first row of a test and a way with these facts."""
        rows = (row for row in self.of(test) if row.way == way and row.device == device)
        return next((row for row in rows if all(row.facts.get(key) == value for key, value in facts.items())), None)

    def devices(self) -> list[str]:
        return list(dict.fromkeys(row.device for row in self.rows))

    def peak(self, device: str, dtype: str = "float32") -> Facts | None:
        peaks = self.machine.get("peaks", [])
        return next((peak for peak in peaks if (peak["device"], peak["dtype"]) == (device, dtype)), None)

    @property
    def is_fast(self) -> bool:
        return bool(self.machine.get("mode") == "fast")


def _spread(values: Any) -> Spread | None:
    return Spread(**values) if values else None
