"""A pretend GPU: tensors that say they live on `cuda`, on a machine without one.

A `PretendTensor` holds its values on the CPU and answers "cuda:0" when asked for its device. Mixing it
with an ordinary tensor raises as it would on a GPU, so code with a hard-coded device is found on a
laptop. Fake tensors (`torch._subclasses`) know the same trick but hold no values, and making the first
one imports 900 modules (6 s); this is a plain subclass.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any, cast

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from torchkata import trees

CUDA = torch.device("cuda", 0)
DEVICE_MESSAGE = "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
INDEX_MESSAGE = "indices should be either on cpu or on the same device as the indexed tensor (cpu)"
NUMPY_MESSAGE = (
    "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
)
# These take tensors from two devices on a real GPU too: they only copy between them, or read one's shape …
COPIES = {Tensor.__getitem__, Tensor.__setitem__, Tensor.copy_, Tensor.expand_as, Tensor.reshape_as, Tensor.view_as}
FOLLOWS_LAST = {Tensor.to, Tensor.type_as}  # … the result lives where the last argument does …
MAKES_NEW = {torch.tensor, torch.as_tensor, torch.asarray}  # … or on the CPU, where the numbers come in lists
NEEDS_IDENTITY: set[Any] = {Tensor.backward, torch.autograd.grad, torch.autograd.backward}


class PretendTensor(Tensor):
    """A tensor with CPU memory that reports the device `cuda:0`."""

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        return CUDA

    @property
    def is_cuda(self) -> bool:  # type: ignore[override]
        return True

    @property
    def is_cpu(self) -> bool:  # type: ignore[override]
        return False

    def get_device(self) -> int:
        return CUDA.index

    def numpy(self, *, force: bool = False) -> Any:
        if force:
            return real(self).detach().numpy()
        raise TypeError(NUMPY_MESSAGE)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(NUMPY_MESSAGE)

    def __repr__(self, **kwargs: Any) -> str:  # type: ignore[override]
        return repr(real(self))[:-1] + ", device='cuda:0')"

    @classmethod
    def __torch_function__(cls, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return run(func, args, kwargs or {})


class PretendGpu(TorchFunctionMode):
    """Inside this mode `device="cuda"` gives pretend tensors."""

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return run(func, args, kwargs or {})


def pretend(tensor: Tensor) -> PretendTensor:
    """Return `tensor`, which keeps its memory and strides, as a tensor "on cuda"."""
    if tensor.requires_grad and tensor.is_leaf:
        with torch._C.DisableTorchFunctionSubclass():
            return cast(PretendTensor, tensor.detach().as_subclass(PretendTensor).requires_grad_())
    return tensor.as_subclass(PretendTensor)


def real(tensor: Tensor) -> Tensor:
    """Return the ordinary CPU tensor behind a pretend one."""
    with torch._C.DisableTorchFunctionSubclass():
        return tensor.as_subclass(Tensor)


def run(func: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """Run one torch function as a machine with a GPU would: check the devices, compute, label the result."""
    if func is torch.device:
        return func(*args, **kwargs)
    if func is Tensor.cpu:
        return real(args[0].clone()) if isinstance(args[0], PretendTensor) else args[0]
    if func is Tensor.cuda:
        return pretend(args[0].clone())
    if func is Tensor.numpy and isinstance(args[0], PretendTensor) and not kwargs.get("force"):
        raise TypeError(NUMPY_MESSAGE)
    args, kwargs, asked = _without_device(func, args, kwargs)
    tensors = [leaf for leaf in trees.flat([args, kwargs]) if isinstance(leaf, Tensor)]
    _refuse_two_devices(func, args, tensors)
    if isinstance(func, FunctionType) and func not in NEEDS_IDENTITY:  # it asks its arguments for their device
        args, kwargs = map_tensors(args, real), map_tensors(kwargs, real)
    with torch._C.DisableTorchFunction():
        result = func(*args, **kwargs)
    on_gpu = (asked or _device_of_result(func, args, tensors)) == "cuda"
    return map_tensors(result, lambda tensor: _labelled(tensor, tensors, on_gpu))


def _labelled(tensor: Tensor, inputs: list[Tensor], on_gpu: bool) -> Tensor:
    """A tensor of a result with the right device on it; one that was given comes back as itself."""
    if isinstance(tensor, PretendTensor) == on_gpu or tensor.device.type not in ("cpu", "cuda"):
        return tensor
    if any(tensor is each for each in inputs):  # it goes to the other device, so into other memory
        tensor = tensor.clone()
    return pretend(tensor) if on_gpu else real(tensor)


def _refuse_two_devices(func: Callable[..., Any], args: Any, tensors: list[Tensor]) -> None:
    on_gpu = [isinstance(tensor, PretendTensor) for tensor in tensors]
    if not any(on_gpu) or func in FOLLOWS_LAST or func in MAKES_NEW:
        return
    if func in COPIES:
        indexed = func in (Tensor.__getitem__, Tensor.__setitem__) and not on_gpu[0]
        if indexed and any(isinstance(each, PretendTensor) and each.ndim > 0 for each in trees.flat([args[1]])):
            raise RuntimeError(INDEX_MESSAGE)
    elif any(_lives_on_cpu(tensor) for tensor in tensors):
        raise RuntimeError(DEVICE_MESSAGE)


def _device_of_result(func: Callable[..., Any], args: Any, tensors: list[Tensor]) -> str:
    if func in MAKES_NEW and not isinstance(args[0], Tensor):
        return "cpu"
    deciding = tensors[:1] if func in COPIES else tensors[-1:] if func in FOLLOWS_LAST else tensors
    return "cuda" if any(isinstance(tensor, PretendTensor) for tensor in deciding) else "cpu"


def _without_device(func: Any, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any], str]:
    """Take the device out of a call; return the rest and "cuda", "cpu" or "" for none asked for."""
    asked = ""

    def strip(value: Any, number_counts: bool) -> Any:
        nonlocal asked
        if type(value) is int and number_counts:
            value = torch.device("cuda", value)
        known = isinstance(value, (str, torch.device)) and str(value).split(":")[0] in ("cuda", "cpu")
        if not known:
            return value
        asked = str(value).split(":")[0]
        return torch.device("cpu")

    rest = tuple(strip(value, func is Tensor.to) for value in args)
    return rest, {key: strip(value, key == "device") for key, value in kwargs.items()}, asked


def _lives_on_cpu(tensor: Tensor) -> bool:
    """Whether a GPU kernel would refuse this tensor; CPU scalars (0-d) are taken everywhere."""
    return not isinstance(tensor, PretendTensor) and tensor.ndim > 0


def map_tensors(tree: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Return `tree` (nested lists, tuples and dicts) with `change` applied to each tensor."""
    if isinstance(tree, Tensor):
        return change(tree)
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(map_tensors(item, change) for item in tree))
    if isinstance(tree, tuple) and type(tree) is not tuple:  # torch.return_types
        return type(tree)([map_tensors(item, change) for item in tree])
    if isinstance(tree, (list, tuple)):
        return type(tree)(map_tensors(item, change) for item in tree)
    if isinstance(tree, dict):
        return {key: map_tensors(item, change) for key, item in tree.items()}
    return tree
