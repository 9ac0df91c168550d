"""The shipped digits are the real ones, readable by torchvision and as a folder of pictures."""

import csv
import gzip

import numpy as np
import pytest
import torch

from torchkata import digits


@pytest.mark.parametrize(("train", "count"), [(True, 1438), (False, 359)])
def test_a_part_has_its_images_and_labels(train, count):
    images, labels = digits.load(train=train)
    assert images.dtype == torch.uint8 and images.shape == (count, 8, 8)
    assert labels.dtype == torch.int64 and set(labels.tolist()) == set(range(10))
    assert images.min() == 0 and images.max() == 255 and len(images.unique()) == 17


def test_all_ten_classes_are_about_as_frequent():
    labels = torch.cat([digits.load(train=train)[1] for train in (True, False)])
    assert labels.bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as the source counts them


def test_a_class_looks_like_itself():
    """The nearest class mean already tells most digits apart: images and labels belong together."""
    images, labels = digits.load(train=True)
    means = torch.stack([images[labels == label].float().mean(0) for label in range(10)])
    test_images, test_labels = digits.load(train=False)
    distances = (test_images.float()[:, None] - means).square().sum((2, 3))
    assert (distances.argmin(1) == test_labels).float().mean() > 0.85


def test_torchvision_reads_the_same():
    from torchvision.datasets import MNIST

    for train in (True, False):
        dataset, (images, labels) = MNIST(digits.ROOT, train=train), digits.load(train=train)
        assert torch.equal(dataset.data, images) and torch.equal(dataset.targets, labels)


def test_a_folder_holds_pictures_and_a_table(tmp_path):
    from PIL import Image

    path = digits.write_folder(tmp_path, count=5)
    images, labels = digits.load(train=True)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["label"]) for row in rows] == labels[:5].tolist()
    for row, image in zip(rows, images, strict=False):
        assert np.array_equal(np.asarray(Image.open(tmp_path / "images" / row["file"])), image.numpy())


def test_the_files_can_be_made_again(tmp_path):
    images, labels = digits.load(train=True)
    table = np.column_stack([np.rint(images[:10].reshape(10, 64).double().numpy() * 16 / 255), labels[:10].numpy()])
    source = tmp_path / "digits.csv.gz"
    with gzip.open(source, "wt") as file:
        np.savetxt(file, table, delimiter=",")
    digits.make(source, tmp_path)
    made = (tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte").read_bytes()
    assert np.array_equal(np.frombuffer(made[16:], np.uint8), images[[0, 1, 2, 3, 5, 6, 7, 8]].numpy().ravel())
