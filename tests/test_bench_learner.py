"""`kata bench`: only what is green is timed, and what is slower is called so."""

import re
from pathlib import Path

import pytest

from torchkata.bench import learner as bench
from torchkata.bench.figures import Spread

ROOT = Path(__file__).parent.parent
SLOW = """
    def total(x):
        for _ in range(20):
            x.sum()
        return x.sum().item()
"""


def run(capsys, *arguments):
    """The lines of a table by stub."""
    assert bench.main([*arguments, "--root", str(ROOT)]) == 0
    text = capsys.readouterr().out
    return text, {line.split()[0]: line.strip() for line in text.splitlines()[1:]}


def test_a_slow_stub_is_called_slow(learner, capsys):
    learner.write(SLOW)
    _, lines = run(capsys, "tensors", "total", "sum_of", "--solution", str(learner.folder))
    slower = re.search(r"yours ([\d.]+)× the reference", lines["total"])
    assert slower and float(slower[1]) > 3
    assert "reference" in lines["sum_of"]


def test_what_is_not_green_is_not_timed(learner, capsys):
    learner.write("""
        def total(x):
            return x.sum()

        def largest(x):
            raise NotImplementedError
    """)
    _, lines = run(capsys, "01_tensors", "total", "largest", "--solution", str(learner.folder))
    assert "wrong: only what is green is timed" in lines["total"]
    assert "not written" in lines["largest"]


def test_what_stubs_print_is_not_shown(learner, capsys):
    learner.write("""
        def total(x):
            print("hello from the stub")
            return x.sum().item()
    """)
    text, _ = run(capsys, "tensors", "total", "--solution", str(learner.folder))
    assert "hello" not in text


def test_functions_that_change_their_arguments_get_fresh_ones(capsys):
    _, lines = run(capsys, "tensors", "add_in_place", "--solution", "reference")
    assert "µs a call" in lines["add_in_place"]


def test_classes_are_timed_with_their_methods(capsys):
    _, lines = run(capsys, "models", "LinearLayer", "--solution", "reference")
    assert "µs a call" in lines["LinearLayer"]


def test_names_that_do_not_exist(capsys):
    for wrong in (["nothing"], ["tensors", "nothing"]):
        with pytest.raises(SystemExit) as ending:
            bench.main([*wrong, "--root", str(ROOT)])
        assert ending.value.code == 2
    assert "no stub nothing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("median", "low", "high", "text"),
    [
        (3.14, 3.0, 3.3, "yours 3.1× the reference"),
        (0.52, 0.5, 0.6, "yours 0.52× the reference"),
        (1.2, 0.9, 1.5, "yours as fast as the reference"),
        (1.03, 1.02, 1.04, "yours as fast as the reference"),
    ],
)
def test_a_ratio_in_words(median, low, high, text):
    assert bench.in_words(Spread(median, low, high, low, high, 30)) == text
