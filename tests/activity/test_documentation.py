"""What the OpenAPI document says of the activity endpoints."""

import pytest

from activity.log.schemas import OwnEvent


@pytest.fixture
def document(client):
    return client.get("/api/openapi.json").json


def test_every_operation_shows_an_example_of_what_it_takes_and_answers(document):
    trigger = document["paths"]["/api/me/activity/trigger/"]["post"]
    batch = document["paths"]["/api/activity/events/"]["post"]
    log = document["paths"]["/api/me/activity/"]["get"]
    for operation, statuses in ((trigger, "201 400 422 429"), (batch, "202 413 422 429")):
        assert operation["requestBody"]["content"]["application/json"]["example"]
        for status in statuses.split():
            (content,) = operation["responses"][status]["content"].values()
            assert content.get("example") or content["examples"], status
    shown = log["responses"]["200"]["content"]["application/json"]["examples"]
    events = [each for page in shown.values() for each in page["value"]["results"]]
    assert "profile.snapshot" in {each["action"] for each in events}
    assert not OwnEvent(many=True).validate(events)


def test_older_names_are_marked_as_such(document):
    parameters = document["paths"]["/api/me/activity/"]["get"]["parameters"]
    deprecated = {each["name"] for each in parameters if each.get("deprecated")}
    assert deprecated == {"limit", "before"}


@pytest.mark.parametrize(
    "path, method, statuses",
    [
        ("/api/me/activity/", "get", "200 400 401 422 503"),
        ("/api/me/activity/trigger/", "post", "201 400 401 413 415 422 429 503"),
        ("/api/activity/events/", "post", "202 400 401 413 415 422 429 503"),
    ],
)
def test_every_status_an_operation_can_answer_is_documented(document, path, method, statuses):
    assert set(statuses.split()) <= set(document["paths"][path][method]["responses"])
