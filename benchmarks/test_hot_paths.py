"""The other paths of the reference that a training goes along often, each against the library's own."""

import tempfile
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from torchkata import digits
from torchkata.bench import training

CLASSES = 10


@pytest.mark.parametrize("n", [64, 60_000])
def test_one_hot(n, device, reference, measure):
    """One-hot by `scatter_`, with its check of the labels, against `torch.nn.functional.one_hot`."""
    labels = torch.randint(0, CLASSES, (n,), generator=torch.Generator().manual_seed(0)).to(device)
    one_hot = reference("one_hot").one_hot_batch

    def library():
        return F.one_hot(labels, CLASSES).float()

    assert torch.equal(one_hot(labels, CLASSES), library())
    measure(lambda: one_hot(labels, CLASSES), {"F.one_hot": library}, device=device, way="one-hot by scatter", n=n)


def test_fetch_of_an_image(tmp_path, reference, measure):
    """A sample of a dataset of PNG files, decoded and made a tensor, against a row of a tensor."""
    dataset = reference("dataset")
    files = dataset.CsvImageDataset(digits.write_folder(tmp_path), tmp_path / "images", dataset.image_to_tensor)
    images = torch.stack([image for image, _ in files])
    assert torch.equal(images[7], digits.load(train=True)[0][7:8].float() / 255)
    measure(lambda: files[7], {"row of a tensor": lambda: images[7]}, way="fetch from a PNG file", n=1)


def test_batches_of_a_loader(reference, measure):
    """An epoch of a DataLoader over tensors, against views of the same tensors."""
    task = training.Task.new(1_280)
    data = torch.utils.data.TensorDataset(task.inputs(), task.labels)
    one_epoch = reference("dataset").one_epoch

    def views():
        return list(zip(data.tensors[0].split(64), data.tensors[1].split(64), strict=True))

    for (x, y), (a, b) in zip(one_epoch(data, 64), views(), strict=True):
        assert torch.equal(x, a) and torch.equal(y, b)
    measure(lambda: one_epoch(data, 64), {"split views": views}, way="batches of a DataLoader", n=1_280)


@pytest.mark.parametrize("way", ["save", "save atomically", "load"])
def test_files(way, reference, measure):
    """Saving and loading the weights of the tutorial's net, against `torch.save` and `torch.load` alone."""
    model, other = training.build_model(0), training.build_model(1)
    kata = reference("save_load")
    with tempfile.TemporaryDirectory() as folder:
        path, plain = Path(folder, "model.pt"), Path(folder, "plain.pt")
        kata.save_weights(model, path)
        torch.save(model.state_dict(), plain)
        kata.load_weights(other, path)
        assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))
        saved = {"torch.save": lambda: torch.save(model.state_dict(), plain)}
        loaded = {"torch.load": lambda: torch.load(plain, weights_only=True)}
        work, others = {
            "save": (lambda: kata.save_weights(model, path), saved),
            "save atomically": (lambda: kata.save_atomically(model.state_dict(), path), saved),
            "load": (lambda: kata.load_weights(other, path), loaded),
        }[way]
        measure(work, others, way=way, bytes=path.stat().st_size)


@pytest.mark.parametrize("momentum", [0.0, 0.9], ids=["plain", "momentum"])
def test_sgd_step(momentum, device, reference, measure):
    """The step of SGD written by hand, one parameter after the other, against `torch.optim.SGD`."""
    mine, theirs = (training.build_model().to(device) for _ in range(2))
    velocities = [torch.zeros_like(p) for p in mine.parameters()]
    for model in (mine, theirs):
        for p in model.parameters():
            p.grad = torch.full_like(p, 1e-6)
    optimizer = torch.optim.SGD(theirs.parameters(), lr=1e-3, momentum=momentum, foreach=False)
    every = torch.optim.SGD(theirs.parameters(), lr=1e-3, momentum=momentum, foreach=True)
    kata = reference("sgd_loop")

    def step():
        if momentum:
            kata.momentum_step(mine.parameters(), velocities, 1e-3, momentum)
        else:
            kata.sgd_step(mine.parameters(), 1e-3)

    for _ in range(2):
        step()
        optimizer.step()
    for a, b in zip(mine.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b)
    way = "SGD step by hand" + (", momentum" if momentum else "")
    others = {"optim.SGD": optimizer.step, "optim.SGD, foreach": every.step}
    measure(step, others, device=device, way=way, n=training.parameters())
