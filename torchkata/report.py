"""What the learner sees: one line a kata, then the first stub that is not green, in detail.

It is drawn from facts (see `verdict`) and knows neither pytest nor torch: a watching process draws with it too.
"""

import ast
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from torchkata import source
from torchkata.errors import NOT_WRITTEN
from torchkata.skills import find_skills

SYMBOLS = {"green": "●", "wrong": "✗", NOT_WRITTEN: "○", "not run": "·", "skipped": "-"}
PLAIN = {"green": "*", "wrong": "x", NOT_WRITTEN: "o", "not run": ".", "skipped": "-"}
COLOURS = {"green": {"green": True}, "wrong": {"red": True}, NOT_WRITTEN: {"yellow": True}}
WHOLE_FILE = ("file missing", "syntax error", "file can't be imported")  # one finding says it for all stubs
WORST_FIRST = ("wrong", NOT_WRITTEN, "skipped", "green")
LABEL = 11  # columns of the words on the left
WIDTH = 80
MOST_PRINTED = 8  # lines of what a stub printed

Facts = dict[str, Any]
Planned = tuple[str, str, int]  # a property that is to run: its skill, its stub, its line


class Terminal(Protocol):
    """Where the report goes: pytest's terminal, or that of a command."""

    def write(self, msg: str, *, flush: bool = False, **markup: bool) -> None: ...

    def line(self, s: str = "", **markup: bool) -> None: ...


class Writer:
    """Writes rows to a terminal, in plain ASCII where its encoding knows nothing else."""

    def __init__(self, terminal: Terminal, encoding: str | None = "utf-8") -> None:
        self.terminal = terminal
        try:
            "".join(SYMBOLS.values()).encode(encoding or "utf-8")
            self.symbols = SYMBOLS
        except (UnicodeEncodeError, LookupError):
            self.symbols = PLAIN

    def line(self, text: str = "", **markup: bool) -> None:
        self.terminal.line(text, **markup)

    def part(self, text: str, **markup: bool) -> None:
        self.terminal.write(text, **markup)

    def row(self, label: str, text: str, **markup: bool) -> None:
        """A label on the left and a text, of several lines perhaps, on the right."""
        lines = [part for line in text.splitlines() or [""] for part in _wrapped(line)]
        self.part(f"  {label:<{LABEL}}", bold=True)
        self.line(lines[0], **markup)
        for line in lines[1:]:
            self.line(" " * (LABEL + 2) + line, **markup)


class Summary:
    """The state of every stub of a run, and how it is told."""

    def __init__(
        self,
        facts: list[Facts],
        planned: Iterable[Planned] = (),
        root: Path | None = None,
        note: str = "",
        again: str = "pytest katas/{skill} -k {stub}__",
    ) -> None:
        """`root` is given when whole skills were run: then the next lesson is named.

        `note` comes last; `again` says how to check one stub once more.
        """
        self.root, self.note, self.again = root, note, again
        self.facts = sorted(facts, key=lambda each: (each["skill"], each["position"]))
        self.by_stub: dict[tuple[str, str], list[Facts]] = {}
        places = {(skill, stub): (skill, line) for skill, stub, line in reversed(list(planned))}
        for each in self.facts:
            places.setdefault((each["skill"], each["stub"]), (each["skill"], each["position"]))
        for key in sorted(places, key=lambda key: places[key]):
            self.by_stub[key] = [each for each in self.facts if (each["skill"], each["stub"]) == key]

    def state(self, key: tuple[str, str]) -> str:
        states = {each["state"] for each in self.by_stub[key]}
        return next((state for state in WORST_FIRST if state in states), "not run")

    def write(self, out: Writer) -> None:
        for skill in dict.fromkeys(skill for skill, _ in self.by_stub):
            self.write_skill(out, skill)
        open_stubs = self.open_stubs()
        if open_stubs:
            self.write_detail(out, open_stubs[0])
            self._write_others(out, open_stubs)
        else:
            self._write_green(out)
        if self.note:
            out.line(f"\n{self.note}")

    def open_stubs(self) -> list[tuple[str, str]]:
        """The stubs that are wrong or not written, in the order of the files."""
        return [key for key in self.by_stub if self.state(key) in ("wrong", NOT_WRITTEN)]

    def write_skill(self, out: Writer, skill: str) -> None:
        keys = [key for key in self.by_stub if key[0] == skill]
        out.part(f"{skill:<20}")
        for key in keys:
            state = self.state(key)
            out.part(out.symbols[state], **COLOURS.get(state, {}))
        green = sum(self.state(key) == "green" for key in keys)
        out.line(f"  {green} of {len(keys)} green")

    def write_detail(self, out: Writer, key: tuple[str, str]) -> None:
        skill, stub = key
        failed = [each for each in self.by_stub[key] if each["state"] in ("wrong", NOT_WRITTEN)]
        facts = next((each for each in failed if each["state"] == "wrong"), failed[0])
        finding = facts["finding"] or {}
        out.line()
        place = f"{_relative(finding.get('file') or facts['solution'])}:{finding.get('line') or 1}"
        reason = finding.get("reason", "the test itself failed")
        name = Path(finding["file"]).name if reason in WHOLE_FILE else stub
        title = f"{out.symbols[facts['state']]} {name}   {reason}"
        out.part(title, bold=True, **COLOURS.get(facts["state"], {}))
        out.line(f"   {place}")
        out.line()
        if facts["state"] == NOT_WRITTEN:
            self._write_contract(out, Path(facts["solution"]), stub)
        else:
            self._write_finding(out, facts, finding)
        self._write_next(out, skill, stub, finding.get("reason", ""))

    def _write_contract(self, out: Writer, path: Path, stub: str) -> None:
        node = source.definitions(source.parse(path)).get(stub)
        docstring = (ast.get_docstring(node) if node else "") or ""
        for line in _wrapped(docstring.split("\n")[0], WIDTH - 2) if docstring else []:
            out.line(f"  {line}")
        _, arrows, example = docstring.partition(">>> ")
        if arrows:
            out.line()
            out.row("example", f">>> {example}".rstrip())

    def _write_finding(self, out: Writer, facts: Facts, finding: Facts) -> None:
        if facts["broken_test"]:
            out.line(facts["longrepr"])
            return
        if finding["reason"] not in WHOLE_FILE:
            for line in _wrapped(facts["sentence"], WIDTH - 2):
                out.line(f"  {line}")
            out.line()
        if facts["device"] != "cpu":
            out.row("device", facts["device"])
        for label, text, markup in (
            ("call", finding["call"], {}),
            ("expected", finding["expected"], {"green": True}),
            ("yours", finding["got"], {"red": True}),
            ("differs", finding["difference"], {}),
            ("your line", finding["source"], {}),
            ("note", finding["message"], {}),
        ):
            if text:
                out.row(label, text, **markup)
        printed = facts["printed"].strip().splitlines()
        if printed:
            out.row("printed", "\n".join(["…"] * (len(printed) > MOST_PRINTED) + printed[-MOST_PRINTED:]))
        if facts["looks_like"]:
            out.line()
            for line in _wrapped(f"This looks like: {_inside_a_sentence(facts['looks_like'])}", WIDTH - 2):
                out.line(f"  {line}", bold=True)

    def _write_next(self, out: Writer, skill: str, stub: str, reason: str) -> None:
        out.line()
        if reason in WHOLE_FILE:
            out.row("again", f"pytest katas/{skill}")
            return
        out.row("again", self.again.format(skill=skill, stub=stub))
        out.row("hints", f"katas/{skill}/hints.md, at `{stub}`")

    def _write_others(self, out: Writer, open_stubs: list[tuple[str, str]]) -> None:
        rest = [key for key in open_stubs[1:] if self._reason(key) not in WHOLE_FILE]
        if rest:
            out.line()
        width = max((len(stub) for _, stub in rest), default=0)
        for key in rest:
            state, reason = self.state(key), self._reason(key)
            out.part(f"{out.symbols[state]} ", **COLOURS.get(state, {}))
            out.line(f"{key[1]:<{width}}  {reason:<16} {self._place(key)}")

    def _write_green(self, out: Writer) -> None:
        out.line()
        stubs = [key for key in self.by_stub if self.state(key) == "green"]
        properties = sum(each["state"] == "green" for each in self.facts)
        out.line(
            f"Green: {_count(len(stubs), 'stub')}, {_count(properties, 'property', 'properties')} held.", green=True
        )
        following = self._next_lesson()
        if following:
            out.line(f"Next:  {following}")

    def _next_lesson(self) -> str:
        """The lesson after the last skill of this run, if the run had every stub of it."""
        last = list(self.by_stub)[-1][0]
        folders = [skill.folder for skill in find_skills(self.root)] if self.root else []
        later = [folder for folder in folders if folder.name > last]
        complete = all(self.state(key) == "green" for key in self.by_stub)
        return f"{_relative(str(later[0]))}/README.md" if later and complete else ""

    def _first(self, key: tuple[str, str]) -> Facts:
        found = [each["finding"] for each in self.by_stub[key] if each["state"] != "green" and each["finding"]]
        return found[0] if found else {"reason": "the test itself failed", "file": "", "line": 1}

    def _reason(self, key: tuple[str, str]) -> str:
        return str(self._first(key)["reason"])

    def _place(self, key: tuple[str, str]) -> str:
        found = self._first(key)
        return f"{_relative(found['file'])}:{found['line']}"


def _wrapped(line: str, width: int = WIDTH - LABEL - 2) -> list[str]:
    """Break a long line at spaces, keeping its indent; Python inside brackets stays Python."""
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line,
        width,
        subsequent_indent=indent + "    " * line.lstrip().startswith(">>>"),
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    ) or [""]


def _inside_a_sentence(text: str) -> str:
    """`text` on one line, its first word in lower case if it is an ordinary word."""
    words = " ".join(text.split())
    return words[:1].lower() + words[1:] if words[1:2].islower() or words[1:2] == " " else words


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _relative(path: str) -> str:
    """A path as the learner would type it."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path
