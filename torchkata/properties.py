"""Run properties without pytest: for the diagnosis and for the proof that wrong answers are red."""

import importlib.util
import inspect
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
from hypothesis import Phase, settings
from hypothesis.errors import HypothesisException

from torchkata.errors import KataError, TimeUp
from torchkata.guards import time_limit
from torchkata.kata import Kata

Property = Callable[..., None]
LIMIT = 10.0  # seconds a property may take


def split_name(name: str) -> tuple[str, str]:
    """`test_total__is_a_python_number` → ("total", "is_a_python_number"); ("", name) for other names."""
    stub, _, rest = name.removeprefix("test_").rpartition("__")
    return (stub, rest) if rest and name.startswith("test_") else ("", name)


def by_stub(module: ModuleType, device: str = "cpu") -> dict[str, list[Property]]:
    """The properties of a test module that run on a device by stub, both in the order of the file."""
    found: dict[str, list[Property]] = defaultdict(list)
    for name, value in vars(module).items():
        stub, _ = split_name(name)
        if stub and inspect.isfunction(value) and _runs_on(value, device):
            found[stub].append(value)
    return dict(found)


def _runs_on(check: Property, device: str) -> bool:
    """Whether the `devices` mark of a property, if it has one, names the device."""
    marks = [mark for mark in getattr(check, "pytestmark", []) if mark.name == "devices"]
    return all(device in mark.args for mark in marks)


def load_properties(path: Path, profile: str) -> ModuleType:
    """Import a test file on its own, its properties bound to a Hypothesis profile."""
    with hypothesis_profile(profile):
        spec = importlib.util.spec_from_file_location(f"torchkata_{profile}_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    for check in (value for name, value in vars(module).items() if name.startswith("test_")):
        check._hypothesis_internal_database_key = (
            b""  # or Hypothesis makes one of the source, for a database we don't use
        )
    return module


def is_pinned(check: Property) -> bool:
    """Whether Hypothesis tries the pinned examples of a property and nothing else: then its seed changes nothing."""
    chosen = getattr(check, "_hypothesis_internal_use_settings", None)
    return chosen is not None and Phase.generate not in chosen.phases


@contextmanager
def hypothesis_profile(name: str) -> Iterator[None]:
    """Load a profile, and the former one again afterwards."""
    former = settings.get_current_profile_name()
    settings.load_profile(name)
    try:
        yield
    finally:
        settings.load_profile(former)


@contextmanager
def folder_if(wanted: bool) -> Iterator[Path]:
    """A temporary folder; nothing is made if it is not wanted."""
    if not wanted:
        yield Path()
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def run_property(
    check: Property, kata: Kata, *, seed: int = 0, device: str = "cpu", limit: float = LIMIT
) -> BaseException | None:
    """Run one property on `kata`; return what it raised, None when it is green.

    KataError is a finding; another exception came from the property itself, which was given a value that
    it did not expect (red all the same).
    """
    if hasattr(check, "hypothesis"):
        check = hypothesis.seed(seed)(check)
    wanted = inspect.signature(check).parameters
    fixtures: dict[str, Any] = {"kata": kata, "device": device}
    try:
        with folder_if("tmp_path" in wanted) as folder, time_limit(limit, str(kata._path)):
            fixtures["tmp_path"] = folder
            check(**{name: value for name, value in fixtures.items() if name in wanted})
    except TimeUp as error:
        return error
    except (KataError, HypothesisException) as error:
        return error
    except Exception as error:
        return error
    return None
