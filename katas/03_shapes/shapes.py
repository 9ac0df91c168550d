"""Shapes: other shapes for the same memory, dimensions moved and stretched, indexing, joining.

A view is a tensor on the memory of another one: no element is copied, and a write to one shows in the other.
`Memory: a view` and `Memory: new` are part of a contract; where nothing is said, either will do.
Results live on the device of the input and have its dtype.
A function changes its arguments only where it says `In place:`.
Tensors hold bools, integers or floats and do not require grad. They may be non-contiguous, and may have sizes of 0,
unless a docstring says otherwise. No two elements of an input lie on the same memory (as they do after `expand`).
A dimension `dim` may be negative: then it counts from the last.

Run `pytest katas/03_shapes` after each function.
"""

import math

import torch
from jaxtyping import Int, Shaped
from torch import Tensor


def regroup(x: Shaped[Tensor, "..."], shape: tuple[int, ...]) -> Shaped[Tensor, "..."]:
    """Return a view of `x` with the shape `shape`, in which one size may be -1 and is then worked out.

    Read row by row, the elements keep their order. `x` has at least one element.

    Shape: `shape`; in place of -1 the size that makes the number of elements right. Memory: a view, never a copy.
    Raises: RuntimeError if two sizes are -1, if `shape` does not hold exactly the elements of `x`, or if the strides
    of `x` allow no view of this shape. (`Tensor.view` does all that.)

    >>> regroup(torch.arange(16), (2, -1)).shape
    torch.Size([2, 8])
    """
    raise NotImplementedError


def flatten_from(x: Shaped[Tensor, "..."], start_dim: int) -> Shaped[Tensor, "..."]:
    """Return `x` with the dimension `start_dim` and all after it flattened into one.

    Read row by row, the elements keep their order. `x` has at least one dimension.

    Shape: the sizes before `start_dim`, then the product of the others, which may be 0.
    Memory: a view if `x` is contiguous.
    Rule: `flatten` is not allowed.

    >>> flatten_from(torch.empty(10000, 3, 28, 28, dtype=torch.uint8), 2).shape
    torch.Size([10000, 3, 784])
    """
    raise NotImplementedError


def memory_facts(y: Shaped[Tensor, "..."], x: Shaped[Tensor, "..."]) -> tuple[bool, bool, tuple[int, ...]]:
    """Return three facts about `y`: whether its storage is that of `x`, whether it is contiguous, and its strides.

    The storage is the whole block of memory behind a tensor and its views. Two tensors can have one storage and no
    element in common, as `x[:2]` and `x[2:]`. Both tensors have at least one element, and the same dtype.
    Contiguous means: read row by row, the elements of `y` follow each other in memory without a gap.
    The strides are a tuple of ints: how many elements further in memory one step along each dimension leads.

    >>> x = torch.zeros(2, 3)
    >>> memory_facts(x.T, x)
    (True, False, (1, 3))
    """
    raise NotImplementedError


def can_merge(x: Shaped[Tensor, "..."], dim: int) -> bool:
    """Say whether the dimensions `dim` and `dim` + 1 of `x` can become one without a copy.

    They can if the elements of both, read row by row, lie in memory with one and the same step between neighbours.
    A dimension of size 1 can always be merged. `x` has at least one element, and 0 <= `dim` < `x.ndim` - 1.

    Rule: find it from the sizes and strides: `view`, `reshape`, `flatten` and `is_contiguous` are not allowed.

    >>> x = torch.zeros(2, 3, 4)
    >>> can_merge(x, 0), can_merge(x.transpose(0, 1), 0)
    (True, False)
    """
    raise NotImplementedError


def reshape_or_copy(x: Shaped[Tensor, "..."], shape: tuple[int, ...]) -> tuple[Shaped[Tensor, "..."], bool]:
    """Return `x` with the shape `shape`, and (as a bool) whether its elements had to be copied for that.

    Read row by row, the elements keep their order. `shape` holds exactly the elements of `x`, at least one.

    Memory: a view wherever the strides of `x` allow one, else new.

    >>> reshape_or_copy(torch.arange(4), (2, 2))
    (tensor([[0, 1],
            [2, 3]]), False)
    """
    raise NotImplementedError


def channels_first(images: Shaped[Tensor, "n h w c"]) -> Shaped[Tensor, "n c h w"]:
    """Return the images with the channels moved from the last dimension to the second.

    So result[n, c, h, w] = images[n, h, w, c]. Any size may be 0.

    Shape: (n, c, h, w). Memory: a view.

    >>> channels_first(torch.zeros(10, 28, 32, 3)).shape
    torch.Size([10, 3, 28, 32])
    """
    raise NotImplementedError


def undo_permute(y: Shaped[Tensor, "..."], dims: tuple[int, ...]) -> Shaped[Tensor, "..."]:
    """Return the tensor x for which `x.permute(dims)` is `y`.

    `dims` holds each of 0, 1, ..., `y.ndim` - 1 once.

    Memory: a view.

    >>> x = torch.zeros(2, 3, 5)
    >>> undo_permute(x.permute(2, 0, 1), (2, 0, 1)).shape
    torch.Size([2, 3, 5])
    """
    raise NotImplementedError


def insert_dim(x: Shaped[Tensor, "..."], dim: int) -> Shaped[Tensor, "..."]:
    """Return a view of `x` with a new dimension of size 1, which is dimension `dim` of the result.

    Legal are the dimensions of the result, so -1 puts the new one last and -(`x.ndim` + 1) puts it first.

    Memory: a view.
    Raises: IndexError for any other `dim`.

    >>> x = torch.zeros(2, 3)
    >>> insert_dim(x, 1).shape, insert_dim(x, -1).shape
    (torch.Size([2, 1, 3]), torch.Size([2, 3, 1]))
    """
    raise NotImplementedError


def remove_dim(x: Shaped[Tensor, "..."], dim: int) -> Shaped[Tensor, "..."]:
    """Return a view of `x` without the dimension `dim` if its size is 1, else with the shape of `x`.

    All other dimensions stay, those of size 1 too. `x` has at least one dimension.

    Memory: a view, also if nothing is removed.
    Raises: IndexError if `x` has no dimension `dim`.

    >>> x = torch.zeros(1, 2, 1)
    >>> remove_dim(x, 0).shape, remove_dim(x, 1).shape
    (torch.Size([2, 1]), torch.Size([1, 2, 1]))
    """
    raise NotImplementedError


def stretch(x: Shaped[Tensor, "..."], shape: tuple[int, ...]) -> Shaped[Tensor, "..."]:
    """Return `x` repeated along its dimensions of size 1, and along new ones in front, without a copy.

    The sizes in `shape` are at least 1, and so are those of `x`. From the last on, each size of `x` is that of
    `shape` or 1. `shape` may have more dimensions than `x`: these come in front.

    Shape: `shape`. Memory: a view; a dimension that repeats has stride 0, so all its elements are one place.
    Raises: RuntimeError if `shape` does not fit, as `expand` does.

    >>> y = stretch(torch.tensor([[1], [2], [3]]), (3, 4))
    >>> y.shape, y.stride()
    (torch.Size([3, 4]), (1, 0))
    """
    raise NotImplementedError


def tile(x: Shaped[Tensor, "..."], repeats: tuple[int, ...]) -> Shaped[Tensor, "..."]:
    """Return `x` laid side by side like tiles, `repeats[i]` times along dimension i.

    `repeats` has at least as many numbers as `x` has dimensions. If it has more, `x` first gets new dimensions of
    size 1 in front. So result[i, j, ...] = x[i % n, j % m, ...]. The numbers are at least 1.

    Shape: each size times its number of repeats. Memory: new, a place of its own for every element.

    >>> tile(torch.tensor([1, 2, 3]), (4, 2))
    tensor([[1, 2, 3, 1, 2, 3],
            [1, 2, 3, 1, 2, 3],
            [1, 2, 3, 1, 2, 3],
            [1, 2, 3, 1, 2, 3]])
    >>> tile(torch.tensor([1, 2, 3]), (4, 2, 1)).shape
    torch.Size([4, 2, 3])
    """
    raise NotImplementedError


def edges(
    x: Shaped[Tensor, "n m ..."],
) -> tuple[Shaped[Tensor, "..."], Shaped[Tensor, "..."], Shaped[Tensor, "..."]]:
    """Return, as a tuple, the first row, the first column and the last column of `x`.

    The first row is index 0 of the first dimension, the first column is index 0 of the second. The last column
    is the last index of the *last* dimension, however many dimensions `x` has: at least two, none of size 0.

    Shape: that of `x` without the dimension of the index. Memory: three views.

    >>> edges(torch.tensor([[1, 2, 3], [4, 5, 6]]))
    (tensor([1, 2, 3]), tensor([1, 4]), tensor([3, 6]))
    """
    raise NotImplementedError


def write_column(x: Shaped[Tensor, "n m"], column: int, values: Shaped[Tensor, "n"]) -> Shaped[Tensor, "n m"]:
    """Write `values` into one column of the matrix `x`, and return `x` itself.

    A negative `column` counts from the last. `values` has the dtype of `x`.

    In place: `x`; the values also show in every view of `x`, and in the tensor that `x` is a view of.
    `values` stays as it is.
    Raises: IndexError if `x` has no such column; then nothing is written.

    >>> write_column(torch.zeros(2, 3), 1, torch.tensor([5.0, 7.0]))
    tensor([[0., 5., 0.],
            [0., 7., 0.]])
    """
    raise NotImplementedError


def above(x: Shaped[Tensor, "..."], threshold: float) -> Shaped[Tensor, "k"]:
    """Return the elements of `x` that are greater than `threshold`, read row by row.

    `x` holds floats or signed integers.

    Shape: (k,), with k = 0 if there is none. Memory: new, also if all elements are taken.

    >>> above(torch.tensor([[1, 5, 2], [7, 0, 3]]), 2)
    tensor([5, 7, 3])
    """
    raise NotImplementedError


def pick_rows(x: Shaped[Tensor, "n ..."], index: Int[Tensor, "k"]) -> Shaped[Tensor, "k ..."]:
    """Return the rows of `x` (indices of the first dimension) that `index` names: result[i] = x[index[i]].

    A row may be named twice or never; a negative index counts from the last row. `index` is int64.

    Shape: (k, ...), with k = 0 allowed. Memory: new, also if every row is named once and in order.
    Raises: IndexError if `x` has no such row.

    >>> pick_rows(torch.tensor([[1, 2], [3, 4], [5, 6]]), torch.tensor([-1, 0, 0]))
    tensor([[5, 6],
            [1, 2],
            [1, 2]])
    """
    raise NotImplementedError


def join(tensors: list[Shaped[Tensor, "..."]], dim: int) -> Shaped[Tensor, "..."]:
    """Return the tensors joined end to end along an existing dimension, in the order of the list.

    There is at least one tensor. All have one dtype, and the same number of dimensions, at least one.
    They have the same shape, but for their sizes along `dim`.

    Shape: along `dim` the sum of the sizes. Memory: new, also for a single tensor.
    Raises: RuntimeError if the other sizes differ, as `torch.cat` does.

    >>> a = torch.zeros(4, 4)
    >>> join([a, a], 0).shape, join([a, a], 1).shape
    (torch.Size([8, 4]), torch.Size([4, 8]))
    """
    raise NotImplementedError


def stacked(tensors: list[Shaped[Tensor, "..."]], dim: int) -> Shaped[Tensor, "..."]:
    """Return the tensors side by side along a new dimension, which is dimension `dim` of the result.

    There is at least one tensor. All have one dtype and one shape, perhaps ().

    Shape: that of the tensors, with the number of tensors put in at `dim`. Memory: new, also for a single tensor.
    Raises: RuntimeError if the shapes differ.
    Rule: `stack` is not allowed.

    >>> a = torch.zeros(4, 4)
    >>> [tuple(stacked([a, a], dim).shape) for dim in (0, 1, 2)]
    [(2, 4, 4), (4, 2, 4), (4, 4, 2)]
    """
    raise NotImplementedError
