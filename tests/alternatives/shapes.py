"""Right answers to `katas/03_shapes` written in other ways; all must pass."""

import functools
import itertools
import math

import torch
from torch import Tensor


def regroup__worked_out(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    known = math.prod(size for size in shape if size != -1)
    full = [x.numel() // max(1, known) if size == -1 else size for size in shape]
    if shape.count(-1) > (known > 0) or math.prod(full) != x.numel():
        raise RuntimeError(f"{tuple(x.shape)} cannot be regrouped to {shape}")
    return x.view(full)


def regroup__reshape_checked(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    y = x.reshape(shape)
    if y.data_ptr() != x.data_ptr():
        raise RuntimeError("only a copy has this shape")
    return y


def regroup__size_object(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    return torch.Tensor.view(x, torch.Size(shape))


def flatten_from__two_at_a_time(x: Tensor, start_dim: int) -> Tensor:
    kept = start_dim % x.ndim
    while x.ndim > kept + 1:
        *front, n, m = x.shape
        x = x.reshape(*front, n * m)
    return x


def flatten_from__contiguous_view(x: Tensor, start_dim: int) -> Tensor:
    sizes = list(x.shape)
    return x.contiguous().view(sizes[:start_dim] + [math.prod(sizes[start_dim:])])


def flatten_from__inferred_unless_empty(x: Tensor, start_dim: int) -> Tensor:
    last = -1 if x.numel() else functools.reduce(int.__mul__, x.shape[start_dim:])
    return x.reshape(x.shape[:start_dim] + (last,))


def memory_facts__from_the_offset(y: Tensor, x: Tensor) -> tuple[bool, bool, tuple[int, ...]]:
    def start(tensor: Tensor) -> int:
        return tensor.data_ptr() - tensor.storage_offset() * tensor.element_size()

    return start(y) == start(x), y.is_contiguous(), tuple(y.stride())


def memory_facts__by_hand(y: Tensor, x: Tensor) -> tuple[bool, bool, tuple[int, ...]]:
    strides = tuple(y.stride(dim) for dim in range(y.ndim))
    step, contiguous = 1, True
    for size, stride in zip(reversed(y.shape), reversed(strides)):
        contiguous = contiguous and (size == 1 or stride == step)
        step *= size
    return x.untyped_storage().data_ptr() == y.untyped_storage().data_ptr(), contiguous, strides


def can_merge__case_by_case(x: Tensor, dim: int) -> bool:
    (n, m), (far, near) = x.shape[dim : dim + 2], x.stride()[dim : dim + 2]
    if n == 1 or m == 1:
        return True
    return far == m * near


def can_merge__all_steps(x: Tensor, dim: int) -> bool:
    sizes, strides = x.size(), x.stride()
    places = [
        i * strides[dim] + j * strides[dim + 1] for i, j in itertools.product(range(sizes[dim]), range(sizes[dim + 1]))
    ]
    return len({after - before for before, after in itertools.pairwise(places)}) <= 1


def reshape_or_copy__view_tried(x: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, bool]:
    try:
        return x.view(shape), False
    except RuntimeError:
        return x.contiguous().view(shape), True


def reshape_or_copy__storages_compared(x: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, bool]:
    y = torch.reshape(x, shape)
    return y, y.untyped_storage().data_ptr() != x.untyped_storage().data_ptr()


def channels_first__movedim(images: Tensor) -> Tensor:
    return images.movedim(-1, 1)


def channels_first__two_swaps(images: Tensor) -> Tensor:
    return images.transpose(2, 3).transpose(1, 2)


def channels_first__as_strided(images: Tensor) -> Tensor:
    n, h, w, c = images.shape
    a, b, d, e = images.stride()
    return images.as_strided((n, c, h, w), (a, e, b, d))


def undo_permute__movedim(y: Tensor, dims: tuple[int, ...]) -> Tensor:
    return y.movedim(tuple(range(y.ndim)), dims)


def undo_permute__argsort(y: Tensor, dims: tuple[int, ...]) -> Tensor:
    return y.permute(sorted(range(y.ndim), key=dims.__getitem__))


def undo_permute__until_it_is_home(y: Tensor, dims: tuple[int, ...]) -> Tensor:
    order = list(dims)
    while order != sorted(order):
        y, order = y.permute(dims), [order[dim] for dim in dims]
    return y


def insert_dim__none_as_index(x: Tensor, dim: int) -> Tensor:
    position = range(x.ndim + 1)[dim]
    return x[(slice(None),) * position + (None,)]


def insert_dim__reshaped(x: Tensor, dim: int) -> Tensor:
    position = dim if dim >= 0 else dim + x.ndim + 1
    if not 0 <= position <= x.ndim:
        raise IndexError(f"there is no dimension {dim}")
    return x.view(x.shape[:position] + (1,) + x.shape[position:])


def remove_dim__selected(x: Tensor, dim: int) -> Tensor:
    return x.select(dim, 0) if x.shape[dim] == 1 else x


def remove_dim__viewed(x: Tensor, dim: int) -> Tensor:
    dim = range(x.ndim)[dim]
    sizes = [size for place, size in enumerate(x.shape) if place != dim or size != 1]
    return x.view(sizes)


def remove_dim__flattened_pair(x: Tensor, dim: int) -> Tensor:
    if x.size(dim) > 1 or x.size(dim) == 0:
        return x[...]
    return x.movedim(dim, 0)[0]


def stretch__broadcast_to(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    return torch.broadcast_to(x, shape)


def stretch__as_strided(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    missing = len(shape) - x.ndim
    old = (1,) * missing + tuple(x.shape)
    if missing < 0 or any(size not in (1, other) for size, other in zip(old, shape)):
        raise RuntimeError(f"{tuple(x.shape)} cannot be stretched to {shape}")
    strides = (0,) * missing + x.stride()
    return x.as_strided(shape, [0 if size == 1 else stride for size, stride in zip(old, strides)])


def stretch__expand_as(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    return x.expand_as(torch.empty(shape, device="meta"))


def tile__torch_tile(x: Tensor, repeats: tuple[int, ...]) -> Tensor:
    return torch.tile(x, repeats)


def tile__joined(x: Tensor, repeats: tuple[int, ...]) -> Tensor:
    x = x[(None,) * (len(repeats) - x.ndim)].clone()
    for dim, count in enumerate(repeats):
        x = torch.cat([x] * count, dim)
    return x if repeats else x.clone()


def tile__indexed(x: Tensor, repeats: tuple[int, ...]) -> Tensor:
    x = x.reshape((1,) * (len(repeats) - x.ndim) + tuple(x.shape)).clone()
    for dim, count in enumerate(repeats):
        x = x.index_select(dim, torch.arange(x.shape[dim], device=x.device).repeat(count))
    return x


def edges__select(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return x.select(0, 0), x.select(1, 0), x.select(-1, -1)


def edges__unbind(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return x.unbind()[0], x.unbind(1)[0], x.unbind(-1)[-1]


def edges__narrow(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return (
        x.narrow(0, 0, 1).squeeze(0),
        x.transpose(0, 1)[0],
        x.narrow(-1, x.shape[-1] - 1, 1).squeeze(-1),
    )


def write_column__copy(x: Tensor, column: int, values: Tensor) -> Tensor:
    x.select(1, column).copy_(values)
    return x


def write_column__row_of_the_transpose(x: Tensor, column: int, values: Tensor) -> Tensor:
    x.T[column] = values
    return x


def write_column__row_by_row(x: Tensor, column: int, values: Tensor) -> Tensor:
    if column not in range(-x.shape[1], x.shape[1]):
        raise IndexError(column)
    for row, value in zip(x, values):
        row[column] = value
    return x


def above__masked_select(x: Tensor, threshold: float) -> Tensor:
    return torch.masked_select(x, x > threshold)


def above__positions(x: Tensor, threshold: float) -> Tensor:
    flat = x.reshape(-1)
    return flat[(flat > threshold).nonzero().squeeze(1)]


def pick_rows__index_select(x: Tensor, index: Tensor) -> Tensor:
    if ((index < -len(x)) | (index >= len(x))).any():
        raise IndexError("no such row")
    return torch.index_select(x, 0, index % len(x))


def pick_rows__one_by_one(x: Tensor, index: Tensor) -> Tensor:
    rows = [x[row] for row in index.tolist()]
    return torch.stack(rows) if rows else x.new_empty((0, *x.shape[1:]))


def pick_rows__list(x: Tensor, index: Tensor) -> Tensor:
    return x[index, ...]


def join__along_dim_0(tensors: list[Tensor], dim: int) -> Tensor:
    return torch.concatenate([tensor.movedim(dim, 0) for tensor in tensors]).movedim(0, dim)


def join__one_at_a_time(tensors: list[Tensor], dim: int) -> Tensor:
    return functools.reduce(lambda left, right: torch.cat([left, right], dim), tensors[1:], tensors[0].clone())


def join__written_into_empty(tensors: list[Tensor], dim: int) -> Tensor:
    shapes = [list(tensor.shape) for tensor in tensors]
    sizes = [shape.pop(dim) for shape in shapes]
    if any(shape != shapes[0] for shape in shapes):
        raise RuntimeError("the sizes differ in another dimension")
    total = list(tensors[0].shape)
    total[dim] = sum(sizes)
    result = tensors[0].new_empty(total)
    for part, tensor in zip(result.split(sizes, dim), tensors):
        part.copy_(tensor)
    return result


def stacked__moved(tensors: list[Tensor], dim: int) -> Tensor:
    return torch.cat([tensor[None] for tensor in tensors]).movedim(0, dim)


def stacked__written_into_empty(tensors: list[Tensor], dim: int) -> Tensor:
    shape = tensors[0].shape
    if any(tensor.shape != shape for tensor in tensors):
        raise RuntimeError("the shapes differ")
    result = tensors[0].new_empty(len(tensors), *shape)
    for row, tensor in zip(result, tensors):
        row.copy_(tensor)
    return result.movedim(0, dim)
