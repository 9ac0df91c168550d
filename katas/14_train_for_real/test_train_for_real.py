"""The properties of the training kata. `kata.name(...)` calls your function and keeps what a message needs."""

import copy
import shutil
import tempfile
import weakref
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import ScalarFormatter
from PIL import Image
from torch import nn
from torch.optim import SGD

from torchkata import digits, trees
from torchkata.checks import (
    expect_law,
    expect_number,
    expect_returned,
    expect_rules,
    expect_tensor,
    expect_tuple,
    expect_unchanged,
)
from torchkata.kata import Stub
from torchkata.pasting import paste
from torchkata.strategies import linear, manual_seed, seeds, tensors

DTYPES = (torch.float32, torch.float64)
LONG = 64  # the factor for the tolerance after several steps
on_the_cpu = pytest.mark.devices("cpu")
few = settings(max_examples=3)  # a picture or a training takes as long as a hundred small tensors
pinned = settings(phases=[Phase.explicit])  # and many axes as long as a thousand
pytestmark = pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")  # of `imshow`, for each tensor


def exact(tensor):
    """The values for NumPy, in float64."""
    return tensor.detach().cpu().double().numpy()


def log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def losses_of(logits, labels):
    """The cross entropy of each sample, in float64."""
    return -log_softmax(logits)[np.arange(len(labels)), labels]


# to_inputs


@given(images=tensors(3, torch.uint8, min_side=0))
@example(images=torch.tensor([[[0, 255, 51], [1, 127, 128]]], dtype=torch.uint8))
@example(images=torch.arange(256, dtype=torch.uint8).view(2, 8, 16))
@example(images=torch.full((1, 2, 2), 200, dtype=torch.uint8))
def test_to_inputs__moves_brightness_to_minus_1_to_1(kata, images):
    """Each image gets one channel, and brightness b becomes b / 127.5 - 1, float32."""
    expect_tensor(kata.to_inputs(images), exact(images)[:, None] / 127.5 - 1, dtype=torch.float32, scale=1)


# build_classifier

SIZES = ((6, 4, 3), (4, 3, 2), (2, 5, 1), (1, 1, 4), (12, 2, 10))


def expect_sequential(answer):
    got = answer.value
    text = "None: is a `return` missing?" if got is None else repr(got)
    expect_law(answer, isinstance(got, nn.Sequential), "an nn.Sequential", got=text)


@on_the_cpu
@given(sizes=st.sampled_from(SIZES))
@example(sizes=())
@example(sizes=(6, 4, 3))
@example(sizes=(784, 512, 10))
def test_build_classifier__has_three_linear_layers(kata, sizes):
    """The parameters are weight and bias of inputs → hidden → hidden → classes; 784, 512 and 10 unless given."""
    answer = kata.build_classifier(*sizes)
    expect_sequential(answer)
    inputs, hidden, classes = sizes or (784, 512, 10)
    want = [(hidden, inputs), (hidden,), (hidden, hidden), (hidden,), (classes, hidden), (classes,)]
    got = [tuple(p.shape) for p in answer.value.parameters()]
    expect_law(answer, got == want, f"parameters of the shapes {want}", got=f"{got}")


@on_the_cpu
@given(sizes=st.sampled_from(SIZES), seed=seeds())
@example(sizes=(6, 4, 3), seed=0)
@example(sizes=(6, 40, 8), seed=1)
def test_build_classifier__computes_logits(kata, sizes, seed):
    """An image is flattened; a ReLU follows the first and the second linear layer, and nothing the last one."""
    answer = kata.build_classifier(*sizes)
    expect_sequential(answer)
    values = (
        np.random.default_rng(seed).integers(-16, 17, (3, 1, 2, sizes[0] // 2) if sizes[0] > 1 else (3, 1, 1, 1)) / 8
    )
    weights = [exact(p) for p in answer.value.parameters()]
    expect_law(answer, len(weights) == 6, "six parameters", got=f"{len(weights)}")
    x = values.reshape(3, -1)
    for index, (weight, bias) in enumerate(zip(weights[::2], weights[1::2], strict=True)):
        x = (np.maximum(x, 0) if index else x) @ weight.T + bias
    logits = answer.method()(torch.tensor(values, dtype=torch.float32))
    expect_tensor(logits, x, dtype=torch.float32, factor=LONG, scale=2)


@on_the_cpu
@given(sizes=st.sampled_from(SIZES[:1]))
@example(sizes=(64, 32, 10))
def test_build_classifier__starts_as_linear_layers_do(kata, sizes):
    """All parameters are trainable and start random, from -1/√in to 1/√in, where `in` is the inputs of the layer."""
    answer = kata.build_classifier(*sizes)
    expect_sequential(answer)
    weight = None
    for index, p in enumerate(answer.value.parameters()):
        expect_law(answer, p.requires_grad, f"parameter {index} to require grad")
        weight = p if p.ndim == 2 else weight
        bound, largest = weight.shape[1] ** -0.5, float(p.detach().abs().max())
        inside = bound / 4 < largest <= bound * 1.001 and (p.numel() == 1 or len(p.detach().unique()) > 1)
        expect_law(answer, inside, f"numbers up to ±{bound:.3g} in parameter {index}", got=f"up to ±{largest:.3g}: {p}")


@on_the_cpu
@few
@given(seed=seeds())
@example(seed=0)
def test_build_classifier__starts_anew_each_time(kata, seed):
    """Each model has random weights of its own; after an equal `torch.manual_seed` they are equal."""
    models = []
    for shift in (0, 0, 1):
        manual_seed(seed + shift)
        answer = kata.build_classifier(6, 4, 3)
        expect_sequential(answer)
        models.append(answer.value)
    expect_equal_weights(answer, models[0], models[1], True, "the same weights after the same seed")
    expect_equal_weights(answer, models[0], models[2], False, "other weights after another seed")


# without_last_relu

FIRST = linear([[1.0, -2.0], [0.5, 1.0], [-1.0, 3.0]], [0.5, 0.0, -1.0])
LAST = linear([[1.0, -1.0, 2.0], [-3.0, 1.0, 0.5]], [0.25, -1.0])
RELU = nn.ReLU()
STACKS = (
    (FIRST, nn.ReLU(), LAST, nn.ReLU()),
    (FIRST, nn.ReLU(), LAST),
    (LAST, nn.ReLU()),
    (FIRST, nn.ReLU(), LAST, nn.Softmax(dim=1)),
    (FIRST, nn.ReLU(), LAST, nn.LeakyReLU()),
    (FIRST, nn.ReLU(), LAST, nn.ReLU(), nn.Identity()),
    (FIRST, nn.ReLU(), nn.ReLU()),
    (nn.ReLU(),),
    (FIRST, RELU, LAST, RELU),
    (FIRST, RELU, RELU),
    (FIRST, nn.Sequential(LAST, nn.ReLU())),
)


@given(layers=st.sampled_from(STACKS))
@example(layers=STACKS[0])
@example(layers=STACKS[1])
@example(layers=STACKS[4])
@example(layers=STACKS[5])
@example(layers=STACKS[6])
@example(layers=STACKS[8])
@example(layers=STACKS[9])
@example(layers=STACKS[10])
def test_without_last_relu__drops_only_a_relu_at_the_end(kata, layers):
    """The result holds the very same layers, without the last one if that is an `nn.ReLU`; the model keeps it."""
    model = nn.Sequential(*layers)
    answer = kata.without_last_relu.on(model)
    expect_sequential(answer)
    want = list(layers[:-1] if type(layers[-1]) is nn.ReLU else layers)
    got = list(answer.value)
    names = [type(layer).__name__ for layer in want]
    text = [type(layer).__name__ for layer in got]
    expect_law(answer, text == names, f"the layers {', '.join(names) or 'none'}", got=", ".join(text) or "none")
    same = all(mine is other for mine, other in zip(got, want, strict=True))
    expect_law(answer, same, "the very same layers, so that the weights are shared", got="copies of layers")
    left = [type(layer).__name__ for layer in model]
    kept = len(model) == len(layers) and all(mine is other for mine, other in zip(model, layers, strict=True))
    expect_law(answer, kept, "a model that is left as it was", got=f"afterwards the model has {', '.join(left)}")
    expect_unchanged(answer)


@given(seed=seeds(), stray=st.booleans())
@example(seed=0, stray=True)
def test_without_last_relu__lets_negative_logits_through(kata, seed, stray):
    """What comes out is what the last linear layer computes, negative numbers too."""
    model = nn.Sequential(FIRST, nn.ReLU(), LAST, *[nn.ReLU()] * stray)
    x = np.random.default_rng(seed).integers(-8, 9, (4, 2)) / 4
    answer = kata.without_last_relu(model)
    expect_sequential(answer)
    hidden = np.maximum(x @ exact(FIRST.weight).T + exact(FIRST.bias), 0)
    want = hidden @ exact(LAST.weight).T + exact(LAST.bias)
    expect_tensor(answer.method()(torch.tensor(x, dtype=torch.float32)), want, dtype=torch.float32, scale=8)


# The next stubs get small models that note how they are called


class Noted(nn.Sequential):
    """Layers in a row that note each call: the inputs, the mode, and whether a graph is recorded."""

    def __init__(self, *layers):
        super().__init__(*layers)
        self.notes = []

    def forward(self, inputs):
        self.notes.append((exact(inputs).reshape(len(inputs), -1), self.training, torch.is_grad_enabled()))
        return super().forward(inputs)


@paste.register
def _(model: Noted):
    double = ".double()" if next(model.parameters()).dtype == torch.float64 else ""
    return f"nn.Sequential({', '.join(map(paste, model))}){double}{'' if model.training else '.eval()'}"


def shown_as(text, layer):
    """The layer, shown in messages by this text."""
    layer.source = text
    return layer


FEATURES, CLASSES = 2, 3


def make_model(seed=1, dtype=torch.float32, *, training=True, layers=(), grad=None):
    """A linear classifier of two pixels and three classes, with `layers` between flattening and the linear layer."""
    values = np.random.default_rng(seed).integers(-8, 9, (CLASSES, FEATURES + 1)) / 8
    model = Noted(shown_as("nn.Flatten()", nn.Flatten()), *layers, linear(values[:, 1:], values[:, 0], dtype)).train(
        training
    )
    for p in model.parameters():
        p.grad = None if grad is None else torch.full_like(p, grad).detach()
    return model


def make_data(count, seed=1, dtype=torch.float32, first=0):
    """Inputs (count, 1, 1, 2) and labels; the first pixel tells which sample it is: (first + index) / 8."""
    random = np.random.default_rng(seed)
    pixels = np.stack([(first + np.arange(count)) / 8, random.integers(-8, 9, count) / 4], axis=1)
    return torch.tensor(pixels.reshape(count, 1, 1, 2), dtype=dtype), torch.tensor(random.integers(0, CLASSES, count))


def forward(weights, pixels):
    return pixels @ weights[0].T + weights[1]


# logits_of


def make_wavering(seed, dtype, training, kind):
    """A classifier whose outputs depend on the mode."""
    if kind == "dropout":
        layer = shown_as("nn.Dropout(0.5)", nn.Dropout(0.5))
    else:
        layer = shown_as("nn.BatchNorm1d(2, affine=False)", nn.BatchNorm1d(FEATURES, affine=False, dtype=dtype))
    return make_model(seed, dtype, training=training, layers=[layer])


wavering = st.builds(
    make_wavering, seeds(), st.sampled_from(DTYPES), st.booleans(), st.sampled_from(("dropout", "batch norm"))
)
MODES = [make_wavering(1, torch.float32, training, "batch norm") for training in (True, False)]


@given(model=wavering, count=st.integers(2, 5))
@example(model=MODES[0], count=3)
@example(model=MODES[1], count=3)
@example(model=make_wavering(2, torch.float64, True, "dropout"), count=4)
@example(model=make_wavering(2, torch.float32, True, "dropout"), count=1)
def test_logits_of__are_those_of_eval_mode(kata, model, count):
    """The outputs are those of eval mode; afterwards the model is as it was before, in the mode that it came in."""
    last = model[-1]
    inputs, _ = make_data(count, dtype=last.weight.dtype)
    pixels = exact(inputs).reshape(count, -1)
    if isinstance(model[1], nn.BatchNorm1d):
        pixels = pixels / np.sqrt(1 + model[1].eps)
    want = forward([exact(p) for p in last.parameters()], pixels)
    expect_tensor(kata.logits_of(model, inputs), want, dtype=last.weight.dtype, scale=8)


@given(model=wavering)
@example(model=MODES[0])
def test_logits_of__record_no_graph(kata, model):
    """While the model is called no graph is recorded, and the result does not require grad."""
    answer = kata.logits_of(model, make_data(3, dtype=model[-1].weight.dtype)[0])
    expect_law(answer, isinstance(answer.value, torch.Tensor), "a tensor", got=repr(answer.value))
    expect_law(answer, not answer.value.requires_grad, "a result that does not require grad")
    notes = answer.given(model).notes
    expect_law(answer, len(notes) > 0, "the model to be called, as `model(inputs)`", got="it is not called")
    expect_law(answer, not any(grad for *_, grad in notes), "no graph while the model is called", got="a graph")


# accuracy


def make_scores(seed, count, classes, dtype):
    """Logits without two largest in a row, and labels of which about half are right."""
    random = np.random.default_rng(seed)
    logits = np.argsort(random.random((count, classes)), axis=1) - random.integers(0, 3)
    labels = np.where(random.random(count) < 0.5, logits.argmax(axis=1), random.integers(0, classes, count))
    return torch.tensor(logits, dtype=dtype), torch.tensor(labels)


scores = st.builds(make_scores, seeds(), st.integers(1, 6), st.integers(1, 4), st.sampled_from(DTYPES))


@given(case=scores)
@example(case=(torch.tensor([[3.0, -1.0], [0.0, 2.0], [-2.0, -5.0], [1.0, 0.0]]), torch.tensor([0, 1, 1, 0])))
@example(case=(torch.tensor([[2.0, 9.0], [1.0, 3.0]]), torch.tensor([1, 0])))
@example(case=(torch.tensor([[-1.0, -2.0, -3.0]]), torch.tensor([0])))
@example(case=(torch.tensor([[0.0, 1.0]] * 3), torch.tensor([1, 0, 0])))
@example(case=make_scores(3, 1000, 3, torch.float32))
def test_accuracy__is_the_share_of_right_samples(kata, case):
    """The share of rows whose largest logit is at the index of the label, as a Python float from 0 to 1."""
    logits, labels = case
    right = [row.index(max(row)) == label for row, label in zip(logits.tolist(), labels.tolist(), strict=True)]
    expect_number(kata.accuracy(logits, labels), sum(right) / len(right))


# train_epoch


def gradients(weights, pixels, labels):
    """The gradients of the mean cross entropy for weight and bias."""
    shares = np.exp(log_softmax(forward(weights, pixels)))
    shares[np.arange(len(labels)), labels] -= 1
    return [shares.T @ pixels / len(labels), shares.mean(axis=0)]


def replay(weights, velocities, batches, labels, lr, momentum=0.0):
    """SGD by NumPy on these batches, in place; returns the loss of each sample before the step of its batch."""
    losses = []
    for pixels, indices in batches:
        losses += list(losses_of(forward(weights, pixels), labels[indices]))
        for w, v, grad in zip(weights, velocities, gradients(weights, pixels, labels[indices]), strict=True):
            v *= momentum
            v += grad
            w -= lr * v
    return losses


def start_of(model):
    """Weight and bias before the training, and velocities of zero."""
    weights = [exact(p).copy() for p in model.parameters()]
    return weights, [np.zeros_like(w) for w in weights]


def noted_batches(answer, model, mode=True, first=0):
    """What the model was called with in train mode: pairs of pixels and indices of samples."""
    calls = [pixels for pixels, training, _ in answer.given(model).notes if training is mode]
    return [(pixels, np.rint(pixels[:, 0] * 8).astype(int) - first) for pixels in calls]


def expect_epoch(answer, batches, count, batch_size):
    """The batches are one epoch: each sample once, all batches full but the last."""
    sizes = [min(batch_size, count - start) for start in range(0, count, batch_size)]
    got = [len(indices) for _, indices in batches]
    expect_law(answer, got == sizes, f"batches of {sizes} in train mode", got=f"batches of {got} in train mode")
    order = [int(index) for _, indices in batches for index in indices]
    expect_law(answer, sorted(order) == list(range(count)), "every sample once", got=f"the samples {order}")
    return order


def expect_trained(answer, model, weights):
    """The parameters hold what NumPy says."""
    for p, w, name in zip(answer.given(model).parameters(), weights, ("weight", "bias"), strict=True):
        after = expect_returned(answer, p.detach(), f"the {name} afterwards")
        expect_tensor(after, w, dtype=p.dtype, device=p.device.type, factor=LONG, scale=8, changes=answer.args)


def make_epoch(seed, count, batch_size, dtype):
    model = make_model(seed, dtype, training=seed % 2 == 0, grad=2.0 if seed % 3 else None)
    optimizer = SGD(model.parameters(), lr=0.5, momentum=0.5)
    return model, optimizer, make_data(count, seed, dtype), batch_size


epochs_of_all_sizes = st.builds(make_epoch, seeds(), st.integers(1, 9), st.integers(1, 4), st.sampled_from(DTYPES))


@given(case=epochs_of_all_sizes, seed=seeds())
@example(case=make_epoch(1, 7, 3, torch.float32), seed=0)
@example(case=make_epoch(1, 6, 3, torch.float32), seed=0)
@example(case=make_epoch(2, 2, 4, torch.float32), seed=0)
@example(case=make_epoch(3, 5, 1, torch.float32), seed=0)
def test_train_epoch__reads_every_sample_once(kata, case, seed):
    """Each sample comes once, in batches of `batch_size` but for the last, and the model is in train mode."""
    model, optimizer, data, batch_size = case
    answer = kata.train_epoch(model, optimizer, data, batch_size, torch.Generator().manual_seed(seed))
    expect_epoch(answer, noted_batches(answer, model), len(data[1]), batch_size)
    others = noted_batches(answer, model, mode=False)
    expect_law(answer, not others, "every call of the model in train mode", got=f"{len(others)} calls in eval mode")
    expect_law(answer, answer.given(model).training, "a model that is left in train mode", got="it is in eval mode")
    expect_unchanged(answer, [model, optimizer])


@given(case=epochs_of_all_sizes, seed=seeds())
@example(case=make_epoch(1, 7, 3, torch.float32), seed=0)
@example(case=make_epoch(1, 5, 4, torch.float64), seed=3)
@example(case=make_epoch(4, 3, 3, torch.float32), seed=0)
def test_train_epoch__takes_a_step_for_each_batch(kata, case, seed):
    """Each batch gives one step on its mean cross entropy; returned is the mean over all samples, as a float."""
    model, optimizer, data, batch_size = case
    answer = kata.train_epoch(model, optimizer, data, batch_size, torch.Generator().manual_seed(seed))
    batches = noted_batches(answer, model)
    expect_epoch(answer, batches, len(data[1]), batch_size)
    weights, velocities = start_of(model)
    losses = replay(weights, velocities, batches, data[1].numpy(), 0.5, 0.5)
    dtype = data[0].dtype
    expect_number(answer, float(np.mean(losses)), dtype=dtype, factor=LONG, scale=8, changes=[*answer.args])
    expect_trained(answer, model, weights)


def order_of(kata, generator, count=9):
    """The order in which an epoch of single samples reads them."""
    model, optimizer, data, _ = make_epoch(1, count, 1, torch.float32)
    answer = kata.train_epoch.on(model, optimizer, data, 1, generator)
    batches = noted_batches(answer, model)
    return answer, expect_epoch(answer, batches, count, 1)


@on_the_cpu
@few
@given(seed=seeds())
@example(seed=0)
def test_train_epoch__draws_the_order_from_the_generator(kata, seed):
    """Equal generators give equal orders, whatever torch's global state; another seed or epoch gives another order."""
    generator = torch.Generator().manual_seed(seed)
    manual_seed(seed)
    answer, first = order_of(kata, generator)
    _, second = order_of(kata, generator)
    manual_seed(seed + 1)
    _, again = order_of(kata, torch.Generator().manual_seed(seed))
    _, other = order_of(kata, torch.Generator().manual_seed(seed + 1))
    expect_law(answer, again == first, "the same order for the same seed", got=f"{first}, then {again}")
    expect_law(answer, second != first, "another order in the next epoch", got=f"{first} in both")
    expect_law(answer, other != first, "another order for another seed", got=f"{first} for both")
    orders = [first, second, other]
    expect_law(answer, all(order != sorted(order) for order in orders), "a random order", got=f"{orders}")


# fit

KEYS = ["train_loss", "test_loss", "test_accuracy"]
FROM = 1000  # the first pixels of test samples begin here, so that they differ from those of training samples


def make_fit(seed, count, tests, batch_size, dtype=torch.float32, layers=()):
    model = make_model(seed, dtype, training=seed % 2 == 0, layers=layers, grad=2.0 if seed % 3 else None)
    train, (inputs, labels) = make_data(count, seed, dtype), make_data(tests, seed + 1, dtype, first=FROM)
    inputs[..., 0] = inputs[..., 0] / 64  # else the first pixel would outweigh all
    return model, train, (inputs, labels), batch_size


def expect_history(answer, epochs):
    """The answer is a dict of three lists with one float for each epoch."""
    history = answer.value
    right = isinstance(history, dict) and sorted(history) == sorted(KEYS)
    text = sorted(history) if isinstance(history, dict) else history
    expect_law(answer, right, f"a dict with the keys {KEYS}", got=f"{text}")
    for key, values in history.items():
        expect_law(answer, isinstance(values, list), f"a list at {key!r}", got=type(values).__name__)
        expect_law(answer, len(values) == epochs, f"{epochs} numbers at {key!r}", got=f"{len(values)} numbers")
        kinds = {type(value).__name__ for value in values}
        expect_law(answer, kinds <= {"float"}, f"Python floats at {key!r}", got=f"{', '.join(sorted(kinds))}")


def expect_epochs(answer, model, count, batch_size, epochs):
    """The batches of each epoch, once it is sure that each epoch is one."""
    batches, steps = noted_batches(answer, model), -(-count // batch_size)
    expect_law(answer, len(batches) == steps * epochs, f"{steps * epochs} batches", got=f"{len(batches)} batches")
    parts = [batches[start : start + steps] for start in range(0, len(batches), steps)]
    orders = [expect_epoch(answer, part, count, batch_size) for part in parts]
    return parts, orders


fits = st.builds(make_fit, seeds(), st.integers(1, 7), st.integers(1, 4), st.integers(1, 4), st.sampled_from(DTYPES))


@given(case=fits, epochs=st.integers(0, 3), lr=st.sampled_from((0.5, 0.125)))
@example(case=make_fit(1, 7, 3, 3), epochs=2, lr=0.5)
@example(case=make_fit(2, 4, 5, 2), epochs=3, lr=0.25)
@example(case=make_fit(1, 3, 1, 2), epochs=0, lr=0.5)
def test_fit__says_how_each_epoch_went(kata, case, epochs, lr):
    """After each epoch of plain SGD the history gets its training loss, and loss and accuracy on all test samples."""
    model, train, test, batch_size = case
    answer = kata.fit(model, train, test, epochs, batch_size, lr, torch.Generator().manual_seed(7))
    expect_history(answer, epochs)
    parts, _ = expect_epochs(answer, model, len(train[1]), batch_size, epochs)
    weights, velocities = start_of(model)
    pixels, labels = exact(test[0]).reshape(len(test[1]), -1), test[1].numpy()
    rules = {"dtype": train[0].dtype, "factor": 4 * LONG, "scale": 16, "changes": answer.args}
    for epoch, batches in enumerate(parts):
        loss = np.mean(replay(weights, velocities, batches, train[1].numpy(), lr))
        logits = forward(weights, pixels)
        expect_number(answer.piece("train_loss").piece(epoch), float(loss), **rules)
        expect_number(answer.piece("test_loss").piece(epoch), float(losses_of(logits, labels).mean()), **rules)
        top = np.sort(logits, axis=1)
        if (top[:, -1] - top[:, -2]).min() > 1e-3:  # else rounding may decide
            share = float((logits.argmax(axis=1) == labels).mean())
            expect_number(answer.piece("test_accuracy").piece(epoch), share, changes=answer.args)
    expect_trained(answer, model, weights)
    expect_unchanged(answer, [model])


@given(seed=seeds())
@example(seed=0)
def test_fit__trains_on_one_part_and_tests_on_the_other(kata, seed):
    """Training samples are read in train mode, test samples in eval mode, and after each training comes a test."""
    model, train, test, batch_size = make_fit(seed, 5, 3, 2, layers=[nn.Dropout(0.0)])
    answer = kata.fit(model, train, test, 2, batch_size, 0.25, torch.Generator().manual_seed(seed))
    expect_history(answer, 2)
    tests = {tuple(row) for row in exact(test[0]).reshape(-1, FEATURES)}
    read = [(training, {tuple(row) in tests for row in pixels}) for pixels, training, _ in answer.given(model).notes]
    kinds = ["train" if training else "test" for training, _ in read]
    expect_law(answer, all(is_test == {not training} for training, is_test in read if training or is_test != {False}),
               "training samples in train mode and test samples in eval mode")  # fmt: skip
    wanted = "test after each of the two epochs"
    last = [kind for kind, (_, is_test) in zip(kinds, read, strict=True) if kind == "train" or is_test == {True}]
    changes = [kind for kind, before in zip(last, ["", *last], strict=False) if kind != before]
    expect_law(answer, changes == ["train", "test"] * 2, wanted, got=" → ".join(changes))


@on_the_cpu
@few
@given(seed=seeds())
@example(seed=0)
def test_fit__shuffles_with_the_generator(kata, seed):
    """All epochs draw from the one generator: an equal one repeats the training, and each epoch has its own order."""
    model, train, test, _ = make_fit(1, 9, 2, 3)
    runs = []
    for shift in (0, 1):
        manual_seed(seed + shift)
        answer = kata.fit(model, train, test, 3, 3, 0.25, torch.Generator().manual_seed(seed))
        expect_history(answer, 3)
        runs.append(expect_epochs(answer, model, 9, 3, 3)[1])
    expect_law(answer, runs[0] == runs[1], "the same orders for equal generators", got=f"{runs[0]}, then {runs[1]}")
    different = len({tuple(order) for order in runs[0]}) == 3
    expect_law(answer, different, "another order in each epoch", got=f"{runs[0]}")


# train_classifier


def make_shades(seed, counts=(12, 5)):
    """Training and test data of 3 × 4 pixels in four classes: each has a bright row or none, with some noise."""
    random, parts = np.random.default_rng(seed), []
    for count in counts:
        labels = np.arange(count) % 4
        images = random.integers(-8, 9, (count, 1, 3, 4)) / 32 - 0.5
        for image, label in zip(images, labels, strict=True):
            image[:, label:] += label < 3
        parts.append((torch.tensor(images, dtype=torch.float32), torch.tensor(labels)))
    return parts


def trained(stub, *args, **kwargs):
    """The answer of a stub that trains a new model."""
    stub.rehearsals_left = 0  # a pretend GPU cannot follow a training
    return stub(*args, **kwargs)


def aside(stub):
    """The same stub for calls that take long: mistakes are named by what they do in shorter ones."""
    return Stub(stub.name, stub.path, stub.function, stub.device)


def expect_pair(answer):
    """A model and a history."""
    model, history = expect_tuple(answer, 2)
    expect_law(answer, isinstance(model.value, nn.Module), "a model, and a history", got=type(model.value).__name__)
    return model, history


def expect_equal_weights(answer, model, other, equal, expected):
    """Whether two models have the same parameters, or not."""
    pairs = zip(model.parameters(), other.parameters(), strict=False)
    same = all(p.shape == q.shape and torch.equal(p, q) for p, q in pairs)
    expect_law(answer, same is equal, expected, got=f"{'the same' if same else 'other'} weights")


def judged(model, data):
    """The logits in eval mode, in float64."""
    model = copy.deepcopy(model).eval()
    with torch.no_grad():
        return exact(model(data[0]))


def expect_history_of(answer, data, epochs):
    """The history has so many epochs, and its last test is one of the model that is returned."""
    model, history = expect_pair(answer)
    expect_history(history, epochs)
    logits, labels = judged(model.value, data), data[1].numpy()
    wanted = (len(labels), 10)
    expect_law(answer, logits.shape == wanted, f"logits {wanted}, of ten classes", got=f"{logits.shape}")
    last = {key: history.piece(key).piece(-1) for key in KEYS[1:]}
    rules = {"factor": 256, "scale": 8, "changes": answer.args}
    expect_number(last["test_loss"], float(losses_of(logits, labels).mean()), **rules)
    expect_number(last["test_accuracy"], float((logits.argmax(axis=1) == labels).mean()), **rules)
    return float((logits.argmax(axis=1) == labels).mean())


@on_the_cpu
@pinned
@given(seed=seeds())
@example(seed=0)
@example(seed=5)
def test_train_classifier__is_repeatable_by_its_seed(kata, seed):
    """The same seed gives the same weights, another seed others; torch's random state plays no part and stays."""
    train, test = make_shades(1)
    models = []
    for number, start in ((seed, 1), (seed, 2), (seed + 1, 1)):
        manual_seed(start)
        before = torch.get_rng_state()
        answer = trained(kata.train_classifier, train, test, seed=number, epochs=1)
        same = torch.equal(torch.get_rng_state(), before)
        expect_law(answer, same, "torch's global random state as it was", got="it has moved on")
        models.append(expect_pair(answer)[0].value)
    expect_equal_weights(answer, models[0], models[1], True, "the same weights for the same seed")
    expect_equal_weights(answer, models[0], models[2], False, "other weights for another seed")
    expect_unchanged(answer)


@on_the_cpu
@pinned
@given(seed=seeds(), epochs=st.integers(1, 3))
@example(seed=0, epochs=2)
@example(seed=3, epochs=20)
def test_train_classifier__keeps_the_test_data_out(kata, seed, epochs):
    """The weights depend on the training data alone; the history has `epochs` entries, the last one of this model."""
    train, test = make_shades(seed)
    answer = trained(kata.train_classifier, train, test, seed=seed, epochs=epochs)
    expect_history_of(answer, test, epochs)
    others = test[0].flip(0) / 2, torch.where(torch.arange(5) % 2 == 0, 9, (test[1] + 1) % 4)
    again = trained(kata.train_classifier, train, others, seed=seed, epochs=epochs)
    expect_history_of(again, others, epochs)
    models = [expect_pair(each)[0].value for each in (answer, again)]
    expect_equal_weights(again, *models, True, "the same weights, whatever the test data")
    other = trained(kata.train_classifier, (train[0], 3 - train[1]), test, seed=seed, epochs=epochs)
    expect_equal_weights(other, models[0], expect_pair(other)[0].value, False, "other weights for other labels")


@on_the_cpu
@pinned
@given(seed=seeds(), epochs=st.integers(1, 3), images=st.integers(2, 40))
@example(seed=0, epochs=2, images=12)
@example(seed=0, epochs=1, images=33)
@example(seed=0, epochs=1, images=65)
def test_train_classifier__shows_no_image_twice_in_an_epoch(kata, seed, epochs, images):
    """An epoch of the history is one pass over the images: no image is trained on more than once in it."""
    train, test = make_shades(seed, counts=(images, 5))
    rows = Counter()

    def count(module, inputs):
        rows[module] += len(inputs[0]) if module.training and torch.is_grad_enabled() else 0

    hook = nn.modules.module.register_module_forward_pre_hook(count)
    try:
        answer = trained(kata.train_classifier, train, test, seed=seed, epochs=epochs)
    finally:
        hook.remove()
    seen_by_model, n = rows[expect_pair(answer)[0].value], len(train[1])
    fine = seen_by_model <= epochs * (n + len(test[1]))  # somebody may test in train mode: it is no training
    expect_law(answer, fine, f"{epochs} × {n} images in train mode", got=f"{seen_by_model} images")


@on_the_cpu
@pinned
@given(seed=seeds())
@example(seed=0)
def test_train_classifier__reads_handwritten_digits(kata, seed):
    """Trained on the shipped digits, it is right for at least 96 % of the test images."""
    train, test = [
        ((images.float() / 127.5 - 1)[:, None], labels)
        for images, labels in (digits.load(train=part) for part in (True, False))
    ]
    stub = aside(kata.train_classifier)
    stub.call_text = lambda args, kwargs: f"train_classifier(training digits, test digits, seed={seed})"
    answer = stub(train, test, seed=seed)
    share = expect_history_of(answer, test, 20)
    expect_law(answer, share >= 0.96, "at least 96 % of the test digits right", got=f"{share:.2%}")


# What a figure shows: sizes, colours and fonts are left out


def pixels_of(image):
    """What `imshow` was given, as (h, w), moved to 0 to 1: images may be shown as bytes or as floats."""
    values = raw_pixels(image)
    low, high = (values.min(), values.max()) if values.size else (0.0, 0.0)
    return (values - low) / (high - low if high > low else 1.0)


def raw_pixels(image):
    values = np.asarray(image.get_array(), dtype=float)
    return values[..., 0] if values.ndim == 3 else values


def is_upright(axes):
    """Whether row 0 of the image is on top, and column 0 on the left."""
    image = axes.get_images()[0]
    left, right, bottom, top = image.get_extent()
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    rows = (top - bottom) * (1 if image.origin == "upper" else -1) * (y1 - y0)
    return bool(rows > 0 and (right - left) * (x1 - x0) > 0)


def names_of_ticks(axis):
    """The names at the ticks by their position; none where the ticks are numbers."""
    if isinstance(axis.get_major_formatter(), ScalarFormatter):
        return []
    return [
        (float(place), text.get_text())
        for place, text in zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=False)
    ]


def seen(axes):
    """What an axes shows."""
    images, legend = axes.get_images(), axes.get_legend()
    return {
        "title": " ".join(" ".join(axes.get_title(loc=where) for where in ("left", "center", "right")).split()),
        "images": [pixels_of(image) for image in images],
        "upright": is_upright(axes) if images else True,
        "balanced": bool(images) and abs(sum(images[0].get_clim())) < 1e-9,
        "lines": [
            (line.get_label(), *(np.asarray(values, dtype=float) for values in line.get_data()), has_marker(line))
            for line in axes.get_lines()
        ],
        "texts": [(*map(float, text.get_position()), text.get_text()) for text in axes.texts],
        "all inside": all(lies_inside(line, axes) for line in axes.get_lines()),
        "legend": [text.get_text() for text in legend.get_texts()] if legend else [],
        "labels": (axes.get_xlabel().lower(), axes.get_ylabel().lower()),
        "ticks": (names_of_ticks(axes.xaxis), names_of_ticks(axes.yaxis)),
    }


def has_marker(line):
    return line.get_marker() not in ("", " ", "None", "none", None)


def lies_inside(line, axes):
    """Whether all points of the line lie within the limits of the axes."""
    limits = zip(line.get_data(), (axes.get_xlim(), axes.get_ylim()), strict=True)
    return all(min(ends) <= value <= max(ends) for values, ends in limits for value in np.asarray(values, dtype=float))


def in_reading_order(figure):
    """The axes row by row from the top, and from left to right."""

    def place(axes):
        box = axes.get_position()
        return -round((box.y0 + box.y1) / 2, 2), box.x0

    return sorted(figure.axes, key=place)


@trees.parts.register
def _(figure: Figure):
    """What tells two pictures apart."""
    return [seen(axes) for axes in in_reading_order(figure)]


def drawn(stub, *args):
    """The answer of a stub that draws: a figure, and its arguments are as they were."""
    stub.rehearsals_left = 0  # a pretend GPU has no values to draw
    answer = stub(*args)
    text = "None: is a `return` missing?" if answer.value is None else f"{type(answer.value).__name__}"
    expect_law(answer, isinstance(answer.value, Figure), "a Figure of matplotlib", got=text)
    expect_unchanged(answer)
    return answer


def expect_images(answer, count, across):
    """The axes with an image: `count` of them, `across` in a row, one image in each, upright; in reading order."""
    found = [axes for axes in in_reading_order(answer.value) if axes.get_images()]
    expect_law(answer, len(found) == count, f"{count} images", got=f"{len(found)} axes with images")
    single = all(len(axes.get_images()) == 1 for axes in found)
    expect_law(answer, single, "one image in each axes", got="several images in one axes")
    heights = [round((axes.get_position().y0 + axes.get_position().y1) / 2, 2) for axes in found]
    rows = [heights.count(height) for height in sorted(set(heights), reverse=True)]
    wanted = [min(across, count - start) for start in range(0, count, across)]
    expect_law(answer, rows == wanted, f"rows of {wanted} images", got=f"rows of {rows}")
    expect_law(answer, all(map(is_upright, found)), "images that are upright and not mirrored", got="a turned image")
    return found


def alike(mine, other):
    return mine.shape == other.shape and np.allclose(mine, other, atol=1e-5)


def moved(image):
    """An image (h, w), moved to 0 to 1."""
    values = exact(image)
    return (values - values.min()) / (values.max() - values.min())


def expect_no_pyplot(stub):
    expect_rules(stub, without=("pyplot", "matplotlib.pyplot"))


NAMES = ("cat", "dog", "cow", "hen")


def make_pictures(seed, count):
    """Random images, all different, and labels."""
    random = np.random.default_rng(seed)
    shape = ((3, 2), (2, 4), (3, 3))[seed % 3]
    images = random.permuted(np.tile(np.linspace(0, 255, shape[0] * shape[1]), (count, 1)), axis=1)
    images[np.arange(count), random.integers(0, images.shape[1], count)] += np.arange(count) % 7
    images = np.clip(images, 0, 255).round().astype(np.uint8).reshape(count, *shape)
    return torch.tensor(images), torch.tensor(random.integers(0, len(NAMES), count))


# sample_grid


def expect_samples(answer, images, labels):
    """Nine different samples in three rows, each with the name of its class; returns their indices."""
    chosen = []
    for axes in expect_images(answer, 9, 3):
        facts = seen(axes)
        alikes = [i for i, image in enumerate(images) if alike(facts["images"][0], moved(image))]
        text = f"an image of the shape {facts['images'][0].shape} that is none of the samples"
        expect_law(answer, len(alikes) > 0, f"images of the samples, {tuple(images.shape[1:])}, as they are", got=text)
        names = {NAMES[labels[i]] for i in alikes}
        expected = f"the title {' or '.join(sorted(names))!r} over sample {alikes[0]}"
        expect_law(answer, facts["title"] in names, expected, got=f"the title {facts['title']!r}")
        chosen.append(alikes[0])
    return chosen


def different_pictures(seed, count):
    """Pictures of which no two are alike."""
    for shift in range(100):
        images, labels = make_pictures(seed + 3 * shift, count)
        if len({moved(image).round(4).tobytes() for image in images}) == count:
            return images, labels
    raise AssertionError("too few different pictures")


pictures = st.builds(different_pictures, seeds(), st.integers(9, 14))


@on_the_cpu
@pinned
@given(case=pictures, seed=seeds())
@example(case=different_pictures(0, 12), seed=0)
@example(case=different_pictures(1, 9), seed=1)
def test_sample_grid__shows_nine_samples_and_their_names(kata, case, seed):
    """Nine different samples stand in three rows, each upright and with the name of its class as the title."""
    images, labels = case
    answer = drawn(kata.sample_grid, images, labels, NAMES, torch.Generator().manual_seed(seed))
    chosen = expect_samples(answer, images, labels)
    expect_law(answer, len(set(chosen)) == 9, "nine different samples", got=f"the samples {chosen}")


@on_the_cpu
@pinned
@given(seed=seeds())
@example(seed=5)
def test_sample_grid__draws_from_the_generator(kata, seed):
    """Equal generators give equal choices, whatever torch's global state, and in time the last sample is chosen too."""
    images, labels = different_pictures(0, 10)
    generators = [torch.Generator().manual_seed(seed) for _ in range(2)]
    stub, chosen = aside(kata.sample_grid), []
    for number in range(5):
        manual_seed(number)
        answer = stub.on(images, labels, NAMES, generators[number == 4])
        expect_law(answer, isinstance(answer.value, Figure), "a Figure of matplotlib", got=repr(answer.value))
        chosen.append(expect_samples(answer, images, labels))
    again = chosen.pop()
    expect_law(answer, again == chosen[0], "the same samples for equal generators", got=f"{chosen[0]}, then {again}")
    moves = len({tuple(order) for order in chosen}) > 1
    expect_law(answer, moves, "other samples at the next call, as the generator moves on", got=f"{chosen[0]} each time")
    never = {0, 9} - {index for order in chosen for index in order}
    expect_law(answer, not never, "the first and the last of ten samples in one of four figures", got=f"never {never}")


@on_the_cpu
@pinned
@given(seed=seeds())
@example(seed=0)
def test_sample_grid__chooses_each_sample_by_itself(kata, seed):
    """Any nine of the samples may come together, not only neighbours."""
    images, labels = different_pictures(1, 20)
    generator, stub, runs = torch.Generator().manual_seed(seed), aside(kata.sample_grid), []
    for _ in range(2):
        answer = stub.on(images, labels, NAMES, generator)
        expect_law(answer, isinstance(answer.value, Figure), "a Figure of matplotlib", got=repr(answer.value))
        chosen = sorted(expect_samples(answer, images, labels))
        gaps = [after - before for before, after in zip(chosen, [*chosen[1:], chosen[0] + 20], strict=True)]
        runs.append(gaps.count(1) == 8)  # 1 of 8,000 random choices is such a run
    expect_law(answer, not all(runs), "samples from all over the data", got=f"neighbours each time: {chosen}")


def test_sample_grid__needs_no_pyplot(kata):
    """The figure is made without `pyplot`."""
    expect_no_pyplot(kata.sample_grid)


# plot_history


def make_history(seed, epochs):
    values = np.random.default_rng(seed).integers(1, 64, (3, epochs)) / 64
    return {key: row.tolist() for key, row in zip(KEYS, values, strict=True)}


histories = st.builds(make_history, seeds(), st.integers(1, 6))
CURVES = {"train_loss": [2.0, 1.0, 0.5], "test_loss": [1.5, 1.25, 1.0], "test_accuracy": [0.25, 0.5, 0.75]}


def expect_two_axes(answer):
    count = len(answer.value.axes)
    expect_law(answer, count == 2, "two axes: one for the losses, one for the accuracy", got=f"{count} axes")
    return [seen(axes) for axes in answer.value.axes]


@on_the_cpu
@few
@given(history=histories)
@example(history=CURVES)
@example(history=make_history(3, 1))
def test_plot_history__draws_the_curves(kata, history):
    """The first axes has the losses of training and test, the second the accuracy, over the epochs from 1 on."""
    answer = drawn(kata.plot_history, history)
    for facts, name, parts in zip(
        expect_two_axes(answer), ("loss", "accuracy"), (("train", "test"), ("test",)), strict=True
    ):
        labels = [label for label, *_ in facts["lines"]]
        expect_law(answer, sorted(labels) == sorted(parts), f"lines labelled {parts} for the {name}", got=f"{labels}")
        for label, x, y, _ in facts["lines"]:
            want = history[f"{label}_{name}"]
            place = f"the line {label!r} of the {name}"
            epochs = list(range(1, len(want) + 1))
            expect_law(answer, x.tolist() == epochs, f"{place} over the epochs {epochs}", got=f"over {x.tolist()}")
            expect_law(answer, alike(y, np.array(want)), f"{place} at {want}", got=f"at {y.tolist()}")


@on_the_cpu
@few
@given(history=histories)
@example(history=CURVES)
def test_plot_history__says_what_it_shows(kata, history):
    """Each axes says what x and y are and has a legend of its lines; each value has a marker inside of the limits."""
    answer = drawn(kata.plot_history, history)
    for facts, name in zip(expect_two_axes(answer), ("loss", "accuracy"), strict=True):
        x, y = facts["labels"]
        expect_law(answer, "epoch" in x and name in y, f'"epoch" along x and "{name}" along y', got=f"{x!r} and {y!r}")
        labels = [label for label, *_ in facts["lines"]]
        right = sorted(facts["legend"]) == sorted(labels)
        expect_law(answer, right, f"a legend for {labels} beside the {name}", got=f"{facts['legend'] or 'no legend'}")
        got = "limits that leave some of them out"
        expect_law(answer, facts["all inside"], f"limits with all values of the {name} between them", got=got)
        marked = all(marker for *_, marker in facts["lines"])
        expect_law(answer, marked, f"a marker at each value of the {name}", got="a line without markers")


def test_plot_history__needs_no_pyplot(kata):
    """The figure is made without `pyplot`."""
    expect_no_pyplot(kata.plot_history)


# plot_confusion


def make_confusion(seed, classes):
    counts = np.random.default_rng(seed).integers(0, 30, (classes, classes))
    counts[0, -1] += 31  # not symmetric
    return torch.tensor(counts)


matrices_of_counts = st.builds(make_confusion, seeds(), st.integers(2, 4))
COUNTS = torch.tensor([[5, 2, 0], [1, 7, 12], [0, 3, 100]])


def expect_matrix(answer, classes):
    """The first axes, which has an image of the matrix."""
    expect_law(answer, len(answer.value.axes) > 0, "axes with the matrix", got="a figure without axes")
    axes = answer.value.axes[0]
    shown = len(axes.get_images()) == 1
    expect_law(answer, shown, "one image, of the matrix, in the first axes", got=f"{len(axes.get_images())} images")
    return axes


@on_the_cpu
@few
@given(matrix=matrices_of_counts)
@example(matrix=COUNTS)
@example(matrix=torch.tensor([[3, 4], [0, 12]]))
@example(matrix=COUNTS.T)
@example(matrix=torch.tensor([[1234, 0], [1, 1234567]]))
def test_plot_confusion__shows_counts_as_colours_and_numbers(kata, matrix):
    """Row i and column j of the image show matrix[i, j], and in the middle of the cell stands its number."""
    answer = drawn(kata.plot_confusion, matrix, NAMES[: len(matrix)])
    axes = expect_matrix(answer, len(matrix))
    right = alike(seen(axes)["images"][0], moved(matrix)) and alike(raw_pixels(axes.get_images()[0]), exact(matrix))
    expect_law(
        answer, right, f"an image of the matrix:\n{matrix}", got=f"an image of\n{raw_pixels(axes.get_images()[0])}"
    )
    expect_law(answer, is_upright(axes), "row 0 on top and column 0 on the left", got="another corner")
    cells = {}
    for x, y, text in seen(axes)["texts"]:
        cells.setdefault(
            (round(y), round(x)) if max(abs(x - round(x)), abs(y - round(y))) < 0.2 else (y, x), []
        ).append(text)
    for row, column in np.ndindex(*matrix.shape):
        number = int(matrix[row, column])
        got = " ".join(" ".join(cells.pop((row, column), [])).split())
        place = f"the cell of row {row} and column {column}"
        right = got in (str(number), f"{number:,}") or (number == 0 and not got)
        expect_law(answer, right, f"{number} in {place}", got=repr(got))
    expect_law(answer, not cells, "numbers in the cells and nowhere else", got=f"texts at (y, x): {cells}")


@on_the_cpu
@few
@given(matrix=matrices_of_counts)
@example(matrix=COUNTS)
def test_plot_confusion__names_the_classes(kata, matrix):
    """At each class both axes have a tick with its name; x is labelled as predicted, y as true."""
    names = NAMES[: len(matrix)]
    answer = drawn(kata.plot_confusion, matrix, names)
    facts = seen(expect_matrix(answer, len(matrix)))
    for ticks, along in zip(facts["ticks"], "xy", strict=True):
        want = [(float(place), name) for place, name in enumerate(names)]
        expect_law(answer, sorted(ticks) == want, f"the ticks {want} along {along}", got=f"{ticks or 'numbers'}")
    x, y = facts["labels"]
    right = "predicted" in x and "true" in y and "true" not in x and "predicted" not in y
    expect_law(answer, right, '"predicted" along x and "true" along y', got=f"{x!r} and {y!r}")


def test_plot_confusion__needs_no_pyplot(kata):
    """The figure is made without `pyplot`."""
    expect_no_pyplot(kata.plot_confusion)


# plot_first_weights


def make_net(seed, units, shape, dtype=torch.float32, *, nested=False, norm=False):
    """A net whose first linear layer has `units` rows; another linear layer of the same inputs comes later."""
    values = np.random.default_rng(seed).integers(-64, 48, (units + 3, shape[0] * shape[1])) / 64
    first = linear(values[:units], values[:units, 0], dtype)
    last = linear(values[units:, :1].repeat(units, 1), [0.0, 1.0, 2.0], dtype)
    before = [shown_as(f"nn.LayerNorm({shape})", nn.LayerNorm(shape, dtype=dtype))] if norm else []
    before.append(shown_as("nn.Flatten()", nn.Flatten()))
    return nn.Sequential(*before, *([nn.Sequential(first, nn.ReLU())] if nested else [first, nn.ReLU()]), last)


def first_rows(model):
    """The first 16 rows of the first linear layer's weight."""
    return next(exact(layer.weight) for layer in model.modules() if isinstance(layer, nn.Linear))[:16]


NETS = [
    (make_net(0, 5, (2, 3)), (2, 3)),
    (make_net(1, 18, (1, 2)), (1, 2)),
    (make_net(2, 16, (2, 2), torch.float64), (2, 2)),
    (make_net(3, 1, (2, 4), nested=True, norm=True), (2, 4)),
    (make_net(4, 6, (3, 3), nested=True), (3, 3)),
]


@on_the_cpu
@pinned
@given(case=st.sampled_from(NETS))
@example(case=NETS[0])
@example(case=NETS[1])
@example(case=NETS[3])
def test_plot_first_weights__shows_a_row_as_an_image(kata, case):
    """Image k is row k of the first linear layer's weight, (h, w), four in a row, for the first 16 units at most."""
    model, shape = case
    weight = first_rows(model)
    answer = drawn(kata.plot_first_weights, model, shape)
    for k, axes in enumerate(expect_images(answer, len(weight), 4)):
        got, want = raw_pixels(axes.get_images()[0]), weight[k].reshape(shape)
        place = f"row {k} of the first weight, as image {k}"
        expect_law(answer, alike(got, want), f"{place}:\n{want.round(4)}", got=f"an image of\n{got.round(4)}")


@on_the_cpu
@pinned
@given(case=st.sampled_from(NETS))
@example(case=NETS[4])
@example(case=NETS[1])
def test_plot_first_weights__has_zero_in_the_middle(kata, case):
    """The limits of the colours are -m and m, the same for all images, and no weight lies outside."""
    model, shape = case
    weight = first_rows(model)
    answer = drawn(aside(kata.plot_first_weights), model, shape)
    limits = [axes.get_images()[0].get_clim() for axes in expect_images(answer, len(weight), 4)]
    low, high = limits[0]
    expect_law(
        answer, abs(low + high) < 1e-6 * high, "limits -m and m for the colours", got=f"{low:.4g} and {high:.4g}"
    )
    expect_law(answer, len(set(limits)) == 1, "the same limits for all images", got=f"{sorted(set(limits))[:2]}, …")
    most = abs(weight).max()
    expect_law(answer, high >= most * (1 - 1e-6), f"m at least {most:.4g}, the largest magnitude", got=f"{high:.4g}")


def test_plot_first_weights__needs_no_pyplot(kata):
    """The figure is made without `pyplot`."""
    expect_no_pyplot(kata.plot_first_weights)


# wrongest


def expect_wrongest(answer, logits, labels, k):
    """The answer holds the indices of the worst mistakes, the largest loss first."""
    logits, labels = exact(logits), labels.numpy()
    losses, predictions = losses_of(logits, labels) if len(labels) else np.zeros(0), logits.argmax(axis=1)
    wrong = [i for i in range(len(labels)) if predictions[i] != labels[i]]
    order = sorted(wrong, key=lambda i: -losses[i])[:k]
    # the oracle's own order is expected, but where losses are as good as equal the learner's stands
    got = answer.value.tolist() if isinstance(answer.value, torch.Tensor) and answer.value.ndim == 1 else []
    fair = len(got) == len(order) and len(set(got)) == len(got) and set(got) <= set(wrong)
    if fair and np.allclose(losses[got], losses[order], rtol=1e-5, atol=1e-6):
        order = got
    expect_tensor(answer, np.array(order, dtype=np.int64), dtype=torch.int64)


def make_confident(seed, count, classes, dtype):
    """Logits of which most are wrong, with different losses."""
    random = np.random.default_rng(seed)
    logits = random.permuted(np.tile(np.arange(classes), (count, 1)), axis=1) * random.integers(1, 40, (count, 1)) / 4
    return torch.tensor(logits, dtype=dtype), torch.tensor(random.integers(0, classes, count))


confident = st.builds(make_confident, seeds(), st.integers(0, 7), st.integers(2, 4), st.sampled_from(DTYPES))
EXTREME = (
    torch.tensor([[0.0, 500.0], [1e4, -1e4], [0.0, 2000.0], [3.0, 0.0], [0.0, 900.0]]),
    torch.tensor([0, 1, 0, 0, 0]),
)


@given(case=confident, k=st.integers(0, 5))
@example(case=(torch.tensor([[3.25, 0.0, -9.0], [3.0, 0.0, 2.75]]), torch.tensor([1, 1])), k=2)
@example(case=(torch.tensor([[2.0, 0.0], [9.0, 0.0], [0.0, 1.0], [5.0, 0.0]]), torch.tensor([1, 0, 0, 1])), k=2)
@example(case=make_confident(1, 7, 3, torch.float32), k=3)
@example(case=make_confident(2, 5, 4, torch.float64), k=9)
@example(case=(torch.tensor([[2.0, 0.0], [0.0, 4.0]]), torch.tensor([0, 1])), k=2)
@example(case=(torch.tensor([[0.0, 1.0, 1.5], [4.0, 5.0, 0.0], [9.0, 1.0, 8.0]]), torch.tensor([1, 0, 2])), k=2)
@example(case=(torch.tensor([[0.5, 0.0, 0.25, 0.0], [5.0, 4.75, 0.0, 1.0]]), torch.tensor([0, 1])), k=1)
@example(case=(torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64)), k=2)
def test_wrongest__puts_the_largest_loss_first(kata, case, k):
    """The indices of wrong samples come by falling loss, at most `k` of them."""
    expect_wrongest(kata.wrongest(*case, k), *case, k)


@given(k=st.integers(1, 5), scale=st.sampled_from((1.0, 0.5, 0.25)))
@example(k=4, scale=1.0)
@example(k=2, scale=1.0)
def test_wrongest__orders_even_the_surest_mistakes(kata, k, scale):
    """Logits of ±10,000 have a finite loss, and the order is right among them too."""
    logits, labels = EXTREME
    expect_wrongest(kata.wrongest(logits * scale, labels, k), logits * scale, labels, k)


# plot_wrongest


def make_mistaken(seed, count, errors):
    """Pictures with logits, of which so many are wrong, each with a loss of its own."""
    images, labels = different_pictures(seed, count)
    random = np.random.default_rng(seed)
    order, surety = random.permutation(count), random.permutation(count)
    logits = np.zeros((count, len(NAMES)))
    for rank, i in enumerate(order):
        shift = random.integers(1, len(NAMES)) if rank < errors else 0
        logits[i, (int(labels[i]) + shift) % len(NAMES)] = 1 + surety[i] / 2
    return images, labels, torch.tensor(logits, dtype=torch.float32)


SURE = (
    *different_pictures(0, 6)[:1],
    torch.tensor([1, 1, 0, 1, 0, 0]),
    torch.tensor([[3.25, 0, -9], [3, 0, 2.75], [0, 900, 0], [1e4, -1e4, 0], [3, 0, 0], [0, 2000, 0]]),
)
MISTAKEN = [make_mistaken(0, 14, 11), make_mistaken(2, 3, 0)]


@on_the_cpu
@pinned
@given(case=st.builds(make_mistaken, seeds(), st.integers(5, 13), st.integers(0, 12)))
@example(case=MISTAKEN[0])
@example(case=MISTAKEN[1])
@example(case=SURE)
def test_plot_wrongest__shows_the_worst_mistakes(kata, case):
    """Up to nine of the worst mistakes stand in reading order, each with the title "<true> taken for <predicted>"."""
    images, labels, logits = case
    losses, predictions = losses_of(exact(logits), labels.numpy()), exact(logits).argmax(axis=1)
    wrong = [i for i in range(len(labels)) if predictions[i] != labels[i]]
    order = sorted(wrong, key=lambda i: -losses[i])[:9]
    answer = drawn(kata.plot_wrongest, images, labels, logits, NAMES)
    for axes, i in zip(expect_images(answer, len(order), 3), order, strict=True):
        facts = seen(axes)
        title = f"{NAMES[labels[i]]} taken for {NAMES[predictions[i]]}"
        right = alike(facts["images"][0], moved(images[i]))
        expect_law(answer, right, f"the samples {order} in this order, as they are", got=f"another image at {title!r}")
        expect_law(answer, facts["title"] == title, f"the title {title!r}", got=f"the title {facts['title']!r}")


def test_plot_wrongest__needs_no_pyplot(kata):
    """The figure is made without `pyplot`."""
    expect_no_pyplot(kata.plot_wrongest)


# save_picture


class Place(type(Path())):
    """A path in a temporary folder of its own; a copy lies in another one, with the same folders and file there."""

    def __deepcopy__(self, memo):
        inside = Path(*self.parts[len(Path(tempfile.gettempdir()).resolve().parts) + 1 :])
        return place(str(inside), folder=self.parent.exists(), file=self.exists())


def place(inside, *, folder=False, file=False):
    base = tempfile.mkdtemp(prefix="torchkata-", dir=Path(tempfile.gettempdir()).resolve())
    made = Place(base, inside)
    weakref.finalize(made, shutil.rmtree, base, True)
    if folder:
        made.parent.mkdir(parents=True, exist_ok=True)
    if file:
        made.write_bytes(b"old" * 100)
    return made


class Picture(Figure):
    """A figure of which more is compared than what it shows."""


@trees.parts.register
def _(figure: Picture):
    margins = {side: getattr(figure.subplotpars, side) for side in ("left", "right", "bottom", "top")}
    looks = {
        "size": figure.get_size_inches().tolist(),
        "dpi": float(figure.dpi),
        "layout": type(figure.get_layout_engine()).__name__,
        "title": figure.get_suptitle(),
        "facecolor": list(figure.get_facecolor()),
    }
    return looks | margins | {"axes": [seen(axes) for axes in in_reading_order(figure)]}


def make_figure(color):
    """A figure that is all of one colour, so that a pixel in the middle tells what was drawn."""
    figure = Picture(figsize=(2, 2))
    figure.add_artist(Rectangle((0, 0), 1, 1, color=color))
    figure.subplots().set_title("a title")
    figure.axes[0].set_visible(False)
    return figure


def expect_picture(answer, color):
    """The path is returned, and there is a PNG file with this colour in the middle."""
    path = Path(answer.args[1])
    text = "None: is a `return` missing?" if answer.value is None else f"{type(answer.value).__name__}: {answer.value}"
    right = isinstance(answer.value, Path) and str(answer.value) == str(path)
    expect_law(answer, right, f"the path that was given, {path}", got=text)
    expect_law(answer, path.is_file(), f"a file {path.name}", got="no such file")
    is_png = path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    expect_law(answer, is_png, "a PNG file: the first bytes are \\x89PNG", got=f"{path.read_bytes()[:8]!r}")
    with Image.open(path) as picture:
        pixel = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
    want = {"red": (255, 0, 0), "blue": (0, 0, 255)}[color]
    expect_law(answer, pixel == want, f"the figure, {color} in the middle", got=f"a pixel {pixel}")
    expect_unchanged(answer)


@on_the_cpu
@settings(max_examples=1)
@given(color=st.sampled_from(("red", "blue")))
@example(color="red")
@example(color="blue")
def test_save_picture__writes_a_png_file(kata, color):
    """The figure is written as a PNG file to the path, and the path is returned; the figure stays as it is."""
    expect_picture(kata.save_picture(make_figure(color), place("picture.png", folder=True)), color)


@on_the_cpu
@settings(max_examples=1)
@given(inside=st.sampled_from(("new/picture.png", "new/and/deeper/picture.png")))
@example(inside="new/picture.png")
@example(inside="new/and/deeper/picture.png")
def test_save_picture__makes_folders(kata, inside):
    """Folders that are missing on the way are made, however many."""
    expect_picture(kata.save_picture(make_figure("red"), place(inside)), "red")


@on_the_cpu
@settings(max_examples=1)
@given(color=st.sampled_from(("red", "blue")))
@example(color="blue")
def test_save_picture__replaces_an_old_file(kata, color):
    """A folder that is there already is no error, and a file that is there is replaced."""
    expect_picture(kata.save_picture(make_figure(color), place("old/picture.png", folder=True, file=True)), color)


def test_save_picture__needs_no_pyplot(kata):
    """The file is written without `pyplot`."""
    expect_no_pyplot(kata.save_picture)
