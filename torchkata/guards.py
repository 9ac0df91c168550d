"""What protects the suite from the code it runs: a timer, and torch's global state put back."""

import faulthandler
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from types import FrameType
from typing import Any

import numpy as np
import torch
from numpy.random import mtrand

from torchkata.errors import TimeUp

TICK = 0.2  # seconds between further interrupts of code that swallows the first
IMPORTS = "<frozen importlib"
HARD_FACTOR = 3  # code that never lets Python run is ended, process and all, after this many limits
BASE_SEED = 0x7A7A  # our seeds start here, so that a learner's manual_seed(0) shows


def manual_seed(seed: int) -> None:
    """Seed torch's global generators, as `torch.manual_seed` does.

    That one notes a stack trace (0.3 ms) at each call while CUDA is not in use; this one does not.
    """
    torch.default_generator.manual_seed(seed)
    if _has_cuda():
        torch.cuda.manual_seed_all(seed)


@lru_cache
def _has_cuda() -> bool:
    return torch.cuda.is_available()


class TorchRandom:
    """torch's CPU generator with the three methods that `hypothesis.register_random` asks for."""

    def seed(self, value: int) -> None:
        manual_seed(BASE_SEED + value)

    def getstate(self) -> tuple[torch.Tensor, int]:
        return torch.get_rng_state(), torch.initial_seed()

    def setstate(self, state: tuple[torch.Tensor, int]) -> None:
        manual_seed(state[1])
        torch.set_rng_state(state[0])


class NumpyRandom:
    """NumPy's global generator for `hypothesis.register_random`: another takes its place, so that no state is copied.

    Hypothesis' own wrapper copies the state of NumPy's generator and puts it back, 75 µs at each example.
    """

    def __init__(self) -> None:
        self._spare = np.random.MT19937(0)

    def seed(self, value: int) -> None:
        if mtrand.get_bit_generator() is self._spare:  # an example inside of an example
            self._spare = np.random.MT19937(0)
        mtrand.set_bit_generator(self._spare)
        np.random.seed(value)

    def getstate(self) -> np.random.BitGenerator:
        return mtrand.get_bit_generator()

    def setstate(self, state: np.random.BitGenerator) -> None:
        mtrand.set_bit_generator(state)


STATES: dict[str, tuple[Any, Any]] = {
    "the default dtype": (torch.get_default_dtype, torch.set_default_dtype),
    "the default device": (lambda: torch.empty(0).device, torch.set_default_device),  # 10 times faster than to ask
    "grad mode": (torch.is_grad_enabled, torch.set_grad_enabled),
    "the deterministic flag": (torch.are_deterministic_algorithms_enabled, torch.use_deterministic_algorithms),
    "the number of threads": (torch.get_num_threads, torch.set_num_threads),
}


_reseeded: dict[str, Callable[[], None]] = {}  # other generators that were seeded, and how to put them back
_guarded: list[None] = []  # one for each `global_state` that is open: only there a seed is of interest


def watch_seeds() -> None:
    """Let `random.seed` and `np.random.seed` leave a note for `global_state`; to be called before solutions load.

    Comparing states at each call of a stub would cost ten times more than all the rest of `global_state`.
    """
    for module, name, read, write in (
        (random, "the seed of Python's `random`", random.getstate, random.setstate),
        (np.random, "the seed of NumPy's global generator", np.random.get_state, np.random.set_state),
    ):
        if not hasattr(module.seed, "__wrapped__"):
            module.seed = _noting(module.seed, name, read, write)  # type: ignore[attr-defined]


def _noting(seed: Any, name: str, read: Callable[[], Any], write: Callable[[Any], None]) -> Any:
    @wraps(seed)
    def noted(*args: Any, **kwargs: Any) -> None:
        if _guarded:
            state = read()
            _reseeded.setdefault(name, lambda: write(state))
        seed(*args, **kwargs)

    return noted


@contextmanager
def global_state() -> Iterator[list[str]]:
    """Put torch's global state back at the end; the list then names what was left changed.

    Using random numbers is no change; giving a global generator another seed is one.
    """
    before = {name: read() for name, (read, _) in STATES.items()}
    seed = torch.initial_seed()
    _reseeded.clear()
    changes: list[str] = []
    _guarded.append(None)
    try:
        yield changes
    finally:
        _guarded.pop()
        for name, (read, write) in STATES.items():
            after = read()
            if after != before[name]:
                changes.append(f"{name} ({before[name]} before, {after} after)")
                write(None if name == "the default device" and before[name].type == "cpu" else before[name])
        if torch.initial_seed() != seed:
            changes.append("the seed of the global random generator")
            manual_seed(seed)
        for name, put_back in _reseeded.items():
            changes.append(name)
            put_back()
        _reseeded.clear()


@contextmanager
def time_limit(seconds: float, file: str, stderr: int | None = None) -> Iterator[None]:
    """Raise `TimeUp` inside the block after `seconds`; 0 means no limit.

    Code that catches even that is interrupted again at each of its lines, `except:` included. Code that
    never returns to Python (one endless C call) cannot be interrupted: the process ends with a traceback.
    Only the main thread, and only systems with POSIX timers, are guarded.
    """
    guarded = seconds > 0 and hasattr(signal, "setitimer")
    if not guarded or threading.current_thread() is not threading.main_thread():
        yield
        return
    fired: list[TimeUp] = []

    def on_time(signum: int, frame: FrameType | None) -> None:
        if any(f.f_code.co_filename.startswith(IMPORTS) for f in _stack(frame)):  # half a module would stay behind
            signal.setitimer(signal.ITIMER_REAL, seconds, TICK)
            return
        inside = [f for f in _stack(frame) if f.f_code.co_filename == file]
        place = inside[0] if inside else frame
        if fired:
            for each in inside:
                each.f_trace = _raise_on_line
            sys.settrace(_raise_on_line)
        fired.append(TimeUp(place.f_code.co_filename, place.f_lineno) if place else TimeUp())
        raise fired[0]

    def _raise_on_line(frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line" and frame.f_code.co_filename == file:  # raising at another event ends the tracing
            raise fired[0]
        return _raise_on_line

    traced = sys.gettrace()
    previous = signal.signal(signal.SIGALRM, on_time)
    signal.setitimer(signal.ITIMER_REAL, seconds, TICK)
    if stderr is not None:
        faulthandler.dump_traceback_later(seconds * HARD_FACTOR, exit=True, file=stderr)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        faulthandler.cancel_dump_traceback_later()
        if fired:
            sys.settrace(traced)


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back
