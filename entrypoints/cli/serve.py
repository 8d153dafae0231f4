"""`endeavour serve`."""

import dataclasses
import json

import click
from dependency_injector import providers

from entrypoints.cli.output import echo
from entrypoints.container import Container
from entrypoints.example_requests import examples
from entrypoints.network import local_address
from entrypoints.observability import logs


@click.command()
@click.option("--allow-anonymous", is_flag=True, help="Without keys, answer every client, also on a public address.")
@click.pass_obj
def serve(container: Container, /, allow_anonymous: bool) -> None:
    """Answer POST /stream and POST /batch with the model in production.

    ENDEAVOUR_HOST, ENDEAVOUR_PORT and ENDEAVOUR_WORKERS set the address and the number of processes. A promotion is
    served within seconds, without a restart. While MLflow is away the last known model answers; a new host answers with
    the bundled model under the default name of ENDEAVOUR_MODEL_NAME, and is not ready under any other.

    Where there are keys (`endeavour keys`), every request needs one. Without keys, only clients on this host are
    served, unless --allow-anonymous or ENDEAVOUR_ALLOW_ANONYMOUS=true allows others.
    """
    from entrypoints.server.launcher import serve as run_server

    settings = container.settings()
    if allow_anonymous:
        settings = dataclasses.replace(settings, allow_anonymous=True)
        container.settings.override(providers.Object(settings))
    logs.configure_without_waiting(settings.log_level)
    keyed = container.key_store().ring() is not None
    run_server(container, on_ready=lambda: _print_commands(container, keyed))


def _print_commands(container: Container, keyed: bool) -> None:
    """Print two commands that fit the served model, or the reason why there is none.

    The model is read where the workers read it, because their routes may need a key.
    """
    settings = container.settings()
    address = f"http://{_host(settings.host)}:{settings.port}"
    snapshot, why = container.refresh_current_model().resolve()
    if snapshot is None:
        echo(f"serving on {address}; Ctrl-C ends it; not ready, predictions get 503: {why}")
        return
    one, many = examples(snapshot.version.model.feature_names)
    key = ' -H "Authorization: Bearer $KEY"' if keyed else ""
    where = "in another terminal, after KEY=<a key>" if keyed else "in another terminal"
    echo(f"serving on {address}; Ctrl-C ends it; try, {where}:")
    for path, rows in (("stream", one), ("batch", many)):
        body = json.dumps({"X": rows}, ensure_ascii=False).replace("'", "'\\''")
        echo(f"curl -s {address}/{path}{key} -H 'Content-Type: application/json' -d '{body}'")


def _host(host: str) -> str:
    """Return the host as a URL on this machine has it."""
    local = local_address(host)
    return f"[{local}]" if ":" in local else local
