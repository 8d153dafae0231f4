"""File predictor: predictions for batches of one file, with errors that name its rows."""

import numpy as np
import pyarrow as pa

from adapters.pyarrow.arrays import from_array
from adapters.pyarrow.cells import to_text
from adapters.pyarrow.scoring.feature_cells import FeatureCells, MisfitError, feature_cells
from adapters.pyarrow.scoring.file_task import FileTask, ScoringPlan
from adapters.pyarrow.scoring.table_file import TableBatch, TableFile
from domain.data.arrays import FloatArray
from domain.data.errors import UnreadableData
from domain.data.quoting import quoted
from domain.model.errors import InvalidRow, UnpredictableCell, WrongCell
from domain.model.scoring import PREDICTION, Scored, ScoredBlock, score_block

# Rows that are predicted at once: their values stay in the cache of a core.
PREDICTED_ROWS = 8192


class FilePredictor:
    """Predictions for the batches of one file.

    Parameters
    ----------
    plan : ScoringPlan
    task : FileTask
    source : TableFile
    """

    def __init__(self, plan: ScoringPlan, task: FileTask, source: TableFile) -> None:
        self._place, self._source = str(task.source), source
        self._model, self._on_bad_row, self._intervals = plan.model, plan.options.on_bad_row, plan.intervals
        self._cells = feature_cells(plan.model.encoding, plan.options.markers)

    def predict(self, batch: TableBatch) -> tuple[list[pa.Array], Scored]:
        """Return the predictions of a batch and the ends of their intervals, null for bad rows, and its counts."""
        columns = [
            self._values(cells, feature, batch) for cells, feature in zip(self._cells, batch.features, strict=True)
        ]
        count = len(columns[0])
        predicted, bad = np.empty((3 if self._intervals else 1, count)), np.zeros(count, np.bool_)
        counts = Scored()
        for start in range(0, count, PREDICTED_ROWS):
            rows = slice(start, start + PREDICTED_ROWS)
            block = self._block(np.column_stack([column[rows] for column in columns]), batch.first + start)
            predicted[0, rows], counts = block.predictions, counts + block.counts
            if block.bounds is not None:
                predicted[1:, rows] = block.bounds.T
            if block.bad is not None:
                bad[rows] = block.bad
        return [from_array(column, bad if counts.bad_rows else None) for column in predicted], counts

    def _values(self, cells: FeatureCells, feature: pa.Array, batch: TableBatch) -> FloatArray:
        name = cells.column.name
        try:
            return cells.values(feature)
        except MisfitError as error:
            row, unit = self._source.location(batch.first + error.position)
            why = f"{quoted(_text(feature[error.position : error.position + 1]))} is not {error.expected}"
            raise WrongCell(row, name, why, self._place, unit) from None
        except pa.ArrowInvalid:
            why = f"column {quoted(name)} is not UTF-8; read the file with --encoding latin-1"
            raise UnreadableData(self._place, why) from None

    def _block(self, values: FloatArray, first: int) -> ScoredBlock:
        try:
            return score_block(self._model, values, self._on_bad_row, self._intervals)
        except InvalidRow as error:
            row, unit = self._source.location(first + error.row)
            name, why = error.field or PREDICTION, error.why
            if error.field and np.isnan(values[error.row, self._model.feature_names.index(error.field)]):
                why = "is empty, which it was in no row that the model has learned from"
            raise UnpredictableCell(row, name, why, self._place, unit) from None


def _text(cell: pa.Array) -> str:
    """Return the one cell as text; Python has no object for some moments."""
    try:
        text = to_text(cell)[0].as_py()
    except pa.ArrowException:
        return str(cell.type)
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)
