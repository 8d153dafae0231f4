"""Batch scoring of `endeavour predict --data`: predicts every row of a table, and prints what was scored."""

from collections.abc import Mapping
from typing import Any

import click

from application.scoring.score_table import ScoringOutcome
from domain.model.scoring import OnBadRow
from entrypoints.cli.name_list import names_of
from entrypoints.cli.output import in_columns, show
from entrypoints.cli.progress import shown_scoring
from entrypoints.container import Container


def score_data(
    container: Container,
    *,
    data: str,
    output: str | None,
    version: str | None,
    on_bad_row: OnBadRow | None,
    as_json: bool,
    keep: str | None,
    na: str | None,
    dask: str | None,
    **options: Any,
) -> None:
    """Score the table at `data` into the folder `output`; `options` are others of `batch_scorer`."""
    if output is None:
        raise click.UsageError("--data needs --output: a folder for the predictions")
    lists = {"keep": keep, "na": na}
    options |= {name: names_of(text, f"--{name}") for name, text in lists.items() if text is not None}
    given = {name: value for name, value in options.items() if value is not None}
    with container.dask_cluster(dask or container.settings().dask) as cluster:
        score_table = container.score_table(scorer=container.batch_scorer(data, output, cluster, **given))
        with shown_scoring() as on_progress:
            outcome = score_table(version, on_bad_row or "stop", on_progress)
    show(as_json, _facts(outcome), in_columns(_summary(outcome)))


def _facts(outcome: ScoringOutcome) -> dict[str, object]:
    scored = outcome.scored
    return {
        "version": outcome.version.name,
        "digest": outcome.version.model.digest,
        "output": scored.place,
        "files": scored.files,
        "kept_files": scored.kept_files,
        **scored.counts.as_dict(),
    }


def _summary(outcome: ScoringOutcome) -> list[tuple[str, str]]:
    scored, counts = outcome.scored, outcome.scored.counts
    files = "1 file" if scored.files == 1 else f"{scored.files} files"
    earlier = f", {scored.kept_files} of them by an earlier run" if scored.kept_files else ""
    lines = [("version", outcome.version.name), ("scored", f"{counts.rows:,} rows in {files}{earlier}")]
    if counts.bad_rows:
        rows = "1 row" if counts.bad_rows == 1 else f"{counts.bad_rows:,} rows"
        lines.append(("null", f"{rows} without a prediction: {_counted(counts.bad_cells)}"))
    if counts.unseen_levels:
        lines.append(("unseen", f"rows with a text that the training rows lack: {_counted(counts.unseen_levels)}"))
    if counts.filled_values:
        lines.append(("filled", f"rows with an empty cell: {_counted(counts.filled_values)}"))
    return [*lines, ("output", scored.place)]


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
