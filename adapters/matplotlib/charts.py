"""Charts of a tracked run: the fit, its errors and losses, how much each column matters, and what each adds."""

import re
from collections.abc import Iterator, Mapping

from adapters.matplotlib.canvas import png
from adapters.matplotlib.column_effect import ColumnEffect
from adapters.matplotlib.comparison_chart import COMPARISON_INCHES, draw_comparison
from adapters.matplotlib.effect_charts import EffectCharts
from adapters.matplotlib.fit_charts import draw_fit, draw_loss, draw_residuals, has_loss_curve, sample_values
from adapters.matplotlib.importance_chart import draw_importance, importance_size
from domain.data.errors import InvalidData
from domain.data.rows import Rows
from domain.features.bound_encoding import BoundEncoding
from domain.learning.plan import Training
from domain.model.effect_parts import effect_parts
from domain.model.linear_model import LinearModel
from domain.ports import Charts

# Columns with a chart of their own, at most.
MAX_EFFECT_CHARTS = 20
# Characters of a column's name that the name of its file has, at most.
MAX_STEM_CHARACTERS = 40


class MatplotlibCharts(Charts):
    """Draws the charts of a training, a fraction of a second each."""

    def draw(self, training: Training) -> Mapping[str, bytes]:
        """Return PNG images by file name.

        `fit.png`, `residuals.png`, `importance.png`, and `effects/<column>.png` of the 20 columns that matter most;
        `loss.png` if there are three passes; `comparison.png` if the held-out rows have the columns of a champion.
        """
        return dict(_charts(training))


def _charts(training: Training) -> Iterator[tuple[str, bytes]]:
    yield "fit.png", png(lambda figure: draw_fit(figure, training))
    yield "residuals.png", png(lambda figure: draw_residuals(figure, training))
    if has_loss_curve(training):
        yield "loss.png", png(lambda figure: draw_loss(figure, training))
    size = importance_size(training.importances)
    yield "importance.png", png(lambda figure: draw_importance(figure, training), size)
    yield from _effects(training)
    model, champion, rows = training.fit.model, training.champion, training.split.test
    if champion and champion != model and _has_columns(champion, rows):
        yield "comparison.png", png(lambda figure: draw_comparison(figure, model, champion, rows), COMPARISON_INCHES)


def _effects(training: Training) -> Iterator[tuple[str, bytes]]:
    """Yield the charts of the columns that matter most."""
    model, rows = training.fit.model, training.split.train
    values, _ = sample_values(model, rows)
    parts = effect_parts(model, training.fit.moments.mean)
    places = [importance.columns[0] for importance in training.importances if len(importance.columns) == 1]
    drawer, stems = EffectCharts(), set[str]()
    for place in places[:MAX_EFFECT_CHARTS]:
        column, terms = model.encoding.columns[place], model.encoding.column_slices[place]
        weights = parts[place].weights(model.coefficients)[terms]
        shape = ColumnEffect(column, weights, values[:, place], rows.target_name, model.target_transform.log)
        yield f"effects/{_file_stem(column.name, stems)}.png", drawer.png(shape)


def _file_stem(name: str, taken: set[str]) -> str:
    """Return a file name for a column, without characters that a path or an address interprets; add it to `taken`.

    Examples
    --------
    >>> taken = set()
    >>> _file_stem("../price / m²", taken), _file_stem("PRICE _ m²", taken)
    ('price_m²', 'PRICE_m²-2')
    """
    stem = re.sub(r"(?:[^\w-]|_)+", "_", name).strip("_")[:MAX_STEM_CHARACTERS] or "column"
    unique, number = stem, 1
    while unique.casefold() in taken:
        number += 1
        unique = f"{stem}-{number}"
    taken.add(unique.casefold())
    return unique


def _has_columns(champion: LinearModel, rows: Rows) -> bool:
    try:
        BoundEncoding(champion.encoding, rows.columns)
    except InvalidData:
        return False
    return True
