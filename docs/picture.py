"""Draw what a wrong answer looks like: `python docs/picture.py` writes docs/wrong_answer.svg.

A copy of the tree gets a wrong answer, pytest runs there as a learner would run it, and its output is drawn.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(__file__).with_name("wrong_answer.svg")
COMMAND = "pytest katas/01_tensors"
COLUMNS = 80
STUB = "evenly_spaced"
WRONG = f"""def {STUB}(start, end, steps):
    if steps < 1:
        raise ValueError(steps)
    return start + torch.arange(steps) * (end - start) / steps"""


def screen() -> str:
    """The output of a real run, with its colours: all is solved but one stub, which is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "torchkata")
        for name in ("katas", "reference", "mistakes", "torchkata"):
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("conftest.py", "pyproject.toml"):
            shutil.copy(ROOT / name, tree)
        stubs = tree / "katas/01_tensors/tensors.py"
        stubs.write_text(with_mistake((tree / "reference/tensors.py").read_text("utf-8")), "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", *COMMAND.split(), "--color=yes", "-p", "no:cacheprovider"],
            cwd=tree,
            env={**os.environ, "COLUMNS": str(COLUMNS), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
    return done.stdout


def with_mistake(reference: str) -> str:
    """The reference with a wrong answer to the stub."""
    text, count = re.subn(rf"^def {STUB}\(.*?(?=^def )", f"{WRONG}\n\n\n", reference, flags=re.M | re.S)
    assert count == 1
    return text


def drawn(text: str) -> str:
    """The picture as SVG: a terminal with the command and its output; no fonts from elsewhere."""
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    console.print(Text(f"$ {COMMAND}", style="bold"))
    console.print(Text.from_ansi(text.rstrip()))
    svg = console.export_svg(title="torchkata", theme=MONOKAI, unique_id="torchkata")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)
    return re.sub(r"[ \t]+$", "", svg, flags=re.M).replace("Fira Code,", "").rstrip() + "\n"


def main() -> None:
    """Write the picture."""
    TARGET.write_text(drawn(screen()), "utf-8")
    print(TARGET.relative_to(ROOT))


if __name__ == "__main__":
    main()
