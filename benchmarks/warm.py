"""How fast `kata` answers a save, against a fresh pytest; and that no save and no fork goes wrong.

    python benchmarks/warm.py                 medians of 30 saves, alternated with fresh pytest runs
    python benchmarks/warm.py --saves 1000    random saves in all ways an editor writes: no wrong verdict
    python benchmarks/warm.py --forks 1000    children whose stub runs parallel torch code: no hang

Everything is real: the workspace on disk, the file watcher, the resident process. Only the drawing is left out.
Machines drift, so believe the ratios.
"""

import argparse
import contextlib
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torchkata.events import files
from torchkata.names import resolve
from torchkata.warm import CHILDREN
from torchkata.watch import Watch

ROOT = Path(__file__).parent.parent
SKILL, STUB = "03_shapes", "insert_dim"
PATIENCE = 120.0
PAUSE = 0.3  # seconds between two saves that are measured: nobody saves again within a moment
RIGHT = "return x.unsqueeze(dim)"
BODIES = {  # what is written, and what the verdict must be
    RIGHT: "green",
    "return x[None]": "wrong",
    "return x.clone().unsqueeze(dim)": "wrong",
    "return x.unsqueeze(0 if dim < 0 else dim)": "wrong",
    "raise NotImplementedError": "not written yet",
}
PARALLEL = """n = torch.get_num_threads()
    torch.set_num_threads(2)
    torch.ones(600, 600) @ torch.ones(600, 600)
    torch.set_num_threads(n)
    return x.unsqueeze(dim)"""


class Measured(Watch):
    """A watch that notes when it learnt something, and draws nothing."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, resolve(root, f"{SKILL}.{STUB}"))
        self.noted: dict[str, float] = {}
        self.verdicts: list[tuple[bytes, str]] = []
        self.ended = threading.Event()

    def draw(self) -> None:
        pass

    def heard(self, message: dict[str, Any]) -> None:
        fresh = message.get("id") == self.number and not self._is_stale()
        super().heard(message)
        stage, stub = message["stage"], message.get("stub", STUB)
        if fresh and stub == STUB and stage != "ready":
            self.noted.setdefault("first" if stage == "looked" else stage, time.monotonic())
            if stage == "confirmed":
                self.verdicts.append((self.held, self.state(STUB)))
        if fresh and stage == "end":
            self.ended.set()

    def _advance(self) -> None:
        self.stub = STUB


class Bench:
    """A workspace with the reference's answers, and a watch on it."""

    def __init__(self, root: Path) -> None:
        self.root, self.file = root, root / "katas" / SKILL / f"{SKILL[3:]}.py"
        self.right = (ROOT / "reference" / f"{SKILL[3:]}.py").read_text("utf-8")
        assert RIGHT in self.right
        self.file.write_text(self.right, "utf-8")
        self.watch = Measured(root)

    def text(self, body: str) -> str:
        return self.right.replace(RIGHT, body)

    def wait(self) -> None:
        """Until the last save has had its verdict."""
        data, deadline = self.file.read_bytes(), time.monotonic() + PATIENCE
        while not (self.watch.ended.is_set() and self.watch.held == data):
            assert time.monotonic() < deadline, "no verdict"
            time.sleep(0.002)

    def save(self, text: str, way: str) -> float:
        """Save in one way; the moment when the save was over."""
        self.watch.noted, _ = {}, self.watch.ended.clear()
        data = text.encode()
        if way == "rename":
            other = self.file.with_suffix(".tmp")
            other.write_bytes(data)
            os.replace(other, self.file)
        elif way == "pieces":
            with self.file.open("wb", buffering=0) as file:
                for start in range(0, len(data), len(data) // 4):
                    file.write(data[start : start + len(data) // 4])
                    time.sleep(random.uniform(0, 0.02))
        elif way == "truncate":
            self.file.write_bytes(b"")
            time.sleep(random.uniform(0, 0.03))
            self.file.write_bytes(data)
        else:
            self.file.write_bytes(data)
        return time.monotonic()


@contextlib.contextmanager
def bench() -> Iterator[Bench]:
    """A running watch in a workspace of its own."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name in ("katas", "reference", "mistakes"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("conftest.py", "pyproject.toml"):
            shutil.copy(ROOT / name, root / name)
        made = Bench(root)
        with files(root, made.watch.events):
            threading.Thread(target=made.watch.run, daemon=True).start()
            try:
                made.wait()
                yield made
            finally:
                made.watch.events.put(("key", "quit"))
                made.watch.server.stop()


def fresh(root: Path, *arguments: str) -> float:
    """Seconds of a plain run."""
    began = time.monotonic()
    subprocess.run([sys.executable, *arguments], cwd=root, capture_output=True)
    return time.monotonic() - began


def measure(count: int) -> None:
    """Print the medians, and their ratios to a fresh pytest."""
    rows: dict[str, list[float]] = {}
    with bench() as made:
        pytest, kata = ("-m", "pytest", "-p", "no:cacheprovider"), ("-m", "torchkata.cli")
        for number in range(count):
            end = made.save(made.text(RIGHT) + f"\n# {number}\n", "write")  # a comment: only the skill is checked again
            made.wait()
            time.sleep(PAUSE)
            end = made.save(made.text(f"y = {number}\n    {RIGHT}"), random.choice(["write", "rename"]))
            made.wait()
            for stage in ("first", "confirmed", "end"):
                rows.setdefault(stage, []).append(made.watch.noted[stage] - end)
            if number % max(1, count // 6) == 0:
                rows.setdefault("pytest stub", []).append(
                    fresh(made.root, *pytest, f"katas/{SKILL}", "-k", f"{STUB}__")
                )
                rows.setdefault("pytest skill", []).append(fresh(made.root, *pytest, f"katas/{SKILL}"))
                rows.setdefault("kata run", []).append(fresh(made.root, *kata, "run", STUB))
                rows.setdefault("kata list", []).append(fresh(made.root, *kata, "list"))
    medians = {name: statistics.median(values) for name, values in rows.items()}
    print(f"load {os.getloadavg()[0]:.1f}; medians of {count} saves and {len(rows['kata run'])} fresh runs")
    for label, name, against in (
        ("first verdict on the changed stub", "first", "pytest stub"),
        ("confirmed verdict on the changed stub", "confirmed", "pytest stub"),
        (f"confirmed verdict on the skill ({SKILL})", "end", "pytest skill"),
        ("kata run STUB", "kata run", "pytest stub"),
        ("kata list", "kata list", "pytest stub"),
        ("fresh pytest, one stub", "pytest stub", "pytest stub"),
        ("fresh pytest, the skill", "pytest skill", "pytest skill"),
    ):
        ratio = medians[against] / medians[name]
        print(f"{label:<46} {medians[name] * 1000:8.0f} ms   {ratio:6.1f} × as fast")


def stress(count: int, seed: int) -> None:
    """Random saves; every verdict that is accepted must be that of the text it was given for."""
    random.seed(seed)
    with bench() as made:
        texts = {made.file.read_bytes(): "green"}
        for number in range(count):
            body, state = random.choice(list(BODIES.items()))
            text = f"{made.text(body)}\n# {number}\n"  # the same text again would be no change, and get no verdict
            texts[text.encode()] = state
            made.save(text, random.choice(["write", "rename", "pieces", "truncate"]))
            if random.random() < 0.5:
                made.wait()
            else:
                time.sleep(random.uniform(0, 0.15))
            if number % 100 == 99:
                print(f"{number + 1} saves, {len(made.watch.verdicts)} verdicts", flush=True)
        made.wait()
        wrong = [(data, state) for data, state in made.watch.verdicts if texts.get(data) != state]
    for data, state in wrong:
        print(f"{state} instead of {texts.get(data)} for {data[-40:]!r} ({len(data)} bytes)")
    print(f"{count} random saves, {len(made.watch.verdicts)} verdicts, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


def forks(count: int) -> None:
    """Checks in forked children that use two threads; each check takes `CHILDREN` new ones, and both run the stub."""
    with bench() as made:
        for number in range(count // CHILDREN):
            made.save(made.text(f"z = {number}\n    {PARALLEL}"), "write")
            made.wait()
            if number % 100 == 99:
                print(f"{(number + 1) * CHILDREN} forks", flush=True)
    hung = [state for _, state in made.watch.verdicts if state != "green"]
    print(f"{count} forks with parallel code, {len(hung)} of {len(made.watch.verdicts)} verdicts not green")
    sys.exit(1 if hung else 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saves", type=int, default=0)
    parser.add_argument("--forks", type=int, default=0)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.saves:
        stress(options.saves, options.seed)
    elif options.forks:
        forks(options.forks)
    else:
        measure(options.count)
