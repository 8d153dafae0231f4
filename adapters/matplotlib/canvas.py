"""Canvas: figures without global state, axes with plain numbers, and texts that matplotlib does not interpret."""

import io
import warnings
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from domain.data.arrays import FloatArray, Mask
from domain.data.number_text import MAX_PLAIN, MIN_PLAIN, number_text

SIZE_INCHES = (7.0, 4.5)
DOTS_PER_INCH = 120
# Ticks are multiples of these.
STEPS = (1, 2, 2.5, 5, 10)
# Range of logarithms whose evenly spaced factors are no crowd at one end.
MAX_LINEAR_LOGARITHMS = 1.5
# Characters of a name in a picture, at most.
MAX_NAME_CHARACTERS = 36

# Okabe and Ito's colors, which the color-blind can distinguish (2008, "Color universal design").
BLUE, ORANGE, INK, FAINT, PALE = "#0072b2", "#d55e00", "#1f2933", "#7a8490", "#a9c4de"


def png(draw: Callable[[Figure], None], size: tuple[float, float] = SIZE_INCHES) -> bytes:
    """Return what `draw` puts on a new figure of `size` inches."""
    canvas = new_canvas(size)
    return redrawn(canvas, lambda: draw(canvas.figure))


def new_canvas(size: tuple[float, float]) -> FigureCanvasAgg:
    """Return the pixels of an empty figure of `size` inches."""
    return FigureCanvasAgg(Figure(figsize=size, dpi=DOTS_PER_INCH))


def redrawn(canvas: FigureCanvasAgg, draw: Callable[[], None]) -> bytes:
    """Return what is on the figure of `canvas` after `draw`."""
    image = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a box stands for a character without a glyph
        draw()
        canvas.print_png(image, pil_kwargs={"compress_level": 3})  # type: ignore[no-untyped-call]  # matplotlib does not annotate it
    return image.getvalue()


def plain_axes(figure: Figure, place: tuple[float, float, float, float], numbers: str = "xy") -> Axes:
    """Return axes at `place` (left, bottom, width and height as shares) with plain `numbers`.

    A layout that matplotlib computes would take a third of the time of drawing.
    """
    axes = figure.add_axes(place)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=9)
    for name in numbers:
        axis = axes.xaxis if name == "x" else axes.yaxis
        axis.set_major_locator(MaxNLocator(6, steps=STEPS))
        axis.set_major_formatter(PlainNumbers())
    return axes


def headline(figure: Figure, title: str, subtitle: str = "", left: float = 0.03) -> None:
    """Write the title, and a smaller line below it."""
    inch = 1 / figure.get_figheight()
    figure.text(left, 1 - 0.16 * inch, title, fontsize=12, fontweight="bold", color=INK, va="top")
    figure.text(left, 1 - 0.42 * inch, subtitle, fontsize=9, color=FAINT, va="top")


def bar_axes(figure: Figure, names: Sequence[str], above: float, below: float) -> Axes:
    """Return axes for a horizontal bar for each of the names, with these inches above and below."""
    width, height = figure.get_size_inches().tolist()
    left = (0.35 + 0.08 * max(map(len, names), default=0)) / width
    axes = plain_axes(figure, (left, below / height, 0.96 - left, 1 - (above + below) / height), "x")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    return axes


def shown(text: str, limit: int = MAX_NAME_CHARACTERS) -> str:
    r"""Return a name of the table, cut, and with each `$` escaped, which would start a formula.

    Examples
    --------
    >>> shown("cost in $", limit=7)
    'cost i…'
    """
    return (text if len(text) <= limit else f"{text[: limit - 1]}…").replace("$", r"\$")


class PlainNumbers(Formatter):
    """Writes 1.25 M instead of an offset and 1e6, with the same decimals at all ticks."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the text of a single number."""
        del pos
        return self.format_ticks([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Return the texts of the numbers of an axis."""
        ticks = np.asarray(values, dtype=np.float64)
        top = float(np.abs(ticks[self._in_view(ticks)]).max(initial=0.0))
        steps = np.diff(np.unique(ticks))
        step = float(steps.min()) if len(steps) else top
        if top and not MIN_PLAIN <= top < MAX_PLAIN:
            return [f"{tick:.3g}" for tick in values]
        unit, suffix = next(
            ((unit, suffix) for unit, suffix in ((1e9, " bn"), (1e6, " M")) if top >= unit and step >= unit / 100),
            (1.0, ""),
        )
        decimals = next((count for count in range(9) if _is_exact(ticks / unit, count, step / unit)), 9)
        texts = [f"{tick / unit:,.{decimals}f}" for tick in values]
        # Years and other numbers of four digits have no separator.
        if top / unit < 10_000:  # noqa: PLR2004  # as the comment has it
            texts = [text.replace(",", "") for text in texts]
        return [(text.replace("-", "−") + suffix) if tick else "0" for text, tick in zip(texts, ticks, strict=True)]

    def _in_view(self, ticks: FloatArray) -> Mask:
        """Return which of the ticks the axis shows; some lie beyond its ends."""
        low, high = sorted(self.axis.get_view_interval()) if self.axis else (-np.inf, np.inf)
        shows: Mask = (ticks >= low) & (ticks <= high)
        return shows


class FactorLocator(MaxNLocator):
    """Places ticks at the logarithms of round factors."""

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """Return the places of the ticks of an axis from `vmin` to `vmax`."""
        if vmax - vmin > MAX_LINEAR_LOGARITHMS:
            decades = np.arange(np.floor(vmin / np.log(10)), np.ceil(vmax / np.log(10)) + 1)
            powers = decades[:, np.newaxis] * np.log(10) + np.log([1, 2, 5])
            places = powers.ravel() if vmax - vmin < MAX_LINEAR_LOGARITHMS**2 else powers[:: 1 + len(decades) // 8, 0]
            return [float(place) for place in places if vmin <= place <= vmax]
        factors = super().tick_values(np.exp(vmin), np.exp(vmax))
        return [float(np.log(factor)) for factor in factors if factor > 0]


def _is_exact(ticks: FloatArray, decimals: int, step: float) -> bool:
    return bool((np.abs(np.round(ticks, decimals) - ticks) <= 1e-6 * step).all())


def as_factors(axis: Axis) -> None:
    """Write the logarithms on an axis as factors."""
    axis.set_major_locator(FactorLocator(6, steps=STEPS))
    axis.set_major_formatter(Factors())


class Factors(Formatter):
    """Writes ×1.2 for the logarithm of 1.2."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the text of a single number."""
        del pos
        return f"×{number_text(float(np.exp(min(max(x, -700.0), 700.0))), 3)}"
