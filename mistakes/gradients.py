"""Named wrong answers to the gradients kata; each docstring is what the learner is told."""

import math

import torch
import torch.nn.functional as F

_NOT_A_LEAF = "`torch.autograd.grad` asks for the gradient at the clone, which need not be a leaf"
_ONLY_ONE = "the tuple has one element"
EQUIVALENT = {
    "graph_gradients": {
        "a, b = (a.clone().requires_grad_(), b.detach().requires_grad_())": _NOT_A_LEAF,
        "a, b = (a.detach().requires_grad_(), b.clone().requires_grad_())": _NOT_A_LEAF,
    },
    "gradient_of": {
        "leaf = x.clone().requires_grad_()": _NOT_A_LEAF,
        "return torch.autograd.grad(f(leaf), leaf)[-1]": _ONLY_ONE,
    },
    "net_gradients": {
        "w, b = (w.clone().requires_grad_(), b.detach().requires_grad_())": _NOT_A_LEAF,
        "w, b = (w.detach().requires_grad_(), b.clone().requires_grad_())": _NOT_A_LEAF,
    },
    "vector_jacobian": {
        "leaf = x.clone().requires_grad_()": _NOT_A_LEAF,
        "return torch.autograd.grad(f(leaf), leaf, grad_outputs=v)[-1]": _ONLY_ONE,
    },
}


def parabola_slope__value(x):
    """This is the value of (x - 2)², not its slope; the derivative of u² is 2u."""
    return (x - 2) ** 2


def parabola_slope__without_the_two(x):
    """The factor 2 of the derivative is missing: the derivative of u² is 2u."""
    return x - 2


def parabola_slope__wrong_sign(x):
    """The sign is turned round: left of 2 the parabola falls, so its slope is negative there."""
    return 2 * (2 - x)


def parabola_slope__forgets_the_inside(x):
    """This is the slope of x²; the derivative is 2 times what is squared, and that is x - 2."""
    return 2 * x


def parabola_slope__at_one_only(x):
    """This is the slope at 1, wherever `x` is; here every element has its own slope."""
    return torch.full_like(x, -2)


def parabola_slope__without_sign(x):
    """The slope is never negative here; left of 2 the parabola falls."""
    return 2 * (x - 2).abs()


def parabola_slope__changes_x(x):
    """`sub_` and `mul_` overwrite `x`; here `x` stays as it is."""
    return x.sub_(2).mul_(2)


def parabola_slope__asks_autograd(x):
    """Autograd finds the slope; here you work it out yourself and write it down."""
    leaf = x.detach().requires_grad_()
    return torch.autograd.grad((leaf - 2).square().sum(), leaf)[0]


def gradient_by_hand__exchanged(w):
    """The two derivatives are exchanged: first comes the one by w₀."""
    return torch.stack([2 * w[0] + w[0].cos(), 2 * w[1] - w[1] * w[0].sin()])


def gradient_by_hand__sign_of_the_sine(w):
    """The derivative of cos is -sin; the minus is missing."""
    return torch.stack([2 * w[1] + w[1] * w[0].sin(), 2 * w[0] + w[0].cos()])


def gradient_by_hand__forgets_a_factor(w):
    """In the derivative by w₀ the factor w₁ of the cosine is still there; only the cosine becomes -sin."""
    return torch.stack([2 * w[1] - w[0].sin(), 2 * w[0] + w[0].cos()])


def gradient_by_hand__first_term_only(w):
    """This is the gradient of 2·w₀·w₁ alone; the term w₁·cos(w₀) depends on both too."""
    return torch.stack([2 * w[1], 2 * w[0]])


def gradient_by_hand__cosine_lost(w):
    """The derivative of w₁·cos(w₀) by w₁ is cos(w₀), not 0: w₁ is the variable and cos(w₀) its factor."""
    return torch.stack([2 * w[1] - w[1] * w[0].sin(), 2 * w[0]])


def gradient_by_hand__at_pi_only(w):
    """These are the numbers at (π, 1), wherever `w` is; here they depend on `w`."""
    return torch.tensor([2.0, 2 * torch.pi - 1], dtype=w.dtype, device=w.device)


def gradient_by_hand__in_float32(w):
    """`torch.tensor` on Python numbers gives float32, on the CPU; here dtype and device are those of `w`."""
    a, b = w.tolist()
    return torch.tensor([2 * b, 2 * a]) + torch.tensor([-b, 1.0]) * torch.tensor([a, a + torch.pi / 2]).sin()


def gradient_by_hand__column(w):
    """The result has a second dimension; here its shape is (2,)."""
    return torch.stack([2 * w[1:] - w[1:] * w[:1].sin(), 2 * w[:1] + w[:1].cos()])


def gradient_by_hand__asks_autograd(w):
    """Autograd finds the gradient; here you work it out yourself and write it down."""
    leaf = w.detach().requires_grad_()
    return torch.autograd.grad(2 * leaf[0] * leaf[1] + leaf[1] * leaf[0].cos(), leaf)[0]


def graph_gradients__one_way(a, b):
    """Only the way from b through c is counted; b reaches e through d as well, and both ways add up."""
    c, d = a + b, b + 1
    return c * d, d, d, d, c


def graph_gradients__other_way(a, b):
    """Only the way from b through d is counted; b reaches e through c as well, and both ways add up."""
    c, d = a + b, b + 1
    return c * d, d, c, d, c


def graph_gradients__own_factor(a, b):
    """∂e/∂c and ∂e/∂d are exchanged: the derivative of a product by one factor is the other factor."""
    c, d = a + b, b + 1
    return c * d, d, c + d, c, d


def graph_gradients__ways_multiplied(a, b):
    """The two ways from b to e are multiplied; along a way derivatives multiply, but different ways add up."""
    c, d = a + b, b + 1
    return c * d, d, c * d, d, c


def graph_gradients__gradients_not_kept(a, b):
    """`c.grad` and `d.grad` are None after `backward`: only leaves keep theirs, unless `retain_grad` is called."""
    a, b = a.detach().requires_grad_(), b.detach().requires_grad_()
    c, d = a + b, b + 1
    e = c * d
    e.backward()
    return e.detach(), a.grad, b.grad, c.grad, d.grad


def graph_gradients__value_missing(a, b):
    """The value e is missing; it comes first, before the four derivatives."""
    c, d = a + b, b + 1
    return d, c + d, d, c


def graph_gradients__e_in_the_graph(a, b):
    """e still requires grad; here the results are outside of any graph."""
    a, b = a.detach().requires_grad_(), b.detach().requires_grad_()
    c, d = a + b, b + 1
    e = c * d
    return e, *torch.autograd.grad(e, [a, b, c, d])


def gradient_of__tuple(f, x):
    """`torch.autograd.grad` returns a tuple, one gradient for each input; take the first."""
    leaf = x.detach().requires_grad_()
    return torch.autograd.grad(f(leaf), leaf)


def gradient_of__switches_x_on(f, x):
    """`x` itself now requires grad and holds a gradient; here `x` stays as it is, so start from `x.detach()`."""
    x.requires_grad_()
    f(x).backward()
    return x.grad


def gradient_of__value(f, x):
    """This is the value of f at `x`; here its gradient is asked for."""
    return f(x.detach())


def gradient_of__clone(f, x):
    """The clone of a tracked `x` belongs to its graph, so it is no leaf and has no `.grad`; detach it."""
    leaf = x.clone().requires_grad_()
    f(leaf).backward()
    return leaf.grad


def gradient_of__keeps_its_graph(f, x):
    """With `create_graph` the gradient is itself part of a graph; here the result does not require grad."""
    leaf = x.detach().requires_grad_()
    return torch.autograd.grad(f(leaf), leaf, create_graph=True)[0] * torch.ones_like(leaf)


def gradient_of__differences(f, x):
    """Forward differences in steps of 0.001 are only near the gradient; autograd gives it to the last digits."""
    x, step = x.detach(), 1e-3
    shifts = step * torch.eye(x.numel(), dtype=x.dtype, device=x.device).reshape(-1, *x.shape)
    return torch.stack([(f(x + h) - f(x)) / step for h in shifts]).reshape(x.shape) if len(shifts) else x


def gradient_of__float32(f, x):
    """The gradient is computed in float32; here it has the dtype of `x`."""
    leaf = x.detach().float().requires_grad_()
    return torch.autograd.grad(f(leaf), leaf)[0]


def gradient_of__squared_again(f, x):
    """This is the gradient of f², as the value is squared before `grad`; hand f(x) itself over."""
    leaf = x.detach().requires_grad_()
    return torch.autograd.grad(f(leaf).square(), leaf)[0]


def descend__adds_gradients_up(f, start, lr, steps):
    """Gradients of earlier steps stay in `.grad`, so every step is too long; reset it before each `backward`."""
    x = start.detach().clone().requires_grad_()
    points, values = [], []
    for i in range(steps + 1):
        value = f(x)
        points.append(x.detach().clone())
        values.append(value.detach())
        value.backward()
        with torch.no_grad():
            x -= lr * x.grad
    return torch.stack(points), torch.stack(values)


def descend__uphill(f, start, lr, steps):
    """The steps go along the gradient, so f grows; subtract lr · gradient."""
    points = [start.detach()]
    for _ in range(steps):
        leaf = points[-1].clone().requires_grad_()
        points.append(points[-1] + lr * torch.autograd.grad(f(leaf), leaf)[0])
    return torch.stack(points), torch.stack([f(x) for x in points])


def descend__starts_with_old_gradient(f, start, lr, steps):
    """The gradient that `start` holds already is added to the first one; it has no place here."""
    points, old = [start.detach()], 0 if start.grad is None or not start.is_leaf else start.grad
    for _ in range(steps):
        leaf = points[-1].clone().requires_grad_()
        points.append(points[-1] - lr * (old + torch.autograd.grad(f(leaf), leaf)[0]))
        old = 0
    return torch.stack(points), torch.stack([f(x) for x in points])


def descend__keeps_views(f, start, lr, steps):
    """All points are the last one: `detach` shares memory with a tensor that moves on; store clones."""
    x = start.detach().clone().requires_grad_()
    points, values = [x.detach()], [f(x).detach()]
    for _ in range(steps):
        slope = torch.autograd.grad(f(x), x)[0]
        with torch.no_grad():
            x -= lr * slope
        points.append(x.detach())
        values.append(f(x).detach())
    return torch.stack(points), torch.stack(values)


def descend__moves_start(f, start, lr, steps):
    """`start` itself moves; here it stays as it is, so work on a copy."""
    x, points = start.detach(), [start.detach().clone()]
    for _ in range(steps):
        leaf = x.clone().requires_grad_()
        x -= lr * torch.autograd.grad(f(leaf), leaf)[0]
        points.append(x.clone())
    return torch.stack(points), torch.stack([f(x) for x in points])


def descend__start_left_out(f, start, lr, steps):
    """The point from before the first step is missing; x₀ = start comes first."""
    x, points = start.detach(), []
    for _ in range(steps + 1):
        leaf = x.clone().requires_grad_()
        x = x - lr * torch.autograd.grad(f(leaf), leaf)[0]
        points.append(x)
    return torch.stack(points), torch.stack([f(x) for x in points])


def descend__end_left_out(f, start, lr, steps):
    """The point after the last step is missing: `steps` steps give steps + 1 points."""
    points = [start.detach()]
    for _ in range(steps - 1):
        leaf = points[-1].clone().requires_grad_()
        points.append(points[-1] - lr * torch.autograd.grad(f(leaf), leaf)[0])
    return torch.stack(points), torch.stack([f(x) for x in points])


def descend__one_gradient(f, start, lr, steps):
    """Every step uses the gradient at `start`; take it anew at each point."""
    leaf = start.detach().clone().requires_grad_()
    slope = torch.autograd.grad(f(leaf), leaf)[0]
    points = [start.detach() - k * lr * slope for k in range(steps + 1)]
    return torch.stack(points), torch.stack([f(x) for x in points])


def descend__rests_near_the_bottom(f, start, lr, steps):
    """Where the slope is below 1e-4 the point stays as it is; each step goes on, however short it is."""
    points = [start.detach()]
    for _ in range(steps):
        leaf = points[-1].clone().requires_grad_()
        slope = torch.autograd.grad(f(leaf), leaf)[0]
        points.append(points[-1] - lr * slope if slope.norm() >= 1e-4 else points[-1])
    return torch.stack(points), torch.stack([f(x) for x in points])


def descend__list_of_numbers(f, start, lr, steps):
    """The values are a list of Python numbers; here they are one tensor of shape (steps + 1,)."""
    points = [start.detach()]
    for _ in range(steps):
        leaf = points[-1].clone().requires_grad_()
        points.append(points[-1] - lr * torch.autograd.grad(f(leaf), leaf)[0])
    return torch.stack(points), [f(x).item() for x in points]


def tracked_leaf__x_itself(x):
    """This switches tracking on for `x` itself; here `x` stays as it is, and the result is a copy."""
    return x.requires_grad_()


def tracked_leaf__shares_memory(x):
    """`detach` gives a new tensor on the memory of `x`; here the result has memory of its own."""
    return x.detach().requires_grad_()


def tracked_leaf__inside_the_graph(x):
    """The clone of a tracked tensor is part of its graph, so it is no leaf; detach first."""
    return x.clone().requires_grad_()


def tracked_leaf__not_tracked(x):
    """The copy does not require grad, so no graph starts from it; call `requires_grad_()`."""
    return x.detach().clone()


def tracked_leaf__no_call(x):
    """`requires_grad` without underscore is a flag, not a method that returns the tensor."""
    return x.detach().clone().requires_grad


def tracked_leaf__float32(x):
    """The copy is always float32; here it has the dtype of `x`."""
    return torch.tensor(x.tolist(), device=x.device).reshape(x.shape).float().requires_grad_()


def tracked_leaf__zeros(x):
    """The result has the shape of `x`, but not its values."""
    return torch.zeros_like(x, requires_grad=True)


def tracked_leaf__with_the_old_gradient(x):
    """The copy takes the gradient of `x` along; a new leaf has none."""
    leaf = x.detach().clone().requires_grad_()
    leaf.grad = x.grad.clone() if x.is_leaf and x.grad is not None else None
    return leaf


def _net(x, y, w, b, loss_fn=F.binary_cross_entropy_with_logits):
    w, b = w.detach().requires_grad_(), b.detach().requires_grad_()
    return torch.autograd.grad(loss_fn(x @ w + b, y), [w, b])


def net_gradients__sum(x, y, w, b):
    """The loss is summed over the outputs; here it is their mean, so all is divided by k."""
    grad_w, grad_b = _net(x, y, w, b)
    return grad_w * len(y), grad_b * len(y)


def net_gradients__sigmoid_twice(x, y, w, b):
    """A sigmoid is taken before the loss, which takes one itself: it expects logits."""
    return _net(x, y, w, b, lambda z, y: F.binary_cross_entropy_with_logits(z.sigmoid(), y))


def net_gradients__unstable(x, y, w, b):
    """log(1 + exp(z)) overflows for large logits, and the gradient is nan; use the loss that takes logits."""
    return _net(x, y, w, b, lambda z, y: (torch.log(1 + z.exp()) - y * z).mean())


def net_gradients__clamped(x, y, w, b):
    """The logits are cut off at ±15, where the sigmoid is not yet 0 or 1 in float64; leave them as they are."""
    return _net(x, y, w, b, lambda z, y: (z.detach().clamp(-15, 15).sigmoid().sub(y) * z).mean())


def net_gradients__squared_error(x, y, w, b):
    """This is the gradient of a squared error; here the loss is binary cross entropy."""
    return _net(x, y, w, b, lambda z, y: F.mse_loss(z.sigmoid(), y))


def net_gradients__transposed(x, y, w, b):
    """∂loss/∂w is transposed: it has the shape of `w`, (d, k)."""
    grad_w, grad_b = _net(x, y, w, b)
    return grad_w.T, grad_b


def net_gradients__ignores_the_target(x, y, w, b):
    """`y` plays no part, which is right only where it is 0: the error of an output is sigmoid(z) - y."""
    return _net(x, torch.zeros_like(y), w, b)


def net_gradients__ignores_the_bias(x, y, w, b):
    """`b` is not added to the logits; z = xw + b."""
    return _net(x, y, w, torch.zeros_like(b))


def net_gradients__ignores_the_input(x, y, w, b):
    """Every row of ∂loss/∂w is the same, which is right only where x is 1: row i is times xᵢ."""
    grad_b = _net(x, y, w, b)[1]
    return grad_b.expand(w.shape).clone(), grad_b


def net_gradients__exchanged(x, y, w, b):
    """The two gradients are exchanged: ∂loss/∂w comes first."""
    return _net(x, y, w, b)[::-1]


def net_gradients__adds_to_old_gradients(x, y, w, b):
    """`backward` adds to gradients that `w` and `b` hold already; they have no influence here."""
    w.requires_grad_(), b.requires_grad_()
    F.binary_cross_entropy_with_logits(x @ w + b, y).backward()
    return w.grad, b.grad


def accumulate__graph_not_kept(f, w, times):
    """`backward` frees the graph, so a second one is an error; ask for `retain_graph=True`."""
    loss = f(w)
    for _ in range(times):
        loss.backward()


def accumulate__calls_f_again(f, w, times):
    """`f` is called for each `backward`; here one call and one graph are enough."""
    for _ in range(times):
        f(w).backward()


def accumulate__forgets_the_old_gradient(f, w, times):
    """The gradient that `w` held is gone; here the new ones are added to it."""
    w.grad = None
    loss = f(w)
    for _ in range(times):
        loss.backward(retain_graph=True)


def accumulate__only_once(f, w, times):
    """The gradient is added once, whatever `times` is."""
    f(w).backward()


def accumulate__resets_between(f, w, times):
    """The gradient is reset before each `backward`, so only the last one is left; here they add up."""
    loss = f(w)
    for _ in range(times):
        w.grad = None
        loss.backward(retain_graph=True)


def accumulate__multiplies_the_old_gradient(f, w, times):
    """The old gradient is multiplied by `times` too; only the new one counts so often."""
    f(w).backward()
    w.grad *= times


def accumulate__once_too_often(f, w, times):
    """There is one `backward` too many: `times` of them in all."""
    loss = f(w)
    for _ in range(times + 1):
        loss.backward(retain_graph=True)


def accumulate__returns_the_gradient(f, w, times):
    """The gradients are returned, and `w.grad` stays as it was; `backward` puts them there."""
    return times * torch.autograd.grad(f(w), w)[0]


def fresh_gradient__never_resets(f, w):
    """`backward` adds to the gradient that is there; forget that one first."""
    loss = f(w)
    loss.backward()
    return loss.item()


def fresh_gradient__resets_too_late(f, w):
    """The gradient is thrown away after `backward`; throw the old one away before it."""
    loss = f(w)
    loss.backward()
    w.grad = None
    return loss.item()


def fresh_gradient__crashes_without_gradient(f, w):
    """`w.grad.zero_()` fails where `w.grad` is None, as it is before the first `backward`."""
    w.grad.zero_()
    loss = f(w)
    loss.backward()
    return loss.item()


def fresh_gradient__multiplies_by_zero(f, w):
    """0 · nan is nan, so a broken gradient survives; set it to None or fill it with zeros."""
    if w.grad is not None:
        w.grad *= 0
    loss = f(w)
    loss.backward()
    return loss.item()


def fresh_gradient__returns_a_tensor(f, w):
    """f(w) comes back as a tensor, with its graph; `item()` gives the Python float."""
    w.grad = None
    loss = f(w)
    loss.backward()
    return loss


def fresh_gradient__gradient_in_a_graph(f, w):
    """With `create_graph` the gradient requires grad itself, and keeps the whole graph alive; leave it away."""
    w.grad = None
    loss = f(w)
    loss.backward(create_graph=True)
    return loss.item()


def fresh_gradient__steps_as_well(f, w):
    """`w` moves against its gradient; here only `w.grad` changes."""
    w.grad = None
    loss = f(w)
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    return loss.item()


def fresh_gradient__returns_the_gradient(f, w):
    """The gradient is returned, and `w.grad` is not touched; put it into `w.grad`, and return f(w)."""
    return torch.autograd.grad(f(w), w)[0]


def evaluate__detaches_afterwards(f, x):
    """The graph is recorded and then cut off; here recording is off while `f` runs."""
    return f(x).detach()


def evaluate__detaches_x(f, x):
    """`x` is detached, but autograd still records if `f` uses other tracked tensors; switch recording off."""
    return f(x.detach())


def evaluate__records(f, x):
    """Autograd records the call, so the result requires grad; call `f` inside a block `with torch.no_grad():`."""
    return f(x)


def evaluate__inference_mode(f, x):
    """Tensors made in inference mode cannot be used in a graph later; `no_grad` gives ordinary ones."""
    with torch.inference_mode():
        return f(x)


def evaluate__leaves_recording_off(f, x):
    """Recording stays off after the call, for everybody; `with torch.no_grad():` puts it back."""
    torch.set_grad_enabled(False)
    return f(x)


def evaluate__switches_recording_on(f, x):
    """Recording is switched on at the end even if it was off before; `with torch.no_grad():` remembers."""
    torch.set_grad_enabled(False)
    result = f(x)
    torch.set_grad_enabled(True)
    return result


def evaluate__not_after_an_error(f, x):
    """When `f` raises, recording is never put back; a `with` block does that in every case."""
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    result = f(x)
    torch.set_grad_enabled(before)
    return result


def evaluate__on_after_an_error(f, x):
    """When `f` raises, recording is switched on even if it was off before; a `with` block puts it back as it was."""
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        result = f(x)
    except Exception:
        torch.set_grad_enabled(True)
        raise
    torch.set_grad_enabled(before)
    return result


def evaluate__switches_x_off(f, x):
    """`x` no longer requires grad afterwards; here it stays as it is."""
    if x.is_leaf:
        x.requires_grad_(False)
    with torch.no_grad():
        return f(x)


def cut_off__clone(x):
    """The clone has memory of its own; here the result shares that of `x`."""
    return x.detach().clone()


def cut_off__data(x):
    """`x.data` is cut off so well that autograd does not notice writes through it; `detach` lets it notice."""
    return x.data


def cut_off__x_itself(x):
    """This is `x`, which still requires grad; here the result is outside of the graph."""
    return x


def cut_off__view(x):
    """Under `no_grad` a view of a tracked tensor still says that it requires grad; only `detach` ends that."""
    with torch.no_grad():
        return x.view_as(x)


def cut_off__switches_x_off(x):
    """`x` itself no longer requires grad; here it stays in its graph."""
    return x.requires_grad_(False)


def cut_off__detaches_in_place(x):
    """`detach_` takes `x` itself out of its graph; here `x` stays there, so leave the underscore away."""
    return x.detach_()


def cut_off__through_a_list(x):
    """Going through Python numbers copies the values, to float32; here the memory is that of `x`."""
    return torch.tensor(x.tolist(), device=x.device)


def doubled_past__at_least(x, limit):
    """The loop stops at a sum equal to `limit`; here the sum must be greater."""
    y = 2 * x
    while y.abs().sum() < limit:
        y = 2 * y
    return y


def doubled_past__perhaps_never(x, limit):
    """An `x` that is past the limit already is not doubled at all; here it is doubled once in any case."""
    y = x.clone()
    while y.abs().sum() <= limit:
        y = 2 * y
    return y


def doubled_past__by_the_logarithm(x, limit):
    """The logarithm of a limit of 0 or less does not exist; a loop needs none."""
    count = max(1, math.floor(math.log2(limit / x.detach().abs().sum().item())) + 1)
    return 2**count * x


def doubled_past__whole_numbers(x, limit):
    """`int` cuts off the fraction of the sum, so 0.8 does not count as more than 0.5; compare the sum itself."""
    y = 2 * x
    while int(y.abs().sum()) <= limit:
        y = 2 * y
    return y


def doubled_past__at_most_eleven(x, limit):
    """The loop ends after ten rounds, wherever the sum is; `while` goes on until it exceeds `limit`."""
    y = 2 * x
    for _ in range(10):
        y = 2 * y if y.abs().sum() <= limit else y
    return y


def doubled_past__only_twice(x, limit):
    """`if` doubles at most once more; `while` goes on until the sum exceeds `limit`."""
    y = 2 * x
    if y.abs().sum() <= limit:
        y = 2 * y
    return y


def doubled_past__in_place(x, limit):
    """`*=` on a detached `x` overwrites the argument itself; `2 * x` makes a new tensor."""
    y = x.detach()
    y *= 2
    while y.abs().sum() <= limit:
        y *= 2
    return y


def doubled_past__in_place_on_a_leaf(x, limit):
    """`mul_` changes `x` itself, which autograd forbids for a leaf that requires grad; make new tensors."""
    x.mul_(2)
    while x.abs().sum() <= limit:
        x.mul_(2)
    return x.clone()


def doubled_past__cut_off(x, limit):
    """`detach` cuts the result off from `x`, so no gradient can flow back; double `x` itself."""
    y = 2 * x.detach()
    while y.abs().sum() <= limit:
        y = 2 * y
    return y


def doubled_past__not_recorded(x, limit):
    """The later doublings happen under `no_grad`: they are not part of the graph, and the result is cut off."""
    y = 2 * x
    with torch.no_grad():
        while y.abs().sum() <= limit:
            y = 2 * y
    return y


def doubled_past__detached_half(x, limit):
    """Half of every sum is detached, so the gradient comes back as if there were only one doubling."""
    y = 2 * x
    while y.abs().sum() <= limit:
        y = y + y.detach()
    return y


def doubled_past__adds_x(x, limit):
    """`y + x` adds the first `x` again and again: 2x, 3x, 4x; doubling gives 2x, 4x, 8x."""
    y = 2 * x
    while y.abs().sum() <= limit:
        y = y + x
    return y


def doubled_past__norm(x, limit):
    """The Euclidean norm is compared with the limit; here it is the sum of absolute values."""
    y = 2 * x
    while y.norm() <= limit:
        y = 2 * y
    return y


def doubled_past__largest(x, limit):
    """The largest absolute value is compared with the limit; here it is the sum of all of them."""
    y = 2 * x
    while y.abs().max() <= limit:
        y = 2 * y
    return y


def doubled_past__once_too_often(x, limit):
    """The sum of the value before is looked at, so there is one doubling too many."""
    y = 2 * x
    while x.abs().sum() <= limit:
        x, y = y, 2 * y
    return y


def _same_shape(y, v):
    if y.shape != v.shape:
        raise RuntimeError("v must have the shape of f(x)")


def vector_jacobian__other_side(f, x, v):
    """This is J times a vector, from the other side: vᵀJ sums over the outputs of f."""
    jacobian = torch.autograd.functional.jacobian(f, x.detach())
    _same_shape(f(x.detach()), v)
    return jacobian @ v if jacobian.shape[0] == jacobian.shape[1] else v @ jacobian


def vector_jacobian__ignores_v(f, x, v):
    """All outputs count the same here; output i counts vᵢ times."""
    leaf = x.detach().requires_grad_()
    y = f(leaf)
    _same_shape(y, v)
    return torch.autograd.grad(y.sum(), leaf)[0]


def vector_jacobian__broadcasts(f, x, v):
    """`f(x) * v` broadcasts, so a `v` of a wrong shape gives a wrong result without a word; raise instead."""
    leaf = x.detach().requires_grad_()
    return torch.autograd.grad((f(leaf) * v).sum(), leaf)[0]


def vector_jacobian__without_v(f, x, v):
    """`grad` of several outputs is an error without a vector; hand `v` over."""
    leaf = x.detach().requires_grad_()
    return torch.autograd.grad(f(leaf), leaf)[0]


def vector_jacobian__mean(f, x, v):
    """The outputs are averaged; vᵀJ is a sum."""
    leaf = x.detach().requires_grad_()
    y = f(leaf)
    _same_shape(y, v)
    return torch.autograd.grad((y * v).mean(), leaf)[0]


def vector_jacobian__elementwise(f, x, v):
    """The sum of each column is multiplied by v elementwise, which is right only for a diagonal J."""
    leaf = x.detach().requires_grad_()
    y = f(leaf)
    _same_shape(y, v)
    slope = torch.autograd.grad(y.sum(), leaf)[0]
    return slope * v if slope.shape == v.shape else slope * v.sum()


def vector_jacobian__switches_x_on(f, x, v):
    """`x` itself now requires grad and collects gradients; here it stays as it is."""
    x.requires_grad_()
    f(x).backward(v)
    return x.grad


def vector_jacobian__value(f, x, v):
    """This is v times f(x); here v is multiplied by the derivatives of f."""
    y = f(x.detach())
    _same_shape(y, v)
    return v @ y


def rss_gradient__sum(X, y, w):
    """This is the gradient of the sum of squares; here it is their mean, so divide by n."""
    return -2 * X.T @ (y - X @ w)


def rss_gradient__without_the_two(X, y, w):
    """The factor 2 of the derivative of a square is missing."""
    return -X.T @ (y - X @ w) / len(y)


def rss_gradient__wrong_sign(X, y, w):
    """The sign is turned round: w stands behind a minus in y - Xw."""
    return 2 * X.T @ (y - X @ w) / len(y)


def rss_gradient__not_transposed(X, y, w):
    """X is not transposed: that is an error, or wrong without a word where n equals d."""
    return -2 * X @ (y - X @ w) / len(y)


def rss_gradient__divides_by_all(X, y, w):
    """It is divided by all elements of X; the mean is over the n rows."""
    return -2 * X.T @ (y - X @ w) / X.numel()


def rss_gradient__divides_by_features(X, y, w):
    """It is divided by d, the number of features; the mean is over the n rows."""
    return -2 * X.T @ (y - X @ w) / len(w)


def rss_gradient__column(X, y, w):
    """The result is a column (d, 1); here its shape is (d,)."""
    return -2 * X.T @ (y - X @ w).unsqueeze(1) / len(y)


def rss_gradient__broadcasts(X, y, w):
    """A column minus a row is an (n, n) matrix: every y is compared with every prediction."""
    return -2 * (X.T @ (y.unsqueeze(1) - X @ w)).sum(1) / len(y) ** 2


def rss_gradient__without_y(X, y, w):
    """The targets are missing: the residual is y - Xw."""
    return 2 * X.T @ (X @ w) / len(y)


def rss_gradient__asks_autograd(X, y, w):
    """Autograd finds the gradient; here you work it out yourself and write it down."""
    leaf = w.detach().requires_grad_()
    return torch.autograd.grad((y - X @ leaf).square().mean(), leaf)[0]


def _differences(f, x, step, quotient):
    shifts = step * torch.eye(x.numel(), dtype=x.dtype, device=x.device).reshape(-1, *x.shape)
    return torch.stack([quotient(x, h) for h in shifts]).reshape(x.shape) if len(shifts) else torch.zeros_like(x)


def numerical_gradient__forward(f, x, step):
    """These are forward differences; central ones go one step ahead and one behind, and are much nearer."""
    return _differences(f, x, step, lambda x, h: (f(x + h) - f(x)) / step)


def numerical_gradient__backward(f, x, step):
    """These are backward differences; central ones go one step ahead and one behind, and are much nearer."""
    return _differences(f, x, step, lambda x, h: (f(x) - f(x - h)) / step)


def numerical_gradient__half_the_distance(f, x, step):
    """It is divided by `step`, but from one step behind to one step ahead it is twice as far."""
    return _differences(f, x, step, lambda x, h: (f(x + h) - f(x - h)) / step)


def numerical_gradient__half_a_step(f, x, step):
    """The points are half a step away on each side; here they are a whole step away."""
    return _differences(f, x, step, lambda x, h: (f(x + h / 2) - f(x - h / 2)) / step)


def numerical_gradient__wrong_sign(f, x, step):
    """The two values are exchanged: it is the value ahead minus the one behind."""
    return _differences(f, x, step, lambda x, h: (f(x - h) - f(x + h)) / (2 * step))


def numerical_gradient__all_at_once(f, x, step):
    """All elements move together, so every place gets the sum of all derivatives; move one at a time."""
    return torch.full_like(x, 1) * (f(x + step) - f(x - step)) / (2 * step)


def numerical_gradient__elements_stay_moved(f, x, step):
    """An element that has been moved is not put back before the next one; move each on a fresh copy."""
    ahead, behind, found = x.clone().flatten(), x.clone().flatten(), []
    for i in range(x.numel()):
        ahead[i] += step
        behind[i] -= step
        found.append((f(ahead.reshape(x.shape)) - f(behind.reshape(x.shape))) / (2 * step))
    return torch.stack(found).reshape(x.shape) if found else torch.zeros_like(x)


def numerical_gradient__moves_x(f, x, step):
    """`x` is moved and moved back, which rounding does not undo exactly; here `x` stays as it is."""
    found = torch.zeros_like(x)
    for index in torch.cartesian_prod(*[torch.arange(n) for n in x.shape]).reshape(-1, x.ndim).tolist():
        index = tuple(index)
        x[index] += step
        ahead = f(x)
        x[index] -= 2 * step
        found[index] = (ahead - f(x)) / (2 * step)
        x[index] += step * (1 + 1e-9)
    return found


def numerical_gradient__flat_copy(f, x, step):
    """For a non-contiguous `x`, `flatten` is a copy: to move its elements moves nothing, and all is 0."""
    twin = x.clone()
    flat, found = twin.flatten(), []
    for i in range(x.numel()):
        flat[i] += step
        ahead = f(twin)
        flat[i] -= 2 * step
        found.append((ahead - f(twin)) / (2 * step))
        flat[i] += step
    return torch.stack(found).reshape(x.shape) if found else torch.zeros_like(x)


def numerical_gradient__float32(f, x, step):
    """It is computed in float32, where differences lose most digits; here it is float64."""
    return _differences(f, x.float(), step, lambda x, h: (f(x + h) - f(x - h)) / (2 * step))


def numerical_gradient__asks_autograd(f, x, step):
    """Autograd finds the gradient; here it comes from differences of values."""
    leaf = x.detach().requires_grad_()
    return torch.autograd.grad(f(leaf), leaf)[0]


def _still_training(model):
    return [name for name, p in model.named_parameters() if p.requires_grad]


def freeze__keeps_the_gradient(model, name):
    """The frozen parameters still hold their gradients, so an optimizer goes on to move them; set `.grad` to None."""
    for p in model.get_submodule(name).parameters():
        p.requires_grad_(False)
    return _still_training(model)


def freeze__names_that_begin_alike(model, name):
    """ "body" is the beginning of "body2" too; go by the submodule, or by the name and a dot."""
    for path, p in model.named_parameters():
        if path.startswith(name):
            p.requires_grad_(False)
            p.grad = None
    return _still_training(model)


def freeze__by_the_beginning_of_a_name(model, name):
    """A parameter that two parts share has one name, the first: that may be of the other part; ask the submodule."""
    for path, p in model.named_parameters():
        if path.startswith(f"{name}."):
            p.requires_grad_(False)
            p.grad = None
    return _still_training(model)


def freeze__flag_of_the_module(model, name):
    """A module has no flag `requires_grad`: this sets a new attribute that nobody reads; go to its parameters."""
    part = model.get_submodule(name)
    part.requires_grad = False
    for p in part.parameters():
        p.grad = None
    return _still_training(model)


def freeze__only_the_top(model, name):
    """Parameters of inner submodules still train; `parameters()` finds those at every depth."""
    for p in model.get_submodule(name).parameters(recurse=False):
        p.requires_grad_(False)
        p.grad = None
    return _still_training(model)


def freeze__only_weights(model, name):
    """The bias still trains; here all parameters of the part are frozen."""
    for path, p in model.get_submodule(name).named_parameters():
        if path.endswith("weight"):
            p.requires_grad_(False)
            p.grad = None
    return _still_training(model)


def freeze__all_but_the_part(model, name):
    """All parameters but those of the part are frozen; it is the other way round."""
    for path, p in model.named_parameters():
        if not path.startswith(f"{name}."):
            p.requires_grad_(False)
            p.grad = None
    return _still_training(model)


def freeze__thaws_the_others(model, name):
    """Other parameters that were frozen before now train again; here they stay as they are."""
    for path, p in model.named_parameters():
        p.requires_grad_(not path.startswith(f"{name}."))
        p.grad = p.grad if p.requires_grad else None
    return _still_training(model)


def freeze__switches_to_eval(model, name):
    """`eval()` is about dropout and BatchNorm, not about gradients; here the mode stays as it is."""
    part = model.get_submodule(name).eval().requires_grad_(False)
    part.zero_grad(set_to_none=True)
    return _still_training(model)


def freeze__drops_all_gradients(model, name):
    """The gradients of the other parameters are gone as well; here only the frozen ones lose theirs."""
    model.get_submodule(name).requires_grad_(False)
    model.zero_grad(set_to_none=True)
    return _still_training(model)


def freeze__names_the_frozen(model, name):
    """These are the names of the frozen parameters; here it is those that still train."""
    for p in model.get_submodule(name).parameters():
        p.requires_grad_(False)
        p.grad = None
    return [path for path, p in model.named_parameters() if not p.requires_grad]


def freeze__names_all_others(model, name):
    """Parameters that were frozen before are in the list too; it holds only those that require grad."""
    for p in model.get_submodule(name).parameters():
        p.requires_grad_(False)
        p.grad = None
    return [path for path, _ in model.named_parameters() if not path.startswith(f"{name}.")]


def freeze__names_left_before(model, name):
    """The names are chosen before anything is frozen, by their beginning: a shared parameter has another one."""
    left = [path for path in _still_training(model) if not path.startswith(f"{name}.")]
    for p in model.get_submodule(name).parameters():
        p.requires_grad_(False)
        p.grad = None
    return left


def freeze__names_a_shared_one_twice(model, name):
    """A parameter that two parts share is in the list under both names; `named_parameters()` gives the first only."""
    for p in model.get_submodule(name).parameters():
        p.requires_grad_(False)
        p.grad = None
    return [path for path, p in model.named_parameters(remove_duplicate=False) if p.requires_grad]


def freeze__new_parameters(model, name):
    """New parameters take the place of the old ones, which an optimizer still holds; freeze those that are there."""
    part, new = set(model.get_submodule(name).parameters()), {}
    for module in model.modules():
        for path, p in list(module.named_parameters(recurse=False)):
            if p in part:
                frozen = torch.nn.Parameter(p.detach().clone(), requires_grad=False)
                setattr(module, path, new.setdefault(p, frozen))
    return _still_training(model)


def freeze__zero_gradients(model, name):
    """A gradient of zeros lets weight decay and momentum go on moving the parameter; set `.grad` to None."""
    for p in model.get_submodule(name).parameters():
        p.requires_grad_(False)
        if p.grad is not None:
            p.grad.zero_()
    return _still_training(model)


def move__through_data(w, change):
    """Autograd does not notice a change through `w.data`, and an older graph gives a wrong gradient; use `no_grad`."""
    w.data -= change


def move__recorded(w, change):
    """A leaf that requires grad must not be changed in place while autograd records; use `torch.no_grad()`."""
    w -= change


def move__rebinds_the_name(w, change):
    """`w = w - change` makes a new tensor, and `w` itself does not move; change it in place."""
    w = w - change


def move__new_memory(w, change):
    """The new values lie in new memory, so views of `w` do not see them; change the values in place."""
    w.data = w.data - change


def move__adds(w, change):
    """The change is added; here it is subtracted."""
    with torch.no_grad():
        w += change


def move__replaces(w, change):
    """`w` becomes the change itself; here the change is subtracted from it."""
    with torch.no_grad():
        w.copy_(change)


def move__stops_tracking(w, change):
    """`w` does not require grad afterwards; here it does, so switch recording off instead of the tensor."""
    w.requires_grad_(False)
    w -= change


def move__forgets_the_gradient(w, change):
    """The gradient of `w` is thrown away; here it stays as it is."""
    with torch.no_grad():
        w -= change
    w.grad = None


def move__negates_the_change(w, change):
    """`neg_` turns `change` itself round; here it stays as it is."""
    with torch.no_grad():
        w += change.neg_()


def move__returns_a_new_tensor(w, change):
    """The difference is returned as a new tensor, and `w` does not move; change it in place."""
    return (w - change).detach()


def exp_with_ones__in_place(x, mask):
    """`exp` keeps its result for `backward`, and here that is overwritten: `backward` raises; mask before `exp`."""
    y = x.exp()
    y[mask] = 1
    return y


def exp_with_ones__through_data(x, mask):
    """The result is changed behind autograd's back, and a gradient flows where `mask` is True; it must be 0."""
    y = x.exp()
    y.data[mask] = 1
    return y


def exp_with_ones__where(x, mask):
    """Where exp(x) is inf, the gradient is 0 · inf = nan: `where` chooses after `exp`; mask before it."""
    return torch.where(mask, 1, x.exp())


def exp_with_ones__clamped(x, mask):
    """From 88 on exp is too large for float32, but not for float64: `clamp` makes it too small there."""
    return torch.where(mask, torch.ones_like(x), x.clamp(max=88).exp())


def exp_with_ones__arithmetic(x, mask):
    """0 · inf is nan: a mask as a factor cannot take out what is too large."""
    return x.exp() * ~mask + mask


def exp_with_ones__other_places(x, mask):
    """The ones are where `mask` is False; they belong where it is True."""
    return x.masked_fill(~mask, 0).exp()


def exp_with_ones__zeros(x, mask):
    """Masked places hold 0; here they hold 1."""
    return x.masked_fill(mask, -float("inf")).exp()


def exp_with_ones__changes_x(x, mask):
    """`masked_fill_` overwrites `x`; here it stays as it is, so leave the underscore away."""
    return x.masked_fill_(mask, 0).exp()


def exp_with_ones__fills_ones_first(x, mask):
    """Masked places hold e: they are set to 1 before `exp`, and exp(1) is not 1."""
    return x.masked_fill(mask, 1).exp()


def exp_with_ones__cut_off(x, mask):
    """`detach` cuts the result off from `x`, so no gradient can flow back."""
    return x.detach().masked_fill(mask, 0).exp()


def exp_with_ones__drops_masked(x, mask):
    """Masked elements are left out, and the shape changes; here they become 1."""
    return x[~mask].exp()


class _Softplus(torch.autograd.Function):
    """A right one, to put one mistake at a time into."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.logaddexp(x, torch.zeros_like(x))

    @staticmethod
    def backward(ctx, grad):
        return grad * torch.sigmoid(ctx.saved_tensors[0])


class _Overflowing(_Softplus):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.log(1 + x.exp())


class _OneTail(_Softplus):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0) + torch.log(1 + (-x.abs()).exp())


class _Threshold(_Softplus):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return F.softplus(x)


class _LateThreshold(_Softplus):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.where(x > 28, x, torch.log1p(x.clamp(max=28).exp()))


class _Clamped(_Softplus):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0) + torch.log1p(torch.exp(-x.abs()))


class _Relu(_Softplus):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.relu()


class _InfiniteSlope(_Softplus):
    @staticmethod
    def backward(ctx, grad):
        e = ctx.saved_tensors[0].exp()
        return grad * e / (1 + e)


class _SlopeOfTheMirror(_Softplus):
    @staticmethod
    def backward(ctx, grad):
        return grad * torch.sigmoid(-ctx.saved_tensors[0])


class _NoChain(_Softplus):
    @staticmethod
    def backward(ctx, grad):
        return torch.sigmoid(ctx.saved_tensors[0])


class _PassedOn(_Softplus):
    @staticmethod
    def backward(ctx, grad):
        return grad


class _Attribute(_Softplus):
    @staticmethod
    def forward(ctx, x):
        ctx.x = x.detach()
        return torch.logaddexp(x, torch.zeros_like(x))

    @staticmethod
    def backward(ctx, grad):
        return grad * torch.sigmoid(ctx.x)


class _SlopeKept(_Softplus):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x, torch.sigmoid(x))
        return torch.logaddexp(x, torch.zeros_like(x))

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.saved_tensors[1]


class _Once(_Softplus):
    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        return grad * torch.sigmoid(ctx.saved_tensors[0])


def softplus__overflows(x):
    """exp(x) is inf for large x, and so is the result; use log1p(exp(-|x|)) + max(x, 0)."""
    return _Overflowing.apply(x)


def softplus__loses_the_small(x):
    """1 + 1e-13 is 1 in float32, so the result is 0 where it should be 1e-13; `log1p` keeps those digits."""
    return _OneTail.apply(x)


def softplus__with_a_threshold(x):
    """`F.softplus` returns x itself from 20 on, which is not right to the last digits of float64."""
    return _Threshold.apply(x)


def softplus__with_a_late_threshold(x):
    """From 28 on this is x itself, which is right for float32, but not to the last digits of float64."""
    return _LateThreshold.apply(x)


def softplus__relu(x):
    """This is max(x, 0), which is only near for large |x|."""
    return _Relu.apply(x)


def softplus__infinite_slope(x):
    """exp(x) / (1 + exp(x)) is inf / inf = nan for large x; `torch.sigmoid` is safe."""
    return _InfiniteSlope.apply(x)


def softplus__slope_of_the_mirror(x):
    """The slope is sigmoid(x); this is sigmoid(-x), which is the same only at 0."""
    return _SlopeOfTheMirror.apply(x)


def softplus__forgets_the_chain_rule(x):
    """`backward` returns the slope alone; multiply it by the gradient that comes in."""
    return _NoChain.apply(x)


def softplus__passes_the_gradient_on(x):
    """`backward` returns the gradient that comes in, as if the slope were 1 everywhere."""
    return _PassedOn.apply(x)


def softplus__keeps_x_as_an_attribute(x):
    """`ctx.x` hides x from autograd: a change in place is not noticed; use `ctx.save_for_backward(x)`."""
    return _Attribute.apply(x)


def softplus__keeps_the_slope(x):
    """The slope computed in `forward` is a constant to autograd: compute it in `backward`, from the saved x."""
    return _SlopeKept.apply(x)


def softplus__differentiable_once(x):
    """`once_differentiable` forbids a second derivative; here it is asked for."""
    return _Once.apply(x)


def softplus__detached(x):
    """The function gets a detached x, so the result is cut off and no gradient can flow back."""
    return _Softplus.apply(x.detach())


def softplus__forward_by_hand(x):
    """`forward` is called by hand, so autograd uses rules of its own and not your `backward`; call `apply`."""

    class Context:
        save_for_backward = staticmethod(lambda *tensors: None)

    return _Clamped.forward(Context, x)


def softplus__built_in(x):
    """The derivative is autograd's own; here you write a subclass of `torch.autograd.Function`."""
    return torch.logaddexp(x, torch.zeros_like(x))
