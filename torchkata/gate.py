"""Prove that the properties of a skill are strong, and not too strong.

For each stub: the reference is green, right answers written another way are green, every named mistake
and every generic wrong answer that applies is red, for several Hypothesis seeds; and every property
kills something. A run whose baseline is red, or in which a planted canary survives, is void.

    python -m torchkata.gate [SKILL ...] [--seeds 5]      prints the table; exit code 1 if a line is bad
"""

import argparse
import inspect
import multiprocessing
import sys
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import torch

from torchkata import devices, profiles, source, trees
from torchkata.diagnosis import Bank, Behaviour, Probe, bank_module, behaves_like, behaviour, find_probes, mistakes_of
from torchkata.kata import Function, Kata
from torchkata.names import Target, UnknownName, resolve
from torchkata.properties import Property, by_stub, is_pinned, load_properties, run_property
from torchkata.rehearsal import can_be_rehearsed
from torchkata.skills import Skill, find_skills
from torchkata.wrong_answers import generic

SEEDS = 5


class VoidRun(Exception):
    """The run proves nothing: the baseline is red, or a canary survived."""


@dataclass
class Verdict:
    """What the gate found for one stub."""

    skill: str
    stub: str
    properties: int = 0
    mistakes: int = 0
    generic: int = 0
    alternatives: int = 0
    survivors: list[str] = field(default_factory=list)  # wrong answers that were green
    false_alarms: list[str] = field(default_factory=list)  # right answers that were red
    idle: list[str] = field(default_factory=list)  # properties that kill nothing
    stale: list[str] = field(default_factory=list)  # exemptions that are not needed

    @property
    def problems(self) -> list[str]:
        groups = {"survives": self.survivors, "wrongly red": self.false_alarms, "kills nothing": self.idle,
                  "needless exemption": self.stale}  # fmt: skip
        return [f"{self.stub}: {name}: {each}" for name, group in groups.items() for each in group]


def examine(skill: Skill, stub: str, seeds: Iterable[int] = range(SEEDS)) -> Verdict:
    """Examine one stub; raises VoidRun when nothing can be said."""
    examiner = Examiner(skill, stub, list(seeds))
    examiner.check_baseline()
    examiner.check_canary()
    return examiner.verdict()


def stubs_of(skill: Skill) -> list[str]:
    """The names of a skill's stubs, in the order of the reference."""
    return list(source.public(source.parse(skill.reference)))


class Examiner:
    """Holds what is needed to examine one stub: properties, reference, probes, known mistakes."""

    def __init__(self, skill: Skill, stub: str, seeds: list[int]) -> None:
        profiles.register()
        self.skill, self.stub, self.seeds = skill, stub, seeds
        module = load_properties(skill.tests, "gate")
        self.rehearsed = getattr(module, "REHEARSED", True) and not torch.cuda.is_available()
        self.checks: list[Property] = by_stub(module).get(stub, [])
        self.kata = Kata.load(skill.reference, rehearsed=self.rehearsed)
        self.right: Function = getattr(self.kata, stub).function
        probes = by_stub(load_properties(skill.tests, "probe")).get(stub, [])
        self.probes = find_probes(probes, Kata.load(skill.reference), stub)
        self._known: Behaviour | None = None  # what the reference does on the probes
        self.mistakes = mistakes_of(skill.mistakes, stub)
        exempt = getattr(bank_module(skill.mistakes), "ALLOWED", {})
        self.exempt: dict[str, str] = exempt.get(stub, {})

    def check_baseline(self) -> None:
        if not self.checks:
            raise VoidRun(f"{self.stub} has no property")
        for check in self.checks:
            for seed in self._seeds(check):
                error = run_property(check, self._kata(self.right), seed=seed)
                if error is not None:
                    raise VoidRun(f"{self.stub}: the reference is red in {check.__name__} (seed {seed}): {error}")

    def check_canary(self) -> None:
        def canary(*args: object, **kwargs: object) -> object:
            return object()

        if not self.killers(canary, self.seeds[0]):
            raise VoidRun(f"{self.stub}: a canary that returns a bare object() is green")

    def verdict(self) -> Verdict:
        verdict = Verdict(self.skill.folder.name, self.stub, len(self.checks), len(self.mistakes))
        applicable = {name: make for name, make in generic(self.right).items() if self._applies(name, make())}
        verdict.generic = len(applicable)
        makers = {name: partial(_itself, function) for name, function in self.mistakes.items()} | applicable
        killing: Counter[str] = Counter()
        for name, make in makers.items():
            idle = {check.__name__ for check in self.checks} - set(killing)
            red = self.killers(make(), self.seeds[0], also=idle, first=[each for each, _ in killing.most_common()])
            killing.update(red)
            green = [] if red else self.seeds[:1]
            if not any(is_pinned(check) for check in self.checks if check.__name__ in red):
                green += [seed for seed in self.seeds[1:] if not self.killers(make(), seed, first=red)]
            if name in self.exempt:
                verdict.stale += [] if len(green) == len(self.seeds) else [name]
            elif green:
                verdict.survivors.append(f"{name} (green for seeds {green})")
        verdict.stale += [name for name in self.exempt if name not in makers]
        verdict.idle = [check.__name__ for check in self.checks if check.__name__ not in killing]
        self._check_alternatives(verdict)
        return verdict

    def killers(
        self, function: Function, seed: int, *, also: Collection[str] = (), first: Sequence[str] = ()
    ) -> list[str]:
        """The name of one property that is red for `function`, and of those of `also` that are.

        `first` names properties that were red before: to try them first is faster.
        """
        red: list[str] = []
        rank = {name: place for place, name in enumerate(first)}
        for check in sorted(self.checks, key=lambda check: rank.get(check.__name__, len(rank))):
            wanted = not red or check.__name__ in also
            if wanted and run_property(check, self._kata(function), seed=seed) is not None:
                red.append(check.__name__)
        return red

    def _seeds(self, check: Property) -> list[int]:
        return self.seeds[:1] if is_pinned(check) else self.seeds

    def _check_alternatives(self, verdict: Verdict) -> None:
        bank: Bank = mistakes_of(self.skill.alternatives, self.stub)
        verdict.alternatives = len(bank)
        for name, function in bank.items():
            for check in self.checks:
                for seed in self._seeds(check):
                    error = run_property(check, self._kata(function), seed=seed)
                    if error is not None:
                        verdict.false_alarms.append(f"{name} in {check.__name__} (seed {seed}): {error}")

    def _kata(self, function: Function) -> Kata:
        return self.kata._replaced(self.stub, function)

    def _applies(self, name: str, wrong: Function) -> bool:
        if name == "cpu_hard_coded":
            return self.rehearsed and _makes_tensors(self.right, self.probes)
        if name == "view_instead_of_copy":  # that a result equals an input by chance is no reason to look for it
            differing = [probe for probe in self.probes if self._differs(wrong, [probe])]
            return len(differing) * 4 > len(self.probes)
        return self._differs(wrong, self.probes)

    def _differs(self, wrong: Function, probes: list[Probe]) -> bool:
        return not behaves_like(wrong, probes, self._right_behaviour(probes))

    def _right_behaviour(self, probes: list[Probe]) -> Behaviour | None:
        if len(probes) != len(self.probes):
            return behaviour(self.right, probes)
        if self._known is None:
            self._known = behaviour(self.right, probes)
        return self._known


def _itself(function: Function) -> Function:
    return function


def _makes_tensors(right: Function, probes: list[Probe]) -> bool:
    """Whether some probe can be rehearsed and gives tensors."""
    for probe in filter(can_be_rehearsed, probes):
        args, kwargs = trees.copied(probe)
        try:
            if trees.tensors([right(*args, **kwargs)]):
                return True
        except Exception:  # a probe of an error: the contract asks for it
            continue
    return False


def table(verdicts: list[Verdict]) -> str:
    """The counts by kata as a Markdown table."""
    rows = ["| kata | stubs | properties | mistakes | generic | right otherwise | survivors | false alarms |",
            "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for skill in [*dict.fromkeys(verdict.skill for verdict in verdicts), "all"]:
        group = [verdict for verdict in verdicts if skill in (verdict.skill, "all")]
        counts = [
            len(group),
            *(sum(getattr(v, name) for v in group) for name in ("properties", "mistakes", "generic", "alternatives")),
        ]
        bad = [sum(len(v.survivors) for v in group), sum(len(v.false_alarms) for v in group)]
        rows.append(f"| {skill} | {' | '.join(map(str, counts + bad))} |")
    return "\n".join(rows)


def _examine(job: tuple[Skill, str, int]) -> Verdict | str:
    devices.prepare()
    warnings.simplefilter("ignore")  # wrong answers warn of much
    skill, stub, seeds = job
    try:
        return examine(skill, stub, range(seeds))
    except VoidRun as error:
        return f"void run: {error}"


def chosen(root: Path, names: list[str]) -> list[tuple[Skill, str]]:
    """The stubs that these names mean, each with its skill; all without any. UnknownName if one means nothing."""
    targets = [resolve(root, name) for name in names] or [Target(skill) for skill in find_skills(root)]
    return [
        (target.skill, stub)
        for target in targets
        for stub in ([target.stub] if target.stub else stubs_of(target.skill))
    ]


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m torchkata.gate", description=inspect.getdoc(sys.modules[__name__]))
    parser.add_argument("skills", nargs="*", help="skills (tensors, 01_tensors) or single stubs; all without any")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--root", type=Path, default=Path.cwd())
    options = parser.parse_args(arguments)
    try:
        jobs = [(skill, stub, options.seeds) for skill, stub in chosen(options.root, options.skills)]
    except UnknownName as error:
        parser.error(str(error))
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        results = pool.map(_examine, jobs, chunksize=1)
    verdicts = [result for result in results if isinstance(result, Verdict)]
    problems = [problem for verdict in verdicts for problem in verdict.problems]
    problems += [result for result in results if isinstance(result, str)]
    print(table(verdicts))
    print("\n".join(["", *problems]) if problems else "\nEvery wrong answer is red, every right one green.")
    return 1 if problems or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
