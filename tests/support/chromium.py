"""Real browser: Chromium, driven over its debugging pipe."""

import base64
import itertools
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import orjson

PROGRAM = shutil.which("chromium") or shutil.which("google-chrome")
WORDS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1300,1600", "--remote-debugging-pipe")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
# Chromium reads commands from file 3 and answers on file 4.
START = 'exec "$@" 3<&{} 4>&{}'
END = b"\0"


class Page:
    """A page in a headless Chromium, with the addresses of its `requests` and the texts of its `errors`."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAM
        commands, self._to = os.pipe()
        self._from, answers = os.pipe()
        shell = ["/bin/bash", "-c", START.format(commands, answers), "chromium"]
        self._process = subprocess.Popen(
            [*shell, PROGRAM, *WORDS, *QUIET, f"--user-data-dir={folder}"],
            pass_fds=(commands, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self._numbers, self._unread, self._session = itertools.count(1), b"", {}
        self.requests: list[str] = []
        self.errors: list[str] = []
        target = self._do("Target.createTarget", url="about:blank")["targetId"]
        self._session = {"sessionId": self._do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._do(f"{domain}.enable")

    def open(self, address: str) -> None:
        self._do("Page.navigate", url=address)

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page."""
        answer = self._do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, expression: str, seconds: float = 20) -> Any:
        """Return the value of the expression as soon as it is true."""
        deadline = time.monotonic() + seconds
        while not (value := self.evaluate(expression)):
            assert time.monotonic() < deadline, f"never {expression}; {self.errors}"
            time.sleep(0.05)
        return value

    def click(self, selector: str) -> None:
        self.wait_for(f"!!document.querySelector({selector!r})")
        self.evaluate(f"document.querySelector({selector!r}).click()")

    def resize(self, width: int, height: int = 900) -> None:
        """Lay the page out for a window of this size, on a phone if it is narrow."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1}
        self._do("Emulation.setDeviceMetricsOverride", **size, mobile=width < 500)

    def prefer(self, scheme: str) -> None:
        """Ask for the colors of `light` or `dark`."""
        self._do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def clear_cache(self) -> None:
        """Have the next page load its files again."""
        self._do("Network.clearBrowserCache")

    def run_scripts(self, *, enabled: bool) -> None:
        self._do("Emulation.setScriptExecutionDisabled", value=not enabled)

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press and release a key by its name and its virtual key code."""
        for kind in ("keyDown", "keyUp"):
            self._do("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, text=text)

    def write(self, text: str) -> None:
        """Write into the focused field."""
        self._do("Input.insertText", text=text)

    def screenshot(self, width: int, height: int) -> bytes:
        """Return the upper part of the page as PNG."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        return base64.b64decode(self._do("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"])

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def _do(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        os.write(self._to, orjson.dumps({"id": number, "method": method, "params": params, **self._session}) + END)
        while (message := self._message()).get("id") != number:
            self._record(message)
        assert "error" not in message, message
        return message["result"]

    def _message(self) -> dict[str, Any]:
        while END not in self._unread:
            assert select.select([self._from], [], [], 30)[0], "Chromium does not answer"
            piece = os.read(self._from, 1 << 16)
            assert piece, "Chromium has ended"
            self._unread += piece
        whole, _, self._unread = self._unread.partition(END)
        return orjson.loads(whole)

    def _record(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        match event["method"]:
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Log.entryAdded":
                self.errors.append(f"{params['entry']['text']} {params['entry'].get('url', '')}".strip())
            case "Runtime.exceptionThrown":
                self.errors.append(str(params["exceptionDetails"]))
