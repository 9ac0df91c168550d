"""The guards: torch's global state is put back and named, and code that never ends is ended."""

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from textwrap import dedent

import hypothesis
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.internal import entropy

from torchkata import guards
from torchkata.errors import TimeUp
from torchkata.guards import (
    BASE_SEED,
    STATES,
    NumpyRandom,
    TorchRandom,
    global_state,
    manual_seed,
    time_limit,
    watch_seeds,
)
from torchkata.kata import load_module

# global state

CHANGES = {
    "the default dtype": (lambda: torch.set_default_dtype(torch.float64), "torch.float32 before, torch.float64 after"),
    "the default device": (lambda: torch.set_default_device("meta"), "cpu before, meta after"),
    "grad mode": (lambda: torch.set_grad_enabled(False), "True before, False after"),
    "the deterministic flag": (lambda: torch.use_deterministic_algorithms(True), "False before, True after"),
    "the number of threads": (lambda: torch.set_num_threads(2), "before, 2 after"),
}


@pytest.fixture
def one_thread():
    """A known number of threads, and the former one afterwards."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_each_state_has_a_change_in_this_file():
    assert CHANGES.keys() == STATES.keys()


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_state_is_named_and_put_back(name, one_thread):
    change, text = CHANGES[name]
    before = STATES[name][0]()
    with global_state() as changes:
        change()
    assert STATES[name][0]() == before
    assert len(changes) == 1 and changes[0].startswith(f"{name} (") and text in changes[0]


def test_several_changes_are_all_named_and_put_back(one_thread):
    before = [read() for read, _ in STATES.values()]
    with global_state() as changes:
        for change, _ in CHANGES.values():
            change()
        torch.manual_seed(1)
    assert len(changes) == len(CHANGES) + 1
    assert [read() for read, _ in STATES.values()] == before


def test_nothing_is_named_where_nothing_changed():
    with global_state() as changes:
        torch.rand(3)
        random.random()
        np.random.rand(3)
        with torch.no_grad():
            torch.ones(2).sum()
    assert changes == []


@pytest.mark.parametrize(
    "seed", [torch.manual_seed, manual_seed, torch.random.manual_seed], ids=["torch", "ours", "random"]
)
def test_another_seed_is_named_and_put_back(seed):
    manual_seed(5)
    with global_state() as changes:
        seed(0)
    assert changes == ["the seed of the global random generator"] and torch.initial_seed() == 5


def test_random_numbers_go_on_where_no_seed_was_set():
    manual_seed(5)
    with global_state():
        first = torch.rand(2)
    second = torch.rand(2)
    manual_seed(5)
    assert torch.equal(torch.rand(4), torch.cat([first, second]))


def test_a_default_device_is_put_back_to_another_one():
    torch.set_default_device("meta")
    try:
        with global_state() as changes:
            torch.set_default_device("cpu")
        assert torch.ones(1).device.type == "meta" and "meta before, cpu after" in changes[0]
    finally:
        torch.set_default_device(None)


def test_the_state_is_put_back_after_an_exception(one_thread):
    def changes_and_fails():
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        return 1 / 0

    with pytest.raises(ZeroDivisionError), global_state():
        changes_and_fails()
    assert torch.get_default_dtype() == torch.float32 and torch.is_grad_enabled()


def test_new_tensors_are_as_before_after_the_state_was_put_back():
    with global_state():
        torch.set_default_device("meta")
        torch.set_default_dtype(torch.float64)
    assert (torch.ones(1).device.type, torch.ones(1).dtype) == ("cpu", torch.float32)


def test_our_seed_is_the_one_of_torch():
    manual_seed(7)
    ours = torch.rand(3)
    torch.manual_seed(7)
    assert torch.equal(ours, torch.rand(3))


def test_the_random_generator_for_hypothesis_goes_back_to_a_state():
    generator = TorchRandom()
    generator.seed(3)
    state, first = generator.getstate(), torch.rand(3)
    generator.seed(0)
    assert torch.initial_seed() == BASE_SEED != 0
    generator.setstate(state)
    assert torch.equal(torch.rand(3), first) and torch.initial_seed() == BASE_SEED + 3


def test_numpys_generator_is_put_aside_and_comes_back():
    generator = NumpyRandom()
    np.random.seed(5)
    want = np.random.RandomState(5).rand(2).tolist()
    assert [np.random.rand()] == want[:1]
    outer = generator.getstate()
    generator.seed(3)
    assert np.random.rand() == np.random.RandomState(3).rand()
    inner = generator.getstate()
    generator.seed(3)  # an example inside of an example
    assert np.random.rand() == np.random.RandomState(3).rand()
    generator.setstate(inner)
    assert np.random.rand() == np.random.RandomState(3).rand(2)[1]
    generator.setstate(outer)
    assert [np.random.rand()] == want[1:]


def test_hypothesis_seeds_numpy_through_ours_alone():
    drawn = []

    @hypothesis.settings(max_examples=5, database=None)
    @hypothesis.given(st.integers())
    def draws(number):
        drawn.append((np.random.rand(), torch.rand(()).item(), random.random()))

    np.random.seed(5)
    draws()
    assert len(drawn) > 1 and len(set(drawn)) == 1
    assert drawn[0][0] == np.random.RandomState(0).rand()
    assert np.random.rand() == np.random.RandomState(5).rand()
    kinds = {type(owner).__name__ for owner in entropy.RANDOMS_TO_MANAGE.values()}
    assert "NumpyRandom" in kinds and "NumpyRandomWrapper" not in kinds


# time

LIMIT = 0.15
ROOT = Path(__file__).parent.parent
FOREVER = "time.perf_counter() < end"  # 2 s, so that a limit that fails is a red test and no hanging one
ENDLESS = {
    "plain": """
        def f():
            while True:
                pass
        """,
    "swallows Exception": """
        def f():
            while True:
                try:
                    x = 1
                except Exception:
                    pass
        """,
    "swallows everything": """
        def f():
            while True:
                try:
                    x = 1
                except:
                    pass
        """,
    "swallows BaseException": """
        def f():
            while True:
                try:
                    for i in range(10):
                        x = i
                except BaseException:
                    x = 0
        """,
    "swallows an inner loop": """
        def f():
            while True:
                try:
                    while True:
                        x = 1
                except BaseException as error:
                    y = error
        """,
    "swallows an inner loop and cleans up": """
        def f():
            while True:
                try:
                    while True:
                        x = 1
                except:
                    continue
                finally:
                    z = 1
        """,
    "swallows in a helper": """
        def g():
            try:
                while True:
                    x = 1
            except BaseException:
                return 1

        def f():
            while True:
                g()
        """,
    "suppresses": """
        import contextlib
        def f():
            while True:
                with contextlib.suppress(BaseException):
                    x = 1
        """,
    "calls torch": """
        import torch
        def f():
            x = torch.ones(2)
            while True:
                x = x + 1
        """,
    "sleeps": """
        import time
        def f():
            while True:
                time.sleep(0.01)
        """,
    "generates": """
        def g():
            while True:
                yield 1

        def f():
            return sum(g())
        """,
    "maps": """
        import itertools
        def f():
            return list(map(lambda x: None, itertools.repeat(1, 3 * 10**7)))
        """,
}


@pytest.fixture
def endless(tmp_path):
    """A function that gives f of a text, written to a file of its own, and the file."""

    def load(text):
        path = tmp_path / "solution.py"
        path.write_text("import time\nend = time.perf_counter() + 2\n" + dedent(text).replace("True", FOREVER))
        return load_module(path).f, str(path)

    return load


def assert_no_timer():
    """Nothing of a limit is left behind."""
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL
    assert sys.gettrace() is None or "solution" not in repr(sys.gettrace())


@pytest.mark.parametrize("name", ENDLESS)
def test_code_that_never_ends_is_ended(endless, name):
    f, path = endless(ENDLESS[name])
    start = time.perf_counter()
    with pytest.raises(TimeUp) as caught, time_limit(LIMIT, path):
        f()
    assert caught.value.file == path and caught.value.line > 2
    assert time.perf_counter() - start < 1.5
    assert_no_timer()


def test_the_place_is_the_innermost_line_of_the_file(endless):
    f, path = endless("def g():\n    while True:\n        time.sleep(0.01)\n\ndef f():\n    g()\n")
    with pytest.raises(TimeUp) as caught, time_limit(LIMIT, path):
        f()
    assert caught.value.line in (4, 5)


def test_time_up_is_no_exception_that_learners_catch():
    assert not issubclass(TimeUp, Exception)
    assert (TimeUp("a.py", 3).file, TimeUp("a.py", 3).line, str(TimeUp("a.py", 3))) == (
        "a.py",
        3,
        "time is up at a.py:3",
    )


@pytest.mark.parametrize("name", ["plain", "swallows BaseException", "swallows everything"])
def test_a_limit_passes_through_hypothesis(endless, name):
    f, path = endless(ENDLESS[name])

    @settings(max_examples=5, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers())
    def check(number):
        f()

    with pytest.raises(TimeUp), time_limit(LIMIT, path):
        check()
    assert_no_timer()


def test_a_limit_passes_through_the_shrinking_of_hypothesis(endless):
    f, path = endless(ENDLESS["plain"])

    @hypothesis.seed(0)
    @settings(max_examples=100, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 10**6))
    def check(number):
        assert number < 1000 or f()

    with pytest.raises(TimeUp), time_limit(LIMIT, path):
        check()


def test_code_that_ends_is_left_alone(endless):
    f, path = endless("def f(): return 3")
    with time_limit(LIMIT, path):
        assert f() == 3 and signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert_no_timer()
    time.sleep(LIMIT * 1.3)


def test_an_exception_of_the_code_passes_and_the_timer_is_off(endless):
    f, path = endless("def f(): return 1 / 0")
    with pytest.raises(ZeroDivisionError), time_limit(LIMIT, path):
        f()
    assert_no_timer()


def test_zero_means_no_limit(endless):
    with time_limit(0, "solution.py"):
        assert_no_timer()


def test_only_the_main_thread_is_guarded():
    seen = []

    def run():
        with time_limit(LIMIT, "solution.py"):
            seen.append(signal.getitimer(signal.ITIMER_REAL))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [(0.0, 0.0)]


def test_the_handler_and_the_tracer_of_others_are_put_back(endless):
    f, path = endless(ENDLESS["swallows BaseException"])
    handler, tracer = (lambda number, frame: None), (lambda frame, event, arg: None)
    former, traced = signal.signal(signal.SIGALRM, handler), sys.gettrace()
    sys.settrace(tracer)
    try:
        with pytest.raises(TimeUp), time_limit(LIMIT, path):
            f()
        assert signal.getsignal(signal.SIGALRM) is handler and sys.gettrace() is tracer
    finally:
        sys.settrace(traced)
        signal.signal(signal.SIGALRM, former)


def test_a_limit_can_be_used_again_after_it_fired(endless):
    f, path = endless(ENDLESS["swallows BaseException"])
    for _ in range(2):
        with pytest.raises(TimeUp), time_limit(LIMIT, path):
            f()
    with time_limit(LIMIT, path):
        assert sum(range(10)) == 45


def test_a_c_call_without_an_end_ends_the_process():
    code = f"""
        from torchkata.guards import time_limit
        with time_limit({LIMIT}, "solution.py", 2):
            sum(iter(int, 1))
        """
    done = subprocess.run([sys.executable, "-c", dedent(code)], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "Timeout" in done.stderr


def test_the_hard_limit_comes_well_after_the_soft_one():
    assert guards.HARD_FACTOR >= 2 and guards.TICK < 1


def test_an_import_is_never_cut_in_two(tmp_path, monkeypatch):
    (tmp_path / "slow_import.py").write_text("import time\ntime.sleep(0.4)\nready = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    with time_limit(0.1, "anything"):
        import slow_import
    assert slow_import.ready


# seeds of other generators


def seeds_python():
    random.seed(0)


def seeds_numpy():
    np.random.seed(0)


def seeds_and_draws():
    random.seed(7)
    return [random.random() for _ in range(1000)]


@pytest.mark.parametrize(
    ("function", "name"), [(seeds_python, "Python's"), (seeds_numpy, "NumPy's"), (seeds_and_draws, "Python's")]
)
def test_another_seed_of_a_global_generator_is_named_and_put_back(function, name):
    watch_seeds()
    with global_state():
        pass
    np.random.seed(3)  # outside: nobody's business
    assert guards._reseeded == {}
    state, array = random.getstate(), np.random.get_state()
    with global_state() as changes:
        function()
    assert len(changes) == 1 and name in changes[0]
    assert random.getstate() == state
    assert np.array_equal(np.random.get_state()[1], array[1])


@pytest.mark.parametrize("count", [0, 1, 600, 700, 5000])
def test_drawing_random_numbers_is_no_other_seed(count):
    watch_seeds()
    with global_state() as changes:
        for _ in range(count):
            random.random()
        np.random.rand(count)
    assert changes == []
