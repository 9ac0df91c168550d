"""Named wrong answers to the devices kata; each docstring is what the learner is told."""

import copy
import statistics
import time

import numpy as np
import torch
from torch import Tensor, nn

# best_device


def best_device__a_string(wanted="auto"):
    """The result is a name, not a `torch.device`; a name has no `type` and no `index` to ask for."""
    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def best_device__ignores_the_name(wanted="auto"):
    """`wanted` plays no part: the best device comes back even where another one was asked for."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def best_device__drops_the_index(wanted="auto"):
    """Only the type of `wanted` is kept, so "cuda:1" becomes cuda; an index that was asked for stays."""
    if wanted != "auto":
        return torch.device(torch.device(wanted).type)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def best_device__falls_back_silently(wanted="auto"):
    """A device that is not there is replaced by the CPU without a word; a name is to be taken as it is."""
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if wanted != "auto":
        device = torch.device(wanted)
        return torch.device("cpu") if {"cuda": not cuda, "mps": not mps}.get(device.type) else device
    return torch.device("cuda" if cuda else "mps" if mps else "cpu")


def best_device__few_names(wanted="auto"):
    """Only names that the code knows are taken, and for all others "auto"; leave the names to `torch.device`."""
    if wanted.split(":")[0] in ("cuda", "mps", "cpu", "meta"):
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def best_device__auto_as_a_name(wanted="auto"):
    """`torch.device` does not know the name "auto"; look for that word first."""
    return torch.device(wanted)


def best_device__built_is_not_there(wanted="auto"):
    """A build of torch that knows an accelerator may run where there is none; ask whether one is available."""
    if wanted != "auto":
        return torch.device(wanted)
    return torch.device((torch.accelerator.current_accelerator() or torch.device("cpu")).type)


def best_device__asks_whether_mps_is_built(wanted="auto"):
    """`torch.backends.mps.is_built()` tells of the build, not of the machine; ask `is_available()`."""
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_built() else "cpu")


def best_device__mps_first(wanted="auto"):
    """MPS comes before CUDA here; CUDA is the better one where a machine has both."""
    if wanted != "auto":
        return torch.device(wanted)
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def best_device__never_mps(wanted="auto"):
    """MPS is never looked for, so a Mac falls back to its CPU."""
    if wanted != "auto":
        return torch.device(wanted)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def best_device__only_the_cpu(wanted="auto"):
    """ "auto" always gives the CPU; ask torch what else there is."""
    return torch.device("cpu" if wanted == "auto" else wanted)


def best_device__with_an_index(wanted="auto"):
    """CUDA comes back as cuda:0; without an index it means the current device, whichever that is."""
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda", 0)
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


# same_device


def same_device__equals(a, b, current=0):
    """`==` tells cuda from cuda:0, though cuda means the current device, which may be just that one."""
    return a == b


def same_device__types_only(a, b, current=0):
    """Only the types are compared, so cuda:0 and cuda:1 count as one place; they are two GPUs."""
    return a.type == b.type


def same_device__a_missing_index_fits_all(a, b, current=0):
    """A missing index is taken to fit any other; it means one device, the current one."""
    return a.type == b.type and (a.type != "cuda" or None in (a.index, b.index) or a.index == b.index)


def same_device__a_missing_index_is_0(a, b, current=0):
    """A missing index is taken for 0; it means the current device, whose index is `current`."""
    return a.type == b.type and (a.type != "cuda" or (a.index or 0) == (b.index or 0))


def same_device__0_counts_as_missing(a, b, current=0):
    """`a.index or current` takes the index 0 for a missing one, because 0 is false; compare with None."""
    return a.type == b.type and (a.type != "cuda" or (a.index or current) == (b.index or current))


def same_device__fills_in_the_first_only(a, b, current=0):
    """A missing index is filled in for `a` alone; `b` may lack one too."""
    index = current if a.index is None else a.index
    return a.type == b.type and (a.type != "cuda" or index == b.index)


def same_device__counts_cpus(a, b, current=0):
    """The index counts for every type here; there is only one CPU and one MPS device, with an index or without."""
    first, second = (current if device.index is None else device.index for device in (a, b))
    return a.type == b.type and first == second


def same_device__a_missing_cpu_index_is_0(a, b, current=0):
    """cpu:1 counts as another place than cpu; there is only one CPU, whatever the index."""
    default = current if a.type == "cuda" else 0
    first, second = (default if device.index is None else device.index for device in (a, b))
    return a.type == b.type and first == second


def same_device__indices_only(a, b, current=0):
    """The types are not compared, so mps:0 and cuda:0 count as one place."""
    first, second = (current if device.index is None else device.index for device in (a, b))
    return "cuda" not in (a.type, b.type) or first == second


# common_device


def common_device__a_string(tensors):
    """The result is the name of a device; return the `torch.device` itself."""
    return str(_common(tensors))


def common_device__types_only(tensors):
    """Only the types are compared, so cuda:0 and cuda:1 pass as one device."""
    first, *others = tensors
    for name in others:
        if tensors[name].device.type != tensors[first].device.type:
            raise ValueError(f"{name} is on {tensors[name].device}, {first} on {tensors[first].device}")
    return tensors[first].device


def common_device__compares_the_last_only(tensors):
    """Only the first and the last tensor are compared; one in between may be elsewhere."""
    first, last = list(tensors)[0], list(tensors)[-1]
    if tensors[first].device != tensors[last].device:
        return _common(tensors)
    return tensors[first].device


def common_device__takes_the_first(tensors):
    """The device of the first tensor comes back without a look at the others."""
    return next(iter(tensors.values())).device


def common_device__asserts(tensors):
    """`assert` raises AssertionError, and nothing at all under `python -O`; raise ValueError."""
    first, *others = tensors
    for name in others:
        assert tensors[name].device == tensors[first].device, f"{name} {tensors[name].device} {tensors[first].device}"
    return tensors[first].device


def common_device__leaves_it_to_torch(tensors):
    """A RuntimeError is what torch raises in the middle of the work, naming no tensor; raise ValueError before."""
    if len({tensor.device for tensor in tensors.values()}) > 1:
        raise RuntimeError("Expected all tensors to be on the same device")
    return next(iter(tensors.values())).device


def common_device__says_only_that(tensors):
    """The message names no tensor and no device, so its reader has to search."""
    if len({tensor.device for tensor in tensors.values()}) > 1:
        raise ValueError("the tensors are on different devices")
    return next(iter(tensors.values())).device


def common_device__blames_the_last(tensors):
    """The message is about the last tensor that is elsewhere; name the first one."""
    first, *others = tensors
    for name in reversed(others):
        if tensors[name].device != tensors[first].device:
            raise ValueError(f"{name} is on {tensors[name].device}, {first} on {tensors[first].device}")
    return tensors[first].device


def common_device__one_device_in_the_message(tensors):
    """The message tells where the tensor is, but not where it was expected."""
    first, *others = tensors
    for name in others:
        if tensors[name].device != tensors[first].device:
            raise ValueError(f"{name} is on {tensors[name].device}")
    return tensors[first].device


def common_device__skips_scalars(tensors):
    """Tensors without dimensions are left out; here each tensor counts."""
    some = {name: tensor for name, tensor in tensors.items() if tensor.ndim} or tensors
    return _common(some)


def common_device__true(tensors):
    """The result says that all is well, but not where; return the device."""
    return bool(_common(tensors))


def common_device__needs_two(tensors):
    """One tensor alone is an error here; it lives on one device, so return that."""
    if len(tensors) < 2:
        raise ValueError("nothing to compare")
    return _common(tensors)


def _common(tensors):
    first, *others = tensors
    for name in others:
        if tensors[name].device != tensors[first].device:
            raise ValueError(f"{name} is on {tensors[name].device}, {first} on {tensors[first].device}")
    return tensors[first].device


# move_all


def _move(tree, device, leaf=lambda tensor, device: tensor.to(device), other=lambda item: item):
    if isinstance(tree, Tensor):
        return leaf(tree, device)
    if isinstance(tree, dict):
        return {key: _move(item, device, leaf, other) for key, item in tree.items()}
    if isinstance(tree, (list, tuple)):
        moved = [_move(item, device, leaf, other) for item in tree]
        return type(tree)(*moved) if hasattr(tree, "_fields") else type(tree)(moved)
    return other(tree)


def move_all__only_the_top(tree, device):
    """Tensors in a container inside a container stay where they were; go down to any depth."""
    if isinstance(tree, Tensor):
        return tree.to(device)
    if isinstance(tree, dict):
        return {key: item.to(device) if isinstance(item, Tensor) else copy.copy(item) for key, item in tree.items()}
    if isinstance(tree, (list, tuple)):
        moved = [item.to(device) if isinstance(item, Tensor) else copy.copy(item) for item in tree]
        return type(tree)(*moved) if hasattr(tree, "_fields") else type(tree)(moved)
    return tree


def move_all__forgets_the_result(tree, device):
    """`tensor.to` returns a new tensor and leaves the old one where it is; use what it returns."""

    def leaf(tensor, device):
        tensor.to(device)
        return tensor

    return _move(tree, device, leaf)


def move_all__tuples_become_lists(tree, device):
    """A tuple comes back as a list; containers keep their type."""
    if isinstance(tree, Tensor):
        return tree.to(device)
    if isinstance(tree, dict):
        return {key: move_all__tuples_become_lists(item, device) for key, item in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [move_all__tuples_become_lists(item, device) for item in tree]
    return tree


def move_all__named_tuples_lose_their_names(tree, device):
    """A named tuple comes back as a plain tuple, without its fields."""
    if isinstance(tree, Tensor):
        return tree.to(device)
    if isinstance(tree, dict):
        return {key: move_all__named_tuples_lose_their_names(item, device) for key, item in tree.items()}
    if isinstance(tree, (list, tuple)):
        moved = [move_all__named_tuples_lose_their_names(item, device) for item in tree]
        return moved if isinstance(tree, list) else tuple(moved)
    return tree


def move_all__fails_on_named_tuples(tree, device):
    """A named tuple wants its fields one by one, not in a list, as tuples and lists do."""
    if isinstance(tree, Tensor):
        return tree.to(device)
    if isinstance(tree, dict):
        return {key: move_all__fails_on_named_tuples(item, device) for key, item in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)([move_all__fails_on_named_tuples(item, device) for item in tree])
    return tree


def move_all__skips_dicts(tree, device):
    """Dicts come back as they are, with tensors that were not moved."""
    if isinstance(tree, Tensor):
        return tree.to(device)
    if isinstance(tree, (list, tuple)):
        moved = [move_all__skips_dicts(item, device) for item in tree]
        return type(tree)(*moved) if hasattr(tree, "_fields") else type(tree)(moved)
    return tree


def move_all__fails_on_the_rest(tree, device):
    """What is no container is taken for a tensor, but a number or a string has no `to`."""
    if isinstance(tree, dict):
        return {key: move_all__fails_on_the_rest(item, device) for key, item in tree.items()}
    if isinstance(tree, (list, tuple)):
        moved = [move_all__fails_on_the_rest(item, device) for item in tree]
        return type(tree)(*moved) if hasattr(tree, "_fields") else type(tree)(moved)
    return tree.to(device)


def move_all__drops_the_rest(tree, device):
    """What is no tensor becomes None; it is to come back as it is."""
    return _move(tree, device, other=lambda item: None)


def move_all__calls_any_to(tree, device):
    """`to` is called on whatever has one, such as a module, which would be moved itself; only tensors are moved."""
    return _move(tree, device, other=lambda item: item.to(device) if hasattr(item, "to") else item)


def move_all__rebuilds_sets(tree, device):
    """A set is built anew; only lists, tuples and dicts are containers here, all else comes back itself."""
    return _move(tree, device, other=lambda item: set(item) if isinstance(item, (set, frozenset)) else item)


def move_all__arrays_become_tensors(tree, device):
    """NumPy arrays become tensors; what is no tensor comes back itself."""
    return _move(tree, device, other=lambda item: torch.from_numpy(item) if isinstance(item, np.ndarray) else item)


def move_all__walks_through_iterables(tree, device):
    """All that can be iterated over is taken for a container; only lists, tuples and dicts are."""

    def other(item):
        return type(item)(list(item)) if hasattr(item, "__iter__") and not isinstance(item, str) else item

    return _move(tree, device, other=other)


def move_all__copies_the_rest(tree, device):
    """What is no tensor is copied; it comes back itself."""
    return _move(tree, device, other=copy.deepcopy)


def move_all__always_copies(tree, device):
    """A tensor that is there already is copied; it should come back itself, which costs nothing."""
    return _move(tree, device, lambda tensor, device: tensor.clone().to(device))


def move_all__as_floats(tree, device):
    """Integers become floats on the way; moving a tensor does not change its dtype."""
    return _move(tree, device, lambda tensor, device: tensor.to(device).float())


def move_all__changes_the_tree(tree, device):
    """The lists and dicts of the caller are overwritten; make new ones."""
    if isinstance(tree, (dict, list)):
        for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
            tree[key] = move_all__changes_the_tree(tree[key], device)
        return tree
    if isinstance(tree, tuple):
        moved = [move_all__changes_the_tree(item, device) for item in tree]
        return type(tree)(*moved) if hasattr(tree, "_fields") else tuple(moved)
    return tree.to(device) if isinstance(tree, Tensor) else tree


def move_all__always_cuda(tree, device):
    """The device is fixed in the code; move to the one that is given."""
    return _move(tree, device, lambda tensor, device: tensor.to("cuda:0"))


def move_all__the_type_is_enough(tree, device):
    """Only the types of devices are compared, so a tensor on cuda:0 does not move to cuda:1."""

    def leaf(tensor, device):
        return tensor if tensor.device.type == torch.device(device).type else tensor.to(device)

    return _move(tree, device, leaf)


# moved_copy


def moved_copy__the_model_itself(model, device):
    """`model.to(device)` moves the model itself and returns it; make a copy first."""
    return model.to(device)


def moved_copy__moves_both(model, device):
    """The model itself is moved before it is copied; copy it first, then move the copy."""
    return copy.deepcopy(model.to(device))


def moved_copy__shallow(model, device):
    """`copy.copy` makes a second module with the very same parameters; they need copies too."""
    return copy.copy(model)


def moved_copy__forgets_to_move(model, device):
    """The copy stays on the device of the model."""
    return copy.deepcopy(model)


def moved_copy__parameters_only(model, device):
    """Buffers, such as the running mean of BatchNorm, are not moved; `Module.to` moves both."""
    twin = copy.deepcopy(model)
    for module in twin.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            setattr(module, name, nn.Parameter(parameter.detach().to(device), parameter.requires_grad))
    return twin


def moved_copy__in_eval_mode(model, device):
    """The copy is set to eval mode; each of its modules is to be in the mode it was in."""
    return copy.deepcopy(model).to(device).eval()


def moved_copy__in_train_mode(model, device):
    """The copy is set to train mode; each of its modules is to be in the mode it was in."""
    return copy.deepcopy(model).to(device).train()


def moved_copy__frozen(model, device):
    """No parameter of the copy requires grad any more; each is to be as it was."""
    return copy.deepcopy(model).to(device).requires_grad_(False)


def moved_copy__thawed(model, device):
    """All parameters of the copy require grad; frozen ones are to stay frozen."""
    return copy.deepcopy(model).to(device).requires_grad_(True)


def moved_copy__a_state_dict(model, device):
    """The result is a dict of tensors, not a model."""
    return {name: tensor.clone().to(device) for name, tensor in model.state_dict().items()}


def moved_copy__empty(model, device):
    """`to_empty` gives room for the parameters on the device, but does not copy their values."""
    twin = copy.deepcopy(model).to_empty(device=device)
    with torch.no_grad():
        for tensor in twin.state_dict().values():
            tensor.zero_()  # whatever was in memory
    return twin


def moved_copy__by_the_state_dict(model, device):
    """The `state_dict` lacks buffers made with `persistent=False`, so their values are lost; `deepcopy` has all."""
    twin = copy.deepcopy(model).to(device)
    for name, buffer in twin.named_buffers():
        if name not in twin.state_dict():
            buffer.zero_()  # whatever was in memory
    return twin


def moved_copy__in_double(model, device):
    """The parameters become float64; a move does not change the dtype."""
    return copy.deepcopy(model).to(device).double()


# list_gpus


def _capable(index, at_least):
    return torch.cuda.get_device_capability(index) >= at_least


def list_gpus__without_a_look(at_least=(0, 0)):
    """Device 0 is asked for without a look whether there is one; first take `torch.cuda.device_count()`."""
    return [(0, torch.cuda.get_device_name(0), torch.cuda.get_device_capability(0))]


def list_gpus__none(at_least=(0, 0)):
    """Without a GPU the result is None; it should be an empty list, so that a loop over it works."""
    if not torch.cuda.is_available():
        return None
    return _listed(at_least)


def list_gpus__with_the_cpu(at_least=(0, 0)):
    """The CPU is listed where there is no GPU; it is no CUDA device."""
    return _listed(at_least) or [(0, "cpu", (0, 0))]


def list_gpus__a_tuple(at_least=(0, 0)):
    """The result is a tuple; it should be a list."""
    return tuple(_listed(at_least))


def list_gpus__a_generator(at_least=(0, 0)):
    """The result is a generator, which can be read only once and has no length; it should be a list."""
    yield from _listed(at_least)


def list_gpus__a_count(at_least=(0, 0)):
    """The result is how many there are; tell index, name and capability of each."""
    return len(_listed(at_least))


def list_gpus__only_the_current(at_least=(0, 0)):
    """Functions without an index tell of the current device; each index is to be asked for."""
    version = [torch.cuda.get_device_capability() for _ in range(torch.cuda.device_count())]
    return [(i, torch.cuda.get_device_name(), found) for i, found in enumerate(version) if found >= at_least]


def list_gpus__memory(at_least=(0, 0)):
    """Memory in GiB stands where the capability should: that is a version, not an amount."""
    memory = [torch.cuda.get_device_properties(i).total_memory // 2**30 for i in range(torch.cuda.device_count())]
    return [(i, name, (memory[i], 0)) for i, name, _ in _listed(at_least)]


def list_gpus__later_only(at_least=(0, 0)):
    """A device with exactly the version `at_least` is left out; it is good enough."""
    return [gpu for gpu in _listed() if gpu[2] > at_least]


def list_gpus__each_part_by_itself(at_least=(0, 0)):
    """Major and minor are compared one by one, so (9, 0) does not reach (8, 6); a later major number is enough."""
    return [gpu for gpu in _listed() if gpu[2][0] >= at_least[0] and gpu[2][1] >= at_least[1]]


def list_gpus__major_only(at_least=(0, 0)):
    """Only the major number is compared, so (8, 0) passes for (8, 6)."""
    return [gpu for gpu in _listed() if gpu[2][0] >= at_least[0]]


def list_gpus__versions_as_text(at_least=(0, 0)):
    """As text "12.0" comes before "9.0"; compare the numbers."""
    return [gpu for gpu in _listed() if f"{gpu[2][0]}.{gpu[2][1]}" >= f"{at_least[0]}.{at_least[1]}"]


def list_gpus__counts_again(at_least=(0, 0)):
    """The devices that are left are counted anew; the index is the one that `torch.device("cuda", index)` takes."""
    return [(i, *gpu[1:]) for i, gpu in enumerate(_listed(at_least))]


def list_gpus__ignores_at_least(at_least=(0, 0)):
    """`at_least` plays no part: all devices are listed."""
    return _listed()


def list_gpus__only_the_first(at_least=(0, 0)):
    """Only one device is listed; a machine may have several."""
    return _listed(at_least)[:1]


def _listed(at_least=(0, 0)):
    return [
        (i, torch.cuda.get_device_name(i), torch.cuda.get_device_capability(i))
        for i in range(torch.cuda.device_count())
        if _capable(i, at_least)
    ]


# time_with_clock


def time_with_clock__the_launch_only(work, synchronize, clock=time.perf_counter):
    """The clock stops when `work()` returns, but the GPU has hardly begun; synchronise first."""
    synchronize()
    start = clock()
    work()
    return clock() - start


def time_with_clock__counts_earlier_work(work, synchronize, clock=time.perf_counter):
    """The GPU may still be busy when the clock starts, and that is counted too; synchronise before."""
    start = clock()
    work()
    synchronize()
    return clock() - start


def time_with_clock__negative(work, synchronize, clock=time.perf_counter):
    """The start minus the end is negative; take the end minus the start."""
    synchronize()
    start = clock()
    work()
    synchronize()
    return start - clock()


def time_with_clock__milliseconds(work, synchronize, clock=time.perf_counter):
    """The result is in milliseconds; the contract says seconds, as the clock does."""
    synchronize()
    start = clock()
    work()
    synchronize()
    return 1000 * (clock() - start)


def time_with_clock__works_twice(work, synchronize, clock=time.perf_counter):
    """`work` is called a second time to warm up; here it is called once."""
    work()
    synchronize()
    start = clock()
    work()
    synchronize()
    return clock() - start


def time_with_clock__tells_the_time(work, synchronize, clock=time.perf_counter):
    """The result is the time at the end; take away the time at the start."""
    synchronize()
    clock()
    work()
    synchronize()
    return clock()


def time_with_clock__rounded(work, synchronize, clock=time.perf_counter):
    """The time is rounded to microseconds, and much work takes less than one; return it as it is."""
    synchronize()
    start = clock()
    work()
    synchronize()
    return round(clock() - start, 6)


def time_with_clock__whole_seconds(work, synchronize, clock=time.perf_counter):
    """The fraction of the seconds is cut off; most work takes less than one."""
    synchronize()
    start = clock()
    work()
    synchronize()
    return float(int(clock() - start))


# time_with_events


def time_with_events__does_not_wait(work, new_event=torch.cuda.Event):
    """The times are asked for before the GPU has passed the events, which is an error; wait for the second one."""
    start, end = new_event(enable_timing=True), new_event(enable_timing=True)
    start.record()
    work()
    end.record()
    return start.elapsed_time(end)


def time_with_events__no_timing(work, new_event=torch.cuda.Event):
    """An event measures time only when it is made with `enable_timing=True`; without it this is an error."""
    start, end = new_event(), new_event()
    start.record()
    work()
    end.record()
    end.synchronize()
    return start.elapsed_time(end)


def time_with_events__backwards(work, new_event=torch.cuda.Event):
    """`end.elapsed_time(start)` is negative; it is the earlier event that is asked."""
    start, end = new_event(enable_timing=True), new_event(enable_timing=True)
    start.record()
    work()
    end.record()
    end.synchronize()
    return end.elapsed_time(start)


def time_with_events__nothing_between(work, new_event=torch.cuda.Event):
    """Both events stand before the work, and nothing is between them; record the second one after `work()`."""
    start, end = new_event(enable_timing=True), new_event(enable_timing=True)
    start.record()
    end.record()
    work()
    end.synchronize()
    return start.elapsed_time(end)


def time_with_events__seconds(work, new_event=torch.cuda.Event):
    """The result is in seconds; the contract says milliseconds, as the events do."""
    start, end = new_event(enable_timing=True), new_event(enable_timing=True)
    start.record()
    work()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1000


def time_with_events__works_twice(work, new_event=torch.cuda.Event):
    """`work` is called twice between the events; here it is called once."""
    start, end = new_event(enable_timing=True), new_event(enable_timing=True)
    start.record()
    work()
    work()
    end.record()
    end.synchronize()
    return start.elapsed_time(end)


def time_with_events__warms_up(work, new_event=torch.cuda.Event):
    """`work` is called once more before the first event, to warm up; here it is called once."""
    work()
    start, end = new_event(enable_timing=True), new_event(enable_timing=True)
    start.record()
    work()
    end.record()
    end.synchronize()
    return start.elapsed_time(end)


def time_with_events__rounded(work, new_event=torch.cuda.Event):
    """The time is rounded to microseconds; return it as the events give it."""
    start, end = new_event(enable_timing=True), new_event(enable_timing=True)
    start.record()
    work()
    end.record()
    end.synchronize()
    return round(start.elapsed_time(end), 3)


def time_with_events__whole_milliseconds(work, new_event=torch.cuda.Event):
    """The fraction of the milliseconds is cut off; many operations take less than one."""
    start, end = new_event(enable_timing=True), new_event(enable_timing=True)
    start.record()
    work()
    end.record()
    end.synchronize()
    return float(int(start.elapsed_time(end)))


# median_time


def median_time__the_lower_middle(measure, repeats=5, warmup=1):
    """`torch.median` takes the lower of the middle two; the median of an even number of times is their mean."""
    for _ in range(warmup):
        measure()
    return torch.tensor([measure() for _ in range(repeats)], dtype=torch.float64).median().item()


def median_time__the_upper_middle(measure, repeats=5, warmup=1):
    """`times[len(times) // 2]` is the upper of the middle two; for an even number take their mean."""
    for _ in range(warmup):
        measure()
    return sorted(measure() for _ in range(repeats))[repeats // 2]


def median_time__mean(measure, repeats=5, warmup=1):
    """This is the mean, which one slow measurement spoils; take the median."""
    for _ in range(warmup):
        measure()
    return statistics.fmean(measure() for _ in range(repeats))


def median_time__minimum(measure, repeats=5, warmup=1):
    """This is the fastest measurement; take the median."""
    for _ in range(warmup):
        measure()
    return min(measure() for _ in range(repeats))


def median_time__not_sorted(measure, repeats=5, warmup=1):
    """The middle is taken in the order of the measurements; sort them first."""
    for _ in range(warmup):
        measure()
    times = [measure() for _ in range(repeats)]
    return (times[(repeats - 1) // 2] + times[repeats // 2]) / 2


def median_time__counts_the_warm_up(measure, repeats=5, warmup=1):
    """The first measurements count too; they are slow, because torch prepares things then."""
    return statistics.median(measure() for _ in range(warmup + repeats))


def median_time__drops_the_last(measure, repeats=5, warmup=1):
    """The last measurements are thrown away; it is the first ones that are slow."""
    return statistics.median([measure() for _ in range(warmup + repeats)][:repeats])


def median_time__warms_up_within(measure, repeats=5, warmup=1):
    """The warm-up is taken out of the `repeats` measurements; it comes in addition to them."""
    times = [measure() for _ in range(repeats)]
    return statistics.median(times[warmup:] or times)


def median_time__rounded(measure, repeats=5, warmup=1):
    """The median is rounded, and a time of microseconds becomes 0; return it as it is."""
    for _ in range(warmup):
        measure()
    return round(statistics.median(measure() for _ in range(repeats)), 4)


def median_time__warms_up_once(measure, repeats=5, warmup=1):
    """One measurement is thrown away, whatever `warmup` says; throw away that many."""
    measure()
    return statistics.median(measure() for _ in range(repeats))
