"""The `kata` command as it is typed: what the screen says, the exit code, and what it leaves alone."""

import json
import os
import subprocess
import sys
import types

import pytest

from tests.demo_workspace import HINTS, ship, solve
from torchkata import cli
from torchkata.store import Store
from torchkata.stubfile import stub_texts

READING = (["list"], ["list", "--json"], ["hint", "double"], ["show", "double"], ["solution", "double", "--give-up"],
           ["history", "double"], ["reset", "double"], ["undo"], ["completion", "bash"], ["--help"])  # fmt: skip


@pytest.fixture
def skill(tmp_path, monkeypatch):
    skill = ship(tmp_path / "my katas")
    monkeypatch.chdir(skill.root)
    return skill


@pytest.fixture
def kata(capsys, monkeypatch):
    """Type a command: its exit code, stdout and stderr."""

    def type_(*words):
        monkeypatch.setattr(sys, "argv", ["kata", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        screen = capsys.readouterr()
        return end.value.code, screen.out, screen.err

    return type_


@pytest.fixture
def green(skill):
    solve(skill, "double", "return x + x")
    Store(skill.root).record(skill, {"double": "green"})
    return skill


def test_reading_commands_import_nothing_slow(green):
    code = f"""
import os, sys
from torchkata.cli import main
for words in {READING!r}:
    sys.argv = ["kata", *words]
    try:
        main()
    except SystemExit as end:
        assert not end.code, words
slow = set(sys.modules) & {{"torch", "numpy", "pytest", "hypothesis", "rich", "packaging", "torchvision", "jaxtyping"}}
sys.exit(f"imported: {{slow}}" if slow else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr


# errors


@pytest.mark.parametrize(
    "words, said",
    [
        ("hint duoble", "Did you mean `double`?"), ("hint numbers", "is a whole skill"), ("solution double", "--give-up"),
        ("history double", "no version"), ("history double --restore 3", "no version 3"), ("undo", "nothing to undo"),
        ("reset", "say what"), ("reset double --all", "say what"), ("lst", "Did you mean `kata list`?"),
        ("xyzzy", "`kata --help` lists them"), ("show double --edti", "--edti"), ("check", "a clone of torchkata"),
        ("new thing", "a clone of torchkata"), ("show double --edit", "set $VISUAL or $EDITOR"), ("run nothing", "no skill or stub"),
        ("completion klingon", "klingon"),
    ],
)  # fmt: skip
def test_an_error_is_one_line_on_stderr_and_code_2(skill, kata, monkeypatch, words, said):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    code, out, err = kata(*words.split())
    assert code == 2 and out == "" and said in err and err.startswith("kata: ") and err.count("\n") == 1


def test_without_a_workspace_every_command_says_how_to_make_one(tmp_path, monkeypatch, kata):
    monkeypatch.chdir(tmp_path)
    for words in ([], ["list"], ["hint", "double"], ["reset", "--all"], ["update"], ["run"]):
        code, _, err = kata(*words)
        assert code == 2 and "kata init DIR" in err and err.count("\n") == 1


# list


def test_list_shows_each_skill_its_states_and_what_is_next(green, kata):
    code, out, _ = kata("list")
    assert code == 0 and out.startswith("01_numbers          ●○○  1 of 3 green\n")
    assert "● green   ○ not written yet" in out and "kata show numbers.root" in out


def test_list_of_a_skill_names_its_stubs(green, kata):
    _, out, _ = kata("list", "numbers")
    assert (
        "  ● double" in out
        and "  ○ Counter" in out
        and "not written yet       line 29" in out.replace("line 30", "line 29")
    )


def test_list_says_what_changed_since_it_was_green(green, kata):
    solve(green, "double", "return 3 * x")
    assert "~○○  0 of 3 green" in kata("list")[1]


def test_list_shows_a_broken_file_and_goes_on(green, kata):
    green.stubs.write_text("def (\n")
    out = kata("list")[1]
    assert "has a syntax error in line 1" in out and "0 of 3 green" in out
    green.stubs.unlink()
    assert "is missing" in kata("list")[1]


def test_list_for_programs_is_json(green, kata):
    found = json.loads(kata("list", "--json")[1])
    skill = found["skills"][0]
    assert (skill["name"], skill["green"]) == ("numbers", 1) and skill["stubs"][0]["state"] == "green"


def test_a_corrupt_state_is_said_beside_the_list(green, kata):
    (green.root / ".kata" / "state.json").write_text("{")
    code, out, err = kata("list")
    assert code == 0 and "0 of 3 green" in out and "state.json.broken-1" in err and err.count("\n") == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_symbols_gets_plain_ones(green, encoding):
    env = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    for words, said in ((["list"], "*oo  1 of 3 green"), (["show", "double"], "double   green")):
        done = subprocess.run([sys.executable, "-m", "torchkata.cli", *words], capture_output=True, env=env)
        assert done.returncode == 0 and said in done.stdout.decode(encoding)


# hints, contracts, solutions


def test_hints_come_one_by_one_and_are_remembered(skill, kata):
    assert "hint 1 of 2" in kata("hint", "double")[1]
    out = kata("hint", "double")[1]
    assert "hint 2 of 2" in out and "Multiply." in out and "What is" not in out and "--give-up" in out
    out = kata("hint", "double")[1]
    assert "all 2 hints" in out and "1. What is x + x?" in out and "2. Multiply." in out


def test_hint_without_a_name_is_about_the_next_stub(green, kata):
    assert kata("hint")[1].startswith("root   hint 1 of 2")


def test_a_stub_without_hints_says_so(skill, kata):
    skill.hints.write_text(HINTS.split("## root")[0])
    assert "no hints for `root`" in kata("hint", "root")[2]
    skill.hints.unlink()
    assert "`kata update` brings it back" in kata("hint", "root")[2]


def test_show_has_the_contract_the_example_and_the_place(skill, kata):
    _, out, _ = kata("show", "double")
    assert "double(x: Number) -> Number" in out and "Return 2·x." in out and ">>> double(2)\n  4" in out
    assert f"katas{os.sep}01_numbers{os.sep}numbers.py:12" in out


def test_show_of_a_class_has_its_methods(skill, kata):
    _, out, _ = kata("show", "counter")
    assert "class Counter" in out and "add(self, n: int) -> int" in out and "Add n and return the count." in out


def test_show_and_list_fit_80_columns(kata, monkeypatch):
    from torchkata.workspace import shipped

    monkeypatch.chdir(shipped())
    screens = [kata("list", "--stubs")[1], *(kata("show", name)[1] for name in ("evenly_spaced", "MLP", "Compose"))]
    assert max(len(line) for screen in screens for line in screen.splitlines()) <= 80


def test_the_solution_needs_a_green_stub_or_giving_up(green, kata):
    code, out, _ = kata("solution", "double")
    assert code == 0 and "return 2 * _helper(x)" in out and "def _helper" in out and '"""' not in out
    assert "-    return x + x" in out and "+    return 2 * _helper(x)" in out
    assert kata("solution", "root")[0] == 2
    assert "math.sqrt" in kata("solution", "root", "--give-up")[1]


def test_the_solution_of_the_same_text_has_no_diff(skill, kata):
    solve(skill, "root", "return math.sqrt(x)")
    assert "none: yours is the same" in kata("solution", "root", "--give-up")[1]


# back


def test_reset_undo_and_history_say_the_way_back(green, kata):
    code, out, _ = kata("reset", "double")
    assert code == 0 and "`kata undo` brings it back" in out
    assert stub_texts(green.stubs)["double"].endswith("raise NotImplementedError")
    assert "Taken back: `kata reset numbers.double`" in kata("undo")[1]
    solve(green, "double", "return 3 * x")
    assert "back to version 1 (green" in kata("undo", "double")[1]
    out = kata("history", "double")[1]
    assert "return x + x  <- now" in out and "before undo     return 3 * x" in out
    assert "is version 2 again" in kata("history", "double", "--restore", "2")[1]
    assert stub_texts(green.stubs)["double"].endswith("return 3 * x")
    assert kata("history", "double", "--show", "1")[1].rstrip().endswith("return x + x")


def test_reset_all_of_nothing_says_so(skill, kata):
    assert kata("reset", "--all")[1] == "Nothing to do: it is as shipped.\n"


# others


@pytest.mark.parametrize(
    "editor, arguments",
    [
        ("code", "-g FILE:12"), ("code -w", "-w -g FILE:12"), ("cursor", "-g FILE:12"), ("vim", "+12 FILE"),
        ("nvim -p", "-p +12 FILE"), ("nano", "+12 FILE"), ("notepad", "FILE"),
    ],
)  # fmt: skip
@pytest.mark.skipif(os.name == "nt", reason="the editors here are shell scripts")
def test_the_editor_opens_at_the_stub(skill, kata, tmp_path, monkeypatch, editor, arguments):
    program = tmp_path / "bin" / editor.split()[0]
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/called"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("VISUAL", editor)
    assert kata("show", "double", "--edit")[0] == 0
    assert (tmp_path / "called").read_text().strip() == arguments.replace("FILE", str(skill.stubs))


def test_run_and_watch_are_given_the_workspace_and_the_target(skill, kata, monkeypatch):
    calls = []
    fake = types.SimpleNamespace(
        run=lambda root, target: calls.append((root, target and str(target))) or 1,
        watch=lambda root: calls.append(root) or 0,
    )
    monkeypatch.setitem(sys.modules, "torchkata.watch", fake)
    assert [kata("run", "double")[0], kata("run")[0], kata()[0]] == [1, 1, 0]
    assert calls == [(skill.root, "numbers.double"), (skill.root, None), skill.root]


def test_check_hands_its_names_to_the_gate(skill, kata, monkeypatch):
    (skill.root / "tests" / "alternatives").mkdir(parents=True)
    calls = []
    monkeypatch.setitem(
        sys.modules, "torchkata.gate", types.SimpleNamespace(main=lambda words: calls.append(words) or 0)
    )
    assert kata("check", "1", "root", "--jobs", "3", "--seeds", "2")[0] == 0
    assert calls == [["numbers", "numbers.root", "--jobs", "3", "--root", str(skill.root), "--seeds", "2"]]


def test_init_and_update_say_what_they_did(tmp_path, monkeypatch, kata):
    from torchkata import workspace

    theirs = ship(tmp_path / "theirs").root
    monkeypatch.setattr(workspace, "shipped", lambda: theirs)
    monkeypatch.chdir(tmp_path)
    code, out, _ = kata("init", "mine")
    assert code == 0 and "mine holds 1 skill with 3 stubs" in out and "cd mine && kata" in out
    monkeypatch.chdir(tmp_path / "mine")
    assert kata("update")[1] == "Everything is up to date.\n"
    (theirs / "katas" / "01_numbers" / "hints.md").write_text("newer")
    assert "Tests, lessons and the like: 1 new file" in kata("update")[1]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_for_the_shell(kata, shell):
    assert "_KATA_COMPLETE" in kata("completion", shell)[1]


def test_the_shell_completes_names(skill):
    env = {**os.environ, "_KATA_COMPLETE": "bash_complete", "COMP_WORDS": "kata hint Do", "COMP_CWORD": "2"}
    done = subprocess.run([sys.executable, "-m", "torchkata.cli"], capture_output=True, text=True, env=env)
    assert done.stdout.split() == ["plain,double"]


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("no_color, coloured", [("", True), ("1", False)])
def test_colour_is_for_terminals_that_want_it(green, no_color, coloured):
    import pty

    parent, child = pty.openpty()
    env = {**os.environ, "NO_COLOR": no_color, "TERM": "xterm"}
    subprocess.run([sys.executable, "-m", "torchkata.cli", "list"], stdout=child, env=env, check=True)
    os.close(child)
    assert (b"\x1b[32m" in os.read(parent, 10_000)) == coloured
    os.close(parent)


@pytest.mark.skipif(os.name == "nt", reason="there is no `head`")
def test_a_reader_that_has_seen_enough_is_no_error(green):
    command = f'"{sys.executable}" -m torchkata.cli list --json | head -c 1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stdout == "{" and done.stderr == ""
