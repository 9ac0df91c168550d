"""The reporter of pytest runs: collects the facts of the properties and lets `report` draw them."""

import pytest

from torchkata import devices
from torchkata.properties import split_name
from torchkata.report import Facts, Planned, Summary, Writer


class KataReport:
    """Collects the reports of a run and writes the summary in the place of pytest's own."""

    def __init__(self, config: pytest.Config, *, quiet: bool) -> None:
        self.config = config
        self.facts: list[Facts] = []
        self.planned: list[Planned] = []
        self.deselected = 0
        if quiet:
            config.option.verbose = -2  # no header, no progress, no closing line
            config.option.reportchars = config.option.reportchars.replace("f", "").replace("E", "")
        if config.option.tbstyle == "auto":
            config.option.tbstyle = "no"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:  # a broken test file is not the learner's doing: show all of it
            self.config.option.tbstyle, self.config.option.verbose = "short", 0

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.deselected += len({_item_stub(item) for item in items})

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            if isinstance(item, pytest.Function):
                line = item.function.__code__.co_firstlineno
                self.planned.append((item.path.parent.name, _item_stub(item), line))

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No letter for each property; with -v pytest's own words."""
        if getattr(report, "kata", None) and self.config.option.verbose <= 0 and report.when == "call":
            return report.outcome, "", ""
        return None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        facts = getattr(report, "kata", None)
        if facts is not None:
            self.facts.append({**facts, "longrepr": str(report.longrepr) if facts["broken_test"] else ""})

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.facts:
            terminalreporter.ensure_newline()
            terminal = self.config.get_terminal_writer()
            writer = Writer(terminal, getattr(terminal._file, "encoding", None))
            root = None if self.config.option.keyword else self.config.rootpath
            Summary(self.facts, self.planned, root, _cuda_line()).write(writer)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.config.option.verbose < 0:
            self.config.get_terminal_writer().line(
                "No property was selected." + (f"\n{_cuda_line()}" if _cuda_line() else "")
            )


def _item_stub(item: pytest.Item) -> str:
    return split_name(getattr(item, "originalname", item.name))[0]


def _cuda_line() -> str:
    return "" if "cuda" in devices.available() else "cuda: not run (no CUDA device)"
