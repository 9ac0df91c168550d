"""Data: from image files and tables to batches, with `torch.utils.data`.

An image is an array of pixels, height × width (× channels), until it becomes a tensor, channels × height × width.
A sample is a pair (image, label). A dataset has `len(dataset)` and `dataset[index]` for 0 ≤ index < len(dataset).
No function changes its arguments. A seed is an int; it never touches the global random state.

Run `pytest katas/07_dataset` after each function.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

Transform = Callable[[Any], Any]
Samples = Dataset[Any]


def image_to_tensor(image: Any) -> Float[Tensor, "c h w"]:
    """Turn an image into a tensor: channels first, and 0..255 becomes 0..1.

    `image` is a uint8 array with any strides (a mirrored one has negative ones), or something that
    `np.asarray` makes one of, such as a PIL image. Without a dimension for channels it is grey: one channel.

    Shape: (h, w, c) or (h, w) becomes (c, h, w). Dtype: float32.
    Memory: new.
    Raises: ValueError if the dtype is not uint8, or there are not 2 or 3 dimensions.
    Rule: no loop, and nothing from `torchvision.transforms`.

    >>> image_to_tensor(np.array([[0, 51, 255]], dtype=np.uint8))
    tensor([[[0.0000, 0.2000, 1.0000]]])
    """
    raise NotImplementedError


def normalize(
    image: Float[Tensor, "... c h w"], mean: Sequence[float], std: Sequence[float]
) -> Float[Tensor, "... c h w"]:
    """Return (image - mean) / std, with a mean and a std for each channel.

    mean = std = 0.5 maps 0..1 to -1..1. Batches of images may come as well, with any number of dimensions: the
    channels are dimension -3.

    Shape: that of `image`. Dtype: that of `image`, float32 or float64; mean and std are as exact. Memory: new.
    Raises: ValueError if there is not one mean and one std for each channel, or a std is not positive.

    >>> normalize(torch.tensor([[[0.0, 0.25, 1.0]]]), mean=[0.5], std=[0.5])
    tensor([[[-1.0000, -0.5000,  1.0000]]])
    """
    raise NotImplementedError


class Compose:
    """Transforms in a row as one: `Compose([f, g])(x)` is `g(f(x))`.

    `transforms` is any iterable, perhaps one that can be read only once. It may be empty: then x comes back as
    it is. A Compose keeps a list of its own: what happens to the one that it was given does not matter.
    It can be pickled if its transforms can, as worker processes need it.

    >>> Compose([abs, str])(-2.5)
    '2.5'
    """

    def __init__(self, transforms: Iterable[Transform]) -> None:
        raise NotImplementedError

    def __call__(self, x: Any) -> Any:
        """Return x after all transforms, the first one first."""
        raise NotImplementedError


class CsvImageDataset(Dataset[tuple[Any, Any]]):
    """Images in a folder, and a CSV file that gives each one its label.

    The first line of the CSV (UTF-8) names the columns: `file` and `label` are among them, in any order. Each line
    below is a sample: the name of a file below `folder`, and a label that `int` can read, as it can `7`, `-1`, `+3`
    and ` 7 `. Blank lines are no samples, and a cell in double quotes may hold a comma.
    A sample is (image, label): a new uint8 array, (h, w) or (h, w, 3), and an int. `transform` is applied to
    the image, `target_transform` to the label; both are optional.

    The table is checked at once, when the dataset is made:
    Raises: FileNotFoundError if there is no such CSV. ValueError that names the missing column, also if the CSV
    is empty. ValueError if no line holds a sample. ValueError that contains `line 3` if the third line of the file
    has no name of a file, or a label that `int` can't read; blank lines are counted too.

    An image is only read when it is asked for:
    Raises: FileNotFoundError that names the file if it is missing, ValueError that names it if it can't be read as
    an image. IndexError if the index is out of range; -1 is the last sample, as in a list.

    It can be pickled if its transforms can, so that it works with the workers of a `DataLoader`.

    >>> import tempfile
    >>> from torchkata import digits
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     annotations = digits.write_folder(Path(folder), count=3)
    ...     dataset = CsvImageDataset(annotations, Path(folder, "images"), transform=image_to_tensor)
    ...     image, label = dataset[-1]
    >>> len(dataset), image.shape, label
    (3, torch.Size([1, 8, 8]), 2)
    """

    def __init__(
        self,
        annotations: str | Path,
        folder: str | Path,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
    ) -> None:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        raise NotImplementedError


def preview(
    kind: Callable[..., Any],
    root: str | Path,
    count: int,
    train: bool = True,
    download: bool = False,
    transform: Transform | None = None,
    target_transform: Transform | None = None,
) -> tuple[int, Sequence[str], list[tuple[Any, Any]]]:
    """Open a dataset as `torchvision.datasets` has them, and return its size, its class names and its first samples.

    `kind` is the class of the dataset, such as MNIST or FashionMNIST. Call it with `root`, `train`, `download`,
    `transform` and `target_transform` as keywords, each one as it was given. Its errors, for example RuntimeError
    where there are no files below `root`, go on to the caller.
    The names are its attribute `classes`, as it is. The samples are `count` ones, or all if there are fewer, each a
    tuple as the dataset gives it, with the transforms applied.

    >>> from torchkata import digits
    >>> from torchvision.datasets import MNIST
    >>> size, classes, samples = preview(MNIST, digits.ROOT, count=2, train=False, transform=image_to_tensor)
    >>> size, classes[3], samples[0][0].shape, samples[0][1]
    (359, '3 - three', torch.Size([1, 8, 8]), 4)
    """
    raise NotImplementedError


def batch_indices(sampler: Iterable[int], batch_size: int, drop_last: bool = False) -> list[list[int]]:
    """Group the indices of a sampler into batches, as `DataLoader` takes them for its `batch_sampler`.

    The order is that of `sampler`, which can perhaps be read only once and may be empty. Every batch holds
    `batch_size` indices; only the last one may be shorter, and `drop_last` leaves it out if it is.

    Raises: ValueError if `batch_size` is less than 1.
    Rule: `BatchSampler` and `DataLoader` are not allowed.

    >>> batch_indices(range(5), batch_size=2)
    [[0, 1], [2, 3], [4]]
    >>> batch_indices(range(5), batch_size=2, drop_last=True)
    [[0, 1], [2, 3]]
    """
    raise NotImplementedError


def one_epoch(
    dataset: Samples,
    batch_size: int,
    shuffle: bool = False,
    sampler: Iterable[int] | None = None,
    drop_last: bool = False,
) -> list[Any]:
    """Return the batches of one epoch as a list, as a `DataLoader` makes them.

    A batch is a pair (images, labels), list or tuple, of stacked samples. Without `shuffle` and `sampler` the samples
    come in order; with `shuffle` in an order drawn from the global random state, each one once; with `sampler`, which
    can perhaps be read only once, in the order of its indices; an empty one gives no batch. The last batch is short
    if the numbers don't match, and `drop_last` leaves it out.

    Shape: images (n, ...), where (...) is the shape of one image; labels (n,).
    Raises: ValueError if `shuffle` and `sampler` are both given, even an empty one: two orders contradict each other.
    Rule: use `DataLoader`.

    >>> dataset = torch.utils.data.TensorDataset(torch.zeros(5, 1, 8, 8), torch.arange(5))
    >>> [labels.tolist() for images, labels in one_epoch(dataset, batch_size=2)]
    [[0, 1], [2, 3], [4]]
    """
    raise NotImplementedError


def shuffled_epochs(dataset: Samples, batch_size: int, epochs: int, seed: int) -> list[list[Any]]:
    """Return the batches of several epochs, each shuffled anew; the same seed repeats all of them.

    Every sample comes exactly once an epoch, and the last batch of an epoch is short if the numbers don't match.
    The samples are shuffled before they are put into batches. The order differs from epoch to epoch and from
    seed to seed. The dataset has at least one sample.
    A batch is a pair (images, labels), list or tuple, of stacked samples.
    Random: `seed` alone decides. The global random state is neither used nor changed.

    >>> dataset = torch.utils.data.TensorDataset(torch.zeros(5, 1, 8, 8), torch.arange(5))
    >>> first, second = shuffled_epochs(dataset, batch_size=2, epochs=2, seed=0)
    >>> sorted(label for images, labels in second for label in labels.tolist())
    [0, 1, 2, 3, 4]
    """
    raise NotImplementedError


def worker_loader(
    dataset: Samples,
    batch_size: int,
    device: str,
    num_workers: int = 0,
    timeout: float = 0,
    worker_init_fn: Callable[[int], None] | None = None,
) -> DataLoader[Any]:
    """Return a loader that reads ahead in worker processes, and whose batches are ready for `device`.

    The samples come in order, `batch_size` at a time; the last batch is short if the numbers don't match.
    `num_workers` processes read them. Each one first calls `worker_init_fn`, if there is one, and stays for the next
    epochs. A batch that takes more than `timeout` seconds is an error; 0 waits for ever.
    With `num_workers=0` your own process reads, and no batch has a timeout, whatever `timeout` is.
    Batches come in pinned memory if, and only if, `device` is a CUDA device, with or without a number.

    >>> dataset = torch.utils.data.TensorDataset(torch.zeros(5, 1, 8, 8), torch.arange(5))
    >>> loader = worker_loader(dataset, batch_size=2, device="cuda:0", num_workers=2, timeout=30)
    >>> loader.num_workers, loader.persistent_workers, loader.timeout, loader.pin_memory
    (2, True, 30, True)
    """
    raise NotImplementedError


def first_pictures(
    loader: Iterable[tuple[Float[Tensor, "n 1 h w"], Int[Tensor, "n"]]],
) -> tuple[Float[Tensor, "n h w"], Int[Tensor, "n"]]:
    """Take the first batch of a loader, and return its images without the channel, ready to be shown, and its labels.

    `loader` is any iterable of batches, a `DataLoader` for example; it may be endless. Only one batch is taken.
    The images are grey: they have one channel. `matplotlib` shows a grey image as (h, w).

    Shape: a batch of 64×1×28×28 and 64 gives (64, 28, 28) and (64,). A side of length 1 stays.
    Memory: that of the batch; nothing is copied.

    >>> batch = torch.zeros(64, 1, 28, 28), torch.arange(64)
    >>> images, labels = first_pictures([batch, batch])
    >>> images.shape, labels.shape
    (torch.Size([64, 28, 28]), torch.Size([64]))
    """
    raise NotImplementedError


def balanced_weights(labels: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return a weight for each sample: 1 / (how many samples have its label).

    So the weights of each class add up to 1, and `WeightedRandomSampler(weights, len(weights))` draws every class
    equally often. A label is int64 and not negative; not every number below the largest one needs to occur.

    Shape: (n,); n may be 0. Dtype: float32. Device: that of `labels`.
    Rule: no loop.

    >>> balanced_weights(torch.tensor([0, 0, 3, 0, 0]))
    tensor([0.2500, 0.2500, 1.0000, 0.2500, 0.2500])
    """
    raise NotImplementedError


def pad_collate(
    samples: list[tuple[list[int], int]], padding: int = 0
) -> tuple[Int[Tensor, "n longest"], Int[Tensor, "n"], Int[Tensor, "n"]]:
    """Put samples of different lengths into one batch (tokens, lengths, labels); a `collate_fn`.

    A sample is (tokens, label): a list of ints, which may be empty, and an int. Short lists are filled up at their
    end with `padding`, to the length of the longest one; a token may be equal to `padding`. `lengths` holds the
    lengths from before. The samples stay in order, and there is at least one.

    Shape: (n, longest), (n,) and (n,), in a tuple. Dtype: int64, all three.

    >>> tokens, lengths, labels = pad_collate([([7, 8, 9], 1), ([5], 0)])
    >>> tokens
    tensor([[7, 8, 9],
            [5, 0, 0]])
    >>> lengths, labels
    (tensor([3, 1]), tensor([1, 0]))
    """
    raise NotImplementedError


def split_indices(size: int, parts: Sequence[int], seed: int) -> list[list[int]]:
    """Split the indices 0 .. size - 1 at random into parts of the given sizes.

    Every index is in exactly one part. The parts differ from seed to seed, and the same seed gives the same ones.
    Inside a part any order will do.

    Random: `seed` alone decides. The global random state is neither used nor changed.
    Raises: ValueError if the sizes of the parts don't add up to `size`.

    >>> train, test = split_indices(10, [8, 2], seed=0)
    >>> len(train), len(test), sorted(train + test)
    (8, 2, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    raise NotImplementedError


class TransformedSubset(Dataset[tuple[Any, Any]]):
    """Some samples of a dataset, with a transform of their own.

    Sample i is sample `indices[i]` of `dataset`, with `transform` applied to its image if there is one; the label
    stays. -1 is the last sample, as in a list. `dataset` itself keeps its transform: other subsets of it, such as the
    part for testing, see no difference. A sample is read once, when it is asked for, and comes as a tuple.

    Raises: IndexError if an index of the subset is out of range.

    >>> digits = [(0.5, 0), (1.5, 1), (-2.5, 2)]
    >>> subset = TransformedSubset(digits, [2, 0], transform=abs)
    >>> len(subset), subset[0], subset[-1]
    (2, (2.5, 2), (0.5, 0))
    """

    def __init__(self, dataset: Samples, indices: Sequence[int], transform: Transform | None = None) -> None:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        raise NotImplementedError
