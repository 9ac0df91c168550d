"""Run a stub once more on a pretend GPU, so that a hard-coded device shows on a laptop."""

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from torchkata import source, trees
from torchkata.errors import KataError
from torchkata.guards import global_state
from torchkata.kata import Answer, Function
from torchkata.pretend import PretendGpu, PretendTensor, map_tensors, pretend

TRANSFORMS = {"vmap", "func", "functional_call", "jacobian", "hessian"}
NEEDS_HARDWARE = ("NVIDIA", "CUDA error", "Torch not compiled with CUDA")


def rehearse(answer: Answer) -> None:
    """Repeat the call of `answer` with its tensors on a pretend GPU; raise KataError where that fails.

    A stub is rehearsed a few times in a run; one that failed is rehearsed each time, so that the verdict
    does not depend on the order of the examples.
    """
    stub = answer.stub
    if stub.rehearsals_left <= 0 or not can_be_rehearsed(answer.before):
        return
    args, kwargs = map_tensors(trees.copied(answer.before), pretend)
    try:
        with global_state(), PretendGpu():
            value = stub.function(*args, **kwargs)
    except Exception as error:
        if any(word in str(error) for word in NEEDS_HARDWARE) or is_beyond_pretending(stub.function):
            return
        first = str(error).strip().split("\n")[0]
        raise _on_gpu(answer, "fails on a GPU", got=f"{type(error).__name__}: {first}".rstrip(": ")) from None
    if any(isinstance(leaf, torch.device) and leaf.type == "cpu" for leaf in trees.flat([value])):
        raise _on_gpu(answer, "wrong device", got="device(type='cpu')", difference="cpu, expected cuda:0")
    stray = any(not isinstance(leaf, PretendTensor) for leaf in trees.tensors([value]))
    if stray and not is_beyond_pretending(stub.function):
        raise _on_gpu(answer, "wrong device", got="a tensor on cpu", difference="on cpu, expected cuda:0")
    stub.rehearsals_left -= 1


def can_be_rehearsed(arguments: Any) -> bool:
    """Whether a call with these arguments can be repeated on a pretend GPU: plain tensors, no graph."""
    inputs = list(trees.flat([arguments]))
    if any(isinstance(leaf, (nn.Module, np.ndarray)) for leaf in inputs):
        return False
    tensors = [leaf for leaf in inputs if isinstance(leaf, Tensor)]
    return bool(tensors) and not any(tensor.requires_grad for tensor in tensors)


def is_beyond_pretending(function: Function) -> bool:
    """Whether a function uses what a pretend GPU cannot follow: layers that move, transforms of functions."""
    plain = inspect.unwrap(function)
    try:
        words = source.words(source.parse(Path(inspect.getfile(plain))), plain.__name__)
    except (OSError, SyntaxError, TypeError, AttributeError):
        return False
    return bool(words & TRANSFORMS) or any(_is_layer(getattr(nn, word, None)) for word in words)


def _is_layer(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, nn.Module)


def _on_gpu(answer: Answer, reason: str, **facts: Any) -> KataError:
    message = (
        'With its inputs on a GPU (`device="cuda"`) this call goes wrong: make new tensors on the device of the input.'
    )
    return KataError(
        reason,
        call=answer.call,
        expected="a result on the device of the inputs",
        message=message,
        **facts,
        **answer.stub.place,
    )
