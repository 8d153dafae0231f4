"""Stray texts: those of a column that do not fit the format of most of its cells, such as 'Total' among numbers."""

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from adapters.pyarrow.arrays import from_mask, from_texts, to_mask
from adapters.pyarrow.column_survey import ColumnSurvey, Place
from adapters.pyarrow.text_formats import numbers_of
from domain.data.text_formats import TextFormat

# Share of the cells, and their number, up to which stray texts are likely to be mistakes.
MISTAKEN, MAX_MISTAKES = 0.1, 1000


@dataclass(frozen=True, slots=True)
class StrayTexts:
    """Texts that do not fit the format that most cells have.

    Parameters
    ----------
    form : TextFormat
    cells : int
        How many cells have such a text.
    first : Place
        The first of them.
    likely_mistakes : bool
        Whether at most a tenth of the cells have such a text, and at most 1,000.
    rest : ColumnSurvey
        The column as if these cells were empty.
    """

    form: TextFormat
    cells: int
    first: Place
    likely_mistakes: bool
    rest: ColumnSurvey


def stray_texts(survey: ColumnSurvey) -> StrayTexts | None:
    """Return the texts that do not fit the most frequent format; None if fewer than half of the cells have it.

    The survey is of a column whose cells do not agree on a format.
    """
    texts, counts = from_texts([*survey.levels]), np.array([*survey.levels.values()])
    limit = int(counts.sum()) // 2
    with_digit = to_mask(pc.match_substring_regex(texts, r"^\P{L}*[0-9]"))
    if counts[~with_digit].sum() > limit:  # a shortcut: numbers and dates have a digit before any letter
        return None
    numbers = {form: numbers_of(texts, form) for form in survey.candidates if form.kind != "boolean"}
    strays = {form: int(counts[np.isnan(found)].sum()) for form, found in numbers.items()}
    form = min(strays, key=lambda each: strays[each], default=None)
    if form is None or strays[form] > limit:
        return None
    cells, wrong = strays[form], np.isnan(numbers[form])
    formats = tuple(each for each, found in numbers.items() if np.array_equal(np.isnan(found), wrong))
    rest = survey.restricted(formats, texts.filter(from_mask(~wrong)), texts.filter(from_mask(wrong)), cells)
    mistakes = cells <= min(MAX_MISTAKES, MISTAKEN * survey.filled)
    return StrayTexts(form, cells, survey.misfits[form], mistakes, rest)
