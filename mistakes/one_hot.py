"""Wrong answers that people really write for `katas/06_one_hot`; each docstring says what is wrong."""

import functools

import torch
import torch.nn.functional as F
from torch import Tensor


def _index(labels: Tensor, classes: int) -> Tensor:
    """The labels as int64, after a check: for mistakes that are about something else."""
    index = labels.long()
    outside = index[(index < 0) | (index >= classes)]
    if len(outside):
        raise ValueError(f"label {int(outside[0])} is out of range for {classes} classes")
    return index


def _rows(labels: Tensor, classes: int) -> Tensor:
    """Right one-hot rows."""
    index = _index(labels, classes)
    return torch.zeros(len(labels), classes, device=labels.device).scatter_(1, index[:, None], 1)


def _vector(label: int, classes: int) -> Tensor:
    """A right one-hot vector."""
    return torch.zeros(classes).scatter_(0, _index(torch.tensor([label]), classes), 1)


# one_hot_label


def one_hot_label__int64(label: int, classes: int) -> Tensor:
    """The vector holds int64, as `one_hot` of torch gives it; here it holds float32, for a loss can use that."""
    return _vector(label, classes).long()


def one_hot_label__counted_from_one(label: int, classes: int) -> Tensor:
    """The labels are taken as 1, 2, 3, …; classes are counted from 0, so label 0 is the first element."""
    return _vector(label, classes).roll(-1)


def one_hot_label__no_check(label: int, classes: int) -> Tensor:
    """The label is not checked: `scatter_` raises RuntimeError, on a GPU too late; here it must be ValueError."""
    return torch.zeros(classes).scatter_(0, torch.tensor([label]), 1)


def one_hot_label__negative_counts_from_the_end(label: int, classes: int) -> Tensor:
    """A negative label counts from the end, as an index in Python does; here it raises ValueError."""
    if not -classes <= label < classes:
        raise ValueError(f"label {label} is out of range for {classes} classes")
    return torch.zeros(classes).scatter_(0, torch.tensor([label % classes]), 1)


def one_hot_label__label_equal_to_classes_passes(label: int, classes: int) -> Tensor:
    """The check is `label > classes`, and lets label = classes through; the last label is classes - 1."""
    if label < 0 or label > classes:
        raise ValueError(f"label {label} is out of range for {classes} classes")
    return torch.zeros(classes).scatter_(0, torch.tensor([label]), 1)


def one_hot_label__zeros_for_a_bad_label(label: int, classes: int) -> Tensor:
    """A label out of range gives a vector of zeros, and nobody hears of the error; here it raises ValueError."""
    return _vector(label, classes) if 0 <= label < classes else torch.zeros(classes)


def one_hot_label__clamped(label: int, classes: int) -> Tensor:
    """A label out of range is moved to the nearest class, and nobody hears of the error; here it raises ValueError."""
    return _vector(min(max(label, 0), classes - 1), classes)


def one_hot_label__row_of_a_matrix(label: int, classes: int) -> Tensor:
    """The result has the shape (1, classes), a batch of one; here one label gives a vector."""
    return _rows(torch.tensor([label]), classes)


def one_hot_label__indexerror(label: int, classes: int) -> Tensor:
    """A label out of range raises IndexError; here it is ValueError."""
    if not 0 <= label < classes:
        raise IndexError(f"label {label} is out of range for {classes} classes")
    return _vector(label, classes)


def one_hot_label__message_names_nothing(label: int, classes: int) -> Tensor:
    """The message of the error names neither the label nor the number of classes."""
    if not 0 <= label < classes:
        raise ValueError("label out of range")
    return _vector(label, classes)


def one_hot_label__caught_too_late(label: int, classes: int) -> Tensor:
    """The error of `scatter_` is caught and turned into ValueError; on a GPU that comes too late."""
    try:
        return torch.zeros(classes).scatter_(0, torch.tensor([label]), 1)
    except RuntimeError as error:
        raise ValueError(f"label {label} is out of range for {classes} classes") from error


def one_hot_label__checked_as_int32(label: int, classes: int) -> Tensor:
    """The label becomes int32 before the check, and 2**32 becomes 0, a good label; check the number as it came."""
    number = torch.as_tensor(label).to(torch.int32)
    if not 0 <= number < classes:
        raise ValueError(f"label {label} is out of range for {classes} classes")
    return _vector(int(number), classes)


def one_hot_label__ready_made(label: int, classes: int) -> Tensor:
    """The ready-made `one_hot` does the work; here it is done with `scatter_`."""
    if not 0 <= label < classes:
        raise ValueError(f"label {label} is out of range for {classes} classes")
    return F.one_hot(torch.tensor(label), classes).float()


def one_hot_label__scatter_without_underscore(label: int, classes: int) -> Tensor:
    """`scatter` without an underscore leaves the zeros alone and returns a new tensor, which is thrown away here."""
    zeros = torch.zeros(classes)
    zeros.scatter(0, _index(torch.tensor([label]), classes), 1)
    return zeros


# one_hot_batch


def one_hot_batch__scattered_along_dim_0(labels: Tensor, classes: int) -> Tensor:
    """The ones are written along dimension 0, so the labels count rows; the class is the column, dimension 1."""
    index = _index(labels, classes)
    return torch.zeros(len(labels), classes, device=labels.device).scatter_(0, index[:, None], 1)


def one_hot_batch__index_as_a_row(labels: Tensor, classes: int) -> Tensor:
    """The index is a row (1, n) instead of a column (n, 1): all ones land in the first row."""
    index = _index(labels, classes)
    return torch.zeros(len(labels), classes, device=labels.device).scatter_(1, index[None, :], 1)


def one_hot_batch__labels_used_as_they_are(labels: Tensor, classes: int) -> Tensor:
    """The labels are used as an index in their own dtype; `scatter_` wants int64, so uint8 labels fail."""
    _index(labels, classes)
    return torch.zeros(len(labels), classes, device=labels.device).scatter_(1, labels[:, None], 1)


def one_hot_batch__index_int32(labels: Tensor, classes: int) -> Tensor:
    """The index is int32; older versions refuse it, and 2**32 becomes 0 and passes the check. An index is int64."""
    index = labels.int()
    outside = index[(index < 0) | (index >= classes)]
    if len(outside):
        raise ValueError(f"label {int(outside[0])} is out of range for {classes} classes")
    return torch.zeros(len(labels), classes, device=labels.device).scatter_(1, index[:, None], 1)


def one_hot_batch__checked_in_the_small_dtype(labels: Tensor, classes: int) -> Tensor:
    """The labels are compared with `classes` as uint8 or int8, where 300 wraps round; make them int64 first."""
    outside = labels[(labels < 0) | (labels >= classes)]
    if len(outside):
        raise ValueError(f"label {int(outside[0])} is out of range for {classes} classes")
    return torch.zeros(len(labels), classes, device=labels.device).scatter_(1, labels.long()[:, None], 1)


def one_hot_batch__no_check(labels: Tensor, classes: int) -> Tensor:
    """The labels are not checked: `scatter_` raises RuntimeError, on a GPU too late; here it must be ValueError."""
    return torch.zeros(len(labels), classes, device=labels.device).scatter_(1, labels.long()[:, None], 1)


def one_hot_batch__only_the_largest_checked(labels: Tensor, classes: int) -> Tensor:
    """Only too large labels are refused; a negative one must raise ValueError too."""
    index = labels.long()
    if len(index) and index.max() >= classes:
        raise ValueError(f"label {int(index.max())} is out of range for {classes} classes")
    return torch.zeros(len(labels), classes, device=labels.device).scatter_(1, index[:, None], 1)


def one_hot_batch__first_label_checked(labels: Tensor, classes: int) -> Tensor:
    """Only the first label is checked; each one may be out of range."""
    index = labels.long()
    _index(index[:1], classes)
    return torch.zeros(len(labels), classes, device=labels.device).scatter_(1, index[:, None], 1)


def one_hot_batch__bad_labels_left_out(labels: Tensor, classes: int) -> Tensor:
    """A label out of range gives a row of zeros, as padding does in some losses; here it raises ValueError."""
    index = labels.long()
    good = (index >= 0) & (index < classes)
    rows = torch.zeros(len(labels), classes, device=labels.device)
    return rows.scatter_(1, index.clamp(0, classes - 1)[:, None], good.float()[:, None])


def one_hot_batch__remainder(labels: Tensor, classes: int) -> Tensor:
    """A label out of range is wrapped round with `%`, so -1 becomes the last class; here it raises ValueError."""
    return _rows(labels.long() % classes, classes)


def one_hot_batch__message_names_the_largest(labels: Tensor, classes: int) -> Tensor:
    """The message names the largest label, although a negative one was wrong."""
    index = labels.long()
    if len(index) and (index.min() < 0 or index.max() >= classes):
        raise ValueError(f"label {int(index.max())} is out of range for {classes} classes")
    return _rows(index, classes)


def one_hot_batch__fails_without_labels(labels: Tensor, classes: int) -> Tensor:
    """`min()` and `max()` of no label at all raise RuntimeError; an empty batch is allowed."""
    index = labels.long()
    if index.min() < 0 or index.max() >= classes:
        _index(labels, classes)
    return _rows(labels, classes)


def one_hot_batch__as_many_classes_as_seen(labels: Tensor, classes: int) -> Tensor:
    """The number of columns is the largest label + 1; here it is `classes`, seen or not."""
    index = _index(labels, classes)
    seen = int(index.max()) + 1 if len(index) else 0
    return torch.zeros(len(labels), seen, device=labels.device).scatter_(1, index[:, None], 1)


def one_hot_batch__int64(labels: Tensor, classes: int) -> Tensor:
    """The rows hold int64; here they hold float32, whatever the labels are."""
    return _rows(labels, classes).long()


def one_hot_batch__dtype_of_the_labels(labels: Tensor, classes: int) -> Tensor:
    """The rows have the dtype of the labels, as `new_zeros` gives it; here they hold float32."""
    return labels.new_zeros(len(labels), classes).scatter_(1, _index(labels, classes)[:, None], 1)


def one_hot_batch__made_on_the_cpu(labels: Tensor, classes: int) -> Tensor:
    """The zeros are made on the CPU, wherever the labels are; make them on the device of the labels."""
    return torch.zeros(len(labels), classes).scatter_(1, _index(labels, classes)[:, None], 1)


def one_hot_batch__compared(labels: Tensor, classes: int) -> Tensor:
    """The labels are compared with all class numbers: right, but here the ones are written with `scatter_`."""
    index = _index(labels, classes)
    return (index[:, None] == torch.arange(classes, device=labels.device)).float()


def one_hot_batch__rows_of_eye(labels: Tensor, classes: int) -> Tensor:
    """The rows are picked from `eye`, a table of classes × classes; here they are written with `scatter_`."""
    return torch.eye(classes, device=labels.device)[_index(labels, classes)]


def one_hot_batch__caught_too_late(labels: Tensor, classes: int) -> Tensor:
    """The error of `scatter_` is caught and turned into ValueError; on a GPU that comes too late."""
    try:
        return torch.zeros(len(labels), classes, device=labels.device).scatter_(1, labels.long()[:, None], 1)
    except RuntimeError:
        raise ValueError(f"a label of {labels.tolist()} is out of range for {classes} classes") from None


def one_hot_batch__one_after_the_other(labels: Tensor, classes: int) -> Tensor:
    """A Python loop writes one label after the other; `scatter_` writes all at once, and much faster."""
    rows = torch.zeros(len(labels), classes, device=labels.device)
    for row, label in zip(rows, _index(labels, classes)):
        row.scatter_(0, label[None], 1)
    return rows


# one_hot_along


def _along(labels: Tensor, classes: int, dim: int) -> Tensor:
    """Right one-hot vectors along a new dimension."""
    index = _index(labels, classes).unsqueeze(dim)
    shape = list(index.shape)
    shape[dim] = classes
    return torch.zeros(shape, device=labels.device).scatter_(dim, index, 1)


def one_hot_along__always_last(labels: Tensor, classes: int, dim: int) -> Tensor:
    """The classes always become the last dimension; `dim` says where they go."""
    return _along(labels, classes, -1)


def one_hot_along__always_dim_1(labels: Tensor, classes: int, dim: int) -> Tensor:
    """The classes always become dimension 1, as in a batch of images; `dim` says where they go."""
    return _along(labels, classes, min(1, labels.ndim))


def one_hot_along__negative_dim_one_too_early(labels: Tensor, classes: int, dim: int) -> Tensor:
    """A negative `dim` is counted in `labels`, which has one dimension less; count it in the result."""
    return _along(labels, classes, dim if dim >= 0 else dim + labels.ndim)


def one_hot_along__reshaped(labels: Tensor, classes: int, dim: int) -> Tensor:
    """The vectors are made last and reshaped; `reshape` does not move a dimension, it only cuts the numbers anew."""
    last = _along(labels, classes, -1)
    return last.reshape(_along(labels, classes, dim).shape)


def one_hot_along__transposed_to_dim(labels: Tensor, classes: int, dim: int) -> Tensor:
    """The class dimension is exchanged with `dim` by `transpose`; the others must keep their order."""
    return _along(labels, classes, -1).transpose(-1, dim)


def one_hot_along__negative_insert(labels: Tensor, classes: int, dim: int) -> Tensor:
    """`list.insert` with a negative index puts `classes` one place too early; make `dim` positive first."""
    index = _index(labels, classes).unsqueeze(dim)
    shape = list(labels.shape)
    shape.insert(dim, classes)
    return torch.zeros(shape, device=labels.device).scatter_(dim, index, 1)


def one_hot_along__no_check(labels: Tensor, classes: int, dim: int) -> Tensor:
    """The labels are not checked: `scatter_` raises RuntimeError, on a GPU too late; here it must be ValueError."""
    index = labels.long().unsqueeze(dim)
    shape = list(index.shape)
    shape[dim] = classes
    return torch.zeros(shape, device=labels.device).scatter_(dim, index, 1)


def one_hot_along__labels_used_as_they_are(labels: Tensor, classes: int, dim: int) -> Tensor:
    """The labels are used as an index in their own dtype; `scatter_` wants int64, so uint8 labels fail."""
    _index(labels, classes)
    index = labels.unsqueeze(dim)
    shape = list(index.shape)
    shape[dim] = classes
    return torch.zeros(shape, device=labels.device).scatter_(dim, index, 1)


def one_hot_along__size_1_kept(labels: Tensor, classes: int, dim: int) -> Tensor:
    """A dimension of size 1 is left beside the new one; the result has just one dimension more than `labels`."""
    return _along(labels, classes, dim).unsqueeze(-1)


def one_hot_along__negative_wraps(labels: Tensor, classes: int, dim: int) -> Tensor:
    """A negative label counts from the end, as an index in Python does; here it raises ValueError."""
    index = labels.long()
    return _along(torch.where(index < 0, index % classes, index), classes, dim)


def one_hot_along__int64(labels: Tensor, classes: int, dim: int) -> Tensor:
    """The result holds int64; here it holds float32."""
    return _along(labels, classes, dim).long()


def one_hot_along__classes_seen(labels: Tensor, classes: int, dim: int) -> Tensor:
    """There is only room for the classes that occur; the size along `dim` is `classes`, seen or not."""
    index = _index(labels, classes)
    return _along(labels, int(index.max()) + 1 if index.numel() else 1, dim)


def one_hot_along__ready_made(labels: Tensor, classes: int, dim: int) -> Tensor:
    """The ready-made `one_hot` does the work; here it is done with `scatter_`."""
    return F.one_hot(_index(labels, classes), classes).movedim(-1, dim).float()


# one_hot_transform


def one_hot_transform__function_inside(classes: int):
    """The result is a lambda, or a function made inside another: it has no name by which a worker could find it."""
    return lambda label: _vector(label, classes)


def _table(classes: int) -> Tensor:
    return torch.zeros(classes, classes).scatter_(1, torch.arange(classes)[:, None], 1)


def one_hot_transform__class_inside(classes: int):
    """The class is defined inside the function, where pickle cannot find it; define it at the top of the file."""

    class Inside:
        def __call__(self, label: int) -> Tensor:
            return _vector(label, classes)

    return Inside()


class _Cached:
    """A transform with a memory."""

    def __init__(self, classes: int) -> None:
        self.classes, self.known = classes, {}

    def __call__(self, label: int) -> Tensor:
        if label not in self.known:
            self.known[label] = _vector(label, self.classes)
        return self.known[label]


def one_hot_transform__cached(classes: int):
    """The vectors are kept and handed out again, so a write to one shows in the next; give a new tensor each time."""
    return _Cached(classes)


def one_hot_transform__lru_cache(classes: int):
    """`lru_cache` hands the same tensor out again, and pickle cannot find what it wraps; leave it out."""
    return functools.lru_cache(functools.partial(_vector, classes=classes))


def one_hot_transform__a_table(classes: int):
    """The result is a table of all vectors; a transform is something to be called with a label."""
    return _table(classes)


def one_hot_transform__rows_of_a_table(classes: int):
    """Each call gives a row of one shared table, and a label of -1 the last row; give new tensors, and ValueError."""
    return _table(classes).__getitem__


def one_hot_transform__a_dict(classes: int):
    """The result is a dict of all vectors; a transform is something to be called with a label."""
    return {label: _vector(label, classes) for label in range(classes)}


_now = {"classes": 0}


def _global_transform(label: int) -> Tensor:
    return _vector(label, _now["classes"])


def one_hot_transform__classes_in_a_global(classes: int):
    """`classes` is kept in a global variable: the next transform overwrites it, and a worker never hears of it."""
    _now["classes"] = classes
    return functools.partial(_global_transform)


class _Unchecked:
    """A transform that does not look at the label."""

    def __init__(self, classes: int) -> None:
        self.classes = classes

    def __call__(self, label: int) -> Tensor:
        return torch.zeros(self.classes).scatter_(0, torch.tensor([label]), 1)


def one_hot_transform__no_check(classes: int):
    """The label is not checked, so `scatter_` raises RuntimeError; a label out of range raises ValueError."""
    return _Unchecked(classes)


def one_hot_transform__checked_as_int32(classes: int):
    """The label becomes int32 before the check, and 2**32 becomes 0, a good label; check the number as it came."""
    return functools.partial(one_hot_label__checked_as_int32, classes=classes)


class _Reused:
    """A transform that writes into one buffer."""

    def __init__(self, classes: int) -> None:
        self.buffer = torch.zeros(classes)

    def __call__(self, label: int) -> Tensor:
        return self.buffer.zero_().scatter_(0, _index(torch.tensor([label]), len(self.buffer)), 1)


def one_hot_transform__one_buffer(classes: int):
    """All calls write into one buffer and return it, so all samples of a batch are the last one; make a new tensor."""
    return _Reused(classes)


def one_hot_transform__result_of_a_call(classes: int):
    """The function is called at once, so the result is a vector; return the function, not what it gives."""
    return _vector(0, classes)


def one_hot_transform__partial_of_a_lambda(classes: int):
    """`partial` holds a lambda, and pickle refuses that as it refuses the lambda alone."""
    return functools.partial(lambda size, label: _vector(label, size), classes)


# smoothed_one_hot


def _smooth(labels: Tensor, classes: int, low: float, high: float) -> Tensor:
    rows = torch.full((len(labels), classes), float(low), device=labels.device)
    return rows.scatter_(1, _index(labels, classes)[:, None], high)


def smoothed_one_hot__share_of_the_others_only(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """The label keeps 1 - smoothing and the others share the rest; here the label too gets its smoothing / classes."""
    return _smooth(labels, classes, smoothing / max(classes - 1, 1), 1 - smoothing)


def smoothed_one_hot__label_without_its_share(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """The label holds only 1 - smoothing, so the row does not sum to 1; add smoothing / classes to it."""
    return _smooth(labels, classes, smoothing / classes, 1 - smoothing)


def smoothed_one_hot__not_divided(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """The smoothing is not divided by the number of classes, so the row does not sum to 1."""
    return _smooth(labels, classes, smoothing, 1.0)


def smoothed_one_hot__one_stays_one(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """The label keeps its 1 while the others get a share, so the row sums to more than 1."""
    return _smooth(labels, classes, smoothing / classes, 1.0)


def smoothed_one_hot__zeros_kept(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """Only the label is lowered, and all other elements stay 0; they get smoothing / classes."""
    return _smooth(labels, classes, 0.0, 1 - smoothing + smoothing / classes)


def smoothed_one_hot__not_smoothed(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """The rows are plain one-hot; `smoothing` is not used."""
    return _rows(labels, classes)


def smoothed_one_hot__weights_exchanged(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """The weights are exchanged: `smoothing` goes to the uniform part, 1 - smoothing to the one-hot part."""
    return smoothing * _rows(labels, classes) + (1 - smoothing) / classes


def smoothed_one_hot__float64(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """The rows hold float64; here they hold float32."""
    return _smooth(labels, classes, smoothing / classes, 1 - smoothing + smoothing / classes).double()


def smoothed_one_hot__scattered_along_dim_0(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """The labels are written along dimension 0, so they count rows; the class is the column, dimension 1."""
    low = smoothing / classes
    rows = torch.full((len(labels), classes), float(low), device=labels.device)
    return rows.scatter_(0, _index(labels, classes)[:, None], 1 - smoothing + low)


def smoothed_one_hot__no_check(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """The labels are not checked: `scatter_` raises RuntimeError, on a GPU too late; here it must be ValueError."""
    low = smoothing / classes
    rows = torch.full((len(labels), classes), float(low), device=labels.device)
    return rows.scatter_(1, labels.long()[:, None], 1 - smoothing + low)


def smoothed_one_hot__uniform_for_a_bad_label(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """A label out of range gives a uniform row, and nobody hears of the error; here it raises ValueError."""
    index = labels.long()
    good = ((index >= 0) & (index < classes))[:, None]
    rows = _rows(index.clamp(0, classes - 1), classes)
    return torch.where(good, (1 - smoothing) * rows + smoothing / classes, torch.full_like(rows, 1 / classes))


def smoothed_one_hot__labels_used_as_they_are(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """The labels are used as an index in their own dtype; `scatter_` wants int64, so uint8 labels fail."""
    _index(labels, classes)
    low = smoothing / classes
    rows = torch.full((len(labels), classes), float(low), device=labels.device)
    return rows.scatter_(1, labels[:, None], 1 - smoothing + low)


def smoothed_one_hot__ready_made(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """The ready-made `one_hot` does the work; here it is done with `scatter_`."""
    return (1 - smoothing) * F.one_hot(_index(labels, classes), classes).float() + smoothing / classes


# labels_from_one_hot


def _checked(one_hot: Tensor) -> Tensor:
    """One-hot rows as floats, or ValueError."""
    rows = one_hot.double()
    if not (((rows == 0) | (rows == 1)).all() and (rows.sum(1) == 1).all()):
        raise ValueError("not one-hot")
    return rows


def labels_from_one_hot__no_check(one_hot: Tensor) -> Tensor:
    """The rows are not checked, so a row of zeros becomes class 0; a row that is not one-hot raises ValueError."""
    return one_hot.double().argmax(dim=1)


def labels_from_one_hot__only_sums_checked(one_hot: Tensor) -> Tensor:
    """Only the sum of each row is checked, and [0.5, 0.5] sums to 1 as well; each element must be 0 or 1."""
    if not (one_hot.double().sum(dim=1) == 1).all():
        raise ValueError("not one-hot")
    return one_hot.double().argmax(dim=1)


def labels_from_one_hot__only_largest_checked(one_hot: Tensor) -> Tensor:
    """Only the largest element of each row is checked; a second 1 in a row is missed."""
    rows = one_hot.double()
    if not (rows.amax(dim=1) == 1).all():
        raise ValueError("not one-hot")
    return rows.argmax(dim=1)


def labels_from_one_hot__sum_and_largest_checked(one_hot: Tensor) -> Tensor:
    """The sum and the largest element are checked, and [1, -1, 1] passes both; each element must be 0 or 1."""
    rows = one_hot.double()
    if not (rows.sum(dim=1) == 1).all() or not (rows.amax(dim=1) == 1).all():
        raise ValueError("not one-hot")
    return rows.argmax(dim=1)


def labels_from_one_hot__values_in_range_checked(one_hot: Tensor) -> Tensor:
    """Elements between 0 and 1 pass, so probabilities do; each element must be 0 or 1."""
    rows = one_hot.double()
    if not ((rows >= 0) & (rows <= 1)).all() or not (rows.sum(dim=1) == 1).all():
        raise ValueError("not one-hot")
    return rows.argmax(dim=1)


def labels_from_one_hot__close_to_one_hot_passes(one_hot: Tensor) -> Tensor:
    """The check allows for rounding, so 1e-9 passes for 0; each element must be 0 or 1 exactly."""
    rows = one_hot.double()
    _checked(torch.where(torch.isclose(rows, rows.round(), atol=1e-6), rows.round(), rows))
    return rows.argmax(dim=1)


def labels_from_one_hot__rounded_to_float32(one_hot: Tensor) -> Tensor:
    """As float32, 1 + 1e-9 is 1 and 1e-50 is 0, so such rows pass; check the elements in the dtype that they have."""
    return _checked(one_hot.float()).argmax(dim=1)


def labels_from_one_hot__checked_as_int32(one_hot: Tensor) -> Tensor:
    """Integers become int32 before the check, and 2**32 becomes 0; check the elements in the dtype that they have."""
    return _checked(one_hot if one_hot.is_floating_point() else one_hot.int()).argmax(dim=1)


def labels_from_one_hot__two_ones_pass(one_hot: Tensor) -> Tensor:
    """Rows with several ones pass the check; exactly one is allowed."""
    rows = one_hot.double()
    if not (((rows == 0) | (rows == 1)).all() and (rows.sum(1) >= 1).all()):
        raise ValueError("not one-hot")
    return rows.argmax(dim=1)


def labels_from_one_hot__total_checked(one_hot: Tensor) -> Tensor:
    """Only the number of ones in the whole matrix is checked; one row may hold none and another two."""
    rows = one_hot.double()
    if not ((rows == 0) | (rows == 1)).all() or rows.sum() != len(rows):
        raise ValueError("not one-hot")
    return rows.argmax(dim=1)


def labels_from_one_hot__columns(one_hot: Tensor) -> Tensor:
    """The largest is looked for down the columns, dimension 0; the label of a row is found along dimension 1."""
    return _checked(one_hot).argmax(dim=0)


def labels_from_one_hot__values(one_hot: Tensor) -> Tensor:
    """The largest values are returned, and those are all 1; the label is the index of the 1."""
    return _checked(one_hot).amax(dim=1).long()


def labels_from_one_hot__column_kept(one_hot: Tensor) -> Tensor:
    """The result has the shape (n, 1), as `keepdim` gives it; here it is (n,)."""
    return _checked(one_hot).argmax(dim=1, keepdim=True)


def labels_from_one_hot__bools_fail(one_hot: Tensor) -> Tensor:
    """`argmax` does not take bools; turn them into integers first."""
    _checked(one_hot)
    return one_hot.argmax(dim=1)


def labels_from_one_hot__whole_matrix(one_hot: Tensor) -> Tensor:
    """`argmax` without `dim` looks through the whole matrix; here each row has its label."""
    return _checked(one_hot).argmax()


def labels_from_one_hot__int32(one_hot: Tensor) -> Tensor:
    """The labels are int32; an index is int64."""
    return _checked(one_hot).argmax(dim=1).int()


def labels_from_one_hot__sorted(one_hot: Tensor) -> Tensor:
    """The columns with a 1 are listed column by column, so the labels come sorted; keep the order of the rows."""
    return _checked(one_hot).T.nonzero()[:, 0]


def labels_from_one_hot__row_by_row(one_hot: Tensor) -> Tensor:
    """A Python loop goes through the rows; torch finds all labels at once, and much faster."""
    found = [int(row.argmax()) for row in _checked(one_hot)]
    return torch.tensor(found, dtype=torch.int64, device=one_hot.device)


# add_counts


def add_counts__repeats_lost(counts: Tensor, labels: Tensor) -> Tensor:
    """`counts[labels] += 1` writes each place once, so a repeated label counts once; `scatter_add_` adds all."""
    counts[_index(labels, len(counts))] += 1
    return counts


def add_counts__scatter_instead_of_add(counts: Tensor, labels: Tensor) -> Tensor:
    """`scatter_` overwrites: each class that occurs holds 1 afterwards; `scatter_add_` adds."""
    index = _index(labels, len(counts))
    return counts.scatter_(0, index, torch.ones_like(index))


def add_counts__not_in_place(counts: Tensor, labels: Tensor) -> Tensor:
    """`scatter_add` without an underscore makes a new tensor; `counts` itself must change."""
    index = _index(labels, len(counts))
    return counts.scatter_add(0, index, torch.ones_like(index))


def add_counts__starts_from_zero(counts: Tensor, labels: Tensor) -> Tensor:
    """The earlier counts are set to zero first; they belong to earlier batches and must stay."""
    index = _index(labels, len(counts))
    return counts.zero_().scatter_add_(0, index, torch.ones_like(index))


def add_counts__nothing_returned(counts: Tensor, labels: Tensor) -> None:
    """`counts` is changed but not returned."""
    index = _index(labels, len(counts))
    counts.scatter_add_(0, index, torch.ones_like(index))


def add_counts__copy_returned(counts: Tensor, labels: Tensor) -> Tensor:
    """A copy is returned; here it is `counts` itself."""
    index = _index(labels, len(counts))
    return counts.scatter_add_(0, index, torch.ones_like(index)).clone()


def add_counts__labels_added(counts: Tensor, labels: Tensor) -> Tensor:
    """The labels themselves are added up in each class; add 1 for each label."""
    index = _index(labels, len(counts))
    return counts.scatter_add_(0, index, index)


def add_counts__no_check(counts: Tensor, labels: Tensor) -> Tensor:
    """The labels are not checked: `scatter_add_` raises RuntimeError when some counts have changed already."""
    index = labels.long()
    return counts.scatter_add_(0, index, torch.ones_like(index))


def add_counts__written_before_the_check(counts: Tensor, labels: Tensor) -> Tensor:
    """The good labels are counted before the error is raised; check first, so that `counts` stays as it was."""
    index = labels.long()
    good = (index >= 0) & (index < len(counts))
    counts.scatter_add_(0, index.clamp(0, len(counts) - 1), good.long())
    _index(labels, len(counts))
    return counts


def add_counts__bad_labels_left_out(counts: Tensor, labels: Tensor) -> Tensor:
    """Labels out of range are left out, and nobody hears of the error; here they raise ValueError."""
    index = labels.long()
    good = (index >= 0) & (index < len(counts))
    return counts.scatter_add_(0, index.clamp(0, len(counts) - 1), good.long())


def add_counts__checked_in_the_small_dtype(counts: Tensor, labels: Tensor) -> Tensor:
    """The labels are compared with their number of classes as uint8 or int8, where 300 wraps round; use int64."""
    outside = labels[(labels < 0) | (labels >= len(counts))]
    if len(outside):
        raise ValueError(f"label {int(outside[0])} is out of range for {len(counts)} classes")
    return counts.scatter_add_(0, labels.long(), torch.ones_like(labels, dtype=torch.int64))


def add_counts__negative_wraps(counts: Tensor, labels: Tensor) -> Tensor:
    """A negative label counts from the end, as an index in Python does; here it raises ValueError."""
    index = labels.long()
    index = _index(torch.where(index < 0, index % len(counts), index), len(counts))
    return counts.scatter_add_(0, index, torch.ones_like(index))


def add_counts__labels_used_as_they_are(counts: Tensor, labels: Tensor) -> Tensor:
    """The labels are used as an index in their own dtype; `scatter_add_` wants int64, so uint8 labels fail."""
    index = _index(labels, len(counts))
    return counts.scatter_add_(0, labels, torch.ones_like(index))


def add_counts__ones_of_the_labels_dtype(counts: Tensor, labels: Tensor) -> Tensor:
    """The ones have the dtype of the labels; `scatter_add_` wants them in the dtype of `counts`, int64."""
    return counts.scatter_add_(0, _index(labels, len(counts)), torch.ones_like(labels))


def add_counts__counted_in_the_small_dtype(counts: Tensor, labels: Tensor) -> Tensor:
    """The labels are counted in their own dtype, and uint8 counts only to 255; count in int64."""
    extra = torch.zeros(len(counts), dtype=labels.dtype, device=labels.device)
    return counts.add_(extra.scatter_add_(0, _index(labels, len(counts)), torch.ones_like(labels)))


def add_counts__histogram_ready_made(counts: Tensor, labels: Tensor) -> Tensor:
    """`bincount` does the work; here it is done with `scatter_add_`."""
    return counts.add_(torch.bincount(_index(labels, len(counts)), minlength=len(counts)))


# confusion_matrix


def _confusion(rows: Tensor, columns: Tensor, classes: int) -> Tensor:
    """Pairs counted, after a check of both."""
    cell = _index(rows, classes) * classes + _index(columns, classes)
    counts = torch.zeros(classes * classes, dtype=torch.int64, device=rows.device)
    return counts.scatter_add_(0, cell, torch.ones_like(cell)).view(classes, classes)


def confusion_matrix__transposed(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """Rows are predictions and columns are targets; here the rows are the targets."""
    return _confusion(predictions, targets, classes)


def confusion_matrix__repeats_lost(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """`scatter_` writes a 1 where a pair occurs, however often; `scatter_add_` counts."""
    return _confusion(targets, predictions, classes).clamp(max=1)


def confusion_matrix__cells_checked_only(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """Only the cell number is checked, so a wrong prediction counts in the next row; check targets and predictions."""
    cell = _index(targets.long() * classes + predictions.long(), classes * classes)
    counts = torch.zeros(classes * classes, dtype=torch.int64, device=targets.device)
    return counts.scatter_add_(0, cell, torch.ones_like(cell)).view(classes, classes)


def confusion_matrix__only_targets_checked(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """Only the targets are checked; a prediction out of range must raise ValueError too."""
    cell = _index(targets, classes) * classes + predictions.long()
    counts = torch.zeros(classes * classes, dtype=torch.int64, device=targets.device)
    return counts.scatter_add_(0, cell, torch.ones_like(cell)).view(classes, classes)


def confusion_matrix__only_predictions_checked(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """Only the predictions are checked; a target out of range must raise ValueError too."""
    cell = targets.long() * classes + _index(predictions, classes)
    counts = torch.zeros(classes * classes, dtype=torch.int64, device=targets.device)
    return counts.scatter_add_(0, cell, torch.ones_like(cell)).view(classes, classes)


def confusion_matrix__no_check(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """Nothing is checked, so a wrong label counts in another cell or ends in RuntimeError; here it is ValueError."""
    cell = targets.long() * classes + predictions.long()
    counts = torch.zeros(classes * classes, dtype=torch.int64, device=targets.device)
    return counts.scatter_add_(0, cell, torch.ones_like(cell)).view(classes, classes)


def confusion_matrix__cells_in_the_small_dtype(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """targets * classes is computed in the dtype of the targets, and 19 * 20 does not fit uint8; use int64."""
    _index(targets, classes), _index(predictions, classes)
    cell = (targets * classes + predictions).long()
    counts = torch.zeros(classes * classes, dtype=torch.int64, device=targets.device)
    return counts.scatter_add_(0, cell, torch.ones_like(cell)).view(classes, classes)


def confusion_matrix__cells_in_int16(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """The number of a cell is computed in int16, which ends at 32767, and 199 * 200 is more; use int64."""
    _index(targets, classes), _index(predictions, classes)
    cell = (targets.short() * classes + predictions.short()).long()
    counts = torch.zeros(classes * classes, dtype=torch.int64, device=targets.device)
    return counts.scatter_add_(0, cell, torch.ones_like(cell)).view(classes, classes)


def confusion_matrix__counted_in_the_small_dtype(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """The pairs are counted in the dtype of the targets, and uint8 counts only to 255; count in int64."""
    cell = _index(targets, classes) * classes + _index(predictions, classes)
    counts = torch.zeros(classes * classes, dtype=targets.dtype, device=targets.device)
    return counts.scatter_add_(0, cell, torch.ones_like(targets)).view(classes, classes).long()


def confusion_matrix__only_right_ones(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """Only right predictions are counted; the wrong ones belong beside the diagonal."""
    return _confusion(targets, predictions, classes).diagonal().diag()


def confusion_matrix__only_wrong_ones(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """Only wrong predictions are counted; the right ones belong on the diagonal."""
    return _confusion(targets, predictions, classes).fill_diagonal_(0)


def confusion_matrix__float32(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """The counts are float32; here they are int64, which never rounds."""
    return _confusion(targets, predictions, classes).float()


def confusion_matrix__shares_of_the_rows(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """Each row is divided by its sum; here the matrix holds counts."""
    counts = _confusion(targets, predictions, classes)
    return counts / counts.sum(dim=1, keepdim=True).clamp(min=1)


def confusion_matrix__classes_seen(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """The matrix is only as large as the largest label seen; its sides are `classes`."""
    counts = _confusion(targets, predictions, classes)
    both = torch.cat([targets.long(), predictions.long()])
    seen = int(both.max()) + 1 if len(both) else 0
    return counts[:seen, :seen].clone()


def confusion_matrix__flat(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """The counts stay in a flat row of classes · classes elements; make a matrix of it."""
    return _confusion(targets, predictions, classes).flatten()


def confusion_matrix__ready_made_histogram(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    """`bincount` does the work; here it is done with `scatter_add_`."""
    cell = _index(targets, classes) * classes + _index(predictions, classes)
    return torch.bincount(cell, minlength=classes * classes).view(classes, classes)


# target_probabilities


def target_probabilities__gathered_along_dim_0(probabilities: Tensor, targets: Tensor) -> Tensor:
    """`gather` picks along dimension 0, so the targets count rows; the class is the column, dimension 1."""
    index = _index(targets, probabilities.shape[1])
    return probabilities.gather(0, index[:, None]).squeeze(1)


def target_probabilities__first_row_only(probabilities: Tensor, targets: Tensor) -> Tensor:
    """The index is a row (1, n) instead of a column (n, 1), so all elements come from the first row."""
    index = _index(targets, probabilities.shape[1])
    return probabilities.gather(1, index[None, :]).squeeze(0)


def target_probabilities__column_kept(probabilities: Tensor, targets: Tensor) -> Tensor:
    """The result has the shape (n, 1); here it is (n,)."""
    return probabilities.gather(1, _index(targets, probabilities.shape[1])[:, None])


def target_probabilities__all_sizes_of_1_dropped(probabilities: Tensor, targets: Tensor) -> Tensor:
    """`squeeze` without a dimension drops all sizes of 1, so one row gives a tensor without dimensions."""
    return probabilities.gather(1, _index(targets, probabilities.shape[1])[:, None]).squeeze()


def target_probabilities__largest(probabilities: Tensor, targets: Tensor) -> Tensor:
    """The largest probability of each row is returned; here it is that of the target, right or not."""
    _index(targets, probabilities.shape[1])
    return probabilities.amax(dim=1)


def target_probabilities__columns_picked(probabilities: Tensor, targets: Tensor) -> Tensor:
    """`probabilities[:, targets]` gives all rows of those columns; here each row gives one element."""
    return probabilities[:, _index(targets, probabilities.shape[1])]


def target_probabilities__detached(probabilities: Tensor, targets: Tensor) -> Tensor:
    """The result is cut off from the graph, so no gradient arrives at `probabilities`."""
    return probabilities.detach().gather(1, _index(targets, probabilities.shape[1])[:, None]).squeeze(1)


def target_probabilities__targets_used_as_they_are(probabilities: Tensor, targets: Tensor) -> Tensor:
    """The targets are used as an index in their own dtype; `gather` wants int64, so uint8 targets fail."""
    _index(targets, probabilities.shape[1])
    return probabilities.gather(1, targets[:, None]).squeeze(1)


def target_probabilities__no_check(probabilities: Tensor, targets: Tensor) -> Tensor:
    """The targets are not checked: `gather` raises RuntimeError, on a GPU too late; here it must be ValueError."""
    return probabilities.gather(1, targets.long()[:, None]).squeeze(1)


def target_probabilities__checked_in_the_small_dtype(probabilities: Tensor, targets: Tensor) -> Tensor:
    """The targets are compared with their number of classes as uint8 or int8, where 300 wraps round; use int64."""
    classes = probabilities.shape[1]
    outside = targets[(targets < 0) | (targets >= classes)]
    if len(outside):
        raise ValueError(f"label {int(outside[0])} is out of range for {classes} classes")
    return probabilities.gather(1, targets.long()[:, None]).squeeze(1)


def target_probabilities__negative_wraps(probabilities: Tensor, targets: Tensor) -> Tensor:
    """A negative target counts from the end, as an index in Python does; here it raises ValueError."""
    index, classes = targets.long(), probabilities.shape[1]
    index = _index(torch.where(index < 0, index % classes, index), classes)
    return probabilities.gather(1, index[:, None]).squeeze(1)


def target_probabilities__checked_against_the_rows(probabilities: Tensor, targets: Tensor) -> Tensor:
    """The targets are checked against the number of rows; the number of classes is that of the columns."""
    index, classes = targets.long(), probabilities.shape[1]
    outside = index[(index < 0) | (index >= max(len(probabilities), classes))]
    if len(outside):
        raise ValueError(f"label {int(outside[0])} is out of range for {classes} classes")
    return probabilities.gather(1, index[:, None]).squeeze(1)


def target_probabilities__log(probabilities: Tensor, targets: Tensor) -> Tensor:
    """The logarithm is taken, as a loss does it next; here the probability itself is returned."""
    return probabilities.gather(1, _index(targets, probabilities.shape[1])[:, None]).squeeze(1).log()


def target_probabilities__mean(probabilities: Tensor, targets: Tensor) -> Tensor:
    """The mean over the rows is taken; here each row has its own probability."""
    picked = probabilities.gather(1, _index(targets, probabilities.shape[1])[:, None])
    return picked.mean()


def target_probabilities__multiplied_with_one_hot(probabilities: Tensor, targets: Tensor) -> Tensor:
    """A product with one-hot rows does the work, and reads every element; here `gather` picks just the one."""
    return (probabilities * _rows(targets, probabilities.shape[1])).sum(dim=1)


# class_means


def _sums(x: Tensor, index: Tensor, classes: int) -> Tensor:
    sums = torch.zeros(classes, x.shape[1], dtype=x.dtype, device=x.device)
    return sums.scatter_add_(0, index[:, None].expand_as(x), x)


def _counts(x: Tensor, index: Tensor, classes: int) -> Tensor:
    counts = torch.zeros(classes, dtype=x.dtype, device=x.device)
    return counts.scatter_add_(0, index, torch.ones_like(index, dtype=x.dtype))


def class_means__only_the_first_column(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """An index of shape (n, 1) reaches only the first column, without an error; expand it to the shape of `x`."""
    index = _index(labels, classes)
    sums = torch.zeros(classes, x.shape[1], dtype=x.dtype, device=x.device)
    sums.scatter_add_(0, index[:, None], x)
    return sums / _counts(x, index, classes).clamp(min=1)[:, None]


def class_means__nan_for_an_empty_class(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """A class without rows gives 0 / 0 = nan; here its mean is 0."""
    index = _index(labels, classes)
    return _sums(x, index, classes) / _counts(x, index, classes)[:, None]


def class_means__sums(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The sums are not divided by the number of rows of each class."""
    return _sums(x, _index(labels, classes), classes)


def class_means__divided_by_n(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The sums are divided by the number of all rows; each class has its own number."""
    return _sums(x, _index(labels, classes), classes) / max(len(x), 1)


def class_means__one_too_many(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """1 is added to each count to avoid 0 / 0, and every mean is too small; use `clamp(min=1)`."""
    index = _index(labels, classes)
    return _sums(x, index, classes) / (_counts(x, index, classes) + 1)[:, None]


def class_means__divided_by_one_less(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The sums are divided by the number of rows less 1, as for a variance; a mean divides by the number itself."""
    index = _index(labels, classes)
    return _sums(x, index, classes) / (_counts(x, index, classes) - 1).clamp(min=1)[:, None]


def class_means__last_row_wins(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """`scatter_` overwrites, so one row of each class is left; `scatter_add_` adds them."""
    index = _index(labels, classes)
    rows = torch.zeros(classes, x.shape[1], dtype=x.dtype, device=x.device)
    rows.scatter_(0, index[:, None].expand_as(x), x)
    return rows / _counts(x, index, classes).clamp(min=1)[:, None]


def class_means__counts_along_the_columns(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The counts (classes,) divide the columns instead of the rows; they need a second dimension, (classes, 1)."""
    index = _index(labels, classes)
    return _sums(x, index, classes) / _counts(x, index, classes).clamp(min=1)


def class_means__for_each_sample(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Each sample gets the mean of its class, (n, d); here each class has one row, (classes, d)."""
    index = _index(labels, classes)
    return (_sums(x, index, classes) / _counts(x, index, classes).clamp(min=1)[:, None])[index]


def class_means__classes_seen(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Classes without rows are left out; each class has its row, in order."""
    index = _index(labels, classes)
    counts = _counts(x, index, classes)
    return (_sums(x, index, classes) / counts.clamp(min=1)[:, None])[counts > 0]


def class_means__float32(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The sums are made in float32, whatever `x` holds; the dtype of the result is that of `x`."""
    index, x = _index(labels, classes), x.float()
    return _sums(x, index, classes) / _counts(x, index, classes).clamp(min=1)[:, None]


def class_means__global_mean_for_an_empty_class(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """A class without rows gets the mean of all rows; here its mean is 0."""
    index = _index(labels, classes)
    counts = _counts(x, index, classes)[:, None]
    means = _sums(x, index, classes) / counts.clamp(min=1)
    return torch.where(counts > 0, means, x.sum(dim=0) / max(len(x), 1))


def class_means__counted_in_the_small_dtype(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The rows are counted in the dtype of the labels, and uint8 counts only to 255; count in the dtype of `x`."""
    index = _index(labels, classes)
    counts = torch.zeros(classes, dtype=labels.dtype, device=x.device)
    counts.scatter_add_(0, index, torch.ones_like(labels))
    return _sums(x, index, classes) / counts.clamp(min=1)[:, None]


def class_means__no_check(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The labels are not checked: `scatter_add_` raises RuntimeError, on a GPU too late; here it must be ValueError."""
    index = labels.long()
    return _sums(x, index, classes) / _counts(x, index, classes).clamp(min=1)[:, None]


def class_means__bad_labels_left_out(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Rows with a label out of range are left out, and nobody hears of the error; here it raises ValueError."""
    index = labels.long()
    good = (index >= 0) & (index < classes)
    x, index = x[good], index[good]
    return _sums(x, index, classes) / _counts(x, index, classes).clamp(min=1)[:, None]


def class_means__labels_used_as_they_are(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The labels are used as an index in their own dtype; `scatter_add_` wants int64, so uint8 labels fail."""
    index = _index(labels, classes)
    return _sums(x, labels, classes) / _counts(x, index, classes).clamp(min=1)[:, None]


def class_means__product_with_one_hot(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """A matrix product with one-hot rows does the work: right, but here the rows are added with `scatter_add_`."""
    rows = _rows(labels, classes).to(x.dtype)
    return rows.T @ x / rows.sum(dim=0).clamp(min=1)[:, None]


RULE = "the values are the same; the rule that asks for the underscore reads the source, which a mutant does not have"
LAST = "dimension -1 is dimension 0 of a vector"

EQUIVALENT = {
    "one_hot_label": {
        "return torch.zeros(classes).scatter(0, torch.tensor([label]), 1)": RULE,
        "return torch.zeros(classes).scatter_(-1, torch.tensor([label]), 1)": LAST,
        "return torch.zeros(classes).scatter_(0, torch.as_tensor([label]), 1)": "a list has no memory to share",
    },
    "one_hot_batch": {"return zeros.scatter(1, index.unsqueeze(1), 1)": RULE},
    "one_hot_along": {"return torch.zeros(shape, device=labels.device).scatter(dim, index, 1)": RULE},
    "smoothed_one_hot": {"return rows.scatter(1, index.unsqueeze(1), 1 - smoothing + low)": RULE},
    "add_counts": {"return counts.scatter_add_(-1, index, torch.ones_like(index))": LAST},
    "confusion_matrix": {
        "return counts.scatter_add_(0, cell, torch.ones_like(cell)).reshape(-1, classes)": "the matrix is square",
        "return counts.scatter_add(0, cell, torch.ones_like(cell)).reshape(classes, -1)": RULE,
        "return counts.scatter_add_(-1, cell, torch.ones_like(cell)).reshape(classes, -1)": LAST,
    },
    "class_means": {"counts.scatter_add_(-1, index, torch.ones_like(index, dtype=x.dtype))": LAST},
}
