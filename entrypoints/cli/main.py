"""Command line `endeavour`: loads a command, runs it, and converts its failures to exit codes."""

import io
import os
from collections.abc import Sequence
from importlib import import_module

import click

from domain.errors import EndeavourError
from entrypoints import signals
from entrypoints.cli.exit_codes import HELP, ExitCode
from entrypoints.cli.hints import hint
from entrypoints.cli.output import echo
from entrypoints.container import Container
from entrypoints.observability import logs
from entrypoints.settings import log_unknown_settings

# Commands by name, and their modules: each is imported when it is asked for, because some import much.
COMMANDS = {
    "train": "train",
    "serve": "serve",
    "status": "status",
    "models": "models",
    "promote": "models",
    "rollback": "models",
    "rollout": "rollout",
    "history": "history",
    "audit": "audit",
    "predict": "predict",
    "drift": "drift",
    "keys": "keys",
    "config": "config",
    "doctor": "doctor",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"entrypoints.cli.{COMMANDS[cmd_name]}"), cmd_name)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=HELP)
@click.version_option(package_name="endeavour")
@click.pass_context
def endeavour(context: click.Context) -> None:
    """Train, track, gate, promote and serve a regression model.

    Begin with `endeavour train`, then `endeavour serve`. Settings are environment variables: `endeavour config` prints
    them, and docs/settings.md explains them.
    """
    # `serve` logs them after its first line, and `doctor` lists them.
    if context.invoked_subcommand not in ("serve", "doctor"):
        log_unknown_settings(os.environ)


def main(words: Sequence[str]) -> int:
    """Run the command line with the adapters that the settings choose, and return its exit code."""
    logs.configure("WARNING")
    return run(words, Container())


def run(words: Sequence[str], container: Container) -> int:
    """Run one command with the objects of `container` and return its exit code."""
    try:
        # click returns the code of its `Exit`.
        return endeavour(list(words), prog_name="endeavour", standalone_mode=False, obj=container) or 0
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        echo(shown.getvalue().rstrip("\n"), err=True)
        return ExitCode.BAD_INPUT
    except EndeavourError as error:
        echo("; ".join(filter(None, (f"endeavour: {error}", hint(error)))), err=True)
        return ExitCode.from_error(error)
    except ModuleNotFoundError as error:
        from entrypoints.doctor.host import install_hint

        if not (remedy := install_hint(error.name)):
            raise
        echo(f"endeavour: this command needs the package {error.name}: {remedy}", err=True)
        return ExitCode.BAD_INPUT
    except click.Abort:
        return ExitCode.INTERRUPTED
    except signals.Terminated as signal:
        return 128 + signal.number
