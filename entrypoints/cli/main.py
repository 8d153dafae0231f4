"""`endeavour`: the commands, and what each kind of failure exits with."""

import io
from collections.abc import Sequence

import click

from domain.errors import BackendUnavailable, EndeavourError, StoreRefusal
from entrypoints import signals
from entrypoints.cli.doctor import doctor
from entrypoints.cli.keys import keys
from entrypoints.cli.models import models, promote, rollback
from entrypoints.cli.output import echo
from entrypoints.cli.predict import predict
from entrypoints.cli.serve import serve
from entrypoints.cli.train import train
from entrypoints.container import Container
from entrypoints.doctor.host import INSTALL_TRAINING, OF_TRAINING
from entrypoints.observability import logs

BAD_INPUT, UNAVAILABLE, REFUSED_BY_STORE, INTERRUPTED = 2, 3, 4, 130

EXIT_CODES = """\b
Exit codes:
    0  done (a refused promotion is an answer, not a failure)
    1  a defect of the program
    2  wrong words, settings or data, or a package is missing: nothing was saved
    3  MLflow or the disk is not available; what was trained is under artifacts/
    4  the store refuses: unknown or broken version, nothing to roll back to,
       another promotion came first, other features than clients send;
       unknown or broken keys; MLflow, until an operator acts
       (wrong credentials, a deleted experiment): the message says how
    5  `doctor` found something to mend
  130  ended by Ctrl-C (143: by SIGTERM); a training registered nothing
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXIT_CODES)
@click.version_option(package_name="endeavour")
def endeavour() -> None:
    """Train, track, gate, promote and serve a regression model.

    Begin with `endeavour train`, then `endeavour serve`. Settings come from the environment (ENDEAVOUR_… and
    MLFLOW_TRACKING_URI); the README lists them.
    """


for command in (train, serve, models, promote, rollback, predict, keys, doctor):
    endeavour.add_command(command)


def main(words: Sequence[str]) -> int:
    """Run the command line with adapters as the settings say, and return its exit code."""
    logs.configure("WARNING")
    return run(words, Container())


def run(words: Sequence[str], container: Container) -> int:
    """Run one command with the objects of `container` and return its exit code."""
    try:
        # Where a command ends by click's `Exit`, its code is what comes back.
        return endeavour(list(words), prog_name="endeavour", standalone_mode=False, obj=container) or 0
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        echo(shown.getvalue().rstrip("\n"), err=True)
        return BAD_INPUT
    except EndeavourError as error:
        echo(f"endeavour: {error}", err=True)
        return _exit_code(error)
    except ModuleNotFoundError as error:
        if error.name not in OF_TRAINING:
            raise
        echo(f"endeavour: this command needs the package {error.name}: {INSTALL_TRAINING}", err=True)
        return BAD_INPUT
    except click.Abort:
        return INTERRUPTED
    except signals.Terminated as signal:
        return 128 + signal.number


def _exit_code(error: EndeavourError) -> int:
    if isinstance(error, BackendUnavailable):
        return REFUSED_BY_STORE if error.remedy else UNAVAILABLE
    return REFUSED_BY_STORE if isinstance(error, StoreRefusal) else BAD_INPUT
