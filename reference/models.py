"""Models: layers as functions, then as modules with parameters, buffers and modes.

Results live on the device of the inputs. No function changes its arguments, except where it says `In place:`.
Floats are float32 or float64, and all floats of one call have the same dtype. A new module holds float32.
Every result of floats is part of the graph, except where a contract says otherwise: gradients flow to the inputs and
to the parameters. Numbers are finite, except in `relu`. A few rounding errors are fine; they are measured by the
largest number that goes in.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from jaxtyping import Float, Int, Num, Shaped
from torch import Tensor, nn


def flatten(x: Shaped[Tensor, "n ..."]) -> Shaped[Tensor, "n k"]:
    """Return `x` with all dimensions but the first made into one, so that each sample of a batch is a row.

    The elements of a sample keep their order. `x` has at least two dimensions.

    Shape: (n, k), with k the product of the other sizes; n or k may be 0. Dtype: that of `x`.
    Memory: that of `x` where `x` is contiguous; else shared or new, as you like.
    Rule: `flatten` and `Flatten` are not allowed.

    >>> flatten(torch.zeros(3, 28, 28)).shape
    torch.Size([3, 784])
    """
    return x.reshape(x.shape[0], math.prod(x.shape[1:]))


def linear(
    x: Float[Tensor, "... in"], weight: Float[Tensor, "out in"], bias: Float[Tensor, "out"]
) -> Float[Tensor, "... out"]:
    """Return y = x Wᵀ + b, the work of a fully connected layer.

    Every row of the weight belongs to one output: y[..., j] = Σᵢ x[..., i] · weight[j, i] + bias[j].
    `x` may have any number of leading dimensions, none included.

    Shape: that of `x` with `out` in the place of `in`. Dtype: that of `x`.
    Rule: torch's own `linear` and `Linear` are not allowed.

    >>> linear(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), torch.zeros(3))
    tensor([[1., 2., 3.]])
    >>> linear(torch.zeros(3, 784), torch.zeros(20, 784), torch.zeros(20)).shape
    torch.Size([3, 20])
    """
    return x @ weight.T + bias  # (..., in) @ (in, out) + (out,)


def relu(x: Num[Tensor, "..."]) -> Num[Tensor, "..."]:
    """Return max(0, x) for every element.

    `x` holds integers or floats. An infinity counts like any other number; nan stays nan.

    Shape: that of `x`. Dtype: that of `x`. Memory: new.
    Graph: the gradient is 1 where x > 0 and 0 where x < 0; what it is at 0 is left open.
    Rule: `relu`, `relu_` and `ReLU` are not allowed.

    >>> relu(torch.tensor([-1.0, 1.0, 0.0]))
    tensor([0., 1., 0.])
    """
    return x.clamp(min=0)


def softmax(x: Float[Tensor, "..."], dim: int) -> Float[Tensor, "..."]:
    """Return exp(x) / Σ exp(x), with the sum along the dimension `dim`: positive shares that add up to 1.

    Numbers of ±10,000 are not too large, though exp of them is infinite or 0. There is at least one element along
    `dim`, which may be negative to count from the last dimension.

    Shape: that of `x`. Dtype: that of `x`.
    Graph: if the gradient that arrives at the result s is g, the one for `x` is s · (g - Σ s · g).
    Rule: `softmax`, `log_softmax`, `Softmax` and `LogSoftmax` are not allowed.

    >>> softmax(torch.tensor([[0.0, 0.0], [10000.0, -10000.0]]), dim=1)
    tensor([[0.5000, 0.5000],
            [1.0000, 0.0000]])
    """
    exponentials = (x - x.amax(dim, keepdim=True)).exp()  # the largest exponent is 0
    return exponentials / exponentials.sum(dim, keepdim=True)


def sequential(x: Float[Tensor, "..."], layers: Sequence[Callable[[Tensor], Tensor]]) -> Float[Tensor, "..."]:
    """Return what comes out when `x` goes through all layers, one after the other.

    The first layer gets `x`, each other one the result of the layer before it. A layer is a module or a function.
    Every layer is called once, as `layer(x)` and not by its `forward`, so that its hooks run.

    Memory: without any layer, the result is `x` itself.
    Rule: `Sequential` is not allowed.

    >>> sequential(torch.tensor([-3.0, 2.0]), [torch.square, nn.ReLU(), torch.neg])
    tensor([-9., -4.])
    """
    for layer in layers:
        x = layer(x)
    return x


class LinearLayer(nn.Module):
    """A fully connected layer, y = x Wᵀ + b, which owns its weight and its bias.

    Parameters: `weight` of shape (out_features, in_features) and `bias` of shape (out_features,), both trainable.
    These are the names and shapes of `nn.Linear`, so each can load the `state_dict` of the other.
    Start: every number is drawn independently and uniformly from -1/√in_features to 1/√in_features, with torch's
    global random state. After the same `torch.manual_seed` they are the same.
    Rule: `nn.Linear` is not allowed.

    >>> layer = LinearLayer(3, 2)
    >>> [(name, tuple(p.shape)) for name, p in layer.named_parameters()]
    [('weight', (2, 3)), ('bias', (2,))]
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-bound, bound))

    def forward(self, x: Float[Tensor, "... in"]) -> Float[Tensor, "... out"]:
        """Return x Wᵀ + b; `x` may have any number of leading dimensions."""
        return x @ self.weight.T + self.bias


class NeuralNetwork(nn.Module):
    """A classifier for images of 28 × 28 pixels: fully connected layers 784 → 512 → 512 → 10.

    An image is flattened, then come three linear layers, with a ReLU after the first and after the second.
    Nothing comes after the last one: its outputs are logits, any numbers, negative ones too.

    Parameters: weight (out, in) and bias (out,) of each linear layer, 669,706 numbers, all trainable.
    `parameters()` gives them in this order: weight and bias of the first layer, then of the second, then of the last.
    Their names, and the numbers they start with, are left open. You may use all of `torch.nn`.

    >>> model = NeuralNetwork()
    >>> model(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    >>> sum(p.numel() for p in model.parameters())
    669706
    """

    def __init__(self) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.layers = nn.Sequential(
            nn.Linear(28 * 28, 512), nn.ReLU(),
            nn.Linear(512, 512), nn.ReLU(),
            nn.Linear(512, 10),
        )  # fmt: skip

    def forward(self, images: Float[Tensor, "n ..."]) -> Float[Tensor, "n 10"]:
        """Return the logits, (n, 10), of images (n, 1, 28, 28) or (n, 28, 28)."""
        return self.layers(self.flatten(images))


def predict(model: nn.Module, images: Float[Tensor, "n ..."]) -> tuple[Float[Tensor, "n c"], Int[Tensor, "n"]]:
    """Return the probabilities of all classes, and the likeliest class of each image, as a tuple.

    `model(images)` gives logits of shape (n, c). The probabilities are their softmax over dim 1, also where logits
    are ±10,000. The class is the index of the largest logit; no row has two of them, but rounding can make their
    probabilities equal.
    The model is called once, as `model(images)` and not by its `forward`, so that its hooks run.

    Dtype: that of the logits for the probabilities, int64 for the classes.
    Mode: the model is called in eval mode. Afterwards it is in train or eval mode, as it was before. (All its
    modules come in the same mode.)
    Graph: none is recorded, and the results do not require grad.

    >>> predict(nn.Identity(), torch.tensor([[0.0, 0.0, 10.0], [5.0, -5.0, -5.0]]))[1]
    tensor([2, 0])
    """
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = model(images)
    model.train(was_training)
    return logits.softmax(dim=1), logits.argmax(dim=1)


def count_parameters(model: nn.Module, trainable_only: bool = True) -> int:
    """Return how many numbers the parameters of a model hold.

    With `trainable_only`, frozen parameters (those that do not require grad) don't count. A parameter that is used
    in several places counts once. Buffers are not parameters. A parameter without dimensions is one number.

    Dtype: a Python int.

    >>> count_parameters(nn.Sequential(nn.Linear(784, 512), nn.BatchNorm1d(512)))
    402944
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad or not trainable_only)


def parameter_report(model: nn.Module) -> list[tuple[str, tuple[int, ...], int]]:
    """Return the name, the shape and the number of elements of each parameter, as a list of tuples.

    They stand in the order of `named_parameters`, frozen ones included, and a parameter that is used in several
    places stands there once, with its first name. Buffers are not parameters. A shape is a tuple of ints (`torch.Size`
    is such a tuple), and the number is a Python int.

    >>> parameter_report(nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1)))
    [('0.weight', (2, 3), 6), ('0.bias', (2,), 2), ('2.weight', (1, 2), 2), ('2.bias', (1,), 1)]
    """
    return [(name, tuple(p.shape), p.numel()) for name, p in model.named_parameters()]


class MLP(nn.Module):
    """A multilayer perceptron of any depth: linear layers, with a ReLU between each two.

    `sizes` holds the width of the input, of each hidden layer and of the output, at least two numbers:
    [784, 512, 512, 10] gives three linear layers. There is no ReLU after the last one.

    Parameters: those of all linear layers, which are called `layers.0.weight`, `layers.0.bias`, `layers.1.weight`,
    and so on, and lie as in `nn.Linear`. There is nothing else in the `state_dict`.
    The numbers they start with are left open. You may use all of `torch.nn`.

    >>> list(MLP([3, 5, 2]).state_dict())
    ['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias']
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(n, m) for n, m in pairwise(sizes))

    def forward(self, x: Float[Tensor, "n in"]) -> Float[Tensor, "n out"]:
        """Return the outputs of the last layer."""
        *hidden, last = self.layers
        for layer in hidden:
            x = layer(x).relu()
        return last(x)


class CenteredLayer(nn.Module):
    """A layer that subtracts the mean: the mean of all elements it gets, over all dimensions.

    It has no parameters and no buffers, and does the same in train and eval mode. It can stand in `nn.Sequential`.

    >>> CenteredLayer()(torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]))
    tensor([-2., -1.,  0.,  1.,  2.])
    """

    def forward(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """Return `x` minus the mean of all its elements, in new memory; there is at least one element.

        The mean is part of the graph: if the gradient that arrives at the result is g, the one for `x` is g - mean(g).
        """
        return x - x.mean()


class BatchCenter(nn.Module):
    """A layer that subtracts a mean from each feature: in train mode that of the batch, in eval mode a running mean.

    Buffer: `running_mean` of shape (num_features,), zeros at the start. It is saved in the `state_dict`, and it is no
    parameter. It never requires grad.
    Mode: each call in train mode changes it, so that it follows the means of the batches:
    running_mean ← (1 - momentum) · running_mean + momentum · mean of the batch.
    A call in eval mode leaves it as it is.

    >>> layer = BatchCenter(2, momentum=0.5)
    >>> layer(torch.tensor([[1.0, 10.0], [3.0, 30.0]]))
    tensor([[ -1., -10.],
            [  1.,  10.]])
    >>> layer.eval()(torch.tensor([[1.0, 10.0]]))
    tensor([[0., 0.]])
    """

    running_mean: Tensor

    def __init__(self, num_features: int, momentum: float = 0.1) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer("running_mean", torch.zeros(num_features))

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """Return `x` minus a mean for each column, and in train mode update the running mean.

        There is at least one row. In train mode the mean is part of the graph: if the gradient that arrives at the
        result is g, the one for `x` is g minus the mean of g over dim 0. In eval mode it is g.
        """
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0)  # (d,)
        self.running_mean.lerp_(mean.detach(), self.momentum)
        return x - mean


class DropoutLayer(nn.Module):
    """A layer that drops elements at random in train mode, and does nothing in eval mode.

    Train mode: each element becomes 0 with probability `p`, independently of all others, and what is left is divided
    by 1 - p, so that the expected value stays the same. Every call draws anew, from torch's global random state;
    after the same `torch.manual_seed` the draws are the same.
    Eval mode: the result is the input itself, the same object.

    Raises: ValueError if `p` is negative, or 1 or more.
    Rule: torch's own `dropout` and `Dropout` are not allowed.

    >>> layer = DropoutLayer(0.75)
    >>> sorted(set(layer(torch.ones(1000)).tolist()))
    [0.0, 4.0]
    >>> layer.eval()(torch.ones(3))
    tensor([1., 1., 1.])
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if p < 0 or p >= 1:
            raise ValueError(f"p must be at least 0 and less than 1, got {p}")
        self.p = p

    def forward(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """Return `x` with some elements dropped and the others scaled; in eval mode `x` itself."""
        if not self.training:
            return x
        kept = torch.rand_like(x) >= self.p
        return x * kept / (1 - self.p)


def forward_on_device(model: nn.Module, x: Float[Tensor, "n ..."], device: str) -> Float[Tensor, "n ..."]:
    """Move the model and `x` to a device, and return `model(x)`, which lives there.

    Both must be on one device: a model and data on two are an error. The device is a name such as "cpu" or "cuda".
    "meta" is a device too, on every machine: its tensors have a shape and a dtype, and no numbers.
    The model is called once, as `model(x)` and not by its `forward`, so that its hooks run.

    In place: the model itself moves. `x` stays where it is: `to` of a tensor returns another tensor.
    Mode: the model is used in the mode it comes in (train or eval) and stays in it.
    Graph: the result is part of it, as ever.

    >>> forward_on_device(nn.Identity(), torch.ones(4, 3), "meta")
    tensor(..., device='meta', size=(4, 3))
    """
    return model.to(device)(x.to(device))
