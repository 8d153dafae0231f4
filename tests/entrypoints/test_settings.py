import os
import re
import runpy
from ipaddress import ip_network
from pathlib import Path

import pytest
from marshmallow.validate import OneOf, Range

from entrypoints.settings import DECLARED, VARIABLES, ConfigurationError, Settings

ROOT = Path(__file__).parents[2]
# Texts and values of the settings whose declaration has no bounds and no choices.
TEXTS = {
    "host": ("0.0.0.0", "0.0.0.0"),  # noqa: S104  # not bound to
    "advertised_address": ("[::1]", "::1"),
    "data_dir": ("/var/endeavour", Path("/var/endeavour")),
    "model_name": ("houses", "houses"),
    "api_keys_file": ("/run/keys.json", Path("/run/keys.json")),
    "feedback_keys": ("/run/feedback", Path("/run/feedback")),
    "trusted_proxies": ("10.0.0.0/8, ::1", (ip_network("10.0.0.0/8"), ip_network("::1"))),
    "replicas": ("http://web:9100, https://[::1]/m", ("http://web:9100", "https://[::1]/m")),
    "mlflow_page": ("https://mlflow.example/team/", "https://mlflow.example/team"),
    "metrics_address": ("[::1]:9100", ("::1", 9100)),
    "dask": ("tls://dask:8786", "tls://dask:8786"),
    "dask_tls_ca": ("/run/ca.pem", Path("/run/ca.pem")),
    "dask_tls_cert": ("/run/cert.pem", Path("/run/cert.pem")),
    "dask_tls_key": ("/run/key.pem", Path("/run/key.pem")),
    "code_revision": ("1.2.3", "1.2.3"),
    "tracking_uri": ("http://mlflow:5000", "http://mlflow:5000"),
}
WRONG = {
    "ENDEAVOUR_HOST": ["127.0.0.1\x1b[31m"],
    "ENDEAVOUR_ADVERTISED_ADDRESS": ["shop.example"],
    "ENDEAVOUR_MODEL_NAME": ["../etc", "a b", "a.b"],
    "ENDEAVOUR_API_KEYS_FILE": ["  "],
    "ENDEAVOUR_TRUSTED_PROXIES": ["proxy.example", "10.0.0.1/8"],
    "ENDEAVOUR_METRICS_ADDRESS": [
        *("9100", ":9100", "localhost:", "localhost:0", "localhost:x", "h:65536", "127.0.0.1:8000"),
    ],
    "ENDEAVOUR_REPLICAS": [
        *("web:9100", "ftp://web", "http://", "http://:9100", "http://web:0", "http://web:99999", "http://[::1"),
        *("http://ada:hunter2@web", "http://web/m?a=1", "http://web#", "http://wéb", "http://a b"),
    ],
    "ENDEAVOUR_MLFLOW_PAGE": ["mlflow:5000", "javascript:alert(1)", "http://ada:hunter2@mlflow", "http://mlflow/#/a"],
    "ENDEAVOUR_DASK": [
        *(
            "dask:8786",
            "http://dask:8786",
            "tcp://dask",
            "tcp://:8786",
            "tls://dask:0",
            "tls://dask:99999",
            "tls://[::1",
        ),
        *("local", "local:", "local:0", "local:65", "local:two", "tls://ada:hunter2@dask:8786", "tls://dask:8786/x"),
    ],
    "ENDEAVOUR_CODE_REVISION": ["a\u2028b"],
    "MLFLOW_TRACKING_TOKEN": ["s3cr3t\nt0ken", "tökén"],
    "MLFLOW_TRACKING_PASSWORD": ["hunter\r\n2"],
    "MLFLOW_TRACKING_USERNAME": ["ada\udce9"],
    "MLFLOW_TRACKING_URI": [
        *("ftp://x", "relative/path", "/var/file", "file:///tmp/runs", " ", "databricks", "HTTP://h:5000"),
        *("http://", "http://localhost:99999", "http://[::1", "postgresql://h/d b"),
        *("sqlite://", "sqlite:///:memory:", "sqlite:///"),
        *("http://h:5000/#/experiments/1", "http://h:5000/?a=1", "http://h:5000?"),
        *("http://me:hunter 2@h:5000", "http://me:a%0Ab@h", "http://me:12/hunter@h"),
    ],
}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def read(environment, name, text):
    """Return the settings with the variable set so, or why they are rejected."""
    with environment.context() as changed:
        changed.setenv(name, text)
        try:
            return Settings.from_environment()
        except ConfigurationError as error:
            return str(error)


def allowed(field, setting):
    """Return texts and their values: the bounds, the choices, or what `TEXTS` has."""
    if isinstance(setting.rule, Range):
        number = int if setting.parse == "int" else float
        ends = [number(end) for end in (setting.rule.min, setting.rule.max) if end is not None]
        return {str(end): end for end in ends}
    if isinstance(setting.rule, OneOf):
        return dict(zip(setting.rule.choices, setting.rule.choices, strict=True))
    return {"true": True, "false": False} if setting.parse == "bool" else dict([TEXTS[field]])


def rejected(setting):
    """Return texts that no setting of this kind allows."""
    if isinstance(setting.rule, Range):
        outside = [setting.rule.min is not None and setting.rule.min - 1, setting.rule.max and setting.rule.max + 1]
        return ["eighty", "nan", *(str(number) for number in outside if number not in (False, None))]
    return ["perhaps"] if isinstance(setting.rule, OneOf) or setting.parse == "bool" else []


def test_nothing_need_be_set(tmp_path, environment):
    environment.chdir(tmp_path)

    settings = Settings.from_environment()

    assert (settings.host, settings.port, settings.workers, settings.metrics_address) == ("127.0.0.1", 8000, 2, None)
    assert (settings.store, settings.allow_anonymous) == ("mlflow", False)
    assert settings.tracking_uri == f"sqlite:///{tmp_path}/artifacts/mlflow.db"
    assert settings.api_keys_file == tmp_path / "artifacts/keys.json"


def test_each_setting_has_every_allowed_value_and_counts_as_unset_if_empty(environment):
    default = Settings.from_environment()
    for field, setting in DECLARED.items():
        for text, value in allowed(field, setting).items():
            assert getattr(read(environment, setting.variable, text), field) == value, setting.variable
        assert read(environment, setting.variable, "") == default


def test_wrong_value_names_the_variable_and_shows_no_password(environment):
    wrong = WRONG | {setting.variable: texts for setting in DECLARED.values() if (texts := rejected(setting))}
    for name, texts in wrong.items():
        for text in texts:
            why = read(environment, name, text)

            assert isinstance(why, str), (name, text)
            assert name in why
            assert "['" not in why
            assert "hunter" not in why


def test_tables_of_the_page_are_those_of_the_declarations():
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")

    updated = runpy.run_path(str(ROOT / ".ci/settings_tables.py"))["updated"](page)

    assert page == updated, "run: python .ci/settings_tables.py"
    assert set(re.findall(r"^\| `(\w+)` \|.*\|.*\|.*\|$", page, re.MULTILINE)) == VARIABLES
    assert set(re.findall(r"`(ENDEAVOUR_\w+)`", page)) <= VARIABLES


def test_addresses_of_mlflow_are_taken_and_no_password_is_shown(environment):
    for uri in (
        "https://user:hunter2@mlflow.example.org/prefix",
        "http://[::1]:5000",
        "sqlite:///relative.db",
        "sqlite:////absolute/mlflow.db",
        "postgresql+psycopg://user:hunter2@db:5432/mlflow",
    ):
        environment.setenv("MLFLOW_TRACKING_URI", uri)
        settings = Settings.from_environment()

        assert settings.tracking_uri == uri
        assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("name", ["what?", "a%41b", os.fsdecode(b"a\xffb")])
def test_folder_that_no_address_can_name_is_rejected_for_mlflow_alone(name, environment, tmp_path):
    (tmp_path / name).mkdir()
    environment.chdir(tmp_path / name)

    assert "ENDEAVOUR_DATA_DIR" in read(environment, "ENDEAVOUR_STORE", "mlflow")
    for variable, text in (
        ("ENDEAVOUR_DATA_DIR", "/var/C# at 50%"),
        ("MLFLOW_TRACKING_URI", "http://m"),
        ("ENDEAVOUR_STORE", "csv"),
    ):
        assert isinstance(read(environment, variable, text), Settings)


def test_way_to_a_server_that_no_client_can_follow_is_rejected_for_mlflow_alone(environment):
    for store, refused in (("mlflow", True), ("csv", False)):
        environment.setenv("ENDEAVOUR_STORE", store)
        environment.setenv("MLFLOW_TRACKING_URI", "http://mlflow:5000")
        for name, text in (
            ("http_proxy", "socks5://proxy:1080"),
            ("MLFLOW_TRACKING_INSECURE_TLS", "maybe"),
            ("MLFLOW_TRACKING_URI", f"http://{'é' * 64}"),
        ):
            assert isinstance(read(environment, name, text), str) is refused


def test_file_on_the_way_to_a_server_may_be_repaired_while_the_program_runs(environment, tmp_path):
    environment.setenv("MLFLOW_TRACKING_URI", "https://mlflow")
    environment.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(tmp_path / "later.pem"))
    environment.setenv("HOME", str(tmp_path))
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow" / "credentials").write_text("no section")

    assert Settings.from_environment().tracking_uri == "https://mlflow"


def test_value_is_stripped_where_every_library_reads_it(environment):
    for name, text, stripped in (
        ("MLFLOW_TRACKING_TOKEN", " s3cr3t\n", "s3cr3t"),
        ("MLFLOW_TRACKING_PASSWORD", " hunter 2 \r\n", " hunter 2 "),
        ("MLFLOW_TRACKING_URI", "http://127.0.0.1:18110\n", "http://127.0.0.1:18110"),
        ("ENDEAVOUR_MODEL_NAME", "\thouses ", "houses"),
    ):
        environment.setenv(name, text)

        Settings.from_environment()

        assert os.environ[name] == stripped


def test_pages_of_mlflow_are_at_the_address_of_its_server_without_credentials_unless_another_is_set(monkeypatch):
    for uri, store, page, found in (
        ("https://ada:hunter2@mlflow.example/team/", "mlflow", "", "https://mlflow.example/team"),
        ("http://mlflow:5000", "mlflow", "https://pages.example", "https://pages.example"),
        ("sqlite:////tmp/mlflow.db", "mlflow", "", ""),
        ("http://mlflow:5000", "csv", "", ""),
    ):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        monkeypatch.setenv("ENDEAVOUR_STORE", store)
        monkeypatch.setenv("ENDEAVOUR_MLFLOW_PAGE", page)

        assert Settings.from_environment().run_pages == found
