"""The properties of saving and loading. `kata.name(...)` calls your function and keeps what a message needs."""

import argparse
import contextlib
import copy
import functools
import hashlib
import io
import itertools
import os
import pickle
import shutil
import signal
import sys
import tempfile
import time
import zipfile
from collections import OrderedDict, deque
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset

from torchkata import trees
from torchkata.checks import expect_equal, expect_law, expect_returned, expect_unchanged
from torchkata.kata import Answer
from torchkata.strategies import linear, seeds

try:
    import resource
except ImportError:  # not on Windows
    resource = None

REHEARSED = False  # a file has no pretend GPU
on_the_cpu = pytest.mark.devices("cpu")

# Files. The diagnosis repeats calls with copies of the arguments, so a copy of a `File` is a file of its own. It
# compares arguments by the names of their types, so that name tells what is in the folder of the file.

NEIGHBOUR, OTHERS = "notes.txt", b"by somebody else"  # in each folder there is another file, in some there are more
MOST_FOLDERS = 30  # on the disk at one time
count, alive = itertools.count(), deque()


@functools.lru_cache
def home():
    """The folder of all folders; one that a process left behind when it was killed goes away an hour later."""
    prefix, now = "torchkata-save-load-", time.time()
    for old in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if now - old.stat().st_mtime > 3600:
                shutil.rmtree(old)
    return tempfile.TemporaryDirectory(prefix=prefix)


@pytest.fixture(scope="module", autouse=True)
def _clean():
    yield
    home().cleanup()
    home.cache_clear()


def text(leaf):
    """A leaf as text; of a tensor all its bytes."""
    if not isinstance(leaf, torch.Tensor):
        return repr(leaf)
    return f"{leaf.dtype} {tuple(leaf.shape)} {leaf.contiguous().view(-1).view(torch.uint8).numpy().tobytes()!r}"


@functools.lru_cache(maxsize=256)
def digest(content):
    """What a file holds, as text that is the same for equal contents."""
    try:
        held = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        facts = [f"{path} {text(leaf)}" for path, leaf in leaves(held)]
    except Exception:
        try:
            archive = zipfile.ZipFile(io.BytesIO(content))
            names = [name for name in archive.namelist() if "serialization_id" not in name]
            facts = [f"{name.partition('/')[2]} {archive.read(name)}" for name in names]
        except zipfile.BadZipFile:
            facts = [str(content)]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


class Telling(type):
    """The class of a class whose name tells what is in a folder."""

    folder = None

    @property
    def __name__(cls):
        if cls.folder is None:
            return "Path"
        there = {NEIGHBOUR: OTHERS, cls.usual: cls.content, **dict.fromkeys(cls.more, OTHERS)}
        found = listing(cls.folder) if cls.folder.exists() else there
        held = {name: digest(content) for name, content in found.items() if content is not None}
        strays = sorted(held[name] for name in held if name not in (cls.usual, NEIGHBOUR))
        return f"Path ({held.get(cls.usual)}, {held.get(NEIGHBOUR)}, {strays})"


class File(type(Path()), metaclass=Telling):
    """A path in a folder of its own, with `content` in the file; None: there is no file yet.

    In the folder there is a neighbour, and one of each name in `more`.
    It is on the disk only once it is copied, as arguments are at each call.
    """

    def __deepcopy__(self, memo):
        twin = file(self.content, self.usual, self.more)
        alive.append(twin.folder)
        if len(alive) > MOST_FOLDERS:
            shutil.rmtree(alive.popleft(), ignore_errors=True)
        twin.folder.mkdir()
        for name in (NEIGHBOUR, *self.more):
            (twin.folder / name).write_bytes(OTHERS)
        if self.content is not None:
            twin.write_bytes(self.content)
        return twin

    def __repr__(self):
        return f"Path({str(self)!r})"


def file(content=None, name="weights.pt", more=()):
    folder = Path(home().name, str(next(count)))
    return Telling("File", (File,), {"folder": folder, "content": content, "usual": name, "more": more})(folder / name)


def on_disk(content=None, name="weights.pt"):
    """A file for a call that does not copy its arguments."""
    return copy.deepcopy(file(content, name))


def listing(folder):
    """The files in a folder and below, with their contents."""
    found = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def saved(data, location=None):
    """What `torch.save` writes; `location` is the device that the tensors are said to be on."""
    buffer = io.BytesIO()
    with patch("torch.serialization.location_tag", lambda storage: location or "cpu"):
        torch.save(data, buffer)
    return buffer.getvalue()


ELSEWHERE = "cuda:99"  # a GPU that no machine has


def expect_folder(answer, path, content, *, when=""):
    """The file holds these bytes (None: there is none), and the folder nothing new."""
    found = listing(path.parent)
    mine = found.pop(path.name, None)
    for name in (NEIGHBOUR, *path.more):
        kept = found.pop(name, None) == OTHERS
        expect_law(answer, kept, f"{name}, another file in the folder, as it was", got="it was changed or deleted")
    is_old = "no file" if content is None else f"the old file, with its {len(content)} bytes unchanged"
    got = "no file" if mine is None else f"another file, of {len(mine)} bytes"
    expect_law(answer, mine == content, f"{when}{is_old}", got=got)
    expect_law(answer, not found, f"{when}nothing new in the folder", got=f"also there: {', '.join(found)}")
    empty = [each.name for each in path.parent.iterdir() if each.is_dir()]
    expect_law(answer, not empty, f"{when}nothing new in the folder", got=f"an empty folder: {', '.join(empty)}")


def expect_readable(answer, path, *, weights_only=True):
    """What `torch.load` gives for the file that was written."""
    told = f"a file that torch.load(path, weights_only={weights_only}) reads"
    expect_law(answer, path.is_file(), f"a file {path.name}", got="no such file")
    try:
        return torch.load(path, map_location="cpu", weights_only=weights_only)
    except Exception as error:
        first = str(error).strip().split("\n")[0]
        got = "a file that holds more than tensors and plain values" if weights_only else ""
        refused = isinstance(error, pickle.UnpicklingError) and zipfile.is_zipfile(path)
        expect_law(answer, False, told, got=got if got and refused else f"{type(error).__name__}: {first[:80]}")


def leaves(tree):
    """All that can be compared, except what autograd knows of it."""
    return [(path, leaf) for path, leaf in trees.leaves(tree) if not path.endswith("requires_grad")]


def expect_same(answer, mine, want, name):
    """Two trees hold the same leaves bit for bit."""
    old, new = dict(leaves(want)), dict(leaves(mine))
    for path in [*old, *new]:
        if not (path in old and path in new and trees.same(old[path], new[path])):
            expected, got = (f"{name}{path} = {tree[path]}" if path in tree else "nothing" for tree in (old, new))
            expect_law(answer, False, expected, got=got)


# Models: each takes inputs of shape (n, 2)


def numbers(random, *shape):
    return random.integers(-30, 31, shape) / 10  # a tenth is exact in no dtype, so that rounding shows


def layer(random, inputs, outputs, dtype=torch.float32, bias=True):
    both = numbers(random, outputs, inputs + 1)
    return linear(both[:, 1:].tolist(), both[:, 0].tolist() if bias else None, dtype)


def normed(random, features, dtype=torch.float32):
    """A BatchNorm layer that has seen something."""
    made = nn.BatchNorm1d(features, dtype=dtype)
    with torch.no_grad():
        for tensor in (made.weight, made.bias, made.running_mean, made.running_var):
            tensor.copy_(torch.from_numpy(abs(numbers(random, features)) + 0.1))
    made.num_batches_tracked.fill_(int(random.integers(1, 99)))
    return made


def frozen(module):
    return module.requires_grad_(False)


def tied(first, second):
    """Two layers in a row that share one weight, which has two names."""
    second.weight = first.weight
    return nn.Sequential(first, second)


def cached(module):
    """With a buffer that is no part of the `state_dict`."""
    module.register_buffer("cache", torch.arange(3.0), persistent=False)
    return module


MODELS = {
    "linear": lambda r: layer(r, 2, 1),
    "norm": lambda r: nn.Sequential(layer(r, 2, 3), normed(r, 3), nn.Dropout(0.5), layer(r, 3, 1)),
    "frozen": lambda r: nn.Sequential(frozen(layer(r, 2, 2)), nn.ReLU(), layer(r, 2, 3)),
    "float64": lambda r: nn.Sequential(layer(r, 2, 2, torch.float64, bias=False), nn.Dropout(0.5)),
    "nested": lambda r: nn.Sequential(nn.Sequential(layer(r, 2, 1), normed(r, 1)), nn.Sequential(nn.Dropout(0.5))),
    "relu": lambda r: nn.Sequential(nn.ReLU()),
    "wide": lambda r: layer(r, 2, 3),
    "tied": lambda r: tied(layer(r, 2, 2), layer(r, 2, 2)),
    "cached": lambda r: nn.Sequential(cached(layer(r, 2, 2)), nn.Dropout(0.5)),
}


def make_model(kind, seed, training=True):
    return MODELS[kind](np.random.default_rng(seed)).train(training)


kinds = st.sampled_from(tuple(MODELS))
modes = st.booleans()
dtypes = st.sampled_from((torch.float64, torch.float16, torch.float32))


def outputs(model, kind):
    """What the model predicts for a few inputs, on the CPU and in eval mode."""
    dtype = torch.float64 if kind == "float64" else torch.float32
    return copy.deepcopy(model).cpu().eval()(torch.tensor([[0.1, -0.7], [2.3, 1.1], [0.0, 5.9]], dtype=dtype)).detach()


def modes_of(model):
    return [module.training for module in model.modules()]


def expect_modes(answer, model, want):
    names = {True: "train", False: "eval"}
    for (name, module), mode in zip(model.named_modules(), want, strict=True):
        what = f"module {name!r}" if name else "the model"
        expect_law(answer, module.training == mode, f"{what} in {names[mode]} mode", got=f"{names[not mode]} mode")


def expect_on_device(answer, model, device):
    places = {tensor.device.type for tensor in model.state_dict().values()} or {device}
    expect_law(answer, places == {device}, f"parameters and buffers on {device}", got=f"on {', '.join(sorted(places))}")


# Files that run code: each would make the folder `marker`


class Call:
    """Pickled, it is a call: who loads it, makes it."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


CALLS = {
    "os.makedirs": lambda marker: Call(os.makedirs, marker, 0o777, True),
    "os.system": lambda marker: Call(os.system, f'cd "{marker}" 2>{os.devnull} || mkdir "{marker}"'),
    "eval": lambda marker: Call(eval, f"__import__('os').makedirs({marker!r}, exist_ok=True)"),
    "exec": lambda marker: Call(exec, f"import os; os.makedirs({marker!r}, exist_ok=True)"),
    "Path.mkdir": lambda marker: Call(Path.mkdir, Path(marker), 0o777, True, True),
}
CLASSES = {
    "a whole model": nn.Linear(1, 1),
    "a class": nn.ReLU,
    "a function": nn.functional.relu,
    "a path": Path("data"),
    "a namespace": argparse.Namespace(lr=0.1),
}
PLACES = {
    "alone": lambda evil: evil,
    "after weights": lambda evil: {"weight": torch.ones(2, 1), "bias": evil},
    "before weights": lambda evil: OrderedDict([("extra", evil), ("weight", torch.ones(2, 1))]),
    "deep inside": lambda evil: {"weight": torch.ones(2, 1), "log": [1, ("a", {"b": evil})]},
}
FORMATS = {
    "torch.save": saved,
    "torch.save before 1.6": lambda data: old_format(data),
    "pickle": lambda data: pickle.dumps(data, protocol=2),
}


def old_format(data):
    buffer = io.BytesIO()
    torch.save(data, buffer, _use_new_zipfile_serialization=False)
    return buffer.getvalue()


def evil(call, place="after weights", form="torch.save"):
    """The bytes of a file that runs code, and the folder that this code makes."""
    marker = Path(home().name, "code-was-run")
    if marker.exists():
        marker.rmdir()
    return FORMATS[form](PLACES[place](CALLS[call](str(marker)))), marker


FORCED = {"TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"}  # turns the default of `weights_only` off, not what you write


def expect_nothing_run(stub, content, marker, *before, name="weights.pt"):
    """The file is refused and its code is not run, whatever the default of `weights_only` is."""
    path = file(content, name)
    order = (path, *before[1:]) if before and before[0] is None else (*before, path)
    for environment in ({}, FORCED):
        with patch.dict(os.environ, environment):
            answer = stub.raising(*order)
        when = f", also with {next(iter(environment))}=1" if environment else ""
        run = "the code was run: write weights_only=True yourself"
        expect_law(answer, not marker.exists(), f"no code of the file is run{when}", got=run)
        expect_law(answer, answer.value is not None, "an exception: the file holds code", got="no exception")
    return answer


def expect_refused(answer):
    """ValueError, with the name of the file in its message."""
    got = f"{type(answer.value).__name__}: {str(answer.value).strip().split(chr(10))[0][:80]}"
    expect_law(answer, answer.value is not None, "ValueError", got=f"no error; it returned {answer.returned:.80}")
    expect_law(answer, isinstance(answer.value, ValueError), "ValueError", got=got)
    expect_law(answer, "received.pt" in str(answer.value), "a message that names the file, received.pt", got=got)
    expect_unchanged(answer)


calls = st.sampled_from(tuple(CALLS))
places, forms = st.sampled_from(tuple(PLACES)), st.sampled_from(tuple(FORMATS))


# save_weights


@given(kind=kinds, seed=seeds(), training=modes, old=st.sampled_from((None, b"old", saved({"old": torch.ones(99)}))))
@example(kind="linear", seed=0, training=True, old=None)
@example(kind="norm", seed=1, training=True, old=saved({"old": torch.ones(99)}))
@example(kind="frozen", seed=1, training=False, old=None)
@example(kind="relu", seed=0, training=False, old=None)
@example(kind="tied", seed=0, training=True, old=None)
@example(kind="cached", seed=0, training=True, old=None)
def test_save_weights__writes_the_state_dict(kata, kind, seed, training, old):
    """`torch.load` with `weights_only=True` gives the state dict back, every parameter and buffer bit for bit."""
    model, path = make_model(kind, seed, training), file(old)
    answer = kata.save_weights(model, path)
    written = answer.given(path)
    state = expect_readable(answer, written)
    is_state = isinstance(state, dict) and all(isinstance(value, torch.Tensor) for value in state.values())
    expect_law(answer, is_state, "a dict of tensors, the state dict", got=f"a file that holds a {type(state).__name__}")
    want = list(model.state_dict())
    expect_law(answer, list(state) == want, f"a file with the names {want}", got=f"{list(state)}")
    expect_same(answer, dict(state), dict(model.state_dict()), "state")
    expect_law(answer, answer.value is None, "None: the result is the file")
    expect_unchanged(answer, changes=[path])
    expect_folder(answer, written, written.read_bytes())


@given(kind=kinds, seed=seeds())
@example(kind="norm", seed=0)
def test_save_weights__lets_a_new_model_compute_the_same(kata, kind, seed):
    """A new model of the same class that loads the file gives equal outputs, bit for bit."""
    model, path = make_model(kind, seed), file()
    answer = kata.save_weights(model, path)
    twin = make_model(kind, seed + 1)
    try:
        twin.load_state_dict(expect_readable(answer, answer.given(path)))
    except (RuntimeError, TypeError) as error:
        expect_law(answer, False, "a state dict that a new model can load", got=str(error).split("\n")[-1].strip())
    expect_same(answer, outputs(twin, kind), outputs(model, kind), "output")


# load_weights


def expect_loaded(answer, target, state, device):
    """The model that was given holds this state and is in eval mode, and it is the result."""
    model, got = answer.given(target), answer.value
    expect_law(answer, got is model, "the model that was given", got=f"another object, a {type(got).__name__}")
    expect_on_device(answer, model, device)
    expect_same(answer, dict(model.cpu().state_dict()), dict(state), "state")
    expect_modes(answer, model, [False] * len(modes_of(model)))
    wants = [p.requires_grad for p in target.parameters()]
    same = [p.requires_grad for p in model.parameters()] == wants
    expect_law(answer, same, f"parameters with requires_grad {wants}, as before", got="other flags")


@given(kind=kinds, seed=seeds(), training=modes)
@example(kind="linear", seed=0, training=True)
@example(kind="norm", seed=0, training=True)
@example(kind="nested", seed=1, training=True)
@example(kind="frozen", seed=1, training=False)
@example(kind="tied", seed=0, training=True)
def test_load_weights__fills_the_model(kata, device, kind, seed, training):
    """The given model holds every parameter and buffer of the file afterwards, and all its modules are in eval mode."""
    state = make_model(kind, seed).state_dict()
    target, path = make_model(kind, seed + 1, training), file(saved(state))
    answer = kata.load_weights(target, path)
    expect_loaded(answer, target, state, device)
    expect_folder(answer, answer.given(path), path.content)


@given(kind=kinds, seed=seeds())
@example(kind="norm", seed=0)
def test_load_weights__computes_the_same(kata, kind, seed):
    """The outputs are those of the model that was saved, bit for bit and at every call."""
    model = make_model(kind, seed)
    target, path = make_model(kind, seed + 1), file(saved(model.state_dict()))
    answer = kata.load_weights(target, path)
    expect_law(answer, isinstance(answer.value, nn.Module), "the model")
    twin = copy.deepcopy(answer.value).cpu()
    dtype = torch.float64 if kind == "float64" else torch.float32
    X = torch.tensor([[0.1, -0.7], [2.3, 1.1], [0.0, 5.9]], dtype=dtype)
    for _ in range(2):
        expect_same(answer, twin(X).detach(), outputs(model, kind), "output")


@given(kind=kinds, seed=seeds())
@example(kind="linear", seed=0)
def test_load_weights__needs_no_gpu(kata, device, kind, seed):
    """Weights that were saved on a GPU which this machine lacks are loaded all the same."""
    state = make_model(kind, seed).state_dict()
    target, path = make_model(kind, seed + 1), file(saved(state, ELSEWHERE))
    answer = kata.load_weights(target, path)
    expect_loaded(answer, target, state, device)


@given(kind=kinds, seed=seeds())
@example(kind="linear", seed=0)
@example(kind="norm", seed=0)
def test_load_weights__keeps_the_parameters(kata, device, kind, seed):
    """The parameters and buffers stay the objects that an optimizer may hold."""
    model = make_model(kind, seed + 1).to(device)
    before = dict(model.state_dict(keep_vars=True))
    answer = kata.load_weights.on(model, on_disk(saved(make_model(kind, seed).state_dict())))
    for name, tensor in model.state_dict(keep_vars=True).items():
        expect_law(answer, tensor is before[name], f"{name}: the same object as before", got="a new object")


@given(kind=kinds, seed=seeds(), dtype=dtypes)
@example(kind="linear", seed=0, dtype=torch.float64)
@example(kind="norm", seed=0, dtype=torch.float16)
@example(kind="float64", seed=1, dtype=torch.float32)
def test_load_weights__keeps_the_dtypes(kata, device, kind, seed, dtype):
    """Numbers that were saved in another dtype are converted, and the model keeps its dtypes."""
    state = make_model(kind, seed).to(dtype).state_dict()
    target = make_model(kind, seed + 1)
    answer = kata.load_weights(target, file(saved(state)))
    wants = {name: state[name].to(tensor.dtype) for name, tensor in target.state_dict().items()}
    expect_loaded(answer, target, wants, device)


@given(call=calls)
@example(call="os.makedirs")
@example(call="eval")
def test_load_weights__runs_no_code(kata, call):
    """A file with code in it is refused, and the code is not run."""
    expect_nothing_run(kata.load_weights, *evil(call), make_model("linear", 0))


@given(seed=seeds(), pair=st.sampled_from([("linear", "nested"), ("norm", "linear"), ("wide", "linear")]))
@example(seed=0, pair=("linear", "frozen"))
@example(seed=0, pair=("linear", "wide"))
@example(seed=0, pair=("linear", "relu"))
@example(seed=0, pair=("relu", "linear"))
def test_load_weights__refuses_what_does_not_fit(kata, seed, pair):
    """The weights of another class, or of other shapes, raise RuntimeError."""
    saved_kind, kind = pair
    path = file(saved(make_model(saved_kind, seed).state_dict()))
    answer = kata.load_weights.raising(make_model(kind, seed), path)
    expect_law(answer, answer.value is not None, "RuntimeError: names or shapes do not fit", got="no error")
    expect_law(answer, isinstance(answer.value, RuntimeError), "RuntimeError", got=f"{type(answer.value).__name__}")


# load_onto


def some_state(kind, seed):
    """The state dict of a model, and a few more dtypes and layouts."""
    state = dict(make_model(kind, seed).state_dict())
    if seed % 2:
        grid = torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
        state |= {"half": grid.half(), "seen": torch.tensor(7), "mask": grid > 0.2, "turned": grid.T, "none": grid[:0]}
    return state


def expect_state(answer, state, device):
    got = answer.value
    expect_law(answer, isinstance(got, dict), "a dict of tensors", got=f"{got!r:.80}")
    expect_law(answer, list(got) == list(state), f"a dict with the keys {list(state)}", got=f"the keys {list(got)}")
    for name, tensor in state.items():
        mine = got[name]
        expect_law(answer, isinstance(mine, torch.Tensor), f"{name}: a tensor", got=f"{mine!r:.80}")
        on, tracked = mine.device.type, mine.requires_grad
        expect_law(answer, on == device, f"{name} on {device}", got=f"{name} on {on}")
        expect_same(answer, mine.cpu(), tensor, name)
        expect_law(answer, not tracked, f"{name}: a tensor that does not require grad", got="it requires grad")


@given(kind=kinds, seed=seeds())
@example(kind="linear", seed=0)
@example(kind="norm", seed=1)
@example(kind="relu", seed=0)
def test_load_onto__gives_the_tensors_of_the_file(kata, device, kind, seed):
    """On the device come the tensors of the file, with the same names, order, dtypes and numbers."""
    state = some_state(kind, seed)
    path = file(saved(state))
    answer = kata.load_onto(path, device)
    expect_state(answer, state, device)
    expect_folder(answer, answer.given(path), path.content)


@given(kind=kinds, seed=seeds())
@example(kind="linear", seed=0)
def test_load_onto__needs_no_gpu(kata, device, kind, seed):
    """Tensors that were saved on a GPU which this machine lacks come to the device all the same."""
    state = some_state(kind, seed)
    answer = kata.load_onto(file(saved(state, ELSEWHERE)), device)
    expect_state(answer, state, device)


@given(kind=kinds, seed=seeds(), location=st.sampled_from(("cpu", ELSEWHERE)))
@example(kind="norm", seed=1, location="cpu")
@example(kind="linear", seed=0, location=ELSEWHERE)
def test_load_onto__moves_to_any_device(kata, kind, seed, location):
    """With the device "meta" all tensors are there, whatever their dtype and wherever they were saved."""
    state = some_state(kind, seed)
    path = on_disk(saved(state, location))
    answer = Answer(kata.load_onto, ((path, "meta"), {}), ((path, "meta"), {}), None)
    try:
        got = kata.load_onto.function(path, "meta")
    except Exception as error:
        got = {}
        expect_law(answer, False, "tensors on meta", got=f"{type(error).__name__}: {str(error)[:80]}")
    expect_law(answer, isinstance(got, dict) and set(got) == set(state), f"the names {list(state)}", got=f"{got!r:.80}")
    for name, tensor in state.items():
        facts, wants = (got[name].device.type, got[name].shape, got[name].dtype), ("meta", tensor.shape, tensor.dtype)
        expect_law(answer, facts == wants, f"{name}: {wants}", got=f"{name}: {facts}")


@given(call=calls)
@example(call="os.makedirs")
def test_load_onto__runs_no_code(kata, call):
    """A file with code in it is refused, and the code is not run."""
    expect_nothing_run(kata.load_onto, *evil(call), None, "cpu")


# save_model


@given(kind=kinds, seed=seeds(), training=modes, old=st.sampled_from((None, b"old")))
@example(kind="linear", seed=0, training=True, old=None)
@example(kind="norm", seed=1, training=True, old=b"old")
@example(kind="frozen", seed=1, training=False, old=None)
@example(kind="relu", seed=0, training=True, old=None)
def test_save_model__writes_class_and_weights(kata, kind, seed, training, old):
    """`torch.load` with `weights_only=False` gives back a model of the same build, with the same numbers and modes."""
    model, path = make_model(kind, seed, training), file(old, "model.pt")
    answer = kata.save_model(model, path)
    written = answer.given(path)
    twin = expect_readable(answer, written, weights_only=False)
    same = type(twin) is type(model)
    expect_law(answer, same, f"a file that holds a {type(model).__name__}", got=f"it holds a {type(twin).__name__}")
    expect_law(answer, repr(twin) == repr(model), f"a model of this build: {model}", got=f"{twin}")
    expect_same(answer, dict(twin.cpu().state_dict()), dict(model.state_dict()), "state")
    expect_modes(answer, twin, modes_of(model))
    flags = [[p.requires_grad for p in each.parameters()] for each in (model, twin)]
    expect_law(answer, flags[0] == flags[1], f"parameters with requires_grad {flags[0]}", got=f"{flags[1]}")
    expect_law(answer, answer.value is None, "None: the result is the file")
    expect_unchanged(answer, changes=[path])
    expect_folder(answer, written, written.read_bytes())


@given(kind=kinds, seed=seeds())
@example(kind="norm", seed=0)
def test_save_model__computes_the_same(kata, kind, seed):
    """The model in the file gives equal outputs, bit for bit."""
    model, path = make_model(kind, seed), file(None, "model.pt")
    answer = kata.save_model(model, path)
    twin = expect_readable(answer, answer.given(path), weights_only=False)
    expect_law(answer, isinstance(twin, nn.Module), "a file that holds a model", got=f"a {type(twin).__name__}")
    expect_same(answer, outputs(twin, kind), outputs(model, kind), "output")


# load_model


def expect_model(answer, model, kind):
    got = answer.value
    same = type(got) is type(model) and repr(got) == repr(model)
    expect_law(answer, same, f"the model: {model}", got=f"{got!r:.200}")
    expect_on_device(answer, got, "cpu")
    expect_same(answer, dict(got.state_dict()), dict(model.state_dict()), "state")
    expect_modes(answer, got, [False] * len(modes_of(got)))
    flags = [[p.requires_grad for p in each.parameters()] for each in (model, got)]
    expect_law(answer, flags[0] == flags[1], f"parameters with requires_grad {flags[0]}", got=f"{flags[1]}")
    expect_same(answer, outputs(got, kind), outputs(model, kind), "output")


@given(kind=kinds, seed=seeds(), training=modes)
@example(kind="linear", seed=0, training=True)
@example(kind="norm", seed=1, training=True)
@example(kind="frozen", seed=0, training=False)
def test_load_model__gives_the_model_in_eval_mode(kata, kind, seed, training):
    """The model has the class, build and numbers of the one that was saved, and all its modules are in eval mode."""
    model = make_model(kind, seed, training)
    path = file(saved(model), "model.pt")
    answer = kata.load_model(path)
    expect_model(answer, model, kind)
    expect_folder(answer, answer.given(path), path.content)


@given(kind=kinds, seed=seeds())
@example(kind="linear", seed=0)
def test_load_model__needs_no_gpu(kata, kind, seed):
    """A model that was saved on a GPU which this machine lacks is loaded onto the CPU."""
    model = make_model(kind, seed)
    answer = kata.load_model(file(saved(model, ELSEWHERE), "model.pt"))
    expect_model(answer, model, kind)


# load_safely

TENSORS = (
    torch.tensor([[0.1, -0.7, 3.0], [1.0, 2.0, float("nan")]]),
    torch.tensor([1, 2, 3]),
    torch.tensor(0.3, dtype=torch.float64),
    torch.tensor([True, False]),
    torch.tensor([0.1]).bfloat16(),
    torch.zeros(0, 2),
    torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).T,
)
plain = st.sampled_from((0, -3, 2**40, 0.1, float("inf"), True, None, "", "weights", *TENSORS))
names = st.sampled_from(("lr", "epoch", "weight", "history", 0, 7))


def nests(inner):
    lists = st.lists(inner, max_size=3)
    return lists | lists.map(tuple) | st.dictionaries(names, inner, max_size=3)


values = st.recursive(plain, nests, max_leaves=5)
contents = st.dictionaries(names, values, min_size=1, max_size=3) | values
PLAIN = {"epoch": 3, "lr": 0.1, "done": False, "history": [0.5, 0.25], "shape": (2, 3), "weight": TENSORS[0]}
NUMBERED = {0: TENSORS[0], 1: {7: "weights"}}


def expect_equal_types(answer, mine, want, name):
    """The same, with lists, tuples and dicts told apart."""
    kind = type(want).__name__
    expect_law(answer, type(mine) is type(want), f"{name} is a {kind}", got=f"a {type(mine).__name__}")
    if isinstance(want, dict):
        expect_law(answer, list(mine) == list(want), f"{name} has the keys {list(want)}", got=f"{list(mine)}")
    elif isinstance(want, (list, tuple)):
        expect_law(answer, len(mine) == len(want), f"{name} has {len(want)} elements", got=f"{len(mine)}")
    else:
        expect_same(answer, mine, want, name)
        tracked = isinstance(mine, torch.Tensor) and mine.requires_grad
        expect_law(answer, not tracked, f"{name} does not require grad", got="it does")
        return
    for key in want if isinstance(want, dict) else range(len(want)):
        expect_equal_types(answer, mine[key], want[key], f"{name}[{key!r}]")


@given(data=contents, location=st.sampled_from(("cpu", ELSEWHERE)))
@example(data=PLAIN, location="cpu")
@example(data=PLAIN, location=ELSEWHERE)
@example(data=[1, TENSORS[0]], location="cpu")
@example(data=TENSORS[2], location="cpu")
@example(data=NUMBERED, location="cpu")
def test_load_safely__reads_plain_values(kata, data, location):
    """Tensors, numbers, strings, and lists, tuples and dicts of these come back as they were saved, on the CPU."""
    path = file(saved(data, location), "settings.pt")
    answer = kata.load_safely(path)
    expect_equal_types(answer, answer.value, data, "result")
    expect_folder(answer, answer.given(path), path.content)


@given(call=calls, place=places, form=forms)
@example(call="os.makedirs", place="alone", form="torch.save")
@example(call="os.system", place="after weights", form="torch.save")
@example(call="eval", place="deep inside", form="torch.save")
@example(call="exec", place="before weights", form="torch.save")
@example(call="os.makedirs", place="alone", form="pickle")
@example(call="eval", place="alone", form="torch.save before 1.6")
def test_load_safely__runs_no_code(kata, call, place, form):
    """A file that calls a function when it is read is refused with ValueError, and the function is not called."""
    content, marker = evil(call, place, form)
    answer = expect_nothing_run(kata.load_safely, content, marker, name="received.pt")
    expect_refused(answer)


@given(kind=st.sampled_from(tuple(CLASSES)), place=places, form=st.sampled_from(("torch.save", "pickle")))
@example(kind="a whole model", place="alone", form="torch.save")
@example(kind="a function", place="deep inside", form="torch.save")
@example(kind="a class", place="alone", form="pickle")
@example(kind="a namespace", place="after weights", form="torch.save")
def test_load_safely__refuses_classes_and_functions(kata, kind, place, form):
    """Whole models, classes and functions are refused with ValueError, whose message names the file."""
    content = FORMATS[form](PLACES[place](CLASSES[kind]))
    answer = kata.load_safely.raising(file(content, "received.pt"))
    expect_refused(answer)


# find_mismatches and load_strictly


def change_shape(tensor, way):
    """The same numbers, or some of them, in another shape."""
    if way == 1 and tensor.ndim == 2 and tensor.shape[0] != tensor.shape[1]:
        return tensor.T
    return tensor[:-1] if way == 2 and tensor.ndim else tensor[None]


def make_misfit(kind, seed, changes):
    """A state dict that differs in some names, and what is wrong with it; `changes` has a letter for each name."""
    state, wrong = {}, ([], [], [])
    for i, (name, tensor) in enumerate(make_model(kind, seed).state_dict().items()):
        change = changes[i % len(changes)] if changes else "="
        if change == "+":
            state[f"old.{name}"] = tensor.clone()
            wrong[1].append(f"old.{name}")
        if change == "s":
            wrong[2].append(name)
        if change == "-":
            wrong[0].append(name)
        elif change == "s":
            state[name] = change_shape(tensor, seed % 3)
        else:
            state[name] = tensor.double() if change == "d" else tensor
    return state, wrong


ALPHABET = "==-+sd"  # as it is (twice), missing, one more before it, another shape, another dtype
edits = st.text(ALPHABET, min_size=1, max_size=7)
UNFIT = (
    {"kind": "linear", "seed": 0, "changes": "=-"},
    {"kind": "linear", "seed": 0, "changes": "=s"},
    {"kind": "linear", "seed": 1, "changes": "s="},
    {"kind": "linear", "seed": 0, "changes": "=+"},
    {"kind": "linear", "seed": 0, "changes": "--"},
    {"kind": "norm", "seed": 0, "changes": "=====-="},
    {"kind": "norm", "seed": 1, "changes": "======s"},
    {"kind": "norm", "seed": 1, "changes": "-+s"},
    {"kind": "norm", "seed": 2, "changes": "s-ss++-"},
)


def pinned(examples):
    """All these examples at once."""
    return lambda test: functools.reduce(lambda made, each: example(**each)(made), reversed(examples), test)


@given(kind=kinds, seed=seeds(), changes=edits)
@pinned(UNFIT)
@example(kind="linear", seed=0, changes="")
@example(kind="norm", seed=0, changes="")
@example(kind="linear", seed=0, changes="d")
def test_find_mismatches__lists_what_does_not_fit(kata, kind, seed, changes):
    """The three lists hold the names that are missing, the names that are unexpected, and the names of wrong shapes."""
    state, wrong = make_misfit(kind, seed, changes)
    expect_equal(kata.find_mismatches(make_model(kind, seed + 1), state), wrong)


@given(kind=kinds, seed=seeds())
@example(kind="norm", seed=0)
@example(kind="relu", seed=0)
@example(kind="tied", seed=0)
@example(kind="cached", seed=0)
def test_find_mismatches__is_empty_for_what_fits(kata, kind, seed):
    """The state dict of a model of the same class gives three empty lists, in whatever order its names come."""
    state = make_model(kind, seed).state_dict()
    turned = dict(reversed(state.items()))
    expect_equal(kata.find_mismatches(make_model(kind, seed + 1), turned), ([], [], []))


@given(kind=kinds, seed=seeds())
@example(kind="norm", seed=1)
@example(kind="linear", seed=1)
def test_find_mismatches__keeps_the_order(kata, kind, seed):
    """Missing names and wrong shapes come in the order of the model, unexpected names in the order of the state."""
    target = make_model(kind, seed)
    state = {name: tensor[None] for name, tensor in reversed(target.state_dict().items())}
    extra = {"z": torch.ones(1), "b": torch.ones(1), "m": torch.ones(1), "a": torch.ones(1)}
    answer = kata.find_mismatches(target, {**extra, **state})
    expect_equal(answer, ([], list(extra), list(target.state_dict())))
    expect_equal(kata.find_mismatches(target, extra), (list(target.state_dict()), list(extra), []))


# load_strictly


@given(kind=kinds, seed=seeds(), training=modes, dtype=dtypes)
@example(kind="linear", seed=0, training=True, dtype=torch.float32)
@example(kind="norm", seed=1, training=True, dtype=torch.float32)
@example(kind="frozen", seed=1, training=False, dtype=torch.float32)
@example(kind="tied", seed=0, training=True, dtype=torch.float32)
@example(kind="cached", seed=0, training=True, dtype=torch.float32)
@example(kind="linear", seed=0, training=True, dtype=torch.float64)
def test_load_strictly__copies_a_state_that_fits(kata, kind, seed, training, dtype):
    """Every parameter and buffer holds the state's numbers; dtypes, modes and `requires_grad` are as they were."""
    model, state = make_model(kind, seed, training), make_model(kind, seed + 1).to(dtype).state_dict()
    answer = kata.load_strictly(model, state)
    mine = answer.given(model)
    wants = {name: state[name].to(tensor.dtype) for name, tensor in model.state_dict().items()}
    expect_same(answer, dict(copy.deepcopy(mine).cpu().state_dict()), wants, "model.")
    expect_modes(answer, mine, modes_of(model))
    flags = [[p.requires_grad for p in each.parameters()] for each in (model, mine)]
    expect_law(answer, flags[0] == flags[1], f"parameters with requires_grad {flags[0]}", got=f"{flags[1]}")
    expect_law(answer, answer.value is None, "None: the model itself changes")
    expect_unchanged(answer, changes=[model])


@given(kind=kinds, seed=seeds())
@example(kind="linear", seed=0)
@example(kind="norm", seed=0)
def test_load_strictly__keeps_the_parameters(kata, device, kind, seed):
    """The parameters and buffers stay the objects that an optimizer may hold, and share no memory with the state."""
    model, state = make_model(kind, seed).to(device), dict(make_model(kind, seed + 1).to(device).state_dict())
    before = dict(model.state_dict(keep_vars=True))
    answer = kata.load_strictly.on(model, state)
    for name, tensor in model.state_dict(keep_vars=True).items():
        expect_law(answer, tensor is before[name], f"{name}: the same object as before", got="a new object")
    shared = trees.share_memory(list(before.values()), list(state.values()))
    expect_law(answer, not shared, "a model with memory of its own", got="it shares memory with the state")


@given(kind=kinds, seed=seeds(), changes=edits)
@pinned(UNFIT)
def test_load_strictly__refuses_what_does_not_fit(kata, kind, seed, changes):
    """A state that does not fit raises ValueError, whose message holds each name of the three lists."""
    state, wrong = make_misfit(kind, seed, changes)
    answer = kata.load_strictly.raising(make_model(kind, seed + 1), state)
    bad = [name for each in wrong for name in each]
    expect_law(answer, bool(bad) or answer.value is None, "no error: the state fits", got=f"{answer.value!r:.100}")
    for name in bad:
        expect_law(answer, answer.value is not None, f"ValueError: {name!r} does not fit", got="no error")
        expect_law(answer, isinstance(answer.value, ValueError), "ValueError", got=type(answer.value).__name__)
        expect_law(answer, name in str(answer.value), f"a message that names {name}", got=f"{answer.value}")


@given(kind=kinds, seed=seeds(), changes=edits)
@pinned(UNFIT)
def test_load_strictly__is_never_half_done(kata, kind, seed, changes):
    """After the error every parameter and buffer is as it was, also those that the state fits."""
    state, wrong = make_misfit(kind, seed, changes)
    model = make_model(kind, seed + 1)
    answer = kata.load_strictly.raising(model, state)
    if any(wrong):
        after = copy.deepcopy(answer.given(model)).cpu()
        now = "after the error, the model's "
        expect_same(answer, dict(after.state_dict()), dict(model.state_dict()), now)
        expect_modes(answer, after, modes_of(model))


# save_atomically


class Broken:
    """It can't be pickled: trying raises this error."""

    def __init__(self, error, source):
        self.error, self.source = error, source

    def __reduce__(self):
        raise self.error

    def __deepcopy__(self, memo):
        return self


ERRORS = {
    "OSError": OSError("no space left on device"),
    "ValueError": ValueError("no such codec"),
    "RuntimeError": RuntimeError("the battery is empty"),
    "KeyboardInterrupt": KeyboardInterrupt(),
}
OLD = saved({"weight": torch.tensor([7.5])})
olds = st.sampled_from((OLD, None))


def failing(name):
    weight = torch.tensor([0.1, 0.2])
    return {"weight": weight, "extra": Broken(ERRORS[name], f"<pickling this raises {name}>"), "bias": weight}


@given(data=contents, old=olds)
@example(data=PLAIN, old=None)
@example(data=PLAIN, old=OLD)
@example(data=[1, TENSORS[0]], old=None)
@example(data=NUMBERED, old=None)
def test_save_atomically__writes_the_data(kata, data, old):
    """`torch.load` gives the data back, and nothing else is new in the folder."""
    path = file(old, "last.pt")
    answer = kata.save_atomically(data, path)
    written = answer.given(path)
    expect_equal_types(answer, expect_readable(answer, written), data, "data")
    expect_folder(answer, written, written.read_bytes())
    expect_law(answer, answer.value is None, "None: the result is the file")
    expect_unchanged(answer, changes=[path])


@given(name=st.sampled_from(("OSError", "ValueError", "RuntimeError")), old=olds)
@example(name="OSError", old=OLD)
@example(name="RuntimeError", old=None)
def test_save_atomically__survives_an_error(kata, name, old):
    """When writing raises, the exception passes on, the old file is as it was, and nothing new is in the folder."""
    data, path = failing(name), file(old, "last.pt")
    answer = kata.save_atomically.raising(data, path)
    expect_folder(answer, answer.given(path), old, when="after the error ")
    passed = type(answer.value) is type(ERRORS[name]) and str(answer.value) == str(ERRORS[name])
    expect_law(answer, passed, f"{ERRORS[name]!r}, the error of the writing", got=f"{answer.value!r}")


@given(old=olds)
@example(old=OLD)
def test_save_atomically__survives_control_c(kata, old):
    """When Ctrl-C interrupts the writing, the old file is as it was, and nothing new is in the folder."""
    data, path = failing("KeyboardInterrupt"), on_disk(old, "last.pt")
    answer = Answer(kata.save_atomically, ((data, path), {}), ((data, path), {}), None)
    try:
        kata.save_atomically.function(data, path)
        passed = False
    except KeyboardInterrupt:
        passed = True
    expect_folder(answer, path, old, when="after Ctrl-C ")
    expect_law(answer, passed, "KeyboardInterrupt", got="no exception")


TAKEN = (
    "last.tmp", "last.temp", "last.new", "last.part", "last.bak", "last.old", "last.pt.tmp", "last.pt.temp",
    "last.pt.new", "last.pt.part", "last.pt.bak", "last.pt.old", "last.pt~", ".last.pt.tmp", ".last.tmp", ".last.pt",
    "_last.pt", "last_tmp.pt", "last.tmp.pt", "tmp_last.pt", "tmp.pt", "temp.pt", "new.pt", "tmp", "temp", ".tmp",
    "last.pttmp", "last", "temporary", "temporary.pt",
)  # fmt: skip


@given(data=contents, old=olds, taken=st.lists(st.sampled_from(TAKEN), min_size=1, max_size=3, unique=True).map(tuple))
@example(data=PLAIN, old=OLD, taken=TAKEN)
@example(data=PLAIN, old=None, taken=("last.tmp",))
@example(data=PLAIN, old=OLD, taken=("last.pt.tmp",))
def test_save_atomically__leaves_other_files_alone(kata, data, old, taken):
    """All other files in the folder stay as they were, whatever their names: `last.tmp`, `last.pt.tmp`."""
    path = file(old, "last.pt", taken)
    answer = kata.save_atomically(data, path)
    written = answer.given(path)
    expect_equal_types(answer, expect_readable(answer, written), data, "data")
    expect_folder(answer, written, written.read_bytes())


@contextlib.contextmanager
def watched(note):
    """Call `note` just before each sync ("synced") and each rename ("renamed")."""

    def tell(frame, event, function):
        if event == "c_call" and function in (os.fsync, getattr(os, "fdatasync", None)):
            note("synced")
        elif event == "c_call" and function in (os.replace, os.rename):
            note("renamed")

    before = sys.getprofile()
    sys.setprofile(tell)
    try:
        yield
    finally:
        sys.setprofile(before)


@given(old=olds)
@example(old=OLD)
def test_save_atomically__takes_a_name_that_is_free(kata, old):
    """A file stays as it was even if it has the name that the last temporary file had."""
    first, seen = on_disk(old, "last.pt"), set()
    with watched(lambda what: seen.update(each.name for each in first.parent.iterdir())):
        kata.save_atomically.on(PLAIN, first)
    path = file(old, "last.pt", tuple(sorted(seen - {NEIGHBOUR, first.name})))
    answer = kata.save_atomically(PLAIN, path)
    written = answer.given(path)
    expect_equal_types(answer, expect_readable(answer, written), PLAIN, "data")
    expect_folder(answer, written, written.read_bytes())


@given(old=olds)
@example(old=OLD)
def test_save_atomically__survives_a_failing_sync(kata, old):
    """When `os.fsync` raises, the exception passes on, the old file is as it was, and nothing new is in the folder."""
    path = file(old, "last.pt")
    with patch("os.fsync", side_effect=ERRORS["OSError"]) as sync:
        answer = kata.save_atomically.raising(PLAIN, path)
    if sync.called:
        expect_folder(answer, answer.given(path), old, when="after the error of `os.fsync` ")
        expect_law(answer, isinstance(answer.value, OSError), "OSError, from `os.fsync`", got=f"{answer.value!r}")


def in_a_child(function, data, path, *, dies):
    """Call in a child process whose files can't grow beyond 40 kB; return how it ended: killed, raised, returned.

    The system kills a process that writes more, or, if it asked for that, lets the writing fail as on a full disk.
    """
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL if dies else signal.SIG_IGN)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            function(data, path)
            os._exit(0)
        except BaseException:
            os._exit(1)
    try:
        status = os.waitpid(child, 0)[1]
    except BaseException:  # it took too long
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    return "killed" if os.WIFSIGNALED(status) else "raised" if os.WEXITSTATUS(status) else "returned"


def after_a_child(kata, old, dies):
    """The answer, the path, and how the child ended; None where processes don't fork."""
    if resource is None or not hasattr(os, "fork"):
        return None
    data, path = {"weight": torch.ones(20_000)}, on_disk(old, "last.pt")
    shown = SimpleNamespace(source='{"weight": torch.ones(20_000)}')
    answer = Answer(kata.save_atomically, ((shown, path), {}), ((shown, path), {}), None)
    return answer, path, in_a_child(kata.save_atomically.function, data, path, dies=dies)


@on_the_cpu
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_save_atomically__survives_being_killed(kata):
    """When the process is killed in the middle of writing, the old file is as it was."""
    for old in (OLD, None):
        done = after_a_child(kata, old, dies=True)
        if done:
            answer, path, ended = done
            mine = path.read_bytes() if path.exists() else None
            is_old = "no file" if old is None else f"the old file, with its {len(old)} bytes unchanged"
            got = "no file" if mine is None else f"{len(mine)} bytes, a file that is neither old nor new"
            expect_law(answer, mine == old, f"after a kill in the middle of writing {is_old}", got=got)
            expect_law(answer, ended != "returned", "80 kB written to a file", got="nothing of that size")


@on_the_cpu
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_save_atomically__survives_a_full_disk(kata):
    """When the disk is full in the middle of writing, the old file is as it was, and nothing new is in the folder."""
    for old in (OLD, None):
        done = after_a_child(kata, old, dies=False)
        if done:
            answer, path, ended = done
            expect_folder(answer, path, old, when="after the disk was full ")
            expect_law(answer, ended == "raised", "the error of the full disk passes on", got=f"it {ended}")


def sizes(folder, but):
    """The sizes of the files in a folder and below; `but` is left out."""
    return [each.stat().st_size for each in folder.rglob("*") if each.is_file() and each != but]


@given(data=contents, old=olds)
@example(data=PLAIN, old=OLD)
def test_save_atomically__is_on_the_disk_before_it_has_the_name(kata, data, old):
    """All bytes of the temporary file are flushed and synced to the disk before `os.replace` gives it the name."""
    path, events = on_disk(old, "last.pt"), []
    with watched(lambda what: events.append((what, sizes(path.parent, path) if what == "synced" else []))):
        answer = kata.save_atomically.on(data, path)
    expect_law(
        answer, ("renamed", []) in events, f"`os.replace` gives the new file the name {path.name}", got="no rename"
    )
    synced = [found for what, found in events[: events.index(("renamed", []))] if what == "synced"]
    expect_law(answer, bool(synced), "`os.fsync` before the new file gets the name", got="no `os.fsync` before that")
    size = path.stat().st_size if path.exists() else -1
    whole = any(size in found for found in synced)
    got = "some of them are in Python's buffer still: flush first" if any(synced) else "no other file in the folder"
    expect_law(answer, whole, f"a temporary file with all {size} bytes at the time of `os.fsync`", got=got)


# save_checkpoint and load_checkpoint


class SGD(torch.optim.Optimizer):
    """SGD with momentum, as in torch.optim, which imports a thousand modules first (a compiler) and takes seconds."""

    def add_param_group(self, group):
        self.param_groups.append({**self.defaults, **group, "params": list(group["params"])})

    def zero_grad(self, set_to_none=True):
        for p in self.param_groups[0]["params"]:
            p.grad = None

    @torch.no_grad()
    def step(self, closure=None):
        group = self.param_groups[0]
        for p in group["params"]:
            old = self.state[p].get("momentum_buffer")
            new = p.grad.clone() if old is None else group["momentum"] * old + p.grad
            self.state[p] = {"momentum_buffer": new} if group["momentum"] else {}
            p -= group["lr"] * new

    def state_dict(self):
        params = self.param_groups[0]["params"]
        group = {**self.param_groups[0], "params": list(range(len(params)))}
        return {"state": {i: dict(self.state[p]) for i, p in enumerate(params)}, "param_groups": [group]}

    def load_state_dict(self, state_dict):
        held = copy.deepcopy(state_dict)
        params = self.param_groups[0]["params"]
        self.param_groups[0].update(held["param_groups"][0], params=params)
        self.state.clear()
        self.state.update({p: held["state"].get(i, {}) for i, p in enumerate(params)})


class Schedule(StepLR):
    """A scheduler that can be shown as source."""

    @property
    def source(self):
        return f"StepLR(optimizer, step_size={self.step_size}, gamma={self.gamma})"


PARTS = ("model", "optimizer", "scheduler", "generator")


class Run:
    """A training: the four things that a checkpoint is about, and how an epoch goes."""

    def __init__(self, momentum, seed):
        random = np.random.default_rng(seed)
        self.model = nn.Sequential(layer(random, 2, 3), nn.Dropout(0.5), normed(random, 3), layer(random, 3, 1))
        self.optimizer = SGD(self.model.parameters(), {"lr": 0.1, "momentum": momentum})
        self.scheduler = Schedule(self.optimizer, step_size=2, gamma=0.5)
        self.generator = torch.Generator().manual_seed(seed)
        X = torch.arange(12.0).reshape(6, 2) / 10
        samples = TensorDataset(X, X.sum(dim=1, keepdim=True))
        self.loader = DataLoader(samples, batch_size=4, shuffle=True, generator=self.generator)

    @property
    def parts(self):
        return tuple(getattr(self, name) for name in PARTS)

    def train(self, epochs):
        """Train; return the learning rate and the order of the samples of each epoch."""
        trace = []
        for _ in range(epochs):
            trace.append([self.optimizer.param_groups[0]["lr"]])
            for X, y in self.loader:
                self.optimizer.zero_grad()
                (self.model(X) - y).square().mean().backward()
                self.optimizer.step()
                trace[-1] += [round(float(x) * 5) for x in X[:, 0]]
            self.scheduler.step()
        return trace

    def checkpoint(self, epoch):
        """What a checkpoint holds, copied: the training may go on."""
        parts = {name: getattr(self, name).state_dict() for name in PARTS[:3]}
        states = {"generator": self.generator.get_state(), "rng": torch.get_rng_state(), "epoch": epoch}
        return copy.deepcopy({**parts, **states})

    def restore(self, checkpoint):
        for name in PARTS[:3]:
            getattr(self, name).load_state_dict(checkpoint[name])
        self.generator.set_state(checkpoint["generator"])
        torch.set_rng_state(checkpoint["rng"])


SAID = {
    "model": "the model's weights",
    "optimizer": "the optimizer's state",
    "scheduler": "the scheduler's state",
    "generator": "the state of the generator that shuffles",
    "rng": "the state of torch's global generator",
    "epoch": "the number of epochs",
}
CASES = ((0.9, 0, 2, 2), (0.5, 1, 1, 1), (0.9, 2, 0, 1), (0.0, 3, 3, 2), (0.9, 4, 3, 1), (0.5, 5, 2, 2), (0.9, 6, 1, 2))
cases = st.sampled_from(CASES)  # momentum, seed, epochs before the checkpoint and after it; each costs a training


def expect_same_parts(answer, mine, want, where):
    """Two checkpoints are the same; a random state, which is long, is not shown."""
    for name, said in SAID.items():
        if name in ("generator", "rng"):
            same = isinstance(mine[name], torch.Tensor) and trees.same(mine[name], want[name])
            expect_law(answer, same, f"{where}{said}, as it was at the save", got="another one")
        else:
            expect_same(answer, mine[name], want[name], f"{where}{said}: {name}")


def expect_resumed(answer, resumed, trace, other, other_trace):
    """Two trainings went the same way and ended at the same numbers."""
    for mine, want in zip(trace, other_trace, strict=True):
        expect_law(answer, mine[0] == want[0], f"then an epoch with the learning rate {want[0]}", got=f"{mine[0]}")
        expect_law(answer, mine == want, f"then an epoch with the samples {want[1:]}", got=f"{mine[1:]}")
    for name in PARTS[:2]:
        states = (getattr(run, name).state_dict() for run in (resumed, other))
        expect_same(answer, *states, f"after {len(trace)} more epochs, {SAID[name]}: {name}")


@on_the_cpu
@settings(max_examples=8)
@given(case=cases, old=st.sampled_from((None, OLD)))
@example(case=CASES[0], old=OLD)
def test_save_checkpoint__writes_all_six_parts(kata, case, old):
    """The file holds the states of model, optimizer, scheduler and both random generators, and the epoch."""
    momentum, seed, done, _ = case
    run = Run(momentum, seed)
    run.train(done)
    want, path = run.checkpoint(done), file(old, "last.pt")
    answer = kata.save_checkpoint(path, *run.parts, done)
    written = answer.given(path)
    held = expect_readable(answer, written)
    expect_law(answer, isinstance(held, dict), "a file that holds a dict", got=f"a {type(held).__name__}")
    for name in SAID:
        expect_law(answer, name in held, f'a dict with the key "{name}"', got=f"the keys {list(held)}")
    expect_same_parts(answer, held, want, "in the file, ")
    expect_law(answer, answer.value is None, "None: the result is the file")
    expect_folder(answer, written, written.read_bytes())


@on_the_cpu
@given(case=cases)
def test_save_checkpoint__disturbs_nothing(kata, case):
    """A training that saves a checkpoint goes on as if it had not, with the same random numbers."""
    momentum, seed, done, _ = case
    run = Run(momentum, seed)
    run.train(done)
    before, modes = run.checkpoint(done), modes_of(run.model)
    answer = kata.save_checkpoint.on(on_disk(None, "last.pt"), *run.parts, done)
    expect_same_parts(answer, run.checkpoint(done), before, "after the call, ")
    expect_modes(answer, run.model, modes)


@on_the_cpu
@given(case=cases)
def test_save_checkpoint__lets_a_training_go_on(kata, case):
    """A training that starts from the file equals one that was never interrupted, bit for bit."""
    momentum, seed, done, more = case
    run = Run(momentum, seed)
    run.train(done)
    path = on_disk(None, "last.pt")
    answer = kata.save_checkpoint.on(path, *run.parts, done)
    other_trace = run.train(more)
    resumed, held = Run(momentum, seed + 1), expect_readable(answer, path)
    try:
        resumed.restore(held)
    except Exception as error:
        got = f"{type(error).__name__}: {str(error).strip().split(chr(10))[0][:80]}"
        expect_law(answer, False, "a file that a new training can be restored from", got=got)
    expect_resumed(answer, resumed, resumed.train(more), run, other_trace)


# load_checkpoint


@on_the_cpu
@settings(max_examples=8)
@given(case=cases, location=st.sampled_from(("cpu", ELSEWHERE)))
@example(case=CASES[0], location="cpu")
@example(case=CASES[0], location=ELSEWHERE)
def test_load_checkpoint__restores_all_six_parts(kata, case, location):
    """Model, optimizer, scheduler and both random generators are as they were when saved, and the epoch is returned."""
    momentum, seed, done, _ = case
    run = Run(momentum, seed)
    run.train(done)
    want = run.checkpoint(done)
    path, resumed = on_disk(saved(want, location), "last.pt"), Run(momentum, seed + 1)
    torch.rand(5)  # somebody else draws random numbers
    modes = modes_of(resumed.model)
    answer = kata.load_checkpoint.on(path, *resumed.parts)
    expect_same_parts(answer, resumed.checkpoint(done), want, "after the call, ")
    expect_modes(answer, resumed.model, modes)
    after = expect_returned(answer, answer.value, "the result")
    expect_equal(after, done, changes=answer.args)
    expect_folder(answer, path, path.content)


@on_the_cpu
@given(case=cases)
def test_load_checkpoint__goes_on_as_if_never_interrupted(kata, case):
    """A training that is loaded and goes on equals one that was never interrupted, bit for bit."""
    momentum, seed, done, more = case
    run = Run(momentum, seed)
    run.train(done)
    path = on_disk(saved(run.checkpoint(done)), "last.pt")
    other_trace = run.train(more)
    resumed = Run(momentum, seed + 1)
    if done % 2:
        resumed.train(1)  # it may have begun by itself
    answer = kata.load_checkpoint.on(path, *resumed.parts)
    expect_resumed(answer, resumed, resumed.train(more), run, other_trace)


@on_the_cpu
@given(call=calls)
@example(call="os.makedirs")
@example(call="exec")
def test_load_checkpoint__runs_no_code(kata, call):
    """A file with code in it is refused, and the code is not run."""
    run = Run(0.9, 0)
    _, marker = evil(call)
    content = saved({**run.checkpoint(1), "extra": CALLS[call](str(marker))})
    expect_nothing_run(kata.load_checkpoint, content, marker, None, *run.parts, name="last.pt")


@on_the_cpu
@given(lost=st.sampled_from(tuple(SAID)))
@example(lost="rng")
@example(lost="epoch")
def test_load_checkpoint__refuses_a_file_that_lacks_a_part(kata, lost):
    """A file without one of the six keys raises an exception."""
    run = Run(0.9, 0)
    held = {name: part for name, part in run.checkpoint(1).items() if name != lost}
    answer = kata.load_checkpoint.raising(file(saved(held), "last.pt"), *run.parts)
    expect_law(answer, answer.value is not None, f'an exception: the file has no "{lost}"', got="no exception")


@on_the_cpu
@given(kind=st.sampled_from(("linear", "norm", "nested", "relu")))
@example(kind="linear")
def test_load_checkpoint__refuses_another_model(kata, kind):
    """A file with the weights of a model whose names are others raises an exception."""
    run = Run(0.9, 0)
    held = {**run.checkpoint(1), "model": make_model(kind, 0).state_dict()}
    answer = kata.load_checkpoint.raising(file(saved(held), "last.pt"), *run.parts)
    want = f"an exception: the file has the weights {list(held['model'])}"
    expect_law(answer, answer.value is not None, want, got="no exception")
