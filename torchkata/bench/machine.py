"""What the machine is, how fast it can be, and the fixed piece of work that other times are divided by."""

import platform
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from torchkata import devices
from torchkata.bench import pairs
from torchkata.bench.figures import Spread

MEASURED = ("cpu", "cuda")  # other devices have no clock of their own here
COPIED = 2**26  # bytes of the copy that measures the memory
Work = Callable[[], Any]


@dataclass(frozen=True)
class Peak:
    """The fastest matrix product of a device, the best of some sizes, and what its memory moves."""

    device: str
    dtype: str
    n: int
    gflops: float
    gbytes: float  # a second

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def measured_devices() -> list[str]:
    """The devices of this machine that can be measured, cpu first."""
    return [name for name in devices.available() if name in MEASURED]


def facts() -> dict[str, Any]:
    """What a reader must know of the machine; no name of a computer or of a person."""
    return {
        "cpu": cpu_name(),
        "cores": pairs.cores(),
        "threads": torch.get_num_threads(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "cuda": torch.cuda.get_device_name() if torch.cuda.is_available() else "",
        "bfloat16": {device: has_bfloat16(device) for device in measured_devices()},
        "python": platform.python_version(),
        "torch": torch.__version__,
        "system": f"{platform.system()} {platform.machine()}",
    }


def cpu_name() -> str:
    """The processor in words, as the system calls it."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def has_bfloat16(device: str) -> bool:
    """Whether the hardware multiplies bfloat16; without it, bfloat16 is slower than float32, not faster."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    tests = ("_is_avx512_bf16_supported", "_is_amx_tile_supported", "_is_arm_bf16_supported")
    return any(getattr(torch.cpu, name, bool)() for name in tests)


def calibration(device: str) -> Work:
    """A fixed piece of work of about a millisecond: a product, a copy, small calls and plain Python.

    A time divided by that of the calibration, measured in the same breath, can be compared with another machine's.
    """
    product = torch.ones(256, 256, device=device)
    into, big, small = torch.empty_like(product), torch.ones(2**18, device=device), torch.ones(8, device=device)
    copy = torch.empty_like(big)

    def work() -> int:
        for _ in range(2):
            torch.mm(product, product, out=into)
        copy.copy_(big)
        for _ in range(50):
            torch.add(small, small)
        return sum(number & 7 for number in range(5_000))

    return work


def product(n: int, device: str, dtype: torch.dtype) -> Work:
    """The product of two n × n matrices into memory that is there already."""
    a, b = (torch.randn(n, n, device=device).to(dtype) for _ in range(2))
    out = torch.empty_like(a)
    return lambda: torch.mm(a, b, out=out)


def measure_peak(device: str, dtype: torch.dtype, sizes: tuple[int, ...]) -> Peak:
    """The rate of the best of some square products, and of a copy that is too large for the caches."""
    blocks = {str(n): pairs.block(product(n, device, dtype), device) for n in sizes}
    big = torch.zeros(COPIED // 4, device=device)
    copy = torch.empty_like(big)
    blocks["copy"] = pairs.block(lambda: copy.copy_(big), device)
    times = pairs.interleave(blocks, rounds=20)
    seconds = {name: Spread.of(values).median for name, values in times.items()}
    best = max(sizes, key=lambda n: n**3 / seconds[str(n)])
    gflops = 2 * best**3 / seconds[str(best)] / 1e9
    return Peak(device, str(dtype).removeprefix("torch."), best, gflops, 2 * COPIED / seconds["copy"] / 1e9)
