"""`kata` and `kata run`: a verdict at each save, and one verdict at once.

The watching process imports neither torch nor pytest. It draws, listens to the keyboard, to the files and to the
resident process (`warm`), and keeps what it learnt in the store.
"""

import contextlib
import difflib
import os
import queue
import sys
import time
from pathlib import Path
from typing import Any

import click

from torchkata import lessons
from torchkata.errors import NOT_WRITTEN
from torchkata.events import KEYS, Event, Server, files, keyboard
from torchkata.names import Target
from torchkata.report import Facts, Summary, Writer
from torchkata.saves import changed_stubs, saved
from torchkata.skills import Skill, find_skills
from torchkata.store import Store
from torchkata.stubfile import Problem, StubFile, pristine_texts, stub_names

COLOURS = {"green": "green", "red": "red", "yellow": "yellow"}
CLEAR = "\x1b[2J\x1b[3J\x1b[H"


def watch(root: Path, target: Target | None = None) -> int:
    """Show the first stub that is not green, check it at each save, and go on; the exit code."""
    if not sys.stdout.isatty():
        raise Problem("`kata` needs a terminal; use `kata run`")
    session = Watch(root, target)
    with contextlib.ExitStack() as stack:
        stack.enter_context(keyboard(session.events))
        stack.callback(session.server.stop)
        stack.enter_context(files(root, session.events))
        try:
            return session.run()
        except KeyboardInterrupt:
            return 0


def run(root: Path, target: Target | None = None) -> int:
    """Check a stub, a skill or all once, without a resident process; 0 only when all is green."""
    import gc

    gc.disable()
    from torchkata import devices, profiles, supervisor
    from torchkata.properties import LIMIT

    profiles.register()
    devices.prepare()
    gc.freeze()

    def session(pulse: supervisor.Pulse, lost: supervisor.Lost) -> int:
        return _check_once(root, target, pulse, lost)

    alone = not supervisor.is_possible()
    code = session(supervisor.Pulse(), {}) if alone else supervisor.supervise(session, LIMIT)
    sys.stdout.flush()
    os._exit(code)  # the interpreter's own end takes half a second with torch loaded


def _check_once(root: Path, target: Target | None, pulse: Any, lost: dict[str, Any]) -> int:
    from torchkata.checking import Checker

    facts: list[Facts] = []
    planned = []
    for skill in [target.skill] if target else find_skills(root):
        checker = Checker(skill)
        kata = checker.load()
        stubs = [target.stub] if target and target.stub else checker.stubs
        planned += [each for each in checker.planned() if each[1] in stubs]
        own: list[Facts] = []
        for stub in stubs:
            name = f"{skill.folder.name}.{stub}"
            pulse.begin(name, str(checker.solution))
            held = checker.lost(stub, lost[name]) if name in lost else checker.unwritten(stub)
            own += held or checker.confirm(stub, kata)
            pulse.end()
        wrong = next((each for each in own if each["state"] == "wrong"), None)
        if wrong and not any(each["state"] == "wrong" for each in facts):
            wrong["looks_like"] = checker.diagnosis(wrong, kata)
        Store(root).record(skill, _states(own))
        facts += own
    summary = Summary(facts, planned, None if target and target.stub else root, again="kata run {stub}")
    summary.write(Writer(Terminal(), sys.stdout.encoding))
    return 1 if summary.open_stubs() else 0


class Terminal:
    """The screen as `report` wants it."""

    def write(self, msg: str, *, flush: bool = False, **markup: bool) -> None:
        click.echo(_styled(msg, markup), nl=False)

    def line(self, s: str = "", **markup: bool) -> None:
        click.echo(_styled(s, markup))


class Watch:
    """What is known, what is shown, and what happens at each event."""

    def __init__(self, root: Path, target: Target | None = None) -> None:
        self.root, self.store, self.events = root, Store(root), queue.Queue[Event]()
        self.server = Server(root, self.events)
        self.skill = target.skill if target else self._first_open_skill()
        self.stub = target.stub if target and target.stub else ""
        self.facts: dict[str, list[Facts]] = {}
        self.held = b""  # what the stub file held when it was last checked
        self.number = 0  # of the last request; answers to older ones are dropped
        self.asked, self.asked_for = 0.0, ""  # when, and for which stub first
        self.changed: list[str] = []  # the stubs whose code the last save changed
        self.times: dict[str, float] = {}
        self.ready = False
        self.confirming = False
        self.notes: list[str] = []
        self.passed = ""

    def run(self) -> int:
        self.server.start()
        self.draw()
        while True:
            kind, value = self.events.get()
            if kind == "key":
                if value == "quit":
                    return 0
                getattr(self, f"key_{value}")()
            elif kind == "files":
                self.files_changed(value)
            elif kind == "server":
                self.heard(value)
            elif kind == "lost":
                self.ready = False
                last = value.strip().splitlines()[-1:] or ["it ended"]
                self.notes = [f"the checking process is gone ({last[0]}); press r to start it again"]
                self.draw()

    # events

    def files_changed(self, paths: set[Path]) -> None:
        """A stub file was saved: check it. Another file of the suite: start the resident process anew."""
        skills = {skill.stubs.resolve(): skill for skill in find_skills(self.root)}
        mine = [skills[path] for path in paths if path in skills]
        if any(path not in skills and path.suffix in (".py", ".toml") for path in paths):
            self.ready = False
            self.server.start()
            self.notes = ["the tests have changed: starting again"]
            self.draw()
        if mine:
            self.learner_saved(mine[0] if self.skill not in mine else self.skill)

    def learner_saved(self, skill: Skill) -> None:
        began = time.monotonic()
        if skill != self.skill:
            self._enter(skill)
        data = saved(skill.stubs, self.held)
        if data is None:
            self.notes = [f"{skill.stubs.name} is gone. `kata undo` or `kata reset {skill.name}` brings it back."]
            self.draw()
        elif data != self.held or not self.facts:
            self.check(data, changed_stubs(self.held, data) if self.facts else [], began)

    def check(self, data: bytes, changed: list[str], began: float) -> None:
        """Ask for a check: of what has changed first, then of the rest of the skill."""
        names = stub_names(self.skill)
        changed = [name for name in changed if name in names]
        if changed and self.stub not in changed:
            self.stub = changed[0]
        first = [self.stub] if self.stub in names else []
        rest = [name for name in changed if name not in first] + [
            name for name in names if name not in first and name not in changed
        ]
        self.held, self.number, self.asked, self.times = data, self.number + 1, began, {}
        self.asked_for, self.changed = self.stub, changed
        self.notes, self.passed, self.confirming = [], "", True
        if self.ready:
            self.server.ask({"check": self.skill.folder.name, "first": first, "rest": rest, "id": self.number})

    def heard(self, message: dict[str, Any]) -> None:
        """Something from the resident process."""
        stage = message["stage"]
        if stage == "ready":
            self.ready = True
            self.times["start"] = time.monotonic() - self.server.started
            self.key_rerun()
        if message.get("id") != self.number or self._is_stale():
            return
        stub = message.get("stub", "")
        if stub == self.asked_for or stage == "end":
            self.times.setdefault(stage, time.monotonic() - self.asked)
        if stage == "first":
            self.facts[stub] = [message["facts"]]
        elif stage == "looked":
            self.passed = stub
        elif stage == "confirmed":
            self.confirmed(stub, message["facts"])
        elif stage == "named":
            for each in self.facts.get(stub, []):
                each["looks_like"] = message["sentence"] if each["state"] == "wrong" else ""
        elif stage == "end":
            self.confirming = False
            self.store.record(self.skill, _states([each for facts in self.facts.values() for each in facts]), self.held)
        if stub == self.stub or stage == "end":
            self.draw()

    def confirmed(self, stub: str, facts: list[Facts]) -> None:
        was_open = self.state(stub) != "green"
        self.facts[stub] = facts
        if stub in self.changed:  # the others are recorded together at the end: writing takes time from the checks
            self.store.record(self.skill, _states(facts), self.held)
        if stub == self.stub and self.state(stub) == "green" and was_open:
            self.notes = [f"`{stub}` is green."]
        if not self.stub or (stub == self.stub and self.state(stub) == "green"):
            self._advance()

    # keys

    def key_next(self) -> None:
        """The next stub that is not green; from the last one the next skill."""
        names, now = stub_names(self.skill), self.stub
        later = [name for name in names[names.index(now) + 1 :] if self.state(name) != "green"] if now in names else []
        opened = later or [name for name in names if self.state(name) != "green" and name != now]
        self.notes = []
        if opened:
            self.stub = opened[0]
        elif not now or self.state(now) == "green":
            self._enter(self._first_open_skill())
            self.key_rerun()
        self.draw()

    def key_hint(self) -> None:
        hints = lessons.hints(self.skill, self.stub) if self.stub else []
        if hints:
            number = min(self.store.see_hint(self.skill, self.stub), len(hints))
            self.notes = [f"Hint {number} of {len(hints)}: {hints[number - 1]}"]
        self.draw()

    def key_list(self) -> None:
        symbols = Writer(Terminal(), sys.stdout.encoding).symbols
        names = stub_names(self.skill)
        width = max(map(len, names), default=0)
        self.notes = [f"{symbols.get(self.state(name), '·')} {name:<{width}}  {self.state(name)}" for name in names]
        self.draw()

    def key_diff(self) -> None:
        """What the learner has written, against the stub as it was shipped."""
        try:
            mine = StubFile.read(self.skill.stubs).texts().get(self.stub, "")
            shipped = pristine_texts(self.skill).get(self.stub, "")
            lines = list(difflib.unified_diff(shipped.splitlines(), mine.splitlines(), "shipped", "yours", lineterm=""))
        except Problem as problem:
            lines = [str(problem)]
        self.notes = lines or ["Nothing written yet."]
        self.draw()

    def key_rerun(self) -> None:
        if not self.ready:
            self.server.start()
        data = saved(self.skill.stubs, self.held)
        if data is not None:
            self.check(data, [], time.monotonic())
        self.draw()

    # drawing

    def state(self, stub: str) -> str:
        if self.facts.get(stub):
            return Summary(self.facts[stub]).state((self.skill.folder.name, stub))
        return self.store.states(self.skill).get(stub, "not run")

    def draw(self) -> None:
        """Draw the whole screen anew."""
        terminal = Terminal()
        out = Writer(terminal, sys.stdout.encoding)
        facts = [each for name in stub_names(self.skill) for each in self.facts.get(name, [])]
        planned = [(self.skill.folder.name, name, number) for number, name in enumerate(stub_names(self.skill))]
        summary = Summary(facts, planned, self.root, again="save the file")
        terminal.write(CLEAR)
        summary.write_skill(out, self.skill.folder.name)
        key = (self.skill.folder.name, self.stub)
        if self.stub and self.facts.get(self.stub) and self.state(self.stub) in ("wrong", NOT_WRITTEN):
            if self.passed == self.stub:
                out.line(f"\n{self.stub}   passes a first look, confirming …")
            else:
                summary.write_detail(out, key)
        elif facts and not self.confirming and not summary.open_stubs() and len(self.facts) == len(planned):
            out.line(f"\n{self.skill.folder.name} is green. Press n for the next skill.", green=True)
        elif not self.ready:
            out.line("\ngetting ready …")
        if self.notes:
            out.line()
            for note in self.notes:
                for line in (
                    click.wrap_text(note, 78, preserve_paragraphs=False).splitlines() if " " in note else [note]
                ):
                    out.line(f"  {line}" if not note.startswith((" ", "+", "-", "@")) else note)
                    if note.startswith((" ", "+", "-", "@")):
                        break
        out.line(f"\n{self._footer()}")
        sys.stdout.flush()

    def _footer(self) -> str:
        labels = {"first": "first verdict", "looked": "first look", "confirmed": "confirmed", "end": "whole skill"}
        shown = [f"{labels[name]} {seconds * 1000:.0f} ms" for name, seconds in self.times.items() if name in labels]
        keys = "  ".join(f"{key} {word}" for key, word in KEYS.items())
        return "\n".join(filter(None, [" · ".join(shown), keys]))

    # where to go

    def _advance(self) -> None:
        opened = [name for name in stub_names(self.skill) if self.state(name) != "green"]
        self.stub = opened[0] if opened else ""

    def _enter(self, skill: Skill) -> None:
        self.skill, self.stub, self.facts, self.held, self.notes = skill, "", {}, b"", []
        self.number += 1

    def _first_open_skill(self) -> Skill:
        skills = find_skills(self.root)
        opened = [each for each in skills if set(self.store.states(each).values()) != {"green"}]
        return (opened or skills)[0]

    def _is_stale(self) -> bool:
        """Whether the file has changed since the check was asked for: its save will bring a verdict of its own."""
        try:
            return self.skill.stubs.read_bytes() != self.held
        except OSError:
            return True


def _states(facts: list[Facts]) -> dict[str, str]:
    """The state of each stub that the facts are about."""
    summary = Summary(facts)
    return {stub: summary.state((skill, stub)) for skill, stub in summary.by_stub}


def _styled(text: str, markup: dict[str, bool]) -> str:
    if os.environ.get("NO_COLOR"):
        return text
    colour = next((COLOURS[name] for name, on in markup.items() if on and name in COLOURS), None)
    return click.style(text, fg=colour, bold=markup.get("bold")) if colour or markup.get("bold") else text
