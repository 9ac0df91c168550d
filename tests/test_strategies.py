"""The tensors that are drawn tell right from wrong: seldom constant, often distinct, in all layouts, small when they fail."""

import ast
import warnings
from functools import lru_cache
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from torchkata import strategies
from torchkata.strategies import (
    FLOATS,
    INTEGERS,
    arrays,
    build,
    build_array,
    dtypes,
    linear,
    linears,
    matrices,
    nested_lists,
    numbers,
    same_shape,
    seeds,
    shape_list,
    shapes,
    tensors,
    vectors,
    with_grad,
)

DRAWS = 500
ANY_RANK = (2, 1, 0, 3)
ALL_DTYPES = (*FLOATS, *INTEGERS, torch.bool)
ARRAY_DTYPES = (np.float64, np.float32, np.int64, np.uint8, np.bool_)
QUIET = {"database": None, "deadline": None, "suppress_health_check": list(HealthCheck)}


def draws(strategy, count=DRAWS):
    """What `count` examples of a property would be; the same at each run."""
    found = []

    @hypothesis.seed(0)
    @settings(max_examples=count, phases=[Phase.generate], **QUIET)
    @given(strategy)
    def collect(value):
        found.append(value)

    collect()
    return found


def smallest(strategy):
    """What a property that always fails is shown with."""
    return hypothesis.find(strategy, lambda value: True, settings=settings(**QUIET))


STRATEGIES = {
    "matrices": matrices(),
    "vectors": vectors(),
    "any rank": tensors(ANY_RANK, ALL_DTYPES, min_side=0),
    "int64": matrices(torch.int64),
    "uint8": matrices(torch.uint8),
    "bool": matrices(torch.bool),
    "3-d": tensors(3),
}


@lru_cache
def drawn(name):
    """500 tensors of a strategy."""
    return draws(STRATEGIES[name])


def share(values, condition):
    """How many of the values are so, from 0 to 1."""
    return sum(map(bool, map(condition, values))) / len(values)


def is_constant(x):
    return len(x.unique()) <= 1


def is_distinct(x):
    return len(x.unique()) == x.numel()


def is_square(x):
    return len(set(x.shape)) < x.ndim


def several(values):
    """Those with more than two elements, of which something can be said."""
    return [x for x in values if x.numel() > 2]


# Shares of 500 draws


@pytest.mark.parametrize("name", STRATEGIES)
def test_few_tensors_are_constant(name):
    assert share(several(drawn(name)), is_constant) < 0.1


@pytest.mark.parametrize("name", ["matrices", "vectors", "int64", "3-d"])
def test_most_tensors_have_distinct_elements(name):
    assert share(several(drawn(name)), is_distinct) > 0.5


@pytest.mark.parametrize("dtype", [*FLOATS, *INTEGERS], ids=str)
def test_the_distinct_regime_is_distinct_in_every_dtype(dtype):
    assert all(is_distinct(build((3, 4), dtype, "distinct", "contiguous", seed)) for seed in range(50))


@pytest.mark.parametrize("name", ["matrices", "vectors", "int64"])
def test_some_tensors_have_ties(name):
    assert 0.1 < share(several(drawn(name)), lambda x: not is_distinct(x)) < 0.5


@pytest.mark.parametrize("name", ["matrices", "vectors", "3-d"])
def test_about_half_of_the_tensors_have_gaps_or_another_order_in_memory(name):
    wide = [x for x in drawn(name) if min(x.shape) > 1]
    assert 0.35 < share(wide, lambda x: not x.is_contiguous()) < 0.65


def test_matrices_come_in_every_layout():
    layouts = [(x.is_contiguous(), x.mT.is_contiguous()) for x in drawn("matrices") if min(x.shape) > 1]
    assert all(layouts.count(kind) > 50 for kind in [(True, False), (False, True), (False, False)])


@pytest.mark.parametrize("name", ["matrices", "vectors", "uint8", "bool", "3-d"])
def test_no_tensor_is_empty_unless_asked(name):
    assert share(drawn(name), lambda x: x.numel() == 0) == 0


@pytest.mark.parametrize("ndim", [1, 2, 3, ANY_RANK])
def test_few_tensors_are_empty_where_they_may_be(ndim):
    known = shape_list(ndim, 0, 4)
    assert 0 < share(known, lambda shape: 0 in shape) < 0.25


def test_some_tensors_are_empty_where_they_may_be():
    assert 0 < share(drawn("any rank"), lambda x: x.numel() == 0) < 0.25


@pytest.mark.parametrize("ndim", [2, 3])
def test_an_empty_side_comes_with_full_ones_at_either_end(ndim):
    lone = [shape for shape in shape_list(ndim, 0, 4) if shape.count(0) == 1]
    assert {shape.index(0) for shape in lone} >= {0, ndim - 1}


def test_few_matrices_are_square():
    assert 0.05 < share(drawn("matrices"), is_square) < 0.35


def test_few_matrices_have_a_side_of_one():
    assert 0.05 < share(drawn("matrices"), lambda x: 1 in x.shape) < 0.6


@pytest.mark.parametrize("name", ["matrices", "vectors", "3-d"])
def test_floats_are_negative_positive_and_broken(name):
    values = drawn(name)
    assert share(values, lambda x: (x < 0).any()) > 0.3 and share(values, lambda x: (x > 0).any()) > 0.5
    assert share(values, lambda x: (x != x.round()).any()) > 0.3
    assert share(values, lambda x: (x.abs() > 1000).any()) > 0.1


@pytest.mark.parametrize("name", STRATEGIES)
def test_all_values_are_finite(name):
    assert all(x.isfinite().all() for x in drawn(name))


def test_bools_are_true_about_half_of_the_time():
    elements = torch.cat([x.flatten() for x in drawn("bool")])
    assert 0.3 < elements.float().mean() < 0.7


def test_draws_are_seldom_repeated():
    assert len({repr(x.tolist()) for x in drawn("matrices")}) > 0.5 * len(drawn("matrices")) == 0.5 * DRAWS


# Shapes and dtypes


def test_every_rank_asked_for_is_drawn():
    assert {x.ndim for x in drawn("any rank")} == set(ANY_RANK)
    assert {x.ndim for x in drawn("matrices")} == {2} and {x.ndim for x in drawn("vectors")} == {1}


def test_every_dtype_asked_for_is_drawn():
    assert {x.dtype for x in drawn("any rank")} == set(ALL_DTYPES)
    assert {x.dtype for x in drawn("int64")} == {torch.int64}


def test_sides_stay_within_their_bounds():
    assert {side for x in drawn("3-d") for side in x.shape} == {1, 2, 3, 4}
    assert {side for x in draws(matrices(min_side=2, max_side=3), 100) for side in x.shape} == {2, 3}


def test_only_the_given_shapes_are_drawn():
    assert {tuple(x.shape) for x in draws(matrices(shapes=[(40, 50), (50, 40)]), 50)} == {(40, 50), (50, 40)}


def test_only_the_given_layouts_and_regimes_are_drawn():
    values = draws(matrices(layouts=("contiguous",), regimes=("ties",)), 100)
    assert all(x.is_contiguous() for x in values)
    assert {element for x in values for element in x.flatten().tolist()} == {-1.0, 0.0, 1.0}


@given(recipe=st.tuples(shapes((1, 2, 3)), st.sampled_from(["distinct", "ties", "generic"]), seeds()))
def test_uint8_tensors_hold_small_numbers_and_no_negative_ones_wrapped(recipe):
    shape, regime, seed = recipe
    assert build(shape, torch.uint8, regime, "contiguous", seed).max() < 100


def test_large_uint8_values_reach_the_end_of_the_dtype():
    values = [build((3, 4), torch.uint8, "large", "contiguous", seed).max().item() for seed in range(50)]
    assert 200 < max(values) <= 255


@given(recipe=st.tuples(shapes((1, 2, 3)), st.sampled_from(strategies.REGIMES), seeds()))
def test_uint8_arrays_are_made_like_uint8_tensors(recipe):
    shape, regime, seed = recipe
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        array = build_array(shape, np.dtype(np.uint8), regime, "contiguous", seed)
    assert array.tolist() == build(shape, torch.uint8, regime, "contiguous", seed).tolist()


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_a_recipe_gives_the_same_tensor_each_time_in_memory_of_its_own(dtype):
    first, second = (build((2, 3), dtype, "generic", "gapped", 5) for _ in range(2))
    assert torch.equal(first, second) and first.stride() == second.stride()
    assert first.data_ptr() != second.data_ptr()


def test_the_last_seed_makes_as_many_elements_as_the_first():
    last = max(draws(seeds(), 200) + [2**16])
    assert build((40, 50), torch.float32, "generic", "gapped", last).shape == (40, 50)


# The smallest example


@pytest.mark.parametrize("name", ["matrices", "3-d", "vectors", "int64", "uint8"])
def test_the_smallest_tensor_counts_from_one_in_order(name):
    x = smallest(STRATEGIES[name])
    assert x.flatten().tolist() == list(range(1, x.numel() + 1))
    assert (x.is_contiguous() and not is_square(x)) or x.ndim == 1


@pytest.mark.parametrize(
    ("strategy", "shape"),
    [
        (vectors(), (2,)),
        (matrices(), (2, 3)),
        (matrices(min_side=0), (2, 3)),
        (tensors(3), (2, 3, 4)),
        (tensors((2, 1)), (2,)),
    ],
    ids=["vectors", "matrices", "perhaps empty", "3-d", "ranks"],
)
def test_the_smallest_tensor_is_small_and_not_square(strategy, shape):
    assert smallest(strategy).shape == shape


def test_a_failing_property_is_shown_with_the_smallest_tensor_that_fails():
    x = hypothesis.find(matrices(min_side=0), lambda x: not x.is_contiguous(), settings=settings(**QUIET))
    assert x.flatten().tolist() == [1, 2, 3, 4, 5, 6] and x.shape == (2, 3)


def test_a_failing_property_keeps_whole_distinct_numbers_where_they_do():
    x = hypothesis.find(matrices(), lambda x: x.numel() > 6, settings=settings(**QUIET))
    assert x.is_contiguous() and sorted(x.flatten().tolist()) == list(range(1, x.numel() + 1))


def test_smallest_numbers_are_plain():
    assert (smallest(numbers()), smallest(seeds()), smallest(dtypes())) == (0.0, 0, torch.float32)
    assert smallest(nested_lists()) == [3, -2] or len(smallest(nested_lists())) <= 3


def test_the_smallest_array_counts_from_one():
    assert smallest(arrays(2)).tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


# Several tensors


@given(group=same_shape(3, ANY_RANK, torch.int64, min_side=0))
def test_same_shape_is_one_shape_and_one_dtype(group):
    assert len(group) == 3
    assert len({tuple(x.shape) for x in group}) == 1 and {x.dtype for x in group} == {torch.int64}


def test_tensors_of_same_shape_differ_in_values_and_layout():
    pairs = [(x, y) for x, y in draws(same_shape(2), 300) if x.numel() > 2]
    assert share(pairs, lambda pair: torch.equal(*pair)) < 0.1
    assert share(pairs, lambda pair: pair[0].stride() != pair[1].stride()) > 0.2


def test_tensors_of_same_shape_have_the_sides_asked_for():
    pairs = draws(same_shape(2, min_side=2, max_side=3), 100)
    assert {side for x, _ in pairs for side in x.shape} == {2, 3}


@pytest.mark.parametrize("strategy", [same_shape, arrays], ids=["same_shape", "arrays"])
def test_an_unknown_option_is_refused(strategy):
    with pytest.raises(TypeError):
        strategy(2, min_sides=3)


def test_every_parameter_of_a_strategy_is_used():
    for function in ast.parse(Path(strategies.__file__).read_text()).body:
        if isinstance(function, ast.FunctionDef):
            names = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
            used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
            assert names <= used, function.name


# Arrays


@lru_cache
def drawn_arrays():
    """500 arrays."""
    return draws(arrays((1, 2), ARRAY_DTYPES, min_side=0))


def test_every_array_dtype_asked_for_is_drawn():
    assert {a.dtype for a in drawn_arrays()} == {np.dtype(dtype) for dtype in ARRAY_DTYPES}


def test_arrays_come_in_all_layouts():
    matrices_ = [a for a in drawn_arrays() if a.ndim == 2 and min(a.shape) > 1]
    assert 0.35 < share(matrices_, lambda a: not a.flags.c_contiguous) < 0.65
    assert share(matrices_, lambda a: a.flags.f_contiguous) > 0.1


def test_few_arrays_are_constant_or_empty():
    assert share([a for a in drawn_arrays() if a.size > 2], lambda a: len(np.unique(a)) == 1) < 0.1
    assert 0 < share(drawn_arrays(), lambda a: a.size == 0) < 0.25


@given(array=arrays(ANY_RANK, np.float32))
def test_arrays_can_be_written(array):
    assert array.flags.writeable
    array[...] = 0


# Lists, numbers, seeds, layers


@given(data=nested_lists())
def test_nested_lists_are_rectangular(data):
    assert isinstance(data, list)
    assert torch.tensor(data).tolist() == data  # a ragged list would be refused


def flat(data):
    """The numbers of nested lists."""
    return [number for item in data for number in flat(item)] if isinstance(data, list) else [data]


def test_nested_lists_hold_every_kind_of_number():
    kinds = [frozenset(map(type, flat(data))) for data in draws(nested_lists(), 200)]
    assert {frozenset({int}), frozenset({float}), frozenset({bool}), frozenset()} < set(kinds)
    assert share(kinds, lambda kind: len(kind) > 1) > 0.1


@given(number=numbers(-5, 5))
def test_numbers_are_floats_that_float32_holds(number):
    assert type(number) is float and -5 <= number <= 5
    assert torch.tensor(number, dtype=torch.float32).item() == number


def test_numbers_are_whole_broken_and_of_both_signs():
    values = draws(numbers(), 200)
    assert share(values, float.is_integer) > 0.4 and share(values, lambda x: not x.is_integer()) > 0.2
    assert share(values, lambda x: x < 0) > 0.2 and share(values, lambda x: x > 0) > 0.2


@given(seed=seeds())
def test_seeds_are_what_generators_take(seed):
    assert torch.Generator().manual_seed(seed).initial_seed() == seed == np.int64(seed)
    np.random.default_rng(seed)


def test_dtypes_are_those_given():
    assert set(draws(dtypes(torch.int32, torch.bool), 50)) == {torch.int32, torch.bool}
    assert set(draws(dtypes(), 100)) == {*FLOATS, *INTEGERS}


def test_shapes_are_those_of_the_tensors():
    assert {len(shape) for shape in draws(shapes(ANY_RANK), 100)} == set(ANY_RANK)
    assert all(type(side) is int for shape in draws(shapes(), 50) for side in shape)


@pytest.mark.parametrize("ranks", [1, 2, 3, (2, 0)])
def test_shape_list_has_every_full_shape_once_before_the_empty_ones(ranks):
    found = shape_list(ranks, 0, 4)
    full = [shape for shape in found if 0 not in shape]
    count = sum(4**rank for rank in ([ranks] if isinstance(ranks, int) else ranks))
    assert len(set(full)) == len(full) == count
    assert found[: len(full)] == tuple(full) and len(set(found)) == len(found) > len(full)


@given(layer=linears(3, 2, torch.float64))
def test_linears_have_small_weights_of_the_dtype(layer):
    assert layer.weight.shape == (2, 3) and layer.bias.shape == (2,)
    assert layer.weight.dtype == torch.float64 and layer.weight.abs().max() <= 1


def test_linear_layers_are_distinct():
    layers = draws(linears(3, 2), 100)
    assert share(layers, lambda layer: is_constant(layer.weight)) < 0.05
    assert torch.equal(linear([[1, 2]], [3])(torch.ones(2)), torch.tensor([6.0]))
    assert linear([[1, 2]]).bias is None


def test_with_grad_is_a_leaf_with_its_own_gradient():
    grad = torch.ones(2)
    leaf = with_grad(torch.zeros(2), grad)
    assert leaf.is_leaf and leaf.requires_grad and torch.equal(leaf.grad, grad) and leaf.grad is not grad


@given(x=tensors((1, 2, 3), min_side=2, regimes=("distinct",), layouts=("gapped",)))
def test_a_gapped_tensor_read_from_the_start_of_its_storage_has_other_elements(x):
    assert not x.is_contiguous()
    assert not torch.equal(x.as_strided(x.shape, x.stride(), 0), x)
