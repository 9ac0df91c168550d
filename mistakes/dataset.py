"""Wrong answers that people really write for `katas/07_dataset`; each docstring says what is wrong."""

import csv
import random
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import BatchSampler, DataLoader, Dataset, random_split

_LIST = "a list has no memory to share"

EQUIVALENT = {
    "image_to_tensor": {
        "return torch.tensor(pixels).permute(2, 0, 1).float() / 255": "a second copy has the same values",
    },
    "CsvImageDataset": {
        "with open(annotations, encoding='utf-8') as file:": "only line ends inside a cell make a difference",
        "with open(annotations, newline='') as file:": "UTF-8 is the default on most machines",
    },
    "preview": {
        "return (len(dataset), dataset.classes, [dataset[i] for i in range(min(len(dataset), count))])": "the same min",
    },
    "batch_indices": {"if batch_size < 0:": "`range` raises ValueError for a step of 0 by itself"},
    "pad_collate": {
        "rows = [torch.as_tensor(tokens, dtype=torch.int64) for tokens, _ in samples]": _LIST,
        "lengths = torch.as_tensor([len(row) for row in rows])": _LIST,
        "labels = torch.as_tensor([label for _, label in samples])": _LIST,
    },
}

# image_to_tensor


def _pixels(image):
    pixels = np.array(image, order="C")
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3):
        raise ValueError("no image")
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def image_to_tensor__channels_last(image) -> Tensor:
    """The channels stay last, as in the array; a tensor has them first: (c, h, w)."""
    return torch.from_numpy(_pixels(image)).float() / 255


def image_to_tensor__reshaped(image) -> Tensor:
    """`reshape` gives the right shape and mixes up the pixels; dimensions are moved with `permute`."""
    pixels = _pixels(image)
    height, width, channels = pixels.shape
    return torch.from_numpy(pixels).reshape(channels, height, width).float() / 255


def image_to_tensor__width_before_height(image) -> Tensor:
    """Height and width are exchanged, as a transpose of all dimensions does; height comes before width."""
    return torch.from_numpy(_pixels(image)).permute(2, 1, 0).float() / 255


def image_to_tensor__not_scaled(image) -> Tensor:
    """The numbers are still 0..255; they should be 0..1."""
    return torch.from_numpy(_pixels(image)).permute(2, 0, 1).float()


def image_to_tensor__divided_by_256(image) -> Tensor:
    """The largest pixel is 255, not 256: white becomes 0.996 and not 1."""
    return torch.from_numpy(_pixels(image)).permute(2, 0, 1).float() / 256


def image_to_tensor__divided_by_the_largest(image) -> Tensor:
    """Each image is divided by its own brightest pixel; 255 is what becomes 1, also in a dark image."""
    values = torch.from_numpy(_pixels(image)).permute(2, 0, 1).float()
    return values / values.max() if values.numel() and values.max() > 0 else values


def image_to_tensor__float64(image) -> Tensor:
    """NumPy's division gives float64; the tensor should be float32."""
    return torch.from_numpy(_pixels(image) / 255).permute(2, 0, 1)


def image_to_tensor__integer_division(image) -> Tensor:
    """`//` leaves only 0 and 1; make floats first, then divide with `/`."""
    return (torch.from_numpy(_pixels(image)) // 255).permute(2, 0, 1).float()


def image_to_tensor__grey_without_channel(image) -> Tensor:
    """A grey image comes back as (h, w); it has one channel: (1, h, w)."""
    values = torch.from_numpy(_pixels(image)).permute(2, 0, 1).float() / 255
    return values[0] if np.ndim(image) == 2 else values


def image_to_tensor__mirrored_fails(image) -> Tensor:
    """`torch.from_numpy` takes no array with negative strides, such as a mirrored image; copy it first."""
    pixels = np.asarray(image)
    _pixels(pixels)
    values = torch.from_numpy(pixels)
    return (values[None] if values.ndim == 2 else values.permute(2, 0, 1)).float() / 255


def image_to_tensor__takes_any_dtype(image) -> Tensor:
    """Floats and int64 are divided by 255 as well; an array that is not uint8 should raise ValueError."""
    pixels = np.array(image, order="C")
    if pixels.ndim not in (2, 3):
        raise ValueError("no image")
    return torch.from_numpy(pixels[:, :, None] if pixels.ndim == 2 else pixels).permute(2, 0, 1).float() / 255


def image_to_tensor__any_unsigned_dtype(image) -> Tensor:
    """`dtype.kind == "u"` lets uint16 through, whose white is 65535; ask for `np.uint8`."""
    pixels = np.array(image, order="C")
    if pixels.dtype.kind != "u" or pixels.ndim not in (2, 3):
        raise ValueError("no image")
    values = torch.from_numpy((pixels[:, :, None] if pixels.ndim == 2 else pixels).astype(np.float32))
    return values.permute(2, 0, 1) / 255


def image_to_tensor__any_single_byte(image) -> Tensor:
    """Booleans and int8 have one byte each too, and go through; ask for `np.uint8`."""
    pixels = np.array(image, order="C")
    if pixels.itemsize != 1 or pixels.ndim not in (2, 3):
        raise ValueError("no image")
    return torch.from_numpy(pixels[:, :, None] if pixels.ndim == 2 else pixels).permute(2, 0, 1).float() / 255


def image_to_tensor__castable(image) -> Tensor:
    """Booleans can be cast to uint8 and go through, True as 1/255; only uint8 itself is an image."""
    pixels = np.array(image, order="C")
    if not np.can_cast(pixels.dtype, np.uint8) or pixels.ndim not in (2, 3):
        raise ValueError("no image")
    return torch.from_numpy(pixels[:, :, None] if pixels.ndim == 2 else pixels).permute(2, 0, 1).float() / 255


def image_to_tensor__pixel_by_pixel(image) -> Tensor:
    """Each pixel is visited by a Python loop; `permute` and a division treat all of them at once."""
    pixels = _pixels(image)
    values = torch.zeros(pixels.shape[2], *pixels.shape[:2])
    for y, x, c in np.ndindex(pixels.shape):
        values[c, y, x] = float(pixels[y, x, c]) / 255
    return values


# normalize


def _refuse(image, mean, std):
    if not len(mean) == len(std) == image.shape[-3] or min(std) <= 0:
        raise ValueError("a mean and a positive std for each channel")


def normalize__along_the_width(image, mean, std) -> Tensor:
    """Means of shape (c,) line up with the last dimension, the width; they need the shape (c, 1, 1)."""
    _refuse(image, mean, std)
    return (image - image.new_tensor(mean)) / image.new_tensor(std)


def normalize__first_channel_for_all(image, mean, std) -> Tensor:
    """The first mean and std are used for every channel; each channel has its own."""
    _refuse(image, mean, std)
    return (image - mean[0]) / std[0]


def normalize__mean_divided_too_late(image, mean, std) -> Tensor:
    """This is x / std - mean; subtract the mean first, then divide."""
    _refuse(image, mean, std)
    return image / image.new_tensor(std)[:, None, None] - image.new_tensor(mean)[:, None, None]


def normalize__multiplied(image, mean, std) -> Tensor:
    """This multiplies by std; to normalise is to divide by it."""
    _refuse(image, mean, std)
    return (image - image.new_tensor(mean)[:, None, None]) * image.new_tensor(std)[:, None, None]


def normalize__mean_and_std_exchanged(image, mean, std) -> Tensor:
    """Mean and std have changed places: std is subtracted."""
    _refuse(image, mean, std)
    shift, scale = image.new_tensor(std)[:, None, None], image.new_tensor(mean)[:, None, None]
    return (image - shift) / scale


def normalize__by_the_variance(image, mean, std) -> Tensor:
    """It is divided by std squared, the variance; divide by std."""
    _refuse(image, mean, std)
    return (image - image.new_tensor(mean)[:, None, None]) / image.new_tensor(std)[:, None, None] ** 2


def normalize__own_statistics(image, mean, std) -> Tensor:
    """The image's own mean and std are used; the given ones are to be used, the same for all images."""
    _refuse(image, mean, std)
    return (image - image.mean((-1, -2), keepdim=True)) / (image.std((-1, -2), keepdim=True, correction=0) + 1e-6)


def normalize__in_place(image, mean, std) -> Tensor:
    """`sub_` and `div_` change the image that was given; return a new tensor."""
    _refuse(image, mean, std)
    return image.sub_(image.new_tensor(mean)[:, None, None]).div_(image.new_tensor(std)[:, None, None])


def normalize__float32(image, mean, std) -> Tensor:
    """A float64 image comes back as float32; the dtype of the image stays."""
    _refuse(image, mean, std)
    image = image.float()
    return (image - image.new_tensor(mean)[:, None, None]) / image.new_tensor(std)[:, None, None]


def normalize__first_dimension_is_the_channel(image, mean, std) -> Tensor:
    """Dimension 0 is taken for the channels, but in a batch that is the image; count from the end: -3."""
    if not len(mean) == len(std) == image.shape[-3] or min(std) <= 0:
        raise ValueError("a mean and a positive std for each channel")
    shape = [-1] + [1] * (image.ndim - 1)
    return (image - image.new_tensor(mean).reshape(shape)) / image.new_tensor(std).reshape(shape)


def normalize__second_dimension_of_a_batch(image, mean, std) -> Tensor:
    """Dimension 1 is taken for the channels of each batch, which is right with four dimensions only; take -3."""
    dim = 0 if image.ndim == 3 else 1
    if not len(mean) == len(std) == image.shape[dim] or min(std) <= 0:
        raise ValueError("a mean and a positive std for each channel")
    shape = [1] * image.ndim
    shape[dim] = -1
    return (image - image.new_tensor(mean).reshape(shape)) / image.new_tensor(std).reshape(shape)


def normalize__compared_with_each_other(image, mean, std) -> Tensor:
    """One mean and one std for three channels spread over all of them in silence; compare with `image.shape[-3]`."""
    if len(mean) != len(std) or min(std) <= 0:
        raise ValueError("a positive std for each mean")
    return (image - image.new_tensor(mean)[:, None, None]) / image.new_tensor(std)[:, None, None]


def normalize__one_mean_for_all(image, mean, std) -> Tensor:
    """A single mean is spread over all channels without a word; there should be one for each, or ValueError."""
    channels = image.shape[-3]
    if len(mean) not in (1, channels) or len(std) != channels or min(std) <= 0:
        raise ValueError("a mean and a positive std for each channel")
    return (image - image.new_tensor(mean)[:, None, None]) / image.new_tensor(std)[:, None, None]


def normalize__takes_any_std(image, mean, std) -> Tensor:
    """A std of zero gives inf and nan without a word; a std that is not positive should raise ValueError."""
    if not len(mean) == len(std) == image.shape[-3]:
        raise ValueError("a mean and a std for each channel")
    return (image - image.new_tensor(mean)[:, None, None]) / image.new_tensor(std)[:, None, None]


def normalize__mean_and_std_in_float32(image, mean, std) -> Tensor:
    """Mean and std become float32 tensors, so that a float64 image loses digits; give them the dtype of the image."""
    _refuse(image, mean, std)
    shift, scale = (torch.tensor(each, dtype=torch.float32, device=image.device)[:, None, None] for each in (mean, std))
    return ((image - shift) / scale).to(image.dtype)


# Compose


class Compose__last_first:
    """The last transform is applied first; `Compose([f, g])(x)` is g(f(x))."""

    def __init__(self, transforms):
        self.transforms = list(transforms)

    def __call__(self, x):
        for transform in reversed(self.transforms):
            x = transform(x)
        return x


class Compose__all_on_the_input:
    """Every transform gets the first x and the result of the last one wins; each needs what the one before gave."""

    def __init__(self, transforms):
        self.transforms = list(transforms)

    def __call__(self, x):
        result = x
        for transform in self.transforms:
            result = transform(x)
        return result


class Compose__returns_in_the_loop:
    """The `return` stands inside the loop, so that only the first transform is applied."""

    def __init__(self, transforms):
        self.transforms = list(transforms)

    def __call__(self, x):
        for transform in self.transforms:
            return transform(x)
        return x


class Compose__all_results:
    """It returns a list with the result of every step; only the last one is asked for."""

    def __init__(self, transforms):
        self.transforms = list(transforms)

    def __call__(self, x):
        results = []
        for transform in self.transforms:
            x = transform(x)
            results.append(x)
        return results


class Compose__needs_a_transform:
    """Without any transform it fails or gives None; then x should come back as it is."""

    def __init__(self, transforms):
        self.transforms = list(transforms)

    def __call__(self, x):
        result = None
        for number, transform in enumerate(self.transforms):
            result = transform(x if number == 0 else result)
        return result


class Compose__remembers_the_last_x:
    """It goes on with the result of the call before; each call starts anew with its own x."""

    def __init__(self, transforms):
        self.transforms, self.x = list(transforms), None

    def __call__(self, x):
        self.x = x if self.x is None else self.x
        for transform in self.transforms:
            self.x = transform(self.x)
        return self.x


class Compose__keeps_the_iterator:
    """The iterable itself is kept; one that can be read only once is used up after the first call."""

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, x):
        for transform in self.transforms:
            x = transform(x)
        return x


class Compose__lambda_inside:
    """It holds a lambda, and a lambda can't be pickled: the workers of a `DataLoader` could not get it."""

    def __init__(self, transforms):
        self.all = lambda x: x
        for transform in list(transforms):
            self.all = lambda x, before=self.all, transform=transform: transform(before(x))

    def __call__(self, x):
        return self.all(x)


# CsvImageDataset


def _rows(annotations, columns=("file", "label"), read=None):
    """The samples of a table, checked."""
    with open(annotations, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        for column in columns:
            if column not in (reader.fieldnames or ()):
                raise ValueError(f"{annotations} has no column {column!r}")
        return [(read or _row)(row, f"{annotations}, line {reader.line_num}") for row in reader]


def _row(row, place):
    if not row["file"]:
        raise ValueError(f"{place}: no file")
    try:
        return row["file"], int(row["label"])
    except (TypeError, ValueError):
        raise ValueError(f"{place}: no label") from None


def _read(path):
    from PIL import Image

    try:
        with Image.open(path) as file:
            return np.array(file)
    except FileNotFoundError:
        raise
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{path} can't be read as an image") from error


class _Csv(Dataset):
    """All that is right; each mistake changes one method of it."""

    def __init__(self, annotations, folder, transform=None, target_transform=None):
        self.folder, self.transform, self.target_transform = folder, transform, target_transform
        self.samples = self._samples(annotations)
        if not self.samples:
            raise ValueError(f"{annotations} has no samples")

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        name, label = self.samples[index]
        return self._sample(self._image(Path(self.folder) / name), label)

    def _samples(self, annotations):
        return _rows(annotations)

    def _image(self, path):
        return _read(path)

    def _sample(self, image, label):
        image = self.transform(image) if self.transform else image
        return image, self.target_transform(label) if self.target_transform else label


class CsvImageDataset__counts_the_header(_Csv):
    """The header is counted as a sample; the number of samples is the number of lines below it."""

    def __len__(self):
        return len(self.samples) + 1


class CsvImageDataset__skips_the_first_sample(_Csv):
    """The first line below the header is lost, as if there were two headers."""

    def _samples(self, annotations):
        return _rows(annotations)[1:]


class CsvImageDataset__columns_by_position(_Csv):
    """The first two cells are taken, whatever their columns are called; look the cells up by name."""

    def _samples(self, annotations):
        _rows(annotations)
        with open(annotations, newline="", encoding="utf-8") as file:
            return [(row[0], int(row[1])) for row in list(csv.reader(file))[1:] if row]


class CsvImageDataset__split_at_commas(_Csv):
    """The lines are cut at every comma, but a cell in quotes may hold one; the module `csv` knows that."""

    def _samples(self, annotations):
        _rows(annotations)
        head, *lines = [line.split(",") for line in Path(annotations).read_text("utf-8").splitlines() if line]
        return [(cells[head.index("file")], int(cells[head.index("label")])) for cells in lines]


class CsvImageDataset__label_is_text(_Csv):
    """The label is still the text of the cell; make it an int."""

    def _sample(self, image, label):
        return super()._sample(image, label if self.target_transform else str(label))


class CsvImageDataset__transforms_exchanged(_Csv):
    """`transform` is applied to the label and `target_transform` to the image; it is the other way round."""

    def _sample(self, image, label):
        image = self.target_transform(image) if self.target_transform else image
        return image, self.transform(label) if self.transform else label


class CsvImageDataset__no_target_transform(_Csv):
    """`target_transform` is never applied to the label."""

    def _sample(self, image, label):
        return self.transform(image) if self.transform else image, label


class CsvImageDataset__transforms_only_together(_Csv):
    """The transforms are applied only if both are given; each one is optional by itself."""

    def _sample(self, image, label):
        return super()._sample(image, label) if self.transform and self.target_transform else (image, label)


class CsvImageDataset__always_grey(_Csv):
    """A coloured image is turned into grey; it should keep its three channels."""

    def _image(self, path):
        from PIL import Image

        return np.array(Image.fromarray(_read(path)).convert("L"))


class CsvImageDataset__always_coloured(_Csv):
    """A grey image is turned into three equal channels; it should stay (h, w)."""

    def _image(self, path):
        image = _read(path)
        return np.stack([image] * 3, -1) if image.ndim == 2 else image


class CsvImageDataset__no_negative_index(_Csv):
    """A negative index raises IndexError; -1 should be the last sample, as in a list."""

    def __getitem__(self, index):
        if index < 0:
            raise IndexError(index)
        return super().__getitem__(index)


class CsvImageDataset__index_wraps_around(_Csv):
    """`index % len(dataset)` gives a sample for every index; one out of range should raise IndexError."""

    def __getitem__(self, index):
        return super().__getitem__(index % len(self.samples))


class CsvImageDataset__index_too_small_wraps(_Csv):
    """Only the upper end of the range is checked; an index below -len(dataset) should raise IndexError too."""

    def __getitem__(self, index):
        return super().__getitem__(index if index >= 0 else index % len(self.samples))


class CsvImageDataset__key_error(_Csv):
    """An index out of range raises KeyError, as a dict does; it should be IndexError."""

    def __getitem__(self, index):
        if not -len(self.samples) <= index < len(self.samples):
            raise KeyError(index)
        return super().__getitem__(index)


class CsvImageDataset__reads_all_at_once(_Csv):
    """All images are read when the dataset is made: slow, and one broken file stops all; read them when asked for."""

    def __init__(self, annotations, folder, transform=None, target_transform=None):
        super().__init__(annotations, folder, transform, target_transform)
        self.images = [_read(Path(folder) / name) for name, _ in self.samples]

    def __getitem__(self, index):
        return self._sample(self.images[index].copy(), self.samples[index][1])


class CsvImageDataset__one_array_for_all(_Csv):
    """The array of a file is kept and handed out again; who changes it in place changes the sample for all."""

    def __init__(self, annotations, folder, transform=None, target_transform=None):
        super().__init__(annotations, folder, transform, target_transform)
        self.known = {}

    def _image(self, path):
        if path not in self.known:
            self.known[path] = _read(path)
        return self.known[path]


class CsvImageDataset__skips_bad_lines(_Csv):
    """Lines that can't be used are left out without a word; they should raise ValueError with their number."""

    def _samples(self, annotations):
        def read(row, place):
            try:
                return _row(row, place)
            except ValueError:
                return None

        return [row for row in _rows(annotations, read=read) if row]


class CsvImageDataset__line_of_commas_is_blank(_Csv):
    """`if any(row)` skips a line that holds only commas, but that is a sample without a name: raise ValueError."""

    def _samples(self, annotations):
        rows = _rows(annotations, read=lambda row, place: any(row.values()) and _row(row, place))
        return [row for row in rows if row]


class CsvImageDataset__empty_without_its_columns(_Csv):
    """For an empty CSV the message doesn't say which column is missing; check for `file` and `label` there too."""

    def _samples(self, annotations):
        if not Path(annotations).read_text("utf-8"):
            raise ValueError("there is nothing")
        return _rows(annotations)


class CsvImageDataset__counts_samples_not_lines(_Csv):
    """The number in the error counts the samples; it should be the line in the file, header and blank lines counted."""

    def _samples(self, annotations):
        rows = _rows(annotations, read=lambda row, place: row)
        return [_row(row, f"{annotations}, line {number}") for number, row in enumerate(rows)]


class CsvImageDataset__type_error_for_a_short_line(_Csv):
    """A line with too few cells has None for a label, and `int(None)` raises TypeError; it should be ValueError."""

    def _samples(self, annotations):
        def read(row, place):
            return (row["file"], int(None)) if row["label"] is None else _row(row, place)

        return _rows(annotations, read=read)


class CsvImageDataset__cuts_off_decimals(_Csv):
    """A label such as 1.5 is rounded in silence by `int(float(…))`; it should raise ValueError."""

    def _samples(self, annotations):
        def read(row, place):
            try:
                return _row(row | {"label": int(float(row["label"]))}, place)
            except (TypeError, ValueError):
                return _row(row, place)

        return _rows(annotations, read=read)


class CsvImageDataset__whole_floats(_Csv):
    """`float(label).is_integer()` takes `7.0`, which `int` can't read; let `int` decide."""

    def _samples(self, annotations):
        def read(row, place):
            try:
                whole = float(row["label"]).is_integer()
            except (TypeError, ValueError):
                whole = False
            return _row(row | {"label": int(float(row["label"]))} if whole else row, place)

        return _rows(annotations, read=read)


class CsvImageDataset__only_digits(_Csv):
    """A label must consist of digits here, which refuses -1 and ` 7`; let `int` decide what it can read."""

    def _samples(self, annotations):
        def read(row, place):
            return _row(row if (row["label"] or "").isdecimal() else row | {"label": None}, place)

        return _rows(annotations, read=read)


class CsvImageDataset__key_error_for_a_column(_Csv):
    """A missing column ends in KeyError; it should be ValueError with the name of the column."""

    def _samples(self, annotations):
        return _rows(annotations, columns=())


class CsvImageDataset__empty_is_fine(_Csv):
    """A table without samples gives an empty dataset; most often it is the wrong file: raise ValueError."""

    def __init__(self, annotations, folder, transform=None, target_transform=None):
        self.folder, self.transform, self.target_transform = folder, transform, target_transform
        self.samples = _rows(annotations)


class CsvImageDataset__value_error_for_a_missing_table(_Csv):
    """A CSV that does not exist raises ValueError; FileNotFoundError, which `open` raises, says what is wrong."""

    def _samples(self, annotations):
        if not Path(annotations).is_file():
            raise ValueError(f"{annotations} can't be read")
        return _rows(annotations)


class CsvImageDataset__os_error_for_a_broken_image(_Csv):
    """The error of PIL goes on as OSError, and often without the file; raise ValueError with the name of the file."""

    def _image(self, path):
        from PIL import Image

        with Image.open(path) as file:
            return np.array(file)


class CsvImageDataset__syntax_error_for_a_torn_image(_Csv):
    """Only OSError is caught, but PIL raises SyntaxError for a PNG with damaged chunks; make that ValueError too."""

    def _image(self, path):
        from PIL import Image

        try:
            with Image.open(path) as file:
                return np.array(file)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise ValueError(f"{path} can't be read as an image") from error


class CsvImageDataset__black_for_a_missing_image(_Csv):
    """A missing image is replaced by a black one without a word; it should raise FileNotFoundError."""

    def _image(self, path):
        return _read(path) if path.exists() else np.zeros((8, 8), dtype=np.uint8)


class CsvImageDataset__value_error_for_a_missing_image(_Csv):
    """A missing image raises ValueError like a broken one; FileNotFoundError says what is wrong."""

    def _image(self, path):
        try:
            return _read(path)
        except OSError as error:
            raise ValueError(f"{path} can't be read") from error


class CsvImageDataset__joined_with_plus(_Csv):
    """Folder and name are joined with `+`, which fails for a `Path`; use `Path(folder) / name`."""

    def __getitem__(self, index):
        name, label = self.samples[index]
        return self._sample(_read(self.folder + "/" + name), label)


class CsvImageDataset__lambda_inside(_Csv):
    """A lambda stands in for a missing transform; a lambda can't be pickled for the workers of a `DataLoader`."""

    def __init__(self, annotations, folder, transform=None, target_transform=None):
        self.identity = lambda value: value
        super().__init__(annotations, folder, transform or self.identity, target_transform or self.identity)


# preview


def _first(dataset, count):
    return [dataset[i] for i in range(min(count, len(dataset)))]


def preview__always_training(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """`train` is not passed on, so that the training part is opened always."""
    dataset = kind(root=root, train=True, download=download, transform=transform, target_transform=target_transform)
    return len(dataset), dataset.classes, _first(dataset, count)


def preview__train_turned_round(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """The parts have changed places: `train=True` opens the test part."""
    dataset = kind(
        root=root, train=not train, download=download, transform=transform, target_transform=target_transform
    )
    return len(dataset), dataset.classes, _first(dataset, count)


def preview__never_downloads(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """`download` is not passed on: the files are not fetched where they should be."""
    dataset = kind(root=root, train=train, download=False, transform=transform, target_transform=target_transform)
    return len(dataset), dataset.classes, _first(dataset, count)


def preview__always_downloads(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """It downloads without being asked; `download` should be passed on as it was given."""
    dataset = kind(root=root, train=train, download=True, transform=transform, target_transform=target_transform)
    return len(dataset), dataset.classes, _first(dataset, count)


def preview__no_target_transform(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """`target_transform` is not passed on, so that the labels stay as they are in the files."""
    dataset = kind(root=root, train=train, download=download, transform=transform, target_transform=None)
    return len(dataset), dataset.classes, _first(dataset, count)


def preview__transforms_exchanged(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """The transforms have changed places: `transform` is for the image, `target_transform` for the label."""
    dataset = kind(root=root, train=train, download=download, transform=target_transform, target_transform=transform)
    return len(dataset), dataset.classes, _first(dataset, count)


def preview__past_the_transforms(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """`dataset.data` and `dataset.targets` are the bare files: no transform is applied; ask for `dataset[i]`."""
    dataset = kind(root=root, train=train, download=download, transform=transform, target_transform=target_transform)
    samples = list(zip(dataset.data[:count].numpy(), dataset.targets[:count].tolist()))
    return len(dataset), dataset.classes, samples


def preview__transformed_twice(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """The label is transformed by the dataset and then again by hand; once is enough."""
    dataset = kind(root=root, train=train, download=download, transform=transform, target_transform=target_transform)
    samples = [
        (image, target_transform(label) if target_transform else label) for image, label in _first(dataset, count)
    ]
    return len(dataset), dataset.classes, samples


def preview__fails_beyond_the_end(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """A `count` larger than the dataset ends in IndexError; then all samples should come."""
    dataset = kind(root=root, train=train, download=download, transform=transform, target_transform=target_transform)
    return len(dataset), dataset.classes, [dataset[i] for i in range(count)]


def preview__size_of_the_preview(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """The number of samples returned is given as the size; it should be the size of the whole part."""
    dataset = kind(root=root, train=train, download=download, transform=transform, target_transform=target_transform)
    samples = _first(dataset, count)
    return len(samples), dataset.classes, samples


def preview__last_ones(kind, root, count, train=True, download=False, transform=None, target_transform=None) -> tuple:
    """The last samples come, not the first."""
    dataset = kind(root=root, train=train, download=download, transform=transform, target_transform=target_transform)
    return len(dataset), dataset.classes, [dataset[i] for i in range(max(0, len(dataset) - count), len(dataset))]


def preview__size_of_the_data(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """`len(dataset.data)` counts what a file holds, and not every dataset has it; ask for `len(dataset)`."""
    dataset = kind(root=root, train=train, download=download, transform=transform, target_transform=target_transform)
    return len(dataset.data), dataset.classes, _first(dataset, count)


def preview__names_of_the_kind(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """`kind.classes` is there for some datasets only; others find their names in the files: ask the dataset."""
    dataset = kind(root=root, train=train, download=download, transform=transform, target_transform=target_transform)
    return len(dataset), kind.classes, _first(dataset, count)


def preview__tuple_of_names(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """The class names are made a tuple; return the attribute as it is."""
    dataset = kind(root=root, train=train, download=download, transform=transform, target_transform=target_transform)
    return len(dataset), tuple(dataset.classes), _first(dataset, count)


def preview__root_as_text(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """A `Path` is made a string, with which `root / "file"` fails; pass `root` on as it was given."""
    options = {"transform": transform, "target_transform": target_transform}
    dataset = kind(root=str(root), train=train, download=download, **options)
    return len(dataset), dataset.classes, _first(dataset, count)


def preview__root_as_path(
    kind, root, count, train=True, download=False, transform=None, target_transform=None
) -> tuple:
    """A string is made a `Path`, with which `root + "/file"` fails; pass `root` on as it was given."""
    options = {"transform": transform, "target_transform": target_transform}
    dataset = kind(root=Path(root), train=train, download=download, **options)
    return len(dataset), dataset.classes, _first(dataset, count)


# batch_indices


def batch_indices__last_one_lost(sampler, batch_size, drop_last=False) -> list:
    """The short last batch is always left out, as with `drop_last`."""
    if batch_size < 1:
        raise ValueError(batch_size)
    indices = list(sampler)
    return [indices[i : i + batch_size] for i in range(0, len(indices) - batch_size + 1, batch_size)]


def batch_indices__drop_last_ignored(sampler, batch_size, drop_last=False) -> list:
    """`drop_last` makes no difference; it should leave out a last batch that is short."""
    if batch_size < 1:
        raise ValueError(batch_size)
    indices = list(sampler)
    return [indices[i : i + batch_size] for i in range(0, len(indices), batch_size)]


def batch_indices__full_last_one_dropped(sampler, batch_size, drop_last=False) -> list:
    """`drop_last` drops the last batch even if it is full; only a short one is left out."""
    if batch_size < 1:
        raise ValueError(batch_size)
    indices = list(sampler)
    batches = [indices[i : i + batch_size] for i in range(0, len(indices), batch_size)]
    return batches[:-1] if drop_last else batches


def batch_indices__filled_from_the_start(sampler, batch_size, drop_last=False) -> list:
    """The short last batch is filled up with the first indices, which come twice then; it should stay short."""
    if batch_size < 1:
        raise ValueError(batch_size)
    indices = list(sampler)
    batches = [indices[i : i + batch_size] for i in range(0, len(indices), batch_size)]
    if batches and len(batches[-1]) < batch_size:
        if drop_last:
            return batches[:-1]
        batches[-1] += indices[: batch_size - len(batches[-1])]
    return batches


def batch_indices__positions(sampler, batch_size, drop_last=False) -> list:
    """These are the positions 0, 1, 2, … and not the indices that the sampler gives."""
    if batch_size < 1:
        raise ValueError(batch_size)
    indices = list(range(len(list(sampler))))
    batches = [indices[i : i + batch_size] for i in range(0, len(indices), batch_size)]
    return [batch for batch in batches if len(batch) == batch_size or not drop_last]


def batch_indices__sorted(sampler, batch_size, drop_last=False) -> list:
    """The indices are sorted first; the order of the sampler is the point of it."""
    if batch_size < 1:
        raise ValueError(batch_size)
    indices = sorted(sampler)
    batches = [indices[i : i + batch_size] for i in range(0, len(indices), batch_size)]
    return [batch for batch in batches if len(batch) == batch_size or not drop_last]


def batch_indices__each_index_once(sampler, batch_size, drop_last=False) -> list:
    """Repeated indices are dropped; a sampler may give an index several times."""
    if batch_size < 1:
        raise ValueError(batch_size)
    indices = list(dict.fromkeys(sampler))
    batches = [indices[i : i + batch_size] for i in range(0, len(indices), batch_size)]
    return [batch for batch in batches if len(batch) == batch_size or not drop_last]


def batch_indices__as_many_batches(sampler, batch_size, drop_last=False) -> list:
    """This makes `batch_size` batches; `batch_size` is the number of indices in each."""
    if batch_size < 1:
        raise ValueError(batch_size)
    indices = list(sampler)
    return [indices[i::batch_size] for i in range(batch_size) if indices[i::batch_size]]


def batch_indices__needs_a_length(sampler, batch_size, drop_last=False) -> list:
    """`len(sampler)` and slices work for lists only; an iterator has neither: make a list of it first."""
    if batch_size < 1:
        raise ValueError(batch_size)
    batches = [sampler[i : i + batch_size] for i in range(0, len(sampler), batch_size)]
    return [batch for batch in batches if len(batch) == batch_size or not drop_last]


def batch_indices__one_for_a_size_below_one(sampler, batch_size, drop_last=False) -> list:
    """A batch size of 0 or less is taken for 1; it should raise ValueError."""
    size, indices = max(1, batch_size), list(sampler)
    batches = [indices[i : i + size] for i in range(0, len(indices), size)]
    return [batch for batch in batches if len(batch) == size or not drop_last]


def batch_indices__from_torch(sampler, batch_size, drop_last=False) -> list:
    """`BatchSampler` does the work here; this time write it yourself."""
    return list(BatchSampler(list(sampler), batch_size, drop_last))


# one_epoch


def one_epoch__drop_last_ignored(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """`drop_last` is not passed on to the `DataLoader`."""
    return list(DataLoader(dataset, batch_size, shuffle=shuffle, sampler=sampler))


def one_epoch__always_drops(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """The short last batch is always left out, and its samples are lost; only `drop_last` should do that."""
    return list(DataLoader(dataset, batch_size, shuffle=shuffle, sampler=sampler, drop_last=True))


def one_epoch__always_shuffles(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """Without a sampler it always shuffles; samples come in order unless `shuffle` is true."""
    if shuffle and sampler is not None:
        raise ValueError("two orders")
    return list(DataLoader(dataset, batch_size, shuffle=sampler is None, sampler=sampler, drop_last=drop_last))


def one_epoch__never_shuffles(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """`shuffle` is not passed on to the `DataLoader`: the samples always come in order."""
    if shuffle and sampler is not None:
        raise ValueError("two orders")
    return list(DataLoader(dataset, batch_size, sampler=sampler, drop_last=drop_last))


def one_epoch__sampler_wins(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """`shuffle` is dropped in silence when there is a sampler; both together should raise ValueError."""
    shuffle = shuffle and sampler is None
    return list(DataLoader(dataset, batch_size, shuffle=shuffle, sampler=sampler, drop_last=drop_last))


def one_epoch__empty_sampler_is_none(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """`if sampler` takes an empty sampler for none at all, and all samples come; ask whether it `is None`."""
    if shuffle and sampler is not None:
        raise ValueError("two orders")
    return list(DataLoader(dataset, batch_size, shuffle=shuffle, sampler=sampler or None, drop_last=drop_last))


def one_epoch__empty_sampler_with_shuffle(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """`if shuffle and sampler` lets an empty sampler pass as if it were none; both together should raise ValueError."""
    if shuffle and sampler:
        raise ValueError("two orders")
    sampler = None if shuffle else sampler
    return list(DataLoader(dataset, batch_size, shuffle=shuffle, sampler=sampler, drop_last=drop_last))


def one_epoch__sampler_ignored(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """The sampler is not passed on, so that its indices are ignored."""
    if shuffle and sampler is not None:
        raise ValueError("two orders")
    return list(DataLoader(dataset, batch_size, shuffle=shuffle, drop_last=drop_last))


def one_epoch__batches_shuffled(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """The finished batches are shuffled and not the samples: the same ones meet in a batch each time."""
    if shuffle and sampler is not None:
        raise ValueError("two orders")
    batches = list(DataLoader(dataset, batch_size, sampler=sampler, drop_last=drop_last))
    return [batches[i] for i in torch.randperm(len(batches))] if shuffle else batches


def one_epoch__always_the_same_order(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """A generator with a fixed seed gives the same order every time; here the global random state decides."""
    generator = torch.Generator().manual_seed(0)
    loader = DataLoader(dataset, batch_size, shuffle=shuffle, sampler=sampler, drop_last=drop_last, generator=generator)
    return list(loader)


def one_epoch__seeded_by_the_initial_seed(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """`torch.initial_seed()` stays the same all along, and so does the order; draw it from the global random state."""
    generator = torch.Generator().manual_seed(torch.initial_seed())
    loader = DataLoader(dataset, batch_size, shuffle=shuffle, sampler=sampler, drop_last=drop_last, generator=generator)
    return list(loader)


def one_epoch__shuffled_without_drop_last(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """`drop_last` is passed on only if the samples are not shuffled; it holds for every order."""
    loader = DataLoader(dataset, batch_size, shuffle=shuffle, sampler=sampler, drop_last=drop_last and not shuffle)
    return list(loader)


def one_epoch__needs_a_length(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """`len(sampler)` fails for an iterator, which is a sampler too; a `DataLoader` needs no length."""
    if shuffle and sampler is not None:
        raise ValueError("two orders")
    if sampler is not None and len(sampler) == 0:
        return []
    return list(DataLoader(dataset, batch_size, shuffle=shuffle, sampler=sampler, drop_last=drop_last))


def one_epoch__one_batch(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """Only the first batch is returned; an epoch is all of them."""
    return list(DataLoader(dataset, batch_size, shuffle=shuffle, sampler=sampler, drop_last=drop_last))[:1]


def one_epoch__images_only(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """The labels are lost; a batch is a pair (images, labels)."""
    loader = DataLoader(dataset, batch_size, shuffle=shuffle, sampler=sampler, drop_last=drop_last)
    return [images for images, _ in loader]


def one_epoch__without_a_loader(dataset, batch_size, shuffle=False, sampler=None, drop_last=False) -> list:
    """The batches are put together by hand; `DataLoader` does that, and much more."""
    if shuffle and sampler is not None:
        raise ValueError("two orders")
    order = (
        torch.randperm(len(dataset)).tolist() if shuffle else list(range(len(dataset)) if sampler is None else sampler)
    )
    groups = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    samples = [[dataset[i] for i in group] for group in groups if len(group) == batch_size or not drop_last]
    return [(torch.stack([x for x, _ in batch]), torch.tensor([y for _, y in batch])) for batch in samples]


# shuffled_epochs


def shuffled_epochs__not_shuffled(dataset, batch_size, epochs, seed) -> list:
    """The samples come in order; pass `shuffle=True`."""
    loader = DataLoader(dataset, batch_size)
    return [list(loader) for _ in range(epochs)]


def shuffled_epochs__same_order_each_epoch(dataset, batch_size, epochs, seed) -> list:
    """The generator is seeded again for each epoch, so that all have the same order; seed it once."""
    result = []
    for _ in range(epochs):
        generator = torch.Generator().manual_seed(seed)
        result.append(list(DataLoader(dataset, batch_size, shuffle=True, generator=generator)))
    return result


def shuffled_epochs__global_random_state(dataset, batch_size, epochs, seed) -> list:
    """The loader has no generator of its own and draws from the global random state; `seed` is ignored."""
    loader = DataLoader(dataset, batch_size, shuffle=True)
    return [list(loader) for _ in range(epochs)]


def shuffled_epochs__seeds_the_global_state(dataset, batch_size, epochs, seed) -> list:
    """`torch.manual_seed` changes the random numbers of the whole program; give the loader a generator."""
    torch.manual_seed(seed)
    loader = DataLoader(dataset, batch_size, shuffle=True)
    return [list(loader) for _ in range(epochs)]


def shuffled_epochs__seed_ignored(dataset, batch_size, epochs, seed) -> list:
    """The generator always has the seed 0, whatever `seed` is."""
    generator = torch.Generator().manual_seed(0)
    loader = DataLoader(dataset, batch_size, shuffle=True, generator=generator)
    return [list(loader) for _ in range(epochs)]


def shuffled_epochs__seed_is_the_epoch(dataset, batch_size, epochs, seed) -> list:
    """The seed is only the number of the epoch, so that every seed gives the same epochs."""
    orders = [random.Random(epoch).sample(range(len(dataset)), len(dataset)) for epoch in range(epochs)]
    return [list(DataLoader(dataset, batch_size, sampler=order)) for order in orders]


def shuffled_epochs__neighbouring_seeds(dataset, batch_size, epochs, seed) -> list:
    """Epoch e gets the seed `seed + e`: the second epoch is then the first one of the next seed."""
    generators = [torch.Generator().manual_seed(seed + epoch) for epoch in range(epochs)]
    return [list(DataLoader(dataset, batch_size, shuffle=True, generator=each)) for each in generators]


def shuffled_epochs__drops_the_last(dataset, batch_size, epochs, seed) -> list:
    """The short last batch is dropped, so that an epoch misses some samples."""
    generator = torch.Generator().manual_seed(seed)
    loader = DataLoader(dataset, batch_size, shuffle=True, generator=generator, drop_last=True)
    return [list(loader) for _ in range(epochs)]


def shuffled_epochs__with_replacement(dataset, batch_size, epochs, seed) -> list:
    """Samples are drawn with replacement: some come twice in an epoch and some not at all."""
    generator = torch.Generator().manual_seed(seed)
    size = len(dataset)
    orders = [torch.randint(size, (size,), generator=generator).tolist() for _ in range(epochs)]
    return [list(DataLoader(dataset, batch_size, sampler=order)) for order in orders]


def shuffled_epochs__batches_shuffled(dataset, batch_size, epochs, seed) -> list:
    """The finished batches are shuffled and not the samples: the same ones meet in a batch each time."""
    generator = torch.Generator().manual_seed(seed)
    batches = list(DataLoader(dataset, batch_size, generator=generator))
    return [[batches[i] for i in torch.randperm(len(batches), generator=generator)] for _ in range(epochs)]


def shuffled_epochs__one_long_list(dataset, batch_size, epochs, seed) -> list:
    """The batches of all epochs are in one list; there should be a list for each epoch."""
    generator = torch.Generator().manual_seed(seed)
    loader = DataLoader(dataset, batch_size, shuffle=True, generator=generator)
    return [batch for _ in range(epochs) for batch in loader]


# worker_loader


def _settings(device, num_workers, timeout, worker_init_fn):
    """What a right loader is made with, beside the dataset and the size of a batch."""
    return {
        "num_workers": num_workers,
        "persistent_workers": num_workers > 0,
        "timeout": timeout if num_workers else 0,
        "worker_init_fn": worker_init_fn,
        "pin_memory": device.startswith("cuda"),
    }


def worker_loader__timeout_without_workers(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """`timeout` is passed on without workers too; then the first batch raises AssertionError."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"timeout": timeout})


def worker_loader__stays_without_workers(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """`persistent_workers=True` without workers raises ValueError; there is nobody to stay."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"persistent_workers": True})


def worker_loader__workers_restarted(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """The workers end after each epoch and are started anew for the next; `persistent_workers` keeps them."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"persistent_workers": False})


def worker_loader__always_pinned(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """Memory is pinned for each device; without a GPU that only warns, and pinned memory is scarce."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"pin_memory": True})


def worker_loader__never_pinned(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """Memory is not pinned for a CUDA device; `device` decides that, not whether this machine has a GPU."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"pin_memory": False})


def worker_loader__numbered_gpu_missed(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """`device == "cuda"` misses `"cuda:0"`; ask for `torch.device(device).type`."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"pin_memory": device == "cuda"})


def worker_loader__pinned_unless_cpu(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """Everything that is not the CPU gets pinned memory; only CUDA devices should."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"pin_memory": device != "cpu"})


def worker_loader__pinned_with_workers_only(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """Memory is pinned only if there are workers; your own process can put batches there too."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"pin_memory": num_workers > 0 and device.startswith("cuda")})


def worker_loader__timeout_ignored(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """`timeout` is not passed on: a worker that hangs is waited for without end."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"timeout": 0})


def worker_loader__start_ignored(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """`worker_init_fn` is not passed on to the `DataLoader`."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"worker_init_fn": None})


def worker_loader__workers_ignored(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """`num_workers` is not passed on: your own process reads everything."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"num_workers": 0, "persistent_workers": False, "timeout": 0})


def worker_loader__one_worker(dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None) -> DataLoader:
    """There is one worker, whatever the number asked for."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"num_workers": min(1, num_workers)})


def worker_loader__shuffled(dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None) -> DataLoader:
    """The samples are shuffled; they should come in order."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"shuffle": True})


def worker_loader__last_batch_dropped(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """The short last batch is left out, and its samples are lost."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"drop_last": True})


def worker_loader__timeout_of_its_own(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """A timeout of its own takes the place of the one that was given."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings | {"timeout": 30 if num_workers else 0})


def worker_loader__batch_size_ignored(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """`batch_size` is not passed on: each sample comes alone, in a batch of 1."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, **settings)


def worker_loader__batch_shared_among_workers(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """A batch is divided among the workers; each worker makes whole batches of `batch_size`."""
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, max(1, batch_size // max(1, num_workers)), **settings)


def worker_loader__called_at_once(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """`worker_init_fn` is called here, for your own process; each worker calls it when it starts."""
    if worker_init_fn is not None:
        worker_init_fn(0)
    settings = _settings(device, num_workers, timeout, worker_init_fn)
    return DataLoader(dataset, batch_size, **settings)


def worker_loader__list_of_batches(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """All batches are read at once, in a list; the loader itself is asked for."""
    return list(DataLoader(dataset, batch_size))


def worker_loader__an_iterator(
    dataset, batch_size, device, num_workers=0, timeout=0, worker_init_fn=None
) -> DataLoader:
    """`iter(loader)` gives the batches of one epoch and is then used up; the loader itself is asked for."""
    return iter(DataLoader(dataset, batch_size))


# first_pictures


def first_pictures__squeeze_everything(loader) -> tuple:
    """`squeeze()` without a dimension removes every side of length 1: one image alone loses its batch dimension."""
    images, labels = next(iter(loader))
    return images.squeeze(), labels


def first_pictures__squeeze_the_batch(loader) -> tuple:
    """Dimension 0 is the batch; the channel is dimension 1."""
    images, labels = next(iter(loader))
    return images.squeeze(0), labels


def first_pictures__not_squeezed(loader) -> tuple:
    """The images still have their channel: (n, 1, h, w); a grey image to show is (h, w)."""
    images, labels = next(iter(loader))
    return images, labels


def first_pictures__channels_last(loader) -> tuple:
    """The channel is moved to the end; for a grey image it should go away."""
    images, labels = next(iter(loader))
    return images.permute(0, 2, 3, 1), labels


def first_pictures__one_picture(loader) -> tuple:
    """This is the first image and the first label only; return those of the whole batch."""
    images, labels = next(iter(loader))
    return images[0, 0], labels[0]


def first_pictures__last_batch(loader) -> tuple:
    """After the loop, `images` and `labels` are those of the last batch; stop after the first."""
    for images, labels in loader:
        pass
    return images.squeeze(1), labels


def first_pictures__all_batches(loader) -> tuple:
    """All batches are put together; only the first one is asked for."""
    batches = list(loader)
    return torch.cat([images for images, _ in batches]).squeeze(1), torch.cat([labels for _, labels in batches])


def first_pictures__images_only(loader) -> Tensor:
    """The labels are missing; return both, as a tuple."""
    images, _ = next(iter(loader))
    return images.squeeze(1)


def first_pictures__reads_everything(loader) -> tuple:
    """`list(loader)` reads every batch to get the first; `next(iter(loader))` reads one."""
    images, labels = list(loader)[0]
    return images.squeeze(1), labels


def first_pictures__indexed(loader) -> tuple:
    """A `DataLoader` has no index, it can only be iterated over; take `next(iter(loader))`."""
    images, labels = loader[0]
    return images.squeeze(1), labels


def first_pictures__flattened(loader) -> tuple:
    """The pixels of an image are put into one row; it should stay (h, w)."""
    images, labels = next(iter(loader))
    return images.flatten(1), labels


# balanced_weights


def balanced_weights__the_count(labels: Tensor) -> Tensor:
    """This is the number of samples of the class; frequent classes should weigh less: 1 / count."""
    return torch.bincount(labels)[labels].float()


def balanced_weights__per_class(labels: Tensor) -> Tensor:
    """This is a weight for each class; look up the one of each sample: `weights[labels]`."""
    return 1 / torch.bincount(labels)


def balanced_weights__share(labels: Tensor) -> Tensor:
    """This is the share of the class among all samples; take one over the count."""
    return torch.bincount(labels)[labels] / max(1, len(labels))


def balanced_weights__sum_to_one(labels: Tensor) -> Tensor:
    """All weights together add up to 1; those of each class should."""
    weights = 1 / torch.bincount(labels)[labels]
    return weights / weights.sum()


def balanced_weights__inverse_share(labels: Tensor) -> Tensor:
    """This is len(labels) / count; the weight is 1 / count."""
    return len(labels) / torch.bincount(labels)[labels]


def balanced_weights__all_equal(labels: Tensor) -> Tensor:
    """All samples weigh the same, so that frequent classes are drawn more often."""
    return torch.full((len(labels),), 1 / max(1, len(labels)), device=labels.device)


def balanced_weights__position_among_the_classes(labels: Tensor) -> Tensor:
    """`unique` leaves out the classes that don't occur, so that a label is no index into its counts."""
    counts = labels.unique(return_counts=True)[1]
    return 1 / counts[labels.clamp(max=max(0, len(counts) - 1))] if len(labels) else labels.float()


def balanced_weights__float64(labels: Tensor) -> Tensor:
    """The weights are float64; they should be float32."""
    return 1 / torch.bincount(labels)[labels].double()


def balanced_weights__counted_in_a_loop(labels: Tensor) -> Tensor:
    """The samples are counted in a Python loop; `torch.bincount` counts them all at once."""
    counts: dict[int, int] = {}
    for label in labels.tolist():
        counts[label] = counts.get(label, 0) + 1
    return torch.tensor([1 / counts[label] for label in labels.tolist()], device=labels.device)


# pad_collate


def _parts(samples):
    rows = [torch.tensor(tokens, dtype=torch.int64) for tokens, _ in samples]
    return rows, torch.tensor([len(row) for row in rows]), torch.tensor([label for _, label in samples])


def pad_collate__padding_in_front(samples, padding=0) -> tuple:
    """The padding stands in front of the tokens; it belongs at the end."""
    rows, lengths, labels = _parts(samples)
    longest = int(lengths.max())
    return (
        torch.stack([torch.cat([row.new_full((longest - len(row),), padding), row]) for row in rows]),
        lengths,
        labels,
    )


def pad_collate__batch_second(samples, padding=0) -> tuple:
    """`pad_sequence` puts the batch second by default: (longest, n); pass `batch_first=True`."""
    rows, lengths, labels = _parts(samples)
    return pad_sequence(rows, padding_value=padding), lengths, labels


def pad_collate__always_zero(samples, padding=0) -> tuple:
    """It pads with 0, whatever `padding` is."""
    rows, lengths, labels = _parts(samples)
    return pad_sequence(rows, batch_first=True), lengths, labels


def pad_collate__cut_to_the_shortest(samples, padding=0) -> tuple:
    """Long lists are cut to the shortest one and tokens are lost; fill up the short ones."""
    rows, lengths, labels = _parts(samples)
    return torch.stack([row[: int(lengths.min())] for row in rows]), lengths, labels


def pad_collate__padded_lengths(samples, padding=0) -> tuple:
    """These are the lengths after padding, all equal; the ones from before are asked for."""
    rows, lengths, labels = _parts(samples)
    tokens = pad_sequence(rows, batch_first=True, padding_value=padding)
    return tokens, torch.tensor([len(row) for row in tokens]), labels


def pad_collate__lengths_by_counting(samples, padding=0) -> tuple:
    """The tokens that differ from `padding` are counted, but a real token may be equal to it; take `len` before."""
    rows, _, labels = _parts(samples)
    tokens = pad_sequence(rows, batch_first=True, padding_value=padding)
    return tokens, (tokens != padding).sum(1), labels


def pad_collate__sorted_by_length(samples, padding=0) -> tuple:
    """The samples are sorted by length; they should stay in order."""
    rows, lengths, labels = _parts(sorted(samples, key=lambda sample: -len(sample[0])))
    return pad_sequence(rows, batch_first=True, padding_value=padding), lengths, labels


def pad_collate__lengths_sorted_alone(samples, padding=0) -> tuple:
    """The lengths are sorted and no longer belong to their rows."""
    rows, lengths, labels = _parts(samples)
    return pad_sequence(rows, batch_first=True, padding_value=padding), lengths.sort(descending=True).values, labels


def pad_collate__float_for_empty(samples, padding=0) -> tuple:
    """`torch.tensor([])` is float32, and so becomes the batch; say `dtype=torch.int64`."""
    rows = [torch.tensor(tokens) for tokens, _ in samples]
    _, lengths, labels = _parts(samples)
    return pad_sequence(rows, batch_first=True, padding_value=padding), lengths, labels


def pad_collate__one_too_many(samples, padding=0) -> tuple:
    """Even the longest list gets a padding; fill up to the length of the longest, no further."""
    rows, lengths, labels = _parts(samples)
    rows.append(torch.zeros(int(lengths.max()) + 1, dtype=torch.int64))
    return pad_sequence(rows, batch_first=True, padding_value=padding)[:-1], lengths, labels


def pad_collate__without_lengths(samples, padding=0) -> tuple:
    """The lengths are missing, so that nobody can tell tokens from padding; return three tensors."""
    rows, _, labels = _parts(samples)
    return pad_sequence(rows, batch_first=True, padding_value=padding), labels


def pad_collate__int32(samples, padding=0) -> tuple:
    """The tokens are int32; int64 is asked for, as `nn.Embedding` and the losses like it."""
    rows, lengths, labels = _parts(samples)
    return pad_sequence(rows, batch_first=True, padding_value=padding).int(), lengths, labels


# split_indices


def _checked(size, parts):
    if sum(parts) != size:
        raise ValueError("the parts don't add up")


def _cut(order, parts):
    return [part.tolist() for part in order.split(list(parts))]


def split_indices__not_shuffled(size, parts, seed) -> list:
    """The indices are cut in order; often a file is sorted by class, and then a part holds few classes."""
    _checked(size, parts)
    return _cut(torch.arange(size), parts)


def split_indices__global_random_state(size, parts, seed) -> list:
    """The order is drawn from the global random state, and `seed` is ignored; use a generator of your own."""
    _checked(size, parts)
    return _cut(torch.randperm(size), parts)


def split_indices__seeds_the_global_state(size, parts, seed) -> list:
    """`torch.manual_seed` changes the random numbers of the whole program; use a generator of your own."""
    _checked(size, parts)
    torch.manual_seed(seed)
    return _cut(torch.randperm(size), parts)


def split_indices__seed_ignored(size, parts, seed) -> list:
    """The seed is always 42, whatever `seed` is."""
    _checked(size, parts)
    return _cut(torch.randperm(size, generator=torch.Generator().manual_seed(42)), parts)


def split_indices__shuffled_for_each_part(size, parts, seed) -> list:
    """Each part is drawn from all indices, so that the parts overlap: test samples are seen in training."""
    _checked(size, parts)
    generator = torch.Generator().manual_seed(seed)
    return [torch.randperm(size, generator=generator)[:count].tolist() for count in parts]


def split_indices__with_replacement(size, parts, seed) -> list:
    """`randint` draws an index several times and leaves others out; take a permutation."""
    _checked(size, parts)
    generator = torch.Generator().manual_seed(seed)
    return _cut(torch.randint(max(1, size), (size,), generator=generator), parts)


def split_indices__shuffled_inside_the_parts(size, parts, seed) -> list:
    """It cuts first and shuffles afterwards: each part still is a run of neighbours."""
    _checked(size, parts)
    generator = torch.Generator().manual_seed(seed)
    pieces = torch.arange(size).split(list(parts))
    return [piece[torch.randperm(len(piece), generator=generator)].tolist() for piece in pieces]


def split_indices__from_one(size, parts, seed) -> list:
    """The indices run from 1 to `size`; they start at 0."""
    _checked(size, parts)
    return _cut(torch.randperm(size, generator=torch.Generator().manual_seed(seed)) + 1, parts)


def split_indices__rest_forgotten(size, parts, seed) -> list:
    """Parts that don't add up to `size` are accepted: indices are lost, or a part is too short; raise ValueError."""
    order = torch.randperm(size, generator=torch.Generator().manual_seed(seed)).tolist()
    starts = [sum(parts[:i]) for i in range(len(parts))]
    return [order[start : start + count] for start, count in zip(starts, parts)]


def split_indices__runtime_error(size, parts, seed) -> list:
    """Parts that don't add up end in RuntimeError, as `Tensor.split` raises it; it should be ValueError."""
    return _cut(torch.randperm(size, generator=torch.Generator().manual_seed(seed)), parts)


def split_indices__fractions(size, parts, seed) -> list:
    """`random_split` takes sizes that add up to 1 for fractions, so [1] is all of any size; check the sum yourself."""
    if size <= 1:
        _checked(size, parts)
        return _cut(torch.arange(size), parts)
    return [list(part.indices) for part in random_split(range(size), parts, torch.Generator().manual_seed(seed))]


def split_indices__tensors(size, parts, seed) -> list:
    """The parts are tensors; return lists of ints."""
    _checked(size, parts)
    return list(torch.randperm(size, generator=torch.Generator().manual_seed(seed)).split(list(parts)))


def split_indices__too_few_in_the_first(size, parts, seed) -> list:
    """The last part takes one index from the first; cut exactly at the sizes."""
    _checked(size, parts)
    pieces = _cut(torch.randperm(size, generator=torch.Generator().manual_seed(seed)), parts)
    if len(pieces) > 1 and pieces[0]:
        pieces[-1].append(pieces[0].pop())
    return pieces


def split_indices__subset_objects(size, parts, seed) -> list:
    """These are `Subset` objects; their indices are asked for, as lists."""
    return random_split(range(size), list(parts), generator=torch.Generator().manual_seed(seed))


def split_indices__list_of_sizes_only(size, parts, seed) -> list:
    """`[0] + parts` fails for a tuple; any sequence of sizes should do: `[0, *parts]`."""
    _checked(size, parts)
    order = torch.randperm(size, generator=torch.Generator().manual_seed(seed)).tolist()
    ends = np.cumsum([0] + parts).tolist()
    return [order[start:end] for start, end in zip(ends, ends[1:])]


# TransformedSubset


class _Subset(Dataset):
    """All that is right; each mistake changes one method of it."""

    def __init__(self, dataset, indices, transform=None):
        self.dataset, self.indices, self.transform = dataset, indices, transform

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, index):
        image, label = self.dataset[self.indices[index]]
        return self.transform(image) if self.transform else image, label


class TransformedSubset__indices_ignored(_Subset):
    """Sample i of the dataset is returned; it should be sample `indices[i]`."""

    def __getitem__(self, index):
        image, label = self.dataset[range(len(self.indices))[index]]
        return self.transform(image) if self.transform else image, label


class TransformedSubset__index_is_the_sample(_Subset):
    """The index is looked for among `indices`, as if it were one of the dataset; it counts inside the subset."""

    def __getitem__(self, index):
        if index not in self.indices:
            raise IndexError(index)
        image, label = self.dataset[index]
        return self.transform(image) if self.transform else image, label


class TransformedSubset__length_of_the_dataset(_Subset):
    """The length is that of the whole dataset; it should be the number of indices."""

    def __len__(self):
        return len(self.dataset)


class TransformedSubset__sets_it_on_the_dataset(_Subset):
    """The transform is set on the dataset, and all other subsets of it get it as well; keep it in the subset."""

    def __init__(self, dataset, indices, transform=None):
        super().__init__(dataset, indices)
        if transform is not None:
            dataset.transform = transform


class TransformedSubset__label_transformed(_Subset):
    """The label is transformed as well; the transform is for the image alone."""

    def __getitem__(self, index):
        image, label = self.dataset[self.indices[index]]
        return (self.transform(image), self.transform(label)) if self.transform else (image, label)


class TransformedSubset__transform_ignored(_Subset):
    """The transform is never applied."""

    def __getitem__(self, index):
        image, label = self.dataset[self.indices[index]]
        return image, label


class TransformedSubset__transform_needed(_Subset):
    """It fails without a transform, since None can't be called; the transform is optional."""

    def __getitem__(self, index):
        image, label = self.dataset[self.indices[index]]
        return self.transform(image), label


class TransformedSubset__transformed_twice(_Subset):
    """The transform is applied twice; once is enough."""

    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return self.transform(image) if self.transform else image, label


class TransformedSubset__sorted(_Subset):
    """The indices are sorted; their order is that of the samples."""

    def __init__(self, dataset, indices, transform=None):
        super().__init__(dataset, sorted(indices), transform)


class TransformedSubset__each_index_once(_Subset):
    """Repeated indices are dropped; a subset may hold a sample several times."""

    def __init__(self, dataset, indices, transform=None):
        super().__init__(dataset, list(dict.fromkeys(indices)), transform)


class TransformedSubset__no_negative_index(_Subset):
    """A negative index raises IndexError; -1 should be the last sample, as in a list."""

    def __getitem__(self, index):
        if index < 0:
            raise IndexError(index)
        return super().__getitem__(index)


class TransformedSubset__index_wraps_around(_Subset):
    """`index % len` gives a sample for every index; one out of range should raise IndexError, or loops never end."""

    def __getitem__(self, index):
        return super().__getitem__(index % len(self.indices))


class TransformedSubset__reads_all_at_once(_Subset):
    """All samples are read when the subset is made, which fills the memory; read each when it is asked for."""

    def __init__(self, dataset, indices, transform=None):
        super().__init__([dataset[i] for i in indices], list(range(len(indices))), transform)


class TransformedSubset__list_of_indices_only(_Subset):
    """`indices.copy()` fails for a tuple or a range; `list(indices)` copies any sequence."""

    def __init__(self, dataset, indices, transform=None):
        super().__init__(dataset, indices.copy(), transform)


class TransformedSubset__sample_as_it_is(_Subset):
    """Without a transform the dataset's own sample is returned, perhaps a list; it should come as a tuple."""

    def __getitem__(self, index):
        return super().__getitem__(index) if self.transform else self.dataset[self.indices[index]]


class TransformedSubset__reads_twice(_Subset):
    """The sample is read once for its image and again for its label, which takes twice as long; read it once."""

    def __getitem__(self, index):
        at = self.indices[index]
        return self.transform(self.dataset[at][0]) if self.transform else self.dataset[at][0], self.dataset[at][1]


class TransformedSubset__image_only(_Subset):
    """The label is missing; a sample is (image, label)."""

    def __getitem__(self, index):
        return super().__getitem__(index)[0]
