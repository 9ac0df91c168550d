"""A workspace is made and kept up to date, and what the learner wrote stays."""

import os
import subprocess
import sys

import pytest

from tests.demo_workspace import HINTS, REFERENCE, TESTS, killed_at_step, ship, solve
from torchkata import workspace
from torchkata.skills import Skill, find_skills
from torchkata.store import Store
from torchkata.stubfile import Problem, pristine, stub_texts
from torchkata.workspace import find_workspace, init, shipped, update

CHANGED = REFERENCE.replace("Return 2·x.", "Return twice x.")
GROWN = REFERENCE.replace("import math\n", "import math\nimport os\n").replace(
    "class Counter", 'def half(x: Number) -> float:\n    """Return x / 2."""\n    return x / 2\n\n\nclass Counter'
)


@pytest.fixture
def theirs(tmp_path, monkeypatch):
    folder = tmp_path / "theirs"
    monkeypatch.setattr(workspace, "shipped", lambda: folder)
    ship(folder)
    return folder


@pytest.fixture
def root(tmp_path, theirs):
    init(tmp_path / "mine")
    return tmp_path / "mine"


@pytest.fixture
def skill(root):
    return find_skills(root)[0]


def tree(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def outside(root):
    return {name: data for name, data in tree(root).items() if not name.startswith(".kata")}


def copies(root):
    return [path.read_text("utf-8") for path in (root / ".kata" / "copies").rglob("*") if path.is_file()]


# finding


def test_a_workspace_is_found_from_inside(skill, root):
    assert find_workspace(skill.folder) == find_workspace(root) == root.resolve()


def test_no_workspace_is_one_clear_line(tmp_path):
    (tmp_path / "katas").mkdir()
    with pytest.raises(Problem, match="kata init DIR"):
        find_workspace(tmp_path)


def test_the_katas_of_this_torchkata_are_found():
    assert {"tensors", "sgd_loop"} <= {skill.name for skill in find_skills(shipped())}


# making


def test_a_new_workspace_has_all_that_pytest_needs_and_no_solution(root, skill):
    names = set(outside(root))
    assert {"conftest.py", "pytest.ini", ".gitignore", "reference/numbers.py", "mistakes/numbers.py"} <= names
    assert {path.name for path in skill.folder.iterdir()} == {"numbers.py", "test_numbers.py", "hints.md", "README.md"}
    assert skill.stubs.read_bytes() == pristine(skill).encode()


def test_a_clone_that_somebody_worked_in_ships_stubs_all_the_same(tmp_path, theirs):
    solve(find_skills(theirs)[0], "double", "return x + x")
    init(tmp_path / "new")
    assert b"return x + x" not in find_skills(tmp_path / "new")[0].stubs.read_bytes()


def test_a_workspace_is_not_made_twice(root):
    before = tree(root)
    with pytest.raises(Problem, match="a workspace already; `kata update`"):
        init(root)
    assert tree(root) == before


def test_a_folder_with_files_keeps_them(tmp_path, theirs):
    folder = tmp_path / "full"
    mine = Skill(folder / "katas" / "01_numbers")
    mine.folder.mkdir(parents=True)
    mine.stubs.write_text("def double(x):\n    return 2 * x\n")
    for name in ("conftest.py", "pytest.ini", "notes.txt"):
        (folder / name).write_text("# mine\n")
    init(folder)
    assert "return 2 * x" in mine.stubs.read_text() and (folder / "notes.txt").read_text() == "# mine\n"
    assert (folder / "pytest.ini").read_text() == "# mine\n" and (folder / "conftest.py").read_text() == "# theirs\n"
    assert copies(folder).count("# mine\n") == 1


def test_a_place_where_no_folder_can_be_is_one_clear_line(tmp_path, theirs):
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="can't be made"):
        init(tmp_path / "file" / "mine")


def test_torchkata_itself_is_no_workspace_to_make_or_update():
    with pytest.raises(Problem, match="torchkata itself"):
        init(shipped())
    if workspace.is_source_tree(shipped()):
        with pytest.raises(Problem, match="git pull"):
            update(shipped())


# updating


def test_nothing_new_changes_nothing(root):
    before = outside(root)
    assert not any(vars(update(root)).values()) and outside(root) == before


def test_an_untouched_stub_is_brought_up_to_date(root, skill, theirs):
    solve(skill, "root", "return x**0.5")
    ship(theirs, CHANGED)
    assert update(root).updated == ["numbers.double"]
    texts = stub_texts(skill.stubs)
    assert "Return twice x." in texts["double"] and texts["root"].endswith("return x**0.5")


def test_a_touched_stub_is_left_alone_and_listed(root, skill, theirs):
    solve(skill, "double", "return x + x")
    code = skill.stubs.read_bytes()
    ship(theirs, CHANGED)
    changes = update(root)
    assert changes.kept == ["numbers.double"] and skill.stubs.read_bytes() == code
    assert not update(root).kept, "it is said once"


def test_a_passed_stub_whose_contract_changed_is_listed_and_green_no_more(root, skill, theirs):
    solve(skill, "double", "return x + x")
    Store(root).record(skill, {"double": "green"})
    ship(theirs, CHANGED)
    assert update(root).kept == ["numbers.double (you had passed it)"]
    assert Store(root).states(skill)["double"] == "changed since green"


def test_a_passed_stub_whose_tests_changed_is_listed(root, skill, theirs):
    for stub in ("double", "root"):
        solve(skill, stub, "return x")
    Store(root).record(skill, {"double": "green", "root": "green"})
    ship(theirs, tests=TESTS.replace("double(2) == 4", "double(3) == 6"))
    assert update(root).passed == ["numbers.double"]
    assert Store(root).states(skill) | {"Counter": ""} == {
        "double": "changed since green",
        "root": "green",
        "Counter": "",
    }


def test_new_stubs_and_their_imports_come_in_beside_what_was_written(root, skill, theirs):
    solve(skill, "double", "return x + x")
    skill.stubs.write_text(skill.stubs.read_text("utf-8") + "\n\ndef _mine():\n    pass\n", "utf-8")
    ship(theirs, GROWN)
    assert update(root).added == ["numbers.half"]
    text = skill.stubs.read_text("utf-8")
    assert list(stub_texts(skill.stubs)) == ["double", "root", "half", "Counter", "_mine"]
    assert text.count("import os\n") == 1 and "return x + x" in text


def test_a_file_that_was_not_touched_becomes_the_new_one(root, skill, theirs):
    ship(theirs, GROWN.replace("Numbers.", "More numbers."))
    update(root)
    assert skill.stubs.read_bytes() == find_skills(theirs)[0].stubs.read_bytes()


def test_removed_stubs_are_listed_and_stay_where_they_were_written(root, skill, theirs):
    solve(skill, "root", "return x**0.5")
    start, end = REFERENCE.index("def double"), REFERENCE.index("class Counter")
    ship(theirs, REFERENCE[:start] + "def other() -> None:\n    pass\n\n\n" + REFERENCE[end:])
    assert update(root).removed == ["numbers.double", "numbers.root"]
    assert list(stub_texts(skill.stubs)) == ["other", "root", "Counter"] or "root" in stub_texts(skill.stubs)
    assert "double" not in stub_texts(skill.stubs)


def test_a_new_skill_and_a_new_number_come_in(root, skill, theirs):
    solve(skill, "double", "return x + x")
    (theirs / "katas" / "01_numbers").rename(theirs / "katas" / "02_numbers")
    ship(theirs, GROWN, folder="01_first")
    changes = update(root)
    assert (
        changes.added == ["01_first, a new skill (4)"] and "katas/01_numbers is katas/02_numbers now" in changes.notes
    )
    assert "return x + x" in (root / "katas/02_numbers/numbers.py").read_text("utf-8")
    assert [each.folder.name for each in find_skills(root)] == ["01_first", "02_numbers"]


def test_a_skill_that_is_no_longer_shipped_stays(root, skill, theirs):
    ship(theirs, folder="02_others")
    for path in find_skills(theirs)[0].folder.iterdir():
        path.unlink()
    find_skills(theirs)[0].folder.rmdir()
    changes = update(root)
    assert skill.stubs.exists() and changes.notes == ["katas/01_numbers is no longer shipped; it was left as it is"]


def test_other_files_are_replaced_and_copied_if_they_were_edited(root, skill, theirs):
    skill.hints.write_text("mine\n")
    (root / "pytest.ini").write_text("[pytest]\n# mine\n")
    (theirs / "conftest.py").write_text("# newer\n")
    changes = update(root)
    assert skill.hints.read_text() == HINTS and copies(root) == ["mine\n"]
    assert "mine" in (root / "pytest.ini").read_text() and (root / "conftest.py").read_text() == "# newer\n"
    assert set(changes.files) == {"katas/01_numbers/hints.md", "conftest.py"}


def test_without_a_record_the_old_reference_tells_what_was_touched(root, skill, theirs):
    solve(skill, "root", "return x**0.5")
    (root / ".kata" / "shipped.json").unlink()
    ship(theirs, CHANGED)
    changes = update(root)
    assert changes.updated == ["numbers.double"] and "return x**0.5" in skill.stubs.read_text("utf-8")


def test_a_corrupt_record_is_copied_and_said(root, skill, theirs):
    (root / ".kata" / "shipped.json").write_text("{")
    solve(skill, "root", "return x**0.5")
    changes = update(root)
    assert any("shipped.json could not be read" in note for note in changes.notes) and "{" in copies(root)
    assert "return x**0.5" in skill.stubs.read_text("utf-8")


@pytest.mark.parametrize("data", [b"def (\n", "é".encode("utf-16")])
def test_a_file_that_is_not_python_is_left_and_said(root, skill, theirs, data):
    skill.stubs.write_bytes(data)
    ship(theirs, CHANGED)
    changes = update(root)
    assert skill.stubs.read_bytes() == data and any("left as they are" in note for note in changes.notes)


def test_a_missing_file_comes_back(root, skill):
    skill.stubs.unlink()
    assert "it is back, as shipped" in update(root).notes[0] and skill.stubs.exists()


def test_windows_line_ends_stay(root, skill, theirs):
    skill.stubs.write_bytes(skill.stubs.read_bytes().replace(b"\n", b"\r\n"))
    ship(theirs, GROWN)
    update(root)
    data = skill.stubs.read_bytes()
    assert b"def half" in data and data.count(b"\n") == data.count(b"\r\n")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
@pytest.mark.parametrize("action", ["init", "update"])
def test_a_kill_at_any_step_is_mended_by_an_update(tmp_path, theirs, action):
    whole, step = tmp_path / "whole", 0
    begin(whole, theirs, action)
    go(whole, action)
    while True:
        step += 11 if action == "init" else 13  # every step takes too long, and these meet every kind
        ship(theirs)
        root = tmp_path / f"killed_{step}"
        begin(root, theirs, action)
        before = outside(root) if root.exists() else {}
        killed = killed_at_step(step, lambda root=root: go(root, action))
        now = {name: data for name, data in outside(root).items() if not name.endswith(".tmp")}
        assert all(data in (before.get(name), outside(whole)[name]) for name, data in now.items())
        update(root)
        assert {name for name in outside(root) if not name.endswith(".tmp")} == set(outside(whole))
        assert all(outside(root)[name] == data for name, data in outside(whole).items())
        if not killed:
            break
    assert step > 40


def begin(root, theirs, action):
    if action == "update":
        ship(theirs)
        init(root)
        solve(find_skills(root)[0], "root", "return x**0.5")
        ship(theirs, GROWN.replace("Return 2·x.", "Return twice x."), TESTS + "\n")


def go(root, action):
    init(root) if action == "init" else update(root)


def test_pytest_runs_in_a_workspace_in_a_folder_with_spaces(tmp_path):
    root = tmp_path / "mein Ordner é"
    init(root)
    command = [sys.executable, "-m", "pytest", "katas/01_tensors", "-k", "total__", "-p", "no:cacheprovider"]
    env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8", env=env, timeout=120)
    assert "○ total   not written yet" in done.stdout and done.returncode == 1
