"""Inquiry: questions to a scheduler and to its workers that end within seconds, also if nothing answers."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from distributed import Client

SCHEDULER_SECONDS = 10.0
# The first answer of a worker takes the imports of the package.
WORKERS_SECONDS = 30.0
# An answer that takes no import.
ANSWER_SECONDS = 10.0

Workers = Mapping[str, Mapping[str, Any]]
"""The scheduler's record of each worker, by address."""


def connected_workers(client: Client) -> Workers:
    """Return the workers that are connected to the scheduler; raise `OSError` if it does not answer."""

    async def ask() -> Workers:
        identity: Mapping[str, Workers] = await client.scheduler.identity(n_workers=-1)
        return identity["workers"]

    found: Workers = client.sync(ask, callback_timeout=SCHEDULER_SECONDS)
    return found


def ask_workers(client: Client, question: Callable[..., object], *arguments: object) -> Mapping[str, object]:
    """Return by address what each worker answers, which may be an exception; raise `OSError` if one does not answer.

    `question` must be a function that all workers have installed.
    """

    async def ask() -> Mapping[str, object]:
        answers: Mapping[str, object] = await client.run(question, *arguments, on_error="return")
        return answers

    found: Mapping[str, object] = client.sync(ask, callback_timeout=WORKERS_SECONDS)
    return found


def silent_workers(client: Client) -> list[str]:
    """Return the addresses of the workers that do not answer within 10 s, because they are stopped or overloaded."""

    async def is_silent(address: str) -> bool:
        try:
            await asyncio.wait_for(client.run(os.getpid, workers=[address], on_error="return"), ANSWER_SECONDS)
        except OSError:
            return True
        return False

    async def ask(addresses: list[str]) -> list[str]:
        silent = await asyncio.gather(*map(is_silent, addresses))
        return [address for address, found in zip(addresses, silent, strict=True) if found]

    found: list[str] = client.sync(ask, sorted(connected_workers(client)), callback_timeout=WORKERS_SECONDS)
    return found


def ask_scheduler(client: Client, question: Callable[..., object], *arguments: object) -> object:
    """Return what the scheduler answers, or raise what `question` raises there."""

    async def ask() -> object:
        return await client.run_on_scheduler(question, *arguments)

    answer: object = client.sync(ask, callback_timeout=SCHEDULER_SECONDS)
    return answer


def shows_dashboard() -> bool:
    """Return whether the dashboard of this scheduler runs; Dask gives its address also where it does not."""
    return "distributed.dashboard.scheduler" in sys.modules


def import_on_workers(client: Client, module: str) -> Mapping[str, Exception]:
    """Import a module on each worker, and return by address why it could not be imported."""
    answers = ask_workers(client, import_module, module)
    return {address: answer for address, answer in answers.items() if isinstance(answer, Exception)}
