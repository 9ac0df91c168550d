"""The properties of the broadcasting kata. `kata.name(...)` calls your function and keeps what a message needs."""

import ast
import math
from itertools import product

import numpy as np
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from torchkata import source
from torchkata.checks import (
    expect_changed,
    expect_equal,
    expect_law,
    expect_own_memory,
    expect_raises,
    expect_returned,
    expect_rules,
    expect_same_object,
    expect_tensor,
    expect_tuple,
)
from torchkata.errors import KataError
from torchkata.strategies import (
    FLOATS,
    LAYOUTS,
    MOST_SEEDS,
    REGIMES,
    build,
    matrices,
    seeds,
    shape_list,
    shapes,
    tensors,
)

NUMBERS = (*FLOATS, torch.int64, torch.int32)
LONG_SUM = 64.0
NORMALISERS = (
    "batch_norm", "layer_norm", "instance_norm", "group_norm", "native_batch_norm", "native_layer_norm",
    "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "InstanceNorm1d", "InstanceNorm2d", "GroupNorm",
)  # fmt: skip
PRODUCTS = (
    "matmul", "mm", "bmm", "mv", "dot", "vdot", "vecdot", "inner", "einsum", "tensordot", "linear", "addmm", "addmv",
    "addmm_", "addmv_", "addbmm", "addbmm_", "baddbmm", "baddbmm_", "multi_dot", "chain_matmul",
    "__matmul__", "__rmatmul__",
)  # fmt: skip
BAD_SHAPES = (
    ((5, 2), (5, 4)), ((2,), (3,)), ((3, 2), (3,)), ((0,), (2,)), ((2,), (0,)), ((4,), (2,)), ((2, 3), (3, 2)),
    ((2, 1, 4), (3, 5)), ((3, 1, 2), (2, 4, 2)), ((4, 3), (1, 2)), ((3, 0), (3, 5)), ((6, 1), (2, 3)),
)  # fmt: skip


def together(groups, dtypes=FLOATS, regimes=REGIMES):
    """Tuples of tensors of one dtype, whose shapes are one of `groups`; each has values and layout of its own."""
    manners = st.sampled_from(tuple(product(regimes, LAYOUTS)))
    most = max(len(group) for group in groups)
    drawn = st.tuples(st.sampled_from(groups), st.sampled_from(dtypes), seeds(), *[manners] * most)

    def make(recipe):
        group, dtype, seed, *manner = recipe
        each = enumerate(zip(group, manner, strict=False))
        return tuple(build(shape, dtype, *how, (seed + 7 * i) % MOST_SEEDS) for i, (shape, how) in each)

    return drawn.map(make)


def exact(x):
    """The numbers of a tensor as an array in which sums and products are (nearly) exact."""
    return x.double().numpy() if x.dtype.is_floating_point else x.long().numpy()


def stretched(shape, which, cut):
    """The shape without its first `cut` sizes, and with 1 for each size whose bit is set in `which`."""
    return tuple(1 if which >> place & 1 else size for place, size in enumerate(shape))[cut:]


def parts_of(stub):
    """The syntax nodes of a function and of everything in its file that it uses."""
    expect_rules(stub)  # it is a function of its own, written with `def`
    known = source.bindings(source.parse(stub.path_of_function()))
    waiting, found = [stub.source_name()], []
    while waiting:
        nodes = list(ast.walk(known.pop(waiting.pop(), ast.Pass())))
        found += nodes
        waiting += [node.id for node in nodes if isinstance(node, ast.Name)]
    return found


def expect_operator(stub, kind, *, sign, allowed):
    """The operator `sign` stands in the source, or, where it is not `allowed`, nowhere."""
    nodes = [node for node in parts_of(stub) if isinstance(node, (ast.BinOp, ast.AugAssign))]
    lines = [node.lineno for node in nodes if isinstance(node.op, kind)]
    if allowed and not lines:
        raise rule_broken(stub, f"The operator `{sign}` must be used here.")
    if lines and not allowed:
        raise rule_broken(stub, f"The operator `{sign}` is not allowed here.", min(lines))


def expect_out(stub):
    """Some call in the source has the argument `out=`."""
    if not any(isinstance(node, ast.keyword) and node.arg == "out" for node in parts_of(stub)):
        raise rule_broken(stub, "A call with `out=` must be used here.")


def expect_loop(stub):
    """There is a Python loop or a comprehension in the source."""
    if not any(isinstance(node, source.LOOPS) for node in parts_of(stub)):
        raise rule_broken(stub, "At least one Python loop must be used here.")


def rule_broken(stub, message, line=0):
    """The finding that a rule is broken, by default in the first line of the function."""
    path = stub.path_of_function()
    line = line or source.bindings(source.parse(path))[stub.source_name()].lineno
    text = path.read_text("utf-8").splitlines()[line - 1].strip()
    return KataError("rule broken", message=message, file=str(stub.path), line=line, source=text)


# broadcast_shape


@given(
    shape=shapes((2, 3, 1, 0), min_side=0, max_side=5),
    masks=st.tuples(st.integers(0, 7), st.integers(0, 7)),
    cuts=st.tuples(st.integers(0, 2), st.integers(0, 2)),
)
@example(shape=(5, 3, 4, 1), masks=(0b1010, 0b1100), cuts=(0, 1))
@example(shape=(5, 4), masks=(0b10, 0b00), cuts=(0, 0))
@example(shape=(4, 4), masks=(0b01, 0b00), cuts=(0, 1))
@example(shape=(2, 3), masks=(0b00, 0b00), cuts=(0, 1))
@example(shape=(0, 3), masks=(0b01, 0b10), cuts=(0, 0))
@example(shape=(0,), masks=(0, 0), cuts=(0, 1))
@example(shape=(), masks=(0, 0), cuts=(0, 0))
@example(shape=(2, 3, 4), masks=(0b000, 0b111), cuts=(2, 0))
@example(shape=(300,), masks=(0, 0), cuts=(0, 0))
def test_broadcast_shape__follows_the_rule(kata, shape, masks, cuts):
    """Sizes are compared from the last dimension on, and a 1 or a missing size takes the other one."""
    first, second = (stretched(shape, mask, cut) for mask, cut in zip(masks, cuts, strict=True))
    second = tuple(int(str(size)) for size in second)  # a large one is equal to the other, and not the same object
    expect_equal(kata.broadcast_shape(first, second), np.broadcast_shapes(first, second))


@given(pair=st.sampled_from(BAD_SHAPES), swapped=st.booleans(), front=shapes((0, 1), max_side=3))
@example(pair=((5, 2), (5, 4)), swapped=False, front=())
@example(pair=((5, 2), (5, 4)), swapped=True, front=())
@example(pair=((0,), (2,)), swapped=False, front=())
@example(pair=((3, 2), (3,)), swapped=False, front=())
@example(pair=((2, 1, 4), (3, 5)), swapped=False, front=())
def test_broadcast_shape__refuses_other_sizes(kata, pair, swapped, front):
    """Two sizes that differ, neither of them 1, raise ValueError."""
    first, second = front + pair[0], pair[1]
    pair = (second, first) if swapped else (first, second)
    expect_raises(kata.broadcast_shape.raising(*pair), ValueError)


def test_broadcast_shape__compares_the_sizes(kata):
    """The shape is found by comparing sizes, without tensors or arrays."""
    names = ("torch", "np", "numpy", "broadcast_shapes", "broadcast_tensors", "empty", "zeros", "ones")
    expect_rules(kata.broadcast_shape, without=names)


# outer_sum

vector_pairs = [((n,), (m,)) for n, m in shape_list(2, 0, 4)]


@given(pair=together(vector_pairs, NUMBERS))
@example(pair=(torch.tensor([10, 20]), torch.tensor([1, 2, 3])))
@example(pair=(torch.tensor([10.0, 20.0]), torch.tensor([1.0, 2.0])))
@example(pair=(torch.tensor([0.5]), torch.tensor([1.0, 2.0, 3.0])))
@example(pair=(torch.tensor([0.1, 0.2], dtype=torch.float64), torch.tensor([3.0], dtype=torch.float64)))
@example(pair=(torch.tensor([2**53 + 1]), torch.tensor([0, 2])))
def test_outer_sum__adds_every_pair(kata, pair):
    """The element at [i, j] is x[i] + y[j]."""
    x, y = pair
    answer = kata.outer_sum(x, y)
    expect_tensor(answer, np.add.outer(exact(x), exact(y)), dtype=x.dtype)
    expect_own_memory(answer)


def test_outer_sum__has_no_loop(kata):
    """All pairs are added at once, without a Python loop."""
    expect_rules(kata.outer_sum, loops=False)


# outer_product


@given(pair=together(vector_pairs, NUMBERS))
@example(pair=(torch.tensor([1, 2]), torch.tensor([3, 4, 5])))
@example(pair=(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])))
@example(pair=(torch.tensor([0.5]), torch.tensor([1.0, 2.0, 3.0])))
@example(pair=(torch.tensor([0.1, 0.2], dtype=torch.float64), torch.tensor([3.0], dtype=torch.float64)))
@example(pair=(torch.tensor([2**53 + 1]), torch.tensor([1, 3])))
def test_outer_product__multiplies_every_pair(kata, pair):
    """The element at [i, j] is x[i] * y[j]."""
    x, y = pair
    answer = kata.outer_product(x, y)
    expect_tensor(answer, np.multiply.outer(exact(x), exact(y)), dtype=x.dtype)
    expect_own_memory(answer)


def test_outer_product__broadcasts(kata):
    """The product comes from broadcasting, without a Python loop, `@` or a ready-made product."""
    names = ("outer", "ger", "kron", "einsum", "matmul", "mm", "bmm", "tensordot", "__matmul__", "__rmatmul__")
    expect_rules(kata.outer_product, loops=False, without=names)
    expect_operator(kata.outer_product, ast.MatMult, sign="@", allowed=False)


# pairwise_distances

point_sets = [((n, d), (m, d)) for n, m, d in shape_list(3, 0, 4)]


@given(pair=together(point_sets))
@example(pair=(torch.tensor([[0.0, 0.0], [3.0, 4.0]]), torch.tensor([[0.0, 0.0]])))
@example(pair=(torch.tensor([[1.0, 2.0], [4.0, 6.0], [0.0, 5.0]]), torch.tensor([[1.0, 2.0], [2.0, 2.0]])))
@example(pair=(torch.tensor([[1.0], [3.0]]), torch.tensor([[2.0], [7.0]])))
@example(pair=(torch.tensor([[1.0, 2.0], [3.0, 5.0]]), torch.tensor([[0.0, 1.0], [4.0, 2.0]])))
@example(
    pair=(torch.tensor([[1e8, 1e8]]).double(), torch.tensor([[1e8 + 3, 1e8 + 4], [1e8, 1e8]], dtype=torch.float64))
)
@example(pair=(torch.zeros(2, 0), torch.zeros(3, 0)))
def test_pairwise_distances__measures_every_pair(kata, pair):
    """The element at [i, j] is the Euclidean distance from x[i] to y[j]."""
    expect_distances(kata.pairwise_distances(*pair), *pair)


@given(
    corner=st.sampled_from([1000.0, 4096.0, -3000.0]),
    pair=together(point_sets, regimes=("distinct", "ties")),
    same=st.booleans(),
)
@example(corner=4096.0, pair=(torch.tensor([[1.0, 1.0]]), torch.tensor([[1.0, 2.0]])), same=False)
@example(corner=1000.0, pair=(torch.tensor([[1.0, 2.0], [4.0, 6.0]]), torch.tensor([[1.0, 2.0]])), same=True)
def test_pairwise_distances__is_right_for_near_points(kata, corner, pair, same):
    """Points close together and far from the origin get a right distance too, which is 0 for equal ones."""
    x, y = (corner + points / 128 for points in pair)
    y = x.clone() if same else y
    expect_distances(kata.pairwise_distances(x, y), x, y)


def test_pairwise_distances__has_no_loop(kata):
    """All distances are computed at once, without a Python loop, `cdist` or `pdist`."""
    expect_rules(kata.pairwise_distances, loops=False, without=("torch.cdist", "pdist"))


def expect_distances(answer, x, y):
    """Every distance is right to a few roundings of its own size."""
    want = np.array([[math.dist(p, q) for q in y.tolist()] for p in x.tolist()]).reshape(len(x), len(y))
    expect_tensor(answer, want, dtype=x.dtype, factor=LONG_SUM)
    error = abs(answer.value.detach().cpu().double().numpy() - want)
    wrong = error > LONG_SUM * torch.finfo(x.dtype).eps * want
    place = tuple(int(i) for i in np.argwhere(wrong)[0]) if wrong.any() else ()
    difference = (
        f"at {list(place)}: {answer.value[place].item():.6g} where {want[place]:.6g} is expected" if place else ""
    )
    expect_law(answer, not place, "each distance right to a few roundings of its own size", difference=difference)
    expect_own_memory(answer)


# standardize_columns

epsilons = st.sampled_from([1e-5, 0.125, 1.0])


@given(x=matrices(FLOATS), eps=epsilons)
@example(x=torch.tensor([[1.0, 7.0], [3.0, 7.0]]), eps=1e-5)
@example(x=torch.tensor([[1.0, 2.0], [3.0, 10.0], [8.0, 3.0]]), eps=1e-5)
@example(x=torch.tensor([[1.0, 2.0, 3.0], [2.0, 10.0, 5.0], [6.0, 3.0, 4.0]]), eps=1.0)
@example(x=torch.tensor([[10000.0], [10001.0], [10002.0]]), eps=1e-5)
@example(x=torch.tensor([[1e8], [1e8 + 1], [1e8 + 2]], dtype=torch.float64), eps=1e-5)
def test_standardize_columns__follows_the_formula(kata, x, eps):
    """Each column loses its own mean and is divided by sqrt(var + eps), its own variance taken over n."""
    expect_standardized(kata.standardize_columns(x, eps), x, eps, (0,))


@given(x=matrices(FLOATS, regimes=("distinct", "ties"), min_side=2), constant=st.integers(-9, 9))
@example(x=torch.tensor([[1.0, 2.0], [3.0, 5.0]]), constant=7)
@example(x=torch.tensor([[1.0, 2.0], [3.0, 5.0]]), constant=0)
def test_standardize_columns__turns_a_constant_into_zeros(kata, x, constant):
    """A column in which all numbers are the same becomes a column of zeros."""
    x = x.clone()
    x[:, 0] = constant
    answer = kata.standardize_columns(x)
    expect_standardized(answer, x, 1e-5, (0,))
    expect_zeros(answer, answer.value[:, 0], "column")


@given(x=matrices(FLOATS, regimes=("distinct",), min_side=2))
@example(x=torch.tensor([[1.0, 2.0], [3.0, 5.0]]))
def test_standardize_columns__has_a_small_eps_of_its_own(kata, x):
    """Without `eps` it is 1e-5."""
    expect_standardized(kata.standardize_columns(x / 256), x / 256, 1e-5, (0,))


def test_standardize_columns__broadcasts(kata):
    """The columns are treated all at once, without a Python loop or a ready-made normalisation."""
    expect_rules(kata.standardize_columns, loops=False, without=NORMALISERS)


def expect_standardized(answer, x, eps, dims):
    """The formula, with a mean and a variance over `dims`, as near as the size of the numbers allows."""
    x64 = x.double().numpy()
    centred = x64 - x64.mean(axis=dims, keepdims=True)
    variance = (centred**2).mean(axis=dims, keepdims=True)
    sizes = abs(x64) / np.sqrt(variance + eps) * (variance > 0)  # what is constant is whole, and so exact
    want = centred / np.sqrt(variance + eps)
    expect_tensor(answer, want, dtype=x.dtype, factor=LONG_SUM, scale=float(sizes.max(initial=0.0)))
    expect_own_memory(answer)


def expect_zeros(answer, part, name):
    """This part of the result, which was constant before, is zero up to rounding."""
    expect_law(answer, bool((part.abs() < 1e-3).all()), f"zeros in the first {name}, which is constant")


# standardize_rows


@given(x=matrices(FLOATS), eps=epsilons)
@example(x=torch.tensor([[1.0, 3.0], [7.0, 7.0]]), eps=1e-5)
@example(x=torch.tensor([[1.0, 2.0, 6.0], [3.0, 10.0, 4.0]]), eps=1e-5)
@example(x=torch.tensor([[1.0, 2.0, 3.0], [2.0, 10.0, 5.0], [6.0, 3.0, 4.0]]), eps=1.0)
@example(x=torch.tensor([[10000.0, 10001.0, 10002.0]]), eps=1e-5)
@example(x=torch.tensor([[1e8, 1e8 + 1, 1e8 + 2]], dtype=torch.float64), eps=1e-5)
def test_standardize_rows__follows_the_formula(kata, x, eps):
    """Each row loses its own mean and is divided by sqrt(var + eps), its own variance taken over d."""
    expect_standardized(kata.standardize_rows(x, eps), x, eps, (1,))


@given(x=matrices(FLOATS, shapes=[(2, 2), (3, 3), (4, 4)]))
@example(x=torch.tensor([[1.0, 2.0], [3.0, 8.0]]))
def test_standardize_rows__is_right_on_a_square_matrix(kata, x):
    """A square matrix is treated by rows too, where the means of rows would also fit the columns."""
    expect_standardized(kata.standardize_rows(x), x, 1e-5, (1,))


@given(x=matrices(FLOATS, regimes=("distinct", "ties"), min_side=2), constant=st.integers(-9, 9))
@example(x=torch.tensor([[1.0, 2.0], [3.0, 5.0]]), constant=7)
@example(x=torch.tensor([[1.0, 2.0], [3.0, 5.0]]), constant=0)
def test_standardize_rows__turns_a_constant_into_zeros(kata, x, constant):
    """A row in which all numbers are the same becomes a row of zeros."""
    x = x.clone()
    x[0] = constant
    answer = kata.standardize_rows(x)
    expect_standardized(answer, x, 1e-5, (1,))
    expect_zeros(answer, answer.value[0], "row")


@given(x=matrices(FLOATS, regimes=("distinct",), min_side=2))
@example(x=torch.tensor([[1.0, 3.0], [2.0, 5.0]]))
def test_standardize_rows__has_a_small_eps_of_its_own(kata, x):
    """Without `eps` it is 1e-5."""
    expect_standardized(kata.standardize_rows(x / 256), x / 256, 1e-5, (1,))


def test_standardize_rows__broadcasts(kata):
    """The rows are treated all at once, without a Python loop or a ready-made normalisation."""
    expect_rules(kata.standardize_rows, loops=False, without=NORMALISERS)


# standardize_channels

image_shapes = [shape for shape in shape_list(4, 1, 3) if math.prod(shape) <= 36]
images = tensors(4, FLOATS, shapes=image_shapes)


@given(x=images, eps=epsilons)
@example(x=torch.tensor([1.0, 3.0]).view(2, 1, 1, 1), eps=1e-5)
@example(x=torch.arange(24.0).square().view(2, 3, 2, 2), eps=1e-5)
@example(x=torch.arange(16.0).square().view(2, 2, 2, 2), eps=1.0)
@example(x=torch.tensor([10000.0, 10001.0, 10002.0]).view(1, 1, 3, 1), eps=1e-5)
@example(x=torch.tensor([1e8, 1e8 + 1, 1e8 + 2], dtype=torch.float64).view(1, 1, 3, 1), eps=1e-5)
def test_standardize_channels__follows_the_formula(kata, x, eps):
    """Each channel loses its own mean and is divided by sqrt(var + eps), both over all images and pixels."""
    expect_standardized(kata.standardize_channels(x, eps), x, eps, (0, 2, 3))


@given(
    x=tensors(4, FLOATS, shapes=[(2, 3, 1, 2), (3, 2, 2, 2), (2, 2, 2, 2)], regimes=("distinct", "ties")),
    constant=st.integers(-9, 9),
)
@example(x=torch.arange(16.0).view(2, 2, 2, 2), constant=7)
@example(x=torch.arange(16.0).view(2, 2, 2, 2), constant=0)
def test_standardize_channels__turns_a_constant_into_zeros(kata, x, constant):
    """A channel in which all pixels are the same becomes zeros."""
    x = x.clone()
    x[:, 0] = constant
    answer = kata.standardize_channels(x)
    expect_standardized(answer, x, 1e-5, (0, 2, 3))
    expect_zeros(answer, answer.value[:, 0], "channel")


@given(x=tensors(4, FLOATS, shapes=[(2, 3, 1, 2), (3, 2, 2, 2)], regimes=("distinct",)))
@example(x=torch.arange(16.0).view(2, 2, 2, 2))
def test_standardize_channels__has_a_small_eps_of_its_own(kata, x):
    """Without `eps` it is 1e-5."""
    expect_standardized(kata.standardize_channels(x / 1024), x / 1024, 1e-5, (0, 2, 3))


def test_standardize_channels__broadcasts(kata):
    """The channels are treated all at once, without a Python loop or a ready-made normalisation."""
    expect_rules(kata.standardize_channels, loops=False, without=NORMALISERS)


# safe_mse_loss

equal_shapes = [(shape, shape) for shape in shape_list((1, 2, 0, 3), 1, 4)]
different_shapes = [
    ((3, 1), (3,)), ((3,), (3, 1)), ((1,), ()), ((), (1,)), ((3,), (1,)), ((1, 3), (3,)), ((3, 1), (1, 3)),
    ((2, 3), (3,)), ((2, 3), (3, 2)), ((4,), (2, 2)), ((2,), (3,)), ((2, 1), (2, 4)), ((3,), ()), ((1, 1), (1,)),
]  # fmt: skip


@given(pair=together(equal_shapes))
@example(pair=(torch.tensor([0.0, 0.0, 0.0]), torch.tensor([1.0, 0.0, -1.0])))
@example(pair=(torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([[2.0], [2.0], [1.0]])))
@example(pair=(torch.tensor([[1.0, 5.0], [2.0, 0.0]]), torch.tensor([[2.0, 2.0], [2.0, 1.0]])))
@example(pair=(torch.tensor(3.0), torch.tensor(5.0)))
@example(pair=(torch.tensor([1000.5, 1000.25]), torch.tensor([1000.0, 1000.0])))
def test_safe_mse_loss__is_the_mean_of_the_squares(kata, pair):
    """The loss is the mean of the squared differences, as a tensor without dimensions."""
    prediction, target = pair
    answer = kata.safe_mse_loss(prediction, target)
    want = np.mean((exact(prediction) - exact(target)) ** 2)
    expect_tensor(answer, want, dtype=prediction.dtype)


@given(pair=together(different_shapes))
@example(pair=(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([1.0, 2.0, 3.0])))
@example(pair=(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([[1.0], [2.0], [3.0]])))
@example(pair=(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0, 3.0])))
@example(pair=(torch.tensor([1.0]), torch.tensor(1.0)))
@example(pair=(torch.zeros(2, 3), torch.zeros(3, 2)))
@example(pair=(torch.zeros(2, 1), torch.zeros(2, 4)))
@example(pair=(torch.zeros(1, 3), torch.zeros(3, 1)))
def test_safe_mse_loss__refuses_to_broadcast(kata, pair):
    """Two shapes that differ raise ValueError, also those that would broadcast."""
    expect_raises(kata.safe_mse_loss.raising(*pair), ValueError)


# reduce_to_shape

sums = (
    tensors((2, 3, 1, 0), FLOATS, min_side=0, max_side=3),
    st.integers(0, 7),
    st.integers(0, 3),
)


def summed(grad, shape):
    """The sum in float64 of every element of `grad` into the place of `shape` that it was broadcast from."""
    total = np.zeros(shape)
    for index in np.ndindex(grad.shape):
        last = index[len(index) - len(shape) :]
        total[tuple(0 if size == 1 else i for i, size in zip(last, shape, strict=True))] += grad[index]
    return total


@given(grad=sums[0], which=sums[1], cut=sums[2])
@example(grad=torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), which=0b10, cut=0)
@example(grad=torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), which=0b00, cut=1)
@example(grad=torch.tensor([[1.0, 2.0], [10.0, 20.0]]), which=0b00, cut=1)
@example(grad=torch.tensor([[1.0, 2.0], [10.0, 20.0]]), which=0b01, cut=0)
@example(grad=torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), which=0b00, cut=0)
@example(grad=torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), which=0b00, cut=2)
@example(grad=torch.arange(12.0).view(2, 3, 2), which=0b100, cut=1)
@example(grad=torch.arange(12.0).view(2, 3, 2), which=0b101, cut=0)
def test_reduce_to_shape__sums_what_was_repeated(kata, grad, which, cut):
    """Each element is the sum of `grad` over all places that broadcasting has copied it to."""
    shape = stretched(grad.shape, which, min(cut, grad.ndim))
    numbers = exact(grad)
    scale = float(summed(abs(numbers), shape).max(initial=0.0))
    answer = kata.reduce_to_shape(grad, shape)
    expect_tensor(answer, summed(numbers, shape), dtype=grad.dtype, factor=LONG_SUM, scale=scale)


@given(grad=sums[0], which=sums[1], cut=sums[2])
@example(grad=torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), which=0b00, cut=0)
@example(grad=torch.tensor([[1.0, 2.0, 3.0]]), which=0b00, cut=1)
@example(grad=torch.tensor([[1.0], [2.0]]), which=0b00, cut=0)
def test_reduce_to_shape__has_its_own_memory(kata, grad, which, cut):
    """The result is new, also when there is nothing to sum, so that a write to it leaves `grad` alone."""
    answer = kata.reduce_to_shape(grad, stretched(grad.shape, which, min(cut, grad.ndim)))
    expect_own_memory(answer)
    strides = zip(answer.value.shape, answer.value.stride(), strict=True)
    apart = all(stride > 0 for size, stride in strides if size > 1)
    expect_law(answer, apart, "a place in memory for every element", got=f"strides {answer.value.stride()}")


def test_reduce_to_shape__is_built_without_sum_to_size(kata):
    """The dimensions to sum over are found from the two shapes, without `sum_to_size`."""
    expect_rules(kata.reduce_to_shape, without=("sum_to_size",))


# multiply_three_ways

products = [
    (first, second, np.broadcast_shapes(first, second))
    for first, second in (
        ((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (3,)), ((3,), (2, 1)), ((3, 2), (3, 1)), ((2, 2), (2, 2)),
        ((3,), (3,)), ((2, 3), ()), ((), (2,)), ((2, 1, 3), (4, 1)), ((0, 3), (3,)), ((), ()), ((1,), (3,)),
    )
]  # fmt: skip


@given(trio=together(products, NUMBERS))
@example(trio=(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([10.0, 100.0]), torch.zeros(2, 2)))
@example(trio=(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[5, 6], [7, 8]]), torch.ones(2, 2, dtype=torch.int64)))
@example(trio=(torch.tensor([1.0, 2.0]), torch.tensor([[3.0], [4.0], [5.0]]), torch.ones(3, 2)))
@example(trio=(torch.tensor([0.1]).double(), torch.tensor([0.2]).double(), torch.zeros(1).double()))
@example(trio=(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]), torch.tensor([math.nan, math.inf])))
def test_multiply_three_ways__gives_the_same_three_times(kata, trio):
    """All three hold the elementwise product, the third is `out` itself, and the other two are new."""
    x, y, out = trio
    want = exact(x) * exact(y)
    answer = kata.multiply_three_ways(x, y, out)
    pieces = expect_tuple(answer, 3)
    for piece in pieces:
        expect_tensor(piece, want, dtype=x.dtype, changes=[out])
    expect_same_object(pieces[2], out)
    expect_changed(answer, out, want, dtype=x.dtype)
    expect_own_memory(pieces[0], pieces[1].value)
    expect_own_memory(pieces[1])


@given(trio=together([((2, 3), (2, 3), (2, 6)), ((3,), (2, 1), (2, 6)), ((2,), (2,), (4,))]))
@example(trio=(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]), torch.zeros(4)))
def test_multiply_three_ways__shows_in_the_base_of_out(kata, trio):
    """The product is written into the memory of `out`, so a tensor that `out` is a view of shows it."""
    x, y, base = trio
    base = base.clone()
    answer = kata.multiply_three_ways.on(x, y, base[..., ::2])
    expect_base(answer, base, trio[2], exact(x) * exact(y))


def test_multiply_three_ways__knows_three_ways(kata):
    """The operator `*`, the name `mul` or `multiply`, and `out=` are all used, and `@` is not."""
    expect_rules(kata.multiply_three_ways, without=("matmul",), using=("torch.mul", "torch.multiply"))
    expect_operator(kata.multiply_three_ways, ast.Mult, sign="*", allowed=True)
    expect_operator(kata.multiply_three_ways, ast.MatMult, sign="@", allowed=False)
    expect_out(kata.multiply_three_ways)


def expect_base(answer, base, before, product, scale=0.0):
    """Every second column of `base` now holds the product, and the others are as before."""
    want = exact(before).copy()
    want[..., ::2] = product
    after = expect_returned(answer, base, "the base of out")
    expect_tensor(after, want, dtype=base.dtype, scale=scale, changes=answer.args)


# matmul_loops

factors = [((n, k), (k, m)) for n, k, m in shape_list(3, 0, 4)]
WITH_INTEGERS = (*FLOATS, torch.int64)
MATRIX = torch.tensor([[1, 2], [3, 4]])
OTHER = torch.tensor([[5, 6], [7, 8]])
WIDE = torch.tensor([[1, 2, 3], [4, 5, 6]])


def expect_matrix_product(answer, a, b):
    """The matrix product in new memory, as near as the size of its terms allows."""
    expect_tensor(answer, exact(a) @ exact(b), dtype=a.dtype, scale=size_of_terms(a, b))
    expect_own_memory(answer)


def size_of_terms(a, b):
    """The largest sum of |a[i, p] * b[p, j]|: what cancels in the product."""
    return float((abs(a.double()) @ abs(b.double())).numpy().max(initial=0.0))


@given(pair=together(factors, WITH_INTEGERS))
@example(pair=(MATRIX, OTHER))
@example(pair=(WIDE, MATRIX.new_tensor([[1, 0], [2, 1], [0, 3]])))
@example(pair=(MATRIX.float(), WIDE.float()))
@example(pair=(WIDE.double().T, MATRIX.double()))
@example(pair=(torch.zeros(2, 0), torch.zeros(0, 3)))
@example(pair=(torch.tensor([[2**53 + 1]]), torch.tensor([[1]])))
def test_matmul_loops__multiplies_rows_with_columns(kata, pair):
    """The element at [i, j] is the sum of a[i, p] * b[p, j] over p, in the dtype of both."""
    expect_matrix_product(kata.matmul_loops(*pair), *pair)


def test_matmul_loops__has_loops(kata):
    """The sums are made by Python loops, without `@` or any other ready-made product."""
    expect_rules(kata.matmul_loops, without=PRODUCTS)
    expect_operator(kata.matmul_loops, ast.MatMult, sign="@", allowed=False)
    expect_loop(kata.matmul_loops)


# matmul_broadcast


@given(pair=together(factors, WITH_INTEGERS))
@example(pair=(MATRIX, OTHER))
@example(pair=(WIDE, MATRIX.new_tensor([[1, 0], [2, 1], [0, 3]])))
@example(pair=(MATRIX.float(), WIDE.float()))
@example(pair=(WIDE.double().T, MATRIX.double()))
@example(pair=(torch.zeros(2, 0), torch.zeros(0, 3)))
@example(pair=(torch.tensor([[2**53 + 1]]), torch.tensor([[1]])))
def test_matmul_broadcast__multiplies_rows_with_columns(kata, pair):
    """The element at [i, j] is the sum of a[i, p] * b[p, j] over p, in the dtype of both."""
    expect_matrix_product(kata.matmul_broadcast(*pair), *pair)


def test_matmul_broadcast__broadcasts(kata):
    """The product comes from broadcasting and a sum, without a loop, `@` or any other ready-made product."""
    expect_rules(kata.matmul_broadcast, loops=False, without=PRODUCTS)
    expect_operator(kata.matmul_broadcast, ast.MatMult, sign="@", allowed=False)


# matmul_einsum


@given(pair=together(factors))
@example(pair=(MATRIX.float(), OTHER.float()))
@example(pair=(WIDE.float(), torch.tensor([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]])))
@example(pair=(MATRIX.float(), WIDE.float()))
@example(pair=(WIDE.double().T, MATRIX.double()))
@example(pair=(torch.zeros(2, 0), torch.zeros(0, 3)))
def test_matmul_einsum__multiplies_rows_with_columns(kata, pair):
    """The element at [i, j] is the sum of a[i, p] * b[p, j] over p, in the dtype of both."""
    expect_matrix_product(kata.matmul_einsum(*pair), *pair)


def test_matmul_einsum__uses_einsum(kata):
    """The product comes from `einsum`, without `@` or any other ready-made product."""
    others = [name for name in PRODUCTS if name != "einsum"]
    expect_rules(kata.matmul_einsum, without=others, using=("torch.einsum",))
    expect_operator(kata.matmul_einsum, ast.MatMult, sign="@", allowed=False)


# matmul_operator

batches = [
    ((*front, n, k), (*behind, k, m))
    for front, behind in (
        ((), ()), ((3,), ()), ((), (2,)), ((2,), (2,)), ((2, 1), (3,)), ((1,), (2,)), ((3,), (2, 1)), ((0,), ()),
    )
    for n, k, m in ((2, 3, 4), (3, 2, 2), (2, 2, 2), (1, 2, 3), (2, 0, 3))
]  # fmt: skip


@given(pair=together(batches))
@example(pair=(MATRIX.float(), OTHER.float()))
@example(pair=(WIDE.float(), torch.tensor([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]])))
@example(pair=(torch.arange(12.0).view(2, 2, 3), torch.arange(6.0).view(3, 2)))
@example(pair=(torch.arange(4.0).view(2, 2), torch.arange(8.0).view(2, 2, 2)))
@example(pair=(torch.arange(8.0).view(2, 1, 2, 2), torch.arange(12.0).view(3, 2, 2)))
@example(pair=(torch.arange(18.0).double().view(3, 2, 3), torch.arange(18.0).double().view(3, 3, 2)))
@example(pair=(torch.zeros(2, 0), torch.zeros(0, 3)))
def test_matmul_operator__multiplies_matrices_of_a_batch(kata, pair):
    """Each matrix of the broadcast batch is the product of a matrix of `a` and one of `b`."""
    expect_matrix_product(kata.matmul_operator(*pair), *pair)


def test_matmul_operator__uses_the_operator(kata):
    """The product is written with the operator `@`."""
    expect_operator(kata.matmul_operator, ast.MatMult, sign="@", allowed=True)


# matmul_out

trios = [((n, k), (k, m), (n, m)) for n, k, m in shape_list(3, 0, 4)]


@given(trio=together(trios))
@example(trio=(MATRIX.float(), OTHER.float(), torch.zeros(2, 2)))
@example(trio=(MATRIX.float(), WIDE.float(), torch.ones(2, 3)))
@example(trio=(WIDE.double().T, MATRIX.double(), torch.full((3, 2), 9.0).double()))
@example(trio=(MATRIX.float(), OTHER.float(), torch.full((2, 2), math.nan)))
@example(trio=(torch.zeros(2, 0), torch.zeros(0, 3), torch.ones(2, 3)))
def test_matmul_out__writes_the_product_and_returns_out(kata, trio):
    """Afterwards `out` holds the product, `a` and `b` are as before, and the result is `out` itself."""
    a, b, out = trio
    want, scale = exact(a) @ exact(b), size_of_terms(a, b)
    answer = kata.matmul_out(a, b, out)
    expect_tensor(answer, want, dtype=a.dtype, scale=scale, changes=[out])
    expect_same_object(answer, out)
    expect_changed(answer, out, want, dtype=a.dtype, scale=scale)


@given(trio=together([((2, 3), (3, 2), (2, 4)), ((2, 2), (2, 2), (2, 4)), ((3, 2), (2, 4), (3, 8))]))
@example(trio=(MATRIX.float(), OTHER.float(), torch.ones(2, 4)))
def test_matmul_out__shows_in_the_base_of_out(kata, trio):
    """The product is written into the memory of `out`, so a tensor that `out` is a view of shows it."""
    a, b, before = trio
    base = before.clone()
    answer = kata.matmul_out.on(a, b, base[:, ::2])
    expect_base(answer, base, before, exact(a) @ exact(b), size_of_terms(a, b))


def test_matmul_out__passes_out(kata):
    """The product is written by a call with `out=`."""
    expect_out(kata.matmul_out)
