"""How far a fit has come, while it runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress as Display
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from domain.sgd import OnProgress, Progress
from entrypoints.signals import refuse_to_go_on


@contextmanager
def shown_progress() -> Iterator[OnProgress]:
    """Show rows, passes, loss and certificate on a terminal, and nothing elsewhere; they vanish at the end."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Display(*columns, console=console, transient=True, disable=not console.is_terminal) as display:
        task = display.add_task("reading", total=None)

        def on_progress(progress: Progress) -> None:
            refuse_to_go_on()
            display.update(task, description=_in_words(progress))

        yield on_progress


def _in_words(progress: Progress) -> str:
    """Return one line, such as `certificate · passes 1 · rows 1,400,000 · loss 0.249 · excess 1.8e-08`."""
    parts = [progress.phase, f"passes {progress.passes}", f"rows {progress.rows_seen:,}"]
    if progress.loss is not None:
        parts.append(f"loss {progress.loss:.6g}")
    if progress.excess_risk is not None:
        parts.append(f"excess {progress.excess_risk:.1e}")
    return " · ".join(parts)
