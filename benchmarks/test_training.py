"""An epoch of the tutorial's loop against a ladder of faster ways that give the same weights."""

import time
from functools import lru_cache

import pytest
import torch
from torch import Tensor

from torchkata.bench import machine, pairs, training
from torchkata.bench.figures import Spread, exponent
from torchkata.bench.goals import IDIOMATIC
from torchkata.bench.training import LADDER, Rung, Task

FAST_IMAGES = 640
ROUND_IMAGES = 12_800  # of an epoch that is timed in turn: the machine drifts less in a second than in ten
ROUNDS = {True: 2, False: 11}  # of the whole ladder; by --fast
SCALING = (6_400, 12_800, 25_600)


@lru_cache
def tutorial_weights(samples: int, device: str) -> Tensor:
    """The weights after an epoch of the tutorial's loop."""
    task = Task.new(samples, device)
    training.tutorial(task)()
    return task.weights()


def checked(rung: Rung, samples: int, device: str) -> dict[str, float | bool]:
    """Train an epoch; the weights must be those of the tutorial's loop. The facts about both."""
    task = Task.new(samples, device)
    start = time.perf_counter()
    epoch = rung.make(task)
    prepared = time.perf_counter()
    epoch()
    weights = task.weights()
    ended = time.perf_counter()
    want = tutorial_weights(samples, device)
    difference = (weights - want).abs().max().item()
    assert difference <= (rung.tolerance if device == "cpu" else max(rung.tolerance, 1e-5))
    return {
        "weights_difference": difference,
        "bit_identical": torch.equal(weights, want),
        "preparation": prepared - start,
        "first_epoch": ended - prepared,
    }


def why_not(rung: Rung, device: str, fast: bool) -> str:
    """Why a rung is left out here; "" if it is not."""
    if device not in rung.devices:
        return f"not on {device}"
    return "its first epoch takes too long for --fast" if fast and rung.slow_start else ""


@lru_cache
def ladder(device: str, fast: bool) -> pairs.Times:
    """All ways in turn, so that each can be compared with each: seconds of an epoch, round by round."""
    rungs = [rung for rung in LADDER if not why_not(rung, device, fast)]
    samples = FAST_IMAGES if fast else ROUND_IMAGES
    blocks = {rung.name: pairs.block(rung.make(Task.new(samples, device)), device) for rung in rungs}
    return pairs.interleave(blocks, rounds=ROUNDS[fast], fewest=ROUNDS[fast])


@pytest.mark.parametrize("rung", LADDER, ids=lambda rung: rung.name.replace(" ", "-"))
def test_epoch(rung, device, state, measure):
    """A rung against the tutorial's loop, in turn with all others, and against the shape roofline."""
    if reason := why_not(rung, device, state.fast):
        pytest.skip(reason)
    whole, samples = (FAST_IMAGES, FAST_IMAGES) if state.fast else (training.IMAGES, ROUND_IMAGES)
    facts = checked(rung, whole, device)
    speed = pairs.ratio(ladder(device, state.fast), rung.name, "tutorial")
    work, roofline = (make(Task.new(samples, device)) for make in (rung.make, training.products_epoch))
    peak = state.peak(device, "float32")
    others = {"roofline": roofline, "peak": machine.product(peak.n, device, torch.float32)}
    times = measure(
        work, others, device=device, rounds=15, fewest=5, budget=5, known={"tutorial": speed},
        way=rung.name, samples=samples, checked_samples=whole, **facts,
    )  # fmt: skip
    measure.note_rates(times, training.flops(samples), peak)
    measure.note(samples_per_second=samples / Spread.of(times["work"]).median)


@pytest.mark.parametrize("name", ["tutorial", IDIOMATIC])
def test_time_by_samples(name, device, fast, measure):
    """The time of an epoch grows with the number of images."""
    rung = next(rung for rung in LADDER if rung.name == name)
    sizes = tuple(n // 10 for n in SCALING) if fast else SCALING
    works = {str(n): rung.make(Task.new(n, device)) for n in sizes}
    blocks = {n: pairs.block(work, device) for n, work in works.items()}
    times = pairs.interleave(blocks, rounds=3 if fast else 7, fewest=2 if fast else 5, budget=1 if fast else 20)
    slopes = [exponent(sizes, seconds) for seconds in zip(*times.values(), strict=True)]
    measure(works[str(sizes[-1])], {}, device=device, fewest=3, way=name)
    measure.note(sizes=sizes, exponent=Spread.of(slopes).as_dict(), expected=1)
