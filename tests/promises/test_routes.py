"""What must hold for every route: who may call it, how it is written, and that it is documented."""

import pytest

pytestmark = pytest.mark.quick

LOGIN_RULES = {"required", "optional", "ignored"}
# Plain pages and files, which are no operations of the API.
UNDOCUMENTED = {"front_page", "api_root", "docs", "media"}


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
