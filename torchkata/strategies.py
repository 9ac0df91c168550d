"""Hypothesis strategies for tensors that tell right from wrong.

Random floats hide bugs: half of them are zero and many tensors constant. Here a tensor is a recipe of a
few cheap draws (shape, regime, layout, seed), so that it is fast to draw and shrinks to the example that
teaches most: small, not square, contiguous, with distinct whole numbers.

    regimes   distinct whole numbers, ties in -1..1, generic floats, large values
    layouts   contiguous half of the time, else transposed, or with gaps in memory and an offset at its beginning
    shapes    sides 0 to 4; squares and empty tensors are rare and come last
"""

import math
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from torchkata.guards import manual_seed as manual_seed  # part of what properties need

MOST_SEEDS, MOST_ELEMENTS = 2**16, 2**12
_NORMAL = np.random.default_rng(0).normal(size=MOST_SEEDS + MOST_ELEMENTS + 1)

Shape = tuple[int, ...]
Strategy = st.SearchStrategy[Any]

REGIMES = ("distinct", "ties", "generic", "large")
LAYOUTS = ("contiguous", "transposed", "contiguous", "gapped")
EMPTY_SHARE = 12  # about one shape in this many is empty, where empty ones are wanted
LARGE = 10_000
FLOATS = (torch.float32, torch.float64)
INTEGERS = (torch.int64, torch.int32, torch.uint8)


def tensors(
    ndim: int | Iterable[int] = 2,
    dtype: torch.dtype | Sequence[torch.dtype] = torch.float32,
    *,
    min_side: int = 1,
    max_side: int = 4,
    shapes: Sequence[Shape] | None = None,
    regimes: Sequence[str] = REGIMES,
    layouts: Sequence[str] = LAYOUTS,
) -> Strategy:
    """Tensors of `ndim` dimensions (or one of several), with sides from `min_side` to `max_side`."""
    dtypes = (dtype,) if isinstance(dtype, torch.dtype) else tuple(dtype)
    known = tuple(shapes) if shapes is not None else shape_list(ndim, min_side, max_side)
    return _recipes(known, dtypes, regimes, layouts).map(lambda recipe: build(*recipe))


def matrices(dtype: torch.dtype | Sequence[torch.dtype] = torch.float32, **options: Any) -> Strategy:
    """Tensors of shape (rows, columns)."""
    return tensors(2, dtype, **options)


def vectors(dtype: torch.dtype | Sequence[torch.dtype] = torch.float32, **options: Any) -> Strategy:
    """Tensors of shape (n,)."""
    return tensors(1, dtype, **options)


def same_shape(
    count: int,
    ndim: int | Iterable[int] = 2,
    dtype: torch.dtype = torch.float32,
    *,
    min_side: int = 1,
    max_side: int = 4,
) -> Strategy:
    """Tuples of `count` tensors that all have one shape and one dtype, and each its own values and layout."""
    known = shape_list(ndim, min_side, max_side)
    manner = st.tuples(st.sampled_from(tuple(product(REGIMES, LAYOUTS))), seeds())
    parts = st.tuples(st.sampled_from(known), *[manner] * count)

    def make(drawn: Any) -> tuple[Tensor, ...]:
        apart = enumerate(drawn[1:])  # other seeds for each, so that they differ where Hypothesis drew the same
        return tuple(build(drawn[0], dtype, how[0], how[1], (seed + 7 * i) % MOST_SEEDS) for i, (how, seed) in apart)

    return parts.map(make)


def arrays(
    ndim: int | Iterable[int] = (1, 2),
    dtype: Any = (np.float32, np.float64, np.int64),
    *,
    min_side: int = 1,
    max_side: int = 4,
    layouts: Sequence[str] = LAYOUTS,
) -> Strategy:
    """NumPy arrays, made like `tensors`; non-contiguous ones too."""
    names = [np.dtype(each) for each in (dtype if isinstance(dtype, (tuple, list)) else (dtype,))]
    known = shape_list(ndim, min_side, max_side)
    return _recipes(known, names, REGIMES, layouts).map(lambda recipe: build_array(*recipe))


def shapes(ndim: int | Iterable[int] = (1, 2, 3), *, min_side: int = 1, max_side: int = 4) -> Strategy:
    """Shapes as tuples of ints."""
    return st.sampled_from(shape_list(ndim, min_side, max_side))


def numbers(low: float = -100.0, high: float = 100.0) -> Strategy:
    """Python floats that float32 holds exactly: quarters, whole numbers first."""
    whole = st.integers(int(low), int(high)).map(float)
    return st.one_of(whole, st.integers(int(low * 4), int(high * 4)).map(lambda quarter: quarter / 4))


def dtypes(*choices: torch.dtype) -> Strategy:
    """One of the given dtypes; without any, one of the usual ones."""
    return st.sampled_from(choices or (*FLOATS, *INTEGERS))


def seeds() -> Strategy:
    """Seeds for a generator; 0 is the simplest."""
    return st.integers(0, MOST_SEEDS)


def nested_lists() -> Strategy:
    """Rectangular nested lists of bools, ints or floats (or mixed), as `torch.tensor` takes them."""
    kinds = {"int": (3, -2, 0), "float": (0.5, 2.0, -1.25), "bool": (True, False), "mixed": (1, 0.5, True, -2)}

    def fill(recipe: Any) -> Any:
        shape, kind, seed = recipe
        pool = kinds[kind]
        picks = np.random.default_rng(seed).integers(0, len(pool), int(np.prod(shape)))
        return _nest([pool[i] for i in picks], shape)

    known = (*shape_list((1, 2, 3), 1, 3), (0,), (2, 0))
    return st.tuples(st.sampled_from(known), st.sampled_from(tuple(kinds)), seeds()).map(fill)


def linears(inputs: int, outputs: int, dtype: torch.dtype = torch.float32) -> Strategy:
    """`nn.Linear` layers with small distinct weights."""

    def make(seed: int) -> nn.Linear:
        values = np.random.default_rng(seed).integers(-8, 9, (outputs, inputs + 1)) / 8
        return linear(values[:, 1:].tolist(), values[:, 0].tolist(), dtype)

    return seeds().map(make)


def linear(weight: Any, bias: Any = None, dtype: torch.dtype = torch.float32) -> nn.Linear:
    """An `nn.Linear` with these weights: weight (out, in), bias (out,)."""
    matrix = torch.tensor(weight, dtype=dtype)
    layer = nn.Linear(matrix.shape[1], matrix.shape[0], bias=bias is not None, dtype=dtype)
    layer.weight.data.copy_(matrix)
    if bias is not None:
        layer.bias.data.copy_(torch.tensor(bias, dtype=dtype))
    return layer


def with_grad(tensor: Tensor, grad: Tensor) -> Tensor:
    """A leaf that requires grad, with `grad` in its `.grad`."""
    leaf = tensor.detach().clone().requires_grad_()
    leaf.grad = grad.clone()
    return leaf


def shape_list(ndim: int | Iterable[int], min_side: int, max_side: int) -> tuple[Shape, ...]:
    """All shapes with these sides, the ones that teach most first; of the empty ones only a few."""
    ranks = (ndim,) if isinstance(ndim, int) else tuple(ndim)
    found = [shape for rank in ranks for shape in product(range(min_side, max_side + 1), repeat=rank)]
    full = sorted((shape for shape in found if 0 not in shape), key=_teaches_less)
    empty = sorted((shape for shape in found if 0 in shape), key=lambda shape: shape.count(0))
    few = max(2, len(full) // EMPTY_SHARE)
    return (*full, *empty[:: max(1, len(empty) // few)][:few])


def build(shape: Shape, dtype: torch.dtype, regime: str, layout: str, seed: int) -> Tensor:
    """The tensor of a recipe."""
    kind = "u" if dtype in (torch.uint8, torch.bool) else "f"
    values = torch.from_numpy(_values(shape, regime, seed, kind))
    return _laid_out(values % 2 == 1 if dtype == torch.bool else values.to(dtype), layout)


def build_array(shape: Shape, dtype: Any, regime: str, layout: str, seed: int) -> np.ndarray:
    """The array of a recipe."""
    values = _values(shape, regime, seed, "u" if dtype.kind in "ub" else "f")
    return _laid_out(
        torch.from_numpy(np.asarray(values % 2 == 1 if dtype.kind == "b" else values.astype(dtype))), layout
    ).numpy()


def _recipes(known: Sequence[Shape], dtypes: Sequence[Any], regimes: Sequence[str], layouts: Sequence[str]) -> Strategy:
    """Recipes as three draws: (shape, dtype), (regime, layout), seed; each draw costs as much as a small test."""
    kinds = st.sampled_from(tuple(product(known, dtypes)))
    manners = st.sampled_from(tuple(product(regimes, layouts)))
    return st.tuples(kinds, manners, seeds()).map(lambda drawn: (*drawn[0], *drawn[1], drawn[2]))


def _teaches_less(shape: Shape) -> tuple[Any, ...]:
    """Sort key: at least 2 and all different first, then few elements, then few dimensions."""
    plain = [side < 2 for side in shape]
    return (len(set(shape)) < len(shape), sum(plain), len(shape), int(np.prod(shape)), shape)


def _values(shape: Shape, regime: str, seed: int, kind: str) -> np.ndarray:
    """Numbers of a regime in float64: a stretch of one fixed random sequence, which begins at `seed`.

    `kind` "u" gives whole numbers from 0 to 255.
    """
    count = math.prod(shape)
    stretch = _NORMAL[seed : seed + count]
    if regime == "distinct":
        lowest = 0.0 if kind == "u" else float(seed % 5)
        numbers = np.arange(1.0, count + 1) if seed == 0 else stretch.argsort() - lowest
    elif regime == "ties":
        numbers = np.clip(np.rint(stretch), -1, 1)
        if count > 1 and seed % 4 and (numbers == numbers[0]).all():
            numbers[-1] -= 1  # all equal is worth a look now and then, not more
    else:
        numbers = 3 * stretch if regime == "generic" else np.rint(100 * LARGE * stretch) / 100
    return np.asarray(np.rint(abs(numbers)) % 256 if kind == "u" else numbers).reshape(shape)


def _laid_out(tensor: Tensor, layout: str) -> Tensor:
    if layout == "transposed" and tensor.ndim >= 2:
        return tensor.mT.contiguous().mT
    if layout != "contiguous" and tensor.ndim >= 1:
        return tensor.repeat_interleave(2, -1).roll(1, -1)[..., 1::2]  # what lies between are the elements before
    return tensor


def _nest(values: list[Any], shape: Shape) -> Any:
    if not shape:
        return values[0]
    step = len(values) // shape[0] if shape[0] else 0
    return [_nest(values[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]
