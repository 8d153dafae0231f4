"""Metrics route: the metrics of all requests before, with labels that no client chooses."""

from entrypoints.observability.metrics.aggregator import MetricsAggregator


def test_metrics_are_those_of_all_requests_before(one_feature):
    for path, body in (("/stream", {"X": 1}), ("/batch", {"X": [1, 2]}), ("/batch", {}), ("/nothing", {})):
        one_feature.post(path, json=body)

    response = one_feature.get("/metrics")

    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert {
        'endeavour_http_requests_total{route="/batch",status="200"} 1.0',
        'endeavour_predictions_total{route="/batch"} 2.0',
        'endeavour_http_errors_total{code="missing_field"} 1.0',
        'endeavour_http_requests_total{route="other",status="404"} 1.0',
        'endeavour_http_request_duration_seconds_count{route="/batch"} 2.0',
        'endeavour_model_info{source="registry",version="7"} 1.0',
    } <= set(response.text.splitlines())


def test_metrics_that_the_parent_process_does_not_send_in_time_are_503(one_feature, mocker):
    mocker.patch.object(MetricsAggregator, "scrape", autospec=True, side_effect=TimeoutError)

    response = one_feature.get("/metrics")

    assert (response.status_code, response.json["code"], response.headers["Retry-After"]) == (503, "overloaded", "1")
