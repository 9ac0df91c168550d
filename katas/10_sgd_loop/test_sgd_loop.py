"""The properties of the training loop. `kata.name(...)` calls your function and keeps what a message needs."""

import copy
import weakref

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import LambdaLR, StepLR

from torchkata import trees
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
from torchkata.pretend import PretendGpu, pretend
from torchkata.strategies import linear, matrices, seeds

DTYPES = (torch.float32, torch.float64)
OPTIM = ("torch.optim", "torch.optim.SGD")
on_the_cpu = pytest.mark.devices("cpu")


def exact(tensor):
    """The values for NumPy, in float64."""
    return tensor.detach().cpu().double().numpy()


class OnlyIterable:
    """A loader, or parameters, that can only be iterated over: no length, no index, no second time unless `again`."""

    def __init__(self, items, *, again=False):
        self.items, self.again = items, again

    def __iter__(self):
        items = self.items
        if not self.again:
            self.items = []
        return iter(items)

    def __deepcopy__(self, memo):
        return type(self)(trees.copied(self.items), again=self.again)

    @property
    def source(self):
        repeated = len(self.items) > 1 and all(item is self.items[0] for item in self.items)
        text = f"[{paste(self.items[0])}] * {len(self.items)}" if repeated else paste(self.items)
        return text if self.again else f"iter({text})"


class Shuffled(OnlyIterable):
    """A loader that gives its batches in another order each time: turned round."""

    def __iter__(self):
        items, self.items = self.items, self.items[::-1]
        return iter(items)

    @property
    def source(self):
        return f"Shuffled({paste(self.items)})"


def tried(stub, *args):
    """What the stub returns for these very arguments, or the exception that it raises."""
    try:
        return stub.function(*args)
    except Exception as error:
        return error


# The first four stubs get parameters, some of them without a gradient


def parameter(values, grad=None, dtype=torch.float32):
    """A parameter, with this gradient or none."""
    made = nn.Parameter(torch.tensor(values, dtype=dtype))
    made.grad = None if grad is None else torch.tensor(grad, dtype=dtype)
    return made


def make_parameters(shapes, dtype, seed):
    random = np.random.default_rng(seed)
    pairs = [random.integers(-8, 9, (2, *shape)) / 4 for shape in shapes]
    return [parameter(w, None if (i + seed) % 4 == 3 else grad, dtype) for i, (w, grad) in enumerate(pairs)]


SHAPES = (((3,),), ((2, 3), (2,)), ((2,), (), (3, 2), (1,)), ((1, 2), (2,), (2,), (2,), (3,)), ((0,), (2,)))
SOME = [parameter([1.0, 2.0], [3.0, 4.0]), parameter([5.0]), parameter([[6.0, 7.0]], [[8.0, -9.0]])]
FROZEN = [parameter([1.0], [2.0]).requires_grad_(False)]
AT_REST = [parameter([1.0, 2.0], [0.0, 0.0])]

parameters = st.builds(make_parameters, st.sampled_from(SHAPES), st.sampled_from(DTYPES), seeds())
rates = st.sampled_from((0.5, 0.25, 2.0, 0.1))
decays = st.sampled_from((0.5, 0.125, 0.0))


def stepped(params, lr, weight_decay=0.0):
    """The values after a step, by NumPy."""
    pairs = [(exact(p), None if p.grad is None else exact(p.grad)) for p in params]
    return [w if grad is None else w - lr * (grad + weight_decay * w) for w, grad in pairs]


def expect_values(answer, tensors, wants, name):
    """These tensors, which the call may change, hold what NumPy says; there is nothing to return."""
    expect_law(answer, answer.value is None, "None: all is done in place")
    for i, (tensor, want) in enumerate(zip(tensors, wants, strict=True)):
        after = expect_returned(answer, tensor.detach(), f"{name}[{i}] afterwards")
        device = tensor.device.type
        expect_tensor(after, want, dtype=tensor.dtype, device=device, scale=8, changes=answer.args)


def expect_memory(answer, tensors, views, name):
    """The new values lie where the old ones were, which views from before the call see."""
    for i, (tensor, view) in enumerate(zip(tensors, views, strict=True)):
        same = tensor.data_ptr() == view.data_ptr() and torch.equal(tensor.detach(), view)
        expect_law(answer, same, f"the new values of {name}[{i}] in the memory that it had", got="other memory")


def expect_in_place(stub, params, device, *rest):
    """The parameters, read once as from `model.parameters()`, change in their memory and stay leaves."""
    mine = trees.copied(params, device)
    views = [p.detach() for p in mine]
    answer = stub.on(OnlyIterable(mine), *rest)
    expect_memory(answer, mine, views, "params")
    for i, (p, before) in enumerate(zip(mine, params, strict=True)):
        kind = f"params[{i}] a leaf with requires_grad={before.requires_grad}, as before"
        expect_law(answer, p.is_leaf and p.requires_grad == before.requires_grad, kind, got="another kind of tensor")
        if p.grad is None or before.grad is None or not torch.equal(p.grad.cpu(), before.grad):
            expect_law(answer, p.grad is before.grad, f"params[{i}].grad as it was: {before.grad}", got=f"{p.grad}")
    return answer, mine


# zero_gradients


def expect_no_gradients(answer, params):
    for i, p in enumerate(params):
        gone = p.grad is None or (p.grad.shape == p.shape and not p.grad.any())
        expect_law(answer, gone, f"params[{i}].grad None or all zeros", got="" if gone else f"{p.grad}")


@given(params=parameters)
@example(params=SOME)
@example(params=FROZEN)
@example(params=[parameter([1.0, 2.0], [float("nan"), float("inf")])])
@example(params=[])
def test_zero_gradients__forgets_every_gradient(kata, params):
    """Afterwards every gradient is None or all zeros, whatever it was before, and no value has changed."""
    answer = kata.zero_gradients(params)
    expect_no_gradients(answer, answer.given(params))
    expect_values(answer, answer.given(params), [exact(p) for p in params], "params")


@given(params=parameters)
@example(params=SOME)
@example(params=[*SOME, *FROZEN])
def test_zero_gradients__leaves_them_trainable(kata, params, device):
    """`requires_grad` stays as it is; the parameters may come from a generator, as `model.parameters()` is one."""
    mine = trees.copied(params, device)
    answer = kata.zero_gradients.on(OnlyIterable(mine))
    expect_no_gradients(answer, mine)
    for i, (p, before) in enumerate(zip(mine, params, strict=True)):
        same = p.requires_grad == before.requires_grad
        expected = f"params[{i}].requires_grad as it was: {before.requires_grad}"
        expect_law(answer, same, expected, got=f"{p.requires_grad}")


# sgd_step


@given(params=parameters, lr=rates)
@example(params=SOME, lr=0.5)
@example(params=[], lr=0.5)
@example(params=FROZEN, lr=0.5)
def test_sgd_step__moves_against_the_gradient(kata, params, lr):
    """Every parameter with a gradient becomes w - lr · grad; one without stays where it is."""
    answer = kata.sgd_step(params, lr)
    expect_values(answer, answer.given(params), stepped(params, lr), "params")


@given(params=parameters, lr=rates)
@example(params=SOME, lr=0.5)
@example(params=FROZEN, lr=0.5)
def test_sgd_step__changes_the_parameters_themselves(kata, params, lr, device):
    """The step happens in the memory of the parameters, which stay leaves; the gradients stay as they are."""
    answer, mine = expect_in_place(kata.sgd_step, params, device, lr)
    expect_values(answer, mine, stepped(params, lr), "params")


def test_sgd_step__is_your_own(kata):
    """The step is written out: `torch.optim` is not allowed."""
    expect_rules(kata.sgd_step, without=OPTIM)


# weight_decay_step


@given(params=parameters, lr=rates, weight_decay=decays)
@example(params=SOME, lr=0.5, weight_decay=0.25)
@example(params=[], lr=0.5, weight_decay=0.25)
@example(params=FROZEN, lr=0.5, weight_decay=0.25)
@example(params=AT_REST, lr=0.5, weight_decay=0.25)
def test_weight_decay_step__pulls_to_zero(kata, params, lr, weight_decay):
    """Every parameter with a gradient becomes w - lr · (grad + weight_decay · w); one without stays where it is."""
    answer = kata.weight_decay_step(params, lr, weight_decay)
    expect_values(answer, answer.given(params), stepped(params, lr, weight_decay), "params")


@given(params=parameters, lr=rates)
@example(params=SOME, lr=0.5)
@example(params=FROZEN, lr=0.5)
def test_weight_decay_step__changes_the_parameters_themselves(kata, params, lr, device):
    """The step happens in the memory of the parameters, which stay leaves; the gradients stay as they are."""
    answer, mine = expect_in_place(kata.weight_decay_step, params, device, lr, 0.5)
    expect_values(answer, mine, stepped(params, lr, 0.5), "params")


def test_weight_decay_step__is_your_own(kata):
    """The step is written out: `torch.optim` is not allowed."""
    expect_rules(kata.weight_decay_step, without=OPTIM)


# momentum_step


@given(params=parameters, lr=rates, momentum=st.sampled_from((0.5, 0.75, 0.0)), weight_decay=decays)
@example(params=SOME, lr=0.5, momentum=0.5, weight_decay=0.25)
@example(params=[], lr=0.5, momentum=0.5, weight_decay=0.0)
@example(params=FROZEN, lr=0.5, momentum=0.5, weight_decay=0.25)
@example(params=AT_REST, lr=0.5, momentum=0.5, weight_decay=0.25)
def test_momentum_step__moves_velocity_then_weight(kata, params, lr, momentum, weight_decay):
    """v becomes momentum · v + grad + weight_decay · w, then w becomes w - lr · v; without a gradient both stay."""
    velocities = [torch.full_like(p, i + 1).detach() for i, p in enumerate(params)]
    answer = kata.momentum_step(params, velocities, lr, momentum, weight_decay)
    want_v, want_w = [], []
    for i, p in enumerate(params):
        w, v = exact(p), np.full(p.shape, i + 1.0)
        if p.grad is not None:
            v = momentum * v + exact(p.grad) + weight_decay * w
            w = w - lr * v
        want_v.append(v)
        want_w.append(w)
    expect_values(answer, answer.given(velocities), want_v, "velocities")
    expect_values(answer, answer.given(params), want_w, "params")


@given(params=parameters, lr=rates)
@example(params=SOME, lr=0.5)
@example(params=FROZEN, lr=0.5)
def test_momentum_step__changes_the_parameters_themselves(kata, params, lr, device):
    """The step happens in the memory of the parameters and of the velocities; gradients and `requires_grad` stay."""
    velocities = [torch.ones_like(p, device=device).detach() for p in params]
    views = [v.detach() for v in velocities]
    answer, _ = expect_in_place(kata.momentum_step, params, device, OnlyIterable(velocities), lr, 0.5, 0.5)
    expect_memory(answer, velocities, views, "velocities")
    expect_law(answer, not any(v.requires_grad for v in velocities), "velocities that do not require grad")


@given(params=parameters, lr=rates, weight_decay=st.sampled_from((0.0, 0.5)))
@example(params=SOME, lr=0.5, weight_decay=0.0)
def test_momentum_step__equals_torch_optim(kata, params, lr, weight_decay, device):
    """From velocities of zero, every step equals that of `torch.optim.SGD`; `weight_decay` is 0 unless given."""
    mine, theirs = trees.copied(params, device), trees.copied(params)
    velocities = [torch.zeros_like(p).detach() for p in mine]
    optimizer = SGD([*theirs], lr=lr, momentum=0.5, weight_decay=weight_decay)
    options = {"weight_decay": weight_decay} if weight_decay else {}
    for step in ("first", "second"):
        answer = kata.momentum_step.on(mine, velocities, lr, 0.5, **options)
        optimizer.step()
        expect_values(answer, mine, [exact(p) for p in theirs], f"the {step} step: params")
        for p, other in zip(mine, theirs, strict=True):
            other.grad = other.detach() / 2
            p.grad = other.grad.to(device, copy=True)


def test_momentum_step__is_your_own(kata):
    """The step is written out: `torch.optim` is not allowed."""
    expect_rules(kata.momentum_step, without=OPTIM)


# The loops get a small classifier and batches; NumPy knows what comes of them


FEATURES, CLASSES = 2, 3
LONG = 64  # the factor for the tolerance after several steps


class Model(nn.Sequential):
    """Layers in a row, shown in messages with their dtype, mode and gradients."""


@paste.register
def _(model: Model):
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    double = ".double()" if next(model.parameters()).dtype == torch.float64 else ""
    text = f"nn.Sequential({', '.join(map(paste, model))}){double}{'' if model.training else '.eval()'}"
    return f"with_gradients({text}, {paste(grads)})" if grads else text


def with_gradients(model, grads):
    """The model, with gradients left in its parameters by earlier work."""
    for p, grad in zip(model.parameters(), grads, strict=True):
        p.grad = grad
    return model


def make_model(seed=1, dtype=torch.float32, *, outputs=CLASSES, before=(), behind=(), training=True, grad=2.0):
    """A linear classifier, perhaps with layers before and behind it, and with old gradients unless `grad` is None."""
    values = np.random.default_rng(seed).integers(-8, 9, (outputs, FEATURES + 1)) / 8
    model = Model(*before, linear(values[:, 1:], values[:, 0], dtype), *behind).train(training)
    grads = [None if grad is None else torch.full_like(p, grad).detach() for p in model.parameters()]
    return with_gradients(model, grads)


def make_normalised(seed=1, dtype=torch.float32, *, training=True):
    """A classifier with BatchNorm, for which mode and number of calls make a difference."""
    return make_model(seed, dtype, before=[nn.BatchNorm1d(FEATURES, affine=False, dtype=dtype)], training=training)


def make_batches(sizes, seed=1, dtype=torch.float32, *, inside=()):
    random = np.random.default_rng(seed)
    inputs = [random.integers(-8, 9, (n, FEATURES, *inside)) / 4 for n in sizes]
    return [(torch.tensor(X, dtype=dtype), torch.tensor(random.integers(0, CLASSES, len(X)))) for X in inputs]


def regression(sizes):
    """A model with one output, and batches whose targets have the shape (n, 1) of its outputs."""
    random = np.random.default_rng(2)
    targets = [torch.tensor(random.integers(-8, 9, (n, 1)) / 4, dtype=torch.float32) for n in sizes]
    return make_model(outputs=1), [(X, y) for (X, _), y in zip(make_batches(sizes), targets, strict=True)]


def on_frozen(sizes):
    """A classifier behind a frozen layer that changes nothing."""
    backbone = linear([[1.0, 0.0], [0.0, 1.0]]).requires_grad_(False)
    return make_model(before=[backbone], grad=None), make_batches(sizes)


def on_images(sizes, **options):
    """A classifier that takes images, and batches of them: X has the shape (n, channels, height, width)."""
    pooling = [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return make_model(before=pooling, **options), make_batches(sizes, inside=(2, 3))


def loss_for(batches):
    return nn.MSELoss() if batches[0][1].is_floating_point() else nn.CrossEntropyLoss()


def cases(sizes, make=make_model):
    """Pairs of a model, in any mode, and batches of one of these lists of sizes."""

    def made(sizes, dtype, seed):
        return make(seed, dtype, training=seed % 2 == 0), make_batches(sizes, seed, dtype)

    return st.builds(made, st.sampled_from(sizes), st.sampled_from(DTYPES), seeds())


SIZES = ((3, 2), (4, 4, 1), (1,), (2, 1, 3), (1, 4))
LARGER = ((3, 2), (2,), (4, 2))  # BatchNorm cannot train on a single sample


def numpy_inputs(model, X, *, training):
    """What the linear layer gets: X, normalised if there is a BatchNorm; of an image the means of its channels."""
    inputs = exact(X)
    if isinstance(model[0], nn.AdaptiveAvgPool2d):
        return inputs.mean((2, 3))
    if not isinstance(model[0], nn.BatchNorm1d):
        return inputs
    mean, variance = (inputs.mean(0), inputs.var(0)) if training else (0.0, 1.0)
    return (inputs - mean) / np.sqrt(variance + model[0].eps)


def numpy_outputs(model, batches, *, training=False):
    """The logits of all batches."""
    weight, bias = (exact(p) for p in model.parameters())
    return np.concatenate([numpy_inputs(model, X, training=training) @ weight.T + bias for X, _ in batches])


def cross_entropy(logits, y):
    """The mean loss of a batch, and its slope by every logit."""
    shares = np.exp(logits - logits.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    wanted = np.eye(CLASSES)[y]
    return float(-np.log((shares * wanted).sum(1)).mean()), (shares - wanted) / len(y)


def squared_error(outputs, y):
    """The mean loss of a batch, and its slope by every output."""
    error = outputs - y
    return float((error**2).mean()), 2 * error / error.size


def numpy_training(model, batches, *, lrs, momentum=0.0, weight_decay=0.0, training=True):
    """The loss before each step, and weight and bias after the last one."""
    params, velocities, losses = [exact(p) for p in model.parameters() if p.requires_grad], [0.0, 0.0], []
    for (X, y), lr in zip(batches, lrs, strict=True):
        inputs = numpy_inputs(model, X, training=training)
        compare = squared_error if y.is_floating_point() else cross_entropy
        loss, slope = compare(inputs @ params[0].T + params[1], y.numpy())
        losses.append(loss)
        for i, grad in enumerate((slope.T @ inputs, slope.sum(0))):
            velocities[i] = momentum * velocities[i] + grad + weight_decay * params[i]
            params[i] = params[i] - lr * velocities[i]
    return losses, params


def expect_trained(answer, model, want):
    """Weight and bias of the model that the call got are as NumPy says, and what is frozen is as it was."""
    wanted, got = iter(want), answer.given(model).named_parameters()
    for (name, p), before in zip(got, model.parameters(), strict=True):
        value = next(wanted) if before.requires_grad else exact(before)
        after = expect_returned(answer, p.detach(), f"model.{name} afterwards")
        expect_tensor(after, value, dtype=p.dtype, device=p.device.type, factor=LONG, scale=4, changes=answer.args)


def expect_mode(answer, model, training, train_calls):
    """The model is in this mode now, and its BatchNorm has counted so many calls in train mode."""
    got = answer.given(model)
    name, other = ("train", "eval") if training else ("eval", "train")
    same = all(module.training == training for module in got.modules())
    expect_law(answer, same, f"the model in {name} mode afterwards", got=f"the model in {other} mode")
    calls = got[0].num_batches_tracked.item()
    expect_law(answer, calls == train_calls, f"{train_calls} calls of the model in train mode", got=f"{calls} calls")


# training_step


@given(case=cases(((3,), (1,), (4,))), lr=rates, weight_decay=decays)
@example(case=(make_model(), make_batches((3,))), lr=0.5, weight_decay=0.5)
@example(case=(make_model(grad=None), make_batches((3,))), lr=0.5, weight_decay=0.5)
@example(case=regression((3,)), lr=0.25, weight_decay=0.5)
@example(case=on_images((3,)), lr=0.5, weight_decay=0.5)
@example(case=on_frozen((3,)), lr=0.5, weight_decay=0.5)
def test_training_step__takes_one_step(kata, case, lr, weight_decay):
    """The parameters take the optimizer's step, and the loss from before it is returned as a Python float."""
    model, [(X, y)] = case
    optimizer = SGD(model.parameters(), lr=lr, weight_decay=weight_decay)
    answer = kata.training_step(model, loss_for([(X, y)]), optimizer, X, y)
    [loss], want = numpy_training(model, [(X, y)], lrs=[lr], weight_decay=weight_decay)
    expect_number(answer, loss, dtype=X.dtype, scale=8, changes=[model, optimizer])
    expect_trained(answer, model, want)


@given(case=cases(((3,), (2,)), make_normalised))
@example(case=(make_normalised(training=False), make_batches((3,))))
@example(case=(make_normalised(training=True), make_batches((3,))))
def test_training_step__calls_the_model_once_in_its_mode(kata, case):
    """The model is called once, in the mode that it comes in, and stays in that mode."""
    model, [(X, y)] = case
    optimizer = SGD(model.parameters(), lr=0.5)
    answer = kata.training_step(model, nn.CrossEntropyLoss(), optimizer, X, y)
    expect_mode(answer, model, model.training, int(model.training))
    [loss], want = numpy_training(model, [(X, y)], lrs=[0.5], training=model.training)
    expect_number(answer, loss, dtype=X.dtype, factor=LONG, scale=8, changes=[model, optimizer])
    expect_trained(answer, model, want)


# train_loop


def expect_report(answer, losses, batches, every, dtype):
    """A list of (loss, seen), one pair for every so many batches."""
    seen = np.cumsum([len(y) for _, y in batches]).tolist()
    wanted = list(zip(losses, seen, strict=True))[::every]
    right = isinstance(answer.value, list) and len(answer.value) == len(wanted)
    expect_law(answer, right, f"a list of {len(wanted)} pairs: {[(round(loss, 4), count) for loss, count in wanted]}")
    for i, (loss, count) in enumerate(wanted):
        got_loss, got_count = expect_tuple(answer.piece(i), 2)
        expect_number(got_count, count, changes=answer.args)
        expect_number(got_loss, loss, dtype=dtype, factor=LONG, scale=8, changes=answer.args)


@given(case=cases(SIZES), every=st.integers(1, 3))
@example(case=(make_model(), make_batches((3, 3, 2))), every=1)
@example(case=(make_model(), make_batches((4, 4, 4, 4, 1))), every=2)
@example(case=regression((3, 2)), every=1)
@example(case=on_images((3, 2)), every=1)
@example(case=on_frozen((3, 2)), every=1)
def test_train_loop__steps_on_every_batch_and_reports_some(kata, case, every):
    """Every batch takes one step; batch 0 and then every `report_every`-th is reported: its loss, samples so far."""
    model, batches = case
    optimizer = SGD(model.parameters(), lr=0.25, momentum=0.5)
    answer = kata.train_loop(OnlyIterable(batches), model, loss_for(batches), optimizer, every)
    losses, want = numpy_training(model, batches, lrs=[0.25] * len(batches), momentum=0.5)
    expect_report(answer, losses, batches, every, batches[0][0].dtype)
    expect_trained(answer, model, want)


def test_train_loop__reports_every_hundredth_by_default(kata):
    """Without `report_every` the batches 0, 100, 200, and so on are reported."""
    model, batches = make_model(), make_batches((2,)) * 101
    optimizer = SGD(model.parameters(), lr=0.125)
    answer = kata.train_loop(OnlyIterable(batches), model, nn.CrossEntropyLoss(), optimizer)
    losses, _ = numpy_training(model, batches, lrs=[0.125] * 101)
    expect_report(answer, losses, batches, 100, torch.float32)


@given(case=cases(LARGER, make_normalised))
@example(case=(make_normalised(training=False), make_batches((3, 2))))
def test_train_loop__trains_in_train_mode(kata, case):
    """The model is in train mode, whatever mode it comes in, is called once for each batch, and stays in train mode."""
    model, batches = case
    optimizer = SGD(model.parameters(), lr=0.25)
    answer = kata.train_loop(OnlyIterable(batches), model, nn.CrossEntropyLoss(), optimizer, 1)
    expect_mode(answer, model, True, len(batches))
    losses, want = numpy_training(model, batches, lrs=[0.25] * len(batches))
    expect_report(answer, losses, batches, 1, batches[0][0].dtype)
    expect_trained(answer, model, want)


# Loops move batches: from a pretend GPU to a model on the CPU, and the other way round. Where there is a real GPU,
# every model of this file goes there, and every loader stays on the CPU.


def expect_moves(stub, arguments):
    """The stub does the same when only the batches or only the model, given to `arguments`, are on a GPU."""
    batches = make_batches((3, 2))
    answer = stub(*arguments(make_model(grad=None), [(pretend(X), pretend(y)) for X, y in batches]))
    model = make_model(grad=None)
    model[0].weight, model[0].bias = (nn.Parameter(pretend(p.detach())) for p in model.parameters())
    with PretendGpu():
        value = tried(stub, *arguments(model, batches))
    on_cpu = any(tensor.device.type == "cpu" for tensor in trees.tensors([value]))
    expected = "the same the other way round, with the model on a GPU and the batches on the CPU"
    expect_law(answer, not isinstance(value, Exception), expected, got=f"then: {value}")
    expect_law(answer, not on_cpu, f"{expected}: a result on the GPU", got="then: a result on the CPU")
    return answer, batches


@on_the_cpu
def test_train_loop__moves_every_batch(kata):
    """A batch from another device is moved to that of the model, whichever that is."""

    def arguments(model, batches):
        return OnlyIterable(batches), model, nn.CrossEntropyLoss(), SGD(model.parameters(), lr=0.5), 1

    answer, batches = expect_moves(kata.train_loop, arguments)
    expect_report(answer, numpy_training(make_model(), batches, lrs=[0.5, 0.5])[0], batches, 1, torch.float32)


# test_loop


def is_clear(case):
    """Whether no two logits compete for being the largest."""
    first, second = np.sort(numpy_outputs(*case), axis=1)[:, :-3:-1].T
    return (first - second).min() > 1e-3


def expect_test_result(answer, model, batches, loss_fn=cross_entropy):
    """Accuracy and average loss over all samples, by NumPy."""
    logits, labels = numpy_outputs(model, batches), torch.cat([y for _, y in batches]).numpy()
    accuracy, loss = expect_tuple(answer, 2)
    expect_number(accuracy, float((logits.argmax(1) == labels).mean()), changes=answer.args)
    expect_number(loss, loss_fn(logits, labels)[0], factor=64, scale=4, changes=answer.args)


@given(case=cases(SIZES).filter(is_clear))
@example(case=(make_model(grad=None), make_batches((3, 3, 2))))
@example(case=(make_model(2, torch.float64, grad=None), make_batches((1, 4), 2, torch.float64)))
@example(case=on_images((3, 2), grad=None))
def test_test_loop__averages_over_all_samples(kata, case):
    """Accuracy and loss are means over the samples of all batches: a short batch counts for less than a full one."""
    model, batches = case
    answer = kata.test_loop(OnlyIterable(batches), model, nn.CrossEntropyLoss())
    expect_test_result(answer, model, batches)


def margin_loss(logits, y):
    """The mean over a batch of Σ max(0, 1 - the label's logit + another logit) / classes, as a tuple of one."""
    gaps = np.maximum(0, 1 + logits - np.take_along_axis(logits, y[:, None], 1))
    return (float(((gaps.sum(1) - 1) / CLASSES).mean()),)


@given(case=cases(SIZES).filter(is_clear))
@example(case=(make_model(grad=None), make_batches((3, 3, 2))))
def test_test_loop__asks_the_loss_function(kata, case):
    """The loss is the one that `loss_fn` gives, whichever that is: here `nn.MultiMarginLoss`."""
    model, batches = case
    answer = kata.test_loop(OnlyIterable(batches), model, nn.MultiMarginLoss())
    expect_test_result(answer, model, batches, margin_loss)


@given(case=cases(SIZES, make_normalised).filter(is_clear))
@example(case=(make_normalised(training=True), make_batches((3, 2))))
@example(case=(make_normalised(training=False), make_batches((3, 2))))
def test_test_loop__evaluates_in_eval_mode(kata, case):
    """The model is evaluated in eval mode; afterwards its mode, weights, gradients and statistics are as before."""
    model, batches = case
    answer = kata.test_loop(OnlyIterable(batches), model, nn.CrossEntropyLoss())
    expect_mode(answer, model, model.training, 0)
    expect_unchanged(answer)
    expect_test_result(answer, model, batches)


class RefusesGraphs(nn.Module):
    """A layer that changes nothing, and does not let autograd record it."""

    source = "RefusesGraphs()"

    def forward(self, X):
        if torch.is_grad_enabled():
            raise RuntimeError("the model was called while autograd records a graph")
        return X


def test_test_loop__records_no_graph(kata):
    """The model is called while autograd does not record; afterwards recording is on or off as it was."""
    model, batches = make_model(before=[RefusesGraphs()], grad=None), make_batches((3, 2))
    for recording in (True, False):
        with torch.set_grad_enabled(recording):
            answer = kata.test_loop(OnlyIterable(batches), model, nn.CrossEntropyLoss())
        expect_test_result(answer, model, batches)


@on_the_cpu
def test_test_loop__moves_every_batch(kata):
    """A batch from another device is moved to that of the model, whichever that is."""

    def arguments(model, batches):
        return OnlyIterable(batches), model, nn.CrossEntropyLoss()

    answer, batches = expect_moves(kata.test_loop, arguments)
    expect_test_result(answer, make_model(), batches)


# The next three stubs take three ways to one trajectory


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


def make_targets(X, seed):
    y = torch.tensor(np.random.default_rng(seed).integers(-9, 10, len(X)), dtype=X.dtype)
    return y.repeat_interleave(2)[::2] if seed % 2 else y


def make_plane(X, seed, share, steps):
    """X, y, a learning rate that does not diverge, and a number of steps."""
    return X, make_targets(X, seed), float(f"{share * numpy_limit(X):.2g}"), steps


planes = st.builds(make_plane, matrices(DTYPES), seeds(), st.sampled_from((0.5, 0.1, 0.9)), st.integers(0, 4))
POINTS = torch.tensor([[1.0, 2.0], [3.0, 5.0], [4.0, 6.0]])
HEIGHTS = torch.tensor([1.0, 3.0, -2.0])
PINNED = (
    (POINTS, HEIGHTS, 0.02, 3),
    (POINTS.double(), HEIGHTS.double(), 0.02, 3),
    (torch.tensor([[2.0]]), torch.tensor([1.0]), 0.125, 2),
    (POINTS, HEIGHTS, 0.02, 0),
)


def for_planes(test):
    """Run a property on drawn planes and on the pinned ones."""
    for plane in reversed(PINNED):
        test = example(plane=plane)(test)
    return given(plane=planes)(test)


def expect_trajectory(answer, X, y, want, lr):
    first_step = lr * 2 * abs(beside_ones(X)).max() * abs(exact(y)).max()
    expect_tensor(answer, want, dtype=X.dtype, factor=64, scale=float(first_step))


def expect_on_device_of_inputs(stub):
    """The stub works where X and y are: on a pretend GPU, and on the device "meta", which knows shapes only.

    A right answer may do what one of them cannot: `layer.to(X)` on a pretend GPU, `item()` on "meta".
    """
    for steps in (0, 2):
        with PretendGpu():
            answer = stub.raising(pretend(POINTS), pretend(HEIGHTS), 0.02, steps)
        lost = steps > 0 and answer.value is None and "cuda" not in answer.returned
        expect_law(answer, not lost, "a result on the GPU", got=answer.returned)
        answer = stub(POINTS, HEIGHTS, 0.02, steps)
        value = tried(stub, POINTS.to("meta"), HEIGHTS.to("meta"), 0.02, steps)
        if "meta tensor" not in str(value):
            place = getattr(value, "device", value)
            expected = 'the same with X and y on another device, as by `X.to("meta")`: a result there'
            expect_law(answer, str(place) == "meta", expected, got=f"then: {place}".split("\n")[0])


# fit_by_hand


@for_planes
def test_fit_by_hand__is_gradient_descent(kata, plane):
    """Row k is (w, b) after k steps of gradient descent from zero, in the dtype of X."""
    X, y, lr, steps = plane
    expect_trajectory(kata.fit_by_hand(X, y, lr, steps), X, y, numpy_fit(X, y, lr, steps), lr)


def test_fit_by_hand__has_no_autograd(kata):
    """The gradients are written out: `backward`, `torch.autograd` and `torch.func` are not allowed."""
    expect_rules(kata.fit_by_hand, without=("backward", "torch.autograd", "torch.func"))
    answer = kata.fit_by_hand(*PINNED[0])
    with torch.no_grad():
        value = tried(kata.fit_by_hand, *PINNED[0])
    expect_law(answer, not isinstance(value, Exception), "the same inside `torch.no_grad()`", got=f"then: {value}")


# fit_by_autograd


@for_planes
def test_fit_by_autograd__is_gradient_descent(kata, plane):
    """Row k is (w, b) after k steps of gradient descent from zero, in the dtype of X, cut off from the graph."""
    X, y, lr, steps = plane
    expect_trajectory(kata.fit_by_autograd(X, y, lr, steps), X, y, numpy_fit(X, y, lr, steps), lr)


@on_the_cpu
def test_fit_by_autograd__stays_on_the_device(kata):
    """The weights are made on the device of X, and the result lives there."""
    expect_on_device_of_inputs(kata.fit_by_autograd)


def test_fit_by_autograd__calls_backward(kata):
    """The gradients come from `backward`; `torch.optim` is not allowed."""
    expect_rules(kata.fit_by_autograd, without=OPTIM, using=("backward",))


# fit_by_module


@for_planes
def test_fit_by_module__is_gradient_descent(kata, plane):
    """Row k is (w, b) after k steps of gradient descent from zero, in the dtype of X, cut off from the graph."""
    X, y, lr, steps = plane
    expect_trajectory(kata.fit_by_module(X, y, lr, steps), X, y, numpy_fit(X, y, lr, steps), lr)


@on_the_cpu
def test_fit_by_module__stays_on_the_device(kata):
    """The layer is made on the device of X, and the result lives there."""
    expect_on_device_of_inputs(kata.fit_by_module)


def test_fit_by_module__uses_a_module_and_an_optimizer(kata):
    """An `nn.Linear` and `torch.optim.SGD` do the work."""
    expect_rules(kata.fit_by_module, using=("nn.Linear",))
    expect_rules(kata.fit_by_module, using=("torch.optim.SGD",))


# one_sample_sgd


def make_order(X, seed, share, length):
    """X, y, an order of samples, and a learning rate that does not diverge on any of them."""
    order = torch.tensor(np.random.default_rng(seed).integers(0, len(X), length), dtype=torch.int64)
    return X, make_targets(X, seed), order, float(f"{share / (beside_ones(X) ** 2).sum(1).max():.2g}")


@given(case=st.builds(make_order, matrices(DTYPES), seeds(), st.sampled_from((0.5, 0.1, 0.9)), st.integers(0, 5)))
@example(case=(POINTS, HEIGHTS, torch.tensor([2, 0, 2, 1]), 0.01))
@example(case=(POINTS.double(), HEIGHTS.double(), torch.tensor([1, 1]), 0.01))
@example(case=(POINTS, HEIGHTS, torch.tensor([], dtype=torch.int64), 0.01))
def test_one_sample_sgd__uses_one_sample_a_step(kata, case):
    """Row k + 1 is row k after a step of descent on the sample `order[k]` alone; row 0 is zero."""
    X, y, order, lr = case
    A, targets, rows = beside_ones(X), exact(y), [np.zeros(X.shape[1] + 1)]
    for i in order.tolist():
        rows.append(rows[-1] - lr * 2 * (A[i] @ rows[-1] - targets[i]) * A[i])
    expect_trajectory(kata.one_sample_sgd(X, y, order, lr), X, y, np.stack(rows), lr)


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
@example(X=POINTS)
@example(X=POINTS.double())
@example(X=torch.zeros(2, 1))
@example(X=torch.tensor([[3.0]]))
def test_largest_stable_lr__is_two_over_the_curvature(kata, X):
    """The rate is 2 / λ with the largest eigenvalue λ of 2/n · AᵀA, where A is X with a column of ones."""
    expect_number(kata.largest_stable_lr(X), float(numpy_limit(X)), dtype=X.dtype, factor=64)


@given(X=matrices(DTYPES), seed=seeds())
@example(X=POINTS, seed=0)
def test_largest_stable_lr__parts_shrinking_from_growing(kata, X, seed):
    """Descent with 0.9 times the rate makes the loss smaller; with 1.1 times the rate the loss grows."""
    answer = kata.largest_stable_lr(X)
    expect_law(answer, isinstance(answer.value, float), "a Python float")
    A, start = beside_ones(X), np.random.default_rng(seed).normal(size=X.shape[1] + 1)

    def loss_after(steps, lr):
        error = start
        for _ in range(steps):
            error = error - lr * 2 / len(A) * A.T @ (A @ error)
        return ((A @ error) ** 2).mean()

    at_first = loss_after(0, 0.0)
    below, above = loss_after(100, 0.9 * answer.value), loss_after(100, 1.1 * answer.value)
    expect_law(answer, below < at_first, "a rate of which 0.9 times makes the loss smaller")
    expect_law(answer, above > at_first, "a rate of which 1.1 times makes the loss grow")


# collect_features


@given(case=cases(SIZES))
@example(case=(make_model(), make_batches((3, 3, 2))))
@example(case=(make_model(1, torch.float64), make_batches((2,), 1, torch.float64)))
@example(case=on_images((3, 2)))
def test_collect_features__joins_all_batches(kata, case):
    """The outputs of all batches stand one below the other, in the dtype of the model's outputs, without a graph."""
    model, batches = case
    answer = kata.collect_features(model, OnlyIterable(batches))
    expect_tensor(answer, numpy_outputs(model, batches), dtype=batches[0][0].dtype, scale=8)
    expect_law(answer, not answer.value.requires_grad, "a result that does not require grad")


def test_collect_features__keeps_the_shape_of_the_outputs(kata):
    """Outputs of a shape like (n,) or (n, 3, 1) are joined to one result of that shape, with the n of all samples."""
    batches = make_batches((3, 2))
    for outputs, layer, shape in ((CLASSES, nn.Unflatten(1, (3, 1)), (5, 3, 1)), (1, nn.Flatten(0), (5,))):
        model = make_model(outputs=outputs, behind=[layer])
        answer = kata.collect_features(model, OnlyIterable(batches))
        expect_tensor(answer, numpy_outputs(model, batches).reshape(shape), dtype=torch.float32, scale=8)


@given(case=cases(LARGER, make_normalised))
@example(case=(make_normalised(training=True), make_batches((3, 2))))
@example(case=(make_normalised(training=False), make_batches((3, 2))))
def test_collect_features__keeps_the_mode(kata, case):
    """The model is called once for each batch in the mode that it comes in, and stays in that mode."""
    model, batches = case
    answer = kata.collect_features(model, OnlyIterable(batches))
    expect_mode(answer, model, model.training, len(batches) if model.training else 0)
    want = [numpy_outputs(model, [batch], training=model.training) for batch in batches]
    expect_tensor(answer, np.concatenate(want), dtype=batches[0][0].dtype, factor=LONG, scale=8, changes=[model])


class Recorded(torch.autograd.Function):
    """The identity, whose graph keeps a token alive."""

    @staticmethod
    def forward(ctx, X, token):
        ctx.token = token
        return X.clone()

    @staticmethod
    def backward(ctx, grad):
        return grad, None


class Token:
    """Something to hold a weak reference to."""


class OneGraphAtATime(nn.Module):
    """A layer that changes nothing, and cannot be called while graphs of several earlier calls are alive."""

    source = "OneGraphAtATime()"

    def __init__(self):
        super().__init__()
        self.tokens = []

    def __deepcopy__(self, memo):
        return OneGraphAtATime()

    def forward(self, X):
        alive = sum(token() is not None for token in self.tokens)
        if alive > 1:
            raise RuntimeError(f"the graphs of {alive} earlier batches are still in memory")
        token = Token()
        self.tokens.append(weakref.ref(token))
        return Recorded.apply(X, token)


def test_collect_features__lets_graphs_go(kata):
    """When the model is called, no graph but that of the batch before is alive; the weights still require grad."""
    model, batches = make_model(behind=[OneGraphAtATime()]), make_batches((2, 2, 2, 1))
    answer = kata.collect_features(model, OnlyIterable(batches))
    expect_tensor(answer, numpy_outputs(model, batches), dtype=torch.float32, scale=8)


@on_the_cpu
def test_collect_features__moves_every_batch(kata):
    """A batch from another device is moved to that of the model, whichever that is; the result stays there."""
    answer, batches = expect_moves(kata.collect_features, lambda model, batches: (model, OnlyIterable(batches)))
    expect_tensor(answer, numpy_outputs(make_model(), batches), dtype=torch.float32, scale=8)


# scheduled_rates


def expect_rates(answer, wants):
    """A list of these Python floats."""
    right = isinstance(answer.value, list) and len(answer.value) == len(wants)
    expect_law(answer, right, f"a list of {len(wants)} rates: {wants}")
    for i, want in enumerate(wants):
        expect_number(answer.piece(i), want, dtype=torch.float64, changes=answer.args)


@given(lr=rates, step_size=st.integers(1, 4), gamma=st.sampled_from((0.5, 0.1, 1.0, 2.0)), epochs=st.integers(0, 9))
@example(lr=1.0, step_size=2, gamma=0.5, epochs=7)
@example(lr=0.3, step_size=1, gamma=0.1, epochs=3)
@example(lr=0.3, step_size=3, gamma=0.1, epochs=0)
def test_scheduled_rates__multiplies_by_gamma(kata, lr, step_size, gamma, epochs):
    """The first `step_size` epochs use `lr`; after every `step_size` epochs the rate is multiplied by `gamma`."""
    wants, rate = [], lr
    for epoch in range(epochs):
        if epoch > 0 and epoch % step_size == 0:
            rate = rate * gamma
        wants.append(rate)
    expect_rates(kata.scheduled_rates(lr, step_size, gamma, epochs), wants)


def test_scheduled_rates__is_your_own(kata):
    """The rates are computed from the formula: `torch.optim` is not allowed."""
    expect_rules(kata.scheduled_rates, without=("torch.optim", "lr_scheduler", "StepLR"))


# train_epochs


class Schedule(StepLR):
    """A StepLR whose copy belongs to the copy of its optimizer."""

    def __deepcopy__(self, memo):
        return Schedule(copy.deepcopy(self.optimizer, memo), self.step_size, self.gamma)

    @property
    def source(self):
        return f"torch.optim.lr_scheduler.StepLR(optimizer, step_size={self.step_size}, gamma={self.gamma})"


FACTORS = [1.0, 0.25, 2.0, 0.5, 1.0]


class Varied(LambdaLR):
    """A schedule that follows no formula."""

    source = f"torch.optim.lr_scheduler.LambdaLR(optimizer, {FACTORS}.__getitem__)"

    def __init__(self, optimizer):
        super().__init__(optimizer, lambda epoch: FACTORS[epoch])


@given(case=cases(SIZES), epochs=st.integers(0, 3), step_size=st.integers(1, 2))
@example(case=(make_model(), make_batches((3, 3, 2))), epochs=3, step_size=1)
@example(case=(make_model(), make_batches((3, 2))), epochs=4, step_size=2)
@example(case=(make_model(), make_batches((3, 2))), epochs=0, step_size=1)
@example(case=regression((3, 2)), epochs=2, step_size=1)
@example(case=on_images((3, 2)), epochs=2, step_size=1)
def test_train_epochs__uses_one_rate_an_epoch(kata, case, epochs, step_size):
    """All batches of an epoch are trained on with one rate; then, also after the last epoch, the scheduler steps."""
    model, batches = case
    optimizer = SGD(model.parameters(), lr=0.25, momentum=0.5)
    loader, scheduler = OnlyIterable(batches, again=True), Schedule(optimizer, step_size, 0.5)
    answer = kata.train_epochs(loader, model, loss_for(batches), optimizer, scheduler, epochs)
    *used, after = [0.25 * 0.5 ** (epoch // step_size) for epoch in range(epochs + 1)]
    expect_rates(answer, used)
    lrs = [rate for rate in used for _ in batches]
    expect_trained(answer, model, numpy_training(model, batches * epochs, lrs=lrs, momentum=0.5)[1])
    rate, steps = answer.given(optimizer).param_groups[0]["lr"], answer.given(scheduler).last_epoch
    expected = f"{epochs} steps of the scheduler, and the rate {after} afterwards"
    expect_law(answer, (steps, rate) == (epochs, after), expected, got=f"{steps} steps, and the rate {rate}")


def test_train_epochs__asks_loader_and_scheduler(kata, device):
    """Each epoch reads the loader anew and uses the scheduler's rate; a second call goes on where the first ended."""
    model, batches = make_model(grad=None), make_batches((3, 2))
    mine, rates = trees.copied(model, device), [0.25 * factor for factor in FACTORS[:4]]
    optimizer, loader = SGD(mine.parameters(), lr=0.25), Shuffled(batches)
    scheduler = Varied(optimizer)
    for start in (0, 2):
        answer = kata.train_epochs.on(loader, mine, nn.CrossEntropyLoss(), optimizer, scheduler, 2)
        expect_rates(answer, rates[start : start + 2])
    _, want = numpy_training(model, (batches + batches[::-1]) * 2, lrs=[rate for rate in rates for _ in batches])
    for (name, p), value in zip(mine.named_parameters(), want, strict=True):
        after = expect_returned(answer, p.detach(), f"model.{name} afterwards")
        expect_tensor(after, value, dtype=p.dtype, device=device, factor=LONG, scale=4, changes=answer.args)


@given(case=cases(LARGER, make_normalised))
@example(case=(make_normalised(training=False), make_batches((3, 2))))
def test_train_epochs__trains_in_train_mode(kata, case):
    """The model is in train mode, whatever mode it comes in, and is called once for each batch of each epoch."""
    model, batches = case
    optimizer = SGD(model.parameters(), lr=0.25)
    loader, scheduler = OnlyIterable(batches, again=True), Schedule(optimizer, 1, 0.5)
    answer = kata.train_epochs(loader, model, nn.CrossEntropyLoss(), optimizer, scheduler, 2)
    expect_mode(answer, model, True, 2 * len(batches))
    lrs = [rate for rate in (0.25, 0.125) for _ in batches]
    expect_trained(answer, model, numpy_training(model, batches * 2, lrs=lrs)[1])


@on_the_cpu
def test_train_epochs__moves_every_batch(kata):
    """A batch from another device is moved to that of the model, whichever that is."""

    def arguments(model, batches):
        optimizer = SGD(model.parameters(), lr=0.5)
        loader, scheduler = OnlyIterable(batches, again=True), Schedule(optimizer, 1, 0.5)
        return loader, model, nn.CrossEntropyLoss(), optimizer, scheduler, 2

    answer, _ = expect_moves(kata.train_epochs, arguments)
    expect_rates(answer, [0.5, 0.25])
