"""Bad input: one clear message each, and the other stubs are still checked."""

import pytest

OTHERS = ("-k", "total__ or largest__")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("while True: pass", "`total` was still running after 1 s"),
        ("\n    while True:\n        try: x.sum()\n        except: pass", "`total` was still running after 1 s"),
        ("return total(x)", "RecursionError: the function calls itself without an end"),
        ("import sys; sys.exit()", "the function ends the whole program"),
        (
            "torch.set_default_dtype(torch.float64); return x.sum().item()",
            "leaves global state changed: the default dtype",
        ),
        ("torch.set_default_device('meta'); return 0", "leaves global state changed: the default device"),
        ("torch.set_grad_enabled(False); return x.sum().item()", "leaves global state changed: grad mode"),
        ("torch.manual_seed(0); return x.sum().item()", "leaves global state changed: the seed"),
        (
            "torch.use_deterministic_algorithms(True); return x.sum().item()",
            "leaves global state changed: the deterministic flag",
        ),
        ("torch.set_num_threads(2); return x.sum().item()", "leaves global state changed: the number of threads"),
    ],
)
def test_a_bad_stub_is_named_and_the_others_are_checked(learner, body, message):
    learner.write(f"def total(x):\n    {body}")
    screen = learner.run("--time-limit", "1" if "while" in body else "20", *OTHERS)
    assert screen.code == 1
    assert "✗●  1 of 2 green" in screen.text
    assert message in " ".join(screen.text.split())


def test_a_hanging_stub_costs_its_limit_once(learner):
    learner.write("def spread(x, dim, keepdim=False):\n    while True: pass")
    screen = learner.run("--time-limit", "2", "-k", "spread__ or largest__", "--durations=5", "-vv")
    slow = [line for line in screen.text.splitlines() if "s call" in line and float(line.split("s")[0]) > 1]
    assert len(slow) == 1
    assert "✗●  1 of 2 green" in screen.text


def test_a_syntax_error_shows_line_and_caret(learner):
    learner.file.write_text(learner.reference.replace("return x.add_(y)", "return x.add_(y"))
    screen = learner.run()
    lines = screen.text.splitlines()
    caret = next(line for line in lines if line.strip() == "^")
    assert "✗ tensors.py   syntax error" in screen.text
    assert lines[lines.index(caret) - 1][caret.index("^")] == "("


def test_a_file_that_cannot_be_imported_says_why(learner):
    learner.file.write_text("import numpyy\n")
    rows = learner.run(*OTHERS).rows()
    assert rows["yours"] == "ModuleNotFoundError: No module named 'numpyy'"
    assert rows["your line"] == "import numpyy"


def test_a_deleted_stub_file_is_named(learner):
    screen = learner.run(*OTHERS)
    assert "✗ tensors.py   file missing" in screen.text
    assert "git checkout" in screen.text


def test_a_renamed_function_is_found(learner):
    learner.file.write_text(learner.reference.replace("def total(", "def totals("))
    screen = learner.run(*OTHERS)
    assert "has no function `total`. Was `totals` renamed?" in " ".join(screen.text.split())
    assert "✗●  1 of 2 green" in screen.text


def test_an_unknown_solution_is_one_line(learner):
    screen = learner.run(solution="no/such/place")
    assert screen.code == 4
    assert "--solution no/such/place: there is no such folder" in screen.text
    assert "Traceback" not in screen.text


@pytest.mark.parametrize("how", [("--require-device", "abacus"), ()])
def test_a_required_device_that_is_absent_is_an_error(learner, how):
    learner.write("")
    screen = learner.run(*how, **({} if how else {"TORCHKATA_REQUIRE": "abacus"}))
    assert screen.code == 4
    assert "no abacus device, and it is required" in screen.text


def test_an_answer_that_changes_from_call_to_call_is_said_to(learner):
    learner.write("""
        COUNT = [0]

        def random_like(x):
            COUNT[0] += 1
            if COUNT[0] % 7 == 0:
                raise ValueError("now and then")
            return torch.rand_like(x, dtype=x.dtype if x.is_floating_point() else torch.float32)
    """)
    screen = learner.run("-k", "random_like__has")
    assert screen.code == 1
    assert "random_like" in screen.text and "Traceback" not in screen.text
