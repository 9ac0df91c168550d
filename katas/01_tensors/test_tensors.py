"""The properties of the tensors kata. `kata.name(...)` calls your function and keeps what a message needs."""

import math

import numpy as np
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from torchkata.checks import (
    expect_changed,
    expect_equal,
    expect_law,
    expect_number,
    expect_own_memory,
    expect_raises,
    expect_returned,
    expect_rules,
    expect_same_object,
    expect_shared_memory,
    expect_tensor,
    expect_tuple,
    expect_unchanged,
)
from torchkata.strategies import (
    arrays,
    dtypes,
    manual_seed,
    matrices,
    nested_lists,
    numbers,
    same_shape,
    seeds,
    shapes,
    tensors,
    vectors,
)

FLOATS = (torch.float32, torch.float64)
INTEGERS = (torch.int64, torch.int32, torch.uint8)
NUMBERS = (*FLOATS, *INTEGERS)
ANY_RANK = (2, 1, 0, 3)
ARRAY_DTYPES = (np.float64, np.float32, np.int64, np.uint8, np.bool_)

sharable = arrays((2, 1, 3), ARRAY_DTYPES)
any_array = arrays(ANY_RANK, ARRAY_DTYPES, min_side=0)
any_tensor = tensors(ANY_RANK, (*NUMBERS, torch.bool), min_side=0)
tensors_to_reduce = tensors((2, 1, 3), NUMBERS)


def flat_numbers(data):
    """The numbers of nested lists, in order."""
    return [number for item in data for number in flat_numbers(item)] if isinstance(data, list) else [data]


def dtype_of(data):
    """The dtype that the numbers in nested lists ask for: one float, else one int, decides."""
    kinds = {type(number) for number in flat_numbers(data)}
    return torch.float32 if float in kinds or not kinds else torch.int64 if int in kinds else torch.bool


# from_lists


@given(data=nested_lists())
@example(data=[[1, 2], [3, 4]])
@example(data=[0.5, 1.5])
@example(data=[True, False])
@example(data=[1, 2.5])
@example(data=[True, 2])
@example(data=[])
@example(data=[2**53 + 1])
@example(data=[[[[1, 2]]]])
def test_from_lists__holds_the_numbers(kata, data):
    """The tensor holds the numbers of the lists: one dimension a level, float32, int64 or bool by its numbers."""
    expect_tensor(kata.from_lists(data), np.array(data), dtype=dtype_of(data))


@given(data=st.sampled_from([[[1, 2], [3]], [[1], [2, 3]], [[1, 2, 3], [4]], [[[1, 2]], [[3]]], [[1.5], [2, 3], [4]]]))
@example(data=[[1, 2], [3]])
@example(data=[[1, 2], [3], [4, 5, 6]])
@example(data=[[1, 2], [3, 4], [5]])
def test_from_lists__refuses_ragged_lists(kata, data):
    """A ragged list, one whose rows differ in length, raises ValueError."""
    expect_raises(kata.from_lists.raising(data), ValueError)


# inferred_dtype


@given(data=nested_lists())
@example(data=[[1, 2], [3, 4.5]])
@example(data=[[True, False], [True, 2]])
@example(data=[[True], [False]])
@example(data=[[1], [True]])
@example(data=[1.0])
@example(data=[1e20, 1])
@example(data=[[[[1, 2.5]]]])
@example(data=[])
@example(data=[[], []])
def test_inferred_dtype__float_beats_int_beats_bool(kata, data):
    """One float gives float32, else one int gives int64, else bool; no number at all gives float32."""
    expect_equal(kata.inferred_dtype(data), dtype_of(data))


def test_inferred_dtype__reads_the_numbers(kata):
    """The dtype is found by looking at the numbers, not by making a tensor."""
    expect_rules(kata.inferred_dtype, without=("tensor", "as_tensor", "asarray", "Tensor", "from_lists"))


# copy_array


@given(array=any_array)
@example(array=np.array([1.0, 2.0]))
@example(array=np.array([[1, 2], [3, 4]], dtype=np.int32))
@example(array=np.array([[1, 2], [3, 4], [5, 6]]).T)
@example(array=np.array([2**53 + 1]))
@example(array=np.array([1, 2], dtype=np.int16))
@example(array=np.zeros((0, 3)))
def test_copy_array__keeps_values_and_dtype(kata, array):
    """The tensor has the values, the shape and the dtype of the array."""
    expect_tensor(kata.copy_array(array), array, dtype=torch.from_numpy(array).dtype)


@given(array=arrays(ANY_RANK, ARRAY_DTYPES))
@example(array=np.array([1.0, 2.0], dtype=np.float32))
def test_copy_array__has_its_own_memory(kata, array):
    """Later changes of the array do not show in the tensor."""
    expect_own_memory(kata.copy_array(array))


# share_array


@given(array=sharable)
@example(array=np.array([1.0, 2.0]))
@example(array=np.array([1.0, 2.0], dtype=np.float32))
@example(array=np.array([1, 2], dtype=np.int16))
@example(array=np.zeros((2, 0)))
def test_share_array__keeps_values_and_dtype(kata, array):
    """The tensor has the values, the shape and the dtype of the array."""
    expect_tensor(kata.share_array(array), array, dtype=torch.from_numpy(array).dtype)


@given(array=sharable)
@example(array=np.array([1.0, 2.0]))
def test_share_array__is_the_memory_of_the_array(kata, array):
    """A write to the tensor shows in the array: both use one memory."""
    answer = kata.share_array(array)
    expect_shared_memory(answer, array)
    address = answer.given(array).__array_interface__["data"][0]
    expect_law(answer, answer.value.data_ptr() == address, "the first elements of both at one place in memory")


# float32_copy


@given(array=any_array)
@example(array=np.array([1, 2]))
@example(array=np.array([True, False]))
@example(array=np.array([0.1, 0.2]))
@example(array=np.array([2**40]))
@example(array=np.zeros((0, 3)))
def test_float32_copy__is_float32(kata, array):
    """The tensor has the values and the shape of the array, as float32."""
    expect_tensor(kata.float32_copy(array), array.astype(np.float64), dtype=torch.float32)


@given(array=arrays(ANY_RANK, (np.float32, np.float64)))
@example(array=np.array([1.0, 2.0], dtype=np.float32))
def test_float32_copy__has_its_own_memory(kata, array):
    """The memory is new, also when the array is float32 already."""
    expect_own_memory(kata.float32_copy(array))


# filled_like


@given(x=any_tensor, value=st.integers(0, 9))
@example(x=torch.tensor([[1, 2], [3, 4]]), value=7)
@example(x=torch.tensor([[0.5, 1.5, 2.5]], dtype=torch.float64), value=7)
@example(x=torch.tensor([True, False]), value=0)
@example(x=torch.tensor([[1, 2], [3, 4]]), value=2**53 + 1)
@example(x=torch.tensor([1, 2]), value=-3)
@example(x=torch.tensor([math.inf, math.nan, 1.0]), value=7)
def test_filled_like__has_the_shape_and_dtype_of_x(kata, x, value):
    """Every element is `value`; shape, dtype and device are those of `x`."""
    want = np.full(x.shape, bool(value) if x.dtype == torch.bool else value)
    expect_tensor(kata.filled_like(x, value), want, dtype=x.dtype)


@given(x=tensors(ANY_RANK, FLOATS), value=numbers())
@example(x=torch.tensor([[0.0, 1.0], [2.0, 3.0]]), value=0.25)
@example(x=torch.tensor([1.0, 2.0]), value=math.inf)
def test_filled_like__keeps_a_fraction(kata, x, value):
    """A fraction stays a fraction in a float tensor."""
    expect_tensor(kata.filled_like(x, value), np.full(x.shape, value), dtype=x.dtype)


@given(x=tensors((2, 1), NUMBERS))
@example(x=torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
@example(x=torch.full((2, 2), 5.0))
def test_filled_like__has_a_place_for_every_element(kata, x):
    """The memory is new, and no two elements are the same place in it."""
    answer = kata.filled_like(x, 5)
    expect_tensor(answer, np.full(x.shape, 5), dtype=x.dtype)
    expect_own_memory(answer)
    expect_places_of_their_own(answer)


def expect_places_of_their_own(answer):
    """Writing one element changes no other one."""
    twin = answer.value
    steps = sum((size - 1) * stride for size, stride in zip(twin.shape, twin.stride(), strict=True)) + 1
    expect_law(answer, steps >= twin.numel(), "a place in memory for every element", got=f"strides {twin.stride()}")


# random_like


@given(x=tensors(ANY_RANK, (*NUMBERS, torch.bool), min_side=0), seed=seeds())
@example(x=torch.tensor([1, 2, 3]), seed=0)
@example(x=torch.tensor([[1.0, 2.0]], dtype=torch.float64), seed=0)
def test_random_like__has_the_shape_of_x(kata, x, seed):
    """The shape and the device are those of `x`, the dtype too where it is a float dtype, else float32."""
    manual_seed(seed)
    answer = kata.random_like(x)
    dtype = x.dtype if x.is_floating_point() else torch.float32
    expect_tensor(answer, answer.value, dtype=dtype)
    expect_law(
        answer, answer.value.shape == x.shape, f"shape {tuple(x.shape)}", got=f"shape {tuple(answer.value.shape)}"
    )


@given(x=tensors(2, (torch.float32, torch.int64), shapes=[(40, 50), (50, 40)], layouts=("contiguous",)), seed=seeds())
@example(x=torch.zeros(40, 50), seed=0)
@example(x=torch.zeros(40, 50, dtype=torch.int64), seed=1)
@example(x=torch.full((40, 50), math.inf), seed=2)
def test_random_like__is_uniform_from_0_to_1(kata, x, seed):
    """The elements are spread evenly over [0, 1), independent of each other."""
    manual_seed(seed)
    expect_uniform(kata.random_like(x))


@given(x=tensors(2, NUMBERS, shapes=[(4, 5), (5, 4)]), seed=seeds())
@example(x=torch.zeros(4, 5), seed=0)
@example(x=torch.zeros(()), seed=0)
def test_random_like__follows_the_global_random_state(kata, x, seed):
    """The same `torch.manual_seed` gives the same numbers; a second call gives others."""
    manual_seed(seed)
    first = kata.random_like(x)
    second = kata.random_like(x)
    expect_law(second, not torch.equal(first.value, second.value), "other numbers than the call before gave")
    manual_seed(seed)
    again = kata.random_like(x)
    expect_tensor(again, first.value, dtype=first.value.dtype)


def expect_uniform(answer):
    """The 2000 elements look uniform on [0, 1): range, distinct, evenly spread, neighbours independent.

    Every bound is six or more standard deviations away, so that chance does not fail a right answer.
    """
    values = answer.value.detach().cpu().double().flatten().numpy()
    expect_law(answer, bool(((values >= 0) & (values < 1)).all()), "every element in [0, 1)")
    expect_law(answer, len(np.unique(values)) > 0.99 * len(values), "elements that differ from each other")
    counts = np.histogram(values, bins=10, range=(0, 1))[0]
    expect_law(answer, bool((abs(counts - 200) < 82).all()), "about 200 of 2000 elements in each tenth of [0, 1)")
    neighbours = abs(np.corrcoef(values[:-1], values[1:])[0, 1])
    expect_law(answer, neighbours < 0.14, "elements that tell nothing about their neighbours")


# random_tensor


@given(shape=shapes(ANY_RANK, min_side=0), seed=seeds())
@example(shape=(2, 3), seed=7)
@example(shape=(), seed=0)
def test_random_tensor__repeats_from_the_seed(kata, shape, seed):
    """The same shape and seed give the same float32 numbers, whatever was drawn before."""
    first = kata.random_tensor(shape, seed)
    expect_law(first, isinstance(first.value, torch.Tensor), "a tensor")
    torch.rand(3)
    again = kata.random_tensor(shape, seed)
    expect_tensor(again, first.value, dtype=torch.float32)
    expect_equal(expect_returned(again, tuple(again.value.shape), "its shape"), shape)


@given(seed=seeds())
@example(seed=0)
@example(seed=2**32 - 1)
def test_random_tensor__is_uniform_from_0_to_1(kata, seed):
    """The elements are spread evenly over [0, 1), independent of each other."""
    expect_uniform(kata.random_tensor((40, 50), seed))


@given(shape=st.just((3, 4)), seed=seeds(), step=st.integers(1, 5))
@example(shape=(3, 4), seed=0, step=1)
@example(shape=(3, 4), seed=5, step=2**16)
@example(shape=(3, 4), seed=0, step=2**31)
@example(shape=(3, 4), seed=2**24, step=1)
@example(shape=(), seed=0, step=1)
def test_random_tensor__differs_for_another_seed(kata, shape, seed, step):
    """Another seed gives other numbers."""
    first, second = kata.random_tensor(shape, seed), kata.random_tensor(shape, seed + step)
    expect_law(second, not torch.equal(first.value, second.value), f"other numbers than for seed {seed}")


@given(shape=shapes((1, 2)), seed=seeds())
@example(shape=(2, 3), seed=7)
def test_random_tensor__leaves_the_global_random_state(kata, shape, seed):
    """torch's global random state is the same before and after."""
    before = torch.get_rng_state()
    answer = kata.random_tensor(shape, seed)
    expect_law(answer, torch.equal(before, torch.get_rng_state()), "the global random state as it was before")


# constant


@given(shape=shapes(ANY_RANK, min_side=0), value=st.integers(0, 9), dtype=dtypes(*NUMBERS, torch.bool))
@example(shape=(2, 3), value=1, dtype=torch.float32)
@example(shape=(), value=3, dtype=torch.int64)
@example(shape=(3, 2), value=2**53 + 1, dtype=torch.int64)
@example(shape=(2,), value=-3, dtype=torch.int64)
def test_constant__fills_the_shape(kata, shape, value, dtype):
    """Every element is `value`, in the shape and the dtype asked for."""
    want = np.full(shape, bool(value) if dtype == torch.bool else value)
    expect_tensor(kata.constant(shape, value, dtype), want, dtype=dtype)


@given(shape=shapes((1, 2)), value=numbers(), dtype=dtypes(*FLOATS))
@example(shape=(2, 3), value=0.25, dtype=torch.float64)
@example(shape=(2,), value=0.1, dtype=torch.float64)
@example(shape=(2,), value=math.inf, dtype=torch.float32)
def test_constant__keeps_a_fraction(kata, shape, value, dtype):
    """A fraction is kept as well as the dtype can."""
    expect_tensor(kata.constant(shape, value, dtype), np.full(shape, value), dtype=dtype)


@given(shape=shapes((1, 2)), dtype=dtypes(*NUMBERS))
@example(shape=(2, 3), dtype=torch.float32)
def test_constant__has_a_place_for_every_element(kata, shape, dtype):
    """No two elements are the same place in memory."""
    answer = kata.constant(shape, 5, dtype)
    expect_tensor(answer, np.full(shape, 5), dtype=dtype)
    expect_places_of_their_own(answer)


# identity


@given(n=st.integers(0, 6), dtype=dtypes(*NUMBERS, torch.bool))
@example(n=3, dtype=torch.int64)
@example(n=0, dtype=torch.float32)
@example(n=1, dtype=torch.bool)
@example(n=257, dtype=torch.uint8)
def test_identity__has_ones_on_the_diagonal(kata, n, dtype):
    """The element at [i, j] is 1 where i equals j and 0 everywhere else."""
    want = np.array([[i == j for j in range(n)] for i in range(n)], dtype=bool).reshape(n, n)
    expect_tensor(kata.identity(n, dtype), want if dtype == torch.bool else want.astype(np.int64), dtype=dtype)


def test_identity__is_built_without_eye(kata):
    """The matrix is built from other pieces than `eye`."""
    expect_rules(kata.identity, without=("torch.eye",))


# describe


@given(x=any_tensor)
@example(x=torch.tensor([[1, 2, 3], [4, 5, 6]]))
@example(x=torch.tensor(1.5))
def test_describe__is_shape_dtype_device(kata, x, device):
    """The tuple holds the shape, the dtype and the device of `x`, in this order."""
    answer = kata.describe(x)
    shape, dtype, where = expect_tuple(answer, 3)
    expect_law(shape, isinstance(shape.value, tuple), "the shape as a tuple of ints")
    expect_equal(expect_returned(answer, tuple(shape.value), "the shape"), tuple(x.shape))
    expect_equal(dtype, x.dtype)
    expect_equal(where, answer.given(x).device)


# evenly_spaced


@given(start=numbers(), end=numbers(), steps=st.integers(1, 9))
@example(start=3, end=10, steps=5)
@example(start=2.0, end=9.0, steps=1)
@example(start=2, end=9, steps=1)
@example(start=0, end=1, steps=2)
@example(start=5.0, end=-5.0, steps=3)
def test_evenly_spaced__includes_both_ends(kata, start, end, steps):
    """The values go from `start` to `end` in equal steps, and both ends are among them."""
    want = [start + i * (end - start) / max(steps - 1, 1) for i in range(steps)]
    expect_tensor(
        kata.evenly_spaced(start, end, steps), np.array(want, float), dtype=torch.float32, scale=abs(end - start)
    )


@given(steps=st.integers(-3, 0))
@example(steps=0)
@example(steps=-1)
def test_evenly_spaced__needs_one_step(kata, steps):
    """Fewer than one step raises ValueError."""
    expect_raises(kata.evenly_spaced.raising(0.0, 1.0, steps), ValueError)


def test_evenly_spaced__is_built_from_arange(kata):
    """The values are computed from `arange`, all at once: no `linspace` and no Python loop."""
    expect_rules(kata.evenly_spaced, loops=False, without=("torch.linspace",), using=("torch.arange",))


# coordinate_grid


@given(
    axes=st.tuples(vectors(min_side=0), vectors(min_side=0)),
    indexing=st.sampled_from(["ij", "xy"]),
    dtype=dtypes(torch.float32, torch.int64, torch.float64),
)
@example(axes=(torch.tensor([1, 2, 3]), torch.tensor([4, 5, 6])), indexing="ij", dtype=torch.int64)
@example(axes=(torch.tensor([1, 2, 3]), torch.tensor([4, 5])), indexing="xy", dtype=torch.int64)
@example(axes=(torch.tensor([2**53 + 1, 0]), torch.tensor([2**53 + 1])), indexing="ij", dtype=torch.int64)
@example(axes=(torch.tensor([0.1, 0.2]).double() / 3, torch.tensor([0.3])), indexing="ij", dtype=torch.float64)
@example(axes=(torch.tensor([math.inf, 1.0]), torch.tensor([math.nan, 2.0])), indexing="ij", dtype=torch.float32)
def test_coordinate_grid__pairs_every_x_with_every_y(kata, axes, indexing, dtype):
    """With "ij" first[i, j] is x[i] and second[i, j] is y[j]; "xy" gives the transposes."""
    x, y = (axis.to(dtype) for axis in axes)
    answer = kata.coordinate_grid(x, y, indexing)
    first, second = expect_tuple(answer, 2)
    wants = np.repeat(x.numpy()[:, None], len(y), 1), np.repeat(y.numpy()[None, :], len(x), 0)
    expect_tensor(first, wants[0] if indexing == "ij" else wants[0].T, dtype=dtype)
    expect_tensor(second, wants[1] if indexing == "ij" else wants[1].T, dtype=dtype)


@given(axes=st.tuples(vectors(), vectors()))
@example(axes=(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0, 5.0])))
def test_coordinate_grid__is_ij_by_default(kata, axes):
    """Without `indexing` the first grid varies down the rows, as with "ij"."""
    x, y = axes
    first = expect_tuple(kata.coordinate_grid(x, y), 2)[0]
    expect_tensor(first, np.repeat(x.numpy()[:, None], len(y), 1), dtype=torch.float32)


@given(indexing=st.sampled_from(["ji", "yx", "", "IJ", "rows"]))
@example(indexing="yx")
def test_coordinate_grid__knows_two_indexings(kata, indexing):
    """Any `indexing` other than "ij" and "xy" raises ValueError."""
    expect_raises(kata.coordinate_grid.raising(torch.tensor([1, 2]), torch.tensor([3]), indexing), ValueError)


def test_coordinate_grid__is_built_without_meshgrid(kata):
    """The grids are built from other pieces than `meshgrid`."""
    expect_rules(kata.coordinate_grid, without=("torch.meshgrid",))


# total


@given(x=tensors(ANY_RANK, NUMBERS, min_side=0))
@example(x=torch.tensor([[1, 2], [3, 4]]))
@example(x=torch.tensor([0.5, 0.25]))
@example(x=torch.tensor([], dtype=torch.float32))
@example(x=torch.tensor([200, 100], dtype=torch.uint8))
@example(x=torch.tensor([2**53, 1]))
def test_total__is_the_sum_as_a_python_number(kata, x):
    """The sum of all elements, as a Python float for floats and a Python int for integers."""
    exact = float(x.double().sum()) if x.is_floating_point() else sum(x.flatten().tolist())
    expect_number(kata.total(x), exact, dtype=x.dtype, scale=float(x.abs().double().sum()))


# only_element


@given(x=tensors((1, 0, 2, 3), (*NUMBERS, torch.bool), max_side=1))
@example(x=torch.tensor([[2.5]]))
@example(x=torch.tensor(7))
@example(x=torch.tensor([True]))
@example(x=torch.tensor([2**53 + 1]))
def test_only_element__is_a_python_number(kata, x):
    """The one element, whatever the shape, as a Python bool, int or float."""
    expect_number(kata.only_element(x), x.flatten().tolist()[0], dtype=x.dtype)


@given(x=tensors((1, 2), (torch.float32, torch.int64), shapes=[(2,), (3,), (2, 3), (1, 2), (0,), (0, 1)]))
@example(x=torch.tensor([1.0, 2.0]))
@example(x=torch.tensor([3, 3]))
@example(x=torch.tensor([]))
def test_only_element__refuses_any_other_count(kata, x):
    """No element, or several, also equal ones, raises RuntimeError."""
    expect_raises(kata.only_element.raising(x), RuntimeError)


# add_in_place


@given(pair=same_shape(2, ANY_RANK), dtype=dtypes(torch.float32, torch.int64, torch.float64, torch.int32))
@example(pair=(torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0])), dtype=torch.int64)
@example(pair=(torch.tensor([1, 2]), torch.tensor([10, 20])), dtype=torch.uint8)
@example(pair=(torch.tensor([2**53, 1]), torch.tensor([1, 2])), dtype=torch.int64)
def test_add_in_place__changes_x_and_returns_it(kata, pair, dtype):
    """Afterwards `x` holds the sum, `y` is as before, and the result is `x` itself."""
    x, y = (tensor.to(dtype) for tensor in pair)
    want = x.numpy().astype(float) + y.numpy() if dtype.is_floating_point else x.numpy() + y.numpy()
    size = float(max(x.abs().max(), y.abs().max()))
    answer = kata.add_in_place(x, y)
    expect_tensor(answer, want, dtype=dtype, changes=[x], scale=size)
    expect_same_object(answer, x)
    expect_changed(answer, x, want, dtype=dtype, scale=size)


@given(rows=matrices(shapes=[(2, 3), (3, 2), (4, 3)]))
@example(rows=torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
def test_add_in_place__shows_in_views(kata, rows):
    """The sum is written into the memory of `x`, so a view made before shows it."""
    base = rows.clone()
    answer = kata.add_in_place.on(base[0], torch.ones_like(base[0]))
    expect_tensor(
        expect_returned(answer, base, "the base of x"),
        _first_row_plus_one(rows),
        dtype=torch.float32,
        changes=answer.args,
    )


def _first_row_plus_one(rows):
    want = rows.double().numpy().copy()
    want[0] += 1
    return want


# sum_of


@given(pair=same_shape(2, ANY_RANK, min_side=0), dtype=dtypes(torch.float32, torch.int64, torch.float64, torch.int32))
@example(pair=(torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0])), dtype=torch.int64)
@example(pair=(torch.tensor([1, 2]), torch.tensor([10, 20])), dtype=torch.uint8)
@example(pair=(torch.tensor([2**53, 1]), torch.tensor([1, 2])), dtype=torch.int64)
def test_sum_of__leaves_both_alone(kata, pair, dtype):
    """The result is the sum, in new memory; `x` and `y` are as before."""
    x, y = (tensor.to(dtype) for tensor in pair)
    want = x.numpy().astype(float) + y.numpy() if dtype.is_floating_point else x.numpy() + y.numpy()
    size = float(max(x.abs().max(), y.abs().max())) if x.numel() else 0.0
    answer = kata.sum_of(x, y)
    expect_tensor(answer, want, dtype=dtype, scale=size)
    expect_own_memory(answer)


# transpose_in_place


@given(x=matrices((torch.float32, torch.int64, torch.bool), min_side=0))
@example(x=torch.tensor([[1, 2, 3], [4, 5, 6]]))
@example(x=torch.tensor([[1, 2], [3, 4]]))
def test_transpose_in_place__turns_x_itself(kata, x):
    """The result is `x` itself, whose shape is now turned round."""
    answer = kata.transpose_in_place(x)
    expect_tensor(answer, x.numpy().T, dtype=x.dtype, changes=[x])
    expect_same_object(answer, x)


@given(x=matrices())
@example(x=torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
def test_transpose_in_place__moves_no_element(kata, x):
    """Only shape and strides change: a view made before still shows the same matrix."""
    mine = x.clone()
    view = mine[:]
    answer = kata.transpose_in_place.on(mine)
    before = expect_returned(answer, view, "a view made before")
    expect_tensor(before, x.double(), dtype=torch.float32, changes=[mine])
    expect_shared_memory(before, mine)


# overwrite


@given(pair=same_shape(2, (2, 1, 0)), dtype=dtypes(torch.float32, torch.int64))
@example(pair=(torch.zeros(2, 3), torch.tensor([[1.0, 2.7, -2.7], [4.0, 5.0, 6.0]])), dtype=torch.int64)
@example(pair=(torch.zeros(2), torch.tensor([2**53 + 1, -3])), dtype=torch.int64)
def test_overwrite__keeps_the_dtype_of_x(kata, pair, dtype):
    """Afterwards `x`, which is returned, holds the values in its own dtype; integers lose the fraction."""
    x, values = pair[0].to(dtype), pair[1]
    want = values.numpy() if dtype.is_floating_point else values.numpy().astype(np.int64)
    answer = kata.overwrite(x, values)
    expect_tensor(answer, want, dtype=dtype, changes=[x])
    expect_same_object(answer, x)


@given(x=matrices((torch.float32, torch.int64)), kind=st.sampled_from(["row", "column", "number"]), seed=seeds())
@example(x=torch.zeros(2, 3, dtype=torch.int64), kind="row", seed=0)
def test_overwrite__broadcasts(kata, x, kind, seed):
    """A row goes into every row, a column into every column, a single number everywhere."""
    shape = {"row": (x.shape[1],), "column": (x.shape[0], 1), "number": ()}[kind]
    values = torch.from_numpy(np.random.default_rng(seed).integers(-9, 9, shape)) + torch.zeros(shape)
    want = np.broadcast_to(values.numpy(), x.shape)
    answer = kata.overwrite(x, values)
    expect_tensor(answer, want if x.is_floating_point() else want.astype(np.int64), dtype=x.dtype, changes=[x])


@given(rows=matrices(shapes=[(2, 3), (3, 2), (4, 3)]))
@example(rows=torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
def test_overwrite__shows_in_views(kata, rows):
    """The values are written into the memory of `x`, so its base shows them."""
    base, want = rows.clone(), rows.double().numpy().copy()
    want[-1] = 9
    answer = kata.overwrite.on(base[-1], torch.tensor(9.0))
    expect_tensor(expect_returned(answer, base, "the base of x"), want, dtype=torch.float32, changes=answer.args)


@given(sides=st.sampled_from([((2, 3), (2,)), ((3,), (2, 3)), ((2, 2), (3, 2)), ((1, 3), (2, 3))]))
@example(sides=((2, 3), (2,)))
def test_overwrite__needs_values_that_fit(kata, sides):
    """Values that cannot be broadcast to the shape of `x` raise RuntimeError."""
    expect_raises(kata.overwrite.raising(torch.zeros(sides[0]), torch.ones(sides[1])), RuntimeError)


# column_means


@given(x=matrices(NUMBERS))
@example(x=torch.tensor([[1, 2], [3, 4]]))
@example(x=torch.tensor([[1.0, 2.0, 6.0]]))
@example(x=torch.tensor([[200, 1], [200, 2]], dtype=torch.uint8))
@example(x=torch.zeros(2, 0, dtype=torch.float64))
def test_column_means__averages_over_the_rows(kata, x):
    """Element j is the mean of column j; integers give float32."""
    dtype = x.dtype if x.is_floating_point() else torch.float32
    size = float(x.abs().max()) if x.numel() else 0.0
    expect_tensor(kata.column_means(x), x.numpy().astype(float).mean(axis=0), dtype=dtype, scale=size)


# frobenius_norm


@given(x=matrices(FLOATS, min_side=0))
@example(x=torch.tensor([[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]]))
@example(x=torch.tensor([[3.0, -4.0]]))
def test_frobenius_norm__is_the_root_of_the_summed_squares(kata, x):
    """The norm is the square root of the sum of all squared elements, as a tensor without dimensions."""
    expect_tensor(kata.frobenius_norm(x), np.sqrt((x.numpy().astype(float) ** 2).sum()), dtype=x.dtype)


def test_frobenius_norm__is_built_without_norm(kata):
    """The norm is computed from other pieces than torch's own norms."""
    expect_rules(kata.frobenius_norm, without=("torch.norm", "torch.linalg.vector_norm", "torch.linalg.matrix_norm"))


# spread


@given(x=tensors_to_reduce, data=st.data(), keepdim=st.booleans())
@example(x=torch.tensor([[1, 2, 9], [4, 4, 4]]), data=1, keepdim=False)
@example(x=torch.tensor([[1.0, 2.0, 9.0], [4.0, 4.0, 4.0]]), data=-2, keepdim=True)
@example(x=torch.tensor([2**53 + 1, 0]), data=0, keepdim=False)
def test_spread__is_the_largest_minus_the_smallest(kata, x, data, keepdim):
    """Along `dim`, the largest minus the smallest value; `keepdim` keeps that dimension with size 1."""
    dim = _dim(x, data)
    exact = x.numpy().astype(float if x.is_floating_point() else np.int64)
    want = exact.max(axis=dim, keepdims=keepdim) - exact.min(axis=dim, keepdims=keepdim)
    expect_tensor(kata.spread(x, dim, keepdim), want, dtype=x.dtype, scale=float(abs(exact).max()))


@given(x=tensors_to_reduce)
@example(x=torch.tensor([[1.0, 5.0], [4.0, 4.0]]))
def test_spread__drops_the_dimension_by_default(kata, x):
    """Without `keepdim` the dimension is gone."""
    exact = x.numpy().astype(float if x.is_floating_point() else np.int64)
    want = exact.max(axis=0) - exact.min(axis=0)
    expect_tensor(kata.spread(x, 0), want, dtype=x.dtype, scale=float(abs(exact).max()))


def _dim(x, data):
    """A dimension of `x`, drawn; pinned examples give it as a number."""
    return data if isinstance(data, int) else data.draw(st.integers(-x.ndim, x.ndim - 1))


# largest


@given(x=tensors(ANY_RANK, NUMBERS))
@example(x=torch.tensor([[1, 2], [3, 4]]))
@example(x=torch.tensor([[-3, -1], [-2, -5]]))
@example(x=torch.tensor([2.0, 7.0, 7.0]))
@example(x=torch.tensor([2**53, 2**53 + 1, 2**53]))
def test_largest__is_the_index_in_the_flattened_tensor(kata, x):
    """At the index, counted row by row through the whole tensor, stands the largest element."""
    answer = kata.largest(x)
    expect_index(answer, ())
    values, index = x.flatten().tolist(), int(answer.value)
    right = 0 <= index < len(values) and values[index] == max(values)
    expect_law(answer, right, f"an index of the largest element: {values.index(max(values))}")


def expect_index(answer, shape):
    """The answer is an int64 tensor of this shape, on the device of the input."""
    expect_law(answer, isinstance(answer.value, torch.Tensor), "a tensor")
    expect_equal(expect_returned(answer, answer.value.dtype, "its dtype"), torch.int64)
    expect_equal(expect_returned(answer, tuple(answer.value.shape), "its shape"), shape)
    expect_tensor(answer, answer.value, dtype=torch.int64)


# largest_along


@given(x=tensors_to_reduce, data=st.data())
@example(x=torch.tensor([[1, 2], [3, 4]]), data=0)
@example(x=torch.tensor([[1, 9, 2], [8, 4, 3]]), data=1)
@example(x=torch.tensor([[1, 1], [1, 1]]), data=-1)
@example(x=torch.tensor([2**53, 2**53 + 1, 2**53]), data=0)
def test_largest_along__finds_the_largest_along_dim(kata, x, data):
    """Along `dim`, the index points at the largest element."""
    dim = _dim(x, data)
    answer = kata.largest_along(x, dim)
    array = x.numpy()
    best = array.max(axis=dim, keepdims=True)
    expect_index(answer, best.squeeze(dim).shape)
    index = answer.value.cpu().numpy()
    inside = bool(((index >= 0) & (index < array.shape[dim])).all())
    right = inside and bool((np.take_along_axis(array, np.expand_dims(index, dim), dim) == best).all())
    expect_law(answer, right, f"indices of the largest elements: {array.argmax(axis=dim).tolist()}")


# largest_position


@given(x=tensors(ANY_RANK, NUMBERS))
@example(x=torch.tensor([[1, 2, 9], [3, 4, 5]]))
@example(x=torch.tensor([[1, 2], [9, 4], [3, 5]]))
@example(x=torch.tensor([[0, 1], [1, 0]]))
@example(x=torch.tensor(4.0))
@example(x=torch.tensor([2**53, 2**53 + 1, 2**53]))
def test_largest_position__points_at_the_largest(kata, x):
    """The tuple holds one Python int for each dimension, and x[position] is the largest element."""
    answer = kata.largest_position(x)
    expect_law(answer, isinstance(answer.value, tuple), "a tuple")
    right = len(answer.value) == x.ndim and all(type(index) is int for index in answer.value)
    expect_law(answer, right, f"a tuple of {x.ndim} Python ints")
    inside = all(0 <= index < size for index, size in zip(answer.value, x.shape, strict=True))
    best = np.unravel_index(x.numpy().argmax(), x.shape)
    expect_law(answer, inside and x[answer.value] == x.max(), f"the position of the largest: {tuple(map(int, best))}")
    expect_unchanged(answer)
