"""Tensors: make them, ask about them, add in place or not, and reduce them.

Results live on the device of the input tensor; without one, on the CPU.
A function changes its arguments only where it says `In place:`.
Integers are uint8, int8, int16, int32 or int64; floats are float32 or float64.
No two elements of an input lie on the same memory (as they do after `expand`).
NumPy arrays are writable, hold bools, integers or floats, and have no negative strides (`a[::-1]` has).
Reductions (from `total` on) get finite numbers.

Run `pytest katas/01_tensors` after each function.
"""

import numpy as np
import torch
from jaxtyping import Float, Int, Num, Shaped
from torch import Tensor


def from_lists(data: list) -> Tensor:
    """Return a tensor that holds the Python numbers of a list, which may be nested to any depth.

    Shape: one dimension for each level of nesting.
    Dtype: float32 if there is a float among the numbers or no number at all, else int64 if there is an int,
    else bool.
    Raises: ValueError if `data` is ragged, that is, two lists on the same level differ in length.
    What happens to ragged lists when one of them is empty is left open.

    >>> from_lists([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    raise NotImplementedError


def inferred_dtype(data: list) -> torch.dtype:
    """Return the dtype that `torch.tensor(data)` would have, found by looking at the Python numbers.

    One float is enough for float32; else one int is enough for int64; only bools give bool.
    An empty list, nested or not, gives float32, the default dtype. `data` is not ragged.

    Rule: `tensor`, `as_tensor`, `asarray`, `Tensor` and `from_lists` are not allowed.

    >>> inferred_dtype([[1, 2], [3, 4.5]])
    torch.float32
    """
    raise NotImplementedError


def copy_array(array: np.ndarray) -> Tensor:
    """Return a tensor with the values of a NumPy array, in memory of its own.

    Shape: that of the array. Dtype: the one of the same name (NumPy's float64 gives float64).
    Memory: new; a later change of the array does not show in the tensor, nor the other way round.

    >>> copy_array(np.array([1.0, 2.0]))
    tensor([1., 2.], dtype=torch.float64)
    """
    raise NotImplementedError


def share_array(array: np.ndarray) -> Tensor:
    """Return a tensor that is a second view of a NumPy array's memory.

    The array has at least one dimension.

    Shape: that of the array. Dtype: the one of the same name.
    Memory: shared with the array; a write to either shows in both.

    >>> array = np.zeros(3)
    >>> share_array(array)[0] = 7
    >>> array
    array([7., 0., 0.])
    """
    raise NotImplementedError


def float32_copy(array: np.ndarray) -> Float[Tensor, "..."]:
    """Return a float32 tensor with the values of a NumPy array, in memory of its own.

    Shape: that of the array. Dtype: float32, whatever the array holds (True is 1).
    Memory: always new, also when the array is float32 already.

    >>> float32_copy(np.array([1, 2]))
    tensor([1., 2.])
    """
    raise NotImplementedError


def filled_like(x: Shaped[Tensor, "..."], value: float) -> Shaped[Tensor, "..."]:
    """Return a tensor like `x` in which every element is `value`, a number or bool that the dtype of `x` can hold.

    Shape: that of `x`. Dtype: that of `x`; bools are allowed.
    Memory: new, a place of its own for every element.

    >>> filled_like(torch.tensor([[1, 2], [3, 4]]), 7)
    tensor([[7, 7],
            [7, 7]])
    """
    raise NotImplementedError


def random_like(x: Shaped[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Return a tensor like `x` whose elements are drawn independently and uniformly from [0, 1).

    The numbers come from torch's global random state: after the same `torch.manual_seed` they are the same,
    and a second call gives others. Which numbers a seed gives is left open.

    Shape: that of `x`. Dtype: that of `x` if it holds floats, float32 if it holds integers or bools.

    >>> random_like(torch.tensor([1, 2, 3])).dtype
    torch.float32
    """
    raise NotImplementedError


def random_tensor(shape: tuple[int, ...], seed: int) -> Float[Tensor, "..."]:
    """Return a tensor whose elements are drawn independently and uniformly from [0, 1), repeatable from `seed`.

    The same shape and seed (from 0 to 2**32 - 1) give the same numbers, whatever the global random state is; another
    seed gives others. Which numbers a seed gives is left open. torch's global random state stays as it was.

    Shape: `shape`. Dtype: float32.

    >>> torch.equal(random_tensor((2, 3), seed=7), random_tensor((2, 3), seed=7))
    True
    """
    raise NotImplementedError


def constant(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Shaped[Tensor, "..."]:
    """Return a tensor in which every element is `value`, a number or bool that `dtype` can hold.

    A float is rounded to `dtype`, an integer stays exact.

    Shape: `shape`; () gives a tensor without dimensions, a size of 0 one without elements.
    Dtype: `dtype`: an integer, float or bool dtype. Memory: a place of its own for every element.

    >>> constant((2, 3), 1, torch.float32)
    tensor([[1., 1., 1.],
            [1., 1., 1.]])
    """
    raise NotImplementedError


def identity(n: int, dtype: torch.dtype) -> Shaped[Tensor, "n n"]:
    """Return the identity matrix: 1 at [i, i], 0 everywhere else.

    Shape: (n, n), with n = 0 allowed. Dtype: `dtype`: an integer, float or bool dtype.
    Rule: `eye` is not allowed.

    >>> identity(3, torch.int64)
    tensor([[1, 0, 0],
            [0, 1, 0],
            [0, 0, 1]])
    """
    raise NotImplementedError


def describe(x: Shaped[Tensor, "..."]) -> tuple[tuple[int, ...], torch.dtype, torch.device]:
    """Return the shape, the dtype and the device of `x`, in this order, as a tuple.

    The shape is a tuple of ints (`torch.Size` is such a tuple); dtype and device are torch's objects, not strings.

    >>> describe(torch.tensor([[1, 2, 3], [4, 5, 6]]))
    ((2, 3), torch.int64, device(type='cpu'))
    """
    raise NotImplementedError


def evenly_spaced(start: float, end: float, steps: int) -> Float[Tensor, "steps"]:
    """Return `steps` values from `start` to `end` in equal steps, both ends included.

    The value at index i is start + i * (end - start) / (steps - 1); one step gives [start].
    `end` may be smaller than `start`; either may be an int.

    Shape: (steps,). Dtype: float32.
    Raises: ValueError if `steps` is less than 1.
    Rule: build it from `arange`; `linspace` is not allowed, nor is a Python loop.

    >>> evenly_spaced(3, 10, 5)
    tensor([ 3.0000,  4.7500,  6.5000,  8.2500, 10.0000])
    """
    raise NotImplementedError


def coordinate_grid(
    x: Shaped[Tensor, "n"], y: Shaped[Tensor, "m"], indexing: str = "ij"
) -> tuple[Shaped[Tensor, "rows columns"], Shaped[Tensor, "rows columns"]]:
    """Return two matrices (as a tuple) that hold the x and the y of every point of a grid.

    With "ij", first[i, j] = x[i] and second[i, j] = y[j].
    With "xy", both are transposed: first[j, i] = x[i] and second[j, i] = y[j].

    Shape: both (n, m) for "ij", both (m, n) for "xy"; n and m may be 0.
    Dtype: that of `x` and `y`, which have the same.
    Memory: new or shared with `x` and `y`, as you like.
    Raises: ValueError if `indexing` is neither "ij" nor "xy".
    Rule: `meshgrid` is not allowed.

    >>> coordinate_grid(torch.tensor([1, 2, 3]), torch.tensor([4, 5, 6]))[0]
    tensor([[1, 1, 1],
            [2, 2, 2],
            [3, 3, 3]])
    """
    raise NotImplementedError


def total(x: Num[Tensor, "..."]) -> int | float:
    """Return the sum of all elements as a Python number.

    Integers give an int, floats a float, also without any element (0 and 0.0).
    The sum of integers is exact, as long as it fits int64, even if it does not fit the dtype of `x`.

    >>> total(torch.tensor([[1, 2], [3, 4]]))
    10
    """
    raise NotImplementedError


def only_element(x: Shaped[Tensor, "..."]) -> bool | int | float:
    """Return the only element of a tensor, of whatever shape, as a Python number.

    A bool tensor gives a bool, integers give an int, floats a float.

    Raises: RuntimeError if `x` has no element or several, as `item()` does.

    >>> only_element(torch.tensor([[2.5]]))
    2.5
    """
    raise NotImplementedError


def add_in_place(x: Num[Tensor, "..."], y: Num[Tensor, "..."]) -> Num[Tensor, "..."]:
    """Add `y` to `x`, in the memory of `x`, and return `x` itself.

    `x` and `y` have the same shape and the same dtype, integers or floats. The sums fit the dtype.

    In place: `x`; the sum also shows in every view of `x`. `y` stays as it is.

    >>> x = torch.tensor([1, 2])
    >>> add_in_place(x, torch.tensor([10, 20])) is x
    True
    >>> x
    tensor([11, 22])
    """
    raise NotImplementedError


def sum_of(x: Num[Tensor, "..."], y: Num[Tensor, "..."]) -> Num[Tensor, "..."]:
    """Return x + y and leave both as they are.

    `x` and `y` have the same shape and the same dtype, integers or floats; so has the sum.
    The sums fit the dtype.

    Memory: new.

    >>> sum_of(torch.tensor([1, 2]), torch.tensor([10, 20]))
    tensor([11, 22])
    """
    raise NotImplementedError


def transpose_in_place(x: Shaped[Tensor, "n m"]) -> Shaped[Tensor, "m n"]:
    """Turn the matrix `x` into its transpose and return `x` itself.

    Shape: (n, m) before, (m, n) after.
    In place: the shape and the strides of `x`. Memory: no element moves, so views of `x` stay as they are.

    >>> transpose_in_place(torch.tensor([[1, 2, 3], [4, 5, 6]]))
    tensor([[1, 4],
            [2, 5],
            [3, 6]])
    """
    raise NotImplementedError


def overwrite(x: Num[Tensor, "..."], values: Num[Tensor, "..."]) -> Num[Tensor, "..."]:
    """Write `values` into the memory of `x` and return `x` itself.

    `values` has the shape of `x` or can be broadcast to it: a row is written into every row of a matrix,
    a tensor without dimensions into every element. Both hold integers or floats.

    Dtype: `x` keeps its own; a float written into an integer tensor loses its fraction (2.7 gives 2, -2.7
    gives -2). Every value fits the dtype of `x`.
    In place: `x`; the new values also show in every view of `x`. `values` stays as it is.
    Raises: RuntimeError if `values` cannot be broadcast to the shape of `x`, as `copy_` does.
    What happens to `values` with more dimensions than `x`, the first of size 1, is left open.

    >>> overwrite(torch.zeros(2, 3, dtype=torch.int64), torch.tensor([1.0, 2.7, -2.7]))
    tensor([[ 1,  2, -2],
            [ 1,  2, -2]])
    """
    raise NotImplementedError


def column_means(x: Num[Tensor, "n d"]) -> Float[Tensor, "d"]:
    """Return the mean of each column of a matrix, the mean over dimension 0.

    Shape: (d,). There is at least one row; d = 0 is allowed.
    Dtype: that of `x` if it holds floats, float32 if it holds integers.

    >>> column_means(torch.tensor([[1, 2], [3, 4]]))
    tensor([2., 3.])
    """
    raise NotImplementedError


def frobenius_norm(x: Float[Tensor, "n m"]) -> Float[Tensor, ""]:
    """Return the Frobenius norm of a matrix: the square root of the sum of its squared elements.

    No square is too large for the dtype. A matrix without elements has norm 0.

    Shape: (), a tensor without dimensions. Dtype: that of `x`.
    Rule: `norm`, `vector_norm` and `matrix_norm` are not allowed.

    >>> frobenius_norm(torch.tensor([[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]]))
    tensor(0.5292)
    """
    raise NotImplementedError


def spread(x: Num[Tensor, "..."], dim: int, keepdim: bool = False) -> Num[Tensor, "..."]:
    """Return the largest minus the smallest value along the dimension `dim`.

    `x` has at least one dimension, and at least one element along `dim`, which may be negative to count from
    the last. The differences fit the dtype of `x`.

    Shape: that of `x` without `dim`; with `keepdim`, that of `x` with size 1 at `dim`. Dtype: that of `x`.

    >>> spread(torch.tensor([[1, 2, 9], [4, 4, 4]]), dim=1)
    tensor([8, 0])
    """
    raise NotImplementedError


def largest(x: Num[Tensor, "..."]) -> Int[Tensor, ""]:
    """Return the index of the largest element of `x`, as if `x` were flattened row by row.

    `x` has at least one element. If several are largest, any of them will do.

    Shape: (), a tensor without dimensions. Dtype: int64.

    >>> largest(torch.tensor([[1, 2], [3, 4]]))
    tensor(3)
    """
    raise NotImplementedError


def largest_along(x: Num[Tensor, "..."], dim: int) -> Int[Tensor, "..."]:
    """Return, along the dimension `dim`, the index of the largest element.

    `x` has at least one dimension, and at least one element along `dim`, which may be negative to count from
    the last. If several elements are largest, any of them will do.

    Shape: that of `x` without `dim`. Dtype: int64.

    >>> largest_along(torch.tensor([[1, 2], [3, 4]]), dim=0)
    tensor([1, 1])
    """
    raise NotImplementedError


def largest_position(x: Num[Tensor, "..."]) -> tuple[int, ...]:
    """Return the position of the largest element of `x`: one index for each dimension, so that x[position] is it.

    `x` has at least one element. If several are largest, any of them will do.
    The indices are Python ints in a tuple; a tensor without dimensions gives ().

    >>> largest_position(torch.tensor([[1, 2, 9], [3, 4, 5]]))
    (0, 2)
    """
    raise NotImplementedError
