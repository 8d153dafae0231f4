"""Command `endeavour status`: shows whether a server needs an operator, and what it does."""

from collections.abc import Iterator
from typing import Any

import click

from domain.monitoring.condition import Kind
from domain.monitoring.wording import amount, percent
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.key_file import with_key
from entrypoints.cli.output import as_json, echo, in_columns, show_json
from entrypoints.cli.server_answer import ServerUnavailable, server_answer
from entrypoints.container import Container
from entrypoints.network import local_address
from entrypoints.settings import Settings

PATH = "/status"
NEEDS_OPERATOR = (Kind.LOOK, Kind.BAD)
SHOWN_CHANGES = 5
HEADER = ("version", "role", "share", "answered", "failed", "p99", "R²")


def _urls(_: click.Context, __: click.Parameter, urls: tuple[str, ...]) -> tuple[str, ...]:
    for url in urls:
        if not url.startswith(("http://", "https://")):
            raise click.BadParameter("an address begins with http:// or https://")
    return urls


@click.command()
@click.option("--url", "urls", multiple=True, callback=_urls, metavar="URL", help="Of a server; again for more.")
@with_key
@as_json
@click.pass_context
def status(context: click.Context, /, urls: tuple[str, ...], key: str, as_json: bool) -> None:
    """Show the condition of the server on this machine, or of those that --url names; exit code 5 if it needs you."""
    container: Container = context.obj
    found = {url: server_answer(url, PATH, key) for url in urls or (_here(container.settings()),)}
    if as_json:
        show_json([*found.values()] if len(urls) > 1 else next(iter(found.values())))
    else:
        for url, answer in found.items():
            _print(url, answer)
    if any(answer["condition"]["kind"] in NEEDS_OPERATOR for answer in found.values()):
        context.exit(ExitCode.FAULTS_FOUND)


def _here(settings: Settings) -> str:
    address = local_address(settings.host)
    return f"http://[{address}]:{settings.port}" if ":" in address else f"http://{address}:{settings.port}"


def _print(url: str, answer: dict[str, Any]) -> None:
    try:
        text = "\n".join(_lines(answer))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ServerUnavailable(url, "its answer is not that of this release of Endeavour") from error
    echo(text)


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    condition, traffic = answer["condition"], answer["traffic"]
    yield condition["sentence"]
    yield from filter(None, (condition["reason"], condition["next"]))
    yield (
        f"{traffic['per_second']:.3g} requests a second; in the last {traffic['minutes']} min "
        f"{amount(traffic['answered'])} answered, {amount(traffic['failed'])} failed; {answer['scope']['name']} only"
    )
    fleet = answer["fleet"]
    if fleet["hosts"] > 1:
        yield (
            f"{fleet['per_second']:.3g} requests a second on all; {amount(fleet['answered'])} answered, "
            f"{amount(fleet['failed'])} failed; {answer['scope']['sentence']}"
        )
    yield in_columns([HEADER, *map(_row, answer["versions"])])
    for change in answer["changes"][:SHOWN_CHANGES]:
        yield f"{change['at'][:16].replace('T', ' ')} UTC  {change['sentence']}"


def _row(version: dict[str, Any]) -> tuple[str, ...]:
    p99 = version["p99_seconds"]
    return (
        version["name"],
        version["role"],
        percent(version["share"]),
        amount(version["answered"]),
        amount(version["failed"]),
        "" if p99 is None else f"{1000 * p99:.3g} ms",
        f"{version['scores']['r2']:.4f}",
    )
