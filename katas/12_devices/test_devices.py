"""The properties of the devices kata. `kata.name(...)` calls your function and keeps what a message needs.

No GPU is needed. `machine` lets torch tell of the GPUs of another machine, a `Placed` tensor says that it lives
where you like, and a `Gpu` has a queue of work and a clock of its own.
"""

import contextlib
import copy
from collections import namedtuple
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from torchkata import trees
from torchkata.checks import (
    expect_equal,
    expect_law,
    expect_number,
    expect_own_memory,
    expect_raises,
    expect_returned,
    expect_unchanged,
)
from torchkata.errors import KataError
from torchkata.pasting import paste

REHEARSED = False  # here the calls name their devices themselves
pytestmark = pytest.mark.devices("cpu")  # pretended devices are the same on every machine

Batch = namedtuple("Batch", "x y")
CPU, CUDA = torch.device("cpu"), torch.device("cuda")


# Another machine

H100 = ("NVIDIA H100 80GB HBM3", (9, 0), 80)
A100 = ("NVIDIA A100-SXM4-40GB", (8, 0), 40)
RTX_3090 = ("NVIDIA GeForce RTX 3090", (8, 6), 24)
RTX_5090 = ("NVIDIA GeForce RTX 5090", (12, 0), 32)
T4 = ("Tesla T4", (7, 5), 16)
some_gpus = st.lists(st.sampled_from([H100, T4, RTX_5090, RTX_3090, A100]), max_size=4)


@contextlib.contextmanager
def machine(gpus=(), mps=False):
    """Inside, torch tells of a machine with these GPUs; every build of torch knows CUDA or MPS there."""

    def gpu(device=None):
        index = device if isinstance(device, int) else torch.device("cuda" if device is None else device).index or 0
        if not 0 <= index < len(gpus):
            raise AssertionError("Invalid device id")
        return gpus[index]

    def properties(device=None):
        name, (major, minor), memory = gpu(device)
        return SimpleNamespace(name=name, major=major, minor=minor, total_memory=memory * 2**30)

    best = CUDA if gpus else torch.device("mps") if mps else None

    def accelerator(check_available=False):
        return best if best or check_available else CUDA  # without a check the one that torch was built for

    pretended = {
        torch.cuda: {
            "is_available": lambda: len(gpus) > 0,
            "device_count": lambda: len(gpus),
            "get_device_name": lambda device=None: gpu(device)[0],
            "get_device_capability": lambda device=None: gpu(device)[1],
            "get_device_properties": properties,
        },
        torch.backends.cuda: {"is_built": lambda: True},
        torch.backends.mps: {"is_built": lambda: True, "is_available": lambda: mps},
        torch.mps: {"is_available": lambda: mps, "device_count": lambda: int(mps)},
        torch.accelerator: {
            "is_available": lambda: best is not None,
            "current_accelerator": accelerator,
            "device_count": lambda: len(gpus) or int(mps),
        },
    }
    with contextlib.ExitStack() as patches:
        for module, facts in pretended.items():
            for name in facts.keys() & set(dir(module)):
                patches.enter_context(mock.patch.object(module, name, facts[name]))
        try:
            yield
        except KataError as error:
            found = [f"{name} {version}" for name, version, _ in gpus] + ["MPS"] * mps
            error.call += f"  # on a machine with {', '.join(found) or 'no GPU'}"
            raise


# Tensors that are elsewhere


def exact_device(device):
    """A device as a tensor on it tells: cuda and mps have an index."""
    device = torch.device(device)
    indexed = device.type in ("cuda", "mps")
    return torch.device(device.type, device.index or 0) if indexed else torch.device(device.type)


class Placed(Tensor):
    """A tensor that says it lives on some device; its values are in the memory of the CPU."""

    place = CPU

    @property
    def device(self):
        return self.place

    @property
    def is_cuda(self):
        return self.place.type == "cuda"

    @property
    def is_cpu(self):
        return self.place.type == "cpu"

    def get_device(self):
        return -1 if self.place.index is None else self.place.index

    def __deepcopy__(self, memo):
        memo[id(self)] = placed(_plain(self).clone(), self.place)
        return memo[id(self)]

    def __repr__(self):
        return paste(self).removeprefix("torch.")

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        """Take the device out of a call, compute on the CPU, and let the result say that it is on the device."""
        kwargs = dict(kwargs or {})
        mine = next(each for each in trees.flat([args, kwargs]) if isinstance(each, Placed))
        wanted = kwargs.pop("device", None)
        if func in (Tensor.cpu, Tensor.cuda):
            index = next(iter(args[1:]), wanted)
            func, wanted, args = Tensor.to, CPU if func is Tensor.cpu else _cuda(index), (mine,)
        if func is Tensor.to:
            named = [each.device if isinstance(each, Tensor) else each for each in args[1:]]
            wanted = next((each for each in named if isinstance(each, (str, torch.device))), wanted)
            rest = [each.dtype if isinstance(each, Tensor) else each for each in args[1:]]
            args = (mine, CPU, *[each for each in rest if not isinstance(each, (str, torch.device))])
        place = mine.place if wanted is None else exact_device(wanted)
        result = super().__torch_function__(func, types, args, kwargs)
        if result is mine and place != mine.place:
            result = super().__torch_function__(Tensor.clone, types, (mine,))
        for each in trees.flat([result]):
            if isinstance(each, Placed) and "place" not in vars(each):
                each.place = place
        return result


class Everywhere(TorchFunctionMode):
    """Inside, functions such as `torch.as_tensor` see placed tensors too."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if any(isinstance(each, Placed) for each in trees.flat([args, kwargs or {}])):
            return Placed.__torch_function__(func, types, args, kwargs)
        return func(*args, **(kwargs or {}))


def _cuda(index):
    return torch.device("cuda", index) if isinstance(index, int) else index or CUDA


def placed(values, device="cpu"):
    """A tensor with these values that says it lives on `device`."""
    tensor = torch.as_tensor(values).as_subclass(Placed)
    tensor.place = exact_device(device)
    return tensor


def _plain(tensor):
    with torch._C.DisableTorchFunctionSubclass():
        return tensor.as_subclass(Tensor)


@paste.register
def _(value: Placed) -> str:
    place = "" if value.is_cpu else f', device="{value.place}"'
    return f"torch.tensor({value.tolist()}{place})"


@paste.register
def _(value: Batch) -> str:
    return f"Batch({paste(value.x)}, {paste(value.y)})"


# A GPU with a queue

START = 100.0  # seconds on the clock, which began to count at some time


class Named:
    """A function that is shown by a name."""

    def __init__(self, function, source):
        self.function, self.source = function, source

    def __call__(self, *args, **kwargs):
        return self.function(*args, **kwargs)


class Gpu:
    """A GPU that does one thing after the other, and a clock; to launch takes no time, to wait does."""

    def __init__(self, busy=0.0):
        self.now, self.free, self.busy = START, START + busy, busy

    def launch(self, duration):
        self.free = max(self.free, self.now) + duration

    def wait(self, *ignored):
        self.now = max(self.now, self.free)

    def read(self):
        return self.now

    def make(self, *args, **kwargs):
        return Event(self, *args, **kwargs)

    @property
    def clock(self):
        return Named(self.read, "gpu.clock")

    @property
    def synchronize(self):
        return Named(self.wait, f"Gpu(busy={self.busy}).synchronize")

    @property
    def new_event(self):
        return Named(self.make, f"Gpu(busy={self.busy}).new_event")


class NoTiming(RuntimeError):
    """As a real event answers, in other words."""


class NotReady(RuntimeError):
    """As a real event answers, in other words."""


class Event:
    """What `torch.cuda.Event` is on a real GPU."""

    def __init__(self, gpu, enable_timing=False, blocking=False, interprocess=False):
        self.gpu, self.enable_timing, self.passed = gpu, enable_timing, None

    def record(self, stream=None):
        self.passed = max(self.gpu.now, self.gpu.free)

    def synchronize(self):
        self.gpu.now = max(self.gpu.now, self.passed or 0.0)

    def query(self):
        self.gpu.now += 0.125
        return self.gpu.now >= (self.passed or 0.0)

    def elapsed_time(self, end):
        if not (self.enable_timing and end.enable_timing):
            raise NoTiming("both events must be created with enable_timing=True")
        if self.passed is None or end.passed is None:
            raise NotReady("both events must be recorded before their times can be compared")
        if self.gpu.now < max(self.passed, end.passed):
            raise NotReady("the GPU has not passed both events yet")
        return end.passed - self.passed


class Work:
    """A function that launches work on a GPU and then is busy itself."""

    def __init__(self, gpu, launches, host=0.0):
        self.gpu, self.launches, self.host, self.calls = gpu, launches, host, 0
        self.source = f"Work(launches={launches}{f', host={host}' if host else ''})"

    def __call__(self):
        self.calls += 1
        for duration in self.launches:
            self.gpu.launch(duration)
        self.gpu.now += self.host


class Readings:
    """A function that gives numbers, one after the other."""

    def __init__(self, numbers):
        self.numbers, self.calls = numbers, 0
        self.source = f"Readings({numbers})"

    def __call__(self):
        self.calls += 1
        return self.numbers[(self.calls - 1) % len(self.numbers)]


quarters = st.integers(1, 40).map(lambda quarter: quarter / 4)
launched = st.lists(quarters, min_size=1, max_size=3)


def expect_calls(answer, function, times):
    """The argument given for `function` was called so often."""
    count = answer.given(function).calls
    name = answer.parameters()[0]
    expect_law(answer, count == times, f"calls of `{name}`: {times}", got=f"calls of `{name}`: {count}")


# best_device


@given(gpus=some_gpus, mps=st.booleans(), wanted=st.sampled_from([(), ("auto",)]))
@example(gpus=[], mps=False, wanted=())
@example(gpus=[], mps=True, wanted=())
@example(gpus=[T4], mps=False, wanted=())
@example(gpus=[T4, T4], mps=True, wanted=("auto",))
def test_best_device__finds_the_best_of_the_machine(kata, gpus, mps, wanted):
    """For "auto", also by default, it is CUDA if the machine has it, else MPS if it has that, else the CPU."""
    with machine(gpus, mps):
        expect_equal(kata.best_device(*wanted), CUDA if gpus else torch.device("mps") if mps else CPU)


@given(
    wanted=st.sampled_from(["cuda:1", "cpu", "mps", "cuda", "cuda:0", "meta", "cpu:0", "mps:0", "xpu:1"]),
    gpus=some_gpus,
    mps=st.booleans(),
)
@example(wanted="cpu", gpus=[T4, H100], mps=False)
@example(wanted="cuda:1", gpus=[T4, H100], mps=False)
@example(wanted="cuda:1", gpus=[], mps=False)
@example(wanted="mps", gpus=[T4], mps=False)
@example(wanted="cuda", gpus=[], mps=False)
@example(wanted="meta", gpus=[], mps=True)
@example(wanted="xpu:1", gpus=[T4], mps=False)
def test_best_device__takes_a_name_as_it_is(kata, wanted, gpus, mps):
    """Any other name is the device of that name, index included, on whatever machine."""
    with machine(gpus, mps):
        expect_equal(kata.best_device(wanted), torch.device(wanted))


# same_device

some_cuda = st.sampled_from(["cuda", "cuda:0", "cuda:1", "cuda:2"]).map(torch.device)
some_names = ("cpu", "cuda", "cpu:0", "cuda:0", "mps", "mps:0", "meta", "cuda:1", "cpu:1")
some_device = st.sampled_from(some_names).map(torch.device)


@given(a=some_cuda, b=some_cuda, current=st.integers(0, 2))
@example(a=CUDA, b=torch.device("cuda:0"), current=0)
@example(a=CUDA, b=torch.device("cuda:0"), current=1)
@example(a=torch.device("cuda:1"), b=CUDA, current=1)
@example(a=torch.device("cuda:0"), b=torch.device("cuda:1"), current=1)
@example(a=torch.device("cuda:1"), b=torch.device("cuda:1"), current=0)
@example(a=CUDA, b=CUDA, current=2)
def test_same_device__reads_a_missing_index_as_the_current_one(kata, a, b, current):
    """Two CUDA devices are the same place if their indices agree, where `current` stands for a missing one."""
    indices = {current if device.index is None else device.index for device in (a, b)}
    expect_equal(kata.same_device(a, b, current), len(indices) == 1)


@given(a=some_cuda, b=some_cuda)
@example(a=CUDA, b=torch.device("cuda:0"))
@example(a=CUDA, b=torch.device("cuda:1"))
def test_same_device__takes_device_0_for_the_current_one_by_default(kata, a, b):
    """Without `current` a missing index is 0."""
    expect_equal(kata.same_device(a, b), len({device.index or 0 for device in (a, b)}) == 1)


@given(a=some_device, b=some_device, current=st.integers(0, 2))
@example(a=torch.device("cpu"), b=torch.device("cuda"), current=0)
@example(a=torch.device("mps:0"), b=torch.device("cuda:0"), current=0)
@example(a=torch.device("cpu"), b=torch.device("cpu:0"), current=0)
@example(a=torch.device("mps:0"), b=torch.device("mps"), current=1)
@example(a=torch.device("cpu:1"), b=torch.device("cpu"), current=0)
def test_same_device__looks_at_the_index_of_cuda_only(kata, a, b, current):
    """Two types are two places, and of cpu, mps and meta there is one device, whatever the index."""
    indices = {current if device.index is None else device.index for device in (a, b)}
    expect_equal(kata.same_device(a, b, current), a.type == b.type and (a.type != "cuda" or len(indices) == 1))


# common_device

NAMES = ("inputs", "labels", "weights", "mask")
DEVICES = ("cuda:0", "cpu", "cuda:1", "mps:0")
counts = st.integers(1, len(NAMES))


def on_devices(devices):
    """A dict of tensors, one on each of these devices."""
    return {name: placed([1.0, 2.0], device) for name, device in zip(NAMES, devices, strict=False)}


@given(device=st.sampled_from(DEVICES), count=counts)
@example(device="cpu", count=1)
@example(device="cuda:1", count=3)
def test_common_device__is_where_all_tensors_are(kata, device, count):
    """When all tensors live on one device, the result is that device."""
    expect_equal(kata.common_device(on_devices([device] * count)), torch.device(device))


@given(devices=st.lists(st.sampled_from(DEVICES), min_size=2, max_size=4).filter(lambda found: len(set(found)) > 1))
@example(devices=["cpu", "cuda:0"])
@example(devices=["cuda:0", "cuda:1"])
@example(devices=["cuda:0", "cpu", "cuda:0"])
@example(devices=["cpu", "cpu", "cuda:1", "cuda:0"])
def test_common_device__says_which_tensor_is_elsewhere(kata, devices):
    """Two devices raise ValueError, which names the first tensor elsewhere, its device and that of the first one."""
    answer = kata.common_device.raising(on_devices(devices))
    index = next(i for i, device in enumerate(devices) if device != devices[0])
    for text in (NAMES[index], devices[index], devices[0]):
        expect_raises(answer, ValueError, mentions=f"{text}")


@given(scalar=st.sampled_from(["cpu", "cuda:1"]), first=st.booleans())
@example(scalar="cpu", first=False)
def test_common_device__counts_tensors_without_dimensions(kata, scalar, first):
    """A tensor without dimensions on another device raises ValueError too."""
    pair = [("scale", placed(2.0, scalar)), ("inputs", placed([1.0, 2.0], "cuda:0"))]
    expect_raises(kata.common_device.raising(dict(pair if first else pair[::-1])), ValueError)


# move_all


def tensors_on(devices):
    """Small tensors on these devices."""
    values = st.sampled_from([[1.0, 2.0], [3, 4, 5], 7.0, [[1, 2], [3, 4]]])
    return st.builds(placed, values, st.sampled_from(devices))


class Route:
    """Neither a tensor nor a container, though it has a `to`."""

    source = "Route()"

    def __repr__(self):
        return self.source

    def to(self, place):
        return f"to {place}"


OTHERS = (7, "cuda:1", None, 0.5, {1, 2}, frozenset({3}), range(3), np.ones(2), b"ab", Route())


def trees_on(*devices):
    """Trees of tensors on these devices, with other things among them."""
    others = st.sampled_from(OTHERS)
    return st.recursive(
        st.one_of(tensors_on(devices), tensors_on(devices), others),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.lists(inner, max_size=3).map(tuple),
            st.dictionaries(st.sampled_from(["y", "x", 3]), inner, max_size=3),
            st.builds(Batch, inner, inner),
        ),
        max_leaves=5,
    )


targets = st.sampled_from(["cuda:1", "cpu", torch.device("cuda", 0), "cuda"])
MIXED = {"x": [placed([1.0, 2.0]), placed([3, 4], "cuda:0")], "name": "seven", "pair": (placed(7.0), None)}


def difference(given, got, device, path=""):
    """The first thing that is not as it should be in a tree on `device`, "" if all is well."""
    if isinstance(given, Tensor):
        return tensor_difference(given, got, device, f"at {path}: " if path else "")
    if not isinstance(given, (list, tuple, dict)):
        another = "another " if repr(got) == repr(given) else ""
        return "" if got is given else f"at {path or 'the top'}: {another}{got!r} where {given!r} itself is expected"
    if type(got) is not type(given):
        return f"at {path or 'the top'}: a {type(got).__name__} where a {type(given).__name__} is expected"
    keys, found = (list(each) if isinstance(each, dict) else list(range(len(each))) for each in (given, got))
    if keys != found:
        return f"at {path or 'the top'}: the places {found} where {keys} are expected"
    return next(filter(None, (difference(given[key], got[key], device, f"{path}[{key!r}]") for key in keys)), "")


def tensor_difference(given, got, device, place):
    if not isinstance(got, Tensor):
        return f"{place}a {type(got).__name__} where a tensor is expected"
    facts = [(tensor.dtype, tuple(tensor.shape), tensor.tolist()) for tensor in (given, got)]
    if got.device != exact_device(device):
        return f"{place}a tensor on {got.device}, expected {exact_device(device)}"
    if facts[0] != facts[1]:
        return f"{place}another dtype, shape or values than in the tree"
    if given.device == got.device and got is not given:
        return f"{place}a copy of a tensor that is there already"
    return ""


def expect_moved(kata, tree, device):
    """The result is the tree, moved."""
    with Everywhere():
        answer = kata.move_all.on(tree, device)
    found = difference(answer.args[0], answer.value, device)
    expect_law(answer, not found, f"the same tree on {exact_device(device)}", got=repr(answer.value), difference=found)


@given(tree=trees_on("cpu", "cuda:0", "cuda:1"), device=targets)
@example(tree=placed([1.0, 2.0]), device="cuda:1")
@example(tree=[placed([1.0]), placed([2.0])], device="cuda")
@example(tree={"x": placed([1, 2]), "y": [placed([3.0], "cuda:1"), (placed(4.0),)]}, device="cuda")
@example(tree=MIXED, device=torch.device("cuda", 0))
@example(tree=Batch([placed([1.0])], {"y": (placed([2.0]), 3)}), device="cuda:1")
def test_move_all__moves_every_tensor(kata, tree, device):
    """Every tensor is on the device, at any depth, with its dtype, shape and values."""
    expect_moved(kata, tree, device)


@given(tree=trees_on("cpu"))
@example(tree=[placed([1.0]), (placed([2]), placed([3]))])
@example(tree=Batch(placed([1.0]), [placed([2.0])]))
@example(tree={"y": placed([1.0]), "x": ()})
@example(tree={3: "cpu", "x": None})
@example(tree=(placed([1.0]),))
@example(tree="cuda:1")
@example(tree=[[], {}, 0.5])
@example(tree={"classes": {1, 2}, "others": frozenset({3})})
@example(tree=[np.ones(2), (range(3), b"ab")])
@example(tree=[Route()])
def test_move_all__keeps_all_that_is_there(kata, tree):
    """Tensors that are there already come back themselves, in containers of the same types, with all the rest."""
    expect_moved(kata, tree, "cpu")


def containers(tree):
    """The lists and dicts of a tree, and what each holds."""
    inside = list(tree.values()) if isinstance(tree, dict) else list(tree) if isinstance(tree, (list, tuple)) else []
    own = [(tree, list(map(id, inside)))] if isinstance(tree, (list, dict)) else []
    return own + [each for item in inside for each in containers(item)]


@given(tree=trees_on("cpu", "cuda:1"), device=targets)
@example(tree=[placed([1.0]), [placed([2.0])]], device="cuda:1")
@example(tree={"x": {"y": placed([2.0])}}, device="cuda:1")
@example(tree=[7], device="cpu")
@example(tree=({"x": placed([1.0])}, 3), device="cpu")
def test_move_all__leaves_the_tree_alone(kata, tree, device):
    """The lists and dicts of the result are new, and those of `tree` hold what they held before."""
    before = containers(tree)
    with Everywhere():
        answer = kata.move_all.on(tree, device)
    kept = [ids for _, ids in before] == [ids for _, ids in containers(tree)]
    expect_law(answer, kept, "`tree` as it was before", got="a tree that holds other things now")
    old = {id(each) for each, _ in before}
    new = not any(id(each) in old for each, _ in containers(answer.value))
    expect_law(answer, new, "new lists and dicts", got="a list or dict of `tree` itself")


@pytest.mark.devices("cpu", "cuda", "mps")
@given(values=st.lists(st.integers(-9, 9).map(float), min_size=1, max_size=3))
@example(values=[1.0, 2.0])
def test_move_all__reaches_a_real_device(kata, values, device):
    """Ordinary tensors are moved too."""
    answer = kata.move_all.on({"x": [torch.tensor(values)]}, device)
    got = answer.value["x"][0]
    expect_law(answer, got.device.type == device and got.tolist() == values, f"{values} on {device}")


# moved_copy


def make_model(kind, seed=0):
    """A model of one of five kinds; its weights are small whole numbers."""
    model = {
        "linear": lambda: nn.Linear(2, 3),
        "norm": lambda: nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Dropout()),
        "evaluated": lambda: nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).eval(),
        "frozen": lambda: nn.Sequential(nn.Linear(2, 2).requires_grad_(False), nn.Linear(2, 1).eval()),
        "scaled": lambda: nn.Sequential(nn.Linear(2, 3)),
    }[kind]()
    if kind == "scaled":
        model.register_buffer("scale", torch.empty(3), persistent=False)  # not in the state_dict
    numbers = np.random.default_rng(seed)
    for tensor in tensors_of(model).values():
        tensor.detach().copy_(torch.from_numpy(np.asarray(numbers.integers(1, 9, tuple(tensor.shape)))))
    return model


def tensors_of(model):
    """The parameters and all buffers of a model by name."""
    return dict(model.named_parameters()) | dict(model.named_buffers())


models = st.builds(make_model, st.sampled_from(["linear", "norm", "evaluated", "frozen", "scaled"]), st.integers(0, 9))


@pytest.mark.devices("cpu", "cuda", "mps")
@given(model=models)
@example(model=make_model("linear"))
@example(model=make_model("norm"))
@example(model=make_model("evaluated"))
@example(model=make_model("frozen"))
@example(model=make_model("scaled"))
def test_moved_copy__equals_the_model(kata, model, device):
    """The copy has the class, the values, the modes and the `requires_grad` of the model."""
    answer = kata.moved_copy.on(copy.deepcopy(model), device)
    expect_law(answer, isinstance(answer.value, nn.Module), f"an nn.{type(model).__name__}")
    expect_equal(expect_returned(answer, type(answer.value).__name__, "its class"), type(model).__name__)
    other = trees.changed_leaves(model, answer.value)
    buffers, copies = (dict(each.named_buffers()) for each in (model, answer.value))
    other = other or [
        name for name in buffers if name not in copies or not trees.same(buffers[name], copies[name].cpu())
    ]
    expect_law(answer, not other, "a copy that equals the model", difference=f"`{'` and `'.join(other[:2])}` differ")
    places = {tensor.device.type for tensor in tensors_of(answer.value).values()}
    expect_equal(expect_returned(answer, places, "the devices of its tensors"), {device})
    expect_unchanged(answer)


@given(model=models)
@example(model=make_model("linear"))
@example(model=make_model("norm"))
def test_moved_copy__has_its_own_memory(kata, model):
    """No parameter or buffer of the copy shares memory with the model, even on the device where that is."""
    expect_own_memory(kata.moved_copy(model, "cpu"))


@given(model=models)
@example(model=make_model("linear"))
@example(model=make_model("norm"))
@example(model=make_model("scaled"))
def test_moved_copy__goes_to_the_device_alone(kata, model):
    """All parameters and buffers of the copy are on the device, and those of the model are where they were."""
    model = copy.deepcopy(model)
    answer = kata.moved_copy(model, "cpu")
    try:
        value = kata.moved_copy.function(model, torch.device("meta"))
    except Exception as error:
        value = error
    now = 'the same with the device "meta"'
    expect_law(answer, isinstance(value, nn.Module), f"{now}: a module", got=f"then: {type(value).__name__}: {value}")
    for name, tensor in tensors_of(value).items():
        expect_law(answer, tensor.is_meta, f"{now}: a copy that is there", got=f"then: `{name}` on {tensor.device}")
    moved = [name for name, tensor in tensors_of(model).items() if tensor.is_meta]
    got = f"then: `{', '.join(moved)}` of the model itself on meta"
    expect_law(answer, not moved, f"{now}: the model where it was", got=got)


# list_gpus


@given(gpus=some_gpus)
@example(gpus=[])
@example(gpus=[T4])
@example(gpus=[A100, RTX_3090, A100])
def test_list_gpus__tells_index_name_and_capability(kata, gpus):
    """For each CUDA device, in order, there is its index, its name and its capability, (major, minor)."""
    with machine(gpus):
        expect_equal(kata.list_gpus(), [(index, name, version) for index, (name, version, _) in enumerate(gpus)])


@given(gpus=some_gpus, at_least=st.sampled_from([(8, 0), (8, 6), (9, 0), (12, 0), (7, 5), (8, 1)]))
@example(gpus=[T4, H100, RTX_3090], at_least=(8, 6))
@example(gpus=[A100], at_least=(8, 6))
@example(gpus=[T4, RTX_5090, A100], at_least=(9, 0))
@example(gpus=[RTX_3090], at_least=(12, 0))
@example(gpus=[RTX_3090], at_least=(8, 6))
@example(gpus=[], at_least=(8, 0))
def test_list_gpus__compares_versions(kata, gpus, at_least):
    """Only devices whose capability is `at_least` or a later version are listed, each with its own index."""
    wanted = [
        (i, name, (a, b)) for i, (name, (a, b), _) in enumerate(gpus) if 100 * a + b >= 100 * at_least[0] + at_least[1]
    ]
    with machine(gpus):
        expect_equal(kata.list_gpus(at_least), wanted)


# time_with_clock


@given(launches=launched, host=st.sampled_from([0.0, 0.5, 3.0, 20.0]))
@example(launches=[2.0], host=0.0)
@example(launches=[2.0, 1.0], host=0.5)
@example(launches=[2.0], host=3.0)
@example(launches=[1.2345e-7], host=0.0)
def test_time_with_clock__waits_for_what_was_launched(kata, launches, host):
    """The time goes on until the GPU is done, and `work` is called once."""
    gpu = Gpu()
    work = Work(gpu, launches, host)
    answer = kata.time_with_clock.on(work, gpu.synchronize, gpu.clock)
    expect_number(answer, max(host, sum(launches)))
    expect_calls(answer, work, 1)


@given(launches=launched, busy=quarters)
@example(launches=[2.0], busy=3.0)
@example(launches=[2.0, 1.0], busy=0.5)
def test_time_with_clock__leaves_earlier_work_out(kata, launches, busy):
    """What the GPU was busy with before `work` was called does not count."""
    gpu = Gpu(busy)
    expect_number(kata.time_with_clock.on(Work(gpu, launches), gpu.synchronize, gpu.clock), sum(launches))


@given(host=quarters)
@example(host=1.5)
def test_time_with_clock__needs_a_clock_alone_on_the_cpu(kata, host):
    """Where nothing is launched, it is the time that `work` itself takes, in seconds."""
    gpu = Gpu()
    answer = kata.time_with_clock.on(Work(gpu, [], host), Named(lambda: None, "lambda: None"), gpu.clock)
    expect_number(answer, host)


# time_with_events


@contextlib.contextmanager
def waiting_for(gpu):
    """Inside, `torch.cuda.synchronize` and its like wait for this GPU."""
    stream = SimpleNamespace(synchronize=gpu.wait, record_event=lambda event: event.record())
    with (
        mock.patch.object(torch.cuda, "synchronize", gpu.wait),
        mock.patch.object(torch.accelerator, "synchronize", gpu.wait),
        mock.patch.object(torch.cuda, "current_stream", return_value=stream),
    ):
        yield


@given(launches=launched)
@example(launches=[2.0])
@example(launches=[2.5, 1.0])
@example(launches=[1.2345e-4])
def test_time_with_events__is_the_time_between_two_events(kata, launches):
    """The events stand before and behind all that `work`, called once, launches, and the GPU has passed both."""
    gpu = Gpu()
    work = Work(gpu, launches)
    with waiting_for(gpu):
        answer = kata.time_with_events.on(work, gpu.new_event)
    expect_number(answer, sum(launches))
    expect_calls(answer, work, 1)


@given(launches=launched, busy=quarters)
@example(launches=[2.0], busy=3.0)
@example(launches=[1.5], busy=0.25)
def test_time_with_events__leaves_earlier_work_out(kata, launches, busy):
    """What the GPU was busy with before `work` was called does not count."""
    gpu = Gpu(busy)
    with waiting_for(gpu):
        expect_number(kata.time_with_events.on(Work(gpu, launches), gpu.new_event), sum(launches))


# median_time


@given(readings=st.lists(quarters, min_size=1, max_size=6), warmup=st.integers(0, 3))
@example(readings=[3.0, 1.0, 2.0, 40.0], warmup=1)
@example(readings=[1.0, 2.0, 6.0], warmup=0)
@example(readings=[5.0], warmup=2)
@example(readings=[9.0, 1.0, 4.0], warmup=3)
@example(readings=[2.3456e-6, 1.2345e-7, 3.4567e-7], warmup=1)
def test_median_time__is_the_median_of_what_counts(kata, readings, warmup):
    """It is the median of the last `repeats` measurements, of which there are `warmup` more."""
    measure = Readings([90.0 + index for index in range(warmup)] + readings)
    answer = kata.median_time(measure, len(readings), warmup)
    expect_number(answer, float(np.median(readings)))
    expect_calls(answer, measure, len(readings) + warmup)


@given(readings=st.lists(quarters, min_size=6, max_size=6))
@example(readings=[90.0, 3.0, 1.0, 2.0, 5.0, 4.0])
def test_median_time__warms_up_once_and_measures_five_times(kata, readings):
    """By default one measurement does not count, and five do."""
    measure = Readings(readings)
    answer = kata.median_time(measure)
    expect_number(answer, float(np.median(readings[1:])))
    expect_calls(answer, measure, 6)
