import os
from ipaddress import ip_network
from pathlib import Path

import pytest

from entrypoints.settings import Settings, WrongSetting

VARIABLES = {
    "ENDEAVOUR_HOST": ("host", "0.0.0.0", "0.0.0.0"),  # noqa: S104  # not bound to
    "ENDEAVOUR_PORT": ("port", "9000", 9000),
    "ENDEAVOUR_PUBLISHED": ("published", "[::1]", "::1"),
    "ENDEAVOUR_WORKERS": ("workers", "4", 4),
    "ENDEAVOUR_STORE": ("store", "pickle", "pickle"),
    "ENDEAVOUR_ARTIFACTS": ("artifacts", "/var/endeavour", Path("/var/endeavour")),
    "ENDEAVOUR_MODEL": ("model_name", "houses", "houses"),
    "ENDEAVOUR_POLL_SECONDS": ("poll_seconds", "10", 10.0),
    "MLFLOW_HTTP_REQUEST_TIMEOUT": ("mlflow_timeout", "30", 30),
    "ENDEAVOUR_MIN_R2": ("min_r2", "-1", -1.0),
    "ENDEAVOUR_MAX_R2_LOSS": ("max_r2_loss", "0", 0.0),
    "ENDEAVOUR_MEMORY_BUDGET": ("memory_budget", "0", 0),
    "ENDEAVOUR_MAX_BODY": ("max_body", "2048", 2048),
    "ENDEAVOUR_KEYS": ("keys", "/run/keys.json", Path("/run/keys.json")),
    "ENDEAVOUR_ALLOW_ANONYMOUS": ("allow_anonymous", "true", True),
    "ENDEAVOUR_RATE": ("rate", "0.5", 0.5),
    "ENDEAVOUR_BURST": ("burst", "5", 5),
    "ENDEAVOUR_TRUSTED_PROXIES": (
        "trusted_proxies",
        "10.0.0.0/8, ::1",
        (ip_network("10.0.0.0/8"), ip_network("::1")),
    ),
    "ENDEAVOUR_LOG_LEVEL": ("log_level", "DEBUG", "DEBUG"),
    "ENDEAVOUR_REVISION": ("revision", "1.2.3", "1.2.3"),
    "MLFLOW_TRACKING_URI": ("tracking_uri", "http://mlflow:5000", "http://mlflow:5000"),
}
SETTINGS = Path(__file__).parent.parent.parent / "docs/settings.md"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_nothing_need_be_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    settings = Settings.from_environment()

    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 2)
    assert settings.store == "mlflow"
    assert settings.tracking_uri == f"sqlite:///{tmp_path}/artifacts/mlflow.db"


@pytest.mark.parametrize("name", VARIABLES)
def test_variable_sets_its_setting(name, environment):
    attribute, text, value = VARIABLES[name]
    environment.setenv(name, text)

    assert getattr(Settings.from_environment(), attribute) == value


@pytest.mark.parametrize("name", VARIABLES)
def test_empty_variable_counts_as_unset(name, environment):
    default = Settings.from_environment()
    environment.setenv(name, "")

    assert Settings.from_environment() == default


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ENDEAVOUR_PORT", "eighty"),
        ("ENDEAVOUR_PORT", "0"),
        ("ENDEAVOUR_PORT", "70000"),
        ("ENDEAVOUR_PUBLISHED", "shop.example"),
        ("ENDEAVOUR_WORKERS", "0"),
        ("ENDEAVOUR_WORKERS", "two"),
        ("ENDEAVOUR_STORE", "s3"),
        ("ENDEAVOUR_MODEL", "../etc"),
        ("ENDEAVOUR_MODEL", "a b"),
        ("ENDEAVOUR_MODEL", "a.b"),
        ("ENDEAVOUR_POLL_SECONDS", "-1"),
        ("MLFLOW_HTTP_REQUEST_TIMEOUT", "0.5"),
        ("ENDEAVOUR_MIN_R2", "2"),
        ("ENDEAVOUR_MAX_R2_LOSS", "-0.1"),
        ("ENDEAVOUR_MAX_BODY", "1"),
        ("ENDEAVOUR_RATE", "-1"),
        ("ENDEAVOUR_BURST", "0"),
        ("ENDEAVOUR_TRUSTED_PROXIES", "proxy.example"),
        ("ENDEAVOUR_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("ENDEAVOUR_LOG_LEVEL", "LOUD"),
        *(
            ("MLFLOW_TRACKING_URI", uri)
            for uri in (
                *(
                    "ftp://x",
                    "relative/path",
                    "/var/file",
                    "file:///tmp/runs",
                    " ",
                    "http://",
                    "http://localhost:99999",
                ),
                *("sqlite://", "sqlite:///:memory:", "sqlite:///", "databricks"),
                *("http://[::1", "http://h:5000/#/experiments/1", "http://h:5000/?a=1", "http://h:5000?"),
                *(
                    "http://me:hunter 2@h:5000",
                    "http://me:a%0Ab@h",
                    "http://me:12/hunter@h",
                    "HTTP://h:5000",
                    "postgresql://h/d b",
                ),
            )
        ),
        ("ENDEAVOUR_HOST", "127.0.0.1\x1b[31m"),
        ("ENDEAVOUR_REVISION", "a\u2028b"),
        ("ENDEAVOUR_KEYS", "  "),
        ("MLFLOW_TRACKING_TOKEN", "s3cr3t\nt0ken"),
        ("MLFLOW_TRACKING_TOKEN", "tökén"),
        ("MLFLOW_TRACKING_PASSWORD", "hunter\r\n2"),
        ("MLFLOW_TRACKING_USERNAME", "ada\udce9"),
    ],
)
def test_wrong_value_names_the_variable(name, text, environment):
    environment.setenv(name, text)

    with pytest.raises(WrongSetting, match=name) as caught:
        Settings.from_environment()

    assert "['" not in str(caught.value)
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize(
    "uri",
    [
        "http://mlflow:5000",
        "https://user:secret@mlflow.example.org/prefix",
        "http://[::1]:5000",
        "sqlite:///relative.db",
        "sqlite:////absolute/mlflow.db",
        "postgresql+psycopg://user:secret@db:5432/mlflow",
    ],
)
def test_places_that_mlflow_can_be_at_are_taken(uri, environment):
    environment.setenv("MLFLOW_TRACKING_URI", uri)

    assert Settings.from_environment().tracking_uri == uri


@pytest.mark.parametrize("name", ["what?", "a%41b", os.fsdecode(b"a\xffb")])
def test_folder_that_no_address_can_name_is_refused_for_mlflow_alone(name, environment, tmp_path):
    (tmp_path / name).mkdir()
    environment.chdir(tmp_path / name)

    with pytest.raises(WrongSetting, match="ENDEAVOUR_ARTIFACTS"):
        Settings.from_environment()

    for other in (
        {"ENDEAVOUR_ARTIFACTS": "/var/C# at 50%"},
        {"MLFLOW_TRACKING_URI": "http://m"},
        {"ENDEAVOUR_STORE": "csv"},
    ):
        with environment.context() as changed:
            for variable, text in other.items():
                changed.setenv(variable, text)
            Settings.from_environment()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("http_proxy", "socks5://proxy:1080"),
        ("MLFLOW_TRACKING_INSECURE_TLS", "maybe"),
        ("MLFLOW_TRACKING_URI", f"http://{'é' * 64}"),
    ],
)
def test_way_to_a_server_that_no_client_can_follow_is_refused_where_it_matters(name, value, environment):
    environment.setenv("MLFLOW_TRACKING_URI", "http://mlflow:5000")
    environment.setenv(name, value)

    with pytest.raises(WrongSetting, match=name):
        Settings.from_environment()

    environment.setenv("ENDEAVOUR_STORE", "csv")
    Settings.from_environment()


def test_file_on_the_way_to_a_server_may_be_mended_while_the_program_runs(environment, tmp_path):
    environment.setenv("MLFLOW_TRACKING_URI", "https://mlflow")
    environment.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(tmp_path / "later.pem"))
    environment.setenv("HOME", str(tmp_path))
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow" / "credentials").write_text("no section")

    assert Settings.from_environment().tracking_uri == "https://mlflow"
    environment.setenv("MLFLOW_TRACKING_TOKEN", "to\nken")
    with pytest.raises(WrongSetting, match="MLFLOW_TRACKING_TOKEN"):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("name", "text", "stripped"),
    [
        ("MLFLOW_TRACKING_TOKEN", " s3cr3t\n", "s3cr3t"),
        ("MLFLOW_TRACKING_PASSWORD", " hunter 2 \r\n", " hunter 2 "),
        ("MLFLOW_TRACKING_URI", "http://127.0.0.1:18110\n", "http://127.0.0.1:18110"),
        ("ENDEAVOUR_MODEL", "\thouses ", "houses"),
    ],
)
def test_value_is_stripped_where_every_library_reads_it(name, text, stripped, environment):
    environment.setenv(name, text)

    Settings.from_environment()

    assert os.environ[name] == stripped


def test_keys_are_among_the_artifacts_unless_told_otherwise(environment, tmp_path):
    environment.delenv("ENDEAVOUR_KEYS", raising=False)
    environment.setenv("ENDEAVOUR_ARTIFACTS", str(tmp_path))
    assert Settings.from_environment().keys == tmp_path / "keys.json"

    environment.setenv("ENDEAVOUR_KEYS", "/run/secrets/keys.json")
    assert Settings.from_environment().keys == Path("/run/secrets/keys.json")


@pytest.mark.parametrize(("text", "allowed"), [("", False), ("false", False), ("true", True), ("1", True)])
def test_anonymous_clients_are_allowed_by_a_word(environment, text, allowed):
    environment.setenv("ENDEAVOUR_ALLOW_ANONYMOUS", text)

    assert Settings.from_environment().allow_anonymous is allowed


def test_wrong_word_about_anonymous_clients_names_the_variable(environment):
    environment.setenv("ENDEAVOUR_ALLOW_ANONYMOUS", "perhaps")

    with pytest.raises(WrongSetting, match="ENDEAVOUR_ALLOW_ANONYMOUS"):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("text", "address"),
    [("localhost:9100", ("localhost", 9100)), ("[::1]:9", ("::1", 9)), ("fd00::1:9", ("fd00::1", 9))],
)
def test_address_of_metrics_is_host_and_port(environment, text, address):
    environment.setenv("ENDEAVOUR_METRICS", text)

    assert Settings.from_environment().metrics == address


@pytest.mark.parametrize("text", ["9100", ":9100", "localhost", "localhost:", "localhost:0", "localhost:x", "h:65536"])
def test_address_of_metrics_without_host_or_port_is_refused(environment, text):
    environment.setenv("ENDEAVOUR_METRICS", text)

    with pytest.raises(WrongSetting, match="ENDEAVOUR_METRICS invalid"):
        Settings.from_environment()


def test_metrics_have_a_port_of_their_own(environment):
    environment.setenv("ENDEAVOUR_METRICS", "127.0.0.1:8000")

    with pytest.raises(WrongSetting, match="ENDEAVOUR_METRICS must have another port"):
        Settings.from_environment()


def test_password_in_the_tracking_uri_is_not_shown(environment):
    environment.setenv("MLFLOW_TRACKING_URI", "postgresql+psycopg://user:hunter2@host/db")

    assert "hunter2" not in repr(Settings.from_environment())


@pytest.mark.parametrize("name", VARIABLES)
def test_page_of_settings_tells_of_every_variable(name):
    assert f"`{name}`" in SETTINGS.read_text(encoding="utf-8")
