"""Check stubs without pytest: first on inputs that were drawn before, then by Hypothesis.

The bodies of the properties are the same. Without Hypothesis around it a body costs a tenth, so the first look
takes some milliseconds; it finds nearly all that is wrong, but only what Hypothesis confirms is called green.
"""

import contextlib
import inspect
import io
import random
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis.strategies import DataObject

from torchkata import devices, source
from torchkata.diagnosis import diagnose
from torchkata.errors import NOT_WRITTEN, KataError, TimeUp
from torchkata.guards import BASE_SEED, manual_seed, time_limit
from torchkata.kata import Kata, solution_path
from torchkata.properties import LIMIT, Property, by_stub, folder_if, is_pinned, load_properties, run_property
from torchkata.report import Planned
from torchkata.skills import Skill
from torchkata.verdict import Facts, can_be_diagnosed, facts_of, finding_of

Inputs = dict[str, Any]
MOST_PRINTED = 20_000  # characters of what a stub prints that are kept
FIXTURES = ("kata", "device", "tmp_path")


class Checker:
    """The properties of one skill, ready to be run on a learner's file again and again."""

    def __init__(self, skill: Skill, tree: Path | None = None, limit: float = LIMIT) -> None:
        self.skill, self.limit = skill, limit
        self.solution = solution_path(tree or skill.root / "katas", skill.name, skill.folder.name)
        self.module = load_properties(skill.tests, "kata")
        self.properties = by_stub(self.module)
        self._pins = {check.__name__: take_pins(check) for checks in self.properties.values() for check in checks}
        self._inputs: dict[str, list[Inputs]] = {}
        self._rehearsed = getattr(self.module, "REHEARSED", True) and "cuda" not in devices.available()

    @property
    def stubs(self) -> list[str]:
        return list(self.properties)

    def planned(self) -> list[Planned]:
        """All properties, as `report.Summary` wants them."""
        folder = self.skill.folder.name
        return [(folder, stub, check.__code__.co_firstlineno) for stub in self.stubs for check in self.properties[stub]]

    def draw_inputs(self) -> None:
        """Draw the inputs of the first look: the pinned ones and some seeded ones. No learner's code is run."""
        for checks in by_stub(load_properties(self.skill.tests, "probe")).values():
            for check in checks:
                self._inputs[check.__name__] = inputs_of(check)

    def load(self, device: str = "cpu") -> Kata:
        """The learner's file as it is now."""
        return Kata.load(self.solution, device, rehearsed=self._rehearsed and device == "cpu")

    def unwritten(self, stub: str) -> list[Facts]:
        """The facts about a stub that is not written yet; none if it is."""
        try:
            node = source.definitions(source.parse(self.solution)).get(stub)
        except (OSError, SyntaxError):
            return []  # said better by `Kata.load`
        if node is None or not source.is_unwritten(node):
            return []
        finding = KataError(NOT_WRITTEN, file=str(self.solution), line=node.lineno)
        return [self._facts(check, "wrong", finding) for check in self.properties[stub]]

    def look_at(self, stub: str, number: int, kata: Kata) -> Facts | None:
        """The first look at a property: the facts if it is red on a known input, else None."""
        check = self.properties[stub][number]
        return self._try(check, kata, self._inputs.get(check.__name__, []))

    def confirm(self, stub: str, kata: Kata, seed: int | None = None) -> Iterator[Facts]:
        """Run all properties of a stub under Hypothesis; yield the facts about each."""
        for number in range(len(self.properties[stub])):
            yield self.confirm_one(stub, number, kata, seed)

    def confirm_one(self, stub: str, number: int, kata: Kata, seed: int | None = None) -> Facts:
        """Run the property of a stub that has this number (from 0): its pinned inputs, then Hypothesis; the facts."""
        check, seed = self.properties[stub][number], random.SystemRandom().randrange(2**32) if seed is None else seed
        return self._try(check, kata, self._pins[check.__name__]) or self._guarded(
            check, partial(run_property, check, kata, seed=seed, limit=self.limit)
        )

    def lost(self, stub: str, finding: KataError) -> list[Facts]:
        """The facts about a stub that took its process along."""
        return [self._facts(check, "wrong", finding) for check in self.properties[stub]]

    def diagnosis(self, facts: Facts, kata: Kata) -> str:
        """The sentence of the known mistake behind a red property, "" where none is known."""
        if not can_be_diagnosed(facts):
            return ""
        with contextlib.redirect_stdout(io.StringIO()):
            return diagnose(self.skill.root, self.skill.tests, facts["stub"], kata)

    def _try(self, check: Property, kata: Kata, known: list[Inputs]) -> Facts | None:
        """Run a property on known inputs without Hypothesis; the facts if it is red, else None."""
        body = getattr(getattr(check, "hypothesis", None), "inner_test", check)
        tried = (self._guarded(check, partial(_run_body, body, kata, inputs)) for inputs in known)
        return next((facts for facts in tried if facts["state"] != "green"), None)

    def _guarded(self, check: Property, run: Callable[[], BaseException | None]) -> Facts:
        printed = _Limited()
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                with time_limit(self.limit, str(self.solution)):
                    error = run()
            except TimeUp as up:
                error = up
        if isinstance(error, TimeUp):
            stub = by_name(check)
            message = f"`{stub}` was still running after {self.limit:g} s. Does a loop never end?"
            error = KataError("hangs", message=message, file=str(self.solution), line=error.line)
        facts = self._facts(check, "green" if error is None else "wrong", finding_of(error, self.solution))
        facts["longrepr"] = f"{type(error).__name__}: {error}" if facts["broken_test"] else ""
        facts["printed"] = printed.getvalue() if facts["state"] == "wrong" else ""
        return facts

    def _facts(self, check: Property, state: str, finding: KataError | None) -> Facts:
        return facts_of(check, check.__name__, self.skill.folder.name, self.solution, state, finding)


class _Limited(io.StringIO):
    """Keeps the end of what is printed, however much it is."""

    def write(self, text: str) -> int:
        if self.tell() > MOST_PRINTED:
            kept = self.getvalue()[-MOST_PRINTED // 2 :]
            self.seek(0)
            self.truncate()
            super().write(kept)
        return super().write(text[-MOST_PRINTED:])


def by_name(check: Property) -> str:
    """The stub that a property is about."""
    return check.__name__.removeprefix("test_").rpartition("__")[0]


def take_pins(check: Property) -> list[Inputs]:
    """Take the pinned examples from a property, whose body can be run on them without Hypothesis around it.

    Hypothesis would take four times as long for the same: it also writes each of them down.
    """
    examples = list(reversed(getattr(check, "hypothesis_explicit_examples", ())))
    if is_pinned(check) or any(each.args or each.raises for each in examples):
        return []  # Hypothesis would have nothing left to do, or knows better what they mean
    check.hypothesis_explicit_examples = ()  # type: ignore[attr-defined]
    return [dict(each.kwargs) for each in examples]


def inputs_of(check: Property) -> list[Inputs]:
    """What Hypothesis would call a property with: its pinned examples and a few drawn ones.

    Nothing for a property that draws in its body (`st.data`): it waits for Hypothesis.
    """
    handle = getattr(check, "hypothesis", None)
    if handle is None:
        return [{}]
    recorded: list[Inputs] = []
    inner, wanted = handle.inner_test, inspect.signature(check).parameters
    fixtures = {name: None for name in FIXTURES if name in wanted}
    handle.inner_test = lambda **inputs: recorded.append(inputs)
    try:
        check(**fixtures)
    finally:
        handle.inner_test = inner
    drawn = [{name: value for name, value in inputs.items() if name not in fixtures} for inputs in recorded]
    return [] if any(isinstance(value, DataObject) for inputs in drawn for value in inputs.values()) else drawn


def _run_body(body: Property, kata: Kata, inputs: Inputs) -> BaseException | None:
    manual_seed(BASE_SEED)
    random.seed(0)
    np.random.seed(0)
    wanted = inspect.signature(body).parameters
    with folder_if("tmp_path" in wanted) as folder:
        fixtures = {"kata": kata, "device": "cpu", "tmp_path": folder}
        try:
            body(**{name: value for name, value in fixtures.items() if name in wanted} | inputs)
        except Exception as error:
            return error
    return None
