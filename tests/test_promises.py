"""Promises of the whole application: what must hold for every route and every import."""

import ast

import pytest
from werkzeug.http import HTTP_STATUS_CODES

from common.config import ROOT
from common.docs.document import operations

pytestmark = pytest.mark.quick

# In which direction they may import one another is stated in setup.cfg, for import-linter.
PACKAGES = ("wsgi", "fixtures", "marketplace", "profiles", "activity", "common")
LOGIN_RULES = {"required", "optional", "ignored"}
# Plain pages and files, which are no operations of the API.
UNDOCUMENTED = {"front_page", "api_root", "docs", "media"}


def modules():
    for part in PACKAGES:
        path = ROOT / part
        files = sorted(path.rglob("*.py")) if path.is_dir() else [ROOT / f"{part}.py"]
        for file in files:
            yield pytest.param(file, id=str(file.relative_to(ROOT)))


@pytest.mark.parametrize("file", [*modules()])
def test_no_import_hides_inside_a_function(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names = [alias.name for alias in node.names] + [
                        getattr(node, "module", "") or ""
                    ]
                    hidden = {name.partition(".")[0] for name in names} & set(PACKAGES)
                    assert not hidden, f"{file.name}:{node.lineno}"


def rules(app):
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield rule, method


def test_every_route_states_its_login_rule(app):
    for rule, method in rules(app):
        stated = getattr(app.view_functions[rule.endpoint], "login_rule", None)
        assert stated in LOGIN_RULES, f"{method} {rule.rule} does not say who may call it"


def openapi_path(rule):
    path = rule.rule
    for converter in rule.arguments:
        start = path.rindex("<", 0, path.index(converter))
        path = path[:start] + "{" + converter + "}" + path[path.index(">", start) + 1 :]
    return path


def test_every_route_stands_in_the_openapi_document_with_its_login_rule(app, client):
    document = client.get("/api/openapi.json").json
    for rule, method in rules(app):
        if rule.endpoint.partition(".")[0] in UNDOCUMENTED:
            continue
        operation = document["paths"][openapi_path(rule)][method.lower()]
        stated = app.view_functions[rule.endpoint].login_rule
        expected = {"required": [{"bearer": []}], "optional": [{"bearer": []}, {}], "ignored": []}
        # A refresh cookie is no access token; who ignores the one may ask for the other.
        security = [each for each in operation["security"] if "refreshCookie" not in each]
        if stated == "ignored":
            security = [each for each in security if each]
        assert security == expected[stated], rule.rule


def test_every_operation_has_an_id_a_summary_and_describes_every_answer(client):
    document = client.get("/api/openapi.json").json
    ids = [operation["operationId"] for operation in operations(document)]
    assert len(ids) == len(set(ids))
    for operation in operations(document):
        name = operation["operationId"]
        assert operation.get("summary", "").strip(), name
        assert "\n" not in operation["summary"].strip(), name
        assert operation["tags"], name
        assert "503" in operation["responses"], name
        if {"bearer": []} in operation["security"]:
            assert "401" in operation["responses"], name
        for status, response in operation["responses"].items():
            assert "$ref" in response or response["description"], (name, status)


def documented_answers(document):
    """Every operation's id with each status and content it can answer."""
    shared = document["components"]["responses"]
    for operation in operations(document):
        for status, response in operation["responses"].items():
            response = shared.get(response.get("$ref", "").rpartition("/")[2], response)
            for media_type, content in response.get("content", {}).items():
                yield operation["operationId"], int(status), media_type, content


def examples_in(content):
    if "example" in content:
        yield content["example"]
    for named in content.get("examples", {}).values():
        assert named["summary"]
        yield named["value"]


def test_every_body_and_every_answer_has_an_example(client):
    document = client.get("/api/openapi.json").json
    for operation in operations(document):
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            if media_type != "multipart/form-data":
                assert [*examples_in(content)], (operation["operationId"], media_type)
    for name, status, media_type, content in documented_answers(document):
        assert [*examples_in(content)], (name, status, media_type)


def test_examples_of_errors_look_as_errors_do(client):
    document = client.get("/api/openapi.json").json
    for name, status, media_type, content in documented_answers(document):
        if status < 400 or name == "checkReadiness" and status == 503:
            continue
        assert media_type == "application/problem+json", (name, status)
        for example in examples_in(content):
            assert example["status"] == status, name
            assert example["title"] == HTTP_STATUS_CODES[status], name
            assert example["detail"].endswith("."), name


def test_the_document_shows_what_people_ask_about_first(client):
    text = client.get("/api/openapi.json").text
    for shown in ("profile.snapshot", "?subject=", "?search=", "autosaved_at", "quota-exceeded"):
        assert shown in text


def test_links_lead_to_operations_and_their_parameters(client):
    document = client.get("/api/openapi.json").json
    parameters = {
        operation["operationId"]: {
            parameter["name"]
            for parameter in [*path.get("parameters", ()), *operation.get("parameters", ())]
        }
        for path in document["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    }
    linked = [
        link
        for operation in operations(document)
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    ]
    assert linked
    for link in linked:
        assert set(link["parameters"]) <= parameters[link["operationId"]]


def test_counted_answers_of_limited_operations_announce_their_limits(client):
    document = client.get("/api/openapi.json").json
    limited = [each for each in operations(document) if "429" in each["responses"]]
    assert {"logInWithPassword", "triggerEvent", "collectEvents"} <= {
        operation["operationId"] for operation in limited
    }
    for operation in limited:
        for status in {"200", "201", "202", "204", "400", "413", "415", "422"}:
            response = operation["responses"].get(status)
            if response:
                assert {"RateLimit", "RateLimit-Policy"} <= set(response["headers"])


def test_every_tag_is_introduced(client):
    document = client.get("/api/openapi.json").json
    used = {tag for operation in operations(document) for tag in operation["tags"]}
    introduced = {tag["name"] for tag in document["tags"] if tag.get("description")}
    assert used <= introduced


def test_api_paths_are_canonical(app):
    for rule, _ in rules(app):
        if rule.rule.startswith("/api/") and not rule.rule.startswith(
            ("/api/docs", "/api/openapi")
        ):
            assert rule.rule.endswith("/"), rule.rule


@pytest.mark.parametrize("path", ["/api/marketplace/tutors", "/api/auth/login", "/api/me/profile"])
def test_a_refusal_is_the_same_without_the_final_slash(client, path):
    bare, canonical = client.put(path), client.put(f"{path}/")
    assert bare.status_code == canonical.status_code == 405
    assert bare.headers["Allow"] == canonical.headers["Allow"]
