"""The least that a format costs, in a process of its own: `python -m benchmarks.serving.yardstick`.

Each line of standard input is a JSON list, a name and a file; the answer is the seconds that one reading took.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def parsed_and_written(body: bytes) -> Callable[[], Any]:
    """Return what parses a JSON request, and writes an answer of one number a row as `orjson` writes plain floats."""
    import orjson

    drawn = random.Random(0)  # noqa: S311  # floats of 17 digits, as predictions are
    answer = {"result": [drawn.gauss(150, 50) for _ in orjson.loads(body)["X"]]}
    return lambda: (orjson.loads(body), orjson.dumps(answer))


WORKS = {work.__name__: work for work in (parsed_and_written,)}


def main() -> None:
    """Work off what is asked for; the first time of each is not told."""
    known: dict[tuple[str, str], Callable[[], Any]] = {}
    for line in sys.stdin:
        name, file = json.loads(line)
        if (name, file) not in known:
            known[name, file] = WORKS[name](Path(file).read_bytes())
            known[name, file]()
        began = time.perf_counter()
        known[name, file]()
        sys.stdout.write(f"{time.perf_counter() - began}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
