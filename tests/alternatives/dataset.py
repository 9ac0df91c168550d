"""Right answers to `katas/07_dataset` written in other ways; all must pass."""

import collections
import csv
import functools
import itertools
import random
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, Subset, random_split


def image_to_tensor__scaled_in_numpy(image) -> Tensor:
    pixels = np.asarray(image)
    if pixels.dtype != np.uint8 or pixels.ndim not in {2, 3}:
        raise ValueError("not an image")
    pixels = np.atleast_3d(pixels).astype(np.float32) / np.float32(255)
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))


def image_to_tensor__by_einsum(image) -> Tensor:
    pixels = torch.tensor(np.asarray(image).copy())
    if pixels.dtype is not torch.uint8 or not 2 <= pixels.ndim <= 3:
        raise ValueError("not an image")
    if pixels.ndim == 2:
        return pixels.unsqueeze(0).div(255)
    return torch.einsum("hwc->chw", pixels).div(255).contiguous()


def normalize__one_channel_at_a_time(image, mean, std) -> Tensor:
    channels = image.unbind(-3)
    if len(mean) != len(channels) or len(std) != len(channels) or not all(s > 0 for s in std):
        raise ValueError("one mean and one positive std for each channel")
    return torch.stack([(channel - m) / s for channel, m, s in zip(channels, mean, std)], -3)


def normalize__by_views(image, mean, std) -> Tensor:
    for numbers in (mean, std):
        if len(numbers) != image.size(-3):
            raise ValueError("one number for each channel")
    if any(s <= 0 for s in std):
        raise ValueError("std must be positive")
    options = {"dtype": image.dtype, "device": image.device}
    return image.sub(torch.tensor(mean, **options).view(-1, 1, 1)).div(torch.tensor(std, **options).view(-1, 1, 1))


def normalize__channels_last(image, mean, std) -> Tensor:
    if image.shape[-3] != len(mean) or image.shape[-3] != len(std) or min(std) <= 0:
        raise ValueError("mean and std do not fit the image")
    last = image.movedim(-3, -1)
    return ((last - image.new_tensor(mean)) / image.new_tensor(std)).movedim(-1, -3)


class Compose__reduced:
    def __init__(self, transforms):
        self.steps = tuple(transforms)

    def __call__(self, x):
        return functools.reduce(lambda value, step: step(value), self.steps, x)


class Compose__nested:
    def __init__(self, transforms):
        first, *rest = [*transforms] or [None]
        self.first = first
        self.rest = Compose__nested(rest) if rest else None

    def __call__(self, x):
        x = x if self.first is None else self.first(x)
        return x if self.rest is None else self.rest(x)


class CsvImageDataset__plain_reader(Dataset):
    def __init__(self, annotations, folder, transform=None, target_transform=None):
        self.paths, self.labels = [], []
        self.image_of, self.label_of = transform, target_transform
        with Path(annotations).open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            header = next(lines, [])
            missing = {"file", "label"} - set(header)
            if missing:
                raise ValueError(f"missing column: {', '.join(sorted(missing))} in {annotations}")
            for cells in lines:
                if cells:
                    self._add(dict(zip(header, cells)), Path(folder), f"line {lines.line_num} of {annotations}")
        if not self.paths:
            raise ValueError(f"no samples in {annotations}")

    def _add(self, row, folder, place):
        name, label = row.get("file", ""), row.get("label", "")
        try:
            number = int(label)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from error
        if name == "":
            raise ValueError(f"{place}: no file name")
        self.paths.append(folder / name)
        self.labels.append(number)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        from PIL import Image, UnidentifiedImageError

        path = self.paths[index]
        try:
            image = np.asarray(Image.open(path))
        except (UnidentifiedImageError, SyntaxError) as error:
            raise ValueError(f"no image: {path.name}") from error
        except OSError as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise ValueError(f"broken image: {path.name}") from error
        label = self.labels[index]
        if self.image_of is not None:
            image = self.image_of(image)
        if self.label_of is not None:
            label = self.label_of(label)
        return image, label


class CsvImageDataset__checks_the_index(Dataset):
    def __init__(self, annotations, folder, transform=None, target_transform=None):
        self.folder = str(folder)
        self.transforms = [transform, target_transform]
        text = Path(annotations).read_text(encoding="utf-8")
        table = list(csv.reader(text.splitlines()))
        for column in ("label", "file"):
            if not table or column not in table[0]:
                raise ValueError(f"{annotations}: column {column} is missing")
        where = [table[0].index(column) for column in ("file", "label")]
        self.rows = []
        for number, cells in enumerate(table[1:], start=2):
            if not cells:
                continue
            try:
                row = cells[where[0]], int(cells[where[1]])
            except (IndexError, ValueError):
                row = "", 0
            if not row[0]:
                raise ValueError(f"line {number} is bad: {cells}")
            self.rows.append(row)
        if len(self.rows) == 0:
            raise ValueError("there is no sample")

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        from PIL import Image

        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} is out of range for {len(self)} samples")
        name, label = self.rows[index % len(self)]
        path = Path(self.folder, name)
        if not path.is_file():
            raise FileNotFoundError(path)
        try:
            with Image.open(path) as picture:
                picture.load()
                sample = [np.array(picture), label]
        except Exception as error:
            raise ValueError(f"can't read {path}") from error
        return tuple(part if change is None else change(part) for change, part in zip(self.transforms, sample))


def preview__islice(kind, root, count, train=True, download=False, transform=None, target_transform=None) -> tuple:
    options = {"train": train, "download": download, "transform": transform, "target_transform": target_transform}
    dataset = kind(root=root, **options)
    return len(dataset), dataset.classes, [dataset[i] for i in itertools.islice(range(len(dataset)), count)]


def preview__subset(kind, root, count, train=True, download=False, transform=None, target_transform=None) -> tuple:
    dataset = kind(download=download, target_transform=target_transform, transform=transform, train=train, root=root)
    part = Subset(dataset, range(len(dataset))[:count])
    return len(dataset), dataset.classes, [part[i] for i in range(len(part))]


def preview__iterated(kind, root, count, train=True, download=False, transform=None, target_transform=None) -> tuple:
    dataset = kind(root=root, train=train, download=download, transform=transform, target_transform=target_transform)
    samples = []
    for number, sample in enumerate(dataset):
        if number == count:
            break
        samples.append(sample)
    return len(dataset), dataset.classes, samples


def batch_indices__filled_one_by_one(sampler, batch_size, drop_last=False) -> list:
    if batch_size <= 0:
        raise ValueError("batch_size must be positive")
    batches, batch = [], []
    for index in sampler:
        batch.append(index)
        if len(batch) == batch_size:
            batches.append(batch)
            batch = []
    return batches if drop_last or not batch else [*batches, batch]


def batch_indices__islice(sampler, batch_size, drop_last=False) -> list:
    if batch_size < 1:
        raise ValueError("batch_size must be positive")
    indices = iter(sampler)
    batches = list(iter(lambda: list(itertools.islice(indices, batch_size)), []))
    if drop_last and batches and len(batches[-1]) < batch_size:
        del batches[-1]
    return batches


def one_epoch__comprehension(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    if shuffle and sampler is not None:
        raise ValueError("shuffle and sampler exclude each other")
    order = "sampler" if sampler is not None else "shuffle"
    options = {order: sampler if sampler is not None else shuffle, "drop_last": drop_last}
    return [(images, labels) for images, labels in DataLoader(dataset, batch_size=batch_size, **options)]


def one_epoch__batch_sampler(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    if shuffle and sampler is not None:
        raise ValueError("shuffle and sampler exclude each other")
    if shuffle:
        sampler = RandomSampler(dataset)
    elif sampler is None:
        sampler = range(len(dataset))
    return list(DataLoader(dataset, batch_sampler=BatchSampler(sampler, batch_size, drop_last)))


def shuffled_epochs__random_sampler(dataset, batch_size, epochs, seed) -> list:
    generator = torch.Generator()
    generator.manual_seed(seed)
    loader = DataLoader(
        dataset, batch_size=batch_size, sampler=RandomSampler(dataset, generator=generator), generator=generator
    )
    return [[batch for batch in loader] for _ in range(epochs)]


def shuffled_epochs__permutations_first(dataset, batch_size, epochs, seed) -> list:
    generator = torch.Generator().manual_seed(seed)
    orders = [torch.randperm(len(dataset), generator=generator).tolist() for _ in range(epochs)]
    return [list(DataLoader(dataset, batch_size, sampler=order, generator=generator)) for order in orders]


def shuffled_epochs__by_hand(dataset, batch_size, epochs, seed) -> list:
    state = random.Random(seed)
    result = []
    for _ in range(epochs):
        order = state.sample(range(len(dataset)), len(dataset))
        groups = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
        samples = [[dataset[i] for i in group] for group in groups]
        result.append([(torch.stack([x for x, _ in group]), torch.tensor([y for _, y in group])) for group in samples])
    return result


def worker_loader__options_for_workers(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    options = {}
    if num_workers:
        options = {"timeout": timeout, "persistent_workers": True, "worker_init_fn": worker_init_fn}
    pinned = device.split(":")[0] == "cuda"
    return DataLoader(dataset, batch_size=batch_size, num_workers=num_workers, pin_memory=pinned, **options)


def worker_loader__batch_sampler(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    batches = BatchSampler(range(len(dataset)), batch_size, drop_last=False)
    with_workers = bool(num_workers)
    return DataLoader(
        dataset,
        batch_sampler=batches,
        num_workers=num_workers,
        timeout=timeout * with_workers,
        persistent_workers=with_workers,
        worker_init_fn=worker_init_fn and (lambda worker_id: worker_init_fn(worker_id)),
        pin_memory="cuda" in device,
    )


def first_pictures__indexed_channel(loader) -> tuple:
    for images, labels in loader:
        return images[:, 0], labels
    raise ValueError("no batch")


def first_pictures__viewed(loader) -> list:
    batch = next(iter(loader))
    return [batch[0].select(1, 0), batch[1]]


def balanced_weights__compared_with_all(labels: Tensor) -> Tensor:
    same = labels[:, None] == labels
    return same.sum(1).float().reciprocal()


def balanced_weights__unique(labels: Tensor) -> Tensor:
    _, where, counts = labels.unique(return_inverse=True, return_counts=True)
    return counts[where].float() ** -1


def pad_collate__written_into_full(samples, padding=0) -> tuple:
    lengths = torch.tensor([len(tokens) for tokens, _ in samples])
    batch = torch.full((len(samples), int(lengths.max())), padding)
    for row, (tokens, _) in zip(batch, samples):
        row[: len(tokens)] = torch.tensor(tokens, dtype=torch.long)
    return batch, lengths, torch.tensor([label for _, label in samples])


def pad_collate__lists_filled_up(samples, padding=0) -> tuple:
    tokens, labels = zip(*samples)
    lengths = list(map(len, tokens))
    rows = [row + [padding] * (max(lengths) - len(row)) for row in tokens]
    return tuple(torch.tensor(each, dtype=torch.int64) for each in (rows, lengths, labels))


def split_indices__random_split(size, parts, seed) -> list:
    if sum(parts) != size:
        raise ValueError("the sizes do not add up")
    if size <= 1:  # `random_split` would take the sizes for fractions
        return [list(range(count)) for count in parts]
    return [list(part.indices) for part in random_split(range(size), parts, torch.Generator().manual_seed(seed))]


def split_indices__python_random(size, parts, seed) -> list:
    if sum(parts) != size:
        raise ValueError("the parts must add up to the size")
    waiting = collections.deque(random.Random(seed).sample(range(size), size))
    return [sorted(waiting.popleft() for _ in range(count)) for count in parts]


class TransformedSubset__resolved_index(Dataset):
    def __init__(self, dataset, indices, transform=None):
        self.whole, self.where, self.change = dataset, tuple(indices), transform

    def __len__(self):
        return len(self.where)

    def __getitem__(self, index):
        if index < -len(self) or index >= len(self):
            raise IndexError(f"index {index} of {len(self)}")
        image, label = self.whole[self.where[index + len(self) * (index < 0)]]
        if self.change is not None:
            image = self.change(image)
        return image, label


class TransformedSubset__around_a_subset(Dataset):
    def __init__(self, dataset, indices, transform=None):
        self.part, self.transform = Subset(dataset, indices), transform

    def __len__(self):
        return len(self.part)

    def __getitem__(self, index):
        image, label = self.part[index]
        return (image if self.transform is None else self.transform(image)), label
