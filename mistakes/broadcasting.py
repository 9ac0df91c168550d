"""Wrong answers that people really write for `katas/04_broadcasting`; each docstring says what is wrong."""

from itertools import zip_longest

import torch
import torch.nn.functional as F
from torch import Tensor

# broadcast_shape


def broadcast_shape__the_larger_size(first: tuple, second: tuple) -> tuple:
    """The larger of two sizes wins, so 1 against 0 gives 1; a 1 takes the other size, and here that is 0."""
    sizes = []
    for one, other in zip_longest(reversed(first), reversed(second), fillvalue=1):
        if one != other and 1 not in (one, other):
            raise ValueError("the shapes do not broadcast")
        sizes.append(max(one, other))
    return tuple(reversed(sizes))


def broadcast_shape__from_the_left(first: tuple, second: tuple) -> tuple:
    """The shapes are lined up at their first dimension; broadcasting lines them up at the last."""
    sizes = []
    for one, other in zip_longest(first, second, fillvalue=1):
        if one != other and 1 not in (one, other):
            raise ValueError("the shapes do not broadcast")
        sizes.append(other if one == 1 else one)
    return tuple(sizes)


def broadcast_shape__cut_to_the_shorter(first: tuple, second: tuple) -> tuple:
    """The sizes that only the longer shape has are dropped; a missing size counts as 1, so they stay."""
    sizes = []
    for one, other in zip(reversed(first), reversed(second)):
        if one != other and 1 not in (one, other):
            raise ValueError("the shapes do not broadcast")
        sizes.append(other if one == 1 else one)
    return tuple(reversed(sizes))


def broadcast_shape__equal_lengths_only(first: tuple, second: tuple) -> tuple:
    """Shapes of different lengths are refused; a missing size counts as 1, so (5, 4) and (4,) do broadcast."""
    if len(first) != len(second):
        raise ValueError("the shapes differ in length")
    if any(one != other and 1 not in (one, other) for one, other in zip(first, second)):
        raise ValueError("the shapes do not broadcast")
    return tuple(other if one == 1 else one for one, other in zip(first, second))


def broadcast_shape__never_refuses(first: tuple, second: tuple) -> tuple:
    """Sizes that do not fit are let through; two different sizes, neither of them 1, must raise ValueError."""
    pairs = zip_longest(reversed(first), reversed(second), fillvalue=1)
    return tuple(other if one == 1 else one for one, other in pairs)[::-1]


def broadcast_shape__runtime_error(first: tuple, second: tuple) -> tuple:
    """Sizes that do not fit raise RuntimeError, as an operation of torch does; here it must be ValueError."""
    sizes = []
    for one, other in zip_longest(reversed(first), reversed(second), fillvalue=1):
        if one != other and 1 not in (one, other):
            raise RuntimeError("the shapes do not broadcast")
        sizes.append(other if one == 1 else one)
    return tuple(reversed(sizes))


def broadcast_shape__a_list(first: tuple, second: tuple) -> list:
    """The sizes come as a list; a shape is a tuple."""
    sizes = []
    for one, other in zip_longest(reversed(first), reversed(second), fillvalue=1):
        if one != other and 1 not in (one, other):
            raise ValueError("the shapes do not broadcast")
        sizes.append(other if one == 1 else one)
    return sizes[::-1]


def broadcast_shape__only_the_second_stretches(first: tuple, second: tuple) -> tuple:
    """Only a 1 in the second shape is stretched; a 1 in the first takes the other size in the same way."""
    sizes = []
    for one, other in zip_longest(reversed(first), reversed(second), fillvalue=None):
        if one is not None and other is not None and one != other and other != 1:
            raise ValueError("the shapes do not broadcast")
        sizes.append(other if one is None else one)
    return tuple(reversed(sizes))


def broadcast_shape__back_to_front(first: tuple, second: tuple) -> tuple:
    """The sizes are collected from the last to the first and never turned round again."""
    sizes = []
    for one, other in zip_longest(reversed(first), reversed(second), fillvalue=1):
        if one != other and 1 not in (one, other):
            raise ValueError("the shapes do not broadcast")
        sizes.append(other if one == 1 else one)
    return tuple(sizes)


def broadcast_shape__repeats_what_divides(first: tuple, second: tuple) -> tuple:
    """A size that divides the other one is repeated until it fits; broadcasting repeats nothing but a size of 1."""
    sizes = []
    for one, other in zip_longest(reversed(first), reversed(second), fillvalue=1):
        small, large = sorted((one, other))
        if small != large and (small == 0 and large != 1 or small > 0 and large % small):
            raise ValueError("the shapes do not broadcast")
        sizes.append(0 if small == 0 else large)
    return tuple(reversed(sizes))


def broadcast_shape__by_torch(first: tuple, second: tuple) -> tuple:
    """The answer is asked of `torch`; the rule of this kata is to compare the sizes yourself."""
    try:
        return tuple(torch.broadcast_shapes(first, second))
    except RuntimeError as error:
        raise ValueError("the shapes do not broadcast") from error


def broadcast_shape__is_for_equal(first, second) -> tuple:
    """`a is not b` asks whether two sizes are the same object; large equal numbers need not be. Compare with `!=`."""
    result = []
    for a, b in zip_longest(reversed(first), reversed(second), fillvalue=1):
        if a is not b and a != 1 and b != 1:
            raise ValueError(f"{first} and {second} do not broadcast")
        result.append(b if a == 1 else a)
    return tuple(reversed(result))


# outer_sum


def outer_sum__transposed(x: Tensor, y: Tensor) -> Tensor:
    """Here `y` runs down the rows and `x` along them, which is the transpose of what is asked."""
    return x + y[:, None]


def outer_sum__element_by_element(x: Tensor, y: Tensor) -> Tensor:
    """Two vectors are added element by element; one of them must become a column first."""
    return x + y


def outer_sum__product(x: Tensor, y: Tensor) -> Tensor:
    """This is the outer product; here each pair is added."""
    return x[:, None] * y


def outer_sum__difference(x: Tensor, y: Tensor) -> Tensor:
    """This is the outer difference; here each pair is added."""
    return x[:, None] - y


def outer_sum__always_float32(x: Tensor, y: Tensor) -> Tensor:
    """The sum is converted to float32; it must keep the dtype of `x` and `y`."""
    return (x[:, None] + y).float()


def outer_sum__x_with_itself(x: Tensor, y: Tensor) -> Tensor:
    """The pairs are made of `x` and `x`; the second of each pair must come from `y`."""
    return x[:, None] + x


def outer_sum__flat(x: Tensor, y: Tensor) -> Tensor:
    """The sums are right, but in one long row; here there is a row for each element of `x`."""
    return (x[:, None] + y).flatten()


def outer_sum__by_a_loop(x: Tensor, y: Tensor) -> Tensor:
    """A Python loop goes over the elements of `x`; broadcasting does all rows at once."""
    return torch.stack([each + y for each in x]) if len(x) else y.new_zeros(0, len(y))


def outer_sum__by_way_of_floats(x, y) -> Tensor:
    """The sum is made in float64, which does not hold every int64; add in the dtype of the inputs."""
    return (x.double()[:, None] + y.double()).to(x.dtype)


# outer_product


def outer_product__transposed(x: Tensor, y: Tensor) -> Tensor:
    """Here `y` runs down the rows and `x` along them, which is the transpose of what is asked."""
    return y[:, None] * x


def outer_product__element_by_element(x: Tensor, y: Tensor) -> Tensor:
    """Two vectors are multiplied element by element; one of them must become a column first."""
    return x * y


def outer_product__inner(x: Tensor, y: Tensor) -> Tensor:
    """This is the inner product, a single number; the outer one keeps a number for each pair."""
    return (x * y).sum()


def outer_product__sum(x: Tensor, y: Tensor) -> Tensor:
    """This is the outer sum; here each pair is multiplied."""
    return x[:, None] + y


def outer_product__always_float32(x: Tensor, y: Tensor) -> Tensor:
    """The product is converted to float32; it must keep the dtype of `x` and `y`."""
    return (x[:, None] * y).float()


def outer_product__quotient(x: Tensor, y: Tensor) -> Tensor:
    """Each pair is divided; here it is multiplied."""
    return (x[:, None] / y).to(x.dtype)


def outer_product__two_columns(x: Tensor, y: Tensor) -> Tensor:
    """Both vectors become columns, so nothing crosses; only one of them needs a new dimension."""
    return x[:, None] * y[:, None]


def outer_product__by_outer(x: Tensor, y: Tensor) -> Tensor:
    """`torch.outer` is a ready-made answer; the rule of this kata is to broadcast."""
    return torch.outer(x, y)


def outer_product__by_matrix_product(x: Tensor, y: Tensor) -> Tensor:
    """A column `@` a row gives the right numbers; the rule of this kata is to broadcast."""
    return x[:, None] @ y[None, :]


def outer_product__by_way_of_floats(x, y) -> Tensor:
    """The product is made in float64, which does not hold every int64; multiply in the dtype of the inputs."""
    return (x.double()[:, None] * y.double()).to(x.dtype)


# pairwise_distances


def pairwise_distances__squared(x: Tensor, y: Tensor) -> Tensor:
    """These are the squares of the distances; the square root is missing."""
    return (x[:, None] - y).square().sum(dim=-1)


def pairwise_distances__expanded_square(x: Tensor, y: Tensor) -> Tensor:
    """The formula |x|² + |y|² - 2xy subtracts large, nearly equal numbers; subtract the points first, then square."""
    squares = x.square().sum(dim=1)[:, None] + y.square().sum(dim=1) - 2 * (x[:, None] * y).sum(dim=-1)
    return squares.clamp(min=0).sqrt()


def pairwise_distances__manhattan(x: Tensor, y: Tensor) -> Tensor:
    """The absolute differences are added up; the Euclidean distance squares them, and takes the root of the sum."""
    return (x[:, None] - y).abs().sum(dim=-1)


def pairwise_distances__transposed(x: Tensor, y: Tensor) -> Tensor:
    """The rows belong to `y` and the columns to `x`; it must be the other way round."""
    return (y[:, None] - x).square().sum(dim=-1).sqrt()


def pairwise_distances__row_by_row(x: Tensor, y: Tensor) -> Tensor:
    """Row i of `x` only meets row i of `y`; a new dimension lets it meet all of them."""
    return (x - y).square().sum(dim=-1).sqrt()


def pairwise_distances__mean(x: Tensor, y: Tensor) -> Tensor:
    """The squares are averaged over the coordinates; they must be added up."""
    return (x[:, None] - y).square().mean(dim=-1).sqrt()


def pairwise_distances__summed_over_the_points(x: Tensor, y: Tensor) -> Tensor:
    """The sum goes over the points of `y`; it must go over the coordinates, the last dimension."""
    return (x[:, None] - y).square().sum(dim=1).sqrt()


def pairwise_distances__eps_added(x: Tensor, y: Tensor) -> Tensor:
    """`pairwise_distance` adds 1e-6 to each difference, so that equal points are apart; here their distance is 0."""
    return F.pairwise_distance(x[:, None], y[None])


def pairwise_distances__eps_under_the_root(x: Tensor, y: Tensor) -> Tensor:
    """A small number is added under the root, so that equal points are apart; here their distance is 0."""
    return ((x[:, None] - y).square().sum(dim=-1) + 1e-8).sqrt()


def pairwise_distances__largest_difference(x: Tensor, y: Tensor) -> Tensor:
    """This is the largest difference of a coordinate; the Euclidean distance takes all coordinates together."""
    differences = (x[:, None] - y).abs()
    return differences.amax(dim=-1) if x.shape[1] else differences.sum(dim=-1)


def pairwise_distances__by_a_loop(x: Tensor, y: Tensor) -> Tensor:
    """A Python loop goes over the points of `x`; broadcasting takes all of them at once."""
    rows = [(point - y).square().sum(dim=-1).sqrt() for point in x]
    return torch.stack(rows) if rows else x.new_zeros(0, len(y))


def pairwise_distances__expanded_in_float64(x, y) -> Tensor:
    """|x|² - 2x·y + |y|² loses near points also in float64, if they are far from the origin; subtract first."""
    a, b = x.double(), y.double()
    squares = a.square().sum(1)[:, None] + b.square().sum(1) - 2 * a @ b.T
    return squares.clamp(min=0).sqrt().to(x.dtype)


# standardize_columns


def standardize_columns__by_rows(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Each row is standardised; `dim=0` goes down a column, `dim=1` along a row."""
    centred = x - x.mean(dim=1, keepdim=True)
    return centred / (centred.square().mean(dim=1, keepdim=True) + eps).sqrt()


def standardize_columns__all_at_once(x: Tensor, eps: float = 1e-5) -> Tensor:
    """One mean and one variance serve the whole matrix; each column has its own."""
    return (x - x.mean()) / ((x - x.mean()).square().mean() + eps).sqrt()


def standardize_columns__n_minus_1(x: Tensor, eps: float = 1e-5) -> Tensor:
    """`var` divides by n - 1 unless told otherwise, and gives nan for a single row; here it divides by n."""
    return (x - x.mean(dim=0)) / (x.var(dim=0) + eps).sqrt()


def standardize_columns__eps_outside_the_root(x: Tensor, eps: float = 1e-5) -> Tensor:
    """`eps` is added to the standard deviation; it belongs under the root, to the variance."""
    centred = x - x.mean(dim=0)
    return centred / (centred.square().mean(dim=0).sqrt() + eps)


def standardize_columns__no_eps(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Without `eps` a constant column is 0 / 0, which is nan; here it becomes zeros."""
    centred = x - x.mean(dim=0)
    return centred / centred.square().mean(dim=0).sqrt()


def standardize_columns__eps_of_its_own(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The argument `eps` is ignored: 1e-5 stands in the formula."""
    centred = x - x.mean(dim=0)
    return centred / (centred.square().mean(dim=0) + 1e-5).sqrt()


def standardize_columns__variance_without_root(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The columns are divided by the variance; its square root is missing."""
    centred = x - x.mean(dim=0)
    return centred / (centred.square().mean(dim=0) + eps)


def standardize_columns__only_centred(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The mean is taken away, but nothing is scaled; the variance must become 1 too."""
    return x - x.mean(dim=0)


def standardize_columns__only_scaled(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The columns are scaled, but their mean is still in them; take it away first."""
    return x / (x.var(dim=0, unbiased=False) + eps).sqrt()


def standardize_columns__one_pass_variance(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The mean of the squares minus the square of the mean loses all digits if the mean is large; centre first."""
    mean = x.mean(dim=0)
    variance = (x.square().mean(dim=0) - mean.square()).clamp(min=0)
    return (x - mean) / (variance + eps).sqrt()


def standardize_columns__in_place(x: Tensor, eps: float = 1e-5) -> Tensor:
    """`x -= …` works in the memory of the caller; the input must stay as it is."""
    x -= x.mean(dim=0)
    return x / (x.square().mean(dim=0) + eps).sqrt()


def standardize_columns__by_a_loop(x: Tensor, eps: float = 1e-5) -> Tensor:
    """A Python loop goes over the columns; broadcasting treats all of them at once."""
    columns = [(each - each.mean()) / (each.var(unbiased=False) + eps).sqrt() for each in x.T]
    return torch.stack(columns, dim=1)


def standardize_columns__by_batch_norm(x: Tensor, eps: float = 1e-5) -> Tensor:
    """`batch_norm` is a ready-made answer; the rule of this kata is to broadcast."""
    if len(x) == 1:
        return torch.zeros_like(x)
    return F.batch_norm(x, None, None, training=True, eps=eps)


def standardize_columns__one_pass_in_float64(x, eps=1e-5) -> Tensor:
    """The mean of the squares minus the square of the mean loses the variance of large numbers, in float64 too."""
    wide = x.double()
    mean = wide.mean(0)
    variance = (wide.square().mean(0) - mean.square()).clamp(min=0)
    return ((wide - mean) / (variance + eps).sqrt()).to(x.dtype)


# standardize_rows


def standardize_rows__keepdim_forgotten(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Without `keepdim=True` the means have shape (n,) and meet the columns: an error, or wrong on a square matrix."""
    centred = x - x.mean(dim=1)
    return centred / (centred.square().mean(dim=1) + eps).sqrt()


def standardize_rows__keepdim_forgotten_in_the_variance(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The mean keeps its dimension, the variance does not and meets the columns; both need `keepdim=True`."""
    centred = x - x.mean(dim=1, keepdim=True)
    return centred / (centred.square().mean(dim=1) + eps).sqrt()


def standardize_rows__keepdim_forgotten_in_the_mean(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The variance keeps its dimension, the mean does not and meets the columns; both need `keepdim=True`."""
    return (x - x.mean(dim=1)) / (x.var(dim=1, keepdim=True, unbiased=False) + eps).sqrt()


def standardize_rows__by_columns(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Each column is standardised; `dim=1` goes along a row, `dim=0` down a column."""
    centred = x - x.mean(dim=0, keepdim=True)
    return centred / (centred.square().mean(dim=0, keepdim=True) + eps).sqrt()


def standardize_rows__all_at_once(x: Tensor, eps: float = 1e-5) -> Tensor:
    """One mean and one variance serve the whole matrix; each row has its own."""
    return (x - x.mean()) / ((x - x.mean()).square().mean() + eps).sqrt()


def standardize_rows__d_minus_1(x: Tensor, eps: float = 1e-5) -> Tensor:
    """`var` divides by d - 1 unless told otherwise, and gives nan for a single column; here it divides by d."""
    return (x - x.mean(dim=1, keepdim=True)) / (x.var(dim=1, keepdim=True) + eps).sqrt()


def standardize_rows__eps_outside_the_root(x: Tensor, eps: float = 1e-5) -> Tensor:
    """`eps` is added to the standard deviation; it belongs under the root, to the variance."""
    centred = x - x.mean(dim=1, keepdim=True)
    return centred / (centred.square().mean(dim=1, keepdim=True).sqrt() + eps)


def standardize_rows__no_eps(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Without `eps` a constant row is 0 / 0, which is nan; here it becomes zeros."""
    centred = x - x.mean(dim=1, keepdim=True)
    return centred / centred.square().mean(dim=1, keepdim=True).sqrt()


def standardize_rows__eps_of_its_own(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The argument `eps` is ignored: 1e-5 stands in the formula."""
    centred = x - x.mean(dim=1, keepdim=True)
    return centred / (centred.square().mean(dim=1, keepdim=True) + 1e-5).sqrt()


def standardize_rows__one_pass_variance(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The mean of the squares minus the square of the mean loses all digits if the mean is large; centre first."""
    mean = x.mean(dim=1, keepdim=True)
    variance = (x.square().mean(dim=1, keepdim=True) - mean.square()).clamp(min=0)
    return (x - mean) / (variance + eps).sqrt()


def standardize_rows__by_layer_norm(x: Tensor, eps: float = 1e-5) -> Tensor:
    """`layer_norm` is a ready-made answer; the rule of this kata is to broadcast."""
    return F.layer_norm(x, x.shape[1:], eps=eps)


def standardize_rows__one_pass_in_float64(x, eps=1e-5) -> Tensor:
    """The mean of the squares minus the square of the mean loses the variance of large numbers, in float64 too."""
    wide = x.double()
    mean = wide.mean(1, keepdim=True)
    variance = (wide.square().mean(1, keepdim=True) - mean.square()).clamp(min=0)
    return ((wide - mean) / (variance + eps).sqrt()).to(x.dtype)


def standardize_rows__layer_norm_module(x, eps=1e-5) -> Tensor:
    """`nn.LayerNorm` does all of it; the point here is to do it by broadcasting."""
    return torch.nn.LayerNorm(x.shape[1], eps=eps, elementwise_affine=False)(x)


# standardize_channels


def standardize_channels__each_image_alone(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Each image has its own mean and variance; a channel has one of each, over all images of the batch."""
    centred = x - x.mean(dim=(2, 3), keepdim=True)
    return centred / (centred.square().mean(dim=(2, 3), keepdim=True) + eps).sqrt()


def standardize_channels__each_pixel_alone(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The mean goes over the images only, so each pixel has its own; it must go over the pixels too."""
    centred = x - x.mean(dim=0)
    return centred / (centred.square().mean(dim=0) + eps).sqrt()


def standardize_channels__over_the_channels(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The mean goes over the channels; they are what must stay apart, so leave dimension 1 out of `dim`."""
    centred = x - x.mean(dim=1, keepdim=True)
    return centred / (centred.square().mean(dim=1, keepdim=True) + eps).sqrt()


def standardize_channels__each_image_as_a_whole(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The mean goes over all but the images; it must go over all but the channels."""
    centred = x - x.mean(dim=(1, 2, 3), keepdim=True)
    return centred / (centred.square().mean(dim=(1, 2, 3), keepdim=True) + eps).sqrt()


def standardize_channels__all_at_once(x: Tensor, eps: float = 1e-5) -> Tensor:
    """One mean and one variance serve all channels; each channel has its own."""
    return (x - x.mean()) / ((x - x.mean()).square().mean() + eps).sqrt()


def standardize_channels__keepdim_forgotten(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Without `keepdim=True` the means have shape (c,) and meet the last dimension, the width; they must be
    (1, c, 1, 1)."""
    centred = x - x.mean(dim=(0, 2, 3))
    return centred / (centred.square().mean(dim=(0, 2, 3)) + eps).sqrt()


def standardize_channels__channels_last(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The last dimension is taken for the channels; in PyTorch images are (n, c, h, w), channels second."""
    centred = x - x.mean(dim=(0, 1, 2))
    return centred / (centred.square().mean(dim=(0, 1, 2)) + eps).sqrt()


def standardize_channels__n_minus_1(x: Tensor, eps: float = 1e-5) -> Tensor:
    """`var` divides by one less than the count unless told otherwise; here it divides by the count."""
    mean, variance = x.mean(dim=(0, 2, 3), keepdim=True), x.var(dim=(0, 2, 3), keepdim=True)
    return (x - mean) / (variance + eps).sqrt()


def standardize_channels__eps_outside_the_root(x: Tensor, eps: float = 1e-5) -> Tensor:
    """`eps` is added to the standard deviation; it belongs under the root, to the variance."""
    centred = x - x.mean(dim=(0, 2, 3), keepdim=True)
    return centred / (centred.square().mean(dim=(0, 2, 3), keepdim=True).sqrt() + eps)


def standardize_channels__no_eps(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Without `eps` a constant channel is 0 / 0, which is nan; here it becomes zeros."""
    centred = x - x.mean(dim=(0, 2, 3), keepdim=True)
    return centred / centred.square().mean(dim=(0, 2, 3), keepdim=True).sqrt()


def standardize_channels__one_pass_variance(x: Tensor, eps: float = 1e-5) -> Tensor:
    """The mean of the squares minus the square of the mean loses all digits if the mean is large; centre first."""
    mean = x.mean(dim=(0, 2, 3), keepdim=True)
    variance = (x.square().mean(dim=(0, 2, 3), keepdim=True) - mean.square()).clamp(min=0)
    return (x - mean) / (variance + eps).sqrt()


def standardize_channels__by_a_loop(x: Tensor, eps: float = 1e-5) -> Tensor:
    """A Python loop goes over the channels; broadcasting treats all of them at once."""
    channels = [(each - each.mean()) / (each.var(unbiased=False) + eps).sqrt() for each in x.unbind(1)]
    return torch.stack(channels, dim=1)


def standardize_channels__one_pass_in_float64(x, eps=1e-5) -> Tensor:
    """The mean of the squares minus the square of the mean loses the variance of large numbers, in float64 too."""
    wide = x.double()
    mean = wide.mean((0, 2, 3), keepdim=True)
    variance = (wide.square().mean((0, 2, 3), keepdim=True) - mean.square()).clamp(min=0)
    return ((wide - mean) / (variance + eps).sqrt()).to(x.dtype)


# safe_mse_loss


def safe_mse_loss__broadcasts(prediction: Tensor, target: Tensor) -> Tensor:
    """The shapes are not compared, so (n, 1) against (n,) becomes n × n without a word; it must raise ValueError."""
    return (prediction - target).square().mean()


def safe_mse_loss__compares_the_counts(prediction: Tensor, target: Tensor) -> Tensor:
    """Only the numbers of elements are compared, and (n, 1) has as many as (n,); compare the shapes."""
    if prediction.numel() != target.numel():
        raise ValueError("the shapes differ")
    return (prediction - target).square().mean()


def safe_mse_loss__compares_the_dimensions(prediction: Tensor, target: Tensor) -> Tensor:
    """Only the numbers of dimensions are compared, and (n, 1) has as many as (1, n); compare the shapes."""
    if prediction.ndim != target.ndim:
        raise ValueError("the shapes differ")
    return (prediction - target).square().mean()


def safe_mse_loss__compares_the_first_size(prediction: Tensor, target: Tensor) -> Tensor:
    """Only the first sizes are compared, and those of (n, 1) and (n,) are the same; compare the shapes."""
    if prediction.shape[:1] != target.shape[:1]:
        raise ValueError("the shapes differ")
    return (prediction - target).square().mean()


def safe_mse_loss__squeezed(prediction: Tensor, target: Tensor) -> Tensor:
    """Sizes of 1 are squeezed away to make the shapes fit; that guesses what was meant, and must raise ValueError."""
    prediction, target = prediction.squeeze(), target.squeeze()
    if prediction.shape != target.shape:
        raise ValueError("the shapes differ")
    return (prediction - target).square().mean()


def safe_mse_loss__reshaped(prediction: Tensor, target: Tensor) -> Tensor:
    """The target is reshaped until it fits; that hides an error of the caller, and must raise ValueError."""
    if prediction.numel() != target.numel():
        raise ValueError("the shapes differ")
    return (prediction - target.reshape(prediction.shape)).square().mean()


def safe_mse_loss__runtime_error(prediction: Tensor, target: Tensor) -> Tensor:
    """Shapes that differ raise RuntimeError; here it must be ValueError."""
    if prediction.shape != target.shape:
        raise RuntimeError("the shapes differ")
    return (prediction - target).square().mean()


def safe_mse_loss__assertion(prediction: Tensor, target: Tensor) -> Tensor:
    """An `assert` raises AssertionError and vanishes under `python -O`; here it must be ValueError."""
    assert prediction.shape == target.shape
    return (prediction - target).square().mean()


def safe_mse_loss__sum(prediction: Tensor, target: Tensor) -> Tensor:
    """The squares are added up; the loss is their mean."""
    if prediction.shape != target.shape:
        raise ValueError("the shapes differ")
    return (prediction - target).square().sum()


def safe_mse_loss__square_of_the_mean(prediction: Tensor, target: Tensor) -> Tensor:
    """The mean is squared, so that errors cancel; square each error first."""
    if prediction.shape != target.shape:
        raise ValueError("the shapes differ")
    return (prediction - target).mean().square()


def safe_mse_loss__absolute(prediction: Tensor, target: Tensor) -> Tensor:
    """This is the mean absolute error; here the errors are squared."""
    if prediction.shape != target.shape:
        raise ValueError("the shapes differ")
    return (prediction - target).abs().mean()


def safe_mse_loss__root(prediction: Tensor, target: Tensor) -> Tensor:
    """This is the root of the mean squared error; no root is asked for."""
    if prediction.shape != target.shape:
        raise ValueError("the shapes differ")
    return (prediction - target).square().mean().sqrt()


def safe_mse_loss__first_dimension_only(prediction: Tensor, target: Tensor) -> Tensor:
    """The mean goes over dimension 0 only, so a matrix gives several numbers; it must go over all elements."""
    if prediction.shape != target.shape:
        raise ValueError("the shapes differ")
    squares = (prediction - target).square()
    return squares.mean(dim=0) if squares.ndim else squares


def safe_mse_loss__expanded(prediction, target) -> Tensor:
    """p² - 2pt + t² is the difference of large numbers where p is near t; subtract first, then square."""
    if prediction.shape != target.shape:
        raise ValueError("other shapes")
    return prediction.square().mean() - 2 * (prediction * target).mean() + target.square().mean()


# reduce_to_shape


def reduce_to_shape__only_in_front(grad: Tensor, shape: tuple) -> Tensor:
    """Only the dimensions in front are summed; where `shape` has 1, the elements were repeated too."""
    total = grad.clone()
    while total.ndim > len(shape):
        total = total.sum(dim=0)
    return total


def reduce_to_shape__only_ones(grad: Tensor, shape: tuple) -> Tensor:
    """Only the sizes of 1 are summed; the dimensions that broadcasting put in front must go too."""
    total = grad.clone()
    for dim in range(1, len(shape) + 1):
        if shape[-dim] == 1:
            total = total.sum(dim=-dim, keepdim=True)
    return total


def reduce_to_shape__from_the_left(grad: Tensor, shape: tuple) -> Tensor:
    """The missing dimensions are looked for behind the last; broadcasting puts them in front of the first."""
    total = grad.clone()
    for dim, size in enumerate(tuple(shape) + (1,) * (grad.ndim - len(shape))):
        if size == 1:
            total = total.sum(dim=dim, keepdim=True)
    return total.reshape(shape)


def reduce_to_shape__mean(grad: Tensor, shape: tuple) -> Tensor:
    """The places are averaged; the gradients of all places add up."""
    total = grad.clone()
    for dim, size in enumerate((1,) * (grad.ndim - len(shape)) + tuple(shape)):
        if size == 1:
            total = total.mean(dim=dim, keepdim=True)
    return total.reshape(shape)


def reduce_to_shape__only_the_first(grad: Tensor, shape: tuple) -> Tensor:
    """Only the first of the repeated places is taken; the gradients of all places add up."""
    total = grad.clone()
    for dim, size in enumerate((1,) * (grad.ndim - len(shape)) + tuple(shape)):
        if size == 1 and total.shape[dim]:
            total = total.narrow(dim, 0, 1)
    return total.reshape(shape).clone()


def reduce_to_shape__keepdim_forgotten(grad: Tensor, shape: tuple) -> Tensor:
    """A dimension of size 1 is summed away; it must stay with size 1, as in `shape`."""
    in_front = grad.ndim - len(shape)
    dims = [dim for dim, size in enumerate((1,) * in_front + tuple(shape)) if size == 1]
    return grad.sum(dim=dims) if dims else grad.clone()


def reduce_to_shape__front_kept(grad: Tensor, shape: tuple) -> Tensor:
    """The dimensions in front stay with size 1; they are not in `shape`, so they must go."""
    total = grad.clone()
    for dim, size in enumerate((1,) * (grad.ndim - len(shape)) + tuple(shape)):
        if size == 1:
            total = total.sum(dim=dim, keepdim=True)
    return total


def reduce_to_shape__no_dims_means_all(grad: Tensor, shape: tuple) -> Tensor:
    """`sum(dim=())` sums over everything, not over nothing; if there is nothing to sum, don't."""
    in_front = grad.ndim - len(shape)
    dims = tuple(dim for dim, size in enumerate((1,) * in_front + tuple(shape)) if size == 1)
    return grad.sum(dim=dims, keepdim=True).expand((1,) * in_front + tuple(shape)).reshape(shape).clone()


def reduce_to_shape__grad_itself(grad: Tensor, shape: tuple) -> Tensor:
    """Where there is nothing to sum, `grad` itself comes back, and a write to the result changes it; copy it."""
    total = grad
    for dim, size in enumerate((1,) * (grad.ndim - len(shape)) + tuple(shape)):
        if size == 1 and total.shape[dim] != 1:
            total = total.sum(dim=dim, keepdim=True)
    return total.reshape(shape)


def reduce_to_shape__everything(grad: Tensor, shape: tuple) -> Tensor:
    """The sum of everything is put into every place; each place has a sum of its own."""
    return grad.sum().expand(shape).clone()


def reduce_to_shape__by_sum_to_size(grad: Tensor, shape: tuple) -> Tensor:
    """`sum_to_size` is a ready-made answer; the rule of this kata is to find the dimensions yourself."""
    return grad.clone().sum_to_size(shape)


# multiply_three_ways


def multiply_three_ways__matrix_product(x: Tensor, y: Tensor, out: Tensor) -> tuple:
    """`@` is the matrix product; element by element it is `*`."""
    first = x @ y if x.ndim == y.ndim == 2 and x.shape[1] == y.shape[0] else x * y
    return first, torch.mul(x, y), torch.mul(x, y, out=out)


def multiply_three_ways__out_forgotten(x: Tensor, y: Tensor, out: Tensor) -> tuple:
    """The third is a new tensor and `out` is never written; pass it on as `out=`."""
    return x * y, torch.mul(x, y), torch.mul(x, y)


def multiply_three_ways__out_with_new_memory(x: Tensor, y: Tensor, out: Tensor) -> tuple:
    """`out.data = …` gives `out` other memory, so a view of the old one never shows the product; write into it."""
    out.data = torch.mul(x, y)
    return x * y, torch.mul(x, y), out


def multiply_three_ways__x_in_place(x: Tensor, y: Tensor, out: Tensor) -> tuple:
    """`mul_` writes the product into `x`; only `out` may change."""
    torch.mul(x, y, out=out)
    first = x * y
    return first, x.mul_(y) if first.shape == x.shape else torch.mul(x, y), out


def multiply_three_ways__one_tensor_three_times(x: Tensor, y: Tensor, out: Tensor) -> tuple:
    """All three are `out`, so a write to one changes all; the first and the second are to be new."""
    torch.mul(x, y, out=out)
    return out, out, out


def multiply_three_ways__one_tensor_twice(x: Tensor, y: Tensor, out: Tensor) -> tuple:
    """The first and the second are the same tensor, so a write to one changes both; make each of its own."""
    first = x * y
    return first, first, torch.mul(x, y, out=out)


def multiply_three_ways__only_out(x: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """Only one product comes back; three are asked for, as a tuple."""
    return torch.mul(x, y, out=out)


def multiply_three_ways__added_to_out(x: Tensor, y: Tensor, out: Tensor) -> tuple:
    """The product is added to what `out` held before; it must take its place."""
    return x * y, torch.mul(x, y), out.add_(x * y)


def multiply_three_ways__a_sum(x: Tensor, y: Tensor, out: Tensor) -> tuple:
    """The second one is a sum; here it is a product as well."""
    return x * y, torch.add(x, y), torch.mul(x, y, out=out)


def multiply_three_ways__out_first(x: Tensor, y: Tensor, out: Tensor) -> tuple:
    """`out` comes first; it belongs at the end, behind the two new ones."""
    return torch.mul(x, y, out=out), x * y, torch.mul(x, y)


def multiply_three_ways__no_operator(x: Tensor, y: Tensor, out: Tensor) -> tuple:
    """Two of the three are made in the same way; the operator `*` is missing."""
    return torch.mul(x, y), x.mul(y), torch.mul(x, y, out=out)


def multiply_three_ways__no_out(x: Tensor, y: Tensor, out: Tensor) -> tuple:
    """The third is copied into `out`, after a product in new memory; a call with `out=` needs no copy."""
    return x * y, torch.mul(x, y), out.copy_(x * y)


def multiply_three_ways__added_to_nothing(x, y, out) -> tuple:
    """`out * 0` is not 0 where `out` holds nan or inf, as memory that was never written may."""
    first, second = x * y, torch.mul(x, y)
    return first, second, torch.add(out * 0, first, out=out)


# matmul_loops


def matmul_loops__last_term_only(a: Tensor, b: Tensor) -> Tensor:
    """Each term overwrites the one before; the terms must be added up."""
    result = a.new_zeros(a.shape[0], b.shape[1])
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                result[i, j] = a[i, p] * b[p, j]
    return result


def matmul_loops__rows_with_rows(a: Tensor, b: Tensor) -> Tensor:
    """Rows of `a` meet rows of `b`, as in a product with the transpose of `b`; they must meet its columns."""
    result = a.new_zeros(a.shape[0], b.shape[1])
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                result[i, j] += a[i, p] * b[j, p]
    return result


def matmul_loops__square_only(a: Tensor, b: Tensor) -> Tensor:
    """All three loops run to the number of rows of `a`; that is right for square matrices only."""
    result = a.new_zeros(a.shape[0], b.shape[1])
    for i in range(len(a)):
        for j in range(len(a)):
            for p in range(len(a)):
                result[i, j] += a[i, p] * b[p, j]
    return result


def matmul_loops__always_float32(a: Tensor, b: Tensor) -> Tensor:
    """`torch.zeros` makes float32 unless told otherwise; the result must have the dtype of `a` and `b`."""
    result = torch.zeros(a.shape[0], b.shape[1], device=a.device)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                result[i, j] += a[i, p] * b[p, j]
    return result


def matmul_loops__element_by_element(a: Tensor, b: Tensor) -> Tensor:
    """Only elements in the same place are multiplied; the matrix product multiplies rows with columns."""
    result = a.new_zeros(a.shape[0], b.shape[1])
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            result[i, j] = a[i, j] * b[i, j]
    return result


def matmul_loops__first_term_lost(a: Tensor, b: Tensor) -> Tensor:
    """The inner loop begins at 1, so the first term is missing; Python counts from 0."""
    result = a.new_zeros(a.shape[0], b.shape[1])
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(1, a.shape[1]):
                result[i, j] += a[i, p] * b[p, j]
    return result


def matmul_loops__sum_never_reset(a: Tensor, b: Tensor) -> Tensor:
    """The running sum is never set back to 0, so each element holds all those before it too."""
    result = a.new_zeros(a.shape[0], b.shape[1])
    total = a.new_zeros(())
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                total = total + a[i, p] * b[p, j]
            result[i, j] = total
    return result


def matmul_loops__transposed(a: Tensor, b: Tensor) -> Tensor:
    """The element of row i and column j is written to [j, i], so the result is transposed."""
    result = a.new_zeros(b.shape[1], a.shape[0])
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                result[j, i] += a[i, p] * b[p, j]
    return result


def matmul_loops__cpu(a: Tensor, b: Tensor) -> Tensor:
    """The result is made on the CPU wherever `a` is; make it on the device of `a`, as `a.new_zeros` does."""
    result = torch.zeros(a.shape[0], b.shape[1], dtype=a.dtype)
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for p in range(a.shape[1]):
                result[i, j] += (a[i, p] * b[p, j]).cpu()
    return result


def matmul_loops__by_the_operator(a: Tensor, b: Tensor) -> Tensor:
    """A loop goes over the rows, but `@` makes the sums; the rule of this kata is to make them yourself."""
    result = a.new_zeros(a.shape[0], b.shape[1])
    for i in range(a.shape[0]):
        result[i] = a[i] @ b
    return result


def matmul_loops__no_loop(a: Tensor, b: Tensor) -> Tensor:
    """This one broadcasts; the rule of this kata is to write the loops."""
    return (a[:, :, None] * b).sum(dim=1)


def matmul_loops__dot(a: Tensor, b: Tensor) -> Tensor:
    """`dot` makes the sums; the rule of this kata is to make them yourself."""
    result = a.new_zeros(a.shape[0], b.shape[1])
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            result[i, j] = torch.dot(a[i], b[:, j])
    return result


# matmul_broadcast


def matmul_broadcast__element_by_element(a: Tensor, b: Tensor) -> Tensor:
    """`*` multiplies elements in the same place; the matrix product multiplies rows with columns and sums."""
    return a * b


def matmul_broadcast__summed_over_the_columns(a: Tensor, b: Tensor) -> Tensor:
    """The sum goes over the last dimension, the columns of `b`; it must go over the one that both share."""
    return (a[:, :, None] * b).sum(dim=-1)


def matmul_broadcast__summed_over_the_rows(a: Tensor, b: Tensor) -> Tensor:
    """The sum goes over the rows of `a`; it must go over the dimension that both share."""
    return (a[:, :, None] * b).sum(dim=0)


def matmul_broadcast__rows_with_rows(a: Tensor, b: Tensor) -> Tensor:
    """Rows of `a` meet rows of `b`, as in a product with the transpose of `b`; they must meet its columns."""
    return (a[:, None, :] * b).sum(dim=-1)


def matmul_broadcast__never_summed(a: Tensor, b: Tensor) -> Tensor:
    """All products a[i, p] * b[p, j] are there, but nothing is summed over p."""
    return a[:, :, None] * b


def matmul_broadcast__mean(a: Tensor, b: Tensor) -> Tensor:
    """The products are averaged over p; they must be added up."""
    products = a[:, :, None] * b
    return (products.sum(dim=1) / max(a.shape[1], 1)).to(a.dtype)


def matmul_broadcast__dimension_kept(a: Tensor, b: Tensor) -> Tensor:
    """`keepdim=True` leaves a dimension of size 1 in the middle; here it must go."""
    return (a[:, :, None] * b).sum(dim=1, keepdim=True)


def matmul_broadcast__always_float32(a: Tensor, b: Tensor) -> Tensor:
    """The sum is converted to float32; it must keep the dtype of `a` and `b`."""
    return (a[:, :, None] * b).sum(dim=1, dtype=torch.float32)


def matmul_broadcast__transposed(a: Tensor, b: Tensor) -> Tensor:
    """The dimensions are in the wrong order: this is the transpose of the product."""
    return (b.T[:, None, :] * a).sum(dim=-1)


def matmul_broadcast__by_the_operator(a: Tensor, b: Tensor) -> Tensor:
    """`@` is a ready-made answer; the rule of this kata is to broadcast and sum."""
    return a @ b


def matmul_broadcast__by_a_loop(a: Tensor, b: Tensor) -> Tensor:
    """A Python loop adds the outer products; broadcasting makes all of them at once."""
    result = a.new_zeros(a.shape[0], b.shape[1])
    for p in range(a.shape[1]):
        result = result + a[:, p, None] * b[p]
    return result


def matmul_broadcast__by_einsum(a: Tensor, b: Tensor) -> Tensor:
    """`einsum` is another kata; the rule of this one is to broadcast and sum."""
    return torch.einsum("ik,kj->ij", a, b)


def matmul_broadcast__addmm_in_place(a, b) -> Tensor:
    """`addmm_` is a ready-made product; here the product comes from broadcasting and a sum."""
    return a.new_zeros(len(a), b.shape[1]).addmm_(a, b)


# matmul_einsum


def matmul_einsum__transposed(a: Tensor, b: Tensor) -> Tensor:
    """The letters behind the arrow are exchanged, so the result is transposed."""
    return torch.einsum("ik,kj->ji", a, b)


def matmul_einsum__rows_with_rows(a: Tensor, b: Tensor) -> Tensor:
    """The shared letter is the second of both, so rows meet rows; it must be the first letter of `b`."""
    return torch.einsum("ik,jk->ij", a, b)


def matmul_einsum__element_by_element(a: Tensor, b: Tensor) -> Tensor:
    """The same two letters everywhere multiply elements in the same place; one letter must be summed over."""
    return torch.einsum("ij,ij->ij", a, b)


def matmul_einsum__never_summed(a: Tensor, b: Tensor) -> Tensor:
    """All three letters stand behind the arrow, so nothing is summed; leave out the one to sum over."""
    return torch.einsum("ik,kj->ikj", a, b)


def matmul_einsum__summed_over_the_columns(a: Tensor, b: Tensor) -> Tensor:
    """The letter that both share stands behind the arrow, and a letter of `b` is summed over; leave out the shared."""
    return torch.einsum("ik,kj->ik", a, b)


def matmul_einsum__four_letters(a: Tensor, b: Tensor) -> Tensor:
    """Nothing is shared, so each matrix is summed alone; the columns of `a` and the rows of `b` need one letter."""
    return torch.einsum("ik,lj->ij", a, b)


def matmul_einsum__wrong_order(a: Tensor, b: Tensor) -> Tensor:
    """This is `b` times `a`; the order of a matrix product matters."""
    return torch.einsum("ik,kj->ij", b, a)


def matmul_einsum__a_number(a: Tensor, b: Tensor) -> Tensor:
    """Nothing stands behind the arrow, so everything is summed to one number; name what is to stay."""
    return torch.einsum("ik,kj->", a, b)


def matmul_einsum__by_the_operator(a: Tensor, b: Tensor) -> Tensor:
    """`@` is another kata; the rule of this one is to use `einsum`."""
    return a @ b


# matmul_operator


def matmul_operator__element_by_element(a: Tensor, b: Tensor) -> Tensor:
    """`*` multiplies elements in the same place; the matrix product is `@`."""
    return a * b


def matmul_operator__wrong_order(a: Tensor, b: Tensor) -> Tensor:
    """This is `b @ a`; the order of a matrix product matters."""
    return b @ a


def matmul_operator__b_transposed(a: Tensor, b: Tensor) -> Tensor:
    """`b` is transposed first, so rows meet rows; `@` takes `b` as it is."""
    return a @ b.mT


def matmul_operator__transposed(a: Tensor, b: Tensor) -> Tensor:
    """The product is transposed at the end; `@` gives it as it is asked."""
    return (a @ b).mT


def matmul_operator__first_of_the_batch(a: Tensor, b: Tensor) -> Tensor:
    """Only the first matrix of each batch is multiplied; all of them are to be."""
    a = a.flatten(0, -3)[0] if a.ndim > 2 and a.numel() else a
    b = b.flatten(0, -3)[0] if b.ndim > 2 and b.numel() else b
    return a @ b


def matmul_operator__batch_summed(a: Tensor, b: Tensor) -> Tensor:
    """The products of a batch are added up; each of them is to stay apart."""
    product = a @ b
    return product.flatten(0, -3).sum(dim=0) if product.ndim > 2 else product


def matmul_operator__no_batches(a: Tensor, b: Tensor) -> Tensor:
    """Batches are refused; `@` works on the last two dimensions and broadcasts the ones before them."""
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError("expected two matrices")
    return a @ b


def matmul_operator__batch_in_one_row(a: Tensor, b: Tensor) -> Tensor:
    """The batch is flattened to one dimension; it must keep all of its own."""
    product = a @ b
    return product.flatten(0, -3) if product.ndim > 3 else product


def matmul_operator__by_the_function(a: Tensor, b: Tensor) -> Tensor:
    """`torch.matmul` does the same; the rule of this kata is to write the operator."""
    return torch.matmul(a, b)


# matmul_out


def matmul_out__out_never_written(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    """The product is a new tensor and `out` stays as it was, as after `out = a @ b`; pass `out` on."""
    return torch.matmul(a, b)


def matmul_out__nothing_returned(a: Tensor, b: Tensor, out: Tensor) -> None:
    """`out` is written but not returned; `return` it."""
    torch.matmul(a, b, out=out)


def matmul_out__element_by_element(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    """`mul` multiplies elements in the same place; the matrix product is `matmul`."""
    return torch.mul(a, b, out=out)


def matmul_out__added_to_out(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    """The product is added to what `out` held before; it must take its place."""
    return torch.addmm(out, a, b, out=out)


def matmul_out__a_copy_returned(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    """`out` is written, but a copy of it is returned; return `out` itself."""
    return torch.matmul(a, b, out=out).clone()


def matmul_out__new_memory(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    """`out.data = …` gives `out` other memory, so a view of the old one never shows the product; write into it."""
    out.data = torch.matmul(a, b)
    return out


def matmul_out__wrong_order(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    """This is `b` times `a`; the order of a matrix product matters."""
    return torch.matmul(b, a, out=out)


def matmul_out__a_view_returned(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    """`out` is written, but a new tensor on the same memory is returned; return `out` itself."""
    return torch.matmul(a, b, out=out)[:]


def matmul_out__by_a_copy(a: Tensor, b: Tensor, out: Tensor) -> Tensor:
    """A new matrix is made and then copied; a call with `out=` needs neither."""
    return out.copy_(a @ b)


def matmul_out__added_to_nothing(a, b, out) -> Tensor:
    """`out * 0` is not 0 where `out` holds nan or inf, as memory that was never written may."""
    return torch.addmm(out * 0, a, b, out=out)


EQUIVALENT = {
    "broadcast_shape": {
        "for one, other in zip_longest(reversed(second), reversed(first), fillvalue=1):": "the rule is symmetric",
    },
    "multiply_three_ways": {
        "return (x * y, torch.mul(y, x), torch.mul(x, y, out=out))": "a product does not care for the order",
        "return (x * y, torch.mul(x, y), torch.mul(y, x, out=out))": "a product does not care for the order",
    },
}
