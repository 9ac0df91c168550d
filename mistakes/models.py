"""Wrong models that people really write; each docstring is what the learner is told."""

import copy
import math
from itertools import pairwise

import torch
from torch import nn

# flatten


def flatten__everything(x):
    """The samples are mixed into one long row; dimension 0 is the batch and stays as it is."""
    return x.reshape(-1)


def flatten__one_row(x):
    """All samples end up in a single row; each sample needs a row of its own."""
    return x.reshape(1, -1)


def flatten__view(x):
    """`view` cannot read a tensor that is not contiguous in a new shape; `reshape` can, it copies where it must."""
    return x.view(x.shape[0], math.prod(x.shape[1:]))


def flatten__minus_one(x):
    """With an empty batch, -1 could be any number and is an error; multiply the sizes of the other dimensions."""
    return x.reshape(x.shape[0], -1)


def flatten__two_dimensions(x):
    """Only two of the dimensions become one; with three or more behind the batch something is left over."""
    return x if x.ndim < 3 else x.reshape(x.shape[0], x.shape[1] * x.shape[2], *x.shape[3:])


def flatten__transposed(x):
    """The rows have the right length and the wrong elements: swapping dimensions first mixes the samples."""
    return x.transpose(0, 1).reshape(x.shape[0], math.prod(x.shape[1:]))


def flatten__columns(x):
    """Each sample became a column; a batch has one sample in each row, (n, k)."""
    return x.reshape(x.shape[0], math.prod(x.shape[1:])).T


def flatten__copies(x):
    """The elements are copied though `x` is contiguous; reading the same memory in another shape costs nothing."""
    return x.reshape(x.shape[0], math.prod(x.shape[1:])).clone()


def flatten__detached(x):
    """The result is cut off from the graph, so nothing before it can learn; leave `detach` and `data` out."""
    return x.detach().reshape(x.shape[0], math.prod(x.shape[1:]))


def flatten__asks_torch(x):
    """`torch.flatten` does the work; here you find the new shape yourself."""
    return torch.flatten(x, start_dim=1)


# linear


def linear__not_transposed(x, weight, bias):
    """The weight is (out, in), so x W multiplies by the wrong side of it; a square weight hides that. Transpose it."""
    return x @ weight + bias


def linear__forgets_the_bias(x, weight, bias):
    """The bias is not added; y = x Wᵀ + b."""
    return x @ weight.T


def linear__subtracts_the_bias(x, weight, bias):
    """The bias has the wrong sign; y = x Wᵀ + b."""
    return x @ weight.T - bias


def linear__bias_first(x, weight, bias):
    """The bias goes to the inputs; it belongs to the outputs, after the product."""
    return (x + bias[: x.shape[-1]].sum()) @ weight.T


def linear__matrices_only(x, weight, bias):
    """`torch.mm` takes matrices alone; `x` may have any number of dimensions before the last, and also none."""
    return torch.mm(x, weight.T) + bias


def linear__flattens(x, weight, bias):
    """The leading dimensions are gone; the result has all of those of `x`."""
    return x.reshape(-1, x.shape[-1]) @ weight.T + bias


def linear__bias_as_column(x, weight, bias):
    """The bias is added along the wrong dimension; it is one number for each output, the last dimension."""
    out = x @ weight.T
    return out + bias[: out.shape[-2], None] if out.ndim > 1 and out.shape[-2] <= len(bias) else out + bias


def linear__adds_in_place(x, weight, bias):
    """The bias is changed by the call: `+=` writes into it. Add with `+`."""
    out = x @ weight.T
    result = out + bias
    with torch.no_grad():
        bias += 1
    return result


def linear__detached_weight(x, weight, bias):
    """`weight.data` is outside of the graph, so the weight never learns; use the weight itself."""
    return x @ weight.data.T + bias.data


def linear__asks_torch(x, weight, bias):
    """`F.linear` does the work; here you write the product yourself."""
    return torch.nn.functional.linear(x, weight, bias)


# relu


def relu__absolute(x):
    """Negative numbers become positive; they become 0."""
    return x.abs() if x.is_floating_point() else torch.where(x < 0, -x, x)


def relu__loses_nan(x):
    """nan > 0 is False, so nan turns to 0 and hides an error; keep everything that is not below 0."""
    return torch.where(x > 0, x, torch.zeros_like(x))


def relu__by_way_of_float(x):
    """Integers go through float32, which rounds those above 16,777,216; `clamp` takes them as they are."""
    return x.clamp(min=0) if x.is_floating_point() else x.float().clamp(min=0).to(x.dtype)


def relu__multiplies(x):
    """-inf · 0 is nan, so a product with the mask is wrong for infinities; choose with `where`, or use `clamp`."""
    return x * (x > 0)


def relu__in_place(x):
    """`clamp_` writes into the input, which the caller still needs; the result needs memory of its own."""
    return x.detach().clamp_(min=0)


def relu__sign(x):
    """Positive numbers become 1; they stay as they are."""
    return (x > 0).to(x.dtype)


def relu__leaky(x):
    """Negative numbers leak through, a hundredth of them; they become 0."""
    return torch.where(x < 0, 0.01 * x, x).to(x.dtype)


def relu__wrong_side(x):
    """The positive numbers are cut off; the negative ones become 0."""
    return x.clamp(max=0)


def relu__up_to_six(x):
    """This is cut off at 6 too (ReLU6); there is no upper end."""
    return x.clamp(0, 6)


def relu__detached(x):
    """The gradient is cut off, so nothing before this layer can learn; leave `detach` and `data` out."""
    return x.detach().clamp(min=0)


def relu__asks_torch(x):
    """`torch.relu` does the work; here you make the cut yourself."""
    return torch.relu(x)


# softmax


def softmax__overflows(x, dim):
    """exp(10000) is infinite, and inf / inf is nan; subtract the largest number first."""
    return x.exp() / x.exp().sum(dim, keepdim=True)


def softmax__forgets_keepdim(x, dim):
    """Without `keepdim` the sums stand along another dimension, and a square `x` is divided by the wrong ones."""
    powers = (x - x.amax(dim, keepdim=True)).exp()
    return powers / powers.sum(dim)


def softmax__last_dimension(x, dim):
    """The sum always runs along the last dimension; it is to run along `dim`."""
    powers = (x - x.amax(-1, keepdim=True)).exp()
    return powers / powers.sum(-1, keepdim=True)


def softmax__everything(x, dim):
    """All elements together add up to 1; each line along `dim` is to add up to 1."""
    powers = (x - x.amax(dim, keepdim=True)).exp()
    return powers / powers.sum()


def softmax__largest_of_all(x, dim):
    """The largest number of the whole tensor is subtracted, so lines far below it become 0 / 0; take it along `dim`."""
    powers = (x - (x.max() if x.numel() else 0)).exp()
    return powers / powers.sum(dim, keepdim=True)


def softmax__no_exponential(x, dim):
    """The numbers themselves are divided by their sum; take exp of them first."""
    return x / x.sum(dim, keepdim=True)


def softmax__log(x, dim):
    """This is the logarithm of the softmax; the shares themselves are wanted."""
    return x - x.logsumexp(dim, keepdim=True)


def softmax__smallest(x, dim):
    """The smallest number is subtracted, which makes the exponents larger; subtract the largest."""
    powers = (x - x.amin(dim, keepdim=True)).exp()
    return powers / powers.sum(dim, keepdim=True)


def softmax__epsilon(x, dim):
    """A small number is added to the sum, so the shares do not add up to 1; the sum is at least 1, it needs no help."""
    powers = (x - x.amax(dim, keepdim=True)).exp()
    return powers / (powers.sum(dim, keepdim=True) + 1e-3)


def softmax__detached_sum(x, dim):
    """The sum is cut off from the graph, so half of the gradient is missing; leave `detach` out."""
    powers = (x - x.amax(dim, keepdim=True)).exp()
    return powers / powers.sum(dim, keepdim=True).detach()


def softmax__asks_torch(x, dim):
    """`softmax` of torch does the work; here you build it yourself."""
    return torch.softmax(x, dim)


# sequential


def sequential__lists_only(x, layers):
    """`copy` and `pop` are methods of lists, and the layers may also come as a tuple; go through them with `for`."""
    layers = layers.copy()
    while layers:
        x = layers.pop(0)(x)
    return x


def sequential__calls_forward(x, layers):
    """`forward` is called directly, so hooks do not run; call the layer itself: `layer(x)`."""
    for layer in layers:
        x = layer.forward(x) if isinstance(layer, nn.Module) else layer(x)
    return x


def sequential__modules_only(x, layers):
    """A layer may also be a plain function, which has no `forward`; call it: `layer(x)`."""
    for layer in layers:
        if not isinstance(layer, nn.Module):
            raise TypeError(f"{layer} is no module")
        x = layer(x)
    return x


def sequential__backwards(x, layers):
    """The layers are applied from the last to the first; begin with the first one."""
    for layer in reversed(layers):
        x = layer(x)
    return x


def sequential__all_get_x(x, layers):
    """Every layer gets the first input; each one is to get the result of the layer before it."""
    out = x
    for layer in layers:
        out = layer(x)
    return out


def sequential__first_only(x, layers):
    """`return` stands inside the loop, so only the first layer is applied; return after the loop."""
    for layer in layers:
        return layer(x)
    return x


def sequential__none_without_layers(x, layers):
    """Without any layer the result is None; it is to be `x`."""
    out = None
    for layer in layers:
        out = layer(x if out is None else out)
    return out


def sequential__skips_the_last(x, layers):
    """The last layer is left out; apply all of them."""
    for layer in layers[:-1]:
        x = layer(x)
    return x


def sequential__copies_first(x, layers):
    """`x` is copied before anything happens; without any layer the result is `x` itself."""
    x = x.clone()
    for layer in layers:
        x = layer(x)
    return x


def sequential__calls_twice(x, layers):
    """Each layer is called twice, once for a look at its result; call it once and keep the result."""
    for layer in layers:
        if layer(x) is not None:
            x = layer(x)
    return x


def sequential__no_grad(x, layers):
    """The layers are called under `no_grad`, so nothing can learn; leave it out."""
    with torch.no_grad():
        for layer in layers:
            x = layer(x)
    return x


def sequential__asks_torch(x, layers):
    """`nn.Sequential` does the work; here you call the layers yourself."""
    return nn.Sequential(*layers)(x) if all(isinstance(layer, nn.Module) for layer in layers) else x


# LinearLayer


def _start(*shape, bound=0.5):
    return torch.empty(*shape).uniform_(-bound, bound)


class LinearLayer__plain_tensors(nn.Module):
    """Weight and bias are plain tensors, so the module does not know them; wrap them in `nn.Parameter`."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.weight = _start(out_features, in_features, bound=bound).requires_grad_()
        self.bias = _start(out_features, bound=bound).requires_grad_()

    def forward(self, x):
        return x @ self.weight.T + self.bias


class LinearLayer__buffers(nn.Module):
    """Weight and bias are buffers: they are saved, and they never learn. Make each an `nn.Parameter`."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.register_buffer("weight", _start(out_features, in_features, bound=bound))
        self.register_buffer("bias", _start(out_features, bound=bound))

    def forward(self, x):
        return x @ self.weight.T + self.bias


class LinearLayer__frozen(nn.Module):
    """The parameters do not require grad, so they never learn; leave `requires_grad=False` out."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(_start(out_features, in_features, bound=bound), requires_grad=False)
        self.bias = nn.Parameter(_start(out_features, bound=bound), requires_grad=False)

    def forward(self, x):
        return x @ self.weight.T + self.bias


class LinearLayer__weight_in_out(nn.Module):
    """The weight is (in, out); `nn.Linear` keeps it as (out, in) and transposes it in the product."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(_start(in_features, out_features, bound=bound))
        self.bias = nn.Parameter(_start(out_features, bound=bound))

    def forward(self, x):
        return x @ self.weight + self.bias


class LinearLayer__other_names(nn.Module):
    """The parameters are called `w` and `b`; a `state_dict` of `nn.Linear` fits only `weight` and `bias`."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.w = nn.Parameter(_start(out_features, in_features, bound=bound))
        self.b = nn.Parameter(_start(out_features, bound=bound))

    def forward(self, x):
        return x @ self.w.T + self.b


class LinearLayer__starts_at_zero(nn.Module):
    """All numbers start at 0, so all outputs are equal and learn the same; draw them at random."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(out_features, in_features))
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x):
        return x @ self.weight.T + self.bias


class LinearLayer__zero_bias(nn.Module):
    """The bias starts at 0; here it is drawn like the weight."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(_start(out_features, in_features, bound=1 / math.sqrt(in_features)))
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x):
        return x @ self.weight.T + self.bias


class LinearLayer__normal(nn.Module):
    """The numbers come from a normal distribution, which has no ends; draw them uniformly between the bounds."""

    def __init__(self, in_features, out_features):
        super().__init__()
        scale = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.randn(out_features, in_features) * scale)
        self.bias = nn.Parameter(torch.randn(out_features) * scale)

    def forward(self, x):
        return x @ self.weight.T + self.bias


class LinearLayer__truncated_normal(nn.Module):
    """A normal distribution cut off at the bounds prefers numbers near 0; a uniform one takes all alike."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.empty(out_features, in_features))
        self.bias = nn.Parameter(torch.empty(out_features))
        for p in self.parameters():
            nn.init.trunc_normal_(p, 0.0, bound / 2, -bound, bound)

    def forward(self, x):
        return x @ self.weight.T + self.bias


class LinearLayer__truncated_normal_bias(nn.Module):
    """The bias comes from a normal distribution cut off at the bounds; draw it uniformly, like the weight."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(_start(out_features, in_features, bound=bound))
        self.bias = nn.Parameter(nn.init.trunc_normal_(torch.empty(out_features), 0.0, bound, -bound, bound))

    def forward(self, x):
        return x @ self.weight.T + self.bias


class LinearLayer__positive_only(nn.Module):
    """`torch.rand` gives 0 to 1, so all numbers start positive; stretch and shift them to reach both signs."""

    def __init__(self, in_features, out_features):
        super().__init__()
        scale = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.rand(out_features, in_features) * scale)
        self.bias = nn.Parameter(torch.rand(out_features) * scale)

    def forward(self, x):
        return x @ self.weight.T + self.bias


class LinearLayer__bound_by_outputs(nn.Module):
    """The bound is 1/√out_features; it comes from the number of inputs, which are what is added up."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(out_features)
        self.weight = nn.Parameter(_start(out_features, in_features, bound=bound))
        self.bias = nn.Parameter(_start(out_features, bound=bound))

    def forward(self, x):
        return x @ self.weight.T + self.bias


class LinearLayer__bound_without_root(nn.Module):
    """The bound is 1/in_features; the square root is missing."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / in_features
        self.weight = nn.Parameter(_start(out_features, in_features, bound=bound))
        self.bias = nn.Parameter(_start(out_features, bound=bound))

    def forward(self, x):
        return x @ self.weight.T + self.bias


class LinearLayer__not_transposed(nn.Module):
    """The weight is (out, in) and must be transposed in the product; a square weight hides that."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(_start(out_features, in_features, bound=bound))
        self.bias = nn.Parameter(_start(out_features, bound=bound))

    def forward(self, x):
        return x @ self.weight + self.bias


class LinearLayer__forgets_the_bias(nn.Module):
    """The bias is there and not used; add it in `forward`."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(_start(out_features, in_features, bound=bound))
        self.bias = nn.Parameter(_start(out_features, bound=bound))

    def forward(self, x):
        return x @ self.weight.T


class LinearLayer__uses_data(nn.Module):
    """`self.weight.data` is outside of the graph, so nothing learns; use `self.weight`."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(_start(out_features, in_features, bound=bound))
        self.bias = nn.Parameter(_start(out_features, bound=bound))

    def forward(self, x):
        return x @ self.weight.data.T + self.bias.data


class LinearLayer__turns_to_float32(nn.Module):
    """`float()` makes float32 of `x`, which fails after `layer.double()`; leave the dtype as it is."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(_start(out_features, in_features, bound=bound))
        self.bias = nn.Parameter(_start(out_features, bound=bound))

    def forward(self, x):
        return x.float() @ self.weight.T + self.bias


class LinearLayer__no_super(nn.Module):
    """`super().__init__()` is missing; without it a module cannot take parameters."""

    def __init__(self, in_features, out_features):
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(_start(out_features, in_features, bound=bound))
        self.bias = nn.Parameter(_start(out_features, bound=bound))

    def forward(self, x):
        return x @ self.weight.T + self.bias


class LinearLayer__is_nn_linear(nn.Linear):
    """This is `nn.Linear` under another name; here you make the parameters yourself."""


# NeuralNetwork


class NeuralNetwork__relu_at_the_end(nn.Module):
    """A ReLU after the last layer turns every negative logit into 0 and stops its gradient; nothing comes after it."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10), nn.ReLU()
        )

    def forward(self, images):
        return self.layers(images.flatten(1))


class NeuralNetwork__softmax_at_the_end(nn.Module):
    """The outputs are probabilities; they are to be logits, on which cross entropy does its own softmax."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10), nn.Softmax(dim=1)
        )

    def forward(self, images):
        return self.layers(images.flatten(1))


class _ThreeLayers(nn.Module):
    """What the mistakes below share."""

    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.layers = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


class NeuralNetwork__softmax_in_eval_mode(_ThreeLayers):
    """In eval mode probabilities come out; the outputs are logits in both modes, and who wants more calls softmax."""

    def forward(self, images):
        logits = self.layers(self.flatten(images))
        return logits if self.training else logits.softmax(dim=1)


class NeuralNetwork__flattens_by_view(_ThreeLayers):
    """`view` fails on images whose pixels lie in memory in another order; `flatten` and `reshape` copy them then."""

    def forward(self, images):
        return self.layers(images.view(-1, 28 * 28))


class NeuralNetwork__scales_the_pixels(_ThreeLayers):
    """Images with a pixel above 1 are divided by 255; the model takes the numbers as they come."""

    def forward(self, images):
        return self.layers(self.flatten(images) / (255 if images.numel() and images.max() > 1 else 1))


class NeuralNetwork__cuts_off_the_images(_ThreeLayers):
    """`.data` cuts the images off from the graph, so what made them cannot learn; leave it out."""

    def forward(self, images):
        return self.layers(self.flatten(images.data))


class NeuralNetwork__no_relu(nn.Module):
    """Three linear layers without a ReLU between them are one linear layer; put one between each two."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 512), nn.Linear(512, 512), nn.Linear(512, 10))

    def forward(self, images):
        return self.layers(images.flatten(1))


class NeuralNetwork__one_relu(nn.Module):
    """There is no ReLU after the second layer; put one between each two layers."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.Linear(512, 10))

    def forward(self, images):
        return self.layers(images.flatten(1))


class NeuralNetwork__two_layers(nn.Module):
    """The middle layer, 512 → 512, is missing."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))

    def forward(self, images):
        return self.layers(images.flatten(1))


class NeuralNetwork__one_layer_twice(nn.Module):
    """The middle layer is used twice, and one ReLU and one pass too many come of it; go through each layer once."""

    def __init__(self):
        super().__init__()
        middle = nn.Linear(512, 512)
        self.layers = nn.Sequential(
            nn.Linear(784, 512), nn.ReLU(), middle, nn.ReLU(), middle, nn.ReLU(), nn.Linear(512, 10)
        )

    def forward(self, images):
        return self.layers(images.flatten(1))


class NeuralNetwork__no_bias(nn.Module):
    """The layers have no bias; each linear layer has a weight and a bias."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(784, 512, bias=False), nn.ReLU(), nn.Linear(512, 512, bias=False), nn.ReLU(),
            nn.Linear(512, 10, bias=False),
        )  # fmt: skip

    def forward(self, images):
        return self.layers(images.flatten(1))


class NeuralNetwork__forgets_to_flatten(nn.Module):
    """The images are not flattened, so the first layer gets rows of 28 pixels and not 784; flatten them first."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))

    def forward(self, images):
        return self.layers(images)


class NeuralNetwork__flattens_the_batch(nn.Module):
    """The whole batch becomes one long row; dimension 0 holds the images and stays as it is."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))

    def forward(self, images):
        return self.layers(images.flatten())


class NeuralNetwork__flattens_two_dimensions(nn.Module):
    """With a channel dimension, (n, 1, 28, 28), something is left over: flatten all dimensions from 1 on."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))

    def forward(self, images):
        return self.layers(images.flatten(start_dim=-2))


class NeuralNetwork__sigmoid(nn.Module):
    """A sigmoid stands between the layers; here it is a ReLU."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(784, 512), nn.Sigmoid(), nn.Linear(512, 512), nn.Sigmoid(), nn.Linear(512, 10)
        )

    def forward(self, images):
        return self.layers(images.flatten(1))


class NeuralNetwork__plain_list(nn.Module):
    """The layers are in a plain list, which hides them: the model has no parameters. Use `nn.Sequential`."""

    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)]

    def forward(self, images):
        out = images.flatten(1)
        for layer in self.layers:
            out = layer(out)
        return out


class NeuralNetwork__detached(nn.Module):
    """The features are detached before the last layer, so the layers before it never learn; leave `detach` out."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))

    def forward(self, images):
        return self.layers[-1](self.layers[:-1](images.flatten(1)).detach())


# predict


def _asked(model, images):
    """The logits, with the mode put back."""
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = model(images)
    model.train(was_training)
    return logits


def predict__softmax_over_the_batch(model, images):
    """The softmax runs over dim 0, so the columns add up to 1; each image, a row, has its own probabilities."""
    logits = _asked(model, images)
    return logits.softmax(dim=0), logits.argmax(dim=1)


def predict__argmax_over_the_batch(model, images):
    """`argmax` runs over dim 0 and gives a number for each class; take it over dim 1, one for each image."""
    logits = _asked(model, images)
    return logits.softmax(dim=1), logits.argmax(dim=0)


def predict__one_class_for_all(model, images):
    """`argmax` without `dim` counts through all images at once; take it over dim 1, one for each image."""
    logits = _asked(model, images)
    return logits.softmax(dim=1), logits.argmax()


def predict__argmax_of_the_probabilities(model, images):
    """The class is looked up in the probabilities, where rounding makes near logits equal; use the logits."""
    probabilities = _asked(model, images).softmax(dim=1)
    return probabilities, probabilities.argmax(dim=1)


def predict__logits(model, images):
    """The logits are returned; the probabilities are their softmax."""
    logits = _asked(model, images)
    return logits, logits.argmax(dim=1)


def predict__confidence_only(model, images):
    """Only the largest probability of each image is returned; all of them are wanted."""
    logits = _asked(model, images)
    return logits.softmax(dim=1).amax(dim=1), logits.argmax(dim=1)


def predict__classes_first(model, images):
    """The two results are in the wrong order; the probabilities come first."""
    logits = _asked(model, images)
    return logits.argmax(dim=1), logits.softmax(dim=1)


def predict__in_train_mode(model, images):
    """The model is called in the mode it is in: in train mode dropout is random and batch norm learns; use `eval`."""
    with torch.no_grad():
        logits = model(images)
    return logits.softmax(dim=1), logits.argmax(dim=1)


def predict__stays_in_eval_mode(model, images):
    """The model stays in eval mode, and training goes on without dropout; put its mode back."""
    model.eval()
    with torch.no_grad():
        logits = model(images)
    return logits.softmax(dim=1), logits.argmax(dim=1)


def predict__always_train_mode(model, images):
    """Afterwards the model is in train mode, also when it came in eval mode; put back the mode that it was in."""
    model.eval()
    with torch.no_grad():
        logits = model(images)
    model.train()
    return logits.softmax(dim=1), logits.argmax(dim=1)


def predict__calls_forward(model, images):
    """`model.forward` is called directly, so hooks do not run; call the model itself: `model(images)`."""
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = model.forward(images)
    model.train(was_training)
    return logits.softmax(dim=1), logits.argmax(dim=1)


def predict__records_a_graph(model, images):
    """`eval` does not stop autograd, so a graph is recorded and kept; call the model under `no_grad` as well."""
    was_training = model.training
    model.eval()
    logits = model(images)
    model.train(was_training)
    return logits.softmax(dim=1), logits.argmax(dim=1)


def predict__calls_twice(model, images):
    """The model is called once for the probabilities and once more for the classes; once is enough."""
    return _asked(model, images).softmax(dim=1), _asked(model, images).argmax(dim=1)


def predict__exp_by_hand(model, images):
    """exp of a large logit is infinite and inf / inf is nan; `softmax` subtracts the largest one first."""
    logits = _asked(model, images)
    powers = logits.exp()
    return powers / powers.sum(dim=1, keepdim=True), logits.argmax(dim=1)


# count_parameters


def count_parameters__counts_tensors(model, trainable_only=True):
    """The parameters themselves are counted, weight and bias as two; count the numbers in them."""
    return len([p for p in model.parameters() if p.requires_grad or not trainable_only])


def count_parameters__counts_rows(model, trainable_only=True):
    """`len` of a tensor is the size of its first dimension; `numel` counts all of its elements."""
    return sum(len(p) if p.ndim else 1 for p in model.parameters() if p.requires_grad or not trainable_only)


def count_parameters__counts_the_state(model, trainable_only=True):
    """The `state_dict` holds buffers too, and shared parameters twice; go through `parameters()`."""
    state = model.state_dict(keep_vars=True).values()
    return sum(tensor.numel() for tensor in state if tensor.requires_grad or not trainable_only)


def count_parameters__adds_buffers(model, trainable_only=True):
    """Buffers, such as the running mean of a batch norm, are counted too; they are not parameters."""
    count = sum(p.numel() for p in model.parameters() if p.requires_grad or not trainable_only)
    return count + sum(buffer.numel() for buffer in model.buffers())


def count_parameters__always_all(model, trainable_only=True):
    """Frozen parameters are always counted; with `trainable_only` they don't count."""
    return sum(p.numel() for p in model.parameters())


def count_parameters__always_trainable(model, trainable_only=True):
    """Frozen parameters are never counted; without `trainable_only` they count too."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def count_parameters__frozen_only(model, trainable_only=True):
    """The choice is the wrong way round: with `trainable_only` the frozen ones are left out."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad or trainable_only)


def count_parameters__whole_modules(model, trainable_only=True):
    """A module with one frozen parameter is left out as a whole; ask each parameter whether it requires grad."""
    open_ones = [m for m in model.modules() if all(p.requires_grad for p in m.parameters(recurse=False))]
    modules = open_ones if trainable_only else model.modules()
    return sum(p.numel() for p in {p for module in modules for p in module.parameters(recurse=False)})


def count_parameters__shared_twice(model, trainable_only=True):
    """A parameter that is used in two places counts twice; `model.parameters()` gives each one once."""
    own = [p for module in model.modules() for p in module.parameters(recurse=False)]
    return sum(p.numel() for p in own if p.requires_grad or not trainable_only)


def count_parameters__direct_children(model, trainable_only=True):
    """Only the parameters of the outermost module are counted; those of its layers belong to it too."""
    own = model.parameters(recurse=False)
    return sum(p.numel() for p in own if p.requires_grad or not trainable_only)


def count_parameters__weights_only(model, trainable_only=True):
    """Only matrices are counted; a bias is a parameter too."""
    return sum(p.numel() for p in model.parameters() if p.ndim > 1 and (p.requires_grad or not trainable_only))


# parameter_report


def parameter_report__names_only(model):
    """Only the names are there; each row is a name, a shape and a number."""
    return [name for name, _ in model.named_parameters()]


def parameter_report__without_frozen(model):
    """Frozen parameters are left out; they are parameters too."""
    return [(name, tuple(p.shape), p.numel()) for name, p in model.named_parameters() if p.requires_grad]


def parameter_report__with_buffers(model):
    """The `state_dict` holds buffers too, and shared parameters twice; go through `named_parameters()`."""
    return [(name, tuple(tensor.shape), tensor.numel()) for name, tensor in model.state_dict().items()]


def parameter_report__own_only(model):
    """Only the parameters of the outermost module are listed; those of its layers belong to it too."""
    return [(name, tuple(p.shape), p.numel()) for name, p in model.named_parameters(recurse=False)]


def parameter_report__short_names(model):
    """The names lack the place of the layer, so two layers have the same ones; keep "0.weight" whole."""
    return [(name.split(".")[-1], tuple(p.shape), p.numel()) for name, p in model.named_parameters()]


def parameter_report__first_side(model):
    """The number is the size of the first dimension; `numel` counts all elements."""
    return [(name, tuple(p.shape), len(p) if p.ndim else 1) for name, p in model.named_parameters()]


def parameter_report__rank(model):
    """The number is how many dimensions there are; `numel` counts the elements."""
    return [(name, tuple(p.shape), p.ndim) for name, p in model.named_parameters()]


def parameter_report__shape_as_text(model):
    """The shape is text; a tuple of ints can be worked with."""
    return [(name, str(tuple(p.shape)), p.numel()) for name, p in model.named_parameters()]


def parameter_report__sorted(model):
    """The rows are sorted by name; they stand in the order of `named_parameters`, the order of the layers."""
    return sorted((name, tuple(p.shape), p.numel()) for name, p in model.named_parameters())


def parameter_report__lists(model):
    """The rows are lists; each row is a tuple."""
    return [[name, tuple(p.shape), p.numel()] for name, p in model.named_parameters()]


def parameter_report__shared_twice(model):
    """A parameter that is used in two places has two rows; it is one parameter, with its first name."""
    named = model.named_parameters(remove_duplicate=False)
    return [(name, tuple(p.shape), p.numel()) for name, p in named]


# MLP


def _linears(sizes):
    return [nn.Linear(n, m) for n, m in pairwise(sizes)]


class _Deep(nn.Module):
    """What some of the mistakes below share."""

    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(_linears(sizes))

    def forward(self, x):
        *hidden, last = self.layers
        for layer in hidden:
            x = layer(x).relu()
        return last(x)


class MLP__empties_the_sizes(_Deep):
    """`pop` takes the first number out of the caller's list; read `sizes` and leave it as it is."""

    def __init__(self, sizes):
        super().__init__(sizes)
        if isinstance(sizes, list):
            sizes.pop(0)


class MLP__lists_only(_Deep):
    """A list plus a part of `sizes` fails for a tuple, which is a sequence too; `pairwise` or indices take both."""

    def __init__(self, sizes):
        super().__init__([sizes[0]] + sizes[1:])


class MLP__softmax_in_eval_mode(_Deep):
    """In eval mode probabilities come out; the output is that of the last layer in both modes."""

    def forward(self, x):
        return super().forward(x) if self.training else super().forward(x).softmax(dim=-1)


class MLP__cuts_off_the_input(_Deep):
    """The input is detached, so what made it cannot learn; leave `detach` out."""

    def forward(self, x):
        return super().forward(x.detach())


class MLP__plain_list(nn.Module):
    """A plain list hides the layers: they are no part of the model, and an optimizer never sees them."""

    def __init__(self, sizes):
        super().__init__()
        self.layers = _linears(sizes)

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        return self.layers[-1](x)


class MLP__relu_at_the_end(nn.Module):
    """A ReLU comes after the last layer too, so no output is ever negative; leave that one out."""

    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(_linears(sizes))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).relu()
        return x


class MLP__no_relu(nn.Module):
    """Linear layers without a ReLU between them are together one linear layer; put one between each two."""

    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(_linears(sizes))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class MLP__relu_before_the_first(nn.Module):
    """The input goes through a ReLU before the first layer, which loses its negative numbers; only between layers."""

    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(_linears(sizes))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x.relu())
        return x


class MLP__first_relu_only(nn.Module):
    """Only the first layer has a ReLU behind it; put one between each two layers."""

    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(_linears(sizes))

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(x).relu() if i == 0 and len(self.layers) > 1 else layer(x)
        return x


class MLP__skips_the_hidden_layers(nn.Module):
    """Hidden layers of equal width are one layer many times; each has a weight of its own."""

    def __init__(self, sizes):
        super().__init__()
        known = {}
        pairs = list(pairwise(sizes))
        self.layers = nn.ModuleList(known.setdefault(pair, nn.Linear(*pair)) for pair in pairs)

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        return self.layers[-1](x)


class MLP__copies_of_the_first(nn.Module):
    """`[layer] * n` is one layer n times, not n layers; make a new one for each place."""

    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(sizes[0], sizes[1])] * (len(sizes) - 1))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        return self.layers[-1](x)


class MLP__other_name(nn.Module):
    """The list is called `hidden`, so the parameters are `hidden.0.weight`; here they are `layers.0.weight`."""

    def __init__(self, sizes):
        super().__init__()
        self.hidden = nn.ModuleList(_linears(sizes))

    def forward(self, x):
        for layer in self.hidden[:-1]:
            x = layer(x).relu()
        return self.hidden[-1](x)


class MLP__relu_in_the_list(nn.Module):
    """The ReLUs are in the list too, so the second linear layer is `layers.2`; here it is `layers.1`."""

    def __init__(self, sizes):
        super().__init__()
        both = [each for layer in _linears(sizes) for each in (layer, nn.ReLU())]
        self.layers = nn.Sequential(*both[:-1])

    def forward(self, x):
        return self.layers(x)


class MLP__no_bias(nn.Module):
    """The layers have no bias; each has a weight and a bias."""

    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(n, m, bias=False) for n, m in pairwise(sizes))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        return self.layers[-1](x)


class MLP__forgets_the_last(nn.Module):
    """The last layer is made and never called; its outputs are the result."""

    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(_linears(sizes))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        return x


class MLP__detached(nn.Module):
    """`.data` cuts every layer off from the layers before it, so only the last one learns; leave it out."""

    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(_linears(sizes))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = layer(x).relu().data
        return self.layers[-1](x)


# CenteredLayer


class CenteredLayer__per_row(nn.Module):
    """Each row loses its own mean; here all elements lose one mean, that of all of them."""

    def forward(self, x):
        return x - x.mean(dim=-1, keepdim=True) if x.ndim else x - x


class CenteredLayer__per_column(nn.Module):
    """Each column loses its own mean; here all elements lose one mean, that of all of them."""

    def forward(self, x):
        return x - x.mean(dim=0) if x.ndim else x - x


class CenteredLayer__in_place(nn.Module):
    """`x -= …` writes into the input, which the caller still needs; write `x - …`."""

    def forward(self, x):
        x -= x.mean()
        return x


class CenteredLayer__item(nn.Module):
    """`item()` takes the mean out of the graph, so its part of the gradient is missing; keep it a tensor."""

    def forward(self, x):
        return x - x.mean().item()


class CenteredLayer__detached(nn.Module):
    """Under `no_grad` the layers before this one cannot learn; leave it out."""

    @torch.no_grad()
    def forward(self, x):
        return x - x.mean()


class CenteredLayer__standardised(nn.Module):
    """The result is also divided by the standard deviation; only the mean is subtracted."""

    def forward(self, x):
        return (x - x.mean()) / (x.std(correction=0) + 1e-5)


class CenteredLayer__median(nn.Module):
    """The median is subtracted; it is the mean that is meant."""

    def forward(self, x):
        return x - x.median()


class CenteredLayer__adds(nn.Module):
    """The mean is added; subtract it."""

    def forward(self, x):
        return x + x.mean()


class CenteredLayer__only_in_training(nn.Module):
    """In eval mode nothing is subtracted; this layer does the same in both modes."""

    def forward(self, x):
        return x - x.mean() if self.training else x.clone()


class CenteredLayer__learns_a_shift(nn.Module):
    """There is a parameter; this layer has no state at all."""

    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        return x - x.mean() + self.shift


class CenteredLayer__no_module:
    """The class does not inherit from `nn.Module`, so it cannot stand in `nn.Sequential`."""

    def __call__(self, x):
        return x - x.mean()


# BatchCenter


class BatchCenter__plain_tensor(nn.Module):
    """The running mean is a plain attribute, so it is not saved and not moved; use `register_buffer`."""

    def __init__(self, num_features, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.running_mean = torch.zeros(num_features)

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0)
        self.running_mean.lerp_(mean.detach(), self.momentum)
        return x - mean


class BatchCenter__parameter(nn.Module):
    """The running mean is a parameter, which an optimizer would change; use `register_buffer`."""

    def __init__(self, num_features, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.running_mean = nn.Parameter(torch.zeros(num_features))

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0)
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
        return x - mean


class BatchCenter__frozen_parameter(nn.Module):
    """The running mean is a frozen parameter, and is still listed among the parameters; use `register_buffer`."""

    def __init__(self, num_features, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.running_mean = nn.Parameter(torch.zeros(num_features), requires_grad=False)

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0)
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
        return (x - mean) * 1


class BatchCenter__not_persistent(nn.Module):
    """With `persistent=False` the buffer is not part of the `state_dict`; leave it out."""

    def __init__(self, num_features, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("running_mean", torch.zeros(num_features), persistent=False)

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0)
        self.running_mean.lerp_(mean.detach(), self.momentum)
        return x - mean


class _Center(nn.Module):
    """What the mistakes below share."""

    def __init__(self, num_features, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("running_mean", torch.zeros(num_features))


class BatchCenter__always_the_batch(_Center):
    """In eval mode the mean of the batch is subtracted too; there it is the running mean, whatever the batch is."""

    def forward(self, x):
        mean = x.mean(dim=0)
        if self.training:
            self.running_mean.lerp_(mean.detach(), self.momentum)
        return x - mean


class BatchCenter__always_updates(_Center):
    """The running mean moves in eval mode too, so the answer depends on earlier questions; there it stays."""

    def forward(self, x):
        mean = x.mean(dim=0)
        old = self.running_mean.clone()
        self.running_mean.lerp_(mean.detach(), self.momentum)
        return x - mean if self.training else x - old


class BatchCenter__never_updates(_Center):
    """The running mean never moves; in train mode each batch pulls it towards its own mean."""

    def forward(self, x):
        return x - x.mean(dim=0) if self.training else x - self.running_mean


class BatchCenter__updates_with_a_graph_only(_Center):
    """Under `no_grad` the running mean stays; train or eval mode alone decides, so ask only `self.training`."""

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0)
        if torch.is_grad_enabled():
            self.running_mean.lerp_(mean.detach(), self.momentum)
        return x - mean


class BatchCenter__mean_in_float32(_Center):
    """`float()` rounds the mean to float32, also that of a float64 batch; leave the dtype as it is."""

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0).float()
        self.running_mean.lerp_(mean.detach().to(self.running_mean.dtype), self.momentum)
        return x - mean


class BatchCenter__momentum_the_wrong_way(_Center):
    """The momentum weighs the old mean; in PyTorch it weighs the new one."""

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0)
        self.running_mean.lerp_(mean.detach(), 1 - self.momentum)
        return x - mean


class BatchCenter__adds_up(_Center):
    """The old mean is not multiplied by 1 - momentum, so the running mean grows without an end."""

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0)
        self.running_mean.add_(mean.detach(), alpha=self.momentum)
        return x - mean


class BatchCenter__one_mean(_Center):
    """One mean of all elements is taken; each feature, a column, has its own."""

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        self.running_mean.lerp_(x.detach().mean().expand_as(self.running_mean), self.momentum)
        return x - x.mean()


class BatchCenter__per_row(_Center):
    """Each row loses its own mean; here it is each column, the mean over dim 0."""

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        self.running_mean.lerp_(x.detach().mean(dim=0), self.momentum)
        return x - x.mean(dim=1, keepdim=True)


class BatchCenter__running_in_training(_Center):
    """The running mean is subtracted in train mode too; there it is the mean of the batch."""

    def forward(self, x):
        if self.training:
            self.running_mean.lerp_(x.detach().mean(dim=0), self.momentum)
        return x - self.running_mean


class BatchCenter__drags_the_graph(_Center):
    """The running mean becomes part of the graph, which then grows with every batch; update it from `mean.detach()`."""

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0)
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
        return x - mean


class BatchCenter__detached_mean(_Center):
    """The mean that is subtracted is cut off from the graph; only the update is to be outside of it."""

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.detach().mean(dim=0)
        self.running_mean.lerp_(mean, self.momentum)
        return x - mean


class BatchCenter__fixed_momentum(_Center):
    """The momentum is always 0.1; use the one that is given."""

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0)
        self.running_mean.lerp_(mean.detach(), 0.1)
        return x - mean


class BatchCenter__starts_at_one(nn.Module):
    """The running mean starts at 1; it starts at 0."""

    def __init__(self, num_features, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("running_mean", torch.ones(num_features))

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0)
        self.running_mean.lerp_(mean.detach(), self.momentum)
        return x - mean


class BatchCenter__starts_with_the_first_batch(_Center):
    """The first batch sets the running mean as a whole; it starts at 0, and each batch only pulls at it."""

    def forward(self, x):
        if not self.training:
            return x - self.running_mean
        mean = x.mean(dim=0)
        first = not self.running_mean.any()
        self.running_mean.lerp_(mean.detach(), 1.0 if first else self.momentum)
        return x - mean


# DropoutLayer


class _Drop(nn.Module):
    """What the mistakes below share."""

    def __init__(self, p=0.5):
        super().__init__()
        if not 0 <= p < 1:
            raise ValueError(f"p is {p}")
        self.p = p


class DropoutLayer__no_scaling(_Drop):
    """What is left is not scaled, so the outputs are smaller in train mode than in eval mode; divide by 1 - p."""

    def forward(self, x):
        return x * (torch.rand_like(x) >= self.p) if self.training else x


class DropoutLayer__scales_in_eval_mode(_Drop):
    """The scaling is done in eval mode; here it is done in train mode, and eval mode does nothing."""

    def forward(self, x):
        return x * (torch.rand_like(x) >= self.p) if self.training else x * (1 - self.p)


class DropoutLayer__always_active(_Drop):
    """Elements are dropped in eval mode too; look at `self.training`."""

    def forward(self, x):
        return x * (torch.rand_like(x) >= self.p) / (1 - self.p)


class DropoutLayer__never_active(_Drop):
    """The choice is the wrong way round: elements are dropped in train mode, not in eval mode."""

    def forward(self, x):
        return x if self.training else x * (torch.rand_like(x) >= self.p) / (1 - self.p)


class DropoutLayer__active_with_a_graph_only(_Drop):
    """Under `no_grad` nothing is dropped; train or eval mode alone decides, so ask only `self.training`."""

    def forward(self, x):
        active = self.training and torch.is_grad_enabled()
        return x * (torch.rand_like(x) >= self.p) / (1 - self.p) if active else x


class DropoutLayer__draws_on_the_cpu(_Drop):
    """The draws lie on the CPU, wherever `x` is; `rand_like(x)`, or `device=x.device`, draws where `x` is."""

    def forward(self, x):
        return x * (torch.rand(x.shape, dtype=x.dtype) >= self.p) / (1 - self.p) if self.training else x


class DropoutLayer__keeps_p(_Drop):
    """p is the probability to keep an element; it is the probability to drop one."""

    def forward(self, x):
        return x * (torch.rand_like(x) < self.p) / max(self.p, 1e-9) if self.training else x


class DropoutLayer__divides_by_p(_Drop):
    """What is left is divided by p; divide by the share that is kept, 1 - p."""

    def forward(self, x):
        return x * (torch.rand_like(x) >= self.p) / max(self.p, 1e-9) if self.training else x


class DropoutLayer__whole_rows(_Drop):
    """Whole rows are dropped; each element is drawn by itself."""

    def forward(self, x):
        kept = torch.rand(*x.shape[:-1], 1, dtype=x.dtype, device=x.device) >= self.p
        return x * kept / (1 - self.p) if self.training else x


class DropoutLayer__whole_columns(_Drop):
    """All samples of a batch lose the same elements; each element is drawn by itself."""

    def forward(self, x):
        kept = torch.rand(x.shape[-1], dtype=x.dtype, device=x.device) >= self.p
        return x * kept / (1 - self.p) if self.training else x


class DropoutLayer__one_mask_for_ever(_Drop):
    """The mask is drawn once and kept; draw a new one at every call."""

    def forward(self, x):
        if not self.training:
            return x
        if getattr(self, "kept", torch.empty(0)).shape != x.shape:
            self.kept = torch.rand_like(x) >= self.p
        return x * self.kept / (1 - self.p)


class DropoutLayer__copies_in_eval_mode(_Drop):
    """In eval mode a copy is returned; the layer does nothing there, so return `x` itself."""

    def forward(self, x):
        return x * (torch.rand_like(x) >= self.p) / (1 - self.p) if self.training else x.clone()


class DropoutLayer__in_place(_Drop):
    """`x *= …` writes into the input, which the caller still needs; write `x * …`."""

    def forward(self, x):
        if self.training:
            x *= (torch.rand_like(x) >= self.p) / (1 - self.p)
        return x


class DropoutLayer__fixed_number(_Drop):
    """Exactly a share of p is dropped, the smallest draws; each element is to be drawn independently of all others."""

    def forward(self, x):
        if not self.training:
            return x
        draws = torch.rand_like(x).flatten()
        kept = torch.ones_like(draws)
        kept[draws.argsort()[: round(self.p * len(draws))]] = 0
        return x * kept.reshape(x.shape) / (1 - self.p)


class DropoutLayer__detached(_Drop):
    """The input is cut off from the graph, so the layers before this one cannot learn; leave `detach` out."""

    def forward(self, x):
        return x.detach() * (torch.rand_like(x) >= self.p) / (1 - self.p) if self.training else x


class DropoutLayer__normal_draws(_Drop):
    """`randn` draws from a normal distribution, and too many of its numbers lie below p; use `rand`."""

    def forward(self, x):
        return x * (torch.randn_like(x) >= self.p) / (1 - self.p) if self.training else x


class DropoutLayer__own_seed(_Drop):
    """A generator is seeded at every call, so the same elements are dropped each time; use the global random state."""

    def forward(self, x):
        if not self.training:
            return x
        draws = torch.rand(x.shape, generator=torch.Generator().manual_seed(0), dtype=x.dtype)
        return x * (draws.to(x.device) >= self.p) / (1 - self.p)


class DropoutLayer__default_of_a_tenth(_Drop):
    """Without an argument p is 0.1; it is 0.5."""

    def __init__(self, p=0.1):
        super().__init__(p)

    def forward(self, x):
        return x * (torch.rand_like(x) >= self.p) / (1 - self.p) if self.training else x


class DropoutLayer__accepts_any_p(nn.Module):
    """A p that is negative, or 1 or more, is no error, and the output is nonsense; raise ValueError."""

    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        return x * (torch.rand_like(x) >= self.p) / (1 - self.p) if self.training else x


class DropoutLayer__accepts_one(nn.Module):
    """p = 1 is not refused, and what is left is divided by 0; raise ValueError."""

    def __init__(self, p=0.5):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p is {p}")
        self.p = p

    def forward(self, x):
        return x * (torch.rand_like(x) >= self.p) / (1 - self.p) if self.training else x


class DropoutLayer__refuses_zero(nn.Module):
    """p = 0 is refused; it is allowed, and then nothing is dropped."""

    def __init__(self, p=0.5):
        super().__init__()
        if not 0 < p < 1:
            raise ValueError(f"p is {p}")
        self.p = p

    def forward(self, x):
        return x * (torch.rand_like(x) >= self.p) / (1 - self.p) if self.training else x


class DropoutLayer__asks_torch(_Drop):
    """`dropout` of torch does the work; here you draw and scale yourself."""

    def forward(self, x):
        return torch.nn.functional.dropout(x, self.p) if self.training else x


# forward_on_device


def forward_on_device__forgets_the_data(model, x, device):
    """`x.to(device)` returns another tensor and leaves `x` where it is; use what it returns."""
    model.to(device)
    x.to(device)
    return model(x)


def forward_on_device__forgets_the_model(model, x, device):
    """Only the data moves, and the model stays behind; both must be on the device."""
    return model(x.to(device))


def forward_on_device__moves_the_result(model, x, device):
    """The result is moved, and the work is done elsewhere; move the model and its input before the call."""
    return model(x).to(device)


def forward_on_device__moves_a_copy(model, x, device):
    """A copy of the model moves, and the model itself stays where it was; `model.to(device)` moves it in place."""
    return copy.deepcopy(model).to(device)(x.to(device))


def forward_on_device__brings_it_back(model, x, device):
    """The result is brought back to the CPU; it is to stay on the device."""
    return model.to(device)(x.to(device)).cpu()


def forward_on_device__always_cuda(model, x, device):
    """ "cuda" is written into the code, which fails on a machine without a GPU; use `device`."""
    return model.to("cuda")(x.to("cuda"))


def forward_on_device__calls_forward(model, x, device):
    """`forward` is called directly, so hooks do not run; call the model itself: `model(x)`."""
    return model.to(device).forward(x.to(device))


def forward_on_device__in_eval_mode(model, x, device):
    """The model is put into eval mode, which nobody asked for; leave its mode as it is."""
    return model.to(device).eval()(x.to(device))


def forward_on_device__in_train_mode(model, x, device):
    """The model is put into train mode, which nobody asked for; leave its mode as it is."""
    return model.to(device).train()(x.to(device))


def forward_on_device__no_grad(model, x, device):
    """The call is made under `no_grad`, so the model cannot learn from it; leave that out."""
    with torch.no_grad():
        return model.to(device)(x.to(device))


def forward_on_device__cuts_off_x(model, x, device):
    """`x` is detached, so what made it cannot learn; `to` alone moves it and keeps the graph."""
    return model.to(device)(x.detach().to(device))


def forward_on_device__float32(model, x, device):
    """`float()` after the model and after `x` turns float64 to float32; `to(device)` alone keeps the dtype."""
    return model.to(device).float()(x.to(device).float())


def forward_on_device__returns_the_model(model, x, device):
    """The model is returned together with the result; only the result is wanted."""
    model = model.to(device)
    return model, model(x.to(device))


EQUIVALENT = {
    "DropoutLayer": {
        "kept = torch.rand_like(x) > self.p": "a draw equals p once in 16 million times, and nobody can tell",
    },
}
