"""The figures that this project means to reach, and what a run says about each."""

from dataclasses import dataclass

from torchkata.bench.runs import Row, Run

IDIOMATIC, EXPERT = "split views, foreach SGD", "hand-written passes"  # rungs of `training.LADDER`
MATMUL, LADDER = "test_product", "test_epoch"
REPEAT = {name: f"pytest benchmarks/test_{name}.py" for name in ("matmul", "training")}


@dataclass(frozen=True)
class Goal:
    """A figure to reach; `reached` is None where the run cannot tell."""

    text: str
    found: str
    reached: bool | None
    command: str

    @property
    def verdict(self) -> str:
        return {True: "reached", False: "not reached", None: "not judged"}[self.reached]


def goals(run: Run) -> list[Goal]:
    """All goals that the rows of a run say something about; a fast run is not judged."""
    found = [goal for goal in (*_training(run), *_matmul(run), _control(run)) if goal is not None]
    return [Goal(g.text, g.found, None if run.is_fast else g.reached, g.command) for g in found]


def _training(run: Run) -> list[Goal | None]:
    command = REPEAT["training"]
    return [
        _speed(run, IDIOMATIC, "cpu", 3.5),
        _same(run, IDIOMATIC, 0.0),
        _speed(run, EXPERT, "cpu", 5),
        _same(run, EXPERT, 1e-5),
        _roofline(run, EXPERT, 0.65),
        _exponent(run, "test_time_by_samples", "the time of an epoch grows with the images", 1, command),
        _speed(run, IDIOMATIC, "cuda", 30),
    ]


def _speed(run: Run, way: str, device: str, wanted: float) -> Goal | None:
    row = run.row(LADDER, way, device)
    ratio = row.ratio("tutorial") if row else None
    if ratio is None:
        return None
    speed = ratio.inverse()
    found = f"{speed.median:.2f} ({speed.low:.2f} to {speed.high:.2f})"
    text = f"an epoch with {way} ({device}): at least {wanted:g} times as fast as the tutorial's loop"
    return Goal(text, found, speed.median >= wanted, REPEAT["training"])


def _same(run: Run, way: str, tolerance: float) -> Goal | None:
    row = run.row(LADDER, way)
    if row is None:
        return None
    difference = row.facts["weights_difference"]
    found = "bit-identical" if row.facts["bit_identical"] else f"at most {difference:.1e} apart"
    reached = difference <= tolerance and (row.facts["bit_identical"] or tolerance > 0)
    wanted = f"weights within {tolerance:g}" if tolerance else "bit-identical weights"
    return Goal(f"{way}: {wanted} after an epoch", found, reached, REPEAT["training"])


def _roofline(run: Run, way: str, wanted: float) -> Goal | None:
    row = run.row(LADDER, way)
    ratio = row.ratio("roofline") if row else None
    if ratio is None:
        return None
    share = ratio.inverse()
    found = f"{share.median:.0%} ({share.low:.0%} to {share.high:.0%})"
    text = f"{way}: at least {wanted:.0%} of the shape roofline"
    return Goal(text, found, share.median >= wanted, REPEAT["training"])


def _matmul(run: Run) -> list[Goal | None]:
    command = REPEAT["matmul"]
    operator = [row for row in run.of(MATMUL) if row.way == "@" and row.device == "cpu"]
    ratios = {_case(row): ratio for row in operator if (ratio := row.ratio("torch.matmul"))}
    goals: list[Goal | None] = []
    if ratios:
        worst = max(ratios, key=lambda case: abs(ratios[case].median - 1))
        found = f"at worst {ratios[worst].median:.3f} ({worst}), of {len(ratios)} sizes and dtypes"
        reached = abs(ratios[worst].median - 1) <= 0.03
        goals.append(Goal("`@` in the reference against torch's own: 1.00 ± 0.03", found, reached, command))
    last = [row for row in run.of(MATMUL) if row.way == "out=" and row.device == "cpu" and row.facts["n"] >= 512]
    shares = {_case(row): share for row in last if (share := row.spread("peak_share"))}
    if shares:
        worst = min(shares, key=lambda case: shares[case].median)
        found = f"at worst {shares[worst].median:.0%} ({worst}), of {len(shares)} sizes and dtypes"
        reached = shares[worst].median >= 0.95
        goals.append(Goal("`out=`: at least 95% of the measured peak from n = 512", found, reached, command))
    goals.append(_exponent(run, "test_time_by_size", "the time of a product grows with n to the power of", 3, command))
    return goals


def _case(row: Row) -> str:
    return f"n = {row.facts['n']}, {row.facts['dtype']}"


def _exponent(run: Run, test: str, text: str, wanted: int, command: str) -> Goal | None:
    powers = {row.way: power for row in run.of(test) if (power := row.spread("exponent"))}
    if not powers:
        return None
    found = "; ".join(f"{way} {power.median:.2f}" for way, power in powers.items())
    reached = all(abs(power.median - wanted) <= 0.1 * wanted for power in powers.values())
    return Goal(f"{text} {wanted}" if wanted > 1 else text, found, reached, command)


def _control(run: Run) -> Goal | None:
    controls = [control.median for row in run.rows if (control := row.spread("control"))]
    if not controls:
        return None
    within = sum(abs(control - 1) <= 0.03 for control in controls) / len(controls)
    found = f"{within:.0%} of {len(controls)}"
    return Goal("control rows within ± 3% in 95% of cases", found, within >= 0.95, "pytest benchmarks")
