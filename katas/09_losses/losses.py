"""Losses: one number that says how wrong a model is, and from which a gradient flows back.

Results live on the device of the input tensors. No function changes its arguments.
Floats are float32 or float64, and all floats of one call have the same dtype. Classes are int64, from 0 to c - 1.
There is at least one sample and at least one class. Numbers are finite, except where a contract speaks of -inf.
Where the first argument is a tensor of floats, the result is part of the graph: gradients flow to that argument, and
for finite inputs they are finite. Targets and weights do not require grad. A few rounding errors are fine; they are
measured by the largest number that goes in.

Run `pytest katas/09_losses` after each function.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


def mse_loss(prediction: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, ""]:
    """Return the mean squared error: the mean over all N elements of (prediction - target)².

    Numbers that are large and close to each other lose no digits either: take the difference first.

    Shape: both the same; the result is (), a tensor without dimensions. Dtype: that of `prediction`.
    Graph: the gradient for `prediction` is 2 · (prediction - target) / N.
    Raises: ValueError if the shapes differ, also where broadcasting would make them fit.
    Rule: `mse_loss` and `MSELoss` are not allowed.

    >>> mse_loss(torch.tensor([0.0, 0.0, 0.0]), torch.tensor([1.0, 0.0, -1.0]))
    tensor(0.6667)
    """
    raise NotImplementedError


def reduce_losses(losses: Float[Tensor, "..."], reduction: str = "mean") -> Float[Tensor, "..."]:
    """Turn the losses of single elements into what a loss function returns.

    "mean" gives the mean of all elements, "sum" their sum, "none" gives `losses` itself.

    Shape: () for "mean" and "sum". Dtype: that of `losses`.
    Memory: "none" makes nothing new; it returns the same object.
    Graph: the gradient of each element is 1 / N for "mean", with N elements in all, and 1 for "sum".
    Raises: ValueError for any other word.

    >>> losses = torch.tensor([[1.0, 2.0], [3.0, 6.0]])
    >>> reduce_losses(losses), reduce_losses(losses, "sum")
    (tensor(3.), tensor(12.))
    """
    raise NotImplementedError


def weighted_mean(losses: Float[Tensor, "n"], weights: Float[Tensor, "n"]) -> Float[Tensor, ""]:
    """Return the weighted mean of the losses of n samples: Σ weights · losses / Σ weights.

    It divides by the sum of the weights, not by n: a sample of weight 2 counts as if it were there twice, and one
    of weight 0 as if it were not there. Weights are not negative, and at least one is positive.

    Shape: both (n,); the result is (). Dtype: that of `losses`.
    Graph: the gradient for `losses` is weights / Σ weights.
    Raises: ValueError if the shapes differ, also where broadcasting would make them fit.

    >>> weighted_mean(torch.tensor([1.0, 4.0]), torch.tensor([2.0, 1.0]))
    tensor(2.)
    """
    raise NotImplementedError


def average_loss(batch_losses: Sequence[float], batch_sizes: Sequence[int]) -> float:
    """Return the average loss of a sample, from the mean loss of each batch and its number of samples.

    Batches may differ in size: most often the last one is short. Every sample counts the same, whatever its batch.
    There is at least one batch, and no batch is empty.

    Dtype: a Python float, at least as good as float32.
    Raises: ValueError if the lists differ in length.

    >>> average_loss([1.0, 6.0], [4, 1])
    2.0
    """
    raise NotImplementedError


def logsumexp(x: Float[Tensor, "..."], dim: int) -> Float[Tensor, "..."]:
    """Return log Σ exp(x) along the dimension `dim`, for large numbers too.

    Neither 10,000 nor -10,000 is too much, though exp of them is infinite or 0. Entries may be -inf: they add nothing.
    If all entries along `dim` are -inf, so is the result. `dim` may be negative to count from the last dimension.

    Shape: that of `x` without `dim`. Dtype: that of `x`.
    Graph: the gradient is the softmax of `x` along `dim`, for finite `x`.
    Rule: `logsumexp`, `logcumsumexp` and `log_softmax` are not allowed.

    >>> logsumexp(torch.tensor([[0.0, 0.0], [10000.0, 10000.0]]), dim=1)
    tensor([6.9315e-01, 1.0001e+04])
    """
    raise NotImplementedError


def log_softmax(x: Float[Tensor, "..."], dim: int) -> Float[Tensor, "..."]:
    """Return the logarithm of the softmax of `x` along the dimension `dim`: x - log Σ exp(x).

    It is finite for numbers of ±10,000, where the softmax itself is 0. Entries may be -inf and stay -inf; at least
    one entry along `dim` is finite. `dim` may be negative to count from the last dimension.

    Shape: that of `x`. Dtype: that of `x`.
    Graph: if the gradient that arrives at the result is g, the one for `x` is g - softmax(x) · Σ g, for finite `x`;
    the sum runs along `dim`.
    Rule: `log_softmax` and `LogSoftmax` are not allowed; `logsumexp` is.

    >>> log_softmax(torch.tensor([[1.0, 2.0, 3.0], [10000.0, 0.0, -10000.0]]), dim=1)
    tensor([[-2.4076e+00, -1.4076e+00, -4.0761e-01],
            [ 0.0000e+00, -1.0000e+04, -2.0000e+04]])
    """
    raise NotImplementedError


def nll_loss(log_probabilities: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, ""]:
    """Return the negative log-likelihood: the mean over the batch of -log_probabilities[i, target[i]].

    The input holds logarithms already. The other entries do not matter, whatever they are: -inf and nan are no problem.

    Shape: (n, c) and (n,), where target[i] is the class of sample i; the result is ().
    Dtype: that of `log_probabilities`; `target` is int64.
    Graph: the gradient is -1 / n at [i, target[i]] and 0 everywhere else.
    Rule: `nll_loss` and `NLLLoss` are not allowed.

    >>> nll_loss(torch.tensor([[-0.5, -1.0], [-3.0, -0.25]]), torch.tensor([0, 0]))
    tensor(1.7500)
    """
    raise NotImplementedError


def cross_entropy(logits: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, ""]:
    """Return the cross entropy of a batch: the mean of -log softmax(logits[i])[target[i]].

    It takes logits, the raw outputs of a model: no softmax comes before it. It is finite for logits of ±10,000.

    Shape: (n, c) and (n,), where target[i] is the class of sample i; the result is ().
    Dtype: that of `logits`; `target` is int64.
    Graph: the gradient for `logits` is (softmax(logits) - y) / n, where row i of y is 1 at target[i] and 0 elsewhere.
    Rule: `cross_entropy` and `CrossEntropyLoss` are not allowed; `log_softmax` and `nll_loss` are.

    >>> cross_entropy(torch.tensor([[2.0, 1.0, 0.1]]), torch.tensor([0]))
    tensor(0.4170)
    """
    raise NotImplementedError


def cross_entropy_with_probabilities(
    logits: Float[Tensor, "n c"], probabilities: Float[Tensor, "n c"]
) -> Float[Tensor, ""]:
    """Return the cross entropy for probabilities q: the mean over i of -Σ q[i, k] · log softmax(logits[i])[k].

    The sum runs over the c classes, and the mean over the n samples only. Each row of `probabilities` sums to 1; a row
    with a single 1 says the same as a class index. The loss is finite for logits of ±10,000.

    Shape: both (n, c); the result is (). Dtype: that of `logits`.
    Graph: the gradient for `logits` is (softmax(logits) - probabilities) / n.
    Rule: `cross_entropy` and `CrossEntropyLoss` are not allowed; `log_softmax` is.

    >>> cross_entropy_with_probabilities(torch.tensor([[2.0, 1.0, 0.1]]), torch.tensor([[0.5, 0.5, 0.0]]))
    tensor(0.9170)
    """
    raise NotImplementedError


def smoothed_labels(target: Int[Tensor, "n"], num_classes: int, label_smoothing: float) -> Float[Tensor, "n c"]:
    """Return the classes as probabilities with label smoothing: (1 - s) · one-hot + s / c.

    s is `label_smoothing`, from 0 to 1, and c is `num_classes`. The share s is spread over all c classes, the right
    one too, so every row sums to 1. Such rows are targets for a cross entropy that takes probabilities.

    Shape: (n, c); n may be 0, and a class may be missing from `target`. Dtype: float32; `target` is int64.

    >>> smoothed_labels(torch.tensor([0, 2]), num_classes=4, label_smoothing=0.2)
    tensor([[0.8500, 0.0500, 0.0500, 0.0500],
            [0.0500, 0.0500, 0.8500, 0.0500]])
    """
    raise NotImplementedError


def binary_cross_entropy_with_logits(logits: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, ""]:
    """Return the mean over all N elements of -(y · log σ(z) + (1 - y) · log(1 - σ(z))).

    z is `logits`, and y is `target`, numbers from 0 to 1. σ is the sigmoid, and 1 - σ(z) = σ(-z).
    The loss is finite for logits of ±10,000, where σ is 0 or 1 and its logarithm -inf. For |z| > 20 an error of 1e-8
    is allowed, in the gradient too: `F.softplus` makes one.

    Shape: both the same; the result is (). Dtype: that of `logits`.
    Graph: the gradient for `logits` is (σ(z) - y) / N, also where a logit is exactly 0.
    Raises: ValueError if the shapes differ, also where broadcasting would make them fit.
    Rule: `binary_cross_entropy_with_logits` and `BCEWithLogitsLoss` are not allowed.

    >>> binary_cross_entropy_with_logits(torch.tensor([0.0, 10000.0]), torch.tensor([1.0, 1.0]))
    tensor(0.3466)
    """
    raise NotImplementedError
