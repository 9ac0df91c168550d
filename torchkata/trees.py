"""Nested values: copy them, flatten them, compare them bit for bit.

A tree is a tensor, an array, a number, a module, an optimizer, or a list, tuple or dict of trees, and what `parts`
knows of.
"""

import copy
import ctypes
from collections import Counter
from collections.abc import Iterator
from functools import singledispatch
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


def copied(tree: Any, device: str = "cpu") -> Any:
    """Return a copy of `tree` on `device`: own memory, the same strides, flags and gradients.

    Tensors that share memory with each other do so in the copy too; a tensor and an array don't.
    """
    memo: dict[int, Any] = {}
    found = list(flat(tree))
    owners = Counter(leaf.untyped_storage().data_ptr() for leaf in found if isinstance(leaf, Tensor))
    for leaf in found:
        if isinstance(leaf, np.ndarray):
            memo[id(leaf)] = _array_copy(leaf)
        elif isinstance(leaf, torch.Generator):
            memo[id(leaf)] = torch.Generator(leaf.device).set_state(leaf.get_state())
        elif isinstance(leaf, nn.Module):
            memo |= {id(each): _parameter_copy(each) for each in leaf.parameters() if id(each) not in memo}
        elif isinstance(leaf, nn.Parameter):
            memo.setdefault(id(leaf), _parameter_copy(leaf))
        elif isinstance(leaf, Tensor) and not leaf.is_leaf:
            memo[id(leaf)] = _tensor_copy(leaf.detach()).requires_grad_().view_as(leaf)
        elif type(leaf) is Tensor and _is_plain(leaf) and owners[leaf.untyped_storage().data_ptr()] == 1:
            memo[id(leaf)] = _tensor_copy(leaf)
    twin = copy.deepcopy(tree, memo)
    if device != "cpu":
        for leaf in flat(twin):
            _move(leaf, device)
    return twin


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, leaf) for all that can be compared: tensors, gradients, flags, numbers, names."""
    if isinstance(tree, Tensor):
        yield path, tree.detach() if tree.is_meta else tree.detach().cpu()
        if tree.is_leaf and tree.grad is not None:
            yield f"{path}.grad", tree.grad.detach().cpu()
        yield f"{path}.requires_grad", tree.requires_grad
    elif isinstance(tree, (list, tuple)):
        yield f"{path} (length)", len(tree)
        for index, item in enumerate(tree):
            yield from leaves(item, f"{path}[{index}]")
    elif isinstance(tree, dict):
        yield f"{path} (length)", len(tree)
        for key, item in tree.items():
            yield from leaves(item, f"{path}[{key!r}]")
    elif isinstance(tree, nn.Module):
        for name, tensor in tree.state_dict(keep_vars=True).items():
            yield from leaves(tensor, f"{path}.{name}")
        for name, module in tree.named_modules():
            yield f"{path}.{name}.training".replace("..", "."), module.training
    elif isinstance(tree, torch.optim.Optimizer):
        for index, group in enumerate(tree.param_groups):
            rest = {key: value for key, value in group.items() if key != "params"}
            yield from leaves(rest, f"{path}.param_groups[{index}]")
        yield from leaves(list(tree.state.values()), f"{path}.state")
    elif isinstance(tree, np.ndarray):
        yield path, tree
        yield f"{path}.flags.writeable", tree.flags.writeable
    elif isinstance(tree, (np.generic, int, float, str, type(None), torch.dtype, torch.device)):
        yield path, tree
    elif parts(tree) is not None:
        yield from leaves(parts(tree), path)
    else:
        yield f"{path} ({type(tree).__name__})", None


@singledispatch
def parts(value: object) -> Any:
    """A tree that stands for a value of another type; a kata registers its types (a figure, say). None for others."""
    return None


def flat(tree: Any) -> Iterator[Any]:
    """Yield what lists, tuples and dicts hold, at any depth."""
    if isinstance(tree, (list, tuple)):
        for item in tree:
            yield from flat(item)
    elif isinstance(tree, dict):
        yield from flat(list(tree.values()))
    else:
        yield tree


def same(left: Any, right: Any) -> bool:
    """Whether two leaves have one type, dtype and shape and equal values (nan equals nan)."""
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        facts = [(leaf.dtype, leaf.shape, leaf.device.type) for leaf in (left, right)]
        if left.is_meta or right.is_meta:
            return facts[0] == facts[1]
        return (facts[0] == facts[1] and torch.equal(left, right)) or _equal_with_nan(left, right, facts)
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        alike = left.dtype == right.dtype and left.shape == right.shape
        return alike and bool(np.array_equal(left, right, equal_nan=left.dtype.kind in "fc"))
    if type(left) is not type(right):
        return False
    return bool(left == right or (left != left and right != right))


def changed_leaves(before: Any, after: Any) -> list[str]:
    """The paths of leaves that differ between two states of one tree."""
    old, new = dict(leaves(before)), dict(leaves(after))
    return [path for path in old | new if not (path in old and path in new and same(old[path], new[path]))]


def storages(tree: Any) -> Iterator[np.ndarray]:
    """Yield a NumPy view of the memory of each CPU tensor and array in `tree`."""
    for leaf in flat(tree):
        if isinstance(leaf, np.ndarray):
            yield leaf
        elif isinstance(leaf, nn.Module):
            yield from storages([*leaf.parameters(), *leaf.buffers()])
        elif isinstance(leaf, Tensor) and leaf.device.type == "cpu":
            plain = leaf.detach()
            yield (plain.view(torch.int16) if plain.dtype == torch.bfloat16 else plain).numpy()


def share_memory(left: Any, right: Any) -> bool:
    """Whether some tensor or array of `left` uses memory of one in `right`."""
    gpu = [{leaf.untyped_storage().data_ptr() for leaf in flat(tree) if _has_memory(leaf)} for tree in (left, right)]
    if gpu[0] & gpu[1] and not all(_on_cpu(leaf) for leaf in flat([left, right])):
        return True
    return any(np.may_share_memory(a, b) and np.shares_memory(a, b) for a in storages(left) for b in storages(right))


def _has_memory(leaf: Any) -> bool:
    return isinstance(leaf, Tensor) and not leaf.is_meta and leaf.numel() > 0


def is_empty(tree: Any) -> bool:
    """Whether no tensor and no array of `tree` has an element."""
    return not any([leaf.numel() for leaf in tensors(tree)] + [leaf.size for leaf in _arrays(tree)])


def _arrays(tree: Any) -> list[np.ndarray]:
    return [leaf for leaf in flat(tree) if isinstance(leaf, np.ndarray)]


def tensors(tree: Any) -> list[Tensor]:
    """All tensors of `tree`, parameters of modules included, in order."""
    found: list[Tensor] = []
    for leaf in flat(tree):
        found += list(leaf.parameters()) if isinstance(leaf, nn.Module) else [leaf] if isinstance(leaf, Tensor) else []
    return found


def _on_cpu(leaf: Any) -> bool:
    return not isinstance(leaf, Tensor) or leaf.device.type == "cpu"


def _equal_with_nan(left: Tensor, right: Tensor, facts: list[Any]) -> bool:
    if facts[0] != facts[1] or not left.is_floating_point():
        return False
    both_nan = left.isnan() & right.isnan()
    return bool((both_nan | (left == right)).all())


def _is_plain(tensor: Tensor) -> bool:
    """Whether a tensor is values and strides and nothing else: no graph, no expanded dimension."""
    return not tensor.requires_grad and tensor.grad is None and 0 not in tensor.stride()


def _move(leaf: Any, device: str) -> None:
    """Move a tensor, a module or the state of an optimizer to a device, in place, as `Module.to` does."""
    if isinstance(leaf, nn.Module):
        leaf.to(device)
    elif isinstance(leaf, Tensor):
        grad = leaf.grad if leaf.is_leaf else None
        leaf.data = leaf.data.to(device)
        if grad is not None:
            grad.data = grad.data.to(device)
    elif isinstance(leaf, torch.optim.Optimizer):
        for state in leaf.state.values():
            for value in flat(state):
                _move(value, device)


def _tensor_copy(tensor: Tensor) -> Tensor:
    """What deepcopy does for a plain tensor that shares its memory with no other, five times faster."""
    size, stride, offset = tensor.size(), tensor.stride(), tensor.storage_offset()
    if not offset:
        return torch.empty_strided(size, stride, dtype=tensor.dtype, device=tensor.device).copy_(tensor)
    span = sum((side - 1) * step for side, step in zip(size, stride, strict=True)) + 1
    memory = torch.zeros(max(0, offset + span), dtype=tensor.dtype, device=tensor.device)
    return memory.as_strided(size, stride, offset).copy_(tensor)


def _parameter_copy(parameter: nn.Parameter) -> nn.Parameter:
    """A copy with its gradient, which deepcopy leaves behind."""
    twin = nn.Parameter(_tensor_copy(parameter.detach()), parameter.requires_grad)
    if parameter.grad is not None:
        twin.grad = parameter.grad.detach().clone()
    return twin


def _array_copy(array: np.ndarray) -> np.ndarray:
    """Copy an array together with its strides (negative ones too), byte order and read-only flag."""
    low = sum(min(0, stride * (side - 1)) for stride, side in zip(array.strides, array.shape, strict=True))
    high = sum(max(0, stride * (side - 1)) for stride, side in zip(array.strides, array.shape, strict=True))
    if array.size == 0:
        twin = array.copy()
    else:
        flat = np.lib.stride_tricks.as_strided(array, (), ())
        start = flat.__array_interface__["data"][0] + low
        memory = (ctypes.c_char * (high - low + array.itemsize)).from_address(start)
        twin = np.ndarray(array.shape, array.dtype, bytearray(memory), offset=-low, strides=array.strides)
    twin.flags.writeable = array.flags.writeable
    return twin
