"""The properties of the losses kata. `kata.name(...)` calls your function and keeps what a message needs."""

import numpy as np
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from torchkata.checks import (
    expect_law,
    expect_number,
    expect_raises,
    expect_returned,
    expect_rules,
    expect_same_object,
    expect_tensor,
)
from torchkata.pasting import paste
from torchkata.strategies import matrices, same_shape, seeds, tensors, vectors

FLOATS = (torch.float32, torch.float64)
ANY_RANK = (1, 2, 0, 3)
INF = float("inf")
BIG = torch.tensor([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]])
NEAR = torch.tensor([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]])
TWO_SHAPES = [((3, 1), (3,)), ((3,), (3, 1)), ((3,), (1,)), ((2, 3), (3,)), ((), (2,)), ((2, 3), (3, 2))]


def exact(tensor):
    """The values for NumPy, in float64."""
    return tensor.detach().cpu().double().numpy()


def size(*inputs):
    """The largest finite number that goes in, at least 1: rounding errors are measured by it."""
    found = [np.abs(x[np.isfinite(x)]).max(initial=1.0) for x in map(exact, inputs)]
    return float(max(found))


def log_probabilities_of(z, axis=1):
    """The log-softmax in float64; NumPy adds the exponentials one after the other, in logarithms."""
    z = exact(z)
    return z - np.logaddexp.reduce(z, axis=axis, keepdims=True)


def one_hot(target, classes):
    return np.eye(classes)[target.numpy()]


def tracked(tensor):
    """A leaf that requires grad, with the values of `tensor`."""
    return tensor.detach().clone().requires_grad_()


def expect_gradient(answer, want, name, *, arriving=None, scale=1.0):
    """The gradient of the result for the first argument; `arriving` is the gradient for the result."""
    value, x = answer.value, answer.args[0]
    flows = isinstance(value, torch.Tensor) and value.requires_grad
    expect_law(answer, flows, "a result that is part of the graph", got=_cut_off(value))
    try:
        total = value.sum() if arriving is None else (value * arriving.to(x.device)).sum()
        (grad,) = torch.autograd.grad(total, x, allow_unused=True)
    except RuntimeError as error:
        expect_law(answer, False, "a result that `backward` works on", got=str(error).split("\n")[0])
    expect_law(answer, grad is not None, f"a gradient for `{name}`", got="a result that does not depend on it")
    part = f"the gradient for `{name}`" + ("" if arriving is None else f" of (result * {paste(arriving)}).sum()")
    expect_tensor(expect_returned(answer, grad, part), want, dtype=x.dtype, scale=scale)


def _cut_off(value):
    plain = isinstance(value, torch.Tensor)
    return f"{value!r}, which no gradient flows back from" if plain else ""


def _classified(drawn):
    x, seed = drawn
    return x, torch.from_numpy(np.random.default_rng(seed).integers(0, x.shape[1], len(x)))


classified = st.tuples(matrices(FLOATS), seeds()).map(_classified)


def _with_dim(drawn):
    x, number = drawn
    return x, number % (2 * x.ndim) - x.ndim


with_dim = st.tuples(tensors((2, 1, 3), FLOATS), st.integers(0, 11)).map(_with_dim)
pairs = st.one_of(same_shape(2, ANY_RANK), same_shape(2, (1, 2), torch.float64))


# mse_loss


@given(pair=pairs)
@example(pair=(torch.tensor([0.0, 0.0, 0.0]), torch.tensor([1.0, 0.0, -1.0])))
@example(pair=(torch.tensor([[1.0, 2.0, 4.0], [0.0, -1.0, 3.0]]), torch.tensor([[0.0, 2.0, 1.0], [2.0, -1.0, 3.5]])))
@example(pair=(torch.tensor([10000.5, 9999.0]), torch.tensor([10000.25, 9999.5])))
def test_mse_loss__is_the_mean_of_the_squared_differences(kata, pair):
    """The result is the mean over all elements of (prediction - target)², as a tensor without dimensions."""
    p, t = map(exact, pair)
    expect_tensor(kata.mse_loss(*pair), ((p - t) ** 2).mean(), dtype=pair[0].dtype)


@given(pair=pairs)
@example(pair=(torch.tensor([0.0, 0.0, 0.0]), torch.tensor([1.0, 0.0, -1.0])))
def test_mse_loss__has_the_gradient_of_the_mean(kata, pair):
    """The gradient for `prediction` is 2 · (prediction - target) / N."""
    p, t = map(exact, pair)
    expect_gradient(kata.mse_loss(tracked(pair[0]), pair[1]), 2 * (p - t) / p.size, "prediction", scale=0.0)


@given(sides=st.sampled_from(TWO_SHAPES))
@example(sides=((3, 1), (3,)))
def test_mse_loss__refuses_shapes_that_differ(kata, sides):
    """Shapes that differ raise ValueError, so that nothing is broadcast by accident."""
    expect_raises(kata.mse_loss.raising(torch.ones(sides[0]), torch.zeros(sides[1])), ValueError)


def test_mse_loss__is_your_own(kata):
    """The loss is built from other pieces than torch's own one."""
    expect_rules(kata.mse_loss, without=("torch.nn.functional.mse_loss", "torch.nn.MSELoss"))


# reduce_losses


@given(losses=tensors(ANY_RANK, FLOATS), reduction=st.sampled_from(["mean", "sum"]))
@example(losses=torch.tensor([[1.0, 2.0], [3.0, 6.0]]), reduction="mean")
@example(losses=torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), reduction="sum")
def test_reduce_losses__takes_the_mean_or_the_sum(kata, losses, reduction):
    """The result of "mean" and of "sum" is one number for all elements, as a tensor without dimensions."""
    want = exact(losses).mean() if reduction == "mean" else exact(losses).sum()
    expect_tensor(kata.reduce_losses(losses, reduction), want, dtype=losses.dtype, scale=size(losses) * 4)


@given(losses=tensors(ANY_RANK, FLOATS))
@example(losses=torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
def test_reduce_losses__takes_the_mean_by_default(kata, losses):
    """Without a word the result is the mean."""
    expect_tensor(kata.reduce_losses(losses), exact(losses).mean(), dtype=losses.dtype, scale=size(losses) * 4)


@given(losses=tensors(ANY_RANK, FLOATS))
@example(losses=torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
def test_reduce_losses__none_keeps_them_all(kata, losses):
    """The result of "none" is `losses` itself."""
    answer = kata.reduce_losses(losses, "none")
    expect_tensor(answer, exact(losses), dtype=losses.dtype)
    expect_same_object(answer, losses)


@given(losses=matrices(FLOATS), reduction=st.sampled_from(["mean", "sum"]))
@example(losses=torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), reduction="mean")
def test_reduce_losses__lets_gradients_through(kata, losses, reduction):
    """The gradient of each element is 1 / N for "mean" and 1 for "sum"."""
    each = 1 / losses.numel() if reduction == "mean" else 1.0
    expect_gradient(kata.reduce_losses(tracked(losses), reduction), np.full(losses.shape, each), "losses")


@given(word=st.sampled_from(["average", "Mean", "", "batchmean", "total", "None", "max", "means", " sum"]))
@example(word="average")
@example(word="prod")
@example(word="means")
@example(word="sum ")
def test_reduce_losses__refuses_other_words(kata, word):
    """Any other word raises ValueError."""
    expect_raises(kata.reduce_losses.raising(torch.tensor([1.0, 3.0]), word), ValueError)


# weighted_mean


def _weighted(drawn):
    losses, seed = drawn
    weights = np.random.default_rng(seed).integers(0, 5, len(losses)) / 2
    weights[seed % len(losses)] += 1  # one at least is positive
    return losses, torch.from_numpy(weights).to(losses.dtype)


weighted = st.tuples(vectors(FLOATS), seeds()).map(_weighted)


@given(pair=weighted)
@example(pair=(torch.tensor([1.0, 4.0]), torch.tensor([2.0, 1.0])))
@example(pair=(torch.tensor([1.0, 2.0, 6.0]), torch.tensor([0.5, 0.0, 0.25])))
@example(pair=(torch.tensor([3.0, 5.0]), torch.tensor([0.25, 0.25])))
@example(pair=(torch.tensor([1.0, 4.0]), torch.tensor([2e-30, 1e-30])))
def test_weighted_mean__divides_by_the_sum_of_the_weights(kata, pair):
    """The result is Σ weights · losses / Σ weights, as a tensor without dimensions."""
    losses, weights = pair
    want = np.average(exact(losses), weights=exact(weights))
    expect_tensor(kata.weighted_mean(losses, weights), want, dtype=losses.dtype, scale=size(losses))


@given(pair=weighted)
@example(pair=(torch.tensor([1.0, 4.0]), torch.tensor([2.0, 1.0])))
def test_weighted_mean__weighs_the_gradients(kata, pair):
    """The gradient for `losses` is weights / Σ weights."""
    losses, weights = pair
    want = exact(weights) / exact(weights).sum()
    expect_gradient(kata.weighted_mean(tracked(losses), weights), want, "losses")


@given(sides=st.sampled_from([((3, 1), (3,)), ((3,), (3, 1)), ((3,), (1,)), ((1,), (3,)), ((2,), (3,)), ((3,), ())]))
@example(sides=((3,), (3, 1)))
def test_weighted_mean__refuses_shapes_that_differ(kata, sides):
    """Shapes that differ raise ValueError, so that nothing is broadcast by accident."""
    expect_raises(kata.weighted_mean.raising(torch.ones(sides[0]), torch.ones(sides[1])), ValueError)


# average_loss


def _batches(drawn):
    full, count, last, seed = drawn
    losses = np.random.default_rng(seed).integers(0, 40, count + 1) / 8
    return losses.tolist(), [full] * count + [last]


batches = st.tuples(st.integers(1, 64), st.integers(0, 6), st.integers(1, 64), seeds()).map(_batches)


@given(lists=batches)
@example(lists=([1.0, 6.0], [4, 1]))
@example(lists=([0.5, 0.25, 4.0], [64, 64, 32]))
@example(lists=([3.0], [7]))
@example(lists=([1.0, 2.0, 6.0], [1, 5, 3]))
@example(lists=((1.0, 6.0), (4, 1)))
def test_average_loss__counts_every_sample_the_same(kata, lists):
    """The result is the sum of all losses over the number of all samples, as a Python float."""
    want = float(np.repeat(*lists).mean())
    expect_number(kata.average_loss(*lists), want)


@given(lists=st.sampled_from([([1.0, 2.0], [4]), ([1.0], [4, 1]), ([1.0, 2.0, 3.0], [4, 1])]))
@example(lists=([1.0, 2.0], [4]))
@example(lists=([1.0], [4, 1]))
def test_average_loss__needs_a_size_for_each_loss(kata, lists):
    """Lists that differ in length raise ValueError."""
    expect_raises(kata.average_loss.raising(*lists), ValueError)


# logsumexp


@given(case=with_dim)
@example(case=(torch.tensor([[0.0, 0.0], [10000.0, 10000.0]]), 1))
@example(case=(torch.tensor([[1.0, 2.0, 3.0], [4.0, 6.0, 5.0]]), 0))
@example(case=(torch.tensor([[1.0, 2.0, 3.0], [4.0, 6.0, 5.0]]), -1))
@example(case=(torch.tensor([-10000.0, -10000.0, -10001.0]), 0))
@example(case=(torch.tensor([[10000.0, -10000.0], [-10000.0, -10000.0]]), 1))
@example(case=(torch.tensor([[-1e30, -1e30]]), 1))
def test_logsumexp__is_the_logarithm_of_the_summed_exponentials(kata, case):
    """The result is log Σ exp(x) along `dim`, finite for ±10,000."""
    x, dim = case
    want = np.logaddexp.reduce(exact(x), axis=dim)
    expect_tensor(kata.logsumexp(x, dim), want, dtype=x.dtype, scale=size(x))


@given(case=with_dim, seed=seeds())
@example(case=(torch.tensor([[1.0, -INF, 2.0], [-INF, -INF, -INF]]), 1), seed=None)
@example(case=(torch.tensor([-INF, 3.0]), 0), seed=None)
def test_logsumexp__lets_minus_infinity_add_nothing(kata, case, seed):
    """Entries of -inf add nothing, and if all along `dim` are -inf, so is the result."""
    x, dim = case
    if seed is not None:
        x = x.masked_fill(torch.from_numpy(np.random.default_rng(seed).random(x.shape) < 0.5), -INF)
    want = np.logaddexp.reduce(exact(x), axis=dim)
    expect_tensor(kata.logsumexp(x, dim), want, dtype=x.dtype, scale=size(x))


@given(case=with_dim)
@example(case=(torch.tensor([[1.0, 2.0, 3.0], [4.0, 6.0, 5.0]]), 1))
@example(case=(BIG, 1))
def test_logsumexp__has_the_softmax_as_its_gradient(kata, case):
    """The gradient is the softmax of `x` along `dim`."""
    x, dim = case
    want = np.exp(log_probabilities_of(x, dim))
    expect_gradient(kata.logsumexp(tracked(x), dim), want, "x", scale=size(x))


def test_logsumexp__is_your_own(kata):
    """The sum is taken without torch's own `logsumexp`."""
    expect_rules(kata.logsumexp, without=("torch.logsumexp", "torch.logcumsumexp", "torch.log_softmax"))


# log_softmax


@given(case=with_dim)
@example(case=(NEAR, 1))
@example(case=(NEAR, 0))
@example(case=(NEAR[:, :2], -1))
@example(case=(BIG, 1))
@example(case=(torch.tensor([-10000.0, -10000.0, -10001.0]), 0))
def test_log_softmax__is_the_logarithm_of_the_softmax(kata, case):
    """The result is x - log Σ exp(x) along `dim`, finite for ±10,000."""
    x, dim = case
    expect_tensor(kata.log_softmax(x, dim), log_probabilities_of(x, dim), dtype=x.dtype, scale=size(x))


@given(case=with_dim, seed=seeds())
@example(case=(torch.tensor([[1.0, -INF, 2.0], [-INF, -INF, 0.5]]), 1), seed=None)
def test_log_softmax__keeps_minus_infinity(kata, case, seed):
    """Entries of -inf stay -inf and leave the others as if they were alone."""
    x, dim = case
    if seed is not None:
        mask = torch.from_numpy(np.random.default_rng(seed).random(x.shape) < 0.5)
        mask.select(dim, 0).fill_(False)
        x = x.masked_fill(mask, -INF)
    expect_tensor(kata.log_softmax(x, dim), log_probabilities_of(x, dim), dtype=x.dtype, scale=size(x))


@given(case=with_dim)
@example(case=(NEAR, 1))
@example(case=(BIG, 1))
def test_log_softmax__has_a_whole_gradient(kata, case):
    """If the gradient that arrives at the result is g, the one for `x` is g - softmax(x) · Σ g along `dim`."""
    x, dim = case
    arriving = torch.arange(1.0, x.numel() + 1, dtype=x.dtype).reshape(x.shape)
    g = exact(arriving)
    want = g - np.exp(log_probabilities_of(x, dim)) * g.sum(axis=dim, keepdims=True)
    largest = size(x) * float(g.sum(axis=dim).max())
    expect_gradient(kata.log_softmax(tracked(x), dim), want, "x", arriving=arriving, scale=largest)


def test_log_softmax__is_your_own(kata):
    """The logarithm of the softmax is built from other pieces than torch's own one."""
    expect_rules(kata.log_softmax, without=("torch.log_softmax", "torch.nn.LogSoftmax"))


# nll_loss


def chosen(x, target):
    """The entry of each row that its class points at."""
    return np.array([row[k] for row, k in zip(exact(x), target.tolist(), strict=True)])


@given(pair=classified)
@example(pair=(torch.tensor([[-0.5, -1.0], [-3.0, -0.25]]), torch.tensor([0, 0])))
@example(pair=(torch.tensor([[-0.5, -1.0, -2.0], [-3.0, -0.25, -4.0]]), torch.tensor([2, 0])))
def test_nll_loss__is_minus_the_mean_of_the_chosen_entries(kata, pair):
    """The result is the mean over the batch of -log_probabilities[i, target[i]], as a tensor without dimensions."""
    want = -chosen(*pair).mean()
    expect_tensor(kata.nll_loss(*pair), want, dtype=pair[0].dtype, scale=float(abs(chosen(*pair)).max()))


@given(pair=classified)
@example(pair=(torch.tensor([[-0.5, -1.0, -2.0], [-3.0, -0.25, -4.0]]), torch.tensor([2, 0])))
def test_nll_loss__looks_at_no_other_entry(kata, pair):
    """The result is the same when all other entries are -inf, or nan."""
    x, target = pair
    want = -chosen(x, target).mean()
    for other in (-INF, float("nan")):
        alone = torch.where(torch.from_numpy(one_hot(target, x.shape[1])) == 1, x, other)
        expect_tensor(kata.nll_loss(alone, target), want, dtype=x.dtype, scale=float(abs(chosen(x, target)).max()))


@given(pair=classified)
@example(pair=(torch.tensor([[-0.5, -1.0, -2.0], [-3.0, -0.25, -4.0]]), torch.tensor([2, 0])))
def test_nll_loss__sends_gradients_to_the_chosen_entries(kata, pair):
    """The gradient is -1 / n at [i, target[i]] and 0 everywhere else."""
    x, target = pair
    want = -one_hot(target, x.shape[1]) / len(x)
    expect_gradient(kata.nll_loss(tracked(x), target), want, "log_probabilities")


def test_nll_loss__is_your_own(kata):
    """The loss is built from other pieces than torch's own one."""
    expect_rules(kata.nll_loss, without=("torch.nn.functional.nll_loss", "torch.nn.NLLLoss"))


# cross_entropy


@given(pair=classified)
@example(pair=(torch.tensor([[2.0, 1.0, 0.1]]), torch.tensor([0])))
@example(pair=(NEAR, torch.tensor([2, 1])))
@example(pair=(NEAR[:, :2], torch.tensor([0, 1])))
@example(pair=(BIG, torch.tensor([0, 1])))
@example(pair=(BIG, torch.tensor([1, 0])))
@example(pair=(torch.tensor([[-10000.0, -10000.0]]), torch.tensor([1])))
def test_cross_entropy__takes_logits(kata, pair):
    """The result is the mean over the batch of -log softmax(logits[i])[target[i]], finite for ±10,000."""
    logits, target = pair
    want = -chosen(torch.from_numpy(log_probabilities_of(logits)), target).mean()
    expect_tensor(kata.cross_entropy(logits, target), want, dtype=logits.dtype, scale=size(logits))


@given(pair=classified)
@example(pair=(NEAR.double(), torch.tensor([2, 1])))
@example(pair=(BIG, torch.tensor([0, 1])))
@example(pair=(BIG, torch.tensor([1, 0])))
def test_cross_entropy__has_the_gradient_softmax_minus_target(kata, pair):
    """The gradient for `logits` is (softmax(logits) - y) / n, with y the one-hot rows of `target`."""
    logits, target = pair
    want = (np.exp(log_probabilities_of(logits)) - one_hot(target, logits.shape[1])) / len(logits)
    expect_gradient(kata.cross_entropy(tracked(logits), target), want, "logits", scale=size(logits))


def test_cross_entropy__is_your_own(kata):
    """The loss is built from other pieces than torch's own one."""
    expect_rules(kata.cross_entropy, without=("torch.nn.functional.cross_entropy", "torch.nn.CrossEntropyLoss"))


# cross_entropy_with_probabilities


def _with_probabilities(drawn):
    logits, seed = drawn
    shares = np.random.default_rng(seed).integers(0, 4, logits.shape).astype(float)
    shares[:, seed % logits.shape[1]] += 1  # no row of zeros
    return logits, torch.from_numpy(shares / shares.sum(axis=1, keepdims=True)).to(logits.dtype)


with_probabilities = st.tuples(matrices(FLOATS), seeds()).map(_with_probabilities)
HALVES = torch.tensor([[0.5, 0.5, 0.0], [0.25, 0.0, 0.75]])
SURE = torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


@given(pair=with_probabilities)
@example(pair=(torch.tensor([[2.0, 1.0, 0.1]]), torch.tensor([[0.5, 0.5, 0.0]])))
@example(pair=(NEAR, HALVES))
@example(pair=(NEAR, SURE))
@example(pair=(BIG, HALVES))
def test_cross_entropy_with_probabilities__sums_over_classes_and_averages_over_samples(kata, pair):
    """The result is the mean over the samples of -Σ probabilities · log softmax(logits), finite for ±10,000."""
    logits, q = pair
    want = -(exact(q) * log_probabilities_of(logits)).sum(axis=1).mean()
    expect_tensor(kata.cross_entropy_with_probabilities(logits, q), want, dtype=logits.dtype, scale=size(logits))


@given(pair=with_probabilities)
@example(pair=(NEAR.double(), HALVES.double()))
@example(pair=(BIG, HALVES))
def test_cross_entropy_with_probabilities__has_the_gradient_softmax_minus_target(kata, pair):
    """The gradient for `logits` is (softmax(logits) - probabilities) / n."""
    logits, q = pair
    want = (np.exp(log_probabilities_of(logits)) - exact(q)) / len(logits)
    answer = kata.cross_entropy_with_probabilities(tracked(logits), q)
    expect_gradient(answer, want, "logits", scale=size(logits))


def test_cross_entropy_with_probabilities__is_your_own(kata):
    """The loss is built from other pieces than torch's own one."""
    without = ("torch.nn.functional.cross_entropy", "torch.nn.CrossEntropyLoss")
    expect_rules(kata.cross_entropy_with_probabilities, without=without)


# smoothed_labels


def _labels(drawn):
    classes, n, seed = drawn
    return torch.from_numpy(np.random.default_rng(seed).integers(0, classes, n)), classes


labels = st.tuples(st.integers(1, 5), st.integers(0, 4), seeds()).map(_labels)


@given(case=labels, label_smoothing=st.sampled_from([0.25, 0.1, 0.0, 0.5, 1.0]))
@example(case=(torch.tensor([0, 2]), 4), label_smoothing=0.2)
@example(case=(torch.tensor([1, 0, 2]), 3), label_smoothing=0.0)
@example(case=(torch.tensor([], dtype=torch.int64), 3), label_smoothing=0.1)
def test_smoothed_labels__shares_some_of_the_certainty(kata, case, label_smoothing):
    """Each row is (1 - s) · one-hot + s / c, in float32."""
    target, classes = case
    want = (1 - label_smoothing) * one_hot(target, classes) + label_smoothing / classes
    expect_tensor(kata.smoothed_labels(target, classes, label_smoothing), want, dtype=torch.float32)


# binary_cross_entropy_with_logits


def _binary(drawn):
    logits, seed = drawn
    target = np.random.default_rng(seed).choice([0.0, 1.0, 1.0, 0.0, 0.25], logits.shape)
    return logits, torch.from_numpy(np.asarray(target)).to(logits.dtype)


MODERATE = ("distinct", "ties", "generic")
binary_logits = st.one_of(tensors(ANY_RANK), tensors((1, 2), torch.float64, regimes=MODERATE))
binary = st.tuples(binary_logits, seeds()).map(_binary)
EXTREME = torch.tensor([10000.0, -10000.0, 10000.0, -10000.0])
BELOW_20 = torch.tensor([[11.0, 19.0, 5.0, -5.0], [1.0, 1.0, 0.0, 1.0]], dtype=torch.float64).unbind()
YES_AND_NO = torch.tensor([1.0, 0.0, 0.0, 1.0])


@given(pair=binary)
@example(pair=(torch.tensor([0.0, 10000.0]), torch.tensor([1.0, 1.0])))
@example(pair=(torch.tensor([[1.0, -2.0, 0.5], [3.0, 0.0, -1.0]]), torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.25]])))
@example(pair=(EXTREME, YES_AND_NO))
@example(pair=(EXTREME[:2], YES_AND_NO[:2]))
@example(pair=BELOW_20)
def test_binary_cross_entropy_with_logits__takes_logits(kata, pair):
    """The result is the mean of -(y · log σ(z) + (1 - y) · log(1 - σ(z))), finite for ±10,000."""
    z, y = map(exact, pair)
    want = np.asarray(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)).mean()
    expect_tensor(kata.binary_cross_entropy_with_logits(*pair), want, dtype=pair[0].dtype, scale=size(pair[0]))


@given(pair=binary)
@example(pair=(torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64), torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)))
@example(pair=(torch.tensor([0.0, 0.0]), torch.tensor([1.0, 0.0])))
@example(pair=(EXTREME, YES_AND_NO))
@example(pair=BELOW_20)
def test_binary_cross_entropy_with_logits__has_the_gradient_sigmoid_minus_target(kata, pair):
    """The gradient for `logits` is (σ(z) - y) / N, also where a logit is exactly 0."""
    z, y = map(exact, pair)
    want = (np.exp(-np.logaddexp(0, -z)) - y) / z.size
    answer = kata.binary_cross_entropy_with_logits(tracked(pair[0]), pair[1])
    expect_gradient(answer, want, "logits")


@given(sides=st.sampled_from(TWO_SHAPES))
@example(sides=((3, 1), (3,)))
def test_binary_cross_entropy_with_logits__refuses_shapes_that_differ(kata, sides):
    """Shapes that differ raise ValueError, so that nothing is broadcast by accident."""
    logits, target = torch.zeros(sides[0]), torch.ones(sides[1])
    expect_raises(kata.binary_cross_entropy_with_logits.raising(logits, target), ValueError)


def test_binary_cross_entropy_with_logits__is_your_own(kata):
    """The loss is built from other pieces than torch's own one."""
    without = ("torch.nn.functional.binary_cross_entropy_with_logits", "torch.nn.BCEWithLogitsLoss")
    expect_rules(kata.binary_cross_entropy_with_logits, without=without)
