"""One file of stubs, read and written so that nothing else in it changes.

A stub is a top-level function or class. Its text goes from its first decorator to the last comment of its body. What
is not replaced stays as it was, byte for byte: encoding, BOM, line ends, helpers, imports. Nothing here runs a stub.
"""

import ast
import hashlib
import os
import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from torchkata import source
from torchkata.skills import Skill
from torchkata.stubs import stub_source

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # as Python counts lines; str.splitlines knows more line ends
COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
DEFINITION = re.compile(r"^(?:def|class) ([A-Za-z]\w*)", re.MULTILINE)
GAP = ["", ""]  # the empty lines before a stub


class Problem(Exception):
    """Something that cannot be done, said in one line; `kata` prints it instead of a traceback."""


@dataclass(frozen=True)
class StubFile:
    """The text of a file, and where its stubs are."""

    path: Path
    data: bytes
    encoding: str
    lines: list[str]
    tree: ast.Module

    @classmethod
    def read(cls, path: Path) -> "StubFile":
        """Read a file; every way in which that can fail is a Problem."""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise Problem(f"{path} is missing") from None
        except OSError as error:
            raise Problem(f"{path} can't be read: {error.strerror}") from None
        return cls.parse(path, data)

    @classmethod
    def parse(cls, path: Path, data: bytes) -> "StubFile":
        """Read what a file held at some moment."""
        encoding, text = _decoded(path, data)
        lines = LINE.findall(text)
        try:
            tree = ast.parse("".join(line.rstrip("\r\n") + "\n" for line in lines))
        except SyntaxError as error:
            raise Problem(f"{path} has a syntax error in line {error.lineno}: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise Problem(f"{path} is not Python: {error}") from None
        return cls(path, data, encoding, lines, tree)

    @cached_property
    def definitions(self) -> dict[str, source.Definition]:
        return source.definitions(self.tree)

    @property
    def newline(self) -> str:
        """How the first line ends."""
        return self.lines[0][len(self.lines[0].rstrip("\r\n")) :] or "\n" if self.lines else "\n"

    def texts(self) -> dict[str, str]:
        """The text of each top-level function and class, with plain line ends and none at the end."""
        return {name: self._text(*self.span(node)) for name, node in self.definitions.items()}

    def line(self, name: str) -> int:
        """The line of `def` or `class`; 1 where there is no such stub."""
        node = self.definitions.get(name)
        return node.lineno if node else 1

    def at(self, line: int) -> str | None:
        """The name of the stub that a line is part of."""
        spans = {name: self.span(node) for name, node in self.definitions.items()}
        return next((name for name, (first, end) in spans.items() if first < line <= end), None)

    def is_unwritten(self, name: str) -> bool:
        return name in self.definitions and source.is_unwritten(self.definitions[name])

    def fingerprint(self, name: str) -> str:
        """Stands for the text of a stub and of all in the file that it uses; "" where there is no such stub."""
        if name not in self.definitions:
            return ""
        known, waiting, found = source.bindings(self.tree), [name], list[tuple[int, int]]()
        while waiting:
            node = known.pop(waiting.pop(), None)
            if node is not None and not isinstance(node, (ast.Import, ast.ImportFrom)):
                found.append(self.span(node))
                waiting += [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
        return fingerprint("\n".join(self._text(*span) for span in sorted(set(found))))

    def span(self, node: ast.stmt) -> tuple[int, int]:
        """The lines of a statement, as a slice: with decorators, and with the comments that end its body."""
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))]) - 1
        end = node.end_lineno or node.lineno
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            for number, line in enumerate(self.lines[end:], end + 1):
                if line.strip() and not (line[0] in " \t" and line.lstrip().startswith("#")):
                    break
                end = number if line.strip() else end
        return first, end

    def replaced(self, texts: Mapping[str, str], order: Iterable[str] = (), remove: Iterable[str] = ()) -> bytes:
        """The bytes of the file with other texts for some stubs.

        A stub that is not there is put to its neighbours in `order`, or at the end. Those of `remove` go.
        """
        edits: list[tuple[int, int, list[str]]] = []
        added: dict[int, list[str]] = {}
        present = self.texts()
        for name, text in texts.items():
            if name not in present:
                place, below = self._place(name, list(order))
                lines = plain(text).split("\n")
                added.setdefault(place, []).extend([*lines, *GAP] if below else [*GAP, *lines])
            elif present[name] != plain(text):
                edits.append((*self.span(self.definitions[name]), plain(text).split("\n")))
        edits += [(place, place, lines) for place, lines in added.items()]
        for name in set(remove) & set(present):
            first, end = self.span(self.definitions[name])
            while first and not self.lines[first - 1].strip():
                first -= 1
            edits.append((first, end, []))
        return self._edited(edits)

    def with_lines(self, place: int, new: list[str], until: int | None = None) -> bytes:
        """The bytes of the file with lines put in before the line with index `place`, instead of those to `until`."""
        return self._edited([(place, place if until is None else until, new)])

    def _edited(self, edits: list[tuple[int, int, list[str]]]) -> bytes:
        lines = list(self.lines)
        for first, end, new in sorted(edits, key=lambda edit: edit[:2], reverse=True):
            if new and 0 < first == len(lines) and not lines[-1].endswith(("\r", "\n")):
                lines[-1] += self.newline
            unended = first < end == len(lines) and not lines[-1].endswith(("\r", "\n"))
            lines[first:end] = [line + self.newline for line in new]
            if unended and new:
                lines[-1] = lines[-1].removesuffix(self.newline)
        text = "".join(lines)
        try:
            return text.encode(self.encoding)
        except UnicodeEncodeError as error:
            letter = text[error.start]
            raise Problem(
                f"{self.path} is saved as {self.encoding}, which has no “{letter}”: save it as UTF-8 first"
            ) from None

    def _text(self, first: int, end: int) -> str:
        return "\n".join(line.rstrip("\r\n") for line in self.lines[first:end])

    def _place(self, name: str, order: list[str]) -> tuple[int, bool]:
        """The line for a stub that is not there, and whether another stub follows right below."""
        index = order.index(name) if name in order else len(order)
        before = [each for each in order[:index] if each in self.definitions]
        after = [each for each in order[index:] if each in self.definitions]
        if before or not after:
            return self.span(self.definitions[before[-1]])[1] if before else len(self.lines), False
        first = self.span(self.definitions[after[0]])[0]
        while first and self.lines[first - 1].startswith("#"):
            first -= 1
        return first, True


def fingerprint(text: str) -> str:
    """A short hash of a text, that does not see spaces at the ends of lines."""
    return hashlib.sha256("\n".join(map(str.rstrip, text.split("\n"))).encode()).hexdigest()[:16]


def plain(text: str) -> str:
    """A text with plain line ends, and none at its end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def stub_names(skill: Skill) -> list[str]:
    """The stubs of a skill in their order: the public names of the reference, which no learner edits."""
    path = skill.reference if skill.reference.is_file() else skill.stubs
    try:
        return list(dict.fromkeys(DEFINITION.findall(path.read_text("utf-8", "replace"))))
    except OSError:
        return []


def pristine(skill: Skill) -> str:
    """The stub file of a skill as it is shipped: made from the reference."""
    try:
        return stub_source(skill.reference.read_text("utf-8"), f"pytest katas/{skill.folder.name}")
    except OSError as error:
        raise Problem(f"{skill.reference} can't be read ({error.strerror}); `kata update` brings it back") from None
    except (SyntaxError, ValueError):
        raise Problem(f"{skill.reference} is not as it was shipped; `kata update` brings it back") from None


def pristine_texts(skill: Skill) -> dict[str, str]:
    """The text of each stub of a skill as it is shipped."""
    return texts_of(pristine(skill))


def texts_of(text: str) -> dict[str, str]:
    """The texts of the stubs in a text."""
    return StubFile(Path(), b"", "utf-8", LINE.findall(text), ast.parse(text)).texts()


def stub_texts(path: Path) -> dict[str, str]:
    """The text of each top-level function and class of a file."""
    return StubFile.read(path).texts()


def replace_stub(path: Path, name: str, text: str) -> None:
    """Give one stub of a file another text, and leave every other byte as it is."""
    file = StubFile.read(path)
    write(path, file.replaced({name: text}), expected=file.data)


def write(path: Path, data: bytes, *, expected: bytes | None = None) -> None:
    """Write a whole file or nothing: to a temporary file beside it, which then takes its place.

    With `expected`, the file must still hold that: an editor may have saved in the meantime.
    """
    path = path.resolve()  # a link stays a link
    for left in path.parent.glob(f".{path.name}.*.tmp"):  # by a process that was killed
        left.unlink(missing_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _write_through(temporary, data)
        if path.exists():
            os.chmod(temporary, path.stat().st_mode & 0o7777)
        if expected is not None and path.read_bytes() != expected:
            raise Problem(f"{path} was saved at the same moment; nothing was changed, try again")
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(path.parent)


def _write_through(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make sure that the new name is on the disk too; Windows has no such call, some file systems refuse it."""
    if sys.platform != "win32":
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _decoded(path: Path, data: bytes) -> tuple[str, str]:
    """The encoding of a Python file and its text, by Python's own rule: a BOM, a cookie, else UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:200]:
        raise Problem(f"{path} is saved as UTF-16, which Python can't run: save it as UTF-8")
    if data.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"
    else:
        cookies = [COOKIE.match(line) for line in data.splitlines()[:2]]
        encoding = next((cookie[1].decode() for cookie in cookies if cookie), "utf-8")
    try:
        text = data.decode(encoding)
        if text.encode(encoding) == data:
            return encoding, text
    except LookupError:
        raise Problem(f"{path} says that it is saved as {encoding}, which Python does not know") from None
    except UnicodeError:
        pass
    raise Problem(f"{path} is not saved as {encoding.removesuffix('-sig').upper()}: save it as UTF-8")
