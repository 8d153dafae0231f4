"""`endeavour doctor`."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import click

from adapters.mlflow.probe import sqlite_path
from domain.snapshot import Snapshot
from entrypoints.cli.output import as_json, echo, show_json
from entrypoints.container import Container
from entrypoints.diagnosis import champion, configuration, folder, keys, server
from entrypoints.diagnosis.finding import Finding, State, broken, worth_knowing
from entrypoints.serving.prerequisites import INSTALL_TRAINING
from entrypoints.settings import Settings

TO_MEND = 5
MARKS = {State.GOOD: "✓", State.WORTH_KNOWING: "!", State.BROKEN: "✗"}


@click.command()
@as_json
@click.pass_obj
@click.pass_context
def doctor(context: click.Context, container: Container, /, as_json: bool) -> None:
    """Examine settings, disk, registry, local copy, keys and address, and say what to mend. Nothing is changed."""
    found = list(_findings(container))
    if as_json:
        show_json([asdict(finding) for finding in found])
    else:
        for finding in found:
            _show(finding)
    if any(finding.state is State.BROKEN for finding in found):
        context.exit(TO_MEND)


def _findings(container: Container) -> Iterator[Finding]:
    yield from configuration.misspelt(os.environ)
    settings: Settings = container.settings()
    yield from configuration.configuration(settings)
    yield from configuration.packages()
    yield from folder.folder(settings)
    yield from _champion(container, settings)
    yield from keys.keys(settings, container.key_store())
    yield from server.server(settings)


def _champion(container: Container, settings: Settings) -> Iterator[Finding]:
    if settings.store != "mlflow":
        yield from champion.registry(container.store().champion, f"the {settings.store} store", champion.CHECK_FOLDER)
        return

    def copy() -> Snapshot | None:
        return container.last_known_good().snapshot(now=container.clock()())

    over_http = settings.tracking_uri.startswith(("http://", "https://"))
    if missing := _missing_database(settings):
        yield worth_knowing(champion.REGISTRY, f"{missing} is not there yet", "`endeavour train` makes it")
    elif not over_http and not find_spec("mlflow"):
        yield broken(champion.REGISTRY, "a database is read with the package mlflow only", INSTALL_TRAINING)
    else:
        place = container.redaction().text(settings.tracking_uri)
        found = list(champion.registry(champion.as_mirrored(container.champion_source(), copy), place))
        if over_http and find_spec("mlflow"):
            found += champion.through_mlflow(container.mlflow_store().champion, place)
        if find_spec("mlflow") and all(finding.state is not State.BROKEN for finding in found):
            found += champion.training(container.mlflow_tracker().validate)
        yield from found
    yield from champion.copy(copy, bundled=settings.may_answer_bundled)


def _missing_database(settings: Settings) -> Path | None:
    """Return the SQLite file that MLflow's client would make if it were asked anything."""
    path = sqlite_path(settings.tracking_uri)
    return path if path and not path.exists() else None


def _show(finding: Finding) -> None:
    echo(f"{MARKS[finding.state]} {finding.subject:<9} {finding.said}")
    if finding.mend:
        echo(f"{'':<11} → {finding.mend}")
