"""Command `endeavour serve`: starts the server, and prints how to try it."""

import json
import os
from collections.abc import Callable
from typing import Any

import click
from marshmallow.validate import Range

from entrypoints.cli.output import echo
from entrypoints.container import Container
from entrypoints.example_requests import examples
from entrypoints.network import listening_address, local_address
from entrypoints.observability import logs
from entrypoints.settings import DECLARED, log_unknown_settings


def _setting_option(name: str) -> Callable[..., Any]:
    """Return the option `--NAME`, which takes precedence over the setting's variable."""
    setting = DECLARED[name]
    bounds = setting.rule if isinstance(setting.rule, Range) else None
    kind = click.IntRange(int(bounds.min), int(bounds.max)) if bounds else click.STRING
    text = f"{setting.help[0].upper()}{setting.help[1:]}.  [default: {setting.variable}, else {setting.default}]"
    return click.option(f"--{name}", type=kind, help=text)


@click.command()
@_setting_option("host")
@_setting_option("port")
@_setting_option("workers")
@click.option("--allow-anonymous", is_flag=True, help="Without keys, answer every client, also on a public address.")
@click.option("--dry-run", is_flag=True, help="Validate settings, keys and address, and start nothing.")
@click.pass_obj
def serve(container: Container, /, dry_run: bool, allow_anonymous: bool, **options: object) -> None:
    """Answer POST /stream and POST /batch with the champion.

    A promotion is served within seconds, without a restart. While MLflow is away the last known champion answers. A new
    host answers with the bundled model under the default ENDEAVOUR_MODEL_NAME, and is not ready under any other.

    Where there are keys (`endeavour keys`), every request needs one. Without keys, only clients on this host are
    served, unless --allow-anonymous or ENDEAVOUR_ALLOW_ANONYMOUS=true allows others.
    """
    options["allow_anonymous"] = "true" if allow_anonymous else None
    # The settings are read from the environment, here and in the processes that this one starts.
    os.environ.update({DECLARED[name].variable: str(value) for name, value in options.items() if value is not None})
    settings = container.settings()
    if dry_run:
        log_unknown_settings(os.environ)
        _validate(container)
        return
    from entrypoints.server.launcher import serve as run_server

    logs.configure_without_waiting(settings.log_level)
    keyed = container.key_store().ring() is not None
    run_server(container, on_ready=lambda: _print_commands(container, keyed))


def _validate(container: Container) -> None:
    """Raise what would keep a server from starting."""
    from entrypoints.server.access_policy import reject_http_env_vars, resolve_anonymous_access

    settings = container.settings()
    reject_http_env_vars(os.environ)
    address = listening_address(settings)
    container.feedback_keys()
    resolve_anonymous_access(settings, settings.advertised_address or address, container.key_store())


def _print_commands(container: Container, keyed: bool) -> None:
    """Print two commands with plausible rows for the served model, or the reason why there is none.

    The model is read where the workers read it, because their routes may need a key.
    """
    settings = container.settings()
    address = f"http://{_host(settings.host)}:{settings.port}"
    models, why = container.refresh_current_model().resolve()
    if models is None:
        echo(f"serving on {address}; Ctrl-C ends it; not ready, predictions get 503: {why}")
        return
    served = models.champion.version
    one, many = examples(served.model.encoding, served.reference_predictions)
    key = ' -H "Authorization: Bearer $KEY"' if keyed else ""
    where = "in another terminal, after KEY=<a key>" if keyed else "in another terminal"
    echo(f"serving on {address}, see {address}/console/; Ctrl-C ends it; try, {where}:")
    for path, rows in (("stream", one), ("batch", many)):
        body = json.dumps({"X": rows}, ensure_ascii=False).replace("'", "'\\''")
        echo(f"curl -s {address}/{path}{key} -H 'Content-Type: application/json' -d '{body}'")


def _host(host: str) -> str:
    """Return the host as a URL on this machine has it."""
    local = local_address(host)
    return f"[{local}]" if ":" in local else local
