"""The NumPy bridge: what shares memory between a tensor and an array, and what is a copy.

Unless a docstring says otherwise, tensors are on the CPU and do not require grad; arrays are
writable, in native byte order and without negative strides. No two elements lie on the same
memory (as they do after `expand`). The dtypes are bool, uint8, int8 to int64 and float16 to
float64. Any shape is legal, 0-d and empty included, contiguous or not.

Run `pytest katas/02_numpy_bridge` after each function.
"""

import numpy as np
import torch
from jaxtyping import Float, Num, Shaped
from torch import Tensor


def to_array(tensor: Shaped[Tensor, "*shape"]) -> Shaped[np.ndarray, "*shape"]:
    """Return the NumPy array that looks at the same memory as `tensor`.

    Shape and dtype: those of `tensor`.
    Memory: shared, also if `tensor` is 0-d or not contiguous. A write to either one shows in the
    other.

    >>> to_array(torch.tensor([1, 2, 3]))
    array([1, 2, 3])
    """
    raise NotImplementedError


def to_tensor(array: Shaped[np.ndarray, "*shape"]) -> Shaped[Tensor, "*shape"]:
    """Return the tensor that looks at the same memory as `array`.

    Shape and dtype: those of `array`.
    Memory: shared, also if `array` is 0-d or not contiguous. A write to either one shows in the
    other.

    >>> to_tensor(np.array([1.0, 2.0]))
    tensor([1., 2.], dtype=torch.float64)
    """
    raise NotImplementedError


def add_through_tensor(array: Num[np.ndarray, "*shape"], amount: float) -> Num[Tensor, "*shape"]:
    """Add `amount` to every element of `array`, in place, through a tensor; return it.

    `array` is float or signed integer. For integers `amount` is an int, and the sums fit the dtype.

    Shape and dtype: those of `array`.
    Memory: the tensor shares the memory of `array`.
    In place: changes `array`.

    >>> array = np.array([1, 2, 3])
    >>> add_through_tensor(array, 10)
    tensor([11, 12, 13])
    >>> array
    array([11, 12, 13])
    """
    raise NotImplementedError


def scale_through_array(tensor: Num[Tensor, "*shape"], factor: float) -> Num[np.ndarray, "*shape"]:
    """Multiply every element of `tensor` by `factor`, in place, through an array; return it.

    `tensor` is float or signed integer. For integers `factor` is an int, and the products fit the
    dtype.

    Shape and dtype: those of `tensor`.
    Memory: the array shares the memory of `tensor`.
    In place: changes `tensor`.

    >>> tensor = torch.tensor([1, 2, 3])
    >>> scale_through_array(tensor, 10)
    array([10, 20, 30])
    >>> tensor
    tensor([10, 20, 30])
    """
    raise NotImplementedError


def unlinked_sum(tensor: Num[Tensor, "*shape"], amount: float) -> Num[Tensor, "*shape"]:
    """Return `tensor` plus `amount`, linked neither to `tensor` nor to any array made from it.

    `tensor` is float or signed integer. For integers `amount` is an int, and the sums fit the dtype.

    Shape and dtype: those of `tensor`.
    Memory: new, also when `amount` is 0. `tensor` and its arrays keep their values.

    >>> tensor = torch.tensor([1, 2, 3])
    >>> unlinked_sum(tensor, 10)
    tensor([11, 12, 13])
    >>> tensor.numpy()
    array([1, 2, 3])
    """
    raise NotImplementedError


def array_copy(tensor: Shaped[Tensor, "*shape"]) -> Shaped[np.ndarray, "*shape"]:
    """Return a writable NumPy array with the values of `tensor` that later changes cannot reach.

    Shape and dtype: those of `tensor`.
    Memory: new. A write to either one never shows in the other.

    >>> array_copy(torch.tensor([1, 2, 3]))
    array([1, 2, 3])
    """
    raise NotImplementedError


def tensor_copy(array: Shaped[np.ndarray, "*shape"]) -> Shaped[Tensor, "*shape"]:
    """Return a tensor with the values of `array` that later changes cannot reach.

    Shape and dtype: those of `array`.
    Memory: new. A write to either one never shows in the other.

    >>> tensor_copy(np.array([1.0, 2.0]))
    tensor([1., 2.], dtype=torch.float64)
    """
    raise NotImplementedError


def shares_memory(tensor: Tensor, array: np.ndarray) -> bool:
    """Say whether some byte of memory belongs to an element of `tensor` and to one of `array`.

    That is: whether a write to one can show in the other. Two views of one buffer share memory
    only if they have an element in common: `x[:2]` and `x[2:]` do not, nor do `x[::2]` and
    `x[1::2]`. A tensor or array without elements shares nothing. Values and dtypes do not matter.

    `tensor` may require grad. `array` may be any view: read-only, reversed, with another dtype.

    >>> tensor = torch.zeros(4)
    >>> shares_memory(tensor[1:], tensor.numpy())
    True
    """
    raise NotImplementedError


def array_from_any_tensor(
    tensor: Shaped[Tensor, "*shape"],
) -> Shaped[np.ndarray, "*shape"]:
    """Return `tensor` as an array, even if it requires grad or lives on a GPU.

    Shape and dtype: those of `tensor`.
    Memory: shared if `tensor` is on the CPU, else new.
    Graph: `tensor` keeps its `requires_grad`, its `grad_fn` and its device.

    >>> array_from_any_tensor(torch.tensor([1.0, 2.0], requires_grad=True))
    array([1., 2.], dtype=float32)
    """
    raise NotImplementedError


def as_float32(array: Shaped[np.ndarray, "*shape"]) -> Float[Tensor, "*shape"]:
    """Return the values of `array` as a float32 tensor, copied only if the dtype must change.

    Shape: that of `array`. Dtype: float32, the default of torch (`np.ones(5)` is float64).
    Memory: shared if `array` is float32 already, also if 0-d or not contiguous; else new.

    >>> as_float32(np.ones(5))
    tensor([1., 1., 1., 1., 1.])
    """
    raise NotImplementedError


def array_like_torch(values: list) -> np.ndarray:
    """Return the NumPy array of `values` with the dtype that `torch.tensor` would choose.

    `values` is a list of Python bools, ints and floats, or such lists nested into rows of equal
    length.

    Shape: that of the nested list.
    Dtype: float32 if there is any float or nothing at all; else int64 if there is any int; else
    bool.

    >>> array_like_torch([1.0, 2.5])
    array([1. , 2.5], dtype=float32)
    """
    raise NotImplementedError


def tensor_from_any_array(array: Shaped[np.ndarray, "*shape"]) -> Shaped[Tensor, "*shape"]:
    """Return `array` as a tensor, even if `torch.from_numpy` refuses it or warns.

    `array` may have negative strides (`a[::-1]`), be read-only, or have its bytes in the other
    order (`">f8"`), or several of these at once.

    Shape and values: those of `array`. Dtype: that of `array`, in native byte order.
    Memory: new in those three cases, so a read-only array cannot be written through the
    tensor; in all others shared. `array` and its flags stay as they are.
    Warnings: none.

    >>> tensor_from_any_array(np.arange(3)[::-1])
    tensor([2, 1, 0])
    """
    raise NotImplementedError
