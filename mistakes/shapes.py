"""Wrong answers that people really write for `katas/03_shapes`; each docstring says what is wrong."""

import math

import torch
from torch import Tensor

# regroup


def regroup__reshape(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """`reshape` copies where no view is possible; here that case must raise RuntimeError."""
    return x.reshape(shape)


def regroup__contiguous_first(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """`contiguous()` copies a tensor that is not contiguous, so the result is no view of `x`."""
    return x.contiguous().view(shape)


def regroup__copied(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The elements are copied, so a write to the result does not show in `x`; here the result must be a view."""
    return x.clone().view(shape)


def regroup__only_contiguous(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Every tensor that is not contiguous is refused; some shapes are views of it all the same."""
    if not x.is_contiguous():
        raise RuntimeError("x is not contiguous")
    return x.view(shape)


def regroup__valueerror(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Two sizes of -1 raise ValueError; here it is RuntimeError, as in `view`."""
    if shape.count(-1) > 1:
        raise ValueError("only one size can be worked out")
    return x.view(shape)


def regroup__second_inferred_size_is_1(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Of several sizes of -1, all but the first become 1; two of them say too little and must raise RuntimeError."""
    first = shape.index(-1) if -1 in shape else 0
    return x.view([1 if size == -1 and place > first else size for place, size in enumerate(shape)])


def regroup__cut_to_fit(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Elements that have no room in the shape are dropped; a shape that does not fit must raise RuntimeError."""
    if -1 in shape or math.prod(shape) >= x.numel():
        return x.view(shape)
    return x.view(-1)[: math.prod(shape)].view(shape)


def regroup__divided_by_nothing(x, shape) -> Tensor:
    """Beside a 0 a size of -1 could be anything: RuntimeError, and not the ZeroDivisionError of the division."""
    known = math.prod(size for size in shape if size != -1)
    full = [x.numel() // known if size == -1 else size for size in shape]
    if shape.count(-1) > 1 or math.prod(full) != x.numel():
        raise RuntimeError("does not fit")
    return x.view(full)


# flatten_from


def flatten_from__everything(x: Tensor, start_dim: int) -> Tensor:
    """All dimensions are flattened; those before `start_dim` must stay."""
    return x.reshape(x.numel())


def flatten_from__one_too_late(x: Tensor, start_dim: int) -> Tensor:
    """The dimension `start_dim` itself is left out; it is the first of those that become one."""
    start_dim %= x.ndim
    return x.reshape(*x.shape[: start_dim + 1], math.prod(x.shape[start_dim + 1 :]))


def flatten_from__the_dimensions_before(x: Tensor, start_dim: int) -> Tensor:
    """The dimensions up to `start_dim` become one; it must be those from `start_dim` on."""
    start_dim %= x.ndim
    return x.reshape(math.prod(x.shape[: start_dim + 1]), *x.shape[start_dim + 1 :])


def flatten_from__always_from_1(x: Tensor, start_dim: int) -> Tensor:
    """It flattens from dimension 1 on, as `nn.Flatten` does by default; `start_dim` says where to begin."""
    return x.reshape(x.shape[0], math.prod(x.shape[1:]))


def flatten_from__view(x: Tensor, start_dim: int) -> Tensor:
    """`view` fails for many tensors that are not contiguous; they must be flattened too, with a copy if need be."""
    return x.view(*x.shape[:start_dim], math.prod(x.shape[start_dim:]))


def flatten_from__minus_one_when_empty(x: Tensor, start_dim: int) -> Tensor:
    """-1 cannot be worked out if another size is 0; multiply the sizes that become one instead."""
    return x.reshape(*x.shape[:start_dim], -1)


def flatten_from__negative_dim_as_0(x: Tensor, start_dim: int) -> Tensor:
    """A negative `start_dim` is taken for 0; it counts from the last dimension."""
    start_dim = max(start_dim, 0)
    return x.reshape(*x.shape[:start_dim], math.prod(x.shape[start_dim:]))


def flatten_from__column_by_column(x: Tensor, start_dim: int) -> Tensor:
    """The elements come column by column; they must keep their order, row by row."""
    start_dim %= x.ndim
    kept, last = range(start_dim), range(x.ndim - 1, start_dim - 1, -1)
    return x.permute(*kept, *last).reshape(*x.shape[:start_dim], math.prod(x.shape[start_dim:]))


def flatten_from__by_flatten(x: Tensor, start_dim: int) -> Tensor:
    """The work is left to `flatten`; here the new shape must be worked out."""
    return x.reshape(x.flatten(start_dim).shape)


# memory_facts


def memory_facts__first_elements_compared(y: Tensor, x: Tensor) -> tuple[bool, bool, tuple[int, ...]]:
    """`data_ptr` of a tensor is the place of its first element; a view like `x[1:]` begins elsewhere in the storage."""
    return y.data_ptr() == x.data_ptr(), y.is_contiguous(), y.stride()


def memory_facts__values_compared(y: Tensor, x: Tensor) -> tuple[bool, bool, tuple[int, ...]]:
    """Equal values say nothing about memory: a copy has them too, and a view of a part has not."""
    return torch.equal(y, x), y.is_contiguous(), y.stride()


def memory_facts__base_compared(y: Tensor, x: Tensor) -> tuple[bool, bool, tuple[int, ...]]:
    """`_base` is the tensor that a view was made from; `y` and `x` can also be two views of a third tensor."""
    return y._base is x, y.is_contiguous(), y.stride()


def memory_facts__ranges_compared(y: Tensor, x: Tensor) -> tuple[bool, bool, tuple[int, ...]]:
    """Two tensors can have one storage and lie in different parts of it, as `x[:2]` and `x[2:]` do."""

    def ends(tensor: Tensor) -> tuple[int, int]:
        span = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride())) + 1
        return tensor.data_ptr(), tensor.data_ptr() + span * tensor.element_size()

    (first, last), (start, end) = ends(y), ends(x)
    return first < end and start < last, y.is_contiguous(), y.stride()


def memory_facts__contiguity_of_x(y: Tensor, x: Tensor) -> tuple[bool, bool, tuple[int, ...]]:
    """`x` is asked whether it is contiguous; the question is about `y`."""
    return y.untyped_storage().data_ptr() == x.untyped_storage().data_ptr(), x.is_contiguous(), y.stride()


def memory_facts__last_stride_is_1(y: Tensor, x: Tensor) -> tuple[bool, bool, tuple[int, ...]]:
    """A last stride of 1 is not enough to be contiguous: there may be gaps between the rows."""
    same = y.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    return same, y.stride()[-1:] in ((), (1,)), y.stride()


def memory_facts__strides_of_x(y: Tensor, x: Tensor) -> tuple[bool, bool, tuple[int, ...]]:
    """The strides are those of `x`; the question is about `y`."""
    return y.untyped_storage().data_ptr() == x.untyped_storage().data_ptr(), y.is_contiguous(), x.stride()


def memory_facts__strides_in_bytes(y: Tensor, x: Tensor) -> tuple[bool, bool, tuple[int, ...]]:
    """The strides are in bytes, as in NumPy; PyTorch counts them in elements."""
    same = y.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    return same, y.is_contiguous(), tuple(stride * y.element_size() for stride in y.stride())


def memory_facts__strides_from_the_shape(y: Tensor, x: Tensor) -> tuple[bool, bool, tuple[int, ...]]:
    """The strides are worked out from the shape, which is right only for contiguous tensors; ask the tensor."""
    same = y.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    return same, y.is_contiguous(), tuple(math.prod(y.shape[dim + 1 :]) for dim in range(y.ndim))


def memory_facts__base_of_each(y, x) -> tuple:
    """`_base` is None for `b.data` and for other tensors on the storage of `b`; compare the storages themselves."""
    first, second = (part if part._base is None else part._base for part in (y, x))
    return first is second, y.is_contiguous(), y.stride()


# can_merge


def can_merge__whole_tensor_contiguous(x: Tensor, dim: int) -> bool:
    """A tensor that is not contiguous can still have two dimensions that merge; only these two count."""
    return x.is_contiguous()


def can_merge__tried_out(x: Tensor, dim: int) -> bool:
    """The answer is found by trying `view`; here it must come from the sizes and strides."""
    try:
        x.view(*x.shape[:dim], -1, *x.shape[dim + 2 :])
    except RuntimeError:
        return False
    return True


def can_merge__size_1_forgotten(x: Tensor, dim: int) -> bool:
    """A dimension of size 1 is never stepped along, so its stride does not matter: it can always be merged."""
    return x.stride(dim) == x.shape[dim + 1] * x.stride(dim + 1)


def can_merge__second_size_1_forgotten(x: Tensor, dim: int) -> bool:
    """The second of the two dimensions may have size 1 too; then its stride does not matter."""
    return x.shape[dim] == 1 or x.stride(dim) == x.shape[dim + 1] * x.stride(dim + 1)


def can_merge__size_of_the_first(x: Tensor, dim: int) -> bool:
    """The wrong size is used: the step along `dim` leads over one whole dimension `dim` + 1."""
    return 1 in x.shape[dim : dim + 2] or x.stride(dim) == x.shape[dim] * x.stride(dim + 1)


def can_merge__last_stride_taken_for_1(x: Tensor, dim: int) -> bool:
    """The stride of dimension `dim` + 1 is taken for 1; it is larger after slicing, or if more dimensions follow."""
    return 1 in x.shape[dim : dim + 2] or x.stride(dim) == x.shape[dim + 1]


def can_merge__falling_strides(x: Tensor, dim: int) -> bool:
    """A larger stride first is not enough: there may be a gap between the end of one row and the next."""
    return 1 in x.shape[dim : dim + 2] or x.stride(dim) >= x.stride(dim + 1)


def can_merge__equal_strides(x: Tensor, dim: int) -> bool:
    """Equal strides are not what is needed: the first must lead as far as a whole walk along the second."""
    return 1 in x.shape[dim : dim + 2] or x.stride(dim) == x.stride(dim + 1)


def can_merge__any_size_of_one(x, dim) -> bool:
    """A size of 1 helps only if it belongs to one of the two dimensions."""
    return 1 in x.shape or x.stride(dim) == x.stride(dim + 1) * x.shape[dim + 1]


# reshape_or_copy


def reshape_or_copy__flag_is_not_contiguous(x: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, bool]:
    """A tensor that is not contiguous need not be copied for every shape; the flag must say what happened."""
    return x.reshape(shape), not x.is_contiguous()


def reshape_or_copy__flag_turned_round(x: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, bool]:
    """The flag says whether the result is a view; it must say whether it is a copy."""
    y = x.reshape(shape)
    return y, y.data_ptr() == x.data_ptr()


def reshape_or_copy__always_a_copy(x: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, bool]:
    """The elements are always copied; they must not be where the strides allow a view."""
    return x.reshape(shape).clone(), True


def reshape_or_copy__contiguous_first(x: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, bool]:
    """`contiguous()` copies every tensor that is not contiguous, also where the strides allow a view."""
    y = x.contiguous().view(shape)
    return y, y.data_ptr() != x.data_ptr()


def reshape_or_copy__objects_compared(x: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, bool]:
    """A view is another Python object too, so `is not` says nothing about the memory."""
    return x.reshape(shape), True


def reshape_or_copy__never_a_copy(x: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, bool]:
    """The flag is always False; `reshape` copies where the strides allow no view."""
    return x.reshape(shape), False


def reshape_or_copy__view(x: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, bool]:
    """`view` raises where only a copy can have the shape; then a copy must be made."""
    return x.view(shape), False


def reshape_or_copy__shapes_compared(x: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, bool]:
    """A new shape does not mean a copy: most shapes of a contiguous tensor are views."""
    return x.reshape(shape), x.shape != shape


def reshape_or_copy__base_is_not_x(x, shape) -> tuple:
    """A view of a view has the same `_base` as that, not `x` itself; compare the memory."""
    y = x.reshape(shape)
    return y, y._base is not x


# channels_first


def channels_first__reshape(images: Tensor) -> Tensor:
    """`reshape` keeps the order of the elements and only cuts it anew, so the pixels get mixed up; move dimensions."""
    n, h, w, c = images.shape
    return images.reshape(n, c, h, w)


def channels_first__rows_and_columns_swapped(images: Tensor) -> Tensor:
    """To swap dimensions 1 and 3 puts the columns before the rows: the images lie on their side."""
    return images.transpose(1, 3)


def channels_first__the_way_back(images: Tensor) -> Tensor:
    """`permute(0, 2, 3, 1)` leads from channels first to channels last; `permute` lists where each one is from."""
    return images.permute(0, 2, 3, 1)


def channels_first__channels_before_the_batch(images: Tensor) -> Tensor:
    """The channels come before the batch; dimension 0 must stay where it is."""
    return images.permute(3, 0, 1, 2)


def channels_first__last_two_swapped(images: Tensor) -> Tensor:
    """Only the last two dimensions are swapped; the channels must come before the rows too."""
    return images.transpose(2, 3)


def channels_first__contiguous(images: Tensor) -> Tensor:
    """`contiguous()` copies; here the result must be a view."""
    return images.permute(0, 3, 1, 2).contiguous()


def channels_first__offset_lost(images) -> Tensor:
    """A tensor may begin in the middle of its storage: `as_strided` with an offset of 0 forgets `storage_offset()`."""
    n, h, w, c = images.shape
    a, b, d, e = images.stride()
    return images.as_strided((n, c, h, w), (a, e, b, d), 0)


# undo_permute


def undo_permute__permuted_again(y: Tensor, dims: tuple[int, ...]) -> Tensor:
    """The same permutation again leads back only if it swaps pairs; in general its inverse is needed."""
    return y.permute(dims)


def undo_permute__permuted_twice(y: Tensor, dims: tuple[int, ...]) -> Tensor:
    """Two more times lead back only if three dimensions change places in a circle; use the inverse permutation."""
    return y.permute(dims).permute(dims)


def undo_permute__dims_backwards(y: Tensor, dims: tuple[int, ...]) -> Tensor:
    """The list read backwards is not the inverse permutation; ask at which place each dimension stands."""
    return y.permute(dims[::-1])


def undo_permute__all_dimensions_reversed(y: Tensor, dims: tuple[int, ...]) -> Tensor:
    """All dimensions are reversed, as by `.T`, whatever `dims` says."""
    return y.permute(*range(y.ndim - 1, -1, -1))


def undo_permute__reshaped(y: Tensor, dims: tuple[int, ...]) -> Tensor:
    """The shape is right, but `reshape` keeps the order of the elements; the dimensions must be moved."""
    return y.reshape([y.shape[dims.index(dim)] for dim in range(y.ndim)])


def undo_permute__copied(y: Tensor, dims: tuple[int, ...]) -> Tensor:
    """The elements are copied; the result must be a view."""
    return y.permute([dims.index(dim) for dim in range(y.ndim)]).clone()


def undo_permute__unpacked(y, dims) -> Tensor:
    """`permute(*order)` without any dimension is `permute()`, a TypeError; pass the order as one list."""
    return y.permute(*sorted(range(y.ndim), key=dims.__getitem__))


# insert_dim


def insert_dim__counted_in_x(x: Tensor, dim: int) -> Tensor:
    """A negative `dim` counts in the result, which has one dimension more than `x`: -1 is its last one."""
    return x.unsqueeze(dim + x.ndim if dim < 0 else dim)


def insert_dim__list_insert(x: Tensor, dim: int) -> Tensor:
    """`list.insert(-1, ...)` puts in before the last item, and it never raises; here -1 is the new last dimension."""
    sizes = list(x.shape)
    sizes.insert(dim, 1)
    return x.view(sizes)


def insert_dim__always_in_front(x: Tensor, dim: int) -> Tensor:
    """The new dimension is always the first one; `dim` says which one it is."""
    return x[None]


def insert_dim__always_last(x: Tensor, dim: int) -> Tensor:
    """The new dimension is always the last one; `dim` says which one it is."""
    return x[..., None]


def insert_dim__only_dimensions_of_x(x: Tensor, dim: int) -> Tensor:
    """The result has one dimension more than `x`, so one position more is legal on either side."""
    if not -x.ndim <= dim < x.ndim:
        raise IndexError("dim out of range")
    return x.unsqueeze(dim)


def insert_dim__no_negative_dim(x: Tensor, dim: int) -> Tensor:
    """A negative `dim` is refused; it must count from the last dimension of the result."""
    if dim < 0:
        raise IndexError("dim is negative")
    return x.unsqueeze(dim)


def insert_dim__wraps_round(x: Tensor, dim: int) -> Tensor:
    """A `dim` that is too large starts again at 0; it must raise IndexError."""
    return x.unsqueeze(dim % (x.ndim + 1))


def insert_dim__copied(x: Tensor, dim: int) -> Tensor:
    """The elements are copied; the result must be a view."""
    return x.clone().unsqueeze(dim)


# remove_dim


def remove_dim__all_of_size_1(x: Tensor, dim: int) -> Tensor:
    """`squeeze()` without a dimension removes every one of size 1; only `dim` may go."""
    result = x.squeeze()
    return result if -x.ndim <= dim < x.ndim else x.squeeze(dim)


def remove_dim__first_index_taken(x: Tensor, dim: int) -> Tensor:
    """Index 0 along `dim` removes a dimension of any size, and elements with it; a larger one must stay."""
    return x.select(dim, 0)


def remove_dim__refuses_larger_sizes(x: Tensor, dim: int) -> Tensor:
    """A dimension of another size raises ValueError, as in NumPy; here `x` keeps its shape."""
    if x.shape[dim] != 1:
        raise ValueError("cannot squeeze a dimension of another size than 1")
    return x.squeeze(dim)


def remove_dim__slices_of_the_shape(x: Tensor, dim: int) -> Tensor:
    """With `dim` = -1 the sizes from `dim` + 1 = 0 on are all sizes again; make a negative `dim` positive first."""
    return x.reshape(x.shape[:dim] + x.shape[dim + 1 :]) if x.shape[dim] == 1 else x[...]


def remove_dim__copied(x: Tensor, dim: int) -> Tensor:
    """The elements are copied; the result must be a view."""
    return x.squeeze(dim).clone()


def remove_dim__copied_if_it_stays(x: Tensor, dim: int) -> Tensor:
    """Where nothing is removed the elements are copied; the result must be a view there too."""
    return x.squeeze(dim) if x.shape[dim] == 1 else x.clone()


def remove_dim__any_dim_allowed(x: Tensor, dim: int) -> Tensor:
    """A `dim` that `x` does not have is passed over in silence; it must raise IndexError."""
    return x.squeeze(dim) if -x.ndim <= dim < x.ndim else x[...]


# stretch


def stretch__repeated(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """`repeat` copies the elements; here no element may be copied."""
    sizes = (1,) * (len(shape) - x.ndim) + tuple(x.shape)
    if len(sizes) > len(shape) or any(size not in (1, other) for size, other in zip(sizes, shape)):
        raise RuntimeError("shape does not fit")
    return x.repeat([other // size for size, other in zip(sizes, shape)])


def stretch__contiguous(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """`contiguous()` copies what `expand` has stretched; here no element may be copied."""
    return x.expand(shape).contiguous()


def stretch__repeats_larger_sizes(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A dimension of size 3 is laid side by side to get size 6; only size 1 can be stretched, without a copy."""
    sizes = (1,) * (len(shape) - x.ndim) + tuple(x.shape)
    if len(sizes) == len(shape) and any(
        other % size == 0 and size not in (1, other) for size, other in zip(sizes, shape)
    ):
        return x.repeat([other // size for size, other in zip(sizes, shape)])
    return x.expand(shape)


def stretch__new_dimensions_behind(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Shapes are compared from the last dimension, so new dimensions come in front, not behind."""
    return x[(...,) + (None,) * (len(shape) - x.ndim)].expand(shape)


def stretch__no_new_dimensions(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A shape with more dimensions than `x` is refused; the new ones come in front."""
    if len(shape) != x.ndim:
        raise RuntimeError("another number of dimensions")
    return x.expand(shape)


def stretch__stretches_the_shape_too(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Both shapes are broadcast to each other; here the result must have just the shape asked for, or an error."""
    return torch.broadcast_tensors(x, x.new_empty(shape))[0]


def stretch__valueerror(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A shape that does not fit raises ValueError, as in NumPy; here it is RuntimeError, as in `expand`."""
    try:
        return x.expand(shape)
    except RuntimeError as error:
        raise ValueError("shape does not fit") from error


def stretch__offset_lost(x, shape) -> Tensor:
    """A tensor may begin in the middle of its storage: `as_strided` with an offset of 0 forgets `storage_offset()`."""
    y = x.expand(shape)
    return x.as_strided(y.shape, y.stride(), 0)


# tile


def tile__each_element_repeated(x: Tensor, repeats: tuple[int, ...]) -> Tensor:
    """Each element is repeated on its own (1, 1, 2, 2), as by `repeat_interleave`; here all of `x` is (1, 2, 1, 2)."""
    x = x[(None,) * (len(repeats) - x.ndim)]
    for dim, count in enumerate(repeats):
        x = x.repeat_interleave(count, dim)
    return x.clone()


def tile__repeats_backwards(x: Tensor, repeats: tuple[int, ...]) -> Tensor:
    """The numbers are read backwards; `repeats[i]` belongs to dimension i."""
    return x.repeat(repeats[::-1])


def tile__new_dimensions_behind(x: Tensor, repeats: tuple[int, ...]) -> Tensor:
    """If there are more numbers than dimensions, the new dimensions come in front, not behind."""
    return x[(...,) + (None,) * (len(repeats) - x.ndim)].repeat(repeats)


def tile__view_if_nothing_repeats(x: Tensor, repeats: tuple[int, ...]) -> Tensor:
    """If all numbers are 1 the result is a view of `x`; the memory must be new there too."""
    return x.repeat(repeats) if math.prod(repeats) > 1 else x[(None,) * (len(repeats) - x.ndim)]


def tile__new_dimensions_expanded(x: Tensor, repeats: tuple[int, ...]) -> Tensor:
    """`expand` makes no new elements: along the new dimensions all of them are one place in memory."""
    tiled = x.repeat(repeats[len(repeats) - x.ndim :])
    return tiled.expand(*repeats[: len(repeats) - x.ndim], *tiled.shape)


def tile__counts_the_original(x: Tensor, repeats: tuple[int, ...]) -> Tensor:
    """There is one `x` too many along each dimension: `repeats` counts all of them, the first one too."""
    return x.repeat([count + 1 for count in repeats])


def tile__one_long_row_of_tiles(x: Tensor, repeats: tuple[int, ...]) -> Tensor:
    """All tiles lie along the first dimension; `repeats` has a number for each dimension."""
    return x[(None,) * (len(repeats) - x.ndim)].repeat(math.prod(repeats), *(1,) * (len(repeats) - 1))


# edges


def edges__last_of_the_second_dimension(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """`x[:, -1]` is the last of dimension 1, which is the last one of a matrix only; an ellipsis skips the rest."""
    return x[0], x[:, 0], x[:, -1]


def edges__first_of_the_last_dimension(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """`x[..., 0]` is the first of the last dimension; the first column is index 0 of dimension 1."""
    return x[0], x[..., 0], x[..., -1]


def edges__dimensions_kept(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """A slice like `:1` keeps its dimension, with size 1; a plain index takes it away."""
    return x[:1], x[:, :1], x[..., -1:]


def edges__copied(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The elements are copied; plain indices and slices give views."""
    return x[0].clone(), x[:, 0].clone(), x[..., -1].clone()


def edges__last_column_copied(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """A list as index copies the elements; the last column must be a view too."""
    return x[0], x[:, 0], x[..., [-1]].squeeze(-1)


def edges__column_before_row(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The first two are swapped: the first index counts rows, the second one columns."""
    return x[:, 0], x[0], x[..., -1]


def edges__last_row(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The third is the last row; asked for is the last column."""
    return x[0], x[:, 0], x[-1]


# write_column


def write_column__writes_a_row(x: Tensor, column: int, values: Tensor) -> Tensor:
    """The values are written into a row: the first index counts rows, the second one columns."""
    x[column] = values
    return x


def write_column__into_a_copy(x: Tensor, column: int, values: Tensor) -> Tensor:
    """The values go into a copy of `x`; `x` itself must change, and be returned."""
    x = x.clone()
    x[:, column] = values
    return x


def write_column__through_a_list(x: Tensor, column: int, values: Tensor) -> Tensor:
    """`x[:, [column]]` is a copy, since its index is a list, so the values never reach `x`."""
    x[:, [column]].copy_(values[:, None])
    return x


def write_column__returns_the_column(x: Tensor, column: int, values: Tensor) -> Tensor:
    """The column alone is returned; it must be `x` itself."""
    x[:, column] = values
    return x[:, column]


def write_column__returns_a_view(x: Tensor, column: int, values: Tensor) -> Tensor:
    """A new view of `x` is returned; it must be `x` itself."""
    x[:, column] = values
    return x[:]


def write_column__through_reshape(x: Tensor, column: int, values: Tensor) -> Tensor:
    """`reshape` copies many tensors that are not contiguous; then the values never reach `x`."""
    width = x.shape[1]
    if not -width <= column < width:
        raise IndexError("no such column")
    x.reshape(-1)[column % width :: width] = values
    return x


def write_column__wraps_round(x: Tensor, column: int, values: Tensor) -> Tensor:
    """A column beyond the last one starts again at 0; it must raise IndexError."""
    x[:, column % x.shape[1]] = values
    return x


def write_column__slice_of_one(x: Tensor, column: int, values: Tensor) -> Tensor:
    """The slice `column:column + 1` is empty for -1, and beyond the last column: nothing is written, in silence."""
    x[:, column : column + 1] = values[:, None]
    return x


def write_column__adds(x: Tensor, column: int, values: Tensor) -> Tensor:
    """The values are added to the column; they must take the place of what was there."""
    x[:, column] += values
    return x


def write_column__every_column(x: Tensor, column: int, values: Tensor) -> Tensor:
    """The values are written into every column; only one may change."""
    if not -x.shape[1] <= column < x.shape[1]:
        raise IndexError("no such column")
    x[:] = values[:, None]
    return x


def write_column__row_by_row(x, column, values) -> Tensor:
    """Where there is no row, no row is asked for its column, and a column that `x` does not have is no error."""
    for row, value in zip(x, values, strict=True):
        row[column] = value
    return x


def write_column__blended(x, column, values) -> Tensor:
    """0 · x is not 0 where `x` holds inf or nan; write the column and leave the rest alone."""
    mask = torch.zeros_like(x)
    mask[:, column] = 1
    return x.copy_(x * (1 - mask) + values[:, None] * mask)


# above


def above__or_equal(x: Tensor, threshold: float) -> Tensor:
    """Elements that equal the threshold are taken too; only greater ones count."""
    return x[x >= threshold]


def above__the_mask(x: Tensor, threshold: float) -> Tensor:
    """That is the mask, which says where the elements are; use it as an index to get them."""
    return x > threshold


def above__others_set_to_0(x: Tensor, threshold: float) -> Tensor:
    """The other elements become 0 and stay; they must be left out."""
    return x * (x > threshold)


def above__indices(x: Tensor, threshold: float) -> Tensor:
    """Those are the positions of the elements; asked for are the elements."""
    return (x > threshold).flatten().nonzero().flatten()


def above__sorted(x: Tensor, threshold: float) -> Tensor:
    """The elements are sorted; they must keep their order, row by row."""
    return x[x > threshold].sort().values


def above__column_by_column(x: Tensor, threshold: float) -> Tensor:
    """The elements come column by column; they must come row by row."""
    turned = x.permute(*range(x.ndim - 1, -1, -1))
    return turned[turned > threshold]


def above__size_compared(x: Tensor, threshold: float) -> Tensor:
    """The absolute values are compared; -5 is not greater than 2."""
    return x[x.abs() > threshold]


def above__view_if_all(x: Tensor, threshold: float) -> Tensor:
    """If all elements are taken the result is a view of `x`; the memory must be new there too."""
    mask = x > threshold
    return x.reshape(-1) if mask.all() else x[mask]


def above__dimension_kept(x: Tensor, threshold: float) -> Tensor:
    """The result is a column of shape (k, 1); it must have one dimension."""
    return x[x > threshold][:, None]


def above__fraction_cut_off(x: Tensor, threshold: float) -> Tensor:
    """For integers the threshold loses its fraction, so that -2.5 becomes -2; compare with it as it is."""
    return x[x > (threshold if x.is_floating_point() else int(threshold))]


def above__not_below_or_equal(x, threshold) -> Tensor:
    """nan is neither greater nor less nor equal, so "not less or equal" keeps it; ask for greater."""
    return x[~(x <= threshold)]


def above__compared_in_float32(x, threshold) -> Tensor:
    """In float32 numbers that are near each other become equal; compare `x` as it is."""
    return x[x.float() > threshold]


# pick_rows


def pick_rows__columns(x: Tensor, index: Tensor) -> Tensor:
    """The index is used for the last dimension; rows are indices of the first."""
    return x[..., index]


def pick_rows__index_select(x: Tensor, index: Tensor) -> Tensor:
    """`index_select` knows no negative indices; here -1 is the last row."""
    return x.index_select(0, index)


def pick_rows__each_once(x: Tensor, index: Tensor) -> Tensor:
    """Indices that come twice are taken once; each of them gives a row of the result."""
    return x[list(dict.fromkeys(index.tolist()))]


def pick_rows__as_a_mask(x: Tensor, index: Tensor) -> Tensor:
    """A mask forgets the order of the indices and how often each one comes; use the index itself."""
    mask = torch.zeros(len(x), dtype=torch.bool, device=x.device)
    mask[index] = True
    return x[mask]


def pick_rows__sorted(x: Tensor, index: Tensor) -> Tensor:
    """The rows come in the order of their numbers; they must come in the order of `index`."""
    return x[index.sort().values]


def pick_rows__wraps_round(x: Tensor, index: Tensor) -> Tensor:
    """An index beyond the last row starts again at 0; it must raise IndexError."""
    return x[index % len(x)]


def pick_rows__clamped(x: Tensor, index: Tensor) -> Tensor:
    """An index beyond the last row is taken for the last row; it must raise IndexError."""
    return x[index.clamp(-len(x), len(x) - 1)]


def pick_rows__slice(x: Tensor, index: Tensor) -> Tensor:
    """Rows that follow each other are taken by a slice, which is a view; the memory must be new there too."""
    rows = index.tolist()
    if rows and 0 <= rows[0] and rows == list(range(rows[0], rows[0] + len(rows))) and rows[-1] < len(x):
        return x[rows[0] : rows[-1] + 1]
    return x[index]


def pick_rows__take(x: Tensor, index: Tensor) -> Tensor:
    """`take` counts through all elements as if `x` were flat; asked for are whole rows."""
    return x.take(index)


def pick_rows__single_row_squeezed(x: Tensor, index: Tensor) -> Tensor:
    """If only one row is named its dimension is gone; the result must be of shape (1, ...)."""
    return x[index].squeeze(0) if len(index) == 1 else x[index]


# join


def join__stacked(tensors: list[Tensor], dim: int) -> Tensor:
    """`stack` makes a new dimension; the tensors must be joined along an existing one."""
    return torch.stack(tensors, dim)


def join__always_dim_0(tensors: list[Tensor], dim: int) -> Tensor:
    """The tensors are joined along dimension 0; `dim` says along which."""
    return torch.cat(tensors)


def join__always_the_last_dim(tensors: list[Tensor], dim: int) -> Tensor:
    """The tensors are joined along the last dimension; `dim` says along which."""
    return torch.cat(tensors, -1)


def join__negative_dim_turned(tensors: list[Tensor], dim: int) -> Tensor:
    """The sign of `dim` is dropped; -2 is the second dimension from the end, not dimension 2."""
    return torch.cat(tensors, abs(dim))


def join__reversed(tensors: list[Tensor], dim: int) -> Tensor:
    """The last tensor comes first; they must be in the order of the list."""
    return torch.cat(tensors[::-1], dim)


def join__only_two(tensors: list[Tensor], dim: int) -> Tensor:
    """Only the first two are joined; the list may be longer."""
    return torch.cat(tensors[:2], dim)


def join__flat_then_reshaped(tensors: list[Tensor], dim: int) -> Tensor:
    """All elements in one row, then reshaped: that is right for dimension 0 only."""
    shape = list(tensors[0].shape)
    shape[dim] = sum(tensor.shape[dim] for tensor in tensors)
    return torch.cat([tensor.reshape(-1) for tensor in tensors]).reshape(shape)


def join__single_one_returned(tensors: list[Tensor], dim: int) -> Tensor:
    """A single tensor is returned as it is; the memory must be new there too."""
    return torch.cat(tensors, dim) if len(tensors) > 1 else tensors[0]


def join__cut_to_fit(tensors: list[Tensor], dim: int) -> Tensor:
    """Larger tensors are cut to the size of the smallest; sizes that differ must raise RuntimeError."""
    for other in range(tensors[0].ndim):
        if other != dim % tensors[0].ndim:
            size = min(tensor.shape[other] for tensor in tensors)
            tensors = [tensor.narrow(other, 0, size) for tensor in tensors]
    return torch.cat(tensors, dim)


def join__valueerror(tensors: list[Tensor], dim: int) -> Tensor:
    """Sizes that differ raise ValueError, as in NumPy; here it is RuntimeError, as in `torch.cat`."""
    try:
        return torch.cat(tensors, dim)
    except RuntimeError as error:
        raise ValueError("sizes differ") from error


# stacked


def stacked__joined(tensors: list[Tensor], dim: int) -> Tensor:
    """`cat` joins along an existing dimension; here each tensor must first get a new one."""
    return torch.cat(tensors, dim)


def stacked__always_dim_0(tensors: list[Tensor], dim: int) -> Tensor:
    """The new dimension is always the first; `dim` says which one it is."""
    return torch.cat([tensor[None] for tensor in tensors])


def stacked__by_stack(tensors: list[Tensor], dim: int) -> Tensor:
    """The work is left to `stack`; here it must be done by other means."""
    return torch.stack(tensors, dim)


def stacked__dimension_swapped(tensors: list[Tensor], dim: int) -> Tensor:
    """To swap dimension 0 with `dim` also moves what was at `dim`; the order of the others must stay."""
    return torch.cat([tensor[None] for tensor in tensors]).transpose(0, dim)


def stacked__counted_in_the_tensors(tensors: list[Tensor], dim: int) -> Tensor:
    """A negative `dim` counts in the result, which has one dimension more than the tensors: -1 is its last one."""
    dim = dim + tensors[0].ndim if dim < 0 else dim
    return torch.cat([tensor.unsqueeze(dim) for tensor in tensors], dim)


def stacked__flat_then_reshaped(tensors: list[Tensor], dim: int) -> Tensor:
    """All elements in one row, then reshaped: that is right only if the new dimension is the first."""
    shape = list(tensors[0].shape)
    shape.insert(dim if dim >= 0 else dim + len(shape) + 1, len(tensors))
    return torch.cat([tensor.reshape(-1) for tensor in tensors]).reshape(shape)


def stacked__broadcast(tensors: list[Tensor], dim: int) -> Tensor:
    """Tensors of different shapes are broadcast to each other; they must raise RuntimeError."""
    return torch.cat([tensor.unsqueeze(dim) for tensor in torch.broadcast_tensors(*tensors)], dim)


def stacked__view_of_a_single_one(tensors: list[Tensor], dim: int) -> Tensor:
    """A single tensor gives a view of it; the memory must be new there too."""
    apart = [tensor.unsqueeze(dim) for tensor in tensors]
    return torch.cat(apart, dim) if len(apart) > 1 else apart[0]


def stacked__reversed(tensors: list[Tensor], dim: int) -> Tensor:
    """The last tensor comes first; they must be in the order of the list."""
    return torch.cat([tensor.unsqueeze(dim) for tensor in tensors[::-1]], dim)


def stacked__valueerror(tensors: list[Tensor], dim: int) -> Tensor:
    """Different shapes raise ValueError, as in NumPy; here it is RuntimeError, as in `torch.stack`."""
    if len({tensor.shape for tensor in tensors}) > 1:
        raise ValueError("shapes differ")
    return torch.cat([tensor.unsqueeze(dim) for tensor in tensors], dim)


def stacked__third_stretched(tensors, dim) -> Tensor:
    """Only the first two shapes are compared; `copy_` stretches the others if they broadcast."""
    first = tensors[0]
    if len(tensors) > 1 and tensors[1].shape != first.shape:
        raise RuntimeError("other shapes")
    place = dim % (first.ndim + 1)
    result = first.new_empty((*first.shape[:place], len(tensors), *first.shape[place:]))
    for index, each in enumerate(tensors):
        result.select(place, index).copy_(each)
    return result
