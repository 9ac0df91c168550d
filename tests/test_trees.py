"""Trees: copies are equal and independent, every change is seen, shared memory is found."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn, tensor

from torchkata import trees
from torchkata.pretend import pretend
from torchkata.strategies import arrays, nested_lists, tensors, with_grad
from torchkata.trees import changed_leaves, copied, flat, leaves, same, share_memory

ALL_DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.uint8, torch.bool)
NAN = float("nan")
X = tensor([1.0, 2.0, 3.0])
any_tensor = tensors((2, 1, 0, 3), ALL_DTYPES, min_side=0)
any_array = arrays((2, 1, 0, 3), (np.float64, np.float32, np.int64, np.uint8, np.bool_), min_side=0)
any_tree = st.recursive(
    any_tensor | any_array | st.none() | st.integers() | st.floats() | st.booleans() | st.text(max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=5,
)


def layer():
    """A linear layer with known weights and gradients."""
    made = nn.Linear(2, 1)
    made.weight.data.fill_(2.0)
    made(torch.ones(1, 2)).sum().backward()
    return made


# copies


@given(tree=any_tree)
def test_a_copy_equals_the_original_and_shares_nothing(tree):
    twin = copied(tree)
    assert changed_leaves(tree, twin) == []
    assert not share_memory(tree, twin)


@given(x=any_tensor)
@example(x=torch.arange(6)[2:])
@example(x=torch.arange(12).reshape(3, 4)[1:, 1::2])
@example(x=torch.arange(6)[3:3])
@example(x=torch.ones(4, 3)[2:2, 2:2])
def test_a_copied_tensor_keeps_its_strides_and_where_it_begins(x):
    twin = copied([x])[0]
    assert (twin.stride(), twin.storage_offset()) == (x.stride(), x.storage_offset())
    assert torch.equal(twin, x) and not share_memory(twin, x)


@given(x=tensors((2, 1, 3), torch.float64))
def test_a_copied_tensor_of_a_graph_keeps_its_strides(x):
    inner = (x.requires_grad_() * 1).repeat_interleave(2, -1)[..., ::2]
    twin = copied(inner)
    assert twin.stride() == inner.stride() and torch.equal(twin, inner)


@pytest.mark.parametrize("tracked", [True, False])
def test_a_copied_leaf_keeps_requires_grad_and_its_gradient(tracked):
    x = with_grad(X, X) if tracked else X.clone()
    twin = copied((x,))[0]
    assert twin.requires_grad == tracked and twin.is_leaf
    assert twin.grad is None if not tracked else torch.equal(twin.grad, X) and twin.grad is not x.grad


def test_a_copied_tensor_of_a_graph_counts_as_unchanged():
    inner = X.clone().requires_grad_() * 2
    assert changed_leaves(copied(inner), inner) == []


def test_a_copied_tensor_leaves_the_graph_of_the_original():
    x = X.clone().requires_grad_()
    twin = copied(x * 2)
    assert twin.requires_grad
    twin.sum().backward()
    assert x.grad is None


def test_an_object_given_twice_is_copied_once():
    array = np.ones(2)
    first, second, third, fourth = copied([X, X, array, array])
    assert first is second and third is fourth


def test_a_view_stays_a_view_of_its_base():
    base, view = copied([X, X[1:]])
    base[1] = 9
    assert view[0] == 9


ARRAYS = {
    "negative": np.arange(6)[::-1],
    "negative columns": np.arange(6.0).reshape(2, 3)[:, ::-1],
    "negative step": np.arange(10)[8:1:-3],
    "transposed": np.arange(6).reshape(2, 3).T,
    "gapped": np.arange(10)[::3],
    "gapped rows": np.arange(20).reshape(4, 5)[::2, 1::2],
    "broadcast": np.broadcast_to(np.arange(3), (2, 3)),
    "big endian": np.arange(3, dtype=">f4"),
    "0-d": np.array(3.5),
    "empty": np.ones((2, 0)),
    "3-d": np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1)[::-1],
    "float16": np.ones(3, np.float16),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_a_copied_array_keeps_strides_order_and_dtype(name):
    array = ARRAYS[name]
    twin = copied([array])[0]
    assert np.array_equal(twin, array) and twin.dtype == array.dtype
    assert twin.strides == array.strides or not array.size
    assert not np.shares_memory(twin, array)


@pytest.mark.parametrize("writeable", [True, False])
def test_a_copied_array_keeps_its_read_only_flag(writeable):
    array = np.ones(2)
    array.flags.writeable = writeable
    assert copied(array).flags.writeable == writeable


def test_a_copied_module_has_weights_modes_and_gradients_of_its_own():
    model = nn.Sequential(layer(), nn.Dropout()).eval()
    twin = copied(model)
    assert changed_leaves(model, twin) == []
    assert not share_memory(model, twin) and not twin[1].training
    assert twin[0].weight.grad is not None and twin[0].weight.grad is not model[0].weight.grad


def test_a_copied_optimizer_steps_the_copied_module():
    model = layer()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    twin, stepper = copied([model, optimizer])
    twin(torch.ones(1, 2)).sum().backward()
    stepper.step()
    assert changed_leaves(model.weight.data, tensor([[2.0, 2.0]])) == [] and twin.weight[0, 0] < 2


def test_a_copied_generator_draws_the_same_numbers_without_moving_the_original():
    generator = torch.Generator().manual_seed(5)
    torch.rand(3, generator=generator)
    state = generator.get_state()
    first, second = (torch.rand(4, generator=copied([generator])[0]) for _ in range(2))
    assert torch.equal(first, second) and torch.equal(generator.get_state(), state)


def test_a_copied_parameter_is_a_parameter_with_its_gradient():
    parameter = nn.Parameter(X)
    parameter.grad = X + 1
    twin = copied([parameter])[0]
    assert isinstance(twin, nn.Parameter) and twin.requires_grad
    assert torch.equal(twin.grad, X + 1) and twin.grad is not parameter.grad


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_copy_on_another_device_has_its_gradients_there():
    x, model = copied([with_grad(X, X), layer()], "cuda")
    places = [tensor.device.type for tensor in (x, x.grad, model.weight, model.weight.grad)]
    assert places == ["cuda"] * 4 and x.is_leaf and x.requires_grad


def test_a_copied_pretend_tensor_stays_on_the_pretend_gpu():
    assert copied([pretend(X)])[0].device.type == "cuda"


# leaves


def test_leaves_have_the_paths_that_a_learner_would_write():
    tree = {"a": [X, 1], "b": (None,)}
    paths = [path for path, _ in leaves(tree) if "length" not in path]
    assert paths == ["['a'][0]", "['a'][0].requires_grad", "['a'][1]", "['b'][0]"]


def test_leaves_of_a_module_are_parameters_buffers_and_modes():
    paths = [path for path, _ in leaves(nn.Sequential(nn.BatchNorm1d(2)), "model")]
    assert {"model.0.weight", "model.0.running_mean", "model.0.training"} <= set(paths)


def test_leaves_of_a_tensor_include_its_gradient():
    assert dict(leaves(with_grad(X, X)))[".grad"].tolist() == X.tolist()


def test_flat_gives_what_is_nested_at_any_depth():
    assert list(flat([1, (2, {"a": [3]}), []])) == [1, 2, 3]


@given(data=nested_lists())
def test_flat_keeps_the_order(data):
    assert list(flat(data)) == tensor(data).flatten().tolist()


def test_tensors_are_found_in_lists_and_modules():
    module = nn.Linear(1, 1)
    assert [id(x) for x in trees.tensors([X, {"m": module}, 3, (X,)])] == [
        id(X),
        id(module.weight),
        id(module.bias),
        id(X),
    ]


# same


@pytest.mark.parametrize(
    "pair",
    [
        (X, X.clone()),
        (tensor([NAN]), tensor([NAN])),
        (np.array([NAN]), np.array([NAN])),
        (NAN, NAN),
        (3, 3),
        (None, None),
        ("a", "a"),
        (torch.ones(0), torch.ones(0)),
        (tensor([NAN], dtype=torch.bfloat16), tensor([NAN], dtype=torch.bfloat16)),
        (np.float32(1), np.float32(1)),
    ],
    ids=str,
)
def test_equal_leaves_are_the_same(pair):
    assert same(*pair)


@pytest.mark.parametrize(
    "pair",
    [
        (X, X + 1), (X, X.double()), (X, X[None]), (X, X.numpy()), (tensor([NAN]), tensor([1.0])), (tensor([1.0]), tensor([NAN])),
        (torch.ones(1), torch.ones(())), (torch.ones(1), torch.ones(3)), (torch.ones(1, 3), torch.ones(3, 1)), (torch.ones(0), torch.ones(0, 2)),
        (np.ones(2), np.ones(2, np.float32)), (np.ones(2), np.zeros(2)), (np.ones(2), np.ones((1, 2))), (np.array([NAN]), np.array([1.0])),
        (np.ones(2, "<f4"), np.ones(2, ">f4")), (1, True), (1, 1.0), (0, None), (np.float32(1), np.float64(1)), (1.0, np.float64(1)), (NAN, 1.0),
        (tensor([True]), tensor([1])), ("a", "b"), (torch.float32, torch.float64), (np.ones(2), 1.0), (np.ones(1), np.float64(1)),
    ],
    ids=str,
)  # fmt: skip
def test_different_leaves_are_not_the_same(pair):
    assert not same(*pair) and not same(*reversed(pair))


# changes


def change_each(tree):
    """Yield copies of a tree with one leaf changed in place."""
    for index, leaf in enumerate(flat(tree)):
        twin = copy.deepcopy(tree)
        target = list(flat(twin))[index]
        target += 1
        yield leaf, tree, twin


@given(
    tree=st.lists(
        tensors((2, 1), (torch.float32, torch.int64)) | arrays((1, 2), (np.float64, np.int64)), min_size=1, max_size=3
    )
)
def test_a_change_of_any_leaf_is_seen_at_its_place(tree):
    for index, (_, before, after) in enumerate(change_each(tree)):
        assert changed_leaves(before, after) == [f"[{index}]"]


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ([1], [1, 2], ["[1]"]), ([1, 2], [1], ["[1]"]), ({"a": 1}, {}, ["['a']"]), ({}, {"a": 1}, ["['a']"]), (1, 2, [""]), ([1], [True], ["[0]"]),
    ],
)  # fmt: skip
def test_added_and_removed_leaves_are_changes(before, after, paths):
    assert [path for path in changed_leaves(before, after) if "length" not in path] == paths


@pytest.mark.parametrize(("before", "after"), [([], [[]]), ({}, {"a": []}), ([[], 1], [1]), ([[1], []], [[], [1]])])
def test_a_change_among_empty_lists_is_a_change(before, after):
    assert changed_leaves(before, after) and changed_leaves(after, before)


def change_weight(model):
    model.weight.data[0, 0] += 1


def drop_gradient(model):
    model.weight.grad = None


def change_gradient(model):
    model.weight.grad += 1


CHANGES = {
    ".weight": change_weight,
    ".weight.grad": drop_gradient,
    ".bias.grad": lambda model: model.bias.grad.zero_(),
    ".bias.requires_grad": lambda model: model.bias.requires_grad_(False),
    ".training": lambda model: model.eval(),
}


@pytest.mark.parametrize("path", CHANGES)
def test_a_change_of_a_module_is_seen_at_its_place(path):
    model = layer()
    before = copy.deepcopy(model)
    before.weight.grad, before.bias.grad = model.weight.grad.clone(), model.bias.grad.clone()
    CHANGES[path](model)
    assert changed_leaves(before, model) == [path]


def test_a_step_of_an_optimizer_is_a_change_of_its_state():
    model = layer()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    before = copied(optimizer)
    optimizer.step()
    assert any(path.startswith(".state") for path in changed_leaves(before, optimizer))


def test_an_untouched_optimizer_is_unchanged():
    optimizer = torch.optim.Adam(layer().parameters())
    optimizer.step()
    assert changed_leaves(copied(optimizer), optimizer) == []


def test_a_settings_of_an_optimizer_is_a_leaf():
    optimizer = torch.optim.SGD(layer().parameters(), lr=0.5)
    before = copied(optimizer)
    optimizer.param_groups[0]["lr"] = 0.1
    assert changed_leaves(before, optimizer) == [".param_groups[0]['lr']"]


# memory


@pytest.mark.parametrize(
    "derive",
    [
        lambda x: x, lambda x: x[1:], lambda x: x.mT, lambda x: x[:, ::2], lambda x: x.flatten(), lambda x: x.detach(), lambda x: x.numpy(),
        lambda x: x.numpy()[::-1], lambda x: [torch.ones(1), {"a": x[0]}], lambda x: x.expand(3, 2, 3), lambda x: x.view(torch.int32), lambda x: nn.Parameter(x),
    ],
)  # fmt: skip
def test_views_share_memory(derive):
    x = torch.zeros(2, 3)
    assert share_memory(x, derive(x)) and share_memory(derive(x), x)


@pytest.mark.parametrize(
    "derive",
    [
        lambda x: x.clone(),
        lambda x: x.mT.contiguous(),
        lambda x: x + 0,
        lambda x: x.numpy().copy(),
        lambda x: x.tolist(),
        lambda x: None,
        lambda x: x.double(),
    ],
)
def test_copies_share_no_memory(derive):
    x = torch.zeros(2, 3)
    assert not share_memory(x, derive(x)) and not share_memory(derive(x), x)


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_memory_is_compared_in_every_dtype(dtype):
    x = torch.zeros(2, 3).to(dtype)
    assert share_memory(x, x[1]) and not share_memory(x, x.clone())


def test_parts_of_one_storage_that_do_not_overlap_share_no_memory():
    x = torch.zeros(4)
    assert not share_memory(x[:2], x[2:]) and not share_memory(x[::2], x[1::2])


def test_empty_tensors_share_no_memory():
    x = torch.zeros(2, 0)
    assert not share_memory(x, x) and not share_memory(X[:0], X)


def test_modules_share_the_memory_of_their_parameters_and_buffers():
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    assert not share_memory(first, second) and share_memory(first, [first.weight])
    second.weight = first.weight
    assert share_memory(first, second)
    norm = nn.BatchNorm1d(2)
    assert share_memory(norm, norm.running_mean)


def test_memory_is_compared_on_the_pretend_gpu_too():
    x = pretend(torch.zeros(3))
    assert share_memory(x, x[1:]) and not share_memory(x, x.clone())


def test_tensors_without_memory_are_compared_by_their_facts():
    empty = torch.empty(2, device="meta")
    assert trees.same(empty, torch.empty(2, device="meta")) and not trees.same(empty, torch.empty(3, device="meta"))
    assert not trees.same(empty, torch.empty(2)) and not trees.share_memory(empty, torch.empty(2, device="meta"))
