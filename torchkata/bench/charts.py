"""The charts, as SVG to be put into a page, drawn by matplotlib.

Colours are names of the page's own (`var(--ink)`), so that a chart follows the page into dark mode. matplotlib knows no
such names: it draws with stand-ins, which are replaced at the end.
"""

import io
import re
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from torchkata.bench.compare import SAME, SLOWER, Change
from torchkata.bench.runs import Row, Run

SERIES = [f"#0a00{number:02x}" for number in range(1, 9)]
INK, MUTED, LINE = "#010101", "#020202", "#030303"
COLOURS = {INK: "--ink", MUTED: "--muted", LINE: "--line"} | {c: f"--s{n}" for n, c in enumerate(SERIES, 1)}
WIDTH = 3.9  # inches: small, so that the text can be read when the chart is as wide as a phone
STYLE: Any = {
    "svg.fonttype": "none",  # text stays text
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": LINE,
}
MARKERS = "osD^vPX*"
MOST_BARS = 20


def roofline(run: Run, device: str) -> str:
    """GFLOP/s of each way to multiply by size, below the roof that the memory and the peak make."""
    rows = [row for row in run.of("test_product") if row.device == device and row.facts["dtype"] == "float32"]
    with mpl.rc_context(STYLE):
        figure = Figure((WIDTH, 4.4), layout="constrained")
        axes = figure.subplots()
        for number, way in enumerate(dict.fromkeys(row.way for row in rows)):
            points = [(row.facts["n"], row.facts["gflops"]) for row in rows if row.way == way]
            style: Any = {"color": SERIES[number % 8], "marker": MARKERS[number % 8], "markersize": 4, "linewidth": 1.4}
            axes.plot(*zip(*points, strict=True), label=way, **style)
        peak = run.peak(device)
        if peak:
            sizes = sorted({row.facts["n"] for row in rows})
            roof = [min(peak["gflops"], peak["gbytes"] * n / 6) for n in sizes]  # 2n³ operations on 12n² bytes
            axes.plot(sizes, roof, color=INK, linestyle="--", linewidth=1, label="roof: memory, then peak")
        axes.set(xscale="log", yscale="log", xlabel="n, for n × n matrices", ylabel="GFLOP/s")
        sizes = sorted({row.facts["n"] for row in rows})
        axes.set_xticks(sizes, [str(n) for n in sizes])
        axes.minorticks_off()
        axes.grid(visible=True, linewidth=0.6)
        figure.legend(loc="outside lower center", ncols=2, frameon=False, labelcolor=INK)
        return svg(figure, f"roofline-{device}", "GFLOP/s of matrix products by size")


def ladder(run: Run, device: str) -> str:
    """How many times as fast as the tutorial's loop each rung is; the shape roofline as a line."""
    rows = [row for row in run.of("test_epoch") if row.device == device]
    bars = [(row.way, speed) for row in rows if (ratio := row.ratio("tutorial")) and (speed := ratio.inverse())]
    with mpl.rc_context(STYLE):
        figure, axes = _bars(len(bars))
        for place, (way, speed) in enumerate(bars):
            error = [[speed.median - speed.low], [speed.high - speed.median]]
            axes.barh(place, speed.median, height=0.36, color=SERIES[0])
            axes.errorbar(speed.median, place, xerr=error, color=INK, linewidth=1, capsize=2)
            axes.text(0, place - 0.25, f"{way}   {speed.median:.2f}×", va="bottom")
        roof = next((_roof(row) for row in rows if row.way == "tutorial"), None)
        if roof:
            axes.axvline(roof, color=SERIES[1], linestyle="--", linewidth=1.2)
            axes.set_ylim(len(bars) + 0.1, -0.75)  # room for its name
            axes.text(roof, len(bars) - 0.2, f"shape roofline {roof:.1f}× ", va="center", ha="right")
        axes.set_xlabel("times as fast as the tutorial's loop")
        return svg(figure, f"ladder-{device}", "speed of the ways to train")


def changed(found: list[Change], number: int) -> str:
    """What changed most between two runs: the ratio, and how far the quartiles allow it to lie."""
    most = sorted(found, key=lambda change: -abs(change.ratio - 1))[:MOST_BARS]
    most.sort(key=lambda change: -change.ratio)
    with mpl.rc_context(STYLE):
        figure, axes = _bars(len(most))
        low, high = axes.get_xlim()
        for place, change in enumerate(most):
            colour = MUTED if change.verdict == SAME else SERIES[1] if change.verdict == SLOWER else SERIES[2]
            axes.plot(change.quartiles, [place, place], color=colour, linewidth=3)
            axes.plot(change.ratio, place, "o", color=colour, markersize=5)
            axes.annotate(label(change.row), (0, place - 0.25), xycoords=("axes fraction", "data"), va="bottom")
            low, high = min(low, change.quartiles[0]), max(high, change.quartiles[1])
        axes.set_xlim(min(0.9, low * 0.95), max(1.1, high * 1.05))
        axes.axvline(1, color=INK, linewidth=1)
        axes.set_xlabel("time of the new run over the old one, calibrated")
        return svg(figure, f"changes-{number}", "what changed between two runs")


def label(row: Row) -> str:
    """A short name of a row."""
    size = row.facts.get("n")
    return f"{row.way}{f', n = {size}' if size else ''}{f', {row.device}' if row.device != 'cpu' else ''}"


def _roof(row: Row) -> float | None:
    ratio = row.ratio("roofline")
    return ratio.median if ratio else None


def _bars(count: int) -> Any:
    figure = Figure((WIDTH, 0.7 + 0.42 * max(1, count)), layout="constrained")
    axes = figure.subplots()
    axes.set_ylim(count - 0.4, -0.75)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(visible=True, axis="x", linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def svg(figure: Figure, name: str, title: str) -> str:
    """The SVG element of a figure, its ids made unique by `name`, its colours those of the page."""
    out = io.StringIO()
    empty = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(out, format="svg", transparent=True, metadata=empty)
    text = out.getvalue()
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text[text.index("<svg") :])
    for colour, variable in COLOURS.items():
        text = text.replace(colour, f"var({variable})")
    head, _, rest = text.partition(">")
    head = re.sub(r'\s(width|height)="[^"]*"', "", head)
    return f'{head} id="chart-{name}" class="chart" role="img" aria-label="{title}">{rest}'
