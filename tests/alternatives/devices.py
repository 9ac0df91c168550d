"""Right answers to the devices kata, written in other ways than the reference."""

import contextlib
import copy
import io
import itertools
import time

import numpy as np
import torch
from torch import Tensor, nn


def best_device__conditional(wanted="auto"):
    auto = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    return torch.device(auto if wanted == "auto" else wanted)


def best_device__accelerator(wanted="auto"):
    if wanted == "auto":
        found = torch.accelerator.is_available()
        wanted = torch.accelerator.current_accelerator().type if found else "cpu"
    return torch.device(wanted)


def best_device__table(wanted="auto"):
    there = {"cuda": torch.cuda.device_count() > 0, "mps": torch.backends.mps.is_available(), "cpu": True}
    names = [name for name, is_there in there.items() if is_there]
    return torch.device({"auto": names[0]}.get(wanted, wanted))


def same_device__with_the_index_filled_in(a, b, current=0):
    def full(device):
        return ("cuda", current if device.index is None else device.index) if device.type == "cuda" else device.type

    return full(a) == full(b)


def same_device__by_cases(a, b, current=0):
    if a.type != b.type or a.type != "cuda" or a == b:
        return a.type == b.type
    if a.index is not None and b.index is not None:
        return False
    return current == (b.index if a.index is None else a.index)


def same_device__text(a, b, current=0):
    first, second = (f"{device}" if ":" in f"{device}" else f"{device}:{current}" for device in (a, b))
    return a.type == b.type and ("cuda" not in first or first == second)


def common_device__pairs(tensors):
    items = list(tensors.items())
    for (_, left), (name, right) in itertools.pairwise(items):
        if left.device != right.device:
            raise ValueError(f"`{name}` lives on {right.device}, but `{items[0][0]}` on {left.device}")
    return items[0][1].device


def common_device__a_dict_of_devices(tensors):
    places = {name: tensor.device for name, tensor in tensors.items()}
    if len(set(places.values())) > 1:
        raise ValueError("tensors on different devices: " + ", ".join(f"{k} on {v}" for k, v in places.items()))
    return places.popitem()[1]


def move_all__cases(tree, device):
    match tree:
        case Tensor():
            return tree.to(device=device, non_blocking=True)
        case dict():
            return dict(zip(tree, map(lambda item: move_all__cases(item, device), tree.values())))
        case list():
            return [move_all__cases(item, device) for item in tree]
        case tuple():
            items = tuple(move_all__cases(item, device) for item in tree)
            return tree._make(items) if hasattr(tree, "_make") else items
    return tree


def move_all__inner_function(tree, device):
    def go(item):
        if isinstance(item, (list, tuple)):
            items = map(go, item)
            return type(item)(*items) if type(item) not in (list, tuple) else type(item)(items)
        if isinstance(item, dict):
            twin = item.copy()
            twin.update((key, go(value)) for key, value in item.items())
            return twin
        return item.to(device) if torch.is_tensor(item) else item

    return go(tree)


def moved_copy__twice(model, device):
    twin = copy.deepcopy(model)
    twin.to(device=torch.device(device))
    return twin


def moved_copy__through_a_file(model, device):
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, map_location=device, weights_only=False)


def moved_copy__tensor_by_tensor(model, device):
    twin = copy.deepcopy(model)
    for module in twin.modules():
        for name, tensor in list(module._parameters.items()):
            if tensor is not None:
                module._parameters[name] = nn.Parameter(tensor.detach().to(device), tensor.requires_grad)
        for name, tensor in list(module._buffers.items()):
            if tensor is not None:
                module._buffers[name] = tensor.to(device)
    return twin


def list_gpus__properties(at_least=(0, 0)):
    found = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
    return [(i, p.name, (p.major, p.minor)) for i, p in enumerate(found) if (p.major, p.minor) >= tuple(at_least)]


def list_gpus__devices(at_least=(0, 0)):
    if not torch.cuda.is_available():
        return []
    devices = [torch.device("cuda", i) for i in range(torch.cuda.device_count())]
    gpus = [(d.index, torch.cuda.get_device_name(d), torch.cuda.get_device_capability(d)) for d in devices]
    return list(filter(lambda gpu: gpu[2] >= at_least, gpus))


def time_with_clock__stopped(work, synchronize, clock=time.perf_counter):
    synchronize()
    started = clock()
    try:
        work()
    finally:
        synchronize()
        stopped = clock()
    return stopped - started


def time_with_clock__times(work, synchronize, clock=time.perf_counter):
    times = []
    for step in (lambda: None, work):
        step()
        synchronize()
        times.append(clock())
    return times[1] - times[0]


def time_with_events__the_whole_device(work, new_event=torch.cuda.Event):
    start = new_event(enable_timing=True)
    end = new_event(enable_timing=True)
    torch.cuda.synchronize()
    start.record()
    work()
    end.record()
    torch.cuda.synchronize()
    return start.elapsed_time(end)


def time_with_events__asks_until_it_is_done(work, new_event=torch.cuda.Event):
    start, end = [new_event(True) for _ in range(2)]
    start.record()
    work()
    end.record()
    while not end.query():
        pass
    return start.elapsed_time(end)


def time_with_events__on_the_stream(work, new_event=torch.cuda.Event):
    start, end = new_event(enable_timing=True), new_event(enable_timing=True)
    start.record(torch.cuda.current_stream())
    with contextlib.ExitStack() as after:
        after.callback(end.synchronize)
        after.callback(lambda: end.record(torch.cuda.current_stream()))
        work()
    return start.elapsed_time(end)


def median_time__by_hand(measure, repeats=5, warmup=1):
    times = sorted([measure() for _ in range(warmup + repeats)][warmup:])
    return (times[(repeats - 1) // 2] + times[repeats // 2]) / 2


def median_time__numpy(measure, repeats=5, warmup=1):
    times = np.array([measure() for _ in range(warmup + repeats)])
    return float(np.median(times[warmup:]))


def median_time__quantile(measure, repeats=5, warmup=1):
    times = [measure() for _ in range(warmup + repeats)]
    return torch.tensor(times[warmup:], dtype=torch.float64).quantile(0.5).item()
