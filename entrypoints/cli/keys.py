"""`endeavour keys`."""

import click

from domain.api_key import ApiKey, Role
from entrypoints.cli.output import as_json, echo, moment, show_json, show_table
from entrypoints.container import Container


@click.group()
def keys() -> None:
    """Say who may use the server.

    ENDEAVOUR_KEYS names the file; a running server reads it within a second. While there is such a file, every request
    needs a key: `Authorization: Bearer KEY` or `X-API-Key: KEY`.
    """


@keys.command()
@click.argument("name")
@click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in Role]),
    multiple=True,
    default=(Role.PREDICT.value,),
    show_default=True,
    help="What the key opens; give it again for more.",
)
@as_json
@click.pass_obj
def add(container: Container, /, name: str, roles: tuple[str, ...], as_json: bool) -> None:
    """Make a key for the client NAME and print it, once. To replace a key: add one, change over, revoke the old one."""
    issued = container.issue_key()(name, map(Role, roles))
    if as_json:
        show_json({**_facts(issued.key), "key": issued.text})
    else:
        click.echo(issued.text)
        echo(f"key {issued.key.id} of {name} opens {_roles(issued.key)}; it is not shown again", err=True)


@keys.command("list")
@as_json
@click.pass_obj
def list_keys(container: Container, /, as_json: bool) -> None:
    """List the keys that are valid, without their secrets."""
    ring = container.key_store().ring()
    listed = ring.keys if ring else ()
    if as_json:
        show_json([_facts(key) for key in listed])
    elif listed:
        rows = [(key.id, key.name, _roles(key), moment(key.created)) for key in listed]
        show_table(("id", "name", "roles", "created"), rows)
    elif ring:
        click.echo("no keys: the server opens to nobody; `endeavour keys add NAME` makes one")
    else:
        click.echo("no keys yet; `endeavour keys add NAME` makes one")


@keys.command()
@click.argument("key_id", metavar="ID")
@as_json
@click.pass_obj
def revoke(container: Container, /, key_id: str, as_json: bool) -> None:
    """Make the key ID worthless, on running servers within a second."""
    key = container.revoke_key()(key_id)
    if as_json:
        show_json(_facts(key))
    else:
        echo(f"revoked: key {key.id} of {key.name}")


def _facts(key: ApiKey) -> dict[str, object]:
    return {"id": key.id, "name": key.name, "roles": sorted(key.roles), "created": key.created}


def _roles(key: ApiKey) -> str:
    return ", ".join(sorted(key.roles))
