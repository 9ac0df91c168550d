"""Train for real: images go in; a trained classifier, its accuracy and five pictures come out.

Images are uint8 (n, h, w); inputs, what a model gets, are float32 (n, 1, h, w). `Data` is a pair of inputs and labels;
labels are int64 (n,), one of the classes 0, 1, 2, … each. A model takes inputs and gives logits (n, classes).
Results live on the device of the inputs. No function changes its arguments, except where it says `In place:`.

The pictures are drawn from tensors on the CPU, and each is a `Figure` of `matplotlib.figure`, made as `Figure()`, with
axes from `figure.subplots(rows, columns)`. Images are shown with `axes.imshow`, upright and not mirrored. Sizes,
colours and fonts are left to you. `pyplot` is not allowed: it keeps every figure alive until somebody closes it, and it
may ask for a screen.

Run `pytest katas/14_train_for_real` after each function.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.optim import Optimizer

from torchkata.images import open_images

Data = tuple[Tensor, Tensor]
History = dict[str, list[float]]


def to_inputs(images: UInt8[Tensor, "n h w"]) -> Float[Tensor, "n 1 h w"]:
    """Return images as a model likes them: with one channel, and the brightness 0 to 255 moved to -1 to 1.

    0 becomes -1, 255 becomes 1, and all between lies on a straight line.

    Shape: (n, 1, h, w), with n = 0 allowed. Dtype: float32. Memory: new.

    >>> to_inputs(torch.tensor([[[0, 51, 255]]], dtype=torch.uint8))
    tensor([[[[-1.0000, -0.6000,  1.0000]]]])
    """
    raise NotImplementedError


def build_classifier(inputs: int = 28 * 28, hidden: int = 512, classes: int = 10) -> nn.Sequential:
    """Return a fully connected classifier, inputs → hidden → hidden → classes, as an `nn.Sequential`.

    An image is flattened, then come three linear layers, with a ReLU after the first and after the second.
    Nothing comes after the last one: its outputs are logits, any numbers, negative ones too.

    Parameters: weight and bias of the three layers, in this order; the start is that of `nn.Linear`, drawn
    anew for each model.

    >>> model = build_classifier()
    >>> sum(p.numel() for p in model.parameters())
    669706
    >>> build_classifier(inputs=64, hidden=32)(torch.zeros(2, 1, 8, 8)).shape
    torch.Size([2, 10])
    """
    raise NotImplementedError


def without_last_relu(model: nn.Sequential) -> nn.Sequential:
    """Return the same layers as an `nn.Sequential`, without the last one if that is an `nn.ReLU`.

    A known tutorial net has this stray ReLU. After 10 epochs with batches of 64 and a learning rate of 1e-3 it is right
    for only 64.3 % of FashionMNIST's test images. The ReLU makes all negative logits 0, so that the loss cannot tell
    "no" from "never", and where it gives 0 its gradient is 0: about half of the signal is lost on the way back. A class
    whose logit is never positive is not learnt at all.

    The model has at least one layer. A ReLU before the last layer stays, and so does any other last layer. One
    layer may stand in several places; then only the last place goes.

    Memory: the layers are the very same objects, so their weights are shared. `model` itself keeps its ReLU.

    >>> without_last_relu(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2), nn.ReLU()))
    Sequential(
      (0): Linear(in_features=4, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=2, bias=True)
    )
    """
    raise NotImplementedError


def logits_of(model: nn.Module, inputs: Float[Tensor, "n ..."]) -> Float[Tensor, "n classes"]:
    """Return what the model, in eval mode, says to the inputs.

    There is at least one input. The model may see them all at once or in batches.

    Dtype: that of the model's outputs.
    Mode: afterwards the model is in train or eval mode, as it was before. (All its modules come in the same mode.)
    Graph: none is recorded, and the result does not require grad.

    >>> model = nn.Sequential(nn.Flatten(), nn.Dropout(0.5))
    >>> logits_of(model, torch.ones(2, 1, 1, 3)), model.training
    (tensor([[1., 1., 1.],
            [1., 1., 1.]]), True)
    """
    raise NotImplementedError


def accuracy(logits: Float[Tensor, "n classes"], labels: Int[Tensor, "n"]) -> float:
    """Return the share of samples, from 0 to 1, whose largest logit is at the index of the label.

    There is at least one sample. No row of logits has its largest number twice.

    Dtype: a Python float.

    >>> accuracy(torch.tensor([[3.0, -1.0], [0.0, 2.0], [-2.0, -5.0], [1.0, 0.0]]), torch.tensor([0, 1, 1, 0]))
    0.75
    """
    raise NotImplementedError


def train_epoch(
    model: nn.Module, optimizer: Optimizer, data: Data, batch_size: int, generator: torch.Generator
) -> float:
    """Train for one epoch on batches in random order, and return the mean loss of a sample.

    Every sample comes once. All batches have `batch_size` samples, but the last may have fewer. The loss of a batch is
    the mean cross entropy; each batch is one call of the model and one step of the optimizer. What is returned is the
    mean over all samples of their losses, each from before the step of its batch. So a short last batch counts for
    less. Gradients left in the parameters at the start have no influence. There is at least one sample.

    Random: the order is drawn from `generator` alone. Equal generators give equal orders, and as the generator moves
    on, the next epoch has another order. Which order that is, is left open.
    Dtype: a Python float. In place: the parameters of the model. Mode: trains in train mode and leaves the model in it.

    >>> data = torch.zeros(5, 1, 2, 2), torch.tensor([0, 1, 2, 3, 4])
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 10, bias=False))
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> round(train_epoch(model, optimizer, data, batch_size=2, generator=torch.Generator()), 4)
    2.3026
    """
    raise NotImplementedError


def fit(
    model: nn.Module, train: Data, test: Data, epochs: int, batch_size: int, lr: float, generator: torch.Generator
) -> History:
    """Train with plain SGD, test after every epoch, and return how it went.

    The history has three lists with one Python float for each epoch, and nothing else. "train_loss" is what
    `train_epoch` returns; "test_loss" and "test_accuracy" are the mean cross entropy and the accuracy on all test
    samples after the epoch, in eval mode. Floats keep no graph alive, tensors would. No epoch gives three empty lists.

    SGD has the learning rate `lr`, no momentum and no weight decay. The epochs share the generator and are as in
    `train_epoch`. Both parts of the data have at least one sample and lie on the device of the model.

    In place: the parameters of the model. Mode: in which mode the model ends is left open.

    >>> data = torch.ones(4, 1, 1, 1), torch.tensor([1, 1, 1, 0])
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(1, 2))
    >>> history = fit(model, data, data, epochs=9, batch_size=2, lr=1.0, generator=torch.Generator())
    >>> list(history), len(history["train_loss"]), history["test_accuracy"][-1]
    (['train_loss', 'test_loss', 'test_accuracy'], 9, 0.75)
    """
    raise NotImplementedError


def train_classifier(train: Data, test: Data, seed: int = 0, epochs: int = 20) -> tuple[nn.Module, History]:
    """Build a classifier for these images and ten classes, train it, and return it with its history.

    On the shipped digits, with 20 epochs, at least 96 % of the test images must be right, for any seed and in less than
    10 seconds. The net, the optimizer, the batch size and the learning rate are your choice; a net from
    `build_classifier` trained by `fit` will do. One thing to know: the more pixels an image has, the larger are the
    gradients, and the smaller must be the learning rate. The history is as in `fit`.

    Training sees only the training data, of which there are at least two images; no image comes more than once in an
    epoch.
    Random: the same `seed` gives the same weights, another seed others. The weights at the start are random too.
    torch's global random state has no influence, and stays as it was.
    Memory: the model is new, and on the device of the inputs.

    >>> data = torch.cat([-torch.ones(9, 1, 4, 4), torch.ones(9, 1, 4, 4)]), torch.tensor([3] * 9 + [7] * 9)
    >>> model, history = train_classifier(data, data, epochs=5)
    >>> history["test_accuracy"][-1], model(torch.ones(1, 1, 4, 4)).argmax()
    (1.0, tensor(7))
    """
    raise NotImplementedError


def sample_grid(
    images: UInt8[Tensor, "n h w"], labels: Int[Tensor, "n"], class_names: tuple[str, ...], generator: torch.Generator
) -> Figure:
    """Return a figure with nine random images, three in a row, each with the name of its class as the title.

    The nine are different samples; there are at least nine to choose from, and each is as likely as any other.
    Each image is shown as it is, (h, w), with `imshow`.

    Random: the choice is drawn from `generator` alone. Which one that is, is left open.
    Rule: `pyplot` is not allowed.

    >>> images, labels = torch.zeros(9, 8, 8, dtype=torch.uint8), torch.tensor([0, 1, 2] * 3)
    >>> figure = sample_grid(images, labels, ("cat", "dog", "cow"), torch.Generator())
    >>> sorted(axes.get_title() for axes in figure.axes)
    ['cat', 'cat', 'cat', 'cow', 'cow', 'cow', 'dog', 'dog', 'dog']
    """
    raise NotImplementedError


def plot_history(history: History) -> Figure:
    """Return a figure with the curves of a training: losses in the first axes, accuracy in the second.

    The history is as `fit` returns it, for one epoch or more. The first axes has two lines, labelled "train" and
    "test", and says "epoch" along x and "loss" along y. The second has one line, labelled "test", and says "epoch" and
    "accuracy". Epochs count from 1. Both axes have a legend. Every value has a marker inside of the limits, so
    that a single epoch shows too.

    Rule: `pyplot` is not allowed.

    >>> figure = plot_history({"train_loss": [2.0, 1.0], "test_loss": [1.5, 1.25], "test_accuracy": [0.5, 0.75]})
    >>> [(line.get_label(), [float(y) for y in line.get_ydata()]) for line in figure.axes[0].lines]
    [('train', [2.0, 1.0]), ('test', [1.5, 1.25])]
    """
    raise NotImplementedError


def plot_confusion(matrix: Int[Tensor, "classes classes"], class_names: tuple[str, ...]) -> Figure:
    """Return a figure of a confusion matrix, with the number of samples written in every cell.

    matrix[i, j] is how many samples of class i were taken for class j. The first axes shows the matrix with `imshow`:
    row 0 is on top, column 0 on the left. In the middle of each cell stands its number, with all its digits; a 0 may be
    left out. Both axes have a tick at each class, with its name. The axis along x says "predicted", the one along y
    says "true", and they may say more.

    Rule: `pyplot` is not allowed.

    >>> axes = plot_confusion(torch.tensor([[5, 2], [0, 7]]), ("cat", "dog")).axes[0]
    >>> axes.get_xlabel(), axes.get_ylabel(), [text.get_text() for text in axes.texts]
    ('predicted class', 'true class', ['5', '2', '0', '7'])
    """
    raise NotImplementedError


def plot_first_weights(model: nn.Module, shape: tuple[int, int]) -> Figure:
    """Return a figure of what the first units look for: each row of the first linear layer's weight as an image.

    The first `nn.Linear` among `model.modules()` has a weight (units, h · w), and `shape` is (h, w). Shown are the
    first 16 units, or all if there are fewer, in reading order, four in a row, with `imshow`. All have the same limits
    -m and m for their colours, with m at least the largest magnitude shown: so 0 has the colour in the middle in all of
    them.

    Rule: `pyplot` is not allowed.

    >>> figure = plot_first_weights(nn.Sequential(nn.Flatten(), nn.Linear(6, 20)), (2, 3))
    >>> len(figure.axes), figure.axes[0].images[0].get_array().shape
    (16, (2, 3))
    """
    raise NotImplementedError


def wrongest(logits: Float[Tensor, "n classes"], labels: Int[Tensor, "n"], k: int) -> Int[Tensor, "m"]:
    """Return the indices of the `k` samples with the largest loss among those that are classified wrongly.

    The largest loss comes first. The loss is the cross entropy, finite also for logits of ±10,000. With fewer than `k`
    wrong samples, all of them are returned, and none gives an empty tensor. Of samples with equal losses any may come
    first. No row of logits has its largest number twice. `k` and n may be 0.

    Shape: (m,), with m at most k. Dtype: int64.

    >>> logits = torch.tensor([[2.0, 0.0], [9.0, 0.0], [0.0, 1.0], [5.0, 0.0]])
    >>> wrongest(logits, torch.tensor([1, 0, 0, 1]), k=2)
    tensor([3, 0])
    """
    raise NotImplementedError


def plot_wrongest(
    images: UInt8[Tensor, "n h w"],
    labels: Int[Tensor, "n"],
    logits: Float[Tensor, "n classes"],
    class_names: tuple[str, ...],
) -> Figure:
    """Return a figure with the nine worst mistakes, the largest loss first, in reading order, three in a row.

    The worst mistakes are those of `wrongest`; fewer than nine, or none, are fine. The title of each image is
    "<true class> taken for <predicted class>", with the names of the classes. A line break may take the place of a
    space. Each image is shown as it is, (h, w), with `imshow`.

    Rule: `pyplot` is not allowed.

    >>> images = torch.zeros(2, 8, 8, dtype=torch.uint8)
    >>> logits = torch.tensor([[2.0, 0.0], [9.0, 0.0]])
    >>> figure = plot_wrongest(images, torch.tensor([1, 0]), logits, ("cat", "dog"))
    >>> figure.axes[0].get_title().split()
    ['dog', 'taken', 'for', 'cat']
    """
    raise NotImplementedError


def save_picture(figure: Figure, path: Path) -> Path:
    """Write a figure to a PNG file and return the path of it.

    The path ends in `.png`. Folders that are missing on the way to it are made. A file that is there already is
    replaced. The figure stays as it is.

    Rule: `pyplot` is not allowed. A `Figure()` of your own goes when nobody holds it any more; there is nothing to
    close.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> save_picture(Figure(), Path(folder.name) / "pictures" / "empty.png").read_bytes()[:4]
    b'\\x89PNG'
    """
    raise NotImplementedError


if __name__ == "__main__":  # all together: this part is ready made, and needs every function above
    import sys

    TRAIN = open_images(Path("data"), train=True)  # FashionMNIST, or the digits where that can't be had
    TEST = open_images(Path("data"), train=False, download=False)
    DATA = (to_inputs(TRAIN.images), TRAIN.labels), (to_inputs(TEST.images), TEST.labels)
    GENERATOR = torch.Generator().manual_seed(0)
    if "--tutorial" in sys.argv:  # net and settings of the tutorial, without its stray ReLU
        MODEL: nn.Module = build_classifier(TEST.images[0].numel())
        HISTORY = fit(MODEL, *DATA, epochs=10, batch_size=64, lr=1e-3, generator=GENERATOR)
    else:
        if TEST.name == "FashionMNIST":
            print("with --tutorial: the tutorial's run, 10 epochs; with its stray ReLU it ends near 64.3 %")
        MODEL, HISTORY = train_classifier(*DATA)

    LOGITS = logits_of(MODEL, DATA[1][0])
    CLASSES = len(TEST.class_names)
    CELLS = TEST.labels * CLASSES + LOGITS.argmax(dim=1)  # one number for each pair of true and predicted class
    FIGURES = {
        "samples": sample_grid(TEST.images, TEST.labels, TEST.class_names, GENERATOR),
        "history": plot_history(HISTORY),
        "confusion": plot_confusion(CELLS.bincount(minlength=CLASSES**2).view(CLASSES, CLASSES), TEST.class_names),
        "weights": plot_first_weights(MODEL, (TEST.images.shape[1], TEST.images.shape[2])),
        "wrongest": plot_wrongest(TEST.images, TEST.labels, LOGITS, TEST.class_names),
    }
    for NAME, FIGURE in FIGURES.items():
        print("wrote", save_picture(FIGURE, Path("pictures") / f"{NAME}.png"))
    print(f"{accuracy(LOGITS, TEST.labels):.1%} of {len(TEST.labels)} test images are right")
