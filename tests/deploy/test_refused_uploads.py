"""Uploads that are refused: what proxies and browsers see of it."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from tests.deploy.test_nginx import NGINX, nginx_port

__all__ = ["nginx_port"]

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
AVATAR = "/api/me/avatar/"
EXPIRED = {"Authorization": "Bearer expired"}
PAGE = """<!doctype html><pre id="result">nothing</pre><script>
const form = new FormData();
form.append("avatar", new Blob([new Uint8Array({size})], {{type: "image/jpeg"}}), "me.jpg");
fetch("{url}", {{method: "POST", body: form, headers: {{Authorization: "Bearer expired"}}}})
  .then(async answer => [answer.status, (await answer.json()).code], error => [String(error)])
  .then(result => document.getElementById("result").textContent = JSON.stringify(result));
</script>"""


@pytest.mark.skipif(NGINX is None, reason="no nginx")
@pytest.mark.parametrize("size", [151_000, 1_500_000, 5_200_000])
def test_behind_nginx_an_expired_token_is_a_401_and_no_bad_gateway(nginx_port, size):
    for _ in range(4):
        answer = requests.post(
            f"http://127.0.0.1:{nginx_port}{AVATAR}",
            files={"avatar": ("me.jpg", b"x" * size, "image/jpeg")},
            headers={**EXPIRED, "Host": "api.example"},
            timeout=60,
        )
        assert answer.status_code == 401
        assert answer.json()["code"] == "invalid_token"


@pytest.mark.skipif(NGINX is None, reason="no nginx")
@pytest.mark.parametrize("size", [6_500_000, 20_000_000, 33_000_000 + 1_000_000])
def test_behind_nginx_too_large_a_body_is_refused_with_a_problem_document(nginx_port, size):
    answer = requests.post(
        f"http://127.0.0.1:{nginx_port}/api/auth/login/",
        data=b"x" * size,
        headers={"Content-Type": "application/json", "Host": "api.example"},
        timeout=60,
    )
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "body_too_large"
    assert answer.json()["instance"].endswith(answer.headers["X-Request-ID"])


@pytest.fixture
def page() -> Iterator[ThreadingHTTPServer]:
    """A page of a frontend, whose text is `page.html`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(server.html.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")
@pytest.mark.parametrize(
    ("size", "result"),
    [(3_000_000, [401, "invalid_token"]), (20_000_000, [413, "body_too_large"])],
)
def test_a_browser_sees_the_refusal(serve, page, tmp_path, size, result):
    origin = f"http://127.0.0.1:{page.server_port}"
    server = serve(workers=1, FRONTEND_ORIGINS=origin)
    path = AVATAR if result[0] == 401 else "/api/auth/login/"
    page.html = PAGE.format(size=size, url=server.url + path)
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    command += [f"--user-data-dir={tmp_path}", "--virtual-time-budget=30000", origin]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    text = dom.partition('id="result">')[2].partition("<")[0]
    assert json.loads(text) == result
