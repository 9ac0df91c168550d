"""Hypothesis profiles: every field is set, because a profile inherits from the CI one where CI is set."""

import gc
import os
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, Phase, Verbosity, register_random, settings
from hypothesis.internal import entropy

from torchkata.guards import NumpyRandom, TorchRandom

SEARCH = (Phase.explicit, Phase.generate)
PROFILES = {  # name: (examples beside the pinned ones, phases)
    "kata": (20, (*SEARCH, Phase.shrink)),
    "nightly": (200, (*SEARCH, Phase.shrink)),
    "gate": (20, SEARCH),  # as strong as "kata", and no time spent on a small example
    "probe": (8, SEARCH),
}


@cache
def _register_random() -> list[TorchRandom | NumpyRandom]:
    """Let Hypothesis seed torch too, once in a process; it holds the generators only weakly."""
    gc.freeze()  # Hypothesis collects garbage now: with torch loaded that takes 0.15 s, and finds none
    owner: list[TorchRandom | NumpyRandom] = [TorchRandom(), NumpyRandom()]
    for generator in owner:  # it also asks who holds a generator, and does not see what is frozen
        register_random(generator)
    entropy.NP_RANDOM = owner[1]  # else Hypothesis registers its own, slow one
    return owner


def register() -> None:
    """Register the profiles, and torch's random generator; keep Hypothesis' files out of the project."""
    storage = Path(tempfile.gettempdir()) / f"torchkata-hypothesis-{os.getuid() if hasattr(os, 'getuid') else 0}"
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(storage))
    _register_random()
    for name, (examples, phases) in PROFILES.items():
        settings.register_profile(
            name,
            max_examples=examples,
            phases=phases,
            deadline=None,
            database=None,
            derandomize=False,
            report_multiple_bugs=False,
            print_blob=False,
            verbosity=Verbosity.normal,
            stateful_step_count=10,
            suppress_health_check=(HealthCheck.too_slow, HealthCheck.differing_executors),
            backend="hypothesis",
        )
