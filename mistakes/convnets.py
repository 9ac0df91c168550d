"""Named wrong answers to the convnets kata; each docstring is what the learner is told."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

EQUIVALENT = {
    "count_features": {
        "with _nothing():": "a graph of the dry run is only a waste",
        "with torch.enable_grad():": "a graph of the dry run is only a waste",
        "return twin(torch.ones(1, *shape, device=device)).numel()": "a dry run with ones has the same shapes",
    },
    "load_backbone": {
        "model = build()": "without `weights` torchvision builds a model with random numbers too",
        "model.load_state_dict(torch.load(weights, map_location='cpu'))": "True is the default since torch 2.6",
    },
    "fine_tune_step": {
        "for p, gradient in zip(trainable, gradients):": "both have the same length",
        "for p, gradient in zip(trainable, gradients, strict=False):": "both have the same length",
    },
}


def conv_output_size__without_the_first_place(size, kernel, stride=1, padding=0, dilation=1):
    """The steps of the kernel are counted, and not the place where it starts; there is one place more than steps."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError("no place")
    return room // stride


def conv_output_size__pads_one_side(size, kernel, stride=1, padding=0, dilation=1):
    """The padding is added once; it is put on both sides, so the input grows by 2 · padding."""
    room = size + padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError("no place")
    return room // stride + 1


def conv_output_size__rounds_up(size, kernel, stride=1, padding=0, dilation=1):
    """The division rounds up; a last step that would leave the input is not taken, so it must round down."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError("no place")
    return -(-room // stride) + 1


def conv_output_size__ignores_the_dilation(size, kernel, stride=1, padding=0, dilation=1):
    """The dilation has no effect; elements of the kernel that lie apart make it wider."""
    room = size + 2 * padding - kernel
    if room < 0:
        raise ValueError("no place")
    return room // stride + 1


def conv_output_size__stretches_too_far(size, kernel, stride=1, padding=0, dilation=1):
    """The kernel is taken as dilation · kernel wide; between k elements there are only k - 1 gaps."""
    room = size + 2 * padding - dilation * kernel
    if room < 0:
        raise ValueError("no place")
    return room // stride + 1


def conv_output_size__divides_the_one(size, kernel, stride=1, padding=0, dilation=1):
    """The one is added before the division by the stride; the first place counts whatever the stride is."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError("no place")
    return (room + 1) // stride


def conv_output_size__gives_a_float(size, kernel, stride=1, padding=0, dilation=1):
    """The result is a float, which no layer takes as a size; divide with `//`."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise ValueError("no place")
    return room / stride + 1


def conv_output_size__never_refuses(size, kernel, stride=1, padding=0, dilation=1):
    """A kernel that is wider than the padded input gives 0 or a negative size; it should raise ValueError."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def conv_output_size__refuses_an_exact_fit(size, kernel, stride=1, padding=0, dilation=1):
    """A kernel that fills the whole input is refused; it has exactly one place."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room <= 0:
        raise ValueError("no place")
    return room // stride + 1


def _windows(x, kh, kw, stride, padding, value=0.0):
    return F.pad(x, (padding,) * 4, value=value).unfold(2, kh, stride).unfold(3, kw, stride)


def _sums(windows, weight):
    return torch.einsum("nchwab,ocab->nohw", windows, weight)


def conv2d__flips_the_kernel(x, weight, bias, stride=1, padding=0):
    """The kernel is flipped, as mathematics has it; in deep learning it is laid on the image as it is."""
    windows = _windows(x, *weight.shape[2:], stride, padding)
    return _sums(windows, weight.flip(2, 3)) + bias[:, None, None]


def conv2d__without_bias(x, weight, bias, stride=1, padding=0):
    """The bias is missing; each output channel has one number that is added to all its pixels."""
    return _sums(_windows(x, *weight.shape[2:], stride, padding), weight)


def conv2d__bias_along_the_width(x, weight, bias, stride=1, padding=0):
    """`+ bias` lines up with the last dimension, the width; it belongs to the channels: `bias[:, None, None]`."""
    return _sums(_windows(x, *weight.shape[2:], stride, padding), weight) + bias


def conv2d__ignores_the_stride(x, weight, bias, stride=1, padding=0):
    """The kernel moves by one pixel, whatever the stride is."""
    return _sums(_windows(x, *weight.shape[2:], 1, padding), weight) + bias[:, None, None]


def conv2d__strides_the_rows_only(x, weight, bias, stride=1, padding=0):
    """The stride counts for the rows only; it is meant for the columns too."""
    kh, kw = weight.shape[2:]
    x = F.pad(x, (padding,) * 4)
    return _sums(x.unfold(2, kh, stride).unfold(3, kw, 1), weight) + bias[:, None, None]


def conv2d__ignores_the_padding(x, weight, bias, stride=1, padding=0):
    """The image is used without its padding, so the result is too small."""
    return _sums(_windows(x, *weight.shape[2:], stride, 0), weight) + bias[:, None, None]


def conv2d__pads_two_sides(x, weight, bias, stride=1, padding=0):
    """`F.pad` got two numbers, which pad left and right only; it takes four, for top and bottom too."""
    windows = F.pad(x, (padding, padding)).unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    return _sums(windows, weight) + bias[:, None, None]


def conv2d__first_channel_only(x, weight, bias, stride=1, padding=0):
    """Only the first channel of the images counts; each output is a sum over all channels."""
    windows = _windows(x[:, :1], *weight.shape[2:], stride, padding)
    return _sums(windows, weight[:, :1]) + bias[:, None, None]


def conv2d__kernel_on_its_side(x, weight, bias, stride=1, padding=0):
    """Rows and columns of the kernel are exchanged; `weight` is (out, channels, height, width)."""
    weight = weight.transpose(2, 3)
    return _sums(_windows(x, *weight.shape[2:], stride, padding), weight) + bias[:, None, None]


def conv2d__averages(x, weight, bias, stride=1, padding=0):
    """The products are averaged over the window; a convolution adds them up."""
    sums = _sums(_windows(x, *weight.shape[2:], stride, padding), weight)
    return sums / weight[0].numel() + bias[:, None, None]


def conv2d__cuts_the_graph(x, weight, bias, stride=1, padding=0):
    """The weights are used as `weight.data` or `weight.detach()`, so no gradient reaches them and nothing is learnt."""
    return _sums(_windows(x, *weight.shape[2:], stride, padding), weight.detach()) + bias[:, None, None]


def conv2d__views_the_weights(x, weight, bias, stride=1, padding=0):
    """`weight.view` fails where the weights lie otherwise in memory, such as channels last; `reshape` copies then."""
    kh, kw = weight.shape[2:]
    windows = _windows(x, kh, kw, stride, padding).permute(0, 2, 3, 1, 4, 5).flatten(3)
    return (windows @ weight.view(len(weight), -1).T + bias).movedim(-1, 1)


def conv2d__asks_torch(x, weight, bias, stride=1, padding=0):
    """`F.conv2d` does the work; here you take the windows and sum them yourself."""
    return F.conv2d(x, weight, bias, stride, padding)


def max_pool2d__pads_with_zeros(x, kernel_size, stride=None, padding=0):
    """The padding is 0, which is larger than negative numbers; pad with what is never the largest, minus infinity."""
    return _windows(x, kernel_size, kernel_size, stride or kernel_size, padding).amax(dim=(-2, -1))


def max_pool2d__pads_with_a_billion(x, kernel_size, stride=None, padding=0):
    """The padding is -1e9, and numbers may lie below that; only minus infinity is never larger than any of them."""
    return _windows(x, kernel_size, kernel_size, stride or kernel_size, padding, -1e9).amax(dim=(-2, -1))


def max_pool2d__pads_with_the_least_float32(x, kernel_size, stride=None, padding=0):
    """The padding is the least float32, and a float64 may lie below that; minus infinity is below all."""
    least = torch.finfo(torch.float32).min
    return _windows(x, kernel_size, kernel_size, stride or kernel_size, padding, least).amax(dim=(-2, -1))


def max_pool2d__pads_with_the_minimum(x, kernel_size, stride=None, padding=0):
    """The padding is the minimum of x, and where that is the maximum of a window, the padding takes its gradient."""
    least = x.min().item() if x.numel() else 0.0
    windows = _windows(x, kernel_size, kernel_size, stride or kernel_size, padding, least)
    return windows.flatten(-2).max(dim=-1).values


def max_pool2d__averages(x, kernel_size, stride=None, padding=0):
    """The windows are averaged; max pooling takes the largest number of each."""
    return _windows(x, kernel_size, kernel_size, stride or kernel_size, padding).mean(dim=(-2, -1))


def max_pool2d__moves_by_one(x, kernel_size, stride=None, padding=0):
    """Without a stride the windows move by one; the default is the size of the window, so that none overlap."""
    windows = _windows(x, kernel_size, kernel_size, stride or 1, padding, -torch.inf)
    return windows.amax(dim=(-2, -1))


def max_pool2d__ignores_the_stride(x, kernel_size, stride=None, padding=0):
    """The windows always move by their own size; `stride` should win where it is given."""
    return _windows(x, kernel_size, kernel_size, kernel_size, padding, -torch.inf).amax(dim=(-2, -1))


def max_pool2d__ignores_the_padding(x, kernel_size, stride=None, padding=0):
    """The image is used without its padding, so the windows start in another place."""
    return _windows(x, kernel_size, kernel_size, stride or kernel_size, 0, -torch.inf).amax(dim=(-2, -1))


def max_pool2d__keeps_the_rest(x, kernel_size, stride=None, padding=0):
    """Rows and columns at the end that fill no window make one of their own, so 7 becomes 4; leave them out."""
    return F.max_pool2d(x, kernel_size, stride, padding, ceil_mode=True)


def max_pool2d__across_channels(x, kernel_size, stride=None, padding=0):
    """The maximum is taken over the channels too; each channel is pooled on its own."""
    windows = _windows(x, kernel_size, kernel_size, stride or kernel_size, padding, -torch.inf)
    return windows.amax(dim=(1, -2, -1), keepdim=True)[..., 0, 0].expand(-1, x.shape[1], -1, -1).clone()


def max_pool2d__rows_only(x, kernel_size, stride=None, padding=0):
    """The windows are searched along one dimension only; take the maximum over both, `dim=(-2, -1)`."""
    windows = _windows(x, kernel_size, kernel_size, stride or kernel_size, padding, -torch.inf)
    return windows[..., 0].amax(dim=-1)


def max_pool2d__cuts_the_graph(x, kernel_size, stride=None, padding=0):
    """The result is cut off from the graph by `detach` or `.data`, so nothing before the pooling can learn."""
    windows = _windows(x.detach(), kernel_size, kernel_size, stride or kernel_size, padding, -torch.inf)
    return windows.amax(dim=(-2, -1))


def max_pool2d__asks_torch(x, kernel_size, stride=None, padding=0):
    """`F.max_pool2d` does the work; here you take the windows and search them yourself."""
    return F.max_pool2d(x, kernel_size, stride, padding)


class _LeNet(nn.Module):
    kernel, side, padding, pool, between, after = 5, 5, 0, nn.MaxPool2d, nn.ReLU, nn.Identity

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, self.kernel, padding=self.padding), self.between(), self.pool(2),
            nn.Conv2d(6, 16, self.kernel), self.between(), self.pool(2),
        )  # fmt: skip
        self.classifier = nn.Sequential(
            nn.Linear(16 * self.side**2, 120), self.between(), nn.Linear(120, 84), self.between(), nn.Linear(84, 10)
        )

    def forward(self, images):
        return self.after()(self.classifier(self.features(images).flatten(1)))


class LeNet5__small_kernels(_LeNet):
    """With 3 × 3 kernels the sides go 32 → 30 → 15 → 13 → 6, so 16 · 6 · 6 = 576 numbers arrive instead of 400."""

    kernel = 3


class LeNet5__small_kernels_made_to_fit(_LeNet):
    """The kernels are 3 × 3, and the first linear layer takes 576 numbers; LeNet-5 has 5 × 5 kernels, and 400."""

    kernel, side = 3, 6


class LeNet5__padded(_LeNet):
    """The first convolution has padding 2, which is for images of 28 × 28; those of 32 × 32 need none."""

    padding = 2


class LeNet5__average_pooling(_LeNet):
    """The windows are averaged, as in the paper of 1998; here it is max pooling."""

    pool = nn.AvgPool2d


class LeNet5__tanh(_LeNet):
    """The activation is tanh, as in the paper of 1998; here it is ReLU."""

    between = nn.Tanh


class LeNet5__softmax_at_the_end(_LeNet):
    """The outputs are probabilities; they are to be logits, for the cross entropy takes the softmax itself."""

    def forward(self, images):
        return super().forward(images).softmax(dim=1)


class LeNet5__softmax_in_eval_mode(_LeNet):
    """In eval mode the outputs are probabilities; they are logits in both modes, and whoever asks takes the softmax."""

    def forward(self, images):
        logits = super().forward(images)
        return logits if self.training else logits.softmax(dim=1)


class LeNet5__no_graph_in_eval_mode(_LeNet):
    """In eval mode there is no graph; that is for `torch.no_grad` to decide, for one can also learn in eval mode."""

    def forward(self, images):
        with torch.set_grad_enabled(self.training):
            return super().forward(images)


class LeNet5__relu_at_the_end(_LeNet):
    """A ReLU after the last layer makes all negative logits 0; nothing comes after it."""

    after = nn.ReLU


class LeNet5__no_relu_in_the_blocks(_LeNet):
    """There is no ReLU after the convolutions; max pooling does not take its place."""

    def __init__(self):
        super().__init__()
        self.features[1] = self.features[4] = nn.Identity()


class LeNet5__no_relu_between_the_linear_layers(_LeNet):
    """There is no ReLU between the linear layers, so that three of them do no more than one could."""

    def __init__(self):
        super().__init__()
        self.classifier[1] = self.classifier[3] = nn.Identity()


class LeNet5__dropout(_LeNet):
    """There is dropout before the linear layers, so the outputs change from call to call; LeNet-5 has none."""

    def forward(self, images):
        return self.classifier(F.dropout(self.features(images).flatten(1)))


class LeNet5__flattens_the_batch(_LeNet):
    """All images become one row; the first dimension is that of the batch and stays: `flatten(1)`."""

    def forward(self, images):
        return self.classifier(self.features(images).reshape(1, -1))


class LeNet5__channels_last(_LeNet):
    """The channels come last when the images are flattened; they come first, as the convolutions have them."""

    def forward(self, images):
        return self.classifier(self.features(images).permute(0, 2, 3, 1).flatten(1))


class LeNet5__hidden_layers(_LeNet):
    """The layers are in a plain list, where `parameters()` does not find them; use `nn.Sequential` or attributes."""

    def __init__(self):
        super().__init__()
        self.layers = [self.features, self.classifier]
        del self.features, self.classifier

    def forward(self, images):
        return self.layers[1](self.layers[0](images).flatten(1))


class LeNet5__learns_half(_LeNet):
    """What the convolutions give is cut off from the graph, so they never learn."""

    def forward(self, images):
        return self.classifier(self.features(images).flatten(1).detach())


class _Bottleneck(nn.Module):
    padding, pool, bias = 2, nn.MaxPool2d, False

    def activation(self, channels):
        return nn.PReLU()

    def __init__(self):
        super().__init__()
        layers = []
        for inputs, outputs in ((1, 32), (32, 64), (64, 128)):
            layers += [nn.Conv2d(inputs, outputs, 5, padding=self.padding), self.activation(outputs)]
            layers += [nn.Conv2d(outputs, outputs, 5, padding=self.padding), self.activation(outputs), self.pool(2)]
        self.blocks = nn.Sequential(*layers, nn.Flatten())
        self.squeeze = nn.Linear(1152, 2)
        self.last_activation = self.activation(2)
        self.classifier = nn.Linear(2, 10, bias=self.bias)

    def features(self, images):
        return self.last_activation(self.squeeze(self.blocks(images)))

    def forward(self, images):
        features = self.features(images)
        return features, self.classifier(features).log_softmax(dim=1)


class BottleneckNet__no_padding(_Bottleneck):
    """Without padding a 5 × 5 kernel takes 4 off each side, and after four convolutions nothing is left of 28."""

    padding = 0


class BottleneckNet__bias_at_the_end(_Bottleneck):
    """The last layer has a bias; here it has none: `bias=False`."""

    bias = True


class BottleneckNet__relu(_Bottleneck):
    """The activation is ReLU, which has nothing to learn; here it is PReLU, with a slope for negative numbers."""

    def activation(self, channels):
        return nn.ReLU()


class BottleneckNet__one_slope_for_all(_Bottleneck):
    """One PReLU is used everywhere, so there is one slope; each place has a PReLU of its own."""

    def activation(self, channels):
        if not hasattr(self, "shared"):
            self.shared = nn.PReLU()
        return self.shared


class BottleneckNet__a_slope_for_each_channel(_Bottleneck):
    """Each PReLU has a slope for every channel; here it has one slope: `nn.PReLU()`."""

    def activation(self, channels):
        return nn.PReLU(channels)


class BottleneckNet__average_pooling(_Bottleneck):
    """The windows are averaged; here it is max pooling."""

    pool = nn.AvgPool2d


class BottleneckNet__no_prelu_on_the_features(_Bottleneck):
    """The features come straight from the linear layer; a seventh PReLU follows it."""

    def __init__(self):
        super().__init__()
        self.last_activation = nn.Identity()


class BottleneckNet__features_before_the_prelu(_Bottleneck):
    """The features are returned as they are before their PReLU; they are what the last layer gets."""

    def forward(self, images):
        features = self.squeeze(self.blocks(images))
        return features, self.classifier(self.last_activation(features)).log_softmax(dim=1)


class BottleneckNet__logits(_Bottleneck):
    """The second result are logits; here they are log-probabilities, after a log-softmax."""

    def forward(self, images):
        features = self.features(images)
        return features, self.classifier(features)


class BottleneckNet__logits_in_eval_mode(_Bottleneck):
    """In eval mode the second result are logits; they are log-probabilities in both modes."""

    def forward(self, images):
        features = self.features(images)
        logits = self.classifier(features)
        return features, logits.log_softmax(dim=1) if self.training else logits


class BottleneckNet__no_graph_in_eval_mode(_Bottleneck):
    """In eval mode there is no graph; that is for `torch.no_grad` to decide, for one can also learn in eval mode."""

    def forward(self, images):
        with torch.set_grad_enabled(self.training):
            return super().forward(images)


class BottleneckNet__probabilities(_Bottleneck):
    """The second result are probabilities; here they are their logarithms, from `log_softmax`."""

    def forward(self, images):
        features = self.features(images)
        return features, self.classifier(features).softmax(dim=1)


class BottleneckNet__softmax_over_the_batch(_Bottleneck):
    """The log-softmax runs over the images of the batch, dim 0; it is over the classes, dim 1."""

    def forward(self, images):
        features = self.features(images)
        return features, self.classifier(features).log_softmax(dim=0)


class BottleneckNet__other_way_round(_Bottleneck):
    """The log-probabilities come first; the features are the first result."""

    def forward(self, images):
        return super().forward(images)[::-1]


class BottleneckNet__no_features(_Bottleneck):
    """Only the log-probabilities are returned; the result is a tuple, with the features first."""

    def forward(self, images):
        return super().forward(images)[1]


class BottleneckNet__detached_features(_Bottleneck):
    """The features are returned without their graph; a loss that looks at the features must be able to use it."""

    def forward(self, images):
        features, log_probabilities = super().forward(images)
        return features.detach(), log_probabilities


def _dry_run(part, shape, n=1):
    device = next((p.device for p in part.parameters()), None)
    with torch.no_grad():
        return part(torch.zeros(n, *shape, device=device))


def count_features__channels(part, shape):
    """Only the channels are counted; each of them has a whole map of numbers."""
    return _dry_run(copy.deepcopy(part).eval(), shape).shape[1]


def count_features__shape(part, shape):
    """The result is a shape; the number of elements is wanted: the product of its sizes."""
    return tuple(_dry_run(copy.deepcopy(part).eval(), shape).shape[1:])


def count_features__whole_batch(part, shape):
    """The batch of the dry run has two samples, and both are counted; the number for one sample is wanted."""
    return _dry_run(copy.deepcopy(part).eval(), shape, 2).numel()


def count_features__train_mode(part, shape):
    """The part runs in the mode it comes in: in train mode BatchNorm refuses a batch of one or changes its means."""
    return _dry_run(part, shape).numel()


def count_features__train_mode_of_a_copy(part, shape):
    """The part runs in the mode it comes in: in train mode some layers refuse a batch of one."""
    return _dry_run(copy.deepcopy(part), shape).numel()


def count_features__stays_in_eval_mode(part, shape):
    """The part itself is left in eval mode; each of its modules should be in its mode as before."""
    return _dry_run(part.eval(), shape).numel()


def count_features__ends_in_train_mode(part, shape):
    """`part.train()` at the end puts all of it into train mode, also what was in eval mode before."""
    count = _dry_run(part.eval(), shape).numel()
    part.train()
    return count


def count_features__one_mode_for_all(part, shape):
    """`part.train(was_training)` gives all modules the mode of the outermost; some had another one."""
    was_training = part.training
    count = _dry_run(part.eval(), shape).numel()
    part.train(was_training)
    return count


def count_features__tuples_only(part, shape):
    """`(1,) + shape` fails for a list; `(1, *shape)` takes any sequence."""
    device = next((p.device for p in part.parameters()), None)
    with torch.no_grad():
        return copy.deepcopy(part).eval()(torch.zeros((1,) + shape, device=device)).numel()


def count_features__no_batch_dimension(part, shape):
    """The part gets a sample without a batch dimension; a convolution may take that, many layers do not."""
    part = copy.deepcopy(part).eval()
    device = next((p.device for p in part.parameters()), None)
    with torch.no_grad():
        return part(torch.zeros(*shape, device=device)).numel()


def count_features__on_the_cpu(part, shape):
    """The dry run makes its input on the CPU; it belongs on the device of the part."""
    with torch.no_grad():
        return copy.deepcopy(part).eval()(torch.zeros(1, *shape)).numel()


def count_features__forgets_the_gradients(part, shape):
    """`zero_grad` throws the gradients of the part away; a dry run needs none, and leaves them."""
    part.zero_grad()
    return _dry_run(copy.deepcopy(part).eval(), shape).numel()


def _state(weights, **chosen):
    return torch.load(weights, **{"map_location": "cpu", "weights_only": True} | chosen)


def load_backbone__runs_code(build, weights=None):
    """`weights_only=False` runs whatever code is in the file; a file of weights needs only tensors."""
    model = build(weights=None)
    if weights is not None:
        model.load_state_dict(_state(weights, weights_only=False))
    return model.eval()


def load_backbone__loads_what_fits(build, weights=None):
    """`strict=False` says nothing when names are missing or unknown, and part of the model stays random."""
    model = build(weights=None)
    if weights is not None:
        model.load_state_dict(_state(weights), strict=False)
    return model.eval()


def load_backbone__stays_on_the_gpu(build, weights=None):
    """Without `map_location` a file from a GPU asks for one; this machine may have none."""
    model = build(weights=None)
    if weights is not None:
        model.load_state_dict(torch.load(weights, weights_only=True))
    return model.eval()


def load_backbone__in_train_mode(build, weights=None):
    """The model is in train mode; a loaded backbone is used in eval mode."""
    model = build(weights=None)
    if weights is not None:
        model.load_state_dict(_state(weights))
    return model


def load_backbone__in_eval_mode_only_when_loaded(build, weights=None):
    """A model without a file comes in train mode; it should be in eval mode too."""
    model = build(weights=None)
    if weights is None:
        return model
    model.load_state_dict(_state(weights))
    return model.eval()


def load_backbone__downloads(build, weights=None):
    """`weights="DEFAULT"` downloads weights; with None nothing is downloaded, and the file gives the numbers."""
    model = build(weights="DEFAULT")
    if weights is not None:
        model.load_state_dict(_state(weights))
    return model.eval()


def load_backbone__gives_the_file_to_build(build, weights=None):
    """`build` gets the file as its `weights`, but it knows only weights to download; load the file yourself."""
    return build(weights=weights).eval()


def load_backbone__ignores_the_file(build, weights=None):
    """The file is not read, so the weights stay random."""
    return build(weights=None).eval()


def load_backbone__skips_a_missing_file(build, weights=None):
    """A file that does not exist is passed over, and the model stays random; that should be an error."""
    model = build(weights=None)
    if weights is not None and weights.exists():
        model.load_state_dict(_state(weights))
    return model.eval()


def load_backbone__returns_the_report(build, weights=None):
    """`load_state_dict` returns a report of names, not the model."""
    model = build(weights=None).eval()
    return model.load_state_dict(_state(weights)) if weights is not None else model


def load_backbone__takes_the_tensors_of_the_file(build, weights=None):
    """`assign=True` puts the tensors of the file into the model, with their dtype; the model is to keep its own."""
    model = build(weights=None)
    if weights is not None:
        model.load_state_dict(_state(weights), assign=True)
    return model.eval()


def load_backbone__freezes(build, weights=None):
    """The parameters are frozen; here they stay as `build` has them."""
    model = build(weights=None).requires_grad_(False)
    if weights is not None:
        model.load_state_dict(_state(weights))
    return model.eval()


def load_backbone__parameters_only(build, weights=None):
    """Only the parameters are loaded; the buffers, such as the running means of BatchNorm, are in the file too."""
    model = build(weights=None)
    if weights is not None:
        state = _state(weights)
        other = copy.deepcopy(model)
        other.load_state_dict(state)
        own = dict(model.named_parameters())
        model.load_state_dict({n: state[n] if n in own else t for n, t in model.state_dict().items()})
    return model.eval()


def freeze_backbone__train_mode(module):
    """The mode stays, and in train mode BatchNorm goes on changing its running mean, frozen parameters or not."""
    for p in module.parameters():
        p.requires_grad_(False)
        p.grad = None
    return module


def freeze_backbone__outermost_mode_only(module):
    """Only the outermost module is in eval mode; `eval()` reaches all modules in it, `training = False` does not."""
    for p in module.parameters():
        p.requires_grad_(False)
        p.grad = None
    module.training = False
    return module


def freeze_backbone__eval_is_not_frozen(module):
    """`eval()` alone freezes no parameter; each of them still requires grad."""
    return module.eval()


def freeze_backbone__sets_an_attribute(module):
    """`module.requires_grad = False` only makes a new attribute; the parameters don't know of it."""
    for p in module.parameters():
        p.grad = None
    module.requires_grad = False
    return module.eval()


def freeze_backbone__own_parameters_only(module):
    """Only the module's own parameters are frozen, not those of the modules in it."""
    for p in module.parameters(recurse=False):
        p.requires_grad_(False)
        p.grad = None
    return module.eval()


def freeze_backbone__keeps_the_gradients(module):
    """Gradients stay in `.grad`, and an optimizer goes by them: the next step still moves the parameters."""
    return module.requires_grad_(False).eval()


def freeze_backbone__zero_gradients(module):
    """The gradients are zero, not None: an optimizer with momentum or weight decay still moves the parameters."""
    for p in module.parameters():
        p.requires_grad_(False)
        if p.grad is not None:
            p.grad.zero_()
    return module.eval()


def freeze_backbone__skips_what_is_frozen(module):
    """A parameter that was frozen before keeps its gradient, and an optimizer goes by that; every gradient is None."""
    for p in module.parameters():
        if p.requires_grad:
            p.requires_grad_(False)
            p.grad = None
    return module.eval()


def freeze_backbone__returns_nothing(module):
    """The `return` is missing; the module itself is wanted."""
    for p in module.parameters():
        p.requires_grad_(False)
        p.grad = None
    module.eval()


def freeze_backbone__a_copy(module):
    """A copy is frozen, and the module itself stays as it was."""
    module = copy.deepcopy(module).requires_grad_(False)
    return module.eval()


def freeze_backbone__skips_the_biases(module):
    """Only weights are frozen; a bias is a parameter too."""
    for name, p in module.named_parameters():
        if name.endswith("weight"):
            p.requires_grad_(False)
            p.grad = None
    return module.eval()


def replace_head__changes_the_attribute(model, classes):
    """`out_features` is only a note of the size; the weight stays as it was, and so does the number of logits."""
    model.fc.out_features = classes
    return model


def replace_head__adds_a_layer(model, classes):
    """A second layer stands behind the old head; the new head takes its place."""
    old = model.fc
    model.fc = nn.Sequential(old, nn.Linear(old.out_features, classes, dtype=old.weight.dtype))
    return model


def replace_head__other_name(model, classes):
    """The new layer is called otherwise, and the model never uses it; its `forward` calls `fc`."""
    model.head = nn.Linear(model.fc.in_features, classes, device=model.fc.weight.device, dtype=model.fc.weight.dtype)
    return model


def replace_head__always_512(model, classes):
    """The head has 512 inputs, as for ResNet-18; other models have other widths: ask the old head."""
    old = model.fc
    model.fc = nn.Linear(512, classes, device=old.weight.device, dtype=old.weight.dtype)
    return model


def replace_head__inputs_from_outputs(model, classes):
    """The head has as many inputs as the old one had classes; it needs `in_features` of the old one."""
    old = model.fc
    model.fc = nn.Linear(old.out_features, classes, device=old.weight.device, dtype=old.weight.dtype)
    return model


def replace_head__without_bias(model, classes):
    """The new head has no bias."""
    old = model.fc
    model.fc = nn.Linear(old.in_features, classes, bias=False, device=old.weight.device, dtype=old.weight.dtype)
    return model


def replace_head__bias_like_the_old(model, classes):
    """The new head has a bias only where the old one had; it is to have one in any case."""
    old, bias = model.fc, model.fc.bias is not None
    model.fc = nn.Linear(old.in_features, classes, bias=bias, device=old.weight.device, dtype=old.weight.dtype)
    return model


def replace_head__always_float32(model, classes):
    """The new head is float32, and a model of float64 can't use it; take the dtype of the old one."""
    model.fc = nn.Linear(model.fc.in_features, classes, device=model.fc.weight.device)
    return model


def replace_head__always_on_the_cpu(model, classes):
    """The new head is on the CPU, wherever the model is; take the device of the old one."""
    model.fc = nn.Linear(model.fc.in_features, classes, dtype=model.fc.weight.dtype)
    return model


def _with_head(model, classes):
    old = model.fc
    model.fc = nn.Linear(old.in_features, classes, device=old.weight.device, dtype=old.weight.dtype)
    return model


def replace_head__keeps_a_head_that_fits(model, classes):
    """An old head with as many classes is kept, but its classes are others; make a new one in any case."""
    return model if model.fc.out_features == classes else _with_head(model, classes)


def replace_head__frozen_like_the_old(model, classes):
    """The new head is frozen where the old one was, so nothing is left that could learn."""
    trainable = model.fc.weight.requires_grad
    _with_head(model, classes).fc.requires_grad_(trainable)
    return model


def replace_head__thaws_all(model, classes):
    """All parameters of the model require grad afterwards; only those of the new head should."""
    return _with_head(model, classes).requires_grad_(True)


def replace_head__freezes_the_rest(model, classes):
    """The rest of the model gets frozen here; it should stay as it was."""
    return _with_head(model.requires_grad_(False), classes)


def replace_head__in_train_mode(model, classes):
    """`model.train()` changes the mode of the rest, which should stay as it was."""
    return _with_head(model, classes).train()


def replace_head__returns_the_head(model, classes):
    """The result is the new head; the model itself is wanted."""
    return _with_head(model, classes).fc


def replace_head__in_a_copy(model, classes):
    """A copy gets the new head, and the model itself stays as it was."""
    return _with_head(copy.deepcopy(model), classes)


def replace_head__zeroes_the_gradients(model, classes):
    """The gradients of the rest become zeros; they should stay as they were."""
    model.zero_grad(set_to_none=False)
    return _with_head(model, classes)


def replace_head__always_the_same(model, classes):
    """A seed is fixed in the code, so each new head has the same numbers; the caller chooses the seed, or none."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return _with_head(model, classes)


def replace_head__truncated_normal(model, classes):
    """The head starts with normal numbers cut off at the bounds; what `nn.Linear` starts with is uniform: leave it."""
    head = _with_head(model, classes).fc
    bound = head.in_features**-0.5
    for p in head.parameters():
        nn.init.trunc_normal_(p, 0.0, bound / 2, -bound, bound)
    return model


def replace_head__starts_at_zero(model, classes):
    """The new head starts with zeros; it should start with the random numbers of `nn.Linear`."""
    with torch.no_grad():
        for p in _with_head(model, classes).fc.parameters():
            p.zero_()
    return model


def _step(model, loss, lr, names=None):
    trainable = {n: p for n, p in model.named_parameters() if p.requires_grad and (names is None or n in names)}
    gradients = torch.autograd.grad(loss, list(trainable.values()), allow_unused=True)
    with torch.no_grad():
        for p, gradient in zip(trainable.values(), gradients, strict=True):
            p -= lr * gradient
    return loss.item()


def fine_tune_step__in_train_mode(model, images, labels, lr):
    """The model is in train mode: BatchNorm changes its running mean, though the backbone is frozen."""
    model.train()
    return _step(model, F.cross_entropy(model(images), labels), lr)


def fine_tune_step__in_any_mode(model, images, labels, lr):
    """The model is called in the mode it comes in; someone may have called `train()`, so call `eval()` first."""
    return _step(model, F.cross_entropy(model(images), labels), lr)


def fine_tune_step__back_to_train_mode(model, images, labels, lr):
    """The model goes into train mode at the end; it should stay in eval mode."""
    model.eval()
    loss = _step(model, F.cross_entropy(model(images), labels), lr)
    model.train()
    return loss


def fine_tune_step__moves_all(model, images, labels, lr):
    """All parameters move, the frozen ones too; only those that require grad should."""
    model.eval()
    frozen = [p for p in model.parameters() if not p.requires_grad]
    model.requires_grad_(True)
    loss = _step(model, F.cross_entropy(model(images), labels), lr)
    for p in frozen:
        p.requires_grad_(False)
    return loss


def fine_tune_step__thaws_all(model, images, labels, lr):
    """All parameters require grad afterwards, so the next step moves the backbone; leave `requires_grad` alone."""
    model.eval()
    loss = _step(model, F.cross_entropy(model(images), labels), lr)
    model.requires_grad_(True)
    return loss


def fine_tune_step__head_only(model, images, labels, lr):
    """Only `fc` moves; more than the head may be trainable, so ask each parameter for `requires_grad`."""
    model.eval()
    loss = F.cross_entropy(model(images), labels)
    head = [p for p in model.fc.parameters() if p.requires_grad]
    gradients = torch.autograd.grad(loss, head) if head else []
    with torch.no_grad():
        for p, gradient in zip(head, gradients, strict=True):
            p -= lr * gradient
    return loss.item()


def fine_tune_step__adds_the_gradient(model, images, labels, lr):
    """The step goes along the gradient, so the loss grows; subtract lr · gradient."""
    model.eval()
    return _step(model, F.cross_entropy(model(images), labels), -lr)


def fine_tune_step__clips(model, images, labels, lr):
    """The gradients are clipped, so a large one makes a shorter step; each moves its parameter by lr times itself."""
    model.eval()
    trainable = [p for p in model.parameters() if p.requires_grad]
    loss = F.cross_entropy(model(images), labels)
    gradients = torch.autograd.grad(loss, trainable)
    norm = torch.stack([gradient.norm() for gradient in gradients]).norm()
    with torch.no_grad():
        for p, gradient in zip(trainable, gradients, strict=True):
            p -= lr * gradient * (5.0 / norm).clamp(max=1.0)
    return loss.item()


def fine_tune_step__ignores_lr(model, images, labels, lr):
    """The step is the whole gradient; it is to be lr times the gradient."""
    model.eval()
    return _step(model, F.cross_entropy(model(images), labels), 1.0)


def fine_tune_step__sums_the_losses(model, images, labels, lr):
    """The losses of the images are added up; their mean is wanted."""
    model.eval()
    return _step(model, F.cross_entropy(model(images), labels, reduction="sum"), lr)


def fine_tune_step__softmax_first(model, images, labels, lr):
    """The cross entropy gets probabilities; it takes logits, and does the softmax itself."""
    model.eval()
    return _step(model, F.cross_entropy(model(images).softmax(dim=1), labels), lr)


def fine_tune_step__returns_a_tensor(model, images, labels, lr):
    """The result is a tensor, which holds on to its graph; take the number out with `item()`."""
    model.eval()
    loss = F.cross_entropy(model(images), labels)
    _step(model, loss, lr)
    return loss


def fine_tune_step__loss_after_the_step(model, images, labels, lr):
    """The loss is that after the step; the one from before is wanted."""
    model.eval()
    _step(model, F.cross_entropy(model(images), labels), lr)
    with torch.no_grad():
        return F.cross_entropy(model(images), labels).item()


def fine_tune_step__old_gradients(model, images, labels, lr):
    """`backward` adds to gradients that are left from earlier; forget those first."""
    model.eval()
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            if p.requires_grad:
                p -= lr * p.grad
    return loss.item()


def fine_tune_step__moves_what_has_a_gradient(model, images, labels, lr):
    """A frozen parameter may have a gradient from before it was frozen, and moves; ask for `requires_grad`."""
    model.eval()
    loss = F.cross_entropy(model(images), labels)
    for p in model.parameters():
        if p.requires_grad:
            p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            if p.grad is not None:
                p -= lr * p.grad
    return loss.item()


def fine_tune_step__does_not_step(model, images, labels, lr):
    """The gradients are computed, and no parameter moves; the step itself is missing."""
    model.eval()
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    return loss.item()
