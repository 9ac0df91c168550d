"""An epoch of training, from the tutorial's loop to the fastest that gives the same weights.

Each rung of the ladder is a way to train the same net on the same images in the same order: 784–512–512–10 with ReLU,
cross entropy, SGD with batches of 64 and a learning rate of 1e-3. `rung.make(task)` prepares what a training prepares
once and gives an epoch, a function that trains `task.model` in place.

`expert_epoch` is the best of them, and shows what is left when nothing is done twice. `products_epoch` is no training:
it is the *shape roofline*, the eight matrix products of each step and nothing else.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from torchkata.bench.goals import EXPERT, IDIOMATIC

SIDE, HIDDEN, CLASSES = 28, 512, 10
BATCH, RATE = 64, 1e-3
IMAGES = 60_000
Epoch = Callable[[], Any]
Batches = Iterable[tuple[Tensor, Tensor]]


@dataclass
class Task:
    """What is to be trained, on what, and where."""

    images: Tensor  # uint8 (n, 28, 28), on the CPU as they come from a file
    labels: Tensor  # int64 (n,)
    model: nn.Sequential
    device: str

    @classmethod
    def new(cls, samples: int, device: str = "cpu", seed: int = 0) -> "Task":
        """Made-up images, and a net that starts the same for the same seed."""
        generator = torch.Generator().manual_seed(seed)
        images = torch.randint(0, 256, (samples, SIDE, SIDE), dtype=torch.uint8, generator=generator)
        labels = torch.randint(0, CLASSES, (samples,), generator=generator)
        return cls(images, labels, build_model(seed).to(device), device)

    def inputs(self) -> Tensor:
        """All images as the net wants them, converted at once."""
        return self.images.to(self.device).unsqueeze(1).float().div(255)

    def targets(self) -> Tensor:
        return self.labels.to(self.device)

    def weights(self) -> Tensor:
        """All weights as one vector."""
        return nn.utils.parameters_to_vector(self.model.parameters()).detach().cpu().clone()


def build_model(seed: int = 0) -> nn.Sequential:
    """The tutorial's net."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Flatten(),
            nn.Linear(SIDE * SIDE, HIDDEN), nn.ReLU(),
            nn.Linear(HIDDEN, HIDDEN), nn.ReLU(),
            nn.Linear(HIDDEN, CLASSES),
        )  # fmt: skip


def parameters() -> int:
    """How many weights the net has."""
    return (SIDE * SIDE + 1) * HIDDEN + (HIDDEN + 1) * HIDDEN + (HIDDEN + 1) * CLASSES


def flops(samples: int) -> int:
    """The usual estimate of an epoch: 2 for each weight forward, 4 backward, for each sample."""
    return 6 * parameters() * samples


def pictures(images: Tensor, labels: Tensor) -> Dataset[tuple[Tensor, int]]:
    """The dataset of the tutorial, torchvision's own class; where torchvision is missing, what does the same."""
    try:
        from torchvision.datasets import FashionMNIST
        from torchvision.transforms import ToTensor
    except ImportError:
        return Pictures(images, labels)
    made: Dataset[tuple[Tensor, int]] = FashionMNIST.__new__(FashionMNIST)  # its __init__ reads files
    vars(made).update(data=images, targets=labels, transform=ToTensor(), target_transform=None)
    return made


class Pictures(Dataset[tuple[Tensor, int]]):
    """Images as torchvision's FashionMNIST gives them: a PIL image, then a tensor, made when it is asked for."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.images, self.labels = images, labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        from PIL import Image

        return to_tensor(Image.fromarray(self.images[index].numpy())), int(self.labels[index])


def to_tensor(image: Any) -> Tensor:
    """A PIL image as float32 (1, h, w) from 0 to 1: what torchvision's `ToTensor` does to a grey image."""
    pixels = torch.from_numpy(np.array(image, np.uint8, copy=True))
    return pixels.view(image.height, image.width, 1).permute(2, 0, 1).contiguous().float().div(255)


def sgd(task: Task, **options: Any) -> torch.optim.SGD:
    return torch.optim.SGD(task.model.parameters(), lr=RATE, **options)


def train(task: Task, batches: Batches, optimizer: torch.optim.Optimizer, *, asynchronous: bool = False) -> None:
    """The tutorial's loop over one epoch; every hundredth loss is read, as the tutorial prints it."""
    task.model.train()
    for number, (x, y) in enumerate(batches):
        x, y = (part.to(task.device, non_blocking=asynchronous) for part in (x, y))
        loss = F.cross_entropy(task.model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if number % 100 == 0:
            loss.item()


def tutorial(task: Task) -> Epoch:
    """A dataset of images, a transform for each sample, and a DataLoader."""
    loader, optimizer = DataLoader(pictures(task.images, task.labels), BATCH), sgd(task)
    return lambda: train(task, loader, optimizer)


def two_workers(task: Task) -> Epoch:
    """The same; two processes make the samples."""
    loader = DataLoader(pictures(task.images, task.labels), BATCH, num_workers=2)
    optimizer = sgd(task)
    return lambda: train(task, loader, optimizer)


def pinned(task: Task) -> Epoch:
    """The same with two workers, batches in pinned memory, and copies to the GPU that do not wait."""
    loader = DataLoader(pictures(task.images, task.labels), BATCH, num_workers=2, pin_memory=True)
    optimizer = sgd(task)
    return lambda: train(task, loader, optimizer, asynchronous=True)


def converted_once(task: Task) -> Epoch:
    """All images are tensors before the training; a DataLoader still fetches and stacks them one by one."""
    loader, optimizer = DataLoader(TensorDataset(task.inputs(), task.targets()), BATCH), sgd(task)
    return lambda: train(task, loader, optimizer)


def indexed(task: Task) -> Epoch:
    """A batch is one indexing with its row numbers: what a shuffled epoch needs."""
    inputs, targets, optimizer = task.inputs(), task.targets(), sgd(task)

    def epoch() -> None:
        order = torch.arange(len(targets), device=inputs.device).split(BATCH)
        train(task, ((inputs[rows], targets[rows]) for rows in order), optimizer)

    return epoch


def views(task: Task) -> Epoch:
    """A batch is a view: nothing is copied."""
    return _views(task)


def views_foreach(task: Task) -> Epoch:
    """Views, and an optimizer that updates all weights in one call."""
    return _views(task, foreach=True)


def views_fused(task: Task) -> Epoch:
    """Views, and an optimizer whose step is one kernel."""
    return _views(task, fused=True)


def _views(task: Task, **options: Any) -> Epoch:
    inputs, targets, optimizer = task.inputs(), task.targets(), sgd(task, **options)
    return lambda: train(task, zip(inputs.split(BATCH), targets.split(BATCH), strict=True), optimizer)


def compiled(task: Task) -> Epoch:
    """Views; forward and backward are compiled. The first epoch compiles, and takes many times longer."""
    inputs, targets, optimizer = task.inputs(), task.targets(), sgd(task)
    model = torch.compile(task.model)
    twin = Task(task.images, task.labels, model, task.device)  # type: ignore[arg-type]
    return lambda: train(twin, zip(inputs.split(BATCH), targets.split(BATCH), strict=True), optimizer)


def autocast(task: Task) -> Epoch:
    """Views; the products are made in bfloat16."""
    epoch = views(task)

    def run() -> None:
        with torch.autocast(task.device, torch.bfloat16):
            epoch()

    return run


def graphed(task: Task) -> Epoch:
    """Views on a GPU; a whole step is recorded once as a CUDA graph, and played for each full batch."""
    inputs, targets = task.inputs(), task.targets()
    x, y = inputs[:BATCH].clone(), targets[:BATCH].clone()
    rate = torch.tensor(0.0, device=task.device)  # no step while the graph warms up
    weights: list[Tensor] = list(task.model.parameters())

    def step(x: Tensor, y: Tensor) -> None:
        grads = torch.autograd.grad(F.cross_entropy(task.model(x), y), weights)
        with torch.no_grad():
            for weight, grad in zip(weights, grads, strict=True):
                weight -= rate * grad

    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step(x, y)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step(x, y)
    rate.fill_(RATE)

    def epoch() -> None:
        for rows, classes in zip(inputs.split(BATCH), targets.split(BATCH), strict=True):
            if len(rows) < BATCH:
                step(rows, classes)
                continue
            x.copy_(rows)
            y.copy_(classes)
            graph.replay()

    return epoch


def expert(task: Task) -> Epoch:
    """`expert_epoch` on images that were converted once."""
    inputs, targets = task.inputs(), task.targets()
    return lambda: expert_epoch(task.model, inputs, targets)


def expert_epoch(
    model: nn.Sequential, inputs: Tensor, labels: Tensor, rate: float = RATE, batch_size: int = BATCH
) -> None:
    """Train a net of three linear layers with ReLU for one epoch, with a backward pass written by hand.

    The same steps as `nn`, autograd and `optim.SGD` take, in the same order, up to rounding (the sums of a product and
    of its update are one). What is saved: no graph is recorded; a gradient of weights is never stored, `addmm_` adds
    it to the weights while it is made; a ReLU and its backward work in place; the gradient of the first input is
    never made (autograd does not make it either); all memory is there before the first batch.

    Shape: inputs (n, ...), flattened to (n, d); labels (n,). In place: the weights of `model`.
    """
    first, second, last = (_parts(layer) for layer in model if isinstance(layer, nn.Linear))
    targets = F.one_hot(labels, len(last[1])).to(inputs.dtype)
    batches = zip(inputs.flatten(1).split(batch_size), targets.split(batch_size), strict=True)
    room = [inputs.new_empty(batch_size, len(bias)) for _, bias in (first, second, last, first, second)]
    with torch.no_grad():
        for x, y in batches:
            h1, h2, logits, d1, d2 = (memory[: len(x)] for memory in room)
            torch.addmm(first[1], x, first[0].t(), out=h1).relu_()  # (n, d) @ (d, h) → (n, h)
            torch.addmm(second[1], h1, second[0].t(), out=h2).relu_()
            torch.addmm(last[1], h2, last[0].t(), out=logits)
            d3 = torch.softmax(logits, 1).sub_(y).mul_(rate / len(x))  # the rate times the gradient of the loss
            _backward(d3, last[0], h2, d2)
            _update(last, d3, h2)
            _backward(d2, second[0], h1, d1)
            _update(second, d2, h1)
            _update(first, d1, x)


def _parts(layer: nn.Linear) -> tuple[Tensor, Tensor]:
    return layer.weight.detach(), layer.bias.detach()


def _backward(above: Tensor, weight: Tensor, h: Tensor, out: Tensor) -> None:
    """The gradient below a layer and the ReLU that gave `h`: it passes where `h` is positive."""
    torch.mm(above, weight, out=out)
    torch.ops.aten.threshold_backward.grad_input(out, h, 0, grad_input=out)


def _update(layer: tuple[Tensor, Tensor], gradient: Tensor, inputs: Tensor) -> None:
    """w ← w - gradientᵀ · inputs; the learning rate is in the gradient already."""
    weight, bias = layer
    weight.addmm_(gradient.t(), inputs, alpha=-1)
    bias.sub_(gradient.sum(0))


def products_epoch(task: Task) -> Epoch:
    """The shape roofline: the eight products of each step, into memory that is there, and nothing else."""
    inputs = task.inputs().flatten(1)
    weights = [p.detach() for p in task.model.parameters() if p.dim() == 2]
    hidden = [inputs.new_ones(BATCH, len(weight)) for weight in weights]
    below = [inputs.new_empty(BATCH, weight.shape[1]) for weight in weights]
    gradients = [torch.empty_like(weight) for weight in weights]

    def epoch() -> None:
        with torch.no_grad():
            for x in inputs.split(BATCH):
                n = len(x)
                layers = [x, *(memory[:n] for memory in hidden)]
                for number, weight in enumerate(weights):
                    torch.mm(layers[number], weight.t(), out=layers[number + 1])
                for number, weight in enumerate(weights):
                    torch.mm(layers[number + 1].t(), layers[number], out=gradients[number])
                    if number:
                        torch.mm(layers[number + 1], weight, out=below[number][:n])

    return epoch


@dataclass(frozen=True)
class Rung:
    """One way to train."""

    name: str
    make: Callable[[Task], Epoch]
    tolerance: float = 0.0  # of the weights after an epoch; 0 means that not a bit may differ
    devices: tuple[str, ...] = ("cpu", "cuda")
    slow_start: bool = False  # the first epoch takes many seconds: not for a quick look


LADDER = (
    Rung("tutorial", tutorial),
    Rung("tutorial, two workers", two_workers),
    Rung("tutorial, pinned, asynchronous", pinned, devices=("cuda",)),
    Rung("converted once, DataLoader", converted_once),
    Rung("batched indexing", indexed),
    Rung("split views", views),
    Rung(IDIOMATIC, views_foreach),
    Rung("split views, fused SGD", views_fused, tolerance=1e-6),
    Rung("compiled", compiled, tolerance=1e-5, slow_start=True),
    Rung("bfloat16 autocast", autocast, tolerance=1e-2),
    Rung("CUDA graph", graphed, tolerance=1e-6, devices=("cuda",)),
    Rung(EXPERT, expert, tolerance=1e-5),
)
