"""Name the mistake: which known wrong answer behaves exactly like the learner's?

The probes are the calls that the properties of a stub make: their pinned examples and a few seeded ones.
A behaviour is what a function does on all probes (type, dtype, shape, values, exception, changed
inputs, shared memory). It must be that of exactly one known mistake, else nothing is named. The probe of
a class is the call of the class and the calls of methods that followed (see `Played`).
"""

import inspect
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from torchkata import trees
from torchkata.errors import KataError, TimeUp
from torchkata.guards import BASE_SEED, global_state, manual_seed, time_limit
from torchkata.kata import Answer, Function, Kata, Method, Stub, bound_method, load_module
from torchkata.pretend import PretendGpu, PretendTensor, map_tensors, pretend
from torchkata.properties import Property, by_stub, load_properties, run_property
from torchkata.rehearsal import can_be_rehearsed, is_beyond_pretending

MOST_PROBES = 40
REHEARSED_PROBES = 4  # of these also the device of the result counts
PROBE_SECONDS = 5.0  # for one function on all probes; a slower one is not diagnosed
CLOSE = 256  # units of eps: two ways to write the same mistake may round differently
Probe = tuple[tuple[Any, ...], dict[str, Any]]
Behaviour = list[Any]
Bank = dict[str, Function]


class _NotWritten(BaseException):
    """The function is a stub: it has no behaviour."""


class Played:
    """A class as a function: `Played(cls)(calls, *args)` makes an instance and then calls its methods.

    `calls` are (name, args, kwargs). The result is the state of the instance, if it is a module, and what
    each call gave or which exception it raised.
    """

    def __init__(self, owner: type) -> None:
        self.owner = owner

    def __call__(self, calls: list[Any], *args: Any, **kwargs: Any) -> list[Any]:
        instance = self.owner(*args, **kwargs)
        results: list[Any] = [instance if isinstance(instance, nn.Module) else None]
        for name, method_args, method_kwargs in calls:
            try:
                results.append(bound_method(instance, name)(*method_args, **method_kwargs))
            except Exception as error:
                if isinstance(error, NotImplementedError) and not error.args:
                    raise
                results.append(type(error).__name__)
        return results


class _Recorder(Stub):
    """A stub that notes the arguments of its calls and swallows what is wrong with the results."""

    def __init__(self, stub: Stub) -> None:
        super().__init__(stub.name, stub.path, stub.function, stub.device)
        self.probes: list[Probe] = []

    def _note(self, args: Any, kwargs: Any) -> list[Any]:
        """Remember a call; for a class return the list to which the calls of its methods are added."""
        rehearsal = any(type(leaf) is PretendTensor for leaf in trees.flat([args, kwargs]))  # `_device` does that
        calls: list[Any] = []
        if len(self.probes) < MOST_PROBES and not rehearsal:
            args, kwargs = trees.copied((args, kwargs))
            self.probes.append(((calls, *args), kwargs) if inspect.isclass(self.function) else (args, kwargs))
        return calls

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        calls = self._note(args, kwargs)
        return _RecordedAnswer.of(super().__call__(*args, **kwargs), calls)

    def on(self, *args: Any, **kwargs: Any) -> Any:
        calls = self._note(args, kwargs)
        return _RecordedAnswer.of(super().on(*args, **kwargs), calls)

    def raising(self, *args: Any, **kwargs: Any) -> Any:
        self._note(args, kwargs)
        return super().raising(*args, **kwargs)


class _RecordedAnswer(Answer):
    """An answer that notes the calls of its methods."""

    calls: list[Any]

    @classmethod
    def of(cls, answer: Answer, calls: list[Any]) -> "Answer":
        answer.__class__ = cls
        answer.calls = calls  # type: ignore[attr-defined]
        return answer

    def method(self, name: str = "__call__") -> Stub:
        return _RecordedMethod(name, self)


class _RecordedMethod(Method):
    owner: _RecordedAnswer

    def _run(self, before: Any, given: Any) -> Answer:
        self.owner.calls.append((self.name, *trees.copied(before)))
        return super()._run(before, given)

    def raising(self, *args: Any, **kwargs: Any) -> Answer:
        self.owner.calls.append((self.name, *trees.copied((args, kwargs))))
        return super().raising(*args, **kwargs)


def mistakes_of(path: Path, stub: str) -> Bank:
    """The known mistakes of a stub: the functions (or classes) `<stub>__<name>` of a mistakes file."""
    return {name: function for name, function in _functions(path).items() if name.startswith(f"{stub}__")}


def find_probes(checks: Iterable[Property], kata: Kata, stub: str) -> list[Probe]:
    """The calls that the properties make to `stub`, at most a fair share from each property."""
    gathered: list[list[Probe]] = []
    for check in checks:
        recorder = _Recorder(getattr(kata, stub))
        twin = Kata(kata._module, kata._path)
        twin._stubs[stub] = recorder
        _drive(check, twin)
        gathered.append(recorder.probes)
    share = max(4, MOST_PROBES // max(1, len(gathered)))
    return [probe for probes in gathered for probe in probes[:share]]


def behaviour(function: Function, probes: list[Probe]) -> Behaviour | None:
    """What `function` does on each probe; None when it takes too long or is not written."""
    try:
        with time_limit(PROBE_SECONDS, inspect.getfile(function)):
            return list(_outcomes(function, probes))
    except (TimeUp, _NotWritten):
        return None


def behaves_like(function: Function, probes: list[Probe], known: Behaviour | None) -> bool:
    """Whether `function` has this behaviour; it is called no more after the first difference."""
    try:
        with time_limit(PROBE_SECONDS, inspect.getfile(function)):
            pairs = zip_longest(_outcomes(function, probes), known or [])
            return known is not None and all(_alike(mine, other) for mine, other in pairs)
    except (TimeUp, _NotWritten):
        return False


def same_behaviour(left: Behaviour | None, right: Behaviour | None) -> bool:
    """Whether two behaviours agree on every probe, up to rounding."""
    if left is None or right is None or len(left) != len(right):
        return False
    return all(_alike(a, b) for a, b in zip(left, right, strict=True))


def match(mine: Behaviour | None, right: Behaviour | None, known: dict[str, Behaviour | None]) -> str | None:
    """The name of the one known mistake that behaves like `mine`; None where that behaves like `right`."""
    if mine is None or right is None or same_behaviour(mine, right):
        return None
    found = [name for name, each in known.items() if same_behaviour(mine, each)]
    return found[0] if len(found) == 1 else None


def diagnose(root: Path, test_file: Path, stub: str, kata: Kata) -> str:
    """The sentence of the mistake that the learner's stub behaves like, "" when none or several do."""
    skill = test_file.stem.removeprefix("test_")
    bank = mistakes_of(root / "mistakes" / f"{skill}.py", stub)
    try:
        function = getattr(kata, stub).function
        right = getattr(Kata.load(root / "reference" / f"{skill}.py"), stub).function
        checks = by_stub(_probe_module(test_file)).get(stub, [])
        probes = find_probes(checks, kata, stub)
        known = {name: behaviour(mistake, probes) for name, mistake in bank.items()}
        found = match(behaviour(function, probes), behaviour(right, probes), known)
    except KataError:
        return ""
    return inspect.getdoc(bank[found]) or "" if found else ""


@lru_cache
def bank_module(path: Path) -> ModuleType:
    """The module of a mistakes file, loaded once; an empty one where there is no file."""
    return load_module(path) if path.is_file() else ModuleType("empty")


def _functions(path: Path) -> Bank:
    module = bank_module(path)
    own = {name: value for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
    return {name: value for name, value in own.items() if inspect.isfunction(value) or inspect.isclass(value)}


@lru_cache
def _probe_module(path: Path) -> ModuleType:
    return load_properties(path, "probe")


def _drive(check: Property, kata: Kata) -> None:
    """Run a property through all its examples, whatever is wrong with the answers."""
    handle = getattr(check, "hypothesis", None)
    if handle is None:
        run_property(check, kata)
        return
    inner = handle.inner_test

    def forgiving(*args: Any, **kwargs: Any) -> None:
        try:
            inner(*args, **kwargs)
        except Exception:  # the verdict was reached before; here only the calls count
            return

    handle.inner_test = forgiving
    try:
        run_property(check, kata)
    finally:
        handle.inner_test = inner


def _outcomes(function: Function, probes: list[Probe]) -> Iterator[Any]:
    """What `function` does on each probe, whether it does so again, and on which device the results are."""
    function = Played(function) if inspect.isclass(function) else function
    first: Any = None
    for number, probe in enumerate(probes):
        outcome = _outcome(function, probe)
        first = first if number else outcome
        yield outcome
    yield not probes or _alike(_outcome(function, probes[0]), first)
    if not isinstance(function, Played):
        for probe in list(filter(can_be_rehearsed, probes))[:REHEARSED_PROBES]:
            yield _device(function, probe)


def _outcome(function: Function, probe: Probe) -> Any:
    (args, kwargs), (before, before_kwargs) = trees.copied(probe), probe
    manual_seed(BASE_SEED)
    places = _places([args, kwargs])
    with global_state() as changes, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = function(*args, **kwargs)
        except (Exception, SystemExit) as error:
            if isinstance(error, NotImplementedError) and not error.args:
                raise _NotWritten from None
            return ("raises", type(error).__name__)
    inputs = [*args, *kwargs.values()]
    shares = [trees.share_memory(value, each) for each in inputs]
    identical = [value is each for each in inputs]
    after = list(trees.leaves(inputs)) if trees.changed_leaves([*before, *before_kwargs.values()], inputs) else []
    memory = (shares, identical, places == _places([args, kwargs]), _overlaps(value))
    return (type(value).__name__, list(trees.leaves(value)), after, memory, bool(changes))


def _device(function: Function, probe: Probe) -> Any:
    """Where the result lives when the inputs are on a (pretend) GPU."""
    if is_beyond_pretending(function):
        return "not known"
    args, kwargs = map_tensors(trees.copied(probe), pretend)
    with global_state():
        try:
            with PretendGpu():
                value = function(*args, **kwargs)
        except (Exception, SystemExit) as error:
            return type(error).__name__
    devices = [str(leaf) for leaf in trees.flat([value]) if isinstance(leaf, torch.device)]
    return devices + [type(tensor).__name__ for tensor in trees.tensors([value])]


def _places(tree: Any) -> list[int]:
    """Where in memory the tensors of a tree begin."""
    return [tensor.data_ptr() for tensor in trees.tensors(tree)]


def _overlaps(value: Any) -> bool:
    """Whether several elements of a result are one place in memory, as after `expand`."""
    sides = [side for leaf in trees.tensors([value]) for side in zip(leaf.shape, leaf.stride(), strict=True)]
    return any(size > 1 and stride == 0 for size, stride in sides)


def _alike(left: Any, right: Any) -> bool:
    if isinstance(left, (list, tuple)):
        same_kind = isinstance(right, (list, tuple)) and len(left) == len(right)
        return same_kind and all(_alike(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        if left.is_meta or right.is_meta:
            return trees.same(left, right)
        return left.dtype == right.dtype and left.shape == right.shape and _near(_array(left), _array(right))
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and _near(left, right)
    if isinstance(left, float) and isinstance(right, float):
        return _near(np.float32(left), np.float32(right))
    return trees.same(left, right)


def _array(tensor: Tensor) -> np.ndarray:
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()


def _near(left: Any, right: Any) -> bool:
    if np.asarray(left).dtype.kind != "f":
        return bool(np.array_equal(left, right))
    size = float(np.max(np.abs(right), initial=0.0, where=np.isfinite(right)))
    return bool(
        np.allclose(left, right, rtol=0, atol=CLOSE * np.finfo(np.asarray(left).dtype).eps * size, equal_nan=True)
    )
