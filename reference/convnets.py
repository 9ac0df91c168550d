"""Convolutional networks: the arithmetic of shapes, two classic nets, and a new head on an old backbone.

Images are (n, channels, height, width). Results live on the device of the inputs. No function changes its arguments,
except where it says `In place:`. Floats are float32 or float64, and all floats of one call have the same dtype. Numbers
are finite. A new module holds float32. Every result of floats is part of the graph, except where a contract says
otherwise. A few rounding errors are fine; they are measured by the largest numbers that go in.
"""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn


def conv_output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Return the height or width that comes out of a convolution or of a pooling.

    A kernel of `kernel` elements that lie `dilation` apart is dilation · (kernel - 1) + 1 wide. It starts at the first
    element of the padded input, where `padding` elements were put on both sides, and moves by `stride` as long as it
    stays inside. The result is the number of places where it stands:
    ⌊(size + 2 · padding - dilation · (kernel - 1) - 1) / stride⌋ + 1.

    `padding` is at least 0, the others at least 1. Dtype: a Python int.
    Raises: ValueError if the kernel is wider than the padded input, so that there is no place for it.

    >>> conv_output_size(32, 5), conv_output_size(28, 2, stride=2)
    (28, 14)
    """
    room = size + 2 * padding - dilation * (kernel - 1) - 1  # how far the kernel can move
    if room < 0:
        raise ValueError(f"a kernel of {kernel} with dilation {dilation} does not fit into {size} + 2 * {padding}")
    return room // stride + 1


def conv2d(
    x: Float[Tensor, "n c h w"],
    weight: Float[Tensor, "out c kh kw"],
    bias: Float[Tensor, "out"],
    stride: int = 1,
    padding: int = 0,
) -> Float[Tensor, "n out oh ow"]:
    """Return the 2-D convolution of images: in each place, a weighted sum of the window under the kernel.

    y[n, o, i, j] = bias[o] + Σ over c, a, b of x[n, c, i · stride + a, j · stride + b] · weight[o, c, a, b].
    The kernel is not flipped. Before that, `padding` rows and columns of zeros are put on all four sides of x.
    The kernel fits into the padded image. There may be no image at all (n = 0).

    Shape: (n, out, oh, ow), with oh and ow as `conv_output_size` says. Dtype: that of x.
    Rule: torch's own convolutions (`conv2d`, `Conv2d`, `convolution` and their like) are not allowed. Loops are.

    >>> conv2d(torch.arange(9.0).view(1, 1, 3, 3), torch.ones(1, 1, 2, 2), torch.tensor([100.0]))
    tensor([[[[108., 112.],
              [120., 124.]]]])
    """
    kh, kw = weight.shape[2:]
    x = F.pad(x, (padding, padding, padding, padding))
    windows = x.unfold(2, kh, stride).unfold(3, kw, stride)  # (n, c, oh, ow, kh, kw)
    return torch.einsum("nchwab,ocab->nohw", windows, weight) + bias[:, None, None]


def max_pool2d(
    x: Float[Tensor, "n c h w"], kernel_size: int, stride: int | None = None, padding: int = 0
) -> Float[Tensor, "n c oh ow"]:
    """Return the largest number of each window of kernel_size × kernel_size, for each channel on its own.

    The windows start at the first row and column and move by `stride`, which is `kernel_size` where it is None. Rows
    and columns at the end that fill no window are left out: 7 becomes 3. With `padding`, that many rows and columns
    are put on all four sides of x. They are never the largest: a window of negative numbers has a negative maximum,
    however far below 0 they are.

    The window fits into the padded image, and `padding` is at most half of `kernel_size`. There may be no image at all.

    Shape: (n, c, oh, ow), with oh and ow as `conv_output_size` says. Dtype: that of x. Memory: new.
    Graph: the gradient of a window goes to its maximum (where several are equal, that is left open).
    Rule: torch's own max poolings (`max_pool2d`, `MaxPool2d` and their like) are not allowed. Loops are.

    >>> max_pool2d(torch.tensor([[[[-1.0, -2.0, 5.0], [-3.0, -4.0, 6.0]]]]), 2)
    tensor([[[[-1.]]]])
    """
    stride = kernel_size if stride is None else stride
    x = F.pad(x, (padding, padding, padding, padding), value=-torch.inf)
    windows = x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride)  # (n, c, oh, ow, k, k)
    return windows.amax(dim=(-2, -1))


class LeNet5(nn.Module):
    """LeNet-5 for grey images of 32 × 32 pixels and ten classes.

    Two blocks: a convolution with 5 × 5 kernels, a ReLU, and max pooling in windows of 2 × 2. The channels go
    1 → 6 → 16, the sides 32 → 28 → 14 → 10 → 5. Then the images are flattened, and three linear layers go
    400 → 120 → 84 → 10, with a ReLU between each two. The outputs are logits: nothing comes after the last layer.

    Parameters: weight and bias of each layer, 61,706 numbers, all trainable. There is nothing else in the `state_dict`.
    Their names, their order and the numbers they start with are left open. You may use all of `torch.nn`.

    >>> model = LeNet5()
    >>> model(torch.zeros(2, 1, 32, 32)).shape
    torch.Size([2, 10])
    >>> sum(p.numel() for p in model.parameters())
    61706
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2),  # (n, 6, 14, 14)
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),  # (n, 16, 5, 5)
        )  # fmt: skip
        self.classifier = nn.Sequential(
            nn.Linear(16 * 5 * 5, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)
        )

    def forward(self, images: Float[Tensor, "n 1 32 32"]) -> Float[Tensor, "n 10"]:
        """Return the logits of at least one image."""
        return self.classifier(self.features(images).flatten(1))


class BottleneckNet(nn.Module):
    """A classifier for images of 28 × 28 pixels that must squeeze each image into two numbers, which can be plotted.

    Three blocks: two convolutions, each followed by a PReLU, and then max pooling in windows of 2 × 2. All kernels are
    5 × 5, with the padding that keeps the size. The channels go 1 → 32 → 32, 32 → 64 → 64 and 64 → 128 → 128, the
    sides 28 → 14 → 7 → 3. Then comes a linear layer from 128 · 3 · 3 numbers to two, and a PReLU: these are the
    features. A last linear layer without bias makes ten logits of them, and a log-softmax log-probabilities.

    Parameters: weight and bias of each layer but the last, which has a weight only, and one slope for each of the seven
    PReLUs: 797,181 numbers, all trainable. There is nothing else in the `state_dict`. Those of the same shape, such as
    the slopes, come in `parameters()` in the order in which they are used.
    Their names, and the numbers they start with, are left open. You may use all of `torch.nn`.

    >>> model = BottleneckNet()
    >>> features, log_probabilities = model(torch.zeros(2, 1, 28, 28))
    >>> features.shape, log_probabilities.shape
    (torch.Size([2, 2]), torch.Size([2, 10]))
    >>> sum(p.numel() for p in model.parameters())
    797181
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in ((1, 32), (32, 64), (64, 128)):
            layers += [nn.Conv2d(inputs, outputs, 5, padding=2), nn.PReLU()]
            layers += [nn.Conv2d(outputs, outputs, 5, padding=2), nn.PReLU(), nn.MaxPool2d(2)]
        layers += [nn.Flatten(), nn.Linear(128 * 3 * 3, 2), nn.PReLU()]
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(2, 10, bias=False)

    def forward(self, images: Float[Tensor, "n 1 28 28"]) -> tuple[Float[Tensor, "n 2"], Float[Tensor, "n 10"]]:
        """Return the features and the log-probabilities of at least one image, as a tuple."""
        features = self.features(images)
        return features, self.classifier(features).log_softmax(dim=1)


def count_features(part: nn.Module, shape: Sequence[int]) -> int:
    """Return how many numbers a part of a model makes of one input: the `in_features` of a linear layer behind it.

    `shape` is that of one sample, such as (1, 32, 32), without the batch dimension. The part takes a batch of
    samples, and gives a batch of results of any shape. Find out by a dry run with one sample and no real data. Hence
    the part must run in eval mode: some layers refuse a batch of one in train mode.

    The part holds float32 and lives on one device; without parameters it is on the CPU.

    Dtype: a Python int.
    In place: nothing of the part changes: no parameter, no gradient, no running mean. Each of its modules is
    afterwards in train or eval mode as it was, also where their modes differ.

    >>> part = nn.Sequential(nn.Conv2d(1, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2))
    >>> count_features(part, (1, 32, 32))
    400
    """
    twin = copy.deepcopy(part).eval()
    device = next((p.device for p in twin.parameters()), None)
    with torch.no_grad():
        return twin(torch.zeros(1, *shape, device=device)).numel()


def load_backbone(build: Callable[..., nn.Module], weights: Path | None = None) -> nn.Module:
    """Return a new model in eval mode, with the weights of a file or, for None, with the ones it starts with.

    `build` makes a model as the functions of `torchvision.models` do, such as `resnet18`: `build(weights=None)` gives
    one with random weights, and any other `weights=` would download some. Nothing is to be downloaded here.
    The file holds a `state_dict` for the whole model, head included. It may have been saved on a GPU, and this machine
    may have none.

    Device: the CPU. Dtypes, and which parameters require grad, stay as `build` has them, whatever the file holds.
    Raises: pickle.UnpicklingError for a file that holds more than tensors in plain containers (`torch.load` with
    `weights_only=True` does that); RuntimeError if a name is missing or unknown, or a shape differs;
    FileNotFoundError if there is no file.

    >>> model = load_backbone(lambda weights: nn.Linear(3, 2))  # or load_backbone(resnet18, path)
    >>> model, model.training
    (Linear(in_features=3, out_features=2, bias=True), False)
    """
    model = build(weights=None)
    if weights is not None:
        model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return model.eval()


def freeze_backbone(backbone: nn.Module) -> nn.Module:
    """Freeze a module, such as the pretrained part of a model, so that training leaves it as it is.

    Three things move a module during training, and all are stopped. No parameter requires grad any more. Every
    gradient becomes None, because an optimizer moves whatever has a gradient, required or not. The module and all
    modules in it go into eval mode, because BatchNorm in train mode changes its running mean and variance.
    The module may have no parameters at all.

    In place: changes the module, and returns the module itself. Values of parameters and buffers stay bit for bit.

    >>> layer = freeze_backbone(nn.Linear(3, 2))
    >>> layer.training, [p.requires_grad for p in layer.parameters()]
    (False, [False, False])
    """
    for p in backbone.parameters():
        p.requires_grad_(False)
        p.grad = None
    return backbone.eval()


def replace_head(model: nn.Module, classes: int) -> nn.Module:
    """Give a model a new head: a linear layer for another number of classes in the place of `model.fc`.

    `model.fc` is the last layer, an `nn.Linear`. The new one has as many inputs and `classes` outputs. It has a bias,
    even where the old one had none, and is trainable, even where the old one was frozen. It has the dtype of the old
    one and lives on its device.
    Start: what `nn.Linear` starts with: uniform from -1/√in to 1/√in, with torch's global random state.

    In place: changes `model.fc` only, and returns the model itself. The rest stays bit for bit: parameters, their
    gradients, which of them require grad, buffers and modes.

    >>> model = nn.Module()
    >>> model.fc = nn.Linear(512, 1000)
    >>> replace_head(model, 10).fc
    Linear(in_features=512, out_features=10, bias=True)
    """
    old = model.fc
    assert isinstance(old, nn.Linear)
    model.fc = nn.Linear(old.in_features, classes, device=old.weight.device, dtype=old.weight.dtype)
    return model


def fine_tune_step(model: nn.Module, images: Float[Tensor, "n c h w"], labels: Int[Tensor, "n"], lr: float) -> float:
    """Take one step of SGD with the parameters that are not frozen, and return the loss from before the step.

    The loss is the mean cross entropy of the logits `model(images)` and the labels. Each parameter w that requires
    grad moves: w ← w - lr · ∂loss/∂w. At least one does, and each of them has a part in the loss. Gradients left in
    the parameters by earlier work have no influence; what the gradients are afterwards is free.

    In place: all else stays bit for bit: frozen parameters, which parameters require grad, and every buffer, such as
    the running mean of BatchNorm.
    Mode: the model is called in eval mode, whatever mode it comes in (perhaps someone called `model.train()`), and all
    of it is in eval mode afterwards.
    Dtype: the loss is a Python float.

    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    >>> _ = [nn.init.zeros_(p) for p in model.parameters()]
    >>> round(fine_tune_step(model, torch.ones(3, 1, 2, 2), torch.tensor([0, 1, 0]), lr=0.1), 4)
    0.6931
    """
    model.eval()
    trainable = [p for p in model.parameters() if p.requires_grad]
    loss = F.cross_entropy(model(images), labels)
    gradients = torch.autograd.grad(loss, trainable)
    with torch.no_grad():
        for p, gradient in zip(trainable, gradients, strict=True):
            p.sub_(lr * gradient)
    return loss.item()
