"""Draws `learning-whitening.svg`, the picture of docs/learning.md: `python -m docs.img.draw_learning`."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from docs.img.drawing import BLUE, FAINT, GRAY, INK, VERMILION, to_svg
from domain.data.dataset import Dataset
from domain.learning.sgd.factor import Factor
from domain.learning.sgd.sample import centered
from domain.learning.sgd.whitening import Whitening

PICTURE = Path(__file__).parent / "learning-whitening.svg"
FloatArray = npt.NDArray[np.float64]

ROWS, BLOCK, STEPS = 2_560, 64, 40
LEVELS = (0.05, 0.3, 0.8, 1.5, 2.4)


class Paths(NamedTuple):
    """Coefficients of both descents, shape (steps + 1, 2), and the average and corrected ones, shape (2,)."""

    plain: FloatArray
    ours: FloatArray
    average: FloatArray
    corrected: FloatArray


def figure() -> Figure:
    """Return the picture of the loss before and after whitening, with the steps of two descents."""
    random = np.random.default_rng(5)
    features = random.standard_normal((ROWS, 2)) @ np.array([[1.0, 0.85], [0.0, 0.22]])
    features -= features.mean(axis=0)
    target = features @ np.array([4.5, -4.0]) + 0.5 * random.standard_normal(ROWS)
    target -= target.mean()
    rows, center = centered(Dataset(features[::10], target[::10], ("a", "b"), "y"))
    factor = Factor.of([rows], center)
    whiten, unwhiten = Whitening(factor, center).embedding[:-1, :-1], factor.features
    covariance = features.T @ features / ROWS
    best = np.linalg.solve(covariance, features.T @ target / ROWS)
    paths = _paths(features, target, whiten)
    drawn = Figure((9.6, 4.7), layout="constrained")
    views = (
        ("as the features are", np.eye(2), np.eye(2), "coefficient of {}", "ab"),
        ("whitened with a sample of 256 rows", unwhiten, whiten, "whitened coordinate {}", "12"),
    )
    for position, (title, turn, back, label, names) in enumerate(views, start=1):
        axes = drawn.add_subplot(1, 2, position)
        axes.set_title(title)
        axes.set_aspect("equal", adjustable="datalim")
        _draw_contours(axes, back.T @ covariance @ back, turn @ best)
        _draw_paths(axes, Paths(*(path @ turn.T for path in paths)))
        axes.set_xlabel(label.format(names[0]))
        axes.set_ylabel(label.format(names[1]))
    drawn.legend(*drawn.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return drawn


def _paths(features: FloatArray, target: FloatArray, whiten: FloatArray) -> Paths:
    """Return both descents from 0 with blocks of 64 rows; there is no intercept to learn."""
    metric = whiten @ whiten.T
    plain_rate, rate = 0.8 * ROWS / np.linalg.norm(features, 2) ** 2, 1 / (1 + 2 * 2 / BLOCK)
    plain, ours, gradients = [np.zeros(2)], [np.zeros(2)], []
    for step in range(STEPS):
        block = slice(step * BLOCK, (step + 1) * BLOCK)
        plain.append(plain[-1] - plain_rate * features[block].T @ (features[block] @ plain[-1] - target[block]) / BLOCK)
        gradients.append(features[block].T @ (features[block] @ ours[-1] - target[block]) / BLOCK)
        ours.append(ours[-1] - 0.5 * rate / np.sqrt(step + 1) * metric @ gradients[-1])
    average = np.mean(ours[:-1], axis=0)
    return Paths(np.array(plain), np.array(ours), average, average - metric @ np.mean(gradients, axis=0))


def _draw_contours(axes: Axes, curvature: FloatArray, best: FloatArray) -> None:
    values, vectors = np.linalg.eigh(curvature)
    stretch = vectors / np.sqrt(values) @ vectors.T  # symmetric: which way an axis points does not matter
    angles = np.linspace(0, 2 * np.pi, 73)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    for level in LEVELS:
        axes.plot(*(best + np.sqrt(level) * circle @ stretch).round(4).T, color=FAINT, linewidth=1)


def _draw_paths(axes: Axes, paths: Paths) -> None:
    for path, color, marker, words in (
        (paths.plain, GRAY, "s", "40 plain steps"),
        (paths.ours, BLUE, "o", "40 steps of this learner"),
    ):
        axes.plot(*path.round(4).T, color=color, marker=marker, markersize=3, linewidth=1.2, label=words)
    axes.plot(
        *paths.average.round(4), color=INK, marker="D", label="their average",
        fillstyle="none", linestyle="", markersize=7, markeredgewidth=1.6,
    )  # fmt: skip
    axes.plot(*paths.corrected.round(4), color=VERMILION, marker="*", markersize=13, linestyle="", label="corrected")


def svg() -> str:
    """Return the picture as SVG, the same bytes at every call."""
    return to_svg(figure)


if __name__ == "__main__":
    PICTURE.write_text(svg(), encoding="utf-8")
