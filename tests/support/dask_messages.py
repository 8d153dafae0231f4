"""Messages of Dask processes: a preload module of scheduler and workers, which keeps what a process sends in a file."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from distributed.comm import tcp

FOLDER = "TEST_DASK_MESSAGES"
Framing = Callable[[list[Any]], tuple[list[Any], list[int], int]]


def preloaded_in(folder: Path) -> dict[str, str]:
    """Return the variables with which scheduler and workers keep their messages in `folder`."""
    preload = str([__name__])
    roles = ("SCHEDULER", "WORKER")
    return {FOLDER: str(folder)} | {f"DASK_DISTRIBUTED__{role}__PRELOAD": preload for role in roles}


def keeping(path: Path, framing: Framing) -> Framing:
    """Return `framing` of messages, which are added to the file as they are sent, without compression or encryption."""

    def framed_and_kept(frames: list[Any]) -> tuple[list[Any], list[int], int]:
        framed = framing(frames)
        with path.open("ab") as file:
            file.writelines(framed[0])
        return framed

    return framed_and_kept


if FOLDER in os.environ:
    tcp._add_frames_header = keeping(Path(os.environ[FOLDER], f"{os.getpid()}.sent"), tcp._add_frames_header)
