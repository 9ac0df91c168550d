"""The method of the benchmarks: it finds ratios that are known, and says nothing where there is nothing."""

import gc
import importlib.util
import random
import sys
import time
from pathlib import Path

import pytest

from torchkata.bench import pairs
from torchkata.bench.figures import Spread, exponent, interval_of_median, quantile

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


class FakeMachine:
    """A clock and blocks on it; the machine slows down all the time, and some blocks are disturbed."""

    def __init__(self, drift=0.0, disturbed=0.0, seed=0):
        self.now, self.drift, self.disturbed, self.random = 0.0, drift, disturbed, random.Random(seed)
        self.order = []

    def block(self, name, seconds):
        def run(calls):
            self.order.append(name)
            took = calls * seconds * (1 + self.drift * self.now)
            took *= 5 if self.random.random() < self.disturbed else 1
            self.now += took
            return took

        return run


def test_a_known_ratio_is_found_though_the_machine_drifts_and_is_disturbed():
    machine = FakeMachine(drift=1.0, disturbed=0.2)
    times = pairs.interleave({"a": machine.block("a", 3e-4), "b": machine.block("b", 1e-4)})
    found = pairs.ratio(times, "a", "b")
    assert found.median == pytest.approx(3, rel=0.02)
    assert found.low <= 3.01 and found.high >= 2.99
    assert max(times["a"]) > 1.2 * min(times["a"])  # absolute times say little


def test_the_control_is_one_where_a_drift_alone_would_show():
    machine = FakeMachine(drift=5.0)
    times = pairs.interleave({"a": machine.block("a", 1e-4), "b": machine.block("b", 1e-4)}, rounds=40)
    assert pairs.ratio(times, "a", "b").median == pytest.approx(1, abs=0.005)


def test_the_order_turns_around_at_each_round():
    machine = FakeMachine()
    blocks = {name: machine.block(name, 1.0) for name in "abc"}
    pairs.interleave(blocks, rounds=3, fewest=3)
    assert "".join(machine.order[3:]) == "abccbaabc"  # behind the three that warm up


def test_a_short_block_begins_with_warm_caches_and_a_long_one_as_it_is():
    made = {"short": [], "long": []}

    def block(name, seconds):
        return lambda calls: made[name].append(calls) or calls * seconds

    pairs.interleave({"short": block("short", 1e-3), "long": block("long", 1.0)}, rounds=3, fewest=3)
    assert made["short"][-5:] == [2, 1, 2, 1, 2]  # the first follows the calls that were counted
    assert made["long"] == [1, 1, 1, 1]


def test_short_calls_are_put_together_and_long_ones_are_not():
    machine = FakeMachine()
    assert pairs.calls_for(machine.block("a", 1e-6), 2e-3) == 2000
    assert pairs.calls_for(machine.block("a", 1.0), 2e-3) == 1
    assert len(machine.order) > 1 and machine.order.count("a") < 20


def test_a_disturbed_call_does_not_make_blocks_short():
    seconds = iter([1e-6, 5e-3])  # the second call is interrupted
    assert pairs.calls_for(lambda calls: next(seconds, calls * 1e-6), 2e-3) == 2000


def test_a_long_call_is_not_made_twice_only_to_be_counted():
    machine = FakeMachine()
    pairs.calls_for(machine.block("a", 10.0))
    assert len(machine.order) == 1


def test_a_comparison_ends_when_its_budget_is_spent():
    machine = FakeMachine()
    times = pairs.interleave({"a": machine.block("a", 1.0)}, rounds=50, fewest=4, budget=2.5)
    assert len(times["a"]) == 4
    assert len(pairs.interleave({"a": machine.block("a", 1.0)}, rounds=50, fewest=1, budget=6.5)["a"]) == 7


def test_garbage_is_not_collected_meanwhile():
    seen = []
    pairs.interleave({"a": lambda calls: seen.append(gc.isenabled()) or 1.0}, rounds=2, fewest=2)
    assert seen[-2:] == [False, False] and gc.isenabled()


def test_real_code_against_itself_and_against_twice_itself():
    def once():
        return sum(range(2_000))

    def twice():
        return once() + once()

    blocks = {name: pairs.block(work) for name, work in (("once", once), ("again", once), ("twice", twice))}
    times = pairs.interleave(blocks, rounds=200, budget=10)
    assert pairs.ratio(times, "again", "once").median == pytest.approx(1, abs=0.1)
    assert pairs.ratio(times, "twice", "once").median == pytest.approx(2, abs=0.3)


@pytest.mark.devices("cuda")
def test_work_of_a_gpu_is_timed_by_the_gpu():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    a = torch.randn(4096, 4096, device="cuda")
    times = pairs.interleave({n: pairs.block(lambda n=n: [a @ a for _ in range(n)], "cuda") for n in (1, 4)})
    assert pairs.ratio(times, 4, 1).median == pytest.approx(4, rel=0.1)


def test_a_busy_machine_is_told():
    assert pairs.load_warning(1.4, 2) == ""
    assert "1.6 on 2 cores" in pairs.load_warning(1.6, 2)


def test_the_interval_of_a_median_holds_it_in_95_percent():
    draw = random.Random(1)
    for count in (6, 15, 60):
        low, high = interval_of_median(count)
        inside = 0
        for _ in range(2_000):
            values = sorted(draw.expovariate(1) for _ in range(count))
            inside += values[low] <= 0.6931 <= values[high]
        assert inside / 2_000 >= 0.94
        assert high - low < count


def test_few_values_give_their_whole_range():
    assert interval_of_median(1) == (0, 0) and interval_of_median(5) == (0, 4)
    assert interval_of_median(6) == (0, 5)


def test_quartiles_and_inverse():
    spread = Spread.of([4.0, 1.0, 2.0, 3.0, 5.0])
    assert (spread.q1, spread.median, spread.q3, spread.count) == (2, 3, 4, 5)
    assert spread.inverse() == Spread(1 / 3, 1 / 5, 1, 1 / 4, 1 / 2, 5)
    assert quantile([1.0, 2.0], 0.25) == 1.25


def test_the_exponent_of_a_power_law():
    sizes = [16, 32, 64]
    assert exponent(sizes, [2e-9 * n**3 for n in sizes]) == pytest.approx(3)
    assert exponent(sizes, [0.1 * n for n in sizes]) == pytest.approx(1)


class FakeBenchmark:
    """Of pytest-benchmark's fixture, what `Measure` uses."""

    def __init__(self):
        self.extra_info = {}

    def pedantic(self, work, rounds, iterations):
        work()


def test_what_is_compared_most_closely_gets_more_rounds_and_known_ratios_are_noted():
    spec = importlib.util.spec_from_file_location("benchmarks_conftest", BENCHMARKS / "conftest.py")
    harness = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = harness  # its dataclasses look themselves up there
    spec.loader.exec_module(harness)
    fake, known = FakeBenchmark(), Spread.of([3.0, 2.0, 4.0])
    others = {"near": lambda: time.sleep(0.001), "far": lambda: time.sleep(0.001)}
    harness.Measure(fake, harness.State(fast=False, threads=1))(
        lambda: time.sleep(0.001), others, fewest=2, budget=0.001, known={"elsewhere": known}
    )
    ratios = fake.extra_info["ratios"]
    assert set(ratios) == {"elsewhere", "near", "far", "calibration"}
    assert ratios["elsewhere"] == known.as_dict()
    assert (ratios["near"]["count"], fake.extra_info["control"]["count"], ratios["far"]["count"]) == (11, 11, 2)
