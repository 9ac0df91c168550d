"""What the benchmarks measure is right: each way multiplies, each rung trains the same weights."""

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from torchkata.bench import machine, matmul, training
from torchkata.bench.goals import EXPERT, IDIOMATIC
from torchkata.kata import load_module

ROOT = Path(__file__).parent.parent
WAYS = matmul.ways(load_module(ROOT / "reference" / "broadcasting.py"))
HERE = [rung for rung in training.LADDER if "cpu" in rung.devices]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_each_way_multiplies(way):
    a, b = matmul.inputs(way, 16, "cpu", "float32")
    assert matmul.error(way.make(a, b)(), a, b) <= matmul.tolerance(16, "float32")


def test_a_wrong_product_is_noticed():
    a, b = matmul.inputs(WAYS[0], 16, "cpu", "float32")
    assert matmul.error(b @ a, a, b) > matmul.tolerance(16, "float32")
    assert matmul.error((a @ b).bfloat16(), a, b) > matmul.tolerance(16, "float32")


def test_operations_and_bytes_of_a_product():
    single, batched = (next(way for way in WAYS if way.batched is kind) for kind in (False, True))
    assert matmul.flops(single, 10) == 2_000 and matmul.flops(batched, 10) == 32_000
    assert matmul.traffic(single, 10, "float32") == 1_200 and matmul.traffic(single, 10, "bfloat16") == 600


@pytest.fixture(scope="module")
def tutorial():
    """The weights after an epoch of the tutorial's loop on 200 images: the last batch is a short one."""
    task = training.Task.new(200)
    training.tutorial(task)()
    return task.weights()


@pytest.mark.parametrize("rung", HERE, ids=lambda rung: rung.name)
def test_each_rung_trains_the_same_weights(rung, tutorial):
    if rung.slow_start:
        pytest.skip("compiling takes too long here; `pytest benchmarks` checks it")
    task = training.Task.new(200)
    before = task.weights()
    rung.make(task)()
    assert not torch.equal(task.weights(), before)
    if rung.tolerance == 0:
        assert torch.equal(task.weights(), tutorial)
    assert (task.weights() - tutorial).abs().max() <= rung.tolerance


def test_the_expert_is_right_when_steps_are_large():
    """With the tutorial's small learning rate a wrong gradient would hardly show."""
    task, twin = training.Task.new(320), training.Task.new(320)
    inputs, labels = task.inputs() - 0.5, task.labels
    for _ in range(3):
        training.expert_epoch(task.model, inputs, labels, rate=0.2)
    optimizer = torch.optim.SGD(twin.model.parameters(), lr=0.2)
    for _ in range(3):
        for x, y in zip(inputs.split(64), labels.split(64), strict=True):
            optimizer.zero_grad()
            nn.functional.cross_entropy(twin.model(x), y).backward()
            optimizer.step()
    moved = (twin.weights() - training.Task.new(1).weights()).abs().max()
    assert moved > 0.01
    assert (task.weights() - twin.weights()).abs().max() < 1e-3 * moved


def test_the_roofline_makes_eight_products_a_step():
    task = training.Task.new(130)
    epoch = training.products_epoch(task)
    with torch.profiler.profile() as profile:
        epoch()
    calls = {event.key: event.count for event in profile.key_averages()}
    assert calls["aten::mm"] == 8 * 3  # three steps, one of them short


def samples_of(dataset):
    return [(image.tolist(), label) for image, label in (dataset[index] for index in range(5))]


def test_the_tutorial_trains_on_the_class_of_torchvision():
    datasets = pytest.importorskip("torchvision.datasets", reason="torchvision is not installed")
    task = training.Task.new(5)
    theirs = training.pictures(task.images, task.labels)
    assert isinstance(theirs, datasets.FashionMNIST) and len(theirs) == 5
    assert samples_of(theirs) == samples_of(training.Pictures(task.images, task.labels))


def test_without_torchvision_the_tutorial_does_the_same(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    task = training.Task.new(5)
    ours = training.pictures(task.images, task.labels)
    assert isinstance(ours, training.Pictures) and len(ours) == 5
    assert [label for _, label in samples_of(ours)] == task.labels.tolist()


def test_images_that_are_converted_at_once_are_the_same():
    task = training.Task.new(5)
    one_by_one = [training.pictures(task.images, task.labels)[index] for index in range(5)]
    assert torch.equal(task.inputs(), torch.stack([image for image, _ in one_by_one]))
    assert task.labels.tolist() == [label for _, label in one_by_one]


def test_the_rungs_that_goals_are_about_exist():
    names = [rung.name for rung in training.LADDER]
    assert {IDIOMATIC, EXPERT, "tutorial"} <= set(names) and len(set(names)) == len(names)


def test_parameters_are_counted_right():
    assert sum(p.numel() for p in training.build_model().parameters()) == training.parameters()


def test_the_machine_is_described_without_names_of_people_or_computers():
    import platform

    facts = machine.facts()
    assert facts["torch"] == torch.__version__ and facts["cores"] >= 1
    assert platform.node() not in str(facts) or len(platform.node()) < 4


def test_a_peak_is_measured():
    peak = machine.measure_peak("cpu", torch.float32, (32, 64))
    assert peak.n in (32, 64) and peak.gflops > 0 and peak.gbytes > 0
