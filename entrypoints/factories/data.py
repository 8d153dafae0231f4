"""Data: the tables that are read, scored and counted, and the charts of a run."""

from typing import TYPE_CHECKING, Any

from domain.ports import BatchScorer, Charts, DatasetSource, TableCounter
from entrypoints.git_revision import release
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from adapters.dask.cluster import DaskCluster


def dataset_source(
    settings: Settings, place: str, without: str | None = None, cluster: "DaskCluster | None" = None, **options: Any
) -> DatasetSource:
    """Return the source of the tables at `place`, a file, folder or pattern, without the files at `without`.

    The `cluster` reads the rows, if there is one. `options` are those of `TableSource`: `na` and `encoding`.
    """
    from adapters.pyarrow.table_source import TableSource

    if cluster is None:
        return TableSource(place, settings.memory_budget_bytes, without, **options)
    from adapters.dask.dask_source import DaskSource

    return DaskSource(TableSource(place, 0, without, parquet_only=True, **options), cluster.rounds)


def batch_scorer(place: str, output: str, cluster: "DaskCluster | None" = None, **options: Any) -> BatchScorer:
    """Return the scorer of the tables at `place`, whose files the `cluster` scores, if there is one.

    `options` are those of `TableScorer`, without `program` and `runner`.
    """
    from adapters.pyarrow.scoring.table_scorer import TableScorer

    return TableScorer(place, output, release(), **options | ({"runner": cluster.file_runner} if cluster else {}))


def table_counter(place: str, **options: Any) -> TableCounter:
    """Return the counter of the tables at `place`; `options` are those of `ArrowTableCounter`."""
    from adapters.pyarrow.scoring.table_counter import ArrowTableCounter

    return ArrowTableCounter(place, **options)


def charts() -> Charts:
    """Return the drawer of the charts of a run."""
    from adapters.matplotlib.charts import MatplotlibCharts

    return MatplotlibCharts()
