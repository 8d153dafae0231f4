"""Program in front of a registry that repeats credentials in each part of its answer."""

import json
import re
from base64 import b64decode
from http.server import ThreadingHTTPServer
from urllib.parse import quote

import pytest

from tests.support.mlflow.servers import Quiet, serving
from tests.support.program import run_command, wait_until

pytestmark = pytest.mark.e2e

LOGIN = "ada:hunter%202"


class Echo(Quiet):
    """Answers all but /health with the credentials of the request, in the part that `mode` names; counts answers."""

    mode, answers = "", 0

    def answer(self):
        sent = self.headers.get("Authorization", "")
        credentials = b64decode(sent.removeprefix("Basic ")).decode() if sent.startswith("Basic ") else sent
        both = f"{sent} {credentials}"
        Echo.answers += bool(sent)
        if not sent or self.path == "/health":
            self.reply(200, b"OK")
        elif Echo.mode == "body":
            self.reply(400, json.dumps({"error_code": both, "message": both}).encode())
        elif Echo.mode == "champion":
            self.reply(200, json.dumps({"model_version": {"name": both, "version": both}}).encode())
        elif Echo.mode == "broken":
            named = {"name": "endeavour", "version": "1", "status": both}
            self.reply(200, json.dumps({"model_version": named}).encode())
        elif Echo.mode == "redirect":
            self.reply(302, b"", Location=f"none://{quote(both)}")
        elif Echo.mode == "retry":
            self.reply(503, both.encode(), **{"Retry-After": both})
        elif Echo.mode == "phrase":
            self.wfile.write(f"HTTP/1.1 500 {both}\r\nContent-Length: 0\r\n\r\n".encode())
        else:
            self.wfile.write(f"{both}\r\n\r\n".encode())
            self.close_connection = True

    do_GET = do_POST = answer  # noqa: N815  # http.server's names


def shown_by(*words, **variables):
    """Return all that a command prints."""
    done = run_command(*words, check=False, **variables)
    return done.stdout + done.stderr


@pytest.mark.slow
def test_credentials_that_a_registry_repeats_are_never_shown(start, artifacts):
    shown = []
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Echo)) as uri:
        environment = {"MLFLOW_TRACKING_URI": uri.replace("//", f"//{LOGIN}@")}
        program = start(store="mlflow", registry_poll_seconds=0.1, environment=environment)
        assert b"serving on" in program.wait_until_ready()[0]
        for Echo.mode in ("champion", "broken", "redirect", "retry", "phrase", "no HTTP", "body"):
            before = Echo.answers
            wait_until(lambda before=before: Echo.answers >= before + 2, seconds=60)
            shown.append(program.ask("GET", "/model")[2].decode())
            assert '"state":"ok"' not in shown[-1]
        variables = {**environment, "ENDEAVOUR_DATA_DIR": str(artifacts)}
        for words in (["doctor", "--json"], ["models"], ["train"]):
            shown.append(shown_by(*words, **variables))
            assert re.search("not available|cannot be used", shown[-1])
    shown.append(program.err)

    for text in shown:
        assert not any(secret in text for secret in ("hunter", "YWRhOmh1bnRlciAy")), text


def test_doctor_writes_to_an_output_that_lacks_its_marks(artifacts):
    shown = shown_by("doctor", ENDEAVOUR_DATA_DIR=str(artifacts), PYTHONIOENCODING="latin-1")

    assert "\\u2713 folder" in shown
