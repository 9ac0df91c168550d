"""A rehearsal on the pretend GPU finds hard-coded devices, and nothing else."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from torch import nn, tensor

from torchkata.checks import expect_tensor
from torchkata.errors import KataError
from torchkata.kata import Kata, Stub
from torchkata.rehearsal import can_be_rehearsed, rehearse
from torchkata.strategies import tensors, with_grad

X = tensor([1.0, 2.0, 3.0])


def answer_of(function, *args, rehearsed=True, **kwargs):
    """An answer that has not been checked."""
    return Stub("solved", Path(__file__), function, rehearsed=rehearsed)(*args, **kwargs)


def zeros_under_device(x):
    with torch.device(x.device):
        return torch.zeros(3) + x


def filled_row_by_row(x):
    out = torch.empty_like(x)
    for index, value in enumerate(x):
        out[index] = value * 2
    return out


def slope(x):
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad((leaf**2).sum(), leaf)[0]


def slope_by_backward(x):
    leaf = x.clone().requires_grad_()
    (leaf**2).sum().backward()
    return leaf.grad


def augmented(x):
    x += 1
    return x


def depends_on_values(x):
    if x.sum() > 0 and x[0].item() < 5 and bool((x > 0).all()):
        return x
    return -x


def gpu_or_cpu(x):
    return torch.zeros(3, device="cuda" if x.is_cuda else "cpu")


def vmapped(x):
    return torch.vmap(lambda row: row * 2)(x)


def with_a_layer_that_moves(x):
    return nn.Linear(3, 2).to(x.device)(x).detach()


RIGHT = {
    "itself": lambda x: x,
    "zeros_like": torch.zeros_like,
    "rand_like": torch.rand_like,
    "full_like": lambda x: torch.full_like(x, 7),
    "new_zeros": lambda x: x.new_zeros(2, 3),
    "new_tensor": lambda x: x.new_tensor([1, 2]),
    "new_full": lambda x: x.new_full((2,), 1.0),
    "device=": lambda x: torch.zeros(3, device=x.device),
    "device= and dtype=": lambda x: torch.arange(len(x), device=x.device, dtype=x.dtype),
    "device type": lambda x: torch.zeros(3, device=x.device.type),
    "device name": lambda x: torch.zeros(3, device=str(x.device)),
    "device number": lambda x: torch.zeros(3, device=x.get_device() if x.is_cuda else "cpu"),
    "a default device": zeros_under_device,
    "is_cuda": gpu_or_cpu,
    "a device object": lambda x: torch.zeros(3, device=torch.device("cuda" if x.is_cuda else "cpu")),
    "tensor": lambda x: torch.tensor([1.0, 2.0], device=x.device),
    "tensor of a list": lambda x: torch.tensor(x.tolist(), device=x.device),
    "tensor of numbers": lambda x: torch.tensor([float(v) for v in x], device=x.device),
    "as_tensor": lambda x: torch.as_tensor([1.0], device=x.device),
    "to device": lambda x: torch.ones(3).to(x.device),
    "to device and dtype": lambda x: torch.ones(3).to(x.device, x.dtype) + x,
    "to like": lambda x: torch.ones(3).to(x) + x,
    "type_as": lambda x: torch.ones(3).type_as(x) + x,
    "through numpy": lambda x: torch.from_numpy(x.cpu().numpy() * 2).to(x.device),
    "through numpy by force": lambda x: torch.from_numpy(x.numpy(force=True)).to(x.device),
    "cpu and back": lambda x: x.cpu().flip(0).to(x.device),
    "a cpu number": lambda x: x * tensor(2.0),
    "a cpu index": lambda x: x[tensor([0, 1])],
    "copy_": lambda x: torch.empty_like(x).copy_(torch.ones(3)),
    "loop over rows": lambda x: torch.stack([row * 2 for row in x]),
    "fill": filled_row_by_row,
    "in place": augmented,
    "values": depends_on_values,
    "python sum": lambda x: sum(x),
    "python max": lambda x: max(x),
    "a generator": lambda x: torch.rand(3, generator=torch.Generator(x.device).manual_seed(0), device=x.device),
    "softmax": lambda x: F.softmax(x, 0),
    "einsum": lambda x: torch.einsum("i,j->ij", x, x),
    "vmap": vmapped,
    "autograd.grad": slope,
    "backward": slope_by_backward,
    "no_grad": torch.no_grad()(lambda x: x * 2),
    "a layer": lambda x: nn.Linear(3, 2, device=x.device)(x).detach(),
    "a layer moved": with_a_layer_that_moves,
    "a device": lambda x: x.device,
    "a shape": lambda x: tuple(x.shape),
    "a number": lambda x: x.sum().item(),
    "a list": lambda x: x.tolist(),
    "an array": lambda x: x.cpu().numpy(),
    "nothing": lambda x: None,
    "a tuple": lambda x: (x + 1, [torch.zeros_like(x)], x.shape, "a"),
    "a dict": lambda x: {"a": x + 1},
    "max along": lambda x: x[None].max(1),
    "meshgrid": lambda x: torch.meshgrid(x, x, indexing="ij"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_way_passes(name):
    rehearse(answer_of(RIGHT[name], X.clone()))


WRONG = {
    "zeros": (lambda x: torch.zeros(3), "wrong device"),
    "device cpu": (lambda x: torch.zeros(3, device="cpu"), "wrong device"),
    "tensor": (lambda x: torch.tensor(x.tolist()), "wrong device"),
    "cpu()": (lambda x: x.cpu(), "wrong device"),
    "to cpu": (lambda x: x.to("cpu"), "wrong device"),
    "arange": (lambda x: torch.arange(len(x)), "wrong device"),
    "a part of a tuple": (lambda x: (x, torch.zeros(3)), "wrong device"),
    "a part of a dict": (lambda x: {"a": [torch.zeros(3)]}, "wrong device"),
    "a device": (lambda x: torch.device("cpu"), "wrong device"),
    "a device in a tuple": (lambda x: (x.shape, torch.device("cpu")), "wrong device"),
    "float tensor": (lambda x: torch.FloatTensor(3), "wrong device"),
    "from_numpy": (lambda x: torch.from_numpy(x.cpu().numpy()), "wrong device"),
    "filled on the cpu": (lambda x: torch.empty(3).copy_(x), "wrong device"),
    "added to": (lambda x: x + torch.ones(3), "fails on a GPU"),
    "added in place": (lambda x: x.add_(torch.ones(3)), "fails on a GPU"),
    "multiplied": (lambda x: torch.ones(2, 3) @ x, "fails on a GPU"),
    "joined": (lambda x: torch.cat([torch.zeros(1), x]), "fails on a GPU"),
    "numpy": (lambda x: torch.tensor(x.numpy()), "fails on a GPU"),
    "np.sum": (lambda x: float(np.sum(np.asarray(x))), "fails on a GPU"),
    "a mask": (lambda x: x.masked_fill(tensor([True, False, True]), 0), "fails on a GPU"),
    "a loss": (lambda x: F.mse_loss(x, torch.zeros(3)).item(), "fails on a GPU"),
    "hidden in a number": (lambda x: float((x * torch.ones(3)).sum()), "fails on a GPU"),
    "hidden in an index": (lambda x: torch.zeros(3)[x.long() - 1].to(x.device), "fails on a GPU"),
    "a layer": (lambda x: nn.Linear(3, 2)(x).detach(), "fails on a GPU"),
    "a list of elements": (lambda x: torch.tensor([x[0], x[1]]), "wrong device"),
    "only on a gpu": (lambda x: x.missing if x.is_cuda else x, "fails on a GPU"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_hard_coded_device_is_found(name):
    function, reason = WRONG[name]
    with pytest.raises(KataError) as caught:
        rehearse(answer_of(function, X.clone()))
    assert caught.value.reason == reason
    assert caught.value.call == "solved(torch.tensor([1., 2., 3.]))" and "device of the input" in caught.value.message
    assert caught.value.expected and caught.value.got and caught.value.line > 0


@given(x=tensors((2, 1, 0, 3), (torch.float32, torch.int64, torch.bool), min_side=0))
def test_right_and_wrong_are_told_apart_on_any_tensor(x):
    rehearse(answer_of(lambda x: torch.zeros(x.shape, device=x.device), x))
    with pytest.raises(KataError, match="wrong device"):
        rehearse(answer_of(lambda x: torch.zeros(x.shape), x))


IN_A_FILE = {
    "a function of nn": "def f(x): return nn.functional.relu(torch.zeros(3))",
    "a sum with a function of nn": "def f(x): return torch.nn.functional.relu(x) + torch.zeros(3)",
    "a lambda": "f = lambda x: torch.zeros(3)",
    "an import": "from torch import zeros_like\ndef g(x): return torch.zeros(3)\nf = g",
    "a decorator": "@torch.no_grad()\ndef f(x): return torch.zeros(3)",
    "a helper": "def f(x): return _g(len(x))\ndef _g(n): return torch.zeros(n)",
    "a constant": "ONES = torch.ones(3)\ndef f(x): return x * ONES",
    "a class": "class Scale:\n    by = torch.ones(3)\ndef f(x): return x * Scale.by",
}


@pytest.mark.parametrize("name", IN_A_FILE)
def test_a_hard_coded_device_is_found_however_it_is_written(tmp_path, name):
    path = tmp_path / "solution.py"
    path.write_text(f"import torch\nfrom torch import nn\n{IN_A_FILE[name]}\n")
    with pytest.raises(KataError):
        rehearse(Kata.load(path, rehearsed=True).f(X))


# when there is a rehearsal


@pytest.mark.parametrize(
    ("arguments", "can"),
    [
        ((X,), True), ((X, 3), True), (([X, X],), True), (({"x": X},), True), ((3, "a"), False), ((), False), ((np.ones(2),), False),
        ((X, np.ones(2)), False), (([X, [np.ones(2)]],), False), ((X, nn.Linear(3, 2)), False), ((with_grad(X, X),), False), ((X, [X.clone().requires_grad_()]), False),
    ],
)  # fmt: skip
def test_only_plain_tensors_are_rehearsed(arguments, can):
    assert can_be_rehearsed((arguments, {})) == can_be_rehearsed(((), {"x": arguments})) == can
    rehearsed = answer_of(lambda *args, **kwargs: torch.zeros(2), *arguments)
    if can:
        pytest.raises(KataError, rehearse, rehearsed)
    else:
        rehearse(rehearsed)


def test_a_stub_is_rehearsed_only_where_asked():
    rehearse(answer_of(lambda x: torch.zeros(3), X, rehearsed=False))


def test_a_stub_that_passes_is_rehearsed_a_few_times():
    calls = []
    answer = answer_of(lambda x: calls.append(x) or x, X)
    for _ in range(10):
        rehearse(answer)
    assert len(calls) == 1 + 3 and answer.stub.rehearsals_left == 0


def test_a_stub_that_fails_is_rehearsed_each_time():
    answer = answer_of(lambda x: torch.zeros(3), X)
    for _ in range(10):
        pytest.raises(KataError, rehearse, answer)


def test_a_call_that_cannot_be_rehearsed_uses_up_no_rehearsal():
    answer = answer_of(lambda x: x, 3)
    rehearse(answer)
    assert answer.stub.rehearsals_left == 3


def test_a_rehearsal_leaves_the_answer_as_it_is():
    answer = answer_of(augmented, X.clone())
    rehearse(answer)
    assert (answer.args[0].tolist(), answer.before[0][0].tolist()) == ([2, 3, 4], [1, 2, 3])
    assert type(answer.args[0]) is type(answer.before[0][0]) is torch.Tensor


def test_keyword_arguments_are_rehearsed_too():
    with pytest.raises(KataError, match="fails on a GPU"):
        rehearse(answer_of(lambda *, x: x + torch.ones(3), x=X))


def test_what_only_hardware_can_do_is_not_held_against_the_answer():
    def needs_hardware(x):
        if x.is_cuda:
            raise RuntimeError("Found no NVIDIA driver on your system")

    rehearse(answer_of(needs_hardware, X))


def test_an_exception_without_a_message_is_a_finding_too():
    def fails(x):
        if x.is_cuda:
            raise RuntimeError

    with pytest.raises(KataError, match="fails on a GPU"):
        rehearse(answer_of(fails, X))


def test_a_rehearsal_leaves_the_global_state_and_the_mode():
    def changes(x):
        torch.set_default_dtype(torch.float64 if x.is_cuda else torch.float32)
        return x

    rehearse(answer_of(changes, X))
    assert torch.get_default_dtype() == torch.float32 and torch.ones(1).device.type == "cpu"


def test_a_check_rehearses_the_stubs_of_a_kata(tmp_path):
    path = tmp_path / "solution.py"
    path.write_text("import torch\ndef f(x): return torch.zeros(3)\n")
    expect_tensor(Kata.load(path).f(X), torch.zeros(3), dtype=torch.float32)
    with pytest.raises(KataError, match="wrong device"):
        expect_tensor(Kata.load(path, rehearsed=True).f(X), torch.zeros(3), dtype=torch.float32)
