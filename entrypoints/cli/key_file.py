"""Key file: the option of commands that read servers, and the key in the file."""

from pathlib import Path

import click

MAX_BYTES = 4096


def _key(_: click.Context, __: click.Parameter, path: Path | None) -> str:
    if path is None:
        return ""
    with path.open("rb") as file:
        key = file.read(MAX_BYTES).strip()
    if not key or not key.isascii() or not key.decode().isprintable():
        raise click.BadParameter(f"{path} holds no API key")
    return key.decode()


with_key = click.option(
    "--key-file",
    "key",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    callback=_key,
    metavar="FILE",
    help="File with an API key, if the server asks for one.",
)
