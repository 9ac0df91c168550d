"""Right answers to the models kata, written in other ways than the reference."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def flatten__numel(x):
    return x.reshape(len(x), x[0].numel() if len(x) else math.prod(x.shape[1:]))


def flatten__loop(x):
    columns = 1
    for side in x.size()[1:]:
        columns *= side
    return x.contiguous().view(x.size(0), columns)


def linear__matmul(x, weight, bias):
    return torch.matmul(x, weight.t()).add(bias)


def linear__einsum(x, weight, bias):
    return torch.einsum("...i,oi->...o", x, weight) + bias


def linear__weighted_sums(x, weight, bias):
    return (x.unsqueeze(-2) * weight).sum(-1) + bias


def relu__where(x):
    return torch.where(x < 0, torch.zeros_like(x), x)


def relu__maximum(x):
    return torch.maximum(x, torch.zeros_like(x))


def relu__masked(x):
    return x.masked_fill(x < 0, 0)


def relu__clip(x):
    return torch.clip(x, 0)


def softmax__logarithm(x, dim):
    return (x - x.logsumexp(dim, keepdim=True)).exp()


def softmax__max(x, dim):
    top = x.max(dim=dim, keepdim=True).values.detach()
    powers = torch.exp(x - top)
    return powers / torch.sum(powers, dim=dim, keepdim=True)


def softmax__unsqueeze(x, dim):
    powers = (x - x.amax(dim).unsqueeze(dim)).exp()
    return powers.div(powers.sum(dim).unsqueeze(dim))


def sequential__recursion(x, layers):
    if len(layers) == 0:
        return x
    first, *rest = layers
    return sequential__recursion(first(x), rest)


def sequential__indices(x, layers):
    out = x
    for i in range(len(layers)):
        layer = layers[i]
        out = layer.__call__(out)
    return out


class LinearLayer__rand(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        bound = in_features**-0.5
        self.bias = nn.Parameter((2 * torch.rand(out_features) - 1) * bound)
        self.weight = nn.Parameter((2 * torch.rand(out_features, in_features) - 1) * bound)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)


class LinearLayer__init(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.register_parameter("weight", nn.Parameter(torch.empty((out_features, in_features))))
        self.register_parameter("bias", nn.Parameter(torch.empty(out_features)))
        self.reset_parameters()

    def reset_parameters(self):
        bound = 1 / math.sqrt(self.in_features)
        for p in self.parameters():
            nn.init.uniform_(p, -bound, bound)

    def forward(self, x):
        return torch.einsum("...i,oi->...o", x, self.weight) + self.bias


class NeuralNetwork__single_layers(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 512)
        self.fc2 = nn.Linear(512, 512)
        self.fc3 = nn.Linear(512, 10)

    def forward(self, images):
        x = images.reshape(-1, 784)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


class NeuralNetwork__sequential(nn.Sequential):
    def __init__(self):
        hidden = [nn.Linear(784, 512), nn.ReLU(inplace=True), nn.Linear(512, 512), nn.ReLU(inplace=True)]
        super().__init__(nn.Flatten(), *hidden, nn.Linear(512, 10))


class NeuralNetwork__own_parameters(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = (784, 512, 512, 10)
        self.parts = nn.ParameterList()
        for n, m in zip(sizes, sizes[1:]):
            self.parts.append(torch.randn(m, n) / n**0.5)
            self.parts.append(torch.zeros(m))

    def forward(self, images):
        w1, b1, w2, b2, w3, b3 = self.parts
        x = (images.flatten(1) @ w1.T + b1).clamp(min=0)
        x = (x @ w2.T + b2).clamp(min=0)
        return x @ w3.T + b3


@torch.inference_mode()
def predict__decorator(model, images):
    training = model.training
    logits = model.eval()(images)
    if training:
        model.train()
    return torch.softmax(logits, dim=-1), torch.argmax(logits, dim=-1)


def predict__each_module(model, images):
    modes = {module: module.training for module in model.modules()}
    model.train(False)
    try:
        with torch.no_grad():
            logits = model(images)
    finally:
        for module, mode in modes.items():
            module.training = mode
    return nn.Softmax(dim=1)(logits), logits.max(dim=1).indices


def count_parameters__filter(model, trainable_only=True):
    params = filter(lambda p: p.requires_grad, model.parameters()) if trainable_only else model.parameters()
    return sum(map(torch.numel, params))


def count_parameters__loop(model, trainable_only=True):
    total = 0
    for _, p in model.named_parameters():
        if trainable_only and not p.requires_grad:
            continue
        total += math.prod(p.shape)
    return total


def parameter_report__sizes(model):
    return [(name, p.size(), math.prod(p.size())) for name, p in model.named_parameters()]


def parameter_report__loop(model):
    rows = []
    for name, p in model.named_parameters():
        rows.append((name, tuple(p.shape), p.nelement()))
    return rows


class MLP__append(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList()
        for i in range(len(sizes) - 1):
            self.layers.append(nn.Linear(sizes[i], sizes[i + 1]))
        self.act = nn.ReLU()

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(x)
            if i < len(self.layers) - 1:
                x = self.act(x)
        return x


class MLP__sequential(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.Sequential(*(nn.Linear(n, m) for n, m in zip(sizes, sizes[1:])))

    def forward(self, x):
        x = self.layers[0](x)
        for i in range(1, len(self.layers)):
            x = self.layers[i](torch.relu(x))
        return x


class CenteredLayer__init(nn.Module):
    def __init__(self):
        super().__init__()

    def forward(self, x):
        return x - torch.mean(x)


class CenteredLayer__sum(nn.Module):
    def forward(self, x):
        return x.sub(x.sum() / x.numel())


class BatchCenter__assigns(nn.Module):
    def __init__(self, num_features, momentum=0.1):
        super().__init__()
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.m = momentum

    def forward(self, x):
        if self.training:
            mean = x.mean(0, keepdim=True)
            self.running_mean = (1 - self.m) * self.running_mean + self.m * mean.detach()[0]
        else:
            mean = self.running_mean
        return x - mean


class BatchCenter__no_grad(nn.Module):
    def __init__(self, num_features, momentum=0.1):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("running_mean", torch.zeros(num_features))

    def forward(self, x):
        center = x.sum(dim=0) / len(x) if self.training else self.running_mean
        if self.training:
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum)
                self.running_mean.add_(self.momentum * center)
        return x - center


class DropoutLayer__bernoulli(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if p < 0 or p >= 1:
            raise ValueError("p")
        self.keep = 1 - p

    def forward(self, x):
        if self.training:
            return x * torch.bernoulli(torch.full_like(x, self.keep)) / self.keep
        return x


class DropoutLayer__where(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if not (p >= 0 and p < 1):
            raise ValueError("a probability is needed")
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        dropped = torch.rand(x.shape, device=x.device) < self.p
        return torch.where(dropped, torch.zeros_like(x), x / (1 - self.p))


def forward_on_device__names(model, x, device):
    place = torch.device(device)
    model.to(place)
    inputs = x.to(device=place)
    return model(inputs)


def forward_on_device__of_the_model(model, x, device):
    model = model.to(device=device)
    inputs = torch.empty_like(x, device=device).copy_(x) if device == "cpu" else x.to(device)
    return model(inputs)
