"""Promises of the whole application: what must hold for every route and every import."""

import ast
from pathlib import Path

import pytest

from common.config import ROOT
from common.docs.document import operations

LINE = ("wsgi", "fixtures", "marketplace", "profiles", "activity", "common")
LOGIN_RULES = {"required", "optional", "ignored"}
# Plain pages and files, which are no operations of the API.
UNDOCUMENTED = {"front_page", "docs", "media"}


def modules():
    for part in LINE:
        path = ROOT / part
        files = sorted(path.rglob("*.py")) if path.is_dir() else [ROOT / f"{part}.py"]
        for file in files:
            yield pytest.param(part, file, id=str(file.relative_to(ROOT)))


def imported_parts(file: Path):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            yield node, (node.module or "").partition(".")[0]


@pytest.mark.parametrize(("part", "file"), [*modules()])
def test_imports_run_one_way(part, file):
    if file.is_relative_to(ROOT / "common" / "migrations"):
        return
    allowed = LINE[LINE.index(part) :]
    for node, imported in imported_parts(file):
        if imported in LINE:
            assert imported in allowed, f"{file.name}:{node.lineno} imports {imported}"


@pytest.mark.parametrize(("part", "file"), [*modules()])
def test_no_import_hides_inside_a_function(part, file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names = [alias.name for alias in node.names] + [
                        getattr(node, "module", "") or ""
                    ]
                    hidden = {name.partition(".")[0] for name in names} & set(LINE)
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
