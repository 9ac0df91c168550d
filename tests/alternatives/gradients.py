"""Right answers to the gradients kata, written in other ways than the reference."""

import copy

import torch
import torch.nn.functional as F
from torch.autograd import Function


def parabola_slope__multiplied_out(x):
    return x.mul(2).sub(4)


def parabola_slope__sum(x):
    return (x - 2) + (x - 2)


def parabola_slope__product_rule(x):
    u, slope_of_u = x - 2, torch.ones_like(x)
    return slope_of_u * u + u * slope_of_u


def gradient_by_hand__vectors(w):
    flipped = w.flip(0)
    return 2 * flipped + torch.cat([-flipped[:1] * torch.sin(w[:1]), torch.cos(w[:1])])


def gradient_by_hand__filled(w):
    grad = torch.empty_like(w)
    grad[0] = w[1] * (2 - torch.sin(w[0]))
    grad[1] = torch.cos(w[0]) + w[0] + w[0]
    return grad


def gradient_by_hand__unbind(w):
    a, b = w.unbind()
    return torch.hstack([b * 2 - b * a.sin(), a * 2 + a.cos()])


def graph_gradients__by_hand(a, b):
    c, d = a + b, b + 1
    return c * d, d.clone(), c * 1 + d * 1, d, c


def graph_gradients__retain_grad(a, b):
    a, b = a.clone().requires_grad_(), b.clone().requires_grad_()
    c, d = a + b, b + 1
    e = c * d
    for node in (c, d):
        node.retain_grad()
    e.backward()
    return [e.detach(), *(node.grad for node in (a, b, c, d))]


def graph_gradients__multiplied_out(a, b):
    return a * b + a + b * b + b, b + 1, a + 2 * b + 1, b + 1, a + b


def gradient_of__backward(f, x):
    leaf = x.detach().clone().requires_grad_(True)
    with torch.enable_grad():
        f(leaf).backward()
    return leaf.grad


def gradient_of__jacobian(f, x):
    return torch.autograd.functional.jacobian(f, x.detach())


def gradient_of__graph_cut_later(f, x):
    leaf = x.data.requires_grad_()
    (grad,) = torch.autograd.grad(f(leaf), [leaf], create_graph=True)
    return grad.detach()


def descend__in_place(f, start, lr, steps):
    x = start.detach().clone().requires_grad_()
    points, values = [x.detach().clone()], [f(x).detach()]
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        points.append(x.detach().clone())
        values.append(f(x).detach())
    return torch.stack(points), torch.stack(values)


def descend__filled(f, start, lr, steps):
    points = start.new_empty(steps + 1, *start.shape)
    values = start.new_empty(steps + 1)
    x = start.detach().clone()
    for k in range(steps + 1):
        x.requires_grad_()
        value = f(x)
        points[k], values[k] = x.detach(), value.detach()
        (slope,) = torch.autograd.grad(value, x)
        x = x.detach() - lr * slope
    return points.detach(), values.detach()


def descend__recursive(f, start, lr, steps):
    leaf = start.detach().clone().requires_grad_()
    value = f(leaf)
    value.backward()
    first = leaf.detach()[None], value.detach()[None]
    if steps == 0:
        return first
    rest = descend__recursive(f, leaf.detach() - lr * leaf.grad, lr, steps - 1)
    return [torch.cat([mine, later]) for mine, later in zip(first, rest)]


def tracked_leaf__empty_like(x):
    leaf = torch.empty_like(x, requires_grad=True)
    with torch.no_grad():
        leaf.copy_(x)
    return leaf


def tracked_leaf__clone_first(x):
    leaf = x.clone().detach()
    leaf.requires_grad = True
    return leaf


def tracked_leaf__parameter(x):
    return torch.nn.Parameter(copy.deepcopy(x.detach()))


def net_gradients__by_hand(x, y, w, b):
    with torch.no_grad():
        error = (torch.sigmoid(x @ w + b) - y) / y.numel()
        return torch.outer(x, error), error


def net_gradients__backward(x, y, w, b):
    w, b = w.detach().clone().requires_grad_(), b.detach().clone().requires_grad_()
    F.binary_cross_entropy_with_logits(torch.addmv(b, w.T, x), y).backward()
    return [w.grad, b.grad]


def net_gradients__module(x, y, w, b):
    weight, bias = w.detach().T.requires_grad_(), b.detach().requires_grad_()
    loss = torch.nn.BCEWithLogitsLoss(reduction="sum")(F.linear(x, weight, bias), y) / len(y)
    grad_w, grad_b = torch.autograd.grad(loss, (weight, bias))
    return grad_w.T, grad_b


def accumulate__times_the_loss(f, w, times):
    (times * f(w)).backward()


def accumulate__last_one_frees(f, w, times):
    loss = f(w)
    for left in range(times - 1, -1, -1):
        loss.backward(retain_graph=left > 0)


def accumulate__grad(f, w, times):
    (grad,) = torch.autograd.grad(f(w), w)
    w.grad = times * grad if w.grad is None else w.grad + times * grad


def fresh_gradient__zeros(f, w):
    if w.grad is not None:
        w.grad.zero_()
    value = f(w)
    value.backward()
    return float(value)


def fresh_gradient__grad(f, w):
    value = f(w)
    (w.grad,) = torch.autograd.grad(value, w)
    return value.tolist()


def fresh_gradient__twin(f, w):
    twin = w.detach().clone().requires_grad_()
    value = f(twin)
    value.backward()
    w.grad = twin.grad
    return value.item()


def evaluate__set_grad_enabled(f, x):
    with torch.set_grad_enabled(False):
        return f(x)


def evaluate__decorator(f, x):
    return torch.no_grad()(f)(x)


def evaluate__by_hand(f, x):
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        return f(x)
    finally:
        torch.set_grad_enabled(before)


def cut_off__alias(x):
    return torch.detach(x).view(x.shape) if x.is_contiguous() else torch.detach(x)


def cut_off__view_then_detach(x):
    return x.view_as(x).detach()


def doubled_past__factor(x, limit):
    factor = 2
    while x.detach().abs().sum().item() * factor <= limit:
        factor *= 2
    return factor * x


def doubled_past__recursive(x, limit):
    y = x + x
    return y if y.norm(p=1) > limit else doubled_past__recursive(y, limit)


def doubled_past__in_place_on_the_result(x, limit):
    y = x * 2
    while True:
        with torch.no_grad():
            if y.abs().sum() > limit:
                return y
        y *= 2


def vector_jacobian__backward(f, x, v):
    leaf = x.detach().clone().requires_grad_()
    f(leaf).backward(v)
    return leaf.grad


def vector_jacobian__weighted_sum(f, x, v):
    leaf = x.detach().requires_grad_()
    y = f(leaf)
    if y.shape != v.shape:
        raise RuntimeError(f"v has the shape {tuple(v.shape)}, f(x) has {tuple(y.shape)}")
    return torch.autograd.grad((y * v).sum(), leaf)[0]


def vector_jacobian__whole_jacobian(f, x, v):
    jacobian = torch.autograd.functional.jacobian(f, x.detach())
    if v.shape != jacobian.shape[:1]:
        raise RuntimeError("v must have one number for each output")
    return v @ jacobian


def rss_gradient__residual_of_the_prediction(X, y, w):
    residual = X.mv(w) - y
    return (2 / X.shape[0]) * (residual @ X)


def rss_gradient__normal_equations(X, y, w):
    return 2 * (X.T @ X @ w - X.T @ y) / X.shape[0]


def rss_gradient__mean_of_rows(X, y, w):
    return (-2 * (y - (X * w).sum(dim=1)).unsqueeze(1) * X).mean(dim=0)


def numerical_gradient__flat(f, x, step):
    grad = torch.zeros(x.numel(), dtype=x.dtype, device=x.device)
    for i in range(x.numel()):
        ahead, behind = x.clone().reshape(-1), x.clone().reshape(-1)
        ahead[i] += step
        behind[i] -= step
        grad[i] = (f(ahead.reshape(x.shape)) - f(behind.reshape(x.shape))) / (2 * step)
    return grad.reshape(x.shape)


def numerical_gradient__twin_moved_back(f, x, step):
    twin, grad = x.clone().contiguous(), torch.zeros_like(x).contiguous()
    flat = twin.view(-1)
    for i in range(flat.numel()):
        old = flat[i].item()
        flat[i] = old + step
        ahead = f(twin).item()
        flat[i] = old - step
        grad.view(-1)[i] = (ahead - f(twin).item()) / step / 2
        flat[i] = old
    return grad


def freeze__by_name(model, name):
    for path, p in model.named_parameters(remove_duplicate=False):
        if path.startswith(name + "."):
            p.requires_grad, p.grad = False, None
    return [path for path, p in model.named_parameters() if p.requires_grad]


def freeze__module_methods(model, name):
    part = model.get_submodule(name).requires_grad_(False)
    part.zero_grad(set_to_none=True)
    return [path for path, p in model.named_parameters() if p.requires_grad]


def move__sub(w, change):
    with torch.no_grad():
        w.sub_(change)


@torch.no_grad()
def move__copy(w, change):
    w.copy_(w - change)


def move__detached_view(w, change):
    w.detach()[...] -= change


def exp_with_ones__where_before(x, mask):
    return torch.exp(torch.where(mask, torch.zeros_like(x), x))


def exp_with_ones__where_twice(x, mask):
    safe = torch.where(mask, 0, x)
    return torch.where(mask, 1, safe.exp())


def exp_with_ones__in_place_on_a_clone(x, mask):
    y = x.clone()
    y[mask] = 0
    return y.exp()


class _Logaddexp(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.logaddexp(x, x.new_zeros(()))

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output / (1 + torch.exp(-x))


class _TwoSteps(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return torch.where(x > 0, x + (-x).exp().log1p(), x.exp().log1p())

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, grad_output):
        return torch.sigmoid(ctx.saved_tensors[0]).mul(grad_output)


class _LogSigmoid(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return -F.logsigmoid(-x)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * F.logsigmoid(ctx.saved_tensors[0]).exp()


def softplus__logaddexp(x):
    return _Logaddexp.apply(x)


def softplus__setup_context(x):
    apply = _TwoSteps.apply
    return apply(x)


def softplus__logsigmoid(x):
    return _LogSigmoid.apply(x)
