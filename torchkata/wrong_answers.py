"""Wrong answers that fit any stub, made by wrapping a right one.

Each entry of `GENERIC` takes a right function and returns a wrong one. Whether it is wrong for a given
stub is measured, not declared: it is where it behaves differently from the right one.
"""

import functools
import inspect
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from torchkata import trees
from torchkata.kata import Function

NOISE = 2000.0  # units of eps, of the largest element: far below what anyone sees, far above rounding
OTHER = {
    torch.float32: torch.float64, torch.float64: torch.float32, torch.int64: torch.int32, torch.int32: torch.int64,
    torch.uint8: torch.int64, torch.bool: torch.uint8,
}  # fmt: skip
NOT_FOR_METHODS = ("cpu_hard_coded",)  # methods are not rehearsed
Changer = Callable[[Any], Any]


def zeros_of_the_right_shape(right: Function) -> Function:
    """The right type, dtype and shape, and nothing but zeros in it."""
    return _after(right, lambda leaf: leaf * 0 if not isinstance(leaf, bool) else False)


def first_answer_for_ever(right: Function) -> Function:
    """The answer to the first call, whatever is asked later."""
    first: list[Any] = []

    @functools.wraps(right)
    def wrong(*args: Any, **kwargs: Any) -> Any:
        result = right(*args, **kwargs)
        if not first:
            first.append(trees.copied(result))
        return trees.copied(first[0])

    return wrong


def last_element_wrong(right: Function) -> Function:
    """All right but the last element."""
    return _after(right, lambda leaf: _bumped(leaf, (-1,) * leaf.ndim) if _has_elements(leaf) else leaf)


def last_row_wrong(right: Function) -> Function:
    """All right but the last row."""
    return _after(right, lambda leaf: _bumped(leaf, (-1,)) if _has_elements(leaf) and leaf.ndim >= 2 else leaf)


def small_noise(right: Function) -> Function:
    """A relative error that is small, and yet no rounding error."""
    return _after(right, _noisy)


def other_dtype(right: Function) -> Function:
    """The right values in another dtype, or another type of number."""
    return _after(right, _other_dtype)


def transposed(right: Function) -> Function:
    """The last two dimensions exchanged."""

    def turn(leaf: Any) -> Any:
        return leaf.swapaxes(-1, -2) if isinstance(leaf, (Tensor, np.ndarray)) and leaf.ndim >= 2 else leaf

    return _after(right, turn)


def input_mutated(right: Function) -> Function:
    """The right answer, and an argument that is not what it was."""

    @functools.wraps(right)
    def wrong(*args: Any, **kwargs: Any) -> Any:
        result = right(*args, **kwargs)
        for leaf in trees.flat([args, kwargs]):
            if _mutate(leaf):
                break
        return result

    return wrong


def input_returned(right: Function) -> Function:
    """The first argument, as if there were nothing to do."""

    @functools.wraps(right)
    def wrong(*args: Any, **kwargs: Any) -> Any:
        right(*args, **kwargs)
        return next(iter([*args, *kwargs.values()]), None)

    return wrong


def none(right: Function) -> Function:
    """The `return` is missing."""

    @functools.wraps(right)
    def wrong(*args: Any, **kwargs: Any) -> None:
        right(*args, **kwargs)

    return wrong


def detached(right: Function) -> Function:
    """A result cut off from the graph."""
    return _after(right, lambda leaf: leaf.detach() if isinstance(leaf, Tensor) else leaf)


def tracked(right: Function) -> Function:
    """A result that requires grad where the right one does not."""

    def track(leaf: Any) -> Any:
        tracks = isinstance(leaf, Tensor) and leaf.is_floating_point() and not leaf.requires_grad
        return leaf * torch.ones((), dtype=leaf.dtype, requires_grad=True) if tracks else leaf

    return _after(right, track)


def copy_instead_of_view(right: Function) -> Function:
    """Equal values in memory of their own."""
    return _after(
        right,
        lambda leaf: (
            leaf.clone() if isinstance(leaf, Tensor) else leaf.copy() if isinstance(leaf, np.ndarray) else leaf
        ),
    )


def view_instead_of_copy(right: Function) -> Function:
    """The memory of an argument, where that has the values asked for."""

    @functools.wraps(right)
    def wrong(*args: Any, **kwargs: Any) -> Any:
        inputs = [leaf for leaf in trees.flat([args, kwargs]) if isinstance(leaf, (Tensor, np.ndarray))]
        result = right(*args, **kwargs)
        for leaf in inputs:
            view = _as_type(leaf, result)
            if view is not None and trees.same(view.detach() if isinstance(view, Tensor) else view, result):
                return view
        return result

    return wrong


def works_on_a_copy(right: Function) -> Function:
    """The right answer for copies of the arguments; the arguments themselves stay as they were."""

    @functools.wraps(right)
    def wrong(*args: Any, **kwargs: Any) -> Any:
        copies, named = trees.copied((args, kwargs))
        return right(*copies, **named)

    return wrong


def cpu_hard_coded(right: Function) -> Function:
    """A result on the CPU, wherever the inputs are."""
    return _after(right, lambda leaf: leaf.cpu() if isinstance(leaf, Tensor) else leaf)


GENERIC: dict[str, Callable[[Function], Function]] = {
    maker.__name__: maker
    for maker in (
        zeros_of_the_right_shape, first_answer_for_ever, last_element_wrong, last_row_wrong, small_noise, other_dtype,
        transposed, input_mutated, input_returned, none, detached, tracked, copy_instead_of_view, view_instead_of_copy,
        works_on_a_copy, cpu_hard_coded,
    )
}  # fmt: skip


def generic(right: Function) -> dict[str, Callable[[], Function]]:
    """Makers of all generic wrong answers for `right`; for a class, of its methods one at a time."""
    if not inspect.isclass(right):
        return {name: functools.partial(maker, right) for name, maker in GENERIC.items()}
    methods = [name for name, value in vars(right).items() if inspect.isfunction(value) and name != "__init__"]
    public = [name for name in methods if not name.startswith("_") or name.endswith("__")]
    return {
        f"{name}:{method}": functools.partial(_with_wrong_method, right, method, maker)
        for method in public
        for name, maker in GENERIC.items()
        if name not in NOT_FOR_METHODS
    }


def _with_wrong_method(right: type, method: str, maker: Callable[[Function], Function]) -> type:
    """A class like `right`, one of its methods wrong; each instance has its own wrapper, made at the first call."""
    original = getattr(right, method)
    wrappers: weakref.WeakKeyDictionary[Any, Function] = weakref.WeakKeyDictionary()

    @functools.wraps(original)
    def wrong(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self not in wrappers:
            wrappers[self] = maker(functools.partial(original, weakref.proxy(self)))
        return wrappers[self](*args, **kwargs)

    def reduced(self: Any, protocol: Any) -> Any:
        return _rebuilt, (right, method, maker, dict(self.__dict__))

    members = {method: wrong, "__reduce_ex__": reduced, "__module__": right.__module__, "__doc__": right.__doc__}
    return type(right.__name__, (right,), members)


def _rebuilt(right: type, method: str, maker: Callable[[Function], Function], state: dict[str, Any]) -> Any:
    """Unpickle an instance of a class that no module has."""
    owner: Any = _with_wrong_method(right, method, maker)
    instance = owner.__new__(owner)
    instance.__dict__.update(state)
    return instance


def _after(right: Function, change: Changer) -> Function:
    """`right`, with `change` applied to each tensor, array and number of its result."""

    @functools.wraps(right)
    def wrong(*args: Any, **kwargs: Any) -> Any:
        with torch.no_grad() if change is _noisy else torch.enable_grad():
            return _mapped(right(*args, **kwargs), change)

    return wrong


def _mapped(tree: Any, change: Changer) -> Any:
    if isinstance(tree, (Tensor, np.ndarray, np.generic, bool, int, float)):
        return change(tree)
    if isinstance(tree, (list, tuple)) and not isinstance(tree, torch.Size):
        return type(tree)([_mapped(item, change) for item in tree])
    if isinstance(tree, dict):
        return {key: _mapped(item, change) for key, item in tree.items()}
    return tree


def _has_elements(leaf: Any) -> bool:
    return isinstance(leaf, (Tensor, np.ndarray)) and 0 not in leaf.shape


def _bumped(leaf: Any, index: Any) -> Any:
    twin = leaf.detach().clone() if isinstance(leaf, Tensor) else leaf.copy()
    twin[index] = ~twin[index] if twin.dtype in (torch.bool, np.bool_) else twin[index] + 1
    return twin


def _noisy(leaf: Any) -> Any:
    if isinstance(leaf, float):
        return leaf * (1 + NOISE * 2**-23)
    if not _has_elements(leaf) or not (
        leaf.dtype.is_floating_point if isinstance(leaf, Tensor) else leaf.dtype.kind == "f"
    ):
        return leaf
    eps = torch.finfo(leaf.dtype).eps if isinstance(leaf, Tensor) else np.finfo(leaf.dtype).eps
    return leaf + abs(leaf).max() * NOISE * eps


def _other_dtype(leaf: Any) -> Any:
    if isinstance(leaf, Tensor):
        return leaf.to(OTHER.get(leaf.dtype, torch.float32))
    if isinstance(leaf, np.ndarray):
        return leaf.astype(np.float32 if leaf.dtype == np.float64 else np.float64)
    return float(leaf) if isinstance(leaf, int) else np.float32(leaf) if isinstance(leaf, float) else leaf


def _mutate(leaf: Any) -> bool:
    if isinstance(leaf, nn.Module):
        return any(_mutate(parameter.data) for parameter in leaf.parameters())
    if not _has_elements(leaf) or (isinstance(leaf, np.ndarray) and not leaf.flags.writeable):
        return False
    data = leaf.data if isinstance(leaf, Tensor) else leaf
    first = data[(slice(0, 1),) * data.ndim]
    if data.dtype in (torch.bool, np.bool_):
        first ^= True
    else:
        first += 1
    return True


def _as_type(leaf: Any, result: Any) -> Any:
    """`leaf` as the type of `result` on the same memory, None where that does not exist."""
    try:
        if isinstance(result, Tensor):
            return leaf[...] if isinstance(leaf, Tensor) else torch.from_numpy(leaf)
        if isinstance(result, np.ndarray):
            return leaf[...] if isinstance(leaf, np.ndarray) else leaf.detach().numpy()
    except (TypeError, ValueError, RuntimeError):
        return None
    return None
