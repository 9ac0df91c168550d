"""The code under test: find it, load it, call it, and keep all that a message may need.

    kata = Kata.load(path)                  a file of solutions
    answer = kata.evenly_spaced(3, 10, 5)   an Answer: the value and how it came about
    layer = kata.LinearLayer(3, 2)          a stub may be a class: the value is an instance,
    layer.method()(x)                       and its methods are stubs in their turn

Nothing here knows pytest or Hypothesis.
"""

import difflib
import importlib.machinery
import importlib.util
import inspect
import itertools
import sys
import traceback
from collections import deque
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import torch
from torch import nn

from torchkata import source, trees
from torchkata.errors import NOT_WRITTEN, KataError, MissingError
from torchkata.guards import global_state, watch_seeds
from torchkata.pasting import call_text, method_text

Function = Callable[..., Any]
Arguments = tuple[tuple[Any, ...], dict[str, Any]]
Step = tuple[str, tuple[Any, ...], dict[str, Any]]
EARLIER = 8  # results that are kept, to see whether a later one lies on their memory
READING = ("state_dict", "parameters", "named_parameters", "buffers", "named_buffers", "children", "modules")
# Hypothesis looks for these on the first argument of a test, at each example.
_loaded = itertools.count()
HYPOTHESIS_ASKS = ("execute_example", "setup_example", "teardown_example", "hypothesis_internal_is_this_a_mock_check")


def solution_path(tree: Path, skill: str, folder: str) -> Path:
    """Where `tree` keeps its answers to a skill: `tree/tensors.py`, or `tree[/katas]/01_tensors/tensors.py`."""
    places = [tree / folder / f"{skill}.py", tree / "katas" / folder / f"{skill}.py", tree / f"{skill}.py"]
    return next((place for place in places if place.is_file()), places[-1] if tree.name != "katas" else places[0])


class _Uncached(importlib.machinery.SourceFileLoader):
    """Compiles a file as it is now: Python takes compiled code of the same size and the same second for the same."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def load_module(path: Path) -> ModuleType:
    """Import a file by its path under a name of its own; raises KataError when it can't be."""
    if not path.is_file():
        neighbours = difflib.get_close_matches(path.name, [p.name for p in path.parent.glob("*.py")], n=1)
        hint = (
            f" Is it {neighbours[0]} now?"
            if neighbours
            else f" `git checkout -- {path.name}` in its folder brings it back."
        )
        raise KataError("file missing", message=f"there is no file {path.name}.{hint}", file=str(path), line=1)
    name = f"torchkata_solution_{next(_loaded)}_{path.stem}"  # each its own: classes are pickled by module and name
    spec = importlib.util.spec_from_file_location(name, path, loader=_Uncached(name, str(path)))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    watch_seeds()
    try:
        with global_state():
            source.parse(path)
            spec.loader.exec_module(module)
    except SyntaxError as error:
        raise (
            _syntax_error(error, path)
            if error.filename == str(path)
            else _own_exception(error, path, "file can't be imported")
        ) from None
    except (Exception, SystemExit) as error:
        raise _own_exception(error, path, "file can't be imported") from None
    return module


class Kata:
    """The functions of one file, each as a `Stub`; looked up late, so that one broken name is one finding."""

    def __init__(self, module: ModuleType | None, path: Path, device: str = "cpu", *, rehearsed: bool = False) -> None:
        self._module, self._path, self._device, self._rehearsed = module, path, device, rehearsed
        self._broken: KataError | None = None
        self._stubs: dict[str, Stub] = {}

    @classmethod
    def load(cls, path: Path, device: str = "cpu", *, rehearsed: bool = False) -> "Kata":
        """Load a file; one that can't be loaded gives a Kata whose every stub raises the reason."""
        try:
            return cls(load_module(path), path, device, rehearsed=rehearsed)
        except KataError as error:
            kata = cls(None, path, device)
            kata._broken = error
            return kata

    def __getattr__(self, name: str) -> "Stub":
        if name.startswith("_") or name in HYPOTHESIS_ASKS:
            raise AttributeError(name)
        if name not in self._stubs:
            self._stubs[name] = Stub(name, self._path, self._find(name), self._device, rehearsed=self._rehearsed)
        return self._stubs[name]

    def _replaced(self, name: str, function: Function) -> "Kata":
        """The same kata with another function in the place of one stub."""
        twin = Kata(self._module, self._path, self._device, rehearsed=self._rehearsed)
        twin._stubs[name] = Stub(name, self._path, function, self._device, rehearsed=self._rehearsed)
        return twin

    def _find(self, name: str) -> Function:
        if self._broken is not None:
            raise MissingError(**self._broken.as_dict())
        found: Function | None = getattr(self._module, name, None)
        if callable(found):
            return found
        mine = [key for key, value in vars(self._module).items() if callable(value) and not key.startswith("_")]
        near = difflib.get_close_matches(name, mine, n=1)
        hint = f" Was `{near[0]}` renamed?" if near else ""
        raise MissingError(
            "function missing",
            message=f"{self._path.name} has no function `{name}`.{hint}",
            file=str(self._path),
            line=1,
        )


class Stub:
    """One function or class under test. Calling it gives an `Answer`, or raises KataError for its own exception.

    A module that a class gives is moved to the device.
    """

    instance: Any = None  # whose method it is

    def __init__(
        self, name: str, path: Path, function: Function, device: str = "cpu", *, rehearsed: bool = False
    ) -> None:
        self.name, self.path, self.function, self.device = name, path, function, device
        self.rehearsals_left = 3 if rehearsed and not inspect.isclass(function) else 0
        self.earlier: deque[tuple[Any, Any]] = deque(maxlen=EARLIER)

    def call_text(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """A call of this stub as source."""
        return call_text(self.name, args, kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> "Answer":
        """Call with copies of the arguments, moved to the device; the caller's own stay as they are."""
        return self._run((args, kwargs), trees.copied((args, kwargs), self.device))

    def on(self, *args: Any, **kwargs: Any) -> "Answer":
        """Call with the very objects given: for arguments that share memory or belong to a graph."""
        return self._run(trees.copied((args, kwargs)), (args, kwargs))

    def raising(self, *args: Any, **kwargs: Any) -> "Answer":
        """Call, and let the exception be the value of the answer (None: nothing was raised)."""
        given = trees.copied((args, kwargs), self.device)
        answer = Answer(self, (args, kwargs), given, None)
        try:
            with global_state():
                result = self.function(*given[0], **given[1])
        except NotImplementedError as error:
            self._raise_unless_written(error)
            answer.value = error
        except Exception as error:
            answer.value = error
        except SystemExit as error:
            raise self._wrong_ending(error, answer) from None
        else:
            answer.returned = repr(result)
        return answer

    def _run(self, before: Arguments, given: Arguments) -> "Answer":
        answer = Answer(self, before, given, None)
        try:
            with global_state() as changes:
                answer.value = self._on_device(self.function(*given[0], **given[1]))
        except NotImplementedError as error:
            self._raise_unless_written(error)
            raise self._wrong_ending(error, answer) from error
        except (Exception, SystemExit) as error:
            raise self._wrong_ending(error, answer) from error
        if changes:
            message = (
                f"`{self.name}` leaves global state changed: {'; '.join(changes)}. Put it back, or don't touch it."
            )
            raise KataError("global state changed", call=answer.call, message=message, **self.place)
        return answer

    def _on_device(self, value: Any) -> Any:
        made_here = inspect.isclass(self.function) and isinstance(value, nn.Module) and self.device != "cpu"
        return value.to(self.device) if made_here else value

    def _raise_unless_written(self, error: NotImplementedError) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        if not error.args and last.filename == str(self.path):
            line = self.place["line"] if inspect.isfunction(self.function) else last.lineno
            raise KataError(NOT_WRITTEN, file=str(self.path), line=line or 1) from None

    def _wrong_ending(self, error: BaseException, answer: "Answer") -> KataError:
        finding = _own_exception(error, self.path, "exception")
        finding.call = answer.call
        finding.line = finding.line or self.place["line"]
        if isinstance(error, SystemExit):
            finding.message = "the function ends the whole program (`sys.exit` or `exit`); it should return"
        return finding

    def path_of_function(self) -> Path:
        """The file that the function was really written in (a wrong answer may come from another one)."""
        if inspect.isclass(self.function):
            return Path(getattr(sys.modules.get(self.function.__module__), "__file__", None) or self.path)
        code = getattr(inspect.unwrap(self.function), "__code__", None)
        return Path(code.co_filename) if code else self.path

    def source_name(self) -> str:
        """The name that the function has in that file."""
        return getattr(self.function, "__name__", self.name)

    @property
    def place(self) -> dict[str, Any]:
        """File and line of the function, for a KataError."""
        return {"file": str(self.path), "line": self._line}

    @cached_property
    def _line(self) -> int:
        try:
            return source.bindings(source.parse(self.path))[self.name].lineno
        except (KeyError, OSError, SyntaxError):
            return 1


def bound_method(instance: Any, name: str) -> Function:
    """`instance.name`; for "__getattribute__" what finds parameters and buffers too, which modules keep elsewhere."""
    found: Function = partial(getattr, instance) if name == "__getattribute__" else getattr(instance, name)
    return found


class Method(Stub):
    """A method of an instance that a stub made; `steps` are the calls that brought the instance where it is."""

    def __init__(self, name: str, answer: "Answer") -> None:
        owner = answer.stub
        missing = isinstance(answer.value, (type(None), Exception)) or not hasattr(answer.value, name)
        if missing:
            raise KataError(
                "wrong type" if answer.value is None else "method missing",
                call=answer.call,
                got=repr(answer.value),
                message=f"the result should have a method `{name}`",
                **owner.place,
            )
        super().__init__(name, owner.path, bound_method(answer.value, name), owner.device)
        self.owner, self.steps, self.instance = answer, list(answer.steps), answer.value

    @property
    def place(self) -> dict[str, Any]:
        return self.owner.stub.place

    def call_text(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        return method_text(self.owner.call, self.owner.value, self.steps, self.name, args, kwargs)

    def _run(self, before: Arguments, given: Arguments) -> "Answer":
        answer = super()._run(before, given)
        if not self.name.startswith("_") and self.name not in READING:
            self.owner.steps.append((self.name, *before))
        return answer


class Answer:
    """What a stub gave back, and what it was given.

    value           the result
    args, kwargs    the objects that the function got (and perhaps changed)
    before          (args, kwargs) as they were before the call
    """

    def __init__(self, stub: Stub, before: Arguments, given: Arguments, value: Any, part: str = "") -> None:
        self.stub, self.before, self.value, self.part = stub, before, value, part
        self.args, self.kwargs = given
        self.returned = ""  # what `raising` got in the place of an error
        self.steps: list[Step] = []  # the methods that were called on the value and may have changed it

    @property
    def call(self) -> str:
        """The call as source; for a part of a result with its index behind it."""
        return self.stub.call_text(*self.before) + self.part

    def method(self, name: str = "__call__") -> "Stub":
        """A method of the value as a stub: `layer.method()(x)` is `layer(x)` with all the care that a stub takes.

        `method("__getattribute__")("weight")` reads an attribute.
        """
        return Method(name, self)

    def given(self, original: Any) -> Any:
        """The object that the function got in the place of `original`, one of the arguments of the call."""
        pairs = zip([*self.before[0], *self.before[1].values()], [*self.args, *self.kwargs.values()], strict=True)
        return next(given for before, given in pairs if before is original or given is original)

    def parameters(self) -> list[str]:
        """The names of the positional arguments of the call."""
        try:
            known = list(inspect.signature(self.stub.function).parameters)
        except (TypeError, ValueError):
            known = []
        return (known + [f"argument {index + 1}" for index in range(len(known), len(self.args))])[: len(self.args)]

    def piece(self, index: int | str) -> "Answer":
        """One element of a tuple, list or dict result, as an answer of its own."""
        return Answer(self.stub, self.before, (self.args, self.kwargs), self.value[index], f"{self.part}[{index!r}]")

    def tensor_inputs(self) -> list[torch.Tensor]:
        """The tensors among the arguments, inside lists and modules too; those of the module whose method it is."""
        return trees.tensors([self.args, self.kwargs, self.stub.instance])


def _own_exception(error: BaseException, path: Path, reason: str) -> KataError:
    """Describe an exception by the last line of the solution that it passed through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    first_line = str(error).strip().split("\n")[0]
    got = f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__
    if isinstance(error, RecursionError):
        got = "RecursionError: the function calls itself without an end"
    place = frames[-1] if frames else None
    return KataError(
        reason, got=got, file=str(path), line=(place and place.lineno) or 0, source=(place and place.line) or ""
    )


def _syntax_error(error: SyntaxError, path: Path) -> KataError:
    line = (error.text or "").rstrip("\n")
    text = line.lstrip()
    caret = " " * max(0, (error.offset or 1) - 1 - (len(line) - len(text))) + "^"
    return KataError(
        "syntax error",
        got=f"{type(error).__name__}: {error.msg}",
        file=str(path),
        line=error.lineno or 1,
        source=f"{text}\n{caret}",
    )
