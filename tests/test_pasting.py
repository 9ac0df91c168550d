"""What is pasted builds the value again: equal, of the same dtype, in the same layout, with the same flags."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn, tensor

from torchkata import strategies
from torchkata.pasting import call_text, paste
from torchkata.pretend import pretend
from torchkata.strategies import arrays, linear, linears, nested_lists, tensors, with_grad
from torchkata.trees import changed_leaves

SCOPE = {"torch": torch, "np": np, "nn": nn, "linear": linear, "with_grad": with_grad}
INF, NAN = float("inf"), float("nan")
BF16 = torch.bfloat16
FLOATS = (torch.float32, torch.float64, torch.float16, BF16)
DTYPES = (*FLOATS, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)
ARRAY_DTYPES = (np.float64, np.float32, np.float16, np.int64, np.int32, np.uint8, np.bool_)
ANY_RANK = (2, 1, 0, 3)


def pasted(value):
    """The value that the pasted source builds."""
    return eval(paste(value), dict(SCOPE))


def strides(value):
    """The strides that matter: those of sides with more than one element."""
    steps = value.stride() if isinstance(value, torch.Tensor) else value.strides
    return [step for step, side in zip(steps, value.shape, strict=True) if side > 1 and 0 not in value.shape]


def assert_same(twin, value):
    """Equal bit for bit, with the same layout and flags."""
    assert type(twin) is type(value) and changed_leaves(value, twin) == []
    assert strides(twin) == strides(value)
    assert not isinstance(value, torch.Tensor) or twin.is_leaf == value.is_leaf


@given(x=tensors(ANY_RANK, DTYPES, min_side=0))
def test_a_tensor_comes_back(x):
    assert_same(pasted(x), x)


@given(x=tensors(ANY_RANK, FLOATS, min_side=0))
def test_a_leaf_that_requires_grad_comes_back(x):
    assert_same(pasted(x.requires_grad_()), x)


@given(x=tensors(ANY_RANK, FLOATS))
def test_a_leaf_with_a_gradient_comes_back(x):
    leaf = with_grad(x, x + 1)
    twin = pasted(leaf)
    assert_same(twin, leaf)
    assert torch.equal(twin.grad, leaf.grad)


@given(a=arrays(ANY_RANK, ARRAY_DTYPES, min_side=0))
def test_an_array_comes_back(a):
    assert_same(pasted(a), a)


TENSORS = {
    "0-d": tensor(2.5),
    "0-d int": tensor(3),
    "0-d bool": tensor(True),
    "one element": tensor([[7]]),
    "empty": torch.ones(0),
    "empty rows": torch.ones(0, 3),
    "empty columns": torch.ones(3, 0),
    "empty ints": torch.ones(0, 2, dtype=torch.int64),
    "empty leaf": torch.ones(2, 0, requires_grad=True),
    "empty middle": torch.ones(2, 0, 3, dtype=torch.float64),
    "not numbers": tensor([NAN, INF, -INF]),
    "not numbers in bfloat16": tensor([NAN, INF, -INF], dtype=BF16),
    "not a number": tensor(NAN, dtype=torch.float64),
    "minus zero": tensor([-0.0, 0.0]),
    "tenth": tensor([0.1, 1 / 3]),
    "tenth in float64": tensor([0.1, 1 / 3], dtype=torch.float64),
    "tenth in float16": tensor([0.1, 1 / 3], dtype=torch.float16),
    "tenth in bfloat16": tensor([0.1, 1 / 3], dtype=BF16),
    "extremes": tensor([3.4e38, 1e-45, -1e20]),
    "large ints": tensor([2**63 - 1, -(2**63), 2**53 + 1]),
    "int8": tensor([-128, 127], dtype=torch.int8),
    "whole floats": tensor([1.0, 2.0]),
    "complex": tensor([1 + 2j, -1j]),
    "complex double": tensor([1 + 2j], dtype=torch.complex128),
    "transposed": torch.arange(6).reshape(2, 3).mT,
    "transposed leaf": torch.arange(6.0).reshape(2, 3).mT.requires_grad_(),
    "many of one number": torch.zeros(300, dtype=torch.uint8),
    "many of one float": torch.full((8, 4), 0.1, dtype=torch.float64).requires_grad_(),
    "many of one truth": torch.ones(6, 6, dtype=torch.bool),
    "gapped leaf": torch.arange(6.0)[::2].requires_grad_(),
    "both zeros, many": torch.tensor([-0.0, 0.0]).repeat(20),
    "gapped": torch.arange(6)[::2],
    "integer keys": torch.eye(3, dtype=torch.int32),
}


@pytest.mark.parametrize("name", TENSORS)
def test_a_pinned_tensor_comes_back(name):
    assert_same(pasted(TENSORS[name]), TENSORS[name])


@pytest.mark.parametrize("count", [1, 20])
def test_minus_zero_keeps_its_sign(count):
    assert pasted(tensor([-0.0, 0.0] * count)).signbit().tolist() == [True, False] * count


def test_many_equal_numbers_are_not_written_one_by_one():
    assert paste(torch.zeros(300, 1, dtype=torch.uint8)) == "torch.full((300, 1), 0, dtype=torch.uint8)"
    assert paste(torch.ones(4)) == "torch.tensor([1., 1., 1., 1.])"


@given(x=tensors((1, 2, 3), torch.int64, min_side=2, layouts=("gapped",)))
def test_a_tensor_that_begins_inside_of_its_storage_comes_back(x):
    twin = pasted(x)
    assert (twin.stride(), twin.storage_offset()) == (x.stride(), x.storage_offset()) and torch.equal(twin, x)


LAYOUTS = {
    "every second row": torch.arange(12.0).reshape(4, 3)[::2],
    "every third column": torch.arange(12.0).reshape(2, 6)[:, ::3],
    "inner columns": torch.arange(12.0).reshape(3, 4)[:, 1:3],
    "permuted": torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1),
    "expanded": torch.arange(3.0).expand(2, 3),
    "expanded column": torch.arange(3.0)[:, None].expand(3, 2),
    "a row, expanded and transposed": torch.arange(3.0).expand(2, 3).mT,
    "channels last": torch.arange(24.0).reshape(1, 2, 3, 4).to(memory_format=torch.channels_last),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_that_is_not_contiguous_stays_not_contiguous(name):
    x = LAYOUTS[name]
    twin = pasted(x)
    assert torch.equal(twin, x) and not twin.is_contiguous()


ARRAYS = {
    "0-d": np.array(2.5),
    "0-d int": np.array(3),
    "0-d float32": np.array(2.5, np.float32),
    "empty": np.ones(0),
    "empty rows": np.ones((0, 3)),
    "empty columns": np.ones((3, 0), np.float32),
    "empty bools": np.ones((0, 2), bool),
    "not numbers": np.array([NAN, INF, -INF]),
    "not numbers in float16": np.array([NAN, INF, -INF], np.float16),
    "tenths": np.array([0.1, 1 / 3]),
    "tenths in float32": np.array([0.1, 1 / 3], np.float32),
    "minus zero": np.array([-0.0]),
    "bools": np.array([[True, False]]),
    "uint16": np.array([65535], np.uint16),
    "big endian": np.array([1.5, 2.5], ">f4"),
    "big endian ints": np.array([[1, 2], [3, 4]], ">i8"),
    "reversed": np.arange(4)[::-1],
    "reversed big endian": np.arange(4, dtype=">f8")[::-1],
    "reversed rows": np.arange(6.0).reshape(2, 3)[::-1],
    "reversed columns": np.arange(6.0).reshape(2, 3)[:, ::-1],
    "reversed both": np.arange(6).reshape(2, 3)[::-1, ::-1],
    "reversed uint8": np.arange(4, dtype=np.uint8)[::-1],
    "transposed": np.arange(6).reshape(2, 3).T,
    "transposed in three dimensions": np.arange(24).reshape(2, 4, 3).swapaxes(1, 2),
    "gapped": np.arange(6)[::2],
    "reversed and gapped": np.arange(6)[::-2],
    "complex": np.array([1 + 2j]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_a_pinned_array_comes_back(name):
    assert_same(pasted(ARRAYS[name]), ARRAYS[name])


def test_an_expanded_array_comes_back_equal():
    array = np.broadcast_to(np.arange(3), (2, 3))
    assert np.array_equal(pasted(array), array) and not pasted(array).flags.writeable


def test_a_tensor_on_another_device_is_shown_on_it():
    assert paste(pretend(tensor([1.0]))) == 'torch.tensor([1.], device="cuda")'


VALUES = {
    "none": None,
    "int": -3,
    "bool": True,
    "float": 0.1,
    "whole float": 2.0,
    "large float": 1e300,
    "text": 'it\'s "here"\n',
    "bytes": b"ab",
    "list": [1, 2.5, None],
    "empty list": [],
    "pair": (1, "a"),
    "one in a tuple": (1,),
    "empty tuple": (),
    "dict": {"a": [1], 2: (3.5,)},
    "empty dict": {},
    "set": {1, 2},
    "slice": slice(1, None, 2),
    "range": range(3),
    "ellipsis": ...,
    "complex": 1 + 2j,
    "dtype": torch.float32,
    "size": torch.Size([2, 3]),
    "device": torch.device("cpu"),
    "other device": torch.device("cuda", 1),
    "type": int,
    "error type": ValueError,
    "tensor type": torch.Tensor,
    "layer type": nn.Linear,
    "array dtype": np.float32,
    "dtype object": np.dtype("float32"),
    "big endian dtype object": np.dtype(">f4"),
    "numpy float": np.float64(0.1),
    "numpy float32": np.float32(0.1),
    "numpy int": np.int64(3),
    "numpy uint8": np.uint8(255),
    "numpy bool": np.bool_(True),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_plain_value_comes_back(name):
    value, twin = VALUES[name], pasted(VALUES[name])
    assert twin == value and (type(twin) is type(value) or isinstance(value, torch.Size))


@pytest.mark.parametrize("value", [INF, -INF, NAN, np.float32(NAN), np.float64(-INF)], ids=repr)
def test_a_float_that_is_no_number_comes_back(value):
    assert np.array_equal(pasted(value), value, equal_nan=True) and type(pasted(value)) is type(value)


@given(data=nested_lists())
def test_nested_lists_come_back(data):
    assert repr(pasted(data)) == repr(data)


@given(tree=st.lists(tensors((2, 1), DTYPES) | arrays((1, 2)) | st.floats() | st.text(), max_size=3))
def test_a_list_of_all_kinds_comes_back(tree):
    assert changed_leaves(tree, pasted(tree)) == []
    assert changed_leaves({"a": (tree,)}, pasted({"a": (tree,)})) == []


@given(seed=strategies.seeds())
def test_a_generator_comes_back_as_it_was_seeded(seed):
    first, second = (
        torch.rand(3, generator=g)
        for g in (pasted(torch.Generator().manual_seed(seed)), torch.Generator().manual_seed(seed))
    )
    assert torch.equal(first, second)


# modules and optimizers


@given(layer=linears(3, 2))
def test_a_linear_layer_comes_back(layer):
    assert changed_leaves(layer, pasted(layer)) == []


@pytest.mark.parametrize("dtype", [torch.float64, BF16], ids=str)
def test_a_linear_layer_keeps_its_dtype(dtype):
    layer = linear([[0.1, 1 / 3]], [0.7], dtype)
    assert changed_leaves(layer, pasted(layer)) == []


def test_a_frozen_linear_layer_stays_frozen():
    layer = linear([[1.0, 2.0]], [3.0]).requires_grad_(False)
    assert changed_leaves(layer, pasted(layer)) == []


MODULES = {
    "no bias": linear([[1.0, 2.0]]),
    "layers": nn.Sequential(linear([[1.0], [2.0]], [0.5, 0.25]), nn.ReLU(), linear([[3.0, 4.0]])),
    "nested": nn.Sequential(nn.Sequential(linear([[1.0]])), nn.Tanh()),
    "no layers": nn.Sequential(),
    "flatten": nn.Flatten(),
    "dropout": nn.Dropout(0.25),
    "identity": nn.Identity(),
}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_comes_back(name):
    twin = pasted(MODULES[name])
    assert changed_leaves(MODULES[name], twin) == [] and repr(twin) == repr(MODULES[name])


def test_a_value_that_carries_its_source_is_shown_by_it():
    thing, model = type("Thing", (), {})(), nn.ModuleList()
    thing.source, model.source = "Thing(7)", "build(3)"
    assert (paste([thing]), paste(model)) == ("[Thing(7)]", "build(3)")


def test_an_optimizer_is_shown_with_its_settings():
    optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.5, momentum=0.9)
    assert paste(optimizer) == "torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)"


# how it reads


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (tensor([1.0, 2.5]), "torch.tensor([1., 2.5])"),
        (tensor([[1, 2], [3, 4]]), "torch.tensor([[1, 2], [3, 4]])"),
        (tensor([True]), "torch.tensor([True])"),
        (tensor(3), "torch.tensor(3)"),
        (tensor([0.1]), "torch.tensor([0.1])"),
        (tensor([1], dtype=torch.uint8), "torch.tensor([1], dtype=torch.uint8)"),
        (tensor([1.5], requires_grad=True), "torch.tensor([1.5], requires_grad=True)"),
        (tensor([NAN]), 'torch.tensor([float("nan")])'),
        (np.array([1.0, 2.5]), "np.array([1., 2.5])"),
        (np.array([1], np.uint8), "np.array([1], dtype=np.uint8)"),
        (np.arange(3)[::-1], "np.array([0, 1, 2])[::-1]"),
        (torch.float32, "torch.float32"),
        (INF, 'float("inf")'),
        ((1,), "(1,)"),
    ],
    ids=str,
)
def test_source_reads_as_one_would_write_it(value, text):
    assert paste(value) == text


def test_a_call_shows_arguments_in_order_and_by_name():
    assert (
        call_text("total", (tensor([1, 2]), 3), {"dim": 0, "keepdim": True})
        == "total(torch.tensor([1, 2]), 3, dim=0, keepdim=True)"
    )
    assert call_text("now", (), {}) == "now()"


@given(x=tensors(ANY_RANK, DTYPES, min_side=0), a=arrays(ANY_RANK, ARRAY_DTYPES))
def test_a_call_is_one_line(x, a):
    assert "\n" not in call_text("f", (x, a), {"x": x})


@given(x=tensors(ANY_RANK, DTYPES))
def test_pasting_changes_nothing(x):
    before, layout = x.clone(), x.stride()
    paste(x)
    assert torch.equal(x, before) and x.stride() == layout


def test_an_optimizer_finds_its_model_in_the_pasted_call():
    model = torch.nn.Linear(1, 1)
    text = call_text("train", (model, torch.nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.1)), {})
    assert text.startswith("train(model := linear(weight=")
    assert text.endswith("nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.1))")
