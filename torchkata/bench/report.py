"""Make the report of one or several runs.

    pytest benchmarks --benchmark-json=run.json
    python -m torchkata.bench.report run.json -o report.html
    python -m torchkata.bench.report old.json run.json -o report.html --markdown summary.md --fail-above 1.2

The last run is shown, and compared with each of the others. The exit code is 1 if a benchmark became slower than
`--fail-above` times its old time (in units of the calibration, and beyond the noise), 2 if a file is not a run.
"""

import argparse
import inspect
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from torchkata.bench.compare import SAME, changes, comparable, regressions
from torchkata.bench.goals import goals
from torchkata.bench.runs import BadRun, Run


def markdown(runs: Sequence[Run]) -> str:
    """A summary for the page of a CI job."""
    return "\n".join(_lines(runs)) + "\n"


def _lines(runs: Sequence[Run]) -> Iterator[str]:
    run = runs[-1]
    m = run.machine
    yield "## Benchmarks"
    yield ""
    known = f"{m.get('threads', '?')} threads, torch {m.get('torch', '?')}, {run.when}"
    yield f"{m.get('cpu', 'machine not known')}, {known}"
    for text in [*m.get("warnings", []), *(f"not measured: {each}" for each in m.get("not_measured", []))]:
        yield f"- {text}"
    yield from _table(["goal", "measured", "verdict"], [[g.text, g.found, g.verdict] for g in goals(run)])
    yield from _table(["an epoch of training", "speed", "weights", "median"], list(_ladder(run)))
    for old in runs[:-1]:
        found = changes(old, run)
        trouble = comparable(old, run)
        yield f"\n### Compared with {old.label}" + (f" (careful: {trouble})" if trouble else "")
        real = [[c.row.name, f"{c.ratio:.2f}", c.verdict] for c in found if c.verdict != SAME]
        yield from _table(["benchmark", "new / old", "verdict"], real)
        yield f"\n{len(found) - len(real)} of {len(found)} show no difference beyond the noise."


def _ladder(run: Run) -> Iterator[list[str]]:
    for row in run.of("test_epoch"):
        ratio = row.ratio("tutorial")
        same = "bit-identical" if row.facts["bit_identical"] else f"{row.facts['weights_difference']:.0e} apart"
        speed = f"{ratio.inverse().median:.2f}×" if ratio else "–"
        yield [f"{row.way} ({row.device})", speed, same, f"{row.seconds:.3g} s"]


def _table(headers: list[str], rows: list[list[str]]) -> Iterator[str]:
    if rows:
        yield ""
        yield f"| {' | '.join(headers)} |"
        yield "|---" * len(headers) + "|"
        for row in rows:
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def tracking(run: Run) -> list[dict[str, str | float]]:
    """What benchmark-tracking actions read: smaller is better. Times in units of the calibration."""
    return [
        {
            "name": row.name,
            "unit": "× calibration",
            "value": spread.median,
            "range": f"± {(spread.q3 - spread.q1) / 2:.3g}",
        }
        for row in run.rows
        if (spread := row.calibrated)
    ]


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code."""
    text = inspect.getdoc(sys.modules[__name__])
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m torchkata.bench.report", description=text, formatter_class=style)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN.json", help="the oldest first")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="the page")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="a summary for CI job pages")
    parser.add_argument("--tracking", type=Path, metavar="FILE", help="JSON for benchmark-tracking actions")
    parser.add_argument(
        "--fail-above", type=float, metavar="FACTOR", help="exit with 1 if something is slower than that"
    )
    options = parser.parse_args(arguments)
    try:
        runs = [Run.read(path) for path in options.runs]
    except BadRun as error:
        print(error, file=sys.stderr)
        return 2
    if options.output:
        from torchkata.bench.page import page  # matplotlib: only where something is drawn

        command = f"python -m torchkata.bench.report {' '.join(path.name for path in options.runs)} -o report.html"
        options.output.write_text(page(runs, command), "utf-8")
    if options.markdown:
        options.markdown.write_text(markdown(runs), "utf-8")
    if options.tracking:
        options.tracking.write_text(json.dumps(tracking(runs[-1]), indent=1, ensure_ascii=False), "utf-8")
    return _judge(runs, options.fail_above)


def _judge(runs: Sequence[Run], limit: float | None) -> int:
    """Print what became slower; 1 if there is a limit and something is beyond it."""
    if limit is None:
        return 0
    slower = {change.row.name: change for old in runs[:-1] for change in regressions(changes(old, runs[-1]), limit)}
    for name, change in slower.items():
        print(f"slower: {name} takes {change.ratio:.2f} times as long (limit {limit:g})")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
