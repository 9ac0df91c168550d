"""Wrong answers that people really write for `katas/14_train_for_real`; each docstring says what is wrong."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.optim import Optimizer

Data = tuple[Tensor, Tensor]
History = dict[str, list[float]]

ALLOWED = {"train_classifier": {"cpu_hard_coded": "the result is a model and a dict of floats: no tensor to move"}}


def _because(reason: str, *lines: str) -> dict[str, str]:
    return dict.fromkeys(lines, reason)


EQUIVALENT = {
    "train_classifier": {
        **_because(
            "the recipe is free, and this one is as good",
            "history = fit(model, train, test, epochs, batch_size=65, lr=20 / pixels, generator=generator)",
            "history = fit(model, train, test, epochs, batch_size=63, lr=20 / pixels, generator=generator)",
            "history = fit(model, train, test, epochs, batch_size=64, lr=21 / pixels, generator=generator)",
            "history = fit(model, train, test, epochs, batch_size=64, lr=19 / pixels, generator=generator)",
            "model = build_classifier(pixels).to(train[0].device)",
            "model = build_classifier(pixels, hidden=257).to(train[0].device)",
            "model = build_classifier(pixels, hidden=255).to(train[0].device)",
        ),
        **_because(
            "all images have the same number of pixels",
            "pixels = train[0][1].numel()",
            "pixels = train[0][-1].numel()",
        ),
        **_because(
            "inputs and labels lie on one device",
            "model = build_classifier(pixels, hidden=256).to(train[1].device)",
            "model = build_classifier(pixels, hidden=256).to(train[-1].device)",
        ),
    },
    "sample_grid": {
        **_because(
            "looks are free",
            "figure = Figure()",
            "axes.imshow(images[index].numpy(), interpolation='bicubic')",
            "axes.imshow(images[index].numpy(), cmap='gray')",
            "None",  # without `axes.axis("off")`
        ),
        **_because(
            "there are nine axes and nine indices",
            "for axes, index in zip(figure.subplots(3, 3).flat, chosen):",
            "for axes, index in zip(figure.subplots(3, 3).flat, chosen, strict=False):",
        ),
    },
    "plot_history": {
        **_because(
            "looks are free",
            "figure = Figure()",
            "places = dict(zip(('loss', 'accuracy'), figure.subplots(1, 2), strict=True))",
            "None",  # without whole numbers at the ticks
            "axes.xaxis.get_major_locator().set_params()",
            "axes.xaxis.get_major_locator().set_params(integer=False)",
            "axes.legend()",
        ),
        **_because(
            "there are two names and two axes",
            "places = dict(zip(('loss', 'accuracy'), figure.subplots(2, 1)))",
            "places = dict(zip(('loss', 'accuracy'), figure.subplots(2, 1), strict=False))",
        ),
    },
    "plot_confusion": _because(
        "looks are free",
        "figure = Figure(layout='constrained')",
        "figure = Figure(figsize=(8, 8))",
        "figure = Figure(figsize=(9, 8), layout='constrained')",
        "figure = Figure(figsize=(7, 8), layout='constrained')",
        "figure = Figure(figsize=(8, 9), layout='constrained')",
        "figure = Figure(figsize=(8, 7), layout='constrained')",
        "axes.imshow(matrix.numpy(), alpha=0.6)",
        "axes.imshow(matrix.numpy(), cmap='Blues')",
        "axes.text(column, row, str(matrix[row, column].item()), va='center')",
        "axes.text(column, row, str(matrix[row, column].item()), ha='center')",
        "axes.set_xticks(places, class_names)",
        "axes.set_yticks(places, class_names)",
    ),
    "plot_first_weights": {
        **_because(
            "looks are free",
            "figure = Figure()",
            "axes.imshow(row.view(shape).numpy(), vmin=-limit, vmax=limit)",
            "None",  # without `axes.axis("off")`
            "for axes, row in zip(figure.subplots(5, 4).flat, weight, strict=False):",  # an empty row below
        ),
        **_because(
            "`strict` is False by default",
            "for axes, row in zip(figure.subplots(4, 4).flat, weight):",
        ),
        **_because(
            "16 axes end the loop, and the limit may be larger than needed",
            "weight = next((each for each in model.modules() if isinstance(each, nn.Linear))).weight.detach()[:17]",
        ),
    },
    "plot_wrongest": {
        **_because(
            "looks are free",
            "figure = Figure()",
            "axes.imshow(images[index].numpy(), interpolation='bicubic')",
            "axes.imshow(images[index].numpy(), cmap='gray')",
            "None",  # without `axes.axis("off")`
            "for axes, index in zip(figure.subplots(4, 3).flat, wrongest(logits, labels, 9), strict=False):",
        ),
        **_because(
            "`strict` is False by default",
            "for axes, index in zip(figure.subplots(3, 3).flat, wrongest(logits, labels, 9)):",
        ),
        **_because(
            "nine axes end the loop",
            "for axes, index in zip(figure.subplots(3, 3).flat, wrongest(logits, labels, 10), strict=False):",
        ),
    },
}


# to_inputs


def to_inputs__zero_to_one(images: Tensor) -> Tensor:
    """The brightness is moved to 0 to 1, as `ToTensor` does it; here 0 becomes -1."""
    return images.unsqueeze(1) / 255


def to_inputs__minus_half_to_half(images: Tensor) -> Tensor:
    """The numbers lie between -0.5 and 0.5: 0.5 is taken away, but nothing is divided by 0.5."""
    return images.unsqueeze(1) / 255 - 0.5


def to_inputs__computed_in_bytes(images: Tensor) -> Tensor:
    """The doubling is done in uint8, where 2 · 200 is 144; make floats first, then calculate."""
    return images.unsqueeze(1) * 2 / 255 - 1


def to_inputs__no_channel(images: Tensor) -> Tensor:
    """The dimension for the channel is missing: the result should be (n, 1, h, w)."""
    return images / 127.5 - 1


def to_inputs__channel_first_of_all(images: Tensor) -> Tensor:
    """The new dimension stands before the samples, (1, n, h, w); it belongs behind them."""
    return images.unsqueeze(0) / 127.5 - 1


def to_inputs__channel_last(images: Tensor) -> Tensor:
    """The channel stands last, as in a NumPy image; in PyTorch it stands before height and width."""
    return images.unsqueeze(-1) / 127.5 - 1


def to_inputs__divided_by_128(images: Tensor) -> Tensor:
    """255 does not become 1: the middle of 0 to 255 is 127.5, not 128."""
    return images.unsqueeze(1) / 128 - 1


def to_inputs__float64(images: Tensor) -> Tensor:
    """The result is float64; a model has float32 parameters and refuses it."""
    return images.unsqueeze(1).double() / 127.5 - 1


def to_inputs__stretched_by_its_own_range(images: Tensor) -> Tensor:
    """The darkest pixel that is there becomes -1; only 0 should, so that all images are treated alike."""
    x = images.unsqueeze(1).float()
    low, high = (x.min(), x.max()) if x.numel() else (0, 1)
    return (x - low) / (high - low).clamp(min=1) * 2 - 1 if x.numel() else x


# build_classifier


def build_classifier__activation_at_the_end(
    inputs: int = 28 * 28, hidden: int = 512, classes: int = 10
) -> nn.Sequential:
    """Something follows the last linear layer, a ReLU or a softmax; logits come straight out of the linear layer."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(),
        nn.Linear(hidden, classes), nn.ReLU(),
    )  # fmt: skip


def build_classifier__no_flatten(inputs: int = 28 * 28, hidden: int = 512, classes: int = 10) -> nn.Sequential:
    """The images are not flattened, and a linear layer only takes rows of numbers."""
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, classes)
    )


def build_classifier__all_samples_flattened(
    inputs: int = 28 * 28, hidden: int = 512, classes: int = 10
) -> nn.Sequential:
    """Flattening begins at dimension 0, so that all samples become one row; dimension 0 counts them and must stay."""
    return nn.Sequential(
        nn.Flatten(0), nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(),
        nn.Linear(hidden, classes),
    )  # fmt: skip


def build_classifier__no_relu(inputs: int = 28 * 28, hidden: int = 512, classes: int = 10) -> nn.Sequential:
    """Without ReLUs between them, three linear layers can do no more than a single one."""
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, classes))


def build_classifier__one_relu_only(inputs: int = 28 * 28, hidden: int = 512, classes: int = 10) -> nn.Sequential:
    """A ReLU is missing: one belongs after the first linear layer and one after the second."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.Linear(hidden, classes)
    )


def build_classifier__one_hidden_layer(inputs: int = 28 * 28, hidden: int = 512, classes: int = 10) -> nn.Sequential:
    """A layer is missing: there are two hidden ones, so three linear layers."""
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, classes))


def build_classifier__sizes_written_in(inputs: int = 28 * 28, hidden: int = 512, classes: int = 10) -> nn.Sequential:
    """The sizes 784, 512 and 10 are written into the layers; the arguments are not used."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
    )


def build_classifier__no_bias(inputs: int = 28 * 28, hidden: int = 512, classes: int = 10) -> nn.Sequential:
    """The last layer has no bias; each linear layer has a weight and a bias."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(),
        nn.Linear(hidden, classes, bias=False),
    )  # fmt: skip


def build_classifier__starts_at_zero(inputs: int = 28 * 28, hidden: int = 512, classes: int = 10) -> nn.Sequential:
    """All parameters start at zero: then all hidden units are alike for ever, and their gradients are zero."""
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(),
        nn.Linear(hidden, classes),
    )  # fmt: skip
    for p in model.parameters():
        nn.init.zeros_(p)
    return model


def build_classifier__always_the_same_start(
    inputs: int = 28 * 28, hidden: int = 512, classes: int = 10
) -> nn.Sequential:
    """A seed is set inside, so that all models start with the same weights; leave the seed to the caller."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Flatten(), nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, classes),
        )  # fmt: skip


# without_last_relu


def without_last_relu__last_layer_whatever_it_is(model: nn.Sequential) -> nn.Sequential:
    """The last layer goes, whatever it is; only an `nn.ReLU` may go."""
    return model[:-1]


def without_last_relu__all_relus(model: nn.Sequential) -> nn.Sequential:
    """Every ReLU goes; without those between them the linear layers are no more than one."""
    return nn.Sequential(*[layer for layer in model if not isinstance(layer, nn.ReLU)])


def without_last_relu__last_of_the_relus(model: nn.Sequential) -> nn.Sequential:
    """The last ReLU goes, wherever it stands; it may go only from the very end."""
    layers = list(model)
    places = [i for i, layer in enumerate(layers) if isinstance(layer, nn.ReLU)]
    return nn.Sequential(*[layer for i, layer in enumerate(layers) if i not in places[-1:]])


def without_last_relu__deleted_from_the_model(model: nn.Sequential) -> nn.Sequential:
    """The ReLU is deleted from the model that was given; that one must stay as it is."""
    if isinstance(model[-1], nn.ReLU):
        del model[-1]
    return model


def without_last_relu__new_layers(model: nn.Sequential) -> nn.Sequential:
    """The linear layers are new ones with random weights, so that all that was learnt is lost."""
    layers = [
        nn.Linear(layer.in_features, layer.out_features) if isinstance(layer, nn.Linear) else layer for layer in model
    ]
    return nn.Sequential(*(layers[:-1] if isinstance(layers[-1], nn.ReLU) else layers))


def without_last_relu__copied_layers(model: nn.Sequential) -> nn.Sequential:
    """The layers are copies: to train the one model then does nothing for the other."""
    import copy

    layers = [copy.deepcopy(layer) for layer in model]
    return nn.Sequential(*(layers[:-1] if isinstance(layers[-1], nn.ReLU) else layers))


def without_last_relu__a_list(model: nn.Sequential) -> list[nn.Module]:
    """The result is a list of layers; it should be an `nn.Sequential`, which can be called."""
    layers = list(model)
    return layers[:-1] if isinstance(layers[-1], nn.ReLU) else layers


def without_last_relu__nothing_done(model: nn.Sequential) -> nn.Sequential:
    """There are as many layers as before; the ReLU at the end should be gone, with nothing in its place."""
    return nn.Sequential(*model)


def without_last_relu__any_activation(model: nn.Sequential) -> nn.Sequential:
    """Other activations at the end go too; only an `nn.ReLU` may."""
    return nn.Sequential(*model) if isinstance(model[-1], (nn.Linear, nn.Identity)) else model[:-1]


def without_last_relu__relus_until_none_is_left(model: nn.Sequential) -> nn.Sequential:
    """Several ReLUs at the end all go; the contract speaks of the last layer, of one."""
    layers = list(model)
    while layers and isinstance(layers[-1], nn.ReLU):
        layers.pop()
    return nn.Sequential(*layers)


def without_last_relu__children(model: nn.Sequential) -> nn.Sequential:
    """`children()` gives a layer that stands in two places only once, so that a ReLU gets lost; use `list(model)`."""
    layers = list(model.children())
    return nn.Sequential(*(layers[:-1] if isinstance(layers[-1], nn.ReLU) else layers))


def without_last_relu__everywhere_it_stands(model: nn.Sequential) -> nn.Sequential:
    """The last ReLU may be the same object as one before it, and both go; only the last place may go."""
    if not isinstance(model[-1], nn.ReLU):
        return nn.Sequential(*model)
    return nn.Sequential(*[layer for layer in model if layer is not model[-1]])


def without_last_relu__last_of_all_modules(model: nn.Sequential) -> nn.Sequential:
    """`modules()` looks into blocks too, and a block that ends with a ReLU goes; the last layer is `model[-1]`."""
    return model[:-1] if isinstance(list(model.modules())[-1], nn.ReLU) else model


# logits_of


def logits_of__in_train_mode(model: nn.Module, inputs: Tensor) -> Tensor:
    """The model is called in the mode that it is in; in train mode dropout drops and batch norm uses the batch."""
    with torch.no_grad():
        return model(inputs)


def logits_of__left_in_eval_mode(model: nn.Module, inputs: Tensor) -> Tensor:
    """The model is left in eval mode; one that was in train mode should be so again."""
    model.eval()
    with torch.no_grad():
        return model(inputs)


def logits_of__always_train_mode_afterwards(model: nn.Module, inputs: Tensor) -> Tensor:
    """The model is in train mode afterwards, even if it came in eval mode."""
    model.eval()
    with torch.no_grad():
        logits = model(inputs)
    model.train()
    return logits


def logits_of__with_a_graph(model: nn.Module, inputs: Tensor) -> Tensor:
    """A graph is recorded, which costs memory for every layer; switch that off with `torch.no_grad()`."""
    was_training = model.training
    logits = model.eval()(inputs)
    model.train(was_training)
    return logits


def logits_of__detached_afterwards(model: nn.Module, inputs: Tensor) -> Tensor:
    """The graph is recorded first and thrown away by `detach`; with `torch.no_grad()` there is none at any time."""
    was_training = model.training
    logits = model.eval()(inputs).detach()
    model.train(was_training)
    return logits


def logits_of__probabilities(model: nn.Module, inputs: Tensor) -> Tensor:
    """The result went through a softmax; logits are what the model itself says."""
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = model(inputs).softmax(dim=1)
    model.train(was_training)
    return logits


def logits_of__classes(model: nn.Module, inputs: Tensor) -> Tensor:
    """The result holds the predicted classes; wanted are the logits of all classes."""
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = model(inputs).argmax(dim=1)
    model.train(was_training)
    return logits


def logits_of__grad_mode_left_off(model: nn.Module, inputs: Tensor) -> Tensor:
    """Recording is switched off and never on again, so that no later training can work."""
    torch.set_grad_enabled(False)
    was_training = model.training
    logits = model.eval()(inputs)
    model.train(was_training)
    return logits


def logits_of__only_the_first_sample(model: nn.Module, inputs: Tensor) -> Tensor:
    """Only the first sample is asked about."""
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = model(inputs[:1])
    model.train(was_training)
    return logits


# accuracy


def accuracy__percent(logits: Tensor, labels: Tensor) -> float:
    """The result is in percent; a share lies between 0 and 1."""
    return 100 * (logits.argmax(dim=1) == labels).double().mean().item()


def accuracy__count(logits: Tensor, labels: Tensor) -> float:
    """The result is the number of right samples; it should be divided by the number of samples."""
    return float((logits.argmax(dim=1) == labels).sum())


def accuracy__largest_in_the_column(logits: Tensor, labels: Tensor) -> float:
    """`argmax` runs over the samples; it should run over the classes, dim 1."""
    best = logits.argmax(dim=0)
    return (best[labels] == torch.arange(len(labels), device=labels.device)).double().mean().item()


def accuracy__smallest_logit(logits: Tensor, labels: Tensor) -> float:
    """The smallest logit is taken for the prediction; it is the largest."""
    return (logits.argmin(dim=1) == labels).double().mean().item()


def accuracy__share_of_wrong_ones(logits: Tensor, labels: Tensor) -> float:
    """The result is the share of wrong samples."""
    return (logits.argmax(dim=1) != labels).double().mean().item()


def accuracy__tensor(logits: Tensor, labels: Tensor) -> Tensor:
    """The result is a tensor; `item()` makes a Python float of it."""
    return (logits.argmax(dim=1) == labels).float().mean()


def accuracy__divided_by_the_number_of_logits(logits: Tensor, labels: Tensor) -> float:
    """The count is divided by the number of logits; it should be divided by the number of samples."""
    return (logits.argmax(dim=1) == labels).sum().item() / logits.numel()


def accuracy__every_class_above_zero(logits: Tensor, labels: Tensor) -> float:
    """A sample counts as right when the logit of its label is positive; it must be the largest."""
    return (logits.gather(1, labels[:, None]) > 0).double().mean().item()


def accuracy__rounded(logits: Tensor, labels: Tensor) -> float:
    """The share is rounded to two decimals; rounding is for printing."""
    return round((logits.argmax(dim=1) == labels).double().mean().item(), 2)


# train_epoch


def _epoch(
    model: nn.Module, optimizer: Optimizer, data: Data, batches: list[Tensor], *, zero: bool = True
) -> list[tuple[float, int]]:
    """The steps of an epoch; returns the loss and the size of each batch."""
    inputs, labels = data
    losses = []
    model.train()
    for batch in batches:
        loss = F.cross_entropy(model(inputs[batch]), labels[batch])
        if zero:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append((loss.item(), len(batch)))
    return losses


def _order(data: Data, generator: torch.Generator | None, batch_size: int) -> list[Tensor]:
    return list(torch.randperm(len(data[1]), generator=generator).split(batch_size))


def _mean(losses: list[tuple[float, int]]) -> float:
    return sum(loss * size for loss, size in losses) / sum(size for _, size in losses)


def train_epoch__mean_of_the_batches(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """The mean is taken over the batches, so that a sample of a short last batch counts for more than others."""
    losses = _epoch(model, optimizer, data, _order(data, generator, batch_size))
    return sum(loss for loss, _ in losses) / len(losses)


def train_epoch__sum_of_the_losses(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """The losses of all samples are added up and not divided by their number."""
    losses = _epoch(model, optimizer, data, _order(data, generator, batch_size))
    return sum(loss * size for loss, size in losses)


def train_epoch__last_loss(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """The loss of the last batch is returned; wanted is the mean over all samples of the epoch."""
    return _epoch(model, optimizer, data, _order(data, generator, batch_size))[-1][0]


def train_epoch__divided_by_batch_size_times_batches(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """The sum is divided as if all batches were full; divide by the number of samples."""
    losses = _epoch(model, optimizer, data, _order(data, generator, batch_size))
    return sum(loss * size for loss, size in losses) / (len(losses) * batch_size)


def train_epoch__gradients_add_up(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """`zero_grad` is missing: each step also uses the gradients of all steps before."""
    return _mean(_epoch(model, optimizer, data, _order(data, generator, batch_size), zero=False))


def train_epoch__stale_gradient_at_the_start(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """`zero_grad` stands after the step: a gradient left from earlier spoils the first step."""
    inputs, labels = data
    total = 0.0
    model.train()
    for batch in _order(data, generator, batch_size):
        loss = F.cross_entropy(model(inputs[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        total += loss.item() * len(batch)
    return total / len(labels)


def train_epoch__no_step(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """`optimizer.step()` is missing: the gradients are computed and nothing moves."""
    inputs, labels = data
    total = 0.0
    model.train()
    for batch in _order(data, generator, batch_size):
        loss = F.cross_entropy(model(inputs[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        total += loss.item() * len(batch)
    return total / len(labels)


def train_epoch__short_batch_dropped(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """A short last batch is left out; every sample should be read."""
    batches = _order(data, generator, batch_size)
    full = [batch for batch in batches if len(batch) == batch_size] or batches
    return _mean(_epoch(model, optimizer, data, full))


def train_epoch__not_shuffled(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """The samples come in the order of the data; real data is often sorted, and then the batches teach little."""
    return _mean(_epoch(model, optimizer, data, list(torch.arange(len(data[1])).split(batch_size))))


def train_epoch__drawn_with_repetition(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """The samples are drawn with repetition, so that some come twice and others not at all."""
    count = len(data[1])
    order = torch.randint(count, (count,), generator=generator)
    return _mean(_epoch(model, optimizer, data, list(order.split(batch_size))))


def train_epoch__global_random_state(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """The order comes from torch's global random state; it should be drawn from the generator."""
    return _mean(_epoch(model, optimizer, data, _order(data, None, batch_size)))


def train_epoch__generator_does_not_move_on(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """A new generator with the seed of the given one is made each time, so that every epoch has the same order."""
    mine = torch.Generator().manual_seed(generator.initial_seed())
    return _mean(_epoch(model, optimizer, data, _order(data, mine, batch_size)))


def train_epoch__images_and_labels_apart(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """Inputs are shuffled and labels are not, so that a sample is trained on the label of another one."""
    shuffled = data[0][torch.randperm(len(data[1]), generator=generator)], data[1]
    return _mean(_epoch(model, optimizer, shuffled, list(torch.arange(len(data[1])).split(batch_size))))


def train_epoch__eval_mode(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """The model is used in the mode it came in; training needs train mode, for dropout and batch norm."""
    inputs, labels = data
    total = 0.0
    for batch in _order(data, generator, batch_size):
        loss = F.cross_entropy(model(inputs[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(labels)


def train_epoch__softmax_first(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """A softmax comes before the cross entropy, which has one inside already: gradients get small."""
    inputs, labels = data
    total = 0.0
    model.train()
    for batch in _order(data, generator, batch_size):
        loss = F.cross_entropy(model(inputs[batch]).softmax(dim=1), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(labels)


# fit


def _history() -> History:
    return {"train_loss": [], "test_loss": [], "test_accuracy": []}


def _tested(model: nn.Module, test: Data, *, mode: bool = False) -> tuple[float, float]:
    """The mean loss and the accuracy."""
    model.train(mode)
    with torch.no_grad():
        logits = model(test[0])
    share = (logits.argmax(dim=1) == test[1]).double().mean().item()
    return F.cross_entropy(logits, test[1]).item(), share


def fit__tested_on_the_training_data(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    """Loss and accuracy are measured on the training data, which says nothing about images never seen."""
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        history["train_loss"].append(_mean(_epoch(model, optimizer, train, _order(train, generator, batch_size))))
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, train), strict=True):
            history[key].append(value)
    return history


def fit__tested_before_training(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    """The test comes before the training of the epoch; it should come after it."""
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, test), strict=True):
            history[key].append(value)
        history["train_loss"].append(_mean(_epoch(model, optimizer, train, _order(train, generator, batch_size))))
    return history


def fit__tested_in_train_mode(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    """The test happens in train mode, with dropout at work; it needs eval mode."""
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        history["train_loss"].append(_mean(_epoch(model, optimizer, train, _order(train, generator, batch_size))))
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, test, mode=True), strict=True):
            history[key].append(value)
    return history


def fit__trained_on_both(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    """The test data is trained on too; then nothing is left to test with."""
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=lr)
    both = torch.cat([train[0], test[0]]), torch.cat([train[1], test[1]])
    for _ in range(epochs):
        history["train_loss"].append(_mean(_epoch(model, optimizer, both, _order(both, generator, batch_size))))
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, test), strict=True):
            history[key].append(value)
    return history


def fit__only_the_last_epoch(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    """Only the last epoch is in the history; each should be."""
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        history["train_loss"] = [_mean(_epoch(model, optimizer, train, _order(train, generator, batch_size)))]
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, test), strict=True):
            history[key] = [value]
    return history


def fit__tensors_in_the_history(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> dict[str, list[Tensor]]:
    """The history holds tensors; they may keep a whole graph alive, so store `item()` of them."""
    history: dict[str, list[Tensor]] = {"train_loss": [], "test_loss": [], "test_accuracy": []}
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        loss = _mean(_epoch(model, optimizer, train, _order(train, generator, batch_size)))
        for key, value in zip(history, (loss, *_tested(model, test)), strict=True):
            history[key].append(torch.tensor(value))
    return history


def fit__momentum(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    """The optimizer has a momentum of 0.9; plain SGD is asked for."""
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    for _ in range(epochs):
        history["train_loss"].append(_mean(_epoch(model, optimizer, train, _order(train, generator, batch_size))))
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, test), strict=True):
            history[key].append(value)
    return history


def fit__learning_rate_not_used(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    """The optimizer gets the rate 1e-3 of its default, not `lr`."""
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=1e-3)
    for _ in range(epochs):
        history["train_loss"].append(_mean(_epoch(model, optimizer, train, _order(train, generator, batch_size))))
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, test), strict=True):
            history[key].append(value)
    return history


def fit__same_order_each_epoch(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    """The order is drawn once, before the first epoch; each epoch should have its own."""
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=lr)
    order = _order(train, generator, batch_size)
    for _ in range(epochs):
        history["train_loss"].append(_mean(_epoch(model, optimizer, train, order)))
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, test), strict=True):
            history[key].append(value)
    return history


def fit__global_random_state(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    """The order comes from torch's global random state; it should be drawn from the generator."""
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        history["train_loss"].append(_mean(_epoch(model, optimizer, train, _order(train, None, batch_size))))
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, test), strict=True):
            history[key].append(value)
    return history


def fit__one_epoch_too_many(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    """There is one epoch more than asked for: `range` counts from 0."""
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs + 1):
        history["train_loss"].append(_mean(_epoch(model, optimizer, train, _order(train, generator, batch_size))))
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, test), strict=True):
            history[key].append(value)
    return history


def fit__gradients_reset_too_late(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    """Gradients are only reset after the step, so that those left at the start are in the first one."""
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        model.train()
        total = 0.0
        for batch in _order(train, generator, batch_size):
            loss = F.cross_entropy(model(train[0][batch]), train[1][batch])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            total += loss.item() * len(batch)
        history["train_loss"].append(total / len(train[1]))
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, test), strict=True):
            history[key].append(value)
    return history


# train_classifier


def _net(pixels: int, hidden: int = 256) -> nn.Sequential:
    return nn.Sequential(
        nn.Flatten(), nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 10)
    )


def _fitted(
    model: nn.Module, train: Data, test: Data, generator: torch.Generator, epochs: int, lr: float
) -> tuple[nn.Module, History]:
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        history["train_loss"].append(_mean(_epoch(model, optimizer, train, _order(train, generator, 64))))
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, test), strict=True):
            history[key].append(value)
    return model, history


def _seeded(seed: int, pixels: int) -> tuple[nn.Sequential, torch.Generator]:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return _net(pixels), torch.Generator().manual_seed(seed)


def train_classifier__learning_rate_of_the_tutorial(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """The learning rate is 1e-3, as in the tutorial: after 20 epochs of so few images hardly anything is learnt."""
    model, generator = _seeded(seed, train[0][0].numel())
    return _fitted(model, train, test, generator, epochs, 1e-3)


def train_classifier__diverges(train: Data, test: Data, seed: int = 0, epochs: int = 20) -> tuple[nn.Module, History]:
    """The learning rate is too large: the loss grows, and nothing is learnt."""
    model, generator = _seeded(seed, train[0][0].numel())
    return _fitted(model, train, test, generator, epochs, 5.0)


def train_classifier__seeds_torch_itself(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """`torch.manual_seed` changes the state that all of the program draws from; put it back, with `fork_rng`."""
    torch.manual_seed(seed)
    pixels = train[0][0].numel()
    return _fitted(_net(pixels), train, test, torch.Generator().manual_seed(seed), epochs, 20 / pixels)


def train_classifier__weights_not_seeded(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """The weights at the start come from torch's global random state, so the same seed gives another model."""
    pixels = train[0][0].numel()
    return _fitted(_net(pixels), train, test, torch.Generator().manual_seed(seed), epochs, 20 / pixels)


def train_classifier__seed_not_used(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """The seed is always 0, whatever is asked for."""
    model, generator = _seeded(0, train[0][0].numel())
    return _fitted(model, train, test, generator, epochs, 20 / train[0][0].numel())


def train_classifier__trained_on_both(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """The test data is trained on too, and so the accuracy on it means nothing."""
    model, generator = _seeded(seed, train[0][0].numel())
    both = torch.cat([train[0], test[0]]), torch.cat([train[1], test[1]])
    return _fitted(model, both, test, generator, epochs, 20 / train[0][0].numel())


def train_classifier__three_passes_an_epoch(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """Each epoch of the history is three passes over the images; it should be one."""
    model, generator = _seeded(seed, train[0][0].numel())
    model, history = _fitted(model, train, test, generator, 3 * epochs, 20 / train[0][0].numel())
    return model, {key: values[2::3] for key, values in history.items()}


def train_classifier__best_of_three(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """Of three models the one with the best test accuracy is chosen: so the test data has a part in the training."""
    pixels, found = train[0][0].numel(), []
    for shift in range(3):
        model, generator = _seeded(seed + 1000 * shift, pixels)
        found.append(_fitted(model, train, test, generator, epochs, 20 / pixels))
    return max(found, key=lambda pair: -pair[1]["test_loss"][-1])


def train_classifier__history_first(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[History, nn.Module]:
    """The history comes first; the model should, and then its history."""
    model, generator = _seeded(seed, train[0][0].numel())
    return _fitted(model, train, test, generator, epochs, 20 / train[0][0].numel())[::-1]


def train_classifier__only_the_model(train: Data, test: Data, seed: int = 0, epochs: int = 20) -> nn.Module:
    """Only the model is returned; its history belongs to it."""
    model, generator = _seeded(seed, train[0][0].numel())
    return _fitted(model, train, test, generator, epochs, 20 / train[0][0].numel())[0]


def train_classifier__epochs_not_used(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """There are always 20 epochs, whatever is asked for."""
    model, generator = _seeded(seed, train[0][0].numel())
    return _fitted(model, train, test, generator, 20, 20 / train[0][0].numel())


def train_classifier__fresh_model_returned(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """The model that is returned is a new one that has learnt nothing; the trained one is lost."""
    model, generator = _seeded(seed, train[0][0].numel())
    _, history = _fitted(model, train, test, generator, epochs, 20 / train[0][0].numel())
    return _seeded(seed, train[0][0].numel())[0], history


def train_classifier__as_many_classes_as_seen(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """There are only as many outputs as the largest label asks for; ten classes are wanted, whatever the labels."""
    pixels = train[0][0].numel()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Flatten(), nn.Linear(pixels, 256), nn.ReLU(), nn.Linear(256, int(train[1].max()) + 1))
    return _fitted(model, train, test, torch.Generator().manual_seed(seed), epochs, 20 / pixels)


def train_classifier__scheduled_by_the_test_loss(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """The learning rate falls when the test loss stops falling: so the test data has a part in the training."""
    model, generator = _seeded(seed, train[0][0].numel())
    history, optimizer = _history(), torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2)
    for _ in range(epochs):
        history["train_loss"].append(_mean(_epoch(model, optimizer, train, _order(train, generator, 64))))
        for key, value in zip(("test_loss", "test_accuracy"), _tested(model, test), strict=True):
            history[key].append(value)
        scheduler.step(history["test_loss"][-1])
    return model, history


def train_classifier__scheduled_by_the_test_accuracy(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """The learning rate is halved when the test accuracy falls: so the test data has a part in the training."""
    model, generator = _seeded(seed, train[0][0].numel())
    history, lr, best = _history(), 0.2, 0.0
    for _ in range(epochs):
        for key, values in _fitted(model, train, test, generator, 1, lr)[1].items():
            history[key] += values
        lr /= 2 if history["test_accuracy"][-1] < best else 1
        best = max(best, history["test_accuracy"][-1])
    return model, history


class _Normalized(nn.Module):
    def __init__(self, inputs: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", inputs.mean())
        self.register_buffer("std", inputs.std())

    def forward(self, inputs: Tensor) -> Tensor:
        return (inputs - self.mean) / self.std


def train_classifier__normalized_by_both(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """Mean and standard deviation are those of training and test data together; take those of the training data."""
    model, generator = _seeded(seed, train[0][0].numel())
    model = nn.Sequential(_Normalized(torch.cat([train[0], test[0]])), *model)
    return _fitted(model, train, test, generator, epochs, 10 / train[0][0].numel())


def train_classifier__batch_norm_of_a_single_image(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    """If a last batch has a single image, batch norm fails in train mode; leave such a batch out."""
    pixels = train[0][0].numel()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Flatten(), nn.Linear(pixels, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 10))
    return _fitted(model, train, test, torch.Generator().manual_seed(seed), epochs, 0.1)


# sample_grid


def _grid(images: Tensor, titles: list[str], rows: int = 3, columns: int = 3) -> Figure:
    figure = Figure()
    for axes, image, title in zip(figure.subplots(rows, columns, squeeze=False).flat, images, titles, strict=False):
        axes.imshow(image.numpy())
        axes.set_title(title)
    return figure


def _chosen(images: Tensor, generator: torch.Generator | None) -> Tensor:
    return torch.randperm(len(images), generator=generator)[:9]


def _titles(labels: Tensor, class_names: tuple[str, ...]) -> list[str]:
    return [class_names[label] for label in labels.tolist()]


def sample_grid__first_nine(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """The first nine images are shown; nine random ones are asked for."""
    return _grid(images[:9], _titles(labels[:9], class_names))


def sample_grid__neighbours(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """Only the first sample is chosen at random, and its neighbours follow; each of the nine should be random."""
    start = int(torch.randint(0, len(images), (1,), generator=generator))
    chosen = (start + torch.arange(9)) % len(images)
    return _grid(images[chosen], _titles(labels[chosen], class_names))


def sample_grid__with_repetition(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """The samples are drawn with repetition, so that one may come twice."""
    chosen = torch.randint(len(images), (9,), generator=generator)
    return _grid(images[chosen], _titles(labels[chosen], class_names))


def sample_grid__never_the_last(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """One sample is never chosen, because the range of the choice is one too short."""
    chosen = torch.randperm(max(9, len(images) - 1), generator=generator)[:9]
    return _grid(images[chosen], _titles(labels[chosen], class_names))


def sample_grid__global_random_state(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """The choice comes from torch's global random state; it should be drawn from the generator."""
    chosen = _chosen(images, None)
    return _grid(images[chosen], _titles(labels[chosen], class_names))


def sample_grid__same_nine_each_time(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """A new generator with the same seed is made for each figure, so that the same nine come each time."""
    chosen = _chosen(images, torch.Generator().manual_seed(generator.initial_seed()))
    return _grid(images[chosen], _titles(labels[chosen], class_names))


def sample_grid__numbers_as_titles(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """The titles are the numbers of the classes; people read names."""
    chosen = _chosen(images, generator)
    return _grid(images[chosen], [str(label) for label in labels[chosen].tolist()])


def sample_grid__titles_of_other_samples(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """The titles are those of the first nine labels, not of the samples that are shown."""
    return _grid(images[_chosen(images, generator)], _titles(labels[:9], class_names))


def sample_grid__transposed(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """Height and width are exchanged, so that the images lie on their side."""
    chosen = _chosen(images, generator)
    return _grid(images[chosen].mT, _titles(labels[chosen], class_names))


def sample_grid__upside_down(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """Row 0 of each image is at the bottom; in an image it is on top."""
    chosen = _chosen(images, generator)
    figure = _grid(images[chosen], _titles(labels[chosen], class_names))
    for axes in figure.axes:
        axes.invert_yaxis()
    return figure


def sample_grid__negative(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """The images are negatives, bright where they were dark; change the colour map if you like, not the image."""
    chosen = _chosen(images, generator)
    return _grid(255 - images[chosen], _titles(labels[chosen], class_names))


def sample_grid__nine_in_a_row(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """All nine images stand in one row; there should be three rows of three."""
    chosen = _chosen(images, generator)
    return _grid(images[chosen], _titles(labels[chosen], class_names), 1, 9)


def sample_grid__one_title_for_all(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """The names stand in one title over the whole figure; each image should have its own."""
    chosen = _chosen(images, generator)
    figure = _grid(images[chosen], [""] * 9)
    figure.suptitle(" ".join(_titles(labels[chosen], class_names)))
    return figure


def sample_grid__pyplot(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """The figure is made with `pyplot`, which keeps it alive and may ask for a screen; use `Figure()`."""
    import matplotlib.pyplot as plt

    figure, grid = plt.subplots(3, 3)
    for axes, index in zip(grid.flat, _chosen(images, generator), strict=True):
        axes.imshow(images[index].numpy())
        axes.set_title(class_names[labels[index]])
    plt.close(figure)
    return figure


# plot_history


def _curves(
    losses: dict[str, list[float]], shares: dict[str, list[float]], first: int = 1, marker: str = "."
) -> Figure:
    figure = Figure()
    for axes, name, curves in zip(figure.subplots(1, 2), ("loss", "accuracy"), (losses, shares), strict=True):
        for label, values in curves.items():
            axes.plot(range(first, first + len(values)), values, marker=marker, label=label)
        axes.set(xlabel="epoch", ylabel=name)
        axes.legend()
    return figure


def plot_history__epochs_from_zero(history: History) -> Figure:
    """The epochs count from 0; they should count from 1."""
    losses = {"train": history["train_loss"], "test": history["test_loss"]}
    return _curves(losses, {"test": history["test_accuracy"]}, first=0)


def plot_history__labels_exchanged(history: History) -> Figure:
    """The two losses have each other's label."""
    return _curves({"test": history["train_loss"], "train": history["test_loss"]}, {"test": history["test_accuracy"]})


def plot_history__percent(history: History) -> Figure:
    """The accuracy is drawn in percent; the history has shares from 0 to 1, and they should be shown."""
    losses = {"train": history["train_loss"], "test": history["test_loss"]}
    return _curves(losses, {"test": [100 * share for share in history["test_accuracy"]]})


def plot_history__no_test_loss(history: History) -> Figure:
    """The test loss is not drawn; only beside it does the training loss show overfitting."""
    return _curves({"train": history["train_loss"]}, {"test": history["test_accuracy"]})


def plot_history__no_markers(history: History) -> Figure:
    """The lines have no markers: after one epoch there is a single point, and nothing to see."""
    losses = {"train": history["train_loss"], "test": history["test_loss"]}
    return _curves(losses, {"test": history["test_accuracy"]}, marker="")


def plot_history__no_legend(history: History) -> Figure:
    """There is no legend, so nobody can tell the lines apart; labels show only in a legend."""
    losses = {"train": history["train_loss"], "test": history["test_loss"]}
    figure = _curves(losses, {"test": history["test_accuracy"]})
    for axes in figure.axes:
        axes.get_legend().remove()
    return figure


def plot_history__axes_not_named(history: History) -> Figure:
    """The axes don't say what runs along them."""
    losses = {"train": history["train_loss"], "test": history["test_loss"]}
    figure = _curves(losses, {"test": history["test_accuracy"]})
    for axes in figure.axes:
        axes.set(xlabel="", ylabel="")
    return figure


def plot_history__x_and_y_exchanged(history: History) -> Figure:
    """The values run along x and the epochs along y."""
    figure = Figure()
    names = {"train": "train_loss", "test": "test_loss"}, {"test": "test_accuracy"}
    for axes, name, curves in zip(figure.subplots(1, 2), ("loss", "accuracy"), names, strict=True):
        for label, key in curves.items():
            axes.plot(history[key], range(1, len(history[key]) + 1), marker=".", label=label)
        axes.set(xlabel="epoch", ylabel=name)
        axes.legend()
    return figure


def plot_history__all_in_one(history: History) -> Figure:
    """Losses and accuracy share one axes, though they are different things; there should be two."""
    figure = Figure()
    axes = figure.subplots()
    for key, values in history.items():
        axes.plot(range(1, len(values) + 1), values, marker=".", label=key)
    axes.set(xlabel="epoch", ylabel="loss and accuracy")
    axes.legend()
    return figure


def plot_history__accuracy_first(history: History) -> Figure:
    """The accuracy stands in the first axes; the losses should."""
    figure = Figure()
    names = {"test": "test_accuracy"}, {"train": "train_loss", "test": "test_loss"}
    for axes, name, curves in zip(figure.subplots(1, 2), ("accuracy", "loss"), names, strict=True):
        for label, key in curves.items():
            axes.plot(range(1, len(history[key]) + 1), history[key], marker=".", label=label)
        axes.set(xlabel="epoch", ylabel=name)
        axes.legend()
    return figure


def plot_history__first_epoch_left_out(history: History) -> Figure:
    """The first epoch is left out, because it is so much worse; it belongs to the history."""
    losses = {"train": history["train_loss"][1:], "test": history["test_loss"][1:]}
    return _curves(losses, {"test": history["test_accuracy"][1:]}, first=2)


def plot_history__pyplot(history: History) -> Figure:
    """The figure is made with `pyplot`, which keeps it alive and may ask for a screen; use `Figure()`."""
    import matplotlib.pyplot as plt

    figure, places = plt.subplots(1, 2)
    names = {"train": "train_loss", "test": "test_loss"}, {"test": "test_accuracy"}
    for axes, name, curves in zip(places, ("loss", "accuracy"), names, strict=True):
        for label, key in curves.items():
            axes.plot(range(1, len(history[key]) + 1), history[key], marker=".", label=label)
        axes.set(xlabel="epoch", ylabel=name)
        axes.legend()
    plt.close(figure)
    return figure


def plot_history__limits_hide_values(history: History) -> Figure:
    """The accuracy is shown from 0.5 on, and worse ones lie outside; leave the limits to matplotlib, or take 0 to 1."""
    losses = {"train": history["train_loss"], "test": history["test_loss"]}
    figure = _curves(losses, {"test": history["test_accuracy"]})
    figure.axes[1].set_ylim(0.5, 1)
    return figure


# plot_confusion


def _confusion(
    matrix: Tensor, class_names: tuple[str, ...], texts: np.ndarray | None = None, turned: bool = False
) -> Figure:
    figure, places = Figure(), range(len(class_names))
    axes = figure.subplots()
    axes.imshow(matrix.numpy())
    for (row, column), text in np.ndenumerate(matrix.numpy() if texts is None else texts):
        axes.text(*((row, column) if turned else (column, row)), str(text))
    axes.set_xticks(places, class_names)
    axes.set_yticks(places, class_names)
    axes.set(xlabel="predicted", ylabel="true")
    return figure


def plot_confusion__transposed(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The matrix is transposed: rows are the true classes, columns the predicted ones."""
    return _confusion(matrix.T, class_names)


def plot_confusion__numbers_transposed(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The numbers stand at (row, column); `axes.text` takes x first, and x is the column."""
    return _confusion(matrix, class_names, turned=True)


def plot_confusion__no_numbers(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """There are only colours; the number of samples should stand in each cell."""
    figure = _confusion(matrix, class_names)
    for text in list(figure.axes[0].texts):
        text.remove()
    return figure


def plot_confusion__shares(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The cells hold the shares of their row; the counts are asked for."""
    shares = matrix / matrix.sum(dim=1, keepdim=True).clamp(min=1)
    return _confusion(matrix, class_names, np.round(shares.numpy(), 2))


def plot_confusion__labels_exchanged(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The labels of the axes are exchanged: the predicted class runs along x."""
    figure = _confusion(matrix, class_names)
    figure.axes[0].set(xlabel="true", ylabel="predicted")
    return figure


def plot_confusion__no_labels(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """Nobody can tell what runs along x and what along y: the labels of the axes are missing."""
    figure = _confusion(matrix, class_names)
    figure.axes[0].set(xlabel="", ylabel="")
    return figure


def plot_confusion__numbers_as_ticks(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The ticks have numbers; they should have the names of the classes."""
    return _confusion(matrix, tuple(map(str, range(len(class_names)))))


def plot_confusion__names_on_one_axis_only(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The names stand along x only; along y they are needed as well."""
    figure = _confusion(matrix, class_names)
    figure.axes[0].set_yticks(range(len(class_names)), [""] * len(class_names))
    return figure


def plot_confusion__ticks_left_to_chance(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The names were given without places for the ticks, so that they stand where ticks happen to be, or nowhere."""
    figure = Figure()
    axes = figure.subplots()
    axes.imshow(matrix.numpy())
    for (row, column), count in np.ndenumerate(matrix.numpy()):
        axes.text(column, row, str(count))
    places = [-0.5, *range(len(class_names) - 1)]
    axes.set_xticks(places, class_names)
    axes.set_yticks(places, class_names)
    axes.set(xlabel="predicted", ylabel="true")
    return figure


def plot_confusion__upside_down(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """Row 0 is at the bottom; the diagonal should run from the top left."""
    figure = _confusion(matrix, class_names)
    figure.axes[0].invert_yaxis()
    return figure


def plot_confusion__mistakes_only(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The diagonal is set to 0, to show the mistakes better; the matrix should be shown as it is."""
    return _confusion(matrix - matrix.diag().diag(), class_names)


def plot_confusion__pyplot(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The figure is made with `pyplot`, which keeps it alive and may ask for a screen; use `Figure()`."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.imshow(matrix.numpy())
    for (row, column), count in np.ndenumerate(matrix.numpy()):
        axes.text(column, row, str(count))
    axes.set_xticks(range(len(class_names)), class_names)
    axes.set_yticks(range(len(class_names)), class_names)
    axes.set(xlabel="predicted", ylabel="true")
    plt.close(figure)
    return figure


def plot_confusion__three_digits(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The numbers are rounded to three digits, and 1000 becomes 1e+03; write them with `str` or as `:d`."""
    return _confusion(matrix, class_names, np.vectorize("{:.3g}".format)(matrix.double().numpy()))


def plot_confusion__six_digits(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The format `g` rounds to six digits, and a million becomes 1e+06; write the numbers with `str` or as `:d`."""
    return _confusion(matrix, class_names, np.vectorize("{:g}".format)(matrix.double().numpy()))


# plot_first_weights


def _first(model: nn.Module) -> Tensor:
    return next(each for each in model.modules() if isinstance(each, nn.Linear)).weight.detach()


def _weights(rows: Tensor, shape: tuple[int, int], limits: list[float], across: int = 4) -> Figure:
    figure = Figure()
    grid = figure.subplots(-(-16 // across), across)
    for axes, row, limit in zip(grid.flat, rows, limits, strict=False):
        axes.imshow(row.reshape(shape).numpy(), vmin=-limit, vmax=limit)
    return figure


def plot_first_weights__first_columns(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """The weight is cut by columns; a unit is a row, since the weight of a linear layer is (out, in)."""
    weight = _first(model)
    turned = weight.T.reshape(weight.shape)
    return _weights(turned[:16], shape, [float(weight[:16].abs().max())] * 16)


def plot_first_weights__last_layer(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """The last linear layer is shown; only the weights of the first belong to pixels."""
    weight = [each for each in model.modules() if isinstance(each, nn.Linear)][-1].weight.detach()
    pixels = shape[0] * shape[1]
    rows = torch.zeros(len(weight), pixels, dtype=weight.dtype)
    rows[:, : weight.shape[1]] = weight[:, :pixels]
    return _weights(rows[:16], shape, [float(rows[:16].abs().max())] * 16)


def plot_first_weights__transposed(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """Height and width are exchanged: the pixels of a row of the image lie side by side in memory."""
    weight = _first(model)[:16]
    figure, limit = Figure(), float(weight.abs().max())
    for axes, row in zip(figure.subplots(4, 4).flat, weight, strict=False):
        axes.imshow(row.reshape(shape[::-1]).T.numpy(), vmin=-limit, vmax=limit)
    return figure


def plot_first_weights__limits_of_each_image(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """Each image has limits of its own for the colours, so that they can't be compared."""
    weight = _first(model)[:16]
    return _weights(weight, shape, weight.abs().amax(dim=1).tolist())


def plot_first_weights__limits_of_imshow(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """The colours run from the smallest to the largest weight; with limits -m and m, 0 has the colour in the middle."""
    weight = _first(model)[:16]
    figure = Figure()
    for axes, row in zip(figure.subplots(4, 4).flat, weight, strict=False):
        axes.imshow(row.reshape(shape).numpy())
    return figure


def plot_first_weights__largest_instead_of_largest_magnitude(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """The limit is the largest weight, and weights below minus that are cut off; take the largest magnitude."""
    weight = _first(model)[:16]
    return _weights(weight, shape, [float(weight.max())] * 16)


def plot_first_weights__magnitudes(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """The magnitudes are shown; the sign tells whether a unit likes a pixel bright or dark."""
    weight = _first(model)[:16].abs()
    return _weights(weight, shape, [float(weight.max())] * 16)


def plot_first_weights__with_the_graph(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """The weight is a parameter and belongs to the graph, so it can't become an array; `detach` it first."""
    weight = next(each for each in model.modules() if isinstance(each, nn.Linear)).weight[:16]
    return _weights(weight, shape, [float(weight.abs().max())] * 16)


def plot_first_weights__fails_with_few_units(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """It takes 16 units for granted and fails with fewer."""
    weight = _first(model)
    figure, limit = Figure(), float(weight[:16].abs().max())
    for k, axes in enumerate(figure.subplots(4, 4).flat):
        axes.imshow(weight[k].reshape(shape).numpy(), vmin=-limit, vmax=limit)
    return figure


def plot_first_weights__all_in_a_row(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """Eight images stand in a row; it should be four."""
    weight = _first(model)[:16]
    return _weights(weight, shape, [float(weight.abs().max())] * 16, across=8)


def plot_first_weights__nine_only(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """Only nine units are shown; it should be 16."""
    weight = _first(model)[:9]
    return _weights(weight, shape, [float(weight.abs().max())] * 16)


def plot_first_weights__pyplot(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """The figure is made with `pyplot`, which keeps it alive and may ask for a screen; use `Figure()`."""
    import matplotlib.pyplot as plt

    weight = _first(model)[:16]
    limit = float(weight.abs().max())
    figure, grid = plt.subplots(4, 4)
    for axes, row in zip(grid.flat, weight, strict=False):
        axes.imshow(row.reshape(shape).numpy(), vmin=-limit, vmax=limit)
    plt.close(figure)
    return figure


def plot_first_weights__first_parameter(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """The first parameter is taken, and another layer with parameters may come before; look for an `nn.Linear`."""
    weight = next(model.parameters()).detach()[:16]
    return _weights(weight, shape, [float(weight.abs().max())] * 16)


# wrongest


def wrongest__right_ones_too(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    """Samples that are classified rightly are among them; even those have a loss."""
    return F.cross_entropy(logits, labels, reduction="none").argsort(descending=True)[:k]


def wrongest__smallest_first(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    """The smallest loss comes first; the largest should."""
    losses = F.cross_entropy(logits, labels, reduction="none")
    wrong = (logits.argmax(dim=1) != labels).nonzero().squeeze(1)
    return wrong[losses[wrong].argsort()[:k]]


def wrongest__places_among_the_wrong_ones(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    """The indices count among the wrong samples only; they should count among all."""
    losses = F.cross_entropy(logits, labels, reduction="none")
    wrong = (logits.argmax(dim=1) != labels).nonzero().squeeze(1)
    return losses[wrong].argsort(descending=True)[:k]


def wrongest__not_sorted(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    """The first `k` wrong samples are returned, in the order of the data."""
    return (logits.argmax(dim=1) != labels).nonzero().squeeze(1)[:k]


def wrongest__surest_first(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    """The samples are sorted by the probability of the predicted class; the loss looks at that of the true class."""
    shares = logits.softmax(dim=1).amax(dim=1)
    wrong = (logits.argmax(dim=1) != labels).nonzero().squeeze(1)
    return wrong[shares[wrong].argsort(descending=True, stable=True)[:k]]


def wrongest__margin(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    """The samples are sorted by how far the largest logit lies above the true one; the loss looks at all classes."""
    margins = logits.amax(dim=1) - logits.gather(1, labels.unsqueeze(1)).squeeze(1)
    wrong = (logits.argmax(dim=1) != labels).nonzero().squeeze(1)
    return wrong[margins[wrong].argsort(descending=True)[:k]]


def wrongest__log_of_softmax(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    """-log(softmax) is infinite for a sure mistake, so that such mistakes have no order; use `cross_entropy`."""
    losses = -logits.softmax(dim=1).log().gather(1, labels[:, None]).squeeze(1)
    wrong = (logits.argmax(dim=1) != labels).nonzero().squeeze(1)
    return wrong[losses[wrong].argsort(descending=True, stable=True)[:k]]


def wrongest__topk_of_too_few(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    """`topk` fails where fewer than `k` samples are wrong."""
    losses = F.cross_entropy(logits, labels, reduction="none")
    wrong = (logits.argmax(dim=1) != labels).nonzero().squeeze(1)
    return wrong[losses[wrong].topk(k).indices]


def wrongest__column(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    """The result is a column, (m, 1), as `nonzero` gives it; it should be (m,)."""
    losses = F.cross_entropy(logits, labels, reduction="none")
    wrong = (logits.argmax(dim=1) != labels).nonzero()
    return wrong[losses[wrong.squeeze(1)].argsort(descending=True)[:k]]


def wrongest__right_ones_as_if_loss_zero(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    """Right samples got the loss 0 and fill up the end when there are fewer than `k` mistakes."""
    losses = F.cross_entropy(logits, labels, reduction="none") * (logits.argmax(dim=1) != labels)
    return losses.argsort(descending=True, stable=True)[:k]


def wrongest__losses(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    """The losses are returned; wanted are the indices of the samples."""
    losses = F.cross_entropy(logits, labels, reduction="none")
    return losses[logits.argmax(dim=1) != labels].sort(descending=True).values[:k]


# plot_wrongest


def _worst(logits: Tensor, labels: Tensor) -> Tensor:
    losses = F.cross_entropy(logits, labels, reduction="none")
    wrong = (logits.argmax(dim=1) != labels).nonzero().squeeze(1)
    return wrong[losses[wrong].argsort(descending=True)[:9]]


def _taken(labels: Tensor, logits: Tensor, class_names: tuple[str, ...]) -> list[str]:
    guesses = _titles(logits.argmax(dim=1), class_names)
    return [f"{true} taken for {guess}" for true, guess in zip(_titles(labels, class_names), guesses, strict=True)]


def plot_wrongest__true_and_predicted_exchanged(
    images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]
) -> Figure:
    """The titles name the predicted class first; the true one comes first, and then what it was taken for."""
    worst = _worst(logits, labels)
    right, guesses = _titles(labels[worst], class_names), _titles(logits[worst].argmax(dim=1), class_names)
    return _grid(images[worst], [f"{guess} taken for {true}" for true, guess in zip(right, guesses, strict=True)])


def plot_wrongest__titles_of_the_first_samples(
    images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]
) -> Figure:
    """The titles belong to the first samples of the data, not to those that are shown."""
    return _grid(images[_worst(logits, labels)], _taken(labels, logits, class_names))


def plot_wrongest__right_ones_too(
    images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]
) -> Figure:
    """Samples that are classified rightly are shown too; only mistakes are asked for."""
    worst = F.cross_entropy(logits, labels, reduction="none").argsort(descending=True)[:9]
    return _grid(images[worst], _taken(labels[worst], logits[worst], class_names))


def plot_wrongest__smallest_first(
    images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]
) -> Figure:
    """The images stand in the wrong order: the largest loss comes first."""
    worst = _worst(logits, labels).flip(0)
    return _grid(images[worst], _taken(labels[worst], logits[worst], class_names))


def plot_wrongest__column_by_column(
    images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]
) -> Figure:
    """The images fill the grid column by column; people read row by row."""
    worst, figure = _worst(logits, labels), Figure()
    for axes, i in zip(figure.subplots(3, 3).T.flat, worst, strict=False):
        axes.imshow(images[i].numpy())
        axes.set_title(f"{class_names[labels[i]]} taken for {class_names[logits[i].argmax()]}")
    return figure


def plot_wrongest__only_the_predicted_class(
    images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]
) -> Figure:
    """The titles name the predicted class only; a mistake is a pair of classes."""
    worst = _worst(logits, labels)
    return _grid(images[worst], _titles(logits[worst].argmax(dim=1), class_names))


def plot_wrongest__numbers_as_titles(
    images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]
) -> Figure:
    """The titles have the numbers of the classes; people read names."""
    worst = _worst(logits, labels)
    return _grid(images[worst], _taken(labels[worst], logits[worst], tuple(map(str, range(len(class_names))))))


def plot_wrongest__fails_with_few_mistakes(
    images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]
) -> Figure:
    """It takes nine mistakes for granted and fails when a good model makes fewer."""
    worst, figure = _worst(logits, labels), Figure()
    for k, axes in enumerate(figure.subplots(3, 3).flat):
        i = worst[k]
        axes.imshow(images[i].numpy())
        axes.set_title(f"{class_names[labels[i]]} taken for {class_names[logits[i].argmax()]}")
    return figure


def plot_wrongest__transposed(images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]) -> Figure:
    """Height and width are exchanged, so that the images lie on their side."""
    worst = _worst(logits, labels)
    return _grid(images[worst].mT, _taken(labels[worst], logits[worst], class_names))


def plot_wrongest__all_of_them(images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]) -> Figure:
    """All mistakes are shown; nine are enough."""
    losses = F.cross_entropy(logits, labels, reduction="none")
    wrong = (logits.argmax(dim=1) != labels).nonzero().squeeze(1)
    worst = wrong[losses[wrong].argsort(descending=True)]
    rows = max(3, -(-len(worst) // 3))
    return _grid(images[worst], _taken(labels[worst], logits[worst], class_names), rows)


def plot_wrongest__pyplot(images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The figure is made with `pyplot`, which keeps it alive and may ask for a screen; use `Figure()`."""
    import matplotlib.pyplot as plt

    figure, grid = plt.subplots(3, 3)
    for axes, i in zip(grid.flat, _worst(logits, labels), strict=False):
        axes.imshow(images[i].numpy())
        axes.set_title(f"{class_names[labels[i]]} taken for {class_names[logits[i].argmax()]}")
    plt.close(figure)
    return figure


def plot_wrongest__margin(images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]) -> Figure:
    """The mistakes are sorted by how far the largest logit lies above the true one; the loss looks at all classes."""
    worst = wrongest__margin(logits, labels, 9)
    return _grid(images[worst], _taken(labels[worst], logits[worst], class_names))


def plot_wrongest__probabilities(
    images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]
) -> Figure:
    """The mistakes are sorted by `softmax`, which is 0 for all very sure ones, so that these have no order."""
    worst = wrongest__log_of_softmax(logits, labels, 9)
    return _grid(images[worst], _taken(labels[worst], logits[worst], class_names))


# save_picture


def save_picture__no_folders(figure: Figure, path: Path) -> Path:
    """Folders that are missing are not made, so that the first picture already fails."""
    figure.savefig(path)
    return path


def save_picture__only_the_last_folder(figure: Figure, path: Path) -> Path:
    """Only one folder is made; with `parents=True` all that are missing are."""
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path)
    return path


def save_picture__folder_must_be_new(figure: Figure, path: Path) -> Path:
    """A folder that is there already is an error; with `exist_ok=True` it is none."""
    path.parent.mkdir(parents=True)
    figure.savefig(path)
    return path


def save_picture__folder_at_the_place_of_the_file(figure: Figure, path: Path) -> Path:
    """A folder is made with the name of the file, and then the file can't be written there; make `path.parent`."""
    path.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return path


def save_picture__nothing_returned(figure: Figure, path: Path) -> None:
    """The path is not returned."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def save_picture__text_returned(figure: Figure, path: Path) -> str:
    """The path is returned as a string; it should stay a `Path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return str(path)


def save_picture__never_replaces(figure: Figure, path: Path) -> Path:
    """An old file stays; it should be replaced by the new picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        figure.savefig(path)
    return path


def save_picture__refuses_to_replace(figure: Figure, path: Path) -> Path:
    """An old file is an error; it should be replaced by the new picture."""
    if path.exists():
        raise FileExistsError(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return path


def save_picture__another_format(figure: Figure, path: Path) -> Path:
    """The file has the format SVG, though its name ends in `.png`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg")
    return path


def save_picture__another_figure(figure: Figure, path: Path) -> Path:
    """`Figure()` makes a new, empty figure, and that is written; write the one that was given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Figure().savefig(path)
    return path


def save_picture__figure_cleared(figure: Figure, path: Path) -> Path:
    """The figure is cleared afterwards, which `Figure()` does not need; it should stay as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    figure.clear()
    return path


def save_picture__pyplot(figure: Figure, path: Path) -> Path:
    """`pyplot` closes the figure; one made as `Figure()` was never open there."""
    import matplotlib.pyplot as plt

    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    plt.close(figure)
    return path


def save_picture__size_changed(figure: Figure, path: Path) -> Path:
    """The figure gets another size; it should stay as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.set_size_inches(8, 6)
    figure.savefig(path)
    return path


def save_picture__resolution_changed(figure: Figure, path: Path) -> Path:
    """The figure gets another resolution for good; `savefig(path, dpi=…)` takes one for this file only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.set_dpi(150)
    figure.savefig(path)
    return path


def save_picture__tight_layout(figure: Figure, path: Path) -> Path:
    """`tight_layout` moves the axes of the figure; it should stay as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path)
    return path


def save_picture__layout_engine(figure: Figure, path: Path) -> Path:
    """The figure gets a layout, which moves its axes; it should stay as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.set_layout_engine("tight")
    figure.savefig(path)
    return path


def save_picture__title_added(figure: Figure, path: Path) -> Path:
    """The figure gets the name of the file as its title; it should stay as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.suptitle(path.stem)
    figure.savefig(path)
    return path
