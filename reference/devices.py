"""Devices: choose one, see where things are, move them there, and time what runs there.

None of this needs a GPU: the tests pretend to have one. So ask torch when your function is called, not
when the file is loaded, and ask by the full name, as in `torch.cuda.is_available()`. A name that you
import from there would still ask the real machine.
"""

import copy
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


def best_device(wanted: str = "auto") -> torch.device:
    """Return the device that `wanted` names, or for "auto" the best one of this machine.

    The best one is CUDA where there is a GPU for it, else MPS where there is one, else the CPU; it comes without
    an index. `torch.cuda.is_available()` and `torch.backends.mps.is_available()` tell what is there. (So does
    `torch.accelerator.is_available()`, for accelerators of every kind at once.) That a build of torch knows CUDA or MPS
    does not mean that the machine has it. Any other name, such as "cpu" or "cuda:1", is taken as it is, with its index,
    whether the machine has that device or not.

    >>> best_device("cuda:1")
    device(type='cuda', index=1)
    """
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def same_device(a: torch.device, b: torch.device, current: int = 0) -> bool:
    """Return whether two devices are the same place.

    A machine may have several CUDA devices, counted from 0. Without an index, cuda means the current one, whose
    index is `current` (on a real machine `torch.cuda.current_device()`). Of cpu, mps and meta there is one device
    only, so there the index makes no difference: cpu, cpu:0 and cpu:1 are one place. Other types do not come up.

    Dtype: a Python bool.

    >>> torch.device("cuda") == torch.device("cuda:0"), same_device(torch.device("cuda"), torch.device("cuda:0"))
    (False, True)
    """
    if a.type != b.type:
        return False
    index_a, index_b = (current if device.index is None else device.index for device in (a, b))
    return a.type != "cuda" or index_a == index_b


def common_device(tensors: dict[str, Tensor]) -> torch.device:
    """Return the device that all tensors of a dict live on.

    The dict has at least one tensor. Each tensor knows its device with an index where that matters, so cuda:0 and
    cuda:1 are two devices. A tensor without dimensions counts like any other.

    Raises: ValueError if the tensors live on two or more devices. Its message holds the name (the key) of the first
    tensor that is elsewhere than the first one of the dict, its device, and the device of the first one.

    >>> common_device({"x": torch.zeros(2, 3), "y": torch.zeros(3)})
    device(type='cpu')
    """
    first, *others = tensors
    expected = tensors[first].device
    for name in others:
        if tensors[name].device != expected:
            raise ValueError(f"{name} is on {tensors[name].device}, but {first} is on {expected}")
    return expected


def move_all(tree: Any, device: torch.device | str) -> Any:
    """Return `tree`, which holds tensors at any depth, with every tensor on `device`.

    A tree is a tensor, or a list, tuple, named tuple or dict of trees, or anything else: a number, a string, None.
    These containers keep their type, their order and their keys. What becomes of other subclasses of theirs, such as
    `OrderedDict`, is left open. What is neither tensor nor container comes back itself, be it a set or an array.

    Shape and dtype: those of each tensor.
    Memory: a tensor that is on `device` already is not copied but comes back itself. Lists and dicts are new ones.

    >>> move_all({"x": [torch.tensor([1, 2])], "name": "seven"}, "cpu")
    {'x': [tensor([1, 2])], 'name': 'seven'}
    """
    if isinstance(tree, Tensor):
        return tree.to(device)
    if isinstance(tree, dict):
        return {key: move_all(item, device) for key, item in tree.items()}
    if not isinstance(tree, (list, tuple)):
        return tree
    moved = [move_all(item, device) for item in tree]
    return type(tree)(*moved) if hasattr(tree, "_fields") else type(tree)(moved)


def moved_copy(model: nn.Module, device: torch.device | str) -> nn.Module:
    """Return a copy of a model on `device`; the model itself stays where it is.

    The copy has the same class, and its parameters and buffers (also those that are not in the `state_dict`) have the
    same values and the same `requires_grad`.
    Each of its modules is in train or eval mode as it was. Whether gradients come along is left open.

    Memory: that of the parameters and buffers is always new, also when the model is on `device` already.
    In place: changes nothing. (`model.to(device)` moves the model itself, and returns it.)

    >>> layer = nn.Linear(2, 3)
    >>> moved_copy(layer, "meta").weight.device, layer.weight.device
    (device(type='meta'), device(type='cpu'))
    """
    return copy.deepcopy(model).to(device)


def list_gpus(at_least: tuple[int, int] = (0, 0)) -> list[tuple[int, str, tuple[int, int]]]:
    """Return (index, name, capability) of each CUDA device whose capability is `at_least` or later.

    The compute capability is a version, (major, minor), of what a GPU can do; it tells nothing of its memory.
    As with any version (9, 0) is later than (8, 6), and (12, 0) later than both. bfloat16 wants (8, 0).
    The index is the one that `torch.device("cuda", index)` takes, and the list is in its order.
    Without any CUDA device the list is empty. The facts come from the functions of `torch.cuda`.

    >>> len(list_gpus()) == torch.cuda.device_count()
    True
    """
    gpus = []
    for index in range(torch.cuda.device_count()):
        capability = torch.cuda.get_device_capability(index)
        if capability >= at_least:
            gpus.append((index, torch.cuda.get_device_name(index), capability))
    return gpus


def time_with_clock(
    work: Callable[[], object],
    synchronize: Callable[[], object],
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the seconds from the start of `work()` until all that it launched is done.

    A GPU works on its own: `work()` only launches what it has to do, and returns before that is done.
    `synchronize()` waits until everything launched so far is done. (On a real GPU it is `torch.cuda.synchronize`;
    on the CPU, where nothing is launched, it does nothing.) `clock()` tells the time in seconds.
    The GPU may still be busy with earlier work. That does not count, so wait for it first.
    `work` is called once.

    Dtype: a Python float.

    >>> ticks = iter([10.0, 12.5])
    >>> time_with_clock(work=lambda: None, synchronize=lambda: None, clock=lambda: next(ticks))
    2.5
    """
    synchronize()
    start = clock()
    work()
    synchronize()
    return clock() - start


def time_with_events(work: Callable[[], object], new_event: Callable[..., Any] = torch.cuda.Event) -> float:
    """Return the milliseconds that the GPU needs for what `work()` launches, measured by two events.

    An event is a mark in the queue of the GPU: `event.record()` puts it there, behind all that was launched before,
    and returns at once. When the GPU comes to the mark, it notes the time. `new_event` makes events, with the
    arguments of `torch.cuda.Event`; they measure time only if `enable_timing=True`. `start.elapsed_time(end)` gives
    milliseconds, and is an error before the GPU has passed both: wait with `end.synchronize()` or
    `torch.cuda.synchronize()`. Earlier work that the GPU is still busy with does not count. `work` is called once.

    Dtype: a Python float.

    >>> from unittest.mock import Mock
    >>> time_with_events(work=lambda: None, new_event=lambda enable_timing: Mock(elapsed_time=lambda end: 1.5))
    1.5
    """
    start, end = new_event(enable_timing=True), new_event(enable_timing=True)
    start.record()
    work()
    end.record()
    end.synchronize()
    return start.elapsed_time(end)


def median_time(measure: Callable[[], float], repeats: int = 5, warmup: int = 1) -> float:
    """Return the median of `repeats` measurements, taken after `warmup` measurements that do not count.

    `measure()` measures once, and returns a float. It is called `warmup + repeats` times; the first calls are slow,
    because torch loads and prepares things then. Of an even number of times the median is the mean of the middle
    two. `repeats` is at least 1, `warmup` at least 0.

    Dtype: a Python float.

    >>> times = iter([90.0, 3.0, 1.0, 2.0, 40.0])
    >>> median_time(lambda: next(times), repeats=4, warmup=1)
    2.5
    """
    for _ in range(warmup):
        measure()
    return statistics.median(measure() for _ in range(repeats))
