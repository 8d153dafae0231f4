"""`endeavour serve`."""

import json
from urllib.request import urlopen

import click

from entrypoints import logs
from entrypoints.container import Container
from entrypoints.examples import examples
from entrypoints.serving.address import local_address
from entrypoints.settings import Settings


@click.command()
@click.pass_obj
def serve(container: Container, /) -> None:
    """Answer POST /stream and POST /batch with the model in production.

    ENDEAVOUR_HOST, ENDEAVOUR_PORT and ENDEAVOUR_WORKERS say where and with how many processes. A promotion is served
    within seconds, without a restart; without MLflow the last known model answers, and without that the bundled one.
    """
    from entrypoints.serving.server import serve as run_server

    settings = container.settings()
    logs.configure(settings.log_level)
    run_server(settings, on_ready=lambda: _say_how_to_try(settings))


def _say_how_to_try(settings: Settings) -> None:
    """End the start with two commands that fit the model being served."""
    address = f"http://{_host(settings.host)}:{settings.port}"
    with urlopen(f"{address}/model", timeout=5) as answer:  # noqa: S310  # our own address
        one, many = examples(json.load(answer)["features"])
    click.echo(f"serving on {address}; Ctrl-C ends it; try, in another terminal:")
    for path, rows in (("stream", one), ("batch", many)):
        body = json.dumps({"X": rows}, ensure_ascii=False).replace("'", "'\\''")
        click.echo(f"curl -s {address}/{path} -H 'Content-Type: application/json' -d '{body}'")


def _host(host: str) -> str:
    """Return the host as an address in this machine's browser has it."""
    local = local_address(host)
    return f"[{local}]" if ":" in local else local
