"""What is known about one property after it ran, as plain data.

The pytest plugin and the warm checks make these facts, `report` draws them; they can be sent as JSON.
"""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.errors

from torchkata.errors import NOT_WRITTEN, KataError
from torchkata.properties import split_name

UNDIAGNOSED = ("hangs", "ends the process", "rule broken")  # reasons that need no other name
Facts = dict[str, Any]


def finding_of(error: BaseException | None, solution: Path) -> KataError | None:
    """The finding in an exception; None for a defect of the test itself (and for no exception)."""
    if isinstance(error, KataError):
        return error
    if isinstance(error, hypothesis.errors.Flaky):
        causes = [cause for cause in getattr(error, "exceptions", []) if isinstance(cause, KataError)]
        cause = causes[0] if causes else KataError("not repeatable", file=str(solution), line=1)
        cause.message = "Called twice with the same input, it gave two different answers."
        return cause
    return None


def facts_of(
    check: Callable[..., Any], name: str, skill: str, solution: Path, state: str, finding: KataError | None
) -> Facts:
    """The facts about the property `check`, called `name`, of the folder `skill`.

    `state` is "green", "skipped" or "wrong"; a finding that the stub is not written yet makes it that.
    """
    stub, rest = split_name(name)
    return {
        "skill": skill,
        "stub": stub,
        "property": rest,
        "position": check.__code__.co_firstlineno,
        "sentence": " ".join((inspect.getdoc(check) or "").split()),
        "state": NOT_WRITTEN if finding is not None and finding.reason == NOT_WRITTEN else state,
        "finding": finding.as_dict() if finding else None,
        "broken_test": state == "wrong" and finding is None,
        "looks_like": "",
        "solution": str(solution),
        "printed": "",
        "device": "cpu",
    }


def can_be_diagnosed(facts: Facts) -> bool:
    """Whether it makes sense to look for the known mistake behind a finding."""
    return facts["state"] == "wrong" and not facts["broken_test"] and facts["finding"]["reason"] not in UNDIAGNOSED
