import sys

import pytest

from entrypoints.settings import WrongSetting
from entrypoints.tracing.asked_for import traces_are_asked_for

ALL, TRACES = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
COLLECTOR = "http://collector:4318"


@pytest.mark.parametrize(
    "environment",
    [
        {ALL: COLLECTOR},
        {TRACES: "https://user:SECRET@collector/v1/traces"},
        {ALL: COLLECTOR, "OTEL_SDK_DISABLED": "1"},
        {ALL: COLLECTOR, "OTEL_TRACES_EXPORTER": "console, otlp"},
        {ALL: COLLECTOR, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"},
    ],
)
def test_endpoint_asks_for_traces(environment):
    assert traces_are_asked_for(environment)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {ALL: "", TRACES: ""},
        {"OTEL_SERVICE_NAME": "prices"},
        {ALL: COLLECTOR, "OTEL_SDK_DISABLED": " True"},
        {ALL: COLLECTOR, "OTEL_TRACES_EXPORTER": "none"},
        {ALL: "nonsense", "OTEL_SDK_DISABLED": "true"},
    ],
)
def test_nothing_else_does(environment):
    assert not traces_are_asked_for(environment)


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({ALL: "collector:4318/SECRET"}, ALL),
        ({ALL: COLLECTOR, TRACES: "http://"}, TRACES),
        ({ALL: "http://user:SECRET@collector:99999"}, ALL),
        ({ALL: "ftp://user:SECRET@collector"}, ALL),
        ({ALL: "http://[SECRET"}, ALL),
        ({ALL: COLLECTOR, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL"),
        ({ALL: COLLECTOR, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"}, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"),
    ],
)
def test_what_cannot_be_followed_is_refused_by_name_and_not_repeated(environment, variable):
    with pytest.raises(WrongSetting) as refused:
        traces_are_asked_for(environment)

    assert str(refused.value).startswith(f"{variable} invalid")
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("package", ["opentelemetry.exporter", "opentelemetry.exporter.otlp.proto.http"])
def test_missing_extra_is_named(monkeypatch, package):
    for name in [name for name in sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(WrongSetting, match="add the extra otel"):
        traces_are_asked_for({ALL: COLLECTOR})
