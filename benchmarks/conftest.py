"""How a benchmark is made: check the result, then time it in turn with what it is compared to.

pytest benchmarks --benchmark-json=run.json           all, for figures that are to be believed
pytest benchmarks --fast --benchmark-json=run.json    two minutes, to see that all works
python -m torchkata.bench.report run.json -o report.html
"""

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from torchkata.bench import machine, pairs
from torchkata.bench.figures import Spread
from torchkata.bench.pairs import Block, Times

ROOT = Path(__file__).resolve().parent.parent
PEAK_SIZES = {True: (512, 1024), False: (512, 1024, 2048)}  # by --fast
LONGEST_BLOCK = 0.2  # seconds of what a long work is compared with
NEAR = 5  # times the rounds and the budget for what is compared most closely …
LONGEST_NEAR = 20.0  # … but no more than so many seconds, once there are …
FEWEST_NEAR = 11  # rounds: the median of five products of n = 4096 was off by 8 %, as its control row showed
STATE = pytest.StashKey["State"]()


@dataclass
class State:
    """What is known of a run."""

    fast: bool
    threads: int
    started: float = field(default_factory=time.time)
    load: float = field(default_factory=pairs.load)
    warnings: list[str] = field(default_factory=list)
    peaks: dict[tuple[str, str], machine.Peak] = field(default_factory=dict)

    def peak(self, device: str, dtype: str) -> machine.Peak:
        """The peak of a device, measured when it is first asked for."""
        if (device, dtype) not in self.peaks:
            kind = torch.bfloat16 if dtype == "bfloat16" else torch.float32
            self.peaks[device, dtype] = machine.measure_peak(device, kind, PEAK_SIZES[self.fast])
        return self.peaks[device, dtype]

    def not_measured(self) -> list[str]:
        """What this machine or this run leaves out, in words."""
        missing = [] if torch.cuda.is_available() else ["CUDA: this machine has no such device"]
        missing += [
            f"bfloat16 products on {device}: its hardware has none"
            for device in machine.measured_devices()
            if not machine.has_bfloat16(device)
        ]
        return missing + (["large sizes and full epochs: a fast run only shows that all works"] if self.fast else [])


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("torchkata")
    group.addoption("--fast", action="store_true", help="small sizes and few rounds, in two minutes")
    group.addoption("--threads", type=int, default=pairs.cores(), help="threads of torch (default: all cores)")


def pytest_configure(config: pytest.Config) -> None:
    state = config.stash[STATE] = State(config.getoption("--fast"), config.getoption("--threads"))
    torch.set_num_threads(state.threads)
    warning = pairs.load_warning(state.load)
    if warning:
        state.warnings.append(f"at the start {warning}")


def pytest_report_header(config: pytest.Config) -> list[str]:
    state = config.stash[STATE]
    return [f"threads: {state.threads}, load: {state.load:.1f}", *(f"warning: {text}" for text in state.warnings)]


def pytest_benchmark_update_machine_info(config: pytest.Config, machine_info: dict[str, Any]) -> None:
    machine_info.pop("node", None)  # the name of a computer is nobody's business


def pytest_benchmark_update_json(config: pytest.Config, benchmarks: Any, output_json: dict[str, Any]) -> None:
    """Put what the report needs to know of the machine into the standard file."""
    state = config.stash[STATE]
    output_json["torchkata"] = {
        **machine.facts(),
        "mode": "fast" if state.fast else "full",
        "threads": state.threads,
        "load": [state.load, pairs.load()],
        "seconds": time.time() - state.started,
        "warnings": state.warnings,
        "not_measured": state.not_measured(),
        "peaks": [peak.as_dict() for peak in state.peaks.values()],
    }


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each benchmark on every device that can be measured, cpu first."""
    if "device" in metafunc.fixturenames:
        metafunc.parametrize("device", machine.measured_devices())


@pytest.fixture(scope="session")
def state(request: pytest.FixtureRequest) -> State:
    return request.config.stash[STATE]


@pytest.fixture(scope="session")
def fast(state: State) -> bool:
    return state.fast


@pytest.fixture(scope="session")
def reference() -> Callable[[str], ModuleType]:
    """The module of a solved kata by its name."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"reference_{name}", ROOT / "reference" / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


class Measure:
    """`measure(work, {"torch": other, …}, device=…, …)` times a work against others and notes what was found.

    What must be compared most closely runs side by side, in many rounds: the work, the first of the others, and that
    one again as the control row, the same code against itself. The work then runs against the rest of the others and
    the calibration, which may take much longer. At last pytest-benchmark times the work alone: its absolute times are
    for information. Ratios that are `known` already are noted beside those that are measured.
    """

    def __init__(self, benchmark: Any, state: State) -> None:
        self.benchmark, self.state = benchmark, state

    def __call__(
        self,
        work: Callable[[], Any],
        others: dict[str, Callable[[], Any]],
        *,
        device: str = "cpu",
        rounds: int = pairs.ROUNDS,
        fewest: int = pairs.FEWEST_ROUNDS,
        budget: float = 2.0,
        known: dict[str, Spread] | None = None,
        **facts: Any,
    ) -> Times:
        near_by, fewest_near = NEAR, max(fewest, FEWEST_NEAR)
        if self.state.fast:
            rounds, fewest, budget, near_by, fewest_near = min(rounds, 10), 1, budget / 10, 1, 1
        compared = {"work": work, **others, "calibration": machine.calibration(device)}
        blocks: dict[str, Block] = {name: pairs.block(each, device) for name, each in compared.items()}
        base = next(iter(others), None)
        seconds = min(max(pairs.BLOCK, blocks["work"](1) / 20), LONGEST_BLOCK)  # others must not vanish beside it
        ratios = {name: ratio.as_dict() for name, ratio in (known or {}).items()}
        if base:
            near = {"work": blocks["work"], base: blocks.pop(base), "control": pairs.block(others[base], device)}
            often: dict[str, Any] = {"rounds": near_by * rounds, "budget": min(near_by * budget, LONGEST_NEAR)}
            times = pairs.interleave(near, fewest=fewest_near, seconds=seconds, **often)
            ratios[base] = pairs.ratio(times, "work", base).as_dict()
            self.note(control=pairs.ratio(times, "control", base).as_dict())
        times = pairs.interleave(blocks, rounds=rounds, fewest=fewest, budget=budget, seconds=seconds)
        ratios |= {name: pairs.ratio(times, "work", name).as_dict() for name in blocks if name != "work"}
        median = Spread.of(times["work"]).median
        self.note(device=device, seconds=median, ratios=ratios, load=pairs.load(), **facts)
        self._record(work, device, median, fewest, budget / 2)
        return times

    def note(self, **facts: Any) -> None:
        """Put facts into the JSON beside the times."""
        self.benchmark.extra_info.update(facts)

    def note_rates(self, times: Times, flops: int, peak: machine.Peak) -> None:
        """Note GFLOP/s, and the share of the peak, which ran as "peak" in the same rounds."""
        share = flops / (2 * peak.n**3)
        shares = Spread.of([share * top / mine for mine, top in zip(times["work"], times["peak"], strict=True)])
        gflops = flops / Spread.of(times["work"]).median / 1e9
        self.note(flops=flops, gflops=gflops, peak_share=shares.as_dict())

    def _record(self, work: Callable[[], Any], device: str, seconds: float, fewest: int, budget: float) -> None:
        """Let pytest-benchmark time the work, with a synchronisation that it does not know of."""

        def synchronised() -> None:
            work()
            torch.cuda.synchronize()

        calls = max(1, round(pairs.BLOCK / seconds))
        rounds = max(fewest, min(50, int(budget / (calls * seconds))))
        self.benchmark.pedantic(synchronised if device == "cuda" else work, rounds=rounds, iterations=calls)


@pytest.fixture
def measure(benchmark: Any, state: State) -> Measure:
    return Measure(benchmark, state)
