"""The page: one HTML file that needs nothing else."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from torchkata.bench import charts
from torchkata.bench.compare import Change, changes, comparable
from torchkata.bench.figures import Spread
from torchkata.bench.goals import goals
from torchkata.bench.runs import Row, Run

CSS = """
:root { color-scheme: light dark; --ink: #1b1f24; --muted: #667; --line: #d9dce1; --page: #fff; --card: #f6f7f9;
  --good: #17733a; --bad: #b3261e; --s1: #2f6fde; --s2: #c8501e; --s3: #1a8754; --s4: #8e44c9; --s5: #b8860b;
  --s6: #0f8b9d; --s7: #c2337a; --s8: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --muted: #9aa2ad; --line: #363c45; --page: #14171b;
  --card: #1d2127; --good: #57c785; --bad: #ff8a80; --s1: #79a9ff; --s2: #ff9a63; --s3: #5fd19b; --s4: #c793f5;
  --s5: #e6b84c; --s6: #5bc8d8; --s7: #ff85bb; --s8: #a7afba; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { margin-top: 2.5rem; font-size: 1.25rem; }
p, li { max-width: 46rem; } .quiet, figcaption { color: var(--muted); font-size: .875rem; }
.warning { border-left: .25rem solid var(--bad); padding-left: .75rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 1rem 0; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 1rem 0; padding: .75rem; background: var(--card); border-radius: .5rem; }
.chart { display: block; width: 100%; max-width: 34rem; height: auto; margin: auto; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child, .text { text-align: left; } td.text { white-space: normal; }
td:first-child { min-width: 8.5rem; }
th button { all: unset; cursor: pointer; font-weight: 600; } th button:focus-visible { outline: 2px solid var(--s1); }
th[aria-sort=ascending] button::after { content: " ▲"; } th[aria-sort=descending] button::after { content: " ▼"; }
summary { cursor: pointer; } code { font-size: .85em; overflow-wrap: anywhere; white-space: normal; }
.reached, .faster { color: var(--good); } .not-reached, .slower { color: var(--bad); }
"""
SORTING = """
for (const button of document.querySelectorAll("th button")) button.addEventListener("click", () => {
  const head = button.parentElement, body = head.closest("table").tBodies[0];
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = row => row.cells[head.cellIndex].dataset.value;
  const number = text => text === "" ? Infinity : Number(text);
  const order = (a, b) => isNaN(number(key(a))) || isNaN(number(key(b)))
    ? key(a).localeCompare(key(b)) : number(key(a)) - number(key(b));
  body.append(...[...body.rows].sort((a, b) => down ? order(b, a) : order(a, b)));
});
"""


UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


class Cell(NamedTuple):
    """What a cell shows (HTML), and the value that it is sorted by."""

    html: str
    value: str | float
    kind: str = ""


def page(runs: Sequence[Run], command: str) -> str:
    """The whole page: the figures of the last run, and how it differs from each of the others."""
    run = runs[-1]
    parts = [_head(run), _goals(run)]
    for device in run.devices():
        parts += [_matmul(run, device), _training(run, device)]
    parts += [_others(run), _scaling(run), _suite(run)]
    parts += [_comparison(old, run, number) for number, old in enumerate(runs[:-1], 1)]
    parts.append(_method(run, command))
    body = "\n".join(filter(None, parts))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>torchkata benchmarks</title>\n<style>{CSS}</style>\n</head>\n<body>\n{body}\n"
        f"<script>{SORTING}</script>\n</body>\n</html>\n"
    )


def number(value: float | None, pattern: str = ".3g") -> Cell:
    """A number; it is sorted by all its digits."""
    return Cell("–", "") if value is None else Cell(format(value, pattern), value)


def times(spread: Spread | None) -> Cell:
    """A ratio with its interval."""
    if spread is None:
        return Cell("–", "")
    interval = f' <span class="quiet">{_short(spread.low)}–{_short(spread.high)}</span>' if spread.count > 1 else ""
    return Cell(f"{_short(spread.median)}×{interval}", spread.median)


def share(spread: Spread | None) -> Cell:
    """A share in percent."""
    if spread is None:
        return Cell("–", "")
    return Cell(percent(spread.median), spread.median)


def percent(value: float) -> str:
    """A share in words; small ones keep two digits."""
    return f"{value:.0%}" if value >= 0.095 else f"{100 * value:.2g}%"


def words(text: str, kind: str = "text") -> Cell:
    return Cell(escape(text), text, kind)


def repeatable(name: str, command: str) -> Cell:
    """A name; a tap shows the command that measures it again."""
    return Cell(f"<details><summary>{escape(name)}</summary><code>{escape(command)}</code></details>", name, "text")


def named(row: Row, name: str) -> Cell:
    return repeatable(name, row.command)


def duration(seconds: float) -> Cell:
    """A time in a unit that suits it."""
    scale, unit = next((each for each in UNITS if seconds >= each[0]), UNITS[-1])
    return Cell(f"{seconds / scale:.3g} {unit}", seconds)


def table(name: str, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table that sorts by a column when its head is pressed."""
    rows = list(rows)
    kinds = [' class="text"' if cell.kind.startswith("text") else "" for cell in rows[0]]
    head = "".join(
        f'<th scope="col"{kind}><button type="button">{escape(text)}</button></th>'
        for kind, text in zip(kinds, headers, strict=True)
    )
    body = "\n".join("<tr>" + "".join(map(_td, row)) + "</tr>" for row in rows)
    inside = f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody>"
    return f'<div class="wide"><table id="table-{name}">{inside}</table></div>'


def figure(chart: str, caption: str, command: str) -> str:
    return f"<figure>{chart}<figcaption>{caption} Repeat it: <code>{escape(command)}</code></figcaption></figure>"


def _td(cell: Cell) -> str:
    kind = f' class="{cell.kind}"' if cell.kind else ""
    value = repr(cell.value) if isinstance(cell.value, float) else str(cell.value)
    return f'<td{kind} data-value="{escape(value)}">{cell.html}</td>'


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _head(run: Run) -> str:
    m = run.machine
    facts = {
        "when": run.when,
        "processor": f"{m.get('cpu', 'not known')}, {m.get('cores', '?')} cores, {m.get('instructions', '')}",
        "GPU": m.get("cuda") or "none",
        "threads": m.get("threads", "?"),
        "versions": f"torch {m.get('torch', '?')}, Python {m.get('python', '?')}, {m.get('system', '')}",
        "load": " before, ".join(f"{load:.1f}" for load in m.get("load", [])) + " after",
        "peak": "; ".join(
            f"{p['gflops']:.0f} GFLOP/s {p['dtype']} on {p['device']} (n = {p['n']}), {p['gbytes']:.0f} GB/s copying"
            for p in m.get("peaks", [])
        ),
    }
    warnings = "".join(f'<p class="warning">Careful: {escape(text)}.</p>' for text in m.get("warnings", []))
    missing = "".join(f"<li>{escape(text)}</li>" for text in m.get("not_measured", []))
    missing = f"<p>Not measured:</p><ul>{missing}</ul>" if missing else ""
    rows = "".join(f"<dt>{key}</dt><dd>{escape(str(value))}</dd>" for key, value in facts.items() if value)
    return f"<h1>torchkata benchmarks</h1>\n<dl>{rows}</dl>\n{warnings}{missing}"


def _goals(run: Run) -> str:
    rows = [
        [repeatable(g.text, g.command), words(g.verdict, f"text {g.verdict.replace(' ', '-')}"), words(g.found)]
        for g in goals(run)
    ]
    return f"<h2>Figures to reach</h2>\n{table('goals', ['goal', 'verdict', 'measured'], rows)}" if rows else ""


def _matmul(run: Run, device: str) -> str:
    rows = [row for row in run.of("test_product") if row.device == device]
    if not rows:
        return ""
    cells = [
        [named(row, row.way), number(row.facts["n"], "d"), words(row.facts["dtype"]), number(row.facts["gflops"]),
         share(row.spread("peak_share")), times(row.ratio("torch.matmul")), duration(row.seconds)]
        for row in rows
    ]  # fmt: skip
    heads = ["way", "n", "dtype", "GFLOP/s", "of the peak", "× torch.matmul", "median"]
    caption = (
        "Both scales are logarithmic. The dashed roof is what the memory (left) and the fastest product (right) allow; "
        "matrices that stay in the cache may be above it."
    )
    chart = figure(charts.roofline(run, device), caption, "pytest benchmarks/test_matmul.py -k product")
    return f"<h2>Matrix products, {device}</h2>\n{chart}\n{table(f'matmul-{device}', heads, cells)}"


def _training(run: Run, device: str) -> str:
    rows = [row for row in run.of("test_epoch") if row.device == device]
    if not rows:
        return ""
    cells = []
    for row in rows:
        slow, roof = row.ratio("tutorial"), row.ratio("roofline")
        same = "bit-identical" if row.facts["bit_identical"] else f"{row.facts['weights_difference']:.0e} apart"
        cells.append(
            [
                named(row, row.way),
                times(slow.inverse() if slow else None),
                number(row.facts["samples_per_second"], ",.0f"),
                share(roof.inverse() if roof else None),
                share(row.spread("peak_share")),
                words(same, ""),
                duration(row.seconds),
                duration(row.facts["first_epoch"]),
            ]
        )
    heads = ["way", "speed", "samples/s", "of the roofline", "of the peak", "weights", "epoch", "first epoch"]
    caption = (
        f"An epoch of {rows[0].facts['samples']:,} images, against the tutorial's loop in turn. Weights and first "
        f"epoch: those of {rows[0].facts.get('checked_samples', rows[0].facts['samples']):,} images. "
        "The dashed line: only the eight matrix products of each step."
    )
    chart = figure(charts.ladder(run, device), caption, "pytest benchmarks/test_training.py -k epoch")
    return f"<h2>An epoch of training, {device}</h2>\n{chart}\n{table(f'training-{device}', heads, cells)}"


def _others(run: Run) -> str:
    tests = [row for row in run.rows if row.name.startswith("test_hot_paths.py")]
    cells = []
    for row in tests:
        for other in row.facts.get("ratios", {}):
            if other != "calibration":
                size = number(row.facts.get("n"), ",d")
                cells.append([named(row, row.way), size, times(row.ratio(other)), words(other), duration(row.seconds)])
    heads = ["path", "n", "time", "against", "median"]
    return f"<h2>Other hot paths</h2>\n{table('paths', heads, cells)}" if cells else ""


def _scaling(run: Run) -> str:
    rows = run.of("test_time_by_size", "test_time_by_samples")
    cells = []
    for row in rows:
        power = row.spread("exponent")
        sizes = ", ".join(map(str, row.facts["sizes"]))
        interval = f"{power.low:.2f} to {power.high:.2f}" if power else ""
        cells.append(
            [named(row, row.way), words(sizes), number(power.median if power else None, ".2f"), words(interval),
             number(row.facts["expected"], "d")]
        )  # fmt: skip
    heads = ["what", "sizes", "exponent", "interval", "expected"]
    return f"<h2>How time grows with size</h2>\n{table('scaling', heads, cells)}" if cells else ""


def _suite(run: Run) -> str:
    rows = [row for row in run.rows if row.name.startswith("test_suite.py")]
    cells = [
        [named(row, row.way), duration(row.seconds), number(row.facts.get("examples_per_second"), ",.0f")]
        for row in rows
    ]
    heads = ["what", "median", "examples/s"]
    return f"<h2>The suite itself</h2>\n{table('suite', heads, cells)}" if cells else ""


def _comparison(old: Run, new: Run, index: int) -> str:
    found = changes(old, new)
    if not found:
        return f"<h2>Compared with {escape(old.label)}</h2><p>No benchmark is in both runs.</p>"
    trouble = comparable(old, new)
    warning = f'<p class="warning">Careful: {escape(trouble)}.</p>' if trouble else ""
    counts = {verdict: sum(change.verdict == verdict for change in found) for verdict in ("faster", "slower")}
    text = (
        f"{len(found)} benchmarks in both: {counts['slower']} slower, {counts['faster']} faster, the rest inside the "
        f"noise (± {found[0].noise:.0%}, or overlapping quartiles). Times are in units of the calibration, a fixed "
        "piece of work timed in turn with each benchmark: a slower machine shows no difference."
    )
    heads = ["benchmark", "old", "old quartiles", "new", "new quartiles", "new / old", "verdict"]
    caption = "The dot is the ratio of the medians, the bar what the quartiles of both runs allow. Grey is noise."
    chart = figure(charts.changed(found, index), caption, "pytest benchmarks --benchmark-json=new.json")
    rows = table(f"changes-{index}", heads, map(_change, found))
    return f"<h2>Compared with {escape(old.label)}, {escape(old.when)}</h2>\n{warning}<p>{text}</p>\n{chart}\n{rows}"


def _change(change: Change) -> list[Cell]:
    return [
        named(change.row, charts.label(change.row)),
        number(change.old.median), words(f"{change.old.q1:.3g} to {change.old.q3:.3g}", ""),
        number(change.new.median), words(f"{change.new.q1:.3g} to {change.new.q3:.3g}", ""),
        number(change.ratio, ".2f"), words(change.verdict, f"text {change.verdict.replace(' ', '-')}"),
    ]  # fmt: skip


def _method(run: Run, command: str) -> str:
    controls = [control.median for row in run.rows if (control := row.spread("control"))]
    off = max((abs(control - 1) for control in controls), default=0.0)
    text = (
        "A machine drifts by half within minutes. So a ratio is measured in turn: short blocks of both, the order "
        "turned around at each round, a ratio for each round, and of these the median with its 95% interval. Absolute "
        f"times are for information. The same code against itself was at most {off:.1%} off in {len(controls)} rows."
    )
    again = f"pytest benchmarks{' --fast' if run.is_fast else ''} --benchmark-json={run.label}.json"
    commands = f"<code>{escape(again)}</code>, then <code>{escape(command)}</code>"
    return f"<h2>How this was measured</h2>\n<p>{text}</p>\n<p>All of it again: {commands}</p>"
