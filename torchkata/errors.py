"""What can be wrong with an answer, as data.

KataError        an answer is not right yet; everything that the learner is told is a field of it
  MissingError   … because the function or the file is not there or can't be loaded
TimeUp           raised by the timer inside code that runs too long (a BaseException, so that
                 neither `except Exception` nor Hypothesis holds it up)
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

NOT_WRITTEN = "not written yet"


@dataclass
class KataError(AssertionError):
    """One finding about one stub.

    `reason` is a short noun phrase ("wrong dtype", "not written yet"), the other fields are text for
    people: the call as Python that can be pasted, what was expected, what came back, the first
    difference, a sentence where there is more to say, and the place in the learner's file.
    """

    reason: str
    call: str = ""
    expected: str = ""
    got: str = ""
    difference: str = ""
    message: str = ""
    file: str = ""
    line: int = 0
    source: str = ""

    __hash__ = AssertionError.__hash__  # exceptions live in sets while a traceback is printed

    def __post_init__(self) -> None:
        super().__init__(self.reason)

    def __str__(self) -> str:
        rows = [(name, getattr(self, name)) for name in ("call", "expected", "got", "difference", "message")]
        return "\n".join([self.reason, *(f"  {name:<10} {text}" for name, text in rows if text)])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    def as_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON (and so for pytest-xdist)."""
        return asdict(self)


class MissingError(KataError, AttributeError):
    """There is no such function (or no readable file); an AttributeError too, so that `hasattr` works."""


class TimeUp(BaseException):
    """The time limit of a property is over; `file` and `line` say where the learner's code was."""

    def __init__(self, file: str = "", line: int = 0) -> None:
        super().__init__(f"time is up at {file}:{line}")
        self.file, self.line = file, line
