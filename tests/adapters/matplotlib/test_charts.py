import io
import os
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib import image

from adapters.matplotlib.charts import MatplotlibCharts
from tests.support.examples import a_training

# Gives each color a number of its own; sorting numbers takes a hundredth of the time of sorting rows.
SHADES = np.array([1, 256, 65_536, 0], dtype=np.float32)


@pytest.mark.parametrize("training", [a_training(features=1), a_training(features=3), a_training(rows=20_000)])
def test_three_charts_are_drawn_and_leave_no_global_figure(training):
    pictures = MatplotlibCharts().draw(training)

    assert set(pictures) == {"fit.png", "residuals.png", "loss.png"}
    for png in pictures.values():
        pixels = image.imread(io.BytesIO(png), format="png")
        assert pixels.shape[:2] == (540, 840)  # 7 × 4.5 inches at 120 dots
        assert len(np.unique(pixels @ SHADES)) > 20
    assert plt.get_fignums() == []


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
