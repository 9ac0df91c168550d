"""The `kata` command.

Only the commands that run code import torch; the others read files, and answer at once. (An import that takes time and
that few commands need stands in its function.) What cannot be done is one line on stderr and exit code 2.
"""

import os
import sys
import textwrap
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from torchkata import console, lessons
from torchkata.names import Target, all_names, resolve, resolve_stub
from torchkata.skills import Skill, find_skills
from torchkata.store import Store
from torchkata.stubfile import Problem, StubFile, stub_names
from torchkata.workspace import Changes, find_workspace

COLON_EDITORS = ("code", "code-insiders", "codium", "cursor", "windsurf")  # -g file:line
PLUS_EDITORS = ("vi", "vim", "nvim", "gvim", "mvim", "nano", "emacs", "emacsclient", "kak", "micro")  # +line file
SHELLS = {
    "bash": 'eval "$(kata completion bash)"     in ~/.bashrc',
    "zsh": 'eval "$(kata completion zsh)"     in ~/.zshrc',
    "fish": "kata completion fish | source     in ~/.config/fish/config.fish",
}


class Name(click.ParamType):
    """A skill or stub; the shell completes it."""

    name = "name"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            names = all_names(find_workspace(Path.cwd()))
        except Problem:
            return []
        return [CompletionItem(name) for name in names if name.lower().startswith(incomplete.lower())]


class Commands(click.Group):
    """The commands in the order of a learner's day; a typo gets a suggestion."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if "Did you mean" in str(error):
                raise
            import difflib

            close = difflib.get_close_matches(args[0], self.commands, n=1)
            more = f". Did you mean `kata {close[0]}`?" if close else "; `kata --help` lists them"
            raise click.UsageError(f"there is no command `{args[0]}`{more}") from None


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="torchkata", prog_name="torchkata")
@click.pass_context
def cli(context: click.Context) -> None:
    """Learn PyTorch by making red tests green.

    Without a command: watch. It shows the first stub that is not green, checks it whenever you save, and goes on.

    Names are forgiving: 01, tensors, tensors.total, total and paths all work.
    """
    if context.invoked_subcommand is None:
        root = find_workspace(Path.cwd())
        from torchkata.watch import watch

        sys.exit(watch(root))


@cli.command(short_help="Check once.")
@click.argument("target", required=False, type=Name(), metavar="[SKILL|STUB]")
def run(target: str | None) -> None:
    """Check once; the exit code is 0 only when all is green."""
    root = find_workspace(Path.cwd())
    found = resolve(root, target) if target else None
    from torchkata.watch import run as check

    sys.exit(check(root, found))


@cli.command("list", short_help="All skills with the state of each stub.")
@click.argument("skill", required=False, type=Name(), metavar="[SKILL]")
@click.option("--stubs", is_flag=True, help="A line for each stub.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(skill: str | None, stubs: bool, as_json: bool) -> None:
    """Show all skills with the state of each stub; of one skill, the names too."""
    root = find_workspace(Path.cwd())
    store = Store(root)
    chosen = [resolve(root, skill).skill] if skill else find_skills(root)
    states = {each: store.states(each) for each in chosen}
    if as_json:
        console.echo(_as_json(root, store, states))
        return
    for each, known in states.items():
        _print_skill(each, known)
        if skill or stubs:
            _print_stubs(each, known)
    _print_legend(states)


@cli.command(short_help="The next hint for a stub.")
@click.argument("stub", required=False, type=Name())
def hint(stub: str | None) -> None:
    """Show the next hint; the first is a question, the last nearly the answer."""
    store, target = _stub(stub)
    hints = lessons.hints(target.skill, _name(target))
    if not hints:
        raise Problem(f"there are no hints for `{target.stub}`")
    number = store.hints_seen(target.skill, _name(target)) + 1
    if number <= len(hints):
        console.title(f"{target.stub}   hint {number} of {len(hints)}")
        console.paragraph(hints[number - 1])
        last = number == len(hints)
        console.row(
            "or else" if last else "more", f"kata solution {target} --give-up" if last else f"kata hint {target}"
        )
        store.see_hint(target.skill, _name(target))
        return
    console.title(f"{target.stub}   all {len(hints)} hints, there are no more")
    for number, text in enumerate(hints, 1):
        console.paragraph(f"{number}. {text}")
    console.row("or else", f"kata solution {target} --give-up")


@cli.command(short_help="The contract of a stub, and where it is.")
@click.argument("stub", required=False, type=Name())
@click.option("--edit", is_flag=True, help="Open the file at the stub in $VISUAL or $EDITOR.")
def show(stub: str | None, edit: bool) -> None:
    """Show the contract of a stub, its example and where it is."""
    store, target = _stub(stub)
    line, problem = 1, ""
    try:
        line = StubFile.read(target.skill.stubs).line(_name(target))
    except Problem as error:
        problem = str(error)
    if edit:
        sys.exit(_edit(target.skill.stubs, line))
    state = store.states(target.skill)[_name(target)]
    contract = lessons.contract(target.skill, _name(target))
    console.title(
        f"{console.symbol(state)} {target.stub}   {state}   {console.relative(target.skill.stubs)}:{line}", state
    )
    console.contract(contract)
    if problem:
        console.row("note", problem)
    console.row("check", f"kata run {target}")
    console.row("hints", f"kata hint {target}")
    console.row("lesson", console.relative(target.skill.lesson))


@cli.command(short_help="The reference, and a diff with yours.")
@click.argument("stub", type=Name())
@click.option("--give-up", is_flag=True, help="Show it though the stub is not green.")
def solution(stub: str, give_up: bool) -> None:
    """Show the reference, and a diff with yours: when the stub is green, or with --give-up."""
    store, target = _stub(stub)
    if not give_up and not store.facts(target.skill, _name(target)).get("first_green"):
        state = store.states(target.skill)[_name(target)]
        raise Problem(f"`{target.stub}` is {state}: make it green first, or add --give-up")
    console.title(f"{target.stub}   the reference")
    console.code(lessons.solution(target.skill, _name(target)).splitlines())
    try:
        lines = lessons.difference(target.skill, _name(target))
    except Problem as problem:
        console.row("diff", f"{problem}")
        return
    if not lines:
        console.row("diff", "none: yours is the same")
        return
    console.title("from yours to the reference")
    console.code(lines[2:], diff=True)


@cli.command(short_help="Back to the stub; your text is kept.")
@click.argument("names", nargs=-1, type=Name(), metavar="STUB|SKILL...")
@click.option("--all", "everything", is_flag=True, help="All skills.")
def reset(names: tuple[str, ...], everything: bool) -> None:
    """Go back to the stub as it is shipped; your text is kept."""
    from torchkata import undo as back

    root = find_workspace(Path.cwd())
    if everything == bool(names):
        raise Problem("say what: `kata reset STUB`, `kata reset SKILL` or `kata reset --all`")
    targets = [Target(skill) for skill in find_skills(root)] if everything else [resolve(root, name) for name in names]
    what = "reset --all" if everything else f"reset {' '.join(map(str, targets))}"
    console.say(back.reset(Store(root), targets, what))


@cli.command(short_help="Take back a reset, or the last change of a stub.")
@click.argument("stub", required=False, type=Name())
def undo(stub: str | None) -> None:
    """Take back the last reset or restore; with a stub, bring back its version before this one."""
    from torchkata import undo as back

    root = find_workspace(Path.cwd())
    if stub is None:
        console.say(back.undo(Store(root)))
    else:
        target = resolve_stub(root, stub)
        console.say(back.undo_stub(Store(root), target.skill, _name(target)))


@cli.command(short_help="The versions of a stub that were kept.")
@click.argument("stub", type=Name())
@click.option("--restore", type=int, metavar="N", help="Bring version N back.")
@click.option("--show", "shown", type=int, metavar="N", help="Print version N.")
def history(stub: str, restore: int | None, shown: int | None) -> None:
    """Show the versions of a stub that were kept: one for each check of a new text."""
    store, target = _stub(stub)
    if shown is not None:
        console.echo(store.snapshot(target.skill, _name(target), shown).text)
    elif restore is not None:
        kept = store.restore(target.skill, _name(target), restore)
        way = f" What was there is version {kept}: `kata undo` brings it back." if kept else ""
        console.say([f"{target.stub} is version {restore} again.{way}"])
    else:
        _print_history(store, target)


@cli.command(short_help="Make a workspace of your own.")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def init(folder: Path) -> None:
    """Make a workspace of your own in a folder."""
    import shlex

    from torchkata import workspace

    changes = workspace.init(folder)
    skills = find_skills(folder)
    count = sum(len(stub_names(skill)) for skill in skills)
    console.say([f"{folder} holds {console.count(len(skills), 'skill')} with {console.count(count, 'stub')}."])
    _print_notes(changes)
    go = f"cd {shlex.quote(str(folder))} && " if folder.resolve() != Path.cwd() else ""
    console.row("start", f"{go}kata")
    if skills:
        console.row("read", console.relative(folder.absolute() / "katas" / skills[0].folder.name / "README.md"))


@cli.command(short_help="Bring newer katas in, leave your work alone.")
def update() -> None:
    """Bring newer katas into the workspace; what you wrote stays as it is."""
    from torchkata import workspace

    changes = workspace.update(find_workspace(Path.cwd()))
    _print_list("added", changes.added)
    _print_list("updated, as you had not touched them", changes.updated)
    _print_list("left as you wrote them; their contract has changed since", changes.kept)
    _print_list("green before, but their tests have changed: check them again", changes.passed)
    _print_list("no longer shipped", changes.removed)
    if changes.files:
        console.say([f"Tests, lessons and the like: {console.count(len(changes.files), 'new file')}."])
    _print_notes(changes)
    if not any(vars(changes).values()):
        console.say(["Everything is up to date."])
    elif changes.kept or changes.passed:
        console.row("check", "kata run")


@cli.command(short_help="Is everything here? A line for each thing.")
def doctor() -> None:
    """Check Python, torch, torchvision, device, versions and the workspace."""
    from torchkata import doctor as medical

    try:
        root = find_workspace(Path.cwd())
    except Problem:
        root = None
    ill = 0
    for finding in medical.examine(root):
        ill += not finding.ok
        mark = click.style("ok  ", fg="green") if finding.ok else click.style("no  ", fg="red", bold=True)
        lines = textwrap.wrap(finding.found, console.WIDTH - 23, break_long_words=False, break_on_hyphens=False) or [""]
        console.echo(f"{mark} {finding.what:<18}{lines[0]}")
        for line in lines[1:]:
            console.echo(" " * 23 + line)
        for line in textwrap.wrap(finding.advice, console.WIDTH - 26, break_long_words=False, break_on_hyphens=False):
            console.echo(" " * 23 + "-> " * (line == finding.advice[: len(line)]) + line)
    console.say([f"{ill} to mend." if ill else "All is well."])
    sys.exit(1 if ill else 0)


@cli.command(short_help="Print what makes the shell complete names.")
@click.argument("shell", type=click.Choice(list(SHELLS)))
def completion(shell: str) -> None:
    """Print what makes the shell complete names. bash: eval "$(kata completion bash)" in ~/.bashrc."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    words = {"complete_func": "_kata_completion", "complete_var": "_KATA_COMPLETE", "prog_name": "kata"}
    console.echo(f"{kind.source_template % words}\n# {SHELLS[shell]}")


@cli.command(short_help="The speed of your green stubs against the reference.")
@click.argument("target", type=Name(), metavar="SKILL|STUB")
def bench(target: str) -> None:
    """Time your green stubs and the reference in turn: "yours 3.1× the reference"."""
    root = find_workspace(Path.cwd())
    found = resolve(root, target)
    from torchkata.bench.learner import main as measure

    sys.exit(measure([found.skill.name, *filter(None, [found.stub]), "--root", str(root)]))


@cli.command(short_help="For maintainers: the gate over all skills.")
@click.argument("names", nargs=-1, type=Name(), metavar="[SKILL|STUB]...")
@click.option("--seeds", type=int, help="Seeds for each wrong answer.")
@click.option("--jobs", type=int, default=os.cpu_count() or 2, help="Processes.")
def check(names: tuple[str, ...], seeds: int | None, jobs: int) -> None:
    """For maintainers: must every wrong answer be red, and every right one green?"""
    root = find_workspace(Path.cwd())
    if not (root / "tests" / "alternatives").is_dir():
        raise Problem(f"{root} is a learner's workspace; the gate runs in a clone of torchkata")
    chosen = [str(resolve(root, name)) for name in names]
    from torchkata.gate import main as gate

    more = ["--seeds", str(seeds)] if seeds else []
    sys.exit(gate([*chosen, "--jobs", str(jobs), "--root", str(root), *more]))


@cli.command(short_help="For maintainers: the files of a new skill.")
@click.argument("skill")
def new(skill: str) -> None:
    """For maintainers: make the files of a new skill."""
    from torchkata import new_skill

    root = find_workspace(Path.cwd())
    paths = new_skill.make(root, skill)
    console.say(["These files are new, with one example stub, red as it should be:"])
    for path in paths:
        console.echo(f"  {console.relative(path)}")
    console.row("next", f"pytest {console.relative(paths[0].parent)}, then CONTRIBUTING.md")


def main() -> None:
    """Run the command; errors are one line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that has no `Σ` shows `?`
    color = False if os.environ.get("NO_COLOR") else None
    try:
        code = cli.main(prog_name="kata", standalone_mode=False, color=color)
    except click.ClickException as error:
        _fail(error.format_message())
    except Problem as error:
        _fail(str(error))
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        _fail(f"{error.filename or 'the disk'}: {error.strerror or error}")
    sys.exit(code if isinstance(code, int) else 0)


def _fail(line: str) -> None:
    print(f"kata: {' '.join(line.split())}", file=sys.stderr)
    sys.exit(2)


# names


def _stub(text: str | None) -> tuple[Store, Target]:
    """The store of the workspace, and the stub that a text names; without a text the next one that is not green."""
    root = find_workspace(Path.cwd())
    store = Store(root)
    return store, resolve_stub(root, text) if text else _next_stub(root, store)


def _next_stub(root: Path, store: Store) -> Target:
    for skill in find_skills(root):
        for stub, state in store.states(skill).items():
            if state != "green":
                return Target(skill, stub)
    raise Problem("all is green; name a stub")


def _name(target: Target) -> str:
    assert target.stub is not None
    return target.stub


# the screen


def _print_skill(skill: Skill, states: dict[str, str]) -> None:
    symbols = "".join(map(console.mark, states.values()))
    green = sum(state == "green" for state in states.values())
    note = ""
    try:
        StubFile.read(skill.stubs)
    except Problem as problem:
        note = f"\n  {str(problem).replace(str(skill.stubs), console.relative(skill.stubs))}"
    console.echo(f"{skill.folder.name:<20}{symbols}  {green} of {len(states)} green{note}")


def _print_stubs(skill: Skill, states: dict[str, str]) -> None:
    try:
        file = StubFile.read(skill.stubs)
    except Problem:
        file = None
    console.echo(f"  {console.relative(skill.stubs)}")
    for stub, state in states.items():
        place = f"line {file.line(stub)}" if file and stub in file.definitions else ""
        console.echo(f"  {console.mark(state)} {stub:<28}{state:<22}{place}".rstrip())


def _print_legend(states: dict[Skill, dict[str, str]]) -> None:
    every = [state for known in states.values() for state in known.values()]
    present = [f"{console.symbol(state)} {state}" for state in console.SYMBOLS if state in every]
    console.echo(f"\n{'   '.join(present)}")
    following = [(skill, stub) for skill, known in states.items() for stub, state in known.items() if state != "green"]
    if following:
        skill, stub = following[0]
        console.row("next", f"kata show {skill.name}.{stub}")


def _as_json(root: Path, store: Store, states: dict[Skill, dict[str, str]]) -> str:
    import json

    facts = store.read()["stubs"]
    skills = [
        {
            "skill": skill.folder.name,
            "name": skill.name,
            "file": str(skill.stubs),
            "green": sum(state == "green" for state in known.values()),
            "stubs": [
                _stub_json(stub, state, facts.get(skill.name, {}).get(stub, {})) for stub, state in known.items()
            ],
        }
        for skill, known in states.items()
    ]
    return json.dumps({"version": 1, "workspace": str(root), "skills": skills}, indent=1, ensure_ascii=False)


def _stub_json(stub: str, state: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": stub,
        "state": state,
        "first_green": facts.get("first_green"),
        "checked": facts.get("checked"),
        "hints_seen": facts.get("hints", 0),
    }


def _print_history(store: Store, target: Target) -> None:
    versions = store.snapshots(target.skill, _name(target))
    if not versions:
        raise Problem(f"no version of `{target.stub}` was kept yet; each check keeps one")
    at = store.facts(target.skill, _name(target)).get("at")
    try:
        present = StubFile.read(target.skill.stubs).texts().get(_name(target))
    except Problem:
        present = None
    console.title(f"{target.stub}   {console.count(len(versions), 'version')}")
    for each in versions:
        body = [line.strip() for line in lessons.without_docstrings(each.text).splitlines()[1:] if line.strip()]
        here = "  <- now" if each.number == at and each.text == present else ""
        line = f"  {each.number:>3}   {each.time}   {each.label.replace('-', ' '):<15} {body[-1] if body else ''}"
        room = console.WIDTH - len(here)
        console.echo((line if len(line) <= room else f"{line[: room - 3]}...") + here)
    console.echo()
    console.row("see", f"kata history {target} --show {versions[-1].number}")
    console.row("back", f"kata history {target} --restore {versions[-1].number}")


def _print_list(title: str, names: list[str]) -> None:
    if names:
        console.say([f"{title[0].upper()}{title[1:]}:"])
        for name in names:
            console.echo(f"  {name}")


def _print_notes(changes: Changes) -> None:
    console.say(f"{note}." for note in changes.notes)
    if changes.copies:
        folder = Path(changes.copies[0])
        console.say([f"Copies of what was replaced: {Path(*folder.parts[:2])}"])


# other programs


def _edit(path: Path, line: int) -> int:
    """Open a file at a line in the learner's editor; its exit code."""
    import shlex
    import shutil
    import subprocess

    text = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    if not text:
        raise Problem(f"set $VISUAL or $EDITOR to your editor; the stub is at {path}:{line}")
    command = shlex.split(text, posix=os.name != "nt")
    program = shutil.which(command[0])
    if program is None:
        raise Problem(f"the editor `{command[0]}` was not found; the stub is at {path}:{line}")
    return subprocess.run([program, *command[1:], *_place(command[0], path, line)]).returncode


def _place(editor: str, path: Path, line: int) -> list[str]:
    """A file and a line as an editor wants them."""
    name = Path(editor).stem.lower()
    if name in COLON_EDITORS:
        return ["-g", f"{path}:{line}"]
    return [f"+{line}", str(path)] if name in PLUS_EDITORS else [str(path)]


if __name__ == "__main__":
    main()
