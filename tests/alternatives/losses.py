"""Right losses, written in other ways than the reference."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def mse_loss__power(prediction, target):
    if prediction.size() != target.size():
        raise ValueError("prediction and target differ in shape")
    return torch.mean((target - prediction) ** 2)


def mse_loss__dot(prediction, target):
    if tuple(prediction.shape) != tuple(target.shape):
        raise ValueError
    difference = (prediction - target).flatten()
    return difference @ difference / difference.numel()


def mse_loss__loop(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes")
    pairs = zip(prediction.reshape(-1), target.reshape(-1), strict=True)
    return sum((p - t) * (p - t) for p, t in pairs) / target.numel()


def reduce_losses__dict(losses, reduction="mean"):
    try:
        return {"mean": torch.mean, "sum": torch.sum, "none": lambda x: x}[reduction](losses)
    except KeyError:
        raise ValueError(f"no such reduction: {reduction}") from None


def reduce_losses__match(losses, reduction="mean"):
    match reduction:
        case "mean":
            return losses.sum() / losses.numel()
        case "sum":
            return losses.flatten().sum(0)
        case "none":
            return losses
    raise ValueError(reduction)


def weighted_mean__dot(losses, weights):
    if losses.shape != weights.shape:
        raise ValueError("shapes")
    return weights @ losses / weights.sum()


def weighted_mean__normalised(losses, weights):
    if losses.size() != weights.size():
        raise ValueError("shapes")
    return torch.einsum("n,n->", weights / weights.sum(), losses)


def weighted_mean__ratio_of_means(losses, weights):
    if losses.shape != weights.shape:
        raise ValueError("shapes")
    return (losses * weights).mean() / weights.mean()


def average_loss__running(batch_losses, batch_sizes):
    if len(batch_losses) != len(batch_sizes):
        raise ValueError("a size for each loss")
    total, seen = 0.0, 0
    for i, loss in enumerate(batch_losses):
        total += batch_sizes[i] * loss
        seen += batch_sizes[i]
    return total / seen


def average_loss__tensors(batch_losses, batch_sizes):
    if len(batch_losses) != len(batch_sizes):
        raise ValueError("a size for each loss")
    sizes = torch.tensor(batch_sizes, dtype=torch.float32)
    return (torch.tensor(batch_losses) @ (sizes / sizes.sum())).item()


def average_loss__running_mean(batch_losses, batch_sizes):
    mean, seen = 0.0, 0
    for loss, size in zip(batch_losses, batch_sizes, strict=True):
        seen += size
        mean += (loss - mean) * size / seen
    return mean


def logsumexp__pairs(x, dim):
    parts = x.unbind(dim)
    result = parts[0].clone()
    for part in parts[1:]:
        result = torch.logaddexp(result, part)
    return result


def logsumexp__masked_maximum(x, dim):
    top = x.detach().max(dim, keepdim=True).values
    top = torch.where(top.isinf(), torch.zeros_like(top), top)
    return torch.log(torch.exp(x - top).sum(dim)) + top.squeeze(dim)


def logsumexp__keepdim(x, dim):
    m = x.amax(dim, keepdim=True)
    m = m.masked_fill(m == -math.inf, 0)
    return (m + (x - m).exp().sum(dim, keepdim=True).log()).squeeze(dim)


def log_softmax__torch_logsumexp(x, dim):
    return x - torch.logsumexp(x, dim, keepdim=True)


def log_softmax__slices(x, dim):
    return torch.stack([part - torch.logsumexp(x, dim) for part in x.unbind(dim)], dim)


def log_softmax__detached_maximum(x, dim):
    z = x - x.detach().max(dim, keepdim=True)[0]
    return z.sub(torch.log(torch.exp(z).sum(dim)).unsqueeze(dim))


def nll_loss__index(log_probabilities, target):
    rows = torch.arange(len(target), device=target.device)
    return -log_probabilities[rows, target].mean()


def nll_loss__mask(log_probabilities, target):
    mask = F.one_hot(target, log_probabilities.shape[1]).bool()
    return -log_probabilities[mask].sum() / len(target)


def nll_loss__loop(log_probabilities, target):
    return torch.stack([-row[k] for row, k in zip(log_probabilities, target.tolist(), strict=True)]).mean()


def nll_loss__where(log_probabilities, target):
    y = F.one_hot(target, log_probabilities.shape[1])
    zero = torch.zeros((), dtype=log_probabilities.dtype, device=log_probabilities.device)
    return torch.where(y == 1, -log_probabilities, zero).sum(dim=1).mean()


def cross_entropy__logsumexp(logits, target):
    return (torch.logsumexp(logits, dim=1) - logits.gather(1, target[:, None])[:, 0]).mean()


def cross_entropy__torch_pieces(logits, target):
    return F.nll_loss(F.log_softmax(logits, dim=1), target)


def cross_entropy__module_pieces(logits, target):
    return nn.NLLLoss()(nn.LogSoftmax(dim=1)(logits), target)


def cross_entropy__by_hand(logits, target):
    z = logits - logits.amax(dim=1, keepdim=True)
    right = z[torch.arange(len(z), device=z.device), target]
    return (z.exp().sum(dim=1).log() - right).sum() / len(z)


def cross_entropy__one_hot(logits, target):
    y = F.one_hot(target, logits.shape[1]).to(logits.dtype)
    return -(y * logits.log_softmax(-1)).sum() / len(y)


def cross_entropy_with_probabilities__einsum(logits, probabilities):
    return -torch.einsum("nk,nk->n", probabilities, logits.log_softmax(dim=1)).mean()


def cross_entropy_with_probabilities__logsumexp(logits, probabilities):
    losses = torch.logsumexp(logits, dim=1) - (probabilities * logits).sum(dim=1)
    return losses.mean()


def cross_entropy_with_probabilities__sum_over_n(logits, probabilities):
    z = logits - logits.amax(dim=1, keepdim=True)
    log_p = z - z.exp().sum(dim=1, keepdim=True).log()
    return (probabilities * log_p).sum() / -len(logits)


def smoothed_labels__scatter(target, num_classes, label_smoothing):
    share = label_smoothing / num_classes
    rows = torch.full((len(target), num_classes), share, device=target.device)
    return rows.scatter_(1, target[:, None], 1 - label_smoothing + share)


def smoothed_labels__comparison(target, num_classes, label_smoothing):
    y = (target[:, None] == torch.arange(num_classes, device=target.device)).float()
    return y * (1 - label_smoothing) + label_smoothing / num_classes


def smoothed_labels__lerp(target, num_classes, label_smoothing):
    y = torch.eye(num_classes, device=target.device)[target]
    return torch.lerp(y, torch.full_like(y, 1 / num_classes), label_smoothing)


def binary_cross_entropy_with_logits__softplus(logits, target):
    if logits.shape != target.shape:
        raise ValueError("shapes")
    return (F.softplus(logits) - logits * target).mean()


def binary_cross_entropy_with_logits__logaddexp(logits, target):
    if logits.shape != target.shape:
        raise ValueError("shapes")
    zero = torch.zeros_like(logits)
    return (target * torch.logaddexp(zero, -logits) + (1 - target) * torch.logaddexp(zero, logits)).mean()


def binary_cross_entropy_with_logits__two_classes(logits, target):
    if logits.shape != target.shape:
        raise ValueError("shapes")
    log_no, log_yes = torch.stack([torch.zeros_like(logits), logits]).log_softmax(dim=0)
    return -torch.where(target == 1, log_yes, torch.lerp(log_no, log_yes, target)).mean()


def binary_cross_entropy_with_logits__smooth_at_zero(logits, target):
    if logits.size() != target.size():
        raise ValueError("shapes")
    m = (-logits).clamp(min=0)
    losses = (1 - target) * logits + m + ((-m).exp() + (-logits - m).exp()).log()
    return losses.sum() / losses.numel()
