import json
import re

import pytest


def test_the_page_and_everything_it_names_is_served_from_here(probe):
    page = probe.get("/api/docs/")
    assert page.mimetype == "text/html"
    assert "http://" not in page.text and "https://" not in page.text
    for path in (
        "/api/docs/assets/swagger-ui.css",
        "/api/docs/assets/swagger-ui-bundle.js",
        "/api/docs/assets/favicon-32x32.png",
        "/api/docs/page.css",
        "/api/docs/page.js",
        "/api/docs/find.js",
        "/api/openapi.json",
    ):
        assert path in page.text
        answer = probe.get(path)
        assert answer.status_code == 200, path
        answer.close()


def test_the_page_allows_no_inline_script_and_no_foreign_address(probe):
    policy = probe.get("/api/docs/").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy


def test_the_page_needs_nothing_that_its_policy_forbids(probe):
    page = probe.get("/api/docs/").text
    for tag in re.findall(r"<script[^>]*>", page):
        assert 'src="/' in tag
    assert page.count("<script") == page.count("></script>") > 0
    assert (
        re.findall(r"<(?:style|iframe|object|embed|form|base)\b|\son\w+=|javascript:", page) == []
    )
    for script in ("page.js", "find.js"):
        ours = probe.get(f"/api/docs/{script}").text
        assert "eval" not in ours and "Function(" not in ours


@pytest.mark.parametrize("name", ["swagger-editor.js", "../__init__.py", "index.html"])
def test_no_other_file_of_the_package_is_served(probe, name):
    assert probe.get(f"/api/docs/assets/{name}").status_code == 404


def test_the_root_address_leads_to_the_docs(probe):
    answer = probe.get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/api/docs/"


def test_the_document_is_openapi_31_and_revalidates(probe):
    answer = probe.get("/api/openapi.json")
    assert answer.json["openapi"].startswith("3.1")
    assert "Signing in" in answer.json["info"]["description"]
    again = probe.get("/api/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert again.headers["ETag"] == answer.headers["ETag"]


def test_limited_operations_announce_their_headers(probe):
    document = probe.get("/api/openapi.json").json
    limited = document["paths"]["/probe/limited/"]["post"]["responses"]
    assert {"RateLimit", "RateLimit-Policy"} <= set(limited["200"]["headers"])
    refused = document["components"]["responses"]["TOO_MANY_REQUESTS"]
    assert "Retry-After" in refused["headers"]
    assert "application/problem+json" in refused["content"]


def test_the_document_says_what_kind_of_server_it_describes(probe):
    (server,) = probe.get("/api/openapi.json").json["servers"]
    assert server["url"] == "/"
    assert "local" in server["description"]


def test_every_answer_names_the_headers_that_every_answer_has(probe):
    document = probe.get("/api/openapi.json").json
    for path in document["paths"].values():
        for method, operation in path.items():
            if method == "parameters":
                continue
            for response in operation["responses"].values():
                if "$ref" in response:
                    name = response["$ref"].rpartition("/")[2]
                    response = document["components"]["responses"][name]
                assert {"X-Request-ID", "Access-Control-Allow-Origin"} <= set(response["headers"])


def test_summaries_and_tags_are_written_alike(probe):
    document = probe.get("/api/openapi.json").json
    for path in document["paths"].values():
        for method, operation in path.items():
            if method != "parameters":
                assert operation["summary"] == operation["summary"].strip().rstrip(".")
                assert all(tag[0].isupper() for tag in operation["tags"])
    assert all(tag["name"][0].isupper() for tag in document["tags"])


def test_a_release_stores_the_document_that_is_served(app, client, tmp_path):
    file = tmp_path / "openapi.json"
    app.test_cli_runner().invoke(args=["openapi", "document", str(file)], catch_exceptions=False)
    assert json.loads(file.read_text(encoding="utf-8")) == client.get("/api/openapi.json").json
