"""Back to the stub and back again, and nothing is lost on the way."""

import os

import pytest

from tests.demo_workspace import REFERENCE, killed_at_step, ship, solve
from torchkata.names import Target
from torchkata.store import Store
from torchkata.stubfile import Problem, pristine, stub_texts, write
from torchkata.undo import reset, undo, undo_stub


@pytest.fixture
def skill(tmp_path):
    return ship(tmp_path)


@pytest.fixture
def store(skill):
    return Store(skill.root)


def body(skill, stub="double"):
    return stub_texts(skill.stubs)[stub].splitlines()[-1].strip()


def empty(skill, *stubs):
    return [body(skill, stub) == "raise NotImplementedError" for stub in stubs]


def test_one_stub_goes_back_and_comes_again(store, skill):
    solve(skill, "double", "return x + x")
    solve(skill, "root", "return x")
    code = skill.stubs.read_bytes()
    lines = reset(store, [Target(skill, "double")], "reset numbers.double")
    assert empty(skill, "double", "root") == [True, False] and "kata undo" in lines[-1]
    assert "reset numbers.double" in undo(store)[0]
    assert skill.stubs.read_bytes() == code


def test_a_whole_skill_goes_back_but_helpers_stay(store, skill):
    solve(skill, "double", "return _mine(x)")
    solve(skill, "root", "return x")
    write(skill.stubs, skill.stubs.read_bytes() + b"\n\ndef _mine(x):\n    return x\n")
    code = skill.stubs.read_bytes()
    reset(store, [Target(skill)], "reset numbers")
    assert empty(skill, "double", "root") == [True, True] and b"_mine" in skill.stubs.read_bytes()
    undo(store)
    assert skill.stubs.read_bytes() == code


def test_two_skills_are_one_undo(store, skill):
    other = ship(skill.root, REFERENCE, folder="02_others")
    for each in (skill, other):
        solve(each, "double", "return x + x")
    reset(store, [Target(skill), Target(other)], "reset --all")
    undo(store)
    assert [body(each) for each in (skill, other)] == ["return x + x"] * 2


def test_what_is_as_shipped_is_not_reset(store, skill):
    assert reset(store, [Target(skill)], "reset numbers") == ["Nothing to do: it is as shipped."]
    with pytest.raises(Problem, match="nothing to undo"):
        undo(store)


def test_undo_walks_back_through_the_versions_and_history_forward(store, skill):
    for line in ("return 1", "return 2", "return 3"):
        solve(skill, "double", line)
        store.record(skill, {"double": "wrong"})
    solve(skill, "double", "return 4")
    undo_stub(store, skill, "double")
    assert body(skill) == "return 3"
    undo_stub(store, skill, "double")
    assert body(skill) == "return 2"
    store.restore(skill, "double", 4)
    assert body(skill) == "return 4"
    undo(store)
    assert body(skill) == "return 2"
    undo_stub(store, skill, "double")
    with pytest.raises(Problem, match="no earlier version"):
        undo_stub(store, skill, "double")
    assert body(skill) == "return 1"


def test_undo_of_a_reset_stub_brings_its_text(store, skill):
    solve(skill, "double", "return 1")
    reset(store, [Target(skill, "double")], "reset numbers.double")
    undo_stub(store, skill, "double")
    assert body(skill) == "return 1"


def test_undo_after_a_newer_check_is_about_that_stub(store, skill):
    solve(skill, "root", "return 1")
    reset(store, [Target(skill, "root")], "reset numbers.root")
    for line in ("return 1", "return 2"):
        solve(skill, "double", line)
        store.record(skill, {"double": "wrong"})
    undo(store)
    assert body(skill) == "return 1" and empty(skill, "root") == [True]
    undo(store)
    assert body(skill, "root") == "return 1"


def test_undo_keeps_what_was_written_since(store, skill):
    solve(skill, "double", "return 1")
    reset(store, [Target(skill, "double")], "reset numbers.double")
    solve(skill, "double", "return 2")
    undo(store)
    assert body(skill) == "return 1"
    assert store.snapshots(skill, "double")[-1].text.endswith("return 2")


def test_a_deleted_stub_comes_back_and_goes_again(store, skill):
    text = stub_texts(skill.stubs)["double"]
    write(skill.stubs, skill.stubs.read_text("utf-8").replace(f"{text}\n\n\n", "").encode())
    code = skill.stubs.read_bytes()
    reset(store, [Target(skill, "double")], "reset numbers.double")
    assert list(stub_texts(skill.stubs)) == ["double", "root", "Counter"]
    undo(store)
    assert list(stub_texts(skill.stubs)) == ["root", "Counter"] and b"import" in code


def test_a_deleted_file_comes_back(store, skill):
    skill.stubs.unlink()
    reset(store, [Target(skill, "double")], "reset numbers.double")
    assert skill.stubs.read_bytes() == pristine(skill).encode()


@pytest.mark.parametrize("data", [b"def (\n", "é = 1\n".encode("utf-16"), "# é\n".encode("latin-1")])
def test_a_file_that_is_not_python_is_given_up_only_as_a_whole_and_copied(store, skill, data):
    skill.stubs.write_bytes(data)
    with pytest.raises(Problem, match="give up the whole file with `kata reset numbers`"):
        reset(store, [Target(skill, "double")], "reset numbers.double")
    assert skill.stubs.read_bytes() == data
    reset(store, [Target(skill)], "reset numbers")
    assert skill.stubs.read_bytes() == pristine(skill).encode()
    assert [path.read_bytes() for path in store.folder.glob("copies/*/katas/01_numbers/numbers.py")] == [data]
    undo(store)
    assert skill.stubs.read_bytes() == data


def test_windows_line_ends_stay(store, skill):
    solve(skill, "double", "return 1")
    code = skill.stubs.read_bytes().replace(b"\n", b"\r\n")
    skill.stubs.write_bytes(code)
    reset(store, [Target(skill)], "reset numbers")
    assert skill.stubs.read_bytes() == pristine(skill).replace("\n", "\r\n").encode()
    undo(store)
    assert skill.stubs.read_bytes() == code


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
@pytest.mark.parametrize("action", ["reset", "undo", "restore"])
def test_a_kill_at_any_step_leaves_the_old_code_or_the_new_and_both_can_be_had(skill, action):
    step, told = 0, []
    while True:
        step += 1
        store = Store(skill.root, told.append)
        old = f"return {step}"
        solve(skill, "double", f"return -{step}")
        store.record(skill, {"double": "wrong"})
        solve(skill, "double", old)
        first = store.snapshots(skill, "double")[-1].number
        actions = {
            "reset": lambda store=store: reset(store, [Target(skill, "double")], "reset double"),
            "undo": lambda store=store: undo_stub(store, skill, "double"),
            "restore": lambda store=store, first=first: store.restore(skill, "double", first),
        }
        killed = killed_at_step(step, actions[action])
        new = "raise NotImplementedError" if action == "reset" else f"return -{step}"
        assert body(skill) in (old, new) and told == []
        if body(skill) == new:
            assert store.snapshots(skill, "double")[-1].text.endswith(old), "the former text is kept"
        if not killed:
            assert body(skill) == new
            break
    assert step > 10
