"""Right answers to `katas/04_broadcasting` written in other ways; all must pass."""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor


def broadcast_shape__padded_with_ones(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    length = max(len(first), len(second))
    first = (1,) * (length - len(first)) + tuple(first)
    second = (1,) * (length - len(second)) + tuple(second)
    for one, other in zip(first, second):
        if one != other and one != 1 and other != 1:
            raise ValueError(f"{one} and {other} do not fit")
    return tuple(one * other if 1 in (one, other) else one for one, other in zip(first, second))


def broadcast_shape__sets_of_sizes(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    result: tuple[int, ...] = ()
    for sizes in itertools.zip_longest(first[::-1], second[::-1], fillvalue=1):
        left = set(sizes) - {1}
        if len(left) > 1:
            raise ValueError("the shapes do not broadcast")
        result = (left.pop() if left else 1, *result)
    return result


def broadcast_shape__recursive(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    if not first or not second:
        return tuple(first or second)
    a, b = first[-1], second[-1]
    if a != b and a != 1 and b != 1:
        raise ValueError("the shapes do not broadcast")
    return (*broadcast_shape__recursive(first[:-1], second[:-1]), b if a == 1 else a)


def outer_sum__unsqueezed(x: Tensor, y: Tensor) -> Tensor:
    return torch.add(x.unsqueeze(1), y.unsqueeze(0))


def outer_sum__reshaped(x: Tensor, y: Tensor) -> Tensor:
    return x.reshape(-1, 1) + y.reshape(1, -1)


def outer_sum__grids(x: Tensor, y: Tensor) -> Tensor:
    first, second = torch.meshgrid(x, y, indexing="ij")
    return first + second


def outer_sum__repeated(x: Tensor, y: Tensor) -> Tensor:
    return x.repeat(len(y), 1).T + y.repeat(len(x), 1)


def outer_product__unsqueezed(x: Tensor, y: Tensor) -> Tensor:
    return x.unsqueeze(-1).mul(y)


def outer_product__expanded(x: Tensor, y: Tensor) -> Tensor:
    return x[:, None].expand(len(x), len(y)) * y.expand(len(x), len(y))


def outer_product__transposed_twice(x: Tensor, y: Tensor) -> Tensor:
    return (y[:, None] * x).T


def pairwise_distances__norm(x: Tensor, y: Tensor) -> Tensor:
    return torch.linalg.vector_norm(x[:, None, :] - y[None, :, :], dim=-1)


def pairwise_distances__power(x: Tensor, y: Tensor) -> Tensor:
    return ((x.unsqueeze(1) - y.unsqueeze(0)) ** 2).sum(-1) ** 0.5


def pairwise_distances__coordinates_first(x: Tensor, y: Tensor) -> Tensor:
    return torch.sqrt(torch.sum((x.T[:, :, None] - y.T[:, None, :]).pow(2), dim=0))


def pairwise_distances__from_the_other_side(x: Tensor, y: Tensor) -> Tensor:
    return (y[:, None] - x).norm(dim=-1).T


def standardize_columns__var(x: Tensor, eps: float = 1e-5) -> Tensor:
    return (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + eps)


def standardize_columns__var_mean(x: Tensor, eps: float = 1e-5) -> Tensor:
    variance, mean = torch.var_mean(x, dim=0, correction=0, keepdim=True)
    return (x - mean) * torch.rsqrt(variance + eps)


def standardize_columns__std(x: Tensor, eps: float = 1e-5) -> Tensor:
    return (x - x.mean(dim=0)).div((x.std(dim=0, unbiased=False) ** 2 + eps) ** 0.5)


def standardize_columns__transposed(x: Tensor, eps: float = 1e-5) -> Tensor:
    rows = x.T
    rows = rows - rows.sum(dim=1, keepdim=True) / rows.shape[1]
    return (rows / ((rows * rows).sum(dim=1, keepdim=True) / rows.shape[1] + eps).sqrt()).T


def standardize_rows__var(x: Tensor, eps: float = 1e-5) -> Tensor:
    return (x - x.mean(1, keepdim=True)) / torch.sqrt(x.var(1, unbiased=False, keepdim=True) + eps)


def standardize_rows__new_dimension(x: Tensor, eps: float = 1e-5) -> Tensor:
    centred = x - x.mean(dim=-1)[:, None]
    return centred * (centred.pow(2).mean(dim=-1).unsqueeze(-1) + eps).rsqrt()


def standardize_rows__transposed(x: Tensor, eps: float = 1e-5) -> Tensor:
    variance, mean = torch.var_mean(x, dim=1, correction=0)
    return ((x.T - mean) / (variance + eps).sqrt()).T


def standardize_channels__var(x: Tensor, eps: float = 1e-5) -> Tensor:
    dims = (0, 2, 3)
    return (x - x.mean(dims, keepdim=True)) / torch.sqrt(x.var(dims, unbiased=False, keepdim=True) + eps)


def standardize_channels__viewed(x: Tensor, eps: float = 1e-5) -> Tensor:
    variance, mean = torch.var_mean(x, dim=(0, 2, 3), correction=0)
    return (x - mean.view(1, -1, 1, 1)) / (variance.view(-1, 1, 1) + eps).sqrt()


def standardize_channels__as_columns(x: Tensor, eps: float = 1e-5) -> Tensor:
    last = x.movedim(1, -1)
    flat = last.reshape(-1, x.shape[1])
    centred = last - flat.mean(dim=0)
    return (centred / (flat.var(dim=0, unbiased=False) + eps).sqrt()).movedim(-1, 1)


def safe_mse_loss__by_torch(prediction: Tensor, target: Tensor) -> Tensor:
    if prediction.size() != target.size():
        raise ValueError("the shapes differ")
    return F.mse_loss(prediction, target)


def safe_mse_loss__sum_over_count(prediction: Tensor, target: Tensor) -> Tensor:
    if tuple(prediction.shape) == tuple(target.shape):
        return ((target - prediction) ** 2).sum() / prediction.numel()
    raise ValueError(f"{prediction.shape} is not {target.shape}")


def safe_mse_loss__flat(prediction: Tensor, target: Tensor) -> Tensor:
    if prediction.ndim != target.ndim or any(a != b for a, b in zip(prediction.shape, target.shape)):
        raise ValueError("the shapes differ")
    error = prediction.flatten() - target.flatten()
    return torch.mean(error * error)


def reduce_to_shape__all_dims_at_once(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    in_front = grad.ndim - len(shape)
    dims = [*range(in_front), *(in_front + i for i, size in enumerate(shape) if size == 1)]
    return grad.sum(dim=dims, keepdim=True).reshape(shape) if dims else grad.clone()


def reduce_to_shape__by_autograd(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    with torch.enable_grad():
        x = torch.zeros(shape, dtype=grad.dtype, device=grad.device, requires_grad=True)
        y = x * torch.ones_like(grad)
    return torch.autograd.grad(y, x, grad)[0].clone()


def reduce_to_shape__front_first(grad: Tensor, shape: tuple[int, ...]) -> Tensor:
    total = grad.clone()
    while total.ndim > len(shape):
        total = total.sum(0)
    for dim, size in enumerate(shape):
        if size != total.shape[dim]:
            total = total.sum(dim, keepdim=True)
    return total


def multiply_three_ways__methods(x: Tensor, y: Tensor, out: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    torch.multiply(x, y, out=out)
    return y * x, x.multiply(y), out


def multiply_three_ways__first_copied(x: Tensor, y: Tensor, out: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    first = x.clone()
    first = first * y
    second = y.mul(x)
    third = torch.mul(input=x, other=y, out=out)
    return (first, second, third)


def matmul_loops__rows_and_columns(a: Tensor, b: Tensor) -> Tensor:
    result = torch.zeros(a.shape[0], b.shape[1], dtype=a.dtype, device=a.device)
    for i, row in enumerate(a):
        for j, column in enumerate(b.T):
            result[i, j] = (row * column).sum()
    return result


def matmul_loops__outer_products(a: Tensor, b: Tensor) -> Tensor:
    result = a.new_zeros(len(a), b.shape[1])
    for p in range(len(b)):
        result += a[:, p, None] * b[p]
    return result


def matmul_loops__python_numbers(a: Tensor, b: Tensor) -> Tensor:
    rows, columns = a.tolist(), b.T.tolist()
    numbers = [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in rows]
    return a.new_tensor(numbers).reshape(a.shape[0], b.shape[1])


def matmul_loops__while(a: Tensor, b: Tensor) -> Tensor:
    result = a.new_zeros(a.shape[0], b.shape[1])
    i = 0
    while i < a.shape[0]:
        result[i] = (a[i][:, None] * b).sum(dim=0)
        i += 1
    return result


def matmul_broadcast__rows_against_columns(a: Tensor, b: Tensor) -> Tensor:
    return (a[:, None, :] * b.T).sum(dim=-1)


def matmul_broadcast__unsqueezed(a: Tensor, b: Tensor) -> Tensor:
    return torch.mul(a.unsqueeze(2), b.unsqueeze(0)).sum(1)


def matmul_broadcast__sum_in_front(a: Tensor, b: Tensor) -> Tensor:
    return torch.sum(a.T[:, :, None] * b[:, None, :], dim=0)


def matmul_einsum__other_letters(a: Tensor, b: Tensor) -> Tensor:
    return torch.einsum("np,pm->nm", a, b)


def matmul_einsum__without_an_arrow(a: Tensor, b: Tensor) -> Tensor:
    return torch.einsum("ij,jk", a, b)


def matmul_einsum__transposed_inputs(a: Tensor, b: Tensor) -> Tensor:
    return torch.einsum("ki,kj->ij", a.T, b)


def matmul_operator__transposed_twice(a: Tensor, b: Tensor) -> Tensor:
    return (b.mT @ a.mT).mT


def matmul_operator__expanded(a: Tensor, b: Tensor) -> Tensor:
    batch = torch.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return a.expand(*batch, *a.shape[-2:]) @ b.expand(*batch, *b.shape[-2:])


def matmul_out__mm(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    torch.mm(a, b, out=out)
    return out


def matmul_out__addmm(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    return torch.addmm(torch.zeros_like(out), a, b, out=out)


def matmul_out__sum_of_products(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    return torch.sum(a[:, :, None] * b, dim=1, out=out)
