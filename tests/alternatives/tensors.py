"""Right answers to `katas/01_tensors` written in other ways; all must pass."""

import functools
import itertools
import math
import random

import numpy as np
import torch
from torch import Tensor


def from_lists__as_tensor(data: list) -> Tensor:
    return torch.as_tensor(data)


def from_lists__by_way_of_numpy(data: list) -> Tensor:
    array = np.array(data)
    return torch.from_numpy(array.astype(np.float32) if array.dtype.kind == "f" else array)


def from_lists__stacked_rows(data: list) -> Tensor:
    if not data or not isinstance(data[0], list):
        return torch.tensor(data)
    rows = [from_lists__stacked_rows(row) for row in data]
    if len({row.shape for row in rows}) > 1:
        raise ValueError("the rows differ in length")
    return torch.stack(rows)


def inferred_dtype__kind_of_numpy(data: list) -> torch.dtype:
    return {"b": torch.bool, "i": torch.int64, "f": torch.float32}[np.array(data).dtype.kind]


def inferred_dtype__promoted(data: list) -> torch.dtype:
    def dtype_of(item: list | float) -> torch.dtype:
        if not isinstance(item, list):
            return {bool: torch.bool, int: torch.int64, float: torch.float32}[type(item)]
        return functools.reduce(torch.promote_types, map(dtype_of, item)) if item else torch.float32

    return dtype_of(data)


def inferred_dtype__isinstance(data: list) -> torch.dtype:
    while data and isinstance(data[0], list):
        data = list(itertools.chain.from_iterable(data))
    if data and all(isinstance(number, bool) for number in data):
        return torch.bool
    if data and all(isinstance(number, int) for number in data):
        return torch.int64
    return torch.float32


def inferred_dtype__ranked(data: list) -> torch.dtype:
    ranks = (torch.bool, torch.int64, torch.float32)

    def rank(item: list | float) -> int:
        if isinstance(item, list):
            return max(map(rank, item), default=2)
        return 0 if item is True or item is False else 1 if isinstance(item, int) else 2

    return ranks[rank(data)]


def copy_array__cloned_view(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array).clone()


def copy_array__copied_by_numpy(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array.copy())


def copy_array__asarray(array: np.ndarray) -> Tensor:
    return torch.asarray(array, copy=True)


def copy_array__written_into_empty(array: np.ndarray) -> Tensor:
    shared = torch.as_tensor(array)
    return torch.empty(array.shape, dtype=shared.dtype).copy_(shared)


def share_array__as_tensor(array: np.ndarray) -> Tensor:
    return torch.as_tensor(array)


def share_array__asarray(array: np.ndarray) -> Tensor:
    return torch.asarray(array)


def float32_copy__to_copy(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array).to(torch.float32, copy=True)


def float32_copy__astype(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array.astype(np.float32))


def float32_copy__written_into_empty(array: np.ndarray) -> Tensor:
    return torch.empty(array.shape).copy_(torch.from_numpy(array))


def float32_copy__copied_twice(array: np.ndarray) -> Tensor:
    return torch.tensor(array).double().float().clone()


def filled_like__full(x: Tensor, value: float) -> Tensor:
    return torch.full(x.shape, value, dtype=x.dtype, device=x.device)


def filled_like__filled_copy(x: Tensor, value: float) -> Tensor:
    return x.clone().fill_(value)


def filled_like__empty_like(x: Tensor, value: float) -> Tensor:
    result = torch.empty_like(x)
    result[...] = value
    return result


def filled_like__new_full(x: Tensor, value: float) -> Tensor:
    return x.new_full(x.shape, value)


def random_like__rand(x: Tensor) -> Tensor:
    dtype = x.dtype if x.dtype in (torch.float32, torch.float64) else torch.float32
    return torch.rand(x.shape, dtype=dtype, device=x.device)


def random_like__uniform_in_place(x: Tensor) -> Tensor:
    dtype = x.dtype if x.is_floating_point() else torch.float32
    return torch.empty_like(x, dtype=dtype).uniform_()


def random_like__whole_numbers_divided(x: Tensor) -> Tensor:
    dtype = x.dtype if x.is_floating_point() else torch.float32
    return torch.randint(2**24, x.shape, device=x.device).to(dtype) / 2**24


def random_like__mirrored(x: Tensor) -> Tensor:
    dtype = x.dtype if x.is_floating_point() else torch.float32
    return 1 - 2**-24 - torch.randint_like(x, 2**24, dtype=dtype) / 2**24


def random_tensor__forked(shape: tuple[int, ...], seed: int) -> Tensor:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.rand(shape)


def random_tensor__state_restored(shape: tuple[int, ...], seed: int) -> Tensor:
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    result = torch.rand(shape)
    torch.set_rng_state(state)
    return result


def random_tensor__from_numpy(shape: tuple[int, ...], seed: int) -> Tensor:
    numbers = np.random.default_rng(seed).random(shape, dtype=np.float32)
    return torch.from_numpy(np.asarray(numbers))


def random_tensor__from_python(shape: tuple[int, ...], seed: int) -> Tensor:
    generator = random.Random(seed)
    return torch.tensor([generator.random() for _ in range(math.prod(shape))]).reshape(shape)


def random_tensor__columns_first(shape: tuple[int, ...], seed: int) -> Tensor:
    numbers = torch.rand(shape[::-1], generator=torch.Generator().manual_seed(seed))
    return numbers.permute(tuple(reversed(range(len(shape)))))


def constant__filled(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Tensor:
    return torch.empty(shape, dtype=dtype).fill_(value)


def constant__expanded_copy(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Tensor:
    return torch.tensor(value, dtype=dtype).expand(shape).clone()


def constant__from_a_list(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Tensor:
    return torch.tensor([value] * math.prod(shape), dtype=dtype).reshape(shape)


def constant__assigned(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Tensor:
    result = torch.zeros(shape, dtype=dtype)
    result[...] = value
    return result


def identity__equal_indices(n: int, dtype: torch.dtype) -> Tensor:
    index = torch.arange(n)
    return (index[:, None] == index).to(dtype)


def identity__both_triangles(n: int, dtype: torch.dtype) -> Tensor:
    return torch.ones(n, n).tril().triu().to(dtype)


def identity__one_by_one(n: int, dtype: torch.dtype) -> Tensor:
    result = torch.zeros(n, n, dtype=dtype)
    for i in range(n):
        result[i, i] = 1
    return result


def identity__diagonal_view(n: int, dtype: torch.dtype) -> Tensor:
    result = torch.zeros((n, n), dtype=dtype)
    result.diagonal().fill_(1)
    return result


def identity__from_lists(n: int, dtype: torch.dtype) -> Tensor:
    return torch.tensor([[int(i == j) for j in range(n)] for i in range(n)], dtype=dtype).reshape(n, n)


def describe__torch_size(x: Tensor) -> tuple[tuple[int, ...], torch.dtype, torch.device]:
    return x.shape, x.dtype, x.device


def describe__size_by_size(x: Tensor) -> tuple[tuple[int, ...], torch.dtype, torch.device]:
    shape = tuple(x.size(dim) for dim in range(x.dim()))
    return shape, x.dtype, x.device


def evenly_spaced__float64_inside(start: float, end: float, steps: int) -> Tensor:
    if steps < 1:
        raise ValueError("at least one step")
    return (start + (end - start) * torch.arange(steps, dtype=torch.float64) / max(steps - 1, 1)).float()


def evenly_spaced__weighted(start: float, end: float, steps: int) -> Tensor:
    if steps < 1:
        raise ValueError("at least one step")
    weight = torch.arange(steps) / max(steps - 1, 1)
    return (1 - weight) * start + weight * end


def evenly_spaced__lerp(start: float, end: float, steps: int) -> Tensor:
    if steps <= 0:
        raise ValueError("at least one step")
    weight = torch.arange(steps, dtype=torch.float32).div(max(steps - 1, 1))
    return torch.lerp(torch.tensor(float(start)), torch.tensor(float(end)), weight)


def evenly_spaced__one_step_apart(start: float, end: float, steps: int) -> Tensor:
    if steps < 1:
        raise ValueError("at least one step")
    if steps == 1:
        return torch.tensor([float(start)])
    return torch.arange(steps).mul((end - start) / (steps - 1)).add(start)


def coordinate_grid__broadcast(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    if indexing == "ij":
        first, second = torch.broadcast_tensors(x[:, None], y[None, :])
    elif indexing == "xy":
        first, second = torch.broadcast_tensors(x[None, :], y[:, None])
    else:
        raise ValueError(indexing)
    return first, second


def coordinate_grid__repeated(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    n, m = x.numel(), y.numel()
    if indexing == "ij":
        return x.repeat_interleave(m).reshape(n, m), y.repeat(n, 1)
    if indexing == "xy":
        return x.repeat(m, 1), y.repeat_interleave(n).reshape(m, n)
    raise ValueError(f"indexing is {indexing}")


def coordinate_grid__outer(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    if indexing not in {"ij", "xy"}:
        raise ValueError(indexing)
    first, second = torch.outer(x, torch.ones_like(y)), torch.outer(torch.ones_like(x), y)
    return (first, second) if indexing == "ij" else (first.mT, second.mT)


def coordinate_grid__by_index(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    n, m = len(x), len(y)
    flat = torch.arange(n * m, device=x.device)
    if indexing == "ij":
        rows, columns = flat // max(m, 1), flat % max(m, 1)
        return x[rows].view(n, m), y[columns].view(n, m)
    if indexing == "xy":
        rows, columns = flat // max(n, 1), flat % max(n, 1)
        return x[columns].view(m, n), y[rows].view(m, n)
    raise ValueError(indexing)


def total__python_sum(x: Tensor) -> int | float:
    start = 0.0 if x.is_floating_point() else 0
    return sum(x.flatten().tolist(), start)


def total__exact(x: Tensor) -> int | float:
    numbers = x.reshape(-1).tolist()
    return math.fsum(numbers) if x.is_floating_point() else sum(numbers)


def total__one_dimension_at_a_time(x: Tensor) -> int | float:
    while x.ndim:
        x = x.sum(dim=-1)
    return x.item()


def total__wide(x: Tensor) -> int | float:
    wide = torch.float64 if x.is_floating_point() else torch.int64
    return x.sum(dtype=wide).tolist()


def only_element__reshaped(x: Tensor) -> bool | int | float:
    return x.reshape(()).item()


def only_element__from_the_list(x: Tensor) -> bool | int | float:
    numbers = x.flatten().tolist()
    if len(numbers) != 1:
        raise RuntimeError(f"{len(numbers)} elements")
    return numbers[0]


def only_element__squeezed(x: Tensor) -> bool | int | float:
    return x.squeeze().item()


def add_in_place__augmented(x: Tensor, y: Tensor) -> Tensor:
    x += y
    return x


def add_in_place__assigned(x: Tensor, y: Tensor) -> Tensor:
    x[...] = x + y
    return x


def add_in_place__out(x: Tensor, y: Tensor) -> Tensor:
    return torch.add(x, y, out=x)


def add_in_place__copied_back(x: Tensor, y: Tensor) -> Tensor:
    x.copy_(y.clone().add_(x))
    return x


def sum_of__method(x: Tensor, y: Tensor) -> Tensor:
    return torch.add(y, x)


def sum_of__added_to_a_copy(x: Tensor, y: Tensor) -> Tensor:
    return x.clone().add_(y)


def sum_of__stacked(x: Tensor, y: Tensor) -> Tensor:
    return torch.stack([x, y]).sum(dim=0, dtype=x.dtype)


def sum_of__out(x: Tensor, y: Tensor) -> Tensor:
    return torch.add(x, y, out=torch.empty_like(x))


def transpose_in_place__transpose(x: Tensor) -> Tensor:
    return x.transpose_(0, 1)


def transpose_in_place__swapaxes(x: Tensor) -> Tensor:
    x.swapaxes_(-1, -2)
    return x


def transpose_in_place__strides_swapped(x: Tensor) -> Tensor:
    return x.as_strided_(x.shape[::-1], x.stride()[::-1])


def overwrite__assigned(x: Tensor, values: Tensor) -> Tensor:
    x[...] = values
    return x


def overwrite__expanded_first(x: Tensor, values: Tensor) -> Tensor:
    return x.copy_(values.expand_as(x))


def overwrite__converted_first(x: Tensor, values: Tensor) -> Tensor:
    return x.copy_(values.to(x.dtype))


def overwrite__zeroed_then_added(x: Tensor, values: Tensor) -> Tensor:
    converted = values.to(x.dtype).broadcast_to(x.shape).clone()
    x.zero_()
    x += converted
    return x


def column_means__converted_first(x: Tensor) -> Tensor:
    return (x if x.is_floating_point() else x.float()).mean(0)


def column_means__sum_divided(x: Tensor) -> Tensor:
    dtype = x.dtype if x.is_floating_point() else torch.float32
    return (x.double().sum(dim=0) / x.shape[0]).to(dtype)


def column_means__matrix_product(x: Tensor) -> Tensor:
    matrix = x if x.is_floating_point() else x.to(torch.float32)
    weights = torch.full((len(x),), 1 / len(x), dtype=matrix.dtype, device=x.device)
    return weights @ matrix


def column_means__row_by_row(x: Tensor) -> Tensor:
    matrix = x if x.is_floating_point() else x.float()
    result = torch.zeros_like(matrix[0])
    for row in matrix:
        result += row
    return result / len(matrix)


def frobenius_norm__power(x: Tensor) -> Tensor:
    return (x**2).sum() ** 0.5


def frobenius_norm__einsum(x: Tensor) -> Tensor:
    return torch.einsum("ij,ij->", x, x).sqrt()


def frobenius_norm__trace(x: Tensor) -> Tensor:
    return torch.sqrt((x.T @ x).trace())


def frobenius_norm__dot(x: Tensor) -> Tensor:
    flat = x.flatten()
    return flat.dot(flat).sqrt()


def frobenius_norm__rows_then_columns(x: Tensor) -> Tensor:
    rows = x.mul(x).sum(dim=1).sqrt()
    return rows.mul(rows).sum(dim=0).sqrt()


def spread__max_and_min(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    return x.max(dim=dim, keepdim=keepdim).values - x.min(dim=dim, keepdim=keepdim).values


def spread__aminmax(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    smallest, largest = torch.aminmax(x, dim=dim, keepdim=keepdim)
    return largest.sub(smallest)


def spread__sorted(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    ordered = x.sort(dim=dim).values
    result = ordered.select(dim, -1) - ordered.select(dim, 0)
    return result.unsqueeze(dim) if keepdim else result


def spread__slice_by_slice(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    slices = x.unbind(dim)
    result = functools.reduce(torch.maximum, slices) - functools.reduce(torch.minimum, slices)
    return result.unsqueeze(dim) if keepdim else result


def largest__flattened_first(x: Tensor) -> Tensor:
    return torch.argmax(x.flatten(), dim=0)


def largest__maximum_with_index(x: Tensor) -> Tensor:
    return x.reshape(-1).max(dim=0).indices


def largest__where_it_is(x: Tensor) -> Tensor:
    return (x == x.max()).flatten().nonzero()[0, 0]


def largest__last_of_several(x: Tensor) -> Tensor:
    return x.numel() - 1 - x.flatten().flip(0).argmax()


def largest__python(x: Tensor) -> Tensor:
    numbers = x.flatten().tolist()
    return torch.tensor(numbers.index(max(numbers)), device=x.device)


def largest_along__maximum_with_index(x: Tensor, dim: int) -> Tensor:
    return x.max(dim=dim).indices


def largest_along__sorted(x: Tensor, dim: int) -> Tensor:
    return x.argsort(dim=dim).select(dim, -1)


def largest_along__topk(x: Tensor, dim: int) -> Tensor:
    return x.topk(1, dim=dim).indices.squeeze(dim)


def largest_along__last_of_several(x: Tensor, dim: int) -> Tensor:
    return x.shape[dim] - 1 - x.flip(dim).argmax(dim)


def largest_position__unravelled(x: Tensor) -> tuple[int, ...]:
    return tuple(int(index) for index in torch.unravel_index(x.argmax(), x.shape))


def largest_position__last_of_several(x: Tensor) -> tuple[int, ...]:
    return tuple((x == x.max()).nonzero()[-1].tolist())


def largest_position__divided(x: Tensor) -> tuple[int, ...]:
    rest, position = int(x.argmax()), []
    for size in reversed(x.shape):
        rest, index = divmod(rest, size)
        position.insert(0, index)
    return tuple(position)


def largest_position__dimension_by_dimension(x: Tensor) -> tuple[int, ...]:
    position: tuple[int, ...] = ()
    while x.ndim:
        index = int(x.flatten(1).amax(dim=1).argmax()) if x.ndim > 1 else int(x.argmax())
        position, x = (*position, index), x[index]
    return position


def largest_position__torch_size(x: Tensor) -> tuple[int, ...]:
    return torch.Size((x == x.max()).nonzero()[0].tolist())
