"""What a workspace remembers is never lost: killed, full, corrupt, or with two at it."""

import contextlib
import errno
import json
import os
import random
import sys
from pathlib import Path

import pytest

from tests.demo_workspace import killed_after, killed_at_step, ship, solve
from torchkata.errors import NOT_WRITTEN
from torchkata.store import CHANGED, NOT_RUN, Store
from torchkata.stubfile import Problem, stub_texts

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")


@pytest.fixture
def skill(tmp_path):
    return ship(tmp_path)


@pytest.fixture
def said():
    return []


@pytest.fixture
def store(skill, said):
    return Store(skill.root, said.append)


def state(store, skill, stub="double"):
    return store.states(skill)[stub]


# states


def test_nothing_is_written_at_first(store, skill):
    assert set(store.states(skill).values()) == {NOT_WRITTEN} and not store.folder.exists()


def test_a_verdict_holds_for_the_text_that_was_checked(store, skill):
    solve(skill, "double", "return x + x")
    assert state(store, skill) == NOT_RUN
    store.record(skill, {"double": "green", "root": NOT_WRITTEN})
    assert state(store, skill) == "green"
    solve(skill, "double", "return 3 * x")
    assert state(store, skill) == CHANGED
    store.record(skill, {"double": "wrong"})
    assert state(store, skill) == "wrong"
    solve(skill, "double", "return x + x")
    assert state(store, skill) == "green"
    assert store.facts(skill, "double")["first_green"]


def test_a_green_text_that_turns_red_is_green_no_more(store, skill):
    solve(skill, "double", "return x + x")
    store.record(skill, {"double": "green"})
    store.record(skill, {"double": "wrong"})
    assert state(store, skill) == "wrong"


def test_a_text_saved_after_the_check_gets_no_verdict(store, skill):
    solve(skill, "double", "return x + x")
    checked = skill.stubs.read_bytes()
    solve(skill, "double", "return 3 * x")
    store.record(skill, {"double": "green"}, checked)
    assert state(store, skill) == CHANGED


def test_a_stub_that_went_back_to_unwritten_is_unwritten(store, skill):
    solve(skill, "double", "return x + x")
    store.record(skill, {"double": "green"})
    solve(skill, "double", "raise NotImplementedError")
    assert state(store, skill) == NOT_WRITTEN


def test_a_broken_file_takes_nothing_away(store, skill):
    solve(skill, "double", "return x + x")
    store.record(skill, {"double": "green"})
    text = skill.stubs.read_bytes()
    skill.stubs.write_bytes(text + b"def (\n")
    store.record(skill, {"double": "wrong", "root": "wrong"})
    assert (state(store, skill), state(store, skill, "root")) == (CHANGED, NOT_RUN)
    skill.stubs.write_bytes(text)
    assert state(store, skill) == "green"


def test_other_words_than_verdicts_are_not_remembered(store, skill):
    store.record(skill, {"double": "not run", "root": "skipped", "no_such_stub": "green"})
    assert store.read()["stubs"] == {}


def test_hints_are_counted(store, skill):
    assert [store.see_hint(skill, "double"), store.see_hint(skill, "double")] == [1, 2]
    assert Store(skill.root).hints_seen(skill, "double") == 2 and store.hints_seen(skill, "root") == 0


def test_outdated_verdicts_are_taken_back(store, skill):
    solve(skill, "double", "return x + x")
    store.record(skill, {"double": "green"})
    store.unsettle(skill, ["double", "root"])
    assert state(store, skill) == CHANGED and state(store, skill, "root") == NOT_WRITTEN


def test_the_state_is_readable_and_has_a_version(store, skill):
    store.see_hint(skill, "double")
    text = store.path.read_text("utf-8")
    assert json.loads(text)["version"] == 1 and text.count("\n") > 3


# snapshots


def test_each_new_text_is_kept_once(store, skill):
    for body in ("return x", "return x", "return x + x"):
        solve(skill, "double", body)
        store.record(skill, {"double": "wrong", "root": NOT_WRITTEN})
    kept = store.snapshots(skill, "double")
    assert [(each.number, each.label, each.text.splitlines()[-1].strip()) for each in kept] == [
        (1, "wrong", "return x"),
        (2, "wrong", "return x + x"),
    ]
    assert store.snapshots(skill, "root") == []


def test_a_version_comes_back_and_the_present_one_is_kept(store, skill):
    solve(skill, "double", "return x")
    store.record(skill, {"double": "wrong"})
    solve(skill, "double", "return x + x")
    number = store.restore(skill, "double", 1)
    assert stub_texts(skill.stubs)["double"].endswith("return x")
    assert store.snapshot(skill, "double", number).text.endswith("return x + x")
    with pytest.raises(Problem, match="no version 9: there are 1 to 2"):
        store.restore(skill, "double", 9)


def test_versions_outlive_a_lost_state(store, skill):
    solve(skill, "double", "return x")
    store.record(skill, {"double": "wrong"})
    store.path.unlink()
    store.record(skill, {"double": "wrong"})
    assert [each.number for each in store.snapshots(skill, "double")] == [1]


def test_names_that_differ_in_case_only_have_folders_of_their_own(store):
    folders = {str(store._snapshots("models", name)).lower() for name in ("mlp", "MLP")}
    assert len(folders) == 2


# trouble


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b"\xff\xfe\0", b'{"version": 1}', b'{"version": 1, "stubs": 3, "actions": []}', b"[" * 99999,
     b'{"version": 1, "stubs": {"numbers": {"double": 3}}, "actions": [], "last_snapshot": null}'],
)  # fmt: skip
def test_a_corrupt_state_is_set_aside_and_said(store, skill, said, data):
    store.see_hint(skill, "double")
    store.path.write_bytes(data)
    assert state(store, skill) == NOT_WRITTEN
    assert len(said) == 1 and "state.json.broken-1" in said[0] and "\n" not in said[0]
    assert store.path.with_name("state.json.broken-1").read_bytes() == data
    assert store.see_hint(skill, "double") == 1


def test_a_second_corrupt_state_does_not_replace_the_first(store, skill):
    for data in (b"1", b"2"):
        store.folder.mkdir(exist_ok=True)
        store.path.write_bytes(data)
        store.see_hint(skill, "double")
    names = sorted(path.name for path in store.folder.glob("*broken*"))
    assert names == ["state.json.broken-1", "state.json.broken-2"]


def test_the_state_of_a_newer_version_is_not_touched(store, skill, said):
    store.folder.mkdir()
    store.path.write_text('{"version": 99}')
    solve(skill, "double", "return x + x")
    store.record(skill, {"double": "green"})
    assert state(store, skill) == "green", "remembered as long as the process lives"
    assert store.path.read_text() == '{"version": 99}' and all("newer torchkata" in line for line in said)
    with pytest.raises(Problem, match="newer torchkata"), store.writing():
        pass


def failing(name, number):
    real = getattr(os, name)

    def call(*args, **kwargs):
        creates = name != "open" or (len(args) > 1 and args[1] & os.O_CREAT)
        if creates and (name != "open" or ".kata" in str(args[0]) or ".numbers.py" in str(args[0])):
            raise OSError(number, os.strerror(number), args[0] if name != "write" else None)
        return real(*args, **kwargs)

    return call


TROUBLE = [
    ("write", errno.ENOSPC, "the disk is full"),
    ("fsync", errno.ENOSPC, "the disk is full"),
    ("open", errno.EACCES, "is read-only"),
    ("mkdir", errno.EROFS, "is read-only"),
    ("replace", errno.EIO, "Input/output error"),
]


@pytest.mark.parametrize("name, number, words", TROUBLE)
def test_a_disk_that_refuses_is_one_line_and_the_run_goes_on(store, skill, said, monkeypatch, name, number, words):
    solve(skill, "double", "return x + x")
    code = skill.stubs.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Path if name == "mkdir" else os, name, failing(name, number))
        store.record(skill, {"double": "green"})
        store.record(skill, {"double": "green"})
        assert state(store, skill) == "green" and store.see_hint(skill, "double") == 1
    assert len(said) == 1 and words in said[0] and "\n" not in said[0]
    assert skill.stubs.read_bytes() == code
    store.see_hint(skill, "double")
    again = Store(skill.root, said.append)
    assert state(again, skill) == "green" and again.hints_seen(skill, "double") == 2
    assert not list(store.folder.glob("**/*.tmp"))


@pytest.mark.parametrize("name, number, words", TROUBLE)
def test_without_a_copy_nothing_is_replaced(store, skill, monkeypatch, name, number, words):
    solve(skill, "double", "return x")
    if name != "mkdir":
        store.record(skill, {"double": "wrong"})
    solve(skill, "double", "return x + x")
    code = skill.stubs.read_bytes()
    monkeypatch.setattr(os, name, failing(name, number))
    with pytest.raises(Problem, match=words if name != "mkdir" else "no version") as error:
        store.restore(skill, "double", 1)
    assert skill.stubs.read_bytes() == code and "\n" not in str(error.value)


@forks
@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of this kind")
def test_a_disk_that_is_really_full_is_one_line(skill):
    import resource
    import signal

    solve(skill, "double", "return x + x")
    code, reading = skill.stubs.read_bytes(), os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
        try:
            store = Store(skill.root, lambda line: os.write(reading[1], f"{line}\n".encode()))
            store.record(skill, {"double": "green"})
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(reading[1])
    with os.fdopen(reading[0]) as lines:
        assert [line[:32] for line in lines] == ["your progress can't be saved: " + str(skill.root)[:2]]
    assert skill.stubs.read_bytes() == code


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_really_read_only_is_one_line(store, skill, said):
    skill.root.chmod(0o555)
    try:
        store.see_hint(skill, "double")
    finally:
        skill.root.chmod(0o755)
    assert len(said) == 1 and "read-only" in said[0]


def test_a_file_in_the_place_of_the_folder_is_one_line(store, skill, said):
    store.folder.write_text("not a folder")
    solve(skill, "double", "return x + x")
    store.record(skill, {"double": "green"})
    assert said and store.folder.read_text() == "not a folder"


def test_who_waits_too_long_says_so(skill, said, monkeypatch):
    monkeypatch.setattr("torchkata.store.WAIT", 0.1)
    with Store(skill.root).writing():
        Store(skill.root, said.append).see_hint(skill, "double")
    assert said == ["your progress can't be saved: another `kata` has been writing for 0.1 s; try again"]


# killed


@forks
def test_a_kill_at_any_step_leaves_the_old_state_or_the_new_one(skill, said):
    solve(skill, "double", "return x")
    Store(skill.root).record(skill, {"double": "green"})
    step = 0
    while True:
        solve(skill, "double", f"return x + {step}")
        step += 1
        store, code = Store(skill.root, said.append), skill.stubs.read_bytes()
        before = store.facts(skill, "double")
        killed = killed_at_step(step, lambda store=store: store.record(skill, {"double": "green"}))
        after = store.facts(skill, "double")
        assert after == before or state(store, skill) == "green"
        assert said == [] and skill.stubs.read_bytes() == code
        store.record(skill, {"double": "green"})
        assert state(store, skill) == "green" and store.snapshots(skill, "double")[-1].text.endswith(f"+ {step - 1}")
        if not killed:
            break
    assert step > 10


@forks
def test_a_kill_at_a_random_moment_loses_nothing_that_was_done(skill, said, tmp_path):
    chance, store = random.Random(0), Store(skill.root, said.append)
    solve(skill, "double", "return x + x")
    reading, writing = os.pipe()
    os.set_blocking(reading, False)

    def work():
        while True:
            number = store.see_hint(skill, "double")
            os.write(writing, b".")
            store.record(skill, {"double": "green" if number % 2 else "wrong"})

    done = store.see_hint(skill, "double")
    for _ in range(200):
        killed_after(chance.uniform(0, 0.03), work)
        with contextlib.suppress(BlockingIOError):
            done += len(os.read(reading, 100_000))
        seen = Store(skill.root, said.append).hints_seen(skill, "double")
        assert done <= seen <= done + 1, "what was said to be done, and at most the one that was being done"
        done = seen
    assert said == [] and done > 20
    assert len(list(store.folder.glob("*.tmp"))) <= 1


@forks
def test_two_at_once_do_not_lose_each_others_work(skill):
    def work(stub):
        store = Store(skill.root)
        for number in range(25):
            store.see_hint(skill, stub)
            store.see_hint(skill, "Counter")
            if number % 5 == 0:
                store.record(skill, {stub: "green"})

    for stub in ("double", "root"):
        solve(skill, stub, "return x")
    children = []
    for stub in ("double", "root"):
        child = os.fork()
        if child == 0:
            try:
                work(stub)
            finally:
                os._exit(0)
        children.append(child)
    assert all(os.waitpid(child, 0)[1] == 0 for child in children)
    store = Store(skill.root)
    assert [store.hints_seen(skill, stub) for stub in ("double", "root", "Counter")] == [25, 25, 50]
    assert [state(store, skill, stub) for stub in ("double", "root")] == ["green", "green"]
