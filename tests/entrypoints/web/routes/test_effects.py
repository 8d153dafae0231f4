"""Effects as JSON: those of the use case, with a challenger and without."""

from tests.support.examples import a_model
from tests.support.mixed_tables import a_mixed_model
from tests.support.rollouts import a_served_rollout, in_rollout


def test_champion_alone_has_its_columns_and_no_difference(web, client):
    assert (client.get("/effects").status_code, client.get("/effects").json["code"]) == (503, "no_model")
    web.current_model.replace(in_rollout(a_mixed_model(), None))

    body = client.get("/effects").json

    columns = {column["name"]: column for column in body["columns"]}
    assert (body["version"], body["scale"], body["challenger"], body["difference"]) == ("1", "logarithm", None, None)
    assert [point["at"] for point in columns["area"]["curve"]] == [20.0, 90.0, 200.0]
    assert columns["sold"]["curve"][0]["at"] == 1.6e9
    assert [level["level"] for level in columns["new"]["levels"]] == ["false", "true"]


def test_challenger_has_its_columns_and_the_row_where_the_predictions_differ_most(web, client):
    web.current_model.replace(in_rollout(a_model(1.0, 2.0), a_served_rollout(a_model(3.0, 2.0))))

    body = client.get("/effects").json

    assert body["challenger"]["version"] == "2"
    assert {column["name"] for column in body["challenger"]["columns"]} == {"bmi", "bp"}
    first, second = body["difference"]["predictions"]
    assert body["difference"]["largest"] == abs(second - first) > 0
    assert next(iter(body["difference"]["row"])) == "bmi"
