"""Right answers to `katas/14_train_for_real` written in other ways; all must pass."""

import copy
import io
import itertools
import math
import random
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader, TensorDataset

Data = tuple[Tensor, Tensor]
History = dict[str, list[float]]


def to_inputs__two_steps(images: Tensor) -> Tensor:
    zero_to_one = images.to(torch.float32)[:, None] / 255
    return (zero_to_one - 0.5) / 0.5


def to_inputs__reshaped(images: Tensor) -> Tensor:
    n, h, w = images.shape
    return 2 * images.reshape(n, 1, h, w).float().div_(255) - 1


def to_inputs__looked_up(images: Tensor) -> Tensor:
    return torch.linspace(-1, 1, 256, device=images.device)[images.long()].unsqueeze(-3)


def build_classifier__named_layers(inputs: int = 28 * 28, hidden: int = 512, classes: int = 10) -> nn.Sequential:
    layers = {
        "flatten": nn.Flatten(start_dim=1),
        "first": nn.Linear(inputs, hidden),
        "relu": nn.ReLU(),
        "second": nn.Linear(hidden, hidden),
        "relu2": nn.ReLU(inplace=True),
        "last": nn.Linear(hidden, classes),
    }
    return nn.Sequential(OrderedDict(layers))


def build_classifier__in_a_loop(inputs: int = 28 * 28, hidden: int = 512, classes: int = 10) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Flatten()]
    for into, out in itertools.pairwise((inputs, hidden, hidden)):
        layers += [nn.Linear(into, out), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(hidden, classes))


def build_classifier__nested(inputs: int = 28 * 28, hidden: int = 512, classes: int = 10) -> nn.Sequential:
    body = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
    return nn.Sequential(nn.Flatten(), body).append(nn.Linear(hidden, classes))


def without_last_relu__new_sequential(model: nn.Sequential) -> nn.Sequential:
    layers = list(model.children()) if len(set(model)) == len(model) else list(model)
    if isinstance(layers[-1], nn.ReLU):
        layers.pop()
    return nn.Sequential(*layers)


def without_last_relu__appended(model: nn.Sequential) -> nn.Sequential:
    result = nn.Sequential()
    for index, layer in enumerate(model):
        if index < len(model) - 1 or type(layer) is not nn.ReLU:
            result.append(layer)
    return result


def without_last_relu__keeps_names(model: nn.Sequential) -> nn.Sequential:
    named = list(model._modules.items())
    if isinstance(named[-1][1], nn.ReLU):
        named = named[:-1]
    return nn.Sequential(OrderedDict(named))


@torch.no_grad()
def logits_of__decorated(model: nn.Module, inputs: Tensor) -> Tensor:
    mode = model.training
    try:
        return model.eval()(inputs)
    finally:
        model.train(mode)


def logits_of__in_batches(model: nn.Module, inputs: Tensor) -> Tensor:
    mode = model.training
    model.eval()
    with torch.inference_mode():
        parts = [model(part) for part in inputs.split(2)]
    model.train(mode)
    return torch.cat(parts).clone()


def logits_of__sample_by_sample(model: nn.Module, inputs: Tensor) -> Tensor:
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    with torch.set_grad_enabled(False):
        logits = torch.cat([model(one) for one in inputs[:, None]])
    for module, mode in modes:
        module.training = mode
    return logits


def accuracy__counted(logits: Tensor, labels: Tensor) -> float:
    return (logits.max(dim=1).indices == labels).sum().item() / len(labels)


def accuracy__compared_with_the_best(logits: Tensor, labels: Tensor) -> float:
    return float((logits.gather(1, labels[:, None]).squeeze(1) == logits.amax(dim=1)).float().mean())


def accuracy__probabilities(logits: Tensor, labels: Tensor) -> float:
    return torch.mean((logits.topk(1).indices[:, 0] == labels).to(torch.float64)).item()


def train_epoch__data_loader(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    loader = DataLoader(TensorDataset(*data), batch_size=batch_size, shuffle=True, generator=generator)
    model.train()
    total = 0.0
    for inputs, labels in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
    return total / len(data[1])


def train_epoch__sums_of_losses(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    model.train()
    order = torch.randperm(len(data[1]), generator=generator).to(data[1].device)
    inputs, labels = data[0][order], data[1][order]
    losses: list[Tensor] = []
    for start in range(0, len(labels), batch_size):
        each = F.cross_entropy(
            model(inputs[start : start + batch_size]), labels[start : start + batch_size], reduction="none"
        )
        optimizer.zero_grad(set_to_none=False)
        each.mean().backward()
        optimizer.step()
        losses.append(each.detach())
    return torch.cat(losses).double().mean().item()


def train_epoch__python_shuffle(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    order = list(range(len(data[1])))
    random.Random(int(torch.randint(2**62, (), generator=generator))).shuffle(order)
    criterion, losses, sizes = nn.CrossEntropyLoss(), [], []
    model.train(True)
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        for p in model.parameters():
            p.grad = None
        loss = criterion(model(data[0][chosen]), data[1][chosen])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(chosen))
    return float(np.average(losses, weights=sizes))


def _epoch(model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator) -> float:
    inputs, labels = data
    total = 0.0
    model.train()
    for batch in torch.randperm(len(labels), generator=generator).split(batch_size):
        loss = F.cross_entropy(model(inputs[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    return total / len(labels)


def _test(model: nn.Module, data: Data) -> tuple[float, float]:
    model.eval()
    with torch.no_grad():
        logits = model(data[0])
    return F.cross_entropy(logits, data[1]).item(), (logits.argmax(1) == data[1]).sum().item() / len(data[1])


def fit__rows_turned(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0, weight_decay=0)
    rows = [(_epoch(model, optimizer, train, batch_size, generator), *_test(model, test)) for _ in range(epochs)]
    return {key: [row[i] for row in rows] for i, key in enumerate(("train_loss", "test_loss", "test_accuracy"))}


def fit__step_by_hand(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    history: History = {"train_loss": [], "test_loss": [], "test_accuracy": []}
    for _ in range(epochs):
        model.train()
        total = 0.0
        for batch in torch.randperm(len(train[1]), generator=generator).split(batch_size):
            model.zero_grad()
            loss = F.cross_entropy(model(train[0][batch]), train[1][batch])
            loss.backward()
            with torch.no_grad():
                for p in model.parameters():
                    p.sub_(lr * p.grad)
            total += float(loss.detach()) * len(batch)
        history["train_loss"].append(total / len(train[1]))
        for key, value in zip(("test_loss", "test_accuracy"), _test(model, test), strict=True):
            history[key].append(value)
    return history


def fit__tests_in_batches(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    history: History = {"test_accuracy": [], "test_loss": [], "train_loss": []}
    optimizer = torch.optim.SGD(model.parameters(), lr)
    for _ in range(epochs):
        history["train_loss"].append(_epoch(model, optimizer, train, batch_size, generator))
        model.eval()
        loss = right = 0.0
        for inputs, labels in zip(test[0].split(2), test[1].split(2), strict=True):
            with torch.inference_mode():
                logits = model(inputs)
            loss += F.cross_entropy(logits, labels, reduction="sum").item()
            right += (logits.argmax(1) == labels).sum().item()
        history["test_loss"].append(loss / len(test[1]))
        history["test_accuracy"].append(right / len(test[1]))
    return history


def _trained(
    model: nn.Module, optimizer: Optimizer, train: Data, test: Data, epochs: int, size: int, generator: torch.Generator
) -> History:
    rows = [(_epoch(model, optimizer, train, size, generator), *_test(model, test)) for _ in range(epochs)]
    return {key: [row[i] for row in rows] for i, key in enumerate(("train_loss", "test_loss", "test_accuracy"))}


def _layers(pixels: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Flatten(), nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 10)
    )


def train_classifier__momentum(train: Data, test: Data, seed: int = 0, epochs: int = 20) -> tuple[nn.Module, History]:
    state = torch.get_rng_state()
    torch.random.default_generator.manual_seed(seed)
    model = _layers(train[0][0].numel(), 128).to(train[0].device)
    torch.set_rng_state(state)
    optimizer = torch.optim.SGD(model.parameters(), lr=2 / train[0][0].numel(), momentum=0.9, nesterov=True)
    return model, _trained(model, optimizer, train, test, epochs, 32, torch.Generator().manual_seed(seed))


def train_classifier__weights_from_the_generator(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        model = _layers(train[0][0].numel(), 256)
    for p in model.parameters():
        with torch.no_grad():
            bound = 1 / math.sqrt(p.shape[-1])
            p.copy_(torch.empty_like(p).uniform_(-bound, bound, generator=generator) if p.ndim == 2 else 0 * p)
    optimizer = torch.optim.SGD(model.parameters(), lr=20 / train[0][0].numel())
    return model, _trained(model, optimizer, train, test, epochs, 64, generator)


def train_classifier__convolutions(
    train: Data, test: Data, seed: int = 0, epochs: int = 20
) -> tuple[nn.Module, History]:
    h, w = train[0].shape[2:]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.BatchNorm1d(16 * h * w), nn.Dropout(0.2),
            nn.Linear(16 * h * w, 10),
        )  # fmt: skip
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
        size = 31 if len(train[1]) % 32 == 1 else 32  # batch norm fails with a single image
        history = _trained(model, optimizer, train, test, epochs, size, torch.Generator().manual_seed(seed))
    return model, history


def sample_grid__axes_one_by_one(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    figure = Figure(figsize=(8, 8))
    for number, i in enumerate(torch.randperm(len(images), generator=generator)[-9:].tolist(), start=1):
        axes = figure.add_subplot(3, 3, number)
        axes.set_title(class_names[int(labels[i])], fontsize=7)
        axes.imshow(images[i].numpy() / 255, cmap="gray_r", vmin=0, vmax=1)
        axes.set(xticks=[], yticks=[])
    return figure


def sample_grid__as_inputs(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    weights = torch.ones(len(images))
    chosen = torch.multinomial(weights, 9, replacement=False, generator=generator)
    figure = Figure(layout="constrained")
    grid = figure.subplots(3, 3, sharex=True, sharey=True)
    for (row, column), axes in np.ndenumerate(grid):
        i = chosen[3 * row + column]
        axes.imshow((images[i].unsqueeze(0).float() / 127.5 - 1).squeeze().numpy(), interpolation="bilinear")
        axes.set_title(class_names[labels[i]], loc="left")
    figure.suptitle("nine samples")
    return figure


def sample_grid__column_by_column(
    images: Tensor, labels: Tensor, class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    figure = Figure()
    chosen = torch.rand(len(images), generator=generator).argsort()[:9]
    for axes, i in zip(figure.subplots(3, 3).T.flat, chosen.tolist(), strict=True):
        axes.matshow(images[i].numpy())
        axes.set_title(f"{class_names[labels[i]]}\n")
    return figure


def plot_history__line_by_line(history: History) -> Figure:
    figure = Figure()
    losses, shares = figure.add_subplot(2, 1, 1), figure.add_subplot(2, 1, 2)
    epochs = np.arange(len(history["train_loss"])) + 1
    losses.plot(epochs, history["test_loss"], "x--", label="test")
    losses.plot(epochs, history["train_loss"], "o-", label="train")
    shares.plot(epochs, np.array(history["test_accuracy"]), "s", label="test")
    losses.set_xlabel("Epoch")
    losses.set_ylabel("Mean loss of a sample")
    shares.set_xlabel("epochs")
    shares.set_ylabel("Accuracy")
    losses.legend(loc="upper right")
    shares.legend(["test"])
    return figure


def plot_history__loop_over_keys(history: History) -> Figure:
    figure = Figure(figsize=(10, 4))
    for axes, what in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for key in (key for key in history if key.endswith(what)):
            axes.plot(
                list(range(1, len(history[key]) + 1)), history[key], marker="o", label=key.removesuffix(f"_{what}")
            )
        axes.set(title=what, xlabel="epoch", ylabel=what)
        axes.grid(True)
        axes.legend()
    return figure


def plot_confusion__cells_without_zeros(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    figure = Figure(figsize=(9, 8))
    axes = figure.add_subplot()
    picture = axes.imshow(matrix.double().numpy(), cmap="viridis")
    figure.colorbar(picture)
    for row, column in matrix.nonzero().tolist():
        axes.annotate(f"{int(matrix[row, column])}", (column, row), ha="center", va="center")
    axes.set_xticks(np.arange(len(class_names)))
    axes.set_yticks(np.arange(len(class_names)))
    axes.set_xticklabels(class_names, rotation=90)
    axes.set_yticklabels(class_names)
    axes.set_xlabel("Predicted")
    axes.set_ylabel("True label")
    return figure


def plot_confusion__matshow(matrix: Tensor, class_names: tuple[str, ...]) -> Figure:
    figure = Figure()
    axes = figure.subplots(1, 1)
    axes.matshow(matrix.numpy(), cmap="Greens")
    for i, line in enumerate(matrix.tolist()):
        for j, count in enumerate(line):
            axes.text(x=j, y=i, s=count)
    axes.set(xlabel="the predicted class", ylabel="the true class")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(range(len(class_names)), labels=list(class_names))
    return figure


def plot_first_weights__looked_up_by_name(model: nn.Module, shape: tuple[int, int]) -> Figure:
    layers = [layer for _, layer in model.named_modules() if isinstance(layer, nn.Linear)]
    rows = layers[0].weight.data.clone().numpy()[:16].reshape(-1, *shape)
    figure = Figure(figsize=(8, 8))
    most = np.abs(rows).max()
    for number, row in enumerate(rows, start=1):
        axes = figure.add_subplot(4, 4, number, title=f"unit {number}")
        axes.imshow(row, cmap="bwr", clim=(-most, most))
    return figure


def plot_first_weights__limits_of_all_weights(model: nn.Module, shape: tuple[int, int]) -> Figure:
    weight = next(filter(lambda layer: isinstance(layer, nn.Linear), model.modules())).weight.detach()
    figure, limit = Figure(), 1.5 * weight.abs().max().item()
    grid = figure.subplots(4, 4)
    for k, axes in enumerate(grid.ravel()):
        if k >= len(weight):
            axes.remove()
            continue
        picture = axes.imshow(weight[k].view(*shape).numpy())
        picture.set_clim(-limit, limit)
    return figure


def wrongest__sorted_in_python(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    losses = (logits.double().logsumexp(1) - logits.double().gather(1, labels[:, None])[:, 0]).tolist()
    guesses = logits.argmax(1).tolist()
    wrong = [i for i, label in enumerate(labels.tolist()) if guesses[i] != label]
    wrong.sort(key=lambda i: losses[i], reverse=True)
    return torch.tensor(wrong[:k], dtype=torch.int64, device=logits.device)


def wrongest__topk(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    losses = -F.log_softmax(logits, dim=1)[torch.arange(len(labels), device=labels.device), labels]
    wrong = torch.where(logits.max(dim=1).indices != labels)[0]
    return wrong[losses[wrong].topk(min(k, len(wrong))).indices]


def wrongest__masked(logits: Tensor, labels: Tensor, k: int) -> Tensor:
    wrong = logits.argmax(dim=1) != labels
    losses = F.cross_entropy(logits, labels, reduction="none").where(wrong, torch.full_like(logits[:, 0], -1.0))
    return losses.sort(descending=True).indices[: min(k, int(wrong.sum()))]


def _worst(logits: Tensor, labels: Tensor) -> list[int]:
    losses = nn.CrossEntropyLoss(reduction="none")(logits, labels)
    order = losses.argsort(descending=True).tolist()
    return [i for i in order if int(logits[i].argmax()) != int(labels[i])][:9]


def plot_wrongest__axes_one_by_one(
    images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]
) -> Figure:
    figure = Figure(figsize=(9, 9))
    for place, i in enumerate(_worst(logits, labels)):
        axes = figure.add_subplot(3, 3, place + 1)
        axes.imshow(images[i].float().numpy(), cmap="bone")
        axes.set_title(f"{class_names[labels[i]]} taken for {class_names[logits[i].argmax()]}", size=6)
    return figure


def plot_wrongest__empty_axes_removed(
    images: Tensor, labels: Tensor, logits: Tensor, class_names: tuple[str, ...]
) -> Figure:
    figure, worst = Figure(), _worst(logits, labels)
    grid = figure.subplots(3, 3, squeeze=False)
    guesses = logits.max(dim=1).indices
    for axes, i in itertools.zip_longest(grid.flatten(), worst):
        if i is None:
            axes.remove()
        else:
            axes.set_axis_off()
            axes.imshow(images[i].numpy() / 255.0)
            axes.set_title("\n".join([class_names[labels[i]], "taken for", class_names[guesses[i]]]))
    return figure


def save_picture__by_way_of_bytes(figure: Figure, path: Path) -> Path:
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=50)
    for folder in reversed(path.parents):
        folder.mkdir(exist_ok=True)
    path.write_bytes(memory.getvalue())
    return path


def save_picture__written_beside_and_moved(figure: Figure, path: Path) -> Path:
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True)
    beside = Path(f"{path}.part")
    with beside.open("wb") as file:
        copy.deepcopy(figure).savefig(file, format="png", dpi="figure")
    return Path(beside.replace(path))
