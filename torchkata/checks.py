"""The vocabulary of the properties: what an answer is held against.

Each check takes an `Answer` (see `kata`), returns nothing, and raises one `KataError` that carries the
call, what was expected, what came back and where they first differ. The order inside a check is always:
type, dtype, device, shape, values, inputs not changed. Memory, graph and rules have checks of their own.

Values are compared by one rule for all dtypes: the oracle computes in float64, and
|got - want| <= factor * eps(dtype) * max(|want|, scale), with `factor` 16 for a few operations and
64 to 128 for normalisations and long sums. Integers and bools must be equal.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchkata import source, trees
from torchkata.errors import KataError
from torchkata.kata import Answer, Stub
from torchkata.rehearsal import rehearse

__all__ = [
    "expect_array",
    "expect_changed",
    "expect_equal",
    "expect_law",
    "expect_number",
    "expect_own_memory",
    "expect_raises",
    "expect_returned",
    "expect_rules",
    "expect_same_object",
    "expect_shared_memory",
    "expect_tensor",
    "expect_tuple",
    "expect_unchanged",
]

FACTOR = 16.0  # stable implementations of one operation measured well below it


def expect_tensor(
    answer: Answer,
    want: Any,
    *,
    dtype: torch.dtype,
    device: str | None = None,
    factor: float = FACTOR,
    scale: float = 0.0,
    changes: Sequence[Any] = (),
) -> None:
    """The answer is a tensor with this dtype, device, shape and these values; inputs are as before.

    `want` is anything NumPy reads, from an oracle in float64. `device` defaults to that of the first
    tensor given, else the CPU. `scale` is the size of the numbers that went in, where they may cancel.
    `changes` lists the arguments that the call may change.
    """
    got = _expect_type(answer, Tensor)
    wanted = _as_oracle(want)

    def shown() -> str:
        return repr(wanted.to(dtype))

    if got.dtype != dtype:
        raise _finding(answer, "wrong dtype", shown(), difference=f"dtype {_name(got.dtype)}, expected {_name(dtype)}")
    _expect_device(answer, got, device)
    if got.shape != wanted.shape:
        difference = f"shape {tuple(got.shape)}, expected {tuple(wanted.shape)}"
        raise _finding(answer, "wrong shape", shown(), difference=difference)
    _expect_values(answer, got, wanted, shown, factor, scale)
    expect_unchanged(answer, changes)
    sources = trees.tensors([answer.before, answer.stub.instance])
    if got.requires_grad and not any(tensor.requires_grad for tensor in sources):
        raise _finding(answer, "tracked by autograd", "a result that does not require grad, as its inputs don't")


def expect_array(
    answer: Answer, want: Any, *, dtype: Any, factor: float = FACTOR, scale: float = 0.0, changes: Sequence[Any] = ()
) -> None:
    """The answer is a NumPy array with this dtype, shape and these values; inputs are as before."""
    got = _expect_type(answer, np.ndarray)

    def shown() -> str:
        return f"np.array({np.asarray(want).tolist()}, dtype=np.{np.dtype(dtype)})"

    if got.dtype != np.dtype(dtype):
        raise _finding(answer, "wrong dtype", shown(), difference=f"dtype {got.dtype}, expected {np.dtype(dtype)}")
    wanted = np.asarray(want)
    if got.shape != wanted.shape:
        raise _finding(answer, "wrong shape", shown(), difference=f"shape {got.shape}, expected {wanted.shape}")
    _expect_values(answer, _as_oracle(got), _as_oracle(wanted), shown, factor, scale)
    expect_unchanged(answer, changes)


def expect_number(
    answer: Answer,
    want: float,
    *,
    dtype: torch.dtype = torch.float32,
    factor: float = FACTOR,
    scale: float = 0.0,
    changes: Sequence[Any] = (),
) -> None:
    """The answer is a Python number of exactly the type of `want`; floats are as near as `dtype` allows."""
    got = _expect_type(answer, type(want))
    if type(got) is not type(want):
        raise _finding(answer, "wrong type", repr(want), difference=f"{_kind(got)}, expected {_kind(want)}")
    rehearse(answer)
    if isinstance(want, float):
        allowed = _tolerance(torch.tensor([want], dtype=torch.float64), dtype, factor, scale)
        right = got == want or abs(got - want) <= allowed or (got != got and want != want)
    else:
        right = got == want
    if not right:
        raise _finding(answer, "wrong value", repr(want))
    expect_unchanged(answer, changes)


def expect_equal(answer: Answer, want: Any, *, changes: Sequence[Any] = ()) -> None:
    """The answer equals `want` and has its type: for tuples, strings, dtypes, devices, bools, None."""
    got = _expect_type(answer, type(want))
    rehearse(answer)
    if isinstance(want, tuple) and len(got) != len(want):
        raise _finding(answer, "wrong length", repr(want), difference=f"{len(got)} elements, expected {len(want)}")
    for index, (mine, other) in enumerate(zip(got, want, strict=True) if isinstance(want, tuple) else [(got, want)]):
        if not _identical(mine, other):
            place = f"at [{index}]: {mine!r} where {other!r} is expected" if isinstance(want, tuple) else ""
            raise _finding(answer, "wrong value", repr(want), difference=place)
    expect_unchanged(answer, changes)


def expect_tuple(answer: Answer, length: int) -> list[Answer]:
    """The answer is a tuple (or list) of `length`; returns its elements as answers of their own."""
    got = _expect_type(answer, (tuple, list))
    if len(got) != length:
        difference = f"{len(got)} elements, expected {length}"
        raise _finding(answer, "wrong length", f"a tuple of {length}", difference=difference)
    return [answer.piece(index) for index in range(length)]


def expect_returned(answer: Answer, value: Any, part: str) -> Answer:
    """An answer for something reached from the result or an argument, named `part` in messages."""
    return Answer(answer.stub, answer.before, (answer.args, answer.kwargs), value, f"; {part}")


def expect_law(answer: Answer, holds: bool, expected: str, *, got: str = "", difference: str = "") -> None:
    """A law holds for the answer; `expected` says it in words."""
    rehearse(answer)
    if not holds:
        raise _finding(answer, "law broken", expected, got=got, difference=difference)


def expect_raises(answer: Answer, *errors: type[Exception], mentions: str = "") -> None:
    """The call (made by `stub.raising`) raised one of `errors`, and left its inputs as they were."""
    names = " or ".join(error.__name__ for error in errors)
    if answer.value is None:
        raise _finding(answer, "no error raised", f"raises {names}", got=f"no error; it returned {answer.returned}")
    got = f"{type(answer.value).__name__}: {answer.value}"
    if not isinstance(answer.value, errors):
        raise _finding(answer, "wrong error", f"raises {names}", got=got)
    if mentions and mentions not in str(answer.value):
        raise _finding(answer, "unclear error", f"a message that names {mentions}", got=got)
    expect_unchanged(answer)


def expect_unchanged(answer: Answer, changes: Sequence[Any] = ()) -> None:
    """The arguments are as they were before the call, except those listed in `changes`."""
    allowed = {id(answer.given(original)) for original in changes}
    before, after = [*answer.before[0], *answer.before[1].values()], [*answer.args, *answer.kwargs.values()]
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        paths = [] if id(new) in allowed else trees.changed_leaves(old, new)
        if paths:
            name = [*answer.parameters(), *answer.kwargs][index]
            difference = f"`{name}{paths[0]}` was changed by the call; it should be left as it was"
            expected, got = (_leaf_text(tree, paths[0]) for tree in (old, new))
            raise _finding(answer, "input changed", expected, got=got, difference=difference)


def expect_changed(
    answer: Answer, original: Any, want: Any, *, dtype: torch.dtype, factor: float = FACTOR, scale: float = 0.0
) -> None:
    """The argument given for `original` now holds `want`: the call works in place."""
    after = expect_returned(answer, answer.given(original), "the argument afterwards")
    expect_tensor(after, want, dtype=dtype, factor=factor, scale=scale, changes=[original])


def expect_same_object(answer: Answer, original: Any) -> None:
    """The answer is the argument itself, not a copy and not a new tensor on the same memory."""
    if answer.value is not answer.given(original):
        shared = " (on the same memory)" if trees.share_memory(answer.value, answer.given(original)) else ""
        raise _finding(answer, "another object", "the argument itself", got=f"another object{shared}")


def expect_shared_memory(answer: Answer, original: Any) -> None:
    """The answer and the argument share memory: a write to one shows in the other."""
    given = answer.given(original)
    _expect_type(answer, (Tensor, np.ndarray))
    if not trees.is_empty(given) and not trees.share_memory(answer.value, given):
        raise _finding(
            answer, "a copy", "a result on the memory of the argument", got="a result with memory of its own"
        )


def expect_own_memory(answer: Answer, *others: Any) -> None:
    """The answer shares no memory with any argument, nor with `others` or a result that this was asked of before."""
    if answer.value is None:
        _expect_type(answer, (Tensor, np.ndarray))
    expected = "a result with memory of its own"
    if trees.share_memory(answer.value, [answer.args, answer.kwargs, *others]):
        got = "a result on the memory of an argument: a write to one changes the other"
        raise _finding(answer, "shared memory", expected, got=got)
    earlier = answer.stub.earlier
    if any(trees.share_memory(answer.value, value) for call, value in earlier if call is not answer.kwargs):
        got = "a result on the memory of what an earlier call returned: a write to one changes the other"
        raise _finding(answer, "shared memory", expected, got=got)
    earlier.append((answer.kwargs, answer.value))  # the dict of a call stands for the call


def expect_rules(stub: Stub, *, loops: bool = True, without: Sequence[str] = (), using: Sequence[str] = ()) -> None:
    """The function keeps the rules of its contract; see `source.broken_rules`."""
    tree = source.parse(stub.path_of_function())
    for sentence, line in source.broken_rules(tree, stub.source_name(), loops=loops, without=without, using=using):
        text = stub.path_of_function().read_text("utf-8").splitlines()[line - 1].strip()
        raise KataError("rule broken", message=f"{sentence}.", file=str(stub.path), line=line, source=text)


def _expect_type(answer: Answer, kind: Any) -> Any:
    value = answer.value
    names = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
    if value is None and kind is not type(None):
        raise _finding(answer, "wrong type", _with_article(names), got="None: is a `return` missing?")
    if not isinstance(value, kind):
        difference = f"{_kind(value)}, expected {_with_article(names)}"
        raise _finding(answer, "wrong type", _with_article(names), difference=difference)
    return value


def _expect_device(answer: Answer, got: Tensor, device: str | None) -> None:
    inputs = answer.tensor_inputs()
    wanted = device or (inputs[0].device.type if inputs else "cpu")
    if got.device.type != wanted.split(":")[0]:
        raise _finding(
            answer, "wrong device", f"a tensor on {wanted}", difference=f"on {got.device}, expected {wanted}"
        )
    if device is None:
        rehearse(answer)


def _expect_values(
    answer: Answer, got: Tensor, want: Tensor, shown: Callable[[], str], factor: float, scale: float
) -> None:
    mine, other = got.detach().cpu(), want
    rounded = other.to(mine.dtype) if mine.dtype.is_floating_point else other
    if torch.equal(mine, rounded):
        return
    if mine.dtype.is_floating_point:
        mine64, other64 = mine.double(), other.double()
        near = (mine64 - other64).abs() <= _tolerance(other64, mine.dtype, factor, scale)
        right = near | (mine64 == rounded.double()) | (mine64.isnan() & other64.isnan())
    else:
        right = mine.double() == other if other.dtype.is_floating_point else mine == other
    if bool(right.all()):
        return
    index = tuple(int(i) for i in (~right).nonzero()[0])
    place = f"at [{', '.join(map(str, index))}]: " if index else ""
    a, b = _as_text(mine[index].item(), rounded[index].item())
    count = f"; {int((~right).sum())} of {right.numel()} elements differ" if index else ""
    raise _finding(answer, "wrong values", shown(), difference=f"{place}{a} where {b} is expected{count}")


def _as_text(left: Any, right: Any) -> tuple[str, str]:
    """Two numbers as text: floats short, unless they would look the same."""
    short = f"{left:.6g}", f"{right:.6g}"
    return short if isinstance(left, float) and short[0] != short[1] else (repr(left), repr(right))


def _tolerance(want: Tensor, dtype: torch.dtype, factor: float, scale: float) -> float:
    finite = want[want.isfinite()].abs()
    largest = max(float(finite.max()) if finite.numel() else 0.0, scale)
    return factor * torch.finfo(dtype if dtype.is_floating_point else torch.float64).eps * largest


def _as_oracle(want: Any) -> Tensor:
    if isinstance(want, Tensor):
        return want.detach().cpu()
    array = np.asarray(want)
    native = array.astype(array.dtype.newbyteorder("="), copy=True)
    return torch.from_numpy(native)


def _finding(answer: Answer, reason: str, expected: str, *, got: str = "", difference: str = "") -> KataError:
    return KataError(
        reason,
        call=answer.call,
        expected=expected,
        got=got or _value_text(answer.value),
        difference=difference,
        **answer.stub.place,
    )


def _value_text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()}, dtype={value.dtype})"
    return repr(value.detach() if value.is_meta else value.detach().cpu()) if isinstance(value, Tensor) else repr(value)


def _leaf_text(tree: Any, path: str) -> str:
    leaf = dict(trees.leaves(tree)).get(path)
    return "nothing there" if leaf is None else _value_text(leaf)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _kind(value: Any) -> str:
    name = type(value).__name__
    return f"a NumPy {name}" if isinstance(value, np.generic) else _with_article(name)


def _identical(left: Any, right: Any) -> bool:
    """Whether two values are equal and of one type, inside tuples too."""
    if isinstance(left, tuple) and type(left) is type(right) and len(left) == len(right):
        return all(map(_identical, left, right))
    return type(left) is type(right) and bool(left == right)


def _with_article(name: str) -> str:
    name = "tensor" if name == "Tensor" else "array" if name == "ndarray" else name
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
