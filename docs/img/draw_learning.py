"""Draws the pictures of docs/learning.md from numbers that are kept beside them: `python -m docs.img.draw_learning`.

`… draw_learning follow` finds the numbers of `learning-passes.svg` again, which takes three minutes; `… draw_learning
measure` takes the times of `learning-time.svg` again: on an idle machine with 6 GB free, in three minutes.
"""

import csv
import io
import platform
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from domain.dataset import Dataset
from domain.errors import RateTooLarge
from domain.linear_model import LinearModel
from domain.sgd import SGD, Progress
from domain.sgd.preconditioner import Preconditioner
from domain.sgd.sample import CentredSample

HERE = Path(__file__).parent
TIMES, PASSES = HERE / "learning_times.csv", HERE / "learning_passes.csv"

FloatArray = npt.NDArray[np.float64]
Rows = list[dict[str, str]]

# Okabe and Ito's colours, which the colour-blind can tell apart (2008, "Color universal design").
OURS, CERTIFIED, PLAIN, OTHER, DIRECT = "#0072b2", "#d55e00", "#7a8490", "#9b4d7d", "#00855f"
INK, FAINT = "#1f2933", "#d5dae1"
STYLE = {
    "svg.hashsalt": "endeavour",
    "svg.fonttype": "none",
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": "#52606d",
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": "#52606d",
    "ytick.color": "#52606d",
    "font.size": 9.5,
    "font.family": "DejaVu Sans",
    "legend.frameon": False,
}
# Below this share of the optimum, the excess that is computed in float64 is rounding.
ROUNDING = 1e-16


# --- learning-passes.svg ---

TABLE_ROWS, COLUMNS, TOL = 200_000, 20, 1e-12
# Passes of plain descent, and those that the picture has room for.
LAST_PASS, LAST_SHOWN = 6, 7
PLAIN_BATCH, PLAIN_RATES = 32, 10
CASES = {
    "iid": "rows in no order",
    "sorted": "rows sorted by the target",
    "groups": "twenty groups that drift, in order",
    "heavy": "features without a variance, t(1.5)",
}


def table(case: str) -> tuple[FloatArray, FloatArray]:
    """Return features (n, d) and target (n,) of one of the cases."""
    random = np.random.default_rng(14)
    slopes = random.uniform(0.5, 2, COLUMNS) * random.choice([-1, 1], COLUMNS)
    if case == "heavy":
        features = random.standard_t(1.5, (TABLE_ROWS, COLUMNS))
    else:
        features = random.standard_normal((TABLE_ROWS, COLUMNS))
    shift = np.zeros(TABLE_ROWS)
    if case == "groups":
        group = np.arange(TABLE_ROWS) * 20 // TABLE_ROWS
        features += 3 * random.standard_normal((20, COLUMNS))[group]
        shift = 5 * random.standard_normal(20)[group]
    target = 3 + features @ slopes + shift + random.standard_normal(TABLE_ROWS)
    order = np.argsort(target) if case == "sorted" else np.arange(TABLE_ROWS)
    return features[order], target[order]


class Truth:
    """The least-squares optimum of a table, by QR."""

    def __init__(self, features: FloatArray, target: FloatArray) -> None:
        self._features, self._target = features, target
        self._space = np.linalg.qr(np.column_stack([features, np.ones(len(target))])).Q

    def excess(self, model: LinearModel) -> float:
        """Return the relative excess of a model: the part of its residuals that the features could still explain."""
        residuals = self._target - self._features @ model.coefficients - model.intercept
        explained = float(np.sum((self._space.T @ residuals) ** 2))
        return explained / (float(residuals @ residuals) - explained)


def follow() -> None:
    """Fit each case, and write down what is true and what is estimated after each pass."""
    _write(PASSES, (), ("case", "series", "pass", "excess"), (row for case in CASES for row in _followed(case)))


def _followed(case: str) -> Iterable[tuple[object, ...]]:
    features, target = table(case)
    rows = Dataset(features, target, tuple(f"x{column}" for column in range(COLUMNS)), "y")
    truth, heard = Truth(features, target), list[Progress]()
    report = SGD(tol=TOL).fit(rows, heard.append).report
    phases = {progress.passes: progress.phase for progress in heard}
    certified = [number for number in range(1, report.passes + 1) if phases[number] == "certificate"]
    for number, excess in zip(certified, report.excess_risk, strict=True):
        yield case, "estimate", number, excess
    for number in range(1, report.passes + 1):
        if phases[number] == "rebuild":
            yield case, "rebuild", number, ""
        else:
            yield case, "truth", number, truth.excess(SGD(tol=TOL, max_passes=number).fit(rows).model)
    for number, excess in enumerate(_best_plain(rows), start=1):
        yield case, "plain", number, excess


def _best_plain(rows: Dataset) -> tuple[float, ...]:
    """Return the excess after each pass of plain descent, with the best of ten rates: ½, ¼, … of the largest stable."""
    try:
        SGD(1e12, max_passes=1, precondition=None).fit(rows)
    except RateTooLarge as error:
        largest = error.stable_below
    fits = [
        SGD(largest / 2**power, PLAIN_BATCH, LAST_PASS, tol=None, precondition=None).fit(rows)
        for power in range(1, PLAIN_RATES + 1)
    ]
    return min((fit.report.excess_risk for fit in fits if fit.report.passes == LAST_PASS), key=lambda risks: risks[-1])


def passes() -> Figure:
    """Return the picture of the excess after each pass."""
    found = read(PASSES)
    figure = _figure(9.6, 6.2)
    for position, (case, title) in enumerate(CASES.items(), start=1):
        axes = figure.add_subplot(2, 2, position)
        axes.set_title(title)
        axes.set_yscale("log")
        axes.axhline(1e-6, color=FAINT, linewidth=1, zorder=0)
        series = {name: _points(found, case, name) for name in ("plain", "truth", "estimate")}
        axes.plot(*series["plain"], color=PLAIN, marker="s", markersize=4, linewidth=1.2)
        axes.plot(*series["truth"], color=OURS, marker="o", markersize=4.5, linewidth=1.8)
        axes.plot(
            *series["estimate"], color=CERTIFIED, marker="D", markersize=8, linestyle="", fillstyle="none", mew=1.4
        )
        for row in found:
            if row["case"] == case and row["series"] == "rebuild":
                axes.axvline(int(row["pass"]), color=DIRECT, linewidth=1.2, linestyle=(0, (4, 3)))
                axes.text(int(row["pass"]) + 0.08, 1e-9, "rebuild", rotation=90, va="center", color=DIRECT)
        axes.set_xlim(0.7, LAST_SHOWN + 0.3)
        axes.set_ylim(2e-17, 50)
        axes.set_yticks([10.0**power for power in range(-16, 1, 4)])
        axes.minorticks_off()
        if position > 2:  # noqa: PLR2004  # the lower row
            axes.set_xlabel("readings of the table")
        if position % 2:
            axes.set_ylabel("excess of the MSE, share of the optimum")
    first = figure.axes[0]
    first.text(4.2, 2e-2, "plain mini-batches, best of ten rates", ha="center", va="bottom", color="#52606d")
    first.text(1.0, 2e-10, "this learner: truth", va="top", color=OURS)
    first.text(1.0, 4e-12, "◇ certificate", va="top", color=CERTIFIED)
    first.text(LAST_SHOWN + 0.2, 1.4e-6, "default tol", ha="right", va="bottom", color="#7a8490", fontsize=8.5)
    return figure


def _points(found: Rows, case: str, series: str) -> tuple[list[int], list[float]]:
    rows = [row for row in found if (row["case"], row["series"]) == (case, series)]
    return [int(row["pass"]) for row in rows], [max(float(row["excess"]), ROUNDING) for row in rows]


# --- learning-time.svg ---

SIZES = (10_000, 40_000, 100_000, 400_000, 1_000_000, 4_000_000)
REPEATS, FEW_REPEATS, SLOW_SECONDS = 9, 3, 1.0
# How much longer a time must be for its label to stand clear above the one below.
LABEL_APART = 1.6
# From the fastest to the slowest.
METHODS = {
    "product": (PLAIN, "one product with a vector"),
    "one pass": (OURS, "this learner, one pass"),
    "certified": (CERTIFIED, "this learner, certified to 1e-6"),
    "normal equations": (DIRECT, "normal equations, numpy"),
    "LinearRegression": (OTHER, "scikit-learn LinearRegression"),
}


def measure() -> None:
    """Take the time of each method at each size on one core, the methods in turn, and write down the medians."""
    import sklearn
    from threadpoolctl import threadpool_limits

    machine = (
        f"{platform.machine()}, {platform.system()}, numpy {np.__version__}, scikit-learn {sklearn.__version__}, "
        f"matplotlib {mpl.__version__}; {COLUMNS} columns of float64, one thread; medians of {REPEATS} runs, "
        f"of {FEW_REPEATS} where one takes longer than {SLOW_SECONDS:g} s; excess of the training MSE, relative"
    )
    with threadpool_limits(1):
        rows = [row for size in SIZES for row in _timed(size)]
    _write(TIMES, (machine,), ("method", "rows", "seconds", "excess"), rows)


def _timed(size: int) -> Iterable[tuple[object, ...]]:
    random = np.random.default_rng(size)
    features = random.standard_normal((size, COLUMNS))
    target = 3 + features.sum(axis=1) + random.standard_normal(size)
    methods = _methods(features, target)
    for method in methods.values():
        method()
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    for repeat in range(REPEATS):
        for name, method in methods.items():
            if repeat < FEW_REPEATS or median(seconds[name]) < SLOW_SECONDS:
                began = time.perf_counter()
                method()
                seconds[name].append(time.perf_counter() - began)
    models = {name: method() for name, method in methods.items()}
    truth = Truth(features, target)
    for name, model in models.items():
        excess = f"{truth.excess(model):.2e}" if isinstance(model, LinearModel) else ""
        yield name, size, f"{median(seconds[name]):.3e}", excess


def _methods(features: FloatArray, target: FloatArray) -> Mapping[str, Callable[[], object]]:
    from sklearn.linear_model import LinearRegression

    names = tuple(f"x{column}" for column in range(COLUMNS))
    weights = np.ones(COLUMNS)

    def learner(settings: SGD) -> LinearModel:
        return settings.fit(Dataset(features, target, names, "y")).model

    def normal_equations() -> LinearModel:
        mean, centre = features.mean(axis=0), target.mean()
        covariance = features.T @ features / len(target) - np.outer(mean, mean)
        coefficients = np.linalg.solve(covariance, features.T @ target / len(target) - mean * centre)
        return LinearModel(coefficients, float(centre - mean @ coefficients), names)

    def linear_regression() -> LinearModel:
        fitted = LinearRegression().fit(features, target)
        return LinearModel(fitted.coef_, float(fitted.intercept_), names)

    return {
        "product": lambda: features @ weights,
        "one pass": lambda: learner(SGD(max_passes=1)),
        "certified": lambda: learner(SGD(tol=1e-6)),
        "normal equations": normal_equations,
        "LinearRegression": linear_regression,
    }


def times() -> Figure:
    """Return the picture of time against rows."""
    found = read(TIMES)
    figure = _figure(9.6, 4.6)
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.grid(color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    lowest = 0.0
    for method, (colour, words) in METHODS.items():
        rows = [row for row in found if row["method"] == method]
        numbers, milliseconds = [int(row["rows"]) for row in rows], [1e3 * float(row["seconds"]) for row in rows]
        axes.plot(numbers, milliseconds, color=colour, marker="o", markersize=4.5, linewidth=1.8)
        height = max(milliseconds[-1], lowest)
        axes.annotate(words, (numbers[-1], height), (8, 0), textcoords="offset points", va="center", color=colour)
        lowest = height * LABEL_APART
    axes.set_xlim(8_000, 6e7)
    axes.set_xticks([10**power for power in (4, 5, 6)], ["10,000", "100,000", "1,000,000"])
    axes.minorticks_off()
    axes.set_yticks([10.0**power for power in range(-1, 5)], ["0.1", "1", "10", "100", "1,000", "10,000"])
    axes.set_xlabel("rows of 20 features")
    axes.set_ylabel("milliseconds")
    return figure


# --- learning-whitening.svg ---

FEW_ROWS, BLOCK, STEPS = 2_560, 64, 40
LEVELS = (0.05, 0.3, 0.8, 1.5, 2.4)


class Paths(NamedTuple):
    """The ways to the optimum, as coefficients (steps + 1, 2), and where the average and its correction are."""

    plain: FloatArray
    ours: FloatArray
    average: FloatArray
    corrected: FloatArray


def whitening() -> Figure:
    """Return the picture of the loss before and after whitening, with the ways that two descents take."""
    random = np.random.default_rng(5)
    features = random.standard_normal((FEW_ROWS, 2)) @ np.array([[1.0, 0.85], [0.0, 0.22]])
    features -= features.mean(axis=0)
    target = features @ np.array([4.5, -4.0]) + 0.5 * random.standard_normal(FEW_ROWS)
    target -= target.mean()
    whitener = Preconditioner.from_sample(CentredSample.of(Dataset(features[::10], target[::10], ("a", "b"), "y")))
    # Which way a principal axis points is the processor's choice; the picture's is that of the first feature.
    signs = np.sign(whitener.unwhiten[:, 0])
    whiten, unwhiten = whitener.whiten * signs, whitener.unwhiten * signs[:, None]
    paths, best = _paths(features, target, whiten)
    covariance = features.T @ features / FEW_ROWS
    figure = _figure(9.6, 4.7)
    for position, title in enumerate(("as the features are", "whitened with a sample of 256 rows"), start=1):
        turn = np.eye(2) if position == 1 else unwhiten
        back = np.eye(2) if position == 1 else whiten
        axes = figure.add_subplot(1, 2, position)
        axes.set_title(title)
        axes.set_aspect("equal", adjustable="datalim")
        _draw_contours(axes, back.T @ covariance @ back, turn @ best)
        _draw_paths(axes, Paths(*(path @ turn.T for path in paths)))
        axes.set_xlabel("coefficient of a" if position == 1 else "first whitened coordinate")
        axes.set_ylabel("coefficient of b" if position == 1 else "second whitened coordinate")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _paths(features: FloatArray, target: FloatArray, whiten: FloatArray) -> tuple[Paths, FloatArray]:
    """Return both ways from 0, with blocks of 64 rows, and the optimum (2,); there is no intercept to learn."""
    covariance = features.T @ features / FEW_ROWS
    best = np.linalg.solve(covariance, features.T @ target / FEW_ROWS)
    metric = whiten @ whiten.T
    plain_rate, rate = 0.8 / np.linalg.eigvalsh(covariance)[-1], 1 / (1 + 2 * 2 / BLOCK)
    plain, ours, gradients = [np.zeros(2)], [np.zeros(2)], []
    for step in range(STEPS):
        block = slice(step * BLOCK, (step + 1) * BLOCK)
        plain.append(plain[-1] - plain_rate * features[block].T @ (features[block] @ plain[-1] - target[block]) / BLOCK)
        gradients.append(features[block].T @ (features[block] @ ours[-1] - target[block]) / BLOCK)
        ours.append(ours[-1] - 0.5 * rate / np.sqrt(step + 1) * metric @ gradients[-1])
    average = np.mean(ours[:-1], axis=0)
    return Paths(np.array(plain), np.array(ours), average, average - metric @ np.mean(gradients, axis=0)), best


def _draw_contours(axes: Axes, curvature: FloatArray, best: FloatArray) -> None:
    values, vectors = np.linalg.eigh(curvature)
    angles = np.linspace(0, 2 * np.pi, 73)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    for level in LEVELS:
        x, y = (best + np.sqrt(level) * circle / np.sqrt(values) @ vectors.T).round(4).T
        axes.plot(x, y, color=FAINT, linewidth=1)


def _draw_paths(axes: Axes, paths: Paths) -> None:
    for path, colour, marker, words in (
        (paths.plain, PLAIN, "s", "40 plain steps"),
        (paths.ours, OURS, "o", "40 of this learner's"),
    ):
        axes.plot(*path.round(4).T, color=colour, marker=marker, markersize=3, linewidth=1.2, label=words)
    ends = {"fillstyle": "none", "linestyle": "", "markersize": 7, "markeredgewidth": 1.6}
    axes.plot(*paths.average.round(4), color=INK, marker="D", label="their average", **ends)
    axes.plot(*paths.corrected.round(4), color=CERTIFIED, marker="*", markersize=13, linestyle="", label="corrected")


PICTURES: Mapping[str, Callable[[], Figure]] = {
    "learning-passes.svg": passes,
    "learning-time.svg": times,
    "learning-whitening.svg": whitening,
}


def svg(name: str) -> str:
    """Return a picture as SVG, the same bytes at every call."""
    with mpl.rc_context(STYLE):
        text = io.StringIO()
        PICTURES[name]().savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    # Verdana is as wide as DejaVu Sans, which not every machine has.
    pictured = text.getvalue().replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    lines = (line.rstrip() for line in pictured.splitlines())
    return "\n".join(lines) + "\n"


def _figure(width: float, height: float) -> Figure:
    return Figure((width, height), layout="constrained")


def _write(path: Path, remarks: Iterable[str], header: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
    text = io.StringIO()
    text.writelines(f"# {remark}\n" for remark in remarks)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


def read(path: Path) -> Rows:
    """Return the rows of a file of numbers, without its remarks."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def draw() -> None:
    """Write every picture."""
    for name in PICTURES:
        (HERE / name).write_text(svg(name), encoding="utf-8")


if __name__ == "__main__":
    for work in [{"measure": measure, "follow": follow}[word] for word in sys.argv[1:]]:
        work()
    draw()
