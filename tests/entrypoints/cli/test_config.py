import json

from entrypoints.settings import VARIABLES


def test_config_prints_every_setting_with_its_source_and_masks_secrets(endeavour, monkeypatch, artifacts):
    monkeypatch.setenv("ENDEAVOUR_PORT", "9000")
    monkeypatch.setenv("ENDEAVOUR_HOST", "")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ada:hunter2@mlflow:5000")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "hunter3")

    code, out, _ = endeavour("config", "--json")
    text = endeavour("config")[1]

    rows = {row.pop("variable"): row for row in json.loads(out)}
    assert code == 0
    assert rows.keys() >= VARIABLES
    assert rows["ENDEAVOUR_PORT"] == {"value": "9000", "source": "environment"}
    assert rows["ENDEAVOUR_HOST"] == {"value": "127.0.0.1", "source": "default"}
    assert rows["ENDEAVOUR_ALLOW_ANONYMOUS"] == {"value": "false", "source": "default"}
    assert rows["ENDEAVOUR_API_KEYS_FILE"]["value"] == str(artifacts / "keys.json")
    assert rows["MLFLOW_TRACKING_TOKEN"] == {"value": "…", "source": "environment"}
    assert "hunter" not in out + text
    assert len(text.splitlines()) == 1 + len(rows)
