"""`endeavour serve`."""

import click

from entrypoints import logs
from entrypoints.container import Container
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
    address = f"http://{'127.0.0.1' if settings.host in ('0.0.0.0', '::') else settings.host}:{settings.port}"  # noqa: S104  # compared with, not bound to
    click.echo(f"serving on {address}; Ctrl-C ends it; try, in another terminal:")
    click.echo(f"""curl -s {address}/stream -H 'Content-Type: application/json' -d '{{"X": 0.2}}'""")
    click.echo(f"""curl -s {address}/batch -H 'Content-Type: application/json' -d '{{"X": [0.2, 0.5]}}'""")
