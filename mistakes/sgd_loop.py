"""Named wrong answers to the training loop; each docstring is what the learner is told."""

import torch
from torch import nn


def zero_gradients__first_only(params):
    """Only the first parameter's gradient is reset; here every parameter's gradient goes."""
    for p in params:
        p.grad = None
        return


def zero_gradients__crashes_without_gradient(params):
    """`p.grad.zero_()` fails where `p.grad` is None; here such a parameter is no error."""
    for p in params:
        p.grad.zero_()


def zero_gradients__zeroes_the_values(params):
    """The weights themselves become zero; here only their gradients are reset."""
    with torch.no_grad():
        for p in params:
            p.zero_()


def zero_gradients__rebinds_a_name(params):
    """A local name gets a new value, and `p.grad` still holds the old gradient; assign to `p.grad` itself."""
    for p in params:
        grad = p.grad
        grad = None  # noqa: F841


def zero_gradients__multiplies_by_zero(params):
    """Zero times nan or inf is nan, so a broken gradient survives; here those gradients go too."""
    for p in params:
        if p.grad is not None:
            p.grad *= 0


def zero_gradients__skips_frozen(params):
    """Parameters that do not require grad keep their old gradient; here every gradient is reset."""
    for p in params:
        if p.requires_grad:
            p.grad = None


def zero_gradients__switches_tracking_off(params):
    """`requires_grad` becomes False, so the next `backward` gives no gradient; here it stays as it is."""
    for p in params:
        p.grad = None
        p.requires_grad_(False)


def zero_gradients__unfreezes(params):
    """`requires_grad` becomes True, so frozen parameters are trained from now on; here it stays as it is."""
    for p in params:
        p.grad = None
        p.requires_grad_(True)


def sgd_step__adds_the_gradient(params, lr):
    """The step goes along the gradient, so the loss grows; subtract lr · grad instead."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p += lr * p.grad


def sgd_step__rebinds_the_name(params, lr):
    """`p = p - ...` makes a new tensor, and the parameter itself does not move; change it in place."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p = p - lr * p.grad


def sgd_step__crashes_without_gradient(params, lr):
    """A gradient of None is used like a tensor, which fails; here such a parameter stays where it is."""
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad


def sgd_step__stops_at_none(params, lr):
    """The loop ends at the first gradient of None, so later parameters do not move; skip only that one."""
    with torch.no_grad():
        for p in params:
            if p.grad is None:
                break
            p -= lr * p.grad


def sgd_step__tracked(params, lr):
    """Autograd does not let you change a leaf in place while it records; take the step under `no_grad`."""
    for p in params:
        if p.grad is not None:
            p -= lr * p.grad


def sgd_step__new_memory(params, lr):
    """The new values lie in new memory, so views of the parameter do not see them; change the values in place."""
    for p in params:
        if p.grad is not None:
            p.data = p.data - lr * p.grad


def sgd_step__clears_the_gradient(params, lr):
    """The step also throws the gradient away; here the gradients stay as they are."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * p.grad
                p.grad = None


def sgd_step__scales_the_gradient(params, lr):
    """The gradient is multiplied by lr in place; here the gradients stay as they are."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= p.grad.mul_(lr)


def sgd_step__ignores_lr(params, lr):
    """The step is the whole gradient; it is to be lr times the gradient."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= p.grad


def sgd_step__asks_torch_optim(params, lr):
    """`torch.optim.SGD` takes the step; here you write the step yourself."""
    params = list(params)
    if params:
        torch.optim.SGD(params, lr=lr).step()


def sgd_step__unfreezes(params, lr):
    """`requires_grad` is True afterwards whatever it was before; `no_grad` lets you step without touching it."""
    for p in params:
        if p.grad is not None:
            p.requires_grad_(False)
            p -= lr * p.grad
            p.requires_grad_(True)


def sgd_step__skips_frozen(params, lr):
    """A parameter that does not require grad is left out though it has a gradient; skip only a gradient of None."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None and p.requires_grad:
                p -= lr * p.grad


def weight_decay_step__decay_without_lr(params, lr, weight_decay):
    """The decay is not multiplied by lr; here it is part of the gradient: lr · (grad + weight_decay · w)."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * p.grad + weight_decay * p


def weight_decay_step__decays_after_the_step(params, lr, weight_decay):
    """The decay is computed from the weights that have moved already; here both parts use the old weights."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * p.grad
                p -= lr * weight_decay * p


def weight_decay_step__adds_to_the_gradient(params, lr, weight_decay):
    """The decay is added to `p.grad` in place; here the gradients stay as they are."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p.grad.add_(weight_decay * p)
                p -= lr * p.grad


def weight_decay_step__grows(params, lr, weight_decay):
    """The decay has the wrong sign and pushes weights away from zero; here it pulls them to zero."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * (p.grad - weight_decay * p)


def weight_decay_step__decays_without_gradient(params, lr, weight_decay):
    """Parameters with no gradient decay too; here they stay where they are."""
    with torch.no_grad():
        for p in params:
            grad = 0 if p.grad is None else p.grad
            p -= lr * (grad + weight_decay * p)


def weight_decay_step__twice_the_decay(params, lr, weight_decay):
    """The decay is 2 · weight_decay · w; the penalty is weight_decay / 2 · Σ w², whose gradient has no 2."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * (p.grad + 2 * weight_decay * p)


def weight_decay_step__sign_only(params, lr, weight_decay):
    """Every weight decays by the same amount (an L1 penalty); here the decay is weight_decay · w."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * (p.grad + weight_decay * p.sign())


def weight_decay_step__forgets_the_decay(params, lr, weight_decay):
    """This is the plain SGD step; here weight_decay · w is added to the gradient."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None:
                p -= lr * p.grad


def weight_decay_step__asks_torch_optim(params, lr, weight_decay):
    """`torch.optim.SGD` takes the step; here you write the step yourself."""
    params = list(params)
    if params:
        torch.optim.SGD(params, lr=lr, weight_decay=weight_decay).step()


def weight_decay_step__unfreezes(params, lr, weight_decay):
    """`requires_grad` is True afterwards whatever it was before; `no_grad` lets you step without touching it."""
    for p in params:
        if p.grad is not None:
            p.requires_grad_(False)
            p -= lr * (p.grad + weight_decay * p)
            p.requires_grad_(True)


def weight_decay_step__skips_frozen(params, lr, weight_decay):
    """A parameter that does not require grad is left out though it has a gradient; skip only a gradient of None."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None and p.requires_grad:
                p -= lr * (p.grad + weight_decay * p)


def weight_decay_step__rests_at_zero_gradient(params, lr, weight_decay):
    """A parameter whose gradient is all zeros does not decay; only one whose gradient is None stays where it is."""
    with torch.no_grad():
        for p in params:
            if p.grad is not None and p.grad.any():
                p -= lr * (p.grad + weight_decay * p)


def momentum_step__damped(params, velocities, lr, momentum, weight_decay=0.0):
    """The gradient is multiplied by 1 - momentum (dampening); here it enters the velocity whole."""
    with torch.no_grad():
        for p, v in zip(params, velocities, strict=True):
            if p.grad is not None:
                v.mul_(momentum).add_((1 - momentum) * (p.grad + weight_decay * p))
                p -= lr * v


def momentum_step__lr_in_the_velocity(params, velocities, lr, momentum, weight_decay=0.0):
    """The velocity holds lr · grad, so later changes of lr come too late; lr only multiplies the step."""
    with torch.no_grad():
        for p, v in zip(params, velocities, strict=True):
            if p.grad is not None:
                v.mul_(momentum).add_(lr * (p.grad + weight_decay * p))
                p -= v


def momentum_step__moves_first(params, velocities, lr, momentum, weight_decay=0.0):
    """The parameter moves by the old velocity; update the velocity first, then move."""
    with torch.no_grad():
        for p, v in zip(params, velocities, strict=True):
            if p.grad is not None:
                grad = p.grad + weight_decay * p
                p -= lr * v
                v.mul_(momentum).add_(grad)


def momentum_step__rebinds_the_velocity(params, velocities, lr, momentum, weight_decay=0.0):
    """`v = ...` makes a new tensor that is forgotten after the step; change the velocity in place."""
    with torch.no_grad():
        for p, v in zip(params, velocities, strict=True):
            if p.grad is not None:
                v = momentum * v + p.grad + weight_decay * p
                p -= lr * v


def momentum_step__replaces_the_velocity(params, velocities, lr, momentum, weight_decay=0.0):
    """The list gets new velocity tensors, and the old ones keep their values; change the velocities in place."""
    with torch.no_grad():
        for i, p in enumerate(params):
            if p.grad is not None:
                velocities[i] = momentum * velocities[i] + p.grad + weight_decay * p
                p -= lr * velocities[i]


def momentum_step__nesterov(params, velocities, lr, momentum, weight_decay=0.0):
    """This is Nesterov momentum, which steps by grad + momentum · v; here the step is lr · v."""
    with torch.no_grad():
        for p, v in zip(params, velocities, strict=True):
            if p.grad is not None:
                grad = p.grad + weight_decay * p
                v.mul_(momentum).add_(grad)
                p -= lr * (grad + momentum * v)


def momentum_step__decay_beside_the_velocity(params, velocities, lr, momentum, weight_decay=0.0):
    """The decay acts on the weights alone; here it is added to the gradient, so it enters the velocity."""
    with torch.no_grad():
        for p, v in zip(params, velocities, strict=True):
            if p.grad is not None:
                v.mul_(momentum).add_(p.grad)
                p -= lr * (v + weight_decay * p)


def momentum_step__moves_without_gradient(params, velocities, lr, momentum, weight_decay=0.0):
    """A parameter with no gradient goes on with its old velocity; here both of them stay."""
    with torch.no_grad():
        for p, v in zip(params, velocities, strict=True):
            v.mul_(momentum)
            if p.grad is not None:
                v.add_(p.grad + weight_decay * p)
            p -= lr * v


def momentum_step__pairs_by_gradient(params, velocities, lr, momentum, weight_decay=0.0):
    """Once a parameter with no gradient is dropped, the others get the wrong velocity; pair them first, then skip."""
    with torch.no_grad():
        moving = [p for p in params if p.grad is not None]
        for p, v in zip(moving, velocities):
            v.mul_(momentum).add_(p.grad + weight_decay * p)
            p -= lr * v


def momentum_step__asks_torch_optim(params, velocities, lr, momentum, weight_decay=0.0):
    """`torch.optim.SGD` takes the step; here you write the step yourself."""
    for p, v in zip(params, velocities):
        optimizer = torch.optim.SGD([p], lr=lr, momentum=momentum, weight_decay=weight_decay)
        optimizer.state[p]["momentum_buffer"] = v
        optimizer.step()


def momentum_step__new_velocity_memory(params, velocities, lr, momentum, weight_decay=0.0):
    """The new velocity lies in new memory, so views of the old one do not see it; change its values in place."""
    with torch.no_grad():
        for p, v in zip(params, velocities, strict=True):
            if p.grad is not None:
                v.data = momentum * v + p.grad + weight_decay * p
                p -= lr * v


def momentum_step__adds_to_the_gradient(params, velocities, lr, momentum, weight_decay=0.0):
    """The decay is added to `p.grad` in place; here the gradients stay as they are."""
    with torch.no_grad():
        for p, v in zip(params, velocities, strict=True):
            if p.grad is not None:
                v.mul_(momentum).add_(p.grad.add_(weight_decay * p))
                p -= lr * v


def momentum_step__rests_at_zero_gradient(params, velocities, lr, momentum, weight_decay=0.0):
    """Nothing moves where the gradient is all zeros; only where it is None do parameter and velocity stay."""
    with torch.no_grad():
        for p, v in zip(params, velocities, strict=True):
            if p.grad is not None and p.grad.any():
                v.mul_(momentum).add_(p.grad + weight_decay * p)
                p -= lr * v


def momentum_step__skips_frozen(params, velocities, lr, momentum, weight_decay=0.0):
    """A parameter that does not require grad is left out though it has a gradient; skip only a gradient of None."""
    with torch.no_grad():
        for p, v in zip(params, velocities, strict=True):
            if p.grad is not None and p.requires_grad:
                v.mul_(momentum).add_(p.grad + weight_decay * p)
                p -= lr * v


def training_step__zeroes_after_backward(model, loss_fn, optimizer, X, y):
    """`zero_grad` between `backward` and `step` throws the new gradient away; zero, then backward, then step."""
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


def training_step__never_zeroes(model, loss_fn, optimizer, X, y):
    """The new gradient is added to the old one; call `zero_grad` before `backward`."""
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def training_step__zeroes_at_the_end(model, loss_fn, optimizer, X, y):
    """Gradients are reset only after the step, so an old one spoils the first step; reset them before `backward`."""
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


def training_step__steps_before_backward(model, loss_fn, optimizer, X, y):
    """The step uses the old gradients, as `backward` comes after it; zero, then backward, then step."""
    loss = loss_fn(model(X), y)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


def training_step__returns_the_tensor(model, loss_fn, optimizer, X, y):
    """The loss comes back as a tensor that holds on to its graph; `item()` gives the Python float."""
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def training_step__loss_after_the_step(model, loss_fn, optimizer, X, y):
    """The loss is measured again after the step; return the one from before, and call the model only once."""
    optimizer.zero_grad()
    loss_fn(model(X), y).backward()
    optimizer.step()
    return loss_fn(model(X), y).item()


def training_step__calls_the_model_twice(model, loss_fn, optimizer, X, y):
    """The model runs twice, so dropout is drawn and BatchNorm is updated twice; one call gives loss and gradient."""
    optimizer.zero_grad()
    loss_fn(model(X), y).backward()
    loss = loss_fn(model(X), y).item()
    optimizer.step()
    return loss


def training_step__swaps_the_arguments(model, loss_fn, optimizer, X, y):
    """The loss function gets the target first; torch's losses take the prediction first: loss_fn(model(X), y)."""
    loss = loss_fn(y, model(X))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def training_step__switches_to_train(model, loss_fn, optimizer, X, y):
    """The model is put into train mode; here it is used in the mode it comes in."""
    model.train()
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def training_step__times_the_batch_size(model, loss_fn, optimizer, X, y):
    """The loss is multiplied by the batch size; return what the loss function gives."""
    loss = loss_fn(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item() * len(X)


def training_step__squeezes_the_output(model, loss_fn, optimizer, X, y):
    """Output and target get different shapes, (n,) and (n, 1), which broadcast to a table; give both as they are."""
    loss = loss_fn(model(X).squeeze(-1), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def training_step__flattens_the_input(model, loss_fn, optimizer, X, y):
    """X is flattened before the model sees it, which spoils images for a convolution; give the model X as it is."""
    loss = loss_fn(model(X.flatten(1)), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def training_step__own_loss(model, loss_fn, optimizer, X, y):
    """The loss is always cross entropy; call `loss_fn`, which may be another one."""
    loss = nn.functional.cross_entropy(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def training_step__differentiates_by_frozen(model, loss_fn, optimizer, X, y):
    """`torch.autograd.grad` fails on a parameter that is frozen; `loss.backward()` passes over it."""
    loss = loss_fn(model(X), y)
    params = list(model.parameters())
    for p, grad in zip(params, torch.autograd.grad(loss, params)):
        p.grad = grad
    optimizer.step()
    return loss.item()


def train_loop__counts_by_batch_size(loader, model, loss_fn, optimizer, report_every=100):
    """The count is (index + 1) times this batch's size, which is wrong on a short last batch; add up the sizes."""
    device = next(model.parameters()).device
    model.train()
    report = []
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if index % report_every == 0:
            report.append((loss.item(), (index + 1) * len(X)))
    return report


def train_loop__counts_before_the_batch(loader, model, loss_fn, optimizer, report_every=100):
    """The count leaves out the batch that is reported; its samples have been seen too."""
    device = next(model.parameters()).device
    model.train()
    report, seen = [], 0
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if index % report_every == 0:
            report.append((loss.item(), seen))
        seen += len(X)
    return report


def train_loop__counts_batches(loader, model, loss_fn, optimizer, report_every=100):
    """The count is one of batches; here it is one of samples, so add `len(X)`."""
    device = next(model.parameters()).device
    model.train()
    report = []
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if index % report_every == 0:
            report.append((loss.item(), index + 1))
    return report


def train_loop__keeps_the_mode(loader, model, loss_fn, optimizer, report_every=100):
    """The model trains in the mode it comes in, maybe eval; call `model.train()` first."""
    device = next(model.parameters()).device
    report, seen = [], 0
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(X)
        if index % report_every == 0:
            report.append((loss.item(), seen))
    return report


def train_loop__never_zeroes(loader, model, loss_fn, optimizer, report_every=100):
    """Gradients add up from batch to batch; call `zero_grad` before each `backward`."""
    device = next(model.parameters()).device
    model.train()
    report, seen = [], 0
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X.to(device)), y.to(device))
        loss.backward()
        optimizer.step()
        seen += len(X)
        if index % report_every == 0:
            report.append((loss.item(), seen))
    return report


def train_loop__reports_after_each_hundred(loader, model, loss_fn, optimizer, report_every=100):
    """The report comes at the end of every `report_every` batches; here it begins with batch 0."""
    device = next(model.parameters()).device
    model.train()
    report, seen = [], 0
    for index, (X, y) in enumerate(loader, start=1):
        loss = loss_fn(model(X.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(X)
        if index % report_every == 0:
            report.append((loss.item(), seen))
    return report


def train_loop__reports_the_running_mean(loader, model, loss_fn, optimizer, report_every=100):
    """The reported loss is the mean since the start; here it is the loss of that batch alone."""
    device = next(model.parameters()).device
    model.train()
    report, seen, total = [], 0, 0.0
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(X)
        total += loss.item() * len(X)
        if index % report_every == 0:
            report.append((total / seen, seen))
    return report


def train_loop__trains_on_reported_only(loader, model, loss_fn, optimizer, report_every=100):
    """Only the batches in the report are trained on; every batch takes a step, reported or not."""
    device = next(model.parameters()).device
    model.train()
    report, seen = [], 0
    for index, (X, y) in enumerate(loader):
        seen += len(X)
        if index % report_every == 0:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            report.append((loss.item(), seen))
    return report


def train_loop__ignores_report_every(loader, model, loss_fn, optimizer, report_every=100):
    """The report has every 100th batch whatever `report_every` says; use the argument."""
    device = next(model.parameters()).device
    model.train()
    report, seen = [], 0
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(X)
        if index % 100 == 0:
            report.append((loss.item(), seen))
    return report


def train_loop__reports_tensors(loader, model, loss_fn, optimizer, report_every=100):
    """The report holds loss tensors, each with its graph; `item()` gives the Python float."""
    device = next(model.parameters()).device
    model.train()
    report, seen = [], 0
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(X)
        if index % report_every == 0:
            report.append((loss, seen))
    return report


def train_loop__never_moves_the_data(loader, model, loss_fn, optimizer, report_every=100):
    """The batches stay on their own device, which fails when the model is elsewhere; move X and y to it."""
    model.train()
    report, seen = [], 0
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(X)
        if index % report_every == 0:
            report.append((loss.item(), seen))
    return report


def train_loop__squeezes_the_output(loader, model, loss_fn, optimizer, report_every=100):
    """Output and target get different shapes, (n,) and (n, 1), which broadcast to a table; give both as they are."""
    device = next(model.parameters()).device
    model.train()
    report, seen = [], 0
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X.to(device)).squeeze(-1), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(X)
        if index % report_every == 0:
            report.append((loss.item(), seen))
    return report


def train_loop__flattens_the_input(loader, model, loss_fn, optimizer, report_every=100):
    """X is flattened before the model sees it, which spoils images for a convolution; give the model X as it is."""
    device = next(model.parameters()).device
    model.train()
    report, seen = [], 0
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X.to(device).flatten(1)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(X)
        if index % report_every == 0:
            report.append((loss.item(), seen))
    return report


def train_loop__whole_targets(loader, model, loss_fn, optimizer, report_every=100):
    """The targets become whole numbers, which is wrong where they are floats; give y to the loss as it is."""
    device = next(model.parameters()).device
    model.train()
    report, seen = [], 0
    for index, (X, y) in enumerate(loader):
        loss = loss_fn(model(X.to(device)), y.to(device).long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(X)
        if index % report_every == 0:
            report.append((loss.item(), seen))
    return report


def train_loop__own_loss(loader, model, loss_fn, optimizer, report_every=100):
    """The loss is always cross entropy; call `loss_fn`, which may be another one."""
    device = next(model.parameters()).device
    model.train()
    report, seen = [], 0
    for index, (X, y) in enumerate(loader):
        loss = nn.functional.cross_entropy(model(X.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(X)
        if index % report_every == 0:
            report.append((loss.item(), seen))
    return report


def test_loop__loss_mean_of_batches(loader, model, loss_fn):
    """The average loss is the mean of the batch losses, so a short batch counts too much; weight each by `len(X)`."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    correct, total_loss, seen, batches = 0, 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits, labels = model(X.to(device)), y.to(device)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total_loss += loss_fn(logits, labels).item()
            seen += len(X)
            batches += 1
    model.train(was_training)
    return correct / seen, total_loss / batches


def test_loop__accuracy_mean_of_batches(loader, model, loss_fn):
    """The accuracy is the mean of the batch accuracies, so a short batch counts too much; count over all samples."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    accuracy, total_loss, seen, batches = 0.0, 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits, labels = model(X.to(device)), y.to(device)
            accuracy += (logits.argmax(dim=1) == labels).double().mean().item()
            total_loss += loss_fn(logits, labels).item() * len(X)
            seen += len(X)
            batches += 1
    model.train(was_training)
    return accuracy / batches, total_loss / seen


def test_loop__batch_losses_over_samples(loader, model, loss_fn):
    """Batch means are added and divided by the number of samples; multiply each batch mean by `len(X)` first."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    correct, total_loss, seen = 0, 0.0, 0
    with torch.no_grad():
        for X, y in loader:
            logits, labels = model(X.to(device)), y.to(device)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total_loss += loss_fn(logits, labels).item()
            seen += len(X)
    model.train(was_training)
    return correct / seen, total_loss / seen


def test_loop__keeps_the_mode(loader, model, loss_fn):
    """The model is evaluated in the mode it comes in, maybe train; call `model.eval()` first."""
    device = next(model.parameters()).device
    correct, total_loss, seen = 0, 0.0, 0
    with torch.no_grad():
        for X, y in loader:
            logits, labels = model(X.to(device)), y.to(device)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total_loss += loss_fn(logits, labels).item() * len(X)
            seen += len(X)
    return correct / seen, total_loss / seen


def test_loop__leaves_eval_mode(loader, model, loss_fn):
    """The model is left in eval mode; give it back in the mode it came in."""
    device = next(model.parameters()).device
    model.eval()
    correct, total_loss, seen = 0, 0.0, 0
    with torch.no_grad():
        for X, y in loader:
            logits, labels = model(X.to(device)), y.to(device)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total_loss += loss_fn(logits, labels).item() * len(X)
            seen += len(X)
    return correct / seen, total_loss / seen


def test_loop__always_back_to_train(loader, model, loss_fn):
    """The model is in train mode afterwards even if it came in eval mode; remember `model.training` first."""
    device = next(model.parameters()).device
    model.eval()
    correct, total_loss, seen = 0, 0.0, 0
    with torch.no_grad():
        for X, y in loader:
            logits, labels = model(X.to(device)), y.to(device)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total_loss += loss_fn(logits, labels).item() * len(X)
            seen += len(X)
    model.train()
    return correct / seen, total_loss / seen


def test_loop__records_a_graph(loader, model, loss_fn):
    """The model is called while autograd records; evaluate under `no_grad`."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    correct, total_loss, seen = 0, 0.0, 0
    for X, y in loader:
        logits, labels = model(X.to(device)), y.to(device)
        correct += (logits.argmax(dim=1) == labels).sum().item()
        total_loss += loss_fn(logits, labels).item() * len(X)
        seen += len(X)
    model.train(was_training)
    return correct / seen, total_loss / seen


def test_loop__percent(loader, model, loss_fn):
    """The accuracy is a percentage; here it goes from 0 to 1."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    correct, total_loss, seen = 0, 0.0, 0
    with torch.no_grad():
        for X, y in loader:
            logits, labels = model(X.to(device)), y.to(device)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total_loss += loss_fn(logits, labels).item() * len(X)
            seen += len(X)
    model.train(was_training)
    return 100 * correct / seen, total_loss / seen


def test_loop__loss_first(loader, model, loss_fn):
    """The average loss comes first; here the order is (accuracy, average loss)."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    correct, total_loss, seen = 0, 0.0, 0
    with torch.no_grad():
        for X, y in loader:
            logits, labels = model(X.to(device)), y.to(device)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total_loss += loss_fn(logits, labels).item() * len(X)
            seen += len(X)
    model.train(was_training)
    return total_loss / seen, correct / seen


def test_loop__last_batch_only(loader, model, loss_fn):
    """Both numbers are those of the last batch; add up over all batches."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    with torch.no_grad():
        for X, y in loader:
            logits, labels = model(X.to(device)), y.to(device)
            accuracy = (logits.argmax(dim=1) == labels).double().mean().item()
            loss = loss_fn(logits, labels).item()
    model.train(was_training)
    return accuracy, loss


def test_loop__never_moves_the_data(loader, model, loss_fn):
    """The batches stay on their own device, which fails when the model is elsewhere; move X and y to it."""
    was_training = model.training
    model.eval()
    correct, total_loss, seen = 0, 0.0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            correct += (logits.argmax(dim=1) == y).sum().item()
            total_loss += loss_fn(logits, y).item() * len(X)
            seen += len(X)
    model.train(was_training)
    return correct / seen, total_loss / seen


def test_loop__own_loss(loader, model, loss_fn):
    """The loss is always cross entropy; call `loss_fn`, which may be another one."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    correct, total_loss, seen = 0, 0.0, 0
    with torch.no_grad():
        for X, y in loader:
            logits, labels = model(X.to(device)), y.to(device)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total_loss += nn.functional.cross_entropy(logits, labels).item() * len(X)
            seen += len(X)
    model.train(was_training)
    return correct / seen, total_loss / seen


def test_loop__flattens_the_input(loader, model, loss_fn):
    """X is flattened before the model sees it, which spoils images for a convolution; give the model X as it is."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    correct, total_loss, seen = 0, 0.0, 0
    with torch.no_grad():
        for X, y in loader:
            logits, labels = model(X.to(device).flatten(1)), y.to(device)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total_loss += loss_fn(logits, labels).item() * len(X)
            seen += len(X)
    model.train(was_training)
    return correct / seen, total_loss / seen


def fit_by_hand__same_row_again(X, y, lr, steps):
    """Every row is the same tensor, changed in place later, so all rows show the end; store a copy of each."""
    theta = X.new_zeros(X.shape[1] + 1)
    trajectory = [theta]
    for _ in range(steps):
        residual = X @ theta[:-1] + theta[-1] - y
        theta[:-1] -= lr * 2 / len(X) * (X.T @ residual)
        theta[-1] -= lr * 2 / len(X) * residual.sum()
        trajectory.append(theta)
    return torch.stack(trajectory)


def fit_by_hand__no_two(X, y, lr, steps):
    """The gradients lack the 2 from differentiating r²; they are 2/n · Xᵀr and 2/n · Σ r."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for _ in range(steps):
        residual = X @ w + b - y
        w = w - lr / len(X) * (X.T @ residual)
        b = b - lr / len(X) * residual.sum()
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def fit_by_hand__sum_of_squares(X, y, lr, steps):
    """The gradients are those of the sum of the squares; the loss is their mean, so divide by n."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for _ in range(steps):
        residual = X @ w + b - y
        w = w - lr * 2 * (X.T @ residual)
        b = b - lr * 2 * residual.sum()
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def fit_by_hand__bias_after_weights(X, y, lr, steps):
    """The bias uses weights that have moved already; take both gradients first, then move."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for _ in range(steps):
        w = w - lr * 2 / len(X) * (X.T @ (X @ w + b - y))
        b = b - lr * 2 / len(X) * (X @ w + b - y).sum()
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def fit_by_hand__no_start(X, y, lr, steps):
    """The start is left out; row 0 holds the zeros before the first step."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = X.new_zeros(steps, X.shape[1] + 1)
    for step in range(steps):
        residual = X @ w + b - y
        w = w - lr * 2 / len(X) * (X.T @ residual)
        b = b - lr * 2 / len(X) * residual.sum()
        trajectory[step] = torch.cat([w, b])
    return trajectory


def fit_by_hand__bias_stays(X, y, lr, steps):
    """The bias never moves; it has a gradient of its own, 2/n · Σ r."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for _ in range(steps):
        residual = X @ w + b - y
        w = w - lr * 2 / len(X) * (X.T @ residual)
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def fit_by_hand__climbs(X, y, lr, steps):
    """The steps go up the gradient and the loss grows; subtract lr times the gradient."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for _ in range(steps):
        residual = X @ w + b - y
        w = w + lr * 2 / len(X) * (X.T @ residual)
        b = b + lr * 2 / len(X) * residual.sum()
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def fit_by_hand__column_minus_row(X, y, lr, steps):
    """A prediction of shape (n, 1) minus y of shape (n,) is an (n, n) table; give both the same shape."""
    w, b = X.new_zeros(X.shape[1], 1), X.new_zeros(1)
    trajectory = [torch.cat([w.squeeze(1), b])]
    for _ in range(steps):
        residual = X @ w + b - y
        w = w - lr * 2 / residual.numel() * (X.T @ residual).sum(dim=1, keepdim=True)
        b = b - lr * 2 * residual.mean()
        trajectory.append(torch.cat([w.squeeze(1), b]))
    return torch.stack(trajectory)


def fit_by_hand__float32(X, y, lr, steps):
    """The fit runs in float32 whatever X is; the result has X's dtype."""
    X, y = X.float(), y.float()
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for _ in range(steps):
        residual = X @ w + b - y
        w = w - lr * 2 / len(X) * (X.T @ residual)
        b = b - lr * 2 / len(X) * residual.sum()
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def fit_by_hand__starts_on_the_cpu(X, y, lr, steps):
    """The weights start on the CPU, which fails for X elsewhere; make them on X's device, as `new_zeros` does."""
    w = torch.zeros(X.shape[1], dtype=X.dtype, device="cpu")
    b = torch.zeros(1, dtype=X.dtype, device="cpu")
    trajectory = [torch.cat([w, b])]
    for _ in range(steps):
        residual = X @ w + b - y
        w = w - lr * 2 / len(X) * (X.T @ residual)
        b = b - lr * 2 / len(X) * residual.sum()
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def fit_by_hand__lets_autograd_do_it(X, y, lr, steps):
    """`backward` computes the gradients; here you write them by hand."""
    theta = X.new_zeros(X.shape[1] + 1).requires_grad_()
    trajectory = [theta.detach().clone()]
    for _ in range(steps):
        theta.grad = None
        (X @ theta[:-1] + theta[-1] - y).square().mean().backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        trajectory.append(theta.detach().clone())
    return torch.stack(trajectory)


def fit_by_autograd__never_zeroes(X, y, lr, steps):
    """Gradients add up from step to step; reset them before each `backward`."""
    theta = X.new_zeros(X.shape[1] + 1).requires_grad_()
    trajectory = [theta.detach().clone()]
    for _ in range(steps):
        (X @ theta[:-1] + theta[-1] - y).square().mean().backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        trajectory.append(theta.detach().clone())
    return torch.stack(trajectory)


def fit_by_autograd__zeroes_weights_only(X, y, lr, steps):
    """Only the gradient of w is reset, so that of b adds up; reset both."""
    w = X.new_zeros(X.shape[1]).requires_grad_()
    b = X.new_zeros(1).requires_grad_()
    trajectory = [torch.cat([w, b]).detach()]
    for _ in range(steps):
        w.grad = None
        (X @ w + b - y).square().mean().backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        trajectory.append(torch.cat([w, b]).detach())
    return torch.stack(trajectory)


def fit_by_autograd__detached_rows(X, y, lr, steps):
    """`detach` shares memory, so every row shows the last weights; copy each row with `clone`."""
    theta = X.new_zeros(X.shape[1] + 1).requires_grad_()
    trajectory = [theta.detach()]
    for _ in range(steps):
        theta.grad = None
        (X @ theta[:-1] + theta[-1] - y).square().mean().backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        trajectory.append(theta.detach())
    return torch.stack(trajectory)


def fit_by_autograd__loses_the_leaf(X, y, lr, steps):
    """`theta = theta - ...` outside `no_grad` is no leaf and gets no `.grad`; change it in place under `no_grad`."""
    theta = X.new_zeros(X.shape[1] + 1).requires_grad_()
    trajectory = [theta.detach().clone()]
    for _ in range(steps):
        (X @ theta[:-1] + theta[-1] - y).square().mean().backward()
        theta = theta - lr * theta.grad
        trajectory.append(theta.detach().clone())
    return torch.stack(trajectory)


def fit_by_autograd__keeps_the_graph(X, y, lr, steps):
    """The result still requires grad and holds the graphs of its rows; `detach` each row."""
    theta = X.new_zeros(X.shape[1] + 1).requires_grad_()
    trajectory = [theta.clone()]
    for _ in range(steps):
        theta.grad = None
        (X @ theta[:-1] + theta[-1] - y).square().mean().backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        trajectory.append(theta.clone())
    return torch.stack(trajectory)


def fit_by_autograd__sum_of_squares(X, y, lr, steps):
    """The loss is the sum of the squares; here it is their mean."""
    theta = X.new_zeros(X.shape[1] + 1).requires_grad_()
    trajectory = [theta.detach().clone()]
    for _ in range(steps):
        theta.grad = None
        (X @ theta[:-1] + theta[-1] - y).square().sum().backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        trajectory.append(theta.detach().clone())
    return torch.stack(trajectory)


def fit_by_autograd__column_minus_row(X, y, lr, steps):
    """A prediction of shape (n, 1) minus y of shape (n,) is an (n, n) table; give both the same shape."""
    w = X.new_zeros(X.shape[1], 1).requires_grad_()
    b = X.new_zeros(1).requires_grad_()
    trajectory = [torch.cat([w.flatten(), b]).detach()]
    for _ in range(steps):
        w.grad = b.grad = None
        (X @ w + b - y).square().mean().backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        trajectory.append(torch.cat([w.flatten(), b]).detach())
    return torch.stack(trajectory)


def fit_by_autograd__no_start(X, y, lr, steps):
    """The start is left out; row 0 holds the zeros before the first step."""
    theta = X.new_zeros(X.shape[1] + 1).requires_grad_()
    trajectory = X.new_zeros(steps, X.shape[1] + 1)
    for step in range(steps):
        theta.grad = None
        (X @ theta[:-1] + theta[-1] - y).square().mean().backward()
        with torch.no_grad():
            theta -= lr * theta.grad
        trajectory[step] = theta.detach()
    return trajectory


def fit_by_autograd__takes_an_optimizer(X, y, lr, steps):
    """`torch.optim` takes the steps; here you write the step yourself."""
    theta = X.new_zeros(X.shape[1] + 1).requires_grad_()
    optimizer = torch.optim.SGD([theta], lr=lr)
    trajectory = [theta.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        (X @ theta[:-1] + theta[-1] - y).square().mean().backward()
        optimizer.step()
        trajectory.append(theta.detach().clone())
    return torch.stack(trajectory)


def fit_by_module__random_start(X, y, lr, steps):
    """`nn.Linear` starts with random weights; here weight and bias start at zero."""
    layer = nn.Linear(X.shape[1], 1, device=X.device, dtype=X.dtype)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    trajectory = [torch.cat([layer.weight.flatten(), layer.bias]).detach()]
    for _ in range(steps):
        loss = nn.functional.mse_loss(layer(X).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        trajectory.append(torch.cat([layer.weight.flatten(), layer.bias]).detach())
    return torch.stack(trajectory)


def fit_by_module__random_bias(X, y, lr, steps):
    """The weight starts at zero, but the bias is still random; set both to zero."""
    layer = nn.Linear(X.shape[1], 1, device=X.device, dtype=X.dtype)
    nn.init.zeros_(layer.weight)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    trajectory = [torch.cat([layer.weight.flatten(), layer.bias]).detach()]
    for _ in range(steps):
        loss = nn.functional.mse_loss(layer(X).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        trajectory.append(torch.cat([layer.weight.flatten(), layer.bias]).detach())
    return torch.stack(trajectory)


def fit_by_module__column_minus_row(X, y, lr, steps):
    """The layer gives (n, 1) and y is (n,), so the difference is an (n, n) table; give both the same shape."""
    layer = nn.Linear(X.shape[1], 1, device=X.device, dtype=X.dtype)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    trajectory = [torch.cat([layer.weight.flatten(), layer.bias]).detach()]
    for _ in range(steps):
        loss = (layer(X) - y).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        trajectory.append(torch.cat([layer.weight.flatten(), layer.bias]).detach())
    return torch.stack(trajectory)


def fit_by_module__never_zeroes(X, y, lr, steps):
    """Gradients add up from step to step; call `zero_grad` before each `backward`."""
    layer = nn.Linear(X.shape[1], 1, device=X.device, dtype=X.dtype)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    trajectory = [torch.cat([layer.weight.flatten(), layer.bias]).detach()]
    for _ in range(steps):
        nn.functional.mse_loss(layer(X).squeeze(1), y).backward()
        optimizer.step()
        trajectory.append(torch.cat([layer.weight.flatten(), layer.bias]).detach())
    return torch.stack(trajectory)


def fit_by_module__default_dtype(X, y, lr, steps):
    """The layer is float32 and fails on float64 inputs; give it X's dtype."""
    layer = nn.Linear(X.shape[1], 1, device=X.device)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    trajectory = [torch.cat([layer.weight.flatten(), layer.bias]).detach()]
    for _ in range(steps):
        loss = nn.functional.mse_loss(layer(X).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        trajectory.append(torch.cat([layer.weight.flatten(), layer.bias]).detach())
    return torch.stack(trajectory)


def fit_by_module__keeps_the_graph(X, y, lr, steps):
    """The result still requires grad and holds the graphs of its rows; `detach` each row."""
    layer = nn.Linear(X.shape[1], 1, device=X.device, dtype=X.dtype)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    trajectory = [torch.cat([layer.weight.flatten(), layer.bias])]
    for _ in range(steps):
        loss = nn.functional.mse_loss(layer(X).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        trajectory.append(torch.cat([layer.weight.flatten(), layer.bias]))
    return torch.stack(trajectory)


def fit_by_module__bias_first(X, y, lr, steps):
    """Each row begins with the bias; here the weights come first and the bias last."""
    layer = nn.Linear(X.shape[1], 1, device=X.device, dtype=X.dtype)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    trajectory = [torch.cat([layer.bias, layer.weight.flatten()]).detach()]
    for _ in range(steps):
        loss = nn.functional.mse_loss(layer(X).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        trajectory.append(torch.cat([layer.bias, layer.weight.flatten()]).detach())
    return torch.stack(trajectory)


def fit_by_module__shared_rows(X, y, lr, steps):
    """`detach` shares memory, so every row shows the last weights; copy each row with `clone` or `cat`."""
    layer = nn.Linear(X.shape[1], 1, device=X.device, dtype=X.dtype)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    trajectory = [(layer.weight.detach().flatten(), layer.bias.detach())]
    for _ in range(steps):
        loss = nn.functional.mse_loss(layer(X).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        trajectory.append((layer.weight.detach().flatten(), layer.bias.detach()))
    return torch.stack([torch.cat(row) for row in trajectory])


def fit_by_module__layer_on_the_cpu(X, y, lr, steps):
    """The layer lies on the CPU, which fails for X elsewhere; make it on X's device."""
    layer = nn.Linear(X.shape[1], 1, device="cpu", dtype=X.dtype)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    trajectory = [torch.cat([layer.weight.flatten(), layer.bias]).detach()]
    for _ in range(steps):
        loss = nn.functional.mse_loss(layer(X).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        trajectory.append(torch.cat([layer.weight.flatten(), layer.bias]).detach())
    return torch.stack(trajectory)


def fit_by_module__without_a_module(X, y, lr, steps):
    """The fit is written by hand; here an `nn.Linear` and `torch.optim.SGD` do the work."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for _ in range(steps):
        residual = X @ w + b - y
        w = w - lr * 2 / len(X) * (X.T @ residual)
        b = b - lr * 2 / len(X) * residual.sum()
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def one_sample_sgd__ignores_the_order(X, y, order, lr):
    """Step k uses sample k, modulo n; it is to use the sample `order[k]`."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for k in range(len(order)):
        i = k % len(X)
        residual = X[i] @ w + b - y[i]
        w, b = w - lr * 2 * residual * X[i], b - lr * 2 * residual
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def one_sample_sgd__uses_all_samples(X, y, order, lr):
    """Each step uses the mean gradient of all samples; step k is to use only the sample `order[k]`."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for _ in order:
        residual = X @ w + b - y
        w, b = w - lr * 2 / len(X) * (X.T @ residual), b - lr * 2 * residual.mean()
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def one_sample_sgd__sorted_order(X, y, order, lr):
    """The samples are used in increasing order; keep the order that is given."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for i in order.sort().values:
        residual = X[i] @ w + b - y[i]
        w, b = w - lr * 2 * residual * X[i], b - lr * 2 * residual
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def one_sample_sgd__gradients_at_the_start(X, y, order, lr):
    """All gradients are taken at the starting weights; each step uses the weights that the step before left."""
    residual = -2 * y[order]
    gradients = torch.cat([residual[:, None] * X[order], residual[:, None]], dim=1)
    start = X.new_zeros(1, X.shape[1] + 1)
    return torch.cat([start, -lr * gradients.cumsum(dim=0)])


def one_sample_sgd__divides_by_n(X, y, order, lr):
    """The gradient is divided by the number of samples; the loss is that of one sample, so there is no n."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for i in order:
        residual = X[i] @ w + b - y[i]
        w, b = w - lr * 2 / len(X) * residual * X[i], b - lr * 2 / len(X) * residual
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def one_sample_sgd__bias_after_weights(X, y, order, lr):
    """The bias uses weights that have moved already; take both gradients first, then move."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for i in order:
        w = w - lr * 2 * (X[i] @ w + b - y[i]) * X[i]
        b = b - lr * 2 * (X[i] @ w + b - y[i])
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def one_sample_sgd__no_two(X, y, order, lr):
    """The gradients lack the 2 from differentiating r²; they are 2r · x and 2r."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for i in order:
        residual = X[i] @ w + b - y[i]
        w, b = w - lr * residual * X[i], b - lr * residual
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def one_sample_sgd__no_start(X, y, order, lr):
    """The start is left out; row 0 holds the zeros before the first step."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = X.new_zeros(len(order), X.shape[1] + 1)
    for k, i in enumerate(order):
        residual = X[i] @ w + b - y[i]
        w, b = w - lr * 2 * residual * X[i], b - lr * 2 * residual
        trajectory[k] = torch.cat([w, b])
    return trajectory


def one_sample_sgd__each_sample_once(X, y, order, lr):
    """An index that comes again is skipped; every entry of `order` is one step."""
    w, b = X.new_zeros(X.shape[1]), X.new_zeros(1)
    trajectory = [torch.cat([w, b])]
    for i in dict.fromkeys(order.tolist()):
        residual = X[i] @ w + b - y[i]
        w, b = w - lr * 2 * residual * X[i], b - lr * 2 * residual
        trajectory.append(torch.cat([w, b]))
    return torch.stack(trajectory)


def count_updates__loses_the_short_batch(samples, batch_size, epochs, drop_last=False):
    """The short last batch never counts; it takes a step too, unless `drop_last`."""
    return epochs * (samples // batch_size)


def count_updates__ignores_drop_last(samples, batch_size, epochs, drop_last=False):
    """The short last batch always counts; with `drop_last` it is left out."""
    return epochs * -(-samples // batch_size)


def count_updates__drop_last_swapped(samples, batch_size, epochs, drop_last=False):
    """The short batch counts only with `drop_last`; it is the other way round."""
    return epochs * (-(-samples // batch_size) if drop_last else samples // batch_size)


def count_updates__always_one_more(samples, batch_size, epochs, drop_last=False):
    """One more batch is counted even if `batch_size` divides `samples`; then no batch is short."""
    return epochs * (samples // batch_size + (0 if drop_last else 1))


def count_updates__batches_across_epochs(samples, batch_size, epochs, drop_last=False):
    """All epochs are cut into batches as one long row; here each epoch begins with a new batch."""
    total = samples * epochs
    return total // batch_size if drop_last else -(-total // batch_size)


def count_updates__one_epoch(samples, batch_size, epochs, drop_last=False):
    """Only the steps of one epoch are counted; multiply by `epochs`."""
    return samples // batch_size if drop_last else -(-samples // batch_size)


def count_updates__counts_samples(samples, batch_size, epochs, drop_last=False):
    """Samples are counted; one step is taken for each batch, not for each sample."""
    return epochs * (samples // batch_size * batch_size if drop_last else samples)


def count_updates__at_least_one(samples, batch_size, epochs, drop_last=False):
    """An epoch counts at least one step; with no full batch and `drop_last`, or with no samples, there is none."""
    batches = samples // batch_size if drop_last else -(-samples // batch_size)
    return epochs * max(1, batches)


def count_updates__float(samples, batch_size, epochs, drop_last=False):
    """`/` gives a fraction of a step; batches are counted in whole numbers, the short one as one."""
    return epochs * (samples // batch_size if drop_last else samples / batch_size)


def largest_stable_lr__forgets_the_bias(X):
    """The column of ones is missing; the bias is a parameter too, so use A = [X 1]."""
    return 2 / torch.linalg.eigvalsh(2 / len(X) * (X.T @ X))[-1].item()


def largest_stable_lr__hessian_without_two(X):
    """The Hessian lacks its 2, so the rate is twice too large; it is 2/n · AᵀA."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    return 2 / torch.linalg.eigvalsh(A.T @ A / len(X))[-1].item()


def largest_stable_lr__hessian_of_the_sum(X):
    """The Hessian is that of the sum of the squares; the loss is their mean, so divide by n."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    return 2 / torch.linalg.eigvalsh(2 * (A.T @ A))[-1].item()


def largest_stable_lr__one_over_lambda(X):
    """This is 1/λ, where descent stops jumping over the minimum; it diverges only beyond 2/λ."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    return 1 / torch.linalg.eigvalsh(2 / len(X) * (A.T @ A))[-1].item()


def largest_stable_lr__trace(X):
    """The sum of all eigenvalues (the trace) is used; only the largest one sets the limit."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    return 2 / (2 / len(X) * (A.T @ A)).trace().item()


def largest_stable_lr__largest_entry(X):
    """The largest diagonal entry of the Hessian is used; the limit comes from its largest eigenvalue."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    return 2 / (2 / len(X) * (A.T @ A)).diagonal().max().item()


def largest_stable_lr__singular_value_not_squared(X):
    """The largest singular value of A is used as it is; the eigenvalue of AᵀA is its square."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    return 2 / (2 / len(X) * torch.linalg.svdvals(A)[0].item())


def largest_stable_lr__tensor(X):
    """The result is a tensor; `item()` gives the Python float."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    return 2 / torch.linalg.eigvalsh(2 / len(X) * (A.T @ A))[-1]


def largest_stable_lr__smallest_eigenvalue(X):
    """`eigvalsh` sorts upwards, so entry 0 is the smallest eigenvalue; take the last one."""
    A = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    return (2 / torch.linalg.eigvalsh(2 / len(X) * (A.T @ A))[0]).item()


def collect_features__keeps_the_graph(model, loader):
    """The features still require grad and hold every batch's graph in memory; call the model under `no_grad`."""
    device = next(model.parameters()).device
    return torch.cat([model(X.to(device)) for X, _ in loader])


def collect_features__detaches_at_the_end(model, loader):
    """All graphs stay in memory until the end; detach each batch's output at once."""
    device = next(model.parameters()).device
    return torch.cat([model(X.to(device)) for X, _ in loader]).detach()


def collect_features__leaves_eval_mode(model, loader):
    """The model is switched to eval mode; here it is used in the mode it comes in."""
    device = next(model.parameters()).device
    model.eval()
    with torch.no_grad():
        return torch.cat([model(X.to(device)) for X, _ in loader])


def collect_features__evaluates_and_restores(model, loader):
    """The outputs are those of eval mode; here the model is used in the mode it comes in."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    with torch.no_grad():
        features = torch.cat([model(X.to(device)) for X, _ in loader])
    model.train(was_training)
    return features


def collect_features__freezes_the_model(model, loader):
    """`requires_grad_(False)` freezes the model for good; `no_grad` records nothing and changes no parameter."""
    device = next(model.parameters()).device
    model.requires_grad_(False)
    return torch.cat([model(X.to(device)) for X, _ in loader])


def collect_features__last_batch_only(model, loader):
    """Only the last batch's features come back; join those of all batches."""
    device = next(model.parameters()).device
    with torch.no_grad():
        for X, _ in loader:
            features = model(X.to(device))
    return features


def collect_features__stacks(model, loader):
    """`stack` adds a dimension and fails when the last batch is short; `cat` joins along dim 0."""
    device = next(model.parameters()).device
    with torch.no_grad():
        return torch.stack([model(X.to(device)) for X, _ in loader])


def collect_features__list_of_batches(model, loader):
    """The features come as a list with a tensor for each batch; join them with `cat`."""
    device = next(model.parameters()).device
    with torch.no_grad():
        return [model(X.to(device)) for X, _ in loader]


def collect_features__float32(model, loader):
    """The features become float32; they keep the dtype of the model's outputs."""
    device = next(model.parameters()).device
    with torch.no_grad():
        return torch.cat([model(X.to(device)).float() for X, _ in loader])


def collect_features__never_moves_the_data(model, loader):
    """The batches stay on their own device, which fails when the model is elsewhere; move X to it."""
    with torch.no_grad():
        return torch.cat([model(X) for X, _ in loader])


def collect_features__flattens_the_input(model, loader):
    """X is flattened before the model sees it, which spoils images for a convolution; give the model X as it is."""
    device = next(model.parameters()).device
    with torch.no_grad():
        return torch.cat([model(X.to(device).flatten(1)) for X, _ in loader])


def collect_features__flattens_the_output(model, loader):
    """The features of a sample become one row; the result keeps the shape (n, ...) of the model's outputs."""
    device = next(model.parameters()).device
    with torch.no_grad():
        return torch.cat([model(X.to(device)).flatten(1) for X, _ in loader])


def collect_features__stacks_rows(model, loader):
    """`vstack` takes outputs of shape (n,) for one row each; `cat` joins them along dim 0."""
    device = next(model.parameters()).device
    with torch.no_grad():
        return torch.vstack([model(X.to(device)) for X, _ in loader])


def scheduled_rates__every_epoch(lr, step_size, gamma, epochs):
    """The rate shrinks after every epoch; it changes only after `step_size` epochs."""
    return [lr * gamma**epoch for epoch in range(epochs)]


def scheduled_rates__one_epoch_early(lr, step_size, gamma, epochs):
    """The rate changes one epoch too early; epochs are counted from 0, so use epoch // step_size."""
    return [lr * gamma ** ((epoch + 1) // step_size) for epoch in range(epochs)]


def scheduled_rates__one_epoch_late(lr, step_size, gamma, epochs):
    """The rate changes one epoch too late; the first `step_size` epochs use `lr`, no more."""
    return [lr * gamma ** (max(epoch - 1, 0) // step_size) for epoch in range(epochs)]


def scheduled_rates__one_rate_too_many(lr, step_size, gamma, epochs):
    """There is one rate too many, that of the epoch after the last; return one rate for each epoch."""
    return [lr * gamma ** (epoch // step_size) for epoch in range(epochs + 1)]


def scheduled_rates__shrinks_once(lr, step_size, gamma, epochs):
    """The rate changes only once; it changes again after every `step_size` epochs."""
    return [lr if epoch < step_size else lr * gamma for epoch in range(epochs)]


def scheduled_rates__changes_linearly(lr, step_size, gamma, epochs):
    """Gamma is multiplied by the number of changes; it is a power: lr · gamma · gamma · …"""
    return [lr * gamma * max(epoch // step_size, 1) if epoch >= step_size else lr for epoch in range(epochs)]


def scheduled_rates__divides(lr, step_size, gamma, epochs):
    """The rate is divided by gamma; it is to be multiplied by it."""
    return [lr / gamma ** (epoch // step_size) for epoch in range(epochs)]


def scheduled_rates__remainder(lr, step_size, gamma, epochs):
    """`%` gives the place within a period; `//` counts how many periods are over."""
    return [lr * gamma ** (epoch % step_size) for epoch in range(epochs)]


def scheduled_rates__asks_torch_optim(lr, step_size, gamma, epochs):
    """`StepLR` computes the rates; here you write the formula yourself."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma)
    rates = []
    for _ in range(epochs):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return rates


def train_epochs__steps_the_scheduler_each_batch(loader, model, loss_fn, optimizer, scheduler, epochs):
    """The scheduler steps after every batch; it steps once after each epoch."""
    device = next(model.parameters()).device
    rates = []
    for _ in range(epochs):
        model.train()
        rates.append(scheduler.get_last_lr()[0])
        for X, y in loader:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
    return rates


def train_epochs__schedules_first(loader, model, loss_fn, optimizer, scheduler, epochs):
    """The scheduler steps before the epoch's batches, so the first epoch has the second rate; step it afterwards."""
    device = next(model.parameters()).device
    rates = []
    for _ in range(epochs):
        scheduler.step()
        rates.append(scheduler.get_last_lr()[0])
        model.train()
        for X, y in loader:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return rates


def train_epochs__reads_the_next_rate(loader, model, loss_fn, optimizer, scheduler, epochs):
    """The rate is read after `scheduler.step()`, so it is the next epoch's; read it before."""
    device = next(model.parameters()).device
    rates = []
    for _ in range(epochs):
        model.train()
        for X, y in loader:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
        rates.append(scheduler.get_last_lr()[0])
    return rates


def train_epochs__forgets_the_scheduler(loader, model, loss_fn, optimizer, scheduler, epochs):
    """The scheduler never steps, so the rate never changes; call `scheduler.step()` after each epoch."""
    device = next(model.parameters()).device
    rates = []
    for _ in range(epochs):
        model.train()
        for X, y in loader:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        rates.append(scheduler.get_last_lr()[0])
    return rates


def train_epochs__not_after_the_last(loader, model, loss_fn, optimizer, scheduler, epochs):
    """The scheduler does not step after the last epoch, so a later epoch would repeat its rate; step after each one."""
    device = next(model.parameters()).device
    rates = []
    for epoch in range(epochs):
        model.train()
        for X, y in loader:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        rates.append(scheduler.get_last_lr()[0])
        if epoch < epochs - 1:
            scheduler.step()
    return rates


def train_epochs__one_iterator_for_all(loader, model, loss_fn, optimizer, scheduler, epochs):
    """`iter(loader)` is made once and is empty after the first epoch; start a new loop over the loader each epoch."""
    device = next(model.parameters()).device
    batches = iter(loader)
    rates = []
    for _ in range(epochs):
        model.train()
        for X, y in batches:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        rates.append(scheduler.get_last_lr()[0])
        scheduler.step()
    return rates


def train_epochs__lists_of_rates(loader, model, loss_fn, optimizer, scheduler, epochs):
    """`get_last_lr()` is a list with one rate for each parameter group; take the float in it."""
    device = next(model.parameters()).device
    rates = []
    for _ in range(epochs):
        model.train()
        for X, y in loader:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        rates.append(scheduler.get_last_lr())
        scheduler.step()
    return rates


def train_epochs__never_trains(loader, model, loss_fn, optimizer, scheduler, epochs):
    """The rates are right, but no batch is trained on; take a step for each batch."""
    rates = []
    for _ in range(epochs):
        optimizer.step()
        rates.append(scheduler.get_last_lr()[0])
        scheduler.step()
    return rates


def train_epochs__keeps_the_mode(loader, model, loss_fn, optimizer, scheduler, epochs):
    """The model trains in the mode it comes in, maybe eval; train in train mode."""
    device = next(model.parameters()).device
    rates = []
    for _ in range(epochs):
        for X, y in loader:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        rates.append(scheduler.get_last_lr()[0])
        scheduler.step()
    return rates


def train_epochs__never_zeroes(loader, model, loss_fn, optimizer, scheduler, epochs):
    """Gradients add up from batch to batch; call `zero_grad` before each `backward`."""
    device = next(model.parameters()).device
    rates = []
    for _ in range(epochs):
        model.train()
        for X, y in loader:
            loss_fn(model(X.to(device)), y.to(device)).backward()
            optimizer.step()
        rates.append(scheduler.get_last_lr()[0])
        scheduler.step()
    return rates


def train_epochs__computes_the_rates(loader, model, loss_fn, optimizer, scheduler, epochs):
    """The rates are those of a StepLR, but the scheduler may be another one; ask it with `get_last_lr()[0]`."""
    device = next(model.parameters()).device
    start = optimizer.param_groups[0]["lr"]
    rates = []
    for epoch in range(epochs):
        model.train()
        rates.append(start * scheduler.gamma ** (epoch // scheduler.step_size))
        for X, y in loader:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
    return rates


def train_epochs__begins_with_the_default(loader, model, loss_fn, optimizer, scheduler, epochs):
    """The first rate is the one that the optimizer was made with; the scheduler may have stepped since, so ask it."""
    device = next(model.parameters()).device
    rates = []
    for epoch in range(epochs):
        model.train()
        rates.append(scheduler.get_last_lr()[0] if epoch else optimizer.defaults["lr"])
        for X, y in loader:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
    return rates


def train_epochs__numbers_the_epochs(loader, model, loss_fn, optimizer, scheduler, epochs):
    """`scheduler.step(epoch)` counts from the start of this call; `scheduler.step()` goes on from where it is."""
    device = next(model.parameters()).device
    rates = []
    for epoch in range(epochs):
        model.train()
        rates.append(scheduler.get_last_lr()[0])
        for X, y in loader:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step(epoch + 1)
    return rates


def train_epochs__reads_the_loader_once(loader, model, loss_fn, optimizer, scheduler, epochs):
    """Every epoch gets the batches of the first; read the loader anew in each epoch, as it may shuffle."""
    device = next(model.parameters()).device
    batches = list(loader)
    rates = []
    for _ in range(epochs):
        model.train()
        rates.append(scheduler.get_last_lr()[0])
        for X, y in batches:
            loss = loss_fn(model(X.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
    return rates


def train_epochs__squeezes_the_output(loader, model, loss_fn, optimizer, scheduler, epochs):
    """Output and target get different shapes, (n,) and (n, 1), which broadcast to a table; give both as they are."""
    device = next(model.parameters()).device
    rates = []
    for _ in range(epochs):
        model.train()
        rates.append(scheduler.get_last_lr()[0])
        for X, y in loader:
            loss = loss_fn(model(X.to(device)).squeeze(-1), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
    return rates


def train_epochs__flattens_the_input(loader, model, loss_fn, optimizer, scheduler, epochs):
    """X is flattened before the model sees it, which spoils images for a convolution; give the model X as it is."""
    device = next(model.parameters()).device
    rates = []
    for _ in range(epochs):
        model.train()
        rates.append(scheduler.get_last_lr()[0])
        for X, y in loader:
            loss = loss_fn(model(X.to(device).flatten(1)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
    return rates


EQUIVALENT = {
    "momentum_step": {
        "for p, v in zip(params, velocities):": "both have the same length by contract",
        "for p, v in zip(params, velocities, strict=False):": "both have the same length by contract",
    },
    "train_epochs": {"rates.append(optimizer.param_groups[-1]['lr'])": "there is one group by contract"},
}
