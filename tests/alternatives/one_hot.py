"""Right answers to `katas/06_one_hot` written in other ways; all must pass."""

import functools
from dataclasses import dataclass

import torch
from torch import Tensor, nn


def _refuse(label: int, classes: int) -> None:
    raise ValueError(f"there are {classes} classes, so {label} is no label")


def _check(labels: Tensor, classes: int) -> None:
    if labels.numel() > 0:
        low, high = int(labels.min()), int(labels.max())
        if low < 0:
            _refuse(low, classes)
        if high >= classes:
            _refuse(high, classes)


def one_hot_label__plain_comparison(label: int, classes: int) -> Tensor:
    if not 0 <= label < classes:
        raise ValueError(f"label {label}, but there are only {classes} classes")
    vector = torch.zeros(classes, dtype=torch.float32)
    vector.scatter_(dim=0, index=torch.tensor([label]), value=1.0)
    return vector


def one_hot_label__index_without_dimensions(label: int, classes: int) -> Tensor:
    if label not in range(classes):
        _refuse(label, classes)
    return torch.zeros(classes).scatter_(0, torch.tensor(label), 1.0)


def one_hot_label__source_tensor(label: int, classes: int) -> Tensor:
    _check(torch.tensor(label), classes)
    return torch.zeros((classes,)).scatter_(-1, torch.tensor([label]), torch.ones(1))


def one_hot_label__integers_made_floats(label: int, classes: int) -> Tensor:
    if label < 0 or classes <= label:
        _refuse(label, classes)
    return torch.zeros(classes, dtype=torch.int64).scatter_(0, torch.tensor([label]), 1).float()


def one_hot_batch__ones_as_source(labels: Tensor, classes: int) -> Tensor:
    index = labels.long().view(-1, 1) if labels.is_contiguous() else labels.long().reshape(-1, 1)
    _check(index, classes)
    rows = torch.zeros(len(labels), classes, device=labels.device)
    rows.scatter_(1, index, torch.ones_like(index, dtype=rows.dtype))
    return rows


def one_hot_batch__transposed_matrix(labels: Tensor, classes: int) -> Tensor:
    _check(labels, classes)
    columns = torch.zeros((classes, labels.shape[0]), device=labels.device)
    return columns.scatter_(0, labels.to(torch.long)[None], 1).T


def one_hot_batch__flat_places(labels: Tensor, classes: int) -> Tensor:
    _check(labels, classes)
    n = labels.numel()
    places = torch.arange(n, device=labels.device) * classes + labels.long()
    return torch.zeros(n * classes, device=labels.device).scatter_(0, places, 1.0).view(n, classes)


def one_hot_batch__whole_list_in_the_message(labels: Tensor, classes: int) -> Tensor:
    index = labels.type(torch.int64)
    if not torch.all((0 <= index) & (index < classes)):
        raise ValueError(f"labels {index.tolist()} do not all fit {classes} classes")
    return torch.zeros(*labels.shape, classes, device=labels.device).scatter_(-1, index[..., None], 1)


def one_hot_along__last_then_moved(labels: Tensor, classes: int, dim: int) -> Tensor:
    _check(labels, classes)
    last = torch.zeros(*labels.shape, classes, device=labels.device)
    return last.scatter_(-1, labels.long().unsqueeze(-1), 1).movedim(-1, dim)


def one_hot_along__insert_into_the_shape(labels: Tensor, classes: int, dim: int) -> Tensor:
    _check(labels, classes)
    dim = dim if dim >= 0 else dim + labels.ndim + 1
    shape = [*labels.shape[:dim], classes, *labels.shape[dim:]]
    return torch.zeros(shape, device=labels.device).scatter_(dim, labels.unsqueeze(dim).long(), 1.0)


def one_hot_along__expanded_view_cloned(labels: Tensor, classes: int, dim: int) -> Tensor:
    _check(labels, classes)
    index = labels.long().unsqueeze(dim)
    zeros = torch.zeros_like(index, dtype=torch.float32).repeat_interleave(classes, dim=dim)
    return zeros.scatter_(dim, index, torch.ones_like(index, dtype=torch.float32))


def one_hot_along__flat_rows(labels: Tensor, classes: int, dim: int) -> Tensor:
    _check(labels, classes)
    rows = torch.zeros(labels.numel(), classes, device=labels.device)
    rows.scatter_(1, labels.reshape(-1, 1).long(), 1)
    return torch.movedim(rows.reshape(*labels.shape, classes), -1, dim)


class _Transform:
    def __init__(self, classes: int) -> None:
        self.classes = classes

    def __call__(self, label: int) -> Tensor:
        return one_hot_label__plain_comparison(label, self.classes)


@dataclass(frozen=True)
class _Frozen:
    classes: int

    def of(self, label: int) -> Tensor:
        return one_hot_label__index_without_dimensions(label, self.classes)


class _Layer(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.register_buffer("table", torch.zeros(classes, classes).fill_diagonal_(1))

    def forward(self, label: int) -> Tensor:
        if not 0 <= label < len(self.table):
            _refuse(label, len(self.table))
        return self.table[label].clone()


def _with_classes_first(classes: int, label: int) -> Tensor:
    return one_hot_label__source_tensor(label, classes)


def one_hot_transform__instance(classes: int):
    return _Transform(classes)


def one_hot_transform__method_of_a_dataclass(classes: int):
    return _Frozen(classes).of


def one_hot_transform__layer(classes: int):
    return _Layer(classes)


def one_hot_transform__partial_by_position(classes: int):
    return functools.partial(_with_classes_first, classes)


def smoothed_one_hot__mixed(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    return one_hot_batch__ones_as_source(labels, classes) * (1 - smoothing) + smoothing / classes


def smoothed_one_hot__lerp_to_uniform(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    rows = one_hot_batch__transposed_matrix(labels, classes).contiguous()
    return rows.lerp(torch.full_like(rows, 1 / classes), smoothing)


def smoothed_one_hot__added_on_top(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    _check(labels, classes)
    rows = torch.zeros(len(labels), classes, device=labels.device)
    rows.scatter_(1, labels.long()[:, None], 1 - smoothing)
    return rows.add_(smoothing / classes)


def smoothed_one_hot__scatter_reduced(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    _check(labels, classes)
    rows = labels.new_full((len(labels), classes), smoothing / classes, dtype=torch.float32)
    return rows.scatter_(1, labels.long().unsqueeze(-1), 1 - smoothing * (classes - 1) / classes)


def labels_from_one_hot__places_of_the_ones(one_hot: Tensor) -> Tensor:
    if ((one_hot == 1).sum(1) != 1).any() or ((one_hot != 0).sum(1) != 1).any():
        raise ValueError("not one-hot")
    return one_hot.nonzero()[:, 1]


def labels_from_one_hot__dot_product(one_hot: Tensor) -> Tensor:
    ones = (one_hot == 1).long()
    if not torch.equal(ones.to(one_hot.dtype), one_hot) or not (ones.sum(1) == 1).all():
        raise ValueError("each row needs one 1")
    return (ones * torch.arange(one_hot.shape[1], device=one_hot.device)).sum(dim=1)


def labels_from_one_hot__sorted_rows(one_hot: Tensor) -> Tensor:
    values, order = one_hot.double().sort(dim=1)
    if not (values[:, -1] == 1).all() or not (values[:, :-1] == 0).all():
        raise ValueError("each row must be zeros and one 1")
    return order[:, -1]


def add_counts__two_lines(counts: Tensor, labels: Tensor) -> Tensor:
    _check(labels, len(counts))
    counts.scatter_add_(0, labels.long(), torch.ones(len(labels), dtype=counts.dtype, device=counts.device))
    return counts


def add_counts__added_from_zeros(counts: Tensor, labels: Tensor) -> Tensor:
    _check(labels, counts.numel())
    new = torch.zeros_like(counts)
    new.scatter_add_(-1, labels.to(torch.int64), counts.new_ones(labels.shape))
    counts += new
    return counts


def add_counts__expanded_one(counts: Tensor, labels: Tensor) -> Tensor:
    _check(labels, counts.shape[0])
    one = torch.ones((), dtype=torch.int64, device=labels.device)
    return torch.Tensor.scatter_add_(counts, 0, labels.long(), one.expand(labels.shape))


def confusion_matrix__flat_view(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    _check(targets, classes)
    _check(predictions, classes)
    matrix = torch.zeros(classes, classes, dtype=torch.int64, device=targets.device)
    cells = targets.long().mul(classes).add(predictions)
    matrix.view(-1).scatter_add_(0, cells, torch.ones_like(cells))
    return matrix


def confusion_matrix__rows_of_one_hot(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    _check(torch.cat([targets.long(), predictions.long()]), classes)
    rows = one_hot_batch__ones_as_source(predictions, classes).long()
    matrix = rows.new_zeros(classes, classes)
    return matrix.scatter_add_(0, targets.long()[:, None].expand(-1, classes), rows)


def confusion_matrix__columns_first(targets: Tensor, predictions: Tensor, classes: int) -> Tensor:
    _check(predictions, classes)
    _check(targets, classes)
    cells = predictions.long() * classes + targets.long()
    flat = cells.new_zeros(classes**2)
    flat.scatter_add_(0, cells, cells.new_ones(cells.shape))
    return flat.unflatten(0, (classes, classes)).T


def target_probabilities__torch_gather(probabilities: Tensor, targets: Tensor) -> Tensor:
    _check(targets, probabilities.size(1))
    return torch.gather(probabilities, dim=1, index=targets.long().view(-1, 1).reshape(-1, 1))[:, 0]


def target_probabilities__transposed(probabilities: Tensor, targets: Tensor) -> Tensor:
    _check(targets, probabilities.size(-1))
    return probabilities.T.gather(0, targets.long()[None]).reshape(-1)


def target_probabilities__flat_places(probabilities: Tensor, targets: Tensor) -> Tensor:
    n, classes = probabilities.shape
    _check(targets, classes)
    places = torch.arange(n, device=targets.device) * classes + targets.long()
    return probabilities.flatten().gather(0, places)


def class_means__counted_by_a_column(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    _check(labels, classes)
    wide = torch.cat([x, torch.ones_like(labels, dtype=x.dtype).unsqueeze(1)], dim=1)
    index = labels.long().unsqueeze(1).repeat(1, wide.shape[1])
    sums = x.new_zeros(classes, wide.shape[1]).scatter_add_(0, index, wide)
    return sums[:, :-1] / sums[:, -1:].clamp(min=1)


def class_means__columns_of_the_transpose(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    _check(labels, classes)
    index = labels.long()
    sums = torch.zeros(x.shape[1], classes, dtype=x.dtype, device=x.device)
    sums.scatter_add_(1, index.expand(x.shape[1], -1), x.T)
    counts = torch.zeros(classes, dtype=torch.int64, device=x.device)
    counts.scatter_add_(0, index, torch.ones_like(index))
    return torch.where(counts > 0, sums / counts, 0).T.to(x.dtype)


def class_means__each_row_weighted_first(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    _check(labels, classes)
    index = labels.long()
    counts = x.new_zeros(classes).scatter_add_(0, index, x.new_ones(len(x)))
    shares = x / counts[index].unsqueeze(1)
    return torch.zeros_like(x[:1]).sum(0).repeat(classes, 1).scatter_add_(0, index[:, None].expand(x.shape), shares)
