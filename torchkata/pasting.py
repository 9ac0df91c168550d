"""Values as Python that can be pasted into a file or a prompt."""

import math
from collections.abc import Callable, Sequence
from functools import singledispatch
from pathlib import PurePath
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

INFERRED = (torch.int64, torch.float32, torch.bool)  # dtypes that torch.tensor finds by itself
MANY = 32  # equal elements are not written out one by one


@singledispatch
def paste(value: Any) -> str:
    """Return Python source that builds `value`; for a type not known here its `repr`.

    A value that carries its own source in an attribute `source` (see `strategies`) is shown by it.
    """
    return str(getattr(value, "source", None) or repr(value))


@paste.register
def _(value: float) -> str:
    return repr(value) if math.isfinite(value) else f'float("{value}")'


@paste.register(tuple)
@paste.register(list)
def _(value: Any) -> str:
    inside = ", ".join(map(paste, value))
    if isinstance(value, list):
        return f"[{inside}]"
    return f"({inside},)" if len(value) == 1 else f"({inside})"


@paste.register
def _(value: dict) -> str:
    return "{" + ", ".join(f"{paste(key)}: {paste(item)}" for key, item in value.items()) + "}"


@paste.register
def _(value: type) -> str:
    package = value.__module__.split(".")[0]
    inside = "nn." if issubclass(value, nn.Module) else {"torch": "torch.", "numpy": "np."}.get(package, "")
    return f"{inside}{value.__name__}"


@paste.register
def _(value: np.dtype) -> str:
    return f"np.dtype({value.str!r})"


@paste.register
def _(value: PurePath) -> str:
    return f'Path("{value.as_posix()}")'


@paste.register
def _(value: torch.device) -> str:
    return f'torch.device("{value}")'


@paste.register
def _(value: torch.Generator) -> str:
    return f"torch.Generator().manual_seed({value.initial_seed()})"


@paste.register
def _(value: np.generic) -> str:
    return f"np.{value.dtype.name}({paste(value.item())})"


@paste.register
def _(value: np.ndarray) -> str:
    """Values and dtype, and also the strides and the read-only flag."""
    steps = ["::-1" if stride < 0 else ":" for stride in value.strides]
    index: Any = (*(slice(None, None, -1 if step == "::-1" else 1) for step in steps), ...)
    forward = value[index]
    if forward.flags.c_contiguous or forward.size == 0:
        text = _plain_array(forward)
    elif forward.ndim > 1 and forward.swapaxes(-1, -2).flags.c_contiguous:
        text = _plain_array(forward.swapaxes(-1, -2)) + (".T" if value.ndim == 2 else ".swapaxes(-1, -2)")
    else:
        text = _plain_array(forward) + ".repeat(2, -1)[..., ::2]"
    text += f"[{', '.join(steps)}]" if "::-1" in steps and forward.size else ""
    return text if value.flags.writeable else f"np.asarray(memoryview({text}).toreadonly())"


@paste.register
def _(value: Tensor) -> str:
    plain = value.detach().cpu()
    empty = plain.numel() == 0
    maker, (text, tail) = "tensor", ("", "")
    if empty:
        maker, text = "empty", ", ".join(map(str, plain.shape))
    elif plain.numel() >= MANY and plain.is_contiguous() and len(set(map(str, plain.flatten().tolist()))) == 1:
        maker, text = "full", f"{tuple(plain.shape)}, {_nested(plain.flatten()[0])}"
    else:
        text, tail = _layout(plain)
    arguments = [text]
    if value.dtype != torch.float32 if empty else value.dtype not in INFERRED:
        arguments.append(f"dtype={value.dtype}")
    if value.device.type != "cpu":
        arguments.append(f'device="{value.device.type}"')
    tracked = value.requires_grad and value.is_leaf
    if tracked and not tail:
        arguments.append("requires_grad=True")
    made = f"torch.{maker}({', '.join(arguments)}){tail}"
    if tracked and tail:
        made += ".requires_grad_()"
    if value.is_leaf and value.grad is not None:
        return f"with_grad({made}, {paste(value.grad)})"
    return made


@paste.register
def _(value: nn.Linear) -> str:
    bias = "" if value.bias is None else f", bias={_nested(value.bias.detach().cpu())}"
    dtype = "" if value.weight.dtype == torch.float32 else f", dtype={value.weight.dtype}"
    frozen = "" if value.weight.requires_grad else ".requires_grad_(False)"
    return f"linear(weight={_nested(value.weight.detach().cpu())}{bias}{dtype}){frozen}"


@paste.register
def _(value: nn.Sequential) -> str:
    return f"nn.Sequential({', '.join(map(paste, value))})"


@paste.register
def _(value: nn.Module) -> str:
    return str(getattr(value, "source", None) or f"nn.{value!r}")


@paste.register
def _(value: torch.optim.Optimizer) -> str:
    shown = {"lr", "momentum", "weight_decay"}
    settings = [f"{k}={v!r}" for k, v in value.param_groups[0].items() if k in shown and (v or k == "lr")]
    return f"torch.optim.{type(value).__name__}(model.parameters(), {', '.join(settings)})"


def call_text(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The call `name(*args, **kwargs)` as source, one line; an optimizer refers to the module as `model`."""
    shown = [paste(value) for value in args]
    if any(isinstance(value, torch.optim.Optimizer) for value in args):
        shown = [f"model := {text}" if _is_model(value) else text for text, value in zip(shown, args, strict=True)]
    shown += [f"{key}={paste(value)}" for key, value in kwargs.items()]
    return f"{name}({', '.join(shown)})"


def method_text(
    made: str, instance: Any, steps: Sequence[tuple[str, Any, Any]], name: str, args: Any, kwargs: Any
) -> str:
    """A call of a method as source: `Linear(3, 2)(x)`, or with a name for the instance where steps came before it."""
    if not steps:
        return _method(made, name, args, kwargs)
    short = "model" if isinstance(instance, nn.Module) else "dataset" if hasattr(instance, "__getitem__") else "it"
    before = [_method(short, *step) for step in steps]
    return "; ".join([f"{short} = {made}", *before, _method(short, name, args, kwargs)])


def _method(of: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    if name == "__call__":
        return call_text(of, args, kwargs)
    if name == "__getitem__":
        return f"{of}[{', '.join(map(paste, args))}]"
    if name == "__getattribute__":
        return f"{of}.{args[0]}"
    if name in ("__len__", "__iter__"):
        return f"{name.strip('_')}({of})"
    return call_text(f"{of}.{name}", args, kwargs)


def _is_model(value: Any) -> bool:
    return isinstance(value, nn.Module) and next(value.parameters(), None) is not None


def _plain_array(array: np.ndarray) -> str:
    dtype = f"np.{array.dtype.name}" if array.dtype.isnative else repr(array.dtype.str)
    if array.size == 0:
        return f"np.empty({array.shape}{'' if array.dtype == np.float64 else f', dtype={dtype}'})"
    default = array.dtype in (np.int64, np.float64, np.bool_)
    return f"np.array({_nested(array)}{'' if default else f', dtype={dtype}'})"


def _layout(tensor: Tensor) -> tuple[str, str]:
    """Nested lists for `tensor`, and what must follow `torch.tensor(…)` to get the same strides."""
    if tensor.is_contiguous():
        return _nested(tensor), ""
    if tensor.ndim >= 2 and tensor.mT.is_contiguous():
        return _nested(tensor.mT), ".mT"
    return _nested(tensor), ".repeat_interleave(2, -1)" + (
        ".roll(1, -1)[..., 1::2]" if tensor.storage_offset() else "[..., ::2]"
    )


def _nested(values: Tensor | np.ndarray) -> str:
    """The elements as nested lists, floats with as many digits as their dtype needs."""
    array = values.float().numpy() if isinstance(values, Tensor) and values.dtype == torch.bfloat16 else values
    array = np.asarray(array)
    if array.dtype.kind != "f":
        return str(array.tolist())
    return _lists(array, lambda number: _float(number))


def _lists(array: np.ndarray, show: Callable[[Any], str]) -> str:
    if array.ndim == 0:
        return show(array[()])
    return "[" + ", ".join(_lists(row, show) for row in array) + "]"


def _float(number: Any) -> str:
    if not np.isfinite(number):
        return f'float("{number}")'
    text = str(number)
    return text[:-1] if text.endswith(".0") else text
