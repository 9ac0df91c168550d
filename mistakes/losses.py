"""Wrong losses that people really write; each docstring is what the learner is told."""

import math

import torch
import torch.nn.functional as F


def _same_shape(left, right):
    if left.shape != right.shape:
        raise ValueError("the shapes differ")


# mse_loss


def mse_loss__broadcasts(prediction, target):
    """Without a look at the shapes, (n, 1) minus (n,) is an n × n matrix of wrong differences; raise ValueError."""
    return (prediction - target).square().mean()


def mse_loss__only_counts_elements(prediction, target):
    """(n, 1) and (n,) have equally many elements, and their difference is n × n all the same; compare the shapes."""
    if prediction.numel() != target.numel():
        raise ValueError("the sizes differ")
    return (prediction - target).square().mean()


def mse_loss__sum(prediction, target):
    """The squares are added up and not averaged; divide by the number of elements."""
    _same_shape(prediction, target)
    return (prediction - target).square().sum()


def mse_loss__half(prediction, target):
    """There is a factor 1/2, as in some textbooks; the mean squared error of PyTorch has none."""
    _same_shape(prediction, target)
    return (prediction - target).square().mean() / 2


def mse_loss__root(prediction, target):
    """This is the root of the mean squared error; leave the square root out."""
    _same_shape(prediction, target)
    return (prediction - target).square().mean().sqrt()


def mse_loss__absolute(prediction, target):
    """This averages the absolute differences, the L1 loss; square them."""
    _same_shape(prediction, target)
    return (prediction - target).abs().mean()


def mse_loss__square_of_the_mean(prediction, target):
    """The mean comes before the square, so errors of +1 and -1 cancel; square each difference first."""
    _same_shape(prediction, target)
    return (prediction - target).mean().square()


def mse_loss__divides_by_the_rows(prediction, target):
    """The sum is divided by the length of the first dimension only; the mean is over all elements."""
    _same_shape(prediction, target)
    rows = len(prediction) if prediction.ndim else 1
    return (prediction - target).square().sum() / rows


def mse_loss__expanded(prediction, target):
    """p² - 2pt + t² takes large numbers from each other and loses the digits that count; square p - t."""
    _same_shape(prediction, target)
    return (prediction.square() - 2 * prediction * target + target.square()).mean()


def mse_loss__python_number(prediction, target):
    """The result is a Python number or made from one, so no gradient can flow back; stay with tensors."""
    _same_shape(prediction, target)
    value = (prediction - target).square().mean().item()
    return torch.tensor(value, dtype=prediction.dtype, device=prediction.device)


def mse_loss__torch(prediction, target):
    """This calls torch's own loss; the rule asks you to build it."""
    _same_shape(prediction, target)
    return F.mse_loss(prediction, target)


# reduce_losses


def reduce_losses__sum_by_default(losses, reduction="sum"):
    """Without a word this adds up; the default is the mean."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(reduction)
    return losses if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()


def reduce_losses__any_word_is_the_mean(losses, reduction="mean"):
    """A word that is not known gives the mean in silence, so nobody sees a slip of the pen; raise ValueError."""
    return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()


def reduce_losses__key_error(losses, reduction="mean"):
    """The look-up in a dict raises KeyError for an unknown word; here it is ValueError."""
    return {"none": lambda: losses, "mean": losses.mean, "sum": losses.sum}[reduction]()


def reduce_losses__ignores_case(losses, reduction="mean"):
    """ "Mean" is taken for "mean"; only the three words as they are written are known."""
    reduction = reduction.lower() if reduction != "None" else reduction
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(reduction)
    return losses if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()


def reduce_losses__any_method(losses, reduction="mean"):
    """Every method of a tensor is taken for a reduction, "max" and "prod" too; only the three words are known."""
    if reduction == "none":
        return losses
    try:
        return getattr(losses, reduction)()
    except (AttributeError, RuntimeError, TypeError) as error:
        raise ValueError(reduction) from error


def reduce_losses__beginning_of_the_word(losses, reduction="mean"):
    """Only the beginning of the word is compared, so "means" passes for "mean"; compare the whole word."""
    for word, value in (("none", losses), ("mean", losses.mean()), ("sum", losses.sum())):
        if reduction.startswith(word):
            return value
    raise ValueError(reduction)


def reduce_losses__first_dimension_only(losses, reduction="mean"):
    """Only the first dimension is reduced, and a vector remains; mean and sum run over all elements."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(reduction)
    if reduction == "none" or losses.ndim == 0:
        return losses if reduction == "none" else losses.clone()
    return losses.mean(dim=0) if reduction == "mean" else losses.sum(dim=0)


def reduce_losses__divides_by_the_rows(losses, reduction="mean"):
    """The mean divides by the length of the first dimension; it is to divide by the number of all elements."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(reduction)
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / (len(losses) if losses.ndim else 1)


def reduce_losses__none_is_a_copy(losses, reduction="mean"):
    """For "none" this makes a copy; there is nothing to do, so return `losses` itself."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(reduction)
    return losses.clone() if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()


def reduce_losses__none_is_flat(losses, reduction="mean"):
    """For "none" the losses lose their shape; return `losses` as they are."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(reduction)
    return losses.flatten() if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()


def reduce_losses__python_number(losses, reduction="mean"):
    """`item()` gives a Python number, from which no gradient flows back; return a tensor without dimensions."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(reduction)
    return losses if reduction == "none" else (losses.mean() if reduction == "mean" else losses.sum()).item()


# weighted_mean


def weighted_mean__divides_by_n(losses, weights):
    """The weighted losses are divided by n; divide by the sum of the weights."""
    _same_shape(losses, weights)
    return (weights * losses).mean()


def weighted_mean__counts_positive_weights(losses, weights):
    """This divides by the number of weights that are not 0, which is right for weights of 0 and 1 only."""
    _same_shape(losses, weights)
    return (weights * losses).sum() / (weights > 0).sum()


def weighted_mean__weighted_sum(losses, weights):
    """The weighted losses are only added up; divide by the sum of the weights."""
    _same_shape(losses, weights)
    return (weights * losses).sum()


def weighted_mean__ignores_the_weights(losses, weights):
    """This is the plain mean; each loss is to count by its weight."""
    _same_shape(losses, weights)
    return losses.mean()


def weighted_mean__averages_twice(losses, weights):
    """The weights sum to 1 already, and then the mean divides by n once more; add up instead."""
    _same_shape(losses, weights)
    return (weights / weights.sum() * losses).mean()


def weighted_mean__softmax_of_the_weights(losses, weights):
    """The weights go through a softmax, so a weight of 0 still counts; divide them by their sum."""
    _same_shape(losses, weights)
    return (weights.softmax(dim=0) * losses).sum()


def weighted_mean__drops_zero_weights_only(losses, weights):
    """Samples of weight 0 are left out, and the others all count the same; multiply by the weights."""
    _same_shape(losses, weights)
    return losses[weights > 0].mean()


def weighted_mean__sum_kept_from_zero(losses, weights):
    """The sum of the weights is held above 1e-12, so small weights count too little; it is positive as it is."""
    _same_shape(losses, weights)
    return (weights * losses).sum() / weights.sum().clamp(min=1e-12)


def weighted_mean__broadcasts(losses, weights):
    """(n,) times (n, 1) is an n × n matrix; compare the shapes and raise ValueError."""
    return (weights * losses).sum() / weights.sum()


def weighted_mean__only_counts_elements(losses, weights):
    """(n,) and (n, 1) have equally many elements, and their product is n × n all the same; compare the shapes."""
    if losses.numel() != weights.numel():
        raise ValueError("the sizes differ")
    return (weights * losses).sum() / weights.sum()


def weighted_mean__detached(losses, weights):
    """`detach` cuts the loss off from the graph, so that no gradient flows back; leave it out."""
    _same_shape(losses, weights)
    return (weights * losses.detach()).sum() / weights.sum()


# average_loss


def average_loss__mean_of_means(batch_losses, batch_sizes):
    """Every batch counts the same, so the samples of a short last batch count more; weight each batch by its size."""
    if len(batch_losses) != len(batch_sizes):
        raise ValueError("the lists differ in length")
    return sum(batch_losses) / len(batch_losses)


def average_loss__cuts_the_longer_list(batch_losses, batch_sizes):
    """`zip` stops at the end of the shorter list, and the rest is forgotten; look up `strict`."""
    return sum(loss * n for loss, n in zip(batch_losses, batch_sizes)) / sum(batch_sizes)


def average_loss__divides_by_the_batches(batch_losses, batch_sizes):
    """The total loss is divided by the number of batches; divide by the number of samples."""
    return sum(loss * n for loss, n in zip(batch_losses, batch_sizes, strict=True)) / len(batch_losses)


def average_loss__means_over_samples(batch_losses, batch_sizes):
    """The means are divided by the number of samples; first multiply each mean by its batch size."""
    if len(batch_losses) != len(batch_sizes):
        raise ValueError("the lists differ in length")
    return sum(batch_losses) / sum(batch_sizes)


def average_loss__all_batches_are_full(batch_losses, batch_sizes):
    """Every batch is taken to be as large as the first, but the last may be short; add up the true sizes."""
    if len(batch_losses) != len(batch_sizes):
        raise ValueError("the lists differ in length")
    total = sum(loss * n for loss, n in zip(batch_losses, batch_sizes))
    return total / (batch_sizes[0] * len(batch_sizes))


def average_loss__forgets_the_last_batch(batch_losses, batch_sizes):
    """The last batch is left out because it is short; its samples count like all others."""
    pairs = list(zip(batch_losses, batch_sizes, strict=True))
    pairs = pairs[:-1] or pairs
    return sum(loss * n for loss, n in pairs) / sum(n for _, n in pairs)


def average_loss__floor(batch_losses, batch_sizes):
    """`//` cuts off the fraction; use `/`."""
    return float(sum(loss * n for loss, n in zip(batch_losses, batch_sizes, strict=True)) // sum(batch_sizes))


def average_loss__only_lists(batch_losses, batch_sizes):
    """Only lists have `copy`; any sequence may come, a tuple too, so make a list of it where one is needed."""
    left, sizes, total = batch_losses.copy(), batch_sizes.copy(), 0.0
    if len(left) != len(sizes):
        raise ValueError("the lists differ in length")
    while left:
        total += left.pop() * sizes.pop()
    return total / sum(batch_sizes)


def average_loss__tensor(batch_losses, batch_sizes):
    """The result is a tensor; a Python float is asked for."""
    if len(batch_losses) != len(batch_sizes):
        raise ValueError("the lists differ in length")
    losses, sizes = torch.tensor(batch_losses), torch.tensor(batch_sizes)
    return (losses * sizes).sum() / sizes.sum()


# logsumexp


def logsumexp__as_it_is_written(x, dim):
    """exp of a large number is infinite, and of a very negative one 0; take the largest number out of the sum first."""
    return x.exp().sum(dim).log()


def logsumexp__one_maximum_for_all(x, dim):
    """One maximum for the whole tensor is no help to a row that lies far below it; take the maximum along `dim`."""
    top = x.max().clamp(min=torch.finfo(x.dtype).min)
    return (x - top).exp().sum(dim).log() + top


def logsumexp__forgets_to_add(x, dim):
    """The maximum is taken out and never added again; the result is too small by it."""
    top = x.amax(dim, keepdim=True).clamp(min=torch.finfo(x.dtype).min)
    return (x - top).exp().sum(dim).log()


def logsumexp__adds_before_the_log(x, dim):
    """The maximum is added to the sum inside the logarithm; add it to the logarithm."""
    top = x.amax(dim, keepdim=True).clamp(min=torch.finfo(x.dtype).min)
    return ((x - top).exp().sum(dim) + top.squeeze(dim)).log()


def logsumexp__only_the_maximum(x, dim):
    """This is the maximum, which is near but not equal; the other entries add something too."""
    return x.amax(dim)


def logsumexp__nan_for_minus_infinity(x, dim):
    """If all entries are -inf, then so is the maximum, and -inf minus -inf is nan; take a finite number out instead."""
    top = x.amax(dim, keepdim=True)
    return (x - top).exp().sum(dim).log() + top.squeeze(dim)


def logsumexp__clamped(x, dim):
    """The numbers are cut off so that exp stays finite, and large ones give a wrong result; shift them instead."""
    return x.clamp(-80, 80).exp().sum(dim).log()


def logsumexp__largest_clamped(x, dim):
    """The maximum is cut off at -100,000, and what lies far below it gives -inf; only -inf itself needs that."""
    top = x.amax(dim, keepdim=True).clamp(min=-1e5)
    return (x - top).exp().sum(dim).log() + top.squeeze(dim)


def logsumexp__keeps_the_dimension(x, dim):
    """The dimension stays with size 1; here it goes."""
    top = x.amax(dim, keepdim=True).clamp(min=torch.finfo(x.dtype).min)
    return (x - top).exp().sum(dim, keepdim=True).log() + top


def logsumexp__last_dimension(x, dim):
    """The sum always runs along the last dimension; use `dim`."""
    top = x.amax(-1, keepdim=True).clamp(min=torch.finfo(x.dtype).min)
    return (x - top).exp().sum(-1).log() + top.squeeze(-1)


def logsumexp__mean(x, dim):
    """This takes the mean of the exponentials, which is too small by log n; take the sum."""
    top = x.amax(dim, keepdim=True).clamp(min=torch.finfo(x.dtype).min)
    return (x - top).exp().mean(dim).log() + top.squeeze(dim)


def logsumexp__no_graph(x, dim):
    """Under `no_grad` nothing is recorded, so no gradient flows back; leave it out."""
    with torch.no_grad():
        top = x.amax(dim, keepdim=True).clamp(min=torch.finfo(x.dtype).min)
        return (x - top).exp().sum(dim).log() + top.squeeze(dim)


def logsumexp__torch(x, dim):
    """This calls torch's own function; the rule asks you to build it."""
    return torch.logsumexp(x, dim)


# log_softmax


def log_softmax__log_of_softmax(x, dim):
    """The softmax of a number far below the largest is 0, and its logarithm -inf; don't compute the softmax at all."""
    return x.softmax(dim).log()


def log_softmax__softmax_plus_epsilon(x, dim):
    """A small number added to the softmax hides the -inf, and the result is wrong; don't compute the softmax at all."""
    return (x.softmax(dim) + 1e-9).log()


def log_softmax__softmax_only(x, dim):
    """This is the softmax; its logarithm is asked for."""
    return x.softmax(dim)


def log_softmax__no_shift(x, dim):
    """exp of a large number is infinite; take the largest number along `dim` away first."""
    return x - x.exp().sum(dim, keepdim=True).log()


def log_softmax__one_maximum_for_all(x, dim):
    """One maximum for the whole tensor is no help to a row that lies far below it; take the maximum along `dim`."""
    shifted = x - x.max()
    return shifted - shifted.exp().sum(dim, keepdim=True).log()


def log_softmax__over_everything(x, dim):
    """The sum runs over the whole tensor; it is to run along `dim` only."""
    return x - torch.logsumexp(x.flatten(), 0)


def log_softmax__last_dimension(x, dim):
    """This always works along the last dimension; use `dim`."""
    return x - torch.logsumexp(x, -1, keepdim=True)


def log_softmax__lost_dimension(x, dim):
    """The dimension that was summed is gone, so the difference broadcasts along a wrong one; keep it with size 1."""
    return x - torch.logsumexp(x, dim)


def log_softmax__only_shifted(x, dim):
    """Only the maximum is taken away; subtract the logarithm of the sum of the exponentials too."""
    return x - x.amax(dim, keepdim=True)


def log_softmax__sign(x, dim):
    """The sign is wrong: the logarithm of a probability is never positive."""
    return torch.logsumexp(x, dim, keepdim=True) - x


def log_softmax__finite_minus_infinity(x, dim):
    """-inf is replaced by a large negative number; an impossible class stays impossible, at -inf."""
    return torch.nan_to_num(x - torch.logsumexp(x, dim, keepdim=True))


def log_softmax__constant_normaliser(x, dim):
    """The normaliser is detached, so a part of the gradient is missing; leave it in the graph."""
    shifted = x - x.amax(dim, keepdim=True)
    return shifted - shifted.exp().sum(dim, keepdim=True).log().detach()


def log_softmax__torch(x, dim):
    """This calls torch's own function; the rule asks you to build it."""
    return torch.log_softmax(x, dim)


# nll_loss


def nll_loss__no_minus(log_probabilities, target):
    """The sign is wrong, so training would make the right class less likely; put a minus before the mean."""
    return log_probabilities.gather(1, target[:, None]).mean()


def nll_loss__sum(log_probabilities, target):
    """The losses are added up; take their mean over the batch."""
    return -log_probabilities.gather(1, target[:, None]).sum()


def nll_loss__log_again(log_probabilities, target):
    """The input holds logarithms already, and this takes the logarithm once more; leave it out."""
    return -log_probabilities.log().gather(1, target[:, None]).mean()


def nll_loss__log_softmax_again(log_probabilities, target):
    """The input holds log-probabilities already, and this normalises it once more; just pick the entries."""
    return -log_probabilities.log_softmax(dim=1).gather(1, target[:, None]).mean()


def nll_loss__probabilities(log_probabilities, target):
    """This averages the probabilities themselves; the loss is made from their logarithms."""
    return -log_probabilities.exp().gather(1, target[:, None]).mean()


def nll_loss__columns(log_probabilities, target):
    """`x[:, target]` takes those columns of every row, n × n entries; take one entry of each row."""
    return -log_probabilities[:, target].mean()


def nll_loss__rows(log_probabilities, target):
    """`x[target]` takes whole rows; the classes are columns."""
    return -log_probabilities[target].mean()


def nll_loss__times_one_hot(log_probabilities, target):
    """Zero times -inf is nan, so an impossible other class spoils the loss; pick the entries instead of multiplying."""
    y = F.one_hot(target, log_probabilities.shape[1])
    return -(y * log_probabilities).sum(dim=1).mean()


def nll_loss__infinity_taken_out(log_probabilities, target):
    """-inf is replaced before the product with one-hot rows, but zero times nan is nan too; pick the entries."""
    y = F.one_hot(target, log_probabilities.shape[1])
    return -(log_probabilities.masked_fill(log_probabilities == -math.inf, 0) * y).sum(dim=1).mean()


def nll_loss__mean_over_classes(log_probabilities, target):
    """The sum is divided by n · c, but only n entries were picked; divide by n."""
    return -log_probabilities.gather(1, target[:, None]).mean() / log_probabilities.shape[1]


def nll_loss__largest_entry(log_probabilities, target):
    """This looks at the most likely class; look at the right one, which `target` names."""
    return -log_probabilities.amax(dim=1).mean()


def nll_loss__data(log_probabilities, target):
    """`.data` is cut off from the graph, so no gradient flows back; use the tensor itself."""
    return -log_probabilities.data.gather(1, target[:, None]).mean()


def nll_loss__torch(log_probabilities, target):
    """This calls torch's own loss; the rule asks you to build it."""
    return F.nll_loss(log_probabilities, target)


# cross_entropy


def _nll(log_probabilities, target):
    return -log_probabilities.gather(1, target[:, None]).mean()


def cross_entropy__softmax_first(logits, target):
    """The logits go through a softmax before the log-softmax: twice is once too often, and the model learns slowly."""
    return _nll(logits.softmax(dim=1).log_softmax(dim=1), target)


def cross_entropy__log_of_softmax(logits, target):
    """The softmax of a small logit is 0, and its logarithm -inf; use the log-softmax."""
    return _nll(logits.softmax(dim=1).log(), target)


def cross_entropy__softmax_plus_epsilon(logits, target):
    """A small number added to the softmax caps the loss and kills the gradient; use the log-softmax."""
    return _nll((logits.softmax(dim=1) + 1e-8).log(), target)


def cross_entropy__clamped_softmax(logits, target):
    """A clamped softmax has no gradient where the model is most wrong; use the log-softmax."""
    return _nll(logits.softmax(dim=1).clamp(min=1e-7).log(), target)


def cross_entropy__probabilities(logits, target):
    """The softmax is not a log-probability; take the log-softmax before you pick the entries."""
    return _nll(logits.softmax(dim=1), target)


def cross_entropy__no_softmax(logits, target):
    """Logits are no log-probabilities yet: they are not normalised; take the log-softmax first."""
    return _nll(logits, target)


def cross_entropy__no_shift(logits, target):
    """exp of a large logit is infinite; take the largest logit of each row away first."""
    return _nll(logits - logits.exp().sum(dim=1, keepdim=True).log(), target)


def cross_entropy__softmax_over_the_batch(logits, target):
    """The softmax runs along dimension 0, over the samples; it is to run over the classes."""
    return _nll(logits.log_softmax(dim=0), target)


def cross_entropy__sum(logits, target):
    """The losses are added up; take their mean over the batch."""
    return _nll(logits.log_softmax(dim=1), target) * len(target)


def cross_entropy__mean_over_classes(logits, target):
    """The sum is divided by n · c; divide by the number of samples, n."""
    return _nll(logits.log_softmax(dim=1), target) / logits.shape[1]


def cross_entropy__base_two(logits, target):
    """This is in bits, with the logarithm to base 2; the natural logarithm is asked for."""
    return _nll(logits.log_softmax(dim=1), target) / math.log(2)


def cross_entropy__columns(logits, target):
    """`x[:, target]` takes those columns of every row, n × n entries; take one entry of each row."""
    return -logits.log_softmax(dim=1)[:, target].mean()


def cross_entropy__no_graph(logits, target):
    """`detach` cuts the loss off from the graph, so that no gradient flows back; leave it out."""
    return _nll(logits.detach().log_softmax(dim=1), target)


def cross_entropy__torch(logits, target):
    """This calls torch's own loss; the rule asks you to build it."""
    return F.cross_entropy(logits, target)


# cross_entropy_with_probabilities


def cross_entropy_with_probabilities__mean_over_everything(logits, probabilities):
    """`mean()` divides by n · c; sum over the classes first and take the mean over the samples only."""
    return -(probabilities * logits.log_softmax(dim=1)).mean()


def cross_entropy_with_probabilities__sum(logits, probabilities):
    """The losses of the samples are added up; take their mean."""
    return -(probabilities * logits.log_softmax(dim=1)).sum()


def cross_entropy_with_probabilities__softmax_first(logits, probabilities):
    """The logits go through a softmax before the log-softmax: twice is once too often."""
    return -(probabilities * logits.softmax(dim=1).log_softmax(dim=1)).sum(dim=1).mean()


def cross_entropy_with_probabilities__log_of_softmax(logits, probabilities):
    """The softmax of a small logit is 0, and its logarithm -inf; use the log-softmax."""
    return -(probabilities * logits.softmax(dim=1).log()).sum(dim=1).mean()


def cross_entropy_with_probabilities__most_likely_class(logits, probabilities):
    """The target is cut down to its most likely class; every class counts with its probability."""
    return _nll(logits.log_softmax(dim=1), probabilities.argmax(dim=1))


def cross_entropy_with_probabilities__softmax_over_the_batch(logits, probabilities):
    """The softmax runs along dimension 0, over the samples; it is to run over the classes."""
    return -(probabilities * logits.log_softmax(dim=0)).sum(dim=1).mean()


def cross_entropy_with_probabilities__softmax_of_the_target(logits, probabilities):
    """The target holds probabilities already, and this puts them through a softmax; use them as they are."""
    return -(probabilities.softmax(dim=1) * logits.log_softmax(dim=1)).sum(dim=1).mean()


def cross_entropy_with_probabilities__divergence(logits, probabilities):
    """This is the Kullback-Leibler divergence: the entropy of the target is subtracted; leave it out."""
    entropy = -(probabilities * probabilities.clamp(min=1e-30).log()).sum(dim=1)
    return (-(probabilities * logits.log_softmax(dim=1)).sum(dim=1) - entropy).mean()


def cross_entropy_with_probabilities__exchanged(logits, probabilities):
    """The two are exchanged: this is -Σ softmax · log q, and log q is -inf at 0; the logarithm belongs to the model."""
    return -(logits.softmax(dim=1) * probabilities.log()).sum(dim=1).mean()


def cross_entropy_with_probabilities__detached(logits, probabilities):
    """`detach` cuts the loss off from the graph, so that no gradient flows back; leave it out."""
    return -(probabilities * logits.detach().log_softmax(dim=1)).sum(dim=1).mean()


def cross_entropy_with_probabilities__torch(logits, probabilities):
    """This calls torch's own loss; the rule asks you to build it."""
    return F.cross_entropy(logits, probabilities)


# smoothed_labels


def _one_hot(target, num_classes):
    return F.one_hot(target, num_classes).float()


def smoothed_labels__only_the_others(target, num_classes, label_smoothing):
    """The share is spread over the other classes only, s / (c - 1); spread it over all c, the right one too."""
    y = _one_hot(target, num_classes)
    return (1 - label_smoothing) * y + label_smoothing / max(num_classes - 1, 1) * (1 - y)


def smoothed_labels__right_class_too_small(target, num_classes, label_smoothing):
    """The right class gets 1 - s and no share of s, so a row sums to less than 1; add s / c everywhere."""
    y = _one_hot(target, num_classes)
    return (1 - label_smoothing) * y + label_smoothing / num_classes * (1 - y)


def smoothed_labels__right_class_too_large(target, num_classes, label_smoothing):
    """The 1 of the right class is not made smaller, so a row sums to more than 1; multiply it by 1 - s."""
    return _one_hot(target, num_classes) + label_smoothing / num_classes


def smoothed_labels__not_divided(target, num_classes, label_smoothing):
    """Every class gets all of s; divide it by the number of classes."""
    return (1 - label_smoothing) * _one_hot(target, num_classes) + label_smoothing


def smoothed_labels__exchanged(target, num_classes, label_smoothing):
    """s and 1 - s are exchanged: with s = 0 the rows must be one-hot."""
    return label_smoothing * _one_hot(target, num_classes) + (1 - label_smoothing) / num_classes


def smoothed_labels__counts_the_classes(target, num_classes, label_smoothing):
    """The number of classes is read from the batch, and a batch may lack the last ones; use `num_classes`."""
    found = int(target.max()) + 1 if len(target) else num_classes
    return (1 - label_smoothing) * _one_hot(target, found) + label_smoothing / found


def smoothed_labels__no_smoothing(target, num_classes, label_smoothing):
    """The rows are plain one-hot; spread the share s over all classes."""
    return _one_hot(target, num_classes)


def smoothed_labels__float64(target, num_classes, label_smoothing):
    """The result is float64, which does not fit float32 logits; float32 is asked for."""
    return (1 - label_smoothing) * _one_hot(target, num_classes).double() + label_smoothing / num_classes


def smoothed_labels__over_the_batch(target, num_classes, label_smoothing):
    """The share is divided by the number of samples; divide it by the number of classes."""
    return (1 - label_smoothing) * _one_hot(target, num_classes) + label_smoothing / max(len(target), 1)


# binary_cross_entropy_with_logits


def _logistic(logits, target):
    return target * F.softplus(-logits) + (1 - target) * F.softplus(logits)


def binary_cross_entropy_with_logits__log_of_sigmoid(logits, target):
    """σ of a large logit is exactly 0 or 1, the logarithm of 0 is -inf, and 0 times -inf nan; use log σ in one step."""
    _same_shape(logits, target)
    p = logits.sigmoid()
    return -(target * p.log() + (1 - target) * (1 - p).log()).mean()


def binary_cross_entropy_with_logits__clamped_sigmoid(logits, target):
    """`binary_cross_entropy` cuts the logarithm off at -100, and the gradient with it; start from the logits."""
    _same_shape(logits, target)
    return F.binary_cross_entropy(logits.sigmoid(), target)


def binary_cross_entropy_with_logits__epsilon(logits, target):
    """A small number inside the logarithm caps the loss and kills the gradient; start from the logits."""
    _same_shape(logits, target)
    p = logits.sigmoid()
    return -(target * (p + 1e-7).log() + (1 - target) * (1 - p + 1e-7).log()).mean()


def binary_cross_entropy_with_logits__overflow(logits, target):
    """log(1 + exp(z)) is right on paper, but exp of a large logit is infinite; use exp(-|z|), which never is."""
    _same_shape(logits, target)
    return (torch.log1p(logits.exp()) - logits * target).mean()


def binary_cross_entropy_with_logits__sigmoid_first(logits, target):
    """The logits go through a sigmoid before the loss, which has one already: twice is once too often."""
    _same_shape(logits, target)
    return _logistic(logits.sigmoid(), target).mean()


def binary_cross_entropy_with_logits__only_the_ones(logits, target):
    """Only y · log σ(z) counts, so a model that always says yes has no loss; add the term with 1 - y."""
    _same_shape(logits, target)
    return (target * F.softplus(-logits)).mean()


def binary_cross_entropy_with_logits__exchanged(logits, target):
    """The two classes are exchanged: a large logit means y = 1."""
    _same_shape(logits, target)
    return _logistic(-logits, target).mean()


def binary_cross_entropy_with_logits__hard_target(logits, target):
    """A target between 0 and 1 is rounded; it counts in both terms."""
    _same_shape(logits, target)
    return _logistic(logits, target.round()).mean()


def binary_cross_entropy_with_logits__sum(logits, target):
    """The losses are added up; take their mean over all elements."""
    _same_shape(logits, target)
    return _logistic(logits, target).sum()


def binary_cross_entropy_with_logits__divides_by_the_rows(logits, target):
    """The sum is divided by the length of the first dimension only; the mean is over all elements."""
    _same_shape(logits, target)
    return _logistic(logits, target).sum() / (len(logits) if logits.ndim else 1)


def binary_cross_entropy_with_logits__broadcasts(logits, target):
    """Without a look at the shapes, (n, 1) against (n,) is an n × n matrix of wrong pairs; raise ValueError."""
    return _logistic(logits, target).mean()


def binary_cross_entropy_with_logits__kink_at_zero(logits, target):
    """max(z, 0) and |z| have a kink at 0, where autograd takes a wrong slope, and the gradient is off by 1/2."""
    _same_shape(logits, target)
    return (logits.clamp(min=0) - logits * target + torch.log1p((-logits.abs()).exp())).mean()


def binary_cross_entropy_with_logits__straight_too_early(logits, target):
    """With `threshold=10` softplus(z) is z from 10 on: a loss of 4.5e-5 becomes 0; it is not straight yet there."""
    _same_shape(logits, target)
    return (F.softplus(logits, threshold=10) - logits * target).mean()


def binary_cross_entropy_with_logits__where_hides_the_overflow(logits, target):
    """`where` hides the infinite branch from the loss but not from the gradient: 0 times inf is nan; avoid the inf."""
    _same_shape(logits, target)
    softplus = torch.where(logits > 0, logits + torch.log1p((-logits).exp()), torch.log1p(logits.exp()))
    return (softplus - logits * target).mean()


def binary_cross_entropy_with_logits__no_graph(logits, target):
    """Under `no_grad` nothing is recorded, so no gradient flows back; leave it out."""
    _same_shape(logits, target)
    with torch.no_grad():
        return _logistic(logits, target).mean()


def binary_cross_entropy_with_logits__torch(logits, target):
    """This calls torch's own loss; the rule asks you to build it."""
    _same_shape(logits, target)
    return F.binary_cross_entropy_with_logits(logits, target)


EQUIVALENT = {
    "average_loss": {
        "total = sum((loss * size for loss, size in zip(batch_sizes, batch_losses, strict=True)))": "the same products",
    },
}
