"""The product of two matrices, in all ways, by size."""

from typing import Any

import pytest
import torch

from torchkata.bench import machine, matmul, pairs
from torchkata.bench.figures import Spread, exponent

FAST = (16, 128, 512)
SCALING = {"loops over lists": (32, 64, 128), "@": (512, 1024, 2048)}


class _Anything:
    """Stands for a module of which only the names of the ways are asked."""

    def __getattr__(self, name: str) -> Any:
        return name


CASES = [(way.name, n, dtype) for way in matmul.ways(_Anything()) for dtype in way.dtypes for n in way.sizes()]


@pytest.fixture(scope="module")
def ways(reference: Any) -> dict[str, matmul.Way]:
    return {way.name: way for way in matmul.ways(reference("broadcasting"))}


@pytest.fixture
def tf32(request: pytest.FixtureRequest) -> Any:
    """Full float32 products, or TF32 ones for the dtype "tf32"."""
    torch.backends.cuda.matmul.allow_tf32 = request.node.callspec.params["dtype"] == "tf32"
    yield
    torch.backends.cuda.matmul.allow_tf32 = False


def skip_unless_possible(device: str, dtype: str) -> None:
    if dtype == "tf32" and device != "cuda":
        pytest.skip("TF32 is of CUDA devices")
    if dtype == "bfloat16" and not machine.has_bfloat16(device):
        pytest.skip(f"the hardware of {device} does not multiply bfloat16")


@pytest.mark.usefixtures("tf32")
@pytest.mark.parametrize(("name", "n", "dtype"), CASES, ids=[f"{name}-{n}-{dtype}" for name, n, dtype in CASES])
def test_product(name, n, dtype, device, ways, state, measure):
    """Each way against `torch.matmul` and against the peak of the machine."""
    skip_unless_possible(device, dtype)
    way = ways[name]
    if state.fast and n not in (FAST[:1] if "loops" in name else FAST):
        pytest.skip("not with --fast")
    a, b = matmul.inputs(way, n, device, dtype)
    work = way.make(a, b)
    assert matmul.error(work(), a, b) <= matmul.tolerance(n, dtype)

    peak = state.peak(device, dtype)
    best = machine.product(peak.n, device, a.dtype)
    others = {"torch.matmul": lambda: torch.matmul(a, b), "peak": best}
    times = measure(work, others, device=device, way=name, n=n, dtype=dtype)
    measure.note_rates(times, matmul.flops(way, n), peak)
    measure.note(bytes=matmul.traffic(way, n, dtype))


@pytest.mark.parametrize("name", list(SCALING))
def test_time_by_size(name, device, ways, fast, measure):
    """The time of a product grows with the third power of n: twice the size takes eight times as long."""
    way, sizes = ways[name], SCALING[name]
    if fast:
        sizes = tuple(n // 2 for n in sizes)
    if device == "cuda" and name != "@":
        pytest.skip("the loop runs on the CPU")
    works = {str(n): way.make(*matmul.inputs(way, n, device, "float32")) for n in sizes}
    blocks = {n: pairs.block(work, device) for n, work in works.items()}
    times = pairs.interleave(blocks, rounds=5 if fast else 20, fewest=3, budget=0.5 if fast else 5)
    slopes = [exponent(sizes, seconds) for seconds in zip(*times.values(), strict=True)]
    measure(works[str(sizes[-1])], {}, device=device, fewest=3, way=name)
    measure.note(sizes=sizes, exponent=Spread.of(slopes).as_dict(), expected=3)
