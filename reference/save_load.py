"""Save and load: weights, whole models, checkpoints, and files that nobody vouches for.

A path is a `pathlib.Path`, and its folder exists. Saving replaces the file that was there; loading leaves the file as
it is. "Bit for bit" means the same shape, the same dtype and the same numbers, nan included.
A function changes its arguments only where it says `In place:`, and returns None where it says nothing of a result.
"""

import os
import pickle
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


def save_weights(model: nn.Module, path: Path) -> None:
    """Write the `state_dict` of a model to a file.

    `torch.load(path, weights_only=True)` gives it back bit for bit: all parameters and persistent buffers, under all
    their names and in their order. A new model of the same class that loads it computes the same outputs, bit for bit.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_weights(nn.Linear(2, 1), Path(folder, "weights.pt"))
    ...     list(torch.load(Path(folder, "weights.pt"), weights_only=True))
    ['weight', 'bias']
    """
    torch.save(model.state_dict(), path)


def load_weights(model: nn.Module, path: Path) -> nn.Module:
    """Load a `state_dict` from a file into a model, and return the model, ready to predict.

    All parameters and buffers get the numbers of the file, bit for bit; numbers of another dtype are converted. They
    stay on the device of the model and keep its dtypes, wherever they were saved: it may have been a GPU that this
    machine does not have.
    No code of the file ever runs. Write `weights_only=True` yourself: it is the default only since torch 2.6, and the
    environment variable TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD turns that default off.

    In place: `model`, which is also the result. Its parameters and buffers stay the same objects, for an optimizer may
    hold them.
    Mode: the model and all modules in it are in eval mode afterwards.
    Raises: RuntimeError where `load_state_dict` does: if the names or shapes are not those of the model. Any exception
    if the file would run code.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     torch.save({"weight": torch.tensor([[2.0]])}, Path(folder, "weights.pt"))
    ...     load_weights(nn.Linear(1, 1, bias=False), Path(folder, "weights.pt")).weight.item()
    2.0
    """
    state = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(state)
    return model.eval()


def load_onto(path: Path, device: str) -> dict[str, Tensor]:
    """Return the tensors of a saved `state_dict` by their names, all of them on one device.

    The file holds what `model.state_dict()` gives, or any other dict of tensors that do not require grad.
    The device is a name: "cpu", "cuda" or "meta" (there tensors have a shape and a dtype, and no numbers).
    They may have been saved on another device, even on a GPU that this machine does not have.
    No code of the file ever runs: write `weights_only=True` yourself, as in `load_weights`.

    Names, order, shapes, dtypes and numbers are those of the file, and no tensor requires grad. Any kind of dict will
    do.
    Raises: any exception if the file would run code.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     torch.save(nn.Linear(3, 2).state_dict(), Path(folder, "weights.pt"))
    ...     load_onto(Path(folder, "weights.pt"), "meta")["bias"]
    tensor(..., device='meta', size=(2,))
    """
    return torch.load(path, map_location=device, weights_only=True)


def save_model(model: nn.Module, path: Path) -> None:
    """Write a whole model to a file: its class, its structure, its weights and its mode.

    `torch.load(path, weights_only=False)` gives back such a model, with the same parameters and buffers bit for bit.
    Its modules are in train or eval mode as they are now, and its frozen parameters are frozen.
    (A class is saved as the name of its module and its own name. Who loads the file needs the same code.)

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(nn.Linear(2, 1), Path(folder, "model.pt"))
    ...     torch.load(Path(folder, "model.pt"), weights_only=False)
    Linear(in_features=2, out_features=1, bias=True)
    """
    torch.save(model, path)


def load_model(path: Path) -> nn.Module:
    """Return the whole model in a file, ready to predict.

    Such a file is a program: `weights_only=False` runs what it holds. So it must come from a source that you trust.
    All tensors are on the CPU, wherever they were saved; frozen parameters stay frozen.

    Mode: the model and all modules in it are in eval mode.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     torch.save(nn.Dropout(0.25), Path(folder, "model.pt"))
    ...     load_model(Path(folder, "model.pt")).training
    False
    """
    model = torch.load(path, map_location="cpu", weights_only=False)
    return model.eval()


def load_safely(path: Path) -> Any:
    """Return what is in a file that anybody may have sent, without running any code of it.

    The file holds what `torch.save` made of tensors, numbers, strings, bools, None, and of lists, tuples and dicts of
    these: all comes back with the same types, bit for bit. All tensors are on the CPU, wherever they were saved.
    Write `weights_only=True` yourself, as in `load_weights`.

    Raises: ValueError, with the name of the file (`path.name`) in its message, if the file asks for a class or function
    that `weights_only=True` refuses, be it from `torch.save` or a plain pickle: a whole model, any code. (It lets a few
    harmless ones through, such as `torch.Size`.) What happens with a damaged file is left open.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     torch.save({"epoch": 3, "lr": 0.1}, Path(folder, "settings.pt"))
    ...     load_safely(Path(folder, "settings.pt"))
    {'epoch': 3, 'lr': 0.1}
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(f"{path} asks for more than tensors and plain values; loading it could run code") from error


def find_mismatches(model: nn.Module, state: Mapping[str, Tensor]) -> tuple[list[str], list[str], list[str]]:
    """Return why a state dict does not fit a model: the names missing, the names unexpected, and the wrong shapes.

    The first list holds the names that only the model's `state_dict` has, the second those that only `state` has, the
    third those that both have with different shapes. Buffers count like parameters; dtypes do not matter.
    () and (1,) are different shapes. If all three lists are empty, the state fits.

    Order: the first and the third list follow the model's `state_dict`, the second follows `state`.

    >>> find_mismatches(nn.Linear(3, 2), {"weight": torch.zeros(3, 2), "scale": torch.ones(2)})
    (['bias'], ['scale'], ['weight'])
    """
    mine = model.state_dict()
    missing = [name for name in mine if name not in state]
    unexpected = [name for name in state if name not in mine]
    wrong_shape = [name for name in mine if name in state and state[name].shape != mine[name].shape]
    return missing, unexpected, wrong_shape


def load_strictly(model: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Copy a state dict into a model, all of it or nothing.

    `model.load_state_dict` alone won't do: when it raises, what does fit has been copied by then. And it does not
    always raise: it takes (1,) for ().

    In place: the parameters and buffers of `model`. They stay the same objects, for an optimizer may hold them, keep
    their dtypes, and share no memory with `state`. Modes and `requires_grad` stay as they are.
    Raises: ValueError if a name is missing or unexpected or a shape differs (see `find_mismatches`), with each of
    those names in the message. The model then is as it was.

    >>> layer = nn.Linear(1, 1)
    >>> load_strictly(layer, {"weight": torch.tensor([[2.0]]), "bias": torch.tensor([3.0])})
    >>> layer(torch.tensor([10.0])).item()
    23.0
    """
    missing, unexpected, wrong_shape = find_mismatches(model, state)
    if missing or unexpected or wrong_shape:
        raise ValueError(f"does not fit: missing {missing}, unexpected {unexpected}, wrong shape {wrong_shape}")
    model.load_state_dict(state)


def save_atomically(data: Any, path: Path) -> None:
    """Write `data` to a file so that there is a whole file at every moment: the old one, then the new one.

    `torch.load` gives `data` back; it holds tensors, numbers, strings, and lists, tuples and dicts of these.
    Do it in three steps. Write a temporary file in the folder of `path`, or in a new folder in there, because only
    within one disk a rename is a single act. `flush` the file and call `os.fsync`, so that its bytes are on the disk.
    Then `os.replace` (or `Path.replace`) gives it the name `path`. Afterwards nothing new but `path` is in the folder.
    All other files there stay as they are, whatever their names: one may be called `last.tmp`. `tempfile` finds a name
    that is free.

    If the process is killed in the middle of writing, the old file stays as it was.
    Raises: what the writing or `os.fsync` raises, be it a full disk or Ctrl-C (which is KeyboardInterrupt, no
    `Exception`). The old file then is as it was, and nothing new is in the folder.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_atomically({"epoch": 3}, Path(folder, "last.pt"))
    ...     os.listdir(folder), torch.load(Path(folder, "last.pt"), weights_only=True)
    (['last.pt'], {'epoch': 3})
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:  # goes away at the end, whatever happens
        temporary = Path(folder, path.name)
        with open(temporary, "wb") as file:
            torch.save(data, file)
            file.flush()  # from Python to the system
            os.fsync(file.fileno())  # from the system to the disk
        os.replace(temporary, path)


def save_checkpoint(
    path: Path,
    model: nn.Module,
    optimizer: Optimizer,
    scheduler: LRScheduler,
    generator: torch.Generator,
    epoch: int,
) -> None:
    """Write all that a training needs to go on later as if it had never stopped.

    `torch.load(path, weights_only=True)` gives a dict with these keys (others are allowed):
    "model", "optimizer" and "scheduler": the `state_dict` of each;
    "generator": the state of `generator`, which shuffles the data (a tensor, not its seed);
    "rng": the state of torch's global random generator on the CPU, which dropout uses (a tensor);
    "epoch": the number `epoch`, the epochs done so far.
    Nothing draws a random number on the way.

    >>> model = nn.Linear(1, 1)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_checkpoint(Path(folder, "last.pt"), model, optimizer, scheduler, torch.Generator(), epoch=3)
    ...     sorted(torch.load(Path(folder, "last.pt"), weights_only=True))
    ['epoch', 'generator', 'model', 'optimizer', 'rng', 'scheduler']
    """
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "generator": generator.get_state(),
        "rng": torch.get_rng_state(),
        "epoch": epoch,
    }
    save_atomically(checkpoint, path)


def load_checkpoint(
    path: Path,
    model: nn.Module,
    optimizer: Optimizer,
    scheduler: LRScheduler,
    generator: torch.Generator,
) -> int:
    """Bring a training back to where `save_checkpoint` saw it, and return the number of epochs done.

    The file holds the keys that `save_checkpoint` names. A training that goes on from here equals one that was never
    interrupted, bit for bit: weights, momentum, learning rates, dropout and the order of the samples.
    The tensors may have been saved on a GPU that this machine does not have.
    No code of the file ever runs: write `weights_only=True` yourself, as in `load_weights`.

    Dtype: a Python int.
    In place: `model`, `optimizer`, `scheduler`, `generator`, and torch's global random generator on the CPU.
    Mode: that of the model stays as it is.
    Raises: any exception if the file holds something else: a key less, say, or the weights of another model.

    >>> model, generator = nn.Linear(1, 1), torch.Generator()
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_checkpoint(Path(folder, "last.pt"), model, optimizer, scheduler, generator, epoch=3)
    ...     load_checkpoint(Path(folder, "last.pt"), model, optimizer, scheduler, generator)
    3
    """
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])
    generator.set_state(checkpoint["generator"])
    torch.set_rng_state(checkpoint["rng"])
    return checkpoint["epoch"]
