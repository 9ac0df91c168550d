"""The method: what is compared runs in turn, in short blocks, and each round gives a ratio.

    times = interleave({"yours": block(f), "reference": block(g), "control": block(g)})
    ratio(times, "yours", "reference")      Spread(median=3.1, low=3.0, high=3.2, …)
    ratio(times, "control", "reference")    the same code against itself: how far the method can be trusted

A machine drifts by half within minutes, so two times from different minutes say little. Two blocks of 2 ms side by
side see the same machine. The order turns around at each round (A B, B A, …), so that a steady drift cancels.
"""

import gc
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torchkata.bench.figures import Spread

BLOCK = 2e-3  # seconds: long enough for the clock, short enough to see one machine
ROUNDS = 60
FEWEST_ROUNDS = 5
TRIES = 3  # of which the shortest counts: one that was disturbed would make the blocks of one work much shorter
LONG = 100  # blocks: a first call as long as this is no block of several, however slow its start was
BRIEF = 0.05  # seconds: a disturbance matters, and before such a block its work is done once, untimed
BUDGET = 1.0  # seconds for all rounds of one comparison; at least `FEWEST_ROUNDS` are made
BUSY = 0.75  # of the cores: from this load on, what is measured is somebody else's work too
Block = Callable[[int], float]  # make so many calls; return the seconds that they took
Times = dict[str, list[float]]  # by name: seconds of a call, round by round


def block(function: Callable[[], Any], device: str = "cpu") -> Block:
    """Calls of a function as a block, timed by the clock of the device that it works on."""
    return (_cuda_block if device.startswith("cuda") else _cpu_block)(function)


def _cpu_block(function: Callable[[], Any]) -> Block:
    def run(calls: int) -> float:
        start = time.perf_counter()
        for _ in range(calls):
            function()
        return time.perf_counter() - start

    return run


def _cuda_block(function: Callable[[], Any]) -> Block:
    """A call on a GPU returns before its work is done: events stand in the queue of the GPU itself."""
    import torch

    def run(calls: int) -> float:
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda.synchronize()
        start.record()
        for _ in range(calls):
            function()
        end.record()
        torch.cuda.synchronize()
        return start.elapsed_time(end) / 1000

    return run


def calls_for(run: Block, seconds: float = BLOCK) -> int:
    """How many calls make a block of about `seconds`. The first call warms up, and counts only if it is a long one."""
    calls, took = 1, run(1)
    if took > LONG * seconds:
        return 1
    while True:
        took = run(calls)
        if seconds / 4 <= took < BRIEF:  # long enough, or disturbed: that lasts some milliseconds
            took = min(took, *(run(calls) for _ in range(TRIES - 1)))
        if took >= seconds / 4:
            return max(1, round(calls * seconds / took))
        calls *= 2


def interleave(
    blocks: Mapping[str, Block],
    *,
    rounds: int = ROUNDS,
    fewest: int = FEWEST_ROUNDS,
    budget: float = BUDGET,
    seconds: float = BLOCK,
) -> Times:
    """Run the blocks in turn, there and back, until there are enough rounds or the budget (in seconds) is spent."""
    calls = {name: calls_for(run, seconds) for name, run in blocks.items()}
    times: Times = {name: [] for name in blocks}
    spent = 0.0
    with no_garbage_collection():
        for number in range(rounds):
            for name in list(blocks)[:: 1 if number % 2 == 0 else -1]:
                if times[name] and calls[name] * times[name][-1] < BRIEF:
                    blocks[name](1)  # not timed: what ran before has left its own data in the caches
                took = blocks[name](calls[name])
                times[name].append(took / calls[name])
                spent += took
            if number + 1 >= fewest and spent > budget:
                break
    return times


def ratio(times: Times, name: str, base: str) -> Spread:
    """How many times longer `name` takes than `base`: the spread of the ratios, one for each round."""
    return Spread.of([mine / other for mine, other in zip(times[name], times[base], strict=True)])


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Collect now, so that it does not happen in a block."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def load() -> float:
    """How many processes want to run (mean of a minute); 0 on systems that do not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load_warning(now: float | None = None, available: int | None = None) -> str:
    """A sentence when the machine is busy with other things, else ""."""
    now, available = load() if now is None else now, available or cores()
    if now <= BUSY * available:
        return ""
    return f"the load is {now:.1f} on {available} cores: others work here too, so absolute times mean little"
