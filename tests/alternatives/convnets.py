"""Right answers to the convnets kata, written another way; each must be green."""

import copy
import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn


def conv_output_size__counts(size, kernel, stride=1, padding=0, dilation=1):
    starts = range(0, size + 2 * padding - dilation * (kernel - 1), stride)
    if not starts:
        raise ValueError("the kernel does not fit")
    return len(starts)


def conv_output_size__floor(size, kernel, stride=1, padding=0, dilation=1):
    found = math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1)
    if size + 2 * padding <= dilation * (kernel - 1):
        raise ValueError(f"{kernel} > {size}")
    return found


def conv2d__loop_over_places(x, weight, bias, stride=1, padding=0):
    kh, kw = weight.shape[2:]
    x = F.pad(x, [padding] * 4)
    rows = []
    for i in range(0, x.shape[2] - kh + 1, stride):
        row = []
        for j in range(0, x.shape[3] - kw + 1, stride):
            window = x[:, None, :, i : i + kh, j : j + kw]  # (n, 1, c, kh, kw)
            row.append((window * weight).sum(dim=(2, 3, 4)) + bias)
        rows.append(torch.stack(row, dim=-1))
    return torch.stack(rows, dim=-2)


def conv2d__loop_over_the_kernel(x, weight, bias, stride=1, padding=0):
    n, c, h, w = x.shape
    out, _, kh, kw = weight.shape
    padded = x.new_zeros(n, c, h + 2 * padding, w + 2 * padding)
    padded[:, :, padding : padding + h, padding : padding + w] = x
    oh, ow = (h + 2 * padding - kh) // stride + 1, (w + 2 * padding - kw) // stride + 1
    y = bias.reshape(1, out, 1, 1).expand(n, out, oh, ow)
    for a in range(kh):
        for b in range(kw):
            part = padded[:, :, a : a + (oh - 1) * stride + 1 : stride, b : b + (ow - 1) * stride + 1 : stride]
            y = y + (part.permute(0, 2, 3, 1) @ weight[:, :, a, b].T).permute(0, 3, 1, 2)
    return y


def conv2d__columns(x, weight, bias, stride=1, padding=0):
    out, c, kh, kw = weight.shape
    windows = F.pad(x, (padding,) * 4).unfold(2, kh, stride).unfold(3, kw, stride)
    n, _, oh, ow = windows.shape[:4]
    columns = windows.permute(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, c * kh * kw)
    return (columns @ weight.reshape(out, -1).T + bias).reshape(n, oh, ow, out).movedim(-1, 1)


def max_pool2d__loop(x, kernel_size, stride=None, padding=0):
    stride = stride or kernel_size
    n, c, h, w = x.shape
    rows = []
    for top in range(-padding, h + padding - kernel_size + 1, stride):
        row = []
        for left in range(-padding, w + padding - kernel_size + 1, stride):
            window = x[:, :, max(top, 0) : top + kernel_size, max(left, 0) : left + kernel_size]
            row.append(window.flatten(2).max(dim=2).values)
        rows.append(torch.stack(row, dim=2))
    return torch.stack(rows, dim=2)


def max_pool2d__largest_of_shifted(x, kernel_size, stride=None, padding=0):
    step = kernel_size if stride is None else stride
    x = F.pad(x, (padding,) * 4, value=torch.finfo(x.dtype).min)
    height, width = (side - kernel_size for side in x.shape[2:])
    shifted = [
        x[:, :, a : a + height + 1 : step, b : b + width + 1 : step]
        for a in range(kernel_size)
        for b in range(kernel_size)
    ]
    return torch.stack(shifted).max(dim=0).values


class LeNet5__layers(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=(5, 5))
        self.conv2 = nn.Conv2d(6, 16, kernel_size=(5, 5))
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = torch.relu(F.max_pool2d(self.conv1(x), 2))  # the same as a ReLU before the pooling
        x = torch.relu(F.max_pool2d(self.conv2(x), 2))
        x = x.view(x.size(0), -1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


class LeNet5__sequential(nn.Sequential):
    def __init__(self):
        layers = []
        for inputs, outputs in pairwise((1, 6, 16)):
            layers += [nn.Conv2d(inputs, outputs, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2)]
        layers.append(nn.Flatten())
        for inputs, outputs in pairwise((400, 120, 84)):
            layers += [nn.Linear(inputs, outputs), nn.ReLU(inplace=True)]
        super().__init__(*layers, nn.Linear(84, 10))

    def forward(self, x):
        return super().forward(x)


class BottleneckNet__layers(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1_1 = nn.Conv2d(1, 32, 5, padding=2)
        self.prelu1_1 = nn.PReLU()
        self.conv1_2 = nn.Conv2d(32, 32, 5, padding=2)
        self.prelu1_2 = nn.PReLU()
        self.conv2_1 = nn.Conv2d(32, 64, 5, padding=2)
        self.prelu2_1 = nn.PReLU()
        self.conv2_2 = nn.Conv2d(64, 64, 5, padding=2)
        self.prelu2_2 = nn.PReLU()
        self.conv3_1 = nn.Conv2d(64, 128, 5, padding=2)
        self.prelu3_1 = nn.PReLU()
        self.conv3_2 = nn.Conv2d(128, 128, 5, padding=2)
        self.prelu3_2 = nn.PReLU()
        self.ip1 = nn.Linear(128 * 3 * 3, 2)
        self.prelu4 = nn.PReLU()
        self.ip2 = nn.Linear(2, 10, bias=False)

    def forward(self, x):
        x = F.max_pool2d(self.prelu1_2(self.conv1_2(self.prelu1_1(self.conv1_1(x)))), 2)
        x = F.max_pool2d(self.prelu2_2(self.conv2_2(self.prelu2_1(self.conv2_1(x)))), 2)
        x = F.max_pool2d(self.prelu3_2(self.conv3_2(self.prelu3_1(self.conv3_1(x)))), 2)
        features = self.prelu4(self.ip1(x.view(-1, 128 * 3 * 3)))
        return features, F.log_softmax(self.ip2(features), dim=1)


class BottleneckNet__same_padding(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = (1, 32, 32, 64, 64, 128, 128)
        self.steps = nn.ModuleList()
        for i, (inputs, outputs) in enumerate(pairwise(sizes)):
            pool = nn.MaxPool2d(2) if i % 2 else nn.Identity()
            conv = nn.Conv2d(inputs, outputs, (5, 5), padding="same")
            self.steps.append(nn.Sequential(conv, nn.PReLU(1), pool))
        self.bottleneck = nn.Sequential(nn.Flatten(), nn.Linear(1152, 2), nn.PReLU(1))
        self.weight = nn.Parameter(torch.randn(10, 2))

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        features = self.bottleneck(x)
        logits = features @ self.weight.T
        return features, logits - logits.logsumexp(dim=1, keepdim=True)


def count_features__modes_put_back(part, shape):
    modes = {module: module.training for module in part.modules()}
    device = next(iter(part.parameters()), torch.empty(0)).device
    part.eval()
    with torch.no_grad():
        out = part(torch.randn(1, *shape, device=device))
    for module, mode in modes.items():
        module.training = mode
    return out[0].numel()


def count_features__product_of_the_shape(part, shape):
    twin = copy.deepcopy(part).eval()
    sample = torch.ones(shape)
    for p in part.parameters():
        sample = sample.to(p.device)
    return math.prod(twin(sample.unsqueeze(0)).flatten(1).shape)


def load_backbone__opens_the_file(build, weights=None):
    model = build()
    model.eval()
    if weights is None:
        return model
    with open(weights, "rb") as file:
        state = torch.load(file, map_location=torch.device("cpu"), weights_only=True)
    model.load_state_dict(state, strict=True)
    return model


def load_backbone__reads_first(build, weights=None):
    state = weights and torch.load(str(weights), map_location=lambda storage, place: storage, weights_only=True)
    model = build(weights=None)
    if state:
        model.load_state_dict(state)
    return model.train(False)


def freeze_backbone__modules(module):
    module.requires_grad_(False)
    module.zero_grad(set_to_none=True)
    for each in module.modules():
        each.training = False
    return module


def freeze_backbone__names(module):
    module.eval()
    for _, p in module.named_parameters():
        p.grad, p.requires_grad = None, False
    return module


def replace_head__to(model, classes):
    width = model.fc.weight.shape[1]
    head = nn.Linear(width, classes)
    setattr(model, "fc", head.to(model.fc.weight.device, model.fc.weight.dtype))
    return model


def replace_head__to_like(model, classes):
    old = model.fc
    model.fc = nn.Linear(old.in_features, classes, bias=True).to(old.weight)
    model.fc.train(old.training)
    return model


def fine_tune_step__chosen_inputs(model, images, labels, lr):
    for module in model.modules():
        module.training = False
    trainable = [p for _, p in model.named_parameters() if p.requires_grad]
    for p in trainable:
        p.grad = None
    loss = F.nll_loss(F.log_softmax(model(images), dim=-1), labels)
    loss.backward(inputs=trainable)
    for p in trainable:
        with torch.no_grad():
            p.copy_(p - lr * p.grad)
    return float(loss)


def fine_tune_step__backward(model, images, labels, lr):
    model.train(False)
    log_probabilities = model(images).log_softmax(1)
    loss = -log_probabilities[torch.arange(len(labels), device=labels.device), labels].mean()
    for p in model.parameters():
        p.grad = None
    loss.backward()
    for p in model.parameters():
        if p.grad is not None:
            p.data.sub_(p.grad, alpha=lr)
    return loss.item()
