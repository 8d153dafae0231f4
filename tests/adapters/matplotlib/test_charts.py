import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import image

import adapters.matplotlib.charts
import adapters.matplotlib.importance_chart
from adapters.matplotlib.canvas import PlainNumbers
from adapters.matplotlib.charts import MatplotlibCharts
from tests.support.examples import a_hostile_training, a_model, a_training

# Gives each color a number of its own; sorting numbers takes a hundredth of the time of sorting rows.
SHADES = np.array([1, 256, 65_536, 0], dtype=np.float32)
ALWAYS = {"fit.png", "residuals.png", "importance.png"}
OF_HOSTILE_NAMES = {f"effects/{name}.png" for name in ("a_b_x", "script", "A_B_X-2", "größe", "only")}


@pytest.mark.parametrize(
    ("training", "others"),
    [
        (a_training(features=1), {"effects/x0.png"}),
        (
            replace(a_training(), champion=a_training(features=1).fit.model),
            {"comparison.png", "effects/x0.png", "effects/x1.png"},
        ),
        (replace(a_training(features=1, rows=20_000), champion=a_model()), {"effects/x0.png"}),
        (a_hostile_training(), OF_HOSTILE_NAMES),
        (a_hostile_training(log_target=True), OF_HOSTILE_NAMES),
    ],
)
def test_charts_are_drawn_and_leave_no_global_figure(training, others):
    pictures = MatplotlibCharts().draw(training)

    assert set(pictures) == ALWAYS | others
    for png in pictures.values():
        pixels = image.imread(io.BytesIO(png), format="png")
        assert max(pixels.shape) <= 1_140  # 9.5 inches at 120 dots
        assert len(np.unique(pixels @ SHADES)) > 20
    assert plt.get_fignums() == []


def test_charts_of_many_columns_are_bounded_and_a_loss_curve_has_three_passes(monkeypatch):
    monkeypatch.setattr(adapters.matplotlib.charts, "MAX_EFFECT_CHARTS", 1)
    monkeypatch.setattr(adapters.matplotlib.importance_chart, "MAX_BARS", 1)
    training = a_training(features=3)
    report = replace(training.fit.report, losses=(3.0, 2.0, 1.0))

    pictures = MatplotlibCharts().draw(replace(training, fit=replace(training.fit, report=report)))

    assert set(pictures) == ALWAYS | {"loss.png", "effects/x2.png"}


def test_numbers_of_an_axis_are_plain():
    for values, texts in (
        ([0, 0.25, 0.5], ["0", "0.25", "0.50"]),
        ([1990, 2000], ["1990", "2000"]),
        ([-20_000, 0], ["−20,000", "0"]),
        ([1.5e6, 2e6], ["1.5 M", "2.0 M"]),
        ([1_000_000.5, 1_000_001], ["1,000,000.5", "1,000,001.0"]),
        ([2e9, 4e9], ["2 bn", "4 bn"]),
        ([1e-9, 1e150], ["1e-09", "1e+150"]),
    ):
        assert PlainNumbers().format_ticks(values) == texts


@pytest.mark.parametrize(
    ("folder", "setting"), [("matplotlib", b"text.usetex: True\nsavefig.dpi: 20000"), (".", b"\xff")]
)
def test_configuration_of_folder_and_user_is_not_read(tmp_path, folder, setting):
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / "matplotlibrc").write_bytes(setting)
    places = {"XDG_CONFIG_HOME": str(tmp_path), "MPLBACKEND": "none", "PYTHONPATH": str(Path(__file__).parents[3])}
    draw = (
        "from os import getcwd; here = getcwd()\n"
        "from adapters.matplotlib.charts import MatplotlibCharts; from tests.support.examples import a_training\n"
        "MatplotlibCharts().draw(a_training()); assert getcwd() == here"
    )

    subprocess.run([sys.executable, "-c", draw], cwd=tmp_path, env={**os.environ, **places}, check=True)
