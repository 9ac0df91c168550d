"""Right answers to the NumPy bridge, written in other ways than the reference."""

import copy

import numpy as np
import torch
from torch import Tensor


def to_array__asarray(tensor: Tensor) -> np.ndarray:
    return np.asarray(tensor)


def to_array__force(tensor: Tensor) -> np.ndarray:
    return tensor.numpy(force=True)


def to_array__detach_first(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def to_tensor__as_tensor(array: np.ndarray) -> Tensor:
    return torch.as_tensor(array)


def to_tensor__from_dlpack(array: np.ndarray) -> Tensor:
    return torch.from_dlpack(array)


def add_through_tensor__augmented(array: np.ndarray, amount: float) -> Tensor:
    tensor = torch.as_tensor(array)
    tensor += amount
    return tensor


def add_through_tensor__out(array: np.ndarray, amount: float) -> Tensor:
    tensor = torch.from_numpy(array)
    return torch.add(tensor, amount, out=tensor)


def add_through_tensor__write_the_sum_back(array: np.ndarray, amount: float) -> Tensor:
    tensor = torch.from_numpy(array)
    tensor[...] = tensor + amount
    return tensor


def add_through_tensor__array_does_the_work(array: np.ndarray, amount: float) -> Tensor:
    np.add(array, amount, out=array)
    return torch.from_numpy(array)


def scale_through_array__augmented(tensor: Tensor, factor: float) -> np.ndarray:
    array = np.asarray(tensor)
    array *= factor
    return array


def scale_through_array__write_the_product_back(tensor: Tensor, factor: float) -> np.ndarray:
    array = tensor.numpy()
    array[...] = array * factor
    return array


def scale_through_array__tensor_does_the_work(tensor: Tensor, factor: float) -> np.ndarray:
    return tensor.mul_(factor).numpy()


def unlinked_sum__function(tensor: Tensor, amount: float) -> Tensor:
    return torch.add(tensor, amount)


def unlinked_sum__clone_then_in_place(tensor: Tensor, amount: float) -> Tensor:
    result = tensor.clone()
    result += amount
    return result


def unlinked_sum__copy_in_numpy(tensor: Tensor, amount: float) -> Tensor:
    array = tensor.numpy().copy()
    np.add(array, amount, out=array)
    return torch.from_numpy(array)


def unlinked_sum__full_tensor(tensor: Tensor, amount: float) -> Tensor:
    return torch.full_like(tensor, amount).add_(tensor)


def array_copy__np_array(tensor: Tensor) -> np.ndarray:
    return np.array(tensor)


def array_copy__clone(tensor: Tensor) -> np.ndarray:
    return tensor.clone().numpy()


def array_copy__deepcopy(tensor: Tensor) -> np.ndarray:
    return copy.deepcopy(tensor).numpy()


def array_copy__fill_an_empty_array(tensor: Tensor) -> np.ndarray:
    source = tensor.numpy()
    result = np.empty(source.shape, source.dtype)
    result[...] = source
    return result


def tensor_copy__clone(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array).clone()


def tensor_copy__copy_the_array(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array.copy())


def tensor_copy__asarray(array: np.ndarray) -> Tensor:
    return torch.asarray(array, copy=True)


def tensor_copy__fill_an_empty_tensor(array: np.ndarray) -> Tensor:
    source = torch.from_numpy(array)
    return torch.empty(source.shape, dtype=source.dtype).copy_(source)


def shares_memory__force(tensor: Tensor, array: np.ndarray) -> bool:
    return np.shares_memory(array, tensor.numpy(force=True))


def shares_memory__exact_bounds(tensor: Tensor, array: np.ndarray) -> bool:
    return np.may_share_memory(tensor.detach().numpy(), array, max_work=-1)


def shares_memory__byte_addresses(tensor: Tensor, array: np.ndarray) -> bool:
    def addresses(start: int, shape: tuple, strides: tuple, itemsize: int) -> set[int]:
        starts = {start + sum(i * stride for i, stride in zip(index, strides)) for index in np.ndindex(*shape)}
        return {first + byte for first in starts for byte in range(itemsize)}

    size = tensor.element_size()
    strides = tuple(stride * size for stride in tensor.stride())
    mine = addresses(tensor.data_ptr(), tuple(tensor.shape), strides, size)
    start = array.__array_interface__["data"][0]
    return bool(mine & addresses(start, array.shape, array.strides, array.itemsize))


def array_from_any_tensor__force(tensor: Tensor) -> np.ndarray:
    return tensor.numpy(force=True)


def array_from_any_tensor__move_first(tensor: Tensor) -> np.ndarray:
    return np.asarray(tensor.to("cpu").detach())


def array_from_any_tensor__data(tensor: Tensor) -> np.ndarray:
    return tensor.data.cpu().numpy()


def array_from_any_tensor__no_grad(tensor: Tensor) -> np.ndarray:
    with torch.no_grad():
        return tensor.cpu().numpy()


def array_from_any_tensor__only_if_needed(tensor: Tensor) -> np.ndarray:
    if tensor.requires_grad:
        tensor = tensor.detach()
    if tensor.device.type != "cpu":
        tensor = tensor.cpu()
    return tensor.numpy()


def as_float32__as_tensor(array: np.ndarray) -> Tensor:
    return torch.as_tensor(array, dtype=torch.float32)


def as_float32__float(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array).float()


def as_float32__numpy_converts(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array.astype(np.float32, copy=False))


def as_float32__asarray_converts(array: np.ndarray) -> Tensor:
    return torch.as_tensor(np.asarray(array, dtype=np.float32))


def array_like_torch__asarray(values: list) -> np.ndarray:
    return np.asarray(torch.as_tensor(values))


def array_like_torch__narrow_the_floats(values: list) -> np.ndarray:
    array = np.array(values)
    return array.astype(np.float32) if array.dtype == np.float64 else array


def array_like_torch__by_kind(values: list) -> np.ndarray:
    dtypes = {"b": np.bool_, "i": np.int64, "f": np.float32}
    return np.array(values, dtype=dtypes[np.asarray(values).dtype.kind])


def tensor_from_any_array__look_first(array: np.ndarray) -> Tensor:
    reversed_somewhere = any(stride < 0 for stride in array.strides)
    if reversed_somewhere or not array.flags.writeable or not array.dtype.isnative:
        array = np.array(array, dtype=array.dtype.newbyteorder("="), order="C")
    return torch.as_tensor(array)


def tensor_from_any_array__one_step_each(array: np.ndarray) -> Tensor:
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder())
    if not array.flags.writeable or min(array.strides, default=0) < 0:
        array = array.copy()
    return torch.from_numpy(array)


def tensor_from_any_array__swap_the_bytes(array: np.ndarray) -> Tensor:
    if not array.dtype.isnative:
        array = array.byteswap().view(array.dtype.newbyteorder())
    if not array.flags.writeable or any(stride < 0 for stride in array.strides):
        array = np.array(array, order="C")
    return torch.from_numpy(array)


def tensor_from_any_array__fill_a_copy(array: np.ndarray) -> Tensor:
    if array.flags.writeable and array.dtype.isnative and min(array.strides, default=0) >= 0:
        return torch.from_numpy(array)
    result = np.empty(array.shape, dtype=array.dtype.newbyteorder("="))
    np.copyto(result, array)
    return torch.from_numpy(result)
