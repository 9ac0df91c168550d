"""Real images to train on: FashionMNIST where it is there or can be downloaded, else the digits that are shipped.

    train = open_images(Path("data"), train=True)      one printed line says what was opened, and why
    train.images, train.labels, train.class_names      uint8 (n, h, w), int64 (n,), names

No network costs some seconds at most, and no download is ever left half done: it goes into a temporary folder below
`root`, is read once as a test, and only then moved to `root/FashionMNIST`, where torchvision expects it.
"""

import contextlib
import io
import socket
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import torch
from torch import Tensor

from torchkata import digits

NAME = "FashionMNIST"
PATIENCE = 2.5  # seconds in which the server must have sent a first byte
STALL = 5.0  # seconds without a byte after which a download is given up
Part = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Images:
    """Images with their labels."""

    name: str
    images: Tensor  # uint8 (n, h, w), 0 to 255
    labels: Tensor  # int64 (n,)
    class_names: tuple[str, ...]
    source: str  # where they come from, in words


def open_images(root: Path, *, train: bool, download: bool = True) -> Images:
    """Open the training or the test images of FashionMNIST below `root`, else the shipped digits; print which.

    What is missing or damaged there is downloaded, unless `download` is false; good data is never touched.
    """
    root = Path(root).expanduser()
    place, verb, classes = root / NAME, "read from", digits.CLASSES
    parts, problem = _opened(root)
    if problem and download:
        trouble = _downloaded(root)
        problem += f" and can't be downloaded ({trouble})" if trouble else ""
        if not trouble:
            verb = "downloaded to"
            parts, problem = _opened(root)
    if problem:
        name, part, source = "digits", digits.load(train=train), f"shipped with torchkata: {place} {problem}"
    else:
        name, part, source = NAME, parts[train], f"{verb} {place}"
        classes = tuple(_dataset_class().classes)
    print(f"{name}: {len(part[1])} {'training' if train else 'test'} images, {source}")
    return Images(name, *part, classes, source)


def _dataset_class() -> Any:
    from torchvision.datasets import FashionMNIST  # late: it takes a second or two

    return FashionMNIST


def _opened(root: Path) -> tuple[dict[bool, Part], str]:
    """Both parts, the training images under True, and what is wrong with them ("": nothing)."""
    try:
        return (_read(root), "") if (root / NAME).exists() else ({}, "is not there")
    except Exception as error:  # whatever a damaged file leads to
        return {}, f"is damaged ({_in_words(error)})"


def _read(root: Path) -> dict[bool, Part]:
    """Read both parts; raises when a file is missing or does not hold what it should."""
    parts = {}
    for train in (True, False):
        dataset = _dataset_class()(root, train=train)
        images, labels = dataset.data, dataset.targets
        whole = images.dtype == torch.uint8 and images.ndim == 3 and images.numel() > 0
        if (
            not whole
            or labels.shape != images.shape[:1]
            or not 0 <= labels.min() <= labels.max() < len(dataset.classes)
        ):
            raise ValueError(f"images {tuple(images.shape)} and labels {tuple(labels.shape)} do not belong together")
        parts[train] = images, labels.long()
    return parts


def _downloaded(root: Path) -> str:
    """Download into a temporary folder, move it into place when it is whole; return what went wrong, "" if nothing."""
    try:
        dataset = _dataset_class()
        trouble = _unreachable(dataset.mirrors[0] + dataset.resources[0][0])
        if not trouble:
            _download(root)
        return trouble
    except Exception as error:  # no right to write, no room on the disk, a connection that breaks, a wrong checksum
        return _in_words(error)


def _unreachable(url: str) -> str:
    """Why nothing can be had from `url`, "" if it answers.

    A thread asks, because nothing ends a name lookup that hangs.
    """
    trouble = [f"no answer from {urlsplit(url).hostname} within {PATIENCE:g} s"]

    def ask() -> None:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                answer.read(1)
            trouble[0] = ""
        except Exception as error:
            trouble[0] = _in_words(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return trouble[0]


def _download(root: Path) -> None:
    made = [folder for folder in (root, *root.parents) if not folder.exists()]
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{NAME}-", dir=root, ignore_cleanup_errors=True) as name:
            fresh = Path(name)
            with _stalls_end(), contextlib.redirect_stdout(io.StringIO()):
                _dataset_class()(fresh, download=True)
            _read(fresh)
            if (root / NAME).exists():
                (root / NAME).rename(fresh / "damaged")
            (fresh / NAME).rename(root / NAME)
    except BaseException:
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


@contextlib.contextmanager
def _stalls_end() -> Iterator[None]:
    """Let every socket that is opened in the block give up after `STALL` seconds without a byte."""
    former = socket.getdefaulttimeout()
    socket.setdefaulttimeout(STALL)
    try:
        yield
    finally:
        socket.setdefaulttimeout(former)


def _in_words(error: Exception) -> str:
    """The type and the first line of an exception."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
