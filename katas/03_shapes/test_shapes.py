"""The properties of the shapes kata. `kata.name(...)` calls your function and keeps what a message needs."""

import itertools
import math
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from torchkata.checks import (
    expect_equal,
    expect_law,
    expect_own_memory,
    expect_raises,
    expect_returned,
    expect_rules,
    expect_same_object,
    expect_shared_memory,
    expect_tensor,
    expect_tuple,
)
from torchkata.errors import KataError
from torchkata.pasting import paste
from torchkata.strategies import matrices, numbers, same_shape, seeds, tensors

SIGNED = (torch.float32, torch.int64, torch.float64)
DTYPES = (*SIGNED, torch.uint8, torch.bool)


def places(tensor):
    """Where in memory each element of a tensor lies: addresses, in an array of the same shape."""
    steps = zip(np.indices(tensor.shape), tensor.stride(), strict=True)
    return np.asarray(tensor.data_ptr() + tensor.element_size() * sum(index * stride for index, stride in steps))


def is_regular(addresses):
    """Whether one step along a dimension always leads equally far: whether a tensor can have these places."""
    return all(len(np.unique(np.diff(addresses, axis=dim))) <= 1 for dim in range(addresses.ndim))


def expect_view(answer, x, wanted):
    """Each element of the answer is one of `x` itself; `wanted` gives an array the shape that is asked for."""
    expect_law(answer, isinstance(answer.value, torch.Tensor), "a tensor")
    expect_shared_memory(answer, x)
    there = np.array_equal(places(answer.value), wanted(places(answer.given(x)))) or x.numel() == 0
    expect_law(answer, there, "a view: each element in its old place in memory", got="elements in other places")


def expect_places_of_their_own(answer):
    """Writing one element changes no other one."""
    result = answer.value
    expect_law(answer, isinstance(result, torch.Tensor), "a tensor")
    apart = len(np.unique(places(result))) == result.numel()
    expect_law(answer, apart, "a place in memory for every element", got=f"strides {tuple(result.stride())}")


@contextmanager
def called_as(text):
    """Show the call as `text` in a finding, where the arguments alone don't say how they were made."""
    try:
        yield
    except KataError as finding:
        finding.call = text + finding.call.rpartition(")")[2]  # the part of the result stays: [1], or "; base"
        raise


def made(text, **names):
    """The tensor that `text` makes."""
    return eval(text, {"torch": torch, **names})


def paired(values, choose):
    """Pairs (x, choose(x, random)) for each x of the strategy `values`."""
    return st.tuples(values, seeds()).map(lambda drawn: (drawn[0], choose(drawn[0], np.random.default_rng(drawn[1]))))


def regroupings(count):
    """The shapes of one to three dimensions that hold `count` elements."""
    divisors = [size for size in range(1, count + 1) if count % size == 0]
    shapes = [shape for rank in (2, 1, 3) for shape in itertools.product(divisors, repeat=rank)]
    return [shape for shape in shapes if math.prod(shape) == count]


def some_regrouping(x, random):
    """A shape for the elements of `x`, half of the time with one size replaced by -1."""
    found = regroupings(x.numel())
    shape = list(found[random.integers(len(found))])
    if random.integers(2):
        shape[random.integers(len(shape))] = -1
    return tuple(shape)


def some_dim(x, random):
    return int(random.integers(-x.ndim, x.ndim))


def some_new_dim(x, random):
    return int(random.integers(-x.ndim - 1, x.ndim + 1))


# regroup


@given(pair=paired(tensors((2, 1, 3, 0), DTYPES, layouts=("contiguous",)), some_regrouping))
@example(pair=(torch.arange(16), (4, 4)))
@example(pair=(torch.arange(16).reshape(4, 4), (2, -1)))
@example(pair=(torch.arange(6.0).reshape(2, 3), (-1,)))
@example(pair=(torch.arange(12).reshape(3, 4), (2, -1, 3)))
@example(pair=(torch.tensor([5]), ()))
def test_regroup__keeps_the_order_of_the_elements(kata, pair):
    """The result has the shape asked for, -1 worked out, and the elements in their order."""
    x, shape = pair
    expect_tensor(kata.regroup(x, shape), x.numpy().reshape(shape), dtype=x.dtype)


@given(pair=paired(tensors((2, 1, 3), DTYPES, layouts=("contiguous",)), some_regrouping))
@example(pair=(torch.arange(16), (4, 4)))
@example(pair=(torch.arange(6.0).reshape(2, 3), (2, 3)))
def test_regroup__is_a_view(kata, pair):
    """The result lies on the memory of `x`, so a write to one shows in the other."""
    x, shape = pair
    expect_view(kata.regroup(x, shape), x, lambda array: array.reshape(shape))


@given(x=tensors((2, 3), DTYPES, layouts=("gapped",)))
@example(x=torch.arange(12).reshape(2, 6)[:, ::2])
def test_regroup__needs_no_contiguous_x(kata, x):
    """A tensor that is not contiguous is regrouped too, where its strides allow a view."""
    shape = (1, *x.shape[:-1], 1, -1)
    answer = kata.regroup(x, shape)
    expect_tensor(answer, x.numpy().reshape(shape), dtype=x.dtype)
    expect_view(answer, x, lambda array: array.reshape(shape))


@given(
    case=st.sampled_from(
        [
            ((2, 3), (-1, -1)),
            ((6,), (-1, 3, -1)),
            ((4, 4), (3, -1)),
            ((6,), (2, 2)),
            ((2, 3), (4, 2)),
            ((2, 2), (2,)),
            ((0, 2), (0, -1)),
        ]
    )
)
@example(case=((4, 4), (-1, -1)))
@example(case=((1, 4), (4, -1, -1)))
@example(case=((2, 3), (4, -1)))
@example(case=((0, 2), (0, -1)))
def test_regroup__refuses_a_shape_that_does_not_fit(kata, case):
    """Two sizes of -1, one beside a 0 which could be anything, too many elements or too few raise RuntimeError."""
    sizes, shape = case
    expect_raises(kata.regroup.raising(torch.arange(math.prod(sizes)).reshape(sizes), shape), RuntimeError)


@given(x=matrices(DTYPES, shapes=[(2, 3), (3, 2), (4, 3), (2, 2)], layouts=("transposed",)), flat=st.booleans())
@example(x=torch.arange(6).reshape(2, 3).mT, flat=True)
@example(x=torch.arange(6).reshape(2, 3).mT, flat=False)
def test_regroup__never_copies(kata, x, flat):
    """Where only a copy could have the shape, as for a transposed matrix in one row, RuntimeError is raised."""
    expect_raises(kata.regroup.raising(x, (-1,) if flat else (1, x.numel())), RuntimeError)


# flatten_from


@given(pair=paired(tensors((3, 2, 4, 1), DTYPES, min_side=0, max_side=3), some_dim))
@example(pair=(torch.arange(8).reshape(2, 2, 2), 1))
@example(pair=(torch.arange(24.0).reshape(2, 3, 4), 0))
@example(pair=(torch.arange(24).reshape(2, 3, 4), -2))
@example(pair=(torch.arange(24).reshape(2, 3, 4), -1))
@example(pair=(torch.arange(6).reshape(2, 3).mT, 0))
@example(pair=(torch.zeros(0, 3, 2), 1))
@example(pair=(torch.zeros(2, 0, 3), 2))
def test_flatten_from__makes_one_dimension_of_the_last_ones(kata, pair):
    """The dimensions from `start_dim` on become one, the others stay, and the elements keep their order."""
    x, dim = pair
    kept = x.shape[:dim] if dim >= 0 else x.shape[: x.ndim + dim]
    want = x.numpy().reshape(*kept, math.prod(x.shape[len(kept) :]))
    expect_tensor(kata.flatten_from(x, dim), want, dtype=x.dtype)


@given(pair=paired(tensors((3, 2, 1), DTYPES, layouts=("contiguous",)), some_dim))
@example(pair=(torch.arange(8).reshape(2, 2, 2), 1))
@example(pair=(torch.arange(3.0), 0))
def test_flatten_from__is_a_view_of_a_contiguous_x(kata, pair):
    """If `x` is contiguous no element is copied, so a write to the result shows in `x`."""
    x, dim = pair
    kept = x.shape[:dim] if dim >= 0 else x.shape[: x.ndim + dim]
    expect_view(kata.flatten_from(x, dim), x, lambda array: array.reshape(*kept, -1))


def test_flatten_from__is_built_without_flatten(kata):
    """The shape is worked out from that of `x`, not by torch's own `flatten`."""
    expect_rules(kata.flatten_from, without=("torch.flatten", "nn.Flatten"))


# memory_facts

PARTS = {  # of a matrix b with 3 rows and 4 columns: is it contiguous, and its strides
    "b": (True, (4, 1)),
    "b.T": (False, (1, 4)),
    "b[1:]": (True, (4, 1)),
    "b[:2]": (True, (4, 1)),
    "b[::2]": (False, (8, 1)),
    "b[:, 1:]": (False, (4, 1)),
    "b[:, ::2]": (False, (4, 2)),
    "b[:, 1]": (False, (4,)),
    "b[2]": (True, (1,)),
    "b[1, 2]": (True, ()),
    "b[:, :1]": (False, (4, 1)),
    "b[:1].T": (True, (1, 4)),
    "b.view(2, 6)": (True, (6, 1)),
    "b.view(2, 3, 2).permute(2, 0, 1)": (False, (1, 6, 2)),
    "b.data": (True, (4, 1)),
    "b.view(torch.int16)[:, 3:]": (False, (8, 1)),
    "b.clone()": (True, (4, 1)),
    "b.T.contiguous()": (True, (3, 1)),
}
COPIES = ("b.clone()", "b.T.contiguous()")
parts = st.sampled_from(list(PARTS))


@contextmanager
def facts(kata, device, y, x):
    """The three answers for two parts of one matrix, each given as text."""
    b = torch.arange(12.0, device=device).reshape(3, 4)
    first = y.replace("b", "(b := torch.arange(12.).reshape(3, 4))", 1)
    with called_as(f"memory_facts({first}, {x})"):
        yield expect_tuple(kata.memory_facts.on(made(y, b=b), made(x, b=b)), 3)


@given(y=parts, x=parts)
@example(y="b.T", x="b")
@example(y="b[1:]", x="b")
@example(y="b", x="b[1:]")
@example(y="b[:2]", x="b[2]")
@example(y="b.clone()", x="b")
@example(y="b", x="b.T.contiguous()")
@example(y="b.data", x="b")
@example(y="b.view(torch.int16)[:, 3:]", x="b[:, 1:]")
def test_memory_facts__first_says_whether_the_storage_is_the_same(kata, device, y, x):
    """The first fact is True for any two views of one storage, and False for a copy with equal values."""
    with facts(kata, device, y, x) as (same, _, _):
        expect_equal(same, y not in COPIES and x not in COPIES)


@given(y=parts, x=parts)
@example(y="b", x="b.T")
@example(y="b.T", x="b")
@example(y="b[:, 1:]", x="b")
@example(y="b[1:]", x="b")
@example(y="b[:1].T", x="b")
def test_memory_facts__second_says_whether_y_is_contiguous(kata, device, y, x):
    """The second fact is True if the elements of `y`, read row by row, lie in memory without a gap."""
    with facts(kata, device, y, x) as (_, contiguous, _):
        expect_equal(contiguous, PARTS[y][0])


@given(y=parts, x=parts)
@example(y="b.T", x="b")
@example(y="b[::2]", x="b")
@example(y="b", x="b.T")
def test_memory_facts__third_is_the_strides_of_y(kata, device, y, x):
    """The third fact is the tuple of strides of `y`, counted in elements."""
    with facts(kata, device, y, x) as (_, _, strides):
        expect_equal(strides, PARTS[y][1])


# can_merge

STRIDED = (
    "torch.arange(6).reshape(2, 3)",
    "torch.arange(6).reshape(2, 3).T",
    "torch.arange(12).reshape(2, 6)[:, ::2]",
    "torch.arange(12).reshape(4, 3)[::2]",
    "torch.arange(12).reshape(3, 4)[:, 1:]",
    "torch.arange(9).reshape(3, 3)[:, :2]",
    "torch.arange(24).reshape(2, 3, 4)",
    "torch.arange(24).reshape(2, 3, 4).transpose(0, 1)",
    "torch.arange(24).reshape(2, 3, 4).mT",
    "torch.arange(24).reshape(2, 3, 4).permute(2, 0, 1)",
    "torch.arange(24).reshape(2, 3, 4).permute(1, 2, 0)",
    "torch.arange(24).reshape(2, 3, 4)[:, 1:]",
    "torch.arange(24).reshape(2, 3, 4)[:, :, ::2]",
    "torch.arange(24).reshape(2, 3, 4)[:, :, 1:3]",
    "torch.arange(24).reshape(4, 2, 3)[::2]",
    "torch.arange(8).reshape(2, 2, 2).transpose(0, 2)",
    "torch.arange(36).reshape(2, 3, 2, 3).permute(0, 2, 3, 1)",
    "torch.arange(6).reshape(2, 3).T[:, :1]",
    "torch.arange(6).reshape(2, 3).T[:1]",
    "torch.arange(6).reshape(2, 3)[:, :1]",
    "torch.arange(6).reshape(2, 3)[:, None]",
    "torch.arange(24).reshape(2, 3, 4)[:, 1:2]",
    "torch.arange(24).reshape(2, 3, 4)[:1].transpose(0, 1)",
    "torch.arange(1).reshape(1, 1)",
    "torch.arange(6).reshape(3, 2).T[None]",
    "torch.arange(6)[2:]",
)


@given(case=st.sampled_from([(text, dim) for text in STRIDED for dim in range(made(text).ndim - 1)]))
@example(case=("torch.arange(6).reshape(2, 3)", 0))
@example(case=("torch.arange(6).reshape(2, 3).T", 0))
@example(case=("torch.arange(12).reshape(2, 6)[:, ::2]", 0))
@example(case=("torch.arange(12).reshape(3, 4)[:, 1:]", 0))
@example(case=("torch.arange(9).reshape(3, 3)[:, :2]", 0))
@example(case=("torch.arange(24).reshape(2, 3, 4)[:, 1:]", 0))
@example(case=("torch.arange(24).reshape(2, 3, 4)[:, 1:]", 1))
@example(case=("torch.arange(24).reshape(2, 3, 4).permute(2, 0, 1)", 0))
@example(case=("torch.arange(24).reshape(2, 3, 4).permute(2, 0, 1)", 1))
@example(case=("torch.arange(6).reshape(2, 3).T[:1]", 0))
@example(case=("torch.arange(6).reshape(2, 3).T[:, :1]", 0))
@example(case=("torch.arange(24).reshape(2, 3, 4)[:, 1:2]", 0))
@example(case=("torch.arange(6).reshape(3, 2).T[None]", 1))
def test_can_merge__looks_for_one_step_between_neighbours(kata, case):
    """The answer is True if one step in memory leads from each element of the two dimensions to the next."""
    text, dim = case
    x = made(text)
    merged = places(x).reshape(*x.shape[:dim], -1, *x.shape[dim + 2 :])
    with called_as(f"can_merge({text}, {dim})"):
        expect_equal(kata.can_merge(x, dim), is_regular(merged))


def test_can_merge__reads_sizes_and_strides(kata):
    """The answer is found from sizes and strides, not by trying it."""
    tries = ("Tensor.view", "torch.reshape", "torch.flatten", "Tensor.view_as", "Tensor.reshape_as")
    expect_rules(kata.can_merge, without=(*tries, "Tensor.is_contiguous"))


# reshape_or_copy

reshapes = st.sampled_from(
    [(text, shape) for text in STRIDED for shape in [*regroupings(made(text).numel()), tuple(made(text).shape)]]
)
traps = (
    ("torch.arange(4)", (2, 2)),
    ("torch.arange(6).reshape(2, 3).T", (6,)),
    ("torch.arange(6).reshape(2, 3).T", (2, 3)),
    ("torch.arange(6).reshape(2, 3).T", (3, 2)),
    ("torch.arange(6).reshape(2, 3).T", (3, 1, 2)),
    ("torch.arange(12).reshape(2, 6)[:, ::2]", (6,)),
    ("torch.arange(12).reshape(2, 6)[:, ::2]", (3, 2)),
    ("torch.arange(24).reshape(2, 3, 4)[:, 1:]", (2, 8)),
    ("torch.arange(24).reshape(2, 3, 4)[:, 1:]", (4, 4)),
    ("torch.arange(12).reshape(4, 3)[::2]", (3, 2)),
    ("torch.arange(6)[2:]", (2, 2)),
)


def with_traps(test):
    """Pin the traps of `reshape_or_copy` as examples."""
    for case in reversed(traps):
        test = example(case=case)(test)
    return test


@given(case=reshapes)
@with_traps
def test_reshape_or_copy__keeps_the_order_of_the_elements(kata, case):
    """The first element of the tuple has the shape asked for, and the elements of `x` in their order."""
    text, shape = case
    x = made(text)
    with called_as(f"reshape_or_copy({text}, {shape})"):
        expect_tensor(expect_tuple(kata.reshape_or_copy(x, shape), 2)[0], x.numpy().reshape(shape), dtype=x.dtype)


@given(case=reshapes)
@with_traps
def test_reshape_or_copy__copies_only_if_it_must(kata, case):
    """The result is a view wherever the strides allow one, and the flag is True exactly where it is a copy."""
    text, shape = case
    x = made(text)
    must_copy = not is_regular(places(x).reshape(shape))
    with called_as(f"reshape_or_copy({text}, {shape})"):
        result, copied = expect_tuple(kata.reshape_or_copy(x, shape), 2)
        if must_copy:
            expect_own_memory(result)
        else:
            expect_view(result, x, lambda array: array.reshape(shape))
        expect_equal(copied, must_copy)


# channels_first


@given(images=tensors(4, DTYPES, min_side=0))
@example(images=torch.arange(24).reshape(1, 2, 3, 4))
@example(images=torch.arange(24.0).reshape(2, 2, 2, 3))
def test_channels_first__moves_the_channels_before_the_rows(kata, images):
    """The element at [n, c, h, w] is the one that was at [n, h, w, c]."""
    expect_tensor(kata.channels_first(images), images.numpy().transpose(0, 3, 1, 2), dtype=images.dtype)


@given(images=tensors(4, DTYPES))
@example(images=torch.arange(24).reshape(1, 2, 3, 4))
def test_channels_first__is_a_view(kata, images):
    """Only the strides change, so a write to the result shows in `images`."""
    expect_view(kata.channels_first(images), images, lambda array: array.transpose(0, 3, 1, 2))


# undo_permute


def some_order(x, random):
    return tuple(map(int, random.permutation(x.ndim)))


@given(pair=paired(tensors((3, 4, 2, 1), DTYPES, min_side=0, max_side=3), some_order))
@example(pair=(torch.tensor(7), ()))
@example(pair=(torch.arange(30).reshape(5, 2, 3), (2, 0, 1)))
@example(pair=(torch.arange(8.0).reshape(2, 2, 2), (1, 2, 0)))
@example(pair=(torch.arange(24).reshape(2, 1, 4, 3), (3, 0, 1, 2)))
@example(pair=(torch.arange(6).reshape(2, 3), (1, 0)))
def test_undo_permute__is_the_way_back(kata, pair):
    """Permuted by `dims`, the result is `y` again."""
    y, dims = pair
    expect_tensor(kata.undo_permute(y, dims), y.numpy().transpose(np.argsort(dims)), dtype=y.dtype)


@given(pair=paired(tensors((3, 2, 4, 1), DTYPES, max_side=3), some_order))
@example(pair=(torch.arange(30).reshape(5, 2, 3), (2, 0, 1)))
@example(pair=(torch.arange(6).reshape(2, 3), (0, 1)))
def test_undo_permute__is_a_view(kata, pair):
    """No element is moved, so a write to the result shows in `y`."""
    y, dims = pair
    expect_view(kata.undo_permute(y, dims), y, lambda array: array.transpose(np.argsort(dims)))


# insert_dim


@given(pair=paired(tensors((2, 1, 3, 0), DTYPES, min_side=0), some_new_dim))
@example(pair=(torch.arange(6).reshape(2, 3), 0))
@example(pair=(torch.arange(6).reshape(2, 3), 1))
@example(pair=(torch.arange(6).reshape(2, 3), 2))
@example(pair=(torch.arange(6).reshape(2, 3), -1))
@example(pair=(torch.arange(6).reshape(2, 3), -2))
@example(pair=(torch.arange(6).reshape(2, 3), -3))
@example(pair=(torch.tensor(5.0), 0))
def test_insert_dim__puts_in_a_dimension_of_size_1(kata, pair):
    """Dimension `dim` of the result has size 1, and the others are those of `x` in their order."""
    x, dim = pair
    expect_tensor(kata.insert_dim(x, dim), np.expand_dims(x.numpy(), dim), dtype=x.dtype)


@given(pair=paired(tensors((2, 1, 3, 0), DTYPES), some_new_dim))
@example(pair=(torch.arange(6).reshape(2, 3), 1))
def test_insert_dim__is_a_view(kata, pair):
    """The result lies on the memory of `x`, contiguous or not."""
    x, dim = pair
    expect_view(kata.insert_dim(x, dim), x, lambda array: np.expand_dims(array, dim))


@given(x=tensors((2, 1, 3)), beyond=st.sampled_from([1, 2, -2, -3]))
@example(x=torch.zeros(2, 3), beyond=1)
@example(x=torch.zeros(2, 3), beyond=-2)
def test_insert_dim__knows_the_legal_positions(kata, x, beyond):
    """A `dim` that is no dimension of the result raises IndexError."""
    expect_raises(kata.insert_dim.raising(x, x.ndim + beyond if beyond > 0 else beyond - x.ndim), IndexError)


# remove_dim

WITH_ONES = [(1, 2, 1), (2, 1), (1, 3), (2, 3), (1,), (3,), (2, 1, 3), (1, 1, 2), (1, 1), (3, 1, 1, 2), (1, 0), (0, 1)]


def without_dim(array, dim):
    return np.squeeze(array, dim) if array.shape[dim] == 1 else array


@given(pair=paired(tensors(dtype=DTYPES, shapes=WITH_ONES), some_dim))
@example(pair=(torch.arange(2).reshape(1, 2, 1), 0))
@example(pair=(torch.arange(2).reshape(1, 2, 1), 1))
@example(pair=(torch.arange(2).reshape(1, 2, 1), -1))
@example(pair=(torch.arange(6.0).reshape(2, 3), 0))
@example(pair=(torch.tensor([5]), 0))
def test_remove_dim__removes_only_size_1(kata, pair):
    """Dimension `dim` is gone if its size was 1; a larger one stays, and so do all the others."""
    x, dim = pair
    expect_tensor(kata.remove_dim(x, dim), without_dim(x.numpy(), dim), dtype=x.dtype)


@given(pair=paired(tensors(dtype=DTYPES, shapes=WITH_ONES), some_dim))
@example(pair=(torch.arange(2).reshape(1, 2, 1), 0))
@example(pair=(torch.arange(2).reshape(1, 2, 1), 1))
def test_remove_dim__is_a_view(kata, pair):
    """The result lies on the memory of `x`, also where nothing is removed."""
    x, dim = pair
    expect_view(kata.remove_dim(x, dim), x, lambda array: without_dim(array, dim))


@given(x=tensors((2, 1, 3)), beyond=st.sampled_from([0, 1, -1, -2]))
@example(x=torch.zeros(1, 2), beyond=0)
@example(x=torch.zeros(1, 2), beyond=-1)
def test_remove_dim__needs_a_dimension_of_x(kata, x, beyond):
    """A `dim` that `x` does not have raises IndexError."""
    expect_raises(kata.remove_dim.raising(x, x.ndim + beyond if beyond >= 0 else beyond - x.ndim), IndexError)


# stretch

NARROW = [(3, 1), (1, 3), (1,), (3,), (2, 1, 3), (1, 1), (2, 3), (1, 2, 1), (4, 1), ()]


def some_stretched(x, random):
    """A larger shape: other sizes in the place of 1, and up to two more dimensions in front."""
    front = random.integers(1, 4, random.integers(3))
    return tuple(int(size) for size in [*front, *(random.integers(1, 5) if size == 1 else size for size in x.shape)])


@given(pair=paired(tensors(dtype=DTYPES, shapes=NARROW), some_stretched))
@example(pair=(torch.tensor([[1], [2], [3]]), (3, 4)))
@example(pair=(torch.tensor([[1, 2, 3]]), (3, 3)))
@example(pair=(torch.tensor([1.0, 2.0]), (3, 2)))
@example(pair=(torch.tensor([1.0, 2.0]), (2, 2)))
@example(pair=(torch.tensor([1, 2]), (2,)))
def test_stretch__repeats_along_dimensions_of_size_1(kata, pair):
    """Along a dimension that had size 1, or is new in front, all elements are equal."""
    x, shape = pair
    expect_tensor(kata.stretch(x, shape), np.broadcast_to(x.numpy(), shape), dtype=x.dtype)


@given(pair=paired(tensors(dtype=DTYPES, shapes=NARROW), some_stretched))
@example(pair=(torch.tensor([[1], [2], [3]]), (3, 4)))
@example(pair=(torch.tensor([1.0, 2.0]), (3, 2)))
@example(pair=(torch.tensor([1, 2]), (2,)))
def test_stretch__copies_nothing(kata, pair):
    """The result is a view with stride 0 where it repeats, so the repeated elements are one place in `x`."""
    x, shape = pair
    expect_view(kata.stretch(x, shape), x, lambda array: np.broadcast_to(array, shape))


@given(
    case=st.sampled_from(
        [((2, 3), (2, 4)), ((3, 1), (2, 4)), ((3,), (3, 2)), ((2, 3), (4, 3)), ((2,), (4,)), ((2, 3), (3,))]
    )
)
@example(case=((2, 3), (2, 6)))
@example(case=((3,), (3, 2)))
@example(case=((2, 3), (2, 1)))
@example(case=((1, 3), (3,)))
@example(case=((2, 3), (3, 2)))
def test_stretch__only_stretches_size_1(kata, case):
    """A shape that does not fit, counted from the last dimension, raises RuntimeError."""
    sizes, shape = case
    expect_raises(kata.stretch.raising(torch.arange(math.prod(sizes)).reshape(sizes), shape), RuntimeError)


# tile


def some_repeats(x, random):
    return tuple(map(int, random.integers(1, 4, x.ndim + random.integers(2))))


tilings = paired(tensors((2, 1, 3, 0), DTYPES, min_side=0, max_side=3), some_repeats)


@given(pair=tilings)
@example(pair=(torch.tensor([1, 2, 3]), (4, 2)))
@example(pair=(torch.tensor([1, 2, 3]), (4, 2, 1)))
@example(pair=(torch.tensor([[1, 2], [3, 4]]), (2, 3)))
@example(pair=(torch.tensor([[1, 2], [3, 4]]), (1, 1)))
def test_tile__lays_copies_side_by_side(kata, pair):
    """Along dimension i, `x` comes `repeats[i]` times, one whole `x` after the other."""
    x, repeats = pair
    expect_tensor(kata.tile(x, repeats), np.tile(x.numpy(), repeats), dtype=x.dtype)


@given(pair=tilings)
@example(pair=(torch.tensor([[1, 2], [3, 4]]), (1, 1)))
@example(pair=(torch.tensor([1, 2, 3]), (4, 1)))
@example(pair=(torch.tensor([[1], [2], [3]]), (1, 4)))
def test_tile__has_a_place_for_every_element(kata, pair):
    """The memory is new, also if nothing is repeated, and no two elements are one place in it."""
    answer = kata.tile(*pair)
    expect_own_memory(answer)
    expect_places_of_their_own(answer)


# edges

EDGES = (lambda array: array[0], lambda array: array[:, 0], lambda array: array[..., -1])


@given(x=tensors((2, 3, 4), DTYPES, max_side=3))
@example(x=torch.tensor([[1, 2, 3], [4, 5, 6]]))
@example(x=torch.arange(24.0).reshape(2, 3, 4))
@example(x=torch.arange(9).reshape(3, 3))
def test_edges__are_first_row_first_column_last_column(kata, x):
    """They are index 0 of the first dimension, index 0 of the second, and the last index of the last."""
    for edge, wanted in zip(expect_tuple(kata.edges(x), 3), EDGES, strict=True):
        expect_tensor(edge, wanted(x.numpy()), dtype=x.dtype)


@given(x=tensors((2, 3), DTYPES))
@example(x=torch.tensor([[1, 2, 3], [4, 5, 6]]))
def test_edges__are_views(kata, x):
    """Each of the three lies on the memory of `x`, so a write to one shows in `x`."""
    for edge, wanted in zip(expect_tuple(kata.edges(x), 3), EDGES, strict=True):
        expect_view(edge, x, wanted)


# write_column


def some_column(x, random):
    """A column of `x` and values for it."""
    values = torch.from_numpy(random.integers(0, 100, len(x)))
    return int(random.integers(-x.shape[1], x.shape[1])), values.to(x.dtype)


def with_column(x, column, values):
    """The matrix afterwards, as an array."""
    want = x.numpy().copy()
    for row, value in enumerate(values.tolist()):
        want[row, column] = value
    return want


written = paired(matrices(DTYPES), some_column)


@given(case=written)
@example(case=(torch.zeros(2, 3), (1, torch.tensor([5.0, 7.0]))))
@example(case=(torch.zeros(3, 3, dtype=torch.int64), (-1, torch.tensor([1, 2, 3]))))
@example(case=(torch.zeros(3, 2).mT, (2, torch.tensor([5.0, 7.0]))))
@example(case=(torch.zeros(0, 2), (1, torch.zeros(0))))
@example(case=(torch.tensor([[1.0, math.inf], [2.0, math.nan]]).double(), (1, torch.tensor([0.1, 0.2]).double() / 3)))
@example(case=(torch.zeros(2, 2, dtype=torch.int64), (0, torch.tensor([2**53 + 1, 1]))))
def test_write_column__changes_one_column(kata, case):
    """Afterwards that column of `x` holds the values, all others are as before, and `x` itself is returned."""
    x, (column, values) = case
    answer = kata.write_column(x, column, values)
    expect_tensor(answer, with_column(x, column, values), dtype=x.dtype, changes=[x])
    expect_same_object(answer, x)


PARTS_OF_A_MATRIX = ("base[1:]", "base[:, 1:]", "base.T", "base[::2]", "base[:, ::2]", "base[:]")


@given(text=st.sampled_from(PARTS_OF_A_MATRIX), column=st.integers(-2, 1), step=st.integers(1, 9))
@example(text="base[1:]", column=1, step=1)
@example(text="base.T", column=0, step=1)
@example(text="base[:, ::2]", column=-1, step=1)
def test_write_column__shows_in_the_base(kata, text, column, step):
    """If `x` is a view of a larger tensor, that tensor shows the values."""
    base, want = torch.arange(12.0).reshape(3, 4), np.arange(12.0).reshape(3, 4)
    x, picture = made(text, base=base), made(text, base=want)
    values = 100.0 + step * torch.arange(float(len(x)))
    picture[:, column] = values.numpy()
    part = text.replace("base", "(base := torch.arange(12.).reshape(3, 4))", 1)
    with called_as(f"write_column({part}, {column}, {paste(values)})"):
        answer = kata.write_column.on(x, column, values)
        expect_tensor(expect_returned(answer, base, "base"), want, dtype=torch.float32, changes=answer.args)


@given(x=matrices(), beyond=st.sampled_from([0, 1, -1, -2]))
@example(x=torch.zeros(2, 3), beyond=0)
@example(x=torch.zeros(2, 3), beyond=-1)
@example(x=torch.zeros(0, 2), beyond=0)
def test_write_column__needs_a_column_of_x(kata, x, beyond):
    """A column that `x` does not have raises IndexError and changes nothing."""
    column = x.shape[1] + beyond if beyond >= 0 else beyond - x.shape[1]
    expect_raises(kata.write_column.raising(x, column, torch.ones(len(x))), IndexError)


# above


@given(x=tensors((2, 1, 3, 0), SIGNED, min_side=0), threshold=st.one_of(st.integers(-2, 3), numbers()))
@example(x=torch.tensor([[1, 5, 2], [7, 0, 3]]), threshold=2)
@example(x=torch.tensor([[1.0, 5.0], [2.0, 7.0], [0.0, 3.0]]).mT, threshold=0.5)
@example(x=torch.tensor([-3, -1, 1]), threshold=-2)
@example(x=torch.tensor([-3, -2, 2]), threshold=-2.5)
@example(x=torch.tensor([1.0, 2.0]), threshold=9)
@example(x=torch.tensor([math.inf, math.nan, 1.0, -math.inf]), threshold=0)
@example(x=torch.tensor([1.0, 1 + 2**-40], dtype=torch.float64), threshold=1)
def test_above__takes_the_greater_elements_in_order(kata, x, threshold):
    """The result holds the elements that are greater than `threshold`, row by row, in one dimension."""
    array = x.numpy()
    want = np.array([value for value in array.flatten() if value > threshold], dtype=array.dtype)
    expect_tensor(kata.above(x, threshold), want, dtype=x.dtype)


@given(x=tensors((1, 2), SIGNED))
@example(x=torch.tensor([1.0, 2.0]))
def test_above__has_its_own_memory(kata, x):
    """The elements are copied, also if all of them are taken."""
    answer = kata.above(x, float(x.min()) - 1)
    expect_tensor(answer, x.numpy().flatten(), dtype=x.dtype)
    expect_own_memory(answer)


# pick_rows


def some_rows(x, random):
    return torch.from_numpy(random.integers(-len(x), len(x), random.integers(6)))


@given(pair=paired(tensors((2, 1, 3), DTYPES), some_rows))
@example(pair=(torch.tensor([[1, 2], [3, 4], [5, 6]]), torch.tensor([-1, 0, 0])))
@example(pair=(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1, 0])))
@example(pair=(torch.tensor([[1, 2], [3, 4], [5, 6]]), torch.tensor([2, 0])))
@example(pair=(torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([1])))
@example(pair=(torch.tensor([[1.0, 2.0]]), torch.tensor([], dtype=torch.int64)))
@example(pair=(torch.arange(12).reshape(3, 2, 2), torch.tensor([1, 2])))
@example(pair=(torch.tensor([[math.inf, math.nan], [1.0, 2.0]]), torch.tensor([1, 1])))
def test_pick_rows__takes_the_rows_named(kata, pair):
    """Row i of the result is row `index[i]` of `x`."""
    x, index = pair
    rows = [x.numpy()[row] for row in index.tolist()]
    expect_tensor(kata.pick_rows(x, index), np.array(rows, x.numpy().dtype).reshape(-1, *x.shape[1:]), dtype=x.dtype)


@given(x=tensors((2, 1, 3), DTYPES), start=st.integers(0, 3))
@example(x=torch.tensor([[1.0, 2.0], [3.0, 4.0]]), start=0)
@example(x=torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), start=1)
def test_pick_rows__has_its_own_memory(kata, x, start):
    """The rows are copied, also where a slice would have given them."""
    expect_own_memory(kata.pick_rows(x, torch.arange(min(start, len(x) - 1), len(x))))


@pytest.mark.devices("cpu")
@given(x=matrices(), beyond=st.sampled_from([0, 1, -1, -2]))
@example(x=torch.zeros(2, 3), beyond=0)
@example(x=torch.zeros(2, 3), beyond=-1)
def test_pick_rows__needs_rows_of_x(kata, x, beyond):
    """An index of a row that `x` does not have raises IndexError."""
    row = len(x) + beyond if beyond >= 0 else beyond - len(x)
    expect_raises(kata.pick_rows.raising(x, torch.tensor([0, row])), IndexError)


# join


def some_joined(x, random):
    """A dimension, and up to two more tensors that fit to `x` along it."""
    dim = some_dim(x, random)
    sizes = [[*x.shape] for _ in range(random.integers(3))]
    for shape in sizes:
        shape[dim] = random.integers(4)
    return dim, [torch.from_numpy(random.integers(0, 100, shape)).to(x.dtype) for shape in sizes]


@given(case=paired(tensors((2, 1, 3), DTYPES, min_side=0), some_joined))
@example(case=(torch.arange(16).reshape(4, 4), (0, [torch.arange(16, 32).reshape(4, 4)])))
@example(case=(torch.arange(16).reshape(4, 4), (1, [torch.arange(16, 32).reshape(4, 4)])))
@example(case=(torch.arange(6).reshape(2, 3), (-1, [torch.arange(4).reshape(2, 2)])))
@example(case=(torch.arange(6.0).reshape(2, 3), (0, [torch.ones(1, 3), torch.zeros(2, 3)])))
@example(case=(torch.arange(8).reshape(2, 2, 2), (-2, [torch.arange(4).reshape(2, 1, 2)])))
@example(case=(torch.arange(3), (0, [])))
def test_join__puts_one_after_the_other(kata, case):
    """Along `dim` the tensors follow each other in the order of the list."""
    x, (dim, more) = case
    joined = np.concatenate([each.numpy() for each in [x, *more]], axis=dim)
    expect_tensor(kata.join([x, *more], dim), joined, dtype=x.dtype)


@given(pair=paired(tensors((2, 1, 3), DTYPES), some_dim))
@example(pair=(torch.arange(6.0).reshape(2, 3), 0))
def test_join__has_its_own_memory(kata, pair):
    """The elements are copied, also if there is only one tensor."""
    x, dim = pair
    expect_own_memory(kata.join([x], dim))


UNLIKE = [((2, 3), (2, 4), 0), ((2, 3), (3, 3), 1), ((2, 3), (3, 2), 0), ((2, 3), (3, 2), 1), ((2, 1), (2, 3), 0)]


@given(case=st.sampled_from(UNLIKE))
@example(case=((2, 3), (2, 4), 0))
@example(case=((2, 3), (3, 3), -1))
@example(case=((2, 3), (2, 1), 0))
@example(case=((2, 2, 3), (2, 2, 2), 0))
def test_join__needs_equal_sizes_elsewhere(kata, case):
    """Sizes that differ in another dimension than `dim` raise RuntimeError, also in the third tensor."""
    first, second, dim = case
    for alike in (1, 2):
        expect_raises(kata.join.raising([torch.zeros(first)] * alike + [torch.ones(second)], dim), RuntimeError)


# stacked


def stackable(min_side):
    """Pairs of a list of one to three tensors of one shape and dtype, and a dimension of the result."""

    def choose(drawn, random):
        dtype = DTYPES[random.integers(len(DTYPES))]
        return [each.to(dtype) for each in drawn[: random.integers(1, 4)]], some_new_dim(drawn[0], random)

    return paired(same_shape(3, (2, 1, 3, 0), min_side=min_side), choose).map(lambda drawn: drawn[1])


TWO = [torch.arange(16).reshape(4, 4), torch.arange(16, 32).reshape(4, 4)]


@given(case=stackable(0))
@example(case=(TWO, 0))
@example(case=(TWO, 1))
@example(case=(TWO, 2))
@example(case=([torch.arange(6).reshape(2, 3), torch.arange(6, 12).reshape(2, 3)], -1))
@example(case=([torch.arange(6.0).reshape(2, 3), torch.zeros(2, 3)], -2))
@example(case=([torch.tensor(1.0), torch.tensor(2.0), torch.tensor(3.0)], 0))
@example(case=([torch.arange(3), torch.arange(3, 6)], -1))
def test_stacked__makes_a_new_dimension(kata, case):
    """Index i along the new dimension `dim` gives tensor i of the list."""
    given_tensors, dim = case
    want = np.stack([each.numpy() for each in given_tensors], axis=dim)
    expect_tensor(kata.stacked(given_tensors, dim), want, dtype=given_tensors[0].dtype)


@given(pair=paired(tensors((2, 1, 3), DTYPES), some_new_dim))
@example(pair=(torch.arange(6.0).reshape(2, 3), 0))
def test_stacked__has_its_own_memory(kata, pair):
    """The elements are copied, also if there is only one tensor."""
    x, dim = pair
    expect_own_memory(kata.stacked([x], dim))


@given(case=st.sampled_from([*UNLIKE, ((2, 3), (3,), 0), ((2,), (3,), -1)]))
@example(case=((2, 3), (3, 2), 0))
@example(case=((2, 3), (2, 1), 0))
@example(case=((2, 3), (2, 1), 1))
@example(case=((2, 3), (3,), 0))
@example(case=((2,), (4,), 1))
def test_stacked__needs_equal_shapes(kata, case):
    """Tensors of different shapes raise RuntimeError, also if only the third one differs."""
    first, second, dim = case
    for alike in (1, 2):
        expect_raises(kata.stacked.raising([torch.zeros(first)] * alike + [torch.ones(second)], dim), RuntimeError)


def test_stacked__is_built_without_stack(kata):
    """The tensors are put together by other means than `stack`."""
    expect_rules(kata.stacked, without=("torch.stack",))
