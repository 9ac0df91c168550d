"""Broadcasting: predict shapes, combine all pairs, normalise, notice a hidden bug, and multiply matrices.

Results live on the device of the input tensors, which are all on the same one.
All tensors given to one function have the same dtype; integers are int32 or int64, floats float32 or float64.
A function changes its arguments only where it says `In place:`, and a result has memory of its own unless its
contract says otherwise. No two elements of an input lie on the same memory (as they do after `expand`).
Numbers are finite; sums, products and squares fit the dtype.
"""

from itertools import zip_longest

import torch
from jaxtyping import Float, Num
from torch import Tensor


def broadcast_shape(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that two tensors of the shapes `first` and `second` broadcast to.

    Compare the sizes from the last dimension to the first. Two sizes fit if they are equal, or one of them is 1,
    or one of them is missing; a 1 or a missing size takes the other size, also if that is 0.

    Shape: a tuple of ints, as long as the longer one of the two.
    Raises: ValueError if two sizes do not fit, such as (5, 2) and (5, 4).
    Rule: compare the sizes yourself: `torch`, `np`, `numpy`, `broadcast_shapes`, `broadcast_tensors`, `empty`,
    `zeros` and `ones` are not allowed.

    >>> broadcast_shape((5, 1, 4, 1), (3, 1, 1))
    (5, 3, 4, 1)
    """
    sizes = []
    for one, other in zip_longest(reversed(first), reversed(second), fillvalue=1):
        if one != other and 1 not in (one, other):
            raise ValueError(f"{first} and {second} do not broadcast: {one} meets {other}")
        sizes.append(other if one == 1 else one)
    return tuple(reversed(sizes))


def outer_sum(x: Num[Tensor, "n"], y: Num[Tensor, "m"]) -> Num[Tensor, "n m"]:
    """Return the sum of every element of `x` with every element of `y`.

    result[i, j] = x[i] + y[j].

    Shape: (n, m); n and m may be 0. Dtype: that of `x` and `y`, integers or floats.
    Rule: no Python loop.

    >>> outer_sum(torch.tensor([10, 20]), torch.tensor([1, 2, 3]))
    tensor([[11, 12, 13],
            [21, 22, 23]])
    """
    return x[:, None] + y  # (n, 1) + (m,) → (n, m)


def outer_product(x: Num[Tensor, "n"], y: Num[Tensor, "m"]) -> Num[Tensor, "n m"]:
    """Return the product of every element of `x` with every element of `y`.

    result[i, j] = x[i] * y[j].

    Shape: (n, m); n and m may be 0. Dtype: that of `x` and `y`, integers or floats.
    Rule: by broadcasting: no Python loop, no `@`, and neither `outer`, `ger`, `kron`, `einsum`, `matmul`, `mm`, `bmm`
    nor `tensordot`.

    >>> outer_product(torch.tensor([1, 2]), torch.tensor([3, 4, 5]))
    tensor([[ 3,  4,  5],
            [ 6,  8, 10]])
    """
    return x[:, None] * y  # (n, 1) * (m,) → (n, m)


def pairwise_distances(x: Float[Tensor, "n d"], y: Float[Tensor, "m d"]) -> Float[Tensor, "n m"]:
    """Return the Euclidean distance from every row of `x` to every row of `y`.

    result[i, j] = sqrt(Σₖ (x[i, k] - y[j, k])²).

    Near points get a right distance too, however far from the origin they are: every distance is right to a few
    roundings of its own size, and equal points have distance 0. Differences are not so small that their squares
    vanish. n, m and d may be 0; without coordinates every distance is 0.

    Shape: (n, m). Dtype: that of `x` and `y`.
    Rule: no Python loop, and neither `cdist` nor `pdist`.

    >>> pairwise_distances(torch.tensor([[0.0, 0.0], [3.0, 4.0]]), torch.tensor([[0.0, 0.0]]))
    tensor([[0.],
            [5.]])
    """
    differences = x[:, None] - y  # (n, 1, d) - (m, d) → (n, m, d)
    return differences.square().sum(dim=-1).sqrt()


def standardize_columns(x: Float[Tensor, "n d"], eps: float = 1e-5) -> Float[Tensor, "n d"]:
    """Return a matrix whose every column is moved to mean 0 and scaled to variance 1.

    result[i, j] = (x[i, j] - mean_j) / sqrt(var_j + eps), where mean_j is the mean of column j and var_j the mean
    of its squared distances from mean_j (divided by n, not by n - 1). A constant column has variance 0; the
    positive `eps` turns it into zeros. The result is also right if the mean is far larger than the spread.

    Shape: that of `x`, with at least one row. Dtype: that of `x`.
    Rule: no Python loop, and neither `batch_norm`, `layer_norm`, `instance_norm` nor `group_norm`.

    >>> standardize_columns(torch.tensor([[1.0, 7.0], [3.0, 7.0]]))
    tensor([[-1.0000,  0.0000],
            [ 1.0000,  0.0000]])
    """
    centred = x - x.mean(dim=0)  # (n, d) - (d,)
    variance = centred.square().mean(dim=0)
    return centred / (variance + eps).sqrt()


def standardize_rows(x: Float[Tensor, "n d"], eps: float = 1e-5) -> Float[Tensor, "n d"]:
    """Return a matrix whose every row is moved to mean 0 and scaled to variance 1.

    result[i, j] = (x[i, j] - mean_i) / sqrt(var_i + eps), where mean_i is the mean of row i and var_i the mean of
    its squared distances from mean_i (divided by d, not by d - 1). A constant row has variance 0; the positive
    `eps` turns it into zeros. The result is also right if the mean is far larger than the spread.

    Shape: that of `x`, square or not, with at least one column. Dtype: that of `x`.
    Rule: no Python loop, and neither `batch_norm`, `layer_norm`, `instance_norm` nor `group_norm`.

    >>> standardize_rows(torch.tensor([[1.0, 3.0], [7.0, 7.0]]))
    tensor([[-1.0000,  1.0000],
            [ 0.0000,  0.0000]])
    """
    centred = x - x.mean(dim=1, keepdim=True)  # (n, d) - (n, 1)
    variance = centred.square().mean(dim=1, keepdim=True)
    return centred / (variance + eps).sqrt()


def standardize_channels(x: Float[Tensor, "n c h w"], eps: float = 1e-5) -> Float[Tensor, "n c h w"]:
    """Return a batch of images whose every channel is moved to mean 0 and scaled to variance 1.

    A channel has one mean and one variance, over all images and all their pixels: result[i, k, a, b] =
    (x[i, k, a, b] - mean_k) / sqrt(var_k + eps), where var_k is the mean of the squared distances from mean_k.
    A constant channel has variance 0; the positive `eps` turns it into zeros. The result is also right if the mean
    is far larger than the spread.

    Shape: that of `x`, every size at least 1. Dtype: that of `x`.
    Rule: no Python loop, and neither `batch_norm`, `layer_norm`, `instance_norm` nor `group_norm`.

    >>> standardize_channels(torch.tensor([1.0, 3.0]).view(2, 1, 1, 1)).flatten()
    tensor([-1.0000,  1.0000])
    """
    centred = x - x.mean(dim=(0, 2, 3), keepdim=True)  # (n, c, h, w) - (1, c, 1, 1)
    variance = centred.square().mean(dim=(0, 2, 3), keepdim=True)
    return centred / (variance + eps).sqrt()


def safe_mse_loss(prediction: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, ""]:
    """Return the mean squared error of two tensors of one shape, and refuse to broadcast.

    The mean of (prediction - target)² over all elements, of which there is at least one.
    Without the refusal, (n, 1) against (n,) would give an n × n table of differences, and its mean is no loss.

    Shape: (), a tensor without dimensions. Dtype: that of both.
    Raises: ValueError if the shapes differ in any way, also where they would broadcast.

    >>> safe_mse_loss(torch.tensor([0.0, 0.0, 0.0]), torch.tensor([1.0, 0.0, -1.0]))
    tensor(0.6667)
    """
    if prediction.shape != target.shape:
        raise ValueError(f"prediction has shape {tuple(prediction.shape)}, target {tuple(target.shape)}")
    return (prediction - target).square().mean()


def reduce_to_shape(grad: Float[Tensor, "..."], shape: tuple[int, ...]) -> Float[Tensor, "..."]:
    """Return `grad` summed over everything that broadcasting from `shape` has repeated.

    If x has the shape `shape` and was broadcast to the shape of `grad`, each element of x was used in several
    places; its gradient is the sum over these places. So sum over the dimensions that broadcasting put in front,
    and over those where `shape` has 1, which stay with size 1. `shape` broadcasts to the shape of `grad`.

    Shape: `shape`. Dtype: that of `grad`. Memory: new, also when there is nothing to sum.
    Rule: `sum_to_size` is not allowed.

    >>> reduce_to_shape(torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), (2, 1))
    tensor([[ 6.],
            [60.]])
    """
    in_front = grad.ndim - len(shape)
    total = grad.clone()
    for dim, size in enumerate((1,) * in_front + tuple(shape)):
        if size == 1:
            total = total.sum(dim, keepdim=True)
    return total.reshape(shape)


def multiply_three_ways(
    x: Num[Tensor, "..."], y: Num[Tensor, "..."], out: Num[Tensor, "..."]
) -> tuple[Num[Tensor, "..."], Num[Tensor, "..."], Num[Tensor, "..."]]:
    """Return the elementwise product of `x` and `y` three times, as a tuple: new, new, and written into `out`.

    The first is made by the operator `*`, the second by the function or method `mul` (or `multiply`), the third
    by a call with `out=`. `x` and `y` broadcast against each other.

    Shape: all three the broadcast shape, which `out` has already. Dtype: all three that of `x` and `y`, as `out`.
    In place: `out`; the product also shows in every view of it. `out` shares no memory with `x` and `y`.
    Memory: the third is `out` itself; the first and the second are new, each for itself.
    Rule: `*`, `mul` or `multiply`, and `out=` must all be there; elementwise is not `@`, which is not allowed.

    >>> out = torch.empty(2, 2)
    >>> multiply_three_ways(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([10.0, 100.0]), out)[2] is out
    True
    >>> out
    tensor([[ 10., 200.],
            [ 30., 400.]])
    """
    return x * y, torch.mul(x, y), torch.mul(x, y, out=out)


def matmul_loops(a: Num[Tensor, "n k"], b: Num[Tensor, "k m"]) -> Num[Tensor, "n m"]:
    """Return the matrix product of `a` and `b`, computed with Python loops.

    result[i, j] = Σₚ a[i, p] * b[p, j].

    Shape: (n, m); n, k and m may be 0, and a sum of nothing is 0. Dtype: that of `a` and `b`: int64 or floats.
    Rule: with at least one Python loop (`for`, `while` or a comprehension). `@` is not allowed, nor any function that
    multiplies matrices or vectors: `matmul`, `mm`, `bmm`, `mv`, `dot`, `vdot`, `vecdot`, `inner`, `einsum`,
    `tensordot`, `linear`, `addmm`, `addmv`, `addbmm`, `baddbmm`, `multi_dot`, `chain_matmul`.

    >>> matmul_loops(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[5, 6], [7, 8]]))
    tensor([[19, 22],
            [43, 50]])
    """
    result = a.new_zeros(a.shape[0], b.shape[1])
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                result[i, j] += a[i, p] * b[p, j]
    return result


def matmul_broadcast(a: Num[Tensor, "n k"], b: Num[Tensor, "k m"]) -> Num[Tensor, "n m"]:
    """Return the matrix product of `a` and `b`, computed by broadcasting and a sum.

    Multiply a[i, p] with b[p, j] for all i, p and j at once, then sum over p.

    Shape: (n, m); n, k and m may be 0, and a sum of nothing is 0. Dtype: that of `a` and `b`: int64 or floats.
    Rule: no Python loop. `@` is not allowed, nor any function that multiplies matrices or vectors: `matmul`, `mm`,
    `bmm`, `mv`, `dot`, `vdot`, `vecdot`, `inner`, `einsum`, `tensordot`, `linear`, `addmm`, `addmv`, `addbmm`,
    `baddbmm`, `multi_dot`, `chain_matmul`.

    >>> matmul_broadcast(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[5, 6], [7, 8]]))
    tensor([[19, 22],
            [43, 50]])
    """
    return (a[:, :, None] * b).sum(dim=1)  # (n, k, 1) * (k, m) → (n, k, m) → (n, m)


def matmul_einsum(a: Float[Tensor, "n k"], b: Float[Tensor, "k m"]) -> Float[Tensor, "n m"]:
    """Return the matrix product of `a` and `b`, computed by `einsum`.

    `einsum` names every dimension by a letter; a letter that is missing behind the arrow is summed over.

    Shape: (n, m); n, k and m may be 0, and a sum of nothing is 0. Dtype: that of `a` and `b`, floats.
    Rule: `einsum` must be used. `@` is not allowed, nor any other function that multiplies matrices or vectors:
    `matmul`, `mm`, `bmm`, `mv`, `dot`, `vdot`, `vecdot`, `inner`, `tensordot`, `linear`, `addmm`, `addmv`, `addbmm`,
    `baddbmm`, `multi_dot`, `chain_matmul`.

    >>> matmul_einsum(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 6.0], [7.0, 8.0]]))
    tensor([[19., 22.],
            [43., 50.]])
    """
    return torch.einsum("ik,kj->ij", a, b)


def matmul_operator(a: Float[Tensor, "... n k"], b: Float[Tensor, "... k m"]) -> Float[Tensor, "... n m"]:
    """Return the matrix product of `a` and `b`, or of whole batches of matrices, computed by `@`.

    Both have at least two dimensions. The last two are the matrices; the ones before them are the batch, and the
    batches of `a` and `b` broadcast against each other: one matrix times a batch multiplies each of the batch.

    Shape: the broadcast batch shape, then (n, m); n, k and m may be 0. Dtype: that of `a` and `b`, floats.
    Rule: the operator `@` must be used.

    >>> matmul_operator(torch.ones(5, 2, 3), torch.ones(3, 4)).shape
    torch.Size([5, 2, 4])
    """
    return a @ b


def matmul_out(a: Float[Tensor, "n k"], b: Float[Tensor, "k m"], out: Float[Tensor, "n m"]) -> Float[Tensor, "n m"]:
    """Write the matrix product of `a` and `b` into the memory of `out` and return `out` itself.

    Shape: `out` has the shape (n, m) already. Dtype: that of `a`, `b` and `out`, floats.
    In place: `out`, whatever it held before; the product also shows in every view of it. `out` shares no memory
    with `a` and `b`.
    Rule: a call with `out=` must be used.

    >>> out = torch.empty(2, 2)
    >>> matmul_out(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 6.0], [7.0, 8.0]]), out) is out
    True
    >>> out
    tensor([[19., 22.],
            [43., 50.]])
    """
    return torch.matmul(a, b, out=out)
