"""Command line `endeavour`: loads a command, runs it, and converts its failures to exit codes."""

import io
import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import click

from domain.errors import EndeavourError
from entrypoints import garbage_collector, signals
from entrypoints.cli.exit_codes import HELP, ExitCode

if TYPE_CHECKING:
    from entrypoints.container import Container

# Commands by name, their modules and summaries: a module is imported when its command runs, because most import much.
COMMANDS = {
    "train": ("train", "Train a model, and promote it if the policy prefers it."),
    "serve": ("serve", "Answer POST /stream and POST /batch with the champion."),
    "status": ("status", "Show the condition of the servers."),
    "models": ("models", "List the model versions and their roles."),
    "promote": ("models", "Promote a version by hand."),
    "rollback": ("models", "Promote the previous version again."),
    "rollout": ("rollout", "Try a version on a rising share of the requests."),
    "history": ("history", "List promotions, rollbacks, ends of rollouts and refused orders."),
    "audit": ("audit", "Examine the ledger of promotions and rollouts."),
    "predict": ("predict", "Predict rows, or every row of a table."),
    "drift": ("drift", "Compare rows with the training rows of a version."),
    "keys": ("keys", "Add, list and revoke the keys of the server's clients."),
    "config": ("config", "Print every setting, its value, and its source."),
    "doctor": ("doctor", "Examine settings, disk, registry and keys."),
}


class _Commands(click.Group):
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"entrypoints.cli.{COMMANDS[cmd_name][0]}"), cmd_name)
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=HELP)
@click.version_option(package_name="endeavour")
@click.pass_context
def endeavour(context: click.Context) -> None:
    """Train, track, gate, promote and serve a regression model.

    Begin with `endeavour train`, then `endeavour serve`. Settings are environment variables: `endeavour config` prints
    them, and docs/settings.md explains them.
    """
    from entrypoints.container import Container
    from entrypoints.settings import log_unknown_settings

    context.obj = context.obj or Container()
    if context.invoked_subcommand != "train":  # which imports more as it makes its objects
        garbage_collector.start()
    # `serve` logs them after its first line, and `doctor` lists them.
    if context.invoked_subcommand not in ("serve", "doctor"):
        log_unknown_settings(os.environ)


def main(words: Sequence[str]) -> int:
    """Run the command line and return its exit code."""
    from entrypoints.observability import logs

    logs.configure("WARNING")
    return run(words)


def run(words: Sequence[str], container: "Container | None" = None) -> int:
    """Run one command with the objects of `container`, or else with those that the settings choose.

    Return its exit code.
    """
    try:
        # click returns the code of its `Exit`.
        return endeavour(list(words), prog_name="endeavour", standalone_mode=False, obj=container) or 0
    except click.ClickException as error:
        from entrypoints.cli.output import echo

        shown = io.StringIO()
        error.show(shown)
        echo(shown.getvalue().rstrip("\n"), err=True)
        return ExitCode.BAD_INPUT
    except EndeavourError as error:
        from entrypoints.cli.hints import hint
        from entrypoints.cli.output import echo

        echo("; ".join(filter(None, (f"endeavour: {error}", hint(error)))), err=True)
        return ExitCode.from_error(error)
    except ModuleNotFoundError as error:
        from entrypoints.cli.output import echo
        from entrypoints.doctor.host import install_hint

        if not (remedy := install_hint(error.name)):
            raise
        echo(f"endeavour: this command needs the package {error.name}: {remedy}", err=True)
        return ExitCode.BAD_INPUT
    except click.Abort:
        return ExitCode.INTERRUPTED
    except signals.Terminated as signal:
        return 128 + signal.number
