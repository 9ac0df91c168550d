"""Ways to multiply two matrices, from a loop to the library, and up to which size each can be waited for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Work = Callable[[], Any]
Product = Callable[[Tensor, Tensor], Work]
SIZES = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
BATCH = 16  # matrices in a batch
EPS = {"float32": 2**-23, "tf32": 2**-10, "bfloat16": 2**-7}


@dataclass(frozen=True)
class Way:
    """One way; `make(a, b)` gives the work that is timed, which returns the product."""

    name: str
    make: Product
    largest: int  # beyond it, a product takes many seconds or gigabytes
    batched: bool = False
    dtypes: tuple[str, ...] = ("float32",)

    def matrices(self) -> int:
        return BATCH if self.batched else 1

    def sizes(self) -> list[int]:
        return [n for n in SIZES if n <= self.largest]


def over_lists(a: Tensor, b: Tensor) -> Work:
    """Three loops over Python lists: no call of torch, but each number is an object."""
    rows, columns = a.tolist(), b.T.tolist()
    return lambda: [[sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in rows]


def row_by_row(a: Tensor, b: Tensor) -> Work:
    """One loop; each row is a vector times the matrix, which is read again each time."""
    return lambda: torch.stack([row @ b for row in a])


def ways(reference: Any) -> list[Way]:
    """All ways; those that a learner writes too come from `reference`, the module of the solved kata."""
    library = ("float32", "tf32", "bfloat16")

    def into(a: Tensor, b: Tensor) -> Work:
        out = a.new_empty(a.shape[0], b.shape[1])
        return lambda: reference.matmul_out(a, b, out)

    def of(function: Callable[[Tensor, Tensor], Tensor]) -> Product:
        return lambda a, b: lambda: function(a, b)

    return [
        Way("loops over tensors", of(reference.matmul_loops), 32),
        Way("loops over lists", over_lists, 128),
        Way("row by row", row_by_row, 1024),
        Way("broadcast and sum", of(reference.matmul_broadcast), 512),
        Way("einsum", of(reference.matmul_einsum), 4096),
        Way("@", of(reference.matmul_operator), 4096, dtypes=library),
        Way("batched @", of(reference.matmul_operator), 1024, batched=True),
        Way("out=", into, 4096, dtypes=library),
    ]


def inputs(way: Way, n: int, device: str, dtype: str, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Two random matrices (or batches of them) of the right dtype."""
    generator = torch.Generator().manual_seed(seed)
    shape = (BATCH, n, n) if way.batched else (n, n)
    kind = torch.bfloat16 if dtype == "bfloat16" else torch.float32
    a, b = (torch.randn(shape, generator=generator).to(device, kind) for _ in range(2))
    return a, b


def flops(way: Way, n: int) -> int:
    """A multiplication and an addition for each of the n³ terms."""
    return 2 * way.matrices() * n**3


def traffic(way: Way, n: int, dtype: str) -> int:
    """The least bytes that must be moved: both matrices are read and one is written."""
    return 3 * way.matrices() * n * n * (2 if dtype == "bfloat16" else 4)


def error(result: Any, a: Tensor, b: Tensor) -> float:
    """The largest difference to the product in float64, as a share of its largest element."""
    want = a.double().cpu() @ b.double().cpu()
    got = torch.as_tensor(result, dtype=torch.float64).cpu()
    assert got.shape == want.shape, (got.shape, want.shape)
    return ((got - want).abs().max() / want.abs().max()).item()


def tolerance(n: int, dtype: str) -> float:
    """What rounding may do to sums of n terms."""
    return 16 * EPS[dtype] * n**0.5
