"""Command `endeavour doctor`: prints faults of the host and their remedies."""

import os
from collections.abc import Iterator
from dataclasses import asdict

import click

from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.output import as_json, echo, show_json
from entrypoints.container import Container
from entrypoints.doctor import host
from entrypoints.doctor.champion import champion
from entrypoints.doctor.finding import Finding, Severity
from entrypoints.factories import registry_sync
from entrypoints.settings import Settings

MARKS = {Severity.OK: "✓", Severity.WARNING: "!", Severity.ERROR: "✗"}


@click.command()
@as_json
@click.pass_obj
@click.pass_context
def doctor(context: click.Context, container: Container, /, as_json: bool) -> None:
    """Examine settings, disk, registry, local copy, keys and address, and print remedies. Nothing is changed."""
    found = list(_findings(container))
    if as_json:
        show_json([asdict(finding) for finding in found])
    else:
        for finding in found:
            echo(f"{MARKS[finding.severity]} {finding.subject:<9} {finding.message}")
            if finding.remedy:
                echo(f"{'':<11} → {finding.remedy}")
    if any(finding.severity is Severity.ERROR for finding in found):
        context.exit(ExitCode.FAULTS_FOUND)


def _findings(container: Container) -> Iterator[Finding]:
    yield from host.unknown(os.environ)
    settings: Settings = container.settings()
    yield host.configuration(settings)
    yield from host.packages()
    yield host.folder(settings.data_dir, registry_sync.copy_folder(settings))
    yield from champion(container, settings)
    yield from host.keys(settings, container.key_store())
    yield host.server(settings)
