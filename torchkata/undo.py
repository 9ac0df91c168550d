"""Back to the stub, and back from there: nothing is replaced without a copy, and each way back has a way back.

Every function returns the lines that say what was done and how to get the former text again.
"""

from collections.abc import Sequence
from typing import Any

from torchkata.names import Target, find_skill
from torchkata.skills import Skill, find_skills
from torchkata.store import Json, Store
from torchkata.stubfile import Problem, StubFile, pristine, pristine_texts, stub_names, write

MOST_LISTED = 4  # stubs named in a line


def reset(store: Store, targets: Sequence[Target], what: str) -> list[str]:
    """Make stubs, or all those of skills, as they are shipped; `what` is the command, for `kata undo`."""
    chosen: dict[Skill, list[str]] = {}
    for target in targets:
        chosen.setdefault(target.skill, []).extend([target.stub] if target.stub else stub_names(target.skill))
    whole = {target.skill for target in targets if target.stub is None}
    jobs: list[tuple[Skill, bytes, bytes | None]] = []
    stubs: list[list[Any]] = []
    files: list[list[str]] = []
    with store.writing() as data:
        for skill, names in chosen.items():
            shipped = pristine_texts(skill)
            try:
                file = StubFile.read(skill.stubs)
            except Problem as problem:
                jobs.append((skill, pristine(skill).encode(), _copied(store, skill, files, problem, skill in whole)))
                continue
            texts = file.texts()
            other = [name for name in names if texts.get(name) != shipped[name]]
            if other:
                kept = store.keep(data, skill, file, other, "reset")
                stubs += [[skill.name, name, kept[name]] for name in other]
                new = file.replaced({name: shipped[name] for name in other}, stub_names(skill))
                jobs.append((skill, new, file.data))
        if not jobs:
            return ["Nothing to do: it is as shipped."]
        store.note_action(data, what, stubs, files)
        for skill, new, old in jobs:
            write(skill.stubs, new, expected=old)
    names = [str(name) for _, name, _ in stubs]
    lines = [f"Back to the stub: {_listed(names)}."] if names else []
    lines += [f"{name} is as shipped again" + (f"; a copy is {copy}." if copy else ".") for name, copy in files]
    return [*lines, "Your text is kept: `kata undo` brings it back."]


def undo(store: Store) -> list[str]:
    """Take back the last reset, restore or undo of a file; after a newer check, the last change of a stub."""
    state = store.read()
    if state["last_snapshot"]:
        name, stub = state["last_snapshot"]
        skill = find_skill(find_skills(store.root), name)
        if skill:
            return undo_stub(store, skill, stub)
    with store.writing() as data:
        if not data["actions"]:
            raise Problem("there is nothing to undo")
        action = data["actions"][-1]
        jobs = _jobs(store, data, action)
        data["actions"].pop()
        data["last_snapshot"] = None
        for skill, new, old in jobs:
            write(skill.stubs, new, expected=old)
    names = [str(name) for _, name, _ in action["stubs"]] + [str(name) for name, _ in action["files"]]
    lines = [f"Taken back: `kata {action['what']}` ({_listed(names)})."]
    return [*lines, "What was there until now is kept too: `kata history STUB` shows it."]


def undo_stub(store: Store, skill: Skill, stub: str) -> list[str]:
    """Bring back the version of a stub before the present one."""
    file = StubFile.read(skill.stubs)
    text = file.texts().get(stub)
    with store.writing() as data:
        kept = 0 if file.is_unwritten(stub) else store.keep(data, skill, file, [stub], "undo")[stub]
        earlier = [each for each in store.snapshots(skill, stub) if not kept or each.number < kept]
        earlier = [each for each in earlier if each.text != text]
        if not earlier:
            raise Problem(f"`{stub}` has no earlier version; `kata reset {stub}` gives the stub as shipped")
        target = earlier[-1]
        data["last_snapshot"] = None
        store.save(data)
        write(skill.stubs, file.replaced({stub: target.text}, stub_names(skill)), expected=file.data)
        store.moved(data, skill, stub, target.number, target.text)
    lines = [f"{stub} is back to version {target.number} ({target.label.replace('-', ' ')}, {target.time})."]
    return lines + ([f"Forward again: `kata history {stub} --restore {kept}`."] if kept else [])


def _copied(store: Store, skill: Skill, files: list[list[str]], problem: Problem, whole: bool) -> bytes | None:
    """Keep a copy of a stub file that can't be read as Python; what it holds."""
    name = skill.stubs.relative_to(store.root).as_posix()
    if not skill.stubs.exists():
        files.append([name, ""])
        return None
    if not whole:
        raise Problem(f"{problem}. Correct it, or give up the whole file with `kata reset {skill.name}`")
    files.append([name, store.copy(skill.stubs).relative_to(store.root).as_posix()])
    return skill.stubs.read_bytes()


def _jobs(store: Store, data: Json, action: Json) -> list[tuple[Skill, bytes, bytes | None]]:
    """The files to write to take an action back; what they hold now is kept first."""
    skills = {skill.name: skill for skill in find_skills(store.root)}
    jobs: list[tuple[Skill, bytes, bytes | None]] = []
    for name in dict.fromkeys(each[0] for each in action["stubs"]):
        if name not in skills:
            continue
        skill, file = skills[name], StubFile.read(skills[name].stubs)
        numbers = {stub: number for each, stub, number in action["stubs"] if each == name}
        store.keep(data, skill, file, [stub for stub in numbers if not file.is_unwritten(stub)], "undo")
        texts = {stub: store.snapshot(skill, stub, number).text for stub, number in numbers.items() if number}
        gone = [stub for stub, number in numbers.items() if not number]
        jobs.append((skill, file.replaced(texts, stub_names(skill), remove=gone), file.data))
        for stub, text in texts.items():
            store.moved(data, skill, stub, numbers[stub], text)
    for name, copy in action["files"]:
        path = store.root / name
        skill = next(each for each in skills.values() if each.stubs == path)
        if path.exists():
            store.copy(path)
        if copy:
            jobs.append((skill, (store.root / copy).read_bytes(), path.read_bytes() if path.exists() else None))
    return jobs


def _listed(names: list[str]) -> str:
    """Some names in a sentence."""
    if len(names) > MOST_LISTED:
        return f"{', '.join(names[:MOST_LISTED])} and {len(names) - MOST_LISTED} more"
    return ", ".join(names) or "nothing"
