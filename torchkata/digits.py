"""Real images without a network: the UCI handwritten digits, 1797 grey images of 8×8, shipped as IDX files.

    images, labels = digits.load(train=True)           tensors, without torchvision
    MNIST(digits.ROOT, train=True)                     torchvision's own class reads the same files
    digits.write_folder(folder, count=20)              PNG files and a CSV, as data often comes

Credit and licence: `torchkata/data/digits/README.md`.
"""

import csv
import gzip
import struct
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

ROOT = Path(__file__).parent / "data" / "digits"
CLASSES = tuple(map(str, range(10)))
TEST_EVERY = 5  # of five images in a row the last one is a test image
BRIGHTEST = 16  # the data has 17 shades, 0 to 16
_MAGIC = {1: 0x801, 3: 0x803}  # IDX: unsigned bytes, 1 or 3 dimensions


def load(*, train: bool) -> tuple[Tensor, Tensor]:
    """Return the images, uint8 (n, 8, 8) with 0 to 255, and the labels, int64 (n,), of one part.

    1438 training and 359 test images.
    """
    images, labels = (_read(_file(kind, train=train)) for kind in ("images-idx3", "labels-idx1"))
    return torch.from_numpy(images), torch.from_numpy(labels).long()


def write_folder(folder: Path, count: int = 20, *, train: bool = True) -> Path:
    """Write `count` images as `images/NNNN.png` below `folder`, and `labels.csv` (file, label); return that."""
    from PIL import Image

    images, labels = load(train=train)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    names = [f"{index:04}.png" for index in range(count)]
    for name, image in zip(names, images[:count].numpy(), strict=True):
        Image.fromarray(image).save(folder / "images" / name)
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "label"), *zip(names, labels[:count].tolist(), strict=True)])
    return folder / "labels.csv"


def make(source: Path, root: Path = ROOT) -> None:
    """Write the IDX files from scikit-learn's `digits.csv.gz`: 64 shades and a label on each line."""
    with gzip.open(source, "rt") as file:
        table = np.loadtxt(file, delimiter=",")
    images = np.rint(table[:, :-1].reshape(-1, 8, 8) * (255 / BRIGHTEST)).astype(np.uint8)
    test = np.arange(len(table)) % TEST_EVERY == TEST_EVERY - 1
    for train, chosen in ((True, ~test), (False, test)):
        _write(_file("images-idx3", train=train, root=root), images[chosen])
        _write(_file("labels-idx1", train=train, root=root), table[chosen, -1].astype(np.uint8))


def _file(kind: str, *, train: bool, root: Path = ROOT) -> Path:
    return root / "MNIST" / "raw" / f"{'train' if train else 't10k'}-{kind}-ubyte"


def _read(path: Path) -> np.ndarray:
    data = path.read_bytes()
    ndim = data[3]
    shape = struct.unpack_from(f">{ndim}I", data, 4)
    return np.frombuffer(bytearray(data), np.uint8, offset=4 + 4 * ndim).reshape(shape)


def _write(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    header = struct.pack(f">{1 + values.ndim}I", _MAGIC[values.ndim], *values.shape)
    path.write_bytes(header + values.tobytes())


if __name__ == "__main__":
    make(Path(sys.argv[1]))
