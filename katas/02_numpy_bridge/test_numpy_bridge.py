"""The properties of the NumPy bridge kata. `kata.name(...)` calls your function and keeps what a message needs."""

import warnings
from contextlib import contextmanager
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from torchkata.checks import (
    expect_array,
    expect_changed,
    expect_equal,
    expect_law,
    expect_own_memory,
    expect_returned,
    expect_shared_memory,
    expect_tensor,
)
from torchkata.errors import KataError
from torchkata.pasting import paste
from torchkata.pretend import PretendTensor, real
from torchkata.strategies import nested_lists, tensors

REHEARSED = False  # NumPy knows no GPU
pytestmark = [
    pytest.mark.devices("cpu"),
    pytest.mark.filterwarnings("ignore"),  # what warns shows in the properties of the last stub
]

FLOATS = (torch.float32, torch.float64, torch.float16)
INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8)
DTYPES = (*FLOATS, *INTEGERS, torch.uint8, torch.bool)
ALL_BUT_FLOAT32 = DTYPES[1:]
SHAPES = ((2, 3), (3,), (), (3, 2), (1, 4), (2, 1, 3), (1,), (4,), (2, 2), (3, 1))
EMPTY = ((0,), (2, 0), (0, 3))


def arrays_like(tensors):
    """The arrays of a strategy of tensors: as many layouts, dtypes and shapes."""
    return tensors.map(lambda tensor: tensor.numpy())


REGIMES = ("distinct", "ties", "generic")
any_tensor = tensors(dtype=DTYPES, shapes=(*SHAPES, *EMPTY), regimes=REGIMES)
any_array = arrays_like(any_tensor)
full_tensor = tensors(dtype=DTYPES, shapes=SHAPES, regimes=REGIMES)
full_array = arrays_like(full_tensor)
# Small whole numbers: adding or multiplying by a quarter is exact in every dtype, and no sum leaves int8.
signed_tensor = tensors(dtype=(*FLOATS, *INTEGERS), shapes=SHAPES, regimes=("distinct", "ties"))
signed_array = arrays_like(signed_tensor)
quarters = st.integers(-36, 36).map(lambda number: number / 4)


def torch_dtype(array):
    """torch's name for the dtype of an array, whatever the byte order."""
    return getattr(torch, array.dtype.name)


def numpy_dtype(tensor):
    """NumPy's name for the dtype of a tensor."""
    return np.dtype(str(tensor.dtype).removeprefix("torch."))


def exact(data):
    """The values as float64, or as int64 if they are integers."""
    array = np.asarray(data)
    return array.astype(np.float64 if array.dtype.kind == "f" else np.int64)


def number_for(data, number):
    """The number as it is for floats, as an int for integers."""
    return number if np.asarray(data).dtype.kind == "f" else int(number)


def expect_link(answer, original):
    """Result and argument are one memory: what is written to any place of the result shows in the argument."""
    expect_shared_memory(answer, original)
    result, argument = answer.value, answer.given(original)
    if isinstance(result, np.ndarray):
        expect_law(answer, result.flags.writeable, "an array that can be written", got="a read-only array")
    with torch.no_grad():
        for value in (0, 1):
            result[...] = value
            expect_law(answer, bool((argument == value).all()), "a write to the result shows in the argument")


@contextmanager
def called_as(text):
    """Show the call as `text` in a finding, where the arguments alone don't say how they were made."""
    try:
        yield
    except KataError as finding:
        finding.call = text
        raise


# to_array


@given(tensor=any_tensor)
@example(tensor=torch.tensor([[1, 2, 3], [4, 5, 6]]))
@example(tensor=torch.tensor([[0.5, 1.5], [2.5, 3.5]], dtype=torch.float64).mT)
@example(tensor=torch.tensor([[7]], dtype=torch.int8))
@example(tensor=torch.tensor(1.5, dtype=torch.float16))
@example(tensor=torch.tensor([True, False]))
@example(tensor=torch.zeros(2, 0))
def test_to_array__keeps_values_and_dtype(kata, tensor):
    """The array has the values, the shape and the dtype of the tensor."""
    expect_array(kata.to_array(tensor), tensor, dtype=numpy_dtype(tensor))


@given(tensor=full_tensor)
@example(tensor=torch.tensor([1.0, 2.0]))
@example(tensor=torch.tensor([[1, 2, 3], [4, 5, 6]]).mT)
@example(tensor=torch.tensor(1.5))
def test_to_array__is_the_memory_of_the_tensor(kata, tensor):
    """A write to the array shows in the tensor: both use one memory."""
    expect_link(kata.to_array(tensor), tensor)


# to_tensor


@given(array=any_array)
@example(array=np.array([[1, 2, 3], [4, 5, 6]]))
@example(array=np.array([[0.5, 1.5], [2.5, 3.5]]).T)
@example(array=np.array([[7]], dtype=np.int16))
@example(array=np.array(1.5, dtype=np.float16))
@example(array=np.array([True, False]))
@example(array=np.zeros((2, 0)))
def test_to_tensor__keeps_values_and_dtype(kata, array):
    """The tensor has the values, the shape and the dtype of the array."""
    expect_tensor(kata.to_tensor(array), array, dtype=torch_dtype(array))


@given(array=full_array)
@example(array=np.array([1.0, 2.0]))
@example(array=np.array([[1, 2, 3], [4, 5, 6]]).T)
@example(array=np.array(1.5))
@example(array=np.array([1.0, 2.0], dtype=np.float32))
def test_to_tensor__is_the_memory_of_the_array(kata, array):
    """A write to the tensor shows in the array: both use one memory."""
    expect_link(kata.to_tensor(array), array)


# add_through_tensor


@given(array=signed_array, amount=quarters)
@example(array=np.array([1, 2, 3]), amount=10.0)
@example(array=np.array([[1.0, 2.0], [3.0, 4.0]]).T, amount=0.25)
@example(array=np.array(3.0, dtype=np.float16), amount=-1.5)
@example(array=np.array([0.5]), amount=0.1)
@example(array=np.array([2**53]), amount=1.0)
@example(array=np.zeros((2, 0)), amount=1.0)
def test_add_through_tensor__changes_the_array(kata, array, amount):
    """Afterwards the array holds the sums, and so does the tensor that is returned."""
    amount = number_for(array, amount)
    want = exact(array) + amount
    answer = kata.add_through_tensor(array, amount)
    expect_tensor(answer, want, dtype=torch_dtype(array), changes=[array])
    after = expect_returned(answer, answer.given(array), "the array afterwards")
    expect_array(after, want, dtype=array.dtype, changes=[array])


@given(array=signed_array, amount=quarters)
@example(array=np.array([1, 2, 3]), amount=10.0)
@example(array=np.array([[1.0, 2.0], [3.0, 4.0]]).T, amount=0.25)
def test_add_through_tensor__returns_the_memory_of_the_array(kata, array, amount):
    """A later write to the tensor shows in the array."""
    expect_link(kata.add_through_tensor(array, number_for(array, amount)), array)


# scale_through_array


@given(tensor=signed_tensor, factor=quarters)
@example(tensor=torch.tensor([1, 2, 3]), factor=10.0)
@example(tensor=torch.tensor([[1.0, 2.0], [3.0, 4.0]]).mT, factor=0.25)
@example(tensor=torch.tensor(3.0, dtype=torch.float16), factor=-1.5)
@example(tensor=torch.tensor([0.5], dtype=torch.float64), factor=0.1)
@example(tensor=torch.tensor([2**53 + 1]), factor=1.0)
@example(tensor=torch.zeros(2, 0), factor=1.0)
def test_scale_through_array__changes_the_tensor(kata, tensor, factor):
    """Afterwards the tensor holds the products, and so does the array that is returned."""
    factor = number_for(tensor, factor)
    want = exact(tensor) * factor
    answer = kata.scale_through_array(tensor, factor)
    expect_array(answer, want, dtype=numpy_dtype(tensor), changes=[tensor])
    expect_changed(answer, tensor, want, dtype=tensor.dtype)


@given(tensor=signed_tensor, factor=quarters)
@example(tensor=torch.tensor([1, 2, 3]), factor=10.0)
@example(tensor=torch.tensor([[1.0, 2.0], [3.0, 4.0]]).mT, factor=0.25)
def test_scale_through_array__returns_the_memory_of_the_tensor(kata, tensor, factor):
    """A later write to the array shows in the tensor."""
    expect_link(kata.scale_through_array(tensor, number_for(tensor, factor)), tensor)


# unlinked_sum


@given(tensor=signed_tensor, amount=quarters)
@example(tensor=torch.tensor([1, 2, 3]), amount=10.0)
@example(tensor=torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64).mT, amount=0.25)
@example(tensor=torch.tensor(3.0), amount=-1.5)
@example(tensor=torch.tensor([0.5], dtype=torch.float64), amount=0.1)
@example(tensor=torch.tensor([2**53]), amount=1.0)
def test_unlinked_sum__leaves_the_tensor_alone(kata, tensor, amount):
    """The result holds the sums, in the dtype of the tensor; the tensor is as before."""
    amount = number_for(tensor, amount)
    expect_tensor(kata.unlinked_sum(tensor, amount), exact(tensor) + amount, dtype=tensor.dtype)


@given(tensor=signed_tensor, amount=st.sampled_from((0, 1, 0.0, -2)))
@example(tensor=torch.tensor([1.0, 2.0, 3.0]), amount=0)
@example(tensor=torch.tensor([1.0, 2.0, 3.0]), amount=10)
def test_unlinked_sum__has_its_own_memory(kata, tensor, amount):
    """A later write to the tensor never shows in the result, also for an amount of 0."""
    expect_own_memory(kata.unlinked_sum(tensor, number_for(tensor, amount)))


# array_copy


@given(tensor=any_tensor)
@example(tensor=torch.tensor([[1, 2, 3], [4, 5, 6]], dtype=torch.int32))
@example(tensor=torch.tensor([[0.5, 1.5], [2.5, 3.5]]).mT)
@example(tensor=torch.tensor(1.5, dtype=torch.float16))
@example(tensor=torch.zeros(2, 0))
@example(tensor=torch.zeros(0, 3))
@example(tensor=torch.tensor([2**53 + 1]))
def test_array_copy__keeps_values_and_dtype(kata, tensor):
    """The array has the values, the shape and the dtype of the tensor."""
    expect_array(kata.array_copy(tensor), tensor, dtype=numpy_dtype(tensor))


@given(tensor=full_tensor)
@example(tensor=torch.tensor([1.0, 2.0]))
@example(tensor=torch.tensor([[1, 2, 3], [4, 5, 6]]).mT)
@example(tensor=torch.tensor(1.5))
def test_array_copy__has_its_own_memory(kata, tensor):
    """The array can be written, and a write to one of the two never shows in the other."""
    answer = kata.array_copy(tensor)
    expect_own_memory(answer)
    if isinstance(answer.value, np.ndarray):
        expect_law(answer, answer.value.flags.writeable, "an array that can be written", got="a read-only array")


# tensor_copy


@given(array=any_array)
@example(array=np.array([[1, 2, 3], [4, 5, 6]], dtype=np.int32))
@example(array=np.array([[0.5, 1.5], [2.5, 3.5]]).T)
@example(array=np.array(1.5, dtype=np.float16))
@example(array=np.zeros((2, 0)))
@example(array=np.zeros((0, 3)))
@example(array=np.array([2**53 + 1]))
def test_tensor_copy__keeps_values_and_dtype(kata, array):
    """The tensor has the values, the shape and the dtype of the array."""
    expect_tensor(kata.tensor_copy(array), array, dtype=torch_dtype(array))


@given(array=full_array)
@example(array=np.array([1.0, 2.0]))
@example(array=np.array([1.0, 2.0], dtype=np.float32))
@example(array=np.array([[1, 2, 3], [4, 5, 6]]).T)
@example(array=np.array(1.5))
def test_tensor_copy__has_its_own_memory(kata, array):
    """A write to the array or to the tensor never shows in the other."""
    expect_own_memory(kata.tensor_copy(array))


# shares_memory

SLICES = {
    "[:]": np.s_[:],
    "[:2]": np.s_[:2],
    "[2:]": np.s_[2:],
    "[::2]": np.s_[::2],
    "[1::2]": np.s_[1::2],
    "[:, ::2]": np.s_[:, ::2],
    "[:, 1::2]": np.s_[:, 1::2],
    "[:, 1]": np.s_[:, 1],
    "[1, 1, ...]": np.s_[1, 1, ...],
    "[:0]": np.s_[:0],
    "[::-1]": np.s_[::-1],  # for arrays: tensors have no negative steps
}
READINGS = {  # how an array is made from x, and how many bytes one of its elements has
    "x.numpy()": (lambda x: x.numpy(), 4),
    "x.numpy().view(np.int16)": (lambda x: x.numpy().view(np.int16), 2),
    "np.asarray(memoryview(x.numpy()).toreadonly())": (lambda x: np.asarray(memoryview(x.numpy()).toreadonly()), 4),
    "x.numpy().copy()": (lambda x: x.numpy().copy(), 4),
}
tensor_slices = st.sampled_from([text for text in SLICES if text != "[::-1]"])
array_slices = st.sampled_from(list(SLICES))


class LinkedTensor(torch.Tensor):
    """A tensor that takes its array along when it is copied, so that the copies are linked as the two were."""

    def __deepcopy__(self, memo):
        twin, memo[id(self.array)] = two_views(*self.recipe)
        return twin


def two_views(mine, reading, other, grad):
    """A tensor and an array, each a part of one x."""
    x = torch.arange(12.0).reshape(3, 4)
    tensor = x[SLICES[mine]].as_subclass(LinkedTensor).requires_grad_(grad)
    array = READINGS[reading][0](x)[SLICES[other]]
    tensor.array, tensor.recipe = array, (mine, reading, other, grad)
    return tensor, array


@given(mine=tensor_slices, reading=st.sampled_from(list(READINGS)), other=array_slices, grad=st.booleans())
@example(mine="[:]", reading="x.numpy()", other="[:]", grad=False)
@example(mine="[:]", reading="x.numpy().copy()", other="[:]", grad=False)
@example(mine="[2:]", reading="x.numpy()", other="[:]", grad=False)
@example(mine="[:2]", reading="x.numpy()", other="[2:]", grad=False)
@example(mine="[:, ::2]", reading="x.numpy()", other="[:, 1::2]", grad=False)
@example(mine="[:, ::2]", reading="x.numpy()", other="[::-1]", grad=False)
@example(mine="[1, 1, ...]", reading="x.numpy().view(np.int16)", other="[:, 1]", grad=False)
@example(mine="[:, 1]", reading="x.numpy().view(np.int16)", other="[:, 1::2]", grad=False)
@example(mine="[:]", reading="x.numpy().view(np.int16)", other="[:, ::2]", grad=False)
@example(mine="[:0]", reading="x.numpy()", other="[:]", grad=False)
@example(mine="[:]", reading="x.numpy()", other="[:0]", grad=False)
@example(mine="[:]", reading="x.numpy()", other="[:]", grad=True)
def test_shares_memory__means_an_element_in_common(kata, mine, reading, other, grad):
    """The answer is True if some byte belongs to an element of the tensor and to one of the array."""
    places = np.arange(48)  # of the bytes of x
    of_tensor = places.reshape(3, 4, 4)[SLICES[mine]]
    of_array = places.reshape(3, -1, READINGS[reading][1])[SLICES[other]]
    want = ".copy()" not in reading and bool(set(of_tensor.flat) & set(of_array.flat))
    x = "(x := torch.arange(12.).reshape(3, 4))"
    with called_as(f"shares_memory({x}{mine}{'.requires_grad_()' if grad else ''}, {reading}{other})"):
        expect_equal(kata.shares_memory.on(*two_views(mine, reading, other, grad)), want)


# array_from_any_tensor


def some_with_grad(tensors):
    """The tensors of a strategy, of which some floats require grad."""
    drawn = st.tuples(tensors, st.booleans())
    return drawn.map(lambda pair: pair[0].requires_grad_(pair[1] and pair[0].is_floating_point()))


any_leaf = some_with_grad(any_tensor)
full_leaf = some_with_grad(full_tensor)


@pytest.mark.devices("cpu", "cuda")
@given(tensor=any_leaf)
@example(tensor=torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True))
@example(tensor=torch.tensor([1, 2, 3], dtype=torch.int8))
@example(tensor=torch.tensor(1.5, dtype=torch.float64, requires_grad=True))
@example(tensor=torch.zeros(2, 0))
def test_array_from_any_tensor__keeps_values_and_dtype(kata, tensor):
    """The array has the values, the shape and the dtype; the tensor keeps its `requires_grad`."""
    expect_array(kata.array_from_any_tensor(tensor), tensor.detach(), dtype=numpy_dtype(tensor))


@given(tensor=any_leaf)
@example(tensor=torch.tensor([1.0, 2.0]))
@example(tensor=torch.tensor([1, 2, 3]))
@example(tensor=torch.tensor([1.0, 2.0], requires_grad=True))
def test_array_from_any_tensor__reaches_a_gpu(kata, tensor):
    """A tensor on a GPU gives an array too (here one that only claims to be there)."""
    expect_array(kata.array_from_any_tensor(on_gpu(tensor)), tensor.detach(), dtype=numpy_dtype(tensor))


class GpuTensor(PretendTensor):
    """A pretend tensor that knows `numpy(force=True)`, and says in every way that it is not on the CPU."""

    is_cpu = False

    def __deepcopy__(self, memo):
        return on_gpu(real(self).detach().clone().requires_grad_(self.requires_grad))

    def get_device(self):
        return 0

    def numpy(self, *, force=False):
        return real(self).detach().numpy() if force else super().numpy()

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        result = super().__torch_function__(func, types, args, kwargs)
        return on_gpu(real(result)) if type(result) is PretendTensor else result


def on_gpu(tensor):
    """The tensor on its own memory, as one that claims to be on a GPU."""
    return tensor.detach().as_subclass(GpuTensor).requires_grad_(tensor.requires_grad)


@given(tensor=full_leaf)
@example(tensor=torch.tensor([1.0, 2.0], requires_grad=True))
@example(tensor=torch.tensor([[1, 2, 3], [4, 5, 6]]).mT)
@example(tensor=torch.tensor(1.5))
def test_array_from_any_tensor__is_the_memory_of_a_cpu_tensor(kata, tensor):
    """A write to the array shows in a tensor on the CPU: both use one memory."""
    expect_link(kata.array_from_any_tensor(tensor), tensor)


@pytest.mark.devices("cpu", "cuda")
@given(tensor=tensors(dtype=FLOATS, shapes=SHAPES, regimes=("distinct", "ties")))
@example(tensor=torch.tensor([1.0, 2.0]))
def test_array_from_any_tensor__leaves_the_graph_alone(kata, tensor, device):
    """A tensor computed from another one keeps its `requires_grad`, its `grad_fn` and its device."""
    leaf = tensor.clone().to(device).requires_grad_()
    product = leaf * 2
    node = product.grad_fn
    with called_as(f"array_from_any_tensor({paste(leaf)} * 2)"):
        answer = kata.array_from_any_tensor.on(product)
        expect_array(answer, exact(tensor) * 2, dtype=numpy_dtype(tensor), changes=[product])
        kept = product.requires_grad and product.grad_fn is node and product.device.type == device
        expect_law(answer, kept, "a tensor that is still a part of its graph", got="a tensor cut off from its graph")


# as_float32


@given(array=arrays_like(tensors(dtype=ALL_BUT_FLOAT32, shapes=(*SHAPES, *EMPTY), regimes=REGIMES)))
@example(array=np.array([0.1, 0.2]))
@example(array=np.array([1, 2]))
@example(array=np.array([True, False]))
@example(array=np.array([1, 2], dtype=np.int32))
@example(array=np.array(1.5, dtype=np.float16))
@example(array=np.zeros((2, 0)))
@example(array=np.array([2**40]))
@example(array=np.zeros((0, 3)))
def test_as_float32__converts_the_values(kata, array):
    """An array of another dtype gives its values as float32, in new memory."""
    answer = kata.as_float32(array)
    expect_tensor(answer, array.astype(np.float64), dtype=torch.float32)
    expect_own_memory(answer)


@given(array=arrays_like(tensors(shapes=SHAPES)))
@example(array=np.array([1.0, 2.0], dtype=np.float32))
@example(array=np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32).T)
@example(array=np.array(1.5, dtype=np.float32))
def test_as_float32__is_the_memory_of_a_float32_array(kata, array):
    """A float32 array keeps its values, and a write to the tensor shows in it: both use one memory."""
    answer = kata.as_float32(array)
    expect_tensor(answer, array, dtype=torch.float32)
    expect_link(answer, array)


# array_like_torch


def flat_numbers(values):
    """The numbers of nested lists, in order."""
    return [number for item in values for number in flat_numbers(item)] if isinstance(values, list) else [values]


@given(values=nested_lists())
@example(values=[1.0, 2.5])
@example(values=[[1, 2, 3], [4, 5, 6]])
@example(values=[True, False])
@example(values=[1, 2.5])
@example(values=[True, 2])
@example(values=[])
@example(values=[[], []])
@example(values=[2**53 + 1])
@example(values=[1e20, 1])
def test_array_like_torch__has_the_dtype_that_torch_would_choose(kata, values):
    """The array holds the numbers: float32 if there is a float or nothing, else int64 if there is an int, else bool."""
    kinds = {type(number) for number in flat_numbers(values)}
    dtype = np.float32 if float in kinds or not kinds else np.int64 if int in kinds else np.bool_
    expect_array(kata.array_like_torch(values), np.array(values, dtype), dtype=dtype)


# tensor_from_any_array

MULTIBYTE = (torch.float64, torch.int32, torch.float32, torch.int64, torch.float16, torch.int16)
FAULTS = list(product((None, -1, 0), (False, True), (False, True)))[1:]


def spoilt(array, backwards=None, swapped=False, locked=False):
    """The array with faults: an axis backwards, bytes in the other order, read-only."""
    if swapped:
        array = array.astype(array.dtype.newbyteorder())
    if backwards is not None:
        array = np.flip(array, backwards)
    if locked:
        array.flags.writeable = False
    return array


awkward_array = st.tuples(
    tensors(dtype=MULTIBYTE, shapes=((2, 3), (3,), (3, 2), (1,), (2, 1, 3)), regimes=("distinct", "generic")),
    st.sampled_from(FAULTS),
).map(lambda drawn: spoilt(drawn[0].numpy(), *drawn[1]))


@given(array=awkward_array)
@example(array=np.array([1, 2, 3])[::-1])
@example(array=np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])[:, ::-1])
@example(array=np.arange(12.0).reshape(2, 3, 2)[:, ::-1])
@example(array=np.array([1, 2, 3], dtype=np.uint8)[::-1])
@example(array=np.array([1, 2, 3], dtype=">i4"))
@example(array=np.array(1.5, dtype=">f8"))
@example(array=spoilt(np.array([1.0, 2.0]), locked=True))
@example(array=spoilt(np.array(1.5), locked=True))
@example(array=spoilt(np.zeros((0, 3)), locked=True))
@example(array=spoilt(np.array([1, 2, 3]), backwards=0, swapped=True, locked=True))
def test_tensor_from_any_array__copies_what_torch_cannot_wrap(kata, array):
    """A reversed, read-only or byte-swapped array gives a copy of its values, and stays as it is."""
    answer = kata.tensor_from_any_array(array)
    expect_tensor(answer, array, dtype=torch_dtype(array))
    expect_own_memory(answer)
    kept = answer.given(array).flags.writeable == array.flags.writeable
    expect_law(answer, kept, "a read-only array that stays read-only", got="`array.flags.writeable` was changed")


@given(array=any_array)
@example(array=np.array([1.0, 2.0]))
@example(array=np.array([[1, 2, 3], [4, 5, 6]]).T)
@example(array=np.array([[1, 2, 3], [4, 5, 6]])[:, ::2])
@example(array=np.array(1.5))
@example(array=np.array([True, False]))
@example(array=np.zeros((2, 0)))
def test_tensor_from_any_array__is_the_memory_of_all_others(kata, array):
    """Any other array keeps its values, and a write to the tensor shows in it: both use one memory."""
    answer = kata.tensor_from_any_array(array)
    expect_tensor(answer, array, dtype=torch_dtype(array))
    expect_link(answer, array)


@given(array=awkward_array)
@example(array=spoilt(np.array([1.0, 2.0]), locked=True))
@example(array=spoilt(np.array([1, 2, 3]), backwards=0, swapped=True, locked=True))
def test_tensor_from_any_array__is_quiet(kata, array):
    """The conversion gives no warning."""
    with every_warning() as caught:
        answer = kata.tensor_from_any_array(array)
    got = f"{caught[0].category.__name__}: {str(caught[0].message).split('.')[0]}" if caught else ""
    expect_law(answer, not caught, "no warning", got=got)


@contextmanager
def every_warning():
    """Collect all warnings, also those that torch gives once in a process only."""
    before = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield caught
    finally:
        torch.set_warn_always(before)
