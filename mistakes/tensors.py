"""Wrong answers that people really write for `katas/01_tensors`; each docstring says what is wrong."""

import functools
import math
import operator

import numpy as np
import torch
from torch import Tensor

# from_lists


def from_lists__always_float32(data: list) -> Tensor:
    """Every list becomes float32, as with `torch.Tensor(data)`; here ints give int64 and bools bool."""
    return torch.tensor(data, dtype=torch.float32)


def from_lists__numpy_float64(data: list) -> Tensor:
    """Floats become float64, as NumPy does it; here they become float32."""
    return torch.from_numpy(np.array(data))


def from_lists__int32(data: list) -> Tensor:
    """Ints become int32; in PyTorch a list of ints gives int64."""
    x = torch.tensor(data)
    return x.int() if x.dtype == torch.int64 else x


def from_lists__bools_as_ints(data: list) -> Tensor:
    """Bools are turned into the ints 0 and 1; here a list of bools gives a bool tensor."""
    x = torch.tensor(data)
    return x.long() if x.dtype == torch.bool else x


def from_lists__dtype_of_the_first_number(data: list) -> Tensor:
    """The first number alone decides the dtype, so later floats lose their fraction; one float makes all float32."""
    first = data
    while isinstance(first, list) and first:
        first = first[0]
    return torch.tensor(data).to(torch.tensor(first).dtype)


def from_lists__ragged_rows_padded(data: list) -> Tensor:
    """Short rows are filled up with zeros; a ragged list must raise ValueError."""
    if data and all(isinstance(row, list) and row and not isinstance(row[0], list) for row in data):
        width = max(len(row) for row in data)
        data = [row + [0] * (width - len(row)) for row in data]
    return torch.tensor(data)


def from_lists__ragged_rows_cut(data: list) -> Tensor:
    """Long rows are cut to the length of the shortest; a ragged list must raise ValueError."""
    if data and all(isinstance(row, list) for row in data):
        data = [list(column) for column in zip(*zip(*data))] or data
    return torch.tensor(data)


def from_lists__flattened(data: list) -> Tensor:
    """The nesting is lost and all numbers end up in one row; here each level of nesting is a dimension."""
    return torch.tensor(data).flatten()


def from_lists__ragged_raises_runtimeerror(data: list) -> Tensor:
    """A ragged list ends in RuntimeError, as `torch.stack` raises it; here it must be ValueError."""
    try:
        return torch.tensor(data)
    except ValueError as error:
        raise RuntimeError("stack expects each tensor to be equal size") from error


def from_lists__ragged_rows_rearranged(data: list) -> Tensor:
    """Only the count of numbers is checked, so a row too short and one too long even out; compare every row."""
    shape, first, numbers = [], data, [data]
    while isinstance(first, list):
        shape.append(len(first))
        first = first[0] if first else None
    while numbers and isinstance(numbers[0], list):
        numbers = [item for row in numbers for item in row]
    if len(numbers) != math.prod(shape):
        raise ValueError("ragged")
    return torch.tensor(numbers).reshape(shape)


def from_lists__by_way_of_float64(data: list) -> Tensor:
    """The numbers go through float64, which rounds integers beyond 2**53; an int is to be kept exactly."""
    return torch.tensor(data, dtype=torch.float64).to(torch.tensor(data).dtype)


def from_lists__first_two_rows_compared(data: list) -> Tensor:
    """Only the first two rows are compared, later ones cut or filled up; every row must be as long as the first."""
    if len(data) > 2 and isinstance(data[0], list) and len(data[0]) == len(data[1]):
        data = [row[: len(data[0])] if len(row) > len(data[0]) else row + data[0][len(row) :] for row in data]
    return torch.tensor(data)


def from_lists__three_levels(data: list) -> Tensor:
    """Lists nested deeper than three levels fail; here they may be nested to any depth."""
    x = torch.tensor(data)
    if x.ndim > 3:
        raise TypeError("too deep")
    return x


# inferred_dtype


def inferred_dtype__first_number_only(data: list) -> torch.dtype:
    """Only the first number is looked at; one float anywhere makes all of them float32."""
    while data and isinstance(data[0], list):
        data = data[0]
    if not data:
        return torch.float32
    return {bool: torch.bool, int: torch.int64, float: torch.float32}[type(data[0])]


def inferred_dtype__first_row_only(data: list) -> torch.dtype:
    """Only the first row is looked at; the numbers of every row count."""
    while data and isinstance(data[0], list):
        data = data[0]
    kinds = {type(number) for number in data}
    if float in kinds or not kinds:
        return torch.float32
    return torch.int64 if int in kinds else torch.bool


def inferred_dtype__bools_are_ints(data: list) -> torch.dtype:
    """Bools give int64, since `isinstance(True, int)` is true in Python; here only bools give bool."""
    while data and isinstance(data[0], list):
        data = [item for row in data for item in row]
    if not data or any(isinstance(number, float) for number in data):
        return torch.float32
    return torch.int64


def inferred_dtype__one_bool_is_enough(data: list) -> torch.dtype:
    """One bool among ints gives bool; here one int among bools gives int64."""
    while data and isinstance(data[0], list):
        data = [item for row in data for item in row]
    kinds = {type(number) for number in data}
    if float in kinds or not kinds:
        return torch.float32
    return torch.bool if bool in kinds else torch.int64


def inferred_dtype__float64(data: list) -> torch.dtype:
    """Floats give float64, as in NumPy; PyTorch's default is float32."""
    while data and isinstance(data[0], list):
        data = [item for row in data for item in row]
    kinds = {type(number) for number in data}
    if not kinds:
        return torch.float32
    if float in kinds:
        return torch.float64
    return torch.int64 if int in kinds else torch.bool


def inferred_dtype__int32(data: list) -> torch.dtype:
    """Ints give int32; in PyTorch they give int64."""
    while data and isinstance(data[0], list):
        data = [item for row in data for item in row]
    kinds = {type(number) for number in data}
    if float in kinds or not kinds:
        return torch.float32
    return torch.int32 if int in kinds else torch.bool


def inferred_dtype__empty_gives_bool(data: list) -> torch.dtype:
    """An empty list gives bool, since nothing in it speaks against it; here it gives float32, the default dtype."""
    while data and isinstance(data[0], list):
        data = [item for row in data for item in row]
    kinds = {type(number) for number in data}
    if float in kinds:
        return torch.float32
    return torch.int64 if int in kinds else torch.bool


def inferred_dtype__whole_floats_are_ints(data: list) -> torch.dtype:
    """Whole floats such as 2.0 count as ints; the type of a number decides, not its value."""
    while data and isinstance(data[0], list):
        data = [item for row in data for item in row]
    if not data or any(isinstance(number, float) and not number.is_integer() for number in data):
        return torch.float32
    return torch.bool if all(isinstance(number, bool) for number in data) else torch.int64


def inferred_dtype__makes_the_tensor(data: list) -> torch.dtype:
    """The tensor is made first and asked for its dtype; here the dtype must come from the Python numbers."""
    return torch.tensor(data).dtype


def inferred_dtype__dot_in_the_text(data: list) -> torch.dtype:
    """A float is looked for as a dot in the text, which 1e+20 lacks; the type of a number decides."""
    text = repr(data)
    if "." in text or not any(character.isalnum() for character in text):
        return torch.float32
    return torch.int64 if any(character.isdigit() for character in text) else torch.bool


def inferred_dtype__three_levels(data: list) -> torch.dtype:
    """Only three levels of nesting are opened, so deeper numbers are missed; here there may be any number of levels."""
    for _ in range(2):
        if data and isinstance(data[0], list):
            data = [item for row in data for item in row]
    kinds = {type(number) for number in data}
    if float in kinds or not kinds:
        return torch.float32
    return torch.int64 if int in kinds else torch.bool


# copy_array


def copy_array__shares_memory(array: np.ndarray) -> Tensor:
    """The tensor shares the array's memory, as `torch.from_numpy` does; here it needs memory of its own."""
    return torch.from_numpy(array)


def copy_array__always_float32(array: np.ndarray) -> Tensor:
    """Every array becomes float32, as with `torch.Tensor(array)`; here the array's dtype is kept."""
    return torch.tensor(array, dtype=torch.float32)


def copy_array__by_way_of_lists(array: np.ndarray) -> Tensor:
    """`tolist` drops the dtype, so float64 turns into float32, int8 into int64; here the array's dtype is kept."""
    return torch.tensor(array.tolist()).reshape(array.shape)


def copy_array__floats_to_float32(array: np.ndarray) -> Tensor:
    """Floats become float32 although ints keep their dtype; here float64 stays float64."""
    x = torch.tensor(array)
    return x.float() if x.is_floating_point() else x


def copy_array__contiguous_is_no_copy(array: np.ndarray) -> Tensor:
    """`contiguous()` copies only if the memory is not in order, so most arrays are still shared; copy them all."""
    return torch.from_numpy(array).contiguous()


def copy_array__zero_dimensions_become_one(array: np.ndarray) -> Tensor:
    """An array of shape () comes back with shape (1,), as from `np.ascontiguousarray`; here it stays ()."""
    return torch.tensor(np.ascontiguousarray(array))


def copy_array__flattened(array: np.ndarray) -> Tensor:
    """The shape is lost and all values end up in one row; here the array's shape is kept."""
    return torch.tensor(array.ravel())


def copy_array__memory_order(array: np.ndarray) -> Tensor:
    """The values are read in the order of the memory, which mixes them up when the array is a transpose."""
    return torch.tensor(array.ravel(order="K").reshape(array.shape))


def copy_array__by_way_of_float64(array: np.ndarray) -> Tensor:
    """The values go through float64, which rounds integers beyond 2**53; here they are kept exactly."""
    return torch.from_numpy(array.astype(np.float64)).to(torch.from_numpy(array).dtype)


def copy_array__some_dtypes_only(array: np.ndarray) -> Tensor:
    """int8 and int16 are missing in the table of dtypes and become int64; here every dtype is kept."""
    names = ("float32", "float64", "int32", "int64", "uint8", "bool")
    return torch.tensor(array, dtype=getattr(torch, array.dtype.name) if array.dtype.name in names else torch.int64)


def copy_array__list_with_the_dtype(array: np.ndarray) -> Tensor:
    """An array of shape (0, 3) is an empty list in between and comes back as (0,); here the shape is kept."""
    return torch.tensor(array.tolist(), dtype=torch.from_numpy(array).dtype)


# share_array


def share_array__copies(array: np.ndarray) -> Tensor:
    """The values are copied, as by `torch.tensor`; here array and tensor share their memory."""
    return torch.tensor(array)


def share_array__always_float32(array: np.ndarray) -> Tensor:
    """Every array is turned into float32, which copies all but float32 arrays; here dtype and memory stay."""
    return torch.as_tensor(array, dtype=torch.float32)


def share_array__floats_to_float32(array: np.ndarray) -> Tensor:
    """float64 becomes float32, which makes a copy, though ints stay shared; here float64 stays float64."""
    x = torch.from_numpy(array)
    return x.float() if x.is_floating_point() else x


def share_array__contiguous_copy(array: np.ndarray) -> Tensor:
    """`contiguous()` copies an array whose memory is not in order, such as a transpose; share that one too."""
    return torch.from_numpy(array).contiguous()


def share_array__flattened(array: np.ndarray) -> Tensor:
    """The shape is lost and all values are in one row; here the array's shape is kept."""
    return torch.from_numpy(array.reshape(-1))


def share_array__transposed(array: np.ndarray) -> Tensor:
    """Rows and columns have changed places; here the array's shape is kept."""
    return torch.from_numpy(array.T)


def share_array__from_the_buffer(array: np.ndarray) -> Tensor:
    """`torch.frombuffer` refuses an array without elements; `torch.from_numpy` shares any."""
    shared = torch.from_numpy(array)
    return torch.frombuffer(array, dtype=shared.dtype).reshape(array.shape) if shared.is_contiguous() else shared


# float32_copy


def float32_copy__shares_float32(array: np.ndarray) -> Tensor:
    """A float32 array is shared, as `as_tensor`, `float` and `to` copy only if they must; here it is always copied."""
    return torch.as_tensor(array, dtype=torch.float32)


def float32_copy__keeps_the_dtype(array: np.ndarray) -> Tensor:
    """The array's dtype is kept; here the result is always float32."""
    return torch.tensor(array)


def float32_copy__keeps_float64(array: np.ndarray) -> Tensor:
    """Only integers and bools become float32 and float64 stays as it is; here the result is always float32."""
    x = torch.tensor(array)
    return x if x.is_floating_point() else x.float()


def float32_copy__float64(array: np.ndarray) -> Tensor:
    """The result is float64; here it is always float32."""
    return torch.tensor(array, dtype=torch.float64)


def float32_copy__scaled_bytes(array: np.ndarray) -> Tensor:
    """uint8 values are divided by 255, as for pictures; here the values stay as they are."""
    x = torch.tensor(array, dtype=torch.float32)
    return x / 255 if array.dtype == np.uint8 else x


def float32_copy__by_way_of_float16(array: np.ndarray) -> Tensor:
    """The values go through float16 and lose digits on the way; here they keep those of float32."""
    return torch.tensor(array).half().float()


def float32_copy__by_way_of_int(array: np.ndarray) -> Tensor:
    """The fractions are gone because the values were integers in between; here they are kept."""
    return torch.tensor(array).long().float()


def float32_copy__flattened(array: np.ndarray) -> Tensor:
    """The shape is lost and all values end up in one row; here the array's shape is kept."""
    return torch.tensor(array.ravel(), dtype=torch.float32)


def float32_copy__by_way_of_lists(array: np.ndarray) -> Tensor:
    """An array of shape (0, 3) is an empty list in between and comes back as (0,); here the shape is kept."""
    return torch.tensor(array.tolist(), dtype=torch.float32)


# filled_like


def filled_like__fills_x(x: Tensor, value: float) -> Tensor:
    """`fill_` overwrites `x` itself; here `x` stays as it is and a new tensor is returned."""
    return x.fill_(value)


def filled_like__dtype_from_the_value(x: Tensor, value: float) -> Tensor:
    """The dtype comes from the value, so that 7 gives int64; here the dtype is that of `x`."""
    return torch.full(x.shape, value, device=x.device)


def filled_like__always_float32(x: Tensor, value: float) -> Tensor:
    """The result is always float32; here the dtype is that of `x`."""
    return torch.full(x.shape, value, dtype=torch.float32, device=x.device)


def filled_like__on_the_cpu(x: Tensor, value: float) -> Tensor:
    """The result is on the CPU, wherever `x` is; here the device is that of `x`."""
    return torch.full(x.shape, value, dtype=x.dtype, device="cpu")


def filled_like__value_ignored(x: Tensor, value: float) -> Tensor:
    """The result is full of ones; here every element is `value`."""
    return torch.ones_like(x)


def filled_like__adds_the_value(x: Tensor, value: float) -> Tensor:
    """The value is added to the elements of `x`; here it takes their place."""
    return (x + value).to(x.dtype)


def filled_like__expanded(x: Tensor, value: float) -> Tensor:
    """All elements are one place in memory, as after `expand`, so writing one writes all; each needs its own."""
    return torch.tensor(value, dtype=x.dtype, device=x.device).expand(x.shape)


def filled_like__flat(x: Tensor, value: float) -> Tensor:
    """The right number of elements, but in one row; here the shape is that of `x`."""
    return torch.full((x.numel(),), value, dtype=x.dtype, device=x.device)


def filled_like__through_a_float(x: Tensor, value: float) -> Tensor:
    """The value goes through a float, which rounds integers beyond 2**53; a big integer is to be kept exactly."""
    return torch.full(x.shape, float(value), dtype=torch.float64, device=x.device).to(x.dtype)


def filled_like__zero_times_x(x: Tensor, value: float) -> Tensor:
    """Zero times inf or nan is nan, so these spoil the result; what `x` holds must not matter."""
    return (x * 0 + value).to(x.dtype)


def filled_like__keeps_nan(x: Tensor, value: float) -> Tensor:
    """A nan differs even from itself, so `x == x` leaves it out; here every element is `value`."""
    result = x.clone()
    result[x == x] = value
    return result


# random_like


def random_like__fails_for_integers(x: Tensor) -> Tensor:
    """`rand_like` of integers or bools raises until a float dtype is given; here they give float32."""
    return torch.rand_like(x)


def random_like__always_float32(x: Tensor) -> Tensor:
    """The result is always float32; here a float64 tensor gives float64."""
    return torch.rand(x.shape, device=x.device)


def random_like__normal(x: Tensor) -> Tensor:
    """The numbers are normally distributed, as from `randn`, and may be negative; here they are uniform in [0, 1)."""
    return torch.randn_like(x, dtype=x.dtype if x.is_floating_point() else torch.float32)


def random_like__seeded_inside(x: Tensor) -> Tensor:
    """Every call gives the same numbers because the seed is set inside; here the caller sets the seed."""
    torch.manual_seed(0)
    return torch.rand_like(x, dtype=x.dtype if x.is_floating_point() else torch.float32)


def random_like__cannot_be_repeated(x: Tensor) -> Tensor:
    """The numbers come from a fresh seed; here they come from the global state, which `manual_seed` repeats."""
    generator = torch.Generator(device=x.device)
    generator.seed()
    dtype = x.dtype if x.is_floating_point() else torch.float32
    return torch.rand(x.shape, dtype=dtype, device=x.device, generator=generator)


def random_like__one_number_for_all(x: Tensor) -> Tensor:
    """One random number is used for all elements; here each element has its own."""
    return torch.full_like(x, torch.rand(()).item(), dtype=x.dtype if x.is_floating_point() else torch.float32)


def random_like__only_zeros_and_ones(x: Tensor) -> Tensor:
    """The elements are only 0 or 1, as from `randint(2)`; here they are uniform between 0 and 1."""
    dtype = x.dtype if x.is_floating_point() else torch.float32
    return torch.randint(2, x.shape, device=x.device).to(dtype)


def random_like__fills_x(x: Tensor) -> Tensor:
    """A floating-point `x` is overwritten by its `uniform_`; here `x` stays as it is and a new tensor is returned."""
    return x.uniform_() if x.is_floating_point() else torch.rand_like(x, dtype=torch.float32)


def random_like__flat(x: Tensor) -> Tensor:
    """The right number of elements, but in one row; here the shape is that of `x`."""
    return torch.rand(x.numel(), dtype=x.dtype if x.is_floating_point() else torch.float32, device=x.device)


def random_like__on_the_cpu(x: Tensor) -> Tensor:
    """The result is on the CPU, wherever `x` is; here the device is that of `x`."""
    return torch.rand(x.shape, dtype=x.dtype if x.is_floating_point() else torch.float32, device="cpu")


def random_like__zero_times_x(x: Tensor) -> Tensor:
    """Zero times inf or nan is nan, so these spoil the result; what `x` holds must not matter."""
    dtype = x.dtype if x.is_floating_point() else torch.float32
    return x.to(dtype) * 0 + torch.rand(x.shape, dtype=dtype, device=x.device)


def random_like__shuffled_grid(x: Tensor) -> Tensor:
    """Evenly spaced numbers are shuffled, so each tells what the others are not; here each is drawn on its own."""
    dtype = x.dtype if x.is_floating_point() else torch.float32
    return (torch.randperm(x.numel(), device=x.device).to(dtype) / max(x.numel(), 1)).reshape(x.shape)


# random_tensor


def random_tensor__seeds_globally(shape: tuple[int, ...], seed: int) -> Tensor:
    """`torch.manual_seed` changes the global random state for everybody; here that state stays as it was."""
    torch.manual_seed(seed)
    return torch.rand(shape)


def random_tensor__seed_ignored(shape: tuple[int, ...], seed: int) -> Tensor:
    """The seed is ignored and the global state gives the numbers; here the same seed gives the same numbers."""
    return torch.rand(shape)


def random_tensor__same_for_all_seeds(shape: tuple[int, ...], seed: int) -> Tensor:
    """The generator was never given the seed, so every seed gives the same numbers; here other seeds give others."""
    return torch.rand(shape, generator=torch.Generator())


def random_tensor__sixteen_bits_of_the_seed(shape: tuple[int, ...], seed: int) -> Tensor:
    """Only the last 16 bits of the seed are used, so some seeds give the same numbers; here other seeds give others."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed % 2**16))


def random_tensor__normal(shape: tuple[int, ...], seed: int) -> Tensor:
    """The numbers are normally distributed, as from `randn`, and may be negative; here they are uniform in [0, 1)."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def random_tensor__float64(shape: tuple[int, ...], seed: int) -> Tensor:
    """The result is float64; here it is float32."""
    return torch.rand(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def random_tensor__flat(shape: tuple[int, ...], seed: int) -> Tensor:
    """The right number of elements, but in one row; here the shape is `shape`."""
    return torch.rand(math.prod(shape), generator=torch.Generator().manual_seed(seed))


def random_tensor__one_number_for_all(shape: tuple[int, ...], seed: int) -> Tensor:
    """One random number is used for all elements; here each element has its own."""
    return torch.full(shape, torch.rand((), generator=torch.Generator().manual_seed(seed)).item())


def random_tensor__seed_of_31_bits(shape: tuple[int, ...], seed: int) -> Tensor:
    """The seed is cut to 31 bits, so some seeds give the same numbers; here seeds go up to 2**32 - 1."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed % 2**31))


def random_tensor__seed_through_float32(shape: tuple[int, ...], seed: int) -> Tensor:
    """The seed goes through float32, which rounds beyond 2**24, so some seeds give the same numbers; keep it an int."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(int(torch.tensor(float(seed)))))


def random_tensor__shuffled_grid(shape: tuple[int, ...], seed: int) -> Tensor:
    """Evenly spaced numbers are shuffled, so each tells what the others are not; here each is drawn on its own."""
    n = math.prod(shape)
    return (torch.randperm(n, generator=torch.Generator().manual_seed(seed)) / max(n, 1)).reshape(shape)


# constant


def constant__dtype_forgotten(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Tensor:
    """The dtype comes from the value, so that 1 gives int64; here it is `dtype`."""
    return torch.full(shape, value)


def constant__value_ignored(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Tensor:
    """The result is full of ones; here every element is `value`."""
    return torch.ones(shape, dtype=dtype)


def constant__zeros(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Tensor:
    """The result is full of zeros; here every element is `value`."""
    return torch.zeros(shape, dtype=dtype)


def constant__by_way_of_float32(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Tensor:
    """The value goes through float32, which spoils large ints and float64; here it goes straight to `dtype`."""
    return (torch.ones(shape) * value).to(dtype)


def constant__by_way_of_int(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Tensor:
    """The value loses its fraction because it was an int in between; here a float dtype keeps the fraction."""
    return torch.full(shape, int(value)).to(dtype)


def constant__shape_reversed(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Tensor:
    """The sizes are in reverse order; here they come as in `shape`."""
    return torch.full(tuple(reversed(shape)), value, dtype=dtype)


def constant__flat(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Tensor:
    """The right number of elements, but in one row; here the shape is `shape`."""
    return torch.full((math.prod(shape),), value, dtype=dtype)


def constant__expanded(shape: tuple[int, ...], value: float, dtype: torch.dtype) -> Tensor:
    """All elements are one place in memory, as after `expand`, so writing one writes all; each needs its own."""
    return torch.tensor(value, dtype=dtype).expand(shape)


# identity


def identity__dtype_forgotten(n: int, dtype: torch.dtype) -> Tensor:
    """The result is always float32; here the dtype is `dtype`."""
    return torch.diag(torch.ones(n))


def identity__all_ones(n: int, dtype: torch.dtype) -> Tensor:
    """Every element is 1; here only those on the diagonal are."""
    return torch.ones(n, n, dtype=dtype)


def identity__other_diagonal(n: int, dtype: torch.dtype) -> Tensor:
    """The ones are on the diagonal from the top right; here they are on the one from the top left."""
    return torch.diag(torch.ones(n, dtype=dtype)).flip(0)


def identity__triangle(n: int, dtype: torch.dtype) -> Tensor:
    """All elements below the diagonal are 1 too; here they are 0."""
    return torch.ones(n, n).tril().to(dtype)


def identity__counting_diagonal(n: int, dtype: torch.dtype) -> Tensor:
    """The diagonal counts 1, 2, 3, ...; here it holds only ones."""
    return torch.diag(torch.arange(1, n + 1)).to(dtype)


def identity__one_row_short(n: int, dtype: torch.dtype) -> Tensor:
    """The last row is missing; here the matrix has n rows and n columns."""
    return torch.diag(torch.ones(n, dtype=dtype))[:-1]


def identity__squeezed(n: int, dtype: torch.dtype) -> Tensor:
    """For n = 1, `squeeze` takes the dimensions away; here the shape is (1, 1) then."""
    return torch.diag(torch.ones(n, dtype=dtype)).squeeze()


def identity__uses_eye(n: int, dtype: torch.dtype) -> Tensor:
    """`torch.eye` does all the work; here the matrix is to be built without it."""
    return torch.eye(n, dtype=dtype)


def identity__indices_in_the_dtype(n: int, dtype: torch.dtype) -> Tensor:
    """The indices are held in `dtype`, where uint8 begins again at 0 after 255; compare them as int64."""
    index = torch.arange(n).to(torch.int64 if dtype == torch.bool else dtype)
    return (index[:, None] == index).to(dtype)


# describe


def describe__dtype_as_text(x: Tensor) -> tuple[tuple[int, ...], torch.dtype, torch.device]:
    """The dtype is a string such as "torch.float32"; here it is the dtype itself."""
    return tuple(x.shape), str(x.dtype), x.device


def describe__device_as_text(x: Tensor) -> tuple[tuple[int, ...], torch.dtype, torch.device]:
    """The device is a string such as "cpu"; here it is the `torch.device` itself."""
    return tuple(x.shape), x.dtype, x.device.type


def describe__order_swapped(x: Tensor) -> tuple[tuple[int, ...], torch.dtype, torch.device]:
    """Dtype and device have changed places; the order is shape, dtype, device."""
    return tuple(x.shape), x.device, x.dtype


def describe__shape_as_list(x: Tensor) -> tuple[tuple[int, ...], torch.dtype, torch.device]:
    """The shape is a list; here it is a tuple."""
    return list(x.shape), x.dtype, x.device


def describe__number_of_elements(x: Tensor) -> tuple[tuple[int, ...], torch.dtype, torch.device]:
    """The number of elements stands in place of the shape; the shape is one size for each dimension."""
    return x.numel(), x.dtype, x.device


def describe__length_only(x: Tensor) -> tuple[tuple[int, ...], torch.dtype, torch.device]:
    """Only the first size is given; the shape has one size for each dimension."""
    return tuple(x.shape[:1]), x.dtype, x.device


def describe__default_dtype(x: Tensor) -> tuple[tuple[int, ...], torch.dtype, torch.device]:
    """The dtype is always the default float32; here it is that of `x`."""
    return tuple(x.shape), torch.get_default_dtype(), x.device


def describe__always_cpu(x: Tensor) -> tuple[tuple[int, ...], torch.dtype, torch.device]:
    """The device is always the CPU; here it is that of `x`."""
    return tuple(x.shape), x.dtype, torch.device("cpu")


# evenly_spaced


def evenly_spaced__end_left_out(start: float, end: float, steps: int) -> Tensor:
    """The end is left out, as with `arange`; here both ends are included."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return start + (end - start) / steps * torch.arange(steps)


def evenly_spaced__one_value_too_many(start: float, end: float, steps: int) -> Tensor:
    """`steps` counts the gaps, which gives one value too many; here it counts the values."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return start + (end - start) / steps * torch.arange(steps + 1)


def evenly_spaced__one_step_divides_by_zero(start: float, end: float, steps: int) -> Tensor:
    """One step divides by steps - 1, which is zero; here one step gives [start]."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return start + (end - start) / (steps - 1) * torch.arange(steps)


def evenly_spaced__one_step_gives_nan(start: float, end: float, steps: int) -> Tensor:
    """One step gives nan, zero divided by zero; here it gives [start]."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return start + (end - start) * (torch.arange(steps) / (steps - 1))


def evenly_spaced__one_step_gives_the_end(start: float, end: float, steps: int) -> Tensor:
    """One step gives the end; here it gives the start."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return end - (end - start) / max(steps - 1, 1) * torch.arange(steps).flip(0)


def evenly_spaced__start_forgotten(start: float, end: float, steps: int) -> Tensor:
    """The values begin at 0; here they begin at `start`."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return (end - start) / max(steps - 1, 1) * torch.arange(steps)


def evenly_spaced__whole_steps(start: float, end: float, steps: int) -> Tensor:
    """The step is rounded down to a whole number, as `//` does; here it keeps its fraction."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return float(start) + (end - start) // max(steps - 1, 1) * torch.arange(steps)


def evenly_spaced__float64(start: float, end: float, steps: int) -> Tensor:
    """The result is float64; here it is float32."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return start + (end - start) / max(steps - 1, 1) * torch.arange(steps, dtype=torch.float64)


def evenly_spaced__no_error(start: float, end: float, steps: int) -> Tensor:
    """No steps at all give an empty tensor; here fewer than one must raise ValueError."""
    return start + (end - start) / max(steps - 1, 1) * torch.arange(max(steps, 0))


def evenly_spaced__uses_linspace(start: float, end: float, steps: int) -> Tensor:
    """`torch.linspace` does all the work; here the values are to be built from `torch.arange`."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return torch.linspace(start, end, steps)


def evenly_spaced__one_step_keeps_the_int(start: float, end: float, steps: int) -> Tensor:
    """One step from an int gives int64; here the result is always float32."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    return start + (end - start) / (steps - 1) * torch.arange(steps) if steps > 1 else torch.tensor([start])


# coordinate_grid


def coordinate_grid__indexing_ignored(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    """`indexing` makes no difference; here "xy" gives the transposes of "ij"."""
    if indexing not in ("ij", "xy"):
        raise ValueError(f'indexing must be "ij" or "xy", got {indexing!r}')
    shape = (len(x), len(y))
    return x[:, None].expand(shape), y.expand(shape)


def coordinate_grid__ij_and_xy_swapped(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    """The results of "ij" and "xy" are swapped; with "ij" the first grid varies down the rows."""
    if indexing not in ("ij", "xy"):
        raise ValueError(f'indexing must be "ij" or "xy", got {indexing!r}')
    shape = (len(x), len(y))
    first, second = x[:, None].expand(shape), y.expand(shape)
    return (first, second) if indexing == "xy" else (first.T, second.T)


def coordinate_grid__y_first(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    """The grid of y comes first; here the grid of x does."""
    if indexing not in ("ij", "xy"):
        raise ValueError(f'indexing must be "ij" or "xy", got {indexing!r}')
    shape = (len(x), len(y))
    first, second = x[:, None].expand(shape), y.expand(shape)
    return (second, first) if indexing == "ij" else (second.T, first.T)


def coordinate_grid__xy_swaps_the_grids(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    """With "xy" the two grids only change places; here each is transposed and the order stays."""
    if indexing not in ("ij", "xy"):
        raise ValueError(f'indexing must be "ij" or "xy", got {indexing!r}')
    shape = (len(x), len(y))
    first, second = x[:, None].expand(shape), y.expand(shape)
    return (first, second) if indexing == "ij" else (second, first)


def coordinate_grid__no_error(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    """Any other `indexing` is taken for "xy"; here it must raise ValueError."""
    shape = (len(x), len(y))
    first, second = x[:, None].expand(shape), y.expand(shape)
    return (first, second) if indexing == "ij" else (first.T, second.T)


def coordinate_grid__square_only(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    """The length of `x` is used for both sides, which works only if `y` is as long; the grid has n times m points."""
    if indexing not in ("ij", "xy"):
        raise ValueError(f'indexing must be "ij" or "xy", got {indexing!r}')
    shape = (len(x), len(x))
    first, second = x[:, None].expand(shape), y.expand(shape)
    return (first, second) if indexing == "ij" else (first.T, second.T)


def coordinate_grid__stacked(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    """The two grids are stacked into one tensor; here they are two tensors in a tuple."""
    if indexing not in ("ij", "xy"):
        raise ValueError(f'indexing must be "ij" or "xy", got {indexing!r}')
    shape = (len(x), len(y))
    grids = torch.stack([x[:, None].expand(shape), y.expand(shape)])
    return grids if indexing == "ij" else grids.transpose(1, 2)


def coordinate_grid__floats(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    """Integers become floats because zeros were added; here the dtype of `x` and `y` is kept."""
    if indexing not in ("ij", "xy"):
        raise ValueError(f'indexing must be "ij" or "xy", got {indexing!r}')
    zeros = torch.zeros(len(x), len(y), device=x.device)
    first, second = x[:, None] + zeros, y + zeros
    return (first, second) if indexing == "ij" else (first.T, second.T)


def coordinate_grid__uses_meshgrid(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    """`torch.meshgrid` does all the work; here the grids are to be built without it."""
    if indexing not in ("ij", "xy"):
        raise ValueError(f'indexing must be "ij" or "xy", got {indexing!r}')
    return torch.meshgrid(x, y, indexing=indexing)


def coordinate_grid__zero_times_the_other(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    """Zero times inf or nan is nan, which spoils the other grid; spread `x` and `y` without adding anything."""
    if indexing not in ("ij", "xy"):
        raise ValueError(f'indexing must be "ij" or "xy", got {indexing!r}')
    first, second = x[:, None] + 0 * y, 0 * x[:, None] + y
    return (first, second) if indexing == "ij" else (first.T, second.T)


def coordinate_grid__by_way_of_float32(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    """The grids are filled as float32, which rounds float64 and large integers; fill them in the dtype of `x`."""
    if indexing not in ("ij", "xy"):
        raise ValueError(f'indexing must be "ij" or "xy", got {indexing!r}')
    first, second = torch.zeros(2, len(x), len(y), device=x.device)
    first[:], second[:] = x[:, None], y
    first, second = first.to(x.dtype), second.to(x.dtype)
    return (first, second) if indexing == "ij" else (first.T, second.T)


def coordinate_grid__by_way_of_lists(x: Tensor, y: Tensor, indexing: str = "ij") -> tuple[Tensor, Tensor]:
    """`torch.tensor` of a list is float32 before it becomes float64 again; give it the dtype of `x` at once."""
    if indexing not in ("ij", "xy"):
        raise ValueError(f'indexing must be "ij" or "xy", got {indexing!r}')
    first = torch.tensor([[number] * len(y) for number in x.tolist()], device=x.device).reshape(len(x), len(y))
    second = torch.tensor([y.tolist()] * len(x), device=x.device).reshape(len(x), len(y))
    first, second = first.to(x.dtype), second.to(x.dtype)
    return (first, second) if indexing == "ij" else (first.T, second.T)


# total


def total__still_a_tensor(x: Tensor) -> int | float:
    """The sum is still a tensor; `item()` makes a Python number of it."""
    return x.sum()


def total__always_float(x: Tensor) -> int | float:
    """The result is always a float; here integers give an int."""
    return float(x.sum())


def total__always_int(x: Tensor) -> int | float:
    """The result is always an int and the fraction is lost; here floats give a float."""
    return int(x.sum())


def total__overflows(x: Tensor) -> int | float:
    """The sum is kept in the dtype of `x`, where it overflows; a plain `sum` counts small integers as int64."""
    return x.sum(dtype=x.dtype).item()


def total__by_way_of_float32(x: Tensor) -> int | float:
    """The sum is taken in float32, which is exact only up to 2 ** 24; here integers are summed exactly."""
    result = x.float().sum().item()
    return result if x.is_floating_point() else int(result)


def total__rows_only(x: Tensor) -> int | float:
    """Only the rows are added up, so a matrix has several sums and `item()` fails; here all elements are added."""
    return (x.sum(dim=0) if x.ndim else x).item()


def total__fails_when_empty(x: Tensor) -> int | float:
    """A tensor without elements ends in an error; here its sum is 0."""
    return functools.reduce(operator.add, x.flatten().tolist())


def total__empty_floats_give_an_int(x: Tensor) -> int | float:
    """Python's `sum` starts at the int 0, so an empty float tensor gives an int; here floats always give a float."""
    return sum(x.flatten().tolist())


def total__mean(x: Tensor) -> int | float:
    """The sum is divided by the number of elements, which is the mean; here the sum itself is wanted."""
    mean = x.sum().item() / max(x.numel(), 1)
    return mean if x.is_floating_point() else int(mean)


# only_element


def only_element__takes_the_first(x: Tensor) -> bool | int | float:
    """The first of several elements is taken; here several must raise RuntimeError."""
    if x.numel() == 0:
        raise RuntimeError("no element")
    return x.flatten()[0].item()


def only_element__sums(x: Tensor) -> bool | int | float:
    """All elements are added up, so several or none give a number; here they must raise RuntimeError."""
    return x.sum().to(x.dtype).item()


def only_element__none_when_empty(x: Tensor) -> bool | int | float:
    """A tensor without elements gives None; here it must raise RuntimeError."""
    return x.item() if x.numel() else None


def only_element__one_dimension_only(x: Tensor) -> bool | int | float:
    """Indexing with [0] fails for a tensor without dimensions; here every shape with one element works."""
    if len(x) != 1:
        raise RuntimeError(f"one element expected, got {x.numel()}")
    return x[0].item()


def only_element__still_a_tensor(x: Tensor) -> bool | int | float:
    """The dimensions are gone, but the element is still a tensor; `item()` gives a Python number."""
    return x.reshape(())


def only_element__always_float(x: Tensor) -> bool | int | float:
    """The result is always a float; here integers give an int and bools a bool."""
    return float(x.item())


def only_element__always_int(x: Tensor) -> bool | int | float:
    """The result is always an int and the fraction is lost; here floats give a float and bools a bool."""
    return int(x.item())


def only_element__value_error(x: Tensor) -> bool | int | float:
    """The wrong number of elements raises ValueError; here it must be RuntimeError, as `item()` raises it."""
    if x.numel() != 1:
        raise ValueError(f"one element expected, got {x.numel()}")
    return x.item()


def only_element__equal_ones_count_once(x: Tensor) -> bool | int | float:
    """`unique` makes one element of several equal ones; several must raise RuntimeError, equal or not."""
    return x.unique().item()


# add_in_place


def add_in_place__out_of_place(x: Tensor, y: Tensor) -> Tensor:
    """`x + y` makes a new tensor and `x` stays as it was; here `x` itself must change."""
    return x + y


def add_in_place__returns_none(x: Tensor, y: Tensor) -> Tensor:
    """`x` is changed, but nothing is returned; here `x` itself is returned."""
    x.add_(y)


def add_in_place__returns_a_copy(x: Tensor, y: Tensor) -> Tensor:
    """`x` is changed, but a copy of it is returned; here it is `x` itself."""
    return x.add_(y).clone()


def add_in_place__changes_y(x: Tensor, y: Tensor) -> Tensor:
    """`y` is changed and returned in place of `x`; here `x` must change and `y` stay."""
    return y.add_(x)


def add_in_place__new_memory(x: Tensor, y: Tensor) -> Tensor:
    """`.data` gives `x` new memory, so views of `x` miss the change; the sum must go into the old memory."""
    x.data = x + y
    return x


def add_in_place__adds_twice(x: Tensor, y: Tensor) -> Tensor:
    """`y` is added twice; once is enough, since `add_` both changes `x` and returns it."""
    x.add_(y)
    return x.add_(y)


def add_in_place__overwrites(x: Tensor, y: Tensor) -> Tensor:
    """`x` is overwritten with `y`, as by `copy_`; here `y` is added to it."""
    return x.copy_(y)


def add_in_place__by_way_of_float64(x: Tensor, y: Tensor) -> Tensor:
    """The sum is taken in float64, which rounds integers beyond 2**53; here integers are added exactly."""
    return x.copy_(x.double() + y.double())


# sum_of


def sum_of__changes_x(x: Tensor, y: Tensor) -> Tensor:
    """`x += y` and `add_` change `x`; here `x` must stay as it is."""
    x += y
    return x


def sum_of__changes_y(x: Tensor, y: Tensor) -> Tensor:
    """`y.add_(x)` changes `y`; here `y` must stay as it is."""
    return y.add_(x)


def sum_of__changes_x_returns_a_copy(x: Tensor, y: Tensor) -> Tensor:
    """The result is a copy, but `x` was changed on the way; here `x` must stay as it is."""
    return x.add_(y).clone()


def sum_of__joined(x: Tensor, y: Tensor) -> Tensor:
    """The two tensors are put one after the other, as `+` does with lists; here their elements are added."""
    return torch.cat([x.reshape(-1), y.reshape(-1)])


def sum_of__always_float32(x: Tensor, y: Tensor) -> Tensor:
    """The sum is always float32; here it keeps the dtype of `x` and `y`."""
    return x.float() + y.float()


def sum_of__one_number(x: Tensor, y: Tensor) -> Tensor:
    """All elements are added up to one; here each element of `x` is added to the same of `y`."""
    return (x + y).sum().to(x.dtype)


def sum_of__adds_x_twice(x: Tensor, y: Tensor) -> Tensor:
    """`x` is added to itself and `y` is forgotten; the sum is x + y."""
    return x + x


def sum_of__flattened(x: Tensor, y: Tensor) -> Tensor:
    """The sum is in one row; here it keeps the shape of `x` and `y`."""
    return x.flatten() + y.flatten()


def sum_of__widened(x: Tensor, y: Tensor) -> Tensor:
    """`sum` of small integers gives int64; here the sum has the dtype of `x` and `y`."""
    return torch.stack([x, y]).sum(dim=0)


def sum_of__by_way_of_float64(x: Tensor, y: Tensor) -> Tensor:
    """The sum is taken in float64, which rounds integers beyond 2**53; here integers are added exactly."""
    return (x.double() + y.double()).to(x.dtype)


# transpose_in_place


def transpose_in_place__out_of_place(x: Tensor) -> Tensor:
    """`x.t()` gives a new view and `x` keeps its shape; here `x` itself must change, as with `t_()`."""
    return x.t()


def transpose_in_place__returns_none(x: Tensor) -> Tensor:
    """`x` is transposed, but nothing is returned; here `x` itself is returned."""
    x.t_()


def transpose_in_place__returns_a_copy(x: Tensor) -> Tensor:
    """`x` is transposed, but a copy of it is returned; here it is `x` itself."""
    return x.t_().clone()


def transpose_in_place__transposed_back(x: Tensor) -> Tensor:
    """`x` is transposed, but what is returned is transposed once more; here it is `x` itself."""
    x.t_()
    return x.t()


def transpose_in_place__reshaped(x: Tensor) -> Tensor:
    """The elements still come in the old order, as after `reshape`; here rows must become columns."""
    x.data = x.reshape(x.shape[1], x.shape[0])
    return x


def transpose_in_place__moves_the_elements(x: Tensor) -> Tensor:
    """The elements were moved to new memory; here only shape and strides change and the memory stays."""
    x.data = x.t().contiguous()
    return x


def transpose_in_place__square_only(x: Tensor) -> Tensor:
    """The elements are copied into the old shape, which needs a square matrix; `t_` moves nothing and fits all."""
    return x.copy_(x.t().clone())


def transpose_in_place__rotated(x: Tensor) -> Tensor:
    """The matrix is turned by a quarter; the transpose mirrors it at its diagonal."""
    x.data = x.flip(0).t()
    return x


# overwrite


def overwrite__returns_the_values(x: Tensor, values: Tensor) -> Tensor:
    """`x = values` only gives the name `x` to another tensor; here the memory of `x` must change."""
    x = values
    return x


def overwrite__returns_a_new_tensor(x: Tensor, values: Tensor) -> Tensor:
    """The result is a new tensor and `x` stays as it was; here the values go into `x` itself."""
    return values.to(x.dtype).broadcast_to(x.shape).clone()


def overwrite__takes_over_the_values(x: Tensor, values: Tensor) -> Tensor:
    """`x` takes over the memory and the dtype of the values; here it keeps its own and only the numbers change."""
    x.data = values.broadcast_to(x.shape)
    return x


def overwrite__new_memory(x: Tensor, values: Tensor) -> Tensor:
    """`.data` gives `x` new memory, so views of `x` miss the change; the values must go into the old memory."""
    x.data = values.to(x.dtype).broadcast_to(x.shape).clone()
    return x


def overwrite__the_other_way_round(x: Tensor, values: Tensor) -> Tensor:
    """`x` is copied into the values; here the values are copied into `x`."""
    return values.copy_(x)


def overwrite__same_shape_only(x: Tensor, values: Tensor) -> Tensor:
    """Values of another shape are refused; here they are broadcast to the shape of `x`."""
    if x.shape != values.shape:
        raise RuntimeError(f"shape {tuple(values.shape)} is not {tuple(x.shape)}")
    return x.copy_(values)


def overwrite__rounds(x: Tensor, values: Tensor) -> Tensor:
    """A float is rounded before it goes into an integer tensor; here it loses its fraction."""
    return x.copy_(values if x.is_floating_point() else values.round())


def overwrite__adds(x: Tensor, values: Tensor) -> Tensor:
    """The values are added to `x`; here they take the place of what was there."""
    return x.copy_(x + values)


def overwrite__returns_none(x: Tensor, values: Tensor) -> Tensor:
    """`x` is changed, but nothing is returned; here `x` itself is returned."""
    x[...] = values


def overwrite__first_row_only(x: Tensor, values: Tensor) -> Tensor:
    """Only x[0] is overwritten; here all of `x` is."""
    if x.ndim == 0:
        return x.copy_(values)
    x[:1] = values.broadcast_to(x.shape)[:1]
    return x


def overwrite__errors_swallowed(x: Tensor, values: Tensor) -> Tensor:
    """Values that do not fit are silently ignored; here they must raise RuntimeError."""
    try:
        x.copy_(values)
    except RuntimeError:
        pass
    return x


def overwrite__by_way_of_int32(x: Tensor, values: Tensor) -> Tensor:
    """The values go through int32, where those beyond 2**31 are lost; `copy_` converts to the dtype of `x` itself."""
    return x.copy_(values if x.is_floating_point() else values.int())


def overwrite__by_way_of_float32(x: Tensor, values: Tensor) -> Tensor:
    """The values go through float32, which rounds large integers; `copy_` converts to the dtype of `x` itself."""
    return x.copy_(values.float())


# column_means


def column_means__means_of_rows(x: Tensor) -> Tensor:
    """These are the means of the rows; `dim` names the dimension that goes away, so columns need dim=0."""
    return x.mean(dim=1, dtype=x.dtype if x.is_floating_point() else torch.float32)


def column_means__one_mean(x: Tensor) -> Tensor:
    """This is one mean of all elements; here each column has its own."""
    return x.mean(dtype=x.dtype if x.is_floating_point() else torch.float32)


def column_means__keeps_the_dimension(x: Tensor) -> Tensor:
    """The result has shape (1, d), as with keepdim=True; here it is (d,)."""
    return x.mean(dim=0, keepdim=True, dtype=x.dtype if x.is_floating_point() else torch.float32)


def column_means__fails_for_integers(x: Tensor) -> Tensor:
    """`mean` of integers is an error until a float dtype is given; here integers give float32."""
    return x.mean(dim=0)


def column_means__whole_numbers(x: Tensor) -> Tensor:
    """The means of integers are rounded down to integers; here they are float32 with their fractions."""
    return x.mean(dim=0) if x.is_floating_point() else x.sum(dim=0) // len(x)


def column_means__always_float32(x: Tensor) -> Tensor:
    """The result is always float32; here float64 stays float64."""
    return x.float().mean(dim=0)


def column_means__always_float64(x: Tensor) -> Tensor:
    """The result is always float64; here float32 stays float32 and integers give float32."""
    return x.double().mean(dim=0)


def column_means__sums(x: Tensor) -> Tensor:
    """These are the sums of the columns; the mean is the sum divided by the number of rows."""
    return x.sum(dim=0, dtype=x.dtype if x.is_floating_point() else torch.float32)


def column_means__column_by_column(x: Tensor) -> Tensor:
    """Without columns there is nothing to stack, and `torch.empty(0)` is float32; here float64 stays float64."""
    means = [column.mean() for column in (x if x.is_floating_point() else x.float()).T]
    return torch.stack(means) if means else torch.empty(0, device=x.device)


def column_means__divided_by_the_columns(x: Tensor) -> Tensor:
    """The sums are divided by the number of columns; here the number of rows is wanted."""
    return x.sum(dim=0, dtype=x.dtype if x.is_floating_point() else torch.float32) / max(x.shape[1], 1)


# frobenius_norm


def frobenius_norm__root_forgotten(x: Tensor) -> Tensor:
    """The sum of the squares lacks its square root."""
    return x.square().sum()


def frobenius_norm__mean(x: Tensor) -> Tensor:
    """The squares are averaged; here they are added up."""
    return x.square().mean().sqrt()


def frobenius_norm__absolute_values(x: Tensor) -> Tensor:
    """The absolute values are added up, which is another norm; here the squares are, and then the root is taken."""
    return x.abs().sum()


def frobenius_norm__square_of_the_sum(x: Tensor) -> Tensor:
    """The elements are added before they are squared; here each is squared first."""
    return x.sum().square().sqrt()


def frobenius_norm__one_for_each_row(x: Tensor) -> Tensor:
    """This is one norm for each row; here there is one for the whole matrix."""
    return x.square().sum(dim=1).sqrt()


def frobenius_norm__python_number(x: Tensor) -> Tensor:
    """The result is a Python number; here it is a tensor without dimensions."""
    return x.square().sum().sqrt().item()


def frobenius_norm__always_float32(x: Tensor) -> Tensor:
    """The result is always float32; here float64 stays float64."""
    return x.float().square().sum().sqrt()


def frobenius_norm__keeps_the_dimensions(x: Tensor) -> Tensor:
    """The result has shape (1, 1); here it has no dimensions."""
    return x.square().sum(dim=(0, 1), keepdim=True).sqrt()


def frobenius_norm__uses_norm(x: Tensor) -> Tensor:
    """`torch.linalg.norm` does all the work; here the norm is to be built from squares, sum and root."""
    return torch.linalg.norm(x)


# spread


def spread__keepdim_ignored(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """`keepdim` makes no difference; with keepdim=True the dimension stays, with size 1."""
    return x.amax(dim) - x.amin(dim)


def spread__keepdim_always(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """The dimension always stays, with size 1; here it does so only with keepdim=True."""
    return x.amax(dim, keepdim=True) - x.amin(dim, keepdim=True)


def spread__dim_ignored(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """This is the spread of all elements; here each line along `dim` has its own."""
    everything = tuple(range(x.ndim))
    return x.amax(everything, keepdim) - x.amin(everything, keepdim)


def spread__first_dimension_always(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """The first dimension is reduced whatever `dim` says; here it is `dim`."""
    return x.amax(0, keepdim) - x.amin(0, keepdim)


def spread__other_dimensions(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """All dimensions but `dim` are reduced; `dim` names the one that goes away."""
    others = tuple(d for d in range(x.ndim) if d != dim % x.ndim)
    return x.amax(others, keepdim) - x.amin(others, keepdim) if others else x - x


def spread__negative(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """The largest value is subtracted from the smallest; here it is the other way round."""
    return x.amin(dim, keepdim) - x.amax(dim, keepdim)


def spread__last_minus_first(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """The first value is subtracted from the last, which is right only for sorted values."""
    difference = x.select(dim, -1) - x.select(dim, 0)
    return difference.unsqueeze(dim) if keepdim else difference


def spread__maximum_only(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """This is the largest value alone; the smallest is to be subtracted from it."""
    return x.amax(dim, keepdim)


def spread__always_float32(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """The result is always float32; here the dtype is that of `x`."""
    return x.float().amax(dim, keepdim) - x.float().amin(dim, keepdim)


def spread__by_way_of_float64(x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """The values go through float64, which rounds integers beyond 2**53; here integers are subtracted exactly."""
    return (x.double().amax(dim, keepdim) - x.double().amin(dim, keepdim)).to(x.dtype)


# largest


def largest__value(x: Tensor) -> Tensor:
    """This is the largest value; here its index is wanted, as `argmax` gives it."""
    return x.max()


def largest__smallest(x: Tensor) -> Tensor:
    """This is the index of the smallest element; here it is that of the largest."""
    return x.argmin()


def largest__along_the_last_dimension(x: Tensor) -> Tensor:
    """There is one index for each row; here there is one for the whole tensor."""
    return x.argmax(dim=-1)


def largest__python_int(x: Tensor) -> Tensor:
    """The result is a Python int; here it is a tensor without dimensions."""
    return x.argmax().item()


def largest__within_its_row(x: Tensor) -> Tensor:
    """The index counts from the start of its row; here it counts from the first element of the tensor."""
    return x.argmax() % x.shape[-1] if x.ndim else x.argmax()


def largest__down_the_columns(x: Tensor) -> Tensor:
    """The elements are counted down the columns; here they are counted row by row."""
    return x.permute(tuple(reversed(range(x.ndim)))).argmax()


def largest__absolute_value(x: Tensor) -> Tensor:
    """The sign is ignored, so a very negative number wins; here the largest number does."""
    return x.abs().argmax()


def largest__int32(x: Tensor) -> Tensor:
    """The index is int32; in PyTorch indices are int64."""
    return x.argmax().int()


def largest__counted_from_one(x: Tensor) -> Tensor:
    """The index counts from 1; here the first element has index 0."""
    return x.argmax() + 1


def largest__as_float32(x: Tensor) -> Tensor:
    """The elements are compared as float32, where large integers become equal; compare them in their own dtype."""
    return x.float().argmax()


# largest_along


def largest_along__values(x: Tensor, dim: int) -> Tensor:
    """These are the largest values; here their indices are wanted, as `argmax` gives them."""
    return x.amax(dim)


def largest_along__values_and_indices(x: Tensor, dim: int) -> Tensor:
    """`x.max(dim)` gives the values and the indices; here only the indices are wanted."""
    return x.max(dim)


def largest_along__smallest(x: Tensor, dim: int) -> Tensor:
    """These are the indices of the smallest elements; here they are those of the largest."""
    return x.argmin(dim)


def largest_along__dim_ignored(x: Tensor, dim: int) -> Tensor:
    """This is one index for the whole tensor; here each line along `dim` has its own."""
    return x.argmax()


def largest_along__last_dimension_always(x: Tensor, dim: int) -> Tensor:
    """The last dimension is reduced whatever `dim` says; here it is `dim`."""
    return x.argmax(dim=-1)


def largest_along__keeps_the_dimension(x: Tensor, dim: int) -> Tensor:
    """The dimension stays, with size 1; here it goes away."""
    return x.argmax(dim, keepdim=True)


def largest_along__absolute_value(x: Tensor, dim: int) -> Tensor:
    """The sign is ignored, so a very negative number wins; here the largest number does."""
    return x.abs().argmax(dim)


def largest_along__first_dimension_always(x: Tensor, dim: int) -> Tensor:
    """The first dimension is reduced whatever `dim` says; here it is `dim`."""
    return x.argmax(dim=0)


def largest_along__float(x: Tensor, dim: int) -> Tensor:
    """The indices have the dtype of `x`; in PyTorch indices are int64."""
    return x.argmax(dim).to(x.dtype)


def largest_along__as_float32(x: Tensor, dim: int) -> Tensor:
    """The elements are compared as float32, where large integers become equal; compare them in their own dtype."""
    return x.float().argmax(dim)


# largest_position


def _unravelled(index: Tensor, shape: torch.Size) -> tuple[Tensor, ...]:
    """What `torch.unravel_index` gives; that one imports sympy, which takes seconds."""
    position: list[Tensor] = []
    for size in reversed(shape):
        position.insert(0, index % size)
        index = index // size
    return tuple(position)


def largest_position__flat_index(x: Tensor) -> tuple[int, ...]:
    """This is the index in the flattened tensor; here there is one index for each dimension."""
    return (int(x.argmax()),)


def largest_position__tensors(x: Tensor) -> tuple[int, ...]:
    """The indices are tensors, as from `unravel_index`; here they are Python ints."""
    return tuple(_unravelled(x.argmax(), x.shape))


def largest_position__list(x: Tensor) -> tuple[int, ...]:
    """The indices are in a list; here they are in a tuple, so that x[position] picks one element."""
    return [int(index) for index in _unravelled(x.argmax(), x.shape)]


def largest_position__each_dimension_alone(x: Tensor) -> tuple[int, ...]:
    """Each index is found for itself, so several largest elements mix into a position that is none of theirs."""
    others = [tuple(d for d in range(x.ndim) if d != dim) for dim in range(x.ndim)]
    return tuple(int((x.amax(dims) if dims else x).argmax()) for dims in others)


def largest_position__reversed(x: Tensor) -> tuple[int, ...]:
    """The indices are in reverse order; the first belongs to the first dimension."""
    return tuple(int(index) for index in _unravelled(x.argmax(), x.shape))[::-1]


def largest_position__from_the_strides(x: Tensor) -> tuple[int, ...]:
    """The index is split with `stride`, which tells how the memory lies; a flat index goes by the shape."""
    flat = int(x.argmax())
    return tuple(flat // max(stride, 1) % size for size, stride in zip(x.shape, x.stride()))


def largest_position__matrix_only(x: Tensor) -> tuple[int, ...]:
    """The index is split into row and column only; here there is one index for each dimension."""
    return divmod(int(x.argmax()), x.shape[-1] if x.ndim else 1)


def largest_position__smallest(x: Tensor) -> tuple[int, ...]:
    """This is the position of the smallest element; here it is that of the largest."""
    return tuple(int(index) for index in _unravelled(x.argmin(), x.shape))


def largest_position__divided_by_the_rows(x: Tensor) -> tuple[int, ...]:
    """The row is found by dividing by the number of rows; here it is the number of columns, the length of a row."""
    return tuple(int(index) for index in _unravelled(x.argmax(), x.shape[::-1]))


def largest_position__as_float32(x: Tensor) -> tuple[int, ...]:
    """The elements are compared as float32, where large integers become equal; compare them in their own dtype."""
    return tuple(int(index) for index in _unravelled(x.float().argmax(), x.shape))


ALLOWED = {
    "coordinate_grid": {
        "copy_instead_of_view": "the contract leaves open whether the grids share memory with x and y",
        "works_on_a_copy": "the contract leaves open whether the grids share memory with x and y",
    },
}

EQUIVALENT = {
    "from_lists": {"return torch.as_tensor(data)": "a list has no memory to share"},
    "inferred_dtype": {
        "while data and isinstance(data[-1], list):": "all items of a list that is not ragged are of one kind",
    },
    "evenly_spaced": {"step = (end - start) / max(1, steps - 1)": "the same maximum"},
    "largest_position": {
        "return tuple((x == x.max()).nonzero()[-1].tolist())": "any of several largest elements will do",
    },
}
