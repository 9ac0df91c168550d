"""The properties of the training loop. `kata.name(...)` calls your function and keeps what a message needs."""

import copy
import weakref

import numpy as np
import pytest
import torch
from hypothesis import assume, example, given
from hypothesis import strategies as st
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import ExponentialLR, StepLR

from torchkata.checks import (
    expect_law,
    expect_number,
    expect_returned,
    expect_rules,
    expect_tensor,
    expect_tuple,
    expect_unchanged,
)
from torchkata.pasting import paste
from torchkata.pretend import PretendGpu, PretendTensor
from torchkata.strategies import linear, matrices, seeds, with_grad

REHEARSED = False  # the pretend GPU cannot do `backward` yet; properties of this file look after devices

DTYPES = (torch.float32, torch.float64)
FEATURES, CLASSES = 2, 3
on_the_cpu = pytest.mark.devices("cpu")


# Parameters: tensors with gradients of every kind, a copy of which goes to the stub


class Loader:
    """Items that can be read one by one and in no other way: no length, no index, no second time unless `again`."""

    def __init__(self, items, *, again=False):
        self.items, self.again = items, again

    def __iter__(self):
        items = self.items
        if not self.again:
            self.items = []
        return iter(items)

    @property
    def source(self):
        repeated = len(self.items) > 1 and all(item is self.items[0] for item in self.items)
        text = f"[{paste(self.items[0])}] * {len(self.items)}" if repeated else paste(self.items)
        return text if self.again else f"iter({text})"


def parameter(values, grad=None, dtype=torch.float32):
    """A leaf that requires grad; `grad` None means that it has no gradient yet."""
    value = torch.tensor(values, dtype=dtype)
    return value.requires_grad_() if grad is None else with_grad(value, torch.tensor(grad, dtype=dtype))


def make_parameters(shapes, dtype, seed):
    random = np.random.default_rng(seed)
    made = []
    for index, shape in enumerate(shapes):
        values, grad = random.integers(-8, 9, (2, *shape)) / 4
        made.append(parameter(values, None if (index + seed) % 4 == 3 else grad, dtype))
    return made


SHAPES = (((3,),), ((2, 3), (2,)), ((2,), (), (3, 2), (1,)), ((1, 2), (2,), (2,), (2,), (3,)), ((0,), (2,)))
parameters = st.builds(make_parameters, st.sampled_from(SHAPES), st.sampled_from(DTYPES), seeds())
rates = st.sampled_from((0.5, 0.25, 2.0, 0.1))
SOME = [parameter([1.0, 2.0], [3.0, 4.0]), parameter([5.0]), parameter([[6.0, 7.0]], [[8.0, -9.0]])]


def fresh(params, device):
    """A copy of the parameters on a device, gradients included."""
    twins = copy.deepcopy(params)
    for p in twins:
        grad, p.grad = p.grad, None
        p.data = p.data.to(device)
        p.grad = None if grad is None else grad.to(device)
    return twins


def exact(tensor):
    return tensor.detach().cpu().double().numpy()


def expect_values(answer, tensors, wants, name, scale=0.0):
    """These tensors, which the call was to change, hold what NumPy says."""
    for index, (tensor, want) in enumerate(zip(tensors, wants, strict=True)):
        after = expect_returned(answer, tensor.detach(), f"{name}[{index}] afterwards")
        expect_tensor(
            after, want, dtype=tensor.dtype, device=tensor.device.type, scale=scale, changes=[*answer.args]
        )


def expect_same_leaves(answer, params, views, old):
    """The parameters have moved inside their own memory, and are the leaves with the gradients that they were."""
    for index, (p, view, before) in enumerate(zip(params, views, old, strict=True)):
        name = f"params[{index}]"
        same = p.data_ptr() == view.data_ptr() and torch.equal(p.detach(), view)
        expect_law(answer, same, f"the new values of {name} in the memory that it had")
        expect_law(answer, p.is_leaf and p.requires_grad, f"{name} still a leaf that requires grad", got=repr(p))
        kept = p.grad is before.grad or (p.grad is not None and torch.equal(p.grad.cpu(), before.grad))
        expect_law(answer, kept, f"{name}.grad as it was: {before.grad}", got=f"{p.grad}")


def expect_steps_in_place(stub, params, device, *rest):
    """The stub reads the parameters once, as `model.parameters()` allows, and changes them in place."""
    mine = fresh(params, device)
    views = [p.detach() for p in mine]
    answer = stub.on(Loader(mine), *rest)
    expect_same_leaves(answer, mine, views, params)
    return answer, mine


# zero_gradients


@given(params=parameters, frozen=st.booleans())
@example(params=SOME, frozen=False)
@example(params=[parameter([1.0], [2.0])], frozen=True)
@example(params=[parameter([1.0, 2.0], [float("nan"), float("inf")])], frozen=False)
@example(params=[], frozen=False)
def test_zero_gradients__forgets_every_gradient(kata, params, frozen, device):
    """Afterwards every gradient is None or all zeros, whatever it was before."""
    mine = fresh(params, device)
    for p in mine:
        p.requires_grad_(not frozen)
    answer = kata.zero_gradients.on(mine)
    for index, p in enumerate(mine):
        gone = p.grad is None or (p.grad.shape == p.shape and not p.grad.any())
        expect_law(answer, gone, f"params[{index}].grad None or all zeros", got=f"{p.grad}")


@given(params=parameters)
@example(params=SOME)
def test_zero_gradients__leaves_the_values(kata, params, device):
    """Values and `requires_grad` stay; the parameters may come from a generator, as `model.parameters()` does."""
    mine = fresh(params, device)
    answer = kata.zero_gradients.on(Loader(mine))
    expect_values(answer, mine, [exact(p) for p in params], "params")
    for index, p in enumerate(mine):
        expect_law(answer, p.requires_grad, f"params[{index}] still requiring grad")
        gone = p.grad is None or not p.grad.any()
        expect_law(answer, gone, f"params[{index}].grad None or all zeros", got=f"{p.grad}")


# sgd_step


def numpy_step(params, lr, weight_decay=0.0):
    """The new values of all parameters, and the largest number on the way."""
    pairs = [(exact(p), None if p.grad is None else exact(p.grad)) for p in params]
    news = [w if grad is None else w - lr * (grad + weight_decay * w) for w, grad in pairs]
    return news, max(1.0, lr, lr * weight_decay) * 4


@given(params=parameters, lr=rates)
@example(params=SOME, lr=0.5)
@example(params=[], lr=0.5)
def test_sgd_step__moves_against_the_gradient(kata, params, lr, device):
    """Every parameter with a gradient becomes w - lr · grad; one without stays where it is."""
    mine = fresh(params, device)
    answer = kata.sgd_step.on(mine, lr)
    want, size = numpy_step(params, lr)
    expect_values(answer, mine, want, "params", size)


@given(params=parameters, lr=rates)
@example(params=SOME, lr=0.5)
def test_sgd_step__changes_the_parameters_themselves(kata, params, lr, device):
    """The step happens in the memory of the parameters, which stay leaves; the gradients stay as they are."""
    answer, mine = expect_steps_in_place(kata.sgd_step, params, device, lr)
    expect_values(answer, mine, numpy_step(params, lr)[0], "params", numpy_step(params, lr)[1])


def test_sgd_step__is_your_own(kata):
    """The step is written out: `torch.optim` is not allowed."""
    expect_rules(kata.sgd_step, without=("torch.optim", "torch.optim.SGD"))


# weight_decay_step


@given(params=parameters, lr=rates, weight_decay=st.sampled_from((0.5, 0.125, 0.0, 1.5)))
@example(params=SOME, lr=0.5, weight_decay=0.25)
@example(params=[], lr=0.5, weight_decay=0.25)
def test_weight_decay_step__pulls_to_zero(kata, params, lr, weight_decay, device):
    """Every parameter with a gradient becomes w - lr · (grad + weight_decay · w); one without stays where it is."""
    mine = fresh(params, device)
    answer = kata.weight_decay_step.on(mine, lr, weight_decay)
    want, size = numpy_step(params, lr, weight_decay)
    expect_values(answer, mine, want, "params", size)


@given(params=parameters, lr=rates)
@example(params=SOME, lr=0.5)
def test_weight_decay_step__changes_the_parameters_themselves(kata, params, lr, device):
    """The step happens in the memory of the parameters, which stay leaves; the gradients stay as they are."""
    answer, mine = expect_steps_in_place(kata.weight_decay_step, params, device, lr, 0.5)
    expect_values(answer, mine, numpy_step(params, lr, 0.5)[0], "params", numpy_step(params, lr, 0.5)[1])


def test_weight_decay_step__is_your_own(kata):
    """The step is written out: `torch.optim` is not allowed."""
    expect_rules(kata.weight_decay_step, without=("torch.optim", "torch.optim.SGD"))


# momentum_step


@given(params=parameters, lr=rates, momentum=st.sampled_from((0.5, 0.75, 0.0)), weight_decay=st.sampled_from((0.5, 0.0)))
@example(params=SOME, lr=0.5, momentum=0.5, weight_decay=0.25)
@example(params=[], lr=0.5, momentum=0.5, weight_decay=0.0)
def test_momentum_step__moves_velocity_then_weight(kata, params, lr, momentum, weight_decay, device):
    """v becomes momentum · v + grad + weight_decay · w, then w becomes w - lr · v; without a gradient both stay."""
    mine = fresh(params, device)
    velocities = [torch.full_like(p, 1 + index).detach() for index, p in enumerate(mine)]
    answer = kata.momentum_step.on(mine, list(velocities), lr, momentum, weight_decay)
    new_values, new_velocities = [], []
    for index, p in enumerate(params):
        w, v = exact(p), np.full(p.shape, 1.0 + index)
        if p.grad is not None:
            v = momentum * v + exact(p.grad) + weight_decay * w
            w = w - lr * v
        new_values.append(w)
        new_velocities.append(v)
    expect_values(answer, velocities, new_velocities, "velocities", 8)
    expect_values(answer, mine, new_values, "params", 8 * max(1, lr))


@given(params=parameters, lr=rates)
@example(params=SOME, lr=0.5)
def test_momentum_step__changes_the_parameters_themselves(kata, params, lr, device):
    """Values change in the memory they are in; parameters stay leaves, gradients stay, velocities are not tracked."""
    velocities = [torch.ones_like(p).to(device).detach() for p in params]
    answer, _ = expect_steps_in_place(kata.momentum_step, params, device, Loader(velocities), lr, 0.5)
    for index, v in enumerate(velocities):
        expect_law(answer, not v.requires_grad, f"velocities[{index}] without requires_grad")


@given(params=parameters, lr=rates, weight_decay=st.sampled_from((0.0, 0.5)), seed=seeds())
@example(params=SOME, lr=0.5, weight_decay=0.0, seed=0)
def test_momentum_step__equals_torch_optim(kata, params, lr, weight_decay, seed, device):
    """From velocities of zero, every step equals that of `torch.optim.SGD`; `weight_decay` is 0 by default."""
    mine, theirs = fresh(params, device), fresh(params, "cpu")
    velocities = [torch.zeros_like(p).detach() for p in mine]
    optimizer = SGD([*theirs, torch.zeros(1)], lr=lr, momentum=0.5, weight_decay=weight_decay)
    options = {"weight_decay": weight_decay} if weight_decay else {}
    for step in range(3):
        for index, p in enumerate(theirs):
            p.grad = None if (index + step + seed) % 3 == 2 else torch.full_like(p, float(1 + index - step)).detach()
            mine[index].grad = None if p.grad is None else p.grad.to(device)
        answer = kata.momentum_step.on(mine, velocities, lr, 0.5, **options)
        optimizer.step()
        expect_values(answer, mine, [exact(p) for p in theirs], f"after step {step + 1}, params", 16)


def test_momentum_step__is_your_own(kata):
    """The step is written out: `torch.optim` is not allowed."""
    expect_rules(kata.momentum_step, without=("torch.optim", "torch.optim.SGD"))


# Models and batches: a small classifier, with what NumPy says about it


class Model(nn.Module):
    """Layers in a row. Its copies have gradients too, and its text shows them, its dtype and its mode."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, X):
        return self.layers(X)

    def copy_of(self, p):
        twin = nn.Parameter(p.detach().clone())
        twin.grad = None if p.grad is None else p.grad.clone()
        return twin

    def __deepcopy__(self, memo):
        memo |= {id(p): self.copy_of(p) for p in self.parameters()}
        return type(self)(*copy.deepcopy(list(self.layers), memo)).train(self.training)

    @property
    def source(self):
        double = next(self.parameters()).dtype == torch.float64
        text = paste(self.layers) + ".double()" * double + ".eval()" * (not self.training)
        gradients = [p.grad for p in self.parameters() if p.grad is not None]
        return f"with_gradients({text}, {paste(gradients)})" if gradients else text


def with_gradients(model, gradients):
    """The model, with these gradients left in its parameters by earlier work."""
    for p, grad in zip(model.parameters(), gradients, strict=True):
        p.grad = grad
    return model


def classifier(seed=0, dtype=torch.float32, *, training=True, normalised=False, old=True):
    """A linear model, perhaps with BatchNorm in front, that comes with old gradients."""
    values = np.random.default_rng(seed).integers(-8, 9, (CLASSES, FEATURES + 1)) / 8
    layers = [nn.BatchNorm1d(FEATURES, affine=False)] * normalised + [linear(values[:, 1:], values[:, 0])]
    model = Model(*layers).to(dtype).train(training)
    return with_gradients(model, [torch.full_like(p, 2.0).detach() for p in model.parameters()]) if old else model


def make_batches(sizes, seed, dtype=torch.float32):
    random = np.random.default_rng(seed)
    return [
        (torch.tensor(random.integers(-8, 9, (n, FEATURES)) / 4, dtype=dtype), torch.tensor(random.integers(0, CLASSES, n)))
        for n in sizes
    ]


def cases(sizes, **options):
    """Pairs of a classifier and batches of one of these sizes, both of one dtype."""

    def make(sizes, dtype, seed):
        return classifier(seed, dtype, **options), make_batches(sizes, seed, dtype)

    return st.builds(make, st.sampled_from(sizes), st.sampled_from(DTYPES), seeds())


SIZES = ((3, 2), (4, 4, 1), (1,), (2, 3, 4), (2, 2, 2, 2, 1), (1, 4))
LARGER = ((3, 2), (4, 4, 2), (2,), (2, 3, 4))  # BatchNorm cannot train on a single sample


def logits_of(model, X, *, training):
    """What NumPy says of the model's output."""
    inputs, layer = exact(X), model.layers[-1]
    if len(model.layers) > 1:
        mean, variance = (inputs.mean(0), inputs.var(0)) if training else (0.0, 1.0)
        inputs = (inputs - mean) / np.sqrt(variance + model.layers[0].eps)
    return inputs, inputs @ exact(layer.weight).T + exact(layer.bias)


def cross_entropy(logits, y):
    """The mean loss of a batch, and its slope by every logit."""
    shares = np.exp(logits - logits.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    wanted = np.eye(CLASSES)[y]
    return float(-np.log((shares * wanted).sum(1)).mean()), (shares - wanted) / len(y)


def numpy_training(model, batches, *, lrs, momentum=0.0, weight_decay=0.0, training=True):
    """The loss before each step, and weight and bias after the last one."""
    twin, velocities, losses = copy.deepcopy(model).double(), [0.0, 0.0], []
    for (X, y), lr in zip(batches, lrs, strict=True):
        inputs, logits = logits_of(twin, X, training=training)
        loss, slope = cross_entropy(logits, y.numpy())
        losses.append(loss)
        for index, (p, grad) in enumerate(zip(twin.parameters(), (slope.T @ inputs, slope.sum(0)), strict=True)):
            velocities[index] = momentum * velocities[index] + grad + weight_decay * exact(p)
            p.data -= lr * torch.from_numpy(np.asarray(velocities[index]))
    return losses, [exact(p) for p in twin.parameters()]


LONG = 256  # the factor for the tolerance after several steps


def expect_trained(answer, model, want):
    """The parameters of the model that the call got are as NumPy says."""
    given_model = answer.given(model)
    for (name, p), value in zip(given_model.named_parameters(), want, strict=True):
        after = expect_returned(answer, p.detach(), f"model.{name} afterwards")
        kept = [each for each in answer.args if not isinstance(each, (int, float, torch.Tensor))]
        expect_tensor(after, value, dtype=p.dtype, device=p.device.type, factor=LONG, scale=4, changes=kept)
    return given_model


def expect_mode(answer, model, training):
    modes = {name or "model": module.training for name, module in answer.given(model).named_modules()}
    expect_law(answer, set(modes.values()) == {training}, f"the model in {'train' if training else 'eval'} mode afterwards",
               got=f"training is {modes}")


# training_step


@given(case=cases(((3,), (1,), (4,))), lr=rates, weight_decay=st.sampled_from((0.5, 0.0)))
@example(case=(classifier(1), make_batches((3,), 1)), lr=0.5, weight_decay=0.5)
@example(case=(classifier(1, old=False), make_batches((3,), 1)), lr=0.5, weight_decay=0.5)
def test_training_step__takes_one_step(kata, case, lr, weight_decay):
    """The parameters take the optimizer's step, and the loss from before it is returned as a Python float."""
    model, [(X, y)] = case
    optimizer = SGD(model.parameters(), lr=lr, weight_decay=weight_decay)
    answer = kata.training_step(model, nn.CrossEntropyLoss(), optimizer, X, y)
    [loss], want = numpy_training(model, [(X, y)], lrs=[lr], weight_decay=weight_decay)
    expect_number(answer, loss, dtype=X.dtype, scale=8, changes=[model, optimizer])
    expect_trained(answer, model, want)


@given(case=cases(((3,), (4,), (2,)), normalised=True, old=False), training=st.booleans())
@example(case=(classifier(1, normalised=True), make_batches((3,), 1)), training=False)
@example(case=(classifier(1, normalised=True), make_batches((3,), 1)), training=True)
def test_training_step__calls_the_model_once_in_its_mode(kata, case, training):
    """The model is called once, in the mode that it comes in, and stays in that mode."""
    model, [(X, y)] = case
    model = copy.deepcopy(model).train(training)
    optimizer = SGD(model.parameters(), lr=0.5)
    answer = kata.training_step(model, nn.CrossEntropyLoss(), optimizer, X, y)
    [loss], want = numpy_training(model, [(X, y)], lrs=[0.5], training=training)
    expect_number(answer, loss, dtype=X.dtype, factor=LONG, scale=8, changes=[model, optimizer])
    after = expect_trained(answer, model, want)
    expect_mode(answer, model, training)
    calls = after.layers[0].num_batches_tracked.item()
    expect_law(answer, calls == training, f"{int(training)} calls of the model in train mode", got=f"{calls} calls")


# train_loop


def expect_report(answer, losses, batches, every, dtype):
    """A list of (loss, seen), for every so many batches."""
    wanted = [(index, sum(len(y) for _, y in batches[: index + 1])) for index in range(0, len(batches), every)]
    report = answer.value
    expect_law(answer, isinstance(report, list), "a list of pairs", got=repr(report))
    expect_law(answer, len(report) == len(wanted), f"{len(wanted)} pairs: {wanted_text(losses, wanted)}", got=repr(report))
    for place, (index, seen) in enumerate(wanted):
        loss, count = expect_tuple(answer.piece(place), 2)
        expect_number(count, seen, changes=answer.args)
        expect_number(loss, losses[index], dtype=dtype, factor=LONG, scale=8, changes=answer.args)


def wanted_text(losses, wanted):
    return repr([(round(losses[index], 4), seen) for index, seen in wanted])


@given(case=cases(SIZES), lr=rates)
@example(case=(classifier(1), make_batches((3, 3, 2), 1)), lr=0.5)
def test_train_loop__steps_once_for_each_batch(kata, case, lr):
    """The parameters take one optimizer step for each batch, in the loader's order; old gradients play no part."""
    model, batches = case
    optimizer = SGD(model.parameters(), lr=lr, momentum=0.5)
    answer = kata.train_loop(Loader(batches), model, nn.CrossEntropyLoss(), optimizer, 2)
    expect_trained(answer, model, numpy_training(model, batches, lrs=[lr] * len(batches), momentum=0.5)[1])


@given(case=cases(SIZES), every=st.integers(1, 3))
@example(case=(classifier(1), make_batches((4, 4, 4, 4, 1), 1)), every=2)
@example(case=(classifier(1), make_batches((3, 2), 1)), every=1)
def test_train_loop__reports_every_so_many_batches(kata, case, every):
    """Batch 0 and then every `report_every`-th one is reported: its own loss, and the samples seen up to its end."""
    model, batches = case
    optimizer = SGD(model.parameters(), lr=0.5)
    answer = kata.train_loop(Loader(batches), model, nn.CrossEntropyLoss(), optimizer, every)
    losses, _ = numpy_training(model, batches, lrs=[0.5] * len(batches))
    expect_report(answer, losses, batches, every, batches[0][0].dtype)


def test_train_loop__reports_every_hundred_by_default(kata):
    """Without `report_every` the batches 0, 100, 200, and so on are reported."""
    model, batches = classifier(1), make_batches((2,), 1) * 101
    optimizer = SGD(model.parameters(), lr=0.125)
    answer = kata.train_loop(Loader(batches), model, nn.CrossEntropyLoss(), optimizer)
    losses, _ = numpy_training(model, batches, lrs=[0.125] * 101)
    expect_report(answer, losses, batches, 100, torch.float32)


@given(case=cases(LARGER, normalised=True), training=st.booleans())
@example(case=(classifier(1, normalised=True), make_batches((3, 2), 1)), training=False)
def test_train_loop__trains_in_train_mode(kata, case, training):
    """The model trains in train mode, whatever mode it comes in, is called once a batch, and is left in train mode."""
    model, batches = case
    model = copy.deepcopy(model).train(training)
    optimizer = SGD(model.parameters(), lr=0.5)
    answer = kata.train_loop(Loader(batches), model, nn.CrossEntropyLoss(), optimizer, 1)
    after = expect_trained(answer, model, numpy_training(model, batches, lrs=[0.5] * len(batches))[1])
    expect_mode(answer, model, True)
    calls = after.layers[0].num_batches_tracked.item()
    expect_law(answer, calls == len(batches), f"{len(batches)} calls of the model", got=f"{calls} calls")


# Devices: a model that says it is on a GPU, on a machine without one; a loader always stays on the CPU


class GpuModel(Model):
    """A model whose copies are on a pretend GPU."""

    def copy_of(self, p):
        with torch._C.DisableTorchFunction():
            return p.detach().clone().as_subclass(PretendTensor).requires_grad_()

    @property
    def source(self):
        return f'{super().source}.to("cuda")'


class GpuSGD(SGD):
    """Plain SGD for a pretend GPU, where a leaf cannot be changed in place yet."""

    def step(self, closure=None):
        for p in self.param_groups[0]["params"]:
            p.data.sub_(p.grad, alpha=self.param_groups[0]["lr"])


GpuSGD.__name__ = "SGD"  # in the text of the call


def gpu_classifier():
    return GpuModel(linear([[1.0, 2.0], [-1.0, 0.5], [0.25, 0.0]], [0.5, 0.0, -0.5]))


@on_the_cpu
def test_train_loop__moves_every_batch(kata):
    """A batch that comes on the CPU is moved to the device of the model, wherever that is."""
    model, batches = gpu_classifier(), make_batches((3, 2), 1)
    optimizer = GpuSGD(model.parameters(), lr=0.5)
    with PretendGpu():
        answer = kata.train_loop(Loader(batches), model, nn.CrossEntropyLoss(), optimizer, 1)
    losses, _ = numpy_training(Model(*model.layers), batches, lrs=[0.5, 0.5])
    expect_report(answer, losses, batches, 1, torch.float32)


# test_loop


def numpy_test(model, batches):
    """Accuracy and average loss over all samples; examples in which two logits are nearly equal are left out."""
    X, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    _, logits = logits_of(model, X, training=False)
    first, second = np.sort(logits, axis=1)[:, :-3:-1].T
    assume((first - second).min() > 1e-3)
    return float((logits.argmax(1) == y.numpy()).mean()), cross_entropy(logits, y.numpy())[0]


def expect_test_result(answer, want, dtype):
    accuracy, loss = expect_tuple(answer, 2)
    expect_number(accuracy, want[0], dtype=torch.float64)
    expect_number(loss, want[1], dtype=dtype, factor=64, scale=8)


@given(case=cases(SIZES, old=False))
@example(case=(classifier(1, old=False), make_batches((3, 3, 2), 1)))
@example(case=(classifier(2, torch.float64, old=False), make_batches((1, 4), 2, torch.float64)))
def test_test_loop__averages_over_all_samples(kata, case):
    """Accuracy and loss are means over the samples of all batches, a short batch counting for less than a full one."""
    model, batches = case
    answer = kata.test_loop(Loader(batches), model, nn.CrossEntropyLoss())
    expect_test_result(answer, numpy_test(model, batches), batches[0][0].dtype)


@given(case=cases(SIZES, normalised=True), training=st.booleans())
@example(case=(classifier(1, normalised=True), make_batches((3, 2), 1)), training=True)
@example(case=(classifier(1, normalised=True), make_batches((3, 2), 1)), training=False)
def test_test_loop__evaluates_in_eval_mode(kata, case, training):
    """The model is evaluated in eval mode; afterwards its mode, weights, gradients and statistics are as before."""
    model, batches = case
    model = copy.deepcopy(model).train(training)
    answer = kata.test_loop(Loader(batches), model, nn.CrossEntropyLoss())
    expect_mode(answer, model, training)
    expect_unchanged(answer)
    expect_test_result(answer, numpy_test(model, batches), batches[0][0].dtype)


class NeedsNoGrad(nn.Module):
    """A layer that changes nothing and refuses to be recorded."""

    source = "NeedsNoGrad()"

    def forward(self, X):
        if torch.is_grad_enabled():
            raise RuntimeError("the model was called while autograd records a graph")
        return X


@given(case=cases(SIZES, old=False), recording=st.booleans())
@example(case=(classifier(1, old=False), make_batches((3, 2), 1)), recording=True)
@example(case=(classifier(1, old=False), make_batches((3, 2), 1)), recording=False)
def test_test_loop__records_no_graph(kata, case, recording):
    """The model is called while autograd does not record; afterwards recording is on or off as it was."""
    model, batches = Model(NeedsNoGrad(), *case[0].layers), case[1]
    with torch.set_grad_enabled(recording):
        answer = kata.test_loop(Loader(batches), model, nn.CrossEntropyLoss())
    expect_test_result(answer, numpy_test(case[0], batches), batches[0][0].dtype)


@on_the_cpu
def test_test_loop__moves_every_batch(kata):
    """A batch that comes on the CPU is moved to the device of the model, wherever that is."""
    model, batches = gpu_classifier(), make_batches((3, 2), 1)
    with PretendGpu():
        answer = kata.test_loop(Loader(batches), model, nn.CrossEntropyLoss())
    for part, want in zip(expect_tuple(answer, 2), numpy_test(model, batches), strict=True):
        expect_number(part, want, factor=64, changes=[model])


# fit_by_hand, fit_by_autograd, fit_by_module: three ways to one trajectory


def beside_ones(X):
    return np.column_stack([exact(X), np.ones(len(X))])


def numpy_limit(X):
    """The learning rate 2 / λ beyond which descent diverges."""
    A = beside_ones(X)
    return 2 / np.linalg.eigvalsh(2 / len(A) * A.T @ A)[-1]


def numpy_fit(X, y, lr, steps):
    """All (w, b) of gradient descent on the mean of (Xw + b - y)²."""
    A, rows = beside_ones(X), [np.zeros(X.shape[1] + 1)]
    for _ in range(steps):
        rows.append(rows[-1] - lr * 2 / len(A) * A.T @ (A @ rows[-1] - exact(y)))
    return np.stack(rows)


def make_plane(X, seed, share, steps):
    y = torch.from_numpy(np.random.default_rng(seed).integers(-9, 10, len(X))).to(X.dtype)
    y = y.repeat_interleave(2)[::2] if seed % 2 else y
    return X, y, float(f"{share * numpy_limit(X):.2g}"), steps


planes = st.builds(make_plane, matrices(DTYPES), seeds(), st.sampled_from((0.5, 0.1, 0.9)), st.integers(0, 4))
PLANE = (torch.tensor([[1.0, 2.0], [3.0, 5.0], [4.0, 6.0]]), torch.tensor([1.0, 3.0, -2.0]), 0.02, 3)


def fits(test):
    """The examples that every way to fit a plane must pass."""
    for pinned in (
        (PLANE[0].double(), PLANE[1].double(), 0.02, 3),
        (torch.tensor([[2.0]]), torch.tensor([1.0]), 0.125, 2),
        (*PLANE[:3], 0),
        PLANE,
    ):
        test = example(plane=pinned)(test)
    return given(plane=planes)(test)


def expect_trajectory(answer, X, y, want, lr):
    size = float(lr * 2 * abs(beside_ones(X)).max() * abs(exact(y)).max())
    expect_tensor(answer, want, dtype=X.dtype, factor=64, scale=size)


def expect_follows_device(stub, X, *rest):
    """The stub works where its tensors are, also on another device: here one that has shapes and no values."""
    answer = stub(X, *rest)
    there = [arg.to("meta") if isinstance(arg, torch.Tensor) else arg for arg in (X, *rest)]
    where = 'on another device (`X.to("meta")`, and so on)'
    try:
        value = stub.function(*there)
    except (RuntimeError, NotImplementedError) as error:
        needs_values = "meta tensor" in str(error)  # `item()` is right, and cannot be tried there
        expect_law(answer, needs_values, f"the same {where}", got=f"{type(error).__name__}: {error}".split("\n")[0])
        return
    place = str(value.device) if isinstance(value, torch.Tensor) else "no tensor"
    expect_law(answer, place == "meta", f"a result on the device of X, {where}", got=place)


@fits
def test_fit_by_hand__is_gradient_descent(kata, plane):
    """Row k is (w, b) after k steps of gradient descent from zero, in the dtype of X."""
    X, y, lr, steps = plane
    expect_trajectory(kata.fit_by_hand(X, y, lr, steps), X, y, numpy_fit(X, y, lr, steps), lr)


@on_the_cpu
@given(steps=st.integers(0, 2))
@example(steps=0)
@example(steps=2)
def test_fit_by_hand__stays_on_the_device_of_X(kata, steps):
    """The weights are made on the device of X, and the result lives there."""
    expect_follows_device(kata.fit_by_hand, *PLANE[:3], steps)


def test_fit_by_hand__has_no_autograd(kata):
    """The gradients are written out: `backward`, `torch.autograd` and `torch.func` are not allowed."""
    expect_rules(kata.fit_by_hand, without=("backward", "torch.autograd", "torch.func"))


# fit_by_autograd


@fits
def test_fit_by_autograd__is_gradient_descent(kata, plane):
    """Row k is (w, b) after k steps of gradient descent from zero, in the dtype of X, cut off from the graph."""
    X, y, lr, steps = plane
    expect_trajectory(kata.fit_by_autograd(X, y, lr, steps), X, y, numpy_fit(X, y, lr, steps), lr)


@on_the_cpu
@given(steps=st.integers(0, 2))
@example(steps=0)
@example(steps=2)
def test_fit_by_autograd__stays_on_the_device_of_X(kata, steps):
    """The weights are made on the device of X, and the result lives there."""
    expect_follows_device(kata.fit_by_autograd, *PLANE[:3], steps)


def test_fit_by_autograd__calls_backward(kata):
    """The gradients come from `backward`; `torch.optim` is not allowed."""
    expect_rules(kata.fit_by_autograd, without=("torch.optim", "torch.optim.SGD"), using=("backward",))


# fit_by_module


@fits
def test_fit_by_module__is_gradient_descent(kata, plane):
    """Row k is (w, b) after k steps of gradient descent from zero, in the dtype of X, cut off from the graph."""
    X, y, lr, steps = plane
    expect_trajectory(kata.fit_by_module(X, y, lr, steps), X, y, numpy_fit(X, y, lr, steps), lr)


@on_the_cpu
@given(steps=st.integers(0, 2))
@example(steps=0)
@example(steps=2)
def test_fit_by_module__stays_on_the_device_of_X(kata, steps):
    """The layer is made on the device of X, and the result lives there."""
    expect_follows_device(kata.fit_by_module, *PLANE[:3], steps)


def test_fit_by_module__uses_module_and_optimizer(kata):
    """An `nn.Linear` and `torch.optim.SGD` do the work."""
    expect_rules(kata.fit_by_module, using=("nn.Linear",))
    expect_rules(kata.fit_by_module, using=("torch.optim.SGD",))


# one_sample_sgd


def make_orders(X, seed, share, length):
    random = np.random.default_rng(seed)
    y = torch.from_numpy(random.integers(-9, 10, len(X))).to(X.dtype)
    lr = share / (beside_ones(X) ** 2).sum(1).max()
    return X, y, torch.from_numpy(random.integers(0, len(X), length)), float(f"{lr:.2g}")


orders = st.builds(make_orders, matrices(DTYPES), seeds(), st.sampled_from((0.5, 0.1, 0.9)), st.integers(0, 5))


@given(case=orders)
@example(case=(PLANE[0], PLANE[1], torch.tensor([2, 0, 2, 1]), 0.01))
@example(case=(PLANE[0].double(), PLANE[1].double(), torch.tensor([1, 1]), 0.01))
@example(case=(PLANE[0], PLANE[1], torch.tensor([], dtype=torch.int64), 0.01))
def test_one_sample_sgd__uses_one_sample_a_step(kata, case):
    """Row k + 1 is row k after a step of descent on the sample `order[k]` alone; row 0 is zero."""
    X, y, order, lr = case
    A, targets, rows = beside_ones(X), exact(y), [np.zeros(X.shape[1] + 1)]
    for i in order.tolist():
        rows.append(rows[-1] - lr * 2 * (A[i] @ rows[-1] - targets[i]) * A[i])
    expect_trajectory(kata.one_sample_sgd(X, y, order, lr), X, y, np.stack(rows), lr)


@on_the_cpu
@given(steps=st.integers(0, 2))
@example(steps=0)
@example(steps=2)
def test_one_sample_sgd__stays_on_the_device_of_X(kata, steps):
    """The weights are made on the device of X, and the result lives there."""
    expect_follows_device(kata.one_sample_sgd, *PLANE[:2], torch.arange(steps), 0.01)


# count_updates


@given(
    samples=st.integers(0, 40),
    batch_size=st.integers(1, 12),
    epochs=st.integers(0, 4),
    options=st.sampled_from(({}, {"drop_last": True}, {"drop_last": False})),
)
@example(samples=7, batch_size=3, epochs=2, options={})
@example(samples=7, batch_size=3, epochs=2, options={"drop_last": True})
@example(samples=6, batch_size=3, epochs=2, options={})
@example(samples=2, batch_size=3, epochs=2, options={"drop_last": True})
@example(samples=0, batch_size=3, epochs=2, options={})
@example(samples=60_000, batch_size=64, epochs=10, options={})
def test_count_updates__counts_the_batches(kata, samples, batch_size, epochs, options):
    """Every epoch takes a step for each full batch, and one for a short last batch unless `drop_last`."""
    sizes = [min(batch_size, samples - start) for start in range(0, samples, batch_size)]
    taken = [size for size in sizes if size == batch_size or not options.get("drop_last")]
    expect_number(kata.count_updates(samples, batch_size, epochs, **options), epochs * len(taken))


# largest_stable_lr


@given(X=matrices(DTYPES))
@example(X=torch.tensor([[1.0, 2.0], [3.0, 5.0], [4.0, 7.0]]))
@example(X=torch.tensor([[1.0, 2.0], [3.0, 5.0], [4.0, 7.0]], dtype=torch.float64))
@example(X=torch.zeros(2, 1))
@example(X=torch.tensor([[3.0]]))
def test_largest_stable_lr__is_two_over_the_curvature(kata, X):
    """The rate is 2 / λ with the largest eigenvalue λ of 2/n · AᵀA, where A is X with a column of ones."""
    expect_number(kata.largest_stable_lr(X), float(numpy_limit(X)), dtype=X.dtype, factor=64)


@given(X=matrices(DTYPES), seed=seeds())
@example(X=torch.tensor([[1.0, 2.0], [3.0, 5.0], [4.0, 7.0]]), seed=0)
def test_largest_stable_lr__parts_shrinking_from_growing(kata, X, seed):
    """Descent with 0.9 times the rate makes an error smaller; with 1.1 times the rate the error grows."""
    answer = kata.largest_stable_lr(X)
    expect_law(answer, isinstance(answer.value, float) and answer.value > 0, "a positive Python float")
    A, start = beside_ones(X), np.random.default_rng(seed).normal(size=X.shape[1] + 1)

    def loss_after(lr, steps=200):
        error = start
        for _ in range(steps):
            error = error - lr * 2 / len(A) * A.T @ (A @ error)
        return ((A @ error) ** 2).mean()

    before = loss_after(0, 0)
    expect_law(answer, loss_after(0.9 * answer.value) < before, "a rate of which 0.9 times makes the loss smaller")
    expect_law(answer, loss_after(1.1 * answer.value) > before, "a rate of which 1.1 times makes the loss grow")


# collect_features


@given(case=cases(SIZES))
@example(case=(classifier(1), make_batches((3, 3, 2), 1)))
@example(case=(classifier(1, torch.float64), make_batches((2,), 1, torch.float64)))
def test_collect_features__joins_all_batches(kata, case):
    """The outputs of all batches stand one below the other, in the dtype of the model's outputs, without a graph."""
    model, batches = case
    answer = kata.collect_features(model, Loader(batches))
    outputs = [logits_of(model, X, training=False)[1] for X, _ in batches]
    expect_tensor(answer, np.concatenate(outputs), dtype=batches[0][0].dtype, scale=8)
    expect_law(answer, not answer.value.requires_grad, "a result that does not require grad")


@given(case=cases(LARGER, normalised=True), training=st.booleans())
@example(case=(classifier(1, normalised=True), make_batches((3, 2), 1)), training=True)
@example(case=(classifier(1, normalised=True), make_batches((3, 2), 1)), training=False)
def test_collect_features__keeps_the_mode(kata, case, training):
    """The model is called once a batch in the mode that it comes in, and stays in it; weights and gradients stay too."""
    model, batches = case
    model = copy.deepcopy(model).train(training)
    answer = kata.collect_features(model, Loader(batches))
    outputs = [logits_of(model, X, training=training)[1] for X, _ in batches]
    expect_tensor(answer, np.concatenate(outputs), dtype=batches[0][0].dtype, factor=64, scale=8, changes=[model])
    expect_mode(answer, model, training)
    calls = answer.given(model).layers[0].num_batches_tracked.item()
    expect_law(answer, calls == training * len(batches), f"{training * len(batches)} calls in train mode", got=f"{calls}")


class Recorded(torch.autograd.Function):
    """The identity; each graph that it is recorded in keeps a token alive."""

    @staticmethod
    def forward(ctx, X, token):
        ctx.token = token
        return X.clone()

    @staticmethod
    def backward(ctx, grad):
        return grad, None


class OneGraphAtATime(nn.Module):
    """A layer that changes nothing, and refuses to be called while graphs of several earlier calls are alive."""

    source = "OneGraphAtATime()"

    def __init__(self):
        super().__init__()
        self.tokens = []

    def forward(self, X):
        alive = sum(token() is not None for token in self.tokens)
        if alive > 1:
            raise RuntimeError(f"the graphs of {alive} earlier batches are still in memory")
        token = type("Token", (), {})()
        self.tokens.append(weakref.ref(token))
        return Recorded.apply(X, token)

    def __deepcopy__(self, memo):
        return OneGraphAtATime()


@given(case=cases(((3, 2, 1), (2, 2, 2, 1))))
@example(case=(classifier(1), make_batches((2, 2, 1), 1)))
def test_collect_features__lets_graphs_go(kata, case):
    """When the model is called, at most the graph of the batch before is alive; the weights still require grad."""
    model, batches = Model(*case[0].layers, OneGraphAtATime()), case[1]
    answer = kata.collect_features(model, Loader(batches))
    outputs = [logits_of(case[0], X, training=False)[1] for X, _ in batches]
    expect_tensor(answer, np.concatenate(outputs), dtype=batches[0][0].dtype, scale=8)


@on_the_cpu
def test_collect_features__moves_every_batch(kata):
    """A batch that comes on the CPU is moved to the device of the model, and the result stays there."""
    model, batches = gpu_classifier(), make_batches((3, 2), 1)
    with PretendGpu():
        answer = kata.collect_features(model, Loader(batches))
    outputs = [logits_of(model, X, training=False)[1] for X, _ in batches]
    expect_tensor(answer, np.concatenate(outputs), dtype=torch.float32, device="cuda", scale=8, changes=[model])


# scheduled_rates


@given(
    lr=rates, step_size=st.integers(1, 4), gamma=st.sampled_from((0.5, 0.1, 1.0, 2.0)), epochs=st.integers(0, 9)
)
@example(lr=1.0, step_size=2, gamma=0.5, epochs=7)
@example(lr=0.3, step_size=1, gamma=0.1, epochs=3)
@example(lr=0.3, step_size=3, gamma=0.1, epochs=0)
def test_scheduled_rates__multiplies_by_gamma(kata, lr, step_size, gamma, epochs):
    """The first `step_size` epochs use `lr`, and after every `step_size` epochs it is multiplied by `gamma`."""
    answer = kata.scheduled_rates(lr, step_size, gamma, epochs)
    wants, rate = [], lr
    for epoch in range(epochs):
        rate *= gamma if epoch and epoch % step_size == 0 else 1
        wants.append(rate)
    expect_rates(answer, wants)


def expect_rates(answer, wants):
    """A list of these Python floats."""
    expect_law(answer, isinstance(answer.value, list) and len(answer.value) == len(wants), f"a list of {len(wants)} rates")
    for index, want in enumerate(wants):
        expect_number(answer.piece(index), want, dtype=torch.float64, changes=answer.args)


def test_scheduled_rates__is_your_own(kata):
    """The rates are computed from the formula: `torch.optim` is not allowed."""
    expect_rules(kata.scheduled_rates, without=("torch.optim", "torch.optim.lr_scheduler", "torch.optim.lr_scheduler.StepLR"))


# train_epochs
