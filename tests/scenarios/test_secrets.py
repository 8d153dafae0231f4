"""Program in front of a registry that repeats credentials in each part of its answer."""

import json
import re
from base64 import b64decode
from urllib.parse import quote

import pytest

from tests.support.mlflow.servers import answering
from tests.support.program import run_command, wait_until

pytestmark = pytest.mark.e2e

LOGIN = "ada:hunter%202"


class Echo:
    """Answers all but /health with the credentials of the request, in the part that `mode` names; counts answers."""

    mode, answers = "", 0

    def __call__(self, handler):
        sent = handler.headers.get("Authorization", "")
        credentials = b64decode(sent.removeprefix("Basic ")).decode() if sent.startswith("Basic ") else sent
        both = f"{sent} {credentials}"
        self.answers += bool(sent)
        mode = self.mode if sent and handler.path != "/health" else "healthy"
        match mode:
            case "healthy":
                handler.reply(200, b"OK")
            case "body":
                handler.reply(400, json.dumps({"error_code": both, "message": both}).encode())
            case "champion":
                handler.reply(200, json.dumps({"model_version": {"name": both, "version": both}}).encode())
            case "broken":
                named = {"name": "endeavour", "version": "1", "status": both}
                handler.reply(200, json.dumps({"model_version": named}).encode())
            case "redirect":
                handler.reply(302, b"", Location=f"none://{quote(both)}")
            case "retry":
                handler.reply(503, both.encode(), **{"Retry-After": both})
            case "phrase":
                handler.wfile.write(f"HTTP/1.1 500 {both}\r\nContent-Length: 0\r\n\r\n".encode())
            case _:
                handler.wfile.write(f"{both}\r\n\r\n".encode())
                handler.close_connection = True


def shown_by(*words, **variables):
    """Return all that a command prints."""
    done = run_command(*words, check=False, **variables)
    return done.stdout + done.stderr


@pytest.mark.slow
def test_credentials_that_a_registry_repeats_are_never_shown(start, artifacts):
    shown, registry = [], Echo()
    with answering(registry) as uri:
        environment = {"MLFLOW_TRACKING_URI": uri.replace("//", f"//{LOGIN}@")}
        program = start(store="mlflow", registry_poll_seconds=0.1, environment=environment)
        assert b"serving on" in program.wait_until_ready()[0]
        for registry.mode in ("champion", "broken", "redirect", "retry", "phrase", "no HTTP", "body"):
            before = registry.answers
            wait_until(lambda before=before: registry.answers >= before + 2, seconds=60)
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
