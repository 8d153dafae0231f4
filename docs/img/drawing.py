"""Drawing: colors and style of the pictures in docs, and their form as files."""

import io
from collections.abc import Callable

import matplotlib as mpl
from matplotlib.figure import Figure

# Okabe and Ito's colors, which the color-blind can distinguish (2008, "Color universal design").
BLUE, VERMILION, GREEN, ORANGE = "#0072b2", "#d55e00", "#009e73", "#e69f00"
GRAY, INK, FAINT = "#7a8490", "#1f2933", "#d5dae1"
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


def to_svg(figure: Callable[[], Figure]) -> str:
    """Return the picture as SVG, the same bytes at every call."""
    with mpl.rc_context(STYLE):
        text = io.StringIO()
        figure().savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    # Verdana is as wide as DejaVu Sans, which not every machine has.
    pictured = text.getvalue().replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    return "\n".join(line.rstrip() for line in pictured.splitlines()) + "\n"
