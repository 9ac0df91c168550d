"""The pytest plugin: chooses whose code runs, guards it, and turns failures into findings.

The hooks stand in the order in which pytest calls them. `report` draws what the learner sees.
"""

import contextlib
import gc
import io
import os
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
import torch

from torchkata import devices, profiles, source
from torchkata.diagnosis import diagnose
from torchkata.errors import NOT_WRITTEN, KataError, TimeUp
from torchkata.guards import time_limit
from torchkata.kata import Kata, solution_path
from torchkata.properties import LIMIT, split_name
from torchkata.reporter import KataReport
from torchkata.supervisor import Lost, Pulse, supervise
from torchkata.supervisor import is_possible as supervisor_is_possible
from torchkata.verdict import Facts, can_be_diagnosed, facts_of, finding_of

SOLUTION_HELP = "whose code runs: the learner's (katas, the default), reference, or a path to a tree of solutions"
DEVICE_HELP = f"devices that must be there, comma separated: their absence is an error (also ${devices.ENVIRONMENT})"
LIMIT_HELP = f"seconds that one property may take (default {LIMIT:g}; 0: no limit)"


@dataclass
class Session:
    """What the options came to, and what was learnt on the way."""

    tree: Path
    limit: float
    native: bool  # the user asked for pytest's own tracebacks
    stderr: int | None
    pulse: Pulse
    lost: Lost  # stubs that hang or end the process


STATE = pytest.StashKey[Session]()
SUPERVISION = pytest.StashKey[tuple[Pulse, Lost]]()
DIAGNOSES = pytest.StashKey[dict[str, str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("torchkata")
    group.addoption("--solution", default="katas", metavar="TREE", help=SOLUTION_HELP)
    group.addoption("--require-device", default="", metavar="NAMES", help=DEVICE_HELP)
    group.addoption("--time-limit", type=float, default=LIMIT, metavar="SECONDS", help=LIMIT_HELP)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run the session in a supervised child where that can be done: a stub may hang or crash its process."""
    if SUPERVISION in config.stash or not _can_be_supervised(config):
        return None

    def session(pulse: Pulse, lost: Lost) -> int:
        config.stash[SUPERVISION] = pulse, dict(lost)
        config.pluginmanager.getplugin("capturemanager").read_global_capture()  # of an earlier child
        try:
            return int(config.hook.pytest_cmdline_main(config=config))
        except pytest.UsageError as error:
            print(*(f"ERROR: {line}" for line in error.args), sep="\n", file=sys.stderr)
            return int(pytest.ExitCode.USAGE_ERROR)

    gc.freeze()  # the child need not copy what it never collects, and the end of the parent is quick
    return supervise(session, config.getoption("--time-limit"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Resolve the options once; load our Hypothesis profile unless another one was asked for."""
    config.addinivalue_line("markers", "devices(*names): run this property on these devices only")
    lacking = devices.missing(config.getoption("--require-device"))
    if lacking:
        raise pytest.UsageError(f"this machine has no {', '.join(lacking)} device, and it is required")
    profiles.register()
    if not config.getoption("--hypothesis-profile", None):
        hypothesis.settings.load_profile("kata")
    devices.prepare()
    native = config.option.tbstyle != "auto"
    pulse, lost = config.stash.get(SUPERVISION, (None, {}))
    stderr = _stderr() if pulse is None else None
    config.stash[STATE] = Session(
        _tree(config), config.getoption("--time-limit"), native, stderr, pulse or Pulse(), lost
    )
    if _only_katas(config):
        config.pluginmanager.register(KataReport(config, quiet=config.option.verbose <= 0), "torchkata-report")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each property on every device there is, cpu first, or on those of its `devices` mark."""
    if "device" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("devices")
        names = [name for name in devices.available() if mark is None or name in mark.args]
        metafunc.parametrize("device", names, ids=names, scope="module")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave torch and the rest of what is loaded out of every garbage collection to come."""
    session.config.stash[STATE].pulse.catch_crashes()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="module")
def kata(request: pytest.FixtureRequest, device: str) -> Kata:
    """The functions under test, of the skill whose folder the test file is in."""
    rehearsed = device == "cpu" and not torch.cuda.is_available() and getattr(request.module, "REHEARSED", True)
    return Kata.load(_solution(request.config, request.path), device, rehearsed=rehearsed)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Give a property its time limit; what is not written yet is not run."""
    if not _is_kata(pyfuncitem):
        return (yield)
    session, stub = pyfuncitem.config.stash[STATE], _stub(pyfuncitem)
    solution = _solution(pyfuncitem.config, pyfuncitem.path)
    _raise_if_unwritten(solution, stub)
    name = f"{pyfuncitem.path.parent.name}.{stub}"
    if name in session.lost:
        raise session.lost[name]
    session.pulse.begin(name, str(solution))
    try:
        with time_limit(session.limit, str(solution), session.stderr):
            return (yield)
    except TimeUp as error:
        message = f"`{stub}` was still running after {session.limit:g} s. Does a loop never end?"
        session.lost[name] = KataError("hangs", message=message, file=str(solution), line=error.line)
        raise session.lost[name] from None
    finally:
        session.pulse.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the finding to the report, and let it stand where a traceback would."""
    report = yield
    if not _is_kata(item) or not (report.when == "call" or report.failed):
        return report
    assert isinstance(item, pytest.Function)
    finding = (
        finding_of(call.excinfo.value, _solution(item.config, item.path)) if call.excinfo and report.failed else None
    )
    facts = report.kata = _facts(item, report, finding)  # type: ignore[attr-defined]
    vars(item).pop("_hypothesis_failing_examples", None)  # no "git apply" of examples into the tests
    if finding is not None and not item.config.stash[STATE].native:
        report.longrepr = "\n".join(filter(None, [facts["sentence"], str(finding), facts["looks_like"]]))
    return report


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Let the interpreter free triton at its end, which complains of leaks otherwise (an optimizer imports it).

    Without it all stays frozen: the process then ends half a second sooner.
    """
    if "triton" in sys.modules:
        gc.unfreeze()


def _facts(item: pytest.Function, report: pytest.TestReport, finding: KataError | None) -> Facts:
    """What the report says about one property, as plain data (pytest-xdist sends it between processes)."""
    solution = _solution(item.config, item.path)
    state = "green" if report.passed else "skipped" if report.skipped else "wrong"
    facts = facts_of(item.function, item.originalname, item.path.parent.name, solution, state, finding)
    if can_be_diagnosed(facts):
        facts["looks_like"] = _diagnosis(item, facts["stub"])
    facts["printed"] = report.capstdout if facts["state"] == "wrong" else ""
    facts["device"] = item.callspec.params.get("device", "cpu") if hasattr(item, "callspec") else "cpu"
    return facts


def _diagnosis(item: pytest.Function, stub: str) -> str:
    cache = item.config.stash.setdefault(DIAGNOSES, {})
    if stub not in cache:
        with contextlib.redirect_stdout(io.StringIO()):  # what the stub prints was shown once
            kata = Kata.load(_solution(item.config, item.path))
            cache[stub] = diagnose(item.config.rootpath, item.path, stub, kata)
    return cache[stub]


def _raise_if_unwritten(solution: Path, stub: str) -> None:
    try:
        node = source.definitions(source.parse(solution)).get(stub)
    except (OSError, SyntaxError):
        return  # said better by Kata.load
    if node is not None and source.is_unwritten(node):
        raise KataError(NOT_WRITTEN, file=str(solution), line=node.lineno)


def _is_kata(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and item.path.parent.parent.name == "katas" and bool(_stub(item))


def _stub(item: pytest.Function) -> str:
    return split_name(item.originalname)[0]


def _solution(config: pytest.Config, test_file: Path) -> Path:
    skill = test_file.stem.removeprefix("test_")
    return solution_path(config.stash[STATE].tree, skill, test_file.parent.name)


def _tree(config: pytest.Config) -> Path:
    """The folder that `--solution` names, below the current folder or the project's."""
    name: str = config.getoption("--solution")
    for base in (config.invocation_params.dir, config.rootpath):
        if (base / name).is_dir():
            return (base / name).resolve()
    raise pytest.UsageError(f"--solution {name}: there is no such folder. Try `--solution reference`.")


def _can_be_supervised(config: pytest.Config) -> bool:
    """Whether this run is a learner's: katas only, in this process, without a debugger."""
    option = config.option
    elsewhere = getattr(option, "numprocesses", None) or hasattr(config, "workerinput")
    other = elsewhere or option.usepdb or option.trace or option.collectonly
    guarded = config.getoption("--time-limit") > 0
    return guarded and not other and _only_katas(config) and supervisor_is_possible()


def _only_katas(config: pytest.Config) -> bool:
    """Whether nothing but katas was asked for: then the output is ours."""
    katas = config.rootpath / "katas"
    paths = [Path(config.invocation_params.dir, arg.split("::")[0]).resolve() for arg in config.args]
    return bool(paths) and all(path == katas or katas in path.parents for path in paths)


def _stderr() -> int | None:
    """A copy of the real stderr for the last resort of `time_limit`, made before output is captured."""
    try:
        return os.dup(sys.__stderr__.fileno()) if sys.__stderr__ is not None else None
    except (OSError, ValueError):
        return None
