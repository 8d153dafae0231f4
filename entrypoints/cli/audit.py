"""Command `endeavour audit`: examines the ledger of promotions, rollbacks and rollouts."""

from dataclasses import asdict

import click
from marshmallow import ValidationError

from application.audit.verify_ledger import LedgerVerification
from domain.ports import WitnessReport
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.output import as_json, echo, show_json
from entrypoints.container import Container
from entrypoints.environment import replicas


@click.group()
def audit() -> None:
    """Examine the ledger of promotions, rollbacks and rollouts."""


def _urls(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(url for text in texts for url in replicas(text))
    except ValidationError as error:
        raise click.BadParameter(str(error.messages[0])) from error


@audit.command()
@click.option(
    "--witness",
    "witnesses",
    metavar="URL",
    multiple=True,
    callback=_urls,
    help="Address of a serving host's metrics, such as http://web-1:9100; again for more.  "
    "[default: those of ENDEAVOUR_REPLICAS]",
)
@as_json
@click.pass_obj
@click.pass_context
def verify(context: click.Context, container: Container, /, witnesses: tuple[str, ...], as_json: bool) -> None:
    """Find entries that were changed, removed or reordered, and changes of champion without an entry.

    A witness is a serving host: it remembers the last entry that it has seen. Nothing is changed.
    """
    found = container.verify_ledger()(witnesses or container.settings().replicas)
    if as_json:
        show_json(asdict(found))
    else:
        _print(found)
    if found.problems:
        context.exit(ExitCode.FAULTS_FOUND)
    if any(witness.problem for witness in found.witnesses):
        context.exit(ExitCode.UNAVAILABLE)


def _print(found: LedgerVerification) -> None:
    for witness in found.witnesses:
        echo(f"witness {witness.name}: {_seen(witness)}")
    for problem in found.problems:
        echo(f"✗ {problem}")
    if not found.problems:
        last = f"entry {found.head.number} is the last, with the hash {found.head.hash}"
        echo(f"✓ the ledger is {f'whole: {last}' if found.head.number else 'empty'}")


def _seen(witness: WitnessReport) -> str:
    if witness.problem:
        return f"not read: {witness.problem}"
    return (
        f"has seen entry {witness.head.number}"
        if witness.head.number
        else "has seen no entry, so that it proves nothing"
    )
