"""Right answers to the training loop, written in other ways than the reference."""

import math
from itertools import accumulate

import torch
from torch import nn
from torch.utils.data import DataLoader


def zero_gradients__in_place(params):
    for p in params:
        if p.grad is not None:
            p.grad.detach_().zero_()


def zero_gradients__zeros_for_all(params):
    for p in params:
        p.grad = torch.zeros_like(p)


def zero_gradients__delete(params):
    for p in params:
        del p.grad


def zero_gradients__optimizer(params):
    params = list(params)
    if params:
        torch.optim.SGD(params, lr=0.0).zero_grad()


@torch.no_grad()
def sgd_step__add_alpha(params, lr):
    for p in params:
        if p.grad is None:
            continue
        p.add_(p.grad, alpha=-lr)


def sgd_step__copy(params, lr):
    for p in params:
        if p.grad is not None:
            new = p.detach() - p.grad * lr
            with torch.no_grad():
                p.copy_(new)


def sgd_step__data(params, lr):
    for p in params:
        if p.grad is not None:
            p.data -= lr * p.grad


def sgd_step__detached_view(params, lr):
    moving = [p for p in params if p.grad is not None]
    for p in moving:
        p.detach().sub_(p.grad.detach(), alpha=lr)


def weight_decay_step__shrink_then_step(params, lr, weight_decay):
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p.mul_(1 - lr * weight_decay).sub_(p.grad, alpha=lr)


def weight_decay_step__new_gradient(params, lr, weight_decay):
    for p in params:
        if p.grad is not None:
            grad = p.grad.add(p.detach(), alpha=weight_decay)
            p.data.sub_(grad.mul_(lr))


def weight_decay_step__lists(params, lr, weight_decay):
    with torch.no_grad():
        params = [p for p in params if p.grad is not None]
        new = [p - lr * p.grad - lr * weight_decay * p for p in params]
        for p, value in zip(params, new):
            p.copy_(value)


def momentum_step__copies(params, velocities, lr, momentum, weight_decay=0.0):
    for p, v in zip(params, velocities):
        if p.grad is None:
            continue
        with torch.no_grad():
            v.copy_(momentum * v + weight_decay * p + p.grad)
            p.copy_(p - lr * v)


def momentum_step__slices(params, velocities, lr, momentum, weight_decay=0.0):
    for p, v in zip(params, velocities):
        if p.grad is not None:
            w = p.data
            v[...] = v * momentum + (p.grad + w * weight_decay)
            w[...] = w - v * lr


@torch.no_grad()
def momentum_step__operators(params, velocities, lr, momentum, weight_decay=0.0):
    for p, v in zip(list(params), list(velocities)):
        if p.grad is not None:
            v *= momentum
            v += p.grad
            v += weight_decay * p
            p.add_(v, alpha=-lr)


def training_step__zero_first(model, loss_fn, optimizer, X, y):
    optimizer.zero_grad(set_to_none=False)
    loss = loss_fn(model(X), y)
    loss.backward()
    value = float(loss)
    optimizer.step()
    return value


def training_step__model_zero_grad(model, loss_fn, optimizer, X, y):
    model.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.detach().cpu().numpy().item()


def training_step__autograd_grad(model, loss_fn, optimizer, X, y):
    params = [p for group in optimizer.param_groups for p in group["params"] if p.requires_grad]
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    for p, grad in zip(params, torch.autograd.grad(loss, params, allow_unused=True)):
        p.grad = grad
    optimizer.step()
    return loss.tolist()


def train_loop__countdown(loader, model, loss_fn, optimizer, report_every=100):
    model.train(True)
    report, seen, wait = [], 0, 0
    for batch in loader:
        X, y = (tensor.to(next(model.parameters()).device) for tensor in batch)
        optimizer.zero_grad()
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        seen += X.shape[0]
        if wait == 0:
            report.append((loss.item(), seen))
            wait = report_every
        wait -= 1
    return report


def train_loop__slice_of_all(loader, model, loss_fn, optimizer, report_every=100):
    device = next(iter(model.parameters())).device
    for module in model.modules():
        module.training = True
    losses, sizes = [], []
    for X, y in loader:
        X, y = X.to(device, non_blocking=True), y.to(device, non_blocking=True)
        loss = loss_fn(model(X), y)
        for p in model.parameters():
            p.grad = None
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
        sizes.append(y.size(0))
    return list(zip(losses, accumulate(sizes)))[::report_every]


def train_loop__indices_to_report(loader, model, loss_fn, optimizer, report_every=100):
    device = next(model.parameters()).device
    model.train()
    report, next_index, seen = [], 0, 0
    optimizer.zero_grad()
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X.to(device)), y.to(device))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        seen += len(y)
        if index == next_index:
            report += [(loss.item(), seen)]
            next_index += report_every
    return report


def test_loop__all_logits_first(loader, model, loss_fn):
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    with torch.inference_mode():
        batches = [(model(X.to(device)), y.to(device)) for X, y in loader]
    model.train(training)
    losses = [loss_fn(logits, y).item() * len(y) for logits, y in batches]
    hits = torch.cat([logits.max(dim=1).indices == y for logits, y in batches])
    return hits.double().mean().item(), math.fsum(losses) / len(hits)


@torch.no_grad()
def test_loop__repeat_per_sample(loader, model, loss_fn):
    device = next(model.parameters()).device
    was_training = model.training
    hits, losses = [], []
    try:
        model.eval()
        for X, y in loader:
            X, y = X.to(device), y.to(device)
            logits = model(X)
            hits += (logits.topk(1, dim=1).indices[:, 0] == y).tolist()
            losses += [float(loss_fn(logits, y))] * len(X)
    finally:
        model.train(was_training)
    return sum(hits) / len(hits), sum(losses) / len(losses)


def test_loop__running_mean(loader, model, loss_fn):
    device = next(model.parameters()).device
    was_training, recording = model.training, torch.is_grad_enabled()
    model.eval()
    torch.set_grad_enabled(False)
    accuracy, average, seen = 0.0, 0.0, 0
    for X, y in loader:
        X, y = X.to(device), y.to(device)
        seen += len(X)
        logits = model(X)
        hits = logits.argsort(dim=1)[:, -1].eq(y).double()
        accuracy += (hits.mean().item() - accuracy) * len(X) / seen
        average += (loss_fn(logits, y).item() - average) * len(X) / seen
    torch.set_grad_enabled(recording)
    if was_training:
        model.train()
    return accuracy, average


def fit_by_hand__normal_equations(X, y, lr, steps):
    A = torch.cat([X, X.new_ones(len(X), 1)], dim=1)
    gram, moment = A.T @ A, A.T @ y
    trajectory = X.new_zeros(steps + 1, A.shape[1])
    for k in range(steps):
        trajectory[k + 1] = trajectory[k] - lr * 2 / len(X) * (gram @ trajectory[k] - moment)
    return trajectory


def fit_by_hand__einsum(X, y, lr, steps):
    A = torch.hstack([X, torch.ones_like(y)[:, None]])
    theta = torch.zeros(A.shape[1], dtype=X.dtype, device=X.device)
    trajectory = [theta.clone()]
    for _ in range(steps):
        residual = torch.einsum("nd,d->n", A, theta) - y
        theta -= 2 * lr * torch.einsum("nd,n->d", A, residual).div(len(y))
        trajectory.append(theta.clone())
    return torch.vstack(trajectory)


def fit_by_hand__mean_of_sample_gradients(X, y, lr, steps):
    rows = [torch.zeros_like(X[0]).tolist() + [0.0]]
    w, b = torch.zeros_like(X[0]), torch.zeros_like(y[0])
    for _ in range(steps):
        slope = 2 * ((X * w).sum(dim=1) + b - y)
        w, b = w - lr * (slope[:, None] * X).mean(dim=0), b - lr * slope.mean()
        rows.append(w.tolist() + [b.item()])
    return torch.tensor(rows, dtype=X.dtype, device=X.device)


def fit_by_autograd__one_vector(X, y, lr, steps):
    A = torch.cat([X, X.new_ones(len(X), 1)], dim=1)
    theta = torch.zeros(A.shape[1], dtype=X.dtype, device=X.device, requires_grad=True)
    trajectory = [theta.detach().clone()]
    for _ in range(steps):
        loss = nn.functional.mse_loss(A @ theta, y)
        loss.backward()
        with torch.no_grad():
            theta -= lr * theta.grad
            theta.grad.zero_()
        trajectory.append(theta.detach().clone())
    return torch.stack(trajectory)


def fit_by_autograd__new_leaf_each_step(X, y, lr, steps):
    theta = X.new_zeros(X.shape[1] + 1)
    trajectory = [theta]
    for _ in range(steps):
        leaf = theta.clone().requires_grad_()
        ((X * leaf[:-1]).sum(dim=1) + leaf[-1] - y).pow(2).mean().backward()
        theta = theta - lr * leaf.grad
        trajectory.append(theta)
    return torch.stack(trajectory)


def fit_by_autograd__column(X, y, lr, steps):
    w = torch.zeros(X.shape[1], 1, dtype=X.dtype, device=X.device).requires_grad_()
    b = torch.zeros(1, dtype=X.dtype, device=X.device).requires_grad_()
    rows = X.new_empty(steps + 1, X.shape[1] + 1)
    for k in range(steps + 1):
        rows[k, :-1], rows[k, -1] = w.detach().squeeze(1), b.detach().squeeze(0)
        w.grad = b.grad = None
        loss = (X.matmul(w) + b - y[:, None]).square().sum() / len(y)
        loss.backward()
        w.data.sub_(w.grad, alpha=lr)
        b.data.sub_(b.grad, alpha=lr)
    return rows


def fit_by_module__module_in_dtype(X, y, lr, steps):
    model = nn.Sequential(nn.Linear(X.shape[1], 1), nn.Flatten(0)).to(X)
    with torch.no_grad():
        for p in model.parameters():
            p.zero_()
    optimizer = torch.optim.SGD(model.parameters(), lr)
    criterion = nn.MSELoss()
    rows = []
    for _ in range(steps):
        rows.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
        optimizer.zero_grad()
        criterion(model(X), y).backward()
        optimizer.step()
    rows.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
    return torch.stack(rows)


def fit_by_module__ones_column(X, y, lr, steps):
    A = torch.cat([X, X.new_ones(len(X), 1)], dim=1)
    layer = nn.Linear(A.shape[1], 1, bias=False, dtype=X.dtype, device=X.device)
    layer.weight.data.zero_()
    optimizer = torch.optim.SGD([layer.weight], lr=lr)
    rows = X.new_zeros(steps + 1, A.shape[1])
    for k in range(1, steps + 1):
        loss = (layer(A)[:, 0] - y).pow(2).mean()
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        optimizer.step()
        rows[k] = layer.weight.detach()[0]
    return rows


def one_sample_sgd__one_row_batches(X, y, order, lr):
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    trajectory = X.new_zeros(len(order) + 1, A.shape[1])
    for k, i in enumerate(order.tolist()):
        a, theta = A[i], trajectory[k]
        trajectory[k + 1] = theta - 2 * lr * (a.dot(theta) - y[i]) * a
    return trajectory


def one_sample_sgd__autograd(X, y, order, lr):
    theta = X.new_zeros(X.shape[1] + 1).requires_grad_()
    rows = [theta.detach().clone()]
    for x, target in zip(X[order], y[order]):
        loss = (theta[:-1] @ x + theta[-1] - target) ** 2
        (grad,) = torch.autograd.grad(loss, theta)
        with torch.no_grad():
            theta.sub_(lr * grad)
        rows.append(theta.detach().clone())
    return torch.stack(rows)


def one_sample_sgd__optimizer(X, y, order, lr):
    layer = nn.Linear(X.shape[1], 1).to(X)
    for p in layer.parameters():
        nn.init.zeros_(p)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    rows = [nn.utils.parameters_to_vector(layer.parameters()).detach()]
    for i in order:
        optimizer.zero_grad()
        nn.functional.mse_loss(layer(X[i]), y[i].reshape(1)).backward()
        optimizer.step()
        rows.append(nn.utils.parameters_to_vector(layer.parameters()).detach())
    return torch.stack(rows)


def count_updates__negative_floor(samples, batch_size, epochs, drop_last=False):
    return epochs * (samples // batch_size if drop_last else -(-samples // batch_size))


def count_updates__range(samples, batch_size, epochs, drop_last=False):
    end = samples - batch_size + 1 if drop_last else samples
    return epochs * len(range(0, end, batch_size))


def count_updates__divmod(samples, batch_size, epochs, drop_last=False):
    full, rest = divmod(samples, batch_size)
    return sum(full + (rest > 0 and not drop_last) for _ in range(epochs))


def count_updates__data_loader(samples, batch_size, epochs, drop_last=False):
    return epochs * len(DataLoader(range(samples), batch_size=batch_size, drop_last=drop_last))


def largest_stable_lr__singular_value(X):
    A = torch.hstack([X, X.new_ones(len(X), 1)])
    return len(X) / torch.linalg.matrix_norm(A, ord=2).item() ** 2


def largest_stable_lr__small_gram(X):
    gram = X @ X.T + 1  # (n, n): AAᵀ has the same largest eigenvalue as AᵀA
    return float(len(X) / torch.linalg.eigvalsh(gram).max())


def largest_stable_lr__eigvals_float64(X):
    A = torch.nn.functional.pad(X.to(torch.float64), (0, 1), value=1.0)
    hessian = torch.einsum("ni,nj->ij", A, A).mul(2).div(X.shape[0])
    return 2 / max(torch.linalg.eigvals(hessian).real.tolist())


def largest_stable_lr__autograd_hessian(X):
    def loss(theta):
        return (X @ theta[:-1] + theta[-1]).square().mean()

    hessian = torch.autograd.functional.hessian(loss, X.new_zeros(X.shape[1] + 1))
    return 2 / torch.linalg.svdvals(hessian)[0].item()


def collect_features__detach_each(model, loader):
    device = next(model.parameters()).device
    features = []
    for X, _ in loader:
        output = model(X.to(device))
        features.append(output.detach())
    return torch.concat(features, dim=0)


@torch.no_grad()
def collect_features__grow(model, loader):
    result = None
    for X, _ in loader:
        output = model(X.to(next(model.parameters()).device))
        result = output if result is None else torch.cat((result, output))
    return result


def collect_features__inference_mode(model, loader):
    device = next(model.parameters()).device
    with torch.inference_mode():
        return torch.cat([model(batch[0].to(device)) for batch in loader])


def collect_features__data(model, loader):
    device = next(model.parameters()).device
    return torch.cat([model(X.to(device)).data for X, _ in loader], 0)


def scheduled_rates__multiply_on_the_way(lr, step_size, gamma, epochs):
    rates = []
    for epoch in range(epochs):
        if epoch > 0 and epoch % step_size == 0:
            lr *= gamma
        rates.append(float(lr))
    return rates


def scheduled_rates__periods(lr, step_size, gamma, epochs):
    rates = []
    while len(rates) < epochs:
        rates += [lr] * step_size
        lr = lr * gamma
    return rates[:epochs]


def scheduled_rates__accumulate(lr, step_size, gamma, epochs):
    factors = [gamma if epoch % step_size == 0 else 1.0 for epoch in range(1, epochs)]
    return list(accumulate(factors, lambda rate, factor: rate * factor, initial=lr))[:epochs]


def train_epochs__plain_loops(loader, model, loss_fn, optimizer, scheduler, epochs):
    device = next(model.parameters()).device
    rates = []
    for _ in range(epochs):
        model.train()
        rates += scheduler.get_last_lr()
        for X, y in loader:
            optimizer.zero_grad()
            loss_fn(model(X.to(device)), y.to(device)).backward()
            optimizer.step()
        scheduler.step()
    return rates


def train_epochs__batches_in_a_list(loader, model, loss_fn, optimizer, scheduler, epochs):
    device = next(model.parameters()).device

    def one_epoch():
        model.train()
        (group,) = optimizer.param_groups
        rate = float(group["lr"])
        for X, y in [(X.to(device), y.to(device)) for X, y in loader]:
            loss = loss_fn(model(X), y)
            model.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        return rate

    return [one_epoch() for _ in range(epochs)]
