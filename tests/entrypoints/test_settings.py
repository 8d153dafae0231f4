import os
from ipaddress import ip_network
from pathlib import Path

import pytest

from entrypoints.settings import ConfigurationError, Settings

VARIABLES = {
    "ENDEAVOUR_HOST": ("host", "0.0.0.0", "0.0.0.0"),  # noqa: S104  # not bound to
    "ENDEAVOUR_PORT": ("port", "9000", 9000),
    "ENDEAVOUR_ADVERTISED_ADDRESS": ("advertised_address", "[::1]", "::1"),
    "ENDEAVOUR_WORKERS": ("workers", "4", 4),
    "ENDEAVOUR_STORE": ("store", "pickle", "pickle"),
    "ENDEAVOUR_DATA_DIR": ("data_dir", "/var/endeavour", Path("/var/endeavour")),
    "ENDEAVOUR_MODEL_NAME": ("model_name", "houses", "houses"),
    "ENDEAVOUR_SERVE_BUNDLED_MODEL": ("serve_bundled_model", "false", False),
    "ENDEAVOUR_REGISTRY_POLL_SECONDS": ("registry_poll_seconds", "10", 10.0),
    "MLFLOW_HTTP_REQUEST_TIMEOUT": ("mlflow_timeout", "30", 30),
    "ENDEAVOUR_MIN_R2": ("min_r2", "-1", -1.0),
    "ENDEAVOUR_MAX_R2_DROP": ("max_r2_drop", "0", 0.0),
    "ENDEAVOUR_MEMORY_BUDGET_BYTES": ("memory_budget_bytes", "0", 0),
    "ENDEAVOUR_MAX_BODY_BYTES": ("max_body_bytes", "2048", 2048),
    "ENDEAVOUR_API_KEYS_FILE": ("api_keys_file", "/run/keys.json", Path("/run/keys.json")),
    "ENDEAVOUR_ALLOW_ANONYMOUS": ("allow_anonymous", "true", True),
    "ENDEAVOUR_RATE_LIMIT_PER_SECOND": ("rate_limit_per_second", "0.5", 0.5),
    "ENDEAVOUR_RATE_LIMIT_BURST": ("rate_limit_burst", "5", 5),
    "ENDEAVOUR_TRUSTED_PROXIES": ("trusted_proxies", "10.0.0.0/8, ::1", (ip_network("10.0.0.0/8"), ip_network("::1"))),
    "ENDEAVOUR_METRICS_ADDRESS": ("metrics_address", "[::1]:9100", ("::1", 9100)),
    "ENDEAVOUR_LOG_LEVEL": ("log_level", "DEBUG", "DEBUG"),
    "ENDEAVOUR_CODE_REVISION": ("code_revision", "1.2.3", "1.2.3"),
    "MLFLOW_TRACKING_URI": ("tracking_uri", "http://mlflow:5000", "http://mlflow:5000"),
}
WRONG = {
    "ENDEAVOUR_HOST": ["127.0.0.1\x1b[31m"],
    "ENDEAVOUR_PORT": ["eighty", "0", "70000"],
    "ENDEAVOUR_ADVERTISED_ADDRESS": ["shop.example"],
    "ENDEAVOUR_WORKERS": ["0", "two"],
    "ENDEAVOUR_STORE": ["s3"],
    "ENDEAVOUR_MODEL_NAME": ["../etc", "a b", "a.b"],
    "ENDEAVOUR_REGISTRY_POLL_SECONDS": ["-1", "nan"],
    "MLFLOW_HTTP_REQUEST_TIMEOUT": ["0.5"],
    "ENDEAVOUR_MIN_R2": ["2"],
    "ENDEAVOUR_MAX_R2_DROP": ["-0.1"],
    "ENDEAVOUR_MAX_BODY_BYTES": ["1"],
    "ENDEAVOUR_API_KEYS_FILE": ["  "],
    "ENDEAVOUR_ALLOW_ANONYMOUS": ["perhaps"],
    "ENDEAVOUR_RATE_LIMIT_PER_SECOND": ["-1"],
    "ENDEAVOUR_RATE_LIMIT_BURST": ["0"],
    "ENDEAVOUR_TRUSTED_PROXIES": ["proxy.example", "10.0.0.1/8"],
    "ENDEAVOUR_METRICS_ADDRESS": [
        "9100",
        ":9100",
        "localhost:",
        "localhost:0",
        "localhost:x",
        "h:65536",
        "127.0.0.1:8000",
    ],
    "ENDEAVOUR_LOG_LEVEL": ["LOUD"],
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
SETTINGS = Path(__file__).parent.parent.parent / "docs/settings.md"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def refusal(environment, name, text):
    """Return why the settings are refused with the variable set so."""
    with environment.context() as changed:
        changed.setenv(name, text)
        try:
            Settings.from_environment()
        except ConfigurationError as error:
            return str(error)
    return ""


def test_nothing_need_be_set(tmp_path, environment):
    environment.chdir(tmp_path)

    settings = Settings.from_environment()

    assert (settings.host, settings.port, settings.workers, settings.metrics_address) == ("127.0.0.1", 8000, 2, None)
    assert (settings.store, settings.allow_anonymous) == ("mlflow", False)
    assert settings.tracking_uri == f"sqlite:///{tmp_path}/artifacts/mlflow.db"
    assert settings.api_keys_file == tmp_path / "artifacts/keys.json"


@pytest.mark.parametrize("name", VARIABLES)
def test_variable_sets_its_setting_and_counts_as_unset_if_empty(name, environment):
    attribute, text, value = VARIABLES[name]
    default = Settings.from_environment()
    environment.setenv(name, text)
    assert getattr(Settings.from_environment(), attribute) == value

    environment.setenv(name, "")
    assert Settings.from_environment() == default


@pytest.mark.parametrize("name", WRONG)
def test_wrong_value_names_the_variable(name, environment):
    for text in WRONG[name]:
        why = refusal(environment, name, text)

        assert name in why, text
        assert "['" not in why
        assert "hunter" not in why


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
def test_folder_that_no_address_can_name_is_refused_for_mlflow_alone(name, environment, tmp_path):
    (tmp_path / name).mkdir()
    environment.chdir(tmp_path / name)

    assert "ENDEAVOUR_DATA_DIR" in refusal(environment, "ENDEAVOUR_STORE", "mlflow")
    for variable, text in (
        ("ENDEAVOUR_DATA_DIR", "/var/C# at 50%"),
        ("MLFLOW_TRACKING_URI", "http://m"),
        ("ENDEAVOUR_STORE", "csv"),
    ):
        assert not refusal(environment, variable, text)


def test_way_to_a_server_that_no_client_can_follow_is_refused_where_it_matters(environment):
    for store, refused in (("mlflow", True), ("csv", False)):
        environment.setenv("ENDEAVOUR_STORE", store)
        environment.setenv("MLFLOW_TRACKING_URI", "http://mlflow:5000")
        for name, text in (
            ("http_proxy", "socks5://proxy:1080"),
            ("MLFLOW_TRACKING_INSECURE_TLS", "maybe"),
            ("MLFLOW_TRACKING_URI", f"http://{'é' * 64}"),
        ):
            assert (name in refusal(environment, name, text)) is refused


def test_file_on_the_way_to_a_server_may_be_mended_while_the_program_runs(environment, tmp_path):
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


def test_page_of_settings_lists_every_variable():
    page = SETTINGS.read_text(encoding="utf-8")

    assert [name for name in VARIABLES if f"`{name}`" not in page] == []
