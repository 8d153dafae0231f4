"""Exit codes of the command line."""

from enum import IntEnum

from domain.errors import BackendUnavailable, ClusterUnavailable, EndeavourError, StoreRefusal


class ExitCode(IntEnum):
    """What a command's exit means; a signal that ended it adds 128."""

    BAD_INPUT = 2
    UNAVAILABLE = 3
    REFUSED = 4
    FAULTS_FOUND = 5
    DRIFTED = 5
    ABORTED = 6
    HELD = 7
    NO_CLUSTER = 8
    INTERRUPTED = 130

    @classmethod
    def from_error(cls, error: EndeavourError) -> "ExitCode":
        """Return the code of an error that ends a command."""
        if isinstance(error, BackendUnavailable):
            return cls.REFUSED if error.remedy else cls.UNAVAILABLE
        if isinstance(error, ClusterUnavailable):
            return cls.NO_CLUSTER
        return cls.REFUSED if isinstance(error, StoreRefusal) else cls.BAD_INPUT


HELP = """\b
Exit codes:
    0  done (a training that is not promoted is done, too)
    1  a defect of the program
    2  wrong arguments, settings or data, or a missing package: nothing was saved
    3  MLflow is not available: what was trained is in the data folder;
       or the disk is not: nothing was saved
    4  the store refuses: unknown or broken version, nothing to roll back to,
       another promotion came first, other features than clients send;
       unknown or broken keys; MLflow, until an operator acts
       (wrong credentials, a deleted experiment): the message names the remedy
    5  `doctor` found a fault, `audit verify` a contradiction,
       `drift` a column that has drifted, or `status` a server that needs you
    6  the rollout was aborted: by evidence, or by an operator
    7  the rollout is held, until an operator acts or evidence arrives
    8  the cluster of `train --dask` or `predict --dask` is not available
       or was lost: nothing was registered, and scored files stay
  130  ended by Ctrl-C (143: by SIGTERM); a training registered nothing
"""
