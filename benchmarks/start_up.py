"""What a run of `pytest katas/01_tensors` costs beyond its imports, in CPU seconds.

    python benchmarks/start_up.py [kata] [--rounds 5]

The kata (on the reference) and a process that only imports torch, pytest and hypothesis run in turn, so that
a drift of the machine hits both; the difference of each pair counts, and the median of these.
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BASE = [sys.executable, "-c", "import torch, pytest, hypothesis"]


def cpu_seconds(command: list[str]) -> float:
    """User and system time of one process and its children."""
    before = os.times()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return (after.children_user - before.children_user) + (after.children_system - before.children_system)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kata", nargs="?", default="01_tensors")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    kata = [sys.executable, "-m", "pytest", f"katas/{options.kata}", "--solution", "reference"]
    cpu_seconds(BASE), cpu_seconds(kata)  # warm the file cache and the compiled modules
    pairs = [(cpu_seconds(BASE), cpu_seconds(kata)) for _ in range(options.rounds)]
    extra = sorted(after - before for before, after in pairs)
    base, whole = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"imports alone {base:.2f} s, {options.kata} {whole:.2f} s (medians of {options.rounds}, CPU)")
    print(f"extra: median {statistics.median(extra):.2f} s, from {extra[0]:.2f} to {extra[-1]:.2f} s")


if __name__ == "__main__":
    main()
