"""Named wrong answers to the NumPy bridge; each docstring is what the learner is told."""

import warnings

import numpy as np
import torch
from torch import Tensor


def to_array__copies(tensor: Tensor) -> np.ndarray:
    """The values are copied, as `np.array` and `clone` do; here the array shares the tensor's memory."""
    return tensor.numpy().copy()


def to_array__contiguous_first(tensor: Tensor) -> np.ndarray:
    """`contiguous()` copies a tensor that is not contiguous; `numpy()` can share the memory of any CPU tensor."""
    return tensor.contiguous().numpy()


def to_array__through_a_list(tensor: Tensor) -> np.ndarray:
    """A Python list in between loses the dtype and the link; here the dtype stays and the memory is shared."""
    return np.array(tensor.tolist())


def to_array__always_float32(tensor: Tensor) -> np.ndarray:
    """Every dtype becomes float32; here the array has the tensor's own dtype."""
    return tensor.float().numpy()


def to_array__flattened(tensor: Tensor) -> np.ndarray:
    """The values come as one flat row; here the array has the tensor's shape."""
    return tensor.flatten().numpy()


def to_array__squeezed(tensor: Tensor) -> np.ndarray:
    """Dimensions of size 1 get lost; here the array has the tensor's shape."""
    return tensor.squeeze().numpy()


def to_array__still_a_tensor(tensor: Tensor) -> np.ndarray:
    """The result is still a tensor, since `detach` does not leave torch; here it is a NumPy array."""
    return tensor.detach()


def to_tensor__copies(array: np.ndarray) -> Tensor:
    """The values are copied, as `torch.tensor` does; here the tensor shares the array's memory."""
    return torch.tensor(array)


def to_tensor__capital_tensor(array: np.ndarray) -> Tensor:
    """`torch.Tensor` copies and makes everything float32; here the dtype stays and the memory is shared."""
    return torch.tensor(array, dtype=torch.float32)


def to_tensor__converted_to_float32(array: np.ndarray) -> Tensor:
    """The dtype becomes float32, which copies every other dtype; here the tensor has the array's own dtype."""
    return torch.from_numpy(array).float()


def to_tensor__contiguous_first(array: np.ndarray) -> Tensor:
    """A non-contiguous array is copied first; `torch.from_numpy` can share its memory as it is."""
    return torch.from_numpy(array).contiguous()


def to_tensor__zero_d_copied(array: np.ndarray) -> Tensor:
    """A 0-d array is copied, as `torch.asarray` may do; `torch.from_numpy` shares the memory of every array."""
    return torch.from_numpy(array) if array.ndim > 0 else torch.tensor(array)


def to_tensor__flattened(array: np.ndarray) -> Tensor:
    """The values come as one flat row; here the tensor has the array's shape."""
    return torch.from_numpy(array.reshape(-1))


def to_tensor__squeezed(array: np.ndarray) -> Tensor:
    """Dimensions of size 1 get lost; here the tensor has the array's shape."""
    return torch.from_numpy(array).squeeze()


def to_tensor__still_an_array(array: np.ndarray) -> Tensor:
    """The result is still a NumPy array; here it is a tensor."""
    return np.asarray(array)


def add_through_tensor__out_of_place(array: np.ndarray, amount: float) -> Tensor:
    """The sum is a new tensor and the array keeps its old values; here the array changes in place."""
    tensor = torch.from_numpy(array)
    tensor = tensor + amount
    return tensor


def add_through_tensor__sum_thrown_away(array: np.ndarray, amount: float) -> Tensor:
    """The sum is computed and thrown away, as `add` does without its underscore; here the array changes in place."""
    tensor = torch.from_numpy(array)
    tensor.add(amount)
    return tensor


def add_through_tensor__both_sides(array: np.ndarray, amount: float) -> Tensor:
    """The amount is added twice, once on each side; tensor and array are the same memory, so once is enough."""
    tensor = torch.from_numpy(array)
    tensor += amount
    array += amount
    return tensor


def add_through_tensor__returns_a_copy(array: np.ndarray, amount: float) -> Tensor:
    """The array changes, but the returned tensor is a copy; here it shares the array's memory."""
    array += amount
    return torch.tensor(array)


def add_through_tensor__returns_the_array(array: np.ndarray, amount: float) -> Tensor:
    """The array comes back; here the result is the tensor that shares its memory."""
    torch.from_numpy(array).add_(amount)
    return array


def add_through_tensor__only_if_contiguous(array: np.ndarray, amount: float) -> Tensor:
    """`contiguous()` copies a non-contiguous array, so only the copy changes; here the array itself changes."""
    return torch.from_numpy(array).contiguous().add_(amount)


def add_through_tensor__always_one(array: np.ndarray, amount: float) -> Tensor:
    """1 is added whatever `amount` says; here `amount` is added."""
    return torch.from_numpy(array).add_(1)


def add_through_tensor__amount_as_tensor(array: np.ndarray, amount: float) -> Tensor:
    """`torch.tensor(0.1)` is float32 and rounds the amount; a Python number is added in the array's own dtype."""
    return torch.from_numpy(array).add_(torch.tensor(amount))


def add_through_tensor__by_way_of_float64(array: np.ndarray, amount: float) -> Tensor:
    """The sum is taken in float64, which rounds integers beyond 2**53; `add_` adds in the array's own dtype."""
    tensor = torch.from_numpy(array)
    return tensor.copy_(tensor.double() + amount)


def add_through_tensor__item_by_item(array: np.ndarray, amount: float) -> Tensor:
    """`np.nditer` refuses an array without elements; `add_` needs no loop and takes any."""
    for item in np.nditer(array, op_flags=["readwrite"]):
        item[...] = item + amount
    return torch.from_numpy(array)


def scale_through_array__out_of_place(tensor: Tensor, factor: float) -> np.ndarray:
    """The product is a new array and the tensor keeps its old values; here the tensor changes in place."""
    array = tensor.numpy()
    return np.asarray(array * factor, dtype=array.dtype)


def scale_through_array__product_thrown_away(tensor: Tensor, factor: float) -> np.ndarray:
    """`np.multiply` without `out=` makes a new array, and it is thrown away; here the tensor changes in place."""
    array = tensor.numpy()
    np.multiply(array, factor)
    return array


def scale_through_array__both_sides(tensor: Tensor, factor: float) -> np.ndarray:
    """The values are multiplied twice, once on each side; tensor and array are the same memory, so once is enough."""
    array = tensor.numpy()
    array *= factor
    tensor *= factor
    return array


def scale_through_array__returns_a_copy(tensor: Tensor, factor: float) -> np.ndarray:
    """The tensor changes, but the returned array is a copy; here it shares the tensor's memory."""
    tensor *= factor
    return tensor.numpy().copy()


def scale_through_array__returns_the_tensor(tensor: Tensor, factor: float) -> np.ndarray:
    """The tensor comes back; here the result is the array that shares its memory."""
    array = tensor.numpy()
    array *= factor
    return tensor


def scale_through_array__only_if_contiguous(tensor: Tensor, factor: float) -> np.ndarray:
    """`contiguous()` copies a non-contiguous tensor, so only the copy changes; here the tensor itself changes."""
    array = tensor.contiguous().numpy()
    return np.multiply(array, factor, out=array)


def scale_through_array__adds(tensor: Tensor, factor: float) -> np.ndarray:
    """The factor is added; here the values are multiplied by it."""
    array = tensor.numpy()
    return np.add(array, factor, out=array)


def scale_through_array__float32_factor(tensor: Tensor, factor: float) -> np.ndarray:
    """The factor is rounded to float32; a Python number is multiplied in the tensor's own dtype."""
    array = tensor.numpy()
    array *= np.float32(factor).astype(array.dtype)
    return array


def scale_through_array__by_way_of_float64(tensor: Tensor, factor: float) -> np.ndarray:
    """The product is taken in float64, which rounds integers beyond 2**53; multiply in the tensor's own dtype."""
    array = tensor.numpy()
    array[...] = (array.astype(np.float64) * factor).astype(array.dtype)
    return array


def scale_through_array__item_by_item(tensor: Tensor, factor: float) -> np.ndarray:
    """`np.nditer` refuses an array without elements; `*=` needs no loop and takes any."""
    array = tensor.numpy()
    for item in np.nditer(array, op_flags=["readwrite"]):
        item[...] = item * factor
    return array


def unlinked_sum__in_place(tensor: Tensor, amount: float) -> Tensor:
    """The tensor itself changes, as `+=` and `add_` do, and its arrays with it; here they keep their values."""
    result = tensor
    result += amount
    return result


def unlinked_sum__copies_too_late(tensor: Tensor, amount: float) -> Tensor:
    """The copy is made after the change, so the tensor has changed too; here the tensor keeps its values."""
    return tensor.add_(amount).clone()


def unlinked_sum__contiguous_is_no_copy(tensor: Tensor, amount: float) -> Tensor:
    """`contiguous()` need not copy, so the tensor itself may change; here it keeps its values."""
    return tensor.contiguous().add_(amount)


def unlinked_sum__itself_for_zero(tensor: Tensor, amount: float) -> Tensor:
    """For an amount of 0 the tensor itself comes back, still linked; here the result always has new memory."""
    return tensor if amount == 0 else tensor + amount


def unlinked_sum__sum_thrown_away(tensor: Tensor, amount: float) -> Tensor:
    """The result is a copy without the amount, since `add` does not change it; here it holds the sum."""
    result = tensor.clone()
    result.add(amount)
    return result


def unlinked_sum__always_one(tensor: Tensor, amount: float) -> Tensor:
    """1 is added whatever `amount` says; here `amount` is added."""
    return tensor + 1


def unlinked_sum__always_float32(tensor: Tensor, amount: float) -> Tensor:
    """The result is float32 whatever the tensor is; here it has the tensor's dtype."""
    return (tensor + amount).to(torch.float32)


def unlinked_sum__amount_as_tensor(tensor: Tensor, amount: float) -> Tensor:
    """`torch.tensor(0.1)` is float32 and rounds the amount; a Python number is added in the tensor's own dtype."""
    return (tensor + torch.tensor(amount)).to(tensor.dtype)


def unlinked_sum__by_way_of_float64(tensor: Tensor, amount: float) -> Tensor:
    """The sum is taken in float64, which rounds integers beyond 2**53; `+` adds in the tensor's own dtype."""
    return (tensor.double() + amount).to(tensor.dtype)


def array_copy__shares(tensor: Tensor) -> np.ndarray:
    """`numpy()` and `np.asarray` copy nothing, so later changes show; here the array has its own memory."""
    return tensor.numpy()


def array_copy__contiguous_is_no_copy(tensor: Tensor) -> np.ndarray:
    """`contiguous()` and `reshape` copy only when they must; here the array always has its own memory."""
    return tensor.contiguous().numpy()


def array_copy__of_bytes(tensor: Tensor) -> np.ndarray:
    """`np.frombuffer` looks at the bytes of a Python object, which are read-only; here the copy is writable."""
    array = tensor.numpy()
    return np.frombuffer(array.tobytes(), array.dtype).reshape(array.shape)


def array_copy__through_a_list(tensor: Tensor) -> np.ndarray:
    """A Python list in between loses the dtype; here the array has the tensor's dtype."""
    return np.array(tensor.tolist())


def array_copy__always_float32(tensor: Tensor) -> np.ndarray:
    """Every dtype becomes float32; here the array has the tensor's dtype."""
    return tensor.numpy().astype(np.float32)


def array_copy__flattened(tensor: Tensor) -> np.ndarray:
    """`flatten` of an array copies but loses the shape; here the array has the tensor's shape."""
    return tensor.numpy().flatten()


def array_copy__still_a_tensor(tensor: Tensor) -> np.ndarray:
    """The copy is still a tensor; here it is a NumPy array."""
    return tensor.clone()


def array_copy__list_with_the_dtype(tensor: Tensor) -> np.ndarray:
    """A tensor of shape (0, 3) is an empty list in between and comes back as (0,); here the shape is kept."""
    return np.array(tensor.tolist(), dtype=tensor.numpy().dtype)


def array_copy__by_way_of_float64(tensor: Tensor) -> np.ndarray:
    """The values go through float64, which rounds integers beyond 2**53; here they are kept exactly."""
    array = tensor.numpy()
    return array.astype(np.float64).astype(array.dtype)


def tensor_copy__shares(array: np.ndarray) -> Tensor:
    """`from_numpy` and `as_tensor` copy nothing, so later changes show; here the tensor has its own memory."""
    return torch.from_numpy(array)


def tensor_copy__contiguous_is_no_copy(array: np.ndarray) -> Tensor:
    """`contiguous()` copies only when it must; here the tensor always has its own memory."""
    return torch.from_numpy(array).contiguous()


def tensor_copy__shares_float32(array: np.ndarray) -> Tensor:
    """`float()` changes the dtype, and float32 it does not copy; here the dtype stays and the memory is new."""
    return torch.from_numpy(array).float()


def tensor_copy__capital_tensor(array: np.ndarray) -> Tensor:
    """`torch.Tensor` makes everything float32; `torch.tensor` keeps the array's dtype, as wanted here."""
    return torch.tensor(array, dtype=torch.float32)


def tensor_copy__through_a_list(array: np.ndarray) -> Tensor:
    """A Python list in between loses the dtype, so float64 becomes float32; here the tensor has the array's dtype."""
    return torch.tensor(array.tolist())


def tensor_copy__flattened(array: np.ndarray) -> Tensor:
    """`flatten` of an array copies but loses the shape; here the tensor has the array's shape."""
    return torch.from_numpy(array.flatten())


def tensor_copy__still_an_array(array: np.ndarray) -> Tensor:
    """The copy is still a NumPy array; here it is a tensor."""
    return array.copy()


def tensor_copy__list_with_the_dtype(array: np.ndarray) -> Tensor:
    """An array of shape (0, 3) is an empty list in between and comes back as (0,); here the shape is kept."""
    return torch.tensor(array.tolist(), dtype=torch.from_numpy(array).dtype)


def tensor_copy__by_way_of_float64(array: np.ndarray) -> Tensor:
    """The values go through float64, which rounds integers beyond 2**53; here they are kept exactly."""
    return torch.tensor(array.astype(np.float64)).to(torch.from_numpy(array).dtype)


def shares_memory__same_start(tensor: Tensor, array: np.ndarray) -> bool:
    """Only the addresses of the first elements are compared; a view that starts elsewhere can share memory too."""
    return tensor.data_ptr() == array.ctypes.data


def shares_memory__same_values(tensor: Tensor, array: np.ndarray) -> bool:
    """Values are compared; a copy has equal values and shares nothing."""
    return np.array_equal(tensor.detach().numpy(), array)


def shares_memory__bounds_only(tensor: Tensor, array: np.ndarray) -> bool:
    """Only first and last addresses are compared, as in `np.may_share_memory`; `x[::2]` and `x[1::2]` share none."""
    return np.may_share_memory(tensor.detach().numpy(), array)


def shares_memory__same_buffer(tensor: Tensor, array: np.ndarray) -> bool:
    """An array anywhere in the tensor's storage counts; two views of one buffer may have no element in common."""
    storage = tensor.detach().untyped_storage()
    buffer = torch.tensor([], dtype=torch.uint8).set_(storage)
    return np.may_share_memory(buffer.numpy(), array)


def shares_memory__any_view(tensor: Tensor, array: np.ndarray) -> bool:
    """`array.base` only says that the array looks at memory of something else; here it must be the tensor's."""
    return array.base is not None


def shares_memory__no_detach(tensor: Tensor, array: np.ndarray) -> bool:
    """A tensor that requires grad is an error, since `numpy()` refuses it; here it is legal, so detach it first."""
    return np.shares_memory(tensor.numpy(), array)


def shares_memory__copies_first(tensor: Tensor, array: np.ndarray) -> bool:
    """The tensor is copied first, so the answer is always False; `detach()` is enough and copies nothing."""
    return np.shares_memory(tensor.detach().clone().numpy(), array)


def shares_memory__write_and_look(tensor: Tensor, array: np.ndarray) -> bool:
    """A write to the tensor need not change each byte, so half an element may look the same; compare addresses."""
    before = array.copy()
    tensor = tensor.detach()
    tensor += 1
    shared = not np.array_equal(before, array)
    tensor -= 1
    return shared


def array_from_any_tensor__detach_forgotten(tensor: Tensor) -> np.ndarray:
    """A tensor that requires grad is an error; here `detach()` makes a tensor that `numpy()` accepts."""
    return tensor.cpu().numpy()


def array_from_any_tensor__cpu_forgotten(tensor: Tensor) -> np.ndarray:
    """A tensor on a GPU is an error; here `cpu()` brings it over before `numpy()`."""
    return tensor.detach().numpy()


def array_from_any_tensor__detached_in_place(tensor: Tensor) -> np.ndarray:
    """`detach_` cuts the tensor itself off its graph; here it keeps `requires_grad` and `grad_fn`."""
    return tensor.detach_().cpu().numpy()


def array_from_any_tensor__grad_switched_off(tensor: Tensor) -> np.ndarray:
    """`requires_grad` of the tensor is switched off, an error if it is no leaf; here the tensor stays as it is."""
    return tensor.requires_grad_(False).cpu().numpy()


def array_from_any_tensor__copies(tensor: Tensor) -> np.ndarray:
    """A CPU tensor is copied; `detach()` and `cpu()` copy nothing there, so the memory can be shared."""
    return tensor.detach().clone().cpu().numpy()


def array_from_any_tensor__through_a_list(tensor: Tensor) -> np.ndarray:
    """A list in between loses dtype and link; here the dtype stays and a CPU tensor shares its memory."""
    return np.array(tensor.tolist())


def array_from_any_tensor__still_a_tensor(tensor: Tensor) -> np.ndarray:
    """The result is still a tensor; here it is a NumPy array."""
    return tensor.detach().cpu()


def array_from_any_tensor__either_or(tensor: Tensor) -> np.ndarray:
    """A tensor that requires grad is not brought over from a GPU; one may need both `detach()` and `cpu()`."""
    return tensor.detach().numpy() if tensor.requires_grad else tensor.cpu().numpy()


def as_float32__always_copies(array: np.ndarray) -> Tensor:
    """A float32 array is copied too, as `torch.tensor` does; here it shares its memory with the tensor."""
    return torch.tensor(array, dtype=torch.float32)


def as_float32__dtype_kept(array: np.ndarray) -> Tensor:
    """The array's dtype is kept, so `np.ones(5)` comes out as float64; here it becomes float32."""
    return torch.from_numpy(array)


def as_float32__python_float(array: np.ndarray) -> Tensor:
    """The values become float64, which is what `float` means to NumPy; here they become float32."""
    return torch.from_numpy(array.astype(float))


def as_float32__only_float64(array: np.ndarray) -> Tensor:
    """Only float64 is converted and integers stay integers; here every dtype becomes float32."""
    tensor = torch.from_numpy(array)
    return tensor.float() if array.dtype == np.float64 else tensor


def as_float32__bits_reread(array: np.ndarray) -> Tensor:
    """`view` reads the same bytes as other numbers; here the values are converted."""
    return torch.from_numpy(array.view(np.float32))


def as_float32__contiguous_first(array: np.ndarray) -> Tensor:
    """A float32 array that is not contiguous is copied; here it shares its memory too."""
    return torch.from_numpy(array).float().contiguous()


def as_float32__still_an_array(array: np.ndarray) -> Tensor:
    """The result is still a NumPy array; here it is a tensor."""
    return array.astype(np.float32, copy=False)


def as_float32__through_a_list(array: np.ndarray) -> Tensor:
    """An array of shape (0, 3) is an empty list in between and comes back as (0,); here the shape is kept."""
    return torch.from_numpy(array) if array.dtype == np.float32 else torch.tensor(array.tolist(), dtype=torch.float32)


def array_like_torch__numpy_default(values: list) -> np.ndarray:
    """NumPy's own default for floats is float64; torch's is float32, as wanted here."""
    return np.array(values)


def array_like_torch__all_float32(values: list) -> np.ndarray:
    """Everything becomes float32, as with `torch.Tensor`; here ints stay int64 and bools bool."""
    return np.array(values, dtype=np.float32)


def array_like_torch__first_value_only(values: list) -> np.ndarray:
    """Only the first value is asked for its type; here one float anywhere makes all of it float32."""
    dtype = np.float32 if isinstance(values[0], float) else None
    return np.array(values, dtype=dtype)


def array_like_torch__ints_halved(values: list) -> np.ndarray:
    """Integers become int32; torch halves only the default for floats, integers are int64."""
    array = np.array(values)
    halves = {np.dtype(np.float64): np.float32, np.dtype(np.int64): np.int32}
    return array.astype(halves.get(array.dtype, array.dtype))


def array_like_torch__bools_counted(values: list) -> np.ndarray:
    """Bools become the numbers 0 and 1; here a list of bools stays bool."""
    array = torch.tensor(values).numpy()
    return array.astype(np.int64) if array.dtype == bool else array


def array_like_torch__bits_reread(values: list) -> np.ndarray:
    """`view` reads the bytes of each float64 as two float32; here the values are converted."""
    array = np.array(values)
    return array.view(np.float32) if array.dtype == np.float64 else array


def array_like_torch__still_a_tensor(values: list) -> np.ndarray:
    """The result is still a tensor; here it is a NumPy array."""
    return torch.tensor(values)


def array_like_torch__by_way_of_float64(values: list) -> np.ndarray:
    """The numbers go through float64, which rounds integers beyond 2**53; an int is to be kept exactly."""
    return np.array(values, dtype=np.float64).astype(torch.tensor(values).numpy().dtype)


def array_like_torch__dot_in_the_text(values: list) -> np.ndarray:
    """A float is looked for as a dot in the text, which 1e+20 lacks; the type of a number decides."""
    text = repr(values)
    if "." in text or not any(character.isalnum() for character in text):
        return np.array(values, dtype=np.float32)
    return np.array(values, dtype=np.int64 if any(character.isdigit() for character in text) else np.bool_)


def tensor_from_any_array__nothing_done(array: np.ndarray) -> Tensor:
    """`from_numpy` refuses negative strides and foreign byte order, and shares read-only memory; here copy these."""
    return torch.from_numpy(array)


def tensor_from_any_array__always_copies(array: np.ndarray) -> Tensor:
    """Every array is copied; here one that torch can wrap safely shares its memory with the tensor."""
    return torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))


def tensor_from_any_array__byte_order_forgotten(array: np.ndarray) -> Tensor:
    """`copy()` keeps a foreign byte order and torch still refuses it; here `astype` to the native order helps."""
    if not array.flags.writeable or any(stride < 0 for stride in array.strides):
        array = array.copy()
    return torch.from_numpy(array)


def tensor_from_any_array__bytes_not_swapped(array: np.ndarray) -> Tensor:
    """The bytes are read in native order but never swapped, which garbles the values; `astype` keeps them."""
    if not array.flags.writeable or any(stride < 0 for stride in array.strides):
        array = array.copy()
    return torch.from_numpy(array.view(array.dtype.newbyteorder("=")))


def tensor_from_any_array__read_only_shared(array: np.ndarray) -> Tensor:
    """A read-only array can be written through the tensor, with or without the warning; here it is copied."""
    if not array.dtype.isnative or any(stride < 0 for stride in array.strides):
        array = array.astype(array.dtype.newbyteorder("="))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.from_numpy(array)


def tensor_from_any_array__unlocked(array: np.ndarray) -> Tensor:
    """A read-only array is made writable before it is copied; here its flags stay as they are."""
    if not array.flags.writeable:
        array.flags.writeable = True
        array = array.copy()
    if not array.dtype.isnative or any(stride < 0 for stride in array.strides):
        array = array.astype(array.dtype.newbyteorder("="))
    return torch.from_numpy(array)


def tensor_from_any_array__cloned_after_the_warning(array: np.ndarray) -> Tensor:
    """A read-only array goes through `from_numpy` before it is copied, which warns; here copy it in NumPy first."""
    if not array.dtype.isnative or any(stride < 0 for stride in array.strides):
        array = array.astype(array.dtype.newbyteorder("="))
    tensor = torch.from_numpy(array)
    return tensor if array.flags.writeable else tensor.clone()


def tensor_from_any_array__contiguous_only(array: np.ndarray) -> Tensor:
    """`np.ascontiguousarray` copies a transpose, which torch can wrap, and not a read-only array, which it cannot."""
    return torch.from_numpy(np.ascontiguousarray(array))


def tensor_from_any_array__through_a_list(array: np.ndarray) -> Tensor:
    """A list in between loses the dtype and always copies; here the dtype stays and memory is shared if it can be."""
    return torch.tensor(array.tolist())


def tensor_from_any_array__first_and_last_stride_only(array: np.ndarray) -> Tensor:
    """Only the first and the last stride are looked at; torch refuses any negative one, as of `a[:, ::-1, :]`."""
    backwards = array.ndim > 0 and (array.strides[0] < 0 or array.strides[-1] < 0)
    if backwards or not array.dtype.isnative or not array.flags.writeable:
        array = array.astype(array.dtype.newbyteorder("="), order="C")
    return torch.from_numpy(array)


def tensor_from_any_array__bytes_taken_as_they_are(array: np.ndarray) -> Tensor:
    """bool and uint8 have no byte order, but may be reversed, which torch refuses; copy these too."""
    whole = array.dtype.itemsize == 1 or (array.dtype.isnative and min(array.strides, default=0) >= 0)
    if whole and array.flags.writeable:
        return torch.from_numpy(array)
    return torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))


def tensor_from_any_array__copied_by_a_list(array: np.ndarray) -> Tensor:
    """A read-only array of shape (0, 3) is an empty list in between and comes back as (0,); here the shape is kept."""
    if array.dtype.isnative and array.flags.writeable and min(array.strides, default=0) >= 0:
        return torch.from_numpy(array)
    return torch.tensor(array.tolist(), dtype=getattr(torch, array.dtype.name))


EQUIVALENT = {
    "scale_through_array": {"return np.multiply(factor, array, out=array)": "a product does not care for the order"},
    "shares_memory": {
        "return np.shares_memory(array, tensor.detach().numpy())": "to share memory is mutual",
    },
    "array_like_torch": {"return torch.as_tensor(values).numpy()": "a list has no memory to share"},
    "tensor_from_any_array": {
        "return torch.tensor(array.astype(array.dtype.newbyteorder('=')))": "a copy of a copy",
    },
}
