"""The diabetes data, as the default experiment splits them."""

from pathlib import Path

import numpy as np

from domain.data.dataset import Dataset
from domain.data.split import HoldOutLast

DATA = Path(__file__).parents[2] / "entrypoints/data/diabetes.csv"

_header = DATA.read_text().splitlines()[0].split(",")
_values = np.loadtxt(DATA, delimiter=",", skiprows=1)
DIABETES = HoldOutLast(20)(Dataset(_values[:, :-1], _values[:, -1], tuple(_header[:-1]), _header[-1]))
