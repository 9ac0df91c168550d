"""The properties of the one-hot kata. `kata.name(...)` calls your function and keeps what a message needs."""

import inspect
import pickle
import sys
from contextlib import contextmanager
from types import ModuleType

import numpy as np
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch.overrides import TorchFunctionMode

from torchkata.checks import (
    expect_changed,
    expect_law,
    expect_raises,
    expect_returned,
    expect_rules,
    expect_same_object,
    expect_tensor,
)
from torchkata.errors import KataError
from torchkata.pasting import paste
from torchkata.strategies import build, seeds, tensors

FLOATS = (torch.float32, torch.float64)
INTEGERS = (torch.int64, torch.uint8, torch.int32, torch.int8, torch.int16)
CLASSES = (3, 4, 2, 5, 1)
LENGTHS = ((2,), (3,), (4,), (6,), (1,), (0,))
ANY_SHAPE = ((2, 3), (3, 2), (2,), (), (3, 1), (2, 2), (1, 2, 3), (0, 2), (2, 0))
WRONG = ("one too large", "minus one", "minus classes", "largest", "smallest")

NO_ONE_HOT = ("torch.nn.functional.one_hot", "torch.eye")
NO_COUNTING = ("torch.bincount", "torch.histc", "torch.histogram", "torch.unique", "torch.unique_consecutive")


# Labels, good and bad


def make_labels(shape, classes, dtype, layout="contiguous", seed=0):
    """Labels from 0 to classes - 1, in any order and with repeats."""
    values = torch.from_numpy(np.asarray(np.random.default_rng(seed).integers(0, classes, shape))).to(dtype)
    if layout == "gapped" and values.ndim:
        return values.repeat_interleave(2, -1)[..., ::2]
    return values.mT.contiguous().mT if layout == "transposed" and values.ndim >= 2 else values


def spoil(labels, classes, wrong, seed=0):
    """(labels, classes, bad): the same labels, with one that is out of range among them."""
    limits = torch.iinfo(labels.dtype)
    bad = {
        "one too large": classes,
        "minus one": -1,
        "minus classes": -classes,
        "largest": limits.max,
        "smallest": limits.min,
    }[wrong]
    if bad < limits.min or 0 <= bad < classes:
        bad = classes
    spoilt = labels.clone()
    spoilt.view(-1)[seed % labels.numel()] = bad
    return spoilt, classes, bad


def labelled(shapes=LENGTHS):
    """(labels, classes), all of them in range."""
    manner = st.tuples(st.sampled_from(INTEGERS), st.sampled_from(("contiguous", "gapped", "transposed")))
    recipe = st.tuples(st.sampled_from(shapes), st.sampled_from(CLASSES), manner, seeds())
    return recipe.map(lambda drawn: (make_labels(drawn[0], drawn[1], *drawn[2], drawn[3]), drawn[1]))


def mislabelled(shapes=LENGTHS):
    """(labels, classes, bad), with one label out of range."""
    full = [shape for shape in shapes if 0 not in shape]
    manner = st.tuples(st.sampled_from(INTEGERS), st.sampled_from(WRONG))
    recipe = st.tuples(st.sampled_from(full), st.sampled_from(CLASSES), manner, seeds())

    def make(drawn):
        shape, classes, (dtype, wrong), seed = drawn
        return spoil(make_labels(shape, classes, dtype, seed=seed), classes, wrong, seed)

    return recipe.map(make)


def labels(*numbers, dtype=torch.int64):
    return torch.tensor(numbers, dtype=dtype)


many_classes = st.sampled_from((1100, 1030))
large_labels = st.tuples(st.sampled_from(((2,), (3,))), st.sampled_from((torch.uint8, torch.int8)), seeds()).map(
    lambda drawn: make_labels(drawn[0], 128, drawn[1], seed=drawn[2])
)


def one_hot_rows(numbers, classes):
    """One-hot rows, by a loop, in float64."""
    rows = np.zeros((len(numbers), classes))
    for row, number in zip(rows, numbers, strict=True):
        row[number] = 1
    return rows


@contextmanager
def called_as(text):
    """Show a call with large arguments as `text` in a finding."""
    try:
        yield
    except KataError as finding:
        finding.call = text
        raise


# Refusals


class WatchIndices(TorchFunctionMode):
    """Looks at each index before torch uses it, and refuses a wrong one as the CPU does.

    On a GPU nobody would: a wrong index there ends the work of the whole process with the GPU.
    """

    BY_INDEX = ("scatter", "scatter_add", "scatter_reduce", "gather", "index_add", "index_fill", "index_select")

    def __init__(self):
        super().__init__()
        self.seen = ""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "")
        if name.rstrip("_") in self.BY_INDEX:
            given = dict(zip(("input", "dim", "index"), args, strict=False)) | (kwargs or {})
            self.look(name, given.get("input"), given.get("dim"), given.get("index"))
        return func(*args, **(kwargs or {}))

    def look(self, name, tensor, dim, index):
        if not isinstance(tensor, torch.Tensor) or not isinstance(index, torch.Tensor) or not isinstance(dim, int):
            return
        side = tensor.shape[dim] if tensor.ndim else 1
        wrong = [number for number in index.flatten().tolist() if not 0 <= number < side]
        if wrong:
            self.seen = f"`{name}` got the index {wrong[0]} where the size is {side}"
            raise RuntimeError(f"index {wrong[0]} is out of bounds for dimension {dim} with size {side}")


def expect_refusal(answer, watch, bad, classes):
    """The answer of `raising` is a ValueError that names the label and the number of classes, raised in time."""
    expect_raises(answer, ValueError, mentions=str(bad))
    expect_raises(answer, ValueError, mentions=str(classes))
    if watch.seen:
        raise KataError(
            "too late",
            call=answer.call,
            expected="raises ValueError before the label is used as an index",
            got=f"{watch.seen}; ValueError came after that",
            message="On a GPU the error comes too late to be caught, and all later calls fail: check the labels first.",
            **answer.stub.place,
        )


def expect_refused(stub, *arguments, bad, classes):
    """The call raises ValueError that names the label and the number of classes, and changes no argument."""
    with WatchIndices() as watch:
        answer = stub.raising(*arguments)
    expect_refusal(answer, watch, bad, classes)


# one_hot_label


@given(case=labelled([()]))
@example(case=(2, 4))
@example(case=(0, 1))
@example(case=(9, 10))
def test_one_hot_label__is_1_at_the_label(kata, case):
    """The vector holds 1 at index `label` and 0 everywhere else, as float32."""
    label, classes = int(case[0]), case[1]
    expect_tensor(kata.one_hot_label(label, classes), one_hot_rows([label], classes)[0], dtype=torch.float32)


@given(case=mislabelled([()]))
@example(case=(-1, 3, -1))
@example(case=(3, 3, 3))
@example(case=(12, 10, 12))
@example(case=(2**32, 3, 2**32))
def test_one_hot_label__refuses_a_label_out_of_range(kata, case):
    """A label below 0, or of `classes` or more, raises ValueError with both numbers in its message."""
    label, classes, bad = case
    expect_refused(kata.one_hot_label, int(label), classes, bad=bad, classes=classes)


def test_one_hot_label__is_written_with_scatter_(kata):
    """The 1 is written with `scatter_`, without `one_hot` or `eye`."""
    expect_rules(kata.one_hot_label, without=NO_ONE_HOT, using=("scatter_",))


# one_hot_batch


@given(case=labelled())
@example(case=(labels(2, 0), 3))
@example(case=(labels(1, 0, 1, 1, dtype=torch.uint8), 2))
@example(case=(labels(2, 0, dtype=torch.int32), 4))
@example(case=(labels(), 3))
@example(case=(labels(100, 255, dtype=torch.uint8), 1100))
@example(case=(labels(100, 127, dtype=torch.int8), 1100))
@example(case=(labels(0, 0, 0), 1))
def test_one_hot_batch__has_a_one_hot_row_for_each_label(kata, case):
    """Row i holds 1 at label i and 0 everywhere else, as float32, on the device of the labels."""
    numbers, classes = case
    expect_tensor(kata.one_hot_batch(numbers, classes), one_hot_rows(numbers.tolist(), classes), dtype=torch.float32)


@given(case=mislabelled())
@example(case=(labels(0, 3, 1), 3, 3))
@example(case=(labels(-1, 2), 3, -1))
@example(case=(labels(1, 2**32), 3, 2**32))
@example(case=(labels(0, 7, dtype=torch.uint8), 4, 7))
def test_one_hot_batch__refuses_labels_out_of_range(kata, case):
    """A label below 0, or of `classes` or more, raises ValueError with both numbers in its message."""
    numbers, classes, bad = case
    expect_refused(kata.one_hot_batch, numbers, classes, bad=bad, classes=classes)


def test_one_hot_batch__is_written_with_scatter_(kata):
    """All ones are written at once with `scatter_`, without a loop and without `one_hot` or `eye`."""
    expect_rules(kata.one_hot_batch, loops=False, without=NO_ONE_HOT, using=("scatter_",))


# one_hot_along


def dims(case, turn):
    """A dimension of the result, counted from the first or from the last."""
    ranks = case[0].ndim + 1
    return turn % (2 * ranks) - ranks


@given(case=labelled(ANY_SHAPE), turn=st.integers(0, 23))
@example(case=(torch.tensor([[0, 1], [1, 1]]), 2), turn=2)
@example(case=(torch.tensor([[0, 1, 2], [3, 1, 1]]), 4), turn=3)
@example(case=(torch.tensor([[0, 1, 2], [2, 1, 1]]), 3), turn=1)
@example(case=(torch.tensor([[0, 1, 2], [2, 1, 1]]), 3), turn=5)
@example(case=(torch.tensor([[0, 1], [1, 1]]), 2), turn=0)
@example(case=(torch.tensor(2), 4), turn=0)
@example(case=(torch.tensor([100, 255], dtype=torch.uint8), 1100), turn=2)
def test_one_hot_along__lays_each_label_along_dim(kata, case, turn):
    """Along the new dimension `dim`, counted in the result, stands the one-hot vector of each label."""
    numbers, classes = case
    dim = dims(case, turn)
    rows = one_hot_rows(numbers.flatten().tolist(), classes).reshape(*numbers.shape, classes)
    expect_tensor(kata.one_hot_along(numbers, classes, dim), np.moveaxis(rows, -1, dim), dtype=torch.float32)


@given(case=mislabelled(ANY_SHAPE), turn=st.integers(0, 23))
@example(case=(torch.tensor([[0, 1], [2, 1]]), 2, 2), turn=2)
@example(case=(torch.tensor([[0, -1, 1]]), 2, -1), turn=1)
@example(case=(torch.tensor([[1, 2**32]]), 3, 2**32), turn=2)
def test_one_hot_along__refuses_labels_out_of_range(kata, case, turn):
    """A label below 0, or of `classes` or more, raises ValueError with both numbers in its message."""
    numbers, classes, bad = case
    expect_refused(kata.one_hot_along, numbers, classes, dims(case, turn), bad=bad, classes=classes)


def test_one_hot_along__is_written_with_scatter_(kata):
    """All ones are written at once with `scatter_`, without a loop and without `one_hot` or `eye`."""
    expect_rules(kata.one_hot_along, loops=False, without=NO_ONE_HOT, using=("scatter_",))


# one_hot_transform


def applied(answer, transform, label, how="called"):
    """An answer for what a transform makes of a label; its value is the exception where there is one."""
    part = expect_returned(answer, None, f"the result {how} with {label}")
    try:
        part.value = transform(label)
        part.returned = repr(part.value)
    except Exception as error:
        part.value = error
    return part


def expect_one_hot(part, label, classes):
    """A transform gave the one-hot vector of the label."""
    if isinstance(part.value, Exception):
        got = f"{type(part.value).__name__}: {part.value}".removesuffix(": ")
        raise KataError("exception", call=part.call, expected="a tensor", got=got, **part.stub.place)
    expect_tensor(part, one_hot_rows([label], classes)[0], dtype=torch.float32)


@contextmanager
def importable(function):
    """Let pickle find what the learner's file defines, as a worker process does that imports the file."""
    plain = inspect.unwrap(function)
    name, former = plain.__module__, sys.modules.get(plain.__module__)
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__dict__.update(getattr(plain, "__globals__", vars(former)))
    try:
        yield name
    finally:
        sys.modules[name] = former


def through_pickle(answer):
    """The callable as it arrives in a worker process."""
    with importable(answer.stub.function) as name:
        try:
            return pickle.loads(pickle.dumps(answer.value))
        except Exception as error:
            got = f"{type(error).__name__}: {str(error).splitlines()[0]}".replace(f"{name}.", "").replace(name, "it")
            expect_law(answer, False, "a callable that pickle can send to a worker process", got=got)


@given(case=labelled([()]))
@example(case=(2, 4))
@example(case=(0, 3))
def test_one_hot_transform__makes_one_hot_vectors(kata, case):
    """The result, called with a label, gives its one-hot vector, whatever other transforms were made since."""
    label, classes = int(case[0]), case[1]
    answer = kata.one_hot_transform(classes)
    kata.one_hot_transform(classes + 1)
    expect_law(answer, callable(answer.value), "a callable")
    expect_one_hot(applied(answer, answer.value, label), label, classes)
    expect_one_hot(applied(answer, answer.value, classes - 1), classes - 1, classes)


@given(case=labelled([()]))
@example(case=(2, 4))
def test_one_hot_transform__gives_a_new_tensor_each_time(kata, case):
    """Each call gives a tensor in memory of its own, so that a write to one shows in no other."""
    label, classes = int(case[0]), case[1]
    answer = kata.one_hot_transform(classes)
    first, second = (applied(answer, answer.value, label) for _ in range(2))
    expect_one_hot(first, label, classes)
    first.value.fill_(7)
    expect_one_hot(expect_returned(second, second.value, "after a write to the tensor of the first"), label, classes)
    expect_one_hot(applied(answer, answer.value, label, "after a write to that tensor, called"), label, classes)


@given(case=labelled([()]))
@example(case=(2, 4))
def test_one_hot_transform__survives_pickle(kata, case):
    """After `pickle.dumps` and `pickle.loads` the callable works as before."""
    label, classes = int(case[0]), case[1]
    answer = kata.one_hot_transform(classes)
    arrived = through_pickle(answer)
    expect_one_hot(applied(answer, arrived, label, "sent through pickle and called"), label, classes)
    expect_one_hot(applied(answer, answer.value, label), label, classes)


@given(case=mislabelled([()]))
@example(case=(-1, 3, -1))
@example(case=(3, 3, 3))
@example(case=(2**32, 3, 2**32))
def test_one_hot_transform__refuses_a_label_out_of_range(kata, case):
    """The result, called with a label out of range, raises ValueError with label and `classes` in its message."""
    label, classes, bad = case
    answer = kata.one_hot_transform(classes)
    with WatchIndices() as watch:
        part = applied(answer, answer.value, int(label))
    expect_refusal(part, watch, bad, classes)


# smoothed_one_hot


@given(case=labelled(), smoothing=st.sampled_from((0.2, 0.1, 0.5, 0.25, 0.0, 1.0)))
@example(case=(labels(2, 0), 4), smoothing=0.2)
@example(case=(labels(1, 1, 0, dtype=torch.uint8), 2), smoothing=0.5)
@example(case=(labels(0), 1), smoothing=0.5)
@example(case=(labels(2, 1), 3), smoothing=0.0)
@example(case=(labels(2, 1), 3), smoothing=1.0)
@example(case=(labels(), 3), smoothing=0.1)
@example(case=(labels(100, 255, dtype=torch.uint8), 1100), smoothing=0.5)
def test_smoothed_one_hot__mixes_one_hot_with_uniform(kata, case, smoothing):
    """Each row is (1 - smoothing) times its one-hot row, plus smoothing / classes in every element."""
    numbers, classes = case
    want = (1 - smoothing) * one_hot_rows(numbers.tolist(), classes) + smoothing / classes
    expect_tensor(kata.smoothed_one_hot(numbers, classes, smoothing), want, dtype=torch.float32)


@given(case=mislabelled(), smoothing=st.sampled_from((0.2, 0.1, 0.0)))
@example(case=(labels(0, 3, 1), 3, 3), smoothing=0.2)
@example(case=(labels(-1, 2), 3, -1), smoothing=0.2)
@example(case=(labels(1, 2**32), 3, 2**32), smoothing=0.1)
def test_smoothed_one_hot__refuses_labels_out_of_range(kata, case, smoothing):
    """A label below 0, or of `classes` or more, raises ValueError with both numbers in its message."""
    numbers, classes, bad = case
    expect_refused(kata.smoothed_one_hot, numbers, classes, smoothing, bad=bad, classes=classes)


def test_smoothed_one_hot__is_written_with_scatter_(kata):
    """The labels are written all at once with `scatter_`, without a loop and without `one_hot` or `eye`."""
    expect_rules(kata.smoothed_one_hot, loops=False, without=NO_ONE_HOT, using=("scatter_",))


# labels_from_one_hot

ONE_HOT_DTYPES = (torch.float32, torch.int64, torch.bool, torch.float64, torch.uint8)
NOT_ONE_HOT = ((0, 0, 0), (1, 0, 1), (2, 0, 0), (1, 1, 1), (0, 2, 1))
NOT_ONE_HOT_FLOATS = ((0.5, 0.5, 0.0), (1.0, -1.0, 1.0), (1.0, 1e-9, 0.0), (float("nan"), 1.0, 0.0), (-1.0, 0.0, 2.0))


@given(case=labelled(), dtype=st.sampled_from(ONE_HOT_DTYPES), turned=st.booleans())
@example(case=(labels(2, 0), 3), dtype=torch.float32, turned=False)
@example(case=(labels(2, 0), 3), dtype=torch.bool, turned=False)
@example(case=(labels(1, 0, 1, 1), 2), dtype=torch.int64, turned=True)
@example(case=(labels(), 3), dtype=torch.float32, turned=False)
@example(case=(labels(0, 0), 1), dtype=torch.uint8, turned=False)
def test_labels_from_one_hot__finds_the_1_of_each_row(kata, case, dtype, turned):
    """Element i is the index of the 1 in row i, as int64."""
    numbers, classes = case
    rows = torch.from_numpy(one_hot_rows(numbers.tolist(), classes)).to(dtype)
    rows = rows.T.contiguous().T if turned else rows
    expect_tensor(kata.labels_from_one_hot(rows), np.array(numbers.tolist(), dtype=np.int64), dtype=torch.int64)


@given(
    row=st.sampled_from(NOT_ONE_HOT),
    next_row=st.sampled_from(((0, 1, 0), (1, 0, 1), (0, 0, 0))),
    dtype=st.sampled_from(ONE_HOT_DTYPES),
    place=st.integers(0, 2),
)
@example(row=(0, 0, 0), next_row=(0, 1, 0), dtype=torch.float32, place=1)
@example(row=(1, 0, 1), next_row=(0, 1, 0), dtype=torch.int64, place=0)
@example(row=(0, 0, 0), next_row=(1, 0, 1), dtype=torch.float32, place=0)
@example(row=(1, 1, 1), next_row=(0, 1, 0), dtype=torch.bool, place=2)
@example(row=(2, 0, 0), next_row=(0, 1, 0), dtype=torch.float32, place=1)
@example(row=(1, 2**32, 0), next_row=(0, 1, 0), dtype=torch.int64, place=1)
def test_labels_from_one_hot__refuses_other_rows(kata, row, next_row, dtype, place):
    """A row without a 1, with several, or with another number raises ValueError."""
    if dtype == torch.bool and 2 in row:
        row = (0, 0, 0)  # as bools, (2, 0, 0) would be one-hot
    rows = torch.eye(3)[[2, 0, 1]].to(dtype)
    rows[place], rows[place - 1] = (torch.tensor(each, dtype=dtype) for each in (row, next_row))
    expect_raises(kata.labels_from_one_hot.raising(rows), ValueError)


@given(row=st.sampled_from(NOT_ONE_HOT_FLOATS), dtype=st.sampled_from(FLOATS), place=st.integers(0, 2))
@example(row=(0.5, 0.5, 0.0), dtype=torch.float32, place=1)
@example(row=(1.0, -1.0, 1.0), dtype=torch.float32, place=0)
@example(row=(1.0, 1e-9, 0.0), dtype=torch.float32, place=2)
@example(row=(float("nan"), 1.0, 0.0), dtype=torch.float32, place=1)
@example(row=(1.0 + 1e-9, 0.0, 0.0), dtype=torch.float64, place=0)
@example(row=(1.0, 1e-50, 0.0), dtype=torch.float64, place=2)
def test_labels_from_one_hot__refuses_fractions(kata, row, dtype, place):
    """A row of probabilities raises ValueError, and so does one with a negative number, a tiny one or nan."""
    rows = torch.eye(3)[[2, 0, 1]].to(dtype)
    rows[place] = torch.tensor(row, dtype=dtype)
    expect_raises(kata.labels_from_one_hot.raising(rows), ValueError)


def test_labels_from_one_hot__has_no_loop(kata):
    """All labels are found at once, without a loop."""
    expect_rules(kata.labels_from_one_hot, loops=False)


# add_counts


def counted(numbers, start):
    """The counts after these labels, by a loop."""
    counts = list(start)
    for number in numbers:
        counts[number] += 1
    return np.array(counts, dtype=np.int64)


def make_counts(classes, seed):
    """Counts from earlier batches, in a memory with gaps now and then."""
    return build((classes,), torch.int64, "distinct", "gapped" if seed % 2 else "contiguous", seed) + 5


@given(case=labelled(), seed=seeds())
@example(case=(labels(2, 0, 2, 2), 3), seed=0)
@example(case=(labels(1, 1, 1, dtype=torch.uint8), 2), seed=1)
@example(case=(torch.zeros(300, dtype=torch.uint8), 2), seed=0)
@example(case=(labels(), 3), seed=0)
def test_add_counts__adds_one_for_each_label(kata, case, seed):
    """Afterwards `counts`, which is returned, is larger by the number of labels of each class, repeats included."""
    numbers, classes = case
    counts = make_counts(classes, seed)
    want = counted(numbers.tolist(), counts.tolist())
    answer = kata.add_counts(counts, numbers)
    expect_tensor(answer, want, dtype=torch.int64, changes=[counts])
    expect_same_object(answer, counts)
    expect_changed(answer, counts, want, dtype=torch.int64)


@given(case=labelled(), seed=seeds())
@example(case=(labels(2, 0, 2, 2), 3), seed=0)
def test_add_counts__shows_in_views(kata, case, seed):
    """The counts are written into the memory of `counts`, so the table of which it is a column shows them."""
    numbers, classes = case
    table = build((classes, 2), torch.int64, "distinct", "contiguous", seed)
    want = table.numpy().copy()
    want[:, 1] = counted(numbers.tolist(), want[:, 1])
    answer = kata.add_counts.on(table[:, 1], numbers)
    column = expect_returned(answer, table, "the table of which counts is a column")
    expect_tensor(column, want, dtype=torch.int64, changes=answer.args[:1])


@given(numbers=large_labels, classes=many_classes)
@example(numbers=labels(200, 200, 100, dtype=torch.uint8), classes=1100)
@example(numbers=labels(100, 127, dtype=torch.int8), classes=1100)
def test_add_counts__counts_more_classes_than_a_byte_holds(kata, numbers, classes):
    """Labels of one byte are counted among more classes than one byte can tell apart."""
    counts = torch.zeros(classes, dtype=torch.int64)
    with called_as(f"add_counts(torch.zeros({classes}, dtype=torch.int64), {paste(numbers)})"):
        answer = kata.add_counts(counts, numbers)
        expect_tensor(answer, counted(numbers.tolist(), [0] * classes), dtype=torch.int64, changes=[counts])


@given(case=mislabelled(), seed=seeds())
@example(case=(labels(0, 0, 3), 3, 3), seed=0)
@example(case=(labels(1, -1), 3, -1), seed=0)
@example(case=(labels(1, 2**32), 3, 2**32), seed=0)
def test_add_counts__leaves_counts_alone_when_it_refuses(kata, case, seed):
    """A label out of range raises ValueError that names it and the number of classes, and no count has changed."""
    numbers, classes, bad = case
    expect_refused(kata.add_counts, make_counts(classes, seed), numbers, bad=bad, classes=classes)


def test_add_counts__counts_with_scatter_add_(kata):
    """The labels are counted all at once with `scatter_add_`, without a loop or a ready-made histogram."""
    expect_rules(kata.add_counts, loops=False, without=NO_COUNTING, using=("scatter_add_",))


# confusion_matrix


def partner(case, seed, dtype=torch.int64):
    """A second tensor of labels for a first one: as long, with the same classes."""
    return make_labels(case[0].shape, case[1], dtype, seed=seed + 1)


@given(case=labelled(), seed=seeds(), dtype=st.sampled_from(INTEGERS))
@example(case=(labels(0, 0, 1, 0), 2), seed=0, dtype=torch.int64)
@example(case=(labels(2, 2, 2, 0, 2, 2, dtype=torch.uint8), 3), seed=1, dtype=torch.int32)
@example(case=(labels(), 3), seed=0, dtype=torch.int64)
@example(case=(labels(19, 16, dtype=torch.uint8), 20), seed=0, dtype=torch.uint8)
@example(case=(labels(19, 16, dtype=torch.int8), 20), seed=0, dtype=torch.int8)
@example(case=(labels(199, 198, dtype=torch.uint8), 200), seed=0, dtype=torch.uint8)
@example(case=(torch.zeros(300, dtype=torch.uint8), 1), seed=0, dtype=torch.uint8)
def test_confusion_matrix__counts_targets_down_and_predictions_across(kata, case, seed, dtype):
    """Element [t, p] is the number of places where the target is t and the prediction is p."""
    targets, classes = case
    predictions = partner(case, seed, dtype)
    want = np.zeros((classes, classes), dtype=np.int64)
    for target, prediction in zip(targets.tolist(), predictions.tolist(), strict=True):
        want[target, prediction] += 1
    expect_tensor(kata.confusion_matrix(targets, predictions, classes), want, dtype=torch.int64)


@given(case=labelled(((3,), (4,), (6,))), copies=st.integers(2, 4))
@example(case=(labels(2, 0, 2, 1), 3), copies=3)
def test_confusion_matrix__counts_repeated_pairs(kata, case, copies):
    """Predictions that are all right make a diagonal matrix of how often each class occurs."""
    numbers, classes = case[0].repeat(copies), case[1]
    want = np.diag(counted(numbers.tolist(), [0] * classes))
    expect_tensor(kata.confusion_matrix(numbers, numbers.clone(), classes), want, dtype=torch.int64)


@given(case=mislabelled(), seed=seeds(), swapped=st.booleans())
@example(case=(labels(0, 3, 1), 3, 3), seed=0, swapped=False)
@example(case=(labels(0, 3, 1), 3, 3), seed=0, swapped=True)
@example(case=(labels(-1, 2), 3, -1), seed=0, swapped=False)
@example(case=(labels(2, -1), 3, -1), seed=0, swapped=True)
@example(case=(labels(1, 2**32), 3, 2**32), seed=0, swapped=True)
def test_confusion_matrix__refuses_labels_out_of_range(kata, case, seed, swapped):
    """A target or a prediction out of range raises ValueError with it and `classes` in its message."""
    numbers, classes, bad = case
    pair = (numbers, partner(case, seed))
    targets, predictions = pair[::-1] if swapped else pair
    expect_refused(kata.confusion_matrix, targets, predictions, classes, bad=bad, classes=classes)


def test_confusion_matrix__counts_with_scatter_add_(kata):
    """The pairs are counted all at once with `scatter_add_`, without a loop or a ready-made histogram."""
    expect_rules(kata.confusion_matrix, loops=False, without=NO_COUNTING, using=("scatter_add_",))


# target_probabilities


def make_probabilities(rows, classes, dtype=torch.float32, layout="contiguous", seed=0):
    """Rows that sum to 1, their elements all different."""
    values = np.random.default_rng(seed).random((rows, classes)) + 0.01
    made = torch.from_numpy(values / values.sum(axis=1, keepdims=True)).to(dtype)
    return made.mT.contiguous().mT if layout == "transposed" else made


manners = st.tuples(st.sampled_from(FLOATS), st.sampled_from(("contiguous", "transposed")), seeds())


@given(case=labelled(), manner=manners)
@example(case=(labels(1, 2), 3), manner=(torch.float32, "contiguous", 0))
@example(case=(labels(2, 0, 2, 1, dtype=torch.uint8), 3), manner=(torch.float64, "contiguous", 0))
@example(case=(labels(1, 0, 1), 3), manner=(torch.float32, "transposed", 0))
@example(case=(labels(), 3), manner=(torch.float32, "contiguous", 0))
def test_target_probabilities__picks_one_from_each_row(kata, case, manner):
    """Element i is the element of row i in the column of target i."""
    targets, classes = case
    probabilities = make_probabilities(len(targets), classes, *manner)
    rows = probabilities.double().tolist()
    want = np.array([row[target] for row, target in zip(rows, targets.tolist(), strict=True)], dtype=float)
    expect_tensor(kata.target_probabilities(probabilities, targets), want, dtype=probabilities.dtype)


@given(numbers=large_labels, classes=many_classes)
@example(numbers=labels(200, 100, dtype=torch.uint8), classes=1100)
@example(numbers=labels(100, 127, dtype=torch.int8), classes=1100)
def test_target_probabilities__knows_more_classes_than_a_byte_holds(kata, numbers, classes):
    """Targets of one byte pick among more classes than one byte can tell apart."""
    even = torch.full((len(numbers), classes), 1 / classes)
    with called_as(f"target_probabilities(torch.full({tuple(even.shape)}, 1 / {classes}), {paste(numbers)})"):
        answer = kata.target_probabilities(even, numbers)
        expect_tensor(answer, np.full(len(numbers), 1 / classes), dtype=torch.float32)


@given(case=labelled(((2,), (3,), (4,), (1,))), seed=seeds())
@example(case=(labels(1, 2), 3), seed=0)
@example(case=(labels(0, 0, 1), 2), seed=0)
def test_target_probabilities__lets_gradients_through(kata, case, seed):
    """The gradient of the picked elements arrives at their places in `probabilities`, and 0 everywhere else."""
    targets, classes = case
    probabilities = make_probabilities(len(targets), classes, seed=seed).requires_grad_()
    answer = kata.target_probabilities(probabilities, targets)
    rows = probabilities.detach().double().tolist()
    picked = [row[target] for row, target in zip(rows, targets.tolist(), strict=True)]
    expect_tensor(answer, np.array(picked), dtype=torch.float32)
    expect_law(answer, answer.value.requires_grad, "a result in the graph of `probabilities`")
    weights = torch.arange(1.0, len(targets) + 1, device=answer.value.device)
    (answer.value * weights).sum().backward()
    gradient = expect_returned(answer, answer.given(probabilities).grad, "the gradient of probabilities")
    want = one_hot_rows(targets.tolist(), classes) * np.arange(1.0, len(targets) + 1)[:, None]
    expect_tensor(gradient, want, dtype=torch.float32, changes=[probabilities])


@given(case=mislabelled(), seed=seeds())
@example(case=(labels(0, 3, 1), 3, 3), seed=0)
@example(case=(labels(-1, 2), 3, -1), seed=0)
@example(case=(labels(1, 2**32), 3, 2**32), seed=0)
@example(case=(labels(0, 1, 2, 3), 3, 3), seed=0)
def test_target_probabilities__refuses_targets_out_of_range(kata, case, seed):
    """A target below 0, or beyond the last column, raises ValueError that names it and the number of classes."""
    targets, classes, bad = case
    probabilities = make_probabilities(len(targets), classes, seed=seed)
    expect_refused(kata.target_probabilities, probabilities, targets, bad=bad, classes=classes)


def test_target_probabilities__picks_with_gather(kata):
    """The elements are picked all at once with `gather`, without a loop and without `one_hot` or `eye`."""
    expect_rules(kata.target_probabilities, loops=False, without=NO_ONE_HOT, using=("gather",))


# class_means


SAMPLES = [(2, 3), (3, 2), (4, 3), (4, 1), (6, 2), (2, 2), (1, 3), (0, 2), (2, 0)]


def class_mean_rows(x, numbers, classes):
    """The means of the classes, by a loop, in float64."""
    rows, groups = x.double().tolist(), [[] for _ in range(classes)]
    for row, number in zip(rows, numbers, strict=True):
        groups[number].append(row)
    return np.array([np.mean(group, axis=0) if group else [0.0] * x.shape[1] for group in groups]).reshape(classes, -1)


@given(
    x=tensors(2, FLOATS, shapes=SAMPLES),
    classes=st.sampled_from(CLASSES),
    dtype=st.sampled_from(INTEGERS),
    seed=seeds(),
)
@example(x=torch.tensor([[1.0, 10.0], [3.0, 30.0], [5.0, 50.0]]), classes=3, dtype=torch.int64, seed=0)
@example(x=torch.tensor([[1.0, 2.0], [3.0, 6.0], [5.0, -7.0]]), classes=2, dtype=torch.uint8, seed=3)
@example(x=torch.tensor([[1.0, 2.0, 4.0], [3.0, 6.0, 9.0]], dtype=torch.float64), classes=1, dtype=torch.int32, seed=0)
@example(x=torch.zeros(0, 2), classes=3, dtype=torch.int64, seed=0)
@example(x=torch.tensor([[1.0, 2.0], [3.0, 6.0]]), classes=1100, dtype=torch.uint8, seed=0)
@example(x=torch.ones(300, 1), classes=1, dtype=torch.uint8, seed=0)
def test_class_means__averages_the_rows_of_each_class(kata, x, classes, dtype, seed):
    """Row c is the mean of the rows whose label is c, and 0 where there is none."""
    numbers = make_labels((len(x),), min(classes, 256), dtype, seed=seed)
    want = class_mean_rows(x, numbers.tolist(), classes).reshape(classes, x.shape[1])
    size = float(x.abs().max()) if x.numel() else 0.0
    expect_tensor(kata.class_means(x, numbers, classes), want, dtype=x.dtype, scale=size)


@given(case=mislabelled(), columns=st.integers(1, 3))
@example(case=(labels(0, 3, 1), 3, 3), columns=2)
@example(case=(labels(-1, 2), 3, -1), columns=2)
@example(case=(labels(1, 2**32), 3, 2**32), columns=1)
def test_class_means__refuses_labels_out_of_range(kata, case, columns):
    """A label below 0, or of `classes` or more, raises ValueError with both numbers in its message."""
    numbers, classes, bad = case
    x = torch.arange(1.0, len(numbers) * columns + 1).reshape(len(numbers), columns)
    expect_refused(kata.class_means, x, numbers, classes, bad=bad, classes=classes)


def test_class_means__adds_up_with_scatter_add_(kata):
    """The rows are added up all at once with `scatter_add_`, without a loop and without `one_hot` or `bincount`."""
    expect_rules(kata.class_means, loops=False, without=(*NO_ONE_HOT, "torch.bincount"), using=("scatter_add_",))
