"""The properties of the dataset kata. `kata.name(...)` calls your function and keeps what a message needs."""

import csv
import functools
import io
import itertools
import multiprocessing
import operator
import pickle
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset, TensorDataset

from torchkata import digits
from torchkata.checks import (
    expect_array,
    expect_equal,
    expect_law,
    expect_own_memory,
    expect_raises,
    expect_returned,
    expect_rules,
    expect_shared_memory,
    expect_tensor,
    expect_tuple,
    expect_unchanged,
)
from torchkata.pasting import paste
from torchkata.strategies import arrays, manual_seed, seeds, tensors
from torchkata.trees import parts

FLOATS = (torch.float32, torch.float64)
on_the_cpu = pytest.mark.devices("cpu")

call = operator.methodcaller  # call("__add__", 1)(x) is x + 1; unlike a lambda it can be pickled and shown
ADD, DOUBLE, NEGATE = call("__add__", 1), call("__mul__", 2), call("__neg__")


def expect_same(answer, want):
    """A number, or lists and tuples of numbers: equal, and of the same types all through."""
    got, wanted = paste(answer.value), paste(want)
    expect_law(answer, got == wanted, wanted, got=got if answer.value is not None else "None: is a `return` missing?")
    expect_unchanged(answer)


def expect_list(answer, length, what):
    """The answer is a list of so many things; returns them as answers."""
    got = answer.value
    if not isinstance(got, list):
        expect_law(answer, False, f"a list of {length} {what}", got=f"{type(got).__name__}: {got!r}")
    expect_law(answer, len(got) == length, f"a list of {length} {what}", got=f"a list of {len(got)}")
    return [answer.piece(index) for index in range(length)]


def again(answer):
    """The answer for a copy of its value that went through pickle, as on the way to a worker process."""
    try:
        return expect_returned(answer, pickle.loads(pickle.dumps(answer.value)), "pickled and back")
    except Exception as error:
        expect_law(answer, False, "an object that can be pickled", got=f"{type(error).__name__}: {error}")


class Once:
    """Things that can be iterated over once, and not indexed or counted."""

    def __init__(self, items):
        self.items = list(items)
        self.source = f"iter({paste(self.items)})"

    def __iter__(self):
        items, self.items = self.items, []
        return iter(items)


class Numbers(Dataset):
    """Sample i is an image with the pixels i and -i, and the label 10 · i."""

    def __init__(self, size):
        self.size, self.source = size, f"Numbers({size})"

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        if not 0 <= index < self.size:
            raise IndexError(f"index {index} of {self.size} numbers")
        return torch.tensor([[float(index), -float(index)]]), 10 * index


def expect_batches(answer, orders):
    """The answer is a list of batches that hold the samples of `Numbers` with these indices."""
    for batch, order in zip(expect_list(answer, len(orders), "batches"), orders, strict=True):
        images, labels = expect_tuple(batch, 2)
        expect_tensor(labels, [10 * i for i in order], dtype=torch.int64)
        expect_tensor(images, [[[i, -i]] for i in order], dtype=torch.float32)


def shuffled_order(answer, size, batch_size, drop_last=False):
    """The indices in the order of an epoch, once it is sure that each comes once, in full batches but the last."""
    full, rest = divmod(size, batch_size)
    sizes = [batch_size] * full + [rest] * (rest > 0 and not drop_last)
    batches = expect_list(answer, len(sizes), "batches")
    order = [expect_tuple(batch, 2)[1].value for batch in batches]
    for batch, labels in zip(batches, order, strict=True):
        expect_law(batch, isinstance(labels, torch.Tensor), "a pair of images and labels, both tensors")
    order = [[int(label) // 10 for label in labels] for labels in order]
    flat = list(itertools.chain(*order))
    once = len(flat) == len(set(flat)) == sum(sizes) and set(flat) <= set(range(size))
    expect_law(answer, once, f"{sum(sizes)} of the samples 0 to {size - 1}, each once", got=f"the samples {flat}")
    expect_law(answer, list(map(len, order)) == sizes, f"batches of {sizes}", got=f"{list(map(len, order))}")
    expect_batches(answer, order)
    return flat


# image_to_tensor

images = arrays((2, 3), np.uint8, min_side=0)
MIRRORED = np.array([[[1, 2, 3], [51, 102, 255]]], dtype=np.uint8)[:, ::-1]


def channels_first(image):
    """The pixels as c × h × w in 0..1, in float64."""
    return (image[:, :, None] if image.ndim == 2 else image).transpose(2, 0, 1) / 255.0


@given(image=images)
@example(image=np.array([[0, 51, 255]], dtype=np.uint8))
@example(image=np.arange(0, 240, 10, dtype=np.uint8).reshape(4, 2, 3))
@example(image=MIRRORED)
@example(image=np.array([[[0, 1, 0, 1]]], dtype=np.uint8))
def test_image_to_tensor__puts_channels_first_and_scales(kata, image):
    """Pixel (y, x, c) of 0..255 becomes element [c, y, x] of 0..1, float32; a grey image has one channel."""
    answer = kata.image_to_tensor(image)
    expect_tensor(answer, channels_first(image), dtype=torch.float32)
    expect_own_memory(answer)


@given(index=st.integers(0, 9))
@example(index=0)
def test_image_to_tensor__takes_pictures(kata, index):
    """A PIL image, grey or coloured, gives what its array gives."""
    from PIL import Image

    pixels = digits.load(train=True)[0][index].numpy()
    pixels = pixels[:5] if index % 2 else np.stack([pixels[:5], 255 - pixels[:5], pixels[3:]], -1)
    picture = Image.fromarray(pixels)
    expect_tensor(kata.image_to_tensor(picture), channels_first(pixels), dtype=torch.float32)


@given(image=arrays((2, 3), (np.float32, np.int64)), ndim=st.sampled_from((1, 4)))
@example(image=np.array([[0.0, 0.5, 1.0]], dtype=np.float32), ndim=1)
@example(image=np.array([[0, 51, 255]], dtype=np.uint16), ndim=1)
@example(image=np.array([[False, True]]), ndim=4)
@example(image=np.array([[0, 51, 127]], dtype=np.int8), ndim=4)
def test_image_to_tensor__refuses_what_is_no_image(kata, image, ndim):
    """Another dtype than uint8, or 1 or 4 dimensions, raises ValueError."""
    expect_raises(kata.image_to_tensor.raising(image), ValueError)
    expect_raises(kata.image_to_tensor.raising(np.ones((2,) * ndim, dtype=np.uint8)), ValueError)


def test_image_to_tensor__is_your_own(kata):
    """All pixels are moved and scaled at once, without a loop and without `torchvision.transforms`."""
    ready = ("ToTensor", "PILToTensor", "ToImage", "to_tensor", "pil_to_tensor", "to_image")
    expect_rules(kata.image_to_tensor, loops=False, without=[f"torchvision.transforms.{name}" for name in ready])


# normalize

MEANS, STDS = (0.5, -1.25, 3.0, 0.0, 0.1307), (0.5, 2.0, 0.25, 1.0, 0.3081)


@given(image=tensors((3, 4, 5), FLOATS, max_side=3), seed=seeds())
@example(image=torch.tensor([[[0.0, 0.25, 0.5, 1.0]]]), seed=0)
@example(image=torch.tensor([[[0.0, 0.5, 1.0]], [[0.0, 0.5, 1.0]], [[2.0, 4.0, 8.0]]]), seed=0)
@example(image=torch.arange(24.0).reshape(2, 3, 2, 2), seed=1)
@example(image=torch.arange(24.0).reshape(1, 2, 3, 2, 2), seed=1)
@example(image=torch.arange(27.0).reshape(3, 3, 3), seed=2)
@example(image=torch.tensor([[[1.0, 2.0]], [[3.0, 4.0]]]).double(), seed=2)
@example(image=torch.tensor([[[0.0, 0.25, 1.0]]]).double(), seed=4)
def test_normalize__shifts_and_scales_each_channel(kata, image, seed):
    """Each channel becomes (x - mean) / std with its own mean and std; 0.5 and 0.5 map 0..1 to -1..1."""
    picks = [(seed + k) % 5 for k in range(image.shape[-3])]
    mean, std = [MEANS[k] for k in picks], [STDS[k] for k in picks]
    values = image.double().numpy()
    want = (values - np.array(mean)[:, None, None]) / np.array(std)[:, None, None]
    scale = (abs(values).max() + 3) / min(std)
    answer = kata.normalize(image, mean, std)
    expect_tensor(answer, want, dtype=image.dtype, scale=scale)
    expect_own_memory(answer)


@given(image=tensors(3), kind=st.integers(0, 5))
@example(image=torch.ones(3, 1, 2), kind=0)
@example(image=torch.ones(3, 1, 2), kind=1)
@example(image=torch.ones(2, 2, 2), kind=2)
@example(image=torch.ones(2, 2, 2), kind=3)
@example(image=torch.ones(1, 3, 2), kind=3)
@example(image=torch.ones(3, 1, 2), kind=4)
@example(image=torch.ones(3, 1, 2), kind=5)
def test_normalize__refuses_numbers_that_do_not_fit(kata, image, kind):
    """More or fewer means or stds than channels, or a std that is zero or negative, raises ValueError."""
    count = image.shape[0]
    mean, std = [0.5] * count, [0.25] * count
    one = 1 if count > 1 else 2
    wrong = [([*mean, 0.5], std), (mean, std[1:]), (mean, [*std[1:], 0.0]), (mean, [*std[1:], -0.5])]
    wrong += [(mean[:1] * one, std[:1] * one), (mean[:1] * one, std)]
    expect_raises(kata.normalize.raising(image, *wrong[kind]), ValueError)


# Compose

chains = st.lists(st.sampled_from((ADD, DOUBLE, NEGATE)), max_size=4)


def composed(transforms, x):
    """x after all transforms."""
    return functools.reduce(lambda value, transform: transform(value), transforms, x)


@given(transforms=chains, x=st.integers(-9, 9))
@example(transforms=[ADD, DOUBLE], x=3)
@example(transforms=[DOUBLE, ADD, DOUBLE], x=3)
@example(transforms=[ADD], x=3)
@example(transforms=[], x=3)
def test_Compose__applies_the_transforms_in_order(kata, transforms, x):
    """The first transform comes first, and each gets what the one before it gave; without any, x comes back."""
    both = kata.Compose(transforms)
    expect_equal(both.method()(x), composed(transforms, x))
    expect_equal(both.method()(x + 5), composed(transforms, x + 5))


@given(transforms=chains, x=st.integers(-9, 9))
@example(transforms=[ADD, DOUBLE], x=3)
def test_Compose__keeps_a_list_of_its_own(kata, transforms, x):
    """The transforms may come from an iterator, and a list that they came from may change later."""
    both = kata.Compose(Once(transforms))
    for _ in range(2):
        expect_equal(both.method()(x), composed(transforms, x))
    late = kata.Compose(transforms)
    late.given(transforms).append(ADD)
    answer = late.method()(x)
    expect_law(answer, answer.value == composed(transforms, x), "no change when the list given is changed later")


@given(transforms=chains, x=st.integers(-9, 9))
@example(transforms=[ADD, DOUBLE], x=3)
def test_Compose__can_be_pickled(kata, transforms, x):
    """A copy that went through pickle, as on the way to a worker process, does the same."""
    both = kata.Compose(transforms)
    expect_equal(again(both).method()(x), composed(transforms, x))


# CsvImageDataset gets tables that are written on the fly, and a folder with a few pictures


class Written(str):
    """The path of a file or folder made here, shown in messages by what made it."""

    source: str


@functools.cache
def home():
    """A folder that lasts as long as this process; returns its path (and holds on to what removes it)."""
    folder = tempfile.TemporaryDirectory(prefix="torchkata-")
    home.folder = folder
    return Path(folder.name)


@functools.cache
def table(text):
    """The path of a CSV file that holds `text`."""
    number = table.cache_info().currsize
    path = home() / f"{number}.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return written(path, f"table({text!r})")


def written(path, source):
    made = Written(path)
    made.source = source
    return made


COLOURED = np.arange(0, 180, 10, dtype=np.uint8).reshape(2, 3, 3)
PICTURES = dict(zip([f"{i:04}.png" for i in range(6)], digits.load(train=True)[0][:6].numpy(), strict=True))
PICTURES |= {"coloured.png": COLOURED, "a, b.png": np.array([[7, 9]], dtype=np.uint8), "ü.png": COLOURED[:, 1:]}


@functools.cache
def pictures():
    """The folder: real digits, coloured pictures, a text that calls itself a picture, half of one, and a torn one."""
    from PIL import Image

    folder = home() / "images"
    digits.write_folder(home(), count=6)
    for name in ("coloured.png", "a, b.png", "ü.png"):
        Image.fromarray(PICTURES[name]).save(folder / name)
    (folder / "broken.png").write_text("this is no picture")
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "whole.png")
    (folder / "half.png").write_bytes((folder / "whole.png").read_bytes()[:2000])
    noise = np.random.default_rng(0).integers(0, 256, (400, 400), dtype=np.uint8)  # too much for one chunk of data
    Image.fromarray(noise).save(folder / "torn.png", compress_level=0)
    begin, first, rest = (folder / "torn.png").read_bytes().split(b"IDAT", 2)
    (folder / "torn.png").write_bytes(begin + b"IDAT" + first + b"\0\0\0\0" + rest)
    return written(folder, "pictures()")


def csv_text(rows, columns=("file", "label"), gap=""):
    """Rows of (file, label) as a table with these columns, `gap` after each line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=f"\n{gap}")
    writer.writerow(columns)
    for name, label in rows:
        writer.writerow([{"file": name, "label": label}.get(column, "?") for column in columns])
    return text.getvalue()


rows = st.lists(st.tuples(st.sampled_from(tuple(PICTURES)), st.integers(0, 12)), min_size=1, max_size=4)
layouts = st.sampled_from((("file", "label"), ("label", "file"), ("id", "file", "label"), ("file", "size", "label")))
ROWS = [("0003.png", 3), ("0001.png", 1), ("0004.png", 4)]


def expect_sample(answer, row):
    image, label = expect_tuple(answer, 2)
    expect_array(image, PICTURES[row[0]], dtype=np.uint8)
    expect_equal(label, row[1])


@given(rows=rows, columns=layouts, gap=st.sampled_from(("", "\n")), where=st.integers(0, 7))
@example(rows=ROWS, columns=("file", "label"), gap="", where=0)
@example(rows=ROWS, columns=("file", "label"), gap="", where=5)
@example(rows=ROWS, columns=("label", "file"), gap="", where=2)
@example(rows=ROWS, columns=("id", "file", "label"), gap="\n", where=1)
@example(rows=[("coloured.png", 12), ("a, b.png", 5)], columns=("file", "label"), gap="", where=0)
@example(rows=[("coloured.png", 12), ("a, b.png", 5)], columns=("file", "label"), gap="", where=1)
@example(rows=[("0000.png", 0)], columns=("file", "label"), gap="", where=1)
@example(rows=[("ü.png", 7)], columns=("file", "label"), gap="", where=0)
def test_CsvImageDataset__holds_the_samples_of_the_table(kata, rows, columns, gap, where):
    """Sample i is the image of line i and its label, an int; a negative index counts from the end, as in a list."""
    dataset = kata.CsvImageDataset(table(csv_text(rows, columns, gap)), pictures())
    index = where % (2 * len(rows)) - len(rows)
    expect_equal(dataset.method("__len__")(), len(rows))
    expect_sample(dataset.method("__getitem__")(index % len(rows)), rows[index])
    expect_sample(dataset.method("__getitem__")(index), rows[index])


@given(label=st.sampled_from(("-1", " 7", "7 ", "+3", "012", "0", "-20", " -4 ")))
@example(label="-1")
@example(label=" 7")
@example(label="+3")
def test_CsvImageDataset__reads_each_label_that_int_reads(kata, label):
    """A label with a sign, or with spaces around it, is the number that `int` makes of it."""
    dataset = kata.CsvImageDataset(table(csv_text([("0001.png", label), ("0002.png", 5)])), pictures())
    expect_sample(dataset.method("__getitem__")(0), ("0001.png", int(label)))


def test_CsvImageDataset__takes_paths_of_both_kinds(kata):
    """`annotations` and `folder` may be `Path` objects as well as strings."""
    dataset = kata.CsvImageDataset(Path(table(csv_text(ROWS))), Path(pictures()))
    expect_sample(dataset.method("__getitem__")(1), ROWS[1])


@given(rows=rows, turned=st.booleans(), added=st.booleans())
@example(rows=ROWS, turned=True, added=True)
@example(rows=ROWS, turned=True, added=False)
@example(rows=ROWS, turned=False, added=True)
@example(rows=[("coloured.png", 0)], turned=True, added=True)
def test_CsvImageDataset__applies_each_transform_to_its_part(kata, rows, turned, added):
    """`transform` is applied to the image, `target_transform` to the label; either may be missing."""
    options = {"transform": call("swapaxes", 0, 1)} if turned else {}
    options |= {"target_transform": call("__add__", 100)} if added else {}
    dataset = kata.CsvImageDataset(table(csv_text(rows)), pictures(), **options)
    image, label = expect_tuple(dataset.method("__getitem__")(0), 2)
    pixels = PICTURES[rows[0][0]]
    expect_array(image, pixels.swapaxes(0, 1) if turned else pixels, dtype=np.uint8)
    expect_equal(label, rows[0][1] + 100 * added)


@given(rows=rows, beyond=st.integers(0, 3), below=st.booleans())
@example(rows=ROWS, beyond=0, below=False)
@example(rows=ROWS, beyond=0, below=True)
@example(rows=ROWS, beyond=2, below=False)
@example(rows=ROWS, beyond=2, below=True)
def test_CsvImageDataset__refuses_an_index_out_of_range(kata, rows, beyond, below):
    """An index that is too large, or less than -len(dataset), raises IndexError."""
    dataset = kata.CsvImageDataset(table(csv_text(rows)), pictures())
    index = -len(rows) - 1 - beyond if below else len(rows) + beyond
    expect_raises(dataset.method("__getitem__").raising(index), IndexError)


BAD_LINES = (
    ("file,label\n0001.png,1\n0002.png,two\n", "line 3"),
    ("file,label\n0001.png,cat\n0002.png,2\n", "line 2"),
    ("file,label\n0001.png,1\n\n\n0002.png,two\n", "line 5"),
    ("file,label\n0001.png,1\n0002.png,2\n0003.png,\n", "line 4"),
    ("file,label\n0001.png,1\n0002.png\n", "line 3"),
    ("label,file\n1,0001.png\n2\n", "line 3"),
    ("file,label\n,1\n0002.png,2\n", "line 2"),
    ("file,label\n0001.png,1.5\n", "line 2"),
    ("file,label\n0001.png,7.0\n", "line 2"),
    ("file,label\n,\n0001.png,1\n", "line 2"),
)


@given(case=st.sampled_from(BAD_LINES))
@example(case=BAD_LINES[0])
@example(case=BAD_LINES[2])
@example(case=BAD_LINES[4])
@example(case=BAD_LINES[5])
@example(case=BAD_LINES[6])
@example(case=BAD_LINES[7])
@example(case=BAD_LINES[8])
@example(case=BAD_LINES[9])
def test_CsvImageDataset__names_the_bad_line(kata, case):
    """A line without a file name, or with a label that `int` can't read, raises ValueError with its line number."""
    text, line = case
    expect_raises(kata.CsvImageDataset.raising(table(text), pictures()), ValueError, mentions=line)


BAD_TABLES = (
    ("file,class\n0001.png,1\n", ("label",)),
    ("name,label\n0001.png,1\n", ("file",)),
    ("label\n1\n", ("file",)),
    ("", ("file", "label")),
    ("file,label\n", ("",)),
    ("file,label\n\n\n", ("",)),
)


@given(case=st.sampled_from(BAD_TABLES))
@example(case=BAD_TABLES[0])
@example(case=BAD_TABLES[1])
@example(case=BAD_TABLES[3])
@example(case=BAD_TABLES[4])
def test_CsvImageDataset__refuses_a_bad_table(kata, case):
    """A table without a column it needs, even an empty one, raises ValueError with its name, as one without samples."""
    text, columns = case
    answer = kata.CsvImageDataset.raising(table(text), pictures())
    named = [column for column in columns if column in str(answer.value)]
    expect_raises(answer, ValueError, mentions=(named or columns)[0])


def test_CsvImageDataset__refuses_a_table_that_is_not_there(kata):
    """A CSV file that does not exist raises FileNotFoundError when the dataset is made."""
    nowhere = written(home() / "nowhere.csv", "'nowhere.csv'")
    expect_raises(kata.CsvImageDataset.raising(nowhere, pictures()), FileNotFoundError)


BAD_FILES = (
    ("gone.png", FileNotFoundError),
    ("broken.png", ValueError),
    ("half.png", ValueError),
    ("torn.png", ValueError),
)


@given(case=st.sampled_from(BAD_FILES), rows=rows)
@example(case=BAD_FILES[0], rows=ROWS)
@example(case=BAD_FILES[1], rows=ROWS)
@example(case=BAD_FILES[2], rows=ROWS)
@example(case=BAD_FILES[3], rows=ROWS)
def test_CsvImageDataset__names_the_file_that_it_can_not_read(kata, case, rows):
    """A missing image raises FileNotFoundError and a broken one ValueError, with its name, only when it is read."""
    name, error = case
    dataset = kata.CsvImageDataset(table(csv_text([*rows, (name, 8)])), pictures())
    expect_raises(dataset.method("__getitem__").raising(len(rows)), error, mentions=name)
    expect_sample(dataset.method("__getitem__")(0), rows[0])


@given(rows=rows)
@example(rows=ROWS)
def test_CsvImageDataset__gives_a_new_array_each_time(kata, rows):
    """Whoever changes the image of a sample in place does not change what comes the next time."""
    dataset = kata.CsvImageDataset(table(csv_text(rows)), pictures())
    first, second = dataset.method("__getitem__")(0), dataset.method("__getitem__")(0)
    expect_sample(second, rows[0])
    expect_law(second, not np.shares_memory(first.value[0], second.value[0]), "an array of its own each time")


@given(rows=rows)
@example(rows=ROWS)
def test_CsvImageDataset__can_be_pickled(kata, rows):
    """A copy that went through pickle, as on the way to a worker process, gives the same samples."""
    options = {"transform": call("swapaxes", 0, 1), "target_transform": call("__add__", 100)}
    dataset = kata.CsvImageDataset(table(csv_text(rows)), pictures(), **options)
    image, label = expect_tuple(again(dataset).method("__getitem__")(0), 2)
    expect_array(image, PICTURES[rows[0][0]].swapaxes(0, 1), dtype=np.uint8)
    expect_equal(label, rows[0][1] + 100)


@on_the_cpu
def test_CsvImageDataset__feeds_the_workers_of_a_loader(kata, device):
    """With 0 and with 2 workers a `DataLoader` gives every sample, in order."""
    dataset = kata.CsvImageDataset(table(csv_text(ROWS)), pictures())
    forks = sys.platform == "linux" and not multiprocessing.current_process().daemon
    for workers in (0, 2) if forks else (0,):
        context = "fork" if workers else None
        loader = DataLoader(
            dataset.value, 2, num_workers=workers, multiprocessing_context=context, collate_fn=list, timeout=5 * workers
        )
        samples = expect_returned(dataset, None, f"its samples by {workers} workers")
        try:
            samples.value = [sample for batch in loader for sample in batch]
        except Exception as error:
            got = f"{type(error).__name__}: {str(error).strip().splitlines()[-1]}"
            expect_law(dataset, False, f"a dataset that a loader with {workers} workers can read", got=got)
        for sample, row in zip(expect_list(samples, len(ROWS), "samples"), ROWS, strict=True):
            expect_sample(sample, row)


# preview opens a dataset with the signature of torchvision's, without waiting for torchvision


class Pictures:
    """The first of the shipped digits, as `torchvision.datasets.MNIST` has them, in "data" or downloaded."""

    classes = tuple(f"{digit} - {name}" for digit, name in enumerate(("zero", "one", "two", "three", "four")))

    def __init__(self, *, root, train, download, transform, target_transform):
        if Path(root) != Path("data") and not download:
            raise RuntimeError("Dataset not found. You can use download=True to download it")
        self.size = 6 if train else 3
        self.data, self.targets = (each[:9] for each in digits.load(train=train))
        self.train, self.transform, self.target_transform = train, transform, target_transform

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        from PIL import Image

        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} of {len(self)}")
        image, label = Image.fromarray(self.data[index].numpy()), int(self.targets[index])
        image = self.transform(image) if self.transform else image
        return image, self.target_transform(label) if self.target_transform else label


def first_digits(train, count):
    """The first images and labels of a part, as arrays and ints."""
    known, labels = digits.load(train=train)
    count = min(count, 6 if train else 3)
    return list(zip(known[:count].numpy(), labels[:count].tolist(), strict=True))


@given(train=st.booleans(), count=st.integers(0, 7), x=st.integers(2, 5), more=st.integers(0, 9))
@example(train=True, count=4, x=3, more=5)
@example(train=False, count=2, x=3, more=5)
@example(train=False, count=4, x=3, more=5)
@example(train=True, count=0, x=3, more=5)
def test_preview__opens_the_part_with_the_transforms(kata, train, count, x, more):
    """It gives size and class names of the part, and its first samples with both transforms applied."""
    pixel, add = call("getpixel", (x, 4)), call("__add__", more)
    answer = kata.preview(Pictures, "data", count, train=train, transform=pixel, target_transform=add)
    size, classes, samples = expect_tuple(answer, 3)
    expect_equal(size, 6 if train else 3)
    expect_equal(classes, Pictures.classes)
    known = first_digits(train, count)
    for sample, (image, label) in zip(expect_list(samples, len(known), "samples"), known, strict=True):
        expect_same(sample, (int(image[4, x]), label + more))


@given(train=st.booleans(), part=st.sampled_from(("transform", "target_transform", "neither")))
@example(train=True, part="neither")
@example(train=True, part="transform")
@example(train=True, part="target_transform")
@example(train=False, part="transform")
def test_preview__needs_no_transform(kata, train, part):
    """Either transform may be missing: the image is then a PIL image, the label the number of its class."""
    options = {"transform": {"transform": call("getpixel", (3, 4))}, "target_transform": {"target_transform": NEGATE}}
    answer = kata.preview(Pictures, "data", 2, train=train, **options.get(part, {}))
    known = first_digits(train, 2)
    for sample, (image, label) in zip(expect_list(expect_tuple(answer, 3)[2], 2, "samples"), known, strict=True):
        got, number = expect_tuple(sample, 2)
        expect_equal(number, -label if part == "target_transform" else label)
        if part == "transform":
            expect_equal(got, int(image[4, 3]))
        else:
            got.value = np.asarray(got.value)
            expect_array(got, image, dtype=np.uint8)


@given(count=st.integers(0, 3), train=st.booleans())
@example(count=2, train=True)
def test_preview__downloads_only_if_asked_to(kata, count, train):
    """Without files there is RuntimeError, unless `download` is true; training is the default."""
    expect_raises(kata.preview.raising(Pictures, "empty", count, train=train), RuntimeError)
    asked = kata.preview(Pictures, "empty", count, download=True, transform=call("getpixel", (3, 4)))
    expect_equal(expect_tuple(asked, 3)[0], 6)


class Opened(list):
    """A dataset without samples; its class names are what it was opened with."""

    def __init__(self, **options):
        self.classes = sorted(options.items())


@given(root=st.sampled_from(("data", Path("data"))), train=st.booleans(), transform=st.sampled_from((None, ADD)))
@example(root="data", train=True, transform=None)
@example(root=Path("data"), train=False, transform=NEGATE)
def test_preview__passes_everything_on_as_it_was_given(kata, root, train, transform):
    """`kind` gets each argument as it was given, and the class names are its attribute as it is."""
    options = {"train": train, "download": not train, "transform": transform, "target_transform": transform}
    classes = expect_tuple(kata.preview(Opened, root, 2, **options), 3)[1]
    expect_same(classes, sorted({"root": root, **options}.items()))


# batch_indices

orders = st.lists(st.integers(0, 9), max_size=7)


def in_batches(indices, batch_size, drop_last=False):
    """The indices in batches, one after the other put into the last one."""
    batches = []
    for index in indices:
        if not batches or len(batches[-1]) == batch_size:
            batches.append([])
        batches[-1].append(index)
    return [batch for batch in batches if len(batch) == batch_size] if drop_last else batches


@given(indices=orders, batch_size=st.integers(1, 4), drop_last=st.booleans())
@example(indices=[3, 0, 4, 1, 2], batch_size=2, drop_last=False)
@example(indices=[3, 0, 4, 1, 2], batch_size=2, drop_last=True)
@example(indices=[3, 0, 4, 1], batch_size=2, drop_last=True)
@example(indices=[3, 0, 4, 1], batch_size=2, drop_last=False)
@example(indices=[3, 0], batch_size=4, drop_last=True)
@example(indices=[], batch_size=2, drop_last=False)
@example(indices=[], batch_size=2, drop_last=True)
@example(indices=[5, 5, 5], batch_size=1, drop_last=True)
def test_batch_indices__groups_in_order(kata, indices, batch_size, drop_last):
    """The batches hold the indices in order; the last one is short if need be, and left out with `drop_last`."""
    expect_same(kata.batch_indices(indices, batch_size, drop_last), in_batches(indices, batch_size, drop_last))


@given(indices=orders, batch_size=st.integers(1, 4))
@example(indices=[3, 0, 4, 1, 2], batch_size=2)
def test_batch_indices__reads_the_sampler_once(kata, indices, batch_size):
    """A sampler that can only be read once will do, and a short last batch is kept unless told otherwise."""
    answer = kata.batch_indices(Once(indices), batch_size)
    expect_law(answer, paste(answer.value) == paste(in_batches(indices, batch_size)), "the batches of all indices")


@given(indices=orders, batch_size=st.integers(-3, 0))
@example(indices=[3, 0, 4], batch_size=0)
@example(indices=[3, 0, 4], batch_size=-1)
@example(indices=[], batch_size=0)
def test_batch_indices__refuses_a_size_below_one(kata, indices, batch_size):
    """A batch size of 0 or less raises ValueError."""
    expect_raises(kata.batch_indices.raising(indices, batch_size), ValueError)


def test_batch_indices__is_your_own(kata):
    """The groups are made by your own code, not by `BatchSampler` or `DataLoader`."""
    expect_rules(kata.batch_indices, without=("torch.utils.data.BatchSampler", "torch.utils.data.DataLoader"))


# one_epoch

sizes = st.integers(1, 7)


@given(size=sizes, batch_size=st.integers(1, 4), drop_last=st.booleans())
@example(size=5, batch_size=2, drop_last=False)
@example(size=5, batch_size=2, drop_last=True)
@example(size=4, batch_size=2, drop_last=True)
@example(size=2, batch_size=3, drop_last=True)
def test_one_epoch__comes_in_order(kata, size, batch_size, drop_last):
    """Every sample comes once and in order; the last batch is short, and left out with `drop_last`."""
    options = {"drop_last": True} if drop_last else {}
    answer = kata.one_epoch(Numbers(size), batch_size, **options)
    expect_batches(answer, in_batches(range(size), batch_size, drop_last))


@given(
    indices=st.lists(st.integers(0, 4), max_size=6),
    batch_size=st.integers(1, 4),
    drop=st.booleans(),
    kind=st.sampled_from((list, Once)),
)
@example(indices=[3, 0, 3, 1, 2], batch_size=2, drop=False, kind=list)
@example(indices=[3, 0, 3, 1, 2], batch_size=2, drop=True, kind=Once)
@example(indices=[4], batch_size=1, drop=False, kind=list)
@example(indices=[], batch_size=2, drop=False, kind=list)
def test_one_epoch__follows_the_sampler(kata, indices, batch_size, drop, kind):
    """With a sampler, perhaps an iterator, the samples come in the order of its indices: some twice, or none at all."""
    answer = kata.one_epoch(Numbers(5), batch_size, sampler=kind(indices), drop_last=drop)
    expect_batches(answer, in_batches(indices, batch_size, drop))


@given(size=sizes, batch_size=st.integers(1, 4), drop=st.booleans(), seed=seeds())
@example(size=20, batch_size=3, drop=False, seed=1)
@example(size=20, batch_size=20, drop=False, seed=2)
@example(size=20, batch_size=3, drop=True, seed=3)
def test_one_epoch__shuffles_by_the_global_random_state(kata, size, batch_size, drop, seed):
    """With `shuffle` each sample comes once, in an order that `torch.manual_seed` decides, and next time in another."""
    orders = []
    for number in (seed, seed, seed + 1, None)[: 4 if size >= 20 else 3]:
        if number is not None:
            manual_seed(number)
        answer = kata.one_epoch(Numbers(size), batch_size, shuffle=True, drop_last=drop)
        orders.append(shuffled_order(answer, size, batch_size, drop))
    expect_law(answer, orders[0] == orders[1], "the same order after the same `torch.manual_seed`")
    if size >= 20:
        expect_law(answer, orders[1] != orders[2], "another order after another `torch.manual_seed`", got="the same")
        expect_law(answer, orders[2] != orders[3], "another order in the next epoch", got="the same")
        together = [sorted(orders[2][i : i + 3]) for i in range(0, len(orders[2]), 3)]
        neighbours = all(group == list(range(group[0], group[0] + len(group))) for group in together)
        expect_law(answer, not neighbours, "all samples shuffled", got="batches of neighbours")


@given(size=sizes, indices=st.lists(st.integers(0, 4), max_size=6))
@example(size=5, indices=[1, 0])
@example(size=2, indices=[])
def test_one_epoch__refuses_two_orders(kata, size, indices):
    """`shuffle` together with a sampler, even an empty one, raises ValueError."""
    expect_raises(kata.one_epoch.raising(Numbers(5), size, shuffle=True, sampler=indices), ValueError)


def test_one_epoch__uses_a_loader(kata):
    """A `DataLoader` makes the batches."""
    expect_rules(kata.one_epoch, using=("torch.utils.data.DataLoader",))


# shuffled_epochs


@given(size=sizes, batch_size=st.integers(1, 4), epochs=st.integers(0, 3), seed=seeds())
@example(size=5, batch_size=2, epochs=2, seed=0)
@example(size=4, batch_size=2, epochs=3, seed=1)
def test_shuffled_epochs__gives_every_sample_once_an_epoch(kata, size, batch_size, epochs, seed):
    """Each epoch holds every sample exactly once, with its label, in batches of which the last may be short."""
    answer = kata.shuffled_epochs(Numbers(size), batch_size, epochs, seed)
    for epoch in expect_list(answer, epochs, "epochs"):
        shuffled_order(epoch, size, batch_size)


@given(size=st.integers(20, 24), batch_size=st.integers(2, 5), seed=seeds())
@example(size=20, batch_size=3, seed=0)
def test_shuffled_epochs__has_a_new_order_each_time(kata, size, batch_size, seed):
    """No two epochs have the same order, and no two seeds; samples are shuffled, not whole batches."""
    seen = [list(range(size))]
    for number in (seed, seed + 1):
        answer = kata.shuffled_epochs(Numbers(size), batch_size, 3, number)
        for epoch in expect_list(answer, 3, "epochs"):
            order = shuffled_order(epoch, size, batch_size)
            expect_law(epoch, order not in seen, "an order of its own", got=f"an order seen before: {order}")
            batches = [sorted(batch) for batch in in_batches(order, batch_size)]
            runs = all(batch[-1] - batch[0] == len(batch) - 1 for batch in batches)
            expect_law(epoch, not runs, "samples from all over in a batch", got=f"batches of neighbours: {batches}")
            seen.append(order)


@given(size=st.integers(20, 24), seed=seeds())
@example(size=20, seed=0)
def test_shuffled_epochs__repeats_by_its_seed_alone(kata, size, seed):
    """The same seed gives the same epochs, whatever the global random state, which stays as it is."""
    orders = []
    for number in (seed, seed + 1):
        manual_seed(number)
        before = torch.get_rng_state()
        answer = kata.shuffled_epochs(Numbers(size), 4, 2, seed)
        unused = torch.equal(before, torch.get_rng_state())
        expect_law(answer, unused, "the global random state as it was", got="random numbers drawn from it")
        orders.append([shuffled_order(epoch, size, 4) for epoch in expect_list(answer, 2, "epochs")])
    expect_law(answer, orders[0] == orders[1], f"the same epochs for seed {seed}", got="other ones")


# worker_loader; no worker is ever started, and so no computer is too small for two of them

few_cores = pytest.mark.filterwarnings("ignore:This DataLoader will create")


class Started:
    """A `worker_init_fn` that notes for which workers it was called."""

    source = "Started()"

    def __init__(self):
        self.workers = []

    def __call__(self, worker_id):
        self.workers.append(worker_id)


parts.register(Started, lambda started: started.workers)


@parts.register(DataLoader)
def _(loader):
    """What a loader is compared by."""
    settings = (loader.num_workers, loader.persistent_workers, loader.timeout, loader.pin_memory)
    return settings, loader.worker_init_fn is not None, list(loader.batch_sampler)


def expect_setting(answer, name, want):
    """The loader was made with this setting."""
    value = getattr(answer.value, name, None)
    expect_law(answer, value == want, f"a loader with {name}={want}", got=f"{name}={value}")


def expect_loader(answer):
    expect_law(answer, isinstance(answer.value, DataLoader), "a DataLoader", got=type(answer.value).__name__)
    return answer.value


@given(size=sizes, batch_size=st.integers(1, 4), timeout=st.sampled_from((0, 5)))
@example(size=5, batch_size=2, timeout=0)
@example(size=5, batch_size=2, timeout=5)
@example(size=4, batch_size=4, timeout=0)
def test_worker_loader__reads_in_your_process(kata, size, batch_size, timeout):
    """Without workers, each epoch gives every sample in order, the last batch is short, and a timeout is no error."""
    answer = kata.worker_loader(Numbers(size), batch_size, "cpu", timeout=timeout)
    loader = expect_loader(answer)
    for name, want in (("num_workers", 0), ("timeout", 0)):
        expect_setting(answer, name, want)
    for epoch in ("first", "second"):
        batches = expect_returned(answer, list(loader), f"list(loader), the {epoch} epoch")
        expect_batches(batches, in_batches(range(size), batch_size))


@few_cores
@given(size=sizes, batch_size=st.integers(1, 4), num_workers=st.integers(1, 2), timeout=st.sampled_from((0, 5, 30.5)))
@example(size=5, batch_size=2, num_workers=2, timeout=30)
@example(size=5, batch_size=3, num_workers=1, timeout=0)
@example(size=3, batch_size=1, num_workers=2, timeout=5)
def test_worker_loader__reads_with_workers(kata, size, batch_size, num_workers, timeout):
    """So many workers read every sample in order, stay for the next epochs, and have the timeout that was given."""
    answer = kata.worker_loader(Numbers(size), batch_size, "cpu", num_workers, timeout)
    loader = expect_loader(answer)
    for name, want in (("num_workers", num_workers), ("persistent_workers", True), ("timeout", timeout)):
        expect_setting(answer, name, want)
    orders = loader.batch_sampler
    expect_law(answer, orders is not None, "a loader that makes batches", got="one that gives single samples")
    read = [loader.collate_fn([loader.dataset[index] for index in order]) for order in orders]  # as each worker does
    expect_batches(expect_returned(answer, read, "what its workers read"), in_batches(range(size), batch_size))


@few_cores
@given(num_workers=st.integers(1, 2), worker_id=st.integers(0, 3))
@example(num_workers=2, worker_id=1)
def test_worker_loader__lets_each_worker_call_its_function(kata, num_workers, worker_id):
    """`worker_init_fn` is for the workers: a loader that is made calls it for none, each worker for itself."""
    started = Started()
    answer = kata.worker_loader(Numbers(3), 2, "cpu", num_workers, worker_init_fn=started)
    calls = answer.given(started).workers
    expect_law(answer, calls == [], "no call while the loader is made", got=f"calls for {calls}")
    function = expect_loader(answer).worker_init_fn
    expect_law(answer, function is not None, "a loader with that worker_init_fn", got="worker_init_fn=None")
    function(worker_id)
    calls = answer.given(started).workers
    expect_law(answer, calls == [worker_id], f"a worker {worker_id} that calls it once", got=f"calls for {calls}")


@few_cores
@given(device=st.sampled_from(("cpu", "cuda", "cuda:0", "cuda:1", "mps")), num_workers=st.integers(0, 2))
@example(device="cuda", num_workers=2)
@example(device="cuda:1", num_workers=2)
@example(device="cuda", num_workers=0)
@example(device="cpu", num_workers=2)
@example(device="mps", num_workers=0)
def test_worker_loader__pins_memory_for_cuda(kata, device, num_workers):
    """Batches are pinned if `device` is a CUDA device, also one with a number, and for no other device."""
    answer = kata.worker_loader(Numbers(3), 2, device, num_workers)
    expect_loader(answer)
    expect_setting(answer, "pin_memory", device.startswith("cuda"))


# first_pictures

SHAPES = ((2, 1, 3, 4), (3, 1, 2, 1), (1, 1, 2, 3), (1, 1, 1, 2), (2, 1, 1, 3), (1, 1, 1, 1), (4, 1, 2, 2))


def batches_of(images, seed=0):
    """Three batches, the first of these images."""
    labels = torch.arange(len(images)) + seed % 7
    return [(images, labels), (images + 1, labels + 1), (images[:1] + 2, labels[:1] + 2)]


class Counted:
    """A loader that counts how many batches are taken from it."""

    def __init__(self, batches):
        self.batches, self.taken = batches, 0
        self.source = f"iter({paste(batches)})"

    def __iter__(self):
        for batch in self.batches:
            self.taken += 1
            yield batch


@given(images=tensors(dtype=FLOATS, shapes=SHAPES), seed=seeds())
@example(images=torch.arange(12.0).reshape(2, 1, 2, 3), seed=0)
@example(images=torch.arange(6.0).reshape(1, 1, 2, 3), seed=0)
@example(images=torch.arange(3.0).reshape(3, 1, 1, 1), seed=0)
def test_first_pictures__drops_the_channel_of_the_first_batch(kata, images, seed):
    """It returns the images (n, h, w) and the labels (n,) of the first batch, also where n, h or w is 1."""
    loader = batches_of(images, seed)
    answer = kata.first_pictures(loader)
    shown, labels = expect_tuple(answer, 2)
    expect_tensor(shown, images[:, 0], dtype=images.dtype)
    expect_tensor(labels, loader[0][1], dtype=torch.int64)
    for part in (shown, labels):
        expect_shared_memory(part, loader)


@given(images=tensors(shapes=SHAPES))
@example(images=torch.arange(12.0).reshape(2, 1, 2, 3))
def test_first_pictures__takes_one_batch(kata, images):
    """Of a loader that can only be iterated over, one batch is taken and no more."""
    loader = Counted(batches_of(images))
    answer = kata.first_pictures.on(loader)
    expect_law(answer, loader.taken == 1, "one batch taken from the loader", got=f"{loader.taken} batches taken")
    expect_tensor(expect_tuple(answer, 2)[0], images[:, 0], dtype=torch.float32)


def test_first_pictures__works_on_a_loader(kata):
    """A `DataLoader` with batches of 64 images of 1×28×28 gives (64, 28, 28) and (64,)."""
    images = torch.arange(70 * 28 * 28.0).reshape(70, 1, 28, 28)
    loader = DataLoader(TensorDataset(images, torch.arange(70)), batch_size=64)
    loader.source = "DataLoader(seventy_images, batch_size=64)"
    shown, labels = expect_tuple(kata.first_pictures.on(loader), 2)
    expect_tensor(shown, images[:64, 0], dtype=torch.float32, device="cpu")
    expect_tensor(labels, range(64), dtype=torch.int64, device="cpu")


# balanced_weights


@given(labels=tensors(1, torch.int64, shapes=((4,), (3,), (2,), (1,), (0,)), regimes=("distinct", "ties")))
@example(labels=torch.tensor([0, 0, 3, 0, 0]))
@example(labels=torch.tensor([1, 1, 1]))
@example(labels=torch.tensor([2, 0, 2, 1, 2, 0]))
@example(labels=torch.tensor([3, 0, 5, 3]))
@example(labels=torch.tensor([], dtype=torch.int64))
@example(labels=torch.tensor([4, 1, 4, 2, 4, 1, 4, 4, 4, 4])[::2])
def test_balanced_weights__is_one_over_the_count(kata, labels):
    """The weight of a sample is 1 / (number of samples with its label), so that each class adds up to 1."""
    labels = labels.abs()
    known = labels.tolist()
    want = np.array([1 / known.count(label) for label in known], dtype=np.float64)
    expect_tensor(kata.balanced_weights(labels), want, dtype=torch.float32)


def test_balanced_weights__counts_all_at_once(kata):
    """The counting is done by torch, without a Python loop."""
    expect_rules(kata.balanced_weights, loops=False)


# pad_collate

tokens = st.lists(st.integers(0, 9), max_size=4)
ragged = st.lists(st.tuples(tokens, st.integers(0, 5)), min_size=1, max_size=4)
RAGGED = [([7, 8, 9], 1), ([5], 0), ([4, 0], 3)]


def expect_padded(answer, samples, padding):
    """Tokens, lengths and labels of these samples."""
    longest = max(len(row) for row, _ in samples)
    rows = [row + [padding] * (longest - len(row)) for row, _ in samples]
    wants = rows, [len(row) for row, _ in samples], [label for _, label in samples]
    for part, want in zip(expect_tuple(answer, 3), wants, strict=True):
        expect_tensor(part, np.array(want, dtype=np.int64), dtype=torch.int64)
    expect_law(answer, isinstance(answer.value, tuple), "a tuple of three tensors")


@given(samples=ragged, padding=st.sampled_from((0, -1, 9)))
@example(samples=RAGGED, padding=-1)
@example(samples=[([5], 0), ([7, 8, 9], 1)], padding=9)
@example(samples=[([0, 0], 2), ([3, 0, 0], 1)], padding=0)
@example(samples=[([], 2), ([3, 4], 1)], padding=0)
@example(samples=[([], 2), ([], 1)], padding=-1)
@example(samples=[([6, 2, 8], 4)], padding=0)
@example(samples=[([2**40], 2**40), ([1, 2], 3)], padding=0)
def test_pad_collate__fills_up_to_the_longest(kata, samples, padding):
    """Short lists end in `padding`, to the length of the longest; lengths and labels tell of each sample, in order."""
    expect_padded(kata.pad_collate(samples, padding), samples, padding)


@given(samples=ragged)
@example(samples=RAGGED)
@example(samples=[([1, 2], 3), ([4, 5], 6)])
def test_pad_collate__pads_with_zero_unless_told(kata, samples):
    """Called with the samples alone, as a `DataLoader` calls its `collate_fn`, it pads with 0."""
    expect_padded(kata.pad_collate(samples), samples, 0)


# split_indices

part_sizes = st.lists(st.integers(0, 5), min_size=1, max_size=4)


def expect_parts(answer, parts):
    """The answer is lists of ints of these sizes that hold each index once; returns them with the order forgotten."""
    found = []
    for part, count in zip(expect_list(answer, len(parts), "parts"), parts, strict=True):
        got = part.value
        proper = isinstance(got, list) and all(type(index) is int for index in got)
        expect_law(part, proper, f"a list of {count} ints")
        expect_law(part, len(got) == count, f"a list of {count} indices", got=f"{len(got)} indices")
        found.append(sorted(got))
    once = sorted(itertools.chain(*found)) == list(range(sum(parts)))
    expect_law(answer, once, f"each index from 0 to {sum(parts) - 1} in one part")
    return found


@given(parts=part_sizes, seed=seeds())
@example(parts=[8, 2], seed=0)
@example(parts=[3], seed=0)
@example(parts=[3, 0, 2], seed=1)
@example(parts=(3, 0, 2), seed=1)
@example(parts=[2, 3, 1], seed=1)
def test_split_indices__puts_every_index_into_one_part(kata, parts, seed):
    """The parts have the sizes asked for, don't overlap, and together hold every index."""
    answer = kata.split_indices(sum(parts), parts, seed)
    expect_parts(answer, parts)
    expect_unchanged(answer)


@given(large=st.integers(16, 20), seed=seeds())
@example(large=16, seed=0)
def test_split_indices__depends_on_the_seed_alone(kata, large, seed):
    """The same seed gives the same parts, whatever the global random state, which stays as it is."""
    found = []
    for number in (seed, seed + 1):
        manual_seed(number)
        before = torch.get_rng_state()
        answer = kata.split_indices(large + 10, [large, 10], seed)
        unused = torch.equal(before, torch.get_rng_state())
        expect_law(answer, unused, "the global random state as it was", got="random numbers drawn from it")
        found.append(expect_parts(answer, [large, 10]))
    expect_law(answer, found[0] == found[1], f"the same parts for seed {seed}", got="other parts")


@given(large=st.integers(20, 24), seed=seeds())
@example(large=20, seed=0)
def test_split_indices__draws_the_parts_at_random(kata, large, seed):
    """Which index goes where is random, and differs from seed to seed."""
    found = []
    for number in (seed, seed + 1):
        answer = kata.split_indices(large + 20, [large, 20], number)
        found.append(expect_parts(answer, [large, 20]))
        second = found[-1][1]
        expect_law(answer, second[-1] - second[0] > 19, "parts with indices from all over", got="a run of neighbours")
    expect_law(answer, found[0] != found[1], "other parts for another seed", got="the same parts")


@given(parts=part_sizes, more=st.sampled_from((1, -1, 3)), seed=seeds())
@example(parts=[8, 2], more=1, seed=0)
@example(parts=[8, 2], more=-1, seed=0)
@example(parts=[1], more=3, seed=0)
def test_split_indices__refuses_sizes_that_do_not_add_up(kata, parts, more, seed):
    """Parts that together are larger or smaller than `size` raise ValueError."""
    size = max(0, sum(parts) + more)
    if size != sum(parts):
        expect_raises(kata.split_indices.raising(size, parts, seed), ValueError)


# TransformedSubset


class Pairs(Dataset):
    """Sample i is (10 · i + 1, i), or with a transform (transform(10 · i + 1), i); it counts how often it is read."""

    def __init__(self, size, transform=None, kind=tuple):
        self.size, self.transform, self.kind, self.reads = size, transform, kind, 0
        options = (f", {transform!r}" if transform else "") + (f", kind={kind.__name__}" if kind is not tuple else "")
        self.source = f"Pairs({size}{options})"

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        if not 0 <= index < self.size:
            raise IndexError(f"index {index} of {self.size} pairs")
        self.reads += 1
        image = 10 * index + 1
        return self.kind((self.transform(image) if self.transform else image, index))


subsets = st.lists(st.integers(0, 6), min_size=1, max_size=5)
BROKEN = call("no_such_method")


@given(indices=subsets, where=st.integers(0, 9), doubled=st.booleans(), kind=st.sampled_from((tuple, list)))
@example(indices=[4, 2, 5], where=0, doubled=True, kind=tuple)
@example(indices=[4, 2, 5], where=4, doubled=False, kind=tuple)
@example(indices=[4, 2, 5], where=5, doubled=True, kind=list)
@example(indices=[3, 3], where=2, doubled=False, kind=list)
@example(indices=(6, 0), where=0, doubled=True, kind=tuple)
def test_TransformedSubset__has_the_samples_at_its_indices(kata, indices, where, doubled, kind):
    """Sample i is a tuple: sample indices[i] of the dataset, its image transformed; -1 is the last, as in a list."""
    options = {"transform": DOUBLE} if doubled else {}
    subset = kata.TransformedSubset(Pairs(7, kind=kind), indices, **options)
    expect_equal(subset.method("__len__")(), len(indices))
    index = where % (2 * len(indices)) - len(indices)
    for each in (index % len(indices), index):
        image = 10 * indices[each] + 1
        expect_same(subset.method("__getitem__")(each), (2 * image if doubled else image, indices[each]))


@given(indices=subsets, added=st.booleans())
@example(indices=[4, 2, 5], added=True)
@example(indices=[4, 2, 5], added=False)
def test_TransformedSubset__leaves_the_dataset_its_transform(kata, indices, added):
    """Its transform comes after that of the dataset, and other readers of the dataset see no change."""
    dataset = Pairs(7, ADD if added else None)
    subset = kata.TransformedSubset(dataset, indices, DOUBLE)
    image = 10 * indices[0] + 1 + added
    expect_same(subset.method("__getitem__")(0), (2 * image, indices[0]))
    other = expect_returned(subset, subset.given(dataset)[indices[0]], f"the dataset[{indices[0]}] afterwards")
    expect_law(other, other.value == (image, indices[0]), f"{(image, indices[0])}, as before")


@given(indices=subsets, beyond=st.integers(0, 3))
@example(indices=[4, 2, 5], beyond=0)
@example(indices=[4, 2, 5], beyond=2)
def test_TransformedSubset__refuses_an_index_out_of_range(kata, indices, beyond):
    """An index that is too large, or less than -len(subset), raises IndexError."""
    subset = kata.TransformedSubset(Pairs(7), indices)
    expect_raises(subset.method("__getitem__").raising(len(indices) + beyond), IndexError)
    expect_raises(subset.method("__getitem__").raising(-len(indices) - 1 - beyond), IndexError)


@given(indices=subsets, doubled=st.booleans())
@example(indices=[4, 2, 5], doubled=False)
@example(indices=[4, 2, 5], doubled=True)
def test_TransformedSubset__reads_a_sample_when_it_is_asked_for(kata, indices, doubled):
    """To make a subset reads no sample, and to get one reads that one, once."""
    dataset = Pairs(7)
    subset = kata.TransformedSubset(dataset, indices, DOUBLE if doubled else None)
    reads = subset.given(dataset).reads
    expect_law(subset, reads == 0, "no sample read while the subset is made", got=f"{reads} samples read")
    answer = subset.method("__getitem__")(0)
    image = 10 * indices[0] + 1
    expect_same(answer, (2 * image if doubled else image, indices[0]))
    reads = subset.given(dataset).reads
    expect_law(answer, reads == 1, "one sample read from the dataset", got=f"{reads} samples read")
