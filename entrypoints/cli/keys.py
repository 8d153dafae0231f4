"""Commands `endeavour keys`: add, list and revoke the keys of clients."""

import click

from domain.access.api_key import ApiKey, Role
from entrypoints.cli.output import as_json, echo, in_columns, moment, show, show_json
from entrypoints.container import Container


@click.group()
def keys() -> None:
    """Add, list and revoke the keys of the server's clients.

    ENDEAVOUR_API_KEYS_FILE names the file; a running server reads it within a second. While there is such a file,
    every request needs a key: `Authorization: Bearer KEY` or `X-API-Key: KEY`.
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
    help="Role of the key; give the option again for more.",
)
@as_json
@click.pass_obj
def add(container: Container, /, name: str, roles: tuple[str, ...], as_json: bool) -> None:
    """Create a key for the client NAME, and print it once.

    To replace a key: add one, change over, and revoke the old one.
    """
    issued = container.issue_key()(name, map(Role, roles))
    # It signs the sessions of the console; an existing one stays.
    container.session_secret().make(container.own_session_secret())
    if as_json:
        show_json({**_facts(issued.key), "key": issued.text})
    else:
        click.echo(issued.text)
        echo(f"key {issued.key.id} of {name} has the roles {_roles(issued.key)}; it is not printed again", err=True)


@keys.command("list")
@as_json
@click.pass_obj
def list_keys(container: Container, /, as_json: bool) -> None:
    """List the valid keys, without their secrets."""
    ring = container.key_store().ring()
    listed = ring.keys if ring else ()
    if listed:
        rows = [(key.id, key.name, _roles(key), moment(key.created)) for key in listed]
        text = in_columns([("id", "name", "roles", "created"), *rows])
    else:
        none = "no keys: the server rejects every client" if ring else "no keys yet"
        text = f"{none}; `endeavour keys add NAME` creates one"
    show(as_json, [_facts(key) for key in listed], text)


@keys.command()
@click.argument("key_id", metavar="ID")
@as_json
@click.pass_obj
def revoke(container: Container, /, key_id: str, as_json: bool) -> None:
    """Revoke the key ID; running servers reject it within a second."""
    key = container.revoke_key()(key_id)
    show(as_json, _facts(key), f"revoked: key {key.id} of {key.name}")


def _facts(key: ApiKey) -> dict[str, object]:
    return {"id": key.id, "name": key.name, "roles": sorted(key.roles), "created": key.created}


def _roles(key: ApiKey) -> str:
    return ", ".join(sorted(key.roles))
