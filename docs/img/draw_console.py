"""Makes the pictures of the console from a real run of half an hour: `python -m docs.img.draw_console [MINUTES]`.

A server answers a client that sends rows of houses.csv, while a rollout compares two versions. It needs Chromium.
"""

import csv
import json
import math
import random
import subprocess
import sys
import tempfile
import threading
import time
from io import BytesIO
from pathlib import Path

from PIL import Image

from domain.access.api_key import Role
from tests.support.chromium import Page
from tests.support.keys import Keys
from tests.support.program import INHERITED, Program, free_port, run_command

FOLDER = Path(__file__).parent
DATA = FOLDER.parents[1] / "entrypoints/data/houses.csv"
MODEL = {"ENDEAVOUR_STORE": "mlflow", "ENDEAVOUR_MODEL_NAME": "houses"}
WIDTH, HEIGHT = 1280, 1000
MINUTES = 30.0
PAGES = {"overview": "", "model": "model", "rollout": "rollout"}
PLAN = ("--steps", "5,50", "--shadow-seconds", "60", "--step-seconds", "7200", "--yes")
NUMBERS, TEXTS = ("area", "rooms", "built"), ("city", "district", "heating", "sold")


def rows() -> list[dict[str, object]]:
    """Return the rows of the table as requests have them; without empty cells they would differ from training."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return [_row(cells) for cells in csv.DictReader(file)]


def _row(cells: dict[str, str]) -> dict[str, object]:
    texts = {name: cells[name] or None for name in TEXTS}
    numbers = {name: int(cells[name]) if cells[name].isdecimal() else None for name in NUMBERS}
    return texts | numbers | {"garage": cells["garage"] == "True"}


def train(folder: Path) -> str:
    """Train a champion and a challenger on other rows, and return the challenger's version."""
    settings = MODEL | {"ENDEAVOUR_DATA_DIR": str(folder)}
    for seed in ("7", "8"):
        words = ("--data", str(DATA), "--target", "price", "--holdout", "0.2", "--seed", seed, "--terms", "splines")
        run_command("train", *words, check=False, **settings | {"ENDEAVOUR_MAX_R2_DROP": "0"})
    models = json.loads(run_command("models", "--json", **settings).stdout)
    return next(each["name"] for each in models if each["role"] != "champion")


def ask(program: Program, key: str, stop: threading.Event) -> None:
    """Send rows until `stop` is set, about twelve a second, more and less in turns."""
    table, began, draw = rows(), time.monotonic(), random.Random(0)  # noqa: S311  # not for secrets
    while not stop.wait(draw.expovariate(12 + 5 * math.sin((time.monotonic() - began) / 300))):
        program.ask("POST", "/stream", {"X": draw.choice(table)}, **{"X-API-Key": key})


def take(program: Program, key: str, folder: Path) -> None:
    """Write a picture of each page, as a person sees it who signed in with the key."""
    address = f"http://127.0.0.1:{program.port}/console/"
    page = Page(folder / "chromium")
    try:
        page.resize(WIDTH, HEIGHT)
        page.open(address)
        page.wait_for("!!document.querySelector('input[name=key]')")
        page.evaluate("document.querySelector('input[name=key]').focus()")
        page.write(key)
        page.press("Enter", 13, "\r")
        for name, path in PAGES.items():
            page.wait_for("document.readyState === 'complete' && !!document.querySelector('nav')")
            page.open(address + path)
            page.wait_for(f"location.href === {address + path!r} && document.readyState === 'complete'")
            height = page.evaluate("document.documentElement.scrollHeight")
            write(f"console-{name}.png", page.screenshot(WIDTH, min(height, HEIGHT)))
    finally:
        page.close()


def write(name: str, png: bytes) -> None:
    """Write the picture beside this file in 256 colors, which takes a third of the bytes."""
    Image.open(BytesIO(png)).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE).save(FOLDER / name, optimize=True)


def main(minutes: float) -> None:
    """Run server, client and rollout, and write the pictures beside this file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        artifacts = folder / "artifacts"
        challenger = train(artifacts)
        client_key, operator_key = Keys(artifacts).add("shop"), Keys(artifacts).add("night-ops", Role.OPERATE)
        # The controller reads the metrics without a key.
        metrics = {"ENDEAVOUR_METRICS_ADDRESS": f"127.0.0.1:{free_port()}"}
        with Program(artifacts, store="mlflow", environment=MODEL | metrics) as program:
            stop = threading.Event()
            client = threading.Thread(target=ask, args=(program, client_key, stop))
            client.start()
            time.sleep(60 * minutes / 2)
            here = {"ENDEAVOUR_DATA_DIR": str(artifacts), "ENDEAVOUR_PORT": str(program.port)}
            command = [sys.executable, "-m", "entrypoints", "rollout", "start", challenger, *PLAN]
            rollout = subprocess.Popen(command, env=INHERITED | MODEL | metrics | here, stdout=subprocess.DEVNULL)  # noqa: S603  # the project's own program
            try:
                time.sleep(60 * minutes / 2)
                take(program, operator_key, folder)
            finally:
                stop.set()
                rollout.terminate()
                rollout.wait()
                client.join()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES)
