"""The pretend GPU behaves like a real one; where there is a real one, the same tests run on it."""

import contextlib
import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from torch import tensor

from torchkata.pretend import CUDA, PretendGpu, PretendTensor, map_tensors, pretend, real
from torchkata.strategies import tensors

GPUS = ["pretend", "real"] if torch.cuda.is_available() else ["pretend"]


@pytest.fixture(params=GPUS)
def gpu(request):
    """A function that moves a tensor to the GPU: the pretend one, and a real one where there is one."""
    with contextlib.nullcontext() if request.param == "real" else PretendGpu():
        yield torch.Tensor.cuda if request.param == "real" else pretend


def places(tree):
    """The device types of the tensors in a result."""
    found = []
    map_tensors(tree, lambda x: found.append(x.device.type) or x)
    return found


X, Y = tensor([1.0, 2.0, 3.0]), tensor([4.0, 5.0, 6.0])

REFUSED = {
    "add": lambda x, y: x + y,
    "add, cpu first": lambda x, y: y + x,
    "add in place": lambda x, y: x.add_(y),
    "add in place on the cpu": lambda x, y: y.add_(x),
    "add a number on the gpu": lambda x, y: y + x.sum(),
    "compare": lambda x, y: x > y,
    "matmul": lambda x, y: x @ y,
    "dot": lambda x, y: torch.dot(x, y),
    "cat": lambda x, y: torch.cat([x, y]),
    "stack": lambda x, y: torch.stack((y, x)),
    "where": lambda x, y: torch.where(y > 4, x, x),
    "maximum": lambda x, y: torch.maximum(x, y),
    "masked_fill": lambda x, y: x.masked_fill(y > 4, 0.0),
    "gather": lambda x, y: x.gather(0, tensor([0, 1])),
    "index_select": lambda x, y: x.index_select(0, tensor([0, 1])),
    "index on the gpu of a cpu tensor": lambda x, y: y[x.long() - 1],
    "mask on the gpu of a cpu tensor": lambda x, y: y[x > 1],
    "mse_loss": lambda x, y: F.mse_loss(x, y),
    "linear": lambda x, y: F.linear(x, torch.ones(2, 3)),
    "cross_entropy": lambda x, y: F.cross_entropy(x[None], tensor([1])),
    "einsum": lambda x, y: torch.einsum("i,j->ij", x, y),
    "out": lambda x, y: torch.add(x, x, out=torch.empty(3)),
    "numpy": lambda x, y: x.numpy(),
    "asarray": lambda x, y: np.asarray(x),
    "array": lambda x, y: np.array(x),
    "np.sum": lambda x, y: np.sum(np.array([1.0, 2.0, 3.0]) * np.asarray(x)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mixing_devices_is_refused(gpu, name):
    with pytest.raises((RuntimeError, TypeError)):
        REFUSED[name](gpu(X.clone()), Y.clone())


ALLOWED = {
    "add a cpu number": (lambda x, y: x + tensor(2.0), "cuda"),
    "add to a cpu number": (lambda x, y: tensor(2.0) + x, "cuda"),
    "where with a cpu number": (lambda x, y: torch.where(x > 1, x, tensor(0.0)), "cuda"),
    "fill with a cpu number": (lambda x, y: x.fill_(tensor(2.0)), "cuda"),
    "index on the cpu of a gpu tensor": (lambda x, y: x[tensor([0, 1])], "cuda"),
    "mask on the cpu of a gpu tensor": (lambda x, y: x[y > 4], "cuda"),
    "copy from the cpu": (lambda x, y: x.copy_(y), "cuda"),
    "copy to the cpu": (lambda x, y: y.copy_(x), "cpu"),
    "put a cpu row": (lambda x, y: x.__setitem__(slice(0, 3), y) or x, "cuda"),
    "put a gpu row": (lambda x, y: y.__setitem__(slice(0, 3), x) or y, "cpu"),
    "to the device": (lambda x, y: y.to(x.device), "cuda"),
    "to the device and dtype": (lambda x, y: y.to(x.device, torch.float64), "cuda"),
    "to a name": (lambda x, y: y.to("cuda:0"), "cuda"),
    "to a keyword": (lambda x, y: y.to(device="cuda", dtype=torch.int64), "cuda"),
    "to another tensor": (lambda x, y: y.to(x), "cuda"),
    "back to another tensor": (lambda x, y: x.to(y), "cpu"),
    "type_as": (lambda x, y: y.type_as(x), "cuda"),
    "type_as back": (lambda x, y: x.type_as(y), "cpu"),
    "cuda()": (lambda x, y: y.cuda(), "cuda"),
    "cuda(0)": (lambda x, y: y.cuda(0), "cuda"),
    "cpu()": (lambda x, y: x.cpu(), "cpu"),
    "cpu() of a cpu tensor": (lambda x, y: y.cpu(), "cpu"),
    "to cpu": (lambda x, y: x.to("cpu"), "cpu"),
    "to a dtype": (lambda x, y: x.to(torch.float64), "cuda"),
    "double": (lambda x, y: x.double(), "cuda"),
    "expand_as": (lambda x, y: y[:1].expand_as(x), "cpu"),
    "reshape_as": (lambda x, y: x.reshape_as(y), "cuda"),
    "view_as": (lambda x, y: x.view_as(y), "cuda"),
    "new_tensor": (lambda x, y: x.new_tensor([1, 2]), "cuda"),
    "new_zeros": (lambda x, y: x.new_zeros(2, 3), "cuda"),
    "new_full on the cpu": (lambda x, y: x.new_full((2,), 1.0, device="cpu"), "cpu"),
    "zeros_like": (lambda x, y: torch.zeros_like(x), "cuda"),
    "rand_like on the cpu": (lambda x, y: torch.rand_like(x, device="cpu"), "cpu"),
    "empty_like of a cpu tensor": (lambda x, y: torch.empty_like(y, device=x.device), "cuda"),
    "a tensor of a tensor": (lambda x, y: x.detach().clone(), "cuda"),
    "a tensor of gpu numbers": (lambda x, y: torch.tensor([x[0], x[1]]), "cpu"),
    "a tensor of a list": (lambda x, y: torch.tensor(x.tolist()), "cpu"),
    "as_tensor": (lambda x, y: torch.as_tensor([1.0, 2.0], device=x.device), "cuda"),
    "as_tensor of itself": (lambda x, y: torch.as_tensor(x), "cuda"),
    "from_numpy": (lambda x, y: torch.from_numpy(x.cpu().numpy()), "cpu"),
    "from_numpy and back": (lambda x, y: torch.from_numpy(x.cpu().numpy()).to(x.device), "cuda"),
    "numpy by force": (lambda x, y: torch.from_numpy(x.numpy(force=True)), "cpu"),
    "under the device": (lambda x, y: under(x.device), "cuda"),
    "on the number of the device": (lambda x, y: torch.zeros(2, device=x.get_device()), "cuda"),
    "deepcopy": (lambda x, y: copy.deepcopy(x), "cuda"),
    "data": (lambda x, y: x.data, "cuda"),
    "a parameter": (lambda x, y: torch.nn.Parameter(x), "cuda"),
}


def under(device):
    """A tensor made where `device` is the default."""
    with torch.device(device):
        return torch.zeros(2)


@pytest.mark.parametrize("name", ALLOWED)
def test_copying_between_devices_is_fine(gpu, name):
    function, device = ALLOWED[name]
    assert places(function(gpu(X.clone()), Y.clone())) == [device]


FACTORIES = {
    "zeros": lambda device: torch.zeros(2, device=device),
    "ones": lambda device: torch.ones((2, 3), device=device),
    "full": lambda device: torch.full((2,), 7, device=device),
    "arange": lambda device: torch.arange(3, device=device),
    "linspace": lambda device: torch.linspace(0, 1, 3, device=device),
    "eye": lambda device: torch.eye(3, device=device),
    "empty": lambda device: torch.empty(0, device=device),
    "tensor": lambda device: torch.tensor([1, 2], device=device),
    "rand": lambda device: torch.rand(2, device=device),
    "randn": lambda device: torch.randn(2, 2, device=device),
    "randint": lambda device: torch.randint(5, (3,), device=device),
    "randperm": lambda device: torch.randperm(4, device=device),
    "a leaf": lambda device: torch.ones(2, device=device, requires_grad=True),
    "tril_indices": lambda device: torch.tril_indices(2, 2, device=device),
}


@pytest.mark.parametrize("name", FACTORIES)
def test_a_tensor_is_made_on_the_device_asked_for(gpu, name):
    for device in ("cuda", "cuda:0", CUDA):
        assert FACTORIES[name](device).device == CUDA
    for device in ("cpu", torch.empty(0).device):
        assert FACTORIES[name](device).device.type == "cpu"


def test_a_device_that_is_named_is_that_device(gpu):
    for name in ("cuda", "cuda:0", "cpu", "meta"):
        assert str(torch.device(name)) == str(torch.device(torch.device(name))) == name
    assert torch.device("cuda", 0) == CUDA == gpu(X.clone()).device


def test_a_tensor_is_made_on_the_cpu_by_default(gpu):
    assert torch.ones(2).device.type == torch.tensor([1]).device.type == "cpu"


ONLY_GPU = {
    "arithmetic": lambda x: 2 - x + 1 / x - (-x) // 2 + x % 2,
    "in place": lambda x: x.clone().add_(1).mul_(x),
    "augmented": lambda x: augmented(x.clone()),
    "compare": lambda x: (x > 1) & (x <= 3),
    "reduce": lambda x: (x.sum(), x.mean(0, keepdim=True), x.max(), x.argmax()),
    "max along": lambda x: x[None].max(1),
    "sort": lambda x: x.sort(descending=True),
    "topk": lambda x: torch.topk(x, 2),
    "index": lambda x: (x[0], x[1:], x[None], x[..., ::2], x[[0, 2]], x[x > 1], x[x.long() - 1]),
    "put": lambda x: put(torch.zeros(3, device=x.device), x),
    "views": lambda x: (
        x.view(3, 1).mT,
        x.reshape(1, 3).T,
        x.expand(2, 3),
        x.unsqueeze(0).squeeze(0),
        x.flatten(),
        x.unbind(),
    ),
    "rows": lambda x: list(x.view(3, 1)),
    "unpacked": lambda x: unpacked(x),
    "reversed": lambda x: reversed(x),
    "split": lambda x: x.split(2),
    "chunk": lambda x: torch.chunk(x, 2),
    "tensor_split": lambda x: torch.tensor_split(x, 2),
    "cat": lambda x: torch.cat([x, torch.zeros(1, device=x.device)]),
    "stack": lambda x: torch.stack([row * 2 for row in x]),
    "where": lambda x: torch.where(x > 1, x, 0.0),
    "scatter": lambda x: x.scatter(0, torch.tensor([0], device=x.device), 9.0),
    "matmul": lambda x: (x @ x, x[None] @ x[:, None], x[:, None] * x),
    "out": lambda x: torch.add(x, x, out=torch.empty_like(x)),
    "cumsum": lambda x: x.cumsum(0),
    "einsum": lambda x: torch.einsum("i,j->ij", x, x),
    "norm": lambda x: (torch.norm(x), x.norm(), torch.linalg.norm(x), torch.linalg.vector_norm(x)),
    "meshgrid": lambda x: torch.meshgrid(x, x, indexing="ij"),
    "unique": lambda x: torch.unique(x, return_counts=True),
    "broadcast": lambda x: torch.broadcast_tensors(x, x[:, None]),
    "tensordot": lambda x: torch.tensordot(x, x, 1),
    "cdist": lambda x: torch.cdist(x[:, None], x[:, None]),
    "cartesian_prod": lambda x: torch.cartesian_prod(x, x),
    "softmax": lambda x: (F.softmax(x, 0), x.softmax(0), F.relu(x), F.gelu(x), F.dropout(x, 0.0)),
    "losses": lambda x: (F.mse_loss(x, x * 2), F.cross_entropy(x[None], torch.tensor([1], device=x.device))),
    "conv": lambda x: F.conv1d(x[None, None], x[None, None, :2]),
    "one_hot": lambda x: F.one_hot(x.long()),
    "batch_norm": lambda x: F.batch_norm(x[:, None], None, None, training=True),
    "pad": lambda x: F.pad(x, (1, 1)),
    "interpolate": lambda x: F.interpolate(x[None, None], scale_factor=2),
    "multinomial": lambda x: torch.multinomial(x, 3).sort()[0],
    "dict": lambda x: {"a": x, "b": [x + 1]},
}


def augmented(x):
    x += 1
    x *= x
    return x


def put(x, y):
    x[0] = y[1]
    x[1:] = y[:2]
    x[x > 1] = 7.0
    return x


def unpacked(x):
    first, second, third = x
    return first + second * third


@pytest.mark.parametrize("name", ONLY_GPU)
def test_results_of_gpu_tensors_are_on_the_gpu_and_right(gpu, name):
    found, want = [], []
    torch.manual_seed(0)
    map_tensors(ONLY_GPU[name](gpu(X.clone())), lambda x: found.append(x) or x)
    torch.manual_seed(0)
    map_tensors(ONLY_GPU[name](X.clone()), lambda x: want.append(x) or x)
    assert [x.device.type for x in found] == ["cuda"] * len(want) and want
    assert all(torch.allclose(x.cpu(), y) for x, y in zip(found, want, strict=True))


# what a tensor says of itself


def test_a_gpu_tensor_says_that_it_is_one(gpu):
    x = gpu(X.clone())
    assert (str(x.device), x.device.index, x.is_cuda, x.is_cpu, x.get_device()) == ("cuda:0", 0, True, False, 0)
    assert x.device == torch.device("cuda:0") and "cuda:0" in repr(x)


def test_numbers_can_be_read(gpu):
    x = gpu(X.clone())
    assert (x[1].item(), float(x[0]), int(x.sum()), bool(x[0] > 0), x.tolist()) == (2.0, 1.0, 6, True, [1, 2, 3])
    assert (len(x), x.shape, x.dtype, x.ndim, x.numel(), f"{x[0]:.2f}") == (3, (3,), torch.float32, 1, 3, "1.00")
    assert max(x) == 3 and 2.0 in x


def test_a_view_shares_the_memory_of_its_base(gpu):
    x = gpu(X.clone())
    x[1:][0] = 9
    x.view(3, 1)[2] += 1
    assert x.tolist() == [1, 9, 4]


def test_a_copy_on_the_other_device_has_memory_of_its_own(gpu):
    x, y = gpu(X.clone()), Y.clone()
    for copied in (x.cpu(), x.to("cpu"), x.to(y), y.cuda(), y.to("cuda"), y.to(x), y.type_as(x)):
        copied += 1
    assert (x.tolist(), y.tolist()) == ([1, 2, 3], [4, 5, 6])


def test_a_tensor_that_is_there_already_is_not_copied(gpu):
    x = gpu(X.clone())
    assert x.to("cuda") is x and x.to(x.device) is x and x.to(x) is x
    assert Y.cpu() is Y and Y.to("cpu") is Y


def test_an_operation_in_place_returns_its_argument(gpu):
    x = gpu(X.clone())
    y = x
    y += 1
    assert x.add_(1) is x and y is x and x.tolist() == [3, 4, 5]


def test_a_cpu_tensor_stays_an_ordinary_one(gpu):
    assert (Y * 2).device.type == Y.cpu().device.type == Y.device.type == "cpu" and Y.numpy().sum() == 15
    assert type(Y * 2) is torch.Tensor and type(gpu(X.clone()).cpu()) is torch.Tensor


# autograd


def test_gradients_flow_to_a_gpu_leaf(gpu):
    x = gpu(X.clone()).requires_grad_()
    (x**2).sum().backward()
    assert (x.grad.device.type, x.grad.tolist(), x.is_leaf) == ("cuda", [2, 4, 6], True)


def test_gradients_of_a_leaf_made_on_the_gpu(gpu):
    x = torch.ones(3, device="cuda", requires_grad=True)
    F.mse_loss(x, torch.zeros(3, device="cuda")).backward()
    assert x.grad.device.type == "cuda" and x.grad.sum().item() == pytest.approx(2)


def test_gradients_flow_through_functions_written_in_python(gpu):
    x = gpu(X.clone()).requires_grad_()
    (F.relu(x) + F.softmax(x, 0) + torch.einsum("i,i->i", x, x)).sum().backward()
    assert x.grad.tolist() == pytest.approx([3, 5, 7])


def test_autograd_grad_gives_gpu_gradients(gpu):
    x = gpu(X.clone()).requires_grad_()
    (slope,) = torch.autograd.grad((x**2).sum(), x)
    assert slope.device.type == "cuda" and slope.tolist() == [2, 4, 6] and x.grad is None


def test_gradients_add_up_and_can_be_reset(gpu):
    x = gpu(X.clone()).requires_grad_()
    for _ in range(2):
        x.sum().backward()
    assert x.grad.tolist() == [2, 2, 2]
    x.grad.zero_()
    assert x.grad.tolist() == [0, 0, 0]


def test_a_step_of_gradient_descent(gpu):
    w = torch.ones(3, device="cuda", requires_grad=True)
    (w * gpu(X.clone())).sum().backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
    assert w.tolist() == [0.5, 0, -0.5] and w.is_leaf and w.requires_grad


def test_a_gradient_flows_from_the_gpu_to_a_cpu_leaf(gpu):
    w = Y.clone().requires_grad_()
    (w.to("cuda") * gpu(X.clone())).sum().backward()
    assert w.grad.device.type == "cpu" and w.grad.tolist() == [1, 2, 3]


def test_a_detached_tensor_stays_on_the_gpu(gpu):
    x = gpu(X.clone()).requires_grad_()
    assert (x * 2).detach().device.type == "cuda" and not (x * 2).detach().requires_grad
    with torch.no_grad():
        assert (x * 2).device.type == "cuda" and not (x * 2).requires_grad


# only the pretend one


@given(x=tensors((2, 1, 0, 3), (torch.float32, torch.float64, torch.int64, torch.uint8, torch.bool), min_side=0))
def test_a_pretend_tensor_keeps_values_layout_and_memory(x):
    y = pretend(x)
    assert (y.device, y.dtype, y.shape, y.stride()) == (CUDA, x.dtype, x.shape, x.stride())
    assert real(y).device.type == "cpu" and torch.equal(real(y), x) and real(y).data_ptr() == x.data_ptr()


def test_nothing_is_pretended_outside():
    with PretendGpu():
        torch.ones(1, device="cuda")
    assert type(torch.ones(1)) is torch.Tensor and not isinstance(torch.ones(1) + 1, PretendTensor)


def test_no_setting_of_torch_is_left_behind():
    before = torch.__future__.get_overwrite_module_params_on_conversion()
    with PretendGpu():
        torch.nn.Linear(2, 1).to("cpu")
    assert torch.__future__.get_overwrite_module_params_on_conversion() == before


def test_a_pretend_tensor_keeps_its_place_outside_of_the_mode():
    x = pretend(X.clone())
    assert (x + 1).device == CUDA and F.relu(x).device == CUDA
    with pytest.raises(RuntimeError, match="same device"):
        x + Y


def test_pretending_twice_is_pretending_once():
    x = pretend(X.clone().requires_grad_())
    assert pretend(x).device == CUDA and pretend(x).tolist() == X.tolist()


def test_a_pretend_leaf_is_a_leaf_of_its_own():
    x = X.clone().requires_grad_()
    y = pretend(x)
    y.sum().backward()
    assert y.is_leaf and y.requires_grad and y.grad.tolist() == [1, 1, 1] and x.grad is None


def test_map_tensors_reaches_every_container():
    tree = (X, [Y, {"a": X, "b": 3}], X[None].max(1))
    doubled = map_tensors(tree, lambda x: x * 2)
    assert type(doubled[2]) is type(tree[2]) and doubled[2].values.tolist() == [6.0]
    assert (doubled[0].tolist(), doubled[1][1]["b"]) == ([2, 4, 6], 3)
