"""How the answers of `kata` look: 80 columns, readable without colour, plain ASCII where a terminal needs that."""

import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

import click

from torchkata.errors import NOT_WRITTEN
from torchkata.lessons import Contract
from torchkata.store import CHANGED, NOT_RUN

SYMBOLS = {"green": "●", "wrong": "✗", NOT_WRITTEN: "○", CHANGED: "~", NOT_RUN: "·"}
PLAIN = {"green": "*", "wrong": "x", NOT_WRITTEN: "o", CHANGED: "~", NOT_RUN: "."}
COLOURS = {"green": "green", "wrong": "red", NOT_WRITTEN: "yellow", CHANGED: "cyan"}
WIDTH = 80


def echo(text: str = "") -> None:
    """Print a line; `click.echo` alone would write UTF-8 where the terminal knows ASCII only."""
    click.echo(text, file=sys.stdout)


def symbol(state: str) -> str:
    """The symbol of a state, as the terminal can show it."""
    try:
        "".join(SYMBOLS.values()).encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return PLAIN.get(state, ".")
    return SYMBOLS.get(state, "·")


def mark(state: str) -> str:
    """The symbol of a state in its colour."""
    return click.style(symbol(state), fg=COLOURS.get(state))


def contract(what: Contract, indent: str = "  ") -> None:
    """Print a signature, what it promises, and the same for the methods of a class."""
    wrapped(what.signature, indent, indent + "    ")
    echo()
    for line in what.lines:
        wrapped(line, indent)
    if what.text:
        echo()
    for method in what.methods:
        contract(method, indent + "  ")


def wrapped(line: str, indent: str, later: str | None = None) -> None:
    """Print a line in the width of the screen; the indent that it has itself is kept."""
    own = line[: len(line) - len(line.lstrip())]
    more = (indent if later is None else later) + own + ("... " if line.lstrip().startswith(">>>") else "")
    for part in textwrap.wrap(
        line.strip(), WIDTH, initial_indent=indent + own, subsequent_indent=more,
        break_long_words=False, break_on_hyphens=False, replace_whitespace=False,
    ) or [""]:  # fmt: skip
        echo(part)


def code(lines: list[str], *, diff: bool = False) -> None:
    """Print Python, or a diff, as it is."""
    for line in lines:
        colour = {"+": "green", "-": "red"}.get(line[:1]) if diff else None
        echo(click.style(f"  {line}".rstrip(), fg=colour))
    echo()


def title(text: str, state: str = "") -> None:
    """Print the first line of an answer."""
    echo(f"{click.style(text, bold=True, fg=COLOURS.get(state))}\n")


def paragraph(text: str) -> None:
    """Print a text, and an empty line after it."""
    wrapped(text, "  ", "     " if text[:2].strip(".").isdigit() else "  ")
    echo()


def row(label: str, text: str) -> None:
    """Print a label on the left and a text on the right."""
    echo(f"  {label:<11}{text}")


def say(lines: Iterable[str]) -> None:
    """Print sentences."""
    for line in lines:
        for part in textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False):
            echo(part)


def count(number: int, word: str) -> str:
    """`1 stub`, `2 stubs`."""
    return f"{number} {word}{'s' * (number != 1)}"


def relative(path: Path) -> str:
    """A path as the learner would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
