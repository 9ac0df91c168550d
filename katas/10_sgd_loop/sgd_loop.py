"""The training loop: gradient descent by hand, by autograd and by `torch.optim`.

Results live on the device of the inputs. A loader is any iterable of (X, y) batches: a
`DataLoader`, but a plain list too, so `len(loader)` and `loader.dataset` may not exist. It is not
empty, nor is any batch. Batches may differ in size: most often the last one is shorter. A model has
at least one parameter, and all of them lie on one device: the model's device.

Run `pytest katas/10_sgd_loop` after each function.
"""

from collections.abc import Callable, Iterable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

Loader = Iterable[tuple[Tensor, Tensor]]
LossFunction = Callable[[Tensor, Tensor], Tensor]


def zero_gradients(params: Iterable[Tensor]) -> None:
    """Forget the gradient of every parameter.

    Afterwards each `.grad` is either None or all zeros: both are fine. Gradients of frozen
    parameters go too, and so do gradients that hold nan or inf. A parameter whose gradient is None
    already is no error.

    In place: changes gradients only. Values and `requires_grad` stay.

    >>> w = torch.ones(2, requires_grad=True)
    >>> w.sum().backward()
    >>> zero_gradients([w])
    >>> w.grad is None or w.grad.tolist() == [0.0, 0.0]
    True
    """
    raise NotImplementedError


def sgd_step(params: Iterable[Tensor], lr: float) -> None:
    """Move every parameter a step against its gradient: w ← w - lr · grad.

    A parameter whose gradient is None stays where it is; a frozen one that has a gradient moves.

    In place: changes the values in the memory of the parameters. The gradients stay as they are.
    Graph: the step is not recorded: a parameter stays a leaf and keeps its `requires_grad`.
    Rule: `torch.optim` is not allowed.

    >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> w.square().sum().backward()
    >>> sgd_step([w], lr=0.25)
    >>> w
    tensor([0.5000, 1.0000], requires_grad=True)
    """
    raise NotImplementedError


def weight_decay_step(params: Iterable[Tensor], lr: float, weight_decay: float) -> None:
    """Take an SGD step that also pulls the weights to zero: w ← w - lr · (grad + weight_decay · w).

    This is the gradient step for loss + weight_decay / 2 · Σ w², as in `torch.optim.SGD`.
    A parameter whose gradient is None stays where it is: it does not decay either. A frozen one
    that has a gradient moves.

    In place: changes the values in the memory of the parameters. The gradients stay as they are.
    Graph: the step is not recorded: a parameter stays a leaf and keeps its `requires_grad`.
    Rule: `torch.optim` is not allowed.

    >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> w.sum().backward()
    >>> weight_decay_step([w], lr=0.25, weight_decay=0.5)
    >>> w
    tensor([0.6250, 1.5000], requires_grad=True)
    """
    raise NotImplementedError


def momentum_step(
    params: Iterable[Tensor],
    velocities: Iterable[Tensor],
    lr: float,
    momentum: float,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of SGD with momentum, first for each velocity v and then for its parameter w.

    v ← momentum · v + (grad + weight_decay · w)
    w ← w - lr · v

    There is one velocity for each parameter, in the same order and of the same shape. When all
    velocities start at zero, every step equals that of `torch.optim.SGD` (dampening 0, no
    Nesterov). Where the gradient is None, both the parameter and its velocity stay.

    In place: changes the values in the memory of the parameters and of the velocities. The
    gradients stay as they are.
    Graph: the step is not recorded: a parameter stays a leaf and keeps its `requires_grad`, and no
    velocity requires grad.
    Rule: `torch.optim` is not allowed.

    >>> w, v = torch.tensor([1.0], requires_grad=True), torch.tensor([2.0])
    >>> w.sum().backward()
    >>> momentum_step([w], [v], lr=0.25, momentum=0.5)
    >>> w, v
    (tensor([0.5000], requires_grad=True), tensor([2.]))
    """
    raise NotImplementedError


def training_step(model: nn.Module, loss_fn: LossFunction, optimizer: Optimizer, X: Tensor, y: Tensor) -> float:
    """Take one optimizer step on the batch (X, y) and return the loss from before the step.

    The loss is `loss_fn(model(X), y)`, and the model is called only once. Gradients left in the
    parameters by earlier work have no influence. The optimizer holds parameters of the model; its
    `step` needs no closure. X and y are on the model's device. What the gradients are afterwards
    is free.

    Dtype: the loss is a Python float.
    In place: changes the parameters, as `optimizer.step()` does.
    Mode: the model is used in the mode it comes in (train or eval) and stays in it.

    >>> model = nn.Linear(1, 1, bias=False)
    >>> _ = nn.init.zeros_(model.weight)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.25)
    >>> training_step(model, nn.MSELoss(), optimizer, torch.ones(3, 1), torch.full((3, 1), 2.0))
    4.0
    """
    raise NotImplementedError


def train_loop(
    loader: Loader,
    model: nn.Module,
    loss_fn: LossFunction,
    optimizer: Optimizer,
    report_every: int = 100,
) -> list[tuple[float, int]]:
    """Train for one epoch, one optimizer step for each batch, and return the progress report.

    The report has a pair (loss, seen) for the batches with the indices 0, report_every,
    2 · report_every, and so on. `loss` is the loss of that batch alone, from before its step.
    `seen` counts the samples so far, those of this batch included. The model is called once for
    each batch. `loader` is any iterable of (X, y) batches and is read once, in order;
    `report_every` is at least 1. Gradients left in the parameters at the start have no influence.

    Dtype: each loss is a Python float, each count a Python int.
    In place: changes the parameters.
    Mode: trains in train mode and leaves the model in it.
    Device: moves every batch to the model's device.

    >>> batches = [(torch.zeros(n, 1), torch.ones(n, 1)) for n in (4, 4, 4, 4, 1)]
    >>> model = nn.Linear(1, 1)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.25)
    >>> report = train_loop(batches, model, nn.MSELoss(), optimizer, report_every=2)
    >>> [seen for loss, seen in report]
    [4, 12, 17]
    """
    raise NotImplementedError


def test_loop(loader: Loader, model: nn.Module, loss_fn: LossFunction) -> tuple[float, float]:
    """Return (accuracy, average loss) of a classifier over all samples of `loader`.

    Accuracy is the share of samples, from 0 to 1, whose largest logit is at the label's index. The
    average loss is the mean over all samples, where `loss_fn(logits, y)` gives the mean over one
    batch. A short last batch therefore counts for less than a full one. `loader` is any iterable of
    (X, y) batches and is read once; y holds the labels.

    Shape: X (n, ...), logits (n, classes), y (n,).
    Dtype: both are Python floats.
    In place: changes nothing: no weight, no gradient, no BatchNorm statistic.
    Mode: evaluates in eval mode. Afterwards the model is again in the mode it came in (all its
    submodules come in the same mode).
    Graph: the model is called without recording a graph. Afterwards recording is on or off as it
    was before.
    Device: moves every batch to the model's device.

    >>> model = nn.Linear(2, 2, bias=False)
    >>> _ = nn.init.eye_(model.weight)
    >>> batches = [(torch.eye(2), torch.tensor([0, 1])), (torch.eye(2), torch.tensor([0, 0]))]
    >>> accuracy, average_loss = test_loop(batches, model, nn.CrossEntropyLoss())
    >>> accuracy, round(average_loss, 4)
    (0.75, 0.5633)
    """
    raise NotImplementedError


def fit_by_hand(X: Float[Tensor, "n d"], y: Float[Tensor, "n"], lr: float, steps: int) -> Float[Tensor, "steps+1 d+1"]:
    """Fit the plane y ≈ Xw + b by gradient descent with hand-written gradients, from all zeros.

    Each step uses all samples. The loss is the mean of r², where r = Xw + b - y. Its gradients are
    2/n · Xᵀr for w and 2/n · Σ r for b; both are taken before either w or b moves. Row k of the
    result is (w, b) after k steps: first the d weights, then the bias. Row 0 is the start.

    Shape: (steps + 1, d + 1), with n and d at least 1 and steps at least 0.
    Dtype: that of X, which y has too.
    Rule: no autograd: `backward`, `torch.autograd` and `torch.func` are not allowed.

    >>> fit_by_hand(torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 3.0]), lr=0.1, steps=1)
    tensor([[0.0000, 0.0000],
            [0.7000, 0.4000]])
    """
    raise NotImplementedError


def fit_by_autograd(
    X: Float[Tensor, "n d"], y: Float[Tensor, "n"], lr: float, steps: int
) -> Float[Tensor, "steps+1 d+1"]:
    """Fit the same plane by the same steps as `fit_by_hand`, with gradients from `backward`.

    The loss is again the mean of (Xw + b - y)² over all samples, w and b start at zero, and row k
    of the result is (w, b) after k steps. Row 0 is the start.

    Shape: (steps + 1, d + 1), with n and d at least 1 and steps at least 0.
    Dtype: that of X, which y has too.
    Graph: the result does not require grad.
    Rule: call `backward`; `torch.optim` is not allowed.

    >>> fit_by_autograd(torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 3.0]), lr=0.1, steps=1)
    tensor([[0.0000, 0.0000],
            [0.7000, 0.4000]])
    """
    raise NotImplementedError


def fit_by_module(
    X: Float[Tensor, "n d"], y: Float[Tensor, "n"], lr: float, steps: int
) -> Float[Tensor, "steps+1 d+1"]:
    """Fit the same plane by the same steps as `fit_by_hand`, with `nn.Linear` and an optimizer.

    The loss is again the mean of (Xw + b - y)² over all samples, w and b start at zero, and row k
    of the result is (w, b) after k steps. Row 0 is the start. An `nn.Linear` starts with random
    values, and its output has the shape (n, 1) where y has (n,).

    Shape: (steps + 1, d + 1), with n and d at least 1 and steps at least 0.
    Dtype: that of X, which y has too.
    Graph: the result does not require grad.
    Rule: use `nn.Linear` and `torch.optim.SGD`.

    >>> fit_by_module(torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 3.0]), lr=0.1, steps=1)
    tensor([[0.0000, 0.0000],
            [0.7000, 0.4000]])
    """
    raise NotImplementedError


def one_sample_sgd(
    X: Float[Tensor, "n d"], y: Float[Tensor, "n"], order: Int[Tensor, "steps"], lr: float
) -> Float[Tensor, "steps+1 d+1"]:
    """Fit the plane y ≈ Xw + b from all zeros, where step k uses only the sample `order[k]`.

    The loss of sample i is r², where r = x·w + b - y with x = X[i] and y = y[i]. Its gradients are
    2r · x for w and 2r for b; both are taken before either w or b moves. Row k of the result is
    (w, b) after k steps; row 0 is the start. `order` holds indices from 0 to n - 1, and an index
    may come more than once or not at all.

    Shape: (steps + 1, d + 1), with n and d at least 1; an empty `order` gives the start alone.
    Dtype: that of X, which y has too; `order` is int64.
    Graph: the result does not require grad.

    >>> X, y = torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 3.0])
    >>> one_sample_sgd(X, y, order=torch.tensor([1, 0]), lr=0.1)
    tensor([[0.0000, 0.0000],
            [1.2000, 0.6000],
            [1.0400, 0.4400]])
    """
    raise NotImplementedError


def count_updates(samples: int, batch_size: int, epochs: int, drop_last: bool = False) -> int:
    """Return how many optimizer steps a training takes, one step for each batch.

    An epoch reads every sample once. Its last batch is short when `batch_size` does not divide
    `samples`; with `drop_last` a short batch is left out. No batch reaches into the next epoch.
    `samples` and `epochs` are at least 0, `batch_size` at least 1.

    Dtype: a Python int.

    >>> count_updates(60_000, batch_size=64, epochs=10)
    9380
    """
    raise NotImplementedError


def largest_stable_lr(X: Float[Tensor, "n d"]) -> float:
    """Return the learning rate beyond which `fit_by_hand` diverges on the inputs X.

    It is 2 / λ, where λ is the largest eigenvalue of the loss's Hessian 2/n · AᵀA, and A = [X 1]
    is X with a column of ones for the bias. (A step multiplies the error along an eigenvector by
    1 - lr · λ. The error grows when that is below -1.) It does not depend on y.

    Shape: n and d are at least 1.
    Dtype: a Python float.

    >>> largest_stable_lr(torch.tensor([[2.0], [-2.0]]))
    0.25
    """
    raise NotImplementedError


def collect_features(model: nn.Module, loader: Loader) -> Float[Tensor, "n ..."]:
    """Return the outputs `model(X)` of all batches, joined along dim 0 in the loader's order.

    The model is called once for each batch. `loader` is any iterable of (X, y) batches and is read
    once; y plays no part.

    Shape: (n, ...), where n counts the samples of all batches.
    Dtype: that of the model's outputs.
    In place: changes no weight and no gradient.
    Mode: the model is used in the mode it comes in (train or eval) and stays in it.
    Graph: the result does not require grad, though the parameters do, and stay so. Graphs do not
    pile up: when the model is called, the graph of the batch before may be alive, no older one.
    Device: moves every X to the model's device; the result stays there.

    >>> batches = [(torch.ones(n, 3), torch.zeros(n)) for n in (4, 4, 1)]
    >>> features = collect_features(nn.Linear(3, 2), batches)
    >>> features.shape, features.requires_grad
    (torch.Size([9, 2]), False)
    """
    raise NotImplementedError


def scheduled_rates(lr: float, step_size: int, gamma: float, epochs: int) -> list[float]:
    """Return the learning rate of each epoch when it is multiplied by `gamma` every `step_size`.

    The first `step_size` epochs use `lr`, the next `step_size` epochs lr · gamma, and so on. These
    are the rates of `torch.optim.lr_scheduler.StepLR`. `step_size` is at least 1, `epochs` at
    least 0.

    Dtype: a list of `epochs` Python floats.
    Rule: `torch.optim` is not allowed.

    >>> scheduled_rates(1.0, step_size=2, gamma=0.5, epochs=5)
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    raise NotImplementedError


def train_epochs(
    loader: Loader,
    model: nn.Module,
    loss_fn: LossFunction,
    optimizer: Optimizer,
    scheduler: LRScheduler,
    epochs: int,
) -> list[float]:
    """Train for `epochs` epochs and return the learning rate that each of them used.

    An epoch is one optimizer step for each batch, as in `train_loop`, with the same rules on mode,
    device and old gradients. After the steps of every epoch, the last one too, `scheduler.step()`
    is called once. `loader` is read anew in each epoch: one that shuffles gives other batches then.
    The optimizer has one parameter group. The scheduler is of any kind and may have stepped before;
    its `step` needs no argument. `epochs` is at least 0.

    Dtype: a list of `epochs` Python floats.
    In place: changes the parameters, and the states of the optimizer and the scheduler.

    >>> batches = [(torch.zeros(n, 1), torch.ones(n, 1)) for n in (4, 4, 1)]
    >>> model = nn.Linear(1, 1)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    >>> scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
    >>> train_epochs(batches, model, nn.MSELoss(), optimizer, scheduler, epochs=3)
    [0.5, 0.25, 0.125]
    """
    raise NotImplementedError
