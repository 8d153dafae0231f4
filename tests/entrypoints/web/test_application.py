"""The Flask application: functions that an extension registers, which only the whole of Flask calls."""

from flask import Blueprint


def _marked(response):
    response.headers["X-Mark"] = "1"
    return response


def test_functions_after_a_request_are_called_for_answers_and_errors(one_feature):
    one_feature.application.after_request(_marked)

    answers = [one_feature.post("/stream", json={"X": x}) for x in (0.2, "text")] + [one_feature.get("/nothing")]

    assert [(each.status_code, each.headers["X-Mark"]) for each in answers] == [(200, "1"), (400, "1"), (404, "1")]


def test_functions_of_a_blueprint_are_called_for_its_routes_alone(one_feature):
    routes = Blueprint("team", __name__)
    routes.add_url_rule("/team", view_func=lambda: "from the view")
    routes.before_request(lambda: "from the check")
    one_feature.application.register_blueprint(routes)

    assert one_feature.get("/team").text == "from the check"
    assert one_feature.get("/livez").status_code == 200


def test_answer_of_a_check_replaces_that_of_the_view(one_feature):
    one_feature.application.before_request(lambda: ("closed", 503))

    assert (one_feature.get("/livez").status_code, one_feature.get("/livez").text) == (503, "closed")
