"""Gradients: by hand, by autograd and by differences.

Floats are float32 or float64, and all tensors of a call have the same dtype. A tensor does not require grad
where nothing is said about it. Results live on the device of the inputs and do not require grad, unless
`Graph:` says otherwise. Arguments stay as they are, with their `.grad` and their `requires_grad`, except where
it says `In place:`. A function `f` that you are given is built from torch's operations and does not change its
argument; a scalar function returns a tensor without dimensions that depends on the argument.

Run `pytest katas/05_gradients` after each function.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn


def parabola_slope(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Return the slope of the parabola (x - 2)² at each element of `x`.

    Work the derivative out on paper, then write it down.

    Shape: that of `x`. Dtype: that of `x`.
    Rule: no autograd: `backward`, `grad`, `torch.autograd` and `torch.func` are not allowed.

    >>> parabola_slope(torch.tensor([1.0, 2.0, 5.0]))
    tensor([-2.,  0.,  6.])
    """
    raise NotImplementedError


def gradient_by_hand(w: Float[Tensor, "2"]) -> Float[Tensor, "2"]:
    """Return the gradient of 2·w₀·w₁ + w₁·cos(w₀): the derivative by w₀, then the one by w₁.

    Shape: (2,). Dtype: that of `w`.
    Rule: no autograd: `backward`, `grad`, `torch.autograd` and `torch.func` are not allowed.

    >>> gradient_by_hand(torch.tensor([torch.pi, 1.0]))
    tensor([2.0000, 5.2832])
    """
    raise NotImplementedError


def graph_gradients(a: Float[Tensor, ""], b: Float[Tensor, ""]) -> tuple[Tensor, ...]:
    """Return (e, ∂e/∂a, ∂e/∂b, ∂e/∂c, ∂e/∂d) for the graph c = a + b, d = b + 1, e = c · d.

    There are two ways from b to e: their derivatives add up. Do it by hand or by autograd, as you like. With
    autograd, think of what is different about c and d: they are not leaves.

    Shape: five tensors of shape (). Dtype: that of `a` and `b`.

    >>> graph_gradients(torch.tensor(2.0), torch.tensor(1.0))
    (tensor(6.), tensor(2.), tensor(5.), tensor(2.), tensor(3.))
    """
    raise NotImplementedError


def gradient_of(f: Callable[[Tensor], Tensor], x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Return the gradient of the scalar function `f` at `x`.

    `f` may hold any Python code, an `if` as well. `x` may require grad, hold a gradient or be the result of a
    graph; none of that has an influence, and `x` and its graph stay as they are.

    Shape: that of `x`. Dtype: that of `x`.

    >>> gradient_of(lambda x: (x - 2).square(), torch.tensor(1.0))
    tensor(-2.)
    """
    raise NotImplementedError


def descend(
    f: Callable[[Tensor], Tensor], start: Float[Tensor, "..."], lr: float, steps: int
) -> tuple[Float[Tensor, "steps+1 ..."], Float[Tensor, "steps+1"]]:
    """Walk down the scalar function `f` from `start`, and return all points and the values of `f` there.

    The points are x₀ = `start` and xₖ₊₁ = xₖ - lr · (gradient of `f` at xₖ). `steps` is at least 0. `start` may
    require grad and hold a gradient, which has no influence.

    Shape: the points (steps + 1, *start.shape), the values (steps + 1,), as a tuple. Dtype: that of `start`.

    >>> points, values = descend(lambda x: (x - 2).square(), torch.tensor(5.0), lr=0.25, steps=3)
    >>> points
    tensor([5.0000, 3.5000, 2.7500, 2.3750])
    >>> values
    tensor([9.0000, 2.2500, 0.5625, 0.1406])
    """
    raise NotImplementedError


def tracked_leaf(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Return a copy of `x` from which a new graph can start: a leaf that requires grad.

    `x` may require grad, hold a gradient or be the result of a graph. The copy has no `.grad` yet, and a
    `backward` from it ends there: it does not reach `x`.

    Shape: that of `x`. Dtype: that of `x`. Memory: new.
    Graph: the result is a leaf and requires grad.

    >>> leaf = tracked_leaf(torch.tensor([1.0, 2.0]))
    >>> leaf.is_leaf, leaf.requires_grad
    (True, True)
    """
    raise NotImplementedError


def net_gradients(
    x: Float[Tensor, "d"], y: Float[Tensor, "k"], w: Float[Tensor, "d k"], b: Float[Tensor, "k"]
) -> tuple[Float[Tensor, "d k"], Float[Tensor, "k"]]:
    """Return ∂loss/∂w and ∂loss/∂b of a net with one layer, as a tuple.

    The layer gives the logits z = xw + b, and loss = `binary_cross_entropy_with_logits(z, y)`, the mean over
    the k outputs. By hand this is ∂loss/∂zⱼ = (sigmoid(zⱼ) - yⱼ) / k. `w` and `b` may require grad and hold
    gradients, which have no influence. Logits may be large, so that sigmoid(z) is 0 or 1 when rounded.

    Shape: that of `w` and that of `b`. Dtype: that of the inputs.

    >>> grad_w, grad_b = net_gradients(torch.ones(5), torch.zeros(3), torch.zeros(5, 3), torch.zeros(3))
    >>> grad_b
    tensor([0.1667, 0.1667, 0.1667])
    """
    raise NotImplementedError


def accumulate(f: Callable[[Tensor], Tensor], w: Float[Tensor, "..."], times: int) -> None:
    """Add the gradient of the scalar function `f` at the leaf `w` to `w.grad`, `times` times.

    `f` is called only once, so one graph serves for every `backward`. `w` requires grad. `w.grad` may hold an
    older gradient, to which the new ones are added; None counts as zeros. `times` is at least 1.

    In place: `w.grad`, nothing else. Returns None.

    >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> accumulate(lambda w: w.square().sum(), w, times=2)
    >>> w.grad
    tensor([4., 8.])
    """
    raise NotImplementedError


def fresh_gradient(f: Callable[[Tensor], Tensor], w: Float[Tensor, "..."]) -> float:
    """Put the gradient of the scalar function `f` at the leaf `w` into `w.grad` and return f(w).

    `w` requires grad. Whatever `w.grad` held before, nan and inf too, is gone afterwards; it may be None.

    Dtype: f(w) as a Python float. In place: `w.grad`, nothing else.

    >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> fresh_gradient(lambda w: w.square().sum(), w), fresh_gradient(lambda w: w.square().sum(), w)
    (5.0, 5.0)
    >>> w.grad
    tensor([2., 4.])
    """
    raise NotImplementedError


def evaluate(f: Callable[[Tensor], Tensor], x: Float[Tensor, "..."]) -> Tensor:
    """Return f(x), computed while autograd does not record.

    `x` may require grad. `f` returns a new tensor, not a view of `x`. The result can be part of another graph
    later. Afterwards recording is on or off as it was before the call, also when `f` raises an exception.

    Graph: recording is off while `f` runs, so that no graph costs time and memory; `detach` comes too late.

    >>> evaluate(lambda x: 2 * x, torch.tensor([1.0, 2.0], requires_grad=True))
    tensor([2., 4.])
    """
    raise NotImplementedError


def cut_off(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Return the values of `x` outside of any graph, on the same memory.

    `x` may require grad or be the result of a graph, and stays so.

    Shape: that of `x`. Dtype: that of `x`. Memory: shared with `x`; a write to either shows in both.
    Graph: autograd notices a write through the result: where `backward` needs the old values, it raises
    RuntimeError. (Through `x.data` it does not notice, and the gradient is silently wrong.)

    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> cut_off(x)
    tensor([1., 2.])
    """
    raise NotImplementedError


def doubled_past(x: Float[Tensor, "..."], limit: float) -> Float[Tensor, "..."]:
    """Double `x`, and go on doubling until the sum of the absolute values exceeds `limit`.

    There is at least one doubling, also where the sum exceeds `limit` from the start. At least one element of
    `x` is not 0.

    Shape: that of `x`. Dtype: that of `x`.
    Graph: if `x` requires grad, so does the result: the gradient of 2ᵏ · x flows back, where k counts the
    doublings. (Each call builds the graph anew, so Python decides how deep it is.)

    >>> doubled_past(torch.tensor([1.0, -2.0]), limit=10)
    tensor([ 4., -8.])
    """
    raise NotImplementedError


def vector_jacobian(f: Callable[[Tensor], Tensor], x: Float[Tensor, "n"], v: Float[Tensor, "m"]) -> Float[Tensor, "n"]:
    """Return vᵀJ, the vector `v` times the Jacobian of `f` at `x`.

    J[i, j] = ∂f(x)ᵢ/∂xⱼ, so the result at j is the sum over i of vᵢ · ∂f(x)ᵢ/∂xⱼ. `f` takes a vector and returns
    one. `x` may require grad and hold a gradient, which has no influence.

    Shape: (n,). Dtype: that of `x`.
    Raises: RuntimeError if the shape of `v` is not that of f(x); nothing is broadcast.

    >>> vector_jacobian(lambda x: x.square(), torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 10.0, 100.0]))
    tensor([  2.,  40., 600.])
    """
    raise NotImplementedError


def rss_gradient(X: Float[Tensor, "n d"], y: Float[Tensor, "n"], w: Float[Tensor, "d"]) -> Float[Tensor, "d"]:
    """Return the gradient by `w` of the mean residual sum of squares, the mean of (y - Xw)².

    Derive it on paper; autograd finds the same.

    Shape: (d,), with n and d at least 1. Dtype: that of the inputs.
    Rule: no autograd: `backward`, `grad`, `torch.autograd` and `torch.func` are not allowed.

    >>> rss_gradient(torch.tensor([[1.0], [2.0]]), torch.tensor([1.0, 3.0]), torch.tensor([0.0]))
    tensor([-7.])
    """
    raise NotImplementedError


def numerical_gradient(f: Callable[[Tensor], Tensor], x: Float[Tensor, "..."], step: float) -> Float[Tensor, "..."]:
    """Return the gradient of the scalar function `f` at `x` by central differences.

    For each element: (f(x with `step` added to it) - f(x with `step` taken from it)) / (2 · step). The other
    elements stay as they are. `step` is positive.

    Shape: that of `x`, which may be non-contiguous, empty or without dimensions. Dtype: float64, as that of `x`.
    Rule: no autograd: `backward`, `grad`, `torch.autograd` and `torch.func` are not allowed.

    >>> numerical_gradient(lambda x: (x**3).sum(), torch.tensor([0.0, 1.0], dtype=torch.float64), step=0.5)
    tensor([0.2500, 3.2500], dtype=torch.float64)
    """
    raise NotImplementedError


def freeze(model: nn.Module, name: str) -> list[str]:
    """Freeze the part of `model` called `name`, and return the names of the parameters that still train.

    `name` is that of a submodule, such as "body" or "body.0"; all its parameters, those of its own submodules
    too, are frozen, and so is one that it shares with another part. A frozen parameter does not require grad, and
    its `.grad` is None: an optimizer would move a parameter that still holds a gradient. The list has the
    parameters of `model` that require grad afterwards, in the order of `named_parameters()`.

    In place: the parameters of that part. The values stay, and so does all else: the other parameters, whether
    they require grad or not, and the mode.

    >>> freeze(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)), "0")
    ['2.weight', '2.bias']
    """
    raise NotImplementedError


def move(w: Float[Tensor, "..."], change: Float[Tensor, "..."]) -> None:
    """Subtract `change` from the leaf `w`, in the memory of `w`.

    `w` requires grad and may hold a gradient. `change` has the shape of `w`.

    In place: the values of `w`; its gradient stays as it is. Returns None.
    Graph: the change is not recorded: `w` stays a leaf that requires grad. But autograd notices it: `backward`
    through an older graph that needs the old values raises RuntimeError. (After a change through `w.data` it
    silently uses the new values.)

    >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> move(w, torch.tensor([0.5, 0.5]))
    >>> w
    tensor([0.5000, 1.5000], requires_grad=True)
    """
    raise NotImplementedError


def exp_with_ones(x: Float[Tensor, "..."], mask: Bool[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Return exp(x), but 1 where `mask` is True.

    `mask` has the shape of `x`. At masked places exp(x) may be too large for the dtype.

    Shape: that of `x`. Dtype: that of `x`.
    Graph: if `x` requires grad, so does the result. The gradient that flows back to `x` is multiplied by exp(x),
    and is 0 where `mask` is True, also where exp(x) is too large. (`exp` keeps its result for `backward`, so the
    result must not be changed in place.)

    >>> exp_with_ones(torch.tensor([0.0, 1.0, 1000.0]), torch.tensor([False, False, True]))
    tensor([1.0000, 2.7183, 1.0000])
    """
    raise NotImplementedError


def softplus(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Return log(1 + exp(x)) for each element, with a derivative that you write yourself.

    The derivative is sigmoid(x). Values and derivatives are right to the last digits for all x: exp(1000) is
    inf, yet softplus(1000) is 1000, with slope 1; and softplus(-30) is not 0.

    Write a class, such as `_Softplus(torch.autograd.Function)`, whose `forward` computes the values and whose
    `backward` turns the gradient of the result into the gradient of `x`; here call its `apply`.

    Shape: that of `x`. Dtype: that of `x`.
    Graph: if `x` requires grad, so does the result, and the second derivative comes out right too. `x` is kept by
    `save_for_backward`, so autograd notices when somebody changes it in place before `backward`: RuntimeError.
    Rule: a subclass of `torch.autograd.Function` is used, through its `apply`.

    >>> x = torch.tensor([-1000.0, 0.0, 1000.0], requires_grad=True)
    >>> y = softplus(x)
    >>> y.detach()
    tensor([0.0000e+00, 6.9315e-01, 1.0000e+03])
    >>> torch.autograd.grad(y.sum(), x)
    (tensor([0.0000, 0.5000, 1.0000]),)
    """
    raise NotImplementedError
