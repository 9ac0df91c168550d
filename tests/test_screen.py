"""What the learner sees, read from the screen of a real run."""

import xml.etree.ElementTree as ElementTree

RED_TOTAL = """
    def total(x):
        print("the sum is", x.sum())
        return x.sum()
"""


def test_a_wrong_answer_shows_property_call_expected_yours_and_the_mistake(learner):
    learner.write("""
        def evenly_spaced(start, end, steps):
            if steps < 1:
                raise ValueError(steps)
            return start + torch.arange(steps) * (end - start) / steps
    """)
    screen = learner.run("-k", "evenly_spaced__ or total__")
    rows = screen.rows()
    assert screen.code == 1
    assert "✗●  1 of 2 green" in screen.text
    assert "equal steps, and both ends are among" in screen.text
    assert rows["call"] == "evenly_spaced(3, 10, 5)"
    assert rows["expected"] == "tensor([ 3.0000,  4.7500,  6.5000,  8.2500, 10.0000])"
    assert rows["yours"] == "tensor([3.0000, 4.4000, 5.8000, 7.2000, 8.6000])"
    assert rows["differs"] == "at [1]: 4.4 where 4.75 is expected; 4 of 5 elements differ"
    assert "This looks like: the end is left out" in screen.text
    assert "cuda: not run (no CUDA device)" in screen.text or "[cuda]" in screen.text


def test_no_line_is_wider_than_80_columns_and_none_is_internal(learner):
    learner.write(RED_TOTAL)
    screen = learner.run("-k", "total__ or spread__")
    assert max(map(len, screen.text.replace(str(learner.folder), "katas/01_tensors").splitlines())) <= 80
    assert not any(word in screen.text for word in ("Traceback", "hypothesis", "site-packages", "git apply"))


def test_a_print_of_the_learner_is_shown(learner):
    learner.write(RED_TOTAL)
    assert learner.run("-k", "total__").rows()["printed"] == "the sum is tensor(10)"


def test_an_unknown_mistake_is_not_named(learner):
    learner.write("""
        def total(x):
            return x.sum().item() + 41
    """)
    assert "This looks like" not in learner.run("-k", "total__").text


def test_an_exception_shows_the_line_of_the_learner(learner):
    learner.write("""
        def total(x):
            values = x.flatten().tolist()
            return values[len(values)]
    """)
    screen = learner.run("-k", "total__")
    rows = screen.rows()
    assert rows["yours"] == "IndexError: list index out of range"
    assert rows["your line"] == "return values[len(values)]"
    assert f"tensors.py:{len(learner.file.read_text().splitlines())}" in screen.text.replace("\n", "")


def test_x_stops_and_says_what_was_not_run(learner):
    learner.write(RED_TOTAL)
    screen = learner.run("-x", "-k", "total__ or only_element__ or largest__")
    assert "✗··  0 of 3 green" in screen.text


def test_v_names_each_property(learner):
    learner.write(RED_TOTAL)
    text = learner.run("-v", "-k", "total__").text
    assert "test_total__is_the_sum_as_a_python_number[cpu] FAILED" in text
    assert "expected   an int" in text


def test_tb_long_gives_the_full_traceback(learner):
    learner.write(RED_TOTAL)
    text = learner.run("--tb=long", "-k", "total__").text
    assert "checks.py" in text
    assert "KataError: wrong type" in text


def test_junitxml_carries_the_message(learner, tmp_path):
    learner.write(RED_TOTAL)
    learner.run("-k", "total__ or largest__", f"--junitxml={tmp_path}/report.xml")
    suite = ElementTree.parse(tmp_path / "report.xml").getroot()[0]
    failure = suite.find(".//failure")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    assert "expected   an int" in failure.text
    assert "item()" in failure.text


def test_xdist_shows_the_same(learner):
    learner.write(RED_TOTAL)
    screen = learner.run("-n", "2", "-k", "total__ or largest__ or spread__")
    assert screen.code == 1
    assert "✗●●  2 of 3 green" in screen.text
    assert screen.rows()["call"] == "total(torch.tensor([[1, 2], [3, 4]]))"


def test_a_green_kata_says_what_is_next(learner):
    learner.write("")
    screen = learner.run()
    assert screen.code == 0
    assert "Next:  katas/02_numpy_bridge/README.md" in screen.text


def test_a_terminal_without_unicode_gets_ascii(learner):
    learner.write(RED_TOTAL)
    screen = learner.run("-k", "total__ or spread__", PYTHONIOENCODING="ascii")
    assert "x*  1 of 2 green" in screen.text
    assert screen.text.isascii()


def test_no_colour_where_none_is_wanted(learner):
    learner.write(RED_TOTAL)
    assert "\x1b[" in learner.run("--color=yes", "-k", "total__").text
    assert "\x1b[" not in learner.run("-k", "total__", NO_COLOR="1").text


def test_nothing_selected_is_said_in_words(learner):
    learner.write("")
    screen = learner.run("-k", "no_such_thing")
    assert screen.code == 5
    assert "No property was selected." in screen.text
