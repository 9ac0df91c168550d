"""One-hot: write, count and pick by class number, with scatter_, scatter_add_ and gather.

A label is the number of a class: 0, 1, … up to classes - 1. A tensor of labels holds uint8, int8, int16, int32 or
int64. `classes` is an int, at least 1.
Results live on the device of the tensors given; without one, on the CPU. No function changes its arguments,
unless it says `In place:`.
A label out of range raises ValueError before anything is written and before it is used as an index: on a GPU
a wrong index stops every later call too. The message names that label (one of them, if there are several) and the
number of classes, both as they were given.
"""

from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor


def _indices(labels: Int[Tensor, "..."], classes: int) -> Int[Tensor, "..."]:
    """Return the labels as int64, the dtype of an index; raises ValueError if one is out of range."""
    index = labels.to(torch.int64)
    outside = index[(index < 0) | (index >= classes)]
    if len(outside) > 0:
        raise ValueError(f"label {outside[0].item()} is out of range for {classes} classes")
    return index


def one_hot_label(label: int, classes: int) -> Float[Tensor, "classes"]:
    """Return a vector with 1 at index `label` and 0 everywhere else.

    Shape: (classes,). Dtype: float32.
    Raises: ValueError if `label` is negative, or `classes` or more; the message names both.
    Rule: write the 1 with `scatter_`; `one_hot` and `eye` are not allowed.

    >>> one_hot_label(2, classes=4)
    tensor([0., 0., 1., 0.])
    """
    if not 0 <= label < classes:
        raise ValueError(f"label {label} is out of range for {classes} classes")
    return torch.zeros(classes).scatter_(0, torch.tensor([label]), 1)


def one_hot_batch(labels: Int[Tensor, "n"], classes: int) -> Float[Tensor, "n classes"]:
    """Return a matrix whose row i is the one-hot vector of label i.

    Shape: (n, classes); n may be 0. Dtype: float32, whatever integers the labels are.
    Raises: ValueError if a label is negative, or `classes` or more; the message names it and `classes`.
    Rule: write the ones with `scatter_`, all at once: no loop, and no `one_hot` or `eye`.

    >>> one_hot_batch(torch.tensor([2, 0], dtype=torch.uint8), classes=3)
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """
    index = _indices(labels, classes)
    zeros = torch.zeros(len(labels), classes, device=labels.device)
    return zeros.scatter_(1, index.unsqueeze(1), 1)


def one_hot_along(labels: Int[Tensor, "..."], classes: int, dim: int) -> Float[Tensor, "..."]:
    """Return the one-hot vectors of labels of any shape, laid along a new dimension `dim`.

    An image of labels (h, w) with dim=0 becomes (classes, h, w): one picture of zeros and ones for each class.

    Shape: that of `labels` with size `classes` put in at `dim`, which is counted in the result: with d dimensions
    in `labels`, it goes from -(d + 1) to d, and -1 is the last. d may be 0, and `labels` may be empty.
    Dtype: float32.
    Raises: ValueError if a label is negative, or `classes` or more; the message names it and `classes`.
    Rule: write the ones with `scatter_`, all at once: no loop, and no `one_hot` or `eye`.

    >>> one_hot_along(torch.tensor([[0, 1], [1, 1]]), classes=2, dim=0)
    tensor([[[1., 0.],
             [0., 0.]],
    <BLANKLINE>
            [[0., 1.],
             [1., 1.]]])
    """
    index = _indices(labels, classes).unsqueeze(dim)
    shape = list(index.shape)
    shape[dim] = classes
    return torch.zeros(shape, device=labels.device).scatter_(dim, index, 1)


def one_hot_transform(classes: int) -> Callable[[int], Float[Tensor, "classes"]]:
    """Return a callable that turns a label into its one-hot vector, fit for the `target_transform` of a dataset.

    The callable takes one int and does what `one_hot_label` does with it: a float32 vector of `classes` elements, or
    ValueError for a label out of range. Each call gives a new tensor, in memory of its own.
    A `DataLoader` with spawned workers sends its dataset through `pickle`, so the callable survives
    `pickle.dumps` and `pickle.loads`, and works afterwards as before.

    >>> transform = one_hot_transform(classes=4)
    >>> transform(2)
    tensor([0., 0., 1., 0.])
    """
    return partial(one_hot_label, classes=classes)


def smoothed_one_hot(labels: Int[Tensor, "n"], classes: int, smoothing: float) -> Float[Tensor, "n classes"]:
    """Return one-hot rows mixed with the uniform distribution: (1 - smoothing) · one_hot + smoothing / classes.

    So each row sums to 1: it holds smoothing / classes, and 1 - smoothing + smoothing / classes at its label.
    This is the target of `CrossEntropyLoss(label_smoothing=...)`.

    `smoothing` goes from 0 (plain one-hot) to 1 (all elements equal).

    Shape: (n, classes); n may be 0. Dtype: float32.
    Raises: ValueError if a label is negative, or `classes` or more; the message names it and `classes`.
    Rule: write with `scatter_`, all at once: no loop, and no `one_hot` or `eye`.

    >>> smoothed_one_hot(torch.tensor([2, 0]), classes=4, smoothing=0.2)
    tensor([[0.0500, 0.0500, 0.8500, 0.0500],
            [0.8500, 0.0500, 0.0500, 0.0500]])
    """
    index = _indices(labels, classes)
    low = smoothing / classes
    rows = torch.full((len(labels), classes), low, device=labels.device)
    return rows.scatter_(1, index.unsqueeze(1), 1 - smoothing + low)


def labels_from_one_hot(one_hot: Shaped[Tensor, "n classes"]) -> Int[Tensor, "n"]:
    """Return the label of each one-hot row: the index of its 1.

    `one_hot` holds bools (True counts as 1), integers or floats.

    Shape: (n,); n may be 0. Dtype: int64.
    Raises: ValueError if some row is not one-hot, that is, not exactly one 1 and the rest 0.
    Rule: no loop.

    >>> labels_from_one_hot(torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]))
    tensor([2, 0])
    """
    is_one = one_hot == 1
    if ((one_hot != 0) & ~is_one).any() or (is_one.sum(dim=1) != 1).any():
        raise ValueError("some row is not one-hot: exactly one 1 and the rest 0")
    return is_one.int().argmax(dim=1)


def add_counts(counts: Int[Tensor, "classes"], labels: Int[Tensor, "n"]) -> Int[Tensor, "classes"]:
    """Add to counts[c] how often the class c occurs among the labels, and return `counts` itself.

    Called once for each batch, it makes the histogram of a whole dataset. `counts` holds int64; its length is the
    number of classes. n may be 0.

    In place: `counts`; the new counts also show in every view of it.
    Raises: ValueError if a label is negative, or len(counts) or more; the message names it and the number of
    classes. Then `counts` stays as it was.
    Rule: count with `scatter_add_`, all at once: no loop, and no `bincount`, `histc` or `unique`.

    >>> counts = torch.tensor([10, 0, 0])
    >>> add_counts(counts, torch.tensor([2, 0, 2, 2]))
    tensor([11,  0,  3])
    """
    index = _indices(labels, len(counts))
    return counts.scatter_add_(0, index, torch.ones_like(index))


def confusion_matrix(
    targets: Int[Tensor, "n"], predictions: Int[Tensor, "n"], classes: int
) -> Int[Tensor, "classes classes"]:
    """Return the matrix whose element [t, p] says how often target t was predicted as class p.

    Rows are targets, columns are predictions, so that the diagonal counts what was right. `targets` and `predictions`
    are labels, of the same length n, which may be 0; their dtypes may differ.

    Shape: (classes, classes). Dtype: int64.
    Raises: ValueError if a target or a prediction is negative, or `classes` or more; the message names it and
    `classes`.
    Rule: count with `scatter_add_`, all at once: no loop, and no `bincount`, `histc` or `unique`.

    >>> confusion_matrix(torch.tensor([0, 0, 1, 0]), torch.tensor([0, 1, 1, 1]), classes=2)
    tensor([[1, 2],
            [0, 1]])
    """
    cell = _indices(targets, classes) * classes + _indices(predictions, classes)
    counts = torch.zeros(classes * classes, dtype=torch.int64, device=targets.device)
    return counts.scatter_add_(0, cell, torch.ones_like(cell)).reshape(classes, -1)


def target_probabilities(probabilities: Float[Tensor, "n classes"], targets: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return, from each row of probabilities, the one of the target class: element i is probabilities[i, targets[i]].

    Shape: (n,); n may be 0. Dtype: that of `probabilities`, float32 or float64.
    Graph: gradients flow back to `probabilities`, as through indexing.
    Raises: ValueError if a target is negative, or the number of classes or more; the message names it and that number.
    Rule: pick with `gather`, all at once: no loop, and no `one_hot` or `eye`.

    >>> target_probabilities(torch.tensor([[0.25, 0.75, 0.0], [0.5, 0.125, 0.375]]), torch.tensor([1, 2]))
    tensor([0.7500, 0.3750])
    """
    index = _indices(targets, probabilities.shape[1])
    return probabilities.gather(1, index.unsqueeze(1)).squeeze(1)


def class_means(x: Float[Tensor, "n d"], labels: Int[Tensor, "n"], classes: int) -> Float[Tensor, "classes d"]:
    """Return the mean of the rows of each class: row c is the mean of the rows x[i] with labels[i] = c.

    A class without any row has the mean 0 in every column.

    Shape: (classes, d); n and d may be 0. Dtype: that of `x`, float32 or float64, all finite.
    Raises: ValueError if a label is negative, or `classes` or more; the message names it and `classes`.
    Rule: add the rows up with `scatter_add_`, all at once: no loop, and no `one_hot`, `eye` or `bincount`.

    >>> class_means(torch.tensor([[1.0, 10.0], [3.0, 30.0], [5.0, 50.0]]), torch.tensor([2, 2, 0]), classes=3)
    tensor([[ 5., 50.],
            [ 0.,  0.],
            [ 2., 20.]])
    """
    index = _indices(labels, classes)
    sums = torch.zeros(classes, x.shape[1], dtype=x.dtype, device=x.device)
    sums.scatter_add_(0, index.unsqueeze(1).expand_as(x), x)
    counts = torch.zeros(classes, dtype=x.dtype, device=x.device)
    counts.scatter_add_(0, index, torch.ones_like(index, dtype=x.dtype))
    return sums / counts.clamp(min=1).unsqueeze(1)
