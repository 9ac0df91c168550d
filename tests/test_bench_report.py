"""The report: its numbers are those of the JSON, in a real browser, and noise is not called a difference."""

import copy
import html
import json
import re
import shutil
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from torchkata.bench.compare import FASTER, SAME, SLOWER, changes, noise_of, regressions
from torchkata.bench.goals import goals
from torchkata.bench.report import main
from torchkata.bench.runs import BadRun, Run

ROOT = Path(__file__).parent.parent
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MEGABYTE = 10**6


def spread(median, width=0.01, count=20):
    low, high, q1, q3 = (median * (1 + width * side) for side in (-2, 2, -1, 1))
    return {"median": median, "low": low, "high": high, "q1": q1, "q3": q3, "count": count}


def benchmark(name, seconds, ratios, **facts):
    extra = {"device": "cpu", "ratios": {to: spread(value) for to, value in ratios.items()}, **facts}
    stats = {"median": seconds, "q1": seconds * 0.99, "q3": seconds * 1.01}
    return {"fullname": name, "name": name.rpartition("::")[2], "extra_info": extra, "stats": stats}


def product(way, n, gflops):
    name = f"test_matmul.py::test_product[cpu-{way}-{n}-float32]"
    seconds = 2e-9 * n**3 / gflops
    ratios = {"torch.matmul": 1.01, "peak": 0.5, "calibration": 0.123}
    facts = {"way": way, "n": n, "dtype": "float32", "gflops": gflops, "peak_share": spread(gflops / 130)}
    return benchmark(name, seconds, ratios, control=spread(1.002), **facts)


def epoch(way, ratio, difference=0.0):
    name = f"test_training.py::test_epoch[cpu-{way.replace(' ', '-')}]"
    ratios = {"tutorial": ratio, "roofline": 7.2 * ratio, "calibration": 9_000 * ratio}
    return benchmark(
        name, 9 * ratio, ratios, way=way, samples=60_000, samples_per_second=6_666 / ratio, peak_share=spread(0.1 / ratio),
        weights_difference=difference, bit_identical=difference == 0, first_epoch=9.5 * ratio, preparation=0.1,
    )  # fmt: skip


def run_data():
    """A made-up run as the JSON of pytest-benchmark has it."""
    return {
        "datetime": "2026-01-02T03:04:05+00:00",
        "benchmarks": [
            *(product(way, n, g) for way, g in (("@", 120.0), ("out=", 127.0), ("a <b> & c", 2e-5)) for n in (16, 512)),
            epoch("tutorial", 1.0),
            epoch("split views, foreach SGD", 0.25),
            epoch("hand-written passes", 0.19, 3e-6),
            benchmark("test_matmul.py::test_time_by_size[cpu-@]", 0.1, {"calibration": 40.0}, way="@", sizes=[8, 16],
                      exponent=spread(2.98), expected=3),
            benchmark("test_hot_paths.py::test_one_hot[cpu-64]", 4e-5, {"F.one_hot": 2.5, "calibration": 0.01},
                      way="one-hot by scatter", n=64),
            benchmark("test_suite.py::test_cold_verdict", 4.4, {}, way="cold verdict"),
        ],
        "torchkata": {
            "cpu": "a processor", "cores": 2, "threads": 2, "torch": "2.15.0", "python": "3.11", "mode": "full",
            "load": [0.1, 0.9], "warnings": ["at the start the load is 7"], "not_measured": ["CUDA: no such device"],
            "peaks": [{"device": "cpu", "dtype": "float32", "n": 1024, "gflops": 130.0, "gbytes": 9.0}],
        },
    }  # fmt: skip


@pytest.fixture
def new(tmp_path):
    return write(tmp_path / "new.json", run_data())


@pytest.fixture
def old(tmp_path):
    """The run before: one benchmark took half the time, one twice the time, and one was a little off."""
    data = run_data()
    for each, factor in zip(data["benchmarks"], (0.5, 2.0, 1.005), strict=False):
        calibration = each["extra_info"]["ratios"]["calibration"]
        for key in ("median", "low", "high", "q1", "q3"):
            calibration[key] *= factor
    return write(tmp_path / "old.json", data)


def write(path, data):
    path.write_text(json.dumps(data), "utf-8")
    return path


class Page(HTMLParser):
    """The tables of a page: by id, rows of (data-value, text)."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.cell = {}, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "table":
            self.rows = self.tables[found["id"]] = []
        elif tag == "tr":
            self.rows.append([])
        elif tag == "td":
            self.cell = [found["data-value"], ""]

    def handle_endtag(self, tag):
        if tag == "td":
            self.rows[-1].append(tuple(self.cell))
            self.cell = None

    def handle_data(self, data):
        if self.cell:
            self.cell[1] += data

    def values(self, table):
        return [[value for value, _ in row] for row in self.tables[table] if row]


def browse(page, *options):
    """The document after its scripts ran, and what the browser said on the console."""
    if BROWSER is None:
        pytest.skip("chromium is not installed")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", *options]
    done = subprocess.run([*command, "--dump-dom", str(page)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def make(tmp_path, *runs, name="report.html"):
    output = tmp_path / name
    assert main([*map(str, runs), "-o", str(output)]) == 0
    return output


def test_the_page_opens_in_a_browser_and_its_numbers_are_those_of_the_json(tmp_path, new):
    document, console = browse(make(tmp_path, new))
    assert console == []
    assert 'id="chart-roofline-cpu"' in document and 'id="chart-ladder-cpu"' in document
    page = Page(document)
    rows = [each for each in run_data()["benchmarks"] if "test_product" in each["fullname"]]
    facts = [each["extra_info"] for each in rows]
    shown = page.values("table-matmul-cpu")
    assert [row[0] for row in shown] == [each["way"] for each in facts]
    assert [float(row[3]) for row in shown] == [each["gflops"] for each in facts]
    assert [float(row[4]) for row in shown] == [each["peak_share"]["median"] for each in facts]
    assert [float(row[5]) for row in shown] == [each["ratios"]["torch.matmul"]["median"] for each in facts]
    assert [float(row[6]) for row in shown] == [each["stats"]["median"] for each in rows]
    speeds = [float(row[1]) for row in page.values("table-training-cpu")]
    assert speeds == [1 / ratio for ratio in (1.0, 0.25, 0.19)]
    assert page.tables["table-training-cpu"][2][1][1].startswith("4.00×")


def test_the_charts_show_the_numbers(tmp_path, new):
    document, _ = browse(make(tmp_path, new))
    ladder = document[document.index('id="chart-ladder-cpu"') :].partition("</svg>")[0]
    texts = html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)", ladder)))
    assert re.search(r"split views, foreach SGD\s+4.00×", texts) and "shape roofline 7.2×" in texts


def test_a_console_error_would_be_seen(tmp_path):
    page = tmp_path / "broken.html"
    page.write_text("<!doctype html><script>nothing.at.all</script>")
    assert browse(page)[1]


def test_tables_sort_when_a_head_is_pressed(tmp_path, new):
    page = make(tmp_path, new)
    click = 'document.querySelectorAll("#table-matmul-cpu th button")[3].click();'
    for presses, reverse in ((1, False), (2, True)):
        pressed = tmp_path / f"pressed{presses}.html"
        pressed.write_text(page.read_text("utf-8").replace("</script>", f"{click * presses}</script>"), "utf-8")
        document, console = browse(pressed)
        shown = [float(row[3]) for row in Page(document).values("table-matmul-cpu")]
        assert console == [] and shown == sorted(shown, reverse=reverse) and len(set(shown)) > 2
        assert f'aria-sort="{"descending" if reverse else "ascending"}"' in document


def test_nothing_is_wider_than_a_phone(tmp_path, new, old):
    make(tmp_path, old, new)
    inside = "frame.contentDocument.documentElement"
    frame = tmp_path / "phone.html"
    frame.write_text(
        '<!doctype html><iframe id="frame" src="report.html" style="width:360px;height:800px"></iframe><script>'
        f'onload = () => document.title = {inside}.scrollWidth + " " + {inside}.clientWidth</script>'
    )
    document, console = browse(frame, "--allow-file-access-from-files", "--virtual-time-budget=5000")
    wide, there = map(int, re.search(r"<title>(\d+) (\d+)", document).groups())
    assert console == [] and wide <= there <= 360


def test_the_page_needs_nothing_else_and_is_small(tmp_path, new, old):
    text = make(tmp_path, old, new).read_text("utf-8")
    assert len(text.encode()) < 2 * MEGABYTE
    outside = re.findall(r'(?:src|href)="(?!#)[^"]*"|url\((?!#)[^)]*\)|@import|<link\b|fetch\(', text)
    assert outside == []
    assert "prefers-color-scheme: dark" in text and "width=device-width" in text


def test_charts_take_their_colours_from_the_page(tmp_path, new, old):
    text = make(tmp_path, old, new).read_text("utf-8")
    charts = re.findall(r'<svg.*?class="chart".*?</svg>', text, re.S)
    assert len(charts) == 3
    for chart in charts:
        assert re.findall(r"(?:fill|stroke): #[0-9a-f]{6}", chart) == []
        assert "var(--ink)" in chart
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text)) <= set(ids)


def test_each_figure_has_its_command(tmp_path, new):
    text = html.unescape(make(tmp_path, new).read_text("utf-8"))
    for each in run_data()["benchmarks"]:
        assert f'pytest "benchmarks/{each["fullname"]}"' in text
    assert text.count("<figcaption>") == text.count("Repeat it: <code>pytest") == 2


def test_names_cannot_break_the_page(tmp_path, new):
    text = make(tmp_path, new).read_text("utf-8")
    assert "<b>" not in text and "a &lt;b&gt; &amp; c" in text


def test_real_changes_are_told_from_noise(old, new):
    found = {
        change.row.way + str(change.row.facts.get("n", "")): change for change in changes(*map(Run.read, (old, new)))
    }
    assert found["@16"].verdict == SLOWER and found["@16"].ratio == pytest.approx(2)
    assert found["@512"].verdict == FASTER and found["@512"].ratio == pytest.approx(0.5)
    assert found["out=16"].verdict == SAME and found["out=16"].ratio == pytest.approx(1 / 1.005)


def test_overlapping_quartiles_are_no_difference(tmp_path, new):
    data = run_data()
    data["benchmarks"][0]["extra_info"]["ratios"]["calibration"] = spread(0.123 / 1.2, width=0.2)
    change = next(c for c in changes(Run.read(write(tmp_path / "wide.json", data)), Run.read(new)) if c.ratio > 1.1)
    assert change.verdict == SAME


def test_a_bad_control_row_widens_the_noise(tmp_path, new):
    data = run_data()
    for each in data["benchmarks"]:
        if "control" in each["extra_info"]:
            each["extra_info"]["control"] = spread(1.4)
    bad = Run.read(write(tmp_path / "bad.json", data))
    assert noise_of(bad) == pytest.approx(0.4) and noise_of(Run.read(new)) == 0.03


def test_a_slower_machine_is_no_regression(tmp_path, old, new):
    data = json.loads(new.read_text("utf-8"))
    for each in data["benchmarks"]:
        each["stats"] = {key: 3 * value for key, value in each["stats"].items()}
    slow = write(tmp_path / "slow.json", data)
    assert main([str(new), str(slow), "--fail-above", "1.05"]) == 0


def test_a_regression_fails_the_command(old, new, capsys):
    assert main([str(old), str(new), "--fail-above", "1.2"]) == 1
    assert "test_product[cpu-@-16-float32] takes 2.00 times as long (limit 1.2)" in capsys.readouterr().out
    assert main([str(old), str(new), "--fail-above", "2.5"]) == 0
    assert main([str(old), str(new)]) == 0
    assert len(regressions(changes(Run.read(old), Run.read(new)), 1.2)) == 1


def test_the_markdown_and_the_tracking_file(tmp_path, old, new):
    summary, tracked = tmp_path / "summary.md", tmp_path / "tracking.json"
    assert main([str(old), str(new), "--markdown", str(summary), "--tracking", str(tracked)]) == 0
    text = summary.read_text("utf-8")
    assert "| split views, foreach SGD (cpu) | 4.00× | bit-identical | 2.25 s |" in text
    assert "| test_matmul.py::test_product[cpu-@-16-float32] | 2.00 | slower |" in text
    assert "not measured: CUDA: no such device" in text and "load is 7" in text
    entries = json.loads(tracked.read_text("utf-8"))
    assert all({"name", "unit", "value"} <= set(entry) for entry in entries) and len(entries) == 11
    assert entries[0]["value"] == 0.123 and entries[0]["unit"] == "× calibration"


def test_goals_are_judged(new):
    verdicts = {goal.text.partition(":")[0]: goal.verdict for goal in goals(Run.read(new))}
    assert verdicts["an epoch with split views, foreach SGD (cpu)"] == "reached"  # 4.0 times
    assert verdicts["hand-written passes"] == "reached"
    assert (
        verdicts["`out=`"] == "reached"
        and verdicts["the time of a product grows with n to the power of 3"] == "reached"
    )


def test_a_fast_run_is_not_judged(tmp_path):
    data = run_data()
    data["torchkata"]["mode"] = "fast"
    assert {goal.verdict for goal in goals(Run.read(write(tmp_path / "fast.json", data)))} == {"not judged"}


def test_a_goal_that_is_missed_is_said(tmp_path):
    data = copy.deepcopy(run_data())
    data["benchmarks"] = [epoch("split views, foreach SGD", 0.5, 1e-9)]
    missed = [goal.verdict for goal in goals(Run.read(write(tmp_path / "slow.json", data)))]
    assert missed == ["not reached", "not reached"]


@pytest.mark.parametrize(
    ("way", "missed"), [("@", {"ratios": {"torch.matmul": spread(1.2)}}), ("out=", {"peak_share": spread(0.5)})]
)
def test_a_dtype_does_not_hide_another_that_misses_a_goal(tmp_path, way, missed):
    data = copy.deepcopy(run_data())
    rows = [product(way, 512, 130.0) for _ in range(2)]
    rows[0]["extra_info"].update(missed)
    rows[1]["extra_info"]["dtype"] = "bfloat16"
    data["benchmarks"] = rows
    (goal,) = goals(Run.read(write(tmp_path / "two.json", data)))[:1]
    assert goal.verdict == "not reached" and "n = 512, float32" in goal.found


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"benchmarks": [{}]}'])
def test_what_is_no_run_is_refused(tmp_path, text, capsys):
    path = tmp_path / "other.json"
    path.write_text(text)
    assert main([str(path)]) == 2
    assert "other.json" in capsys.readouterr().err
    with pytest.raises(BadRun):
        Run.read(tmp_path / "missing.json")


def test_a_run_of_other_benchmarks_is_shown_too(tmp_path):
    plain = {"datetime": "2026-01-02T03:04:05", "benchmarks": [benchmark("test_x.py::test_y", 1.0, {})]}
    plain["benchmarks"][0]["extra_info"] = {}
    assert "torchkata benchmarks" in make(tmp_path, write(tmp_path / "plain.json", plain)).read_text("utf-8")


def test_the_report_is_made_soon_and_without_torch(tmp_path, old, new):
    script = (
        "import sys; from torchkata.bench.report import main; code = main(sys.argv[1:]); print('torch' in sys.modules)"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", script, str(old), str(new), "-o", str(tmp_path / "r.html")],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "False"
    assert time.perf_counter() - start < 30  # 3 s on a machine that does nothing else: see benchmarks/README.md
