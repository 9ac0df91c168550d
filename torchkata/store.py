"""What a workspace remembers, in its folder `.kata/`: the state of each stub, hints seen, and a copy of every version.

state.json                   readable JSON with a version; replaced as a whole or not at all
snapshots/SKILL/STUB/        one file a version: number, time, and why it was kept are its name
copies/                      whole files, from before a command replaced them
lock                         held while anything is written, so that two commands don't lose each other's work

What only remembers (`record`, `see_hint`) never fails: a full disk is one line, and the run goes on. What keeps a copy
before something is replaced (`keep`, `copy`, `restore`) raises a Problem instead, so that nothing is replaced.
"""

import errno
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from torchkata.errors import NOT_WRITTEN
from torchkata.skills import Skill
from torchkata.stubfile import Problem, StubFile, fingerprint, plain, stub_names, write

FOLDER = ".kata"
VERSION = 1
CHANGED = "changed since green"
NOT_RUN = "not run"
WAIT = 20.0  # seconds for another command to finish writing
MOST_ACTIONS = 50  # that `kata undo` can take back
VERDICTS = ("green", "wrong", NOT_WRITTEN)
SNAPSHOT = re.compile(r"(\d{4,})_(\d{4}-\d\d-\d\d)_(\d\d)-(\d\d)-(\d\d)_([a-z-]+)\.py")

Json = dict[str, Any]
Change = Callable[[Json], None]


@dataclass(frozen=True)
class Snapshot:
    """One version of a stub that was kept."""

    number: int
    time: str
    label: str  # the state it was checked to have, or the command before which it was kept
    path: Path

    @property
    def text(self) -> str:
        return plain(self.path.read_text("utf-8"))


def to_stderr(line: str) -> None:
    """Print a warning where it does not mix with an answer."""
    print(f"kata: {line}", file=sys.stderr)


class Store:
    """The memory of one workspace. Every method reads and writes the disk anew: processes share it."""

    def __init__(self, root: Path, warn: Callable[[str], None] = to_stderr) -> None:
        self.root, self.folder = root, root / FOLDER
        self.path = self.folder / "state.json"
        self._warn, self._said = warn, set[str]()
        self._pending: list[Change] = []  # what could not be saved
        self._lock: Any = None
        self._process = 0  # that the lock belongs to: it is not shared with a forked one

    # reading

    def states(self, skill: Skill) -> dict[str, str]:
        """The state of each stub of a skill: green, wrong, not written yet, changed since green, or not run."""
        known = self.read()["stubs"].get(skill.name, {})
        try:
            file = StubFile.read(skill.stubs)
        except Problem:
            return {name: CHANGED if known.get(name, {}).get("green") else NOT_RUN for name in stub_names(skill)}
        return {name: _state(file, name, known.get(name, {})) for name in stub_names(skill)}

    def facts(self, skill: Skill, stub: str) -> Json:
        """All that is remembered about a stub: `first_green` is the time of its first pass."""
        return dict(self.read()["stubs"].get(skill.name, {}).get(stub, {}))

    def hints_seen(self, skill: Skill, stub: str) -> int:
        return int(self.facts(skill, stub).get("hints", 0))

    def snapshots(self, skill: Skill, stub: str) -> list[Snapshot]:
        """The versions of a stub that were kept, the oldest first."""
        try:
            paths = list(self._snapshots(skill.name, stub).iterdir())
        except OSError:
            return []
        found = [(path, SNAPSHOT.fullmatch(path.name)) for path in paths]
        known = [
            Snapshot(int(match[1]), f"{match[2]} {match[3]}:{match[4]}:{match[5]}", match[6], path)
            for path, match in found
            if match
        ]
        return sorted(known, key=lambda each: each.number)

    def snapshot(self, skill: Skill, stub: str, number: int) -> Snapshot:
        """One snapshot by its number."""
        found = {each.number: each for each in self.snapshots(skill, stub)}
        if number not in found:
            has = f"there are {min(found)} to {max(found)}" if found else "none was kept yet"
            raise Problem(f"`{stub}` has no version {number}: {has}")
        return found[number]

    def read(self) -> Json:
        """The whole state; what can't be read is set aside and said, never lost silently."""
        try:
            data = self._parsed()
        except _BrokenError:
            data = self._set_aside()
        except (OSError, Problem) as error:
            self._say(f"your progress can't be read: {_reason(error, self.path)}")
            data = _empty()
        for change in self._pending:
            change(data)
        return data

    # remembering

    def record(self, skill: Skill, states: dict[str, str], checked: bytes | None = None) -> None:
        """Remember the verdicts of a run, and keep each checked stub whose text is new. Never raises.

        `checked` is what the stub file held when it was checked, if it may have been saved since.
        """
        try:
            file = StubFile.read(skill.stubs) if checked is None else StubFile.parse(skill.stubs, checked)
        except Problem:
            return  # there is no text that these verdicts belong to
        texts, moment = file.texts(), now()
        known = {stub: state for stub, state in states.items() if state in VERDICTS and stub in texts}

        def note(data: Json) -> None:
            for stub, state in known.items():
                _note(entry(data, skill, stub), state, file.fingerprint(stub), moment)

        def keep(data: Json) -> None:
            for stub, state in known.items():
                if state != NOT_WRITTEN or entry(data, skill, stub).get("at"):
                    self._keep(data, skill, stub, texts[stub], state.replace(" ", "-"))

        self._remember(note, keep)

    def see_hint(self, skill: Skill, stub: str) -> int:
        """Count one more hint as seen; the number of it. Never raises."""

        def note(data: Json) -> None:
            known = entry(data, skill, stub)
            known["hints"] = int(known.get("hints", 0)) + 1

        self._remember(note)
        return self.hints_seen(skill, stub)

    def unsettle(self, skill: Skill, stubs: Iterable[str]) -> None:
        """Take no verdict on these stubs for granted any more: what checks them has changed. Never raises."""
        names = list(stubs)

        def note(data: Json) -> None:
            for stub in names:
                known = data["stubs"].get(skill.name, {}).get(stub, {})
                known.update({key: "outdated" for key in ("fingerprint", "green") if known.get(key)})

        self._remember(note)

    # keeping copies, and going back

    @contextmanager
    def writing(self) -> Iterator[Json]:
        """Hold the lock, and save the state at the end; a Problem if that can't be done."""
        try:
            with self._locked():
                data = self.read()
                yield data
                self.save(data)
        except OSError as error:
            raise Problem(f"nothing more was changed: {_reason(error, self.folder)}") from None

    def save(self, data: Json) -> None:
        """Save the state inside `writing`: before something is replaced that it tells how to get back."""
        self._parsed()  # a Problem if it was written by a newer torchkata, or could not be set aside
        write(self.path, f"{json.dumps(data, indent=1, ensure_ascii=False)}\n".encode())
        self._pending.clear()

    def keep(self, data: Json, skill: Skill, file: StubFile, stubs: Iterable[str], why: str) -> dict[str, int]:
        """Keep the present texts of stubs inside `writing`; the number of the snapshot of each (0: no such stub)."""
        texts = file.texts()
        return {
            stub: self._keep(data, skill, stub, texts[stub], f"before-{why}") if stub in texts else 0 for stub in stubs
        }

    def copy(self, path: Path) -> Path:
        """Keep a copy of a whole file inside `writing`; where it is."""
        relative = path.relative_to(self.root)
        stamp, number = f"{datetime.now():%Y-%m-%d_%H-%M-%S}", 1
        while (self.folder / "copies" / f"{stamp}_{number}" / relative).exists():
            number += 1
        target = self.folder / "copies" / f"{stamp}_{number}" / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        write(target, path.read_bytes())
        return target

    def note_action(self, data: Json, what: str, stubs: list[list[Any]], files: list[list[str]] | None = None) -> None:
        """Remember inside `writing` what a command is about to replace, for `kata undo`.

        `stubs` lists skill, stub and the number of the snapshot from before (0: there was no such stub);
        `files` lists a file and its copy, both relative to the workspace.
        """
        action = {"what": what, "time": now(), "stubs": stubs, "files": files or []}
        data["actions"] = [*data["actions"][1 - MOST_ACTIONS :], action]
        data["last_snapshot"] = None
        self.save(data)

    def restore(self, skill: Skill, stub: str, number: int) -> int:
        """Bring a snapshot back into the stub file; the number of what was there before (0: no such stub)."""
        text = self.snapshot(skill, stub, number).text
        with self.writing() as data:
            file = StubFile.read(skill.stubs)
            kept = self.keep(data, skill, file, [stub], "restore")[stub]
            self.note_action(data, f"history {stub} --restore {number}", [[skill.name, stub, kept]])
            write(skill.stubs, file.replaced({stub: text}, stub_names(skill)), expected=file.data)
            self.moved(data, skill, stub, number, text)
        return kept

    def moved(self, data: Json, skill: Skill, stub: str, number: int, text: str) -> None:
        """Remember inside `writing` which version a stub is at now."""
        entry(data, skill, stub).update(at=number, kept=fingerprint(text))

    # below

    def _snapshots(self, skill: str, stub: str) -> Path:
        """The folder of a stub's snapshots; `MLP` and `mlp` differ also where the disk does not see case."""
        return self.folder / "snapshots" / skill / (stub if stub.islower() else f"{stub}+")

    def _keep(self, data: Json, skill: Skill, stub: str, text: str, label: str) -> int:
        """Keep a text unless it is the version that the stub is at; its number."""
        known, hashed = entry(data, skill, stub), fingerprint(text)
        if known.get("kept") == hashed and known.get("at"):
            return int(known["at"])
        present = self.snapshots(skill, stub)
        if present and present[-1].text == plain(text):  # the state was lost, or the last version came back
            number = present[-1].number
        else:
            number = present[-1].number + 1 if present else 1
            folder = self._snapshots(skill.name, stub)
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{number:04}_{datetime.now():%Y-%m-%d_%H-%M-%S}_{label}.py"
            write(folder / name, f"{plain(text)}\n".encode("utf-8", "surrogatepass"))
            data["last_snapshot"] = [skill.name, stub]
        known.update(at=number, kept=hashed)
        return number

    def _remember(self, note: Change, keep: Change | None = None) -> None:
        """Change the state and save it; if that fails, say it once and remember it as long as this process lives."""
        try:
            with self._locked():
                data = self.read()
                note(data)
                if keep:
                    keep(data)
                self.save(data)
        except (OSError, Problem) as error:
            self._say(f"your progress can't be saved: {_reason(error, self.folder)}")
            self._pending.append(note)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        import filelock  # takes a tenth of a second, and reading needs none

        self.folder.mkdir(exist_ok=True)
        if self._process != os.getpid():
            self._lock, self._process = filelock.FileLock(self.folder / "lock", timeout=WAIT), os.getpid()
        try:
            self._lock.acquire()
        except filelock.Timeout:
            raise Problem(f"another `kata` has been writing for {WAIT:g} s; try again") from None
        except NotImplementedError:
            raise Problem(f"{self.folder} is on a disk that knows no locks") from None
        try:
            yield
        finally:
            self._lock.release()

    def _parsed(self) -> Json:
        """What state.json holds."""
        try:
            data = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return _empty()
        except (ValueError, RecursionError):
            raise _BrokenError("state.json can't be read") from None
        if isinstance(data, dict) and isinstance(data.get("version"), int) and data["version"] > VERSION:
            raise Problem(f"{self.path} was written by a newer torchkata: update this one")
        if not _is_whole(data):
            raise _BrokenError("state.json can't be read")
        return data

    def _set_aside(self) -> Json:
        """Rename a state that can't be read, unless another process did; what there is then."""
        try:
            with self._locked():
                try:
                    return self._parsed()
                except _BrokenError:
                    number = 1
                    while (aside := self.path.with_name(f"{self.path.name}.broken-{number}")).exists():
                        number += 1
                    os.rename(self.path, aside)
            self._say(
                f"{self._short(self.path)} can't be read; it is {aside.name} now. Your code and all kept versions "
                "are as they were; `kata run` finds the states again"
            )
        except (OSError, Problem) as error:
            self._say(f"{self._short(self.path)} can't be read, nor set aside: {_reason(error, self.folder)}")
        return _empty()

    def _short(self, path: Path) -> str:
        return str(path.relative_to(self.root))

    def _say(self, line: str) -> None:
        kind = line.partition(":")[0]
        if kind not in self._said:
            self._said.add(kind)
            self._warn(line)


class _BrokenError(Problem):
    """state.json holds something else than a state."""


def entry(data: Json, skill: Skill, stub: str) -> Json:
    """What the state holds about a stub, to be changed."""
    return data["stubs"].setdefault(skill.name, {}).setdefault(stub, {})


def now() -> str:
    """This moment, readable, with its time zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _state(file: StubFile, stub: str, known: Json) -> str:
    if file.is_unwritten(stub):
        return NOT_WRITTEN
    present = file.fingerprint(stub) if known else ""
    if present and present == known.get("green"):
        return "green"
    if present and present == known.get("fingerprint"):
        return str(known["state"])
    return CHANGED if known.get("green") else NOT_RUN


def _note(known: Json, state: str, present: str, moment: str) -> None:
    """Remember one verdict; a text that was green and is not any more is green no longer."""
    if state == "green":
        known["green"] = present
        known.setdefault("first_green", moment)
    elif known.get("green") == present:
        known["green"] = ""
    known.update(state=state, fingerprint=present, checked=moment)


def _empty() -> Json:
    return {"version": VERSION, "stubs": {}, "actions": [], "last_snapshot": None}


def _is_whole(data: Any) -> bool:
    """Whether this is a state with all its parts."""
    if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(data.get("actions"), list):
        return False
    stubs = data.get("stubs")
    skills = list(stubs.values()) if isinstance(stubs, dict) else [None]
    entries = [each for skill in skills for each in (skill.values() if isinstance(skill, dict) else [None])]
    actions = [isinstance(each, dict) and {"what", "stubs", "files"} <= set(each) for each in data["actions"]]
    return "last_snapshot" in data and all(isinstance(each, dict) for each in entries) and all(actions)


def _reason(error: Exception, place: Path) -> str:
    """Why something could not be written, in a few words."""
    if not isinstance(error, OSError):
        return str(error)
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        return "the disk is full"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.filename or place} is read-only"
    return f"{error.filename or place}: {error.strerror or error}"
